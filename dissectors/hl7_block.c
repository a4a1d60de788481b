/* Inside a block: segments, long fields, batches, and where it all ends.
 * Source: HL7 v2.6 2.5 (segments), 2.10.3 (batches), 2.14.2, .3, .6, .7 (BHS, BTS, FHS,
 * FTS). Trust: every byte is hostile; caps in hl7_parts.h.
 * Memory: struct hl7_dir. */
#include "hl7_parts.h"

/* What ends a segment. */
enum end {
	END_MORE,   /* not seen yet; `len`: bytes that are searched */
	END_LINE,   /* CR or LF at `len` */
	END_BLOCK,  /* 1C at `len`, `extra` bytes with what belongs to it */
	END_START,  /* 0B of another block at `len` */
	END_STREAM, /* nothing follows */
	END_WINDOW, /* longer than is looked at in one piece */
};

struct segment_end {
	enum end kind;
	size_t len;
	size_t extra;
	bool is_lf;
};

static bool is_line_end(uint8_t byte)
{
	return byte == HL7_CR || byte == HL7_LF;
}

static struct segment_end end_of(enum end kind, size_t len)
{
	return (struct segment_end){ .kind = kind, .len = len };
}

/* --- finding the end --- */

/* At 1C. END_WINDOW: it is data. */
static struct segment_end see_eb(const struct hl7_call *c, struct wt_slice s, size_t at)
{
	struct segment_end e = { .kind = END_BLOCK, .len = at, .extra = 1 };

	if (at + 1 == s.len)
		return c->is_end ? e : end_of(END_MORE, at);
	if (s.ptr[at + 1] == HL7_CR)
		e.extra = 2;
	else if (s.ptr[at + 1] != HL7_SB)
		e.kind = END_WINDOW;
	return e;
}

/* At 0B. */
static struct segment_end see_sb(const struct hl7_call *c, struct wt_slice s, size_t at)
{
	struct hl7_opening o = wt_hl7_opening(wt_slice_tail(s, at), c->is_end);

	if (o.kind == HL7_OPEN_MORE)
		return end_of(END_MORE, at);
	return end_of(o.kind == HL7_OPEN_NO ? END_WINDOW : END_START, at);
}

/* At LF: ends a segment where the header did so, or before another segment. */
static struct segment_end see_lf(const struct hl7_call *c, struct wt_slice s, size_t at)
{
	struct wt_slice next = wt_slice_tail(s, at + 1);
	struct segment_end e = { .kind = END_LINE, .len = at, .is_lf = true };

	if (c->q->is_lf || wt_hl7_is_header(s))
		return e;
	if (next.len && (is_line_end(next.ptr[0]) || next.ptr[0] == HL7_EB))
		return e;
	if (next.len < 4 && !c->is_end)
		return end_of(END_MORE, at);
	if (next.len >= 4 && next.ptr[3] == c->q->delims.field &&
	    wt_hl7_is_name(wt_slice_head(next, 3)))
		return e;
	return end_of(END_WINDOW, at);
}

static struct segment_end find_end(const struct hl7_call *c, struct wt_slice s)
{
	size_t limit = s.len < c->window ? s.len : c->window, i;

	for (i = c->scanned; i < limit; i++) {
		struct segment_end e = { .kind = END_WINDOW };

		i += wt_slice_find_low(wt_slice_of(s.ptr + i, limit - i), HL7_EB);
		if (i == limit)
			break;
		switch (s.ptr[i]) {
		case HL7_CR:
			return end_of(END_LINE, i);
		case HL7_LF:
			e = see_lf(c, s, i);
			break;
		case HL7_EB:
			e = see_eb(c, s, i);
			break;
		case HL7_SB:
			e = see_sb(c, s, i);
			break;
		default:
			break;
		}
		if (e.kind != END_WINDOW)
			return e;
	}
	if (limit == c->window)
		return end_of(END_WINDOW, limit);
	return end_of(c->is_end ? END_STREAM : END_MORE, limit);
}

/* --- ends --- */

static void end_message(struct hl7_call *c, uint64_t offset, bool is_truncated)
{
	if (!c->q->is_open)
		return;
	wt_hl7_message_end(c, offset - c->m->start, is_truncated);
	wt_out_commit(c->out);
	c->q->is_open = false;
	c->is_done = true;
}

