/* The short way for what most packets are: Ethernet, at most one VLAN tag, IPv4
 * without options or IPv6 without extension headers, TCP or UDP, no fragment, no
 * tunnel, nothing odd. All values are checked before the first one is stored, so
 * that anything else is left to the long way untouched.
 *
 * Source: as link.c, ip.c and transport.c, whose results this must equal (tested).
 * Trust: everything is hostile. Memory: none.
 *
 * The speed comes from registers: the long way writes the view step by step and
 * reads it back with another width, which stalls the processor. */
#include "decode/layer.h"

enum {
	LINK_ETHERNET = 1,
	TYPE_IPV4 = 0x0800,
	TYPE_VLAN = 0x8100,
	TYPE_IPV6 = 0x86dd,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
};

/* What is known before anything is stored. */
struct plain {
	struct wt_reader rd;
	const uint8_t *ip;
	uint32_t wire_end;
	uint16_t vlan;
	uint16_t type;
	uint8_t proto;
};

static inline void set_payload(struct wt_packet *p, const struct plain *s)
{
	p->payload_off = (uint32_t)(s->rd.ptr - p->bytes);
	p->payload_len = (uint32_t)s->rd.left;
	p->payload_wire_len = s->wire_end - p->payload_off;
	p->disposition = WT_DISP_FLOW;
}

static inline void set_address(struct wt_endpoint *end, uint64_t first, uint64_t second,
			       uint16_t port)
{
	memcpy(end->addr.octet, &first, 8);
	memcpy(end->addr.octet + 8, &second, 8);
	end->port = port;
}

static inline uint64_t octets4(const uint8_t *at)
{
	uint64_t word = 0;

	memcpy(&word, at, 4);
	return word;
}

static inline uint64_t octets8(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, 8);
	return word;
}

static inline uint64_t at_u64be(const uint8_t *at)
{
	return (uint64_t)wt_at_u32be(at) << 32 | wt_at_u32be(at + 4);
}

/* Stores all up to the transport header, whose ports lie at `l4`. */
static inline void set_headers(struct wt_packet *p, const struct plain *s, const uint8_t *l4)
{
	uint16_t source = wt_at_u16be(l4), destination = wt_at_u16be(l4 + 2);
	uint64_t a[2], b[2];
	bool is_swapped;

	wt_packet_clear(p);
	p->flags = (uint16_t)(WT_PKT_HAS_MAC |
			      (p->cap_len < p->wire_len ? WT_PKT_CLIPPED : 0));
	p->n_vlans = s->vlan != 0;
	p->vlan[0] = s->vlan;
	p->ether_type = s->type;
	p->ip_off = (uint32_t)(s->ip - p->bytes);
	p->l4_off = (uint32_t)(l4 - p->bytes);
	p->key.proto = s->proto;
	if (s->type == TYPE_IPV4) {
		uint32_t from = wt_at_u32be(s->ip + 12), to = wt_at_u32be(s->ip + 16);

		p->ttl = s->ip[8];
		p->ip_id = wt_at_u16be(s->ip + 4);
		p->key.ip_version = 4;
		a[0] = octets4(s->ip + 12);
		b[0] = octets4(s->ip + 16);
		a[1] = b[1] = 0;
		is_swapped = from > to || (from == to && source > destination);
	} else {
		uint64_t from = at_u64be(s->ip + 8), to = at_u64be(s->ip + 24);

		if (from == to) {
			from = at_u64be(s->ip + 16);
			to = at_u64be(s->ip + 32);
		}
		p->ttl = s->ip[7];
		p->key.ip_version = 6;
		a[0] = octets8(s->ip + 8);
		a[1] = octets8(s->ip + 16);
		b[0] = octets8(s->ip + 24);
		b[1] = octets8(s->ip + 32);
		is_swapped = from > to || (from == to && source > destination);
	}
	p->sender = is_swapped;
	set_address(&p->key.end[0], is_swapped ? b[0] : a[0], is_swapped ? b[1] : a[1],
		    is_swapped ? destination : source);
	set_address(&p->key.end[1], is_swapped ? a[0] : b[0], is_swapped ? a[1] : b[1],
		    is_swapped ? source : destination);
	p->shard = wt_shard_of(&p->key);
}

