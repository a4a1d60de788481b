/* Alerts as EVE JSON (alert_json.h): names, types and nesting of Suricata's alert event,
 * so that EveBox, Filebeat and others read it, and more members where it has none.
 * Heartbeats and devices are events of types of their own.
 * Source: Suricata user guide, "Eve JSON Format", event type alert.
 * Trust: see siem_json.c. Memory: the caller's. */
#include "export/alert_json.h"
#include "export/siem.h"

#define R(path, name, value, kinds, drop)                                                      \
	WT_SIEM_ROW(path, name, value, WT_FOR_##kinds, drop, 0, NULL)

static const struct wt_siem_row rows[] = {
	R("", "timestamp", EVE_TIME, ALL, 0),
	R("", "flow_id", FLOW_ID, ALL, 0),
	R("", "in_iface", INTERFACE, ALL, 6),
	R("", "pcap_cnt", PACKET, ALL, 6),
	R("", "event_type", EVE_TYPE, ALL, 0),
	R("", "host", HOST, ALL, 7),
	R("", "vlan", VLANS, ALL, 9),
	R("", "src_ip", SRC_IP, ALL, 0),
	R("", "src_port", SRC_PORT, ALL, 0),
	R("", "dest_ip", DST_IP, ALL, 0),
	R("", "dest_port", DST_PORT, ALL, 0),
	R("", "proto", PROTO, ALL, 0),
	R("", "ip_proto", IP_PROTO, ALL, 1),
	R("", "app_proto", APP, ALL, 11),
	R("ether.", "src_mac", SRC_MAC, ALL, 8),
	R("ether.", "dest_mac", DST_MAC, ALL, 8),
	R("", "community_id", COMMUNITY_ID, ALL, 5),
	R("alert.", "action", ACTION, RULE, 0),
	R("alert.", "kind", KIND, ALERT, 0),
	R("alert.", "gid", GID, ALERT, 0),
	R("alert.", "signature_id", SID, ALERT, 0),
	R("alert.", "rev", REV, ALERT, 0),
	R("alert.", "signature", SIGNATURE, ALERT, 0),
	R("alert.", "category", CATEGORY, ALERT, 12),
	R("alert.", "severity", PRIORITY, ALERT, 0),
	R("alert.", "metadata", METADATA, RULE, 4),
	R("alert.", "references", REFERENCES, RULE, 3),
	R("alert.", "sentence", SENTENCE, ALERT, 13),
	R("alert.", "alert_id", ALERT_ID, ALERT, 0),
	R("alert.", "seq", SEQ, ALERT, 0),
	R("alert.", "risk", SEVERITY, ALERT, 0),
	R("alert.", "confidence_percent", CONFIDENCE, ALERT, 5),
	R("alert.", "count", COUNT, ALERT, 0),
	R("alert.", "first_seen", FIRST, ALERT, 10),
	R("alert.", "last_seen", LAST, ALERT, 10),
	R("alert.", "made", MADE, ALERT, 10),
	R("alert.", "closed", IS_CLOSED, ALERT, 0),
	R("alert.", "sensor", SENSOR, ALERT, 7),
	R("alert.src_device.", "id", SRC_DEVICE, ALERT, 2),
	R("alert.src_device.", "name", SRC_NAME, ALERT, 2),
	R("alert.src_device.", "class", SRC_CLASS, ALERT, 2),
	R("alert.src_device.", "vendor", SRC_VENDOR, ALERT, 2),
	R("alert.src_device.", "model", SRC_MODEL, ALERT, 2),
	R("alert.dest_device.", "id", DST_DEVICE, ALERT, 2),
	R("alert.dest_device.", "name", DST_NAME, ALERT, 2),
	R("alert.dest_device.", "class", DST_CLASS, ALERT, 2),
	R("alert.dest_device.", "vendor", DST_VENDOR, ALERT, 2),
	R("alert.dest_device.", "model", DST_MODEL, ALERT, 2),
	R("alert.", "fields", FIELDS, ALERT, 0),
	R("alert.", "truncated", IS_TRUNCATED, ALERT, 1),
	R("health.", "kind", KIND, HEALTH, 0),
	R("health.", "alert_id", ALERT_ID, HEALTH, 0),
	R("health.", "seq", SEQ, HEALTH, 0),
	R("health.", "sentence", SENTENCE, HEALTH, 13),
	R("health.", "made", MADE, HEALTH, 10),
	R("health.", "sensor", SENSOR, HEALTH, 7),
	R("health.", "fields", FIELDS, HEALTH, 0),
	R("health.", "truncated", IS_TRUNCATED, HEALTH, 1),
	R("device.", "kind", KIND, DEVICE, 0),
	R("device.", "alert_id", ALERT_ID, DEVICE, 0),
	R("device.", "seq", SEQ, DEVICE, 0),
	R("device.", "sentence", SENTENCE, DEVICE, 13),
	R("device.", "made", MADE, DEVICE, 10),
	R("device.", "sensor", SENSOR, DEVICE, 7),
	R("device.", "id", SRC_DEVICE, DEVICE, 0),
	R("device.", "name", SRC_NAME, DEVICE, 9),
	R("device.", "class", SRC_CLASS, DEVICE, 9),
	R("device.", "vendor", SRC_VENDOR, DEVICE, 2),
	R("device.", "model", SRC_MODEL, DEVICE, 2),
	R("device.", "fields", FIELDS, DEVICE, 0),
	R("device.", "truncated", IS_TRUNCATED, DEVICE, 1),
	R("", "journal_seq", JOURNAL_SEQ, ALL, 1),
};

static const char *const elsewhere[] = { "alert.action", "alert.metadata", "alert.reference",
					 NULL };

const struct wt_siem_table wt_siem_eve = { .name = "EVE",
					   .row = rows,
					   .n_rows = sizeof(rows) / sizeof(*rows),
					   .time = WT_TIME_EVE,
					   .elsewhere = elsewhere };

bool wt_encode_json(struct wt_builder *b, const struct wt_encode_item *item,
		    const struct wt_encode_options *options)
{
	return wt_siem_encode(b, item, options, &wt_siem_eve, wt_siem_write_json);
}

void wt_alert_json(struct wt_json *j, const struct wt_alert *a, uint64_t journal_seq)
{
	const struct wt_encode_options options = { .host = NULL };
	const struct wt_encode_item item = { .alert = a, .journal_seq = journal_seq };

	if (wt_encode_json(&j->out, &item, &options))
		wt_bld_char(&j->out, '\n');
}
