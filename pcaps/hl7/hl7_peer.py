#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""MLLP server and client on python-hl7's asyncio streams; one JSON line per
message on standard output (what the program itself received and sent).

server: hl7_peer.py server PORT [--bind A] [--rule 'ADT^A08=AE,102,text']...
        [--ack CODE] [--r2 ack|nak-first] [--no-ack] [--enhanced]
        [--reply-to HOST:PORT FILE]   (a second connection in the other direction)
client: hl7_peer.py client HOST PORT FILE.mllp [--pipeline] [--segment N]
        [--gap S] [--pause S] [--bytes] [--no-wait] [--abort] [--repeat N]
"""
import argparse
import asyncio
import json
import random
import socket
import sys
import time

import hl7
from hl7.mllp import open_hl7_connection, start_hl7_server

CODECS = {"8859/1": "latin-1", "UNICODE UTF-8": "utf-8", "": "ascii", "~ISO IR87": "iso2022_jp", "ISO IR87": "iso2022_jp"}


def log(**k):
    print(json.dumps(k, ensure_ascii=True), flush=True)


def facts(data):
    """MSH facts of a block, by python-hl7's parser."""
    if data[:3] in (b"FHS", b"BHS"):
        text = data.decode("utf-8", "replace").split("\rBTS")[0]
        inner = [hl7.parse("MSH" + x) for x in text.split("\rMSH")[1:]]
        return {"batch": data[:3].decode(), "messages": len(inner), "ids": [str(m.segment("MSH")(10)) for m in inner],
                "types": [str(m.segment("MSH")(9)) for m in inner]}, inner
    # the charset of MSH-18 decides how to decode
    text = data.decode("latin-1")
    f = text.split("\r")[0].split("\n")[0].split(text[3])
    cs = f[17] if len(f) > 17 else ""
    text = data.decode(CODECS.get(cs, "utf-8"), "replace")
    nl = "cr" if "\r" in text.strip("\r\n") and "\n" not in text else "crlf" if "\r\n" in text else "lf"
    m = hl7.parse(text.replace("\r\n", "\r").replace("\n", "\r"))
    msh = m.segment("MSH")

    def g(i):
        try:
            return str(msh(i))
        except Exception:
            return ""
    d = {"type": g(9), "id": g(10), "app": g(3), "fac": g(4), "to": g(5), "proc": g(11), "version": g(12), "segments": len(m),
         "names": [str(s[0]) for s in m][:40], "bytes": len(data)}
    if g(2) != "^~\\&" or g(1) != "|":
        d["delimiters"] = g(1) + g(2)
    if cs:
        d["charset"] = cs
    if g(15) or g(16):
        d["msh15"], d["msh16"] = g(15), g(16)
    if g(21):
        d["profile"] = g(21)
    if nl != "cr":
        d["segment_end"] = nl
    try:
        msa = m.segment("MSA")
        d["msa1"], d["msa2"] = str(msa(1)), str(msa(2))
        errs = [str(e(3)) for e in m.segments("ERR")]
        if errs:
            d["err3"] = errs
    except KeyError:
        pass
    return d, m


N = [0]


def make_ack(m, code, err=None, mid=None):
    N[0] += 1
    ack = m.create_ack(code, message_id=mid or "ACK%06d" % N[0])
    s = str(ack).rstrip("\r") + "\r"
    sep = str(m.segment("MSH")(1))
    if err:
        num, _, text = err.partition(",")
        comp = str(m.segment("MSH")(2))[0]
        s += "ERR" + sep * 2 + "PID%s1%s5" % (comp, comp) + sep + num + comp + (text or "Error") + comp + "HL70357" + sep + "E" + "\r"
    return s


