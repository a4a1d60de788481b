#!/usr/bin/env python3
"""Scores the inventory of each capture against what is known of it.

Usage: inventory_truth.py WARDTAP PCAPS [--verbose] [--only SUBSTRING]

PCAPS holds FACTS.jsonl (tshark's facts per capture) and TRUTH.md (HL7 applications and
equipment). Each capture is replayed alone; each fact must stand in an attribute of some
device. Facts of a protocol without a dissector are pending.

Merges and splits are judged by the packets themselves, read by a small parser of its
own: two addresses of one device need a proof (ARP, ND, a DHCP acknowledgement, packets
that routers do not pass on) or several addresses of one network; no two devices may
share an address or a hardware address; what ARP joins must be one device.

Recordings of real programs in pcaps/ are held to tests/inventory_cases.tsv.

Misses that were looked into stand in tests/inventory_waivers.tsv with the reason; a
waiver that no longer matches anything is an error too."""
import collections
import ipaddress
import json
import os
import re
import struct
import subprocess
import sys
import tempfile

# fact of FACTS.jsonl: protocol that brings it, attributes that may hold it
FACTS = {
    "dhcp_host": ("dhcp", ["host_name", "personal_name"]),
    "dhcp_vendor": ("dhcp", ["dhcp_class"]),
    "dhcp_params": ("dhcp", ["dhcp_params"]),
    "http_server": ("http", ["program"]),
    "http_ua": ("http", ["user_agent"]),
    "ssh_banner": ("ssh", ["program", "user_agent"]),
    "lldp_name": ("lldp", ["host_name", "personal_name"]),
    "lldp_desc": ("lldp", ["description"]),
    "cdp_id": ("cdp", ["host_name", "personal_name"]),
    "cdp_platform": ("cdp", ["model"]),
    "dcm_called": ("dicom", ["ae_title"]),
    "dcm_calling": ("dicom", ["ae_title"]),
    "ws_ver": ("dicom", ["program"]),
    "mqtt_client": ("mqtt", ["device_id"]),
}
# quasi-identifiers leave as pseudonyms: that there is one is all that can be seen
PSEUDONYM = {"personal_name", "device_id"}
OURS = [ipaddress.ip_network(n) for n in (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16",
    "127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128")]


def is_ours(text):
    addr = ipaddress.ip_address(text)
    return any(addr in n for n in OURS if n.version == addr.version)


def is_host(text):
    addr = ipaddress.ip_address(text)
    if addr.version == 4 and (text.startswith("0.") or addr >= ipaddress.ip_address("224.0.0.0")):
        return False
    return not (addr.is_multicast or addr.is_unspecified)


# ---- packets, by a parser of our own ----

def frames(path):
    """Yields (link type, bytes) of a pcap or pcapng file."""
    if path.endswith((".gz", ".zst")):
        return
    with open(path, "rb") as f:
        data = f.read()
    magic = data[:4]
    if magic in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\xa1\xb2\x3c\x4d"):
        e = "<" if magic[0] in (0xd4, 0x4d) else ">"
        link = struct.unpack(e + "I", data[20:24])[0] & 0xffff if len(data) >= 24 else 0
        at = 24
        while at + 16 <= len(data):
            cap = struct.unpack(e + "I", data[at + 8:at + 12])[0]
            if cap > 262144 or at + 16 + cap > len(data):
                return
            yield link, data[at + 16:at + 16 + cap]
            at += 16 + cap
    elif magic == b"\x0a\x0d\x0d\x0a":
        at, e, links = 0, "<", []
        while at + 12 <= len(data):
            kind = data[at:at + 4]
            if kind == b"\x0a\x0d\x0d\x0a":
                e = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
                links = []
            kind, size = struct.unpack(e + "II", data[at:at + 8])
            if size < 12 or at + size > len(data):
                return
            body = data[at + 8:at + size - 4]
            if kind == 1:
                links.append(struct.unpack(e + "H", body[:2])[0])
            elif kind == 6 and len(body) >= 20:
                nic, _, _, cap = struct.unpack(e + "IIII", body[:16])
                yield (links[nic] if nic < len(links) else 0), body[20:20 + cap]
            at += size


