/* Sets of values that rules fill: which they are, whether the rules that use them may, and
 * what the keeper is told of them. Looks into fixed sets, too.
 * Source: Suricata 7 user guide, "Datasets"; PHI classes of event.h. Trust: rules are
 * hostile and bounded by rule.h. Memory: the set's arena. */
#include "match/confirm.h"
#include "match/parse.h"
#include "wardtap/registry.h"

#include <stdio.h>

#define VALUE_COST 64u /* bytes of memcap that one value stands for */
#define PASSES_MAX 8u  /* sets that are filled by way of other sets, one behind the other */

bool wt_dataset_is_filled(const struct wt_rules *set, unsigned i)
{
	return i < set->dataset.n && set->dataset.at[i].is_filled;
}

bool wt_dataset_takes(const struct wt_rules *set, unsigned i, struct wt_slice value)
{
	if (i >= set->dataset.n)
		return false;
	switch (set->dataset.at[i].type) {
	case WT_DATASET_MD5:
		return value.len == 16;
	case WT_DATASET_SHA256:
		return value.len == 32;
	case WT_DATASET_IP:
		return value.len == 4 || value.len == 16;
	case WT_DATASET_STRING:
		break;
	}
	return value.len > 0;
}

bool wt_dataset_passes(const struct wt_rules *set, const struct wt_dataset_test *t,
		       struct wt_slice value)
{
	const struct wt_value_set *values;
	const struct wt_slice *found;

	if (!wt_dataset_takes(set, t->set, value)) /* such a value is in no such set */
		return t->what == WT_BIT_ISNOTSET;
	values = &set->dataset.at[t->set].values;
	if (t->what != WT_BIT_TOGGLE)
		return wt_set_has(values, value) == (t->what == WT_BIT_ISSET);
	if (!wt_set_has(values, value))
		return false;
	found = wt_set_slot(values, value); /* the score lies behind the value */
	return wt_compare_number(t->compare,
				 found->ptr[found->len] << 8 | found->ptr[found->len + 1],
				 t->score, 0);
}

/* --- may it? --- */

static const struct wt_field *private_field(const struct wt_buffer *b)
{
	unsigned i;

	for (i = 0; i < b->n_producers; i++) {
		const struct wt_field *row =
			wt_registry_field(b->producer[i].owner, b->producer[i].field);

		if (row && (row->phi == WT_PHI_DIRECT || row->phi == WT_PHI_SECRET))
			return row;
	}
	return NULL;
}

static bool marks_flows(const struct wt_rules *set, const struct wt_rule *r)
{
	unsigned i;

	for (i = 0; i < r->n_flowbits; i++)
		if (set->flowbit.at[r->first_flowbit + i].what <= WT_BIT_TOGGLE)
			return true;
	for (i = 0; i < r->n_flowints; i++)
		if (set->flowint.at[r->first_flowint + i].what < WT_INT_ISSET)
			return true;
	return false;
}

/* The name of the set, when it is filled and the buffer must not be kept. */
static bool is_private(const struct wt_buffer *b, const char *name, char *why, size_t size)
{
	const struct wt_field *row = private_field(b);

	if (b->is_payload || b->is_base64)
		(void)snprintf(
			why, size,
			"found the set '%.60s', which rules fill, behind %s, which may "
			"speak of patients; write a field of class none, device or quasi "
			"('wardtap fields' lists them)",
			name, b->name);
	else if (row)
		(void)snprintf(
			why, size,
			"found the set '%.60s', which rules fill, behind %s, whose field "
			"%s is of class %s and must not be kept; write a field of class "
			"none, device or quasi ('wardtap fields' lists them)",
			name, b->name, row->name,
			row->phi == WT_PHI_SECRET ? "secret" : "direct");
	return b->is_payload || b->is_base64 || row;
}

