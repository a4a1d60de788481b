/* What kind of rule: at which moments it is to be asked, and about what (program.h).
 * Trust: rules are hostile and bounded by rule.h. Memory: none. */
#include "match/program.h"

/* The same for all packets of a flow. */
static bool is_of_flow(uint8_t what)
{
	return what == WT_PACKET_SAMEIP || what == WT_PACKET_IP_PROTO ||
	       what == WT_PACKET_IPREP || what == WT_PACKET_ZONE || what == WT_PACKET_L3_PROTO;
}

bool wt_rule_has_header(const struct wt_rules *rules, const struct wt_rule *r)
{
	unsigned i;

	for (i = 0; i < r->n_inspections; i++)
		if (wt_rules_inspection(rules, r->first_inspection + i)->buffer->part >=
		    WT_PART_IPV4)
			return true;
	return false;
}

bool wt_rule_is_about_packets(const struct wt_rules *rules, const struct wt_rule *r)
{
	unsigned i;

	if (r->proto == WT_RULE_UDP || r->proto == WT_RULE_ICMP ||
	    r->proto == WT_RULE_TCP_STREAM)
		return false;
	if (r->proto == WT_RULE_TCP_PACKET)
		return true;
	for (i = 0; i < r->n_packet_tests; i++) {
		uint8_t what = wt_rules_packet_test(rules, r->first_packet_test + i)->what;

		if (what != WT_PACKET_STREAM_SIZE && what != WT_PACKET_APP &&
		    what < WT_PACKET_FLOW_AGE && !is_of_flow(what))
			return true;
	}
	return false;
}

enum wt_asks wt_rule_asks_when(const struct wt_rules *rules, const struct wt_rule *r)
{
	enum wt_asks asks = r->proto == WT_RULE_APP ? WT_ASKS_APP : WT_ASKS_FLOW;
	unsigned i;

	for (i = 0; i < r->n_packet_tests; i++) {
		uint8_t what = wt_rules_packet_test(rules, r->first_packet_test + i)->what;

		if (what == WT_PACKET_APP && asks == WT_ASKS_FLOW)
			asks = WT_ASKS_APP;
		else if (what == WT_PACKET_SAMEIP ||
			 (what != WT_PACKET_APP && !is_of_flow(what)))
			return WT_ASKS_PACKET;
	}
	if (r->n_flowints || wt_rule_has_header(rules, r))
		return WT_ASKS_PACKET;
	for (i = 0; i < r->n_flowbits; i++) /* what it waits for may come later */
		if (wt_rules_flowbit(rules, r->first_flowbit + i)->what >= WT_BIT_ISSET)
			return WT_ASKS_PACKET;
	return asks;
}

bool wt_rule_has_payload(const struct wt_rules *rules, const struct wt_rule *r)
{
	const struct wt_buffer *b;
	unsigned i;

	for (i = 0; i < r->n_inspections; i++) {
		b = wt_rules_inspection(rules, r->first_inspection + i)->buffer;
		if (b->is_payload || b->is_base64)
			return true;
	}
	return false;
}
