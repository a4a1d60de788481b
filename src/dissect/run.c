/* Feeds a flow's dissector: consumption, skips, verdicts, resynchronisation.
 * Trust: bytes are hostile; the dissector's verdicts are checked (a call that makes
 * no progress is our defect, not an endless loop).
 * Memory: the unconsumed rest in chunks, buffer_max per direction at most; while a
 * call runs it lies together in the worker's scratch. */
#include "dissect/dissect.h"
#include "wardtap/registry.h"

#define CALL_WORK 64u       /* what a refused call costs, in bytes read */
#define WORK_PER_BYTE 32u
#define WORK_MIN 262144u

static uint64_t offset_of(const struct wt_dissection *x, enum wt_direction dir)
{
	const struct wt_stream_dir *sd;

	if (!x->stream)
		return 0;
	sd = &x->stream->dir[dir];
	return sd->delivered + sd->skipped + sd->gap + sd->clipped + sd->abandoned;
}

static void count_delivered(struct wt_dissection *x, enum wt_direction dir, size_t len)
{
	if (x->stream)
		x->stream->dir[dir].delivered += len;
}

static void count_skipped(struct wt_dissection *x, enum wt_direction dir, size_t len)
{
	x->dir[dir].skipped += len;
	if (x->stream)
		x->stream->dir[dir].skipped += len;
}

/* Offset of the first byte of `bytes` that is in the direction's stop set. */
static size_t find_stop(const struct wt_dissection_dir *q, struct wt_slice bytes)
{
	uint8_t any[4];
	unsigned i;

	if (q->n_stops == 1)
		return wt_slice_find(bytes, q->stops[0]);
	for (i = 0; i < 4; i++)
		any[i] = q->stops[i < q->n_stops ? i : 0];
	return wt_slice_find_any(bytes, any);
}

static void tell_end(struct wt_dissect *d, struct wt_dissection *x, enum wt_direction dir,
		     size_t n_after, const struct wt_moment *m)
{
	x->dir[dir].mode &= (uint8_t)~WT_DIR_ENDS;
	if (d->shape.message_end && x->stream)
		d->shape.message_end(d->shape.self, x->flow, dir, n_after + d->n_later, m);
}

/* Passes over `n` of the bytes. */
static struct wt_slice pass(struct wt_dissect *d, struct wt_dissection *x,
			    enum wt_direction dir, struct wt_slice bytes, size_t n,
			    const struct wt_moment *m)
{
	uint16_t *object = &x->dir[dir].object;

	if (d->shape.bulk && n && x->stream)
		d->shape.bulk(d->shape.self, x->flow, dir, bytes.len + d->n_later, n, *object, m);
	*object = n < (size_t)(UINT16_MAX - *object) ? (uint16_t)(*object + n) : UINT16_MAX;
	count_skipped(x, dir, n);
	return wt_slice_tail(bytes, n);
}

/* Takes off what the dissector does not want to see. */
static struct wt_slice pass_over(struct wt_dissect *d, struct wt_dissection *x,
				 enum wt_direction dir, struct wt_slice bytes,
				 const struct wt_moment *m)
{
	struct wt_dissection_dir *q = &x->dir[dir];

	if (q->skip) {
		size_t n = q->skip < bytes.len ? (size_t)q->skip : bytes.len;

		q->skip -= n;
		bytes = pass(d, x, dir, bytes, n, m);
	}
	if (q->n_stops && bytes.len) {
		bytes = pass(d, x, dir, bytes, find_stop(q, bytes), m);
		if (bytes.len)
			q->n_stops = 0;
	}
	if (!q->skip && !q->n_stops && (q->mode & WT_DIR_ENDS))
		tell_end(d, x, dir, bytes.len, m);
	return bytes;
}

static void emit_glitches(struct wt_out *out, const char *otherwise)
{
	struct wt_dissection *x = out->x;
	unsigned i;

	if (x->dir[out->dir].mode & WT_DIR_RESYNC)
		return; /* false starts while searching are no news */
	for (i = 0; i < out->n_glitches && i < WT_GLITCHES_PER_CALL; i++)
		wt_out_emit_glitch(out->d, x->flow, x, out->dir, out->glitch[i], out->offset,
				   out->moment);
	if (otherwise && out->n_glitches == 0)
		wt_out_emit_glitch(out->d, x->flow, x, out->dir, otherwise, out->offset,
				   out->moment);
}

