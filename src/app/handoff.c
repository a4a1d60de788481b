/* The queues and their merge (handoff.h). Locks are taken per block, never per
 * record. Memory: as given to wt_handoff_new. */
#define _POSIX_C_SOURCE 200809L
#include "app/handoff.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BLOCK_BYTES 262144u

struct block {
	struct block *next;
	uint64_t watermark;
	bool is_last;
	uint32_t len;
	_Alignas(8) uint8_t bytes[BLOCK_BYTES];
};

#define AHEAD 4u /* records that the sink hears of before it takes them */

_Static_assert(BLOCK_BYTES > WT_RECORD_SIZE_MAX, "a block holds the largest record");

struct wt_handoff {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct block *free, *queue, **queue_end;
	struct block *writing; /* worker's */
	struct block *reading; /* keeper's, from here on */
	uint32_t read_at;
	uint32_t ahead_at, n_ahead; /* of the record that the sink hears of next */
	uint64_t bound;        /* no record of an order <= bound will come */
	bool has_bound, is_done;
};

struct wt_handoff *wt_handoff_new(size_t bytes)
{
	struct wt_handoff *h = calloc(1, sizeof(*h));
	size_t n = bytes / BLOCK_BYTES, i;

	if (!h)
		abort();
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->changed, NULL);
	h->queue_end = &h->queue;
	for (i = 0; i < (n < 4 ? 4 : n); i++) {
		struct block *b = malloc(sizeof(*b));

		if (!b)
			abort();
		b->next = h->free;
		h->free = b;
	}
	return h;
}

static void free_blocks(struct block *b)
{
	while (b) {
		struct block *next = b->next;

		free(b);
		b = next;
	}
}

void wt_handoff_free(struct wt_handoff *h)
{
	if (!h)
		return;
	free_blocks(h->free);
	free_blocks(h->queue);
	free(h->writing);
	free(h->reading);
	pthread_mutex_destroy(&h->lock);
	pthread_cond_destroy(&h->changed);
	free(h);
}

static bool take_block(struct wt_handoff *h, bool waits)
{
	pthread_mutex_lock(&h->lock);
	while (!h->free && waits)
		pthread_cond_wait(&h->changed, &h->lock);
	h->writing = h->free;
	if (h->writing)
		h->free = h->writing->next;
	pthread_mutex_unlock(&h->lock);
	if (!h->writing)
		return false;
	h->writing->len = 0;
	h->writing->is_last = false;
	return true;
}

void wt_handoff_flush(struct wt_handoff *h, uint64_t order_done, bool is_last)
{
	struct block *b;

	if (!h->writing && !take_block(h, is_last))
		return; /* live, and the keeper is behind: it will be told later */
	b = h->writing;
	h->writing = NULL;
	b->watermark = order_done;
	b->is_last = is_last;
	b->next = NULL;
	pthread_mutex_lock(&h->lock);
	*h->queue_end = b;
	h->queue_end = &b->next;
	pthread_cond_broadcast(&h->changed);
	pthread_mutex_unlock(&h->lock);
}

void *wt_handoff_room(struct wt_handoff *h, uint64_t order_done, bool waits)
{
	if (h->writing && BLOCK_BYTES - h->writing->len < WT_RECORD_SIZE_MAX)
		wt_handoff_flush(h, order_done, false);
	if (!h->writing && !take_block(h, waits))
		return NULL;
	return h->writing->bytes + h->writing->len;
}

void wt_handoff_put(struct wt_handoff *h, const struct wt_record *record)
{
	h->writing->len += record->size;
}

/* Keeper: takes the next block of a queue; false when none came in a tenth of a
 * second (or, without `wait`, when there is none). */
static bool next_block(struct wt_handoff *h, bool wait)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += 100000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_mutex_lock(&h->lock);
	while (wait && !h->queue)
		if (pthread_cond_timedwait(&h->changed, &h->lock, &until) != 0)
			break;
	if (!h->queue) {
		pthread_mutex_unlock(&h->lock);
		return false;
	}
	h->reading = h->queue;
	h->queue = h->reading->next;
	if (!h->queue)
		h->queue_end = &h->queue;
	pthread_mutex_unlock(&h->lock);
	h->read_at = h->ahead_at = h->n_ahead = 0;
	return true;
}

static void give_back(struct wt_handoff *h)
{
	struct block *b = h->reading;

	h->bound = b->watermark;
	h->has_bound = true;
	h->is_done = b->is_last;
	h->reading = NULL;
	pthread_mutex_lock(&h->lock);
	b->next = h->free;
	h->free = b;
	pthread_cond_broadcast(&h->changed);
	pthread_mutex_unlock(&h->lock);
}

