"""Sessions of the protocols around the clinical ones, with a person's data in every field
that can hold some, and a search for traces of it. Used by privacy.py.

Each session is built three times: D stands in values that never leave (file names, bodies,
secrets, free text), Q in values that leave as pseudonyms (users, names of private
machines). The two builds that differ in D alone must give the same output; no build may
show a trace of D or Q. Sessions are written by hand so that no field is left out; the
programs' own are in pcaps/."""
import os
import struct

D1, D2, Q1 = b"Qzxjvkwyqxz", b"Xkqvzjwqyzx", b"Jwqzkvxyzqj"


def total(data):
    data += b"\0" * (len(data) % 2)
    n = sum(struct.unpack(f">{len(data) // 2}H", data))
    while n >> 16:
        n = (n & 0xFFFF) + (n >> 16)
    return ~n & 0xFFFF


class Writer:
    """A capture of two hosts; `steps` of a session are (from client?, bytes)."""

    def __init__(self):
        self.frames = []

    def packet(self, to_server, proto, payload):
        a, b = bytes((10, 77, 0, 21)), bytes((10, 77, 0, 10))
        src, dst = (a, b) if to_server else (b, a)
        at = 16 if proto == 6 else 6
        pseudo = src + dst + struct.pack(">BBH", 0, proto, len(payload))
        payload = bytearray(payload)
        struct.pack_into(">H", payload, at, total(pseudo + bytes(payload)) or 0xFFFF)
        head = bytearray(struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 1, 0, 64, proto,
                                     0) + src + dst)
        struct.pack_into(">H", head, 10, total(bytes(head)))
        ends = (b"\2\0\0\0\0\x0a", b"\2\0\0\0\0\x15") if to_server else (
            b"\2\0\0\0\0\x15", b"\2\0\0\0\0\x0a")
        self.frames.append(b"".join(ends) + b"\x08\0" + bytes(head) + bytes(payload))

    def tcp(self, port, steps):
        seq = {True: 1000, False: 9000}

        def segment(up, flags, data=b""):
            ports = (40000, port) if up else (port, 40000)
            ack = seq[not up] if flags & 16 else 0
            self.packet(up, 6, struct.pack(">HHIIBBHHH", *ports, seq[up], ack, 0x50, flags,
                                           0xFFFF, 0, 0) + data)
            seq[up] += len(data) + (1 if flags & 3 else 0)
        segment(True, 2)
        segment(False, 18)
        segment(True, 16)
        for up, data in steps:
            for at in range(0, len(data), 1400):
                segment(up, 24, data[at:at + 1400])
        segment(True, 17)
        segment(False, 17)
        segment(True, 16)

    def udp(self, port, steps, client=40001):
        for up, data in steps:
            ports = (client, port) if up else (port, client)
            self.packet(up, 17, struct.pack(">HHHH", *ports, 8 + len(data), 0) + data)

    def ether(self, kind, data, dst=b"\x01\x80\xc2\0\0\x0e"):
        self.frames.append(dst + b"\2\0\0\0\0\x15" + kind + data)

    def write(self, path):
        with open(path, "wb") as f:
            f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
            for i, frame in enumerate(self.frames):
                f.write(struct.pack("<IIII", 1790000000 + i, 0, len(frame), len(frame)) +
                        frame)


def der(tag, *parts):
    body = b"".join(parts)
    n = len(body)
    size = bytes((n,)) if n < 128 else b"\x82" + struct.pack(">H", n)
    return bytes((tag,)) + size + body


def label(*names):
    return b"".join(bytes((len(n),)) + n for n in names) + b"\0"


def lines(text):
    return text.replace(b"\n", b"\r\n")


# --- one function per protocol: (d, q) -> writes into w ---

