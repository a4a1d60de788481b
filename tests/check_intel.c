/* Indicators: every format is read, lookups find what they should and nothing else, and a
 * million of them stay within 128 MiB. */
#include <check.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "match/intel.h"

static struct wt_intel *set_of(const char *name, const char *text)
{
	struct wt_intel *in = wt_intel_new(7);

	wt_intel_load_text(in, name, wt_slice_of(text, strlen(text)));
	wt_intel_finish(in);
	return in;
}

static bool has(const struct wt_intel *in, enum wt_intel_kind kind, const char *text)
{
	struct wt_intel_hit hit;
	struct wt_slice s = wt_slice_of(text, strlen(text));

	if (kind == WT_INTEL_DOMAIN)
		return wt_intel_domain(in, s, &hit);
	if (kind == WT_INTEL_ADDRESS) {
		struct wt_addr addr = { .octet = { 0 } };
		bool is_six = strchr(text, ':');

		ck_assert_int_eq(inet_pton(is_six ? AF_INET6 : AF_INET, text, addr.octet), 1);
		return wt_intel_address(in, &addr, is_six ? 6 : 4, &hit);
	}
	return wt_intel_text(in, kind, s, &hit);
}

#define MD5 "d41d8cd98f00b204e9800998ecf8427e"
#define SHA1 "da39a3ee5e6b4b0d3255bfef95601890afd80709"
#define SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define JA4 "t13d1516h2_8daaf6152771_e5627efa2ab1"

START_TEST(plain_lists_are_told_by_shape)
{
	struct wt_intel *in =
		set_of("feed.txt",
		       "# comment\r\n192.0.2.7\n198.51.100.0/24\n2001:db8::/32\nEvil.Example.\n"
		       "http://bad.example/a/b?c=1\n" MD5 "\n" SHA1 "\n" SHA256 "\n" JA4
		       "\nx@y.example\n");

	ck_assert_uint_eq(wt_intel_n_problems(in), 0);
	ck_assert(has(in, WT_INTEL_ADDRESS, "192.0.2.7"));
	ck_assert(!has(in, WT_INTEL_ADDRESS, "192.0.2.8"));
	ck_assert(has(in, WT_INTEL_ADDRESS, "198.51.100.255"));
	ck_assert(!has(in, WT_INTEL_ADDRESS, "198.51.101.0"));
	ck_assert(has(in, WT_INTEL_ADDRESS, "2001:db8:1::1"));
	ck_assert(!has(in, WT_INTEL_ADDRESS, "2001:db9::1"));
	ck_assert(has(in, WT_INTEL_DOMAIN, "evil.example"));
	ck_assert(has(in, WT_INTEL_DOMAIN, "www.EVIL.example."));
	ck_assert(!has(in, WT_INTEL_DOMAIN, "notevil.example"));
	ck_assert(!has(in, WT_INTEL_DOMAIN, "example"));
	ck_assert(has(in, WT_INTEL_URL, "bad.example/a/b?c=1"));
	ck_assert(has(in, WT_INTEL_MD5, MD5));
	ck_assert(has(in, WT_INTEL_JA3, MD5));
	ck_assert(has(in, WT_INTEL_SHA1, SHA1));
	ck_assert(has(in, WT_INTEL_SHA256, SHA256));
	ck_assert(has(in, WT_INTEL_JA4, JA4));
	ck_assert(has(in, WT_INTEL_EMAIL, "X@y.example"));
	wt_intel_free(in);
}
END_TEST

START_TEST(zeek_intel_goes_by_its_columns)
{
	struct wt_intel *in = set_of(
		"zeek.dat", "#fields\tindicator\tindicator_type\tmeta.source\n"
			    "192.0.2.1\tIntel::ADDR\tx\n203.0.113.0/28\tIntel::SUBNET\tx\n"
			    "c2.example\tIntel::DOMAIN\tx\nc2.example/p\tIntel::URL\tx\n" MD5
			    "\tIntel::FILE_HASH\tx\n" SHA1 "\tIntel::CERT_HASH\tx\n"
			    "whatever\tIntel::SOFTWARE\tx\nbroken\tIntel::ADDR\tx\n");

	ck_assert(has(in, WT_INTEL_ADDRESS, "192.0.2.1"));
	ck_assert(has(in, WT_INTEL_ADDRESS, "203.0.113.15"));
	ck_assert(!has(in, WT_INTEL_ADDRESS, "203.0.113.16"));
	ck_assert(has(in, WT_INTEL_DOMAIN, "c2.example"));
	ck_assert(has(in, WT_INTEL_URL, "c2.example/p"));
	ck_assert(has(in, WT_INTEL_MD5, MD5));
	ck_assert(!has(in, WT_INTEL_JA3, MD5));
	ck_assert(has(in, WT_INTEL_CERT_SHA1, SHA1));
	ck_assert_uint_eq(wt_intel_n_problems(in), 1);
	ck_assert_ptr_nonnull(strstr(wt_intel_problem(in, 0), "zeek.dat:9: found 'broken'"));
	wt_intel_free(in);
}
END_TEST

