"""DICOM units as tshark cuts them, in the terms of wardtap's events: a protocol data unit
of the association, or a DIMSE message with its data set (PS3.7 6.3.1), which ends with the
last fragment of what its command announced."""

import re

PDUS = {1: "A-ASSOCIATE-RQ", 2: "A-ASSOCIATE-AC", 3: "A-ASSOCIATE-RJ", 4: "P-DATA-TF",
        5: "A-RELEASE-RQ", 6: "A-RELEASE-RP", 7: "A-ABORT"}
COMMANDS = {0x0001: "C-STORE", 0x0010: "C-GET", 0x0020: "C-FIND", 0x0021: "C-MOVE",
            0x0030: "C-ECHO", 0x0100: "N-EVENT-REPORT", 0x0110: "N-GET", 0x0120: "N-SET",
            0x0130: "N-ACTION", 0x0140: "N-CREATE", 0x0150: "N-DELETE", 0x0fff: "C-CANCEL"}

# Command elements (group 0000), PS3.7 E.1: number or text.
COMMAND_NUMBERS = {"message_id": 0x0110, "responded_to": 0x0120, "priority": 0x0700,
                   "status": 0x0900, "event_type_id": 0x1002, "action_type_id": 0x1008,
                   "remaining": 0x1020, "completed": 0x1021, "failed": 0x1022,
                   "warning": 0x1023, "move_originator_id": 0x1031}
COMMAND_TEXTS = {"move_destination": 0x0600, "move_originator_ae": 0x1030}
SOP_CLASSES = (0x0002, 0x0003)
SOP_INSTANCES = (0x1000, 0x1001)

# Attributes of the data set, PS3.6.
DATA_TEXTS = {"modality": 0x00080060, "vendor": 0x00080070, "station": 0x00081010,
              "department": 0x00081040, "model": 0x00081090, "serial": 0x00181000,
              "device_uid": 0x00181002, "query_level": 0x00080052}
SCHEDULED_STEPS = 0x00400100
DATA_PSEUDONYMS = {"institution": 0x00080080, "study_uid": 0x0020000d,
                   "series_uid": 0x0020000e, "transaction_uid": 0x00081195}
DATA_PRESENT = {"patient_name_present": 0x00100010, "patient_id_present": 0x00100020,
                "birth_date_present": 0x00100030, "accession_present": 0x00080050}

ASSOCIATE = ["calling_ae", "called_ae", "protocol_version", "app_context", "context_count",
             "abstract_syntax", "transfer_syntax", "context_result", "accepted_count",
             "rejected_count", "max_pdu", "impl_class_uid", "impl_version", "async_invoked",
             "async_performed", "role", "role_count", "user_identity_type",
             "user_identity_response"]
REFUSE = ["reject_result", "reject_source", "reject_reason", "abort_source", "abort_reason"]
MESSAGE = ["context_id", "command", *COMMAND_NUMBERS, *COMMAND_TEXTS, "sop_class",
           "sop_instance", "dataset", "dataset_bytes", "pdv_count", *DATA_TEXTS, "scheduled_ae",
           "software", *DATA_PSEUDONYMS, *DATA_PRESENT]
FIELDS = ["pdu", *ASSOCIATE, *REFUSE, *MESSAGE]

UID = re.compile(rb"[0-9.]+")
COMMON_LIMIT = 32  # dicom.abstract_syntax, dicom.role: the first 32


def text(octets):
    """Without padding (PS3.5 6.2: spaces; UIDs: a NUL)."""
    plain = octets.rstrip(b"\0").strip(b" ").decode("utf-8", "replace")
    return plain.replace("\\x", "\\x5cx")  # as base/json.h escapes what looks like an escape


def number(octets, order="big"):
    return int.from_bytes(octets, order) if octets else ""


def distinct(values):
    return list(dict.fromkeys(values))


class Association:
    """What the request proposed, so that the answer can be read. PS3.8 9.3.3."""

    def __init__(self):
        self.abstract = {}


