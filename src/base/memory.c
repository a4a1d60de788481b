/* Reservation of address space (memory.h). Memory: as the profile says. */
#define _GNU_SOURCE
#include "base/memory.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define PAGE ((size_t)4096)
#define AHEAD_MAX ((size_t)65536)
#define HUGE_PAGE ((size_t)2 << 20)
#define BATCH_LEN (8 * HUGE_PAGE) /* address space; pages come when touched */

static _Atomic size_t n_reserved;

void *wt_memory_reserve(size_t len)
{
	void *at = mmap(NULL, len, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (at == MAP_FAILED) {
		fprintf(stderr, "wardtap: cannot reserve %zu bytes of memory; choose a smaller "
				"memory.profile or raise the limit (ulimit -v)\n", len);
		exit(2);
	}
	atomic_fetch_add(&n_reserved, len);
	return at;
}

void wt_memory_release(void *at, size_t len)
{
	if (!at)
		return;
	munmap(at, len);
	atomic_fetch_sub(&n_reserved, len);
}

/* Pieces that share huge pages. Given back when the last of them is. */
struct batch {
	struct batch *next;
	uint8_t *mapping, *at; /* at: aligned */
	size_t mapping_len, used, n_pieces;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct batch *batches; /* the one that is being filled first */

static struct batch *batch_new(size_t len)
{
	struct batch *b = malloc(sizeof(*b));
	size_t size = len > BATCH_LEN ? len : BATCH_LEN;

	if (!b)
		abort();
	b->mapping_len = size + HUGE_PAGE;
	b->mapping = wt_memory_reserve(b->mapping_len);
	b->at = b->mapping + (HUGE_PAGE - (uintptr_t)b->mapping % HUGE_PAGE) % HUGE_PAGE;
	b->used = b->n_pieces = 0;
	(void)madvise(b->at, size, MADV_HUGEPAGE); /* mere advice */
	b->next = batches;
	batches = b;
	return b;
}

void *wt_memory_reserve_dense(size_t len)
{
	struct batch *b;
	void *at;

	len = (len + 63) & ~(size_t)63;
	pthread_mutex_lock(&lock);
	b = batches;
	if (!b || b->used + len > b->mapping_len - HUGE_PAGE)
		b = batch_new(len);
	at = b->at + b->used;
	b->used += len;
	b->n_pieces++;
	pthread_mutex_unlock(&lock);
	return at;
}

static bool is_in(const struct batch *b, const uint8_t *at)
{
	return at >= b->mapping && at < b->mapping + b->mapping_len;
}

void wt_memory_release_dense(void *at, size_t len)
{
	struct batch **link, *b;

	(void)len;
	if (!at)
		return;
	pthread_mutex_lock(&lock);
	for (link = &batches; *link && !is_in(*link, at); link = &(*link)->next)
		continue;
	b = *link;
	if (b && --b->n_pieces == 0) {
		*link = b->next;
		wt_memory_release(b->mapping, b->mapping_len);
		free(b);
	}
	pthread_mutex_unlock(&lock);
}

void wt_front_grow(struct wt_front *front, size_t used)
{
	size_t ahead = used / 4 < AHEAD_MAX ? used / 4 : AHEAD_MAX;
	size_t end = (used + ahead + PAGE - 1) & ~(PAGE - 1);
	size_t from = front->ready;

	front->ready = end < front->len ? end : front->len;
#ifdef MADV_POPULATE_WRITE /* Linux 5.14 */
	if (front->ready - from > PAGE &&
	    madvise(front->at + from, front->ready - from, MADV_POPULATE_WRITE) == 0)
		return;
#endif
	(void)from; /* they come one by one, by fault */
}

size_t wt_memory_reserved(void)
{
	return atomic_load(&n_reserved);
}
