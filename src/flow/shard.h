/* One of the 64 shards: its flows, streams, early segments, retained bytes and
 * duplicate filter. Shares nothing with other shards and takes no lock; the worker
 * that owns it calls in packet order.
 *
 * Memory: as limits.h says, reserved when the shard is made. */
#ifndef FLOW_SHARD_H
#define FLOW_SHARD_H

#include "base/chunk.h"
#include "base/hash.h"
#include "base/memory.h"
#include "wardtap/counter.h"
#include "wardtap/limits.h"
#include "wardtap/track.h"

struct wt_flow_list {
	uint32_t head, tail;
};

/* Ring of inspected bytes, to compare retransmissions with (retain.c). */
struct wt_retained {
	uint8_t *ring;
	uint32_t size;  /* power of two */
	uint64_t at;    /* next position, counts up for ever */
};

/* Recently seen packets, to know a mirror's second copy (duplicate.c). */
#define WT_DUPLICATE_SLOTS 512u
struct wt_duplicates {
	struct wt_duplicate {
		uint64_t mark;
		uint64_t ts_ns;
	} slot[WT_DUPLICATE_SLOTS];
};

/* Senders seen lately (sight.c). */
#define WT_SIGHTS 1024u
struct wt_sight {
	uint64_t ns; /* 0: the place is free */
	uint8_t sender[32];
};
struct wt_sights {
	struct wt_sight slot[WT_SIGHTS];
};

/* Flows that wait with early segments, in the order they began to (early.c). */
struct wt_waiters {
	struct {
		uint32_t flow;
		uint32_t id; /* low bits of the flow's id: stale entries are known by it */
	} *entry;
	uint32_t size; /* power of two */
	uint32_t head, tail;
};

/* Segments that fit nowhere in their stream, to see whether the receiver takes them
 * all the same (stray.c). */
#define WT_STRAYS 64u /* bits of has_stray */
struct wt_stray {
	uint32_t flow;
	uint32_t id;  /* low bits of the flow's id */
	uint32_t end; /* sequence number behind the segment */
	uint32_t dir; /* enum wt_direction + 1; 0: the place is free */
	uint64_t ns;
};

/* Holes that were given up though no ACK proved that the receiver has their bytes. */
struct wt_jump {
	uint32_t flow, id, dir; /* as above */
	uint32_t from, len;
};

struct wt_shard {
	uint64_t seed;
	struct wt_counters *counters;
	struct wt_flow *flow;
	struct wt_stream *stream; /* stream[i] belongs to flow[i] */
	struct wt_front flow_front, stream_front;
	uint32_t *bucket;
	uint32_t n_flows, n_used, n_fresh, free, mask;
	struct wt_flow_list list[WT_N_CLASSES];
	struct wt_chunks early;
	struct wt_waiters waiters;
	struct wt_retained retained;
	struct wt_duplicates *duplicates;
	struct wt_sights *sights;
	uint64_t has_stray; /* a bit per place of the two below: one of them is taken */
	struct wt_stray stray[WT_STRAYS];
	struct wt_jump jump[WT_STRAYS];
	struct wt_flow_sink dissect;
	struct wt_event_sink events;
	uint32_t *event_index; /* shared with dissect/: counts events of one moment */
	uint8_t number;
};

/* Makes a shard. `seed` keys its hashes and changes no result. Borrowed: counters,
 * event_index and what the sinks point to must outlive it. */
void wt_shard_init(struct wt_shard *sh, uint8_t number, const struct wt_limits *limits,
		   uint64_t seed, struct wt_counters *counters,
		   const struct wt_flow_sink *dissect, const struct wt_event_sink *events,
		   uint32_t *event_index);
void wt_shard_fini(struct wt_shard *sh);

/* Hash of a packet's key, for the three calls below. */
uint64_t wt_shard_hash(const struct wt_shard *sh, const struct wt_packet *p);

/* What tells a packet from others of its flow, and where its mark lies (duplicate.c).
 * The id counts too: a packet of an earlier flow is no first copy. */
static inline void wt_likeness(const struct wt_flow *f, const struct wt_packet *p,
			       uint64_t like[4])
{
	like[0] = f->id;
	like[1] = p->ip_id | (uint64_t)p->payload_wire_len << 32;
	like[2] = p->tcp_seq | (uint64_t)p->tcp_ack << 32;
	like[3] = p->tcp_window | (uint64_t)p->l4_sum << 16 | (uint64_t)p->tcp_flags << 32 |
		  (uint64_t)p->sender << 40 | (uint64_t)p->icmp_type << 48 |
		  (uint64_t)p->icmp_code << 56;
}

static inline unsigned wt_duplicate_slot(const uint64_t like[4])
{
	return wt_hash_words(0, like) % WT_DUPLICATE_SLOTS;
}

/* Rounds of prefetch over a batch before the packets are processed: first the
 * buckets, then the flows that they name, then what those name. */
static inline void wt_shard_prefetch_bucket(const struct wt_shard *sh,
					    uint64_t hash)
{
	__builtin_prefetch(&sh->bucket[hash & sh->mask]);
}

static inline void wt_prefetch(const void *at, size_t size)
{
	size_t i;

	for (i = 0; i < size; i += 64)
		__builtin_prefetch((const uint8_t *)at + i);
	__builtin_prefetch((const uint8_t *)at + size - 1);
}

static inline void wt_shard_prefetch_flow(const struct wt_shard *sh, uint64_t hash)
{
	uint32_t at = sh->bucket[hash & sh->mask];

	if (at) {
		wt_prefetch(&sh->flow[at - 1], sizeof(*sh->flow));
		wt_prefetch(&sh->stream[at - 1], sizeof(*sh->stream));
	}
}

