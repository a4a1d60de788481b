/* Promises of the DICOM dissector about streams: any cut gives the same events, loss
 * costs only what was lost, bulk data takes no memory, and nothing else is taken for
 * DICOM. Captures: pcaps/dicom of this repository and the public ones beside it; a
 * missing one is said loudly and not tested. */
#define _GNU_SOURCE /* strdup */
#include "harness/dicom_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WT_NO_POISON
#include "wardtap/dissector.h"

extern const struct wt_dissector wt_dicom_dissector;

/* An association as it goes over the wire: turns of the two sides. */
struct turn {
	enum wt_direction dir;
	struct wt_slice bytes;
};

#define TURNS 4

static void make_turns(struct turn *turn)
{
	struct wt_slice c, s;
	size_t request, answer;

	dm_association(&client, &server);
	c = dm_slice(&client);
	s = dm_slice(&server);
	request = 6 + ((size_t)c.ptr[4] << 8 | c.ptr[5]);
	answer = 6 + ((size_t)s.ptr[4] << 8 | s.ptr[5]);
	turn[0] = (struct turn){ WT_TO_SERVER, wt_slice_head(c, request) };
	turn[1] = (struct turn){ WT_TO_CLIENT, wt_slice_head(s, answer) };
	turn[2] = (struct turn){ WT_TO_SERVER, wt_slice_tail(c, request) };
	turn[3] = (struct turn){ WT_TO_CLIENT, wt_slice_tail(s, answer) };
}

/* Feeds all turns, cut where `is_cut` says so of the running number of a byte. */
static const char *play(const struct turn *turn, bool (*is_cut)(size_t at, size_t what),
			size_t what)
{
	size_t at = 0, i, from, to;

	wt_bench_restart(bench, false);
	for (i = 0; i < TURNS; i++) {
		for (from = 0; from < turn[i].bytes.len; from = to) {
			for (to = from + 1; to < turn[i].bytes.len; to++)
				if (is_cut(at + to, what))
					break;
			wt_bench_feed(bench, turn[i].dir,
				      wt_slice_of(turn[i].bytes.ptr + from, to - from));
		}
		at += turn[i].bytes.len;
	}
	wt_bench_close(bench);
	return wt_bench_text(bench);
}

static bool cut_at(size_t at, size_t what)
{
	return at == what;
}

static bool cut_every(size_t at, size_t what)
{
	return at % what == 0;
}

static bool cut_by_chance(size_t at, size_t what)
{
	uint64_t x = (uint64_t)at * UINT64_C(0x9e3779b97f4a7c15) + what;

	x ^= x >> 31;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	return (x >> 40) % (2 + what % 97) == 0;
}

static size_t total(const struct turn *turn)
{
	size_t i, sum = 0;

	for (i = 0; i < TURNS; i++)
		sum += turn[i].bytes.len;
	return sum;
}

START_TEST(every_cut_gives_the_same_events)
{
	struct turn turn[TURNS];
	char *whole;
	size_t i;

	make_turns(turn);
	whole = strdup(play(turn, cut_at, SIZE_MAX));
	ck_assert(whole != NULL);
	ck_assert_uint_eq(count("> dicom"), 4);
	ck_assert_uint_eq(count("< dicom"), 4);
	SILENT("glitch");
	for (i = 1; i < total(turn); i++)
		ck_assert_str_eq(play(turn, cut_at, i), whole);
	for (i = 1; i < 40; i++)
		ck_assert_str_eq(play(turn, cut_every, i), whole);
	for (i = 0; i < 200; i++)
		ck_assert_str_eq(play(turn, cut_by_chance, i), whole);
	free(whole);
}
END_TEST

START_TEST(every_prefix_keeps_what_was_whole)
{
	struct turn turn[TURNS];
	size_t i, len;

	make_turns(turn);
	for (len = 0; len < turn[2].bytes.len; len++) {
		wt_bench_restart(bench, false);
		for (i = 0; i < 2; i++)
			wt_bench_feed(bench, turn[i].dir, turn[i].bytes);
		wt_bench_feed(bench, turn[2].dir, wt_slice_head(turn[2].bytes, len));
		wt_bench_close(bench);
		SAYS("A-ASSOCIATE-RQ");
		SAYS("A-ASSOCIATE-AC");
		ck_assert_uint_le(count("incomplete"), 1);
		SILENT("glitch");
		if (len > 100) /* the command is whole: it is told, however the rest ends */
			SAYS("C-STORE-RQ");
	}
}
END_TEST

