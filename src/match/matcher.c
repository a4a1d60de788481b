/* A shard's matcher: gathers candidates, decides them in order, emits (matcher.h).
 * Trust: bytes are hostile; candidates of one subject are bounded.
 * Memory: pools of state.c; scratch of the worker. */
#define _POSIX_C_SOURCE 200809L
#include "match/inner.h"
#include "base/memory.h"
#include "base/values.h"

#include <stdlib.h>
#include <time.h>

struct wt_match_scratch *wt_match_scratch_new(const struct wt_program *program, uint64_t seed)
{
	struct wt_match_scratch *s = wt_memory_reserve(sizeof(*s));
	const struct wt_group *group;
	unsigned i;

	s->program = program;
	s->seed = seed;
	s->confirm = wt_confirm_new();
	s->unpack = wt_unpack_new();
	s->stamp = calloc(wt_rules_count(wt_program_rules(program)) + 1u, sizeof(*s->stamp));
	if (!s->stamp)
		abort();
	for (i = 0; (group = wt_program_group_at(program, i)) != NULL; i++)
		if (group->prefilter && !wt_prefilter_prepare(&s->prefilter, group->prefilter))
			abort();
	return s;
}

void wt_match_scratch_profile(struct wt_match_scratch *s)
{
	s->cost = calloc(wt_rules_count(wt_program_rules(s->program)) + 1u, sizeof(*s->cost));
	if (!s->cost)
		abort();
}

const struct wt_rule_cost *wt_match_scratch_costs(const struct wt_match_scratch *s)
{
	return s->cost;
}

void wt_match_scratch_free(struct wt_match_scratch *s)
{
	if (!s)
		return;
	wt_prefilter_scratch_free(s->prefilter);
	wt_confirm_free(s->confirm);
	wt_unpack_free(s->unpack);
	free(s->stamp);
	free(s->cost);
	wt_memory_release(s, sizeof(*s));
}

static bool is_busy(const struct wt_group *g)
{
	return g->prefilter || g->n_always;
}

static void take_program(struct wt_matcher *m, const struct wt_program *program,
			 struct wt_match_scratch *scratch)
{
	const struct wt_packet_rule *rule;
	unsigned i, n;

	m->program = program;
	m->rules = wt_program_rules(program);
	m->scratch = scratch;
	m->gate = wt_program_gates(program);
	m->has_stream_rules = is_busy(wt_program_payload(program, WT_PAYLOAD_TO_SERVER)) ||
			      is_busy(wt_program_payload(program, WT_PAYLOAD_TO_CLIENT));
	m->has_datagram_rules = is_busy(wt_program_payload(program, WT_PAYLOAD_DATAGRAM));
	m->has_app_rules = false;
	rule = wt_program_packet_rules(program, &n);
	for (i = 0; i < n; i++)
		m->has_app_rules |= rule[i].asks == WT_ASKS_APP;
}

void wt_matcher_change(struct wt_matcher *m, const struct wt_program *program,
		       struct wt_match_scratch *scratch)
{
	uint32_t i;

	wt_match_flows_follow(m, wt_program_rules(program));
	for (i = 0; i < m->n_waits; i++)
		m->wait[i].rule = 0;
	for (i = m->windows_head; i != WT_NONE; i = m->window[i].next)
		m->window[i].n_fired = 0;
	take_program(m, program, scratch);
}

struct wt_matcher *wt_matcher_new(const struct wt_program *program, uint8_t shard,
				  const struct wt_limits *limits,
				  struct wt_match_scratch *scratch,
				  struct wt_counters *counters,
				  const struct wt_flow_sink *dissect,
				  const struct wt_event_sink *events, uint32_t *event_index)
{
	struct wt_matcher *m = wt_memory_reserve(sizeof(*m));

	*m = (struct wt_matcher){
		.counters = counters,
		.dissect = *dissect,
		.events = *events,
		.event_index = event_index,
		.shard = shard,
	};
	take_program(m, program, scratch);
	wt_match_state_init(m, limits);
	return m;
}

void wt_matcher_free(struct wt_matcher *m)
{
	if (!m)
		return;
	wt_match_state_fini(m);
	wt_memory_release(m, sizeof(*m));
}

