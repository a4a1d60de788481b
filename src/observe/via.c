/* Who speaks of whom: gateways and the devices behind them.
 * Trust: speakers may lie; a stated device keeps its first NODE_VIA_MAX speakers and
 * then the latest. Memory: the pool of vias. */
#include "observe/inner.h"

static void unlink_via(struct wt_inventory *inv, uint32_t via)
{
	struct via *v = via_at(inv, via);
	struct node *speaker = node_at(inv, v->speaker), *stated = node_at(inv, v->stated);
	uint32_t *link = &stated->via;

	while (*link && *link != via)
		link = &via_at(inv, *link)->next_of_stated;
	if (!WT_BUG_ON(!*link))
		*link = v->next_of_stated;
	stated->n_via--;
	if (v->speaker_prev)
		via_at(inv, v->speaker_prev)->next_of_speaker = v->next_of_speaker;
	else
		speaker->spoken = v->next_of_speaker;
	if (v->next_of_speaker)
		via_at(inv, v->next_of_speaker)->speaker_prev = v->speaker_prev;
}

static void link_via(struct wt_inventory *inv, uint32_t via, uint32_t speaker, uint32_t stated)
{
	struct via *v = via_at(inv, via);
	struct node *s = node_at(inv, speaker), *t = node_at(inv, stated);

	v->speaker = speaker;
	v->stated = stated;
	v->next_of_stated = t->via;
	t->via = via;
	t->n_via++;
	v->speaker_prev = 0;
	v->next_of_speaker = s->spoken;
	if (s->spoken)
		via_at(inv, s->spoken)->speaker_prev = via;
	s->spoken = via;
	wt_inv_node_change(inv, stated);
	wt_inv_node_change(inv, speaker);
}

static uint32_t find(const struct wt_inventory *inv, uint32_t speaker, uint32_t stated,
		     uint32_t *oldest)
{
	uint32_t at;

	*oldest = 0;
	for (at = node_at(inv, stated)->via; at; at = via_at(inv, at)->next_of_stated) {
		if (via_at(inv, at)->speaker == speaker)
			return at;
		if (!*oldest || via_at(inv, at)->last_ns < via_at(inv, *oldest)->last_ns)
			*oldest = at;
	}
	return 0;
}

void wt_inv_via_add(struct wt_inventory *inv, uint32_t speaker, uint32_t stated,
		    const struct proof *proof)
{
	uint32_t oldest, at = find(inv, speaker, stated, &oldest);
	struct via *v;

	if (speaker == stated)
		return;
	if (!at) {
		if (node_at(inv, stated)->n_via >= NODE_VIA_MAX) {
			unlink_via(inv, oldest);
			wt_inv_pool_give(&inv->vias, oldest);
		}
		at = wt_inv_pool_take(&inv->vias);
		if (!at)
			return;
		v = via_at(inv, at);
		v->first_ns = v->last_ns = proof->ts_ns;
		v->number = proof->number;
		link_via(inv, at, speaker, stated);
	}
	v = via_at(inv, at);
	if (v->count != UINT32_MAX)
		v->count++;
	if (proof->ts_ns > v->last_ns)
		v->last_ns = proof->ts_ns;
}

static void drop(struct wt_inventory *inv, uint32_t via)
{
	unlink_via(inv, via);
	wt_inv_pool_give(&inv->vias, via);
}

/* Moves one, unless its new ends are related already or the same. */
static void move(struct wt_inventory *inv, uint32_t via, uint32_t speaker, uint32_t stated)
{
	uint32_t oldest;

	unlink_via(inv, via);
	if (speaker == stated || find(inv, speaker, stated, &oldest) ||
	    node_at(inv, stated)->n_via >= NODE_VIA_MAX)
		wt_inv_pool_give(&inv->vias, via);
	else
		link_via(inv, via, speaker, stated);
}

void wt_inv_via_move(struct wt_inventory *inv, uint32_t from, uint32_t to)
{
	while (node_at(inv, from)->via)
		move(inv, node_at(inv, from)->via,
		     via_at(inv, node_at(inv, from)->via)->speaker, to);
	while (node_at(inv, from)->spoken)
		move(inv, node_at(inv, from)->spoken, to,
		     via_at(inv, node_at(inv, from)->spoken)->stated);
}

void wt_inv_via_drop(struct wt_inventory *inv, uint32_t node)
{
	while (node_at(inv, node)->via)
		drop(inv, node_at(inv, node)->via);
	while (node_at(inv, node)->spoken)
		drop(inv, node_at(inv, node)->spoken);
}