static void start_resync(struct wt_dissect *d, struct wt_dissection *x, enum wt_direction dir)
{
	x->dir[dir].mode |= WT_DIR_RESYNC | WT_DIR_RESUMED;
	x->dir[dir].mode &= (uint8_t)~WT_DIR_ENDS;
	x->dir[dir].need = x->dir[dir].scanned = 0;
	x->dir[dir].object = 0;
	wt_count(d->counters, WT_C_DISSECT_RESYNCS);
}

/* What one call came to. */
enum step { STEP_ON, STEP_WAIT, STEP_FOREIGN, STEP_YIELD };

/* After WT_OK: consumption, events, the skip that was asked for. */
static struct wt_slice accept_unit(struct wt_out *out, struct wt_slice left, size_t consumed)
{
	struct wt_dissection *x = out->x;
	struct wt_dissection_dir *q = &x->dir[out->dir];

	wt_count(out->d->counters, WT_C_DISSECT_MESSAGES);
	count_delivered(x, out->dir, consumed);
	emit_glitches(out, NULL);
	q->mode &= (uint8_t)~(WT_DIR_RESYNC | WT_DIR_RESUMED);
	q->need = q->scanned = 0;
	q->skipped = 0;
	if (out->is_commit)
		wt_out_emit(out);
	q->skip = out->skip;
	q->n_stops = out->n_stops;
	if (!out->is_skip_on && (q->skip || q->n_stops))
		q->object = 0;
	if (out->n_stops)
		memcpy(q->stops, out->stops, sizeof(q->stops));
	left = wt_slice_tail(left, consumed);
	if (out->is_message_end)
		q->mode |= WT_DIR_ENDS;
	return q->skip || q->n_stops || out->is_message_end
		       ? pass_over(out->d, x, out->dir, left, out->moment)
		       : left;
}

/* After WT_MALFORMED and the like: `len` bytes on, then search. */
static struct wt_slice refuse_unit(struct wt_out *out, struct wt_slice left, size_t len,
				   const char *why)
{
	emit_glitches(out, why);
	wt_out_drop(out);
	if (!(out->x->dir[out->dir].mode & WT_DIR_RESYNC))
		start_resync(out->d, out->x, out->dir);
	count_delivered(out->x, out->dir, len);
	return wt_slice_tail(left, len);
}

/* What a call that wants more bytes must not have changed. */
struct before {
	struct wt_builder values;
	unsigned n_events;
	uint8_t type[WT_EVENTS_OPEN_MAX];
	uint8_t is_truncated[WT_EVENTS_OPEN_MAX];
};

static void remember(const struct wt_out *out, struct before *b)
{
	b->values = out->values;
	b->n_events = out->n_events;
	if (WT_LIKELY(!b->n_events))
		return;
	memcpy(b->type, out->type, b->n_events);
	memcpy(b->is_truncated, out->is_truncated, b->n_events);
}

static void undo(struct wt_out *out, const struct before *b)
{
	out->values = b->values;
	out->n_events = b->n_events;
	if (WT_LIKELY(!b->n_events))
		return;
	memcpy(out->type, b->type, b->n_events);
	memcpy(out->is_truncated, b->is_truncated, b->n_events);
}

/* A message of which no end is in sight. Half of what was shown goes at once: a crowd
 * of false starts would otherwise be searched to the end, one by one. */
static struct wt_slice overflow(struct wt_out *out, struct wt_slice left, size_t shown_len)
{
	wt_count(out->d->counters, WT_C_DISSECT_OVERFLOW);
	out->n_glitches = 0;
	return refuse_unit(out, left, shown_len / 2 + 1, "message_too_long");
}

/* One call of `message` on *left. */
static enum step step(struct wt_out *out, const struct wt_dissector *dissector,
		      struct wt_slice *left, bool is_end)
{
	struct wt_dissection *x = out->x;
	struct wt_dissection_dir *q = &x->dir[out->dir];
	/* No unit may see more than is ever kept, or luck with segments would decide
	 * whether a longer one is understood. */
	struct wt_slice shown = wt_slice_head(*left, dissector->buffer_max);
	struct wt_reader r = wt_reader_of(shown, WT_MORE);
	enum wt_verdict verdict;
	struct before before;
	size_t consumed;

