#!/usr/bin/env python3
"""The rule pack (rules/) against its table (rules/pack.tsv) and its captures.

Usage: pack.py WARDTAP SHARED [-v] [sid...]
  - all rules load, the commented ones too; their sids, severities and classes are in order;
    technique ids exist in the published matrix (SHARED/data/attack-techniques.tsv)
  - every rule has its row and every row its rule; disabled rules have a reason above them
  - every rule fires on its captures and is silent on the others (variables: pack.conf)
  - the examples of wardtap-rules(5) load and fire
  - over all captures of SHARED/pcaps no enabled rule of severity 7 or more fires except
    where tests/pack_reviewed.tsv (sid, capture, why) expects it, and there it does
Ends with `N passed, N failed, N skipped`.
"""

import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile

import merged

RULES = "rules"
HIGH = 7
GAP_S = 2600000  # longer than any mark or count of a rule
FIRST, LAST = 9000001, 9099999
RULE = re.compile(r"^(#\s*)?alert\s.*sid:(\d+);")
COLUMNS = ("sid", "group", "sentence", "false_positives", "fires", "silent", "seeds")


class Rule:
    def __init__(self, group, text, is_enabled, reason):
        self.group, self.text, self.is_enabled, self.reason = group, text, is_enabled, reason
        self.sid = int(re.search(r"sid:(\d+);", text).group(1))
        self.meta = [item.split() for item in
                     re.search(r"metadata:([^;]*);", text + "metadata:;").group(1).split(",")]

    def values(self, key):
        return [item[1] for item in self.meta if len(item) == 2 and item[0] == key]

    def severity(self):
        return int((self.values("wardtap_severity") or ["0"])[0])


def read_rules():
    found = []
    for name in sorted(os.listdir(RULES)):
        if not name.endswith(".rules"):
            continue
        with open(os.path.join(RULES, name), encoding="ascii") as lines:
            before = ""
            for line in lines:
                line = line.rstrip("\n")
                hit = RULE.match(line)
                if hit:
                    text = line[len(hit.group(1) or ""):]
                    found.append(Rule(name[:-6], text, not hit.group(1), before))
                before = line
    return found


def read_table(path, columns):
    rows = []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                cells = line.rstrip("\n").split("\t")
                cells += [""] * (len(columns) - len(cells))
                rows.append(dict(zip(columns, cells)))
    return rows


def check_detections(tally, rules, rows):
    """The list in README.md: each detection has its rules, or says what it waits for."""
    listed = {}
    with open(os.path.join(RULES, "README.md"), encoding="utf-8") as lines:
        for line in lines:
            cells = [cell.strip() for cell in line.split("|")]
            if len(cells) == 6 and re.fullmatch(r"[A-Z]?\d+", cells[1]):
                listed[cells[1]] = (set(re.findall(r"\d+", cells[3])), cells[4])
    wanted = {}
    for rule in rules:
        for seed in rows.get(rule.sid, {"seeds": ""})["seeds"].split():
            wanted.setdefault(seed.zfill(2), set()).add(str(rule.sid))
    for number, (sids, missing) in listed.items():
        tally.check(sids == wanted.get(number, set()) and (sids or missing),
                    "README.md, detection %s: rules %s, in pack.tsv %s" % (
                        number, sorted(sids), sorted(wanted.get(number, set()))))
    tally.check(set(wanted) <= set(listed), "pack.tsv names detections that README.md has not")


MANUAL = "man/wardtap-rules.5"
EXAMPLES = {1000001: "pcaps/rules/hl7-pump-order-outside.pcap", 1000002: "pcaps/dicom/find-move.pcap",
            1000003: "pcaps/rules/hl7-query-sweep.pcap", 1000004: "pcaps/rules/hl7-pump-rate.pcap",
            1000005: "pcaps/rules/rdp-modality.pcap", 1000006: "pcaps/dicom/store-modalities.pcap",
            1000007: None}  # of addresses that no capture has


