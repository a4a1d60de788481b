/* Promises of base/conf.h: strictness, places, hints, and that the manual page
 * says exactly what the table says. `check_conf --man` prints the page's list. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/conf.h"

static struct wt_conf *loaded(const char *text)
{
	struct wt_conf *conf = wt_conf_new();

	ck_assert_ptr_nonnull(conf);
	ck_assert(wt_conf_load_text(conf, "f", wt_slice_of(text, strlen(text))) ==
		  (wt_conf_n_errors(conf) == 0));
	return conf;
}

/* The text has exactly this one error. */
static void one_error(const char *text, const char *error)
{
	struct wt_conf *conf = loaded(text);

	ck_assert_msg(wt_conf_n_errors(conf) >= 1, "no error in: %s", text);
	ck_assert_str_eq(wt_conf_error(conf, 0), error);
	ck_assert_msg(wt_conf_n_errors(conf) == 1, "second: %s", wt_conf_error(conf, 1));
	wt_conf_free(conf);
}

START_TEST(presets_are_typed_and_not_given)
{
	struct wt_conf *conf = loaded("");

	ck_assert_uint_eq(wt_conf_n_errors(conf), 0);
	ck_assert_uint_eq(wt_conf_u64(conf, WT_CONF_MEMORY_PROFILE), 0);
	ck_assert_str_eq(wt_conf_text(conf, WT_CONF_MEMORY_PROFILE), "small");
	ck_assert_uint_eq(wt_conf_u64(conf, WT_CONF_ENGINE_WORKERS), 1);
	ck_assert(wt_conf_bool(conf, WT_CONF_HINT_ENABLED));
	ck_assert_uint_eq(wt_conf_u64(conf, WT_CONF_CAPTURE_RING_BLOCK_SIZE), 1048576);
	ck_assert(wt_conf_u64(conf, WT_CONF_CAPTURE_RING_RETIRE) == 10 * WT_NS_PER_MS);
	ck_assert_ptr_null(wt_conf_text(conf, WT_CONF_PRIVACY_KEY_FILE));
	ck_assert(!wt_conf_has(conf, WT_CONF_PRIVACY_KEY_FILE));
	ck_assert(!wt_conf_is_given(conf, WT_CONF_ENGINE_WORKERS));
	wt_conf_free(conf);
}
END_TEST

START_TEST(a_good_file_is_taken_whole)
{
	struct wt_conf *conf = loaded(
		"---\n# comment\nmemory: {profile: campus}\nengine:\n  # workers: 9\n"
		"capture:\n  interface: [eth1, \"eth2\"]\n  snaplen: 64K\n  promiscuous: false\n"
		"  ring:\n    retire: 1s\nprivacy:\n  key_file: '/etc/key'\n");

	ck_assert_msg(wt_conf_n_errors(conf) == 0, "%s", wt_conf_error(conf, 0));
	ck_assert_uint_eq(wt_conf_u64(conf, WT_CONF_MEMORY_PROFILE), 2);
	ck_assert_uint_eq(wt_conf_count(conf, WT_CONF_CAPTURE_INTERFACE), 2);
	ck_assert_str_eq(wt_conf_item_text(conf, WT_CONF_CAPTURE_INTERFACE, 1), "eth2");
	ck_assert_uint_eq(wt_conf_u64(conf, WT_CONF_CAPTURE_SNAPLEN), 65536);
	ck_assert(!wt_conf_bool(conf, WT_CONF_CAPTURE_PROMISCUOUS));
	ck_assert(wt_conf_is_given(conf, WT_CONF_CAPTURE_PROMISCUOUS));
	ck_assert(wt_conf_u64(conf, WT_CONF_CAPTURE_RING_RETIRE) == WT_NS_PER_S);
	ck_assert_str_eq(wt_conf_text(conf, WT_CONF_PRIVACY_KEY_FILE), "/etc/key");
	ck_assert_uint_eq(wt_conf_u64(conf, WT_CONF_ENGINE_WORKERS), 1);
	wt_conf_free(conf);
}
END_TEST

