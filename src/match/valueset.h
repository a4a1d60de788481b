/* A set of byte strings: open addressing, grown while it is filled. The bytes are the
 * caller's and must outlive it. */
#ifndef MATCH_VALUESET_H
#define MATCH_VALUESET_H

#include <stdlib.h>

#include "base/hash.h"
#include "wardtap/bytes.h"

struct wt_value_set {
	struct wt_slice *slot; /* ptr NULL: free */
	size_t n_slots, n;     /* n_slots is 0 or a power of two */
};

static inline struct wt_slice *wt_set_slot(const struct wt_value_set *s, struct wt_slice value)
{
	size_t at = (size_t)wt_hash(UINT64_C(0x5bd1e995), value) & (s->n_slots - 1);

	while (s->slot[at].ptr && !wt_slice_equal(s->slot[at], value))
		at = (at + 1) & (s->n_slots - 1);
	return &s->slot[at];
}

static inline void wt_set_add(struct wt_value_set *s, struct wt_slice value)
{
	if ((s->n + 1) * 4 > s->n_slots * 3) {
		struct wt_value_set old = *s;
		size_t i;

		s->n_slots = old.n_slots ? old.n_slots * 2 : 64;
		s->slot = calloc(s->n_slots, sizeof(*s->slot));
		if (!s->slot)
			abort();
		for (i = 0; i < old.n_slots; i++)
			if (old.slot[i].ptr)
				*wt_set_slot(s, old.slot[i]) = old.slot[i];
		free(old.slot);
	}
	if (!wt_set_slot(s, value)->ptr)
		s->n++;
	*wt_set_slot(s, value) = value;
}

static inline bool wt_set_has(const struct wt_value_set *s, struct wt_slice value)
{
	return s->n && value.len && wt_set_slot(s, value)->ptr;
}

static inline void wt_set_free(struct wt_value_set *s)
{
	free(s->slot);
	*s = (struct wt_value_set){ .slot = NULL };
}

#endif
