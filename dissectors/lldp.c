/* LLDP: what the equipment at the other end of a cable says about itself.
 *
 *   (type 7 bits, length 9 bits, value)*   chassis 1, port 2, lifetime 3, ..., end 0
 *   type 127: organisation 3 octets, subtype 1, ...
 *
 * Source: IEEE 802.1AB-2016 8; IEEE 802.1Q-2018 D (00-80-C2); IEEE 802.3-2018 79
 * (00-12-0F); ANSI/TIA-1057 10 (00-12-BB, LLDP-MED); RFC 3825 (coordinates).
 * Trust: every byte is hostile. Memory: none. */
#include "lldp_fields.h"

static const struct wt_field fields[] = { LLDP_FIELDS(WT_FIELD_ROW) };

static const struct wt_event_type events[] = {
	{ "lldp", "What a neighbour says about itself and the port." },
};

enum lldp_tlv {
	TLV_END = 0,
	TLV_CHASSIS = 1,
	TLV_PORT = 2,
	TLV_TTL = 3,
	TLV_PORT_DESC = 4,
	TLV_NAME = 5,
	TLV_DESC = 6,
	TLV_CAPABILITIES = 7,
	TLV_MANAGEMENT = 8,
	TLV_ORGANISATION = 127,
};

#define TLVS_MAX 128u /* told of one frame; a frame of 1500 octets may hold 740 */

static enum wt_verdict probe(struct wt_slice head)
{
	return head.len ? WT_OK : WT_MORE; /* the EtherType decided */
}

/* An IANA address family number, then the address. */
static struct wt_slice network_address(struct wt_text *t, struct wt_slice value)
{
	struct wt_slice address = wt_slice_tail(value, 1);

	if (value.len == 5 && value.ptr[0] == 1)
		return wt_text_ip(t, address);
	if (value.len == 17 && value.ptr[0] == 2)
		return wt_text_ip(t, address);
	if (value.len == 7 && value.ptr[0] == 6)
		return wt_text_mac(t, address);
	return wt_text_hex(t, value, ':');
}

/* The value of an id; which subtypes are addresses differs between chassis and port. */
static struct wt_slice id_text(struct wt_text *t, struct wt_slice value, bool is_mac,
			       bool is_ip)
{
	if (is_mac)
		return wt_text_mac(t, value);
	if (is_ip)
		return network_address(t, value);
	return wt_text_id(t, value);
}

static void chassis(struct wt_reader *v, struct wt_out *out, unsigned event)
{
	static const char *const types[] = {
		NULL,  "component",       "interface_alias", "port",
		"mac", "network_address", "interface_name",  "local"
	};
	unsigned type = wt_rd_u8(v);
	struct wt_slice value = wt_rd_rest(v);
	struct wt_text t;

	if (v->err != WT_OK)
		return;
	if (!value.len)
		wt_out_glitch(out, "empty_chassis_id");
	put_CHASSIS_TYPE(out, event,
			 wt_text_name(&t, types, sizeof(types) / sizeof(types[0]), type));
	if (type != 4 && type != 5 && wt_host_name_is_personal(value))
		wt_put_host_name(out, event, value);
	else
		put_CHASSIS_ID(out, event, id_text(&t, value, type == 4, type == 5));
}

static void port(struct wt_reader *v, struct wt_out *out, unsigned event)
{
	static const char *const types[] = { NULL,
					     "interface_alias",
					     "component",
					     "mac",
					     "network_address",
					     "interface_name",
					     "agent_circuit",
					     "local" };
	unsigned type = wt_rd_u8(v);
	struct wt_slice value = wt_rd_rest(v);
	struct wt_text t;

	if (v->err != WT_OK)
		return;
	if (!value.len)
		wt_out_glitch(out, "empty_port_id");
	put_PORT_TYPE(out, event,
		      wt_text_name(&t, types, sizeof(types) / sizeof(types[0]), type));
	put_PORT_ID(out, event, id_text(&t, value, type == 3, type == 4));
}

