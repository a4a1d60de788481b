/* CDP: what Cisco equipment (and what imitates it) says about itself and the port.
 *
 *   AA AA 03 00 00 0C 20 00 | version 1 | ttl 1 | checksum 2 | (type 2, length 2, value)*
 *
 * The length of a part includes its own four octets. On links without LLC (Cisco HDLC)
 * 2000 is the protocol type and the first eight octets are not there.
 * Source: Cisco, "Cisco Discovery Protocol packet format" (documents of CatOS); values
 * checked with tshark on captures of IOS and lldpd. Trust: every byte is hostile.
 * Memory: none. */
#include "wardtap/dissector.h"
#include "wardtap/text.h"

/* clang-format off */
#define CDP_FIELDS(F) \
F(VERSION, U64, ONE, NONE, ASIS, 8, "", "cdp.version", "CDP header", "Version of the protocol: 1 or 2.") \
F(TTL, U64, ONE, NONE, ASIS, 8, "s", "cdp.ttl_s", "CDP header", "How long what is said holds.") \
F(DEVICE_NAME, STR, ONE, DEVICE, ASIS, 255, "", "cdp.device_id", "CDP 0001", "Identifier of the device, mostly its host name.") \
F(ADDRESS, STR, MANY, DEVICE, ASIS, 96, "", "cdp.address", "CDP 0002", "Addresses of the interface.") \
F(PORT_ID, STR, ONE, DEVICE, ASIS, 255, "", "cdp.port_id", "CDP 0003", "Port that sent the frame.") \
F(CAPABILITY, STR, MANY, NONE, ASIS, 24, "", "cdp.capability", "CDP 0004", "What the device does: router, bridge, source_route_bridge, switch, host, igmp, repeater, phone, remote, ...") \
F(SOFTWARE, STR, ONE, DEVICE, ASIS, 1024, "", "cdp.software", "CDP 0005", "Software and version, all lines.") \
F(PLATFORM, STR, ONE, DEVICE, ASIS, 255, "", "cdp.platform", "CDP 0006", "Hardware platform, e.g. cisco WS-C3560-24TS.") \
F(PREFIX, STR, MANY, NONE, ASIS, 43, "", "cdp.prefix", "CDP 0007", "Networks that are routed on demand (ODR).") \
F(VTP_DOMAIN, STR, ONE, DEVICE, ASIS, 64, "", "cdp.vtp_domain", "CDP 0009", "VTP management domain.") \
F(NATIVE_VLAN, U64, ONE, NONE, ASIS, 8, "", "cdp.native_vlan", "CDP 000a", "VLAN of untagged frames.") \
F(DUPLEX, STR, ONE, NONE, ASIS, 4, "", "cdp.duplex", "CDP 000b", "half or full.") \
F(VOICE_VLAN, U64, ONE, NONE, ASIS, 8, "", "cdp.voice_vlan", "CDP 000e", "VLAN that a switch gives to telephones and other appliances.") \
F(VOICE_VLAN_QUERY, U64, ONE, NONE, ASIS, 8, "", "cdp.voice_vlan_query", "CDP 000f", "VLAN that an appliance asks for: any device may, so it opens that VLAN.") \
F(POWER_DRAWN, U64, ONE, NONE, ASIS, 8, "mW", "cdp.power_drawn_mw", "CDP 0010", "Power that the device draws.") \
F(MTU, U64, ONE, NONE, ASIS, 8, "bytes", "cdp.mtu", "CDP 0011", "Longest frame.") \
F(TRUST, U64, ONE, NONE, ASIS, 8, "", "cdp.trust", "CDP 0012", "Whether priorities of the neighbour are trusted: 1 yes.") \
F(SYSTEM_OID, STR, ONE, DEVICE, ASIS, 96, "", "cdp.system_oid", "CDP 0015", "sysObjectID, its octets.") \
F(MGMT_ADDRESS, STR, MANY, DEVICE, ASIS, 96, "", "cdp.mgmt_address", "CDP 0016", "Addresses at which the device takes SNMP.") \
F(LOCATION, STR, ONE, DEVICE, ASIS, 255, "", "cdp.location", "CDP 0017", "Where the device stands.") \
F(POWER_REQUESTED, U64, MANY, NONE, ASIS, 8, "mW", "cdp.power_requested_mw", "CDP 0019", "Powers that the device asks for.") \
F(POWER_AVAILABLE, U64, MANY, NONE, ASIS, 8, "mW", "cdp.power_available_mw", "CDP 001a", "Powers that the switch could give.") \
F(OTHER_TLV, U64, MANY, NONE, ASIS, 8, "", "cdp.other_tlv", "CDP", "Types of parts that are none of these.")
/* clang-format on */
WT_DECLARE_FIELDS(CDP_FIELDS)

