/* The context part of rules: which of their matches become alerts.
 *
 * Every match of a rule comes here as an alert record, in order. A rule without a context
 * part passes; others are counted per track (address, pair, flow or the rule itself)
 * within periods of packet time, or looked up by marks.
 *
 * Trust: addresses are hostile: keys are hashed with a seed, the table is bounded, and the
 * entry unused for longest makes room (counted). Memory: limits.contexts entries. */
#ifndef DETECT_CONTEXT_H
#define DETECT_CONTEXT_H

#include "wardtap/context.h"
#include "wardtap/counter.h"
#include "wardtap/event.h"

struct wt_context;

/* What is known of the device at an end of an alert's traffic. */
struct wt_device_source {
	void *self;
	/* Its values, `max` at most, borrowed until the next call; their number. */
	unsigned (*values)(void *self, const struct wt_event_head *head, bool is_sender,
			   enum wt_device_what what, struct wt_slice *value, unsigned max);
};

/* `rules` sorted by (gid, sid), borrowed; `n_entries` counts and marks at once. */
struct wt_context *wt_context_new(const struct wt_context_rule *rules, unsigned n,
				  uint32_t n_entries, uint64_t seed,
				  struct wt_counters *counters);
void wt_context_free(struct wt_context *c);

/* Whom to ask about devices; without, nothing is known of any. Borrowed. */
void wt_context_set_devices(struct wt_context *c, const struct wt_device_source *devices);

/* Other rules from now on; counts and marks begin anew. */
void wt_context_reload(struct wt_context *c, const struct wt_context_rule *rules, unsigned n);

/* Shall this alert record be told? Others were counted, or only set marks. */
WT_MUST_USE bool wt_context_take(struct wt_context *c, const struct wt_record *alert);

#endif
