/* A shard's matcher: gathers candidates, decides them in order, emits (matcher.h).
 * Trust: bytes are hostile; candidates of one subject are bounded.
 * Memory: pools of state.c; scratch of the worker. */
#include "match/inner.h"
#include "base/memory.h"
#include "base/values.h"

#include <stdlib.h>

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

void wt_match_scratch_free(struct wt_match_scratch *s)
{
	if (!s)
		return;
	wt_prefilter_scratch_free(s->prefilter);
	wt_confirm_free(s->confirm);
	wt_unpack_free(s->unpack);
	free(s->stamp);
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

	while (m->flows_head != WT_NONE)
		wt_match_flow_drop(m, m->flow[m->flows_head].id);
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

void wt_match_begin(struct wt_matcher *m)
{
	m->scratch->round++;
	m->scratch->n_candidates = 0;
}

void wt_match_add(struct wt_matcher *m, unsigned rule)
{
	struct wt_match_scratch *s = m->scratch;

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

	if (s->n_candidates > 1)
		qsort(s->candidate, s->n_candidates, sizeof(*s->candidate), by_number);
	wt_count_n(m->counters, WT_C_MATCH_CANDIDATES, s->n_candidates);
	for (round = 0; round < 2; round++)
		for (i = 0; i < s->n_candidates; i++) {
			const struct wt_rule *r = wt_rules_at(m->rules, s->candidate[i]);
			struct wt_match match;

			if (reads_marks(m, r) != (round == 1) ||
			    !wt_match_rule(m, r, s->candidate[i], subject, &match))
				continue;
			is_passed |= r->is_pass;
			/* marks of addresses are the keeper's: it must hear of silent ones */
			if (r->is_pass || (r->is_noalert && !r->n_xbits) || n == DECIDED_MAX)
				continue;
			if (wt_rule_is_suppressed(r, &subject->head)) {
				wt_count(m->counters, WT_C_MATCH_SUPPRESSED);
				continue;
			}
			decided[n++] = (struct decided){ s->candidate[i], match };
		}
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

	wt_match_begin(m);
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
