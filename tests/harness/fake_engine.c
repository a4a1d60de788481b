/* The double of the engine (fake_engine.h).
 * Trust: bytes are hostile, the dissector is what is under test.
 * Memory: heap, freed by wt_fake_free. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/fake_parts.h"

void wt_fake_must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "fake engine: %s\n", what);
	abort();
}

static void say(struct wt_fake *f, const char *s, size_t len)
{
	if (f->text_len + len + 1 > f->text_cap) {
		f->text_cap = (f->text_len + len + 1) * 2;
		f->text = realloc(f->text, f->text_cap);
		wt_fake_must(f->text, "out of memory");
	}
	memcpy(f->text + f->text_len, s, len);
	f->text_len += len;
	f->text[f->text_len] = '\0';
}

static void say_text(struct wt_fake *f, const char *s)
{
	say(f, s, strlen(s));
}

const struct wt_field *wt_fake_field(const struct wt_fake *f, unsigned id)
{
	if (id < WT_N_SHARED_FIELDS)
		return &wt_shared_fields[id];
	if (id >= WT_FIELD_OWN && id - WT_FIELD_OWN < f->d->n_fields)
		return &f->d->fields[id - WT_FIELD_OWN];
	return NULL;
}

static void say_value(struct wt_fake *f, const struct wt_field *row, struct wt_slice bytes)
{
	size_t own = strlen(f->d->name), i;
	const char *name = row->name;
	int64_t number = 0;
	char room[64];

	if (strncmp(name, f->d->name, own) == 0 && name[own] == '.')
		name += own + 1;
	say_text(f, " ");
	say_text(f, name);
	say_text(f, "=");
	if (row->type != WT_TYPE_STR)
		number = (int64_t)wt_value_number(bytes);
	switch (row->type) {
	case WT_TYPE_STR:
		for (i = 0; i < bytes.len; i++) {
			bool is_plain = bytes.ptr[i] > 0x20 && bytes.ptr[i] < 0x7f &&
					bytes.ptr[i] != '\\';

			snprintf(room, sizeof(room), is_plain ? "%c" : "\\x%02x", bytes.ptr[i]);
			say_text(f, room);
		}
		return;
	case WT_TYPE_BOOL:
		snprintf(room, sizeof(room), "%s", number ? "true" : "false");
		break;
	case WT_TYPE_I64:
		snprintf(room, sizeof(room), "%" PRId64, number);
		break;
	case WT_TYPE_DEC: {
		uint64_t size = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

		snprintf(room, sizeof(room), "%s%" PRIu64 ".%06" PRIu64, number < 0 ? "-" : "",
			 size / 1000000, size % 1000000);
		while (room[strlen(room) - 1] == '0')
			room[strlen(room) - 1] = '\0';
		if (room[strlen(room) - 1] == '.')
			room[strlen(room) - 1] = '\0';
		break;
	}
	case WT_TYPE_U64:
	case WT_TYPE_TIME:
		snprintf(room, sizeof(room), "%" PRIu64, (uint64_t)number);
		break;
	}
	say_text(f, room);
}

static void emit(struct wt_fake *f, struct fake_dir *q)
{
	unsigned i;

	for (i = 0; i < q->n_events; i++) {
		struct wt_slice rest = wt_slice_of(q->values, q->values_len), bytes;
		struct wt_value value;

		say_text(f, f->d->event_types[q->type[i]].name);
		while (wt_value_next(&rest, &value, &bytes))
			if (value.event == i)
				say_value(f, wt_fake_field(f, value.field), bytes);
		say_text(f, q->is_truncated[i] ? " truncated\n" : "\n");
		f->has_committed = true;
	}
	q->n_events = 0;
	q->values_len = 0;
}

static void say_glitch(struct wt_fake *f, const char *reason, uint64_t offset)
{
	char room[128];

	snprintf(room, sizeof(room), "glitch %s offset=%" PRIu64 "\n", reason, offset);
	say_text(f, room);
}

static void say_glitches(struct wt_out *out, const char *otherwise)
{
	unsigned i;

	if (out->q->is_resync)
		return;
	for (i = 0; i < out->n_glitches && i < N_GLITCHES; i++)
		say_glitch(out->f, out->glitch[i], out->q->passed);
	if (otherwise && !out->n_glitches)
		say_glitch(out->f, otherwise, out->q->passed);
}

struct wt_fake *wt_fake_new(const struct wt_dissector *dissector)
{
	struct wt_fake *f = calloc(1, sizeof(*f));

	wt_fake_must(f && dissector->state_size <= WT_STATE_MAX &&
	     dissector->buffer_max <= WT_BUFFER_MAX, "bounds of the dissector");
	f->d = dissector;
	f->state = calloc(1, dissector->state_size + 1);
	f->before = calloc(1, dissector->state_size + 1);
	wt_fake_must(f->state && f->before, "out of memory");
	f->now_ns = 1700000000 * WT_NS_PER_S;
	f->port[WT_TO_SERVER] = dissector->ports[0];
	f->port[WT_TO_CLIENT] = 50000;
	say_text(f, "");
	return f;
}

void wt_fake_free(struct wt_fake *f)
{
	free(f->dir[0].rest);
	free(f->dir[1].rest);
	free(f->state);
	free(f->before);
	free(f->text);
	free(f);
}

/* Honours skip and stops; what the dissector is to see. */
static struct wt_slice pass_over(struct fake_dir *q, struct wt_slice bytes)
{
	size_t n = q->skip < bytes.len ? (size_t)q->skip : bytes.len;

