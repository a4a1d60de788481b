/* Promises of capture/file.h: formats, damage, batches. Files are made here. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/capwrite.h"

#define S UINT64_C(1000000000)
#define ETHER 1
#define WIFI 127

static struct wt_slice all(const struct cap_bytes *f)
{
	return wt_slice_of(f->ptr, f->len);
}

static struct cap_seen read_bytes(const struct cap_bytes *f)
{
	char *path = cap_save("one", all(f));
	struct cap_seen seen = cap_read_one(path);

	free(path);
	return seen;
}

static void expect(const struct cap_seen *seen, size_t i, uint64_t ts_ns, uint32_t wire_len,
		   struct wt_slice bytes)
{
	ck_assert_msg(i < seen->n, "only %zu packets", seen->n);
	ck_assert_uint_eq(seen->packet[i].ts_ns, ts_ns);
	ck_assert_uint_eq(seen->packet[i].wire_len, wire_len);
	ck_assert_uint_eq(seen->packet[i].number, i + 1);
	ck_assert(wt_slice_equal(wt_slice_of(seen->packet[i].bytes, seen->packet[i].cap_len),
				 bytes));
}

static void expect_clean(const struct cap_seen *seen)
{
	ck_assert_str_eq(cap_why(seen, 0), "");
	ck_assert_uint_eq(seen->list->n_notes, 0);
	ck_assert_uint_eq(seen->counters.value[WT_C_CAPTURE_FILES_DAMAGED], 0);
	ck_assert_uint_eq(seen->counters.value[WT_C_PACKETS_READ], seen->n);
}

START_TEST(every_variant_of_pcap_gives_the_same_packets)
{
	static const struct { uint32_t magic; unsigned head_len, unit; } rows[] = {
		{ 0xa1b2c3d4, 16, 1000 }, { 0xa1b23c4d, 16, 1 }, { 0xa1b2cd34, 24, 1000 },
	};
	size_t i;
	int is_be;

	for (i = 0; i < 3; i++) {
		for (is_be = 0; is_be < 2; is_be++) {
			struct cap_bytes f = { .is_be = is_be };
			struct cap_seen seen;

			cap_pcap(&f, rows[i].magic, 4, 0xf4000000u | WIFI); /* FCS bits */
			cap_record(&f, rows[i].head_len, 5, 7, 3, WT_LIT("abc"));
			cap_record(&f, rows[i].head_len, 0xffffffff, 9, 99, WT_LIT("de"));
			cap_record(&f, rows[i].head_len, 6, 0, 0, WT_LIT(""));
			seen = read_bytes(&f);
			ck_assert_uint_eq(seen.n, 3);
			expect(&seen, 0, 5 * S + 7 * rows[i].unit, 3, WT_LIT("abc"));
			expect(&seen, 1, 0xffffffff * S + 9 * rows[i].unit, 99, WT_LIT("de"));
			expect(&seen, 2, 6 * S, 0, WT_LIT(""));
			ck_assert_ptr_nonnull(seen.packet[2].bytes);
			ck_assert_uint_eq(seen.packet[0].link_type, WIFI);
			ck_assert_uint_eq(seen.counters.value[WT_C_CAPTURE_BYTES], 5);
			ck_assert_uint_eq(seen.counters.value[WT_C_CAPTURE_BYTES_WIRE], 102);
			ck_assert_uint_eq(seen.counters.value[WT_C_CAPTURE_CLIPPED], 1);
			ck_assert_uint_eq(seen.counters.value[WT_C_CAPTURE_TIME_BACK], 1);
			expect_clean(&seen);
			cap_forget(&seen);
			free(f.ptr);
		}
	}
}
END_TEST

START_TEST(old_pcap_with_lengths_the_other_way_round_is_understood)
{
	struct cap_bytes f = { 0 };
	struct cap_seen seen;

	cap_pcap(&f, 0xa1b2c3d4, 3, ETHER);
	cap_u32(&f, 1);
	cap_u32(&f, 0);
	cap_u32(&f, 1500); /* on the wire */
	cap_u32(&f, 4);    /* captured */
	cap_put(&f, "wxyz", 4);
	seen = read_bytes(&f);
	expect(&seen, 0, S, 1500, WT_LIT("wxyz"));
	expect_clean(&seen);
}
END_TEST

START_TEST(wire_length_is_never_below_the_captured_one)
{
	struct cap_bytes f = { 0 };
	struct cap_seen seen;

	cap_pcap(&f, 0xa1b2c3d4, 4, ETHER);
	cap_record(&f, 16, 1, 0, 2, WT_LIT("wxyz"));
	seen = read_bytes(&f);
	expect(&seen, 0, S, 4, WT_LIT("wxyz"));
}
END_TEST

