/* What the facts of a device amount to: its class, its operating system. Rows of
 * rules/inventory/classes.tsv and os.tsv name an attribute, a pattern and a weight; the
 * rows of one value that fit are weighed together like independent witnesses, and the
 * value with the most weight is concluded, with the reasons of its rows.
 * The result is kept per device until its facts change.
 * Trust: tables are the operator's, facts hostile. Memory: the tables. */
#include "base/table.h"
#include "observe/inner.h"

#include <stdlib.h>

#define VALUES_MAX 1024u /* distinct values of a table */

enum {
	COLUMN_VALUE,
	COLUMN_WEIGHT,
	COLUMN_ATTRIBUTE,
	COLUMN_PATTERN,
	COLUMN_REASON,
	COLUMN_UNTIL
};

struct rule {
	const char *pattern, *reason;
	uint64_t until_ns;
	uint16_t value; /* index of names */
	uint8_t weight;
	uint32_t next; /* of the same attribute, 1 up */
};

struct judge {
	struct wt_table *table;
	struct rule *rule;
	size_t n_rules;
	uint32_t first[WT_N_ATTRIBUTES]; /* 1 up; 0: none */
	const char *name[VALUES_MAX];
	unsigned n_names;
	/* while a device is judged */
	uint32_t doubt[VALUES_MAX]; /* millionths left; 0 stands for one million */
	uint16_t touched[VALUES_MAX];
	unsigned n_touched;
	uint8_t *is_met; /* per rule */
	uint32_t *met;   /* rules that fit, in order */
	unsigned n_met;
};

struct conclusions {
	struct judge judge[N_JUDGES];
	struct wt_table *priorities;
};

static const struct wt_table_spec specs[N_JUDGES] = {
	[JUDGE_CLASS] = { "classes",
			  1,
			  { "class", "weight", "attribute", "pattern", "reason", NULL } },
	[JUDGE_OS] = { "os",
		       1,
		       { "system", "weight", "attribute", "pattern", "reason",
			 "supported_until", NULL } },
};

/* Who shows priorities says what is wrong with it; here a class is medical or is not. */
static const struct wt_table_spec priorities = {
	.name = "priorities",
	.format = 1,
	.column = { "class", "priority", "is_medical", NULL },
};

static void *reserve(size_t n, size_t size)
{
	void *room = calloc(n ? n : 1, size);

	if (!room)
		abort();
	return room;
}

static bool find_attribute(const char *name, unsigned *attribute)
{
	for (*attribute = 0; *attribute < WT_N_ATTRIBUTES; (*attribute)++)
		if (!strcmp(wt_attribute_rows[*attribute].name, name))
			return true;
	return false;
}

static bool find_value(struct judge *j, const char *name, uint16_t *value)
{
	for (*value = 0; *value < j->n_names; (*value)++)
		if (!strcmp(j->name[*value], name))
			return true;
	if (j->n_names == VALUES_MAX)
		return false;
	j->name[j->n_names++] = name;
	return true;
}

static void take_row(struct judge *j, size_t row, bool has_until)
{
	struct rule *rule = &j->rule[j->n_rules];
	unsigned attribute;
	uint64_t weight;
	uint32_t *last;

	if (!wt_table_u64(j->table, row, COLUMN_WEIGHT, 1, 99, &weight))
		return;
	if (!find_attribute(wt_table_cell(j->table, row, COLUMN_ATTRIBUTE), &attribute)) {
		wt_table_blame(
			j->table, row, COLUMN_ATTRIBUTE,
			"found '%.40s'; expected an attribute of the inventory, e.g. model",
			wt_table_cell(j->table, row, COLUMN_ATTRIBUTE));
		return;
	}
	if (!*wt_table_cell(j->table, row, COLUMN_VALUE) ||
	    !*wt_table_cell(j->table, row, COLUMN_PATTERN)) {
		wt_table_blame(j->table, row, COLUMN_PATTERN,
			       "found nothing here or in the first column; expected both");
		return;
	}
	if (has_until && *wt_table_cell(j->table, row, COLUMN_UNTIL) &&
	    !wt_table_date(j->table, row, COLUMN_UNTIL, &rule->until_ns))
		return;
	if (!find_value(j, wt_table_cell(j->table, row, COLUMN_VALUE), &rule->value)) {
		wt_table_blame(j->table, row, COLUMN_VALUE,
			       "found more than %u distinct values", VALUES_MAX);
		return;
	}
	rule->weight = (uint8_t)weight;
	rule->pattern = wt_table_cell(j->table, row, COLUMN_PATTERN);
	rule->reason = wt_table_cell(j->table, row, COLUMN_REASON);
	for (last = &j->first[attribute]; *last;)
		last = &j->rule[*last - 1].next;
	*last = (uint32_t)++j->n_rules;
}

