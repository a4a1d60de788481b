/* What rules cost in a replay (profile.h): sums over workers, dearest first.
 * Trust: ours. Memory: a row a rule, given back. */
#include "app/profile.h"

#include <stdio.h>
#include <stdlib.h>

#define ROWS_MAX 50u

struct row {
	unsigned rule;
	struct wt_rule_cost cost;
};

static int dearest_first(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->cost.ns != y->cost.ns)
		return x->cost.ns < y->cost.ns ? 1 : -1;
	return x->rule < y->rule ? -1 : x->rule > y->rule;
}

static void add_up(struct row *rows, unsigned n, const struct wt_rule_cost *cost)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		rows[i].cost.n_asked += cost[i].n_asked;
		rows[i].cost.n_matched += cost[i].n_matched;
		rows[i].cost.ns += cost[i].ns;
	}
}

void wt_profile_print(const struct wt_rules *rules, struct wt_worker *const *workers,
		      unsigned n_workers)
{
	unsigned i, n = wt_rules_count(rules), n_asked = 0;
	struct row *rows = calloc(n + 1u, sizeof(*rows));
	uint64_t total = 0;

	if (!rows)
		abort();
	for (i = 0; i < n; i++)
		rows[i].rule = i;
	for (i = 0; i < n_workers; i++) {
		const struct wt_rule_cost *cost = wt_match_scratch_costs(workers[i]->match);

		if (cost)
			add_up(rows, n, cost);
	}
	for (i = 0; i < n; i++) {
		n_asked += rows[i].cost.n_asked > 0;
		total += rows[i].cost.ns;
	}
	qsort(rows, n, sizeof(*rows), dearest_first);
	printf("\n%u of %u rules were asked, %.3f ms in all; the dearest:\n", n_asked, n,
	       (double)total / 1e6);
	printf("%10s %10s %10s %10s %8s  %s\n", "sid", "asked", "matched", "ms", "ns each",
	       "message");
	for (i = 0; i < n && i < ROWS_MAX && rows[i].cost.n_asked; i++) {
		const struct wt_rule *r = wt_rules_at(rules, rows[i].rule);
		const struct wt_rule_cost *c = &rows[i].cost;

		printf("%10u %10llu %10llu %10.3f %8llu  %.60s\n", r->sid,
		       (unsigned long long)c->n_asked, (unsigned long long)c->n_matched,
		       (double)c->ns / 1e6, (unsigned long long)(c->ns / c->n_asked), r->msg);
	}
	free(rows);
}
