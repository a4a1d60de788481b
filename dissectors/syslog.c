/* Syslog: where a message begins and ends.
 *
 *   <PRI>text                      one datagram
 *   123 <PRI>text                  in a stream: octets counted (RFC 6587 3.4.1)
 *   <PRI>text LF (or NUL)          in a stream: lines (RFC 6587 3.4.2)
 *
 * A message longer than SYSLOG_WINDOW is told by its beginning; the rest is passed over.
 * Source: RFC 5424, RFC 5426, RFC 6587, RFC 3164. Trust: every byte is hostile.
 * Memory: SYSLOG_WINDOW and a few bytes buffered per direction, no state. */
#include "syslog_fields.h"

static const struct wt_field fields[] = { SYSLOG_FIELDS(WT_FIELD_ROW) };

static const struct wt_event_type events[] = { { "syslog", "A log message." } };

#define SYSLOG_WINDOW 2048u
#define COUNT_DIGITS_MAX 7u
#define PRI_MAX 191u
#define TEXT_MIN 4u /* octets behind the priority that a probe looks at */

enum fit { FIT_NO, FIT_MAYBE, FIT_YES };

/* How a message begins: its count where there is one, and where its '<' stands. */
struct opening {
	enum fit fit;
	bool is_counted;
	size_t at;
	uint64_t count;
	size_t text; /* behind the '>' */
};

static bool is_digit(uint8_t byte)
{
	return byte >= '0' && byte <= '9';
}

/* "<0>" to "<191>", no leading zeros (RFC 5424 6.2.1). */
static enum fit see_priority(struct wt_slice s, size_t *len)
{
	unsigned value = 0;
	size_t i;

	if (!s.len)
		return FIT_MAYBE;
	if (s.ptr[0] != '<')
		return FIT_NO;
	for (i = 1; i < s.len && i <= 3 && is_digit(s.ptr[i]); i++)
		value = value * 10 + (unsigned)(s.ptr[i] - '0');
	if (value > PRI_MAX || (i > 2 && s.ptr[1] == '0'))
		return FIT_NO;
	if (i == s.len)
		return FIT_MAYBE;
	if (i == 1 || s.ptr[i] != '>')
		return FIT_NO;
	*len = i + 1;
	return FIT_YES;
}

static struct opening see(struct wt_slice s)
{
	struct opening o = { .fit = FIT_MAYBE };
	size_t i = 0, len = 0;

	for (; i < s.len && i <= COUNT_DIGITS_MAX && is_digit(s.ptr[i]); i++)
		o.count = o.count * 10 + (uint64_t)(s.ptr[i] - '0');
	if (i > COUNT_DIGITS_MAX || (i && s.ptr[0] == '0')) {
		o.fit = FIT_NO;
		return o;
	}
	if (i) {
		o.is_counted = true;
		if (i == s.len)
			return o;
		if (s.ptr[i++] != ' ') {
			o.fit = FIT_NO;
			return o;
		}
	}
	o.at = i;
	o.fit = see_priority(wt_slice_tail(s, i), &len);
	o.text = i + len;
	if (o.fit == FIT_YES && o.is_counted && o.count < len)
		o.fit = FIT_NO;
	return o;
}

/* Text, or what an encoding of it may hold. */
static bool is_text(struct wt_slice s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (s.ptr[i] < ' ' && s.ptr[i] != '\t' && s.ptr[i] != '\n' && s.ptr[i] != '\r')
			return false;
	return true;
}

static enum wt_verdict probe(struct wt_slice head)
{
	struct opening o = see(head);

	if (o.fit == FIT_NO)
		return WT_FOREIGN;
	if (o.fit == FIT_MAYBE)
		return WT_MORE;
	head = wt_slice_head(wt_slice_tail(head, o.text), TEXT_MIN);
	if (!is_text(head))
		return WT_FOREIGN;
	return head.len < TEXT_MIN ? WT_MORE : WT_OK;
}