static const struct {
	const char *text;
	const char *error;
} wrong[] = {
	{ "engine:\n  worker: 2\n",
	  "f:2:3: found the unknown key engine.worker; expected a key of wardtap.conf(5) "
	  "(did you mean engine.workers?)" },
	{ "workers: 2\n",
	  "f:1:1: found the unknown key workers; expected a key of wardtap.conf(5) "
	  "(did you mean engine.workers?)" },
	{ "captrue:\n  ring: 2\n",
	  "f:1:1: found the unknown key captrue; expected a key of wardtap.conf(5) "
	  "(did you mean capture?)" },
	{ "zebra: {a: [1, {b: c}]}\n",
	  "f:1:1: found the unknown key zebra; expected a key of wardtap.conf(5)" },
	{ "engine.workers: 2\n",
	  "f:1:1: found the key engine.workers with a point; expected one name per level, "
	  "the next level indented below it" },
	{ "engine:\n  workers: 2\n  workers: 3\n",
	  "f:3:3: found the key engine.workers again; expected it once (first on line 2)" },
	{ "engine:\n  workers: 2\nengine:\n  workers: 2\n",
	  "f:3:1: found the key engine again; expected it once (first on line 1)" },
	{ "engine:\n  workers: 65\n",
	  "f:2:12: engine.workers: found 65; expected an integer from 1 to 64" },
	{ "engine:\n  workers: -1\n",
	  "f:2:12: engine.workers: found -1; expected an integer from 1 to 64" },
	{ "engine:\n  workers: 0x2\n",
	  "f:2:12: engine.workers: found 0x2; expected an integer from 1 to 64" },
	{ "engine:\n  workers: 18446744073709551617\n",
	  "f:2:12: engine.workers: found 18446744073709551617; expected an integer from 1 to 64" },
	{ "engine:\n  workers: '2'\n",
	  "f:2:12: engine.workers: found the quoted text 2; expected an integer from 1 to 64, "
	  "without quotes" },
	{ "engine:\n  workers:\n",
	  "f:2:11: engine.workers: found nothing; expected an integer from 1 to 64" },
	{ "engine:\n  workers: [2]\n",
	  "f:2:12: engine.workers: found a list; expected an integer from 1 to 64" },
	{ "engine:\n  workers: {a: 2}\n",
	  "f:2:12: engine.workers: found nested keys; expected an integer from 1 to 64" },
	{ "engine: 2\n",
	  "f:1:9: engine: found a single value; expected nested keys, indented below it" },
	{ "memory: {profile: wrad}\n",
	  "f:1:19: memory.profile: found wrad; expected one of small, ward, campus "
	  "(did you mean ward?)" },
	{ "hint: {enabled: yes}\n",
	  "f:1:17: hint.enabled: found yes; expected true or false" },
	{ "capture: {ring: {block_size: 3X}}\n",
	  "f:1:30: capture.ring.block_size: found 3X; expected a size from 512K to 16M" },
	{ "capture: {ring: {retire: 10}}\n",
	  "f:1:26: capture.ring.retire: found 10; expected a duration (ms, s, m, h or d) "
	  "from 1ms to 1s" },
	{ "capture: {ring: {retire: 2s}}\n",
	  "f:1:26: capture.ring.retire: found 2s; expected a duration (ms, s, m, h or d) "
	  "from 1ms to 1s" },
	{ "capture: {interface: eth0}\n",
	  "f:1:22: capture.interface: found a single value; expected a list ([a, b]), each item "
	  "a text of 1 to 15 bytes" },
	{ "capture: {interface: [a, [b]]}\n",
	  "f:1:26: capture.interface: found a list; expected a text of 1 to 15 bytes" },
	{ "capture: {interface: [a, b, a]}\n",
	  "f:1:29: capture.interface: found the item a twice; write it once" },
	{ "capture:\n  filter: |\n    a\n    b\n",
	  "f:2:11: capture.filter: found a?b?, which is not on one line of printable text; "
	  "expected a text of 1 to 4096 bytes" },
	{ "output: &a {dir: /x}\n",
	  "f:1:9: found an anchor (&name); write each value out where it belongs" },
	{ "output: {dir: *a}\n", "f:1:15: found an alias (*name); write the value out" },
	{ "output: {dir: !!str /x}\n", "f:1:15: found a tag (!name); write the value without it" },
	{ "%YAML 1.1\n---\noutput: {dir: /x}\n",
	  "f:1:1: found a % directive; write the file without any" },
	{ "output: {dir: /x}\n---\nengine: {workers: 2}\n",
	  "f:2:1: found a second document; write one without \"---\" between. The rest is not "
	  "looked at" },
	{ "sinks:\n  a:\n    typ: file\n",
	  "f:3:5: found the unknown key sinks.a.typ; expected a key of wardtap.conf(5) "
	  "(did you mean sinks.a.type?)" },
	{ "sinks:\n  a:\n    enabled: true\n",
	  "f:3:5: found the unknown key sinks.a.enabled; expected a key of wardtap.conf(5)" },
	{ "sinks:\n  a:\n    password: x\n",
	  "f:3:5: found the unknown key sinks.a.password; expected a key of wardtap.conf(5) "
	  "(did you mean sinks.a.password_file?)" },
	{ "sinks:\n  a:\n    batch: {record: 1}\n",
	  "f:3:13: found the unknown key sinks.a.batch.record; expected a key of wardtap.conf(5) "
	  "(did you mean sinks.a.batch.records?)" },
	{ "url: [x]\n",
	  "f:1:1: found the unknown key url; expected a key of wardtap.conf(5) "
	  "(did you mean sinks.NAME.url?)" },
	{ "sink: {a: {type: file}}\n",
	  "f:1:1: found the unknown key sink; expected a key of wardtap.conf(5) "
	  "(did you mean sinks?)" },
	{ "sinks:\n  a: {type: file}\n  b: {type: file}\n  a: {type: hec}\n",
	  "f:4:3: found the key sinks.a again; expected it once (first on line 2)" },
	{ "sinks:\n  a: {type: file, type: hec}\n",
	  "f:2:19: found the key sinks.a.type again; expected it once (first on line 2)" },
	{ "sinks:\n  a:\n    tls: {name: a}\n    tls: {name: b}\n",
	  "f:4:5: found the key sinks.a.tls again; expected it once (first on line 3)" },
	{ "sinks:\n  '*': {type: file}\n",
	  "f:2:3: sinks: found the name *; expected 1 to 32 letters, digits, - and _" },
	{ "sinks:\n  a.b: {type: file}\n",
	  "f:2:3: sinks: found the name a.b; expected 1 to 32 letters, digits, - and _" },
	{ "sinks:\n  a: file\n",
	  "f:2:6: sinks.a: found a single value; expected nested keys, indented below it" },
	{ "sinks: [a]\n", "f:1:8: sinks: found a list; expected nested keys, indented below it" },
	{ "sinks: {a: {type: files}}\n",
	  "f:1:19: sinks.a.type: found files; expected one of syslog, hec, elastic, file "
	  "(did you mean file?)" },
	{ "sinks: {a: {url: x}}\n",
	  "f:1:18: sinks.a.url: found a single value; expected a list ([a, b]), each item "
	  "a text of 8 to 2048 bytes" },
	{ "sinks: {a: {gzip: 'true'}}\n",
	  "f:1:19: sinks.a.gzip: found the quoted text true; expected true or false, "
	  "without quotes" },
	{ "- a\n", "f:1:1: found a list; expected keys of wardtap.conf(5), each as "
	  "\"key: value\"" },
};

