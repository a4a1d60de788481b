/* From a set of rules to groups of candidates (program.h): chooses each rule's anchor and
 * literal, builds the prefilters, compiles the expressions.
 * Trust: rules are hostile and bounded by rule.h. Memory: allocated at load. */
#include "match/program.h"
#include "match/cache.h"
#include "match/confirm.h"
#include "match/inner.h"
#include "match/parse.h"
#include "match/traits.h"
#include "wardtap/registry.h"

#include <stdio.h>
#include <stdlib.h>

/* A group while it is filled. */
struct fill {
	uint16_t owner, field; /* of an event; payload groups come first */
	WT_LIST(wt_literal) literal;
	struct {
		unsigned *at;
		unsigned n, room;
	} always;
};

struct wt_program {
	struct wt_rules *rules;
	struct fill *fill;
	struct wt_group *group;
	struct wt_gate *gate;
	struct wt_netindex *netindex;
	bool *is_twin; /* of groups: the prefilter is that of an earlier one */
	unsigned n_groups, room;
	struct wt_packet_rule *packet_rules;
	unsigned n_packet_rules, packet_room;
	unsigned n_confined;
	struct wt_intel_sources *intel;
	uint16_t *by_field[256]; /* owner -> field index (shared and own) -> group + 1 */
};

#define FIELD_SLOTS 512u /* shared fields below 256, own ones above */

static unsigned slot_of(unsigned field)
{
	return field < WT_FIELD_OWN ? field & 255 : 256 + (field & 255);
}

static struct fill *fill_of(struct wt_program *p, unsigned owner, unsigned field)
{
	uint16_t *slots = p->by_field[owner & 255];
	struct fill *f;

	if (!slots) {
		slots = calloc(FIELD_SLOTS, sizeof(*slots));
		if (!slots)
			abort();
		p->by_field[owner & 255] = slots;
	}
	if (slots[slot_of(field)])
		return &p->fill[slots[slot_of(field)] - 1];
	p->fill = wt_list_room(p->fill, p->n_groups, &p->room, sizeof(*p->fill));
	f = &p->fill[p->n_groups++];
	memset(f, 0, sizeof(*f));
	f->owner = (uint16_t)owner;
	f->field = (uint16_t)field;
	slots[slot_of(field)] = (uint16_t)p->n_groups;
	return f;
}

static void add_to(struct wt_program *p, unsigned group, const struct wt_literal *literal,
		   unsigned rule)
{
	struct fill *f = &p->fill[group];

	if (literal) {
		struct wt_literal *at = WT_LIST_ADD(f->literal);

		*at = *literal;
		at->rule = rule;
		return;
	}
	f->always.at =
		wt_list_room(f->always.at, f->always.n, &f->always.room, sizeof(unsigned));
	f->always.at[f->always.n++] = rule;
}

/* Every field that fills the buffer; shared ones in the events of all owners. */
static void add_buffer(struct wt_program *p, const struct wt_buffer *buffer,
		       const struct wt_literal *literal, unsigned rule)
{
	unsigned i, owner;

	for (i = 0; i < buffer->n_producers; i++) {
		const struct wt_producer *from = &buffer->producer[i];
		unsigned first = from->owner ? from->owner : 0;
		unsigned last = from->owner ? from->owner : wt_registry_count();

		for (owner = first; owner <= last; owner++) {
			struct fill *f = fill_of(p, owner, from->field);

			add_to(p, (unsigned)(f - p->fill), literal, rule);
		}
	}
}

