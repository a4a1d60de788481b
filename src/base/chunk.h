/* A shard's pool of 2 KiB chunks: early segments, unfinished messages and events.
 * Chains of chunks hold byte strings; the pool never grows. When it is empty the
 * caller lets go of the oldest holder and counts it. */
#ifndef BASE_CHUNK_H
#define BASE_CHUNK_H

#include "base/memory.h"
#include "wardtap/bytes.h"

#define WT_CHUNK_SIZE 2048u
#define WT_CHUNK_NONE UINT32_MAX

struct wt_chunk {
	uint32_t next;
	uint16_t len;     /* bytes used */
	uint8_t is_acked; /* early segments: the receiver has what lies before */
	uint8_t is_fin;   /* early segments: no bytes, the FIN stands here */
	uint32_t seq;     /* early segments: sequence number of bytes[0]; chains of
			   * wt_chain_append, in their first chunk: the last one */
	uint32_t missing; /* early segments: bytes clipped behind bytes[len] */
	uint64_t since_ns; /* when it was kept */
	uint8_t bytes[WT_CHUNK_SIZE - 24];
};

_Static_assert(sizeof(struct wt_chunk) == WT_CHUNK_SIZE, "chunk size");

struct wt_chunks {
	struct wt_chunk *chunk;
	struct wt_front front;
	uint32_t n;       /* in the pool */
	uint32_t n_used;
	uint32_t free;    /* list */
	uint32_t n_fresh; /* never used yet, behind the free list */
};

void wt_chunks_init(struct wt_chunks *pool, uint32_t n);
void wt_chunks_fini(struct wt_chunks *pool);

/* An empty chunk, or WT_CHUNK_NONE. */
uint32_t wt_chunk_take(struct wt_chunks *pool);

/* Gives back the whole chain (WT_CHUNK_NONE is fine); *head becomes NONE. */
void wt_chain_free(struct wt_chunks *pool, uint32_t *head);

/* Chunks needed to append `len` bytes to a chain that holds `held` bytes. */
static inline uint32_t wt_chain_cost(size_t held, size_t len)
{
	const size_t room = sizeof(((struct wt_chunk *)0)->bytes);

	return (uint32_t)((held + len + room - 1) / room - (held + room - 1) / room);
}

static inline uint32_t wt_chunks_left(const struct wt_chunks *pool)
{
	return pool->n - pool->n_used;
}

/* Appends to a chain that is filled without holes. The caller made sure of room
 * (wt_chain_cost); false and unchanged otherwise. */
bool wt_chain_append(struct wt_chunks *pool, uint32_t *head, struct wt_slice bytes);

/* Copies the chain's bytes to `into` (which has room for `cap`); bytes copied. */
size_t wt_chain_copy(const struct wt_chunks *pool, uint32_t head, uint8_t *into, size_t cap);

#endif
