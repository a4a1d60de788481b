/* Encapsulations: what must hold before one is entered.
 *
 * Source: RFC 3032, 4385, 4448 (MPLS, control word, Ethernet pseudowire); RFC 2516
 * (PPPoE); RFC 1661, 1662 (PPP); IEEE 802.1Q-2018 9.7 (PBB); RFC 2003, 4213 (IP in
 * IP); RFC 2784, 2890, 1701 (GRE), 2637 4.1 (GRE of PPTP); draft-foschiano-erspan-03;
 * RFC 7348 and draft-smith-vxlan-group-policy-05 (VXLAN), draft-ietf-nvo3-vxlan-gpe-12;
 * RFC 8926 (Geneve). Port 8472 is Linux's VXLAN before IANA assigned 4789.
 * Trust: everything is hostile. An encapsulation is tried on a copy of the reader, which
 * replaces the original only when every check passed.
 * Memory: none. */
#include "decode/layer.h"

enum {
	TYPE_LENGTH_MAX = 1500,
	TYPE_IPV4 = 0x0800,
	TYPE_ARP = 0x0806,
	TYPE_BRIDGED = 0x6558, /* transparent Ethernet bridging */
	TYPE_VLAN = 0x8100,
	TYPE_IPV6 = 0x86dd,
	TYPE_MPLS = 0x8847,
	TYPE_MPLS_UPSTREAM = 0x8848,
	TYPE_PPP = 0x880b,
	TYPE_QINQ = 0x88a8,
	TYPE_ERSPAN = 0x88be,  /* types I and II */
	TYPE_LLDP = 0x88cc,
	TYPE_ERSPAN3 = 0x22eb,
};

enum {
	PPP_IPV4 = 0x0021,
	PPP_IPV6 = 0x0057,
};

/* First half octet of what is left, or -1. */
static int version_of(const struct wt_reader *rd)
{
	struct wt_slice rest = wt_rd_peek(rd);

	return rest.len ? rest.ptr[0] >> 4 : -1;
}

/* Could an Ethernet frame begin here? A source address is never a group address, and
 * an IP type is followed by that version. `is_guess`: no header said so, therefore only
 * types that are common in pseudowires. */
static bool is_ethernet(struct wt_reader rd, bool is_guess)
{
	const uint8_t *at = wt_rd_take(&rd, 14);
	uint16_t type;

	if (!at || (at[6] & 1))
		return false;
	type = wt_at_u16be(at + 12);
	switch (type) {
	case TYPE_IPV4:
		return version_of(&rd) == 4;
	case TYPE_IPV6:
		return version_of(&rd) == 6;
	case TYPE_ARP:
	case TYPE_VLAN:
	case TYPE_QINQ:
	case TYPE_LLDP:
	case TYPE_MPLS:
		return true;
	default:
		break;
	}
	if (is_guess) {
		at = wt_rd_take(&rd, 3); /* spanning tree or SNAP */
		return at && type <= TYPE_LENGTH_MAX && at[0] == at[1] && at[2] == 0x03 &&
		       (at[0] == 0x42 || at[0] == 0xaa);
	}
	return type > TYPE_LENGTH_MAX || type <= wt_rd_left(&rd);
}

/* Could an IPv4 header begin here, in a place that no header vouches for? */
static bool is_ipv4(struct wt_reader rd, uint32_t wire_left)
{
	const uint8_t *at = wt_rd_take(&rd, 20);

	return at && at[0] >> 4 == 4 && (at[0] & 15) >= 5 && wt_at_u16be(at + 2) >= 20 &&
	       wt_at_u16be(at + 2) <= wire_left;
}

static bool is_ipv6(struct wt_reader rd, uint32_t wire_left)
{
	const uint8_t *at = wt_rd_take(&rd, 40);

	return at && at[0] >> 4 == 6 && wt_at_u16be(at + 4) + 40u <= wire_left;
}

/* label 20, class 3, bottom of stack 1, TTL 8; repeated. What follows the bottom is
 * known to the two ends only. Half octet 1 is a control channel (RFC 5586). */
