/* IPv4 and IPv6 headers, options and extension headers.
 *
 * Source: RFC 791 3.1; RFC 8200 3, 4; RFC 4302 2 (AH); RFC 2675 (jumbograms); RFC 6275
 * 6.1, RFC 7401 5.1, RFC 5533 5 (mobility, HIP, shim6); protocol numbers of IANA.
 * Trust: everything is hostile. Memory: none.
 *
 *   IPv4: version 4 IHL 4 | TOS | total length 2 | id 2 | flags 3 offset 13 |
 *         TTL | protocol | checksum 2 | source 4 | destination 4 | options
 *   IPv6: version 4 class 8 label 20 | payload length 2 | next | hop limit |
 *         source 16 | destination 16 | extension headers */
#include "decode/layer.h"

/* Extension headers of one packet: RFC 8200 4.1 names seven, each once but one. */
#define IPV6_HEADERS_MAX 16

enum {
	PROTO_HOP_BY_HOP = 0,
	PROTO_IPIP = 4,
	PROTO_UDP = 17,
	PROTO_TCP = 6,
	PROTO_6IN4 = 41,
	PROTO_ROUTING = 43,
	PROTO_FRAGMENT = 44,
	PROTO_GRE = 47,
	PROTO_AH = 51,
	PROTO_NONE = 59,
	PROTO_OPTIONS = 60,
	PROTO_MOBILITY = 135,
	PROTO_HIP = 139,
	PROTO_SHIM6 = 140,
};

/* May a datagram of this protocol carry another packet? Of UDP only the first fragment
 * could tell, and of extension headers not even that, so all of them may. */
static bool may_tunnel(uint16_t proto)
{
	switch (proto) {
	case PROTO_IPIP:
	case PROTO_UDP:
	case PROTO_6IN4:
	case PROTO_GRE:
	case PROTO_HOP_BY_HOP:
	case PROTO_ROUTING:
	case PROTO_FRAGMENT:
	case PROTO_AH:
	case PROTO_OPTIONS:
	case PROTO_MOBILITY:
	case PROTO_HIP:
	case PROTO_SHIM6:
		return true;
	default:
		return false;
	}
}

/* Forgets what an outer header set, and notes the addresses. `off`: of the header;
 * `source`: source and destination, `len` octets each. */
static inline void ip_begin(struct wt_packet *p, uint32_t off, const uint8_t *source,
			    size_t len, uint8_t version)
{
	struct wt_flow_key *key = &p->key;

	memset(key, 0, sizeof(*key));
	memcpy(key->end[0].addr.octet, source, len);
	memcpy(key->end[1].addr.octet, source + len, len);
	key->ip_version = version;
	p->ip_off = off;
	p->l4_off = 0;
	p->l4_sum = 0;
	p->ip_id = 0;
	p->shard = wt_shard_of(key);
}

static enum wt_step ip_fragment(struct wt_layer *l, uint32_t frag_off, bool more,
				uint8_t proto)
{
	struct wt_packet *p = l->packet;

	wt_layer_payload(l);
	p->flags |= WT_PKT_IS_FRAGMENT;
	if (may_tunnel(proto))
		p->flags |= WT_PKT_TUNNEL_FRAGMENT;
	p->frag_off = frag_off;
	p->frag_more = more;
	p->frag_start = p->payload_off;
	p->frag_len = p->payload_len;
	p->key.proto = proto;
	return wt_layer_end(l, WT_DISP_FRAGMENT);
}

/* Type-length-value options; 0 ends them and 1 is padding. */
static bool options_are_sound(struct wt_slice options)
{
	struct wt_reader rd = wt_reader_of(options, WT_MALFORMED);

	while (wt_rd_left(&rd)) {
		uint8_t type = wt_rd_u8(&rd);
		uint8_t len;

		if (type == 0)
			return true;
		if (type == 1)
			continue;
		len = wt_rd_u8(&rd);
		if (len < 2)
			return false;
		wt_rd_skip(&rd, len - 2u);
	}
	return rd.err == WT_OK;
}

enum wt_step wt_ip_v4(struct wt_layer *l)
{
	struct wt_packet *p = l->packet;
	uint32_t off = wt_layer_off(l);
	const uint8_t *at = wt_rd_take(&l->rd, 20);
	uint32_t header_len, total;
	uint16_t position;

	if (WT_UNLIKELY(!at))
		return wt_layer_short(l);
	header_len = (at[0] & 0x0fu) * 4u;
	total = wt_at_u16be(at + 2);
	if (WT_UNLIKELY(at[0] >> 4 != 4 || header_len < 20))
		return wt_layer_end(l, WT_DISP_MALFORMED);
	ip_begin(p, off, at + 12, 4, 4);
	p->ttl = at[8];
	p->ip_id = wt_at_u16be(at + 4);
	position = wt_at_u16be(at + 6) & 0x3fff;
	if (WT_UNLIKELY(header_len > 20)) {
		struct wt_slice options = wt_rd_bytes(&l->rd, header_len - 20);

		if (l->rd.err != WT_OK)
			return wt_layer_short(l);
		if (!options_are_sound(options))
			return wt_layer_end(l, WT_DISP_MALFORMED);
	}
	if (WT_UNLIKELY(total == 0 && p->n_tunnels == 0))
		total = header_len + wt_layer_wire_left(l);
	if (WT_UNLIKELY(total < header_len || !wt_layer_narrow(l, total - header_len)))
		return wt_layer_end(l, WT_DISP_MALFORMED);
	if (WT_UNLIKELY(position))
		return ip_fragment(l, (position & 0x1fffu) * 8u, position & 0x2000, at[9]);
	l->type = at[9];
	return WT_STEP_PROTO;
}

