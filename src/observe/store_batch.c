/* What changed, copied out of the inventory into batches: the keeper's half of the
 * store.
 *
 * New values are written at the next sweep; counts and last times alone wait for the
 * refresh, so that a quiet network does not wear out a disk. A node's identities, and
 * what "via" says of it, are written whole each time, because they move between nodes.
 * Trust: values of the wire are bytes. Memory: see store.h. */
#include "observe/store_inner.h"

#include "wardtap/registry.h"

#define IDENTITIES_MAX 128u
#define VIA_MAX 64u
#define LISTED_MAX 1024u  /* conflicts and links that are stored */
#define PARTIAL_MAX 8u    /* partial writings between two full ones */
#define NEW_FACTS_MAX 16u /* beyond, the node is written in full */

static struct wt_store_row *add(struct wt_store_batch *b, enum wt_store_write write)
{
	static struct wt_store_row nowhere;

	if (b->n_rows == WT_BATCH_ROWS) {
		b->is_short = true;
		nowhere = (struct wt_store_row){ .write = (uint8_t)write };
		return &nowhere;
	}
	b->row[b->n_rows] = (struct wt_store_row){ .write = (uint8_t)write };
	return &b->row[b->n_rows++];
}

static void put_number(struct wt_store_row *row, uint64_t number)
{
	if (!WT_BUG_ON(row->n_numbers == WT_ROW_NUMBERS))
		row->number[row->n_numbers++] = (int64_t)number;
}

static void put_bytes(struct wt_store_batch *b, struct wt_store_row *row, struct wt_slice s)
{
	if (WT_BUG_ON(row->n_bytes == WT_ROW_BYTES))
		return;
	if (s.len > WT_BATCH_BYTES - b->n_bytes) {
		b->is_short = true;
		s.len = 0;
	}
	if (s.len)
		memcpy(b->bytes + b->n_bytes, s.ptr, s.len);
	row->at[row->n_bytes] = (uint32_t)b->n_bytes;
	row->len[row->n_bytes++] = (uint32_t)s.len;
	b->n_bytes += s.len;
}

static void put_text(struct wt_store_batch *b, struct wt_store_row *row, const char *text)
{
	put_bytes(b, row, wt_slice_of(text ? text : "", text ? strlen(text) : 0));
}

static void put_evidence(struct wt_store_row *row, const struct wt_evidence *e)
{
	put_number(row, e->first_ns);
	put_number(row, e->last_ns);
	put_number(row, e->number);
	put_number(row, e->count);
}

static void write_node(struct wt_store_batch *b, const struct wt_node_view *v)
{
	struct wt_store_row *row = add(b, WT_PUT_NODE);

	put_number(row, v->device.id);
	put_number(row, v->kind);
	put_number(row, v->space);
	put_number(row, v->part_of ? v->part_of_id : 0);
	put_number(row, v->device.first_ns);
	put_number(row, v->device.last_ns);
	put_number(row, v->device.is_answered);
	put_number(row, v->device.is_stated);
	put_number(row, v->device.n_lost_facts);
	put_number(row, v->device.n_lost_peers);
	put_number(row, v->is_relay);
	put_number(row, v->is_speaker);
}

static void clear(struct wt_store_batch *b, enum wt_store_write write, uint32_t id)
{
	put_number(add(b, write), id);
}

static void write_identities(struct wt_inventory *inv, struct wt_store_batch *b, uint32_t node,
			     uint32_t id)
{
	struct wt_identity_view view[IDENTITIES_MAX];
	unsigned i, n = wt_inventory_identities(inv, node, view, IDENTITIES_MAX);

	clear(b, WT_CLEAR_IDENTITIES, id);
	for (i = 0; i < n; i++) {
		struct wt_store_row *row = add(b, WT_PUT_IDENTITY);

		put_number(row, id);
		put_number(row, view[i].kind);
		put_number(row, view[i].space);
		put_number(row, view[i].strength);
		put_number(row, view[i].first_ns);
		put_number(row, view[i].last_ns);
		put_bytes(b, row, view[i].key);
	}
}

