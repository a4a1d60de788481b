/* The life of a TCP flow in src/flow: how it is met, what ends it, what it survives, what
 * is let go first when room is short. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/stream_case.h"

/* --- how a flow is met --- */

START_TEST(a_flow_joined_in_its_middle_is_taken_from_there)
{
	struct bench *b = recorder(NULL, 0);

	(void)seg(b, WT_TO_CLIENT, 777, WT_TCP_ACK, "from the server");
	(void)seg(b, WT_TO_SERVER, 888, WT_TCP_ACK, "from the client");
	(void)seg(b, WT_TO_CLIENT, 777 + 15, WT_TCP_ACK, ", on");
	ck_assert_str_eq(got(b, 0, WT_TO_SERVER), "from the client");
	ck_assert_str_eq(got(b, 0, WT_TO_CLIENT), "from the server, on");
	ck_assert(b->flow[0].is_midstream);
	ck_assert_uint_eq(count(b, WT_C_FLOWS_MIDSTREAM), 1);
	ck_assert_str_eq(bench_finish(b) ? "wrong" : "", "");
	ck_assert_ptr_nonnull(strstr(b->flows.ptr, "flow.pickup=midstream"));
	ck_assert_uint_eq(b->flow[0].key.end[b->flow[0].client].port, 40000);
	bench_free(b);
}
END_TEST

START_TEST(half_a_mirror_gives_half_a_stream)
{
	unsigned dir;

	for (dir = 0; dir < 2; dir++) {
		struct bench *b = recorder(NULL, 0);
		enum wt_direction way = (enum wt_direction)dir;

		(void)seg(b, way, 99, dir ? WT_TCP_SYN | WT_TCP_ACK : WT_TCP_SYN, "");
		(void)seg(b, way, 100, WT_TCP_ACK, "half");
		(void)seg(b, way, 106, WT_TCP_ACK, "lost");
		later(b, 3 * WT_NS_PER_S);
		(void)seg(b, way, 110, WT_TCP_FIN | WT_TCP_ACK, "");
		ck_assert_str_eq(got(b, 0, way), "half<2>lost$");
		ck_assert_uint_eq(b->flow[0].client, b->flow[0].key.end[0].port == 40000 ? 0 : 1);
		ck_assert_str_eq(bench_finish(b) ? "wrong" : "", "");
		ck_assert_uint_eq(count(b, WT_C_FLOWS_ONE_WAY), 1);
		ck_assert_ptr_nonnull(strstr(b->flows.ptr, "flow.is_one_way=1"));
		bench_free(b);
	}
}
END_TEST

START_TEST(data_in_a_syn_is_taken)
{
	struct bench *b = recorder(NULL, 0);

	(void)seg(b, WT_TO_SERVER, S0 - 1, WT_TCP_SYN, "early");
	(void)seg(b, WT_TO_CLIENT, C0 - 1, WT_TCP_SYN | WT_TCP_ACK, "");
	(void)seg(b, WT_TO_SERVER, S0 + 5, WT_TCP_ACK, " bird");
	ck_assert_str_eq(got(b, 0, WT_TO_SERVER), "early bird");
	finish(b);
}
END_TEST

/* --- SYN, FIN, RST --- */

START_TEST(a_reset_outside_the_window_is_ignored)
{
	struct bench *b = recorder(NULL, 0);

	shake(b);
	(void)seg(b, WT_TO_SERVER, S0, WT_TCP_ACK, "abc");
	(void)seg(b, WT_TO_SERVER, S0 + 3 + (1 << 21), WT_TCP_RST, "");
	(void)seg(b, WT_TO_SERVER, S0 - 50, WT_TCP_RST, "");
	(void)seg(b, WT_TO_SERVER, S0 + 3, WT_TCP_ACK, "def");
	ck_assert_str_eq(got(b, 0, WT_TO_SERVER), "abcdef");
	ck_assert_uint_eq(count(b, WT_C_STREAM_OUT_OF_WINDOW), 2);
	ck_assert_str_eq(bench_finish(b) ? "wrong" : "", "");
	ck_assert_ptr_nonnull(strstr(b->flows.ptr, "flow.state=established"));
	bench_free(b);
}
END_TEST

