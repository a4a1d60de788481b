"""HL7 and DICOM: events of `wardtap replay` against tshark, message by message.

The messages of one direction (addresses and ports) are put side by side in their order. The
message itself is the first field compared ("hl7.message", "dicom.message"): one that only
one of the two sees is a difference. To find which one, messages of HL7 are matched by the
frame that completes them, units of DICOM by their kind, because wardtap reports a data set
when it knows enough of it. Left out on both sides is what was not seen to its end.
"""

import collections
import difflib
import hashlib
import hmac
import ipaddress
import json
import os
import subprocess
import tempfile

import pdml
import report
import theirs_dicom
import theirs_hl7

KEY = b"wardtap differential test"
HL7_FIELDS = ["hl7.message"] + ["hl7." + name for name in theirs_hl7.FIELDS]
DICOM_FIELDS = ["dicom.message"] + ["dicom." + name for name in theirs_dicom.FIELDS]
FIELDS = HL7_FIELDS + DICOM_FIELDS

OPTIONS = ["-T", "pdml", "-J", "frame ip ipv6 tcp hl7 dicom", "-Y", "hl7 || dicom",
           "-o", "tcp.desegment_tcp_streams:TRUE", "-o", "tcp.reassemble_out_of_order:TRUE",
           "-o", "tcp.check_checksum:FALSE", "-o", "hl7.display_raw:TRUE",
           "-o", "hl7.display_llp:TRUE", "-o", "dicom.pdv_reassemble:TRUE",
           "-o", "dicom.tag_tree:TRUE", "-o", "dicom.seq_tree:TRUE"]


def pseudonym(value):
    if not value:
        return ""
    return "p:" + hmac.new(KEY, value.encode(), hashlib.sha256).hexdigest()[:20]


def plain_address(value):
    return str(ipaddress.ip_address(value)) if value else ""


def our_events(program, folder, path):
    """Events of HL7 and DICOM, in order."""
    key = os.path.join(folder, "key")
    if not os.path.exists(key):
        with open(os.open(key, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as out:
            out.write(KEY)
    out = os.path.join(folder, "out")
    done = subprocess.run([program, "replay", "-j", "1", "-o", out,
                           "--set", "privacy.key_file=" + key, path],
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{program} replay {path}: exit {done.returncode}: "
                           f"{done.stderr.decode('utf-8', 'replace')}")
    with open(os.path.join(out, "events.jsonl"), encoding="utf-8") as lines:
        events = [json.loads(line) for line in lines]
    return [e for e in events if e["event_type"] in ("hl7", "dicom")]


def our_messages(events):
    """(protocol, direction) -> list of (mark, fields). Also the number left out."""
    found, left_out = collections.defaultdict(list), 0
    for e in events:
        kind = e["event_type"]
        fields = dict(e.get("device", {}), **e[kind])
        if fields.get("is_incomplete") or fields.get("is_truncated"):
            left_out += 1
            continue
        direction = (plain_address(e["src_ip"]), str(e["src_port"]),
                     plain_address(e["dest_ip"]), str(e["dest_port"]))
        # What the end of the flow completed has no frame.
        found[kind, direction].append((mark(kind, e.get("pcap_cnt", 0), fields), fields))
    return found, left_out


def mark(kind, frame, fields):
    """What tells messages of a direction apart when one side missed some."""
    return frame if kind == "hl7" else fields.get("command") or fields.get("pdu")


def pairs(mine, other):
    """Aligns two lists of (mark, fields); None where one side has no partner."""
    matcher = difflib.SequenceMatcher(None, [m for m, _ in mine], [m for m, _ in other],
                                      autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        left = [fields for _, fields in mine[a:b]]
        right = [fields for _, fields in other[c:d]]
        if what == "equal":
            yield from zip(left, right)
        else:
            yield from ((one, None) for one in left)
            yield from ((None, one) for one in right)


def ports_of(events):
    """Ports to decode as; a server's is the lower one (clients have ephemeral ports)."""
    return sorted({(min(e["src_port"], e["dest_port"]), e["event_type"]) for e in events})


def their_messages(shark, path, events):
    options = list(OPTIONS)
    for port, protocol in ports_of(events):
        options += ["-d", f"tcp.port=={port},{protocol}"]
    text, status, complaint = shark.lines(path, options)
    found = collections.defaultdict(list)
    directions, associations = {}, {}
    for packet in pdml.packets(text.decode("utf-8", "replace"), ("hl7", "dicom")):
        src, sport, dst, dport = packet.direction
        direction = (plain_address(src), sport, plain_address(dst), dport)
        for kind, fields in packet.protocols:
            if (kind, direction) not in directions:
                pair = frozenset((direction[:2], direction[2:]))
                association = associations.setdefault(pair, theirs_dicom.Association())
                directions[kind, direction] = theirs_hl7.Direction() if kind == "hl7" else \
                    theirs_dicom.Direction(association, pseudonym)
            for unit in directions[kind, direction].take(fields):
                found[kind, direction].append((mark(kind, packet.frame, unit), unit))
    return found


def canonical(value):
    return "" if value is None or value == [] else value


def compare_message(tally, waivers, capture, kind, where, ours, theirs):
    names = theirs_hl7.FIELDS if kind == "hl7" else theirs_dicom.FIELDS
    for name in names:
        if kind == "dicom" and theirs["pdu"] != "A-ASSOCIATE-RQ" and \
                theirs["pdu"] != "A-ASSOCIATE-AC" and name in theirs_dicom.ASSOCIATE:
            continue  # repeated in every event of an association
        mine, other = canonical(ours.get(name)), canonical(theirs.get(name))
        if mine == "" and other == "":
            continue
        tally.check(waivers, capture, kind + "." + name, mine, other,
                    lambda: f"kind={kind} {where} {describe(theirs)}")


def compare(shark, program, waivers, root, capture):
    tally = report.Tally()
    path = os.path.join(root, capture)
    with tempfile.TemporaryDirectory(prefix="wardtap-diff-") as folder:
        events = our_events(program, folder, path)
    ours, left_out = our_messages(events)
    theirs = their_messages(shark, path, events)
    for key in sorted(set(ours) | set(theirs)):
        kind, direction = key
        where = "{}:{}>{}:{}".format(*direction)
        for a, b in pairs(ours.get(key, []), theirs.get(key, [])):
            tally.check(waivers, capture, kind + ".message", "seen" if a else "not seen",
                        "seen" if b else "not seen",
                        lambda: f"kind={kind} {where} {describe(a or b)}")
            if a and b:
                tally.units += 1
                compare_message(tally, waivers, capture, kind, where, a, b)
    if left_out:
        tally.notes.append(("incomplete", f"{capture}: {left_out} messages not seen to "
                                          "their end are left out"))
    return tally


def describe(fields):
    if "pdu" in fields:
        return str(fields.get("command") or fields["pdu"])
    ends = "lf" if fields.get("has_lf") else "cr"
    return f"{fields['message_type']} framing={fields['framing']} ends={ends}"
