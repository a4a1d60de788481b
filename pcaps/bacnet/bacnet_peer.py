#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A bacpypes3 device, and a bacpypes3 client that asks for one of several things.

    bacnet_peer.py device ADDRESS/24
    bacnet_peer.py client ADDRESS/24 DEVICE discover|read|control
    bacnet_peer.py foreign ADDRESS:PORT BBMD
    bacnet_peer.py bbmd ADDRESS/24"""
import asyncio
import sys

from bacpypes3.apdu import (DeviceCommunicationControlRequest, PropertyReference,
                            ReadAccessSpecification, ReadPropertyMultipleRequest,
                            ReinitializeDeviceRequest)
from bacpypes3.app import Application
from bacpypes3.basetypes import PropertyIdentifier
from bacpypes3.local.analog import AnalogValueObject
from bacpypes3.argparse import SimpleArgumentParser
from bacpypes3.pdu import Address, IPv4Address
from bacpypes3.primitivedata import ObjectIdentifier


def app(*options):
    return Application.from_args(SimpleArgumentParser().parse_args(list(options)))


async def device(address):
    a = app("--name", "OR-2 air handler", "--instance", "77002", "--address", address,
            "--vendoridentifier", "999")
    d = a.device_object
    d.vendorName, d.modelName = "WardWorks", "AHU-500"
    d.firmwareRevision, d.applicationSoftwareVersion = "3.2.1", "ward-hvac 1.9"
    d.serialNumber, d.location = "AH500-1234", "Operating theatre 2, plant room"
    d.description = "Supply air for theatre 2"
    a.add_object(AnalogValueObject(objectIdentifier="analog-value,1", objectName="pressure setpoint",
                                   presentValue=12.5, covIncrement=1.0))
    await asyncio.Future()


async def attempt(what):
    try:
        print(await asyncio.wait_for(what, 3))
    except BaseException as err:
        print(repr(err))


async def client(address, peer, what):
    a = app("--name", "workstation", "--instance", "77900", "--address", address)
    peer = Address(peer)
    if what == "discover":
        await attempt(a.who_is())
        await attempt(a.who_is(77000, 77010))
        await attempt(a.who_has(object_name="pressure setpoint"))
        await asyncio.sleep(1)
    elif what == "read":
        dev = ObjectIdentifier("device,77002")
        for p in ("object-name", "vendor-name", "vendor-identifier", "model-name", "serial-number",
                  "firmware-revision", "object-list"):
            await attempt(a.read_property(peer, dev, p))
        await attempt(a.request(ReadPropertyMultipleRequest(listOfReadAccessSpecs=[ReadAccessSpecification(
            objectIdentifier=dev, listOfPropertyReferences=[PropertyReference(propertyIdentifier=PropertyIdentifier(p))
            for p in ("object-name", "vendor-name", "model-name", "firmware-revision",
                      "application-software-version", "location", "description", "serial-number", "profile-name")])],
            destination=peer)))
        await attempt(a.read_property(peer, ObjectIdentifier("analog-value,99"), "present-value"))
    elif what == "control":
        await attempt(a.write_property(peer, ObjectIdentifier("analog-value,1"), "present-value", 3.5, priority=8))
        await attempt(a.request(DeviceCommunicationControlRequest(timeDuration=5, enableDisable="disable",
                                                                 password="filister", destination=peer)))
        await attempt(a.request(ReinitializeDeviceRequest(reinitializedStateOfDevice="coldstart",
                                                         password="filister", destination=peer)))
    a.close()


async def bbmd(address):
    app("--name", "router", "--instance", "77001", "--address", address, "--bbmd", address.split("/")[0])
    await asyncio.Future()


async def foreign(address, peer):
    a = app("--name", "laptop", "--instance", "77901", "--address", address, "--foreign", peer, "--ttl", "30")
    await asyncio.sleep(2)
    await attempt(a.who_is())
    await asyncio.sleep(1)
    a.close()


asyncio.run({"device": device, "client": client, "bbmd": bbmd, "foreign": foreign}[sys.argv[1]](*sys.argv[2:]))
