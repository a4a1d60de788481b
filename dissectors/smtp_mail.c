/* What a mail message says of programs and files: its headers, and those of its parts.
 *
 *   header: value CRLF [blank continuation CRLF]... CRLF body
 *   --boundary CRLF headers CRLF body of a part ... --boundary-- CRLF
 *
 * Lines are read one by one and forgotten. A part begins behind any line that starts
 * with "--" if a header follows: boundaries need not be remembered, nesting need not be
 * followed. Of an attachment the first bytes are decoded to tell its kind.
 * Source: RFC 5322, 2045 to 2047, 2183, 5321 4.4.
 * Trust: every byte is hostile. Memory: struct smtp_state. */
#include "smtp_fields.h"

#define WT_FIELD_UNUSED __attribute__((unused))
enum { SMTP_FIELDS(WT_FIELD_ENUM) F_COUNT_ };
#define SMTP_SETTER(id, type, mult, phi, declass, cap, unit, name, clause, doc)                \
	WT_FIELD_UNUSED static void put_##id(struct wt_out *out, unsigned event,               \
					     WT_CTYPE_##type value)                            \
	{                                                                                      \
		WT_PUT_##type(out, event, WT_FIELD_BASE + (unsigned)F_##id, value);            \
	}
SMTP_FIELDS(SMTP_SETTER)

static int base64_value(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (wt_line_is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

void smtp_base64(struct wt_slice text, uint8_t quad[4], uint8_t *quad_len, struct wt_builder *b)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		int value = base64_value(text.ptr[i]);

		if (text.ptr[i] == '=' && *quad_len >= 2) {
			wt_bld_u8(b, (uint8_t)(quad[0] << 2 | quad[1] >> 4));
			if (*quad_len == 3)
				wt_bld_u8(b, (uint8_t)(quad[1] << 4 | quad[2] >> 2));
			*quad_len = 0;
			return;
		}
		if (value < 0)
			continue;
		quad[(*quad_len)++] = (uint8_t)value;
		if (*quad_len < 4)
			continue;
		*quad_len = 0;
		wt_bld_u8(b, (uint8_t)(quad[0] << 2 | quad[1] >> 4));
		wt_bld_u8(b, (uint8_t)(quad[1] << 4 | quad[2] >> 2));
		wt_bld_u8(b, (uint8_t)(quad[2] << 6 | quad[3]));
	}
}

/* --- parts --- */

static void part_begin(struct smtp_state *s)
{
	s->is_part_base64 = s->has_name = s->is_head_done = false;
	s->name_len = s->type_len = 0;
	s->head_len = 0;
	s->quad_len = 0;
	s->header = SMTP_H_NONE;
}

/* The part, or what was seen of it, as an event if it is a file. */
static void part_end(struct smtp_state *s, struct wt_out *out)
{
	struct wt_slice head = wt_slice_of(s->head, s->head_len);
	unsigned event;

	if (s->has_name && s->n_files < SMTP_FILES_MAX) {
		s->n_files++;
		event = wt_event_begin(out, 0);
		put_STEP(out, event, WT_LIT("attachment"));
		put_CONTENT_TYPE(out, event, wt_slice_of(s->type, s->type_len));
		wt_put_line_path(out, event, wt_slice_of(s->name, s->name_len));
		wt_put_FILE_KIND(out, event, wt_slice_text(wt_file_kind(head)));
		wt_put_FILE_PREAMBLE(out, event, wt_slice_text(wt_file_preamble_kind(head)));
		wt_put_FILE_DATA(out, event, head);
	}
	part_begin(s);
}

static void part_bytes(struct smtp_state *s, struct wt_slice line)
{
	struct wt_builder b = wt_builder_of(s->head, SMTP_HEAD);

	if (!s->has_name || s->is_head_done)
		return;
	b.len = s->head_len;
	if (s->is_part_base64) {
		smtp_base64(line, s->quad, &s->quad_len, &b);
	} else {
		wt_bld_bytes(&b, wt_slice_head(line, SMTP_HEAD - b.len));
		wt_bld_char(&b, '\n');
	}
	s->head_len = (uint16_t)b.len;
	s->is_head_done = b.is_short;
}

/* --- headers --- */

