/* One sink of the courier: a thread that reads the journal behind its own cursor, gathers
 * batches, hands them to the sink, waits when that fails, and moves the cursor over what
 * arrived. Sinks know nothing of one another. */
#ifndef APP_FORWARD_H
#define APP_FORWARD_H

#include <stdatomic.h>

#include "base/conf.h"
#include "journal/reader.h"

struct wt_forward;

struct wt_forward_options {
	const struct wt_conf *sink; /* the section */
	const char *name;           /* of the section: also the cursor's */
	const char *sensor, *host;
	const struct wt_io *io;     /* of the journal */
	const char *dead_folder;
	uint64_t dead_size;
	bool is_once;               /* ends when the journal is drained, or nothing helps */
	const _Atomic bool *is_stopping;
};

enum wt_forward_state { WT_FORWARD_GOOD, WT_FORWARD_RETRYING, WT_FORWARD_STOPPED };

/* Since the start. */
struct wt_forward_stats {
	enum wt_forward_state state;
	uint64_t sent;         /* records handed to the sink and done with */
	uint64_t acknowledged; /* of them: the receiver confirmed them; 0 where none does */
	uint64_t again;        /* of them: the receiver had them already */
	uint64_t refused;      /* records that the receiver will never take */
	uint64_t filtered;     /* records that the configuration leaves out */
	uint64_t evicted;      /* records gone from the journal before they were sent */
	uint64_t failures;     /* attempts that failed */
	uint64_t backlog;      /* end of the journal - cursor */
	uint64_t cursor;
	uint64_t last_good_s;  /* wall clock, seconds; 0: not yet */
	bool is_over;          /* the thread has ended */
	bool is_confirmed;     /* the kind confirms what arrived */
	char why[256];         /* of the last failure */
};

/* NULL: told on standard error. Starts nothing. */
struct wt_forward *wt_forward_new(const struct wt_forward_options *options);

/* False: no thread can be had. */
WT_MUST_USE bool wt_forward_start(struct wt_forward *f);

/* The sink opens its files and secrets anew (SIGHUP), and tries at once. */
void wt_forward_reopen(struct wt_forward *f);

void wt_forward_stats(struct wt_forward *f, struct wt_forward_stats *stats);

/* Waits for the thread and frees it. */
void wt_forward_free(struct wt_forward *f);

#endif
