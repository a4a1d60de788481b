/* A new set of rules after an old one: which of its flowbits and flowint numbers go by the
 * same name, so that flows keep them over a reload.
 * Trust: names are hostile and bounded by the sets. Memory: the new set's arena. */
#include "match/inner.h"
#include "match/parse.h"

static uint16_t *numbers_after(struct wt_rules *set, const struct wt_name_list *fresh,
			       const struct wt_name_list *old)
{
	uint16_t *after = wt_rules_take(set, (old->n + 1u) * sizeof(*after));
	unsigned i, k;

	for (i = 0; i < old->n; i++) {
		for (k = 0; k < fresh->n; k++)
			if (strcmp(fresh->at[k].text, old->at[i].text) == 0)
				break;
		after[i] = k < fresh->n ? (uint16_t)k : UINT16_MAX;
	}
	return after;
}

void wt_rules_follow(struct wt_rules *set, const struct wt_rules *old)
{
	set->followed = old;
	set->bit_after = numbers_after(set, &set->bit_name, &old->bit_name);
	set->int_after = numbers_after(set, &set->int_name, &old->int_name);
}

static void keep_bits(struct wt_match_flow *f, const uint16_t *after, unsigned n_old)
{
	uint64_t old[WT_MATCH_BITS / 64];
	unsigned i;

	memcpy(old, f->bits, sizeof(old));
	memset(f->bits, 0, sizeof(f->bits));
	for (i = 0; i < n_old && i < WT_MATCH_BITS; i++)
		if ((old[i / 64] >> i % 64 & 1) && after[i] < WT_MATCH_BITS)
			f->bits[after[i] / 64] |= UINT64_C(1) << after[i] % 64;
}

static void keep_numbers(struct wt_match_flow *f, const uint16_t *after, unsigned n_old)
{
	unsigned i;

	for (i = 0; i < WT_FLOW_NUMBERS; i++) {
		uint32_t name = f->number[i].name;

		if (!name)
			continue;
		name = name <= n_old ? after[name - 1] : UINT16_MAX;
		f->number[i].name = name == UINT16_MAX ? 0 : name + 1;
	}
}

void wt_match_flows_follow(struct wt_matcher *m, const struct wt_rules *fresh)
{
	const struct wt_rules *old = m->rules;
	uint32_t at;

	if (fresh->followed != old) { /* what numbers mean is not known */
		while (m->flows_head != WT_NONE)
			wt_match_flow_drop(m, m->flow[m->flows_head].id);
		return;
	}
	for (at = m->flows_head; at != WT_NONE; at = m->flow[at].next) {
		struct wt_match_flow *f = &m->flow[at];

		keep_bits(f, fresh->bit_after, old->bit_name.n);
		keep_numbers(f, fresh->int_after, old->int_name.n);
		memset(f->partial, 0, sizeof(f->partial));
		f->is_app_told[0] = f->is_app_told[1] = false;
	}
}