/* The flow of the packet, most likely; NULL when it has none yet. */
static inline const struct wt_flow *wt_shard_prefetch_mark(const struct wt_shard *sh,
							   const struct wt_packet *p,
							   uint64_t hash)
{
	uint32_t at = sh->bucket[hash & sh->mask];
	uint64_t like[4];

	if (!at)
		return NULL;
	wt_likeness(&sh->flow[at - 1], p, like);
	__builtin_prefetch(&sh->duplicates->slot[wt_duplicate_slot(like)]);
	return &sh->flow[at - 1];
}

/* One packet with disposition FLOW. May change the disposition to DUPLICATE. */
void wt_shard_packet(struct wt_shard *sh, struct wt_packet *p, uint64_t hash,
		     const struct wt_moment *m);

/* A packet of a sender that was not seen lately makes an event. Also for frames without
 * IP, which have no flow. */
/* How the packet's sender opens a connection (syn.c). False: it is no SYN that can be told. */
#define WT_SYN_TEXT_MAX 160u
WT_MUST_USE bool wt_syn_text(const struct wt_packet *p, struct wt_builder *b);

void wt_sight(struct wt_shard *sh, const struct wt_packet *p, uint64_t flow_id, uint8_t client,
	      const struct wt_moment *m);

/* Expires what is due at m->now_ns. Call at each WT_TICK_NS of packet time. */
void wt_shard_tick(struct wt_shard *sh, const struct wt_moment *m);

/* The end of the run: every flow is reported and let go. */
void wt_shard_finish(struct wt_shard *sh, const struct wt_moment *m);

/* --- between the files of this room --- */

enum wt_flow_reason { WT_ENDED_CLOSED, WT_ENDED_TIMEOUT, WT_ENDED_EVICTED, WT_ENDED_AT_END };

uint32_t wt_shard_find(const struct wt_shard *sh, const struct wt_packet *p, uint64_t hash);
uint32_t wt_shard_begin(struct wt_shard *sh, const struct wt_packet *p, uint64_t hash,
			const struct wt_moment *m);
void wt_shard_end(struct wt_shard *sh, uint32_t flow, enum wt_flow_reason why,
		  const struct wt_moment *m);
void wt_shard_reclass(struct wt_shard *sh, struct wt_flow *f, enum wt_flow_class class,
		      uint64_t now_ns);
void wt_flow_report(struct wt_shard *sh, const struct wt_flow *f, const struct wt_stream *s,
		    enum wt_flow_reason why, const struct wt_moment *m);

/* tcp.c */
bool wt_tcp_restarts(const struct wt_shard *sh, uint32_t flow, const struct wt_packet *p);
void wt_tcp_fin(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
		uint32_t fin_seq, const struct wt_moment *m);
void wt_tcp_packet(struct wt_shard *sh, struct wt_flow *f, const struct wt_packet *p,
		   const struct wt_moment *m);

/* stream.c */
void wt_stream_segment(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
		       uint32_t seq, struct wt_slice bytes, uint32_t missing,
		       const struct wt_moment *m);
void wt_stream_advance(struct wt_flow *f, struct wt_stream *s, enum wt_direction dir,
		       uint32_t len);
void wt_stream_drain(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
		     const struct wt_moment *m);
uint64_t wt_stream_span(const struct wt_flow *f, const struct wt_stream *s,
			enum wt_direction dir);

/* early.c: segments beyond a hole */
void wt_early_keep(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
		   uint32_t seq, struct wt_slice bytes, uint32_t missing,
		   const struct wt_moment *m);
void wt_early_keep_fin(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
		       uint32_t seq, const struct wt_moment *m);
void wt_early_compare(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
		      const struct wt_chunk *c, uint32_t seq, struct wt_slice bytes,
		      const struct wt_moment *m);
void wt_early_give_up(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
		      const struct wt_moment *m);
void wt_early_check(struct wt_shard *sh, struct wt_flow *f, enum wt_direction dir,
		    const struct wt_packet *p, const struct wt_moment *m);
void wt_early_tick(struct wt_shard *sh, const struct wt_moment *m);

/* retain.c */
void wt_retain(struct wt_shard *sh, const struct wt_flow *f, struct wt_stream_dir *d,
	       enum wt_direction dir, uint32_t seq, struct wt_slice bytes);
enum wt_retained_verdict { WT_RETAINED_SAME, WT_RETAINED_DIFFERS, WT_RETAINED_UNKNOWN };
enum wt_retained_verdict wt_retained_compare(const struct wt_shard *sh,
					     const struct wt_flow *f,
					     const struct wt_stream_dir *d,
					     enum wt_direction dir, uint32_t seq,
					     struct wt_slice bytes, uint32_t *n_unknown);

/* duplicate.c */
bool wt_duplicate_seen(struct wt_shard *sh, const struct wt_flow *f,
		       const struct wt_packet *p);

/* stray.c */
void wt_stray_note(struct wt_shard *sh, const struct wt_flow *f, enum wt_direction dir,
		   uint32_t end, const struct wt_moment *m);
void wt_stray_forget(struct wt_shard *sh, uint32_t flow);
void wt_stray_jumped(struct wt_shard *sh, const struct wt_flow *f, enum wt_direction dir,
		     uint32_t from, uint32_t len);
bool wt_stray_may_be_taken(const struct wt_shard *sh, uint32_t flow, const struct wt_packet *p,
			   const struct wt_moment *m);

static inline bool wt_stray_is_taken(const struct wt_shard *sh, uint32_t flow,
				     const struct wt_packet *p, const struct wt_moment *m)
{
	return WT_UNLIKELY(sh->has_stray >> flow % WT_STRAYS & 1) &&
	       wt_stray_may_be_taken(sh, flow, p, m);
}

#endif
