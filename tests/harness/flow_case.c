/* Drives src/dissect with one flow and the test's own clock (flow_case.h). */
#include "harness/flow_case.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dissect/dissect.h"
#include "wardtap/registry.h"

struct wt_case {
	struct wt_dissect dissect;
	struct wt_counters counters;
	struct wt_dissect_scratch *scratch;
	struct wt_flow_sink sink;
	struct wt_flow flow;
	struct wt_stream stream;
	uint32_t event_index;
	uint64_t now_ns, order;
	unsigned owner;
	bool is_closed;
	size_t rest_max;
	char *text;
	size_t len, room;
};

static void say(struct wt_case *f, const char *s, size_t len)
{
	if (f->room - f->len < len + 1) {
		f->room = (f->len + len + 1) * 2;
		f->text = realloc(f->text, f->room);
		if (!f->text)
			abort();
	}
	memcpy(f->text + f->len, s, len);
	f->len += len;
	f->text[f->len] = '\0';
}

static void say_text(struct wt_case *f, const char *s)
{
	say(f, s, strlen(s));
}

static void say_decimal(struct wt_case *f, int64_t value)
{
	uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	char room[48];
	size_t len;

	(void)snprintf(room, sizeof(room), "%s%" PRIu64 ".%06" PRIu64, value < 0 ? "-" : "",
		       size / 1000000, size % 1000000);
	for (len = strlen(room); room[len - 1] == '0'; len--)
		;
	say(f, room, room[len - 1] == '.' ? len - 1 : len);
}

static void say_bytes(struct wt_case *f, struct wt_slice bytes)
{
	size_t i;

	for (i = 0; i < bytes.len; i++) {
		uint8_t byte = bytes.ptr[i];
		char room[8];

		(void)snprintf(room, sizeof(room),
			       byte > ' ' && byte <= '~' && byte != '\\' ? "%c" : "\\x%02x",
			       byte);
		say_text(f, room);
	}
}

static void say_value(struct wt_case *f, const struct wt_field *row, struct wt_slice bytes)
{
	const char *own = wt_registry_name(f->owner), *name = row->name;
	uint64_t number = row->type == WT_TYPE_STR ? 0 : wt_value_number(bytes);
	char room[32];

	if (strncmp(name, own, strlen(own)) == 0 && name[strlen(own)] == '.')
		name += strlen(own) + 1;
	say_text(f, " ");
	say_text(f, name);
	say_text(f, "=");
	switch (row->type) {
	case WT_TYPE_STR:
		say_bytes(f, bytes);
		break;
	case WT_TYPE_BOOL:
		say_text(f, number ? "true" : "false");
		break;
	case WT_TYPE_DEC:
		say_decimal(f, (int64_t)number);
		break;
	case WT_TYPE_I64:
		(void)snprintf(room, sizeof(room), "%" PRId64, (int64_t)number);
		say_text(f, room);
		break;
	case WT_TYPE_U64:
	case WT_TYPE_TIME:
		(void)snprintf(room, sizeof(room), "%" PRIu64, number);
		say_text(f, room);
		break;
	}
}

static void say_glitch(struct wt_case *f, const struct wt_value *value, struct wt_slice bytes)
{
	char room[32];

	if (value->field == WT_F_GLITCH_REASON) {
		say_text(f, " ");
		say_bytes(f, bytes);
		return;
	}
	(void)snprintf(room, sizeof(room), " offset=%" PRIu64, wt_value_number(bytes));
	say_text(f, room);
}

static void take_event(void *self, const struct wt_event *event)
{
	struct wt_case *f = self;
	struct wt_slice rest = event->values, bytes;
	struct wt_value value;

	say_text(f, wt_registry_event(event->head.owner, event->head.type)->name);
	while (wt_value_next(&rest, &value, &bytes)) {
		if (value.event != event->handle)
			continue;
		if (event->head.owner == 0)
			say_glitch(f, &value, bytes);
		else
			say_value(f, wt_registry_field(event->head.owner, value.field), bytes);
	}
	say_text(f, event->head.is_truncated ? " truncated\n" : "\n");
}

