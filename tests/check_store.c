/* Promises of observe/store.h: what is stored comes back, however the sensor ended;
 * damage is set aside; older databases are brought up to date; the keeper never waits.
 * Inventories are made here by the same calls that put a database back. */
#define _GNU_SOURCE
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "observe/store_inner.h"

#define START_NS UINT64_C(1790000000000000000)

static char dir[64], path[96];
static struct wt_counters counters;
static char said[8192];
static FILE *errors;

static void make_dir(void)
{
	strcpy(dir, "/tmp/wardtap-store-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/%s", dir, WT_STORE_NAME);
	memset(said, 0, sizeof(said));
	errors = fmemopen(said, sizeof(said), "w");
	setvbuf(errors, NULL, _IONBF, 0);
}

static void remove_dir(void)
{
	char name[512];
	DIR *d = opendir(dir);
	struct dirent *e;

	fclose(errors);
	while (d && (e = readdir(d)) != NULL) {
		snprintf(name, sizeof(name), "%s/%s", dir, e->d_name);
		(void)unlink(name);
	}
	if (d)
		closedir(d);
	(void)rmdir(dir);
}

static struct wt_limits limits(void)
{
	struct wt_limits l = wt_limits_of(WT_PROFILE_SMALL);

	l.device_peers = 20000;
	return l;
}

static struct wt_inventory *new_inventory(void)
{
	struct wt_inventory_options o = { .limits = limits(),
					  .seed = 1,
					  .counters = &counters };

	return wt_inventory_new(&o);
}

static struct wt_store *open_store(enum wt_store_mode mode)
{
	struct wt_store_options o = {
		.folder = dir,
		.mode = mode,
		.profile = "small",
		.errors = errors,
		.nodes_max = wt_inventory_nodes_max(limits().devices),
		.interval_ms = 1,
	};

	return wt_store_open(&o);
}

static void put_fact(struct wt_inventory *inv, uint32_t node, enum wt_attribute attribute,
		     const char *value, size_t len, uint64_t at_ns)
{
	struct wt_fact_view f = {
		.attribute = attribute,
		.value = wt_slice_of(value, len),
		.confidence = 80,
		.evidence = { .first_ns = at_ns,
			      .last_ns = at_ns + 5,
			      .number = 7,
			      .count = 3,
			      .capture = "a folder/b.pcap" },
		.n_sources = 1,
		.source[0] = { .confidence = 80, .name = "device.model" },
	};

	ck_assert(wt_inventory_restore_fact(inv, node, &f));
}

/* Device number `id` with a MAC and an address, three values, a conversation. */
static uint32_t put_device(struct wt_inventory *inv, uint32_t id)
{
	struct wt_node_view v = {
		.kind = WT_NODE_LINK,
		.device = { .id = id, .first_ns = START_NS, .last_ns = START_NS + id },
	};
	uint8_t mac[6] = { 0, 9, 0xfb, (uint8_t)(id >> 16), (uint8_t)(id >> 8), (uint8_t)id };
	uint8_t ip[4] = { 10, (uint8_t)(id >> 16), (uint8_t)(id >> 8), (uint8_t)id };
	struct wt_identity_view key = { .kind = WT_KEY_MAC,
					.strength = 2,
					.key = wt_slice_of(mac, 6),
					.first_ns = START_NS,
					.last_ns = START_NS };
	struct wt_peer_view peer = {
		.ip_version = 4,
		.addr = { { 10, 1, 2, 3 } },
		.proto = 6,
		.port = 2575,
		.is_client = true,
		.is_answered = true,
		.n_flows = 5,
		.n_messages = 6,
		.bytes_out = UINT64_C(1) << 40,
		.bytes_in = 17,
		.first_ns = START_NS,
		.last_ns = START_NS + 9 * WT_NS_PER_S,
	};
	uint32_t node = wt_inventory_restore_node(inv, &v);
	char text[64];

	ck_assert_uint_ne(node, 0);
	ck_assert(wt_inventory_restore_identity(inv, node, &key));
	key.kind = WT_KEY_IPV4;
	key.key = wt_slice_of(ip, 4);
	ck_assert(wt_inventory_restore_identity(inv, node, &key));
	snprintf(text, sizeof(text), "Pump %u", id);
	put_fact(inv, node, WT_A_MODEL, text, strlen(text), START_NS);
	put_fact(inv, node, WT_A_MODEL, "other", 5, START_NS);
	put_fact(inv, node, WT_A_HOST_NAME, "h\0\xff\x1b[2J\xc3\xa4", 9, START_NS);
	ck_assert(wt_inventory_restore_peer(inv, node, &peer));
	return node;
}

