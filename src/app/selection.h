/* Which event types are written: output.events. */
#ifndef APP_SELECTION_H
#define APP_SELECTION_H

#include "base/conf.h"
#include "wardtap/event.h"

/* Whether a record of this kind is to be written. */
bool wt_selection_has(const struct wt_conf *conf, const struct wt_event_head *head);

/* Blames names in output.events that no event type has. */
void wt_selection_check(struct wt_conf *conf);

#endif