START_TEST(each_mistake_is_placed_named_and_answered)
{
	one_error(wrong[_i].text, wrong[_i].error);
}
END_TEST

START_TEST(depth_is_bounded)
{
	struct wt_conf *conf = loaded("a: [[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]\n");

	ck_assert_uint_eq(wt_conf_n_errors(conf), 2);
	ck_assert_str_eq(wt_conf_error(conf, 1), "f:1:19: found more than 16 levels; write fewer. "
			 "The rest is not looked at");
	wt_conf_free(conf);
}
END_TEST

START_TEST(size_is_bounded)
{
	char *text = malloc(WT_CONF_FILE_MAX + 1);
	struct wt_conf *conf = wt_conf_new();

	ck_assert_ptr_nonnull(text);
	memset(text, '#', WT_CONF_FILE_MAX + 1);
	ck_assert(!wt_conf_load_text(conf, "f", wt_slice_of(text, WT_CONF_FILE_MAX + 1)));
	ck_assert_str_eq(wt_conf_error(conf, 0),
			 "f: found more than 1048576 bytes; expected a configuration file");
	wt_conf_free(conf);
	free(text);
}
END_TEST

START_TEST(all_errors_come_in_one_run)
{
	struct wt_conf *conf = loaded("engine:\n  workers: 0\n  x: 1\nmemory:\n  profile: huge\n"
				      "hint:\n  enabled: false\n");

	ck_assert_uint_eq(wt_conf_n_errors(conf), 3);
	ck_assert(strncmp(wt_conf_error(conf, 0), "f:2:12: ", 8) == 0);
	ck_assert(strncmp(wt_conf_error(conf, 1), "f:3:3: ", 7) == 0);
	ck_assert(strncmp(wt_conf_error(conf, 2), "f:5:12: ", 8) == 0);
	ck_assert(!wt_conf_bool(conf, WT_CONF_HINT_ENABLED));
	wt_conf_free(conf);
}
END_TEST

