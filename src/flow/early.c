/* TCP segments beyond a hole: kept by sequence number until the hole is filled or
 * given up. It is given up when the receiver has acknowledged what we never saw, when
 * packet time shows that nothing will come, or when the keep is full.
 * Trust: numbers are hostile; a flow keeps WT_EARLY_BYTES_MAX per direction, a shard
 * limits.early_chunks. Memory: the shard's chunk pool. */
#include "flow/shard.h"

#define HOLE_UNPROVEN_MAX 65536u /* bytes: larger ones are no mere change of order */
#define EARLY_CHUNKS_MAX (WT_EARLY_BYTES_MAX / WT_CHUNK_SIZE)
#define OWN_SHARE 8u /* of the pool, before others are asked to let go */

static struct wt_stream_dir *dir_of(struct wt_shard *sh, const struct wt_flow *f,
				    enum wt_direction dir)
{
	return &sh->stream[f - sh->flow].dir[dir];
}

static bool is_waiting(const struct wt_shard *sh, uint32_t flow, uint32_t id)
{
	const struct wt_flow *f = &sh->flow[flow];

	return f->class != WT_CLASS_FREE && (uint32_t)f->id == id && f->key.proto == 6 &&
	       (sh->stream[flow].dir[0].early != WT_CHUNK_NONE ||
		sh->stream[flow].dir[1].early != WT_CHUNK_NONE);
}

/* Forgets entries of flows that no longer wait. As many flows may wait as there are
 * chunks, so afterwards the ring is half empty. */
static void tidy_waiters(struct wt_shard *sh)
{
	struct wt_waiters *w = &sh->waiters;
	uint32_t n = w->tail - w->head;

	while (n--) {
		uint32_t flow = w->entry[w->head & (w->size - 1)].flow;
		uint32_t id = w->entry[w->head & (w->size - 1)].id;

		w->head++;
		if (is_waiting(sh, flow, id)) {
			w->entry[w->tail & (w->size - 1)].flow = flow;
			w->entry[w->tail & (w->size - 1)].id = id;
			w->tail++;
		} else if ((uint32_t)sh->flow[flow].id == id) {
			sh->flow[flow].flags &= (uint8_t)~WT_FLOW_WAITING;
		}
	}
}

/* Remembers that the flow waits: once, so that no entry is ever lost. */
static void wait_begin(struct wt_shard *sh, struct wt_flow *f)
{
	struct wt_waiters *w = &sh->waiters;

	if (f->flags & WT_FLOW_WAITING)
		return;
	if (w->tail - w->head == w->size)
		tidy_waiters(sh);
	if (WT_BUG_ON(w->tail - w->head == w->size))
		return;
	w->entry[w->tail & (w->size - 1)].flow = (uint32_t)(f - sh->flow);
	w->entry[w->tail & (w->size - 1)].id = (uint32_t)f->id;
	w->tail++;
	f->flags |= WT_FLOW_WAITING;
}

/* The oldest entry, taken off; NULL when that flow waits no more. */
static struct wt_flow *next_waiter(struct wt_shard *sh)
{
	struct wt_waiters *w = &sh->waiters;
	uint32_t flow = w->entry[w->head & (w->size - 1)].flow;
	uint32_t id = w->entry[w->head & (w->size - 1)].id;
	struct wt_flow *f = &sh->flow[flow];

	w->head++;
	if ((uint32_t)f->id == id)
		f->flags &= (uint8_t)~WT_FLOW_WAITING;
	return is_waiting(sh, flow, id) ? f : NULL;
}

/* The hole before the first early segment will not be filled. */
static void skip_hole(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
		      const struct wt_moment *m)
{
	struct wt_stream *s = &sh->stream[f - sh->flow];
	struct wt_stream_dir *d = &s->dir[dir];
	uint32_t lost = sh->early.chunk[d->early].seq - d->next_seq;

	if (lost) {
		if (lost > HOLE_UNPROVEN_MAX && !sh->early.chunk[d->early].is_acked)
			wt_stray_jumped(sh, f, dir, d->next_seq, lost);
		wt_stream_advance(f, s, dir, lost);
		d->gap += lost;
		wt_count(sh->counters, WT_C_STREAM_GAPS);
		sh->dissect.gap(sh->dissect.self, f, s, dir, lost, m);
	}
	wt_stream_drain(sh, f, dir, m);
}

void wt_early_give_up(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
		      const struct wt_moment *m)
{
	while (dir_of(sh, f, dir)->early != WT_CHUNK_NONE)
		skip_hole(sh, f, dir, m);
}

