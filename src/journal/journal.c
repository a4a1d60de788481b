/* The queue and the writing thread (journal.h). One half of the queue is filled while the
 * other is being written, so a batch is whatever came during the sync before it. */
#define _POSIX_C_SOURCE 200809L
#include "journal/journal.h"
#include "base/memory.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define RETRY_MS 250u
#define BEAT_MS 2000u
#define CLOSE_MS 5000u /* a journal that cannot be written holds an end up this long */

struct wt_journal {
	struct wt_journal_options options;
	struct wt_spool *store;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t filled, drained;
	uint8_t *half[2];
	size_t half_len, len; /* of the half being filled */
	uint32_t n;
	unsigned filling;
	bool is_ending, gives_up;
	uint64_t taken, done, refused[WT_BANDS], n_refused, lost, bytes;
};

static struct timespec after_ms(unsigned ms)
{
	struct timespec at;

	(void)clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_nsec += (long)(ms % 1000) * 1000000;
	at.tv_sec += (time_t)(ms / 1000) + at.tv_nsec / 1000000000;
	at.tv_nsec %= 1000000000;
	return at;
}

static void tell_refused(struct wt_journal *j)
{
	unsigned band;

	for (band = 0; band < WT_BANDS; band++)
		if (j->refused[band]) {
			wt_spool_refuse(j->store, band, j->refused[band]);
			j->refused[band] = 0;
		}
}

/* Records of bands that were not written. */
static uint64_t left_of(const struct wt_spool_batch *batch)
{
	const uint8_t *at = batch->bytes;
	uint64_t n = 0;
	uint32_t i;

	for (i = 0; i < batch->n; i++) {
		struct wt_batch_item item;

		memcpy(&item, at, sizeof(item));
		n += !(batch->bands_done & 1u << item.band);
		at += wt_batch_bytes(item.len);
	}
	return n;
}

/* Writes one half, however long it takes. Called without the lock. */
static void write_half(struct wt_journal *j, struct wt_spool_batch *batch)
{
	while (!wt_spool_commit(j->store, batch)) {
		struct timespec at = after_ms(RETRY_MS);
		bool gives_up;

		pthread_mutex_lock(&j->lock);
		if (!j->gives_up)
			(void)pthread_cond_timedwait(&j->drained, &j->lock, &at);
		gives_up = j->gives_up;
		pthread_mutex_unlock(&j->lock);
		if (gives_up) {
			j->lost += left_of(batch);
			return;
		}
	}
}

static void *write_all(void *self)
{
	struct wt_journal *j = self;

	pthread_mutex_lock(&j->lock);
	for (;;) {
		struct wt_spool_batch batch;
		struct timespec beat = after_ms(BEAT_MS);
		int waited = 0;

		while (!j->n && !j->is_ending && waited != ETIMEDOUT)
			waited = pthread_cond_timedwait(&j->filled, &j->lock, &beat);
		if (!j->n && j->is_ending)
			break;
		tell_refused(j);
		batch = (struct wt_spool_batch){ .bytes = j->half[j->filling],
						 .len = j->len,
						 .n = j->n };
		j->filling ^= 1;
		j->len = 0;
		j->n = 0;
		pthread_cond_broadcast(&j->drained);
		pthread_mutex_unlock(&j->lock);
		if (batch.n)
			write_half(j, &batch);
		else
			wt_spool_beat(j->store);
		pthread_mutex_lock(&j->lock);
		j->bytes = wt_spool_stats(j->store).bytes;
		j->done += batch.n;
		pthread_cond_broadcast(&j->drained);
	}
	pthread_mutex_unlock(&j->lock);
	return NULL;
}

static void init_locks(struct wt_journal *j)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&j->lock, NULL);
	pthread_cond_init(&j->filled, &attr);
	pthread_cond_init(&j->drained, &attr);
	pthread_condattr_destroy(&attr);
}

struct wt_journal *wt_journal_open(const struct wt_journal_options *options)
{
	struct wt_journal *j = calloc(1, sizeof(*j));
	struct wt_spool_options store = { .size_max = options->size_max,
					  .batch_max = options->queue_bytes / 2,
					  .sensor = options->sensor,
					  .tells_gap = options->is_live };

	if (!j)
		abort();
	j->options = *options;
	j->store = wt_spool_open(options->io, &store);
	if (!j->store) {
		free(j);
		return NULL;
	}
	j->bytes = wt_spool_stats(j->store).bytes;
	j->half_len = options->queue_bytes / 2;
	j->half[0] = wt_memory_reserve(j->half_len);
	j->half[1] = wt_memory_reserve(j->half_len);
	init_locks(j);
	if (pthread_create(&j->thread, NULL, write_all, j) != 0)
		abort();
	return j;
}

