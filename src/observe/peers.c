/* With whom a node talks: one row per peer address, role, transport, port and
 * protocol, so that it survives what joins and leaves. Attempts that nobody answers
 * share one row per peer and transport (port 0): a scan of all ports is one row.
 * Rows without room: of a window of the table the oldest unanswered goes, else the
 * oldest; the window moves on, so a row costs the same however many there are.
 * Trust: addresses are hostile. Memory: the pool of peers. */
#include "observe/inner.h"
#include "wardtap/registry.h"

#define WINDOW 32u

/* What tells rows apart, without padding: compared and hashed as memory. */
struct name {
	struct wt_addr addr;
	uint32_t node;
	uint16_t space, port, app;
	uint8_t proto, flags; /* IS_CLIENT, IS_HINT, IPV6, EXTERNAL */
};
_Static_assert(sizeof(struct name) == 28, "padding would be hashed");

#define NAME_FLAGS (PEER_IS_CLIENT | PEER_IS_HINT | PEER_IPV6)

static uint64_t hash_of(const struct wt_inventory *inv, const struct name *name)
{
	return wt_hash(inv->seed, wt_slice_of(name, sizeof(*name))) & inv->peer_table.mask;
}

static struct name name_of(const struct peer *p)
{
	return (struct name){
		.addr = p->addr,
		.node = p->node,
		.space = p->space,
		.port = p->port,
		.app = p->app,
		.proto = p->proto,
		.flags = p->flags & NAME_FLAGS,
	};
}

static uint32_t find_at(const struct wt_inventory *inv, const struct name *name, uint64_t hash)
{
	uint32_t at = inv->peer_table.bucket[hash];

	while (at) {
		struct name other = name_of(peer_at(inv, at));

		if (memcmp(&other, name, sizeof(other)) == 0)
			return at;
		at = peer_at(inv, at)->hash_next;
	}
	return 0;
}

static uint32_t find(const struct wt_inventory *inv, const struct name *name)
{
	return find_at(inv, name, hash_of(inv, name));
}

static void enhash(struct wt_inventory *inv, uint32_t peer)
{
	struct name name = name_of(peer_at(inv, peer));
	uint64_t hash = hash_of(inv, &name);

	peer_at(inv, peer)->hash_next = inv->peer_table.bucket[hash];
	inv->peer_table.bucket[hash] = peer;
}

static void unhash(struct wt_inventory *inv, uint32_t peer)
{
	struct name name = name_of(peer_at(inv, peer));
	uint32_t *link = &inv->peer_table.bucket[hash_of(inv, &name)];

	while (*link && *link != peer)
		link = &peer_at(inv, *link)->hash_next;
	if (!WT_BUG_ON(!*link))
		*link = peer_at(inv, peer)->hash_next;
}

static void link_peer(struct wt_inventory *inv, uint32_t peer, uint32_t node)
{
	struct node *n = node_at(inv, node);

	peer_at(inv, peer)->node = node;
	*order_at(inv, peer) = (struct peer_order){ .next = n->peers };
	if (n->peers)
		order_at(inv, n->peers)->prev = peer;
	else
		n->peers_last = peer;
	n->peers = peer;
	n->n_peers++;
}

static void unlink_peer(struct wt_inventory *inv, uint32_t peer)
{
	const struct peer_order *o = order_at(inv, peer);
	struct node *n = node_at(inv, peer_at(inv, peer)->node);

	if (o->prev)
		order_at(inv, o->prev)->next = o->next;
	else
		n->peers = o->next;
	if (o->next)
		order_at(inv, o->next)->prev = o->prev;
	else
		n->peers_last = o->prev;
	n->n_peers--;
}

static void drop(struct wt_inventory *inv, uint32_t peer)
{
	unhash(inv, peer);
	unlink_peer(inv, peer);
	wt_inv_pool_give(&inv->peers, peer);
}

void wt_inv_peers_drop(struct wt_inventory *inv, uint32_t node)
{
	while (node_at(inv, node)->peers)
		drop(inv, node_at(inv, node)->peers);
}

static void lose(struct wt_inventory *inv, uint32_t peer)
{
	struct node *n = node_at(inv, peer_at(inv, peer)->node);

	n->n_lost_peers++;
	wt_count(inv->counters, WT_C_INVENTORY_PEERS_EVICTED);
	drop(inv, peer);
}

