/* HTTP/1.x: which bytes are a message, where its body ends.
 *
 *   start line CR LF  header CR LF ...  CR LF  [body]      again and again
 *
 * Per direction: START -(header)-> BODY -(first bytes seen)-> SIZE/CRLF/TRAILER (chunks)
 * or START (length: the rest is skipped) or RAW (until the stream closes). An event is
 * begun with the header and committed when the body's first bytes were there. A response
 * needs to know its request (HEAD, CONNECT): those wait in a small ring; where none is
 * known, what follows the header decides. HTTP/2 is told by its preface and passed over.
 *
 * Source: RFC 9110, RFC 9112 (6.3 length of the body), RFC 9113 3.4.
 * Trust: every byte is hostile; both sides of a conversation may lie about lengths.
 * Memory: struct http_state per flow, HTTP_HEAD_MAX and a little buffered per direction. */
#include "http_parts.h"

static const struct wt_field fields[] = { HTTP_FIELDS(WT_FIELD_ROW) };

static const struct wt_event_type events[] = {
	[HTTP_EVENT_REQUEST] = { "http", "A request." },
	[HTTP_EVENT_RESPONSE] = { "http_response", "A response." },
};

#define FOREVER (UINT64_MAX >> 2)

/* --- probe --- */

static enum wt_verdict probe(struct wt_slice head)
{
	if (head.len > 1 && head.ptr[0] == '\r' && head.ptr[1] == '\n')
		head = wt_slice_tail(head, 2); /* RFC 9112 2.2 */
	else if (head.len == 1 && head.ptr[0] == '\r')
		return WT_MORE;
	switch (http_opening(head, true)) {
	case HTTP_OPEN_NO:
		return WT_FOREIGN;
	case HTTP_OPEN_MORE:
		return head.len < WT_PROBE_MAX - 2 ? WT_MORE : WT_OK; /* an endless URI */
	default:
		return WT_OK;
	}
}

static size_t resync(struct wt_slice rest)
{
	return http_find_opening(rest, 0);
}

/* --- requests and their responses --- */

static void remember(struct http_call *c)
{
	struct http_state *s = c->state;

	if (s->n_pending == HTTP_PENDING_MAX) {
		s->n_pending = 0;
		s->is_lost = true;
	}
	s->pending[(s->first + s->n_pending++) % HTTP_PENDING_MAX] =
		(uint8_t)(c->q->method | c->q->service << 2);
	if (c->q->method == HTTP_CONNECT || c->q->is_upgrade)
		s->is_tunnel = true;
}

/* Whose response is it? An interim one leaves its request waiting. */
static void recall(struct http_call *c)
{
	struct http_state *s = c->state;
	bool is_interim = c->q->status < 200 && c->q->status != 101;
	uint8_t kept;

	c->q->method = HTTP_UNKNOWN;
	if (!s->n_pending)
		return;
	kept = s->pending[s->first];
	if (!s->is_lost)
		c->q->method = kept & 3;
	if (c->q->service == HTTP_PLAIN && kept >> 2 < HTTP_N_SERVICES)
		c->q->service = kept >> 2;
	if (is_interim)
		return;
	s->first = (uint8_t)((s->first + 1) % HTTP_PENDING_MAX);
	if (!--s->n_pending)
		s->is_lost = false;
}

/* --- ends of messages --- */

static void put_service(struct http_call *c)
{
	if (c->q->is_fhir_type && c->q->service == HTTP_PLAIN)
		c->q->service = HTTP_FHIR;
	put_SERVICE(c->out, c->event,
		    wt_slice_text(http_service_name((enum http_service)c->q->service)));
}

static void finish(struct http_call *c, bool is_cut)
{
	put_service(c);
	if (is_cut)
		put_IS_CUT(c->out, c->event, true);
	wt_out_commit(c->out);
	c->is_told = true;
	c->q->is_open = false;
	c->q->phase = HTTP_AT_START;
}

