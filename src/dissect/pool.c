/* Slabs of a shard's dissections, dissector states, unconsumed bytes and open events.
 * Whoever waits longest lets go first, so a crowd of half-begun flows cannot starve
 * the others. Trust: none of the contents. Memory: reserved at start. */
#include "base/memory.h"
#include "dissect/dissect.h"
#include "dissect/hint.h"
#include "wardtap/registry.h"

static uint32_t state_size(unsigned class)
{
	return 512u << class;
}

/* The smallest class that holds `size` bytes. */
static unsigned class_of(uint32_t size)
{
	unsigned class = 0;

	while (class < WT_STATE_CLASSES - 1 && state_size(class) < size)
		class++;
	return class;
}

/* Only classes that some dissector needs get memory. */
static void share_states(struct wt_dissect *d, uint32_t bytes)
{
	bool is_used[WT_STATE_CLASSES] = { false };
	unsigned owner, i, n_used = 0;

	for (owner = 1; owner <= wt_registry_count(); owner++)
		is_used[class_of(wt_registry_dissector(owner)->state_size)] = true;
	for (i = 0; i < WT_STATE_CLASSES; i++)
		n_used += is_used[i];
	for (i = 0; i < WT_STATE_CLASSES; i++) {
		if (!is_used[i])
			continue;
		d->state[i].size = bytes / n_used;
		d->state[i].n = d->state[i].size / state_size(i);
		d->state[i].at = wt_memory_reserve(d->state[i].size);
		d->state[i].front = wt_front_of(d->state[i].at, d->state[i].size);
	}
}

void wt_dissect_init(struct wt_dissect *d, uint8_t number, const struct wt_limits *limits,
		     struct wt_dissect_scratch *scratch, struct wt_counters *counters,
		     const struct wt_event_sink *events, struct wt_hint *hint,
		     uint32_t *event_index)
{
	*d = (struct wt_dissect){
		.n_dissections = limits->dissections, .free = WT_NONE,
		.probing = { WT_NONE, WT_NONE, 0 }, .known = { WT_NONE, WT_NONE, 0 },
		.hold_head = WT_NONE, .hold_tail = WT_NONE, .scratch = scratch, .counters = counters,
		.events = *events, .hint = hint, .event_index = event_index, .number = number,
		.over_tcp = wt_candidates(WT_OVER_TCP), .over_udp = wt_candidates(WT_OVER_UDP),
		.over_frame = wt_candidates(WT_OVER_ETHER | WT_OVER_LLC | WT_OVER_ICMP6),
	};
	d->dissection = wt_memory_reserve(limits->dissections * sizeof(*d->dissection));
	d->dissection_front = wt_front_of(d->dissection,
					  limits->dissections * sizeof(*d->dissection));
	wt_chunks_init(&d->chunks, limits->message_chunks);
	share_states(d, limits->state_bytes);
}

void wt_dissect_tell_shape(struct wt_dissect *d, const struct wt_shape_sink *shape)
{
	d->shape = *shape;
}

void wt_dissect_fini(struct wt_dissect *d)
{
	unsigned i;

	wt_memory_release(d->dissection, d->n_dissections * sizeof(*d->dissection));
	wt_chunks_fini(&d->chunks);
	for (i = 0; i < WT_STATE_CLASSES; i++)
		wt_memory_release(d->state[i].at, d->state[i].size);
}

static void *state_take(struct wt_dissect *d, uint32_t size, uint8_t *class_out)
{
	unsigned class;

	for (class = 0; class < WT_STATE_CLASSES; class++) {
		struct wt_state_pool *pool = &d->state[class];
		void *at = pool->free;

		if (state_size(class) < size)
			continue;
		if (at) {
			memcpy(&pool->free, at, sizeof(pool->free));
			memset(at, 0, state_size(class));
		} else if (pool->n_fresh < pool->n) {
			at = pool->at + (size_t)pool->n_fresh++ * state_size(class);
			wt_front_reach(&pool->front, (size_t)pool->n_fresh * state_size(class));
		} else {
			continue;
		}
		*class_out = (uint8_t)class;
		return at;
	}
	return NULL;
}

