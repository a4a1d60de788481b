/* From alert records to the journal, for `replay` and `run` alike. */
#ifndef APP_ALERTING_H
#define APP_ALERTING_H

#include "app/report.h"
#include "base/conf.h"
#include "wardtap/counter.h"
#include "wardtap/event.h"

struct wt_alerting;

struct wt_alerting_options {
	const struct wt_conf *conf;
	struct wt_counters *counters;
	bool is_live;
	const char *(*interface_name)(unsigned index); /* or NULL */
	struct wt_inventory *inventory;
	const struct wt_ruleset *rules;
	/* Live: as in report.h. */
	unsigned (*sample)(void *self, struct wt_counters *sum);
	void *sample_self;
};

/* Makes the journal's folder for the user that the sensor is going to be; before
 * privileges are given up. False: told on standard error. */
WT_MUST_USE bool wt_alerting_folder(const struct wt_conf *conf);

/* Opens the journal, when there is to be one. NULL: told on standard error. */
struct wt_alerting *wt_alerting_new(const struct wt_alerting_options *options);

/* Every record, in order; is_told: it is an alert that passed the context part. */
void wt_alerting_take(struct wt_alerting *a, const struct wt_record *record, bool is_told);

/* Live: packets up to this time have been seen; steady_ns: a clock that is never set. */
void wt_alerting_clock(struct wt_alerting *a, uint64_t now_ns, uint64_t steady_ns);

/* Closes what is open, makes it durable and counts. False: something was lost. */
bool wt_alerting_finish(struct wt_alerting *a);
void wt_alerting_free(struct wt_alerting *a);

#endif