def http(w, d, q):
    body = b'{"resourceType":"Patient","name":"' + d + b'"}'
    device = (b'{"resourceType":"Device","deviceName":[{"name":"' + d + b"'s pump"
              b'","type":"patient-reported-name"}],"patient":{"display":"' + d + b'"}}')

    def answer(kind, content, more=b""):
        return lines(b"HTTP/1.1 200 OK\nServer: nginx\n" + more + b"Content-Type: " + kind +
                     b"\nContent-Length: " + str(len(content)).encode() + b"\n\n") + content
    w.tcp(80, [
        (True, lines(b"GET /fhir/Patient/" + d + b"?name=" + d + b"#" + d + b" HTTP/1.1\n"
                     b"Host: pacs\nAuthorization: Bearer " + d + b"\nCookie: id=" + d +
                     b"\nReferer: http://pacs/?q=" + d + b"\nX-Patient: " + d +
                     b"\nX-Forwarded-For: " + d + b"\nAccept-Language: " + d + b"\n\n")),
        (False, answer(b"application/json; charset=utf-8; name=" + d, body,
                       b"Set-Cookie: s=" + d + b"\nLocation: /p/" + d +
                       b"\nContent-Disposition: attachment; filename=\"" + d + b".pdf\"\n")),
        (True, lines(b"GET /fhir/Device/1 HTTP/1.1\nHost: pacs\nAuthorization: Basic " +
                     __import__("base64").b64encode(q + b":" + d) + b"\n\n")),
        (False, answer(b"application/fhir+json", device)),
        (True, lines(b"POST /up/" + d + b"." + d[:8].lower() + b" HTTP/1.1\nHost: " + q +
                     b"s-iphone.local\nAuthorization: " + d + b"\nContent-Type: multipart/form-"
                     b"data; boundary=" + d + b"\nContent-Length: 120\n\n") +
         (lines(b"--" + d + b"\nContent-Disposition: form-data; name=\"" + d +
                b"\"; filename=\"scan." + d[:8].lower() + b"\"\n\n" + d) + b"x" * 120)[:120]),
        (False, answer(b"text/html", b"<html>" + d + b"</html>")),
        (True, lines(b"GET / HTTP/1.1\nHost: pacs\nAuthorization: " + d + b" " + d + b"\n\n")),
        (False, answer(b"text/plain; title=" + d, d, b"WWW-Authenticate: " + d +
                       b" realm=\"x\"\n")),
        (True, lines(b"POST /soap HTTP/1.1\nHost: pacs\nSOAPAction: \"urn:x#Do?patient=" + d +
                     b"\"\nContent-Type: application/soap+xml\nContent-Length: 160\n\n") +
         (b"<s:Envelope><s:Body><Patient>" + d + b"</Patient></s:Body></s:Envelope>" +
          b" " * 160)[:160]),
        (False, answer(b"text/xml", b"<root xmlns='urn:schemas-upnp-org:device-1-0'>"
                       b"<friendlyName>" + q + b"'s iPad</friendlyName></root>")),
    ])


def smtp(w, d, q):
    w.tcp(25, [
        (False, b"220 mail.ward.example ESMTP Postfix\r\n"),
        (True, b"EHLO " + q + b"s-macbook.local\r\n"),
        (False, b"250-mail.ward.example\r\n250 AUTH PLAIN LOGIN\r\n"),
        (True, b"AUTH PLAIN " + __import__("base64").b64encode(b"\0" + q + b"\0" + d) +
         b"\r\n"),
        (False, b"235 welcome " + d + b"\r\n"),
        (True, b"VRFY " + d + b"\r\n"),
        (False, b"252 " + d + b" <" + d + b"@ward.example>\r\n"),
        (True, b"MAIL FROM:<" + q + b"@ward.example>\r\n"), (False, b"250 ok\r\n"),
        (True, b"RCPT TO:<" + q + b"@home.example>\r\n"), (False, b"550 no " + d + b"\r\n"),
        (True, b"RCPT TO:<" + q + b"@ward.example>\r\n"), (False, b"250 ok\r\n"),
        (True, b"DATA\r\n"), (False, b"354 go\r\n"),
        (True, lines(
            b"Received: from " + d + b" (" + d + b" [10.0.0.1]) by mx.example (Postfix) with "
            b"ESMTP id 7 for <" + d + b"@ward.example>\nFrom: \"" + d + b"\" <" + q +
            b"@ward.example>\nTo: " + d + b"\nSubject: " + d + b"\nX-Patient: " + d +
            b"\nMessage-ID: <" + d + b"@x>\nX-Mailer: Agent 1.0\nMIME-Version: 1.0\n"
            b"Content-Type: multipart/mixed; boundary=\"" + d + b"\"\n\n--" + d +
            b"\nContent-Type: application/pdf; name=\"" + d + b".pdf\"\n"
            b"Content-Disposition: attachment; filename=\"" + d + b"." + d[:8] + b"\"\n"
            b"Content-Transfer-Encoding: base64\n\nJVBERi0xLjQK\n--" + d + b"\n"
            b"Content-Type: x-" + d + b"/" + d + b"\n\n" + d + b"\n--" + d + b"--\n.\n")),
        (False, b"250 queued for " + d + b"\r\n"),
        (True, d + b" typed\r\n"), (False, b"500 unknown " + d + b"\r\n"),
        (True, b"QUIT\r\n"), (False, b"221 bye " + d + b"\r\n"),
    ])


