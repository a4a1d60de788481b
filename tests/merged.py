"""Many captures as one, each in its own time, for tests that ask one question of all of them:
one run of a program instead of one a capture.

Sources: pcap file format. Only classic captures of Ethernet are taken; others are told."""

import bisect
import collections
import json
import os
import re
import struct

START_S = 1000000000
ETHERNET = 1
REST_MAX_US = 600000000  # longest rest within a capture that is kept
NAME = re.compile(r"\.(pcap|pcapng|cap)(\.gz|\.zst)?$")
MAGIC = {b"\xd4\xc3\xb2\xa1": ("<", 1), b"\xa1\xb2\xc3\xd4": (">", 1),
         b"\x4d\x3c\xb2\xa1": ("<", 1000), b"\xa1\xb2\x3c\x4d": (">", 1000)}


def names(folder):
    return sorted(os.path.relpath(os.path.join(top, name), folder)
                  for top, _, found in os.walk(folder) for name in found if NAME.search(name))


def packets(path):
    """(microseconds, wire length, bytes) of a classic Ethernet capture; else nothing."""
    with open(path, "rb") as file:
        data = file.read()
    order, per_us = MAGIC.get(data[:4], (None, 0))
    if not order or len(data) < 24 or struct.unpack_from(order + "I", data, 20)[0] != ETHERNET:
        return
    at = 24
    while at + 16 <= len(data):
        sec, part, length, wire = struct.unpack_from(order + "IIII", data, at)
        at += 16
        if length > 262144 or at + length > len(data):
            return
        yield sec * 1000000 + part // per_us, wire, data[at:at + length]
        at += length


class Merged:
    """The captures of a folder in one file, gap_s seconds apart."""

    def __init__(self, folder, path, gap_s):
        self.starts, self.left = [], []
        now = START_S * 1000000
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, ETHERNET))
            for name in names(folder):
                shift, last = None, now
                for at, wire, data in packets(os.path.join(folder, name)):
                    if shift is None:
                        shift = now - at
                        self.starts.append((now // 1000000, name))
                    shift -= max(0, shift + at - last - REST_MAX_US)
                    # what goes back in time keeps its place in the file
                    last = max(last, shift + at)
                    out.write(struct.pack("<IIII", last // 1000000, last % 1000000, len(data),
                                          wire))
                    out.write(data)
                if shift is None:
                    self.left.append(name)
                else:
                    now = (last // 1000000 + gap_s) * 1000000

    def alerts(self, path, flows=None):
        """{sid: {capture: alerts}} of EVE lines. Programs look at the rest of a stream when
        its flow times out, in the time of the next capture: what counts is when the flow
        began, as `flows` or the alert itself says."""
        found = collections.defaultdict(collections.Counter)
        times = [at for at, _ in self.starts]
        for event in events(path, "alert"):
            began = [at for at in (flows or {}).get(event.get("flow_id"), ())
                     if at <= event["timestamp"]]
            stamp = event.get("flow", {}).get("start") or max(began, default=event["timestamp"])
            place = bisect.bisect_right(times, seconds(stamp)) - 1
            if place >= 0:
                found[event["alert"]["signature_id"]][self.starts[place][1]] += 1
        return found


def events(path, kind):
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if '"event_type":"%s"' % kind in line:
                yield json.loads(line)


def flow_starts(path):
    """{flow_id: [starts]}; the same addresses and ports have the same id again."""
    found = collections.defaultdict(list)
    for event in events(path, "flow"):
        found[event["flow_id"]].append(event["flow"]["start"])
    return found


def seconds(stamp):
    """2001-09-09T01:46:40.000000+0000 as seconds since 1970."""
    year, month, day, hour, minute, second = [int(x) for x in re.split(r"[-T:]", stamp[:19])]
    if month < 3:
        year, month = year - 1, month + 12
    days = 365 * year + year // 4 - year // 100 + year // 400 + (153 * month - 457) // 5 + \
        day - 719469
    return ((days * 24 + hour) * 60 + minute) * 60 + second
