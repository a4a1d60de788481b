#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make damaged variants of a recorded capture, and their line in TRUTH.jsonl.

    variants.py FOLDER SOURCE NAME KIND [frame options]

The frames are the recorded bytes; only their presence, order or count is
changed (and, for vlan, a tag is put in).  Frame numbers start at 1, as in
Wireshark."""
import argparse
import json
import os
import struct

p = argparse.ArgumentParser()
p.add_argument("folder")
p.add_argument("source")
p.add_argument("name")
p.add_argument("kind", choices=["client-only", "server-only", "no-handshake", "midstream", "gap", "reordered", "duplicated", "vlan", "snaplen"])
p.add_argument("--first", help="midstream: keep from the Nth client data frame on", type=int, default=2)
p.add_argument("--byte", type=int, help="midstream: keep from the first data frame that begins with this byte")
p.add_argument("--every", type=int, default=3)
p.add_argument("--drop", type=int, default=2, help="gap: how many data frames")
p.add_argument("--side", default="client", help="gap: whose frames")
p.add_argument("--at", type=float, default=0.5, help="gap: where, as a part of that side's full data frames")
p.add_argument("--snap", type=int, default=96)
a = p.parse_args()

raw = open(os.path.join(a.folder, a.source + ".pcap"), "rb").read()
head, frames, o = raw[:24], [], 24
assert struct.unpack("<I", head[:4])[0] == 0xA1B2C3D4
while o < len(raw):
    s, us, cap, ln = struct.unpack_from("<IIII", raw, o)
    frames.append([s * 1000000 + us, raw[o + 16:o + 16 + cap], ln])
    o += 16 + cap


def tcp(f):
    """(source, destination, flags, payload) of an Ethernet frame, or None."""
    t = struct.unpack_from(">H", f, 12)[0]
    if t == 0x0800 and f[23] == 6:
        ihl = (f[14] & 15) * 4
        n = struct.unpack_from(">H", f, 16)[0]
        src, dst, l4, end = f[26:30], f[30:34], 14 + ihl, 14 + n
    elif t == 0x86DD and f[20] == 6:
        src, dst, l4, end = f[22:38], f[38:54], 54, 54 + struct.unpack_from(">H", f, 18)[0]
    else:
        return None
    sp, dp = struct.unpack_from(">HH", f, l4)
    off = (f[l4 + 12] >> 4) * 4
    return (src, sp), (dst, dp), f[l4 + 13], f[l4 + off:end]


info = [tcp(f[1]) for f in frames]
clients = {i[0] for i in info if i and i[2] & 0x12 == 0x02}


def is_client(i):
    return i[0] in clients


data = [n for n, i in enumerate(info) if i and i[3]]
cdata = [n for n in data if is_client(info[n])]
keep, how, same = list(range(len(frames))), "", False
k = a.kind
if k in ("client-only", "server-only"):
    want = k == "client-only"
    keep = [n for n in keep if info[n] and is_client(info[n]) == want]
    how = "only the frames sent by the side that %s the connections" % ("opened" if want else "accepted")
elif k == "no-handshake":
    first = data[0]
    keep = keep[first:]
    how = "the frames before the first data frame (%d) are cut off; no payload is lost" % (first + 1)
    same = True
elif k == "midstream":
    if a.byte is not None:
        first = next(n for n in cdata if info[n][3][0] == a.byte)
    else:
        first = cdata[a.first - 1]
    keep = keep[first:]
    how = "all frames before frame %d are cut off (handshake, and %d data frames)" % (first + 1, sum(n < first for n in data))
elif k == "gap":
    side = [n for n in data if is_client(info[n]) == (a.side == "client")]
    big = max(len(info[n][3]) for n in side)
    full = [n for n in side if len(info[n][3]) == big] or side
    at = full[int(len(full) * a.at)]
    i = side.index(at)
    gone = side[i:i + a.drop]
    keep = [n for n in keep if n not in gone]
    how = "data frames %s of the source are left out (%d bytes of payload)" % (", ".join(str(n + 1) for n in gone), sum(len(info[n][3]) for n in gone))
elif k == "reordered":
    moved, j, used = [], 0, set()
    for x, y in zip(data, data[1:]):
        if y - x <= 2 and is_client(info[x]) == is_client(info[y]) and info[x][0] == info[y][0]:
            j += 1
            if j % a.every == 1 and x not in used:
                used.add(y)
                frames[x][1:], frames[y][1:] = frames[y][1:], frames[x][1:]
                moved.append((x, y))
    how = "neighbouring data frames of one direction change places: %s" % ", ".join("%d/%d" % (m + 1, n + 1) for m, n in moved)
    same = True
    assert moved
elif k == "duplicated":
    out, dup = [], []
    for n in keep:
        out.append(frames[n])
        if n in data and data.index(n) % a.every == 0:
            out.append([frames[n][0] + 40] + frames[n][1:])
            dup.append(n)
    frames, keep = out, list(range(len(out)))
    how = "every %d. data frame (%d of them) is there twice, 40 us apart" % (a.every, len(dup))
    same = True
elif k == "vlan":
    for f in frames:
        f[1] = f[1][:12] + b"\x81\x00\x20\x2a" + f[1][12:]
        f[2] += 4
    how = "an 802.1Q tag (VLAN 42, priority 1) is put into every frame"
    same = True
elif k == "snaplen":
    for f in frames:
        f[1] = f[1][:a.snap]
    how = "every frame is cut to %d bytes (its length on the wire is kept)" % a.snap

last = 0
with open(os.path.join(a.folder, a.name + ".pcap"), "wb") as f:
    f.write(head)
    for n in keep:
        t, d, ln = frames[n]
        t = max(t, last)
        last = t
        f.write(struct.pack("<IIII", t // 1000000, t % 1000000, len(d), ln) + d)

path = os.path.join(a.folder, "TRUTH.jsonl")
lines = [json.loads(x) for x in open(path) if x.strip()]
src = next(x for x in lines if x["file"] == a.source + ".pcap")
rec = {"file": a.name + ".pcap", "protocol": src["protocol"], "variant": k, "made_from": src["file"], "how": how,
       "payload_as_source": same, "note": "Variant of %s: %s" % (src["file"], how), "server": src["server"], "client": src["client"],
       "ports": src["ports"], "ipv6": src["ipv6"], "versions": src["versions"], "commands": ["variants.py %s %s %s" % (a.source, a.name, k)],
       "frames": len(keep), "totals_of_source": src["totals"]}
if same:
    rec["totals"] = src["totals"]
    if "counts" in src:
        rec["counts"] = src["counts"]
lines = [x for x in lines if x["file"] != rec["file"]] + [rec]
with open(path, "w") as f:
    for x in sorted(lines, key=lambda x: x["file"]):
        f.write(json.dumps(x) + "\n")
print("%-28s %8d bytes" % (a.name, os.path.getsize(os.path.join(a.folder, a.name + ".pcap"))))
