/* Promises of the DICOM dissector about associations: who, with what software, for
 * what; breaches of the rules; the tables of identifiers. Messages are in
 * check_dicom_data.c, cuts and losses in check_dicom_stream.c. */
#include "harness/dicom_case.h"

#include "../dissectors/dicom_uid.h"

static void tables_are_sorted(const struct dicom_uid_row *rows, unsigned n)
{
	unsigned i;

	for (i = 1; i < n; i++)
		ck_assert_msg(strcmp(rows[i - 1].uid, rows[i].uid) < 0, "%s before %s",
			      rows[i - 1].uid, rows[i].uid);
}

START_TEST(uid_tables_are_sorted_and_found)
{
	unsigned i;
	uint8_t room[DICOM_UID_MAX];

	tables_are_sorted(dicom_sop_rows, dicom_n_sop_rows);
	tables_are_sorted(dicom_transfer_rows, dicom_n_transfer_rows);
	tables_are_sorted(dicom_impl_rows, dicom_n_impl_rows);
	for (i = 0; i < dicom_n_sop_rows; i++)
		ck_assert_uint_eq(dicom_sop_find(dicom_uid_full(&dicom_sop_rows[i], room)),
				  i + 1);
	for (i = 0; i < dicom_n_transfer_rows; i++)
		ck_assert_uint_eq(
			dicom_transfer_find(dicom_uid_full(&dicom_transfer_rows[i], room)), i);
	ck_assert(wt_slice_equal(dicom_sop_name(WT_LIT(CT)), WT_LIT("CT Image Storage")));
	ck_assert_uint_eq(dicom_sop_name(WT_LIT("1.2.3")).len, 0);
}
END_TEST

START_TEST(toolkit_is_named_by_whole_components)
{
	ck_assert(wt_slice_equal(dicom_impl_name(WT_LIT("1.2.276.0.7230010.3.0.3.6.7")),
				 WT_LIT("DCMTK")));
	ck_assert(wt_slice_equal(dicom_impl_name(WT_LIT("1.2.276.0.7230010.3.0.3.6.2")),
				 WT_LIT("DCMTK 3.6.2 or nmap")));
	ck_assert(wt_slice_equal(dicom_impl_name(WT_LIT("1.2.40.0.13.1.1.1")),
				 WT_LIT("dcm4che 2")));
	ck_assert_uint_eq(dicom_impl_name(WT_LIT("1.2.40.0.13.1.11")).len, 0);
	ck_assert_uint_eq(dicom_impl_name(WT_LIT("1.2.826.0.1.3680043.9.38110.1")).len, 0);
	ck_assert_uint_eq(dicom_impl_name(WT_LIT("...")).len, 0);
}
END_TEST

START_TEST(uid_rules)
{
	ck_assert(dicom_uid_is_valid(WT_LIT("1.2.840")));
	ck_assert(!dicom_uid_is_valid(WT_LIT("")));
	ck_assert(!dicom_uid_is_valid(WT_LIT("1..2")));
	ck_assert(!dicom_uid_is_valid(WT_LIT(".1")));
	ck_assert(!dicom_uid_is_valid(WT_LIT("1.2.")));
	ck_assert(!dicom_uid_is_valid(WT_LIT("1.2a")));
	ck_assert(!dicom_uid_is_valid(WT_LIT("1.234567890.234567890.234567890.234567890."
					     "234567890.234567890.2345")));
	ck_assert(dicom_has_traversal(WT_LIT("1.2/3")) && dicom_has_traversal(WT_LIT("a\\b")) &&
		  dicom_has_traversal(WT_LIT("..")) && !dicom_has_traversal(WT_LIT("1.2.3")));
}
END_TEST

START_TEST(request_tells_peer_and_toolkit)
{
	dm_request(&client, CT, EXPLICIT, 1, 16384);
	to_server();
	ck_assert_str_eq(
		wt_bench_text(bench),
		"> dicom dicom.pdu=\"A-ASSOCIATE-RQ\" dicom.calling_ae=\"MODALITY\""
		" dicom.called_ae=\"ARCHIVE\" dicom.protocol_version=1"
		" dicom.app_context=\"1.2.840.10008.3.1.1.1\" dicom.abstract_syntax=\"" CT "\""
		" dicom.transfer_syntax=\"" EXPLICIT "\" dicom.max_pdu=16384"
		" dicom.impl_class_uid=\"1.2.276.0.7230010.3.0.3.6.7\""
		" dicom.impl_name=\"DCMTK\" dicom.impl_version=\"OFFIS_DCMTK_367\""
		" dicom.context_count=1\n");
}
END_TEST