static void capabilities(struct wt_reader *v, struct wt_out *out, unsigned event)
{
	static const char *const names[] = { "other",  "repeater",  "bridge",  "wlan_ap",
					     "router", "telephone", "docsis",  "station",
					     "c_vlan", "s_vlan",    "tp_relay" };
	unsigned able = wt_rd_u16be(v), enabled = wt_rd_u16be(v), i;

	if (v->err != WT_OK)
		return;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (able >> i & 1)
			put_CAPABILITY(out, event, wt_slice_text(names[i]));
		if (enabled >> i & 1)
			put_ENABLED(out, event, wt_slice_text(names[i]));
	}
	if (enabled & ~able)
		wt_out_glitch(out, "enabled_but_not_able");
}

static void management(struct wt_reader *v, struct wt_out *out, unsigned event)
{
	struct wt_slice address = wt_rd_bytes(v, wt_rd_u8(v));
	unsigned numbering = wt_rd_u8(v);
	uint32_t number = wt_rd_u32be(v);
	struct wt_text t;

	if (v->err != WT_OK)
		return;
	put_MGMT_ADDRESS(out, event, network_address(&t, address));
	if (numbering > 1)
		put_MGMT_INTERFACE(out, event, number);
	wt_rd_skip(v, wt_rd_u8(v)); /* an object identifier, rarely there */
}

static void description(struct wt_slice text, struct wt_out *out, unsigned event)
{
	text = wt_text_trim_end(text);
	put_SYSTEM_DESC(out, event, text);
	wt_put_HOST_SOFTWARE(out, event, wt_text_line(text));
}

static void tlv(unsigned type, struct wt_reader *v, struct wt_out *out, unsigned event)
{
	unsigned ttl;

	switch (type) {
	case TLV_CHASSIS:
		chassis(v, out, event);
		break;
	case TLV_PORT:
		port(v, out, event);
		break;
	case TLV_TTL:
		ttl = wt_rd_u16be(v);
		if (v->err == WT_OK)
			put_TTL(out, event, ttl);
		if (v->err == WT_OK && ttl == 0)
			put_IS_SHUTDOWN(out, event, true);
		break;
	case TLV_PORT_DESC:
		put_PORT_DESC(out, event, wt_text_trim_end(wt_rd_rest(v)));
		break;
	case TLV_NAME:
		wt_put_host_name(out, event, wt_text_trim_end(wt_rd_rest(v)));
		break;
	case TLV_DESC:
		description(wt_rd_rest(v), out, event);
		break;
	case TLV_CAPABILITIES:
		capabilities(v, out, event);
		break;
	case TLV_MANAGEMENT:
		management(v, out, event);
		break;
	case TLV_ORGANISATION:
		wt_lldp_organisation(v, out, event);
		break;
	default:
		put_RESERVED_TLV(out, event, type);
		break;
	}
}

/* The three that must be there come first, in this order (802.1AB 8.2). */
static bool is_in_order(unsigned n, unsigned type)
{
	return n > TLV_TTL ? type > TLV_TTL || type == TLV_END : type == n;
}

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	unsigned event = wt_event_begin(out, 0), n = 0;
	bool is_repeated = false;
	uint32_t seen = 0;

	(void)state;
	(void)dir;
	while (wt_rd_left(r)) {
		unsigned head = wt_rd_u16be(r), type = head >> 9;
		struct wt_reader v = wt_rd_box(r, head & 0x1ff);

		if (r->err != WT_OK)
			return r->err;
		if (!is_in_order(++n, type)) {
			if (n <= TLV_TTL)
				return WT_MALFORMED;
			is_repeated = true;
			continue;
		}
		if (type == TLV_END)
			break;
		if (type < TLV_MANAGEMENT && (seen >> type & 1))
			is_repeated = true;
		seen |= type < 32 ? UINT32_C(1) << type : 0;
		if (n > TLVS_MAX)
			continue;
		tlv(type, &v, out, event);
		if (v.err != WT_OK)
			wt_out_glitch(out, "tlv_too_short");
	}
	if (is_repeated)
		wt_out_glitch(out, "repeated_tlv");
	(void)wt_rd_rest(r); /* padding of a short frame */
	return n >= TLV_TTL ? WT_OK : r->on_short;
}

const struct wt_dissector wt_lldp_dissector = {
	.name = "lldp",
	.title = "LLDP",
	.source = "IEEE 802.1AB-2016, IEEE 802.1Q-2018 D, IEEE 802.3-2018 79, ANSI/TIA-1057",
	.carriage = WT_OVER_ETHER,
	.ports = { 0x88cc },
	.probe = probe,
	.message = message,
	WT_DISSECTOR_TABLES(events),
};
