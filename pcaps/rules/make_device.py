# SPDX-License-Identifier: Apache-2.0
"""Infusion pumps, patient monitors and other devices of makers: ports, banners, first bytes.
What they say follows the advisories and papers that the rules name; no payload is real."""
import ipaddress
import struct

from hosts import (ANALYZER, ENGINE, MONITOR, MONITOR2, MONITOR_SERVER, OUTSIDE, PUMP,
                   PUMP_SERVER, ROGUE,
                   SERVICE)
from wire import Wire, mac


def one(method, *arguments):
    wire = Wire()
    getattr(wire, method)(*arguments)
    return wire


def http(client, server, text, body=b"", answer="HTTP/1.1 200 OK\nContent-Length: 0\n",
         port=80):
    head = text.strip() + "\n" + ("Content-Length: %d\n" % len(body) if body else "")
    ask = head.replace("\n", "\r\n").encode("latin-1") + b"\r\n" + body
    wire = Wire()
    wire.talk(client, server, port, [(">", ask),
                                     ("<", (answer + "\n").replace("\n", "\r\n").encode())])
    return wire


def arp(sender, target):
    wire = Wire()
    body = struct.pack("!HHBBH", 1, 0x800, 6, 4, 1) + mac(sender) + \
        ipaddress.ip_address(sender).packed + bytes(6) + ipaddress.ip_address(target).packed
    wire.frame(mac(sender), b"\xff" * 6, 0x806, body)
    return wire


# --- Contec CMS8000: ICSMA-25-030-01, and its telemetry as published -----------

def mount_call(path):
    name = struct.pack("!I", len(path)) + path + bytes(-len(path) % 4)
    return struct.pack("!10I", 0x1234, 0, 2, 100005, 3, 1, 0, 0, 0, 0) + name


def cms(kind, payload=b""):
    return struct.pack("<HBB", len(payload) + 2, 5, kind) + payload


def contec():
    for name, server in (("", "202.114.4.119"), (".not", "202.114.5.119")):
        yield "contec-address" + name, one("syn", MONITOR, server, 515)
        yield "contec-arp" + name, arp(MONITOR, server)
    yield "contec-mount", one("udp", MONITOR, 800, ENGINE, 635, mount_call(b"/pm"))
    yield "contec-mount.not", one("udp", MONITOR, 800, ENGINE, 635, mount_call(b"/pmi"))
    yield "contec-nfs", one("syn", MONITOR, "202.114.4.119", 2049)
    wire = Wire()
    wire.talk(MONITOR, MONITOR_SERVER, 515, [(">", cms(0x45, b"\0\0\x07\0") + cms(0x43) +
                                              cms(0x46, bytes(40)))])
    yield "contec-telemetry", wire
    wire = Wire()
    wire.talk(ENGINE, MONITOR_SERVER, 515, [(">", b"\x02lp\n"), ("<", b"\0"),
                                            (">", b"\x0312 cfA001host\n"), ("<", b"\0")])
    yield "contec-telemetry.not", wire


# --- monitors ------------------------------------------------------------------

def intellivue(command, kind=1):
    return struct.pack("!HHHHHHH", 0xE100, 2, kind, 14, 1, command, 8) + bytes(8)


def unity_head(source, function, data):
    """The 60 octets in front of Unity's data: receiver, sender, function, unit and bed."""
    return bytes(6) + ipaddress.ip_address(source).packed + bytes(2) + function + bytes(8) + \
        b"ICU|BED7".ljust(32, b"\0") + struct.pack("!HH", 0, len(data)) + data


def over_both(is_not, port, dst, data):
    """One datagram of a monitor; where it is no alarm, over IPv6 too, whose sender the four
    octets of an address inside cannot be."""
    wire = one("udp", MONITOR, port, dst, port, data)
    if is_not:
        wire.udp("fd00:78::2:1", port, "fd00:78::9:2", port, data)
    return wire


