"""Reads tshark's PDML: one packet at a time, its wanted protocols as flat lists of fields.

PDML is line-oriented; captured bytes can make it bad XML, so that it is read by lines.
A field keeps its depth, its name, the shown text and the bytes of the packet it stands
for; comparisons use the bytes, since the shown text is abbreviated and translated.
"""

import collections
import html
import re

Field = collections.namedtuple("Field", "depth name show bytes")
Packet = collections.namedtuple("Packet", "frame direction protocols")

TAG = re.compile(r'<(/?)(packet|proto|field)\b(.*?)(/?)>$')
ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')


def _attributes(text):
    return dict(ATTRIBUTE.findall(text))


def _field(depth, attributes):
    raw = attributes.get("value", "")
    try:
        octets = bytes.fromhex(raw)
    except ValueError:
        octets = b""
    shown = attributes.get("showname") or attributes.get("show", "")
    return Field(depth, attributes.get("name", ""), html.unescape(shown), octets)


def packets(text, wanted):
    """Yields Packet for every packet that has one of the protocols `wanted`."""
    endpoint, protocols, current = {}, [], None
    depth = 0
    for line in text.split("\n"):
        match = TAG.search(line.strip())
        if not match:
            continue
        closing, kind, rest, empty = match.groups()
        if kind == "packet":
            if closing and protocols:
                direction = tuple(endpoint.get(k, "") for k in
                                  ("src", "sport", "dst", "dport"))
                yield Packet(endpoint.get("frame", 0), direction, protocols)
            if not closing:
                endpoint, protocols, current = {}, [], None
            continue
        if kind == "proto":
            name = _attributes(rest).get("name") if not closing else None
            current = [] if name in wanted else None
            if current is not None:
                protocols.append((name, current))
            depth = 0
            continue
        if closing:
            depth -= 1
            continue
        attributes = _attributes(rest)
        name = attributes.get("name", "")
        if current is not None:
            current.append(_field(depth, attributes))
        elif name in ENDPOINT:
            endpoint[ENDPOINT[name]] = attributes.get("show", "")
        elif name == "frame.number":
            endpoint["frame"] = int(attributes["show"])
        if not empty:
            depth += 1


ENDPOINT = {"ip.src": "src", "ip.dst": "dst", "ipv6.src": "src", "ipv6.dst": "dst",
            "tcp.srcport": "sport", "tcp.dstport": "dport"}
