# SPDX-License-Identifier: Apache-2.0
"""Peers of record.sh where no program of its own does it: http_peer.py WHAT ARGUMENT..."""

import json
import socket
import sys
import time


def files(folder):
    """A DICOM file, one whose preamble is an executable's, a zip."""
    import zipfile

    import numpy
    import pydicom
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    meta.MediaStorageSOPInstanceUID = "1.2.826.0.1.3680043.8.498.1"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds = FileDataset(folder + "/scan.dcm", {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID, ds.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    ds.StudyInstanceUID, ds.SeriesInstanceUID = "1.2.826.0.1.3680043.8.498.2", "1.2.826.0.1.3680043.8.498.3"
    ds.PatientName, ds.PatientID, ds.Modality = "Doe^Jane", "PID7", "OT"
    ds.Manufacturer, ds.Rows, ds.Columns = "Contoso", 32, 32
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
    ds.PixelData = numpy.zeros((32, 32), numpy.uint8).tobytes()
    ds.save_as(folder + "/scan.dcm", enforce_file_format=True)
    with open(folder + "/scan.dcm", "rb") as f:
        whole = f.read()
    with open(folder + "/evil.dcm", "wb") as f:
        f.write(b"MZ" + whole[2:])
    with zipfile.ZipFile(folder + "/a.zip", "w") as z:
        z.writestr("a.txt", "text " * 100)


def odd(host, port):
    """Requests that real clients do not send, to a real server."""
    requests = [
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\nHEAD /files/big.txt HTTP/1.1\r\nHost: a\r\n\r\n"
        b"GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET /files/%2e%2e/./%69ndex.html?q=%41 HTTP/1.1\nHost: a\nConnection: close\n\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-Folded: one\r\n two\r\nConnection: close\r\n\r\n",
        b"POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n"
        b"Connection: close\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + b"y" * 20000 + b"\r\nConnection: close\r\n\r\n",
        b"GET /\r\n",
        b"GET / HTTP/1.1\r\nHost : a\r\nNo colon here\r\nConnection: close\r\n\r\n",
        b"POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 6\r\nConnection: close\r\n\r\nhello",
        b"\r\nOPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    ]
    for r in requests:
        with socket.create_connection((host, int(port)), timeout=5) as s:
            s.sendall(r)
            try:
                while s.recv(65536):
                    pass
            except OSError:
                pass
        time.sleep(0.05)


def websocket_server(port):
    import asyncio

    import websockets

    async def answer(peer):
        async for text in peer:
            await peer.send("seen " + text)

    async def run():
        async with websockets.serve(answer, "10.77.0.10", int(port)):
            await asyncio.Future()

    asyncio.run(run())


def websocket(url):
    import asyncio

    import websockets

    async def run():
        async with websockets.connect(url) as peer:
            for i in range(3):
                await peer.send("sample %d" % i)
                await peer.recv()

    asyncio.run(run())


def dicomweb(url, path):
    import pydicom
    from dicomweb_client.api import DICOMwebClient

    client = DICOMwebClient(url)
    client.store_instances([pydicom.dcmread(path)])
    study = client.search_for_studies(search_filters={"PatientID": "PID7"})[0]
    uid = study["0020000D"]["Value"][0]
    client.search_for_series(uid)
    client.retrieve_study_metadata(uid)
    client.retrieve_study(uid)


CAPABILITY = {"resourceType": "CapabilityStatement", "status": "active", "kind": "instance",
              "software": {"name": "Ward FHIR", "version": "6.8.1"}, "fhirVersion": "4.0.1",
              "rest": [{"mode": "server"}]}
DEVICE = {"resourceType": "Device", "id": "pump7",
          "udiCarrier": [{"deviceIdentifier": "00812345678901"}],
          "manufacturer": "Contoso Medical", "lotNumber": "L42", "serialNumber": "SN-0007",
          "deviceName": [{"name": "InfuMax 3", "type": "model-name"}], "modelNumber": "IM-3",
          "version": [{"value": "9.33"}]}
UPNP = """<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0"><device>
<deviceType>urn:schemas-upnp-org:device:Basic:1</deviceType>
<friendlyName>Nurse display 3</friendlyName><manufacturer>Contoso</manufacturer>
<modelName>WD-3</modelName><modelNumber>rev B</modelNumber><serialNumber>WD30042</serialNumber>
<UDN>uuid:4d696e69-0000-1000-8000-000000000042</UDN></device></root>
"""
ONVIF = """<?xml version="1.0"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"
 xmlns:tds="http://www.onvif.org/ver10/device/wsdl"><e:Body><tds:GetDeviceInformationResponse>
<tds:Manufacturer>Contoso</tds:Manufacturer><tds:Model>Cam 5</tds:Model>
<tds:FirmwareVersion>V5.5</tds:FirmwareVersion><tds:SerialNumber>CAM5-0001</tds:SerialNumber>
<tds:HardwareId>88</tds:HardwareId></tds:GetDeviceInformationResponse></e:Body></e:Envelope>
"""


def fhir_server(port):
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "WardGateway/2.0"

        def answer(self, code, kind, body):
            body = body.encode()
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("X-Powered-By", "HAPI-like 6.8.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            if "metadata" in self.path:
                self.answer(200, "application/fhir+json;charset=utf-8", json.dumps(CAPABILITY))
            elif "Device/" in self.path:
                self.answer(200, "application/fhir+json;charset=utf-8", json.dumps(DEVICE))
            elif "rootDesc" in self.path:
                self.answer(200, "text/xml", UPNP)
            else:
                self.answer(200, "application/fhir+json;charset=utf-8",
                            json.dumps({"resourceType": "Bundle", "type": "searchset"}))

        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if "onvif" in self.path:
                self.answer(200, "application/soap+xml; charset=utf-8", ONVIF)
            elif "pcd" in self.path:
                self.answer(200, "application/soap+xml; charset=utf-8", "<ok/>")
            else:
                self.answer(201, "application/fhir+json;charset=utf-8", "{}")

    HTTPServer(("10.77.0.10", int(port)), Handler).serve_forever()


MDIB = """<?xml version="1.0" encoding="UTF-8"?>
<msg:GetMdibResponse xmlns:msg="http://standards.ieee.org/downloads/11073/11073-10207-2017/message"
 xmlns:pm="http://standards.ieee.org/downloads/11073/11073-10207-2017/participant"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" MdibVersion="1" SequenceId="urn:uuid:1">
<msg:Mdib SequenceId="urn:uuid:1" MdibVersion="1"><pm:MdDescription DescriptionVersion="1">
<pm:Mds Handle="mds0" DescriptorVersion="1" SafetyClassification="MedA">
<pm:Type Code="70001" CodingSystem="urn:oid:1.2.3"/></pm:Mds>
</pm:MdDescription><pm:MdState StateVersion="1">
<pm:State xsi:type="pm:MdsState" DescriptorHandle="mds0" StateVersion="1" OperatingMode="Nml"/>
</pm:MdState></msg:Mdib></msg:GetMdibResponse>
"""


def sdc_provider(address):
    import uuid

    from sdc11073.mdib import ProviderMdib
    from sdc11073.provider import SdcProvider
    from sdc11073.wsdiscovery import WSDiscovery
    from sdc11073.xml_types.dpws_types import ThisDeviceType, ThisModelType

    discovery = WSDiscovery(address)
    discovery.start()
    model = ThisModelType(manufacturer="Contoso Medical", manufacturer_url="http://x.example",
                          model_name="VitalsHub", model_number="VH-2",
                          model_url="http://x.example/vh", presentation_url="http://x.example/p")
    device = ThisDeviceType(friendly_name="Bed 12 hub", firmware_version="4.4.1",
                            serial_number="VH200099")
    provider = SdcProvider(discovery, model, device, ProviderMdib.from_string(MDIB.encode()),
                           epr=uuid.UUID(int=77), validate=False)
    provider.set_used_compression()
    provider.start_all(start_rtsample_loop=False)
    provider.publish()
    print("published", flush=True)
    time.sleep(60)


def sdc_consumer(address):
    from sdc11073.consumer.consumerimpl import SdcConsumer
    from sdc11073.definitions_sdc import SdcV1Definitions
    from sdc11073.wsdiscovery import WSDiscovery

    discovery = WSDiscovery(address)
    discovery.start()
    service = discovery.search_services(types=SdcV1Definitions.MedicalDeviceTypesFilter,
                                        timeout=3)[0]
    consumer = SdcConsumer.from_wsd_service(service, None, validate=False)
    consumer.set_used_compression()
    consumer.start_all()
    time.sleep(1)
    consumer.stop_all()
    discovery.stop()


if __name__ == "__main__":
    globals()[sys.argv[1].replace("-", "_")](*sys.argv[2:])
