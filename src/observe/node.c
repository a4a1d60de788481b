/* Nodes: made, seen again, presumed to be part of another, joined for good, let go.
 * Two queues: what nobody ever answered is evicted first, oldest first; what was
 * seen since its queue last looked gets a second chance.
 * Trust: everything a node stands for may be forged. Memory: the pools of inner.h. */
#include "observe/inner.h"

#define CHANCES_MAX 8u
#define PROVEN_REST_NS (30 * 86400 * WT_NS_PER_S) /* a proven device may rest this long */
#define SEARCH_PAUSE_NS                                                                        \
	WT_NS_PER_S /* a search for a spare one that failed is not repeated before */

static struct queue *queue_of(struct wt_inventory *inv, const struct node *n)
{
	return &inv->queue[n->flags & NODE_ANSWERED ? QUEUE_PROVEN : QUEUE_UNPROVEN];
}

static void queue_remove(struct wt_inventory *inv, uint32_t node)
{
	struct node *n = node_at(inv, node);
	struct queue *q = queue_of(inv, n);

	if (n->queue_prev)
		node_at(inv, n->queue_prev)->queue_next = n->queue_next;
	else
		q->head = n->queue_next;
	if (n->queue_next)
		node_at(inv, n->queue_next)->queue_prev = n->queue_prev;
	else
		q->tail = n->queue_prev;
}

static void queue_append(struct wt_inventory *inv, uint32_t node)
{
	struct node *n = node_at(inv, node);
	struct queue *q = queue_of(inv, n);

	n->queue_prev = q->tail;
	n->queue_next = 0;
	if (q->tail)
		node_at(inv, q->tail)->queue_next = node;
	else
		q->head = node;
	q->tail = node;
}

/* May this proven node be let go to make room? Only after a long rest. */
static bool is_spare(const struct wt_inventory *inv, const struct node *n)
{
	return !(n->flags & NODE_ANSWERED) ||
	       (inv->now_ns > n->last_ns && inv->now_ns - n->last_ns > PROVEN_REST_NS);
}

/* Lets the oldest unproven node go. False when all have proven themselves: then every
 * packet of a stranger would search again, so it waits for a while of packet time. */
static bool evict_one(struct wt_inventory *inv)
{
	unsigned q, tries;

	if (!inv->queue[QUEUE_UNPROVEN].head && inv->now_ns < inv->no_spare_until_ns)
		return false;
	for (q = 0; q < N_QUEUES; q++)
		for (tries = 0; inv->queue[q].head && tries < 2 * CHANCES_MAX; tries++) {
			uint32_t at = inv->queue[q].head;
			struct node *n = node_at(inv, at);

			if (!(n->flags & NODE_PINNED) && is_spare(inv, n) &&
			    (!(n->flags & NODE_USED) || tries >= CHANCES_MAX)) {
				wt_count(inv->counters, WT_C_INVENTORY_EVICTED);
				wt_inv_node_drop(inv, at, 0);
				return true;
			}
			n->flags &= (uint8_t)~NODE_USED;
			queue_remove(inv, at);
			queue_append(inv, at);
		}
	inv->no_spare_until_ns = inv->now_ns + SEARCH_PAUSE_NS;
	return false;
}

uint32_t wt_inv_node_new(struct wt_inventory *inv, enum wt_node_kind kind, uint16_t space,
			 uint64_t ts_ns)
{
	struct node *n;
	uint32_t at;

	if (inv->nodes.n_used == inv->nodes.n && !evict_one(inv)) {
		wt_count(inv->counters, WT_C_INVENTORY_REFUSED);
		return 0;
	}
	at = wt_inv_pool_take(&inv->nodes);
	if (WT_BUG_ON(!at))
		return 0;
	n = node_at(inv, at);
	n->id = ++inv->last_id;
	n->kind = (uint8_t)kind;
	n->space = space;
	n->first_ns = n->last_ns = ts_ns;
	queue_append(inv, at);
	inv->n_devices++;
	wt_inv_node_change(inv, at);
	wt_count(inv->counters, WT_C_INVENTORY_NODES);
	return at;
}

