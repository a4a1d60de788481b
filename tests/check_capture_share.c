/* Promises of capture/share.h: readers of a share, of any speed, see what a reader
 * that is alone sees. Also run under ThreadSanitizer. */
#define _DEFAULT_SOURCE
#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "capture/share.h"
#include "harness/capwrite.h"

#define READERS_MAX 7u

static struct wt_slice all(const struct cap_bytes *f)
{
	return wt_slice_of(f->ptr, f->len);
}

/* The same sequence in every run. */
static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* A reader as a thread, what it saw as a sum, and where it first saw something else
 * than `seen`. */
struct reader {
	pthread_t thread;
	struct wt_capture *capture;
	struct wt_counters counters;
	const struct cap_seen *seen; /* or NULL */
	uint64_t n, sum, wrong;
	uint64_t stop_after; /* packets */
	unsigned pause_us;   /* now and then */
	unsigned index;
	void (*midway)(void);
};

static void take(struct reader *r, const struct wt_packet *p)
{
	uint32_t i;

	if (r->seen && !r->wrong &&
	    (r->n >= r->seen->n || !cap_same_packet(p, &r->seen->packet[r->n]) ||
	     p->number != r->seen->packet[r->n].number ||
	     p->interface != r->seen->packet[r->n].interface))
		r->wrong = p->number;
	r->n++;
	r->sum = r->sum * 31 + p->ts_ns + p->number + p->link_type;
	for (i = 0; i < p->cap_len; i += 16)
		r->sum = r->sum * 31 + p->bytes[i];
}

static void *read_all(void *self)
{
	struct reader *r = self;
	struct wt_batch *batch = calloc(1, sizeof(*batch));
	uint32_t random = r->index;
	unsigned i;

	while (r->n < r->stop_after && wt_capture_next(r->capture, batch)) {
		if (r->pause_us && next_random(&random) % 64 == 0)
			usleep(next_random(&random) % r->pause_us);
		if (r->midway && r->n > 1000) {
			r->midway();
			r->midway = NULL;
		}
		for (i = 0; i < batch->n; i++)
			take(r, &batch->packet[i]);
	}
	if (r->stop_after != UINT64_MAX) {
		wt_capture_close(r->capture);
		r->capture = NULL;
	}
	free(batch);
	return NULL;
}

static void make_readers(struct reader *r, unsigned n, const struct wt_capture_list *list,
			 struct wt_capture_share *share, const struct cap_seen *seen)
{
	unsigned i;

	memset(r, 0, n * sizeof(*r));
	for (i = 0; i < n; i++) {
		r[i].index = i;
		r[i].seen = seen;
		r[i].stop_after = UINT64_MAX;
		r[i].pause_us = i % 3 * 150;
		r[i].capture = wt_capture_open_shared(list, &r[i].counters, share, i);
		ck_assert_ptr_nonnull(r[i].capture);
	}
}

static void run(struct reader *r, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		ck_assert_int_eq(pthread_create(&r[i].thread, NULL, read_all, &r[i]), 0);
	for (i = 0; i < n; i++)
		ck_assert_int_eq(pthread_join(r[i].thread, NULL), 0);
	ck_assert_uint_eq(wt_bug_count(), 0);
}

/* Two captures at their end say the same of all files. */
static void expect_alike(const struct wt_capture *a, const struct wt_capture *b,
			 const struct wt_capture_list *list)
{
	const struct wt_capture_damage *da, *db;
	size_t n_a, n_b, i;
	unsigned i_a, i_b;

	for (i = 0; i < list->n_files; i++)
		ck_assert_msg(memcmp(wt_capture_result(a, i), wt_capture_result(b, i),
				     sizeof(struct wt_capture_result)) == 0,
			      "results of %s differ", list->file[i].path);
	da = wt_capture_damages(a, &n_a);
	db = wt_capture_damages(b, &n_b);
	ck_assert_uint_eq(n_a, n_b);
	for (i = 0; i < n_a; i++) {
		ck_assert_str_eq(da[i].why, db[i].why);
		ck_assert_uint_eq(da[i].offset, db[i].offset);
		ck_assert_uint_eq(da[i].file, db[i].file);
	}
	(void)wt_capture_interfaces(a, &i_a);
	(void)wt_capture_interfaces(b, &i_b);
	ck_assert_uint_eq(i_a, i_b);
	ck_assert_uint_eq(wt_capture_progress(a).bytes_done, wt_capture_progress(b).bytes_done);
	ck_assert_uint_eq(wt_capture_progress(b).file, list->n_files);
}