static bool mpls_inside(const struct wt_layer *l, struct wt_reader *rd, enum wt_step *next)
{
	const uint8_t *at;
	uint32_t wire_left;

	do {
		at = wt_rd_take(rd, 4);
		if (!at)
			return false;
	} while (!(at[2] & 1));
	wire_left = l->wire_end - (uint32_t)(rd->ptr - l->packet->bytes);
	if (is_ipv4(*rd, wire_left)) {
		*next = WT_STEP_IPV4;
		return true;
	}
	if (is_ipv6(*rd, wire_left)) {
		*next = WT_STEP_IPV6;
		return true;
	}
	*next = WT_STEP_ETHERNET;
	if (version_of(rd) == 0) {
		struct wt_reader behind = *rd;

		wt_rd_skip(&behind, 4);
		if (is_ethernet(behind, true)) {
			*rd = behind;
			return true;
		}
	}
	return is_ethernet(*rd, true);
}

enum wt_step wt_tunnel_mpls(struct wt_layer *l)
{
	struct wt_reader rd = l->rd;
	enum wt_step next;

	if (!mpls_inside(l, &rd, &next))
		return wt_link_leaf(l);
	l->rd = rd;
	return wt_layer_enter(l, WT_TUNNEL_MPLS, next);
}

/* Protocol in one octet (odd) or two, after an optional FF 03. RFC 1661 2, 6.5. */
static bool ppp_inside(struct wt_reader *rd, enum wt_step *next)
{
	struct wt_slice rest = wt_rd_peek(rd);
	uint16_t protocol;

	if (wt_slice_starts(rest, WT_LIT("\xff\x03")))
		wt_rd_skip(rd, 2);
	protocol = wt_rd_u8(rd);
	if (!(protocol & 1))
		protocol = (uint16_t)(protocol << 8 | wt_rd_u8(rd));
	*next = protocol == PPP_IPV4 ? WT_STEP_IPV4 : WT_STEP_IPV6;
	return (protocol == PPP_IPV4 && version_of(rd) == 4) ||
	       (protocol == PPP_IPV6 && version_of(rd) == 6);
}

/* version 4, type 4 (0x11), code (0: session), session id 2, length 2, PPP. */
enum wt_step wt_tunnel_pppoe(struct wt_layer *l)
{
	struct wt_layer inside = *l;
	const uint8_t *at = wt_rd_take(&inside.rd, 6);
	enum wt_step next;

	if (!at || at[0] != 0x11 || at[1] != 0 ||
	    !wt_layer_narrow(&inside, wt_at_u16be(at + 4)) || !ppp_inside(&inside.rd, &next))
		return wt_link_leaf(l);
	*l = inside;
	return wt_layer_enter(l, WT_TUNNEL_PPPOE, next);
}

/* I-TAG: flags and service id 4, then the customer's frame. */
enum wt_step wt_tunnel_pbb(struct wt_layer *l)
{
	struct wt_reader rd = l->rd;

	wt_rd_skip(&rd, 4);
	if (!is_ethernet(rd, false))
		return wt_link_leaf(l);
	l->rd = rd;
	return wt_layer_enter(l, WT_TUNNEL_PBB, WT_STEP_ETHERNET);
}

bool wt_tunnel_ip(struct wt_layer *l, enum wt_step *next)
{
	bool is_v6 = l->type == 41;

	if (version_of(&l->rd) != (is_v6 ? 6 : 4))
		return false;
	*next = is_v6 ? wt_layer_enter(l, WT_TUNNEL_6IN4, WT_STEP_IPV6) :
			wt_layer_enter(l, WT_TUNNEL_IPIP, WT_STEP_IPV4);
	return true;
}

enum {
	GRE_CHECKSUM = 0x8000,
	GRE_ROUTING = 0x4000,
	GRE_KEY = 0x2000,
	GRE_SEQUENCE = 0x1000,
	GRE_RESERVED = 0x0778, /* recursion control and reserved flags */
	GRE_ACK = 0x0080,      /* version 1 only */
	GRE_VERSION = 0x0007,
};

