/* Promises of base/json.h: whatever the bytes, the output is valid JSON and UTF-8,
 * can be shown on a terminal, and the exact bytes can be told from it. The reader here
 * is our own and strict: RFC 8259 strings, RFC 3629 sequences. */
#define _POSIX_C_SOURCE 200809L
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/json.h"
#include "harness/stream_engine.h"

#define STRINGS 100000
#define ROOM 8192

/* One well-formed UTF-8 sequence at `at`; its length, 0: none. Written from the table
 * of RFC 3629 4, other than the encoder's arithmetic. */
static size_t sequence(const uint8_t *at, size_t left, uint32_t *point)
{
	static const struct { uint8_t first_lo, first_hi, next_lo, next_hi, len; } form[] = {
		{ 0x00, 0x7f, 0, 0, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	static const uint8_t mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	size_t i, k;

	for (i = 0; i < sizeof(form) / sizeof(form[0]); i++) {
		if (at[0] < form[i].first_lo || at[0] > form[i].first_hi)
			continue;
		if (form[i].len > left)
			return 0;
		*point = at[0] & mask[form[i].len];
		for (k = 1; k < form[i].len; k++) {
			uint8_t lo = k == 1 ? form[i].next_lo : 0x80;
			uint8_t hi = k == 1 ? form[i].next_hi : 0xbf;

			if (at[k] < lo || at[k] > hi)
				return 0;
			*point = *point << 6 | (at[k] & 0x3fu);
		}
		return form[i].len;
	}
	return 0;
}

static bool is_deceiving(uint32_t point)
{
	return point < 0x20 || point == 0x7f || (point >= 0x80 && point <= 0x9f) ||
	       (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069) ||
	       point == 0x200e || point == 0x200f || point == 0x61c || point == 0x2028 ||
	       point == 0x2029;
}

static int digit_of(uint8_t c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t put_point(uint8_t *out, uint32_t point)
{
	if (point < 0x80) {
		out[0] = (uint8_t)point;
		return 1;
	}
	if (point < 0x800) {
		out[0] = (uint8_t)(0xc0 | point >> 6);
		out[1] = (uint8_t)(0x80 | (point & 63));
		return 2;
	}
	out[0] = (uint8_t)(0xe0 | point >> 12);
	out[1] = (uint8_t)(0x80 | (point >> 6 & 63));
	out[2] = (uint8_t)(0x80 | (point & 63));
	return 3;
}

/* A JSON string (with quotes) to its text, strictly. False when it is not valid. */
static bool parse_string(struct wt_slice s, uint8_t *text, size_t *len)
{
	size_t i = 1;

	*len = 0;
	if (s.len < 2 || s.ptr[0] != '"' || s.ptr[s.len - 1] != '"')
		return false;
	while (i < s.len - 1) {
		uint32_t point = 0;
		size_t n = sequence(s.ptr + i, s.len - 1 - i, &point), k;

		if (!n || point == '"' || is_deceiving(point))
			return false;
		if (point != '\\') {
			memcpy(text + *len, s.ptr + i, n);
			*len += n;
			i += n;
			continue;
		}
		if (i + 1 < s.len - 1 && (s.ptr[i + 1] == '"' || s.ptr[i + 1] == '\\')) {
			text[(*len)++] = s.ptr[i + 1];
			i += 2;
			continue;
		}
		if (i + 6 > s.len - 1 || s.ptr[i + 1] != 'u')
			return false;
		for (k = 2; k < 6; k++) {
			if (digit_of(s.ptr[i + k]) < 0)
				return false;
			point = (k == 2 ? 0 : point << 4) | (uint32_t)digit_of(s.ptr[i + k]);
		}
		if (point >= 0xd800 && point <= 0xdfff)
			return false;
		*len += put_point(text + *len, point);
		i += 6;
	}
	return true;
}

/* The documented rule: \xHH in the text is that byte, everything else itself. */
static size_t recover(const uint8_t *text, size_t len, uint8_t *bytes)
{
	size_t i = 0, n = 0;

	while (i < len) {
		if (text[i] == '\\' && i + 1 < len && text[i + 1] == 'x') {
			ck_assert_msg(i + 3 < len && digit_of(text[i + 2]) >= 0 &&
				      digit_of(text[i + 3]) >= 0, "\\x without two digits");
			bytes[n++] = (uint8_t)(digit_of(text[i + 2]) << 4 | digit_of(text[i + 3]));
			i += 4;
			continue;
		}
		bytes[n++] = text[i++];
	}
	return n;
}

static void round_trip(struct wt_slice value)
{
	static uint8_t room[ROOM], text[ROOM], bytes[ROOM];
	struct wt_json j = wt_json_of(room, sizeof(room));
	size_t len = 0, n;

	wt_json_string(&j, value);
	ck_assert(!j.out.is_short);
	ck_assert_msg(parse_string(wt_bld_slice(&j.out), text, &len), "not valid: %.*s",
		      (int)j.out.len, (const char *)room);
	n = recover(text, len, bytes);
	ck_assert_msg(n == value.len && memcmp(bytes, value.ptr, n) == 0,
		      "bytes cannot be told: %.*s", (int)j.out.len, (const char *)room);
}

START_TEST(listed_strings_survive)
{
	static const struct wt_slice rows[] = {
#define ROW(s) { (const uint8_t *)(s), sizeof(s) - 1 }
		ROW(""), ROW("plain"), ROW("\""), ROW("\\"), ROW("\\\\"), ROW("\\x"), ROW("\\x41"),
		ROW("\\\\x41"), ROW("\\\\\\x"), ROW("x\\"), ROW("\\\xff"), ROW("\xff\\x"),
		ROW("\\u0041"), ROW("\\n"), ROW("\n\r\t\b\f"), ROW("\0"), ROW("a\0b"), ROW("\x7f"),
		ROW("\x1b[31m"), ROW("\xc2\x9b" "31m"), ROW("\xe2\x80\xae" "gpj.exe"),
		ROW("\xe2\x81\xa6"), ROW("\xe2\x80\xa8"), ROW("\xef\xbb\xbf"), ROW("\xd8\x9c"),
		ROW("\xc0\x80"), ROW("\xc1\xbf"), ROW("\xe0\x80\x80"), ROW("\xe0\x9f\xbf"),
		ROW("\xf0\x80\x80\x80"), ROW("\xf0\x8f\xbf\xbf"), ROW("\xed\xa0\x80"),
		ROW("\xed\xbf\xbf"), ROW("\xed\xa0\xbd\xed\xb8\x80"), ROW("\xf4\x90\x80\x80"),
		ROW("\xf5\x80\x80\x80"), ROW("\xf8\x88\x80\x80\x80"), ROW("\xfe\xff"),
		ROW("\x80"), ROW("\xbf"), ROW("\xc2"), ROW("\xe2\x82"), ROW("\xf0\x9f\x98"),
		ROW("\xe2\x28\xa1"), ROW("\xf0\x28\x8c\xbc"), ROW("M\xfcller"), ROW("M\xc3\xbcller"),
		ROW("\xe5\xb1\xb1\xe7\x94\xb0"), ROW("\xf0\x9f\x98\x80"), ROW("\xef\xbf\xbd"),
		ROW("\xef\xbf\xbe"), ROW("\xef\xbf\xbf"), ROW("\xef\xbf\xb9"), ROW("</script>"),
		ROW("\xe2\x80\x8b"), ROW("\xe2\x81\xa0"),
#undef ROW
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		round_trip(rows[i]);
}
END_TEST

START_TEST(random_strings_survive)
{
	/* bytes that begin, continue and break sequences, and the signs of the rule */
	static const uint8_t spice[] = {
		'\\', 'x', '"', 0, 0x1b, 0x7f, 0x80, 0xbf, 0xc0, 0xc2, 0xe0, 0xe2, 0xed, 0xef, 0xf0,
		0xf4, 0xff, 0xa0, 0x9f, 0x90, '0', 'a', 'u',
	};
	struct bench_random r = { 21 };
	unsigned i, k;

	for (i = 0; i < STRINGS; i++) {
		uint8_t bytes[200];
		unsigned len = bench_below(&r, bench_below(&r, 4) ? 12 : sizeof(bytes));
		unsigned how = bench_below(&r, 3);

		for (k = 0; k < len; k++)
			bytes[k] = how == 0 || (how == 1 && bench_below(&r, 2)) ?
				   (uint8_t)bench_random(&r) : spice[bench_below(&r, sizeof(spice))];
		round_trip(wt_slice_of(bytes, len));
	}
}
END_TEST

static const char *text_of(const struct wt_builder *b)
{
	static char text[256];

	ck_assert(!b->is_short && b->len < sizeof(text));
	memcpy(text, b->ptr, b->len);
	text[b->len] = '\0';
	return text;
}

START_TEST(decimals_are_exact_and_short)
{
	static const struct { int64_t millionths; const char *text; } rows[] = {
		{ 0, "0" }, { 1, "0.000001" }, { -1, "-0.000001" }, { 1000000, "1" },
		{ 12500000, "12.5" }, { -300000, "-0.3" }, { 100, "0.0001" }, { -1000000, "-1" },
		{ INT64_MAX, "9223372036854.775807" }, { INT64_MIN, "-9223372036854.775808" },
		{ 1010000, "1.01" }, { 999999, "0.999999" },
	};
	struct bench_random r = { 22 };
	uint8_t room[64];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wt_json j = wt_json_of(room, sizeof(room));

		wt_json_decimal(&j, rows[i].millionths);
		ck_assert_str_eq(text_of(&j.out), rows[i].text);
	}
	for (i = 0; i < 100000; i++) {
		struct wt_json j = wt_json_of(room, sizeof(room));
		int64_t value = (int64_t)((uint64_t)bench_random(&r) << 32 | bench_random(&r)) >>
				bench_below(&r, 60), back = 0;

		wt_json_decimal(&j, value);
		ck_assert(wt_slice_to_decimal(wt_bld_slice(&j.out), &back) || value == INT64_MIN);
		ck_assert_msg(back == value || value == INT64_MIN, "%" PRId64, value);
	}
}
END_TEST

START_TEST(numbers_are_whole)
{
	uint8_t room[64];
	struct wt_json j = wt_json_of(room, sizeof(room));

	wt_json_open(&j, '[');
	wt_json_u64(&j, UINT64_MAX);
	wt_json_i64(&j, INT64_MIN);
	wt_json_i64(&j, 7);
	wt_json_close(&j, ']');
	ck_assert_str_eq(text_of(&j.out), "[18446744073709551615,-9223372036854775808,7]");
}
END_TEST

/* Against the C library's calendar. */
START_TEST(times_are_those_of_the_calendar)
{
	struct bench_random r = { 23 };
	uint8_t room[64];
	unsigned i;

	for (i = 0; i < 50000; i++) {
		uint64_t ns = i == 0 ? 0 : i == 1 ? UINT64_MAX : i == 2 ?
			      UINT64_C(951782399999999999) /* 2000-02-28T23:59:59 */ :
			      (uint64_t)bench_random(&r) << 32 | bench_random(&r);
		struct wt_json j = wt_json_of(room, sizeof(room));
		time_t seconds = (time_t)(ns / WT_NS_PER_S);
		char day[32], want[64];
		struct tm tm;

		gmtime_r(&seconds, &tm);
		(void)strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
		(void)snprintf(want, sizeof(want), "\"%s.%06u+0000\"", day,
			       (unsigned)(ns % WT_NS_PER_S / 1000));
		wt_json_time(&j, ns);
		ck_assert_str_eq(text_of(&j.out), want);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("json");
	TCase *c = tcase_create("encoder");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout(c, 60);
	tcase_add_test(c, listed_strings_survive);
	tcase_add_test(c, random_strings_survive);
	tcase_add_test(c, decimals_are_exact_and_short);
	tcase_add_test(c, numbers_are_whole);
	tcase_add_test(c, times_are_those_of_the_calendar);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
