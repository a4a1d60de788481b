/* The flow table of a shard: lookup, begin, end, expiry, eviction.
 * Source: Community ID and EVE for what a flow is; RFC 4787, RFC 5382 for timeouts.
 * Trust: keys are hostile (hashed with a seed, chained, evicted by age).
 * Memory: 256 bytes a flow, n_flows of them at most. */
#include "flow/shard.h"
#include "base/hash.h"
#include "base/memory.h"
#include "wardtap/registry.h"

#define PROTO_ICMPV6 58

static const uint64_t idle_ns[WT_N_CLASSES] = {
	[WT_CLASS_NEW] = WT_IDLE_TCP_NEW_NS,
	[WT_CLASS_CLOSED] = WT_IDLE_CLOSED_NS,
	[WT_CLASS_OTHER] = WT_IDLE_OTHER_NS,
	[WT_CLASS_UDP] = WT_IDLE_UDP_NS,
	[WT_CLASS_TCP] = WT_IDLE_TCP_NS,
	[WT_CLASS_CLINICAL] = WT_IDLE_CLINICAL_NS,
};

/* 8 s: 32 bits then reach over all 64-bit nanosecond times, and every idle time is
 * longer, so a flow armed now is not due now. */
#define WT_ARMED_UNIT_NS (8 * WT_NS_PER_S)
_Static_assert(WT_IDLE_CLOSED_NS > WT_ARMED_UNIT_NS, "armed flows must not be due");

void wt_shard_init(struct wt_shard *sh, uint8_t number, const struct wt_limits *limits,
		   uint64_t seed, struct wt_counters *counters,
		   const struct wt_flow_sink *dissect, const struct wt_event_sink *events,
		   uint32_t *event_index)
{
	unsigned i;

	*sh = (struct wt_shard){
		.seed = seed, .counters = counters, .n_flows = limits->flows,
		.free = WT_NONE, .mask = limits->flows - 1, .dissect = *dissect,
		.events = *events, .event_index = event_index, .number = number,
	};
	sh->flow = wt_memory_reserve(limits->flows * sizeof(*sh->flow));
	sh->stream = wt_memory_reserve(limits->flows * sizeof(*sh->stream));
	sh->flow_front = wt_front_of(sh->flow, limits->flows * sizeof(*sh->flow));
	sh->stream_front = wt_front_of(sh->stream, limits->flows * sizeof(*sh->stream));
	sh->bucket = wt_memory_reserve_dense(limits->flows * sizeof(*sh->bucket));
	sh->duplicates = wt_memory_reserve_dense(sizeof(*sh->duplicates));
	sh->sights = wt_memory_reserve_dense(sizeof(*sh->sights));
	sh->retained.size = limits->retained_bytes;
	sh->retained.ring = wt_memory_reserve_dense(limits->retained_bytes);
	sh->waiters.size = 64; /* twice what can wait, see wait_begin in early.c */
	while (sh->waiters.size < 2 * limits->early_chunks)
		sh->waiters.size *= 2;
	sh->waiters.entry = wt_memory_reserve_dense(sh->waiters.size * sizeof(*sh->waiters.entry));
	wt_chunks_init(&sh->early, limits->early_chunks);
	for (i = 0; i < WT_N_CLASSES; i++)
		sh->list[i] = (struct wt_flow_list){ WT_NONE, WT_NONE };
}

void wt_shard_fini(struct wt_shard *sh)
{
	wt_memory_release(sh->flow, sh->n_flows * sizeof(*sh->flow));
	wt_memory_release(sh->stream, sh->n_flows * sizeof(*sh->stream));
	wt_memory_release_dense(sh->bucket, sh->n_flows * sizeof(*sh->bucket));
	wt_memory_release_dense(sh->duplicates, sizeof(*sh->duplicates));
	wt_memory_release_dense(sh->sights, sizeof(*sh->sights));
	wt_memory_release_dense(sh->retained.ring, sh->retained.size);
	wt_memory_release_dense(sh->waiters.entry, sh->waiters.size * sizeof(*sh->waiters.entry));
	wt_chunks_fini(&sh->early);
}

uint64_t wt_shard_hash(const struct wt_shard *sh, const struct wt_packet *p)
{
	return wt_hash(sh->seed, wt_slice_of(&p->key, sizeof(p->key)));
}

