#!/usr/bin/env python3
"""Rules of our own on every kind of keyword, in Suricata and in wardtap, over all captures.

Usage: rules_wide.py WARDTAP CAPTURES [-v] [FOLDER]
The public set (rules_peer.py) hardly fires over the public captures; these rules do. Both
engines run once: all Ethernet captures of the folder CAPTURES become one, each in its own
time, so far from the others that no flow of the one before is left. FOLDER keeps the merged
capture and both outputs.

Compared is, per rule, in which captures it fires. Differences fail unless a row of
rules_wide.tsv explains them, and rows that explain nothing fail:
    sid or *    capture (fnmatch)    ours|theirs    reason
So do rules that fire nowhere in either engine, unless tests/rules_wide.rules marks them
`# silent: reason` above. Ends with `N passed, N failed, N skipped`: rules.
"""

import fnmatch
import os
import re
import shutil
import subprocess
import sys
import tempfile

from merged import Merged, flow_starts

HERE = os.path.dirname(os.path.abspath(__file__))
RULES = os.path.join(HERE, "rules_wide.rules")
GAP_S = 700000  # longer than any timeout of a flow in both engines


def run_peer(folder, capture):
    sets = ["app-layer.protocols.tls.ja3-fingerprints=yes", "app-layer.protocols.mqtt.enabled=yes",
            "app-layer.protocols.modbus.enabled=yes",
            "outputs.0.fast.enabled=no", "outputs.1.eve-log.enabled=yes", "packet-alert-max=255",
            "stream.checksum-validation=no", "runmode=single", "stream.midstream=true",
            "vars.address-groups.HOME_NET=any", "vars.address-groups.EXTERNAL_NET=any"]
    command = ["suricata", "-r", capture, "-S", RULES, "-k", "none", "-l", folder]
    for item in sets:
        command += ["--set", item]
    environment = dict(os.environ, TZ="UTC")
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode or "rules failed" in done.stderr + done.stdout and not re.search(
            r" 0 rules failed", done.stderr + done.stdout):
        print((done.stdout + done.stderr)[-1500:])
        return False
    return True


def run_ours(program, folder, capture):
    command = [program, "replay", "-j", "2", "-o", os.path.join(folder, "ours"), "--rules", RULES,
               "--set", "rules.variables=HOME_NET=any,EXTERNAL_NET=any", capture]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 1) or "not loaded" in done.stderr:
        print(done.stderr[-1500:])
        return False
    return True


def rules():
    """{sid: reason why it fires nowhere, or None}"""
    found, silent = {}, None
    with open(RULES, encoding="ascii") as lines:
        for line in lines:
            if line.startswith("# silent: "):
                silent = line[10:].strip()
            elif line.startswith("alert"):
                found[int(re.search(r"sid:(\d+);", line).group(1))] = silent
                silent = None
    return found


def explanations():
    with open(os.path.join(HERE, "rules_wide.tsv"), encoding="utf-8") as text:
        return [tuple(line.rstrip("\n").split("\t")) for line in text
                if line.strip() and not line.startswith("#")]


def compare(mine, theirs, is_loud):
    known, used = explanations(), set()
    n_passed = n_failed = n_pairs = 0
    for sid, silent in sorted(rules().items()):
        bad = []
        if bool(mine[sid] or theirs[sid]) == (silent is not None):
            bad.append("fires nowhere" if silent is None else "fires although it should not")
        for capture in sorted(set(mine[sid]) | set(theirs[sid])):
            n_pairs += 1
            if capture in mine[sid] and capture in theirs[sid]:
                continue
            side = "ours" if capture in mine[sid] else "theirs"
            row = next((row for row in known if row[0] in (str(sid), "*") and row[2] == side and
                        fnmatch.fnmatch(capture, row[1])), None)
            used.add(row)
            if not row:
                bad.append("%s\t%s" % (side, capture))
        n_passed, n_failed = n_passed + (not bad), n_failed + bool(bad)
        for what in bad if is_loud else bad[:20]:
            print("FAILED: %d\t%s" % (sid, what))
    for row in known:
        if row not in used:
            n_failed += 1
            print("FAILED: rules_wide.tsv: %s %s %s explains nothing" % row[:3])
    print("  %d pairs of rule and capture" % n_pairs)
    print("%d passed, %d failed, 0 skipped" % (n_passed, n_failed))
    return 1 if n_failed else 0


def main():
    program, captures = sys.argv[1:3]
    words = [word for word in sys.argv[3:] if word != "-v"]
    if not shutil.which("suricata"):
        print("SKIPPED: Suricata is not installed: rules were not compared side by side")
        return 77
    if not os.path.isdir(captures):
        print("SKIPPED: %s is absent: no side-by-side comparison" % captures)
        return 77
    with tempfile.TemporaryDirectory(prefix="wardtap-wide-") as temp:
        folder = words[0] if words else temp
        os.makedirs(folder, exist_ok=True)
        capture = os.path.join(folder, "merged.pcap")
        merged = Merged(captures, capture, GAP_S)
        if os.path.exists(os.path.join(folder, "eve.json")):  # it is added to
            os.remove(os.path.join(folder, "eve.json"))
        if not run_peer(folder, capture) or not run_ours(program, folder, capture):
            print("0 passed, 1 failed, 0 skipped")
            return 1
        mine = merged.alerts(os.path.join(folder, "ours", "alerts.jsonl"),
                             flow_starts(os.path.join(folder, "ours", "events.jsonl")))
        return compare(mine, merged.alerts(os.path.join(folder, "eve.json")), "-v" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