static inline bool plain_tcp(struct wt_packet *p, struct plain *s)
{
	const uint8_t *at = wt_rd_take(&s->rd, 20);
	uint32_t header_len;

	if (WT_UNLIKELY(!at))
		return false;
	header_len = (at[12] >> 4) * 4u;
	if (WT_UNLIKELY(header_len < 20 || header_len - 20 > s->rd.left))
		return false;
	wt_rd_skip(&s->rd, header_len - 20);
	set_headers(p, s, at);
	p->tcp_seq = wt_at_u32be(at + 4);
	p->tcp_ack = wt_at_u32be(at + 8);
	p->tcp_flags = at[13];
	p->tcp_window = wt_at_u16be(at + 14);
	p->l4_sum = wt_at_u16be(at + 16);
	set_payload(p, s);
	return true;
}

static inline bool plain_udp(struct wt_packet *p, struct plain *s)
{
	const uint8_t *at = wt_rd_take(&s->rd, 8);
	uint32_t len, off;

	if (WT_UNLIKELY(!at || wt_port_is_tunnel(wt_at_u16be(at + 2))))
		return false;
	len = wt_at_u16be(at + 4);
	off = (uint32_t)(s->rd.ptr - p->bytes);
	if (WT_UNLIKELY(len < 8 || len - 8 > s->wire_end - off))
		return false;
	s->wire_end = off + len - 8;
	if (len - 8 < s->rd.left)
		s->rd.left = len - 8;
	set_headers(p, s, at);
	p->l4_sum = wt_at_u16be(at + 6);
	set_payload(p, s);
	return true;
}

/* Takes the IP header; false when it is not a plain one. */
static inline bool plain_ip(struct wt_packet *p, struct plain *s)
{
	uint32_t off, len;

	if (WT_LIKELY(s->type == TYPE_IPV4)) {
		s->ip = wt_rd_take(&s->rd, 20);
		if (WT_UNLIKELY(!s->ip || s->ip[0] != 0x45 ||
				(wt_at_u16be(s->ip + 6) & 0x3fff)))
			return false;
		len = wt_at_u16be(s->ip + 2) - 20u; /* below 20: very large */
		s->proto = s->ip[9];
	} else if (s->type == TYPE_IPV6) {
		s->ip = wt_rd_take(&s->rd, 40);
		if (WT_UNLIKELY(!s->ip || s->ip[0] >> 4 != 6))
			return false;
		len = wt_at_u16be(s->ip + 4);
		s->proto = s->ip[6];
		if (WT_UNLIKELY(len == 0)) /* means more than one thing */
			return false;
	} else {
		return false;
	}
	off = (uint32_t)(s->rd.ptr - p->bytes);
	if (WT_UNLIKELY(len > p->wire_len - off))
		return false;
	s->wire_end = off + len;
	if (len < s->rd.left)
		s->rd.left = len;
	return true;
}

bool wt_decode_plain(struct wt_packet *p)
{
	struct plain s = {
		.rd = wt_reader_of(wt_slice_of(p->bytes, p->cap_len), WT_CLIPPED),
	};
	const uint8_t *at = wt_rd_take(&s.rd, 14);

	if (WT_UNLIKELY(!at || p->link_type != LINK_ETHERNET))
		return false;
	s.type = wt_at_u16be(at + 12);
	if (s.type == TYPE_VLAN) {
		at = wt_rd_take(&s.rd, 4);
		if (WT_UNLIKELY(!at))
			return false;
		s.vlan = wt_at_u16be(at) & 0x0fff;
		s.type = wt_at_u16be(at + 2);
	}
	if (WT_UNLIKELY(!plain_ip(p, &s)))
		return false;
	if (WT_LIKELY(s.proto == PROTO_TCP))
		return plain_tcp(p, &s);
	return s.proto == PROTO_UDP && plain_udp(p, &s);
}