static void go_raw(struct http_call *c)
{
	c->q->phase = HTTP_AT_RAW;
	wt_out_skip(c->out, FOREVER);
}

/* RFC 9112 6.3. */
static enum http_framing framing_of(struct http_call *c)
{
	struct http_dir *q = c->q;
	bool is_response = q->status != 0;

	if (is_response &&
	    (q->method == HTTP_HEAD || q->status < 200 || q->status == 204 || q->status == 304))
		return HTTP_NO_BODY;
	if (q->is_chunked) {
		if (q->has_length || q->is_bad_length)
			wt_out_glitch(c->out, "length_and_chunked");
		return HTTP_CHUNKED;
	}
	if (q->is_bad_length) {
		wt_out_glitch(c->out, "bad_content_length");
		return is_response ? HTTP_UNTIL_CLOSE : HTTP_NO_BODY;
	}
	if (q->has_length)
		return q->length ? HTTP_LENGTH : HTTP_NO_BODY;
	return is_response ? HTTP_UNTIL_CLOSE : HTTP_NO_BODY;
}

static bool is_tunnel(const struct http_dir *q)
{
	return q->status == 101 ||
	       (q->method == HTTP_CONNECT && q->status >= 200 && q->status < 300);
}

/* The header is at its end: what comes next? */
static void decide(struct http_call *c, bool is_bodiless)
{
	struct http_dir *q = c->q;

	if (!q->status)
		remember(c);
	q->framing = (uint8_t)framing_of(c);
	if (q->framing == HTTP_CHUNKED)
		put_IS_CHUNKED(c->out, c->event, true);
	if (q->status && q->method == HTTP_HEAD)
		put_REQUEST_METHOD(c->out, c->event, WT_LIT("HEAD"));
	if (q->status && q->method == HTTP_CONNECT)
		put_REQUEST_METHOD(c->out, c->event, WT_LIT("CONNECT"));
	if (q->status >= 200)
		c->state->is_tunnel = is_tunnel(q);
	if (q->status && is_tunnel(q)) {
		/* HTTP may go on inside; what is none is handed on by no_message */
		finish(c, false);
	} else if (q->framing == HTTP_NO_BODY || is_bodiless) {
		finish(c, false);
	} else if (q->content == HTTP_STREAMING) {
		finish(c, false);
		if (q->framing == HTTP_CHUNKED)
			q->phase = HTTP_AT_SIZE;
		else if (q->framing == HTTP_LENGTH)
			wt_out_skip(c->out, q->length);
		else
			go_raw(c);
	} else {
		q->phase = HTTP_AT_BODY;
	}
}

/* --- headers --- */

/* Offset behind the blank line, or 0. What was searched before is not searched again. */
static size_t head_end(struct wt_slice s, size_t from)
{
	size_t at = from > 3 ? from - 3 : 0;

	while (at < s.len) {
		at += wt_slice_find(wt_slice_tail(s, at), '\n') + 1;
		if (at < s.len && s.ptr[at] == '\n')
			return at + 1;
		if (at + 1 < s.len && s.ptr[at] == '\r' && s.ptr[at + 1] == '\n')
			return at + 2;
	}
	return 0;
}

/* The last line end of `s`. */
static size_t last_line(struct wt_slice s)
{
	while (s.len && s.ptr[s.len - 1] != '\n')
		s.len--;
	return s.len;
}

/* HTTP/0.9 is a line without header. */
static bool is_simple(struct wt_slice rest)
{
	struct http_line parts;
	struct wt_slice line;
	bool is_bare;

	return http_take_line(&rest, &line, &is_bare) && http_request_line(line, &parts) &&
	       !parts.version.len;
}

static void begin(struct http_call *c, bool is_response)
{
	struct http_dir *q = c->q;
	bool has_said_lf = q->has_said_lf;

	*q = (struct http_dir){ .has_said_lf = has_said_lf };
	q->is_open = true;
	q->event = (uint8_t)wt_event_begin(c->out, is_response ? HTTP_EVENT_RESPONSE
							       : HTTP_EVENT_REQUEST);
	c->event = q->event;
}

