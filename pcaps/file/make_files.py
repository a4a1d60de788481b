#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes small files of known kinds into a folder: nothing in them runs.

A DICOM file (PS3.10) with an empty preamble, one whose preamble is the header of an
executable, headers of PE and ELF programs, a zip, a gzip, a PDF, a JPEG, a script, a text."""
import gzip
import io
import os
import random
import struct
import sys
import zipfile

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
noise = random.Random(4711)


def put(name, content):
    with open(os.path.join(folder, name), "wb") as f:
        f.write(content)


def element(group, number, vr, value):
    value += (b"\0" if vr in ("UI", "OB") else b" ") * (len(value) % 2)
    head = struct.pack("<HH", group, number) + vr.encode()
    if vr == "OB":
        return head + struct.pack("<HI", 0, len(value)) + value
    return head + struct.pack("<H", len(value)) + value


def dicom(preamble):
    meta = (element(2, 1, "OB", b"\0\1") +
            element(2, 2, "UI", b"1.2.840.10008.5.1.4.1.1.7") +
            element(2, 3, "UI", b"1.2.826.0.1.3680043.10.4711.1") +
            element(2, 0x10, "UI", b"1.2.840.10008.1.2.1") +
            element(2, 0x12, "UI", b"1.2.826.0.1.3680043.10.4711"))
    body = (element(8, 0x60, "CS", b"OT") + element(0x10, 0x10, "PN", b"Muster^Erika") +
            element(0x10, 0x20, "LO", b"PAT-0001"))
    pixels = noise.randbytes(6000)
    return (preamble.ljust(128, b"\0") + b"DICM" + element(2, 0, "UL", struct.pack("<I", len(meta))) +
            meta + body + element(0x7fe0, 0x10, "OB", pixels))


def pe(at):
    return (b"MZ".ljust(60, b"\0") + struct.pack("<I", at)).ljust(at, b"\0") + \
        b"PE\0\0" + struct.pack("<HH", 0x8664, 0)


put("small.dcm", dicom(b""))
put("polyglot.dcm", dicom(b"MZ".ljust(60, b"\0") + struct.pack("<I", 1024)))
put("tool.exe", pe(128) + noise.randbytes(9000))
put("run.elf", b"\x7fELF\2\1\1".ljust(16, b"\0") + struct.pack("<HHI", 2, 62, 1) +
    noise.randbytes(5000))
put("report.pdf", b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" + noise.randbytes(3000) + b"\n%%EOF\n")
put("photo.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0" + noise.randbytes(2000) +
    b"\xff\xd9")
archive = io.BytesIO()
with zipfile.ZipFile(archive, "w") as z:
    z.writestr(zipfile.ZipInfo("readme.txt"), "nothing to see here\n" * 20)
put("archive.zip", archive.getvalue())
put("logs.gz", gzip.compress(noise.randbytes(2500), mtime=0))
put("setup.sh", b"#!/bin/sh\nexit 0\n")
put("notes.txt", b"Calibration notes of no importance.\n" * 30)
