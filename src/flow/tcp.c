/* The TCP side of a flow: handshake, states, resets, port reuse.
 * Source: RFC 9293 3.3, 3.10; what a passive listener may believe of it.
 * Trust: every field is hostile; a RST is believed only near the window, and data
 * that follow one all the same are taken. Memory: none of its own. */
#include "flow/shard.h"

#define RESET_AHEAD_MAX (1 << 20) /* bytes */
#define ONE_WAY_PACKETS 4u        /* before half a mirror counts as a live flow */

/* Signed distance in sequence space. */
static int32_t seq_diff(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b);
}

static bool is_seen(const struct wt_flow *f, enum wt_direction dir)
{
	return f->n_packets[dir] != 0;
}

/* Does the packet open another connection with the same addresses and ports?
 * A SYN on a finished flow does. On a live one a SYN alone could be forged to make us
 * forget, so the answer (SYN+ACK with a new number) must be seen, unless the other
 * direction is not mirrored at all or the flow has rested for a minute. */
bool wt_tcp_restarts(const struct wt_shard *sh, uint32_t flow, const struct wt_packet *p)
{
	const struct wt_flow *f = &sh->flow[flow];
	enum wt_direction dir = wt_flow_direction(f, p->sender);
	const struct wt_stream_dir *d = &sh->stream[flow].dir[dir];
	uint32_t first = p->tcp_seq + 1;

	if (!(p->tcp_flags & WT_TCP_SYN) || (p->tcp_flags & WT_TCP_RST))
		return false;
	if (wt_flow_is_started(f, dir)) {
		if (d->first_seq == first)
			return false; /* the same SYN again */
	} else if ((p->tcp_flags & WT_TCP_ACK) && wt_flow_is_started(f, wt_opposite(dir)) &&
		   p->tcp_ack == sh->stream[flow].dir[wt_opposite(dir)].first_seq) {
		return false; /* the answer to the SYN, whatever resets came before it */
	}
	if (f->state == WT_FLOW_CLOSED || f->state == WT_FLOW_RESET ||
	    f->state == WT_FLOW_CLOSING)
		return true;
	if (f->state == WT_FLOW_NEW)
		return wt_flow_is_started(f, dir) && !(f->tcp_flags[dir] & WT_TCP_ACK);
	if (p->tcp_flags & WT_TCP_ACK)
		return wt_flow_is_started(f, dir);
	return !is_seen(f, wt_opposite(dir)) ||
	       wt_elapsed_ns(f->last_ns, p->ts_ns) > 60 * WT_NS_PER_S;
}

/* Fixes offset 0 of a direction at its first packet. */
static void start_direction(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
			    const struct wt_packet *p)
{
	struct wt_stream_dir *d = &sh->stream[f - sh->flow].dir[dir];

	d->first_seq = d->next_seq = p->tcp_seq + (p->tcp_flags & WT_TCP_SYN ? 1 : 0);
	f->flags |= dir == WT_TO_SERVER ? WT_FLOW_STARTED_SERVER : WT_FLOW_STARTED_CLIENT;
	if (p->tcp_flags & WT_TCP_SYN)
		return;
	if (!(f->flags & WT_FLOW_MIDSTREAM) && !is_seen(f, wt_opposite(dir)))
		wt_count(sh->counters, WT_C_FLOWS_MIDSTREAM);
	f->flags |= WT_FLOW_MIDSTREAM;
}

/* A reset that was not obeyed: who is said to have sent it goes on, or, where only
 * his forged resets were seen, the other side does. */
static void revive(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
		   const struct wt_packet *p, const struct wt_moment *m)
{
	bool is_sender = f->tcp_flags[dir] & WT_TCP_RST;

	if (f->state != WT_FLOW_RESET)
		return;
	if (is_sender || (p->payload_wire_len && !wt_flow_is_started(f, wt_opposite(dir)))) {
		f->state = WT_FLOW_ESTABLISHED;
		wt_shard_reclass(sh, f, WT_CLASS_TCP, m->now_ns);
	}
}

/* A flow counts as one when both sides speak, or one does for a while: single packets
 * with forged addresses must not push out what is alive. */
static void update_state(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
			 const struct wt_packet *p, const struct wt_moment *m)
{
	bool has_data = p->payload_wire_len != 0;
	bool is_both = wt_flow_is_started(f, wt_opposite(dir));

	if (f->class == WT_CLASS_NEW && f->state == WT_FLOW_ESTABLISHED &&
	    (is_both || f->n_packets[dir] >= ONE_WAY_PACKETS))
		wt_shard_reclass(sh, f, WT_CLASS_TCP, m->now_ns);
	if (f->state != WT_FLOW_NEW || ((p->tcp_flags & WT_TCP_SYN) && !has_data))
		return;
	if ((f->flags & WT_FLOW_MIDSTREAM) || is_both || has_data) {
		f->state = WT_FLOW_ESTABLISHED;
		if (is_both)
			wt_shard_reclass(sh, f, WT_CLASS_TCP, m->now_ns);
	}
}

/* Is the reset one that its receiver may obey? Window scaling is not tracked: 2^20
 * covers what servers use. RSTs answering an ACK carry exactly the next number. */
static bool is_reset_near(const struct wt_shard *sh, const struct wt_flow *f,
			  enum wt_direction dir, const struct wt_packet *p)
{
	const struct wt_stream *s = &sh->stream[f - sh->flow];
	int32_t ahead;

