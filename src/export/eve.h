/* A record as one line of EVE-style JSON (Suricata's event format, extended by the
 * objects of the field dictionary). */
#ifndef EXPORT_EVE_H
#define EXPORT_EVE_H

#include "base/address.h"
#include "wardtap/event.h"

/* Longest line, newline included: every byte of a full record escaped sixfold. */
#define WT_EVE_LINE_MAX (WT_EVENT_BYTES_MAX * 12u + 16384u)

struct wt_eve; /* small caches of one writer */

struct wt_eve *wt_eve_new(void);
void wt_eve_free(struct wt_eve *eve);

/* Names of interfaces and hint labels, for `in_iface` and `app_proto`; may be NULL. */
void wt_eve_set_names(struct wt_eve *eve, const char *(*interface_name)(unsigned),
		      const char *(*hint_name)(unsigned));

/* Writes the line into `room` of WT_EVE_LINE_MAX bytes; the slice includes '\n'. */
struct wt_slice wt_eve_line(struct wt_eve *eve, const struct wt_record *record, void *room);

#endif
