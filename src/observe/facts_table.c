/* facts.def with names made ids at start: a column per field of the dictionary, which
 * says what a record's value means. Names that no dissector has are passed over.
 * Trust: our own tables. Memory: a column per field, reserved at start. */
#include "base/values.h"
#include "observe/facts_inner.h"
#include "wardtap/registry.h"

#include <stdlib.h>

static const struct fact_row fact_rows[] = {
#define FACT(owner_, field_, attribute_, whom_, confidence_, label_)                           \
	{ .owner = owner_,                                                                     \
	  .field = field_,                                                                     \
	  .label = label_,                                                                     \
	  .attribute = WT_A_##attribute_,                                                      \
	  .whom = WHOM_##whom_,                                                                \
	  .confidence = confidence_ },
#include "observe/facts.def"
};
#define N_FACT_ROWS (sizeof(fact_rows) / sizeof(fact_rows[0]))

static const struct bind_row {
	const char *owner, *mac, *ip, *condition, *values;
	enum words why;
} bind_rows[] = {
#define BIND(owner_, mac_, ip_, condition_, values_, why_)                                     \
	{ .owner = owner_,                                                                     \
	  .mac = mac_,                                                                         \
	  .ip = ip_,                                                                           \
	  .condition = condition_,                                                             \
	  .values = values_,                                                                   \
	  .why = WORDS_##why_ },
#include "observe/facts.def"
};

static const struct only_row {
	const char *owner, *field, *condition, *values;
} only_rows[] = {
#define ONLY(owner_, field_, condition_, values_)                                              \
	{ .owner = owner_, .field = field_, .condition = condition_, .values = values_ },
#include "observe/facts.def"
};

static const struct cut_row {
	const char *owner, *field, *mark;
} cut_rows[] = {
#define CUT(owner_, field_, mark_) { .owner = owner_, .field = field_, .mark = mark_ },
#include "observe/facts.def"
};

static const struct resolved_row {
	const char *owner, *name, *addr, *count;
} resolved_rows[] = {
#define RESOLVED(owner_, name_, addr_, count_)                                                 \
	{ .owner = owner_, .name = name_, .addr = addr_, .count = count_ },
#include "observe/facts.def"
};

static const struct told_row {
	const char *owner, *mac;
} told_rows[] = {
#define TOLD(owner_, mac_) { .owner = owner_, .mac = mac_ },
#include "observe/facts.def"
};

static const struct named_row {
	const char *owner, *field;
	enum whom whom;
} named_rows[] = {
#define NAMED(owner_, field_, whom_) { .owner = owner_, .field = field_, .whom = WHOM_##whom_ },
#include "observe/facts.def"
};

static const struct stated_row {
	const char *owner, *condition, *values;
} stated_rows[] = {
#define STATED(owner_, condition_, values_)                                                    \
	{ .owner = owner_, .condition = condition_, .values = values_ },
#include "observe/facts.def"
};
#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static uint16_t find_field(unsigned owner, const char *name)
{
	const struct wt_field *row;
	unsigned i;

	for (i = 0; i < WT_N_SHARED_FIELDS; i++)
		if (!strcmp(wt_shared_fields[i].name, name))
			return (uint16_t)i;
	for (i = WT_FIELD_OWN; (row = wt_registry_field(owner, i)) != NULL; i++)
		if (!strcmp(row->name, name))
			return (uint16_t)i;
	return WT_FIELD_NONE;
}

/* A place for the value of a field; NO_SLOT when there is no such field. */
static uint8_t slot_of(struct owner_table *table, unsigned owner, const char *name)
{
	uint16_t field;
	unsigned at;

	if (!*name)
		return PRESENTED;
	field = find_field(owner, name);
	if (field == WT_FIELD_NONE)
		return NO_SLOT;
	at = wt_field_index(field);
	if (table->column[at].slot == NO_SLOT && !WT_BUG_ON(table->n_slots == SLOTS_MAX))
		table->column[at].slot = (uint8_t)table->n_slots++;
	table->is_used = true;
	return table->column[at].slot;
}

static bool has_own_row(const char *owner, const char *field)
{
	size_t i;

	for (i = 0; i < N_FACT_ROWS; i++)
		if (!strcmp(fact_rows[i].owner, owner) && !strcmp(fact_rows[i].field, field))
			return true;
	return false;
}

static void add_rules(struct facts_table *facts, struct owner_table *table, const char *owner,
		      const char *field, struct column *column)
{
	const char *wanted = has_own_row(owner, field) ? owner : "*";
	size_t i;

	column->first = (uint16_t)facts->n_rules;
	for (i = 0; i < N_FACT_ROWS; i++)
		if (!strcmp(fact_rows[i].owner, wanted) && !strcmp(fact_rows[i].field, field)) {
			facts->rule[facts->n_rules++] = (uint16_t)i;
			column->n++;
			table->is_used = true;
		}
}

static void take_binds(struct owner_table *table, unsigned owner, const char *name)
{
	size_t i;

	for (i = 0; i < ROWS(bind_rows); i++) {
		const struct bind_row *row = &bind_rows[i];
		struct bind bind = { .values = row->values, .why = row->why };

		if (strcmp(row->owner, name) != 0)
			continue;
		bind.mac = slot_of(table, owner, row->mac);
		bind.ip = slot_of(table, owner, row->ip);
		bind.condition = slot_of(table, owner, row->condition);
		if (bind.mac == NO_SLOT || bind.ip == NO_SLOT || bind.condition == NO_SLOT)
			continue;
		if (!WT_BUG_ON(table->n_binds == BINDS_MAX))
			table->bind[table->n_binds++] = bind;
		table->is_used = true;
	}
}

static void take_names(struct owner_table *table, unsigned owner, const char *name)
{
	size_t i;

	for (i = 0; i < ROWS(named_rows); i++) {
		uint16_t field;
		uint8_t slot;

		if (strcmp(named_rows[i].owner, name) != 0)
			continue;
		slot = slot_of(table, owner, named_rows[i].field);
		field = find_field(owner, named_rows[i].field);
		if (slot == NO_SLOT || WT_BUG_ON(table->n_names == NAMES_MAX))
			continue;
		table->name[table->n_names].slot = slot;
		table->name[table->n_names].column = (uint16_t)wt_field_index(field);
		table->name[table->n_names++].whom = (uint8_t)named_rows[i].whom;
	}
}

static void take_conditions(struct owner_table *table, unsigned owner, const char *name)
{
	size_t i;

	for (i = 0; i < ROWS(only_rows); i++) {
		uint16_t field = find_field(owner, only_rows[i].field);
		uint8_t slot;

		if (strcmp(only_rows[i].owner, name) != 0 || field == WT_FIELD_NONE)
			continue;
		slot = slot_of(table, owner, only_rows[i].condition);
		table->column[wt_field_index(field)].only_slot = slot;
		table->column[wt_field_index(field)].only_values = only_rows[i].values;
	}
	for (i = 0; i < ROWS(cut_rows); i++) {
		uint16_t field = find_field(owner, cut_rows[i].field);

		if (!strcmp(cut_rows[i].owner, name) && field != WT_FIELD_NONE)
			table->column[wt_field_index(field)].cut = cut_rows[i].mark;
	}
}

static void take_resolved(struct owner_table *table, unsigned owner, const char *name)
{
	size_t i;

	for (i = 0; i < ROWS(resolved_rows); i++) {
		const struct resolved_row *row = &resolved_rows[i];
		uint8_t slot[3];

		if (strcmp(row->owner, name) != 0)
			continue;
		slot[0] = slot_of(table, owner, row->name);
		slot[1] = slot_of(table, owner, row->addr);
		slot[2] = slot_of(table, owner, row->count);
		if (slot[0] == NO_SLOT || slot[1] == NO_SLOT || slot[2] == NO_SLOT ||
		    WT_BUG_ON(table->n_resolved == RESOLVED_MAX))
			continue;
		table->resolved[table->n_resolved].field = find_field(owner, row->addr);
		table->resolved[table->n_resolved].name = slot[0];
		table->resolved[table->n_resolved].addr = slot[1];
		table->resolved[table->n_resolved++].count = slot[2];
	}
}

static void take_stated(struct owner_table *table, unsigned owner, const char *name)
{
	size_t i;

	for (i = 0; i < ROWS(stated_rows); i++) {
		if (strcmp(stated_rows[i].owner, name) != 0)
			continue;
		table->is_stated = true;
		table->self_condition = slot_of(table, owner, stated_rows[i].condition);
		table->self_values = stated_rows[i].values;
		table->eui64 = slot_of(table, owner, "device.eui64");
		table->serial = slot_of(table, owner, "device.serial");
		table->personal_serial = slot_of(table, owner, "hl7.personal_serial");
		table->vendor = slot_of(table, owner, "device.vendor");
		table->model = slot_of(table, owner, "device.model");
		table->id = slot_of(table, owner, "device.id");
		table->station = slot_of(table, owner, "device.station");
	}
}

static void *reserve(size_t n, size_t size)
{
	void *room = calloc(n, size);

	if (!room)
		abort();
	return room;
}

static void compile(struct facts_table *facts, unsigned owner)
{
	struct owner_table *table = &facts->owner[owner];
	const char *name = wt_registry_name(owner);
	unsigned i;

	table->n_columns = WT_N_SHARED_FIELDS;
	while (wt_registry_field(owner, WT_FIELD_OWN + table->n_columns - WT_N_SHARED_FIELDS))
		table->n_columns++;
	table->column = reserve(table->n_columns, sizeof(*table->column));
	table->told = NO_SLOT;
	for (i = 0; i < table->n_columns; i++)
		table->column[i].slot = NO_SLOT;
	for (i = 0; i < table->n_columns; i++) {
		unsigned id =
			i < WT_N_SHARED_FIELDS ? i : WT_FIELD_OWN + i - WT_N_SHARED_FIELDS;

		add_rules(facts, table, name, wt_registry_field(owner, id)->name,
			  &table->column[i]);
	}
	take_binds(table, owner, name);
	take_names(table, owner, name);
	take_conditions(table, owner, name);
	take_resolved(table, owner, name);
	take_stated(table, owner, name);
	for (i = 0; i < ROWS(told_rows); i++)
		if (!strcmp(told_rows[i].owner, name))
			table->told = slot_of(table, owner, told_rows[i].mac);
}

struct facts_table *wt_inv_facts_table_new(void)
{
	struct facts_table *facts = reserve(1, sizeof(*facts));
	unsigned owner;

	facts->n_owners = wt_registry_count() + 1;
	facts->owner = reserve(facts->n_owners, sizeof(*facts->owner));
	/* a row of "*" serves every dissector */
	facts->rule = reserve(N_FACT_ROWS * facts->n_owners, sizeof(*facts->rule));
	for (owner = 1; owner < facts->n_owners; owner++)
		compile(facts, owner);
	return facts;
}

void wt_inv_facts_table_free(struct facts_table *facts)
{
	unsigned owner;

	for (owner = 0; owner < facts->n_owners; owner++)
		free(facts->owner[owner].column);
	free(facts->owner);
	free(facts->rule);
	free(facts);
}

const struct fact_row *wt_inv_fact_row(uint16_t rule)
{
	return &fact_rows[rule];
}

unsigned wt_inv_facts_missing(const char *name[], unsigned max)
{
	unsigned n = 0, owner;
	size_t i;

	for (i = 0; i < N_FACT_ROWS && n < max; i++) {
		bool is_there = false;

		for (owner = 1; owner <= wt_registry_count() && !is_there; owner++)
			is_there = (!strcmp(fact_rows[i].owner, "*") ||
				    !strcmp(fact_rows[i].owner, wt_registry_name(owner))) &&
				   find_field(owner, fact_rows[i].field) != WT_FIELD_NONE;
		if (!is_there)
			name[n++] = fact_rows[i].field;
	}
	return n;
}
