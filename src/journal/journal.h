/* The journal for its one writing process: alerts go into a queue, a thread of its own
 * writes what has gathered and syncs it (group commit). An alert is durable once
 * wt_journal_n_durable counts it.
 * Trust: alerts are ours. Memory: the queue (two halves), a batch, see spool.h. */
#ifndef JOURNAL_JOURNAL_H
#define JOURNAL_JOURNAL_H

#include "journal/spool.h"
#include "wardtap/counter.h"

struct wt_journal;

struct wt_journal_options {
	const struct wt_io *io;
	uint64_t size_max;
	size_t queue_bytes; /* of both halves */
	const char *sensor;
	bool is_live; /* a full queue refuses, the least severe first; otherwise it waits */
};

/* NULL: the folder cannot be used. */
struct wt_journal *wt_journal_open(const struct wt_journal_options *options);

/* Takes a copy. False: refused (live, and the queue is full), which is counted and told
 * in the journal. */
bool wt_journal_append(struct wt_journal *j, const struct wt_alert *alert);

/* Waits until everything taken is durable. False when it is not after `timeout_ms`. */
WT_MUST_USE bool wt_journal_flush(struct wt_journal *j, unsigned timeout_ms);

/* Alerts taken, and those of them that are done with: durable, or refused. */
uint64_t wt_journal_n_taken(struct wt_journal *j);
uint64_t wt_journal_n_durable(struct wt_journal *j);

/* Bytes of the journal's segments, as of the latest batch. */
uint64_t wt_journal_bytes(struct wt_journal *j);

/* Writes what is left, ends the thread and adds the totals to `counters`. False: alerts
 * were lost because nothing could be written to the end. */
bool wt_journal_close(struct wt_journal *j, struct wt_counters *counters);

#endif
