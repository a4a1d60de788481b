/* The inventory as the commands use it: made from the configuration, written to the
 * output folder, shown to people. */
#ifndef APP_ASSETS_H
#define APP_ASSETS_H

#include <stdio.h>

#include "app/dossier.h"
#include "base/conf.h"

/* An inventory as configured. The counters are borrowed. NULL, with errors kept in the
 * configuration, when a replacing table is wrong. */
WT_MUST_USE struct wt_inventory *wt_assets_new(struct wt_conf *conf,
					       struct wt_counters *counters);

/* Makers, advisories and places as configured (all but archive->inv). False, with lines
 * on standard error, when a table is wrong. */
WT_MUST_USE bool wt_assets_archive(const struct wt_conf *conf, struct wt_archive *archive);
void wt_assets_archive_free(struct wt_archive *archive);
/* From now on the JSON of archive->inv holds what the archive knows: network_card,
 * advisories, external_places. The archive must live as long. */
void wt_assets_add_members(struct wt_archive *archive);

/* Writes inventory.json into the folder; false when it could not be written. */
struct wt_receipt_output;
WT_MUST_USE bool wt_assets_write(struct wt_inventory *inv, const char *folder,
				 struct wt_receipt_output *output);

/* A line per device, 80 columns: medical ones first, in the order of priorities.tsv. */
void wt_assets_print(const struct wt_archive *archive, FILE *to);

#endif
