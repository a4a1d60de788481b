/* Promises of capture/list.h, inflate.h, filter.h and base/fasthash.h, and the counts
 * of all real captures. */
#define _DEFAULT_SOURCE
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "capture/filter.h"
#include "harness/capwrite.h"

#define CAPTURES "../shared/pcaps"

static struct wt_slice all(const struct cap_bytes *f)
{
	return wt_slice_of(f->ptr, f->len);
}

/* A pcap of `n` packets, the first at `seconds`. */
static struct cap_bytes some(uint32_t seconds, unsigned n)
{
	struct cap_bytes f = { 0 };
	unsigned i;

	cap_pcap(&f, 0xa1b2c3d4, 4, 1);
	for (i = 0; i < n; i++)
		cap_record(&f, 16, seconds + i, 0, 4, WT_LIT("abcd"));
	return f;
}

static void make_folder(const char *name)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", cap_folder(), name);
	ck_assert_int_eq(mkdir(path, 0700), 0);
}

static void make_link(const char *target, const char *name)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", cap_folder(), name);
	ck_assert_int_eq(symlink(target, path), 0);
}

static const struct wt_capture_note *note_on(const struct wt_capture_list *list,
					     const char *ending)
{
	size_t i, len = strlen(ending);

	for (i = 0; i < list->n_notes; i++) {
		size_t path_len = strlen(list->note[i].path);

		if (path_len >= len && strcmp(list->note[i].path + path_len - len, ending) == 0)
			return &list->note[i];
	}
	ck_abort_msg("no note on %s", ending);
}

static void expect_note(const struct wt_capture_list *list, const char *ending, bool is_damage,
			const char *why)
{
	const struct wt_capture_note *note = note_on(list, ending);

	ck_assert_msg(strstr(note->why, why), "%s: %s", ending, note->why);
	ck_assert_int_eq(note->is_damage, is_damage);
}

START_TEST(order_is_time_of_the_first_packet_then_path)
{
	struct cap_bytes late = some(30, 1), early = some(10, 1), none = some(0, 0);
	char *paths[4] = { cap_save("a", all(&late)), cap_save("d", all(&none)),
			   cap_save("c", all(&early)), cap_save("b", all(&early)) };
	struct wt_capture_list *list = wt_capture_list_new(paths, 4);
	char order[5] = "";
	size_t i;

	ck_assert_uint_eq(list->n_files, 4);
	for (i = 0; i < 4; i++)
		order[i] = list->file[i].path[strlen(list->file[i].path) - 1];
	ck_assert_str_eq(order, "bcad");
	ck_assert(list->file[2].first_ns == 30 * WT_NS_PER_S);
	ck_assert_uint_eq(list->total_bytes, 3 * early.len + none.len);
	wt_capture_list_free(list);
}
END_TEST

START_TEST(folders_are_walked_and_what_is_no_capture_is_told)
{
	struct cap_bytes f = some(1, 2);
	char path[256], *root;
	struct cap_seen seen;

	make_folder("in");
	make_folder("in/deep");
	(void)cap_save("in/deep/x.pcap", all(&f));
	(void)cap_save("in/y.anything", all(&f));
	(void)cap_save("in/README", WT_LIT("read me"));
	(void)cap_save("in/empty", WT_LIT(""));
	(void)cap_save("in/cut", wt_slice_of(f.ptr, 9));
	make_link("..", "in/deep/loop");
	make_link("self", "in/self");
	make_link("nowhere", "in/broken");
	make_link("deep/x.pcap", "in/twice");
	(void)snprintf(path, sizeof(path), "%s/in/fifo", cap_folder());
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	(void)snprintf(path, sizeof(path), "%s/in", cap_folder());
	root = path;
	seen = cap_read(&root, 1, false);
	ck_assert_uint_eq(seen.n, 4);
	ck_assert_uint_eq(seen.list->n_files, 3);
	ck_assert_uint_eq(seen.list->n_notes, 7);
	expect_note(seen.list, "/README", false, "no capture");
	expect_note(seen.list, "/empty", false, "the file is empty");
	expect_note(seen.list, "/loop", false, "a link to a folder");
	expect_note(seen.list, "/self", true, "cannot be read: Too many levels");
	expect_note(seen.list, "/broken", true, "cannot be read: No such file");
	expect_note(seen.list, "/twice", false, "the same file as");
	expect_note(seen.list, "/fifo", false, "it is not opened");
	ck_assert_str_eq(cap_why(&seen, 0), "the file was cut: only 9 of the 24 bytes of the "
			 "pcap header are there");
	ck_assert_uint_eq(seen.counters.value[WT_C_CAPTURE_FILES_DAMAGED], 3);
	ck_assert_uint_eq(seen.counters.value[WT_C_CAPTURE_FILES], 3);
}
END_TEST

