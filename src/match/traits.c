/* What only the headers of a packet tell (traits.h): read again from the packet's bytes, for
 * the few rules that ask.
 * Source: RFC 791 3.1 (IPv4 options), RFC 8200 4 (IPv6 extension headers), RFC 9293 3.1 and
 * 3.2 (TCP options, urgent pointer). Trust: hostile bytes. Memory: none. */
#include "match/traits.h"
#include "match/confirm.h"
#include "match/parse.h"

enum { PROTO_ICMP = 1, PROTO_TCP = 6, PROTO_ICMPV6 = 58 };

/* Extension headers of one packet that are looked at. */
#define HEADERS_MAX 16u

static bool is_tcp(const struct wt_packet *p)
{
	return p->key.proto == PROTO_TCP && p->l4_off && p->l4_off + 20 <= p->cap_len;
}

unsigned wt_traits_of(const struct wt_packet *p)
{
	unsigned traits = 0;

	if (is_tcp(p)) {
		if (p->tcp_flags & WT_TCP_SYN)
			traits |= WT_TRAIT_SYN;
		if (p->tcp_flags & WT_TCP_URG)
			traits |= WT_TRAIT_URGENT;
		if (p->bytes[p->l4_off + 12] >> 4 > 5)
			traits |= WT_TRAIT_TCP_OPTIONS;
	} else if (p->key.proto == PROTO_ICMP || p->key.proto == PROTO_ICMPV6) {
		traits |= WT_TRAIT_ICMP;
	}
	if (p->key.ip_version && p->l4_off > p->ip_off + (p->key.ip_version == 4 ? 20u : 40u))
		traits |= WT_TRAIT_IP_OPTIONS;
	if (p->n_tunnels)
		traits |= WT_TRAIT_TUNNEL;
	if (p->flags & WT_PKT_REASSEMBLED)
		traits |= WT_TRAIT_FRAGMENTED;
	return traits;
}

static unsigned needs_of(const struct wt_packet_test *t)
{
	switch ((enum wt_packet_what)t->what) {
	case WT_PACKET_TCP_FLAGS:
		if (t->mode != '=' && t->mode != '+')
			return 0;
		return (t->flags & t->mask & WT_TCP_SYN ? WT_TRAIT_SYN : 0u) |
		       (t->flags & t->mask & WT_TCP_URG ? WT_TRAIT_URGENT : 0u);
	case WT_PACKET_ITYPE:
	case WT_PACKET_ICODE:
	case WT_PACKET_ICMP_ID:
	case WT_PACKET_ICMP_SEQ:
		return WT_TRAIT_ICMP;
	case WT_PACKET_TCP_MSS:
	case WT_PACKET_TCP_OPTION:
		return WT_TRAIT_TCP_OPTIONS;
	case WT_PACKET_URGENT_POINTER:
	case WT_PACKET_URGENT_PAST:
		return WT_TRAIT_URGENT;
	case WT_PACKET_IP_OPTION:
	case WT_PACKET_ROUTING_TYPE:
		return WT_TRAIT_IP_OPTIONS;
	case WT_PACKET_TUNNEL:
		return WT_TRAIT_TUNNEL;
	case WT_PACKET_FRAGMENT:
		return WT_TRAIT_FRAGMENTED;
	default:
		return 0;
	}
}

unsigned wt_traits_needed(const struct wt_rules *rules, const struct wt_rule *r)
{
	unsigned needs = 0, i;

	for (i = 0; i < r->n_packet_tests; i++)
		needs |= needs_of(wt_rules_packet_test(rules, r->first_packet_test + i));
	return needs;
}

/* The TCP options that were captured. */
static struct wt_reader tcp_options(const struct wt_packet *p)
{
	struct wt_reader r = wt_reader_of(
		wt_slice_of(p->bytes + p->l4_off, p->cap_len - p->l4_off), WT_CLIPPED);
	unsigned len = p->bytes[p->l4_off + 12] >> 4;

	wt_rd_skip(&r, 20);
	len = len > 5 ? (len - 5) * 4u : 0;
	return wt_rd_box(&r, len < r.left ? len : (uint32_t)r.left);
}

/* Length octet of the first option of a kind, and its value of two octets where it has one.
 * 0 ends the options and 1 is padding; every other has a length that counts itself. */
static bool find_tcp_option(const struct wt_packet *p, unsigned wanted, unsigned *len,
			    unsigned *value)
{
	struct wt_reader r = tcp_options(p);

	while (wt_rd_left(&r)) {
		uint8_t kind = wt_rd_u8(&r);

		if (kind == 0)
			return false;
		if (kind == 1)
			continue;
		*len = wt_rd_u8(&r);
		if (r.err != WT_OK)
			return false;
		if (kind == wanted) {
			*value = *len >= 4 ? wt_rd_u16be(&r) : 0;
			return true;
		}
		if (*len < 2) /* where the next one begins is not known */
			return false;
		wt_rd_skip(&r, *len - 2u);
	}
	return false;
}

