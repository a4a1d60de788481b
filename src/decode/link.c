/* Link headers: Ethernet with VLAN tags and LLC, and the captures without a link.
 *
 * Source: IEEE 802.3-2018 3.2.6 (type or length), IEEE 802.1Q-2018 9.6, IEEE
 * 802.1BR-2012 7.4, IEEE 802.2, RFC 1042 (SNAP); the link-layer header types of
 * tcpdump.org for NULL, LOOP, RAW, C_HDLC, LINUX_SLL and LINUX_SLL2; IEEE 802 numbers of
 * IANA; RFC 1547 4.3.1 (Cisco HDLC).
 * Trust: everything is hostile. Memory: none.
 *
 *   destination 6 | source 6 | [8100 | PCP 3 DEI 1 VID 12]* | type 2 | ...
 *                                                  or length 2 | DSAP SSAP control ... */
#include "decode/layer.h"

enum {
	TYPE_LENGTH_MAX = 1500, /* below or equal: a length */
	TYPE_MIN = 1536,        /* above or equal: an EtherType */
	TYPE_IPV4 = 0x0800,
	TYPE_VLAN = 0x8100,
	TYPE_IPV6 = 0x86dd,
	TYPE_MPLS = 0x8847,
	TYPE_MPLS_UPSTREAM = 0x8848,
	TYPE_PPPOE_SESSION = 0x8864,
	TYPE_PBB = 0x88e7,
	TYPE_QINQ = 0x88a8,
	TYPE_QINQ_OLD = 0x9100, /* used before 802.1ad, also 9200 */
	TYPE_QINQ_OLDER = 0x9200,
	TYPE_VNTAG = 0x8926, /* of Cisco's fabric extenders */
	TYPE_ETAG = 0x893f,  /* IEEE 802.1BR */
};

enum { HDLC_SLARP = 0x8035 }; /* keepalives and addresses of serial lines */

enum {
	LLC_SNAP = 0xaa,
	LLC_IP = 0x06,
	LLC_UI = 0x03, /* unnumbered information */
};

enum {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_RAW_BSD = 12,
	LINK_RAW_OPENBSD = 14,
	LINK_RAW = 101,
	LINK_C_HDLC = 104,
	LINK_LOOP = 108,
	LINK_SLL = 113,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_SLL2 = 276,
};

enum wt_step wt_link_leaf(struct wt_layer *l)
{
	struct wt_packet *p = l->packet;

	wt_layer_payload(l);
	p->ether_type = l->type < TYPE_MIN ? 0 : l->type;
	p->ip_off = 0;
	p->l4_off = 0;
	p->l4_sum = 0;
	p->key = (struct wt_flow_key){ .proto = 0 };
	p->shard = p->flags & WT_PKT_HAS_MAC ? wt_shard_of_macs(p->bytes + p->mac_off) : 0;
	return wt_layer_end(l, WT_DISP_ETHER);
}

/* 802.2: Ethernet types hide behind SNAP with the organisation codes 00-00-00 (RFC
 * 1042) and 00-00-F8 (802.1H). Everything else stays a frame, payload at the LLC. */
static enum wt_step link_llc(struct wt_layer *l)
{
	struct wt_packet *p = l->packet;
	struct wt_reader rd = l->rd;
	const uint8_t *at = wt_rd_take(&rd, 3);

	p->flags |= WT_PKT_LLC;
	l->type = 0;
	if (!at || at[2] != LLC_UI || at[0] != at[1])
		return wt_link_leaf(l);
	if (at[0] == LLC_IP) {
		l->rd = rd;
		l->type = TYPE_IPV4;
		return WT_STEP_TYPE;
	}
	if (at[0] != LLC_SNAP || !(at = wt_rd_take(&rd, 5)) || at[0] != 0 || at[1] != 0 ||
	    (at[2] != 0 && at[2] != 0xf8) || wt_at_u16be(at + 3) < TYPE_MIN)
		return wt_link_leaf(l);
	l->type = wt_at_u16be(at + 3);
	l->rd = rd;
	return WT_STEP_TYPE;
}

/* One tag; layer->type becomes what follows it. */
static bool link_vlan(struct wt_layer *l)
{
	struct wt_packet *p = l->packet;
	const uint8_t *at = wt_rd_take(&l->rd, 4);
	uint16_t id;

	if (!at)
		return false;
	id = wt_at_u16be(at) & 0x0fff;
	l->type = wt_at_u16be(at + 2);
	if (id == 0)
		return true;
	if (p->n_vlans < WT_VLANS_MAX)
		p->vlan[p->n_vlans++] = id;
	else
		p->flags |= WT_PKT_MORE_VLANS;
	return true;
}

/* A tag of `len` octets that says nothing about the network behind the switch. */
static bool link_port_tag(struct wt_layer *l, size_t len)
{
	wt_rd_skip(&l->rd, len);
	l->type = wt_rd_u16be(&l->rd);
	return l->rd.err == WT_OK;
}

