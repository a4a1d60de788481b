/* Promises of export/: the window of what was sent, syslog messages, the file sink with a
 * full disk, addresses; and of app/deadletter.h. */
#define _GNU_SOURCE
#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/deadletter.h"
#include "export/net.h"
#include "export/sink.h"
#include "export/syslog_frame.h"
#include "export/window.h"

static char dir[] = "/tmp/wardtap-sinks-XXXXXX";

static void make_dir(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void remove_dir(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	ck_assert_int_eq(system(command), 0);
}

static const char *text_of(const char *name)
{
	static char text[1 << 20];
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "r");
	text[file ? fread(text, 1, sizeof(text) - 1, file) : 0] = 0;
	if (file)
		fclose(file);
	return text;
}

static unsigned n_lines(const char *name)
{
	const char *at = text_of(name);
	unsigned n = 0;

	for (; *at; at++)
		n += *at == '\n';
	return n;
}

START_TEST(the_window_gives_young_frames_in_order_and_twice)
{
	struct wt_window *w = wt_window_new(1000);
	char frame[64];
	uint64_t at = 0, mark;
	size_t len;
	unsigned turn;

	wt_window_add(w, WT_LIT("old"), 100);
	wt_window_add(w, WT_LIT("one"), 1500);
	wt_window_add(w, WT_LIT("second"), 1600);
	mark = wt_window_end(w);
	wt_window_add(w, WT_LIT("never"), 1700);
	wt_window_cut(w, mark);
	for (turn = 0; turn < 2; turn++) {
		at = 0;
		ck_assert(wt_window_next(w, &at, 2000 + turn, frame, sizeof(frame), &len));
		ck_assert(len == 3 && memcmp(frame, "one", 3) == 0);
		ck_assert(wt_window_next(w, &at, 2000 + turn, frame, sizeof(frame), &len));
		ck_assert(len == 6 && memcmp(frame, "second", 6) == 0);
		ck_assert(!wt_window_next(w, &at, 2000 + turn, frame, sizeof(frame), &len));
	}
	at = 0;
	ck_assert(!wt_window_next(w, &at, 2002, frame, sizeof(frame), &len));
	wt_window_free(w);
}
END_TEST

START_TEST(the_window_is_bounded_and_keeps_the_newest)
{
	struct wt_window *w = wt_window_new(1000000);
	static uint8_t frame[65000], found[65000];
	uint32_t i, n = 3 * (WT_WINDOW_MAX / sizeof(frame)), n_found = 0, last = 0;
	uint64_t at = 0;
	size_t len;

	for (i = 0; i < n; i++) {
		memset(frame, (int)i, sizeof(frame));
		memcpy(frame, &i, sizeof(i));
		wt_window_add(w, wt_slice_of(frame, sizeof(frame) - i % 7), i);
	}
	while (wt_window_next(w, &at, n, found, sizeof(found), &len)) {
		memcpy(&i, found, sizeof(i));
		ck_assert(!n_found || i == last + 1);
		ck_assert_uint_eq(len, sizeof(frame) - i % 7);
		ck_assert_uint_eq(found[len - 1], (uint8_t)i);
		last = i;
		n_found++;
	}
	ck_assert_uint_eq(last, n - 1);
	ck_assert_uint_ge(n_found, WT_WINDOW_MAX / sizeof(frame) - 1);
	ck_assert_uint_le(n_found, WT_WINDOW_MAX / (sizeof(frame) - 7));
	wt_window_free(w);
}
END_TEST

static bool encode_text(struct wt_builder *b, const struct wt_encode_item *item,
			const struct wt_encode_options *options)
{
	struct wt_slice text = item->alert->text[WT_ALERT_SIGNATURE];

	if (text.len > options->len_max)
		return false;
	wt_bld_bytes(b, text);
	return true;
}

static const char *framed(struct wt_syslog_form *form, const struct wt_alert *alert)
{
	static char room[WT_SYSLOG_MAX + 1];
	struct wt_builder b = wt_builder_of(room, WT_SYSLOG_MAX);
	struct wt_encode_item item = { alert, 7 };

	form->encode = encode_text;
	if (!wt_syslog_frame(&b, form, &item))
		return NULL;
	room[b.len] = 0;
	return room;
}

