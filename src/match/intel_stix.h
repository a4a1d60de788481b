/* STIX 2.1 bundles, and what the readers of indicators share. */
#ifndef MATCH_INTEL_STIX_H
#define MATCH_INTEL_STIX_H

#include "match/intel_inner.h"

/* Keeps a complaint; line 0: the whole file. */
void wt_intel_complain(struct wt_intel *in, const char *name, unsigned line, const char *format,
		       ...) __attribute__((format(printf, 4, 5)));

/* Adds an indicator of a known kind after looking at its shape. */
bool wt_intel_add_as(struct wt_intel *in, enum wt_intel_kind kind, struct wt_slice text);

/* Indicators of a bundle whose patterns are equalities, joined by OR or alone. Others,
 * and those that are revoked, are counted. */
void wt_intel_read_stix(struct wt_intel *in, const char *name, struct wt_slice text);

#endif