/* The longest waiting flow gives up its holes, so that another can keep something. */
static bool make_room(struct wt_shard *sh, const struct wt_moment *m)
{
	struct wt_waiters *w = &sh->waiters;

	while (w->head != w->tail) {
		struct wt_flow *f = next_waiter(sh);

		if (!f)
			continue;
		wt_count(sh->counters, WT_C_STREAM_EVICTED);
		wt_early_give_up(sh, f, WT_TO_SERVER, m);
		wt_early_give_up(sh, f, WT_TO_CLIENT, m);
		return true;
	}
	return false;
}

static uint32_t n_chunks(const struct wt_shard *sh, uint32_t at)
{
	uint32_t n = 0;

	for (; at != WT_CHUNK_NONE; at = sh->early.chunk[at].next)
		n++;
	return n;
}

/* Compares the part of `bytes` that an early chunk already holds. */
void wt_early_compare(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
		      const struct wt_chunk *c, uint32_t seq, struct wt_slice bytes,
		      const struct wt_moment *m)
{
	uint32_t from = (int32_t)(seq - c->seq) > 0 ? seq : c->seq;
	uint32_t c_end = c->seq + c->len, b_end = seq + (uint32_t)bytes.len;
	uint32_t to = (int32_t)(b_end - c_end) < 0 ? b_end : c_end;
	struct wt_stream *s = &sh->stream[f - sh->flow];

	if ((int32_t)(to - from) <= 0)
		return;
	wt_count_n(sh->counters, WT_C_STREAM_RETRANSMITTED, to - from);
	if (memcmp(c->bytes + (from - c->seq), bytes.ptr + (from - seq), to - from) == 0)
		return;
	wt_saturate_u8(&f->n_conflicts);
	wt_count(sh->counters, WT_C_STREAM_CONFLICT);
	sh->dissect.glitch(sh->dissect.self, f, dir, "tcp_overlap_conflict",
			   wt_stream_span(f, s, dir) + (from - s->dir[dir].next_seq), m);
}

/* Puts one piece (at most a chunk) into the list at its place. */
static bool insert(struct wt_shard *sh, uint32_t *link, uint32_t seq, struct wt_slice bytes,
		   uint32_t missing, uint64_t now_ns)
{
	uint32_t at = wt_chunk_take(&sh->early);
	struct wt_chunk *c;

	if (at == WT_CHUNK_NONE)
		return false;
	c = &sh->early.chunk[at];
	c->seq = seq;
	c->len = (uint16_t)bytes.len;
	c->missing = missing;
	c->since_ns = now_ns;
	if (bytes.len)
		memcpy(c->bytes, bytes.ptr, bytes.len);
	c->next = *link;
	*link = at;
	return true;
}

/* Keeps what no earlier chunk holds of [seq, seq+len): walks the list in order and
 * fills the spaces between chunks. False when the pool ran out. */
static bool keep_new_parts(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
			   uint32_t seq, struct wt_slice bytes, uint32_t missing,
			   const struct wt_moment *m)
{
	struct wt_stream_dir *d = dir_of(sh, f, dir);
	uint32_t *link = &d->early;
	const size_t room = sizeof(sh->early.chunk[0].bytes);

	while (bytes.len || missing) {
		struct wt_chunk *c = *link == WT_CHUNK_NONE ? NULL : &sh->early.chunk[*link];
		size_t n = bytes.len;
		uint32_t held;

		if (c && (int32_t)(seq - c->seq) >= 0) {
			held = c->seq + c->len + c->missing - seq;
			if ((int32_t)held > 0) {
				wt_early_compare(sh, f, dir, c, seq, bytes, m);
				n = held < bytes.len ? held : bytes.len;
				missing -= held - (uint32_t)n < missing ? held - (uint32_t)n : missing;
				seq += held;
				bytes = wt_slice_tail(bytes, n);
			}
			link = &c->next;
			continue;
		}
		if (n > room)
			n = room;
		if (c && c->seq - seq < n)
			n = c->seq - seq;
		held = n == bytes.len ? missing : 0;
		if (c && held > c->seq - seq - n)
			held = (uint32_t)(c->seq - seq - n);
		if (!insert(sh, link, seq, wt_slice_head(bytes, n), held, m->now_ns))
			return false;
		link = &sh->early.chunk[*link].next;
		seq += (uint32_t)n + held;
		missing -= n == bytes.len ? held : 0;
		bytes = wt_slice_tail(bytes, n);
	}
	return true;
}

/* Room for `cost` chunks: who holds much asks himself first. */
static void find_room(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
		      uint32_t cost, const struct wt_moment *m)
{
	const struct wt_stream_dir *d = dir_of(sh, f, dir);
	uint32_t held = n_chunks(sh, d->early);

	if (held >= EARLY_CHUNKS_MAX)
		skip_hole(sh, f, dir, m);
	while (wt_chunks_left(&sh->early) < cost) {
		if (d->early != WT_CHUNK_NONE && held > sh->early.n / OWN_SHARE)
			wt_early_give_up(sh, f, dir, m);
		else if (!make_room(sh, m))
			break;
	}
}

