/* TCP byte order: in-order bytes go on as they lie in the capture, repeated bytes
 * are compared with what was kept of them, later bytes wait (early.c).
 * Source: RFC 9293 3.4. Policy: the first copy of a byte wins; a differing copy is
 * an event, since some endpoint may prefer it (Ptacek and Newsham 1998).
 * Trust: sequence numbers and bytes are hostile. Memory: the shard's. */
#include "flow/shard.h"

/* Bytes that repeat nothing we know may show that we follow the wrong numbers: when
 * they lie before the stream that we saw (and not by a mere change of order), or
 * further behind than a sender keeps in flight. */
#define STRAY_KNOWN_MIN 65536u
#define STRAY_BEHIND_MIN (4u << 20)

/* next_seq moves on by `len` bytes that somebody has accounted for. */
void wt_stream_advance(struct wt_flow *f, struct wt_stream *s, enum wt_direction dir,
		       uint32_t len)
{
	struct wt_stream_dir *d = &s->dir[dir];
	uint32_t next = d->next_seq + len;

	if (next < d->next_seq)
		wt_saturate_u16(&f->seq_wraps[dir]);
	d->next_seq = next;
}

/* Sequence space from the first number to the next expected one: the left side of
 * the stream identity, known without any of the byte counts. */
uint64_t wt_stream_span(const struct wt_flow *f, const struct wt_stream *s,
			enum wt_direction dir)
{
	const struct wt_stream_dir *d = &s->dir[dir];

	return ((uint64_t)f->seq_wraps[dir] << 32 | d->next_seq) - d->first_seq;
}

static uint64_t offset_of(const struct wt_flow *f, const struct wt_stream *s,
			  enum wt_direction dir, uint32_t seq)
{
	uint64_t span = wt_stream_span(f, s, dir), behind = s->dir[dir].next_seq - seq;

	return behind < span ? span - behind : 0;
}

/* RFC 9293 3.8.4: a probe of a quiet connection repeats the last octet, which may be
 * garbage; what is seen there is zero. */
static bool is_keep_alive(const struct wt_stream_dir *d, uint32_t seq, struct wt_slice bytes,
			  const struct wt_moment *m)
{
	return bytes.len == 1 && seq + 1 == d->next_seq && bytes.ptr[0] == 0 && m->packet &&
	       m->packet->payload_wire_len == 1;
}

/* Bytes that came before: the same, different, or no longer comparable. */
static void take_repeated(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
			  uint32_t seq, struct wt_slice bytes, const struct wt_moment *m)
{
	struct wt_stream *s = &sh->stream[f - sh->flow];
	uint32_t n_unknown = 0, behind = s->dir[dir].next_seq - seq;

	wt_count_n(sh->counters, WT_C_STREAM_RETRANSMITTED, bytes.len);
	if (is_keep_alive(&s->dir[dir], seq, bytes, m))
		return;
	if (wt_retained_compare(sh, f, &s->dir[dir], dir, seq, bytes, &n_unknown) ==
	    WT_RETAINED_DIFFERS) {
		wt_saturate_u8(&f->n_conflicts);
		wt_count(sh->counters, WT_C_STREAM_CONFLICT);
		sh->dissect.glitch(sh->dissect.self, f, dir, "tcp_overlap_conflict",
				   offset_of(f, s, dir, seq), m);
	}
	wt_count_n(sh->counters, WT_C_STREAM_UNVERIFIED, n_unknown);
	if (n_unknown == bytes.len && behind > STRAY_KNOWN_MIN &&
	    (behind > STRAY_BEHIND_MIN || behind > wt_stream_span(f, s, dir)))
		wt_stray_note(sh, f, dir, seq + (uint32_t)bytes.len, m);
}

/* In-order bytes, `missing` of which the snap length cut off behind them. */
static void deliver(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
		    struct wt_slice bytes, uint32_t missing, const struct wt_moment *m)
{
	struct wt_stream *s = &sh->stream[f - sh->flow];
	struct wt_stream_dir *d = &s->dir[dir];
	uint32_t seq = d->next_seq;

	if (bytes.len) {
		wt_stream_advance(f, s, dir, (uint32_t)bytes.len);
		if (sh->dissect.data(sh->dissect.self, f, s, dir, bytes, m))
			wt_retain(sh, f, d, dir, seq, bytes);
	}
	if (missing) {
		wt_stream_advance(f, s, dir, missing);
		d->clipped += missing;
		sh->dissect.gap(sh->dissect.self, f, s, dir, missing, m);
	}
}

