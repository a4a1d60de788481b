/* HTTP: chunked bodies.
 *
 *   1a;ext=x CR LF  26 bytes CR LF  0 CR LF  trailer: y CR LF  CR LF
 *
 * Source: RFC 9112 7.1. Trust: hostile bytes; sizes of 15 digits at most, so that sums
 * stay in 64 bits. Memory: none of its own. */
#include "http_parts.h"

#define SIZE_LINE_MAX 1024u

/* A chunk header without its line end. False when it is none. */
static bool read_size(struct wt_slice line, uint64_t *size)
{
	size_t i;

	*size = 0;
	line = http_trim(wt_slice_head(line, wt_slice_find(line, ';')));
	for (i = 0; i < line.len; i++) {
		uint8_t byte = line.ptr[i];
		uint8_t low = byte | 0x20;

		if (i == 15)
			return false;
		if (byte >= '0' && byte <= '9')
			*size = *size << 4 | (uint64_t)(byte - '0');
		else if (low >= 'a' && low <= 'f')
			*size = *size << 4 | (uint64_t)(low - 'a' + 10);
		else
			return false;
	}
	return line.len != 0;
}

/* Length of CR LF or LF at the front; 0: neither; SIZE_MAX: too short to say. */
static size_t line_end(struct wt_slice s)
{
	if (!s.len || (s.len == 1 && s.ptr[0] == '\r'))
		return SIZE_MAX;
	if (s.ptr[0] == '\n')
		return 1;
	return s.ptr[0] == '\r' && s.ptr[1] == '\n' ? 2 : 0;
}

enum http_chunk_result http_dechunk(struct wt_slice raw, struct wt_builder *into, size_t *need)
{
	size_t total = raw.len, end;
	struct wt_slice line;
	uint64_t size;
	bool is_bare;

	*need = total + 1;
	for (;;) {
		struct wt_slice rest = raw;

		if (!http_take_line(&rest, &line, &is_bare))
			return raw.len > SIZE_LINE_MAX ? HTTP_CHUNK_BAD : HTTP_CHUNK_MORE;
		if (line.len > SIZE_LINE_MAX || !read_size(line, &size))
			return HTTP_CHUNK_BAD;
		if (!size)
			return HTTP_CHUNK_END;
		wt_bld_bytes(into,
			     wt_slice_head(wt_slice_head(rest, size < rest.len ? (size_t)size
									       : rest.len),
					   into->cap - into->len));
		if (into->len == into->cap)
			return HTTP_CHUNK_FULL;
		if (size >= rest.len) {
			uint64_t more = size - rest.len + 1, room = into->cap - into->len;

			/* no more than what settles it, or luck with segments would show */
			*need = total + (size_t)(more < room ? more : room);
			*need = *need < HTTP_RAW_MAX ? *need : HTTP_RAW_MAX;
			return HTTP_CHUNK_MORE;
		}
		rest = wt_slice_tail(rest, (size_t)size);
		end = line_end(rest);
		if (end == SIZE_MAX)
			return HTTP_CHUNK_MORE;
		if (!end)
			return HTTP_CHUNK_BAD;
		raw = wt_slice_tail(rest, end);
	}
}

static enum wt_verdict at_size(struct http_call *c, struct wt_reader *r)
{
	struct wt_slice rest = wt_rd_peek(r), line;
	bool is_bare;
	uint64_t size;
	size_t here;

	if (!http_take_line(&rest, &line, &is_bare))
		return wt_rd_left(r) > SIZE_LINE_MAX ? WT_MALFORMED : WT_MORE;
	if (line.len > SIZE_LINE_MAX || !read_size(line, &size))
		return WT_MALFORMED;
	wt_rd_skip(r, wt_rd_left(r) - rest.len);
	c->q->phase = size ? HTTP_AT_CRLF : HTTP_AT_TRAILER;
	here = size < rest.len ? (size_t)size : rest.len;
	wt_rd_skip(r, here);
	if (size > here)
		wt_out_skip(c->out, size - here);
	return WT_OK;
}

static enum wt_verdict at_crlf(struct http_call *c, struct wt_reader *r)
{
	size_t end = line_end(wt_rd_peek(r));

	if (end == SIZE_MAX)
		return WT_MORE;
	if (!end)
		return WT_MALFORMED;
	wt_rd_skip(r, end);
	c->q->phase = HTTP_AT_SIZE;
	return WT_OK;
}

static enum wt_verdict at_trailer(struct http_call *c, struct wt_reader *r)
{
	struct wt_slice rest = wt_rd_peek(r), line;
	bool is_bare;

	if (!http_take_line(&rest, &line, &is_bare))
		return wt_rd_left(r) > HTTP_LINE_MAX ? WT_MALFORMED : WT_MORE;
	if (line.len > HTTP_LINE_MAX)
		return WT_MALFORMED;
	wt_rd_skip(r, wt_rd_left(r) - rest.len);
	if (!line.len)
		c->q->phase = HTTP_AT_START;
	return WT_OK;
}

/* As many steps as the bytes at hand allow. */
enum wt_verdict http_chunks(struct http_call *c, struct wt_reader *r)
{
	size_t whole = wt_rd_left(r);
	enum wt_verdict verdict;

	do {
		if (c->q->phase == HTTP_AT_SIZE)
			verdict = at_size(c, r);
		else if (c->q->phase == HTTP_AT_CRLF)
			verdict = at_crlf(c, r);
		else
			verdict = at_trailer(c, r);
	} while (verdict == WT_OK && wt_rd_left(r) && c->q->phase != HTTP_AT_START);
	return wt_rd_left(r) < whole ? WT_OK : verdict;
}