START_TEST(what_was_named_and_is_no_capture_is_an_error)
{
	char missing[] = "/nonexistent/x.pcap", device[] = "/dev/zero";
	char *paths[4] = { cap_save("README", WT_LIT("read me")), cap_save("empty", WT_LIT("")),
			   missing, device };
	struct wt_capture_list *list = wt_capture_list_new(paths, 4);

	ck_assert_uint_eq(list->n_files, 0);
	ck_assert_uint_eq(list->n_notes, 4);
	expect_note(list, "/README", true, "no capture");
	expect_note(list, "/empty", true, "the file is empty");
	expect_note(list, "/x.pcap", true, "No such file");
	expect_note(list, "/zero", true, "it is not opened");
	wt_capture_list_free(list);
}
END_TEST

START_TEST(a_file_reads_as_it_was_when_listed)
{
	struct cap_bytes f = some(1, 3);
	char *path = cap_save("grows", all(&f));
	struct wt_capture_list *list = wt_capture_list_new(&path, 1);
	struct wt_capture *c = wt_capture_open(list, NULL);
	static struct wt_batch batch;
	FILE *file = fopen(path, "ab");
	size_t n;

	ck_assert(fwrite(f.ptr + 24, f.len - 24, 1, file) == 1);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert(wt_capture_next(c, &batch));
	ck_assert_uint_eq(batch.n, 3);
	ck_assert(!wt_capture_next(c, &batch));
	ck_assert(!wt_capture_next(c, &batch));
	ck_assert_uint_eq(wt_capture_progress(c).bytes_done, f.len);
	wt_capture_close(c);
	ck_assert_int_eq(rename(cap_save("other", all(&f)), path), 0);
	c = wt_capture_open(list, NULL);
	ck_assert(!wt_capture_next(c, &batch));
	ck_assert_str_eq(wt_capture_damages(c, &n)->why,
			 "the file was replaced by another after it was listed");
	ck_assert_int_eq(truncate(path, 60), 0);
	wt_capture_close(c);
	wt_capture_list_free(list);
	list = wt_capture_list_new(&path, 1);
	ck_assert_int_eq(truncate(path, 44), 0);
	c = wt_capture_open(list, NULL);
	ck_assert(wt_capture_next(c, &batch));
	ck_assert(!wt_capture_next(c, &batch));
	ck_assert_str_eq(wt_capture_damages(c, &n)->why,
			 "the file became shorter while it was read");
	wt_capture_close(c);
	wt_capture_list_free(list);
}
END_TEST