START_TEST(data_after_a_reset_are_taken)
{
	struct bench *b = recorder(NULL, 0);

	shake(b);
	(void)seg(b, WT_TO_SERVER, S0, WT_TCP_ACK, "abc");
	(void)seg(b, WT_TO_CLIENT, C0, WT_TCP_RST, "text that explains it");
	(void)seg(b, WT_TO_SERVER, S0 + 3, WT_TCP_ACK, "def");
	ck_assert_uint_eq(b->n_flows, 1);
	ck_assert_str_eq(got(b, 0, WT_TO_SERVER), "abcdef");
	ck_assert_str_eq(got(b, 0, WT_TO_CLIENT), "");
	finish(b);
}
END_TEST

START_TEST(a_fin_counts_when_all_before_it_came)
{
	struct bench *b = recorder(NULL, 0);

	shake(b);
	(void)seg(b, WT_TO_SERVER, S0 + 3, WT_TCP_FIN | WT_TCP_ACK, "def");
	ck_assert_str_eq(got(b, 0, WT_TO_SERVER), "");
	(void)seg(b, WT_TO_SERVER, S0, WT_TCP_ACK, "abc");
	ck_assert_str_eq(got(b, 0, WT_TO_SERVER), "abcdef$");
	(void)seg(b, WT_TO_SERVER, S0 + 3, WT_TCP_FIN | WT_TCP_ACK, "def");
	(void)seg(b, WT_TO_SERVER, S0 + 3, WT_TCP_FIN | WT_TCP_ACK, "def");
	ck_assert_str_eq(got(b, 0, WT_TO_SERVER), "abcdef$");
	finish(b);
}
END_TEST

START_TEST(a_fin_tells_how_much_was_lost_before_it)
{
	struct bench *b = recorder(NULL, 0);

	shake(b);
	(void)seg(b, WT_TO_SERVER, S0, WT_TCP_ACK, "abc");
	(void)seg(b, WT_TO_SERVER, S0 + 43, WT_TCP_FIN | WT_TCP_ACK, "");
	(void)seg(b, WT_TO_SERVER, S0 + 43, WT_TCP_FIN | WT_TCP_ACK, "");
	ck_assert_str_eq(got(b, 0, WT_TO_SERVER), "abc");
	later(b, 3 * WT_NS_PER_S);
	ck_assert_str_eq(got(b, 0, WT_TO_SERVER), "abc<40>$");
	finish(b);
}
END_TEST

START_TEST(a_forged_syn_does_not_make_it_forget)
{
	struct bench *b = recorder(NULL, 0);

	shake(b);
	(void)seg(b, WT_TO_SERVER, S0, WT_TCP_ACK, "abc");
	(void)seg(b, WT_TO_CLIENT, C0, WT_TCP_ACK, "xyz");
	(void)seg(b, WT_TO_SERVER, 12345678, WT_TCP_SYN, "");
	(void)seg(b, WT_TO_SERVER, S0 + 3, WT_TCP_ACK, "def");
	ck_assert_str_eq(got(b, 0, WT_TO_SERVER), "abcdef");
	ck_assert_uint_eq(b->n_flows, 1);
	finish(b);
}
END_TEST

START_TEST(a_port_used_again_is_another_flow)
{
	struct bench *b = recorder(NULL, 0);
	unsigned round;

	for (round = 0; round < 3; round++) {
		uint32_t s = S0 + 100000 * round, c = C0 + 70000 * round;

		(void)seg(b, WT_TO_SERVER, s - 1, WT_TCP_SYN, "");
		(void)seg(b, WT_TO_SERVER, s - 1, WT_TCP_SYN, ""); /* the same again */
		(void)seg(b, WT_TO_CLIENT, c - 1, WT_TCP_SYN | WT_TCP_ACK, "");
		(void)seg(b, WT_TO_SERVER, s, WT_TCP_ACK, "one");
		(void)seg(b, WT_TO_CLIENT, c, WT_TCP_ACK, "two");
		if (round == 1) {
			(void)seg(b, WT_TO_SERVER, s + 3, WT_TCP_RST, "");
		} else {
			(void)seg(b, WT_TO_SERVER, s + 3, WT_TCP_FIN | WT_TCP_ACK, "");
			(void)seg(b, WT_TO_CLIENT, c + 3, WT_TCP_FIN | WT_TCP_ACK, "");
		}
		later(b, WT_NS_PER_S);
	}
	ck_assert_uint_eq(b->n_flows, 3);
	for (round = 0; round < 3; round++)
		ck_assert_str_eq(got(b, round, WT_TO_SERVER), round == 1 ? "one" : "one$");
	ck_assert_str_eq(bench_finish(b) ? "wrong" : "", "");
	ck_assert_uint_eq(count(b, WT_C_FLOWS_CLOSED), 3);
	bench_free(b);
}
END_TEST

