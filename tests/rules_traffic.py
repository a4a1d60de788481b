"""Conversations made from the contents of a rule (for rules_random.py).

Only what the rule itself says goes in, so the generator is no second engine: it lays the
contents of each buffer out in the order and at the distances that the rule demands, and
builds the message that carries these buffers. What it cannot build raises Cannot.
"""

import re
import struct

try:
    import re._parser as sre
except ImportError:  # before Python 3.11
    import sre_parse as sre

FILL = b"z"
OLD = {"http_uri": "http.uri", "http_raw_uri": "http.uri", "http_method": "http.method",
       "http_header": "http.header", "http_raw_header": "http.header",
       "http_cookie": "http.cookie", "http_user_agent": "http.user_agent",
       "http_host": "http.host", "http_client_body": "http.request_body",
       "http_server_body": "http.response_body", "http_stat_code": "http.stat_code",
       "http_stat_msg": "http.stat_msg", "http_referer": "http.referer"}
SAME = {"file_data": "http.response_body", "file.data": "http.response_body",
        "dns_query": "dns.query", "tls_sni": "tls.sni", "http.uri.raw": "http.uri",
        "http.header.raw": "http.header", "http.host.raw": "http.host"}
HEADERS = {"http.user_agent": "User-Agent", "http.host": "Host", "http.referer": "Referer",
           "http.cookie": "Cookie", "http.content_type": "Content-Type",
           "http.accept": "Accept", "http.accept_enc": "Accept-Encoding",
           "http.accept_lang": "Accept-Language", "http.connection": "Connection",
           "http.location": "Location", "http.server": "Server"}
REQUEST = {"http.method", "http.uri", "http.user_agent", "http.host", "http.referer",
           "http.accept", "http.accept_enc", "http.accept_lang", "http.request_body",
           "http.request_line"}
RESPONSE = {"http.stat_code", "http.stat_msg", "http.response_body", "http.server",
            "http.location"}
OTHER = {"http.header", "http.cookie", "http.content_type", "http.connection",
         "http.header_names", "http.protocol", "tls.sni", "tls.certs", "tls.cert_subject",
         "tls.cert_issuer", "dns.query"}
IGNORED = {"msg", "reference", "classtype", "sid", "rev", "gid", "metadata", "target", "tag",
           "priority", "fast_pattern", "rawbytes", "noalert", "prefilter", "requires"}
LETTERS = {"U": "http.uri", "I": "http.uri", "P": "http.request_body", "H": "http.header",
           "D": "http.header", "C": "http.cookie", "V": "http.user_agent", "W": "http.host",
           "M": "http.method", "S": "http.stat_code", "Q": "http.response_body"}

NOTHING_ELSE = {"http.host": b"h.example", "http.uri": b"/", "http.method": b"GET",
                "tls.sni": b"h.example", "dns.query": b"h.example",
                "http.header": b"X-Z: z\r\n", "tls.cert_subject": b"CN=h.example",
                "tls.cert_issuer": b"CN=h.example", "http.stat_code": b"200"}


class Cannot(Exception):
    """Why the generator gives up on a rule."""


class Content:
    def __init__(self, pattern, negated):
        self.pattern, self.negated = pattern, negated
        self.set = {}


def pattern_of(text):
    out, rest = b"", text
    while rest:
        if rest[0] == "|":
            body, _, rest = rest[1:].partition("|")
            out += bytes.fromhex(body.replace(" ", ""))
        elif rest[0] == "\\" and len(rest) > 1:
            out, rest = out + rest[1].encode("latin-1"), rest[2:]
        else:
            out, rest = out + rest[0].encode("utf-8", "replace"), rest[1:]
    return out


def sample(tree):
    """The shortest bytes of a parsed expression, by its first choices."""
    out = b""
    for op, value in tree:
        name = str(op).lower()
        if name == "literal":
            if value > 255:
                raise Cannot("a regular expression beyond bytes")
            out += bytes([value])
        elif name in ("max_repeat", "min_repeat", "possessive_repeat"):
            least, _, inner = value
            if least > 3000:
                raise Cannot("a long repeat")
            out += sample(inner) * least
        elif name == "subpattern":
            out += sample(value[-1])
        elif name == "atomic_group":
            out += sample(value)
        elif name == "branch":
            out += sample(value[1][0])
        elif name == "in":
            out += one_of(value)
        elif name in ("any", "not_literal"):
            out += b"z" if name == "any" or value != ord("z") else b"y"
        elif name == "at":
            continue
        else:
            raise Cannot("a regular expression with " + name)
    return out


