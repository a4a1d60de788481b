/* Every counter: id, dotted name (its place in stats.json), unit, one sentence.
 * Workers add to their own copies; readers sum them. Never reset. */
#ifndef WARDTAP_COUNTER_H
#define WARDTAP_COUNTER_H

#include "wardtap/packet.h"
#include "wardtap/types.h"

enum wt_counter {
#define C(id, name, unit, doc) WT_C_##id,
#include "wardtap/counters.def"
#undef C
	WT_N_COUNTERS
};

struct wt_counter_row {
	const char *name;
	const char *unit;
	const char *doc;
};

extern const struct wt_counter_row wt_counter_rows[WT_N_COUNTERS];

struct wt_counters {
	uint64_t value[WT_N_COUNTERS];
};

static inline void wt_count(struct wt_counters *c, enum wt_counter id)
{
	c->value[id]++;
}

static inline void wt_count_n(struct wt_counters *c, enum wt_counter id, uint64_t n)
{
	c->value[id] += n;
}

#endif
