/* The memory that a configuration asks for, row by row, as start-up and
 * `wardtap check` print it. */
#ifndef APP_MEMORY_H
#define APP_MEMORY_H

#include <stdio.h>

#include "base/conf.h"
#include "wardtap/limits.h"

/* The sum over all rows, bytes; never more than wt_memory_bound in a configuration
 * that wt_settings_load let pass. is_live: with the capture rings, which a replay
 * does not open. */
uint64_t wt_memory_sum(const struct wt_conf *conf, bool is_live);

/* What the profile promises, bytes. */
uint64_t wt_memory_bound(enum wt_profile profile);

/* One line per row, then the sum. */
void wt_memory_print(const struct wt_conf *conf, bool is_live, FILE *out);

#endif
