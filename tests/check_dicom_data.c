/* Promises of the DICOM dissector about commands and data sets. */
#include "harness/dicom_case.h"

START_TEST(store_tells_object_and_equipment)
{
	dm_association(&client, &server);
	wt_bench_feed(bench, WT_TO_SERVER, dm_slice(&client));
	SAYS("dicom.context_id=1 dicom.sop_class=\"" CT "\" "
	     "dicom.sop_class_name=\"CT Image Storage\" dicom.message_id=7 "
	     "dicom.sop_instance=\"1.2.3.4.5\" dicom.command=\"C-STORE-RQ\" dicom.dataset=1 "
	     "dicom.transfer_syntax=\"" EXPLICIT "\" dicom.modality=\"CT\" "
	     "device.vendor=\"Fictive\" device.station=\"CT1\" device.model=\"Scan 64\" "
	     "dicom.patient_name=\"DOE^JANE\" dicom.patient_id=\"4711\" "
	     "device.serial=\"SN-1\" device.software=\"4.2\" device.software=\"BIOS 7\" "
	     "dicom.study_uid=\"1.2.3.4\" dicom.dataset_bytes=");
	SAYS("dicom.pdv_count=3\n");
	SILENT("incomplete");
	SILENT("defect");
}
END_TEST

START_TEST(statuses_are_told_in_words)
{
	static const struct {
		int status;
		const char *text;
	} rows[] = {
		{ 0x0000, "\"success\"" },
		{ 0xff01, "\"pending\"" },
		{ 0xfe00, "\"cancelled\"" },
		{ 0xa801, "\"0xA801 move destination unknown\"" },
		{ 0x0124, "\"0x0124 not authorized\"" },
		{ 0xc123, "\"0xC123 cannot process\"" },
		{ 0xa7ff, "\"0xA7FF out of resources\"" },
		{ 0x4242, "\"0x4242\"" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dm_command c = { .code = 0x8021,
					.message_id = 1,
					.status = rows[i].status };

		wt_bench_restart(bench, false);
		dm_command(&server, 1, &c);
		to_client();
		SAYS(rows[i].text);
	}
}
END_TEST

START_TEST(every_command_has_its_name)
{
	static const struct {
		unsigned code;
		const char *name;
	} rows[] = {
		{ 0x0001, "C-STORE-RQ" },        { 0x8001, "C-STORE-RSP" },
		{ 0x0010, "C-GET-RQ" },          { 0x0020, "C-FIND-RQ" },
		{ 0x0021, "C-MOVE-RQ" },         { 0x0030, "C-ECHO-RQ" },
		{ 0x0100, "N-EVENT-REPORT-RQ" }, { 0x0110, "N-GET-RQ" },
		{ 0x0120, "N-SET-RQ" },          { 0x8130, "N-ACTION-RSP" },
		{ 0x0140, "N-CREATE-RQ" },       { 0x8150, "N-DELETE-RSP" },
		{ 0x0fff, "C-CANCEL-RQ" },       { 0x0777, "0x0777" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dm_command c = { .code = rows[i].code, .message_id = 1, .status = -1 };
		char needle[64] = "dicom.command=\"";

		wt_bench_restart(bench, false);
		dm_command(&client, 1, &c);
		to_server();
		strcat(strcat(needle, rows[i].name), "\"");
		SAYS(needle);
	}
}
END_TEST

START_TEST(cancel_takes_its_class_from_the_context)
{
	struct dm_command c = { .code = 0x0fff, .message_id = 9, .status = -1 };

	associate(FIND, IMPLICIT);
	dm_command(&client, 1, &c);
	to_server();
	SAYS("dicom.responded_to=9 dicom.command=\"C-CANCEL-RQ\" dicom.dataset=0 "
	     "dicom.sop_class=\"" FIND "\"");
}
END_TEST

START_TEST(move_names_its_destination)
{
	struct dm_command c = {
		.code = 0x0021, .message_id = 1, .status = -1, .move_destination = "..\\EVIL "
	};

	dm_command(&client, 1, &c);
	to_server();
	SAYS("dicom.has_path_traversal=1 dicom.move_destination=\"..\\EVIL\"");
}
END_TEST

static void add_query(const char *name, const char *id, const char *date)
{
	dm_implicit(&set, 0x00080020, date);
	dm_implicit(&set, 0x00080052, "STUDY");
	dm_implicit(&set, 0x00100010, name);
	dm_implicit(&set, 0x00100020, id);
}

START_TEST(queries_that_nothing_narrows_are_broad)
{
	associate(FIND, IMPLICIT);
	add_query("*", "", "");
	message(0x0020, FIND);
	SAYS("dicom.query_level=\"STUDY\" dicom.patient_name=\"*\" dicom.is_broad_query=1");
	set.len = 0;
	add_query("*", "4711", "20260101-");
	message(0x0020, FIND);
	SAYS("dicom.patient_id=\"4711\" dicom.is_broad_query=0 dicom.has_query_date=1");
}
END_TEST

START_TEST(worklist_query_shows_the_planned_station)
{
	const char *worklist = "1.2.840.10008.5.1.4.31";

	associate(worklist, IMPLICIT);
	dm_u16le(&set, 0x0040);
	dm_u16le(&set, 0x0100);
	dm_u32le(&set, 8 + 10 + 12);
	dm_u16le(&set, 0xfffe);
	dm_u16le(&set, 0xe000);
	dm_u32le(&set, 10 + 12);
	dm_implicit(&set, 0x00080060, "CT");
	dm_implicit(&set, 0x00400001, "CT99");
	message(0x0020, worklist);
	SAYS("dicom.modality=\"CT\" dicom.scheduled_ae=\"CT99\" dicom.is_broad_query=0");
}
END_TEST

START_TEST(a_commitment_tells_its_transaction)
{
	const char *commitment = "1.2.840.10008.1.20.1";

	associate(commitment, IMPLICIT);
	dm_implicit(&set, 0x00081195, "2.25.4711");
	message(0x0130, commitment);
	SAYS("dicom.transaction_uid=\"2.25.4711\" dicom.dataset_bytes=");
}
END_TEST

START_TEST(encodings_are_read_or_guessed)
{
	static const char *const transfer[] = { IMPLICIT, EXPLICIT, BIG, NULL };
	unsigned way, is_known;

	for (way = 0; transfer[way]; way++) {
		for (is_known = 0; is_known < 2; is_known++) {
			wt_bench_restart(bench, false);
			if (is_known)
				associate(CT, transfer[way]);
			set.len = 0;
			if (way == 0)
				dm_implicit(&set, 0x00080070, "Fictive");
			else
				dm_explicit(&set, way == 2, 0x00080070, "LO", "Fictive");
			message(0x0001, CT);
			SAYS("device.vendor=\"Fictive\"");
			SILENT("defect");
		}
	}
}
END_TEST

START_TEST(deflated_and_strange_data_sets_are_let_be)
{
	associate(CT, "1.2.840.10008.1.2.1.99");
	dm_text(&set, "\x78\x9c garbage that is no element");
	message(0x0001, CT);
	SAYS("dicom.command=\"C-STORE-RQ\"");
	SILENT("defect");
	wt_bench_restart(bench, false);
	message(0x0001, CT);
	SAYS("dicom.command=\"C-STORE-RQ\"");
	SILENT("defect");
}
END_TEST

/* `n` sequences of undefined length inside each other, closed or not. */
static void add_sequences(unsigned n, bool is_closed)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		dm_u16le(&set, 0x0008);
		dm_u16le(&set, 0x1110 + i);
		dm_u32le(&set, UINT32_MAX);
		dm_u16le(&set, 0xfffe);
		dm_u16le(&set, 0xe000);
		dm_u32le(&set, UINT32_MAX);
	}
	for (i = 0; i < n && is_closed; i++) {
		dm_u16le(&set, 0xfffe);
		dm_u16le(&set, 0xe00d);
		dm_u32le(&set, 0);
		dm_u16le(&set, 0xfffe);
		dm_u16le(&set, 0xe0dd);
		dm_u32le(&set, 0);
	}
}

