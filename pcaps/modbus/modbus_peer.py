#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A pymodbus server, and a pymodbus client that asks for one of several things.

    modbus_peer.py server ADDRESS
    modbus_peer.py client ADDRESS poll|write|identify|faults"""
import asyncio
import socket
import sys

from pymodbus import ModbusDeviceIdentification
from pymodbus.client import ModbusTcpClient
from pymodbus.datastore import (ModbusDeviceContext, ModbusSequentialDataBlock,
                                ModbusServerContext)
from pymodbus.server import StartAsyncTcpServer


def server(address):
    block = lambda: ModbusSequentialDataBlock(1, [17] * 200)
    device = ModbusDeviceContext(di=block(), co=block(), hr=block(), ir=block())
    identity = ModbusDeviceIdentification(info_name={
        "VendorName": "WardWorks", "ProductCode": "WG-7", "MajorMinorRevision": "2.14",
        "VendorUrl": "https://wardworks.example", "ProductName": "Medical gas panel",
        "ModelName": "GasGuard 700", "UserApplicationName": "Ward 3"})
    asyncio.run(StartAsyncTcpServer(context=ModbusServerContext(devices=device, single=True),
                                    identity=identity, address=(address, 502)))


def client(address, what):
    c = ModbusTcpClient(address, port=502, timeout=2, retries=0)
    c.connect()
    if what == "poll":
        for _ in range(3):
            print(c.read_coils(0, count=8), c.read_discrete_inputs(0, count=8))
            print(c.read_holding_registers(10, count=4), c.read_input_registers(30, count=2))
    elif what == "write":
        print(c.write_coil(3, True), c.write_register(4, 999), c.write_coils(8, [True] * 9))
        print(c.write_registers(12, [1, 2, 3]), c.mask_write_register(address=4, and_mask=0xf2, or_mask=0x25))
        print(c.readwrite_registers(read_address=1, read_count=2, write_address=9, values=[7, 8]))
    elif what == "identify":
        print(c.read_device_information(read_code=1), c.read_device_information(read_code=2))
        print(c.report_device_id(), c.read_exception_status(), c.diag_query_data(b"ab"))
        print(c.diag_clear_counters(), c.diag_get_comm_event_counter())
    elif what == "faults":
        print(c.read_holding_registers(60000, count=4), c.write_register(50000, 1))
    c.close()
    if what == "poll":  # two requests in one segment, as fast pollers send them
        s = socket.create_connection((address, 502))
        s.sendall(bytes.fromhex("000100000006010300000002" "000200000006010400010001"))
        s.settimeout(2)
        try:
            print(s.recv(100).hex(), s.recv(100).hex())
        except OSError as err:
            print(err)
        s.close()


if sys.argv[1] == "server":
    server(sys.argv[2])
else:
    client(*sys.argv[2:])