static void put_ng(struct cap_bytes *f)
{
	cap_section(f);
	cap_interface(f, ETHER, 0, "eth0", -1, 0);
	cap_interface(f, WIFI, 3, "wlan\x01", 9, 0);
	cap_packet(f, 0, 5000001, 9, WT_LIT("a"));
	cap_packet(f, 1, 7 * S + 1, 2, WT_LIT("bc"));
}

START_TEST(pcapng_sections_of_both_byte_orders_follow_each_other)
{
	struct cap_bytes f = { 0 };
	const struct wt_capture_interface *i;
	struct cap_seen seen;
	unsigned n, k;

	for (k = 0; k < 2; k++) {
		put_ng(&f);
		f.is_be = !f.is_be;
	}
	seen = read_bytes(&f);
	ck_assert_uint_eq(seen.n, 4);
	for (k = 0; k < 4; k += 2) {
		expect(&seen, k, 5 * S + 1000, 9, WT_LIT("a"));
		expect(&seen, k + 1, 7 * S + 1, 2, WT_LIT("bc"));
		ck_assert_uint_eq(seen.packet[k].interface, 0);
		ck_assert_uint_eq(seen.packet[k + 1].interface, 1);
		ck_assert_uint_eq(seen.packet[k + 1].link_type, WIFI);
	}
	i = wt_capture_interfaces(seen.capture, &n);
	ck_assert_uint_eq(n, 2);
	ck_assert_str_eq(i[0].name, "eth0");
	ck_assert_str_eq(i[1].name, "wlan?");
	expect_clean(&seen);
}
END_TEST

START_TEST(pcapng_times_of_any_resolution_become_nanoseconds)
{
	static const struct { int resolution; int64_t offset_s; uint64_t ticks, ns; } rows[] = {
		{ 0, 0, 3, 3 * S }, { 3, 0, 1500, 3 * S / 2 }, { 9, 0, 42, 42 },
		{ 12, 0, 42999, 42 }, { 127, 0, UINT64_MAX, 0 },
		{ 0x80 | 10, 0, 1024 + 512, 3 * S / 2 }, { 0x80 | 0, 0, 2, 2 * S },
		{ 0xff, 0, UINT64_MAX, 0 }, { 0x80 | 63, 0, UINT64_C(1) << 63, S },
		{ 6, 10, 1, 10 * S + 1000 }, { 6, -10, 11000000, S }, { 6, -10, 1, 0 },
		{ 0, 0, UINT64_MAX, INT64_MAX }, { 6, INT64_MAX, 0, INT64_MAX },
	};
	struct cap_bytes f = { .is_be = true };
	struct cap_seen seen;
	unsigned i;

	cap_section(&f);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cap_interface(&f, ETHER, 0, NULL, rows[i].resolution, rows[i].offset_s);
		cap_packet(&f, i, rows[i].ticks, 1, WT_LIT("x"));
	}
	seen = read_bytes(&f);
	ck_assert_uint_eq(seen.n, i);
	for (i = 0; i < seen.n; i++)
		ck_assert_msg(seen.packet[i].ts_ns == rows[i].ns, "row %u gives %llu", i,
			      (unsigned long long)seen.packet[i].ts_ns);
	expect_clean(&seen);
}
END_TEST

START_TEST(simple_and_obsolete_blocks_are_packets_and_others_are_passed_over)
{
	struct cap_bytes f = { 0 }, big = { 0 };
	struct cap_seen seen;

	cap_fill(&big, 6, 5000001); /* more than any buffer */
	cap_section(&f);
	cap_block(&f, 10, all(&big));
	cap_interface(&f, ETHER, 3, NULL, -1, 0);
	cap_block(&f, 4, WT_LIT("names"));
	cap_packet_obsolete(&f, 0, 9, 1500, WT_LIT("obsolete"));
	cap_block(&f, 0x80001234, WT_LIT(""));
	cap_block(&f, 5, WT_LIT("statistics"));
	cap_packet_simple(&f, 3, WT_LIT("sim"));
	cap_packet_simple(&f, 1000, WT_LIT("ple"));
	cap_block(&f, 0xbad, WT_LIT("custom"));
	seen = read_bytes(&f);
	ck_assert_uint_eq(seen.n, 3);
	expect(&seen, 0, 9000, 1500, WT_LIT("obsolete"));
	expect(&seen, 1, 9000, 3, WT_LIT("sim"));
	expect(&seen, 2, 9000, 1000, WT_LIT("ple"));
	ck_assert_uint_eq(seen.counters.value[WT_C_CAPTURE_BLOCKS_UNKNOWN], 1);
	ck_assert_uint_eq(wt_capture_result(seen.capture, 0)->blocks_passed, 5);
	expect_clean(&seen);
}
END_TEST

