/* The IP header of a datagram that is rebuilt from fragments.
 *
 * Source: RFC 791 3.2, RFC 8200 4.5, RFC 1624 (checksum after a change).
 * Trust: the header passed wt_decode; its extension headers lie wholly in it.
 * Memory: none. */
#include "decode/rebuild.h"

#include "decode/layer.h"

enum {
	IPV6_LEN = 40,
	PROTO_FRAGMENT = 44,
	PROTO_AH = 51,
	DONT_FRAGMENT = 0x4000,
};

uint32_t wt_rebuild_header_len(const struct wt_packet *p)
{
	return (p->key.ip_version == 4 ? p->frag_start : p->l4_off) - p->ip_off;
}

static void store_u16be(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* Replaces a word of an IPv4 header and adapts its checksum, so that a right one stays
 * right and a wrong one wrong. RFC 1624 3. */
static void replace_word(uint8_t *header, size_t at, uint32_t value)
{
	uint32_t sum = (~(uint32_t)wt_at_u16be(header + 10) & 0xffff) +
		       (~(uint32_t)wt_at_u16be(header + at) & 0xffff) + value;

	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	store_u16be(header + 10, ~sum & 0xffff);
	store_u16be(header + at, value);
}

/* In IPv6 the header before the fragment header comes to announce what that one did. */
void wt_rebuild_header(uint8_t *header, const struct wt_packet *p)
{
	uint32_t len = wt_rebuild_header_len(p);
	uint32_t before = 6, at = IPV6_LEN; /* "next header" of the last and this header */

	memcpy(header, p->bytes + p->ip_off, len);
	if (p->key.ip_version == 4) {
		replace_word(header, 6, wt_at_u16be(header + 6) & DONT_FRAGMENT);
		return;
	}
	while (at + 2 <= len) {
		uint32_t unit = header[before] == PROTO_AH	 ? 4 :
				header[before] == PROTO_FRAGMENT ? 0 : /* an atomic one */
								   8;

		before = at;
		at += header[at + 1] * unit + 8;
	}
	header[before] = p->key.proto;
}

void wt_rebuild_length(uint8_t *header, uint8_t ip_version, uint32_t header_len, uint32_t total)
{
	if (ip_version == 4)
		replace_word(header, 2, header_len + total);
	else
		store_u16be(header + 4, header_len - IPV6_LEN + total);
}
