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

struct likeness {
	uint64_t flow_id; /* a packet of an earlier flow is no first copy */
	uint32_t ip_id;
	uint32_t len;
	uint32_t seq;
	uint32_t ack;
	uint16_t window;
	uint16_t sum;
	uint8_t flags;
	uint8_t sender;
	uint8_t type;
	uint8_t code;
};

static bool is_judged(const struct wt_packet *p)
{
	const uint8_t lasting = WT_TCP_SYN | WT_TCP_FIN | WT_TCP_RST;

	if (p->flags & WT_PKT_REASSEMBLED)
		return false;
	return p->key.proto != 6 || p->payload_wire_len || p->ip_id ||
	       (p->tcp_flags & lasting);
}

static uint64_t likeness_hash(uint64_t seed, const struct wt_flow *f, const struct wt_packet *p)
{
	struct likeness like;

	memset(&like, 0, sizeof(like));
	like.flow_id = f->id;
	like.ip_id = p->ip_id;
	like.len = p->payload_wire_len;
	like.seq = p->tcp_seq;
	like.ack = p->tcp_ack;
	like.window = p->tcp_window;
	like.sum = p->l4_sum;
	like.flags = p->tcp_flags;
	like.sender = p->sender;
	like.type = p->icmp_type;
	like.code = p->icmp_code;
	return wt_hash(seed, wt_slice_of(&like, sizeof(like)));
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
	uint64_t slot, mark;
	bool is_copy;

	if (!is_judged(p))
		return false;
	slot = likeness_hash(0, f, p) % WT_DUPLICATE_SLOTS;
	mark = likeness_hash(sh->seed, f, p);
	if (p->key.proto != 6)
		mark ^= wt_hash(sh->seed ^ 1, wt_packet_payload(p));
	is_copy = sh->duplicates->slot[slot].mark == mark &&
		  p->ts_ns >= sh->duplicates->slot[slot].ts_ns &&
		  p->ts_ns - sh->duplicates->slot[slot].ts_ns <= WT_DUPLICATE_NS;
	sh->duplicates->slot[slot].mark = mark;
	sh->duplicates->slot[slot].ts_ns = p->ts_ns;
	return is_copy && is_spent(sh, f, p);
}
