/* TCP segments beyond a hole: kept by sequence number until the hole is filled or
 * given up. A FIN beyond a hole is kept as an empty chunk, so that the flow ends when
 * the hole does. It is given up when the receiver has acknowledged what we never saw, when
 * packet time shows that nothing will come, or when the keep is full.
 * Trust: numbers are hostile; a flow keeps WT_EARLY_BYTES_MAX per direction, a shard
 * limits.early_chunks. Memory: the shard's chunk pool. */
#include "flow/shard.h"

static struct wt_stream_dir *dir_of(struct wt_shard *sh, const struct wt_flow *f,
				    enum wt_direction dir)
{
	return &sh->stream[f - sh->flow].dir[dir];
}

/* Remembers that the flow began to wait. A full ring drops its oldest entry, whose
 * flow then merely is not the first to be asked for room. */
static void wait_begin(struct wt_shard *sh, const struct wt_flow *f)
{
	struct wt_waiters *w = &sh->waiters;

	if (w->tail - w->head == w->size)
		w->head++;
	w->entry[w->tail & (w->size - 1)].flow = (uint32_t)(f - sh->flow);
	w->entry[w->tail & (w->size - 1)].id = (uint32_t)f->id;
	w->tail++;
}

static bool is_waiting(const struct wt_shard *sh, uint32_t flow, uint32_t id)
{
	const struct wt_flow *f = &sh->flow[flow];

	return f->class != WT_CLASS_FREE && (uint32_t)f->id == id && f->key.proto == 6 &&
	       (sh->stream[flow].dir[0].early != WT_CHUNK_NONE ||
		sh->stream[flow].dir[1].early != WT_CHUNK_NONE);
}

/* The hole before the first early segment will not be filled. */
static void skip_hole(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
		      const struct wt_moment *m)
{
	struct wt_stream *s = &sh->stream[f - sh->flow];
	struct wt_stream_dir *d = &s->dir[dir];
	uint32_t lost = sh->early.chunk[d->early].seq - d->next_seq;

	if (lost) {
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
		uint32_t flow = w->entry[w->head & (w->size - 1)].flow;
		uint32_t id = w->entry[w->head & (w->size - 1)].id;

		w->head++;
		if (!is_waiting(sh, flow, id))
			continue;
		wt_count(sh->counters, WT_C_STREAM_EVICTED);
		wt_early_give_up(sh, &sh->flow[flow], WT_TO_SERVER, m);
		wt_early_give_up(sh, &sh->flow[flow], WT_TO_CLIENT, m);
		return true;
	}
	return false;
}

static size_t early_bytes(const struct wt_shard *sh, uint32_t at)
{
	size_t n = 0;

	for (; at != WT_CHUNK_NONE; at = sh->early.chunk[at].next)
		n += sizeof(sh->early.chunk[at]);
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
static bool insert(struct wt_shard *sh, struct wt_stream_dir *d, uint32_t *link, uint32_t seq,
		   struct wt_slice bytes, uint32_t missing, uint64_t now_ns)
{
	uint32_t at = wt_chunk_take(&sh->early);
	struct wt_chunk *c;

	(void)d;
	if (at == WT_CHUNK_NONE)
		return false;
	c = &sh->early.chunk[at];
	c->seq = seq;
	c->len = (uint32_t)bytes.len;
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
		if (!insert(sh, d, link, seq, wt_slice_head(bytes, n), held, m->now_ns))
			return false;
		link = &sh->early.chunk[*link].next;
		seq += (uint32_t)n + held;
		missing -= n == bytes.len ? held : 0;
		bytes = wt_slice_tail(bytes, n);
	}
	return true;
}

void wt_early_keep(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
		   uint32_t seq, struct wt_slice bytes, uint32_t missing,
		   const struct wt_moment *m)
{
	struct wt_stream_dir *d = dir_of(sh, f, dir);
	uint32_t cost = (uint32_t)(bytes.len / sizeof(sh->early.chunk[0].bytes)) + 2;

	if (early_bytes(sh, d->early) >= WT_EARLY_BYTES_MAX)
		skip_hole(sh, f, dir, m);
	while (wt_chunks_left(&sh->early) < cost)
		if (!make_room(sh, m))
			break;
	if ((int32_t)(seq - d->next_seq) <= 0) {
		/* making room moved this very stream on */
		wt_stream_segment(sh, f, dir, seq, bytes, missing, m);
		return;
	}
	wt_count(sh->counters, WT_C_STREAM_OUT_OF_ORDER);
	if (d->early == WT_CHUNK_NONE)
		wait_begin(sh, f);
	if (!keep_new_parts(sh, f, dir, seq, bytes, missing, m))
		wt_early_give_up(sh, f, dir, m);
}

void wt_early_keep_fin(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
		       uint32_t seq, const struct wt_moment *m)
{
	struct wt_stream_dir *d = dir_of(sh, f, dir);
	bool was_waiting = d->early != WT_CHUNK_NONE;
	uint32_t *link = &d->early;

	while (*link != WT_CHUNK_NONE && (int32_t)(sh->early.chunk[*link].seq - seq) < 0)
		link = &sh->early.chunk[*link].next;
	if (*link != WT_CHUNK_NONE && sh->early.chunk[*link].seq == seq &&
	    wt_early_is_fin(&sh->early.chunk[*link]))
		return;
	/* without room the flow merely ends later, by time */
	if (insert(sh, d, link, seq, wt_slice_of(NULL, 0), 0, m->now_ns) && !was_waiting)
		wait_begin(sh, f);
}

/* After each ACK: the receiver has the hole's bytes, so only we miss them. Mirrors
 * may swap directions by a little, hence the patience. */
void wt_early_check(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
		    const struct wt_packet *p, const struct wt_moment *m)
{
	struct wt_stream_dir *d = dir_of(sh, f, dir);

	while (d->early != WT_CHUNK_NONE) {
		const struct wt_chunk *c = &sh->early.chunk[d->early];

		if ((int32_t)(p->tcp_ack - c->seq) < 0 ||
		    m->now_ns < c->since_ns + WT_TICK_NS)
			return;
		skip_hole(sh, f, dir, m);
	}
}

/* Holes that outlasted patience. Waiters are in the order they began to wait. */
void wt_early_tick(struct wt_shard *sh, const struct wt_moment *m)
{
	struct wt_waiters *w = &sh->waiters;
	uint32_t n = w->tail - w->head;

	while (n--) {
		uint32_t flow = w->entry[w->head & (w->size - 1)].flow;
		uint32_t id = w->entry[w->head & (w->size - 1)].id;
		struct wt_flow *f = &sh->flow[flow];
		unsigned dir;

		w->head++;
		if (!is_waiting(sh, flow, id))
			continue;
		for (dir = 0; dir < 2; dir++) {
			struct wt_stream_dir *d = &sh->stream[flow].dir[dir];

			while (d->early != WT_CHUNK_NONE && sh->early.chunk[d->early].since_ns +
			       WT_GAP_PATIENCE_NS <= m->now_ns)
				skip_hole(sh, f, (enum wt_direction)dir, m);
		}
		if (is_waiting(sh, flow, id))
			wait_begin(sh, f);
	}
}
