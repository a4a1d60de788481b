/* A way back when a forged packet led us astray: a SYN, RST or segment that the real
 * endpoints refused may leave us waiting for numbers that never come, blind to what
 * they really send. So the last segment that fitted nowhere is remembered; when its
 * receiver acknowledges exactly its end (or, where the other direction is not
 * mirrored, when the next one follows it), the endpoints are there and we are not.
 * The same goes for bytes that come after we had given them up without the receiver's
 * word for it. The flow then begins anew, mid-stream.
 * Trust: all hostile. Memory: WT_STRAYS places per shard, by flow. */
#include "flow/shard.h"

void wt_stray_note(struct wt_shard *sh, const struct wt_flow *f, enum wt_direction dir,
		   uint32_t end, const struct wt_moment *m)
{
	uint32_t flow = (uint32_t)(f - sh->flow);

	sh->has_stray |= UINT64_C(1) << flow % WT_STRAYS;
	sh->stray[flow % WT_STRAYS] = (struct wt_stray){
		.flow = flow, .id = (uint32_t)f->id, .end = end, .dir = (uint32_t)dir + 1,
		.ns = m->now_ns,
	};
}

/* A new flow in the place of another knows nothing of it. */
void wt_stray_forget(struct wt_shard *sh, uint32_t flow)
{
	struct wt_stray *stray = &sh->stray[flow % WT_STRAYS];
	struct wt_jump *jump = &sh->jump[flow % WT_STRAYS];
	uint64_t bit = UINT64_C(1) << flow % WT_STRAYS;

	if (WT_LIKELY(!(sh->has_stray & bit)))
		return;
	if (stray->flow == flow)
		stray->dir = 0;
	if (jump->flow == flow)
		jump->dir = 0;
	if (!stray->dir && !jump->dir)
		sh->has_stray &= ~bit;
}

/* The stream went on beyond a hole without proof that its bytes were ever sent. */
void wt_stray_jumped(struct wt_shard *sh, const struct wt_flow *f, enum wt_direction dir,
		     uint32_t from, uint32_t len)
{
	uint32_t flow = (uint32_t)(f - sh->flow);

	sh->has_stray |= UINT64_C(1) << flow % WT_STRAYS;
	sh->jump[flow % WT_STRAYS] = (struct wt_jump){
		.flow = flow, .id = (uint32_t)f->id, .dir = (uint32_t)dir + 1, .from = from,
		.len = len,
	};
}

/* Does the packet bring what was given up? */
static bool fills_jump(const struct wt_shard *sh, uint32_t flow, const struct wt_packet *p)
{
	const struct wt_jump *jump = &sh->jump[flow % WT_STRAYS];
	const struct wt_flow *f = &sh->flow[flow];

	if (WT_LIKELY(!jump->dir || jump->flow != flow || jump->id != (uint32_t)f->id))
		return false;
	return p->payload_len && !(p->tcp_flags & (WT_TCP_SYN | WT_TCP_RST)) &&
	       wt_flow_direction(f, p->sender) == (enum wt_direction)(jump->dir - 1) &&
	       p->tcp_seq - jump->from < jump->len;
}

/* Does the packet prove that the flow goes on where we do not look? */
bool wt_stray_may_be_taken(const struct wt_shard *sh, uint32_t flow, const struct wt_packet *p,
			   const struct wt_moment *m)
{
	const struct wt_stray *stray = &sh->stray[flow % WT_STRAYS];
	const struct wt_flow *f = &sh->flow[flow];
	enum wt_direction dir = wt_flow_direction(f, p->sender), of;

	if (fills_jump(sh, flow, p))
		return true;
	if (WT_LIKELY(!stray->dir || stray->flow != flow || stray->id != (uint32_t)f->id))
		return false;
	if (wt_elapsed_ns(stray->ns, m->now_ns) > WT_GAP_PATIENCE_NS ||
	    (p->tcp_flags & (WT_TCP_SYN | WT_TCP_RST)))
		return false;
	of = (enum wt_direction)(stray->dir - 1);
	if (sh->stream[flow].dir[of].next_seq == stray->end)
		return false;
	if (dir != of)
		return (p->tcp_flags & WT_TCP_ACK) && p->tcp_ack == stray->end;
	return f->n_packets[wt_opposite(dir)] == 0 && p->payload_len &&
	       p->tcp_seq == stray->end;
}
