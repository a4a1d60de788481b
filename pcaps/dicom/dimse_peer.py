#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""pynetdicom SCP and SCUs for the recordings.

Writes one JSON line {"assoc": ...} per association, from pynetdicom's own
events (what the library says it sent and received, never from a capture).

    dimse_peer.py scp PORT [options]
    dimse_peer.py SCENARIO HOST PORT [FILES...]
"""
import argparse
import json
import os
import socket
import sys
import threading
import time

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import (DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ExplicitVRLittleEndian,
                         ImplicitVRLittleEndian, JPEGLosslessSV1, RLELossless, generate_uid)
from pynetdicom import AE, AllStoragePresentationContexts, StoragePresentationContexts, build_context, build_role, evt
from pynetdicom.pdu import A_ABORT_RQ
from pynetdicom.pdu_primitives import (AsynchronousOperationsWindowNegotiation, SOPClassCommonExtendedNegotiation,
                                       SOPClassExtendedNegotiation, UserIdentityNegotiation)
from pynetdicom.sop_class import *  # noqa

LOCK = threading.Lock()
MPPS = "1.2.840.10008.3.1.2.3.3"
STGCMT = "1.2.840.10008.1.20.1"
STGCMT_INST = "1.2.840.10008.1.20.1.1"
ECHO = "1.2.840.10008.1.1"
CT = "1.2.840.10008.5.1.4.1.1.2"
STUDY_FIND = "1.2.840.10008.5.1.4.1.2.2.1"
STUDY_MOVE = "1.2.840.10008.5.1.4.1.2.2.2"
STUDY_GET = "1.2.840.10008.5.1.4.1.2.2.3"
MWL = "1.2.840.10008.5.1.4.31"
FILM = "1.2.840.10008.5.1.1.1"
PRINT_META = "1.2.840.10008.5.1.1.9"
NAMES = {1: "C-STORE", 0x10: "C-GET", 0x20: "C-FIND", 0x21: "C-MOVE", 0x30: "C-ECHO", 0x100: "N-EVENT-REPORT", 0x110: "N-GET",
         0x120: "N-SET", 0x130: "N-ACTION", 0x140: "N-CREATE", 0x150: "N-DELETE", 0xFFF: "C-CANCEL"}
RESULT = {1: "Rejected Permanent", 2: "Rejected Transient"}
SOURCE = {1: "Service User", 2: "Service Provider (ACSE)", 3: "Service Provider (Presentation)"}


def uid(*n):
    return generate_uid(prefix="1.2.826.0.1.3680043.8.498.", entropy_srcs=["wardtap"] + list(n))


class Log:
    """Event handlers that keep one record per association."""

    def __init__(self, requestor):
        self.side = "requestor" if requestor else "acceptor"
        self.other = "acceptor" if requestor else "requestor"
        self.recs = {}

    def rec(self, assoc):
        return self.recs.setdefault(id(assoc), {"outcome": None, "end": None, "messages": []})

    def fill(self, assoc):
        r = self.rec(assoc)
        q = assoc.requestor.primitive
        if q is None:
            return r
        r["calling"], r["called"] = str(q.calling_ae_title).strip(), str(q.called_ae_title).strip()
        for k in ("roles", "extended", "common_extended", "async_ops"):
            r.pop(k, None)          # called more than once: begin again
        impl = r.setdefault("implementation", {})
        mp = r.setdefault("max_pdu", {})
        ac = assoc.acceptor.primitive
        for who, prim in (("requestor", q), ("acceptor", ac)):
            if prim is None:
                continue
            for it in prim.user_information:
                n = type(it).__name__
                if n == "ImplementationClassUIDNotification":
                    impl.setdefault(who, {})["class_uid"] = str(it.implementation_class_uid)
                elif n == "ImplementationVersionNameNotification":
                    impl.setdefault(who, {})["version"] = str(it.implementation_version_name)
                elif n == "MaximumLengthNotification":
                    mp[who] = it.maximum_length_received
                elif n == "UserIdentityNegotiation":
                    if who == "requestor":
                        r["user_identity"] = {"type": it.user_identity_type, "primary_length": len(it.primary_field or b""),
                                              "secondary_length": len(it.secondary_field or b""), "response_requested": it.positive_response_requested}
                    else:
                        r["user_identity_response"] = True
                elif n == "AsynchronousOperationsWindowNegotiation":
                    r.setdefault("async_ops", {})[who] = [it.maximum_number_operations_invoked, it.maximum_number_operations_performed]
                elif n == "SCP_SCU_RoleSelectionNegotiation":
                    r.setdefault("roles", {}).setdefault(who, []).append([str(it.sop_class_uid), it.scu_role, it.scp_role])
                elif n == "SOPClassExtendedNegotiation":
                    r.setdefault("extended", {}).setdefault(who, []).append([str(it.sop_class_uid), it.service_class_application_information.hex()])
                elif n == "SOPClassCommonExtendedNegotiation":
                    r.setdefault("common_extended", {}).setdefault(who, []).append([str(it.sop_class_uid), str(it.service_class_uid), [str(x) for x in it.related_general_sop_class_identification]])
        cx = []
        for c in q.presentation_context_definition_list:
            d = {"id": c.context_id, "abstract": str(c.abstract_syntax), "transfer": [str(t) for t in c.transfer_syntax]}
            cx.append(d)
        if ac is not None:
            res = {c.context_id: c for c in ac.presentation_context_definition_results_list}
            for d in cx:
                if d["id"] in res:
                    c = res[d["id"]]
                    d["result"] = {0: "Accepted", 1: "User rejection", 2: "No reason", 3: "Abstract syntax not supported", 4: "Transfer syntaxes not supported"}.get(c.result, c.result)
                    if c.result == 0:
                        d["accepted"] = str(c.transfer_syntax[0])
        r["contexts_proposed"] = len(cx)
        r["contexts_accepted"] = sum(d.get("result") == "Accepted" for d in cx)
        used = {m.get("ctx") for m in r["messages"]}
        if len(cx) > 8:
            cx = [d for d in cx if d["id"] in used]
            r["contexts_listed"] = "only those used by a message"
        r["contexts"] = cx
        return r

    def message(self, e, who):
        cs = e.message.command_set
        c = cs.CommandField
        m = {"from": who, "type": NAMES.get(c & 0x7FFF if c != 0xFFF else c, hex(c)) + (" RSP" if c & 0x8000 else " RQ"), "ctx": e.message.context_id}
        for kw, k in (("MessageID", "id"), ("MessageIDBeingRespondedTo", "responds_to"), ("AffectedSOPClassUID", "sop_class"),
                      ("RequestedSOPClassUID", "sop_class"), ("AffectedSOPInstanceUID", "sop_instance"), ("RequestedSOPInstanceUID", "sop_instance"),
                      ("MoveDestination", "move_destination"), ("EventTypeID", "event_type"), ("ActionTypeID", "action_type"),
                      ("NumberOfRemainingSuboperations", "remaining"), ("NumberOfCompletedSuboperations", "completed"),
                      ("NumberOfFailedSuboperations", "failed"), ("NumberOfWarningSuboperations", "warning"),
                      ("ErrorComment", "error_comment"), ("MoveOriginatorApplicationEntityTitle", "move_originator")):
            if kw in cs:
                v = cs[kw].value
                m[k] = v if isinstance(v, int) else str(v).strip()
        if "Status" in cs:
            m["status"] = "%04X" % cs.Status
        m["dataset"] = cs.CommandDataSetType != 0x0101
        if c == 0xFFF:
            m["type"] = "C-CANCEL RQ"
        self.rec(e.assoc)["messages"].append(m)

    def finish(self, assoc):
        with LOCK:
            r = self.rec(assoc)
            r["end"] = r["end"] or "connection closed"
            self.flush(assoc)

    def flush(self, assoc):
        r = self.fill(assoc)
        self.recs.pop(id(assoc), None)
        if "calling" in r:
            print(json.dumps({"assoc": r}), flush=True)

    def handlers(self):
        def outcome(v):
            def f(e):
                self.rec(e.assoc)["outcome"] = v
                self.fill(e.assoc)
            return f

        def rejected(e):
            r = self.fill(e.assoc)
            r["outcome"] = r["end"] = "rejected"
            ac = e.assoc.acceptor.primitive
            if ac is not None:
                r["reject"] = {"result": RESULT.get(ac.result, ac.result), "source": SOURCE.get(ac.result_source, ac.result_source), "reason": ac.reason_str if hasattr(ac, "reason_str") else ac.diagnostic, "diagnostic": ac.diagnostic}

        def end(v):
            def f(e):
                r = self.rec(e.assoc)
                r["end"] = r["end"] or v
            return f

        def closed(e):
            # pynetdicom tells of the close before the release or the
            # rejection at times: wait a little, then write the record
            threading.Timer(0.15, self.finish, (e.assoc,)).start()
        return [(evt.EVT_ACCEPTED, outcome("accepted")), (evt.EVT_REJECTED, rejected), (evt.EVT_RELEASED, end("release")),
                (evt.EVT_ABORTED, end("abort")), (evt.EVT_CONN_CLOSE, closed),
                (evt.EVT_DIMSE_RECV, lambda e: self.message(e, self.other)), (evt.EVT_DIMSE_SENT, lambda e: self.message(e, self.side))]


# --- SCP -------------------------------------------------------------------
def scp(argv):
    p = argparse.ArgumentParser()
    p.add_argument("port", type=int)
    p.add_argument("--bind", default="0.0.0.0")
    p.add_argument("--aet", default="WARDPACS")
    p.add_argument("--pdu", type=int, default=16382)
    p.add_argument("--calling", action="append", default=[])
    p.add_argument("--need-called", action="store_true")
    p.add_argument("--max-assoc", type=int, default=10)
    p.add_argument("--status", action="append", default=[], help="statuses for successive C-STOREs")
    p.add_argument("--delay", type=float, default=0)
    p.add_argument("--user", help="NAME:PASS that is accepted")
    p.add_argument("--nevent", help="HOST:PORT for the storage commitment report on a reverse association")
    p.add_argument("--same", action="store_true", help="storage commitment report on the same association")
    p.add_argument("--ct-only", action="store_true")
    a = p.parse_args(argv)
    log = Log(False)
    ae = AE(a.aet)
    ae.maximum_pdu_size = a.pdu
    ae.require_calling_aet = a.calling
    ae.require_called_aet = a.need_called
    ae.maximum_associations = a.max_assoc
    allts = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian, JPEGLosslessSV1, RLELossless]
    if a.ct_only:
        ae.add_supported_context(CT, ExplicitVRLittleEndian)
    else:
        for c in AllStoragePresentationContexts:
            ae.add_supported_context(c.abstract_syntax, allts, scu_role=True, scp_role=True)
        for s in (STUDY_FIND, STUDY_MOVE, STUDY_GET, MWL, MPPS, FILM, PRINT_META, STGCMT):
            ae.add_supported_context(s, allts[:2])
    ae.add_supported_context(ECHO)
    statuses = [int(s, 16) for s in a.status]
    store = {}
    n = [0]

    def on_store(e):
        time.sleep(a.delay)
        if statuses:
            s = statuses[n[0] % len(statuses)]
            n[0] += 1
            if s:
                d = Dataset()
                d.Status = s
                d.ErrorComment = "SYNTHETIC STATUS %04X" % s
                return d
        return 0

    def on_find(e):
        for i in range(40):
            if e.is_cancelled:
                yield 0xFE00, None
                return
            d = Dataset()
            d.QueryRetrieveLevel = "STUDY"
            d.PatientName = "WARDTAP^TEST%02d" % i
            d.PatientID = "TEST%06d" % i
            d.StudyInstanceUID = uid("find", str(i))
            time.sleep(a.delay)
            yield 0xFF00, d

    def on_create(e):
        d = e.attribute_list
        i = e.request.AffectedSOPInstanceUID or uid("film")
        if i in store:
            return 0x0111, None
        store[str(i)] = d
        d.SOPInstanceUID = i
        return 0, d

    def on_set(e):
        i = str(e.request.RequestedSOPInstanceUID)
        if i not in store:
            return 0x0112, None
        store[i].update(e.modification_list)
        return 0, e.modification_list

    def on_get(e):
        i = str(e.request.RequestedSOPInstanceUID)
        if i not in store:
            return 0x0112, None
        return 0, store[i]

    def on_delete(e):
        return 0 if store.pop(str(e.request.RequestedSOPInstanceUID), None) else 0x0112

    def on_action(e):
        info = e.action_information
        rep = Dataset()
        rep.TransactionUID = info.TransactionUID if info and "TransactionUID" in info else uid("x")
        ok, bad = [], []
        for it in (info.ReferencedSOPSequence if info and "ReferencedSOPSequence" in info else []):
            d = Dataset()
            d.ReferencedSOPClassUID, d.ReferencedSOPInstanceUID = it.ReferencedSOPClassUID, it.ReferencedSOPInstanceUID
            if str(it.ReferencedSOPInstanceUID).endswith(".404"):
                d.FailureReason = 0x0112
                bad.append(d)
            else:
                ok.append(d)
        rep.ReferencedSOPSequence = ok
        if bad:
            rep.FailedSOPSequence = bad
        assoc = e.assoc

        def report():
            time.sleep(0.4)
            if a.same:
                assoc.send_n_event_report(rep, 2 if bad else 1, STGCMT, STGCMT_INST)
            elif a.nevent:
                h, po = a.nevent.rsplit(":", 1)
                c = AE(a.aet)
                c.add_requested_context(STGCMT, ExplicitVRLittleEndian)
                x = c.associate(h, int(po), ae_title=assoc.requestor.primitive.calling_ae_title, ext_neg=[build_role(STGCMT, scp_role=True)],
                                evt_handlers=Log(True).handlers())
                if x.is_established:
                    x.send_n_event_report(rep, 2 if bad else 1, STGCMT, STGCMT_INST)
                    x.release()
                    time.sleep(0.2)
        threading.Thread(target=report, daemon=True).start()
        return 0, None

    def on_user(e):
        if a.user and e.user_id_type == 2:
            u, pw = a.user.split(":")
            return (e.primary_field.decode() == u and e.secondary_field.decode() == pw), None
        return True, b"SYNTHETIC-SERVER-TICKET" if e.user_id_type >= 3 else None

    def on_sop_ext(e):
        return e.app_info

    h = log.handlers() + [(evt.EVT_C_STORE, on_store), (evt.EVT_C_ECHO, lambda e: 0), (evt.EVT_C_FIND, on_find), (evt.EVT_N_CREATE, on_create),
                          (evt.EVT_N_SET, on_set), (evt.EVT_N_GET, on_get), (evt.EVT_N_DELETE, on_delete), (evt.EVT_N_ACTION, on_action),
                          (evt.EVT_USER_ID, on_user), (evt.EVT_SOP_EXTENDED, on_sop_ext),
                          (evt.EVT_ASYNC_OPS, lambda e: (4, 3)), (evt.EVT_SOP_COMMON, lambda e: e.items),
                          (evt.EVT_N_EVENT_REPORT, lambda e: (0, None))]
    addr = (a.bind, a.port) if ":" not in a.bind else (a.bind, a.port, 0, 0)
    ae.start_server(addr, block=True, evt_handlers=h)


# --- SCU -------------------------------------------------------------------
def go(ae, host, port, called="WARDPACS", calling=None, **k):
    if calling:
        ae.ae_title = calling
    log = Log(True)
    hs = log.handlers() + k.pop("handlers", [])
    addr = host if ":" not in host else (host, 0, 0)
    x = ae.associate(addr, port, ae_title=called, max_pdu=ae.maximum_pdu_size, evt_handlers=hs, **k)
    x.wardtap_log = log
    return x


def done(x, abort=False):
    if x.is_established:
        x.abort() if abort else x.release()
    time.sleep(0.3)


def new(aet="WARD_CT1", pdu=16382):
    ae = AE(aet)
    ae.maximum_pdu_size = pdu
    ae.acse_timeout = ae.dimse_timeout = 30
    return ae


def s_store(host, port, files, pdu=16382):
    ae = new(pdu=pdu)
    ds = [dcmread(f) for f in files]
    for c in sorted({(d.SOPClassUID, d.file_meta.TransferSyntaxUID) for d in ds}):
        ae.add_requested_context(*c)
    x = go(ae, host, port)
    for d in ds:
        x.send_c_store(d)
    done(x)


def s_store0(host, port, files):
    s_store(host, port, files, 0)


def s_store4k(host, port, files):
    s_store(host, port, files, 4096)


def s_echo(host, port, files):
    ae = new()
    ae.add_requested_context(ECHO)
    x = go(ae, host, port)
    x.send_c_echo()
    done(x)


def s_v6(host, port, files):
    s_echo(host, port, files)
    s_store(host, port, files)


def s_mpps(host, port, files):
    ae = new()
    ae.add_requested_context(MPPS)
    x = go(ae, host, port)
    i = uid("mpps", "1")
    d = Dataset()
    d.PerformedProcedureStepStatus = "IN PROGRESS"
    d.PerformedProcedureStepID = "TESTPPS1"
    d.PerformedStationAETitle = "WARD_CT1"
    d.PerformedStationName = "WTCT01"
    d.PerformedLocation = "TESTROOM"
    d.PerformedProcedureStepStartDate, d.PerformedProcedureStepStartTime = "20240102", "101500"
    d.PatientName, d.PatientID, d.PatientBirthDate, d.PatientSex = "WARDTAP^TESTPATIENT", "TEST000123", "19000101", "O"
    d.Modality, d.StudyID = "CT", "1"
    s = Dataset()
    s.StudyInstanceUID, s.AccessionNumber, s.ScheduledProcedureStepID = uid("ct", "study", "000123"), "TESTACC000123", "TESTSPS1"
    s.ReferencedStudySequence = []
    d.ScheduledStepAttributesSequence = [s]
    d.PerformedSeriesSequence = []
    x.send_n_create(d, MPPS, i)
    x.send_n_create(d, MPPS, i)          # the same again: duplicate instance
    m = Dataset()
    m.PerformedProcedureStepStatus = "COMPLETED"
    m.PerformedProcedureStepEndDate, m.PerformedProcedureStepEndTime = "20240102", "103000"
    m.PerformedSeriesSequence = []
    x.send_n_set(m, MPPS, i)
    m.PerformedProcedureStepStatus = "DISCONTINUED"
    x.send_n_set(m, MPPS, uid("mpps", "nosuch"))
    done(x)


def commit(host, port, same):
    ae = new()
    ae.add_requested_context(STGCMT, ExplicitVRLittleEndian)
    got = threading.Event()

    def ev(e):
        got.set()
        return 0, None
    if not same:
        lis = AE("WARD_CT1")
        lis.add_supported_context(STGCMT, scu_role=True, scp_role=True)
        srv = lis.start_server(("0.0.0.0", 11114), block=False, evt_handlers=[(evt.EVT_N_EVENT_REPORT, ev)])
    x = go(ae, host, port, handlers=[(evt.EVT_N_EVENT_REPORT, ev)])
    d = Dataset()
    d.TransactionUID = uid("trans", str(same))
    seq = []
    for i in (uid("ct", "instance", "1"), uid("ct", "instance", "2"), "1.2.826.0.1.3680043.8.498.404"):
        r = Dataset()
        r.ReferencedSOPClassUID, r.ReferencedSOPInstanceUID = CT, i
        seq.append(r)
    d.ReferencedSOPSequence = seq
    x.send_n_action(d, 1, STGCMT, STGCMT_INST)
    if same:
        got.wait(5)
        time.sleep(0.3)
        done(x)
    else:
        done(x)
        got.wait(5)
        time.sleep(0.5)
        srv.shutdown()


def s_commit(host, port, files):
    commit(host, port, False)


def s_commitsame(host, port, files):
    commit(host, port, True)


def s_users(host, port, files):
    blobs = [(1, b"testuser", None, True), (2, b"testuser", b"synthetic-passcode", True), (2, b"testuser", b"wrong-passcode", True),
             (3, b"\x6e\x82\x01\x00" + b"SYNTHETIC-KERBEROS-AP-REQ" * 8, None, True),
             (4, b'<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" ID="_synthetic"><saml2:Subject><saml2:NameID>testuser</saml2:NameID></saml2:Subject></saml2:Assertion>', None, True),
             (5, b"eyJhbGciOiJub25lIn0.eyJzdWIiOiJ0ZXN0dXNlciIsImlzcyI6InN5bnRoZXRpYyJ9.", None, True),
             (2, b"testuser", b"synthetic-passcode", False)]
    for t, pr, sec, rsp in blobs:
        ae = new()
        ae.add_requested_context(ECHO)
        u = UserIdentityNegotiation()
        u.user_identity_type, u.primary_field, u.positive_response_requested = t, pr, rsp
        if sec is not None:
            u.secondary_field = sec
        x = go(ae, host, port, ext_neg=[u])
        if x.is_established:
            x.send_c_echo()
        done(x)


def s_negotiate(host, port, files):
    ae = new()
    ae.add_requested_context(ECHO)
    ae.add_requested_context(CT, [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
    ae.add_requested_context(STUDY_FIND)
    ae.add_requested_context(STUDY_GET)
    ae.add_requested_context("1.2.826.0.1.3680043.8.498.777.1")     # a private class: refused
    ae.add_requested_context("1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.1.2.4.90")   # a syntax not supported
    w = AsynchronousOperationsWindowNegotiation()
    w.maximum_number_operations_invoked, w.maximum_number_operations_performed = 5, 6
    s = SOPClassExtendedNegotiation()
    s.sop_class_uid, s.service_class_application_information = STUDY_FIND, b"\x01\x01\x01"
    c = SOPClassCommonExtendedNegotiation()
    c.sop_class_uid, c.service_class_uid = "1.2.840.10008.5.1.4.1.1.2.1", "1.2.840.10008.4.2"
    c.related_general_sop_class_identification = [CT, "1.2.840.10008.5.1.4.1.1.88.22"]
    u = UserIdentityNegotiation()
    u.user_identity_type, u.primary_field = 1, b"testuser"
    x = go(ae, host, port, ext_neg=[w, s, c, u, build_role(CT, scu_role=True, scp_role=True)])
    x.send_c_echo()
    done(x)


def s_cancel(host, port, files):
    ae = new("WARD_WKS")
    ae.add_requested_context(STUDY_FIND)
    x = go(ae, host, port)
    q = Dataset()
    q.QueryRetrieveLevel, q.PatientName, q.PatientID, q.StudyInstanceUID = "STUDY", "*", "", ""
    for i, (st, d) in enumerate(x.send_c_find(q, STUDY_FIND, msg_id=7)):
        if i == 4:
            x.send_c_cancel(7, query_model=STUDY_FIND)
    done(x)


def s_reject(host, port, files):
    for called, calling in (("WARDPACS", "INTRUDER"), ("WARDPACS", "ANYSCU"), ("OTHERPACS", "WARD_CT1"), ("WARDPACS", "WARD_CT1")):
        ae = new()
        ae.add_requested_context(ECHO)
        x = go(ae, host, port, called=called, calling=calling)
        if x.is_established:
            x.send_c_echo()
        done(x)


def s_limit(host, port, files):
    xs = []
    for i in range(4):
        ae = new()
        ae.add_requested_context(ECHO)
        xs.append(go(ae, host, port))
        if xs[-1].is_established:
            xs[-1].send_c_echo()
    for x in xs:
        done(x)


def s_nocontext(host, port, files):
    """No context can be accepted; and one where some can."""
    ae = new()
    ae.add_requested_context(STUDY_FIND)
    x = go(ae, host, port)
    done(x)
    ae = new()
    ae.add_requested_context(STUDY_FIND)
    ae.add_requested_context(CT, ["1.2.840.10008.1.2.4.90"])
    ae.add_requested_context(CT, [ExplicitVRLittleEndian])
    ae.add_requested_context(ECHO)
    x = go(ae, host, port)
    if x.is_established:
        x.send_c_echo()
    done(x)


def s_long(host, port, files):
    ae = new()
    ae.add_requested_context(ECHO)
    d = dcmread(files[0])
    ae.add_requested_context(d.SOPClassUID, d.file_meta.TransferSyntaxUID)
    x = go(ae, host, port)
    for pause in (1, 4, 7, 3):
        x.send_c_echo()
        time.sleep(pause)
        x.send_c_store(d)
    x.send_c_echo()
    done(x)


def s_abort(host, port, files):
    """A-ABORT from the SCU in the middle of a data set."""
    ae = new(pdu=16382)
    ae.add_requested_context(CT, ExplicitVRLittleEndian)
    x = go(ae, host, port)
    d = dcmread(files[0])
    x.send_c_store(d)
    n = [0]
    real = x.dul.socket.send

    def send(data):
        n[0] += 1
        if n[0] == 4:                   # after the command and two data PDUs
            pdu = A_ABORT_RQ()
            pdu.source, pdu.reason_diagnostic = 0, 0
            real(pdu.encode())
            time.sleep(0.2)
            quit_with(x, "A-ABORT")
        return real(data)
    x.dul.socket.send = send
    x.send_c_store(dcmread(files[1]))


def quit_with(x, how):
    """Print what is known and end, without any further word to the peer."""
    log = x.wardtap_log
    log.rec(x)["end"] = how
    log.flush(x)
    os._exit(0)


def s_fin(host, port, files):
    """The connection is closed in the middle of a data set."""
    s_reset(host, port, files, False)


def s_reset(host, port, files, rst=True):
    """TCP reset in the middle of a data set."""
    ae = new()
    ae.add_requested_context(CT, ExplicitVRLittleEndian)
    x = go(ae, host, port)
    x.send_c_store(dcmread(files[0]))
    n = [0]
    sk = x.dul.socket
    real = sk.send

    def send(data):
        n[0] += 1
        if n[0] == 4:
            if rst:
                sk.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            sk.socket.close()
            quit_with(x, "TCP reset" if rst else "TCP close")
        return real(data)
    sk.send = send
    x.send_c_store(dcmread(files[1]))


def s_print(host, port, files):
    """Basic film session: N-CREATE, N-SET, N-GET, N-ACTION, N-DELETE."""
    ae = new("WARD_PRN")
    ae.add_requested_context(FILM, ExplicitVRLittleEndian)
    x = go(ae, host, port)
    d = Dataset()
    d.NumberOfCopies, d.PrintPriority, d.MediumType = 1, "LOW", "PAPER"
    i = uid("film", "session")
    x.send_n_create(d, FILM, i)
    d = Dataset()
    d.NumberOfCopies = 2
    x.send_n_set(d, FILM, i)
    x.send_n_get([0x20000010], FILM, i)
    x.send_n_action(None, 1, FILM, i)
    x.send_n_delete(FILM, i)
    x.send_n_delete(FILM, i)
    done(x)


def s_packed(host, port, files):
    """As s_store, but the command and the first data PDV share a PDU."""
    from pynetdicom import dimse_messages
    real = dimse_messages.DIMSEMessage.encode_msg

    def packed(self, *a, **k):
        held = None
        for p in real(self, *a, **k):
            if held is None:
                held = p
                continue
            room = 16382 - sum(len(v[1]) + 5 for v in held.presentation_data_value_list)
            need = sum(len(v[1]) + 5 for v in p.presentation_data_value_list)
            if need <= room:
                held.presentation_data_value_list = [list(v) for v in held.presentation_data_value_list + p.presentation_data_value_list]
            else:
                yield held
                held = p
        if held is not None:
            yield held
    dimse_messages.DIMSEMessage.encode_msg = packed
    s_store(host, port, files)


def s_get(host, port, files):
    ae = new("WARD_WKS")
    ae.add_requested_context(STUDY_GET)
    ae.add_requested_context(CT, ExplicitVRLittleEndian)
    x = go(ae, host, port, ext_neg=[build_role(CT, scp_role=True)], handlers=[(evt.EVT_C_STORE, lambda e: 0)])
    q = Dataset()
    q.QueryRetrieveLevel, q.StudyInstanceUID = "STUDY", uid("ct", "study", "000123")
    for st, d in x.send_c_get(q, STUDY_GET):
        pass
    done(x)


if __name__ == "__main__":
    if sys.argv[1] == "scp":
        scp(sys.argv[2:])
    else:
        globals()["s_" + sys.argv[1]](sys.argv[2], int(sys.argv[3]), sys.argv[4:])
        time.sleep(0.2)