static void state_give(struct wt_dissect *d, void *at, uint8_t class)
{
	memcpy(at, &d->state[class].free, sizeof(d->state[class].free));
	d->state[class].free = at;
}

static struct wt_dissection_list *list_of(struct wt_dissect *d, const struct wt_dissection *x)
{
	return x->owner ? &d->known : &d->probing;
}

static void list_remove(struct wt_dissect *d, struct wt_dissection *x)
{
	struct wt_dissection_list *list = list_of(d, x);

	if (x->prev != WT_NONE)
		d->dissection[x->prev].next = x->next;
	else
		list->head = x->next;
	if (x->next != WT_NONE)
		d->dissection[x->next].prev = x->prev;
	else
		list->tail = x->prev;
	list->n--;
}

static void list_append(struct wt_dissect *d, struct wt_dissection *x)
{
	struct wt_dissection_list *list = list_of(d, x);
	uint32_t at = (uint32_t)(x - d->dissection);

	x->prev = list->tail;
	x->next = WT_NONE;
	if (list->tail != WT_NONE)
		d->dissection[list->tail].next = at;
	else
		list->head = at;
	list->tail = at;
	list->n++;
}

static void unhold(struct wt_dissect *d, struct wt_dissection *x)
{
	if (!x->is_holding)
		return;
	if (x->hold_prev != WT_NONE)
		d->dissection[x->hold_prev].hold_next = x->hold_next;
	else
		d->hold_head = x->hold_next;
	if (x->hold_next != WT_NONE)
		d->dissection[x->hold_next].hold_prev = x->hold_prev;
	else
		d->hold_tail = x->hold_prev;
	x->is_holding = 0;
}

/* Puts x at the end of the holders, or takes it off when it holds nothing more. */
static void hold(struct wt_dissect *d, struct wt_dissection *x)
{
	bool holds = x->dir[0].rest_len || x->dir[1].rest_len ||
		     x->dir[0].pending_len || x->dir[1].pending_len;

	if (!holds)
		unhold(d, x);
	if (!holds || x->is_holding)
		return;
	x->hold_prev = d->hold_tail;
	x->hold_next = WT_NONE;
	if (d->hold_tail != WT_NONE)
		d->dissection[d->hold_tail].hold_next = (uint32_t)(x - d->dissection);
	else
		d->hold_head = (uint32_t)(x - d->dissection);
	d->hold_tail = (uint32_t)(x - d->dissection);
	x->is_holding = 1;
}

/* The known flow that rested longest, with a state of at least `class`. A flow used
 * since its list last looked gets a second chance. */
static struct wt_dissection *idlest(struct wt_dissect *d, unsigned class)
{
	uint32_t at = d->known.head;
	unsigned tries;

	for (tries = 0; at != WT_NONE && tries < 16; tries++) {
		struct wt_dissection *x = &d->dissection[at];

		at = x->next;
		if (x->state_class < class)
			continue;
		if (!x->is_used || tries >= 12)
			return x;
		x->is_used = false;
		list_remove(d, x);
		list_append(d, x);
	}
	return NULL;
}

/* Lets go of a dissection for another flow's sake. Its flow is asked again later. */
static bool push_out(struct wt_dissect *d, struct wt_dissection *x)
{
	struct wt_flow *f;

	wt_count(d->counters, WT_C_DISSECT_STATE_FULL);
	if (!x)
		return false;
	f = x->flow;
	wt_dissection_release(d, x);
	f->flags |= WT_FLOW_GIVEN_UP;
	wt_label_hand_over(f, 0, 0);
	return true;
}

/* Room for one more. A crowd of new flows competes with itself; but where idle ones
 * hold nearly everything, they have to yield. */
static bool make_place(struct wt_dissect *d)
{
	struct wt_dissection *x = NULL;

	if (d->free != WT_NONE || d->n_fresh < d->n_dissections)
		return true;
	if (d->probing.n <= d->n_dissections / 8)
		x = idlest(d, 0);
	if (!x && d->probing.head != WT_NONE)
		x = &d->dissection[d->probing.head];
	return push_out(d, x);
}

