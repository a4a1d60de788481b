/* What the configuration adds to the inventory: makers, advisories, places.
 * Trust: the operator's files. Memory: the files. */
#include "app/app.h"
#include "app/assets.h"

bool wt_assets_archive(const struct wt_conf *conf, struct wt_archive *archive)
{
	const char *tables = wt_conf_text(conf, WT_CONF_INVENTORY_TABLES);
	const char *geo[WT_GEO_FILES_MAX];
	unsigned i, n = wt_conf_count(conf, WT_CONF_INVENTORY_GEO);

	archive->vendors =
		wt_vendors_open(tables, wt_conf_text(conf, WT_CONF_INVENTORY_OUI), stderr);
	archive->advisories = archive->vendors ? wt_advisories_open(tables, stderr) : NULL;
	for (i = 0; i < n && i < WT_GEO_FILES_MAX; i++)
		geo[i] = wt_conf_item_text(conf, WT_CONF_INVENTORY_GEO, i);
	archive->geo = n ? wt_geo_open(geo, i, stderr) : NULL;
	return archive->vendors && archive->advisories;
}

void wt_assets_archive_free(struct wt_archive *archive)
{
	wt_vendors_free(archive->vendors);
	wt_advisories_free(archive->advisories);
	wt_geo_free(archive->geo);
	archive->vendors = NULL;
	archive->advisories = NULL;
	archive->geo = NULL;
}
