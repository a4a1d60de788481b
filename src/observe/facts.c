/* From the fields of records to facts about devices, by facts.def: names become ids at
 * start, so a record costs a table look-up per value and work only for those that say
 * something.
 * Trust: values are hostile. Memory: a column per field of the dictionary. */
#include "base/address.h"
#include "base/values.h"
#include "observe/inner.h"
#include "wardtap/registry.h"

#include <stdlib.h>

enum whom { SENDER, RECEIVER, CLIENT, SERVER, TOLD_ABOUT, STATED_BY, N_WHOM };
#define WHOM_SENDER SENDER
#define WHOM_RECEIVER RECEIVER
#define WHOM_CLIENT CLIENT
#define WHOM_SERVER SERVER
#define WHOM_TOLD TOLD_ABOUT
#define WHOM_STATED STATED_BY

#define SLOTS_MAX 24u
#define BINDS_MAX 4u
#define NAMES_MAX 4u
#define NOTES_MAX 48u
#define NO_SLOT 0xffu
#define PRESENTED 0xfeu /* slot of "": the frame's source, the sender */

struct fact_row {
	const char *owner, *field, *label;
	uint8_t attribute, whom, confidence;
};

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

/* What a field means: rows first..first+n of rules, and where its value is kept. */
struct column {
	uint16_t first, n;
	uint8_t slot;
};

struct bind {
	uint8_t mac, ip, condition;
	const char *values;
	enum words why;
};

struct owner_table {
	struct column *column;
	unsigned n_columns, n_slots, n_binds, n_names;
	struct bind bind[BINDS_MAX];
	struct {
		uint8_t slot, whom;
	} name[NAMES_MAX];
	uint8_t told, self_condition;
	const char *self_values;
	bool is_stated, is_used;
	uint8_t eui64, serial, personal_serial, vendor, model, id, station;
};

struct facts_table {
	struct owner_table *owner;
	unsigned n_owners;
	uint16_t *rule; /* indices of fact_rows */
	unsigned n_rules;
};

/* ---- from names to ids ---- */

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
		uint8_t slot;

		if (strcmp(named_rows[i].owner, name) != 0)
			continue;
		slot = slot_of(table, owner, named_rows[i].field);
		if (slot == NO_SLOT || WT_BUG_ON(table->n_names == NAMES_MAX))
			continue;
		table->name[table->n_names].slot = slot;
		table->name[table->n_names++].whom = (uint8_t)named_rows[i].whom;
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

/* ---- records ---- */

/* What one record says, while it is taken. */
struct call {
	struct wt_inventory *inv;
	const struct wt_event_head *head;
	const struct owner_table *table;
	struct proof proof;
	struct wt_slice slot[SLOTS_MAX];
	uint32_t node[N_WHOM];
	bool is_equipment; /* STATED_BY is equipment, known by an identity */
	unsigned n_notes;
	size_t room_used;
	struct fact_note note[NOTES_MAX];
	uint8_t room[4096]; /* texts of the notes that are no bytes of the record */
};

static struct wt_slice value_of(const struct call *c, uint8_t slot)
{
	return slot < SLOTS_MAX ? c->slot[slot] : wt_slice_of(NULL, 0);
}

/* Is the value one of "a|b|c"? */
static bool is_one_of(struct wt_slice value, const char *list)
{
	struct wt_slice rest = wt_slice_of(list, strlen(list));

	while (rest.len) {
		size_t len = wt_slice_find(rest, '|');

		if (wt_slice_equal(value, wt_slice_head(rest, len)))
			return true;
		rest = wt_slice_tail(rest, len + 1);
	}
	return false;
}

static void gather(struct call *c, struct wt_slice values)
{
	struct wt_slice bytes;
	struct wt_value value;

	memset(c->slot, 0, sizeof(c->slot[0]) * c->table->n_slots);
	while (wt_values_take(&values, &value, &bytes)) {
		unsigned at = wt_field_index(value.field);
		uint8_t slot = at < c->table->n_columns ? c->table->column[at].slot : NO_SLOT;

		if (slot < SLOTS_MAX && !c->slot[slot].len && value.form != WT_FORM_PRESENT)
			c->slot[slot] = bytes;
	}
}

