/* Sets of values that rules fill (dataset:set), on disk: what the rules' own files begin them
 * with, and what was learnt, in state.dir/sets/NAME where a rule names a file (save, state).
 * Those files hold keyed pseudonyms, one a line, below a line that tells whether the key is
 * still the same: with another one they say nothing, are kept as NAME.aside and begun anew. */
#ifndef APP_SETFILE_H
#define APP_SETFILE_H

#include "base/conf.h"
#include "detect/context.h"

/* Fills the sets of the part that the context has now; what is there already stays. What
 * cannot be used is told on standard error. */
void wt_setfiles_load(struct wt_context *context, const struct wt_conf *conf,
		      struct wt_slice key);

/* Writes them. False with a message on standard error. */
bool wt_setfiles_save(struct wt_context *context, const struct wt_conf *conf,
		      struct wt_slice key);

/* Writes them when they changed and the last time, *saved_ns, is ten minutes ago. A failure
 * is told, and tried again after as long. `now_ns`: of the monotonic clock. */
void wt_setfiles_tick(struct wt_context *context, const struct wt_conf *conf,
		      struct wt_slice key, uint64_t now_ns, uint64_t *saved_ns);

#endif