static void put_gzip(struct cap_bytes *to, struct wt_slice bytes)
{
	z_stream z = { 0 };
	uLong room;
	uint8_t *out;

	ck_assert_int_eq(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	room = deflateBound(&z, bytes.len);
	out = malloc(room);
	z.next_in = (Bytef *)(uintptr_t)bytes.ptr;
	z.avail_in = (uInt)bytes.len;
	z.next_out = out;
	z.avail_out = (uInt)room;
	ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
	cap_put(to, out, z.total_out);
	(void)deflateEnd(&z);
	free(out);
}

static void put_zstd(struct cap_bytes *to, struct wt_slice bytes)
{
	size_t room = ZSTD_compressBound(bytes.len), len;
	uint8_t *out = malloc(room);

	len = ZSTD_compress(out, room, bytes.ptr, bytes.len, 3);
	ck_assert(!ZSTD_isError(len));
	cap_put(to, out, len);
	free(out);
}

static void (*const put_packed[2])(struct cap_bytes *, struct wt_slice) = {
	put_gzip, put_zstd
};

static void expect_same(const struct cap_seen *a, const struct cap_seen *b)
{
	size_t i;

	ck_assert_uint_eq(a->n, b->n);
	for (i = 0; i < a->n; i++) {
		ck_assert(cap_same_packet(&a->packet[i], &b->packet[i]));
		ck_assert_uint_eq(a->packet[i].number, b->packet[i].number);
	}
}

START_TEST(packed_files_equal_plain_ones_in_any_number_of_parts)
{
	struct cap_bytes f = some(1, 60000), packed = { 0 }; /* more than one buffer */
	char *path = cap_save("plain", all(&f)), *packed_path;
	struct cap_seen plain = cap_read_one(path), seen;
	size_t at, step;

	for (at = 0, step = 1; at < f.len; at += step, step = step * 5 + 1)
		put_packed[_i](&packed, wt_slice_head(wt_slice_tail(all(&f), at), step));
	packed_path = cap_save("packed", all(&packed));
	seen = cap_read_one(packed_path);
	ck_assert_str_eq(cap_why(&seen, 0), "");
	expect_same(&plain, &seen);
	cap_forget(&seen);
	if (_i == 0) {
		cap_fill(&packed, 0, 1000); /* padding of a tape */
		seen = cap_read_one(cap_save("packed", all(&packed)));
		ck_assert_str_eq(cap_why(&seen, 0), "");
		expect_same(&plain, &seen);
	}
	cap_put(&packed, "rubbish", 7);
	seen = cap_read_one(cap_save("packed", all(&packed)));
	ck_assert_msg(strstr(cap_why(&seen, 0), "is damaged"), "%s", cap_why(&seen, 0));
	expect_same(&plain, &seen);
}
END_TEST

START_TEST(packed_files_cut_anywhere_keep_what_is_readable)
{
	struct cap_bytes f = some(1, 40), packed = { 0 };
	size_t len, i;

	put_packed[_i](&packed, all(&f));
	for (len = 0; len < packed.len; len++) {
		char *path = cap_save("cut", wt_slice_of(packed.ptr, len));
		struct cap_seen seen = cap_read_one(path);

		ck_assert(seen.n <= 40);
		ck_assert(seen.list->n_notes == 1 || *cap_why(&seen, 0));
		for (i = 0; i < seen.n; i++)
			ck_assert_uint_eq(seen.packet[i].ts_ns, (i + 1) * WT_NS_PER_S);
		cap_forget(&seen);
		free(path);
	}
}
END_TEST

START_TEST(hash_is_that_of_the_file_as_it_lies_on_disk)
{
	static const uint8_t of_nothing[WT_FASTHASH_LEN] = { /* xxh128sum of an empty file */
		0x99, 0xaa, 0x06, 0xd3, 0x01, 0x47, 0x98, 0xd8,
		0x60, 0x01, 0xc3, 0x24, 0x46, 0x8d, 0x49, 0x7f };
	struct cap_bytes f = some(1, 30000), packed = { 0 }, *forms[3] = { &f, &f, &packed };
	uint8_t hash[WT_FASTHASH_LEN];
	int i;

	wt_fasthash_of(wt_slice_of(NULL, 0), hash);
	ck_assert_mem_eq(hash, of_nothing, sizeof(hash));
	for (i = 0; i < 3; i++) {
		char *path;
		struct cap_seen seen;

		if (i == 1)
			memset(f.ptr + 40, 0xff, 16); /* damage: the rest is hashed too */
		if (i == 2)
			put_gzip(&packed, all(&f));
		path = cap_save("f", all(forms[i]));
		seen = cap_read(&path, 1, true);
		wt_fasthash_of(all(forms[i]), hash);
		ck_assert(wt_capture_result(seen.capture, 0)->is_hashed);
		ck_assert_mem_eq(wt_capture_result(seen.capture, 0)->hash, hash, sizeof(hash));
		ck_assert_uint_eq(wt_capture_result(seen.capture, 0)->n_damages, i > 0);
	}
}
END_TEST

START_TEST(filter_matches_per_link_type_and_reports_what_it_cannot)
{
	static const uint8_t ip[] = { 0x45, 0, 0, 20, 0, 0, 0, 0, 64, 6, 0, 0,
				      10, 0, 0, 1, 10, 0, 0, 2 };
	struct wt_packet p = { .bytes = ip, .cap_len = 20, .wire_len = 20, .link_type = 101 };
	char message[256] = "";
	const char *why;
	uint16_t link;
	struct wt_filter *f = wt_filter_new("src host 10.0.0.1", message, sizeof(message));

	ck_assert_msg(f, "%s", message);
	ck_assert(wt_filter_match(f, &p));
	p.link_type = 1;
	ck_assert(!wt_filter_match(f, &p));
	ck_assert(!wt_filter_refused(f, 0, &link, &why));
	p.link_type = 189; /* USB */
	ck_assert(!wt_filter_match(f, &p));
	ck_assert(wt_filter_refused(f, 0, &link, &why));
	ck_assert_uint_eq(link, 189);
	ck_assert(*why);
	ck_assert(!wt_filter_refused(f, 1, &link, &why));
	p.link_type = 101;
	ck_assert(wt_filter_match(f, &p));
	wt_filter_free(f);
	ck_assert_ptr_null(wt_filter_new("port port", message, sizeof(message)));
	ck_assert_msg(strstr(message, "syntax error"), "%s", message);
	f = wt_filter_new("wlan type mgt", message, sizeof(message)); /* not on Ethernet */
	ck_assert_ptr_nonnull(f);
	wt_filter_free(f);
}
END_TEST

START_TEST(several_captures_read_the_same_list_alike)
{
	struct cap_bytes f = some(1, 50000);
	char *path = cap_save("f", all(&f));
	struct wt_capture_list *list = wt_capture_list_new(&path, 1);
	struct wt_capture *a = wt_capture_open(list, NULL), *b = wt_capture_open(list, NULL);
	static struct wt_batch one, two;
	unsigned i;

	while (wt_capture_next(a, &one)) {
		ck_assert(wt_capture_next(b, &two));
		ck_assert_uint_eq(one.n, two.n);
		for (i = 0; i < one.n; i++)
			ck_assert_uint_eq(one.packet[i].number, two.packet[i].number);
	}
	ck_assert(!wt_capture_next(b, &two));
	wt_capture_close(a);
	wt_capture_close(b);
	wt_capture_list_free(list);
}
END_TEST

/* Real captures for which the manifest has no count, since the program it was made
 * with could not open them, and what is there (the last number: damages). */
static const struct { const char *path; uint64_t packets; unsigned n_damages; } odd[] = {
	{ "hostile/suriver__bug-6875-01_fuzz.pcap", 1, 1 },
	{ "hostile/tcpdump__brcm-tag.pcap", 23, 0 },
	{ "hostile/tcpdump__dsa-high-vid.pcap", 4, 0 },
	{ "hostile/tcpdump__edsa.pcap", 10, 0 },
	{ "hostile/tcpdump__hoobr_juniper3.pcap", 1, 0 },
	{ "hostile/tcpdump__juniper_es_oobr.pcap", 1, 0 },
	{ "hostile/tcpdump__kday6.pcap", 1, 0 },
	{ "hostile/tcpdump__vtp_asan-2.pcap", 1, 0 },
	{ "linktypes/suriver__bug-1450-04_tls_DER-incomplete-header.pcap", 6, 1 },
	/* cut two bytes behind its last packet */
	{ "hostile/ndpi__fuzz-2021-10-13.pcap", 1, 1 },
};

static void expect_count(const char *path, const char *packets)
{
	char full[512], *paths[1] = { full };
	uint64_t expected = strtoull(packets, NULL, 10);
	unsigned n_damages = 0;
	struct cap_seen seen;
	size_t i;

	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		if (strcmp(odd[i].path, path) == 0) {
			expected = odd[i].packets;
			n_damages = odd[i].n_damages;
		}
	}
	(void)snprintf(full, sizeof(full), CAPTURES "/%s", path);
	seen = cap_read(paths, 1, false);
	ck_assert_msg(seen.n == expected, "%s: %zu packets, not %llu", path, seen.n,
		      (unsigned long long)expected);
	ck_assert_msg(seen.list->n_files == 1 &&
		      wt_capture_result(seen.capture, 0)->n_damages == n_damages,
		      "%s: %s", path, cap_why(&seen, 0));
	cap_forget(&seen);
}