/* The length that a jumbo payload option (type 0xc2) of a hop-by-hop header gives, or
 * 0 when there is none. RFC 2675 2. */
static uint32_t jumbo_len(struct wt_reader rd)
{
	struct wt_reader options;

	wt_rd_skip(&rd, 1);
	options = wt_rd_box(&rd, wt_rd_u8(&rd) * 8u + 6u);
	while (wt_rd_left(&options)) {
		uint8_t type = wt_rd_u8(&options);
		uint8_t len = type ? wt_rd_u8(&options) : 0;

		if (type == 0xc2 && len == 4)
			return wt_rd_u32be(&options);
		wt_rd_skip(&options, len);
	}
	return 0;
}

/* Payload length 0: a jumbogram, or a large segment not yet cut by the network card
 * (Linux leaves the length 0 then), or indeed nothing. */
static bool narrow_empty(struct wt_layer *l, uint8_t next)
{
	bool is_outermost = l->packet->n_tunnels == 0;

	if (next == PROTO_HOP_BY_HOP) {
		uint32_t len = jumbo_len(l->rd);

		return len ? len > UINT16_MAX && wt_layer_narrow(l, len) :
			     wt_layer_narrow(l, 0);
	}
	if (is_outermost && (next == PROTO_TCP || next == PROTO_UDP))
		return true;
	return wt_layer_narrow(l, 0);
}

/* An AH counts its length in 4-octet units less two, the other headers in 8-octet
 * units less one (RFC 4302 2.2, RFC 8200 4.2). Gives the header's first two octets. */
static const uint8_t *ip_skip_header(struct wt_layer *l, uint16_t type)
{
	const uint8_t *at = wt_rd_take(&l->rd, 2);

	if (!at)
		return NULL;
	wt_rd_skip(&l->rd, type == PROTO_AH ? at[1] * 4u + 6u : at[1] * 8u + 6u);
	return l->rd.err == WT_OK ? at : NULL;
}

/* The fragment header: next, reserved, offset 13 reserved 2 more 1, id 4. Gives true
 * when the packet is a fragment; an atomic one (RFC 6946) goes on in layer->type. */
static bool ip_fragment_header(struct wt_layer *l, enum wt_step *next)
{
	struct wt_packet *p = l->packet;
	uint32_t off = wt_layer_off(l);
	const uint8_t *at = wt_rd_take(&l->rd, 8);
	uint16_t position;

	if (!at) {
		*next = wt_layer_short(l);
		return true;
	}
	position = wt_at_u16be(at + 2);
	p->ip_id = wt_at_u32be(at + 4);
	l->type = at[0];
	if ((position & 0xfff9) == 0)
		return false;
	p->l4_off = off;
	*next = ip_fragment(l, position & 0xfff8u, position & 1, at[0]);
	return true;
}

/* From one extension header to the next. A mobility, HIP or shim6 header after which
 * nothing comes is itself what the packet carries. */
static enum wt_step ip_v6_chain(struct wt_layer *l)
{
	enum wt_step next;
	unsigned n;

	for (n = 0; n < IPV6_HEADERS_MAX; n++) {
		struct wt_reader here = l->rd;
		const uint8_t *at;

		switch (l->type) {
		case PROTO_HOP_BY_HOP:
			if (n)
				return wt_layer_end(l, WT_DISP_MALFORMED);
			/* fall through */
		case PROTO_ROUTING:
		case PROTO_OPTIONS:
		case PROTO_AH:
		case PROTO_MOBILITY:
		case PROTO_HIP:
		case PROTO_SHIM6:
			at = ip_skip_header(l, l->type);
			if (!at)
				return wt_layer_short(l);
			if (at[0] == PROTO_NONE && l->type >= PROTO_MOBILITY) {
				l->rd = here;
				return WT_STEP_PROTO;
			}
			l->type = at[0];
			break;
		case PROTO_FRAGMENT:
			if (ip_fragment_header(l, &next))
				return next;
			break;
		default:
			return WT_STEP_PROTO;
		}
	}
	return wt_layer_end(l, WT_DISP_MALFORMED);
}

enum wt_step wt_ip_v6(struct wt_layer *l)
{
	struct wt_packet *p = l->packet;
	uint32_t off = wt_layer_off(l);
	const uint8_t *at = wt_rd_take(&l->rd, 40);
	uint16_t len;

	if (WT_UNLIKELY(!at))
		return wt_layer_short(l);
	if (WT_UNLIKELY(at[0] >> 4 != 6))
		return wt_layer_end(l, WT_DISP_MALFORMED);
	ip_begin(p, off, at + 8, 16, 6);
	p->ttl = at[7];
	len = wt_at_u16be(at + 4);
	if (WT_UNLIKELY(len ? !wt_layer_narrow(l, len) : !narrow_empty(l, at[6])))
		return wt_layer_end(l, WT_DISP_MALFORMED);
	l->type = at[6];
	return ip_v6_chain(l);
}