struct conclusions *wt_inv_conclusions_new(const char *folder)
{
	struct conclusions *c = reserve(1, sizeof(*c));
	unsigned i;
	size_t row;

	for (i = 0; i < N_JUDGES; i++) {
		struct judge *j = &c->judge[i];

		j->table = wt_table_open(&specs[i], folder);
		if (!j->table)
			abort();
		j->rule = reserve(wt_table_n_rows(j->table), sizeof(*j->rule));
		j->is_met = reserve(wt_table_n_rows(j->table), 1);
		j->met = reserve(wt_table_n_rows(j->table), sizeof(*j->met));
		for (row = 0; row < wt_table_n_rows(j->table); row++)
			take_row(j, row, i == JUDGE_OS);
	}
	c->priorities = wt_table_open(&priorities, folder);
	return c;
}

void wt_inv_conclusions_free(struct conclusions *c)
{
	unsigned i;

	for (i = 0; i < N_JUDGES; i++) {
		free(c->judge[i].rule);
		free(c->judge[i].is_met);
		free(c->judge[i].met);
		wt_table_free(c->judge[i].table);
	}
	wt_table_free(c->priorities);
	free(c);
}

unsigned wt_inv_conclusions_n_errors(const struct conclusions *c)
{
	unsigned i, n = 0;

	for (i = 0; i < N_JUDGES; i++)
		n += wt_table_n_errors(c->judge[i].table);
	return n;
}

const char *wt_inv_conclusions_error(const struct conclusions *c, unsigned at)
{
	unsigned i;

	for (i = 0; i < N_JUDGES; i++) {
		if (at < wt_table_n_errors(c->judge[i].table))
			return wt_table_error(c->judge[i].table, at);
		at -= wt_table_n_errors(c->judge[i].table);
	}
	return "";
}

/* ---- judging ---- */

/* A rule that fits takes its share of the doubt. */
static void count_rule(struct judge *j, uint32_t rule, unsigned confidence)
{
	const struct rule *r = &j->rule[rule];
	uint32_t share = (uint32_t)r->weight * confidence / 100u; /* percent */

	if (j->is_met[rule])
		return;
	j->is_met[rule] = 1;
	j->met[j->n_met++] = rule;
	if (!j->doubt[r->value]) {
		j->doubt[r->value] = 1000000;
		j->touched[j->n_touched++] = r->value;
	}
	j->doubt[r->value] = (uint32_t)((uint64_t)j->doubt[r->value] * (100u - share) / 100u);
	if (!j->doubt[r->value])
		j->doubt[r->value] = 1;
}

/* How connections look is asked only where nothing was said: a firewall's or a proxy's
 * would otherwise speak against the device itself. */
static void judge_node(const struct wt_inventory *inv, struct judge *j, uint32_t node,
		       bool is_last_resort)
{
	uint32_t at, rule;

	for (at = node_at(inv, node)->facts; at; at = fact_at(inv, at)->node_next) {
		const struct fact *f = fact_at(inv, at);

		if ((f->attribute == WT_A_TCP_SYN) != is_last_resort)
			continue;
		for (rule = j->first[f->attribute]; rule; rule = j->rule[rule - 1].next)
			if (!j->is_met[rule - 1] &&
			    wt_table_match(j->rule[rule - 1].pattern, wt_inv_fact_text(inv, f)))
				count_rule(j, rule - 1, f->confidence);
	}
}

static uint8_t percent(uint32_t doubt)
{
	uint32_t sure = doubt ? (1000000 - doubt) / 10000 : 0;

	return (uint8_t)(sure > 99 ? 99 : sure);
}

static bool is_stronger(const struct judge *j, uint16_t a, uint16_t b)
{
	if (j->doubt[a] != j->doubt[b])
		return j->doubt[a] < j->doubt[b];
	return a < b; /* the table's order */
}

/* The rules of the value that fit, heaviest first. */
static void take_reasons(const struct judge *j, struct verdict *v, uint16_t value)
{
	unsigned i, k;

	for (i = 0; i < j->n_met; i++) {
		uint32_t rule = j->met[i];

		if (j->rule[rule].value != value)
			continue;
		for (k = v->n_reasons;
		     k && (j->rule[v->reason[k - 1]].weight < j->rule[rule].weight ||
			   (j->rule[v->reason[k - 1]].weight == j->rule[rule].weight &&
			    v->reason[k - 1] > rule));
		     k--)
			if (k < WT_REASONS_MAX)
				v->reason[k] = v->reason[k - 1];
		if (k < WT_REASONS_MAX)
			v->reason[k] = rule;
		if (v->n_reasons < WT_REASONS_MAX)
			v->n_reasons++;
	}
}

