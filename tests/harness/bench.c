/* Drives src/dissect as src/flow does, with one flow (bench.h). */
#define _GNU_SOURCE /* strdup */
#include "harness/bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "decode/decode.h"
#include "dissect/dissect.h"
#include "flow/shard.h"
#include "harness/capwrite.h"
#include "wardtap/registry.h"

struct wt_bench {
	struct wt_dissect dissect;
	struct wt_counters counters;
	struct wt_dissect_scratch *scratch;
	struct wt_flow_sink sink;
	struct wt_flow flow;
	struct wt_stream stream;
	uint32_t event_index;
	uint64_t order;
	unsigned owner;
	bool is_probed;
	bool is_open;
	size_t peak;
	char *text;
	size_t len, room;
};

__attribute__((format(printf, 2, 3))) static void add(struct wt_bench *b, const char *format,
						      ...)
{
	va_list args;
	int n;

	if (b->room - b->len < 1024) {
		b->room = b->room * 2 + 4096;
		b->text = realloc(b->text, b->room);
		if (!b->text)
			abort();
	}
	va_start(args, format);
	n = vsnprintf(b->text + b->len, b->room - b->len, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= b->room - b->len)
		abort();
	b->len += (size_t)n;
}

static void add_value(struct wt_bench *b, const struct wt_field *row, struct wt_slice bytes)
{
	size_t i;

	add(b, " %s=", row->name);
	if (row->type != WT_TYPE_STR) {
		add(b, "%llu", (unsigned long long)wt_value_number(bytes));
		return;
	}
	add(b, "\"");
	for (i = 0; i < bytes.len; i++)
		add(b, bytes.ptr[i] < ' ' || bytes.ptr[i] > '~' ? "\\x%02x" : "%c",
		    bytes.ptr[i]);
	add(b, "\"");
}

/* Of a capture, the end with the greater port counts as the client. */
static bool is_to_server(const struct wt_bench *b, const struct wt_event_head *head)
{
	const struct wt_endpoint *end = head->key.end;

	if (b->is_open)
		return head->sender == b->flow.client;
	return end[head->sender].port > end[head->sender ^ 1].port;
}

static void take_event(void *self, const struct wt_event *event)
{
	struct wt_bench *b = self;
	struct wt_slice rest = event->values, bytes;
	struct wt_value value;
	const struct wt_event_type *type =
		wt_registry_event(event->head.owner, event->head.type);

	if (event->head.owner == 0 && event->head.type != WT_EVENT_GLITCH)
		return;
	if (event->head.owner != 0 && event->head.owner != b->owner)
		return;
	add(b, "%c %s", is_to_server(b, &event->head) ? '>' : '<', type->name);
	while (wt_value_next(&rest, &value, &bytes))
		if (value.event == event->handle)
			add_value(b, wt_registry_field(event->head.owner, value.field), bytes);
	add(b, "%s\n", event->head.is_truncated ? " ~" : "");
}

struct wt_bench *wt_bench_new(const char *name, bool is_probed)
{
	struct wt_bench *b = calloc(1, sizeof(*b));
	struct wt_limits limits = wt_limits_of(WT_PROFILE_SMALL);
	struct wt_event_sink events = { .take = take_event, .self = b };

	if (!b)
		abort();
	b->scratch = wt_dissect_scratch_new(UINT64_C(0x7177));
	wt_dissect_init(&b->dissect, 0, &limits, b->scratch, &b->counters, &events, NULL,
			&b->event_index);
	b->sink = wt_dissect_sink(&b->dissect);
	b->is_probed = is_probed;
	for (b->owner = 1; b->owner <= wt_registry_count(); b->owner++)
		if (strcmp(wt_registry_name(b->owner), name) == 0)
			break;
	if (b->owner > wt_registry_count()) {
		fprintf(stderr, "bench: no dissector is called %s\n", name);
		abort();
	}
	wt_bench_restart(b, false);
	return b;
}

void wt_bench_free(struct wt_bench *b)
{
	wt_bench_close(b);
	wt_dissect_fini(&b->dissect);
	wt_dissect_scratch_free(b->scratch);
	free(b->text);
	free(b);
}

void wt_bench_restart(struct wt_bench *b, bool is_midstream)
{
	struct wt_dissection *x;

	wt_bench_close(b);
	b->flow = (struct wt_flow){
		.dissection = WT_NONE,
		.id = 1,
		.flags = is_midstream ? WT_FLOW_MIDSTREAM : 0,
	};
	b->flow.key.end[0].port = 40000;
	b->flow.key.end[1].port = 50000;
	b->flow.key.proto = 6;
	b->stream = (struct wt_stream){ 0 };
	b->len = 0;
	b->peak = 0;
	b->is_open = true;
	add(b, "%s", "");
	if (b->is_probed)
		return;
	x = wt_dissection_begin(&b->dissect, &b->flow, &b->stream, is_midstream);
	if (!x || !wt_dissection_identify(&b->dissect, x, b->owner))
		abort();
}

