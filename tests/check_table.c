/* Promises of base/table.h: what a table file may look like, what its errors say. */
#define _GNU_SOURCE /* mkdtemp */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/table.h"

static const struct wt_table_spec spec = { .name = "colours",
					   .format = 2,
					   .column = { "colour", "weight", "since", NULL } };

#define HEAD "wardtap-table\tcolours\t2\t2026-11-26\ncolour\tweight\tsince\n"

static struct wt_table *parse(const char *text)
{
	struct wt_table *t = wt_table_parse(&spec, "c.tsv", wt_slice_of(text, strlen(text)));

	ck_assert_ptr_nonnull(t);
	return t;
}

static void expect_error(const char *text, const char *error)
{
	struct wt_table *t = parse(text);

	ck_assert_uint_eq(wt_table_n_errors(t), 1);
	ck_assert_str_eq(wt_table_error(t, 0), error);
	wt_table_free(t);
}

START_TEST(rows_keep_their_cells_and_lines)
{
	struct wt_table *t = parse("# made for a test\n\n" HEAD "red\t3\t2020-02-29\n# more\n"
				   "\t\t\ngr\xc3\xbcn\t\t1970-01-01");
	uint64_t value = 0;

	ck_assert_uint_eq(wt_table_n_errors(t), 0);
	ck_assert_uint_eq(wt_table_n_rows(t), 3);
	ck_assert_str_eq(wt_table_edition(t), "2026-11-26");
	ck_assert_str_eq(wt_table_cell(t, 0, 0), "red");
	ck_assert_str_eq(wt_table_cell(t, 1, 2), "");
	ck_assert_str_eq(wt_table_cell(t, 2, 0), "gr\xc3\xbcn");
	ck_assert_uint_eq(wt_table_line(t, 0), 5);
	ck_assert_uint_eq(wt_table_line(t, 2), 8);
	ck_assert(wt_table_u64(t, 0, 1, 1, 3, &value) && value == 3);
	ck_assert(wt_table_date(t, 0, 2, &value));
	ck_assert_uint_eq(value, UINT64_C(1582934400) * WT_NS_PER_S);
	ck_assert(wt_table_date(t, 2, 2, &value) && value == 0);
	wt_table_free(t);
}
END_TEST

START_TEST(errors_name_line_column_and_what_is_right)
{
	struct wt_table *t = parse(HEAD "red\tx\t2021-02-29\n");
	uint64_t value;

	ck_assert(!wt_table_u64(t, 0, 1, 1, 3, &value));
	ck_assert(!wt_table_date(t, 0, 2, &value));
	wt_table_blame(t, 0, 0, "found '%s'; expected none", "red");
	ck_assert_uint_eq(wt_table_n_errors(t), 3);
	ck_assert_str_eq(wt_table_error(t, 0),
			 "c.tsv:3: weight: found 'x'; expected a number from 1 to 3");
	ck_assert_str_eq(
		wt_table_error(t, 1),
		"c.tsv:3: since: found '2021-02-29'; expected a date such as 2026-11-26");
	ck_assert_str_eq(wt_table_error(t, 2), "c.tsv:3: colour: found 'red'; expected none");
	wt_table_free(t);
}
END_TEST

START_TEST(other_tables_and_formats_are_refused)
{
	expect_error("",
		     "c.tsv:1: found no first line wardtap-table...; expected it before the "
		     "rows");
	expect_error("colour\tweight\tsince\nred\t1\t\n",
		     "c.tsv:1: found 3 cells; expected 4, with one tab between two");
	expect_error(
		"wardtap-table\tshapes\t2\t2026-11-26\n",
		"c.tsv:1: found 'wardtap-table\tshapes\t2\t2026-11-26'; expected a first line "
		"wardtap-table<TAB>colours<TAB>2<TAB>date");
	expect_error("wardtap-table\tcolours\t3\t2026-11-26\n",
		     "c.tsv:1: found format '3'; this program reads format 2");
	expect_error("wardtap-table\tcolours\t2\tnow\n",
		     "c.tsv:1: found edition 'now'; expected a date such as 2026-11-26");
	expect_error("wardtap-table\tcolours\t2\t2026-11-26\n",
		     "c.tsv:1: found no line of column names; expected it before the rows");
	expect_error("wardtap-table\tcolours\t2\t2026-11-26\ncolour\tmass\tsince\n",
		     "c.tsv:2: found column 'mass'; expected 'weight'");
}
END_TEST