	if (wt_flow_is_started(f, dir)) {
		ahead = seq_diff(p->tcp_seq, s->dir[dir].next_seq);
		return ahead >= -1 && ahead <= RESET_AHEAD_MAX;
	}
	if (!(p->tcp_flags & WT_TCP_ACK) || !wt_flow_is_started(f, wt_opposite(dir)))
		return true;
	ahead = seq_diff(p->tcp_ack, s->dir[wt_opposite(dir)].next_seq);
	return ahead <= RESET_AHEAD_MAX && ahead >= -RESET_AHEAD_MAX;
}

static void take_reset(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
		       const struct wt_packet *p, const struct wt_moment *m)
{
	if (f->state == WT_FLOW_CLOSED)
		return;
	if (!is_reset_near(sh, f, dir, p)) {
		wt_count(sh->counters, WT_C_STREAM_OUT_OF_WINDOW);
		return;
	}
	f->state = WT_FLOW_RESET;
	wt_shard_reclass(sh, f, WT_CLASS_CLOSED, m->now_ns);
}

static uint8_t fin_bit(enum wt_direction dir)
{
	return dir == WT_TO_SERVER ? WT_FLOW_FIN_SERVER : WT_FLOW_FIN_CLIENT;
}

/* FIN counts once every byte before it has been handed on. */
void wt_tcp_fin(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
		uint32_t fin_seq, const struct wt_moment *m)
{
	struct wt_stream *s = &sh->stream[f - sh->flow];
	int32_t ahead = seq_diff(fin_seq, s->dir[dir].next_seq);

	if (f->flags & fin_bit(dir))
		return;
	if (ahead > 0 && (uint32_t)ahead <= WT_TCP_WINDOW_MAX)
		wt_early_keep_fin(sh, f, dir, fin_seq, m);
	if (ahead != 0)
		return;
	f->flags |= fin_bit(dir);
	sh->dissect.end(sh->dissect.self, f, s, dir, m);
	if ((f->flags & WT_FLOW_FIN_SERVER) && (f->flags & WT_FLOW_FIN_CLIENT)) {
		f->state = WT_FLOW_CLOSED;
		wt_shard_reclass(sh, f, WT_CLASS_CLOSED, m->now_ns);
	} else if (f->state != WT_FLOW_RESET) {
		f->state = WT_FLOW_CLOSING;
		wt_shard_reclass(sh, f, WT_CLASS_TCP, m->now_ns);
	}
}

/* Bytes of the segment that lie behind a FIN which was reached: the FIN was forged,
 * unless they are a probe of one octet. False: the segment is to be left alone. */
static bool outlives_fin(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
			 uint32_t seq, const struct wt_packet *p, const struct wt_moment *m)
{
	const struct wt_stream_dir *d = &sh->stream[f - sh->flow].dir[dir];

	if (seq_diff(seq + p->payload_wire_len, d->next_seq) <= 0)
		return true;
	if (seq == d->next_seq && p->payload_wire_len == 1)
		return false;
	f->flags &= (uint8_t)~fin_bit(dir);
	if (f->state != WT_FLOW_RESET) {
		f->state = f->flags & fin_bit(wt_opposite(dir)) ? WT_FLOW_CLOSING :
								  WT_FLOW_ESTABLISHED;
		wt_shard_reclass(sh, f, WT_CLASS_TCP, m->now_ns);
	}
	return true;
}

/* What a passive listener cannot decide is said: urgent bytes are in the stream for
 * some receivers and beside it for others (RFC 6093). */
static void tell_urgent(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
			const struct wt_packet *p, const struct wt_moment *m)
{
	if ((p->tcp_flags & WT_TCP_URG) && p->payload_wire_len &&
	    !(f->tcp_flags[dir] & WT_TCP_URG))
		sh->dissect.glitch(sh->dissect.self, f, dir, "tcp_urgent_data",
				   wt_stream_span(f, &sh->stream[f - sh->flow], dir), m);
}

void wt_tcp_packet(struct wt_shard *sh, struct wt_flow *f, const struct wt_packet *p,
		   const struct wt_moment *m)
{
	enum wt_direction dir = wt_flow_direction(f, p->sender);
	uint32_t seq = p->tcp_seq + (p->tcp_flags & WT_TCP_SYN ? 1 : 0);

	if (p->tcp_flags & WT_TCP_RST) {
		f->tcp_flags[dir] |= p->tcp_flags;
		take_reset(sh, f, dir, p, m);
		return; /* text in a RST explains it (RFC 9293 3.5.2), it is no data */
	}
	revive(sh, f, dir, p, m);
	if (!wt_flow_is_started(f, dir))
		start_direction(sh, f, dir, p);
	tell_urgent(sh, f, dir, p, m);
	f->tcp_flags[dir] |= p->tcp_flags;
	update_state(sh, f, dir, p, m);
	if (p->payload_wire_len && (!(f->flags & fin_bit(dir)) ||
				    outlives_fin(sh, f, dir, seq, p, m)))
		wt_stream_segment(sh, f, dir, seq, wt_packet_payload(p),
				  p->payload_wire_len - p->payload_len, m);
	if (p->tcp_flags & WT_TCP_FIN)
		wt_tcp_fin(sh, f, dir, seq + p->payload_wire_len, m);
	if (p->tcp_flags & WT_TCP_ACK)
		wt_early_check(sh, f, wt_opposite(dir), p, m);
}
