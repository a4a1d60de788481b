"""Link to transport: decode/ against tshark, frame by frame and field by field.

Ours come from decode_dump; theirs from `tshark -T fields` with all occurrences of each
field. frame.protocols tells which occurrence belongs to the innermost header that was on
the wire: the walk over it stops at the transport or at ICMP, which quotes another packet.
"""

import collections
import ipaddress
import os
import subprocess

import report
import tshark

OPTIONS = [
    "-o", "ip.check_checksum:TRUE", "-o", "ip.defragment:TRUE", "-o", "ipv6.defragment:TRUE",
    "-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
    "-o", "tcp.relative_sequence_numbers:FALSE", "-o", "tcp.desegment_tcp_streams:FALSE",
    "-o", "tcp.analyze_sequence_numbers:FALSE", "-o", "tcp.calculate_timestamps:FALSE",
    "-o", "udp.calculate_timestamps:FALSE", "-o", "eth.fcs:Never",
    "-d", "udp.port==8472,vxlan",
]

THEIR_FIELDS = """
frame.number frame.time_epoch frame.cap_len frame.len frame.encap_type frame.protocols
eth.dst eth.src eth.type eth.len vlan.id vlan.etype ieee8021ad.id ieee8021ad.svid ieee8021ad.cvid
ieee8021ah.etype etag.etype vntag.etype llc.dsap llc.type sll.etype sll.ltype arp.opcode
arp.src.proto_ipv4 arp.dst.proto_ipv4 ip.version ip.src ip.dst ip.proto ip.ttl ip.id ip.frag_offset ip.flags.mf
ip.flags.df ip.dsfield ip.hdr_len ip.len ip.checksum ip.checksum.status
ip.reassembled.length ip.reassembled_in ipv6.src ipv6.dst ipv6.nxt ipv6.hlim ipv6.tclass
ipv6.flow ipv6.plen ipv6.hopopts.nxt ipv6.routing.nxt ipv6.dstopts.nxt ipv6.fraghdr.nxt
ah.next_header ipv6.fraghdr.ident ipv6.fraghdr.offset ipv6.fraghdr.more
ipv6.reassembled.length ipv6.reassembled.in tcp.srcport tcp.dstport tcp.seq_raw
tcp.ack_raw tcp.flags tcp.window_size_value tcp.hdr_len tcp.len tcp.urgent_pointer
tcp.checksum tcp.checksum.status udp.srcport udp.dstport udp.length udp.checksum
udp.checksum.status icmp.type icmp.code icmp.checksum icmp.checksum.status icmp.ident
icmp.seq icmpv6.type icmpv6.code icmpv6.checksum icmpv6.checksum.status
icmpv6.echo.identifier icmpv6.echo.sequence_number sctp.srcport sctp.dstport
sctp.verification_tag chdlc.protocol _ws.expert.message _ws.expert.severity
""".split()

# Wiretap's encapsulation numbers of the link types that decode/ knows, as LINKTYPE_*.
ENCAPS = {"1": 1, "7": 101, "15": 0, "25": 113, "129": 228, "130": 229, "210": 276,
          "32": 108,
          "28": 104}

FIELDS = """
number time_ns cap_len wire_len link_type disposition rebuilt tunnels vlans mac_dst mac_src
ether_type llc arp_opcode arp_sender arp_target ip_version ip_src ip_dst ip_proto ip_ttl
ip_id frag_off frag_more ip_tos ip_header_len ip_total_len ip_df ip_sum ip_sum_bad ip6_flow
ip6_payload_len tcp_srcport tcp_dstport tcp_seq tcp_ack tcp_flags tcp_window tcp_header_len
tcp_payload_len tcp_urgent tcp_sum tcp_sum_bad udp_srcport udp_dstport udp_length udp_sum
udp_sum_bad icmp_type icmp_code icmp_sum icmp_sum_bad icmp_ident icmp_seq sctp_srcport
sctp_dstport sctp_tag
""".split()

FRAME_FIELDS = FIELDS[:5]  # hold for every frame, decodable or not
UNDECODED = {"malformed", "truncated", "unknown_link", "too_deep"}

