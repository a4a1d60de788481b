# SPDX-License-Identifier: Apache-2.0
"""The detection tables of HL7, DICOM, FHIR, DICOMweb, laboratory and SDC: who speaks to whom,
what no device does, and much of what is harmless once. All people and orders are invented."""
import ipaddress
import struct

from hosts import (ANALYZER, ANALYZER2, ENGINE, LIS, MONITOR, OUTSIDE, PACS, PUMP, PUMP2,
                   PUMP_SERVER, ROGUE, SCANNER, SERVICE)
from make_clinical import (CT, FIND, MOVE, ack, associate, association, block, command, dataset,
                           element, even, exchange, find_says, move_says, msh, order,
                           result, store_says, us)
from make_device import http
from make_network import astm, probe
from wire import Wire, mac

BOTH = (("", True), (".not", False))


def dhcp(kind, client, name, number=0, xid=0):
    """A DHCP message of or to a client that calls itself so; RFC 2131, 2132."""
    is_reply = kind in (2, 5)
    address = ipaddress.ip_address(client).packed
    hardware = struct.pack("!BBI", 2, 0x57, number) if number else mac(client)
    body = struct.pack("!BBBBIHH", 2 if is_reply else 1, 1, 6, 0, 0x1234 + number + xid, 0, 0) + \
        bytes(4) + (address if is_reply else bytes(4)) + bytes(8) + hardware + bytes(202) + \
        b"\x63\x82\x53\x63" + bytes([53, 1, kind])
    if name:
        body += bytes([12, len(name)]) + name.encode()
    if is_reply:
        body += b"\x36\x04\x0a\x4e\x09\x01"
    return body + b"\xff"


def joins(wire, client, name):
    """The client gets its address; the inventory learns its name."""
    wire.frame(mac(client), b"\xff" * 6, 0x0800, broadcast(dhcp(3, client, name)))
    wire.udp("10.78.9.1", 67, client, 68, dhcp(5, client, name))


def broadcast(body):
    wire = Wire()
    wire.udp("0.0.0.0", 68, "255.255.255.255", 67, body)
    return wire.frames[0][1][14:]


# --- HL7 -----------------------------------------------------------------------

def pump_order(**change):
    """An order to a pump with one thing that is out of the ordinary."""
    said = dict(volume="500", weight="70", lockout="", time="20251126000000+0000")
    said.update(change)
    text = msh("RGV^O15^RGV_O15", "P1", "BCMA").replace("20251126000000", said["time"])
    text += ("\nPID|1||900001^^^HOSPITAL||DOE^JANE\nORC|RE|1^BCMA\n"
             f"RXG|1||20251126|HEPARIN^Heparin|{said['volume']}||263762^MDC_DIM_MILLI_L^MDC"
             "||||||||125|265266^MDC_DIM_MILLI_L_PER_HR^MDC\n"
             "OBX|1||69986^MDC_DEV_PUMP_INFUS_VMD^MDC||||||||||||||||"
             "0001020304050607^^0001020304050607^EUI-64\n"
             f"OBX|2|NM|68063^MDC_ATTR_PT_WEIGHT^MDC||{said['weight']}|263875^MDC_DIM_KILO_G^MDC")
    if said["lockout"]:
        text += (f"\nOBX|3|NM|157989^MDC_TIME_PCA_LOCKOUT^MDC||{said['lockout']}"
                 "|264352^MDC_DIM_MIN^MDC")
    return exchange([(block(text), ack("ACK^O15^ACK", "P1", "CA"))], server=PUMP_SERVER, port=3001)


def pharmacy(ident):
    return block(msh("RDE^O11^RDE_O11", ident, "PHARMACY") +
                 "\nPID|1||900001^^^HOSPITAL||DOE^JANE\nORC|NW|1^PHARMACY\n"
                 "RXE|^^^20251126|HEPARIN^Heparin|500||mL"), ack("ACK^O11^ACK", ident, "AA")


def roles(is_pump):
    """Results and an order to one pump, and an order of another one."""
    wire = Wire()
    for address, name in ((PUMP, "ALARIS-0017"), (PUMP2, "ALARIS-0018")):
        joins(wire, address, name if is_pump else "")
    for message, answer in ((result("R1", "5.1"), ack("ACK^R01^ACK", "R1", "AA")),
                            pharmacy("O1")):
        wire.talk(ENGINE, PUMP, 2575, [(">", message), ("<", answer)])
    message, answer = order(1)
    wire.talk(PUMP2, PUMP_SERVER, 3001, [(">", message), ("<", answer)])
    return wire


def batch(first="^~\\&", second="^~\\&", stated=2):
    one = msh("ADT^A08^ADT_A01", "B1", encoding=first) + "\nPID|1||900001"
    two = msh("ADT^A08^ADT_A01", "B2", encoding=second) + "\nPID|1||900002"
    return exchange([(block(f"BHS|^~\\&|LAB|HOSPITAL|ENGINE|HOSPITAL|20251126\n{one}\n{two}\n"
                            f"BTS|{stated}"), None)])


