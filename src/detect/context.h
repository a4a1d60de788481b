/* The context part of rules: which of their matches become alerts.
 *
 * Every match of a rule comes here as an alert record, in order. A rule without a context
 * part passes; others are counted per track (address, pair, flow or the rule itself)
 * within periods of packet time, looked up by marks, or compared with sets of values.
 *
 * Trust: addresses are hostile: keys are hashed with a seed, the table is bounded, and the
 * entry unused for longest makes room (counted). Sets: known.h.
 * Memory: limits.contexts entries, limits.set_values values. */
#ifndef DETECT_CONTEXT_H
#define DETECT_CONTEXT_H

#include "detect/known.h"
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

/* What the part points to is borrowed; `n_entries` counts and marks, `n_values` values of sets
 * at once. */
struct wt_context *wt_context_new(const struct wt_context_part *part, uint32_t n_entries,
				  uint32_t n_values, uint64_t seed,
				  struct wt_counters *counters);
void wt_context_free(struct wt_context *c);

/* Whom to ask about devices; without, nothing is known of any. Borrowed. */
void wt_context_set_devices(struct wt_context *c, const struct wt_device_source *devices);

/* Another part from now on; the old one is looked at once more. What goes by the same name
 * lives on: marks, sets, and the counts of rules whose rate is the same. */
void wt_context_reload(struct wt_context *c, const struct wt_context_part *part);

/* The sets of values, by number: how many there are, and what they hold. A value is the text
 * of its pseudonym (crypto.h of base). False: it is none, or there is no room. */
const struct wt_context_part *wt_context_part(const struct wt_context *c);
struct wt_known *wt_context_known(struct wt_context *c);
bool wt_context_set_add(struct wt_context *c, unsigned set, struct wt_slice pseudonym);
/* Has a set changed since all were saved? */
bool wt_context_sets_changed(const struct wt_context *c);
void wt_context_sets_saved(struct wt_context *c);

/* Shall this alert record be told? Others were counted, or only set marks. */
WT_MUST_USE bool wt_context_take(struct wt_context *c, const struct wt_record *alert);

#endif