	is_end = is_end && shown.len == left->len;
	wt_out_begin(out, out->d, x, out->dir, out->moment);
	remember(out, &before);
	out->is_end = is_end;
	out->offset = offset_of(x, out->dir);
	verdict = dissector->message(x->state, out->dir, &r, out);
	consumed = r.ptr ? (size_t)(r.ptr - shown.ptr) : 0;
	if (verdict == WT_OK && consumed == 0 && !out->skip && !out->n_stops && !out->is_yield) {
		if (is_end) {
			emit_glitches(out, NULL);
			if (out->is_commit)
				wt_out_emit(out);
			return STEP_WAIT;
		}
		(void)WT_BUG_ON(true);
		verdict = WT_MALFORMED;
	}
	switch (verdict) {
	case WT_OK:
		if (WT_UNLIKELY(out->is_yield))
			out->skip = out->n_stops = 0;
		*left = accept_unit(out, *left, consumed);
		return out->is_yield ? STEP_YIELD : STEP_ON;
	case WT_MORE:
		undo(out, &before);
		if (is_end || shown.len < dissector->buffer_max) {
			q->scanned = out->scanned;
			q->need = out->need < dissector->buffer_max ? out->need :
				  dissector->buffer_max;
			return STEP_WAIT;
		}
		*left = overflow(out, *left, shown.len);
		return STEP_ON;
	case WT_FOREIGN:
		if (!x->has_committed)
			return STEP_FOREIGN;
		break;
	case WT_CLIPPED:
	case WT_MALFORMED:
		break;
	}
	if (!left->len)
		return STEP_WAIT; /* refused at the end, when only events were open */
	out->work += (uint32_t)consumed + CALL_WORK;
	*left = refuse_unit(out, *left, 1, verdict == WT_FOREIGN ? "foreign_bytes" : "malformed");
	return STEP_ON;
}

/* Was the dissector called too often for the bytes there were? Each call moves on by
 * a byte or more, so calls alone are bounded by the bytes; but calls that read far
 * and then refuse make it their square. */
static bool is_over_budget(const struct wt_out *out, size_t n_calls, size_t len)
{
	return n_calls > WT_CALLS_PER_SEGMENT + len || out->work > WORK_MIN + WORK_PER_BYTE * len;
}

/* Calls the dissector until it waits. What stays is given back. */
static struct wt_slice run(struct wt_out *out, struct wt_slice left, bool is_end,
			   enum step *last)
{
	struct wt_dissection *x = out->x;
	const struct wt_dissector *dissector = wt_registry_dissector(x->owner);
	struct wt_dissection_dir *q = &x->dir[out->dir];
	size_t n_calls = 0, len = left.len;
	bool is_asked = false; /* at the end: whether open events are finished */

	out->work = 0;
	while (left.len || (is_end && out->n_events && !is_asked)) {
		enum step done;

		if (!left.len)
			is_asked = true;
		if ((q->mode & WT_DIR_RESYNC) && left.len) {
			size_t n = dissector->resync ? dissector->resync(left) : 0;

			n = n < left.len ? n : left.len;
			if (n) /* what a call said of bytes before holds no more */
				q->need = q->scanned = 0;
			count_delivered(x, out->dir, n);
			left = wt_slice_tail(left, n);
			if (!left.len)
				break;
		}
		if (is_over_budget(out, ++n_calls, len)) {
			wt_count(out->d->counters, WT_C_DISSECT_BUDGET);
			wt_out_drop(out);
			start_resync(out->d, x, out->dir);
			count_delivered(x, out->dir, left.len);
			return wt_slice_of(NULL, 0);
		}
		done = step(out, dissector, &left, is_end);
		*last = done;
		if (done != STEP_ON)
			break;
	}
	return left;
}

/* Puts waiting and new bytes together in the scratch. */
static struct wt_slice gather(struct wt_dissect *d, struct wt_dissection_dir *q,
			      struct wt_slice bytes)
{
	struct wt_dissect_scratch *scratch = d->scratch;
	size_t len = wt_chain_copy(&d->chunks, q->rest, scratch->bytes, sizeof(scratch->bytes));

	if (WT_BUG_ON(bytes.len > sizeof(scratch->bytes) - len))
		bytes = wt_slice_head(bytes, sizeof(scratch->bytes) - len);
	if (bytes.len)
		memcpy(scratch->bytes + len, bytes.ptr, bytes.len);
	return wt_slice_of(scratch->bytes, len + bytes.len);
}