/* "90 host.name<TAB>dhcp" in a line each: confidence, field, who showed it. */
static void put_sources(struct wt_store_batch *b, struct wt_store_row *row,
			const struct wt_fact_view *f)
{
	char text[WT_FACT_SOURCES * 100];
	struct wt_builder out = wt_builder_of(text, sizeof(text));
	unsigned i;

	for (i = 0; i < f->n_sources && i < WT_FACT_SOURCES; i++) {
		const char *name = f->source[i].name ? f->source[i].name : "";

		if (i)
			wt_bld_char(&out, '\n');
		wt_bld_u64(&out, f->source[i].confidence);
		wt_bld_char(&out, ' ');
		wt_bld_bytes(&out, wt_slice_head(wt_slice_of(name, strlen(name)), 60));
		if (f->source[i].field != WT_FIELD_NONE && f->source[i].owner) {
			wt_bld_char(&out, '\t');
			wt_bld_text(&out, wt_registry_name(f->source[i].owner));
		}
	}
	put_bytes(b, row, wt_bld_slice(&out));
}

static void write_facts(struct wt_store_keeper *k, struct wt_store_batch *b, uint32_t id,
			unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		const struct wt_fact_view *f = &k->fact[i];
		struct wt_store_row *row = add(b, WT_PUT_FACT);

		put_number(row, id);
		put_number(row, f->is_pseudonym);
		put_number(row, f->confidence);
		put_evidence(row, &f->evidence);
		put_text(b, row, wt_attribute_rows[f->attribute].name);
		put_bytes(b, row, f->value);
		put_text(b, row, f->evidence.capture);
		put_sources(b, row, f);
	}
}

static void write_peer(struct wt_store_batch *b, uint32_t id, const struct wt_peer_view *p)
{
	struct wt_store_row *row = add(b, WT_PUT_PEER);

	put_number(row, id);
	put_number(row, p->space);
	put_number(row, p->proto);
	put_number(row, p->is_client);
	put_number(row, p->port);
	put_number(row, p->hint);
	put_number(row, p->is_answered);
	put_number(row, p->is_external);
	put_number(row, p->n_flows);
	put_number(row, p->n_messages);
	put_number(row, p->bytes_out);
	put_number(row, p->bytes_in);
	put_number(row, p->first_ns);
	put_number(row, p->last_ns);
	put_bytes(b, row, wt_slice_of(p->addr.octet, p->ip_version == 6 ? 16 : 4));
	put_text(b, row, wt_registry_name(p->app));
}

/* All conversations, or those that began since the last writing. */
static void write_peers(struct wt_store_keeper *k, struct wt_inventory *inv,
			struct wt_store_batch *b, uint32_t node, uint32_t id, bool is_full)
{
	struct wt_store_slot *slot = &k->slot[node];
	uint32_t latest = slot->peers_s, n = 0;
	struct wt_peer_view p;
	uint64_t cursor = 0;

	if (is_full)
		clear(b, WT_CLEAR_PEERS, id);
	while (wt_inventory_node_peer(inv, node, &cursor, &p)) {
		uint32_t first_s = (uint32_t)(p.first_ns / WT_NS_PER_S);

		if (!is_full && first_s < slot->peers_s)
			continue;
		if (++n > WT_STORE_PEERS_MAX || b->n_rows >= WT_BATCH_ROWS - LISTED_MAX) {
			k->n_peers_left_out++;
			continue;
		}
		write_peer(b, id, &p);
		latest = first_s > latest ? first_s : latest;
	}
	slot->peers_s = latest;
}

static void write_via(struct wt_inventory *inv, struct wt_store_batch *b, uint32_t node,
		      uint32_t id)
{
	struct wt_via_view view[VIA_MAX];
	unsigned i, n = wt_inventory_node_via(inv, node, view, VIA_MAX);
	struct wt_node_view other;

	clear(b, WT_CLEAR_VIA, id);
	for (i = 0; i < n; i++) {
		struct wt_store_row *row;

		if (!view[i].is_speaker || !wt_inventory_node(inv, view[i].node, &other))
			continue;
		row = add(b, WT_PUT_VIA);
		put_number(row, id);
		put_number(row, other.device.id);
		put_evidence(row, &view[i].evidence);
		put_text(b, row, view[i].evidence.capture);
	}
}

