/* Neighbour discovery of IPv6: who has which address, who is a router, which prefixes
 * and name servers the link has.
 *
 *   type 1 | code 1 | checksum 2 | fixed part | options: type 1, length 1 (units of 8), ...
 *
 * Source: RFC 4861; RFC 4191 (router preference, routes), RFC 8106 (RDNSS, DNSSL), RFC
 * 3971 (nonce), RFC 6275 (home agent), RFC 8781 (PREF64), RFC 8910 (captive portal).
 * Trust: every byte is hostile. Memory: none. */
#include "wardtap/dissector.h"
#include "wardtap/text.h"

/* clang-format off */
#define ND_FIELDS(F) \
F(TYPE, STR, ONE, NONE, ASIS, 20, "", "nd.type", "RFC 4861 4", "router_solicit, router_advert, neighbor_solicit, neighbor_advert or redirect.") \
F(TARGET_IP, STR, ONE, DEVICE, ASIS, 39, "", "nd.target_ip", "RFC 4861 4.3", "Address asked for or announced; of a redirect the better first hop.") \
F(DESTINATION_IP, STR, ONE, DEVICE, ASIS, 39, "", "nd.destination_ip", "RFC 4861 4.5", "Destination that is redirected.") \
F(SOURCE_MAC, STR, ONE, DEVICE, ASIS, 47, "", "nd.source_mac", "RFC 4861 4.6.1", "Link-layer address that the sender states, which need not be the frame's.") \
F(TARGET_MAC, STR, ONE, DEVICE, ASIS, 47, "", "nd.target_mac", "RFC 4861 4.6.1", "Link-layer address stated for the target.") \
F(IS_ROUTER, BOOL, ONE, NONE, ASIS, 1, "", "nd.is_router", "RFC 4861 4.4", "Advertisement: the sender is a router.") \
F(IS_SOLICITED, BOOL, ONE, NONE, ASIS, 1, "", "nd.is_solicited", "RFC 4861 4.4", "Advertisement: it answers a solicitation.") \
F(IS_OVERRIDE, BOOL, ONE, NONE, ASIS, 1, "", "nd.is_override", "RFC 4861 4.4", "Advertisement: neighbours shall forget the address they know.") \
F(HOP_LIMIT, U64, ONE, NONE, ASIS, 8, "", "nd.hop_limit", "RFC 4861 4.2", "Hop limit that hosts shall use; 0 says nothing.") \
F(IS_MANAGED, BOOL, ONE, NONE, ASIS, 1, "", "nd.is_managed", "RFC 4861 4.2", "Router: addresses are given by DHCPv6.") \
F(IS_OTHER, BOOL, ONE, NONE, ASIS, 1, "", "nd.is_other", "RFC 4861 4.2", "Router: other settings are given by DHCPv6.") \
F(IS_HOME_AGENT, BOOL, ONE, NONE, ASIS, 1, "", "nd.is_home_agent", "RFC 6275 7.1", "Router: it is a home agent.") \
F(PREFERENCE, STR, ONE, NONE, ASIS, 8, "", "nd.preference", "RFC 4191 2.1", "Router preference: high, medium, low or reserved.") \
F(LIFETIME, U64, ONE, NONE, ASIS, 8, "s", "nd.lifetime_s", "RFC 4861 4.2", "How long the sender is a default router; 0: it is none.") \
F(REACHABLE_TIME, U64, ONE, NONE, ASIS, 8, "ms", "nd.reachable_time_ms", "RFC 4861 4.2", "How long a neighbour counts as reachable; absent when 0.") \
F(RETRANS_TIMER, U64, ONE, NONE, ASIS, 8, "ms", "nd.retrans_timer_ms", "RFC 4861 4.2", "Time between solicitations; absent when 0.") \
F(PREFIX, STR, MANY, NONE, ASIS, 43, "", "nd.prefix", "RFC 4861 4.6.2", "Prefixes of the link.") \
F(PREFIX_FLAGS, STR, MANY, NONE, ASIS, 8, "", "nd.prefix_flags", "RFC 4861 4.6.2", "Per prefix: L on link, A for autoconfiguration, R router address, - none.") \
F(PREFIX_VALID, U64, MANY, NONE, ASIS, 8, "s", "nd.prefix_valid_s", "RFC 4861 4.6.2", "Per prefix: valid lifetime; 4294967295 is for ever.") \
F(PREFIX_PREFERRED, U64, MANY, NONE, ASIS, 8, "s", "nd.prefix_preferred_s", "RFC 4861 4.6.2", "Per prefix: preferred lifetime.") \
F(MTU, U64, ONE, NONE, ASIS, 8, "bytes", "nd.mtu", "RFC 4861 4.6.4", "MTU of the link.") \
F(ROUTE, STR, MANY, NONE, ASIS, 43, "", "nd.route", "RFC 4191 2.3", "Routes that the router offers.") \
F(DNS_SERVER, STR, MANY, DEVICE, ASIS, 39, "", "nd.dns_server", "RFC 8106 5.1", "Recursive name servers that the router offers.") \
F(DNS_LIFETIME, U64, ONE, NONE, ASIS, 8, "s", "nd.dns_lifetime_s", "RFC 8106 5.1", "How long the first of the lists of name servers holds.") \
F(DNS_DOMAIN, STR, MANY, DEVICE, ASIS, 255, "", "nd.dns_domain", "RFC 8106 5.2", "Search domains that the router offers.") \
F(NAT64_PREFIX, STR, ONE, NONE, ASIS, 43, "", "nd.nat64_prefix", "RFC 8781 4", "Prefix of the link's translation to IPv4.") \
F(CAPTIVE_PORTAL, STR, ONE, DIRECT, PRESENT, 255, "", "nd.captive_portal", "RFC 8910 2.3", "URI of a captive portal.") \
F(HAS_NONCE, BOOL, ONE, NONE, ASIS, 1, "", "nd.has_nonce", "RFC 3971 5.3", "A nonce is there: SEND, or enhanced duplicate detection (RFC 7527).") \
F(HAS_SIGNATURE, BOOL, ONE, NONE, ASIS, 1, "", "nd.has_signature", "RFC 3971 5.2", "The message is signed (SEND).") \
F(OPTION, U64, MANY, NONE, ASIS, 8, "", "nd.option", "RFC 4861 4.6", "Types of options that are none of these.")
/* clang-format on */
WT_DECLARE_FIELDS(ND_FIELDS)

