/* Promises of observe/geo.h: every schema of the usual databases is read, and no
 * database, however damaged, ends the program. Needs the databases of
 * ../shared/data (MaxMind's test files and iptoasn); says so where they are absent. */
#define _GNU_SOURCE /* open_memstream */
#include <arpa/inet.h>
#include <check.h>
#include <glob.h>
#include <stdlib.h>
#include <unistd.h>

#include "observe/geo.h"

static const char *base(void)
{
	const char *named = getenv("WARDTAP_SHARED_DATA");

	return named ? named : "../shared/data";
}

static char path[512];
static const char *path_of(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", base(), name);
	return path;
}

static bool is_absent(void)
{
	return access(path_of("mmdb-test/test-data"), R_OK) != 0;
}

static bool find(struct wt_geo *geo, const char *text, struct wt_place *place)
{
	struct wt_addr addr = { { 0 } };
	uint8_t version = strchr(text, ':') ? 6 : 4;

	ck_assert_int_eq(inet_pton(version == 6 ? AF_INET6 : AF_INET, text, addr.octet), 1);
	return wt_geo_find(geo, version, &addr, place);
}

static char *said;
static size_t said_len;
static FILE *errors;

static struct wt_geo *open_one(const char *name)
{
	const char *one = name[0] == '/' || name[0] == '.' ? name : path_of(name);
	struct wt_geo *geo;

	errors = open_memstream(&said, &said_len);
	ck_assert_ptr_nonnull(errors);
	geo = wt_geo_open(&one, 1, errors);
	ck_assert_ptr_nonnull(geo);
	fflush(errors);
	return geo;
}

static void close_one(struct wt_geo *geo)
{
	wt_geo_free(geo);
	fclose(errors);
	free(said);
}

START_TEST(country_and_network_are_read_from_every_schema)
{
	static const struct {
		const char *file, *addr, *country, *network;
		uint32_t asn;
	} rows[] = {
		{ "GeoLite2-Country-Test", "2.125.160.216", "GB", "", 0 },
		{ "GeoIP2-City-Test", "2001:220::1", "KR", "", 0 },
		{ "GeoLite2-ASN-Test", "1.128.0.1", "", "Telstra Pty Ltd", 1221 },
		{ "GeoIP2-ISP-Test", "1.128.0.1", "", "Telstra Pty Ltd", 1221 },
		{ "GeoIP2-Enterprise-Test", "74.209.24.1", "US", "FairPoint Communications",
		  14671 },
		{ "GeoIP2-Connection-Type-Test", "1.0.1.1", "", "", 0 },
	};
	struct wt_place place;
	char name[128];
	size_t i;

	if (is_absent()) {
		fprintf(stderr, "NOT TESTED: %s is absent\n", path);
		return;
	}
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wt_geo *geo;

		snprintf(name, sizeof(name), "mmdb-test/test-data/%s.mmdb", rows[i].file);
		geo = open_one(name);
		ck_assert_msg(wt_geo_n_files(geo) == 1, "%s: %s", rows[i].file, said);
		(void)find(geo, rows[i].addr, &place);
		ck_assert_str_eq(place.country, rows[i].country);
		ck_assert_str_eq(place.network, rows[i].network);
		ck_assert_uint_eq(place.asn, rows[i].asn);
		ck_assert(!find(geo, "127.0.0.1", &place));
		close_one(geo);
	}
}
END_TEST

START_TEST(several_databases_complete_one_another)
{
	char first[512], second[512];
	const char *both[] = { first, second };
	struct wt_place place;
	struct wt_geo *geo;

	if (is_absent())
		return;
	snprintf(first, sizeof(first), "%s/geo/iptoasn-country.mmdb", base());
	snprintf(second, sizeof(second), "%s/mmdb-test/test-data/GeoLite2-ASN-Test.mmdb",
		 base());
	geo = wt_geo_open(both, 2, stderr);
	ck_assert_uint_eq(wt_geo_n_files(geo), 2);
	ck_assert(find(geo, "1.128.0.1", &place));
	ck_assert_str_eq(place.country, "AU");
	ck_assert_uint_eq(place.asn, 1221);
	ck_assert(strstr(wt_geo_file_title(geo, 1), "GeoLite2-ASN-Test of 20") != NULL ||
		  strstr(wt_geo_file_title(geo, 1), "GeoLite2-ASN of 20") != NULL);
	wt_geo_free(geo);
}
END_TEST

