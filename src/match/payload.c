/* Payload rules: streams in windows, datagrams and packets as they come (matcher.h).
 * Trust: bytes are hostile. Memory: windows of state.c. */
#include "match/inner.h"

enum { PROTO_TCP = 6, PROTO_UDP = 17 };

static struct wt_event_head head_of(const struct wt_matcher *m, const struct wt_flow *f,
				    uint8_t dir, const struct wt_moment *moment)
{
	struct wt_event_head head = {
		.order = moment->order,
		.shard = m->shard,
		.is_tick = moment->is_tick,
		.app = f->app,
		.hint = f->hint,
		.ts_ns = moment->ts_ns,
		.number = moment->packet ? moment->number : 0,
		.flow_id = f->id,
		.key = f->key,
		.sender = dir == WT_TO_SERVER ? f->client : f->client ^ 1,
		.client = f->client,
		.n_vlans = f->vlan != 0,
		.vlan = { f->vlan },
	};

	return head;
}

void wt_match_spans(const struct wt_stream *s, uint64_t span[2])
{
	unsigned dir;

	for (dir = 0; dir < 2; dir++) {
		const struct wt_stream_dir *d = &s->dir[dir];

		span[dir] = d->delivered + d->skipped + d->gap + d->clipped + d->abandoned;
	}
}

/* Scans what is new in the window (with the overlap before it) and decides. */
void wt_window_inspect(struct wt_matcher *m, struct wt_window *w,
		       const struct wt_moment *moment)
{
	struct wt_subject subject = {
		.head = head_of(m, w->flow, w->dir, moment),
		.flow = w->flow,
		.stream = w->stream,
		.payload = wt_slice_of(w->bytes, w->len),
		.payload_at = w->start,
		.unit_at = w->start - w->unit_start,
		.window = w,
	};

	if (w->len == w->seen)
		return;
	subject.head.ts_ns = w->ts_ns;
	subject.head.number = w->number;
	wt_count_n(m->counters, WT_C_MATCH_INSPECTED, w->len - w->seen);
	w->seen = w->len;
	wt_match_begin(m, &subject.head, NULL);
	wt_match_group(m,
		       wt_program_payload(m->program, w->dir == WT_TO_SERVER
							      ? WT_PAYLOAD_TO_SERVER
							      : WT_PAYLOAD_TO_CLIENT),
		       subject.payload);
	if (m->scratch->n_candidates)
		wt_match_candidates(m, &subject);
}

/* The unit is over. */
static void close_unit(struct wt_matcher *m, struct wt_window *w,
		       const struct wt_moment *moment)
{
	wt_window_inspect(m, w, moment);
	wt_window_drop(m, w);
}

static void close_direction(struct wt_matcher *m, struct wt_flow *f, uint8_t dir,
			    const struct wt_moment *moment)
{
	struct wt_window *w = wt_window_find(m, f, dir, NULL, false);

	if (w)
		close_unit(m, w, moment);
}

static struct wt_window *window_for(struct wt_matcher *m, struct wt_flow *f,
				    struct wt_stream *s, uint8_t dir,
				    const struct wt_moment *moment)
{
	struct wt_window *w = wt_window_find(m, f, dir, s, true);

	if (!w && m->windows_head != WT_NONE) {
		wt_count(m->counters, WT_C_MATCH_WINDOWS_EVICTED);
		close_unit(m, &m->window[m->windows_head], moment);
		w = wt_window_find(m, f, dir, s, true);
	}
	return w;
}

static void add_bytes(struct wt_matcher *m, struct wt_window *w, struct wt_slice bytes,
		      const struct wt_moment *moment)
{
	while (bytes.len) {
		size_t room = sizeof(w->bytes) - w->len,
		       n = bytes.len < room ? bytes.len : room;

		memcpy(w->bytes + w->len, bytes.ptr, n);
		w->len += (uint32_t)n;
		bytes = wt_slice_tail(bytes, n);
		if (w->len < sizeof(w->bytes))
			return;
		wt_window_inspect(m, w, moment);
		memmove(w->bytes, w->bytes + WT_WINDOW - WT_WINDOW_OVERLAP, WT_WINDOW_OVERLAP);
		w->start += WT_WINDOW - WT_WINDOW_OVERLAP;
		w->len = w->seen = WT_WINDOW_OVERLAP;
	}
}

