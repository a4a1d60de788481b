/* HL7 v2 over MLLP: which bytes are a message.
 *
 *   0B  MSH|^~\&|...<CR> SEG|...<CR> ...  1C 0D          MLLP release 1
 *   0B 06 1C 0D   0B 15 1C 0D                            commit blocks of release 2
 *   0B D 12 CR  MSH...<CR>  sssss ccc  1C 0D             HLLP: size and checksum
 *   MSH|^~\&|...<CR> SEG|...                             no frame at all
 *
 * Per direction: IDLE -(0B, header)-> BLOCK -(1C 0D)-> IDLE. A lone 1C is data (it
 * occurs in UTF-16); 1C 0B and 1C at the end of the stream end the block as well. 0B
 * before a plausible header restarts. A segment is taken when its end is there; of one
 * longer than HL7_WINDOW only the beginning of each field is taken and the rest passed
 * over, so a document of any length runs in constant memory. A message without frame
 * ends where the next header segment stands, or with the stream.
 *
 * Source: HL7 v2.6 chapter 2; HL7 Transport Specification MLLP release 2; observed in
 * pcaps/hl7. Trust: every byte is hostile. Memory: struct hl7_state per flow, HL7_WINDOW
 * and a few bytes buffered per direction. */
#include "hl7_parts.h"

static const struct wt_field fields[] = { HL7_FIELDS(WT_FIELD_ROW) };

static const struct wt_event_type events[] = {
	[HL7_EVENT_MESSAGE] = { "hl7", "A message: header, acknowledgement, what it holds." },
	[HL7_EVENT_DEVICE] = { "hl7_device", "A device that a message names." },
	[HL7_EVENT_PUMP] = { "hl7_pump",
			     "A pump or channel: an order to it, its state, an event." },
	[HL7_EVENT_ALARM] = { "hl7_alarm", "An alarm of a device." },
	[HL7_EVENT_COMMIT] = { "hl7_commit", "A commit block of MLLP release 2." },
	[HL7_EVENT_BATCH] = { "hl7_batch", "The end of a batch or file of messages." },
};

#define BLANKS_MAX 8u /* CR or LF after 0B, tolerated */

/* --- openings --- */

static bool is_blank(uint8_t byte)
{
	return byte == HL7_CR || byte == HL7_LF;
}

/* Do the bytes at hand agree with `text`, as far as they go? */
static bool agrees(struct wt_slice s, const char *text)
{
	struct wt_slice t = wt_slice_of(text, wt_hl7_literal_len(text));

	return wt_slice_equal(wt_slice_head(s, t.len), wt_slice_head(t, s.len));
}

/* A header segment: its name and a field separator and, when strict, four or five
 * distinct encoding characters. */
static enum hl7_open see_header(struct wt_slice s, bool is_strict)
{
	struct hl7_delims delims;
	size_t at;
	bool is_odd;

	if (!agrees(s, "MSH") && !agrees(s, "BHS") && !agrees(s, "FHS"))
		return HL7_OPEN_NO;
	if (s.len < 4)
		return HL7_OPEN_MORE;
	if (!wt_hl7_is_delimiter(s.ptr[3]))
		return HL7_OPEN_NO;
	if (!is_strict)
		return HL7_OPEN_BARE;
	for (at = 4; at < s.len && s.ptr[at] != s.ptr[3]; at++)
		if (at >= 9 || !wt_hl7_is_delimiter(s.ptr[at]))
			return HL7_OPEN_NO;
	if (at == s.len)
		return HL7_OPEN_MORE;
	return wt_hl7_read_delims(s, &delims, &is_odd) && !is_odd ? HL7_OPEN_BARE : HL7_OPEN_NO;
}

static bool is_digit(uint8_t byte)
{
	return byte >= '0' && byte <= '9';
}