async def server(a):
    rules = {}
    for r in a.rule:
        k, v = r.split("=", 1)
        c, _, e = v.partition(",")
        rules[k] = (c, e)
    conn = [0]

    async def handle(reader, writer):
        conn[0] += 1
        c = conn[0]
        peer = writer.get_extra_info("peername")
        log(event="connect", conn=c, peer=peer[0])
        n = 0
        try:
            while True:
                data = await reader.readblock()
                n += 1
                d, m = facts(data)
                log(event="received", conn=c, **d)
                if a.no_ack:
                    continue
                if type(m) is list:
                    acks = [make_ack(x, "AA") for x in m]
                    out = "BHS|^~\\&|WARDTAP_EHR|WTH|WARDTAP_LAB|WTH\r" + "".join(acks) + "BTS|%d\r" % len(acks)
                    writer.writeblock(out.encode())
                    log(event="sent", conn=c, batch="BHS", messages=len(acks), msa1=["AA"] * len(acks), msa2=d["ids"])
                    continue
                if a.r2:
                    if a.r2 == "nak-first" and n == 2:
                        writer.write(b"\x0b\x15\x1c\x0d")
                        log(event="sent", conn=c, commit="NAK", for_id=d["id"])
                        continue
                    writer.write(b"\x0b\x06\x1c\x0d")
                    log(event="sent", conn=c, commit="ACK", for_id=d["id"])
                    await asyncio.sleep(0.05)
                t = d["type"].split("^")
                key = "^".join(t[:2])
                code, err = rules.get(key, (a.ack, None))
                if t[0] == "QBP":
                    s = make_ack(m, "AA")
                    s = s.replace("ACK^Q22^ACK", "RSP^K22^RSP_K21") + "QAK|%s|OK\r" % str(m.segment("QPD")(2))
                    s += "QPD|IHE PDQ Query^^IHEDEMO|%s\rPID|1||TEST000123^^^WTH^MR||WARDTAP^TESTPATIENT^SYN||19000101|O\r" % str(m.segment("QPD")(2))
                    writer.writeblock(s.encode())
                    log(event="sent", conn=c, type="RSP^K22^RSP_K21", msa1="AA", msa2=d["id"])
                    continue
                if d.get("msh15") == "NE":
                    continue
                if a.enhanced and d.get("msh15"):
                    cc = {"AA": "CA", "AE": "CE", "AR": "CR"}.get(code, code)
                    if d["msh15"] == "AL" or (d["msh15"] in ("ER",) and cc != "CA"):
                        writer.writeblock(make_ack(m, cc, err).encode())
                        log(event="sent", conn=c, msa1=cc, msa2=d["id"], err3=err)
                    if cc == "CA" and (d.get("msh16") == "AL" or d.get("msh16") == "SU"):
                        await asyncio.sleep(0.1)
                        writer.writeblock(make_ack(m, code, err).encode())
                        log(event="sent", conn=c, msa1=code, msa2=d["id"])
                else:
                    cc = code
                    if d.get("msh15") and not d.get("msh16") in ("AL",):
                        cc = {"AA": "CA", "AE": "CE", "AR": "CR"}.get(code, code)
                    writer.writeblock(make_ack(m, cc, err).encode())
                    log(event="sent", conn=c, msa1=cc, msa2=d["id"], err3=err)
                await writer.drain()
        except asyncio.IncompleteReadError as e:
            log(event="end", conn=c, messages=n, partial=len(e.partial))
        except Exception as e:
            log(event="end", conn=c, messages=n, error=type(e).__name__ + ": " + str(e))
        writer.close()

    s = await start_hl7_server(handle, a.bind, a.port, limit=1 << 22)
    async with s:
        await s.serve_forever()


def blocks(path):
    data = open(path, "rb").read()
    return [b.lstrip(b"\x0b") for b in data.split(b"\x1c\r") if b.strip()]


async def client(a):
    msgs = blocks(a.file) * a.repeat
    if a.skip:
        msgs = msgs[a.skip:]
    if a.count:
        msgs = msgs[:a.count]
    reader, writer = await open_hl7_connection(a.host, a.port, limit=1 << 22)
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    log(event="connect", peer=a.host)

    async def answer():
        data = await asyncio.wait_for(reader.readblock(), 5)
        if data in (b"\x06", b"\x15"):
            log(event="received", commit="ACK" if data == b"\x06" else "NAK")
        elif data[:3] == b"BHS":
            d, _ = facts(data)
            log(event="received", **d)
        else:
            d, _ = facts(data)
            log(event="received", **d)
        return data

    if a.pipeline:
        writer.write(b"".join(b"\x0b" + m + b"\x1c\r" for m in msgs))
        for m in msgs:
            d, _ = facts(m)
            log(event="sent", **d)
        for m in msgs:
            if not a.no_wait:
                await answer()
    else:
        for i, m in enumerate(msgs):
            if i and a.gap:
                await asyncio.sleep(a.gap)
            data = b"\x0b" + m + b"\x1c\r"
            if a.abort and i == len(msgs) - 1:
                writer.write(data[: len(data) // 2])
                await writer.drain()
                await asyncio.sleep(0.2)
                log(event="aborted", after_bytes=len(data) // 2)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                writer.transport.abort()
                return
            if a.segment:
                for o in range(0, len(data), a.segment):
                    writer.write(data[o:o + a.segment])
                    await writer.drain()
                    await asyncio.sleep(a.pause or 0.002)
            else:
                writer.write(data)
                await writer.drain()
            d, _ = facts(m)
            log(event="sent", **d)
            if not a.no_wait:
                got = await answer()
                if got in (b"\x06",) or (a.two and b"MSA|C" in got):
                    try:
                        await answer()
                    except asyncio.TimeoutError:
                        log(event="no-second-answer")
    if a.no_wait:
        await asyncio.sleep(0.3)
    writer.close()
    await asyncio.sleep(0.2)


p = argparse.ArgumentParser()
sub = p.add_subparsers(dest="cmd", required=True)
s = sub.add_parser("server")
s.add_argument("port", type=int)
s.add_argument("--bind", default=None)
s.add_argument("--rule", action="append", default=[])
s.add_argument("--ack", default="AA")
s.add_argument("--r2")
s.add_argument("--no-ack", action="store_true")
s.add_argument("--enhanced", action="store_true")
c = sub.add_parser("client")
c.add_argument("host")
c.add_argument("port", type=int)
c.add_argument("file")
c.add_argument("--pipeline", action="store_true")
c.add_argument("--segment", type=int)
c.add_argument("--gap", type=float)
c.add_argument("--pause", type=float)
c.add_argument("--no-wait", action="store_true")
c.add_argument("--two", action="store_true", help="after a commit answer, wait for the application answer")
c.add_argument("--abort", action="store_true", help="reset the connection in the middle of the last message")
c.add_argument("--repeat", type=int, default=1)
c.add_argument("--skip", type=int)
c.add_argument("--count", type=int)
a = p.parse_args()
try:
    asyncio.run(server(a) if a.cmd == "server" else client(a))
except KeyboardInterrupt:
    pass