static void bind(struct call *c, const struct bind *b)
{
	const struct wt_event_head *head = c->head;
	struct wt_addr addr;
	uint8_t mac[6], version;

	if (b->condition != PRESENTED && !is_one_of(value_of(c, b->condition), b->values))
		return;
	if (b->ip == PRESENTED) {
		addr = head->key.end[head->sender & 1].addr;
		version = head->key.ip_version;
	} else {
		version = wt_addr_parse(value_of(c, b->ip), &addr);
	}
	if (b->mac == PRESENTED) {
		if (!head->has_mac)
			return;
		memcpy(mac, head->mac + 6, sizeof(mac));
	} else if (!wt_mac_parse(value_of(c, b->mac), mac)) {
		return;
	}
	/* a frame that states another hardware address than its own proves nothing */
	if (version &&
	    (b->why == WORDS_DHCP || !head->has_mac || !memcmp(mac, head->mac + 6, 6)))
		wt_inv_identity_bind(c->inv, head->key.space, mac, version, &addr,
				     b->why == WORDS_DHCP, (uint8_t)b->why, &c->proof);
}

static void find_ends(struct call *c, const struct ends *ends)
{
	bool is_client = c->head->sender == c->head->client;

	c->node[SENDER] = ends->sender;
	c->node[RECEIVER] = ends->receiver;
	c->node[CLIENT] = is_client ? ends->sender : ends->receiver;
	c->node[SERVER] = is_client ? ends->receiver : ends->sender;
}

static void pin(struct call *c, bool is_pinned)
{
	unsigned i;

	for (i = 0; i < N_WHOM; i++) {
		struct node *n;

		if (!c->node[i])
			continue;
		n = node_at(c->inv, c->node[i]);
		n->flags =
			(uint8_t)(is_pinned ? n->flags | NODE_PINNED : n->flags & ~NODE_PINNED);
	}
}

static void find_told(struct call *c)
{
	uint8_t mac[6];

	c->node[TOLD_ABOUT] = 0;
	if (c->table->told >= SLOTS_MAX) {
		c->node[TOLD_ABOUT] = c->node[SENDER];
		return;
	}
	if (wt_mac_parse(value_of(c, c->table->told), mac))
		c->node[TOLD_ABOUT] =
			wt_inv_identity_mac(c->inv, c->head->key.space, mac, &c->proof);
	else if (!value_of(c, c->table->told).len && c->head->sender == c->head->client)
		c->node[TOLD_ABOUT] = c->node[SENDER];
}

static void find_stated(struct call *c)
{
	const struct owner_table *t = c->table;
	struct stated s = {
		.eui64 = value_of(c, t->eui64),
		.serial = value_of(c, t->serial),
		.vendor = value_of(c, t->vendor),
		.model = value_of(c, t->model),
		.id = value_of(c, t->id),
		.station = value_of(c, t->station),
		.is_self = t->self_condition == PRESENTED ||
			   is_one_of(value_of(c, t->self_condition), t->self_values),
	};
	uint32_t node = 0;

	c->node[STATED_BY] = c->node[SENDER];
	c->is_equipment = false;
	if (!t->is_stated || !c->node[SENDER])
		return;
	/* the message itself, which has no such field, names its sender */
	if (t->self_condition < SLOTS_MAX && !value_of(c, t->self_condition).len) {
		c->is_equipment = true;
		if (s.eui64.len)
			wt_inv_identity_own(c->inv, c->node[SENDER], s.eui64, &c->proof);
		return;
	}
	if (!s.serial.len)
		s.serial = value_of(c, t->personal_serial);
	node = wt_inv_identity_stated(c->inv, c->node[SENDER], &s, &c->proof);
	if (!node)
		return;
	c->node[STATED_BY] = node;
	c->is_equipment = true;
}

static struct wt_slice text_of(const struct wt_field *row, const struct wt_value *value,
			       struct wt_slice bytes, const char *label, uint8_t *room,
			       size_t cap)
{
	struct wt_builder b = wt_builder_of(room, cap);
	uint64_t number = 0;

	if (row->type == WT_TYPE_STR || value->form == WT_FORM_PSEUDONYM) {
		if (!*label)
			return bytes;
		wt_bld_text(&b, label);
		wt_bld_bytes(&b, wt_slice_head(bytes, cap - b.len));
		return wt_bld_slice(&b);
	}
	if (bytes.len == sizeof(number))
		number = wt_value_number(bytes);
	wt_bld_text(&b, label);
	if (row->type != WT_TYPE_BOOL)
		wt_bld_u64(&b, number);
	else if (!number)
		b.len = 0;
	else if (b.len)
		b.len--; /* "is router ": the label says it */
	return wt_bld_slice(&b);
}

