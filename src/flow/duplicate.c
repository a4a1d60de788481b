/* Second copies of a packet that the mirror port made (both ports of a conversation
 * mirrored, or a VLAN and its router). They may differ in MACs, VLAN tags and TTL.
 *
 * A packet is a copy when, within WT_DUPLICATE_NS, one of the same flow with equal
 * sender, IP id, length, numbers, transport checksum and payload was seen. The payload
 * of TCP is left to the stream: only bytes that it has accounted for may vanish here,
 * and not if they contradict what it was given; anything else goes on to it. Pure ACKs
 * without an IP id are never judged: they repeat by right.
 * The slot comes from an unkeyed hash, so that which marks displace each other does
 * not depend on the seed; the mark is keyed, so that nobody can forge one.
 * Trust: all hostile. Memory: WT_DUPLICATE_SLOTS marks per shard. */
#include "flow/shard.h"
#include "base/hash.h"

static bool is_judged(const struct wt_packet *p)
{
	const uint8_t lasting = WT_TCP_SYN | WT_TCP_FIN | WT_TCP_RST;

	if (p->flags & WT_PKT_REASSEMBLED)
		return false;
	return p->key.proto != 6 || p->payload_wire_len || p->ip_id ||
	       (p->tcp_flags & lasting);
}

/* May the stream do without this TCP payload? */
static bool is_spent(const struct wt_shard *sh, const struct wt_flow *f,
		     const struct wt_packet *p)
{
	enum wt_direction dir = wt_flow_direction(f, p->sender);
	const struct wt_stream_dir *d = &sh->stream[f - sh->flow].dir[dir];
	uint32_t seq = p->tcp_seq + (p->tcp_flags & WT_TCP_SYN ? 1 : 0), n_unknown;

	if (p->key.proto != 6 || p->payload_wire_len == 0)
		return true;
	if (!wt_flow_is_started(f, dir) ||
	    (int32_t)(seq + p->payload_wire_len - d->next_seq) > 0 ||
	    d->next_seq - seq > wt_stream_span(f, &sh->stream[f - sh->flow], dir))
		return false;
	return wt_retained_compare(sh, f, d, dir, seq, wt_packet_payload(p), &n_unknown) !=
	       WT_RETAINED_DIFFERS;
}

bool wt_duplicate_seen(struct wt_shard *sh, const struct wt_flow *f, const struct wt_packet *p)
{
	struct wt_duplicate *known;
	uint64_t like[4], mark;
	bool is_copy;

	if (!is_judged(p))
		return false;
	wt_likeness(f, p, like);
	known = &sh->duplicates->slot[wt_duplicate_slot(like)];
	mark = wt_hash_words(sh->seed, like);
	if (p->key.proto != 6)
		mark ^= wt_hash(sh->seed ^ 1, wt_packet_payload(p));
	is_copy = known->mark == mark && p->ts_ns >= known->ts_ns &&
		  p->ts_ns - known->ts_ns <= WT_DUPLICATE_NS;
	known->mark = mark;
	known->ts_ns = p->ts_ns;
	return is_copy && is_spent(sh, f, p);
}