def mac_text(b):
    return ":".join("%02x" % x for x in b)


def source_of(link, data):
    """The address that a frame comes from, of Ethernet and the plain link types."""
    if link == 1:
        at = 12
        while data[at:at + 2] in (b"\x81\0", b"\x88\xa8", b"\x91\0"):
            at += 4
        at += 10 if data[at:at + 2] == b"\x88\x64" else 2  # PPPoE
    else:
        at = {0: 4, 108: 4, 113: 16, 276: 20, 101: 0, 12: 0, 228: 0, 229: 0}.get(link)
    if at is None or at >= len(data):
        return None
    if data[at] >> 4 == 4 and len(data) >= at + 20:
        return str(ipaddress.ip_address(data[at + 12:at + 16]))
    if data[at] >> 4 == 6 and len(data) >= at + 40:
        return str(ipaddress.ip_address(data[at + 8:at + 24]))
    return None


class Wire:
    """What the packets of a capture prove."""

    def __init__(self, path):
        self.proven = collections.defaultdict(set)   # address -> MACs that proved it
        self.seen = collections.defaultdict(set)     # address -> MACs it came from
        self.frames = list(frames(path))
        for link, data in self.frames:
            if link == 1:
                self.take(data)

    def is_external(self, text):
        """Do only peers say it, addresses of elsewhere that nothing proves to be here?"""
        sources = {source_of(link, data) for link, data in self.frames
                   if text.encode("utf-8", "replace")[:60] in data}
        return bool(sources) and all(
            s and not is_ours(s) and not self.proven.get(s) for s in sources)

    def take(self, data):
        if len(data) < 14 or data[6] & 1 or data[6:12] == bytes(6):
            return  # no station sends from a group or from nothing
        to, source, at = data[:6], mac_text(data[6:12]), 12
        kind = struct.unpack(">H", data[at:at + 2])[0]
        while kind in (0x8100, 0x88a8, 0x9100) and len(data) >= at + 6:
            at += 4
            kind = struct.unpack(">H", data[at:at + 2])[0]
        body = data[at + 2:]
        if kind == 0x0806 and len(body) >= 28 and body[4:6] == b"\x06\x04":
            if body[6:8] in (b"\0\1", b"\0\2") and mac_text(body[8:14]) == source:
                self.proven[str(ipaddress.ip_address(body[14:18]))].add(source)
        elif kind == 0x0800 and len(body) >= 20 and body[0] >> 4 == 4:
            src = str(ipaddress.ip_address(body[12:16]))
            dst = body[16:20]
            self.seen[src].add(source)
            on_link = to[0] & 1 and (dst[:3] == b"\xe0\0\0" or dst == b"\xff\xff\xff\xff")
            if src.startswith("169.254.") or on_link:
                self.proven[src].add(source)
            self.dhcp(body)
        elif kind == 0x86dd and len(body) >= 41 and body[0] >> 4 == 6:
            src = str(ipaddress.ip_address(body[8:24]))
            self.seen[src].add(source)
            if body[8] == 0xfe and body[9] & 0xc0 == 0x80 or \
                    to[0] & 1 and body[24] == 0xff and body[25] & 15 <= 2 or \
                    body[6] == 58 and body[7] == 255 and 133 <= body[40] <= 137:
                self.proven[src].add(source)
            if body[6] == 58 and len(body) >= 64 and body[40] == 136:
                self.proven[str(ipaddress.ip_address(body[48:64]))].add(source)

    def dhcp(self, ip):
        """A DHCP acknowledgement gives the address to the client."""
        udp = ip[(ip[0] & 15) * 4:]
        if ip[9] != 17 or len(udp) < 8 + 240 or udp[0:2] not in (b"\0\x43",):
            return
        bootp = udp[8:]
        options, at = bootp[240:], 0
        while at + 2 < len(options) and options[at] != 255:
            if options[at] == 0:
                at += 1
                continue
            if options[at] == 53 and options[at + 2] == 5 and bootp[16:20] != b"\0\0\0\0":
                self.proven[str(ipaddress.ip_address(bootp[16:20]))].add(mac_text(bootp[28:34]))
            at += 2 + options[at + 1]