START_TEST(real_captures_hold_as_many_packets_as_the_manifest_says)
{
	FILE *manifest = fopen(CAPTURES "/MANIFEST.tsv", "r");
	char line[4096];
	unsigned n = 0;

	if (!manifest) {
		(void)fprintf(stderr, "*** " CAPTURES " is not there: real captures NOT CHECKED\n");
		return;
	}
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), manifest));
	while (fgets(line, sizeof(line), manifest)) {
		char *rest = line, *path = strsep(&rest, "\t");
		const char *packets;

		(void)strsep(&rest, "\t");
		(void)strsep(&rest, "\t");
		(void)strsep(&rest, "\t");
		packets = strsep(&rest, "\t");
		ck_assert_ptr_nonnull(packets);
		expect_count(path, packets);
		n++;
	}
	(void)fclose(manifest);
	ck_assert_uint_ge(n, 955);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("capture list");
	TCase *c = tcase_create("lists, packing, hash, filter");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout(c, 120);
	tcase_add_test(c, order_is_time_of_the_first_packet_then_path);
	tcase_add_test(c, folders_are_walked_and_what_is_no_capture_is_told);
	tcase_add_test(c, what_was_named_and_is_no_capture_is_an_error);
	tcase_add_test(c, a_file_reads_as_it_was_when_listed);
	tcase_add_loop_test(c, packed_files_equal_plain_ones_in_any_number_of_parts, 0, 2);
	tcase_add_loop_test(c, packed_files_cut_anywhere_keep_what_is_readable, 0, 2);
	tcase_add_test(c, hash_is_that_of_the_file_as_it_lies_on_disk);
	tcase_add_test(c, filter_matches_per_link_type_and_reports_what_it_cannot);
	tcase_add_test(c, several_captures_read_the_same_list_alike);
	tcase_add_test(c, real_captures_hold_as_many_packets_as_the_manifest_says);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
