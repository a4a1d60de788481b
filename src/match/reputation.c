/* iprep: reputations of addresses by category.
 * Source: Suricata 7 user guide, "IP Reputation". Categories: "number,short
 * name,description" lines; reputations: "address[/prefix],category,score 0..127".
 * Trust: files of the operator, made by strangers. Memory: the set's arena and lists. */
#include "match/parse.h"

#include <stdio.h>
#include <stdlib.h>

#define CATEGORIES_MAX 256u

void wt_rules_load_categories(struct wt_rules *set, const char *name, struct wt_slice text)
{
	unsigned number = 0;

	while (text.len) {
		struct wt_slice line = wt_take_word(&text, '\n'), id = wt_take_word(&line, ',');
		struct wt_slice label = wt_take_word(&line, ',');
		int64_t value;

		number++;
		if (!id.len || id.ptr[0] == '#')
			continue;
		if (!wt_take_i64(id, &value) || value < 0 || value >= CATEGORIES_MAX ||
		    !label.len) {
			wt_rules_problem_add(set, name, number, 0, 0, true,
					     "found no category; write: number from 0 to "
					     "255,name,description");
			continue;
		}
		set->category[value] = wt_rules_text(set, label);
	}
}

void wt_rules_load_reputation(struct wt_rules *set, const char *name, struct wt_slice text)
{
	unsigned number = 0;

	while (text.len) {
		struct wt_slice line = wt_take_word(&text, '\n'), ip = wt_take_word(&line, ',');
		struct wt_slice category = wt_take_word(&line, ',');
		struct wt_reputation *r;
		int64_t cat, score;
		struct wt_nets nets;
		char why[160];

		number++;
		if (!ip.len || ip.ptr[0] == '#')
			continue;
		if (!wt_take_i64(category, &cat) || cat < 0 || cat >= CATEGORIES_MAX ||
		    !wt_take_i64(line, &score) || score < 0 || score > 127 ||
		    !wt_parse_nets(set, ip, &nets, why, sizeof(why)) || nets.n != 1 ||
		    nets.net[0].is_negated) {
			wt_rules_problem_add(set, name, number, 0, 0, true,
					     "found no reputation; write: address,category "
					     "number,score 0 to 127");
			continue;
		}
		r = WT_LIST_ADD(set->reputation);
		r->net = nets.net[0];
		r->category = (uint8_t)cat;
		r->score = (uint8_t)score;
	}
}

static int by_category(const void *a, const void *b)
{
	const struct wt_reputation *x = a, *y = b;
	int order = x->category - y->category;

	if (!order)
		order = x->net.ip_version - y->net.ip_version;
	return order ? order : memcmp(x->net.low, y->net.low, 16);
}

void wt_reputation_sort(struct wt_rules *set)
{
	if (set->reputation.n)
		qsort(set->reputation.at, set->reputation.n, sizeof(*set->reputation.at),
		      by_category);
}

/* The score of the narrowest row that holds the address, 0: none. Rows that begin at or
 * before it are gone over backwards, 64 at most: nets of one category seldom overlap. */
unsigned wt_reputation_of(const struct wt_rules *set, const struct wt_addr *addr,
			  uint8_t ip_version, unsigned category)
{
	size_t len = ip_version == 4 ? 4 : 16;
	unsigned low = 0, high = set->reputation.n, tries;

	while (low < high) {
		unsigned mid = low + (high - low) / 2;
		const struct wt_reputation *r = &set->reputation.at[mid];
		int order = (int)r->category - (int)category;

		if (!order)
			order = (int)r->net.ip_version - (int)ip_version;
		if (!order)
			order = memcmp(r->net.low, addr->octet, len);
		if (order <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (tries = 0; low && tries < 64; tries++) {
		const struct wt_reputation *r = &set->reputation.at[--low];

		if (r->category != category || r->net.ip_version != ip_version)
			return 0;
		if (memcmp(addr->octet, r->net.high, len) <= 0)
			return r->score;
	}
	return 0;
}

/* iprep:any|src|dst|both,category,operator,score */
void wt_parse_iprep(struct wt_parse *p)
{
	static const char *const sides[] = { "any", "src", "dst", "both" };
	struct wt_slice rest = p->value, side = wt_take_word(&rest, ',');
	struct wt_slice category = wt_take_word(&rest, ','), sign = wt_take_word(&rest, ',');
	struct wt_packet_test *t = WT_LIST_ADD(p->set->packet_test);
	char text[16] = "";
	unsigned i;

	t->what = WT_PACKET_IPREP;
	for (i = 0; i < 4 && !wt_is_word(side, sides[i]); i++)
		continue;
	t->side = (uint8_t)i;
	for (i = 0; i < CATEGORIES_MAX; i++)
		if (p->set->category[i] && wt_is_word(category, p->set->category[i]))
			break;
	t->category = (uint16_t)i;
	if (sign.len < 3 && wt_trim(rest).len < 5)
		(void)snprintf(text, sizeof(text), "%.*s%.*s", (int)sign.len,
			       (const char *)sign.ptr, (int)wt_trim(rest).len,
			       (const char *)wt_trim(rest).ptr);
	if (i == CATEGORIES_MAX)
		wt_blame(p, category,
			 "found the category '%s', which no categories file has "
			 "(rules.iprep_categories)",
			 wt_show(category));
	else if (t->side == 4 ||
		 !wt_take_size(wt_slice_of(text, strlen(text)), &t->compare, &t->low, &t->high))
		wt_blame(p, p->value,
			 "found iprep:%s; write any|src|dst|both,CATEGORY,<|>|=,SCORE",
			 wt_show(p->value));
}