/* One clear error or a plain answer; never a crash, whatever is asked. */
static void ask_everything(const char *file)
{
	struct wt_geo *geo = open_one(file);
	struct wt_place place;
	unsigned i;
	char addr[64];

	for (i = 0; i < 65536; i += 17) {
		snprintf(addr, sizeof(addr), "%u.%u.3.4", i >> 8, i & 255);
		(void)find(geo, addr, &place);
		snprintf(addr, sizeof(addr), "%x:%x::1", i, i * 31 & 0xffff);
		(void)find(geo, addr, &place);
	}
	fflush(errors);
	for (i = 0; said[i] && said[i] != '\n'; i++)
		;
	ck_assert_msg(!said[i] || !said[i + 1], "%s: more than one error: %s", file, said);
	if (getenv("V"))
		fprintf(stderr, "%s: %s", strrchr(file, '/') + 1, said[0] ? said : "good\n");
	close_one(geo);
}

START_TEST(damaged_databases_are_one_error_and_nothing_worse)
{
	static const char *const patterns[] = { "mmdb-test/bad-data/*/*.mmdb",
						"mmdb-test/test-data/*.mmdb",
						"mmdb-test/test-data/*.raw" };
	glob_t g;
	size_t i, k, n = 0;

	if (is_absent())
		return;
	for (i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		ck_assert_int_eq(glob(path_of(patterns[i]), 0, NULL, &g), 0);
		for (k = 0; k < g.gl_pathc; k++, n++)
			ask_everything(g.gl_pathv[k]);
		globfree(&g);
	}
	ck_assert_uint_gt(n, 50);
}
END_TEST

START_TEST(cut_off_databases_are_one_error_and_nothing_worse)
{
	static uint8_t bytes[65536];
	char cut[] = "/tmp/wardtap-geo-XXXXXX";
	size_t len, keep;
	FILE *in;
	int fd;

	if (is_absent())
		return;
	in = fopen(path_of("mmdb-test/test-data/GeoLite2-ASN-Test.mmdb"), "rb");
	ck_assert_ptr_nonnull(in);
	len = fread(bytes, 1, sizeof(bytes), in);
	fclose(in);
	fd = mkstemp(cut);
	ck_assert_int_ge(fd, 0);
	for (keep = 0; keep < len; keep += len / 40) {
		ck_assert_int_eq(ftruncate(fd, 0), 0);
		ck_assert_int_eq(pwrite(fd, bytes, keep, 0), (ssize_t)keep);
		ask_everything(cut);
		/* The end in place, the middle missing. */
		ck_assert_int_eq(pwrite(fd, bytes + len - 400, 400, (off_t)keep), 400);
		ask_everything(cut);
	}
	close(fd);
	unlink(cut);
}
END_TEST

START_TEST(a_missing_database_says_so)
{
	struct wt_geo *geo = open_one("/nonexistent/x.mmdb");
	struct wt_place place;

	ck_assert_str_eq(said,
			 "wardtap: /nonexistent/x.mmdb: No such file or directory; places "
			 "from this database are left out\n");
	ck_assert_uint_eq(wt_geo_n_files(geo), 0);
	ck_assert(!find(geo, "1.1.1.1", &place));
	close_one(geo);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("geo");
	TCase *c = tcase_create("geo");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout(c, 60);
	tcase_add_test(c, country_and_network_are_read_from_every_schema);
	tcase_add_test(c, several_databases_complete_one_another);
	tcase_add_test(c, damaged_databases_are_one_error_and_nothing_worse);
	tcase_add_test(c, cut_off_databases_are_one_error_and_nothing_worse);
	tcase_add_test(c, a_missing_database_says_so);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