START_TEST(random_flags_break_no_book)
{
	struct wt_limits limits = wt_limits_of(WT_PROFILE_SMALL);
	struct bench_random r = { 13 };
	unsigned i, n;

	limits.flows = 64;
	for (i = 0; i < 3000; i++) {
		struct bench *b = recorder(&limits, i);
		uint32_t base = bench_random(&r);

		for (n = 0; n < 60; n++) {
			static const char text[] = "0123456789";
			size_t len = bench_below(&r, 3) ? bench_below(&r, 10) : 0;

			(void)bench_segment(b, &(struct bench_segment){
				.dir = (enum wt_direction)bench_below(&r, 2),
				.seq = bench_below(&r, 16) ? base + bench_below(&r, 64) :
				       bench_random(&r),
				.ack = base + bench_below(&r, 64),
				.flags = (uint8_t)bench_below(&r, 64),
				.bytes = wt_slice_of(text, len), .ip_id = (uint16_t)n,
				.missing = bench_below(&r, 8) ? 0 : bench_below(&r, 20) });
			later(b, bench_below(&r, 20) ? 0 : bench_below(&r, 90) * WT_NS_PER_S);
		}
		finish(b);
	}
}
END_TEST

/* --- rest and pressure --- */

START_TEST(keep_alives_and_window_probes_change_nothing)
{
	struct bench *b = recorder(NULL, 0);
	unsigned i;

	shake(b);
	(void)seg(b, WT_TO_SERVER, S0, WT_TCP_ACK, "abc");
	for (i = 0; i < 5; i++) { /* RFC 9293 3.8.4: with no or one garbage octet */
		later(b, 60 * WT_NS_PER_S);
		(void)seg(b, WT_TO_SERVER, S0 + 2, WT_TCP_ACK, "");
		(void)bench_segment(b, &(struct bench_segment){ .dir = WT_TO_SERVER,
			.seq = S0 + 2, .flags = WT_TCP_ACK, .bytes = wt_slice_of("", 1),
			.ip_id = (uint16_t)(100 + i) });
		(void)bench_segment(b, &(struct bench_segment){ .dir = WT_TO_CLIENT,
			.seq = C0, .ack = S0 + 3, .flags = WT_TCP_ACK, .window = 0 });
	}
	(void)seg(b, WT_TO_SERVER, S0 + 3, WT_TCP_ACK, "d"); /* probe of a closed window */
	later(b, WT_NS_PER_S);
	(void)seg(b, WT_TO_SERVER, S0 + 3, WT_TCP_ACK, "def");
	ck_assert_str_eq(got(b, 0, WT_TO_SERVER), "abcdef");
	ck_assert_uint_eq(count(b, WT_C_STREAM_CONFLICT), 0);
	ck_assert_uint_eq(count(b, WT_C_STREAM_GAP), 0);
	finish(b);
}
END_TEST

START_TEST(a_hole_is_given_up_when_its_bytes_were_acknowledged)
{
	struct bench *b = recorder(NULL, 0);

	shake(b);
	(void)seg(b, WT_TO_SERVER, S0 + 10, WT_TCP_ACK, "later");
	(void)bench_segment(b, &(struct bench_segment){ .dir = WT_TO_CLIENT, .seq = C0,
		.ack = S0 + 15, .flags = WT_TCP_ACK });
	ck_assert_str_eq(got(b, 0, WT_TO_SERVER), ""); /* mirrors may swap directions */
	later(b, WT_TICK_NS);
	(void)bench_segment(b, &(struct bench_segment){ .dir = WT_TO_CLIENT, .seq = C0,
		.ack = S0 + 15, .flags = WT_TCP_ACK });
	ck_assert_str_eq(got(b, 0, WT_TO_SERVER), "<10>later");
	finish(b);
}
END_TEST

