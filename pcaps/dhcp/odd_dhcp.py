#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# DHCP messages that no packaged program sends; usage: odd_dhcp.py SERVER
import socket
import sys
import time

MAC = bytes.fromhex("025754000030")
COOKIE = bytes.fromhex("63825363")


def option(code, value):
    return bytes([code, len(value)]) + value


def message(options, op=1, sname=b"", file=b"", hlen=6, flags=0, cookie=COOKIE):
    head = bytes([op, 1, hlen, 0]) + b"\x12\x34\x56\x78\0\0" + flags.to_bytes(2, "big") + bytes(16) + MAC.ljust(16, b"\0")
    return head + sname.ljust(64, b"\0") + file.ljust(128, b"\0") + cookie + options


def main():
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.bind(("", 68))
    kind = option(53, b"\x01")
    long = b"https://mud.example.com/" + b"a" * 240 + b"/x.json"
    for body in (
        message(kind + option(161, long[:200]) + option(12, b"PUMP-7") + option(161, long[200:]) + b"\xff"),
        message(option(52, b"\x03") + kind + b"\xff", sname=option(12, b"MON-9") + b"\xff", file=option(60, b"in file") + b"\xff"),
        message(bytes(64), cookie=b"", file=b"/boot/ct.img"),
        message(kind + option(12, b"CT01") + b"\x3d\xc8ab"),
        message(kind + option(119, b"\x04ward\xc0\x00") + option(119, b"\x07example\x00") + b"\xff"),
        message(kind + option(119, b"\x04ward\x07example\x00\x03icu\xc0\x05") + b"\xff"),
        message(kind + option(121, b"\x18\x0a\x4e\x00\x0a\x4d\x00\x01\x00\x0a\x4d\x00\x01") + option(249, b"\x40\x01") + b"\xff"),
        message(kind + option(6, b"\x0a\x4d\x00") + option(51, b"\x00") + b"\xff", hlen=9, flags=0x0003),
        message(kind + option(82, option(1, b"Gi1/0/7") + option(2, MAC) + option(6, b"room 12") + b"\x09\x44") + b"\xff", op=2),
        message(kind + option(81, b"\x04\x00\x00\x06pump-3\x04ward") + option(77, b"plain text") + option(125, b"\0\0\0\x09\x03abc\0\0\0\x09\xff") + b"\xff"),
        message(bytes([53, 1, 9]) + option(56, b"no such lease") + option(90, bytes(11)) + option(80, b"") + b"\xff", op=2),
        message(b"\x0c\x01a" * 300),
    ):
        sender.sendto(body, (sys.argv[1], 67))
        time.sleep(0.05)


main()