	q->skip -= n;
	if (q->n_stops) {
		while (n < bytes.len && !memchr(q->stops, bytes.ptr[n], q->n_stops))
			n++;
		if (n < bytes.len)
			q->n_stops = 0;
	}
	q->skipped += n;
	q->passed += n;
	return wt_slice_tail(bytes, n);
}

static void refuse(struct wt_out *out, struct wt_slice *left, const char *why)
{
	say_glitches(out, why);
	out->q->n_events = 0;
	out->q->values_len = 0;
	out->q->is_resync = out->q->is_resumed = true;
	out->q->passed++;
	*left = wt_slice_tail(*left, 1);
}

/* One call. False when the dissector waits. */
static bool step(struct wt_fake *f, struct wt_out *out, enum wt_direction dir,
		 struct wt_slice *left)
{
	struct fake_dir *q = out->q;
	struct wt_reader r = wt_reader_of(*left, WT_MORE);
	size_t values_len = q->values_len, consumed;
	unsigned n_events = q->n_events;
	enum wt_verdict verdict;

	memcpy(f->before, f->state, f->d->state_size);
	f->n_calls++;
	out->scanned = q->scanned;
	verdict = f->d->message(f->state, dir, &r, out);
	switch (verdict) {
	case WT_OK:
		wt_fake_must(r.err == WT_OK || r.left == 0, "OK after a failed read");
		consumed = r.ptr ? (size_t)(r.ptr - left->ptr) : 0;
		wt_fake_must(consumed || out->skip || out->n_stops || out->is_end, "no progress");
		say_glitches(out, NULL);
		q->is_resync = q->is_resumed = false;
		q->need = q->scanned = 0;
		q->skipped = 0;
		q->passed += consumed;
		if (out->is_commit)
			emit(f, q);
		q->skip = out->skip;
		q->n_stops = out->n_stops;
		memcpy(q->stops, out->stops, sizeof(q->stops));
		*left = pass_over(q, wt_slice_tail(*left, consumed));
		return consumed || out->skip || out->n_stops;
	case WT_MORE:
		wt_fake_must(memcmp(f->before, f->state, f->d->state_size) == 0,
		     "WT_MORE changed the state");
		q->n_events = n_events;
		q->values_len = values_len;
		q->scanned = out->scanned;
		q->need = out->need;
		if (out->is_end || left->len < f->d->buffer_max)
			return false;
		out->n_glitches = 0;
		refuse(out, left, "message_too_long");
		return true;
	case WT_FOREIGN:
		f->is_foreign = !f->has_committed;
		break;
	case WT_CLIPPED:
	case WT_MALFORMED:
		break;
	}
	refuse(out, left, verdict == WT_FOREIGN ? "foreign_bytes" : "malformed");
	return !f->is_foreign;
}

static struct wt_slice run(struct wt_fake *f, enum wt_direction dir, struct wt_slice left,
			   bool is_end)
{
	struct fake_dir *q = &f->dir[dir];
	bool is_asked = false;

	while (left.len || (is_end && q->n_events && !is_asked)) {
		struct wt_out out = { .f = f, .q = q, .is_end = is_end };

		is_asked = left.len == 0;
		if (q->is_resync && left.len) {
			size_t n = f->d->resync ? f->d->resync(left) : 0;

			wt_fake_must(n <= left.len, "resync beyond the bytes");
			q->passed += n;
			left = wt_slice_tail(left, n);
			if (!left.len)
				break;
		}
		if (!step(f, &out, dir, &left))
			break;
	}
	return left;
}

static void feed(struct wt_fake *f, enum wt_direction dir, struct wt_slice bytes, bool is_end)
{
	struct fake_dir *q = &f->dir[dir];
	struct wt_slice left;
	uint8_t *whole;

	if (f->is_foreign)
		return;
	bytes = pass_over(q, bytes);
	if (!bytes.len && !q->rest_len && !is_end)
		return;
	whole = malloc(q->rest_len + bytes.len);
	wt_fake_must(whole || !(q->rest_len + bytes.len), "out of memory");
	if (q->rest_len)
		memcpy(whole, q->rest, q->rest_len);
	if (bytes.len)
		memcpy(whole + q->rest_len, bytes.ptr, bytes.len);
	left = wt_slice_of(whole, q->rest_len + bytes.len);
	if (is_end || left.len >= q->need)
		left = run(f, dir, left, is_end);
	free(q->rest);
	q->rest = malloc(left.len ? left.len : 1);
	wt_fake_must(q->rest, "out of memory");
	if (left.len)
		memcpy(q->rest, left.ptr, left.len);
	q->rest_len = left.len;
	if (left.len > f->rest_max)
		f->rest_max = left.len;
	free(whole);
}

