/* The packet path of a worker (worker.h): decode, filter, fragments, ticks, flows.
 * Batches of 32 are decoded and their flow buckets and flows prefetched before the
 * first is processed, because a flow table beyond the cache costs a miss per packet.
 * Trust: packets are hostile. Memory: limits.h, reserved at start. */
#include "app/worker.h"
#include "base/memory.h"
#include "decode/decode.h"
#include "dissect/hint.h"

#include <stdio.h>
#include <stdlib.h>

#define FLUSH_PACKETS 16384u /* an idle worker still tells how far it is */

/* Redacted straight into the queue. */
static void hand_on(void *self, const struct wt_event *event)
{
	struct wt_worker *w = self;
	void *room = wt_handoff_room(w->handoff, w->order ? w->order - 1 : 0,
				     !w->options.is_live);

	wt_count(&w->counters, WT_C_EVENTS_EMITTED);
	if (!room) {
		wt_count(&w->counters, WT_C_EVENTS_SHED);
		return;
	}
	wt_handoff_put(w->handoff, wt_redact(w->redactor, event, room));
}

/* Every event of the worker's shards; alerts come right behind what they are about. */
static void take_event(void *self, const struct wt_event *event)
{
	struct wt_worker *w = self;

	hand_on(w, event);
	if (w->matcher[event->head.shard])
		wt_matcher_event(w->matcher[event->head.shard], event);
}

static void make_matcher(struct wt_worker *w, uint8_t number, struct wt_flow_sink *sink)
{
	struct wt_event_sink alerts = { .self = w, .take = hand_on };
	struct wt_shape_sink shape;

	w->matcher[number] = wt_matcher_new(w->options.program, number, &w->options.limits, w->match,
					    &w->counters, sink, &alerts, &w->event_index);
	*sink = wt_matcher_sink(w->matcher[number]);
	shape = wt_matcher_shape_sink(w->matcher[number]);
	wt_dissect_tell_shape(&w->dissect[number], &shape);
}

static void make_shard(struct wt_worker *w, uint8_t number)
{
	struct wt_event_sink events = { .self = w, .take = take_event };
	struct wt_flow_sink sink;

	wt_dissect_init(&w->dissect[number], number, &w->options.limits, w->scratch,
			&w->counters, &events, w->hint, &w->event_index);
	sink = wt_dissect_sink(&w->dissect[number]);
	if (w->options.program)
		make_matcher(w, number, &sink);
	wt_shard_init(&w->shard[number], number, &w->options.limits, w->options.seed,
		      &w->counters, &sink, &events, &w->event_index);
	w->fragments[number] = wt_fragments_new(&w->options.limits, w->options.seed);
	w->owns[number] = true;
}

struct wt_worker *wt_worker_new(const struct wt_worker_options *options)
{
	struct wt_worker *w = wt_memory_reserve_dense(sizeof(*w));
	char why[256];
	unsigned i;

	w->options = *options;
	w->scratch = wt_dissect_scratch_new(options->seed);
	atomic_init(&w->next_program, options->program);
	atomic_init(&w->program_in_use, options->program);
	if (options->program)
		w->match = wt_match_scratch_new(options->program, options->seed);
	if (options->program && options->has_profile)
		wt_match_scratch_profile(w->match);
	w->redactor = wt_redactor_new(options->key, &w->counters);
	w->handoff = wt_handoff_new(options->limits.record_ring);
	if (options->has_hints)
		w->hint = wt_hint_new(WT_SHARDS, options->limits.hint_flows);
	if (options->filter) {
		w->filter = wt_filter_new(options->filter, why, sizeof(why));
		if (!w->filter) {
			fprintf(stderr, "wardtap: filter '%s': %s\n", options->filter, why);
			exit(2);
		}
	}
	for (i = 0; i < WT_SHARDS; i++)
		if (i % options->n_workers == options->index)
			make_shard(w, (uint8_t)i);
	w->tunnel_fragments = wt_fragments_new(&options->limits, options->seed);
	if (options->is_live && options->n_workers > 1)
		w->inbox = wt_inbox_new(options->limits.record_ring);
	return w;
}

void wt_worker_free(struct wt_worker *w)
{
	unsigned i;

	for (i = 0; i < WT_SHARDS; i++) {
		if (!w->owns[i])
			continue;
		wt_shard_fini(&w->shard[i]);
		wt_dissect_fini(&w->dissect[i]);
		wt_matcher_free(w->matcher[i]);
		wt_fragments_free(w->fragments[i]);
	}
	wt_fragments_free(w->tunnel_fragments);
	wt_dissect_scratch_free(w->scratch);
	wt_match_scratch_free(w->match);
	wt_redactor_free(w->redactor);
	wt_handoff_free(w->handoff);
	wt_filter_free(w->filter);
	wt_inbox_free(w->inbox);
	wt_hint_free(w->hint);
	wt_memory_release_dense(w, sizeof(*w));
}

