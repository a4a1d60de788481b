/* The flow event and the stream totals, when a flow ends.
 * Trust: numbers are ours. Memory: the stack. */
#include "base/values.h"
#include "flow/shard.h"
#include "wardtap/registry.h"

static const char *const state_name[] = {
	[WT_FLOW_NEW] = "new", [WT_FLOW_ESTABLISHED] = "established",
	[WT_FLOW_CLOSING] = "closing", [WT_FLOW_CLOSED] = "closed", [WT_FLOW_RESET] = "reset",
};

static const char *const reason_name[] = {
	[WT_ENDED_CLOSED] = "closed", [WT_ENDED_TIMEOUT] = "timeout",
	[WT_ENDED_EVICTED] = "evicted", [WT_ENDED_AT_END] = "end",
};

static void put_number(struct wt_builder *b, enum wt_shared_field field, uint64_t number)
{
	(void)wt_values_put_number(b, (uint16_t)field, 0, number);
}

/* Losses and oddities: absent when there were none, which is nearly always. */
static void put_some(struct wt_builder *b, enum wt_shared_field field, uint64_t number)
{
	if (number)
		put_number(b, field, number);
}

static void put_text(struct wt_builder *b, enum wt_shared_field field, const char *text)
{
	(void)wt_values_put(b, (uint16_t)field, 0, WT_FORM_PLAIN,
			    wt_slice_of(text, strlen(text)));
}

static void put_flags(struct wt_builder *b, enum wt_shared_field field, uint8_t flags)
{
	static const char hex[] = "0123456789abcdef";
	const char text[2] = { hex[flags >> 4], hex[flags & 15] };

	(void)wt_values_put(b, (uint16_t)field, 0, WT_FORM_PLAIN, wt_slice_of(text, 2));
}

/* Adds a direction to the totals and checks its identity. */
static void add_up(struct wt_shard *sh, const struct wt_flow *f, const struct wt_stream *s,
		   enum wt_direction dir)
{
	const struct wt_stream_dir *d = &s->dir[dir];
	uint64_t sum = d->delivered + d->skipped + d->gap + d->clipped + d->abandoned;
	uint64_t span = wt_stream_span(f, s, dir);

	if (f->seq_wraps[dir] == UINT16_MAX)
		span = sum; /* 256 TiB and more: forged numbers, no longer counted */
wt_count_n(sh->counters, WT_C_STREAM_SPAN, span);
	wt_count_n(sh->counters, WT_C_STREAM_DELIVERED, d->delivered);
	wt_count_n(sh->counters, WT_C_STREAM_SKIPPED, d->skipped);
	wt_count_n(sh->counters, WT_C_STREAM_GAP, d->gap);
	wt_count_n(sh->counters, WT_C_STREAM_CLIPPED, d->clipped);
	wt_count_n(sh->counters, WT_C_STREAM_ABANDONED, d->abandoned);
	(void)WT_BUG_ON(span != sum);
}

static void put_stream(struct wt_builder *b, const struct wt_flow *f, const struct wt_stream *s)
{
	const struct wt_stream_dir *c = &s->dir[WT_TO_SERVER], *r = &s->dir[WT_TO_CLIENT];

	put_text(b, WT_F_FLOW_PICKUP, f->flags & WT_FLOW_MIDSTREAM ? "midstream" : "handshake");
	put_flags(b, WT_F_FLOW_TCP_FLAGS_TOSERVER, f->tcp_flags[WT_TO_SERVER]);
	put_flags(b, WT_F_FLOW_TCP_FLAGS_TOCLIENT, f->tcp_flags[WT_TO_CLIENT]);
	put_number(b, WT_F_FLOW_DELIVERED_TOSERVER, c->delivered);
	put_number(b, WT_F_FLOW_DELIVERED_TOCLIENT, r->delivered);
	put_some(b, WT_F_FLOW_SKIPPED_TOSERVER, c->skipped);
	put_some(b, WT_F_FLOW_SKIPPED_TOCLIENT, r->skipped);
	put_some(b, WT_F_FLOW_GAP_TOSERVER, c->gap);
	put_some(b, WT_F_FLOW_GAP_TOCLIENT, r->gap);
	put_some(b, WT_F_FLOW_CLIPPED_TOSERVER, c->clipped);
	put_some(b, WT_F_FLOW_CLIPPED_TOCLIENT, r->clipped);
	put_some(b, WT_F_FLOW_ABANDONED_TOSERVER, c->abandoned);
	put_some(b, WT_F_FLOW_ABANDONED_TOCLIENT, r->abandoned);
	put_some(b, WT_F_FLOW_OVERLAP_CONFLICTS, f->n_conflicts);
}

static struct wt_event_head head_of(struct wt_shard *sh, const struct wt_flow *f,
				    const struct wt_moment *m)
{
	/* another flow's packet that pushed this one out is no witness of it */
	bool is_own = m->packet && memcmp(&m->packet->key, &f->key, sizeof(f->key)) == 0;
	struct wt_event_head head = {
		.order = m->order, .index = (*sh->event_index)++, .shard = sh->number,
		.is_tick = m->is_tick, .sender = f->client, .client = f->client, .type = WT_EVENT_FLOW,
		.app = f->app, .hint = f->hint, .ts_ns = m->ts_ns,
		.number = is_own ? m->number : 0, .flow_id = f->id, .key = f->key,
	};

	if (f->vlan) {
		head.n_vlans = 1;
		head.vlan[0] = f->vlan;
	}
	return head;
}

void wt_flow_report(struct wt_shard *sh, const struct wt_flow *f, const struct wt_stream *s,
		    enum wt_flow_reason why, const struct wt_moment *m)
{
	uint8_t room[1024];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	struct wt_event event = { .head = head_of(sh, f, m), .handle = 0 };
	bool is_one_way = !f->n_packets[0] || !f->n_packets[1];

	if (s) {
		add_up(sh, f, s, WT_TO_SERVER);
		add_up(sh, f, s, WT_TO_CLIENT);
	}
	if (is_one_way)
		wt_count(sh->counters, WT_C_FLOWS_ONE_WAY);
	put_number(&b, WT_F_FLOW_PKTS_TOSERVER, f->n_packets[WT_TO_SERVER]);
	put_number(&b, WT_F_FLOW_PKTS_TOCLIENT, f->n_packets[WT_TO_CLIENT]);
	put_number(&b, WT_F_FLOW_BYTES_TOSERVER, f->bytes[WT_TO_SERVER]);
	put_number(&b, WT_F_FLOW_BYTES_TOCLIENT, f->bytes[WT_TO_CLIENT]);
	put_number(&b, WT_F_FLOW_START, f->first_ns);
	put_number(&b, WT_F_FLOW_END, f->last_ns);
	put_number(&b, WT_F_FLOW_DURATION, (f->last_ns - f->first_ns) / WT_NS_PER_MS);
	put_text(&b, WT_F_FLOW_STATE, state_name[f->state]);
	put_text(&b, WT_F_FLOW_REASON, reason_name[why]);
	if (is_one_way)
		put_number(&b, WT_F_FLOW_ONE_WAY, 1);
	if (s)
		put_stream(&b, f, s);
	put_some(&b, WT_F_FLOW_GLITCHES, f->n_glitches);
	put_some(&b, WT_F_FLOW_BAD_SUMS, f->n_bad_sums);
	event.values = wt_bld_slice(&b);
	sh->events.take(sh->events.self, &event);
}
