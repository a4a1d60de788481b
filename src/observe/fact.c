/* Facts: values of attributes with their evidence. The same value from another source
 * strengthens it; another value stands beside it.
 * Trust: texts are hostile, cut at WT_FACT_TEXT_MAX. Memory: the pools of facts and of
 * long texts; a node has at most WT_NODE_FACTS_MAX, an attribute of it what
 * attributes.def says: the weakest, oldest value goes. */
#include "observe/inner.h"

const struct wt_attribute_row wt_attribute_rows[WT_N_ATTRIBUTES] = {
#define A(id, name_, mult_, most_, doc_)                                                       \
	[WT_A_##id] = { .name = name_, .doc = doc_, .mult = WT_MULT_##mult_, .most = most_ },
#include "observe/attributes.def"
#undef A
};

struct wt_slice wt_inv_fact_text(const struct wt_inventory *inv, const struct fact *f)
{
	if (f->long_text)
		return wt_slice_of(pool_at(&inv->texts, f->long_text), f->len);
	return wt_slice_of(f->text, f->len);
}

static uint64_t hash_of(const struct wt_inventory *inv, uint32_t node, uint8_t attribute,
			struct wt_slice text)
{
	return wt_hash(inv->seed + ((uint64_t)node << 8 | attribute), text) &
	       inv->fact_table.mask;
}

static uint32_t find_at(const struct wt_inventory *inv, uint32_t node, uint8_t attribute,
			uint8_t form, struct wt_slice text, uint64_t hash)
{
	uint32_t at = inv->fact_table.bucket[hash];

	while (at) {
		const struct fact *f = fact_at(inv, at);

		if (f->node == node && f->attribute == attribute && f->form == form &&
		    wt_slice_equal(wt_inv_fact_text(inv, f), text))
			return at;
		at = f->hash_next;
	}
	return 0;
}

static uint32_t find(const struct wt_inventory *inv, uint32_t node, uint8_t attribute,
		     uint8_t form, struct wt_slice text)
{
	return find_at(inv, node, attribute, form, text, hash_of(inv, node, attribute, text));
}

static void unhash(struct wt_inventory *inv, uint32_t fact)
{
	struct fact *f = fact_at(inv, fact);
	uint32_t *link =
		&inv->fact_table
			 .bucket[hash_of(inv, f->node, f->attribute, wt_inv_fact_text(inv, f))];

	while (*link && *link != fact)
		link = &fact_at(inv, *link)->hash_next;
	if (!WT_BUG_ON(!*link))
		*link = f->hash_next;
}

static void enhash(struct wt_inventory *inv, uint32_t fact)
{
	struct fact *f = fact_at(inv, fact);
	uint64_t hash = hash_of(inv, f->node, f->attribute, wt_inv_fact_text(inv, f));

	f->hash_next = inv->fact_table.bucket[hash];
	inv->fact_table.bucket[hash] = fact;
}

static void unlink_fact(struct wt_inventory *inv, uint32_t fact)
{
	struct node *n = node_at(inv, fact_at(inv, fact)->node);
	uint32_t *link = &n->facts;

	while (*link && *link != fact)
		link = &fact_at(inv, *link)->node_next;
	if (WT_BUG_ON(!*link))
		return;
	*link = fact_at(inv, fact)->node_next;
	n->n_facts--;
	n->n_of[fact_at(inv, fact)->attribute]--;
}

static void link_fact(struct wt_inventory *inv, uint32_t fact, uint32_t node)
{
	struct node *n = node_at(inv, node);
	struct fact *f = fact_at(inv, fact);

	f->node = node;
	f->node_next = n->facts;
	n->facts = fact;
	n->n_facts++;
	n->n_of[f->attribute]++;
}

static void drop(struct wt_inventory *inv, uint32_t fact)
{
	struct fact *f = fact_at(inv, fact);

	unlink_fact(inv, fact);
	unhash(inv, fact);
	if (f->long_text)
		wt_inv_pool_give(&inv->texts, f->long_text);
	wt_inv_pool_give(&inv->facts, fact);
}

void wt_inv_facts_drop(struct wt_inventory *inv, uint32_t node)
{
	while (node_at(inv, node)->facts)
		drop(inv, node_at(inv, node)->facts);
}

static bool is_weaker(const struct fact *a, const struct fact *b)
{
	if (a->confidence != b->confidence)
		return a->confidence < b->confidence;
	return a->last_ns < b->last_ns;
}

/* Room for one more value. A newcomer may push out one that is no stronger. */
static bool make_room(struct wt_inventory *inv, uint32_t node, uint8_t attribute,
		      uint8_t confidence)
{
	struct node *n = node_at(inv, node);
	uint32_t at, weakest = 0;

	if (n->n_of[attribute] < wt_attribute_rows[attribute].most &&
	    n->n_facts < WT_NODE_FACTS_MAX)
		return true;
	n->n_lost_facts++;
	wt_count(inv->counters, WT_C_INVENTORY_FACTS_DROPPED);
	for (at = n->facts; at; at = fact_at(inv, at)->node_next) {
		if (fact_at(inv, at)->attribute != attribute)
			continue;
		if (!weakest || is_weaker(fact_at(inv, at), fact_at(inv, weakest)))
			weakest = at;
	}
	if (!weakest || fact_at(inv, weakest)->confidence > confidence)
		return false;
	drop(inv, weakest);
	return true;
}

static bool put_text(struct wt_inventory *inv, struct fact *f, struct wt_slice text)
{
	f->len = (uint8_t)text.len;
	if (text.len <= TEXT_SHORT) {
		memcpy(f->text, text.ptr, text.len);
		return true;
	}
	f->long_text = wt_inv_pool_take(&inv->texts);
	if (!f->long_text)
		return false;
	memcpy(pool_at(&inv->texts, f->long_text), text.ptr, text.len);
	return true;
}

static uint32_t fact_new(struct wt_inventory *inv, uint32_t node, uint8_t attribute,
			 uint8_t form, struct wt_slice text)
{
	uint32_t at = wt_inv_pool_take(&inv->facts);
	struct fact *f;

	if (!at)
		return 0;
	f = fact_at(inv, at);
	f->attribute = attribute;
	f->form = form;
	if (!put_text(inv, f, text)) {
		wt_inv_pool_give(&inv->facts, at);
		return 0;
	}
	link_fact(inv, at, node);
	enhash(inv, at);
	return at;
}

static bool is_same_source(const struct source *a, const struct source *b)
{
	return a->owner == b->owner && a->field == b->field && a->words == b->words;
}

/* Independent sources that agree: what all of them together leave in doubt. */
static void weigh(struct fact *f)
{
	unsigned doubt = 100, i;

	for (i = 0; i < f->n_sources; i++)
		doubt = doubt * (100u - f->source[i].confidence) / 100u;
	f->confidence = (uint8_t)(doubt < 1 ? 99 : doubt > 99 ? 1 : 100 - doubt);
}

/* True when it is a new source, or a stronger word of a known one. */
static bool add_source(struct fact *f, struct source source)
{
	unsigned i, at;

	for (i = 0; i < f->n_sources; i++)
		if (is_same_source(&f->source[i], &source))
			break;
	if (i < f->n_sources && f->source[i].confidence >= source.confidence)
		return false;
	if (i == WT_FACT_SOURCES) {
		if (f->source[i - 1].confidence >= source.confidence)
			return false;
		i--;
	} else if (i == f->n_sources) {
		f->n_sources++;
	}
	for (at = i; at && f->source[at - 1].confidence < source.confidence; at--)
		f->source[at] = f->source[at - 1];
	f->source[at] = source;
	weigh(f);
	return true;
}

/* A fact that is not there yet; 0 when it has no room. */
static uint32_t begin_fact(struct wt_inventory *inv, const struct fact_note *note,
			   const struct proof *proof)
{
	uint32_t at = 0;
	struct fact *f;

	if (!make_room(inv, note->node, note->attribute, note->source.confidence))
		return 0;
	at = fact_new(inv, note->node, note->attribute, note->form, note->text);
	if (!at) {
		node_at(inv, note->node)->n_lost_facts++;
		wt_count(inv->counters, WT_C_INVENTORY_FACTS_DROPPED);
		return 0;
	}
	f = fact_at(inv, at);
	f->first_ns = f->last_ns = proof->ts_ns;
	f->number = proof->number;
	wt_count(inv->counters, WT_C_INVENTORY_FACTS);
	return at;
}

static void add_note(struct wt_inventory *inv, const struct fact_note *note,
		     const struct proof *proof)
{
	uint32_t at =
		find_at(inv, note->node, note->attribute, note->form, note->text, note->hash);
	struct fact *f;

	if (!at)
		at = begin_fact(inv, note, proof);
	if (!at)
		return;
	f = fact_at(inv, at);
	if (f->count != UINT32_MAX)
		f->count++;
	if (proof->ts_ns > f->last_ns)
		f->last_ns = proof->ts_ns;
	if (add_source(f, note->source)) {
		f->is_new = 1;
		wt_inv_node_reconsider(inv, note->node);
		wt_inv_node_change(inv, note->node);
	}
}

void wt_inv_fact_notes(struct wt_inventory *inv, struct fact_note *note, unsigned n,
		       const struct proof *proof)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		note[i].hash = hash_of(inv, note[i].node, note[i].attribute, note[i].text);
		__builtin_prefetch(&inv->fact_table.bucket[note[i].hash]);
	}
	for (i = 0; i < n; i++) {
		uint32_t at = inv->fact_table.bucket[note[i].hash];

		if (!at)
			continue;
		__builtin_prefetch(fact_at(inv, at));
		__builtin_prefetch((const uint8_t *)fact_at(inv, at) + 64);
	}
	for (i = 0; i < n; i++)
		add_note(inv, &note[i], proof);
}

