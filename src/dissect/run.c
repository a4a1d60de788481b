/* Feeds a flow's dissector: consumption, skips, verdicts, resynchronisation.
 * Trust: bytes are hostile; the dissector's verdicts are checked (a call that makes
 * no progress is our defect, not an endless loop).
 * Memory: the unconsumed rest in chunks, buffer_max per direction at most; while a
 * call runs it lies together in the worker's scratch. */
#include "dissect/dissect.h"
#include "wardtap/registry.h"

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
	size_t nearest = bytes.len;
	unsigned i;

	for (i = 0; i < q->n_stops; i++)
		nearest = wt_slice_find(wt_slice_head(bytes, nearest), q->stops[i]);
	return nearest;
}

/* Takes off what the dissector does not want to see. */
static struct wt_slice pass_over(struct wt_dissection *x, enum wt_direction dir,
				 struct wt_slice bytes)
{
	struct wt_dissection_dir *q = &x->dir[dir];

	if (q->skip) {
		size_t n = q->skip < bytes.len ? (size_t)q->skip : bytes.len;

		q->skip -= n;
		count_skipped(x, dir, n);
		bytes = wt_slice_tail(bytes, n);
	}
	if (q->n_stops && bytes.len) {
		size_t n = find_stop(q, bytes);

		count_skipped(x, dir, n);
		bytes = wt_slice_tail(bytes, n);
		if (bytes.len)
			q->n_stops = 0;
	}
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
	x->dir[dir].need = x->dir[dir].scanned = 0;
	wt_count(d->counters, WT_C_DISSECT_RESYNCS);
}

/* What one call came to. */
enum step { STEP_ON, STEP_WAIT, STEP_FOREIGN };

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
	if (out->n_stops)
		memcpy(q->stops, out->stops, sizeof(q->stops));
	left = wt_slice_tail(left, consumed);
	return q->skip || q->n_stops ? pass_over(x, out->dir, left) : left;
}

/* After WT_MALFORMED and the like: one byte on, then search. */
static struct wt_slice refuse_unit(struct wt_out *out, struct wt_slice left, const char *why)
{
	emit_glitches(out, why);
	wt_out_drop(out);
	if (!(out->x->dir[out->dir].mode & WT_DIR_RESYNC))
		start_resync(out->d, out->x, out->dir);
	count_delivered(out->x, out->dir, 1);
	return wt_slice_tail(left, 1);
}

/* One call of `message` on *left. */
static enum step step(struct wt_out *out, const struct wt_dissector *dissector,
		      struct wt_slice *left, bool is_end)
{
	struct wt_dissection *x = out->x;
	struct wt_dissection_dir *q = &x->dir[out->dir];
	/* No unit may see more than is ever kept, or luck with segments would decide
	 * whether a longer one is understood. */
	struct wt_slice seen = wt_slice_head(*left, dissector->buffer_max);
	struct wt_reader r = wt_reader_of(seen, WT_MORE);
	struct wt_builder values = out->values;
	unsigned n_events = out->n_events;
	enum wt_verdict verdict;
	size_t consumed;

	wt_out_begin(out, out->d, x, out->dir, out->moment);
	out->values = values;
	out->is_end = is_end = is_end && seen.len == left->len;
	out->offset = offset_of(x, out->dir);
	verdict = dissector->message(x->state, out->dir, &r, out);
	consumed = r.ptr ? (size_t)(r.ptr - left->ptr) : 0;
	if (verdict == WT_OK && consumed == 0 && !out->skip && !out->n_stops) {
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
		*left = accept_unit(out, *left, consumed);
		return STEP_ON;
	case WT_MORE:
		out->values = values;
		out->n_events = n_events;
		if (is_end || seen.len < dissector->buffer_max) {
			q->scanned = out->scanned;
			q->need = out->need < dissector->buffer_max ? out->need :
				  dissector->buffer_max;
			return STEP_WAIT;
		}
		wt_count(out->d->counters, WT_C_DISSECT_OVERFLOW);
		out->n_glitches = 0;
		*left = refuse_unit(out, *left, "message_too_long");
		return STEP_ON;
	case WT_FOREIGN:
		if (!x->has_committed)
			return STEP_FOREIGN;
		*left = refuse_unit(out, *left, "foreign_bytes");
		return STEP_ON;
	case WT_CLIPPED:
	case WT_MALFORMED:
		break;
	}
	*left = refuse_unit(out, *left, "malformed");
	return STEP_ON;
}

