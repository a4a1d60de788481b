"""Compares wardtap with tshark over folders of captures; see README.md.

Usage: compare.py [-j N] --dump PROGRAM --wardtap PROGRAM FOLDER...
"""

import argparse
import multiprocessing
import os
import sys
import time

import link
import report
import tshark

HERE = os.path.dirname(os.path.abspath(__file__))
SUFFIXES = (".pcap", ".pcapng", ".cap")
state = {}


def captures(folders):
    found = []
    for folder in folders:
        for where, _, names in os.walk(folder):
            found += [(folder, os.path.relpath(os.path.join(where, name), folder))
                      for name in sorted(names) if name.endswith(SUFFIXES)]
    return sorted(found, key=lambda f: -os.path.getsize(os.path.join(*f)))


def link_job(job):
    return link.compare(state["shark"], state["dump"], state["link"], *job)


def run_link(pool, jobs):
    total = report.Tally()
    for tally in pool.imap_unordered(link_job, jobs, chunksize=4):
        total.add(tally)
    return total


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-j", type=int, default=2)
    parser.add_argument("--dump", required=True)
    parser.add_argument("--partial", action="store_true")
    parser.add_argument("folders", nargs="+")
    options = parser.parse_args()
    jobs = captures(options.folders)
    began = time.monotonic()
    state["dump"] = options.dump
    state["link"] = report.Waivers(os.path.join(HERE, "waivers.tsv"), "link")
    with tshark.Tshark(tshark.LINK_PROTOCOLS) as shark:
        state["shark"] = shark
        print(f"{shark.version}; {len(jobs)} captures")
        with multiprocessing.Pool(options.j) as pool:
            total = run_link(pool, jobs)
    passed, failed = report.tell("Link to transport, per frame", total, state["link"],
                                 link.FIELDS, not options.partial)
    for kind, text in sorted(total.notes):
        print(f"  {kind}: {text}")
    print(f"  {total.units} frames in {time.monotonic() - began:.0f} s")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
