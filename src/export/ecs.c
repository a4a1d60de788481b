/* Elastic Common Schema (encode.h): the document of a data stream. What ECS has no field
 * for is below wardtap; its own device.* is about mobile devices and not used. A device
 * (event.kind asset) is told as host.* too.
 * Source: ECS 8.11, field sets event, rule, source, destination, network, observer, threat,
 * related, host.
 * Trust: see siem_json.c. Memory: the caller's builder. */
#include "export/siem.h"

#define R(key, value, kinds, drop, word) { key, WT_SIEM_##value, WT_FOR_##kinds, drop, 0, word }

static const struct wt_siem_row rows[] = {
	R("@timestamp", MADE, ALL, 0, NULL),
	R("ecs.version", CONSTANT, ALL, 0, "8.11.0"),
	R("event.kind", ECS_KIND, ALL, 0, NULL),
	R("event.category", ECS_CATEGORY, ALL, 0, NULL),
	R("event.type", ECS_TYPE, ALL, 0, NULL),
	R("event.action", KIND, ALL, 0, NULL),
	R("event.id", RECORD_ID, ALL, 0, NULL),
	R("event.code", CLASS_ID, ALL, 9, NULL),
	R("event.module", CONSTANT, ALL, 9, "wardtap"),
	R("event.dataset", DATASET, ALL, 0, NULL),
	R("event.start", FIRST, ALL, 10, NULL),
	R("event.end", LAST, ALL, 10, NULL),
	R("event.severity", SEVERITY, ALL, 0, NULL),
	R("event.risk_score", RISK_SCORE, ALERT, 7, NULL),
	R("event.sequence", JOURNAL_SEQ, ALL, 6, NULL),
	R("message", MESSAGE, ALL, 18, NULL),
	R("rule.id", SID_TEXT, RULE, 13, NULL),
	R("rule.name", SIGNATURE, ALERT, 0, NULL),
	R("rule.category", CATEGORY, ALERT, 12, NULL),
	R("rule.ruleset", RULE_GROUP, ALERT, 3, NULL),
	R("rule.version", REV_TEXT, RULE, 3, NULL),
	R("rule.reference", REFERENCES, RULE, 4, NULL),
	R("threat.framework", FRAMEWORK, RULE, 3, NULL),
	R("threat.technique.id", TECHNIQUES, RULE, 9, NULL),
	R("source.address", SRC_ANY, ALL, 5, NULL),
	R("source.ip", SRC_IP, ALL, 0, NULL),
	R("source.port", SRC_PORT, ALL, 16, NULL),
	R("source.mac", SRC_MAC_DASH, ALL, 11, NULL),
	R("source.domain", SRC_NAME, ALL, 8, NULL),
	R("destination.address", DST_ANY, ALL, 5, NULL),
	R("destination.ip", DST_IP, ALL, 0, NULL),
	R("destination.port", DST_PORT, ALL, 17, NULL),
	R("destination.mac", DST_MAC_DASH, ALL, 11, NULL),
	R("destination.domain", DST_NAME, ALL, 8, NULL),
	R("host.id", SRC_DEVICE, DEVICE, 0, NULL),
	R("host.name", SRC_NAME, DEVICE, 8, NULL),
	R("host.ip", SRC_IP, DEVICE, 0, NULL),
	R("host.mac", SRC_MAC_DASH, DEVICE, 0, NULL),
	R("host.type", SRC_CLASS, DEVICE, 8, NULL),
	R("network.type", IP_TYPE, ALL, 5, NULL),
	R("network.iana_number", IP_PROTO_TEXT, ALL, 5, NULL),
	R("network.transport", TRANSPORT, ALL, 14, NULL),
	R("network.protocol", APP, ALL, 14, NULL),
	R("network.community_id", COMMUNITY_ID, ALL, 5, NULL),
	R("network.vlan.id", VLAN_TEXT, ALL, 7, NULL),
	R("network.inner.vlan.id", INNER_VLAN_TEXT, ALL, 7, NULL),
	R("observer.type", CONSTANT, ALL, 4, "ids"),
	R("observer.vendor", CONSTANT, ALL, 4, "wardtap"),
	R("observer.product", CONSTANT, ALL, 4, "wardtap"),
	R("observer.version", CONSTANT, ALL, 4, WT_VERSION),
	R("observer.hostname", HOST, ALL, 0, NULL),
	R("observer.name", SENSOR, ALL, 6, NULL),
	R("observer.ingress.interface.name", INTERFACE, ALL, 4, NULL),
	R("related.ip", RELATED_IP, ALL, 6, NULL),
	R("related.hosts", RELATED_HOSTS, ALL, 6, NULL),
	R("wardtap.alert_id", ALERT_ID, ALL, 0, NULL),
	R("wardtap.seq", SEQ, ALL, 0, NULL),
	R("wardtap.gid", GID, RULE, 3, NULL),
	R("wardtap.count", COUNT, ALERT, 15, NULL),
	R("wardtap.severity", SEVERITY_WORD, ALL, 9, NULL),
	R("wardtap.confidence", CONFIDENCE, ALERT, 5, NULL),
	R("wardtap.context", CONTEXT, RULE, 4, NULL),
	R("wardtap.closed", IS_CLOSED, ALERT, 1, NULL),
	R("wardtap.truncated", IS_TRUNCATED, ALL, 1, NULL),
	R("wardtap.flow_id", FLOW_ID, ALL, 1, NULL),
	R("wardtap.packet", PACKET, ALL, 1, NULL),
	R("wardtap.device.role", DEVICE_ROLE, ALL, 12, NULL),
	R("wardtap.device.make", DEVICE_MAKE, ALL, 12, NULL),
	R("wardtap.source.id", SRC_DEVICE, ALL, 2, NULL),
	R("wardtap.source.class", SRC_CLASS, ALL, 2, NULL),
	R("wardtap.source.vendor", SRC_VENDOR, ALL, 2, NULL),
	R("wardtap.source.model", SRC_MODEL, ALL, 2, NULL),
	R("wardtap.destination.id", DST_DEVICE, ALL, 2, NULL),
	R("wardtap.destination.class", DST_CLASS, ALL, 2, NULL),
	R("wardtap.destination.vendor", DST_VENDOR, ALL, 2, NULL),
	R("wardtap.destination.model", DST_MODEL, ALL, 2, NULL),
	R("wardtap.fields", FIELDS, ALL, 0, NULL),
};

static const char *const elsewhere[] = { "alert.action", "alert.reference", NULL };

const struct wt_siem_table wt_siem_ecs = { .name = "ECS",
					   .row = rows,
					   .n_rows = sizeof(rows) / sizeof(*rows),
					   .time = WT_TIME_ZULU,
					   .is_signed = true,
					   .elsewhere = elsewhere };

bool wt_encode_ecs(struct wt_builder *b, const struct wt_encode_item *item,
		   const struct wt_encode_options *options)
{
	return wt_siem_encode(b, item, options, &wt_siem_ecs, wt_siem_write_json);
}