/* What the engine does with open events at a gap or at the end. */
static void give_gap(struct wt_fake *f, enum wt_direction dir, uint64_t lost)
{
	struct fake_dir *q = &f->dir[dir];
	struct wt_out out = { .f = f, .q = q };

	if (f->d->gap)
		f->d->gap(f->state, dir, lost, &out);
	if (out.is_commit)
		emit(f, q);
	q->n_events = 0;
	q->values_len = 0;
}

void wt_fake_feed(struct wt_fake *f, enum wt_direction dir, struct wt_slice bytes)
{
	if (bytes.len)
		feed(f, dir, bytes, false);
}

void wt_fake_feed_cut(struct wt_fake *f, enum wt_direction dir, struct wt_slice bytes,
		      const size_t *cuts, size_t n_cuts)
{
	size_t from = 0, i;

	for (i = 0; i < n_cuts; i++) {
		wt_fake_feed(f, dir, wt_slice_of(bytes.ptr + from, cuts[i] - from));
		from = cuts[i];
	}
	wt_fake_feed(f, dir, wt_slice_tail(bytes, from));
}

void wt_fake_datagram(struct wt_fake *f, enum wt_direction dir, struct wt_slice bytes,
		      bool is_clipped)
{
	struct wt_reader r = wt_reader_of(bytes, is_clipped ? WT_CLIPPED : WT_MALFORMED);
	struct wt_out out = { .f = f, .q = &f->dir[dir] };
	enum wt_verdict verdict;

	out.q->passed = 0;
	verdict = f->d->message(f->state, dir, &r, &out);
	say_glitches(&out, verdict == WT_MALFORMED || verdict == WT_FOREIGN ? "malformed" : NULL);
	if (verdict == WT_OK)
		emit(f, out.q);
	out.q->n_events = 0;
	out.q->values_len = 0;
}

void wt_fake_gap(struct wt_fake *f, enum wt_direction dir, uint64_t lost)
{
	struct fake_dir *q = &f->dir[dir];
	uint64_t n = q->skip < lost ? q->skip : lost;

	q->passed += q->rest_len + lost;
	q->skip -= n;
	if (n == lost)
		return;
	q->n_stops = 0;
	q->rest_len = 0;
	give_gap(f, dir, lost - n);
	q->skipped = 0;
	q->is_resync = q->is_resumed = true;
	q->need = q->scanned = 0;
}

void wt_fake_end(struct wt_fake *f, enum wt_direction dir)
{
	if (f->dir[dir].is_ended)
		return;
	f->dir[dir].is_ended = true;
	feed(f, dir, wt_slice_of(NULL, 0), true);
	if (f->dir[dir].n_events)
		give_gap(f, dir, 0);
	f->dir[dir].rest_len = 0;
}

void wt_fake_close(struct wt_fake *f)
{
	struct wt_out out = { .f = f, .q = &f->dir[0] };

	wt_fake_end(f, WT_TO_SERVER);
	wt_fake_end(f, WT_TO_CLIENT);
	if (!f->d->close)
		return;
	f->d->close(f->state, &out);
	emit(f, out.q);
}

void wt_fake_set_resumed(struct wt_fake *f)
{
	f->dir[0].is_resumed = f->dir[1].is_resumed = true;
}

void wt_fake_set_time(struct wt_fake *f, uint64_t ns)
{
	f->now_ns = ns;
}

void wt_fake_set_port(struct wt_fake *f, enum wt_direction towards, uint16_t port)
{
	f->port[towards] = port;
}

const char *wt_fake_text(const struct wt_fake *f)
{
	return f->text;
}

void wt_fake_clear_text(struct wt_fake *f)
{
	f->text_len = 0;
	f->text[0] = '\0';
}

unsigned wt_fake_count(const struct wt_fake *f, const char *event_type)
{
	size_t len = strlen(event_type);
	const char *line = f->text;
	unsigned n = 0;

	for (; line && *line; line = strchr(line, '\n') + 1)
		if (strncmp(line, event_type, len) == 0 &&
		    (line[len] == ' ' || line[len] == '\n'))
			n++;
	return n;
}

size_t wt_fake_rest_max(const struct wt_fake *f)
{
	return f->rest_max;
}

uint64_t wt_fake_calls(const struct wt_fake *f)
{
	return f->n_calls;
}