static size_t resync(struct wt_slice rest)
{
	size_t i;

	for (i = 0; i < rest.len; i++)
		if ((rest.ptr[i] == '<' || is_digit(rest.ptr[i])) &&
		    see(wt_slice_tail(rest, i)).fit != FIT_NO)
			return i;
	return rest.len;
}

static void tell(struct wt_slice text, struct wt_slice framing, uint64_t len,
		 struct wt_out *out)
{
	unsigned event = wt_event_begin(out, 0);

	put_FRAMING(out, event, framing);
	wt_syslog_message(text, out, event);
	if (len)
		put_LENGTH(out, event, len);
	wt_out_commit(out);
}

static enum wt_verdict counted(const struct opening *o, struct wt_reader *r, struct wt_out *out)
{
	size_t shown = o->count < SYSLOG_WINDOW ? (size_t)o->count : SYSLOG_WINDOW;
	struct wt_slice text = wt_slice_head(wt_slice_tail(wt_rd_peek(r), o->at), shown);

	if (text.len < shown && !wt_out_is_end(out)) {
		wt_out_need(out, o->at + shown);
		return WT_MORE;
	}
	tell(text, WT_LIT("octets"), o->count, out);
	wt_rd_skip(r, o->at + text.len);
	if (o->count > text.len)
		wt_out_skip(out, o->count - text.len);
	return WT_OK;
}

static bool is_line_end(uint8_t byte)
{
	return byte == '\n' || byte == 0;
}

static enum wt_verdict line(struct wt_reader *r, struct wt_out *out)
{
	struct wt_slice rest = wt_slice_head(wt_rd_peek(r), SYSLOG_WINDOW);
	size_t len = wt_out_scanned(out);

	while (len < rest.len && !is_line_end(rest.ptr[len]))
		len++;
	if (len == rest.len && len < SYSLOG_WINDOW && !wt_out_is_end(out)) {
		wt_out_set_scanned(out, len);
		return WT_MORE;
	}
	tell(wt_slice_head(rest, len), WT_LIT("lines"), 0, out);
	wt_rd_skip(r, len);
	if (len == SYSLOG_WINDOW)
		wt_out_skip_until(out, wt_slice_of("\n", 2));
	return WT_OK;
}

/* Line ends between messages; a datagram has none. */
static size_t blanks(struct wt_slice s)
{
	size_t len = 0;

	while (len < s.len && (is_line_end(s.ptr[len]) || s.ptr[len] == '\r'))
		len++;
	return len;
}

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	struct wt_slice all = wt_rd_peek(r);
	struct opening o;

	(void)state;
	(void)dir;
	if (r->on_short != WT_MORE) {
		o = see(all);
		if (o.fit != FIT_YES || o.is_counted)
			return o.fit == FIT_MAYBE ? r->on_short : WT_MALFORMED;
		tell(all, wt_slice_of(NULL, 0), all.len, out);
		(void)wt_rd_rest(r);
		return WT_OK;
	}
	if (!all.len)
		return WT_OK;
	if (blanks(all)) {
		wt_rd_skip(r, blanks(all));
		return WT_OK;
	}
	o = see(all);
	if (o.fit == FIT_MAYBE && !wt_out_is_end(out))
		return WT_MORE;
	if (o.fit != FIT_YES)
		return WT_MALFORMED;
	return o.is_counted ? counted(&o, r, out) : line(r, out);
}

const struct wt_dissector wt_syslog_dissector = {
	.name = "syslog",
	.title = "Syslog",
	.source = "RFC 5424, RFC 5426, RFC 6587, RFC 3164",
	.carriage = WT_OVER_UDP | WT_OVER_TCP,
	.ports = { 514, 601, 10514, 1514 },
	.probe = probe,
	.message = message,
	.resync = resync,
	.buffer_max = 2 * SYSLOG_WINDOW,
	WT_DISSECTOR_TABLES(events),
};