SEVERITY_WARN = 0x600000
TRANSPORTS = {"tcp", "sctp", "icmp", "icmpv6", "arp", "udp"}
TUNNELS = {"mpls": "mpls", "pppoes": "pppoe", "gre": "gre", "erspan": "erspan",
           "vxlan": "vxlan", "vxlan_gpe": "vxlan", "geneve": "geneve", "ieee8021ah": "pbb"}
# Layers that announce the type of what follows, and the field that holds it.
CARRIERS = {"eth": "eth.type", "vlan": "vlan.etype", "llc": "llc.type", "sll": "sll.etype",
            "ieee8021ad": "ieee8021ah.etype", "ieee8021ah": "ieee8021ah.etype",
            "etag": "etag.etype", "vntag": "vntag.etype", "chdlc": "chdlc.protocol"}


class Layers:
    """The walk over frame.protocols: how many headers of each kind come before the end
    of what was on the wire, which tunnels, and which headers belong to the last frame."""

    def __init__(self, protocols):
        self.n = collections.Counter()
        self.tunnels = []
        self.frame = []      # layers since the last Ethernet header
        self.behind_ip = []  # layers behind the innermost IP header
        self.transport = ""
        waiting = []
        had_ip = False
        for layer in protocols.split(":"):
            self.n[layer] += 1
            if layer == "erspan" and waiting and waiting[-1] == "gre":
                waiting.pop()
            if layer in TUNNELS:
                waiting.append(TUNNELS[layer])
            if layer in ("eth", "ip", "ipv6"):
                if layer == "eth":
                    self.frame = []
                elif had_ip and not waiting:
                    waiting.append("ipip" if layer == "ip" else "6in4")
                self.tunnels += waiting
                waiting = []
                had_ip = layer != "eth"
                if layer != "eth":
                    self.behind_ip = []
            elif not layer.startswith("ipv6.") and layer != "ah":
                had_ip = had_ip and layer not in TUNNELS
            self.frame.append(layer)
            self.behind_ip.append(layer)
            if layer in TRANSPORTS:
                self.transport = layer
                if layer != "udp":
                    break
            elif layer in ("eth", "ip", "ipv6"):
                self.transport = ""
        self.ip = next((l for l in reversed(self.frame) if l in ("ip", "ipv6")), "")


def number(text):
    return str(int(text, 0)) if text else ""


def octets(text):
    """From units of eight octets, as the header has it (RFC 791 3.1)."""
    return str(int(text, 0) * 8) if text else ""


def address(text):
    return ipaddress.ip_address(text).packed.hex() if text else ""


def mac(text):
    return text.replace(":", "")


def boolean(text):
    return {"True": "1", "False": "0", "1": "1", "0": "0"}.get(text, text)


