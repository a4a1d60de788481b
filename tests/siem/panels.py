"""The panels of contrib/dashboards as searches: what Dashboards or Kibana would ask."""
import json
import re


def load(path):
    with open(path, encoding="ascii") as file:
        return [json.loads(line) for line in file]


def bucket(agg, below):
    kind, params = agg["type"], agg["params"]
    if kind == "terms":
        body = {"field": params["field"], "size": params["size"]}
        body["order"] = {params["orderBy"] if params["orderBy"] in metrics_of(below) else "_count": "desc"}
    elif kind == "date_histogram":
        body = {"field": params["field"], "fixed_interval": "1d", "min_doc_count": 1}
    else:
        raise ValueError("no bucket: " + kind)
    return {agg["id"]: {kind: body, "aggs": below}}


def metrics_of(aggs):
    return [k for k, v in aggs.items() if {"cardinality", "max", "min"} & set(v)]


def search_of(saved):
    """The body of the search that a visualization or a saved search makes."""
    source = json.loads(saved["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
    assert source["query"]["language"] == "lucene"
    body = {"size": 0, "track_total_hits": True,
            "query": {"query_string": {"query": source["query"]["query"], "analyze_wildcard": True}}}
    if saved["type"] == "search":
        return dict(body, size=5, sort=[{f: o} for f, o in saved["attributes"]["sort"]])
    aggs = json.loads(saved["attributes"]["visState"])["aggs"]
    metrics = {a["id"]: {a["type"]: {"field": a["params"]["field"]}} for a in aggs
               if a["schema"] == "metric" and a["type"] != "count"}
    below = metrics
    for agg in reversed([a for a in aggs if a["schema"] != "metric"]):
        below = dict(bucket(agg, below), **metrics)
    return dict(body, aggs=below)


def fields_of(saved):
    """Every field that the object names, by the aggregations, columns and the query."""
    found = set()
    meta = saved["attributes"].get("kibanaSavedObjectMeta")
    if meta:
        query = json.loads(meta["searchSourceJSON"])["query"]["query"]
        found.update(re.findall(r"([@\w.]+):", query))
    if saved["type"] == "visualization":
        for agg in json.loads(saved["attributes"]["visState"])["aggs"]:
            if "field" in agg["params"]:
                found.add(agg["params"]["field"])
    if saved["type"] == "search":
        found.update(saved["attributes"]["columns"])
        found.update(field for field, _ in saved["attributes"]["sort"])
    return found
