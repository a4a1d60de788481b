#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Discovery of IEEE 11073 SDC by sdc11073: a provider that publishes a medical device
with its bed, or a consumer that searches for it.

    sdc_peer.py provider ADDRESS SECONDS
    sdc_peer.py consumer ADDRESS"""
import sys
import time

from lxml import etree
from sdc11073.location import SdcLocation
from sdc11073.wsdiscovery import WSDiscovery
from sdc11073.xml_types.wsd_types import ScopesType

TYPES = [etree.QName("http://docs.oasis-open.org/ws-dd/ns/dpws/2009/01", "Device"),
         etree.QName("http://standards.ieee.org/downloads/11073/11073-20702-2016", "MedicalDevice")]
here = SdcLocation(fac="WARDHOSP", bldng="B2", flr="3", poc="ICU 1", rm="R 12", bed="Bed 4")

w = WSDiscovery(sys.argv[2])
w.start()
if sys.argv[1] == "provider":
    scopes = ScopesType(here.scope_string + " sdc.mds.pkp:1.2.840.10004.20701.1.1"
                        " sdc.cdc.type:///69650 sdc.ctxt.opr:/x/operator-17")
    w.publish_service("urn:uuid:6f3a1e40-7d1d-11ee-b962-0242ac120002", TYPES, scopes,
                      ["https://%s:6464/6f3a1e407d1d" % sys.argv[2]])
    time.sleep(float(sys.argv[3]))
    w.clear_local_services()
    time.sleep(1)
else:
    print(w.search_services(types=TYPES, timeout=3))
    print(w.search_sdc_device_services_in_location(here, timeout=2))
w.stop()