class Theirs:
    """One frame as tshark tells it, in our terms. Unknown values are ''."""

    def __init__(self, row):
        self.row = row
        self.protocols = self.one("frame.protocols", 1)
        self.layers = Layers(self.protocols)
        self.messages = row.get("_ws.expert.message", [])
        self.severities = [int(s, 0) for s in row.get("_ws.expert.severity", [])]

    def one(self, field, occurrence):
        """The occurrence-th value, counted from 1; '' where there is none."""
        values = self.row.get(field, [])
        return values[occurrence - 1] if 0 < occurrence <= len(values) else ""

    def at(self, field, layer):
        return self.one(field, self.layers.n[layer])

    def ether_type(self):
        """What the last header of the innermost frame announced."""
        layers = self.layers
        last = ""
        for layer in layers.frame:
            if layer in ("ip", "ipv6"):
                break
            value = self.at(CARRIERS[layer], layer) if layer in CARRIERS else ""
            # Behind a length comes LLC, which tells the type itself or has none.
            last = value if layer == "llc" else value or last
        if not last and layers.ip:
            return "2048" if layers.ip == "ip" else "34525"
        return number(last)

    def vlans(self):
        tags = self.row.get("ieee8021ad.svid", []) + self.row.get("ieee8021ad.cvid", []) + \
            self.row.get("ieee8021ad.id", []) + self.row.get("vlan.id", [])
        return ",".join(number(tag) for tag in tags if number(tag) != "0")

    def expert(self):
        return "; ".join(m for m, s in zip(self.messages, self.severities)
                         if s >= SEVERITY_WARN)

    def is_fragment(self):
        if self.layers.ip == "ip":
            return (number(self.at("ip.frag_offset", "ip")) != "0" or
                    boolean(self.at("ip.flags.mf", "ip")) == "1")
        if self.layers.ip == "ipv6" and "ipv6.fraghdr" in self.layers.behind_ip:
            return (number(self.at("ipv6.fraghdr.offset", "ipv6.fraghdr")) != "0" or
                    boolean(self.at("ipv6.fraghdr.more", "ipv6.fraghdr")) == "1")
        return False

    def is_rebuilt(self):
        """Did this frame complete a datagram, other than one that ICMP quotes?"""
        n = self.layers.n
        if "ip.reassembled.length" in self.row:
            return any(number(v) != "0" for v in self.row["ip.frag_offset"][:n["ip"]])
        return "ipv6.reassembled.length" in self.row and n["ipv6.fraghdr"] > 0

    def disposition(self):
        if not self.layers.ip:
            return "ether"
        return "fragment" if self.is_fragment() else "flow"

    def last_proto(self):
        """The protocol number behind all extension headers."""
        if self.layers.ip == "ip":
            value = self.at("ip.proto", "ip")
        else:
            value = self.at("ipv6.nxt", "ipv6")
        for layer in self.layers.behind_ip:
            for name, field in (("ipv6.hopopts", "ipv6.hopopts.nxt"),
                                ("ipv6.routing", "ipv6.routing.nxt"),
                                ("ipv6.dstopts", "ipv6.dstopts.nxt"),
                                ("ipv6.fraghdr", "ipv6.fraghdr.nxt"),
                                ("ah", "ah.next_header")):
                if layer == name:
                    value = self.at(field, layer) or value
        return number(value)


def their_ip(frame):
    at, layers = frame.at, frame.layers
    if layers.ip == "ip":
        return {
            "ip_version": "4", "ip_src": address(at("ip.src", "ip")),
            "ip_dst": address(at("ip.dst", "ip")), "ip_proto": frame.last_proto(),
            "ip_ttl": at("ip.ttl", "ip"), "ip_id": number(at("ip.id", "ip")),
            "frag_off": octets(at("ip.frag_offset", "ip")),
            "frag_more": boolean(at("ip.flags.mf", "ip")),
            "ip_tos": number(at("ip.dsfield", "ip")),
            "ip_header_len": at("ip.hdr_len", "ip"), "ip_total_len": at("ip.len", "ip"),
            "ip_df": boolean(at("ip.flags.df", "ip")),
            "ip_sum": number(at("ip.checksum", "ip")),
            "ip_sum_bad": "1" if at("ip.checksum.status", "ip") == "0" else "0",
        }
    if layers.ip != "ipv6":
        return {}
    is_fragment = frame.is_fragment()
    return {
        "ip_version": "6", "ip_src": address(at("ipv6.src", "ipv6")),
        "ip_dst": address(at("ipv6.dst", "ipv6")), "ip_proto": frame.last_proto(),
        "ip_ttl": at("ipv6.hlim", "ipv6"),
        "ip_id": number(at("ipv6.fraghdr.ident", "ipv6.fraghdr")) if is_fragment else "",
        "frag_off": octets(at("ipv6.fraghdr.offset", "ipv6.fraghdr")) if is_fragment else "0",
        "frag_more": boolean(at("ipv6.fraghdr.more", "ipv6.fraghdr")) if is_fragment else "0",
        "ip_tos": number(at("ipv6.tclass", "ipv6")),
        "ip6_flow": number(at("ipv6.flow", "ipv6")),
        "ip6_payload_len": at("ipv6.plen", "ipv6"),
    }


def bad(status):
    return "1" if status == "0" else "0"


