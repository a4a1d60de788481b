"""Supporting protocols: our events against tshark, frame by frame, and who claims which flow.

fields/*.tsv say what is compared, one protocol a file (tab-separated, '#' comments):

    event_type  our_field  tshark_field  transforms  note

A '|' parts several of tshark's fields that are one of ours.

Lines that begin with '#@' are directives:
    #@ claim NAME...      tshark's names of this protocol (those in frame.protocols); every
                          TCP or UDP flow that either side gives this name is compared
    #@ unless NAME...     frames where tshark sees one of these too do not count for the
                          claim (the same protocol inside another)
    #@ port NAME FIELD    flows that wardtap found on other ports are told to tshark by
                          "decode as": NAME is what `tshark -d` calls it; FIELD tcp.port ...
    #@ filter EXPR        tshark's values count only in frames where this Python expression
                          over `row` (field -> list of values) and `protocols` (list) holds

Our values are those before redaction (event_dump), keyed by the frame that completed the
event. First frames are compared; what is left over on both sides may still meet in another
frame of the same capture (a segment more or less, who sees the end first), which is counted
as agreement. Frames that wardtap knows for a mirror's second copies, and retransmissions as
tshark sees them, are no misses.
"""

import collections
import glob
import json
import os
import subprocess

import report

HERE = os.path.dirname(os.path.abspath(__file__))
ALWAYS = ["frame.number", "frame.protocols", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst",
          "tcp.srcport", "tcp.dstport", "udp.srcport", "udp.dstport",
          "tcp.analysis.retransmission", "tcp.analysis.spurious_retransmission"]
# Here tshark knows what to expect; more than one
# protocol is found there in some captures, and one thing can be told of a port.
KNOWN_PORTS = {443, 502, 5353}
# It would put a screen together from thousands of segments, over and over.
PREFERENCES = ["-o", "vnc.desegment:FALSE"]
GROUP = 24            # captures read as one, at most
GROUP_BYTES = 400_000


class Row:
    def __init__(self, protocol, event, ours, theirs, transforms, filters):
        self.protocol, self.event, self.ours, self.theirs = protocol, event, ours, theirs
        self.transforms, self.filters = transforms, filters
        self.name = f"{event}:{ours}"


class Table:
    """All rows and directives of fields/."""

    def __init__(self, only=None):
        self.rows, self.claims, self.unless, self.ports = [], {}, {}, []
        for path in sorted(glob.glob(os.path.join(HERE, "fields", (only or "*") + ".tsv"))):
            self._read(path)
        names = collections.Counter(row.name for row in self.rows)
        for row in self.rows:  # the same field against two of tshark's
            if names[row.name] > 1:
                row.name += "=" + row.theirs
        theirs = {name for row in self.rows for name in row.theirs.split("|")}
        self.shark_fields = ALWAYS + sorted(theirs - set(ALWAYS))
        self.extra = set()
        for row in self.rows:
            for expression in row.filters:
                self.extra.update(part.split("'")[0] for part in
                                  expression.split("row.get('")[1:])
        self.shark_fields += sorted(self.extra - set(self.shark_fields))
        self.fields = [row.name for row in self.rows]
        self.fields += ["claim:" + name for name in sorted(self.claims)]

    def _read(self, path):
        protocol = os.path.basename(path)[:-4]
        filters = []
        with open(path, encoding="utf-8") as source:
            for number, line in enumerate(source, 1):
                line = line.rstrip("\n")
                if line.startswith("#@"):
                    words = line[2:].split(None, 1)
                    if words[0] == "claim":
                        self.claims[protocol] = set(words[1].split())
                    elif words[0] == "unless":
                        self.unless[protocol] = set(words[1].split())
                    elif words[0] == "port":
                        self.ports.append((protocol, *words[1].split()))
                    elif words[0] == "filter":
                        filters = [] if words[1:] == ["none"] else [words[1]]
                    else:
                        raise SystemExit(f"{path}:{number}: unknown directive {words[0]}")
                    continue
                if not line or line.startswith("#"):
                    continue
                cells = line.split("\t")
                if not 3 <= len(cells) <= 5:
                    raise SystemExit(f"{path}:{number}: three to five columns expected")
                cells += [""] * (5 - len(cells))
                self.rows.append(Row(protocol, *cells[:3],
                                     [t for t in cells[3].split(",") if t], list(filters)))


