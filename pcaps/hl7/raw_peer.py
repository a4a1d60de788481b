#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""HL7 over bare TCP, without MLLP blocks: a scripted peer (no product).

server: raw_peer.py server PORT        client: raw_peer.py client HOST PORT FILE
Messages are told apart by their MSH; an answer is a bare ACK."""
import json
import re
import socket
import sys
import time


def log(**k):
    print(json.dumps(k), flush=True)


if sys.argv[1] == "server":
    s = socket.create_server(("0.0.0.0", int(sys.argv[2])))
    while True:
        c, peer = s.accept()
        log(event="connect", conn=1, peer=peer[0])
        while True:
            data = c.recv(65536)
            if not data:
                break
            for m in re.split(rb"(?=MSH\|)", data):
                if not m:
                    continue
                f = m.split(b"\r")[0].decode().split("|")
                log(event="received", conn=1, type=f[8], id=f[9], app=f[2], bytes=len(m))
                c.sendall(("MSH|^~\\&|%s|%s|%s|%s|20240102101500||ACK|A%s|P|2.5.1\rMSA|AA|%s\r" % (f[4], f[5], f[2], f[3], f[9], f[9])).encode())
                log(event="sent", conn=1, msa1="AA", msa2=f[9])
        c.close()
else:
    c = socket.create_connection((sys.argv[2], int(sys.argv[3])))
    for m in re.split(rb"(?=MSH\|)", open(sys.argv[4], "rb").read()):
        if m:
            f = m.split(b"\r")[0].decode().split("|")
            c.sendall(m)
            log(event="sent", type=f[8], id=f[9], app=f[2], bytes=len(m))
            c.recv(65536)
            time.sleep(0.1)
    c.close()