def their_transport(frame):
    at, kind = frame.at, frame.layers.transport
    if kind == "tcp":
        return {
            "tcp_srcport": at("tcp.srcport", kind), "tcp_dstport": at("tcp.dstport", kind),
            "tcp_seq": at("tcp.seq_raw", kind), "tcp_ack": at("tcp.ack_raw", kind),
            "tcp_flags": str(int(at("tcp.flags", kind) or "0", 0) & 0xff),
            "tcp_window": at("tcp.window_size_value", kind),
            "tcp_header_len": at("tcp.hdr_len", kind), "tcp_payload_len": at("tcp.len", kind),
            "tcp_urgent": at("tcp.urgent_pointer", kind),
            "tcp_sum": number(at("tcp.checksum", kind)),
            "tcp_sum_bad": bad(at("tcp.checksum.status", kind)),
        }
    if kind == "udp":
        return {
            "udp_srcport": at("udp.srcport", kind), "udp_dstport": at("udp.dstport", kind),
            "udp_length": at("udp.length", kind), "udp_sum": number(at("udp.checksum", kind)),
            "udp_sum_bad": bad(at("udp.checksum.status", kind)),
        }
    if kind == "icmp":
        echo = at("icmp.type", kind) in ("0", "8")
        return {
            "icmp_type": at("icmp.type", kind), "icmp_code": at("icmp.code", kind),
            "icmp_sum": number(at("icmp.checksum", kind)),
            "icmp_sum_bad": bad(at("icmp.checksum.status", kind)),
            "icmp_ident": number(at("icmp.ident", kind)) if echo else "",
            "icmp_seq": number(at("icmp.seq", kind)) if echo else "",
        }
    if kind == "icmpv6":
        echo = at("icmpv6.type", kind) in ("128", "129")
        return {
            "icmp_type": at("icmpv6.type", kind), "icmp_code": at("icmpv6.code", kind),
            "icmp_sum": number(at("icmpv6.checksum", kind)),
            "icmp_sum_bad": bad(at("icmpv6.checksum.status", kind)),
            "icmp_ident": number(at("icmpv6.echo.identifier", kind)) if echo else "",
            "icmp_seq": number(at("icmpv6.echo.sequence_number", kind)) if echo else "",
        }
    if kind == "sctp":
        return {
            "sctp_srcport": at("sctp.srcport", kind), "sctp_dstport": at("sctp.dstport", kind),
            "sctp_tag": number(at("sctp.verification_tag", kind)),
        }
    return {}


def translate(frame):
    """All columns of decode_dump that tshark has a word on."""
    layers, row = frame.layers, frame.row
    seconds, _, rest = frame.one("frame.time_epoch", 1).partition(".")
    told = dict.fromkeys(FIELDS, "")
    told.update({
        "number": frame.one("frame.number", 1),
        "time_ns": str(int(seconds + rest.ljust(9, "0")[:9])),
        "cap_len": frame.one("frame.cap_len", 1), "wire_len": frame.one("frame.len", 1),
        "link_type": str(ENCAPS.get(frame.one("frame.encap_type", 1), "other")),
        "disposition": frame.disposition(), "tunnels": ",".join(layers.tunnels),
        "vlans": frame.vlans(), "mac_dst": mac(frame.at("eth.dst", "eth")),
        "mac_src": mac(frame.at("eth.src", "eth")), "ether_type": frame.ether_type(),
        "llc": "1" if "llc" in layers.frame else "0",
    })
    if frame.is_rebuilt():
        told["rebuilt"] = "flow"
    if layers.transport == "arp" and "arp.src.proto_ipv4" in row:
        told.update({"arp_opcode": frame.one("arp.opcode", 1),
                     "arp_sender": address(frame.one("arp.src.proto_ipv4", 1)),
                     "arp_target": address(frame.one("arp.dst.proto_ipv4", 1))})
    told.update(their_ip(frame))
    if frame.is_rebuilt() or not frame.is_fragment():
        # What tshark shows of a lone first fragment is no more than its bytes.
        told.update(their_transport(frame))
    return told


