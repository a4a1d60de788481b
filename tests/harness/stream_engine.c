/* The bench (stream_engine.h). Trust: bytes are as hostile as the test makes them.
 * Memory: the heap; a failed allocation ends the test. */
#define _POSIX_C_SOURCE 200809L
#include "harness/stream_engine.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "capture/file.h"
#include "decode/decode.h"
#include "wardtap/registry.h"

#define HEADERS 54u /* Ethernet 14, IPv4 20, TCP 20 */
#define START_NS (UINT64_C(1700000000) * WT_NS_PER_S)

static void *more(void *at, size_t size)
{
	at = realloc(at, size);
	if (!at)
		abort();
	return at;
}

void bench_text_add(struct bench_text *t, const void *bytes, size_t len)
{
	if (t->room < t->len + len + 1) {
		t->room = (t->len + len + 1) * 2;
		t->ptr = more(t->ptr, t->room);
	}
	if (len)
		memcpy(t->ptr + t->len, bytes, len);
	t->len += len;
	t->ptr[t->len] = '\0';
}

void bench_text_free(struct bench_text *t)
{
	free(t->ptr);
	*t = (struct bench_text){ .ptr = NULL };
}

static void add_text(struct bench_text *t, const char *text)
{
	bench_text_add(t, text, strlen(text));
}

