/* Heartbeats and devices as journal records (report.h).
 * Trust: values of devices are hostile bytes; whoever writes them out escapes them. No
 * direct or secret value is in the inventory, pseudonyms go out as such.
 * Memory: one view of a device's facts, one list of fields. */
#include "app/report.h"
#include "app/health.h"
#include "base/address.h"
#include "base/digest.h"
#include "wardtap/crypto.h"
#include "wardtap/registry.h"

#include <stdio.h>
#include <stdlib.h>

#define GID 10u /* as journal/own.c: what the sensor says of itself */
#define FIELDS_MAX (WT_ALERT_BYTES_MAX - 6144u)
#define ROWS_SIZE 5u /* texts of a device in an alert, from WT_ALERT_SRC_DEVICE on */

struct wt_report {
	struct wt_report_options options;
	uint64_t interval_ns;
	bool tells_devices, is_started;
	uint64_t now_ns, start_ns, start_steady_ns, beat_ns; /* beat: when the next is due */
	uint64_t number;                                     /* packet of the latest record */
	struct wt_health_sums sums, told;
	char id_text[2][16];
	struct wt_fact_view *fact;
	uint8_t *fields;
};

struct wt_report *wt_report_new(const struct wt_report_options *options)
{
	struct wt_report *r = calloc(1, sizeof(*r));

	if (!r)
		abort();
	r->options = *options;
	r->interval_ns = wt_conf_u64(options->conf, WT_CONF_JOURNAL_HEARTBEAT);
	r->tells_devices = wt_conf_bool(options->conf, WT_CONF_JOURNAL_DEVICES);
	r->fact = calloc(WT_DEVICE_FACTS_MAX, sizeof(*r->fact));
	r->fields = malloc(FIELDS_MAX);
	if (!r->fact || !r->fields)
		abort();
	if (r->tells_devices)
		wt_inventory_watch(options->inventory);
	return r;
}

void wt_report_free(struct wt_report *r)
{
	if (!r)
		return;
	free(r->fact);
	free(r->fields);
	free(r);
}

/* ---- records ---- */

static struct wt_slice slice_of(const char *text)
{
	return wt_slice_of(text, strlen(text));
}

static void make_id(const struct wt_report *r, struct wt_alert *alert, uint64_t what)
{
	uint64_t words[4] = { alert->kind, what, alert->made_ns, r->start_ns };
	uint8_t digest[WT_SHA256_LEN];
	struct wt_sha256 *sha = wt_sha256_new();

	wt_sha256_add(sha, WT_LIT("wardtap report 1"));
	wt_sha256_add(sha, alert->text[WT_ALERT_SENSOR]);
	wt_sha256_add(sha, wt_slice_of(words, sizeof(words)));
	wt_sha256_end(sha, digest);
	memcpy(alert->id, digest, WT_ALERT_ID_LEN);
}

static struct wt_alert begin(const struct wt_report *r, enum wt_alert_kind kind)
{
	struct wt_alert alert = {
		.kind = (uint8_t)kind,
		.severity = 1,
		.confidence = 100,
		.is_closed = true,
		.first_ns = r->now_ns,
		.last_ns = r->now_ns,
		.made_ns = r->now_ns,
		.n = 1,
		.gid = GID,
		.sid = (uint32_t)kind,
		.rev = 1,
	};

	alert.text[WT_ALERT_SENSOR] =
		slice_of(wt_conf_text(r->options.conf, WT_CONF_SENSOR_NAME));
	return alert;
}

static bool put_text(struct wt_builder *b, const char *name, struct wt_slice text,
		     bool is_pseudonym)
{
	struct wt_alert_field field = {
		.name = slice_of(name),
		.type = WT_TYPE_STR,
		.form = is_pseudonym ? WT_FORM_PSEUDONYM : WT_FORM_PLAIN,
		.bytes = text,
	};

	return !text.len || wt_alert_put_field(b, &field);
}

static bool put_number(struct wt_builder *b, const char *name, uint8_t type, uint64_t number)
{
	struct wt_alert_field field = { .name = slice_of(name),
					.type = type,
					.number = number };

	return wt_alert_put_field(b, &field);
}

/* ---- heartbeat ---- */

