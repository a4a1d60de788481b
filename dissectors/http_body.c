/* HTTP: the first bytes of a body: for rules, which kind of file, who the equipment is.
 * Source: RFC 9112 6, RFC 2046 5.1 (multipart), PS3.18 10.5 (STOW), PS3.10 7.1.
 * Trust: hostile bytes. Memory: none of its own. */
#include "http_parts.h"
#include "wardtap/utf.h"

void http_put_file_name(struct http_call *c, struct wt_slice name)
{
	uint8_t room[8];

	if (!name.len || c->q->is_named)
		return;
	c->q->is_named = true;
	wt_put_FILE_NAME(c->out, c->event, name);
	wt_put_FILE_EXTENSION(c->out, c->event, wt_path_extension(name, room));
}

/* The part of a multipart body that stands first, without its headers. */
static struct wt_slice first_part(struct http_call *c, struct wt_slice body)
{
	struct wt_slice rest = body, line;
	bool is_bare;
	unsigned n;

	while (rest.len && (rest.ptr[0] == '\r' || rest.ptr[0] == '\n'))
		rest = wt_slice_tail(rest, 1);
	if (!wt_slice_starts(rest, WT_LIT("--")) || !http_take_line(&rest, &line, &is_bare))
		return wt_slice_of(NULL, 0);
	for (n = 0; n < 32 && http_take_line(&rest, &line, &is_bare); n++) {
		if (!line.len)
			return rest;
		if (http_starts(line, "content-disposition:"))
			http_put_file_name(c, http_parameter(line, "filename"));
		if (http_starts(line, "content-type:") && http_has(line, "application/dicom"))
			c->q->is_dicom_type = true;
	}
	return wt_slice_of(NULL, 0);
}

static void put_file(struct http_call *c, struct wt_slice bytes, uint64_t size, bool has_size)
{
	const char *kind = wt_file_kind(bytes);

	if (!kind && !c->q->is_named)
		return;
	wt_put_FILE_KIND(c->out, c->event, wt_slice_text(kind));
	wt_put_FILE_PREAMBLE(c->out, c->event, wt_slice_text(wt_file_preamble_kind(bytes)));
	wt_put_FILE_DATA(c->out, c->event, wt_slice_head(bytes, 256));
	if (has_size)
		wt_put_FILE_SIZE(c->out, c->event, size);
}

void http_body(struct http_call *c, struct wt_slice body, bool is_whole)
{
	bool has_size = c->q->framing == HTTP_LENGTH || is_whole;
	uint64_t size = c->q->framing == HTTP_LENGTH ? c->q->length : body.len;

	if (c->q->status)
		put_RESPONSE_BODY(c->out, c->event, body);
	else
		put_REQUEST_BODY(c->out, c->event, body);
	if (c->q->content == HTTP_MULTIPART)
		put_file(c, first_part(c, body), 0, false);
	else
		put_file(c, body, size, has_size);
	if (c->q->is_dicom_type && c->q->service == HTTP_PLAIN)
		c->q->service = c->q->status ? HTTP_WADO : HTTP_STOW;
	http_identity(c, body);
}
