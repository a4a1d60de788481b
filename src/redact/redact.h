/* The only maker of records: what leaves the engine, and in which form.
 * none, device: as it is. quasi: keyed pseudonym "p:" and 20 hex digits of
 * HMAC-SHA-256. direct, secret: dropped, or `true` where the field's declassifier
 * is PRESENT. The numbers of a dropped field are dropped too. */
#ifndef REDACT_REDACT_H
#define REDACT_REDACT_H

#include "wardtap/counter.h"
#include "wardtap/event.h"

struct wt_redactor;

/* One per worker. The key is copied; counters are borrowed. */
struct wt_redactor *wt_redactor_new(struct wt_slice key, struct wt_counters *counters);
void wt_redactor_free(struct wt_redactor *redactor);

/* Writes the record of `event` into `room` (WT_RECORD_SIZE_MAX bytes, 8-aligned) and
 * gives it. Never fails: what does not fit is dropped and flagged. */
const struct wt_record *wt_redact(struct wt_redactor *redactor, const struct wt_event *event,
				  void *room);

#endif