enum nd_type {
	ND_ROUTER_SOLICIT = 133,
	ND_ROUTER_ADVERT = 134,
	ND_NEIGHBOR_SOLICIT = 135,
	ND_NEIGHBOR_ADVERT = 136,
	ND_REDIRECT = 137,
};

enum nd_option {
	OPT_SOURCE_MAC = 1,
	OPT_TARGET_MAC = 2,
	OPT_PREFIX = 3,
	OPT_REDIRECTED = 4,
	OPT_MTU = 5,
	OPT_SIGNATURE = 12,
	OPT_NONCE = 14,
	OPT_ROUTE = 24,
	OPT_RDNSS = 25,
	OPT_DNSSL = 31,
	OPT_CAPTIVE_PORTAL = 37,
	OPT_PREF64 = 38,
};

#define OPTIONS_MAX 128u /* told of one message; a datagram of 64 KiB could hold 8192 */

static const struct wt_event_type events[] = { { "nd", "A neighbour discovery message." } };

static enum wt_verdict probe(struct wt_slice head)
{
	return head.len ? WT_OK : WT_MORE; /* the type decided */
}

static void link_address(struct wt_reader *o, struct wt_out *out, unsigned event,
			 bool is_source)
{
	struct wt_slice mac = wt_rd_rest(o);
	struct wt_text t;

	if (mac.len > 8)
		wt_out_glitch(out, "odd_link_address");
	else if (mac.len && (mac.ptr[0] & 1))
		wt_out_glitch(out, "link_address_is_group");
	/* 6 octets fill the option; 8-octet addresses (RFC 4944) have padding of 6 */
	mac = wt_text_mac(&t, wt_slice_head(mac, mac.len > 6 ? 8 : 6));
	if (is_source)
		put_SOURCE_MAC(out, event, mac);
	else
		put_TARGET_MAC(out, event, mac);
}