START_TEST(flows_end_after_their_time)
{
	struct bench *b = recorder(NULL, 0);
	uint64_t t;

	shake(b);
	(void)seg(b, WT_TO_SERVER, S0, WT_TCP_ACK, "abc");
	bench_datagram(b, WT_TO_SERVER, 53, WT_LIT("query"));
	(void)bench_segment(b, &(struct bench_segment){ .dir = WT_TO_SERVER, .seq = 1,
		.flags = WT_TCP_SYN, .client_port = 41000 });
	t = b->clock_ns;
	bench_time(b, t + 59 * WT_NS_PER_S);
	ck_assert_uint_eq(count(b, WT_C_FLOWS_TIMEOUT), 0);
	bench_time(b, t + 70 * WT_NS_PER_S); /* 8 s is how finely times are kept */
	ck_assert_uint_eq(count(b, WT_C_FLOWS_TIMEOUT), 1);
	bench_time(b, t + 130 * WT_NS_PER_S);
	ck_assert_uint_eq(count(b, WT_C_FLOWS_TIMEOUT), 2);
	bench_time(b, t + 3599 * WT_NS_PER_S);
	ck_assert_uint_eq(count(b, WT_C_FLOWS_TIMEOUT), 2);
	bench_time(b, t + 3620 * WT_NS_PER_S);
	ck_assert_uint_eq(count(b, WT_C_FLOWS_TIMEOUT), 3);
	finish(b);
}
END_TEST

START_TEST(second_copies_of_a_mirror_are_known)
{
	struct bench *b = recorder(NULL, 0);
	struct bench_segment s = { .dir = WT_TO_SERVER, .seq = S0, .flags = WT_TCP_ACK,
				   .bytes = WT_LIT("abcdef"), .ip_id = 4711 };

	shake(b);
	ck_assert_int_eq(bench_segment(b, &s), WT_DISP_FLOW);
	later(b, 40000);
	ck_assert_int_eq(bench_segment(b, &s), WT_DISP_DUPLICATE);
	later(b, 40000);
	s.bytes = WT_LIT("abcXef"); /* not the same: somebody lies */
	ck_assert_int_eq(bench_segment(b, &s), WT_DISP_FLOW);
	ck_assert_uint_eq(count(b, WT_C_STREAM_CONFLICT), 1);
	s.bytes = WT_LIT("abcdef");
	later(b, 6 * WT_NS_PER_MS); /* too late for a copy: a retransmission */
	ck_assert_int_eq(bench_segment(b, &s), WT_DISP_FLOW);
	s.ip_id = 4712;
	ck_assert_int_eq(bench_segment(b, &s), WT_DISP_FLOW);
	ck_assert_str_eq(got(b, 0, WT_TO_SERVER), "abcdef");
	finish(b);
}
END_TEST

/* --- eviction --- */

static struct wt_limits tiny(void)
{
	struct wt_limits limits = wt_limits_of(WT_PROFILE_SMALL);

	limits.flows = 16;
	limits.early_chunks = 8;
	limits.message_chunks = 8;
	limits.dissections = 4;
	limits.state_bytes = 81920;
	limits.retained_bytes = 32768;
	return limits;
}

/* 60 flows that all lose and reorder segments compete for 16 places and 8 chunks. */
static void crowd(struct bench *b, uint64_t traffic)
{
	struct bench_random r = { traffic };
	uint32_t next[60][2];
	unsigned i, dir;

	for (i = 0; i < 60; i++)
		next[i][0] = next[i][1] = bench_random(&r);
	for (i = 0; i < 6000; i++) {
		unsigned f = bench_below(&r, bench_below(&r, 2) ? 60 : 8);
		uint8_t bytes[3000];
		uint32_t len = 1 + bench_below(&r, bench_below(&r, 4) ? 200 : 2999), k;

		dir = bench_below(&r, 2);
		for (k = 0; k < len; k++)
			bytes[k] = (uint8_t)bench_random(&r);
		(void)bench_segment(b, &(struct bench_segment){
			.dir = (enum wt_direction)dir, .client_port = (uint16_t)(40000 + f),
			.seq = next[f][dir] + (bench_below(&r, 3) ? 0 : bench_below(&r, 400)),
			.ack = next[f][dir ^ 1], .ip_id = (uint16_t)i,
			.flags = bench_below(&r, 40) ? WT_TCP_ACK :
				 (uint8_t)(1u << bench_below(&r, 5)),
			.bytes = wt_slice_of(bytes, len) });
		if (bench_below(&r, 5))
			next[f][dir] += len;
		later(b, bench_below(&r, 8) ? bench_below(&r, 5) * WT_NS_PER_MS :
			 bench_below(&r, 400) * WT_NS_PER_MS);
	}
}

