/* The journal and the power: a writer works on a simulated disk, and before every change
 * it makes, the power is cut in several ways (unsynced writes lost sector by sector in
 * any order, names that were not synced lost, lengths without their bytes). Each state is
 * opened again: every committed record that was not evicted is there, whole, in order,
 * and nothing is there that was not written. The same with failing calls in between. */
#include <check.h>
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/disk.h"
#include "journal/reader.h"
#include "journal/spool.h"

#define CUTS 100000u
#define CUTS_PER_CHANGE 3u
#define RECORDS_MAX 4096u
#define SIZE_MAX_ (1u << 20)

struct world {
	struct disk *disk, *after;
	uint64_t random;
	/* what the writer was told, by the record's own number (in its payload) */
	bool is_written[RECORDS_MAX], is_committed[RECORDS_MAX];
	uint32_t sum[RECORDS_MAX]; /* of the payload */
	unsigned n;
	uint64_t evictions_seen;
	unsigned n_cuts;
	size_t size_max;
};

static struct world w;

/* Payloads: number, length from it, bytes from both. */
static size_t payload(unsigned number, uint8_t *room)
{
	size_t len = 8 + number * 7919u % 1500, i;

	memcpy(room, &number, 4);
	memset(room + 4, 0, 4);
	for (i = 8; i < len; i++)
		room[i] = (uint8_t)(number * 31 + i * 7);
	return len;
}

/* Reads everything and judges it. The records of the store itself are alerts. */
static void judge(const struct wt_io *io, uint64_t evicted, const char *when)
{
	struct wt_journal_reader *r = wt_journal_reader_new(io, false);
	static bool is_there[RECORDS_MAX];
	struct wt_reading reading;
	uint64_t before = 0, missing = 0;
	uint8_t room[2048];
	unsigned i;

	memset(is_there, 0, sizeof(is_there));
	while (wt_journal_read(r, &reading)) {
		struct wt_alert alert;
		uint32_t number;

		ck_assert_msg(reading.seq > before, "%s: out of order", when);
		before = reading.seq;
		if (reading.bytes.len > 96 && wt_alert_decode(reading.bytes, &alert))
			continue; /* the journal's own */
		memcpy(&number, reading.bytes.ptr, 4);
		ck_assert_msg(number < w.n && w.is_written[number], "%s: never written", when);
		ck_assert_msg(reading.bytes.len == payload(number, room) &&
				      !memcmp(reading.bytes.ptr, room, reading.bytes.len),
			      "%s: record %u is corrupt", when, number);
		is_there[number] = true;
	}
	for (i = 0; i < w.n; i++)
		missing += w.is_committed[i] && !is_there[i];
	ck_assert_msg(missing <= evicted, "%s: %llu committed records lost, %llu evicted", when,
		      (unsigned long long)missing, (unsigned long long)evicted);
	wt_journal_reader_free(r);
}

static const struct wt_spool_options *options(void)
{
	static struct wt_spool_options o;

	o = (struct wt_spool_options){
		.size_max = w.size_max, .batch_max = 65536, .sensor = "test", .tells_gap = true
	};
	return &o;
}

static uint64_t evicted_so_far; /* by the writer, before the change at hand */
static struct wt_spool *the_store;

static void cut(void *self)
{
	unsigned i;

	(void)self;
	for (i = 0; i < CUTS_PER_CHANGE; i++) {
		uint64_t evicted = the_store ? wt_spool_stats(the_store).evicted : 0;
		struct wt_spool *again;

		disk_cut(w.disk, w.after, disk_random(&w.random));
		judge(&w.after->io, evicted_so_far + evicted, "after the cut");
		again = wt_spool_open(&w.after->io, options());
		ck_assert_ptr_nonnull(again);
		evicted += wt_spool_stats(again).evicted;
		judge(&w.after->io, evicted_so_far + evicted, "after recovery");
		wt_spool_close(again, false);
		w.n_cuts++;
	}
}

static void commit_some(struct wt_spool *s, unsigned n)
{
	static uint8_t bytes[65536];
	struct wt_spool_batch batch = { .bytes = bytes };
	unsigned first = w.n, i;
	uint64_t refused = wt_spool_stats(s).refused;

	for (i = 0; i < n; i++) {
		struct wt_batch_item item = { .band = (uint32_t)(disk_random(&w.random) % 4),
					      .time_ns = w.disk->clock_ns };
		uint8_t room[2048];

		item.len = (uint32_t)payload(w.n, room);
		memcpy(bytes + batch.len, &item, sizeof(item));
		memcpy(bytes + batch.len + sizeof(item), room, item.len);
		batch.len += wt_batch_bytes(item.len);
		batch.n++;
		w.is_written[w.n++] = true;
	}
	for (i = 0; i < 20; i++)
		if (wt_spool_commit(s, &batch))
			break;
	ck_assert_msg(i < 20, "a batch was never taken");
	for (i = first; i < w.n && wt_spool_stats(s).refused == refused; i++)
		w.is_committed[i] = true;
}