static void count_unknown_link(struct wt_worker *w, uint16_t type)
{
	unsigned i;

	for (i = 0; i < w->n_unknown_links && w->unknown_link[i].type != type; i++)
		continue;
	if (i == WT_LINK_TYPES_TOLD)
		return;
	if (i == w->n_unknown_links)
		w->unknown_link[w->n_unknown_links++].type = type;
	w->unknown_link[i].n++;
}

/* The books of one packet; called by its owner, once. */
static void book(struct wt_worker *w, const struct wt_packet *p)
{
	wt_count(&w->counters, (enum wt_counter)(WT_C_DISP_FLOW + p->disposition));
	if (p->disposition == WT_DISP_UNKNOWN_LINK)
		count_unknown_link(w, p->link_type);
}

static void tick(struct wt_worker *w, uint64_t order)
{
	uint64_t boundary = w->clock_ns / WT_TICK_NS * WT_TICK_NS;
	struct wt_moment m = {
		.now_ns = boundary, .ts_ns = boundary, .order = order, .is_tick = true,
	};
	unsigned i;

	for (i = 0; i < WT_SHARDS; i++) {
		if (!w->owns[i])
			continue;
		w->event_index = 0;
		wt_shard_tick(&w->shard[i], &m);
		if (w->matcher[i])
			wt_matcher_tick(w->matcher[i], &m);
		wt_fragments_tick(w->fragments[i], boundary, &w->counters);
	}
	wt_fragments_tick(w->tunnel_fragments, boundary, w->owns[0] ? &w->counters : &w->nobody);
}

/* Packet time: the latest seen. Crossing a boundary expires what is due. */
static void advance(struct wt_worker *w, uint64_t ts_ns, uint64_t number)
{
	bool is_later = ts_ns > w->clock_ns;

	if (is_later)
		w->clock_ns = ts_ns;
	w->order = w->options.is_live ? w->clock_ns : number;
	if (!is_later || ts_ns / WT_TICK_NS == w->last_tick)
		return;
	w->last_tick = ts_ns / WT_TICK_NS;
	tick(w, w->order);
}

/* Rules about the packet itself, with what flow/ knows now. */
static void match_packet(struct wt_worker *w, const struct wt_packet *p, uint64_t hash,
			 const struct wt_moment *m)
{
	const struct wt_shard *sh = &w->shard[p->shard];
	uint32_t at;

	if (!wt_matcher_wants_packets(w->matcher[p->shard]))
		return;
	at = wt_shard_find(sh, p, hash);
	if (at != WT_NONE)
		wt_matcher_packet(w->matcher[p->shard], p, &sh->flow[at],
				  p->key.proto == 6 ? &sh->stream[at] : NULL, m);
}

static void take_flow_packet(struct wt_worker *w, struct wt_packet *p, uint64_t hash)
{
	struct wt_moment m = {
		.now_ns = w->clock_ns, .ts_ns = p->ts_ns, .order = w->order, .packet = p,
		.number = w->options.is_live ? 0 : p->number,
	};

	w->event_index = 0;
	wt_shard_packet(&w->shard[p->shard], p, hash, &m);
	if (w->matcher[p->shard] && p->disposition == WT_DISP_FLOW)
		match_packet(w, p, hash, &m);
}

/* A frame that is no IP: ARP, LLDP and the like. */
static void take_frame(struct wt_worker *w, const struct wt_packet *p)
{
	struct wt_moment m = {
		.now_ns = w->clock_ns, .ts_ns = p->ts_ns, .order = w->order, .packet = p,
		.number = w->options.is_live ? 0 : p->number,
	};

	w->event_index = 0;
	wt_sight(&w->shard[p->shard], p, 0, p->sender, &m);
	wt_dissect_frame(&w->dissect[p->shard], p, &m);
}

/* A datagram rebuilt from fragments. */
static void take_whole(struct wt_worker *w, struct wt_packet *whole)
{
	wt_decode_verify(whole);
	wt_decode_count(whole, &w->counters);
	if (whole->disposition == WT_DISP_FLOW)
		take_flow_packet(w, whole, wt_shard_hash(&w->shard[whole->shard], whole));
	book(w, whole);
}

/* Live: the shard belongs to another worker. */
static void hand_over(struct wt_worker *w, struct wt_packet *p)
{
	struct wt_worker *owner = w->peers[p->shard % w->options.n_workers];

	wt_count(&w->counters, WT_C_HANDED_OVER);
	if (wt_inbox_put(owner->inbox, p))
		return;
	p->disposition = WT_DISP_SHED;
	book(w, p);
}

/* A fragment: kept, or the last of its datagram. */
static void take_fragment(struct wt_worker *w, struct wt_packet *p)
{
	bool is_shared = (p->flags & WT_PKT_TUNNEL_FRAGMENT) && !w->options.is_live;
	bool is_mine = w->owns[p->shard];
	struct wt_packet whole;

	if (!is_shared && !is_mine)
		return;
	if (is_mine)
		wt_decode_count(p, &w->counters);
	if (!wt_fragments_push(is_shared ? w->tunnel_fragments : w->fragments[p->shard], p,
			       w->clock_ns, is_mine ? &w->counters : &w->nobody, &whole)) {
		if (is_mine)
			book(w, p);
		return;
	}
	if (!w->owns[whole.shard]) {
		if (w->options.is_live)
			hand_over(w, &whole);
		return;
	}
	take_whole(w, &whole);
}

