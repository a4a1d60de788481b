/* Records that a receiver will never take: kept in a file per sink, one JSON line each
 * with the reason, the alert's id and seq, the place in the journal and the record itself
 * in base64, so that nothing is lost silently. */
#ifndef APP_DEADLETTER_H
#define APP_DEADLETTER_H

#include "wardtap/bytes.h"

struct wt_deadletter;

/* FOLDER/NAME.jsonl, made with the first record; FOLDER too. At `size_max` bytes it becomes
 * NAME.jsonl.1, in place of an older one. */
struct wt_deadletter *wt_deadletter_new(const char *folder, const char *name, uint64_t size_max);
void wt_deadletter_free(struct wt_deadletter *d);

struct wt_dead_record {
	uint64_t journal_seq;
	struct wt_slice bytes; /* as in the journal */
	const char *id;        /* "<alert id>-<seq>", or NULL where it cannot be decoded */
	const char *why;
};

/* Durable when true comes back; otherwise errno says why not. */
WT_MUST_USE bool wt_deadletter_add(struct wt_deadletter *d, const struct wt_dead_record *record);

#endif