static void list_remove(struct wt_shard *sh, struct wt_flow *f)
{
	struct wt_flow_list *list = &sh->list[f->class];

	if (f->prev != WT_NONE)
		sh->flow[f->prev].next = f->next;
	else
		list->head = f->next;
	if (f->next != WT_NONE)
		sh->flow[f->next].prev = f->prev;
	else
		list->tail = f->prev;
}

static void list_append(struct wt_shard *sh, struct wt_flow *f, uint8_t class,
			uint64_t now_ns)
{
	struct wt_flow_list *list = &sh->list[class];
	uint32_t at = (uint32_t)(f - sh->flow);

	f->class = class;
	f->armed = (uint32_t)(now_ns / WT_ARMED_UNIT_NS);
	f->flags &= (uint8_t)~WT_FLOW_USED;
	f->prev = list->tail;
	f->next = WT_NONE;
	if (list->tail != WT_NONE)
		sh->flow[list->tail].next = at;
	else
		list->head = at;
	list->tail = at;
}

void wt_shard_reclass(struct wt_shard *sh, struct wt_flow *f, enum wt_flow_class class,
		      uint64_t now_ns)
{
	if (f->class == (uint8_t)class)
		return;
	list_remove(sh, f);
	list_append(sh, f, (uint8_t)class, now_ns);
}

uint32_t wt_shard_find(const struct wt_shard *sh, const struct wt_packet *p, uint64_t hash)
{
	uint32_t at = sh->bucket[hash & sh->mask];

	while (at) {
		const struct wt_flow *f = &sh->flow[at - 1];

		if (memcmp(&f->key, &p->key, sizeof(f->key)) == 0)
			return at - 1;
		at = f->hash_next;
	}
	return WT_NONE;
}

static void unhash(struct wt_shard *sh, uint32_t flow)
{
	struct wt_flow *f = &sh->flow[flow];
	uint64_t hash = wt_hash(sh->seed, wt_slice_of(&f->key, sizeof(f->key)));
	uint32_t *link = &sh->bucket[hash & sh->mask];

	while (*link && *link != flow + 1)
		link = &sh->flow[*link - 1].hash_next;
	if (!WT_BUG_ON(*link == 0))
		*link = f->hash_next;
}

void wt_shard_end(struct wt_shard *sh, uint32_t flow, enum wt_flow_reason why,
		  const struct wt_moment *m)
{
	static const enum wt_counter counter[] = {
		[WT_ENDED_CLOSED] = WT_C_FLOWS_CLOSED,
		[WT_ENDED_TIMEOUT] = WT_C_FLOWS_TIMEOUT,
		[WT_ENDED_EVICTED] = WT_C_FLOWS_EVICTED,
		[WT_ENDED_AT_END] = WT_C_FLOWS_END,
	};
	struct wt_flow *f = &sh->flow[flow];
	struct wt_stream *s = f->key.proto == 6 ? &sh->stream[flow] : NULL;

	if (s) {
		wt_early_give_up(sh, f, WT_TO_SERVER, m);
		wt_early_give_up(sh, f, WT_TO_CLIENT, m);
	}
	sh->dissect.close(sh->dissect.self, f, s, m);
	wt_flow_report(sh, f, s, why, m);
	wt_count(sh->counters, counter[why]);
	list_remove(sh, f);
	unhash(sh, flow);
	f->class = WT_CLASS_FREE;
	f->next = sh->free;
	sh->free = flow;
	sh->n_used--;
}

/* Makes room: what never got an answer goes first, then what is over, then what
 * rested longest. A flow seen since its list last looked gets a second chance. */
static void evict_one(struct wt_shard *sh, const struct wt_moment *m)
{
	unsigned class, tries;

	for (class = 0; class < WT_N_CLASSES; class++) {
		struct wt_flow_list *list = &sh->list[class];

		for (tries = 0; list->head != WT_NONE && tries < 8; tries++) {
			struct wt_flow *f = &sh->flow[list->head];

			if (!(f->flags & WT_FLOW_USED) || tries == 7) {
				wt_shard_end(sh, list->head, WT_ENDED_EVICTED, m);
				return;
			}
			list_remove(sh, f);
			list_append(sh, f, (uint8_t)class, m->now_ns);
		}
	}
}

