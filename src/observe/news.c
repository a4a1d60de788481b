/* Devices that are to be told of: new ones, and those whose identity changed. A device
 * settles for a while after its first change, is told, and then rests; what changes
 * meanwhile is told when it has rested. Both waits are the same for all, so each list is
 * in the order of its moments by itself. What is due waits for its turn by the evidence
 * for it: who was proven to converse and is medical first, what merely sent packets last,
 * so that forged devices do not hold up real ones. A digest of what was told keeps a
 * device that came back to what it was, and one that merely said more of the same, silent.
 * Trust: identities may be forged: at most NEWS_PER_S are told, at the end NEWS_AT_END and
 * of the unproven UNPROVEN_AT_END; the rest is counted. A node that went before its turn is
 * never told. Memory: a slot per node, reserved by wt_inventory_watch. */
#include "base/memory.h"
#include "observe/inner.h"

#define SETTLE_NS (10 * WT_NS_PER_S)
#define REST_NS (600 * WT_NS_PER_S)
#define NEWS_PER_S 64u
#define NEWS_AT_END 4096u
#define UNPROVEN_AT_END 1024u

/* DUE lists in the order of their turns. */
enum list {
	LIST_NONE,
	LIST_SETTLE,
	LIST_REST,
	LIST_DUE, /* proven and medical */
	LIST_DUE_PROVEN,
	LIST_DUE_MEDICAL,
	LIST_DUE_UNPROVEN,
	N_LISTS
};

struct slot {
	uint64_t due_ns, digest;
	uint32_t id; /* of the node that this is about */
	uint32_t prev, next;
	uint8_t list; /* enum list */
	bool is_changed, is_told;
	bool is_grown; /* what waits for its turn may have a better one */
};

struct news {
	struct slot *slot; /* by node - 1 */
	struct {
		uint32_t head, tail;
	} list[N_LISTS];
	bool has_grown; /* one or more slots */
	uint32_t n;
	uint64_t second; /* of packet time, and what may still be told in it */
	uint32_t n_left;
	uint32_t n_at_end, n_unproven_at_end;
};

/* What a device is known by. Values that come and go with what it does are not here. */
static const bool is_identity[WT_N_ATTRIBUTES] = {
	[WT_A_MAC] = true,         [WT_A_IP] = true,
	[WT_A_HOST_NAME] = true,   [WT_A_PERSONAL_NAME] = true,
	[WT_A_VENDOR] = true,      [WT_A_MODEL] = true,
	[WT_A_SERIAL] = true,      [WT_A_SOFTWARE] = true,
	[WT_A_HARDWARE] = true,    [WT_A_UDI] = true,
	[WT_A_ASSET_TAG] = true,   [WT_A_EUI64] = true,
	[WT_A_UUID] = true,        [WT_A_DEVICE_ID] = true,
	[WT_A_DEVICE_TYPE] = true, [WT_A_STATION] = true,
	[WT_A_DEPARTMENT] = true,  [WT_A_LOCATION] = true,
	[WT_A_OS] = true,          [WT_A_OS_VERSION] = true,
	[WT_A_AE_TITLE] = true,    [WT_A_HL7_APP] = true,
	[WT_A_MODALITY] = true,    [WT_A_VLAN] = true,
};

bool wt_attribute_is_identity(enum wt_attribute attribute)
{
	return is_identity[attribute];
}

static struct slot *slot_at(struct news *n, uint32_t node)
{
	return &n->slot[node - 1];
}

static void unlist(struct news *n, uint32_t node)
{
	struct slot *s = slot_at(n, node);

	if (s->list == LIST_NONE)
		return;
	if (s->prev)
		slot_at(n, s->prev)->next = s->next;
	else
		n->list[s->list].head = s->next;
	if (s->next)
		slot_at(n, s->next)->prev = s->prev;
	else
		n->list[s->list].tail = s->prev;
	s->list = LIST_NONE;
	s->is_grown = false;
}

