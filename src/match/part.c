/* Headers and addresses as buffers (part.h).
 * Source: RFC 791 3.1, RFC 8200 3, RFC 9293 3.1, RFC 768, RFC 792, RFC 4443 2.1; Suricata 7
 * user guide, "Header Keywords". Trust: hostile bytes: every length is held against what
 * was captured. Memory: none. */
#include "match/part.h"
#include "match/parse.h"

enum { PROTO_ICMP = 1, PROTO_TCP = 6, PROTO_UDP = 17, PROTO_ICMPV6 = 58 };

static const struct wt_buffer buffers[] = {
	{ .name = "ip.src", .part = WT_PART_IP_SRC },
	{ .name = "ip.dst", .part = WT_PART_IP_DST },
	{ .name = "ipv4.hdr", .part = WT_PART_IPV4 },
	{ .name = "ipv6.hdr", .part = WT_PART_IPV6 },
	{ .name = "tcp.hdr", .part = WT_PART_TCP },
	{ .name = "udp.hdr", .part = WT_PART_UDP },
	{ .name = "icmpv4.hdr", .part = WT_PART_ICMPV4 },
	{ .name = "icmpv6.hdr", .part = WT_PART_ICMPV6 },
};

const struct wt_buffer *wt_part_buffer(struct wt_slice name)
{
	unsigned i;

	for (i = 0; i < sizeof(buffers) / sizeof(buffers[0]); i++)
		if (wt_is_word(name, buffers[i].name))
			return &buffers[i];
	return NULL;
}

void wt_parse_part(struct wt_parse *p)
{
	wt_use_buffer(p, wt_part_buffer(p->key));
}

static struct wt_slice between(const struct wt_packet *p, uint32_t from, uint32_t to)
{
	if (from >= to || to > p->cap_len)
		return wt_slice_of(NULL, 0);
	return wt_slice_of(p->bytes + from, to - from);
}

static bool is_ip(const struct wt_packet *p, uint8_t version)
{
	return p && p->key.ip_version == version && p->l4_off > p->ip_off &&
	       p->l4_off <= p->cap_len;
}

/* From the transport's first byte, `len` bytes. */
static struct wt_slice transport(const struct wt_packet *p, uint8_t proto, uint32_t len)
{
	if (!p || p->key.proto != proto || !p->l4_off || p->l4_off >= p->cap_len)
		return wt_slice_of(NULL, 0);
	return between(p, p->l4_off, p->l4_off + len);
}

/* The header, and with ICMP what follows the fixed octets is payload. */
static struct wt_slice header(enum wt_part part, const struct wt_packet *p)
{
	struct wt_slice fixed;

	switch (part) {
	case WT_PART_IPV4:
		return is_ip(p, 4) ? between(p, p->ip_off, p->l4_off) : wt_slice_of(NULL, 0);
	case WT_PART_IPV6:
		return is_ip(p, 6) ? between(p, p->ip_off, p->l4_off) : wt_slice_of(NULL, 0);
	case WT_PART_TCP:
		fixed = transport(p, PROTO_TCP, 20);
		return fixed.len ? transport(p, PROTO_TCP, (fixed.ptr[12] >> 4) * 4u) : fixed;
	case WT_PART_UDP:
		return transport(p, PROTO_UDP, 8);
	case WT_PART_ICMPV4:
		return transport(p, PROTO_ICMP, 8);
	case WT_PART_ICMPV6:
		return transport(p, PROTO_ICMPV6, 8);
	default:
		return wt_slice_of(NULL, 0);
	}
}

struct wt_slice wt_part_of(enum wt_part part, const struct wt_event_head *head,
			   const struct wt_packet *p)
{
	const struct wt_addr *addr;

	if (part != WT_PART_IP_SRC && part != WT_PART_IP_DST)
		return header(part, p);
	if (!head->key.ip_version)
		return wt_slice_of(NULL, 0);
	addr = &head->key.end[part == WT_PART_IP_SRC ? head->sender : head->sender ^ 1].addr;
	return wt_slice_of(addr->octet, head->key.ip_version == 4 ? 4 : 16);
}

bool wt_part_tos(const struct wt_packet *p, int64_t *value)
{
	if (is_ip(p, 4))
		*value = p->bytes[p->ip_off + 1];
	else if (is_ip(p, 6))
		*value = (p->bytes[p->ip_off] << 4 | p->bytes[p->ip_off + 1] >> 4) & 255;
	else
		return false;
	return true;
}

bool wt_part_fragbits(const struct wt_packet *p, int64_t *value)
{
	uint8_t bits;

	if (!is_ip(p, 4) || p->l4_off < p->ip_off + 20)
		return false;
	bits = p->bytes[p->ip_off + 6];
	*value = (bits & 0x80 ? WT_FRAGBIT_RESERVED : 0u) |
		 (bits & 0x40 ? WT_FRAGBIT_DONT : 0u) |
		 (bits & 0x20 || (p->flags & WT_PKT_REASSEMBLED) ? WT_FRAGBIT_MORE : 0u);
	return true;
}