enum cdp_tlv {
	TLV_DEVICE_ID = 1,
	TLV_ADDRESSES = 2,
	TLV_PORT_ID = 3,
	TLV_CAPABILITIES = 4,
	TLV_SOFTWARE = 5,
	TLV_PLATFORM = 6,
	TLV_PREFIXES = 7,
	TLV_VTP_DOMAIN = 9,
	TLV_NATIVE_VLAN = 10,
	TLV_DUPLEX = 11,
	TLV_VOICE_VLAN = 14,
	TLV_VOICE_VLAN_QUERY = 15,
	TLV_POWER_DRAWN = 16,
	TLV_MTU = 17,
	TLV_TRUST = 18,
	TLV_SYSTEM_NAME = 20,
	TLV_SYSTEM_OID = 21,
	TLV_MGMT_ADDRESSES = 22,
	TLV_LOCATION = 23,
	TLV_POWER_REQUESTED = 25,
	TLV_POWER_AVAILABLE = 26,
};

#define TLVS_MAX 128u
#define LIST_MAX 32u /* addresses, networks or powers told of one part */

static const struct wt_event_type events[] = {
	{ "cdp", "What a neighbour says about itself and the port." },
};

/* Unnumbered information of Cisco's (00-00-0C) protocol 2000. */
static struct wt_slice llc_head(void)
{
	return WT_LIT("\xaa\xaa\x03\x00\x00\x0c\x20\x00");
}

static enum wt_verdict probe(struct wt_slice head)
{
	struct wt_slice llc = llc_head();

	if (!head.len)
		return WT_MORE;
	if (head.ptr[0] != llc.ptr[0]) /* behind the protocol type itself */
		return head.ptr[0] == 1 || head.ptr[0] == 2 ? WT_OK : WT_FOREIGN;
	if (head.len < llc.len)
		return wt_slice_starts(llc, head) ? WT_MORE : WT_FOREIGN;
	return wt_slice_starts(head, llc) ? WT_OK : WT_FOREIGN;
}

/* Protocol type 1: NLPID of one octet, CC is IP; 2: 802.2, AAAA03 000000 and the
 * EtherType. */
static void addresses(struct wt_reader *v, struct wt_out *out, unsigned event, bool is_mgmt)
{
	uint32_t n = wt_rd_u32be(v), i;

	for (i = 0; i < n && i < LIST_MAX && wt_rd_left(v); i++) {
		struct wt_slice address;
		struct wt_text t;

		wt_rd_skip(v, 1);
		wt_rd_skip(v, wt_rd_u8(v));
		address = wt_rd_bytes(v, wt_rd_u16be(v));
		if (v->err != WT_OK)
			return;
		address = address.len == 4 || address.len == 16 ? wt_text_ip(&t, address)
								: wt_text_mac(&t, address);
		if (is_mgmt)
			put_MGMT_ADDRESS(out, event, address);
		else
			put_ADDRESS(out, event, address);
	}
}

static void prefixes(struct wt_reader *v, struct wt_out *out, unsigned event)
{
	unsigned i;

	for (i = 0; i < LIST_MAX && wt_rd_left(v) >= 5; i++) {
		struct wt_slice network = wt_rd_bytes(v, 4);
		struct wt_text t;

		put_PREFIX(out, event, wt_text_prefix(&t, network, wt_rd_u8(v)));
	}
}

static void capabilities(struct wt_reader *v, struct wt_out *out, unsigned event)
{
	static const char *const names[] = { "router",   "bridge",        "source_route_bridge",
					     "switch",   "host",          "igmp",
					     "repeater", "phone",         "remote",
					     "cvta",     "two_port_relay" };
	uint32_t bits = wt_rd_u32be(v);
	unsigned i;

	for (i = 0; v->err == WT_OK && i < sizeof(names) / sizeof(names[0]); i++)
		if (bits >> i & 1)
			put_CAPABILITY(out, event, wt_slice_text(names[i]));
}

/* Two numbers of the request, then powers. */
static void powers(struct wt_reader *v, struct wt_out *out, unsigned event, bool is_request)
{
	unsigned i;

	wt_rd_skip(v, 4);
	for (i = 0; i < LIST_MAX && wt_rd_left(v) >= 4; i++) {
		uint32_t power = wt_rd_u32be(v);

		if (is_request)
			put_POWER_REQUESTED(out, event, power);
		else
			put_POWER_AVAILABLE(out, event, power);
	}
}

static void text(unsigned type, struct wt_slice value, struct wt_out *out, unsigned event)
{
	struct wt_text t;

	value = wt_text_trim_end(value);
	switch (type) {
	case TLV_DEVICE_ID:
		/* some state a hardware address in octets, some a person's computer */
		if (!wt_host_name_is_personal(value))
			put_DEVICE_NAME(out, event, wt_text_id(&t, value));
		if (wt_text_is_plain(value))
			wt_put_host_name(out, event, value);
		break;
	case TLV_PORT_ID:
		put_PORT_ID(out, event, wt_text_id(&t, value));
		break;
	case TLV_SOFTWARE:
		put_SOFTWARE(out, event, value);
		wt_put_HOST_SOFTWARE(out, event, wt_text_line(value));
		break;
	case TLV_PLATFORM:
		put_PLATFORM(out, event, value);
		wt_put_DEVICE_MODEL(out, event, value);
		break;
	case TLV_VTP_DOMAIN:
		put_VTP_DOMAIN(out, event, value);
		break;
	case TLV_SYSTEM_NAME:
		wt_put_host_name(out, event, value);
		break;
	default:
		put_LOCATION(out, event, value);
		break;
	}
}