START_TEST(nonsense_inside_a_sound_block_costs_that_block_only)
{
	struct cap_bytes f = { 0 }, body = { 0 };
	struct cap_seen seen;

	cap_section(&f);
	cap_packet(&f, 0, 1, 1, WT_LIT("no interface yet"));
	cap_interface(&f, ETHER, 0, NULL, -1, 0);
	cap_packet(&f, 0, 1, 4, WT_LIT("good"));
	cap_fill(&body, 0, 12);
	cap_u32(&body, 400); /* captured, but nothing follows */
	cap_u32(&body, 400);
	cap_block(&f, 6, all(&body));
	cap_packet(&f, 0, 2, 4, WT_LIT("fine"));
	seen = read_bytes(&f);
	ck_assert_uint_eq(seen.n, 2);
	ck_assert_str_eq(cap_why(&seen, 0), "block at offset 28 names an interface that is not "
			 "described and is passed over");
	ck_assert_str_eq(cap_why(&seen, 1), "block at offset 136 is too short for the packet it "
			 "should hold and is passed over");
	ck_assert_uint_eq(seen.counters.value[WT_C_CAPTURE_FILES_DAMAGED], 1);
}
END_TEST

START_TEST(a_broken_interface_keeps_its_number)
{
	struct cap_bytes f = { 0 };
	struct cap_seen seen;

	cap_section(&f);
	cap_block(&f, 1, WT_LIT("\0\0"));
	cap_interface(&f, WIFI, 0, NULL, -1, 0);
	cap_packet(&f, 0, 1, 4, WT_LIT("lost"));
	cap_packet(&f, 1, 1, 4, WT_LIT("kept"));
	seen = read_bytes(&f);
	ck_assert_uint_eq(seen.n, 1);
	expect(&seen, 0, 1000, 4, WT_LIT("kept"));
	ck_assert_uint_eq(seen.packet[0].link_type, WIFI);
	ck_assert_uint_eq(wt_capture_result(seen.capture, 0)->n_damages, 2);
}
END_TEST

START_TEST(contradicting_lengths_end_the_file_but_not_the_run)
{
	struct cap_bytes f = { 0 }, next = { 0 };
	struct cap_seen seen;
	char *paths[2];

	put_ng(&f);
	f.ptr[f.len - 4] ^= 8; /* length at the end of the last packet */
	cap_packet(&f, 0, 9, 1, WT_LIT("z"));
	cap_pcap(&next, 0xa1b2c3d4, 4, ETHER);
	cap_record(&next, 16, 100, 0, 4, WT_LIT("next"));
	paths[0] = cap_save("f", all(&f));
	paths[1] = cap_save("next", all(&next));
	seen = cap_read(paths, 2, false);
	ck_assert_uint_eq(seen.n, 2);
	expect(&seen, 0, 5 * S + 1000, 9, WT_LIT("a"));
	expect(&seen, 1, 100 * S, 4, WT_LIT("next"));
	ck_assert_str_eq(cap_why(&seen, 0), "block at offset 140 claims 36 bytes, which its end "
			 "contradicts; the rest of the file is not read");
}
END_TEST

START_TEST(record_that_claims_too_much_is_told_with_offset_and_limit)
{
	struct cap_bytes f = { 0 };
	struct cap_seen seen;

	cap_pcap(&f, 0xa1b2c3d4, 4, ETHER);
	cap_record(&f, 16, 1, 0, 4, WT_LIT("good"));
	cap_fill(&f, 0xee, 64);
	seen = read_bytes(&f);
	ck_assert_uint_eq(seen.n, 1);
	ck_assert_str_eq(cap_why(&seen, 0), "packet record at offset 44 claims 4008636142 bytes, "
			 "at most 262144 are allowed; the rest of the file is not read");
}
END_TEST