def ftp(w, d, q):
    w.tcp(21, [
        (False, b"220 (vsFTPd 3.0.3)\r\n"), (True, b"USER " + q + b"\r\n"),
        (False, b"331 Password for " + d + b"\r\n"), (True, b"PASS " + d + b"\r\n"),
        (False, b"230 hello " + d + b"\r\n"), (True, b"CWD /patients/" + d + b"\r\n"),
        (False, b"250 in /patients/" + d + b"\r\n"), (True, b"PWD\r\n"),
        (False, b"257 \"/patients/" + d + b"\"\r\n"), (True, b"PASV\r\n"),
        (False, b"227 Entering Passive Mode (10,77,0,10,200,1)\r\n"),
        (True, b"STOR scan." + d[:8] + b"\r\n"), (False, b"150 open " + d + b"\r\n"),
        (False, b"226 done " + d + b"\r\n"), (True, b"RNFR " + d + b"\r\n"),
        (False, b"350 ok\r\n"), (True, b"RNTO " + d + b".meier\r\n"), (False, b"250 ok\r\n"),
        (True, b"ACCT " + d + b"\r\n"), (False, b"502 no\r\n"),
        (True, b"SITE " + d + b"\r\n"), (False, b"500 " + d + b"\r\n"),
        (True, d + b"\r\n"), (False, b"500 " + d + b"\r\n"),
    ])


def telnet(w, d, q):
    steps = [(False, b"\xff\xfd\x18\xff\xfd\x27"), (True, b"\xff\xfb\x18\xff\xfb\x27"),
             (False, b"\xff\xfa\x18\x01\xff\xf0\xff\xfa\x27\x01\xff\xf0"),
             (True, b"\xff\xfa\x18\x00VT100\xff\xf0\xff\xfa\x27\x00\x00USER\x01" + q +
              b"\xff\xf0"),
             (False, b"\r\nwelcome\r\nlogin: ")]
    for c in q + b"\r\n":
        steps += [(True, bytes((c,))), (False, bytes((c,)))]
    steps += [(False, b"Password: ")] + [(True, bytes((c,))) for c in d + b"\r\n"]
    steps += [(False, b"\r\nLast login: patient " + d + b"\r\n$ ")]
    steps += [(True, bytes((c,))) for c in b"cat " + d + b"\r\n"]
    steps += [(False, d + b"\r\n$ ")]
    w.tcp(23, steps)


def sip(w, d, q):
    sdp = lines(b"v=0\no=" + d + b" 1 1 IN IP4 10.77.0.21\ns=" + d + b"\ni=" + d +
                b"\nc=IN IP4 10.77.0.21\nt=0 0\nm=audio 4000 RTP/AVP 0\na=label:" + d + b"\n")
    head = lines(b"Via: SIP/2.0/UDP 10.77.0.21:5060;branch=z9hG4bK" + d + b"\nMax-Forwards: 70"
                 b"\nFrom: \"" + d + b"\" <sip:" + q + b"@ward.example>;tag=" + d +
                 b"\nTo: \"" + d + b"\" <sip:" + q + b"@ward.example>\nCall-ID: " + q +
                 b"@x\nCSeq: 1 INVITE\nContact: <sip:" + q + b"@10.77.0.21:5060>\n"
                 b"Subject: " + d + b"\nAuthorization: Digest username=\"" + q +
                 b"\", realm=\"ward\", nonce=\"1\", uri=\"sip:" + d + b"\", response=\"" + d +
                 b"\"\nAlert-Info: <" + d + b">\nContent-Type: application/sdp;x=" + d +
                 b"\nContent-Length: " + str(len(sdp)).encode() + b"\n\n") + sdp
    w.udp(5060, [(True, b"INVITE sip:" + d + b"@ward.example SIP/2.0\r\n" + head),
                 (False, b"SIP/2.0 486 Busy " + d + b"\r\n" + head),
                 (True, b"MESSAGE sip:" + d + b"@x SIP/2.0\r\n" + head)], 5060)


