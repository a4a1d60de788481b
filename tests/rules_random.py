#!/usr/bin/env python3
"""Rules drawn at random fire on traffic made of their own contents, near-misses do not.

Usage: rules_random.py WARDTAP RULES [-n N] [--seed N] [-v]
RULES is a folder of *.rules files. For each rule drawn, a conversation is made from its
contents (rules_traffic.py): a datagram, a TCP stream, an HTTP exchange, a DNS query, a TLS
hello or a certificate. The near-miss is the same conversation with one byte of one
required content changed. A rule whose demands the generator cannot meet is passed over with
the reason, and another one is drawn. Ends with `N passed, N failed, N skipped`.
"""

import collections
import glob
import json
import os
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import rules_traffic as traffic  # noqa: E402


def replay(program, folder, rules, packets, name):
    """{client address: set of sids} of one capture."""
    path = os.path.join(folder, name + ".pcap")
    traffic.write_pcap(path, packets)
    out = os.path.join(folder, name)
    os.mkdir(out)
    done = subprocess.run([program, "replay", "-o", out, "--rules", rules, path],
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode not in (0, 1):
        sys.exit(done.stderr)
    found = collections.defaultdict(set)
    with open(os.path.join(out, "alerts.jsonl"), encoding="utf-8") as lines:
        for line in lines:
            alert = json.loads(line)
            for end in ("src_ip", "dest_ip"):
                found[alert[end]].add(alert["alert"]["signature_id"])
    return found


def main():
    program, folder = sys.argv[1:3]
    options = sys.argv[3:]
    wanted = int(options[options.index("-n") + 1]) if "-n" in options else 300
    seed = int(options[options.index("--seed") + 1]) if "--seed" in options else 20261126
    files = sorted(glob.glob(os.path.join(folder, "*.rules")))
    if not files:
        print(f"SKIPPED: {folder} is absent: no rules were drawn from it")
        return 77
    lines = []
    for path in files:
        with open(path, encoding="utf-8", errors="replace") as text:
            lines += [line for line in text if line.startswith(("alert", "drop"))]
    random.Random(seed).shuffle(lines)
    told = subprocess.run([program, "rules", "list", folder], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True).stdout
    loaded = {int(line.split()[0]) for line in told.splitlines()[1:]}
    reasons = collections.Counter()
    drawn, good, near = [], [], []
    for line in lines:
        if len(drawn) == wanted:
            break
        try:
            rule = traffic.Rule(line)
            if rule.sid not in loaded:
                raise traffic.Cannot("does not load")
            number = len(drawn)
            good += rule.conversation(number, False)
            try:
                miss = rule.conversation(number, True)
            except traffic.Cannot as why:
                miss, rule.no_miss = [], str(why)
                reasons["near-miss: " + str(why)] += 1
            near += miss
            drawn.append(rule)
        except traffic.Cannot as why:
            reasons[str(why)] += 1
            if "-v" in options:
                print(f"  passed over: {line.split('sid:')[-1].split(';')[0]}: {why}")
    with tempfile.TemporaryDirectory(prefix="wardtap-random-") as place:
        rules = os.path.join(place, "drawn.rules")
        with open(rules, "w", encoding="utf-8", errors="replace") as out:
            out.writelines(rule.line for rule in drawn)
        fired = replay(program, place, rules, good, "good")
        missed = replay(program, place, rules, near, "near")
    failed = 0
    for number, rule in enumerate(drawn):
        mine = traffic.ends(rule, number)
        fires = rule.sid in fired[mine[0]] & fired[mine[1]]
        misfires = rule.sid in missed[mine[0]] & missed[mine[1]]
        if not fires or misfires:
            failed += 1
            print(f"  {'near-miss fires' if fires else 'silent'}: {rule.line.strip()[:400]}")
    for why, n in reasons.most_common():
        print(f"  passed over, {n} times: {why}")
    print(f"{2 * len(drawn) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed or len(drawn) < wanted else 0


if __name__ == "__main__":
    sys.exit(main())
