/* The numbers of a courier as a file in the text format of Prometheus, and that file as a
 * page for people. */
#ifndef APP_COURIERMETRICS_H
#define APP_COURIERMETRICS_H

#include <stdio.h>

#include "app/forward.h"

#define WT_COURIER_EVERY_S 10u /* between two writings of the file */

struct wt_courier_row {
	const char *name; /* of the sink */
	struct wt_forward_stats stats;
};

/* Replaces the file in one step. False: errno says why not. */
WT_MUST_USE bool wt_couriermetrics_write(const char *path, const struct wt_courier_row *rows,
					 unsigned n);

/* Prints the file at 80 columns. False: it cannot be read, which was told. */
WT_MUST_USE bool wt_couriermetrics_print(const char *path, FILE *to);

#endif
