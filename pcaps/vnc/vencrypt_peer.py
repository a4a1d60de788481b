#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Opens a VNC session of security type VeNCrypt, subtype TLSNone, up to the first bytes
of TLS: vncdotool knows no VeNCrypt. The server is a real one."""
import socket
import ssl
import struct
import sys

s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
s.sendall(s.recv(12))
n = s.recv(1)[0]
print("types", list(s.recv(n)))
s.sendall(b"\x13")
s.sendall(s.recv(2))
print("version", s.recv(1)[0])
n = s.recv(1)[0]
print("subtypes", struct.unpack(f">{n}I", s.recv(4 * n)))
s.sendall(struct.pack(">I", 257))
print("accepted", s.recv(1)[0])
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
context.set_ciphers("ADH:ALL:@SECLEVEL=0")
context.maximum_version = ssl.TLSVersion.TLSv1_2
try:
    print(context.wrap_socket(s).cipher())
except ssl.SSLError as error:
    print(error)