def check_examples(tally, program, folder):
    """The rules of the manual page load, and fire on these captures."""
    path = os.path.join(folder, "examples.rules")
    with open(MANUAL, encoding="utf-8") as text:
        page = text.read().partition(".Sh EXAMPLES")[2]
    blocks = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", page, re.S | re.M)
    with open(path, "w", encoding="ascii") as out:
        out.write("".join(block.replace("\\e", "\\") for block in blocks))
    done = subprocess.run([program, "rules", "check", path], capture_output=True, text=True)
    tally.check(done.returncode == 0, "%s: %s%s" % (MANUAL, done.stdout, done.stderr))
    tally.check(len(blocks) == len(EXAMPLES), "%s has %d examples" % (MANUAL, len(blocks)))
    player = Player(program, path, None)
    for sid, capture in EXAMPLES.items():
        if capture:
            tally.check(sid in player.play(capture),
                        "%s: example %d is silent on %s" % (MANUAL, sid, capture))


class Tally:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def check(self, is_right, what):
        if is_right:
            self.passed += 1
        else:
            self.failed += 1
            print("FAILED:", what)

    def skip(self, what):
        self.skipped += 1
        print("SKIPPED:", what)


def check_rule(tally, rule, row, techniques):
    problems = []
    if not FIRST <= rule.sid <= LAST:
        problems.append("sid outside %d-%d" % (FIRST, LAST))
    if not 1 <= rule.severity() <= 10:
        problems.append("no wardtap_severity")
    if not re.search(r'msg:"[^"]+";', rule.text) or "classtype:" not in rule.text:
        problems.append("no msg or classtype")
    if "reference:" not in rule.text:
        problems.append("no reference")
    if not rule.values("attack_id"):
        problems.append("no attack_id")
    for technique in rule.values("attack_id"):
        if techniques and technique not in techniques:
            problems.append("attack_id %s is not in the matrix" % technique)
    if not rule.is_enabled and not (rule.reason.startswith("# ") and "isabled" in rule.reason):
        problems.append("disabled without a reason above it")
    if not row:
        problems.append("no row in pack.tsv")
    else:
        if row["group"] != rule.group:
            problems.append("stands in %s.rules, not in %s" % (rule.group, row["group"]))
        if not row["sentence"].endswith(".") or not row["false_positives"]:
            problems.append("row without sentence or note on false positives")
        if rule.is_enabled and "noalert;" not in rule.text and not (row["fires"] and
                                                                    row["silent"]):
            problems.append("row without captures")
    tally.check(not problems, "%d: %s" % (rule.sid, "; ".join(problems)))


class Player:
    """Runs captures; the alerts of each as a set of sids."""

    def __init__(self, program, rules, config):
        self.program, self.rules, self.config = program, rules, config

    def play_merged(self, folder, sids):
        """{capture: those of sids that fire}, of the captures that can be merged."""
        with tempfile.TemporaryDirectory() as out:
            capture = os.path.join(out, "merged.pcap")
            all_of = merged.Merged(folder, capture, GAP_S)
            done = subprocess.run([self.program, "replay", "-j", str(os.cpu_count()), "-o", out,
                                   "--rules", self.rules, capture], capture_output=True,
                                  text=True)
            if not os.path.exists(os.path.join(out, "alerts.jsonl")):
                raise RuntimeError("all captures: %s" % done.stderr.strip()[-300:])
            alerts = all_of.alerts(os.path.join(out, "alerts.jsonl"),
                                   merged.flow_starts(os.path.join(out, "events.jsonl")))
            return {name: {sid for sid in sids if name in alerts[sid]}
                    for _, name in all_of.starts}

    def play(self, capture):
        with tempfile.TemporaryDirectory() as out:
            command = [self.program, "replay", "-j", "1", "-o", out, "--rules", self.rules]
            if self.config:
                command += ["-c", self.config]
            done = subprocess.run(command + [capture], capture_output=True, text=True)
            events = os.path.join(out, "events.jsonl")
            if not os.path.exists(events):
                raise RuntimeError("%s: %s" % (capture, done.stderr.strip()[-300:]))
            sids = set()
            with open(events, encoding="utf-8", errors="replace") as lines:
                for line in lines:
                    if '"alert"' in line:
                        event = json.loads(line)
                        if event.get("event_type") == "alert":
                            sids.add(event["alert"]["signature_id"])
            return sids

    def play_all(self, captures):
        with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            return dict(zip(captures, pool.map(self.play, captures)))