static void append(struct news *n, enum list list, uint32_t node, uint64_t due_ns)
{
	struct slot *s = slot_at(n, node);

	s->list = (uint8_t)list;
	s->due_ns = due_ns;
	s->next = 0;
	s->prev = n->list[list].tail;
	if (s->prev)
		slot_at(n, s->prev)->next = node;
	else
		n->list[list].head = node;
	n->list[list].tail = node;
}

static bool is_proven(const struct wt_inventory *inv, uint32_t device)
{
	uint32_t list[DEVICE_NODES_MAX];
	unsigned n = wt_inv_device_nodes(inv, device, list), i;

	for (i = 0; i < n; i++)
		if (node_at(inv, list[i])->flags & NODE_ANSWERED)
			return true;
	return false;
}

static enum list turn_of(struct wt_inventory *inv, uint32_t device)
{
	bool is_medical = wt_inv_class_is_medical(inv, device);

	if (is_proven(inv, device))
		return is_medical ? LIST_DUE : LIST_DUE_PROVEN;
	return is_medical ? LIST_DUE_MEDICAL : LIST_DUE_UNPROVEN;
}

/* There is more evidence for what waits: it may have a better turn. That is seen when the
 * next one is told, not now: what changes is half done, and may go on changing. */
static void note_grown(struct news *n, uint32_t device)
{
	struct slot *s = slot_at(n, device);

	if (s->list > LIST_DUE)
		s->is_grown = n->has_grown = true;
}

static void turn_again(struct wt_inventory *inv)
{
	struct news *n = inv->news;
	unsigned list;
	uint32_t node, next;

	for (list = LIST_DUE_PROVEN; n->has_grown && list < N_LISTS; list++)
		for (node = n->list[list].head; node; node = next) {
			struct slot *s = slot_at(n, node);
			enum list turn;

			next = s->next;
			if (!s->is_grown || s->id != node_at(inv, node)->id)
				continue;
			s->is_grown = false;
			turn = turn_of(inv, node);
			if (turn >= list)
				continue;
			unlist(n, node);
			append(n, turn, node, s->due_ns);
		}
	n->has_grown = false;
}

void wt_inv_news_note(struct wt_inventory *inv, uint32_t device)
{
	struct news *n = inv->news;
	struct slot *s;

	if (!n)
		return;
	s = slot_at(n, device);
	if (s->id != node_at(inv, device)->id) { /* the place belonged to another */
		unlist(n, device);
		*s = (struct slot){ .id = node_at(inv, device)->id };
	}
	if (s->list == LIST_REST)
		s->is_changed = true;
	else if (s->list == LIST_NONE)
		append(n, LIST_SETTLE, device, inv->now_ns + SETTLE_NS);
	else
		note_grown(n, device);
}

void wt_inv_news_proven(struct wt_inventory *inv, uint32_t device)
{
	if (inv->news && slot_at(inv->news, device)->id == node_at(inv, device)->id)
		note_grown(inv->news, device);
}

/* The same for the same values, in whatever order they are kept; never 0. */
static uint64_t digest_of(struct wt_inventory *inv, uint32_t device)
{
	struct wt_conclusion class = wt_inventory_class(inv, device);
	struct wt_os_view os = wt_inventory_os(inv, device);
	uint32_t list[DEVICE_NODES_MAX], at;
	unsigned n = wt_inv_device_nodes(inv, device, list), i;
	uint64_t sum = wt_hash(1, wt_slice_of(class.value, strlen(class.value)));

	sum += wt_hash(2, wt_slice_of(os.name.value, strlen(os.name.value)));
	for (i = 0; i < n; i++)
		for (at = node_at(inv, list[i])->facts; at; at = fact_at(inv, at)->node_next) {
			const struct fact *f = fact_at(inv, at);

			if (f->attribute < WT_N_ATTRIBUTES && is_identity[f->attribute])
				sum += wt_hash(inv->seed + 256u * f->attribute + f->form,
					       wt_inv_fact_text(inv, f));
		}
	return sum ? sum : 1;
}

