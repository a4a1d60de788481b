/* Promises of the HL7 v2 dissector, on samples of our own (hl7_samples.h), fed through
 * the real dissection stage. */
#define _GNU_SOURCE /* strdup */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WT_NO_POISON
#include "../dissectors/hl7_parts.h"
#include "harness/flow_case.h"
#include "hl7_samples.h"

extern const struct wt_dissector wt_hl7_dissector;

static char *text_of(struct wt_slice bytes, const size_t *cuts, size_t n_cuts, bool is_closed)
{
	static struct wt_case *f; /* one for all: reserving its memory takes long */
	char *text;

	if (!f)
		f = wt_case_new("hl7", false, false);
	wt_case_restart(f, false, false);
	wt_case_feed_cut(f, WT_TO_SERVER, bytes, cuts, n_cuts);
	if (is_closed)
		wt_case_close(f);
	ck_assert_uint_le(wt_case_rest_max(f), wt_hl7_dissector.buffer_max);
	text = strdup(wt_case_text(f));
	ck_assert_ptr_nonnull(text);
	return text;
}

static struct wt_slice bytes_of(const struct sample *s)
{
	return wt_slice_of(s->bytes, s->len);
}

static char *text_of_sample(const char *name)
{
	size_t i;

	for (i = 0; i < N_SAMPLES; i++)
		if (strcmp(samples[i].name, name) == 0)
			return text_of(bytes_of(&samples[i]), NULL, 0, true);
	ck_abort_msg("no sample %s", name);
	return NULL;
}

/* Every one of the words, NULL at the end, is in the sample's events, in this order. */
static void expect(const char *name, const char *const *words)
{
	char *text = text_of_sample(name);
	const char *at = text;

	for (; *words; words++) {
		const char *hit = strstr(at, *words);

		ck_assert_msg(hit, "%s: no \"%s\" in\n%s", name, *words, at);
		at = hit + strlen(*words);
	}
	free(text);
}

#define EXPECT(name, ...) expect(name, (const char *const[]){ __VA_ARGS__, NULL })

static void expect_not(const char *name, const char *word)
{
	char *text = text_of_sample(name);

	ck_assert_msg(!strstr(text, word), "%s: \"%s\" in\n%s", name, word, text);
	free(text);
}

/* --- the stream may be cut anywhere --- */

START_TEST(every_single_cut_gives_the_same_events)
{
	const struct sample *s = &samples[_i];
	char *whole = text_of(bytes_of(s), NULL, 0, true);
	size_t at;

	for (at = 1; at < s->len; at++) {
		char *cut = text_of(bytes_of(s), &at, 1, true);

		ck_assert_msg(strcmp(whole, cut) == 0, "%s cut at %zu:\n%s\nwhole:\n%s",
			      s->name, at, cut, whole);
		free(cut);
	}
	free(whole);
}
END_TEST

START_TEST(random_segments_give_the_same_events)
{
	const struct sample *s = &samples[_i];
	char *whole = text_of(bytes_of(s), NULL, 0, true);
	size_t *cuts = malloc(s->len * sizeof(*cuts));
	unsigned round;

	srand(4711);
	for (round = 0; round < 200; round++) {
		size_t n = 0, at = 0;
		unsigned longest = round == 0 ? 1 : (unsigned)rand() % 60 + 1;
		char *cut;

		while ((at += (unsigned)rand() % longest + 1) < s->len)
			cuts[n++] = at;
		cut = text_of(bytes_of(s), cuts, n, true);
		ck_assert_msg(strcmp(whole, cut) == 0, "%s:\n%s\nwhole:\n%s", s->name, cut,
			      whole);
		free(cut);
	}
	free(cuts);
	free(whole);
}
END_TEST

