/* The chunk pool (chunk.h). Trust: contents are hostile, links are ours.
 * Memory: n chunks, reserved at start. */
#include "base/chunk.h"
#include "base/memory.h"

void wt_chunks_init(struct wt_chunks *pool, uint32_t n)
{
	*pool = (struct wt_chunks){ .n = n, .free = WT_CHUNK_NONE };
	pool->chunk = wt_memory_reserve((size_t)n * sizeof(*pool->chunk));
	pool->front = wt_front_of(pool->chunk, (size_t)n * sizeof(*pool->chunk));
}

void wt_chunks_fini(struct wt_chunks *pool)
{
	wt_memory_release(pool->chunk, (size_t)pool->n * sizeof(*pool->chunk));
	pool->chunk = NULL;
}

uint32_t wt_chunk_take(struct wt_chunks *pool)
{
	uint32_t at = pool->free;

	if (at != WT_CHUNK_NONE)
		pool->free = pool->chunk[at].next;
	else if (pool->n_fresh < pool->n)
		at = pool->n_fresh++;
	else
		return WT_CHUNK_NONE;
	pool->n_used++;
	wt_front_reach(&pool->front, (at + 1) * sizeof(*pool->chunk));
	pool->chunk[at].next = WT_CHUNK_NONE;
	pool->chunk[at].len = 0;
	pool->chunk[at].missing = 0;
	pool->chunk[at].is_acked = pool->chunk[at].is_fin = 0;
	return at;
}

void wt_chain_free(struct wt_chunks *pool, uint32_t *head)
{
	while (*head != WT_CHUNK_NONE) {
		uint32_t at = *head;

		*head = pool->chunk[at].next;
		pool->chunk[at].next = pool->free;
		pool->free = at;
		pool->n_used--;
	}
}

bool wt_chain_append(struct wt_chunks *pool, uint32_t *head, struct wt_slice bytes)
{
	uint32_t last = *head == WT_CHUNK_NONE ? WT_CHUNK_NONE : pool->chunk[*head].seq;

	if (wt_chain_cost(last == WT_CHUNK_NONE ? 0 : pool->chunk[last].len, bytes.len) >
	    wt_chunks_left(pool))
		return false;
	while (bytes.len) {
		struct wt_chunk *c;
		size_t n;

		if (last == WT_CHUNK_NONE ||
		    pool->chunk[last].len == sizeof(pool->chunk[last].bytes)) {
			uint32_t fresh = wt_chunk_take(pool);

			if (WT_BUG_ON(fresh == WT_CHUNK_NONE))
				return false;
			if (last == WT_CHUNK_NONE)
				*head = fresh;
			else
				pool->chunk[last].next = fresh;
			last = fresh;
			pool->chunk[*head].seq = last;
		}
		c = &pool->chunk[last];
		n = sizeof(c->bytes) - c->len;
		if (n > bytes.len)
			n = bytes.len;
		memcpy(c->bytes + c->len, bytes.ptr, n);
		c->len = (uint16_t)(c->len + n);
		bytes = wt_slice_tail(bytes, n);
	}
	return true;
}

size_t wt_chain_copy(const struct wt_chunks *pool, uint32_t head, uint8_t *into, size_t cap)
{
	size_t len = 0;

	for (; head != WT_CHUNK_NONE; head = pool->chunk[head].next) {
		const struct wt_chunk *c = &pool->chunk[head];

		if (WT_BUG_ON(c->len > cap - len))
			break;
		memcpy(into + len, c->bytes, c->len);
		len += c->len;
	}
	return len;
}