static enum smtp_header header_of(struct wt_slice name)
{
	static const struct {
		const char *name;
		enum smtp_header header;
	} rows[] = {
		{ "subject", SMTP_H_SUBJECT },
		{ "from", SMTP_H_FROM },
		{ "x-mailer", SMTP_H_MAILER },
		{ "user-agent", SMTP_H_MAILER },
		{ "received", SMTP_H_RECEIVED },
		{ "content-type", SMTP_H_TYPE },
		{ "content-disposition", SMTP_H_DISPOSITION },
		{ "content-transfer-encoding", SMTP_H_ENCODING },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (wt_line_equal(name, wt_slice_text(rows[i].name)))
			return rows[i].header;
	return SMTP_H_NONE;
}

/* filename="x.pdf", filename=x.pdf, filename*=UTF-8''x.pdf, name=x.pdf */
static void take_name(struct smtp_state *s, struct wt_slice value)
{
	size_t at = wt_line_find(value, WT_LIT("name")), i;
	struct wt_slice rest = wt_slice_tail(value, at + 4);

	while (rest.len && (wt_line_is_digit(rest.ptr[0]) || rest.ptr[0] == '*' ||
			    wt_line_is_blank(rest.ptr[0])))
		rest = wt_slice_tail(rest, 1);
	if (!rest.len || rest.ptr[0] != '=' || s->has_name)
		return;
	rest = wt_line_trim(wt_slice_tail(rest, 1));
	if (rest.len && rest.ptr[0] == '"') {
		rest = wt_slice_tail(rest, 1);
		rest = wt_slice_head(rest, wt_slice_find(rest, '"'));
	} else {
		rest = wt_line_trim(wt_slice_head(rest, wt_slice_find(rest, ';')));
		if (wt_line_starts(rest, WT_LIT("utf-8''")))
			rest = wt_slice_tail(rest, 7);
	}
	s->has_name = rest.len > 0;
	s->name_len = (uint8_t)(rest.len < SMTP_NAME ? rest.len : SMTP_NAME);
	for (i = 0; i < s->name_len; i++)
		s->name[i] = rest.ptr[i];
}

static void take_type(struct smtp_state *s, struct wt_slice value, struct wt_out *out)
{
	struct wt_slice type = wt_line_trim(wt_slice_head(value, wt_slice_find(value, ';')));

	if (s->type_len || !wt_line_is_media_type(type))
		return; /* a continuation */
	for (s->type_len = 0; s->type_len < type.len && s->type_len < sizeof(s->type);
	     s->type_len++)
		s->type[s->type_len] = wt_line_lower(type.ptr[s->type_len]);
	if (s->is_first_part)
		put_CONTENT_TYPE(out, s->mail_event, wt_slice_of(s->type, s->type_len));
}

/* "from a (b) by c (Postfix) with ESMTP id ...": the comment behind "by". */
static void take_received(struct smtp_state *s, struct wt_slice value, struct wt_out *out)
{
	size_t at =
		wt_line_starts(value, WT_LIT("by ")) ? 0 : wt_line_find(value, WT_LIT(" by "));
	struct wt_slice rest = wt_line_trim(wt_slice_tail(value, at));

	s->has_received = true;
	if (at == value.len)
		return;
	(void)wt_line_word(&rest);
	(void)wt_line_word(&rest);
	if (rest.len < 3 || rest.ptr[0] != '(')
		return;
	rest = wt_slice_tail(rest, 1);
	rest = wt_slice_head(rest, wt_slice_find(rest, ')'));
	if (rest.len && rest.ptr[0] != '[' && wt_slice_find(rest, '@') == rest.len)
		put_RECEIVED_SOFTWARE(out, s->mail_event, rest);
}

static void take_value(struct smtp_state *s, struct wt_slice value, struct wt_out *out)
{
	switch (s->header) {
	case SMTP_H_SUBJECT:
		if (s->is_first_part)
			put_SUBJECT(out, s->mail_event, value);
		break;
	case SMTP_H_FROM:
		if (s->is_first_part)
			put_FROM(out, s->mail_event, value);
		break;
	case SMTP_H_MAILER:
		if (!s->is_first_part)
			break;
		put_USER_AGENT(out, s->mail_event, value);
		if (!s->has_received) /* written by whoever sends it here */
			wt_put_HOST_SOFTWARE(out, s->mail_event, value);
		break;
	case SMTP_H_RECEIVED:
		if (s->is_first_part)
			take_received(s, value, out);
		break;
	case SMTP_H_TYPE:
		take_type(s, value, out);
		take_name(s, value);
		break;
	case SMTP_H_DISPOSITION:
		take_name(s, value);
		break;
	case SMTP_H_ENCODING:
		s->is_part_base64 = wt_line_equal(value, WT_LIT("base64"));
		break;
	default:
		break;
	}
}

/* Length of a header's name; 0: the line is no header. */
static size_t name_len(struct wt_slice line)
{
	size_t at = 0;

	while (at < line.len && line.ptr[at] > ' ' && line.ptr[at] < 0x7f &&
	       line.ptr[at] != ':')
		at++;
	return at < line.len && line.ptr[at] == ':' ? at : 0;
}

static void header_line(struct smtp_state *s, struct wt_slice line, struct wt_out *out)
{
	size_t at = name_len(line);

	if (!line.len) {
		s->phase = SMTP_AT_BODY;
		s->is_first_part = false;
		return;
	}
	if (wt_line_is_blank(line.ptr[0])) {
		take_value(s, wt_line_trim(line), out);
		return;
	}
	s->header = (uint8_t)header_of(wt_slice_head(line, at));
	if (at)
		take_value(s, wt_line_trim(wt_slice_tail(line, at + 1)), out);
}

void smtp_mail_begin(struct smtp_state *s)
{
	s->phase = SMTP_AT_HEADERS;
	s->is_first_part = true;
	s->has_received = false;
	s->data_bytes = 0;
	s->n_files = 0;
	part_begin(s);
}

void smtp_mail_line(struct smtp_state *s, struct wt_slice line, struct wt_out *out)
{
	if (s->phase == SMTP_AT_BOUNDARY) {
		if (name_len(line)) {
			part_end(s, out);
			s->phase = SMTP_AT_HEADERS;
		} else {
			s->phase = SMTP_AT_BODY;
		}
	}
	if (s->phase == SMTP_AT_HEADERS) {
		header_line(s, line, out);
		return;
	}
	if (line.len > 2 && line.ptr[0] == '-' && line.ptr[1] == '-') {
		s->phase = SMTP_AT_BOUNDARY;
		return;
	}
	part_bytes(s, line);
}

void smtp_mail_end(struct smtp_state *s, struct wt_out *out)
{
	part_end(s, out);
	put_DATA_BYTES(out, s->mail_event, s->data_bytes);
	if (s->n_files)
		put_N_ATTACHMENTS(out, s->mail_event, s->n_files);
}
