"""Compares wardtap with tshark over folders of captures; see README.md.

Usage: compare.py [-j N] --dump PROGRAM --wardtap PROGRAM FOLDER...
"""

import argparse
import multiprocessing
import os
import sys
import time

import link
import medical
import protocols
import report
import tshark

HERE = os.path.dirname(os.path.abspath(__file__))
SUFFIXES = (".pcap", ".pcapng", ".cap")
SMALL = 200_000  # bytes of a capture that may be read together with others
GROUP = 32
state = {}


def captures(folders):
    found = []
    for folder in folders:
        for where, _, names in os.walk(folder, followlinks=True):
            found += [(folder, os.path.relpath(os.path.join(where, name), folder))
                      for name in sorted(names) if name.endswith(SUFFIXES)]
    return sorted(found, key=lambda f: -os.path.getsize(os.path.join(*f)))


def groups(jobs):
    """Small captures in groups, the others alone; largest first."""
    alone = [[job] for job in jobs if os.path.getsize(os.path.join(*job)) > SMALL]
    small = [job for job in jobs if os.path.getsize(os.path.join(*job)) <= SMALL]
    return alone + [small[at:at + GROUP] for at in range(0, len(small), GROUP)]


def link_job(group):
    return link.compare(state["shark"], state["dump"], state["link"], group)


def medical_job(job):
    return medical.compare(state["doctor"], state["wardtap"], state["medical"], *job)


def events_job(job):
    return job, protocols.Ours(state["events"], os.path.join(*job))


def protocols_job(group):
    return protocols.compare(state["all"], state["table"], state["protocols"],
                             state["ours"], group)


def protocol_groups(jobs, n):
    """Reads our events of all captures; they go by fork to those who compare."""
    with multiprocessing.Pool(n) as pool:
        state["ours"] = dict(pool.imap_unordered(events_job, jobs, chunksize=8))
    return protocols.groups(state["table"], state["ours"], jobs)


def run(pool, work, jobs):
    total = report.Tally()
    for tally in pool.imap_unordered(work, jobs, chunksize=1):
        total.add(tally)
    return total


def is_medical(capture):
    """Captures are in folders by what is in them."""
    return any(part in ("hl7", "dicom") for part in capture.split(os.sep)[0].split("-"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-j", type=int, default=2)
    parser.add_argument("--dump", required=True, help="the program decode_dump")
    parser.add_argument("--wardtap", required=True, help="the program wardtap")
    parser.add_argument("--events", required=True, help="the program event_dump")
    parser.add_argument("--part", choices=("link", "medical", "protocols"),
                        help="only this one")
    parser.add_argument("--only", help="of the protocols: one file of fields/")
    parser.add_argument("--partial", action="store_true",
                        help="not all captures: unused waivers and fields are no failure")
    parser.add_argument("folders", nargs="+")
    options = parser.parse_args()
    jobs = captures(options.folders)
    passed = failed = 0
    state["dump"], state["wardtap"] = options.dump, options.wardtap
    state["events"] = options.events
    state["table"] = protocols.Table(only=options.only)
    for part in ("link", "medical", "protocols"):
        state[part] = report.Waivers(os.path.join(HERE, "waivers.tsv"), part)
    with tshark.Tshark(tshark.LINK_PROTOCOLS) as shark, \
            tshark.Tshark(tshark.MEDICAL_PROTOCOLS) as doctor, \
            tshark.Tshark(None) as everything:
        state["shark"], state["doctor"], state["all"] = shark, doctor, everything
        print(f"{shark.version}: {len(jobs)} captures")
        for part, title, work, some, fields in (
                ("link", "Link to transport, per frame", link_job, groups(jobs), link.FIELDS),
                ("medical", "HL7 and DICOM, per message", medical_job,
                 [job for job in jobs if is_medical(job[1])], medical.FIELDS),
                ("protocols", "Supporting protocols, per frame", protocols_job, None,
                 state["table"].fields)):
            if options.part not in (None, part) or not fields:
                continue
            began = time.monotonic()
            if some is None:
                some = protocol_groups(jobs, options.j)
            with multiprocessing.Pool(options.j) as pool:
                total = run(pool, work, some)
            good, bad = report.tell(title, total, state[part], fields, not options.partial)
            passed, failed = passed + good, failed + bad + (total.units == 0)
            for kind, text in sorted(total.notes):
                print(f"  {kind}: {text}")
            print(f"  {total.units} compared, "
                  f"{time.monotonic() - began:.0f} s", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
