#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Sends hand-made frames, for what no packaged program sends. Usage:
#   frames.py INTERFACE HEX...     link-layer frames from the destination address on
#   frames.py --udp HOST PORT HEX...
# The word SELF stands for the interface's own address; blanks in HEX are allowed.
import socket
import sys
import time


def main():
    if sys.argv[1] == "--udp":
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sender.connect((sys.argv[2], int(sys.argv[3])))
        frames, own = sys.argv[4:], ""
    else:
        sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        sender.bind((sys.argv[1], 0))
        frames, own = sys.argv[2:], sender.getsockname()[4].hex()
    for frame in frames:
        sender.send(bytes.fromhex(frame.replace("SELF", own)))
        time.sleep(0.05)


main()