/* Keeps the unconsumed rest; where there is no room the message is given up. */
static void keep_rest(struct wt_out *out, struct wt_slice left, size_t n_new)
{
	struct wt_dissection *x = out->x;
	struct wt_dissection_dir *q = &x->dir[out->dir];
	uint32_t need = q->need, scanned = q->scanned;

	if (q->rest_len && left.len == q->rest_len + n_new)
		left = wt_slice_tail(left, q->rest_len); /* nothing was consumed */
	else
		wt_rest_clear(out->d, x, out->dir);
	if (!left.len && !q->rest_len) {
		q->need = q->scanned = 0;
		return;
	}
	if (!left.len || wt_rest_keep(out->d, x, out->dir, left)) {
		q->need = need;
		q->scanned = scanned;
		return;
	}
	wt_count(out->d->counters, WT_C_DISSECT_BUFFER_EVICTED);
	count_delivered(x, out->dir, left.len);
	wt_rest_drop(out->d, x, out->dir);
	wt_out_drop(out);
	start_resync(out->d, x, out->dir);
}

/* The flow turned out to be another protocol: the others are asked, with the same
 * bytes where none was consumed. */
static void take_back(struct wt_out *out, struct wt_slice left, struct wt_slice bytes,
		      bool is_end)
{
	struct wt_dissect *d = out->d;
	struct wt_dissection *x = out->x;
	struct wt_dissection_dir *q = &x->dir[out->dir];
	bool is_whole = left.len == q->rest_len + bytes.len;

	wt_dissection_take_back(d, x);
	if (is_whole && bytes.len && !is_end) {
		(void)wt_identify_stream(d, x, out->dir, bytes, out->moment);
		return;
	}
	count_delivered(x, out->dir, is_whole ? bytes.len : left.len);
	if (!is_whole)
		wt_rest_clear(d, x, out->dir);
	q->mode |= WT_DIR_RESUMED;
	if (is_end)
		wt_give_up(d, x);
}

/* Another protocol follows: the probes are asked, from the bytes behind on. */
static void hand_on(struct wt_out *out, struct wt_slice left, bool is_end)
{
	struct wt_dissect *d = out->d;
	struct wt_dissection *x = out->x;

	wt_rest_clear(d, x, out->dir);
	wt_dissection_yield(d, x);
	if (is_end)
		count_delivered(x, out->dir, left.len);
	else if (left.len)
		(void)wt_identify_stream(d, x, out->dir, left, out->moment);
}

/* The end of a direction: what is left is a message cut short. */
static void finish(struct wt_out *out, struct wt_slice left, size_t n_new)
{
	struct wt_dissection *x = out->x;
	const struct wt_dissector *dissector = wt_registry_dissector(x->owner);
	struct wt_dissection_dir *q = &x->dir[out->dir];

	if (out->n_events) {
		wt_out_begin(out, out->d, x, out->dir, out->moment);
		out->offset = offset_of(x, out->dir);
		if (dissector->gap)
			dissector->gap(x->state, out->dir, 0, out);
		if (out->is_commit)
			wt_out_emit(out);
		wt_out_drop(out);
	}
	if (left.len)
		wt_count(out->d->counters, WT_C_DISSECT_CLIPPED);
	if (q->rest_len && left.len == q->rest_len + n_new) {
		count_delivered(x, out->dir, n_new);
		wt_rest_drop(out->d, x, out->dir);
	} else {
		count_delivered(x, out->dir, left.len);
		wt_rest_clear(out->d, x, out->dir);
	}
	q->need = q->scanned = 0;
}

/* The next bytes of an identified stream. True when any were looked at. */
bool wt_run_stream(struct wt_dissect *d, struct wt_dissection *x, enum wt_direction dir,
		   struct wt_slice bytes, bool is_end, const struct wt_moment *m)
{
	struct wt_dissection_dir *q = &x->dir[dir];
	struct wt_out *out = &d->scratch->out;
	enum step last = STEP_ON;
	struct wt_slice left;

