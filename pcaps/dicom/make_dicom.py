#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write small synthetic DICOM files (pydicom).  Usage: make_dicom.py FOLDER

Every patient, device, place and pixel is invented.  UIDs are derived from
names, so that two runs give the same files."""
import os
import sys

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

out = sys.argv[1]
os.makedirs(out, exist_ok=True)


def uid(*names):
    return generate_uid(prefix="1.2.826.0.1.3680043.8.498.", entropy_srcs=["wardtap"] + list(names))


DEVICES = {   # kind: class, modality, maker, model, station, serial, software
    "ct": ("1.2.840.10008.5.1.4.1.1.2", "CT", "WARDTAP Synthetic Imaging", "SynthScan CT-64", "WTCT01", "SYN-CT-000101", ["4.2.1", "BIOS 7"]),
    "mr": ("1.2.840.10008.5.1.4.1.1.4", "MR", "WARDTAP Synthetic Imaging", "SynthMag 1.5T", "WTMR01", "SYN-MR-000202", ["syn XA10"]),
    "us": ("1.2.840.10008.5.1.4.1.1.6.1", "US", "Fictive Ultrasound GmbH", "EchoDummy 9", "WTUS03", "SYN-US-000303", ["R3.1.2"]),
    "sc": ("1.2.840.10008.5.1.4.1.1.7", "OT", "Fictive Capture Inc", "GrabStation 2", "WTSC04", "SYN-SC-000404", ["1.0"]),
    "cr": ("1.2.840.10008.5.1.4.1.1.1", "CR", "Fictive X-Ray AG", "PlateReader 3", "WTCR05", "SYN-CR-000505", ["5.5"]),
    "pdf": ("1.2.840.10008.5.1.4.1.1.104.1", "DOC", "Fictive Capture Inc", "ReportPrinter PDF", "WTPDF06", "SYN-PD-000606", ["2.3.4"]),
    "rtplan": ("1.2.840.10008.5.1.4.1.1.481.5", "RTPLAN", "Fictive Radiotherapy Ltd", "PlanMaker TPS", "WTRT07", "SYN-RT-000707", ["15.6"]),
}


def base(kind, n=1, patient="000123"):
    cls, modality, maker, model, station, serial, sw = DEVICES[kind]
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = cls
    meta.MediaStorageSOPInstanceUID = uid(kind, "instance", str(n))
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = "1.2.826.0.1.3680043.8.498.1"
    ds = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SpecificCharacterSet = "ISO_IR 100"
    ds.SOPClassUID = cls
    ds.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    ds.StudyDate = ds.SeriesDate = ds.ContentDate = "20240102"
    ds.StudyTime = ds.SeriesTime = ds.ContentTime = "101500"
    ds.AccessionNumber = "TESTACC%s" % patient
    ds.Modality = modality
    ds.Manufacturer = maker
    ds.InstitutionName = "WARDTAP TEST HOSPITAL"
    ds.ReferringPhysicianName = "WARDTAP^TESTDOCTOR"
    ds.StationName = station
    ds.StudyDescription = "SYNTHETIC TEST STUDY"
    ds.SeriesDescription = "SYNTHETIC %s" % modality
    ds.InstitutionalDepartmentName = "TEST DEPT"
    ds.ManufacturerModelName = model
    ds.PatientName = "WARDTAP^TESTPATIENT"
    ds.PatientID = "TEST%s" % patient
    ds.PatientBirthDate = "19000101"
    ds.PatientSex = "O"
    ds.DeviceSerialNumber = serial
    ds.SoftwareVersions = sw
    if kind == "ct":
        ds.ProtocolName = "TEST PROTOCOL"
        ds.KVP = "120"
        ds.DateOfLastCalibration = "20231231"
        ds.DeviceUID = uid(kind, "device")
    ds.StudyInstanceUID = uid(kind, "study", patient)
    ds.SeriesInstanceUID = uid(kind, "series", patient)
    ds.StudyID = "1"
    ds.SeriesNumber = 1
    ds.InstanceNumber = n
    return ds


def pixels(ds, rows, cols, bits=16, n=1):
    y, x = np.mgrid[0:rows, 0:cols]
    a = ((x * 37 + y * 61 + n * 11) ^ (x * y)) & (0xFFF if bits == 16 else 0xFF)
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.Rows, ds.Columns = rows, cols
    ds.BitsAllocated = bits
    ds.BitsStored = 12 if bits == 16 else 8
    ds.HighBit = ds.BitsStored - 1
    ds.PixelRepresentation = 0
    ds.PixelData = a.astype("<u2" if bits == 16 else "u1").tobytes()
    ds["PixelData"].VR = "OW"


def save(ds, name):
    ds.save_as(os.path.join(out, name), enforce_file_format=True)


for i in range(1, 6):
    d = base("ct", i)
    d.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    pixels(d, 64, 64, 16, i)
    d.RescaleIntercept, d.RescaleSlope = "-1024", "1"
    save(d, "ct%d.dcm" % i)
d = base("ct", 90)
pixels(d, 256, 256, 16, 90)
d.RescaleIntercept, d.RescaleSlope = "-1024", "1"
save(d, "ct-big.dcm")
for i in (1, 2):
    d = base("mr", i, "000124")
    d.ScanningSequence, d.SequenceVariant, d.MRAcquisitionType = "SE", "NONE", "2D"
    d.MagneticFieldStrength = "1.5"
    pixels(d, 48, 48, 16, i)
    save(d, "mr%d.dcm" % i)
d = base("us", 1, "000125")
pixels(d, 64, 80, 8)
save(d, "us1.dcm")
d = base("sc", 1)
d.ConversionType = "WSD"
pixels(d, 32, 32, 8)
save(d, "sc1.dcm")
d = base("cr", 1, "000126")
pixels(d, 64, 64, 16)
save(d, "cr1.dcm")

PDF = (b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
       b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
d = base("pdf")
d.BurnedInAnnotation = "NO"
d.DocumentTitle = "SYNTHETIC REPORT"
d.MIMETypeOfEncapsulatedDocument = "application/pdf"
d.EncapsulatedDocument = PDF + (b"\0" if len(PDF) % 2 else b"")
save(d, "pdf1.dcm")

# The same class carrying an ELF header instead of a document (a harmless
# 64-byte header of zeros): a sensor should notice it.
d = base("pdf", 2)
d.DocumentTitle = "SYNTHETIC NOT A REPORT"
d.MIMETypeOfEncapsulatedDocument = "application/pdf"
d.EncapsulatedDocument = b"\x7fELF\x02\x01\x01" + b"\0" * 57
save(d, "pdf-elf.dcm")

d = base("rtplan", 1, "000127")
d.RTPlanLabel = "TESTPLAN"
d.RTPlanName = "SYNTHETIC PLAN"
d.RTPlanDate, d.RTPlanTime = "20240102", "101500"
d.RTPlanGeometry = "TREATMENT_DEVICE"
b = Dataset()
b.Manufacturer = "Fictive Radiotherapy Ltd"
b.TreatmentMachineName = "TESTLINAC1"
b.BeamNumber, b.BeamName, b.BeamType, b.RadiationType = 1, "TESTBEAM", "STATIC", "PHOTON"
b.NumberOfControlPoints = 0
fg = Dataset()
fg.FractionGroupNumber, fg.NumberOfFractionsPlanned, fg.NumberOfBeams = 1, 20, 1
fg.NumberOfBrachyApplicationSetups = 0
d.FractionGroupSequence = Sequence([fg])
d.BeamSequence = Sequence([b])
save(d, "rtplan1.dcm")

# Two entries of a modality worklist, for wlmscpfs
wl = os.path.join(out, "wl", "WARDMWL")
os.makedirs(wl, exist_ok=True)
open(os.path.join(wl, "lockfile"), "w").close()
for i in (1, 2):
    d = base("ct", 200 + i)
    for k in ("Modality", "Manufacturer", "StationName", "DeviceSerialNumber", "SoftwareVersions", "ManufacturerModelName",
              "InstitutionName", "SeriesInstanceUID", "DeviceUID", "SeriesNumber", "InstanceNumber", "SOPClassUID", "SOPInstanceUID"):
        if k in d:
            delattr(d, k)
    d.RequestedProcedureID, d.RequestedProcedureDescription = "TESTRP%d" % i, "SYNTHETIC PROCEDURE"
    d.RequestingPhysician, d.AdmissionID, d.RequestedProcedurePriority = "WARDTAP^TESTDOCTOR", "TESTADM1", "LOW"
    s = Dataset()
    s.Modality, s.ScheduledStationAETitle = "CT", "WARD_CT1"
    s.ScheduledProcedureStepStartDate, s.ScheduledProcedureStepStartTime = "20240102", "1%d0000" % i
    s.ScheduledPerformingPhysicianName = "WARDTAP^TESTDOCTOR"
    s.ScheduledProcedureStepDescription, s.ScheduledProcedureStepID = "SYNTHETIC STEP", "TESTSPS%d" % i
    s.ScheduledStationName, s.ScheduledProcedureStepLocation = "WTCT01", "TESTROOM"
    d.ScheduledProcedureStepSequence = Sequence([s])
    save(d, os.path.join("wl", "WARDMWL", "wl%d.wl" % i))
