/* The real engine on a bench: one shard (src/flow) and its dissection (src/dissect),
 * fed with packets that a test makes of byte strings or takes from a capture.
 *
 * Two kinds: one dissects and keeps every event as a line of text, raw values and
 * all; the other (is_recording) keeps what flow/ hands on: the bytes of each
 * direction in order, gaps, ends, glitches.
 *
 * Each packet lies in an allocation of its exact size, so that a sanitizer sees a
 * read past its end. Ticks are made as the worker makes them.
 * Memory: the test's; nothing is bounded here but what the engine bounds. */
#ifndef TESTS_STREAM_ENGINE_H
#define TESTS_STREAM_ENGINE_H

#include "dissect/dissect.h"
#include "flow/shard.h"

/* A text that grows. */
struct bench_text {
	char *ptr; /* NUL-terminated once something was added */
	size_t len, room;
};
void bench_text_add(struct bench_text *t, const void *bytes, size_t len);
void bench_text_free(struct bench_text *t);

enum bench_kind { BENCH_DATA, BENCH_GAP, BENCH_END, BENCH_DATAGRAM };

/* What a recording engine was handed of one flow, in order. */
struct bench_chunk {
	enum bench_kind kind;
	enum wt_direction dir;
	uint64_t lost; /* BENCH_GAP */
	uint8_t *bytes;
	size_t len;
};

struct bench_flow {
	uint64_t id;
	struct wt_flow_key key;
	uint8_t client;
	bool is_midstream;
	struct bench_chunk *chunk;
	size_t n, room;
	uint64_t kept;    /* bytes kept, see keep_max */
	uint64_t n_bytes; /* delivered */
};

struct bench {
	struct wt_limits limits;
	struct wt_counters counters;
	struct wt_shard shard;
	struct wt_dissect dissect;
	struct wt_dissect_scratch *scratch;
	uint32_t event_index;
	uint64_t clock_ns, last_tick, number;
	struct bench_text events;      /* one line each; flow events are in `flows` */
	struct bench_text flows;
	struct bench_text glitches;    /* recording: those of flow/ */
	bool is_recording;
	uint64_t keep_max;             /* recording: bytes kept per flow, 0: all */
	struct bench_flow *flow;       /* recording */
	size_t n_flows, flow_room;
	uint64_t emitted;
};

struct bench_options {
	const struct wt_limits *limits; /* NULL: profile small */
	uint64_t seed;
	bool is_recording;
	uint64_t keep_max;
};

struct bench *bench_new(const struct bench_options *options);
void bench_free(struct bench *b);

/* A TCP segment between two fixed ends (see bench_ends). */
struct bench_segment {
	enum wt_direction dir;
	uint32_t seq, ack;
	uint8_t flags;        /* WT_TCP_* */
	struct wt_slice bytes;
	uint32_t missing;     /* bytes behind them that the snap length cut off */
	uint16_t ip_id;
	uint16_t window;
	uint16_t client_port, server_port; /* 0: 40000 and 11112 */
	uint64_t ts_ns;       /* 0: as the last one */
};
/* The disposition that the engine left. */
enum wt_disposition bench_segment(struct bench *b, const struct bench_segment *s);

/* A UDP datagram; the same ends. */
void bench_datagram(struct bench *b, enum wt_direction dir, uint16_t server_port,
		    struct wt_slice bytes);

/* A decoded packet (disposition FLOW or ETHER), as it came from a capture. */
void bench_packet(struct bench *b, const struct wt_packet *p);

/* Packet time moves on, with the ticks on its way. */
void bench_time(struct bench *b, uint64_t ts_ns);

/* Ends every flow. Afterwards nothing may be held: gives NULL, or says what is held or
 * which identity does not add up. */
const char *bench_finish(struct bench *b);

/* Back to the first moment, as if nothing had been sent; after bench_finish. Events and
 * counters stay. */
void bench_rewind(struct bench *b);

/* NULL, or which bound is exceeded by what is kept right now. */
const char *bench_bounds(const struct bench *b);

/* Reads a capture into a recording engine (fragments are passed over) and finishes
 * it. NULL when the file cannot be read at all. */
struct bench *bench_load(const char *path, uint64_t keep_max);

/* Deterministic random numbers: the same on every machine. */
struct bench_random {
	uint64_t state;
};
uint32_t bench_random(struct bench_random *r);
uint32_t bench_below(struct bench_random *r, uint32_t n); /* 0..n-1; n > 0 */

/* Paths below `folder` that end in `suffix` (NULL: all regular files), sorted; freed
 * with bench_paths_free. n is 0 where the folder is absent. */
char **bench_paths(const char *folder, const char *suffix, size_t *n);
void bench_paths_free(char **paths, size_t n);

#endif
