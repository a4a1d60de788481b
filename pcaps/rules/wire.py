# SPDX-License-Identifier: Apache-2.0
"""Packets byte by byte, for captures that no program at hand would send.

A Wire gathers frames and writes them as a pcap file; a Talk is one TCP connection on it.
MAC addresses follow from the IP addresses, clocks and sequence numbers are fixed: the
same script always writes the same bytes. Sources: RFC 791, 792, 768, 9293, 8200."""
import ipaddress
import struct

START_US = 1764115200_000000  # 2025-11-26 00:00:00 UTC
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def mac(ip):
    packed = ipaddress.ip_address(ip).packed
    if packed == b"\xff" * 4:
        return b"\xff" * 6
    return b"\x02\x57" + packed[-4:]


def ip_header(src, dst, proto, body, options=b"", ident=1, ttl=64, frag=0x4000):
    a, b = ipaddress.ip_address(src), ipaddress.ip_address(dst)
    if a.version == 6:
        return struct.pack("!IHBB", 6 << 28, len(body), proto, ttl) + a.packed + b.packed + body
    words = 5 + len(options) // 4
    head = struct.pack("!BBHHHBBH", 0x40 | words, 0, words * 4 + len(body), ident, frag, ttl,
                       proto, 0) + a.packed + b.packed + options
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body


def pseudo(src, dst, proto, length):
    a, b = ipaddress.ip_address(src), ipaddress.ip_address(dst)
    if a.version == 6:
        return a.packed + b.packed + struct.pack("!II", length, proto)
    return a.packed + b.packed + struct.pack("!BBH", 0, proto, length)


def tcp_segment(src, dst, sport, dport, seq, ack, flags, data=b"", options=b"", urgent=0,
                window=64240):
    assert len(options) % 4 == 0
    head = struct.pack("!HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF,
                       (5 + len(options) // 4) << 4, flags, window, 0, urgent) + options
    total = checksum(pseudo(src, dst, 6, len(head) + len(data)) + head + data)
    return head[:16] + struct.pack("!H", total) + head[18:] + data


class Wire:
    def __init__(self):
        self.frames = []
        self.now = START_US
        self.port = 40000

    def wait(self, seconds):
        self.now += int(seconds * 1000000)

    def frame(self, src_mac, dst_mac, ether_type, body):
        self.now += 500
        self.frames.append((self.now, dst_mac + src_mac + struct.pack("!H", ether_type) + body))

    def ip(self, src, dst, proto, body, **options):
        packet = ip_header(src, dst, proto, body, **options)
        self.frame(mac(src), mac(dst), 0x86DD if packet[0] >> 4 == 6 else 0x0800, packet)

    def udp(self, src, sport, dst, dport, data):
        head = struct.pack("!HHHH", sport, dport, 8 + len(data), 0)
        total = checksum(pseudo(src, dst, 17, len(head) + len(data)) + head + data) or 0xFFFF
        self.ip(src, dst, 17, head[:6] + struct.pack("!H", total) + data)

    def icmp(self, src, dst, kind, code, rest):
        body = struct.pack("!BBH", kind, code, 0) + rest
        self.ip(src, dst, 1, body[:2] + struct.pack("!H", checksum(body)) + rest)

    def syn(self, src, dst, dport, options=b"\x02\x04\x05\xb4", answer=None):
        """One connection attempt; answer: "syn", "rst" or None."""
        self.port += 1
        self.ip(src, dst, 6, tcp_segment(src, dst, self.port, dport, 1000, 0, SYN,
                                         options=options))
        if answer == "rst":
            self.ip(dst, src, 6, tcp_segment(dst, src, dport, self.port, 0, 1001, RST | ACK))
        elif answer == "syn":
            self.ip(dst, src, 6, tcp_segment(dst, src, dport, self.port, 5000, 1001, SYN | ACK,
                                             options=b"\x02\x04\x05\xb4"))

    def talk(self, client, server, dport, says=(), sport=None, close=True):
        """A whole connection: says is a list of (">" or "<", bytes)."""
        t = Talk(self, client, server, dport, sport)
        for direction, data in says:
            t.say(direction, data)
        if close:
            t.close()
        return t

    def write(self, path):
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
            for at, data in self.frames:
                out.write(struct.pack("<IIII", at // 1000000, at % 1000000, len(data),
                                      len(data)))
                out.write(data)


class Talk:
    def __init__(self, wire, client, server, dport, sport=None):
        wire.port += 1
        self.wire = wire
        self.end = {">": (client, sport or wire.port), "<": (server, dport)}
        self.seq = {">": 1000, "<": 5000}
        self.send(">", SYN, options=b"\x02\x04\x05\xb4")
        self.seq[">"] += 1
        self.send("<", SYN | ACK, options=b"\x02\x04\x05\xb4")
        self.seq["<"] += 1
        self.send(">", ACK)

    def send(self, direction, flags, data=b"", **options):
        other = "<" if direction == ">" else ">"
        (src, sport), (dst, dport) = self.end[direction], self.end[other]
        ack = self.seq[other] if flags & ACK else 0
        self.wire.ip(src, dst, 6, tcp_segment(src, dst, sport, dport, self.seq[direction], ack,
                                              flags, data, **options))

    def say(self, direction, data, **options):
        for at in range(0, len(data), 1400):
            part = data[at:at + 1400]
            self.send(direction, PSH | ACK, part, **options)
            self.seq[direction] += len(part)
        self.send("<" if direction == ">" else ">", ACK)

    def close(self):
        self.send(">", FIN | ACK)
        self.seq[">"] += 1
        self.send("<", FIN | ACK)
        self.seq["<"] += 1
        self.send(">", ACK)


def readdress(path, change):
    """The frames of a recorded capture (IPv4) with other addresses, checksums made good."""
    data = open(path, "rb").read()
    wire, at = Wire(), 24
    while at < len(data):
        sec, usec, length, _ = struct.unpack_from("<IIII", data, at)
        frame = bytearray(data[at + 16:at + 16 + length])
        at += 16 + length
        if frame[12:14] == b"\x08\x00":
            for place in (26, 30):
                old = str(ipaddress.ip_address(bytes(frame[place:place + 4])))
                frame[place:place + 4] = ipaddress.ip_address(change.get(old, old)).packed
            frame[24:26] = b"\0\0"
            frame[24:26] = struct.pack("!H", checksum(bytes(frame[14:34])))
            end = 14 + struct.unpack_from("!H", frame, 16)[0]
            if frame[23] == 6:
                frame[50:52] = b"\0\0"
                total = checksum(bytes(frame[26:34]) + struct.pack("!BBH", 0, 6, end - 34) +
                                 bytes(frame[34:end]))
                frame[50:52] = struct.pack("!H", total)
        wire.frames.append((sec * 1000000 + usec, bytes(frame)))
    return wire
