/* Promises of SMB, DCE/RPC, LDAP, Kerberos, RDP and ONC RPC, and of the readers that they
 * share: on bytes of our own, fed through the real dissection stage. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WT_NO_POISON
#include "harness/flow_case.h"
#include "wardtap/der.h"
#include "wardtap/msrpc.h"
#include "wardtap/ntlm.h"
#include "wardtap/utf.h"

/* Hex digits, blanks between them, as bytes in memory of the exact size. */
static struct wt_slice hex(const char *text)
{
	static uint8_t *kept[64];
	static size_t n_kept;
	size_t len = 0, i;
	uint8_t *bytes = malloc(strlen(text) / 2 + 1);

	ck_assert_ptr_nonnull(bytes);
	for (i = 0; text[i]; i++) {
		unsigned value;

		if (text[i] == ' ')
			continue;
		ck_assert_int_eq(sscanf(text + i, "%2x", &value), 1);
		bytes[len++] = (uint8_t)value;
		i++;
	}
	free(kept[n_kept]);
	kept[n_kept] = bytes;
	n_kept = (n_kept + 1) % 64;
	return wt_slice_of(bytes, len);
}

static struct wt_case *stream(const char *name)
{
	return wt_case_new(name, false, false);
}

static void expect(struct wt_case *f, const char *want)
{
	ck_assert_msg(strstr(wt_case_text(f), want) != NULL, "no \"%s\" in\n%s", want,
		      wt_case_text(f));
}

static void expect_not(struct wt_case *f, const char *word)
{
	ck_assert_msg(!strstr(wt_case_text(f), word), "\"%s\" in\n%s", word, wt_case_text(f));
}

/* --- shared readers --- */

START_TEST(utf16_keeps_to_whole_characters)
{
	uint8_t room[8];

	ck_assert(wt_slice_equal(wt_utf16le(hex("4100 e900 ac20"), room, 8),
				 WT_LIT("A\xc3\xa9\xe2\x82\xac")));
	/* a surrogate pair, a lone one, an odd octet, a NUL */
	ck_assert(wt_slice_equal(wt_utf16le(hex("3dd8 00de"), room, 8),
				 WT_LIT("\xf0\x9f\x98\x80")));
	ck_assert(wt_slice_equal(wt_utf16le(hex("3dd8 4100 42"), room, 8), WT_LIT("\xef\xbf\xbd"
										  "A")));
	ck_assert(wt_slice_equal(wt_utf16le(hex("4100 0000 4200"), room, 8), WT_LIT("A")));
	/* three octets do not fit behind two */
	ck_assert(wt_slice_equal(wt_utf16le(hex("4100 4100 ac20"), room, 4), WT_LIT("AA")));
}
END_TEST

START_TEST(an_extension_is_never_a_name)
{
	uint8_t room[8];

	ck_assert(wt_slice_equal(wt_path_extension(WT_LIT("a\\b.DCM"), room), WT_LIT("dcm")));
	ck_assert_uint_eq(wt_path_extension(WT_LIT("scan.Smith Mary"), room).len, 0);
	ck_assert_uint_eq(wt_path_extension(WT_LIT("scan.verylongname"), room).len, 0);
	ck_assert_uint_eq(wt_path_extension(WT_LIT("noext"), room).len, 0);
	ck_assert_uint_eq(wt_path_extension(WT_LIT("dir.d\\file"), room).len, 0);
	ck_assert_uint_eq(wt_path_extension(WT_LIT("end."), room).len, 0);
}
END_TEST

START_TEST(der_lengths_are_bounded)
{
	struct wt_reader r = wt_reader_of(hex("3084ffffffff 0101ff"), WT_MORE);
	struct wt_der e;

	ck_assert(wt_der_next(&r, &e)); /* says more than there is */
	ck_assert(e.is_cut);
	ck_assert_uint_eq(e.value.len, 3);
	r = wt_reader_of(hex("3080 0000"), WT_MORE); /* indefinite: X.690 8.1.3.6 */
	ck_assert(!wt_der_next(&r, &e));
	r = wt_reader_of(hex("3085 0000000001"), WT_MORE);
	ck_assert(!wt_der_next(&r, &e));
	r = wt_reader_of(hex("3082 01"), WT_MORE);
	ck_assert(!wt_der_head(&r, &e));
	ck_assert_int_eq(r.err, WT_MORE);
	ck_assert_int_eq(wt_der_int(hex("ff")), -1);
	ck_assert_int_eq(wt_der_int(hex("00ff")), 255);
}
END_TEST