def slow(seconds):
    wire = Wire()
    talk = wire.talk(ENGINE, LIS, 2575, close=False)
    for number in range(4):
        talk.say(">", result("S%d" % number, "x"))
        wire.wait(seconds)
        talk.say("<", ack("ACK^R01^ACK", "S%d" % number, "AA"))
    talk.close()
    return wire


def hl7():
    for name, is_bad in BOTH:
        yield "hl7-role" + name, roles(is_bad)
        yield "hl7-pump-volume" + name, pump_order(volume="50000" if is_bad else "9999")
        yield "hl7-pump-weight" + name, pump_order(weight="700" if is_bad else "170")
        yield "hl7-pump-lockout" + name, pump_order(lockout="0" if is_bad else "6")
        yield "hl7-clock-ahead" + name, pump_order(time="20251126010000+0000" if is_bad
                                                   else "20251126000100+0000")
        yield "hl7-slow-acks" + name, slow(45 if is_bad else 5)
        archive = "UEsDBBQAAAAIAAAAIQ" if is_bad else "JVBERi0xLjQKJeLjz9"
        yield "hl7-archive" + name, exchange([(block(
            msh("MDM^T02^MDM_T02", "Z1") + "\nPID|1||900001\nOBX|1|ED|LETTER||^APPLICATION^X^Base64^" +
            archive + "A" * 200 + "||||||F"), ack("ACK^T02^ACK", "Z1", "AA"))])
    yield "hl7-batch-delimiters", batch(second="^~#&")
    yield "hl7-batch-count", batch(stated=3)


# --- DICOM ---------------------------------------------------------------------

MPPS, PRIVATE, SCREEN = "1.2.840.10008.3.1.2.3.3", "1.3.12.2.1107.5.9.1", "1.2.840.10008.5.1.4.1.1.7"
STATE = element(0x40, 0x252, b"COMPLETED ")


def normalized(code, sop_class, instance, body=b""):
    """N-SET (0x120) or N-DELETE (0x150), and its answer; PS3.7 10.1."""
    ask = [(3, even(sop_class)), (0x100, us(code)), (0x110, us(1)),
           (0x800, us(1 if body else 0x101)), (0x1001, even(instance))]
    answer = [(2, even(sop_class)), (0x100, us(0x8000 | code)), (0x120, us(1)),
              (0x800, us(0x101)), (0x900, us(0)), (0x1000, even(instance))]
    return [(">", command(ask) + (dataset(body) if body else b"")), ("<", command(answer))]


def huge_move():
    says = move_says("WARD")
    end = command([(2, even(MOVE)), (0x100, us(0x8021)), (0x120, us(1)), (0x800, us(0x101)),
                   (0x900, us(0)), (0x1021, us(4200)), (0x1022, us(0))])
    return [says[0], ("<", end)]


def dicom():
    wire = Wire()
    association(wire, [MOVE], huge_move(), ROGUE)
    yield "dicom-huge-move", wire
    wire = Wire()
    association(wire, ["1.2.840.10008.5.1.4.34.6.1"],
                normalized(0x150, "1.2.840.10008.5.1.4.34.6.1", "1.2.3.4.6"), ROGUE)
    yield "dicom-delete", wire
    wire = Wire()
    for _ in range(2):
        association(wire, [FIND], find_says(2, "DOE*"), ROGUE, calling="VIEWER")
        association(wire, [MOVE], move_says("VIEWER"), ROGUE, calling="VIEWER")
    association(wire, [MPPS], normalized(0x120, MPPS, "1.2.3.4.7", STATE), ROGUE, calling="VIEWER")
    yield "dicom-mpps-viewer", wire
    wire = Wire()
    association(wire, [PRIVATE], store_says(PRIVATE, b"MR"))
    yield "dicom-private", wire
    wire = Wire()
    association(wire, [SCREEN], store_says(SCREEN, b"CT"))
    yield "dicom-screen", wire
    wire = Wire()
    wire.talk(ROGUE, PACS, 104, [(">", associate("PACS", "CT01", [CT])),
                                 ("<", associate("PACS", "CT01", [CT], kind=2)),
                                 (">", associate("PACS", "CT01", [CT]))])
    yield "dicom-order", wire


# --- FHIR and DICOMweb -----------------------------------------------------------

def many(ask, answer, count, pause=0.1, client=ROGUE, server=ENGINE, port=80):
    wire = Wire()
    talk = wire.talk(client, server, port, close=False)
    for number in range(count):
        text = (ask % number if "%d" in ask else ask) + "\r\nHost: d\r\n\r\n"
        talk.say(">", text.encode())
        talk.say("<", answer)
        wire.wait(pause)
    talk.close()
    return wire