static void prefix(struct wt_reader *o, struct wt_out *out, unsigned event)
{
	unsigned bits = wt_rd_u8(o), flags = wt_rd_u8(o);
	uint32_t valid = wt_rd_u32be(o), preferred = wt_rd_u32be(o);
	struct wt_slice address;
	struct wt_builder b;
	uint8_t room[4];
	struct wt_text t;

	wt_rd_skip(o, 4);
	address = wt_rd_bytes(o, 16);
	if (o->err != WT_OK)
		return;
	if (bits > 128 || preferred > valid)
		wt_out_glitch(out, "odd_prefix");
	put_PREFIX(out, event, wt_text_prefix(&t, address, bits));
	b = wt_builder_of(room, sizeof(room));
	if (flags & 0x80)
		wt_bld_char(&b, 'L');
	if (flags & 0x40)
		wt_bld_char(&b, 'A');
	if (flags & 0x20)
		wt_bld_char(&b, 'R');
	if (!b.len)
		wt_bld_char(&b, '-');
	put_PREFIX_FLAGS(out, event, wt_bld_slice(&b));
	put_PREFIX_VALID(out, event, valid);
	put_PREFIX_PREFERRED(out, event, preferred);
}

/* The prefix is cut to 0, 8 or 16 octets. */
static void route(struct wt_reader *o, struct wt_out *out, unsigned event)
{
	unsigned bits = wt_rd_u8(o);
	uint8_t room[16] = { 0 };
	struct wt_slice octets;
	struct wt_text t;
	size_t i;

	wt_rd_skip(o, 5);
	octets = wt_rd_rest(o);
	if (o->err != WT_OK)
		return;
	if (bits > 128 || octets.len > 16 || bits > octets.len * 8)
		wt_out_glitch(out, "odd_route");
	for (i = 0; i < octets.len && i < sizeof(room); i++)
		room[i] = octets.ptr[i];
	put_ROUTE(out, event, wt_text_prefix(&t, wt_slice_of(room, sizeof(room)), bits));
}

static void name_servers(struct wt_reader *o, struct wt_out *out, unsigned event)
{
	uint32_t lifetime;
	struct wt_text t;

	wt_rd_skip(o, 2);
	lifetime = wt_rd_u32be(o);
	if (o->err != WT_OK)
		return;
	put_DNS_LIFETIME(out, event, lifetime);
	while (wt_rd_left(o) >= 16)
		put_DNS_SERVER(out, event, wt_text_ip(&t, wt_rd_bytes(o, 16)));
}

/* Names in the form of RFC 1035 without compression, padded with zeros. */
static void domains(struct wt_reader *o, struct wt_out *out, unsigned event)
{
	uint8_t room[255];
	struct wt_builder b = wt_builder_of(room, sizeof(room));

	wt_rd_skip(o, 6);
	while (wt_rd_left(o)) {
		unsigned len = wt_rd_u8(o);

		if (len == 0) {
			put_DNS_DOMAIN(out, event, wt_bld_slice(&b));
			b = wt_builder_of(room, sizeof(room));
			continue;
		}
		if (b.len)
			wt_bld_char(&b, '.');
		wt_bld_bytes(&b, wt_rd_bytes(o, len));
		if (len > 63)
			wt_rd_fail(o, WT_MALFORMED);
	}
}

static void nat64(struct wt_reader *o, struct wt_out *out, unsigned event)
{
	static const uint8_t bits[8] = { 96, 64, 56, 48, 40, 32, 0, 0 };
	unsigned code = wt_rd_u16be(o) & 7;
	uint8_t room[16] = { 0 };
	struct wt_slice octets = wt_rd_bytes(o, 12);
	struct wt_text t;
	size_t i;

	if (o->err != WT_OK)
		return;
	for (i = 0; i < octets.len; i++)
		room[i] = octets.ptr[i];
	put_NAT64_PREFIX(out, event,
			 wt_text_prefix(&t, wt_slice_of(room, sizeof(room)), bits[code]));
}

static void option(unsigned type, struct wt_reader *o, struct wt_out *out, unsigned event)
{
	uint32_t mtu;

	switch (type) {
	case OPT_SOURCE_MAC:
	case OPT_TARGET_MAC:
		link_address(o, out, event, type == OPT_SOURCE_MAC);
		break;
	case OPT_PREFIX:
		prefix(o, out, event);
		break;
	case OPT_REDIRECTED:
		break;
	case OPT_MTU:
		wt_rd_skip(o, 2);
		mtu = wt_rd_u32be(o);
		if (o->err == WT_OK)
			put_MTU(out, event, mtu);
		break;
	case OPT_SIGNATURE:
		put_HAS_SIGNATURE(out, event, true);
		break;
	case OPT_NONCE:
		put_HAS_NONCE(out, event, true);
		break;
	case OPT_ROUTE:
		route(o, out, event);
		break;
	case OPT_RDNSS:
		name_servers(o, out, event);
		break;
	case OPT_DNSSL:
		domains(o, out, event);
		break;
	case OPT_CAPTIVE_PORTAL:
		put_CAPTIVE_PORTAL(out, event, wt_text_trim_end(wt_rd_rest(o)));
		break;
	case OPT_PREF64:
		nat64(o, out, event);
		break;
	default:
		put_OPTION(out, event, type);
		break;
	}
}