START_TEST(syslog_messages_have_the_form_of_their_standard)
{
	struct wt_alert alert = { .kind = WT_ALERT_GAP, .severity = 9,
				  .made_ns = UINT64_C(1700000000123456789) };
	struct wt_syslog_form form = { .syntax = WT_SYNTAX_RFC5424, .is_framed = true,
				       .facility = 20, .len_max = 500,
				       .options = { .host = "a b.example" } };
	char expected[300], body[256];

	setenv("TZ", "UTC", 1);
	alert.text[WT_ALERT_SIGNATURE] = WT_LIT("CEF:0|a\nb");
	snprintf(body, sizeof(body), "<161>1 2023-11-14T22:13:20.123456Z a?b.example wardtap %ld "
		 "sensor_gap - CEF:0|a b", (long)getpid());
	snprintf(expected, sizeof(expected), "%zu %s", strlen(body), body);
	ck_assert_str_eq(framed(&form, &alert), expected);
	form.framing = WT_FRAMING_LF;
	snprintf(expected, sizeof(expected), "%s\n", body);
	ck_assert_str_eq(framed(&form, &alert), expected);
	form.is_framed = false;
	ck_assert_str_eq(framed(&form, &alert), body);
	form.syntax = WT_SYNTAX_RFC3164;
	form.facility = 0;
	alert.severity = 3;
	ck_assert_str_eq(framed(&form, &alert), "<5>Nov 14 22:13:20 a?b CEF:0|a b");
	form.has_tag = true;
	form.options.host = NULL;
	ck_assert_str_eq(framed(&form, &alert), "<5>Nov 14 22:13:20 - wardtap: CEF:0|a b");
}
END_TEST

START_TEST(a_message_fits_or_is_refused)
{
	static char text[600];
	struct wt_alert alert = { .kind = WT_ALERT_RULE, .severity = 5 };
	struct wt_syslog_form form = { .is_framed = true, .facility = 1, .len_max = 480,
				       .options = { .host = "h" } };
	const char *message;
	size_t len;

	memset(text, 'x', sizeof(text));
	alert.text[WT_ALERT_SIGNATURE] = wt_slice_of(text, 100);
	message = framed(&form, &alert);
	ck_assert_ptr_nonnull(message);
	len = 480 - (strlen(strchr(message, ' ') + 1) - 100);
	alert.text[WT_ALERT_SIGNATURE] = wt_slice_of(text, len);
	message = framed(&form, &alert);
	ck_assert_ptr_nonnull(message);
	ck_assert(strncmp(message, "480 <", 5) == 0);
	alert.text[WT_ALERT_SIGNATURE] = wt_slice_of(text, len + 1);
	ck_assert_ptr_null(framed(&form, &alert));
}
END_TEST

START_TEST(json_loses_its_optional_parts_first)
{
	static char text[513]; /* ends in NUL */
	char room[4096];
	struct wt_alert alert = { .kind = WT_ALERT_RULE, .severity = 5, .sid = 42 };
	struct wt_encode_item item = { &alert, 0 };
	struct wt_encode_options options = { .len_max = 700 };
	struct wt_builder b = wt_builder_of(room, sizeof(room) - 1);

	memset(text, 'x', 512);
	alert.text[WT_ALERT_SIGNATURE] = WT_LIT("told");
	alert.text[WT_ALERT_SENTENCE] = wt_slice_of(text, 512);
	ck_assert(wt_encode_json(&b, &item, &options));
	ck_assert_uint_le(b.len, 700);
	room[b.len] = 0;
	ck_assert_ptr_nonnull(strstr(room, "\"signature\":\"told\""));
	ck_assert(room[b.len - 1] == '}');
	options.len_max = 0;
	b.len = 0;
	ck_assert(wt_encode_json(&b, &item, &options));
	room[b.len] = 0;
	ck_assert_ptr_nonnull(strstr(room, text));
	options.len_max = 100;
	b.len = 0;
	ck_assert(!wt_encode_json(&b, &item, &options));
}
END_TEST

START_TEST(addresses_and_fingerprints_are_taken_apart)
{
	char host[WT_NET_HOST_MAX], port[WT_NET_PORT_MAX];
	uint8_t digest[32];
	const char *colons = "sha256:AA:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:"
			     "00:00:00:00:00:00:00:00:00:00:00:0f";

	ck_assert(wt_net_split("a.example:514", host, port));
	ck_assert_str_eq(host, "a.example");
	ck_assert_str_eq(port, "514");
	ck_assert(wt_net_split("[fd00::1]:6514", host, port));
	ck_assert_str_eq(host, "fd00::1");
	ck_assert(!wt_net_split("a", host, port));
	ck_assert(!wt_net_split(":514", host, port));
	ck_assert(!wt_net_split("[]:514", host, port));
	ck_assert(!wt_net_split("a:514x", host, port));
	ck_assert(!wt_net_split("user@a:514", host, port));
	ck_assert(!wt_net_split("fd00::1:514", host, port));
	ck_assert(wt_net_fingerprint(colons, digest));
	ck_assert(digest[0] == 0xaa && digest[31] == 0x0f);
	ck_assert(!wt_net_fingerprint(colons + 7, digest));
	ck_assert(!wt_net_fingerprint("sha256:00", digest));
}
END_TEST