void wt_inv_fact_add(struct wt_inventory *inv, uint32_t node, enum wt_attribute attribute,
		     struct wt_slice text, enum wt_form form, struct source source,
		     const struct proof *proof)
{
	struct fact_note note = { .text = wt_slice_head(text, WT_FACT_TEXT_MAX),
				  .source = source,
				  .node = node,
				  .attribute = (uint8_t)attribute,
				  .form = (uint8_t)form };

	if (text.len)
		wt_inv_fact_notes(inv, &note, 1, proof);
}

/* Takes over what another fact of the same value knows. */
static void absorb(struct fact *f, const struct fact *other)
{
	unsigned i;

	if (other->first_ns < f->first_ns) {
		f->first_ns = other->first_ns;
		f->number = other->number;
		f->capture = other->capture;
	}
	if (other->last_ns > f->last_ns)
		f->last_ns = other->last_ns;
	f->count = f->count > UINT32_MAX - other->count ? UINT32_MAX : f->count + other->count;
	for (i = 0; i < other->n_sources; i++)
		(void)add_source(f, other->source[i]);
	f->is_new = 1;
}

void wt_inv_facts_move(struct wt_inventory *inv, uint32_t from, uint32_t to)
{
	uint32_t at;

	while ((at = node_at(inv, from)->facts) != 0) {
		struct fact *f = fact_at(inv, at);
		uint32_t same = find(inv, to, f->attribute, f->form, wt_inv_fact_text(inv, f));

		if (same) {
			absorb(fact_at(inv, same), f);
			drop(inv, at);
		} else if (make_room(inv, to, f->attribute, f->confidence)) {
			unlink_fact(inv, at);
			unhash(inv, at);
			link_fact(inv, at, to);
			enhash(inv, at);
			f->is_new = 1;
		} else {
			drop(inv, at);
		}
	}
	wt_inv_node_reconsider(inv, to);
	wt_inv_node_change(inv, to);
}

struct fact *wt_inv_fact_put_back(struct wt_inventory *inv, uint32_t node, uint8_t attribute,
				  uint8_t form, struct wt_slice text)
{
	uint32_t at;

	if (!text.len || text.len > WT_FACT_TEXT_MAX ||
	    find(inv, node, attribute, form, text) ||
	    node_at(inv, node)->n_facts >= WT_NODE_FACTS_MAX)
		return NULL;
	at = fact_new(inv, node, attribute, form, text);
	return at ? fact_at(inv, at) : NULL;
}

void wt_inv_fact_add_source(struct fact *f, struct source source)
{
	(void)add_source(f, source);
}
