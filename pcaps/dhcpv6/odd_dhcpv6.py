#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# DHCPv6 messages that no packaged program sends; usage: odd_dhcpv6.py SERVER
import socket
import sys
import time


def option(code, value):
    return code.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value


def relay(inner, hops=0, extra=b""):
    peer = socket.inet_pton(socket.AF_INET6, "fe80::57:54ff:fe00:21")
    link = socket.inet_pton(socket.AF_INET6, "fd77::1")
    return bytes([12, hops]) + link + peer + extra + option(9, inner)


def main():
    sender = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    sender.bind(("::", 546))
    duid = option(1, bytes.fromhex("000200007d97") + b"SN-20417-X")
    mac = option(1, bytes.fromhex("00030001025754000030"))
    solicit = b"\x01\x00\x00\x01" + duid + option(8, b"\x00\x64")
    address = socket.inet_pton(socket.AF_INET6, "fd77::200")
    deep = solicit
    for hops in range(10):
        deep = relay(deep, hops)
    lease = option(3, b"\0\0\0\1" + bytes(8) + option(5, address + bytes(8) + option(13, b"\x00\x04not here")))
    for body in (
        solicit + option(15, b"\x00\x04ward\x00\x03icu") + option(16, b"\x00\x00\x7d\x97\x00\x08Pump 2.1") + option(61, b"\x00\x07\x00\x0b") + option(39, b"\x01\x06pump-3\x04ward\x07example\x00"),
        relay(relay(solicit, 0, option(18, b"Gi1/0/7") + option(79, bytes.fromhex("0001025754000021"))), 1,
              option(37, b"\x00\x00\x00\x09" + b"sw-ward3") + option(18, b"uplink")),
        deep,
        b"\x07\x00\x00\x02" + mac + option(2, bytes.fromhex("00010001aabbccdd025754000010")) + lease +
        option(3, b"\0\0\0\2" + bytes(8) + option(13, b"\x00\x02no addresses left")),
        b"\x01\x00\x00\x03" + mac + option(8, b"\0\0") + option(3, b"\0\0") + option(39, b"\x00\x3fpump"),
        b"\x01\x00\x00\x04" + mac + option(8, b"\0\0") + b"\x00\x10\x00\xff\x00",
        b"\x07\x00\x00\x05" + mac + option(2, bytes.fromhex("0004") + bytes(range(16))) + option(11, bytes(11)) +
        option(103, b"https://portal.example") + option(56, b"\x00\x03\x00\x12\x03ntp\x04ward\x07example\x00") + option(59, b"tftp://[fd77::10]/boot.efi"),
    ):
        sender.sendto(body, (sys.argv[1], 547))
        time.sleep(0.05)


main()
