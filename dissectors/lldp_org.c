/* LLDP: the parts that IEEE 802.1, IEEE 802.3 and TIA (LLDP-MED) defined.
 *
 *   organisation 3 | subtype 1 | value
 *
 * Source: IEEE 802.1Q-2018 D.2; IEEE 802.3-2018 79.3; ANSI/TIA-1057 10.2; RFC 3825 and
 * RFC 4776 (places). Trust: every byte is hostile. Memory: none. */
#include "lldp_fields.h"

enum {
	OUI_8021 = 0x0080c2,
	OUI_8023 = 0x00120f,
	OUI_MED = 0x0012bb,
};

#define CIVIC_ADDITIONAL 22u /* RFC 4776 3.4 */
#define CIVIC_OCCUPANT 23u
#define MW_PER_UNIT 100u /* powers are told in tenths of a watt */

static void other(uint32_t oui, unsigned subtype, struct wt_out *out, unsigned event)
{
	const uint8_t octets[3] = { (uint8_t)(oui >> 16), (uint8_t)(oui >> 8), (uint8_t)oui };
	struct wt_builder b;
	uint8_t room[16];
	struct wt_text t;

	b = wt_builder_of(room, sizeof(room));
	wt_bld_bytes(&b, wt_text_hex(&t, wt_slice_of(octets, sizeof(octets)), '-'));
	wt_bld_char(&b, '.');
	wt_bld_u64(&b, subtype);
	put_OTHER_TLV(out, event, wt_bld_slice(&b));
}

static void aggregation(struct wt_reader *v, struct wt_out *out, unsigned event)
{
	unsigned status = wt_rd_u8(v);
	uint32_t port = wt_rd_u32be(v);

	if (v->err == WT_OK && (status & 2))
		put_AGGREGATION_PORT(out, event, port);
}

static void bridge(unsigned subtype, struct wt_reader *v, struct wt_out *out, unsigned event)
{
	struct wt_slice name;
	struct wt_text t;
	unsigned id;

	switch (subtype) {
	case 1:
		id = wt_rd_u16be(v);
		if (v->err == WT_OK)
			put_PORT_VLAN(out, event, id);
		break;
	case 2:
		wt_rd_skip(v, 1);
		id = wt_rd_u16be(v);
		if (v->err == WT_OK)
			put_PROTOCOL_VLAN(out, event, id);
		break;
	case 3:
		id = wt_rd_u16be(v);
		name = wt_text_trim_end(wt_rd_bytes(v, wt_rd_u8(v)));
		if (v->err != WT_OK)
			break;
		put_VLAN_ID(out, event, id);
		put_VLAN_NAME(out, event, name.len ? name : WT_LIT("-"));
		break;
	case 4:
		name = wt_rd_bytes(v, wt_rd_u8(v));
		if (v->err == WT_OK)
			put_PROTOCOL_ID(out, event, wt_text_hex(&t, name, 0));
		break;
	case 7:
		aggregation(v, out, event);
		break;
	default:
		other(OUI_8021, subtype, out, event);
		break;
	}
}

static void power(struct wt_reader *v, struct wt_out *out, unsigned event)
{
	unsigned support = wt_rd_u8(v), class, requested, allocated;
	struct wt_builder b;
	uint8_t room[24];

	wt_rd_skip(v, 1);
	class = wt_rd_u8(v);
	if (v->err != WT_OK)
		return;
	b = wt_builder_of(room, sizeof(room));
	wt_bld_text(&b, support & 1 ? "pse class " : "pd class ");
	wt_bld_u64(&b, class ? class - 1 : 0); /* 79.3.2.3: one more than the class */
	put_POWER(out, event, wt_bld_slice(&b));
	if (wt_rd_left(v) < 5)
		return;
	wt_rd_skip(v, 1);
	requested = wt_rd_u16be(v);
	allocated = wt_rd_u16be(v);
	put_POWER_REQUESTED(out, event, requested * MW_PER_UNIT);
	put_POWER_ALLOCATED(out, event, allocated * MW_PER_UNIT);
}

static void medium(unsigned subtype, struct wt_reader *v, struct wt_out *out, unsigned event)
{
	static const char *const states[] = { "none", "supported", "none", "enabled" };
	unsigned status, mau, len;

	switch (subtype) {
	case 1:
		status = wt_rd_u8(v);
		wt_rd_skip(v, 2);
		mau = wt_rd_u16be(v);
		if (v->err != WT_OK)
			break;
		put_AUTONEG(out, event, wt_slice_text(states[status & 3]));
		put_MAU_TYPE(out, event, mau);
		break;
	case 2:
		power(v, out, event);
		break;
	case 3:
		aggregation(v, out, event);
		break;
	case 4:
		len = wt_rd_u16be(v);
		if (v->err == WT_OK)
			put_MAX_FRAME(out, event, len);
		break;
	default:
		other(OUI_8023, subtype, out, event);
		break;
	}
}

static void med_capabilities(struct wt_reader *v, struct wt_out *out, unsigned event)
{
	static const char *const classes[] = { "undefined", "endpoint_1", "endpoint_2",
					       "endpoint_3", "connectivity" };
	unsigned bits = wt_rd_u16be(v), class = wt_rd_u8(v);
	struct wt_text t;

	if (v->err != WT_OK)
		return;
	put_MED_CAPABILITIES(out, event, bits);
	put_MED_CLASS(out, event,
		      wt_text_name(&t, classes, sizeof(classes) / sizeof(classes[0]), class));
}