START_TEST(ntlm_offsets_that_lead_outside_are_empty)
{
	/* MS-NLMP 2.2.1.2: target at 0xffffff00, AV pairs at the end */
	struct wt_slice token = hex("4e544c4d53535000 02000000 0800 0800 00ffffff 05820200 "
				    "1122334455667788 0000000000000000 0800 0800 30000000 "
				    "0100 ff00 4100 4200");
	struct wt_ntlm ntlm;

	ck_assert(wt_ntlm_parse(token, &ntlm));
	ck_assert_int_eq(ntlm.type, WT_NTLM_CHALLENGE);
	ck_assert_uint_eq(ntlm.target.len, 0);
	ck_assert_uint_eq(ntlm.nb_computer.len, 0);
	ck_assert(!wt_ntlm_parse(hex("4e544c4d53535000 04000000 00000000"), &ntlm));
	ck_assert(!wt_ntlm_parse(hex("4e544c4d53535000 02"), &ntlm));
}
END_TEST

START_TEST(a_tower_of_many_floors_is_refused)
{
	struct wt_msrpc_tower tower;

	ck_assert(!wt_msrpc_tower(hex("ffff 0000"), &tower));
	ck_assert(!wt_msrpc_tower(hex("0500 1300 0d"), &tower));
}
END_TEST

/* --- SMB --- */

#define SMB2_HEAD(command, flags, next, message)                                               \
	"fe534d42 4000 0000 00000000 " command " 0000 " flags " " next " " message             \
	" 00000000 01000000 0000000000000000 00000000000000000000000000000000 "

START_TEST(a_compound_that_points_back_is_refused)
{
	struct wt_case *f = stream("smb");

	/* next: 4, inside its own head */
	wt_case_feed(f, WT_TO_SERVER,
		     hex("00000048 " SMB2_HEAD("0600", "00000000", "04000000",
					       "0100000000000000") "1800 0000 00000000"));
	wt_case_close(f);
	expect(f, "malformed");
	wt_case_free(f);
}
END_TEST

START_TEST(a_write_is_passed_over_behind_its_first_bytes)
{
	static const char head[] =
		"00010070 " SMB2_HEAD("0900", "00000000", "00000000",
				      "0100000000000000") "3100 7000 00000100 0000000000000000 "
							  "01000000000000000100000000000000 "
							  "00000000 00000000 00000000 00000000 "
							  "4d5a9000";
	struct wt_case *f = stream("smb");
	uint8_t *rest = calloc(1, 65536 - 4);

	ck_assert_ptr_nonnull(rest);
	wt_case_feed(f, WT_TO_SERVER, hex(head));
	wt_case_feed(f, WT_TO_SERVER, wt_slice_of(rest, 65536 - 4));
	wt_case_feed(f, WT_TO_SERVER,
		     hex("00000044 " SMB2_HEAD("0400", "00000000", "00000000",
					       "0200000000000000") "0400 0000"));
	expect(f, "file.kind=pe");
	expect(f, "command=tree_disconnect");
	ck_assert_uint_le(wt_case_rest_max(f), 16384);
	free(rest);
	wt_case_free(f);
}
END_TEST

START_TEST(smb1_is_flagged_and_its_chain_ends)
{
	/* session setup whose AndX points at itself (offset 32) */
	struct wt_case *f = stream("smb");

	wt_case_feed(f, WT_TO_SERVER,
		     hex("00000029 ff534d42 73 00000000 08 0148 0000 "
			 "0000000000000000 0000 0000 0100 0000 0200 03 7300 2000 0000 0000"));
	expect(f, "is_smb1=true");
	expect_not(f, "andx_code");
	wt_case_free(f);
}
END_TEST