/* The bytes of a segment, after the dissector had them: `skipped` of them it passed over. */
static void take_bytes(struct wt_matcher *m, struct wt_flow *f, struct wt_stream *s,
		       uint8_t dir, uint64_t offset, struct wt_slice bytes, uint64_t skipped,
		       const struct wt_moment *moment)
{
	struct wt_window *w = wt_window_find(m, f, dir, s, false);

	close_direction(m, f, dir ^ 1, moment); /* the other side's turn is over */
	if (!w) {
		w = window_for(m, f, s, dir, moment);
		if (!w)
			return;
		w->start = w->unit_start = offset;
	}
	w->flow = f;
	w->stream = s;
	wt_window_used(m, w, moment->now_ns);
	wt_match_spans(s, w->span);
	w->ts_ns = moment->ts_ns;
	w->number = moment->packet ? moment->number : 0;
	if (skipped < bytes.len) {
		w->bulk = 0;
	} else if (w->bulk >= WT_BULK_INSPECTED) {
		wt_count_n(m->counters, WT_C_MATCH_SKIPPED, bytes.len);
		if (w->len > w->seen)
			wt_window_inspect(m, w, moment);
		w->start = offset + bytes.len;
		w->len = w->seen = 0;
		return;
	} else {
		w->bulk += (uint32_t)(bytes.len < WT_BULK_INSPECTED ? bytes.len
								    : WT_BULK_INSPECTED);
		bytes = wt_slice_head(bytes, WT_BULK_INSPECTED);
	}
	add_bytes(m, w, bytes, moment);
}

static bool on_data(void *self, struct wt_flow *f, struct wt_stream *s, enum wt_direction dir,
		    struct wt_slice bytes, const struct wt_moment *moment)
{
	struct wt_matcher *m = self;
	struct wt_stream_dir *d = &s->dir[dir];
	uint64_t before = d->skipped;
	uint64_t offset = d->delivered + d->skipped + d->gap + d->clipped + d->abandoned;
	bool is_seen;

	m->cause = (struct wt_cause){ .flow = f, .stream = s, .packet = moment->packet };
	is_seen = m->dissect.data(m->dissect.self, f, s, dir, bytes, moment);
	m->cause = (struct wt_cause){ .flow = NULL };

	m->last_stream = s;
	m->last_flow_id = f->id;
	m->last_order = moment->order;
	if (m->has_stream_rules && bytes.len)
		take_bytes(m, f, s, (uint8_t)dir, offset, bytes, d->skipped - before, moment);
	return is_seen;
}

static void on_gap(void *self, struct wt_flow *f, struct wt_stream *s, enum wt_direction dir,
		   uint64_t lost, const struct wt_moment *moment)
{
	struct wt_matcher *m = self;

	close_direction(m, f, (uint8_t)dir, moment);
	m->dissect.gap(m->dissect.self, f, s, dir, lost, moment);
}

static void on_end(void *self, struct wt_flow *f, struct wt_stream *s, enum wt_direction dir,
		   const struct wt_moment *moment)
{
	struct wt_matcher *m = self;

	m->dissect.end(m->dissect.self, f, s, dir, moment);
	close_direction(m, f, (uint8_t)dir, moment);
}

static void on_datagram(void *self, struct wt_flow *f, enum wt_direction dir,
			struct wt_slice bytes, bool is_clipped, const struct wt_moment *moment)
{
	struct wt_matcher *m = self;

	m->cause = (struct wt_cause){ .flow = f, .packet = moment->packet, .datagram = bytes };
	m->dissect.datagram(m->dissect.self, f, dir, bytes, is_clipped, moment);
	m->cause = (struct wt_cause){ .flow = NULL };
	if (m->has_datagram_rules && bytes.len) {
		struct wt_subject subject = {
			.head = head_of(m, f, (uint8_t)dir, moment),
			.flow = f,
			.payload = bytes,
			.packet = moment->packet,
		};

		wt_count_n(m->counters, WT_C_MATCH_INSPECTED, bytes.len);
		wt_match_begin(m, &subject.head, NULL);
		wt_match_group(m, wt_program_payload(m->program, WT_PAYLOAD_DATAGRAM), bytes);
		if (m->scratch->n_candidates)
			wt_match_candidates(m, &subject);
	}
}

static void on_close(void *self, struct wt_flow *f, struct wt_stream *s,
		     const struct wt_moment *moment)
{
	struct wt_matcher *m = self;

	close_direction(m, f, WT_TO_SERVER, moment);
	close_direction(m, f, WT_TO_CLIENT, moment);
	if (m->last_stream == s)
		m->last_stream = NULL;
	m->dissect.close(m->dissect.self, f, s, moment);
	wt_match_flow_drop(m, f->id);
}

static void on_glitch(void *self, struct wt_flow *f, enum wt_direction dir, const char *reason,
		      uint64_t offset, const struct wt_moment *moment)
{
	struct wt_matcher *m = self;

	m->dissect.glitch(m->dissect.self, f, dir, reason, offset, moment);
}

