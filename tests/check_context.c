/* The context part of rules: what the keeper decides of a match (detect/context.h).
 * Clauses: wardtap-rules(5), device.*; Suricata 7 user guide, "Xbits", "Thresholding". */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/values.h"
#include "detect/context.h"

static const char *known[2]; /* of the sender, of the receiver: NULL nothing */

static unsigned values(void *self, const struct wt_event_head *head, bool is_sender,
		       enum wt_device_what what, struct wt_slice *value, unsigned max)
{
	const char *text = known[!is_sender];

	(void)self;
	(void)head;
	if (!text || !max || what != WT_DEVICE_CLASS)
		return 0;
	*value = wt_slice_of(text, strlen(text));
	return 1;
}

static const struct wt_device_source source = { .values = values };

/* Values that the match carries, as pseudonyms of "http.user_agent" (n) and "tls.sni" (k). */
static const char *carried[2][4];

static void put_carried(struct wt_builder *b)
{
	static const char *const buffer[2] = { "http.user_agent", "tls.sni" };
	unsigned i, k;

	for (i = 0; i < 2; i++)
		for (k = 0; k < 4 && carried[i][k]; k++) {
			char text[23];

			(void)snprintf(text, sizeof(text), "p:%020d", atoi(carried[i][k]));
			(void)wt_values_put(b, WT_F_ALERT_SET_BUFFER, 0, WT_FORM_PLAIN,
					    wt_slice_of(buffer[i], strlen(buffer[i])));
			(void)wt_values_put(b, WT_F_ALERT_SET_VALUE, 0, WT_FORM_PSEUDONYM,
					    wt_slice_of(text, 22));
		}
}

/* Is a match of the rule with that sid told, `ns` after the start, by the sender
 * 10.0.0.`from`? */
static bool is_told_of(struct wt_context *c, unsigned sid, uint64_t ns, uint8_t from)
{
	union {
		struct wt_record record;
		uint8_t room[sizeof(struct wt_record) + 1024];
	} u;
	struct wt_builder b;

	memset(&u, 0, sizeof(u));
	b = wt_builder_of(u.record.values, 1024);
	(void)wt_values_put_number(&b, WT_F_ALERT_GID, 0, 1);
	(void)wt_values_put_number(&b, WT_F_ALERT_SIGNATURE_ID, 0, sid);
	put_carried(&b);
	u.record.values_len = (uint32_t)wt_bld_slice(&b).len;
	u.record.head.ts_ns = WT_NS_PER_S + ns;
	u.record.head.sender = 1;
	u.record.head.key.ip_version = 4;
	u.record.head.key.end[1].addr.octet[3] = from;
	return wt_context_take(c, &u.record);
}

static bool is_told(struct wt_context *c, uint64_t ns, uint8_t from)
{
	return is_told_of(c, 1, ns, from);
}

static struct wt_counters counters;

static struct wt_context *context_of(const struct wt_context_rule *rule)
{
	const struct wt_context_part part = { .rule = rule, .n_rules = 1 };
	struct wt_context *c = wt_context_new(&part, 64, 64, 1, &counters);

	wt_context_set_devices(c, &source);
	return c;
}

