/* Identities that are told: a name that only one device should have, and equipment
 * that somebody speaks of.
 * Trust: whoever speaks may lie. Two nodes that state one name are joined only where
 * nothing speaks against it; what is spoken of never becomes one with its speaker, it
 * is at most presumed to be, while the speaker speaks of nothing else.
 * Memory: the pools. */
#include "base/fasthash.h"
#include "observe/inner.h"

#define QUIET_NS (600 * WT_NS_PER_S)

static void digest_of(const struct wt_slice *part, unsigned n, uint8_t out[16])
{
	uint8_t room[1024];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	unsigned i;

	for (i = 0; i < n; i++) {
		wt_bld_bytes(&b, wt_slice_head(part[i], 200));
		wt_bld_char(&b, '\0');
	}
	wt_fasthash_of(wt_bld_slice(&b), out);
}

static bool has_both(const struct wt_inventory *inv, uint32_t a, uint32_t b,
		     enum wt_key_kind kind)
{
	return wt_inv_key_of(inv, a, kind) && wt_inv_key_of(inv, b, kind);
}

/* A hardware address that was never seen to carry an address. */
static bool is_port(const struct wt_inventory *inv, uint32_t node)
{
	const struct node *n = node_at(inv, node);

	return n->kind == (uint8_t)WT_NODE_LINK && !n->n_parts &&
	       !wt_inv_key_of(inv, node, WT_KEY_IPV4) && !wt_inv_key_of(inv, node, WT_KEY_IPV6);
}

/* May two nodes of one name be one device? Not when both have a hardware address, or
 * both an address of one version that is in use. */
static bool may_join(const struct wt_inventory *inv, uint32_t a, uint32_t b)
{
	uint64_t rest = inv->now_ns - node_at(inv, a)->last_ns,
		 other = inv->now_ns - node_at(inv, b)->last_ns;

	if (node_at(inv, a)->kind == WT_NODE_STATED || node_at(inv, b)->kind == WT_NODE_STATED)
		return false;
	if (is_port(inv, a) && is_port(inv, b))
		return true; /* two ports of a switch */
	if (has_both(inv, wt_inv_node_device(inv, a), wt_inv_node_device(inv, b), WT_KEY_MAC))
		return false;
	if (!has_both(inv, a, b, WT_KEY_IPV4) && !has_both(inv, a, b, WT_KEY_IPV6))
		return true;
	return rest > QUIET_NS || other > QUIET_NS;
}

void wt_inv_identity_named(struct wt_inventory *inv, uint32_t *node, struct wt_slice name,
			   const struct proof *proof)
{
	uint16_t space = node_at(inv, *node)->space;
	uint8_t digest[16];
	uint32_t key, other;

	digest_of(&name, 1, digest);
	key = wt_inv_key_find(inv, WT_KEY_NAMED, space, wt_slice_of(digest, sizeof(digest)));
	if (!key) {
		(void)wt_inv_key_add(inv, *node, WT_KEY_NAMED, space,
				     wt_slice_of(digest, sizeof(digest)), proof->ts_ns);
		return;
	}
	key_at(inv, key)->last_ns = proof->ts_ns;
	other = key_at(inv, key)->node;
	if (other == *node || wt_inv_node_device(inv, other) == wt_inv_node_device(inv, *node))
		return;
	if (may_join(inv, other, *node))
		*node = wt_inv_node_join(inv, other, *node);
	else
		wt_inv_conflict_note(inv, CONFLICT_NAME_TWO_DEVICES, space, name, other, *node,
				     wt_slice_of(NULL, 0), wt_slice_of(NULL, 0), proof);
}

/* What tells the equipment apart from all other: false when nothing does. */
static bool key_of_stated(const struct wt_inventory *inv, uint32_t speaker,
			  const struct stated *s, enum wt_key_kind *kind, uint8_t digest[16])
{
	struct wt_slice id = wt_slice_of(&node_at(inv, speaker)->id, sizeof(uint32_t));

	*kind = WT_KEY_STATED;
	if (s->eui64.len) {
		*kind = WT_KEY_EUI64;
		digest_of(&s->eui64, 1, digest);
	} else if (s->serial.len >= 3) {
		const struct wt_slice part[] = { WT_LIT("serial"), s->serial, s->vendor,
						 s->model };

		digest_of(part, 4, digest);
	} else if (s->id.len) {
		/* ids like PUMP1 are unique where they were given, not everywhere */
		const struct wt_slice part[] = { WT_LIT("id"), s->id, s->vendor, s->model, id };

		digest_of(part, 5, digest);
	} else if (s->is_self && s->station.len && (s->vendor.len || s->model.len)) {
		const struct wt_slice part[] = { WT_LIT("station"), s->station, s->vendor,
						 s->model, id };

		digest_of(part, 5, digest);
	} else {
		return false;
	}
	return true;
}