static char *json_text;
static size_t json_len;

static void take_piece(void *self, struct wt_slice piece)
{
	fwrite(piece.ptr, 1, piece.len, self);
}

/* Owned by the caller. */
static char *json_of(struct wt_inventory *inv)
{
	FILE *out = open_memstream(&json_text, &json_len);

	wt_inventory_json(inv, NULL, take_piece, out);
	fclose(out);
	return json_text;
}

static unsigned load_count(void)
{
	struct wt_inventory *inv = new_inventory();
	struct wt_store *s = open_store(WT_STORE_READ);
	unsigned n;

	ck_assert_msg(s != NULL, "%s", said);
	ck_assert_msg(wt_store_load(s, inv), "%s", said);
	ck_assert(wt_store_close(s, NULL));
	n = wt_inventory_count(inv);
	wt_inventory_free(inv);
	return n;
}

START_TEST(what_was_stored_comes_back)
{
	struct wt_inventory *a = new_inventory(), *b = new_inventory();
	struct wt_store *s = open_store((enum wt_store_mode)_i);
	uint32_t first, i;
	struct wt_via_view via = { .is_speaker = true,
				   .evidence = { .first_ns = START_NS,
						 .last_ns = START_NS,
						 .number = 1,
						 .count = 2,
						 .capture = "x" } };
	char *before, *after;

	ck_assert_ptr_nonnull(s);
	for (i = 1; i <= 300; i++)
		first = put_device(a, i * 3);
	via.node = first;
	ck_assert(wt_inventory_restore_via(a, wt_inventory_next(a, 0), &via));
	ck_assert(wt_inventory_restore_part(a, wt_inventory_next(a, wt_inventory_next(a, 0)),
					    first));
	wt_inventory_mark_changed(a);
	ck_assert(wt_store_close(s, a));
	before = json_of(a);
	s = open_store(WT_STORE_READ);
	ck_assert_ptr_nonnull(s);
	ck_assert_str_eq(wt_store_profile(s), "small");
	ck_assert(wt_store_load(s, b));
	ck_assert(wt_store_close(s, NULL));
	after = json_of(b);
	ck_assert_uint_eq(wt_inventory_count(b), 299);
	ck_assert_uint_gt(strlen(before), 100000);
	ck_assert_str_eq(before, after);
	ck_assert_str_eq(said, "");
	free(before);
	free(after);
	wt_inventory_free(a);
	wt_inventory_free(b);
}
END_TEST

/* Writes devices for ever; says after each that its batch was written. */
static void write_until_killed(int told)
{
	struct wt_inventory *inv = new_inventory();
	struct wt_store *s = open_store(WT_STORE_STATE);
	uint32_t n;

	if (!s || !wt_store_load(s, inv))
		_exit(1);
	for (n = wt_inventory_count(inv) + 1; n < 1500; n++) {
		uint64_t before = wt_store_counts(s).n_batches;

		(void)put_device(inv, n);
		wt_inventory_mark_changed(inv);
		while (wt_store_counts(s).n_batches == before)
			wt_store_tick(s, inv);
		if (write(told, &n, sizeof(n)) != sizeof(n))
			_exit(1);
	}
	_exit(0);
}

START_TEST(a_killed_sensor_loses_nothing_that_was_written)
{
	uint32_t n = 0, last = 0;
	unsigned round;

	/* a busy machine needs more rounds until enough was written */
	for (round = 0; round < 12 || (last <= 12 && round < 60); round++) {
		struct timespec nap = { 0, (long)(20 + round * 7) * 1000000 };
		int told[2], status;
		pid_t child;

		ck_assert_int_eq(pipe(told), 0);
		child = fork();
		if (child == 0)
			write_until_killed(told[1]);
		close(told[1]);
		nanosleep(&nap, NULL);
		kill(child, SIGKILL);
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		while (read(told[0], &n, sizeof(n)) == sizeof(n))
			last = n;
		close(told[0]);
		if (last)
			ck_assert_uint_ge(load_count(), last);
		ck_assert_str_eq(said, "");
	}
	ck_assert_uint_gt(last, 12);
}
END_TEST

static void write_devices(uint32_t n)
{
	struct wt_inventory *inv = new_inventory();
	struct wt_store *s = open_store(WT_STORE_STATE);
	uint32_t i;

	ck_assert_ptr_nonnull(s);
	for (i = 1; i <= n; i++)
		(void)put_device(inv, i);
	wt_inventory_mark_changed(inv);
	ck_assert(wt_store_close(s, inv));
	wt_inventory_free(inv);
}