static bool has_ip_option(const struct wt_packet *p, unsigned wanted)
{
	struct wt_reader r;

	if (p->key.ip_version != 4 || p->l4_off < p->ip_off + 20 || p->l4_off > p->cap_len)
		return false;
	r = wt_reader_of(wt_slice_of(p->bytes + p->ip_off + 20, p->l4_off - p->ip_off - 20),
			 WT_MALFORMED);
	while (wt_rd_left(&r)) {
		uint8_t type = wt_rd_u8(&r), len;

		if (wanted == 256 || type == wanted)
			return true;
		if (type == 0)
			return false;
		if (type == 1)
			continue;
		len = wt_rd_u8(&r);
		if (len < 2)
			return false;
		wt_rd_skip(&r, len - 2u);
	}
	return false;
}

/* The type of an IPv6 routing header, or -1: next header, length, type, segments left. */
static int routing_type(const struct wt_packet *p)
{
	struct wt_reader r;
	uint8_t next;
	unsigned i;

	if (p->key.ip_version != 6 || p->l4_off < p->ip_off + 40 || p->l4_off > p->cap_len)
		return -1;
	r = wt_reader_of(wt_slice_of(p->bytes + p->ip_off, p->l4_off - p->ip_off),
			 WT_MALFORMED);
	wt_rd_skip(&r, 6);
	next = wt_rd_u8(&r);
	wt_rd_skip(&r, 33);
	for (i = 0; i < HEADERS_MAX && wt_rd_left(&r) >= 8; i++) {
		uint8_t kind = next, len;

		if (kind != 0 && kind != 43 && kind != 44 && kind != 60)
			return -1;
		next = wt_rd_u8(&r);
		len = wt_rd_u8(&r);
		if (kind == 43)
			return wt_rd_u8(&r);
		wt_rd_skip(&r, kind == 44 ? 6 : len * 8u + 6u);
	}
	return -1;
}

static bool has_tunnel(const struct wt_packet *p, int64_t wanted)
{
	unsigned i;

	for (i = 0; i < p->n_tunnels && i < WT_TUNNELS_MAX; i++)
		if (p->tunnel[i] == wanted)
			return true;
	return false;
}

bool wt_traits_fit(const struct wt_packet_test *t, const struct wt_packet *p)
{
	unsigned len = 0, value = 0;
	int64_t number;

	switch ((enum wt_packet_what)t->what) {
	case WT_PACKET_TUNNEL:
		return has_tunnel(p, t->low) != t->is_negated;
	case WT_PACKET_FRAGMENT:
		return p->flags & WT_PKT_REASSEMBLED;
	case WT_PACKET_IP_OPTION:
		return has_ip_option(p, (unsigned)t->low) != t->is_negated;
	case WT_PACKET_ROUTING_TYPE:
		number = routing_type(p);
		if (number < 0)
			return false;
		break;
	case WT_PACKET_TCP_MSS:
		if (!is_tcp(p) || !find_tcp_option(p, 2, &len, &value) || len != 4)
			return false;
		number = value;
		break;
	case WT_PACKET_TCP_OPTION:
		if (!is_tcp(p) || !find_tcp_option(p, t->category, &len, &value))
			return false;
		number = len;
		break;
	case WT_PACKET_URGENT_POINTER:
	case WT_PACKET_URGENT_PAST:
		if (!is_tcp(p) || !(p->tcp_flags & WT_TCP_URG))
			return false;
		number = p->bytes[p->l4_off + 18] << 8 | p->bytes[p->l4_off + 19];
		if (t->what == WT_PACKET_URGENT_PAST)
			number -= (int64_t)p->payload_wire_len;
		break;
	default:
		return false;
	}
	return wt_compare_number(t->compare, number, t->low, t->high);
}

int wt_ip_option_of(struct wt_slice name)
{
	static const struct {
		const char *name;
		int type;
	} rows[] = { { "eol", 0 },     { "nop", 1 },     { "rr", 7 },      { "ts", 68 },
		     { "sec", 130 },   { "lsrr", 131 },  { "lsrre", 131 }, { "esec", 133 },
		     { "cipso", 134 }, { "satid", 136 }, { "ssrr", 137 },  { "any", 256 } };
	unsigned i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (wt_is_word(name, rows[i].name))
			return rows[i].type;
	return -1;
}