/* A file sink over a section of its own. */
static void *file_sink(struct wt_conf **conf, struct wt_sink_options *options, const char *more)
{
	static _Atomic bool is_stopping;
	const struct wt_sink_kind *kind = wt_sink_kind_of("file");
	char set[256], why[WT_SINK_WHY_MAX];
	void *sink;

	*conf = wt_conf_new();
	snprintf(set, sizeof(set), "sinks.f.path=%s/lines", dir);
	ck_assert(wt_conf_set(*conf, set));
	ck_assert(!more || wt_conf_set(*conf, more));
	*options = (struct wt_sink_options){ .name = "f", .conf = wt_conf_section(*conf, 0),
					     .host = "h", .is_stopping = &is_stopping };
	sink = kind->open(options, why, sizeof(why));
	ck_assert_msg(sink != NULL, "%s", why);
	return sink;
}

static struct wt_sink_result sent(void *sink, unsigned n)
{
	struct wt_sink_result result = { .verdict = WT_SINK_RETRY };
	struct wt_alert alert = { .kind = WT_ALERT_RULE, .severity = 5 };
	struct wt_sink_item items[200];
	unsigned i;

	for (i = 0; i < n; i++)
		items[i] = (struct wt_sink_item){ &alert, i + 1 };
	wt_sink_kind_of("file")->send(sink, items, n, &result);
	return result;
}

START_TEST(a_full_disk_is_waited_for_and_leaves_no_cut_line)
{
	struct wt_sink_options options;
	struct wt_conf *conf;
	void *sink = file_sink(&conf, &options, NULL);
	struct rlimit limit = { 20000, RLIM_INFINITY }; /* in the middle of a line */

	ck_assert_int_eq(sent(sink, 10).verdict, WT_SINK_DONE);
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(sent(sink, 200).verdict, WT_SINK_RETRY);
	ck_assert_uint_eq(n_lines("lines"), 10);
	ck_assert(text_of("lines")[strlen(text_of("lines")) - 1] == '\n');
	limit.rlim_cur = RLIM_INFINITY;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(sent(sink, 200).verdict, WT_SINK_DONE);
	ck_assert_uint_eq(n_lines("lines"), 210);
	wt_sink_kind_of("file")->close(sink);
	wt_conf_free(conf);
}
END_TEST

START_TEST(files_rotate_by_size_and_keep_so_many)
{
	struct wt_sink_options options;
	struct wt_conf *conf;
	void *sink = file_sink(&conf, &options, "sinks.f.rotate.size=64K");
	unsigned i, n = 0;

	for (i = 0; i < 5; i++) {
		ck_assert_int_eq(sent(sink, 200).verdict, WT_SINK_DONE);
		n += 200;
	}
	ck_assert_uint_le(strlen(text_of("lines")), 65536 + 1024);
	ck_assert_uint_ge(strlen(text_of("lines.1")), 65536);
	ck_assert_uint_le(strlen(text_of("lines.1")), 65536 + 1024);
	for (i = 0; i < 8; i++) {
		char name[16];

		snprintf(name, sizeof(name), i ? "lines.%u" : "lines", i);
		n -= n_lines(name);
	}
	ck_assert_uint_eq(n, 0);
	wt_sink_kind_of("file")->close(sink);
	wt_conf_free(conf);
}
END_TEST

