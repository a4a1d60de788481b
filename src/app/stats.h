/* Totals of a run: their sum over workers, the accounting identities, stats.json. */
#ifndef APP_STATS_H
#define APP_STATS_H

#include "base/json.h"
#include "wardtap/counter.h"

void wt_counters_add(struct wt_counters *sum, const struct wt_counters *part);

struct wt_identity {
	const char *name; /* the equation in words */
	uint64_t left, right;
};

#define WT_N_IDENTITIES 10

/* The equations that must hold after every run. True when all do. */
bool wt_identities(const struct wt_counters *c, struct wt_identity rows[WT_N_IDENTITIES]);

/* Per link type that is not decoded. */
struct wt_unknown_link {
	uint16_t type;
	uint64_t n;
};

/* All counters as nested JSON, with the identities. */
void wt_stats_json(struct wt_json *j, const struct wt_counters *c,
		   const struct wt_unknown_link *links, unsigned n_links);

#endif