static void take_totals(struct wt_report *r, struct wt_health *h, bool is_end)
{
	const struct wt_report_options *o = &r->options;
	struct wt_counters sum = *o->counters;
	bool has_all = is_end || o->is_live;

	if (o->is_live && !is_end)
		wt_health_set(h, WT_H_SILENT, o->sample(o->sample_self, &sum));
	if (o->is_live) {
		uint64_t bytes = o->journal_bytes(o->journal_self);
		uint64_t most = wt_conf_u64(o->conf, WT_CONF_JOURNAL_SIZE);

		r->sums = wt_health_sums_of(&sum);
		wt_health_set(h, WT_H_JOURNAL_BYTES, bytes);
		wt_health_set(h, WT_H_JOURNAL, bytes / (most / 100));
	}
	wt_health_set(h, WT_H_PACKETS, has_all ? sum.value[WT_C_PACKETS_READ] : r->number);
	wt_health_set(h, WT_H_KERNEL_DROPPED, sum.value[WT_C_CAPTURE_KERNEL_DROPPED]);
	wt_health_set(h, WT_H_EVENTS, sum.value[WT_C_EVENTS_OBSERVED]);
	wt_health_set(h, WT_H_SHED, sum.value[WT_C_EVENTS_SHED]);
	wt_health_set(h, WT_H_ALERTS, sum.value[WT_C_ALERTS_RAISED]);
	wt_health_set(h, WT_H_EVICTED, wt_health_evicted(&sum) + r->sums.n_evicted);
}

static void tell_health(struct wt_report *r, uint64_t uptime_ns, bool is_end)
{
	const struct wt_rules *rules = r->options.rules->rules;
	struct wt_builder b = wt_builder_of(r->fields, FIELDS_MAX), line;
	struct wt_alert alert = begin(r, WT_ALERT_HEALTH);
	struct wt_health h = { 0 };
	char sentence[160];
	unsigned i;

	take_totals(r, &h, is_end);
	wt_health_judge(&h, &r->told, &r->sums);
	r->told = r->sums;
	wt_health_set(&h, WT_H_UPTIME, uptime_ns / WT_NS_PER_S);
	if (!is_end)
		wt_health_set(&h, WT_H_INTERVAL, r->interval_ns / WT_NS_PER_S);
	wt_health_set(&h, WT_H_RULES, rules ? wt_rules_count(rules) : 0);
	wt_health_set(&h, WT_H_DEVICES, wt_inventory_count(r->options.inventory));
	h.text[WT_H_VERSION] = WT_VERSION;
	for (i = 0; i < WT_N_HEALTH; i++)
		if (wt_health_rows[i].type == WT_TYPE_STR
			    ? h.text[i] && !put_text(&b, wt_health_rows[i].name,
						     slice_of(h.text[i]), false)
			    : h.is_known[i] && !put_number(&b, wt_health_rows[i].name,
							   wt_health_rows[i].type, h.value[i]))
			alert.is_truncated = true;
	line = wt_builder_of(sentence, sizeof(sentence));
	wt_bld_text(&line, is_end ? "The sensor has ended; it knew "
				  : "The sensor watches and knows ");
	wt_bld_u64(&line, h.value[WT_H_DEVICES]);
	wt_bld_text(&line, h.value[WT_H_DEVICES] == 1 ? " device." : " devices.");
	wt_bld_text(&line, " Quality of the capture: ");
	wt_bld_u64(&line, h.value[WT_H_QUALITY]);
	wt_bld_text(&line, h.text[WT_H_WORST] ? " %, for " : " %");
	wt_bld_text(&line, h.text[WT_H_WORST] ? h.text[WT_H_WORST] : "");
	wt_bld_char(&line, '.');
	alert.text[WT_ALERT_SIGNATURE] =
		is_end ? WT_LIT("Sensor ends") : WT_LIT("Sensor is alive");
	alert.text[WT_ALERT_CATEGORY] = WT_LIT("sensor");
	alert.text[WT_ALERT_SENTENCE] = wt_bld_slice(&line);
	alert.fields = wt_bld_slice(&b);
	make_id(r, &alert, is_end);
	r->options.sink.take(r->options.sink.self, &alert);
}

/* ---- devices ---- */

/* What a device is called, in this order. */
static const enum wt_attribute names[] = { WT_A_HOST_NAME, WT_A_AE_TITLE,  WT_A_STATION,
					   WT_A_HL7_APP,   WT_A_ASSET_TAG, WT_A_PERSONAL_NAME };