static void overwrite(off_t at, size_t len)
{
	uint8_t junk[4096];
	int fd = open(path, O_RDWR);

	ck_assert_int_ge(fd, 0);
	memset(junk, 0xa5, sizeof(junk));
	for (; len; len -= len < sizeof(junk) ? len : sizeof(junk)) {
		size_t part = len < sizeof(junk) ? len : sizeof(junk);

		ck_assert_int_eq(pwrite(fd, junk, part, at), (ssize_t)part);
		at += (off_t)part;
	}
	close(fd);
}

static off_t size_of(const char *file)
{
	struct stat st;

	return stat(file, &st) == 0 ? st.st_size : -1;
}

START_TEST(a_damaged_database_is_set_aside_and_begun_anew)
{
	struct wt_inventory *inv = new_inventory();
	struct wt_store *s;
	char aside[128];

	write_devices(400);
	switch (_i) {
	case 0:
		overwrite(0, 100);
		break; /* the header */
	case 1:
		overwrite(4096, 65536);
		break; /* pages */
	case 2:
		ck_assert_int_eq(truncate(path, size_of(path) / 2), 0);
		break;
	case 3:
		ck_assert_int_eq(truncate(path, 10), 0);
		break;
	default:
		overwrite(0, (size_t)size_of(path));
		break;
	}
	s = open_store(WT_STORE_STATE);
	ck_assert_ptr_nonnull(s);
	(void)wt_store_load(s, inv);
	ck_assert_uint_eq(wt_store_counts(s).n_rebuilt, 1);
	ck_assert_ptr_nonnull(strstr(said, "is damaged; it was set aside as"));
	snprintf(aside, sizeof(aside), "%s.damaged-1", path);
	ck_assert_int_gt(size_of(aside), 0);
	(void)put_device(inv, 9999);
	wt_inventory_mark_changed(inv);
	ck_assert(wt_store_close(s, inv));
	ck_assert_uint_ge(load_count(), 1);
	wt_inventory_free(inv);
}
END_TEST

START_TEST(readers_leave_a_damaged_database_alone)
{
	write_devices(100);
	overwrite(4096, 65536);
	ck_assert_ptr_null(open_store(WT_STORE_READ));
	ck_assert_ptr_nonnull(strstr(said, ": damaged"));
	ck_assert_int_gt(size_of(path), 0);
}
END_TEST

START_TEST(damage_while_running_is_repaired_from_memory)
{
	struct wt_inventory *inv = new_inventory();
	struct wt_store *s = open_store(WT_STORE_STATE);
	char wal[128];
	uint32_t i;
	int fd;

	ck_assert_ptr_nonnull(s);
	for (i = 1; i <= 200; i++)
		(void)put_device(inv, i);
	wt_inventory_mark_changed(inv);
	while (wt_store_counts(s).n_batches < 1)
		wt_store_tick(s, inv);
	/* Database and log gone to pieces behind its back. */
	snprintf(wal, sizeof(wal), "%s-wal", path);
	fd = open(wal, O_RDWR);
	ck_assert_int_ge(fd, 0);
	for (i = 32; i < 4000000; i += 8)
		if (pwrite(fd, "garbage!", 8, i) != 8)
			break;
	close(fd);
	if (size_of(path) > 4096)
		overwrite(0, (size_t)size_of(path));
	for (i = 201; i <= 1200; i++)
		(void)put_device(inv, i);
	wt_inventory_mark_changed(inv);
	ck_assert(wt_store_close(s, inv));
	ck_assert_uint_eq(load_count(), 1200);
	wt_inventory_free(inv);
}
END_TEST

static void run_sql(sqlite3 *db, const char *sql)
{
	char *why = NULL;

	ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &why) == SQLITE_OK, "%s", why);
}