void wt_early_keep(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
		   uint32_t seq, struct wt_slice bytes, uint32_t missing,
		   const struct wt_moment *m)
{
	struct wt_stream_dir *d = dir_of(sh, f, dir);

	find_room(sh, f, dir, (uint32_t)(bytes.len / sizeof(sh->early.chunk[0].bytes)) + 2, m);
	if ((int32_t)(seq - d->next_seq) <= 0) {
		/* making room moved this very stream on */
		wt_stream_segment(sh, f, dir, seq, bytes, missing, m);
		return;
	}
	wt_count(sh->counters, WT_C_STREAM_OUT_OF_ORDER);
	if (!keep_new_parts(sh, f, dir, seq, bytes, missing, m))
		wt_early_give_up(sh, f, dir, m);
	if (d->early != WT_CHUNK_NONE)
		wait_begin(sh, f);
}

/* A FIN beyond a hole: the direction ends when the hole is filled or given up. */
void wt_early_keep_fin(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
		       uint32_t seq, const struct wt_moment *m)
{
	struct wt_stream_dir *d = dir_of(sh, f, dir);
	uint32_t *link = &d->early;

	uint32_t at;

	while (*link != WT_CHUNK_NONE && (int32_t)(seq - sh->early.chunk[*link].seq) >= 0) {
		if (sh->early.chunk[*link].is_fin)
			return; /* one is enough: the first */
		link = &sh->early.chunk[*link].next;
	}
	if (!insert(sh, link, seq, wt_slice_of(NULL, 0), 0, m->now_ns))
		return;
	sh->early.chunk[*link].is_fin = 1;
	wait_begin(sh, f);
	link = &sh->early.chunk[*link].next;
	while (*link != WT_CHUNK_NONE && !sh->early.chunk[*link].is_fin)
		link = &sh->early.chunk[*link].next;
	if (*link == WT_CHUNK_NONE)
		return;
	at = *link;
	*link = sh->early.chunk[at].next;
	sh->early.chunk[at].next = WT_CHUNK_NONE;
	wt_chain_free(&sh->early, &at);
}

/* After each ACK: the receiver has the hole's bytes, so only we miss them. Mirrors
 * may swap directions by a little, hence the patience. */
void wt_early_check(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
		    const struct wt_packet *p, const struct wt_moment *m)
{
	struct wt_stream_dir *d = dir_of(sh, f, dir);

	while (d->early != WT_CHUNK_NONE) {
		struct wt_chunk *c = &sh->early.chunk[d->early];

		if ((int32_t)(p->tcp_ack - c->seq) < 0)
			return;
		c->is_acked = 1;
		if (wt_elapsed_ns(c->since_ns, m->now_ns) < WT_TICK_NS)
			return;
		skip_hole(sh, f, dir, m);
	}
}

static bool is_overdue(const struct wt_shard *sh, const struct wt_flow *f,
		       enum wt_direction dir, uint64_t now_ns)
{
	uint32_t at = sh->stream[f - sh->flow].dir[dir].early;

	return at != WT_CHUNK_NONE &&
	       wt_elapsed_ns(sh->early.chunk[at].since_ns, now_ns) >= WT_GAP_PATIENCE_NS;
}

/* Gives up the first hole for time's sake, and remembers it where nothing but time
 * speaks for it: should its bytes come after all, time was wrong. */
static void time_out(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
		     const struct wt_moment *m)
{
	const struct wt_stream_dir *d = dir_of(sh, f, dir);
	const struct wt_chunk *c = &sh->early.chunk[d->early];

	if (!c->is_acked && c->seq != d->next_seq)
		wt_stray_jumped(sh, f, dir, d->next_seq, c->seq - d->next_seq);
	skip_hole(sh, f, dir, m);
}

/* Waiters are in the order they began to wait. */
void wt_early_tick(struct wt_shard *sh, const struct wt_moment *m)
{
	uint32_t n = sh->waiters.tail - sh->waiters.head;

	while (n--) {
		struct wt_flow *f = next_waiter(sh);
		unsigned dir;

		if (!f)
			continue;
		for (dir = 0; dir < 2; dir++)
			while (is_overdue(sh, f, (enum wt_direction)dir, m->now_ns))
				time_out(sh, f, (enum wt_direction)dir, m);
		if (is_waiting(sh, (uint32_t)(f - sh->flow), (uint32_t)f->id))
			wait_begin(sh, f);
	}
}