/* Optional fields of version 0 in this order: checksum and offset, key, sequence,
 * source routes (RFC 1701: family 2, offset 1, length 1, until an empty one). */
static bool gre_skip_options(struct wt_reader *rd, uint16_t flags)
{
	wt_rd_skip(rd, (flags & (GRE_CHECKSUM | GRE_ROUTING) ? 4u : 0) +
			       (flags & GRE_KEY ? 4u : 0) + (flags & GRE_SEQUENCE ? 4u : 0));
	while (flags & GRE_ROUTING) {
		const uint8_t *at = wt_rd_take(rd, 4);

		if (!at)
			return false;
		if (wt_at_u16be(at) == 0 && at[3] == 0)
			break;
		wt_rd_skip(rd, at[3]);
	}
	return rd->err == WT_OK;
}

/* Type I has no header, type II one of 8 octets with version 1, type III one of 12
 * octets with version 2 and, when its last bit says so, a subheader of 8. */
static bool erspan_inside(struct wt_reader *rd, uint16_t type, uint16_t flags)
{
	const uint8_t *at;

	if (type == TYPE_ERSPAN3) {
		at = wt_rd_take(rd, 12);
		if (!at || at[0] >> 4 != 2)
			return false;
		wt_rd_skip(rd, at[11] & 1 ? 8 : 0);
	} else if (flags & GRE_SEQUENCE) {
		at = wt_rd_take(rd, 8);
		if (!at || at[0] >> 4 != 1)
			return false;
	}
	return is_ethernet(*rd, false);
}

/* PPTP: key (payload length, call) always, sequence and acknowledgment if flagged. */
static bool gre_pptp(struct wt_layer *l, struct wt_reader rd, uint16_t flags,
		     enum wt_step *next)
{
	const uint8_t *at = wt_rd_take(&rd, 2);

	if (!at || wt_at_u16be(at) != TYPE_PPP || !(flags & GRE_KEY) ||
	    (flags & (GRE_CHECKSUM | GRE_ROUTING | 0x0778)))
		return false;
	wt_rd_skip(&rd, 4u + (flags & GRE_SEQUENCE ? 4u : 0) + (flags & GRE_ACK ? 4u : 0));
	if (!ppp_inside(&rd, next))
		return false;
	l->rd = rd;
	*next = wt_layer_enter(l, WT_TUNNEL_GRE, *next);
	return true;
}

/* MPLS in GRE is two encapsulations. */
static bool gre_mpls(struct wt_layer *l, struct wt_reader rd, enum wt_step *next)
{
	if (!mpls_inside(l, &rd, next))
		return false;
	l->rd = rd;
	*next = wt_layer_enter(l, WT_TUNNEL_GRE, *next);
	if (*next != WT_STEP_DONE)
		*next = wt_layer_enter(l, WT_TUNNEL_MPLS, *next);
	return true;
}

/* flags and version 2, type 2, optional fields. ERSPAN counts as one encapsulation,
 * not as GRE and another. */
bool wt_tunnel_gre(struct wt_layer *l, enum wt_step *next)
{
	struct wt_reader rd = l->rd;
	enum wt_tunnel tunnel = WT_TUNNEL_GRE;
	uint16_t flags = wt_rd_u16be(&rd);
	uint16_t type;
	bool is_sound = false;

	if ((flags & GRE_VERSION) == 1)
		return gre_pptp(l, rd, flags, next);
	type = wt_rd_u16be(&rd);
	if ((flags & (GRE_VERSION | GRE_ACK)) ||
	    ((flags & GRE_RESERVED) && !(flags & GRE_ROUTING)) || !gre_skip_options(&rd, flags))
		return false;
	*next = WT_STEP_ETHERNET;
	switch (type) {
	case TYPE_IPV4:
		*next = WT_STEP_IPV4;
		is_sound = version_of(&rd) == 4;
		break;
	case TYPE_IPV6:
		*next = WT_STEP_IPV6;
		is_sound = version_of(&rd) == 6;
		break;
	case TYPE_BRIDGED:
		is_sound = is_ethernet(rd, false);
		break;
	case TYPE_ERSPAN:
	case TYPE_ERSPAN3:
		tunnel = WT_TUNNEL_ERSPAN;
		is_sound = erspan_inside(&rd, type, flags);
		break;
	case TYPE_MPLS:
	case TYPE_MPLS_UPSTREAM:
		return gre_mpls(l, rd, next);
	default:
		break;
	}
	if (!is_sound)
		return false;
	l->rd = rd;
	*next = wt_layer_enter(l, tunnel, *next);
	return true;
}