START_TEST(flipped_bits_never_cost_more_than_their_message)
{
	struct turn turn[TURNS];
	uint8_t *bytes;
	size_t i, bit;

	make_turns(turn);
	bytes = malloc(turn[2].bytes.len);
	ck_assert(bytes != NULL);
	for (bit = 0; bit < turn[2].bytes.len * 8; bit++) {
		struct turn flipped = turn[2];

		memcpy(bytes, turn[2].bytes.ptr, turn[2].bytes.len);
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		flipped.bytes.ptr = bytes;
		wt_bench_restart(bench, false);
		for (i = 0; i < TURNS; i++)
			wt_bench_feed(bench, turn[i].dir,
				      i == 2 ? flipped.bytes : turn[i].bytes);
		wt_bench_close(bench);
		ck_assert_uint_eq(count("< dicom"), 4);
		ck_assert_uint_le(count("\n"), 40);
	}
	free(bytes);
}
END_TEST

START_TEST(each_direction_alone_is_enough)
{
	struct turn turn[TURNS];

	make_turns(turn);
	wt_bench_feed(bench, WT_TO_SERVER, turn[0].bytes);
	wt_bench_feed(bench, WT_TO_SERVER, turn[2].bytes);
	ck_assert_uint_eq(count("> dicom"), 4);
	SAYS("device.serial=\"SN-1\"");
	SILENT("glitch");
	wt_bench_restart(bench, false);
	wt_bench_feed(bench, WT_TO_CLIENT, turn[1].bytes);
	wt_bench_feed(bench, WT_TO_CLIENT, turn[3].bytes);
	ck_assert_uint_eq(count("< dicom"), 4);
	SAYS("dicom.accepted_count=2");
	SILENT("glitch");
}
END_TEST

START_TEST(stream_joined_anywhere_finds_the_next_pdu)
{
	struct turn turn[TURNS];
	size_t at;

	make_turns(turn);
	for (at = 1; at < turn[2].bytes.len - 10; at++) {
		wt_bench_restart(bench, true);
		wt_bench_feed(bench, WT_TO_SERVER, wt_slice_tail(turn[2].bytes, at));
		wt_bench_close(bench);
		SAYS("A-RELEASE-RQ");
		SILENT("glitch");
	}
}
END_TEST

START_TEST(loss_within_pixels_costs_nothing)
{
	struct dm_command c = {
		.code = 0x0001, .message_id = 1, .has_dataset = true, .status = -1
	};
	struct wt_slice all;

	associate(CT, EXPLICIT);
	dm_explicit(&set, false, 0x00080060, "CS", "CT");
	dm_text(&set, "\xe0\x7f\x10");
	dm_u8(&set, 0);
	dm_text(&set, "OW");
	dm_u16le(&set, 0);
	dm_u32le(&set, 16000);
	dm_fill(&set, 0x04, 16000);
	dm_command(&client, 1, &c);
	dm_p_data(&client, 1, 2, dm_slice(&set));
	dm_short(&client, 5, 0, 0, 0);
	all = dm_slice(&client);
	wt_bench_feed(bench, WT_TO_SERVER, wt_slice_head(all, 400));
	wt_bench_lose(bench, WT_TO_SERVER, 1460);
	wt_bench_feed(bench, WT_TO_SERVER, wt_slice_tail(all, 400 + 1460));
	SAYS("dicom.modality=\"CT\" dicom.dataset_bytes=16022 dicom.pdv_count=2\n");
	SAYS("A-RELEASE-RQ");
	SILENT("glitch");
	SILENT("incomplete");
}
END_TEST

START_TEST(loss_of_a_header_costs_one_message)
{
	struct turn turn[TURNS];
	struct wt_slice all;
	size_t at;

	make_turns(turn);
	for (at = 100; at < 500; at += 13) {
		wt_bench_restart(bench, false);
		wt_bench_feed(bench, WT_TO_SERVER, turn[0].bytes);
		wt_bench_feed(bench, WT_TO_CLIENT, turn[1].bytes);
		all = turn[2].bytes;
		wt_bench_feed(bench, WT_TO_SERVER, wt_slice_head(all, at));
		wt_bench_lose(bench, WT_TO_SERVER, 30);
		wt_bench_feed(bench, WT_TO_SERVER, wt_slice_tail(all, at + 30));
		wt_bench_close(bench);
		SAYS("C-STORE-RQ");
		SAYS("C-ECHO-RQ");
		SAYS("A-RELEASE-RQ");
	}
}
END_TEST