def ldap(w, d, q):
    def message(n, *op):
        return der(0x30, der(2, bytes((n,))), *op)

    def s(text):
        return der(4, text)
    entry = der(0x64, s(b"cn=" + d + b",ou=patients,dc=ward"),
                der(0x30, der(0x30, s(b"mail"), der(0x31, s(d + b"@ward.example"))),
                    der(0x30, s(b"sn"), der(0x31, s(d)))))
    w.tcp(389, [
        (True, message(1, der(0x60, der(2, b"\3"), s(b"cn=" + q + b",dc=ward"),
                              der(0x80, d)))),
        (False, message(1, der(0x61, der(10, b"\x31"), s(d), s(b"bad " + d)))),
        (True, message(2, der(0x63, s(b"ou=" + d + b",dc=ward"), der(10, b"\2"),
                              der(10, b"\0"), der(2, b"\0"), der(2, b"\0"), der(1, b"\0"),
                              der(0xA3, s(b"cn"), s(d)), der(0x30, s(b"mail"))))),
        (False, message(2, entry)),
        (False, message(2, der(0x65, der(10, b"\0"), s(b""), s(d)))),
        (True, message(3, der(0x66, s(b"cn=" + d), der(0x30, der(
            0x30, der(10, b"\2"), der(0x30, s(b"pw"), der(0x31, s(d)))))))),
        (True, message(4, der(0x68, s(b"cn=" + d), der(0x30, der(
            0x30, s(b"sn"), der(0x31, s(d))))))),
        (True, message(5, der(0x4A, b"cn=" + d))),
        (True, message(6, der(0x6C, s(b"cn=" + d), s(b"cn=" + d), der(1, b"\xff")))),
        (True, message(7, der(0x77, der(0x80, b"1.3.6.1.4.1.4203.1.11.1"),
                              der(0x81, der(0x30, der(0x80, d), der(0x82, d)))))),
    ])


def kerberos(w, d, q):
    def name(kind, *parts):
        return der(0x30, der(0xA0, der(2, bytes((kind,)))),
                   der(0xA1, der(0x30, *[der(0x1B, p) for p in parts])))
    body = der(0x30, der(0xA0, der(3, b"\0\x50\x80\0\0")), der(0xA1, name(1, q)),
               der(0xA2, der(0x1B, b"WARD.EXAMPLE")),
               der(0xA3, name(1, q)), der(0xA5, der(0x18, b"20370913024805Z")),
               der(0xA7, der(2, b"\x12\x34\x56\x78")), der(0xA8, der(0x30, der(2, b"\x17"))))
    w.udp(88, [(True, der(0x6A, der(0x30, der(0xA1, der(2, b"\5")), der(0xA2, der(2, b"\x0a")),
                                    der(0xA4, body)))),
               (False, der(0x7E, der(
                   0x30, der(0xA0, der(2, b"\5")), der(0xA1, der(2, b"\x1e")),
                   der(0xA4, der(0x18, b"20260913024805Z")), der(0xA5, der(2, b"\0")),
                   der(0xA6, der(2, b"\6")), der(0xA7, der(0x1B, b"WARD.EXAMPLE")),
                   der(0xA8, name(1, q)), der(0xA9, der(0x1B, b"WARD.EXAMPLE")),
                   der(0xAA, name(2, b"krbtgt", b"WARD.EXAMPLE")), der(0xAB, der(0x1B, d)),
                   der(0xAC, der(4, d)))))])