void wt_inv_node_change(struct wt_inventory *inv, uint32_t node)
{
	struct node *n = node_at(inv, node);

	if ((n->flags & NODE_CHANGED) || WT_BUG_ON(!n->id))
		return;
	n->flags |= NODE_CHANGED;
	n->change_prev = inv->changed_tail;
	n->change_next = 0;
	if (inv->changed_tail)
		node_at(inv, inv->changed_tail)->change_next = node;
	else
		inv->changed_head = node;
	inv->changed_tail = node;
}

void wt_inv_node_unchange(struct wt_inventory *inv, uint32_t node)
{
	struct node *n = node_at(inv, node);

	if (!(n->flags & NODE_CHANGED))
		return;
	n->flags &= (uint8_t)~NODE_CHANGED;
	if (n->change_prev)
		node_at(inv, n->change_prev)->change_next = n->change_next;
	else
		inv->changed_head = n->change_next;
	if (n->change_next)
		node_at(inv, n->change_next)->change_prev = n->change_prev;
	else
		inv->changed_tail = n->change_prev;
}

uint32_t wt_inventory_changed(struct wt_inventory *inv)
{
	uint32_t at = inv->changed_head;

	if (at)
		wt_inv_node_unchange(inv, at);
	return at;
}

void wt_inv_node_touch(struct wt_inventory *inv, uint32_t node, uint64_t ts_ns)
{
	struct node *n = node_at(inv, node);

	n->flags |= NODE_USED;
	if (ts_ns > n->last_ns)
		n->last_ns = ts_ns;
	if (!(n->flags & NODE_CHANGED))
		wt_inv_node_change(inv, node);
}

void wt_inv_node_answered(struct wt_inventory *inv, uint32_t node)
{
	struct node *n = node_at(inv, node);

	if (n->flags & NODE_ANSWERED)
		return;
	queue_remove(inv, node);
	n->flags |= NODE_ANSWERED;
	queue_append(inv, node);
	wt_inv_node_change(inv, node);
	wt_inv_news_proven(inv, wt_inv_node_device(inv, node));
}

uint32_t wt_inv_node_device(const struct wt_inventory *inv, uint32_t node)
{
	unsigned depth;

	for (depth = 0; node && depth < 8 && node_at(inv, node)->part_of; depth++)
		node = node_at(inv, node)->part_of;
	return node;
}

unsigned wt_inv_device_nodes(const struct wt_inventory *inv, uint32_t device, uint32_t *list)
{
	unsigned n = 1, i;

	list[0] = device;
	for (i = 0; i < n; i++) {
		uint32_t part = node_at(inv, list[i])->first_part;

		for (; part && n < DEVICE_NODES_MAX; part = node_at(inv, part)->next_part)
			list[n++] = part;
	}
	return n;
}

void wt_inv_node_reconsider(struct wt_inventory *inv, uint32_t node)
{
	uint32_t device = wt_inv_node_device(inv, node);
	struct node *n = node_at(inv, device);
	unsigned i;

	for (i = 0; i < N_JUDGES; i++)
		n->verdict[i].is_valid = 0;
	wt_inv_news_note(inv, device);
}

bool wt_inv_node_presume(struct wt_inventory *inv, uint32_t part, uint32_t whole)
{
	struct node *p = node_at(inv, part), *w;

	whole = wt_inv_node_device(inv, whole);
	if (p->part_of || whole == part)
		return false;
	w = node_at(inv, whole);
	if ((unsigned)w->n_parts + p->n_parts + 1u > NODE_PARTS_MAX)
		return false;
	p->part_of = whole;
	p->next_part = w->first_part;
	w->first_part = part;
	w->n_parts++;
	inv->n_devices--;
	wt_inv_node_reconsider(inv, whole);
	wt_inv_node_change(inv, part);
	wt_inv_node_change(inv, whole);
	return true;
}

void wt_inv_node_doubt(struct wt_inventory *inv, uint32_t part)
{
	struct node *p = node_at(inv, part), *w;
	uint32_t *link;

	if (!p->part_of)
		return;
	w = node_at(inv, p->part_of);
	for (link = &w->first_part; *link && *link != part;)
		link = &node_at(inv, *link)->next_part;
	if (WT_BUG_ON(!*link))
		return;
	wt_inv_node_reconsider(inv, part);
	*link = p->next_part;
	w->n_parts--;
	wt_inv_node_change(inv, p->part_of);
	p->part_of = p->next_part = 0;
	inv->n_devices++;
	wt_inv_node_reconsider(inv, part);
	wt_inv_node_change(inv, part);
}

