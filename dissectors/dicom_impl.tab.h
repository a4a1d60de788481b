/* Roots of implementation class UIDs and the toolkit behind them. A root names who
 * made the toolkit, which is seldom who made the device; UIDs carry no semantics by
 * the standard, so every row is a "likely".
 * Sources: DicomImplementation.cs of fo-dicom, Implementation.java of dcm4che, the
 * presentation facts of DCMTK 3.6.7, Orthanc 1.10.1, GDCM 3.0.21, pynetdicom,
 * dcmjs-dimse 0.3.3 and go-netdicom as observed in captures; arcs of companies from
 * the public OID registries. The arcs 1.2.826.0.1.3680043.{2,8,9,10} are a free pool
 * of Medical Connections: only full assignments are listed.
 * Sorted by the bytes of the root; a root matches whole components. */
I("1.2.124.113532", "Agfa")
I("1.2.246.352", "Varian")
I("1.2.276.0.7230010.3", "DCMTK")
I("1.2.276.0.7230010.3.0.3.6.2", "DCMTK 3.6.2 or nmap")
I("1.2.392.200036.9107", "Konica Minolta")
I("1.2.392.200036.9116", "Canon or Toshiba")
I("1.2.392.200036.9125", "Fujifilm")
I("1.2.40.0.13.1.1", "dcm4che 2")
I("1.2.40.0.13.1.3", "dcm4che")
I("1.2.826.0.1.3680043.10.854", "dcmjs-dimse")
I("1.2.826.0.1.3680043.2.1143", "GDCM")
I("1.2.826.0.1.3680043.2.135.1066.101", "ConQuest")
I("1.2.826.0.1.3680043.8.498", "pydicom")
I("1.2.826.0.1.3680043.8.641", "Orthanc")
I("1.2.826.0.1.3680043.9.3811", "pynetdicom")
I("1.2.826.0.1.3680043.9.7133", "go-netdicom")
I("1.2.840.113564", "Carestream")
I("1.2.840.113619", "GE Healthcare")
I("1.2.840.113681", "Hologic")
I("1.2.840.113704", "Philips")
I("1.2.840.114257", "LEADTOOLS")
I("1.3.12.2.1107", "Siemens")
I("1.3.46.670589", "Philips")
I("1.3.51", "Agfa")
I("1.3.6.1.4.1.25403", "ClearCanvas")
I("1.3.6.1.4.1.30071.8", "fo-dicom")
I("2.16.840.1.113669", "Merge")
