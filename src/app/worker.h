/* A worker: whole shards, from captured packet to redacted record, in one thread.
 *
 * In replay every worker reads and decodes every packet and keeps those of its
 * shards; so packet time, ticks and results are the same for any number of workers.
 * Fragments of packets that carry others are reassembled by every worker, since the
 * inner packet may belong to any shard; counted they are by the owner alone. */
#ifndef APP_WORKER_H
#define APP_WORKER_H

#include "app/handoff.h"
#include "app/inbox.h"
#include "capture/filter.h"
#include "decode/fragment.h"
#include "dissect/dissect.h"
#include "flow/shard.h"
#include "match/matcher.h"
#include "redact/redact.h"
#include "wardtap/counter.h"

#include <stdatomic.h>

#define WT_LINK_TYPES_TOLD 16

struct wt_worker_options {
	unsigned index, n_workers;
	struct wt_limits limits;
	const char *filter;    /* NULL: none; checked before */
	struct wt_slice key;   /* of the pseudonyms */
	bool has_hints;
	const struct wt_program *program; /* rules; NULL: none */
	bool has_profile;      /* what rules cost is measured */
	uint64_t seed;         /* of hashes; changes no result */
	bool is_live;          /* packets come from a ring of this worker's own */
};

struct wt_worker {
	struct wt_worker_options options;
	struct wt_counters counters;
	struct wt_counters nobody; /* what another worker counts */
	bool owns[WT_SHARDS];
	struct wt_shard shard[WT_SHARDS];
	struct wt_dissect dissect[WT_SHARDS];
	struct wt_fragments *fragments[WT_SHARDS];
	struct wt_fragments *tunnel_fragments;
	struct wt_dissect_scratch *scratch;
	struct wt_hint *hint;
	struct wt_match_scratch *match;
	/* Live: rules to change over to, written by the keeper before next_program; then
	 * the worker's until program_in_use says that it has them (reload.h). */
	struct wt_match_scratch *next_match, *old_match;
	_Atomic(const struct wt_program *) next_program;
	_Atomic(const struct wt_program *) program_in_use;
	struct wt_matcher *matcher[WT_SHARDS]; /* NULL: no rules */
	struct wt_redactor *redactor;
	struct wt_handoff *handoff;
	struct wt_filter *filter;
	struct wt_inbox *inbox;          /* live: packets that others were given */
	struct wt_worker *const *peers;  /* live: by index, all workers */
	uint32_t event_index;
	uint64_t clock_ns;    /* packet time: the latest seen */
	uint64_t last_tick;
	uint64_t order;       /* packet being processed */
	uint64_t n_since_flush;
	struct {
		uint16_t type;
		uint64_t n;
	} unknown_link[WT_LINK_TYPES_TOLD];
	unsigned n_unknown_links;
};

/* Makes a worker; ends the program when memory is refused or the filter is bad (it
 * was checked before). */
struct wt_worker *wt_worker_new(const struct wt_worker_options *options);
void wt_worker_free(struct wt_worker *w);

/* The packets of one batch, in order. */
void wt_worker_batch(struct wt_worker *w, struct wt_batch *batch);

/* Live: packet time moves on without a packet, what others handed over is taken, and
 * records up to now go to the keeper. */
void wt_worker_clock(struct wt_worker *w, uint64_t now_ns);

/* The end: all flows are reported, the last block is handed over. */
void wt_worker_finish(struct wt_worker *w);

#endif
