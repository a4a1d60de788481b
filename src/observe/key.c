/* Keys: what a node is found by. A key belongs to one node; of one that has too many,
 * the one seen longest ago goes: names first, then addresses.
 * Trust: keys are chosen by the sender (hashed with a seed).
 * Memory: the pool of keys. */
#include "observe/inner.h"

static uint64_t hash_of(const struct wt_inventory *inv, enum wt_key_kind kind, uint16_t space,
			struct wt_slice bytes)
{
	return wt_hash(inv->seed + (uint64_t)kind * 65536 + space, bytes) & inv->key_table.mask;
}

static struct wt_slice bytes_of(const struct key *k)
{
	return wt_slice_of(k->bytes, k->len);
}

static uint64_t addr_hash(const struct wt_inventory *inv, uint16_t space, uint8_t ip_version,
			  const struct wt_addr *addr)
{
	return hash_of(inv, wt_inv_addr_key(ip_version), space,
		       wt_inv_addr_slice(addr, ip_version));
}

void wt_inv_keys_ahead(struct wt_inventory *inv, const struct wt_event_head *head)
{
	const uint32_t *last = inv->ahead[(inv->ahead_at + AHEAD_STEPS - 1) % AHEAD_STEPS];
	const uint32_t *older = inv->ahead[(inv->ahead_at + AHEAD_STEPS - 2) % AHEAD_STEPS];
	uint32_t *now = inv->ahead[inv->ahead_at];
	unsigned i;

	inv->ahead_at = (inv->ahead_at + 1) % AHEAD_STEPS;
	for (i = 0; i < 2; i++) {
		uint32_t key = inv->key_table.bucket[older[i]];

		if (key)
			__builtin_prefetch(node_at(inv, key_at(inv, key)->node));
		key = inv->key_table.bucket[last[i]];
		if (key)
			__builtin_prefetch(key_at(inv, key));
		if (head->key.ip_version)
			now[i] = (uint32_t)addr_hash(inv, head->key.space, head->key.ip_version,
						     &head->key.end[i].addr);
		__builtin_prefetch(&inv->key_table.bucket[now[i]]);
	}
}

uint32_t wt_inv_key_find(const struct wt_inventory *inv, enum wt_key_kind kind, uint16_t space,
			 struct wt_slice bytes)
{
	uint32_t at = inv->key_table.bucket[hash_of(inv, kind, space, bytes)];

	while (at) {
		const struct key *k = key_at(inv, at);

		if (k->kind == (uint8_t)kind && k->space == space &&
		    wt_slice_equal(bytes_of(k), bytes))
			return at;
		at = k->hash_next;
	}
	return 0;
}

/* Out of its node's list. */
static void unlink_key(struct wt_inventory *inv, uint32_t key)
{
	struct node *n = node_at(inv, key_at(inv, key)->node);
	uint32_t *link = &n->keys;

	while (*link && *link != key)
		link = &key_at(inv, *link)->node_next;
	if (WT_BUG_ON(!*link))
		return;
	*link = key_at(inv, key)->node_next;
	n->n_keys--;
}

static void drop(struct wt_inventory *inv, uint32_t key)
{
	struct key *k = key_at(inv, key);
	uint32_t *link = &inv->key_table.bucket[hash_of(inv, (enum wt_key_kind)k->kind,
							k->space, bytes_of(k))];

	unlink_key(inv, key);
	while (*link && *link != key)
		link = &key_at(inv, *link)->hash_next;
	if (!WT_BUG_ON(!*link))
		*link = k->hash_next;
	wt_inv_pool_give(&inv->keys, key);
}

static void link_key(struct wt_inventory *inv, uint32_t key, uint32_t node)
{
	struct node *n = node_at(inv, node);
	struct key *k = key_at(inv, key);

	k->node = node;
	k->node_next = n->keys;
	n->keys = key;
	n->n_keys++;
	wt_inv_node_change(inv, node);
}

/* Whom its traffic is known by must outlast what anyone may state without end: without
 * its hardware address or address, a node's next packet would make a second one. */
static unsigned rank_of(const struct key *k)
{
	return k->kind == WT_KEY_MAC ? 2 : k->kind == WT_KEY_IPV4 || k->kind == WT_KEY_IPV6;
}

static bool goes_before(const struct key *a, const struct key *b)
{
	if (rank_of(a) != rank_of(b))
		return rank_of(a) < rank_of(b);
	return a->last_ns < b->last_ns;
}

/* Makes room in a node's list: of what it is least known by, the key that was not seen for
 * the longest time goes. */
static void thin_out(struct wt_inventory *inv, uint32_t node)
{
	uint32_t at = node_at(inv, node)->keys, oldest = 0;

	if (node_at(inv, node)->n_keys < NODE_KEYS_MAX)
		return;
	for (; at; at = key_at(inv, at)->node_next)
		if (!oldest || goes_before(key_at(inv, at), key_at(inv, oldest)))
			oldest = at;
	wt_count(inv->counters, WT_C_INVENTORY_KEYS_DROPPED);
	drop(inv, oldest);
}

uint32_t wt_inv_key_add(struct wt_inventory *inv, uint32_t node, enum wt_key_kind kind,
			uint16_t space, struct wt_slice bytes, uint64_t ts_ns)
{
	uint32_t at = wt_inv_key_find(inv, kind, space, bytes);
	uint64_t hash;
	struct key *k;

	if (at || WT_BUG_ON(bytes.len > sizeof(k->bytes)))
		return at;
	thin_out(inv, node);
	at = wt_inv_pool_take(&inv->keys);
	if (!at) {
		wt_count(inv->counters, WT_C_INVENTORY_KEYS_DROPPED);
		return 0;
	}
	k = key_at(inv, at);
	k->kind = (uint8_t)kind;
	k->space = space;
	k->len = (uint8_t)bytes.len;
	memcpy(k->bytes, bytes.ptr, bytes.len);
	k->first_ns = k->last_ns = ts_ns;
	hash = hash_of(inv, kind, space, bytes);
	k->hash_next = inv->key_table.bucket[hash];
	inv->key_table.bucket[hash] = at;
	link_key(inv, at, node);
	return at;
}

void wt_inv_key_move(struct wt_inventory *inv, uint32_t key, uint32_t node)
{
	unlink_key(inv, key);
	wt_inv_node_change(inv, key_at(inv, key)->node);
	thin_out(inv, node);
	link_key(inv, key, node);
}

void wt_inv_keys_drop(struct wt_inventory *inv, uint32_t node)
{
	while (node_at(inv, node)->keys)
		drop(inv, node_at(inv, node)->keys);
}

uint32_t wt_inv_key_of(const struct wt_inventory *inv, uint32_t node, enum wt_key_kind kind)
{
	uint32_t at = node_at(inv, node)->keys, oldest = 0;

	for (; at; at = key_at(inv, at)->node_next)
		if (key_at(inv, at)->kind == (uint8_t)kind &&
		    (!oldest || key_at(inv, at)->first_ns <= key_at(inv, oldest)->first_ns))
			oldest = at;
	return oldest;
}