void wt_match_begin(struct wt_matcher *m, const struct wt_event_head *head,
		    const struct wt_packet *packet)
{
	uint8_t proto = head->key.proto;

	m->now = (struct wt_gate){
		.src_port = { head->key.end[head->sender].port },
		.dst_port = { head->key.end[head->sender ^ 1].port },
		.app = { head->app, head->owner },
		.proto = proto,
		.flow = head->sender == head->client ? WT_FLOW_TO_SERVER : WT_FLOW_TO_CLIENT,
		.flags = packet ? packet->tcp_flags : 0,
		.flags_mask = packet && proto == 6 ? 255 : 0,
	};
	m->now_has_ports = proto == 6 || proto == 17 || proto == 132;
	m->scratch->round++;
	m->scratch->n_candidates = 0;
}

/* By the flow's protocol, or by that of the event. */
static bool is_of_app(const struct wt_gate *g, const struct wt_gate *now)
{
	unsigned i;

	for (i = 0; i < 4 && g->app[i]; i++)
		if (g->app[i] == now->app[0] || (now->app[1] && g->app[i] == now->app[1]))
			return true;
	return false;
}

static bool is_open(const struct wt_matcher *m, const struct wt_gate *g)
{
	const struct wt_gate *now = &m->now;

	if (g->proto && g->proto != now->proto)
		return false;
	if (g->flow && g->flow != now->flow)
		return false;
	if (g->app[0] && !is_of_app(g, now))
		return false;
	if (g->flags_mask && now->flags_mask && (now->flags & g->flags_mask) != g->flags)
		return false;
	return !m->now_has_ports ||
	       (now->src_port[0] >= g->src_port[0] && now->src_port[0] <= g->src_port[1] &&
		now->dst_port[0] >= g->dst_port[0] && now->dst_port[0] <= g->dst_port[1]);
}

void wt_match_add(struct wt_matcher *m, unsigned rule)
{
	struct wt_match_scratch *s = m->scratch;

	if (!is_open(m, &m->gate[rule]))
		return;
	if (s->stamp[rule] == s->round)
		return;
	s->stamp[rule] = s->round;
	if (s->n_candidates == WT_CANDIDATES_MAX) {
		wt_count(m->counters, WT_C_MATCH_CANDIDATES_LOST);
		return;
	}
	s->candidate[s->n_candidates++] = rule;
}

static void take_hit(void *self, unsigned rule)
{
	wt_match_add(self, rule);
}

void wt_match_group(struct wt_matcher *m, const struct wt_group *group, struct wt_slice bytes)
{
	unsigned i;

	for (i = 0; i < group->n_always; i++)
		wt_match_add(m, group->always[i]);
	if (group->prefilter)
		wt_prefilter_scan(group->prefilter, m->scratch->prefilter, bytes, take_hit, m);
}

/* Rules that read marks come behind those that set them; else the order of the set. */
static bool reads_marks(const struct wt_matcher *m, const struct wt_rule *r)
{
	unsigned i;

	for (i = 0; i < r->n_flowbits; i++)
		if (wt_rules_flowbit(m->rules, r->first_flowbit + i)->what >= WT_BIT_ISSET)
			return true;
	for (i = 0; i < r->n_flowints; i++)
		if (wt_rules_flowint(m->rules, r->first_flowint + i)->what >= WT_INT_ISSET)
			return true;
	return false;
}

static int by_number(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return x < y ? -1 : x > y;
}

/* Has the rule fired in this unit of the stream already? Notes it otherwise. */
static bool has_fired(struct wt_window *w, unsigned rule)
{
	unsigned i, n = w ? (w->n_fired < WT_FIRED_MAX ? w->n_fired : WT_FIRED_MAX) : 0;

	for (i = 0; i < n; i++)
		if (w->fired[i] == rule)
			return true;
	if (w) {
		w->fired[w->n_fired % WT_FIRED_MAX] = rule;
		w->n_fired =
			(uint8_t)(w->n_fired == UINT8_MAX ? WT_FIRED_MAX : w->n_fired + 1u);
	}
	return false;
}

static uint64_t clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * WT_NS_PER_S + (uint64_t)now.tv_nsec;
}