/* How much of a half a band may fill: what is left is for the graver ones. */
static size_t share_of(const struct wt_journal *j, unsigned band)
{
	return j->options.is_live ? j->half_len / 8 * (5 + band) : j->half_len;
}

bool wt_journal_append(struct wt_journal *j, const struct wt_alert *alert)
{
	uint8_t room[WT_ALERT_BYTES_MAX];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	struct wt_batch_item item = { .band = wt_band_of(alert->severity),
				      .time_ns = alert->made_ns };
	size_t need;
	bool fits;

	if (!wt_alert_encode(alert, &b)) {
		struct wt_alert bare = *alert; /* too long with its fields */

		bare.fields.len = 0;
		bare.is_truncated = true;
		b.len = 0;
		b.is_short = false;
		if (WT_BUG_ON(!wt_alert_encode(&bare, &b)))
			return false;
	}
	item.len = (uint32_t)b.len;
	need = wt_batch_bytes(b.len);
	pthread_mutex_lock(&j->lock);
	while (j->len + need > j->half_len && !j->options.is_live)
		pthread_cond_wait(&j->drained, &j->lock);
	fits = j->len + need <= share_of(j, item.band);
	if (fits) {
		uint8_t *at = j->half[j->filling] + j->len;

		memcpy(at, &item, sizeof(item));
		memcpy(at + sizeof(item), room, b.len);
		j->len += need;
		j->n++;
		j->taken++;
		pthread_cond_signal(&j->filled);
	} else {
		j->refused[item.band]++;
		j->n_refused++;
	}
	pthread_mutex_unlock(&j->lock);
	return fits;
}

bool wt_journal_flush(struct wt_journal *j, unsigned timeout_ms)
{
	struct timespec at = after_ms(timeout_ms);
	uint64_t wanted;
	bool is_done;
	int waited = 0;

	pthread_mutex_lock(&j->lock);
	wanted = j->taken;
	while (j->done < wanted && waited != ETIMEDOUT)
		waited = pthread_cond_timedwait(&j->drained, &j->lock, &at);
	is_done = j->done >= wanted;
	pthread_mutex_unlock(&j->lock);
	return is_done;
}

uint64_t wt_journal_n_taken(struct wt_journal *j)
{
	uint64_t n;

	pthread_mutex_lock(&j->lock);
	n = j->taken;
	pthread_mutex_unlock(&j->lock);
	return n;
}

uint64_t wt_journal_n_durable(struct wt_journal *j)
{
	uint64_t n;

	pthread_mutex_lock(&j->lock);
	n = j->done;
	pthread_mutex_unlock(&j->lock);
	return n;
}

uint64_t wt_journal_bytes(struct wt_journal *j)
{
	uint64_t n;

	pthread_mutex_lock(&j->lock);
	n = j->bytes;
	pthread_mutex_unlock(&j->lock);
	return n;
}

bool wt_journal_close(struct wt_journal *j, struct wt_counters *counters)
{
	struct wt_spool_stats stats;
	uint64_t untold = 0;
	unsigned band;
	bool is_whole;

	if (!j)
		return true;
	is_whole = wt_journal_flush(j, CLOSE_MS);
	pthread_mutex_lock(&j->lock);
	j->is_ending = true;
	j->gives_up = !is_whole;
	pthread_cond_broadcast(&j->filled);
	pthread_cond_broadcast(&j->drained);
	pthread_mutex_unlock(&j->lock);
	pthread_join(j->thread, NULL);
	for (band = 0; band < WT_BANDS; band++)
		untold += j->refused[band];
	stats = wt_spool_stats(j->store);
	if (counters) {
		wt_count_n(counters, WT_C_JOURNAL_GIVEN, j->taken + j->n_refused);
		wt_count_n(counters, WT_C_JOURNAL_COMMITTED, stats.committed);
		wt_count_n(counters, WT_C_JOURNAL_REFUSED, stats.refused + j->lost + untold);
		wt_count_n(counters, WT_C_JOURNAL_OWN, stats.own);
		wt_count_n(counters, WT_C_JOURNAL_FOUND, stats.found);
		wt_count_n(counters, WT_C_JOURNAL_EVICTED, stats.evicted);
		wt_count_n(counters, WT_C_JOURNAL_STORED, stats.stored);
		wt_count_n(counters, WT_C_JOURNAL_ERRORS, stats.errors);
	}
	wt_spool_close(j->store, is_whole);
	wt_memory_release(j->half[0], j->half_len);
	wt_memory_release(j->half[1], j->half_len);
	free(j);
	return is_whole;
}
