/* Alerts about the journal itself. */
#ifndef JOURNAL_OWN_H
#define JOURNAL_OWN_H

#include "wardtap/alert.h"

struct wt_own_alert {
	unsigned kind; /* enum wt_alert_kind */
	const char *sensor;
	const char *sink; /* MISSING: which of the receivers it is about; else NULL */
	uint64_t seq; /* of the record, part of the id; MISSING: the first that is */
	uint64_t from_ns, to_ns, n;
	unsigned band; /* EVICTED */
	uint64_t from_seq, to_seq; /* EVICTED, MISSING: first and last of them */
	uint64_t total; /* EVICTED: records gone since the start; a later one may evict this */
	bool is_clean;  /* GAP: the sensor had been ended in order */
};

/* Encodes it. */
void wt_own_encode(const struct wt_own_alert *own, struct wt_builder *b);

#endif