/* A test of the classes of both ends, and whether it passes. */
static const struct {
	enum wt_side side;
	bool is_negated;
	const char *word, *sender, *receiver;
	bool passes;
} tests[] = {
	{ WT_SIDE_ANY, false, "pump", "pump", "pacs", true },
	{ WT_SIDE_ANY, false, "pump", "pacs", "PUMP", true },
	{ WT_SIDE_ANY, false, "pump", "pacs", NULL, false },
	{ WT_SIDE_ANY, false, "pump", "pumps", "apump", false },
	{ WT_SIDE_ANY, true, "pump", "pacs", "pump", false },
	{ WT_SIDE_ANY, true, "pump", "pacs", NULL, true },
	{ WT_SIDE_SRC, false, "pump", "pump", NULL, true },
	{ WT_SIDE_SRC, false, "pump", NULL, "pump", false },
	{ WT_SIDE_SRC, true, "pump", NULL, "pump", true },
	{ WT_SIDE_DST, false, "pump", NULL, "pump", true },
	{ WT_SIDE_DST, true, "pump", "pump", "pacs", true },
	{ WT_SIDE_BOTH, false, "pump", "pump", "pump", true },
	{ WT_SIDE_BOTH, false, "pump", "pump", "pacs", false },
	{ WT_SIDE_BOTH, true, "pump", "pacs", "pump", false },
	{ WT_SIDE_BOTH, true, "pump", "pacs", "pacs", true },
	{ WT_SIDE_ANY, false, "pump*", "pumps", NULL, true },
	{ WT_SIDE_ANY, false, "pump*", "a pump", NULL, false },
	{ WT_SIDE_ANY, false, "*pump", "a pump", NULL, true },
	{ WT_SIDE_ANY, false, "*pump", "pumps", NULL, false },
	{ WT_SIDE_ANY, false, "*ump*", "a pumps", NULL, true },
	{ WT_SIDE_ANY, false, "*ump*", "uump", NULL, true },
	{ WT_SIDE_ANY, false, "*ump*", "um", NULL, false },
	{ WT_SIDE_ANY, false, "*", "x", NULL, true },
	{ WT_SIDE_ANY, false, "*", NULL, NULL, false },
};

START_TEST(devices_are_asked)
{
	const char *words[] = { "nobody", tests[_i].word };
	const struct wt_context_rule rule = {
		.gid = 1,
		.sid = 1,
		.n_devices = 1,
		.device = { { .what = WT_DEVICE_CLASS,
			      .side = (uint8_t)tests[_i].side,
			      .is_negated = tests[_i].is_negated,
			      .n = 2,
			      .word = words } },
	};
	struct wt_context *c = context_of(&rule);

	known[0] = tests[_i].sender;
	known[1] = tests[_i].receiver;
	ck_assert_int_eq(is_told(c, 0, 1), tests[_i].passes);
	/* without an inventory nothing is known of anybody */
	wt_context_set_devices(c, NULL);
	ck_assert_int_eq(is_told(c, 0, 1), tests[_i].is_negated);
	wt_context_free(c);
}
END_TEST

/* What devices refuse is not counted by rates, nor does it set marks. */
START_TEST(refused_matches_count_for_nothing)
{
	const char *words[] = { "pump" };
	const struct wt_context_rule rule = {
		.gid = 1,
		.sid = 1,
		.n_devices = 1,
		.device = { { .what = WT_DEVICE_CLASS, .n = 1, .word = words } },
		.threshold = { WT_LIMIT, WT_TRACK_SRC, 1, 60 },
	};
	struct wt_context *c = context_of(&rule);

	known[0] = NULL;
	known[1] = NULL;
	ck_assert(!is_told(c, 0, 1));
	known[0] = "pump";
	ck_assert(is_told(c, 1, 1));
	ck_assert(!is_told(c, 2, 1));
	ck_assert(is_told(c, 3, 2));
	ck_assert(is_told(c, 61 * WT_NS_PER_S, 1));
	wt_context_free(c);
}
END_TEST

/* --- sets that rules fill --- */

#define AGENT "http.user_agent"

static const struct wt_context_set two_sets[] = {
	{ .name = "a", .n_max = 3 },
	{ .name = "b" },
};

static const struct wt_context_rule set_rules[] = {
	{ .gid = 1, .sid = 1, .n_sets = 1, .set = { { WT_BIT_SET, 0, AGENT } } },
	{ .gid = 1, .sid = 2, .n_sets = 1, .set = { { WT_BIT_ISSET, 0, AGENT } } },
	{ .gid = 1, .sid = 3, .n_sets = 1, .set = { { WT_BIT_ISNOTSET, 0, AGENT } } },
	{ .gid = 1, .sid = 4, .n_sets = 1, .set = { { WT_BIT_UNSET, 0, AGENT } } },
	{ .gid = 1,
	  .sid = 5,
	  .n_sets = 2,
	  .set = { { WT_BIT_ISSET, 0, AGENT }, { WT_BIT_SET, 1, AGENT } } },
	{ .gid = 1,
	  .sid = 6,
	  .n_sets = 2,
	  .set = { { WT_BIT_ISSET, 0, AGENT }, { WT_BIT_SET, 1, "tls.sni" } } },
};

