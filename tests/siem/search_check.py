"""What contrib/ promises of OpenSearch and Elasticsearch, on a real node.
Usage: search_check.py URL load DIR      store the records of DIR/ecs as the sensor would
       search_check.py URL courier DIR   whether the courier stored them as they are
       search_check.py URL contrib DIR   templates, dashboards, Sigma, the rule "sensor silent"
DIR holds ecs (lines of tests/live_documents) and queries (sigma_queries.py), if any."""
import datetime
import json
import os
import sys
import time
import urllib.error
import urllib.request

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
import contrib  # noqa: E402
import panels  # noqa: E402
import yaml  # noqa: E402

CONTRIB = os.path.join(HERE, "..", "..", "contrib")
STREAM = "logs-wardtap.alert-default"
judge = contrib.judge


def ask(url, method="GET", body=None, kind="application/json"):
    """Status and the answer, as JSON."""
    if isinstance(body, dict):
        body = json.dumps(body)
    request = urllib.request.Request(url, method=method, data=body and body.encode(),
                                     headers={"Content-Type": kind})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as fault:
        return fault.code, json.load(fault)


def bulk(url, rows, stream=STREAM):
    """Statuses of `create` for (id, document)."""
    body = "".join(json.dumps({"create": {"_id": i}}) + "\n" + json.dumps(d) + "\n" for i, d in rows)
    status, answer = ask("%s/%s/_bulk?refresh=true" % (url, stream), "POST", body, "application/x-ndjson")
    assert status == 200, answer
    return [item["create"]["status"] for item in answer["items"]]


def search(url, body):
    status, answer = ask("%s/logs-wardtap.*/_search" % url, "POST", body)
    assert status == 200, answer
    return answer


def documents_of(folder):
    return [json.loads(line) for line in contrib.lines(folder, "ecs")]


def load(url, folder):
    documents = documents_of(folder)
    rows = [(d["event"]["id"], d) for d in documents]
    judge("node: every record is stored", bulk(url, rows) == [201] * len(rows))
    judge("node: stored again, each is there already", bulk(url, rows) == [409] * len(rows))
    late = dict(documents[0], event="no object")
    lost = {k: v for k, v in documents[0].items() if k != "@timestamp"}
    judge("node: refuses what the mapping cannot hold, and a record without time",
          bulk(url, [("x", late), ("y", lost)]) == [400, 400])
    status, _ = ask("%s/%s/_doc/z" % (url, STREAM), "PUT", documents[0])
    judge("node: a data stream takes nothing but create", status == 400)


def check_stream(url, documents):
    status, answer = ask("%s/_data_stream/%s" % (url, STREAM))
    judge("node: the data stream is there, by our template",
          status == 200 and answer["data_streams"][0]["template"] == "wardtap")
    found = search(url, {"size": 0, "track_total_hits": True, "query": {"exists": {"field": "_ignored"}}})
    judge("node: no value was ignored as malformed", found["hits"]["total"]["value"] == 0)
    found = search(url, {"size": 0, "track_total_hits": True, "query": {"exists": {"field": "event.ingested"}}})
    judge("node: the pipeline noted the arrival of all: %d" % found["hits"]["total"]["value"],
          found["hits"]["total"]["value"] == len(documents))
    _, answer = ask("%s/%s/_mapping" % (url, STREAM))
    (index,) = answer.values()
    kinds = contrib.mapped(index["mappings"]["properties"])
    judge("node: fields of protocols are mapped as they come",
          kinds.get("wardtap.fields.hl7.message_type") == "keyword" and
          kinds.get("wardtap.fields.health.packets") == "long")


def values_of(aggregations, body, path=""):
    """Parts of a panel and whether they came to something. Not every sensor or class of
    devices has all of them: a replay has no journal to fill."""
    for name in body:
        kind = next(k for k in body[name] if k != "aggs")
        if kind in ("terms", "date_histogram"):
            rows = aggregations[name]["buckets"]
            yield path + name, len(rows) > 0
            for row in rows:
                yield from values_of(row, body[name]["aggs"], path + name + ".")
        else:
            yield path + name, aggregations[name]["value"] is not None


def is_whole(aggregations, body):
    seen = list(values_of(aggregations, body))
    return {path for path, _ in seen} == {path for path, has_value in seen if has_value}


