/* What rules cost in a replay. */
#ifndef APP_PROFILE_H
#define APP_PROFILE_H

#include "app/worker.h"

/* Prints the dearest rules of all workers to standard output. */
void wt_profile_print(const struct wt_rules *rules, struct wt_worker *const *workers,
		      unsigned n_workers);

#endif
