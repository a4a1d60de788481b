/* From the fields of records to facts about devices, by facts.def: a look-up per value,
 * and work only for those that say something.
 * Trust: values are hostile. Memory: the stack. */
#include "base/address.h"
#include "base/values.h"
#include "observe/facts_inner.h"
#include "wardtap/registry.h"

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

/* The equipment that the sender speaks of; the sender where the record is none of such. */
static void find_stated(struct call *c)
{
	const struct owner_table *t = c->table;
	struct stated s;
	uint32_t node;

	c->node[STATED_BY] = c->node[SENDER];
	c->is_equipment = false;
	if (!t->is_stated || !c->node[SENDER])
		return;
	s = (struct stated){
		.eui64 = value_of(c, t->eui64),
		.serial = value_of(c, t->serial),
		.vendor = value_of(c, t->vendor),
		.model = value_of(c, t->model),
		.id = value_of(c, t->id),
		.station = value_of(c, t->station),
		.is_self = t->self_condition == PRESENTED ||
			   is_one_of(value_of(c, t->self_condition), t->self_values),
	};
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

/* Does the value count in this record, and which part of it? */
static bool counts(const struct call *c, const struct column *column, struct wt_slice *value)
{
	if (column->only_values &&
	    !is_one_of(value_of(c, column->only_slot), column->only_values))
		return false;
	if (column->cut)
		*value = wt_slice_head(
			*value,
			wt_slice_search(*value, wt_slice_of(column->cut, strlen(column->cut))));
	return value->len != 0;
}

/* Clients that call a server by its address do not name it. */
static bool is_mere_address(const struct fact_note *note)
{
	struct wt_addr addr;

	return note->attribute == WT_A_HOST_NAME && note->text.len > 6 &&
	       wt_addr_parse(note->text, &addr) != 0;
}

static void apply(struct call *c, const struct wt_value *value, struct wt_slice bytes)
{
	const struct column *column = &c->table->column[wt_field_index(value->field)];
	const struct wt_field *row = wt_registry_field(c->head->owner, value->field);
	unsigned i;

	if (!counts(c, column, &bytes))
		return;
	for (i = 0; i < column->n; i++) {
		const struct fact_row *rule =
			wt_inv_fact_row(c->inv->facts_table->rule[column->first + i]);
		struct fact_note *note;
		uint8_t *room;

		if (!c->node[rule->whom] || !rule->confidence)
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
		if (note->text.len && !is_mere_address(note))
			c->n_notes++;
	}
}

/* "5.0.0.10.in-addr.arpa" as the address 10.0.0.5. */
static uint8_t parse_reverse(struct wt_slice text, struct wt_addr *addr)
{
	struct wt_slice suffix = WT_LIT(".in-addr.arpa"), host;
	struct wt_addr backwards;
	unsigned i;

	if (text.len <= suffix.len ||
	    !wt_slice_equal(wt_slice_tail(text, text.len - suffix.len), suffix))
		return 0;
	host = wt_slice_head(text, text.len - suffix.len);
	if (host.len < 7 || wt_addr_parse(host, &backwards) != 4)
		return 0;
	memset(addr, 0, sizeof(*addr));
	for (i = 0; i < 4; i++)
		addr->octet[i] = backwards.octet[3 - i];
	return 4;
}

/* A name service gives the only address of a name: the device there is called so. */
static void resolve(struct call *c)
{
	unsigned i;

	for (i = 0; i < c->table->n_resolved; i++) {
		struct wt_slice text = value_of(c, c->table->resolved[i].addr);
		struct wt_slice count = value_of(c, c->table->resolved[i].count);
		struct wt_addr addr;
		uint8_t version;
		uint32_t node;

		if (!text.len || count.len != sizeof(uint64_t) || wt_value_number(count) != 1)
			continue;
		version = wt_addr_parse(text, &addr);
		if (!version)
			version = parse_reverse(text, &addr);
		node = version ? wt_inv_addr_node(c->inv, c->head->key.space, version, &addr)
			       : 0;
		if (node)
			wt_inv_fact_add(c->inv, node, WT_A_HOST_NAME,
					value_of(c, c->table->resolved[i].name), WT_FORM_PLAIN,
					(struct source){ .owner = c->head->owner,
							 .field = c->table->resolved[i].field,
							 .confidence = 60 },
					&c->proof);
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

		if (!node || !counts(c, &c->table->column[c->table->name[i].column], &name))
			continue;
		wt_inv_identity_named(c->inv, &node, name, &c->proof);
		*ends = wt_inv_identity_of(c->inv, record);
		find_ends(c, ends);
		pin(c, true);
		find_told(c);
		pin(c, false);
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
	resolve(&c);
}
