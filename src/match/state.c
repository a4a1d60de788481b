/* Pools of a shard's marked flows and open units: found by flow id, the one that rested
 * longest makes room. Trust: ids are ours. Memory: reserved at start. */
#include "base/memory.h"
#include "match/inner.h"

static uint32_t power_above(uint32_t n)
{
	uint32_t size = 64;

	while (size < n)
		size *= 2;
	return size;
}

void wt_match_state_init(struct wt_matcher *m, const struct wt_limits *limits)
{
	m->n_flows = limits->match_flows;
	m->n_windows = limits->match_windows;
	m->n_waits = limits->match_waits;
	m->wait = wt_memory_reserve(m->n_waits * sizeof(*m->wait));
	m->flow = wt_memory_reserve(m->n_flows * sizeof(*m->flow));
	m->window = wt_memory_reserve(m->n_windows * sizeof(*m->window));
	m->flow_bucket = wt_memory_reserve(power_above(m->n_flows) * sizeof(uint32_t));
	m->window_bucket = wt_memory_reserve(power_above(m->n_windows) * sizeof(uint32_t));
	m->flows_free = m->flows_head = m->flows_tail = WT_NONE;
	m->windows_free = m->windows_head = m->windows_tail = WT_NONE;
}

void wt_match_state_fini(struct wt_matcher *m)
{
	wt_memory_release(m->wait, m->n_waits * sizeof(*m->wait));
	wt_memory_release(m->flow, m->n_flows * sizeof(*m->flow));
	wt_memory_release(m->window, m->n_windows * sizeof(*m->window));
	wt_memory_release(m->flow_bucket, power_above(m->n_flows) * sizeof(uint32_t));
	wt_memory_release(m->window_bucket, power_above(m->n_windows) * sizeof(uint32_t));
}

/* Flow ids are keyed by the packets that began the flow and can be chosen by an
 * attacker with effort; buckets are chosen with the worker's seed. */
static uint32_t place_of(const struct wt_matcher *m, uint64_t id, uint32_t n)
{
	uint64_t h = (id ^ m->scratch->seed) * UINT64_C(0x9e3779b97f4a7c15);

	return (uint32_t)(h >> 32) & (power_above(n) - 1);
}

/* --- rules that wait --- */

struct wt_wait *wt_wait_at(struct wt_matcher *m, uint32_t wait, uint64_t flow_id, unsigned rule)
{
	struct wt_wait *w = wait ? &m->wait[wait - 1] : NULL;

	return w && w->rule == rule + 1 && w->flow_id == flow_id ? w : NULL;
}

uint32_t wt_wait_take(struct wt_matcher *m, uint64_t flow_id, unsigned rule)
{
	struct wt_wait *w = &m->wait[m->next_wait];

	wt_count_n(m->counters, WT_C_MATCH_WAITS_LOST, w->rule != 0);
	*w = (struct wt_wait){ .flow_id = flow_id, .rule = rule + 1 };
	m->next_wait = (m->next_wait + 1) % m->n_waits;
	return (uint32_t)(w - m->wait) + 1;
}

/* --- marked flows --- */

static void flow_unlist(struct wt_matcher *m, struct wt_match_flow *f)
{
	if (f->prev != WT_NONE)
		m->flow[f->prev].next = f->next;
	else
		m->flows_head = f->next;
	if (f->next != WT_NONE)
		m->flow[f->next].prev = f->prev;
	else
		m->flows_tail = f->prev;
}

static void flow_append(struct wt_matcher *m, struct wt_match_flow *f)
{
	uint32_t at = (uint32_t)(f - m->flow);

	f->prev = m->flows_tail;
	f->next = WT_NONE;
	if (m->flows_tail != WT_NONE)
		m->flow[m->flows_tail].next = at;
	else
		m->flows_head = at;
	m->flows_tail = at;
}

void wt_match_flow_drop(struct wt_matcher *m, uint64_t id)
{
	uint32_t *at = &m->flow_bucket[place_of(m, id, m->n_flows)];

	for (; *at; at = &m->flow[*at - 1].hash_next) {
		struct wt_match_flow *f = &m->flow[*at - 1];

		if (f->id != id)
			continue;
		*at = f->hash_next;
		flow_unlist(m, f);
		f->hash_next = m->flows_free;
		m->flows_free = (uint32_t)(f - m->flow);
		return;
	}
}

