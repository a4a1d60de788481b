/* TCP byte order of src/flow: what is handed on, what is counted as lost, and what a
 * sender who wants to deceive can do to either. The model is a byte array: the first
 * copy of a byte wins, a differing later copy is a conflict. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/stream_case.h"

#define STREAMS 10000

/* --- exact accounting of loss --- */

struct sent {
	size_t from, len;
	bool is_removed;
};

struct made {
	uint8_t *bytes;
	size_t len;
	struct sent segment[48];
	unsigned n;
	uint32_t first_seq;
	bool has_handshake, has_acks;
	size_t gap;   /* bytes removed that the sensor can know of */
	size_t begin; /* first byte the sensor can know of */
	size_t end;   /* end of the last byte it sees */
};

static void make_stream(struct made *s, struct bench_random *r)
{
	unsigned i;

	*s = (struct made){ .n = 2 + bench_below(r, 46), .has_handshake = bench_below(r, 4) != 0,
			    .has_acks = bench_below(r, 2) != 0 };
	s->first_seq = bench_below(r, 2) ? bench_random(r) : UINT32_MAX - bench_below(r, 4000);
	for (i = 0; i < s->n; i++) {
		s->segment[i].from = s->len;
		s->segment[i].len = 1 + bench_below(r, bench_below(r, 4) ? 300 : 3000);
		s->segment[i].is_removed = bench_below(r, 4) == 0;
		s->len += s->segment[i].len;
	}
	s->bytes = malloc(s->len);
	ck_assert_ptr_nonnull(s->bytes);
	for (i = 0; i < s->len; i++)
		s->bytes[i] = (uint8_t)bench_random(r);
	s->begin = SIZE_MAX;
	for (i = 0; i < s->n; i++) {
		if (s->segment[i].is_removed)
			continue;
		if (s->begin == SIZE_MAX)
			s->begin = s->has_handshake ? 0 : s->segment[i].from;
		s->end = s->segment[i].from + s->segment[i].len;
	}
	if (s->begin == SIZE_MAX)
		s->begin = s->end = 0;
	for (i = 0; i < s->n; i++)
		if (s->segment[i].is_removed && s->segment[i].from >= s->begin &&
		    s->segment[i].from < s->end)
			s->gap += s->segment[i].len;
}

static void send_piece(struct bench *b, const struct made *s, const struct sent *piece)
{
	(void)bench_segment(b, &(struct bench_segment){
		.dir = WT_TO_SERVER, .seq = s->first_seq + (uint32_t)piece->from,
		.flags = WT_TCP_ACK, .bytes = wt_slice_of(s->bytes + piece->from, piece->len) });
}

static void send_stream(struct bench *b, const struct made *s, struct bench_random *r)
{
	unsigned order[48], i, n = 0;

	for (i = 0; i < s->n; i++)
		if (!s->segment[i].is_removed)
			order[n++] = i;
	/* mid-stream the first segment defines the start; with acknowledgements a hole is
	 * given up before a late segment can fill it: those are sent in order */
	for (i = s->has_handshake ? 0 : 1; !s->has_acks && i + 1 < n; i++)
		if (bench_below(r, 3) == 0) {
			unsigned swap = order[i];

			order[i] = order[i + 1];
			order[i + 1] = swap;
		}
	if (s->has_handshake) {
		(void)seg(b, WT_TO_SERVER, s->first_seq - 1, WT_TCP_SYN, "");
		(void)seg(b, WT_TO_CLIENT, C0 - 1, WT_TCP_SYN | WT_TCP_ACK, "");
	}
	for (i = 0; i < n; i++) {
		const struct sent *piece = &s->segment[order[i]];

		send_piece(b, s, piece);
		later(b, bench_below(r, 60) * WT_NS_PER_MS);
		if (s->has_acks && bench_below(r, 2))
			(void)bench_segment(b, &(struct bench_segment){
				.dir = WT_TO_CLIENT, .seq = C0, .flags = WT_TCP_ACK,
				.ack = s->first_seq + (uint32_t)(piece->from + piece->len) });
	}
}