def our_rows(dump, path):
    """Rows of decode_dump, and whether the file is whole."""
    done = subprocess.run([dump, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode not in (0, 1) or not done.stdout:
        raise RuntimeError(f"{dump} {path}: exit {done.returncode}: {done.stderr.decode()}")
    lines = done.stdout.decode("ascii").split("\n")
    names = lines[0].split("\t")
    return ([dict(zip(names, line.split("\t"))) for line in lines[1:] if line],
            done.returncode == 0)


def compare_frame(tally, waivers, capture, ours, frame, theirs):
    def describe():
        return (f"frame={ours['number']} protocols={frame.protocols} "
                f"expert={frame.expert()} seen={ours['disposition']}/{ours['rebuilt']} "
                f"link={ours['link_type']} cap={ours['cap_len']}/{ours['wire_len']} "
                f"at={ours['tunnels']}/{theirs['tunnels']}")

    if ours["link_type"] in ("12", "14"):
        ours["link_type"] = "101"  # LINKTYPE_RAW is these on other systems
    if ours["disposition"] == "unknown_link":
        theirs["link_type"] = ours["link_type"] if theirs["link_type"] == "other" else "?"
    for field in FRAME_FIELDS:
        tally.check(waivers, capture, field, ours[field], theirs[field], describe)
    if ours["disposition"] == "unknown_link":
        return
    if ours["disposition"] in UNDECODED:
        # We decline to decode: tshark must have something to complain about.
        reason = "_ws.malformed" in frame.protocols or frame.expert() or \
            (ours["disposition"] == "truncated" and ours["cap_len"] != ours["wire_len"])
        tally.check(waivers, capture, "disposition", ours["disposition"],
                    ours["disposition"] if reason else theirs["disposition"], describe)
        return
    if ours["rebuilt"] in UNDECODED and frame.expert():
        return
    for field in FIELDS[len(FRAME_FIELDS):]:
        if ours[field] or theirs[field]:
            tally.check(waivers, capture, field, ours[field], theirs[field], describe)


def tell_complaint(complaint):
    return " ".join(line for line in complaint.split("\n") if "dangerous" not in line)


def compare_alone(shark, waivers, root, capture, ours):
    tally = report.Tally()
    rows, status, complaint = shark.fields(os.path.join(root, capture), THEIR_FIELDS, OPTIONS)
    if len(rows) != len(ours):
        kind = "damaged" if status else "count"
        tally.notes.append((kind, f"{capture}: {len(ours)} packets here, {len(rows)} by "
                                  f"tshark: {tell_complaint(complaint) or 'no complaint'}"))
    compare_rows(tally, waivers, capture, ours, rows, 0)
    return tally


def compare_rows(tally, waivers, capture, ours, rows, first):
    """`first`: frames before those of this capture, when several were read as one."""
    for mine, row in zip(ours, rows):
        frame = Theirs(row)
        theirs = translate(frame)
        theirs["number"] = str(int(theirs["number"]) - first)
        tally.units += 1
        compare_frame(tally, waivers, capture, mine, frame, theirs)


def is_odd(capture, ours):
    """Does tshark keep state here from frame to frame (fragments), or was the file made odd
    on purpose? What differs where such a one was read together with others is not believed."""
    return (capture.split(os.sep)[0] in ("hostile", "linktypes")
            or any(row["disposition"] == "fragment" for row in ours))


def compare_joined(shark, waivers, jobs):
    """Several captures (root, capture, ours), read as one; by halves where tshark does not
    read all of it."""
    tally = report.Tally()
    if len(jobs) == 1:
        return compare_alone(shark, waivers, *jobs[0])
    rows = shark.joined_fields([os.path.join(root, capture) for root, capture, _ in jobs],
                               THEIR_FIELDS, OPTIONS)
    if len(rows) != sum(len(ours) for _, _, ours in jobs):
        half = len(jobs) // 2
        tally.add(compare_joined(shark, waivers, jobs[:half]))
        tally.add(compare_joined(shark, waivers, jobs[half:]))
        return tally
    first = 0
    for root, capture, ours in jobs:
        one = report.Tally()
        compare_rows(one, waivers, capture, ours, rows[first:first + len(ours)], first)
        first += len(ours)
        if (one.waived or one.differ) and is_odd(capture, ours):
            one = compare_alone(shark, waivers, root, capture, ours)
        tally.add(one)
    return tally


def compare(shark, dump, waivers, jobs):
    """Compares the captures `jobs`, (root, capture) each. Starting tshark takes longer than
    reading a small capture, so that whole ones are joined."""
    tally = report.Tally()
    joined = []
    for root, capture in jobs:
        ours, is_whole = our_rows(dump, os.path.join(root, capture))
        if len(jobs) > 1 and ours and is_whole:
            joined.append((root, capture, ours))
        else:
            tally.add(compare_alone(shark, waivers, root, capture, ours))
    if joined:
        tally.add(compare_joined(shark, waivers, joined))
    return tally