/* 53 bits that differ between flows and between runs over other captures. */
static uint64_t flow_id(const struct wt_packet *p)
{
	uint64_t id = wt_hash(p->ts_ns ^ p->number * UINT64_C(0x9e3779b97f4a7c15),
			      wt_slice_of(&p->key, sizeof(p->key)));

	return id & ((UINT64_C(1) << 53) - 1);
}

/* Who is the client when no SYN tells: for TCP joined mid-stream the end whose port
 * looks like a service is the server; otherwise who spoke first is the client. */
static uint8_t guess_client(const struct wt_packet *p)
{
	uint16_t from = p->key.end[p->sender].port, to = p->key.end[p->sender ^ 1].port;
	uint8_t other = p->sender ^ 1;

	if (p->key.proto != 6)
		return p->sender;
	if (p->tcp_flags & WT_TCP_SYN)
		return p->tcp_flags & WT_TCP_ACK ? other : p->sender;
	if ((from < 1024) != (to < 1024))
		return from < 1024 ? other : p->sender;
	if ((from < 32768) != (to < 32768))
		return from < 32768 ? other : p->sender;
	return p->sender;
}

uint32_t wt_shard_begin(struct wt_shard *sh, const struct wt_packet *p, uint64_t hash,
			const struct wt_moment *m)
{
	struct wt_flow *f;
	uint32_t at;

	if (sh->n_used == sh->n_flows)
		evict_one(sh, m);
	at = sh->free;
	if (at != WT_NONE)
		sh->free = sh->flow[at].next;
	else
		at = sh->n_fresh++;
	sh->n_used++;
	wt_stray_forget(sh, at);
	wt_front_reach(&sh->flow_front, (at + 1) * sizeof(*f));
	f = &sh->flow[at];
	memset(f, 0, sizeof(*f));
	f->key = p->key;
	f->id = flow_id(p);
	f->first_ns = f->last_ns = m->now_ns;
	f->dissection = WT_NONE;
	f->client = guess_client(p);
	f->vlan = p->n_vlans ? p->vlan[0] : 0;
	f->hash_next = sh->bucket[hash & sh->mask];
	sh->bucket[hash & sh->mask] = at + 1;
	list_append(sh, f, p->key.proto == 6 ? WT_CLASS_NEW :
			   p->key.proto == 17 ? WT_CLASS_UDP : WT_CLASS_OTHER, m->now_ns);
	wt_count(sh->counters, WT_C_FLOWS_NEW);
	wt_count(sh->counters, p->key.proto == 6 ? WT_C_FLOWS_TCP :
			       p->key.proto == 17 ? WT_C_FLOWS_UDP : WT_C_FLOWS_OTHER);
	if (p->key.proto == 6) {
		struct wt_stream *s = &sh->stream[at];

		wt_front_reach(&sh->stream_front, (at + 1) * sizeof(*s));
		memset(s, 0, sizeof(*s));
		s->dir[0].early = s->dir[1].early = WT_CHUNK_NONE;
	}
	return at;
}

/* Packets of flows without streams. */
static void plain_packet(struct wt_shard *sh, struct wt_flow *f, const struct wt_packet *p,
			 const struct wt_moment *m)
{
	enum wt_direction dir = wt_flow_direction(f, p->sender);

	if (dir == WT_TO_CLIENT && f->state == WT_FLOW_NEW)
		f->state = WT_FLOW_ESTABLISHED;
	if (p->key.proto == 17 && p->payload_len)
		sh->dissect.datagram(sh->dissect.self, f, dir, wt_packet_payload(p),
				     p->payload_len < p->payload_wire_len, m);
	if (p->key.proto == PROTO_ICMPV6)
		sh->dissect.datagram(sh->dissect.self, f, dir,
				     wt_slice_of(p->bytes + p->l4_off,
						 p->payload_off - p->l4_off + p->payload_len),
				     p->payload_len < p->payload_wire_len, m);
}

static uint32_t wire_bytes(const struct wt_packet *p)
{
	return p->payload_off - p->ip_off + p->payload_wire_len;
}

/* The flow the packet belongs to: known, new, or new in the place of one that is over
 * or that we followed wrongly. */
