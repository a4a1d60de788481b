"""A receiver that is as strict as the product it stands for, and can be told to fail.

Source: Splunk Enterprise, HTTP Event Collector (codes, channels, acknowledgement);
Elasticsearch 8 and OpenSearch 2, Bulk API, data streams.

Complaints: whatever a real receiver might let pass, but no good sender does, is kept in
`complaints`; tests want that list empty.

Faults: a list of Fault; each request of the kind `on` takes the first one that fits, once.
As a program: stub.py hec|elastic PORT_FILE [SEED [STORE]] receives until it is killed, at the
port in PORT_FILE where there is one, fails at random when SEED is not 0, and tells what it
stored at GET /_stub/state. STORE outlives it: one line "ID SEQUENCE KIND N" for each record,
N of those that say how many are missing. Events of hec get there with their acknowledgement,
as an indexer has them; what was not acknowledged is gone when it is killed.
"""
import base64
import gzip
import http.server
import json
import os
import random
import re
import socket
import ssl
import struct
import sys
import threading
import time
import zlib
from urllib.parse import parse_qs, unquote, urlsplit

GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
RECORD_ID = re.compile(r"[0-9a-f]{32}-[0-9]{1,10}")
EVENT_KEYS = {"time", "host", "source", "sourcetype", "index", "event", "fields"}


class Fault:
    """What happens instead of an answer, or to one.

    on      "event", "ack", "bulk" or "any"
    status, headers, body   this answer; the request is not looked at
    cut     bytes of the true answer that are sent before the connection is reset
    sleep   seconds before the answer
    cut_request   the connection is reset before anything is stored
    huge    bytes of blanks in front of the true answer
    items   (elastic) {number of the item: (status, type)}, others are stored
    ack_id  (hec) this ackId instead of the true one
    change  function of the true answer (bytes) that gives another
    times   how often
    """

    def __init__(self, on="any", times=1, **what):
        self.on, self.times = on, times
        self.what = what

    def __getattr__(self, name):
        return self.__dict__["what"].get(name)


class Receiver:
    def __init__(self):
        self.lock = threading.Lock()
        self.faults, self.complaints, self.requests = [], [], []
        self.stored = {}  # id: how often it was stored
        self.order = []   # ids as they were stored
        self.file = None  # lines of them, see main
        self.max_bytes = 10**6
        self.gzip_refused = False

    def complain(self, text):
        self.complaints.append(text)

    def fault(self, kind):
        with self.lock:
            for fault in self.faults:
                if fault.on in (kind, "any"):
                    fault.times -= 1
                    if not fault.times:
                        self.faults.remove(fault)
                    return fault
        return None

    def store(self, name, line=None):
        self.stored[name] = self.stored.get(name, 0) + 1
        self.order.append(name)
        if self.file:
            self.file.write(line + "\n")
            self.file.flush()

    def unpack(self, request):
        """The body of a request, or None and the answer."""
        coding = request.headers.get("Content-Encoding")
        body = request.body
        if len(body) > self.max_bytes:
            return None, self.answer_413()
        if coding == "gzip" and not self.gzip_refused:
            try:
                body = gzip.decompress(body)
            except (OSError, EOFError, zlib.error):
                return None, (400, {"text": "gzip"})
        elif coding:
            return None, (415, {"text": "Unsupported Media Type"})
        if len(body) > self.max_bytes:
            return None, self.answer_413()
        return body, None

    def answer_413(self):
        return 413, {"text": "Content-Length too large"}