START_TEST(a_bad_row_is_told_and_the_others_stay)
{
	static const char *const bad[] = {
		"a\tb",           "a\tb\tc\td",         "a \tb\tc",
		"a\t b\tc",       "a\tb\tc\r",          "a\t\x1b[2J\tc",
		"a\t\xc0\xaf\tc", "a\t\xed\xa0\x80\tc", "a\t\xf4\x90\x80\x80\tc",
		"a\t\xc2\x9b\tc", "a\t\x80\tc",         "a\t\xc3",
		"a\tb\t\x7f",
	};
	char text[256];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct wt_table *t;

		snprintf(text, sizeof(text), HEAD "red\t1\t\n%s\nblue\t2\t\n", bad[i]);
		t = parse(text);
		ck_assert_uint_eq(wt_table_n_errors(t), 1);
		ck_assert_int_eq(strncmp(wt_table_error(t, 0), "c.tsv:4: ", 9), 0);
		ck_assert_uint_eq(wt_table_n_rows(t), 2);
		ck_assert_str_eq(wt_table_cell(t, 1, 0), "blue");
		wt_table_free(t);
	}
}
END_TEST

START_TEST(errors_are_bounded)
{
	static char text[65536];
	struct wt_table *t;
	int i;

	strcpy(text, HEAD);
	for (i = 0; i < 1000; i++)
		strcat(text, "x\n");
	t = parse(text);
	ck_assert_uint_eq(wt_table_n_errors(t), WT_TABLE_ERRORS_MAX);
	wt_table_free(t);
}
END_TEST

START_TEST(a_file_replaces_what_is_compiled_in)
{
	char dir[] = "/tmp/wardtap-table-XXXXXX", path[64];
	struct wt_table *t;
	FILE *out;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/colours.tsv", dir);
	out = fopen(path, "w");
	ck_assert_ptr_nonnull(out);
	fputs(HEAD "red\t1\t\nblue\n", out);
	fclose(out);
	t = wt_table_open(&spec, dir);
	ck_assert_ptr_nonnull(t);
	ck_assert_uint_eq(wt_table_n_rows(t), 1);
	ck_assert_uint_eq(wt_table_n_errors(t), 1);
	ck_assert_ptr_nonnull(strstr(wt_table_error(t, 0), "colours.tsv:4: found 1 cells"));
	ck_assert_str_eq(wt_table_origin(t), path);
	wt_table_free(t);
	unlink(path);
	rmdir(dir);
}
END_TEST

START_TEST(patterns_match_whole_texts)
{
	ck_assert(wt_table_match("infusion*", WT_LIT("Infusion Pump")));
	ck_assert(wt_table_match("*pump", WT_LIT("Infusion Pump")));
	ck_assert(wt_table_match("*on*p?mp*", WT_LIT("Infusion Pump")));
	ck_assert(wt_table_match("", WT_LIT("")));
	ck_assert(wt_table_match("*", WT_LIT("")));
	ck_assert(wt_table_match("a*b*c", WT_LIT("aXbXbXc")));
	ck_assert(!wt_table_match("infusion", WT_LIT("Infusion Pump")));
	ck_assert(!wt_table_match("?", WT_LIT("")));
	ck_assert(!wt_table_match("a*b*c", WT_LIT("aXbXbX")));
	ck_assert(!wt_table_match("", WT_LIT("x")));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("table");
	TCase *c = tcase_create("table");
	SRunner *runner;
	int n_failed;

	tcase_add_test(c, rows_keep_their_cells_and_lines);
	tcase_add_test(c, errors_name_line_column_and_what_is_right);
	tcase_add_test(c, other_tables_and_formats_are_refused);
	tcase_add_test(c, a_bad_row_is_told_and_the_others_stay);
	tcase_add_test(c, errors_are_bounded);
	tcase_add_test(c, a_file_replaces_what_is_compiled_in);
	tcase_add_test(c, patterns_match_whole_texts);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
