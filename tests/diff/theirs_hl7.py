"""HL7 messages as tshark cuts them, in the terms of wardtap's events.

tshark shows a segment only when a carriage return ends it. The last one of a message is
often left without (HL7 2.5.2 wants it): that one is taken from tshark's raw message by
python-hl7, the second oracle."""

import re

import hl7

NUMBER = re.compile(r"field (\d+):")


def _text(octets):
    return octets.decode("utf-8", "replace")


class Message:
    """Segments in order: (name, {field number: bytes}). MSH counts as the standard does:
    its separator is field 1."""

    def __init__(self, fields):
        self.segments = []
        self.framing = ""
        self.has_end = False
        self.octets = 0
        raw = b""
        for field in fields:
            if field.name == "hl7.llp.sob":
                self.framing = "mllp1"
            elif field.name == "hl7.llp.eob":
                self.has_end = True
            elif field.name == "hl7.raw":
                raw = field.bytes
                self.octets = len(field.bytes)
            elif field.name == "hl7.segment":
                self.segments.append([field.bytes, {}])
            elif field.name == "hl7.field" and self.segments:
                self._take(field)
        if raw and not raw.endswith((b"\r", b"\n")):
            self._take_last(raw)

    def _take_last(self, raw):
        if self.segments[-1][0].rstrip(b"\r").endswith(b"\x1c"):
            self.segments.pop()  # ended by the carriage return behind the end block
        last = hl7.parse(raw.decode("latin-1"))[-1]
        name = str(last[0]).encode("latin-1")
        if name != b"MSH":
            self.segments.append([name, {number: str(last[number]).encode("latin-1")
                                         for number in range(1, len(last))}])

    def _take(self, field):
        match = NUMBER.match(field.show)
        if match:
            raw, values = self.segments[-1]
            number = int(match.group(1)) - (0 if raw.startswith(b"MSH") else 1)
            values[number] = field.bytes

    def first(self, name):
        return next((values for raw, values in self.segments if raw[:3] == name), {})

    def at(self, name, number):
        return self.first(name).get(number, b"")

    def names(self):
        return [_text(raw[:3]) for raw, _ in self.segments]

    def event(self):
        """The fields to compare; '' where the message has none."""
        raw = self.segments[0][0] if self.segments else b""
        component = self.at(b"MSH", 2)[:1] or b"^"
        kind = self.at(b"MSH", 9).split(component)
        names = self.names()
        told = {
            "message_type": _text(b"^".join(kind[:2])).rstrip("^"),
            "message_structure": _text(kind[2]) if len(kind) > 2 else "",
            "delimiters": _text(raw[3:4] + self.at(b"MSH", 2)),
            "segment_count": len(names),
            "segments": list(dict.fromkeys(names)),
            "observation_count": names.count("OBX") or "",
            "message_bytes": self.octets,
            "framing": self.framing,
        }
        for field, number in MSH.items():
            told[field] = _text(self.at(b"MSH", number))
        told["ack_code"] = _text(self.at(b"MSA", 1))
        told["ack_for"] = _text(self.at(b"MSA", 2))
        told["patient_id_present"] = bool(self.at(b"PID", 3)) or ""
        told["patient_name_present"] = bool(self.at(b"PID", 5)) or ""
        told["birth_date_present"] = bool(self.at(b"PID", 7)) or ""
        told["patient_location_present"] = bool(self.at(b"PV1", 3)) or ""
        return told


MSH = {"sending_app": 3, "sending_facility": 4, "receiving_app": 5, "receiving_facility": 6,
       "message_time": 7, "control_id": 10, "processing_id": 11, "version": 12,
       "accept_ack": 15, "application_ack": 16, "charset": 18}

FIELDS = ["message_type", "message_structure", *MSH, "delimiters", "segment_count",
          "segments", "observation_count", "message_bytes", "framing", "ack_code", "ack_for",
          "patient_id_present", "patient_name_present", "birth_date_present",
          "patient_location_present"]


class Direction:
    """One direction of a connection; every protocol instance is one message."""

    def take(self, fields):
        message = Message(fields)
        if message.segments:
            yield message.event()
