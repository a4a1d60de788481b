/* New rules for a running sensor. They are loaded in a thread of their own while the old
 * ones go on; then each worker changes over between two batches, so no packet is lost or
 * seen by both. Rules that cannot be loaded leave the old ones in place, and the reason is
 * told. Marks of flows and addresses, sets and counts of thresholds go on where
 * the new rules have the same names and rates. */
#ifndef APP_RELOAD_H
#define APP_RELOAD_H

#include "app/ruleset.h"
#include "app/worker.h"
#include "detect/context.h"

struct wt_reload;

/* Borrowed: everything, as long as it lives. */
struct wt_reload *wt_reload_new(struct wt_conf *conf, struct wt_ruleset *rules,
				struct wt_context *context, struct wt_slice key,
				struct wt_worker *const *workers, unsigned n_workers);
void wt_reload_free(struct wt_reload *r);

/* Called by the keeper about ten times a second; `is_wanted`: begin. A wish during a reload
 * is told to be so and forgotten. */
void wt_reload_step(struct wt_reload *r, bool is_wanted);

#endif