/* Start line and header, `head` bytes of the reader. */
static void take_head(struct http_call *c, struct wt_reader *r, size_t len, bool is_response)
{
	struct wt_slice head = wt_rd_bytes(r, len), line;
	bool is_bare;

	begin(c, is_response);
	if (!http_take_line(&head, &line, &is_bare))
		return;
	if (is_response) {
		http_response(c, line);
		recall(c);
	} else {
		http_request(c, line);
	}
	http_headers(c, head);
}

/* A direction that we know to be no HTTP/1 any more. */
static enum wt_verdict other_protocol(struct http_call *c, struct wt_reader *r,
				      enum http_opening o)
{
	unsigned event;

	c->state->is_h2 = true;
	if (o == HTTP_OPEN_H2) {
		event = wt_event_begin(c->out, HTTP_EVENT_REQUEST);
		put_VERSION(c->out, event, WT_LIT("2"));
		put_METHOD(c->out, event, WT_LIT("PRI"));
		wt_out_commit(c->out);
	}
	wt_rd_skip(r, wt_rd_left(r));
	go_raw(c);
	return WT_OK;
}

/* Neither request nor response. */
static enum wt_verdict no_message(struct http_call *c, struct wt_reader *r)
{
	if (c->state->is_h2 || (c->state->is_simple && c->dir == WT_TO_CLIENT)) {
		wt_rd_skip(r, wt_rd_left(r));
		go_raw(c);
		return WT_OK;
	}
	if (c->state->is_tunnel) { /* accepted, or the answer was not seen */
		wt_out_yield(c->out);
		return WT_OK;
	}
	return WT_MALFORMED;
}

/* Responses that have no body whatever they answer. */
static bool is_surely_bodiless(struct wt_slice head)
{
	struct wt_slice code = wt_slice_head(wt_slice_tail(head, 9), 3);

	return wt_slice_equal(code, WT_LIT("204")) || wt_slice_equal(code, WT_LIT("304")) ||
	       (code.len && code.ptr[0] == '1') || http_has(head, "\ncontent-length: 0\r\n");
}

/* Where the request is not known, a header that follows the header tells that there is
 * no body. WT_MORE: not enough there to say. */
static enum wt_verdict is_followed(const struct http_call *c, struct wt_slice all, size_t len,
				   bool *is_bodiless)
{
	struct wt_slice rest = wt_slice_tail(all, len);

	*is_bodiless = false;
	if ((c->state->n_pending && !c->state->is_lost) ||
	    is_surely_bodiless(wt_slice_head(all, len)))
		return WT_OK;
	*is_bodiless = wt_slice_starts(rest, WT_LIT("HTTP/1."));
	if (rest.len < 7 && !c->is_end &&
	    wt_slice_equal(rest, wt_slice_head(WT_LIT("HTTP/1."), rest.len)))
		return WT_MORE;
	return WT_OK;
}

static enum wt_verdict whole_head(struct http_call *c, struct wt_reader *r, size_t len,
				  bool is_response)
{
	bool is_bodiless = false;

	if (is_response && is_followed(c, wt_rd_peek(r), len, &is_bodiless) == WT_MORE)
		return WT_MORE;
	take_head(c, r, len, is_response);
	decide(c, is_bodiless);
	return WT_OK;
}

/* No end in sight: too long, or the stream ended. */
static enum wt_verdict part_of_head(struct http_call *c, struct wt_reader *r,
				    struct wt_slice rest, bool is_response)
{
	size_t len = last_line(rest);