START_TEST(older_databases_are_brought_up_to_date)
{
	struct wt_inventory *inv = new_inventory();
	struct wt_store *s;
	sqlite3 *db;
	uint32_t node;
	unsigned version;
	char pragma[96];

	/* A database of each older version, with a device in it. */
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	for (version = 1; version <= (unsigned)_i; version++)
		run_sql(db, wt_store_migration(version));
	snprintf(pragma, sizeof(pragma),
		 "PRAGMA application_id = %d; PRAGMA user_version = %d; PRAGMA journal_mode = "
		 "WAL",
		 0x77746170, _i);
	run_sql(db, pragma);
	run_sql(db,
		"INSERT INTO meta VALUES('profile', 'small');"
		"INSERT INTO node(id, kind, space, part_of, first_ns, last_ns, is_answered,"
		" is_stated) VALUES(42, 0, 0, 0, 1000, 2000, 1, 0);"
		"INSERT INTO identity VALUES(42, 0, 0, x'0009fb010203', 2, 1000, 2000);"
		"INSERT INTO fact VALUES(42, 'model', x'416c61726973', 0, 80, 1000, 2000, 7, 1,"
		" 'c.pcap', '80 device.model');");
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
	if ((unsigned)_i < WT_STORE_SCHEMA) {
		ck_assert_ptr_null(open_store(WT_STORE_READ));
		ck_assert_ptr_nonnull(strstr(said, "of an older version"));
	}
	s = open_store(WT_STORE_STATE);
	ck_assert_msg(s != NULL, "%s", said);
	ck_assert(wt_store_load(s, inv));
	ck_assert(wt_store_close(s, inv));
	node = wt_inventory_next(inv, 0);
	ck_assert_uint_ne(node, 0);
	ck_assert(wt_slice_equal(wt_inventory_best(inv, node, WT_A_MODEL), WT_LIT("Alaris")));
	ck_assert_uint_eq(load_count(), 1);
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	run_sql(db, "SELECT count(*) FROM facts, via, conflict, link");
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
	wt_inventory_free(inv);
}
END_TEST

START_TEST(newer_and_foreign_databases_are_refused_untouched)
{
	sqlite3 *db;
	off_t before;

	write_devices(3);
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	run_sql(db, _i ? "PRAGMA user_version = 99" : "PRAGMA application_id = 1");
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
	before = size_of(path);
	ck_assert_ptr_null(open_store(WT_STORE_STATE));
	ck_assert_ptr_nonnull(strstr(said, _i ? "found schema version 99; this program knows"
					      : "a database of another program"));
	ck_assert_int_eq(size_of(path), before);
}
END_TEST

START_TEST(one_writes_and_others_read)
{
	struct wt_inventory *inv = new_inventory();
	struct wt_store *s = open_store(WT_STORE_STATE);

	ck_assert_ptr_nonnull(s);
	ck_assert_ptr_null(open_store(WT_STORE_STATE));
	ck_assert_ptr_nonnull(strstr(said, "another wardtap keeps its inventory here"));
	(void)put_device(inv, 1);
	wt_inventory_mark_changed(inv);
	while (wt_store_counts(s).n_batches < 1)
		wt_store_tick(s, inv);
	ck_assert_uint_eq(load_count(), 1);
	ck_assert(wt_store_close(s, inv));
	wt_inventory_free(inv);
}
END_TEST

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * WT_NS_PER_S + (uint64_t)t.tv_nsec;
}

/* Time for which this thread could have run but had no processor. */
static uint64_t queued_ns(void)
{
	FILE *file = fopen("/proc/thread-self/schedstat", "r");
	unsigned long long ran, queued = 0;

	if (file && fscanf(file, "%llu %llu", &ran, &queued) != 2)
		queued = 0;
	if (file)
		fclose(file);
	return queued;
}

START_TEST(the_keeper_never_waits_for_the_disk)
{
	struct wt_inventory *inv = new_inventory();
	struct wt_store *s = open_store(WT_STORE_STATE);
	uint64_t until, longest = 0;
	sqlite3 *db;
	uint32_t i = 0;

	ck_assert_ptr_nonnull(s);
	/* Somebody else holds the database for a second. */
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	run_sql(db, "BEGIN IMMEDIATE");
	until = now_ns() + WT_NS_PER_S;
	while (now_ns() < until) {
		uint64_t queued = queued_ns(), start = now_ns(), took;

		if (i < 1800)
			(void)put_device(inv, ++i);
		wt_inventory_mark_changed(inv);
		wt_store_tick(s, inv);
		took = now_ns() - start;
		queued = queued_ns() - queued;
		took -= queued < took ? queued : took;
		longest = took > longest ? took : longest;
	}
	ck_assert_uint_eq(wt_store_counts(s).n_batches, 0);
	run_sql(db, "COMMIT");
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
	ck_assert(wt_store_close(s, inv));
	ck_assert_uint_eq(load_count(), i);
	if (getenv("V"))
		fprintf(stderr, "longest turn of the keeper: %llu us\n",
			(unsigned long long)(longest / 1000));
	/* Far below the second that it would be; a busy machine's share is not in it. */
	ck_assert_msg(longest < 500 * WT_NS_PER_MS, "%llu ns", (unsigned long long)longest);
	wt_inventory_free(inv);
}
END_TEST

