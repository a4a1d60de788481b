/* What the configuration adds to the inventory: makers, advisories, places.
 * Trust: the operator's files. Memory: the files. */
#include "app/app.h"
#include "app/assets.h"

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