START_TEST(bulk_data_takes_no_memory)
{
	struct dm_command c = {
		.code = 0x0001, .message_id = 1, .has_dataset = true, .status = -1
	};
	const unsigned n_pdus = 1000;
	unsigned i;

	associate(CT, EXPLICIT);
	dm_command(&client, 1, &c);
	dm_explicit(&set, false, 0x00080060, "CS", "CT");
	dm_text(&set, "\xe0\x7f\x10");
	dm_u8(&set, 0);
	dm_text(&set, "OW");
	dm_u16le(&set, 0);
	dm_u32le(&set, UINT32_C(0xfffffffe));
	dm_p_data(&client, 1, 0, dm_slice(&set));
	to_server();
	set.len = 0;
	dm_fill(&set, 0x04, 16378);
	dm_p_data(&client, 1, 0, dm_slice(&set));
	for (i = 0; i < n_pdus; i++)
		wt_bench_feed(bench, WT_TO_SERVER, dm_slice(&client));
	ck_assert_uint_lt(wt_bench_peak(bench), 4096);
	ck_assert_uint_gt(wt_bench_skipped(bench, WT_TO_SERVER), n_pdus * UINT64_C(16370));
	ck_assert_uint_lt(wt_bench_delivered(bench, WT_TO_SERVER), n_pdus * 13 + 1000);
	wt_bench_end(bench, WT_TO_SERVER);
	SAYS("dicom.modality=\"CT\" dicom.is_incomplete=1 dicom.dataset_bytes=16378022");
}
END_TEST

