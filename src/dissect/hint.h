/* A label for flows that no dissector of ours knows, from a library of commodity
 * protocols (nDPI). A hint, never proof: own protocols always win, so run.c asks only
 * for flows that every probe gave up on, and shows at most WT_HINT_PACKETS_MAX
 * payloads of each.
 *
 * Promises. A label depends on the payloads, addresses and ports of its own flow
 * alone: what the library remembers from one flow to the next is switched off or
 * wiped after every call, so labels are equal for any number of workers and any
 * order of flows. The library never sees bytes of the capture in place: it gets a
 * rebuilt, truthful IP packet in memory of ours with zeroes behind it, never a
 * fragment, an IP option, or a header whose lengths lie.
 *
 * Without the library at build time, or when the one found at run time is not the
 * one that was compiled against, wt_hint_new gives NULL and every other call accepts
 * that NULL and says "no hint". */
#ifndef DISSECT_HINT_H
#define DISSECT_HINT_H

#include "wardtap/flow.h"
#include "wardtap/limits.h"

#define WT_HINT_NONE 0 /* label: undecided, or not worth saying */

/* Labels are below this; wt_event_head.hint holds one. */
#define WT_HINT_LABELS 1024u

/* Longest payload the library is shown, bytes; what is longer is shown cut, in a
 * packet that says the shorter length. */
#define WT_HINT_PAYLOAD_MAX 1600u

struct wt_hint;

/* One per worker; shards 0..n_shards-1 with `flows_per_shard` undecided flows each
 * (limits.hint_flows). Takes all memory it will use, except what wt_hint_stats
 * counts as overflow. NULL: no library, wrong library, or no memory.
 * May be called by several threads; each instance serves one thread at a time. */
struct wt_hint *wt_hint_new(unsigned n_shards, unsigned flows_per_shard) WT_MUST_USE;
void wt_hint_free(struct wt_hint *hint);

/* A place for one flow, > 0, to be given back by wt_hint_close; 0 when the library
 * cannot be asked (no TCP or UDP, no library). When the shard's places are all taken,
 * the flow that came first loses its own (*is_evicting, which the caller counts): its
 * holder is told nothing and gets no label any more. So one shard never starves
 * another, and flows that never say enough do not keep others out. */
uint32_t wt_hint_open(struct wt_hint *hint, unsigned shard, const struct wt_flow_key *key,
		      bool *is_evicting) WT_MUST_USE;

/* Shows the library one payload of the flow at `slot`: stream bytes in order, or a
 * datagram. `key` is the flow's; `sender` is the index into key->end of who sent it.
 * Returns the label once there is one, else WT_HINT_NONE. */
uint16_t wt_hint_payload(struct wt_hint *hint, uint32_t slot, const struct wt_flow_key *key,
			 uint8_t sender, struct wt_slice payload, uint64_t ts_ns);

/* Gives the place back. Accepts 0, and a place that was lost. */
void wt_hint_close(struct wt_hint *hint, uint32_t slot, const struct wt_flow_key *key);

/* Name of a label: lower case, of [a-z0-9_.-], the same in every run with the same
 * library; NULL for WT_HINT_NONE and unknown labels. Lives as long as the program. */
const char *wt_hint_name(uint16_t label);

/* Version of the library in use ("4.2.0-..."), or NULL without one. */
const char *wt_hint_library(void);

struct wt_hint_stats {
	uint64_t n_payloads;   /* shown to the library */
	uint64_t n_flows;      /* opened */
	uint64_t n_evicted;    /* lost their place to a later flow */
	uint64_t n_overflows;  /* allocations of the library beyond its pool (they are
				* served by malloc: the library may crash without) */
	uint64_t open;         /* flows open now */
	uint64_t overflow_bytes; /* by malloc and still held */
	uint64_t fixed_bytes;    /* taken by wt_hint_new, the library's tables included */
};

struct wt_hint_stats wt_hint_stats(const struct wt_hint *hint);

#endif
