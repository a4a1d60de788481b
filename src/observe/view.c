/* Reading the inventory: devices, their values, identities, peers, relations.
 * Trust: the caller. Memory: the caller's views; a bounded list on the stack. */
#include "base/values.h"
#include "observe/inner.h"
#include "wardtap/registry.h"

#include <stdlib.h>

const char *wt_inv_capture_of(const struct wt_inventory *inv, uint16_t capture, uint64_t number)
{
	const char *name = NULL;

	if (capture && capture <= inv->n_captures)
		return inv->capture[capture - 1];
	if (number && inv->capture_name)
		name = inv->capture_name(inv->capture_self, number);
	return name ? name : "";
}

void wt_inventory_set_captures(struct wt_inventory *inv,
			       const char *(*name)(void *self, uint64_t number), void *self)
{
	inv->capture_name = name;
	inv->capture_self = self;
}

static bool is_there(const struct wt_inventory *inv, uint32_t node)
{
	return node && node <= inv->nodes.n_fresh && node_at(inv, node)->id;
}

uint32_t wt_inventory_next(const struct wt_inventory *inv, uint32_t after)
{
	uint32_t at = after + 1;

	for (; at <= inv->nodes.n_fresh; at++)
		if (is_there(inv, at) && !node_at(inv, at)->part_of)
			return at;
	return 0;
}

uint32_t wt_inventory_count(const struct wt_inventory *inv)
{
	return inv->n_devices;
}

static struct wt_device_view view_of(const struct wt_inventory *inv, uint32_t node)
{
	const struct node *n = node_at(inv, node);

	return (struct wt_device_view){
		.node = node,
		.id = n->id,
		.first_ns = n->first_ns,
		.last_ns = n->last_ns,
		.is_answered = n->flags & NODE_ANSWERED,
		.is_stated = n->kind == WT_NODE_STATED,
		.n_lost_facts = n->n_lost_facts,
		.n_lost_peers = n->n_lost_peers,
	};
}

bool wt_inventory_device(const struct wt_inventory *inv, uint32_t node,
			 struct wt_device_view *view)
{
	uint32_t list[DEVICE_NODES_MAX];
	unsigned n, i;

	if (!is_there(inv, node))
		return false;
	node = wt_inv_node_device(inv, node);
	*view = view_of(inv, node);
	n = wt_inv_device_nodes(inv, node, list);
	view->n_parts = n - 1;
	for (i = 1; i < n; i++) {
		struct wt_device_view part = view_of(inv, list[i]);

		if (part.first_ns < view->first_ns)
			view->first_ns = part.first_ns;
		if (part.last_ns > view->last_ns)
			view->last_ns = part.last_ns;
		view->is_answered |= part.is_answered;
		view->is_stated &= part.is_stated;
		view->n_lost_facts += part.n_lost_facts;
		view->n_lost_peers += part.n_lost_peers;
	}
	return true;
}

static struct wt_fact_view fact_view(const struct wt_inventory *inv, const struct fact *f,
				     uint32_t device)
{
	struct wt_fact_view view = {
		.attribute = (enum wt_attribute)f->attribute,
		.value = wt_inv_fact_text(inv, f),
		.is_pseudonym = f->form == WT_FORM_PSEUDONYM,
		.confidence = f->confidence,
		.node = f->node,
		.is_presumed = f->node != device,
		.n_sources = f->n_sources,
		.evidence = { .first_ns = f->first_ns,
			      .last_ns = f->last_ns,
			      .number = f->number,
			      .count = f->count,
			      .capture = wt_inv_capture_of(inv, f->capture, f->number) },
	};
	unsigned i;

	for (i = 0; i < f->n_sources; i++) {
		const struct source *s = &f->source[i];
		const struct wt_field *row = s->field == WT_FIELD_NONE
						     ? NULL
						     : wt_registry_field(s->owner, s->field);

		view.source[i] = (struct wt_fact_source){
			.owner = s->owner,
			.field = s->field,
			.confidence = s->confidence,
			.name = row ? row->name
				    : wt_inv_words_text[s->words < N_WORDS ? s->words : 0],
		};
	}
	return view;
}

static int compare_facts(const void *left, const void *right)
{
	const struct wt_fact_view *a = left, *b = right;
	size_t len = a->value.len < b->value.len ? a->value.len : b->value.len;
	int order;

	if (a->attribute != b->attribute)
		return a->attribute < b->attribute ? -1 : 1;
	if (a->confidence != b->confidence)
		return a->confidence > b->confidence ? -1 : 1;
	if (a->evidence.last_ns != b->evidence.last_ns)
		return a->evidence.last_ns > b->evidence.last_ns ? -1 : 1;
	if (a->evidence.first_ns != b->evidence.first_ns)
		return a->evidence.first_ns < b->evidence.first_ns ? -1 : 1;
	order = len ? memcmp(a->value.ptr, b->value.ptr, len) : 0;
	if (order)
		return order;
	if (a->value.len != b->value.len)
		return a->value.len < b->value.len ? -1 : 1;
	return a->node < b->node ? -1 : a->node > b->node;
}

