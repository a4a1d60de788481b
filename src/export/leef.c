/* LEEF 2.0 (encode.h). It knows no escapes: what would end a value is replaced by its
 * visible form.
 * Source: IBM QRadar Log Event Extended Format, version 2: "LEEF event components",
 * "Predefined LEEF event attributes"; devTime in ms needs no devTimeFormat.
 * Trust: see siem_pairs.c. Memory: the caller's builder. */
#include "export/siem.h"

#define R(key, value, kinds, drop, cap) { key, WT_SIEM_##value, WT_FOR_##kinds, drop, cap, NULL }

static const struct wt_siem_row rows[] = {
	R("devTime", MADE, ALL, 0, 0),
	R("cat", CATEGORY, ALERT, 14, 1023),
	R("sev", LEEF_SEVERITY, ALL, 0, 0),
	R("src", SRC_IP, ALL, 0, 0),
	R("dst", DST_IP, ALL, 0, 0),
	R("srcPort", SRC_PORT, ALL, 18, 0),
	R("dstPort", DST_PORT, ALL, 19, 0),
	R("proto", PROTO, ALL, 16, 0),
	R("srcMAC", SRC_MAC_UPPER, ALL, 12, 0),
	R("dstMAC", DST_MAC_UPPER, ALL, 12, 0),
	R("alertId", RECORD_ID, ALL, 0, 0),
	R("host", HOST, ALL, 0, 100),
	R("signature", SIGNATURE, ALL, 0, 1023),
	R("msg", MESSAGE, ALL, 20, 1023),
	R("kind", KIND, ALL, 6, 0),
	R("action", ACTION, RULE, 6, 0),
	R("count", COUNT, ALERT, 17, 0),
	R("firstSeen", FIRST, ALL, 11, 0),
	R("lastSeen", LAST, ALL, 11, 0),
	R("isUpdate", IS_UPDATE, ALL, 9, 0),
	R("confidence", CONFIDENCE, ALERT, 4, 0),
	R("app", APP, ALL, 15, 255),
	R("vlan", VLAN, ALL, 8, 0),
	R("sensor", SENSOR, ALL, 7, 255),
	R("interface", INTERFACE, ALL, 5, 255),
	R("deviceRole", DEVICE_ROLE, ALL, 13, 1023),
	R("deviceMake", DEVICE_MAKE, ALL, 13, 1023),
	R("medicalContext", CONTEXT, RULE, 5, 1023),
	R("technique", TECHNIQUES, RULE, 10, 1023),
	R("communityId", COMMUNITY_ID, ALL, 4, 0),
	R("ruleGroup", RULE_GROUP, ALERT, 3, 0),
	R("srcHostName", SRC_NAME, ALL, 9, 1023),
	R("dstHostName", DST_NAME, ALL, 9, 1023),
	R("srcDevice", SRC_DEVICE, ALL, 2, 1023),
	R("srcClass", SRC_CLASS, ALL, 2, 1023),
	R("srcVendor", SRC_VENDOR, ALL, 2, 1023),
	R("srcModel", SRC_MODEL, ALL, 2, 1023),
	R("dstDevice", DST_DEVICE, ALL, 2, 1023),
	R("dstClass", DST_CLASS, ALL, 2, 1023),
	R("dstVendor", DST_VENDOR, ALL, 2, 1023),
	R("dstModel", DST_MODEL, ALL, 2, 1023),
	R("closed", IS_CLOSED, ALERT, 1, 0),
	R("truncated", IS_TRUNCATED, ALL, 1, 0),
	R("flowId", FLOW_ID, ALL, 1, 0),
	R("packet", PACKET, ALL, 1, 0),
	R("journalSeq", JOURNAL_SEQ, ALL, 1, 0),
	R("wardtap...", FIELDS, ALL, 0, 1023),
};

static const char *const elsewhere[] = { "alert.action", NULL };

const struct wt_siem_table wt_siem_leef = { .name = "LEEF",
					    .row = rows,
					    .n_rows = sizeof(rows) / sizeof(*rows),
					    .time = WT_TIME_MS,
					    .elsewhere = elsewhere };

static void write_leef(struct wt_builder *b, const struct wt_siem_view *view)
{
	static const struct wt_siem_style header = { .replaced = { '|' } };
	static const struct wt_siem_row class_id = { .value = WT_SIEM_CLASS_ID };
	bool is_caret = view->options->leef_delimiter == '^';
	const struct wt_siem_style style = { .replaced = { is_caret ? '^' : '\t' } };

	wt_bld_text(b, "LEEF:2.0|wardtap|wardtap|" WT_VERSION "|");
	wt_siem_put_text(b, wt_siem_take(view, &class_id).text, 0, &header);
	wt_bld_text(b, is_caret ? "|^|" : "|x09|");
	wt_siem_write_pairs(b, view, is_caret ? '^' : '\t', &style);
}

bool wt_encode_leef(struct wt_builder *b, const struct wt_encode_item *item,
		    const struct wt_encode_options *options)
{
	return wt_siem_encode(b, item, options, &wt_siem_leef, write_leef);
}
