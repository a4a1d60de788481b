/* What the configuration adds to the inventory: makers, advisories, places.
 * Trust: the operator's files. Memory: the files. */
#include <stdlib.h>

#include "app/app.h"
#include "app/assets.h"
#include "base/address.h"
#include "base/json.h"

static const struct wt_table_spec priorities = {
	.name = "priorities",
	.format = 1,
	.column = { "class", "priority", "is_medical", NULL },
};

static bool is_word(const char *cell, const char *const *words)
{
	while (*words && strcmp(*words, cell) != 0)
		words++;
	return *words != NULL;
}

/* NULL, with lines on standard error, when the table is wrong. */
static struct wt_table *open_priorities(const char *dir)
{
	static const char *const levels[] = { "critical",      "high",    "medium", "low",
					      "informational", "unknown", NULL };
	static const char *const answers[] = { "yes", "no", NULL };
	struct wt_table *t = wt_table_open(&priorities, dir);
	unsigned k;
	size_t i;

	for (i = 0; t && i < wt_table_n_rows(t); i++) {
		if (!is_word(wt_table_cell(t, i, 1), levels))
			wt_table_blame(t, i, 1,
				       "found '%.40s'; expected critical, high, medium, "
				       "low, informational or unknown",
				       wt_table_cell(t, i, 1));
		if (!is_word(wt_table_cell(t, i, 2), answers))
			wt_table_blame(t, i, 2, "found '%.40s'; expected yes or no",
				       wt_table_cell(t, i, 2));
	}
	for (k = 0; t && k < wt_table_n_errors(t); k++)
		fprintf(stderr, "%s\n", wt_table_error(t, k));
	if (t && k == 0)
		return t;
	wt_table_free(t);
	return NULL;
}

bool wt_assets_archive(const struct wt_conf *conf, struct wt_archive *archive)
{
	const char *tables = wt_conf_text(conf, WT_CONF_INVENTORY_TABLES);
	const char *geo[WT_GEO_FILES_MAX];
	unsigned i, n = wt_conf_count(conf, WT_CONF_INVENTORY_GEO);

	archive->vendors =
		wt_vendors_open(tables, wt_conf_text(conf, WT_CONF_INVENTORY_OUI), stderr);
	archive->advisories = archive->vendors ? wt_advisories_open(tables, stderr) : NULL;
	archive->priorities = open_priorities(tables);
	for (i = 0; i < n && i < WT_GEO_FILES_MAX; i++)
		geo[i] = wt_conf_item_text(conf, WT_CONF_INVENTORY_GEO, i);
	archive->geo = n ? wt_geo_open(geo, i, stderr) : NULL;
	return archive->vendors && archive->advisories && archive->priorities;
}

void wt_assets_archive_free(struct wt_archive *archive)
{
	wt_vendors_free(archive->vendors);
	wt_advisories_free(archive->advisories);
	wt_geo_free(archive->geo);
	wt_table_free(archive->priorities);
	archive->vendors = NULL;
	archive->priorities = NULL;
	archive->advisories = NULL;
	archive->geo = NULL;
}

/* ---- what it adds to a device's JSON ---- */

static void add_advisories(const struct wt_dossier *d, struct wt_json *j)
{
	unsigned i;

	wt_json_key(j, "advisories");
	wt_json_open(j, '[');
	/* Best first; what has no room is of the least interest. */
	for (i = 0; i < d->n_advisories && j->out.cap - j->out.len > 24000; i++) {
		const struct wt_advisory_match *m = &d->advisory[i];
		int64_t score = 0;

		wt_json_open(j, '{');
		wt_json_key(j, "id");
		wt_json_text(j, m->advisory);
		wt_json_key(j, "grade");
		wt_json_text(j, wt_grade_name(m->grade));
		wt_json_key(j, "title");
		wt_json_text(j, m->title);
		wt_json_key(j, "reason");
		wt_json_text(j, m->reason);
		if (wt_slice_to_decimal(wt_slice_of(m->cvss, strlen(m->cvss)), &score)) {
			wt_json_key(j, "cvss");
			wt_json_decimal(j, score);
		}
		wt_json_key(j, "cves");
		wt_json_text(j, m->cves);
		wt_json_close(j, '}');
	}
	wt_json_close(j, ']');
}

#define PLACES_MAX 64u

static void add_place(const struct wt_archive *a, const struct wt_peer_view *p,
		      struct wt_json *j)
{
	uint8_t text[64];
	struct wt_builder b = wt_builder_of(text, sizeof(text));
	struct wt_place place;

	if (!wt_geo_find(a->geo, p->ip_version, &p->addr, &place))
		return;
	wt_bld_addr(&b, &p->addr, p->ip_version);
	wt_json_open(j, '{');
	wt_json_key(j, "ip");
	wt_json_string(j, wt_bld_slice(&b));
	if (*place.country) {
		wt_json_key(j, "country");
		wt_json_text(j, place.country);
	}
	if (place.asn) {
		wt_json_key(j, "asn");
		wt_json_u64(j, place.asn);
	}
	if (*place.network) {
		wt_json_key(j, "network");
		wt_json_text(j, place.network);
	}
	wt_json_close(j, '}');
}

/* Of its external partners, newest first, each address once. */
static void add_places(const struct wt_archive *a, uint32_t node, struct wt_json *j)
{
	struct wt_addr met[PLACES_MAX];
	struct wt_peer_view p;
	uint64_t cursor = 0;
	unsigned n = 0, i;

	if (!a->geo)
		return;
	wt_json_key(j, "external_places");
	wt_json_open(j, '[');
	while (n < PLACES_MAX && wt_inventory_peer(a->inv, node, &cursor, &p)) {
		for (i = 0; i < n && memcmp(&met[i], &p.addr, sizeof(p.addr)) != 0; i++)
			;
		if (!p.is_external || i < n)
			continue;
		met[n++] = p.addr;
		add_place(a, &p, j);
	}
	wt_json_close(j, ']');
}

static void add_members(void *self, uint32_t node, struct wt_json *j)
{
	const struct wt_archive *a = self;
	struct wt_dossier *d = malloc(sizeof(*d));

	if (!d)
		abort();
	if (wt_dossier_read(a, node, d)) {
		if (d->card_maker) {
			wt_json_key(j, "network_card");
			wt_json_text(j, d->card_maker);
		}
		if (d->n_advisories)
			add_advisories(d, j);
	}
	add_places(a, node, j);
	free(d);
}

void wt_assets_add_members(struct wt_archive *archive)
{
	wt_inventory_set_extra(archive->inv, add_members, archive);
}
