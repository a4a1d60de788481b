/* Promises of what reads and remembers the answers of receivers over HTTP: the walk over
 * JSON, the ledger, base64, addresses and quoted texts. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/walk.h"
#include "export/hec_answer.h"
#include "export/http.h"
#include "export/ledger.h"

static struct wt_slice text_of(const char *text)
{
	return wt_slice_of(text, strlen(text));
}

static bool is_json(const char *text)
{
	struct wt_walk w = wt_walk_of(text_of(text));

	wt_walk_skip(&w);
	return wt_walk_end(&w);
}

/* RFC 8259 */
START_TEST(the_walk_takes_json_and_nothing_else)
{
	static const char *const good[] = { "{}",
					    " [ ] ",
					    "[1,-2.5e+3,0.5,true,false,null]",
					    "{\"a\":{\"b\":[{}]},\"c\":\"\\\"\\u00e4\\\\\"}",
					    "\"\"",
					    "0" };
	static const char *const bad[] = { "",        "{",           "[1,]",   "[1 2]",
					   "{\"a\"}", "{\"a\":1,}",  "{a:1}",  "01",
					   "1.",      "1e",          "-",      "tru",
					   "\"\\x\"", "\"\\u12g4\"", "\"\n\"", "[}",
					   "{]",      "[]]",         "1 2",    "\"" };
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_msg(is_json(good[i]), "%s", good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!is_json(bad[i]), "%s", bad[i]);
}
END_TEST

START_TEST(a_number_to_ask_for_is_one_or_there_is_none)
{
	static const char *const bad[] = { "\"7\"", "-1", "7.5", "[7]", "99999999999999999999" };
	struct wt_hec_answer answer;
	char text[64];
	size_t i;

	ck_assert(wt_hec_read(text_of("{\"code\":0,\"ackId\":7}"), &answer));
	ck_assert(answer.has_ack && answer.ack == 7);
	ck_assert(wt_hec_read(text_of("{\"code\":0,\"ackId\":null}"), &answer));
	ck_assert(!answer.has_ack);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "{\"code\":0,\"ackId\":%s}", bad[i]);
		ck_assert_msg(!wt_hec_read(text_of(text), &answer), "%s", text);
	}
}
END_TEST

START_TEST(nesting_is_bounded)
{
	char text[2 * WT_WALK_DEPTH + 3] = "";
	unsigned i;

	for (i = 0; i < WT_WALK_DEPTH; i++) {
		text[i] = '[';
		text[2 * WT_WALK_DEPTH - 1 - i] = ']';
	}
	ck_assert(is_json(text));
	memmove(text + 1, text, 2 * WT_WALK_DEPTH);
	text[0] = '[';
	text[2 * WT_WALK_DEPTH + 1] = ']';
	ck_assert(!is_json(text));
}
END_TEST

START_TEST(a_failed_walk_answers_no_to_all)
{
	struct wt_walk w = wt_walk_of(WT_LIT("{\"a\":-1,\"b\":2}"));
	struct wt_slice key;
	uint64_t value;
	bool word;

	ck_assert(wt_walk_object(&w) && wt_walk_member(&w, &key));
	ck_assert_int_eq(wt_walk_peek(&w), '-');
	ck_assert(!wt_walk_u64(&w, &value));
	ck_assert(!wt_walk_member(&w, &key) && !wt_walk_bool(&w, &word) && !wt_walk_end(&w));
}
END_TEST

START_TEST(the_ledger_counts_the_leading_run_alone)
{
	struct wt_ledger *l = wt_ledger_new(4);
	struct wt_sink_item item[5] = { { 0 } };
	struct wt_sink_result r;
	unsigned i;

	ck_assert_ptr_nonnull(l);
	for (i = 0; i < 5; i++)
		item[i].journal_seq = 10 + i;
	wt_ledger_set(l, 13, WT_LEDGER_AGAIN, 0);
	wt_ledger_set(l, 11, WT_LEDGER_OUT, 7);
	wt_ledger_set(l, 10, WT_LEDGER_REFUSED, 0);
	wt_ledger_count(l, item, 5, &r);
	ck_assert_uint_eq(r.n_done, 1);
	wt_ledger_end_slot(l, 8, WT_LEDGER_ARRIVED);
	ck_assert_int_eq(wt_ledger_of(l, 11), WT_LEDGER_OUT);
	wt_ledger_end_slot(l, 7, WT_LEDGER_NEW);
	ck_assert_int_eq(wt_ledger_of(l, 11), WT_LEDGER_NEW);
	wt_ledger_set(l, 12, WT_LEDGER_ARRIVED, 0);
	wt_ledger_set(l, 11, WT_LEDGER_ARRIVED, 0);
	wt_ledger_set(l, 14, WT_LEDGER_ARRIVED, 0); /* no room: to go once more */
	wt_ledger_count(l, item, 5, &r);
	ck_assert_uint_eq(r.n_done, 4);
	ck_assert_uint_eq(r.n_again, 1);
	wt_ledger_forget(l, 13);
	ck_assert_int_eq(wt_ledger_of(l, 12), WT_LEDGER_NEW);
	ck_assert_int_eq(wt_ledger_of(l, 13), WT_LEDGER_AGAIN);
	wt_ledger_free(l);
}
END_TEST