static void take_packet(struct wt_worker *w, struct wt_packet *p, uint64_t hash)
{
	advance(w, p->ts_ns, p->number);
	if (w->options.is_live && !w->owns[p->shard]) {
		hand_over(w, p);
		return;
	}
	if (p->disposition == WT_DISP_FRAGMENT) {
		take_fragment(w, p);
		return;
	}
	if (!w->owns[p->shard])
		return;
	if (p->flags & WT_PKT_REASSEMBLED) {
		take_whole(w, p);
		return;
	}
	if (p->disposition == WT_DISP_FILTERED) {
		book(w, p);
		return;
	}
	wt_decode_verify(p);
	wt_decode_count(p, &w->counters);
	if (p->disposition == WT_DISP_FLOW)
		take_flow_packet(w, p, hash);
	else if (p->disposition == WT_DISP_ETHER)
		take_frame(w, p);
	book(w, p);
}

static bool is_wanted(const struct wt_worker *w, const struct wt_packet *p)
{
	return p->disposition == WT_DISP_FLOW && w->owns[p->shard];
}

/* Brings what the packets will touch near, in rounds: what one round names comes in
 * while the others of the batch are looked at. */
static void prefetch(struct wt_worker *w, const struct wt_batch *batch, uint64_t *hash)
{
	const struct wt_dissection *dissection[WT_BATCH];
	unsigned i, n = 0;

	for (i = 0; i < batch->n; i++) {
		const struct wt_packet *p = &batch->packet[i];

		if (!is_wanted(w, p))
			continue;
		hash[i] = wt_shard_hash(&w->shard[p->shard], p);
		wt_shard_prefetch_bucket(&w->shard[p->shard], hash[i]);
	}
	for (i = 0; i < batch->n; i++)
		if (is_wanted(w, &batch->packet[i]))
			wt_shard_prefetch_flow(&w->shard[batch->packet[i].shard], hash[i]);
	for (i = 0; i < batch->n; i++) {
		const struct wt_packet *p = &batch->packet[i];
		const struct wt_flow *f;

		if (!is_wanted(w, p))
			continue;
		f = wt_shard_prefetch_mark(&w->shard[p->shard], p, hash[i]);
		dissection[n] = f ? wt_dissect_prefetch(&w->dissect[p->shard], f, p->sender) :
				    NULL;
		n += dissection[n] != NULL;
	}
	for (i = 0; i < n; i++)
		wt_dissect_prefetch_state(dissection[i]);
}

void wt_worker_batch(struct wt_worker *w, struct wt_batch *batch)
{
	uint64_t hash[WT_BATCH] = { 0 };
	unsigned i;

	for (i = 0; i < batch->n; i++) {
		struct wt_packet *p = &batch->packet[i];

		wt_decode(p);
		if (w->filter && !wt_filter_match(w->filter, p))
			p->disposition = WT_DISP_FILTERED;
	}
	prefetch(w, batch, hash);
	for (i = 0; i < batch->n; i++)
		take_packet(w, &batch->packet[i], hash[i]);
	w->n_since_flush += batch->n;
	if (w->n_since_flush >= FLUSH_PACKETS && !w->options.is_live) {
		w->n_since_flush = 0;
		wt_handoff_flush(w->handoff, w->order, false);
	}
}

static void take_handed_over(void *self, struct wt_packet *p)
{
	struct wt_worker *w = self;

	take_packet(w, p, wt_shard_hash(&w->shard[p->shard], p));
}

/* New rules, between two batches. */
static void change_rules(struct wt_worker *w, const struct wt_program *program)
{
	unsigned i;

	for (i = 0; i < WT_SHARDS; i++)
		if (w->owns[i] && w->matcher[i])
			wt_matcher_change(w->matcher[i], program, w->next_match);
	w->old_match = w->match;
	w->match = w->next_match;
	w->next_match = NULL;
	w->options.program = program;
	atomic_store(&w->program_in_use, program);
}

void wt_worker_clock(struct wt_worker *w, uint64_t now_ns)
{
	const struct wt_program *next = atomic_load(&w->next_program);

	if (next != atomic_load_explicit(&w->program_in_use, memory_order_relaxed))
		change_rules(w, next);
	if (w->inbox)
		wt_inbox_take(w->inbox, take_handed_over, w);
	advance(w, now_ns, 0);
	wt_handoff_flush(w->handoff, w->clock_ns ? w->clock_ns - 1 : 0, false);
}

void wt_worker_finish(struct wt_worker *w)
{
	struct wt_moment m = {
		.now_ns = w->clock_ns, .ts_ns = w->clock_ns, .order = UINT64_MAX,
		.is_tick = true,
	};
	unsigned i;

	for (i = 0; i < WT_SHARDS; i++) {
		if (!w->owns[i])
			continue;
		w->event_index = 0;
		wt_shard_finish(&w->shard[i], &m);
	}
	wt_handoff_flush(w->handoff, UINT64_MAX, true);
}
