/* Promises of bytes.h. */
#include <check.h>
#include <stdlib.h>

#include "wardtap/bytes.h"

START_TEST(read_past_the_end_is_sticky_and_gives_zero)
{
	struct wt_reader r = wt_reader_of(WT_LIT("\x01\x02\x03"), WT_MORE);

	ck_assert_uint_eq(wt_rd_u16be(&r), 0x0102);
	ck_assert_uint_eq(wt_rd_u16be(&r), 0);
	ck_assert_int_eq(r.err, WT_MORE);
	ck_assert_uint_eq(wt_rd_left(&r), 0);
	ck_assert_uint_eq(wt_rd_u8(&r), 0);
}
END_TEST

START_TEST(box_larger_than_parent_fails_parent_and_box)
{
	struct wt_reader r = wt_reader_of(WT_LIT("\x01\x02"), WT_MORE);
	struct wt_reader box = wt_rd_box(&r, 3);

	ck_assert_int_eq(r.err, WT_MORE);
	ck_assert_int_eq(box.err, WT_MORE);
}
END_TEST

START_TEST(reading_past_a_box_is_malformed)
{
	struct wt_reader r = wt_reader_of(WT_LIT("\x01\x02\x03"), WT_MORE);
	struct wt_reader box = wt_rd_box(&r, 1);

	(void)wt_rd_u16be(&box);
	ck_assert_int_eq(box.err, WT_MALFORMED);
	wt_rd_close(&r, &box);
	ck_assert_int_eq(r.err, WT_MALFORMED);
}
END_TEST

START_TEST(box_not_read_to_its_end_is_malformed_unless_skipped)
{
	struct wt_reader r = wt_reader_of(WT_LIT("\x01\x02\x03\x04"), WT_MORE);
	struct wt_reader box = wt_rd_box(&r, 2);

	wt_rd_skip_rest(&r, &box);
	ck_assert_int_eq(r.err, WT_OK);
	box = wt_rd_box(&r, 2);
	wt_rd_close(&r, &box);
	ck_assert_int_eq(r.err, WT_MALFORMED);
}
END_TEST

START_TEST(little_and_big_endian_agree_with_their_bytes)
{
	struct wt_reader r = wt_reader_of(
		WT_LIT("\x01\x02\x01\x02\x01\x02\x03\x04\x01\x02\x03\x04"
		       "\x01\x02\x03\x04\x05\x06\x07\x08"), WT_MORE);

	ck_assert_uint_eq(wt_rd_u16be(&r), 0x0102);
	ck_assert_uint_eq(wt_rd_u16le(&r), 0x0201);
	ck_assert_uint_eq(wt_rd_u32be(&r), 0x01020304);
	ck_assert_uint_eq(wt_rd_u32le(&r), 0x04030201);
	ck_assert(wt_rd_u64be(&r) == UINT64_C(0x0102030405060708));
	ck_assert_int_eq(r.err, WT_OK);
}
END_TEST

START_TEST(until_takes_the_stop_byte_or_fails)
{
	struct wt_reader r = wt_reader_of(WT_LIT("ab|cd"), WT_MORE);

	ck_assert(wt_slice_equal(wt_rd_until(&r, '|'), WT_LIT("ab")));
	ck_assert_uint_eq(wt_rd_until(&r, '|').len, 0);
	ck_assert_int_eq(r.err, WT_MORE);
}
END_TEST