static enum wt_verdict options(struct wt_reader *r, struct wt_out *out, unsigned event)
{
	unsigned n = 0;

	while (wt_rd_left(r)) {
		unsigned type = wt_rd_u8(r), units = wt_rd_u8(r);
		struct wt_reader o;

		if (r->err == WT_OK && !units)
			return WT_MALFORMED; /* RFC 4861 4.6: silently discard */
		o = wt_rd_box(r, units * 8u - 2);
		if (r->err != WT_OK)
			return r->err;
		if (++n == OPTIONS_MAX)
			wt_out_glitch(out, "too_many_options");
		if (n < OPTIONS_MAX)
			option(type, &o, out, event);
		if (o.err != WT_OK)
			wt_out_glitch(out, "option_too_short");
	}
	return WT_OK;
}

static void router(struct wt_reader *r, struct wt_out *out, unsigned event)
{
	static const char *const preference[] = { "medium", "high", "reserved", "low" };
	unsigned hop_limit = wt_rd_u8(r), flags = wt_rd_u8(r), lifetime = wt_rd_u16be(r);
	uint32_t reachable = wt_rd_u32be(r), retrans = wt_rd_u32be(r);

	put_HOP_LIMIT(out, event, hop_limit);
	put_IS_MANAGED(out, event, flags & 0x80);
	put_IS_OTHER(out, event, flags & 0x40);
	if (flags & 0x20)
		put_IS_HOME_AGENT(out, event, true);
	put_PREFERENCE(out, event, wt_slice_text(preference[flags >> 3 & 3]));
	put_LIFETIME(out, event, lifetime);
	if (reachable)
		put_REACHABLE_TIME(out, event, reachable);
	if (retrans)
		put_RETRANS_TIMER(out, event, retrans);
}

static void neighbor(unsigned type, struct wt_reader *r, struct wt_out *out, unsigned event)
{
	uint32_t flags = wt_rd_u32be(r);
	struct wt_text t;

	put_TARGET_IP(out, event, wt_text_ip(&t, wt_rd_bytes(r, 16)));
	if (type == ND_REDIRECT)
		put_DESTINATION_IP(out, event, wt_text_ip(&t, wt_rd_bytes(r, 16)));
	if (type != ND_NEIGHBOR_ADVERT)
		return;
	put_IS_ROUTER(out, event, flags >> 31);
	put_IS_SOLICITED(out, event, flags >> 30 & 1);
	put_IS_OVERRIDE(out, event, flags >> 29 & 1);
}

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	static const char *const names[] = { "router_solicit", "router_advert",
					     "neighbor_solicit", "neighbor_advert",
					     "redirect" };
	unsigned type = wt_rd_u8(r), code = wt_rd_u8(r), event;

	(void)state;
	(void)dir;
	wt_rd_skip(r, 2);
	if (r->err != WT_OK)
		return r->err;
	if (type < ND_ROUTER_SOLICIT || type > ND_REDIRECT)
		return WT_FOREIGN;
	if (code)
		wt_out_glitch(out, "odd_code");
	event = wt_event_begin(out, 0);
	put_TYPE(out, event, wt_slice_text(names[type - ND_ROUTER_SOLICIT]));
	if (type == ND_ROUTER_SOLICIT)
		wt_rd_skip(r, 4);
	else if (type == ND_ROUTER_ADVERT)
		router(r, out, event);
	else
		neighbor(type, r, out, event);
	if (r->err != WT_OK)
		return r->err;
	return options(r, out, event);
}

const struct wt_dissector wt_nd_dissector = {
	.name = "nd",
	.title = "IPv6 neighbour discovery",
	.source = "RFC 4861, RFC 4191, RFC 8106, RFC 3971, RFC 8781, RFC 8910",
	.carriage = WT_OVER_ICMP6,
	.ports = { ND_ROUTER_SOLICIT, ND_ROUTER_ADVERT, ND_NEIGHBOR_SOLICIT, ND_NEIGHBOR_ADVERT,
		   ND_REDIRECT },
	.probe = probe,
	.message = message,
	WT_DISSECTOR_TABLES(events),
};