uint64_t wt_inv_news_bytes(uint32_t n_nodes)
{
	return n_nodes * sizeof(struct slot);
}

void wt_inventory_watch(struct wt_inventory *inv)
{
	struct news *n = wt_memory_reserve(sizeof(*n));
	uint32_t node = 0;

	if (WT_BUG_ON(inv->news != NULL)) {
		wt_memory_release(n, sizeof(*n));
		return;
	}
	n->n = inv->nodes.n;
	n->slot = wt_memory_reserve(wt_inv_news_bytes(n->n));
	inv->news = n;
	while ((node = wt_inventory_next(inv, node)) != 0)
		*slot_at(n, node) = (struct slot){ .id = node_at(inv, node)->id,
						   .digest = digest_of(inv, node),
						   .is_told = true };
}

void wt_inv_news_free(struct wt_inventory *inv)
{
	if (!inv->news)
		return;
	wt_memory_release(inv->news->slot, wt_inv_news_bytes(inv->news->n));
	wt_memory_release(inv->news, sizeof(*inv->news));
	inv->news = NULL;
}

/* What has settled or rested gets its turn. */
static void call_due(struct wt_inventory *inv, uint64_t now_ns, bool is_end)
{
	struct news *n = inv->news;
	unsigned list;

	for (list = LIST_SETTLE; list <= LIST_REST; list++) {
		uint32_t node;

		while ((node = n->list[list].head) != 0 &&
		       (is_end || slot_at(n, node)->due_ns <= now_ns)) {
			struct slot *s = slot_at(n, node);
			bool is_asked = list == LIST_SETTLE || s->is_changed;

			unlist(n, node);
			s->is_changed = false;
			if (is_asked && s->id == node_at(inv, node)->id &&
			    !node_at(inv, node)->part_of)
				append(n, turn_of(inv, node), node, s->due_ns);
		}
	}
}

/* Has this second room for one more? At the end there are no seconds left to come. */
static bool has_turn(struct news *n, uint64_t now_ns, bool is_end)
{
	if (now_ns / WT_NS_PER_S != n->second) {
		n->second = now_ns / WT_NS_PER_S;
		n->n_left = NEWS_PER_S;
	}
	return n->n_left || is_end;
}

/* Is there room among what is told at the end? */
static bool has_place(struct news *n, enum list list)
{
	bool is_unproven = list >= LIST_DUE_MEDICAL;

	if (n->n_at_end == NEWS_AT_END ||
	    (is_unproven && n->n_unproven_at_end == UNPROVEN_AT_END))
		return false;
	n->n_at_end++;
	n->n_unproven_at_end += is_unproven;
	return true;
}

static enum list next_list(const struct news *n)
{
	unsigned list = LIST_DUE;

	while (list < N_LISTS && !n->list[list].head)
		list++;
	return (enum list)list;
}

bool wt_inventory_news(struct wt_inventory *inv, uint64_t now_ns, bool is_end,
		       struct wt_news *news)
{
	struct news *n = inv->news;
	enum list list;

	if (!n || !has_turn(n, now_ns, is_end))
		return false;
	turn_again(inv);
	call_due(inv, now_ns, is_end);
	while ((list = next_list(n)) != N_LISTS) {
		uint32_t node = n->list[list].head;
		struct slot *s = slot_at(n, node);
		uint64_t digest;

		unlist(n, node);
		if (s->id != node_at(inv, node)->id || node_at(inv, node)->part_of)
			continue;
		digest = digest_of(inv, node);
		if (digest == s->digest)
			continue;
		if (is_end && !has_place(n, list)) {
			wt_count(inv->counters, WT_C_INVENTORY_NEWS_LEFT_OUT);
			continue;
		}
		*news = (struct wt_news){ .node = node, .is_new = !s->is_told };
		s->digest = digest;
		s->is_told = true;
		if (!is_end)
			append(n, LIST_REST, node, now_ns + REST_NS);
		if (n->n_left)
			n->n_left--;
		return true;
	}
	return false;
}
