/* Checksums of IPv4, TCP, UDP, ICMP and ICMPv6.
 *
 * Source: RFC 1071; RFC 791 3.1; RFC 9293 3.1; RFC 768; RFC 792; RFC 4443 2.3; RFC 8200
 * 8.1 (pseudo-header); RFC 6935 (UDP over IPv6 without a checksum: tunnels only, and
 * those are entered before this file is asked).
 * Trust: lengths come from decode/, which checked them; bytes are hostile.
 * Memory: none. */
#include "decode/decode.h"
#include "decode/layer.h"

enum {
	PROTO_ICMP = 1,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_ROUTING = 43,
	PROTO_FRAGMENT = 44,
	PROTO_AH = 51,
	PROTO_ICMPV6 = 58,
	PROTO_OPTIONS = 60,
};

static inline uint64_t load16(const uint8_t *at)
{
	uint16_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

static inline uint64_t load32(const uint8_t *at)
{
	uint32_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

/* Sum of fewer than 32 octets. */
static inline uint64_t sum_rest(struct wt_slice s)
{
	uint8_t last[2] = { 0, 0 };
	uint64_t sum = 0;

	for (; s.len >= 4; s = wt_slice_of(s.ptr + 4, s.len - 4))
		sum += load32(s.ptr);
	if (s.len & 2)
		sum += load16(s.ptr);
	if (s.len & 1) {
		last[0] = s.ptr[s.len - 1];
		sum += load16(last);
	}
	return sum;
}

/* Sum of the 16-bit words of `s` in the byte order of this machine, to be folded. An
 * odd octet counts as the first of a word. Ones' complement sums do not depend on byte
 * order but for a swap (RFC 1071 1.B), and a right sum is all ones either way; for the
 * same reason wider words at even offsets may be added.
 *
 * Two sums run along: of the 64-bit words, which wraps, and of their upper halves. The
 * lower halves are the difference, exact as long as they fit: 2^32 words. */
static inline uint64_t sum_narrow(struct wt_slice s)
{
	__attribute__((vector_size(16))) uint64_t all[2] = { { 0, 0 }, { 0, 0 } };
	__attribute__((vector_size(16))) uint64_t high[2] = { { 0, 0 }, { 0, 0 } };
	uint64_t sum_all, sum_high;

	while (s.len >= 32) {
		__attribute__((vector_size(16))) uint64_t a, b;

		memcpy(&a, s.ptr, 16);
		memcpy(&b, s.ptr + 16, 16);
		all[0] += a;
		all[1] += b;
		high[0] += a >> 32;
		high[1] += b >> 32;
		s = wt_slice_of(s.ptr + 32, s.len - 32);
	}
	all[0] += all[1];
	high[0] += high[1];
	sum_all = all[0][0] + all[0][1];
	sum_high = high[0][0] + high[0][1];
	return sum_all - (sum_high << 32) + sum_high + sum_rest(s);
}

#if defined(__x86_64__)
/* The same in registers of twice the width. */
__attribute__((target("avx2"))) static uint64_t sum_wide(struct wt_slice s)
{
	__attribute__((vector_size(32))) uint64_t all[2] = { { 0 }, { 0 } };
	__attribute__((vector_size(32))) uint64_t high[2] = { { 0 }, { 0 } };
	uint64_t sum_all, sum_high;

	while (s.len >= 64) {
		__attribute__((vector_size(32))) uint64_t a, b;

		memcpy(&a, s.ptr, 32);
		memcpy(&b, s.ptr + 32, 32);
		all[0] += a;
		all[1] += b;
		high[0] += a >> 32;
		high[1] += b >> 32;
		s = wt_slice_of(s.ptr + 64, s.len - 64);
	}
	all[0] += all[1];
	high[0] += high[1];
	sum_all = all[0][0] + all[0][1] + all[0][2] + all[0][3];
	sum_high = high[0][0] + high[0][1] + high[0][2] + high[0][3];
	return sum_all - (sum_high << 32) + sum_high + sum_narrow(s);
}

#define HAS_WIDE() __builtin_cpu_supports("avx2")
#else
#define HAS_WIDE() false
#define sum_wide sum_narrow
#endif

static inline uint64_t sum_words(struct wt_slice s)
{
	return s.len >= 256 && HAS_WIDE() ? sum_wide(s) : sum_narrow(s);
}

/* Is the folded sum all ones? Only then do the words and their checksum agree. */
static bool is_right(uint64_t sum)
{
	sum = (sum & UINT32_MAX) + (sum >> 32);
	sum = (sum & UINT32_MAX) + (sum >> 32);
	sum = (sum & UINT16_MAX) + (sum >> 16);
	sum = (sum & UINT16_MAX) + (sum >> 16);
	return sum == UINT16_MAX;
}

/* `value` as it would stand on the wire, read as load16 does. */
static inline uint64_t word_of(uint32_t value)
{
	uint8_t octets[2] = { (uint8_t)(value >> 8), (uint8_t)value };

	return load16(octets);
}

/* Addresses, length and protocol. The order of ends makes no difference to a sum, and
 * the unused octets of IPv4 addresses are zero. */
static inline uint64_t sum_pseudo(const struct wt_flow_key *key, uint32_t len)
{
	const uint8_t *a = key->end[0].addr.octet;
	const uint8_t *b = key->end[1].addr.octet;
	uint64_t sum = word_of(len >> 16) + word_of(len & 0xffff) + word_of(key->proto);

	sum += load32(a) + load32(b);
	if (key->ip_version == 4)
		return sum;
	sum += load32(a + 4) + load32(a + 8) + load32(a + 12);
	return sum + load32(b + 4) + load32(b + 8) + load32(b + 12);
}

/* Do options of IPv4 hold a source route (131 loose, 137 strict)? RFC 791 3.1 */
static bool has_source_route(struct wt_slice options)
{
	struct wt_reader rd = wt_reader_of(options, WT_MALFORMED);

	while (wt_rd_left(&rd)) {
		uint8_t type = wt_rd_u8(&rd);
		uint8_t len;

		if (type == 131 || type == 137)
			return true;
		if (type == 0)
			return false;
		if (type == 1)
			continue;
		len = wt_rd_u8(&rd);
		if (len < 2)
			return false;
		wt_rd_skip(&rd, len - 2u);
	}
	return false;
}

/* Does a destination options header hold a home address (201)? RFC 6275 6.3 */
static bool has_home_address(struct wt_reader options)
{
	while (wt_rd_left(&options)) {
		uint8_t type = wt_rd_u8(&options);

		if (type == 201)
			return true;
		if (type != 0)
			wt_rd_skip(&options, wt_rd_u8(&options));
	}
	return false;
}

/* Are the addresses of this IPv6 header those that the transport checksum covers? Not
 * with a routing header that is not used up, nor with a home address. `headers`: what
 * lies between the IPv6 header and the transport. */
static bool v6_addresses_are_final(uint8_t type, struct wt_slice headers)
{
	struct wt_reader rd = wt_reader_of(headers, WT_MALFORMED);

	while (wt_rd_left(&rd)) {
		uint8_t next = wt_rd_u8(&rd);
		uint8_t len = wt_rd_u8(&rd);
		struct wt_reader box;

		if (type == PROTO_FRAGMENT) /* has no length, is one unit */
			len = 0;
		box = wt_rd_box(&rd, type == PROTO_AH ? len * 4u + 6u : len * 8u + 6u);
		if (type == PROTO_ROUTING) {
			wt_rd_skip(&box, 1);
			if (wt_rd_u8(&box) != 0)
				return false;
		}
		if (type == PROTO_OPTIONS && has_home_address(box))
			return false;
		type = next;
	}
	return true;
}

/* Judges the IP header and says whether the transport can be judged. */
static bool verify_ip(struct wt_packet *p, struct wt_slice header)
{
	struct wt_reader rd = wt_reader_of(header, WT_MALFORMED);

	if (p->key.ip_version == 6) {
		const uint8_t *at = wt_rd_take(&rd, 40);

		return at && (rd.left == 0 || v6_addresses_are_final(at[6], wt_rd_peek(&rd)));
	}
	header = wt_slice_head(header, header.len ? (header.ptr[0] & 15u) * 4u : 0);
	if (!is_right(header.len <= 20 ? sum_rest(header) : sum_words(header)))
		p->flags |= WT_PKT_BAD_IP_SUM;
	return header.len <= 20 || !has_source_route(wt_slice_tail(header, 20));
}

void wt_decode_verify(struct wt_packet *p)
{
	uint32_t len, end;
	uint64_t sum;

	if (p->ip_off == 0 && p->key.ip_version == 0)
		return;
	if (p->disposition != WT_DISP_FLOW && p->disposition != WT_DISP_FRAGMENT)
		return;
	end = p->l4_off ? p->l4_off : p->payload_off;
	if (WT_BUG_ON(end > p->cap_len || p->ip_off > end))
		return;
	if (!verify_ip(p, wt_slice_of(p->bytes + p->ip_off, end - p->ip_off)))
		return;
	if (p->disposition != WT_DISP_FLOW || p->payload_len < p->payload_wire_len ||
	    p->is_sum_offloaded)
		return;
	len = p->payload_off + p->payload_len - p->l4_off;
	switch (p->key.proto) {
	case PROTO_UDP:
		if (p->l4_sum == 0 && p->key.ip_version == 4)
			return;
		sum = sum_pseudo(&p->key, len);
		break;
	case PROTO_TCP:
	case PROTO_ICMPV6:
		sum = sum_pseudo(&p->key, len);
		break;
	case PROTO_ICMP:
		sum = 0;
		break;
	default:
		return;
	}
	if (WT_BUG_ON(len > p->cap_len - p->l4_off))
		return;
	if (!is_right(sum + sum_words(wt_slice_of(p->bytes + p->l4_off, len))))
		p->flags |= WT_PKT_BAD_L4_SUM;
}
