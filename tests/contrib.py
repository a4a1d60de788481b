"""Checks contrib/ against records as the encoders write them: every field that a template,
a dashboard, a search or a rule names is one that they have. Usage: contrib.py DIR, where
DIR holds hec, ecs and cef (lines of tests/live_documents) and fields (wardtap fields)."""
import datetime
import fnmatch
import ipaddress
import json
import os
import re
import subprocess
import sys

import yaml

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "siem"))
import contrib_splunk  # noqa: E402
import panels  # noqa: E402

CONTRIB = os.path.join(HERE, "..", "contrib")
COUNTS = [0, 0]


def judge(name, is_good):
    COUNTS[not is_good] += 1
    if not is_good:
        print("FAILED:", name)


def read(*path):
    with open(os.path.join(CONTRIB, *path), encoding="utf-8") as file:
        return file.read()


def lines(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return file.read().splitlines()


def leaves(tree, path=""):
    """(dotted name, value) of all that is no object; lists as their items."""
    for key, value in tree.items():
        name = path + key
        if isinstance(value, dict):
            yield from leaves(value, name + ".")
        else:
            for item in value if isinstance(value, list) else [value]:
                yield name, item


def mapped(properties, path=""):
    """{dotted name: type} of a mapping."""
    found = {}
    for key, value in properties.items():
        if "type" in value:
            found[path + key] = value["type"]
        found.update(mapped(value.get("properties", {}), path + key + "."))
    return found


def suits(kind, value):
    """Whether a value is what the mapping says; ignore_malformed would hide that it is not."""
    if kind in ("keyword", "text"):
        return isinstance(value, str)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in ("long", "float", "double"):
        return isinstance(value, (int, float)) and not isinstance(value, bool) and -2**63 <= value < 2**63
    if kind == "date":
        datetime.datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ")
        return True
    return bool(kind == "ip" and ipaddress.ip_address(value))


def check_templates(documents, dictionary):
    mappings = json.loads(read("elastic", "mappings.json"))["template"]["mappings"]
    fields = mapped(mappings["properties"])
    judge("mappings of Elastic and OpenSearch are the same",
          read("elastic", "mappings.json") == read("opensearch", "mappings.json"))
    judge("portable types alone",
          set(fields.values()) <= {"keyword", "text", "ip", "date", "long", "boolean", "float", "double"})
    for document in documents:
        for name, value in leaves(document):
            if name.startswith("wardtap.fields."):
                continue
            judge("%s of a record is in the mapping and suits it: %r" % (name, value),
                  name in fields and suits(fields[name], value))
    for name in fields:
        judge("%s of the mapping is in some record" % name,
              name.startswith("wardtap.fields.") or name in ("tags", "event.ingested") or
              any(name == found for document in documents for found, _ in leaves(document)))
    # a number that can be a fraction must not become a long by its first value
    for line in dictionary:
        words = line.split()
        if len(words) > 4 and words[1] == "number" and words[2:4] == ["none", "value"]:
            judge("%s has an explicit type" % words[0],
                  fields.get("wardtap.fields." + words[0]) == "double")
    # an object cannot be a value too
    names = {line.split()[0] for line in dictionary if line}
    judge("no field is the beginning of another's name",
          not any(".".join(n.split(".")[:i]) in names for n in names for i in range(1, n.count(".") + 1)))
    for kind in ("elastic", "opensearch"):
        template = json.loads(read(kind, "template.json"))
        judge(kind + ": priority above what logs-*-* has", template["priority"] > 200)
        judge(kind + ": the default data stream is meant", any(
            fnmatch.fnmatch("logs-wardtap.alert-default", p) for p in template["index_patterns"]))
        asked = [line.split() for line in read(kind, "setup.list").splitlines() if line[:1] not in ("", "#")]
        judge(kind + ": setup.list names each JSON file once", sorted(a[2] for a in asked) == sorted(
            f for f in os.listdir(os.path.join(CONTRIB, kind)) if f.endswith(".json")))
        judge(kind + ": parts before the whole", [a[1].split("/")[0] for a in asked][-1] == "_index_template")
        made = {a[1].split("/")[-1] for a in asked if a[1].startswith("_component_template/")}
        judge(kind + ": every component is installed", set(template["composed_of"]) == made)
    settings = json.loads(read("elastic", "settings.json"))["template"]["settings"]["index"]
    policy = json.loads(read("elastic", "ilm.json"))["policy"]
    judge("Elastic: the policy is the one that is installed",
          "PUT _ilm/policy/%s ilm.json" % settings["lifecycle"]["name"] in read("elastic", "setup.list"))
    judge("Elastic: phases", set(policy["phases"]) == {"hot", "delete"})
    check_ism(json.loads(read("opensearch", "ism.json"))["policy"])


def check_ism(policy):
    states = {state["name"]: state for state in policy["states"]}
    judge("ISM: the first state exists", policy["default_state"] in states)
    for state in states.values():
        judge("ISM: state has name, actions, transitions", set(state) == {"name", "actions", "transitions"})
        for action in state["actions"]:
            judge("ISM: known action", set(action) <= {"rollover", "delete"})
        for step in state["transitions"]:
            judge("ISM: transition leads somewhere, by a known condition",
                  step["state_name"] in states and set(step["conditions"]) <= {
                      "min_index_age", "min_rollover_age", "min_size", "min_doc_count"})
    judge("ISM: the policy attaches itself",
          policy["ism_template"][0]["index_patterns"] == ["logs-wardtap.*-*"])


def check_dashboards(documents):
    made = subprocess.run([sys.executable, os.path.join(CONTRIB, "dashboards", "make.py")],
                          capture_output=True, text=True, check=True).stdout
    judge("dashboards: wardtap.ndjson is what make.py makes", made == read("dashboards", "wardtap.ndjson"))
    saved = panels.load(os.path.join(CONTRIB, "dashboards", "wardtap.ndjson"))
    judge("dashboards: the last line counts", saved.pop()["exportedCount"] == len(saved))
    ids = {(o["type"], o["id"]) for o in saved}
    judge("dashboards: ids are different", len(ids) == len(saved))
    mappings = json.loads(read("elastic", "mappings.json"))["template"]["mappings"]["properties"]
    fields = mapped(mappings)
    present = {name for document in documents for name, _ in leaves(document)}
    shown = set()
    for item in saved:
        name = item["id"]
        for reference in item["references"]:
            judge("%s: %s exists" % (name, reference["id"]), (reference["type"], reference["id"]) in ids)
        if item["type"] == "dashboard":
            grid = json.loads(item["attributes"]["panelsJSON"])
            names = {r["name"] for r in item["references"]}
            judge(name + ": every panel has its reference", {p["panelRefName"] for p in grid} == names)
            shown = {r["id"] for r in item["references"]}
            cells = [(x, y) for p in grid for x in range(p["gridData"]["x"], p["gridData"]["x"] + p["gridData"]["w"])
                     for y in range(p["gridData"]["y"], p["gridData"]["y"] + p["gridData"]["h"])]
            judge(name + ": panels do not overlap and fit 48 columns",
                  len(cells) == len(set(cells)) and max(x for x, _ in cells) < 48)
        if item["type"] in ("visualization", "search"):
            panels.search_of(item)
        for field in panels.fields_of(item):
            judge("%s: %s is in the mapping and in a record" % (name, field), field in fields and field in present)
            judge("%s: %s can be aggregated" % (name, field),
                  fields.get(field) != "text" or item["type"] == "search")
    judge("dashboards: every picture is shown",
          shown == {i for kind, i in ids if kind in ("visualization", "search")})


def sigma_matches(detection, document):
    """The condition language of our rules: names joined by `and`."""
    values = {}
    for name, value in leaves(document):
        values.setdefault(name, []).append(value)

    def one(name, wanted):
        field, _, way = name.partition("|")
        found = values.get(field, [])
        wanted = wanted if isinstance(wanted, list) else [wanted]
        if way == "gte":
            return any(v >= w for v in found for w in wanted)
        if way == "startswith":
            return any(str(v).startswith(w) for v in found for w in wanted)
        assert way == "", way
        return any(v == w for v in found for w in wanted)
    names = detection["condition"].split(" and ")
    return all(one(k, w) for n in names for k, w in detection[n].items())


def check_sigma(documents):
    folder, ids = os.path.join(CONTRIB, "sigma"), set()
    present = {name for document in documents for name, _ in leaves(document)}
    for name in sorted(f for f in os.listdir(folder) if f.endswith(".yml")):
        rule = yaml.safe_load(read("sigma", name))
        ids.add(rule["id"])
        judge(name + ": keys of a rule", {"title", "id", "status", "description", "logsource", "detection",
                                          "level", "falsepositives"} <= set(rule))
        judge(name + ": its fields exist", set(rule.get("fields", [])) <= present)
        for part in rule["detection"].values():
            for key in part if isinstance(part, dict) else []:
                judge("%s: %s exists" % (name, key), key.split("|")[0] in present)
        judge(name + ": matches a record", any(sigma_matches(rule["detection"], d) for d in documents))
        judge(name + ": does not match all", not all(sigma_matches(rule["detection"], d) for d in documents))
    judge("Sigma: ids are different", len(ids) == 4)


# Columns of CommonSecurityLog and the CEF keys that fill them.
COLUMNS = {"TimeGenerated": None, "DeviceVendor": None, "LogSeverity": None, "Activity": None,
           "DeviceExternalID": "deviceExternalId", "DeviceName": "dvchost", "Message": "msg",
           "SourceIP": "src", "DestinationIP": "dst", "SourceHostName": "shost",
           "DestinationHostName": "dhost", "DeviceCustomString2": "cs2", "DeviceCustomString3": "cs3",
           "DeviceCustomString6": "cs6", "ExtID": "externalId"}
FUNCTIONS = set("ago max by datetime_diff now toint dcount tostring split isnotempty order desc where "
                "summarize extend project and or minute d m".split())


def check_sentinel(cef):
    keys = {key for line in cef for key in re.findall(r"[ |](\w+)=", line)}
    for name in sorted(f for f in os.listdir(os.path.join(CONTRIB, "sentinel")) if f.endswith(".kql")):
        text = re.sub(r"//.*", "", read("sentinel", name))
        own = set(re.findall(r"(\w+)\s*=(?!=)", text))
        text = re.sub(r'"[^"]*"', "", text)
        words = [w for w in re.findall(r"[A-Za-z]\w*", re.sub(r"\b\d+[dm]\b", "", text))]
        judge(name + ": asks the table of CEF", words[0] == "CommonSecurityLog")
        unknown = [w for w in words[1:] if w not in COLUMNS and w not in FUNCTIONS and w not in own]
        judge("%s: unknown words %s" % (name, unknown), not unknown)
        missing = [w for w in words if COLUMNS.get(w) and COLUMNS[w] not in keys]
        judge("%s: no record has %s" % (name, missing), not missing)
        judge(name + ": brackets", all(text.count(a) == text.count(b) for a, b in ("()", "[]")))
    rule = json.loads(read("sentinel", "dcr.json"))["resources"][0]["properties"]
    judge("DCR: takes CEF of local4, the default facility", rule["dataSources"]["syslog"][0]["facilityNames"] ==
          ["local4"] and rule["dataFlows"][0]["streams"] == ["Microsoft-CommonSecurityLog"])


def check_filebeat():
    inputs = yaml.safe_load(read("filebeat", "wardtap.yml"))
    for row in inputs:
        judge("Filebeat: known keys", set(row) <= {
            "type", "id", "paths", "parsers", "processors", "file_identity.fingerprint",
            "prospector.scanner.fingerprint.enabled"} and row["type"] == "filestream")
        for processor in row["processors"]:
            judge("Filebeat: known processor", len(processor) == 1 and set(processor) <= {
                "script", "timestamp", "add_fields"})


def check_grafana():
    """Metrics are named in one place, the courier's source."""
    with open(os.path.join(HERE, "..", "src", "app", "couriermetrics.c"), encoding="ascii") as file:
        source = file.read()
    made = set(re.findall(r'\{ "(\w+)", "(?:counter|gauge)"', source)) | {
        name for name in re.findall(r"TYPE wardtap_courier_(\w+) gauge", source)}
    board = json.loads(read("grafana", "courier.json"))
    rules = yaml.safe_load(read("grafana", "alerts.yml"))["groups"][0]["rules"]
    asked = [t["expr"] for p in board["panels"] for t in p["targets"]] + [r["expr"] for r in rules]
    for expression in asked:
        names = re.findall(r"wardtap_courier_(\w+)", expression)
        judge("Grafana: %s: the courier writes it" % expression, names and set(names) <= made)
        judge("Grafana: %s: brackets" % expression,
              all(expression.count(a) == expression.count(b) for a, b in ("()", "[]", "{}")))
        judge("Grafana: %s: counters are asked for their growth" % expression, all(
            re.search(r"(rate|increase)\(wardtap_courier_" + n, expression)
            for n in names if n.endswith("_total")))
    ids = [p["id"] for p in board["panels"]]
    judge("Grafana: panels have ids of their own", len(ids) == len(set(ids)) and board["uid"])
    judge("Grafana: the courier's numbers are found in its source", len(made) >= 10)


def main():
    folder = sys.argv[1]
    documents = [json.loads(line) for line in lines(folder, "ecs")]
    cef = lines(folder, "cef")
    check_templates(documents, lines(folder, "fields")[1:])
    check_dashboards(documents)
    check_sigma(documents)
    check_sentinel(cef)
    check_filebeat()
    check_grafana()
    try:
        contrib_splunk.check(os.path.join(CONTRIB, "splunk", "TA-wardtap"), lines(folder, "hec"), cef, judge)
    except contrib_splunk.Fault as fault:
        judge("Splunk: %s" % fault, False)
    print("%d passed, %d failed" % tuple(COUNTS))
    return COUNTS[1] != 0


if __name__ == "__main__":
    sys.exit(main())
