"""Makes captures that differ from recorded ones only in patient data of equal length, and
looks for traces of it in what wardtap writes. Called by privacy.sh.

Usage: privacy.py WARDTAP ROOM CONF. Each direction of each TCP connection is put together,
the values are replaced in it, and each packet gets its bytes back with its checksum
(a wrong one stays wrong). Letters become letters and digits digits, so that shape and
length stay; what is left as it was is what wardtap may tell: message types, AE titles,
equipment, UIDs (pseudonyms), locations of beds."""
import base64
import filecmp
import os
import re
import struct
import subprocess
import sys

import privacy_others

WARDTAP, ROOM, CONF = sys.argv[1:4]
LETTERS, DIGITS = b"QZXJVKWYQXZ", b"7391846205"  # no word, number or hash has them

# HL7: fields of patient data by segment; None: all but the first
HL7 = {
    b"PID": None, b"NK1": None, b"MRG": None, b"NTE": {3}, b"AL1": {3, 5, 6}, b"DG1": {3, 4},
    b"IN1": None, b"GT1": None, b"OBR": {2, 3, 16, 28, 32}, b"ORC": {2, 3, 10, 11, 12},
    b"PV1": {7, 8, 9, 17, 19, 44}, b"TXA": {5, 9, 12}, b"SCH": {1, 2, 16}, b"QPD": {3},
    b"RXE": {2, 3, 10, 14, 21}, b"RXG": {4, 5, 6, 15},
}
OBX_KINDS = {b"NM", b"ST", b"TX", b"FT", b"SN", b"DT", b"TM", b"PN", b"XPN", b"CX"}
# statements on equipment in OBX-5; all others are results
OBX_DEVICE = re.compile(rb"MDC_(ATTR_(ID|SYS|AL|EV|TIME|DEV|UDI|LOC)|ID_|PUMP|DEV|EVT|UDI|TIME_|REG_)|"
                        rb"SERIAL|MODEL|FIRMWARE|UDI|SW_")
OBX_DRUG = re.compile(rb"DRUG_NAME|PUMP_(LOADING|BOLUS)_DOSE")
# what an attack signature found is told on purpose: such values stay
ATTACK = re.compile(rb"\$\{|\\\\|<script|\.\./|;|'|TVq|f0VM|4D5A", re.I)
# DICOM: tags of patient data with their VRs
DICOM = {
    (0x0010, 0x0010): b"PN", (0x0010, 0x0020): b"LO", (0x0010, 0x0030): b"DA",
    (0x0010, 0x1000): b"LO", (0x0010, 0x1010): b"AS", (0x0010, 0x4000): b"LT",
    (0x0008, 0x0050): b"SH", (0x0008, 0x0090): b"PN", (0x0008, 0x1030): b"LO",
    (0x0008, 0x103E): b"LO", (0x0032, 0x1060): b"LO", (0x0020, 0x0010): b"SH",
}
n_fields = 0


def replaced(value, is_canary):
    """Same length, same shape. Escapes (between backslashes) and signs stay."""
    global n_fields
    if ATTACK.search(value):
        return value
    out, letters, digits, is_escape = bytearray(value), 0, 0, False
    for i, c in enumerate(value):
        if c == 0x5C:
            is_escape = not is_escape
        elif is_escape:
            pass
        elif 0x30 <= c <= 0x39:
            out[i] = DIGITS[digits % 10] if is_canary else 0x31 + (c - 0x30 + 4) % 9
            digits += 1
        elif 0x41 <= c <= 0x5A or 0x61 <= c <= 0x7A:
            lower = c & 0x20
            out[i] = (LETTERS[letters % len(LETTERS)] | lower) if is_canary else (
                0x41 + ((c & 0xDF) - 0x41 + 7) % 26) | lower
            letters += 1
    n_fields += bytes(out) != value
    return bytes(out)


