/* Putting back what a database kept, before the first record.
 * Trust: a database may be damaged: every value is checked, nothing is assumed.
 * Memory: the pools; names of captures of earlier runs up to CAPTURES_MAX. */
#define _POSIX_C_SOURCE 200809L
#include "observe/inner.h"
#include "wardtap/registry.h"

#include <stdlib.h>
#include <string.h>

static bool is_there(const struct wt_inventory *inv, uint32_t node)
{
	return node && node <= inv->nodes.n_fresh && node_at(inv, node)->id;
}

/* The number of a capture's name; 0 when there is none, or no room. */
static uint16_t capture_number(struct wt_inventory *inv, const char *name)
{
	unsigned i;

	if (!name || !*name)
		return 0;
	for (i = inv->n_captures; i; i--) /* the last one again, mostly */
		if (!strcmp(inv->capture[i - 1], name))
			return (uint16_t)i;
	if (inv->n_captures == CAPTURES_MAX)
		return 0;
	if (!inv->capture)
		inv->capture = calloc(CAPTURES_MAX, sizeof(*inv->capture));
	if (!inv->capture)
		abort();
	inv->capture[inv->n_captures] = strdup(name);
	if (!inv->capture[inv->n_captures])
		abort();
	return (uint16_t)++inv->n_captures;
}

uint32_t wt_inventory_restore_node(struct wt_inventory *inv, const struct wt_node_view *view)
{
	uint32_t node;
	struct node *n;

	if (!view->device.id || view->kind > WT_NODE_STATED ||
	    inv->nodes.n_used == inv->nodes.n || view->device.last_ns < view->device.first_ns)
		return 0;
	node = wt_inv_node_new(inv, (enum wt_node_kind)view->kind, view->space,
			       view->device.first_ns);
	if (!node)
		return 0;
	n = node_at(inv, node);
	inv->last_id--; /* it has its own */
	n->id = view->device.id;
	if (n->id > inv->last_id)
		inv->last_id = n->id;
	n->last_ns = view->device.last_ns;
	if (n->last_ns > inv->now_ns)
		inv->now_ns = n->last_ns;
	n->n_lost_facts = view->device.n_lost_facts;
	n->n_lost_peers = view->device.n_lost_peers;
	if (view->is_relay)
		n->flags |= NODE_RELAY;
	if (view->is_speaker)
		n->flags |= NODE_SPEAKER;
	if (view->device.is_answered)
		wt_inv_node_answered(inv, node);
	wt_inv_node_unchange(inv, node);
	return node;
}

bool wt_inventory_restore_part(struct wt_inventory *inv, uint32_t node, uint32_t part_of)
{
	bool is_good = is_there(inv, node) && is_there(inv, part_of) &&
		       wt_inv_node_device(inv, part_of) != node &&
		       wt_inv_node_presume(inv, node, part_of);

	if (is_good) {
		wt_inv_node_unchange(inv, node);
		wt_inv_node_unchange(inv, wt_inv_node_device(inv, part_of));
	}
	return is_good;
}

bool wt_inventory_restore_identity(struct wt_inventory *inv, uint32_t node,
				   const struct wt_identity_view *view)
{
	static const uint8_t len[] = {
		[WT_KEY_MAC] = 6,    [WT_KEY_IPV4] = 4,    [WT_KEY_IPV6] = 16,
		[WT_KEY_EUI64] = 16, [WT_KEY_STATED] = 16, [WT_KEY_NAMED] = 16
	};
	uint32_t key;

	if (!is_there(inv, node) || view->kind > WT_KEY_NAMED ||
	    view->key.len != len[view->kind] || view->strength > 2 ||
	    node_at(inv, node)->n_keys >= NODE_KEYS_MAX ||
	    wt_inv_key_find(inv, (enum wt_key_kind)view->kind, view->space, view->key))
		return false;
	key = wt_inv_key_add(inv, node, (enum wt_key_kind)view->kind, view->space, view->key,
			     view->first_ns);
	if (!key)
		return false;
	key_at(inv, key)->last_ns = view->last_ns;
	key_at(inv, key)->strength = view->strength;
	wt_inv_node_unchange(inv, node);
	return true;
}

static struct source source_of(const struct wt_fact_source *view)
{
	struct source s = { .field = WT_FIELD_NONE,
			    .confidence = view->confidence,
			    .words = WORDS_EARLIER };
	const char *name = view->name ? view->name : "";
	size_t len = strcspn(name, ".");
	const struct wt_field *row;
	unsigned i, owner;