static bool is_worse(const struct peer *a, const struct peer *b)
{
	bool is_a = a->flags & PEER_ANSWERED, is_b = b->flags & PEER_ANSWERED;

	return is_a != is_b ? is_b : a->last_s < b->last_s;
}

/* The pool is full: every place holds a row. */
static void evict_one(struct wt_inventory *inv)
{
	uint32_t worst = 0, i;

	for (i = 0; i < WINDOW; i++) {
		uint32_t at = inv->peer_hand % inv->peers.n + 1;

		inv->peer_hand = at;
		if (!worst || is_worse(peer_at(inv, at), peer_at(inv, worst)))
			worst = at;
	}
	lose(inv, worst);
}

/* A node with too many: of its oldest rows the worst goes. */
static void thin_out(struct wt_inventory *inv, uint32_t node)
{
	uint32_t at = node_at(inv, node)->peers_last, worst = at;
	unsigned i;

	for (i = 0; i < 8 && at; i++, at = order_at(inv, at)->prev)
		if (is_worse(peer_at(inv, at), peer_at(inv, worst)))
			worst = at;
	lose(inv, worst);
}

static struct peer *row_of(struct wt_inventory *inv, const struct name *name, uint64_t hash,
			   uint32_t now_s)
{
	uint32_t at = find_at(inv, name, hash);
	struct peer *p;

	if (!at) {
		if (node_at(inv, name->node)->n_peers >= NODE_PEERS_MAX)
			thin_out(inv, name->node);
		if (inv->peers.n_used == inv->peers.n)
			evict_one(inv);
		at = wt_inv_pool_take(&inv->peers);
		if (WT_BUG_ON(!at))
			return NULL;
		p = peer_at(inv, at);
		p->addr = name->addr;
		p->space = name->space;
		p->port = name->port;
		p->app = name->app;
		p->proto = name->proto;
		p->flags = name->flags;
		p->first_s = p->last_s = now_s;
		if (wt_inv_addr_kind(inv, &p->addr, p->flags & PEER_IPV6 ? 6 : 4) ==
		    ADDR_EXTERNAL)
			p->flags |= PEER_EXTERNAL;
		link_peer(inv, at, name->node);
		enhash(inv, at);
		wt_count(inv->counters, WT_C_INVENTORY_PEERS);
		wt_inv_node_change(inv, name->node);
	}
	p = peer_at(inv, at);
	p->flags |= PEER_USED;
	if (now_s > p->last_s)
		p->last_s = now_s;
	return p;
}

static uint32_t seconds(uint64_t ns)
{
	uint64_t s = ns / WT_NS_PER_S;

	return s > UINT32_MAX ? UINT32_MAX : (uint32_t)s;
}

/* Row of the client (is_client) or server side, named after the other end. */
static struct name side_of(const struct wt_event_head *head, uint32_t node, bool is_client,
			   uint16_t app, bool is_hint)
{
	unsigned other = is_client ? head->client ^ 1u : head->client;

	return (struct name){
		.addr = head->key.end[other & 1].addr,
		.node = node,
		.space = head->key.space,
		.port = head->key.end[(head->client ^ 1u) & 1].port,
		.app = app,
		.proto = head->key.proto,
		.flags = (uint8_t)((is_client ? PEER_IS_CLIENT : 0) |
				   (is_hint ? PEER_IS_HINT : 0) |
				   (head->key.ip_version == 6 ? PEER_IPV6 : 0)),
	};
}

/* Ports of ICMP are no ports, and not worth a row each. */
static void drop_port(struct name *name)
{
	if (name->proto != 6 && name->proto != 17 && name->proto != 132)
		name->port = 0;
}

/* Ports above are those that clients are given: a server there is mostly a flow whose
 * beginning was not seen. */
#define SERVICE_PORT_MAX 32767u

