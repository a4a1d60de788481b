/* The engine as a whole, one shard: real conversations under tiny limits, with any seed,
 * and what dissection must not lose to bad luck or bad manners. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/replay_stream.h"
#include "wardtap/registry.h"

#define ADT "\x0bMSH|^~\\&|A|B|C|D|20240101||ADT^A01|ID1|P|2.5\rPID|1||77\r\x1c\x0d"

static void ok(const char *wrong)
{
	ck_assert_msg(!wrong, "%s", wrong);
}

struct sender {
	struct bench *b;
	uint32_t seq[2];
	uint16_t client_port, server_port, ip_id;
};

static void put(struct sender *s, enum wt_direction dir, uint8_t flags, struct wt_slice bytes)
{
	(void)bench_segment(s->b, &(struct bench_segment){
		.dir = dir, .seq = s->seq[dir], .ack = s->seq[dir ^ 1], .flags = flags,
		.bytes = bytes, .client_port = s->client_port, .server_port = s->server_port,
		.ip_id = ++s->ip_id });
	s->seq[dir] += (uint32_t)bytes.len + !!(flags & (WT_TCP_SYN | WT_TCP_FIN));
}

static struct sender open_flow(struct bench *b, uint16_t client_port, uint16_t server_port)
{
	struct sender s = { .b = b, .seq = { 1000, 9000 }, .client_port = client_port,
			    .server_port = server_port };

	put(&s, WT_TO_SERVER, WT_TCP_SYN, wt_slice_of(NULL, 0));
	put(&s, WT_TO_CLIENT, WT_TCP_SYN | WT_TCP_ACK, wt_slice_of(NULL, 0));
	return s;
}

static unsigned n_lines(const struct bench_text *t, const char *begin)
{
	const char *at = t->len ? t->ptr : "";
	unsigned n = 0;

	for (; *at; at += strcspn(at, "\n") + 1)
		n += strncmp(at, begin, strlen(begin)) == 0;
	return n;
}

/* --- identification --- */

START_TEST(a_foreign_start_in_small_segments_hides_nothing)
{
	struct bench *b = bench_new(NULL);
	struct sender s = open_flow(b, 40000, 2575);
	unsigned i;

	/* one side is no HL7, in more segments than probes ever look at */
	for (i = 0; i < 100; i++)
		put(&s, WT_TO_CLIENT, WT_TCP_ACK, WT_LIT("+"));
	put(&s, WT_TO_SERVER, WT_TCP_ACK, WT_LIT(ADT));
	ck_assert_uint_eq(n_lines(&b->events, "hl7hl7"), 1);
	ok(bench_finish(b));
	bench_free(b);
}
END_TEST

START_TEST(an_unknown_flow_is_given_up_and_counted)
{
	struct bench *b = bench_new(NULL);
	struct sender s = open_flow(b, 40000, 2575);
	unsigned i;

	put(&s, WT_TO_SERVER, WT_TCP_ACK, WT_LIT("\xee\xdd of no proto\xc0l\r\n"));
	put(&s, WT_TO_CLIENT, WT_TCP_ACK, WT_LIT("\xef\xde of none either\r\n"));
	for (i = 0; i < 50; i++)
		put(&s, WT_TO_CLIENT, WT_TCP_ACK, WT_LIT("some body"));
	ok(bench_finish(b));
	ck_assert_uint_eq(b->counters.value[WT_C_DISSECT_UNKNOWN], 1);
	ck_assert_uint_eq(b->counters.value[WT_C_STREAM_ABANDONED], 450);
	ck_assert_uint_eq(b->counters.value[WT_C_STREAM_DELIVERED], 18 + 19);
	bench_free(b);
}
END_TEST

START_TEST(a_late_join_finds_the_next_message)
{
	struct bench *b = bench_new(NULL);
	struct sender s = { .b = b, .seq = { 5, 6 }, .client_port = 40000, .server_port = 2575 };

	/* the end of one message, and the next, in one segment; no handshake */
	put(&s, WT_TO_SERVER, WT_TCP_ACK, WT_LIT("X|1|NM|rest of it\r\x1c\x0d" ADT));
	put(&s, WT_TO_SERVER, WT_TCP_ACK, WT_LIT(ADT));
	ck_assert_uint_eq(n_lines(&b->events, "hl7hl7"), 2);
	ok(bench_finish(b));
	bench_free(b);
}
END_TEST

/* --- loss --- */

START_TEST(a_message_after_a_hole_is_understood)
{
	struct bench *b = bench_new(NULL);
	struct sender s = open_flow(b, 40000, 2575);

	put(&s, WT_TO_SERVER, WT_TCP_ACK, WT_LIT(ADT));
	s.seq[WT_TO_SERVER] += 300;
	put(&s, WT_TO_SERVER, WT_TCP_ACK, WT_LIT("PID|half\r\x1c\x0d" ADT));
	put(&s, WT_TO_SERVER, WT_TCP_ACK, WT_LIT(ADT));
	bench_time(b, b->clock_ns + 3 * WT_NS_PER_S);
	ck_assert_uint_eq(n_lines(&b->events, "hl7hl7"), 3);
	ok(bench_finish(b));
	ck_assert_uint_eq(b->counters.value[WT_C_STREAM_GAP], 300);
	bench_free(b);
}
END_TEST