class Direction:
    def __init__(self, association, pseudonym):
        self.association = association
        self.pseudonym = pseudonym
        self.open = None

    def take(self, fields):
        """Yields the units that `fields` (one PDU) complete."""
        kind = next((f.bytes[0] for f in fields if f.name == "dicom.pdu.type" and f.bytes), 0)
        if kind in (1, 2):
            yield self.associate(fields, kind)
        elif kind in (3, 7):
            unit = {"pdu": PDUS[kind]}
            for name in REFUSE:
                group, what = name.split("_")
                value = [f.bytes for f in fields if f.name == f"dicom.assoc.{group}.{what}"]
                unit[name] = number(value[0]) if value else ""
            yield unit
        elif kind in (5, 6):
            yield {"pdu": PDUS[kind]}
        elif kind == 4:
            yield from self.data(fields)

    def associate(self, fields, kind):
        unit = {"pdu": PDUS[kind]}
        contexts, roles = [], []
        for f in fields:
            if f.name == "dicom.pctx.id":
                contexts.append({"id": number(f.bytes), "transfer": []})
            elif f.name == "dicom.pctx.result":
                contexts[-1]["result"] = number(f.bytes)
            elif f.name == "dicom.pctx.abss.syntax":
                contexts[-1]["abstract"] = text(f.bytes)
            elif f.name == "dicom.pctx.xfer.syntax":
                contexts[-1]["transfer"].append(text(f.bytes))
            elif f.name == "dicom.userinfo.rolesel.sopclassuid":
                roles.append([text(f.bytes)])
            elif f.name.startswith("dicom.userinfo.rolesel.sc") and roles:
                roles[-1] += [f.name[-7:-4]] if number(f.bytes) else []
            elif f.name in PLAIN:
                name, convert = PLAIN[f.name]
                unit.setdefault(name, convert(f.bytes))
        unit["context_count"] = len(contexts)
        unit["role"] = [uid + " " + "+".join(kinds) for uid, *kinds in roles][:COMMON_LIMIT]
        unit["role_count"] = len(roles) or ""
        if kind == 1:
            self.association.abstract = {c["id"]: c.get("abstract") for c in contexts}
            unit["user_identity_response"] = ""
            chosen = contexts
        else:
            unit["context_result"] = [c.get("result") for c in contexts]
            chosen = [c for c in contexts if c.get("result") == 0]
            unit["accepted_count"] = len(chosen)
            unit["rejected_count"] = len(contexts) - len(chosen)
            for c in chosen:
                c["abstract"] = self.association.abstract.get(c["id"])
        unit["abstract_syntax"] = distinct(c["abstract"] for c in chosen
                                           if c.get("abstract"))[:COMMON_LIMIT]
        unit["transfer_syntax"] = distinct(t for c in chosen for t in c["transfer"] if t)
        if kind == 1 and any(f.name.endswith("response_requested") for f in fields):
            unit["user_identity_response"] = any(
                f.name.endswith("response_requested") and number(f.bytes) for f in fields)
        elif kind == 2 and any(f.name == "dicom.assoc.item.type" and f.bytes == b"\x59"
                               for f in fields):
            unit["user_identity_response"] = True  # the item has no further meaning
        return unit

    def data(self, fields):
        pdv = None
        for f in fields:
            if f.name == "dicom.pdv.len":
                if pdv:
                    yield from self.fragment(pdv)
                pdv = {"len": number(f.bytes) - 2, "tags": {}, "steps": {},
                       "depth": None, "tag": None, "top": None}
            elif pdv is None:
                continue
            elif f.name == "dicom.pdv.ctx":
                pdv["context"] = number(f.bytes)
            elif f.name == "dicom.pdv.flags":
                pdv["flags"] = number(f.bytes)
            elif f.name == "dicom.tag":
                pdv["depth"] = f.depth if pdv["depth"] is None else pdv["depth"]
                pdv["tag"] = tag_of(f)
                if f.depth == pdv["depth"]:
                    pdv["top"] = pdv["tag"]
            elif f.name.startswith("dicom.tag.value."):
                if pdv["tag"] == pdv["top"]:
                    pdv["tags"].setdefault(pdv["tag"], f.bytes)
                elif pdv["top"] == SCHEDULED_STEPS:
                    pdv["steps"].setdefault(pdv["tag"], f.bytes)
        if pdv:
            yield from self.fragment(pdv)

    def fragment(self, pdv):
        flags = pdv.get("flags", 0)
        if flags & 1 and self.open is None:
            self.open = {"pdvs": 0, "bytes": 0, "command": {}, "data": {},
                         "steps": {}}
        if self.open is None:
            return
        message = self.open
        message["pdvs"] += 1
        message["context"] = pdv.get("context")
        message["command" if flags & 1 else "data"].update(pdv["tags"])
        message["steps"].update(pdv["steps"])
        if not flags & 1:
            message["bytes"] += pdv["len"]
        has_data = number(message["command"].get(0x0800, b"\1\1"), "little") != 0x0101
        if flags & 2 and (not flags & 1 or not has_data):
            self.open = None
            yield self.message(message, has_data)

    def message(self, message, has_data):
        command, data = message["command"], message["data"]
        code = number(command.get(0x0100, b""), "little") or 0
        unit = {"pdu": "P-DATA-TF", "context_id": message["context"],
                "pdv_count": message["pdvs"], "dataset": has_data,
                "dataset_bytes": message["bytes"] if has_data else ""}
        unit["command"] = COMMANDS.get(code & 0x7fff, f"{code:04X}") + \
            ("-RSP" if code & 0x8000 else "" if code == 0x0fff else "-RQ")
        if code == 0x0fff:
            unit["command"] = "C-CANCEL-RQ"
        for name, element in COMMAND_NUMBERS.items():
            unit[name] = number(command.get(element, b""), "little")
        for name, element in COMMAND_TEXTS.items():
            unit[name] = text(command.get(element, b""))
        unit["sop_class"] = next((text(command[e]) for e in SOP_CLASSES if e in command), "") \
            or self.association.abstract.get(message["context"]) or ""
        unit["sop_instance"] = self.pseudonym(
            next((text(command[e]) for e in SOP_INSTANCES if command.get(e)), ""))
        for name, tag in DATA_TEXTS.items():
            unit[name] = text(data.get(tag, b""))
        # A worklist has these in the steps that are planned (PS3.4 K.6.1).
        unit["modality"] = unit["modality"] or text(message["steps"].get(0x00080060, b""))
        stations = text(message["steps"].get(0x00400001, b""))
        unit["scheduled_ae"] = stations.split("\\")[0]  # the field has one value
        software = text(data.get(0x00181020, b""))
        unit["software"] = [s.strip(" ") for s in software.split("\\")] if software else ""
        for name, tag in DATA_PSEUDONYMS.items():
            unit[name] = self.pseudonym(text(data.get(tag, b"")))
        for name, tag in DATA_PRESENT.items():
            unit[name] = bool(text(data.get(tag, b""))) or ""
        return unit


TAG = re.compile(r"Tag: ([0-9a-fA-F]{4}),([0-9a-fA-F]{4})")


def tag_of(field):
    match = TAG.match(field.show)
    return int(match.group(1) + match.group(2), 16) if match else None


PLAIN = {
    "dicom.assoc.version": ("protocol_version", number),
    "dicom.assoc.ae.called": ("called_ae", text),
    "dicom.assoc.ae.calling": ("calling_ae", text),
    "dicom.actx": ("app_context", text),
    "dicom.max_pdu_len": ("max_pdu", number),
    "dicom.userinfo.uid": ("impl_class_uid", text),
    "dicom.userinfo.version": ("impl_version", text),
    "dicom.userinfo.asyncneg.maxnumopsinv": ("async_invoked", number),
    "dicom.userinfo.asyncneg.maxnumopsper": ("async_performed", number),
    "dicom.userinfo.user_identify.type": ("user_identity_type", number),
}
