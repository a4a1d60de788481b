# SPDX-License-Identifier: Apache-2.0
"""aioquic on both sides: quic_peer.py serve FOLDER [retry] | ask 1|2|draft|large"""

import asyncio
import sys

from aioquic.asyncio import QuicConnectionProtocol, connect, serve
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.packet import QuicProtocolVersion

ADDRESS = "10.77.0.10"
V1, V2 = QuicProtocolVersion.VERSION_1, QuicProtocolVersion.VERSION_2


class Server(QuicConnectionProtocol):
    h3 = None

    def quic_event_received(self, event):
        if self.h3 is None:
            self.h3 = H3Connection(self._quic)
        for e in self.h3.handle_event(event):
            if isinstance(e, HeadersReceived):
                self.h3.send_headers(e.stream_id, [(b":status", b"200")])
                self.h3.send_data(e.stream_id, b"sample\n", end_stream=True)
                self.transmit()


async def run_server(folder, retry):
    configuration = QuicConfiguration(is_client=False, alpn_protocols=["h3"])
    configuration.load_cert_chain(folder + "/cert.pem", folder + "/key.pem")
    await serve(ADDRESS, 4433, configuration=configuration, create_protocol=Server, retry=retry)
    await asyncio.Future()


async def run_client(kind):
    alpn = ["h3", "h3-29"]
    if kind == "large":
        alpn += ["ward-telemetry-protocol-number-%04d" % i for i in range(40)]
    configuration = QuicConfiguration(is_client=True, alpn_protocols=alpn,
                                      server_name="telemetry.ward.example", verify_mode=0)
    configuration.idle_timeout = 3
    if kind == "2":
        configuration.original_version = V2
        configuration.supported_versions = [V2, V1]
    elif kind == "draft":
        configuration.original_version = 0xff00001d
        configuration.supported_versions = [0xff00001d, V1]
    async with connect(ADDRESS, 4433, configuration=configuration) as client:
        h3 = H3Connection(client._quic)
        for _ in range(2):
            stream = client._quic.get_next_available_stream_id()
            h3.send_headers(stream, [(b":method", b"GET"), (b":scheme", b"https"),
                                     (b":authority", b"telemetry.ward.example"),
                                     (b":path", b"/bed/12")], end_stream=True)
        client.transmit()
        await asyncio.sleep(0.3)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(run_server(sys.argv[2], "retry" in sys.argv))
    else:
        asyncio.run(run_client(sys.argv[2]))
