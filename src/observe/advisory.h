/* Which published advisories may concern a device, by what it said of itself.
 *
 * Offline, against rules/inventory/advisories.tsv (CISA's medical advisories) or a
 * newer file of that format. Never silent about doubt: each match has a grade and a
 * sentence that says what it rests on.
 *
 *   confirmed  the device states the maker (or a name that only one maker uses), the
 *              product, and a version inside the range (or all versions are affected)
 *   likely     maker and product are stated, the version is not, cannot be compared,
 *              or is more exact than the advisory
 *   possible   the product's name fits and the maker is only guessed (network card) or
 *              unknown, or the advisory names a whole family
 *
 * A version outside the range, another maker, or an operating system of an unknown
 * maker's device is no match.
 * Trust: texts from the wire. Memory: the table. */
#ifndef OBSERVE_ADVISORY_H
#define OBSERVE_ADVISORY_H

#include <stdio.h>

#include "base/table.h"

enum wt_claim_kind {
	WT_CLAIM_MAKER,      /* a maker that the device states */
	WT_CLAIM_MAKER_HINT, /* a maker guessed from the network card */
	WT_CLAIM_MODEL,      /* model, description, system name of an appliance */
	WT_CLAIM_VERSION,    /* version of the device's software or firmware */
	WT_CLAIM_SOFTWARE,   /* a program with its version in the text: banner, agent */
	WT_CLAIM_OS,
};

/* Something known of a device. Borrowed. */
struct wt_claim {
	enum wt_claim_kind kind;
	struct wt_slice text;
};

/* Claims of one device that are looked at; the rest is left. */
#define WT_CLAIMS_MAX 96u

enum wt_grade { WT_GRADE_POSSIBLE, WT_GRADE_LIKELY, WT_GRADE_CONFIRMED };

#define WT_REASON_MAX 320u

struct wt_advisory_match {
	/* Borrowed from the table. */
	const char *advisory;
	const char *updated;
	const char *maker;
	const char *product;
	const char *affected; /* the advisory's own words about versions */
	const char *cvss;     /* "9.8" or "" */
	const char *cves;     /* parted by spaces */
	const char *title;
	enum wt_grade grade;
	char reason[WT_REASON_MAX]; /* one sentence; bytes of the wire in it are escaped */
};

/* Matches of one device that are kept: the best graded, then highest score. */
#define WT_ADVISORY_MATCHES_MAX 64u

struct wt_advisories;

/* The advisories and makers of folder `dir` or, where it has no such file or `dir` is
 * NULL, those compiled in. NULL when a file has errors, which are written to `errors`
 * (one "file:line: column: ..." each), or memory is out. */
WT_MUST_USE struct wt_advisories *wt_advisories_open(const char *dir, FILE *errors);
void wt_advisories_free(struct wt_advisories *advisories);

const char *wt_advisories_edition(const struct wt_advisories *advisories);

/* The advisories for a device with these claims, best grade and highest score first,
 * one row for each advisory; their number. */
unsigned wt_advisories_match(const struct wt_advisories *advisories,
			     const struct wt_claim *claim, unsigned n_claims,
			     struct wt_advisory_match match[WT_ADVISORY_MATCHES_MAX]);

/* "confirmed", "likely", "possible" */
const char *wt_grade_name(enum wt_grade grade);

#endif
