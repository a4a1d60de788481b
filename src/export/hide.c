/* Hiding of credentials (hide.h). Source: RFC 7617 (Basic), RFC 4648 4 (base64), RFC 8259 7
 * (escapes), RFC 3629 3 (UTF-8). Trust and memory: see hide.h. */
#define _GNU_SOURCE /* explicit_bzero */
#include "export/hide.h"

#include <stdlib.h>

#define WORDS_MAX 4u

struct wt_hide {
	size_t size; /* of `room` */
	unsigned n;
	struct wt_slice word[WORDS_MAX]; /* the longest first */
	uint8_t room[];
};

static int digit_of(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* The bytes that `text` stands for; none when it is no base64. */
static size_t decode(const char *text, uint8_t *into)
{
	uint32_t bits = 0;
	unsigned n_bits = 0;
	size_t n = 0;

	for (; *text && *text != '='; text++) {
		int digit = digit_of(*text);

		if (digit < 0)
			return 0;
		bits = bits << 6 | (uint32_t)digit;
		n_bits += 6;
		if (n_bits < 8)
			continue;
		n_bits -= 8;
		into[n++] = (uint8_t)(bits >> n_bits);
	}
	return n;
}

static void add(struct wt_hide *h, struct wt_slice word)
{
	if (word.len)
		h->word[h->n++] = word;
}

struct wt_hide *wt_hide_new(const char *authorization)
{
	const char *blank = strchr(authorization, ' ');
	const char *credential = blank ? blank + 1 : authorization;
	size_t len = strlen(credential), size = 2 * len + 1, n, colon;
	struct wt_hide *h = malloc(sizeof(*h) + size);
	struct wt_slice pair;

	if (!h)
		return NULL;
	h->size = size;
	h->n = 0;
	memcpy(h->room, credential, len);
	add(h, wt_slice_of(h->room, len));
	n = decode(credential, h->room + len);
	pair = wt_slice_of(h->room + len, n);
	colon = wt_slice_search(pair, WT_LIT(":"));
	if (colon < n) {
		struct wt_slice name = wt_slice_head(pair, colon);
		struct wt_slice secret = wt_slice_tail(pair, colon + 1);

		add(h, pair);
		add(h, secret.len > name.len ? secret : name);
		add(h, secret.len > name.len ? name : secret);
	}
	return h;
}

void wt_hide_free(struct wt_hide *h)
{
	if (!h)
		return;
	explicit_bzero(h->room, h->size);
	free(h);
}

static int hex_of(uint8_t c)
{
	return c >= '0' && c <= '9'                 ? c - '0'
	       : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
						    : -1;
}

/* The character that an escape at text[0] stands for, and its length; 0: none. */
static size_t escape_at(struct wt_slice text, uint32_t *code)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at = text.len > 1 && text.ptr[1] ? strchr(from, text.ptr[1]) : NULL;
	unsigned i;

	if (text.len < 2 || text.ptr[0] != '\\')
		return 0;
	if (at) {
		*code = (uint32_t)to[at - from];
		return 2;
	}
	if (text.len < 6 || text.ptr[1] != 'u')
		return 0;
	for (*code = 0, i = 2; i < 6; i++) {
		if (hex_of(text.ptr[i]) < 0)
			return 0;
		*code = *code << 4 | (uint32_t)hex_of(text.ptr[i]);
	}
	return 6;
}

/* How many bytes of the word's beginning are this character, in UTF-8 (RFC 3629 3) or as the
 * byte that has its number (ISO 8859-1); 0: none. */
static size_t is_character(struct wt_slice word, uint32_t code)
{
	const uint8_t two[] = { (uint8_t)(0xc0 | code >> 6), (uint8_t)(0x80 | (code & 0x3f)) };
	const uint8_t three[] = { (uint8_t)(0xe0 | code >> 12),
				  (uint8_t)(0x80 | (code >> 6 & 0x3f)), two[1] };

	if (code < 0x100 && word.ptr[0] == code)
		return 1;
	if (code >= 0x80 && code < 0x800 && wt_slice_starts(word, wt_slice_of(two, 2)))
		return 2;
	return code >= 0x800 && wt_slice_starts(word, wt_slice_of(three, 3)) ? 3 : 0;
}

/* How many bytes of the text's beginning are the word, plain or escaped; 0: none. */
static size_t match(struct wt_slice text, struct wt_slice word)
{
	size_t at = 0;

	while (word.len) {
		uint32_t code = 0;
		size_t len = escape_at(wt_slice_tail(text, at), &code);
		size_t n = len ? is_character(word, code) : 0;

		if (!n && (at >= text.len || text.ptr[at] != word.ptr[0]))
			return 0;
		at += n ? len : 1;
		word = wt_slice_tail(word, n ? n : 1);
	}
	return at;
}

static size_t secret_at(const struct wt_hide *h, struct wt_slice text)
{
	unsigned i;

	for (i = 0; h && i < h->n; i++) {
		size_t len = match(text, h->word[i]);

		if (len)
			return len;
	}
	return 0;
}

void wt_hide_quote(const struct wt_hide *hide, struct wt_slice text, char *into, size_t size)
{
	size_t i, n = 0;

	if (!size)
		return;
	for (i = 0; i < text.len && n + 1 < size;) {
		size_t len = secret_at(hide, wt_slice_tail(text, i)), stars = len ? 3 : 0;

		for (; stars && n + 1 < size; stars--)
			into[n++] = '*';
		if (!len)
			into[n++] = text.ptr[i] >= 0x20 && text.ptr[i] <= 0x7e
					    ? (char)text.ptr[i]
					    : '?';
		i += len ? len : 1;
	}
	into[n] = '\0';
}