/* The row is answered now. The first time, its server is known to offer the service. */
static void answered(struct wt_inventory *inv, struct peer *p, const struct proof *proof)
{
	bool has_port = p->proto == 6 || p->proto == 17;
	uint8_t room[64];
	struct wt_builder b = wt_builder_of(room, sizeof(room));

	if (p->flags & PEER_ANSWERED)
		return;
	p->flags |= PEER_ANSWERED;
	if ((p->flags & PEER_IS_CLIENT) || !has_port || !p->port || p->port > SERVICE_PORT_MAX)
		return;
	if (p->app && !(p->flags & PEER_IS_HINT)) {
		wt_bld_text(&b, wt_registry_name(p->app));
		wt_bld_char(&b, ' ');
	}
	wt_bld_text(&b, p->proto == 6 ? "tcp/" : "udp/");
	wt_bld_u64(&b, p->port);
	wt_inv_fact_add(inv, p->node, WT_A_SERVICE, wt_bld_slice(&b), WT_FORM_PLAIN,
			(struct source){ .field = WT_FIELD_NONE,
					 .confidence = 80,
					 .words = WORDS_SERVICE },
			proof);
}

static void saturate(uint32_t *count)
{
	if (*count != UINT32_MAX)
		(*count)++;
}

void wt_inv_peers_prefetch(const struct wt_inventory *inv, const struct wt_event_head *head,
			   uint32_t client, uint32_t server)
{
	uint32_t node[2] = { client, server };
	unsigned i;

	for (i = 0; i < 2; i++) {
		uint16_t app = head->owner ? head->owner : head->app;
		struct name name = side_of(head, node[i], i == 0, app, false);

		drop_port(&name);
		if (node[i])
			__builtin_prefetch(&inv->peer_table.bucket[hash_of(inv, &name)]);
	}
}

/* The rows of both sides, client's first: fetched side by side, before either is read. */
struct sides {
	struct name name[2];
	uint64_t hash[2];
};

static void find_sides(const struct wt_inventory *inv, struct sides *s)
{
	unsigned i;

	for (i = 0; i < 2; i++) {
		s->hash[i] = hash_of(inv, &s->name[i]);
		__builtin_prefetch(&inv->peer_table.bucket[s->hash[i]]);
	}
	for (i = 0; i < 2; i++)
		if (inv->peer_table.bucket[s->hash[i]])
			__builtin_prefetch(peer_at(inv, inv->peer_table.bucket[s->hash[i]]));
}

void wt_inv_peers_message(struct wt_inventory *inv, const struct wt_event_head *head,
			  uint32_t client, uint32_t server)
{
	uint32_t now_s = seconds(head->ts_ns), node[2] = { client, server };
	const struct proof proof = { head->ts_ns, head->number };
	bool is_answer = head->sender != head->client;
	struct sides s;
	unsigned i;

	for (i = 0; i < 2; i++) {
		s.name[i] = side_of(head, node[i], i == 0, head->owner, false);
		drop_port(&s.name[i]);
	}
	find_sides(inv, &s);
	for (i = 0; i < 2; i++) {
		struct peer *p = node[i] ? row_of(inv, &s.name[i], s.hash[i], now_s) : NULL;

		if (!p)
			continue;
		saturate(&p->n_messages);
		if (is_answer)
			answered(inv, p, &proof);
	}
}

struct flow_facts {
	uint64_t bytes[2]; /* to server, to client */
	uint64_t end_ns;
	bool is_one_way;
};

static struct flow_facts facts_of(const struct wt_record *record)
{
	struct wt_slice rest = wt_slice_of(record->values, record->values_len), bytes;
	struct flow_facts f = { .end_ns = record->head.ts_ns };
	struct wt_value value;

	while (wt_value_next(&rest, &value, &bytes)) {
		if (bytes.len != 8)
			continue;
		if (value.field == WT_F_FLOW_BYTES_TOSERVER)
			f.bytes[0] = wt_value_number(bytes);
		else if (value.field == WT_F_FLOW_BYTES_TOCLIENT)
			f.bytes[1] = wt_value_number(bytes);
		else if (value.field == WT_F_FLOW_END)
			f.end_ns = wt_value_number(bytes);
		else if (value.field == WT_F_FLOW_ONE_WAY)
			f.is_one_way = true;
	}
	return f;
}

