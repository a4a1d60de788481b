#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""smtp_peer.py PORT [auth | tls CERT KEY]: an aiosmtpd server that takes all mail but
that for refused.example.org, and knows one login."""
import ssl
import sys
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.endswith("@refused.example.org"):
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        print("mail", envelope.mail_from, envelope.rcpt_tos, len(envelope.content), flush=True)
        return "250 Message accepted for delivery"


def login(server, session, envelope, mechanism, data):
    return AuthResult(handled=False, success=(data.login, data.password) == (b"biomed", b"Infuse77"))


more = {}
if sys.argv[2:3] == ["auth"]:
    more = dict(authenticator=login, auth_require_tls=False, auth_required=False)
elif sys.argv[2:3] == ["tls"]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    more = dict(tls_context=context, require_starttls=True)
controller = Controller(Handler(), hostname="0.0.0.0", port=int(sys.argv[1]),
                        server_hostname="mail.ward.example.org", **more)
controller.start()
time.sleep(3600)