static const struct wt_record *record_at(const struct wt_handoff *h, uint32_t at)
{
	return (const struct wt_record *)(const void *)(h->reading->bytes + at);
}

static const struct wt_record *current(const struct wt_handoff *h)
{
	return h->reading && h->read_at < h->reading->len ? record_at(h, h->read_at) : NULL;
}

/* True when a comes before b. */
static bool is_before(const struct wt_event_head *a, const struct wt_event_head *b)
{
	if (a->order != b->order)
		return a->order < b->order;
	if (a->is_tick != b->is_tick)
		return a->is_tick;
	if (a->shard != b->shard)
		return a->shard < b->shard;
	return a->index < b->index;
}

/* Goes on to the queue's next record. False when it has none at hand. */
static bool load(struct wt_handoff *h)
{
	while (!current(h)) {
		if (h->reading)
			give_back(h);
		if (h->is_done || !next_block(h, false))
			return false;
	}
	return true;
}

/* True when no record up to `order` will come from this queue. */
static bool is_past(const struct wt_handoff *h, uint64_t order)
{
	return h->is_done || (h->has_bound && h->bound >= order);
}

static struct wt_handoff *smallest(struct wt_handoff *const *handoff, unsigned n)
{
	struct wt_handoff *best = NULL;
	unsigned i;

	for (i = 0; i < n; i++)
		if (current(handoff[i]) &&
		    (!best || is_before(&current(handoff[i])->head, &current(best)->head)))
			best = handoff[i];
	return best;
}

/* The queue with the smallest record, once that is certain. NULL: *blocked must speak
 * first; with *blocked NULL all are at their end. */
static struct wt_handoff *pick(struct wt_handoff *const *handoff, unsigned n,
			       struct wt_handoff **blocked)
{
	struct wt_handoff *best;
	bool is_changed;
	unsigned i;

	do {
		best = smallest(handoff, n);
		*blocked = NULL;
		is_changed = false;
		for (i = 0; i < n; i++) {
			struct wt_handoff *h = handoff[i];

			if (current(h))
				continue;
			if (h->reading || !is_past(h, best ? current(best)->head.order : UINT64_MAX))
				is_changed |= load(h);
			if (!current(h) && !is_past(h, best ? current(best)->head.order : UINT64_MAX))
				*blocked = h;
		}
	} while (is_changed);
	return *blocked ? NULL : best;
}

/* Of this block: what comes in the next one is not there to be read yet. */
static void tell_ahead(struct wt_handoff *h, const struct wt_record_sink *sink)
{
	while (h->n_ahead < AHEAD && h->ahead_at < h->reading->len) {
		const struct wt_record *record = record_at(h, h->ahead_at);

		sink->ahead(sink->self, record);
		h->ahead_at += record->size;
		h->n_ahead++;
	}
}

static void give(struct wt_handoff *h, const struct wt_record_sink *sink)
{
	uint32_t size = current(h)->size;

	if (sink->ahead)
		tell_ahead(h, sink);
	sink->take(sink->self, current(h));
	h->read_at += size;
	if (h->n_ahead)
		h->n_ahead--;
}

/* Once in a tenth of a second. */
static bool is_time(uint64_t *next_ns)
{
	struct timespec now;
	uint64_t now_ns;

	clock_gettime(CLOCK_MONOTONIC, &now);
	now_ns = (uint64_t)now.tv_sec * WT_NS_PER_S + (uint64_t)now.tv_nsec;
	if (now_ns < *next_ns)
		return false;
	*next_ns = now_ns + WT_NS_PER_S / 10;
	return true;
}

void wt_handoff_merge(struct wt_handoff *const *handoff, unsigned n,
		      const struct wt_record_sink *sink, void (*on_idle)(void *self),
		      void *self)
{
	uint64_t next_ns = 0;
	uint32_t n_taken = 0;

	for (;;) {
		struct wt_handoff *blocked;
		struct wt_handoff *h = pick(handoff, n, &blocked);

		if (!h && !blocked)
			return;
		if (!h) {
			/* one block, not one record: it may be a mere watermark, and live
			 * ones come all the time */
			(void)next_block(blocked, true);
			if (is_time(&next_ns))
				on_idle(self);
			continue;
		}
		give(h, sink);
		if ((++n_taken & 1023) == 0 && is_time(&next_ns))
			on_idle(self);
	}
}