def edit_hl7(stream, is_canary):
    def edit_message(match):
        message = match.group(0)
        sep = message[3:4]
        segments = re.split(rb"([\r\n]+)", message)
        for i, segment in enumerate(segments):
            fields = segment.split(sep)
            name = fields[0]
            if name == b"OBX" and len(fields) > 5:
                is_result = OBX_DRUG.search(fields[3]) or not OBX_DEVICE.search(fields[3])
                if fields[2] in OBX_KINDS and is_result:
                    fields[5] = replaced(fields[5], is_canary)
            elif name in HL7:
                for k in range(2, len(fields)):
                    if HL7[name] is None or k in HL7[name]:
                        fields[k] = replaced(fields[k], is_canary)
                if HL7[name] is not None and 1 in HL7[name]:
                    fields[1] = replaced(fields[1], is_canary)
            segments[i] = sep.join(fields)
        return b"".join(segments)
    # a message ends with its frame or where another begins
    return re.sub(rb"(?s)MSH[^\w\s].*?(?=\x1c|\x0b|\rMSH|\Z)", edit_message, stream)


def edit_dicom(stream, is_canary):
    out = bytearray(stream)
    for (group, element), vr in DICOM.items():
        tag = struct.pack("<HH", group, element)
        at = out.find(tag)
        while at >= 0:
            if out[at + 4:at + 6] == vr and at + 8 <= len(out):
                start, n = at + 8, struct.unpack_from("<H", out, at + 6)[0]
            elif at + 8 <= len(out):
                start, n = at + 8, struct.unpack_from("<I", out, at + 4)[0]
            else:
                break
            value = bytes(out[start:start + n])
            if 0 < n <= 64 and n % 2 == 0 and all(32 <= c < 127 or c == 0 for c in value):
                out[start:start + n] = replaced(value, is_canary)
            at = out.find(tag, at + 4)
    return bytes(out)


