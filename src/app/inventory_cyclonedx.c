/* `wardtap inventory export --format cyclonedx`: a bill of materials of the network's
 * devices, their firmware and operating systems, with the evidence, and the advisories
 * that may concern them.
 * Source: CycloneDX 1.5 (ECMA-424's predecessor), JSON schema bom-1.5.
 * Trust: values are hostile; json.c escapes them. Memory: one dossier and a room. */
#include <stdlib.h>

#include "app/inventory.h"
#include "base/digest.h"
#include "base/json.h"

#define ROOM 1048576u /* a device with every value at its longest */

struct bom {
	const struct wt_inventory_request *r;
	struct wt_json j;
};

static void flush(struct bom *b)
{
	(void)fwrite(b->j.out.ptr, 1, b->j.out.len, b->r->out);
	b->j.out.len = 0;
}

static void key_text(struct bom *b, const char *key, const char *text)
{
	wt_json_key(&b->j, key);
	wt_json_text(&b->j, text);
}

static void key_bytes(struct bom *b, const char *key, struct wt_slice text)
{
	wt_json_key(&b->j, key);
	wt_json_string(&b->j, text);
}

/* RFC 3339: "2026-11-21T09:26:46Z". */
static void put_time(struct bom *b, const char *key, uint64_t ns)
{
	uint8_t text[WT_TIME_LEN];
	struct wt_builder t = wt_builder_of(text, sizeof(text));

	wt_bld_time(&t, ns);
	text[19] = 'Z';
	key_bytes(b, key, wt_slice_of(text, 20));
}

static void put_ref(struct bom *b, const char *key, const struct wt_dossier *d, const char *end,
		    unsigned n)
{
	char text[64];

	snprintf(text, sizeof(text), n ? "device-%u%s-%u" : "device-%u%s", d->device.id, end,
		 n);
	key_text(b, key, text);
}

static void put_property(struct bom *b, const char *name, struct wt_slice value)
{
	char full[64];

	snprintf(full, sizeof(full), "wardtap:%s", name);
	wt_json_open(&b->j, '{');
	key_text(b, "name", full);
	key_bytes(b, "value", value);
	wt_json_close(&b->j, '}');
}

static void put_properties(struct bom *b, const struct wt_dossier *d)
{
	const char *zone[WT_DEVICE_ZONES_MAX];
	unsigned n_zones = wt_inventory_zones(b->r->archive.inv, d->device.node, zone), i;

	wt_json_key(&b->j, "properties");
	wt_json_open(&b->j, '[');
	if (*d->class.value)
		put_property(b, "class", wt_slice_of(d->class.value, strlen(d->class.value)));
	if (d->card_maker)
		put_property(b, "network_card",
			     wt_slice_of(d->card_maker, strlen(d->card_maker)));
	if (d->os.is_legacy)
		put_property(b, "os_support", WT_LIT("ended"));
	for (i = 0; i < n_zones; i++)
		put_property(b, "zone", wt_slice_of(zone[i], strlen(zone[i])));
	for (i = 0; i < d->n_facts && b->j.out.cap - b->j.out.len > 16384; i++)
		put_property(b, wt_attribute_rows[d->fact[i].attribute].name, d->fact[i].value);
	wt_json_close(&b->j, ']');
}

/* How its name is known. Confidence is 0 to 1 here. */
static void put_evidence(struct bom *b, const struct wt_fact_view *f)
{
	unsigned i;

	wt_json_key(&b->j, "evidence");
	wt_json_open(&b->j, '{');
	wt_json_key(&b->j, "identity");
	wt_json_open(&b->j, '{');
	key_text(b, "field", "name");
	wt_json_key(&b->j, "confidence");
	wt_json_decimal(&b->j, f->confidence * INT64_C(10000));
	wt_json_key(&b->j, "methods");
	wt_json_open(&b->j, '[');
	for (i = 0; i < f->n_sources && i < WT_FACT_SOURCES; i++) {
		wt_json_open(&b->j, '{');
		key_text(b, "technique", "other");
		wt_json_key(&b->j, "confidence");
		wt_json_decimal(&b->j, f->source[i].confidence * INT64_C(10000));
		key_text(b, "value", f->source[i].name ? f->source[i].name : "");
		wt_json_close(&b->j, '}');
	}
	wt_json_close(&b->j, ']');
	wt_json_close(&b->j, '}');
	wt_json_close(&b->j, '}');
}