static struct wt_flow *flow_of(struct wt_shard *sh, const struct wt_packet *p, uint64_t hash,
			       const struct wt_moment *m)
{
	uint32_t at = wt_shard_find(sh, p, hash);
	uint8_t client;

	if (at == WT_NONE)
		return &sh->flow[wt_shard_begin(sh, p, hash, m)];
	if (p->key.proto != 6)
		return &sh->flow[at];
	if (wt_tcp_restarts(sh, at, p)) {
		wt_shard_end(sh, at, WT_ENDED_CLOSED, m);
		return &sh->flow[wt_shard_begin(sh, p, hash, m)];
	}
	if (WT_LIKELY(!wt_stray_is_taken(sh, at, p, m)))
		return &sh->flow[at];
	client = sh->flow[at].client;
	sh->dissect.glitch(sh->dissect.self, &sh->flow[at],
			   wt_flow_direction(&sh->flow[at], p->sender), "tcp_desynchronised",
			   0, m);
	wt_shard_end(sh, at, WT_ENDED_CLOSED, m);
	at = wt_shard_begin(sh, p, hash, m);
	sh->flow[at].client = client;
	return &sh->flow[at];
}

/* Clinical links are kept for days, but not when they are half closed. */
static void promote(struct wt_shard *sh, struct wt_flow *f, const struct wt_moment *m)
{
	if (f->app && f->state == WT_FLOW_ESTABLISHED &&
	    (f->class == WT_CLASS_TCP || (f->class == WT_CLASS_NEW && f->key.proto == 6)) &&
	    wt_registry_is_long_lived(f->app))
		wt_shard_reclass(sh, f, WT_CLASS_CLINICAL, m->now_ns);
}

void wt_shard_packet(struct wt_shard *sh, struct wt_packet *p, uint64_t hash,
		     const struct wt_moment *m)
{
	struct wt_flow *f = flow_of(sh, p, hash, m);
	enum wt_direction dir = wt_flow_direction(f, p->sender);

	if (wt_duplicate_seen(sh, f, p)) {
		p->disposition = WT_DISP_DUPLICATE;
		return;
	}
	if (f->n_packets[dir]++ == 0)
		wt_sight(sh, p, f->id, f->client, m);
	f->bytes[dir] += wire_bytes(p);
	f->flags |= WT_FLOW_USED;
	if (p->flags & (WT_PKT_BAD_IP_SUM | WT_PKT_BAD_L4_SUM))
		wt_saturate_u8(&f->n_bad_sums);
	if (p->flags & WT_PKT_FRAG_CONFLICT)
		sh->dissect.glitch(sh->dissect.self, f, dir, "ip_fragment_overlap_conflict", 0, m);
	if (p->key.proto == 6)
		wt_tcp_packet(sh, f, p, m);
	else
		plain_packet(sh, f, p, m);
	promote(sh, f, m);
	f->last_ns = m->now_ns;
}

/* Looks at the flows of a class whose time has come: ends those that really rested,
 * arms the others again. */
static void expire_class(struct wt_shard *sh, unsigned class, const struct wt_moment *m)
{
	struct wt_flow_list *list = &sh->list[class];
	uint64_t idle = idle_ns[class];

	while (list->head != WT_NONE) {
		struct wt_flow *f = &sh->flow[list->head];

		if (wt_elapsed_ns((uint64_t)f->armed * WT_ARMED_UNIT_NS, m->now_ns) < idle)
			break;
		if (wt_elapsed_ns(f->last_ns, m->now_ns) >= idle) {
			wt_shard_end(sh, list->head, f->state == WT_FLOW_CLOSED ||
				     f->state == WT_FLOW_RESET ? WT_ENDED_CLOSED :
				     WT_ENDED_TIMEOUT, m);
			continue;
		}
		list_remove(sh, f);
		list_append(sh, f, (uint8_t)class, m->now_ns);
	}
}

void wt_shard_tick(struct wt_shard *sh, const struct wt_moment *m)
{
	unsigned class;

	wt_early_tick(sh, m);
	for (class = 0; class < WT_N_CLASSES; class++)
		if (sh->list[class].head != WT_NONE)
			expire_class(sh, class, m);
}

void wt_shard_finish(struct wt_shard *sh, const struct wt_moment *m)
{
	unsigned class;

	for (class = 0; class < WT_N_CLASSES; class++)
		while (sh->list[class].head != WT_NONE) {
			uint32_t at = sh->list[class].head;
			uint8_t state = sh->flow[at].state;

			wt_shard_end(sh, at, state == WT_FLOW_CLOSED || state == WT_FLOW_RESET ?
				     WT_ENDED_CLOSED : WT_ENDED_AT_END, m);
		}
}
