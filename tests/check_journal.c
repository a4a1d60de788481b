/* Promises of the alert record, of aggregates and of the journal on a real folder. What a
 * power cut may do is in check_journal_crash.c. */
#define _GNU_SOURCE
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/values.h"
#include "detect/aggregate.h"
#include "harness/disk.h"
#include "journal/journal.h"
#include "journal/reader.h"
#include "wardtap/registry.h"

static const char sensor[] = "ward 7";

static struct wt_alert sample(unsigned n, unsigned severity)
{
	struct wt_alert a = { .kind = WT_ALERT_RULE,
			      .severity = (uint8_t)severity,
			      .confidence = 80,
			      .n = n,
			      .gid = 1,
			      .sid = n,
			      .made_ns = n,
			      .key.ip_version = 4,
			      .key.proto = 6 };

	memcpy(a.id, &n, sizeof(n));
	a.text[WT_ALERT_SIGNATURE] = WT_LIT("Pump order from an unexpected host");
	return a;
}

START_TEST(an_alert_is_read_as_it_was_written_and_no_part_of_it)
{
	uint8_t room[WT_ALERT_BYTES_MAX], list[256];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	struct wt_builder f = wt_builder_of(list, sizeof(list));
	struct wt_alert_field field = { .name = WT_LIT("alert.reference"),
					.type = WT_TYPE_STR,
					.bytes = WT_LIT("url|\n\0x") };
	struct wt_alert a = sample(7, 9), back;
	size_t len;

	ck_assert(wt_alert_put_field(&f, &field));
	field = (struct wt_alert_field){ .name = WT_LIT("alert.offset_bytes"),
					 .type = WT_TYPE_U64,
					 .number = UINT64_MAX - 1 };
	ck_assert(wt_alert_put_field(&f, &field));
	a.fields = wt_bld_slice(&f);
	a.is_closed = true;
	a.n_vlans = 2;
	a.vlan[1] = 77;
	a.has_mac = 1;
	a.mac[11] = 9;
	ck_assert(wt_alert_encode(&a, &b));
	ck_assert(wt_alert_decode(wt_bld_slice(&b), &back));
	ck_assert_uint_eq(back.sid, 7);
	ck_assert_uint_eq(back.vlan[1], 77);
	ck_assert_uint_eq(back.mac[11], 9);
	ck_assert(back.is_closed);
	ck_assert(wt_slice_equal(back.text[WT_ALERT_SIGNATURE], a.text[WT_ALERT_SIGNATURE]));
	ck_assert(wt_alert_take_field(&back.fields, &field));
	ck_assert(wt_slice_equal(field.bytes, WT_LIT("url|\n\0x")));
	ck_assert(wt_alert_take_field(&back.fields, &field));
	ck_assert(field.number == UINT64_MAX - 1);
	ck_assert(!wt_alert_take_field(&back.fields, &field));
	for (len = 0; len < b.len - f.len; len++) /* fields are a list, which may end early */
		ck_assert(!wt_alert_decode(wt_slice_of(room, len), &back));
	ck_assert(!wt_alert_decode(wt_slice_of(room, b.len - 1), &back));
	b.ptr[0] = 2;
	ck_assert_msg(!wt_alert_decode(wt_bld_slice(&b), &back), "another version");
}
END_TEST

/* Aggregates */

struct told {
	unsigned n_records, n_leading;
	uint64_t matches; /* last count of closed ones and of single ones */
	uint64_t last_n[64];
	uint64_t made_ns[64];
	uint8_t id[64][WT_ALERT_ID_LEN];
};

static void take_alert(void *self, const struct wt_alert *alert)
{
	struct told *t = self;

	if (t->n_records < 64) {
		t->last_n[t->n_records] = alert->n;
		t->made_ns[t->n_records] = alert->made_ns;
		memcpy(t->id[t->n_records], alert->id, WT_ALERT_ID_LEN);
	}
	t->n_records++;
	t->n_leading += alert->seq == 0;
}

static struct wt_record *match(uint64_t ts_ns, unsigned sid, unsigned host)
{
	static uint64_t room[256];
	struct wt_record *r = (struct wt_record *)room;
	struct wt_builder b = wt_builder_of(r->values, 1024);

