/* Between the files that hold and read indicators. */
#ifndef MATCH_INTEL_INNER_H
#define MATCH_INTEL_INNER_H

#include "match/intel.h"

#define INTEL_ALIGN 4u /* entries of the text area begin at multiples of it */
#define INTEL_PROBLEMS_MAX 200u

struct intel_slot {
	uint64_t hash; /* 0: free */
	uint32_t at;   /* entry, in units of INTEL_ALIGN */
	uint32_t unused;
};

struct intel_range {
	uint8_t low[16], high[16];
	uint32_t at;
	uint8_t ip_version;
};

struct wt_intel {
	uint64_t seed;
	struct intel_slot *slot;
	uint64_t n_slots, n; /* n_slots is a power of two */
	uint8_t *text;
	uint64_t text_len, text_room;
	struct intel_range *range;
	size_t n_ranges, range_room;
	char *feed[WT_INTEL_FILES_MAX];
	unsigned n_feeds;
	char *problem[INTEL_PROBLEMS_MAX];
	unsigned n_problems, n_problems_all;
	uint64_t n_unused; /* read, but of a kind or pattern that is not compared */
	uint32_t has_kind; /* bits: kinds that are there at all */
};

/* Adds to the newest feed; false: too long, or the set is full. Addresses are added as
 * their 4 or 16 bytes. */
bool wt_intel_add(struct wt_intel *in, enum wt_intel_kind kind, struct wt_slice text);
bool wt_intel_add_range(struct wt_intel *in, const struct intel_range *range,
			struct wt_slice text);

#endif
