/* Gates of rules (program.h): what a header refuses at a glance. A gate that cannot say is
 * open; the rest is decided with the candidate.
 * Trust: rules are hostile and bounded by rule.h. Memory: a row a rule. */
#include "match/program.h"

#include <stdlib.h>

/* The range of a single plain port or range; all otherwise. */
static void take_ports(const struct wt_ports *ports, uint16_t range[2])
{
	bool is_one = !ports->is_any && ports->n == 1 && !ports->range[0].is_negated;

	range[0] = is_one ? ports->range[0].low : 0;
	range[1] = is_one ? ports->range[0].high : UINT16_MAX;
}

static uint8_t proto_of(const struct wt_rule *r)
{
	switch ((enum wt_rule_proto)r->proto) {
	case WT_RULE_TCP:
	case WT_RULE_TCP_PACKET:
	case WT_RULE_TCP_STREAM:
		return 6;
	case WT_RULE_UDP:
		return 17;
	default:
		return 0;
	}
}

struct wt_gate *wt_gates_new(const struct wt_rules *rules)
{
	unsigned i, k, n = wt_rules_count(rules);
	struct wt_gate *gates = calloc(n + 1u, sizeof(*gates));

	if (!gates)
		abort();
	for (i = 0; i < n; i++) {
		const struct wt_rule *r = wt_rules_at(rules, i);
		const struct wt_ports all = { .is_any = true };
		struct wt_gate *g = &gates[i];

		take_ports(r->is_both_ways ? &all : &r->src_port, g->src_port);
		take_ports(r->is_both_ways ? &all : &r->dst_port, g->dst_port);
		g->proto = proto_of(r);
		for (k = 0; k < r->n_apps && r->proto == WT_RULE_APP; k++)
			g->app[k] = r->apps[k];
		g->flow = r->flow & (WT_FLOW_TO_SERVER | WT_FLOW_TO_CLIENT);
		for (k = 0; k < r->n_packet_tests; k++) {
			const struct wt_packet_test *t =
				wt_rules_packet_test(rules, r->first_packet_test + k);

			if (t->what != WT_PACKET_TCP_FLAGS || t->mode != '=')
				continue;
			g->flags_mask = t->mask;
			g->flags = t->flags & t->mask;
		}
	}
	return gates;
}