static void drop_node(struct wt_store_batch *b, uint32_t id)
{
	clear(b, WT_DROP_NODE, id);
	clear(b, WT_CLEAR_IDENTITIES, id);
	clear(b, WT_CLEAR_FACTS, id);
	clear(b, WT_CLEAR_PEERS, id);
	clear(b, WT_CLEAR_VIA, id);
}

static bool is_due(const struct wt_store_keeper *k, const struct wt_store_slot *slot,
		   uint32_t now_s)
{
	return k->is_all || !slot->saved_s || slot->n_partial >= PARTIAL_MAX ||
	       now_s - slot->saved_s >= k->refresh_s;
}

/* Everything of a node, or only what is new, or a note that it waits. */
static void write_changed(struct wt_store_keeper *k, struct wt_inventory *inv,
			  struct wt_store_batch *b, uint32_t node, uint32_t now_s)
{
	struct wt_store_slot *slot = &k->slot[node];
	struct wt_node_view v;
	unsigned n = 0;
	bool is_full;

	if (!wt_inventory_node(inv, node, &v))
		return;
	if (slot->id != v.device.id) {
		if (slot->id)
			drop_node(b, slot->id);
		*slot = (struct wt_store_slot){ .id = v.device.id };
	}
	is_full = is_due(k, slot, now_s);
	if (!is_full)
		n = wt_inventory_node_facts(inv, node, true, k->fact, WT_NODE_FACTS_MAX);
	if (!is_full && n == 0) {
		slot->is_waiting = true;
		return;
	}
	is_full |= n > NEW_FACTS_MAX;
	write_node(b, &v);
	write_identities(inv, b, node, v.device.id);
	write_via(inv, b, node, v.device.id);
	if (is_full) {
		n = wt_inventory_node_facts(inv, node, false, k->fact, WT_NODE_FACTS_MAX);
		clear(b, WT_CLEAR_FACTS, v.device.id);
	}
	write_facts(k, b, v.device.id, n);
	write_peers(k, inv, b, node, v.device.id, is_full);
	slot->is_waiting = false;
	slot->n_partial = is_full ? 0 : (uint8_t)(slot->n_partial + 1);
	if (is_full)
		slot->saved_s = now_s ? now_s : 1;
}

/* The public number of a device, 0 when it is gone. */
static uint32_t id_of(struct wt_inventory *inv, uint32_t node)
{
	struct wt_device_view v;

	return node && wt_inventory_device(inv, node, &v) ? v.id : 0;
}

/* Is the list the one that was written last? Then it has as many rows, and none of them was
 * seen since. `first`: evidence of its first row, the others' follow by `each` bytes. */
static bool is_written(struct wt_store_listed *written, const struct wt_evidence *first,
		       size_t each, unsigned n)
{
	struct wt_store_listed now = { .n = n };
	unsigned i;

	for (i = 0; i < n; i++) {
		const struct wt_evidence *e =
			(const void *)((const uint8_t *)(const void *)first + i * each);

		now.last_ns = e->last_ns > now.last_ns ? e->last_ns : now.last_ns;
	}
	if (now.n == written->n && now.last_ns == written->last_ns)
		return true;
	*written = now;
	return false;
}

static void write_conflicts(struct wt_store_keeper *k, struct wt_inventory *inv,
			    struct wt_store_batch *b)
{
	static struct wt_conflict_view view[LISTED_MAX];
	unsigned i, n = wt_inventory_conflicts(inv, 0, view, LISTED_MAX);

	if (is_written(&k->conflicts, &view[0].evidence, sizeof(view[0]), n))
		return;
	(void)add(b, WT_CLEAR_CONFLICTS);
	for (i = 0; i < n; i++) {
		struct wt_store_row *row = add(b, WT_PUT_CONFLICT);

		put_number(row, id_of(inv, view[i].holder));
		put_number(row, id_of(inv, view[i].claimant));
		put_evidence(row, &view[i].evidence);
		put_text(b, row, view[i].kind);
		put_bytes(b, row, view[i].about);
		put_bytes(b, row, view[i].holder_key);
		put_bytes(b, row, view[i].claimant_key);
		put_text(b, row, view[i].evidence.capture);
	}
}