static void fill_rows(struct wt_report *r, uint32_t node, unsigned side, struct wt_slice *text)
{
	struct wt_inventory *inv = r->options.inventory;
	struct wt_device_view device;
	struct wt_conclusion class;
	size_t i;

	if (!node || !wt_inventory_device(inv, node, &device))
		return;
	(void)snprintf(r->id_text[side], sizeof(r->id_text[side]), "%u", (unsigned)device.id);
	class = wt_inventory_class(inv, device.node);
	text[0] = slice_of(r->id_text[side]);
	for (i = 0; i < sizeof(names) / sizeof(names[0]) && !text[1].len; i++)
		text[1] = wt_inventory_best(inv, device.node, names[i]);
	text[2] = slice_of(class.value);
	text[3] = wt_inventory_best(inv, device.node, WT_A_VENDOR);
	text[4] = wt_inventory_best(inv, device.node, WT_A_MODEL);
}

static uint32_t device_of(const struct wt_inventory *inv, const struct wt_alert *a, bool is_src)
{
	unsigned end = is_src ? a->sender & 1u : (a->sender ^ 1u) & 1u;

	if (a->key.ip_version)
		return wt_inventory_by_addr(inv, a->key.space, a->key.ip_version,
					    &a->key.end[end].addr);
	return a->has_mac ? wt_inventory_by_mac(inv, a->key.space, a->mac + (is_src ? 6 : 0))
			  : 0;
}

void wt_report_devices(void *self, struct wt_alert *alert)
{
	struct wt_report *r = self;
	const struct wt_inventory *inv = r->options.inventory;

	_Static_assert(WT_ALERT_DST_DEVICE - WT_ALERT_SRC_DEVICE == ROWS_SIZE &&
			       WT_ALERT_DST_MODEL - WT_ALERT_DST_DEVICE == ROWS_SIZE - 1,
		       "fill_rows knows their order");
	fill_rows(r, device_of(inv, alert, true), 0, &alert->text[WT_ALERT_SRC_DEVICE]);
	fill_rows(r, device_of(inv, alert, false), 1, &alert->text[WT_ALERT_DST_DEVICE]);
}

static const char *support_of(const struct wt_os_view *os)
{
	return os->support == WT_SUPPORT_ENDED ? "ended"
	       : os->support == WT_SUPPORT_YES ? "supported"
					       : "";
}

static bool put_zones(const struct wt_inventory *inv, uint32_t node, struct wt_builder *b)
{
	const char *zone[WT_DEVICE_ZONES_MAX];
	unsigned n = wt_inventory_zones(inv, node, zone), i;
	bool fits = true;

	for (i = 0; i < n; i++)
		fits &= put_text(b, "device.zone", slice_of(zone[i]), false);
	return fits;
}

/* False: some had no room. */
static bool put_device(struct wt_report *r, const struct wt_device_view *device, bool is_new,
		       struct wt_builder *b)
{
	struct wt_inventory *inv = r->options.inventory;
	struct wt_conclusion class = wt_inventory_class(inv, device->node);
	struct wt_os_view os = wt_inventory_os(inv, device->node);
	unsigned n = wt_inventory_facts(inv, device->node, r->fact, WT_DEVICE_FACTS_MAX), i;
	bool fits;

	fits = put_text(b, "device.state", is_new ? WT_LIT("new") : WT_LIT("changed"), false) &&
	       put_number(b, "device.first_seen", WT_TYPE_TIME, device->first_ns) &&
	       put_number(b, "device.last_seen", WT_TYPE_TIME, device->last_ns) &&
	       put_text(b, "device.class", slice_of(class.value), false) &&
	       (!*class.value ||
		put_number(b, "device.class_confidence", WT_TYPE_U64, class.confidence)) &&
	       put_text(b, "device.os_name", slice_of(os.name.value), false) &&
	       put_text(b, "device.os_support", slice_of(support_of(&os)), false) &&
	       put_zones(inv, device->node, b);
	for (i = 0; i < n && fits; i++) {
		const struct wt_fact_view *f = &r->fact[i];
		char name[64];

		if (!wt_attribute_is_identity(f->attribute))
			continue;
		(void)snprintf(name, sizeof(name), "device.%s",
			       wt_attribute_rows[f->attribute].name);
		fits = put_text(b, name, f->value, f->is_pseudonym);
	}
	return fits;
}