/* After 0B: "D" or "N", a version of two digits, CR. */
static enum hl7_open see_hllp(struct wt_slice s)
{
	if (s.ptr[0] != 'D' && s.ptr[0] != 'N')
		return HL7_OPEN_NO;
	if ((s.len > 1 && !is_digit(s.ptr[1])) || (s.len > 2 && !is_digit(s.ptr[2])) ||
	    (s.len > 3 && s.ptr[3] != HL7_CR))
		return HL7_OPEN_NO;
	return s.len < 4 ? HL7_OPEN_MORE : HL7_OPEN_BLOCK;
}

/* `s` begins with 0B. */
static struct hl7_opening see_block(struct wt_slice s)
{
	struct hl7_opening o = { .kind = HL7_OPEN_MORE, .frame = HL7_FRAME_MLLP, .len = 1 };
	struct wt_slice rest = wt_slice_tail(s, 1);

	if (!rest.len)
		return o;
	if (rest.ptr[0] == HL7_ACK || rest.ptr[0] == HL7_NAK) {
		o.len = 4;
		if (!agrees(wt_slice_tail(rest, 1), "\x1c\x0d"))
			o.kind = HL7_OPEN_NO;
		else if (rest.len >= 3)
			o.kind = rest.ptr[0] == HL7_ACK ? HL7_OPEN_ACK : HL7_OPEN_NAK;
		return o;
	}
	o.kind = see_hllp(rest);
	if (o.kind == HL7_OPEN_MORE)
		return o;
	if (o.kind == HL7_OPEN_BLOCK) {
		o.frame = HL7_FRAME_HLLP;
		o.len = 5;
	}
	while (o.len < s.len && o.len < 5 + BLANKS_MAX && is_blank(s.ptr[o.len]))
		o.len++;
	o.kind = see_header(wt_slice_tail(s, o.len), false);
	if (o.kind == HL7_OPEN_BARE)
		o.kind = HL7_OPEN_BLOCK;
	return o;
}

struct hl7_opening wt_hl7_opening(struct wt_slice s, bool is_end)
{
	struct hl7_opening o = { .kind = HL7_OPEN_MORE, .frame = HL7_FRAME_NONE };

	if (s.len && is_blank(s.ptr[0]))
		o.kind = HL7_OPEN_BLANK;
	else if (s.len && s.ptr[0] == HL7_SB)
		o = see_block(s);
	else if (s.len)
		o.kind = see_header(s, true);
	if (o.kind == HL7_OPEN_MORE && is_end)
		o.kind = HL7_OPEN_NO;
	return o;
}

/* Offset of the next place where a block may begin, from `from` on; a header without
 * frame only at the start of a line. */
static size_t find_opening(struct wt_slice s, size_t from)
{
	static const uint8_t marks[4] = { HL7_SB, HL7_CR, HL7_LF, HL7_SB };
	size_t i;

	for (i = from; i < s.len; i++) {
		bool is_line = i > 0 && is_blank(s.ptr[i - 1]);
		struct hl7_opening o;

		if (!is_line)
			i += wt_slice_find_any(wt_slice_tail(s, i), marks);
		if (i == s.len)
			break;
		if (!is_line && s.ptr[i] != HL7_SB)
			continue; /* a line may begin behind it */
		o = wt_hl7_opening(wt_slice_tail(s, i), false);
		if (o.kind != HL7_OPEN_NO && o.kind != HL7_OPEN_BLANK)
			return i;
	}
	return s.len;
}

static size_t resync(struct wt_slice rest)
{
	struct hl7_opening o = wt_hl7_opening(rest, false);

	if (o.kind != HL7_OPEN_NO && o.kind != HL7_OPEN_BLANK)
		return 0;
	return find_opening(rest, 1);
}

/* --- probe --- */

static enum wt_verdict probe(struct wt_slice head)
{
	struct hl7_opening o;
	size_t n_blank = 0;

	while (n_blank < head.len && n_blank < BLANKS_MAX && is_blank(head.ptr[n_blank]))
		n_blank++;
	o = wt_hl7_opening(wt_slice_tail(head, n_blank), false);
	if (o.kind == HL7_OPEN_MORE)
		return WT_MORE;
	return o.kind != HL7_OPEN_NO && o.kind != HL7_OPEN_BLANK ? WT_OK : WT_FOREIGN;
}