/* A closed connection with a hole must not live on as if it were at work. */
START_TEST(a_fin_behind_a_hole_ends_the_flow)
{
	struct bench *b = bench_new(NULL);
	struct sender s = open_flow(b, 40000, 2575);

	put(&s, WT_TO_SERVER, WT_TCP_ACK, WT_LIT(ADT));
	s.seq[WT_TO_SERVER] += 300;
	put(&s, WT_TO_SERVER, WT_TCP_ACK, WT_LIT(ADT));
	put(&s, WT_TO_SERVER, WT_TCP_FIN | WT_TCP_ACK, wt_slice_of(NULL, 0));
	put(&s, WT_TO_CLIENT, WT_TCP_FIN | WT_TCP_ACK, wt_slice_of(NULL, 0));
	bench_time(b, b->clock_ns + 3 * WT_NS_PER_S);
	bench_time(b, b->clock_ns + 60 * WT_NS_PER_S);
	ck_assert_uint_eq(b->shard.n_used, 0);
	ck_assert_ptr_nonnull(strstr(b->flows.ptr, "flow.state=closed"));
	ok(bench_finish(b));
	bench_free(b);
}
END_TEST

/* --- bounds --- */

START_TEST(an_endless_segment_is_not_kept)
{
	static char text[1400];
	struct bench *b = bench_new(NULL);
	struct sender s = open_flow(b, 40000, 2575);
	unsigned i;

	memset(text, 'x', sizeof(text));
	put(&s, WT_TO_SERVER, WT_TCP_ACK, WT_LIT("\x0bMSH|^~\\&|A|B|C|D|1||ORU^R01|I|P|2.5\rOBX|1|ED|"));
	for (i = 0; i < 2000; i++) {
		put(&s, WT_TO_SERVER, WT_TCP_ACK, wt_slice_of(text, sizeof(text)));
		ok(bench_bounds(b));
	}
	put(&s, WT_TO_SERVER, WT_TCP_ACK, WT_LIT("\r\x1c\x0d" ADT));
	ck_assert_uint_eq(n_lines(&b->events, "hl7hl7"), 2);
	ok(bench_finish(b));
	bench_free(b);
}
END_TEST

START_TEST(glitches_of_a_flow_are_muted_but_counted)
{
	struct bench *b = bench_new(NULL);
	struct sender s = open_flow(b, 40000, 2575);
	unsigned i;

	put(&s, WT_TO_SERVER, WT_TCP_ACK, WT_LIT(ADT));
	for (i = 0; i < 200; i++)
		put(&s, WT_TO_SERVER, WT_TCP_ACK, WT_LIT("junk junk junk" ADT));
	ck_assert_uint_le(n_lines(&b->events, "glitch"), WT_GLITCH_EVENTS_MAX);
	ck_assert_uint_eq(n_lines(&b->events, "hl7hl7"), 201);
	ok(bench_finish(b));
	bench_free(b);
}
END_TEST

/* --- pressure --- */

static struct wt_limits tiny(void)
{
	struct wt_limits limits = wt_limits_of(WT_PROFILE_SMALL);

	limits.flows = 16;
	limits.early_chunks = 8;
	limits.message_chunks = 6;
	limits.dissections = 6;
	limits.state_bytes = 81920;
	limits.retained_bytes = 32768;
	return limits;
}

struct recorded {
	struct conversation *c[64];
	unsigned n;
};

static struct recorded some_conversations(void)
{
	static const char *const folders[] = { "pcaps/hl7", "pcaps/dicom" };
	struct recorded r = { .n = 0 };
	size_t n, i, k;
	unsigned f;

	for (f = 0; f < 2; f++) {
		char **paths = bench_paths(folders[f], ".pcap", &n);

		ck_assert_msg(n, "%s holds no capture", folders[f]);
		for (i = 0; i < n && r.n < 32 * (f + 1); i++) {
			struct bench *b = bench_load(paths[i], 0);

			for (k = 0; b && k < b->n_flows && r.n < 32 * (f + 1); k++)
				if (b->flow[k].key.proto == 6 && b->flow[k].n_bytes &&
				    b->flow[k].n_bytes < 60000)
					r.c[r.n++] = conversation_of(&b->flow[k], paths[i]);
			bench_free(b);
		}
		bench_paths_free(paths, n);
	}
	return r;
}

