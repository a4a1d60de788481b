/* The context part of rules: what the keeper decides of a match (detect/context.h).
 * Clauses: wardtap-rules(5), device.*; Suricata 7 user guide, "Xbits", "Thresholding". */
#include <check.h>
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

/* Is a match of the rule with sid 1 told, `ns` after the start, by the sender 10.0.0.`from`? */
static bool is_told(struct wt_context *c, uint64_t ns, uint8_t from)
{
	union {
		struct wt_record record;
		uint8_t room[sizeof(struct wt_record) + 256];
	} u;
	struct wt_builder b;

	memset(&u, 0, sizeof(u));
	b = wt_builder_of(u.record.values, 256);
	(void)wt_values_put_number(&b, WT_F_ALERT_GID, 0, 1);
	(void)wt_values_put_number(&b, WT_F_ALERT_SIGNATURE_ID, 0, 1);
	u.record.values_len = (uint32_t)wt_bld_slice(&b).len;
	u.record.head.ts_ns = WT_NS_PER_S + ns;
	u.record.head.sender = 1;
	u.record.head.key.ip_version = 4;
	u.record.head.key.end[1].addr.octet[3] = from;
	return wt_context_take(c, &u.record);
}

static struct wt_counters counters;

static struct wt_context *context_of(const struct wt_context_rule *rule)
{
	struct wt_context *c = wt_context_new(rule, 1, 64, 1, &counters);

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

int main(void)
{
	Suite *suite = suite_create("context");
	TCase *c = tcase_create("all");
	SRunner *runner;
	int n_failed;

	tcase_add_loop_test(c, devices_are_asked, 0, sizeof(tests) / sizeof(tests[0]));
	tcase_add_test(c, refused_matches_count_for_nothing);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