static void add_payload(struct wt_program *p, const struct wt_rule *r,
			const struct wt_literal *literal, unsigned rule)
{
	bool is_udp = r->proto == WT_RULE_UDP, is_tcp = r->proto == WT_RULE_TCP ||
							r->proto == WT_RULE_TCP_PACKET ||
							r->proto == WT_RULE_TCP_STREAM;

	if (!is_udp && !is_tcp && r->proto != WT_RULE_APP)
		add_to(p, WT_PAYLOAD_OTHER, literal, rule);
	if (r->proto == WT_RULE_ICMP || r->proto == WT_RULE_SCTP)
		return;
	if (wt_rule_is_about_packets(p->rules, r)) {
		add_to(p, WT_PAYLOAD_PACKET, literal, rule);
		if (!is_tcp)
			add_to(p, WT_PAYLOAD_DATAGRAM, literal, rule);
		return;
	}
	if (!is_udp && !(r->flow & WT_FLOW_TO_CLIENT))
		add_to(p, WT_PAYLOAD_TO_SERVER, literal, rule);
	if (!is_udp && !(r->flow & WT_FLOW_TO_SERVER))
		add_to(p, WT_PAYLOAD_TO_CLIENT, literal, rule);
	if (!is_tcp)
		add_to(p, WT_PAYLOAD_DATAGRAM, literal, rule);
}

/* The longest part without a line's end, which lies in one of the joined fields. */
static struct wt_slice longest_line(struct wt_slice bytes)
{
	struct wt_slice best = { .len = 0 };
	size_t i, from = 0;

	for (i = 0; i <= bytes.len; i++) {
		if (i < bytes.len && bytes.ptr[i] != '\r' && bytes.ptr[i] != '\n')
			continue;
		if (i - from > best.len)
			best = wt_slice_of(bytes.ptr + from, i - from);
		from = i + 1;
	}
	return best;
}

/* A content as a literal for the raw buffer, where the transforms allow that. */
static bool literal_of(const struct wt_inspection *in, const struct wt_test *t,
		       struct wt_literal *literal)
{
	struct wt_slice bytes = t->as.content.pattern;
	unsigned i;

	if (t->kind != WT_TEST_CONTENT || (t->flags & WT_TEST_NEGATED))
		return false;
	if (t->as.content.fast_len)
		bytes = wt_slice_head(wt_slice_tail(bytes, t->as.content.fast_at),
				      t->as.content.fast_len);
	literal->is_nocase = t->flags & WT_TEST_NOCASE;
	if (in->buffer->form) /* upper or lower case */
		literal->is_nocase = true;
	if (in->buffer->is_joined)
		bytes = longest_line(bytes);
	for (i = 0; i < in->n_transforms; i++) {
		if (in->transform[i] == WT_DOTPREFIX && bytes.len && bytes.ptr[0] == '.')
			bytes = wt_slice_tail(bytes, 1);
		else if (in->transform[i] == WT_TO_LOWERCASE ||
			 in->transform[i] == WT_TO_UPPERCASE)
			literal->is_nocase = true;
		else if (in->transform[i] != WT_DOTPREFIX)
			return false;
	}
	literal->bytes = wt_slice_head(bytes, WT_LITERAL_MAX);
	return !in->buffer->is_base64;
}

/* How well a literal anchors a rule: fast_pattern above all, fields above the payload,
 * long ones above short ones. 0: not at all. */
static unsigned worth(const struct wt_inspection *in, const struct wt_test *t,
		      const struct wt_literal *literal)
{
	unsigned len = (unsigned)literal->bytes.len;

	if (len < WT_LITERAL_MIN)
		return 0;
	return len + (in->buffer->is_payload ? 0 : 100) + (t->flags & WT_TEST_FAST ? 1000 : 0);
}

static const struct wt_inspection *choose(const struct wt_rules *rules, const struct wt_rule *r,
					  struct wt_literal *best)
{
	const struct wt_inspection *anchor = NULL;
	unsigned i, k, most = 0;

	for (i = 0; i < r->n_inspections; i++) {
		const struct wt_inspection *in =
			wt_rules_inspection(rules, r->first_inspection + i);

		for (k = 0; k < in->n && !in->buffer->part; k++) {
			const struct wt_test *t = wt_rules_test(rules, in->first + k);
			struct wt_literal literal = { .rule = 0 };

			if (!literal_of(in, t, &literal) || worth(in, t, &literal) <= most)
				continue;
			most = worth(in, t, &literal);
			*best = literal;
			anchor = in;
		}
	}
	return anchor;
}