/* flags (08: network id valid; 80: group id valid), policy flags (40, 08), group 2,
 * network id 3, reserved 1. */
static bool vxlan_inside(struct wt_reader *rd, enum wt_step *next)
{
	const uint8_t *at = wt_rd_take(rd, 8);

	if (!at || (at[0] & 0x7f) != 0x08 || at[7] != 0)
		return false;
	if (at[0] & 0x80 ? at[1] & ~0x48 : at[1] | at[2] | at[3])
		return false;
	*next = WT_STEP_ETHERNET;
	return is_ethernet(*rd, false);
}

/* flags (version 2 bits, 08 network id valid, 04 next protocol, 02 replicated, 01
 * OAM), reserved 2, next protocol 1, network id 3, reserved 1. */
static bool vxlan_gpe_inside(struct wt_reader *rd, enum wt_step *next)
{
	const uint8_t *at = wt_rd_take(rd, 8);

	if (!at || (at[0] & 0xf9) != 0x08 || at[1] || at[2] || at[7])
		return false;
	switch (at[0] & 0x04 ? at[3] : 3) {
	case 1:
		*next = WT_STEP_IPV4;
		return version_of(rd) == 4;
	case 2:
		*next = WT_STEP_IPV6;
		return version_of(rd) == 6;
	case 3:
		*next = WT_STEP_ETHERNET;
		return is_ethernet(*rd, false);
	default:
		return false;
	}
}

/* version 2 bits (0), options in 4 octets 6 bits | OAM 1, critical 1, reserved 6 |
 * type 2 | network id 3, reserved 1 | options. Control packets are not entered. */
static bool geneve_inside(struct wt_reader *rd, enum wt_step *next)
{
	const uint8_t *at = wt_rd_take(rd, 8);

	if (!at || at[0] >> 6 || (at[1] & 0xbf) || at[7])
		return false;
	wt_rd_skip(rd, (at[0] & 0x3fu) * 4u);
	if (rd->err != WT_OK)
		return false;
	switch (wt_at_u16be(at + 2)) {
	case TYPE_IPV4:
		*next = WT_STEP_IPV4;
		return version_of(rd) == 4;
	case TYPE_IPV6:
		*next = WT_STEP_IPV6;
		return version_of(rd) == 6;
	case TYPE_BRIDGED:
		*next = WT_STEP_ETHERNET;
		return is_ethernet(*rd, false);
	default:
		return false;
	}
}

bool wt_tunnel_udp(struct wt_layer *l, uint16_t port, enum wt_step *next)
{
	struct wt_reader rd = l->rd;
	enum wt_tunnel tunnel = WT_TUNNEL_VXLAN;
	bool is_inside;

	switch (port) {
	case 4789:
	case 8472:
		is_inside = vxlan_inside(&rd, next);
		break;
	case 4790:
		is_inside = vxlan_gpe_inside(&rd, next);
		break;
	case 6081:
		tunnel = WT_TUNNEL_GENEVE;
		is_inside = geneve_inside(&rd, next);
		break;
	default:
		return false;
	}
	if (!is_inside)
		return false;
	l->rd = rd;
	*next = wt_layer_enter(l, tunnel, *next);
	return true;
}
