#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare tshark's reading of the captures with TRUTH.jsonl (a test of the
recordings; TRUTH.jsonl itself never comes from tshark).  check.py FOLDER..."""
import json
import os
import subprocess
import sys
from collections import Counter

bad = 0
for folder in sys.argv[1:]:
    for line in open(os.path.join(folder, "TRUTH.jsonl")):
        r = json.loads(line)
        path = os.path.join(folder, r["file"])
        proto = r["protocol"]
        cmd = ["tshark", "-r", path, "-o", "tcp.reassemble_out_of_order:TRUE", "-Y", proto, "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=,"]
        for p in r["ports"]:
            cmd += ["-d", "tcp.port==%d,%s" % (p, proto)]
        if proto == "dicom":
            cmd += ["-e", "dicom.pdu.type", "-e", "dicom.pdv.ctx"]
        else:
            cmd += ["-e", "hl7.message.type", "-e", "hl7.event.type"]
        out = subprocess.run(cmd, capture_output=True, text=True).stdout.splitlines()
        c = Counter()
        for l in out:
            f = l.split("\t")
            for x in f[0].split(","):
                if x:
                    c[x] += 1
        err = subprocess.run(["tshark", "-r", path, "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-Y", "tcp.checksum.status==0||ip.checksum.status==0",
                              "-T", "fields", "-e", "frame.number"], capture_output=True, text=True).stdout.split()
        t = r.get("totals")
        note = ""
        if proto == "dicom":
            got = {"associations": c["0x01"], "accepted": c["0x02"], "rejected": c["0x03"]}
            if t and got != {k: t[k] for k in got}:
                note = "TRUTH %s" % {k: t[k] for k in got}
        else:
            got = dict(c)
            n = sum(v for k, v in c.items() if k not in ("ACK", "RSP"))
            if t and n != t["messages"]:
                note = "TRUTH %d messages" % t["messages"]
        if err:
            note += " bad checksums %d" % len(err)
        bad += bool(note)
        print("%-32s %s %s" % (r["file"], got, note and "<-- " + note))
print("%d to look at" % bad)
