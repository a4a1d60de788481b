#!/usr/bin/env python3
"""A syslog collector for tests, strict about frames and with faults on demand.

usage: syslog_peer.py udp|tcp|tls PORT_FILE OUT [OPTION=VALUE]...
  PORT_FILE is read for the port where it exists, otherwise gets the one that was free.
  PORT_FILE.ready is made once it listens.
  OUT gets one line per whole message, as it came, flushed.
  framing=octet|lf   frames of RFC 6587
  cert= key= ca=     TLS; ca: the client must show a certificate of that authority
  cut=N              closes the first two connections behind N bytes, in the middle of a
                     frame or not
  slow=SECONDS       waits that long between two reads of 4096 bytes
  close=first        closes each connection as soon as it is accepted
Prints every breach of the framing; exits by SIGTERM.
"""
import os
import socket
import ssl
import sys
import threading
import time


def take_octets(buffer, emit):
    """Takes whole frames off the buffer: LEN SP MSG."""
    while True:
        blank = buffer.find(b" ", 0, 7)
        if blank < 0:
            if len(buffer) >= 7:
                sys.exit("BREACH: no length in front of %r" % bytes(buffer[:40]))
            return
        if not buffer[:blank].isdigit() or buffer[:1] == b"0":
            sys.exit("BREACH: bad length %r" % bytes(buffer[:40]))
        size = int(buffer[:blank])
        if len(buffer) < blank + 1 + size:
            return
        emit(bytes(buffer[blank + 1:blank + 1 + size]))
        del buffer[:blank + 1 + size]


def take_lines(buffer, emit):
    while b"\n" in buffer:
        end = buffer.index(b"\n")
        emit(bytes(buffer[:end]))
        del buffer[:end + 1]


def serve(connection, options, emit):
    take = take_lines if options.get("framing") == "lf" else take_octets
    buffer, cut, n_read = bytearray(), int(options.get("cut", 0)), 0
    try:
        while True:
            size = 4096 if "slow" in options else 65536
            if cut:
                size = min(size, cut - n_read)
            if size <= 0:
                return
            part = connection.recv(size)
            if not part:
                return
            n_read += len(part)
            buffer += part
            take(buffer, emit)
            if "slow" in options:
                time.sleep(float(options["slow"]))
    except OSError:
        return
    finally:
        try:
            connection.close()
        except OSError:
            pass


def context_of(options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options["cert"], options["key"])
    if "ca" in options:
        context.load_verify_locations(options["ca"])
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def handle(connection, context, options, emit):
    if options.get("close") == "first":
        connection.close()
        return
    if context:
        try:
            connection = context.wrap_socket(connection, server_side=True)
        except (OSError, ssl.SSLError):
            return
    serve(connection, options, emit)


def main():
    kind, port_file, out_path = sys.argv[1:4]
    options = dict(word.split("=", 1) for word in sys.argv[4:])
    out = open(out_path, "ab", buffering=0)
    lock = threading.Lock()

    def emit(message):
        with lock:
            out.write(message.replace(b"\n", b"<LF>") + b"\n")

    listener = socket.socket(socket.AF_INET,
                             socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if kind == "udp":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    port = int(open(port_file).read()) if os.path.exists(port_file) else 0
    listener.bind(("127.0.0.1", port))
    with open(port_file + ".new", "w") as file:
        file.write(str(listener.getsockname()[1]))
    os.rename(port_file + ".new", port_file)
    if kind != "udp":
        listener.listen(16)
    open(port_file + ".ready", "w").close()
    if kind == "udp":
        while True:
            emit(listener.recv(65536))
    context = context_of(options) if kind == "tls" else None
    n_connections = 0
    while True:
        connection, _ = listener.accept()
        n_connections += 1
        if n_connections > 2:
            options.pop("cut", None)
        threading.Thread(target=handle, args=(connection, context, dict(options), emit),
                         daemon=True).start()


main()
