#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Neighbour discovery messages that no packaged program sends; usage: odd_nd.py INTERFACE
import socket
import sys
import time

SOURCE = socket.inet_pton(socket.AF_INET6, "fe80::57:54ff:fe00:30")
ALL_NODES = socket.inet_pton(socket.AF_INET6, "ff02::1")


def frame(own, body):
    pseudo = SOURCE + ALL_NODES + len(body).to_bytes(4, "big") + b"\0\0\0\x3a" + body + b"\0" * (len(body) % 2)
    total = sum(int.from_bytes(pseudo[i:i + 2], "big") for i in range(0, len(pseudo), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    body = body[:2] + (~total & 0xFFFF).to_bytes(2, "big") + body[4:]
    return (bytes.fromhex("333300000001") + own + b"\x86\xdd\x60\0\0\0" + len(body).to_bytes(2, "big") + b"\x3a\xff"
            + SOURCE + ALL_NODES + body)


def main():
    sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sender.bind((sys.argv[1], 0))
    advert = "8600000040180708000000000000000 0".replace(" ", "")
    target = "fd770000000000000000000000000010"
    for body in (
        advert + "2602 0708 0064ff9b0000000000000000",                   # PREF64, /96
        advert + "2503" + b"https://portal.example".hex(),              # captive portal
        advert + "18014018 00000258" + "1801 0000 00000258",             # a route too long for its octets; ::/0
        advert + "1902 0000 00000258 0000000000000000",                  # RDNSS without a whole address
        advert + "0000 025754000030",                                    # an option of no length
        "88000000a0000000" + target + "0201 015754000030",               # a group address as one's own
        "88010000a0000000" + target + "c801000000000000",                # a code, an unknown option
        "8800000020000000" + target[:20],                                # cut
    ):
        sender.send(frame(sender.getsockname()[4], bytes.fromhex(body)))
        time.sleep(0.05)


main()