/* The first of each ONE attribute is the best; equal values of parts become one. */
static unsigned mark_best(struct wt_fact_view *view, unsigned n)
{
	unsigned i, k, kept = 0;

	for (i = 0; i < n; i++) {
		bool is_same = false;

		for (k = kept; k && view[k - 1].attribute == view[i].attribute; k--)
			is_same |= view[k - 1].is_pseudonym == view[i].is_pseudonym &&
				   wt_slice_equal(view[k - 1].value, view[i].value);
		if (is_same)
			continue;
		view[kept] = view[i];
		view[kept].is_best =
			wt_attribute_rows[view[i].attribute].mult == WT_MULT_ONE &&
			(kept == 0 || view[kept - 1].attribute != view[i].attribute);
		kept++;
	}
	return kept;
}

unsigned wt_inventory_facts(const struct wt_inventory *inv, uint32_t node,
			    struct wt_fact_view *view, unsigned max)
{
	uint32_t list[DEVICE_NODES_MAX], at;
	unsigned n = 0, n_list, i;

	if (!is_there(inv, node))
		return 0;
	node = wt_inv_node_device(inv, node);
	n_list = wt_inv_device_nodes(inv, node, list);
	for (i = 0; i < n_list; i++)
		for (at = node_at(inv, list[i])->facts; at && n < max;
		     at = fact_at(inv, at)->node_next)
			view[n++] = fact_view(inv, fact_at(inv, at), node);
	qsort(view, n, sizeof(*view), compare_facts);
	return mark_best(view, n);
}

unsigned wt_inventory_node_facts(const struct wt_inventory *inv, uint32_t node, bool new_only,
				 struct wt_fact_view *view, unsigned max)
{
	unsigned n = 0;
	uint32_t at;

	if (!is_there(inv, node))
		return 0;
	for (at = node_at(inv, node)->facts; at && n < max; at = fact_at(inv, at)->node_next) {
		struct fact *f = fact_at(inv, at);

		if (new_only && !f->is_new)
			continue;
		if (new_only)
			f->is_new = 0;
		view[n++] = fact_view(inv, f, node);
	}
	qsort(view, n, sizeof(*view), compare_facts);
	return n;
}

struct wt_slice wt_inventory_best(const struct wt_inventory *inv, uint32_t node,
				  enum wt_attribute attribute)
{
	struct wt_fact_view view[2], *best = NULL;
	uint32_t list[DEVICE_NODES_MAX], at;
	unsigned n_list, i;

	if (!is_there(inv, node))
		return wt_slice_of(NULL, 0);
	node = wt_inv_node_device(inv, node);
	n_list = wt_inv_device_nodes(inv, node, list);
	for (i = 0; i < n_list; i++)
		for (at = node_at(inv, list[i])->facts; at; at = fact_at(inv, at)->node_next) {
			struct wt_fact_view *other = &view[best == &view[0]];

			if (fact_at(inv, at)->attribute != (uint8_t)attribute)
				continue;
			*other = fact_view(inv, fact_at(inv, at), node);
			if (!best || compare_facts(other, best) < 0)
				best = other;
		}
	return best ? best->value : wt_slice_of(NULL, 0);
}

bool wt_inventory_node(const struct wt_inventory *inv, uint32_t node, struct wt_node_view *view)
{
	const struct node *n;

	if (!is_there(inv, node))
		return false;
	n = node_at(inv, node);
	*view = (struct wt_node_view){
		.device = view_of(inv, node),
		.part_of = n->part_of,
		.kind = n->kind,
		.part_of_id = n->part_of ? node_at(inv, n->part_of)->id : 0,
		.space = n->space,
		.is_relay = n->flags & NODE_RELAY,
		.is_speaker = n->flags & NODE_SPEAKER,
	};
	return true;
}

unsigned wt_inventory_identities(const struct wt_inventory *inv, uint32_t node,
				 struct wt_identity_view *view, unsigned max)
{
	unsigned n = 0;
	uint32_t at;

	if (!is_there(inv, node))
		return 0;
	for (at = node_at(inv, node)->keys; at && n < max; at = key_at(inv, at)->node_next) {
		const struct key *k = key_at(inv, at);

		view[n++] = (struct wt_identity_view){
			.kind = k->kind,
			.space = k->space,
			.strength = k->strength,
			.key = wt_slice_of(k->bytes, k->len),
			.first_ns = k->first_ns,
			.last_ns = k->last_ns,
		};
	}
	return n;
}

