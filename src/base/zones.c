/* Zones (zones.h). Trust: the operator's. Memory: the caller's rows. */
#include "base/zones.h"

#include <string.h>

bool wt_prefix_equal(const struct wt_addr *a, const struct wt_addr *b, unsigned prefix_len)
{
	unsigned whole = prefix_len / 8, rest = prefix_len % 8;
	uint8_t mask = (uint8_t)(0xff00 >> rest);

	return memcmp(a->octet, b->octet, whole) == 0 &&
	       (rest == 0 || (a->octet[whole] & mask) == (b->octet[whole] & mask));
}

/* Sorted by length of prefix, so that the first that fits is the answer. */
void wt_zones_insert(struct wt_zone *row, unsigned n, const struct wt_zone *zone)
{
	for (; n && row[n - 1].network.prefix_len < zone->network.prefix_len; n--)
		row[n] = row[n - 1];
	row[n] = *zone;
}

const struct wt_zone *wt_zones_find(const struct wt_zone *row, unsigned n, uint8_t ip_version,
				    const struct wt_addr *addr)
{
	unsigned i;

	for (i = 0; i < n; i++)
		if (row[i].network.ip_version == ip_version &&
		    wt_prefix_equal(&row[i].network.addr, addr, row[i].network.prefix_len))
			return &row[i];
	return NULL;
}