static struct wt_match_flow *flow_take(struct wt_matcher *m)
{
	uint32_t at;

	if (m->flows_free == WT_NONE && m->flows_fresh == m->n_flows) {
		wt_count(m->counters, WT_C_MATCH_FLOWS_EVICTED);
		wt_match_flow_drop(m, m->flow[m->flows_head].id);
	}
	at = m->flows_free;
	if (at != WT_NONE)
		m->flows_free = m->flow[at].hash_next;
	else
		at = m->flows_fresh++;
	return &m->flow[at];
}

struct wt_match_flow *wt_match_flow_find(struct wt_matcher *m, uint64_t id, bool makes)
{
	uint32_t *bucket = &m->flow_bucket[place_of(m, id, m->n_flows)], at;
	struct wt_match_flow *f;

	for (at = *bucket; at; at = m->flow[at - 1].hash_next)
		if (m->flow[at - 1].id == id) {
			f = &m->flow[at - 1];
			flow_unlist(m, f);
			flow_append(m, f);
			return f;
		}
	if (!makes)
		return NULL;
	f = flow_take(m);
	memset(f, 0, sizeof(*f));
	f->id = id;
	f->hash_next = *bucket;
	*bucket = (uint32_t)(f - m->flow) + 1;
	flow_append(m, f);
	return f;
}

/* --- open units --- */

static void window_unlist(struct wt_matcher *m, struct wt_window *w)
{
	if (w->prev != WT_NONE)
		m->window[w->prev].next = w->next;
	else
		m->windows_head = w->next;
	if (w->next != WT_NONE)
		m->window[w->next].prev = w->prev;
	else
		m->windows_tail = w->prev;
}

static void window_append(struct wt_matcher *m, struct wt_window *w)
{
	uint32_t at = (uint32_t)(w - m->window);

	w->prev = m->windows_tail;
	w->next = WT_NONE;
	if (m->windows_tail != WT_NONE)
		m->window[m->windows_tail].next = at;
	else
		m->windows_head = at;
	m->windows_tail = at;
}

void wt_window_used(struct wt_matcher *m, struct wt_window *w, uint64_t now_ns)
{
	w->last_ns = now_ns;
	window_unlist(m, w);
	window_append(m, w);
}

static uint32_t *window_bucket(struct wt_matcher *m, uint64_t id, uint8_t dir)
{
	return &m->window_bucket[place_of(m, id * 2 + dir, m->n_windows)];
}

void wt_window_drop(struct wt_matcher *m, struct wt_window *w)
{
	uint32_t *at = window_bucket(m, w->flow_id, w->dir), own = (uint32_t)(w - m->window);

	while (*at && *at != own + 1)
		at = &m->window[*at - 1].hash_next;
	if (WT_BUG_ON(!*at))
		return;
	*at = w->hash_next;
	window_unlist(m, w);
	w->is_open = false;
	w->hash_next = m->windows_free;
	m->windows_free = own;
}

/* NULL also when all are in use: the caller inspects the longest resting one first. */
struct wt_window *wt_window_find(struct wt_matcher *m, const struct wt_flow *f, uint8_t dir,
				 struct wt_stream *s, bool makes)
{
	uint32_t *bucket = window_bucket(m, f->id, dir), at;
	struct wt_window *w;

	for (at = *bucket; at; at = m->window[at - 1].hash_next)
		if (m->window[at - 1].flow_id == f->id && m->window[at - 1].dir == dir)
			return &m->window[at - 1];
	if (!makes || (m->windows_free == WT_NONE && m->windows_fresh == m->n_windows))
		return NULL;
	at = m->windows_free;
	if (at != WT_NONE)
		m->windows_free = m->window[at].hash_next;
	else
		at = m->windows_fresh++;
	w = &m->window[at];
	memset(w, 0, offsetof(struct wt_window, bytes));
	w->flow_id = f->id;
	w->stream = s;
	w->dir = dir;
	w->is_open = true;
	w->hash_next = *bucket;
	*bucket = at + 1;
	window_append(m, w);
	return w;
}