def radius(w, d, q):
    def packet(code, *attributes):
        body = b"".join(bytes((t, 2 + len(v))) + v for t, v in attributes)
        return struct.pack(">BBH", code, 7, 20 + len(body)) + bytes(range(16)) + body
    w.udp(1812, [
        (True, packet(1, (1, q), (2, d + b"\0" * 5), (4, b"\x0a\x4d\0\1"), (31, d),
                      (32, b"switch-1"), (24, d), (26, b"\0\0\0\x09\1" +
                                                  bytes((2 + len(d),)) + d),
                      (79, b"\2\1" + struct.pack(">H", 5 + len(q)) + b"\1" + q))),
        (False, packet(3, (18, b"no, " + d), (24, d))),
    ])
    w.udp(1813, [(True, packet(4, (40, b"\0\0\0\1"), (1, q), (44, q), (25, d),
                               (50, d), (31, d)))])


def snmp(w, d, q):
    def pdu(kind, community, *values):
        return der(0x30, der(2, b"\1"), der(4, community), der(
            kind, der(2, b"\x12\x34\x56\x78"), der(2, b"\0"), der(2, b"\0"),
            der(0x30, *[der(0x30, der(6, oid), der(4, v)) for oid, v in values])))
    system = b"\x2b\x06\x01\x02\x01\x01"
    w.udp(161, [(True, pdu(0xA0, d, (system + b"\4\0", b""))),
                (False, pdu(0xA2, d, (system + b"\4\0", d), (system + b"\5\0",
                                                           q + b"s-iphone"),
                            (b"\x2b\x06\x01\x02\x01\x1f\x01\x01\x01\x12\x01", d),
                            (b"\x2b\x06\x01\x04\x01\x82\x37\x01", d))),
                (True, pdu(0xA3, d, (system + b"\4\0", d)))])
    w.udp(162, [(True, pdu(0xA7, d, (b"\x2b\x06\x01\x04\x01\x82\x37\x02", d)))])


def mqtt(w, d, q):
    def s(text):
        return struct.pack(">H", len(text)) + text

    def packet(first, *parts):
        body = b"".join(parts)
        n = len(body)
        size = bytes((n,)) if n < 128 else bytes((n & 127 | 128, n >> 7))
        return bytes((first,)) + size + body

    def properties(*parts):
        body = b"".join(parts)
        return bytes((len(body),)) + body
    w.tcp(1883, [
        (True, packet(0x10, s(b"MQTT"), b"\5\xee\0\x3c",
                      properties(b"\x26" + s(d) + s(d), b"\x15" + s(b"SCRAM-SHA-1"),
                                 b"\x16" + s(d)), s(q),
                      properties(b"\3" + s(d), b"\x08" + s(d)), s(b"ward/" + q), s(d), s(q),
                      s(d))),
        (False, packet(0x20, b"\0\0", properties(b"\x1f" + s(d), b"\x12" + s(q)))),
        (True, packet(0x82, b"\0\1\0", s(b"patient/" + q + b"/#"), b"\0")),
        (False, packet(0x90, b"\0\1\0\0")),
        (True, packet(0x30, s(b"patient/" + q), properties(
            b"\3" + s(d), b"\x08" + s(d), b"\x26" + s(d) + s(d), b"\x09" + s(d)), d)),
        (True, packet(0x30, s(b"patient/" + q), properties(b"\3" + s(b"text/" + d)), d)),
        (True, packet(0xE0, b"\0", properties(b"\x1f" + s(d)))),
    ])


def syslog(w, d, q):
    w.udp(514, [(True, t) for t in (
        b"<13>Nov 26 04:16:10 pump7 app[77]: patient " + d,
        b"<13>Nov 26 04:16:10 pump7 app[" + d + b"]: patient " + d,
        b"<13>" + d + b": infusion done", b"<13>" + d + b" " + d, b"<13>1 " + d,
        b"<13>1 " + d + b" pump7 app 7 ID1 - x",
        b"<13>1 2026-11-26T04:16:10Z pump7 app " + d + b" - [x@1 p=\"" + d + b"\"] " + d,
        b"<13>at 50%" + d + b"-" + d + b": done",
        b"<13>2026-11-26T04:16:10" + d + b" pump7 app: x",
        b"<13>Nov 26 04:16:10 " + q + b"s-iphone app: " + d)])


