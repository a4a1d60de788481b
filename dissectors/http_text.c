/* HTTP: comparing, decoding, normalising text. Everything is bounded by its input.
 * Source: RFC 3986 (5.2.4, 6.2.2), RFC 4648 4, RFC 9110 5.6.
 * Trust: hostile bytes. Memory: the caller's. */
#include "http_parts.h"

static uint8_t lower(uint8_t byte)
{
	return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte | 0x20) : byte;
}

/* `word` is in lower case. */
bool http_starts(struct wt_slice s, const char *word)
{
	size_t i;

	for (i = 0; word[i]; i++)
		if (i >= s.len || lower(s.ptr[i]) != (uint8_t)word[i])
			return false;
	return true;
}

bool http_same(struct wt_slice a, const char *word)
{
	return a.len == wt_slice_text(word).len && http_starts(a, word);
}

size_t http_search(struct wt_slice s, const char *word)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (lower(s.ptr[i]) == (uint8_t)word[0] &&
		    http_starts(wt_slice_tail(s, i), word))
			return i;
	return s.len;
}

bool http_has(struct wt_slice s, const char *word)
{
	return http_search(s, word) < s.len;
}

static bool is_space(uint8_t byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

struct wt_slice http_trim(struct wt_slice s)
{
	while (s.len && is_space(s.ptr[0]))
		s = wt_slice_tail(s, 1);
	while (s.len && is_space(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

/* The value that begins `s`: a quoted string, or up to the next separator. */
static struct wt_slice value_of(struct wt_slice s)
{
	size_t i;

	if (s.len && s.ptr[0] == '"') {
		s = wt_slice_tail(s, 1);
		return wt_slice_head(s, wt_slice_find(s, '"'));
	}
	for (i = 0; i < s.len; i++)
		if (s.ptr[i] == ',' || s.ptr[i] == ';' || is_space(s.ptr[i]))
			break;
	return wt_slice_head(s, i);
}

struct wt_slice http_parameter(struct wt_slice value, const char *name)
{
	size_t len = wt_slice_text(name).len;
	bool is_quoted = false;
	size_t i;

	for (i = 0; i + len < value.len; i++) {
		if (value.ptr[i] == '"')
			is_quoted = !is_quoted;
		if (is_quoted || !http_starts(wt_slice_tail(value, i), name) ||
		    value.ptr[i + len] != '=')
			continue;
		if (i && !is_space(value.ptr[i - 1]) && value.ptr[i - 1] != ';' &&
		    value.ptr[i - 1] != ',')
			continue;
		return value_of(wt_slice_tail(value, i + len + 1));
	}
	return wt_slice_of(NULL, 0);
}

static int hex_digit(uint8_t byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	byte = lower(byte);
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The byte at *at of `s`, which moves on; percent signs decoded once. */
static uint8_t decoded(struct wt_slice s, size_t *at)
{
	uint8_t byte = s.ptr[(*at)++];
	int high, low;

	if (byte != '%' || *at + 1 >= s.len)
		return byte;
	high = hex_digit(s.ptr[*at]);
	low = hex_digit(s.ptr[*at + 1]);
	if (high < 0 || low < 0)
		return byte;
	*at += 2;
	return (uint8_t)(high << 4 | low);
}

/* A segment of the path ended: "." and ".." go. */
static void end_segment(struct wt_builder *b)
{
	size_t at = b->len;

	while (at && b->ptr[at - 1] != '/')
		at--;
	if (!at)
		return;
	if (b->len - at == 1 && b->ptr[at] == '.') {
		b->len = at;
	} else if (b->len - at == 2 && b->ptr[at] == '.' && b->ptr[at + 1] == '.') {
		b->len = at - 1;
		while (b->len && b->ptr[b->len - 1] != '/')
			b->len--;
		if (!b->len)
			wt_bld_char(b, '/');
	}
}

/* Path decoded, dot segments and double slashes removed; the query as it is. */
void http_normalise(struct wt_slice target, struct wt_builder *b)
{
	size_t at = 0, scheme = wt_slice_search(wt_slice_head(target, 16), WT_LIT("://"));

	if (scheme < 16 && scheme < target.len) {
		size_t path = scheme + 3;

		path += wt_slice_find(wt_slice_tail(target, path), '/');
		target = wt_slice_tail(target, path);
		if (!target.len)
			wt_bld_char(b, '/');
	}
	while (at < target.len && target.ptr[at] != '?') {
		uint8_t byte = decoded(target, &at);

		if (byte == '/') {
			end_segment(b);
			if (b->len && b->ptr[b->len - 1] == '/')
				continue;
		}
		wt_bld_u8(b, byte);
	}
	end_segment(b);
	wt_bld_bytes(b, wt_slice_head(wt_slice_tail(target, at), b->cap - b->len));
}

static int base64_digit(uint8_t byte)
{
	if (byte >= 'A' && byte <= 'Z')
		return byte - 'A';
	if (byte >= 'a' && byte <= 'z')
		return byte - 'a' + 26;
	if (byte >= '0' && byte <= '9')
		return byte - '0' + 52;
	return byte == '+' || byte == '-' ? 62 : byte == '/' || byte == '_' ? 63 : -1;
}

void http_base64(struct wt_slice text, struct wt_builder *into)
{
	uint32_t bits = 0;
	unsigned n = 0;
	size_t i;

	for (i = 0; i < text.len; i++) {
		int digit = base64_digit(text.ptr[i]);

		if (digit < 0)
			return;
		bits = (bits << 6 | (uint32_t)digit) & 0xffffff;
		n += 6;
		if (n >= 8) {
			n -= 8;
			wt_bld_u8(into, (uint8_t)(bits >> n));
		}
	}
}