class Hec(Receiver):
    """token: {"name": {"is_disabled":, "has_ack":, "indexes": [..]}}"""

    words = {0: "Success", 1: "Token is disabled", 2: "Token is required",
             3: "Invalid authorization", 4: "Invalid token", 5: "No data",
             6: "Invalid data format", 7: "Incorrect index", 10: "Data channel is missing",
             11: "Invalid data channel", 12: "Event field is required",
             13: "Event field cannot be blank", 14: "ACK is disabled",
             15: "Error in handling indexed fields", 16: "Query string authorization is not enabled",
             17: "HEC is healthy"}

    def __init__(self, has_ack=True, ack_after=1, is_partial=False):
        super().__init__()
        self.tokens = {"good-token": {"has_ack": has_ack, "indexes": ["main", "ids"]},
                       "off-token": {"is_disabled": True, "has_ack": has_ack, "indexes": []}}
        self.ack_after = ack_after    # polls until an id is true
        self.is_partial = is_partial  # events before a bad one are stored
        self.events_seen = []         # as they were stored, in order
        self.is_late = False          # stored when it is acknowledged, not before
        self.waiting = {}             # ackId: what is to be stored then
        self.channels = {}            # channel: {ackId: polls left}
        self.next_ack = 0
        self.bad_ids = set()          # record ids that are taken for bad format

    def code(self, status, code, **more):
        return status, {"text": self.words[code], "code": code, **more}

    def kind(self, method, url):
        return {"/services/collector/event": "event", "/services/collector": "event",
                "/services/collector/ack": "ack"}.get(url.path, "other")

    def answer(self, request, url, fault):
        if url.path == "/services/collector/health":
            return self.code(200, 17)
        kind = self.kind(request.command, url)
        if kind == "other" or request.command != "POST":
            return 404, {"text": "The requested URL was not found on this server.", "code": 404}
        token, answer = self.token(request, url)
        if answer:
            return answer
        if (request.headers.get("Content-Type") or "").split(";")[0] != "application/json":
            self.complain("Content-Type is not application/json")
        channel = request.headers.get("X-Splunk-Request-Channel")
        if kind == "ack":
            channel = parse_qs(url.query).get("channel", [channel])[0]
            if not token["has_ack"]:
                return self.code(400, 14)
        if (token["has_ack"] or kind == "ack") and not channel:
            return self.code(400, 10)
        if channel and not GUID.fullmatch(channel):
            return self.code(400, 11)
        body, answer = self.unpack(request)
        if answer:
            return answer
        if kind == "ack":
            return self.acks(channel, body)
        return self.events(token, channel, body, fault)

    def token(self, request, url):
        if "token" in parse_qs(url.query):
            return None, self.code(400, 16)
        value = request.headers.get("Authorization")
        if not value:
            return None, self.code(401, 2)
        if not value.startswith("Splunk "):
            return None, self.code(401, 3)
        token = self.tokens.get(value[7:])
        if not token:
            return None, self.code(403, 4)
        if token.get("is_disabled"):
            return None, self.code(403, 1)
        return token, None

    def split(self, body):
        """Concatenated JSON texts: values, and whether all could be read."""
        text, at, found = body.decode("utf-8", "strict"), 0, []
        decoder = json.JSONDecoder()
        while True:
            while at < len(text) and text[at] in " \r\n\t":
                at += 1
            if at == len(text):
                return found, True
            try:
                value, at = decoder.raw_decode(text, at)
            except ValueError:
                return found, False
            found.append(value)

    def judge(self, event, token):
        """0, or the code of what is wrong with one event."""
        if not isinstance(event, dict):
            return 6
        if "event" not in event:
            return 12
        if event["event"] in ("", None, {}):
            return 13
        if set(event) - EVENT_KEYS:
            self.complain(f"unknown keys {set(event) - EVENT_KEYS}")
        fields = event.get("fields", {})
        if not isinstance(fields, dict):
            return 15
        for value in fields.values():
            values = value if isinstance(value, list) else [value]
            if not all(isinstance(v, (str, int, float, bool)) for v in values):
                return 15
        if "time" in event:
            try:
                if not 0 < float(event["time"]) < 4e9:
                    self.complain(f"time is no epoch in seconds: {event['time']}")
            except (TypeError, ValueError):
                return 6
        if "index" in event and event["index"] not in token["indexes"]:
            return 7
        if self.id_of(event) in self.bad_ids:
            return 6
        return 0

    def id_of(self, event):
        """alert id and seq, wherever they stand."""
        inner = event["event"] if isinstance(event["event"], dict) else {}
        places = [inner.get("alert", {}), inner, event.get("fields", {})]
        for place in places:
            if isinstance(place, dict) and "alert_id" in place and "seq" in place:
                return f"{place['alert_id']}-{place['seq']}"
            if isinstance(place, dict) and "record_id" in place:
                return place["record_id"]
        return None

    def events(self, token, channel, body, fault):
        try:
            found, is_whole = self.split(body)
        except UnicodeDecodeError:
            self.complain("a body is no UTF-8")
            return self.code(400, 6, **{"invalid-event-number": 0})
        if not found and is_whole:
            return self.code(400, 5)
        bad = [(i, c) for i, c in enumerate(self.judge(e, token) for e in found) if c]
        if not is_whole:
            bad.append((len(found), 6))
        n_good = bad[0][0] if bad else len(found)
        taken = []
        if not bad or self.is_partial:
            for event in found[:n_good]:
                name = self.id_of(event)
                if not name or not RECORD_ID.fullmatch(name):
                    self.complain(f"event without an id: {name}")
                inner = event["event"]
                taken.append((name, f"{name} {inner['journal_seq']} {inner['kind']} {inner.get('count')}"))
                if not self.is_late:
                    self.events_seen.append(event)
                    self.store(*taken[-1])
        if bad:
            return self.code(400, bad[0][1], **{"invalid-event-number": bad[0][0]})
        if not token["has_ack"]:
            return self.code(200, 0)
        acks = self.channels.setdefault(channel, {})
        number = self.next_ack
        self.next_ack += 1
        acks[number] = self.ack_after
        if self.is_late:
            self.waiting[channel, number] = taken
        return self.code(200, 0, ackId=fault.ack_id if fault and fault.ack_id is not None
                         else number)

    def acks(self, channel, body):
        try:
            wanted = json.loads(body)["acks"]
            assert all(type(i) is int and i >= 0 for i in wanted)
        except (ValueError, KeyError, TypeError, AssertionError):
            self.complain("an acknowledgement is asked for in no proper form")
            return self.code(400, 6)
        acks, told = self.channels.setdefault(channel, {}), {}
        for i in wanted:
            left = acks.get(i)
            if left is None:
                told[str(i)] = False
                continue
            acks[i] = left - 1
            told[str(i)] = left <= 1
            if left <= 1:
                del acks[i]  # told once, then forgotten, as Splunk does
                for name, line in self.waiting.pop((channel, i), []):
                    self.store(name, line)
        return 200, {"acks": told}