START_TEST(decimals_become_exact_millionths)
{
	static const struct { const char *text; bool ok; int64_t value; } rows[] = {
		{ "12.5", true, 12500000 }, { "-.3", true, -300000 }, { "+7", true, 7000000 },
		{ "0.0000019", true, 1 }, { "", false, 0 }, { ".", false, 0 },
		{ "1.2.3", false, 0 }, { "1e5", false, 0 }, { "9223372036854", true,
		  INT64_C(9223372036854000000) }, { "9223372036855", false, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t value = 0;

		ck_assert_msg(wt_slice_to_decimal(wt_slice_of(rows[i].text,
			      strlen(rows[i].text)), &value) == rows[i].ok, "%s", rows[i].text);
		ck_assert_msg(!rows[i].ok || value == rows[i].value, "%s", rows[i].text);
	}
}
END_TEST

START_TEST(builder_never_writes_past_its_end)
{
	uint8_t room[4] = { 0, 0, 0, 0xee };
	struct wt_builder b = wt_builder_of(room, 3);

	wt_bld_text(&b, "ab");
	wt_bld_u64(&b, 123);
	ck_assert(b.is_short);
	ck_assert_uint_eq(b.len, 2);
	ck_assert_uint_eq(room[3], 0xee);
}
END_TEST

/* Every length around the width of the vectors, every place, and bytes around. */
START_TEST(searches_equal_the_plain_loop)
{
	static const uint8_t any[4] = { 7, 200, 9, 7 };
	uint8_t room[80];
	size_t start, len, at, i;

	for (start = 0; start < 3; start++)
		for (len = 0; len <= 70; len++)
			for (at = 0; at <= len; at++) {
				struct wt_slice s = wt_slice_of(room + start, len);

				memset(room, 7, sizeof(room));
				for (i = 0; i < len; i++)
					room[start + i] = (uint8_t)(100 + i % 99);
				if (at < len)
					room[start + at] = at % 2 ? 200 : 9;
				ck_assert_uint_eq(wt_slice_find_any(s, any), at);
				if (at < len)
					room[start + at] = at % 2 ? 99 : 0;
				ck_assert_uint_eq(wt_slice_find_low(s, 99), at);
			}
	ck_assert_uint_eq(wt_slice_find_any(wt_slice_of(NULL, 0), any), 0);
	ck_assert_uint_eq(wt_slice_find_low(wt_slice_of(NULL, 0), 99), 0);
}
END_TEST

static size_t split_slowly(struct wt_slice s, uint8_t by, struct wt_slice *part, size_t max)
{
	size_t n = 0, at;

	while (n < max) {
		at = wt_slice_find(s, by);
		part[n++] = wt_slice_head(s, at);
		if (at == s.len)
			return n;
		s = wt_slice_tail(s, at + 1);
	}
	return max + 1;
}

START_TEST(parts_equal_those_of_the_plain_loop)
{
	struct wt_slice want[12], got[12];
	uint8_t room[64];
	uint32_t random = 1;
	size_t len, max, round, n, i;

	for (round = 0; round < 4000; round++) {
		len = round % (sizeof(room) + 1);
		max = 1 + round % 12;
		for (i = 0; i < len; i++) {
			random = random * 1664525u + 1013904223u;
			room[i] = random >> 24 < 40 ? '|' : 'x';
		}
		n = split_slowly(wt_slice_of(room, len), '|', want, max);
		ck_assert_uint_eq(wt_slice_split(wt_slice_of(room, len), '|', got, max), n);
		for (i = 0; i < n && i < max; i++) {
			ck_assert_uint_eq(got[i].len, want[i].len);
			ck_assert(got[i].len == 0 || got[i].ptr == want[i].ptr);
			ck_assert(!got[i].ptr == !want[i].ptr);
		}
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("bytes");
	TCase *c = tcase_create("reader and builder");
	SRunner *runner;
	int n_failed;

	tcase_add_test(c, read_past_the_end_is_sticky_and_gives_zero);
	tcase_add_test(c, box_larger_than_parent_fails_parent_and_box);
	tcase_add_test(c, reading_past_a_box_is_malformed);
	tcase_add_test(c, box_not_read_to_its_end_is_malformed_unless_skipped);
	tcase_add_test(c, little_and_big_endian_agree_with_their_bytes);
	tcase_add_test(c, until_takes_the_stop_byte_or_fails);
	tcase_add_test(c, decimals_become_exact_millionths);
	tcase_add_test(c, builder_never_writes_past_its_end);
	tcase_add_test(c, searches_equal_the_plain_loop);
	tcase_add_test(c, parts_equal_those_of_the_plain_loop);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