static void put_firmware(struct bom *b, const struct wt_dossier *d, struct wt_slice maker)
{
	const struct wt_fact_view *f;
	struct wt_slice model = wt_dossier_best(d, WT_A_MODEL);
	unsigned i;

	for (i = 0; (f = wt_dossier_fact(d, WT_A_SOFTWARE, i)) != NULL; i++) {
		wt_json_open(&b->j, '{');
		key_text(b, "type", "firmware");
		put_ref(b, "bom-ref", d, "-firmware", i + 1);
		if (maker.len)
			key_bytes(b, "publisher", maker);
		key_bytes(b, "name", model.len ? model : d->name);
		key_bytes(b, "version", f->value);
		put_evidence(b, f);
		wt_json_close(&b->j, '}');
	}
	if (!*d->os.name.value)
		return;
	wt_json_open(&b->j, '{');
	key_text(b, "type", "operating-system");
	put_ref(b, "bom-ref", d, "-os", 0);
	key_text(b, "name", d->os.name.value);
	if (wt_dossier_best(d, WT_A_OS_VERSION).len)
		key_bytes(b, "version", wt_dossier_best(d, WT_A_OS_VERSION));
	wt_json_close(&b->j, '}');
}

static void put_device(struct bom *b, const struct wt_dossier *d)
{
	bool is_guess;
	struct wt_slice maker = wt_dossier_maker(&b->r->archive, d, &is_guess);
	struct wt_slice model = wt_dossier_best(d, WT_A_MODEL);
	const struct wt_fact_view *f = wt_dossier_fact(d, WT_A_MODEL, 0);

	wt_json_open(&b->j, '{');
	key_text(b, "type", "device");
	put_ref(b, "bom-ref", d, "", 0);
	if (maker.len) {
		wt_json_key(&b->j, "supplier");
		wt_json_open(&b->j, '{');
		key_bytes(b, "name", maker);
		wt_json_close(&b->j, '}');
	}
	key_bytes(b, "name", model.len ? model : d->name);
	if (wt_dossier_best(d, WT_A_HARDWARE).len)
		key_bytes(b, "version", wt_dossier_best(d, WT_A_HARDWARE));
	key_bytes(b, "description", d->name);
	if (f)
		put_evidence(b, f);
	wt_json_key(&b->j, "components");
	wt_json_open(&b->j, '[');
	put_firmware(b, d, maker);
	wt_json_close(&b->j, ']');
	put_properties(b, d);
	wt_json_close(&b->j, '}');
}

static const char *severity_of(int64_t millionths)
{
	return millionths >= 9000000   ? "critical"
	       : millionths >= 7000000 ? "high"
	       : millionths >= 4000000 ? "medium"
	       : millionths > 0        ? "low"
				       : "unknown";
}

static void put_rating(struct bom *b, const char *cvss)
{
	int64_t score = 0;

	if (!wt_slice_to_decimal(wt_slice_of(cvss, strlen(cvss)), &score))
		return;
	wt_json_key(&b->j, "ratings");
	wt_json_open(&b->j, '[');
	wt_json_open(&b->j, '{');
	wt_json_key(&b->j, "score");
	wt_json_decimal(&b->j, score);
	key_text(b, "severity", severity_of(score));
	key_text(b, "method", "CVSSv3");
	wt_json_close(&b->j, '}');
	wt_json_close(&b->j, ']');
}

/* One entry for each device and advisory: the reason is the device's own. */
static void put_vulnerability(struct bom *b, const struct wt_dossier *d,
			      const struct wt_advisory_match *m)
{
	char url[160], text[WT_REASON_MAX + 32];

	wt_json_open(&b->j, '{');
	key_text(b, "id", m->advisory);
	snprintf(url, sizeof(url),
		 "https://www.cisa.gov/news-events/ics-medical-advisories/%.40s", m->advisory);
	wt_json_key(&b->j, "source");
	wt_json_open(&b->j, '{');
	key_text(b, "name", "CISA");
	key_text(b, "url", url);
	wt_json_close(&b->j, '}');
	put_rating(b, m->cvss);
	key_text(b, "description", m->title);
	wt_json_key(&b->j, "analysis");
	wt_json_open(&b->j, '{');
	key_text(b, "state", "in_triage");
	snprintf(text, sizeof(text), "%s: %s", wt_grade_name(m->grade), m->reason);
	key_text(b, "detail", text);
	wt_json_close(&b->j, '}');
	wt_json_key(&b->j, "affects");
	wt_json_open(&b->j, '[');
	wt_json_open(&b->j, '{');
	put_ref(b, "ref", d, "", 0);
	wt_json_close(&b->j, '}');
	wt_json_close(&b->j, ']');
	wt_json_close(&b->j, '}');
}