START_TEST(a_netbios_request_names_both)
{
	struct wt_case *f = stream("smb");

	wt_case_feed(
		f, WT_TO_SERVER,
		hex("81000044 20 "
		    "46414542454446414341434143414341434143414341434143414341434143 41 00 20 "
		    "46434542454546484644444144484341434143414341434143414341434143 41 00"));
	expect(f, "called_name=PAC");
	expect(f, "host.name=RADWS07");
	wt_case_free(f);
}
END_TEST

START_TEST(encryption_is_said_once)
{
	static const char frame[] =
		"00000038 fd534d42 00000000000000000000000000000000 "
		"00000000000000000000000000000000 04000000 0000 0100 0000000000000000 deadbeef";
	struct wt_case *f = stream("smb");

	wt_case_feed(f, WT_TO_SERVER, hex(frame));
	wt_case_feed(f, WT_TO_SERVER, hex(frame));
	ck_assert_uint_eq(wt_case_count(f, "smb"), 1);
	wt_case_free(f);
}
END_TEST

/* --- DCE/RPC --- */

#define BIND_SVCCTL                                                                            \
	"05000b03 10000000 4800 0000 01000000 b810 b810 00000000 01 000000 0000 01 00 "        \
	"81bb7a364498f135ad3298f038001003 0200 0000 "                                          \
	"045d888aeb1cc9119fe808002b104860 02000000"

START_TEST(a_call_knows_its_interface)
{
	struct wt_case *f = stream("dcerpc");

	wt_case_feed(f, WT_TO_SERVER, hex(BIND_SVCCTL));
	wt_case_feed(f, WT_TO_SERVER,
		     hex("05000003 10000000 1c00 0000 02000000 04000000 0000 "
			 "0c00 41424344"));
	expect(f, "iface_name=svcctl");
	expect(f, "opnum=12");
	expect(f, "stub_data=ABCD");
	wt_case_free(f);
}
END_TEST

START_TEST(a_sign_on_longer_than_its_unit_is_malformed)
{
	struct wt_case *f = stream("dcerpc");

	wt_case_feed(f, WT_TO_SERVER,
		     hex("05000b03 10000000 1800 ff00 01000000 0000000000000000"));
	wt_case_close(f);
	expect(f, "malformed");
	wt_case_free(f);
}
END_TEST

START_TEST(a_connectionless_call_is_read)
{
	struct wt_case *f = wt_case_new("dcerpc", false, true);

	/* C706 12.5.2: head of 80 octets, no body; interface PROFINET IO device */
	wt_case_datagram(
		f, WT_TO_SERVER,
		hex("04 00 20 00 100000 00 "
		    "00000000000000000000000000000000 0100a0de976cd111827100a02442df7d "
		    "00000000000000000000000000000001 00000000 01000000 07000000 0300 ffff "
		    "ffff "
		    "0000 0000 00 00"),
		false);
	expect(f, "iface=dea00001-6c97-11d1-8271-00a02442df7d");
	expect(f, "opnum=3");
	expect(f, "call_id=7");
	wt_case_free(f);
}
END_TEST

START_TEST(small_numbers_are_no_call)
{
	extern const struct wt_dissector wt_dcerpc_dissector;

	/* neither first nor last fragment, ASCII, big endian: numbers of some protocol */
	ck_assert_int_eq(wt_dcerpc_dissector.probe(hex("05000000 00000000 0d00 0000 f2040000")),
			 WT_FOREIGN);
	ck_assert_int_eq(wt_dcerpc_dissector.probe(hex("05000003 00000000 0018 0000 00000001")),
			 WT_OK);
	/* the shortlist asks with one and two octets */
	ck_assert_int_eq(wt_dcerpc_dissector.probe(hex("04 00")), WT_MORE);
	ck_assert_int_eq(wt_dcerpc_dissector.probe(hex("04 11")), WT_FOREIGN);
	/* C706 12.5.2.3: idempotent, big endian; PROFINET asks so */
	ck_assert_int_eq(
		wt_dcerpc_dissector.probe(
			hex("04 00 20 00 000000 00 00000000000000000000000000000000 "
			    "dea000016c9711d1827100a02442df7d 00000000000000000000000000000001 "
			    "00000000 00000001 00000007 0003 ffff ffff 0000 0000 00 00")),
		WT_OK);
}
END_TEST