/* "New device: infusion pump, B. Braun Infusomat, 10.1.2.3." */
static void put_sentence(struct wt_report *r, const struct wt_slice *row, uint32_t node,
			 bool is_new, struct wt_builder *b)
{
	static const enum wt_attribute where[] = { WT_A_IP, WT_A_MAC };
	struct wt_slice part[4] = { row[2], row[1], row[3].len ? row[3] : row[4] };
	bool is_first = true;
	size_t i, k;

	for (i = 0; i < 2 && !part[3].len; i++)
		part[3] = wt_inventory_best(r->options.inventory, node, where[i]);
	wt_bld_text(b, is_new ? "New device: " : "Device changed: ");
	for (i = 0; i < 4; i++) {
		struct wt_slice text = wt_slice_head(part[i], 96);

		if (!text.len)
			continue;
		wt_bld_text(b, is_first ? "" : ", ");
		for (k = 0; k < text.len; k++) /* classes are words of the tables */
			wt_bld_u8(b, i == 0 && text.ptr[k] == '_' ? ' ' : text.ptr[k]);
		if (i == 2 && row[3].len && row[4].len) {
			wt_bld_char(b, ' ');
			wt_bld_bytes(b, wt_slice_head(row[4], 96));
		}
		is_first = false;
	}
	wt_bld_char(b, '.');
}

static void tell_device(struct wt_report *r, const struct wt_news *news)
{
	struct wt_builder b = wt_builder_of(r->fields, FIELDS_MAX);
	struct wt_alert alert = begin(r, WT_ALERT_DEVICE);
	struct wt_device_view device;
	uint8_t sentence[WT_ALERT_TEXT_MAX];
	struct wt_builder line = wt_builder_of(sentence, sizeof(sentence));

	if (!wt_inventory_device(r->options.inventory, news->node, &device))
		return;
	alert.first_ns = device.first_ns;
	alert.last_ns = device.last_ns;
	alert.is_truncated = !put_device(r, &device, news->is_new, &b);
	alert.fields = wt_bld_slice(&b);
	fill_rows(r, news->node, 0, &alert.text[WT_ALERT_SRC_DEVICE]);
	put_sentence(r, &alert.text[WT_ALERT_SRC_DEVICE], news->node, news->is_new, &line);
	alert.text[WT_ALERT_SIGNATURE] =
		news->is_new ? WT_LIT("New device") : WT_LIT("Device changed");
	alert.text[WT_ALERT_CATEGORY] = WT_LIT("inventory");
	alert.text[WT_ALERT_SENTENCE] = wt_bld_slice(&line);
	make_id(r, &alert, device.id);
	r->options.sink.take(r->options.sink.self, &alert);
}

static void tell_devices(struct wt_report *r, bool is_end)
{
	struct wt_news news;

	while (wt_inventory_news(r->options.inventory, r->now_ns, is_end, &news))
		tell_device(r, &news);
}

/* ---- time ---- */

/* `steady_ns` decides what is due, r->now_ns is what is written. */
static void pass(struct wt_report *r, uint64_t steady_ns)
{
	if (!r->is_started) {
		r->is_started = true;
		r->start_ns = r->now_ns;
		r->start_steady_ns = r->beat_ns = steady_ns;
	}
	if (r->interval_ns && steady_ns >= r->beat_ns) {
		tell_health(r, steady_ns - r->start_steady_ns, false);
		/* After a silence one is enough, and it keeps the rhythm. */
		r->beat_ns += (steady_ns - r->beat_ns) / r->interval_ns * r->interval_ns +
			      r->interval_ns;
	}
	if (r->tells_devices)
		tell_devices(r, false);
}

void wt_report_take(struct wt_report *r, const struct wt_record *record)
{
	if (record->head.ts_ns > r->now_ns)
		r->now_ns = record->head.ts_ns;
	if (record->head.number > r->number)
		r->number = record->head.number;
	if (!record->head.owner && record->head.type == WT_EVENT_FLOW)
		wt_health_add_flow(&r->sums, record);
	pass(r, r->now_ns);
}

void wt_report_clock(struct wt_report *r, uint64_t now_ns, uint64_t steady_ns)
{
	r->now_ns = now_ns;
	pass(r, steady_ns);
}

void wt_report_finish(struct wt_report *r)
{
	if (!r->is_started)
		return;
	if (r->tells_devices)
		tell_devices(r, true);
	if (r->interval_ns)
		tell_health(r, r->now_ns > r->start_ns ? r->now_ns - r->start_ns : 0, true);
}
