/* What every dissector of datagrams, frames and ICMPv6 messages inherits: its own
 * captures give events, the same ones for every hash seed; no prefix and no damage of a
 * datagram reads past its end (each lies in an allocation of its exact size) or breaks
 * the books. Datagrams come from pcaps/<name>/. */
#define WT_NO_POISON
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "capture/file.h"
#include "decode/decode.h"
#include "harness/stream_engine.h"
#include "wardtap/dissector.h"
#include "wardtap/registry.h"

#define KEPT_MAX 400u     /* datagrams of a dissector that are cut and damaged */
#define PREFIXES_MAX 160u /* of one datagram; beyond, some at random */
#define DAMAGES 48u
#define DATAGRAMS (unsigned)(WT_OVER_UDP | WT_OVER_ETHER | WT_OVER_LLC | WT_OVER_ICMP6)

struct kept {
	struct wt_packet packet[KEPT_MAX];
	size_t n;
};

/* Could the packet be this dissector's? */
static bool is_candidate(const struct wt_dissector *d, const struct wt_packet *p)
{
	if (p->disposition == WT_DISP_ETHER)
		return d->carriage & (WT_OVER_ETHER | WT_OVER_LLC);
	if (p->disposition != WT_DISP_FLOW || !p->payload_len)
		return false;
	return (p->key.proto == 17 && (d->carriage & WT_OVER_UDP)) ||
	       (p->key.proto == 58 && (d->carriage & WT_OVER_ICMP6));
}

static void keep(struct kept *kept, const struct wt_packet *p)
{
	struct wt_packet *copy = &kept->packet[kept->n];
	uint8_t *bytes = malloc(p->cap_len + 1);

	if (kept->n == KEPT_MAX || !bytes) {
		free(bytes);
		return;
	}
	memcpy(bytes, p->bytes, p->cap_len);
	*copy = *p;
	copy->bytes = bytes;
	kept->n++;
}

static void forget(struct kept *kept)
{
	while (kept->n) {
		union {
			const uint8_t *read;
			uint8_t *own;
		} bytes = { .read = kept->packet[--kept->n].bytes };

		free(bytes.own);
	}
}

/* All packets of the dissector's captures, into `b` (or NULL) and `kept` (or NULL). */
static void go_over(unsigned owner, struct bench *b, struct kept *kept)
{
	const struct wt_dissector *d = wt_registry_dissector(owner);
	struct wt_capture_list *list;
	struct wt_capture *capture;
	struct wt_batch batch;
	char folder[128];
	char **paths;
	size_t n;
	unsigned i;

	(void)snprintf(folder, sizeof(folder), "pcaps/%s", d->name);
	paths = bench_paths(folder, ".pcap", &n);
	ck_assert_msg(n, "%s holds no capture; run from the top of the tree", folder);
	list = wt_capture_list_new(paths, n);
	capture = list ? wt_capture_open(list, NULL) : NULL;
	ck_assert_ptr_nonnull(capture);
	while (wt_capture_next(capture, &batch))
		for (i = 0; i < batch.n; i++) {
			struct wt_packet *p = &batch.packet[i];

			wt_decode(p);
			if (!is_candidate(d, p))
				continue;
			if (b)
				bench_packet(b, p);
			if (kept)
				keep(kept, p);
		}
	wt_capture_close(capture);
	wt_capture_list_free(list);
	bench_paths_free(paths, n);
}

static bool is_for_us(unsigned owner)
{
	return wt_registry_dissector(owner)->carriage & DATAGRAMS;
}

static char *events_of(unsigned owner, uint64_t seed)
{
	struct bench_options options = { .seed = seed };
	struct bench *b = bench_new(&options);
	const char *wrong;
	char *text;

	go_over(owner, b, NULL);
	wrong = bench_finish(b);
	ck_assert_msg(!wrong, "%s: %s", wt_registry_name(owner), wrong);
	text = malloc(b->events.len + 1);
	ck_assert_ptr_nonnull(text);
	memcpy(text, b->events.len ? b->events.ptr : "", b->events.len);
	text[b->events.len] = '\0';
	bench_free(b);
	return text;
}