struct wt_dissection *wt_dissection_begin(struct wt_dissect *d, struct wt_flow *f,
					  struct wt_stream *s, bool is_resumed)
{
	struct wt_dissection *x;
	unsigned dir;
	uint32_t at;

	if (!make_place(d))
		return NULL;
	at = d->free;
	if (at != WT_NONE)
		d->free = d->dissection[at].next_free;
	else
		at = d->n_fresh++;
	wt_front_reach(&d->dissection_front, (at + 1) * sizeof(*x));
	x = &d->dissection[at];
	memset(x, 0, sizeof(*x));
	x->flow = f;
	x->stream = s;
	for (dir = 0; dir < 2; dir++) {
		x->dir[dir].rest = x->dir[dir].pending = WT_CHUNK_NONE;
		if (is_resumed)
			x->dir[dir].mode = WT_DIR_RESUMED;
	}
	list_append(d, x);
	f->dissection = at;
	return x;
}

static void close_hint(struct wt_dissect *d, struct wt_dissection *x)
{
	if (x->hint_place)
		wt_hint_close(d->hint, x->hint_place, &x->flow->key);
	x->hint_place = 0;
}

void wt_dissection_release(struct wt_dissect *d, struct wt_dissection *x)
{
	unsigned dir;

	for (dir = 0; dir < 2; dir++) {
		wt_rest_drop(d, x, (enum wt_direction)dir);
		wt_pending_drop(d, x, (enum wt_direction)dir);
	}
	list_remove(d, x);
	close_hint(d, x);
	if (x->state)
		state_give(d, x->state, x->state_class);
	x->state = NULL;
	x->flow->dissection = WT_NONE;
	x->next_free = d->free;
	d->free = (uint32_t)(x - d->dissection);
}

bool wt_dissection_identify(struct wt_dissect *d, struct wt_dissection *x, unsigned owner)
{
	const struct wt_dissector *dissector = wt_registry_dissector(owner);
	unsigned class = class_of(dissector->state_size);

	x->state = state_take(d, dissector->state_size, &x->state_class);
	if (!x->state && push_out(d, idlest(d, class)))
		x->state = state_take(d, dissector->state_size, &x->state_class);
	if (!x->state)
		return false;
	list_remove(d, x);
	close_hint(d, x);
	if (!x->flow->app)
		wt_count(d->counters, WT_C_DISSECT_IDENTIFIED);
	x->flow->hint = WT_HINT_NONE;
	x->owner = (uint8_t)owner;
	x->flow->app = (uint16_t)owner;
	list_append(d, x);
	return true;
}

/* The dissector says that the flow is none of its own: probing goes on without it. */
void wt_dissection_take_back(struct wt_dissect *d, struct wt_dissection *x)
{
	unsigned dir;

	if (WT_BUG_ON(x->owner == 0))
		return;
	list_remove(d, x);
	x->refused |= UINT64_C(1) << (x->owner - 1);
	x->owner = 0;
	x->flow->app = 0;
	state_give(d, x->state, x->state_class);
	x->state = NULL;
	list_append(d, x);
	for (dir = 0; dir < 2; dir++) {
		struct wt_dissection_dir *q = &x->dir[dir];

		wt_pending_drop(d, x, (enum wt_direction)dir);
		q->skip = q->skipped = 0;
		q->n_stops = 0;
		q->need = q->scanned = 0;
		q->foreign = 0;
		q->mode &= (uint8_t)~(WT_DIR_RESYNC | WT_DIR_ENDS);
	}
}

/* The dissector is done: another protocol follows on the same flow, which keeps its name
 * until that one is found. What the other direction holds is shown to the probes. */
void wt_dissection_yield(struct wt_dissect *d, struct wt_dissection *x)
{
	uint16_t app = x->flow->app;
	unsigned dir;

	wt_dissection_take_back(d, x);
	x->flow->app = app;
	x->has_committed = false;
	for (dir = 0; dir < 2; dir++) {
		x->dir[dir].n_segments = 0;
		x->dir[dir].mode &= (uint8_t)~(WT_DIR_FOREIGN | WT_DIR_RESUMED);
	}
}

