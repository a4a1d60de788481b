/* Where an address on the Internet belongs, from databases that the operator has:
 * country, and the number and name of the network (AS).
 *
 * Any MaxMind DB file whose records hold these under one of the usual names: GeoLite2
 * and GeoIP2 (country, city, ASN, ISP, enterprise), DB-IP, IPinfo, iptoasn. Several
 * files complete one another, in the order given.
 *
 * A database that is missing or damaged is told once and never asked again; what the
 * others know stays, and detection goes on.
 * Trust: the operator's files, but nothing in them is taken on trust.
 * Memory: the files are mapped. */
#ifndef OBSERVE_GEO_H
#define OBSERVE_GEO_H

#include <stdio.h>

#include "wardtap/bytes.h"

#define WT_GEO_FILES_MAX 8u
#define WT_GEO_NAME_MAX 96u

struct wt_place {
	char country[3];                   /* ISO 3166-1 alpha-2, "" when unknown */
	uint32_t asn;                      /* 0 when unknown */
	char network[WT_GEO_NAME_MAX + 1]; /* name of the AS; UTF-8, escape it; "" unknown */
};

struct wt_geo;

/* Opens the files; errors go to `errors`, a line each. Never fails for a bad file; NULL
 * when memory is out. Owned by the caller (wt_geo_free). */
WT_MUST_USE struct wt_geo *wt_geo_open(const char *const *path, unsigned n_paths, FILE *errors);
void wt_geo_free(struct wt_geo *geo);

/* Databases that can be asked. */
unsigned wt_geo_n_files(const struct wt_geo *geo);
/* "GeoLite2-ASN-Test of 2024-01-31" of database `i`, for receipts and people. */
const char *wt_geo_file_title(const struct wt_geo *geo, unsigned i);

/* False when nothing is known. A database found damaged on the way is told to the
 * `errors` of wt_geo_open (which must live as long) and left out from then on. */
bool wt_geo_find(struct wt_geo *geo, uint8_t ip_version, const struct wt_addr *addr,
		 struct wt_place *place);

#endif
