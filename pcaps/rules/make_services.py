# SPDX-License-Identifier: Apache-2.0
"""The detection table of the services around the devices, and devices whose maker counts:
addresses, names, time, remote access, RFID readers, Contec, IntelliVue, Draeger, MobileLink."""
import struct

from hosts import (ENGINE, MONITOR, MONITOR2, MONITOR_SERVER, NEIGHBOUR, OUTSIDE, ROGUE,
                   SCANNER, SERVICE)
from make_clinical import CT, association, store_says
from make_device import cms, http, medibus, one, unity_head
from make_network import dns_response, ftp, ssh_hello
from make_workflow import BOTH, broadcast, dhcp
from wire import START_US, Wire, mac


def arp(wire, sender, target, operation=1):
    a, b = (bytes(int(part) for part in ip.split(".")) for ip in (sender, target))
    wire.frame(mac(sender), b"\xff" * 6, 0x806, struct.pack("!HHBBH", 1, 0x800, 6, 4, operation) +
               mac(sender) + a + bytes(6) + b)


def tlv(kind, value):
    return struct.pack("!H", kind << 9 | len(value)) + value


def says_maker(wire, address, maker):
    """LLDP-MED's inventory (ANSI/TIA-1057 10.2.6.5) and an ARP request of the same device."""
    body = tlv(1, b"\4" + mac(address)) + tlv(2, b"\3" + mac(address)) + tlv(3, b"\0\x78") + \
        tlv(127, b"\0\x12\xbb\1\0\x21\1") + tlv(127, b"\0\x12\xbb\x09" + maker) + tlv(0, b"")
    wire.frame(mac(address), bytes.fromhex("0180c200000e"), 0x88CC, body)
    arp(wire, address, "10.78.2.1")


# --- addresses and names -----------------------------------------------------------

def nbns(number, is_answer):
    name = b"\x20" + b"".join(bytes([0x41 + (c >> 4), 0x41 + (c & 15)])
                              for c in (b"HOST%02d" % number).ljust(15) + b"\0") + b"\0"
    flags = 0x8500 if is_answer else 0x0110
    head = struct.pack("!HHHHHH", number, flags, not is_answer, is_answer, 0, 0) + name + \
        struct.pack("!HH", 0x20, 1)
    return head + (struct.pack("!IHH", 300, 6, 0) + b"\x0a\x4e\x05\x42" if is_answer else b"")


def ntp(offset_s):
    at = START_US / 1e6 + 0.001 + offset_s + 2208988800
    stamp = struct.pack("!II", int(at), int(at % 1 * 2 ** 32))
    return struct.pack("!BBbb", 0x24, 2, 6, -20) + struct.pack("!II", 0x100, 0x200) + \
        bytes([10, 78, 9, 9]) + stamp * 4


def names():
    for name, is_bad in BOTH:
        wire = Wire()
        for _ in range(30 if is_bad else 3):
            arp(wire, ROGUE, ROGUE)
        yield "arp-claims" + name, wire
        wire = Wire()
        for number in range(150 if is_bad else 10):
            body = broadcast(dhcp(1, MONITOR, "", number + 1))
            wire.frame(struct.pack("!BBI", 2, 0x57, number + 1), b"\xff" * 6, 0x0800, body)
        yield "dhcp-starvation" + name, wire
        wire = Wire()
        for number in range(12 if is_bad else 2):
            wire.udp(NEIGHBOUR, 137, "10.78.5.255", 137, nbns(number, False))
            wire.udp(ROGUE, 137, NEIGHBOUR, 137, nbns(number, True))
        yield "nbns-responder" + name, wire
        search = (b'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\n'
                  b"MX: 1\r\nST: ssdp:all\r\n\r\n")
        yield "ssdp-outside" + name, one("udp", OUTSIDE if is_bad else SERVICE, 50000, MONITOR,
                                         1900, search)
        wire = Wire()
        for number in range(8):
            if not is_bad:
                wire.udp(NEIGHBOUR, 40000 + number, ENGINE, 53,
                         struct.pack("!HHHHHH", 7, 0x100, 1, 0, 0, 0) + b"\x04pump\x05local\0\0\1\0\1")
            wire.udp(ENGINE, 53, NEIGHBOUR, 40000 + number, dns_response(1))
        yield "dns-unasked" + name, wire
    for name, offset in (("ahead", 90), ("behind", -90), ("right.not", 0)):
        wire = Wire()
        wire.udp(NEIGHBOUR, 40000, ENGINE, 123, b"\x23" + bytes(47))
        wire.udp(ENGINE, 123, NEIGHBOUR, 40000, ntp(offset))
        yield "ntp-" + name, wire


# --- remote access and files ---------------------------------------------------------

def ssh(client, server, banner=b"SSH-2.0-OpenSSH_9.6", said=b"SSH-2.0-OpenSSH_9.6"):
    return lambda wire: wire.talk(client, server, 22, [(">", said + b"\r\n"), ("<", banner + b"\r\n")])


