/* Alerts of the journal on a terminal of 80 columns. */
#ifndef APP_ALERTPAGE_H
#define APP_ALERTPAGE_H

#include <stdio.h>

#include "wardtap/alert.h"

void wt_alertpage_head(FILE *to);

/* Two or three lines: when, how grave, how often, which rule; what it says; who. */
void wt_alertpage_row(const struct wt_alert *alert, FILE *to);

/* Everything. */
void wt_alertpage_full(const struct wt_alert *alert, uint64_t journal_seq, FILE *to);

#endif