	memset(room, 0, sizeof(room));
	r->head.type = WT_EVENT_ALERT;
	r->head.ts_ns = ts_ns;
	r->head.key.ip_version = 4;
	r->head.key.proto = 6;
	memcpy(r->head.key.end[1].addr.octet, &host, sizeof(host));
	(void)!wt_values_put_number(&b, WT_F_ALERT_GID, 0, 1);
	(void)!wt_values_put_number(&b, WT_F_ALERT_SIGNATURE_ID, 0, sid);
	(void)!wt_values_put_number(&b, WT_F_ALERT_SEVERITY, 0, 1);
	(void)!wt_values_put(&b, WT_F_ALERT_SIGNATURE, 0, WT_FORM_PLAIN,
			     WT_LIT("what it says"));
	r->values_len = (uint32_t)b.len;
	return r;
}

static struct wt_aggregate *aggregate(struct told *told, struct wt_counters *counters,
				      uint32_t n_entries, uint64_t seed)
{
	struct wt_aggregate_options o = { .sensor = sensor,
					  .n_entries = n_entries,
					  .seed = seed,
					  .sink = { take_alert, told },
					  .counters = counters };

	return wt_aggregate_new(&o);
}

START_TEST(a_million_equal_matches_are_four_records)
{
	struct told told = { 0 };
	struct wt_counters c = { 0 };
	struct wt_aggregate *a = aggregate(&told, &c, 64, 1);
	uint64_t start = 1000 * WT_NS_PER_S;
	unsigned i;

	for (i = 0; i < 1000000; i++) { /* in 1000 s */
		wt_aggregate_take(a, match(start + i * WT_NS_PER_MS, 1, 1));
		if (i == 500000)
			wt_aggregate_take(a, match(start + i * WT_NS_PER_MS, 2, 1));
	}
	wt_aggregate_finish(a);
	ck_assert_uint_eq(told.n_records, 5);
	ck_assert_uint_eq(told.n_leading, 2);
	ck_assert_uint_eq(told.last_n[0], 1);
	ck_assert_uint_eq(told.made_ns[1], start + 60 * WT_NS_PER_S);
	ck_assert_uint_eq(told.last_n[1], 60000);
	ck_assert_uint_eq(told.last_n[2], 1); /* the other rule, at once */
	ck_assert_uint_eq(told.made_ns[3], start + 600 * WT_NS_PER_S);
	ck_assert_uint_eq(told.last_n[4], 1000000);
	ck_assert_uint_eq(c.value[WT_C_ALERTS_LEADING] + c.value[WT_C_ALERTS_MERGED], 1000001);
	wt_aggregate_free(a);
}
END_TEST

START_TEST(quiet_closes_and_the_next_match_is_another_alert)
{
	struct told told = { 0 };
	struct wt_counters c = { 0 };
	struct wt_aggregate *a = aggregate(&told, &c, 64, 1);

	wt_aggregate_take(a, match(WT_NS_PER_S, 1, 1));
	wt_aggregate_take(a, match(2 * WT_NS_PER_S, 1, 1));
	wt_aggregate_take(a, match(700 * WT_NS_PER_S, 1, 1));
	ck_assert_uint_eq(told.n_records, 3);
	ck_assert_uint_eq(told.n_leading, 2);
	ck_assert_mem_eq(told.id[0], told.id[1], WT_ALERT_ID_LEN);
	ck_assert_mem_ne(told.id[1], told.id[2], WT_ALERT_ID_LEN);
	wt_aggregate_finish(a);
	ck_assert_uint_eq(told.n_records, 3); /* nothing new to tell */
	wt_aggregate_free(a);
}
END_TEST

START_TEST(a_full_table_gives_the_same_records_whatever_the_seed)
{
	struct told told[2] = { { 0 }, { 0 } };
	struct wt_counters c[2] = { { { 0 } }, { { 0 } } };
	unsigned run, i;

	for (run = 0; run < 2; run++) {
		struct wt_aggregate *a = aggregate(&told[run], &c[run], 16, run * 999 + 1);

		for (i = 0; i < 20000; i++)
			wt_aggregate_take(a,
					  match(i * 7 * WT_NS_PER_MS, 1 + i % 3, i * i % 41));
		wt_aggregate_finish(a);
		wt_aggregate_free(a);
		ck_assert_uint_eq(c[run].value[WT_C_ALERTS_LEADING] +
					  c[run].value[WT_C_ALERTS_MERGED],
				  20000);
		ck_assert_uint_gt(c[run].value[WT_C_AGGREGATES_EVICTED], 0);
	}
	ck_assert_mem_eq(&told[0], &told[1], sizeof(told[0]));
}
END_TEST