START_TEST(a_file_that_is_moved_or_was_cut_is_no_trouble)
{
	struct wt_sink_options options;
	struct wt_conf *conf;
	void *sink;
	char path[64], other[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/lines", dir);
	snprintf(other, sizeof(other), "%s/moved", dir);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs("{\"cut", file);
	fclose(file);
	sink = file_sink(&conf, &options, NULL);
	ck_assert_int_eq(sent(sink, 1).verdict, WT_SINK_DONE);
	ck_assert_uint_eq(n_lines("lines"), 2);
	ck_assert(strncmp(text_of("lines"), "{\"cut\n{", 7) == 0);
	ck_assert_int_eq(rename(path, other), 0);
	ck_assert_int_eq(sent(sink, 3).verdict, WT_SINK_DONE);
	ck_assert_uint_eq(n_lines("lines"), 3);
	ck_assert_uint_eq(n_lines("moved"), 2);
	wt_sink_kind_of("file")->close(sink);
	wt_conf_free(conf);
}
END_TEST

START_TEST(refused_records_are_kept_and_bounded)
{
	struct wt_deadletter *d;
	struct wt_dead_record record = { 5, WT_LIT("ab\xff"), "0f-1", "bad \"text\"\n" };
	char folder[64];
	unsigned i;

	snprintf(folder, sizeof(folder), "%s/dead", dir);
	d = wt_deadletter_new(folder, "s", 2000);
	ck_assert(wt_deadletter_add(d, &record));
	ck_assert_ptr_nonnull(strstr(text_of("dead/s.jsonl"), "\"why\":\"bad \\\"text\\\"\\u000a\","
				     "\"id\":\"0f-1\",\"journal_seq\":5,\"record\":\"YWL/\"}\n"));
	for (i = 0; i < 100; i++)
		ck_assert(wt_deadletter_add(d, &record));
	ck_assert_uint_le(strlen(text_of("dead/s.jsonl")), 2000);
	ck_assert_uint_gt(strlen(text_of("dead/s.jsonl.1")), 1500);
	wt_deadletter_free(d);
	d = wt_deadletter_new("/proc/none", "s", 2000);
	ck_assert(!wt_deadletter_add(d, &record));
	wt_deadletter_free(d);
}
END_TEST

START_TEST(a_refused_record_does_not_join_a_cut_line)
{
	struct wt_dead_record record = { 5, WT_LIT("ab"), "0f-1", "bad" };
	struct wt_deadletter *d;
	char path[96];
	FILE *file;

	snprintf(path, sizeof(path), "%s/s.jsonl", dir);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs("{\"refused\":\"20", file);
	fclose(file);
	d = wt_deadletter_new(dir, "s", 1 << 20);
	ck_assert(wt_deadletter_add(d, &record));
	ck_assert_uint_eq(n_lines("s.jsonl"), 2);
	ck_assert_ptr_nonnull(strstr(text_of("s.jsonl"), "\n{\"refused\":"));
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert(!wt_deadletter_add(d, &record)); /* and comes back */
	wt_deadletter_free(d);
}
END_TEST

START_TEST(a_receiver_that_always_has_a_byte_holds_nobody)
{
	_Atomic bool is_stopping = false;
	struct wt_deadline deadline = { wt_net_now_ms() + 60000, &is_stopping };
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	ck_assert_int_eq(write(pair[1], "x", 1), 1);
	ck_assert_int_eq(wt_net_wait(pair[0], POLLIN, &deadline), 1);
	is_stopping = true;
	ck_assert_int_eq(wt_net_wait(pair[0], POLLIN, &deadline), 0);
	is_stopping = false;
	deadline.until_ms = wt_net_now_ms() - 1;
	ck_assert_int_eq(wt_net_wait(pair[0], POLLIN, &deadline), 0);
	close(pair[0]);
	close(pair[1]);
}
END_TEST

START_TEST(a_file_has_one_writer)
{
	struct wt_sink_options options, options_too;
	struct wt_conf *conf, *conf_too;
	void *sink, *too;

	sink = file_sink(&conf, &options, NULL);
	too = file_sink(&conf_too, &options_too, NULL);
	ck_assert_int_eq(sent(sink, 2).verdict, WT_SINK_DONE);
	ck_assert_int_eq(sent(too, 2).verdict, WT_SINK_STOP);
	ck_assert_uint_eq(n_lines("lines"), 2);
	wt_sink_kind_of("file")->close(sink);
	ck_assert_int_eq(sent(too, 2).verdict, WT_SINK_DONE);
	ck_assert_uint_eq(n_lines("lines"), 4);
	wt_sink_kind_of("file")->close(too);
	wt_conf_free(conf);
	wt_conf_free(conf_too);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sinks");
	TCase *c = tcase_create("sinks");
	SRunner *runner;
	int n_failed;

	tcase_add_checked_fixture(c, make_dir, remove_dir);
	tcase_add_test(c, the_window_gives_young_frames_in_order_and_twice);
	tcase_add_test(c, the_window_is_bounded_and_keeps_the_newest);
	tcase_add_test(c, syslog_messages_have_the_form_of_their_standard);
	tcase_add_test(c, a_message_fits_or_is_refused);
	tcase_add_test(c, json_loses_its_optional_parts_first);
	tcase_add_test(c, addresses_and_fingerprints_are_taken_apart);
	tcase_add_test(c, a_full_disk_is_waited_for_and_leaves_no_cut_line);
	tcase_add_test(c, files_rotate_by_size_and_keep_so_many);
	tcase_add_test(c, a_file_that_is_moved_or_was_cut_is_no_trouble);
	tcase_add_test(c, refused_records_are_kept_and_bounded);
	tcase_add_test(c, a_refused_record_does_not_join_a_cut_line);
	tcase_add_test(c, a_receiver_that_always_has_a_byte_holds_nobody);
	tcase_add_test(c, a_file_has_one_writer);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