# ---- scoring ----

class Score:
    def __init__(self):
        self.found = collections.Counter()
        self.missed = []     # (kind, capture, value)
        self.pending = collections.Counter()
        self.external = collections.Counter()

    def miss(self, kind, capture, value):
        self.missed.append((kind, capture, str(value)))


def values(device, name):
    return [v["value"] for v in device["attributes"].get(name, [])]


def norm(text):
    return re.sub(r"\\x[0-9a-f]{2}|\\[rnt]|[^\x20-\x7e]", "", text).strip().rstrip("\\")


def has_value(devices, names, wanted):
    wanted = norm(wanted)
    for d in devices:
        for name in names:
            for v in d["attributes"].get(name, []):
                have = norm(v["value"])
                if name in PSEUDONYM and v.get("pseudonym"):
                    return True
                if have == wanted or wanted in ("", have[:len(wanted)]) or \
                        len(have) > 40 and wanted.startswith(have[:-1]):
                    return True
    return False


def score_facts(score, path, facts, devices, protocols, wire):
    for key, (proto, names) in FACTS.items():
        for wanted in facts.get(key, {}):
            if not norm(wanted):
                continue
            if key == "ssh_banner":  # a comment that is free text never leaves the engine
                wanted = re.sub(r"^SSH-[0-9.]+-", "", wanted)
                if "Debian" not in wanted and "Ubuntu" not in wanted:
                    wanted = wanted.split(" ")[0]
            if proto not in protocols:
                score.pending[proto] += 1
            elif has_value(devices, names, wanted):
                score.found[key] += 1
            elif wire.is_external(wanted):
                score.external[key] += 1
            else:
                score.miss(key, path, wanted)
    macs = {v for d in devices for v in values(d, "mac")}
    addrs = {v for d in devices for v in values(d, "ip")}
    peers = {p["ip"] for d in devices for p in d.get("peers", [])}
    for mac in facts.get("eth_src", {}):
        if int(mac[:2], 16) & 1 or mac == "00:00:00:00:00:00":
            continue
        if mac in macs:
            score.found["eth_src"] += 1
        else:
            score.miss("eth_src", path, mac)
    for text in facts.get("ip_src", {}):
        for addr in text.split(","):
            if not is_host(addr):
                continue
            if is_ours(addr) and addr in addrs or not is_ours(addr) and addr in addrs | peers:
                score.found["ip_src"] += 1
            elif is_ours(addr):
                score.miss("ip_src", path, addr)


def same_network(a, b):
    a, b = ipaddress.ip_address(a), ipaddress.ip_address(b)
    bits = 8 if a.version == 4 else 64
    return a.version == b.version and int(a) >> bits == int(b) >> bits


def judge_merges(score, path, devices, wire, protocols):
    holder = {}
    for d in devices:
        for name in ("mac", "ip"):
            for v in d["attributes"].get(name, []):
                other = holder.setdefault((name, v["value"]), d["id"])
                if other != d["id"]:
                    score.miss("split:" + name, path, "%s in %d and %d" % (v["value"], other, d["id"]))
                else:
                    score.found["whole"] += 1
    for d in devices:
        addrs, macs = values(d, "ip"), set(values(d, "mac"))
        plain = [a for a in addrs if not wire.proven[a] & macs]
        for i, a in enumerate(plain):
            for b in plain[i + 1:]:
                if ipaddress.ip_address(a).version == ipaddress.ip_address(b).version and \
                        not same_network(a, b):
                    score.miss("merge", path, "device %d has %s and %s" % (d["id"], a, b))
        if len(macs) > 1:
            score.miss("merge", path, "device %d has %s" % (d["id"], " ".join(sorted(macs))))
    for addr, macs in wire.proven.items():
        if len(macs) == 1 and is_host(addr):
            a, b = holder.get(("ip", addr)), holder.get(("mac", next(iter(macs))))
            if (a is None or a != b) and not {"arp", "nd", "dhcp"} <= protocols:
                score.pending["arp, nd, dhcp"] += 1
            elif a is None or a != b:
                score.miss("split:proven", path, "%s and %s" % (addr, next(iter(macs))))
            else:
                score.found["proven"] += 1


