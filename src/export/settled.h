/* What became of records behind the leading run that a sink may call done: those that
 * arrived, or were refused, while an earlier one has to go again. A sink asks before it
 * sends, so that a retry repeats no more than it must.
 *
 * Trust: our own numbers. Memory: 16 bytes a record, from wt_settled_new on; when it is
 * full a record is not remembered, and is sent once more under the same id. */
#ifndef EXPORT_SETTLED_H
#define EXPORT_SETTLED_H

#include "export/sink.h"

struct wt_settled;

WT_MUST_USE struct wt_settled *wt_settled_new(unsigned n_max);
void wt_settled_free(struct wt_settled *s);

/* Forgets all before this record, as the courier will not offer them again. */
void wt_settled_forget(struct wt_settled *s, uint64_t journal_seq);

/* is_again: the receiver had it already. */
void wt_settled_add(struct wt_settled *s, uint64_t journal_seq, bool is_again);

WT_MUST_USE bool wt_settled_has(const struct wt_settled *s, uint64_t journal_seq);

/* Sets n_done and n_again: the leading items that are settled. */
void wt_settled_count(const struct wt_settled *s, const struct wt_sink_item *items, unsigned n,
		      struct wt_sink_result *result);

#endif