static const struct wt_context_part set_part = {
	.rule = set_rules, .n_rules = 6, .set = two_sets, .n_sets = 2
};

static void carry(const char *a, const char *b, const char *sni)
{
	memset(carried, 0, sizeof(carried));
	carried[0][0] = a;
	carried[0][1] = b;
	carried[1][0] = sni;
}

/* set passes where the value is new, as in Suricata 7.0.10. */
START_TEST(sets_are_filled_and_asked)
{
	struct wt_context *c = wt_context_new(&set_part, 64, 64, 1, &counters);

	carry("1", NULL, NULL);
	ck_assert(!is_told_of(c, 2, 0, 1));
	ck_assert(is_told_of(c, 3, 0, 1));
	ck_assert(!is_told_of(c, 4, 0, 1));
	ck_assert(is_told_of(c, 1, 0, 1));
	ck_assert(!is_told_of(c, 1, 0, 2)); /* whoever says it */
	ck_assert(is_told_of(c, 2, 0, 1));
	ck_assert(!is_told_of(c, 3, 0, 1));
	ck_assert(is_told_of(c, 5, 0, 1)); /* in a, new in b */
	ck_assert(!is_told_of(c, 5, 0, 1));
	carry("1", "2", NULL); /* one of them is new */
	ck_assert(is_told_of(c, 1, 0, 1));
	ck_assert_uint_eq(wt_known_count(wt_context_known(c), 0), 2);
	carry("1", NULL, NULL);
	ck_assert(is_told_of(c, 4, 0, 1));
	ck_assert(!is_told_of(c, 2, 0, 1));
	ck_assert_uint_eq(wt_known_count(wt_context_known(c), 0), 1);
	carry(NULL, NULL, "2"); /* of another buffer */
	ck_assert(!is_told_of(c, 2, 0, 1));
	ck_assert(!is_told_of(c, 3, 0, 1));
	carry(NULL, NULL, NULL);
	ck_assert(!is_told_of(c, 1, 0, 1));
	wt_context_free(c);
}
END_TEST

/* A rule on two buffers changes nothing unless both pass. */
START_TEST(sets_are_filled_by_whole_matches)
{
	struct wt_context *c = wt_context_new(&set_part, 64, 64, 1, &counters);

	carry("1", NULL, "9");
	ck_assert(!is_told_of(c, 6, 0, 1));
	ck_assert_uint_eq(wt_known_count(wt_context_known(c), 1), 0);
	ck_assert(is_told_of(c, 1, 0, 1));
	ck_assert(is_told_of(c, 6, 0, 1));
	ck_assert_uint_eq(wt_known_count(wt_context_known(c), 1), 1);
	ck_assert(!is_told_of(c, 6, 0, 1));
	wt_context_free(c);
}
END_TEST

/* What is known stays when there is no more room, and that is counted. */
START_TEST(full_sets_take_no_more)
{
	struct wt_context *c = wt_context_new(&set_part, 64, 64, 1, &counters);
	struct wt_context *small = wt_context_new(&set_part, 64, 2, 1, &counters);
	uint64_t before = counters.value[WT_C_CONTEXT_SETS_FULL];
	static const char *const words[] = { "1", "2", "3", "4" };
	unsigned i;

	for (i = 0; i < 4; i++) {
		carry(words[i], NULL, NULL);
		ck_assert_int_eq(is_told_of(c, 1, 0, 1), i < 3);     /* memcap */
		ck_assert_int_eq(is_told_of(small, 1, 0, 1), i < 2); /* the table */
	}
	ck_assert_uint_eq(counters.value[WT_C_CONTEXT_SETS_FULL], before + 3);
	carry("1", NULL, NULL);
	ck_assert(is_told_of(c, 2, 0, 1));
	ck_assert(is_told_of(c, 4, 0, 1)); /* what goes makes room */
	carry("4", NULL, NULL);
	ck_assert(is_told_of(c, 1, 0, 1));
	wt_context_free(c);
	wt_context_free(small);
}
END_TEST