static void check_stream(const struct bench *b, const struct made *s, unsigned number)
{
	const struct bench_flow *f = b->flow; /* NULL: none */
	size_t at = s->begin, gap = 0, i;

	for (i = 0; b->n_flows && i < f->n; i++) {
		const struct bench_chunk *c = &f->chunk[i];

		if (c->kind == BENCH_GAP) {
			gap += (size_t)c->lost;
			at += (size_t)c->lost;
			continue;
		}
		ck_assert_msg(at + c->len <= s->len && memcmp(c->bytes, s->bytes + at, c->len) == 0,
			      "stream %u: other bytes at offset %zu", number, at);
		at += c->len;
	}
	ck_assert_msg(gap == s->gap, "stream %u: gap %zu, removed %zu", number, gap, s->gap);
	ck_assert_msg(at == s->end, "stream %u: ends at %zu, not %zu", number, at, s->end);
	ck_assert_uint_eq(count(b, WT_C_STREAM_GAP), s->gap);
	ck_assert_uint_eq(count(b, WT_C_STREAM_SPAN), s->end - s->begin);
	ck_assert_uint_eq(count(b, WT_C_STREAM_DELIVERED), s->end - s->begin - s->gap);
	ck_assert_uint_eq(count(b, WT_C_STREAM_CONFLICT), 0);
}

START_TEST(removed_segments_are_the_gap_to_the_byte)
{
	struct wt_limits limits = wt_limits_of(WT_PROFILE_SMALL);
	struct bench_random r = { 11 };
	unsigned i;

	limits.flows = 64; /* less to reserve for each of so many */
	for (i = 0; i < STREAMS; i++) {
		struct bench *b = recorder(&limits, i);
		struct made s;
		const char *wrong;

		make_stream(&s, &r);
		send_stream(b, &s, &r);
		wrong = bench_finish(b);
		ck_assert_msg(!wrong, "stream %u: %s", i, wrong);
		check_stream(b, &s, i);
		bench_free(b);
		free(s.bytes);
	}
}
END_TEST

/* --- overlaps --- */

#define SPACE 240

struct model {
	uint8_t byte[SPACE];
	bool is_set[SPACE];
	bool has_conflict;
	size_t span; /* end of the last byte that came */
};

static void model_take(struct model *m, size_t from, const uint8_t *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (m->is_set[from + i]) {
			m->has_conflict |= m->byte[from + i] != bytes[i];
			continue;
		}
		m->is_set[from + i] = true;
		m->byte[from + i] = bytes[i];
	}
	if (from + len > m->span)
		m->span = from + len;
}

static void check_model(const struct bench *b, const struct model *m, unsigned number)
{
	const struct bench_flow *f = b->flow; /* NULL: none */
	size_t at = 0, i, k;

	for (i = 0; b->n_flows && i < f->n; i++) {
		const struct bench_chunk *c = &f->chunk[i];

		for (k = 0; c->kind == BENCH_GAP && k < c->lost; k++)
			ck_assert_msg(!m->is_set[at + k], "case %u: %zu came, but is a gap",
				      number, at + k);
		if (c->kind == BENCH_GAP) {
			at += (size_t)c->lost;
			continue;
		}
		for (k = 0; k < c->len; k++)
			ck_assert_msg(m->is_set[at + k] && m->byte[at + k] == c->bytes[k],
				      "case %u: byte %zu is not the first copy", number, at + k);
		at += c->len;
	}
	ck_assert_msg(at == m->span, "case %u: ends at %zu, not %zu", number, at, m->span);
	ck_assert_msg((count(b, WT_C_STREAM_CONFLICT) > 0) == m->has_conflict,
		      "case %u: conflict %d, counted %llu", number, m->has_conflict,
		      (unsigned long long)count(b, WT_C_STREAM_CONFLICT));
	ck_assert_msg((b->glitches.len > 0) == m->has_conflict, "case %u: glitch event", number);
}