START_TEST(one_hundred_and_twenty_eight_contexts)
{
	dm_request(&client, "1.2.840.10008.1.1", EXPLICIT, 128, 0);
	dm_accept(&server, EXPLICIT, 128, 0);
	to_server();
	to_client();
	ck_assert_uint_eq(count("dicom.context_count=128"), 2);
	SAYS("dicom.accepted_count=128");
	SAYS("dicom.is_verification_only=1");
	ck_assert_uint_eq(count("dicom.context_result=0"), 128);
	ck_assert_uint_eq(count(" ~"), 0);
}
END_TEST

START_TEST(answer_lists_results_and_only_accepted_classes)
{
	static const unsigned result[] = { 0, 3, 4 };
	size_t pdu, at;
	unsigned i;

	dm_request(&client, CT, EXPLICIT, 3, 0);
	to_server();
	pdu = dm_pdu(&server, 2);
	dm_titles(&server, "ARCHIVE", "MODALITY");
	for (i = 0; i < 3; i++) {
		at = dm_item(&server, 0x21);
		dm_u32(&server, (2 * i + 1) << 24 | result[i] << 8);
		dm_item_text(&server, 0x40, i ? "" : EXPLICIT);
		dm_item_end(&server, at);
	}
	dm_pdu_end(&server, pdu);
	to_client();
	SAYS("dicom.context_result=0 dicom.abstract_syntax=\"" CT "\" "
	     "dicom.transfer_syntax=\"" EXPLICIT "\" dicom.context_result=3 "
	     "dicom.context_result=4 dicom.context_count=3 dicom.accepted_count=1 "
	     "dicom.rejected_count=2");
	SILENT("has_invalid_uid");
}
END_TEST

START_TEST(user_information_is_read_whole)
{
	size_t pdu = dm_pdu(&client, 1), user, at;

	dm_titles(&client, "A", "B");
	user = dm_item(&client, 0x50);
	at = dm_item(&client, 0x53);
	dm_u32(&client, 0x00050006);
	dm_item_end(&client, at);
	at = dm_item(&client, 0x54);
	dm_u16(&client, 3);
	dm_text(&client, "1.2");
	dm_u16(&client, 0x0001);
	dm_item_end(&client, at);
	at = dm_item(&client, 0x57);
	dm_u16(&client, 3);
	dm_text(&client, "1.3");
	dm_item_end(&client, at);
	at = dm_item(&client, 0x58);
	dm_u16(&client, 0x0201);
	dm_u16(&client, 5);
	dm_text(&client, "nurse");
	dm_u16(&client, 6);
	dm_text(&client, "secret");
	dm_item_end(&client, at);
	dm_item_end(&client, user);
	dm_pdu_end(&client, pdu);
	to_server();
	SAYS("dicom.async_invoked=5 dicom.async_performed=6 dicom.role=\"1.2 scp\" "
	     "dicom.ext_negotiation=\"1.3\" dicom.user_identity_type=2 "
	     "dicom.user_identity_response=1 user.name=\"nurse\" user.secret=\"secret\" "
	     "dicom.context_count=0 dicom.role_count=1");
}
END_TEST

START_TEST(long_ticket_is_a_secret_and_not_buffered)
{
	size_t pdu = dm_pdu(&client, 1), user, at;

	dm_titles(&client, "A", "B");
	user = dm_item(&client, 0x50);
	at = dm_item(&client, 0x58);
	dm_u16(&client, 0x0400);
	dm_u16(&client, 60000);
	dm_fill(&client, 'x', 60000);
	dm_u16(&client, 0);
	dm_item_end(&client, at);
	dm_item_text(&client, 0x55, "AFTER");
	dm_item_end(&client, user);
	dm_pdu_end(&client, pdu);
	to_server();
	SAYS("dicom.impl_version=\"AFTER\"");
	SAYS("user.secret=");
	SILENT("user.name=");
	ck_assert_uint_lt(wt_bench_delivered(bench, WT_TO_SERVER), 300);
}
END_TEST

