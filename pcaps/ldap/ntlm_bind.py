#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A sign-on by NTLM, as Windows programs do it.  ntlm_bind.py SERVER USER PASSWORD"""
import sys

from impacket.ldap import ldap

server, user, password = sys.argv[1:4]
try:
    ldap.LDAPConnection("ldap://" + server, "dc=ward,dc=example").login(user, password, "WARD")
except Exception as error:
    print("refused:", error)