/* The event of a batch or file; `trailer` is NULL when none came. */
static void end_batch(struct hl7_call *c, struct hl7_batch *batch,
		      const struct hl7_segment *trailer)
{
	bool is_file = batch == &c->q->file;
	unsigned event;
	uint64_t stated;

	if (!batch->is_open)
		return;
	batch->is_open = false;
	event = wt_event_begin(c->out, HL7_EVENT_BATCH);
	put_BATCH_LEVEL(c->out, event, is_file ? WT_LIT("file") : WT_LIT("batch"));
	put_CONTROL_ID(c->out, event, wt_slice_of(batch->control, batch->control_len));
	put_BATCH_COUNTED(c->out, event, batch->n);
	wt_out_commit(c->out);
	c->is_done = true;
	if (!trailer) {
		wt_out_glitch(c->out, "batch_without_trailer");
		return;
	}
	if (!wt_slice_to_u64(wt_hl7_part(trailer, 1, 1), &stated))
		return;
	put_BATCH_STATED(c->out, event, stated);
	if (stated != batch->n)
		wt_out_glitch(c->out, is_file ? "file_count_mismatch" : "batch_count_mismatch");
}

void wt_hl7_block_end(struct hl7_call *c, uint64_t offset, bool is_truncated)
{
	end_message(c, offset, is_truncated);
	if (!is_truncated && c->q->batch.n)
		end_batch(c, &c->q->batch, NULL);
	if (!is_truncated && (c->q->file.n || c->q->batch.n))
		end_batch(c, &c->q->file, NULL);
	c->q->phase = HL7_IDLE;
}

/* --- segments --- */

static void open_batch(struct hl7_call *c, struct hl7_batch *batch,
		       const struct hl7_segment *seg)
{
	struct wt_builder b = wt_builder_of(batch->control, sizeof(batch->control));

	end_batch(c, batch, NULL);
	wt_bld_bytes(&b, wt_slice_head(wt_hl7_part(seg, 11, 1), sizeof(batch->control)));
	batch->is_open = true;
	batch->n = 0;
	batch->control_len = (uint8_t)b.len;
	c->q->batch_delims = c->q->delims;
}

static bool equal_delims(const struct hl7_delims *a, const struct hl7_delims *b)
{
	return a->field == b->field && a->component == b->component &&
	       a->repetition == b->repetition && a->escape == b->escape &&
	       a->subcomponent == b->subcomponent;
}

static void read_header(struct hl7_call *c, struct wt_slice s)
{
	struct hl7_dir *q = c->q;
	struct hl7_segment seg;
	bool is_odd;

	if (!wt_hl7_read_delims(s, &q->delims, &is_odd))
		return;
	wt_hl7_split(&seg, s, &q->delims);
	if (s.ptr[0] == 'F') {
		open_batch(c, &q->file, &seg);
		q->batch.n = 0;
		return;
	}
	if (s.ptr[0] == 'B') {
		open_batch(c, &q->batch, &seg);
		q->file.n++;
		return;
	}
	*c->m = (struct hl7_message){ .start = c->offset };
	q->is_open = true;
	if (q->batch.is_open || q->file.is_open) {
		q->batch.n++;
		if (!equal_delims(&q->delims, &q->batch_delims))
			wt_out_glitch(c->out, "delimiters_changed_in_batch");
	}
	wt_hl7_message_begin(c, &seg, s, is_odd);
}

/* BTS and FTS close the message before them. */
static bool read_trailer(struct hl7_call *c, struct wt_slice s)
{
	bool is_batch = wt_slice_starts(s, WT_LIT("BTS"));
	struct hl7_segment seg;

	if (!is_batch && !wt_slice_starts(s, WT_LIT("FTS")))
		return false;
	if (s.len > 3 && s.ptr[3] != c->q->delims.field)
		return false;
	end_message(c, c->offset, false);
	wt_hl7_split(&seg, s, &c->q->delims);
	end_batch(c, is_batch ? &c->q->batch : &c->q->file, &seg);
	return true;
}

/* HLLP: size in five digits and checksum in three, before 1C. */
static bool is_hllp_trailer(const struct hl7_call *c, struct wt_slice s, enum end kind)
{
	uint64_t value;

	return c->q->frame == HL7_FRAME_HLLP && kind == END_BLOCK && s.len == 8 &&
	       wt_slice_to_u64(wt_slice_head(s, 5), &value);
}

static void note_stray(struct hl7_call *c)
{
	if (!c->q->has_stray)
		wt_out_glitch(c->out, "segment_outside_message");
	c->q->has_stray = true;
}