static void add_flows(struct bench_text *t, const struct bench *b)
{
	size_t i, k;
	char line[160];

	for (i = 0; i < b->n_flows; i++)
		for (k = 0; k < b->flow[i].n; k++) {
			const struct bench_chunk *c = &b->flow[i].chunk[k];

			(void)snprintf(line, sizeof(line), "%llx %d %d %llu %zu ",
				       (unsigned long long)b->flow[i].id, (int)c->kind, (int)c->dir,
				       (unsigned long long)c->lost, c->len);
			bench_text_add(t, line, strlen(line));
			bench_text_add(t, c->bytes, c->len);
		}
}

START_TEST(eviction_keeps_the_books_and_knows_no_seed)
{
	static const uint64_t seeds[] = { 1, 0, UINT64_MAX, UINT64_C(0x123456789abcdef) };
	struct wt_limits limits = tiny();
	unsigned traffic, i;

	for (traffic = 0; traffic < 20; traffic++) {
		struct bench_text want = { .ptr = NULL }, now = { .ptr = NULL };
		struct wt_counters counters;

		for (i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
			struct bench *b = recorder(&limits, seeds[i]);
			const char *wrong;

			crowd(b, traffic);
			wrong = bench_finish(b);
			ck_assert_msg(!wrong, "traffic %u: %s", traffic, wrong);
			ck_assert_uint_gt(count(b, WT_C_FLOWS_EVICTED), 0);
			ck_assert_uint_gt(count(b, WT_C_STREAM_EVICTED), 0);
			now.len = 0;
			add_flows(i ? &now : &want, b);
			bench_text_add(i ? &now : &want, b->flows.ptr, b->flows.len);
			bench_text_add(i ? &now : &want, b->glitches.ptr ? b->glitches.ptr : "",
				       b->glitches.len);
			if (i) {
				ck_assert_msg(now.len == want.len &&
					      memcmp(now.ptr, want.ptr, now.len) == 0,
					      "traffic %u: seed %u changes the result", traffic, i);
				ck_assert_mem_eq(&counters, &b->counters, sizeof(counters));
			}
			counters = b->counters;
			bench_free(b);
		}
		bench_text_free(&want);
		bench_text_free(&now);
	}
}
END_TEST

/* One flow that opens holes without end must not grow: WT_EARLY_BYTES_MAX. */
START_TEST(a_flow_of_holes_stays_within_its_bound)
{
	struct bench *b = recorder(NULL, 0);
	uint32_t seq = S0 + 10;
	unsigned i;

	shake(b);
	for (i = 0; i < 5000; i++) {
		(void)seg(b, WT_TO_SERVER, seq, WT_TCP_ACK, "x");
		seq += 3;
		ck_assert_uint_le((uint64_t)b->shard.early.n_used * WT_CHUNK_SIZE,
				  WT_EARLY_BYTES_MAX + 2 * WT_CHUNK_SIZE);
	}
	ck_assert_str_eq(bench_finish(b) ? "wrong" : "", "");
	ck_assert_uint_eq(count(b, WT_C_STREAM_DELIVERED), 5000);
	ck_assert_uint_eq(count(b, WT_C_STREAM_GAP), 10 + 4999 * 2);
	bench_free(b);
}
END_TEST

/* --- how a connection is opened --- */

/* An IPv4 header that may not be cut, and a SYN of window 64240 with these options; only
 * `cap_len` bytes were captured (0: all). "" when nothing is told. */