static void write_links(struct wt_store_keeper *k, struct wt_inventory *inv,
			struct wt_store_batch *b)
{
	static struct wt_link_view view[LISTED_MAX];
	unsigned i, n = wt_inventory_links(inv, 0, view, LISTED_MAX);

	if (is_written(&k->links, &view[0].evidence, sizeof(view[0]), n))
		return;
	(void)add(b, WT_CLEAR_LINKS);
	for (i = 0; i < n; i++) {
		struct wt_store_row *row = add(b, WT_PUT_LINK);

		put_number(row, id_of(inv, view[i].asker));
		put_number(row, id_of(inv, view[i].doer));
		put_number(row, view[i].flow_id[0]);
		put_number(row, view[i].flow_id[1]);
		put_evidence(row, &view[i].evidence);
		put_text(b, row, view[i].kind);
		put_text(b, row, view[i].evidence.capture);
	}
}

static void write_meta(struct wt_store_batch *b, const char *key, struct wt_slice value)
{
	struct wt_store_row *row = add(b, WT_PUT_META);

	put_text(b, row, key);
	put_bytes(b, row, value);
}

static void write_header(struct wt_store_keeper *k, struct wt_inventory *inv,
			 struct wt_store_batch *b)
{
	char number[24];
	struct wt_builder text = wt_builder_of(number, sizeof(number));

	wt_bld_u64(&text, wt_inventory_now(inv));
	write_meta(b, "now_ns", wt_bld_slice(&text));
	if (k->is_started)
		return;
	write_meta(b, "profile", wt_slice_of(k->profile, strlen(k->profile)));
	write_meta(b, "hint_library", wt_slice_of(k->hint_library, strlen(k->hint_library)));
	write_meta(b, "written_by", WT_LIT("wardtap " WT_VERSION));
	k->is_started = true;
}

static bool has_room(const struct wt_store_batch *b)
{
	return b->n_rows < WT_BATCH_SOFT_ROWS && b->n_bytes < WT_BATCH_BYTES / 2;
}

/* More went than the inventory could remember: looks at every place. */
static void drop_lost(struct wt_store_keeper *k, struct wt_inventory *inv,
		      struct wt_store_batch *b)
{
	struct wt_node_view v;

	for (; k->lost_from <= k->nodes_max && has_room(b); k->lost_from++) {
		struct wt_store_slot *slot = &k->slot[k->lost_from];

		if (!slot->id ||
		    (wt_inventory_node(inv, k->lost_from, &v) && v.device.id == slot->id))
			continue;
		drop_node(b, slot->id);
		*slot = (struct wt_store_slot){ .id = 0 };
	}
}

/* Nodes whose counts alone changed, once their time has come. */
static void write_waiting(struct wt_store_keeper *k, struct wt_inventory *inv,
			  struct wt_store_batch *b, uint32_t now_s)
{
	uint32_t n;

	for (n = 0; n < k->nodes_max && has_room(b); n++) {
		uint32_t node = k->waiting_from = k->waiting_from % k->nodes_max + 1;

		if (k->slot[node].is_waiting && is_due(k, &k->slot[node], now_s))
			write_changed(k, inv, b, node, now_s);
	}
}

bool wt_store_fill(struct wt_store_keeper *k, struct wt_inventory *inv,
		   struct wt_store_batch *b, uint32_t now_s)
{
	uint32_t node, id, into;

	b->n_rows = b->n_bytes = 0;
	b->is_short = false;
	while (has_room(b) && wt_inventory_gone(inv, &id, &into))
		drop_node(b, id);
	if (wt_inventory_lost_track(inv))
		k->lost_from = 1;
	drop_lost(k, inv, b);
	while (has_room(b) && k->sweep_left) {
		k->sweep_left--;
		node = wt_inventory_changed(inv);
		if (!node || node > k->nodes_max)
			k->sweep_left = 0;
		else
			write_changed(k, inv, b, node, now_s);
	}
	if (has_room(b))
		write_waiting(k, inv, b, now_s);
	if (has_room(b)) {
		write_conflicts(k, inv, b);
		write_links(k, inv, b);
	}
	if (b->n_rows == 0 && k->is_started)
		return false;
	write_header(k, inv, b);
	return true;
}