START_TEST(damage_is_recorded_up_to_a_bound_and_counted_beyond)
{
	struct cap_bytes f = { 0 };
	struct cap_seen seen;
	size_t n;
	int i;

	cap_section(&f);
	for (i = 0; i < 1000; i++)
		cap_packet(&f, 0, 1, 1, WT_LIT("x"));
	seen = read_bytes(&f);
	(void)wt_capture_damages(seen.capture, &n);
	ck_assert_uint_eq(n, WT_CAPTURE_DAMAGES_MAX);
	ck_assert_uint_eq(wt_capture_result(seen.capture, 0)->n_damages, 1000);
}
END_TEST

START_TEST(too_many_interfaces_are_bounded)
{
	struct cap_bytes f = { 0 };
	struct cap_seen seen;
	char name[16];
	unsigned i, n;

	cap_section(&f);
	for (i = 0; i < WT_CAPTURE_SECTION_INTERFACES_MAX + 1; i++) {
		(void)snprintf(name, sizeof(name), "eth%u", i);
		cap_interface(&f, i % 256, 0, name, -1, 0);
	}
	cap_packet(&f, i - 2, 1, 1, WT_LIT("x"));
	seen = read_bytes(&f);
	ck_assert_uint_eq(seen.n, 1);
	(void)wt_capture_interfaces(seen.capture, &n);
	ck_assert_uint_eq(n, WT_CAPTURE_INTERFACES_MAX);
	ck_assert_uint_eq(seen.packet[0].interface, n - 1);
	ck_assert_uint_eq(seen.packet[0].link_type, (i - 2) % 256);
	ck_assert_uint_eq(wt_capture_result(seen.capture, 0)->n_damages, 1);
}
END_TEST

START_TEST(header_alone_is_fine_and_an_unknown_version_is_not)
{
	struct cap_bytes f = { 0 };
	struct cap_seen seen;

	cap_pcap(&f, 0xa1b2c3d4, 4, ETHER);
	seen = read_bytes(&f);
	ck_assert_uint_eq(seen.n, 0);
	expect_clean(&seen);
	f.ptr[4] = 3;
	seen = read_bytes(&f);
	ck_assert_str_eq(cap_why(&seen, 0), "version 3.4 of the pcap format is not known, only "
			 "2.x is");
}
END_TEST

/* Every packet of `seen` is, in order, one of `whole`. */
static void expect_no_new_packet(const struct cap_seen *seen, const struct cap_seen *whole,
				 bool is_prefix)
{
	size_t i, at = 0;

	for (i = 0; i < seen->n; i++, at++) {
		while (!is_prefix && at < whole->n &&
		       !cap_same_packet(&seen->packet[i], &whole->packet[at]))
			at++;
		ck_assert(at < whole->n &&
			  cap_same_packet(&seen->packet[i], &whole->packet[at]));
	}
}

static void put_small(struct cap_bytes *f, bool is_ng)
{
	if (!is_ng) {
		cap_pcap(f, 0xa1b2c3d4, 4, ETHER);
		cap_record(f, 16, 1, 2, 9, WT_LIT("abcdefg"));
		cap_record(f, 16, 2, 0, 4, WT_LIT("hijk"));
		return;
	}
	put_ng(f);
	cap_block(f, 4, WT_LIT("names of hosts"));
	cap_packet_simple(f, 3, WT_LIT("def"));
	f->is_be = true;
	put_ng(f);
	cap_packet_obsolete(f, 0, 9, 1500, WT_LIT("obsolete"));
}

START_TEST(a_file_cut_anywhere_never_gives_another_packet)
{
	struct cap_bytes f = { 0 };
	struct cap_seen whole, part;
	size_t len;

	put_small(&f, _i);
	whole = read_bytes(&f);
	ck_assert_uint_eq(whole.n, _i ? 6 : 2);
	expect_clean(&whole);
	for (len = 0; len < f.len; len++) {
		char *path = cap_save("cut", wt_slice_of(f.ptr, len));

		part = cap_read_one(path);
		expect_no_new_packet(&part, &whole, true);
		ck_assert(part.n < whole.n || part.list->n_notes == 0);
		cap_forget(&part);
		free(path);
	}
}
END_TEST

/* The same sequence in every run. */
static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