/* RFC 4648 10 */
START_TEST(base64_is_that_of_the_standard)
{
	static const char *const pairs[][2] = {
		{ "", "" },        { "f", "Zg==" },        { "fo", "Zm8=" },
		{ "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "foobar", "Zm9vYmFy" }
	};
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		uint8_t room[16];
		struct wt_builder b = wt_builder_of(room, sizeof(room));

		wt_bld_base64(&b, text_of(pairs[i][0]));
		ck_assert(wt_slice_equal(wt_bld_slice(&b), text_of(pairs[i][1])));
	}
}
END_TEST

START_TEST(quoted_texts_hold_no_secret_and_no_control_bytes)
{
	struct wt_http_options o = { .url = { "https://siem.example:8088/base" },
				     .n_urls = 1,
				     .authorization = "Splunk 0123-secret",
				     .timeout_ns = WT_NS_PER_S,
				     .answer_max = 100,
				     .body_max = 100 };
	char why[256], text[64];
	struct wt_http *h = wt_http_new(&o, why, sizeof(why));

	ck_assert_ptr_nonnull(h);
	ck_assert_str_eq(wt_http_place(h, 0), "https://siem.example:8088");
	wt_http_quote(h, WT_LIT("a\x1b[1m\n\xff"), text, sizeof(text));
	ck_assert_str_eq(text, "a?[1m??");
	wt_http_quote(h, WT_LIT("got 0123-secret"), text, sizeof(text));
	ck_assert_ptr_null(strstr(text, "secret"));
	wt_http_quote(h, WT_LIT("abcdef"), text, 4);
	ck_assert_str_eq(text, "abc");
	ck_assert(!wt_http_renew(h, "Splunk a\nX: b", why, sizeof(why)));
	ck_assert(wt_http_renew(h, "Splunk other", why, sizeof(why)));
	wt_http_quote(h, WT_LIT("got other"), text, sizeof(text));
	ck_assert_ptr_null(strstr(text, "other"));
	/* ward7:p"ss/word, as Basic sends it */
	ck_assert(wt_http_renew(h, "Basic d2FyZDc6cCJzcy93b3Jk", why, sizeof(why)));
	wt_http_quote(h, WT_LIT("user [ward7] with 'p\"ss/word' or p\\\"ss\\/word, d2FyZDc6cCJzcy93b3Jk"),
		      text, sizeof(text));
	ck_assert_str_eq(text, "user [***] with '***' or ***, ***");
	wt_http_quote(h, WT_LIT("\\u0070\\u0022ss/word ward7:p\"ss/word ward p\"ss/wor"), text, sizeof(text));
	ck_assert_str_eq(text, "*** *** ward p\"ss/wor");
	wt_http_quote(h, WT_LIT("ward7"), text, 3);
	ck_assert_str_eq(text, "**");
	/* what is not ASCII too: a-umlaut, the euro sign */
	ck_assert(wt_http_renew(h, "Basic d8OkcmQ6cOKCrHNz", why, sizeof(why)));
	wt_http_quote(h, WT_LIT("w\\u00e4rd p\\u20ACss w\xc3\xa4rd:p\xe2\x82\xacss w\\u00e5rd"), text,
		      sizeof(text));
	ck_assert_str_eq(text, "*** *** *** w\\u00e5rd");
	ck_assert(wt_http_renew(h, "Basic YTrkYmM=", why, sizeof(why))); /* ISO 8859-1 */
	wt_http_quote(h, WT_LIT("\\u00e4bc \\ud83d\\u"), text, sizeof(text));
	ck_assert_str_eq(text, "*** \\ud83d\\u");
	wt_http_free(h);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("answer");
	TCase *c = tcase_create("answer");
	SRunner *r = srunner_create(s);
	int n_failed;

	tcase_add_test(c, the_walk_takes_json_and_nothing_else);
	tcase_add_test(c, nesting_is_bounded);
	tcase_add_test(c, a_number_to_ask_for_is_one_or_there_is_none);
	tcase_add_test(c, a_failed_walk_answers_no_to_all);
	tcase_add_test(c, the_ledger_counts_the_leading_run_alone);
	tcase_add_test(c, base64_is_that_of_the_standard);
	tcase_add_test(c, quoted_texts_hold_no_secret_and_no_control_bytes);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	n_failed = srunner_ntests_failed(r);
	srunner_free(r);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