START_TEST(of_overlapping_bytes_the_first_copy_wins)
{
	struct wt_limits limits = wt_limits_of(WT_PROFILE_SMALL);
	struct bench_random r = { 12 };
	unsigned number;

	limits.flows = 64;
	for (number = 0; number < 20000; number++) {
		struct bench *b = recorder(&limits, number);
		uint32_t first = bench_below(&r, 2) ? bench_random(&r) : UINT32_MAX - 100;
		unsigned n = 2 + bench_below(&r, 12), liars = bench_below(&r, 2) ? 3 : 0;
		struct model m = { .span = 0 };
		uint8_t truth[SPACE], bytes[SPACE];
		const char *wrong;
		size_t i;

		for (i = 0; i < SPACE; i++)
			truth[i] = (uint8_t)bench_random(&r);
		(void)seg(b, WT_TO_SERVER, first - 1, WT_TCP_SYN, "");
		while (n--) {
			size_t from = bench_below(&r, SPACE - 1);
			size_t len = 1 + bench_below(&r, (uint32_t)(SPACE - from) - 1 < 60 ?
						     (uint32_t)(SPACE - from) - 1 : 60);

			memcpy(bytes, truth + from, len);
			if (liars && bench_below(&r, liars) == 0)
				bytes[bench_below(&r, (uint32_t)len)] ^= 0x55;
			model_take(&m, from, bytes, len);
			(void)bench_segment(b, &(struct bench_segment){
				.dir = WT_TO_SERVER, .seq = first + (uint32_t)from,
				.flags = WT_TCP_ACK, .bytes = wt_slice_of(bytes, len),
				.ip_id = (uint16_t)(n + 1) });
			later(b, bench_below(&r, 30) * WT_NS_PER_MS);
		}
		wrong = bench_finish(b);
		ck_assert_msg(!wrong, "case %u: %s", number, wrong);
		check_model(b, &m, number);
		bench_free(b);
	}
}
END_TEST

/* The forms of Ptacek and Newsham (1998) and of Novak and Sturges (2007): the second
 * segment starts before, with or after the first and ends before, with or after it. */
START_TEST(overlap_forms_by_name)
{
	static const struct {
		const char *name;
		uint32_t a_at; const char *a;
		uint32_t b_at; const char *b;
		const char *want; /* with the hole before offset 2 filled by "zz" */
	} rows[] = {
		{ "exact", 2, "AAAA", 2, "BBBB", "zzAAAA" },
		{ "second is shorter, same start", 2, "AAAA", 2, "BB", "zzAAAA" },
		{ "second is longer, same start", 2, "AAAA", 2, "BBBBBB", "zzAAAABB" },
		{ "second inside", 2, "AAAA", 3, "BB", "zzAAAA" },
		{ "second around", 4, "AA", 2, "BBBBBB", "zzBBAABB" },
		{ "second before, overlaps the start", 4, "AAAA", 2, "BBBB", "zzBBAAAA" },
		{ "second after, overlaps the end", 2, "AAAA", 4, "BBBB", "zzAAAABB" },
		{ "second after, same end", 2, "AAAA", 4, "BB", "zzAAAA" },
		{ "second before, same end", 4, "AA", 2, "BBBB", "zzBBAA" },
	};
	size_t i;

	for (i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		size_t k = i / 2;
		bool is_early = i % 2; /* both wait behind the hole, or none does */
		struct bench *b = recorder(NULL, 0);

		shake(b);
		if (!is_early)
			(void)seg(b, WT_TO_SERVER, S0, WT_TCP_ACK, "zz");
		(void)seg(b, WT_TO_SERVER, S0 + rows[k].a_at, WT_TCP_ACK, rows[k].a);
		(void)seg(b, WT_TO_SERVER, S0 + rows[k].b_at, WT_TCP_ACK, rows[k].b);
		if (is_early)
			(void)seg(b, WT_TO_SERVER, S0, WT_TCP_ACK, "zz");
		ck_assert_msg(strcmp(got(b, 0, WT_TO_SERVER), rows[k].want) == 0, "%s%s: %s",
			      rows[k].name, is_early ? ", early" : "", got(b, 0, WT_TO_SERVER));
		ck_assert_uint_ge(count(b, WT_C_STREAM_CONFLICT), 1);
		ck_assert_ptr_nonnull(strstr(b->glitches.ptr, "tcp_overlap_conflict"));
		finish(b);
	}
}
END_TEST

