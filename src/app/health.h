/* The numbers of a heartbeat (wardtap/health.def), and what the capture lost. */
#ifndef APP_HEALTH_H
#define APP_HEALTH_H

#include "wardtap/counter.h"
#include "wardtap/event.h"

enum wt_health_field {
#define H(id, type, name, unit, doc) WT_H_##id,
#include "wardtap/health.def"
#undef H
	WT_N_HEALTH
};

struct wt_health_row {
	const char *name, *unit, *doc;
	uint8_t type; /* enum wt_field_type */
};

extern const struct wt_health_row wt_health_rows[WT_N_HEALTH];

/* Totals that shares are made of. */
struct wt_health_sums {
	uint64_t received, kernel_dropped;  /* packets */
	uint64_t span, gap;                 /* bytes of streams */
	uint64_t flows, one_way, n_evicted; /* ended flows, and of these */
	uint64_t emitted, shed;             /* events */
};

struct wt_health {
	uint64_t value[WT_N_HEALTH];
	bool is_known[WT_N_HEALTH];
	const char *text[WT_N_HEALTH]; /* of STR; NULL: absent */
};

/* Adds what a flow event says of its flow. */
void wt_health_add_flow(struct wt_health_sums *sums, const struct wt_record *record);

/* The same totals as all counters have them. */
struct wt_health_sums wt_health_sums_of(const struct wt_counters *counters);

/* Fills gap, one_way, quality, worst from what came between two totals. */
void wt_health_judge(struct wt_health *h, const struct wt_health_sums *before,
		     const struct wt_health_sums *now);

/* Entries of all tables that were dropped to make room, but for flows. */
uint64_t wt_health_evicted(const struct wt_counters *counters);

static inline void wt_health_set(struct wt_health *h, enum wt_health_field field,
				 uint64_t value)
{
	h->value[field] = value;
	h->is_known[field] = true;
}

#endif
