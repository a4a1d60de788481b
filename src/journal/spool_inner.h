/* What spool.c and recover.c share. */
#ifndef JOURNAL_SPOOL_INNER_H
#define JOURNAL_SPOOL_INNER_H

#include "journal/mark.h"
#include "journal/own.h"
#include "journal/spool.h"

#define WT_SEGMENTS_MAX 4096u
#define WT_STATE_FILE "committed"

struct wt_seg {
	uint64_t serial, first_seq, last_seq, bytes, n;
	uint32_t band;
};

struct wt_eviction {
	uint64_t n, from_seq, to_seq, since_ns;
};

struct wt_spool {
	const struct wt_io *io;
	struct wt_spool_options options;
	struct wt_spool_stats stats;
	struct wt_mark mark;
	uint64_t segment_max, next_serial, bytes, active_serial[WT_BANDS];
	int active[WT_BANDS];                  /* file, or below 0 */
	bool is_new[WT_BANDS];                 /* its name is not durable yet */
	struct wt_eviction eviction[WT_BANDS]; /* not told yet */
	uint64_t gap_from;                     /* 0: the journal is new */
	bool gap_is_told, damage_is_told, was_clean;
	struct wt_builder out; /* encoded records of a band */
	unsigned n_segs;
	struct wt_seg seg[WT_SEGMENTS_MAX]; /* by serial number */
};

/* Records in batch form, numbered from first_seq. */
struct wt_run {
	const uint8_t *bytes;
	uint32_t n;
	uint64_t first_seq;
};

enum wt_outcome { WT_WRITTEN, WT_REFUSED, WT_LATER };

/* Writes and syncs the run's records of one band. */
enum wt_outcome wt_spool_write_band(struct wt_spool *s, const struct wt_run *run,
				    unsigned band);

/* Writes records about what is not told yet. */
void wt_spool_tell(struct wt_spool *s);

#endif