/* --- reload --- */

START_TEST(reload_keeps_what_goes_by_the_same_name)
{
	static const char *const old_marks[] = { "x", "y" }, *const new_marks[] = { "z", "y" };
	static const struct wt_context_set old_sets[] = { { .name = "s" }, { .name = "t" } };
	static const struct wt_context_set new_sets[] = { { .name = "t" } };
	const struct wt_context_rule old[] = {
		{ .gid = 1, .sid = 1, .threshold = { WT_LIMIT, WT_TRACK_SRC, 1, 3600 } },
		{ .gid = 1, .sid = 2, .threshold = { WT_LIMIT, WT_TRACK_SRC, 1, 3600 } },
		{ .gid = 1,
		  .sid = 3,
		  .n_xbits = 2,
		  .xbit = { { WT_BIT_SET, WT_TRACK_SRC, 0, 3600 },
			    { WT_BIT_SET, WT_TRACK_SRC, 1, 3600 } } },
		{ .gid = 1,
		  .sid = 4,
		  .n_sets = 2,
		  .set = { { WT_BIT_SET, 0, AGENT }, { WT_BIT_SET, 1, AGENT } } },
	};
	const struct wt_context_rule fresh[] = {
		{ .gid = 1, .sid = 0, .n_sets = 1, .set = { { WT_BIT_ISSET, 0, AGENT } } },
		{ .gid = 1, .sid = 1, .threshold = { WT_LIMIT, WT_TRACK_SRC, 1, 3600 } },
		{ .gid = 1, .sid = 2, .threshold = { WT_LIMIT, WT_TRACK_SRC, 2, 3600 } },
		{ .gid = 1,
		  .sid = 3,
		  .n_xbits = 1,
		  .xbit = { { WT_BIT_ISSET, WT_TRACK_SRC, 0, 0 } } },
		{ .gid = 1,
		  .sid = 4,
		  .n_xbits = 1,
		  .xbit = { { WT_BIT_ISSET, WT_TRACK_SRC, 1, 0 } } },
	};
	const struct wt_context_part old_part = { old, 4, old_marks, 2, old_sets, 2 };
	const struct wt_context_part new_part = { fresh, 5, new_marks, 2, new_sets, 1 };
	struct wt_context *c = wt_context_new(&old_part, 64, 64, 1, &counters);
	unsigned i;

	carry("1", NULL, NULL);
	for (i = 1; i <= 4; i++)
		ck_assert(is_told_of(c, i, 0, 1));
	wt_context_reload(c, &new_part);
	ck_assert(is_told_of(c, 0, 1, 1));  /* the set t, which is the first one now */
	ck_assert(!is_told_of(c, 1, 1, 1)); /* the hour goes on */
	ck_assert(is_told_of(c, 1, 1, 2));
	ck_assert(is_told_of(c, 2, 1, 1));  /* another rate: begins anew */
	ck_assert(!is_told_of(c, 3, 1, 1)); /* z, which nobody set; x is gone */
	ck_assert(is_told_of(c, 4, 1, 1));  /* y, under its new number */
	ck_assert_uint_eq(wt_known_count(wt_context_known(c), 0), 1);
	/* forgotten entries make room first: the table holds 64 */
	for (i = 0; i < 60; i++)
		(void)is_told_of(c, 1, 2, (uint8_t)(100 + i));
	ck_assert(!is_told_of(c, 1, 3, 1));
	ck_assert(is_told_of(c, 4, 3, 1));
	wt_context_free(c);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("context");
	TCase *c = tcase_create("all");
	SRunner *runner;
	int n_failed;

	tcase_add_loop_test(c, devices_are_asked, 0, sizeof(tests) / sizeof(tests[0]));
	tcase_add_test(c, refused_matches_count_for_nothing);
	tcase_add_test(c, sets_are_filled_and_asked);
	tcase_add_test(c, sets_are_filled_by_whole_matches);
	tcase_add_test(c, full_sets_take_no_more);
	tcase_add_test(c, reload_keeps_what_goes_by_the_same_name);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