class Capture:
    """A classic pcap of Ethernet; TCP segments and the streams that they make."""

    def __init__(self, path):
        with open(path, "rb") as f:
            self.head, rest = f.read(24), f.read()
        self.order = "<" if self.head[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
        self.records, at = [], 0
        while at + 16 <= len(rest):
            n = struct.unpack_from(self.order + "I", rest, at + 8)[0]
            self.records.append([rest[at:at + 16], bytearray(rest[at + 16:at + 16 + n])])
            at += 16 + n

    def segments(self):
        for _, frame in self.records:
            at = 12
            while frame[at:at + 2] in (b"\x81\x00", b"\x88\xa8"):
                at += 4
            kind, ip = frame[at:at + 2], at + 2
            if kind == b"\x08\x00" and frame[ip + 9] == 6:
                tcp = ip + (frame[ip] & 15) * 4
                end = ip + struct.unpack_from(">H", frame, ip + 2)[0]
                pseudo = frame[ip + 12:ip + 20]
            elif kind == b"\x86\xdd" and frame[ip + 6] == 6:
                tcp, end = ip + 40, ip + 40 + struct.unpack_from(">H", frame, ip + 4)[0]
                pseudo = frame[ip + 8:ip + 40]
            else:
                continue
            data = tcp + (frame[tcp + 12] >> 4) * 4
            yield frame, tcp, data, end, bytes(pseudo)

    def edit(self, edit):
        streams, first = {}, {}
        places = []
        for frame, tcp, data, end, pseudo in self.segments():
            key = (pseudo, bytes(frame[tcp:tcp + 4]))
            seq = struct.unpack_from(">I", frame, tcp + 4)[0]
            flags = frame[tcp + 13]
            if flags & 2 or key not in first:
                first[key] = (seq + (flags & 2) // 2) & 0xFFFFFFFF
                key_now = (key, len(places))
                streams[key] = key_now
                places.append((key_now, None, 0, 0, 0, None))
            at = (seq + (flags & 2) // 2 - first[key]) & 0xFFFFFFFF
            if data < end <= len(frame) and at < 1 << 26:
                places.append((streams[key], frame, tcp, data, end, (at, pseudo)))
        whole = {}
        for key, frame, _, data, end, where in places:
            if frame is None:
                whole[key] = bytearray()
                continue
            at, n = where[0], end - data
            if len(whole[key]) < at + n:
                whole[key].extend(bytes(at + n - len(whole[key])))
            whole[key][at:at + n] = frame[data:end]
        edited = {key: edit(bytes(stream)) for key, stream in whole.items()}
        for key, stream in whole.items():
            assert len(edited[key]) == len(stream)
        for key, frame, tcp, data, end, where in places:
            if frame is None:
                continue
            at, pseudo = where
            was_right = checksum(frame, tcp, end, pseudo) == 0
            frame[data:end] = edited[key][at:at + end - data]
            if was_right:
                frame[tcp + 16:tcp + 18] = b"\0\0"
                struct.pack_into(">H", frame, tcp + 16, checksum(frame, tcp, end, pseudo))

    def write(self, path):
        with open(path, "wb") as f:
            f.write(self.head)
            for head, frame in self.records:
                f.write(head + frame)


def checksum(frame, tcp, end, pseudo):
    text = pseudo + struct.pack(">HH", 6, end - tcp) + bytes(frame[tcp:end])
    text += b"\0" * (len(text) % 2)
    total = sum(struct.unpack(f">{len(text) // 2}H", text))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def replay(capture, name):
    out = os.path.join(ROOM, name)
    run = subprocess.run([WARDTAP, "replay", "-c", CONF, "-o", out, capture],
                         capture_output=True, check=False)
    people = subprocess.run([WARDTAP, "replay", "-c", CONF, capture], capture_output=True,
                            check=False)
    with open(os.path.join(out, "said"), "wb") as f:
        f.write(run.stdout + run.stderr + people.stdout + people.stderr)
    return out


def traces():
    """What a canary looks like in all its clothes, six signs at least."""
    found = {}
    for canary in (LETTERS, DIGITS):
        for i in range(len(canary)):
            plain = (canary * 2)[i:i + 6]
            for text in (plain, plain.lower()):
                for form, kind in ((text, "raw"), (text.hex().encode(), "hex"),
                                   (text.hex().upper().encode(), "HEX"),
                                   (text.decode().encode("utf-16-le"), "utf-16-le"),
                                   (text.decode().encode("utf-16-be"), "utf-16-be"),
                                   (base64.b64encode(text), "base64")):
                    found[form] = kind
    return found


def main():
    global n_fields
    passed = failed = skipped = 0
    total = 0
    canaries = traces()
    shape = re.compile(b"|".join(re.escape(c) for c in canaries))
    for protocol, edit in (("hl7", edit_hl7), ("dicom", edit_dicom)):
        folder = f"pcaps/{protocol}"
        for name in sorted(os.listdir(folder)):
            path = os.path.join(folder, name)
            # clipped packets cannot get a right checksum back
            if not name.endswith(".pcap") or "snaplen" in name or os.path.getsize(path) > 200000:
                continue
            results = []
            for variant in ("recorded", "shifted", "canary"):
                capture = Capture(path)
                n_fields = 0
                if variant != "recorded":
                    capture.edit(lambda s, c=variant == "canary": edit(s, c))
                file = os.path.join(ROOM, "capture.pcap")  # its name is evidence
                capture.write(file)
                results.append(replay(file, variant))
            if n_fields == 0:
                skipped += 1
                continue
            total += n_fields
            wrong = []
            for other in results[1:]:
                for out in ("events.jsonl", "inventory.json", "stats.json"):
                    a, b = os.path.join(results[0], out), os.path.join(other, out)
                    if not filecmp.cmp(a, b, shallow=False):
                        wrong.append(f"{os.path.basename(other)}: {out} differs"
                                     + first_difference(a, b))
            for out in sorted(os.listdir(results[2])):
                with open(os.path.join(results[2], out), "rb") as f:
                    hit = shape.search(f.read())
                if hit:
                    wrong.append(f"{out} holds {hit.group(0)!r} ({canaries[hit.group(0)]})")
            if wrong:
                failed += 1
                print(f"{path}:")
                for one in wrong[:6]:
                    print(f"  {one}")
            else:
                passed += 1
    good, bad = privacy_others.check(ROOM, replay, Capture)
    passed, failed = passed + good, failed + bad
    print(f"{total} values of patients replaced twice; the outputs were compared and searched "
          f"for {len(canaries)} forms of the canaries")
    print(f"{skipped} captures without patient data: not compared")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return failed


def first_difference(a, b):
    with open(a, "rb") as f, open(b, "rb") as g:
        for one, two in zip(f, g):
            if one != two:
                at = next((i for i in range(min(len(one), len(two))) if one[i] != two[i]), 0)
                return f": {one[max(0, at - 60):at + 40]!r} / {two[max(0, at - 20):at + 40]!r}"
    return ""


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
