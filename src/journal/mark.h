/* A small number of facts that must survive: how far the journal is committed, how far
 * a reader has acknowledged. Two slots in one file, written in turn and each with a CRC,
 * so that a torn write spoils only the older truth.
 * Trust: files are hostile. Memory: fixed. */
#ifndef JOURNAL_MARK_H
#define JOURNAL_MARK_H

#include "journal/io.h"

struct wt_mark_facts {
	uint64_t seq;
	uint64_t time_ns;
	uint64_t flags;
	uint64_t count; /* free for the owner */
};

struct wt_mark {
	const struct wt_io *io;
	int file;      /* below 0: none */
	uint64_t turn; /* of the latest slot */
	struct wt_mark_facts facts;
};

#define WT_MARK_CLEAN 1u /* the writer ended in order */

/* Opens `name`, or makes it. False when it can neither be read nor made; facts are zero
 * where there was nothing. */
WT_MUST_USE bool wt_mark_open(struct wt_mark *mark, const struct wt_io *io, const char *name,
			      bool creates);
void wt_mark_close(struct wt_mark *mark);

/* Reads the facts again: another process may have written them. */
void wt_mark_read(struct wt_mark *mark);

/* Writes mark->facts; syncs: and makes them last. False: not written. */
WT_MUST_USE bool wt_mark_write(struct wt_mark *mark, bool syncs);

#endif