static void put_packed(struct cap_bytes *to, struct wt_slice bytes, bool is_zstd)
{
	z_stream z = { 0 };
	size_t room = ZSTD_compressBound(bytes.len) + bytes.len / 100 + 1000, len;
	uint8_t *out = malloc(room);

	if (is_zstd) {
		len = ZSTD_compress(out, room, bytes.ptr, bytes.len, 1);
		ck_assert(!ZSTD_isError(len));
	} else {
		ck_assert_int_eq(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8,
					      Z_DEFAULT_STRATEGY), Z_OK);
		z.next_in = (Bytef *)(uintptr_t)bytes.ptr;
		z.avail_in = (uInt)bytes.len;
		z.next_out = out;
		z.avail_out = (uInt)room;
		ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
		len = z.total_out;
		(void)deflateEnd(&z);
	}
	cap_put(to, out, len);
	free(out);
}

/* Packets of 0 bytes to the largest; `len_max` of most. Several rings long. */
static struct cap_bytes make(bool is_ng, unsigned n, uint32_t len_max, uint32_t seconds)
{
	static uint8_t bytes[WT_CAPTURE_PACKET_MAX];
	struct cap_bytes f = { 0 };
	uint32_t random = n + len_max, i;

	if (is_ng) {
		cap_section(&f);
		cap_interface(&f, 1, 0, "eth0", -1, 0);
	} else {
		cap_pcap(&f, 0xa1b2c3d4, 4, 1);
	}
	for (i = 1; i <= n; i++) {
		uint32_t len = next_random(&random) %
			       (i % 500 ? len_max : WT_CAPTURE_PACKET_MAX + 1);
		uint64_t us = (uint64_t)seconds * 1000000 + i;

		memset(bytes, (int)(i % 251), len);
		if (is_ng && i % 700 == 0)
			cap_block(&f, 4, wt_slice_of(bytes, len)); /* passed over */
		else if (is_ng)
			cap_packet(&f, 0, us, len, wt_slice_of(bytes, len));
		else
			cap_record(&f, 16, seconds, i, len, wt_slice_of(bytes, len));
	}
	return f;
}

static struct cap_bytes with_bad_length(struct cap_bytes f, size_t packets_before)
{
	size_t at = 24;

	while (packets_before--)
		at += 16 + (f.ptr[at + 8] | (size_t)f.ptr[at + 9] << 8 |
			    (size_t)f.ptr[at + 10] << 16);
	memset(f.ptr + at + 8, 0xff, 4);
	return f;
}

/* An interface whose description fills the largest block. */
static struct cap_bytes with_large_block(void)
{
	static uint8_t body[WT_CAPTURE_BLOCK_MAX - 12];
	struct cap_bytes f = make(true, 700, 1500, 80);
	unsigned i;

	body[0] = 1; /* Ethernet, little endian as all here; options end at once */
	for (i = 0; i < 3; i++) {
		cap_block(&f, 1, wt_slice_of(body, sizeof(body)));
		cap_packet(&f, i + 1, 80000000, 4, WT_LIT("abcd"));
	}
	return f;
}

#define N_PATHS 12

