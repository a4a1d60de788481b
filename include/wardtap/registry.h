/* Which protocols and event types exist. Owner 0 is the engine itself; dissectors
 * count from 1 in the order of dissectors/list.def, which is their precedence. */
#ifndef WARDTAP_REGISTRY_H
#define WARDTAP_REGISTRY_H

#include "wardtap/event.h"

struct wt_dissector;

/* Event types of owner 0. */
enum {
	WT_EVENT_FLOW,
	WT_EVENT_GLITCH,
	WT_EVENT_ALERT,
	WT_EVENT_SIGHTING,
	WT_N_ENGINE_EVENTS,
};

unsigned wt_registry_count(void);

#ifdef WT_STRICT
/* A dissector of a test's own, behind those of the list. Set before anything else. */
extern const struct wt_dissector *wt_registry_guest;
#endif

/* Dissector of an owner 1..count, else NULL. */
const struct wt_dissector *wt_registry_dissector(unsigned owner);

/* Name of the protocol; "" for owner 0 and unknown ones. */
const char *wt_registry_name(unsigned owner);

/* Are its flows kept while they rest for days? */
bool wt_registry_is_long_lived(unsigned owner);

/* Number and rows of an owner's event types. */
unsigned wt_registry_n_events(unsigned owner);
const struct wt_event_type *wt_registry_event(unsigned owner, unsigned type);

/* Dictionary row of a field id as stored in values: shared, or of that owner.
 * NULL when there is none. */
const struct wt_field *wt_registry_field(unsigned owner, unsigned field);

#endif
