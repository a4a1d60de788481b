/* Transforms (transform.h). Source: Suricata 7 user guide, "Transformations"; RFC 4648.
 * Trust: bytes are hostile. Memory: the caller's. */
#include "match/transform.h"
#include "base/digest.h"
#include "wardtap/crypto.h"

#include <ctype.h>

static struct wt_slice dotprefix(struct wt_slice s, uint8_t *room)
{
	s = wt_slice_head(s, WT_TRANSFORM_MAX - 1);
	if (s.len)
		memmove(room + 1, s.ptr, s.len);
	room[0] = '.';
	return wt_slice_of(room, s.len + 1);
}

static struct wt_slice change_case(struct wt_slice s, uint8_t *room, int (*change)(int))
{
	size_t i;

	for (i = 0; i < s.len; i++)
		room[i] = (uint8_t)change(s.ptr[i]);
	return wt_slice_of(room, s.len);
}

static struct wt_slice whitespace(struct wt_slice s, uint8_t *room, bool keeps_one)
{
	size_t i, n = 0;

	for (i = 0; i < s.len; i++) {
		bool is_blank = isspace(s.ptr[i]);

		if (is_blank && (!keeps_one || (n && isspace(room[n - 1]))))
			continue;
		room[n++] = s.ptr[i];
	}
	return wt_slice_of(room, n);
}

static int hex_of(uint8_t c)
{
	return isdigit(c) ? c - '0' : isxdigit(c) ? tolower(c) - 'a' + 10 : -1;
}

static struct wt_slice url_decode(struct wt_slice s, uint8_t *room)
{
	size_t i, n = 0;

	for (i = 0; i < s.len; i++) {
		bool is_escape = s.ptr[i] == '%' && i + 2 < s.len;
		int high = is_escape ? hex_of(s.ptr[i + 1]) : -1;
		int low = is_escape ? hex_of(s.ptr[i + 2]) : -1;

		if (high >= 0 && low >= 0) {
			room[n++] = (uint8_t)(high << 4 | low);
			i += 2;
		} else {
			room[n++] = s.ptr[i] == '+' ? ' ' : s.ptr[i];
		}
	}
	return wt_slice_of(room, n);
}

/* What a Host header says without its port; of an IPv6 literal only what follows it. */
static struct wt_slice host_name(struct wt_slice s, uint8_t *room)
{
	size_t from = s.len && s.ptr[0] == '[' ? wt_slice_find(s, ']') : 0;
	size_t colon = wt_slice_find(wt_slice_tail(s, from), ':');

	return change_case(wt_slice_head(s, from + colon), room, tolower);
}

static struct wt_slice sha256(struct wt_slice s, uint8_t *room)
{
	struct wt_sha256 *sha = wt_sha256_new();

	wt_sha256_add(sha, s);
	wt_sha256_end(sha, room);
	return wt_slice_of(room, WT_SHA256_LEN);
}

/* Lines that begin with a colon, as HTTP/2 has them among its headers, go. */
static struct wt_slice strip_pseudo_headers(struct wt_slice s, uint8_t *room)
{
	size_t n = 0;

	while (s.len) {
		size_t len = wt_slice_find(s, '\n') + 1;
		struct wt_slice line = wt_slice_head(s, len);

		s = wt_slice_tail(s, line.len);
		if (line.ptr[0] == ':')
			continue;
		memmove(room + n, line.ptr, line.len);
		n += line.len;
	}
	return wt_slice_of(room, n);
}

struct wt_slice wt_transform(enum wt_transform transform, struct wt_slice s, uint8_t *room)
{
	s = wt_slice_head(s, WT_TRANSFORM_MAX);
	switch (transform) {
	case WT_DOTPREFIX:
		return dotprefix(s, room);
	case WT_TO_LOWERCASE:
		return change_case(s, room, tolower);
	case WT_TO_UPPERCASE:
		return change_case(s, room, toupper);
	case WT_STRIP_WHITESPACE:
		return whitespace(s, room, false);
	case WT_COMPRESS_WHITESPACE:
		return whitespace(s, room, true);
	case WT_URL_DECODE:
		return url_decode(s, room);
	case WT_TO_SHA1:
		wt_sha1(s, room);
		return wt_slice_of(room, WT_SHA1_LEN);
	case WT_TO_SHA256:
		return sha256(s, room);
	case WT_TO_MD5:
		wt_md5(s, room);
		return wt_slice_of(room, WT_MD5_LEN);
	case WT_STRIP_PSEUDO_HEADERS:
		return strip_pseudo_headers(s, room);
	case WT_HOST_NAME:
		return host_name(s, room);
	case WT_NO_TRANSFORM:
		break;
	}
	return s;
}

static int base64_value(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (isdigit(c))
		return c - '0' + 52;
	return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

size_t wt_base64_decode(struct wt_slice s, uint8_t *into, size_t size)
{
	unsigned bits = 0, n_bits = 0;
	size_t i, n = 0;

	for (i = 0; i < s.len && n < size; i++) {
		int value = base64_value(s.ptr[i]);

		if (value < 0 && isspace(s.ptr[i]))
			continue;
		if (value < 0)
			break;
		bits = bits << 6 | (unsigned)value;
		n_bits += 6;
		if (n_bits >= 8) {
			n_bits -= 8;
			into[n++] = (uint8_t)(bits >> n_bits);
		}
	}
	return n;
}
