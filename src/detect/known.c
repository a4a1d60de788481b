/* Values in the sets that rules fill (known.h).
 * Memory: entries, buckets and one counter a set. */
#include "detect/known.h"
#include "base/hash.h"
#include "base/memory.h"

#include <stdlib.h>

struct entry {
	uint8_t id[WT_KNOWN_LEN];
	uint16_t set;
	uint32_t next; /* + 1; 0: the last of its bucket, or of the free ones */
};
_Static_assert(sizeof(struct entry) == 16, "the memory table counts on it");

struct wt_known {
	struct entry *entry;
	uint32_t *bucket;
	uint32_t n_entries, n_fresh, free, n_used, mask;
	uint32_t *count; /* by set */
	unsigned n_sets;
	uint64_t seed;
};

static void *counts_new(unsigned n_sets)
{
	void *counts = calloc(n_sets + 1u, sizeof(uint32_t));

	if (!counts)
		abort();
	return counts;
}

struct wt_known *wt_known_new(uint32_t n_entries, unsigned n_sets, uint64_t seed)
{
	struct wt_known *k = wt_memory_reserve(sizeof(*k));
	uint32_t size = 64;

	while (size < n_entries)
		size *= 2;
	*k = (struct wt_known){
		.n_entries = n_entries,
		.mask = size - 1,
		.count = counts_new(n_sets),
		.n_sets = n_sets,
		.seed = seed,
	};
	k->entry = wt_memory_reserve(n_entries * sizeof(*k->entry));
	k->bucket = wt_memory_reserve(size * sizeof(*k->bucket));
	return k;
}

void wt_known_free(struct wt_known *k)
{
	if (!k)
		return;
	wt_memory_release(k->entry, k->n_entries * sizeof(*k->entry));
	wt_memory_release(k->bucket, (k->mask + 1) * sizeof(*k->bucket));
	free(k->count);
	wt_memory_release(k, sizeof(*k));
}

/* The link that names the entry, or the end of its bucket. */
static uint32_t *find(const struct wt_known *k, unsigned set, const uint8_t id[WT_KNOWN_LEN])
{
	uint64_t h = wt_hash(k->seed ^ set, wt_slice_of(id, WT_KNOWN_LEN));
	uint32_t *at = &k->bucket[h & k->mask];

	while (*at) {
		struct entry *e = &k->entry[*at - 1];

		if (e->set == set && memcmp(e->id, id, WT_KNOWN_LEN) == 0)
			break;
		at = &e->next;
	}
	return at;
}

bool wt_known_has(const struct wt_known *k, unsigned set, const uint8_t id[WT_KNOWN_LEN])
{
	return *find(k, set, id) != 0;
}

bool wt_known_has_room(const struct wt_known *k, unsigned set, uint32_t n_max)
{
	return k->n_used < k->n_entries && set < k->n_sets && (!n_max || k->count[set] < n_max);
}

void wt_known_add(struct wt_known *k, unsigned set, const uint8_t id[WT_KNOWN_LEN])
{
	uint32_t *at = find(k, set, id);
	struct entry *e;

	if (*at || !wt_known_has_room(k, set, 0))
		return;
	if (k->free) {
		e = &k->entry[k->free - 1];
		k->free = e->next;
	} else {
		e = &k->entry[k->n_fresh++];
	}
	memcpy(e->id, id, WT_KNOWN_LEN);
	e->set = (uint16_t)set;
	e->next = 0;
	*at = (uint32_t)(e - k->entry) + 1;
	k->n_used++;
	k->count[set]++;
}

/* Takes the entry out that a link names. */
static void take_out(struct wt_known *k, uint32_t *at)
{
	struct entry *e = &k->entry[*at - 1];
	uint32_t own = *at;

	*at = e->next;
	e->next = k->free;
	k->free = own;
	k->n_used--;
	k->count[e->set]--;
}

void wt_known_remove(struct wt_known *k, unsigned set, const uint8_t id[WT_KNOWN_LEN])
{
	uint32_t *at = find(k, set, id);

	if (*at)
		take_out(k, at);
}

uint32_t wt_known_count(const struct wt_known *k, unsigned set)
{
	return set < k->n_sets ? k->count[set] : 0;
}

void wt_known_each(const struct wt_known *k, unsigned set,
		   void (*take)(void *self, const uint8_t id[WT_KNOWN_LEN]), void *self)
{
	uint32_t i, at;

	for (i = 0; i <= k->mask; i++)
		for (at = k->bucket[i]; at; at = k->entry[at - 1].next)
			if (k->entry[at - 1].set == set)
				take(self, k->entry[at - 1].id);
}

void wt_known_renumber(struct wt_known *k, const uint32_t *new_of, unsigned n_sets)
{
	uint32_t i, at, all = 0; /* of those that stay, in one list */
	struct entry *e;

	for (i = 0; i <= k->mask; i++) {
		while ((at = k->bucket[i]) != 0) {
			e = &k->entry[at - 1];
			if (new_of[e->set] == UINT32_MAX) {
				take_out(k, &k->bucket[i]);
				continue;
			}
			k->bucket[i] = e->next;
			e->next = all;
			all = at;
		}
	}
	free(k->count);
	k->count = counts_new(n_sets);
	k->n_sets = n_sets;
	while (all) {
		uint32_t own = all, *link;

		e = &k->entry[own - 1];
		all = e->next;
		e->set = (uint16_t)new_of[e->set];
		e->next = 0;
		link = find(k, e->set, e->id);
		*link = own;
		k->count[e->set]++;
	}
}