/* --- LDAP --- */

START_TEST(a_password_is_there_but_no_more)
{
	struct wt_case *f = stream("ldap");

	/* RFC 4511 4.2: bind of cn=a with the password "pw" */
	wt_case_feed(f, WT_TO_SERVER, hex("30120201 01600d02 01030404 636e3d61 80027077"));
	expect(f, "bind_type=simple");
	expect(f, "bind_dn=cn=a");
	expect(f, "user.secret=pw"); /* the event; redaction makes "present" of it */
	wt_case_free(f);
}
END_TEST

START_TEST(a_filter_deeper_than_the_stack_is_cut)
{
	struct wt_case *f = stream("ldap");

	/* RFC 4511 4.5.1.7: twelve nots around a present */
	wt_case_feed(
		f, WT_TO_SERVER,
		hex("3035 020102 6330 0400 0a0102 0a0100 020100 020100 010100 "
		    "a21b a219 a217 a215 a213 a211 a20f a20d a20b a209 a207 a205 8703 63 6e61 "
		    "3000"));
	wt_case_close(f);
	expect(f, "filter_too_deep");
	wt_case_free(f);
}
END_TEST

START_TEST(starttls_hands_the_flow_on)
{
	struct wt_case *f = stream("ldap");

	wt_case_feed(f, WT_TO_SERVER,
		     hex("301d0201 01771880 16312e33 2e362e31 2e342e31 2e313436 "
			 "362e3230 303337"));
	wt_case_feed(f, WT_TO_CLIENT, hex("300c0201 01780702 01000400 0400"));
	wt_case_clear_text(f);
	wt_case_feed(f, WT_TO_CLIENT, hex("300c0201 01780702 01000400 0400"));
	expect(f, "");
	wt_case_free(f);
}
END_TEST

/* --- Kerberos --- */

START_TEST(a_kerberos_error_is_read_from_a_datagram)
{
	struct wt_case *f = wt_case_new("kerberos", false, true);

	/* RFC 4120 5.9.1: pvno 5, type 30, stime, susec, code 25, realm, sname */
	wt_case_datagram(f, WT_TO_CLIENT,
			 hex("7e4a 3048 a003020105 a10302011e "
			     "a411180f 32303236313132363034303030305a a503020100 a603020119 "
			     "a9061b04 57415244 aa17 3015 a003020102 a10e300c "
			     "1b066b72 62746774 1b025752"),
			 false);
	expect(f, "error=preauth_required");
	expect(f, "sname=krbtgt/WR");
	wt_case_free(f);
}
END_TEST

START_TEST(a_type_that_contradicts_its_tag_is_foreign)
{
	struct wt_case *f = wt_case_new("kerberos", false, true);

	wt_case_datagram(f, WT_TO_CLIENT, hex("7e0e 300c a003020105 a10302010a 0000"), false);
	ck_assert_uint_eq(wt_case_count(f, "kerberos"), 0);
	wt_case_free(f);
}
END_TEST

/* --- RDP --- */

START_TEST(rdp_without_nla_is_flagged_and_s7_is_not_ours)
{
	struct wt_case *f = stream("rdp");

	wt_case_feed(f, WT_TO_SERVER,
		     hex("03000026 21e00000 00000043 6f6f6b69 653a206d 73747368 "
			 "6173683d 65766500 0d0a"));
	wt_case_free(f);
	f = stream("rdp");
	wt_case_feed(f, WT_TO_SERVER, hex("03000013 0ee00000 00000001 00080000 000000"));
	wt_case_feed(f, WT_TO_CLIENT, hex("03000013 0ed00000 12340002 00080000 000000"));
	expect(f, "requested=rdp");
	expect(f, "is_without_nla=true");
	wt_case_free(f);
	f = stream("rdp"); /* connection request with TSAPs */
	wt_case_feed(f, WT_TO_SERVER, hex("03000016 11e00000 000100c0 010ac102 0100c202 0102"));
	wt_case_close(f);
	ck_assert_uint_eq(wt_case_count(f, "rdp"), 0);
	wt_case_free(f);
}
END_TEST