def integer(value):
    try:
        return str(int(value, 16 if value.lower().startswith("0x") else 10))
    except ValueError:
        return value


def raw_bytes(value):
    try:
        return bytes.fromhex(value.replace(":", "")).decode("utf-8", "replace")
    except ValueError:
        return value


SIMPLE = {
    "int": integer,
    "lower": str.lower,
    "upper": str.upper,
    "strip": lambda v: v.strip(" \0\r\n\t"),
    "bool": lambda v: {"1": "true", "true": "true", "0": "false", "false": "false"}
    .get(v.lower(), v),
    "hexbytes": raw_bytes,
    "nodots": lambda v: v.replace(".", "").replace(":", ""),
    "unescape": lambda v: v.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t"),
    "nodot": lambda v: v[:-1] if v.endswith(".") else v,
}


def transformed(values, transforms):
    for transform in transforms:
        name, _, argument = transform.partition(":")
        if name in SIMPLE:
            values = [SIMPLE[name](v) for v in values]
        elif name == "first":
            values = values[:1]
        elif name == "last":
            values = values[-1:]
        elif name == "unique":
            values = list(dict.fromkeys(values))
        elif name == "drop":
            values = [v for v in values if v != argument]
        elif name == "cut":
            values = [v[:int(argument)] for v in values]
        elif name == "join":
            values = [(argument or ",").join(values)] if values else []
        elif name == "map":
            known = dict(pair.split("=", 1) for pair in argument.split(";"))
            values = [known.get(v, v) for v in values]
        elif name == "present":
            values = ["true"] if values else []
        else:
            raise SystemExit(f"unknown transform '{transform}'")
    return values