/* --- between blocks --- */

static void commit_block(struct hl7_call *c, enum hl7_open kind)
{
	unsigned event = wt_event_begin(c->out, HL7_EVENT_COMMIT);
	uint64_t since = c->state->pairs[wt_opposite(c->dir)].last_ns;
	uint64_t now = wt_out_time_ns(c->out);

	put_FRAMING(c->out, event,
		    kind == HL7_OPEN_ACK ? WT_LIT("mllp2-ack") : WT_LIT("mllp2-nak"));
	if (since && since <= now)
		put_ACK_TIME(c->out, event, (now - since) / WT_NS_PER_MS);
	wt_out_commit(c->out);
	c->is_done = true;
}

void wt_hl7_open(struct hl7_call *c, struct wt_reader *r, const struct hl7_opening *o)
{
	struct hl7_dir *q = c->q;

	wt_rd_skip(r, o->len);
	q->is_open = q->is_lost = q->at_line = q->is_lf = q->has_stray = false;
	if (o->kind == HL7_OPEN_ACK || o->kind == HL7_OPEN_NAK) {
		q->phase = HL7_IDLE;
		commit_block(c, o->kind);
		return;
	}
	q->phase = HL7_BLOCK;
	q->frame = (uint8_t)o->frame;
}

/* Bytes that are no block: told once, passed over up to the next that may be. */
static enum wt_verdict lose(struct hl7_call *c, struct wt_reader *r, bool is_resumed)
{
	struct wt_slice rest = wt_rd_peek(r);
	size_t n = find_opening(rest, 1);

	if (!c->q->is_lost && !is_resumed)
		wt_out_glitch(c->out, rest.ptr[0] == HL7_SB ? "block_without_header"
							    : "junk_between_blocks");
	c->q->phase = HL7_IDLE;
	c->q->is_open = false;
	c->q->is_lost = true;
	c->q->at_line = is_blank(rest.ptr[n - 1]);
	wt_rd_skip(r, n);
	return WT_OK;
}

static enum wt_verdict idle(struct hl7_call *c, struct wt_reader *r, bool is_resumed)
{
	struct wt_slice rest = wt_rd_peek(r);
	struct hl7_opening o = wt_hl7_opening(rest, c->is_end);
	struct hl7_dir before;
	enum wt_verdict verdict;
	size_t n = 0;

	if (!rest.len)
		return WT_OK;
	if (c->q->is_lost && !c->q->at_line && !is_resumed && rest.ptr[0] != HL7_SB &&
	    o.kind != HL7_OPEN_BLANK)
		o.kind = HL7_OPEN_NO; /* inside a line */
	switch (o.kind) {
	case HL7_OPEN_MORE:
		return WT_MORE;
	case HL7_OPEN_NO:
		return lose(c, r, is_resumed);
	case HL7_OPEN_BLANK:
		while (n < rest.len && is_blank(rest.ptr[n]))
			n++;
		wt_rd_skip(r, n);
		c->q->phase = HL7_IDLE;
		c->q->is_open = false;
		c->q->at_line = true;
		return WT_OK;
	case HL7_OPEN_BARE: /* nothing to consume: undone when the segment is not there */
		before = *c->q;
		wt_hl7_open(c, r, &o);
		verdict = wt_hl7_block(c, r);
		if (verdict == WT_MORE)
			*c->q = before;
		return verdict;
	case HL7_OPEN_BLOCK:
	case HL7_OPEN_ACK:
	case HL7_OPEN_NAK:
		break;
	}
	wt_hl7_open(c, r, &o);
	return WT_OK;
}

/* --- calls of the engine --- */

static struct hl7_call call_of(void *state, enum wt_direction dir, struct wt_out *out)
{
	struct hl7_state *s = state;