START_TEST(a_flood_of_errors_ends_the_reading)
{
	char text[4000] = "";
	struct wt_conf *conf;
	unsigned i;

	for (i = 0; i < 500; i++)
		strcat(text, "x: 1\n");
	conf = loaded(text);
	ck_assert_uint_eq(wt_conf_n_errors(conf), WT_CONF_ERRORS_MAX + 1);
	ck_assert_ptr_nonnull(strstr(wt_conf_error(conf, WT_CONF_ERRORS_MAX),
				     "more than 100 errors"));
	wt_conf_free(conf);
}
END_TEST

START_TEST(syntax_errors_have_a_place)
{
	static const struct { const char *text; const char *place; } rows[] = {
		{ "engine:\n\tworkers: 2\n", "f:2:1: found what is not YAML: " },
		{ "engine:\n  workers: 2\n memory: x\n", "f:3:2: found what is not YAML: " },
		{ "a: b\nmemory:\n  profile: \"\xff\"\n", "f:3:13: found what is not YAML: " },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wt_conf *conf = loaded(rows[i].text);
		const char *last;

		ck_assert_uint_ge(wt_conf_n_errors(conf), 1);
		last = wt_conf_error(conf, wt_conf_n_errors(conf) - 1);
		ck_assert_msg(strncmp(last, rows[i].place, strlen(rows[i].place)) == 0, "%s", last);
		wt_conf_free(conf);
	}
}
END_TEST

START_TEST(set_wins_over_the_file_and_uses_the_same_table)
{
	struct wt_conf *conf = loaded("engine: {workers: 2}\ncapture: {interface: [a]}\n");

	ck_assert(wt_conf_set(conf, "engine.workers=4"));
	ck_assert(wt_conf_set(conf, "capture.interface=b,c"));
	ck_assert(wt_conf_set(conf, "capture.filter=port 1 or port = 2"));
	ck_assert_uint_eq(wt_conf_u64(conf, WT_CONF_ENGINE_WORKERS), 4);
	ck_assert_uint_eq(wt_conf_count(conf, WT_CONF_CAPTURE_INTERFACE), 2);
	ck_assert_str_eq(wt_conf_item_text(conf, WT_CONF_CAPTURE_INTERFACE, 0), "b");
	ck_assert_str_eq(wt_conf_text(conf, WT_CONF_CAPTURE_FILTER), "port 1 or port = 2");
	ck_assert(!wt_conf_set(conf, "engine.workers=5"));
	ck_assert_str_eq(wt_conf_error(conf, 0),
			 "command line: found --set engine.workers twice; write it once");
	wt_conf_free(conf);
}
END_TEST