static void add_notes(struct call *c)
{
	wt_inv_fact_notes(c->inv, c->note, c->n_notes, &c->proof);
	c->n_notes = 0;
	c->room_used = 0;
}

static void apply(struct call *c, const struct wt_value *value, struct wt_slice bytes)
{
	const struct column *column = &c->table->column[wt_field_index(value->field)];
	const struct wt_field *row = wt_registry_field(c->head->owner, value->field);
	unsigned i;

	for (i = 0; i < column->n; i++) {
		const struct fact_row *rule =
			&fact_rows[c->inv->facts_table->rule[column->first + i]];
		struct fact_note *note;
		uint8_t *room;

		if (!c->node[rule->whom])
			continue;
		if (c->n_notes == NOTES_MAX ||
		    c->room_used + WT_FACT_TEXT_MAX > sizeof(c->room))
			add_notes(c);
		note = &c->note[c->n_notes];
		room = c->room + c->room_used;
		*note = (struct fact_note){
			.text = wt_slice_head(
				text_of(row, value, bytes, rule->label, room, WT_FACT_TEXT_MAX),
				WT_FACT_TEXT_MAX),
			.source = { .owner = c->head->owner,
				    .field = value->field,
				    .confidence = rule->confidence },
			.node = c->node[rule->whom],
			.attribute = rule->attribute,
			.form = value->form == WT_FORM_PSEUDONYM ? WT_FORM_PSEUDONYM
								 : WT_FORM_PLAIN,
		};
		/* equipment that nothing identifies may be the sender, or behind it */
		if (rule->whom == STATED_BY && !c->is_equipment && c->table->is_stated)
			note->source.confidence = (uint8_t)(note->source.confidence * 6u / 10u);
		if (note->text.ptr == room)
			c->room_used += note->text.len;
		if (note->text.len)
			c->n_notes++;
	}
}

/* Proofs of the record, then its ends, which proofs may have moved. */
static void take_proofs(struct call *c, const struct wt_record *record, struct ends *ends)
{
	unsigned i;

	for (i = 0; i < c->table->n_binds; i++)
		bind(c, &c->table->bind[i]);
	*ends = wt_inv_identity_of(c->inv, record);
	find_ends(c, ends);
	pin(c, true);
	find_told(c);
	pin(c, false);
	for (i = 0; i < c->table->n_names; i++) {
		struct wt_slice name = value_of(c, c->table->name[i].slot);
		uint32_t node = c->node[c->table->name[i].whom];

		if (!name.len || !node)
			continue;
		wt_inv_identity_named(c->inv, &node, name, &c->proof);
		*ends = wt_inv_identity_of(c->inv, record);
		find_ends(c, ends);
		find_told(c);
	}
}

void wt_inv_facts_take(struct wt_inventory *inv, const struct wt_record *record,
		       struct ends *ends)
{
	struct wt_slice values = wt_slice_of(record->values, record->values_len), bytes;
	const struct wt_event_head *head = &record->head;
	struct call c; /* large: only what is read before it is written is cleared */
	struct wt_value value;

	c.inv = inv;
	c.head = head;
	c.proof = (struct proof){ .ts_ns = head->ts_ns, .number = head->number };
	c.n_notes = 0;
	c.room_used = 0;
	memset(c.node, 0, sizeof(c.node));
	c.is_equipment = false;
	*ends = (struct ends){ 0 };
	if (head->owner >= inv->facts_table->n_owners ||
	    !inv->facts_table->owner[head->owner].is_used) {
		*ends = wt_inv_identity_of(inv, record);
		return;
	}
	c.table = &inv->facts_table->owner[head->owner];
	gather(&c, values);
	take_proofs(&c, record, ends);
	pin(&c, true);
	find_stated(&c);
	pin(&c, false);
	wt_inv_peers_prefetch(inv, head, c.node[CLIENT], c.node[SERVER]);
	while (wt_values_take(&values, &value, &bytes)) {
		unsigned at = wt_field_index(value.field);

		if (at < c.table->n_columns && c.table->column[at].n &&
		    value.form != WT_FORM_PRESENT)
			apply(&c, &value, bytes);
	}
	add_notes(&c);
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
