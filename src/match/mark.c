/* Marks of flows: bits that are set or not, and a few numbers.
 * Source: Suricata 7 user guide, "Flow Keywords" (flowbits), "Flowint".
 * Trust: how many there are is the traffic's choice: pools of state.c bound them.
 * Memory: none of its own. */
#include "match/inner.h"

static bool has_bit(const struct wt_match_flow *f, uint16_t name)
{
	return f && (f->bits[name / 64 % (WT_MATCH_BITS / 64)] >> name % 64 & 1);
}

static bool bits_fit(struct wt_matcher *m, const struct wt_rule *r, const struct wt_subject *s)
{
	const struct wt_match_flow *f = NULL;
	unsigned i, k;

	if (r->n_flowbits)
		f = wt_match_flow_find(m, s->head.flow_id, false);
	for (i = 0; i < r->n_flowbits; i++) {
		const struct wt_flowbit *bit = wt_rules_flowbit(m->rules, r->first_flowbit + i);
		bool any = false;

		for (k = 0; k < bit->n; k++)
			any |= has_bit(f, bit->name[k]);
		if ((bit->what == WT_BIT_ISSET && !any) ||
		    (bit->what == WT_BIT_ISNOTSET && any))
			return false;
	}
	return true;
}

/* The number of a name in the flow; NULL: not set. */
static struct wt_flow_number *number_at(struct wt_match_flow *f, uint16_t name)
{
	unsigned i;

	for (i = 0; f && i < WT_FLOW_NUMBERS; i++)
		if (f->number[i].name == name + 1u)
			return &f->number[i];
	return NULL;
}

static struct wt_flow_number *free_number(struct wt_match_flow *f)
{
	unsigned i;

	for (i = 0; i < WT_FLOW_NUMBERS; i++)
		if (!f->number[i].name)
			return &f->number[i];
	return NULL;
}

static bool number_fits(struct wt_match_flow *f, const struct wt_flowint *t)
{
	const struct wt_flow_number *n = number_at(f, t->name), *other;
	int64_t operand = t->value;

	if (t->what == WT_INT_ISSET || t->what == WT_INT_ISNOTSET)
		return (n != NULL) == (t->what == WT_INT_ISSET);
	if (t->has_operand) {
		other = number_at(f, t->operand);
		if (!other)
			return false;
		operand = other->value;
	}
	return n && wt_compare_number(t->compare, n->value, operand, 0);
}

static bool numbers_fit(struct wt_matcher *m, const struct wt_rule *r,
			const struct wt_subject *s)
{
	unsigned i;

	for (i = 0; i < r->n_flowints; i++) {
		const struct wt_flowint *t = wt_rules_flowint(m->rules, r->first_flowint + i);

		if (t->what >= WT_INT_ISSET &&
		    !number_fits(wt_match_flow_find(m, s->head.flow_id, false), t))
			return false;
	}
	return true;
}

/* Where there is no place left, the number is not kept: rules that ask for it stay silent. */
static void set_numbers(struct wt_matcher *m, const struct wt_rule *r,
			const struct wt_subject *s)
{
	unsigned i;

	for (i = 0; i < r->n_flowints; i++) {
		const struct wt_flowint *t = wt_rules_flowint(m->rules, r->first_flowint + i);
		struct wt_flow_number *n, *other;
		struct wt_match_flow *f;
		uint32_t operand = t->value;

		if (t->what >= WT_INT_ISSET)
			continue;
		f = wt_match_flow_find(m, s->head.flow_id, true);
		n = number_at(f, t->name);
		if (!n)
			n = free_number(f);
		other = t->has_operand ? number_at(f, t->operand) : NULL;
		if (!n || (t->has_operand && !other)) {
			wt_count_n(m->counters, WT_C_MATCH_NUMBERS_LOST, !n);
			continue;
		}
		n->name = t->name + 1u;
		operand = other ? other->value : operand;
		n->value = t->what == WT_INT_SET   ? operand
			   : t->what == WT_INT_ADD ? n->value + operand
						   : n->value - operand;
	}
}

static void set_bits(struct wt_matcher *m, const struct wt_rule *r, const struct wt_subject *s)
{
	unsigned i, k;

	for (i = 0; i < r->n_flowbits; i++) {
		const struct wt_flowbit *bit = wt_rules_flowbit(m->rules, r->first_flowbit + i);
		struct wt_match_flow *f;

		if (bit->what > WT_BIT_TOGGLE)
			continue;
		f = wt_match_flow_find(m, s->head.flow_id, true);
		for (k = 0; k < bit->n; k++) {
			uint64_t *word = &f->bits[bit->name[k] / 64 % (WT_MATCH_BITS / 64)];
			uint64_t mask = UINT64_C(1) << bit->name[k] % 64;

			*word = bit->what == WT_BIT_SET     ? *word | mask
				: bit->what == WT_BIT_UNSET ? *word & ~mask
							    : *word ^ mask;
		}
	}
}

bool wt_marks_fit(struct wt_matcher *m, const struct wt_rule *r, const struct wt_subject *s)
{
	return bits_fit(m, r, s) && numbers_fit(m, r, s);
}

void wt_marks_set(struct wt_matcher *m, const struct wt_rule *r, const struct wt_subject *s)
{
	set_bits(m, r, s);
	set_numbers(m, r, s);
}