def dns(w, d, q):
    question = struct.pack(">HHHHHH", 7, 0x0100, 1, 0, 0, 0) + label(
        q + b"s-iPhone", b"home", b"example") + b"\0\1\0\1"
    answer = struct.pack(">HHHHHH", 7, 0x8180, 1, 2, 0, 0) + label(
        q + b"s-iPhone", b"home", b"example") + b"\0\1\0\1" + (
            b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4\x0a\0\0\1") + (
            b"\xc0\x0c\0\x10\0\1\0\0\0\1" + struct.pack(">HB", 1 + len(d), len(d)) + d)
    w.udp(53, [(True, question), (False, answer)])
    w.udp(5355, [(True, struct.pack(">HHHHHH", 8, 0, 1, 0, 0, 0) +
                  label(q + b"s-MacBook") + b"\0\1\0\1")], 40005)


def mdns(w, d, q):
    def record(name, kind, data):
        return name + struct.pack(">HHIH", kind, 1, 120, len(data)) + data
    out = struct.pack(">HHHHHH", 0, 0x8400, 0, 0, 0, 0)[:6]
    records = []
    for service, instance in ((b"_airplay", q + b"'s iPad"), (b"_presence", q + b"@mac"),
                              (b"_companion-link", q), (b"_homekit", q)):
        name = label(instance, service, b"_tcp", b"local")
        records += [record(label(service, b"_tcp", b"local"), 12, name),
                    record(name, 33, b"\0\0\0\0\x1f\x90" + label(q + b"s-iPad", b"local")),
                    record(name, 16, bytes((5 + len(d),)) + b"name=" + d)]
    w.udp(5353, [(True, out + struct.pack(">HHH", len(records), 0, 0) + b"".join(records))],
          5353)


def nbns(w, d, q):
    def encoded(name, kind):
        raw = name[:15].upper().ljust(15) + bytes((kind,))
        return b"\x20" + b"".join(bytes((65 + (c >> 4), 65 + (c & 15))) for c in raw) + b"\0"
    del d
    w.udp(137, [(True, struct.pack(">HHHHHH", 9, 0x2910, 1, 0, 0, 1) + encoded(q, 3) +
                 b"\0\x20\0\1\xc0\x0c\0\x20\0\1\0\0\0\0\0\6\0\0\x0a\x4d\0\x15")], 137)


def dhcp(w, d, q):
    def option(code, value):
        return bytes((code, len(value))) + value
    head = b"\1\1\6\0\x12\x34\x56\x78" + b"\0" * 20 + b"\2\0\0\0\0\x15" + b"\0" * 202
    head += b"\x63\x82\x53\x63"
    w.udp(67, [(True, head + option(53, b"\1") + option(12, q + b"s-iPhone") +
                option(61, b"\0" + q) + option(56, d) + option(255, b"")[:1]),
               (True, head + option(53, b"\3") + option(61, q) +
                option(81, b"\0\0\0" + q + b"s-iPhone") +
                option(82, option(6, q)) + b"\xff"),
               (True, head + option(53, b"\3") + option(61, b"\2" + q) + b"\xff")], 68)


def tftp(w, d, q):
    del q
    w.udp(69, [(True, b"\0\1" + d + b".meier\0octet\0"), (True, b"\0\2" + d + b"\0octet\0")])
    w.udp(69, [(False, b"\0\5\0\1" + d + b"\0")])


def vnc(w, d, q):
    for name in (d + b" desktop", b"lab:1 (" + d + b")"):
        w.tcp(5900, [(False, b"RFB 003.008\n"), (True, b"RFB 003.008\n"), (False, b"\1\1"),
                     (True, b"\1"), (False, b"\0\0\0\0"), (True, b"\1"),
                     (False, b"\4\0\3\0" + b"\x20\x18\0\1\0\xff\0\xff\0\xff\x10\x08\0\0\0\0" +
                      struct.pack(">I", len(name)) + name)])
        w.frames.append(w.frames[-1])
    del q