static struct wt_moment moment(struct wt_case *f)
{
	return (struct wt_moment){ .now_ns = f->now_ns,
				   .ts_ns = f->now_ns,
				   .order = ++f->order };
}

struct wt_case *wt_case_new(const char *name, bool is_midstream, bool is_udp)
{
	struct wt_case *f = calloc(1, sizeof(*f));
	struct wt_limits limits = wt_limits_of(WT_PROFILE_SMALL);
	struct wt_event_sink events = { .take = take_event, .self = f };

	if (!f)
		abort();
	f->scratch = wt_dissect_scratch_new(UINT64_C(0x4177));
	wt_dissect_init(&f->dissect, 0, &limits, f->scratch, &f->counters, &events, NULL,
			&f->event_index);
	f->sink = wt_dissect_sink(&f->dissect);
	f->is_closed = true;
	for (f->owner = wt_registry_count(); f->owner; f->owner--)
		if (strcmp(wt_registry_name(f->owner), name) == 0)
			break;
	wt_case_restart(f, is_midstream, is_udp);
	return f;
}

void wt_case_restart(struct wt_case *f, bool is_midstream, bool is_udp)
{
	struct wt_dissection *x;

	wt_case_close(f);
	say_text(f, "");
	wt_case_clear_text(f);
	f->is_closed = false;
	f->rest_max = 0;
	f->counters = (struct wt_counters){ { 0 } };
	f->now_ns = 1700000000 * WT_NS_PER_S;
	f->stream = (struct wt_stream){ 0 };
	f->flow = (struct wt_flow){ .dissection = WT_NONE,
				    .id = 1,
				    .flags = is_midstream ? WT_FLOW_MIDSTREAM : 0 };
	f->flow.key.end[0].port = 2575;
	f->flow.key.end[1].port = 50000;
	f->flow.key.proto = is_udp ? 17 : 6;
	f->flow.client = 1;
	x = wt_dissection_begin(&f->dissect, &f->flow, is_udp ? NULL : &f->stream,
				is_midstream);
	if (!f->owner || !x || !wt_dissection_identify(&f->dissect, x, f->owner)) {
		fprintf(stderr, "flow_case: no such dissector\n");
		abort();
	}
}

void wt_case_free(struct wt_case *f)
{
	wt_case_close(f);
	wt_dissect_fini(&f->dissect);
	wt_dissect_scratch_free(f->scratch);
	free(f->text);
	free(f);
}

void wt_case_set_time(struct wt_case *f, uint64_t ns)
{
	f->now_ns = ns;
}

static void note_rest(struct wt_case *f)
{
	const struct wt_dissection *x = wt_dissection_of(&f->dissect, &f->flow);
	unsigned dir;

	for (dir = 0; x && dir < 2; dir++)
		if (x->dir[dir].rest_len > f->rest_max)
			f->rest_max = x->dir[dir].rest_len;
}

static uint8_t *copy_of(struct wt_slice bytes)
{
	uint8_t *copy = malloc(bytes.len);

	if (!copy)
		abort();
	memcpy(copy, bytes.ptr, bytes.len);
	return copy;
}

void wt_case_feed(struct wt_case *f, enum wt_direction dir, struct wt_slice bytes)
{
	struct wt_moment m = moment(f);
	uint8_t *copy;

	if (!bytes.len)
		return;
	copy = copy_of(bytes);
	(void)f->sink.data(f->sink.self, &f->flow, &f->stream, dir,
			   wt_slice_of(copy, bytes.len), &m);
	free(copy);
	note_rest(f);
}