static void ask_packets(struct wt_program *p, const struct wt_rule *r, unsigned rule)
{
	p->packet_rules = wt_list_room(p->packet_rules, p->n_packet_rules, &p->packet_room,
				       sizeof(*p->packet_rules));
	p->packet_rules[p->n_packet_rules++] =
		(struct wt_packet_rule){ rule, wt_rule_asks_when(p->rules, r),
					 wt_traits_needed(p->rules, r) };
}

/* A rule without a literal: the first field it names, else the payload, else packets. */
static void confine(struct wt_program *p, const struct wt_rule *r, unsigned rule)
{
	const struct wt_buffer *unsaid = NULL;
	unsigned i;

	for (i = 0; i < r->n_field_tests; i++) {
		const struct wt_field_test *t =
			wt_rules_field_test(p->rules, r->first_field_test + i);

		if (t->type == WT_TYPE_BOOL && !t->low) {
			unsaid = t->buffer; /* what is false may not be said */
			continue;
		}
		add_buffer(p, t->buffer, NULL, rule);
		return;
	}
	if (unsaid && !r->n_inspections) {
		add_buffer(p, unsaid, NULL, rule);
		return;
	}
	for (i = 0; i < r->n_inspections; i++) {
		const struct wt_inspection *in =
			wt_rules_inspection(p->rules, r->first_inspection + i);

		if (in->buffer->is_payload || in->buffer->is_base64 || in->buffer->part)
			continue;
		add_buffer(p, in->buffer, NULL, rule);
		p->n_confined++;
		return;
	}
	if (wt_rule_has_payload(p->rules, r)) {
		add_payload(p, r, NULL, rule);
		p->n_confined++;
		return;
	}
	if (wt_rule_asks_when(p->rules, r) == WT_ASKS_FLOW && !r->is_both_ways &&
	    wt_netindex_add(p->netindex, &r->src, rule))
		return;
	ask_packets(p, r, rule);
}

/* Of the inspections in the payload (or not): the longest literal. True when there are any. */
static bool half_of(const struct wt_rules *rules, const struct wt_rule *r, bool in_payload,
		    const struct wt_inspection **half, struct wt_literal *best)
{
	unsigned i, k, most = 0;

	*half = NULL;
	for (i = 0; i < r->n_inspections; i++) {
		const struct wt_inspection *in =
			wt_rules_inspection(rules, r->first_inspection + i);

		if (in->buffer->is_base64 || in->buffer->part ||
		    in->buffer->is_payload != in_payload)
			continue;
		*half = *half ? *half : in;
		for (k = 0; k < in->n; k++) {
			struct wt_literal literal = { .rule = 0 };
			const struct wt_test *t = wt_rules_test(rules, in->first + k);

			if (!literal_of(in, t, &literal) || worth(in, t, &literal) <= most)
				continue;
			most = worth(in, t, &literal);
			*best = literal;
			*half = in;
		}
	}
	return *half;
}

/* A rule on the payload and on fields: in streams the unit comes behind the events, so each
 * half has an anchor, and the second one to pass completes the rule. Events of datagrams
 * have their payload at hand. */
static void add_other_half(struct wt_program *p, const struct wt_rule *r, unsigned rule,
			   const struct wt_inspection *anchor)
{
	struct wt_literal payload = { .rule = 0 }, field = { .rule = 0 };
	const struct wt_inspection *in_payload, *in_field;

	if (!half_of(p->rules, r, true, &in_payload, &payload) ||
	    !half_of(p->rules, r, false, &in_field, &field))
		return;
	if (anchor && anchor->buffer->is_payload)
		add_buffer(p, in_field->buffer, field.bytes.len ? &field : NULL, rule);
	else if (r->proto != WT_RULE_UDP)
		add_payload(p, r, payload.bytes.len ? &payload : NULL, rule);
}

