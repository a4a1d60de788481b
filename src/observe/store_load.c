/* Putting a database back into an inventory: every value is checked, what cannot be
 * right or has no room is left out and counted.
 * Trust: the file may say anything. Memory: 8 bytes a node while loading. */
#include "observe/store_inner.h"

#include <stdlib.h>

#include "wardtap/registry.h"

#define NODES_MAX 4194304u

struct place {
	uint32_t id, node;
	uint32_t part_of_id;
};

struct wt_store_loader {
	struct wt_inventory *inv;
	struct place *place; /* by id */
	size_t n, room;
	uint64_t n_left_out;
	bool keeps_hints;
	bool has_parts; /* restored, once all nodes are there */
};

struct wt_store_loader *wt_store_loader_new(struct wt_inventory *inv, bool keeps_hints)
{
	struct wt_store_loader *l = calloc(1, sizeof(*l));

	if (l) {
		l->inv = inv;
		l->keeps_hints = keeps_hints;
	}
	return l;
}

static uint32_t node_of(const struct wt_store_loader *l, int64_t id)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (l->place[mid].id == id)
			return l->place[mid].node;
		if (l->place[mid].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return 0;
}

static bool is_within(int64_t value, int64_t max)
{
	return value >= 0 && value <= max;
}

static uint32_t capped(int64_t value)
{
	return value < 0 || value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

static bool take_node(struct wt_store_loader *l, const int64_t *n)
{
	struct wt_node_view v = { 0 };
	size_t room = l->room ? l->room * 2 : 1024;
	struct place *place;
	uint32_t node;

	/* In rising order of ids, so that they can be found. */
	if (n[0] < 1 || n[0] > UINT32_MAX || (l->n && l->place[l->n - 1].id >= n[0]) ||
	    !is_within(n[1], WT_NODE_STATED) || !is_within(n[2], UINT16_MAX) ||
	    !is_within(n[3], UINT32_MAX) || l->n == NODES_MAX)
		return false;
	if (l->n == l->room) {
		place = realloc(l->place, room * sizeof(*place));
		if (!place)
			return false;
		l->place = place;
		l->room = room;
	}
	v.device.id = (uint32_t)n[0];
	v.kind = (uint8_t)n[1];
	v.space = (uint16_t)n[2];
	v.part_of_id = (uint32_t)n[3];
	v.device.first_ns = (uint64_t)n[4];
	v.device.last_ns = (uint64_t)n[5];
	v.device.is_answered = n[6] != 0;
	v.device.is_stated = n[7] != 0;
	v.device.n_lost_facts = capped(n[8]);
	v.device.n_lost_peers = capped(n[9]);
	v.is_relay = n[10] != 0;
	v.is_speaker = n[11] != 0;
	node = wt_inventory_restore_node(l->inv, &v);
	if (!node)
		return false;
	l->place[l->n++] = (struct place){ v.device.id, node, v.part_of_id };
	return true;
}

/* Parts, when all nodes are known. */
static void take_parts(struct wt_store_loader *l)
{
	size_t i;

	if (l->has_parts)
		return;
	l->has_parts = true;
	for (i = 0; i < l->n; i++) {
		uint32_t whole;

		if (!l->place[i].part_of_id)
			continue;
		whole = node_of(l, l->place[i].part_of_id);
		if (!whole || whole == l->place[i].node ||
		    !wt_inventory_restore_part(l->inv, l->place[i].node, whole))
			l->n_left_out++;
	}
}

static bool take_identity(struct wt_store_loader *l, const struct wt_store_cells *c)
{
	static const uint8_t lengths[] = {
		[WT_KEY_MAC] = 6,    [WT_KEY_IPV4] = 4,    [WT_KEY_IPV6] = 16,
		[WT_KEY_EUI64] = 16, [WT_KEY_STATED] = 16, [WT_KEY_NAMED] = 16,
	};
	const int64_t *n = c->number;
	struct wt_identity_view v = { 0 };
	uint32_t node = node_of(l, n[0]);

	if (!node || !is_within(n[1], WT_KEY_NAMED) || !is_within(n[2], UINT16_MAX) ||
	    !is_within(n[4], 2) || c->bytes[3].len != lengths[n[1]])
		return false;
	v.kind = (uint8_t)n[1];
	v.space = (uint16_t)n[2];
	v.key = c->bytes[3];
	v.strength = (uint8_t)n[4];
	v.first_ns = (uint64_t)n[5];
	v.last_ns = (uint64_t)n[6];
	return wt_inventory_restore_identity(l->inv, node, &v);
}

static bool is_text(struct wt_slice s, const char *text)
{
	return wt_slice_equal(s, wt_slice_of(text, strlen(text)));
}

static unsigned attribute_of(struct wt_slice name)
{
	unsigned i = 0;

	while (i < WT_N_ATTRIBUTES && !is_text(name, wt_attribute_rows[i].name))
		i++;
	return i;
}

/* A NUL-terminated copy, cut. */
static const char *text_of(struct wt_slice s, char *text, size_t size)
{
	s = wt_slice_head(s, size - 1);
	if (s.len)
		memcpy(text, s.ptr, s.len);
	text[s.len] = 0;
	return text;
}

/* Owner of a protocol by name; 0 when this version does not have it. */
static uint16_t app_of(struct wt_slice name)
{
	unsigned i;

	for (i = 1; name.len && i <= wt_registry_count(); i++)
		if (is_text(name, wt_registry_name(i)))
			return (uint16_t)i;
	return 0;
}

static void take_sources(struct wt_slice text, struct wt_fact_view *v,
			 char room[WT_FACT_SOURCES][96])
{
	while (text.len && v->n_sources < WT_FACT_SOURCES) {
		size_t end = wt_slice_find(text, '\n');
		struct wt_slice line = wt_slice_head(text, end);
		size_t space = wt_slice_find(line, ' '), tab;
		uint64_t confidence = 0;

		text = wt_slice_tail(text, end + 1);
		if (space == line.len ||
		    !wt_slice_to_u64(wt_slice_head(line, space), &confidence))
			continue;
		line = wt_slice_tail(line, space + 1);
		tab = wt_slice_find(line, '\t');
		v->source[v->n_sources] = (struct wt_fact_source){
			.owner = app_of(wt_slice_tail(line, tab + 1)),
			.field = WT_FIELD_NONE,
			.confidence = (uint8_t)(confidence > 99 ? 99 : confidence),
			.name = text_of(wt_slice_head(line, tab), room[v->n_sources], 96),
		};
		v->n_sources++;
	}
}

static struct wt_evidence evidence_of(const int64_t *n)
{
	return (struct wt_evidence){
		.first_ns = (uint64_t)n[0],
		.last_ns = (uint64_t)n[1],
		.number = (uint64_t)n[2],
		.count = capped(n[3]),
	};
}

static bool take_fact(struct wt_store_loader *l, const struct wt_store_cells *c)
{
	const int64_t *n = c->number;
	char sources[WT_FACT_SOURCES][96], capture[1024];
	struct wt_fact_view v = { 0 };
	uint32_t node = node_of(l, n[0]);
	unsigned attribute = attribute_of(c->bytes[1]);

	if (!node || attribute == WT_N_ATTRIBUTES || c->bytes[2].len > WT_FACT_TEXT_MAX ||
	    !c->bytes[2].len || !is_within(n[3], 1) || !is_within(n[4], 99))
		return false;
	v.attribute = (enum wt_attribute)attribute;
	v.value = c->bytes[2];
	v.is_pseudonym = n[3] != 0;
	v.confidence = (uint8_t)n[4];
	v.node = node;
	v.evidence = evidence_of(&n[5]);
	v.evidence.capture = text_of(c->bytes[9], capture, sizeof(capture));
	take_sources(c->bytes[10], &v, sources);
	return wt_inventory_restore_fact(l->inv, node, &v);
}

static bool take_peer(struct wt_store_loader *l, const struct wt_store_cells *c)
{
	const int64_t *n = c->number;
	struct wt_peer_view v = { 0 };
	uint32_t node = node_of(l, n[0]);
	struct wt_slice addr = c->bytes[1];

	if (!node || (addr.len != 4 && addr.len != 16) || !is_within(n[2], UINT16_MAX) ||
	    !is_within(n[3], UINT8_MAX) || !is_within(n[4], 1) ||
	    !is_within(n[5], UINT16_MAX) || !is_within(n[7], UINT16_MAX))
		return false;
	memcpy(v.addr.octet, addr.ptr, addr.len);
	v.ip_version = addr.len == 4 ? 4 : 6;
	v.space = (uint16_t)n[2];
	v.proto = (uint8_t)n[3];
	v.is_client = n[4] != 0;
	v.port = (uint16_t)n[5];
	v.app = app_of(c->bytes[6]);
	v.hint = l->keeps_hints ? (uint16_t)n[7] : 0;
	v.is_answered = n[8] != 0;
	v.is_external = n[9] != 0;
	v.n_flows = capped(n[10]);
	v.n_messages = capped(n[11]);
	v.bytes_out = (uint64_t)n[12];
	v.bytes_in = (uint64_t)n[13];
	v.first_ns = (uint64_t)n[14];
	v.last_ns = (uint64_t)n[15];
	return wt_inventory_restore_peer(l->inv, node, &v);
}

static bool take_via(struct wt_store_loader *l, const struct wt_store_cells *c)
{
	uint32_t node = node_of(l, c->number[0]);
	char capture[1024];
	struct wt_via_view v = {
		.node = node_of(l, c->number[1]),
		.is_speaker = true,
		.evidence = evidence_of(&c->number[2]),
	};

	v.evidence.capture = text_of(c->bytes[6], capture, sizeof(capture));
	return node && v.node && wt_inventory_restore_via(l->inv, node, &v);
}

static bool take_conflict(struct wt_store_loader *l, const struct wt_store_cells *c)
{
	char kind[64], capture[1024];
	struct wt_conflict_view v = {
		.kind = text_of(c->bytes[6], kind, sizeof(kind)),
		.about = c->bytes[7],
		.holder = node_of(l, c->number[0]),
		.claimant = node_of(l, c->number[1]),
		.holder_key = c->bytes[8],
		.claimant_key = c->bytes[9],
		.evidence = evidence_of(&c->number[2]),
	};

	v.evidence.capture = text_of(c->bytes[10], capture, sizeof(capture));
	/* Of devices that went since, it is history that nobody asks for. */
	return !v.holder || !v.claimant || wt_inventory_restore_conflict(l->inv, &v);
}

static bool take_link(struct wt_store_loader *l, const struct wt_store_cells *c)
{
	char kind[64], capture[1024];
	struct wt_link_view v = {
		.kind = text_of(c->bytes[8], kind, sizeof(kind)),
		.asker = node_of(l, c->number[0]),
		.doer = node_of(l, c->number[1]),
		.flow_id = { (uint64_t)c->number[2], (uint64_t)c->number[3] },
		.evidence = evidence_of(&c->number[4]),
	};

	v.evidence.capture = text_of(c->bytes[9], capture, sizeof(capture));
	return wt_inventory_restore_link(l->inv, &v);
}

static bool take_row(struct wt_store_loader *l, enum wt_store_read table,
		     const struct wt_store_cells *c)
{
	if (table != WT_GET_NODES)
		take_parts(l);
	switch (table) {
	case WT_GET_NODES:
		return c->n == 12 && take_node(l, c->number);
	case WT_GET_IDENTITIES:
		return c->n == 7 && take_identity(l, c);
	case WT_GET_FACTS:
		return c->n == 11 && take_fact(l, c);
	case WT_GET_PEERS:
		return c->n == 16 && take_peer(l, c);
	case WT_GET_VIA:
		return c->n == 7 && take_via(l, c);
	case WT_GET_CONFLICTS:
		return c->n == 11 && take_conflict(l, c);
	case WT_GET_LINKS:
		return c->n == 10 && take_link(l, c);
	default:
		return true;
	}
}

bool wt_store_loader_take(struct wt_store_loader *l, enum wt_store_read table,
			  const struct wt_store_cells *c)
{
	bool is_good = take_row(l, table, c);

	l->n_left_out += !is_good;
	return is_good;
}

uint64_t wt_store_loader_free(struct wt_store_loader *l)
{
	uint64_t n;

	take_parts(l);
	n = l->n_left_out;
	free(l->place);
	free(l);
	return n;
}
