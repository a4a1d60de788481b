/* Memory of the hint library. For what it allocates while it looks at packets: size
 * classes in one block, taken at start, given back in any order. For the tables it
 * builds at start (some 100,000 small pieces): blocks, given back all at once. */
#ifndef DISSECT_HINT_POOL_H
#define DISSECT_HINT_POOL_H

#include "wardtap/types.h"

#define WT_HINT_CLASSES 5

struct wt_hint_pool {
	uint8_t *memory;
	size_t size; /* bytes at `memory` */
	void *spare[WT_HINT_CLASSES];    /* given back, linked through their first word */
	uint32_t fresh[WT_HINT_CLASSES]; /* how many were ever used */
};

/* False: no memory. */
bool wt_hint_pool_init(struct wt_hint_pool *pool) WT_MUST_USE;
void wt_hint_pool_free(struct wt_hint_pool *pool);

/* Aligned to 16; not zeroed. NULL when no class that is large enough has one left. */
void *wt_hint_pool_take(struct wt_hint_pool *pool, size_t size) WT_MUST_USE;

/* False, and nothing done, when `at` is not of this pool. */
bool wt_hint_pool_give(struct wt_hint_pool *pool, void *at) WT_MUST_USE;

struct wt_hint_tables {
	uint8_t *block;     /* newest; its first word leads to the one before */
	size_t used, total; /* bytes of the newest; of all */
};

/* Aligned to 16; not zeroed. NULL: no memory. There is no giving back of one piece. */
void *wt_hint_tables_take(struct wt_hint_tables *tables, size_t size) WT_MUST_USE;
void wt_hint_tables_free(struct wt_hint_tables *tables);

#endif
