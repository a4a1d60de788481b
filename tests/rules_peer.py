#!/usr/bin/env python3
"""The same rules over the same captures in Suricata and in wardtap.

Usage: rules_peer.py WARDTAP RULES CAPTURES [-v] [--only TEXT] [--every N]
RULES is a folder of *.rules files; CAPTURES a folder of captures. Suricata runs once, over
its command socket, with fresh state for each capture; wardtap once a capture with a cache
of compiled rules. Both see HOME_NET and EXTERNAL_NET as any, and wrong checksums as right.

Compared are, per capture, which rules alert, and how often. Sets that differ are failures
unless a row of rules_peer.tsv explains them:
    sid or *    capture (fnmatch) or *    ours|theirs|count    reason
Ends with `N passed, N failed, N skipped`: captures.
"""

import collections
import fnmatch
import glob
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
NETS = ("HOME_NET", "EXTERNAL_NET", "HTTP_SERVERS", "SMTP_SERVERS", "SQL_SERVERS",
        "DNS_SERVERS", "TELNET_SERVERS", "DC_SERVERS", "DNP3_SERVER", "DNP3_CLIENT",
        "MODBUS_CLIENT", "MODBUS_SERVER", "ENIP_CLIENT", "ENIP_SERVER", "AIM_SERVERS")
START_S, CAPTURE_S = 120, 90


class Peer:
    """Suricata behind its command socket."""

    def __init__(self, folder, rules):
        self.folder, path = folder, os.path.join(folder, "socket")
        with open(os.path.join(folder, "all.rules"), "w", encoding="utf-8") as out:
            for name in rules:
                with open(name, encoding="utf-8", errors="surrogateescape") as text:
                    out.write(text.read().encode("utf-8", "replace").decode() + "\n")
        sets = ["app-layer.protocols.tls.ja3-fingerprints=yes",
                "outputs.0.fast.enabled=no", "outputs.1.eve-log.enabled=yes",
                "unix-command.enabled=yes", "packet-alert-max=255", "stream.checksum-validation=no"]
        sets += [f"vars.address-groups.{name}=any" for name in NETS]
        command = ["suricata", f"--unix-socket={path}", "-S",
                   os.path.join(folder, "all.rules"), "-k", "none", "-l", folder]
        for item in sets:
            command += ["--set", item]
        self.log = open(os.path.join(folder, "peer.log"), "w", encoding="utf-8")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        for _ in range(START_S * 10):
            try:
                self.socket.connect(path)
                break
            except OSError:
                time.sleep(0.1)
        self.socket.settimeout(CAPTURE_S)
        self.ask({"version": "0.2"})

    def ask(self, message):
        self.socket.sendall((json.dumps(message) + "\n").encode())
        answer = b""
        while True:
            answer += self.socket.recv(65536)
            try:
                return json.loads(answer)
            except ValueError:
                continue

    def queue(self, capture, number):
        out = os.path.join(self.folder, f"c{number}")
        os.mkdir(out)
        self.ask({"command": "pcap-file",
                  "arguments": {"filename": capture, "output-dir": out}})

    def wait(self, n_left):
        """Until fewer than n_left captures wait."""
        end = time.time() + CAPTURE_S
        while time.time() < end:
            idle = self.ask({"command": "pcap-file-number"})["message"] < n_left
            if idle and (n_left > 1 or
                         self.ask({"command": "pcap-current"})["message"] == "None"):
                return
            time.sleep(0.1)

    def alerts(self, number):
        return count(os.path.join(self.folder, f"c{number}", "eve.json"))

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


def count(path):
    found = collections.Counter()
    if os.path.exists(path):
        with open(path, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if '"event_type":"alert"' in line:
                    found[json.loads(line)["alert"]["signature_id"]] += 1
    return found


def ours(program, rules, cache, capture):
    with tempfile.TemporaryDirectory(prefix="wardtap-peer-") as out:
        command = [program, "replay", "-o", out, "--rules", rules, "--set",
                   "rules.cache_dir=" + cache]
        sets = ",".join(f"{name}=any" for name in NETS)
        command += ["--set", "rules.variables=" + sets, capture]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              text=True, errors="replace")
        if done.returncode not in (0, 1):
            return None, done.stderr[-300:]
        return count(os.path.join(out, "alerts.jsonl")), ""


def rows():
    with open(os.path.join(HERE, "rules_peer.tsv"), encoding="utf-8") as text:
        for line in text:
            if line.strip() and not line.startswith("#"):
                yield tuple(line.rstrip("\n").split("\t"))


def explained(known, used, sid, capture, side):
    for row in known:
        if row[0] in (str(sid), "*") and fnmatch.fnmatch(capture, row[1]) and row[2] == side:
            used.add(row)
            return True
    return False


def loaded(program, rules):
    told = subprocess.run([program, "rules", "list", rules], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True).stdout
    return {int(line.split()[0]) for line in told.splitlines()[1:]}


def main():
    program, rules, captures = sys.argv[1:4]
    options = sys.argv[4:]
    only = options[options.index("--only") + 1] if "--only" in options else ""
    every = int(options[options.index("--every") + 1]) if "--every" in options else 1
    if not shutil.which("suricata"):
        print("SKIPPED: Suricata is not installed: rules were not compared side by side")
        return 77
    files = sorted(glob.glob(os.path.join(rules, "*.rules")))
    if not files or not os.path.isdir(captures):
        print(f"SKIPPED: {rules} or {captures} is absent: no side-by-side comparison")
        return 77
    names = sorted(os.path.relpath(os.path.join(folder, name), captures)
                   for folder, _, found in os.walk(captures) for name in found
                   if name.endswith((".pcap", ".cap")))
    names = [name for name in names if only in name][::every]
    known, used = list(rows()), set()
    can = loaded(program, rules)
    tally, pairs, passed, failed = collections.Counter(), collections.Counter(), 0, 0
    with tempfile.TemporaryDirectory(prefix="wardtap-peer-") as folder:
        cache = os.path.join(folder, "cache")
        os.mkdir(cache, 0o700)
        peer = Peer(folder, files)
        try:
            mine_of = {}
            for number, name in enumerate(names):
                peer.queue(os.path.abspath(os.path.join(captures, name)), number)
            for number, name in enumerate(names):
                mine_of[number] = ours(program, rules, cache,
                                       os.path.abspath(os.path.join(captures, name)))
            for n_left in range(len(names), 0, -1):
                peer.wait(n_left)
            for number, name in enumerate(names):
                mine, why = mine_of[number]
                if mine is None:
                    print(f"  {name}: {why}")
                    failed += 1
                    continue
                theirs = peer.alerts(number)
                theirs = {s: n for s, n in theirs.items() if s in can}
                bad = 0
                for sid in sorted(set(mine) | set(theirs)):
                    if sid in mine and sid in theirs:
                        side = "same" if mine[sid] == theirs[sid] else "count"
                    else:
                        side = "ours" if sid in mine else "theirs"
                    pairs[side] += 1
                    if side == "same" or explained(known, used, sid, name, side):
                        tally[side] += 1
                        continue
                    bad += 1
                    print(f"  {side}\t{sid}\t{name}\t{mine.get(sid, 0)}\t{theirs.get(sid, 0)}")
                passed, failed = passed + (not bad), failed + bool(bad)
        finally:
            peer.close()
    for row in known:
        if row not in used and not only and every == 1:
            print(f"  stale: {row[0]} {row[1]} {row[2]} explains nothing")
            failed += 1
    print(f"  pairs of capture and rule: {dict(pairs)}; explained {dict(tally)}")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
