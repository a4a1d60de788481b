/* Promises of app/: what `wardtap check` refuses beyond the table, the key file's
 * rules, the memory table, and that privileges are gone for good. */
#define _GNU_SOURCE
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/app.h"
#include "app/keyfile.h"
#include "app/memory.h"
#include "app/privileges.h"
#include "app/settings.h"
#include "base/secret.h"

static char dir[] = "/tmp/wardtap-settings-XXXXXX";
static char path[128];

static void write_file(const char *text, size_t len, mode_t mode)
{
	int fd;

	snprintf(path, sizeof(path), "%s/file", dir);
	(void)unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, len), (ssize_t)len);
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
}

static void make_dir(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void remove_dir(void)
{
	(void)unlink(path);
	(void)rmdir(dir);
}

/* What the errors of these settings read like; "" when there are none. */
static const char *errors_of(const char *file, bool is_live, const char *a, const char *b)
{
	static char text[4096];
	struct wt_settings settings = { .path = file, .is_live = is_live };
	FILE *out = fmemopen(text, sizeof(text), "w");
	struct wt_conf *conf;

	text[0] = 0;
	ck_assert_ptr_nonnull(out);
	ck_assert(!a || wt_settings_add(&settings, a));
	ck_assert(!b || wt_settings_add(&settings, b));
	conf = wt_settings_load(&settings, out);
	fclose(out);
	ck_assert((conf == NULL) == (text[0] != 0));
	wt_conf_free(conf);
	return text;
}

static const char *errors_of_secrets(const char *file)
{
	static char text[4096];
	struct wt_settings settings = { .path = file, .reads_secrets = true };
	FILE *out = fmemopen(text, sizeof(text), "w");

	text[0] = 0;
	ck_assert_ptr_nonnull(out);
	wt_conf_free(wt_settings_load(&settings, out));
	fclose(out);
	return text;
}

static const char *key_error(const char *text, size_t len, mode_t mode)
{
	static char error[256];
	uint8_t key[WT_KEY_MAX];
	size_t got = 0;

	write_file(text, len, mode);
	error[0] = 0;
	if (wt_key_read(path, key, &got, error, sizeof(error))) {
		ck_assert_uint_eq(got, len);
		ck_assert(memcmp(key, text, len) == 0);
	} else {
		ck_assert(error[0] != 0);
	}
	return error;
}

START_TEST(key_file_must_be_private_and_long_enough)
{
	static char long_key[WT_KEY_MAX + 1];

	memset(long_key, 'k', sizeof(long_key));
	ck_assert_str_eq(key_error(long_key, 16, 0400), "");
	ck_assert_str_eq(key_error(long_key, WT_KEY_MAX, 0600), "");
	ck_assert_ptr_nonnull(strstr(key_error(long_key, 15, 0400), "found 15 bytes"));
	ck_assert_ptr_nonnull(strstr(key_error(long_key, WT_KEY_MAX + 1, 0400), "more than 4096"));
	ck_assert_ptr_nonnull(strstr(key_error(long_key, 32, 0440), "found mode 0440"));
	ck_assert_ptr_nonnull(strstr(key_error(long_key, 32, 0404), "found mode 0404"));
	ck_assert_ptr_nonnull(strstr(key_error(long_key, 32, 0620), "found mode 0620"));
}
END_TEST

START_TEST(key_file_must_be_a_regular_file)
{
	uint8_t key[WT_KEY_MAX];
	char error[256];
	size_t len;

	snprintf(path, sizeof(path), "%s/file", dir);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert(!wt_key_read(path, key, &len, error, sizeof(error)));
	ck_assert_ptr_nonnull(strstr(error, "no regular file"));
	ck_assert(!wt_key_read("/nonexistent", key, &len, error, sizeof(error)));
	ck_assert_str_eq(error, "cannot be read: No such file or directory");
}
END_TEST

START_TEST(settings_check_what_the_table_cannot)
{
	static const char *const text = "capture:\n  ring:\n    block_size: 1500K\n"
					"privacy:\n  key_file: /nonexistent\n";
	char expected[1024];

	write_file(text, strlen(text), 0644);
	snprintf(expected, sizeof(expected),
		 "%s:3:17: capture.ring.block_size: found 1536000 bytes; expected a power of two "
		 "such as 1M\n"
		 "%s:5:13: privacy.key_file: /nonexistent: cannot be read: No such file or "
		 "directory\n"
		 "wardtap: 2 errors in the configuration; nothing was started\n", path, path);
	ck_assert_str_eq(errors_of(path, true, NULL, NULL), expected);
	ck_assert_ptr_nonnull(strstr(errors_of(path, true, "capture.ring.block_size=1M", NULL),
				     "wardtap: 1 error in"));
	ck_assert_str_eq(errors_of(NULL, true, NULL, NULL), "");
}
END_TEST

static const struct {
	const char *text; /* of one sink; %s: a private file */
	const char *error; /* its beginning behind the place; NULL: none */
} sinks[] = {
	{ "type: syslog, address: 'h:514', transport: udp", NULL },
	{ "type: syslog, address: '[fd00::1]:6514', tls: {cert_file: /c, key_file: %s}", NULL },
	{ "type: hec, url: ['https://h:8088'], token_file: %s, tls: {ca_file: /c}", NULL },
	{ "type: elastic, url: ['http://h'], user: u, password_file: %s", NULL },
	{ "type: elastic, url: ['http://h'], api_key_file: %s, gzip: false", NULL },
	{ "type: file, path: /x, format: ecs, rotate: {size: 64K, keep: 1}", NULL },
	{ "path: /x", "type: found nothing; write type: and one of" },
	{ "type: file", "path: found nothing, and sinks of type file need it" },
	{ "type: hec, url: ['https://h']", "token_file: found nothing" },
	{ "type: file, path: /j//a.cursor", "path: found a file in journal.dir" },
	{ "type: file, path: /j/below/it", NULL },
	{ "type: file, path: /x, gzip: true", "gzip: found an option that sinks of type file do" },
	{ "type: file, path: /x, format: cef", "format: found cef; expected json or ecs" },
	{ "type: syslog, address: 'h:1', format: ecs", "format: found ecs; expected cef, leef" },
	{ "type: syslog, address: host", "address: found host; expected HOST:PORT" },
	{ "type: syslog, address: 'h:0'", "address: found h:0; expected HOST:PORT" },
	{ "type: syslog, address: 'h:65536'", "address: found h:65536; expected HOST:PORT" },
	{ "type: syslog, address: 'fd00::1:1'", "address: found fd00::1:1; expected HOST:PORT" },
	{ "type: syslog, address: 'h:1', transport: udp, framing: lf", "framing: found it over" },
	{ "type: syslog, address: 'h:1', transport: tcp, tls: {name: x}",
	  "tls.name: found it without transport: tls" },
	{ "type: syslog, address: 'h:1', tls: {cert_file: /c}",
	  "tls.cert_file: found it without sinks.s.tls.key_file; write both" },
	{ "type: syslog, address: 'h:1', tls: {fingerprint: 'sha256:"
	  "00000000000000000000000000000000000000000000000000000000000000zz'}",
	  "tls.fingerprint: found sha256:" },
	{ "type: elastic, url: ['https://u:p@h']", "url: found a user or password in the" },
	{ "type: elastic, url: ['ftp://host']", "url: found ftp://host; expected https://" },
	{ "type: elastic, url: ['https:///x']", "url: found https:///x; expected https://" },
	{ "type: elastic, url: ['https://h'], proxy: 'http://u:p@h'", "proxy: found a user or" },
	{ "type: elastic, url: ['https://h'], user: u", "user: found it without sinks.s.pass" },
	{ "type: elastic, url: ['http://h'], tls: {ca_file: /c}",
	  "tls.ca_file: found it without an address of https" },
	{ "type: file, path: /x, retry: {min: 2m}",
	  "retry.min: found 2m, more than retry.max (60s)" },
	{ "type: hec, url: ['https://h'], token_file: /nonexistent",
	  "token_file: cannot be read: No such file" },
	{ "type: hec, url: ['https://h'], token_file: 'credential:../x'",
	  "token_file: found a credential of no proper name" },
};

START_TEST(sinks_are_checked_as_a_whole)
{
	char secret[140], text[600], conf[140];
	const char *errors;
	FILE *file;

	write_file("secret\n", 7, 0400);
	snprintf(secret, sizeof(secret), "%s", path);
	snprintf(conf, sizeof(conf), "%s/conf", dir);
	file = fopen(conf, "w");
	ck_assert_ptr_nonnull(file);
	fputs("journal: {dir: /j}\nsinks: {s: {", file);
	snprintf(text, sizeof(text), "%s", sinks[_i].text);
	if (strstr(text, "%s")) { /* the file for the mark */
		char *mark = strstr(text, "%s");

		*mark = 0;
		fprintf(file, "%s%s%s", text, secret, mark + 2);
	} else {
		fputs(text, file);
	}
	fputs("}}\n", file);
	fclose(file);
	errors = errors_of_secrets(conf);
	if (!sinks[_i].error) {
		ck_assert_str_eq(errors, "");
	} else {
		const char *at = strstr(errors, ": sinks.s.");

		ck_assert_msg(at && !strncmp(at + 10, sinks[_i].error, strlen(sinks[_i].error)),
			      "%s", errors);
		ck_assert_ptr_nonnull(strstr(errors, "wardtap: 1 error in"));
	}
	(void)unlink(conf);
}
END_TEST

START_TEST(sinks_need_a_journal)
{
	const char *text = errors_of(NULL, false, "sinks.s.type=file", "sinks.s.path=/x");

	ck_assert_ptr_nonnull(strstr(text, "journal.dir: found nothing, and sinks are fed"));
}
END_TEST

static const char *secret_error(const char *text, size_t len, mode_t mode, const char *expected)
{
	static char error[256];
	char secret[WT_SECRET_MAX];

	write_file(text, len, mode);
	error[0] = 0;
	if (wt_secret_read(path, secret, error, sizeof(error)))
		ck_assert_str_eq(secret, expected);
	else
		ck_assert(secret[0] == 0 && error[0] != 0);
	return error;
}

START_TEST(secrets_are_private_and_one_line)
{
	static char long_one[WT_SECRET_MAX];

	memset(long_one, 'k', sizeof(long_one));
	ck_assert_str_eq(secret_error("abc", 3, 0400, "abc"), "");
	ck_assert_str_eq(secret_error("abc\r\n", 5, 0600, "abc"), "");
	ck_assert_ptr_nonnull(strstr(secret_error("a\nb", 3, 0400, ""), "more than one line"));
	ck_assert_ptr_nonnull(strstr(secret_error("a\0b", 3, 0400, ""), "more than one line"));
	ck_assert_ptr_nonnull(strstr(secret_error("\n", 1, 0400, ""), "more than one line"));
	ck_assert_ptr_nonnull(strstr(secret_error("", 0, 0400, ""), "found nothing in it"));
	ck_assert_ptr_nonnull(strstr(secret_error(long_one, WT_SECRET_MAX, 0400, ""), "less than"));
	ck_assert_ptr_nonnull(strstr(secret_error("abc", 3, 0440, ""), "found mode 0440"));
	ck_assert_ptr_nonnull(strstr(secret_error("abc", 3, 0404, ""), "found mode 0404"));
}
END_TEST

START_TEST(credentials_of_systemd_are_found)
{
	char secret[WT_SECRET_MAX], error[256];

	write_file("abc\n", 4, 0440); /* as an ACL for the service's user shows */
	ck_assert(!wt_secret_read("credential:file", secret, error, sizeof(error)));
	ck_assert_ptr_nonnull(strstr(error, "systemd passed on none"));
	ck_assert_int_eq(setenv("CREDENTIALS_DIRECTORY", dir, 1), 0);
	ck_assert_msg(wt_secret_read("credential:file", secret, error, sizeof(error)), "%s", error);
	ck_assert_str_eq(secret, "abc");
	ck_assert(!wt_secret_read("credential:a/b", secret, error, sizeof(error)));
	write_file("abc\n", 4, 0444);
	ck_assert(!wt_secret_read("credential:file", secret, error, sizeof(error)));
}
END_TEST

START_TEST(more_memory_than_the_profile_is_refused)
{
	const char *text = errors_of(NULL, true, "capture.ring.blocks=4096", NULL);

	ck_assert_ptr_nonnull(strstr(text, "memory.profile: found that workers and rings need "));
	text = errors_of(NULL, true, "capture.ring.blocks=1024", "memory.profile=campus");
	ck_assert_str_eq(text, "");
	/* A replay opens no ring. */
	ck_assert_str_eq(errors_of(NULL, false, "capture.ring.blocks=4096", NULL), "");
}
END_TEST

START_TEST(each_profile_holds_its_own_table)
{
	static const char *const sets[] = { "memory.profile=small", "memory.profile=ward",
					    "memory.profile=campus" };
	struct wt_conf *conf = wt_conf_new();

	ck_assert_ptr_nonnull(conf);
	ck_assert(wt_conf_set(conf, sets[_i]));
	ck_assert(wt_conf_set(conf, "engine.workers=2"));
	ck_assert(wt_conf_set(conf, "state.dir=/tmp"));
	ck_assert(wt_memory_sum(conf, true) > UINT64_C(64) << 20);
	ck_assert(wt_memory_sum(conf, true) <= wt_memory_bound((enum wt_profile)_i));
	wt_conf_free(conf);
}
END_TEST

START_TEST(check_ends_with_0_or_2)
{
	static char name[] = "check", c[] = "-c", none[] = "/nonexistent", word[] = "x";
	char *good[] = { name, NULL }, *missing[] = { name, c, none, NULL };
	char *extra[] = { name, word, NULL };

	ck_assert(freopen("/dev/null", "w", stdout) && freopen("/dev/null", "w", stderr));
	ck_assert_int_eq(wt_app_check(1, good), 0);
	ck_assert_int_eq(wt_app_check(3, missing), 2);
	ck_assert_int_eq(wt_app_check(2, extra), 2);
}
END_TEST

START_TEST(privileges_are_gone_for_good)
{
	char error[256];
	bool was_root = geteuid() == 0;

	ck_assert_msg(wt_privileges_drop("nobody", false, error, sizeof(error)), "%s", error);
	ck_assert_uint_ne(geteuid(), 0);
	ck_assert_int_eq(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
	ck_assert_int_eq(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
	ck_assert_int_eq(setuid(0), -1);
	ck_assert_int_eq(socket(AF_PACKET, SOCK_RAW, 0), -1);
	ck_assert_int_eq(errno, EPERM);
	/* A second time has nothing left to do. */
	ck_assert_msg(wt_privileges_drop("nobody", false, error, sizeof(error)), "%s", error);
	if (!was_root)
		fprintf(stderr, "not root: only the unprivileged half was tested\n");
}
END_TEST

START_TEST(a_user_that_is_none_or_root_is_refused)
{
	char error[256];

	if (geteuid() != 0)
		return;
	ck_assert(!wt_privileges_drop("no-such-user", false, error, sizeof(error)));
	ck_assert_ptr_nonnull(strstr(error, "found no user no-such-user"));
	ck_assert(!wt_privileges_drop("root", false, error, sizeof(error)));
	ck_assert_ptr_nonnull(strstr(error, "found that root is root"));
	ck_assert_msg(wt_privileges_drop("no-such-user", true, error, sizeof(error)), "%s", error);
	ck_assert_uint_ne(geteuid(), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("settings");
	TCase *c = tcase_create("settings");
	SRunner *runner;
	int n_failed;

	tcase_add_checked_fixture(c, make_dir, remove_dir);
	tcase_add_test(c, key_file_must_be_private_and_long_enough);
	tcase_add_test(c, key_file_must_be_a_regular_file);
	tcase_add_test(c, settings_check_what_the_table_cannot);
	tcase_add_loop_test(c, sinks_are_checked_as_a_whole, 0,
			    (int)(sizeof(sinks) / sizeof(sinks[0])));
	tcase_add_test(c, sinks_need_a_journal);
	tcase_add_test(c, secrets_are_private_and_one_line);
	tcase_add_test(c, credentials_of_systemd_are_found);
	tcase_add_test(c, more_memory_than_the_profile_is_refused);
	tcase_add_loop_test(c, each_profile_holds_its_own_table, 0, 3);
	tcase_add_test(c, check_ends_with_0_or_2);
	suite_add_tcase(suite, c);
	/* Without the folder, which the dropped user could not remove. */
	c = tcase_create("privileges");
	tcase_add_test(c, privileges_are_gone_for_good);
	tcase_add_test(c, a_user_that_is_none_or_root_is_refused);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
