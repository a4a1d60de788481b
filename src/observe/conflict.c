/* Claims that contradict each other: kept, counted, shown.
 * Trust: claims are hostile. Memory: a ring of CONFLICTS_MAX; the oldest goes. */
#include "observe/inner.h"

static const char *const kind_text[N_CONFLICT_KINDS] = {
	[CONFLICT_IP_TWO_MACS] = "address claimed by two hardware addresses",
	[CONFLICT_NAME_TWO_DEVICES] = "identity claimed by two devices",
};

static void put(uint8_t *room, uint8_t *len, size_t cap, struct wt_slice text)
{
	text = wt_slice_head(text, cap);
	if (text.len)
		memcpy(room, text.ptr, text.len);
	*len = (uint8_t)text.len;
}

static struct conflict *find(struct wt_inventory *inv, enum conflict_kind kind, uint16_t space,
			     struct wt_slice about, uint32_t holder_id, uint32_t claimant_id)
{
	uint32_t i;

	/* newest first, and few of them: a flood of claims must not cost */
	for (i = 0; i < inv->n_conflicts && i < 64; i++) {
		struct conflict *c =
			&inv->conflict[(inv->conflict_next + CONFLICTS_MAX - 1 - i) %
				       CONFLICTS_MAX];

		if (c->kind == (uint8_t)kind && c->space == space &&
		    c->holder_id == holder_id && c->claimant_id == claimant_id &&
		    wt_slice_equal(wt_slice_of(c->about, c->about_len),
				   wt_slice_head(about, 46)))
			return c;
	}
	return NULL;
}

void wt_inv_conflict_note(struct wt_inventory *inv, enum conflict_kind kind, uint16_t space,
			  struct wt_slice about, uint32_t holder, uint32_t claimant,
			  struct wt_slice holder_mac, struct wt_slice claimant_mac,
			  const struct proof *proof)
{
	uint32_t holder_id = node_at(inv, holder)->id, claimant_id = node_at(inv, claimant)->id;
	struct conflict *c = find(inv, kind, space, about, holder_id, claimant_id);

	wt_count(inv->counters, WT_C_INVENTORY_CONFLICTS);
	if (!c) {
		c = &inv->conflict[inv->conflict_next];
		inv->conflict_next = (inv->conflict_next + 1) % CONFLICTS_MAX;
		if (inv->n_conflicts < CONFLICTS_MAX)
			inv->n_conflicts++;
		*c = (struct conflict){
			.first_ns = proof->ts_ns,
			.number = proof->number,
			.kind = (uint8_t)kind,
			.space = space,
			.holder = holder,
			.claimant = claimant,
			.holder_id = holder_id,
			.claimant_id = claimant_id,
		};
		put(c->about, &c->about_len, sizeof(c->about), about);
		put(c->holder_mac, &c->holder_len, sizeof(c->holder_mac), holder_mac);
		put(c->claimant_mac, &c->claimant_len, sizeof(c->claimant_mac), claimant_mac);
	}
	c->last_ns = proof->ts_ns;
	if (c->count != UINT32_MAX)
		c->count++;
	node_at(inv, holder)->flags |= NODE_DISPUTED;
	node_at(inv, claimant)->flags |= NODE_DISPUTED;
	wt_inv_node_change(inv, holder);
	wt_inv_node_change(inv, claimant);
}

/* The node if it still is the one that was meant. */
static uint32_t still(const struct wt_inventory *inv, uint32_t node, uint32_t id)
{
	return node_at(inv, node)->id == id ? wt_inv_node_device(inv, node) : 0;
}

/* Most devices are in no conflict: they need not be looked for in all of them. */
static bool is_disputed(const struct wt_inventory *inv, uint32_t device)
{
	uint32_t list[DEVICE_NODES_MAX];
	unsigned n = wt_inv_device_nodes(inv, device, list);

	while (n)
		if (node_at(inv, list[--n])->flags & NODE_DISPUTED)
			return true;
	return false;
}

unsigned wt_inventory_conflicts(const struct wt_inventory *inv, uint32_t node,
				struct wt_conflict_view *view, unsigned max)
{
	uint32_t i, device = node ? wt_inv_node_device(inv, node) : 0;
	unsigned n = 0;

	if (device && !is_disputed(inv, device))
		return 0;
	for (i = 0; i < inv->n_conflicts && n < max; i++) {
		uint32_t first = inv->n_conflicts < CONFLICTS_MAX ? 0 : inv->conflict_next;
		const struct conflict *c = &inv->conflict[(first + i) % CONFLICTS_MAX];
		uint32_t holder = still(inv, c->holder, c->holder_id);
		uint32_t claimant = still(inv, c->claimant, c->claimant_id);

		if (device && device != holder && device != claimant)
			continue;
		view[n++] = (struct wt_conflict_view){
			.kind = kind_text[c->kind],
			.about = wt_slice_of(c->about, c->about_len),
			.holder = holder,
			.claimant = claimant,
			.holder_key = wt_slice_of(c->holder_mac, c->holder_len),
			.claimant_key = wt_slice_of(c->claimant_mac, c->claimant_len),
			.evidence = { .first_ns = c->first_ns,
				      .last_ns = c->last_ns,
				      .number = c->number,
				      .count = c->count,
				      .capture =
					      wt_inv_capture_of(inv, c->capture, c->number) },
		};
	}
	return n;
}

bool wt_inv_conflict_put_back(struct wt_inventory *inv, const struct wt_conflict_view *view,
			      uint16_t capture)
{
	struct conflict *c = &inv->conflict[inv->conflict_next];
	unsigned kind = 0;

	while (kind < sizeof(kind_text) / sizeof(kind_text[0]) &&
	       strcmp(kind_text[kind], view->kind) != 0)
		kind++;
	if (kind == sizeof(kind_text) / sizeof(kind_text[0]) || !view->holder ||
	    !view->claimant)
		return false;
	*c = (struct conflict){
		.first_ns = view->evidence.first_ns,
		.last_ns = view->evidence.last_ns,
		.number = capture ? view->evidence.number : 0,
		.count = view->evidence.count,
		.capture = capture,
		.kind = (uint8_t)kind,
		.space = node_at(inv, view->holder)->space,
		.holder = view->holder,
		.claimant = view->claimant,
		.holder_id = node_at(inv, view->holder)->id,
		.claimant_id = node_at(inv, view->claimant)->id,
	};
	put(c->about, &c->about_len, sizeof(c->about), view->about);
	put(c->holder_mac, &c->holder_len, sizeof(c->holder_mac), view->holder_key);
	put(c->claimant_mac, &c->claimant_len, sizeof(c->claimant_mac), view->claimant_key);
	node_at(inv, view->holder)->flags |= NODE_DISPUTED;
	node_at(inv, view->claimant)->flags |= NODE_DISPUTED;
	inv->conflict_next = (inv->conflict_next + 1) % CONFLICTS_MAX;
	if (inv->n_conflicts < CONFLICTS_MAX)
		inv->n_conflicts++;
	return true;
}