static const char *syn_of(const uint8_t *options, uint8_t n, uint8_t ttl, uint32_t cap_len)
{
	static char text[WT_SYN_TEXT_MAX + 1];
	uint8_t bytes[80] = { [0] = 0x45, [6] = 0x40, [8] = ttl, [9] = 6 };
	struct wt_packet p = { .bytes = bytes,
			       .tcp_flags = WT_TCP_SYN,
			       .ttl = ttl,
			       .tcp_window = 64240,
			       .l4_off = 20,
			       .cap_len = cap_len ? cap_len : 40u + n };
	struct wt_builder b = wt_builder_of(text, WT_SYN_TEXT_MAX);
	uint8_t *exact;
	bool is_told;

	p.key.proto = 6;
	p.key.ip_version = 4;
	bytes[32] = (uint8_t)((20 + n) / 4 << 4);
	memcpy(bytes + 40, options, n);
	exact = malloc(p.cap_len); /* so that a sanitizer sees the end */
	ck_assert_ptr_nonnull(exact);
	memcpy(exact, bytes, p.cap_len);
	p.bytes = exact;
	is_told = wt_syn_text(&p, &b);
	free(exact);
	text[is_told ? b.len : 0] = 0;
	return text;
}

START_TEST(a_syn_is_told_as_one_line)
{
	static const uint8_t windows[] = { 2, 4, 5, 180, 1, 3, 3, 8, 1, 1, 4, 2 };
	static const uint8_t linux_like[] = { 2, 4, 5,  180, 4, 2, 8, 10, 1, 2,
					      3, 4, 0,  0,   0, 0, 1, 3,  3, 7 };
	static const uint8_t unknown[] = { 2, 4, 2, 0, 254, 4, 9, 9, 0, 1, 1, 1 };

	ck_assert_str_eq(syn_of(windows, 12, 127, 0),
			 "128:mss,nop,ws,nop,nop,sok:64240:8:1460:df");
	ck_assert_str_eq(syn_of(linux_like, 20, 64, 0),
			 "64:mss,sok,ts,nop,ws:64240:7:1460:df");
	ck_assert_str_eq(syn_of(unknown, 12, 200, 0), "255:mss,?254,eol:64240:-:512:df");
	ck_assert_str_eq(syn_of(windows, 0, 30, 0), "32::64240:-:-:df");
}
END_TEST

START_TEST(a_broken_or_cut_syn_is_not_told)
{
	static const uint8_t no_length[] = { 2, 4, 5, 180, 3, 0, 0, 0 };
	static const uint8_t beyond[] = { 2, 4, 5, 180, 8, 10, 0, 0 };
	static const uint8_t short_mss[] = { 2, 3, 5, 1 };
	static const uint8_t nops[40] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
					  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
					  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };
	uint32_t cap_len;

	ck_assert_str_eq(syn_of(no_length, 8, 64, 0), "");
	ck_assert_str_eq(syn_of(beyond, 8, 64, 0), "");
	ck_assert_str_eq(syn_of(short_mss, 4, 64, 0), "");
	ck_assert_str_eq(syn_of(nops, 40, 64, 0), "");
	for (cap_len = 20; cap_len < 52; cap_len++)
		ck_assert_str_eq(syn_of(nops, 12, 64, cap_len), "");
	ck_assert_str_ne(syn_of(nops, 12, 64, 52), "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("tcp");
	TCase *c = tcase_create("flows");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout(c, 120);
	tcase_add_test(c, a_flow_joined_in_its_middle_is_taken_from_there);
	tcase_add_test(c, half_a_mirror_gives_half_a_stream);
	tcase_add_test(c, data_in_a_syn_is_taken);
	tcase_add_test(c, a_reset_outside_the_window_is_ignored);
	tcase_add_test(c, data_after_a_reset_are_taken);
	tcase_add_test(c, a_fin_counts_when_all_before_it_came);
	tcase_add_test(c, a_fin_tells_how_much_was_lost_before_it);
	tcase_add_test(c, a_forged_syn_does_not_make_it_forget);
	tcase_add_test(c, a_port_used_again_is_another_flow);
	tcase_add_test(c, random_flags_break_no_book);
	tcase_add_test(c, keep_alives_and_window_probes_change_nothing);
	tcase_add_test(c, a_hole_is_given_up_when_its_bytes_were_acknowledged);
	tcase_add_test(c, flows_end_after_their_time);
	tcase_add_test(c, second_copies_of_a_mirror_are_known);
	tcase_add_test(c, eviction_keeps_the_books_and_knows_no_seed);
	tcase_add_test(c, a_flow_of_holes_stays_within_its_bound);
	tcase_add_test(c, a_syn_is_told_as_one_line);
	tcase_add_test(c, a_broken_or_cut_syn_is_not_told);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
