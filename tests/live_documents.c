/* Prints records as a receiver gets them, one a line: all of a journal, then one of every
 * kind that a replay does not make, with every text filled. For tests/contrib.sh and
 * tests/siem.sh. Usage: live_documents hec|ecs|cef|leef|json [JOURNAL]
 * Trust: a test tool. Memory: one record. */
#include <stdio.h>
#include <stdlib.h>

#include "export/encode.h"
#include "journal/io.h"
#include "journal/reader.h"

static wt_encode_fn *format_of(const char *name)
{
	static const struct {
		const char *name;
		wt_encode_fn *encode;
	} formats[] = { { "hec", wt_encode_hec },
			{ "ecs", wt_encode_ecs },
			{ "cef", wt_encode_cef },
			{ "leef", wt_encode_leef },
			{ "json", wt_encode_json } };
	unsigned i;

	for (i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (strcmp(formats[i].name, name) == 0)
			return formats[i].encode;
	return NULL;
}

static void print(wt_encode_fn *encode, const struct wt_alert *alert, uint64_t seq)
{
	static uint8_t room[WT_ALERT_JSON_MAX];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	struct wt_encode_item item = { .alert = alert, .journal_seq = seq };
	struct wt_encode_options options = { .host = "sensor1.example" };

	if (!encode(&b, &item, &options) || fwrite(b.ptr, 1, b.len, stdout) != b.len ||
	    (b.len && b.ptr[b.len - 1] != '\n' && putchar('\n') == EOF)) {
		fprintf(stderr, "live_documents: record %llu cannot be written\n",
			(unsigned long long)seq);
		exit(1);
	}
}

static void print_journal(wt_encode_fn *encode, const char *folder)
{
	char why[256];
	struct wt_io *io = wt_io_folder(folder, false, why, sizeof(why));
	struct wt_journal_reader *r = io ? wt_journal_reader_new(io, false) : NULL;
	struct wt_reading reading;
	struct wt_alert alert;

	if (!r) {
		fprintf(stderr, "live_documents: %s: cannot be read\n", folder);
		exit(1);
	}
	while (wt_journal_read(r, &reading)) {
		if (!wt_alert_decode(reading.bytes, &alert)) {
			fprintf(stderr, "live_documents: a record is no alert\n");
			exit(1);
		}
		print(encode, &alert, reading.seq);
	}
	wt_journal_reader_free(r);
}

static void put_field(struct wt_builder *b, const char *name, const char *text, uint64_t number)
{
	struct wt_alert_field field = { .name = wt_slice_of(name, strlen(name)),
					.type = text ? WT_TYPE_STR : WT_TYPE_U64,
					.bytes = wt_slice_of(text, text ? strlen(text) : 0),
					.number = number };

	if (!wt_alert_put_field(b, &field))
		abort();
}

static struct wt_alert made(uint8_t kind, struct wt_slice fields)
{
	struct wt_alert a = { .kind = kind,
			      .severity = kind == WT_ALERT_HEALTH ? 1 : 7,
			      .confidence = 90,
			      .is_closed = true,
			      .first_ns = UINT64_C(1767225600123456789),
			      .last_ns = UINT64_C(1767225660123456789),
			      .made_ns = UINT64_C(1767225660123456789),
			      .n = 3,
			      .fields = fields };

	memset(a.id, 0xa0 + kind, sizeof(a.id));
	a.text[WT_ALERT_SENSOR] = WT_LIT("ward7");
	a.text[WT_ALERT_INTERFACE] = WT_LIT("eth1");
	return a;
}

/* The ends of a flow, with all that the inventory may know of them. */
static void put_ends(struct wt_alert *a)
{
	static const char *const texts[] = { "12",         "pump-12.example", "infusion_pump",
					     "Pumpmaker",  "P 100",           "7",
					     "gw.example", "server",          "Serverly",
					     "S 2" };
	unsigned i;

	for (i = 0; i < 10; i++)
		a->text[WT_ALERT_SRC_DEVICE + i] = wt_slice_of(texts[i], strlen(texts[i]));
	a->key.ip_version = 4;
	a->key.proto = 6;
	a->key.end[0].addr.octet[0] = 10;
	a->key.end[0].addr.octet[3] = 7;
	a->key.end[0].port = 2575;
	a->key.end[1].addr.octet[0] = 10;
	a->key.end[1].addr.octet[3] = 12;
	a->key.end[1].port = 40000;
	a->sender = 1;
	a->n_vlans = 2;
	a->vlan[0] = 100;
	a->vlan[1] = 7;
	a->has_mac = 1;
	memcpy(a->mac, "\x02\x57\x4e\0\0\1\x02\x57\x4e\0\0\2", 12);
}

static void print_rule(wt_encode_fn *encode)
{
	uint8_t room[1024];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	struct wt_alert a;

	put_field(&b, "alert.metadata", "attack_id T0855", 0);
	put_field(&b, "alert.reference", "url,example.org/advisory", 0);
	put_field(&b, "hl7.message_type", "RGV^O15", 0);
	a = made(WT_ALERT_RULE, wt_bld_slice(&b));
	a.gid = 1;
	a.sid = 9000001;
	a.rev = 2;
	a.number = 17;
	a.flow_id = 99;
	a.severity = 9;
	a.is_truncated = true;
	a.text[WT_ALERT_APP] = WT_LIT("hl7");
	a.text[WT_ALERT_SIGNATURE] = WT_LIT("WARDTAP Pump programmed by an unknown sender");
	a.text[WT_ALERT_CATEGORY] = WT_LIT("attempted-admin");
	a.text[WT_ALERT_SENTENCE] =
		WT_LIT("A pump took an order from a machine that never sent one.");
	put_ends(&a);
	print(encode, &a, 1000001);
}

static void print_others(wt_encode_fn *encode)
{
	uint8_t room[1024];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	struct wt_alert a;

	put_field(&b, "health.packets", NULL, 123456);
	put_field(&b, "health.kernel_dropped", NULL, 7);
	put_field(&b, "health.uptime_s", NULL, 3600);
	put_field(&b, "health.devices", NULL, 42);
	put_field(&b, "health.quality_percent", NULL, 93);
	put_field(&b, "health.journal_percent", NULL, 4);
	put_field(&b, "health.quality_reason", "kernel drops", 0);
	a = made(WT_ALERT_HEALTH, wt_bld_slice(&b));
	print(encode, &a, 1000002);
	b = wt_builder_of(room, sizeof(room));
	put_field(&b, "device.state", "new", 0);
	put_field(&b, "device.os_name", "Linux", 0);
	a = made(WT_ALERT_DEVICE, wt_bld_slice(&b));
	put_ends(&a);
	print(encode, &a, 1000003);
	a = made(WT_ALERT_GAP, wt_slice_of(NULL, 0));
	a.gid = 10;
	a.sid = WT_ALERT_GAP;
	a.text[WT_ALERT_SIGNATURE] = WT_LIT("Sensor was not watching: it had been stopped");
	a.text[WT_ALERT_CATEGORY] = WT_LIT("sensor");
	print(encode, &a, 1000004);
}

int main(int argc, char **argv)
{
	wt_encode_fn *encode = argc == 2 || argc == 3 ? format_of(argv[1]) : NULL;

	if (!encode) {
		fprintf(stderr, "usage: live_documents hec|ecs|cef|leef|json [JOURNAL]\n");
		return 2;
	}
	if (argc == 3)
		print_journal(encode, argv[2]);
	print_rule(encode);
	print_others(encode);
	return fflush(stdout) == 0 ? 0 : 1;
}