/* In-order bytes that reach over early segments: what came first wins, so the early
 * bytes are handed on in their place and the new copy of them is compared. */
static void deliver_around(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
			   struct wt_slice bytes, uint32_t missing, const struct wt_moment *m)
{
	struct wt_stream_dir *d = &sh->stream[f - sh->flow].dir[dir];

	while (d->early != WT_CHUNK_NONE) {
		uint32_t at = d->early, lead = sh->early.chunk[at].seq - d->next_seq, n;
		struct wt_chunk *c = &sh->early.chunk[at];
		uint32_t held = c->len + c->missing;

		if (lead >= bytes.len + missing)
			break;
		n = lead < bytes.len ? lead : (uint32_t)bytes.len;
		deliver(sh, f, dir, wt_slice_head(bytes, n), lead - n, m);
		bytes = wt_slice_tail(bytes, n);
		missing -= lead - n;
		wt_early_compare(sh, f, dir, c, d->next_seq, bytes, m);
		d->early = c->next;
		c->next = WT_CHUNK_NONE;
		deliver(sh, f, dir, wt_slice_of(c->bytes, c->len), c->missing, m);
		wt_chain_free(&sh->early, &at);
		n = held < bytes.len ? held : (uint32_t)bytes.len;
		bytes = wt_slice_tail(bytes, n);
		missing -= held - n < missing ? held - n : missing;
	}
	deliver(sh, f, dir, bytes, missing, m);
}

/* Hands on early segments that have become the next ones. */
void wt_stream_drain(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
		     const struct wt_moment *m)
{
	struct wt_stream_dir *d = &sh->stream[f - sh->flow].dir[dir];

	while (d->early != WT_CHUNK_NONE) {
		uint32_t at = d->early;
		struct wt_chunk *c = &sh->early.chunk[at];
		int32_t ahead = (int32_t)(c->seq - d->next_seq);
		uint32_t total = c->len + c->missing, done;

		if (ahead > 0)
			return;
		d->early = c->next;
		c->next = WT_CHUNK_NONE;
		done = d->next_seq - c->seq;
if (done < total) {
			uint32_t in_bytes = done < c->len ? done : c->len;

			deliver(sh, f, dir, wt_slice_of(c->bytes + in_bytes, c->len - in_bytes),
				c->missing - (done - in_bytes), m);
		}
		if (c->is_fin && ahead == 0)
			wt_tcp_fin(sh, f, dir, c->seq, m);
		wt_chain_free(&sh->early, &at);
	}
}

/* A segment that no window explains. */
static void refuse(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir, uint32_t end,
		   const struct wt_moment *m)
{
	wt_count(sh->counters, WT_C_STREAM_OUT_OF_WINDOW);
	wt_stray_note(sh, f, dir, end, m);
}

void wt_stream_segment(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
		       uint32_t seq, struct wt_slice bytes, uint32_t missing,
		       const struct wt_moment *m)
{
	struct wt_stream_dir *d = &sh->stream[f - sh->flow].dir[dir];
	int32_t ahead = (int32_t)(seq - d->next_seq);

	if (WT_UNLIKELY(missing > WT_TCP_WINDOW_MAX)) {
		refuse(sh, f, dir, seq, m); /* a jumbogram's length that nothing backs */
		return;
	}
	if (WT_LIKELY(ahead == 0)) {
		if (WT_LIKELY(d->early == WT_CHUNK_NONE))
			deliver(sh, f, dir, bytes, missing, m);
		else
			deliver_around(sh, f, dir, bytes, missing, m);
	} else if (ahead > 0) {
		if ((uint32_t)ahead > WT_TCP_WINDOW_MAX)
			refuse(sh, f, dir, seq + (uint32_t)bytes.len + missing, m);
		else
			wt_early_keep(sh, f, dir, seq, bytes, missing, m);
		return;
	} else {
		uint32_t behind = d->next_seq - seq;
		uint32_t old = behind < bytes.len ? behind : (uint32_t)bytes.len;

		if (behind > WT_TCP_WINDOW_MAX) {
			refuse(sh, f, dir, seq + (uint32_t)bytes.len + missing, m);
			return;
		}
		take_repeated(sh, f, dir, seq, wt_slice_head(bytes, old), m);
		if (behind >= bytes.len + missing)
			return;
		deliver_around(sh, f, dir, wt_slice_tail(bytes, old), missing - (behind - old), m);
	}
	if (WT_UNLIKELY(d->early != WT_CHUNK_NONE))
		wt_stream_drain(sh, f, dir, m);
}