static void read_plain(struct hl7_call *c, struct wt_slice s)
{
	struct hl7_message *m = c->m;
	struct hl7_segment seg;

	if (m->n_segments >= HL7_SEGMENTS_MAX) {
		m->n_segments++;
		m->flags |= HL7_IS_OVER_CAP;
		return;
	}
	if (!wt_hl7_is_name(wt_slice_head(s, 3)) ||
	    (s.len > 3 && s.ptr[3] != c->q->delims.field)) {
		if (!(m->flags & HL7_IS_BAD_SEGMENT))
			wt_out_glitch(c->out, "bad_segment_name");
		m->flags |= HL7_IS_BAD_SEGMENT;
		m->n_segments++;
		return;
	}
	wt_hl7_split(&seg, s, &c->q->delims);
	wt_hl7_message_segment(c, &seg);
	wt_hl7_abuse_scan(c, s);
}

static bool is_real_header(struct wt_slice s)
{
	return wt_hl7_is_header(s) && s.len > 3 && wt_hl7_is_delimiter(s.ptr[3]);
}

/* A whole segment or the first piece of a long one. */
static void read_segment(struct hl7_call *c, struct wt_slice s, const struct segment_end *e)
{
	if (!s.len || is_hllp_trailer(c, s, e->kind))
		return;
	if (is_real_header(s))
		read_header(c, s);
	else if (read_trailer(c, s))
		return;
	else if (c->q->is_open)
		read_plain(c, s);
	else
		note_stray(c);
	if (e->is_lf && is_real_header(s))
		c->q->is_lf = true;
	if (c->q->is_open && c->q->is_lf)
		c->m->flags |= HL7_IS_LF;
	if (c->q->is_open && wt_slice_find(s, HL7_SB) < s.len)
		c->m->flags |= HL7_IS_NESTED;
}

/* --- long segments --- */

static void skip_field(struct hl7_call *c)
{
	uint8_t stops[4] = { c->q->delims.field, HL7_CR, HL7_EB,
			     c->q->is_lf ? HL7_LF : HL7_SB };

	wt_out_skip_until(c->out, wt_slice_of(stops, sizeof(stops)));
	c->is_skip = true;
	c->q->phase = HL7_TAIL;
}

/* After the first piece of a segment: where its last field goes on. */
static void enter_tail(struct hl7_call *c, struct wt_slice s)
{
	struct hl7_segment seg;
	unsigned i;

	for (i = 0; i < 3; i++)
		c->q->tail_name[i] = s.ptr[i];
	wt_hl7_split(&seg, s, &c->q->delims);
	c->q->tail_column = seg.is_over || !c->q->is_open ? HL7_TAIL_IGNORED : (uint16_t)seg.n;
	if (c->q->is_open)
		c->m->flags |= HL7_IS_LONG;
	skip_field(c);
}

/* Further fields of a long segment; `s` begins with their separator. */
static void read_tail(struct hl7_call *c, struct wt_slice s)
{
	struct hl7_segment seg;
	unsigned last;

	if (c->q->tail_column == HL7_TAIL_IGNORED)
		return;
	wt_hl7_split_tail(&seg, c->q->tail_name, c->q->tail_column, s, &c->q->delims);
	last = c->q->tail_column + seg.n - 1;
	c->q->tail_column =
		seg.is_over || last >= HL7_COLUMNS_MAX ? HL7_TAIL_IGNORED : (uint16_t)last;
	if (c->q->tail_column == HL7_TAIL_IGNORED)
		c->m->flags |= HL7_IS_OVER_CAP;
	if (c->q->is_open && c->m->n_segments <= HL7_SEGMENTS_MAX) {
		wt_hl7_message_segment(c, &seg);
		wt_hl7_abuse_scan(c, s);
	}
}

/* --- steps --- */

/* 1C (and 0D) at the reader's first byte. */
static void close_block(struct hl7_call *c, struct wt_reader *r, size_t at, size_t extra)
{
	if (extra == 1) {
		c->m->flags |= HL7_IS_MISSING_CR;
		if (!c->q->is_open)
			wt_out_glitch(c->out, "block_without_cr");
	}
	if (c->q->frame == HL7_FRAME_NONE) /* its start was not seen */
		c->q->frame = HL7_FRAME_MLLP;
	wt_rd_skip(r, extra);
	wt_hl7_block_end(c, c->offset + at, false);
}

