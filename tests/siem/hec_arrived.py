"""What arrived at the event collector of otel.sh, against what was sent.
Usage: hec_arrived.py EVENTS.json SENT TIMES: every event of SENT (HEC objects, one a
line) is in EVENTS.json (OTLP) TIMES times or, where that is `any`, at least once, and then
from a sensor of any name; nothing else is, and body, fields and time are the same."""
import collections
import json
import sys


def plain(value):
    """The JSON that an OTLP value stands for. Its numbers all came as doubles."""
    (kind, held), = value.items() if value else [("nothing", None)]
    if kind == "kvlistValue":
        return {row["key"]: plain(row["value"]) for row in held.get("values", [])}
    if kind == "arrayValue":
        return [plain(item) for item in held.get("values", [])]
    if kind == "intValue":
        return int(held)
    return held


def floats(value):
    """Numbers as the peer holds them: 64-bit floating point."""
    if isinstance(value, dict):
        return {k: floats(v) for k, v in value.items()}
    if isinstance(value, list):
        return [floats(v) for v in value]
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def arrived(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            for resource in json.loads(line)["resourceLogs"]:
                about = {a["key"]: plain(a["value"]) for a in resource["resource"].get("attributes", [])}
                for scope in resource["scopeLogs"]:
                    for record in scope["logRecords"]:
                        yield (about, int(record["timeUnixNano"]), plain(record["body"]),
                               {a["key"]: plain(a["value"]) for a in record.get("attributes", [])})


def main():
    with open(sys.argv[2], encoding="utf-8") as file:
        sent = [json.loads(line) for line in file]
    wanted = {event["fields"]["record_id"]: event for event in sent}
    assert len(wanted) == len(sent), "record_id is not one of its own"
    counts, is_any = collections.Counter(), sys.argv[3] == "any"
    for about, at, body, fields in arrived(sys.argv[1]):
        event = wanted[fields["record_id"]]
        if is_any: # the name of this machine
            event["host"] = event["event"]["dvc"] = about["host.name"]
        assert floats(body) == floats(event["event"]), (body, event["event"])
        assert fields == event["fields"], (fields, event)
        assert about["host.name"] == event["host"] and about["com.splunk.source"] == event["source"]
        assert about["com.splunk.sourcetype"] == event["sourcetype"], about
        assert abs(at / 1e9 - event["time"]) < 1e-6, (at, event["time"])
        counts[fields["record_id"]] += 1
    missing = [i for i in wanted if not counts[i]]
    assert not missing, "%d of %d are missing" % (len(missing), len(wanted))
    if not is_any:
        assert set(counts.values()) == {int(sys.argv[3])}, counts
    print("%d events, %d times" % (len(wanted), sum(counts.values())))


if __name__ == "__main__":
    main()
