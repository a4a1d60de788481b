#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What remote execution tools do first: copy a program to ADMIN$, open the service
manager's pipe, ask for it.  remote_exec.py [--nt1] SERVER USER PASSWORD PROGRAM"""
import sys

from impacket.dcerpc.v5 import scmr, transport
from impacket.smb import SMB_DIALECT
from impacket.smbconnection import SMBConnection

nt1 = "--nt1" in sys.argv
server, user, password, program = [a for a in sys.argv[1:] if a != "--nt1"]
smb = SMBConnection(server, server, myName="THERAPY3", preferredDialect=SMB_DIALECT if nt1 else None)
smb.login(user, password, ntlmFallback=True)
with open(program, "rb") as f:
    smb.putFile("ADMIN$", "psexesvc.exe", f.read)
rpc = transport.SMBTransport(server, filename=r"\svcctl", smb_connection=smb)
dce = rpc.get_dce_rpc()
try:
    dce.connect()
    dce.bind(scmr.MSRPC_UUID_SCMR)
    manager = scmr.hROpenSCManagerW(dce)["lpScHandle"]
    scmr.hRCreateServiceW(dce, manager, "psexesvc\0", "psexesvc\0", lpBinaryPathName="%systemroot%\\psexesvc.exe\0")
except Exception as error:
    print("refused:", error)
smb.deleteFile("ADMIN$", "psexesvc.exe")
smb.logoff()
