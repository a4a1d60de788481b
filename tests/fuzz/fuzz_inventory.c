/* Fuzzes the inventory with records of all owners, in a few places, so that nodes are
 * joined, presumed, doubted and evicted all the time. After each input two inventories
 * of different seeds must tell the same, and lists must add up.
 * Input: records as (kind, from, to, hardware address, values...). */
#include <stdlib.h>
#include <string.h>

#include "base/values.h"
#include "observe/inner.h"
#include "wardtap/registry.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static struct wt_counters counters;
static uint64_t room[8192];
static uint8_t text[2][1 << 20];
static size_t text_len[2];

static void keep_piece(void *self, struct wt_slice piece)
{
	unsigned i = *(unsigned *)self;

	if (text_len[i] + piece.len > sizeof(text[i]))
		return;
	memcpy(text[i] + text_len[i], piece.ptr, piece.len);
	text_len[i] += piece.len;
}

static uint8_t next(struct wt_slice *s)
{
	uint8_t byte = s->len ? s->ptr[0] : 0;

	*s = wt_slice_tail(*s, 1);
	return byte;
}

/* Few addresses: ours, others', link-local, groups, of both versions. */
static void put_end(struct wt_endpoint *end, uint8_t pick, uint8_t version)
{
	static const uint8_t four[8][4] = { { 10, 0, 0, 1 },        { 10, 0, 0, 2 },
					    { 10, 0, 7, 3 },        { 192, 0, 2, 1 },
					    { 169, 254, 1, 1 },     { 224, 0, 0, 251 },
					    { 255, 255, 255, 255 }, { 0 } };

	end->port = (uint16_t)(pick >> 4);
	if (version == 4) {
		memcpy(end->addr.octet, four[pick & 7], 4);
		return;
	}
	end->addr.octet[0] = pick & 1 ? 0xfe : pick & 2 ? 0xfd : pick & 4 ? 0xff : 0x20;
	end->addr.octet[1] = pick & 1 ? 0x80 : 0x02;
	end->addr.octet[15] = pick & 7;
}

/* A value of any field of the owner; texts are bytes of the input. */
static void put_value(struct wt_builder *b, unsigned owner, struct wt_slice *s)
{
	unsigned pick = next(s), n_own = 0, field;
	const struct wt_field *row;
	struct wt_slice bytes;
	size_t len;

	while (wt_registry_field(owner, WT_FIELD_OWN + n_own))
		n_own++;
	pick = (pick << 8 | next(s)) % (WT_N_SHARED_FIELDS + n_own);
	field = pick < WT_N_SHARED_FIELDS ? pick : WT_FIELD_OWN + pick - WT_N_SHARED_FIELDS;
	row = wt_registry_field(owner, field);
	if (row->type != WT_TYPE_STR) {
		(void)wt_values_put_number(b, (uint16_t)field, 0, next(s));
		return;
	}
	len = next(s) % 40u;
	bytes = wt_slice_head(*s, len);
	*s = wt_slice_tail(*s, len);
	(void)wt_values_put(b, (uint16_t)field, 0,
			    row->phi == WT_PHI_QUASI ? WT_FORM_PSEUDONYM : WT_FORM_PLAIN,
			    bytes);
}

static const struct wt_record *next_record(struct wt_slice *s, uint64_t *now)
{
	struct wt_record *r = (struct wt_record *)room;
	unsigned n = next(s), kind = n & 7, owner;
	struct wt_builder b;

	memset(r, 0, sizeof(*r));
	owner = kind < 3 ? 0 : 1 + next(s) % wt_registry_count();
	r->head.owner = r->head.app = (uint16_t)owner;
	r->head.type = kind == 0 ? WT_EVENT_FLOW : kind < 3 ? WT_EVENT_SIGHTING : 0;
	r->head.key.ip_version = n & 8 ? 6 : n & 16 ? 0 : 4;
	r->head.key.proto = n & 32 ? 6 : 17;
	r->head.sender = n >> 6 & 1;
	put_end(&r->head.key.end[0], next(s), r->head.key.ip_version);
	put_end(&r->head.key.end[1], next(s), r->head.key.ip_version);
	if (n & 128) {
		uint8_t mac = next(s);

		r->head.has_mac = 1;
		r->head.mac[0] = mac & 0x80 ? 1 : 2;
		r->head.mac[6] = mac & 0x40 ? 1 : 2;
		r->head.mac[11] = mac & 7;
	}
	*now += (uint64_t)next(s) * 8 * WT_NS_PER_S;
	r->head.ts_ns = *now;
	r->head.number = *now / WT_NS_PER_S;
	r->head.flow_id = next(s) & 3;
	b = wt_builder_of(r->values, sizeof(room) - sizeof(*r));
	for (n = next(s) & 7; n && s->len; n--)
		put_value(&b, owner, s);
	r->values_len = (uint32_t)b.len;
	return r;
}

static void check(bool is_good)
{
	if (!is_good)
		abort();
}

/* Every thing in use is in exactly one list of one node. */
static void add_up(const struct wt_inventory *inv)
{
	uint32_t at, i, n_nodes = 0, n_facts = 0, n_keys = 0, n_peers = 0, n_devices = 0,
			n_vias = 0;

	for (at = 1; at <= inv->nodes.n_fresh; at++) {
		const struct node *n = node_at(inv, at);

		if (!n->id)
			continue;
		n_nodes++;
		n_devices += !n->part_of;
		check(!(n->flags & NODE_PINNED));
		check(!n->part_of || node_at(inv, n->part_of)->id);
		for (i = n->facts; i; i = fact_at(inv, i)->node_next, n_facts++)
			check(fact_at(inv, i)->node == at);
		for (i = n->keys; i; i = key_at(inv, i)->node_next, n_keys++)
			check(key_at(inv, i)->node == at);
		for (i = n->peers; i; i = inv->peer_order[i - 1].next, n_peers++)
			check(peer_at(inv, i)->node == at);
		for (i = n->via; i; i = via_at(inv, i)->next_of_stated, n_vias++)
			check(via_at(inv, i)->stated == at &&
			      node_at(inv, via_at(inv, i)->speaker)->id);
	}
	check(n_nodes == inv->nodes.n_used && n_facts == inv->facts.n_used);
	check(n_keys == inv->keys.n_used && n_peers == inv->peers.n_used);
	check(n_vias == inv->vias.n_used && n_devices == inv->n_devices);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct wt_inventory_options options = {
		.limits = { .devices = 4,
			    .device_facts = 40,
			    .device_texts = 4,
			    .device_peers = 33,
			    .expectations = 4 },
		.counters = &counters,
	};
	unsigned i;

	for (i = 0; i < 2; i++) {
		struct wt_slice s = wt_slice_of(bytes, len);
		uint64_t now = WT_NS_PER_S;
		struct wt_inventory *inv;

		options.seed = i * UINT64_C(0x123456789abcdef);
		inv = wt_inventory_new(&options);
		while (s.len)
			wt_inventory_take(inv, next_record(&s, &now));
		add_up(inv);
		text_len[i] = 0;
		wt_inventory_json(inv, NULL, keep_piece, &i);
		wt_inventory_free(inv);
	}
	check(text_len[0] == text_len[1] && memcmp(text[0], text[1], text_len[0]) == 0);
	return 0;
}