START_TEST(identity_longer_than_its_item_keeps_the_request)
{
	size_t pdu = dm_pdu(&client, 1), user, at;

	dm_titles(&client, "A", "B");
	user = dm_item(&client, 0x50);
	at = dm_item(&client, 0x58);
	dm_u16(&client, 0x0100);
	dm_u16(&client, 5);
	dm_text(&client, "nurse");
	dm_u16(&client, 60000);
	dm_item_end(&client, at);
	dm_fill(&client, 'x', 100);
	dm_item_end(&client, user);
	dm_pdu_end(&client, pdu);
	dm_short(&client, 7, 0, 0, 0);
	to_server();
	SAYS("glitch.reason=\"malformed_length\"");
	SAYS("dicom.is_incomplete=1");
	SAYS("A-ABORT");
}
END_TEST

START_TEST(ends_are_told_in_words)
{
	dm_request(&client, CT, EXPLICIT, 1, 0);
	to_server();
	dm_short(&server, 3, 1, 1, 7);
	to_client();
	SAYS("dicom.reject_result=1 dicom.reject_source=1 dicom.reject_reason=7 "
	     "dicom.reject_text=\"called AE title not recognized\"");
	wt_bench_restart(bench, false);
	dm_short(&server, 7, 0, 2, 2);
	to_client();
	SAYS("dicom.abort_source=2 dicom.abort_reason=2 dicom.abort_text=\"unexpected PDU\"");
}
END_TEST

START_TEST(breaches_of_the_association_are_glitches)
{
	struct dm_command c = { .code = 0x0030, .message_id = 1, .status = -1 };

	dm_request(&client, CT, EXPLICIT, 1, 0);
	dm_command(&client, 1, &c);
	to_server();
	dm_accept(&server, EXPLICIT, 1, 32);
	to_client();
	SAYS("glitch.reason=\"p_data_before_accept\"");
	dm_command(&client, 1, &c);
	dm_command(&client, 1, &c);
	to_server();
	SAYS("glitch.reason=\"pdu_exceeds_maximum\"");
	dm_command(&client, 2, &c);
	to_server();
	SAYS("glitch.reason=\"even_context_id\"");
	dm_command(&client, 5, &c);
	to_server();
	SAYS("glitch.reason=\"unaccepted_context\"");
	dm_request(&client, CT, EXPLICIT, 1, 0);
	to_server();
	SAYS("glitch.reason=\"second_associate_rq\"");
	dm_short(&client, 7, 0, 0, 0);
	dm_command(&client, 1, &c);
	to_server();
	SAYS("glitch.reason=\"p_data_after_end\"");
	ck_assert_uint_eq(count("C-ECHO-RQ"), 6);
}
END_TEST

START_TEST(impossible_lengths_are_refused)
{
	static const char *const heads[] = {
		"\x04\0\0\0\0\0 ",
		"\x04\0\0\0\0\x05 ",
		"\x04\0\x7f\xff\xff\xff ",
		"\x01\0\0\0\0\x43 ",
		"\x01\0\0\x10\0\0 ",
		"\x03\0\0\0\0\x03 ",
		"\x08\0\0\0\0\x04 ",
		"\x04\0\0\0\0\x10\0\0\0\x01\x01\x03 ",
		"\x04\0\0\0\0\x10\0\0\0\x0d\x01\x03 ",
		"\x04\0\0\0\0\x10\xff\xff\xff\xff\x01\x03 ",
	};
	static const size_t len[] = { 6, 6, 6, 6, 6, 6, 6, 12, 12, 12 };
	struct dm_command c = { .code = 0x0030, .message_id = 1, .status = -1 };
	size_t i;

	for (i = 0; i < sizeof(len) / sizeof(len[0]); i++) {
		wt_bench_restart(bench, false);
		dm_bytes(&client, wt_slice_of(heads[i], len[i]));
		dm_fill(&client, 0xff, 100);
		dm_command(&client, 1, &c);
		to_server();
		ck_assert_msg(count("glitch glitch") == 1, "%zu: %s", i, wt_bench_text(bench));
		SAYS("C-ECHO-RQ");
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		uid_tables_are_sorted_and_found,
		toolkit_is_named_by_whole_components,
		uid_rules,
		request_tells_peer_and_toolkit,
		one_hundred_and_twenty_eight_contexts,
		answer_lists_results_and_only_accepted_classes,
		user_information_is_read_whole,
		long_ticket_is_a_secret_and_not_buffered,
		identity_longer_than_its_item_keeps_the_request,
		ends_are_told_in_words,
		breaches_of_the_association_are_glitches,
		impossible_lengths_are_refused,
	};

	return dicom_run("dicom", tests, sizeof(tests) / sizeof(tests[0]));
}