/* A UUID made of what is known (RFC 9562, version 8): the same inventory, the same. */
static void put_serial(struct bom *b, const struct wt_device_list *list, struct wt_dossier *d)
{
	struct wt_sha256 *sha = wt_sha256_new();
	const char *zone[WT_DEVICE_ZONES_MAX];
	uint8_t digest[WT_SHA256_LEN];
	char text[64];
	size_t i;

	for (i = 0; i < list->n; i++) {
		unsigned k, n_zones;

		if (!wt_dossier_glance(&b->r->archive, list->node[i], d))
			continue;
		wt_sha256_add(sha, wt_slice_of(&d->device.id, sizeof(d->device.id)));
		for (k = 0; k < d->n_facts; k++)
			wt_sha256_add(sha, d->fact[k].value);
		n_zones = wt_inventory_zones(b->r->archive.inv, list->node[i], zone);
		for (k = 0; k < n_zones; k++)
			wt_sha256_add(sha, wt_slice_of(zone[k], strlen(zone[k])));
	}
	wt_sha256_end(sha, digest);
	digest[6] = (uint8_t)((digest[6] & 0x0f) | 0x80);
	digest[8] = (uint8_t)((digest[8] & 0x3f) | 0x80);
	snprintf(
		text, sizeof(text),
		"urn:uuid:%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		digest[0], digest[1], digest[2], digest[3], digest[4], digest[5], digest[6],
		digest[7], digest[8], digest[9], digest[10], digest[11], digest[12], digest[13],
		digest[14], digest[15]);
	key_text(b, "serialNumber", text);
}

static void put_head(struct bom *b, const struct wt_device_list *list, struct wt_dossier *d)
{
	wt_json_open(&b->j, '{');
	key_text(b, "bomFormat", "CycloneDX");
	key_text(b, "specVersion", "1.5");
	put_serial(b, list, d);
	wt_json_key(&b->j, "version");
	wt_json_u64(&b->j, 1);
	wt_json_key(&b->j, "metadata");
	wt_json_open(&b->j, '{');
	put_time(b, "timestamp", wt_inventory_now(b->r->archive.inv));
	wt_json_key(&b->j, "tools");
	wt_json_open(&b->j, '{');
	wt_json_key(&b->j, "components");
	wt_json_open(&b->j, '[');
	wt_json_open(&b->j, '{');
	key_text(b, "type", "application");
	key_text(b, "name", "wardtap");
	key_text(b, "version", WT_VERSION);
	wt_json_close(&b->j, '}');
	wt_json_close(&b->j, ']');
	wt_json_close(&b->j, '}');
	wt_json_close(&b->j, '}');
}

void wt_inventory_cyclonedx(const struct wt_inventory_request *r,
			    const struct wt_device_list *list)
{
	uint8_t *room = malloc(ROOM);
	struct wt_dossier *d = malloc(sizeof(*d));
	struct bom b = { .r = r, .j = wt_json_of(room, ROOM) };
	size_t i;
	unsigned k;

	if (!room || !d)
		abort();
	put_head(&b, list, d);
	wt_json_key(&b.j, "components");
	wt_json_open(&b.j, '[');
	for (i = 0; i < list->n; i++) {
		if (!wt_dossier_read(&r->archive, list->node[i], d))
			continue;
		put_device(&b, d);
		flush(&b);
	}
	wt_json_close(&b.j, ']');
	wt_json_key(&b.j, "vulnerabilities");
	wt_json_open(&b.j, '[');
	for (i = 0; i < list->n; i++) {
		if (!wt_dossier_read(&r->archive, list->node[i], d))
			continue;
		for (k = 0; k < d->n_advisories; k++) {
			put_vulnerability(&b, d, &d->advisory[k]);
			flush(&b);
		}
	}
	wt_json_close(&b.j, ']');
	wt_json_close(&b.j, '}');
	flush(&b);
	fputc('\n', r->out);
	free(d);
	free(room);
}
