"""Records with hostile texts through every encoder, read back by parsers that know nothing
of it: each gives exactly one record, and every value exactly. Called by encode.sh.

Usage: encode.py DRIVER NUMBER SEED. The CEF parser below follows the specification and
takes nothing else; pycef and cefevent (PyPI) judge as well where they are installed."""
import ipaddress
import json
import random
import re
import struct
import subprocess
import sys

DRIVER, NUMBER, SEED = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
TEXTS = ("sensor", "interface", "app", "signature", "category", "sentence", "src_device", "src_name",
         "src_class", "src_vendor", "src_model", "dst_device", "dst_name", "dst_class",
         "dst_vendor", "dst_model")
KINDS = ("rule", "sensor_gap", "journal_evicted", "journal_damage", "sensor_health", "device",
         "journal_missing")
FORMATS = ("cef", "leef", "eve", "ecs", "hec")
STR, U64 = 4, 1
HOSTILE = [
    b"a\nb", b"\n", b"a\rb", b"\r\n", b"|", b"a|b||", b"=", b"a=b c=d", b"src=1.2.3.4 dst=5.6.7.8",
    b"\\", b"\\\\", b"a\\", b"\\=", b"\\|", b"\\n", b"\\x41", b"\\x5c", b"\\\\x41", b"\\\xff",
    b"\x1b[31mred\x1b[0m", b"\x1b]0;title\x07", b"\xc2\x9b31m", b"\xc2\x85", b"\x7f",
    b"\xe2\x80\xae evil \xe2\x80\xac", b"\xe2\x81\xa6x\xe2\x81\xa9", b"\xe2\x80\x8b", b"\xef\xbb\xbf",
    b"a\0b", b"\0", b"\xff", b"\xc3", b"\xc3(", b"\xe2\x82", b"\xf0\x9f\x98", b"\xed\xa0\x80",
    b"\xc0\xaf", b"\xf5\x80\x80\x80", b"\xf0\x9f\x98\x80", "Über Größe ñ".encode(), b" ", b"  ",
    b" a", b"a ", b"a  b", b"\t", b"a\tb=c", b"^", b"a^b=c", b'"', b'{"a":1}', b"</script>",
    b"${jndi:ldap://x}", b"%s%n", b"a, b", b",", b"CEF:0|a|b|c|d|e|9|x=y", b"LEEF:2.0|a|b|c|d|^|",
    b"MSH|^~\\&|PUMP|ICU|GW|HOSP|20260101||ORU^R01|1|P|2.6\rPID|1||\\F\\\\S\\\\T\\\r",
    b"\xc2\xa0x\xc2\xa0", b"\xe2\x80\xa8", b"x" * 15, b"x" * 16, b"x" * 31, b"x" * 32, b"x" * 63,
    b"x" * 64, b"x" * 99 + "é".encode(), b"x" * 100, b"x" * 255, b"x" * 254 + "é".encode(),
    b"x" * 512, b"\x01" * 512, b"=" * 512, b"\\" * 512, b"|" * 512, "é".encode() * 256,
    b"\xff" * 300, b" " * 512, b"\n" * 512, b"a" * 252 + b"\\" + b"b" * 10, b"a" * 254 + b" b",
]
ATOMS = [b"\n", b"\r", b"|", b"=", b"\\", b"x", b"\x1b", b"\xc2\x9b", b"\xe2\x80\xae", b"\0", b"\xff",
         b" ", b"\t", b"^", b"a", b"Z", b"9", b'"', b",", "é".encode(), b"\xf0\x9f\x98\x80", b"\xe2",
         b"\x80", b"\xc3", b"\\x", b"\\n", b"k=", b"key", b"\x85"]
n_failed = n_values = 0
first_failures = []


def fail(what):
    global n_failed
    n_failed += 1
    if len(first_failures) < 8:
        first_failures.append(what[:400])


def check(condition, what):
    if not condition:
        fail(what)


# what goes in