static struct wt_moment moment(struct wt_bench *b)
{
	b->order++;
	return (struct wt_moment){
		.now_ns = b->order * WT_NS_PER_MS,
		.ts_ns = b->order * WT_NS_PER_MS,
		.order = b->order,
	};
}

static void note_peak(struct wt_bench *b)
{
	const struct wt_dissection *x = wt_dissection_of(&b->dissect, &b->flow);
	size_t held = 0;
	unsigned dir;

	for (dir = 0; x && dir < 2; dir++)
		held += x->dir[dir].rest_len + x->dir[dir].pending_len;
	if (held > b->peak)
		b->peak = held;
}

/* From memory of exactly this size, so that a sanitizer sees a read beyond it. */
void wt_bench_feed(struct wt_bench *b, enum wt_direction dir, struct wt_slice bytes)
{
	struct wt_moment m = moment(b);
	uint8_t *copy;

	if (!bytes.len)
		return;
	copy = malloc(bytes.len);
	if (!copy)
		abort();
	memcpy(copy, bytes.ptr, bytes.len);
	(void)b->sink.data(b->sink.self, &b->flow, &b->stream, dir,
			   wt_slice_of(copy, bytes.len), &m);
	free(copy);
	note_peak(b);
}

void wt_bench_lose(struct wt_bench *b, enum wt_direction dir, uint64_t lost)
{
	struct wt_moment m = moment(b);

	b->stream.dir[dir].gap += lost;
	b->sink.gap(b->sink.self, &b->flow, &b->stream, dir, lost, &m);
}

void wt_bench_end(struct wt_bench *b, enum wt_direction dir)
{
	struct wt_moment m = moment(b);

	b->sink.end(b->sink.self, &b->flow, &b->stream, dir, &m);
}

void wt_bench_close(struct wt_bench *b)
{
	struct wt_moment m = moment(b);

	if (b->is_open)
		b->sink.close(b->sink.self, &b->flow, &b->stream, &m);
	b->is_open = false;
}

const char *wt_bench_text(const struct wt_bench *b)
{
	return b->text;
}

size_t wt_bench_peak(const struct wt_bench *b)
{
	return b->peak;
}

uint64_t wt_bench_delivered(const struct wt_bench *b, enum wt_direction dir)
{
	return b->stream.dir[dir].delivered;
}

uint64_t wt_bench_skipped(const struct wt_bench *b, enum wt_direction dir)
{
	return b->stream.dir[dir].skipped;
}

bool wt_bench_is_identified(const struct wt_bench *b)
{
	return b->flow.app == b->owner;
}

bool wt_bench_replay(struct wt_bench *b, const char *path)
{
	struct wt_limits limits = wt_limits_of(WT_PROFILE_SMALL);
	struct wt_event_sink events = { .take = take_event, .self = b };
	struct wt_shard *shard = calloc(1, sizeof(*shard));
	char *named = strdup(path);
	struct cap_seen seen;
	struct wt_moment m = { .now_ns = 0 };
	size_t i;

	if (!shard || !named)
		abort();
	wt_bench_restart(b, false);
	wt_bench_close(b);
	b->len = 0;
	add(b, "%s", "");
	seen = cap_read_one(named);
	wt_shard_init(shard, 0, &limits, 1, &b->counters, &b->sink, &events, &b->event_index);
	for (i = 0; i < seen.n; i++) {
		struct wt_packet *p = &seen.packet[i];

		m.order = p->number;
		m.ts_ns = p->ts_ns;
		m.is_tick = true;
		m.packet = NULL;
		if (p->ts_ns > m.now_ns)
			m.now_ns = p->ts_ns;
		wt_shard_tick(shard, &m);
		wt_decode(p);
		if (p->disposition != WT_DISP_FLOW)
			continue;
		m.is_tick = false;
		m.packet = p;
		wt_shard_packet(shard, p, wt_shard_hash(shard, p), &m);
	}
	m.is_tick = true;
	m.packet = NULL;
	wt_shard_finish(shard, &m);
	wt_shard_fini(shard);
	free(shard);
	free(named);
	i = seen.n;
	cap_forget(&seen);
	return i != 0;
}
