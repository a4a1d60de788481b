/* The table of beginnings never hides a protocol from its probe: what a probe takes
 * of the captured bytes, whole, cut, damaged or from the middle on, is on the list. A
 * dissector that fails here breaks the contract of `probe` (dissector.h): it refuses
 * one or two octets that begin something it takes. */
#define WT_NO_POISON
#include <check.h>
#include <stdio.h>

#include "dissect/shortlist.h"
#include "harness/stream_engine.h"
#include "wardtap/dissector.h"
#include "wardtap/registry.h"

static struct wt_shortlist list;

static uint64_t bit_of(unsigned owner)
{
	return UINT64_C(1) << (owner - 1);
}

static void expect_listed(struct wt_slice head, const char *path)
{
	unsigned owner;

	for (owner = 1; owner <= wt_registry_count(); owner++) {
		const struct wt_dissector *d = wt_registry_dissector(owner);
		struct wt_slice rest = wt_slice_tail(head, 1);

		if (!(d->carriage & (WT_OVER_TCP | WT_OVER_UDP)))
			continue;
		if (d->probe(head) != WT_FOREIGN)
			ck_assert_msg(wt_shortlist_head(&list, bit_of(owner), head),
				      "%s takes a head of %s but refuses its first octets",
				      d->name, path);
		if (!d->resync || !rest.len)
			continue;
		rest = wt_slice_tail(rest, d->resync(rest));
		if (rest.len && d->probe(rest) == WT_OK)
			ck_assert_msg(wt_shortlist_inside(&list, bit_of(owner),
							  wt_slice_tail(head, 1)),
				      "%s takes what lies in a head of %s but refuses its "
				      "first octets",
				      d->name, path);
	}
}

static void expect_bytes_listed(struct wt_slice bytes, const char *path)
{
	static struct bench_random random = { 1 };
	uint8_t damaged[WT_PROBE_MAX];
	struct wt_slice head = wt_slice_head(bytes, WT_PROBE_MAX);
	unsigned i;

	if (!head.len)
		return;
	expect_listed(head, path);
	for (i = 1; i < 12 && i < head.len; i++)
		expect_listed(wt_slice_head(head, i), path);
	expect_listed(wt_slice_tail(head, bench_below(&random, (uint32_t)head.len)), path);
	memcpy(damaged, head.ptr, head.len);
	for (i = 0; i < 3; i++) {
		damaged[bench_below(&random, head.len < 16 ? (uint32_t)head.len : 16)] =
			(uint8_t)bench_random(&random);
		expect_listed(wt_slice_of(damaged, head.len), path);
	}
}

START_TEST(what_a_probe_takes_is_on_the_list)
{
	size_t n, i, flow, k;
	char **paths = bench_paths("pcaps", ".pcap", &n);

	ck_assert_msg(n, "pcaps/ holds no capture; run from the top of the tree");
	for (i = 0; i < n; i++) {
		struct bench *b = bench_load(paths[i], 4 * WT_PROBE_MAX);

		ck_assert_msg(b, "%s cannot be read", paths[i]);
		for (flow = 0; flow < b->n_flows; flow++)
			for (k = 0; k < b->flow[flow].n; k++) {
				const struct bench_chunk *c = &b->flow[flow].chunk[k];

				expect_bytes_listed(wt_slice_of(c->bytes, c->len), paths[i]);
			}
		bench_free(b);
	}
	bench_paths_free(paths, n);
}
END_TEST

START_TEST(usual_ports_name_their_dissectors)
{
	struct wt_flow_key key = { .proto = 6 };
	unsigned owner, i;

	for (owner = 1; owner <= wt_registry_count(); owner++) {
		const struct wt_dissector *d = wt_registry_dissector(owner);

		if (!(d->carriage & (WT_OVER_TCP | WT_OVER_UDP)))
			continue;
		for (i = 0; i < WT_PORTS_MAX && d->ports[i]; i++) {
			key.end[0].port = 1;
			key.end[1].port = d->ports[i];
			ck_assert(wt_shortlist_ports(&list, &key) & bit_of(owner));
			key.end[0].port = d->ports[i];
			key.end[1].port = 0;
			ck_assert(wt_shortlist_ports(&list, &key) & bit_of(owner));
		}
	}
	key.end[0].port = key.end[1].port = 0;
	ck_assert_uint_eq(wt_shortlist_ports(&list, &key), 0);
}
END_TEST

START_TEST(a_beginning_is_found_at_the_very_end)
{
	uint8_t bytes[300] = { 0 };
	uint64_t all = UINT64_MAX >> (64 - wt_registry_count()), none;
	unsigned i, first = 0;

	while (first < 255 && !list.first[first])
		first++;
	none = wt_shortlist_inside(&list, all, wt_slice_of(bytes, sizeof(bytes)));
	for (i = 1; i < sizeof(bytes); i++) {
		memset(bytes, 0, sizeof(bytes));
		bytes[i - 1] = (uint8_t)first;
		ck_assert(wt_shortlist_inside(&list, all, wt_slice_of(bytes, i)) &
			  list.first[first]);
	}
	ck_assert_uint_eq(none & ~all, 0);
	ck_assert_uint_eq(wt_shortlist_inside(&list, all, wt_slice_of(bytes, 0)), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("shortlist");
	TCase *c = tcase_create("beginnings");
	SRunner *runner;
	int n_failed;

	wt_shortlist_init(&list);
	tcase_set_timeout(c, 120);
	tcase_add_test(c, what_a_probe_takes_is_on_the_list);
	tcase_add_test(c, usual_ports_name_their_dissectors);
	tcase_add_test(c, a_beginning_is_found_at_the_very_end);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? 1 : 0;
}
