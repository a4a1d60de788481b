/* HTTP: start lines and headers.
 *
 *   GET /studies HTTP/1.1 CR LF   Host: pacs CR LF   ...  CR LF
 *   HTTP/1.1 200 OK CR LF         Server: x CR LF    ...  CR LF
 *
 * Source: RFC 9112 (2.2 robustness, 3, 4, 5), RFC 9113 3.4, HTTP/0.9 as observed.
 * Trust: hostile bytes. Memory: scratch on the stack. */
#include "http_parts.h"

#define METHOD_MAX 24u

static bool agrees(struct wt_slice s, struct wt_slice text)
{
	return wt_slice_equal(wt_slice_head(s, text.len), wt_slice_head(text, s.len));
}

static bool is_digit(uint8_t byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_upper(uint8_t byte)
{
	return byte >= 'A' && byte <= 'Z';
}

/* "HTTP/1.1 200 ", "ICY 200 " (SHOUTcast). */
static enum http_opening see_response(struct wt_slice s)
{
	static const char shape[] = "HTTP/#.# ### ";
	size_t i;

	if (s.ptr[0] == 'I') {
		if (!agrees(s, WT_LIT("ICY 200 ")))
			return HTTP_OPEN_NO;
		return s.len < 8 ? HTTP_OPEN_MORE : HTTP_OPEN_RESPONSE;
	}
	for (i = 0; shape[i]; i++) {
		if (i == s.len)
			return HTTP_OPEN_MORE;
		if (i == 12 && (s.ptr[i] == '\r' || s.ptr[i] == '\n'))
			return HTTP_OPEN_RESPONSE;
		if (shape[i] == '#' ? !is_digit(s.ptr[i]) : s.ptr[i] != (uint8_t)shape[i])
			return HTTP_OPEN_NO;
	}
	return HTTP_OPEN_RESPONSE;
}

/* RFC 9113 4.1, 6.5: SETTINGS on stream 0, no flag, a multiple of six bytes. */
static enum http_opening see_settings(struct wt_slice s)
{
	static const uint8_t want[] = { 0, 0, 0, 4, 0, 0, 0, 0, 0 };
	size_t i;

	for (i = 0; i < sizeof(want); i++) {
		if (i == s.len)
			return HTTP_OPEN_MORE;
		if (i == 2 ? s.ptr[i] % 6 || s.ptr[i] > 60 : s.ptr[i] != want[i])
			return HTTP_OPEN_NO;
	}
	return HTTP_OPEN_H2_BACK;
}

/* What a target may begin with, so that SIP, RTSP and mail are told apart early. */
static enum http_opening see_target(struct wt_slice method, struct wt_slice s)
{
	if (!s.len)
		return HTTP_OPEN_MORE;
	if (s.ptr[0] == '/' || s.ptr[0] == '*')
		return HTTP_OPEN_REQUEST;
	if (agrees(s, WT_LIT("http://")) || agrees(s, WT_LIT("https://")))
		return s.len < 7 ? HTTP_OPEN_MORE : HTTP_OPEN_REQUEST;
	return wt_slice_equal(method, WT_LIT("CONNECT")) && s.ptr[0] > ' ' && s.ptr[0] < 0x7f
		       ? HTTP_OPEN_REQUEST
		       : HTTP_OPEN_NO;
}

static struct wt_slice without_cr(struct wt_slice line)
{
	if (line.len && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* The whole line, or nothing against it so far. */
static enum http_opening judge_line(struct wt_slice s)
{
	size_t end = wt_slice_find(s, '\n'), i;
	struct http_line parts;

	for (i = 0; i < end && i < 256; i++)
		if (s.ptr[i] < ' ' && s.ptr[i] != '\t' && s.ptr[i] != '\r')
			return HTTP_OPEN_NO;
	if (end == s.len)
		return HTTP_OPEN_MORE;
	return http_request_line(without_cr(wt_slice_head(s, end)), &parts) ? HTTP_OPEN_REQUEST
									    : HTTP_OPEN_NO;
}

enum http_opening http_opening(struct wt_slice s, bool is_strict)
{
	enum http_opening o;
	size_t n = 0;

	if (!s.len)
		return HTTP_OPEN_MORE;
	if (!s.ptr[0])
		return see_settings(s);
	if (!is_upper(s.ptr[0]))
		return HTTP_OPEN_NO;
	if (agrees(s, WT_LIT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")))
		return s.len < 24 ? HTTP_OPEN_MORE : HTTP_OPEN_H2;
	if (agrees(s, WT_LIT("HTTP/")) || agrees(s, WT_LIT("ICY ")))
		return see_response(s);
	while (n < s.len && n <= METHOD_MAX && (is_upper(s.ptr[n]) || (n && s.ptr[n] == '-')))
		n++;
	if (n == s.len)
		return n > METHOD_MAX ? HTTP_OPEN_NO : HTTP_OPEN_MORE;
	if (n < 2 || n > METHOD_MAX || s.ptr[n] != ' ')
		return HTTP_OPEN_NO;
	o = see_target(wt_slice_head(s, n), wt_slice_tail(s, n + 1));
	return o == HTTP_OPEN_REQUEST && is_strict ? judge_line(s) : o;
}

/* Where a message may begin, from `from` on. */
size_t http_find_opening(struct wt_slice s, size_t from)
{
	size_t i, end;

	for (i = from; i < s.len; i = end + 1) {
		end = i;
		if (!is_upper(s.ptr[i]))
			continue;
		while (end < s.len && (is_upper(s.ptr[end]) || s.ptr[end] == '-'))
			end++;
		/* a method, or "HTTP/", ends with its run of letters: no use to look at the
		 * run's other letters one by one */
		if (end < s.len && s.ptr[end] != ' ' && s.ptr[end] != '/')
			continue;
		if (end - i > METHOD_MAX)
			i = end - METHOD_MAX;
		for (; i < end; i++)
			if (is_upper(s.ptr[i]) &&
			    http_opening(wt_slice_tail(s, i), false) != HTTP_OPEN_NO)
				return i;
	}
	return s.len;
}

/* Offset of the last blank, or line.len. */
static size_t last_blank(struct wt_slice line)
{
	size_t i;

	for (i = line.len; i; i--)
		if (line.ptr[i - 1] == ' ' || line.ptr[i - 1] == '\t')
			return i - 1;
	return line.len;
}

bool http_request_line(struct wt_slice line, struct http_line *parts)
{
	size_t n, at;

	line = http_trim(line);
	n = wt_slice_find(line, ' ');
	if (n == line.len)
		return false;
	parts->method = wt_slice_head(line, n);
	line = http_trim(wt_slice_tail(line, n));
	at = last_blank(line);
	parts->version = wt_slice_tail(line, at + 1);
	if (wt_slice_starts(parts->version, WT_LIT("HTTP/")) && parts->version.len == 8 &&
	    is_digit(parts->version.ptr[5]) && parts->version.ptr[6] == '.' &&
	    is_digit(parts->version.ptr[7])) {
		parts->target = http_trim(wt_slice_head(line, at));
		return parts->target.len != 0;
	}
	/* HTTP/0.9: method, blank, path, and nothing else */
	parts->version = wt_slice_of(NULL, 0);
	parts->target = line;
	return wt_slice_equal(parts->method, WT_LIT("GET")) && at == line.len && line.len &&
	       line.ptr[0] == '/';
}

bool http_take_line(struct wt_slice *rest, struct wt_slice *line, bool *is_bare)
{
	size_t end = wt_slice_find(*rest, '\n');

	if (end == rest->len)
		return false;
	*line = without_cr(wt_slice_head(*rest, end));
	*is_bare = line->len == end;
	*rest = wt_slice_tail(*rest, end + 1);
	return true;
}

static void put_version(struct http_call *c, struct wt_slice version)
{
	put_VERSION(c->out, c->event, version.len ? wt_slice_tail(version, 5) : WT_LIT("0.9"));
	put_PROTOCOL(c->out, c->event, version);
}

/* http://user:secret@host:port/path: the authority, without who asks. */
static void put_authority(struct http_call *c, const struct http_line *parts)
{
	size_t at = wt_slice_search(wt_slice_head(parts->target, 16), WT_LIT("://")), colon;
	struct wt_slice rest = parts->target, user;

	if (c->q->method != HTTP_CONNECT) {
		if (at >= 16 || at >= parts->target.len)
			return;
		rest = wt_slice_tail(parts->target, at + 3);
		rest = wt_slice_head(rest, wt_slice_find(rest, '/'));
	}
	while ((at = wt_slice_find(rest, '@')) < rest.len) {
		user = wt_slice_head(rest, at);
		colon = wt_slice_find(user, ':');
		wt_put_USER_NAME(c->out, c->event, wt_slice_head(user, colon));
		wt_put_USER_SECRET(c->out, c->event, wt_slice_tail(user, colon + 1));
		rest = wt_slice_tail(rest, at + 1);
	}
	http_put_host(c, rest);
}

void http_request(struct http_call *c, struct wt_slice line)
{
	uint8_t room[HTTP_BODY_MAX];
	struct wt_builder uri = wt_builder_of(room, sizeof(room));
	struct http_line parts;

	if (!http_request_line(line, &parts))
		return;
	c->q->method = wt_slice_equal(parts.method, WT_LIT("HEAD"))      ? HTTP_HEAD
		       : wt_slice_equal(parts.method, WT_LIT("CONNECT")) ? HTTP_CONNECT
									 : HTTP_OTHER;
	put_METHOD(c->out, c->event, parts.method);
	put_version(c, parts.version);
	if (wt_slice_equal(parts.method, WT_LIT("CONNECT")))
		wt_bld_bytes(&uri, wt_slice_head(parts.target, sizeof(room)));
	else
		http_normalise(wt_slice_head(parts.target, sizeof(room)), &uri);
	put_URI(c->out, c->event, wt_bld_slice(&uri));
	put_URI_RAW(c->out, c->event, parts.target);
	put_REQUEST_LINE(c->out, c->event, line);
	put_authority(c, &parts);
	http_see_target(c, parts.method, wt_bld_slice(&uri));
}

void http_response(struct http_call *c, struct wt_slice line)
{
	size_t at = wt_slice_find(line, ' ');
	struct wt_slice code = wt_slice_head(wt_slice_tail(line, at + 1), 3);
	uint64_t status = 0;

	(void)wt_slice_to_u64(code, &status);
	c->q->status = (uint16_t)status;
	put_STATUS(c->out, c->event, status);
	if (line.ptr[0] == 'H')
		put_version(c, wt_slice_head(line, at));
	put_STAT_CODE(c->out, c->event, code);
	put_STAT_MSG(c->out, c->event, http_trim(wt_slice_tail(line, at + 4)));
	put_RESPONSE_LINE(c->out, c->event, line);
}

/* A header with what continues it: "a: b CR LF  c". Takes it from *rest. */
static bool take_header(struct wt_slice *rest, struct wt_slice *whole, bool *is_bare,
			bool *is_folded)
{
	struct wt_slice start = *rest, line;
	bool is_bare_line;

	*is_bare = *is_folded = false;
	if (!http_take_line(rest, &line, is_bare)) {
		*whole = *rest;
		*rest = wt_slice_of(NULL, 0);
		return whole->len != 0;
	}
	*whole = line;
	while (line.len && rest->len && (rest->ptr[0] == ' ' || rest->ptr[0] == '\t') &&
	       http_take_line(rest, &line, &is_bare_line)) {
		*is_folded = true;
		*whole = without_cr(
			wt_slice_head(start, (size_t)(line.ptr + line.len - start.ptr)));
	}
	return true;
}

/* A value of several lines in one. */
static struct wt_slice unfold(struct wt_slice value, struct wt_builder *b)
{
	size_t i;

	for (i = 0; i < value.len && b->len < b->cap; i++)
		if (value.ptr[i] != '\r' && value.ptr[i] != '\n')
			wt_bld_u8(b, value.ptr[i]);
	return wt_bld_slice(b);
}

static bool split(struct http_call *c, struct wt_slice line, struct wt_slice *name,
		  struct wt_slice *value)
{
	size_t colon = wt_slice_find(line, ':');

	if (colon == line.len || !colon) {
		wt_out_glitch(c->out, "header_without_name");
		return false;
	}
	*name = wt_slice_head(line, colon);
	*value = http_trim(wt_slice_tail(line, colon + 1));
	if (name->ptr[colon - 1] == ' ' || name->ptr[colon - 1] == '\t') {
		wt_out_glitch(c->out, "blank_before_colon");
		*name = http_trim(*name);
	}
	if (wt_slice_find(line, 0) != line.len)
		wt_out_glitch(c->out, "nul_in_header");
	return name->len != 0;
}

void http_header_line(struct http_call *c, struct wt_slice line)
{
	struct wt_slice name, value;

	if (split(c, line, &name, &value))
		http_take_field(c, name, value);
}

struct buffers {
	struct wt_builder header, names;
};

static void keep_header(struct buffers *b, struct wt_slice name, struct wt_slice value)
{
	if (!http_same(name, "cookie") && !http_same(name, "set-cookie")) {
		wt_bld_bytes(&b->header, name);
		wt_bld_bytes(&b->header, WT_LIT(": "));
		wt_bld_bytes(&b->header, value);
		wt_bld_bytes(&b->header, WT_LIT("\r\n"));
	}
	wt_bld_bytes(&b->names, name);
	wt_bld_bytes(&b->names, WT_LIT("\r\n"));
}

void http_headers(struct http_call *c, struct wt_slice block)
{
	uint8_t header[4096], names[1024], folded[2048];
	struct buffers b = { .header = wt_builder_of(header, sizeof(header)),
			     .names = wt_builder_of(names, sizeof(names)) };
	struct wt_slice rest = block, line, name, value;
	bool is_bare, is_folded;

	wt_bld_bytes(&b.names, WT_LIT("\r\n"));
	while (take_header(&rest, &line, &is_bare, &is_folded) && line.len) {
		struct wt_builder one = wt_builder_of(folded, sizeof(folded));

		if (is_bare && !c->q->has_said_lf) {
			wt_out_glitch(c->out, "bare_line_feed");
			c->q->has_said_lf = true;
		}
		if (!split(c, line, &name, &value))
			continue;
		if (is_folded) {
			wt_out_glitch(c->out, "folded_header");
			value = unfold(value, &one);
		}
		http_take_field(c, name, value);
		keep_header(&b, name, value);
	}
	wt_bld_bytes(&b.names, WT_LIT("\r\n"));
	put_HEADER(c->out, c->event, wt_bld_slice(&b.header));
	put_HEADER_RAW(c->out, c->event, block);
	if (b.names.len > 4)
		put_HEADER_NAMES(c->out, c->event, wt_bld_slice(&b.names));
}
