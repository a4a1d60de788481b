/* HL7 v2 text: delimiters, segments, fields, components, escape sequences.
 * Source: HL7 v2.6 2.5 (fields, delimiters), 2.7 (escape sequences), 2.14.9 (MSH).
 * Trust: everything is hostile; a delimiter that does not exist is 0 and never found.
 * Memory: none; slices of the segment at hand. */
#include "hl7_parts.h"

size_t wt_hl7_literal_len(const char *text)
{
	size_t len = 0;

	while (text[len])
		len++;
	return len;
}

static struct wt_slice literal(const char *text)
{
	return wt_slice_of(text, wt_hl7_literal_len(text));
}

static uint8_t lower(uint8_t byte)
{
	return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte | 0x20) : byte;
}

bool wt_hl7_has_prefix(struct wt_slice s, const char *prefix)
{
	struct wt_slice p = literal(prefix);
	size_t i;

	if (s.len < p.len)
		return false;
	for (i = 0; i < p.len; i++)
		if (lower(s.ptr[i]) != lower(p.ptr[i]))
			return false;
	return true;
}

bool wt_hl7_is_word(struct wt_slice s, const char *word)
{
	return s.len == wt_hl7_literal_len(word) && wt_hl7_has_prefix(s, word);
}

static bool is_alnum(uint8_t byte)
{
	return (byte >= '0' && byte <= '9') || (lower(byte) >= 'a' && lower(byte) <= 'z');
}

bool wt_hl7_is_delimiter(uint8_t byte)
{
	return byte > 0x20 && byte < 0x7f && !is_alnum(byte);
}

bool wt_hl7_is_header(struct wt_slice s)
{
	return wt_slice_starts(s, WT_LIT("MSH")) || wt_slice_starts(s, WT_LIT("BHS")) ||
	       wt_slice_starts(s, WT_LIT("FHS"));
}

static bool is_capital(uint8_t byte)
{
	return byte >= 'A' && byte <= 'Z';
}

bool wt_hl7_is_name(struct wt_slice s)
{
	return s.len == 3 && is_capital(s.ptr[0]) &&
	       (is_capital(s.ptr[1]) || (is_alnum(s.ptr[1]) && s.ptr[1] <= '9')) &&
	       (is_capital(s.ptr[2]) || (is_alnum(s.ptr[2]) && s.ptr[2] <= '9'));
}

bool wt_hl7_read_delims(struct wt_slice s, struct hl7_delims *delims, bool *is_odd)
{
	uint8_t *const into[4] = { &delims->component, &delims->repetition, &delims->escape,
				   &delims->subcomponent };
	struct wt_slice codes;
	size_t i, j;

	*delims = (struct hl7_delims){ 0 };
	*is_odd = false;
	if (s.len < 4 || !wt_hl7_is_delimiter(s.ptr[3]))
		return false;
	delims->field = s.ptr[3];
	codes = wt_slice_tail(s, 4);
	codes = wt_slice_head(codes, wt_slice_find(codes, delims->field));
	if (codes.len < 4 || codes.len > 5)
		*is_odd = true;
	for (i = 0; i < codes.len && i < 5; i++) {
		if (!wt_hl7_is_delimiter(codes.ptr[i]))
			*is_odd = true;
		for (j = 0; j < i; j++)
			if (codes.ptr[j] == codes.ptr[i])
				*is_odd = true;
		if (i < 4)
			*into[i] = codes.ptr[i];
	}
	return true;
}

/* Fields of `s` from number `number` on. */
static void split_columns(struct hl7_segment *seg, struct wt_slice s)
{
	size_t room = HL7_COLUMNS_MAX - seg->n;
	size_t n = wt_slice_split(s, seg->delims->field, &seg->column[seg->n], room);

	seg->is_over = n > room;
	seg->n += (unsigned)(n > room ? room : n);
}

void wt_hl7_split(struct hl7_segment *seg, struct wt_slice s, const struct hl7_delims *delims)
{
	bool is_header = wt_hl7_is_header(s);
	unsigned i;

	seg->delims = delims;
	seg->first = 1;
	seg->n = 0;
	seg->is_over = false;
	for (i = 0; i < 3; i++)
		seg->name[i] = i < s.len ? s.ptr[i] : 0;
	if (is_header) /* field 1 is the separator itself */
		seg->column[seg->n++] = wt_slice_head(wt_slice_tail(s, 3), 1);
	if (s.len > 3)
		split_columns(seg, wt_slice_tail(s, 4));
}

void wt_hl7_split_tail(struct hl7_segment *seg, const uint8_t *name, unsigned first,
		       struct wt_slice s, const struct hl7_delims *delims)
{
	unsigned i;

	seg->delims = delims;
	seg->first = first;
	seg->n = 0;
	seg->is_over = false;
	for (i = 0; i < 3; i++)
		seg->name[i] = name[i];
	split_columns(seg, s);
}

struct wt_slice wt_hl7_column(const struct hl7_segment *seg, unsigned number)
{
	struct wt_slice s;