/* Calls the dissector until it waits. What stays is given back. */
static struct wt_slice run(struct wt_out *out, struct wt_slice left, bool is_end,
			   bool *is_foreign)
{
	struct wt_dissection *x = out->x;
	const struct wt_dissector *dissector = wt_registry_dissector(x->owner);
	struct wt_dissection_dir *q = &x->dir[out->dir];
	unsigned n_calls = 0;
	bool is_asked = false; /* at the end: whether open events are finished */

	while (left.len || (is_end && out->n_events && !is_asked)) {
		enum step done;

		if (!left.len)
			is_asked = true;
		if ((q->mode & WT_DIR_RESYNC) && left.len) {
			size_t n = dissector->resync ? dissector->resync(left) : 0;

			n = n < left.len ? n : left.len;
			count_delivered(x, out->dir, n);
			left = wt_slice_tail(left, n);
			if (!left.len)
				break;
		}
		if (++n_calls > WT_CALLS_PER_SEGMENT + left.len / 4) {
			wt_count(out->d->counters, WT_C_DISSECT_BUDGET);
			wt_out_drop(out);
			start_resync(out->d, x, out->dir);
			count_delivered(x, out->dir, left.len);
			return wt_slice_of(NULL, 0);
		}
		done = step(out, dissector, &left, is_end);
		if (done == STEP_FOREIGN)
			*is_foreign = true;
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
static void keep_rest(struct wt_dissect *d, struct wt_dissection *x, enum wt_direction dir,
		      struct wt_slice left, size_t n_new)
{
	struct wt_dissection_dir *q = &x->dir[dir];
	uint32_t need = q->need, scanned = q->scanned;

	if (q->rest_len && left.len == q->rest_len + n_new) {
		left = wt_slice_tail(left, q->rest_len); /* nothing was consumed */
	} else {
		/* consumed bytes are counted already: drop without counting again */
		wt_chain_free(&d->chunks, &q->rest);
		q->rest_len = 0;
	}
	if (!left.len || wt_rest_keep(d, x, dir, left)) {
		q->need = need;
		q->scanned = scanned;
		if (!left.len && !q->rest_len)
			wt_rest_drop(d, x, dir); /* leaves the holders */
		return;
	}
	wt_count(d->counters, WT_C_DISSECT_BUFFER_EVICTED);
	count_delivered(x, dir, left.len);
	wt_rest_drop(d, x, dir);
	wt_pending_drop(d, x, dir);
	start_resync(d, x, dir);
}

/* The flow turned out to be another protocol: probe again without this one. */
static bool take_back(struct wt_dissect *d, struct wt_dissection *x, const struct wt_moment *m)
{
	x->flow->app = 0;
	x->flow->flags |= WT_FLOW_GIVEN_UP;
	(void)m;
	wt_count(d->counters, WT_C_DISSECT_UNKNOWN);
	wt_dissection_release(d, x);
	return true;
}

/* The next bytes of an identified stream. True when any were looked at. */
bool wt_run_stream(struct wt_dissect *d, struct wt_dissection *x, enum wt_direction dir,
		   struct wt_slice bytes, bool is_end, const struct wt_moment *m)
{
	struct wt_dissection_dir *q = &x->dir[dir];
	struct wt_out *out = &d->scratch->out;
	bool is_foreign = false;
	struct wt_slice left;

	if (q->skip || q->n_stops)
		bytes = pass_over(x, dir, bytes);
	if (!bytes.len && !q->rest_len && !is_end)
		return false;
	if (q->rest_len && q->rest_len + bytes.len < q->need && !is_end) {
		if (wt_rest_keep(d, x, dir, bytes))
			return true;
	}
	left = q->rest_len ? gather(d, q, bytes) : bytes;
	wt_out_begin(out, d, x, dir, m);
	wt_out_restore(out);
	left = run(out, left, is_end, &is_foreign);
	if (is_foreign) {
		count_delivered(x, dir, left.len);
		wt_chain_free(&d->chunks, &q->rest);
		q->rest_len = 0;
		return take_back(d, x, m);
	}
	if (is_end && out->n_events) {
		const struct wt_dissector *dissector = wt_registry_dissector(x->owner);

		wt_out_begin(out, d, x, dir, m);
		if (dissector->gap)
			dissector->gap(x->state, dir, 0, out);
		if (out->is_commit)
			wt_out_emit(out);
		wt_out_drop(out);
	}
	keep_rest(d, x, dir, left, bytes.len);
	if (is_end && q->rest_len) {
		wt_count(d->counters, WT_C_DISSECT_CLIPPED);
		wt_rest_drop(d, x, dir);
	}
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
		if (f->dissection == WT_NONE)
			return; /* taken back */
	}
	dissector = wt_registry_dissector(x->owner);
	if (!dissector->close)
		return;
	wt_out_begin(out, d, x, WT_TO_SERVER, m);
	wt_out_restore(out);
	out->offset = offset_of(x, WT_TO_SERVER);
	dissector->close(x->state, out);
	wt_out_emit(out);
}