def hl7_truth(path):
    """capture -> (applications, equipment texts) of TRUTH.md."""
    truth, name = {}, None
    with open(path, encoding="utf-8") as f:
        for line in f:
            head = re.match(r"### (\S+)", line)
            if head:
                name = head.group(1)
                truth[name] = (set(), set())
            if name is None:
                continue
            for app in re.findall(r"app `([^`]*)`|-> `([^`]*)`", line):
                text = (app[0] or app[1]).split("|")[0]
                if text and "no MLLP" not in line:
                    truth[name][0].add(text)
            segment = re.search(r"device-identity segment: `([^`]*)`", line)
            if segment:
                fields = segment.group(1).split("|")
                if fields[0] == "OBX" and len(fields) > 18 and fields[18]:
                    truth[name][1].add(fields[18])
                if fields[0] == "PRT" and len(fields) > 16 and fields[16]:
                    truth[name][1].add(fields[16])
    return truth


def score_hl7(score, path, truth, devices):
    apps, equipment = truth
    for app in sorted(apps):
        if has_value(devices, ["hl7_app"], app):
            score.found["hl7_app"] += 1
        else:
            score.miss("hl7_app", path, app)
    for text in sorted(equipment):
        parts = [p for p in re.split(r"[\^&]", text) if p and p not in ("EUI-64", "ISO")]
        names = ["model", "serial", "eui64", "device_id", "uuid", "vendor"]
        if any(has_value(devices, names, re.sub(r"(..)(?=.)", r"\1", p)) or
               has_value(devices, names, "-".join(re.findall("..", p))) for p in parts):
            score.found["hl7_equipment"] += 1
        else:
            score.miss("hl7_equipment", path, text)