static void place_rule(struct wt_program *p, unsigned rule)
{
	const struct wt_rule *r = wt_rules_at(p->rules, rule);
	struct wt_literal literal = { .rule = 0 };
	const struct wt_inspection *anchor = choose(p->rules, r, &literal);

	if (wt_rule_has_header(p->rules, r)) {
		ask_packets(p, r, rule);
		return;
	}
	if (!anchor)
		confine(p, r, rule);
	else if (anchor->buffer->is_payload)
		add_payload(p, r, &literal, rule);
	else
		add_buffer(p, anchor->buffer, &literal, rule);
	add_other_half(p, r, rule, anchor);
}

/* Expressions that do not compile take their rule out, with a problem. */
static void compile_regexes(struct wt_rules *set)
{
	unsigned i, k, m;

	for (i = 0; i < set->rule.n; i++) {
		struct wt_rule *r = &set->rule.at[i];

		for (k = 0; k < r->n_inspections; k++) {
			const struct wt_inspection *in =
				&set->inspection.at[r->first_inspection + k];

			for (m = 0; m < in->n; m++) {
				struct wt_test *t = &set->test.at[in->first + m];
				char why[256];

				if (t->kind != WT_TEST_PCRE)
					continue;
				t->as.regex.code = wt_regex_new(&t->as.regex, why, sizeof(why));
				if (t->as.regex.code)
					continue;
				wt_rules_problem_add(set, r->file, r->line, t->column, r->sid,
						     true, why);
				r->is_enabled = false;
			}
		}
	}
}

static bool same_literals(const struct fill *a, const struct fill *b)
{
	unsigned i;

	if (a->literal.n != b->literal.n)
		return false;
	for (i = 0; i < a->literal.n; i++) {
		const struct wt_literal *x = &a->literal.at[i], *y = &b->literal.at[i];

		if (x->rule != y->rule || x->is_nocase != y->is_nocase ||
		    !wt_slice_equal(x->bytes, y->bytes))
			return false;
	}
	return true;
}

/* The group before i that looks for the same; i: none. Shared fields have one group an
 * owner, mostly the same ones. */
static unsigned twin_of(const struct wt_program *p, unsigned i)
{
	unsigned k;

	for (k = 0; k < i; k++)
		if (!p->is_twin[k] && same_literals(&p->fill[k], &p->fill[i]))
			return k;
	return i;
}

static void hash_literals(const struct wt_program *p, struct wt_sha256 *sha)
{
	unsigned i, k;

	for (i = 0; i < p->n_groups; i++) {
		const struct fill *f = &p->fill[i];

		for (k = 0; k < f->literal.n && !p->is_twin[i]; k++) {
			const struct wt_literal *l = &f->literal.at[k];
			uint32_t head[4] = { i, l->rule, l->is_nocase, (uint32_t)l->bytes.len };

			wt_sha256_add(sha, wt_slice_of(head, sizeof(head)));
			wt_sha256_add(sha, l->bytes);
		}
	}
}

static bool build(struct wt_program *p, const char *folder, char *why, size_t size)
{
	struct wt_sha256 *sha = wt_sha256_new();
	struct wt_cache *cache;
	bool is_good = true;
	unsigned i;

	p->group = calloc(p->n_groups, sizeof(*p->group));
	p->is_twin = calloc(p->n_groups, sizeof(*p->is_twin));
	if (!p->group || !p->is_twin)
		abort();
	for (i = 0; i < p->n_groups; i++)
		p->is_twin[i] = p->fill[i].literal.n && twin_of(p, i) != i;
	hash_literals(p, sha);
	cache = wt_cache_open(folder, sha);
	for (i = 0; i < p->n_groups && is_good; i++) {
		const struct fill *f = &p->fill[i];
		struct wt_group *g = &p->group[i];

		g->always = f->always.at;
		g->n_always = f->always.n;
		g->n_literals = f->literal.n;
		if (p->is_twin[i])
			g->prefilter = p->group[twin_of(p, i)].prefilter;
		else if (f->literal.n)
			g->prefilter = wt_prefilter_new(f->literal.at, f->literal.n,
							wt_cache_take(cache), why, size);
		is_good = g->prefilter || !f->literal.n;
		if (g->prefilter && !p->is_twin[i])
			wt_cache_keep(cache, g->prefilter);
	}
	wt_cache_close(cache, is_good);
	return is_good;
}