static bool ask(struct wt_matcher *m, const struct wt_rule *r, unsigned rule,
		const struct wt_subject *subject, struct wt_match *match)
{
	struct wt_rule_cost *cost = m->scratch->cost;
	uint64_t began;
	bool is_match;

	if (!cost)
		return wt_match_rule(m, r, rule, subject, match);
	began = clock_now();
	is_match = wt_match_rule(m, r, rule, subject, match);
	cost[rule].ns += clock_now() - began;
	cost[rule].n_asked++;
	cost[rule].n_matched += is_match;
	return is_match;
}

struct decided {
	unsigned rule;
	struct wt_match match;
};

#define DECIDED_MAX 64u /* alerts of one subject */

void wt_match_candidates(struct wt_matcher *m, const struct wt_subject *subject)
{
	struct wt_match_scratch *s = m->scratch;
	struct decided decided[DECIDED_MAX];
	unsigned round, i, n = 0;
	bool is_passed = false;

	s->n_kept = 0;
	wt_confirm_start(s->confirm);
	if (s->n_candidates > 1)
		qsort(s->candidate, s->n_candidates, sizeof(*s->candidate), by_number);
	wt_count_n(m->counters, WT_C_MATCH_CANDIDATES, s->n_candidates);
	for (round = 0; round < 2; round++)
		for (i = 0; i < s->n_candidates; i++) {
			const struct wt_rule *r = wt_rules_at(m->rules, s->candidate[i]);
			struct wt_match match;

			if (reads_marks(m, r) != (round == 1) ||
			    !ask(m, r, s->candidate[i], subject, &match))
				continue;
			is_passed |= r->is_pass;
			/* marks of addresses and sets are the keeper's: it must hear of silent
			 * ones */
			if (r->is_pass || (r->is_noalert && !r->n_xbits && !r->keeps) ||
			    n == DECIDED_MAX)
				continue;
			if (wt_rule_is_suppressed(r, &subject->head)) {
				wt_count(m->counters, WT_C_MATCH_SUPPRESSED);
				if (!r->n_xbits && !r->keeps)
					continue;
				match.is_suppressed = true;
			}
			decided[n++] = (struct decided){ s->candidate[i], match };
		}
	wt_count_n(m->counters, WT_C_MATCH_CUT, wt_confirm_take_cut(s->confirm));
	for (i = 0; i < n && !is_passed; i++)
		if (!has_fired(subject->window, decided[i].rule))
			wt_match_emit(m, wt_rules_at(m->rules, decided[i].rule), subject,
				      &decided[i].match);
}

/* A packed body as rules see it. One of an event is unpacked, and kept for the tests. */
struct wt_slice wt_match_plain(struct wt_matcher *m, const struct wt_value *value,
			       struct wt_slice bytes)
{
	struct wt_match_scratch *s = m->scratch;

	if (!wt_unpack_is_packed(bytes) || value->field < WT_FIELD_OWN)
		return bytes;
	if (s->unpacked_field == value->field)
		return s->unpacked.len ? s->unpacked : bytes;
	if (s->unpacked_field)
		return bytes;
	s->unpacked_field = value->field;
	s->unpacked = wt_unpack(s->unpack, bytes);
	return s->unpacked.len ? s->unpacked : bytes;
}

void wt_matcher_event(struct wt_matcher *m, const struct wt_event *event)
{
	struct wt_subject subject = {
		.head = event->head,
		.event = event,
		.payload = m->cause.datagram,
		.flow = m->cause.flow,
		.stream = m->cause.stream,
		.packet = m->cause.packet,
	};
	struct wt_slice rest = event->values, bytes;
	struct wt_value value;

	wt_match_begin(m, &event->head, NULL);
	m->scratch->unpacked_field = 0;
	while (wt_values_take(&rest, &value, &bytes)) {
		const struct wt_group *group;

		if (value.event != event->handle)
			continue;
		group = wt_program_group(m->program, event->head.owner, value.field);
		if (group)
			wt_match_group(m, group, wt_match_plain(m, &value, bytes));
	}
	if (m->scratch->n_candidates)
		wt_match_candidates(m, &subject);
	if (wt_program_intel(m->program))
		wt_intel_event(m, wt_program_intel(m->program), event);
}
