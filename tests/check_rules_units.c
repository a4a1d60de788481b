/* What a payload is for rules: messages where the protocol tells their ends, turns where it
 * does not, the first bytes of bulk. Clause: wardtap-rules(5), "What a payload is". */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "harness/rule_case.h"

#define HEAD "alert tcp any any -> any any (msg:\"t\"; flow:established,to_server; "

/* Says the text in pieces of n bytes and gives the alerts. */
static const char *say_cut(struct rule_case *c, const char *protocol, struct wt_slice text,
			   size_t n)
{
	rule_case_restart(c);
	rule_case_speak(c, protocol);
	for (; text.len; text = wt_slice_tail(text, n))
		rule_case_say(c, WT_TO_SERVER, wt_slice_head(text, n));
	rule_case_close(c);
	return rule_case_alerts(c);
}

START_TEST(each_message_is_a_payload_however_it_is_cut)
{
	static const char text[] = "GET a;PUT b;DEL abcd;rest";
	const char *problem;
	struct rule_case *c =
		rule_case_new(HEAD "content:\"PUT\"; startswith; sid:1;)\n" HEAD
				   "content:\"b\"; depth:5; offset:4; sid:2;)\n" HEAD
				   "content:\"GET\"; content:\"PUT\"; sid:3;)\n" HEAD
				   "content:\"DEL\"; content:!\"GET\"; sid:4;)\n" HEAD
				   "content:\"abcd|3b|\"; endswith; sid:5;)\n" HEAD
				   "content:\"rest\"; startswith; endswith; sid:6;)\n" HEAD
				   "content:\"abc\"; depth:3; sid:7;)\n",
			      &problem);
	size_t n;

	ck_assert_msg(!problem, "%s", problem);
	for (n = 1; n <= sizeof(text); n++)
		ck_assert_str_eq(say_cut(c, NULL, wt_slice_of(text, sizeof(text) - 1), n),
				 "1 2 2 4 5 6");
	rule_case_free(c);
}
END_TEST

/* Both sides of such a protocol speak when they like: a message is whole all the same. */
START_TEST(framed_messages_survive_the_other_side)
{
	const char *problem;
	struct rule_case *c = rule_case_new(
		HEAD "content:\"abc\"; content:\"def\"; distance:0; sid:1;)\n", &problem);

	rule_case_restart(c);
	rule_case_speak(c, "modbus");
	rule_case_say(c, WT_TO_SERVER, WT_LIT("abc"));
	rule_case_say(c, WT_TO_CLIENT, WT_LIT("xyz;"));
	rule_case_say(c, WT_TO_SERVER, WT_LIT("def;"));
	ck_assert_str_eq(rule_case_alerts(c), "1");
	/* where sides take turns, they end what was said */
	rule_case_restart(c);
	rule_case_speak(c, NULL);
	rule_case_say(c, WT_TO_SERVER, WT_LIT("abc"));
	rule_case_say(c, WT_TO_CLIENT, WT_LIT("xyz"));
	rule_case_say(c, WT_TO_SERVER, WT_LIT("def;"));
	rule_case_close(c);
	ck_assert_str_eq(rule_case_alerts(c), "");
	rule_case_free(c);
}
END_TEST

/* 4096 bytes of each piece of bulk are looked at, wherever segments end. */
START_TEST(the_first_bytes_of_bulk_are_inspected)
{
	static uint8_t text[30000];
	static const size_t cuts[] = { 1, 7, 500, 1460, 4095, 4096, 4097, 9000, 30000 };
	const char *problem;
	struct rule_case *c = rule_case_new(HEAD "content:\"needle\"; sid:1;)\n" HEAD
						 "content:\"beyond\"; sid:2;)\n" HEAD
						 "content:\"after\"; startswith; sid:3;)\n",
					    &problem);
	size_t i;

	ck_assert_msg(!problem, "%s", problem);
	memset(text, 'x', sizeof(text));
	memcpy(text, "put 9000:", 9);
	memcpy(text + 9 + 4090, "needle", 6); /* the last six that are seen */
	memcpy(text + 9 + 4200, "beyond", 6);
	memcpy(text + 9009, "after;", 6);
	memcpy(text + 9015, "b9000:", 6);
	memcpy(text + 9021 + 2000, "needle", 6);
	memcpy(text + 9021 + 4094, "beyond", 6); /* two are seen */
	memcpy(text + 18021, "after 1;", 8);
	for (i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		ck_assert_str_eq(say_cut(c, "modbus", wt_slice_of(text, 18029), cuts[i]),
				 "1 3 1 3");
	}
	rule_case_free(c);
}
END_TEST

/* An object in three pieces: of the second its first bytes are still among the first. */
START_TEST(an_object_in_pieces_is_one)
{
	static uint8_t text[20000];
	static const size_t cuts[] = { 1, 7, 1460, 4096, 20000 };
	const char *problem;
	struct rule_case *c = rule_case_new(HEAD "content:\"needle\"; sid:1;)\n" HEAD
						 "content:\"beyond\"; sid:2;)\n",
					    &problem);
	size_t i;

	ck_assert_msg(!problem, "%s", problem);
	memset(text, 'x', sizeof(text));
	memcpy(text, "put 3000:", 9);
	memcpy(text + 3009, "b5000&", 6);
	memcpy(text + 3015 + 1090, "needle", 6); /* the last six that are seen */
	memcpy(text + 3015 + 1200, "beyond", 6);
	memcpy(text + 8015, "c6000&", 6);
	memcpy(text + 8021, "beyond", 6);
	for (i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++)
		ck_assert_str_eq(say_cut(c, "modbus", wt_slice_of(text, 14021), cuts[i]), "1");
	rule_case_free(c);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rules_units");
	TCase *c = tcase_create("all");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout(c, 60);
	tcase_add_test(c, each_message_is_a_payload_however_it_is_cut);
	tcase_add_test(c, framed_messages_survive_the_other_side);
	tcase_add_test(c, the_first_bytes_of_bulk_are_inspected);
	tcase_add_test(c, an_object_in_pieces_is_one);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