/* Printed by hand: a contract test writes the same values some million times. */
static void add_number(struct bench_text *t, uint64_t number)
{
	char room[20];
	size_t at = sizeof(room);

	do {
		room[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	bench_text_add(t, room + at, sizeof(room) - at);
}

static void add_string(struct bench_text *t, struct wt_slice bytes)
{
	static const char digits[] = "0123456789abcdef";
	char room[256];
	size_t len = 0, i;

	for (i = 0; i < bytes.len; i++) {
		uint8_t byte = bytes.ptr[i];

		if (len + 3 > sizeof(room)) {
			bench_text_add(t, room, len);
			len = 0;
		}
		if (byte > 0x20 && byte < 0x7f && byte != '\\') {
			room[len++] = (char)byte;
			continue;
		}
		room[len++] = '\\';
		room[len++] = digits[byte >> 4];
		room[len++] = digits[byte & 15];
	}
	bench_text_add(t, room, len);
}

static void add_value(struct bench_text *t, const struct wt_field *row, struct wt_slice bytes)
{
	add_text(t, " ");
	add_text(t, row->name);
	add_text(t, "=");
	if (row->type == WT_TYPE_STR)
		add_string(t, bytes);
	else
		add_number(t, wt_value_number(bytes));
}

/* What may change with packet numbers and times is left out. */
static void take_event(void *self, const struct wt_event *event)
{
	struct bench *b = self;
	const struct wt_event_type *type = wt_registry_event(event->head.owner, event->head.type);
	bool is_flow = event->head.owner == 0 && event->head.type == WT_EVENT_FLOW;
	struct bench_text *t = is_flow ? &b->flows : &b->events;
	struct wt_slice rest = event->values, bytes;
	struct wt_value value;

	b->emitted++;
	if (event->head.owner == 0 && event->head.type == WT_EVENT_SIGHTING)
		return; /* of senders, not of what they say */
	add_text(t, type ? type->name : "?");
	if (event->head.app)
		add_text(t, wt_registry_name(event->head.app));
	if (!is_flow)
		add_text(t, event->head.sender ? " from 1" : " from 0");
	if (event->head.is_truncated)
		add_text(t, " truncated");
	while (wt_value_next(&rest, &value, &bytes)) {
		const struct wt_field *row = wt_registry_field(event->head.owner, value.field);

		if (value.event != event->handle)
			continue;
		if (!row)
			abort();
		add_value(t, row, bytes);
	}
	add_text(t, "\n");
}

static struct bench_flow *flow_of(struct bench *b, const struct wt_flow *f)
{
	size_t i;

	for (i = b->n_flows; i-- > 0;)
		if (b->flow[i].id == f->id)
			return &b->flow[i];
	if (b->n_flows == b->flow_room) {
		b->flow_room = b->flow_room * 2 + 16;
		b->flow = more(b->flow, b->flow_room * sizeof(*b->flow));
	}
	b->flow[b->n_flows] = (struct bench_flow){
		.id = f->id, .key = f->key, .client = f->client,
		.is_midstream = (f->flags & WT_FLOW_MIDSTREAM) != 0,
	};
	return &b->flow[b->n_flows++];
}

static void keep_chunk(struct bench *b, const struct wt_flow *f, enum bench_kind kind,
		       enum wt_direction dir, uint64_t lost, struct wt_slice bytes)
{
	struct bench_flow *kept = flow_of(b, f);
	struct bench_chunk *c;

	kept->n_bytes += bytes.len;
	if (b->keep_max && kept->kept + bytes.len > b->keep_max)
		return;
	kept->kept += bytes.len;
	if (kept->n == kept->room) {
		kept->room = kept->room * 2 + 8;
		kept->chunk = more(kept->chunk, kept->room * sizeof(*kept->chunk));
	}
	c = &kept->chunk[kept->n++];
	*c = (struct bench_chunk){ .kind = kind, .dir = dir, .lost = lost, .len = bytes.len };
	c->bytes = more(NULL, bytes.len ? bytes.len : 1);
	if (bytes.len)
		memcpy(c->bytes, bytes.ptr, bytes.len);
}

static bool record_data(void *self, struct wt_flow *f, struct wt_stream *s,
			enum wt_direction dir, struct wt_slice bytes, const struct wt_moment *m)
{
	(void)m;
	s->dir[dir].delivered += bytes.len;
	keep_chunk(self, f, BENCH_DATA, dir, 0, bytes);
	return true;
}

static void record_gap(void *self, struct wt_flow *f, struct wt_stream *s,
		       enum wt_direction dir, uint64_t lost, const struct wt_moment *m)
{
	(void)s;
	(void)m;
	keep_chunk(self, f, BENCH_GAP, dir, lost, wt_slice_of(NULL, 0));
}

static void record_end(void *self, struct wt_flow *f, struct wt_stream *s,
		       enum wt_direction dir, const struct wt_moment *m)
{
	(void)s;
	(void)m;
	keep_chunk(self, f, BENCH_END, dir, 0, wt_slice_of(NULL, 0));
}

static void record_datagram(void *self, struct wt_flow *f, enum wt_direction dir,
			    struct wt_slice bytes, bool is_clipped, const struct wt_moment *m)
{
	(void)is_clipped;
	(void)m;
	keep_chunk(self, f, BENCH_DATAGRAM, dir, 0, bytes);
}

static void record_close(void *self, struct wt_flow *f, struct wt_stream *s,
			 const struct wt_moment *m)
{
	(void)self;
	(void)f;
	(void)s;
	(void)m;
}

static void record_glitch(void *self, struct wt_flow *f, enum wt_direction dir,
			  const char *reason, uint64_t offset, const struct wt_moment *m)
{
	struct bench *b = self;
	char line[128];

	(void)f;
	(void)m;
	(void)snprintf(line, sizeof(line), "%s dir %u at %llu\n", reason, (unsigned)dir,
		       (unsigned long long)offset);
	add_text(&b->glitches, line);
}

struct bench *bench_new(const struct bench_options *options)
{
	static const struct bench_options none;
	struct bench *b = calloc(1, sizeof(*b));
	struct wt_event_sink events = { .self = b, .take = take_event };
	struct wt_flow_sink sink = {
		.self = b, .data = record_data, .gap = record_gap, .end = record_end,
		.datagram = record_datagram, .close = record_close, .glitch = record_glitch,
	};

	if (!b)
		abort();
	if (!options)
		options = &none;
	b->limits = options->limits ? *options->limits : wt_limits_of(WT_PROFILE_SMALL);
	b->is_recording = options->is_recording;
	b->keep_max = options->keep_max;
	b->clock_ns = START_NS;
	b->last_tick = b->clock_ns / WT_TICK_NS;
	b->scratch = wt_dissect_scratch_new(options->seed);
	wt_dissect_init(&b->dissect, 0, &b->limits, b->scratch, &b->counters, &events, NULL,
			&b->event_index);
	if (!b->is_recording)
		sink = wt_dissect_sink(&b->dissect);
	wt_shard_init(&b->shard, 0, &b->limits, options->seed, &b->counters, &sink, &events,
		      &b->event_index);
	return b;
}

void bench_free(struct bench *b)
{
	size_t i, k;

	if (!b)
		return;
	wt_shard_fini(&b->shard);
	wt_dissect_fini(&b->dissect);
	wt_dissect_scratch_free(b->scratch);
	for (i = 0; i < b->n_flows; i++) {
		for (k = 0; k < b->flow[i].n; k++)
			free(b->flow[i].chunk[k].bytes);
		free(b->flow[i].chunk);
	}
	free(b->flow);
	bench_text_free(&b->events);
	bench_text_free(&b->flows);
	bench_text_free(&b->glitches);
	free(b);
}

void bench_time(struct bench *b, uint64_t ts_ns)
{
	struct wt_moment m = { .order = b->number + 1, .is_tick = true };

	if (ts_ns <= b->clock_ns)
		return;
	b->clock_ns = ts_ns;
	if (ts_ns / WT_TICK_NS == b->last_tick)
		return;
	b->last_tick = ts_ns / WT_TICK_NS;
	m.now_ns = m.ts_ns = ts_ns / WT_TICK_NS * WT_TICK_NS;
	b->event_index = 0;
	wt_shard_tick(&b->shard, &m);
}

/* Hands a packet over; its disposition afterwards. */
static enum wt_disposition hand_over(struct bench *b, struct wt_packet *p)
{
	struct wt_moment m = { .packet = p };

	p->number = ++b->number;
	bench_time(b, p->ts_ns);
	m.now_ns = b->clock_ns;
	m.ts_ns = p->ts_ns;
	m.order = m.number = p->number;
	b->event_index = 0;
	if (p->disposition == WT_DISP_ETHER) {
		if (!b->is_recording)
			wt_dissect_frame(&b->dissect, p, &m);
		return WT_DISP_ETHER;
	}
	p->disposition = WT_DISP_FLOW;
	wt_shard_packet(&b->shard, p, wt_shard_hash(&b->shard, p), &m);
	return (enum wt_disposition)p->disposition;
}

static struct wt_packet packet_of(struct bench *b, enum wt_direction dir, uint8_t proto,
				  uint16_t client_port, uint16_t server_port)
{
	struct wt_packet p = { .ts_ns = b->clock_ns, .ip_off = 14, .l4_off = 34, .ttl = 64 };
	struct wt_endpoint client = { .addr = { { 10, 77, 0, 20 } }, .port = client_port };
	struct wt_endpoint server = { .addr = { { 10, 77, 0, 10 } }, .port = server_port };

	p.key.proto = proto;
	p.key.ip_version = 4;
	p.key.end[0] = dir == WT_TO_SERVER ? client : server;
	p.key.end[1] = dir == WT_TO_SERVER ? server : client;
	p.sender = wt_flow_key_order(&p.key);
	p.ether_type = 0x0800;
	p.payload_off = proto == 6 ? HEADERS : 42;
	return p;
}

static enum wt_disposition send_packet(struct bench *b, struct wt_packet *p,
				       struct wt_slice payload, uint32_t missing)
{
	uint8_t *bytes = calloc(1, p->payload_off + payload.len);
	enum wt_disposition done;

	if (!bytes)
		abort();
	if (payload.len)
		memcpy(bytes + p->payload_off, payload.ptr, payload.len);
	p->bytes = bytes;
	p->payload_len = (uint32_t)payload.len;
	p->payload_wire_len = (uint32_t)payload.len + missing;
	p->cap_len = p->payload_off + p->payload_len;
	p->wire_len = p->payload_off + p->payload_wire_len;
	done = hand_over(b, p);
	free(bytes);
	return done;
}

enum wt_disposition bench_segment(struct bench *b, const struct bench_segment *s)
{
	struct wt_packet p = packet_of(b, s->dir, 6, s->client_port ? s->client_port : 40000,
				       s->server_port ? s->server_port : 11112);

	p.tcp_seq = s->seq;
	p.tcp_ack = s->ack;
	p.tcp_flags = s->flags;
	p.tcp_window = s->window;
	p.ip_id = s->ip_id;
	if (s->ts_ns)
		p.ts_ns = s->ts_ns;
	return send_packet(b, &p, s->bytes, s->missing);
}

void bench_datagram(struct bench *b, enum wt_direction dir, uint16_t server_port,
		    struct wt_slice bytes)
{
	struct wt_packet p = packet_of(b, dir, 17, 40000, server_port);

	p.ip_id = (uint16_t)b->number;
	(void)send_packet(b, &p, bytes, 0);
}

void bench_packet(struct bench *b, const struct wt_packet *p)
{
	struct wt_packet copy = *p;
	uint8_t *bytes = more(NULL, p->cap_len ? p->cap_len : 1);

	if (p->cap_len)
		memcpy(bytes, p->bytes, p->cap_len);
	copy.bytes = bytes;
	if (b->number == 0 && b->is_recording)
		b->clock_ns = 0;
	(void)hand_over(b, &copy);
	free(bytes);
}

void bench_rewind(struct bench *b)
{
	if (b->shard.n_used)
		abort();
	b->clock_ns = START_NS;
	b->last_tick = START_NS / WT_TICK_NS;
	b->number = 0;
	b->shard.waiters.head = b->shard.waiters.tail = 0;
	b->shard.retained.at = 0;
	memset(b->shard.duplicates, 0, sizeof(*b->shard.duplicates));
}

const char *bench_bounds(const struct bench *b)
{
	uint32_t i;

	for (i = 0; i < b->dissect.n_fresh; i++) {
		const struct wt_dissection *x = &b->dissect.dissection[i];
		const struct wt_dissector *d = wt_registry_dissector(x->owner);
		uint32_t most = d ? d->buffer_max : WT_PROBE_MAX;

		if (x->dir[0].rest_len > most || x->dir[1].rest_len > most)
			return "more than buffer_max bytes are kept";
		if (x->dir[0].pending_len > WT_EVENT_BYTES_MAX + 2 * WT_EVENTS_OPEN_MAX + 1 ||
		    x->dir[1].pending_len > WT_EVENT_BYTES_MAX + 2 * WT_EVENTS_OPEN_MAX + 1)
			return "more than WT_EVENT_BYTES_MAX bytes of open events are kept";
	}
	return NULL;
}

const char *bench_finish(struct bench *b)
{
	const uint64_t *v = b->counters.value;
	struct wt_moment m = { .now_ns = b->clock_ns, .ts_ns = b->clock_ns,
			       .order = UINT64_MAX, .is_tick = true };

	b->event_index = 0;
	wt_shard_finish(&b->shard, &m);
	if (v[WT_C_STREAM_SPAN] != v[WT_C_STREAM_DELIVERED] + v[WT_C_STREAM_SKIPPED] +
	    v[WT_C_STREAM_GAP] + v[WT_C_STREAM_CLIPPED] + v[WT_C_STREAM_ABANDONED])
		return "span differs from delivered + skipped + gap + clipped + abandoned";
	if (v[WT_C_FLOWS_NEW] != v[WT_C_FLOWS_CLOSED] + v[WT_C_FLOWS_TIMEOUT] +
	    v[WT_C_FLOWS_EVICTED] + v[WT_C_FLOWS_END])
		return "flows begun differ from flows ended";
	if (b->shard.n_used)
		return "flows are left";
	if (b->shard.early.n_used)
		return "early segments are left";
	if (b->dissect.chunks.n_used)
		return "message chunks are left";
	if (b->dissect.hold_head != WT_NONE || b->dissect.probing.head != WT_NONE)
		return "dissections are left in a list";
	if (wt_bug_count())
		return "a bug was counted (WT_BUG_ON)";
	return NULL;
}

struct bench *bench_load(const char *path, uint64_t keep_max)
{
	struct bench_options options = { .is_recording = true, .keep_max = keep_max };
	char *copy = more(NULL, strlen(path) + 1);
	struct wt_capture_list *list;
	struct wt_capture *capture;
	struct wt_batch batch;
	struct bench *b = NULL;
	unsigned i;

	memcpy(copy, path, strlen(path) + 1);
	list = wt_capture_list_new(&copy, 1);
	capture = list && list->n_files ? wt_capture_open(list, NULL) : NULL;
	if (capture) {
		b = bench_new(&options);
		while (wt_capture_next(capture, &batch))
			for (i = 0; i < batch.n; i++) {
				wt_decode(&batch.packet[i]);
				if (batch.packet[i].disposition == WT_DISP_FLOW)
					bench_packet(b, &batch.packet[i]);
			}
		(void)bench_finish(b);
		wt_capture_close(capture);
	}
	wt_capture_list_free(list);
	free(copy);
	return b;
}

/* splitmix64 (public domain algorithm; own code) */
uint32_t bench_random(struct bench_random *r)
{
	uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)(z ^ z >> 31);
}

uint32_t bench_below(struct bench_random *r, uint32_t n)
{
	return (uint32_t)((uint64_t)bench_random(r) * n >> 32);
}

struct path_list {
	char **path;
	size_t n, room;
};

static void walk(struct path_list *list, const char *folder, const char *suffix)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)) != NULL) {
		size_t len = strlen(folder) + strlen(entry->d_name) + 2;
		size_t suffix_len = suffix ? strlen(suffix) : 0;
		struct stat st;
		char *path;

		if (entry->d_name[0] == '.')
			continue;
		path = more(NULL, len);
		(void)snprintf(path, len, "%s/%s", folder, entry->d_name);
		if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
			walk(list, path, suffix);
		} else if (len - 1 >= suffix_len &&
			   (!suffix || strcmp(path + len - 1 - suffix_len, suffix) == 0)) {
			if (list->n == list->room) {
				list->room = list->room * 2 + 64;
				list->path = more(list->path, list->room * sizeof(*list->path));
			}
			list->path[list->n++] = path;
			continue;
		}
		free(path);
	}
	if (dir)
		closedir(dir);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char **bench_paths(const char *folder, const char *suffix, size_t *n)
{
	struct path_list list = { .path = NULL };

	walk(&list, folder, suffix);
	if (list.n)
		qsort(list.path, list.n, sizeof(*list.path), by_name);
	*n = list.n;
	return list.path;
}

void bench_paths_free(char **paths, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(paths[i]);
	free(paths);
}