def one_of(choices):
    allowed, negated = set(), False
    for op, value in choices:
        name = str(op).lower()
        if name == "negate":
            negated = True
        elif name == "literal":
            allowed.add(value)
        elif name == "range":
            allowed.update(range(value[0], value[1] + 1))
        elif name == "category":
            kind = {"d": rb"\d", "s": rb"\s", "w": rb"\w"}.get(str(value).lower()[9:10])
            text = str(value).lower()
            kind = rb"\d" if "digit" in text else rb"\s" if "space" in text else rb"\w"
            if "not" in text:
                kind = kind.upper()
            allowed.update(i for i in range(256) if re.match(kind, bytes([i]), re.S))
    if negated:
        allowed = set(range(256)) - allowed
    for c in b"za0Z9 x/":
        if c in allowed:
            return bytes([c])
    good = sorted(c for c in allowed if c < 256)
    if not good:
        raise Cannot("an empty set in a regular expression")
    return bytes([good[0]])


class Regex:
    def __init__(self, value):
        self.negated = value.startswith("!")
        value = value.lstrip("!").strip().strip('"')
        end = value.rindex("/")
        self.letters, text = value[end + 1:], value[1:end]
        text = text.replace("\\x3b", ";").replace('\\"', '"')
        flags = sum({"i": re.I, "s": re.S, "m": re.M, "x": re.X}.get(c, 0)
                    for c in self.letters)
        try:
            self.code = re.compile(text.encode("latin-1", "replace"), flags)
            self.tree = sre.parse(text.encode("latin-1", "replace"), flags)
        except (re.error, ValueError, OverflowError) as why:
            raise Cannot("a regular expression that Python does not know") from why
        self.set = {"R": True} if "R" in self.letters else {}