def token_request(scope):
    return http(MONITOR, ENGINE, "POST /oauth/token HTTP/1.1\nHost: d\nContent-Type: "
                "application/x-www-form-urlencoded",
                b"grant_type=client_credentials&scope=" + scope)


def web():
    fhir = " HTTP/1.1\nHost: d\nAccept: application/fhir+json"
    qido = " HTTP/1.1\nHost: d\nAccept: application/dicom+json"
    empty = b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: 0\r\n\r\n"
    no = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
    for name, is_bad in BOTH:
        secret = "access_token=0a1b2c" if is_bad else "token_type=bearer"
        yield "url-token" + name, http(ROGUE, ENGINE, f"GET /fhir/Patient/17?{secret}" + fhir)
        count = "5000" if is_bad else "50"
        yield "fhir-count" + name, http(ROGUE, ENGINE, f"GET /fhir/Patient?_count={count}" + fhir)
        yield "fhir-sweep" + name, many("GET /fhir/Patient/%d HTTP/1.1", empty,
                                        80 if is_bad else 20)
        yield "smart-scope" + name, token_request(b"system%2F*.read" if is_bad
                                                  else b"patient%2FDevice.read")
        yield "web-forbidden" + name, many("GET /admin HTTP/1.1", no, 30 if is_bad else 5)
        yield "qido-everybody" + name, http(
            ROGUE, PACS, "GET /dicom-web/studies?" + ("limit=100&offset=0" if is_bad else
                                                      "PatientID=900001&limit=100") + qido)
        yield "web-delete" + name, http(
            ROGUE, PACS, ("DELETE" if is_bad else "GET") + " /studies/0a1b2c HTTP/1.1\nHost: d",
            port=8042)
        page = b"<?php system($_GET['cmd']); ?>" if is_bad else b"<?php echo 'open'; ?>"
        wire = http(ROGUE, PACS, "PUT /uploads/a.php HTTP/1.1\nHost: d", page)
        call = "cmd=whoami" if is_bad else "page=contact"
        ask = f"GET /uploads/a.php?{call} HTTP/1.1\r\nHost: d\r\n\r\n".encode()
        wire.talk(ROGUE, PACS, 80, [(">", ask), ("<", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")])
        yield "web-shell" + name, wire


# --- laboratory --------------------------------------------------------------------

POCT = (b'<%s><HDR><HDR.control_id V="1"/><HDR.version_id V="POCT1"/></HDR>%s</%s>')


def directive(kind, body=b""):
    return POCT % (kind, body, kind)


def lab():
    head = b"H|\\^&|||c111^Roche^1234^4.2.2|||||LIS||%s|1|20251126"
    value = b"R|1|^^^GLU|5.1|mmol/L"
    wire = Wire()
    wire.talk(ROGUE, LIS, 4000, astm(head % b"P", b"P|1", value, b"L|1|N"))
    yield "astm-forged", wire
    for name, is_bad in BOTH:
        wire = Wire()
        wire.talk(ROGUE if is_bad else ANALYZER, LIS, 4000,
                  astm(head % b"P", b"Q|1|^900123||ALL", b"L|1|N"))
        yield "astm-question" + name, wire
    wire = Wire()
    wire.talk(ANALYZER, LIS, 4000, astm(head % b"T", value, b"L|1|N"))
    yield "astm-training", wire
    clock = b'<DTV><DTV.command_cd V="SET_TIME"/><DTV.timestamp_dttm V="2025-11-26T00:00:00"/></DTV>'
    wire = Wire()
    wire.talk(LIS, ANALYZER2, 3001, [(">", directive(b"DTV.R02", clock))])
    yield "poct-time", wire
    wire = Wire()
    for manager in (LIS, LIS, SERVICE):
        wire.talk(manager, ANALYZER2, 3001, [(">", directive(b"OPL.R01"))])
    yield "poct-managers", wire


# --- SDC ---------------------------------------------------------------------------

def sdc():
    gone = ('<a:EndpointReference><a:Address>urn:uuid:6f3a1e40-7d1d-11ee-b962-%012x'
            '</a:Address></a:EndpointReference>')
    for name, is_bad in BOTH:
        wire = Wire()
        for number in range(15 if is_bad else 3):
            wire.udp(ROGUE, 50000, "239.255.255.250", 3702, probe("Bye", number, gone % number))
        yield "wsd-byes" + name, wire
        wire = Wire()
        client = OUTSIDE if is_bad else SERVICE
        wire.udp(client, 50000, MONITOR, 3702, probe("Probe"))
        wire.udp(MONITOR, 3702, client, 50000, probe("ProbeMatches", 1, gone % 1))
        yield "wsd-answer-outside" + name, wire


def captures():
    for maker in (hl7, dicom, web, lab, sdc):
        yield from maker()
