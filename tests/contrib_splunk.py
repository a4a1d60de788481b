"""The Splunk add-on of contrib/splunk, read as Splunk reads it, and tried on real events.

Source: Splunk's props.conf, transforms.conf, eventtypes.conf, tags.conf and
savedsearches.conf specifications; the data model Intrusion Detection of the Common
Information Model. Splunk itself is not to be had: this reads the files strictly and
carries out the extractions, aliases, evaluations and lookups that the add-on uses.
"""
import csv
import json
import os
import re

# Keys that the add-on may use; anything else is a slip of the pen.
KEYS = {
    "app.conf": "is_configured build is_visible label author description version id name "
                "check_for_updates",
    "props.conf": "KV_MODE SHOULD_LINEMERGE LINE_BREAKER TRUNCATE TIME_PREFIX TIME_FORMAT "
                  "MAX_TIMESTAMP_LOOKAHEAD FIELDALIAS-* EVAL-* REPORT-* LOOKUP-*",
    "transforms.conf": "REGEX FORMAT MV_ADD filename case_sensitive_match",
    "eventtypes.conf": "search",
    "tags.conf": "ids attack alert performance inventory network",
    "macros.conf": "definition iseval",
    "savedsearches.conf": "search description dispatch.earliest_time dispatch.latest_time "
                          "cron_schedule enableSched disabled alert.track alert.severity "
                          "alert.suppress alert.suppress.fields alert.suppress.period counttype "
                          "relation quantity",
}
# What the data model wants of every event, and of those that have it.
CIM = "action category dest dvc ids_type severity signature signature_id src vendor_product".split()
CIM_SEVERITIES = {"critical", "high", "medium", "low", "informational"}


class Fault(Exception):
    """Something in the add-on is wrong."""


def read_conf(path):
    """{stanza: {key: value}} of a .conf file."""
    name = os.path.basename(path)
    known = [re.compile(re.escape(key).replace(r"\*", r"[\w]+") + r"\Z")
             for key in KEYS[name].split()]
    found, stanza = {}, None
    with open(path, encoding="ascii") as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            where = "%s:%d" % (name, number)
            if line != line.rstrip():
                raise Fault(where + ": blanks at the end are part of the value")
            if not line or line.startswith("#"):
                continue
            if line.startswith("["):
                stanza = line[1:-1]
                if not line.endswith("]") or stanza in found:
                    raise Fault(where + ": bad or doubled stanza")
                found[stanza] = {}
                continue
            key, sign, value = line.partition(" = ")
            if not sign or stanza is None or line.endswith("\\"):
                raise Fault(where + ": no key = value within a stanza")
            if key in found[stanza] or not any(k.match(key) for k in known):
                raise Fault(where + ": unknown or doubled key " + key)
            found[stanza][key] = value
    return found


def regex(text):
    return re.compile(text.replace("(?<", "(?P<").replace("(?P<=", "(?<=").replace("(?P<!", "(?<!"))


class Expression:
    """The part of eval's language that the add-on uses."""
    TOKEN = re.compile(r'\s*(?:"([^"]*)"|(\d+)|([A-Za-z_][\w.]*)|(.))')

    def __init__(self, text):
        self.tokens = [m.groups() for m in self.TOKEN.finditer(text)]
        self.at = 0
        self.tree = self.term()
        if self.at != len(self.tokens):
            raise Fault("eval: cannot read " + text)

    def sign(self):
        return self.tokens[self.at][3] if self.at < len(self.tokens) else None

    def expect(self, sign):
        if self.sign() != sign:
            raise Fault("eval: %s expected" % sign)
        self.at += 1

    def term(self):
        left = self.atom()
        if self.sign() == "=":
            self.at += 1
            return ("equal", left, self.atom())
        return left

    def atom(self):
        text, digits, name, _ = self.tokens[self.at]
        self.at += 1
        if text is not None or digits is not None:
            return ("value", text if text is not None else int(digits))
        if name is None:
            raise Fault("eval: a value expected")
        if self.sign() != "(":
            return ("field", name)
        self.at += 1
        arguments = []
        while self.sign() != ")":
            arguments.append(self.term())
            if self.sign() == ",":
                self.at += 1
        self.expect(")")
        return (name,) + tuple(arguments)

    def run(self, event, tree=None):
        kind, *rest = tree or self.tree
        if kind == "value":
            return rest[0]
        if kind == "field":
            return event.get(rest[0])
        if kind == "if":
            return self.run(event, rest[1 if self.run(event, rest[0]) else 2])
        values = [self.run(event, r) for r in rest]
        if kind == "equal":
            return values[0] is not None and values[0] == values[1]
        if kind == "coalesce":
            return next((v for v in values if v is not None), None)
        if kind == "lower":
            return values[0] and values[0].lower()
        if kind == "null":
            return None
        if kind == "split":
            return values[0].split(values[1]) if values[0] is not None else None
        if kind == "mvindex":
            return values[0][values[1]] if values[0] and len(values[0]) > values[1] else None
        raise Fault("eval: unknown function " + kind)