/* All kinds of files, sound and not. */
static void save_all(char *paths[N_PATHS])
{
	struct cap_bytes plain = make(false, 5000, 1500, 10), ng = make(true, 5000, 1500, 20);
	struct cap_bytes small = make(false, 3, 100, 30), none = make(false, 0, 1, 40);
	struct cap_bytes cut = make(false, 3000, 1500, 50), packed[2] = { { 0 } };
	struct cap_bytes early = with_bad_length(make(false, 3000, 1500, 60), 100);
	struct cap_bytes late = with_bad_length(make(false, 4000, 1500, 70), 2600);
	struct cap_bytes exact = make(false, 0, 1, 55), large = with_large_block();

	cap_record(&exact, 16, 55, 0, 262144 - 24 - 16, all(&plain)); /* one block, no more */
	exact.len = 262144;
	memcpy(exact.ptr + 32, "\xd8\xff\x03\x00", 4);
	put_packed(&packed[0], all(&ng), false);
	put_packed(&packed[1], all(&plain), true);
	paths[0] = cap_save("plain", all(&plain));
	paths[1] = cap_save("ng", all(&ng));
	paths[2] = cap_save("small", all(&small));
	paths[3] = cap_save("none", all(&none));
	paths[4] = cap_save("cut", wt_slice_of(cut.ptr, cut.len - 5));
	paths[5] = cap_save("ng.gz", all(&packed[0]));
	paths[6] = cap_save("plain.zst", all(&packed[1]));
	paths[7] = cap_save("cut.gz", wt_slice_of(packed[0].ptr, packed[0].len / 2));
	packed[1].ptr[packed[1].len / 2] ^= 0xff;
	packed[1].ptr[packed[1].len / 2 + 1] ^= 0xff;
	paths[8] = cap_save("early", all(&early));
	paths[9] = cap_save("late", all(&late));
	paths[10] = cap_save("exact", all(&exact));
	paths[11] = cap_save("large", all(&large));
}

static const unsigned n_readers_of[] = { 1, 2, 3, 7 };

START_TEST(readers_of_any_number_and_speed_see_what_one_alone_sees)
{
	static struct reader r[READERS_MAX];
	const unsigned n = n_readers_of[_i];
	char *paths[N_PATHS];
	struct wt_capture_share *share;
	struct cap_seen seen;
	unsigned i;

	save_all(paths);
	seen = cap_read(paths, N_PATHS, true);
	ck_assert_uint_eq(seen.list->n_files, N_PATHS);
	ck_assert_uint_gt(seen.n, 20000);
	ck_assert_uint_eq(seen.counters.value[WT_C_CAPTURE_FILES_DAMAGED], 4);
	share = wt_capture_share_new(seen.list, n, true);
	make_readers(r, n, seen.list, share, &seen);
	run(r, n);
	for (i = 0; i < n; i++) {
		ck_assert_msg(!r[i].wrong, "reader %u: packet %llu differs", i,
			      (unsigned long long)r[i].wrong);
		ck_assert_uint_eq(r[i].n, seen.n);
		expect_alike(r[i].capture, seen.capture, seen.list);
		ck_assert_mem_eq(&r[i].counters, &seen.counters, sizeof(seen.counters));
		wt_capture_close(r[i].capture);
	}
	wt_capture_share_free(share);
	cap_forget(&seen);
}
END_TEST

START_TEST(readers_that_stop_early_hold_up_nobody)
{
	static struct reader r[READERS_MAX];
	char *paths[N_PATHS];
	struct wt_capture_share *share;
	struct cap_seen seen;
	unsigned i;

	save_all(paths);
	seen = cap_read(paths, N_PATHS, false);
	share = wt_capture_share_new(seen.list, READERS_MAX, false);
	make_readers(r, READERS_MAX, seen.list, share, &seen);
	r[0].stop_after = 0;
	r[2].stop_after = 1;
	r[3].stop_after = 4000;
	r[5].stop_after = 12000;
	run(r, READERS_MAX);
	for (i = 0; i < READERS_MAX; i++) {
		ck_assert_uint_eq(r[i].wrong, 0);
		if (r[i].stop_after == UINT64_MAX) {
			ck_assert_uint_eq(r[i].n, seen.n);
			ck_assert(!wt_capture_result(r[i].capture, 0)->is_hashed);
		}
		wt_capture_close(r[i].capture);
	}
	wt_capture_share_free(share);
	cap_forget(&seen);
}
END_TEST

