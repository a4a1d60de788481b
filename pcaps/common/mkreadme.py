#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write FOLDER/README.md from FOLDER/TRUTH.jsonl and the captures."""
import hashlib
import json
import os
import sys

out = sys.argv[1]
recs = [json.loads(x) for x in open(os.path.join(out, "TRUTH.jsonl")) if x.strip()]
recs = [r for r in recs if os.path.exists(os.path.join(out, r["file"]))]
proto = recs[0]["protocol"]
intro = os.path.join(os.path.dirname(os.path.abspath(__file__)), "intro-%s.md" % proto)


def short(r):
    if proto == "dicom":
        t = r.get("totals")
        if not t:
            return "see the source"
        s = "%d associations (%d accepted, %d rejected)" % (t["associations"], t["accepted"], t["rejected"])
        c = ", ".join("%s x%d" % kv for kv in r.get("counts", {}).items())
        ae = sorted({"%s>%s" % (x.get("calling"), x.get("called")) for x in r.get("associations", [])})
        return s + ("; " + c if c else "") + ("; AE " + ", ".join("`%s`" % x for x in ae[:6]) + (" ..." if len(ae) > 6 else "") if ae else "")
    t = r.get("totals")
    if not t:
        return "see the source"
    s = "%d messages: " % t["messages"] + ", ".join("%s x%d" % kv for kv in t["types"].items())
    for k, n in (("acks", "answers"), ("err3", "ERR-3"), ("commits", "commit blocks")):
        if t[k]:
            s += "; %s %s" % (n, ", ".join("%s x%d" % kv for kv in t[k].items()))
    ids = r.get("ids", [])
    if ids:
        s += "; ids " + (", ".join(ids) if len(ids) < 7 else "%s ... %s" % (ids[0], ids[-1]))
    return s


def esc(s):
    return s.replace("|", "\\|").replace("\n", " ")


w = [open(intro).read().rstrip(), "", "## Files", "",
     "| File | Bytes | What it is | Server side | Client side | Versions | Ports | What the programs logged | sha256 |", "|---|---|---|---|---|---|---|---|---|"]
total = 0
for r in recs:
    data = open(os.path.join(out, r["file"]), "rb").read()
    total += len(data)
    srv = r["server"] + ("; third: " + r["third"] if r.get("third") else "")
    w.append("| " + " | ".join(["`%s`" % r["file"], str(len(data)), esc(r["note"]), esc(srv), esc(r["client"]),
                               esc(", ".join("%s %s" % kv for kv in r["versions"].items())), ", ".join(map(str, r["ports"])) + (" IPv6" if r["ipv6"] else ""),
                               esc(short(r)), "`%s`" % hashlib.sha256(data).hexdigest()]) + " |")
w += ["", "%d files, %d bytes." % (len(recs), total), "", "## Command lines", "",
      "`srv`, `cli`, `thr` are the hosts; `&` marks what ran in the background. `dcm/` and `msgs/` are made by the scripts beside this file.", ""]
for r in recs:
    if "variant" in r:
        continue
    w += ["### %s" % r["file"], "", "```"] + r["commands"] + ["```", ""]
with open(os.path.join(out, "README.md"), "w") as f:
    f.write("\n".join(w).rstrip() + "\n")