static void med_policy(struct wt_reader *v, struct wt_out *out, unsigned event)
{
	static const char *const applications[] = {
		NULL,
		"voice",
		"voice_signaling",
		"guest_voice",
		"guest_voice_signaling",
		"softphone",
		"video_conferencing",
		"streaming_video",
		"video_signaling",
	};
	unsigned application = wt_rd_u8(v);
	uint32_t bits = (uint32_t)wt_rd_u8(v) << 16;
	struct wt_builder b;
	uint8_t room[64];
	struct wt_text t;

	bits |= wt_rd_u16be(v);
	if (v->err != WT_OK)
		return;
	b = wt_builder_of(room, sizeof(room));
	wt_bld_bytes(&b,
		     wt_text_name(&t, applications,
				  sizeof(applications) / sizeof(applications[0]), application));
	if (bits & 0x800000) {
		wt_bld_text(&b, " unknown");
	} else {
		wt_bld_text(&b, bits & 0x400000 ? " vlan " : " untagged ");
		wt_bld_u64(&b, bits >> 9 & 0xfff);
		wt_bld_text(&b, " priority ");
		wt_bld_u64(&b, bits >> 6 & 7);
		wt_bld_text(&b, " dscp ");
		wt_bld_u64(&b, bits & 0x3f);
	}
	put_MED_POLICY(out, event, wt_bld_slice(&b));
}

/* "DE, 3=Berlin, 6=Main Street": country, then parts by their type (RFC 4776 3.4). */
static void civic(struct wt_reader *v, struct wt_out *out, unsigned event)
{
	struct wt_reader place = wt_rd_box(v, wt_rd_u8(v));
	struct wt_builder b;
	uint8_t room[255];

	wt_rd_skip(&place, 1);
	b = wt_builder_of(room, sizeof(room));
	wt_bld_bytes(&b, wt_rd_bytes(&place, 2));
	while (wt_rd_left(&place)) {
		unsigned type = wt_rd_u8(&place);
		struct wt_slice part = wt_rd_bytes(&place, wt_rd_u8(&place));

		if (place.err != WT_OK)
			break;
		if (type == CIVIC_ADDITIONAL || type == CIVIC_OCCUPANT)
			continue; /* the one is free text, the other a person */
		wt_bld_text(&b, ", ");
		wt_bld_u64(&b, type);
		wt_bld_char(&b, '=');
		wt_bld_bytes(&b, part);
	}
	put_MED_LOCATION(out, event, wt_bld_slice(&b));
	wt_rd_skip_rest(v, &place);
}

static void med_location(struct wt_reader *v, struct wt_out *out, unsigned event)
{
	unsigned format = wt_rd_u8(v);
	struct wt_text t;

	switch (format) {
	case 1:
		put_MED_LOCATION(out, event, wt_text_hex(&t, wt_rd_bytes(v, 16), 0));
		break;
	case 2:
		civic(v, out, event);
		break;
	case 3:
		put_MED_ELIN(out, event, wt_text_trim_end(wt_rd_rest(v)));
		break;
	default:
		wt_out_glitch(out, "odd_location_format");
		break;
	}
}

static void med_power(struct wt_reader *v, struct wt_out *out, unsigned event)
{
	unsigned head = wt_rd_u8(v), value = wt_rd_u16be(v);

	if (v->err != WT_OK)
		return;
	put_POWER(out, event, head >> 6 == 1 ? WT_LIT("pd med") : WT_LIT("pse med"));
	if (head >> 6 == 1)
		put_POWER_REQUESTED(out, event, value * MW_PER_UNIT);
	else
		put_POWER_ALLOCATED(out, event, value * MW_PER_UNIT);
}

/* Subtypes 5 to 11: the inventory. */
static void med_inventory(unsigned subtype, struct wt_slice text, struct wt_out *out,
			  unsigned event)
{
	text = wt_text_trim_end(text);
	switch (subtype) {
	case 5:
		wt_put_DEVICE_HARDWARE(out, event, text);
		break;
	case 6: /* firmware */
	case 7: /* software */
		wt_put_DEVICE_SOFTWARE(out, event, text);
		break;
	case 8:
		wt_put_DEVICE_SERIAL(out, event, text);
		break;
	case 9:
		wt_put_DEVICE_VENDOR(out, event, text);
		break;
	case 10:
		wt_put_DEVICE_MODEL(out, event, text);
		break;
	default:
		wt_put_DEVICE_ASSET_TAG(out, event, text);
		break;
	}
}

static void med(unsigned subtype, struct wt_reader *v, struct wt_out *out, unsigned event)
{
	if (subtype == 1)
		med_capabilities(v, out, event);
	else if (subtype == 2)
		med_policy(v, out, event);
	else if (subtype == 3)
		med_location(v, out, event);
	else if (subtype == 4)
		med_power(v, out, event);
	else if (subtype >= 5 && subtype <= 11)
		med_inventory(subtype, wt_rd_rest(v), out, event);
	else
		other(OUI_MED, subtype, out, event);
}

void wt_lldp_organisation(struct wt_reader *v, struct wt_out *out, unsigned event)
{
	uint32_t oui = (uint32_t)wt_rd_u16be(v) << 8;
	unsigned subtype;

	oui |= wt_rd_u8(v);
	subtype = wt_rd_u8(v);
	if (v->err != WT_OK)
		return;
	switch (oui) {
	case OUI_8021:
		bridge(subtype, v, out, event);
		break;
	case OUI_8023:
		medium(subtype, v, out, event);
		break;
	case OUI_MED:
		med(subtype, v, out, event);
		break;
	default:
		other(oui, subtype, out, event);
		break;
	}
}
