/* Community ID v1: one string per flow that Zeek, Suricata and Arkime agree on.
 * Source: the Community ID specification, version 1. */
#ifndef EXPORT_COMMUNITY_ID_H
#define EXPORT_COMMUNITY_ID_H

#include "wardtap/flow.h"

#define WT_COMMUNITY_ID_LEN 30 /* "1:" and 28 characters */

/* `sender` is the end that a one-way ICMP message came from; other protocols give
 * the same for both. Writes exactly WT_COMMUNITY_ID_LEN characters, no NUL. */
void wt_community_id(const struct wt_flow_key *key, uint8_t sender, uint16_t seed,
		     char text[WT_COMMUNITY_ID_LEN]);

#endif