START_TEST(every_prefix_and_bit_flip_is_survived)
{
	const struct sample *s = &samples[_i];
	uint8_t *copy = malloc(s->len);
	size_t i;

	for (i = 0; i <= s->len; i++)
		free(text_of(wt_slice_of(s->bytes, i), NULL, 0, i % 2));
	memcpy(copy, s->bytes, s->len);
	for (i = 0; i < s->len * 8; i++) {
		copy[i / 8] ^= (uint8_t)(1u << i % 8);
		free(text_of(wt_slice_of(copy, s->len), NULL, 0, true));
		copy[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	free(copy);
}
END_TEST

START_TEST(a_datagram_gives_the_events_of_a_stream)
{
	struct wt_case *f = wt_case_new("hl7", false, true);
	struct wt_slice bytes = WT_LIT(BEGIN ADT("U1") END ADT("U2"));
	char *stream = text_of(bytes, NULL, 0, true);

	wt_case_datagram(f, WT_TO_SERVER, bytes, false);
	ck_assert_str_eq(wt_case_text(f), stream);
	wt_case_clear_text(f);
	wt_case_datagram(f, WT_TO_SERVER, WT_LIT("\x01\x02\x03"), false);
	ck_assert_str_eq(wt_case_text(f), "glitch junk_between_blocks offset=0\n");
	free(stream);
	wt_case_free(f);
}
END_TEST

/* --- framing --- */

START_TEST(frames_of_all_kinds_are_followed)
{
	EXPECT("plain", "hl7 message_type=ADT^A01 message_structure=ADT_A01", "control_id=A1",
	       "framing=mllp1", "segment_count=4\n");
	EXPECT("no last CR", "control_id=A2", "segment_count=2", "control_id=A3");
	EXPECT("commit blocks", "hl7_commit framing=mllp2-ack", "hl7_commit framing=mllp2-nak",
	       "control_id=A4");
	EXPECT("hllp", "control_id=A5", "framing=hllp", "segment_count=4\n");
	EXPECT("no frame", "control_id=A6", "framing=none", "segment_count=4", "control_id=A7",
	       "framing=none", "segment_count=2");
	EXPECT("missing CR", "control_id=B2", "has_missing_cr=true\n", "control_id=B3",
	       "has_missing_cr=true\n");
	EXPECT("lone 1C is data", "control_id=B4", "segment_count=3", "has_bad_segment=true");
	EXPECT("nested start", "control_id=B5", "has_nested_sb=true is_truncated=true",
	       "control_id=B6", "control_id=B7", "has_nested_sb=true is_truncated=true",
	       "control_id=B8");
	EXPECT("stray 0B", "control_id=B9", "segment_count=2 has_nested_sb=true\n");
	expect_not("commit blocks", "glitch");
}
END_TEST

START_TEST(line_feeds_end_segments_where_they_do)
{
	EXPECT("line feeds", "control_id=A8", "segment_count=3 has_lf=true", "control_id=A9",
	       "segment_count=2\n");
	EXPECT("line feed in text, and before a segment", "control_id=B1", "segment_count=4",
	       "observation_count=3");
}
END_TEST

START_TEST(junk_is_told_once_and_passed_over)
{
	EXPECT("junk", "control_id=C1", "glitch junk_between_blocks", "control_id=C2",
	       "glitch block_without_header", "control_id=C3", "glitch junk_between_blocks",
	       "sending_app=yes");
	expect_not("junk", "sending_app=no");
}
END_TEST

START_TEST(batches_are_counted_against_their_trailers)
{
	EXPECT("batch", "control_id=D1", "is_batch=true", "glitch batch_count_mismatch",
	       "control_id=D2", "is_batch=true",
	       "hl7_batch batch_level=batch control_id=BATCH1",
	       "batch_counted=2 batch_stated=3", "hl7_batch batch_level=file control_id=FILE1",
	       "batch_counted=1 batch_stated=1", "glitch delimiters_changed_in_batch",
	       "control_id=D3");
	EXPECT("stray segments", "control_id=D4", "glitch segment_outside_message");
}
END_TEST

START_TEST(what_a_gap_cuts_is_told_and_the_next_message_is_found)
{
	struct wt_case *f = wt_case_new("hl7", false, false);

	wt_case_feed(f, WT_TO_SERVER, WT_LIT(BEGIN MSH("ADT^A01", "X1") CR "PID|1||7"));
	wt_case_gap(f, WT_TO_SERVER, 1448);
	wt_case_feed(f, WT_TO_SERVER,
		     WT_LIT("8|y" CR "ZZ1|MSH|^~\\&|x" CR END BEGIN ADT("X2") END));
	ck_assert_ptr_nonnull(strstr(wt_case_text(f), "control_id=X1"));
	ck_assert_ptr_nonnull(
		strstr(wt_case_text(f), "framing=mllp1 segment_count=1 is_truncated"));
	ck_assert_ptr_nonnull(strstr(wt_case_text(f), "control_id=X2"));
	ck_assert_uint_eq(wt_case_count(f, "hl7"), 2);
	ck_assert_uint_eq(wt_case_count(f, "glitch"), 0);
	wt_case_free(f);
}
END_TEST

START_TEST(a_stream_joined_late_gives_no_glitch)
{
	struct wt_case *f = wt_case_new("hl7", true, false);

	wt_case_feed(f, WT_TO_SERVER, WT_LIT("BX|7|ST|x" CR));
	wt_case_feed(f, WT_TO_SERVER, WT_LIT("OBX|8|ST|y" CR END BEGIN ADT("X3") END));
	ck_assert_uint_eq(wt_case_count(f, "hl7"), 1);
	ck_assert_uint_eq(wt_case_count(f, "glitch"), 0);
	wt_case_free(f);
}
END_TEST

/* --- bounds --- */

START_TEST(a_document_of_5_MB_runs_in_constant_memory)
{
	static const uint8_t head[] =
		BEGIN MSH("MDM^T02", "L1") CR "OBX|1|ED|D^Doc|1|A^AP^PDF^Base64^JVBERi0x";
	static const uint8_t tail[] =
		"||||||F|||||||S7^M7^v.example^DNS" CR "OBX|2|NM|X||1" CR END;
	struct wt_case *f = wt_case_new("hl7", false, false);
	uint8_t part[1460];
	unsigned i;

	memset(part, 'A', sizeof(part));
	wt_case_feed(f, WT_TO_SERVER, wt_slice_of(head, sizeof(head) - 1));
	for (i = 0; i < 5 * 1024 * 1024 / sizeof(part); i++) {
		part[700] = i % 3 ? 'A' : 0x1c; /* a lone 1C is still data */
		wt_case_feed(f, WT_TO_SERVER, wt_slice_of(part, sizeof(part)));
	}
	wt_case_feed(f, WT_TO_SERVER, wt_slice_of(tail, sizeof(tail) - 1));
	ck_assert_uint_le(wt_case_rest_max(f), 65536);
	ck_assert_uint_le(wt_hl7_dissector.buffer_max, 65536);
	ck_assert_uint_lt(wt_case_units(f), 5000);
	ck_assert_ptr_nonnull(strstr(wt_case_text(f), "embedded=pdf"));
	ck_assert_ptr_nonnull(strstr(wt_case_text(f), "segment_count=3 observation_count=2 "
						      "has_long_field=true\n"));
	ck_assert_ptr_nonnull(strstr(wt_case_text(f), "device.serial=S7 device.model=M7"));
	wt_case_free(f);
}
END_TEST

/* A segment of several windows: a long field with 1C, 0B and LF in it, then many. */
START_TEST(a_long_segment_may_be_cut_anywhere)
{
	struct wt_builder b = wt_builder_of(malloc(30000), 30000);
	char *whole;
	size_t i;

	wt_bld_text(&b, BEGIN MSH("ORU^R01", "L7") CR "OBX|1|ED|D|1|A^AP^X^Base64^");
	for (i = 0; i < 12000; i++)
		wt_bld_u8(&b, i % 251 == 0    ? 0x1c
			      : i % 251 == 9  ? 0x0b
			      : i % 251 == 20 ? '\n'
					      : 'A');
	wt_bld_text(&b, "||||||F|||||||S7^M7^v.example^DNS|");
	for (i = 0; i < 9000; i++)
		wt_bld_u8(&b, i % 100 ? 'B' : '|');
	wt_bld_text(&b, CR "OBX|2|NM|X||1" CR END BEGIN ADT("L8") END);
	ck_assert(!b.is_short);
	whole = text_of(wt_bld_slice(&b), NULL, 0, true);
	ck_assert_ptr_nonnull(strstr(whole, "segment_count=3 observation_count=2 "));
	ck_assert_ptr_nonnull(strstr(whole, "has_long_field=true\n"));
	ck_assert_ptr_nonnull(strstr(whole, "device.serial=S7"));
	for (i = 1; i<b.len; i += i> 8000 && i < 8800 ? 1 : 5) {
		char *cut = text_of(wt_bld_slice(&b), &i, 1, true);

		ck_assert_msg(strcmp(cut, whole) == 0, "cut at %zu:\n%s\nwhole\n%s", i, cut,
			      whole);
		free(cut);
	}
	free(whole);
	free(b.ptr);
}
END_TEST

START_TEST(a_hundred_thousand_segments_are_counted_and_flagged)
{
	struct wt_case *f = wt_case_new("hl7", false, false);
	unsigned i;

	wt_case_feed(f, WT_TO_SERVER, WT_LIT(BEGIN MSH("ORU^R01", "L2") CR));
	for (i = 0; i < 50000; i++)
		wt_case_feed(f, WT_TO_SERVER, WT_LIT("OBX|1|NM|X||1" CR "NTE|1" CR));
	wt_case_feed(f, WT_TO_SERVER, WT_LIT(END BEGIN ADT("L3") END));
	ck_assert_ptr_nonnull(strstr(wt_case_text(f), "segment_count=100001 "));
	ck_assert_ptr_nonnull(strstr(wt_case_text(f), "is_over_cap=true"));
	ck_assert_ptr_nonnull(strstr(wt_case_text(f), "control_id=L3"));
	wt_case_free(f);
}
END_TEST

START_TEST(many_segments_in_one_call_cost_few_calls)
{
	size_t len = 65536, i;
	uint8_t *bytes = malloc(len);
	struct wt_case *f = wt_case_new("hl7", false, false);

	for (i = 0; i < len; i += 2)
		memcpy(bytes + i, "A\r", 2);
	wt_case_feed(f, WT_TO_SERVER, WT_LIT(BEGIN MSH("ORU^R01", "L4") CR));
	wt_case_feed(f, WT_TO_SERVER, wt_slice_of(bytes, len));
	wt_case_feed(f, WT_TO_SERVER, WT_LIT("B" CR END));
	ck_assert_uint_lt(wt_case_units(f), 8300);
	ck_assert_ptr_nonnull(strstr(wt_case_text(f), "segment_count=32770 "));
	free(bytes);
	wt_case_free(f);
}
END_TEST

START_TEST(many_fields_repeats_and_devices_are_capped)
{
	struct wt_case *f = wt_case_new("hl7", false, false);
	unsigned i;

	wt_case_feed(f, WT_TO_SERVER, WT_LIT(BEGIN MSH("ORU^R01", "L5") CR "OBX"));
	for (i = 0; i < 3000; i++)
		wt_case_feed(f, WT_TO_SERVER, WT_LIT("|abcd"));
	wt_case_feed(f, WT_TO_SERVER, WT_LIT(CR "OBX|1|NM|X||1|||||||||||||"));
	for (i = 0; i < 300; i++) {
		char ei[32];

		snprintf(ei, sizeof(ei), "S%u^M^v^DNS~", i);
		wt_case_feed(f, WT_TO_SERVER, wt_slice_of(ei, strlen(ei)));
	}
	wt_case_feed(f, WT_TO_SERVER, WT_LIT(CR END BEGIN ADT("L6") END));
	ck_assert_ptr_nonnull(strstr(wt_case_text(f), "is_over_cap=true"));
	ck_assert_uint_eq(wt_case_count(f, "hl7_device"), HL7_DEVICES_MAX);
	ck_assert_ptr_nonnull(strstr(wt_case_text(f), "control_id=L6"));
	wt_case_free(f);
}
END_TEST

/* --- content --- */

START_TEST(acknowledgements_are_paired_with_their_messages)
{
	struct wt_case *f = wt_case_new("hl7", false, false);

	wt_case_set_time(f, 1000 * WT_NS_PER_S);
	wt_case_feed(f, WT_TO_SERVER, WT_LIT(BEGIN ADT("K7") END BEGIN ADT("K8") END));
	wt_case_set_time(f, 1000 * WT_NS_PER_S + 5 * WT_NS_PER_MS);
	wt_case_feed(f, WT_TO_CLIENT, WT_LIT("\x0b\x06\x1c\r"));
	wt_case_set_time(f, 1000 * WT_NS_PER_S + 40 * WT_NS_PER_MS);
	wt_case_feed(f, WT_TO_CLIENT,
		     WT_LIT(BEGIN MSH("ACK^A01^ACK", "R1") CR "MSA|CA|K7" CR END));
	wt_case_feed(f, WT_TO_CLIENT, WT_LIT(BEGIN MSH("ACK", "R2") CR "MSA|AA|K99" CR END));
	ck_assert_ptr_nonnull(
		strstr(wt_case_text(f), "hl7_commit framing=mllp2-ack ack_time_ms=5\n"));
	ck_assert_ptr_nonnull(strstr(wt_case_text(f), "ack_code=CA ack_for=K7 ack_time_ms=40"));
	ck_assert_ptr_nonnull(strstr(wt_case_text(f), "message_type=ACK sending"));
	ck_assert_ptr_nonnull(strstr(wt_case_text(f), "ack_for=K99 framing"));
	wt_case_free(f);
	EXPECT("acknowledgements", "ack_code=AE ack_for=A1", "error_severity=E error_code=101",
	       "error_code=207", "ack_code=AR ack_for=A2 error_code=204");
}
END_TEST

START_TEST(delimiters_of_the_sender_are_used)
{
	EXPECT("own delimiters",
	       "message_type=ORU^R01 message_structure=ORU_R01 sending_app=APP",
	       "delimiters=#*!%$", "hl7_pump",
	       "pump_rate=5 pump_rate_unit=MDC_DIM_MILLI_L_PER_HR", "delimiters=|^~\\x5c&#");
	expect_not("own delimiters", "odd_delimiters");
	EXPECT("odd delimiters", "glitch odd_delimiters", "control_id=E3",
	       "has_odd_delimiters=true", "control_id=E4", "has_odd_delimiters=true",
	       "control_id=E5", "has_odd_delimiters=true");
}
END_TEST

START_TEST(escapes_are_decoded_and_their_abuse_is_told)
{
	EXPECT("escapes", "device.serial=S&1 device.model=M^2-3 device.vendor=v\\x5cZq\\x5cw");
	expect_not("escapes", "escape_abuse");
	expect_not("escapes", "glitch");
	EXPECT("escape abuse", "glitch escape_framing_bytes", "glitch escape_unterminated",
	       "escape_abuse=framing_bytes", "escape_abuse=unterminated",
	       "escape_abuse=large_space", "escape_abuse=bad_hex");
	EXPECT("injection", "injection=script", "injection=jndi", "injection=doctype",
	       "injection=sql", "injection=unc_path", "embedded=pe", "embedded=pdf");
	EXPECT("names", "glitch bad_segment_name", "segments=MSH segments=Z01",
	       "segment_count=5");
	EXPECT("query", "query_name=Find query_subject=@PID.3^1 transaction=QRY",
	       "query_name=DEM query_subject=0012");
}
END_TEST

START_TEST(devices_are_found_however_they_are_written)
{
	EXPECT("device ids", "hl7_device", "device.eui64=0011223344556688",
	       "device.type=MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS", "device.model=Model\\x208",
	       "device.vendor=Maker", "device.software=9.1", "device.serial=S-1",
	       "device.hardware=C", "device.asset_tag=TAG-7", "bed_label=BED-7",
	       "device_status=operating", "hl7_device", "device.serial=SER9",
	       "device.vendor=vendor.ex",
	       "device.type=MDC_DEV_PRESS_BLD_NONINV_VMD containment=1.1.0", "hl7_device",
	       "device.id=e86c094f-f751-4acf-92b2-38f11c1f6f57", "hl7_device",
	       "device.id=PUMP-7 device.vendor=Vendor\\x20Inc", "hl7_device",
	       "device.id=E2 device_namespace=NS\n");
	EXPECT("more attributes",
	       "device_source=MDS device.type=69965 containment=1.0.0 "
	       "device.model=M1 device.vendor=V1 device.serial=S1 device.hardware=H1 "
	       "device.software=W1 device.eui64=0011223344556699\n");
	EXPECT("personal", "personal_serial=P1 device.model=M", "personal_serial=I-1");
	expect_not("personal", "device.serial");
	EXPECT("software",
	       "hl7_device control_id=G1 device_source=SFT device.vendor=Vendor\\x20AG "
	       "device.model=Gateway device.software=7.4.2 device.software=7.4.2-b1 "
	       "software_installed=20231201",
	       "hl7_device", "device.software=1.0\n");
	EXPECT("equipment",
	       "device_source=EQU device.id=A7 device_namespace=LAB device_status=OP");
}
END_TEST

START_TEST(unique_device_identifiers_are_taken_apart)
{
	EXPECT("udi", "device.udi_di=00614141999996 device.udi_issuer=GS1 device.made=20230901",
	       "udi=(01)", "device.expiry=280901 device.lot=LOT7 device.serial=SN-1\n",
	       "udi=+H123",
	       "device.udi_issuer=HIBCC device.udi_di=H123PRODUCT1 "
	       "device.expiry=280901 device.lot=LOT8 device.serial=SN-2 device.made=20230901\n",
	       "device.udi_issuer=ICCBBA device.udi_di=A9999XYZ100T0944 device.serial=000025 "
	       "device.expiry=014032 device.made=013032 device.lot=1000000000000XYZ123\n",
	       "device.udi_di=00614141999997 device.made=230901 device.expiry=280901 "
	       "device.lot=LOT9 device.serial=SN-3 device.udi_issuer=GS1\n",
	       "device.model=Pump\\x20A\\x20Plus device.lot=L1 device.serial=S9\n");
}
END_TEST

START_TEST(pumps_and_their_orders_are_typed)
{
	EXPECT("pump status", "transaction=PCD-01", "hl7_device",
	       "hl7_pump control_id=P1 pump_report=status containment=1.1.0 "
	       "device.eui64=0011223344556601 pump_part=MDC_DEV_PUMP_INFUS_VMD "
	       "pump_status=pump-status-infusing pump_mode=pump-mode-continuous "
	       "drug_library_version=LIB-1 care_area=ICU\n",
	       "containment=1.1.1", "pump_rate=12.5 pump_rate_unit=MDC_DIM_MILLI_L_PER_HR",
	       "pump_vtbi=250 pump_vtbi_unit=mL", "pump_vtbi_remaining=200", "_unit=mL",
	       "pump_delivered=50", "pump_time_remaining=96", "pump_delivery_status=delivering",
	       "pump_active_source=primary", "pump_active_source=secondary",
	       "pump_idle_reason=held", "containment=1.1.2", "drug_name=Water",
	       "pump_strength=4", "pump_dose_rate=5 ", "patient_weight=70",
	       "patient_height=170", "containment=1.1.3", "pump_lockout=10",
	       "pump_dose=30 pump_dose_unit=mg\n");
	EXPECT("pump event", "transaction=PCD-10", "pump_report=event",
	       "pump_event=MDC_EVT_PUMP_DELIV_START", "pump_rate=-0.5 pump_rate_unit=mL/h");
	EXPECT("programming",
	       "profile_id=IHE_PCD_PIV_001 profile_id=1.3.6.1.4.1.19376.1.6.1.3.1 ",
	       "transaction=PCD-03",
	       "hl7_pump control_id=P3 pump_report=programming "
	       "order_control=RE user.name=N7",
	       "drug_name=D1^DRUG", "pump_vtbi=250", "pump_rate=100", "pump_strength=400",
	       "pump_diluent=250 pump_diluent_unit=mL", "pump_duration_s=9005",
	       "pump_type=IVP route_type=IV device.id=PUMP-1 patient_weight=70", "hl7_device",
	       "order_control=XO", "pump_dose_rate=5 pump_dose_rate_unit=ug/kg/min",
	       "order_control=CH", "pump_dose=5 pump_dose_unit=mg", "control_id=P4",
	       "order_control=NW user.name=NURSE2");
}
END_TEST

START_TEST(alarms_are_typed_and_free_text_stays_out)
{
	EXPECT("alarm", "transaction=PCD-04", "hl7_device",
	       "hl7_alarm control_id=P5 containment=1.3.1 device.eui64=0011223344556602 "
	       "alarm_event=MDC_EVT_LO alarm_priority=PM alarm_type=SP "
	       "alarm_source=MDC_PULS_OXIM_SAT_O2 alarm_phase=start alarm_state=active "
	       "alarm_inactivation=audio-off alarm_inactivation=alarm-off\n",
	       "alarm_event=MDC_EVT_LO_VAL_LT_LIM alarm_phase=end\n", "alarm_event=196670\n");
	expect_not("alarm", "SPO2\\x20LOW\\x20for\\x20TEST\n");
	expect_not("alarm", "alarm_source=free");
}
END_TEST

/* --- tables --- */

START_TEST(reference_ids_are_sorted_and_codes_unique)
{
	unsigned i, j;

	for (i = 0; i < wt_hl7_n_mdc; i++) {
		if (i)
			ck_assert_str_lt(wt_hl7_mdc[i - 1].refid, wt_hl7_mdc[i].refid);
		for (j = 0; j < i && wt_hl7_mdc[i].code; j++)
			ck_assert_uint_ne(wt_hl7_mdc[i].code, wt_hl7_mdc[j].code);
	}
}
END_TEST

START_TEST(every_field_is_documented_and_given_by_some_sample)
{
	char *all = calloc(1, 1 << 20);
	unsigned i, j;

	for (i = 0; i < N_SAMPLES; i++) {
		char *text = text_of(bytes_of(&samples[i]), NULL, 0, true);

		ck_assert_uint_lt(strlen(all) + strlen(text), 1 << 20);
		strcat(all, text);
		free(text);
	}
	strcat(all, " ack_time_ms= is_over_cap= has_long_field="); /* tested above */
	for (i = 0; i < wt_hl7_dissector.n_fields; i++) {
		const struct wt_field *row = &wt_hl7_dissector.fields[i];
		char word[80];

		ck_assert_msg(row->doc[0] && row->clause[0] && row->cap, "%s", row->name);
		ck_assert_msg(strncmp(row->name, "hl7.", 4) == 0, "%s", row->name);
		ck_assert_msg(row->doc[strlen(row->doc) - 1] == '.', "%s", row->name);
		for (j = 0; j < i; j++)
			ck_assert_str_ne(row->name, wt_hl7_dissector.fields[j].name);
		snprintf(word, sizeof(word), " %s=", row->name + 4);
		ck_assert_msg(strstr(all, word), "no sample gives %s", row->name);
	}
	for (i = 0; i < wt_hl7_dissector.n_event_types; i++)
		ck_assert(wt_hl7_dissector.event_types[i].doc[0]);
	free(all);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("hl7");
	TCase *c = tcase_create("cuts"), *framing = tcase_create("framing");
	TCase *content = tcase_create("content");
	SRunner *runner = srunner_create(suite);
	int n_failed;

	tcase_set_timeout(c, 120);
	tcase_set_timeout(framing, 60);
	tcase_add_loop_test(c, every_single_cut_gives_the_same_events, 0, N_SAMPLES);
	tcase_add_loop_test(c, random_segments_give_the_same_events, 0, N_SAMPLES);
	tcase_add_loop_test(c, every_prefix_and_bit_flip_is_survived, 0, N_SAMPLES);
	tcase_add_test(c, a_datagram_gives_the_events_of_a_stream);
	tcase_add_test(framing, frames_of_all_kinds_are_followed);
	tcase_add_test(framing, line_feeds_end_segments_where_they_do);
	tcase_add_test(framing, junk_is_told_once_and_passed_over);
	tcase_add_test(framing, batches_are_counted_against_their_trailers);
	tcase_add_test(framing, what_a_gap_cuts_is_told_and_the_next_message_is_found);
	tcase_add_test(framing, a_stream_joined_late_gives_no_glitch);
	tcase_add_test(framing, a_document_of_5_MB_runs_in_constant_memory);
	tcase_add_test(framing, a_long_segment_may_be_cut_anywhere);
	tcase_add_test(framing, a_hundred_thousand_segments_are_counted_and_flagged);
	tcase_add_test(framing, many_segments_in_one_call_cost_few_calls);
	tcase_add_test(framing, many_fields_repeats_and_devices_are_capped);
	tcase_add_test(content, acknowledgements_are_paired_with_their_messages);
	tcase_add_test(content, delimiters_of_the_sender_are_used);
	tcase_add_test(content, escapes_are_decoded_and_their_abuse_is_told);
	tcase_add_test(content, devices_are_found_however_they_are_written);
	tcase_add_test(content, unique_device_identifiers_are_taken_apart);
	tcase_add_test(content, pumps_and_their_orders_are_typed);
	tcase_add_test(content, alarms_are_typed_and_free_text_stays_out);
	tcase_add_test(content, reference_ids_are_sorted_and_codes_unique);
	tcase_add_test(content, every_field_is_documented_and_given_by_some_sample);
	suite_add_tcase(suite, c);
	suite_add_tcase(suite, framing);
	suite_add_tcase(suite, content);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
