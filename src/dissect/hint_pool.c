/* Size classes for the hint library (hint_pool.h).
 * Trust: sizes follow from hostile bytes; any size is answered.
 * Memory: the sum of the rows, 5.0 MiB, of which only what is used is ever touched,
 * and what the tables take. In builds with the address sanitizer the pool refuses
 * everything, so that each allocation is one of malloc and watched. */
#include "dissect/hint_pool.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/hint_packet.h"

/* Names and header values; certificates; TLS (2 KiB, grown by a payload at a time);
 * QUIC (4 KiB); Kerberos (12 KiB). Measured in nDPI 4.2. */
static const struct {
	uint32_t size, n;
} rows[WT_HINT_CLASSES] = {
	{ 128, 4096 }, { 512, 2048 }, { 2560, 768 }, { 8192, 128 }, { 16384, 32 },
};

bool wt_hint_pool_init(struct wt_hint_pool *pool)
{
	size_t i;

	pool->size = 0;
	for (i = 0; i < WT_HINT_CLASSES; i++)
		pool->size += (size_t)rows[i].size * rows[i].n;
	pool->memory = calloc(1, pool->size);
	return pool->memory != NULL;
}

void wt_hint_pool_free(struct wt_hint_pool *pool)
{
	free(pool->memory);
	pool->memory = NULL;
}

void *wt_hint_pool_take(struct wt_hint_pool *pool, size_t size)
{
	uint8_t *start = pool->memory;
	size_t i;

	for (i = 0; i < WT_HINT_CLASSES && !WT_HINT_EXACT; i++) {
		void *at = pool->spare[i];

		if (size <= rows[i].size && at) {
			memcpy(&pool->spare[i], at, sizeof(void *));
			return at;
		}
		if (size <= rows[i].size && pool->fresh[i] < rows[i].n)
			return start + (size_t)rows[i].size * pool->fresh[i]++;
		start += (size_t)rows[i].size * rows[i].n;
	}
	return NULL;
}

bool wt_hint_pool_give(struct wt_hint_pool *pool, void *at)
{
	uintptr_t offset = (uintptr_t)at - (uintptr_t)pool->memory;
	size_t start = 0, i;

	for (i = 0; i < WT_HINT_CLASSES && offset < pool->size; i++) {
		size_t len = (size_t)rows[i].size * rows[i].n;

		if (offset >= start && offset - start < len) {
			memcpy(at, &pool->spare[i], sizeof(void *));
			pool->spare[i] = at;
			return true;
		}
		start += len;
	}
	return false;
}

#define BLOCK 1048576u

void *wt_hint_tables_take(struct wt_hint_tables *tables, size_t size)
{
	size_t head = 16, want = (size + 15) & ~(size_t)15;
	uint8_t *block;

	if (want < size || want > SIZE_MAX - head)
		return NULL;
	if (!tables->block || tables->used + want > BLOCK) {
		size_t len = head + want > BLOCK ? head + want : BLOCK;

		block = malloc(len);
		if (!block)
			return NULL;
		memcpy(block, &tables->block, sizeof(tables->block));
		tables->block = block;
		tables->used = head;
		tables->total += len;
	}
	tables->used += want;
	return tables->block + tables->used - want;
}

void wt_hint_tables_free(struct wt_hint_tables *tables)
{
	while (tables->block) {
		uint8_t *before;

		memcpy(&before, tables->block, sizeof(before));
		free(tables->block);
		tables->block = before;
	}
}