	if (number < seg->first || number - seg->first >= seg->n)
		return wt_slice_of(NULL, 0);
	s = seg->column[number - seg->first];
	return wt_slice_equal(s, WT_LIT("\"\"")) ? wt_slice_of(NULL, 0) : s;
}

/* Splits off what stands before `delimiter`; false when nothing is left. */
static bool next_part(struct wt_slice *rest, uint8_t delimiter, struct wt_slice *part)
{
	size_t at;

	if (!rest->ptr)
		return false;
	at = delimiter ? wt_slice_find(*rest, delimiter) : rest->len;
	*part = wt_slice_head(*rest, at);
	*rest = at == rest->len ? wt_slice_of(NULL, 0)
				: wt_slice_of(rest->ptr + at + 1, rest->len - at - 1);
	return true;
}

bool wt_hl7_repeat(struct wt_slice *rest, const struct hl7_delims *delims,
		   struct wt_slice *repeat)
{
	return next_part(rest, delims->repetition, repeat);
}

struct wt_slice wt_hl7_first_repeat(struct wt_slice field, const struct hl7_delims *delims)
{
	struct wt_slice first = wt_slice_of(NULL, 0);

	(void)next_part(&field, delims->repetition, &first);
	return first;
}

struct wt_slice wt_hl7_component(struct wt_slice repeat, const struct hl7_delims *delims,
				 unsigned number)
{
	struct wt_slice part = wt_slice_of(NULL, 0);

	for (; number; number--)
		if (!next_part(&repeat, delims->component, &part))
			return wt_slice_of(NULL, 0);
	return wt_slice_equal(part, WT_LIT("\"\"")) ? wt_slice_of(NULL, 0) : part;
}

struct wt_slice wt_hl7_part(const struct hl7_segment *seg, unsigned field, unsigned component)
{
	struct wt_slice s = wt_hl7_column(seg, field);

	return wt_hl7_component(wt_hl7_first_repeat(s, seg->delims), seg->delims, component);
}

static int hex_digit(uint8_t byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	byte = lower(byte);
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The delimiter that a one-letter escape stands for, or 0. */
static uint8_t escaped_delimiter(struct wt_slice code, const struct hl7_delims *delims)
{
	if (code.len != 1)
		return 0;
	switch (code.ptr[0]) {
	case 'F':
		return delims->field;
	case 'S':
		return delims->component;
	case 'T':
		return delims->subcomponent;
	case 'R':
		return delims->repetition;
	case 'E':
		return delims->escape;
	default:
		return 0;
	}
}

/* Writes what the escape sequence with this code stands for. False: it stays. */
static bool decode_one(struct wt_builder *b, struct wt_slice code,
		       const struct hl7_delims *delims)
{
	uint8_t plain = escaped_delimiter(code, delims);
	size_t i;

	if (plain) {
		wt_bld_u8(b, plain);
		return true;
	}
	if (code.len < 3 || code.ptr[0] != 'X' || code.len % 2 == 0)
		return false;
	for (i = 1; i < code.len; i++)
		if (hex_digit(code.ptr[i]) < 0)
			return false;
	for (i = 1; i < code.len; i += 2)
		wt_bld_u8(b,
			  (uint8_t)((unsigned)hex_digit(code.ptr[i]) << 4 |
				    (unsigned)hex_digit(code.ptr[i + 1])));
	return true;
}

struct wt_slice wt_hl7_decode(struct wt_slice s, const struct hl7_delims *delims, uint8_t *room)
{
	struct wt_builder b = wt_builder_of(room, HL7_TEXT_MAX);

	if (!delims->escape || wt_slice_find(s, delims->escape) == s.len)
		return s;
	while (s.len) {
		size_t start = wt_slice_find(s, delims->escape);
		struct wt_slice rest = wt_slice_tail(s, start + 1);
		size_t close = wt_slice_find(rest, delims->escape);

		wt_bld_bytes(&b, wt_slice_head(s, start < HL7_TEXT_MAX - b.len
							  ? start
							  : HL7_TEXT_MAX - b.len));
		if (start == s.len || b.is_short)
			break;
		if (close < rest.len && decode_one(&b, wt_slice_head(rest, close), delims)) {
			s = wt_slice_tail(rest, close + 1);
			continue;
		}
		wt_bld_u8(&b, delims->escape);
		s = rest;
	}
	return wt_bld_slice(&b);
}

struct wt_slice wt_hl7_text(struct wt_slice s, const struct hl7_delims *delims, bool keep_sub,
			    uint8_t *room)
{
	if (delims->subcomponent && !keep_sub)
		s = wt_slice_head(s, wt_slice_find(s, delims->subcomponent));
	return wt_slice_trim(wt_hl7_decode(s, delims, room), ' ');
}

struct wt_slice wt_hl7_token(struct wt_slice s)
{
	size_t i;

	s = wt_slice_trim(s, ' ');
	for (i = 0; i < s.len; i++)
		if (!is_alnum(s.ptr[i]) && s.ptr[i] != '_' && s.ptr[i] != '-' &&
		    s.ptr[i] != '.')
			return wt_slice_of(NULL, 0);
	return s;
}
