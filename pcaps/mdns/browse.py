#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Browses service types with python-zeroconf for three seconds, and resolves what it
finds."""
import sys
import time

from zeroconf import IPVersion, ServiceBrowser, Zeroconf


class Listener:
    def add_service(self, zc, kind, name):
        print(zc.get_service_info(kind, name))

    update_service = remove_service = lambda *a: None


zc = Zeroconf(ip_version=IPVersion.V4Only)
browsers = [ServiceBrowser(zc, kind, Listener()) for kind in sys.argv[1:]]
time.sleep(3)
zc.close()
