#!/usr/bin/env python3
"""Public rule test cases (suricata-verify) against wardtap.

Usage: rules_verify.py WARDTAP CASES CAPTURES [-v] [NAME...]
CASES holds INDEX.tsv and one folder a case (test.yaml, *.rules); CAPTURES the files that
INDEX.tsv names. Compared are the checks on alerts that name rules: how often each fires.

A case counts as
  agreed      all its checks on alerts hold
  outside     a rule it needs is outside the language (the reason is that of the loader), or
              it is about what this sensor has no part in (IPS verdicts, other outputs)
  differs     anything else: a failure, unless rules_verify.tsv explains it
Ends with `N passed, N failed, N skipped`.
"""

import json
import os
import re
import subprocess
import sys
import tempfile

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
USED = ("event_type", "alert.signature_id", "alert.signature", "alert.gid", "alert.rev",
        "alert.category", "src_ip", "dest_ip", "src_port", "dest_port", "proto", "pcap_cnt")
FOREIGN_ARGS = ("--simulate-ips", "stream.inline=true", "--simulate-packet")


def waivers():
    found = {}
    with open(os.path.join(HERE, "rules_verify.tsv"), encoding="utf-8") as rows:
        for row in rows:
            if row.strip() and not row.startswith("#"):
                name, reason = row.rstrip("\n").split("\t", 1)
                found[name] = reason
    return found


def wanted(case):
    """[(match, count)] of the checks that are about alerts of rules."""
    checks = []
    for check in case.get("checks") or []:
        spec = check.get("filter")
        if not spec or "match" not in spec or "count" not in spec:
            continue
        match = spec["match"]
        if match.get("event_type") != "alert" or "alert.signature_id" not in match:
            continue
        if spec.get("min-version") or spec.get("lt-version"):
            continue
        if any(key not in USED for key in match):
            match = {k: v for k, v in match.items() if k in USED}
            if len(match) < 2:
                continue
        if "requires" in spec:
            continue
        checks.append((match, spec["count"]))
    return checks


def value_of(event, key):
    for part in key.split("."):
        if not isinstance(event, dict) or part not in event:
            return None
        event = event[part]
    return event


def count(events, match):
    return sum(all(str(value_of(e, k)).lower() == str(v).lower() for k, v in match.items())
               for e in events)


def problems_of(text):
    found = {}
    for line in text.splitlines():
        place = re.match(r"(.*?):(\d+)(?::(\d+))?: (note: )?(?:sid (\d+): )?(.*)", line)
        if place and not place.group(4) and place.group(5):
            found[int(place.group(5))] = place.group(6)
    return found


def run(program, folder, capture, rules):
    """Alerts, and why rules did not load."""
    paths = [os.path.join(folder, name) for name in rules]
    told = subprocess.run([program, "rules", "check"] + paths, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace").stdout
    with tempfile.TemporaryDirectory(prefix="wardtap-verify-") as out:
        options = []
        for path in paths:
            options += ["--rules", path]
        done = subprocess.run([program, "replay", "-o", out] + options + [capture],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode not in (0, 1):
            return None, {0: done.stderr.strip()[-300:]}
        with open(os.path.join(out, "alerts.jsonl"), encoding="utf-8") as lines:
            return [json.loads(line) for line in lines], problems_of(told)


def judge(program, cases, captures, name, capture):
    folder = os.path.join(cases, name)
    with open(os.path.join(folder, "test.yaml"), encoding="utf-8") as text:
        case = yaml.safe_load(text) or {}
    arguments = " ".join(str(a) for a in case.get("args") or [])
    rules = sorted(n for n in os.listdir(folder) if n.endswith(".rules"))
    checks = wanted(case)
    if not checks or not rules:
        return "outside", "no check on an alert of a rule"
    for foreign in FOREIGN_ARGS:
        if foreign in arguments:
            return "outside", f"about {foreign}"
    path = os.path.join(captures, capture)
    if not os.path.exists(path):
        return "outside", "the capture is absent"
    alerts, problems = run(program, folder, path, rules)
    if alerts is None:
        return "differs", problems[0]
    wrong = []
    for match, number in checks:
        sid = match["alert.signature_id"]
        if sid in problems:
            return "outside", f"sid {sid}: {problems[sid]}"
        got = count(alerts, match)
        if got != number:
            wrong.append(f"sid {sid}: {got} alerts, expected {number}")
    return ("differs", "; ".join(wrong)) if wrong else ("agreed", "")


def main():
    program, cases, captures = sys.argv[1:4]
    only = [a for a in sys.argv[4:] if not a.startswith("-")]
    is_verbose = "-v" in sys.argv
    if not os.path.isdir(cases):
        print(f"SKIPPED: {cases} is absent: no public rule case was run")
        return 77
    known, used = waivers(), set()
    tally = {"agreed": 0, "outside": 0, "differs": 0, "explained": 0}
    with open(os.path.join(cases, "INDEX.tsv"), encoding="utf-8") as rows:
        index = [row.rstrip("\n").split("\t") for row in rows][1:]
    for name, capture, _ in index:
        if only and name not in only:
            continue
        verdict, why = judge(program, cases, captures, name, capture)
        if verdict == "differs" and name in known:
            verdict = "explained"
            used.add(name)
        tally[verdict] += 1
        if verdict == "differs" or is_verbose:
            print(f"  {verdict}: {name}: {why}")
    for name in sorted(set(known) - used):
        if not only:
            print(f"  stale: {name}: rules_verify.tsv explains what no longer differs")
            tally["differs"] += 1
    print(f"  {tally}")
    print(f"{tally['agreed'] + tally['explained']} passed, {tally['differs']} failed, "
          f"{tally['outside']} skipped")
    return 1 if tally["differs"] else 0


if __name__ == "__main__":
    sys.exit(main())
