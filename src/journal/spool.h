/* The segments on disk: what they hold, writing of batches, making room, recovery. One
 * writer, one thread; journal.h puts a queue and a thread in front.
 *
 * Promises (tests/check_journal_crash.c cuts the power at every step):
 *  - a batch that wt_spool_commit took is found again after any crash, unless it was
 *    evicted, and each eviction is told by a record of its own;
 *  - no record is ever read that was not written;
 *  - old segments are never written to again: every start, and every error of a write or
 *    sync, begins new ones. A batch whose sync failed is written again, elsewhere: after
 *    such an error the kernel may believe that the pages are clean.
 * When there is no room, the oldest segment of the lowest band goes first, and never one
 * of a higher band than what is to be written.
 *
 * Trust: files are hostile. Memory: SEGMENTS_MAX rows, one window, one batch. */
#ifndef JOURNAL_SPOOL_H
#define JOURNAL_SPOOL_H

#include "journal/segment.h"

struct wt_spool;

struct wt_spool_options {
	uint64_t size_max;  /* bytes of all segments */
	size_t batch_max;   /* bytes of one batch, as wt_batch_bytes counts them */
	const char *sensor; /* name, for the store's own records */
	bool tells_gap;     /* a start tells how long nobody watched */
};

/* Records to be written: headers and payloads one after the other, 8-aligned. */
struct wt_batch_item {
	uint32_t len;
	uint32_t band;
	uint64_t time_ns;
};

struct wt_spool_batch {
	uint8_t *bytes;
	size_t len;
	uint32_t n;
	uint64_t first_seq;  /* set by the first wt_spool_commit; 0 before */
	uint32_t bands_done; /* bits */
};

static inline size_t wt_batch_bytes(size_t payload_len)
{
	return sizeof(struct wt_batch_item) + ((payload_len + 7) & ~(size_t)7);
}

/* Every number since the store was opened, but for `found`. committed + own + found =
 * stored + evicted. */
struct wt_spool_stats {
	uint64_t found;     /* records that the store held when it was opened */
	uint64_t committed; /* records taken */
	uint64_t refused;   /* records not taken: no room beside graver ones */
	uint64_t own;       /* records of the store itself: gaps, evictions, damage */
	uint64_t evicted;   /* records gone with their segments */
	uint64_t stored;    /* records it holds now */
	uint64_t damaged;   /* bytes that recovery could not read */
	uint64_t errors;    /* failed writes and syncs */
	uint64_t bytes;     /* of all segments */
	uint64_t last_seq;
};

/* Reads what is there. NULL when the folder cannot be used. */
struct wt_spool *wt_spool_open(const struct wt_io *io, const struct wt_spool_options *options);

/* is_clean: in order, so that the next start need not guess. */
void wt_spool_close(struct wt_spool *s, bool is_clean);

/* Takes a batch: true when it is durable (or its records were refused and counted).
 * False: nothing can be written now; the same batch again later. */
WT_MUST_USE bool wt_spool_commit(struct wt_spool *s, struct wt_spool_batch *batch);

/* Notes that the writer lives; every few seconds. */
void wt_spool_beat(struct wt_spool *s);

/* Records that never reached a batch: told with the evictions. */
void wt_spool_refuse(struct wt_spool *s, unsigned band, uint64_t n);

struct wt_spool_stats wt_spool_stats(const struct wt_spool *s);

#endif