def unity():
    everyone, alarm = "10.78.2.255", bytes(3) + b"\x3a" + bytes(2) + b"HR HIGH".ljust(18, b"\0")
    for name, said in (("", MONITOR2), (".not", MONITOR)):
        hello = bytes.fromhex("01040000") + ipaddress.ip_address(said).packed + \
            struct.pack("!I", 1764115200) + b"ICU|BED7".ljust(16, b"\0") + b"DOE,J".ljust(15, b"\0")
        yield "unity-hello" + name, over_both(name, 7000, everyone,
                                              hello + b"\x01" + bytes(88 - len(hello) - 1))
        yield "unity-alarm" + name, over_both(
            name, 7001, everyone, unity_head(said, bytes.fromhex("00c90004"), alarm))
    for name, sender in (("", ROGUE), (".not", MONITOR_SERVER)):
        yield "unity-time" + name, one("udp", sender, 2000, everyone, 2000,
                                       unity_head(sender, bytes.fromhex("00010001"),
                                                  struct.pack("!I", 3973104000)))


def indications():
    """IntelliVue's Connect Indication with system type and network address (0xF100)."""
    for name, said in (("", MONITOR2), (".not", MONITOR)):
        address = mac(said) + ipaddress.ip_address(said).packed + bytes.fromhex("ffffff00")
        items = struct.pack("!HHHH", 0x0986, 4, 1, 0x102) + \
            struct.pack("!HH", 0xF100, len(address)) + address
        event = struct.pack("!HHHIHH", 33, 0, 0, 0x1234, 0x0D17, len(items) + 4) + \
            struct.pack("!HH", 2, len(items)) + items
        yield "intellivue-hello" + name, over_both(
            name, 24005, "10.78.2.255",
            struct.pack("!IHHHHH", 0x00000100, 1, len(event) + 6, 0, 0, len(event)) + event)


def medibus(code):
    body = b"\x1b" + code
    return body + b"%02X\r" % (sum(body) & 255)


def converters():
    for name, client in (("", ROGUE), (".not", MONITOR_SERVER)):
        wire = Wire()
        wire.talk(client, MONITOR, 4001, [(">", medibus(b"\x51")), ("<", b"\x01\x5152\r"),
                                          (">", medibus(b"\x4a" + b"08R"))])
        yield "medibus-write" + name, wire


def monitors():
    request = bytes(12) + bytes.fromhex("00ca0060") + bytes(46)
    for name, client in (("", ROGUE), (".not", MONITOR_SERVER)):
        yield "unity-collector" + name, one("udp", client, 3073, MONITOR, 2000, request)
        yield "intellivue-client" + name, one("udp", client, 50000, MONITOR, 24105,
                                              bytes.fromhex("0dec0508130100") + bytes(30))
        yield "intellivue-set" + name, one("udp", client, 50000, MONITOR, 24105, intellivue(5))
    yield "intellivue-poll", one("udp", ROGUE, 50000, MONITOR, 24105, intellivue(7))
    for name, client in (("", ROGUE), (".not", SERVICE)):
        yield "monitor-service" + name, one("syn", client, MONITOR, 10000, b"\x02\x04\x05\xb4",
                                            "syn")
        yield "monitor-ftp" + name, one("syn", client, MONITOR, 21, b"\x02\x04\x05\xb4", "syn")
    for name, count in (("", 12), (".not", 4)):
        wire = Wire()
        for _ in range(count):
            wire.udp(MONITOR_SERVER, 50000, MONITOR, 24105,
                     bytes.fromhex("0dec0508130100") + bytes(30))
            wire.udp(MONITOR, 24105, MONITOR_SERVER, 50000, bytes.fromhex("0c0803010502"))
            wire.wait(3)
        yield "intellivue-churn" + name, wire
    yield from unity()
    yield from converters()
    yield from indications()
    yield "monitor-echo", one("udp", ROGUE, 40000, MONITOR, 7, b"hello")
    yield "echo-loop", one("udp", MONITOR, 7, ENGINE, 19, b"hello")
    yield "echo-loop.not", one("udp", ROGUE, 40000, ENGINE, 7, b"hello")


