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

/* Bytes reserved so far by all calls. */
size_t wt_memory_reserved(void);

#endif