struct wt_flow_sink wt_matcher_sink(struct wt_matcher *m)
{
	return (struct wt_flow_sink){
		.self = m,
		.data = on_data,
		.gap = on_gap,
		.end = on_end,
		.datagram = on_datagram,
		.close = on_close,
		.glitch = on_glitch,
	};
}

void wt_matcher_tick(struct wt_matcher *m, const struct wt_moment *moment)
{
	while (m->windows_head != WT_NONE) {
		struct wt_window *w = &m->window[m->windows_head];

		if (wt_elapsed_ns(w->last_ns, moment->now_ns) < WT_UNIT_REST_NS)
			return;
		close_unit(m, w, moment);
	}
}

bool wt_matcher_wants_packets(const struct wt_matcher *m)
{
	const struct wt_group *g = wt_program_payload(m->program, WT_PAYLOAD_PACKET);
	const struct wt_group *other = wt_program_payload(m->program, WT_PAYLOAD_OTHER);
	unsigned n;

	(void)wt_program_packet_rules(m->program, &n);
	return n || g->prefilter || g->n_always || other->prefilter || other->n_always ||
	       wt_program_netindex(m->program) || wt_program_intel(m->program);
}

static void take_rule(void *self, unsigned rule)
{
	wt_match_add(self, rule);
}

enum news { NO_NEWS, NEW_IN_DIRECTION, NEW_IN_FLOW };

/* Is the protocol of the flow news, in this direction or at all? */
static enum news app_news(struct wt_matcher *m, const struct wt_flow *f, unsigned dir)
{
	struct wt_match_flow *mark;
	enum news news;

	if (!m->has_app_rules || !f->app)
		return NO_NEWS;
	mark = wt_match_flow_find(m, f->id, true);
	news = mark->is_app_told[dir]       ? NO_NEWS
	       : mark->is_app_told[dir ^ 1] ? NEW_IN_DIRECTION
					    : NEW_IN_FLOW;
	mark->is_app_told[dir] = true;
	return news;
}

/* Is it this packet at which the rule is asked? */
static bool is_asked(const struct wt_matcher *m, const struct wt_packet_rule *r, bool is_first,
		     enum news news)
{
	const struct wt_rule *rule = wt_rules_at(m->rules, r->rule);
	bool has_side = rule->proto == WT_RULE_APP ||
			(rule->flow & (WT_FLOW_TO_SERVER | WT_FLOW_TO_CLIENT));

	switch (r->asks) {
	case WT_ASKS_FLOW:
		return is_first;
	case WT_ASKS_APP:
		return news == NEW_IN_FLOW || (news == NEW_IN_DIRECTION && has_side);
	case WT_ASKS_PACKET:
		break;
	}
	return true;
}

/* Rules on packets without content: those on addresses alone are asked once per flow and
 * direction, those on the protocol when it is known, the others for every packet. */
void wt_matcher_packet(struct wt_matcher *m, const struct wt_packet *p, const struct wt_flow *f,
		       const struct wt_moment *moment)
{
	enum wt_direction dir = wt_flow_direction(f, p->sender);
	bool is_first = f->n_packets[dir] == 1;
	struct wt_subject subject = {
		.head = head_of(m, f, (uint8_t)dir, moment),
		.flow = f,
		.packet = p,
	};
	const struct wt_packet_rule *rule;
	enum news news;
	unsigned i, n;

	if (m->last_stream && m->last_flow_id == f->id && m->last_order == moment->order)
		subject.stream = m->last_stream;
	if (wt_program_intel(m->program) && f->n_packets[0] + f->n_packets[1] == 1)
		wt_intel_flow(m, wt_program_intel(m->program), &subject.head);
	wt_match_begin(m, &subject.head, p);
	rule = wt_program_packet_rules(m->program, &n);
	if (is_first && f->key.ip_version == 4)
		wt_netindex_find(wt_program_netindex(m->program),
				 &subject.head.key.end[subject.head.sender].addr, take_rule, m);
	news = app_news(m, f, dir);
	for (i = 0; i < n; i++)
		if (is_asked(m, &rule[i], is_first, news))
			wt_match_add(m, rule[i].rule);
	if (p->key.proto != PROTO_UDP && p->payload_len) {
		subject.payload = wt_packet_payload(p);
		wt_match_group(m,
			       wt_program_payload(m->program, p->key.proto == PROTO_TCP
								      ? WT_PAYLOAD_PACKET
								      : WT_PAYLOAD_OTHER),
			       subject.payload);
	}
	if (m->scratch->n_candidates)
		wt_match_candidates(m, &subject);
}