def wsd(w, d, q):
    def probe(scopes, message, more=b""):
        return (b'<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-'
                b'envelope" xmlns:a="http://www.w3.org/2005/08/addressing" xmlns:d="http://'
                b'docs.oasis-open.org/ws-dd/ns/discovery/2009/01"><s:Header><a:Action>http://'
                b'docs.oasis-open.org/ws-dd/ns/discovery/2009/01/Hello</a:Action><a:MessageID>'
                + message + b'</a:MessageID><a:RelatesTo>' + message + b'</a:RelatesTo>'
                b'</s:Header><s:Body><d:Hello><a:EndpointReference><a:Address>urn:uuid:'
                b'01234567-89ab-cdef-0123-456789abcdef</a:Address></a:EndpointReference>'
                b'<d:Types>x:MedicalDevice</d:Types><d:Scopes>' + scopes + b'</d:Scopes>'
                b'<d:XAddrs>http://10.77.0.21/' + d + b'</d:XAddrs>' + more +
                b'</d:Hello></s:Body></s:Envelope>')
    del q
    w.udp(3702, [(True, probe(
        b"sdc.ctxt.pat:/x/" + d + b"?id=" + d + b" sdc.ctxt.opr:/x/" + d + b" sdc.ctxt.ens:/" +
        d + b" sdc.ctxt.wfl:/" + d + b" sdc.mds.pkp:" + d + b" urn:" + d +
        b" http://x/" + d, b"urn:uuid:01234567-89ab-cdef-0123-456789abcdef",
        b"<x:Patient>" + d + b"</x:Patient>")), (True, probe(b"urn:x", b"urn:" + d))])


def ssh(w, d, q):
    del q
    w.tcp(22, [(True, b"SSH-2.0-OpenSSH_9.2 " + d + b"\r\n"),
               (False, b"SSH-2.0-dropbear_2022.83 owner " + d + b"\r\n")])


def ipp(w, d, q):
    def value(tag, name, text):
        return bytes((tag,)) + struct.pack(">H", len(name)) + name + struct.pack(
            ">H", len(text)) + text
    body = b"\2\0\0\2\0\0\0\1\1" + value(0x47, b"attributes-charset", b"utf-8") + value(
        0x42, b"requesting-user-name", q) + value(0x42, b"job-name", d + b"." + d[:8]) + b"\3"
    w.tcp(631, [(True, lines(b"POST /printers/" + d + b" HTTP/1.1\nHost: prn\nContent-Type: "
                             b"application/ipp\nContent-Length: " + str(len(body)).encode() +
                             b"\n\n") + body)])


def lldp(w, d, q):
    def part(kind, value):
        return struct.pack(">H", kind << 9 | len(value)) + value
    civic = b"\2DE" + b"\x17" + bytes((len(d),)) + d + b"\x16" + bytes((len(d),)) + d
    w.ether(b"\x88\xcc", part(1, b"\4\2\0\0\0\0\x15") + part(2, b"\5eth0") + part(
        3, b"\0\x78") + part(4, d) + part(5, q + b"s-macbook") + part(
            127, b"\0\x12\xbb\3\2" + bytes((len(civic),)) + civic) + part(0, b""))