START_TEST(own_captures_give_events_whatever_the_seed)
{
	unsigned owner = (unsigned)_i + 1;
	bool is_stream = wt_registry_dissector(owner)->carriage & WT_OVER_TCP;
	char *first, *second;

	if (!is_for_us(owner))
		return;
	first = events_of(owner, 1);
	second = events_of(owner, UINT64_C(0x123456789abcdef));
	ck_assert_msg(strlen(first) > 0 || is_stream, "%s: no capture gave an event",
		      wt_registry_name(owner));
	ck_assert_msg(strcmp(first, second) == 0, "%s: events depend on the hash seed",
		      wt_registry_name(owner));
	free(first);
	free(second);
}
END_TEST

/* The first `len` bytes of the payload, the rest cut off by the snap length or never
 * sent. */
static void send_prefix(struct bench *b, const struct wt_packet *p, uint32_t len, bool is_clipped)
{
	struct wt_packet cut = *p;

	cut.payload_len = len;
	cut.cap_len = p->payload_off + len;
	if (!is_clipped)
		cut.payload_wire_len = len;
	cut.ip_id += len; /* no second copy of a mirror */
	cut.l4_sum = (uint16_t)(p->l4_sum + len);
	bench_packet(b, &cut);
}

static void expect_books(struct bench *b, unsigned owner, const char *what)
{
	const char *wrong = bench_finish(b);

	ck_assert_msg(!wrong, "%s, %s: %s", wt_registry_name(owner), what, wrong);
	b->events.len = b->flows.len = 0;
	bench_rewind(b);
}

START_TEST(no_prefix_reads_past_its_end)
{
	static struct kept kept;
	unsigned owner = (unsigned)_i + 1;
	struct bench_random random = { 5 };
	struct bench *b;
	size_t i;

	if (!is_for_us(owner))
		return;
	b = bench_new(NULL);
	go_over(owner, NULL, &kept);
	for (i = 0; i < kept.n; i++) {
		const struct wt_packet *p = &kept.packet[i];
		uint32_t n = p->payload_len < PREFIXES_MAX ? p->payload_len : PREFIXES_MAX, k;

		for (k = 0; k < n; k++) {
			uint32_t len = k < PREFIXES_MAX / 2 || n < PREFIXES_MAX ? k :
				       bench_below(&random, p->payload_len);

			send_prefix(b, p, len, k & 1);
		}
		expect_books(b, owner, "prefixes");
	}
	forget(&kept);
	bench_free(b);
}
END_TEST

START_TEST(no_damage_breaks_the_books)
{
	static struct kept kept;
	unsigned owner = (unsigned)_i + 1, k, times;
	struct bench_random random = { 6 };
	struct bench *b;
	size_t i;

	if (!is_for_us(owner))
		return;
	b = bench_new(NULL);
	go_over(owner, NULL, &kept);
	for (i = 0; i < kept.n; i++) {
		const struct wt_packet *p = &kept.packet[i];

		for (k = 0; k < DAMAGES && p->payload_len; k++) {
			struct wt_packet bad = *p;
			uint8_t *bytes = malloc(p->cap_len + 1);

			ck_assert_ptr_nonnull(bytes);
			memcpy(bytes, p->bytes, p->cap_len);
			for (times = 1 + bench_below(&random, 4); times; times--) {
				uint32_t at = p->payload_off + bench_below(&random, p->payload_len);

				bytes[at] = bench_below(&random, 2) ?
					    (uint8_t)bench_random(&random) :
					    (uint8_t)(bench_below(&random, 2) ? 0xff : 0);
			}
			bad.bytes = bytes;
			bad.ip_id += k;
			bad.l4_sum = (uint16_t)(p->l4_sum + k);
			bench_packet(b, &bad);
			free(bytes);
		}
		expect_books(b, owner, "damage");
	}
	forget(&kept);
	bench_free(b);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("contract, datagrams");
	TCase *c = tcase_create("every dissector");
	int n = (int)wt_registry_count(), n_failed;
	SRunner *runner;

	tcase_set_timeout(c, 600);
	tcase_add_loop_test(c, own_captures_give_events_whatever_the_seed, 0, n);
	tcase_add_loop_test(c, no_prefix_reads_past_its_end, 0, n);
	tcase_add_loop_test(c, no_damage_breaks_the_books, 0, n);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