static void free_parts(struct wt_inventory *inv, uint32_t node)
{
	while (node_at(inv, node)->first_part)
		wt_inv_node_doubt(inv, node_at(inv, node)->first_part);
	wt_inv_node_doubt(inv, node);
}

bool wt_inventory_gone(struct wt_inventory *inv, uint32_t *id, uint32_t *into)
{
	if (!inv->n_gone)
		return false;
	*id = inv->gone[inv->gone_first].id;
	*into = inv->gone[inv->gone_first].into;
	inv->gone_first = (inv->gone_first + 1) % GONE_MAX;
	inv->n_gone--;
	return true;
}

bool wt_inventory_lost_track(struct wt_inventory *inv)
{
	bool has_lost = inv->has_lost_track;

	inv->has_lost_track = false;
	return has_lost;
}

static void tell_gone(struct wt_inventory *inv, uint32_t id, uint32_t into)
{
	uint32_t at;

	if (inv->n_gone == GONE_MAX) {
		inv->has_lost_track = true;
		inv->n_gone = inv->gone_first = 0;
	}
	at = (inv->gone_first + inv->n_gone++) % GONE_MAX;
	inv->gone[at].id = id;
	inv->gone[at].into = into;
}

void wt_inv_node_drop(struct wt_inventory *inv, uint32_t node, uint32_t into)
{
	struct node *n = node_at(inv, node);

	free_parts(inv, node);
	wt_inv_keys_drop(inv, node);
	wt_inv_facts_drop(inv, node);
	wt_inv_peers_drop(inv, node);
	wt_inv_via_drop(inv, node);
	wt_inv_node_unchange(inv, node);
	queue_remove(inv, node);
	tell_gone(inv, n->id, into ? node_at(inv, into)->id : 0);
	inv->n_devices--;
	wt_inv_pool_give(&inv->nodes, node);
}

/* The older one stays, so that its id does; parts go along. */
uint32_t wt_inv_node_join(struct wt_inventory *inv, uint32_t a, uint32_t b)
{
	struct node *to, *from;
	uint32_t part, moved[NODE_PARTS_MAX + 1];
	unsigned n_moved = 0;

	if (a == b)
		return a;
	if (node_at(inv, b)->id < node_at(inv, a)->id) {
		uint32_t other = a;

		a = b;
		b = other;
	}
	if (node_at(inv, b)->part_of && wt_inv_node_device(inv, b) != a &&
	    !node_at(inv, a)->part_of &&
	    wt_inv_node_device(inv, b) != wt_inv_node_device(inv, a)) {
		/* what b was presumed to be part of, a is now */
		uint32_t whole = node_at(inv, b)->part_of;

		wt_inv_node_doubt(inv, b);
		(void)wt_inv_node_presume(inv, a, whole);
	}
	wt_inv_node_doubt(inv, b);
	while ((part = node_at(inv, b)->first_part) != 0 && n_moved <= NODE_PARTS_MAX) {
		wt_inv_node_doubt(inv, part);
		moved[n_moved++] = part;
	}
	to = node_at(inv, a);
	from = node_at(inv, b);
	if (from->first_ns < to->first_ns)
		to->first_ns = from->first_ns;
	wt_inv_node_touch(inv, a, from->last_ns);
	if (from->flags & NODE_ANSWERED)
		wt_inv_node_answered(inv, a);
	to->flags = (uint8_t)(to->flags |
			      (from->flags & (NODE_RELAY | NODE_SPEAKER | NODE_DISPUTED)));
	if (to->kind == (uint8_t)WT_NODE_LINK && from->kind == (uint8_t)WT_NODE_ADDR)
		to->kind = WT_NODE_ADDR;
	while (from->keys)
		wt_inv_key_move(inv, from->keys, a);
	wt_inv_facts_move(inv, b, a);
	wt_inv_peers_move(inv, b, a);
	wt_inv_via_move(inv, b, a);
	while (n_moved)
		if (moved[--n_moved] != a)
			(void)wt_inv_node_presume(inv, moved[n_moved], a);
	wt_count(inv->counters, WT_C_INVENTORY_JOINED);
	wt_inv_node_drop(inv, b, a);
	return a;
}
