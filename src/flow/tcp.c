/* The TCP side of a flow: handshake, states, resets, port reuse.
 * Source: RFC 9293 3.3, 3.10; what a passive listener may believe of it.
 * Trust: every field is hostile; a RST is believed only near the window, and data
 * that follow one all the same are taken. Memory: none of its own. */
#include "flow/shard.h"

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
	if (is_seen(f, dir) && d->first_seq == first)
		return false; /* the same SYN again */
	if (f->state == WT_FLOW_CLOSED || f->state == WT_FLOW_RESET ||
	    f->state == WT_FLOW_CLOSING)
		return true;
	if (f->state == WT_FLOW_NEW)
		return is_seen(f, dir) && !(f->tcp_flags[dir] & WT_TCP_ACK);
	if (p->tcp_flags & WT_TCP_ACK)
		return is_seen(f, dir);
	return !is_seen(f, wt_opposite(dir)) || p->ts_ns > f->last_ns + 60 * WT_NS_PER_S;
}

static bool is_started(const struct wt_flow *f, enum wt_direction dir)
{
	return f->flags & (dir == WT_TO_SERVER ? WT_FLOW_STARTED_SERVER : WT_FLOW_STARTED_CLIENT);
}

/* Fixes offset 0 of a direction at its first packet that is no reset. */
static void start_direction(struct wt_flow *f, struct wt_stream_dir *d, enum wt_direction dir,
			    const struct wt_packet *p)
{
	f->flags |= dir == WT_TO_SERVER ? WT_FLOW_STARTED_SERVER : WT_FLOW_STARTED_CLIENT;
	d->first_seq = d->next_seq = p->tcp_seq + (p->tcp_flags & WT_TCP_SYN ? 1 : 0);
	if (!(p->tcp_flags & WT_TCP_SYN))
		f->flags |= WT_FLOW_MIDSTREAM;
}

static void update_state(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
			 const struct wt_packet *p, const struct wt_moment *m)
{
	bool has_data = p->payload_wire_len != 0;

	if (f->state == WT_FLOW_RESET && has_data)
		f->state = WT_FLOW_ESTABLISHED; /* the reset was not obeyed */
	if (f->state != WT_FLOW_NEW || (p->tcp_flags & WT_TCP_RST))
		return;
	if ((p->tcp_flags & WT_TCP_SYN) && !has_data)
		return;
	if ((f->flags & WT_FLOW_MIDSTREAM) || is_seen(f, wt_opposite(dir)) || has_data) {
		f->state = WT_FLOW_ESTABLISHED;
		wt_shard_reclass(sh, f, WT_CLASS_TCP, m->now_ns);
	}
}

static void take_reset(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
		       const struct wt_packet *p, const struct wt_moment *m)
{
	const struct wt_stream_dir *d = &sh->stream[f - sh->flow].dir[dir];
	int32_t ahead = seq_diff(p->tcp_seq, d->next_seq);

	if (f->state == WT_FLOW_CLOSED)
		return;
	/* Window scaling is not tracked: 2^20 covers what servers use. RSTs answering
	 * an ACK carry exactly the next number. */
	if (is_started(f, dir) && (ahead < -1 || ahead > 1 << 20)) {
		wt_count(sh->counters, WT_C_STREAM_OUT_OF_WINDOW);
		return;
	}
	f->state = WT_FLOW_RESET;
	wt_shard_reclass(sh, f, WT_CLASS_CLOSED, m->now_ns);
}

/* FIN counts once every byte before it has been handed on or given up. */
void wt_tcp_fin(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
		uint32_t fin_seq, const struct wt_moment *m)
{
	struct wt_stream *s = &sh->stream[f - sh->flow];
	struct wt_stream_dir *d = &s->dir[dir];
	uint8_t bit = dir == WT_TO_SERVER ? WT_FLOW_FIN_SERVER : WT_FLOW_FIN_CLIENT;

	if (f->flags & bit)
		return;
	if (d->next_seq != fin_seq) {
		if (seq_diff(fin_seq, d->next_seq) > 0 &&
		    fin_seq - d->next_seq <= WT_TCP_WINDOW_MAX)
			wt_early_keep_fin(sh, f, dir, fin_seq, m);
		return;
	}
	f->flags |= bit;
	sh->dissect.end(sh->dissect.self, f, s, dir, m);
	if ((f->flags & WT_FLOW_FIN_SERVER) && (f->flags & WT_FLOW_FIN_CLIENT)) {
		f->state = WT_FLOW_CLOSED;
		wt_shard_reclass(sh, f, WT_CLASS_CLOSED, m->now_ns);
	} else if (f->state != WT_FLOW_RESET) {
		f->state = WT_FLOW_CLOSING;
		wt_shard_reclass(sh, f, WT_CLASS_TCP, m->now_ns);
	}
}

void wt_tcp_packet(struct wt_shard *sh, struct wt_flow *f, const struct wt_packet *p,
		   const struct wt_moment *m)
{
	enum wt_direction dir = wt_flow_direction(f, p->sender);
	struct wt_stream *s = &sh->stream[f - sh->flow];
	struct wt_stream_dir *d = &s->dir[dir];
	uint32_t data_seq = p->tcp_seq + (p->tcp_flags & WT_TCP_SYN ? 1 : 0);

	if (!is_started(f, dir) && !(p->tcp_flags & WT_TCP_RST)) {
		start_direction(f, d, dir, p);
		if ((f->flags & WT_FLOW_MIDSTREAM) && f->n_packets[dir] == 1 &&
		    f->n_packets[dir ^ 1] == 0)
			wt_count(sh->counters, WT_C_FLOWS_MIDSTREAM);
	}
	f->tcp_flags[dir] |= p->tcp_flags;
	update_state(sh, f, dir, p, m);
	if (p->tcp_flags & WT_TCP_RST) {
		take_reset(sh, f, dir, p, m);
		return; /* text in a RST explains it (RFC 9293 3.5.2), it is no data */
	}
	if (p->payload_wire_len)
		wt_stream_segment(sh, f, dir, data_seq, wt_packet_payload(p),
				  p->payload_wire_len - p->payload_len, m);
	if (p->tcp_flags & WT_TCP_FIN)
		wt_tcp_fin(sh, f, dir, data_seq + p->payload_wire_len, m);
	if (p->tcp_flags & WT_TCP_ACK)
		wt_early_check(sh, f, wt_opposite(dir), p, m);
}
