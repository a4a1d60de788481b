#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes ipv6.pcap: one message of every function of BACnet/IPv6 (135 Annex U), after the
standard, for no program at hand speaks it.

    ipv6.py FILE"""
import struct
import sys

DEVICE, STATION = bytes.fromhex("fd77" + "00" * 13 + "10"), bytes.fromhex("fd77" + "00" * 13 + "21")
GROUP = bytes.fromhex("ff05" + "00" * 12 + "bac0")  # U.1.1
MESSAGES = [
    (GROUP, "8206 0007 012cca"),
    (GROUP, "8207 000a 012cca 000005"),
    (GROUP, "8202 000f 000005 0120ffff00ff 1008"),
    (GROUP, "8202 001c 012cca 0120ffff00ff 1000 c402012cca 2205c4 9103 2203e7"),
    (GROUP, "8203 000a 000005 012cca"),
    (DEVICE, "8204 001c 000005 012cca fd770000000000000000000000000021 bac0"),
    (DEVICE, "8205 000a 012cca 000005"),
    (DEVICE, "8201 0017 000005 012cca 0104 0005010c 0c02012cca 194d"),
    (DEVICE, "8208 0023 000005 fd770000000000000000000000000021 bac0 0100 1008 0a0001 1a0002"),
    (DEVICE, "8209 0009 000005 003c"),
    (DEVICE, "8200 0009 012cca 0090"),
    (DEVICE, "820c 000b 000005 0100 1008"),
    (DEVICE, "820a 0019 000005 fd770000000000000000000000000021 bac0"),
]


def frame(payload, source, target):
    udp = struct.pack("!HHHH", 47808, 47808, 8 + len(payload), 0) + payload
    total = source + target + struct.pack("!IHBB", len(udp), 0, 0, 17) + udp
    total = sum(struct.unpack("!%dH" % ((len(total) + 1) // 2), total + b"\0" * (len(total) % 2)))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    udp = udp[:6] + struct.pack("!H", ~total & 0xffff or 0xffff) + udp[8:]
    to = b"\x33\x33" + target[12:] if target[0] == 255 else b"\x02WT\0\0" + target[15:]
    return (to + b"\x02WT\0\0" + source[15:] + b"\x86\xdd" +
            struct.pack("!IHBB", 0x60000000, len(udp), 17, 64) + source + target + udp)


with open(sys.argv[1], "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
    for second, (target, text) in enumerate(MESSAGES):
        message = bytes.fromhex(text)
        source = STATION if target == DEVICE or message[4:7] == b"\0\0\5" else DEVICE
        target = STATION if target == DEVICE and message[4:7] != b"\0\0\5" else target
        source = DEVICE if message[4:7] != b"\0\0\5" else source
        data = frame(message, source, target)
        file.write(struct.pack("<IIII", 1790000000 + second, 0, len(data), len(data)) + data)