START_TEST(sixteen_nested_sequences_are_walked_seventeen_are_not)
{
	associate(CT, IMPLICIT);
	add_sequences(16, true);
	dm_implicit(&set, 0x00181000, "SN-1");
	message(0x0001, CT);
	SAYS("device.serial=\"SN-1\"");
	SILENT("defect");
	set.len = 0;
	add_sequences(17, true);
	message(0x0001, CT);
	SAYS("dicom.defect=\"sequence_too_deep\"");
	set.len = 0;
	add_sequences(3, false);
	message(0x0001, CT);
	SAYS("dicom.defect=\"dataset_cut\"");
}
END_TEST

START_TEST(patient_inside_a_sequence_is_not_the_patient)
{
	associate(CT, IMPLICIT);
	dm_u16le(&set, 0x0008);
	dm_u16le(&set, 0x1120);
	dm_u32le(&set, UINT32_MAX);
	dm_u16le(&set, 0xfffe);
	dm_u16le(&set, 0xe000);
	dm_u32le(&set, UINT32_MAX);
	dm_implicit(&set, 0x00100020, "4711");
	message(0x0001, CT);
	SILENT("patient_id");
}
END_TEST

START_TEST(broken_data_sets_are_told_and_do_not_end_the_message)
{
	static const struct {
		uint32_t a, a_len, b, b_len;
		const char *defect;
	} rows[] = {
		{ 0x00080060, 0, 0x00080060, 0, "tags_not_ascending" },
		{ 0x00080060, 0, 0x00080070, 0xfffffffe, "element_overrun" },
		{ 0x00080060, 0, 0x00080070, 0x7fffffff, "dataset_cut" },
		{ 0x00080060, 0, 0xfffee000, 0, "bad_sequence" },
		{ 0x00081110, 0xffffffff, 0x00080070, 0, "bad_sequence" },
		{ 0x00400100, 12, 0xfffee000, 5, "element_overrun" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char needle[64] = "dicom.defect=\"";

		wt_bench_restart(bench, false);
		associate(CT, IMPLICIT);
		set.len = 0;
		add_claim(rows[i].a, rows[i].a_len);
		add_claim(rows[i].b, rows[i].b_len);
		dm_fill(&set, 0, 8);
		message(0x0001, CT);
		strcat(strcat(needle, rows[i].defect), "\"");
		SAYS(needle);
		SAYS("dicom.command=\"C-STORE-RQ\"");
	}
}
END_TEST

START_TEST(programs_in_documents_are_told)
{
	associate("1.2.840.10008.5.1.4.1.1.104.1", IMPLICIT);
	add_claim(0x00420011, 64);
	dm_text(&set, "\x7f"
		      "ELF");
	dm_fill(&set, 0, 60);
	message(0x0001, "1.2.840.10008.5.1.4.1.1.104.1");
	SAYS("dicom.executable=\"elf\"");
	set.len = 0;
	add_claim(0x00091001, 128);
	dm_text(&set, "MZ");
	dm_fill(&set, 0, 0x3a);
	dm_u32le(&set, 0x80);
	dm_fill(&set, 0, 64);
	message(0x0001, "1.2.840.10008.5.1.4.1.1.104.1");
	SAYS("dicom.executable=\"pe\"");
}
END_TEST

START_TEST(paths_in_uids_are_told)
{
	associate(CT, IMPLICIT);
	dm_implicit(&set, 0x0020000d, "1.2/../../etc");
	message(0x0001, CT);
	SAYS("dicom.has_path_traversal=1");
	set.len = 0;
	wt_bench_restart(bench, false);
	dm_implicit(&set, 0x0020000d, "1.2\\1.3"); /* a list of UIDs */
	message(0x0020, FIND);
	SILENT("dicom.has_path_traversal");
	SAYS("dicom.is_broad_query=0");
}
END_TEST

START_TEST(udi_is_taken_apart)
{
	associate(CT, IMPLICIT);
	dm_implicit(&set, 0x00181009, "(01)00844588003288(21)1234");
	message(0x0001, CT);
	SAYS("device.udi_issuer=\"GS1\" device.udi_di=\"00844588003288\"");
}
END_TEST

START_TEST(next_message_ends_one_whose_data_never_came)
{
	struct dm_command c = {
		.code = 0x0001, .message_id = 1, .has_dataset = true, .status = -1
	};

	associate(CT, IMPLICIT);
	dm_command(&client, 1, &c);
	dm_implicit(&set, 0x00080060, "CT");
	dm_p_data(&client, 1, 0, dm_slice(&set));
	c.message_id = 2;
	dm_command(&client, 1, &c);
	dm_p_data(&client, 1, 2, dm_slice(&set));
	to_server();
	SAYS("dicom.message_id=1");
	SAYS("dicom.is_incomplete=1 dicom.dataset_bytes=10 dicom.pdv_count=2");
	SAYS("dicom.message_id=2");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		store_tells_object_and_equipment,
		statuses_are_told_in_words,
		every_command_has_its_name,
		cancel_takes_its_class_from_the_context,
		move_names_its_destination,
		queries_that_nothing_narrows_are_broad,
		worklist_query_shows_the_planned_station,
		a_commitment_tells_its_transaction,
		encodings_are_read_or_guessed,
		deflated_and_strange_data_sets_are_let_be,
		sixteen_nested_sequences_are_walked_seventeen_are_not,
		patient_inside_a_sequence_is_not_the_patient,
		broken_data_sets_are_told_and_do_not_end_the_message,
		programs_in_documents_are_told,
		udi_is_taken_apart,
		paths_in_uids_are_told,
		next_message_ends_one_whose_data_never_came,
	};

	return dicom_run("dicom data", tests, sizeof(tests) / sizeof(tests[0]));
}
