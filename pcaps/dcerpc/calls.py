#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Asks the endpoint mapper for its list and for two services, then calls one of them
without and with sign-on.  calls.py SERVER USER PASSWORD"""
import sys

from impacket.dcerpc.v5 import epm, lsat, samr, transport
from impacket.dcerpc.v5.rpcrt import RPC_C_AUTHN_LEVEL_PKT_INTEGRITY

server, user, password = sys.argv[1:4]


def connect(binding):
    rpc = transport.DCERPCTransportFactory(binding)
    rpc.set_credentials(user, password, "WARD")
    return rpc.get_dce_rpc()


mapper = connect("ncacn_ip_tcp:%s[135]" % server)
mapper.connect()
print(len(epm.hept_lookup(None, dce=mapper)), "endpoints")
for uuid in (samr.MSRPC_UUID_SAMR, lsat.MSRPC_UUID_LSAT):
    try:
        binding = epm.hept_map(server, uuid, protocol="ncacn_ip_tcp", dce=mapper)
    except Exception as error:
        print("no endpoint:", error)
        continue
    print(binding)
    for level in (None, RPC_C_AUTHN_LEVEL_PKT_INTEGRITY):
        dce = connect(binding)
        if level:
            dce.set_auth_level(level)
        try:
            dce.connect()
            dce.bind(uuid)
            if uuid == samr.MSRPC_UUID_SAMR:
                samr.hSamrConnect(dce)
        except Exception as error:
            print("refused:", error)
        dce.disconnect()
mapper.disconnect()