/* Who lets go first: of those that waited longest one that never made an event, for
 * beginning a message is cheap; else the first of all. */
static struct wt_dissection *choose_holder(struct wt_dissect *d, const struct wt_dissection *except)
{
	struct wt_dissection *first = NULL;
	uint32_t at = d->hold_head;
	unsigned tries;

	for (tries = 0; at != WT_NONE && tries < 16; tries++) {
		struct wt_dissection *x = &d->dissection[at];

		at = x->hold_next;
		if (x == except)
			continue;
		if (!x->has_committed)
			return x;
		if (!first)
			first = x;
	}
	return first;
}

/* It loses what it holds and looks for its next message. */
static bool evict_holder(struct wt_dissect *d, const struct wt_dissection *except)
{
	struct wt_dissection *x = choose_holder(d, except);
	unsigned dir;

	if (!x)
		return false;
	wt_count(d->counters, WT_C_DISSECT_BUFFER_EVICTED);
	for (dir = 0; dir < 2; dir++) {
		struct wt_dissection_dir *q = &x->dir[dir];

		if (q->rest_len || q->pending_len)
			q->mode |= x->owner ? WT_DIR_RESYNC | WT_DIR_RESUMED : WT_DIR_RESUMED;
		q->foreign = 0;
		wt_rest_drop(d, x, (enum wt_direction)dir);
		wt_pending_drop(d, x, (enum wt_direction)dir);
	}
	unhold(d, x);
	return true;
}

/* Does the flow hold more than its share of what all have? */
static bool is_hog(const struct wt_dissect *d, const struct wt_dissection *x)
{
	uint64_t held = (uint64_t)x->dir[0].rest_len + x->dir[0].pending_len +
			x->dir[1].rest_len + x->dir[1].pending_len;

	return held / WT_CHUNK_SIZE > d->chunks.n / 4;
}

static bool keep(struct wt_dissect *d, struct wt_dissection *x, uint32_t *chain, uint32_t *held,
		 struct wt_slice bytes)
{
	while (wt_chain_cost(*held, bytes.len) > wt_chunks_left(&d->chunks))
		if (is_hog(d, x) || !evict_holder(d, x))
			return false;
	if (!wt_chain_append(&d->chunks, chain, bytes))
		return false;
	*held += (uint32_t)bytes.len;
	hold(d, x);
	return true;
}

/* Adds to the bytes that wait. False: no room, nothing changed. */
bool wt_rest_keep(struct wt_dissect *d, struct wt_dissection *x, enum wt_direction dir,
		  struct wt_slice bytes)
{
	return keep(d, x, &x->dir[dir].rest, &x->dir[dir].rest_len, bytes);
}

/* What waited has been looked at and is let go. */
void wt_rest_drop(struct wt_dissect *d, struct wt_dissection *x, enum wt_direction dir)
{
	struct wt_dissection_dir *q = &x->dir[dir];

	if (x->stream)
		x->stream->dir[dir].delivered += q->rest_len;
	wt_chain_free(&d->chunks, &q->rest);
	q->rest_len = 0;
	q->need = q->scanned = 0;
	hold(d, x);
}

/* What waited was consumed and counted: let go, and no longer the longest to wait. */
void wt_rest_clear(struct wt_dissect *d, struct wt_dissection *x, enum wt_direction dir)
{
	wt_chain_free(&d->chunks, &x->dir[dir].rest);
	x->dir[dir].rest_len = 0;
	unhold(d, x);
	hold(d, x);
}

bool wt_pending_keep(struct wt_dissect *d, struct wt_dissection *x, enum wt_direction dir,
		     struct wt_slice bytes)
{
	wt_pending_drop(d, x, dir);
	return keep(d, x, &x->dir[dir].pending, &x->dir[dir].pending_len, bytes);
}

void wt_pending_drop(struct wt_dissect *d, struct wt_dissection *x, enum wt_direction dir)
{
	wt_chain_free(&d->chunks, &x->dir[dir].pending);
	x->dir[dir].pending_len = 0;
	hold(d, x);
}