START_TEST(set_mistakes_name_the_command_line)
{
	static const struct { const char *text; const char *error; } rows[] = {
		{ "engine.workers=99",
		  "command line: engine.workers: found 99; expected an integer from 1 to 64" },
		{ "engine.worker=9", "command line: found the unknown key engine.worker; expected "
		  "a key of wardtap.conf(5) (did you mean engine.workers?)" },
		{ "engine.workers", "command line: found --set engine.workers; expected key=value" },
		{ "sinks.a.typ=file", "command line: found the unknown key sinks.a.typ; expected a "
		  "key of wardtap.conf(5) (did you mean sinks.a.type?)" },
		{ "sinks.*.type=file", "command line: sinks: found the name *; expected 1 to 32 "
		  "letters, digits, - and _" },
		{ "sinks.a=file", "command line: found the unknown key sinks.a; expected a key of "
		  "wardtap.conf(5) (did you mean sinks?)" },
		{ "sinks.a.batch.records=0", "command line: sinks.a.batch.records: found 0; "
		  "expected an integer from 1 to 10000" },
		{ "capture.interface=a,", "command line: capture.interface: found nothing; "
		  "expected a text of 1 to 15 bytes" },
		{ "capture.interface=,a", "command line: capture.interface: found nothing; "
		  "expected a text of 1 to 15 bytes" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wt_conf *conf = wt_conf_new();

		ck_assert(!wt_conf_set(conf, rows[i].text));
		ck_assert_str_eq(wt_conf_error(conf, 0), rows[i].error);
		wt_conf_free(conf);
	}
}
END_TEST

START_TEST(a_set_list_may_be_emptied)
{
	struct wt_conf *conf = loaded("output: {events: [hl7]}\n");

	ck_assert(wt_conf_set(conf, "output.events="));
	ck_assert_uint_eq(wt_conf_count(conf, WT_CONF_OUTPUT_EVENTS), 0);
	wt_conf_free(conf);
}
END_TEST

START_TEST(blame_points_at_the_item)
{
	struct wt_conf *conf = loaded("output:\n  events:\n    - hl7\n    - hl8\n");

	wt_conf_blame(conf, WT_CONF_OUTPUT_EVENTS, 1, "found %s; expected hl7", "hl8");
	ck_assert_str_eq(wt_conf_error(conf, 0),
			 "f:4:7: output.events: found hl8; expected hl7");
	wt_conf_free(conf);
}
END_TEST

START_TEST(sections_have_values_of_their_own)
{
	struct wt_conf *conf = loaded("sinks:\n  siem1:\n    type: syslog\n    batch: {records: 7}\n"
				      "  Two_2-b:\n    type: file\n    path: /x\n  empty:\n"
				      "engine: {workers: 2}\n");
	const struct wt_conf *one = wt_conf_section(conf, 0), *two = wt_conf_section(conf, 1);
	char key[WT_CONF_KEY_MAX];

	ck_assert_msg(wt_conf_n_errors(conf) == 0, "%s", wt_conf_error(conf, 0));
	ck_assert_uint_eq(wt_conf_n_sections(conf), 3);
	ck_assert_str_eq(wt_conf_section_name(conf, 0), "siem1");
	ck_assert_str_eq(wt_conf_section_name(conf, 1), "Two_2-b");
	ck_assert_str_eq(wt_conf_section_name(conf, 3), "");
	ck_assert_ptr_null(wt_conf_section(conf, 3));
	ck_assert_str_eq(wt_conf_text(one, WT_CONF_SINK_TYPE), "syslog");
	ck_assert_str_eq(wt_conf_text(two, WT_CONF_SINK_TYPE), "file");
	ck_assert_uint_eq(wt_conf_u64(one, WT_CONF_SINK_BATCH_RECORDS), 7);
	ck_assert_uint_eq(wt_conf_u64(two, WT_CONF_SINK_BATCH_RECORDS), 500);
	ck_assert(!wt_conf_is_given(two, WT_CONF_SINK_BATCH_RECORDS));
	ck_assert(!wt_conf_has(wt_conf_section(conf, 2), WT_CONF_SINK_TYPE));
	ck_assert_uint_eq(wt_conf_u64(conf, WT_CONF_ENGINE_WORKERS), 2);
	ck_assert_str_eq(wt_conf_key(one, WT_CONF_SINK_TLS_NAME, key), "sinks.siem1.tls.name");
	ck_assert_str_eq(wt_conf_key(conf, WT_CONF_SINK_TLS_NAME, key), "sinks.NAME.tls.name");
	wt_conf_free(conf);
}
END_TEST

START_TEST(set_reaches_into_sections_and_makes_them)
{
	struct wt_conf *conf = loaded("sinks: {a: {type: file, path: /x}}\n");

	ck_assert(wt_conf_set(conf, "sinks.a.path=/y"));
	ck_assert(wt_conf_set(conf, "sinks.b.type=hec"));
	ck_assert(wt_conf_set(conf, "sinks.b.url=https://h:1,https://i:1"));
	ck_assert_uint_eq(wt_conf_n_sections(conf), 2);
	ck_assert_str_eq(wt_conf_text(wt_conf_section(conf, 0), WT_CONF_SINK_PATH), "/y");
	ck_assert_uint_eq(wt_conf_count(wt_conf_section(conf, 1), WT_CONF_SINK_URL), 2);
	ck_assert(!wt_conf_set(conf, "sinks.b.type=file"));
	ck_assert_str_eq(wt_conf_error(conf, 0),
			 "command line: found --set sinks.b.type twice; write it once");
	wt_conf_free(conf);
}
END_TEST

START_TEST(blame_of_a_section_names_it)
{
	struct wt_conf *conf = loaded("sinks:\n  a:\n    url: [https://x, https://y]\n");
	struct wt_conf *a = wt_conf_section(conf, 0);

	wt_conf_blame(a, WT_CONF_SINK_URL, 1, "found y; write x");
	wt_conf_blame(a, WT_CONF_SINK_TYPE, 0, "found none");
	ck_assert_uint_eq(wt_conf_n_errors(conf), 2);
	ck_assert_str_eq(wt_conf_error(conf, 0), "f:3:22: sinks.a.url: found y; write x");
	ck_assert_str_eq(wt_conf_error(conf, 1), "f:2:3: sinks.a.type: found none");
	wt_conf_free(conf);
}
END_TEST

START_TEST(sections_are_bounded)
{
	char text[1024] = "sinks:\n";
	struct wt_conf *conf;
	unsigned i;

	for (i = 0; i <= WT_CONF_SECTIONS_MAX; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "  s%u: {type: file}\n", i);
	conf = loaded(text);
	ck_assert_uint_eq(wt_conf_n_errors(conf), 1);
	ck_assert_str_eq(wt_conf_error(conf, 0),
			 "f:18:3: sinks: found more than 16 of them; write fewer");
	ck_assert_uint_eq(wt_conf_n_sections(conf), WT_CONF_SECTIONS_MAX);
	wt_conf_free(conf);
}
END_TEST

START_TEST(a_missing_file_is_an_error)
{
	struct wt_conf *conf = wt_conf_new();

	ck_assert(!wt_conf_load_file(conf, "/nonexistent/x.conf"));
	ck_assert_str_eq(wt_conf_error(conf, 0),
			 "/nonexistent/x.conf: cannot be read: No such file or directory");
	wt_conf_free(conf);
}
END_TEST

/* The entry of one row in the manual page. */
static void man_entry(const struct wt_conf_row *row, char *text, size_t size)
{
	char expected[256], key[WT_CONF_KEY_MAX], *end;

	wt_conf_expected(row, expected, sizeof(expected));
	wt_conf_key(NULL, (enum wt_conf_id)(row - wt_conf_rows), key);
	snprintf(text, size, ".It Ic %s\n%s%s.\n%s%s%s\n%s\n", key,
		 row->is_list ? "A list, each item " : "Takes ", expected,
		 *row->preset ? "Default: " : "Not set by default.",
		 row->preset, *row->preset ? "." : "", row->doc);
	/* mdoc(7): a new sentence begins a new line. */
	for (end = text; (end = strstr(end, ". ")) != NULL; end++)
		end[1] = '\n';
}

START_TEST(the_manual_page_says_what_the_table_says)
{
	static char page[262144];
	FILE *file = fopen("man/wardtap.conf.5", "r");
	unsigned n_items = 0;
	const char *at;

	ck_assert_msg(file != NULL, "run from the top of the source tree: no "
		      "man/wardtap.conf.5 here");
	page[fread(page, 1, sizeof(page) - 1, file)] = 0;
	fclose(file);
	for (unsigned i = 0; i < WT_N_CONF; i++) {
		char entry[1024];

		man_entry(&wt_conf_rows[i], entry, sizeof(entry));
		ck_assert_msg(strstr(page, entry) != NULL, "man/wardtap.conf.5 lacks or differs "
			      "from (check_conf --man prints all):\n%s", entry);
	}
	for (at = page; (at = strstr(at, "\n.It Ic ")) != NULL; at++)
		n_items++;
	ck_assert_msg(n_items == WT_N_CONF, "the page has %u options, the table %u", n_items,
		      (unsigned)WT_N_CONF);
}
END_TEST

START_TEST(every_row_is_complete)
{
	const struct wt_conf_row *row = &wt_conf_rows[_i];
	const bool is_text = row->type == WT_CONF_TYPE_STR || row->type == WT_CONF_TYPE_PATH;

	ck_assert_msg(strchr(row->key, '.') != NULL, "%s", row->key);
	ck_assert_msg(row->doc[0] && row->doc[strlen(row->doc) - 1] == '.', "%s", row->key);
	ck_assert_msg((row->type == WT_CONF_TYPE_ENUM) == (row->choices[0] != 0), "%s", row->key);
	ck_assert_msg(row->min <= row->max, "%s", row->key);
	/* A sink is of no type until the operator says of which. */
	ck_assert_msg(row->is_list || is_text || row->preset[0] || _i == WT_CONF_SINK_TYPE,
		      "%s needs a default", row->key);
	ck_assert_msg(!is_text || (row->min > 0 && row->max < WT_CONF_TEXT_MAX + 1), "%s",
		      row->key);
	ck_assert_msg(strcmp(row->effect, "start") == 0, "%s", row->key);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("conf");
	TCase *c = tcase_create("configuration");
	SRunner *runner;
	int n_failed;

	if (argc > 1 && strcmp(argv[1], "--man") == 0) {
		for (unsigned i = 0; i < WT_N_CONF; i++) {
			char entry[1024];

			man_entry(&wt_conf_rows[i], entry, sizeof(entry));
			fputs(entry, stdout);
		}
		return EXIT_SUCCESS;
	}
	tcase_add_test(c, presets_are_typed_and_not_given);
	tcase_add_test(c, a_good_file_is_taken_whole);
	tcase_add_loop_test(c, each_mistake_is_placed_named_and_answered, 0,
			    (int)(sizeof(wrong) / sizeof(wrong[0])));
	tcase_add_test(c, depth_is_bounded);
	tcase_add_test(c, size_is_bounded);
	tcase_add_test(c, all_errors_come_in_one_run);
	tcase_add_test(c, a_flood_of_errors_ends_the_reading);
	tcase_add_test(c, syntax_errors_have_a_place);
	tcase_add_test(c, set_wins_over_the_file_and_uses_the_same_table);
	tcase_add_test(c, set_mistakes_name_the_command_line);
	tcase_add_test(c, a_set_list_may_be_emptied);
	tcase_add_test(c, blame_points_at_the_item);
	tcase_add_test(c, sections_have_values_of_their_own);
	tcase_add_test(c, set_reaches_into_sections_and_makes_them);
	tcase_add_test(c, blame_of_a_section_names_it);
	tcase_add_test(c, sections_are_bounded);
	tcase_add_test(c, a_missing_file_is_an_error);
	tcase_add_test(c, the_manual_page_says_what_the_table_says);
	tcase_add_loop_test(c, every_row_is_complete, 0, WT_N_CONF);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
