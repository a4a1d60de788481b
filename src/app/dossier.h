/* Everything known of one device, gathered for those who show or export it. */
#ifndef APP_DOSSIER_H
#define APP_DOSSIER_H

#include "observe/advisory.h"
#include "observe/geo.h"
#include "observe/inventory.h"
#include "observe/vendor.h"

/* Where it comes from; all but the inventory may be NULL. Borrowed. */
struct wt_archive {
	struct wt_inventory *inv;
	struct wt_advisories *advisories;
	struct wt_vendors *vendors;
	struct wt_geo *geo;
	struct wt_table *priorities; /* of classes, priorities.tsv */
};

#define WT_DOSSIER_NAME 80u
#define WT_DOSSIER_LISTED 32u

struct wt_dossier {
	struct wt_device_view device;
	unsigned n_facts, n_conflicts, n_via, n_links, n_advisories;
	struct wt_fact_view fact[WT_DEVICE_FACTS_MAX];
	struct wt_conclusion class;
	struct wt_os_view os;
	const char *card_maker; /* of its network card, by the IEEE's lists; NULL unknown */
	struct wt_conflict_view conflict[WT_DOSSIER_LISTED];
	struct wt_via_view via[WT_DOSSIER_LISTED];
	struct wt_link_view link[WT_DOSSIER_LISTED];
	struct wt_advisory_match advisory[WT_ADVISORY_MATCHES_MAX];
	/* What it is called: its own name, or the best there is instead. Hostile bytes. */
	struct wt_slice name;
	char name_room[WT_DOSSIER_NAME];
};

/* False when there is no such device. Texts are borrowed until the inventory changes. */
WT_MUST_USE bool wt_dossier_read(const struct wt_archive *archive, uint32_t node,
				 struct wt_dossier *d);

/* Only what it is called, its class and its facts: for finding and counting. */
WT_MUST_USE bool wt_dossier_glance(const struct wt_archive *archive, uint32_t node,
				   struct wt_dossier *d);

/* The `n`th value of an attribute, best first; NULL where there is none. */
const struct wt_fact_view *wt_dossier_fact(const struct wt_dossier *d,
					   enum wt_attribute attribute, unsigned n);

/* The best value of an attribute, empty where there is none. */
struct wt_slice wt_dossier_best(const struct wt_dossier *d, enum wt_attribute attribute);

/* The maker under its usual name: stated, else that of the network card (then
 * *is_guess), else "". */
struct wt_slice wt_dossier_maker(const struct wt_archive *archive, const struct wt_dossier *d,
				 bool *is_guess);

/* All values of an attribute in one text, `mark` between them; at most `most` values
 * (0: all). Cut where `b` ends. */
void wt_dossier_join(const struct wt_dossier *d, enum wt_attribute attribute, const char *mark,
		     unsigned most, struct wt_builder *b);

/* Values of one attribute that contradict each other (attributes of which a device has
 * one): their number beyond the best. */
unsigned wt_dossier_n_contradicted(const struct wt_dossier *d, enum wt_attribute attribute);

/* "critical", "high", ... of its class; *is_medical: takes part in diagnosis or treatment. */
const char *wt_dossier_priority(const struct wt_archive *archive, const struct wt_dossier *d,
				bool *is_medical);

/* Whether there is something that a person should look at. */
bool wt_dossier_is_notable(const struct wt_dossier *d);

#endif