def check_dashboards(url, documents):
    alerts = {d["wardtap"]["alert_id"] for d in documents
              if d["event"]["kind"] == "alert" and d["event"]["action"] == "rule"}
    for item in panels.load(os.path.join(CONTRIB, "dashboards", "wardtap.ndjson"))[:-1]:
        if item["type"] not in ("visualization", "search"):
            continue
        body = panels.search_of(item)
        answer = search(url, body)
        judge("panel %s: answered in full, with records" % item["id"],
              answer["_shards"]["failed"] == 0 and answer["hits"]["total"]["value"] > 0)
        judge("panel %s: every part has a value" % item["id"],
              is_whole(answer.get("aggregations", {}), body.get("aggs", {})))
        if item["id"] == "wardtap-alerts":
            judge("panel wardtap-alerts: as many as there are",
                  answer["aggregations"]["1"]["value"] == len(alerts))


def check_sigma(url, folder, documents):
    path = os.path.join(folder, "queries")
    if not os.path.exists(path):
        print("SKIPPED: Sigma rules on the node: pySigma is not installed")
        return
    for line in contrib.lines(folder, "queries"):
        name, _, query = line.partition("\t")
        rule = yaml.safe_load(contrib.read("sigma", name))
        wanted = sum(contrib.sigma_matches(rule["detection"], d) for d in documents)
        found = search(url, {"size": 0, "track_total_hits": True, "query": {"query_string": {"query": query}}})
        judge("%s: finds %d of %d records" % (name, found["hits"]["total"]["value"], wanted),
              found["hits"]["total"]["value"] == wanted > 0)


def check_silence(url, documents):
    """The sensor was there an hour ago; then it is silent; then it sends a heartbeat."""
    rule = json.loads(contrib.read("opensearch", "rules", "sensor-silent.json"))
    body = rule["inputs"][0]["search"]["query"]
    beat = next(d for d in documents if d["event"]["dataset"] == "wardtap.health")

    def told(name):
        return name in [b["key"]["name"] for b in search(url, body)["aggregations"]["sensor"]["buckets"]]

    def send(number, hours):
        at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=hours)
        beat_now = dict(beat, **{"@timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")})
        beat_now["observer"] = dict(beat["observer"], name="ward8")
        judge("heartbeat is stored", bulk(url, [("beat-%d-%d" % (number, time.time_ns()), beat_now)]) == [201])
    judge("silence: nobody misses a sensor that never was there", not told("ward8"))
    send(1, 1)
    judge("silence: a sensor of an hour ago is missed", told("ward8"))
    send(2, 0)
    judge("silence: one that sent a heartbeat is not", not told("ward8"))


def courier(url, folder):
    """The records of the journal (the last four of `ecs` are made up), once each, as encoded
    for the machine's own name."""
    wanted = {d["event"]["id"]: d for d in documents_of(folder)[:-4]}
    ask("%s/logs-wardtap.alert-courier/_refresh" % url, "POST")
    status, answer = ask("%s/logs-wardtap.alert-courier/_search?size=1000" % url)
    judge("courier: the data stream is there", status == 200)
    found = {hit["_id"]: hit["_source"] for hit in answer["hits"]["hits"]}
    judge("courier: every record is there once: %d of %d" % (answer["hits"]["total"]["value"], len(wanted)),
          set(found) == set(wanted) and answer["hits"]["total"]["value"] == len(wanted))
    for name, document in wanted.items():
        got = found.get(name, {"observer": {}, "event": {}})
        got["observer"]["hostname"] = document["observer"]["hostname"]
        got["event"].pop("ingested", None)
        judge("courier: %s is what was encoded" % name, got == document)


def main():
    url, what, folder = sys.argv[1:]
    documents = documents_of(folder)
    if what == "load":
        load(url, folder)
    elif what == "courier":
        courier(url, folder)
    else:
        check_stream(url, documents)
        check_dashboards(url, documents)
        check_sigma(url, folder, documents)
        check_silence(url, documents)
    print("%d passed, %d failed" % tuple(contrib.COUNTS))
    return contrib.COUNTS[1] != 0


if __name__ == "__main__":
    sys.exit(main())