void wt_case_feed_cut(struct wt_case *f, enum wt_direction dir, struct wt_slice bytes,
		      const size_t *cuts, size_t n_cuts)
{
	size_t from = 0, i;

	for (i = 0; i < n_cuts; i++) {
		wt_case_feed(f, dir, wt_slice_head(wt_slice_tail(bytes, from), cuts[i] - from));
		from = cuts[i];
	}
	wt_case_feed(f, dir, wt_slice_tail(bytes, from));
}

void wt_case_datagram(struct wt_case *f, enum wt_direction dir, struct wt_slice bytes,
		      bool is_clipped)
{
	struct wt_moment m = moment(f);
	uint8_t *copy;

	if (!bytes.len)
		return;
	copy = copy_of(bytes);
	f->sink.datagram(f->sink.self, &f->flow, dir, wt_slice_of(copy, bytes.len), is_clipped,
			 &m);
	free(copy);
}

void wt_case_frame(struct wt_case *f, uint16_t type, struct wt_slice bytes, bool is_clipped)
{
	struct wt_moment m = moment(f);
	uint8_t *copy;
	struct wt_packet p = { .ts_ns = f->now_ns, .disposition = WT_DISP_ETHER };

	if (!bytes.len)
		return;
	copy = copy_of(bytes);
	p.bytes = copy;
	p.ether_type = type;
	p.flags = type ? 0 : WT_PKT_LLC;
	p.cap_len = p.payload_len = (uint32_t)bytes.len;
	p.wire_len = p.payload_wire_len = p.payload_len + (is_clipped ? 1 : 0);
	m.packet = &p;
	wt_dissect_frame(&f->dissect, &p, &m);
	free(copy);
}

void wt_case_icmp6(struct wt_case *f, struct wt_slice bytes, bool is_clipped)
{
	f->flow.key.proto = 58;
	wt_case_datagram(f, WT_TO_SERVER, bytes, is_clipped);
}

void wt_case_gap(struct wt_case *f, enum wt_direction dir, uint64_t lost)
{
	struct wt_moment m = moment(f);

	f->stream.dir[dir].gap += lost;
	f->sink.gap(f->sink.self, &f->flow, &f->stream, dir, lost, &m);
}

void wt_case_close(struct wt_case *f)
{
	struct wt_moment m = moment(f);

	if (!f->is_closed)
		f->sink.close(f->sink.self, &f->flow, &f->stream, &m);
	f->is_closed = true;
}

const char *wt_case_text(const struct wt_case *f)
{
	return f->text;
}

void wt_case_clear_text(struct wt_case *f)
{
	f->len = 0;
	f->text[0] = '\0';
}

void wt_case_compare(struct wt_case *whole, struct wt_case *cut, struct wt_slice s, size_t step,
		     enum wt_direction dir)
{
	size_t at, line = 0, i;

	wt_case_restart(whole, false, false);
	wt_case_restart(cut, false, false);
	wt_case_feed(whole, dir, s);
	wt_case_close(whole);
	for (at = 0; at < s.len; at += step)
		wt_case_feed(cut, dir, wt_slice_head(wt_slice_tail(s, at), step));
	wt_case_close(cut);
	for (i = 0; whole->text[i] == cut->text[i]; i++) {
		if (!whole->text[i])
			return;
		if (whole->text[i] == '\n')
			line = i + 1;
	}
	fprintf(stderr, "whole:\n%s\nin pieces of %zu:\n%s\n", whole->text + line, step,
		cut->text + line);
	abort();
}

unsigned wt_case_count(const struct wt_case *f, const char *event_type)
{
	size_t len = strlen(event_type);
	const char *line;
	unsigned n = 0;

	for (line = f->text; *line; line = strchr(line, '\n') + 1)
		if (strncmp(line, event_type, len) == 0 &&
		    (line[len] == ' ' || line[len] == '\n'))
			n++;
	return n;
}

size_t wt_case_rest_max(const struct wt_case *f)
{
	return f->rest_max;
}

uint64_t wt_case_units(const struct wt_case *f)
{
	return f->counters.value[WT_C_DISSECT_MESSAGES];
}