def tls(w, d, q):
    def name(*pairs):
        return der(0x30, *[der(0x31, der(0x30, der(6, oid), der(0x0C, v)))
                           for oid, v in pairs])
    surname, given, cn, uid, mail = (b"\x55\x04\x04", b"\x55\x04\x2a", b"\x55\x04\x03",
                                     b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01",
                                     b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01")

    def certificate(subject, san):
        times = der(0x30, der(0x17, b"250101000000Z"), der(0x17, b"350101000000Z"))
        key = der(0x30, der(0x30, der(6, b"\x2b\x65\x70")), der(3, b"\0" + b"k" * 32))
        names = der(0xA3, der(0x30, der(0x30, der(6, b"\x55\x1d\x11"), der(4, der(
            0x30, der(0x81, san), der(0x82, b"pacs"))))))
        body = der(0x30, der(0xA0, der(2, b"\2")), der(2, b"\x11\x22"),
                   der(0x30, der(6, b"\x2b\x65\x70")), name((cn, b"Ward CA")), times, subject,
                   key, names)
        one = der(0x30, body, der(0x30, der(6, b"\x2b\x65\x70")), der(3, b"\0" + b"s" * 64))
        whole = len(one).to_bytes(3, "big") + one
        return b"\x0b" + (len(whole) + 3).to_bytes(3, "big") + len(whole).to_bytes(
            3, "big") + whole

    def record(body):
        return b"\x16\3\3" + struct.pack(">H", len(body)) + body
    sni = q + b"s-iphone.local"
    ext = b"\0\0" + struct.pack(">HHBH", len(sni) + 5, len(sni) + 3, 0, len(sni)) + sni
    hello = b"\3\3" + b"r" * 32 + b"\0" + b"\0\2\xc0\x2f" + b"\1\0" + struct.pack(
        ">H", len(ext)) + ext
    server = b"\3\3" + b"r" * 32 + b"\0\xc0\x2f\0"
    w.tcp(443, [
        (True, record(b"\1" + len(hello).to_bytes(3, "big") + hello)),
        (False, record(b"\2" + len(server).to_bytes(3, "big") + server) + record(certificate(
            name((cn, b"pacs"), (mail, b"q@" + b"ward.example"), (surname, b"nobody")),
            b"q@x")) + record(b"\x0e\0\0\0")),
        (True, record(certificate(name((cn, q), (surname, q), (given, q), (uid, q),
                                       (mail, q + b"@ward.example")), q + b"@x"))),
    ])
    w.tcp(8443, [
        (True, record(b"\1" + len(hello).to_bytes(3, "big") + hello)),
        (False, record(b"\2" + len(server).to_bytes(3, "big") + server) + record(certificate(
            name((cn, b"pacs"), (mail, d + b"@ward.example"), (surname, d), (given, d),
                 (uid, d)), d + b"@x")) + record(b"\x0e\0\0\0"))])


def rdp(w, d, q):
    cookie = b"Cookie: mstshash=" + q + b"\r\n\1\0\x08\0\1\0\0\0"
    del d
    w.tcp(3389, [(True, b"\3\0" + struct.pack(">H", 11 + len(cookie)) + bytes(
        (6 + len(cookie),)) + b"\xe0\0\0\0\0\0" + cookie)])


def rpc(w, d, q):
    def text(s):
        return struct.pack(">I", len(s)) + s + b"\0" * (-len(s) % 4)
    credential = b"\0\0\0\7" + text(q + b"s-macbook") + struct.pack(">III", 1000, 1000, 0)

    def call(program, version, procedure, arguments):
        return struct.pack(">IIIIIIII", 77, 0, 2, program, version, procedure, 1, len(
            credential))[:32] + credential + b"\0" * 8 + arguments
    w.udp(2049, [(True, call(100003, 3, 3, text(b"handle00") + text(d + b".meier"))),
                 (True, call(100003, 3, 12, text(b"handle00") + text(d))),
                 (True, call(100003, 3, 14, text(b"handle00") + text(d) + text(b"handle00") +
                             text(d)))], 800)
    w.udp(635, [(True, call(100005, 3, 1, text(b"/home/" + d)))], 801)


SESSIONS = (http, smtp, ftp, telnet, sip, ldap, kerberos, radius, snmp, mqtt, syslog, dns, mdns,
            nbns, dhcp, tftp, vnc, wsd, ssh, ipp, lldp, tls, rdp, rpc)
# a certificate is told by its hash, which differs when the certificate does
HASHED = {"tls"}
# what the session must at least be understood as
NAMES = {"ipp": "http"}


def edits():
    """Recorded captures in which a string of equal length is put in place of another."""
    return (
        ("smb/v311.pcap", "WARDnurse1", b"nurse1"), ("smb/v311.pcap", "", b"study1"),
        ("smb/v202.pcap", "", b"report"), ("smb/nt1.pcap", "", b"study2"),
        ("smb/impacket-nt1.pcap", "", b"nurse1"), ("smb/psexec.pcap", "", b"nurse1"),
        ("smb/rpc.pcap", "", b"nurse1"), ("dcerpc/calls.pcap", "", b"nurse1"),
    )


def build(session, d, q, path):
    w = Writer()
    session(w, d, q)
    w.write(path)