START_TEST(flipped_bytes_never_break_the_contract)
{
	struct cap_bytes f = { 0 };
	uint32_t random = 42;
	int round;

	put_small(&f, _i);
	for (round = 0; round < 2000; round++) {
		uint8_t *copy = malloc(f.len);
		struct cap_seen seen;
		char *path;
		size_t k;

		memcpy(copy, f.ptr, f.len);
		for (k = 0; k < 1 + next_random(&random) % 3; k++)
			copy[next_random(&random) % f.len] = (uint8_t)next_random(&random);
		path = cap_save("flip", wt_slice_of(copy, f.len));
		seen = cap_read_one(path);
		for (k = 0; k < seen.n; k++) {
			ck_assert(seen.packet[k].wire_len >= seen.packet[k].cap_len);
			ck_assert(seen.packet[k].cap_len <= f.len);
			ck_assert(seen.packet[k].ts_ns <= INT64_MAX);
		}
		ck_assert_uint_eq(seen.counters.value[WT_C_BUGS], 0);
		cap_forget(&seen);
		free(path);
		free(copy);
	}
}
END_TEST

/* Packets of 0 bytes to the largest, each filled with its number. */
static char *save_large(bool is_ng)
{
	static uint8_t bytes[WT_CAPTURE_PACKET_MAX];
	struct cap_bytes f = { 0 };
	uint32_t random = 7, i;
	char *path;

	if (is_ng) {
		cap_section(&f);
		cap_interface(&f, ETHER, 0, NULL, -1, 0);
	} else {
		cap_pcap(&f, 0xa1b2c3d4, 4, ETHER);
	}
	for (i = 1; i <= 3000; i++) {
		size_t len = next_random(&random) % (i % 100 ? 2000 : sizeof(bytes) + 1);

		if (i % 700 == 0)
			len = sizeof(bytes);
		memset(bytes, (int)(i % 251), len);
		if (is_ng)
			cap_packet(&f, 0, i, (uint32_t)len, wt_slice_of(bytes, len));
		else
			cap_record(&f, 16, 0, i, (uint32_t)len, wt_slice_of(bytes, len));
	}
	path = cap_save("large", all(&f));
	free(f.ptr);
	return path;
}

START_TEST(bytes_of_a_whole_batch_stay_until_the_next)
{
	static struct wt_batch batch;
	char *path = save_large(_i);
	struct wt_capture_list *list = wt_capture_list_new(&path, 1);
	struct wt_capture *c = wt_capture_open(list, NULL);
	uint64_t number = 0;
	unsigned i;
	size_t n, k;

	memset(&batch, 0xff, sizeof(batch));
	while (wt_capture_next(c, &batch)) {
		ck_assert(batch.n >= 1 && batch.n <= WT_BATCH);
		for (i = 0; i < batch.n; i++) {
			const struct wt_packet *p = &batch.packet[i];

			ck_assert_uint_eq(p->number, ++number);
			ck_assert_uint_eq(p->ts_ns, number * 1000);
			ck_assert_uint_eq(p->disposition, 0);
			ck_assert_uint_eq(p->key.end[1].port, 0);
			for (k = 0; k < p->cap_len; k++)
				if (p->bytes[k] != number % 251)
					ck_abort_msg("packet %llu is not intact",
						     (unsigned long long)number);
		}
	}
	ck_assert_uint_eq(number, 3000);
	(void)wt_capture_damages(c, &n);
	ck_assert_uint_eq(n, 0);
	wt_capture_close(c);
	wt_capture_list_free(list);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("capture");
	TCase *c = tcase_create("files");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout(c, 60);
	tcase_add_test(c, every_variant_of_pcap_gives_the_same_packets);
	tcase_add_test(c, old_pcap_with_lengths_the_other_way_round_is_understood);
	tcase_add_test(c, wire_length_is_never_below_the_captured_one);
	tcase_add_test(c, pcapng_sections_of_both_byte_orders_follow_each_other);
	tcase_add_test(c, pcapng_times_of_any_resolution_become_nanoseconds);
	tcase_add_test(c, simple_and_obsolete_blocks_are_packets_and_others_are_passed_over);
	tcase_add_test(c, nonsense_inside_a_sound_block_costs_that_block_only);
	tcase_add_test(c, a_broken_interface_keeps_its_number);
	tcase_add_test(c, contradicting_lengths_end_the_file_but_not_the_run);
	tcase_add_test(c, record_that_claims_too_much_is_told_with_offset_and_limit);
	tcase_add_test(c, damage_is_recorded_up_to_a_bound_and_counted_beyond);
	tcase_add_test(c, too_many_interfaces_are_bounded);
	tcase_add_test(c, header_alone_is_fine_and_an_unknown_version_is_not);
	tcase_add_loop_test(c, a_file_cut_anywhere_never_gives_another_packet, 0, 2);
	tcase_add_loop_test(c, flipped_bytes_never_break_the_contract, 0, 2);
	tcase_add_loop_test(c, bytes_of_a_whole_batch_stay_until_the_next, 0, 2);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