START_TEST(reputation_and_misp)
{
	struct wt_intel *in = set_of("rep.list", "192.0.2.1,1,100\n198.51.100.0/24,2,30\n");

	ck_assert(has(in, WT_INTEL_ADDRESS, "192.0.2.1"));
	ck_assert(has(in, WT_INTEL_ADDRESS, "198.51.100.9"));
	wt_intel_free(in);
	in = set_of("misp.csv",
		    "uuid,event_id,category,type,value,comment,to_ids\n"
		    "\"u\",1,\"Network activity\",\"ip-dst\",\"192.0.2.5\",\"a, b\",1\n"
		    "\"u\",1,\"Network activity\",\"domain\",\"m.example\",\"\",1\n"
		    "\"u\",1,\"Payload\",\"sha256\",\"" SHA256 "\",\"\",1\n"
		    "\"u\",1,\"Other\",\"comment\",\"text\",\"\",0\n");
	ck_assert_uint_eq(wt_intel_n_problems(in), 0);
	ck_assert_uint_eq(wt_intel_count(in), 3);
	ck_assert(has(in, WT_INTEL_ADDRESS, "192.0.2.5"));
	ck_assert(has(in, WT_INTEL_DOMAIN, "m.example"));
	ck_assert(has(in, WT_INTEL_SHA256, SHA256));
	wt_intel_free(in);
}
END_TEST

START_TEST(stix_equalities_alone)
{
	struct wt_intel *in = set_of(
		"bundle.json",
		"{\"type\":\"bundle\",\"id\":\"bundle--1\",\"spec_version\":\"2.1\","
		"\"objects\":["
		"{\"type\":\"identity\",\"pattern\":\"[ipv4-addr:value = '192.0.2.99']\"},"
		"{\"type\":\"indicator\",\"pattern_type\":\"stix\",\"labels\":[\"a\",{\"b\":[1,"
		"2]}],"
		"\"pattern\":\"[ipv4-addr:value = '192.0.2.1' OR ipv4-addr:value = "
		"'192.0.2.2']\"},"
		"{\"pattern\":\"[file:hashes.'SHA-256' = '" SHA256
		"']\",\"type\":\"indicator\"},"
		"{\"type\":\"indicator\",\"revoked\":true,\"pattern\":\"[domain-name:value = "
		"'r.example']\"},"
		"{\"type\":\"indicator\",\"pattern\":\"[domain-name:value = 'a.example' AND "
		"url:value = 'x']\"},"
		"{\"type\":\"indicator\",\"pattern\":\"[domain-name:value = 'd.example']\"}]}");

	ck_assert_uint_eq(wt_intel_n_problems(in), 0);
	ck_assert(has(in, WT_INTEL_ADDRESS, "192.0.2.1"));
	ck_assert(has(in, WT_INTEL_ADDRESS, "192.0.2.2"));
	ck_assert(!has(in, WT_INTEL_ADDRESS, "192.0.2.99"));
	ck_assert(has(in, WT_INTEL_SHA256, SHA256));
	ck_assert(has(in, WT_INTEL_DOMAIN, "d.example"));
	ck_assert(!has(in, WT_INTEL_DOMAIN, "r.example"));
	ck_assert(!has(in, WT_INTEL_DOMAIN, "a.example"));
	wt_intel_free(in);
}
END_TEST

START_TEST(broken_files_give_one_complaint_and_what_was_good)
{
	struct wt_intel *in = set_of(
		"cut.json",
		"{\"type\":\"bundle\",\"objects\":[{\"type\":"
		"\"indicator\",\"pattern\":\"[domain-name:value = 'd.example']\"},{\"ty");

	ck_assert_uint_eq(wt_intel_n_problems(in), 1);
	ck_assert(has(in, WT_INTEL_DOMAIN, "d.example"));
	wt_intel_free(in);
	in = set_of("deep.json",
		    "{\"objects\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
		    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[");
	ck_assert_uint_eq(wt_intel_n_problems(in), 1);
	wt_intel_free(in);
}
END_TEST

START_TEST(a_million_fit_and_are_found)
{
	struct wt_intel *in = wt_intel_new(3);
	char *text = malloc(64u << 20);
	size_t len = 0;
	unsigned i;

	ck_assert_ptr_nonnull(text);
	for (i = 0; i < 1000000; i++)
		len += (size_t)sprintf(
			text + len, i % 3 ? "host%u.bad%u.example\n" : "10.%u.%u.%u\n",
			i % 3 ? i : i >> 16, i % 3 ? i % 977 : i >> 8 & 255, i & 255);
	wt_intel_load_text(in, "million.txt", wt_slice_of(text, len));
	wt_intel_finish(in);
	ck_assert_uint_eq(wt_intel_n_problems(in), 0);
	ck_assert_uint_ge(wt_intel_count(in), 999999);
	ck_assert_uint_le(wt_intel_bytes(in), 128u << 20);
	ck_assert(has(in, WT_INTEL_DOMAIN, "host999998.bad527.example"));
	ck_assert(has(in, WT_INTEL_ADDRESS, "10.15.66.63"));
	ck_assert(!has(in, WT_INTEL_DOMAIN, "host999999.bad1.example"));
	free(text);
	wt_intel_free(in);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("intel");
	TCase *c = tcase_create("all");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout(c, 120);
	tcase_add_test(c, plain_lists_are_told_by_shape);
	tcase_add_test(c, zeek_intel_goes_by_its_columns);
	tcase_add_test(c, reputation_and_misp);
	tcase_add_test(c, stix_equalities_alone);
	tcase_add_test(c, broken_files_give_one_complaint_and_what_was_good);
	tcase_add_test(c, a_million_fit_and_are_found);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
