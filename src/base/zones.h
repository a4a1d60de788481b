/* Zones: names that the operator gives to networks (inventory.zones). The zone of an address
 * is that of the network with the longest prefix that holds it; of equal ones the first. The
 * inventory and rules (device.zone) ask here, so that they mean the same. */
#ifndef BASE_ZONES_H
#define BASE_ZONES_H

#include "base/conf.h"

#define WT_ZONE_NAME_MAX 32u

struct wt_zone {
	struct wt_cidr network;
	char name[WT_ZONE_NAME_MAX + 1];
};

/* Puts a zone into its place among `n` others; `row` has room for one more. */
void wt_zones_insert(struct wt_zone *row, unsigned n, const struct wt_zone *zone);
/* NULL: none holds it. */
const struct wt_zone *wt_zones_find(const struct wt_zone *row, unsigned n, uint8_t ip_version,
				    const struct wt_addr *addr);

/* Do the first `prefix_len` bits of two addresses agree? */
bool wt_prefix_equal(const struct wt_addr *a, const struct wt_addr *b, unsigned prefix_len);

#endif