def validator():
    """Checks an inventory.json by its schema; None where jsonschema is missing."""
    try:
        import jsonschema
    except ImportError:
        print("python3-jsonschema is absent: inventories are not validated")
        return None
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "../contrib/wardtap-inventory.schema.json"),
              encoding="utf-8") as f:
        schema = json.load(f)
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def replay(wardtap, path, folder):
    done = subprocess.run([wardtap, "replay", "--set", "hint.enabled=false", "--set",
                           "output.events=glitch", "-o", folder, path],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    if done.returncode not in (0, 1):  # 1: a damaged capture
        sys.exit("%s: wardtap ended with status %d" % (path, done.returncode))
    with open(os.path.join(folder, "inventory.json"), encoding="utf-8") as f:
        return json.load(f)["devices"]


def case_values(device, name):
    if name in ("class", "os"):
        return [device.get(name, {}).get("value", "")]
    if name == "link":
        return [v["kind"] for v in device.get("links", [])]
    if name == "conflict":
        return [v["kind"] for v in device.get("conflicts", [])]
    return values(device, name)


def score_cases(score, wardtap, table, captures, folder, protocols, schema):
    """Recordings of real programs: what must be said of whom."""
    cases = collections.defaultdict(list)
    with open(table, encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                path, who, name, value = line.rstrip("\n").split("\t")
                cases[path].append((who, name, value))
    for path, rows in cases.items():
        full = os.path.join(captures, path)
        if not os.path.exists(full) or path.split("/")[0] not in protocols:
            score.pending[path.split("/")[0]] += len(rows)
            continue
        devices = replay(wardtap, full, folder)
        judge_merges(score, path, devices, Wire(full), protocols)
        if schema:
            for error in schema.iter_errors({"devices": devices}):
                score.miss("schema", path, error.message[:200])
        for who, name, value in rows:
            mine = [d for d in devices
                    if who == "*" or who in values(d, "ip") + values(d, "mac")]
            have = [v for d in mine for v in case_values(d, name)]
            unwanted = value.startswith("!")
            if (value.lstrip("!") in have) == unwanted or not mine:
                score.miss("case", path, "%s %s %s: has %s" % (who, name, value, have[:6]))
            else:
                score.found["case"] += 1


def read_waivers(path):
    waivers = []
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            for line in f:
                if line.strip() and not line.startswith("#"):
                    kind, capture, value, reason = line.rstrip("\n").split("\t")
                    assert reason, line
                    waivers.append((kind, capture, value))
    return waivers


def is_waived(miss, waiver):
    return all(w in ("*", m) or (w.endswith("*") and m.startswith(w[:-1]))
               for m, w in zip(miss, waiver))


def main():
    args = [a for a in sys.argv[1:] if not a.startswith("--")]
    verbose = "--verbose" in sys.argv
    wardtap, pcaps = args[0], args[1]
    only = args[2] if len(args) > 2 else ""
    protocols = set(subprocess.run([wardtap, "protocols"], capture_output=True, text=True,
                                   check=True).stdout.split())
    waivers = read_waivers(os.path.join(os.path.dirname(__file__), "inventory_waivers.tsv"))
    score, schema = Score(), validator()
    here = os.path.dirname(os.path.abspath(__file__))
    has_shared = os.path.exists(os.path.join(pcaps, "FACTS.jsonl"))
    if not has_shared:
        print("../shared/pcaps is absent: only recordings of pcaps/ are scored")
    with tempfile.TemporaryDirectory() as folder:
        if not only:
            score_cases(score, wardtap, os.path.join(here, "inventory_cases.tsv"),
                        os.path.join(here, "../pcaps"), folder, protocols, schema)
        lines, truth = [], {}
        if has_shared:
            truth = hl7_truth(os.path.join(pcaps, "TRUTH.md"))
            with open(os.path.join(pcaps, "FACTS.jsonl"), encoding="utf-8") as f:
                lines = f.readlines()
        for line in lines:
            facts = json.loads(line)
            path = facts["path"]
            if only not in path:
                continue
            full = os.path.join(pcaps, path)
            devices = replay(wardtap, full, folder)
            wire = Wire(full)
            score_facts(score, path, facts, devices, protocols, wire)
            judge_merges(score, path, devices, wire, protocols)
            if path in truth:
                score_hl7(score, path, truth[path], devices)
        if schema and has_shared and not only:  # all at once: validating is slow
            for error in schema.iter_errors({"devices": replay(wardtap, pcaps, folder)}):
                score.miss("schema", "all", error.message[:200])
            score.found["schema"] += 1
    used, open_misses = set(), collections.Counter()
    shown = collections.Counter()
    for miss in score.missed:
        waiver = next((w for w in waivers if is_waived(miss, w)), None)
        if waiver:
            used.add(waiver)
            continue
        open_misses[miss[0]] += 1
        shown[miss[0]] += 1
        if verbose or shown[miss[0]] <= 5:
            print("MISSED %s: %s: %s" % miss)
    stale = [w for w in waivers if w not in used] \
        if has_shared and not only and not score.pending else []
    for waiver in stale:
        print("STALE waiver: %s" % "\t".join(waiver))
    for kind in sorted(set(score.found) | set(open_misses)):
        print("  %-16s %6d found, %d missed" % (kind, score.found[kind], open_misses[kind]))
    if score.external:
        print("  of external peers, which are no devices: %s" % ", ".join(
            "%d %s" % (n, k) for k, n in sorted(score.external.items())))
    for proto, n in sorted(score.pending.items()):
        print("  pending: %d facts of %s, which has no dissector yet" % (n, proto))
    n_waived = len(score.missed) - sum(open_misses.values())
    print("  %d misses waived by %d reviewed waivers" % (n_waived, len(used)))
    n_failed = sum(open_misses.values()) + len(stale)
    print("%d passed, %d failed" % (sum(score.found.values()), n_failed))
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
