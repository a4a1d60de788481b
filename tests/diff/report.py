"""Counts per field, waivers, and the tables at the end.

A waiver is a row of waivers.tsv: part (link, medical or protocols), capture globs, field globs, a
regular expression, and the reason. The expression is searched in one line that describes
the difference:
    ours=VALUE theirs=VALUE ...what the part tells of the place... capture=NAME
A waiver that never applies is told as stale: it fails the run, so that the list cannot
outlive its reasons (not when only some of the captures were compared).
"""

import collections
import fnmatch
import os
import re

SHOWN = int(os.environ.get("SHOWN", "6"))  # differences shown per field


class Waivers:
    def __init__(self, path, part):
        self.rows = []
        with open(path, encoding="utf-8") as source:
            for number, line in enumerate(source, 1):
                line = line.rstrip("\n")
                if not line or line.startswith("#"):
                    continue
                cells = line.split("\t")
                if len(cells) != 5:
                    raise SystemExit(f"{path}:{number}: five columns expected")
                if cells[0] == part:
                    self.rows.append((cells[1], cells[2], re.compile(cells[3]), cells[4]))
        self.used = collections.Counter()

    def find(self, capture, field, line):
        for index, (captures, fields, pattern, _) in enumerate(self.rows):
            if (any(fnmatch.fnmatchcase(capture, c) for c in captures.split(",")) and
                    any(fnmatch.fnmatchcase(field, f) for f in fields.split(",")) and
                    pattern.search(line)):
                return index
        return None


class Tally:
    """What one capture, or all, gave. Plain data, so that it can come from a process."""

    def __init__(self):
        self.agree = collections.Counter()
        self.waived = collections.Counter()
        self.differ = collections.Counter()
        self.examples = collections.defaultdict(list)
        self.used = collections.Counter()
        self.notes = []  # (kind, text)
        self.units = 0   # frames or messages compared

    def check(self, waivers, capture, field, ours, theirs, describe):
        if ours == theirs:
            self.agree[field] += 1
            return
        line = f"ours={ours} theirs={theirs} {describe()} capture={capture}"
        index = waivers.find(capture, field, line)
        if index is not None:
            self.waived[field] += 1
            self.used[index] += 1
            return
        self.differ[field] += 1
        if len(self.examples[field]) < SHOWN:
            self.examples[field].append(line)

    def add(self, other):
        self.agree.update(other.agree)
        self.waived.update(other.waived)
        self.differ.update(other.differ)
        self.used.update(other.used)
        self.notes += other.notes
        self.units += other.units
        for field, lines in other.examples.items():
            room = SHOWN - len(self.examples[field])
            self.examples[field] += lines[:max(room, 0)]


def tell(title, tally, waivers, fields, must_all):
    """Prints the tables; gives the numbers of fields passed and failed. `must_all`: all
    captures were compared, so a field without a single comparison or a waiver without use
    is a failure."""
    passed = failed = 0
    print(f"\n{title}")
    print(f"  {'field':28} {'compared':>9} {'agree':>9} {'waived':>7} {'differ':>7}")
    for field in fields:
        agree, waived, differ = tally.agree[field], tally.waived[field], tally.differ[field]
        empty = must_all and agree == 0
        bad = differ or empty
        failed += bool(bad)
        passed += not bad
        mark = "  FAIL: never compared" if empty else "  FAIL" if bad else ""
        print(f"  {field:28} {agree + waived + differ:9} {agree:9} {waived:7} {differ:7}{mark}")
    for field in fields:
        for line in tally.examples[field]:
            print(f"  differs: {field}: {line}")
    print("  waivers:")
    for index, (captures, names, pattern, reason) in enumerate(waivers.rows):
        uses = tally.used[index]
        stale = must_all and uses == 0
        failed += stale
        print(f"    {uses:7} {captures} {names} /{pattern.pattern}/: {reason}"
              + ("  FAIL: stale" if stale else ""))
    return passed, failed