	return (struct hl7_call){
		.state = s,
		.q = &s->dir[dir],
		.m = &s->dir[dir].message,
		.out = out,
		.dir = dir,
		.offset = wt_out_offset(out),
		.scanned = wt_out_scanned(out),
		.window = HL7_WINDOW,
	};
}

static enum wt_verdict datagram(struct hl7_call *c, struct wt_reader *r)
{
	struct wt_reader whole = wt_reader_of(wt_rd_peek(r), WT_MORE);
	size_t left = whole.left;

	c->is_end = true;
	c->window = SIZE_MAX;
	c->scanned = 0;
	c->q->phase = HL7_IDLE;
	c->q->is_open = c->q->is_lost = false;
	while (left) {
		(void)(c->q->phase == HL7_IDLE ? idle(c, &whole, false)
					       : wt_hl7_block(c, &whole));
		c->offset += left - whole.left;
		if (WT_BUG_ON(whole.left >= left))
			return WT_MALFORMED;
		left = whole.left;
	}
	if (c->q->phase != HL7_IDLE)
		wt_hl7_block_end(c, c->offset, c->q->frame != HL7_FRAME_NONE);
	wt_rd_skip(r, r->left);
	return c->is_done ? WT_OK : WT_MALFORMED;
}

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	struct hl7_call c = call_of(state, dir, out);
	bool is_resumed = wt_out_is_resumed(out), has_consumed = false;
	enum wt_verdict verdict;

	if (r->on_short != WT_MORE)
		return datagram(&c, r);
	c.is_end = wt_out_is_end(out);
	/* after a loss that we were not told of, the state speaks of another message */
	if (c.q->phase == HL7_IDLE || is_resumed) {
		verdict = idle(&c, r, is_resumed);
		if (verdict == WT_OK && c.is_done)
			wt_out_message_end(out);
		return verdict;
	}
	/* beyond the cap segments are only counted, many in a call */
	do {
		size_t left = wt_rd_left(r);

		verdict = wt_hl7_block(&c, r);
		if (verdict == WT_OK && left > wt_rd_left(r))
			has_consumed = true;
		c.offset += left - wt_rd_left(r);
		c.scanned = 0;
	} while (verdict == WT_OK && c.q->phase == HL7_BLOCK && c.q->is_open && !c.is_skip &&
		 !c.is_done && c.m->n_segments > HL7_SEGMENTS_MAX && wt_rd_left(r));
	if (verdict == WT_OK && c.q->phase == HL7_IDLE)
		wt_out_message_end(out);
	return verdict == WT_MORE && has_consumed ? WT_OK : verdict;
}

static void gap(void *state, enum wt_direction dir, uint64_t lost, struct wt_out *out)
{
	struct hl7_call c = call_of(state, dir, out);

	(void)lost;
	if (c.q->phase != HL7_IDLE)
		wt_hl7_block_end(&c, c.offset, true);
	c.q->batch.is_open = c.q->file.is_open = false;
	c.q->is_lost = true;
	c.q->at_line = true;
}

const struct wt_dissector wt_hl7_dissector = {
	.name = "hl7",
	.title = "HL7 v2",
	.source = "HL7 v2.1 to v2.9; HL7 MLLP R1 and R2; IHE PCD TF rev 8, IPEC 1.5",
	.carriage = WT_OVER_TCP | WT_OVER_UDP,
	.ports = { 2575, 6661, 6660, 3000, 3001, 5000, 7777 },
	.probe = probe,
	.message = message,
	.gap = gap,
	.resync = resync,
	.is_long_lived = true,
	.state_size = sizeof(struct hl7_state),
	.buffer_max = 2 * HL7_WINDOW,
	WT_DISSECTOR_TABLES(events),
};

_Static_assert(sizeof(struct hl7_state) <= WT_STATE_MAX, "state of a flow");
_Static_assert(HL7_N_FIELDS <= 256, "own fields");
_Static_assert(1 + HL7_DEVICES_MAX + HL7_PUMPS_MAX + HL7_ALARMS_MAX + HL7_ORDERS_MAX <=
		       WT_EVENTS_OPEN_MAX,
	       "events of a message");
