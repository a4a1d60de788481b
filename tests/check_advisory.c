/* Promises of observe/version.h, vendor.h and advisory.h: what is compared, who made
 * it, and how sure a match with an advisory is. */
#define _GNU_SOURCE /* mkdtemp */
#include <check.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "observe/advisory.h"
#include "observe/vendor.h"
#include "observe/version.h"

static enum wt_version_fit fit(const char *range, const char *version)
{
	return wt_version_fit(wt_slice_of(range, strlen(range)),
			      wt_slice_of(version, strlen(version)));
}

START_TEST(versions_compare_part_by_part)
{
	static const struct {
		const char *a, *b;
		int order;
	} rows[] = {
		{ "1.2.3", "1.2.3", 0 },
		{ "1.10", "1.9", 1 },
		{ "1.2", "1.2.0", 0 },
		{ "2.6A", "2.6", 1 },
		{ "2.6a", "2.6A", 0 },
		{ "v1.2", "1.2", 0 },
		{ "Rev. C.00.04", "C.0.4", 0 },
		{ "B.06.10", "B.06.18", -1 },
		{ "3.6.7rc1", "3.6.7", -1 },
		{ "3.6.7-beta", "3.6.7", -1 },
		{ "R4.1L1", "4.1L1", 0 },
		{ "A.01", "1.01", 2 },
		{ "", "1", 2 },
		{ "012U000040", "12U40", 0 },
		{ "99999999999999999999999", "1", 1 },
		{ "...", "1", 2 },
		{ "1.8.4", "1.8.4 Service Pack 01", -1 },
		{ "BT06", "SV20", 2 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(wt_version_compare(wt_slice_of(rows[i].a, strlen(rows[i].a)),
						 wt_slice_of(rows[i].b, strlen(rows[i].b))) ==
				      rows[i].order,
			      "%s %s", rows[i].a, rows[i].b);
}
END_TEST

START_TEST(ranges_say_in_out_near_or_unknown)
{
	ck_assert_int_eq(fit("<3.6.7", "3.6.6"), WT_VERSION_IN);
	ck_assert_int_eq(fit("<3.6.7", "3.6.7"), WT_VERSION_OUT);
	ck_assert_int_eq(fit(">=4.01,<=4.34", "4.07"), WT_VERSION_IN);
	ck_assert_int_eq(fit(">=4.01,<=4.34", "4.51"), WT_VERSION_OUT);
	ck_assert_int_eq(fit("=9.13|=9.19|=9.33", "9.19"), WT_VERSION_IN);
	ck_assert_int_eq(fit("=9.13|=9.19|=9.33", "9.20"), WT_VERSION_OUT);
	ck_assert_int_eq(fit("<=9.33", "9.33.1"), WT_VERSION_NEAR);
	ck_assert_int_eq(fit("=8.x", "8.22.11"), WT_VERSION_IN);
	ck_assert_int_eq(fit("=8.x", "9.0"), WT_VERSION_OUT);
	ck_assert_int_eq(fit("<=12.2.x.x", "12.2.8"), WT_VERSION_IN);
	ck_assert_int_eq(fit("<=12.2.x.x", "12.3"), WT_VERSION_OUT);
	ck_assert_int_eq(fit(">=J.x,<=M.x", "K.21.42"), WT_VERSION_IN);
	ck_assert_int_eq(fit(">=J.x,<=M.x", "N.01"), WT_VERSION_OUT);
	ck_assert_int_eq(fit(">=J.x,<=M.x", "10.2"), WT_VERSION_UNKNOWN);
	ck_assert_int_eq(fit("?", "1"), WT_VERSION_UNKNOWN);
	ck_assert_int_eq(fit("*", ""), WT_VERSION_IN);
	ck_assert(wt_version_is_range(WT_LIT(">=1.2,<1.9|=2.x")));
	ck_assert(!wt_version_is_range(WT_LIT("1.2")));
	ck_assert(!wt_version_is_range(WT_LIT("<=")));
	ck_assert(!wt_version_is_range(WT_LIT("")));
	ck_assert(!wt_version_is_range(WT_LIT("=1|")));
}
END_TEST

static struct wt_advisories *advisories;
static struct wt_vendors *vendors;

static void open_tables(void)
{
	advisories = wt_advisories_open(NULL, stderr);
	vendors = wt_vendors_open(NULL, NULL, stderr);
	ck_assert(advisories && vendors);
}

static void close_tables(void)
{
	wt_advisories_free(advisories);
	wt_vendors_free(vendors);
}

static const char *vendor_name(const char *written)
{
	return wt_vendor_name(vendors, wt_slice_of(written, strlen(written)));
}

START_TEST(makers_have_one_name)
{
	ck_assert_str_eq(vendor_name("GE MEDICAL SYSTEMS"), "GE HealthCare");
	ck_assert_str_eq(vendor_name("Philips Medical Systems"), "Philips");
	ck_assert_str_eq(vendor_name("Becton, Dickinson and Company"), "BD");
	ck_assert_str_eq(vendor_name("SIEMENS Healthineers"), "Siemens Healthineers");
	ck_assert_str_eq(vendor_name("Siemens AG"), "Siemens");
	ck_assert_str_eq(vendor_name("Dr\xc3\xa4gerwerk AG"), "Draeger");
	ck_assert_str_eq(vendor_name("Hewlett Packard Enterprise"),
			 "Hewlett Packard Enterprise");
	ck_assert_ptr_null(vendor_name("Wardtap Infusion"));
	ck_assert_ptr_null(vendor_name(""));
	ck_assert(wt_vendor_is_known(vendors, "BD") && !wt_vendor_is_known(vendors, "bd"));
}
END_TEST

static const char *mac_maker(struct wt_vendors *v, const char *octets)
{
	struct wt_mac mac;

	memcpy(mac.octet, octets, 6);
	return wt_vendor_of_mac(v, &mac);
}

START_TEST(the_longest_address_block_names_the_maker)
{
	char dir[] = "/tmp/wardtap-oui-XXXXXX", path[64];
	struct wt_vendors *v;
	FILE *out;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/oui.txt", dir);
	out = fopen(path, "w");
	ck_assert_ptr_nonnull(out);
	fputs("OUI/MA-L  Organization\r\n\r\n"
	      "00-09-FB   (hex)\t\tPhilips Patient Monitoring\r\n"
	      "0009FB     (base 16)\t\tPhilips Patient Monitoring\r\n\t\t\t\tAndover\r\n"
	      "70-B3-D5   (hex)\t\tIEEE Registration Authority\r\n"
	      "70B3D5     (base 16)\t\tIEEE Registration Authority\r\n"
	      "70-B3-D5   (hex)\t\tSmall Pumps GmbH\n"
	      "9FC000-9FCFFF     (base 16)\t\tSmall Pumps GmbH\n"
	      "00-00-01   (hex)\t\tPrivate\n000001     (base 16)\t\tPrivate\n"
	      "ZZ-00-01   (hex)\t\tx\nFFFFFF-000000     (base 16)\t\ty\n(base 16)\n",
	      out);
	fclose(out);
	v = wt_vendors_open(NULL, dir, stderr);
	ck_assert_ptr_nonnull(v);
	ck_assert_uint_eq(wt_vendors_n_blocks(v), 3);
	ck_assert_str_eq(mac_maker(v, "\x00\x09\xfb\x12\x34\x56"), "Philips");
	ck_assert_str_eq(mac_maker(v, "\x70\xb3\xd5\x9f\xc1\x23"), "Small Pumps GmbH");
	ck_assert_str_eq(mac_maker(v, "\x70\xb3\xd5\x00\x01\x23"),
			 "IEEE Registration Authority");
	ck_assert_ptr_null(mac_maker(v, "\x00\x00\x01\x00\x00\x00"));
	/* Multicast, and addresses that are made up locally. */
	ck_assert_ptr_null(mac_maker(v, "\x01\x09\xfb\x00\x00\x00"));
	ck_assert_ptr_null(mac_maker(v, "\x02\x09\xfb\x00\x00\x00"));
	wt_vendors_free(v);
	v = wt_vendors_open(NULL, "/nonexistent", stderr);
	ck_assert_ptr_nonnull(v);
	ck_assert_uint_eq(wt_vendors_n_blocks(v), 0);
	wt_vendors_free(v);
	unlink(path);
	rmdir(dir);
}
END_TEST

static struct wt_advisory_match found[WT_ADVISORY_MATCHES_MAX];

/* "kind=text;kind=text" with kinds m (maker) h (hint) d (model) v (version)
 * s (software) o (os); the number of matches. */
static unsigned match(const char *claims)
{
	static const char kinds[] = "mhdvso";
	struct wt_claim claim[8];
	unsigned n = 0;
	const char *at = claims, *end;

	while (*at && n < 8) {
		end = strchr(at, ';');
		end = end ? end : at + strlen(at);
		claim[n].kind = (enum wt_claim_kind)(strchr(kinds, at[0]) - kinds);
		claim[n++].text = wt_slice_of(at + 2, (size_t)(end - at - 2));
		at = *end ? end + 1 : end;
	}
	return wt_advisories_match(advisories, claim, n, found);
}

static bool has(unsigned n, const char *advisory, enum wt_grade grade)
{
	unsigned i;

	for (i = 0; i < n; i++)
		if (!strcmp(found[i].advisory, advisory))
			return found[i].grade == grade;
	return false;
}

START_TEST(maker_product_and_version_confirm)
{
	unsigned n = match("m=BD;d=Alaris PC Unit 8015;v=9.19");

	ck_assert(has(n, "ICSMA-20-170-06", WT_GRADE_CONFIRMED));
	ck_assert(has(n, "ICSMA-20-317-01", WT_GRADE_CONFIRMED));
	ck_assert(has(n, "ICSMA-23-194-01", WT_GRADE_CONFIRMED));
	n = match("m=CareFusion;d=ALARIS_PCU;v=12.3.4");
	ck_assert(!has(n, "ICSMA-20-317-01", WT_GRADE_CONFIRMED));
	ck_assert_uint_eq(n, 0);
	n = match("m=GE MEDICAL SYSTEMS;d=Optima MR360;v=SV20.1");
	ck_assert(has(n, "ICSMA-20-343-01", WT_GRADE_CONFIRMED));
}
END_TEST

START_TEST(without_a_version_it_is_likely)
{
	unsigned n = match("m=Philips;d=IntelliVue MX800");

	ck_assert(has(n, "ICSMA-20-254-01", WT_GRADE_LIKELY));
	ck_assert_ptr_nonnull(strstr(found[0].reason, "not known"));
	n = match("m=B. Braun;d=SpaceCom;v=some build");
	ck_assert(has(n, "ICSMA-20-296-02", WT_GRADE_LIKELY));
	n = match("d=Medfusion 4000;v=1.5;v=1.6.3");
	ck_assert(has(n, "ICSMA-17-250-02A", WT_GRADE_LIKELY));
}
END_TEST

START_TEST(a_guessed_or_unknown_maker_is_possible_only)
{
	unsigned n = match("h=GE HealthCare;d=B650;v=2.5");

	ck_assert(has(n, "ICSMA-20-023-01", WT_GRADE_POSSIBLE));
	n = match("d=B650;v=2.5");
	ck_assert(has(n, "ICSMA-20-023-01", WT_GRADE_POSSIBLE));
	ck_assert_uint_eq(match("m=Wardtap Infusion;d=B650;v=2.5"), 0);
	ck_assert_uint_eq(match("m=Wardtap Infusion;d=SynthPump LVP-3;v=1.2.3"), 0);
	ck_assert_uint_eq(match("m=GE HealthCare;h=GE HealthCare"), 0);
	/* An operating system alone tells no product. */
	ck_assert_uint_eq(match("o=Windows XP"), 0);
	ck_assert(has(match("h=Spacelabs;o=Windows XP"), "ICSMA-20-049-01", WT_GRADE_POSSIBLE));
	ck_assert(has(match("m=Spacelabs;o=Windows XP"), "ICSMA-20-049-01", WT_GRADE_CONFIRMED));
}
END_TEST

START_TEST(programs_are_found_by_their_banners)
{
	unsigned n = match("s=OFFIS_DCMTK_366");

	ck_assert(has(n, "ICSMA-22-174-01", WT_GRADE_CONFIRMED));
	ck_assert_ptr_nonnull(strstr(found[0].reason, "'3.6.6'"));
	ck_assert_uint_eq(match("s=OFFIS_DCMTK_367"), 0);
	ck_assert_uint_eq(match("s=OFFIS_DCMTK_"), 0);
	n = match("s=RomPager/4.07 UPnP/1.0");
	ck_assert(has(n, "ICSMA-18-240-01", WT_GRADE_CONFIRMED));
	ck_assert_uint_eq(match("s=Allegro-Software-RomPager/4.51"), 0);
	n = match("d=VxWorks 6.4");
	ck_assert(has(n, "ICSMA-19-274-01", WT_GRADE_CONFIRMED));
}
END_TEST

START_TEST(hostile_claims_are_escaped_and_bounded)
{
	static char text[4096];
	static struct wt_claim many[4 * WT_CLAIMS_MAX];
	unsigned i, n;

	n = match("m=BD;d=Alaris PCU \x1b[2J\xff\n;v=\x07");
	ck_assert_uint_gt(n, 0);
	for (i = 0; found[0].reason[i]; i++)
		ck_assert_int_ge((unsigned char)found[0].reason[i], 0x20);
	memset(text, 'A', sizeof(text));
	for (i = 0; i < 4 * WT_CLAIMS_MAX; i++)
		many[i] = (struct wt_claim){ .kind = (enum wt_claim_kind)(i % 6),
					     .text = wt_slice_of(text, sizeof(text)) };
	ck_assert_uint_eq(wt_advisories_match(advisories, many, 4 * WT_CLAIMS_MAX, found), 0);
}
END_TEST

START_TEST(a_bad_table_is_refused_line_by_line)
{
	char dir[] = "/tmp/wardtap-adv-XXXXXX", path[64], said[2048] = "";
	FILE *out, *errors = fmemopen(said, sizeof(said), "w");

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/advisories.tsv", dir);
	out = fopen(path, "w");
	ck_assert(out && errors);
	fputs("wardtap-table\tadvisories\t1\t2026-11-26\n"
	      "advisory\tupdated\tvendor\tproduct\tstrength\tsubject\tpatterns\tversions\t"
	      "affected\tcvss\tcves\ttitle\n"
	      "A-1\t2026-01-01\tBD\tP\tunique\tmodel\tp\t*\t\t9.8\t\tT\n"
	      "A-2\tsoon\tNobody\tP\tsure\tthing\t\t1.2\t\t11\t\tT\n",
	      out);
	fclose(out);
	ck_assert_ptr_null(wt_advisories_open(dir, errors));
	fclose(errors);
	ck_assert_ptr_nonnull(strstr(said, "advisories.tsv:4: strength: found 'sure'"));
	ck_assert_ptr_nonnull(strstr(said, "advisories.tsv:4: subject: found 'thing'"));
	ck_assert_ptr_nonnull(strstr(said, "advisories.tsv:4: patterns: found nothing"));
	ck_assert_ptr_nonnull(strstr(said, "advisories.tsv:4: versions: found '1.2'"));
	ck_assert_ptr_nonnull(strstr(said, "advisories.tsv:4: vendor: found 'Nobody'"));
	ck_assert_ptr_nonnull(strstr(said, "advisories.tsv:4: updated: found 'soon'"));
	ck_assert_ptr_nonnull(strstr(said, "advisories.tsv:4: cvss: found '11'"));
	unlink(path);
	rmdir(dir);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("advisory");
	TCase *c = tcase_create("advisory");
	SRunner *runner;
	int n_failed;

	tcase_add_unchecked_fixture(c, open_tables, close_tables);
	tcase_add_test(c, versions_compare_part_by_part);
	tcase_add_test(c, ranges_say_in_out_near_or_unknown);
	tcase_add_test(c, makers_have_one_name);
	tcase_add_test(c, the_longest_address_block_names_the_maker);
	tcase_add_test(c, maker_product_and_version_confirm);
	tcase_add_test(c, without_a_version_it_is_likely);
	tcase_add_test(c, a_guessed_or_unknown_maker_is_possible_only);
	tcase_add_test(c, programs_are_found_by_their_banners);
	tcase_add_test(c, hostile_claims_are_escaped_and_bounded);
	tcase_add_test(c, a_bad_table_is_refused_line_by_line);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