START_TEST(retransmission_of_the_same_bytes_is_no_conflict)
{
	struct bench *b = recorder(NULL, 0);

	shake(b);
	(void)seg(b, WT_TO_SERVER, S0, WT_TCP_ACK, "abcdef");
	later(b, WT_NS_PER_S);
	(void)seg(b, WT_TO_SERVER, S0, WT_TCP_ACK, "abcdef");
	(void)seg(b, WT_TO_SERVER, S0 + 3, WT_TCP_ACK, "defghi");
	ck_assert_str_eq(got(b, 0, WT_TO_SERVER), "abcdefghi");
	ck_assert_uint_eq(count(b, WT_C_STREAM_RETRANSMITTED), 9);
	ck_assert_uint_eq(count(b, WT_C_STREAM_CONFLICT), 0);
	ck_assert_uint_eq(count(b, WT_C_STREAM_UNVERIFIED), 0);
	finish(b);
}
END_TEST

/* --- sequence space --- */

START_TEST(span_counts_beyond_four_gibibytes)
{
	struct bench *b = recorder(NULL, 0);
	uint32_t seq = S0;
	uint64_t total = 0;
	unsigned i;

	shake(b);
	for (i = 0; i < 140000; i++) { /* twice around */
		(void)bench_segment(b, &(struct bench_segment){
			.dir = WT_TO_SERVER, .seq = seq, .flags = WT_TCP_ACK, .bytes = WT_LIT("ab"),
			.missing = 64998, .ip_id = (uint16_t)i });
		seq += 65000;
		total += 65000;
	}
	ck_assert_str_eq(bench_finish(b) ? "wrong" : "", "");
	ck_assert_uint_eq(count(b, WT_C_STREAM_SPAN), total);
	ck_assert_uint_eq(count(b, WT_C_STREAM_CLIPPED), 140000 * UINT64_C(64998));
	bench_free(b);
}
END_TEST

START_TEST(segments_far_outside_the_window_are_not_taken)
{
	struct bench *b = recorder(NULL, 0);

	shake(b);
	(void)seg(b, WT_TO_SERVER, S0, WT_TCP_ACK, "abc");
	(void)seg(b, WT_TO_SERVER, S0 + (UINT32_C(1) << 30) + 9, WT_TCP_ACK, "far");
	(void)seg(b, WT_TO_SERVER, S0 - (UINT32_C(1) << 30) - 9, WT_TCP_ACK, "old");
	(void)seg(b, WT_TO_SERVER, S0 + 3, WT_TCP_ACK, "def");
	ck_assert_str_eq(got(b, 0, WT_TO_SERVER), "abcdef");
	ck_assert_uint_eq(count(b, WT_C_STREAM_OUT_OF_WINDOW), 2);
	finish(b);
}
END_TEST

START_TEST(single_bytes_are_a_stream_too)
{
	struct bench *b = recorder(NULL, 0);
	char want[4001], text[2] = "x";
	unsigned i;

	shake(b);
	for (i = 0; i < 4000; i++) {
		text[0] = want[i] = (char)('a' + i % 26);
		(void)seg(b, WT_TO_SERVER, S0 + i, WT_TCP_ACK, text);
	}
	want[4000] = '\0';
	ck_assert_str_eq(got(b, 0, WT_TO_SERVER), want);
	ck_assert_uint_eq(count(b, WT_C_STREAM_OUT_OF_ORDER), 0);
	finish(b);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("stream");
	TCase *c = tcase_create("bytes");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout(c, 120);
	tcase_add_test(c, removed_segments_are_the_gap_to_the_byte);
	tcase_add_test(c, of_overlapping_bytes_the_first_copy_wins);
	tcase_add_test(c, overlap_forms_by_name);
	tcase_add_test(c, retransmission_of_the_same_bytes_is_no_conflict);
	tcase_add_test(c, span_counts_beyond_four_gibibytes);
	tcase_add_test(c, segments_far_outside_the_window_are_not_taken);
	tcase_add_test(c, single_bytes_are_a_stream_too);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