void wt_inv_identity_own(struct wt_inventory *inv, uint32_t node, struct wt_slice eui64,
			 const struct proof *proof)
{
	uint8_t digest[16];

	digest_of(&eui64, 1, digest);
	(void)wt_inv_key_add(inv, node, WT_KEY_EUI64, node_at(inv, node)->space,
			     wt_slice_of(digest, sizeof(digest)), proof->ts_ns);
}

/* The speaker speaks of more than one: none of them is the speaker itself. */
static void is_speaker(struct wt_inventory *inv, uint32_t speaker, const struct proof *proof)
{
	uint32_t device = wt_inv_node_device(inv, speaker), part, next;

	wt_inv_fact_add(
		inv, speaker, WT_A_SIGN, WT_LIT("speaks of several devices"), WT_FORM_PLAIN,
		(struct source){
			.field = WT_FIELD_NONE, .confidence = 80, .words = WORDS_RELAY },
		proof);
	node_at(inv, speaker)->flags |= NODE_SPEAKER;
	for (part = node_at(inv, device)->first_part; part; part = next) {
		next = node_at(inv, part)->next_part;
		if (node_at(inv, part)->kind == WT_NODE_STATED)
			wt_inv_node_doubt(inv, part);
	}
}

static bool is_spoken_by_other(const struct wt_inventory *inv, uint32_t speaker,
			       uint32_t stated)
{
	uint32_t at;

	for (at = node_at(inv, stated)->via; at; at = via_at(inv, at)->next_of_stated)
		if (wt_inv_node_device(inv, via_at(inv, at)->speaker) !=
		    wt_inv_node_device(inv, speaker))
			return true;
	return false;
}

/* Presumes that the stated device is its speaker, or takes that back. */
static void judge_self(struct wt_inventory *inv, uint32_t speaker, uint32_t stated,
		       bool is_self, const struct proof *proof)
{
	uint32_t device = wt_inv_node_device(inv, speaker), part;

	if (node_at(inv, speaker)->flags & NODE_SPEAKER ||
	    wt_inv_node_device(inv, stated) == device)
		return;
	for (part = node_at(inv, device)->first_part; part;
	     part = node_at(inv, part)->next_part)
		if (node_at(inv, part)->kind == WT_NODE_STATED && part != stated) {
			is_speaker(inv, speaker, proof);
			return;
		}
	if (!is_self)
		return;
	/* made by one and passed on by others: who spoke of it first, made it */
	if (node_at(inv, stated)->part_of || is_spoken_by_other(inv, speaker, stated))
		return;
	(void)wt_inv_node_presume(inv, stated, device);
}

uint32_t wt_inv_identity_stated(struct wt_inventory *inv, uint32_t speaker,
				const struct stated *stated, const struct proof *proof)
{
	uint16_t space = node_at(inv, speaker)->space;
	enum wt_key_kind kind;
	uint8_t digest[16];
	uint32_t key, node;

	if (!key_of_stated(inv, speaker, stated, &kind, digest))
		return 0;
	key = wt_inv_key_find(inv, kind, space, wt_slice_of(digest, sizeof(digest)));
	node = key ? key_at(inv, key)->node : 0;
	if (!node) {
		node = wt_inv_node_new(inv, WT_NODE_STATED, space, proof->ts_ns);
		if (!node)
			return 0;
		key = wt_inv_key_add(inv, node, kind, space,
				     wt_slice_of(digest, sizeof(digest)), proof->ts_ns);
		if (!key) {
			wt_inv_node_drop(inv, node, 0);
			return 0;
		}
	}
	key_at(inv, key)->last_ns = proof->ts_ns;
	wt_inv_node_touch(inv, node, proof->ts_ns);
	if (node == speaker)
		return node;
	judge_self(inv, speaker, node, stated->is_self, proof);
	wt_inv_via_add(inv, speaker, node, proof);
	return node;
}
