/* Promises of app/handoff.h beyond order: idle work is done though watermarks come all
 * the time, as they do live. */
#define _POSIX_C_SOURCE 200809L
#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "app/handoff.h"

static void nap(long ms)
{
	struct timespec t = { 0, ms * 1000000 };

	nanosleep(&t, NULL);
}

static _Atomic unsigned n_idle, n_beats;

/* Watermarks and no record, until idle work was done four times. */
static void *beat(void *self)
{
	do {
		nap(5);
		wt_handoff_flush(self, ++n_beats, false);
	} while (n_idle < 4 && n_beats < 6000);
	wt_handoff_flush(self, ++n_beats, true);
	return NULL;
}

static void take(void *self, const struct wt_record *record)
{
	(void)self;
	(void)record;
	ck_abort_msg("no record was put");
}

static void count(void *self)
{
	(void)self;
	n_idle++;
}

START_TEST(watermarks_do_not_starve_idle_work)
{
	struct wt_handoff *h = wt_handoff_new(4 << 20);
	const struct wt_record_sink sink = { .take = take };
	pthread_t worker;

	ck_assert_ptr_nonnull(h);
	ck_assert_int_eq(pthread_create(&worker, NULL, beat, h), 0);
	wt_handoff_merge(&h, 1, &sink, count, NULL);
	pthread_join(worker, NULL);
	ck_assert_uint_ge(n_idle, 4);
	ck_assert_uint_le(n_idle, n_beats);
	wt_handoff_free(h);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("handoff");
	TCase *c = tcase_create("handoff");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout(c, 30);
	tcase_add_test(c, watermarks_do_not_starve_idle_work);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
