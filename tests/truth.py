"""What the captures of pcaps/ are known to hold (TRUTH.jsonl, written from the logs of the
programs that spoke) against what wardtap says of them. Called by truth.sh.

Usage: truth.py WARDTAP FOLDER. One capture is one test. Counts must be equal; where the
logs of a capture are known to be of one side only (requests without responses), what
they hold must be there and more is told as a note."""
import collections
import json
import os
import re
import subprocess
import sys

WARDTAP, ROOM = sys.argv[1], sys.argv[2]
passed = failed = skipped = 0


def events_of(path):
    out = os.path.join(ROOM, "truth")
    subprocess.run([WARDTAP, "replay", "-o", out, path], check=False,
                   stderr=subprocess.DEVNULL)
    with open(os.path.join(out, "events.jsonl"), encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def differences(what, want, got, is_exact=True):
    """Lines that say in what two counters differ."""
    lines = []
    for key in sorted(set(want) | set(got), key=str):
        if got[key] < want[key] or (is_exact and got[key] != want[key]):
            lines.append(f"{what} {key!r}: {got[key]} found, {want[key]} known")
    return lines


def exact(text):
    """The bytes behind a string, by the rule that wardtap documents: \\xHH is a byte."""
    return re.sub(r"\\x([0-9a-f]{2})", lambda m: chr(int(m.group(1), 16)), text)


def dicom_counts(events):
    found = collections.Counter()
    for e in events:
        d = e.get("dicom", {})
        command = d.get("command")
        if not command:
            continue
        name = re.sub(r"-(RQ|RSP)$", r" \1", command)
        if name.endswith("RSP"):
            name += f" {d['status']:04X}" if "status" in d else ""
        found[name] += 1
    return found


def is_two_sided(counts):
    """Each request has its final response in the logs."""
    asked, answered = collections.Counter(), collections.Counter()
    for key, n in counts.items():
        if key.startswith("C-CANCEL"):
            continue
        name, kind, *status = key.split(" ")
        if kind == "RQ":
            asked[name] += n
        elif status != ["FF00"] and status != ["FF01"]:
            answered[name] += n
    return asked == answered


def is_logged(truth):
    """The logs tell the messages of every accepted association."""
    return all(a.get("messages") for a in truth.get("associations", [])
               if a.get("outcome") == "accepted")


def software(objects):
    for o in objects.values():
        s = o.get("SoftwareVersions", [])
        yield from s if isinstance(s, list) else [s]


def check_dicom(truth, events):
    bad = []
    counts = truth.get("counts")
    if counts:
        bad += differences("command", collections.Counter(counts), dicom_counts(events),
                           is_two_sided(counts) and is_logged(truth))
    requests = [e["dicom"] for e in events if e.get("dicom", {}).get("pdu") == "A-ASSOCIATE-RQ"]
    associations = truth.get("associations", [])
    for side, field in (("calling", "calling_ae"), ("called", "called_ae")):
        want = collections.Counter(a[side].strip() for a in associations if a.get(side))
        got = collections.Counter(exact(r.get(field, "")).strip() for r in requests)
        bad += differences(side, want, got, False)
    totals = truth.get("totals")
    if totals:
        pdus = collections.Counter(e["dicom"].get("pdu") for e in events if "dicom" in e)
        for key, pdu in (("associations", "A-ASSOCIATE-RQ"), ("accepted", "A-ASSOCIATE-AC"),
                         ("rejected", "A-ASSOCIATE-RJ")):
            if pdus[pdu] < totals[key]:
                bad.append(f"{pdu}: {pdus[pdu]} found, {totals[key]} known")
    for a in associations:
        for side in a.get("implementation", {}).values():
            uid, version = side.get("class_uid"), side.get("version")
            if uid and not any(e.get("dicom", {}).get("impl_class_uid") == uid
                               for e in events):
                bad.append(f"implementation class UID {uid} not found")
            if version and not any(e.get("dicom", {}).get("impl_version") == version
                                   for e in events):
                bad.append(f"implementation version {version} not found")
    names = {"Manufacturer": "vendor", "ManufacturerModelName": "model",
             "StationName": "station", "DeviceSerialNumber": "serial"}
    seen = [e.get("device", {}) for e in events]
    for o in truth.get("objects", {}).values():
        for key, field in names.items():
            if o.get(key) and not any(d.get(field) == o[key] for d in seen):
                bad.append(f"device.{field} {o[key]!r} not found")
    for version in software(truth.get("objects", {})):
        if not any(version in d.get("software", []) for d in seen):
            bad.append(f"device.software {version!r} not found")
    return sorted(set(bad))


def check_hl7(truth, events):
    totals = truth.get("totals")
    if not totals:
        return []
    bad = []
    # the logs hold whole messages
    hl7 = [e["hl7"] for e in events
           if e["event_type"] == "hl7" and not e["hl7"].get("is_truncated")]
    types, apps = collections.Counter(), collections.Counter()
    for want in totals["types"]:
        types[re.sub(r"[@*]", "^", want)] += totals["types"][want]
    counted = {"^".join(t.split("^")[:2]) for t in types}
    acks = [m for m in hl7 if "ack_code" in m and m.get("message_type") not in counted]
    said = collections.Counter()
    for m in hl7:
        if m.get("message_type", "").startswith("ACK"):
            continue
        name = "^".join(x for x in (m.get("message_type", ""), m.get("message_structure"))
                        if x)
        said[re.sub(r"[@*]", "^", name)] += 1
        apps[m.get("sending_app", "")] += 1
    # answers with data (RSP^K22) carry an acknowledgement and a type of their own
    answers = {k for k in said if k not in types and any(
        m.get("message_type", "?") == "^".join(k.split("^")[:2]) for m in acks)}
    for k in answers:
        del said[k]
    bad += differences("type", types, said)
    bad += differences("acknowledgement", collections.Counter(totals["acks"]),
                       collections.Counter(m["ack_code"] for m in acks))
    errors = collections.Counter()
    for m in acks:
        for code in m.get("error_code", []):
            errors[code.split("^")[0]] += 1
    bad += differences("error code", collections.Counter(totals["err3"]), errors)
    commits = collections.Counter(
        "ACK" if e["hl7"].get("framing") == "mllp2-ack" else "NAK"
        for e in events if e["event_type"] == "hl7_commit")
    bad += differences("commit", collections.Counter(totals["commits"]), commits)
    for app, n in totals["sending_apps"].items():
        got = sum(k for name, k in apps.items() if name == app or app.startswith(name + "^"))
        if got < n:
            bad.append(f"sending application {app!r}: {got} found, {n} known")
    ids = {m.get("control_id") for m in hl7}
    for one in truth.get("ids", []):
        if one not in ids:
            bad.append(f"control id {one!r} not found")
    return bad + check_hl7_devices(truth, events)


def check_hl7_devices(truth, events):
    """Serials, models and UDIs that the messages state, wherever the event has them."""
    said = set()
    for e in events:
        for group in ("device", "hl7"):
            for value in e.get(group, {}).values():
                said.update(v for v in (value if isinstance(value, list) else [value])
                            if isinstance(v, str))
    bad = []
    for content in truth.get("content", {}).values():
        identity = content.get("identity", {})
        wanted = []
        if "MDC_ATTR_ID_MODEL" in identity:
            wanted += identity["MDC_ATTR_ID_MODEL"].split("^")[:2]
        for part in identity.get("MDC_ATTR_ID_PROD_SPECN", "").split("~"):
            if part.startswith("SERIAL "):
                wanted.append(part[7:])
        for prt in content.get("prt", []):
            if "16" in prt:
                wanted.append(prt["16"].split("^")[0])
            wanted += [prt[k] for k in ("19", "20") if k in prt]
        bad += [f"device identity {w!r} not found" for w in wanted if w and w not in said]
    return sorted(set(bad))


for protocol, check in (("dicom", check_dicom), ("hl7", check_hl7)):
    with open(f"pcaps/{protocol}/TRUTH.jsonl", encoding="utf-8") as rows:
        for row in rows:
            known = json.loads(row)
            path = f"pcaps/{protocol}/{known['file']}"
            if not (known.get("counts") or known.get("totals")):
                skipped += 1
                continue
            wrong = check(known, events_of(path))
            if wrong:
                failed += 1
                print(f"{path}:")
                for one in wrong[:12]:
                    print(f"  {one}")
            else:
                passed += 1
print(f"{skipped} captures whose content is known only as a part of another's: not compared")
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(1 if failed else 0)