START_TEST(other_protocols_are_not_taken_for_dicom)
{
	static const struct {
		const char *bytes;
		size_t len;
	} rows[] = {
		{ "\x01\0\0\x01\x05\0\0\0\0", 9 }, /* Cassandra v1 OPTIONS */
		{ "\x04\0\0\0\x01\0\0\0\x16\0\x01\0\x0b"
		  "CQL_VERSION",
		  24 },
		{ "\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x03\0\0\0", 19 }, /* TPKT, RDP */
		{ "\x05\0\0\x01\x7f\0\0\x01\0\x50", 10 },                       /* SOCKS 5 */
		{ "\0\x01\0\0\0\x06\x01\x03\0\0\0\x01", 12 },                   /* Modbus */
		{ "\x07\0\0\0\x02\0\0\0\0\0", 10 },
		{ "\x05\0\0\0\0\x04\0\0\0\0\0", 11 }, /* one octet too many */
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_int_eq(
			wt_dicom_dissector.probe(wt_slice_of(rows[i].bytes, rows[i].len)),
			WT_FOREIGN);
}
END_TEST

START_TEST(each_pdu_is_known_by_its_first_bytes_and_by_no_fewer)
{
	struct turn turn[TURNS];
	size_t i, len;

	make_turns(turn);
	for (i = 0; i < 2; i++) {
		for (len = 0; len < 75; len++)
			ck_assert_int_eq(
				wt_dicom_dissector.probe(wt_slice_head(turn[i].bytes, len)),
				WT_MORE);
		ck_assert_int_eq(wt_dicom_dissector.probe(turn[i].bytes), WT_OK);
	}
	for (len = 0; len < 20; len++)
		ck_assert_int_eq(wt_dicom_dissector.probe(wt_slice_head(turn[2].bytes, len)),
				 WT_MORE);
	ck_assert_int_eq(wt_dicom_dissector.probe(turn[2].bytes), WT_OK);
	server.len = 0;
	dm_short(&server, 3, 1, 1, 7);
	ck_assert_int_eq(wt_dicom_dissector.probe(dm_slice(&server)), WT_OK);
}
END_TEST

/* --- captures --- */

struct capture {
	const char *path;
	const char *says; /* once, or `n` times */
	unsigned n;
};

/* Facts from the logs of the programs (pcaps/dicom/TRUTH.jsonl) and of tshark. */
static const struct capture captures[] = {
	{ "pcaps/dicom/echo.pcap", "dicom.command=\"C-ECHO-RQ\"", 5 },
	{ "pcaps/dicom/echo.pcap", "dicom.command=\"C-ECHO-RSP\"", 5 },
	{ "pcaps/dicom/store-ct.pcap", "device.serial=\"SYN-CT-000101\"", 2 },
	{ "pcaps/dicom/store-ct.pcap", "glitch", 0 },
	{ "pcaps/dicom/store-syntaxes.pcap", "dicom.command=\"C-STORE-RQ\"", 8 },
	{ "pcaps/dicom/store-syntaxes.pcap", "device.serial=\"SYN-CT-000101\"", 6 },
	{ "pcaps/dicom/store-syntaxes.pcap", "dicom.defect", 0 },
	{ "pcaps/dicom/store-status.pcap", "0x0124 not authorized", 1 },
	{ "pcaps/dicom/find-move.pcap", "dicom.command=\"C-FIND-RQ\"", 2 },
	{ "pcaps/dicom/find-move.pcap", "dicom.status=65280", 11 },
	{ "pcaps/dicom/find-move.pcap", "0xA801 move destination unknown", 1 },
	{ "pcaps/dicom/find-move.pcap", "dicom.move_originator_ae=\"WARD_WKS\"", 5 },
	{ "pcaps/dicom/find-move.midstream.pcap", "dicom.command=\"C-STORE-RQ\"", 5 },
	{ "pcaps/dicom/find-move.client-only.pcap", "dicom.command=\"C-STORE-RQ\"", 5 },
	{ "pcaps/dicom/find-move.server-only.pcap", "dicom.command=\"C-STORE-RSP\"", 5 },
	{ "pcaps/dicom/pdu-4096.reordered.pcap", "dicom.command=\"C-STORE-RQ\"", 2 },
	{ "pcaps/dicom/store-ct.gap.pcap", "dicom.command=\"C-STORE-RQ\"", 2 },
	{ "pcaps/dicom/reject.pcap", "dicom.pdu=\"A-ASSOCIATE-RJ\"", 9 },
	{ "pcaps/dicom/reject.pcap", "dicom.is_verification_only=1", 9 },
	{ "pcaps/dicom/abort.pcap", "dicom.pdu=\"A-ABORT\"", 3 },
	{ "pcaps/dicom/abort.pcap", "dicom.command=\"C-STORE-RQ\"", 4 },
	{ "pcaps/dicom/abort.pcap", "dicom.is_incomplete=1", 2 },
	{ "pcaps/dicom/mpps.pcap", "dicom.performed_ae=\"WARD_CT1\"", 2 },
	{ "pcaps/dicom/cancel.pcap", "dicom.command=\"C-CANCEL-RQ\"", 2 },
	{ "pcaps/dicom/odd-ae.pcap", "dicom.has_path_traversal=1", 4 },
	{ "pcaps/dicom/user-identity.pcap", "user.secret=", 6 },
	{ "pcaps/dicom/store-elf-in-pdf.pcap", "dicom.executable=\"elf\"", 1 },
	{ "pcaps/dicom/negotiate.pcap", "dicom.role=", 2 },
	{ "../shared/pcaps/dicom/tapirx__dicom_arq_1_find_testclient.pcap",
	  "dicom.impl_name=\"go-netdicom\" dicom.impl_version=\"GODICOM_1_1\" "
	  "dicom.context_count=4",
	  1 },
	{ "../shared/pcaps/dicom/tapirx__dicom_arq_2_get_testclient.pcap",
	  "dicom.calling_ae=\"testclient\" dicom.called_ae=\"testserver\"", 1 },
	{ "../shared/pcaps/lab-dicom/lab__dcmtk_store_mr4.pcap", "C-STORE-RQ", 4 },
	{ "../shared/pcaps/lab-dicom/lab__dcmtk_store_mr4.pcap",
	  "device.vendor=\"GENESIS_SIGNA\"", 4 },
	{ "../shared/pcaps/lab-dicom/lab__dcmtk_abort_during_store.pcap", "A-ABORT", 1 },
	{ "../shared/pcaps/lab-dicom/lab__dcmtk_qr_find_only.pcap", "dicom.is_broad_query=1",
	  1 },
	{ "../shared/pcaps/lab-dicom/lab__dcmtk_qr_get.pcap", "C-GET-RQ", 1 },
	{ "../shared/pcaps/lab-dicom/lab__dcmtk_reject_called_ae.pcap",
	  "called AE title not recognized", 3 },
	{ "../shared/pcaps/lab-dicom/lab__dcmtk_worklist.pcap", "dicom.scheduled_ae=", 10 },
	{ "../shared/pcaps/lab-dicom/lab__gdcm_find.pcap", "dicom.impl_name=\"GDCM\"", 1 },
	{ "../shared/pcaps/lab-dicom/lab__t_echo.pcap", "C-ECHO-RSP", 1 },
};

START_TEST(captures_say_what_their_programs_logged)
{
	struct wt_bench *probed = wt_bench_new("dicom", true);
	size_t i;

	wt_bench_free(bench);
	bench = probed;
	for (i = 0; i < sizeof(captures) / sizeof(captures[0]); i++) {
		const struct capture *c = &captures[i];

		if (access(c->path, R_OK) != 0) {
			fprintf(stderr, "NOT TESTED, no such capture: %s\n", c->path);
			continue;
		}
		ck_assert_msg(wt_bench_replay(bench, c->path), "%s cannot be read", c->path);
		ck_assert_msg(count(c->says) == c->n, "%s: %s: %u times, not %u", c->path,
			      c->says, count(c->says), c->n);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		every_cut_gives_the_same_events,
		every_prefix_keeps_what_was_whole,
		flipped_bits_never_cost_more_than_their_message,
		each_direction_alone_is_enough,
		stream_joined_anywhere_finds_the_next_pdu,
		loss_within_pixels_costs_nothing,
		loss_of_a_header_costs_one_message,
		bulk_data_takes_no_memory,
		other_protocols_are_not_taken_for_dicom,
		each_pdu_is_known_by_its_first_bytes_and_by_no_fewer,
		captures_say_what_their_programs_logged,
	};

	return dicom_run("dicom streams", tests, sizeof(tests) / sizeof(tests[0]));
}