START_TEST(a_full_disk_loses_nothing)
{
	struct wt_inventory *inv = new_inventory();
	struct wt_store *s = open_store(WT_STORE_STATE);
	struct rlimit small = { 65536, RLIM_INFINITY }, all = { RLIM_INFINITY, RLIM_INFINITY };
	uint32_t i;

	ck_assert_ptr_nonnull(s);
	signal(SIGXFSZ, SIG_IGN);
	for (i = 1; i <= 800; i++)
		(void)put_device(inv, i);
	wt_inventory_mark_changed(inv);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	while (wt_store_counts(s).n_failures < 1)
		wt_store_tick(s, inv);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &all), 0);
	ck_assert(wt_store_close(s, inv));
	ck_assert_ptr_nonnull(strstr(said, "; trying again"));
	ck_assert_uint_eq(load_count(), 800);
	wt_inventory_free(inv);
}
END_TEST

START_TEST(a_hostile_database_is_no_more_than_left_out)
{
	static const char *const lies[] = {
		"UPDATE OR REPLACE fact SET value = zeroblob(100000)",
		"UPDATE fact SET confidence = -5, count = -1, first_ns = -1",
		"UPDATE OR REPLACE fact SET attribute = 'no such attribute'",
		"UPDATE fact SET sources = 'x' || char(10) || '999999999999999999999 y', "
		"number = -1",
		"UPDATE OR REPLACE identity SET key = x'00', kind = 200",
		"UPDATE OR REPLACE identity SET key = zeroblob(6)",
		"UPDATE node SET part_of = id",
		"UPDATE node SET part_of = 1, kind = 77",
		"UPDATE node SET part_of = id % 5 + 1",
		"UPDATE OR REPLACE peer SET addr = x'0102'",
		"UPDATE OR REPLACE peer SET proto = 1000, port = -1",
		"UPDATE OR REPLACE peer SET last_ns = -1, n_flows = 99999999999999",
		"INSERT INTO via VALUES(1, 1, 0, 0, 0, 0, ''), (1, 999, 0, 0, 0, 0, '')",
		"INSERT INTO node SELECT value, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0 FROM"
		" (WITH RECURSIVE c(value) AS (SELECT 1000 UNION ALL SELECT value + 1 FROM c"
		" LIMIT 20000) SELECT value FROM c)",
		"DROP TABLE identity",
		"DROP TABLE fact; CREATE VIEW fact AS SELECT 1 AS node",
		"UPDATE meta SET value = 'campus; DROP TABLE x'",
	};
	struct wt_inventory *inv = new_inventory();
	struct wt_store *s;
	sqlite3 *db;

	write_devices(20);
	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
	ck_assert_msg(sqlite3_exec(db, lies[_i], NULL, NULL, NULL) == SQLITE_OK, "%s: %s",
		      lies[_i], sqlite3_errmsg(db));
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
	s = open_store(WT_STORE_READ);
	if (s) {
		(void)wt_store_load(s, inv);
		(void)wt_store_close(s, NULL);
	}
	free(json_of(inv));
	wt_inventory_free(inv);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("store");
	TCase *c = tcase_create("store");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout(c, 60);
	tcase_add_checked_fixture(c, make_dir, remove_dir);
	tcase_add_loop_test(c, what_was_stored_comes_back, WT_STORE_STATE, WT_STORE_RESULT + 1);
	tcase_add_test(c, a_killed_sensor_loses_nothing_that_was_written);
	tcase_add_loop_test(c, a_damaged_database_is_set_aside_and_begun_anew, 0, 5);
	tcase_add_test(c, readers_leave_a_damaged_database_alone);
	tcase_add_test(c, damage_while_running_is_repaired_from_memory);
	tcase_add_loop_test(c, older_databases_are_brought_up_to_date, 1, WT_STORE_SCHEMA + 1);
	tcase_add_loop_test(c, newer_and_foreign_databases_are_refused_untouched, 0, 2);
	tcase_add_test(c, one_writes_and_others_read);
	tcase_add_test(c, the_keeper_never_waits_for_the_disk);
	tcase_add_test(c, a_full_disk_loses_nothing);
	tcase_add_loop_test(c, a_hostile_database_is_no_more_than_left_out, 0, 17);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
