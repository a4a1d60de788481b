#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turn the programs' logs of one recording into one line of TRUTH.jsonl.

The facts are what the programs say they received and sent (the JSON lines of
hl7_peer.py, node_peer.js and raw_peer.py, and the answers `mllp_send` prints);
the capture is not read."""
import argparse
import glob
import importlib.metadata as im
import json
import os
import subprocess

import hl7

p = argparse.ArgumentParser()
for k in ("work", "out", "name"):
    p.add_argument("--" + k, required=True)
p.add_argument("--note", default="")
p.add_argument("--server", default="")
p.add_argument("--client", default="")
p.add_argument("--port", action="append", type=int, default=[])
p.add_argument("--log", action="append", default=[], help="tag of a log with JSON lines")
p.add_argument("--ipv6", action="store_true")
p.add_argument("--messages-from", help="count messages by the 'sent' events of this log (a server that reads messages twice)")
p.add_argument("--set", action="append", default=[])
a = p.parse_args()

logs, types, acks, codes, conns, sent_ids, recv = {}, {}, {}, {}, 0, [], 0
apps, batches, commits = {}, 0, {}
for tag in a.log:
    path = os.path.join(a.work, "logs", "%s.%s.log" % (a.name, tag))
    ev = []
    for line in open(path, errors="replace"):
        if line.startswith("{"):
            try:
                ev.append(json.loads(line))
            except ValueError:
                pass
    logs[tag] = ev
    server = tag.startswith("srv")
    for e in ev:
        if not server:
            continue
        if e["event"] == "connect":
            conns += 1
        if e["event"] == "received":
            if "batch" in e:
                batches += 1
                for t in e["types"]:
                    types[t] = types.get(t, 0) + 1
                sent_ids += e["ids"]
            elif "type" in e:
                types[e["type"]] = types.get(e["type"], 0) + 1
                sent_ids.append(e["id"])
                apps[e["app"]] = apps.get(e["app"], 0) + 1
        if e["event"] == "sent":
            if "commit" in e:
                commits[e["commit"]] = commits.get(e["commit"], 0) + 1
            v = e.get("msa1")
            for x in (v if isinstance(v, list) else [v] if v else []):
                acks[x] = acks.get(x, 0) + 1
            if e.get("err3"):
                x = e["err3"].split(",")[0] if isinstance(e["err3"], str) else e["err3"]
                codes[str(x)] = codes.get(str(x), 0) + 1

if a.messages_from:
    types, apps, sent_ids = {}, {}, []
    for e in logs[a.messages_from]:
        if e["event"] == "sent" and "type" in e:
            types[e["type"]] = types.get(e["type"], 0) + 1
            apps[e["app"]] = apps.get(e["app"], 0) + 1
            sent_ids.append(e["id"])

# What the sent messages say of devices and software: from the message files,
# by MSH-10, with python-hl7's parser.
content = {}


def fields(seg, nums):
    out = {}
    for n in nums:
        try:
            v = str(seg(n))
        except Exception:
            v = ""
        if v:
            out[str(n)] = v
    return out


def uniq(v):
    return list(dict.fromkeys(x for x in v if x))


for fn in sorted(glob.glob(os.path.join(a.work, "msgs", "*.mllp"))):
    for block in open(fn, "rb").read().split(b"\x1c\r"):
        block = block.lstrip(b"\x0b").replace(b"\r\n", b"\r").replace(b"\n", b"\r")
        if not block.startswith(b"MSH"):
            continue
        m = hl7.parse(block.decode("latin-1"))
        i = str(m.segment("MSH")(10))
        if i not in sent_ids or i in content:
            continue
        segs = {}
        for s in m:
            segs.setdefault(str(s[0]), []).append(s)
        c = {}
        v = uniq(fields(x, [18]).get("18") for x in segs.get("OBX", []))
        if v:
            c["obx18"] = v
        v = uniq(fields(x, [3]).get("3") for x in segs.get("OBX", []))
        if v and any("MDC" in x for x in v):
            c["obx3"] = v
        for name, nums, key in (("PRT", (10, 16, 17, 18, 19, 20), "prt"), ("SFT", (1, 2, 3, 4, 6), "sft"), ("RXG", (4, 5, 15, 16), "rxg")):
            if name in segs:
                c[key] = [fields(x, nums) for x in segs[name]]
        ident = {k: str(x(5)) for x in segs.get("OBX", []) for k in ("MDC_ATTR_ID_MODEL", "MDC_ATTR_SYS_ID", "MDC_ATTR_ID_PROD_SPECN", "MDC_ATTR_ID_SOFT", "MDC_ATTR_ID_BED_LABEL",
                 "MDC_ID_MODEL_NUMBER", "MDC_ID_MODEL_MANUFACTURER", "MDC_ID_PROD_SPEC_SERIAL", "MDC_ID_PROD_SPEC_HW", "MDC_ID_PROD_SPEC_SW", "MDC_ID_PROD_SPEC_FW") if k in str(x(3))}
        if ident:
            c["identity"] = ident
        if c:
            content[i] = c

vers = {}
text = a.server + " " + a.client
if "python-hl7" in text or "mllp_send" in text:
    vers["python-hl7"] = im.version("hl7")
for pkg in ("node-hl7-client", "node-hl7-server", "simple-hl7"):
    if pkg in text:
        try:
            vers[pkg] = json.load(open(os.environ.get("WARDTAP_NPM", "/tmp/wardtap-rec/npm/node_modules") + "/%s/package.json" % pkg))["version"]
            vers["node"] = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout.strip()
        except OSError:
            pass

rec = {"file": a.name + ".pcap", "protocol": "hl7", "note": a.note, "server": a.server, "client": a.client,
       "versions": vers, "ports": a.port, "ipv6": a.ipv6,
       "commands": [l.rstrip("\n") for l in open(os.path.join(a.work, "logs", a.name + ".cmds"))],
       "totals": {"connections": conns, "messages": sum(types.values()), "types": dict(sorted(types.items())),
                  "acks": dict(sorted(acks.items())), "err3": dict(sorted(codes.items())), "batches": batches,
                  "commits": commits, "sending_apps": dict(sorted(apps.items()))},
       "ids": sent_ids, "content": content, "log": logs}
for s in a.set:
    k, v = s.split("=", 1)
    try:
        v = json.loads(v)
    except ValueError:
        pass
    rec[k] = v
path = os.path.join(a.out, "TRUTH.jsonl")
lines = []
if os.path.exists(path):
    lines = [l for l in open(path) if l.strip() and json.loads(l)["file"] != rec["file"]]
lines.append(json.dumps(rec) + "\n")
with open(path, "w") as f:
    f.writelines(sorted(lines, key=lambda l: json.loads(l)["file"]))