class Elastic(Receiver):
    def __init__(self, credential=None, product="elasticsearch", wants_timestamp=True):
        super().__init__()
        self.credential = credential  # value of Authorization; None: open to all
        self.product = product
        self.wants_timestamp = wants_timestamp
        self.bad_ids = {}             # _id: (status, type), every time
        self.objects = {}             # what was PUT: path: JSON
        self.has_stream = True

    def error(self, status, kind, reason):
        return status, {"error": {"root_cause": [{"type": kind, "reason": reason}], "type": kind,
                                  "reason": reason}, "status": status}

    def answer_413(self):
        return self.error(413, "content_too_large", "too large")

    def kind(self, method, url):
        return "bulk" if url.path.endswith("/_bulk") else "other"

    def answer(self, request, url, fault):
        if self.credential and request.headers.get("Authorization") != self.credential:
            return self.error(401, "security_exception", "missing authentication credentials")
        if request.command == "GET" and url.path == "/":
            version = {"number": "8.17.0"}
            if self.product == "opensearch":
                version = {"number": "2.19.0", "distribution": "opensearch"}
            return 200, {"name": "stub", "version": version}
        if request.command == "PUT":
            return self.put(request, url)
        if request.command == "GET" and url.path in self.objects:
            return 200, self.objects[url.path]
        if self.kind(request.command, url) != "bulk" or request.command != "POST":
            return self.error(404, "resource_not_found_exception", "no such thing")
        if request.headers.get("Content-Type") not in ("application/x-ndjson", "application/json"):
            return self.error(406, "media_type_header_exception", "Content-Type")
        body, answer = self.unpack(request)
        if answer:
            return answer
        return self.bulk(url, body, fault)

    def put(self, request, url):
        body, answer = self.unpack(request)
        if answer:
            return answer
        try:
            self.objects[unquote(url.path)] = json.loads(body)
        except ValueError:
            return self.error(400, "parse_exception", "not JSON")
        return 200, {"acknowledged": True}

    def bulk(self, url, body, fault):
        if not body.endswith(b"\n"):
            return self.error(400, "illegal_argument_exception",
                              "The bulk request must be terminated by a newline [\\n]")
        lines = body[:-1].split(b"\n")
        if len(lines) % 2:
            return self.error(400, "illegal_argument_exception", "odd number of lines")
        items = []
        for i in range(0, len(lines), 2):
            items.append(self.item(i // 2, lines[i], lines[i + 1], fault))
        answer = {"took": 3, "errors": any("error" in i for i in items), "items": [
            {"create": i} for i in items]}
        if "filter_path" in parse_qs(url.query):
            for item in items:
                for key in set(item) - {"status", "error"}:
                    del item[key]
            del answer["took"]
        return 200, answer

    def fail(self, name, status, kind, reason):
        return {"_index": "s", "_id": name, "status": status,
                "error": {"type": kind, "reason": reason, "index": "s"}}

    def item(self, number, action, text, fault):
        try:
            (verb, about), = json.loads(action).items()
            document = json.loads(text)
        except (ValueError, AttributeError):
            self.complain("a line of _bulk is no JSON object")
            return self.fail("?", 400, "parse_exception", "malformed")
        name = about.get("_id")
        if verb != "create":
            return self.fail(name, 400, "illegal_argument_exception",
                             "only write ops with an op_type of create are allowed in data streams")
        if not name or not RECORD_ID.fullmatch(name):
            self.complain(f"_id is no record id: {name}")
        if not self.has_stream:
            return self.fail(name, 404, "index_not_found_exception", "no such index")
        told = (fault.items or {}).get(number) if fault else None
        told = told or self.bad_ids.get(name)
        if told:
            return self.fail(name, told[0], told[1], told[2] if len(told) > 2 else "because")
        if self.wants_timestamp and "@timestamp" not in document:
            return self.fail(name, 400, "document_parsing_exception",
                             "data stream timestamp field [@timestamp] is missing")
        if name in self.stored:
            self.again = getattr(self, "again", 0) + 1
            return self.fail(name, 409, "version_conflict_engine_exception",
                             f"[{name}]: version conflict, document already exists")
        inner = document.get("event", {})
        self.store(name, f"{name} {inner.get('sequence')} {inner.get('action')} "
                         f"{document.get('wardtap', {}).get('count')}")
        return {"_index": "s", "_id": name, "_version": 1, "result": "created", "status": 201}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    receiver = None

    def log_message(self, *_):
        pass

    def reset(self):
        """RST instead of FIN: what is on the way is lost too."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        if isinstance(self.connection, ssl.SSLSocket):
            self.connection.close()

    def reply(self, status, headers, body, cut=None):
        head = f"HTTP/1.1 {status} X\r\n".encode()
        for name, value in headers.items():
            head += f"{name}: {value}\r\n".encode()
        head += f"Content-Length: {len(body)}\r\n\r\n".encode()
        try:
            if cut is None:
                self.wfile.write(head + body)
            else:
                self.wfile.write((head + body)[:len(head) + cut if cut >= 0 else 0])
                self.wfile.flush()
                self.reset()
        except OSError:
            self.close_connection = True

    def serve(self):
        r = self.receiver
        url = urlsplit(self.path)
        length = self.headers.get("Content-Length")
        self.body = self.rfile.read(int(length)) if length else b""
        if length and len(self.body) != int(length):
            return
        if url.path == "/_stub/state":
            with r.lock:
                state = {"stored": r.stored, "order": r.order, "complaints": r.complaints,
                         "n_requests": len(r.requests)}
            self.reply(200, {}, json.dumps(state).encode())
            return
        kind = r.kind(self.command, url)
        fault = r.fault(kind)
        request = {"kind": kind, "method": self.command, "path": self.path,
                   "headers": dict(self.headers), "len": len(self.body)}
        with r.lock:
            r.requests.append(request)
        if fault and fault.sleep:
            time.sleep(fault.sleep)
            request["is_slept_out"] = True
        if fault and fault.cut_request:
            self.reset()
            return
        if fault and fault.status:
            self.reply(fault.status, fault.headers or {}, fault.body or b"", fault.cut)
            return
        with r.lock:
            status, answer = r.answer(self, url, fault)
        body = json.dumps(answer, separators=(",", ":")).encode()
        if fault and fault.change:
            body = fault.change(body)
        if fault and fault.huge:
            body = b" " * fault.huge + body
        self.reply(status, {"Content-Type": "application/json"}, body, fault.cut if fault else None)

    do_GET = do_POST = do_PUT = serve


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # a sender that hangs up is part of the tests


def start(receiver, tls=None, port=0):
    """Serves in threads; tls: (certificate, key[, authorities of clients]). Gives the server."""
    handler = type("H", (Handler,), {"receiver": receiver})
    server = Server(("127.0.0.1", port), handler)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls[0], tls[1])
        if len(tls) > 2:
            context.load_verify_locations(tls[2])
            context.verify_mode = ssl.CERT_REQUIRED
        server.socket = context.wrap_socket(server.socket, server_side=True,
                                            do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def random_faults(receiver, seed):
    """Fails forever, about one request in four."""
    rng = random.Random(seed)

    def one(kind):
        roll = rng.random()
        if roll < 0.75:
            return None
        what = rng.choice(["status", "cut", "request", "sleep", "garbage", "items"])
        if what == "status":
            return Fault(status=rng.choice([429, 500, 502, 503, 408]))
        if what == "cut":
            return Fault(cut=rng.randrange(-1, 60))
        if what == "request":
            return Fault(cut_request=True)
        if what == "sleep":
            return Fault(sleep=rng.random() / 2)
        if what == "garbage":
            return Fault(change=lambda body: body[:rng.randrange(len(body) + 1)])
        return Fault(items={rng.randrange(50): (429, "es_rejected_execution_exception")
                            for _ in range(9)})

    receiver.fault = one


def main(argv):
    receiver = Hec() if argv[1] == "hec" else Elastic()
    port = 0
    if len(argv) > 3 and int(argv[3]):
        random_faults(receiver, int(argv[3]))
    if len(argv) > 4:
        receiver.is_late = argv[1] == "hec"
        receiver.file = open(argv[4], "a+", encoding="ascii")
        receiver.file.seek(0)
        for line in receiver.file:
            receiver.stored[line.split(" ", 1)[0]] = 1
    if os.path.exists(argv[2]):
        with open(argv[2], encoding="ascii") as file:
            port = int(file.read())
    server = start(receiver, port=port)
    with open(argv[2] + ".new", "w", encoding="ascii") as out:
        out.write(f"{server.server_address[1]}\n")
    os.rename(argv[2] + ".new", argv[2])
    with open(argv[2] + ".ready", "w", encoding="ascii"):
        pass
    threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv)
