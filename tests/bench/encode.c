/* How many records the courier turns into text per second, in each format.
 *   encode [SECONDS]
 * The records are those of a rule with everything that one can have: addresses, MACs, a
 * VLAN, both devices, a sentence, three metadata, a reference; 4,096 different ones, each
 * decoded from the journal's bytes first, as the courier does. CPU time of one thread.
 * Ends with status 1 when a format is below the gate. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "export/encode.h"

#define GATE 200000.0 /* records/s */
#define RECORDS 4096u
#define RECORD_ROOM 1200u

static uint8_t (*records)[RECORD_ROOM];
static size_t lens[RECORDS];

static void put_field(struct wt_builder *b, const char *name, const char *text)
{
	struct wt_alert_field field = { .name = wt_slice_of(name, strlen(name)),
					.type = WT_TYPE_STR,
					.bytes = wt_slice_of(text, strlen(text)) };

	if (!wt_alert_put_field(b, &field))
		abort();
}

static void make(unsigned i)
{
	static const char signature[] =
		"WARDTAP PUMP Order to an infusion pump from a host that is no gateway";
	static const char sentence[] =
		"A computer that never spoke to infusion pumps before sent an order to one. "
		"Check at "
		"the bed what the pump does, then find out who uses that computer.";
	uint8_t list[512];
	char device[32];
	struct wt_builder f = wt_builder_of(list, sizeof(list));
	struct wt_builder b = wt_builder_of(records[i], RECORD_ROOM);
	struct wt_alert a = {
		.seq = i % 3,
		.kind = WT_ALERT_RULE,
		.severity = (uint8_t)(1 + i % 10),
		.confidence = 90,
		.first_ns = UINT64_C(1764140400123456789) + i * UINT64_C(977000000),
		.last_ns = UINT64_C(1764140460000000000) + i * UINT64_C(977000000),
		.made_ns = UINT64_C(1764140460500000000) + i * UINT64_C(977000000),
		.n = 1 + i,
		.number = 7 * i,
		.flow_id = UINT64_C(7000000000) * i,
		.gid = 1,
		.sid = 9100001 + i % 300,
		.rev = 2,
		.key = { .end = { { .addr = { { 10, 77, (uint8_t)(i >> 8), (uint8_t)i } },
				    .port = 2575 },
				  { .addr = { { 10, 78, (uint8_t)i, (uint8_t)(i >> 8) } },
				    .port = (uint16_t)(32768 + i) } },
			 .proto = 6,
			 .ip_version = 4 },
		.sender = 1,
		.n_vlans = 1,
		.vlan = { (uint16_t)(i % 4096) },
		.has_mac = 1,
	};

	memcpy(a.id, &i, sizeof(i));
	memcpy(a.id + 8, &i, sizeof(i));
	memcpy(a.mac + 2, &i, sizeof(i));
	(void)snprintf(device, sizeof(device), "d-%06u", i);
	a.text[WT_ALERT_SENSOR] = WT_LIT("ward 7, main building");
	a.text[WT_ALERT_INTERFACE] = WT_LIT("eth1");
	a.text[WT_ALERT_APP] = WT_LIT("hl7");
	a.text[WT_ALERT_SIGNATURE] = WT_LIT(signature);
	a.text[WT_ALERT_CATEGORY] = WT_LIT("policy-violation");
	a.text[WT_ALERT_SENTENCE] = WT_LIT(sentence);
	a.text[WT_ALERT_SRC_DEVICE] = wt_slice_of(device, strlen(device));
	a.text[WT_ALERT_SRC_NAME] = WT_LIT("NURSE-PC-12");
	a.text[WT_ALERT_SRC_CLASS] = WT_LIT("workstation");
	a.text[WT_ALERT_SRC_VENDOR] = WT_LIT("Dell Inc.");
	a.text[WT_ALERT_DST_DEVICE] = wt_slice_of(device, strlen(device));
	a.text[WT_ALERT_DST_NAME] = WT_LIT("pump-17");
	a.text[WT_ALERT_DST_CLASS] = WT_LIT("infusion_pump");
	a.text[WT_ALERT_DST_VENDOR] = WT_LIT("Maker of Pumps GmbH");
	a.text[WT_ALERT_DST_MODEL] = WT_LIT("Volumetric 3000");
	put_field(&f, "alert.action", "allowed");
	put_field(&f, "alert.buffer", "hl7.message_type");
	put_field(&f, "alert.reference", "url www.cisa.gov/news-events/ics-medical-advisories");
	put_field(&f, "alert.metadata", "wardtap_severity 9");
	put_field(&f, "alert.metadata", "attack_id T0855");
	put_field(&f, "alert.metadata", "attack_id T1565.002");
	a.fields = wt_bld_slice(&f);
	if (!wt_alert_encode(&a, &b))
		abort();
	lens[i] = b.len;
}

static double cpu_seconds(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) != 0)
		abort();
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Records per second. */
static double measure(wt_encode_fn *encode, double seconds, size_t len_max, double *bytes)
{
	static uint8_t text[WT_ALERT_JSON_MAX];
	const struct wt_encode_options options = { .host = "sensor.example",
						   .len_max = len_max };
	double start = cpu_seconds(), used = 0, n = 0;
	unsigned i;

	*bytes = 0;
	while (used < seconds) {
		for (i = 0; i < RECORDS; i++) {
			struct wt_builder b = wt_builder_of(text, sizeof(text));
			struct wt_alert alert;
			struct wt_encode_item item = { .alert = &alert, .journal_seq = i + 1 };

			if (!wt_alert_decode(wt_slice_of(records[i], lens[i]), &alert) ||
			    !encode(&b, &item, &options))
				abort();
			*bytes += (double)b.len;
		}
		n += RECORDS;
		used = cpu_seconds() - start;
	}
	*bytes /= n;
	return n / used;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		wt_encode_fn *encode;
	} formats[] = { { "cef", wt_encode_cef },
			{ "leef", wt_encode_leef },
			{ "eve", wt_encode_json },
			{ "ecs", wt_encode_ecs },
			{ "hec", wt_encode_hec } };
	double seconds = argc > 1 ? atof(argv[1]) : 1, bytes, rate;
	bool is_good = true;
	unsigned i;

	records = calloc(RECORDS, sizeof(*records));
	if (!records)
		abort();
	for (i = 0; i < RECORDS; i++)
		make(i);
	for (i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		double best = 0;
		unsigned round;

		for (round = 0; round < 3; round++) { /* what others take of the core varies */
			rate = measure(formats[i].encode, seconds / 3, 0, &bytes);
			best = rate > best ? rate : best;
		}
		is_good &= best >= GATE;
		printf("encode %-4s %8.0f records/s, %4.0f bytes each", formats[i].name, best,
		       bytes);
		rate = measure(formats[i].encode, seconds / 3, (size_t)bytes * 3 / 4, &bytes);
		printf("; cut to %4.0f bytes %8.0f records/s%s\n", bytes, rate,
		       best < GATE ? "  BELOW THE GATE" : "");
	}
	free(records);
	return is_good ? 0 : 1;
}