/* Appliance VLANs: one octet of kind, then the VLAN; an empty reply takes one back. */
static void voice_vlan(struct wt_reader *v, struct wt_out *out, unsigned event, bool is_query)
{
	unsigned id;

	if (wt_rd_left(v) < 3)
		return;
	wt_rd_skip(v, 1);
	id = wt_rd_u16be(v);
	if (is_query)
		put_VOICE_VLAN_QUERY(out, event, id);
	else
		put_VOICE_VLAN(out, event, id);
}

static void number(unsigned type, struct wt_reader *v, struct wt_out *out, unsigned event)
{
	uint32_t value = type == TLV_MTU                           ? wt_rd_u32be(v)
			 : type == TLV_DUPLEX || type == TLV_TRUST ? wt_rd_u8(v)
								   : wt_rd_u16be(v);

	if (v->err != WT_OK)
		return;
	switch (type) {
	case TLV_NATIVE_VLAN:
		put_NATIVE_VLAN(out, event, value);
		break;
	case TLV_DUPLEX:
		put_DUPLEX(out, event, value ? WT_LIT("full") : WT_LIT("half"));
		break;
	case TLV_POWER_DRAWN:
		put_POWER_DRAWN(out, event, value);
		break;
	case TLV_MTU:
		put_MTU(out, event, value);
		break;
	default:
		put_TRUST(out, event, value);
		break;
	}
}

static void tlv(unsigned type, struct wt_reader *v, struct wt_out *out, unsigned event)
{
	struct wt_text t;

	switch (type) {
	case TLV_DEVICE_ID:
	case TLV_PORT_ID:
	case TLV_SOFTWARE:
	case TLV_PLATFORM:
	case TLV_VTP_DOMAIN:
	case TLV_SYSTEM_NAME:
		text(type, wt_rd_rest(v), out, event);
		break;
	case TLV_LOCATION:
		wt_rd_skip(v, 1);
		text(type, wt_rd_rest(v), out, event);
		break;
	case TLV_ADDRESSES:
	case TLV_MGMT_ADDRESSES:
		addresses(v, out, event, type == TLV_MGMT_ADDRESSES);
		break;
	case TLV_CAPABILITIES:
		capabilities(v, out, event);
		break;
	case TLV_PREFIXES:
		prefixes(v, out, event);
		break;
	case TLV_NATIVE_VLAN:
	case TLV_DUPLEX:
	case TLV_POWER_DRAWN:
	case TLV_MTU:
	case TLV_TRUST:
		number(type, v, out, event);
		break;
	case TLV_VOICE_VLAN:
	case TLV_VOICE_VLAN_QUERY:
		voice_vlan(v, out, event, type == TLV_VOICE_VLAN_QUERY);
		break;
	case TLV_SYSTEM_OID:
		put_SYSTEM_OID(out, event, wt_text_hex(&t, wt_rd_rest(v), 0));
		break;
	case TLV_POWER_REQUESTED:
	case TLV_POWER_AVAILABLE:
		powers(v, out, event, type == TLV_POWER_REQUESTED);
		break;
	default:
		put_OTHER_TLV(out, event, type);
		break;
	}
}

static enum wt_verdict tlvs(struct wt_reader *r, struct wt_out *out, unsigned event)
{
	unsigned n = 0;

	while (wt_rd_left(r)) {
		unsigned type = wt_rd_u16be(r), len = wt_rd_u16be(r);
		struct wt_reader v;

		if (r->err == WT_OK && len < 4)
			return WT_MALFORMED;
		v = wt_rd_box(r, len - 4);
		if (r->err != WT_OK)
			return r->err;
		if (++n == TLVS_MAX)
			wt_out_glitch(out, "too_many_tlvs");
		if (n < TLVS_MAX)
			tlv(type, &v, out, event);
		if (v.err != WT_OK)
			wt_out_glitch(out, "tlv_too_short");
	}
	return n ? WT_OK : r->on_short;
}

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	unsigned version, ttl, event;

	(void)state;
	(void)dir;
	if (wt_slice_starts(wt_rd_peek(r), llc_head()))
		wt_rd_skip(r, llc_head().len);
	version = wt_rd_u8(r);
	ttl = wt_rd_u8(r);
	wt_rd_skip(r, 2);
	if (r->err != WT_OK)
		return r->err;
	if (version < 1 || version > 2)
		wt_out_glitch(out, "odd_version");
	event = wt_event_begin(out, 0);
	put_VERSION(out, event, version);
	put_TTL(out, event, ttl);
	return tlvs(r, out, event);
}

const struct wt_dissector wt_cdp_dissector = {
	.name = "cdp",
	.title = "CDP",
	.source = "Cisco Discovery Protocol, versions 1 and 2",
	.carriage = WT_OVER_LLC | WT_OVER_ETHER,
	.ports = { 0x2000 },
	.probe = probe,
	.message = message,
	WT_DISSECTOR_TABLES(events),
};
