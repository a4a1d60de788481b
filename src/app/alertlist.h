/* Alerts for people: one paragraph per rule, the gravest first. */
#ifndef APP_ALERTLIST_H
#define APP_ALERTLIST_H

#include <stdio.h>

#include "wardtap/event.h"

struct wt_alertlist;

struct wt_alertlist *wt_alertlist_new(void);
void wt_alertlist_free(struct wt_alertlist *list);

/* Takes an alert record that is to be told. */
void wt_alertlist_take(struct wt_alertlist *list, const struct wt_record *record);

/* Prints what was taken; nothing where there was none. */
void wt_alertlist_print(const struct wt_alertlist *list, FILE *to);

#endif