	if (!len)
		return WT_MORE; /* not even a start line */
	take_head(c, r, len, is_response);
	if (rest.len < HTTP_HEAD_MAX) {
		if (!c->q->status)
			remember(c);
		finish(c, true);
		wt_rd_skip(r, wt_rd_left(r));
		return WT_OK;
	}
	put_IS_LONG_HEADER(c->out, c->event, true);
	wt_out_glitch(c->out, "long_header");
	c->q->phase = HTTP_AT_TAIL;
	return WT_OK;
}

static enum wt_verdict start(struct http_call *c, struct wt_reader *r)
{
	struct wt_slice rest = wt_slice_head(wt_rd_peek(r), HTTP_HEAD_MAX);
	enum http_opening o = http_opening(rest, true);
	bool is_response;
	size_t n = 0;

	while (n < rest.len && (rest.ptr[n] == '\r' || rest.ptr[n] == '\n'))
		n++;
	if (n) {
		wt_rd_skip(r, n);
		return WT_OK;
	}
	if (o == HTTP_OPEN_H2 || o == HTTP_OPEN_H2_BACK)
		return other_protocol(c, r, o);
	if (o == HTTP_OPEN_NO)
		return no_message(c, r);
	is_response = rest.ptr[0] == 'I' || wt_slice_starts(rest, WT_LIT("HTTP/"));
	if (o == HTTP_OPEN_MORE && (rest.len < HTTP_HEAD_MAX || is_response))
		return WT_MORE;
	if (o == HTTP_OPEN_MORE)
		return WT_MALFORMED; /* a start line of 16 KiB */
	if (is_simple(rest)) {
		c->state->is_simple = true;
		return whole_head(c, r, wt_slice_find(rest, '\n') + 1, false);
	}
	n = head_end(rest, wt_out_scanned(c->out));
	if (n)
		return whole_head(c, r, n, is_response);
	if (rest.len == HTTP_HEAD_MAX || c->is_end)
		return part_of_head(c, r, rest, is_response);
	wt_out_set_scanned(c->out, rest.len);
	return WT_MORE;
}

/* Lines behind the first HTTP_HEAD_MAX bytes: they still decide where the body ends. */
static enum wt_verdict tail(struct http_call *c, struct wt_reader *r)
{
	struct wt_slice shown = wt_slice_head(wt_rd_peek(r), HTTP_LINE_MAX), line;
	struct wt_slice rest = shown;
	bool is_bare;

	if (!rest.len) {
		finish(c, true);
		return WT_OK;
	}
	if (!http_take_line(&rest, &line, &is_bare)) {
		if (rest.len < HTTP_LINE_MAX && !c->is_end)
			return WT_MORE;
		wt_rd_skip(r, rest.len);
		wt_out_skip_until(c->out, WT_LIT("\n"));
		c->q->is_mid_line = true;
		return WT_OK;
	}
	wt_rd_skip(r, shown.len - rest.len);
	if (c->q->is_mid_line)
		c->q->is_mid_line = false;
	else if (!line.len)
		decide(c, false);
	else if (line.ptr[0] != ' ' && line.ptr[0] != '\t')
		http_header_line(c, line);
	return WT_OK;
}

/* --- bodies --- */

static enum wt_verdict plain_body(struct http_call *c, struct wt_reader *r)
{
	bool has_length = c->q->framing == HTTP_LENGTH;
	uint64_t length = c->q->length;
	size_t want = has_length && length < HTTP_BODY_MAX ? (size_t)length : HTTP_BODY_MAX;
	struct wt_slice body = wt_slice_head(wt_rd_peek(r), want);

	if (body.len < want && !c->is_end) {
		wt_out_need(c->out, want);
		return WT_MORE;
	}
	http_body(c, body, body.len < want);
	finish(c, has_length && body.len < want);
	wt_rd_skip(r, body.len);
	if (!has_length)
		go_raw(c);
	else if (length > body.len)
		wt_out_skip(c->out, length - body.len);
	return WT_OK;
}

