/* The packet that the hint library is shown: built from a flow key and a payload, so
 * that nothing in its headers can lie. */
#ifndef DISSECT_HINT_PACKET_H
#define DISSECT_HINT_PACKET_H

#include "dissect/hint.h"

/* 1 in builds with the address sanitizer: packets end at a forbidden page, and every
 * allocation is watched. */
#if defined(__SANITIZE_ADDRESS__)
#define WT_HINT_EXACT 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WT_HINT_EXACT 1
#endif
#endif
#ifndef WT_HINT_EXACT
#define WT_HINT_EXACT 0
#endif

#define WT_HINT_PADDING 1024u /* zeroes behind a packet, at least */
#define WT_HINT_PACKET_MAX (40u + 20u + WT_HINT_PAYLOAD_MAX)

struct wt_hint_room {
	uint8_t *end;  /* last possible end of a packet */
	void *mapping; /* what to give back */
	size_t mapping_len;
};

/* False: no memory. */
bool wt_hint_room_init(struct wt_hint_room *room) WT_MUST_USE;
void wt_hint_room_free(struct wt_hint_room *room);

/* IPv4 without options or IPv6, then UDP or TCP (PSH and ACK), then the payload (at
 * most WT_HINT_PAYLOAD_MAX). key->proto is 6 or 17, key->ip_version 4 or 6. `seq` are
 * the next TCP sequence numbers by sender. Borrowed until the next call. */
struct wt_slice wt_hint_packet_build(struct wt_hint_room *room, const struct wt_flow_key *key,
				     uint8_t sender, const uint32_t seq[2],
				     struct wt_slice payload);

#endif