/* Why a rule cannot have this test; false: it can. */
static bool is_unfit(const struct wt_rules *set, const struct wt_rule *r,
		     const struct wt_inspection *in, const struct wt_dataset *d, char *why,
		     size_t size)
{
	if (!d->is_filled && !d->has_file) {
		(void)snprintf(why, size,
			       "found the set '%.60s', which no loaded rule sets and no file "
			       "fills; write load FILE, or a rule with dataset:set,%.60s",
			       d->name, d->name);
		return true;
	}
	if (!d->is_filled)
		return false;
	if (is_private(in->buffer, d->name, why, size))
		return true;
	if (r->is_pass)
		(void)snprintf(why, size,
			       "found the set '%.60s', which rules fill, in a pass rule, which "
			       "is decided before it is asked; write suppress in "
			       "threshold.config",
			       d->name);
	else if (marks_flows(set, r))
		(void)snprintf(why, size,
			       "found a change of flowbits or flowint beside the set '%.60s', "
			       "which rules fill and which is asked later; write xbits:set",
			       d->name);
	return r->is_pass || marks_flows(set, r);
}

/* Is there a set that rules fill behind another inspection of the same buffer before? */
static bool has_form_before(const struct wt_rules *set, const struct wt_rule *r, unsigned i)
{
	const char *name = set->inspection.at[r->first_inspection + i].buffer->name;
	unsigned before, k;

	for (before = 0; before < i; before++) {
		const struct wt_inspection *in =
			&set->inspection.at[r->first_inspection + before];

		for (k = 0; k < in->n && strcmp(in->buffer->name, name) == 0; k++) {
			const struct wt_test *t = &set->test.at[in->first + k];

			if (t->kind == WT_TEST_DATASET &&
			    wt_dataset_is_filled(set, t->as.dataset.set))
				return true;
		}
	}
	return false;
}

/* The first reason against the rule, and its test; NULL: none. */
static const struct wt_test *find_unfit(const struct wt_rules *set, const struct wt_rule *r,
					char *why, size_t size)
{
	unsigned i, k, n = 0;

	for (i = 0; i < r->n_inspections; i++) {
		const struct wt_inspection *in = &set->inspection.at[r->first_inspection + i];

		for (k = 0; k < in->n; k++) {
			const struct wt_test *t = &set->test.at[in->first + k];
			const struct wt_dataset *d;

			if (t->kind != WT_TEST_DATASET)
				continue;
			d = &set->dataset.at[t->as.dataset.set];
			if (is_unfit(set, r, in, d, why, size))
				return t;
			n += d->is_filled;
			if (d->is_filled && has_form_before(set, r, i)) {
				(void)snprintf(why, size,
					       "found sets that rules fill behind two forms of "
					       "%s; write one form of it",
					       in->buffer->name);
				return t;
			}
			if (n <= WT_CONTEXT_SETS_MAX)
				continue;
			(void)snprintf(why, size,
				       "found more than %u tests of sets that rules fill",
				       WT_CONTEXT_SETS_MAX);
			return t;
		}
	}
	return NULL;
}

/* --- over all rules --- */

typedef void (*take_test)(struct wt_rules *set, struct wt_rule *r, struct wt_inspection *in,
			  const struct wt_dataset_test *t);

static void for_each_test(struct wt_rules *set, take_test take)
{
	unsigned i, k, m;

	for (i = 0; i < set->rule.n; i++)
		for (k = 0; k < set->rule.at[i].n_inspections; k++) {
			struct wt_rule *r = &set->rule.at[i];
			struct wt_inspection *in = &set->inspection.at[r->first_inspection + k];

			for (m = 0; m < in->n; m++)
				if (set->test.at[in->first + m].kind == WT_TEST_DATASET)
					take(set, r, in,
					     &set->test.at[in->first + m].as.dataset);
		}
}

static void mark_filled(struct wt_rules *set, struct wt_rule *r, struct wt_inspection *in,
			const struct wt_dataset_test *t)
{
	(void)r;
	(void)in;
	if (t->what == WT_BIT_SET || t->what == WT_BIT_UNSET)
		set->dataset.at[t->set].is_filled = true;
}

static void mark_keeping(struct wt_rules *set, struct wt_rule *r, struct wt_inspection *in,
			 const struct wt_dataset_test *t)
{
	if (set->dataset.at[t->set].is_filled)
		in->keeps = r->keeps = true;
	r->is_carried |= r->keeps && r->n_inspections > 1;
}

static void find_filled(struct wt_rules *set)
{
	unsigned i;

	for (i = 0; i < set->dataset.n; i++)
		set->dataset.at[i].is_filled = false;
	for_each_test(set, mark_filled);
}

