/* Rules by source address (program.h): ranges sorted by their beginning, each with the
 * furthest end up to it, so that a look goes back only as far as something may reach.
 * Trust: rules are hostile; ranges of one rule do not overlap. Memory: a row a range. */
#include "match/program.h"
#include "match/parse.h"

#include <stdlib.h>

struct wt_range {
	uint32_t low, high, reach;
	unsigned rule;
};

struct wt_netindex {
	WT_LIST(wt_range) range;
};

struct wt_netindex *wt_netindex_new(void)
{
	struct wt_netindex *x = calloc(1, sizeof(*x));

	if (!x)
		abort();
	return x;
}

void wt_netindex_free(struct wt_netindex *x)
{
	if (!x)
		return;
	free(x->range.at);
	free(x);
}

static uint32_t number_of(const uint8_t *octet)
{
	return (uint32_t)octet[0] << 24 | (uint32_t)octet[1] << 16 | (uint32_t)octet[2] << 8 |
	       octet[3];
}

bool wt_netindex_add(struct wt_netindex *x, const struct wt_nets *nets, unsigned rule)
{
	unsigned i;

	if (nets->is_any || !nets->n_plain)
		return false;
	for (i = 0; i < nets->n_plain; i++)
		if (nets->net[i].ip_version != 4)
			return false;
	for (i = 0; i < nets->n_plain; i++) {
		struct wt_range *range = WT_LIST_ADD(x->range);

		range->low = number_of(nets->net[i].low);
		range->high = number_of(nets->net[i].high);
		range->rule = rule;
	}
	return true;
}

static int by_low(const void *a, const void *b)
{
	const struct wt_range *x = a, *y = b;

	if (x->low != y->low)
		return x->low < y->low ? -1 : 1;
	return x->rule < y->rule ? -1 : x->rule > y->rule;
}

void wt_netindex_finish(struct wt_netindex *x)
{
	uint32_t reach = 0;
	unsigned i;

	if (x->range.n)
		qsort(x->range.at, x->range.n, sizeof(*x->range.at), by_low);
	for (i = 0; i < x->range.n; i++) {
		reach = x->range.at[i].high > reach ? x->range.at[i].high : reach;
		x->range.at[i].reach = reach;
	}
}

void wt_netindex_find(const struct wt_netindex *x, const struct wt_addr *addr,
		      void (*take)(void *self, unsigned rule), void *self)
{
	uint32_t at = number_of(addr->octet);
	unsigned low = 0, high = x->range.n;

	while (low < high) {
		unsigned mid = low + (high - low) / 2;

		if (x->range.at[mid].low <= at)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low && x->range.at[low - 1].reach >= at; low--)
		if (x->range.at[low - 1].high >= at)
			take(self, x->range.at[low - 1].rule);
}
