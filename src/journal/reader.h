/* Reading the journal, also while it is written, from any process: all records in the
 * order of their sequence, and positions that readers acknowledge.
 * Trust: files are hostile; only records with a valid CRC are given, and decoding them is
 * the caller's. Memory: a window per band, SEGMENTS_MAX names. */
#ifndef JOURNAL_READER_H
#define JOURNAL_READER_H

#include "journal/segment.h"

struct wt_reading {
	uint64_t seq;
	uint64_t time_ns;
	struct wt_slice bytes; /* until the next call */
};

struct wt_journal_reader;

/* only_committed: nothing that a crash could still take back (a courier); otherwise
 * everything that is intact. */
struct wt_journal_reader *wt_journal_reader_new(const struct wt_io *io, bool only_committed);
void wt_journal_reader_free(struct wt_journal_reader *r);

/* The next record behind `seq`. False: none for now; ask again later. */
WT_MUST_USE bool wt_journal_read(struct wt_journal_reader *r, struct wt_reading *reading);

/* Why the last wt_journal_read gave none although some may be there: an error number of
 * the folder or of a segment that could not be opened. 0: there was none. */
int wt_journal_error(const struct wt_journal_reader *r);

/* Goes on behind this sequence. */
void wt_journal_seek(struct wt_journal_reader *r, uint64_t seq);

/* The last committed sequence. */
uint64_t wt_journal_end(struct wt_journal_reader *r);

/* Bytes between intact records that could not be read so far. */
uint64_t wt_journal_unreadable(const struct wt_journal_reader *r);

/* The position of a consumer (letters, digits, '-', '_'; at most 32). NULL when it can
 * not be kept. */
struct wt_cursor;
struct wt_cursor *wt_cursor_open(const struct wt_io *io, const char *consumer);
void wt_cursor_free(struct wt_cursor *c);
uint64_t wt_cursor_seq(const struct wt_cursor *c);
uint64_t wt_cursor_count(const struct wt_cursor *c); /* records acknowledged ever */

/* All up to `seq` arrived, `n` of them since the last time. Durable when true comes back;
 * never moves back. */
WT_MUST_USE bool wt_cursor_acknowledge(struct wt_cursor *c, uint64_t seq, uint64_t n);

#endif