def access():
    for name, is_bad in BOTH:
        wire = Wire()
        for _ in range(20 if is_bad else 4):
            ssh(ROGUE, ENGINE)(wire)
        yield "ssh-guessing" + name, wire
        stored = b"CT1.2.840.1.dcm" if is_bad else b"rota.txt"
        yield "ftp-images" + name, ftp(
            [b"220 files FTP server ready.", b"331 Password", b"230 Logged in.", b"150 Ok"],
            [b"USER radio", b"PASS x", b"STOR " + stored])
        wire = Wire()
        association(wire, [CT], store_says(CT, b"CT"))
        wire.wait(5)
        wire.talk(ROGUE if is_bad else SERVICE, SCANNER, 3389, [
            (">", bytes.fromhex("030000130ee000000000000100080003000000")),
            ("<", bytes.fromhex("030000130ed000001234000200080002000000"))])
        yield "rdp-modality" + name, wire
    wire = Wire()
    ssh(ROGUE, MONITOR, b"SSH-1.5-Cisco-1.25", b"SSH-1.5-PuTTY")(wire)
    yield "ssh-one", wire
    wire = Wire()
    wire.talk(ROGUE, MONITOR, 22, [(">", b"SSH-2.0-OpenSSH_9.6\r\n"),
                                   ("<", b"SSH-2.0-OpenSSH_5.3\r\n"),
                                   ("<", ssh_hello(b"aes128-ctr"))])
    yield "ssh-old", wire


# --- RFID readers (LLRP 1.1, clause 8) and building control ----------------------------

def llrp(kind, body=b""):
    return struct.pack("!HII", 1 << 10 | kind, 10 + len(body), 17) + body


def readers():
    for name, client in (("", ROGUE), (".not", SERVICE)):
        for word, kind in (("config", 3), ("access", 40)):
            wire = Wire()
            wire.talk(client, MONITOR, 5084, [(">", llrp(kind, bytes(12))),
                                              ("<", llrp(kind + 10, bytes(8)))])
            yield "llrp-" + word + name, wire
    wire = Wire()
    wire.talk(SERVICE, MONITOR, 5084, [(">", llrp(1023, struct.pack("!IB", 25882, 21) + bytes(4)))])
    yield "llrp-custom", wire
    for name, count in (("", 40), (".not", 3)):
        wire = Wire()
        for number in range(count):  # Who-Is for a range of ten devices, clause 16.10
            low = struct.pack("!BHBH", 0x0A, number * 10, 0x1A, number * 10 + 9)
            wire.udp(ROGUE, 47808, "10.78.2.255", 47808, bytes.fromhex("810b000e01001008") + low)
        yield "bacnet-sweep" + name, wire


# --- devices whose maker counts ----------------------------------------------------------

def intellivue_event(invoke, lengths=(42, 36, 18), count=2):
    """An MDS create event whose nested lengths may be wrong: outer, inner, list."""
    items = struct.pack("!HHH", 0x0986, 4, 1) + b"\1\2" + struct.pack("!HH", 0x0984, 6) + bytes(6)
    outer, inner, listed = lengths
    return struct.pack("!HHHHHHH", 0xE100, 2, 1, outer, invoke, 1, inner) + \
        struct.pack("!HHH", 33, 0, 0) + struct.pack("!IHH", 0, 0x0D06, listed + 4) + \
        struct.pack("!HH", count, listed) + items


def monitors():
    for name, is_bad in BOTH:
        wire = Wire()
        for turn in range(4):
            broken = [intellivue_event(turn, (420, 36, 18)), intellivue_event(turn, (42, 360, 18)),
                      intellivue_event(turn, count=90)] if is_bad else [intellivue_event(turn)]
            for message in broken:
                wire.udp(ROGUE, 50000, MONITOR, 24105, message)
        yield "intellivue-broken" + name, wire
        wire = Wire()
        if not is_bad:
            wire.udp(ROGUE, 7000, "10.78.2.255", 7000, bytes.fromhex("01040000") + bytes(84))
        for turn in range(8):
            wire.udp(ROGUE, 7001, "10.78.2.255", 7001, unity_head(
                ROGUE, bytes.fromhex("00c90004"), bytes(20) + struct.pack("!I", turn)))
            wire.wait(2)
        yield "unity-stranger" + name, wire
        wire = Wire()
        for _ in range(2):
            wire.talk(MONITOR, MONITOR_SERVER, 515, [(">", cms(0x45, b"\0\0\x07\0") + cms(0x43) +
                                                      cms(0x46, bytes(40)))])
        wire.udp(ROGUE if is_bad else MONITOR_SERVER, 40000, MONITOR, 9999, b"A" * 300)
        yield "contec-udp" + name, wire
        wire = Wire()
        says_maker(wire, MONITOR2, b"Draegerwerk AG" if is_bad else b"Others")
        wire.syn(ROGUE, MONITOR2, 8080)
        yield "draeger-door" + name, wire
        wire = Wire()
        says_maker(wire, MONITOR2, b"Draegerwerk AG")
        for turn in range(3 if is_bad else 1):
            wire.frame(mac(MONITOR2), b"\xff" * 6, 0x0800,
                       broadcast(dhcp(1, MONITOR2, "", xid=turn)))
            wire.wait(600)
        yield "draeger-restarts" + name, wire
        post = "POST /config HTTP/1.1\nHost: p" + ("" if is_bad else "\nAuthorization: Basic YTph")
        wire = Wire()
        says_maker(wire, NEIGHBOUR, b"Silex Technology")
        wire.frames += http(ROGUE, NEIGHBOUR, post, b"ssid=ward&key=x").frames
        yield "mobilelink-post" + name, wire


def converters():
    wire = Wire()
    for client in (MONITOR_SERVER, MONITOR_SERVER, SERVICE):
        wire.talk(client, MONITOR, 4001, [(">", medibus(b"\x24")), ("<", b"\x01\x24 5C\r")])
    yield "medibus-clients", wire


def captures():
    for maker in (names, access, readers, monitors, converters):
        yield from maker()
