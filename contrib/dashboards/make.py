#!/usr/bin/env python3
"""Makes wardtap.ndjson: saved objects for OpenSearch Dashboards and for Kibana.

Usage: make.py >wardtap.ndjson. Objects have the form of release 7.10, which OpenSearch
Dashboards 1 to 3 read as their own and Kibana 7.10 to 8 migrates when it imports them.
Queries are in Lucene's language, so tests can run each panel as a search.
"""
import json
import sys

PATTERN = "wardtap-records"
ALERTS = "event.kind:alert AND event.action:rule"


def dumps(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def source(query, with_index=True):
    found = {"query": {"query": query, "language": "lucene"}, "filter": []}
    if with_index:
        found["indexRefName"] = "kibanaSavedObjectMeta.searchSourceJSON.index"
    return {"searchSourceJSON": dumps(found)}


def index_reference():
    return [{"id": PATTERN, "type": "index-pattern",
             "name": "kibanaSavedObjectMeta.searchSourceJSON.index"}]


def metric(number, kind, label, field=None):
    params = {"customLabel": label}
    if field:
        params["field"] = field
    return {"id": str(number), "enabled": True, "type": kind, "schema": "metric", "params": params}


def terms(number, schema, field, label, size=10, order_by="1"):
    return {"id": str(number), "enabled": True, "type": "terms", "schema": schema, "params": {
        "field": field, "size": size, "order": "desc", "orderBy": order_by, "customLabel": label,
        "otherBucket": False, "missingBucket": False,
        "otherBucketLabel": "Other", "missingBucketLabel": "Missing"}}


def over_time(number):
    return {"id": str(number), "enabled": True, "type": "date_histogram", "schema": "segment",
            "params": {"field": "@timestamp", "interval": "auto", "min_doc_count": 1,
                       "useNormalizedEsInterval": True, "drop_partials": False,
                       "extended_bounds": {}, "customLabel": "Time"}}


N_ALERTS = metric(1, "cardinality", "Alerts", "wardtap.alert_id")


def axes(kind, mode="stacked"):
    """Settings of a bar chart."""
    return {
        "type": kind, "grid": {"categoryLines": False}, "addTooltip": True, "addLegend": True,
        "legendPosition": "right", "times": [], "addTimeMarker": False, "labels": {},
        "categoryAxes": [{
            "id": "CategoryAxis-1", "type": "category", "show": True, "style": {},
            "position": "left" if kind == "horizontal_bar" else "bottom",
            "scale": {"type": "linear"}, "title": {},
            "labels": {"show": True, "filter": True, "truncate": 100}}],
        "valueAxes": [{
            "id": "ValueAxis-1", "name": "LeftAxis-1", "type": "value", "show": True, "style": {},
            "position": "bottom" if kind == "horizontal_bar" else "left",
            "scale": {"type": "linear", "mode": "normal"}, "title": {"text": "Alerts"},
            "labels": {"show": True, "rotate": 0, "filter": False, "truncate": 100}}],
        "seriesParams": [{
            "show": True, "type": "histogram", "mode": mode, "valueAxis": "ValueAxis-1",
            "data": {"label": "Alerts", "id": "1"}, "drawLinesBetweenPoints": True,
            "showCircles": True, "lineWidth": 2}],
        "thresholdLine": {"show": False, "value": 10, "width": 1, "style": "full", "color": "#E7664C"},
    }


TABLE = {"perPage": 10, "showPartialRows": False, "showMetricsAtAllLevels": False,
         "showTotal": False, "totalFunc": "sum", "percentageCol": "", "sort":
         {"columnIndex": None, "direction": None}}
PIE = {"type": "pie", "addTooltip": True, "addLegend": True, "legendPosition": "right",
       "isDonut": True, "labels": {"show": True, "values": True, "last_level": True, "truncate": 100}}
NUMBER = {"addTooltip": True, "addLegend": False, "type": "metric", "metric": {
    "percentageMode": False, "useRanges": False, "colorSchema": "Green to Red",
    "metricColorMode": "None", "colorsRange": [{"from": 0, "to": 10000}],
    "labels": {"show": True}, "invertColors": False,
    "style": {"bgFill": "#000", "bgColor": False, "labelColor": False, "subText": "", "fontSize": 48}}}

# id, title, what it says, kind, query, aggregations, settings, place (x, y, width, height)
PANELS = [
    ("danger", "Danger to patients", "Alerts of severity 9 and 10", "metric",
     ALERTS + " AND event.severity:[9 TO 10]", [N_ALERTS], NUMBER, (0, 0, 12, 8)),
    ("alerts", "Alerts", "Each alert once, however many records tell of it", "metric",
     ALERTS, [N_ALERTS], NUMBER, (12, 0, 12, 8)),
    ("trouble", "Trouble of sensors", "Sensors that were blind or lost records", "metric",
     "event.action:(sensor_gap OR journal_evicted OR journal_damage OR journal_missing)", [N_ALERTS], NUMBER,
     (24, 0, 12, 8)),
    ("severity", "By severity", "", "pie", ALERTS,
     [N_ALERTS, terms(2, "segment", "wardtap.severity", "Severity", 5)], PIE, (36, 0, 12, 16)),
    ("time", "Over time", "", "histogram", ALERTS,
     [N_ALERTS, over_time(2), terms(3, "group", "wardtap.severity", "Severity", 5)],
     axes("histogram"), (0, 8, 36, 16)),
    ("rules", "Rules", "Which rules matched", "table", ALERTS,
     [N_ALERTS, metric(2, "max", "Severity", "event.severity"),
      metric(3, "max", "Last", "@timestamp"), terms(4, "bucket", "rule.name", "Rule", 50)],
     TABLE, (0, 24, 24, 18)),
    ("devices", "Devices concerned", "By what is known of them", "table", ALERTS,
     [N_ALERTS, metric(2, "max", "Severity", "event.severity"),
      terms(3, "bucket", "wardtap.device.role", "Class", 20),
      terms(4, "bucket", "wardtap.device.make", "Maker and model", 20)], TABLE, (24, 24, 24, 18)),
    ("senders", "Senders", "", "table", ALERTS,
     [N_ALERTS, metric(2, "max", "Severity", "event.severity"),
      terms(3, "bucket", "source.address", "Sender", 50)], TABLE, (0, 42, 16, 16)),
    ("receivers", "Receivers", "", "table", ALERTS,
     [N_ALERTS, metric(2, "max", "Severity", "event.severity"),
      terms(3, "bucket", "destination.address", "Receiver", 50)], TABLE, (16, 42, 16, 16)),
    ("techniques", "Techniques", "MITRE ATT&CK", "horizontal_bar", ALERTS,
     [N_ALERTS, terms(2, "segment", "threat.technique.id", "Technique", 15)],
     axes("horizontal_bar"), (32, 42, 16, 16)),
    ("protocols", "Protocols", "", "pie", ALERTS,
     [N_ALERTS, terms(2, "segment", "network.protocol", "Protocol", 12)], PIE, (0, 58, 16, 16)),
    ("inventory", "Devices by class", "Devices that sensors told of", "pie", "event.kind:asset",
     [metric(1, "cardinality", "Devices", "host.id"),
      terms(2, "segment", "host.type", "Class", 20)], PIE, (16, 58, 16, 16)),
    ("sensors", "Sensors", "When each was last heard of; a heartbeat comes every minute", "table",
     "event.dataset:wardtap.*",
     [metric(1, "max", "Last heard of", "@timestamp"), metric(2, "count", "Records"),
      terms(3, "bucket", "observer.name", "Sensor", 100),
      terms(4, "bucket", "observer.hostname", "Machine", 100)], TABLE, (32, 58, 16, 16)),
    ("health", "Health of sensors", "What their heartbeats say", "table", "event.dataset:wardtap.health",
     [metric(1, "min", "Lowest quality of capture (%)", "wardtap.fields.health.quality_percent"),
      metric(2, "max", "Packets dropped", "wardtap.fields.health.kernel_dropped"),
      metric(3, "max", "Journal (%)", "wardtap.fields.health.journal_percent"),
      metric(4, "max", "Devices known", "wardtap.fields.health.devices"),
      terms(5, "bucket", "observer.name", "Sensor", 100)], TABLE, (0, 74, 48, 12)),
]
COLUMNS = ["wardtap.severity", "message", "source.address", "destination.address",
           "wardtap.device.role", "wardtap.device.make", "rule.id", "observer.name"]


def objects():
    yield {"id": PATTERN, "type": "index-pattern", "migrationVersion": {"index-pattern": "7.6.0"},
           "attributes": {"title": "logs-wardtap.*", "timeFieldName": "@timestamp", "fields": "[]"},
           "references": []}
    for name, title, text, kind, query, aggregations, settings, _ in PANELS:
        yield {"id": "wardtap-" + name, "type": "visualization",
               "migrationVersion": {"visualization": "7.10.0"},
               "attributes": {
                   "title": "wardtap: " + title, "description": text, "version": 1, "uiStateJSON": "{}",
                   "visState": dumps({"title": "wardtap: " + title, "type": kind,
                                      "aggs": aggregations, "params": settings}),
                   "kibanaSavedObjectMeta": source(query)},
               "references": index_reference()}
    yield {"id": "wardtap-latest", "type": "search", "migrationVersion": {"search": "7.9.3"},
           "attributes": {"title": "wardtap: Latest alerts", "description": "", "hits": 0, "version": 1,
                          "columns": COLUMNS, "sort": [["@timestamp", "desc"]],
                          "kibanaSavedObjectMeta": source(ALERTS)},
           "references": index_reference()}
    panels, references = [], []
    places = [("visualization", "wardtap-" + row[0], row[7]) for row in PANELS]
    places.append(("search", "wardtap-latest", (0, 86, 48, 20)))
    for number, (kind, name, (x, y, width, height)) in enumerate(places):
        panels.append({"version": "7.10.0", "panelIndex": str(number), "embeddableConfig": {},
                       "panelRefName": "panel_%d" % number,
                       "gridData": {"x": x, "y": y, "w": width, "h": height, "i": str(number)}})
        references.append({"name": "panel_%d" % number, "type": kind, "id": name})
    yield {"id": "wardtap-overview", "type": "dashboard", "migrationVersion": {"dashboard": "7.9.3"},
           "attributes": {
               "title": "wardtap", "hits": 0, "version": 1,
               "description": "Alerts about medical devices, and the sensors that saw them",
               "panelsJSON": dumps(panels), "timeRestore": True, "timeFrom": "now-7d", "timeTo": "now",
               "refreshInterval": {"pause": False, "value": 60000},
               "optionsJSON": dumps({"hidePanelTitles": False, "useMargins": True}),
               "kibanaSavedObjectMeta": source("", False)},
           "references": references}


def main():
    count = 0
    for count, saved in enumerate(objects(), 1):
        print(dumps(saved))
    print(dumps({"exportedCount": count, "missingRefCount": 0, "missingReferences": []}))


if __name__ == "__main__":
    sys.exit(main())
