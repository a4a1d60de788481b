/* The rows of counters.def, and the count of our own defects. */
#include "wardtap/counter.h"

#include <stdatomic.h>

const struct wt_counter_row wt_counter_rows[WT_N_COUNTERS] = {
#define C(id, name_, unit_, doc_) \
	[WT_C_##id] = { .name = name_, .unit = unit_, .doc = doc_ },
#include "wardtap/counters.def"
#undef C
};

static _Atomic uint64_t n_bugs;

void wt_bug(void)
{
	atomic_fetch_add_explicit(&n_bugs, 1, memory_order_relaxed);
}

uint64_t wt_bug_count(void)
{
	return atomic_load_explicit(&n_bugs, memory_order_relaxed);
}
