/* Alerts out of matches: the first match of a rule on a pair of addresses leaves at once,
 * its repeats are counted and told 60 s, 10 min and at last when it closes.
 *
 * An alert closes when it was quiet for 10 minutes, is an hour old, or has to make room;
 * the next match then opens another. All times are packet times, and what makes room is
 * the alert quiet for longest, so a replay gives the same records whatever the seed.
 * Counts: told = leading + merged.
 *
 * Trust: addresses are hostile: keys are hashed with a seed, the table is bounded.
 * Memory: limits.aggregates entries. */
#ifndef DETECT_AGGREGATE_H
#define DETECT_AGGREGATE_H

#include "wardtap/alert.h"
#include "wardtap/counter.h"

#define WT_AGGREGATE_SOON_NS (60 * WT_NS_PER_S)
#define WT_AGGREGATE_LATER_NS (600 * WT_NS_PER_S)
#define WT_AGGREGATE_AGE_NS (3600 * WT_NS_PER_S)
#define WT_AGGREGATE_QUIET_NS (600 * WT_NS_PER_S)

/* Where alerts go; the alert is borrowed. */
struct wt_alert_sink {
	void (*take)(void *self, const struct wt_alert *alert);
	void *self;
};

struct wt_aggregate_options {
	const char *sensor;
	const char *(*interface_name)(unsigned index); /* may be NULL, and give NULL */
	/* Fills the rows of both devices of an alert that is about to leave; texts are
	 * borrowed until it has. May be NULL. */
	void (*devices)(void *self, struct wt_alert *alert);
	void *devices_self;
	uint32_t n_entries;
	uint64_t seed;
	struct wt_alert_sink sink; /* take NULL: only count */
	struct wt_counters *counters;
};

struct wt_aggregate;

struct wt_aggregate *wt_aggregate_new(const struct wt_aggregate_options *options);
void wt_aggregate_free(struct wt_aggregate *a);

/* Takes an alert record that wt_context_take let through. */
void wt_aggregate_take(struct wt_aggregate *a, const struct wt_record *record);

/* It is `now_ns`, packet time: tells what is due. Time never moves back. */
void wt_aggregate_clock(struct wt_aggregate *a, uint64_t now_ns);

/* Closes all. */
void wt_aggregate_finish(struct wt_aggregate *a);

#endif