static struct verdict judge_device(const struct wt_inventory *inv, struct judge *j,
				   uint32_t device)
{
	struct verdict v = { .is_valid = 1 };
	uint32_t list[DEVICE_NODES_MAX];
	unsigned n = wt_inv_device_nodes(inv, device, list), i;
	bool is_last_resort, is_torn;

	for (i = 0; i < n; i++)
		judge_node(inv, j, list[i], false);
	is_last_resort = j->n_met == 0;
	for (i = 0; i < n && is_last_resort; i++)
		judge_node(inv, j, list[i], true);
	/* Several systems behind one address: silence is better than a wrong word. */
	is_torn = is_last_resort && j->n_touched > 1;
	for (i = 0; i < j->n_touched && !is_torn; i++) {
		uint16_t value = j->touched[i];

		if (!v.best || is_stronger(j, value, (uint16_t)(v.best - 1))) {
			v.second = v.best;
			v.best = (uint16_t)(value + 1);
		} else if (!v.second || is_stronger(j, value, (uint16_t)(v.second - 1))) {
			v.second = (uint16_t)(value + 1);
		}
	}
	if (v.best) {
		v.confidence = percent(j->doubt[v.best - 1]);
		take_reasons(j, &v, (uint16_t)(v.best - 1));
	}
	if (v.second)
		v.second_confidence = percent(j->doubt[v.second - 1]);
	for (i = 0; i < j->n_touched; i++)
		j->doubt[j->touched[i]] = 0;
	for (i = 0; i < j->n_met; i++)
		j->is_met[j->met[i]] = 0;
	j->n_touched = j->n_met = 0;
	return v;
}

static const struct verdict *verdict_of(struct wt_inventory *inv, uint32_t device,
					enum judge_kind kind)
{
	struct verdict *v = &node_at(inv, device)->verdict[kind];

	if (!v->is_valid)
		*v = judge_device(inv, &inv->conclusions->judge[kind], device);
	return v;
}

static struct wt_conclusion conclude(struct wt_inventory *inv, uint32_t node,
				     enum judge_kind kind, uint64_t *until_ns)
{
	const struct judge *j = &inv->conclusions->judge[kind];
	struct wt_conclusion c = { .value = "", .runner_up = "" };
	const struct verdict *v;
	unsigned i;

	*until_ns = 0;
	if (!node || node > inv->nodes.n_fresh || !node_at(inv, node)->id)
		return c;
	v = verdict_of(inv, wt_inv_node_device(inv, node), kind);
	if (v->best) {
		c.value = j->name[v->best - 1];
		c.confidence = v->confidence;
	}
	if (v->second) {
		c.runner_up = j->name[v->second - 1];
		c.runner_up_confidence = v->second_confidence;
	}
	for (i = 0; i < v->n_reasons; i++) {
		c.reason[c.n_reasons++] = j->rule[v->reason[i]].reason;
		if (!*until_ns)
			*until_ns = j->rule[v->reason[i]].until_ns;
	}
	return c;
}

struct wt_conclusion wt_inventory_class(struct wt_inventory *inv, uint32_t node)
{
	uint64_t until_ns;

	return conclude(inv, node, JUDGE_CLASS, &until_ns);
}

struct wt_os_view wt_inventory_os(struct wt_inventory *inv, uint32_t node)
{
	struct wt_os_view os = { .support = WT_SUPPORT_UNKNOWN };
	struct wt_device_view device;

	os.name = conclude(inv, node, JUDGE_OS, &os.support_end_ns);
	if (!os.support_end_ns || !wt_inventory_device(inv, node, &device))
		return os;
	os.is_legacy = device.last_ns >= os.support_end_ns;
	os.support = os.is_legacy ? WT_SUPPORT_ENDED : WT_SUPPORT_YES;
	return os;
}

bool wt_inv_class_is_medical(struct wt_inventory *inv, uint32_t device)
{
	const struct wt_table *t = inv->conclusions->priorities;
	const char *class = wt_inventory_class(inv, device).value;
	size_t i, n = t && *class ? wt_table_n_rows(t) : 0;

	for (i = 0; i < n; i++)
		if (!strcmp(wt_table_cell(t, i, 0), class))
			return !strcmp(wt_table_cell(t, i, 2), "yes");
	return false;
}
