/* CEF:0 (encode.h). The header's fields are escaped by other rules than the extension's
 * values. Labels of custom fields are the same for ever: searches rest on them.
 * Source: ArcSight Common Event Format, revision 25, with the lengths of its dictionary.
 * CEF:0 has src and dst for IPv4 alone; IPv6 goes into c6a2 and c6a3.
 * Trust: see siem_pairs.c. Memory: the caller's builder. */
#include "export/siem.h"

#define R(key, value, kinds, drop, cap, word) \
	{ key, WT_SIEM_##value, WT_FOR_##kinds, drop, cap, word }

static const struct wt_siem_row rows[] = {
	R("rt", MADE, ALL, 0, 0, NULL),
	R("externalId", EXTERNAL_ID, ALL, 0, 40, NULL),
	R("src", CEF_SRC, ALL, 0, 0, NULL),
	R("c6a2", CEF_SRC6, ALL, 0, 0, "Source IPv6 Address"),
	R("spt", SRC_PORT, ALL, 22, 0, NULL),
	R("dst", CEF_DST, ALL, 0, 0, NULL),
	R("c6a3", CEF_DST6, ALL, 0, 0, "Destination IPv6 Address"),
	R("dpt", DST_PORT, ALL, 23, 0, NULL),
	R("dvchost", HOST, ALL, 0, 100, NULL),
	R("start", FIRST, ALL, 19, 0, NULL),
	R("end", LAST, ALL, 18, 0, NULL),
	R("type", IS_UPDATE, ALL, 17, 0, NULL),
	R("cnt", COUNT_31, ALERT, 21, 0, NULL),
	R("act", ACTION, RULE, 15, 63, NULL),
	R("cat", CATEGORY, ALERT, 14, 1023, NULL),
	R("app", APP, ALL, 16, 31, NULL),
	R("proto", PROTO, ALL, 20, 31, NULL),
	R("smac", SRC_MAC_UPPER, ALL, 12, 0, NULL),
	R("dmac", DST_MAC_UPPER, ALL, 12, 0, NULL),
	R("shost", SRC_NAME, ALL, 13, 1023, NULL),
	R("dhost", DST_NAME, ALL, 13, 1023, NULL),
	R("deviceExternalId", SENSOR, ALL, 7, 255, NULL),
	R("deviceInboundInterface", INTERFACE, ALL, 6, 15, NULL),
	R("msg", MESSAGE, ALL, 24, 1023, NULL),
	R("cs1", RULE_GROUP, ALERT, 3, 1023, "Rule Group"),
	R("cs2", DEVICE_ROLE, ALL, 11, 1023, "Device Role"),
	R("cs3", DEVICE_MAKE, ALL, 10, 1023, "Device Maker and Model"),
	R("cs4", CONTEXT, RULE, 5, 1023, "Medical Context"),
	R("cs5", COMMUNITY_ID, ALL, 4, 1023, "Community ID"),
	R("cs6", TECHNIQUES, RULE, 9, 1023, "MITRE Technique"),
	R("cn1", VLAN, ALL, 8, 0, "VLAN"),
	R("cn2", CONFIDENCE, ALERT, 3, 0, "Confidence"),
	R("cn3", SID, RULE, 2, 0, "SID"),
	R("wardtapKind", KIND, ALL, 2, 0, NULL),
	R("wardtapClosed", IS_CLOSED, ALERT, 1, 0, NULL),
	R("wardtapTruncated", IS_TRUNCATED, ALL, 1, 0, NULL),
	R("wardtapFlowId", FLOW_ID, ALL, 1, 0, NULL),
	R("wardtapPacket", PACKET, ALL, 1, 0, NULL),
	R("wardtapJournalSeq", JOURNAL_SEQ, ALL, 1, 0, NULL),
	R("wardtapSrcDevice", SRC_DEVICE, ALL, 2, 1023, NULL),
	R("wardtapSrcClass", SRC_CLASS, ALL, 2, 1023, NULL),
	R("wardtapSrcVendor", SRC_VENDOR, ALL, 2, 1023, NULL),
	R("wardtapSrcModel", SRC_MODEL, ALL, 2, 1023, NULL),
	R("wardtapDstDevice", DST_DEVICE, ALL, 2, 1023, NULL),
	R("wardtapDstClass", DST_CLASS, ALL, 2, 1023, NULL),
	R("wardtapDstVendor", DST_VENDOR, ALL, 2, 1023, NULL),
	R("wardtapDstModel", DST_MODEL, ALL, 2, 1023, NULL),
	R("wardtap...", FIELDS, ALL, 0, 1023, NULL),
};

static const char *const elsewhere[] = { "alert.action", NULL };

const struct wt_siem_table wt_siem_cef = { .name = "CEF",
					   .row = rows,
					   .n_rows = sizeof(rows) / sizeof(*rows),
					   .time = WT_TIME_MS,
					   .elsewhere = elsewhere };

static void put_header(struct wt_builder *b, const struct wt_siem_view *view, unsigned value,
		       size_t cap)
{
	static const struct wt_siem_style style = { .is_cef = true,
						    .is_header = true,
						    .escaped = '|' };
	const struct wt_siem_row row = { .value = (uint8_t)value };
	struct wt_siem_datum datum = wt_siem_take(view, &row);

	if (datum.type == WT_SIEM_TYPE_U64)
		wt_bld_u64(b, datum.number);
	else
		wt_siem_put_text(b, wt_siem_head(datum.text, view->text_max), cap, &style);
	wt_bld_char(b, '|');
}

static void write_cef(struct wt_builder *b, const struct wt_siem_view *view)
{
	static const struct wt_siem_style style = { .is_cef = true, .escaped = '=' };

	wt_bld_text(b, "CEF:0|wardtap|wardtap|" WT_VERSION "|");
	put_header(b, view, WT_SIEM_CLASS_ID, 1023);
	put_header(b, view, WT_SIEM_SIGNATURE, 512);
	put_header(b, view, WT_SIEM_SEVERITY, 0);
	wt_siem_write_pairs(b, view, ' ', &style);
}

bool wt_encode_cef(struct wt_builder *b, const struct wt_encode_item *item,
		   const struct wt_encode_options *options)
{
	return wt_siem_encode(b, item, options, &wt_siem_cef, write_cef);
}
