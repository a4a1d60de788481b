/* What the tests of src/flow share: a recording bench between two fixed ends, and what
 * came out of it as text. Include after check.h. */
#ifndef TESTS_STREAM_CASE_H
#define TESTS_STREAM_CASE_H

#include <stdio.h>

#include "harness/stream_engine.h"

#define S0 UINT32_C(1000) /* first sequence numbers where a test does not care */
#define C0 UINT32_C(5000)

static inline struct bench *recorder(const struct wt_limits *limits, uint64_t seed)
{
	return bench_new(&(struct bench_options){
		.limits = limits, .seed = seed, .is_recording = true });
}

static inline void finish(struct bench *b)
{
	const char *wrong = bench_finish(b);

	ck_assert_msg(!wrong, "%s", wrong);
	bench_free(b);
}

static inline enum wt_disposition seg(struct bench *b, enum wt_direction dir, uint32_t seq,
			       uint8_t flags, const char *text)
{
	static uint16_t ip_id;

	return bench_segment(b, &(struct bench_segment){
		.dir = dir, .seq = seq, .flags = flags, .ip_id = ++ip_id,
		.bytes = wt_slice_of(text, strlen(text)) });
}

static inline void shake(struct bench *b)
{
	(void)seg(b, WT_TO_SERVER, S0 - 1, WT_TCP_SYN, "");
	(void)seg(b, WT_TO_CLIENT, C0 - 1, WT_TCP_SYN | WT_TCP_ACK, "");
	(void)seg(b, WT_TO_SERVER, S0, WT_TCP_ACK, "");
}

static inline void later(struct bench *b, uint64_t ns)
{
	bench_time(b, b->clock_ns + ns);
}

/* What flow `i` handed on towards `dir`: bytes, with gaps as "<n>" and the end as "$". */
static inline const char *got(const struct bench *b, size_t i, enum wt_direction dir)
{
	static struct bench_text t;
	char room[32];
	size_t k;

	t.len = 0;
	bench_text_add(&t, "", 0);
	for (k = 0; i < b->n_flows && k < b->flow[i].n; k++) {
		const struct bench_chunk *c = &b->flow[i].chunk[k];

		if (c->dir != dir)
			continue;
		bench_text_add(&t, c->bytes, c->len);
		if (c->kind == BENCH_GAP) {
			(void)snprintf(room, sizeof(room), "<%llu>", (unsigned long long)c->lost);
			bench_text_add(&t, room, strlen(room));
		}
		if (c->kind == BENCH_END)
			bench_text_add(&t, "$", 1);
	}
	return t.ptr;
}

static inline uint64_t count(const struct bench *b, enum wt_counter id)
{
	return b->counters.value[id];
}

#endif