static char *changed[4];

static void change_files(void)
{
	static _Atomic bool is_done;

	if (atomic_exchange(&is_done, true))
		return;
	if (truncate(changed[0], 1500000) != 0 || truncate(changed[1], 0) != 0 ||
	    remove(changed[2]) != 0)
		abort();
}

/* Whatever a file turns into, all readers of a share see the same. */
START_TEST(files_that_change_while_they_are_read_read_the_same_for_all)
{
	static struct reader r[3];
	struct cap_bytes f = make(false, 5000, 1500, 10), g = make(true, 3000, 1500, 20);
	struct wt_capture_share *share;
	struct wt_capture_list *list;
	size_t n_damages;
	unsigned i;

	changed[0] = cap_save("shrinks", all(&f));
	changed[1] = cap_save("empties", all(&g));
	changed[2] = cap_save("vanishes", all(&g));
	changed[3] = cap_save("stays", all(&g));
	list = wt_capture_list_new(changed, 4);
	share = wt_capture_share_new(list, 3, true);
	make_readers(r, 3, list, share, NULL);
	for (i = 0; i < 3; i++)
		r[i].midway = change_files;
	run(r, 3);
	(void)wt_capture_damages(r[0].capture, &n_damages);
	ck_assert_uint_ge(n_damages, 2);
	ck_assert_uint_gt(wt_capture_result(r[0].capture, 2)->packets, 2900);
	for (i = 1; i < 3; i++) {
		ck_assert_uint_eq(r[i].n, r[0].n);
		ck_assert_uint_eq(r[i].sum, r[0].sum);
		expect_alike(r[i].capture, r[0].capture, list);
	}
	for (i = 0; i < 3; i++)
		wt_capture_close(r[i].capture);
	wt_capture_share_free(share);
	wt_capture_list_free(list);
}
END_TEST

/* One thread drives two readers: within the ring neither needs the other. */
START_TEST(a_reader_gets_on_while_the_other_stands)
{
	static struct wt_batch one, two;
	struct cap_bytes f = make(false, 1500, 1200, 10);
	char *path = cap_save("f", wt_slice_head(all(&f), 1000000));
	struct wt_capture_list *list = wt_capture_list_new(&path, 1);
	struct wt_capture_share *share = wt_capture_share_new(list, 2, false);
	struct wt_capture *a = wt_capture_open_shared(list, NULL, share, 0);
	struct wt_capture *b = wt_capture_open_shared(list, NULL, share, 1);
	uint64_t n_a = 0, n_b = 0;

	ck_assert(wt_capture_next(b, &two));
	n_b += two.n;
	while (wt_capture_next(a, &one))
		n_a += one.n;
	ck_assert_uint_eq(two.packet[0].number, 1);
	ck_assert_uint_eq(two.packet[1].bytes[0], 2); /* untouched */
	while (wt_capture_next(b, &two))
		n_b += two.n;
	ck_assert_uint_eq(n_a, n_b);
	ck_assert_uint_eq(wt_capture_result(a, 0)->n_damages, 1);
	wt_capture_close(a);
	wt_capture_close(b);
	wt_capture_share_free(share);
	wt_capture_list_free(list);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("capture share");
	TCase *c = tcase_create("readers of one share");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout(c, 120);
	tcase_add_loop_test(c, readers_of_any_number_and_speed_see_what_one_alone_sees, 0, 4);
	tcase_add_test(c, readers_that_stop_early_hold_up_nobody);
	tcase_add_test(c, files_that_change_while_they_are_read_read_the_same_for_all);
	tcase_add_test(c, a_reader_gets_on_while_the_other_stands);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