def check_pairs(tally, player, rules, rows):
    captures = sorted({path for row in rows.values()
                       for path in (row["fires"] + " " + row["silent"]).split()})
    missing = [path for path in captures if not os.path.exists(path)]
    for path in missing:
        tally.check(False, "%s does not exist" % path)
    alerts = player.play_all([path for path in captures if path not in missing])
    for rule in rules:
        row = rows.get(rule.sid, {"fires": "", "silent": ""})
        for path in row["fires"].split():
            if path in alerts:
                tally.check(rule.sid in alerts[path], "%d is silent on %s" % (rule.sid, path))
        for path in row["silent"].split():
            if path in alerts:
                tally.check(rule.sid not in alerts[path], "%d fires on %s" % (rule.sid, path))


def check_reviewed(tally, player, rules, folder):
    high = {rule.sid for rule in rules if rule.is_enabled and rule.severity() >= HIGH}
    expected = {}
    for row in read_table("tests/pack_reviewed.tsv", ("sid", "capture", "why"))[1:]:
        expected.setdefault(row["capture"], set()).add(int(row["sid"]))
        if not row["why"]:
            tally.check(False, "pack_reviewed.tsv: %(sid)s %(capture)s has no reason" % row)
    paths = merged.names(folder)
    wanted = {path: expected.get(path, set()) & high for path in paths}
    found = player.play_merged(folder, high)
    # alone once more: what could not be merged, and where other captures may have a hand in it
    again = [path for path in paths if found.get(path) != wanted[path]]
    alone = player.play_all([os.path.join(folder, path) for path in again])
    found.update((path, alone[os.path.join(folder, path)] & high) for path in again)
    for path in paths:
        tally.check(found[path] == wanted[path], "%s: fires %s, reviewed %s" % (
            path, sorted(found[path]) or "nothing", sorted(wanted[path]) or "nothing"))


def techniques_of(tally, shared):
    path = os.path.join(shared, "data", "attack-techniques.tsv")
    if not os.path.exists(path):
        tally.skip("technique ids: %s is absent" % path)
        return None
    with open(path, encoding="utf-8") as lines:
        return {line.split("\t")[0] for line in lines}


def main():
    program, shared = sys.argv[1:3]
    chosen = {int(word) for word in sys.argv[3:] if word.isdigit()}
    tally = Tally()
    rules = read_rules()
    table = read_table(os.path.join(RULES, "pack.tsv"), COLUMNS)[1:]
    rows = {int(row["sid"]): row for row in table}
    techniques = techniques_of(tally, shared)
    with tempfile.TemporaryDirectory() as temp:
        everything = os.path.join(temp, "all.rules")
        with open(everything, "w", encoding="ascii") as out:
            out.write("".join(rule.text + "\n" for rule in rules))
        for path in (RULES, everything):
            done = subprocess.run([program, "rules", "check", path], capture_output=True,
                                  text=True)
            tally.check(done.returncode == 0,
                        "rules check %s:\n%s%s" % (path, done.stdout, done.stderr))
        tally.check(len({rule.sid for rule in rules}) == len(rules), "a sid stands twice")
        for sid in rows:
            tally.check(sid in {rule.sid for rule in rules}, "row %d has no rule" % sid)
        if chosen:
            rules = [rule for rule in rules if rule.sid in chosen]
            rows = {sid: row for sid, row in rows.items() if sid in chosen}
        if not chosen:
            check_detections(tally, rules, rows)
            check_examples(tally, program, temp)
        for rule in rules:
            check_rule(tally, rule, rows.get(rule.sid), techniques)
        check_pairs(tally, Player(program, everything, "tests/pack.conf"), rules, rows)
        folder = os.path.join(shared, "pcaps")
        if chosen or "-q" in sys.argv:
            pass
        elif os.path.isdir(folder):
            check_reviewed(tally, Player(program, RULES, None), rules, folder)
        else:
            tally.skip("no alarm over public captures: %s is absent" % folder)
    print("%d passed, %d failed, %d skipped" % (tally.passed, tally.failed, tally.skipped))
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
