/* Names of makers: one name for the many ways in which it is written, and the maker
 * of a network card by its address.
 *
 * Source: rules/inventory/vendors.tsv; the IEEE's lists MA-L, MA-M, MA-S and IAB as
 * Debian's package ieee-data has them (oui.txt, mam.txt, oui36.txt, iab.txt).
 * Trust: the operator's files; names from the wire. Memory: about 3 MiB for the
 * lists, freed by the caller. */
#ifndef OBSERVE_VENDOR_H
#define OBSERVE_VENDOR_H

#include <stdio.h>

#include "base/table.h"

struct wt_vendors;

/* The makers of folder `dir` or those compiled in (as wt_table_open), and the IEEE's
 * lists from folder `oui_dir` (NULL: none; a folder or file that is not there is
 * fine). NULL when vendors.tsv has errors, which are written to `errors`, or memory
 * is out. */
WT_MUST_USE struct wt_vendors *wt_vendors_open(const char *dir, const char *oui_dir,
					       FILE *errors);
void wt_vendors_free(struct wt_vendors *vendors);

/* The name of vendors.tsv for a name as devices write it; NULL when there is none.
 * Borrowed. */
const char *wt_vendor_name(const struct wt_vendors *vendors, struct wt_slice written);

/* Whether `name` is a name of vendors.tsv. */
bool wt_vendor_is_known(const struct wt_vendors *vendors, const char *name);

/* The maker of the network card with this address: the name of vendors.tsv where
 * there is one, else as the IEEE has it; NULL when unknown, or the address is
 * multicast or was made up locally (IEEE 802-2014 8.2). Borrowed. Remembers what it
 * found: not for two threads at once. */
const char *wt_vendor_of_mac(const struct wt_vendors *vendors, const struct wt_mac *mac);

/* Number of address blocks known. */
size_t wt_vendors_n_blocks(const struct wt_vendors *vendors);

#endif