static struct wt_peer_view peer_view(const struct wt_inventory *inv, const struct peer *p)
{
	bool is_hint = p->flags & PEER_IS_HINT;
	uint8_t version = p->flags & PEER_IPV6 ? 6 : 4;
	uint32_t peer = wt_inv_addr_node(inv, p->space, version, &p->addr);

	return (struct wt_peer_view){
		.addr = p->addr,
		.space = p->space,
		.ip_version = version,
		.proto = p->proto,
		.is_client = p->flags & PEER_IS_CLIENT,
		.is_answered = p->flags & PEER_ANSWERED,
		.is_external = (p->flags & PEER_EXTERNAL) && !peer,
		.port = p->port,
		.app = is_hint ? 0 : p->app,
		.hint = is_hint ? p->app : 0,
		.peer = wt_inv_node_device(inv, peer),
		.zone = wt_inventory_zone_of(inv, version, &p->addr),
		.n_flows = p->n_flows,
		.n_messages = p->n_messages,
		.bytes_out = p->bytes_out,
		.bytes_in = p->bytes_in,
		.first_ns = p->first_s * WT_NS_PER_S,
		.last_ns = p->last_s * WT_NS_PER_S,
	};
}

/* cursor: 0 at first, else 1 + (index in the list of nodes, peer to give next). */
bool wt_inventory_peer(const struct wt_inventory *inv, uint32_t node, uint64_t *cursor,
		       struct wt_peer_view *view)
{
	uint32_t list[DEVICE_NODES_MAX], at;
	unsigned n_list, i = 0;

	if (!is_there(inv, node))
		return false;
	n_list = wt_inv_device_nodes(inv, wt_inv_node_device(inv, node), list);
	at = node_at(inv, list[0])->peers;
	if (*cursor) {
		i = (unsigned)((*cursor - 1) >> 32);
		at = (uint32_t)(*cursor - 1);
	}
	while (!at && ++i < n_list)
		at = node_at(inv, list[i])->peers;
	if (!at || i >= n_list)
		return false;
	*view = peer_view(inv, peer_at(inv, at));
	*cursor = 1 + ((uint64_t)i << 32 | order_at(inv, at)->next);
	return true;
}

bool wt_inventory_node_peer(const struct wt_inventory *inv, uint32_t node, uint64_t *cursor,
			    struct wt_peer_view *view)
{
	uint32_t at;

	if (!is_there(inv, node))
		return false;
	at = *cursor ? (uint32_t)(*cursor - 1) : node_at(inv, node)->peers;
	if (!at)
		return false;
	*view = peer_view(inv, peer_at(inv, at));
	*cursor = 1 + (uint64_t)order_at(inv, at)->next;
	return true;
}

static struct wt_via_view via_view(const struct wt_inventory *inv, const struct via *v,
				   bool is_speaker)
{
	return (struct wt_via_view){
		.node = wt_inv_node_device(inv, is_speaker ? v->speaker : v->stated),
		.is_speaker = is_speaker,
		.evidence = { .first_ns = v->first_ns,
			      .last_ns = v->last_ns,
			      .number = v->number,
			      .count = v->count,
			      .capture = wt_inv_capture_of(inv, v->capture, v->number) },
	};
}

unsigned wt_inventory_via(const struct wt_inventory *inv, uint32_t node,
			  struct wt_via_view *view, unsigned max)
{
	uint32_t list[DEVICE_NODES_MAX], at;
	unsigned n = 0, n_list, i;

	if (!is_there(inv, node))
		return 0;
	node = wt_inv_node_device(inv, node);
	n_list = wt_inv_device_nodes(inv, node, list);
	for (i = 0; i < n_list; i++) {
		for (at = node_at(inv, list[i])->via; at && n < max;
		     at = via_at(inv, at)->next_of_stated)
			if (wt_inv_node_device(inv, via_at(inv, at)->speaker) != node)
				view[n++] = via_view(inv, via_at(inv, at), true);
		for (at = node_at(inv, list[i])->spoken; at && n < max;
		     at = via_at(inv, at)->next_of_speaker)
			if (wt_inv_node_device(inv, via_at(inv, at)->stated) != node)
				view[n++] = via_view(inv, via_at(inv, at), false);
	}
	return n;
}

unsigned wt_inventory_node_via(const struct wt_inventory *inv, uint32_t node,
			       struct wt_via_view *view, unsigned max)
{
	unsigned n = 0;
	uint32_t at;

	if (!is_there(inv, node))
		return 0;
	for (at = node_at(inv, node)->via; at && n < max; at = via_at(inv, at)->next_of_stated) {
		view[n] = via_view(inv, via_at(inv, at), true);
		view[n++].node = via_at(inv, at)->speaker;
	}
	for (at = node_at(inv, node)->spoken; at && n < max;
	     at = via_at(inv, at)->next_of_speaker) {
		view[n] = via_view(inv, via_at(inv, at), false);
		view[n++].node = via_at(inv, at)->stated;
	}
	return n;
}