def our_value(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value.encode("latin-1").decode("utf-8", "replace")
    return str(value)


def flow_key(proto, a, ap, b, bp):
    return (proto,) + tuple(sorted([(a, int(ap)), (b, int(bp))]))


class Ours:
    """Events, flows and second copies of one capture."""

    def __init__(self, program, path):
        done = subprocess.run([program, path], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        if done.returncode not in (0, 1):
            raise RuntimeError(f"{program} {path}: exit {done.returncode}: "
                               f"{done.stderr.decode('utf-8', 'replace')[-400:]}")
        self.values = collections.defaultdict(list)  # (event, field) -> [(frame, value)]
        self.flows = {}
        self.copies = set()
        self.n_packets = 0
        self.is_whole = done.returncode == 0
        for line in done.stdout.decode("ascii").split("\n"):
            if not line:
                continue
            e = json.loads(line)
            if e["t"] == "flow":
                if e["proto"] in (6, 17):
                    key = flow_key(e["proto"], e["a"], e["ap"], e["b"], e["bp"])
                    self.flows.setdefault(key, set()).add(e["p"])
            elif e["t"] == "duplicate":
                self.copies.add(e["n"])
            elif e["t"] == "end":
                self.n_packets = e["n"]
            else:
                for field, values in e["f"].items():
                    for value in values:
                        self.values[e["t"], field].append((e["n"], our_value(value)))


def their_flow(row):
    def innermost(*names):
        found = [row[name][-1] for name in names if name in row]
        return found[0] if found else None

    a, b = innermost("ipv6.src", "ip.src"), innermost("ipv6.dst", "ip.dst")
    if "ip.src" in row and "ipv6.src" in row:
        order = row["frame.protocols"][0].split(":")
        is_six = len(order) - order[::-1].index("ipv6") > len(order) - order[::-1].index("ip") \
            if "ipv6" in order and "ip" in order else True
        a, b = (row["ipv6.src"][-1], row["ipv6.dst"][-1]) if is_six else \
            (row["ip.src"][-1], row["ip.dst"][-1])
    for proto, name in ((6, "tcp"), (17, "udp")):
        if a and name + ".srcport" in row:
            return flow_key(proto, a, row[name + ".srcport"][-1], b, row[name + ".dstport"][-1])
    return None


def quoted(row):
    """Does the frame quote another packet (an ICMP error)?"""
    order = row["frame.protocols"][0].split(":")
    icmp = min((order.index(p) for p in ("icmp", "icmpv6") if p in order), default=len(order))
    return any(p in ("ip", "ipv6") for p in order[icmp:])


def decode_as(table, ours):
    """What tshark must be told of the ports in this capture: {(field, port): name}. Of
    several protocols on a port the one of most flows."""
    flows = collections.defaultdict(collections.Counter)
    for key, names in ours.flows.items():
        for name in filter(None, names):
            flows[key[0], min(key[1][1], key[2][1])][name] += 1
    told = {}
    for (number, port), names in flows.items():
        if port in KNOWN_PORTS:
            continue
        most = max(sorted(names), key=names.get)
        for protocol, name, field in table.ports:
            if protocol == most and field == ("tcp.port" if number == 6 else "udp.port"):
                told[field, port] = name
    return told


class Group:
    """Captures that tshark reads as one, since starting it takes longer than reading a
    small capture. It keeps state by address and port, so no two of them share an address,
    and what it is told of a port must hold in all of them."""

    def __init__(self):
        self.jobs, self.hosts, self.ports, self.told, self.size = [], set(), set(), {}, 0

    @staticmethod
    def _of(ours):
        ends = [(key[0], *end) for key in ours.flows for end in key[1:]]
        return ({host for _, host, _ in ends},
                {("tcp.port" if proto == 6 else "udp.port", port) for proto, _, port in ends})

    def take(self, job, ours, told, size):
        """False: it does not go with the others."""
        hosts, ports = self._of(ours)
        if self.jobs and (
                not ours.is_whole or not ours.n_packets or self.hosts & hosts or
                len(self.jobs) >= GROUP or self.size + size > GROUP_BYTES or
                any(told.get(at) != name for at, name in self.told.items() if at in ports) or
                any(self.told.get(at) != name for at, name in told.items()
                    if at in self.ports)):
            return False
        self.jobs.append(job)
        self.hosts |= hosts
        self.ports |= ports
        self.told.update(told)
        self.size += size if ours.is_whole and ours.n_packets else GROUP_BYTES
        return True


def groups(table, ours, jobs):
    """`ours`: {job: Ours}. Largest captures first."""
    made = []
    for job in jobs:
        size, told = os.path.getsize(os.path.join(*job)), decode_as(table, ours[job])
        if not any(group.take(job, ours[job], told, size) for group in made):
            made.append(Group())
            made[-1].take(job, ours[job], told, size)
    return [group.jobs for group in made]


def compare_claims(tally, waivers, capture, table, ours, rows):
    theirs, frames = collections.defaultdict(set), collections.defaultdict(set)
    for row in rows:
        key = their_flow(row)
        if key and not quoted(row):
            layers = frozenset(row["frame.protocols"][0].split(":"))
            theirs[key] |= layers
            frames[key].add(layers)
    for protocol, names in table.claims.items():
        field, unless = "claim:" + protocol, table.unless.get(protocol, set())
        for key in sorted(set(ours.flows) | set(theirs)):
            we = protocol in ours.flows.get(key, ())
            they = any(names & layers and not unless & layers
                       for layers in frames.get(key, ()))
            if we or they:
                tally.check(waivers, capture, field, "claimed" if we else "no",
                            "claimed" if they else "no",
                            lambda k=key: f"flow={k} ours={','.join(ours.flows.get(k, ['-']))} "
                            f"protocols={','.join(sorted(theirs.get(k, {'-'})))}")


def is_counted(entry, row):
    protocols = row["frame.protocols"][0].split(":")
    return all(eval(expression, {"__builtins__": {"int": int, "any": any, "all": all, "len": len}},
                    {"row": row, "protocols": protocols}) for expression in entry.filters)


def compare_field(tally, waivers, capture, entry, ours, rows):
    mine, other = collections.defaultdict(list), collections.defaultdict(list)
    for frame, value in ours.values.get((entry.event, entry.ours), ()):
        mine[frame].append(value)
    again, layers = set(), {}
    for row in rows:
        layers[int(row["frame.number"][0])] = row["frame.protocols"][0]
        found = [value for name in entry.theirs.split("|") for value in row.get(name, ())]
        if not found or quoted(row) or not is_counted(entry, row):
            continue
        frame = int(row["frame.number"][0])
        if frame in ours.copies:
            continue
        if "tcp.analysis.retransmission" in row or "tcp.analysis.spurious_retransmission" in row:
            again.add(frame)
        other[frame] += transformed(found, entry.transforms)
    left, right = [], []
    for frame in sorted(set(mine) | set(other)):
        a, b = collections.Counter(mine[frame]), collections.Counter(other[frame])
        tally.agree[entry.name] += sum((a & b).values())
        left += [(frame, v) for v in (a - b).elements()]
        right += [(frame, v) for v in (b - a).elements() if frame not in again]
    spare = collections.Counter(v for _, v in right) & collections.Counter(v for _, v in left)
    tally.agree[entry.name] += sum(spare.values())
    for side, values in (("ours", left), ("theirs", right)):
        unmet = spare.copy()
        for frame, value in values:
            if unmet[value] > 0:
                unmet[value] -= 1
                continue
            a, b = (value, "nothing") if side == "ours" else ("nothing", value)
            partner = [v for f, v in (right if side == "ours" else left) if f == frame]
            tally.check(waivers, capture, entry.name, a, b,
                        lambda f=frame, p=partner: f"frame={f} beside={p[:4]} "
                        f"protocols={layers.get(f, '-')}")


def compare_one(table, waivers, capture, ours, rows):
    tally = report.Tally()
    tally.units += len(rows)
    compare_claims(tally, waivers, capture, table, ours, rows)
    there = set().union(*rows) if rows else set()
    for entry in table.rows:
        if (entry.event, entry.ours) in ours.values or \
                any(name in there for name in entry.theirs.split("|")):
            compare_field(tally, waivers, capture, entry, ours, rows)
    return tally


def compare_joined(shark, table, waivers, ours, jobs):
    """None: tshark does not read them as one."""
    told = {}
    for job in jobs:
        told.update(decode_as(table, ours[job]))
    options = PREFERENCES + [word for (field, port), name in sorted(told.items())
                             for word in ("-d", f"{field}=={port},{name}")]
    paths = [os.path.join(*job) for job in jobs]
    if len(jobs) > 1:
        rows, status, complaint = shark.joined_fields(paths, table.shark_fields, options), 0, ""
        if len(rows) != sum(ours[job].n_packets for job in jobs):
            return None
    else:
        rows, status, complaint = shark.fields(paths[0], table.shark_fields, options)
        rows = [row for row in rows if "frame.number" in row]
    tally = report.Tally()
    if status and not rows:
        tally.notes.append(("not compared", f"{jobs[0][1]}: {complaint.splitlines()[-1:]}"))
        return tally
    first = 0
    for job in jobs:
        mine = rows[first:first + ours[job].n_packets] if len(jobs) > 1 else rows
        for row in mine:
            row["frame.number"] = [str(int(row["frame.number"][0]) - first)]
        tally.add(compare_one(table, waivers, job[1], ours[job], mine))
        first += len(mine)
    return tally


def compare(shark, table, waivers, ours, jobs):
    """One group; by halves where tshark does not read all of it."""
    tally = compare_joined(shark, table, waivers, ours, jobs)
    if tally is None:
        tally = report.Tally()
        half = len(jobs) // 2
        for some in (jobs[:half], jobs[half:]):
            tally.add(compare(shark, table, waivers, ours, some))
    return tally