/* True when a rule was taken out, which may have filled a set. */
static bool drop_unfit(struct wt_rules *set)
{
	unsigned i, n = 0, before = set->rule.n;

	for (i = 0; i < before; i++) {
		const struct wt_rule *r = &set->rule.at[i];
		const struct wt_test *t;
		char why[400];

		t = find_unfit(set, r, why, sizeof(why));
		if (t)
			wt_rules_problem_add(set, r->file, r->line, t->column, r->sid, true,
					     why);
		else
			set->rule.at[n++] = *r;
	}
	set->rule.n = n;
	return n != before;
}

void wt_datasets_finish(struct wt_rules *set)
{
	unsigned passes = 0;

	if (!set->dataset.n)
		return;
	do
		find_filled(set);
	while (drop_unfit(set) && ++passes < PASSES_MAX);
	find_filled(set);
	for_each_test(set, mark_keeping);
}

/* --- what the keeper is told --- */

static void take_sets(const struct wt_rules *set, const struct wt_rule *r,
		      struct wt_context_rule *to)
{
	unsigned i, k;

	for (i = 0; i < r->n_inspections; i++) {
		const struct wt_inspection *in = &set->inspection.at[r->first_inspection + i];

		for (k = 0; k < in->n && in->keeps; k++) {
			const struct wt_test *t = &set->test.at[in->first + k];

			if (t->kind == WT_TEST_DATASET &&
			    wt_dataset_is_filled(set, t->as.dataset.set) &&
			    to->n_sets < WT_CONTEXT_SETS_MAX)
				to->set[to->n_sets++] = (struct wt_set_test){
					t->as.dataset.what, t->as.dataset.set, in->buffer->name
				};
		}
	}
}

static bool has_context(const struct wt_rule *r)
{
	return r->threshold.kind || r->detection_filter.kind || r->n_xbits ||
	       r->n_device_tests || r->keeps;
}

static void take_rule(const struct wt_rules *set, const struct wt_rule *r,
		      struct wt_context_rule *to)
{
	unsigned k;

	*to = (struct wt_context_rule){
		.gid = r->gid,
		.sid = r->sid,
		.filter = r->detection_filter,
		.threshold = r->threshold,
		.is_silent = r->is_noalert,
	};
	for (k = 0; k < r->n_xbits && k < WT_CONTEXT_XBITS_MAX; k++)
		to->xbit[to->n_xbits++] = set->xbit.at[r->first_xbit + k];
	for (k = 0; k < r->n_device_tests && k < WT_CONTEXT_DEVICES_MAX; k++)
		to->device[to->n_devices++] = set->device_test.at[r->first_device_test + k];
	take_sets(set, r, to);
}

static const struct wt_context_set *sets_of(struct wt_rules *set)
{
	struct wt_context_set *to = wt_rules_take(set, (set->dataset.n + 1u) * sizeof(*to));
	unsigned i;

	for (i = 0; i < set->dataset.n; i++) {
		const struct wt_dataset *d = &set->dataset.at[i];
		uint64_t n = d->memcap / VALUE_COST;

		if (!d->is_filled) /* the number stays: tests name it */
			continue;
		to[i] = (struct wt_context_set){
			.name = d->name,
			.file = d->kept_as,
			.n_max = n > UINT32_MAX    ? UINT32_MAX
				 : d->memcap && !n ? 1
						   : (uint32_t)n,
			.row = d->values.slot,
			.n_rows = d->values.n_slots,
		};
	}
	return to;
}

void wt_rules_context(struct wt_rules *set, struct wt_context_part *part)
{
	struct wt_context_rule *rule;
	const char **mark;
	unsigned i, n = 0;

	for (i = 0; i < set->rule.n; i++)
		n += has_context(&set->rule.at[i]);
	rule = wt_rules_take(set, (n + 1u) * sizeof(*rule));
	mark = wt_rules_take(set, (set->xbit_name.n + 1u) * sizeof(*mark));
	for (i = 0; i < set->xbit_name.n; i++)
		mark[i] = set->xbit_name.at[i].text;
	*part = (struct wt_context_part){
		.rule = rule,
		.n_rules = n,
		.mark = mark,
		.n_marks = set->xbit_name.n,
		.set = sets_of(set),
		.n_sets = set->dataset.n,
	};
	for (i = 0; i < set->rule.n; i++)
		if (has_context(&set->rule.at[i]))
			take_rule(set, &set->rule.at[i], rule++);
}
