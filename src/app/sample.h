/* What a running worker counted, for the keeper: the worker copies its numbers between
 * two batches when it is asked to, so that nobody reads what another thread writes. */
#ifndef APP_SAMPLE_H
#define APP_SAMPLE_H

#include <stdatomic.h>

#include "wardtap/counter.h"

struct wt_sample {
	struct wt_counters counters; /* the worker's while it is wanted, else the keeper's */
	struct wt_counters known;    /* the keeper's: the latest that came */
	_Atomic bool is_wanted;
	bool has_come; /* since wt_sample_missed asked last */
};

/* Worker: is a copy wanted? Then it fills `counters` and calls wt_sample_give. */
static inline bool wt_sample_wanted(struct wt_sample *s)
{
	return atomic_load_explicit(&s->is_wanted, memory_order_acquire);
}

static inline void wt_sample_give(struct wt_sample *s)
{
	atomic_store_explicit(&s->is_wanted, false, memory_order_release);
}

/* Keeper: takes what has come and asks again. */
static inline void wt_sample_turn(struct wt_sample *s)
{
	if (wt_sample_wanted(s))
		return;
	s->known = s->counters;
	s->has_come = true;
	atomic_store_explicit(&s->is_wanted, true, memory_order_release);
}

/* Keeper: did nothing come since this was asked last? */
static inline bool wt_sample_missed(struct wt_sample *s)
{
	bool has_come = s->has_come;

	s->has_come = false;
	return !has_come;
}

#endif