	for (i = 1; i < N_WORDS; i++)
		if (!strcmp(name, wt_inv_words_text[i])) {
			s.words = (uint8_t)i;
			return s;
		}
	for (i = 0; i < WT_N_SHARED_FIELDS; i++)
		if (!strcmp(wt_shared_fields[i].name, name)) {
			s.field = (uint16_t)i;
			s.words = WORDS_NONE;
			s.owner = view->owner <= wt_registry_count() ? view->owner : 0;
			return s;
		}
	for (owner = 1; owner <= wt_registry_count(); owner++) {
		if (strlen(wt_registry_name(owner)) != len ||
		    strncmp(wt_registry_name(owner), name, len) != 0)
			continue;
		for (i = WT_FIELD_OWN; (row = wt_registry_field(owner, i)) != NULL; i++)
			if (!strcmp(row->name, name))
				return (struct source){ .owner = (uint16_t)owner,
							.field = (uint16_t)i,
							.confidence = view->confidence };
	}
	return s;
}

bool wt_inventory_restore_fact(struct wt_inventory *inv, uint32_t node,
			       const struct wt_fact_view *view)
{
	struct fact *f;
	unsigned i;

	if (!is_there(inv, node) || (unsigned)view->attribute >= WT_N_ATTRIBUTES ||
	    view->n_sources > WT_FACT_SOURCES || !view->n_sources)
		return false;
	for (i = 0; i < view->n_sources; i++)
		if (!view->source[i].confidence || view->source[i].confidence > 99)
			return false;
	f = wt_inv_fact_put_back(inv, node, (uint8_t)view->attribute,
				 view->is_pseudonym ? WT_FORM_PSEUDONYM : WT_FORM_PLAIN,
				 view->value);
	if (!f)
		return false;
	f->first_ns = view->evidence.first_ns;
	f->last_ns = view->evidence.last_ns;
	f->number = view->evidence.number;
	f->count = view->evidence.count;
	f->capture = capture_number(inv, view->evidence.capture);
	if (!f->capture)
		f->number = 0; /* a number of which run? */
	for (i = 0; i < view->n_sources; i++)
		wt_inv_fact_add_source(f, source_of(&view->source[i]));
	f->is_new = 0;
	return true;
}

bool wt_inventory_restore_peer(struct wt_inventory *inv, uint32_t node,
			       const struct wt_peer_view *view)
{
	if (!is_there(inv, node) || (view->ip_version != 4 && view->ip_version != 6) ||
	    view->app > wt_registry_count() || view->last_ns < view->first_ns)
		return false;
	return wt_inv_peer_put_back(inv, node, view);
}

bool wt_inventory_restore_via(struct wt_inventory *inv, uint32_t node,
			      const struct wt_via_view *view)
{
	struct proof proof = { view->evidence.first_ns, view->evidence.number };
	uint32_t speaker = view->is_speaker ? view->node : node;
	uint32_t stated = view->is_speaker ? node : view->node;
	struct via *v;

	if (!is_there(inv, speaker) || !is_there(inv, stated) || speaker == stated)
		return false;
	wt_inv_via_add(inv, speaker, stated, &proof);
	if (!node_at(inv, stated)->via)
		return false;
	v = via_at(inv, node_at(inv, stated)->via);
	if (v->speaker != speaker)
		return false;
	v->last_ns = view->evidence.last_ns;
	v->count = view->evidence.count;
	v->capture = capture_number(inv, view->evidence.capture);
	if (!v->capture)
		v->number = 0;
	wt_inv_node_unchange(inv, speaker);
	wt_inv_node_unchange(inv, stated);
	return true;
}

bool wt_inventory_restore_conflict(struct wt_inventory *inv, const struct wt_conflict_view *view)
{
	return is_there(inv, view->holder) && is_there(inv, view->claimant) &&
	       wt_inv_conflict_put_back(inv, view, capture_number(inv, view->evidence.capture));
}

bool wt_inventory_restore_link(struct wt_inventory *inv, const struct wt_link_view *view)
{
	return (!view->asker || is_there(inv, view->asker)) &&
	       (!view->doer || is_there(inv, view->doer)) &&
	       wt_inv_link_put_back(inv, view, capture_number(inv, view->evidence.capture));
}
