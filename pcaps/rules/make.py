#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the captures of this folder: NAME.pcap fires a rule, NAME.not.pcap looks like it
and must not. Usage: make.py [FOLDER]   (see README.md)"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import make_clinical  # noqa: E402
import make_device  # noqa: E402
import make_network  # noqa: E402
import make_services  # noqa: E402
import make_workflow  # noqa: E402

OUT = sys.argv[1] if len(sys.argv) > 1 else HERE
for maker in (make_clinical, make_device, make_network, make_workflow, make_services):
    for name, wire in maker.captures():
        wire.write(os.path.join(OUT, name + ".pcap"))
