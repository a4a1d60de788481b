/* A receiver of records outside the sensor, and what the courier asks of it.
 *
 * A sink is given records of the journal in their order and says how many of them
 * arrived. It knows its protocol and its connection; waiting, retrying, the position in
 * the journal and the file of records that are refused for good belong to the courier
 * (app/). Every kind is a `const struct wt_sink_kind`, listed in sink_list.c.
 *
 * A sink runs in a thread of its own and may block, never longer than its time-out, and
 * not while *is_stopping.
 * Trust: answers of a receiver are hostile: bounded in size and time. */
#ifndef EXPORT_SINK_H
#define EXPORT_SINK_H

#include <stdatomic.h>

#include "base/conf.h"
#include "wardtap/alert.h"

#define WT_SINK_WHY_MAX 256u

/* One record: as it lies in the journal and decoded. Borrowed during the call. */
struct wt_sink_item {
	const struct wt_alert *alert;
	uint64_t journal_seq;
};

enum wt_sink_verdict {
	WT_SINK_DONE,  /* every item arrived, or is among the refused ones */
	WT_SINK_RETRY, /* the first n_done are done with; the others again, later */
	WT_SINK_STOP   /* the same, and only an operator can help: tell loudly, retry seldom */
};

struct wt_sink_result {
	enum wt_sink_verdict verdict;
	unsigned n_done;       /* leading items that arrived or were refused */
	unsigned n_again;      /* of them, those that the receiver had already (HTTP 409) */
	uint32_t retry_ms;     /* when the receiver names a time (Retry-After), else 0 */
	char why[WT_SINK_WHY_MAX]; /* RETRY, STOP: one line, without secrets. DONE: a remark
				    * for the operator, once; else "" */
	/* Called for every item that the receiver will never take (its format, its size):
	 * it goes into the dead letter file. Counts as done. An item that is offered again,
	 * because an earlier one was not done with, is refused again; with asks_again (set
	 * by the courier) only if the receiver, asked anew, still refuses it. */
	void (*refuse)(void *to, const struct wt_sink_item *item, const char *why);
	void *refuse_to;
	bool asks_again;
};

struct wt_sink_options {
	const char *name;          /* of the section in the configuration */
	const struct wt_conf *conf; /* the section's own values, rows WT_CONF_SINK_* */
	const char *sensor;        /* sensor.name */
	const char *host;          /* name of this machine, for syslog HOSTNAME */
	const _Atomic bool *is_stopping;
};

struct wt_sink_kind {
	const char *name; /* value of sinks.NAME.type */
	/* What arrived is confirmed by the receiver, record by record or batch by batch.
	 * False: a success means no more than that the bytes left. */
	bool is_confirmed;
	/* NULL with the reason in `why`: the configuration cannot work. Does not connect. */
	void *(*open)(const struct wt_sink_options *options, char *why, size_t why_size);
	void (*send)(void *self, const struct wt_sink_item *items, unsigned n,
		     struct wt_sink_result *result);
	void (*reopen)(void *self); /* SIGHUP; may be NULL */
	void (*close)(void *self);
};

/* NULL: no such kind. */
const struct wt_sink_kind *wt_sink_kind_of(const char *name);

#endif
