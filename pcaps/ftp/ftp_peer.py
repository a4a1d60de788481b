#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A session with Python's ftplib: FEAT, SYST, MLSD, SIZE, MDTM, REST, STAT, errors."""
import ftplib
import io
import sys

ftp = ftplib.FTP()
print(ftp.connect(sys.argv[1], int(sys.argv[2])))
print(ftp.login("biomed", "Pump-4711"))
for line in ("FEAT", "SYST", "STAT", "HELP", "NOOP", "XYZZ nothing", "PWD", "CWD /pub",
             "SIZE small.dcm", "MDTM small.dcm", "CWD ../../etc", "SITE CHMOD 600 small.dcm"):
    try:
        print(ftp.sendcmd(line))
    except ftplib.Error as error:
        print(error)
print(list(ftp.mlsd("/pub", ["size"])))
ftp.retrbinary("RETR /pub/notes.txt", lambda block: None, rest=10)
try:
    ftp.storbinary("STOR /in/../../../startup.sh", io.BytesIO(b"#!/bin/sh\nexit 0\n"))
except ftplib.Error as error:
    print(error)
print(ftp.quit())
