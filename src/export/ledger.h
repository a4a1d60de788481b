/* What became of the records that a sink was given: those behind the leading run that it
 * may call done. Some arrived or were refused while an earlier one has to go again; others
 * are out, taken by a receiver that has not confirmed them so far. A sink asks before it
 * sends, so that a retry repeats no more than it must.
 *
 * Trust: our own numbers. Memory: 16 bytes a record, from wt_ledger_new on. The courier
 * offers records from the first one that is not done with, at most n_max of them, so no
 * more than n_max are ever remembered; one that finds no room is sent once more under the
 * same id, which receivers can tell. */
#ifndef EXPORT_LEDGER_H
#define EXPORT_LEDGER_H

#include "export/sink.h"

enum wt_ledger_state {
	WT_LEDGER_NEW,     /* not known */
	WT_LEDGER_OUT,     /* taken, not confirmed */
	WT_LEDGER_ARRIVED,
	WT_LEDGER_REFUSED, /* for good */
	WT_LEDGER_AGAIN    /* the receiver had it already */
};

struct wt_ledger;

WT_MUST_USE struct wt_ledger *wt_ledger_new(unsigned n_max);
void wt_ledger_free(struct wt_ledger *l);

/* Forgets all before this record, as the courier will not offer them again. */
void wt_ledger_forget(struct wt_ledger *l, uint64_t journal_seq);

/* `slot`: the sink's own number of what the record is out with. */
void wt_ledger_set(struct wt_ledger *l, uint64_t journal_seq, enum wt_ledger_state state,
		   unsigned slot);

WT_MUST_USE enum wt_ledger_state wt_ledger_of(const struct wt_ledger *l, uint64_t journal_seq);

/* What is out with this slot arrived, or (WT_LEDGER_NEW) has to go again. */
void wt_ledger_end_slot(struct wt_ledger *l, unsigned slot, enum wt_ledger_state state);

/* Forgets what was refused: it is to be asked again. */
void wt_ledger_ask_again(struct wt_ledger *l);

/* Sets n_done and n_again: the leading items that are done with. */
void wt_ledger_count(const struct wt_ledger *l, const struct wt_sink_item *items, unsigned n,
		     struct wt_sink_result *result);

#endif