struct wt_program *wt_program_new(struct wt_rules *rules, const char *cache, char *why,
				  size_t size)
{
	struct wt_program *p = calloc(1, sizeof(*p));
	unsigned i;

	if (!p)
		abort();
	p->rules = rules;
	p->fill = wt_list_room(p->fill, 0, &p->room, sizeof(*p->fill));
	memset(p->fill, 0, WT_N_PAYLOAD_GROUPS * sizeof(*p->fill));
	p->n_groups = WT_N_PAYLOAD_GROUPS;
	compile_regexes(rules);
	p->gate = wt_gates_new(rules);
	p->netindex = wt_netindex_new();
	for (i = 0; i < wt_rules_count(rules); i++)
		if (wt_rules_at(rules, i)->is_enabled)
			place_rule(p, i);
	wt_netindex_finish(p->netindex);
	if (build(p, cache, why, size))
		return p;
	wt_program_free(p);
	return NULL;
}

void wt_program_free(struct wt_program *p)
{
	unsigned i;

	if (!p)
		return;
	for (i = 0; i < p->rules->test.n; i++)
		if (p->rules->test.at[i].kind == WT_TEST_PCRE) {
			wt_regex_free(p->rules->test.at[i].as.regex.code);
			p->rules->test.at[i].as.regex.code = NULL;
		}
	for (i = 0; i < p->n_groups; i++) {
		if (p->group && !p->is_twin[i])
			wt_prefilter_free(p->group[i].prefilter);
		free(p->fill[i].literal.at);
		free(p->fill[i].always.at);
	}
	for (i = 0; i < 256; i++)
		free(p->by_field[i]);
	wt_intel_sources_free(p->intel);
	free(p->packet_rules);
	free(p->fill);
	free(p->group);
	free(p->is_twin);
	free(p->gate);
	wt_netindex_free(p->netindex);
	free(p);
}

void wt_program_set_intel(struct wt_program *p, const struct wt_intel *intel)
{
	wt_intel_sources_free(p->intel);
	p->intel = intel ? wt_intel_sources_new(intel) : NULL;
}

const struct wt_intel_sources *wt_program_intel(const struct wt_program *p)
{
	return p->intel;
}

const struct wt_netindex *wt_program_netindex(const struct wt_program *p)
{
	return p->netindex;
}

const struct wt_gate *wt_program_gates(const struct wt_program *p)
{
	return p->gate;
}

const struct wt_rules *wt_program_rules(const struct wt_program *p)
{
	return p->rules;
}

const struct wt_group *wt_program_group(const struct wt_program *p, unsigned owner,
					unsigned field)
{
	const uint16_t *slots = p->by_field[owner & 255];

	return slots && slots[slot_of(field)] ? &p->group[slots[slot_of(field)] - 1] : NULL;
}

const struct wt_group *wt_program_payload(const struct wt_program *p,
					  enum wt_payload_group which)
{
	return &p->group[which];
}

const struct wt_packet_rule *wt_program_packet_rules(const struct wt_program *p, unsigned *n)
{
	*n = p->n_packet_rules;
	return p->packet_rules;
}

const struct wt_group *wt_program_group_at(const struct wt_program *p, unsigned i)
{
	return i < p->n_groups ? &p->group[i] : NULL;
}

unsigned wt_program_n_confined(const struct wt_program *p)
{
	return p->n_confined;
}