class AddOn:
    def __init__(self, folder):
        self.folder = folder
        self.conf = {name: read_conf(os.path.join(folder, "default", name)) for name in KEYS}
        extra = set(os.listdir(os.path.join(folder, "default"))) - set(KEYS)
        if extra:
            raise Fault("files that nobody checks: %s" % sorted(extra))
        self.lookups = {}
        for name, rows in self.conf["transforms.conf"].items():
            if "filename" in rows:
                with open(os.path.join(folder, "lookups", rows["filename"]), encoding="ascii") as file:
                    self.lookups[name] = list(csv.DictReader(file, strict=True))
            else:
                regex(rows["REGEX"])
        self.check_references()

    def check_references(self):
        props, transforms = self.conf["props.conf"], self.conf["transforms.conf"]
        for stanza, rows in props.items():
            for key, value in rows.items():
                if key.startswith("REPORT-"):
                    missing = [v for v in value.split(", ") if "REGEX" not in transforms.get(v, {})]
                elif key.startswith("LOOKUP-"):
                    table = self.lookups[value.split()[0]]
                    columns = [w for w in value.split()[1:] if not w.startswith("OUTPUT")]
                    missing = [c for c in columns if c not in table[0]]
                elif key.startswith("EVAL-"):
                    Expression(value)
                    missing = []
                else:
                    missing = []
                if missing:
                    raise Fault("props.conf [%s] %s: no %s" % (stanza, key, missing))
            for key in ("LINE_BREAKER", "TIME_PREFIX"):
                regex(rows.get(key, ""))
        types = self.conf["eventtypes.conf"]
        for stanza in self.conf["tags.conf"]:
            if stanza.partition("=")[2] not in types:
                raise Fault("tags.conf: no event type " + stanza)
        for name, rows in self.conf["savedsearches.conf"].items():
            search = rows["search"]
            for macro in re.findall("`([^`]*)`", search):
                if macro not in self.conf["macros.conf"]:
                    raise Fault("%s: no macro %s" % (name, macro))
            for kind in re.findall(r"eventtype=(\w+)", search):
                if kind not in types:
                    raise Fault("%s: no event type %s" % (name, kind))
            for source in re.findall(r"sourcetype=([\w:]+)", search):
                if source not in props:
                    raise Fault("%s: no source type %s" % (name, source))

    def extract(self, sourcetype, raw, event):
        """Fields of an event, in Splunk's order: REPORT, FIELDALIAS, EVAL, LOOKUP."""
        rows = self.conf["props.conf"][sourcetype]
        for key, value in rows.items():
            for name in value.split(", ") if key.startswith("REPORT-") else []:
                self.report(self.conf["transforms.conf"][name], raw, event)
        for key, value in rows.items():
            words = value.split() if key.startswith("FIELDALIAS-") else []
            for at in range(0, len(words), 3):
                if event.get(words[at]) is not None and event.get(words[at + 2]) is None:
                    event[words[at + 2]] = event[words[at]]
        made = {}
        for key, value in rows.items(): # all see the fields as they were
            if key.startswith("EVAL-"):
                made[key[5:]] = Expression(value).run(event)
        event.update(made)
        for key, value in rows.items():
            if key.startswith("LOOKUP-"):
                name, column, _, output = value.split()
                for row in self.lookups[name]:
                    if row[column] == event.get(column):
                        event[output] = row[output]
        return {k: v for k, v in event.items() if v is not None}

    @staticmethod
    def report(rows, raw, event):
        pattern = regex(rows["REGEX"])
        if "FORMAT" not in rows:
            found = pattern.search(raw)
            if found:
                event.update(found.groupdict())
            return
        for found in pattern.finditer(raw):
            name = re.sub(r"\W", "_", found.group(1))
            event.setdefault(name, found.group(2))

    def tags(self, sourcetype, event):
        """Tags that Splunk would give, from searches of the form (a=b OR c=d) e=f."""
        tags = set()
        event = dict(event, sourcetype=sourcetype)
        for name, rows in self.conf["eventtypes.conf"].items():
            groups = re.findall(r"\(([^)]*)\)|(\S+=\S+)", rows["search"])
            if all(any(event.get(t.split("=")[0]) == t.split("=")[1]
                       for t in re.split(r"\s+OR\s+", group or single)) for group, single in groups):
                tags.update(self.conf["tags.conf"].get("eventtype=" + name, {}))
        return tags


def from_hec(line):
    event = json.loads(line)
    return event["sourcetype"], dict(event["event"])


def check(folder, hec, cef, judge):
    """Tries the add-on on lines of HEC events and the same records as CEF."""
    addon = AddOn(folder)
    n_rules = 0
    for hec_line, cef_line in zip(hec, cef):
        sourcetype, event = from_hec(hec_line)
        one = addon.extract(sourcetype, hec_line, event)
        two = addon.extract("wardtap:cef", "<132>1 - - - - - - " + cef_line, {})
        is_rule = one["kind"] == "rule"
        n_rules += is_rule
        name = "%s %s" % (one["kind"], one.get("signature"))
        judge("Splunk: HEC: a tag of its own: " + name, bool(addon.tags(sourcetype, one)))
        for way, fields in (("HEC", one), ("CEF", two)):
            tags = addon.tags(sourcetype if way == "HEC" else "wardtap:cef", fields)
            judge("Splunk: %s: tagged ids and attack if a rule matched: %s" % (way, name),
                  ({"ids", "attack"} <= tags) == is_rule)
            if not is_rule:
                continue
            missing = [k for k in CIM if fields.get(k) in (None, "")]
            judge("Splunk: %s: CIM fields, missing %s: %s" % (way, missing, name), not missing)
            judge("Splunk: %s: severity %s" % (way, fields.get("severity")),
                  fields.get("severity") in CIM_SEVERITIES)
            judge("Splunk: %s: passive, so allowed" % way, fields.get("action") == "allowed"
                  and fields.get("ids_type") == "network")
        # the same names mean the same, whichever way a record comes
        for key in "src dest src_port dest_port transport severity signature_id alert_id".split():
            judge("Splunk: %s of %s: HEC %s, CEF %s" % (key, name, one.get(key), two.get(key)),
                  not is_rule or str(one.get(key)) == str(two.get(key)))
    judge("Splunk: rules among the records", n_rules >= 2)
