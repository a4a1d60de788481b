/* Sets of values that rules fill, as the keeper decides them: alerts carry keyed pseudonyms
 * of what was in a buffer (alert.set_buffer, alert.set_value), never the text.
 * Trust: records come from the redactor; how many values there are is the traffic's choice
 * (known.h). Memory: the table of known.h. */
#ifndef DETECT_SETS_H
#define DETECT_SETS_H

#include "detect/known.h"
#include "wardtap/context.h"
#include "wardtap/counter.h"
#include "wardtap/event.h"

struct wt_sets {
	struct wt_known *known;
	struct wt_context_part part; /* what it points to is borrowed */
	struct wt_counters *counters;
	bool has_changed;
};

/* Does a value of each buffer pass all its tests of the rule? Then all that do are put into
 * the sets, or taken out, as the tests say. */
WT_MUST_USE bool wt_sets_fit(struct wt_sets *s, const struct wt_context_rule *r,
			     const struct wt_record *record);

/* False: no pseudonym ("p:" and 20 hex digits), or no room. */
bool wt_sets_add(struct wt_sets *s, unsigned set, struct wt_slice pseudonym);

/* Another part from now on; the old one is looked at once more. Sets of the same name keep
 * their values. */
void wt_sets_reload(struct wt_sets *s, const struct wt_context_part *part);

#endif