static void books(const struct wt_spool *s)
{
	struct wt_spool_stats n = wt_spool_stats(s);

	ck_assert_msg(n.found + n.committed + n.own == n.stored + n.evicted,
		      "%llu found, %llu committed, %llu own; %llu stored, %llu evicted",
		      (unsigned long long)n.found, (unsigned long long)n.committed,
		      (unsigned long long)n.own, (unsigned long long)n.stored,
		      (unsigned long long)n.evicted);
	ck_assert(n.bytes <= w.size_max);
}

/* One life of a journal: several starts, each with batches, perhaps with a fault. */
static void live(uint64_t seed, bool has_faults, bool cuts)
{
	unsigned start, round;

	memset(w.is_written, 0, sizeof(w.is_written));
	memset(w.is_committed, 0, sizeof(w.is_committed));
	w.n = 0;
	w.random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	disk_clear(w.disk);
	evicted_so_far = 0;
	for (start = 0; start < 2; start++) {
		the_store = NULL;
		w.disk->before = NULL;
		the_store = wt_spool_open(&w.disk->io, options());
		ck_assert_ptr_nonnull(the_store);
		w.disk->before = cuts ? cut : NULL;
		for (round = 0; round < 4; round++) {
			static const int errors[] = { EIO, ENOSPC, EINTR };

			if (has_faults) {
				w.disk->fails_in = 1 + (unsigned)(disk_random(&w.random) % 12);
				w.disk->fails_with = errors[disk_random(&w.random) % 3];
			}
			commit_some(the_store, 1 + (unsigned)(disk_random(&w.random) % 6));
			books(the_store);
		}
		w.disk->before = NULL;
		w.disk->fails_in = 0;
		evicted_so_far += wt_spool_stats(the_store).evicted;
		judge(&w.disk->io, evicted_so_far, "alive");
		wt_spool_close(the_store, start == 0);
		the_store = NULL;
	}
}

static void set_up(size_t size_max, size_t capacity)
{
	w.size_max = size_max;
	w.n_cuts = 0;
	w.disk = disk_new(capacity);
	w.after = disk_new(capacity * 2);
}

static void tear_down(void)
{
	disk_free(w.disk);
	disk_free(w.after);
}

START_TEST(no_power_cut_loses_a_committed_record)
{
	uint64_t seed;

	set_up(SIZE_MAX_, SIZE_MAX_);
	for (seed = 1; w.n_cuts < CUTS / 2; seed++)
		live(seed, false, true);
	printf("%u power cuts in %llu lives\n", w.n_cuts, (unsigned long long)seed - 1);
	tear_down();
}
END_TEST

START_TEST(nor_with_failing_writes_and_syncs)
{
	uint64_t seed;

	set_up(SIZE_MAX_, SIZE_MAX_);
	for (seed = 1; w.n_cuts < CUTS * 3 / 10; seed++)
		live(seed, true, true);
	printf("%u power cuts in %llu lives\n", w.n_cuts, (unsigned long long)seed - 1);
	tear_down();
}
END_TEST

START_TEST(nor_when_the_journal_is_full)
{
	uint64_t seed;

	set_up(16384, 1 << 20);
	for (seed = 1; w.n_cuts < CUTS / 10; seed++)
		live(seed, false, true);
	printf("%u power cuts in %llu lives\n", w.n_cuts, (unsigned long long)seed - 1);
	tear_down();
}
END_TEST

START_TEST(nor_when_the_disk_is_full)
{
	uint64_t seed;

	set_up(SIZE_MAX_, 24576);
	for (seed = 1; w.n_cuts < CUTS / 10; seed++)
		live(seed, false, true);
	printf("%u power cuts in %llu lives\n", w.n_cuts, (unsigned long long)seed - 1);
	tear_down();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("journal crash");
	TCase *tc = tcase_create("power");
	SRunner *runner;
	int n_failed;

	(void)mallopt(M_MMAP_THRESHOLD, 1 << 30); /* stores come and go 100,000 times */
	(void)mallopt(M_TRIM_THRESHOLD, 1 << 30);
	tcase_set_timeout(tc, 300);
	tcase_add_test(tc, no_power_cut_loses_a_committed_record);
	tcase_add_test(tc, nor_with_failing_writes_and_syncs);
	tcase_add_test(tc, nor_when_the_journal_is_full);
	tcase_add_test(tc, nor_when_the_disk_is_full);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
