/* Between the two files of the double of the engine. */
#ifndef HARNESS_FAKE_PARTS_H
#define HARNESS_FAKE_PARTS_H

#include "harness/fake_engine.h"

#define N_GLITCHES 8

struct fake_dir {
	uint8_t *rest;
	size_t rest_len, scanned, need;
	uint64_t skip, skipped, passed; /* passed: stream bytes before rest */
	uint8_t stops[4];
	unsigned n_stops;
	bool is_resync, is_resumed, is_ended;
	/* open events */
	unsigned n_events;
	unsigned type[WT_EVENTS_OPEN_MAX];
	bool is_truncated[WT_EVENTS_OPEN_MAX];
	uint8_t values[WT_EVENT_BYTES_MAX];
	size_t values_len;
};

struct wt_out {
	struct wt_fake *f;
	struct fake_dir *q;
	bool is_end, is_commit;
	uint64_t skip;
	uint8_t stops[4];
	unsigned n_stops;
	size_t scanned, need;
	const char *glitch[N_GLITCHES];
	unsigned n_glitches;
};

struct wt_fake {
	const struct wt_dissector *d;
	void *state, *before;
	struct fake_dir dir[2];
	uint16_t port[2];
	uint64_t now_ns, n_calls;
	size_t rest_max;
	bool has_committed, is_foreign;
	char *text;
	size_t text_len, text_cap;
};

/* Aborts the test with `what` unless `ok`. */
void wt_fake_must(bool ok, const char *what);

/* The dictionary row of a field id, or NULL. */
const struct wt_field *wt_fake_field(const struct wt_fake *f, unsigned id);

#endif