static enum wt_verdict chunked_body(struct http_call *c, struct wt_reader *r)
{
	uint8_t room[HTTP_BODY_MAX];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	struct wt_slice raw = wt_slice_head(wt_rd_peek(r), HTTP_RAW_MAX);
	enum http_chunk_result found;
	size_t need;

	found = http_dechunk(raw, &b, &need);
	if (found == HTTP_CHUNK_MORE && raw.len < HTTP_RAW_MAX && !c->is_end) {
		wt_out_need(c->out, need);
		return WT_MORE;
	}
	http_body(c, wt_bld_slice(&b), found == HTTP_CHUNK_END);
	finish(c, found == HTTP_CHUNK_MORE && raw.len < HTTP_RAW_MAX);
	if (found == HTTP_CHUNK_BAD) {
		wt_out_glitch(c->out, "bad_chunk");
		wt_rd_skip(r, 1);
		return WT_OK;
	}
	c->q->phase = HTTP_AT_SIZE;
	if (found == HTTP_CHUNK_MORE && c->is_end)
		wt_rd_skip(r, wt_rd_left(r));
	else
		(void)http_chunks(c, r);
	return WT_OK;
}

/* --- calls of the engine --- */

/* The next part of the message at hand. */
static enum wt_verdict part(struct http_call *c, struct wt_reader *r)
{
	switch ((enum http_phase)c->q->phase) {
	case HTTP_AT_START:
		return wt_rd_left(r) ? start(c, r) : WT_OK;
	case HTTP_AT_TAIL:
		return tail(c, r);
	case HTTP_AT_BODY:
		return c->q->framing == HTTP_CHUNKED ? chunked_body(c, r) : plain_body(c, r);
	case HTTP_AT_SIZE:
	case HTTP_AT_CRLF:
	case HTTP_AT_TRAILER:
		return wt_rd_left(r) ? http_chunks(c, r) : WT_OK;
	case HTTP_AT_RAW:
		break;
	}
	wt_rd_skip(r, wt_rd_left(r));
	wt_out_skip(c->out, FOREVER);
	return WT_OK;
}

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	struct http_state *s = state;
	struct http_call c = { .state = s, .q = &s->dir[dir], .out = out, .dir = dir };
	enum wt_verdict verdict;
	bool is_inside;

	c.is_end = wt_out_is_end(out);
	c.event = c.q->event;
	if (wt_out_is_resumed(out) && c.q->phase != HTTP_AT_START) {
		/* the engine had to let go of bytes, and of the open event */
		c.q->phase = HTTP_AT_START;
		c.q->is_open = false;
	}
	is_inside = c.q->phase != HTTP_AT_START;
	verdict = part(&c, r);
	if (verdict == WT_OK && (is_inside || c.is_told) && c.q->phase == HTTP_AT_START)
		wt_out_message_end(out);
	return verdict;
}

static void gap(void *state, enum wt_direction dir, uint64_t lost, struct wt_out *out)
{
	struct http_state *s = state;
	struct http_call c = { .state = s, .q = &s->dir[dir], .out = out, .dir = dir };

	c.event = c.q->event;
	if (c.q->is_open)
		finish(&c, true);
	c.q->phase = HTTP_AT_START;
	if (lost) {
		s->n_pending = 0;
		s->is_lost = false;
	}
}

const struct wt_dissector wt_http_dissector = {
	.name = "http",
	.title = "HTTP/1",
	.source = "RFC 9110, RFC 9112; RFC 9113 by its preface",
	.carriage = WT_OVER_TCP,
	.ports = { 80, 8080, 8000, 8042, 631, 3128, 5357, 5985 },
	.probe = probe,
	.message = message,
	.gap = gap,
	.resync = resync,
	.state_size = sizeof(struct http_state),
	.buffer_max = HTTP_HEAD_MAX + 4096,
	WT_DISSECTOR_TABLES(events),
};

_Static_assert(sizeof(struct http_state) <= WT_STATE_MAX, "state of a flow");
_Static_assert(HTTP_N_FIELDS <= 256, "own fields");
