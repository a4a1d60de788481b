#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turn the logs of the recorded programs into one line of TRUTH.jsonl.

Nothing here reads the capture: the facts come from the programs themselves
(dcmtk's debug log, or the JSON lines our pynetdicom / dcmjs-dimse drivers
write from the library's own events)."""
import argparse
import glob
import json
import os
import re
import subprocess

p = argparse.ArgumentParser()
p.add_argument("--work", required=True)
p.add_argument("--out", required=True)
p.add_argument("--name", required=True)
p.add_argument("--note", default="")
p.add_argument("--server", default="")
p.add_argument("--client", default="")
p.add_argument("--third", default="")
p.add_argument("--port", action="append", type=int, default=[])
p.add_argument("--log", action="append", default=[], help="kind:tag[:server]")
p.add_argument("--ipv6", action="store_true")
p.add_argument("--set", action="append", default=[], help="key=value: a fact the log does not hold")
a = p.parse_args()

LINE = re.compile(r"^[DIWEFT]: ?(.*)$")
DIMSE_KEYS = {
    "Message Type": "type", "Presentation Context ID": "ctx", "Message ID": "id",
    "Message ID Being Responded To": "responds_to", "Affected SOP Class UID": "sop_class",
    "Requested SOP Class UID": "sop_class", "Affected SOP Instance UID": "sop_instance",
    "Requested SOP Instance UID": "sop_instance", "Move Destination": "move_destination",
    "Move Originator AE Title": "move_originator", "Move Originator ID": "move_originator_id",
    "Data Set": "dataset", "DIMSE Status": "status", "Remaining Suboperations": "remaining",
    "Completed Suboperations": "completed", "Failed Suboperations": "failed",
    "Warning Suboperations": "warning", "Action Type ID": "action_type", "Event Type ID": "event_type",
}


def dcmtk(path, server):
    assocs, cur, block, msg, ctx = [], None, None, None, None
    pend_user = None
    for raw in open(path, errors="replace"):
        m = LINE.match(raw.rstrip("\n"))
        if not m:
            continue
        s = m.group(1)
        g = re.match(r"=+ BEGIN (A-ASSOCIATE-\w+) =+", s)
        if g:
            block = g.group(1)
            if block == "A-ASSOCIATE-RQ":
                cur = {"proposed": [], "messages": [], "outcome": None, "end": None}
                assocs.append(cur)
            ctx = None
            continue
        if re.match(r"=+ END A-ASSOCIATE", s):
            block = None
            continue
        if block:
            ours = s.startswith("Our ")
            k = re.match(r"(.*?):\s*(.*)$", s)
            if not k:
                t = s.strip()
                if ctx is not None and t.startswith("=") or (ctx is not None and re.match(r"1\.2\.", t)):
                    ctx.setdefault("transfer", []).append(t.lstrip("="))
                continue
            key, val = k.group(1).strip(), k.group(2).strip()
            rq = block == "A-ASSOCIATE-RQ"
            side = "requestor" if (ours != server) else "acceptor"
            if key.endswith("Implementation Class UID") and val:
                cur.setdefault("implementation", {}).setdefault(side, {})["class_uid"] = val
            elif key.endswith("Implementation Version Name") and val:
                cur.setdefault("implementation", {}).setdefault(side, {})["version"] = val
            elif key == "Calling Application Name" and rq:
                cur["calling"] = val
            elif key == "Called Application Name" and rq:
                cur["called"] = val
            elif key.endswith("Max PDU Receive Size"):
                if not rq or (ours and not server) or (not ours and server):
                    cur.setdefault("max_pdu", {})[side] = int(val)
            elif key == "Context ID":
                cid = int(val.split()[0])
                if rq:
                    ctx = {"id": cid}
                    cur["proposed"].append(ctx)
                else:
                    ctx = None
                    res = val[val.find("(") + 1:-1]
                    for c in cur["proposed"]:
                        if c["id"] == cid:
                            c["result"] = res
                            last = c
            elif key == "Abstract Syntax" and rq and ctx is not None:
                ctx["abstract"] = val.lstrip("=")
            elif key == "Accepted Transfer Syntax":
                last["accepted"] = val.lstrip("=")
            elif key == "Proposed SCP/SCU Role" and rq and ctx is not None and val != "Default":
                ctx["role"] = val
            elif key == "Requested User Identity Negotiation" and rq and val not in ("none", ""):
                cur["user_identity"] = val
            elif key in ("Requested Extended Negotiation", "Accepted Extended Negotiation") and val != "none":
                cur[key.lower().replace(" ", "_")] = val or True
            continue
        g = re.match(r"=+ (INCOMING|OUTGOING) DIMSE MESSAGE =+", s)
        if g:
            msg = {"from": "requestor" if (g.group(1) == "OUTGOING") != server else "acceptor"}
            if cur is not None:
                cur["messages"].append(msg)
            continue
        if re.match(r"=+ END DIMSE MESSAGE", s):
            msg = None
            continue
        if msg is not None:
            k = re.match(r"(.*?)\s*: (.*)$", s)
            if k and k.group(1) in DIMSE_KEYS:
                key, val = DIMSE_KEYS[k.group(1)], k.group(2).strip()
                if key == "type" and val.startswith("C-MOVE RSP") and not any(m.get("type") == "C-MOVE RQ" for m in cur["messages"]):
                    owner = [c for c in assocs if any(m.get("type") == "C-MOVE RQ" for m in c["messages"])]
                    if owner:       # one program holds both associations (movescu +P)
                        cur["messages"].remove(msg)
                        owner[-1]["messages"].append(msg)
                if key == "status":
                    v = re.match(r"0x([0-9a-fA-F]+)", val)
                    msg["status"] = v.group(1).upper() if v else val
                elif key == "dataset":
                    msg["dataset"] = val != "none"
                elif key in ("id", "responds_to", "ctx", "completed", "failed", "warning", "remaining", "move_originator_id"):
                    if val not in ("none",):
                        msg[key] = int(val) if val.isdigit() else val
                else:
                    if val not in ("none", ""):
                        msg[key] = val.lstrip("=")
            continue
        if cur is None:
            continue
        if re.search(r"Association Accepted|Association Acknowledged", s, re.I):
            cur["outcome"] = "accepted"
        elif re.search(r"Association Rejected", s, re.I):
            cur["outcome"] = "rejected"
        elif "Refusing Association" in s or "Refusing association" in s:
            cur["outcome"] = "rejected"
        g = re.match(r"Sending Echo Request \(MsgID (\d+)\)", s)
        if g:
            cur["messages"].append({"from": "requestor", "type": "C-ECHO RQ", "id": int(g.group(1))})
        g = re.match(r"Received Echo Response \((.*)\)", s)
        if g:
            cur["messages"].append({"from": "acceptor", "type": "C-ECHO RSP", "status": "0000" if g.group(1) == "Success" else g.group(1)})
        g = re.search(r"Result: ([^,]*), Source: (.*)$", s)
        if g and cur["outcome"] == "rejected":
            cur["reject"] = {"result": g.group(1), "source": g.group(2)}
        g = re.search(r"Reason: (.*)$", s)
        if g and cur["outcome"] == "rejected":
            cur.setdefault("reject", {})["reason"] = g.group(1)
        if re.search(r"Releasing Association|Association Release|Received Release Request", s, re.I):
            for c in [cur] + assocs:
                if not c["end"] and c["outcome"] != "rejected":
                    c["end"] = "release"
                    break
        elif re.search(r"Abort", s) and cur["outcome"] == "accepted":
            cur["end"] = "abort"
    for c in assocs:
        if not c["outcome"]:
            c["outcome"] = "accepted" if any("result" in x for x in c["proposed"]) else "unknown"
        if c["outcome"] == "rejected":
            c["end"] = "rejected"
        if not c["end"]:
            c["end"] = "not logged"
        c["contexts_proposed"] = len(c["proposed"])
        c["contexts_accepted"] = sum(x.get("result") == "Accepted" for x in c["proposed"])
        if len(c["proposed"]) > 8:      # keep the accepted ones that matter
            used = {m.get("ctx") for m in c["messages"]}
            c["proposed"] = [x for x in c["proposed"] if x["id"] in used]
            c["proposed_listed"] = "only those used by a message"
        c["contexts"] = c.pop("proposed")
    return assocs


def jsonl(path, server):
    """Drivers write {"assoc": {...}} per association, ready to use."""
    out = []
    for line in open(path, errors="replace"):
        line = line.strip()
        if line.startswith("{"):
            d = json.loads(line)
            if "assoc" in d:
                out.append(d["assoc"])
    return out


assocs, notes = [], []
for spec in a.log:
    f = spec.split(":")
    path = os.path.join(a.work, "logs", "%s.%s.log" % (a.name, f[1]))
    got = {"dcmtk": dcmtk, "jsonl": jsonl}[f[0]](path, "server" in f[2:])
    for x in got:
        x["from_log"] = f[1] + (" (server side)" if "server" in f[2:] else "")
    assocs += got

# What the sent objects say about their device: from the files, by instance UID.
objects, wanted = {}, {m["sop_instance"] for x in assocs for m in x.get("messages", []) if m.get("type") == "C-STORE RQ" and "sop_instance" in m}
if wanted:
    from pydicom import dcmread
    for fn in sorted(glob.glob(os.path.join(a.work, "dcm", "*.dcm"))):
        d = dcmread(fn, stop_before_pixels=True)
        if str(d.SOPInstanceUID) in wanted and str(d.SOPInstanceUID) not in objects:
            objects[str(d.SOPInstanceUID)] = {
                k: (v if isinstance(v, str) else [str(y) for y in v] if hasattr(v, "append") else str(v)) for k, v in
                ((k, d.get(k)) for k in ("SOPClassUID", "Modality", "Manufacturer", "ManufacturerModelName", "StationName",
                                         "DeviceSerialNumber", "SoftwareVersions", "InstitutionName")) if v}

counts = {}
for x in assocs:
    for m in x.get("messages", []):
        k = m.get("type", "?") + ((" " + m["status"]) if "status" in m else "")
        counts[k] = counts.get(k, 0) + 1


def version(pkg):
    r = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", pkg], capture_output=True, text=True)
    return r.stdout.strip()


def lib_version(mod):
    import importlib.metadata as im
    try:
        return im.version(mod)
    except Exception:
        return ""


vers = {}
text = " ".join([a.server, a.client, a.third])
if re.search(r"echoscu|storescu|findscu|movescu|getscu|storescp|dcmqrscp|wlmscpfs", text):
    vers["dcmtk"] = version("dcmtk")
if "rthanc" in text:
    vers["orthanc"] = version("orthanc")
if "gdcm" in text:
    vers["libgdcm-tools"] = version("libgdcm-tools")
if "pynetdicom" in text:
    vers["pynetdicom"] = lib_version("pynetdicom")
    vers["pydicom"] = lib_version("pydicom")
if "dcmjs" in text:
    try:
        vers["dcmjs-dimse"] = json.load(open(os.environ.get("WARDTAP_NPM", "/tmp/wardtap-rec/npm/node_modules") + "/dcmjs-dimse/package.json"))["version"]
    except OSError:
        pass

rec = {
    "file": a.name + ".pcap", "protocol": "dicom", "note": a.note,
    "server": a.server, "client": a.client, "third": a.third or None, "versions": vers,
    "ports": a.port, "ipv6": a.ipv6,
    "commands": [l.rstrip("\n") for l in open(os.path.join(a.work, "logs", a.name + ".cmds"))],
    "associations": assocs, "counts": dict(sorted(counts.items())), "objects": objects,
    "totals": {"associations": len(assocs), "accepted": sum(x.get("outcome") == "accepted" for x in assocs),
               "rejected": sum(x.get("outcome") == "rejected" for x in assocs)},
}
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
lines.append(json.dumps(rec, ensure_ascii=True) + "\n")
with open(path, "w") as f:
    f.writelines(sorted(lines, key=lambda l: json.loads(l)["file"]))