void wt_inv_peers_flow(struct wt_inventory *inv, const struct wt_record *record,
		       uint32_t client, uint32_t server)
{
	const struct wt_event_head *head = &record->head;
	const struct proof proof = { head->ts_ns, head->number };
	struct flow_facts facts = facts_of(record);
	uint32_t node[2] = { client, server };
	uint16_t app = head->app ? head->app : head->hint;
	struct sides s;
	unsigned i;

	for (i = 0; i < 2; i++) {
		s.name[i] = side_of(head, node[i], i == 0, app, !head->app && head->hint);
		drop_port(&s.name[i]);
		if (facts.is_one_way && !head->app) {
			s.name[i].port = s.name[i].app = 0;
			s.name[i].flags &= (uint8_t)~PEER_IS_HINT;
		}
	}
	find_sides(inv, &s);
	for (i = 0; i < 2; i++) {
		struct peer *p = node[i] ? row_of(inv, &s.name[i], s.hash[i],
						  seconds(facts.end_ns)) : NULL;

		if (!p)
			continue;
		saturate(&p->n_flows);
		p->bytes_out += facts.bytes[i];
		p->bytes_in += facts.bytes[i ^ 1];
		if (!facts.is_one_way)
			answered(inv, p, &proof);
	}
}

void wt_inv_peers_move(struct wt_inventory *inv, uint32_t from, uint32_t to)
{
	uint32_t at;

	while ((at = node_at(inv, from)->peers_last) != 0) {
		struct peer *p = peer_at(inv, at);
		struct name name = name_of(p);
		uint32_t same;

		name.node = to;
		same = find(inv, &name);
		if (same) {
			struct peer *q = peer_at(inv, same);

			q->bytes_out += p->bytes_out;
			q->bytes_in += p->bytes_in;
			q->n_flows += p->n_flows > UINT32_MAX - q->n_flows ? 0 : p->n_flows;
			q->n_messages +=
				p->n_messages > UINT32_MAX - q->n_messages ? 0 : p->n_messages;
			q->first_s = p->first_s < q->first_s ? p->first_s : q->first_s;
			q->last_s = p->last_s > q->last_s ? p->last_s : q->last_s;
			q->flags |= p->flags & (PEER_ANSWERED | PEER_USED);
			drop(inv, at);
			continue;
		}
		unhash(inv, at);
		unlink_peer(inv, at);
		link_peer(inv, at, to);
		enhash(inv, at);
		if (node_at(inv, to)->n_peers > NODE_PEERS_MAX)
			thin_out(inv, to);
	}
}

/* Behind all others: rows are put back in the order that they are read. */
static void move_to_end(struct wt_inventory *inv, uint32_t peer)
{
	struct node *n = node_at(inv, peer_at(inv, peer)->node);

	unlink_peer(inv, peer);
	*order_at(inv, peer) = (struct peer_order){ .prev = n->peers_last };
	if (n->peers_last)
		order_at(inv, n->peers_last)->next = peer;
	else
		n->peers = peer;
	n->peers_last = peer;
	n->n_peers++;
}

bool wt_inv_peer_put_back(struct wt_inventory *inv, uint32_t node,
			  const struct wt_peer_view *view)
{
	struct name name = {
		.addr = view->addr,
		.node = node,
		.space = view->space,
		.port = view->port,
		.app = view->app ? view->app : view->hint,
		.proto = view->proto,
		.flags = (uint8_t)((view->is_client ? PEER_IS_CLIENT : 0) |
				   (view->hint && !view->app ? PEER_IS_HINT : 0) |
				   (view->ip_version == 6 ? PEER_IPV6 : 0)),
	};
	struct peer *p;

	if (find(inv, &name) || inv->peers.n_used == inv->peers.n ||
	    node_at(inv, node)->n_peers >= NODE_PEERS_MAX)
		return false;
	p = row_of(inv, &name, hash_of(inv, &name), seconds(view->first_ns));
	if (!p)
		return false;
	move_to_end(inv, find(inv, &name));
	p->last_s = seconds(view->last_ns);
	p->n_flows = view->n_flows;
	p->n_messages = view->n_messages;
	p->bytes_out = view->bytes_out;
	p->bytes_in = view->bytes_in;
	if (view->is_answered)
		p->flags |= PEER_ANSWERED;
	wt_inv_node_unchange(inv, node);
	return true;
}