/* --- ONC RPC --- */

START_TEST(a_record_of_many_fragments_is_passed_over)
{
	struct wt_case *f = stream("rpc");

	/* RFC 5531 11: first fragment with a getport, then one that is not the last, the last
	 */
	wt_case_feed(f, WT_TO_SERVER,
		     hex("00000038 00000001 00000000 00000002 000186a0 00000002 "
			 "00000003 00000000 00000000 00000000 00000000 000186a3 00000003 "
			 "00000006 00000000"));
	wt_case_feed(f, WT_TO_SERVER, hex("00000004 ffffffff 80000004 ffffffff"));
	wt_case_close(f);
	ck_assert_uint_eq(wt_case_count(f, "glitch"), 0);
	wt_case_free(f);
}
END_TEST

START_TEST(nfs_names_and_writes_are_told)
{
	struct wt_case *f = wt_case_new("rpc", false, true);

	/* RFC 1094 2.2.10: write at 0 of "#!/x"; RFC 1094 2.2.11: create "a.sh" */
	wt_case_datagram(f, WT_TO_SERVER,
			 hex("00000001 00000000 00000002 000186a3 00000002 00000008 "
			     "00000000 00000000 00000000 00000000 "
			     "0000000000000000000000000000000000000000000000000000000000000001 "
			     "00000000 00000000 00000004 00000004 23212f78"),
			 false);
	expect(f, "file.kind=script");
	expect(f, "is_change=true");
	wt_case_datagram(f, WT_TO_SERVER,
			 hex("00000002 00000000 00000002 000186a3 00000002 00000009 "
			     "00000000 00000000 00000000 00000000 "
			     "0000000000000000000000000000000000000000000000000000000000000001 "
			     "00000004 612e7368"),
			 false);
	expect(f, "filename=a.sh");
	expect(f, "file.extension=sh");
	wt_case_free(f);
}
END_TEST

START_TEST(an_answer_needs_its_call)
{
	struct wt_case *f = wt_case_new("rpc", false, true);

	wt_case_datagram(f, WT_TO_CLIENT,
			 hex("00000009 00000001 00000000 00000000 00000000 00000000 "
			     "00000801"),
			 false);
	ck_assert_uint_eq(wt_case_count(f, "rpc"), 0);
	wt_case_free(f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("windows");
	TCase *c = tcase_create("protocols");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout(c, 120);
	tcase_add_test(c, utf16_keeps_to_whole_characters);
	tcase_add_test(c, an_extension_is_never_a_name);
	tcase_add_test(c, der_lengths_are_bounded);
	tcase_add_test(c, ntlm_offsets_that_lead_outside_are_empty);
	tcase_add_test(c, a_tower_of_many_floors_is_refused);
	tcase_add_test(c, a_compound_that_points_back_is_refused);
	tcase_add_test(c, a_write_is_passed_over_behind_its_first_bytes);
	tcase_add_test(c, smb1_is_flagged_and_its_chain_ends);
	tcase_add_test(c, a_netbios_request_names_both);
	tcase_add_test(c, encryption_is_said_once);
	tcase_add_test(c, a_call_knows_its_interface);
	tcase_add_test(c, a_sign_on_longer_than_its_unit_is_malformed);
	tcase_add_test(c, a_connectionless_call_is_read);
	tcase_add_test(c, small_numbers_are_no_call);
	tcase_add_test(c, a_password_is_there_but_no_more);
	tcase_add_test(c, a_filter_deeper_than_the_stack_is_cut);
	tcase_add_test(c, starttls_hands_the_flow_on);
	tcase_add_test(c, a_kerberos_error_is_read_from_a_datagram);
	tcase_add_test(c, a_type_that_contradicts_its_tag_is_foreign);
	tcase_add_test(c, rdp_without_nla_is_flagged_and_s7_is_not_ours);
	tcase_add_test(c, a_record_of_many_fragments_is_passed_over);
	tcase_add_test(c, nfs_names_and_writes_are_told);
	tcase_add_test(c, an_answer_needs_its_call);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
