/* Packets for the tests of decode/: from hex, in memory of exactly their size, and from
 * the captures beside the repository; and what must hold of every decoded view. */
#ifndef TESTS_DECODE_PACKETS_H
#define TESTS_DECODE_PACKETS_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"
#include "decode/layer.h"

/* Memory of exactly `len` bytes, not one more, also for 0. */
static inline uint8_t *bytes_copy(const uint8_t *from, size_t len)
{
	uint8_t *bytes = malloc(len ? len : 1);

	if (!bytes)
		abort();
	if (len)
		memcpy(bytes, from, len);
	else
		bytes[0] = 0;
	return bytes;
}

/* The first `len` bytes of a packet, as a packet of its own. */
static inline struct wt_packet packet_copy(const struct wt_packet *p, uint32_t len)
{
	return (struct wt_packet){
		.bytes = bytes_copy(p->bytes, len),
		.ts_ns = p->ts_ns,
		.number = p->number,
		.cap_len = len,
		.wire_len = len,
		.link_type = p->link_type,
	};
}

static inline uint8_t *packet_bytes(struct wt_packet *p)
{
	return (uint8_t *)(uintptr_t)p->bytes;
}

static inline void packet_free(struct wt_packet *p)
{
	free(packet_bytes(p));
	p->bytes = NULL;
}

/* Hex digits, spaces ignored. */
static inline struct wt_packet packet_of_hex(uint16_t link_type, const char *hex)
{
	uint8_t room[4096];
	unsigned n_digits = 0;
	struct wt_packet p = { .bytes = room, .link_type = link_type };

	for (; *hex; hex++) {
		const char *digits = "0123456789abcdef";
		const char *at = strchr(digits, *hex);

		if (!at)
			continue;
		if (n_digits / 2 == sizeof(room))
			abort();
		room[n_digits / 2] = (uint8_t)(n_digits % 2 ? room[n_digits / 2] << 4 | (at - digits) :
							      at - digits);
		n_digits++;
	}
	return packet_copy(&p, n_digits / 2);
}

/* Does the decoded view hold together? Reads every payload byte. */
static inline bool packet_is_consistent(const struct wt_packet *p)
{
	struct wt_slice payload = wt_packet_payload(p);
	volatile uint8_t sum = 0;
	bool is_provisional = p->disposition == WT_DISP_FLOW || p->disposition == WT_DISP_ETHER ||
			      p->disposition == WT_DISP_FRAGMENT ||
			      p->disposition == WT_DISP_TRUNCATED ||
			      p->disposition == WT_DISP_MALFORMED ||
			      p->disposition == WT_DISP_UNKNOWN_LINK ||
			      p->disposition == WT_DISP_TOO_DEEP;
	struct wt_flow_key key = p->key;
	size_t i;

	if (!is_provisional || p->shard >= WT_SHARDS || p->sender > 1 ||
	    p->n_vlans > WT_VLANS_MAX || p->n_tunnels > WT_TUNNELS_MAX)
		return false;
	if (p->payload_len > p->payload_wire_len || p->payload_off > p->cap_len ||
	    p->payload_len > p->cap_len - p->payload_off)
		return false;
	if (p->payload_wire_len > p->wire_len - p->payload_off)
		return false;
	if ((p->flags & WT_PKT_HAS_MAC) && p->mac_off + 14 > p->cap_len)
		return false;
	if (p->ip_off > p->cap_len || p->l4_off > p->cap_len)
		return false;
	if (p->key.ip_version && (wt_flow_key_order(&key) != 0 || wt_shard_of(&key) != p->shard))
		return false;
	if (p->disposition == WT_DISP_FRAGMENT &&
	    (!(p->flags & WT_PKT_IS_FRAGMENT) || p->frag_start != p->payload_off ||
	     p->frag_len != p->payload_len || (p->frag_off == 0 && !p->frag_more)))
		return false;
	if (p->disposition == WT_DISP_FLOW && !p->key.ip_version)
		return false;
	if (p->disposition == WT_DISP_ETHER && (p->key.ip_version || p->ip_off || p->l4_off))
		return false;
	for (i = 0; i < payload.len; i++)
		sum = (uint8_t)(sum + payload.ptr[i]);
	return true;
}

/* Does the short way give what the long way gives, or leave the packet untouched? */
static inline bool ways_agree(const struct wt_packet *p)
{
	struct wt_packet a = *p, b = *p, untouched;

	memset(&a.disposition, 0x5a, sizeof(a) - offsetof(struct wt_packet, disposition));
	untouched = a;
	wt_decode_steps(&b);
	if (!wt_decode_plain(&a))
		return memcmp(&a, &untouched, sizeof(a)) == 0;
	return memcmp(&a, &b, sizeof(a)) == 0;
}

#endif