/* The journal in a folder */

static char folder[64];

static void make_folder(void)
{
	snprintf(folder, sizeof(folder), "/tmp/check_journal.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_folder(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	ck_assert_int_eq(system(command), 0);
}

static struct wt_io *io_of(bool locks)
{
	char why[256];
	struct wt_io *io = wt_io_folder(folder, locks, why, sizeof(why));

	ck_assert_msg(io != NULL, "%s", why);
	return io;
}

static struct wt_journal *open_journal(const struct wt_io *io, bool is_live, uint64_t size_max)
{
	struct wt_journal_options o = { .io = io,
					.size_max = size_max,
					.queue_bytes = 1 << 22,
					.sensor = sensor,
					.is_live = is_live };
	struct wt_journal *j = wt_journal_open(&o);

	ck_assert_ptr_nonnull(j);
	return j;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int (*disk_sync)(void *self, int file);
static unsigned n_syncs;

static int slow_sync(void *self, int file)
{
	struct timespec pause = { .tv_nsec = 5000000 };

	n_syncs++;
	nanosleep(&pause, NULL);
	return disk_sync(self, file);
}

/* Of a disk that syncs 200 times a second: what came meanwhile is synced at once. */
START_TEST(thousands_of_alerts_a_second_are_durable)
{
	const unsigned n = 50000;
	struct wt_io *io = io_of(true);
	struct wt_journal *j;
	struct wt_counters c = { 0 };
	double start, took;
	unsigned i;

	disk_sync = io->sync;
	io->sync = slow_sync;
	j = open_journal(io, false, 1 << 30);
	start = seconds();
	for (i = 0; i < n; i++) {
		struct wt_alert a = sample(i + 1, 1 + i % 10);

		ck_assert(wt_journal_append(j, &a));
	}
	ck_assert(wt_journal_flush(j, 60000));
	took = seconds() - start;
	printf("%u alerts durable in %.2f s: %.0f a second, %u syncs\n", n, took, n / took, n_syncs);
	ck_assert(wt_journal_close(j, &c));
	ck_assert_uint_eq(c.value[WT_C_JOURNAL_COMMITTED], n);
	ck_assert_uint_eq(c.value[WT_C_JOURNAL_STORED], n);
	wt_io_folder_free(io);
	ck_assert_uint_le(n_syncs, n / 25); /* 5000 a second, however busy the machine is */
}
END_TEST

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

#define LATE_MAX 65536u

struct watcher {
	struct wt_journal *journal;
	unsigned n;
	double *given, *done;
	double *late; /* what a pause took beyond its time, the busy machine's share */
	unsigned n_late;
};

static void *watch(void *self)
{
	struct watcher *w = self;
	unsigned i = 0;

	while (i < w->n) {
		uint64_t durable = wt_journal_n_durable(w->journal);
		struct timespec pause = { .tv_nsec = 200000 };

		double start = seconds();

		for (; i < durable; i++)
			w->done[i] = start;
		nanosleep(&pause, NULL);
		if (w->n_late < LATE_MAX)
			w->late[w->n_late++] = seconds() - start;
	}
	return NULL;
}

START_TEST(an_alert_is_durable_within_a_tenth_of_a_second)
{
	const unsigned n = 5000;
	struct wt_io *io = io_of(true);
	struct watcher w = { .journal = open_journal(io, true, 1 << 30), .n = n };
	pthread_t thread;
	double p99, late;
	unsigned i;

	w.given = calloc(n, sizeof(double));
	w.done = calloc(n, sizeof(double));
	w.late = calloc(LATE_MAX, sizeof(double));
	ck_assert(w.given && w.done && w.late);
	pthread_create(&thread, NULL, watch, &w);
	for (i = 0; i < n; i++) { /* 1000 a second */
		struct wt_alert a = sample(i + 1, 1 + i % 10);
		struct timespec pause = { .tv_nsec = 900000 };

		w.given[i] = seconds();
		ck_assert(wt_journal_append(w.journal, &a));
		nanosleep(&pause, NULL);
	}
	pthread_join(thread, NULL);
	for (i = 0; i < n; i++)
		w.done[i] -= w.given[i];
	qsort(w.done, n, sizeof(double), by_size);
	p99 = w.done[n * 99 / 100];
	qsort(w.late, w.n_late, sizeof(double), by_size);
	late = w.late[w.n_late * 99 / 100];
	printf("durable after %.1f ms (median), %.1f ms (99 %%), %.1f ms (all)\n",
	       w.done[n / 2] * 1e3, p99 * 1e3, w.done[n - 1] * 1e3);
	ck_assert(wt_journal_close(w.journal, NULL));
	wt_io_folder_free(io);
	free(w.given);
	free(w.done);
	free(w.late);
	ck_assert_msg(p99 < 1.0 + 20 * late, "a busy machine may be slow, not this slow");
}
END_TEST

/* Reads all; the number of rule alerts, with their sids in `sid`. */
static unsigned read_all(struct wt_journal_reader *r, uint32_t *sid, unsigned max,
			 unsigned *n_own)
{
	struct wt_reading reading;
	struct wt_alert alert;
	unsigned n = 0;

	while (wt_journal_read(r, &reading)) {
		ck_assert(wt_alert_decode(reading.bytes, &alert));
		if (alert.kind != WT_ALERT_RULE) {
			if (n_own)
				n_own[alert.kind]++;
			continue;
		}
		if (n < max)
			sid[n] = alert.sid;
		n++;
	}
	return n;
}

START_TEST(a_reader_follows_in_order_and_keeps_its_place)
{
	struct wt_io *io = io_of(true), *other = io_of(false);
	struct wt_journal *j = open_journal(io, true, 1 << 24);
	struct wt_journal_reader *r = wt_journal_reader_new(other, true);
	struct wt_cursor *cursor = wt_cursor_open(other, "splunk");
	static uint32_t sid[1000];
	unsigned i, n, round, sum = 0;

	ck_assert_ptr_nonnull(cursor);
	ck_assert_ptr_null(wt_cursor_open(other, "../etc"));
	for (round = 0; round < 10; round++) {
		for (i = 0; i < 50; i++) {
			struct wt_alert a = sample(round * 50 + i + 1, 1 + (i * 7) % 10);

			ck_assert(wt_journal_append(j, &a));
		}
		ck_assert(wt_journal_flush(j, 10000));
		n = read_all(r, sid, 1000, NULL);
		ck_assert_uint_eq(n, 50);
		for (i = 0; i < n; i++)
			ck_assert_uint_eq(sid[i], sum + i + 1);
		sum += n;
	}
	ck_assert(wt_cursor_acknowledge(cursor, 100, 100));
	ck_assert(wt_cursor_acknowledge(cursor, 40, 1)); /* never back */
	wt_cursor_free(cursor);
	cursor = wt_cursor_open(other, "splunk");
	ck_assert_uint_eq(wt_cursor_seq(cursor), 100);
	ck_assert_uint_eq(wt_cursor_count(cursor), 100);
	wt_journal_seek(r, wt_cursor_seq(cursor));
	ck_assert_uint_eq(read_all(r, sid, 1000, NULL), 400);
	ck_assert_uint_eq(sid[0], 101);
	wt_cursor_free(cursor);
	wt_journal_reader_free(r);
	ck_assert(wt_journal_close(j, NULL));
	wt_io_folder_free(io);
	wt_io_folder_free(other);
}
END_TEST

static struct {
	int (*open)(void *self, const char *name, bool creates);
	int (*list)(void *self, void (*take)(void *to, const char *name), void *to);
	int open_fails, list_fails;
} real;

static int open_or_fail(void *self, const char *name, bool creates)
{
	return real.open_fails && strstr(name, ".seg") ? -real.open_fails :
							 real.open(self, name, creates);
}

static int list_or_fail(void *self, void (*take)(void *to, const char *name), void *to)
{
	return real.list_fails ? -real.list_fails : real.list(self, take, to);
}

START_TEST(what_cannot_be_opened_for_now_is_not_missing)
{
	struct wt_io *io = io_of(true), *other = io_of(false);
	struct wt_journal *j = open_journal(io, true, 1 << 24);
	struct wt_journal_reader *r = wt_journal_reader_new(other, true);
	struct wt_reading reading;
	uint32_t sid[8];
	unsigned i;

	for (i = 0; i < 8; i++) {
		struct wt_alert a = sample(i + 1, 1 + (i * 7) % 10);

		ck_assert(wt_journal_append(j, &a));
	}
	ck_assert(wt_journal_flush(j, 10000));
	real.open = other->open;
	real.list = other->list;
	other->open = open_or_fail;
	other->list = list_or_fail;
	real.open_fails = EMFILE;
	ck_assert(!wt_journal_read(r, &reading));
	ck_assert_int_eq(wt_journal_error(r), EMFILE);
	real.open_fails = 0;
	real.list_fails = EIO;
	ck_assert(!wt_journal_read(r, &reading));
	ck_assert_int_eq(wt_journal_error(r), EIO);
	real.list_fails = 0;
	ck_assert_uint_eq(read_all(r, sid, 8, NULL), 8);
	ck_assert_int_eq(wt_journal_error(r), 0);
	for (i = 0; i < 8; i++)
		ck_assert_uint_eq(sid[i], i + 1);
	wt_journal_reader_free(r);
	ck_assert(wt_journal_close(j, NULL));
	wt_io_folder_free(io);
	wt_io_folder_free(other);
}
END_TEST

START_TEST(there_is_one_writer_and_a_start_tells_the_gap)
{
	struct wt_io *io = io_of(true);
	unsigned own[WT_N_ALERT_KINDS] = { 0 };
	struct wt_journal_reader *r;
	struct wt_alert a = sample(1, 5);
	struct wt_journal *j;
	char why[256];
	uint32_t sid;

	ck_assert_ptr_null(wt_io_folder(folder, true, why, sizeof(why)));
	ck_assert_ptr_nonnull(strstr(why, "another process"));
	j = open_journal(io, true, 1 << 24);
	ck_assert(wt_journal_append(j, &a));
	ck_assert(wt_journal_close(j, NULL));
	j = open_journal(io, true, 1 << 24);
	r = wt_journal_reader_new(io, true);
	ck_assert_uint_eq(read_all(r, &sid, 1, own), 1);
	ck_assert_uint_eq(own[WT_ALERT_GAP], 1);
	wt_journal_reader_free(r);
	ck_assert(wt_journal_close(j, NULL));
	wt_io_folder_free(io);
}
END_TEST

START_TEST(the_lowest_severity_makes_room_and_each_loss_is_told)
{
	struct disk *d = disk_new(1 << 20); /* the disk is smaller than the journal may be */
	struct wt_journal *j = open_journal(&d->io, false, 1 << 24);
	struct wt_counters c = { 0 };
	struct wt_journal_reader *r;
	struct wt_reading reading;
	struct wt_alert alert;
	unsigned i, n_grave = 0;
	uint64_t told = 0;

	for (i = 0; i < 20000; i++) {
		struct wt_alert a = sample(i + 1, i % 40 == 0 ? 10 : 1 + i % 6);

		(void)wt_journal_append(j, &a);
		if (i % 20 == 19)
			ck_assert(wt_journal_flush(j, 10000));
	}
	ck_assert(wt_journal_close(j, &c));
	r = wt_journal_reader_new(&d->io, false);
	while (wt_journal_read(r, &reading)) {
		ck_assert(wt_alert_decode(reading.bytes, &alert));
		n_grave += alert.severity == 10;
		if (alert.kind == WT_ALERT_EVICTED)
			told += alert.n;
	}
	wt_journal_reader_free(r);
	ck_assert_uint_eq(n_grave, 500);
	ck_assert_uint_gt(c.value[WT_C_JOURNAL_EVICTED], 1000);
	ck_assert_uint_eq(told, c.value[WT_C_JOURNAL_EVICTED] + c.value[WT_C_JOURNAL_REFUSED]);
	ck_assert_uint_eq(c.value[WT_C_JOURNAL_GIVEN],
			  c.value[WT_C_JOURNAL_COMMITTED] + c.value[WT_C_JOURNAL_REFUSED]);
	disk_free(d);
}
END_TEST

START_TEST(damage_hides_no_other_record_and_is_told)
{
	uint64_t random = 12345;
	unsigned round, i, n_damages = 0;

	for (round = 0; round < 300; round++) {
		struct disk *d = disk_new(1 << 22);
		struct wt_journal *j = open_journal(&d->io, false, 1 << 20);
		unsigned own[WT_N_ALERT_KINDS] = { 0 }, n;
		struct wt_journal_reader *r;
		static uint32_t sid[400];
		bool is_flip = round % 2;

		for (i = 0; i < 200; i++) {
			struct wt_alert a = sample(i + 1, 1 + i % 10);

			(void)wt_journal_append(j, &a);
		}
		ck_assert(wt_journal_close(j, NULL));
		for (i = 0; i < DISK_FILES; i++) {
			struct disk_file *f = &d->file[i];
			size_t at = f->now_len ? disk_random(&random) % f->now_len : 0;

			if (!strstr(f->name, ".seg"))
				continue;
			if (is_flip)
				f->now[at] ^= (uint8_t)(1u << disk_random(&random) % 8);
			else
				f->now_len = at;
		}
		j = open_journal(&d->io, true, 1 << 20);
		r = wt_journal_reader_new(&d->io, false);
		n = read_all(r, sid, 400, own);
		ck_assert_uint_le(n, 200);
		if (is_flip)
			ck_assert_uint_ge(n, 196); /* one record a band at most */
		for (i = 1; i < n; i++)
			ck_assert_uint_gt(sid[i], sid[i - 1]);
		n_damages += own[WT_ALERT_DAMAGE];
		wt_journal_reader_free(r);
		ck_assert(wt_journal_close(j, NULL));
		disk_free(d);
	}
	ck_assert_uint_gt(n_damages, 100);
}
END_TEST

START_TEST(a_failed_sync_is_no_success)
{
	struct disk *d = disk_new(1 << 22);
	struct wt_journal *j = open_journal(&d->io, false, 1 << 20);
	struct disk *after = disk_new(1 << 22);
	struct wt_journal_reader *r;
	struct wt_counters c = { 0 };
	unsigned round;
	uint32_t sid[200];

	for (round = 0; round < 100; round++) {
		struct wt_alert a = sample(round + 1, 10);

		d->fails_in = 2; /* write, sync */
		d->fails_with = EIO;
		ck_assert(wt_journal_append(j, &a));
		ck_assert(wt_journal_flush(j, 10000));
		d->fails_in = 0;
		disk_cut(d, after, round + 1);
		r = wt_journal_reader_new(&after->io, false);
		ck_assert_uint_eq(read_all(r, sid, 200, NULL), round + 1);
		wt_journal_reader_free(r);
		if (round == 15)
			break; /* each failure leaves a segment */
	}
	ck_assert(wt_journal_close(j, &c));
	ck_assert_uint_ge(c.value[WT_C_JOURNAL_ERRORS], 10);
	disk_free(after);
	disk_free(d);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("journal");
	TCase *tc = tcase_create("all");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, make_folder, remove_folder);
	tcase_add_test(tc, an_alert_is_read_as_it_was_written_and_no_part_of_it);
	tcase_add_test(tc, a_million_equal_matches_are_four_records);
	tcase_add_test(tc, quiet_closes_and_the_next_match_is_another_alert);
	tcase_add_test(tc, a_full_table_gives_the_same_records_whatever_the_seed);
	tcase_add_test(tc, thousands_of_alerts_a_second_are_durable);
	tcase_add_test(tc, an_alert_is_durable_within_a_tenth_of_a_second);
	tcase_add_test(tc, a_reader_follows_in_order_and_keeps_its_place);
	tcase_add_test(tc, what_cannot_be_opened_for_now_is_not_missing);
	tcase_add_test(tc, there_is_one_writer_and_a_start_tells_the_gap);
	tcase_add_test(tc, the_lowest_severity_makes_room_and_each_loss_is_told);
	tcase_add_test(tc, damage_hides_no_other_record_and_is_told);
	tcase_add_test(tc, a_failed_sync_is_no_success);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
