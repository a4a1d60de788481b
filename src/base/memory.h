/* Memory that is reserved at start and touched when first used: tables can be
 * sized for the worst case while a quiet network costs little. Never grows, never
 * returned before the end. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include "wardtap/types.h"

/* `len` zeroed bytes, aligned to 64. Ends the program with a message when the
 * address space is refused: this happens at start-up only. */
void *wt_memory_reserve(size_t len);
void wt_memory_release(void *at, size_t len);

/* The same for what is small and used all over, all the time: such pieces lie together in
 * huge pages where the kernel gives them, which saves faults and misses of the TLB. */
void *wt_memory_reserve_dense(size_t len);
void wt_memory_release_dense(void *at, size_t len);

/* Reserved memory that is used from its start on, further and further: pages are brought
 * in a few at a time before they are touched, a quarter of what is used and 64 KiB at
 * most, for a system call costs much less than as many faults. Nothing is allocated. */
struct wt_front {
	uint8_t *at;
	size_t len, ready;
};

static inline struct wt_front wt_front_of(void *at, size_t len)
{
	return (struct wt_front){ .at = at, .len = len };
}

void wt_front_grow(struct wt_front *front, size_t used);

/* The first `used` bytes will be touched. */
static inline void wt_front_reach(struct wt_front *front, size_t used)
{
	if (WT_UNLIKELY(used > front->ready))
		wt_front_grow(front, used);
}

/* Bytes reserved so far by all calls. */
size_t wt_memory_reserved(void);

#endif
