/* Splunk's HTTP Event Collector (encode.h): what Splunk calls metadata, the event as a flat
 * object with the names of the Common Information Model, and two indexed fields.
 * Source: "Format events for HTTP Event Collector"; CIM, data model Intrusion Detection.
 * Trust: see siem_json.c. Memory: the caller's builder. */
#include "export/siem.h"

#define R(key, value, kinds, drop, word) { key, WT_SIEM_##value, WT_FOR_##kinds, drop, 0, word }

static const struct wt_siem_row rows[] = {
	R("time", MADE, ALL, 0, NULL),
	R("host", HOST, ALL, 0, NULL),
	R("source", HEC_SOURCE, ALL, 0, NULL),
	R("sourcetype", HEC_SOURCETYPE, ALL, 0, NULL),
	R("index", HEC_INDEX, ALL, 0, NULL),
	R("event.vendor_product", CONSTANT, ALL, 0, "wardtap"),
	R("event.kind", KIND, ALL, 0, NULL),
	R("event.alert_id", ALERT_ID, ALL, 0, NULL),
	R("event.seq", SEQ, ALL, 0, NULL),
	R("event.action", ACTION, RULE, 0, NULL),
	R("event.ids_type", CONSTANT, RULE, 0, "network"),
	R("event.severity", SEVERITY_WORD, ALL, 0, NULL),
	R("event.severity_id", SEVERITY, ALL, 0, NULL),
	R("event.signature", SIGNATURE, ALL, 0, NULL),
	R("event.signature_id", CLASS_ID, ALL, 0, NULL),
	R("event.sid", SID, RULE, 6, NULL),
	R("event.rev", REV, RULE, 6, NULL),
	R("event.category", CATEGORY, ALERT, 13, NULL),
	R("event.src", SRC_ANY, ALL, 0, NULL),
	R("event.src_ip", SRC_IP, ALL, 7, NULL),
	R("event.src_port", SRC_PORT, ALL, 17, NULL),
	R("event.src_mac", SRC_MAC, ALL, 10, NULL),
	R("event.dest", DST_ANY, ALL, 0, NULL),
	R("event.dest_ip", DST_IP, ALL, 7, NULL),
	R("event.dest_port", DST_PORT, ALL, 18, NULL),
	R("event.dest_mac", DST_MAC, ALL, 10, NULL),
	R("event.transport", TRANSPORT, ALL, 15, NULL),
	R("event.app", APP, ALL, 14, NULL),
	R("event.vlan", VLAN_TEXT, ALL, 8, NULL),
	R("event.dvc", HOST, ALL, 0, NULL),
	R("event.sensor", SENSOR, ALL, 9, NULL),
	R("event.interface", INTERFACE, ALL, 5, NULL),
	R("event.message", MESSAGE, ALL, 19, NULL),
	R("event.count", COUNT, ALERT, 16, NULL),
	R("event.confidence", CONFIDENCE, ALERT, 5, NULL),
	R("event.first_seen", FIRST, ALL, 11, NULL),
	R("event.last_seen", LAST, ALL, 11, NULL),
	R("event.closed", IS_CLOSED, ALERT, 1, NULL),
	R("event.truncated", IS_TRUNCATED, ALL, 1, NULL),
	R("event.mitre_technique_id", TECHNIQUES, RULE, 9, NULL),
	R("event.community_id", COMMUNITY_ID, ALL, 4, NULL),
	R("event.flow_id", FLOW_ID, ALL, 1, NULL),
	R("event.packet", PACKET, ALL, 1, NULL),
	R("event.journal_seq", JOURNAL_SEQ, ALL, 1, NULL),
	R("event.rule_group", RULE_GROUP, ALERT, 3, NULL),
	R("event.device_role", DEVICE_ROLE, ALL, 12, NULL),
	R("event.device_make", DEVICE_MAKE, ALL, 12, NULL),
	R("event.medical_context", CONTEXT, RULE, 4, NULL),
	R("event.src_device", SRC_DEVICE, ALL, 2, NULL),
	R("event.src_name", SRC_NAME, ALL, 9, NULL),
	R("event.src_class", SRC_CLASS, ALL, 2, NULL),
	R("event.src_vendor", SRC_VENDOR, ALL, 2, NULL),
	R("event.src_model", SRC_MODEL, ALL, 2, NULL),
	R("event.dest_device", DST_DEVICE, ALL, 2, NULL),
	R("event.dest_name", DST_NAME, ALL, 9, NULL),
	R("event.dest_class", DST_CLASS, ALL, 2, NULL),
	R("event.dest_vendor", DST_VENDOR, ALL, 2, NULL),
	R("event.dest_model", DST_MODEL, ALL, 2, NULL),
	R("event.*", FIELDS, ALL, 0, NULL),
	R("fields.alert_id", ALERT_ID, ALL, 0, NULL),
	R("fields.record_id", RECORD_ID, ALL, 0, NULL),
};

static const char *const elsewhere[] = { "alert.action", NULL };

const struct wt_siem_table wt_siem_hec = { .name = "HEC",
					   .row = rows,
					   .n_rows = sizeof(rows) / sizeof(*rows),
					   .time = WT_TIME_SECONDS,
					   .elsewhere = elsewhere };

bool wt_encode_hec(struct wt_builder *b, const struct wt_encode_item *item,
		   const struct wt_encode_options *options)
{
	return wt_siem_encode(b, item, options, &wt_siem_hec, wt_siem_write_json);
}