# --- pumps ---------------------------------------------------------------------

def bcc(text):
    body = b"\x02" + b"BED12/1/1>" + text + b"\x03"
    frame = b"\x01%05d" % (len(body) + 12) + body
    return frame + b"%05d\x04" % (sum(frame) % 256)


def bcc_pumps():
    wire = Wire()
    wire.talk(ROGUE, PUMP, 4001, [(">", bcc(b"MEM:GET")), ("<", b"\x06")])
    yield "bcc-client", wire
    for name, text in (("", b"ADMIN:RESET"), (".not", b"MEEM:GEETSLOT#11")):
        wire = Wire()
        wire.talk(PUMP_SERVER, PUMP, 4001, [(">", bcc(b"ADMIN:ALIVE")), ("<", b"\x06"),
                                            (">", bcc(text)), ("<", b"\x06")])
        yield "bcc-verb" + name, wire
    push = bcc(b"1764115200,50111,INRT,125\x1e1764115200,50111,GNMODEL,688F030006")
    for name, server in (("", ROGUE), (".not", PUMP_SERVER)):
        wire = Wire()
        wire.talk(PUMP, server, 4002, [(">", push), ("<", b"\x06")])
        yield "bcc-push" + name, wire


def pump_web():
    yield "pump-traversal", http(ENGINE, PUMP, "GET /cgi/get?f=../../../etc/passwd HTTP/1.1\nHost: p")
    yield "pump-traversal.not", http(ENGINE, PUMP, "GET /cgi/get?f=log..txt HTTP/1.1\nHost: p")
    yield "pump-upload-traversal", http(
        ENGINE, PUMP, "POST /upload HTTP/1.1\nHost: p\nContent-Type: multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="f"; filename="../../tmp/a.tar"\r\n\r\nx\r\n--b--\r\n')
    yield "pump-upload-traversal.not", http(
        ENGINE, PUMP, "POST /upload HTTP/1.1\nHost: p\nContent-Type: multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.tar"\r\n\r\nx\r\n--b--\r\n')
    yield "pump-xpath", http(ENGINE, PUMP, "GET /login?user=a'%20or%20'1'='1&pw=x HTTP/1.1\nHost: p")
    yield "pump-xpath.not", http(ENGINE, PUMP, "GET /login?user=O'Brian&pw=x HTTP/1.1\nHost: p")
    for name, text in (("", b"hostmessage %s%n%x%x\r\n"), (".not", b"rate 20%s left 5% done\r\n")):
        wire = Wire()
        wire.talk(ENGINE, PUMP, 51243, [(">", text), ("<", b"OK\r\n")])
        yield "pump-format" + name, wire
    yield "pump-portal", http(ROGUE, PUMP, "GET /portal.xml HTTP/1.1\nHost: p")
    yield "pump-portal.not", http(SERVICE, PUMP, "GET /portal.xml HTTP/1.1\nHost: p")
    put = "PUT /fw HTTP/1.1\nHost: p\nContent-Type: application/octet-stream"
    yield "pump-cab", http(ENGINE, PUMP, put, b"MSCF\0\0\0\0" + bytes(60))
    yield "pump-cab.not", http(ENGINE, PUMP, put, b"MSC-F\0\0\0" + bytes(60))
    post = "POST /cgi-bin/config HTTP/1.1\nHost: p"
    yield "pump-post", http(ENGINE, PUMP, post, b"ssid=ward&key=x")
    yield "pump-post.not", http(ENGINE, PUMP, post + "\nCookie: SESSION=1", b"ssid=ward&key=x")
    yield "pump-get", http(ENGINE, PUMP, "GET /index.html HTTP/1.1\nHost: p")


def pump_services():
    for name, client in (("", ROGUE), (".not", PUMP_SERVER)):
        yield "pump-peer" + name, one("syn", client, PUMP, 51243, b"\x02\x04\x05\xb4", "syn")
        yield "pump-probe" + name, one("syn", client, PUMP, 3210, b"\x02\x04\x05\xb4", "rst")
        yield "pump-library" + name, one("syn", client, PUMP, 80, b"\x02\x04\x05\xb4", "syn")
    yield "pump-ftp", one("syn", ROGUE, PUMP, 21, b"\x02\x04\x05\xb4", "rst")
    for name, server in (("", ROGUE), (".not", PUMP_SERVER)):
        yield "pump-egress" + name, one("syn", PUMP, server, 3613)
    banner = (b"Welcome to the SIGMA Spectrum Diagnostic Terminal\r\n"
              b"Wireless Battery Module (802.11b/g)\r\nSigma Spectrum SN: 123456 SW: v8.00.01\r\n"
              b"login: ")
    for name, more in (("", [(">", b"user\r\n"), ("<", b"Password: ")]), (".not", [])):
        wire = Wire()
        wire.talk(SERVICE, PUMP, 1023, [("<", banner)] + more)
        yield "spectrum-login" + name, wire
    console = (b"RTCS v2.96.00 Telnet server\r\n\r\nService Port Manager Active\r\n"
               b"Welcome to the Medfusion 4000 Configuration Interface\r\n")
    wire = Wire()
    wire.talk(SERVICE, PUMP, 23, [("<", console), (">", b"help\r\n")])
    yield "medfusion-console", wire
    wire = Wire()
    wire.talk(SERVICE, ENGINE, 23, [("<", b"RTCS v2.96.00 Telnet server\r\n\r\n> "),
                                    (">", b"help\r\n")])
    yield "medfusion-console.not", wire
    for name, login in (("", []), (".not", [(">", b"USER biomed\r\n"), ("<", b"331 Password\r\n"),
                                            (">", b"PASS x\r\n"), ("<", b"230 Logged in\r\n")])):
        wire = Wire()
        wire.talk(SERVICE, PUMP, 21, [("<", b"220 RTCS FTP Ready\r\n")] + login +
                  [(">", b"RETR CONFIG.XML\r\n"), ("<", b"150 Opening\r\n")])
        yield "medfusion-ftp" + name, wire
    yield "pump-telnet", wire_telnet(PUMP)
    yield "pump-telnet.not", wire_telnet(ENGINE)


def wire_telnet(server):
    wire = Wire()
    wire.talk(SERVICE, server, 23, [("<", b"\xff\xfd\x18\xff\xfd\x20login: "),
                                    (">", b"root\r\n"), ("<", b"# ")])
    return wire


# --- others ----------------------------------------------------------------------

def others():
    get = "GET / HTTP/1.1\nHost: d\nCookie: "
    yield "rompager-cookie", http(ROGUE, ENGINE, get + "C107373883=/omg1337hax")
    yield "rompager-cookie.not", http(ROGUE, ENGINE, get + "C=1; C1D=2; ABC123=4")
    yield "axeda-command", one("syn", ROGUE, ENGINE, 3076, b"\x02\x04\x05\xb4", "syn")
    axeda = "HTTP/1.1 200 OK\nServer: Axeda Agent Web Server/1.0\nContent-Length: 0\n"
    wire = Wire()
    for path in ("/", "/upload/../../../windows/win.ini"):
        ask = ("GET %s HTTP/1.1\r\nHost: d\r\n\r\n" % path).encode()
        wire.talk(ROGUE, ENGINE, 56120, [(">", ask),
                                         ("<", (axeda + "\n").replace("\n", "\r\n").encode())])
    yield "axeda-traversal", wire
    yield "axeda-traversal.not", http(ROGUE, ENGINE, "GET /a/b HTTP/1.1\nHost: d", answer=axeda)
    yield "analyzer-outside", one("syn", OUTSIDE, ANALYZER, 8443, b"\x02\x04\x05\xb4", "syn")
    yield "analyzer-outside.not", one("syn", OUTSIDE, ANALYZER, 8443, b"\x02\x04\x05\xb4", "rst")


def captures():
    yield from contec()
    yield from monitors()
    yield from bcc_pumps()
    yield from pump_web()
    yield from pump_services()
    yield from others()