/* 0B of another block at the reader's first byte. */
static void restart(struct hl7_call *c, struct wt_reader *r)
{
	struct hl7_opening o = wt_hl7_opening(wt_rd_peek(r), c->is_end);

	c->m->flags |= HL7_IS_NESTED;
	wt_out_glitch(c->out, "nested_start_byte");
	wt_hl7_block_end(c, c->offset, true);
	wt_hl7_open(c, r, &o);
}

/* Length of the CR and LF at `at`. *is_sure: what follows them is there as far as is
 * needed to know a header segment. */
static size_t line_end(const struct hl7_call *c, struct wt_slice s, size_t at, bool *is_sure)
{
	struct wt_slice next;
	size_t n = 0;

	while (at + n < s.len && is_line_end(s.ptr[at + n]))
		n++;
	next = wt_slice_tail(s, at + n);
	*is_sure = next.len >= 4 || c->is_end || s.len >= c->window ||
		   (next.len && next.ptr[0] != 'M' && next.ptr[0] != 'B' && next.ptr[0] != 'F');
	return n;
}

/* CR and LF between segments. A header behind them ends the message before. */
static enum wt_verdict pass_line_end(struct hl7_call *c, struct wt_reader *r)
{
	struct wt_slice rest = wt_rd_peek(r);
	bool is_sure;
	size_t n = line_end(c, rest, 0, &is_sure);

	if (!is_sure)
		return WT_MORE;
	wt_rd_skip(r, n);
	if (is_real_header(wt_slice_tail(rest, n)))
		end_message(c, c->offset + n, false);
	c->q->phase = HL7_BLOCK;
	return WT_OK;
}

static enum wt_verdict take_end(struct hl7_call *c, struct wt_reader *r,
				const struct segment_end *e)
{
	wt_rd_skip(r, e->len);
	c->q->phase = HL7_BLOCK;
	if (e->kind == END_BLOCK)
		close_block(c, r, e->len, e->extra);
	else if (e->kind == END_START)
		restart(c, r);
	else if (e->kind == END_STREAM)
		wt_hl7_block_end(c, c->offset + e->len, c->q->frame != HL7_FRAME_NONE);
	return WT_OK;
}

/* Inside a long segment, at the byte that ended what was passed over. */
static enum wt_verdict tail(struct hl7_call *c, struct wt_reader *r)
{
	struct wt_slice rest = wt_rd_peek(r);
	struct segment_end e = find_end(c, rest);

	if (e.kind == END_MORE) {
		wt_out_set_scanned(c->out, e.len);
		return WT_MORE;
	}
	if (e.len && rest.ptr[0] == c->q->delims.field) {
		read_tail(c, wt_slice_head(rest, e.len));
	} else if (e.len) { /* a lone 1C or 0B: still the long field */
		wt_rd_skip(r, 1);
		skip_field(c);
		return WT_OK;
	}
	if (e.kind == END_WINDOW) {
		wt_rd_skip(r, e.len);
		skip_field(c);
		return WT_OK;
	}
	return take_end(c, r, &e);
}

enum wt_verdict wt_hl7_block(struct hl7_call *c, struct wt_reader *r)
{
	struct wt_slice rest = wt_rd_peek(r), s;
	struct segment_end e;
	bool is_sure = true;
	size_t n = 0;

	if (!rest.len) { /* the end of the stream */
		wt_hl7_block_end(c, c->offset, c->q->frame != HL7_FRAME_NONE);
		return WT_OK;
	}
	if (c->q->phase == HL7_TAIL && !is_line_end(rest.ptr[0]))
		return tail(c, r);
	if (is_line_end(rest.ptr[0]))
		return pass_line_end(c, r);
	e = find_end(c, rest);
	/* without frame the next segment may be long in coming */
	if (e.kind == END_LINE && c->q->frame != HL7_FRAME_NONE)
		n = line_end(c, rest, e.len, &is_sure);
	if (e.kind == END_MORE || !is_sure) {
		wt_out_set_scanned(c->out, e.len);
		return WT_MORE;
	}
	s = wt_slice_head(rest, e.len);
	read_segment(c, s, &e);
	if (e.kind == END_WINDOW) {
		wt_rd_skip(r, e.len);
		enter_tail(c, s);
		return WT_OK;
	}
	if (n) {
		wt_rd_skip(r, e.len + n);
		if (is_real_header(wt_slice_tail(rest, e.len + n)))
			end_message(c, c->offset + e.len + n, false);
		return WT_OK;
	}
	return take_end(c, r, &e);
}