	x->is_used = true;
	if (q->skip || q->n_stops)
		bytes = pass_over(d, x, dir, bytes, m);
	if (!bytes.len && !q->rest_len && !is_end)
		return false;
	if (q->rest_len && q->rest_len + bytes.len < q->need && !is_end) {
		if (wt_rest_keep(d, x, dir, bytes))
			return true;
	}
	left = q->rest_len ? gather(d, q, bytes) : bytes;
	wt_out_begin(out, d, x, dir, m);
	wt_out_restore(out);
	left = run(out, left, is_end, &last);
	if (last == STEP_FOREIGN) {
		take_back(out, left, bytes, is_end);
		return true;
	}
	if (last == STEP_YIELD) {
		hand_on(out, left, is_end);
		return true;
	}
	if (is_end)
		finish(out, left, bytes.len);
	else
		keep_rest(out, left, bytes.len);
	if (!wt_out_save(out)) {
		wt_count(d->counters, WT_C_DISSECT_BUFFER_EVICTED);
		wt_rest_drop(d, x, dir);
		start_resync(d, x, dir);
	}
	return true;
}

/* Bytes were lost. Inside a skip nobody minds; else the open message is lost too. */
void wt_run_gap(struct wt_dissect *d, struct wt_dissection *x, enum wt_direction dir,
		uint64_t lost, const struct wt_moment *m)
{
	const struct wt_dissector *dissector = wt_registry_dissector(x->owner);
	struct wt_dissection_dir *q = &x->dir[dir];
	struct wt_out *out = &d->scratch->out;

	if (q->skip >= lost) {
		q->skip -= lost;
		q->skipped += lost; /* passed over too, though never there */
		if (!q->skip)
			q->mode &= (uint8_t)~WT_DIR_ENDS; /* what is lost ends units anyway */
		return;
	}
	lost -= q->skip;
	q->skip = 0;
	q->n_stops = 0;
	wt_rest_drop(d, x, dir);
	wt_out_begin(out, d, x, dir, m);
	wt_out_restore(out);
	out->offset = offset_of(x, dir);
	if (dissector->gap)
		dissector->gap(x->state, dir, lost, out);
	if (out->is_commit)
		wt_out_emit(out);
	wt_out_drop(out);
	q->skipped = 0;
	start_resync(d, x, dir);
}

void wt_run_datagram(struct wt_dissect *d, struct wt_dissection *x, enum wt_direction dir,
		     struct wt_slice bytes, bool is_clipped, const struct wt_moment *m)
{
	const struct wt_dissector *dissector = wt_registry_dissector(x->owner);
	struct wt_reader r = wt_reader_of(bytes, is_clipped ? WT_CLIPPED : WT_MALFORMED);
	struct wt_out *out = &d->scratch->out;
	enum wt_verdict verdict;

	x->is_used = true;
	x->dir[dir].mode = 0;
	wt_out_begin(out, d, x, dir, m);
	wt_out_restore(out);
	out->offset = 0;
	verdict = dissector->message(x->state, dir, &r, out);
	if (verdict == WT_OK) {
		wt_count(d->counters, WT_C_DISSECT_MESSAGES);
		emit_glitches(out, NULL);
		wt_out_emit(out);
	} else if (verdict == WT_CLIPPED) {
		wt_count(d->counters, WT_C_DISSECT_CLIPPED);
	} else if (verdict == WT_FOREIGN && !x->has_committed) {
		x->flow->app = 0;
		x->n_shown = UINT8_MAX;
		wt_give_up(d, x);
		return;
	} else {
		emit_glitches(out, "malformed");
	}
	wt_out_drop(out);
}

/* The flow ends: what is open is finished or dropped, then the dissector closes. */
void wt_run_close(struct wt_dissect *d, struct wt_dissection *x, const struct wt_moment *m)
{
	struct wt_out *out = &d->scratch->out;
	const struct wt_dissector *dissector;
	struct wt_flow *f = x->flow;
	unsigned dir;

	for (dir = 0; dir < 2 && x->stream; dir++) {
		if (x->dir[dir].mode & WT_DIR_ENDED)
			continue;
		x->dir[dir].mode |= WT_DIR_ENDED;
		(void)wt_run_stream(d, x, (enum wt_direction)dir, wt_slice_of(NULL, 0), true, m);
		if (wt_dissection_of(d, f) != x || !x->owner)
			return; /* taken back */
	}
	dissector = wt_registry_dissector(x->owner);
	if (!dissector->close)
		return;
	wt_out_begin(out, d, x, WT_TO_SERVER, m);
	wt_out_restore(out);
	wt_out_drop(out); /* nobody finished them */
	out->offset = offset_of(x, WT_TO_SERVER);
	dissector->close(x->state, out);
	wt_out_emit(out);
}