enum wt_step wt_link_type(struct wt_layer *l)
{
	for (;;) {
		switch (l->type) {
		case TYPE_IPV4:
			l->packet->ether_type = TYPE_IPV4;
			return WT_STEP_IPV4;
		case TYPE_IPV6:
			l->packet->ether_type = TYPE_IPV6;
			return WT_STEP_IPV6;
		case TYPE_VLAN:
		case TYPE_QINQ:
		case TYPE_QINQ_OLD:
		case TYPE_QINQ_OLDER:
			if (!link_vlan(l))
				return wt_layer_short(l);
			continue;
		case TYPE_VNTAG:
		case TYPE_ETAG:
			if (!link_port_tag(l, l->type == TYPE_VNTAG ? 4 : 6))
				return wt_layer_short(l);
			continue;
		case TYPE_MPLS:
		case TYPE_MPLS_UPSTREAM:
			l->packet->ether_type = l->type;
			return wt_tunnel_mpls(l);
		case TYPE_PPPOE_SESSION:
			l->packet->ether_type = l->type;
			return wt_tunnel_pppoe(l);
		case TYPE_PBB:
			return wt_tunnel_pbb(l);
		default:
			break;
		}
		if (l->type > TYPE_LENGTH_MAX)
			return wt_link_leaf(l);
		/* A length beyond the frame is common in damaged frames; no
		 * receiver of IP is misled by it, so it only narrows. */
		(void)wt_layer_narrow(l, l->type);
		return link_llc(l);
	}
}

enum wt_step wt_link_ethernet(struct wt_layer *l)
{
	struct wt_packet *p = l->packet;
	uint32_t off = wt_layer_off(l);
	const uint8_t *at = wt_rd_take(&l->rd, 14);

	if (WT_UNLIKELY(!at))
		return wt_layer_short(l);
	p->mac_off = off;
	p->flags = (uint16_t)((p->flags & ~WT_PKT_LLC) | WT_PKT_HAS_MAC);
	l->type = wt_at_u16be(at + 12);
	return WT_STEP_TYPE;
}

/* The version in the first half octet decides. */
static enum wt_step link_raw(struct wt_layer *l)
{
	struct wt_slice rest = wt_rd_peek(&l->rd);

	if (rest.len == 0) {
		wt_rd_fail(&l->rd, l->rd.on_short);
		return wt_layer_short(l);
	}
	if (rest.ptr[0] >> 4 == 4) {
		l->type = TYPE_IPV4;
		return WT_STEP_TYPE;
	}
	if (rest.ptr[0] >> 4 == 6) {
		l->type = TYPE_IPV6;
		return WT_STEP_TYPE;
	}
	return wt_layer_end(l, WT_DISP_MALFORMED);
}

/* Address family of the capturing machine in its own byte order (NULL) or in network
 * order (LOOP); writers confuse the two. AF_INET is 2 everywhere, AF_INET6 is 10
 * (Linux), 23 (Windows), 24 (NetBSD, OpenBSD), 28 (FreeBSD) or 30 (Darwin). */
static enum wt_step link_null(struct wt_layer *l)
{
	const uint8_t *at = wt_rd_take(&l->rd, 4);
	uint32_t family;

	if (!at)
		return wt_layer_short(l);
	family = wt_at_u32be(at);
	if (family >> 16)
		family = __builtin_bswap32(family);
	switch (family) {
	case 2:
		l->type = TYPE_IPV4;
		return WT_STEP_TYPE;
	case 10:
	case 23:
	case 24:
	case 28:
	case 30:
		l->type = TYPE_IPV6;
		return WT_STEP_TYPE;
	default:
		l->type = 0;
		return wt_link_leaf(l);
	}
}

/* Cisco HDLC on serial lines: address (0F to one, 8F to all), control 0, EtherType.
 * CDP (2000) and SLARP (8035) have types of their own there. */
static enum wt_step link_hdlc(struct wt_layer *l)
{
	const uint8_t *at = wt_rd_take(&l->rd, 4);

	if (!at)
		return wt_layer_short(l);
	l->type = wt_at_u16be(at + 2);
	if (l->type >= TYPE_MIN && l->type != HDLC_SLARP)
		return WT_STEP_TYPE;
	l->type = 0; /* what is RARP elsewhere is not here */
	return wt_link_leaf(l);
}

/* Linux cooked captures: only the sender's address is there, so no MAC pair. Values
 * below 1536 are Linux's own; 4 is 802.2, the others stay frames. */
static enum wt_step link_cooked(struct wt_layer *l, size_t len, size_t type_off)
{
	const uint8_t *at = wt_rd_take(&l->rd, len);

	if (!at)
		return wt_layer_short(l);
	l->type = wt_at_u16be(at + type_off);
	if (l->type >= TYPE_MIN)
		return WT_STEP_TYPE;
	if (l->type == 4)
		return link_llc(l);
	return wt_link_leaf(l);
}

enum wt_step wt_link_start(struct wt_layer *l)
{
	switch (l->packet->link_type) {
	case LINK_ETHERNET:
		return wt_link_ethernet(l);
	case LINK_NULL:
	case LINK_LOOP:
		return link_null(l);
	case LINK_RAW_BSD:
	case LINK_RAW_OPENBSD:
	case LINK_RAW:
		return link_raw(l);
	case LINK_IPV4:
		l->type = TYPE_IPV4;
		return WT_STEP_TYPE;
	case LINK_IPV6:
		l->type = TYPE_IPV6;
		return WT_STEP_TYPE;
	case LINK_C_HDLC:
		return link_hdlc(l);
	case LINK_SLL:
		return link_cooked(l, 16, 14);
	case LINK_SLL2:
		return link_cooked(l, 20, 0);
	default:
		return wt_layer_end(l, WT_DISP_UNKNOWN_LINK);
	}
}
