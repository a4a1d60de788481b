/* The HL7 v2 probe, and what is known of real captures (pcaps/hl7/TRUTH.jsonl, and the
 * shared set's TRUTH.md) through decode, flow and dissect. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WT_NO_POISON
#include "harness/bench.h"
#include "wardtap/dissector.h"

extern const struct wt_dissector wt_hl7_dissector;

/* --- probe --- */

START_TEST(probe_knows_hl7_and_refuses_others)
{
	static const struct {
		const char *head;
		enum wt_verdict verdict;
	} rows[] = {
		{ "\x0bMSH|", WT_OK },
		{ "\x0b"
		  "FHS|^~\\&|",
		  WT_OK },
		{ "\x0b"
		  "BHS#",
		  WT_OK },
		{ "\x0b\x06\x1c\r", WT_OK },
		{ "\x0b\x15\x1c\r", WT_OK },
		{ "\x0b\x15\x1c", WT_MORE },
		{ "\x0b\x06xx", WT_FOREIGN },
		{ "\x0bMSHx", WT_FOREIGN },
		{ "\x0b"
		  "D21\rMSH|",
		  WT_OK },
		{ "MSH|^~\\&|A", WT_OK },
		{ "MSH#*!%$#A", WT_OK },
		{ "MSH|^~\\&", WT_MORE },
		{ "MSH|^^\\&|A", WT_FOREIGN },
		{ "MSH|abcd|", WT_FOREIGN },
		{ "MSH|^~\\&#|A", WT_OK },
		{ "\r\nMSH|^~\\&|A", WT_OK },
		{ "GET / HTTP/1.1\r\n", WT_FOREIGN },
		{ "SSH-2.0-x\r\n", WT_FOREIGN },
		{ "\x01", WT_FOREIGN },
		{ "H|\\^&|||", WT_FOREIGN },
		{ "OBX|1|\x1c\r\x0bMSH|^~\\&|A", WT_FOREIGN },
		{ "", WT_MORE },
		{ "\x0b", WT_MORE },
		{ "MSHELL", WT_FOREIGN },
		{ "BHS is", WT_FOREIGN },
		{ "POST /\x0bMSH|^~\\&|A", WT_FOREIGN },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(wt_hl7_dissector.probe(wt_slice_of(
				      rows[i].head, strlen(rows[i].head))) == rows[i].verdict,
			      "row %zu: %s", i, rows[i].head);
	for (i = 0; i < 10; i++)
		ck_assert_int_eq(wt_hl7_dissector.probe(wt_slice_of("\x0bMSH|^~\\&|", i)),
				 i < 5 ? WT_MORE : WT_OK);
}
END_TEST

/* --- captures --- */

struct expected {
	const char *path;
	unsigned n_messages, n_commits, n_batches;
	const char *word; /* of some event */
};

static const struct expected captures[] = {
	{ "../shared/pcaps/hl7/tapirx__HL7-ADT.pcap", 2, 0, 0,
	  "hl7.control_id=\"934576120110613083617" },
	{ "../shared/pcaps/hl7/tapirx__HL7-ADT-UDI-PRT.pcap", 2, 0, 0,
	  "device.model=\"Hospira" },
	{ "../shared/pcaps/hl7-synthetic/mpa__replay_attack.pcap", 1, 0, 0,
	  "hl7.framing=\"none" },
	{ "../shared/pcaps/hl7-synthetic/mpa__traffic_spike.pcap", 51, 0, 0, "ORM^O01" },
	{ "../shared/pcaps/hl7-synthetic/mpa__no_alerts.pcap", 0, 0, 0, "" },
	{ "../shared/pcaps/lab-hl7/lab__medplum_adt_port56000.pcap", 10, 0, 0,
	  "hl7.ack_for=\"1001127" },
	{ "../shared/pcaps/lab-hl7/lab__pyhl7_adt.pcap", 8, 0, 0,
	  "hl7.message_type=\"ADT^A47" },
	{ "../shared/pcaps/lab-hl7/lab__pyhl7_ihe_pcd01_dec.pcap", 4, 0, 0,
	  "device.eui64=\"080019FFFE3ED02D" },
	{ "../shared/pcaps/lab-hl7/lab__pyhl7_ihe_pcd10_ipec.pcap", 6, 0, 0,
	  "hl7.pump_event=\"MDC_EVT_PUMP_DELIV_START" },
	{ "pcaps/hl7/adt-oru.pcap", 10, 0, 0, "hl7.control_id=\"ADT00001" },
	{ "pcaps/hl7/batch.pcap", 16, 0, 8, "hl7.batch_counted=3 hl7.batch_stated=4" },
	{ "pcaps/hl7/mllp-r2.pcap", 15, 8, 0, "mllp2-nak" },
	{ "pcaps/hl7/lf-crlf.pcap", 8, 0, 0, "hl7.has_lf=1" },
	{ "pcaps/hl7/large.pcap", 2, 0, 0, "hl7.has_long_field=1" },
	{ "pcaps/hl7/executable.pcap", 4, 0, 0, "hl7.embedded=\"elf" },
	{ "pcaps/hl7/raw-tcp.pcap", 4, 0, 0, "hl7.framing=\"none" },
	{ "pcaps/hl7/pcd01-pump.pcap", 10, 0, 0, "device.serial=\"SYN-PMP-000101" },
	{ "pcaps/hl7/pcd03-programming.pcap", 10, 0, 0, "hl7.pump_rate=130000000" },
	{ "pcaps/hl7/tiny-segments.pcap", 2, 0, 0, "hl7.control_id=\"SLO00001" },
};

/* Lines of the bench's text that begin with an event of this type. */
static unsigned count(const char *text, const char *type)
{
	size_t len = strlen(type);
	unsigned n = 0;

	for (; *text; text = strchr(text, '\n') + 1)
		if (strncmp(text + 2, type, len) == 0 && (text[2 + len] == ' '))
			n++;
	return n;
}

START_TEST(captures_hold_what_is_known_of_them)
{
	const struct expected *want = &captures[_i];
	struct wt_bench *b;
	const char *text;

	if (access(want->path, R_OK) != 0) {
		fprintf(stderr, "check_hl7_captures: ABSENT, not tested: %s\n", want->path);
		return;
	}
	b = wt_bench_new("hl7", true);
	ck_assert(wt_bench_replay(b, want->path));
	text = wt_bench_text(b);
	ck_assert_msg(count(text, "hl7") == want->n_messages &&
			      count(text, "hl7_commit") == want->n_commits &&
			      count(text, "hl7_batch") == want->n_batches &&
			      strstr(text, want->word),
		      "%s: %u messages, %u commits, %u batches, \"%s\"?\n%s", want->path,
		      count(text, "hl7"), count(text, "hl7_commit"), count(text, "hl7_batch"),
		      want->word, text);
	wt_bench_free(b);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("hl7 captures");
	TCase *c = tcase_create("captures");
	SRunner *runner = srunner_create(suite);
	int n_failed;

	tcase_set_timeout(c, 60);
	tcase_add_test(c, probe_knows_hl7_and_refuses_others);
	tcase_add_loop_test(c, captures_hold_what_is_known_of_them, 0,
			    sizeof(captures) / sizeof(captures[0]));
	suite_add_tcase(suite, c);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