def random_text(rng):
    k = rng.random()
    if k < 0.25:
        return rng.choice(HOSTILE)
    if k < 0.4:
        return bytes(rng.randrange(256) for _ in range(rng.randrange(1, 60)))
    if k < 0.9:
        return b"".join(rng.choice(ATOMS) for _ in range(rng.randrange(1, 40)))
    return b"".join(rng.choice(ATOMS) for _ in range(rng.choice((250, 400, 512))))[:512]


def make_alert(rng, number):
    """A record as the journal has it, and the values in it."""
    a = {"kind": rng.choice((0, 0, 0, 1, 2, 3, 4, 5)), "severity": rng.randrange(1, 11),
         "confidence": rng.randrange(101), "closed": rng.random() < 0.5,
         "id": rng.randbytes(16), "seq": rng.choice((0, 1, 3, 9999999, 10000000, 2**32 - 1)),
         "first": rng.randrange(1 << 63), "last": rng.randrange(1 << 63),
         "made": rng.randrange(1 << 63), "n": rng.randrange(1 << 40), "number": rng.randrange(3),
         "flow_id": rng.randrange(1 << 53), "gid": rng.choice((1, 10)),
         "sid": rng.randrange(1 << 32), "rev": rng.randrange(9),
         "version": rng.choice((0, 4, 4, 6)), "proto": rng.choice((1, 6, 6, 17, 58, 132, 99)),
         "sender": rng.randrange(2), "vlans": [rng.randrange(4096) for _ in range(rng.randrange(4))],
         "mac": rng.randbytes(12) if rng.random() < 0.7 else b""}
    a["ends"] = []
    for _ in range(2):
        addr = rng.randbytes(4) if a["version"] == 4 else rng.randbytes(16)
        a["ends"].append((addr.ljust(16, b"\0"), rng.randrange(65536)))
    a["texts"] = [random_text(rng) if rng.random() < 0.8 else b"" for _ in TEXTS]
    if number < len(HOSTILE) * len(TEXTS):  # each of them in each text
        a["texts"][number % len(TEXTS)] = HOSTILE[number // len(TEXTS)]
    a["fields"] = []
    names = [b"alert.buffer", b"alert.indicator", b"alert.reference", b"alert.metadata", b"x.odd_name",
             b"packets.read", b"mac"]
    for _ in range(rng.randrange(6)):
        name = rng.choice(names)
        if name == b"packets.read":
            a["fields"].append((name, U64, rng.randrange(1 << 63)))
        elif name == b"alert.metadata" and rng.random() < 0.5:
            a["fields"].append((name, STR, rng.choice((b"attack_id T1210", b"attack_id T0846",
                                                       b"mitre_technique_id T1190", b"alone"))))
        else:
            value = random_text(rng)
            if number % 7 == 3:
                value = HOSTILE[number // 7 % len(HOSTILE)]
            a["fields"].append((name, STR, value))
    return a


def encode_alert(a):
    out = struct.pack("<BBBBB", 1, a["kind"], a["severity"], a["confidence"], a["closed"])
    out += a["id"] + struct.pack("<IQQQQQQIII", a["seq"], a["first"], a["last"], a["made"], a["n"],
                                 a["number"], a["flow_id"], a["gid"], a["sid"], a["rev"])
    for addr, port in a["ends"]:
        out += addr + struct.pack("<H", port)
    out += struct.pack("<BBHBB", a["proto"], a["version"], 0, a["sender"], len(a["vlans"]))
    out += b"".join(struct.pack("<H", v) for v in a["vlans"])
    out += struct.pack("<B", bool(a["mac"])) + a["mac"]
    for text in a["texts"]:
        out += struct.pack("<H", len(text)) + text
    for name, kind, value in a["fields"]:
        raw = value if kind == STR else struct.pack("<Q", value)
        out += struct.pack("<B", len(name)) + name + struct.pack("<BBH", kind, 0, len(raw)) + raw
    return out


# what comes out


def parse_cef(text):
    """Header fields and extension of one CEF:0 event, by the letter of the specification."""
    assert text.startswith("CEF:0|"), "no CEF"
    header, at, field = [], 6, ""
    while len(header) < 6:
        c = text[at]
        assert ord(c) >= 32 and ord(c) != 127, "control character in the header"
        if c == "\\":
            assert text[at + 1] in "\\|", "escape in the header"
            field += text[at + 1]
            at += 2
        elif c == "|":
            header.append(field)
            field, at = "", at + 1
        else:
            field, at = field + c, at + 1
    pairs, key_at = {}, at
    signs = [m.start() for m in re.finditer(r"=", text[at:])]
    ends = []
    for s in signs:
        back = 0
        while text[at + s - 1 - back] == "\\":
            back += 1
        if back % 2 == 0:
            ends.append(at + s)
    for i, end in enumerate(ends):
        key = text[key_at:end]
        assert re.fullmatch(r"[A-Za-z0-9]+", key), f"key {key!r}"
        if i + 1 < len(ends):
            cut = text.rindex(" ", end, ends[i + 1])
            value, key_at = text[end + 1:cut], cut + 1
        else:
            value = text[end + 1:]
        assert not value.startswith(" ") and not value.endswith(" "), f"blank around {value!r}"
        assert re.fullmatch(r"(?:[^\\=\x00-\x1f\x7f]|\\[\\=nr])*", value), f"value {value!r}"
        assert key not in pairs, f"key {key} twice"
        pairs[key] = re.sub(r"\\(.)", lambda m: {"n": "\n", "r": "\r"}.get(m[1], m[1]), value)
    assert ends, "no extension"
    return header, pairs


def parse_leef(text):
    head = text.split("|", 6)
    assert head[0] == "LEEF:2.0" and len(head) == 7, "header"
    delimiter = {"x09": "\t", "^": "^"}[head[5]]
    pairs = {}
    for part in head[6].split(delimiter):
        key, value = part.split("=", 1)
        assert re.fullmatch(r"[A-Za-z0-9]+", key), f"key {key!r}"
        assert key not in pairs, f"key {key} twice"
        assert all(ord(c) >= 32 for c in value)
        pairs[key] = value
    return head[4], pairs


def exact(text):
    """The bytes behind the visible text."""
    out = bytearray()
    at = 0
    for m in re.finditer(r"\\x([0-9a-f]{2})", text):
        out += text[at:m.start()].encode() + bytes((int(m[1], 16),))
        at = m.end()
    return bytes(out + text[at:].encode())


def no_doubles(pairs):
    keys = [k for k, _ in pairs]
    assert len(keys) == len(set(keys)), f"key twice: {keys}"
    return dict(pairs)


def parse_json(text):
    return json.loads(text, object_pairs_hook=no_doubles,
                      parse_constant=lambda c: fail(f"constant {c}"))


def same(where, found, wanted, cap=0):
    """`wanted` are the bytes that went in; beyond the cap a beginning is enough."""
    global n_values
    n_values += 1
    if not wanted:
        return
    if found is None:
        fail(f"{where} is missing, wanted {wanted!r}")
        return
    got = exact(found)
    if got == wanted:
        return
    if cap and wanted.startswith(got) and cap - 16 <= len(found.encode()) <= cap:
        return
    fail(f"{where}: found {got!r} in {found!r}, wanted {wanted!r}")


def fields_of(a, without):
    out = {}
    for name, kind, value in a["fields"]:
        if name not in without:
            out.setdefault(name, []).append((kind, value))
    return out


MANY = {b"alert.reference", b"alert.metadata"}


def check_pair_fields(where, a, pairs):
    for name, values in fields_of(a, ()).items():
        key = "wardtap" + "".join(p[:1].upper() + p[1:] for p in re.split(r"[._]", name.decode()))
        found = pairs.get(key)
        if found is None:
            fail(f"{where}: {key} is missing")
            continue
        parts = found.split(", ") if len(values) > 1 or name in MANY else [found]
        check(len(parts) == len(values), f"{where}: {key} {found!r} has not {len(values)} members")
        for part, (kind, value) in zip(parts, values):
            if kind == U64:
                check(part == str(value), f"{where}: {key}={part}, wanted {value}")
            else:
                same(f"{where}: {key}", part, value, 1023)


def check_json_fields(where, a, found, without, is_flat=False):
    for name, values in fields_of(a, without).items():
        key = name.decode()
        if is_flat and "." not in key:
            key = "fields." + key
        value = found.get(key)
        check(value is not None, f"{where}: {key} is missing")
        if isinstance(value, list):
            check(len(value) == len(values), f"{where}: {key} has not {len(values)} members")
        else:
            check(len(values) == 1 and name not in MANY, f"{where}: {key} is no list")
            value = [value]
        for one, (kind, wanted) in zip(value, values):
            if kind == U64:
                check(one == wanted, f"{where}: {key}")
            else:
                same(f"{where}: {key}", one, wanted)


def ip(a, end):
    if not a["version"]:
        return None
    raw = a["ends"][a["sender"] ^ end][0]
    return str(ipaddress.ip_address(raw[:4] if a["version"] == 4 else raw))


def mac(a, end, sign, upper):
    raw = a["mac"][0:6] if end else a["mac"][6:12]
    text = sign.join(f"{b:02x}" for b in raw)
    return (text.upper() if upper else text) if a["mac"] else None


def same_ip(where, found, wanted):
    check((found is None) == (wanted is None) and
          (found is None or ipaddress.ip_address(found) == ipaddress.ip_address(wanted)),
          f"{where}: {found}, wanted {wanted}")


def text(a, name):
    return a["texts"][TEXTS.index(name)]


def signature(a):
    return text(a, "signature") or {4: b"Sensor is alive", 5: b"Device was found or changed"}.get(
        a["kind"], b"Rule without a message")


def class_id(a):
    return f"{a['gid']}:{a['sid']}" if a["kind"] == 0 else KINDS[a["kind"]]


def record_id(a):
    return f"{a['id'].hex()}-{a['seq']}"


def severity(a):
    return a["severity"] if a["kind"] < 4 else 0


def check_cef(a, line, ipv6):
    header, pairs = parse_cef(line)
    check(header[:2] == ["wardtap", "wardtap"] and header[5] == str(severity(a)), f"header {header}")
    check(header[3] == class_id(a), f"class {header[3]}")
    same("cef name", header[4], signature(a), 512)
    wanted = record_id(a) if a["seq"] <= 9999999 else a["id"].hex() + f"{a['seq']:08X}"
    check(pairs["externalId"] == wanted and len(wanted) <= 40, f"externalId {pairs['externalId']}")
    for key, name in (("rt", "made"), ("start", "first"), ("end", "last")):
        check(pairs[key] == str(a[name] // 1000000), f"cef {key}")
    for end, key, key6 in ((0, "src", "c6a2"), (1, "dst", "c6a3")):
        is6 = a["version"] == 6
        same_ip(f"cef {key}", pairs.get(key), ip(a, end) if not is6 or ipv6 != 0 else None)
        same_ip(f"cef {key6}", pairs.get(key6), ip(a, end) if is6 and ipv6 != 1 else None)
    check(pairs.get("smac") == mac(a, 0, ":", True) and pairs.get("dmac") == mac(a, 1, ":", True),
          "cef mac")
    for key, name, cap in (("app", "app", 31), ("shost", "src_name", 1023), ("dhost", "dst_name", 1023),
                           ("deviceExternalId", "sensor", 255),
                           ("deviceInboundInterface", "interface", 15)):
        same(f"cef {key}", pairs.get(key), text(a, name), cap)
    same("cef msg", pairs.get("msg"), text(a, "sentence") or signature(a), 1023)
    if a["kind"] < 4:
        same("cef cat", pairs.get("cat"), text(a, "category"), 1023)
    for side in ("src", "dst"):
        for part in ("device", "class", "vendor", "model"):
            key = f"wardtap{side.capitalize()}{part.capitalize()}"
            same(f"cef {key}", pairs.get(key), text(a, f"{side}_{part}"), 1023)
    labels = {"c6a2": "Source IPv6 Address", "c6a3": "Destination IPv6 Address", "cs1": "Rule Group",
              "cs2": "Device Role", "cs3": "Device Maker and Model", "cs4": "Medical Context",
              "cs5": "Community ID", "cs6": "MITRE Technique", "cn1": "VLAN", "cn2": "Confidence",
              "cn3": "SID"}
    for key, label in labels.items():
        check(pairs.get(key + "Label") == (label if key in pairs else None), f"cef label of {key}")
    check(pairs["dvchost"] == "sensor.example", "dvchost")
    check_pair_fields("cef", a, pairs)
    return header, pairs


def check_leef(a, line):
    event, pairs = parse_leef(line)
    check(event == class_id(a), f"leef id {event}")
    check(pairs["devTime"] == str(a["made"] // 1000000), "leef devTime")
    check(pairs["sev"] == str(max(1, severity(a))), "leef sev")
    same_ip("leef src", pairs.get("src"), ip(a, 0))
    same_ip("leef dst", pairs.get("dst"), ip(a, 1))
    same("leef signature", pairs["signature"], signature(a), 1023)
    same("leef msg", pairs.get("msg"), text(a, "sentence") or signature(a), 1023)
    same("leef sensor", pairs.get("sensor"), text(a, "sensor"), 255)
    same("leef app", pairs.get("app"), text(a, "app"), 255)
    same("leef srcHostName", pairs.get("srcHostName"), text(a, "src_name"), 1023)
    for side in ("src", "dst"):
        for part in ("device", "class", "vendor", "model"):
            same(f"leef {side} {part}", pairs.get(side + part.capitalize()), text(a, f"{side}_{part}"),
                 1023)
    check_pair_fields("leef", a, pairs)


def check_device(where, a, found, side):
    for part in ("device", "name", "class", "vendor", "model"):
        key = "id" if part == "device" else part
        same(f"{where} {side} {part}", found.get(key), text(a, f"{side}_{part}"))


def check_eve(a, line):
    e = parse_json(line)
    kind = {4: "health", 5: "device"}.get(a["kind"], "alert")
    check(e["event_type"] == kind and e["journal_seq"] == 77, "eve type")
    check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+0000", e["timestamp"]), "eve time")
    same_ip("eve src_ip", e.get("src_ip"), ip(a, 0))
    same_ip("eve dest_ip", e.get("dest_ip"), ip(a, 1))
    check(e.get("vlan", []) == a["vlans"], "eve vlan")
    body = e[kind]
    check(body["kind"] == KINDS[a["kind"]] and body["alert_id"] == a["id"].hex(), "eve id")
    same("eve sensor", body.get("sensor"), text(a, "sensor"))
    same("eve sentence", body.get("sentence"), text(a, "sentence"))
    same("eve app_proto", e.get("app_proto"), text(a, "app"))
    same("eve in_iface", e.get("in_iface"), text(a, "interface"))
    without = {b"alert.metadata", b"alert.reference"} if kind == "alert" else set()
    if kind == "alert":
        check(body.get("action") == ("allowed" if a["kind"] == 0 else None), "eve action")
        check(body["severity"] == (4, 4, 3, 3, 2, 2, 2, 1, 1, 1)[a["severity"] - 1], "eve severity")
        check((body["gid"], body["signature_id"], body["rev"]) == (a["gid"], a["sid"], a["rev"]),
              "eve rule")
        same("eve signature", body["signature"], signature(a))
        same("eve category", body.get("category"), text(a, "category"))
        check_device("eve", a, body.get("src_device", {}), "src")
        check_device("eve", a, body.get("dest_device", {}), "dst")
        if a["kind"] == 0:
            references = [v for n, k, v in a["fields"] if n == b"alert.reference"]
            check(len(body.get("references", [])) == len(references), "eve references")
            for one, wanted in zip(body.get("references", []), references):
                same("eve references", one, wanted)
            metas = {}
            for n, _, v in a["fields"]:
                if n == b"alert.metadata":
                    key, _, value = v.partition(b" ")
                    metas.setdefault(key, []).append(value)
            found = {exact(k): [exact(v) for v in vs] for k, vs in body.get("metadata", {}).items()}
            check(found == metas, f"eve metadata {found}, wanted {metas}")
        check(list(body)[:1] == (["action"] if a["kind"] == 0 else ["kind"]), "eve order")
    elif kind == "device":
        check_device("eve", a, body, "src")
    check_json_fields("eve", a, body.get("fields", {}), without | {b"alert.metadata", b"alert.reference"})


# Fields of ECS 8.11 that are used, and their types
KEYWORD, LONG, IP, DATE, FLOAT, WORDS = "keyword", "long", "ip", "date", "float", "match_only_text"
ECS = {
    "@timestamp": DATE, "message": WORDS, "ecs.version": KEYWORD, "event.kind": KEYWORD,
    "event.category": [KEYWORD], "event.type": [KEYWORD], "event.action": KEYWORD,
    "event.id": KEYWORD, "event.code": KEYWORD, "event.module": KEYWORD, "event.dataset": KEYWORD,
    "event.start": DATE, "event.end": DATE, "event.severity": LONG, "event.risk_score": FLOAT,
    "event.sequence": LONG, "rule.id": KEYWORD, "rule.name": KEYWORD, "rule.category": KEYWORD,
    "rule.ruleset": KEYWORD, "rule.version": KEYWORD, "rule.reference": [KEYWORD],
    "threat.framework": KEYWORD, "threat.technique.id": [KEYWORD], "network.type": KEYWORD,
    "network.iana_number": KEYWORD, "network.transport": KEYWORD, "network.protocol": KEYWORD,
    "network.community_id": KEYWORD, "network.vlan.id": KEYWORD, "network.inner.vlan.id": KEYWORD,
    "observer.type": KEYWORD, "observer.vendor": KEYWORD, "observer.product": KEYWORD,
    "observer.version": KEYWORD, "observer.hostname": KEYWORD, "observer.name": KEYWORD,
    "observer.ingress.interface.name": KEYWORD, "related.ip": [IP], "related.hosts": [KEYWORD],
    "host.id": KEYWORD, "host.name": KEYWORD, "host.ip": IP, "host.mac": KEYWORD,
    "host.type": KEYWORD,
}
for _side in ("source", "destination"):
    ECS.update({f"{_side}.address": KEYWORD, f"{_side}.ip": IP, f"{_side}.port": LONG,
                f"{_side}.mac": KEYWORD, f"{_side}.domain": KEYWORD})


def flatten(value, path=""):
    for key, one in value.items():
        if isinstance(one, dict):
            yield from flatten(one, f"{path}{key}.")
        else:
            yield path + key, one


def is_of(kind, value):
    if isinstance(kind, list):
        return isinstance(value, list) and all(is_of(kind[0], v) for v in value)
    if kind in (KEYWORD, WORDS):
        return isinstance(value, str)
    if kind == DATE:
        return bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", value))
    if kind == IP:
        return bool(ipaddress.ip_address(value))
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63


def check_ecs(a, line):
    e = parse_json(line)
    flat = dict(flatten(e))
    for key, value in flat.items():
        if key.startswith("wardtap."):
            continue
        check(key in ECS, f"{key} is not of ECS")
        check(is_of(ECS.get(key), value), f"ecs {key}: {value!r} is no {ECS.get(key)}")
    check(e["event"]["kind"] == {4: "metric", 5: "asset"}.get(a["kind"], "alert"), "ecs kind")
    check(e["event"]["id"] == record_id(a), "ecs id")
    check(e["event"]["severity"] == severity(a), "ecs severity")
    same_ip("ecs source.ip", flat.get("source.ip"), ip(a, 0))
    same_ip("ecs destination.ip", flat.get("destination.ip"), ip(a, 1))
    check(flat.get("source.mac") == mac(a, 0, "-", True), "ecs mac")
    check(flat.get("destination.mac") == mac(a, 1, "-", True), "ecs mac")
    check(set(flat.get("related.ip", [])) == ({flat["source.ip"], flat["destination.ip"]}
                                              if a["version"] else set()), "ecs related.ip")
    same("ecs message", flat["message"], text(a, "sentence") or signature(a))
    if a["kind"] < 4:
        same("ecs rule.name", flat["rule.name"], signature(a))
        same("ecs rule.category", flat.get("rule.category"), text(a, "category"))
    same("ecs observer.name", flat.get("observer.name"), text(a, "sensor"))
    same("ecs source.domain", flat.get("source.domain"), text(a, "src_name"))
    same("ecs interface", flat.get("observer.ingress.interface.name"), text(a, "interface"))
    techniques = [v.split(b" ")[1] for n, _, v in a["fields"]
                  if n == b"alert.metadata" and v.startswith((b"attack_id ", b"mitre_technique_id "))]
    if a["kind"] == 0:
        check([exact(t) for t in flat.get("threat.technique.id", [])] == techniques, "ecs technique")
    for side, name in (("source", "src"), ("destination", "dst")):
        for part in ("device", "class", "vendor", "model"):
            key = f"wardtap.{side}." + ("id" if part == "device" else part)
            same(f"ecs {key}", flat.get(key), text(a, f"{name}_{part}"))
    check_json_fields("ecs", a, e["wardtap"].get("fields", {}), {b"alert.reference"})


def check_hec(a, line):
    e = parse_json(line)
    check(set(e) == {"time", "host", "source", "sourcetype", "event", "fields"}, f"hec {set(e)}")
    check(re.search(r'"time":\d+\.\d{6},', line) and
          abs(e["time"] - a["made"] / 1e9) < 1e-3, "hec time")
    kind = {4: "health", 5: "device"}.get(a["kind"], "alert")
    check(e["sourcetype"] == f"wardtap:{kind}" and e["host"] == "sensor.example", "hec metadata")
    check(e["fields"] == {"alert_id": a["id"].hex(), "record_id": record_id(a)}, "hec fields")
    event = e["event"]
    check(not any(isinstance(v, dict) for v in event.values()), "hec event is not flat")
    word = "informational" if a["kind"] >= 4 else (
        "low", "low", "low", "medium", "medium", "medium", "high", "high", "critical",
        "critical")[a["severity"] - 1]
    check(event["severity"] == word and event["severity_id"] == severity(a), "hec severity")
    check(event["signature_id"] == class_id(a) and event["vendor_product"] == "wardtap", "hec words")
    same_ip("hec src_ip", event.get("src_ip"), ip(a, 0))
    check(event.get("src") == (ip_text(event, "src_ip") or mac(a, 0, ":", False)), "hec src")
    check(event.get("dest") == (ip_text(event, "dest_ip") or mac(a, 1, ":", False)), "hec dest")
    same("hec signature", event["signature"], signature(a))
    same("hec message", event["message"], text(a, "sentence") or signature(a))
    if a["kind"] < 4:
        same("hec category", event.get("category"), text(a, "category"))
    same("hec app", event.get("app"), text(a, "app"))
    for side, name in (("src", "src"), ("dest", "dst")):
        for part in ("device", "name", "class", "vendor", "model"):
            same(f"hec {side} {part}", event.get(f"{side}_{part}"), text(a, f"{name}_{part}"))
    check_json_fields("hec", a, event, set(), is_flat=True)


def ip_text(event, key):
    return event.get(key)


class Others:
    """Parsers of other people. Their own bounds: pycef cannot read headers with '=' or a
    backslash, keeps escapes, and strips what it takes for blanks."""

    def __init__(self):
        self.n = {"pycef": 0, "cefevent": 0}
        try:
            import pycef
            self.pycef = pycef
        except ImportError:
            self.pycef = None
        try:
            import cefevent
            self.cefevent = cefevent
        except ImportError:
            self.cefevent = None

    def check(self, line, header, pairs):
        if self.pycef and not re.search(r"[=\\]", line.split("|")[5]) and "|" not in header[4] \
                and all(pairs.values()):
            self.n["pycef"] += 1
            got = self.pycef.parse(line)
            check(got is not None and got["Name"] == header[4] and got["Severity"] == header[5] and
                  got["DeviceEventClassID"] == header[3], "pycef: header")
            labels = {k[:-5]: v for k, v in pairs.items() if k.endswith("Label")}
            for key, value in pairs.items():
                if key.endswith("Label"):
                    continue
                found = got.get(labels.get(key, key))
                raw = re.sub(r"\\(.)", lambda m: {"n": "\n", "r": "\r"}.get(m[1], m[1]), found or "")
                check(raw == value, f"pycef: {key}: {raw!r}, wanted {value!r}")
        if self.cefevent:
            self.n["cefevent"] += 1
            event = self.cefevent.CEFEvent(strict=True)
            event.set_prefix("severity", header[5])
            for key, value in pairs.items():
                if key.startswith("wardtap") or key == "type":
                    continue  # our own; of the specification, but not of its dictionary
                if key in ("src", "dst") and ":" in value:
                    continue  # IPv6, as cef_ipv6 asks for
                row = event._extension_dictionary.get(key)
                check(row is not None, f"cefevent: {key} is not of the dictionary")
                if row is None:
                    continue
                if "TimeStamp" in row["data_type"]:
                    continue
                number = "Integer" in row["data_type"] or "Long" in row["data_type"]
                if number:
                    value = int(value)
                if key in ("cnt", "cn3") and value > 2**31 - 1:
                    continue  # sids and counts may be larger than its Integer
                if not value if number else not value.strip():  # it takes nothing for wrong
                    continue
                try:
                    event.set_field(key, value)
                except ValueError as error:
                    fail(f"cefevent: {key}={value!r}: {error}"[:300])


def main():
    rng = random.Random(SEED)
    alerts, options, frames = [], [], []
    for number in range(NUMBER):
        a = make_alert(rng, number)
        ipv6, delimiter = rng.randrange(3), rng.choice((0, ord("\t"), ord("^")))
        raw = encode_alert(a)
        # every fourth is bounded: what is left must be whole
        len_max = rng.randrange(900, 9000) if number % 4 == 1 else 0
        alerts.append(a)
        options.append((ipv6, delimiter, len_max))
        frames.append(struct.pack("<BBII", ipv6, delimiter, len_max, len(raw)) + raw)
    out = subprocess.run([DRIVER], input=b"".join(frames), capture_output=True, check=False)
    if out.returncode != 0:
        print(out.stderr.decode(errors="replace"))
        print("0 passed, 1 failed")
        return 1
    others, at, n_lines, n_bounded = Others(), 0, 0, 0
    for number, (a, (ipv6, delimiter, len_max)) in enumerate(zip(alerts, options)):
        for name in FORMATS:
            fits, size = struct.unpack_from("<BI", out.stdout, at)
            raw = out.stdout[at + 5:at + 5 + size]
            at += 5 + size
            n_lines += 1
            where = f"record {number}, {name}"
            try:
                line = raw.decode()
                allowed = "\t" if name == "leef" and delimiter != ord("^") else ""
                check(all(c in allowed or ord(c) >= 32 for c in line), f"{where}: control character")
                check(not re.search("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]", line),
                      f"{where}: unsafe character")
                if len_max:
                    n_bounded += 1
                    check(fits and 0 < size <= len_max, f"{where}: {size} of {len_max} bytes")
                    if name == "cef":
                        pairs = parse_cef(line)[1]
                        check(set(pairs) >= {"rt", "externalId", "dvchost"}, f"{where}: bare")
                    elif name == "leef":
                        check(set(parse_leef(line)[1]) >= {"devTime", "sev", "alertId"}, where)
                    else:
                        parse_json(line)
                    continue
                check(fits and size, f"{where}: does not fit")
                if name == "cef":
                    others.check(line, *check_cef(a, line, ipv6))
                else:
                    {"leef": check_leef, "eve": check_eve, "ecs": check_ecs,
                     "hec": check_hec}[name](a, line)
            except (AssertionError, ValueError, KeyError, IndexError, UnicodeError) as error:
                fail(f"{where}: {type(error).__name__} {error}: {raw[:300]!r}")
    check(at == len(out.stdout), "bytes left over")
    for one in first_failures:
        print(f"FAILED: {one}")
    for name, n in others.n.items():
        print(f"{name}: {n} records" if n else f"{name} is not installed: judged by one parser less")
    print(f"{len(alerts)} records in 5 formats, {n_values} values compared, {n_bounded} bounded")
    bad = min(n_failed, n_lines)
    print(f"{n_lines - bad} passed, {bad} failed")
    return bad


sys.exit(1 if main() else 0)
