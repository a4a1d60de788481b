/* Payload rules: streams in windows, datagrams and packets as they come (matcher.h).
 * Trust: bytes are hostile. Memory: windows of state.c. */
#include "match/inner.h"
#include "match/traits.h"
#include "wardtap/registry.h"
#define WT_NO_POISON
#include "wardtap/dissector.h"

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

/* By sequence numbers: the sums of bytes lack what a dissector keeps until it has more,
 * which depends on how the stream was cut into segments. */
void wt_match_spans(const struct wt_flow *f, const struct wt_stream *s, uint64_t span[2])
{
	unsigned dir;

	for (dir = 0; dir < 2; dir++)
		span[dir] = ((uint64_t)f->seq_wraps[dir] << 32 | s->dir[dir].next_seq) -
			    s->dir[dir].first_seq;
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

/* Is the flow's protocol one whose messages tell their ends? */
static bool is_framed(const struct wt_flow *f)
{
	const struct wt_dissector *d = f->app ? wt_registry_dissector(f->app) : NULL;

	return d && d->is_framed;
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

/* The open unit that the feed's next `n` bytes belong to. Where sides take turns, the other
 * one's turn is over. */
static struct wt_window *unit_of_feed(struct wt_matcher *m, size_t n)
{
	struct wt_feed *feed = &m->feed;
	struct wt_window *w = wt_window_find(m, feed->flow, feed->dir, feed->stream, false);

	if (!is_framed(feed->flow))
		close_direction(m, feed->flow, feed->dir ^ 1, feed->moment);
	if (!w) {
		w = window_for(m, feed->flow, feed->stream, feed->dir, feed->moment);
		if (!w)
			return NULL;
		w->start = w->unit_start = feed->offset;
	}
	w->flow = feed->flow;
	w->stream = feed->stream;
	wt_window_used(m, w, feed->moment->now_ns);
	wt_match_spans(feed->flow, feed->stream, w->span);
	w->span[feed->dir] = feed->offset + (n < feed->left.len ? n : feed->left.len);
	w->ts_ns = feed->moment->ts_ns;
	w->number = feed->moment->packet ? feed->moment->number : 0;
	return w;
}

static struct wt_slice take_feed(struct wt_matcher *m, size_t n)
{
	struct wt_slice bytes = wt_slice_head(m->feed.left, n);

	m->feed.left = wt_slice_tail(m->feed.left, bytes.len);
	m->feed.offset += bytes.len;
	return bytes;
}

/* The next `n` bytes of the feed. */
static void feed_plain(struct wt_matcher *m, size_t n)
{
	struct wt_window *w = n ? unit_of_feed(m, n) : NULL;
	struct wt_slice bytes = take_feed(m, n);

	if (!w)
		return;
	add_bytes(m, w, bytes, m->feed.moment);
}

/* The same where a dissector passes over them: the first of each object are inspected. */
static void feed_bulk(struct wt_matcher *m, size_t n, size_t n_before)
{
	struct wt_window *w = n ? unit_of_feed(m, n) : NULL;
	struct wt_slice bytes = take_feed(m, n), shown;

	if (!w) {
		wt_count_n(m->counters, WT_C_MATCH_SKIPPED, bytes.len);
		return;
	}
	shown = wt_slice_head(bytes,
			      n_before < WT_BULK_INSPECTED ? WT_BULK_INSPECTED - n_before : 0);
	add_bytes(m, w, shown, m->feed.moment);
	if (shown.len == bytes.len)
		return;
	wt_count_n(m->counters, WT_C_MATCH_SKIPPED, bytes.len - shown.len);
	wt_window_inspect(m, w, m->feed.moment);
	w->start = m->feed.offset;
	w->len = w->seen = 0;
}

/* Bytes of the feed in front of a place that `n_after` bytes lie behind. */
static size_t feed_before(const struct wt_matcher *m, const struct wt_flow *f, unsigned dir,
			  size_t n_after)
{
	size_t left = m->feed.left.len;

	if (m->feed.flow != f || m->feed.dir != dir || n_after > left)
		return 0;
	return left - n_after;
}

/* A unit ends inside of what is in the window: the rest is the next one. */
static void split_unit(struct wt_matcher *m, struct wt_window *w, size_t n_rest,
		       const struct wt_moment *moment)
{
	uint32_t len = w->len, end = n_rest < len ? len - (uint32_t)n_rest : 0;

	if (end < w->seen) /* inspected as part of the first already */
		end = w->seen;
	w->len = end;
	wt_window_inspect(m, w, moment);
	memmove(w->bytes, w->bytes + end, len - end);
	w->start += end;
	w->unit_start = w->start;
	w->len = len - end;
	w->seen = 0;
	w->n_fired = 0;
}

static void on_message_end(void *self, struct wt_flow *f, enum wt_direction dir, size_t n_after,
			   const struct wt_moment *moment)
{
	struct wt_matcher *m = self;
	bool is_own = m->feed.flow == f && m->feed.dir == dir;
	size_t behind = n_after - (is_own ? m->feed.left.len : 0);
	struct wt_window *w;

	if (!m->has_stream_rules)
		return;
	if (is_own && n_after <= m->feed.left.len) {
		feed_plain(m, feed_before(m, f, dir, n_after));
		behind = 0;
	}
	w = wt_window_find(m, f, (uint8_t)dir, NULL, false);
	if (w && behind)
		split_unit(m, w, behind, moment);
	else if (w)
		close_unit(m, w, moment);
}

static void on_bulk(void *self, struct wt_flow *f, enum wt_direction dir, size_t n_after,
		    size_t n, uint16_t n_before, const struct wt_moment *moment)
{
	struct wt_matcher *m = self;
	size_t left, n_known = 0;

	(void)moment;
	if (!m->has_stream_rules || m->feed.flow != f || m->feed.dir != dir)
		return;
	feed_plain(m, feed_before(m, f, dir, n_after));
	left = m->feed.left.len;
	if (n_after > left) /* begins in bytes that are in the window */
		n_known = n_after - left < n ? n_after - left : n;
	feed_bulk(m, n - n_known, n_before + n_known);
}

struct wt_shape_sink wt_matcher_shape_sink(struct wt_matcher *m)
{
	return (struct wt_shape_sink){
		.self = m,
		.message_end = on_message_end,
		.bulk = on_bulk,
	};
}

static bool on_data(void *self, struct wt_flow *f, struct wt_stream *s, enum wt_direction dir,
		    struct wt_slice bytes, const struct wt_moment *moment)
{
	struct wt_matcher *m = self;
	uint64_t span[2];
	bool is_seen;

	wt_match_spans(f, s, span); /* these bytes are in it */
	m->cause = (struct wt_cause){ .flow = f, .stream = s, .packet = moment->packet };
	m->feed = (struct wt_feed){
		.flow = f,
		.stream = s,
		.moment = moment,
		.left = bytes,
		.offset = span[dir] - bytes.len,
		.dir = (uint8_t)dir,
	};
	is_seen = m->dissect.data(m->dissect.self, f, s, dir, bytes, moment);
	m->cause = (struct wt_cause){ .flow = NULL };

	if (m->has_stream_rules)
		feed_plain(m, m->feed.left.len);
	m->feed = (struct wt_feed){ .flow = NULL };
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
		       const struct wt_stream *s, const struct wt_moment *moment)
{
	enum wt_direction dir = wt_flow_direction(f, p->sender);
	bool is_first = f->n_packets[dir] == 1;
	struct wt_subject subject = {
		.head = head_of(m, f, (uint8_t)dir, moment),
		.flow = f,
		.stream = s,
		.packet = p,
	};
	const struct wt_packet_rule *rule;
	enum news news;
	unsigned i, n, traits;

	if (wt_program_intel(m->program) && f->n_packets[0] + f->n_packets[1] == 1)
		wt_intel_flow(m, wt_program_intel(m->program), &subject.head);
	wt_match_begin(m, &subject.head, p);
	rule = wt_program_packet_rules(m->program, &n);
	if (is_first && f->key.ip_version == 4)
		wt_netindex_find(wt_program_netindex(m->program),
				 &subject.head.key.end[subject.head.sender].addr, take_rule, m);
	news = app_news(m, f, dir);
	traits = n ? wt_traits_of(p) : 0;
	for (i = 0; i < n; i++)
		if (!(rule[i].needs & ~traits) && is_asked(m, &rule[i], is_first, news))
			wt_match_add(m, rule[i].rule);
	subject.payload = wt_packet_payload(p);
	if (p->key.proto != PROTO_UDP && p->payload_len) {
		wt_match_group(m,
			       wt_program_payload(m->program, p->key.proto == PROTO_TCP
								      ? WT_PAYLOAD_PACKET
								      : WT_PAYLOAD_OTHER),
			       subject.payload);
	}
	if (m->scratch->n_candidates)
		wt_match_candidates(m, &subject);
}