class Rule:
    def __init__(self, line):
        self.line = line if line.endswith("\n") else line + "\n"
        head, _, body = line.partition("(")
        words = re.findall(r"\[[^\]]*(?:\[[^\]]*\][^\]]*)*\]|\S+", head)
        if len(words) != 7:
            raise Cannot("an odd header")
        _, self.proto, self.src, self.sport, _, self.dst, self.dport = words
        self.buffers, self.order, self.options = {}, [], {}
        self.sid, self.flow, self.repeat, self.no_miss = 0, "", 1, ""
        buffer, last, transforms = "payload", None, {}
        for option in re.findall(r"((?:\\.|[^;\\])+);", body.rsplit(")", 1)[0]):
            key, _, value = option.strip().partition(":")
            key, value = key.strip(), value.strip()
            if key == "content":
                last = Content(pattern_of(re.sub(r'^!?\s*"|"$', "", value)),
                               value.startswith("!"))
                last.buffer = buffer
                self.order.append(last)
            elif key == "pcre":
                regex = Regex(value)
                regex.buffer = next((LETTERS[c] for c in regex.letters if c in LETTERS), buffer)
                self.order.append(regex)
            elif key in ("offset", "depth", "distance", "within"):
                if not re.fullmatch(r"-?\d+", value):
                    raise Cannot("a place that a byte_extract gives")
                last.set[key] = int(value)
            elif key in ("nocase", "startswith", "endswith"):
                last.set[key] = True
            elif key in OLD and not value and key.startswith("http_"):
                last.buffer = OLD[key]
            elif key == "bsize" or key == "urilen":
                where = buffer if key == "bsize" else "http.uri"
                self.options.setdefault("size", {})[where] = value.split(",")[0]
            elif key == "isdataat":
                self.order.append(("isdataat", buffer, value))
            elif key in ("pkt_data",):
                buffer = "payload"
            elif key == "dotprefix":
                transforms[buffer] = "dot"
            elif key in ("to_lowercase", "header_lowercase"):
                transforms.setdefault(buffer, "lower")
            elif key == "sid":
                self.sid = int(value)
            elif key == "flow":
                self.flow = value
            elif key in ("dsize", "itype", "icode", "flags", "ttl", "ip_proto"):
                self.options[key] = value
            elif key in ("threshold", "detection_filter"):
                self.take_rate(key, value)
            elif key == "flowbits" and value.split(",")[0] in ("set", "noalert", "isnotset",
                                                               "unset"):
                if "noalert" in value:
                    raise Cannot("no alert by its own word")
            elif key == "xbits" and value.split(",")[0] in ("set", "unset"):
                continue
            elif key in IGNORED:
                if key == "noalert":
                    raise Cannot("no alert by its own word")
            elif not value and (SAME.get(key, key) in REQUEST | RESPONSE | OTHER):
                buffer = SAME.get(key, key)
                if key in ("file_data", "file.data") and self.proto != "http" and \
                        self.proto != "tcp":
                    raise Cannot("files of " + self.proto)
            else:
                raise Cannot("the keyword " + key)
        self.transforms = transforms

    def take_rate(self, key, value):
        words = dict(item.split(None, 1) for item in
                     (w.strip() for w in value.split(",")) if " " in item)
        count = int(words.get("count", 1))
        self.repeat = 1 if words.get("type") == "limit" else count
        if key == "detection_filter":
            self.repeat = count + 1
        if self.repeat > 70:
            raise Cannot("a high rate")

    # --- buffers ---

    def lay_out(self, name, miss):
        """The bytes of one buffer. `miss`: the content to spoil, or None."""
        out, cursor = bytearray(), 0
        used = bytearray()  # 1: some content lies there
        for item in self.order:
            if isinstance(item, tuple):
                if item[1] == name:
                    self.lay_space(item[2], out, used, cursor)
                continue
            if item.buffer != name or item.negated:
                continue
            text = sample(item.tree) if isinstance(item, Regex) else item.pattern
            if isinstance(item, Regex) and not item.set and self.is_covered(item, out):
                continue
            at = self.place(item, text, out, used, cursor)
            room = at + len(text) - len(out)
            if room > 0:
                out.extend(FILL * room)
                used.extend(bytes(room))
            for i, byte in enumerate(text):
                if used[at + i] and out[at + i] != byte:
                    raise Cannot("contents that lie over each other")
                out[at + i], used[at + i] = byte, 1
            if item is miss:
                self.spoiled = (at, len(text))
            cursor = at + len(text)
        self.fit_size(name, out, used)
        return bytes(out), used

    @staticmethod
    def is_covered(regex, out):
        return regex.code.search(bytes(out)) is not None

    @staticmethod
    def lay_space(value, out, used, cursor):
        if value.startswith("!"):
            return
        number = value.split(",")[0]
        if not number.isdigit():
            raise Cannot("a place that a byte_extract gives")
        need = int(number) + (cursor if "relative" in value else 0) + 1
        if need > 60000:
            raise Cannot("a long payload")
        if need > len(out):
            used.extend(bytes(need - len(out)))
            out.extend(FILL * (need - len(out)))

    @staticmethod
    def place(item, text, out, used, cursor):
        wish = item.set
        if isinstance(item, Regex):
            if "R" in wish:
                return cursor
            return 0 if item.code.pattern.startswith(b"^") else len(out)
        if "startswith" in wish:
            return 0
        if "distance" in wish or "within" in wish:
            at = max(cursor + wish.get("distance", 0), 0)
            if "within" not in wish and wish.get("distance", 0) == 0:
                at = cursor
            return at
        low = wish.get("offset", 0)
        if "depth" in wish:
            high = low + wish["depth"] - len(text)
        else:
            high = max(len(out), low)
        for at in range(low, high + 1):
            span = used[at:at + len(text)]
            if not any(span):
                return at
        for at in range(low, high + 1):  # the same bytes may serve twice
            if bytes(out[at:at + len(text)]) == text:
                return at
        raise Cannot("contents that lie over each other")

    def fit_size(self, name, out, used):
        value = self.options.get("size", {}).get(name)
        if name == "payload" and "dsize" in self.options:
            value = self.options["dsize"]
        if value is None:
            return
        match = re.fullmatch(r"\s*(<|>|<=|>=|!|)\s*(\d+)\s*(?:<>\s*(\d+))?\s*", value)
        if not match:
            raise Cannot("a size " + value)
        sign, size, other = match.group(1), int(match.group(2)), match.group(3)
        want = size + 1 if sign == ">" or other else size if sign in ("", ">=") else len(out)
        extra = self.transforms.get(name) == "dot"
        if want > len(out) - 0 * extra:
            ends = any(not isinstance(i, tuple) and i.buffer == name and
                       i.set.get("endswith") for i in self.order)
            if ends:
                raise Cannot("a size beyond the content that ends the buffer")
            used.extend(bytes(want - len(out)))
            out.extend(FILL * (want - len(out)))

    def check(self, name, out):
        """Nothing that the rule forbids came in by filling; ends and sizes hold."""
        for item in self.order:
            if isinstance(item, tuple) or item.buffer != name:
                if isinstance(item, tuple) and item[1] == name and item[2].startswith("!"):
                    raise Cannot("isdataat behind !")
                continue
            if isinstance(item, Regex):
                hit = item.code.search(out)
                if bool(hit) == item.negated:
                    raise Cannot("a regular expression that the filling breaks")
            elif item.negated:
                text, where = item.pattern, out
                if item.set.get("nocase"):
                    text, where = text.lower(), out.lower()
                if text in where:
                    raise Cannot("a content that must not be there and is")
            elif item.set.get("endswith") and not out.endswith(item.pattern):
                raise Cannot("contents that lie over each other")
        value = self.options.get("size", {}).get(name)
        if name == "payload" and "dsize" in self.options:
            value = self.options["dsize"]
        if value is not None and not size_fits(value, len(out)):
            raise Cannot("a size that the contents do not fit")

    def victim(self):
        """The content to spoil: the longest one that no other repeats."""
        best = None
        texts = [i for i in self.order if isinstance(i, Content) and not i.negated]
        for item in texts:
            low = item.pattern.lower()
            if item.buffer in ("http.method", "http.stat_code", "http.header_names",
                               "http.protocol"):
                continue
            if any(o is not item and (low in o.pattern.lower()) for o in texts):
                continue
            if not any(chr(c).isalnum() for c in item.pattern):
                continue
            if best is None or len(item.pattern) > len(best.pattern):
                best = item
        if best is None:
            raise Cannot("no content that could be spoiled")
        return best

    def spoil(self, item, out):
        at, size = self.spoiled
        spots = [i for i in range(at, at + size) if chr(out[i]).isalnum() and out[i] < 128]
        if not spots:
            raise Cannot("no content that could be spoiled")
        i = spots[len(spots) // 2]
        new = out[:i] + (b"q" if out[i:i + 1].lower() != b"q" else b"j") + out[i + 1:]
        if item.pattern.lower() in new.lower():
            raise Cannot("a content that is there twice")
        return new

    def conversation(self, number, is_miss):
        miss = self.victim() if is_miss else None
        names = []
        for item in self.order:
            name = item[1] if isinstance(item, tuple) else item.buffer
            if name not in names:
                names.append(name)
        for name in self.options.get("size", {}):
            if name not in names:
                names.append(name)
        built = {}
        for name in names:
            self.spoiled = None
            out, _ = self.lay_out(name, miss)
            self.check(name, out)
            if miss is not None and miss.buffer == name:
                if self.spoiled is None:
                    raise Cannot("no content that could be spoiled")
                out = self.spoil(miss, out)
            if out:
                built[name] = out
        for item in self.order:
            if isinstance(item, Content) and item.negated and item.buffer != "payload" and \
                    item.buffer not in built:
                built[item.buffer] = NOTHING_ELSE.get(item.buffer, b"z")
        packets = []
        for turn in range(self.repeat):
            packets += Talk(self, number, turn).packets(built)
        return packets


def size_fits(value, size):
    match = re.fullmatch(r"\s*(<|>|<=|>=|!|)\s*(\d+)\s*(?:<>\s*(\d+))?\s*", value)
    if not match:
        return False
    n = int(match.group(2))
    if match.group(3):
        return n < size < int(match.group(3))
    return {"": size == n, "<": size < n, ">": size > n, "<=": size <= n, ">=": size >= n,
            "!": size != n}[match.group(1)]


# --- packets ---

def side(spec, number, home, last):
    """An address that fits the words of a header, one of its own for each rule."""
    outside = f"198.{18 + number // 250}.{number % 250}.{last}"
    inside = f"10.{number // 250}.{number % 250}.{last}"
    if spec == "any":
        return inside if home else outside
    if spec.startswith("!") or "EXTERNAL" in spec:
        if spec in ("$EXTERNAL_NET", "!$HOME_NET"):
            return outside
        if spec == "!$EXTERNAL_NET":
            return inside
        raise Cannot("an address such as " + spec[:20])
    if "$" in spec and "!" not in spec:
        return inside
    match = re.match(r"\[?(\d+\.\d+\.\d+\.\d+)(?:/(\d+))?", spec)
    if not match or "!" in spec:
        raise Cannot("an address such as " + spec[:20])
    base = struct.unpack(">I", bytes(int(x) for x in match.group(1).split(".")))[0]
    room = 1 << (32 - int(match.group(2) or 32))
    value = base + (number % room)
    return ".".join(str(b) for b in struct.pack(">I", value))


def port(spec, default, number):
    spec = {"$HTTP_PORTS": "80", "$SSH_PORTS": "22", "$FTP_PORTS": "21",
            "$ORACLE_PORTS": "1521", "$SHELLCODE_PORTS": "81", "$DNP3_PORTS": "20000",
            "$MODBUS_PORTS": "502", "$FILE_DATA_PORTS": "80", "$GENEVE_PORTS": "6081",
            "$VXLAN_PORTS": "4789", "$TEREDO_PORTS": "3544"}.get(spec, spec)
    if spec == "any":
        return default
    words = spec.strip("[]").split(",")
    bad = [w[1:] for w in words if w.startswith("!")]
    for word in [w for w in words if not w.startswith("!")] or ["1024:"]:
        low, _, high = word.strip().partition(":")
        if not (low or "0").isdigit():
            raise Cannot("a port such as " + spec)
        value = int(low or 1)
        if ":" in word:
            top = int(high or 65535)
            value = default if value <= default <= top else value
            while str(value) in bad and value < top:
                value += 1
        if str(value) in bad or any("$" in b or ":" in b for b in bad):
            if not all(b.isdigit() or b == "$HTTP_PORTS" for b in bad):
                raise Cannot("a port such as " + spec)
        if value == 80 and "$HTTP_PORTS" in bad:
            value = 4444
        return value
    raise Cannot("a port such as " + spec)


def ends(rule, number):
    src = side(rule.src, number, "to_client" not in rule.flow, 7)
    dst = side(rule.dst, number, "to_client" in rule.flow, 8)
    if src == dst:
        raise Cannot("one address for both ends")
    return src, dst


class Talk:
    def __init__(self, rule, number, turn):
        self.rule, self.turn = rule, turn
        src, dst = ends(rule, number)
        back = "to_client" in rule.flow or "from_server" in rule.flow
        self.is_back = back
        service = {"http": 80, "tls": 443, "dns": 53}.get(rule.proto, 9999)
        eph = 40000 + turn * 7 % 20000
        sport = port(rule.sport, service if back else eph, number)
        dport = port(rule.dport, eph if back else service, number)
        self.client = (dst, dport) if back else (src, sport)
        self.server = (src, sport) if back else (dst, dport)
        self.seq = [1000, 5000]
        self.out = []

    def ip(self, proto, from_server, body):
        a, b = (self.server, self.client) if from_server else (self.client, self.server)
        ttl = self.rule.options.get("ttl", "64")
        if not ttl.isdigit():
            raise Cannot("a ttl " + ttl)
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(body),
                           (len(self.out) + self.turn * 64) % 65535 + 1, 0, int(ttl), proto, 0,
                           bytes(int(x) for x in a[0].split(".")),
                           bytes(int(x) for x in b[0].split(".")))
        self.out.append(b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + head + body)

    def tcp(self, from_server, flags, payload=b""):
        a, b = (self.server, self.client) if from_server else (self.client, self.server)
        head = struct.pack(">HHIIBBHHH", a[1], b[1], self.seq[from_server],
                           self.seq[not from_server] if flags & 16 else 0, 0x50, flags, 8192,
                           0, 0)
        self.ip(6, from_server, head + payload)
        self.seq[from_server] += len(payload) + (1 if flags & 3 else 0)

    def say(self, from_server, data):
        step = 60000 if "dsize" in self.rule.options else 1400
        for i in range(0, len(data), step):
            self.tcp(from_server, 0x18, data[i:i + step])

    def packets(self, built):
        rule = self.rule
        names = set(built)
        if "flags" in rule.options:
            return self.flagged(built)
        if rule.proto == "icmp":
            return self.icmp(built)
        if rule.proto == "udp":
            if names - {"payload"}:
                raise Cannot("fields of messages over UDP")
            if not built.get("payload"):
                built = {"payload": b"zzzz"} if "dsize" not in rule.options else built
            if len(built["payload"]) > 60000:
                raise Cannot("a long payload")
            self.udp(self.is_back, built.get("payload", b""))
            return self.out
        if rule.proto in ("dns",) or "dns.query" in names:
            return self.dns(built)
        self.tcp(False, 2)
        self.tcp(True, 0x12)
        self.tcp(False, 0x10)
        if rule.proto in ("tcp", "tcp-stream", "tcp-pkt", "ip") and not names - {"payload"}:
            self.say(self.is_back, built.get("payload", b"zzzz") or b"zzzz")
        elif rule.proto in ("http", "http1") or names & (REQUEST | RESPONSE):
            self.http(built)
        elif rule.proto in ("tls", "ssl") or names & {"tls.sni", "tls.certs"}:
            self.tls(built)
        else:
            raise Cannot("messages of " + rule.proto)
        self.tcp(False, 0x11)
        self.tcp(True, 0x11)
        self.tcp(False, 0x10)
        return self.out

    def udp(self, from_server, data):
        if from_server:  # the client speaks first
            self.udp_one(False, b"q")
        self.udp_one(from_server, data)
        if not from_server and "established" in self.rule.flow:
            self.udp_one(True, b"a")
            self.udp_one(False, data)

    def udp_one(self, from_server, data):
        a, b = (self.server, self.client) if from_server else (self.client, self.server)
        self.ip(17, from_server, struct.pack(">HHHH", a[1], b[1], 8 + len(data), 0) + data)

    def flagged(self, built):
        bits = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16, "U": 32, "E": 64, "C": 128, "0": 0,
                "1": 128, "2": 64}
        letters = re.sub(r"[^A-Z0-9]", "", self.rule.options["flags"].split(",")[0])
        if "established" in self.rule.flow:
            raise Cannot("flags in the middle of a stream")
        self.tcp(self.is_back, sum(bits[c] for c in letters), built.get("payload", b""))
        return self.out

    def icmp(self, built):
        kind, code = (self.rule.options.get(k, "8" if k == "itype" else "0")
                      for k in ("itype", "icode"))
        if not kind.isdigit() or not code.isdigit():
            raise Cannot("a range of ICMP types")
        self.ip(1, False, struct.pack(">BBHHH", int(kind), int(code), 0, 1, 1) +
                built.get("payload", b""))
        return self.out

    def dns(self, built):
        if set(built) - {"dns.query"}:
            raise Cannot("bytes of DNS messages")
        if self.rule.proto not in ("dns", "udp") or self.is_back:
            raise Cannot("answers of name servers")
        name = built.get("dns.query", b"ward.example")
        if self.rule.transforms.get("dns.query") == "dot":
            name = name[1:] if name.startswith(b".") else name
        labels = name.split(b".")
        if not all(0 < len(label) < 64 for label in labels) or len(name) > 250:
            raise Cannot("a name that DNS does not carry")
        query = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
        message = struct.pack(">HHHHHH", 0x1234, 0x0100, 1, 0, 0, 0) + query + b"\0\1\0\1"
        self.udp_one(False, message)
        self.udp_one(True, message[:2] + b"\x81\x83" + message[4:])
        return self.out

    def http(self, built):
        names = set(built)
        if "payload" in names:
            raise Cannot("payload beside messages")
        if names - REQUEST - RESPONSE - OTHER:
            raise Cannot("unknown buffers")
        two_way = names & {"http.header", "http.cookie", "http.content_type",
                           "http.connection", "http.header_names", "http.protocol"}
        in_request = not self.is_back
        if (in_request and names & RESPONSE) or (not in_request and names & REQUEST):
            raise Cannot("both directions of HTTP")
        mine = {k: v for k, v in built.items()}
        protocol = mine.get("http.protocol", b"HTTP/1.1") if in_request else b"HTTP/1.1"
        method = mine.get("http.method", b"POST" if "http.request_body" in mine else b"GET")
        uri = mine.get("http.uri", b"/")
        if not uri.startswith(b"/"):
            if any(isinstance(i, Content) and i.buffer == "http.uri" and
                   i.set.get("startswith") for i in self.rule.order) or \
                    "http.uri" in self.rule.options.get("size", {}):
                raise Cannot("a URI without a slash")
            if any(not isinstance(i, tuple) and i.buffer == "http.uri" and
                   ("offset" in i.set or "depth" in i.set or isinstance(i, Regex))
                   for i in self.rule.order):
                raise Cannot("a URI without a slash")
            uri = b"/" + uri
        if re.search(rb"[\x00-\x20\x7f-\xff%#]|//|/\.\.?/|\\", uri):
            raise Cannot("a URI that is written otherwise on the wire")
        method = method.strip(b" ")
        if not re.fullmatch(rb"[A-Z]+", method):
            raise Cannot("a method of odd bytes")
        if "http.request_line" in names and names & {"http.method", "http.uri"}:
            raise Cannot("a request line in two ways")
        line = method + b" " + uri + b" " + protocol
        if in_request and "http.request_line" in mine:
            line = mine["http.request_line"]
            if not re.fullmatch(rb"[A-Z]+ /[\x21-\x7e]* HTTP/1\.[01]", line):
                raise Cannot("a request line in part")
        body = mine.get("http.request_body" if in_request else "http.response_body", b"")
        head = self.headers(mine, body, in_request)
        if in_request:
            self.say(False, line + b"\r\n" + head + b"\r\n" + body)
            self.say(True, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            return
        code, text = mine.get("http.stat_code", b"200"), mine.get("http.stat_msg", b"OK")
        if not re.fullmatch(rb"\d\d\d", code):
            raise Cannot("a status in part")
        if code[:1] == b"1" or code in (b"204", b"304"):
            raise Cannot("a status without body")
        self.say(False, b"GET / HTTP/1.1\r\nHost: h.example\r\n\r\n")
        self.say(True, b"HTTP/1.1 " + code + b" " + text + b"\r\n" + head + b"\r\n" + body)
        del two_way

    def headers(self, mine, body, in_request):
        lines = []
        for name, header in HEADERS.items():
            if name in mine:
                value = mine[name]
                if re.search(rb"[\r\n\0]", value) or value.strip() != value:
                    raise Cannot("a header of odd bytes")
                if len(value) > 255:
                    raise Cannot("a header longer than its field")
                if name == "http.host" and value.lower() != value:
                    raise Cannot("a host in upper case")
                lines.append((header.encode(), value))
        block = mine.get("http.header", b"")
        text = block
        parts = [(b"X-Z", b"z")] if text.startswith(b"\r\n") else []
        for part in text.split(b"\r\n"):
            if not part:
                continue
            key, colon, value = part.partition(b":")
            if not colon or not re.fullmatch(rb"[A-Za-z0-9-]+", key) or \
                    not value.startswith(b" ") or value[1:].strip() != value[1:]:
                raise Cannot("headers in part")
            parts.append((key, value[1:]))
        given = {k.lower() for k, _ in parts + lines}
        for word in mine.get("http.header_names", b"").split(b"\r\n"):
            if word and word.lower() not in given:
                default = {b"content-length": b"%d" % len(body), b"host": b"h.example"}
                if not re.fullmatch(rb"[A-Za-z0-9-]+", word):
                    raise Cannot("names of headers in part")
                parts.append((word, default.get(word.lower(), b"x")))
                given.add(word.lower())
        if "http.header_names" in mine and any(
                isinstance(i, Content) and i.buffer == "http.header_names" and
                (len(i.pattern.split(b"\r\n")) > 3 or i.set) and not i.negated
                for i in self.rule.order):
            raise Cannot("an order of headers")
        if any(not isinstance(i, tuple) and i.buffer == "http.header" and
               (isinstance(i, Regex) or (i.negated and i.set.keys() - {"nocase"}) or
                {"offset", "depth", "startswith", "endswith"} & set(i.set))
               for i in self.rule.order):
            raise Cannot("places in the header block")
        extra = []
        if in_request and b"host" not in given:
            extra.append((b"Host", b"h.example"))
        if body and b"content-length" not in given:
            extra.append((b"Content-Length", b"%d" % len(body)))
        if not in_request and b"content-length" not in given and not body:
            extra.append((b"Content-Length", b"0"))
        if body and b"content-length" in given:
            raise Cannot("a length that the rule states")
        every = b"\r\n" + b"".join(k + b"\r\n" for k, _ in parts + lines + extra) + b"\r\n"
        for item in self.rule.order:
            if isinstance(item, Content) and item.buffer == "http.header_names":
                there = item.pattern.lower() in every.lower()
                if there == item.negated:
                    raise Cannot("headers that must not be there")
            if isinstance(item, Regex) and item.buffer == "http.header_names":
                raise Cannot("an order of headers")
        return b"".join(k + b": " + v + b"\r\n" for k, v in parts + lines + extra)

    def tls(self, built):
        names = set(built)
        if names - {"tls.sni", "tls.certs", "tls.cert_subject", "tls.cert_issuer"}:
            raise Cannot("bytes of TLS messages")
        sni = built.get("tls.sni", b"h.example")
        if self.rule.transforms.get("tls.sni") == "dot" and sni.startswith(b"."):
            sni = sni[1:]
        if not re.fullmatch(rb"[A-Za-z0-9_.-]+", sni):
            raise Cannot("a server name of odd bytes")
        name = struct.pack(">HHBH", 0, len(sni) + 5, 0, 0)[:0] + struct.pack(
            ">HBH", len(sni) + 3, 0, len(sni)) + sni
        extensions = struct.pack(">HH", 0, len(name)) + name + \
            b"\0\x0a\0\4\0\2\0\x17" + b"\0\x0b\0\2\1\0"
        hello = b"\3\3" + bytes(range(32)) + b"\0" + b"\0\4\xc0\x2f\0\x2f" + b"\1\0" + \
            struct.pack(">H", len(extensions)) + extensions
        self.say(False, record(1, hello))
        server = b"\3\3" + bytes(range(32)) + b"\0" + b"\xc0\x2f" + b"\0"
        self.say(True, record(2, server) + record(11, chain(built)) + record(14, b""))


def record(kind, body):
    message = bytes([kind]) + len(body).to_bytes(3, "big") + body
    return b"\x16\3\3" + struct.pack(">H", len(message)) + message


def der(tag, body):
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    return bytes([tag, 0x82]) + struct.pack(">H", len(body)) + body


OIDS = {b"CN": 3, b"C": 6, b"L": 7, b"ST": 8, b"O": 10, b"OU": 11}


def distinguished(text):
    """`CN=x, O=y` as a Name; what has no key is a common name."""
    out, found = b"", False
    if b"," in text and b"=" not in text:
        raise Cannot("a name in part")
    for part in text.split(b", "):
        key, sign, value = part.partition(b"=")
        if not sign or key not in OIDS:
            if text != b"CN=h.example" and (sign or b"=" in text):
                raise Cannot("a name in part")
            key, value = b"CN", part
        if not value:
            raise Cannot("a name in part")
        out += der(0x31, der(0x30, b"\6\3\x55\4" + bytes([OIDS[key]]) + der(0x0c, value)))
        found = True
    return der(0x30, out) if found else der(0x30, b"")


def chain(built):
    algorithm = der(0x30, bytes.fromhex("06092a864886f70d01010b0500"))
    key = der(0x30, der(0x30, bytes.fromhex("06092a864886f70d0101010500")) +
              der(3, b"\0" + der(0x30, der(2, b"\0" + b"\xc1" * 64) + der(2, b"\1\0\1"))))
    body = der(0xa0, b"\2\1\2") + b"\2\2\x11\x22" + algorithm + \
        distinguished(built.get("tls.cert_issuer", b"CN=h.example")) + \
        der(0x30, der(0x17, b"200101000000Z") + der(0x17, b"400101000000Z")) + \
        distinguished(built.get("tls.cert_subject", b"CN=h.example")) + key
    # raw contents stand in the signature, which nobody can check here
    cert = der(0x30, der(0x30, body) + algorithm + der(3, b"\0" + built.get("tls.certs", b"s")))
    one = len(cert).to_bytes(3, "big") + cert
    return len(one).to_bytes(3, "big") + one


def write_pcap(path, packets):
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        for number, packet in enumerate(packets):
            out.write(struct.pack("<IIII", 1700000000 + number // 2000,
                                  number % 2000 * 500, len(packet), len(packet)) + packet)