/* All conversations at once, a piece of one after a piece of another, some lost. */
static void crowd(struct bench *b, const struct recorded *r, uint64_t traffic)
{
	struct sender s[64];
	size_t turn[64] = { 0 }, done[64] = { 0 };
	struct bench_random random = { traffic };
	unsigned i, n_left = r->n;

	for (i = 0; i < r->n; i++)
		s[i] = open_flow(b, (uint16_t)(41000 + i), r->c[i]->server_port);
	while (n_left) {
		const struct conversation *c;
		const struct turn *t;
		size_t len;

		i = bench_below(&random, r->n);
		c = r->c[i];
		if (turn[i] >= c->n)
			continue;
		t = &c->turn[turn[i]];
		len = 1 + bench_below(&random, bench_below(&random, 2) ? 1460 : 100);
		len = len < t->len - done[i] ? len : t->len - done[i];
		if (bench_below(&random, 30))
			put(&s[i], t->dir, WT_TCP_ACK, wt_slice_of(t->bytes + done[i], len));
		else
			s[i].seq[t->dir] += (uint32_t)len;
		done[i] += len;
		if (done[i] == t->len) {
			done[i] = 0;
			if (++turn[i] == c->n)
				n_left--;
		}
		bench_time(b, b->clock_ns + bench_below(&random, 12) * WT_NS_PER_MS);
		if (bench_below(&random, 50) == 0)
			ok(bench_bounds(b));
	}
}

START_TEST(eviction_keeps_the_books_and_knows_no_seed)
{
	static const uint64_t seeds[] = { 7, 0, UINT64_C(0xfeedfacecafebeef) };
	struct wt_limits limits = tiny();
	struct recorded r = some_conversations();
	unsigned traffic, i;

	for (traffic = 1; traffic <= 6; traffic++) {
		struct bench_text want = { .ptr = NULL };
		struct wt_counters counters;

		for (i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
			struct bench *b = bench_new(&(struct bench_options){
				.limits = &limits, .seed = seeds[i] });

			crowd(b, &r, traffic);
			ok(bench_finish(b));
			bench_text_add(&b->events, b->flows.ptr, b->flows.len);
			if (i == 0) {
				bench_text_add(&want, b->events.ptr, b->events.len);
				counters = b->counters;
				ck_assert_uint_gt(counters.value[WT_C_FLOWS_EVICTED], 0);
				ck_assert_uint_gt(counters.value[WT_C_DISSECT_MESSAGES], 0);
			}
			ck_assert_msg(strcmp(want.ptr, b->events.ptr) == 0,
				      "traffic %u: seed %u changes the events", traffic, i);
			ck_assert_mem_eq(&counters, &b->counters, sizeof(counters));
			bench_free(b);
		}
		bench_text_free(&want);
	}
	for (i = 0; i < r.n; i++)
		conversation_free(r.c[i]);
}
END_TEST

START_TEST(with_room_for_all_nobody_disturbs_anybody)
{
	struct recorded r = some_conversations();
	struct bench *alone = bench_new(NULL), *together = bench_new(NULL);
	struct sender s[64];
	size_t turn, i, most = 0, n_alone = 0;

	for (i = 0; i < r.n; i++) {
		struct way way = { .cut = CUT_TURNS };

		most = r.c[i]->n > most ? r.c[i]->n : most;
		ok(conversation_send(alone, r.c[i], &way));
		n_alone += n_lines(&alone->events, "");
		s[i] = open_flow(together, (uint16_t)(41000 + i), r.c[i]->server_port);
	}
	for (turn = 0; turn < most; turn++)
		for (i = 0; i < r.n; i++) {
			const struct turn *t = &r.c[i]->turn[turn];
			size_t at;

			if (turn >= r.c[i]->n)
				continue;
			s[i].seq[t->dir] += (uint32_t)t->lost;
			for (at = 0; at < t->len; at += 32768)
				put(&s[i], t->dir, WT_TCP_ACK,
				    wt_slice_head(wt_slice_of(t->bytes + at, t->len - at), 32768));
			if (t->lost)
				bench_time(together, together->clock_ns + WT_GAP_PATIENCE_NS +
					   2 * WT_TICK_NS);
		}
	for (i = 0; i < r.n; i++) {
		put(&s[i], WT_TO_SERVER, WT_TCP_FIN | WT_TCP_ACK, wt_slice_of(NULL, 0));
		put(&s[i], WT_TO_CLIENT, WT_TCP_FIN | WT_TCP_ACK, wt_slice_of(NULL, 0));
	}
	ok(bench_finish(together));
	ck_assert_uint_eq(n_lines(&together->events, ""), n_alone);
	ck_assert_uint_eq(together->counters.value[WT_C_DISSECT_BUFFER_EVICTED], 0);
	for (i = 0; i < r.n; i++)
		conversation_free(r.c[i]);
	bench_free(alone);
	bench_free(together);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("engine");
	TCase *c = tcase_create("one shard");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout(c, 120);
	tcase_add_test(c, a_foreign_start_in_small_segments_hides_nothing);
	tcase_add_test(c, an_unknown_flow_is_given_up_and_counted);
	tcase_add_test(c, a_late_join_finds_the_next_message);
	tcase_add_test(c, a_message_after_a_hole_is_understood);
	tcase_add_test(c, a_fin_behind_a_hole_ends_the_flow);
	tcase_add_test(c, an_endless_segment_is_not_kept);
	tcase_add_test(c, glitches_of_a_flow_are_muted_but_counted);
	tcase_add_test(c, eviction_keeps_the_books_and_knows_no_seed);
	tcase_add_test(c, with_room_for_all_nobody_disturbs_anybody);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
