/* Pools of equal things and hash tables of indices, reserved at start.
 * Memory: as asked for; touched when first used. */
#include "base/memory.h"
#include "observe/inner.h"

/* Places that come at random miss the TLB too: what is large lies in huge pages. Of the
 * small profile's they would be mostly empty, and clearing them would cost more. */
#define TABLE_HUGE_FROM ((size_t)2 << 20)
#define POOL_HUGE_FROM ((size_t)16 << 20)

static void *reserve(size_t len, size_t huge_from)
{
	return len >= huge_from ? wt_memory_reserve_dense(len) : wt_memory_reserve(len);
}

static void release(void *at, size_t len, size_t huge_from)
{
	if (len >= huge_from)
		wt_memory_release_dense(at, len);
	else
		wt_memory_release(at, len);
}

void wt_inv_pool_make(struct pool *pool, uint32_t n, uint32_t each)
{
	*pool = (struct pool){ .each = each, .n = n };
	pool->at = reserve((size_t)n * each, POOL_HUGE_FROM);
}

void wt_inv_pool_end(struct pool *pool)
{
	release(pool->at, (size_t)pool->n * pool->each, POOL_HUGE_FROM);
}

uint32_t wt_inv_pool_take(struct pool *pool)
{
	uint32_t at = pool->free;

	if (at)
		memcpy(&pool->free, pool_at(pool, at), sizeof(pool->free));
	else if (pool->n_fresh < pool->n)
		at = ++pool->n_fresh;
	if (at) {
		memset(pool_at(pool, at), 0, pool->each);
		pool->n_used++;
	}
	return at;
}

/* The first four octets of what is free name the next; the rest is zero, so a reader
 * that walks over all places sees that nothing is there. */
void wt_inv_pool_give(struct pool *pool, uint32_t at)
{
	memset(pool_at(pool, at), 0, pool->each);
	memcpy(pool_at(pool, at), &pool->free, sizeof(pool->free));
	pool->free = at;
	pool->n_used--;
}

void wt_inv_table_make(struct table *table, uint32_t n)
{
	uint64_t size = 64;

	while (size < n)
		size *= 2;
	table->mask = size - 1;
	table->bucket = reserve((size_t)size * sizeof(*table->bucket), TABLE_HUGE_FROM);
}

void wt_inv_table_end(struct table *table)
{
	release(table->bucket, (size_t)(table->mask + 1) * sizeof(*table->bucket),
		TABLE_HUGE_FROM);
}
