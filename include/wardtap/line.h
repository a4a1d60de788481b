/* Lines and words, for text protocols (FTP, SMTP, Telnet, SIP). ASCII, whatever the
 * locale; bytes beyond 7e are letters of nobody's alphabet and pass through. */
#ifndef WARDTAP_LINE_H
#define WARDTAP_LINE_H

#include "wardtap/dissector.h"
#include "wardtap/utf.h"

static inline uint8_t wt_line_lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static inline bool wt_line_is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static inline bool wt_line_is_letter(uint8_t c)
{
	c = wt_line_lower(c);
	return c >= 'a' && c <= 'z';
}

static inline bool wt_line_is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* Neither a control character nor beyond ASCII. */
static inline bool wt_line_is_print(uint8_t c)
{
	return c >= 0x20 && c <= 0x7e;
}

/* Does `s` begin with the word, whatever the case? `word` is in lower case. */
static inline bool wt_line_starts(struct wt_slice s, struct wt_slice word)
{
	size_t i;

	if (s.len < word.len)
		return false;
	for (i = 0; i < word.len; i++)
		if (wt_line_lower(s.ptr[i]) != word.ptr[i])
			return false;
	return true;
}

static inline bool wt_line_equal(struct wt_slice s, struct wt_slice word)
{
	return s.len == word.len && wt_line_starts(s, word);
}

/* Do both agree as far as they go? */
static inline bool wt_line_agrees(struct wt_slice s, struct wt_slice word)
{
	return wt_line_starts(s, wt_slice_head(word, s.len));
}

/* Nothing but letters, digits and the bytes of `more`? Free text is no such word. */
static inline bool wt_line_is_word(struct wt_slice s, struct wt_slice more)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (!wt_line_is_letter(s.ptr[i]) && !wt_line_is_digit(s.ptr[i]) &&
		    wt_slice_find(more, s.ptr[i]) == more.len)
			return false;
	return s.len > 0;
}

/* "type/subtype", and not a text that somebody put in its place? */
static inline bool wt_line_is_media_type(struct wt_slice s)
{
	return wt_line_is_word(s, WT_LIT("/+-.")) && wt_slice_find(s, '/') < s.len;
}

/* Offset of the word, whatever the case, or s.len. For short lines: length times
 * length. */
static inline size_t wt_line_find(struct wt_slice s, struct wt_slice word)
{
	size_t i;

	for (i = 0; i + word.len <= s.len; i++)
		if (wt_line_starts(wt_slice_tail(s, i), word))
			return i;
	return s.len;
}

static inline bool wt_line_has(struct wt_slice s, struct wt_slice word)
{
	return word.len && wt_line_find(s, word) < s.len;
}

/* Without blanks and tabs at both ends. */
static inline struct wt_slice wt_line_trim(struct wt_slice s)
{
	while (s.len && wt_line_is_blank(s.ptr[0]))
		s = wt_slice_tail(s, 1);
	while (s.len && wt_line_is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

/* The next word of *rest (up to a blank), which goes on behind the blanks after it. */
static inline struct wt_slice wt_line_word(struct wt_slice *rest)
{
	struct wt_slice s = wt_line_trim(*rest);
	size_t at = 0;

	while (at < s.len && !wt_line_is_blank(s.ptr[at]))
		at++;
	*rest = wt_line_trim(wt_slice_tail(s, at));
	return wt_slice_head(s, at);
}

/* What stands before the first `byte` of *rest, which goes on behind it. */
static inline struct wt_slice wt_line_part(struct wt_slice *rest, uint8_t byte)
{
	size_t at = wt_slice_find(*rest, byte);
	struct wt_slice s = wt_slice_head(*rest, at);

	*rest = wt_slice_tail(*rest, at + 1);
	return s;
}

/* A line's text without its LF or CR LF. */
static inline struct wt_slice wt_line_chomp(struct wt_slice line)
{
	while (line.len && (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r'))
		line.len--;
	return line;
}

/* The digits at the front of `s`, at most nine. False when there are none, or more. */
static inline bool wt_line_number(struct wt_slice s, uint32_t *value)
{
	size_t at = 0;

	*value = 0;
	while (at < s.len && at < 10 && wt_line_is_digit(s.ptr[at]))
		*value = *value * 10 + (uint32_t)(s.ptr[at++] - '0');
	if (at > 9)
		*value = 0;
	return at > 0 && at <= 9;
}

/* The next line of a stream, of which `max` bytes are kept at most: the rest of a longer
 * one is passed over, in constant memory, up to its LF. *is_cut is state of the
 * direction: such a rest is being passed over. WT_OK: *line is the line without its end,
 * borrowed from the reader. */
static inline enum wt_verdict wt_line_take(struct wt_reader *r, struct wt_out *out, size_t max,
					   bool *is_cut, struct wt_slice *line)
{
	struct wt_slice rest = wt_rd_peek(r);
	size_t from = wt_out_scanned(out), lead = 0, at;

	if (*is_cut && rest.len && rest.ptr[0] == '\n')
		lead = 1;
	rest = wt_slice_head(wt_slice_tail(rest, lead), max);
	from = from < lead ? 0 : from - lead;
	at = from + wt_slice_find(wt_slice_tail(rest, from), '\n');
	if (from < rest.len && at < rest.len) {
		*line = wt_line_chomp(wt_slice_head(rest, at));
		wt_rd_skip(r, lead + at + 1);
		*is_cut = false;
		return WT_OK;
	}
	if (rest.len < max) {
		wt_out_set_scanned(out, lead + rest.len);
		return WT_MORE;
	}
	*line = rest;
	wt_rd_skip(r, lead + rest.len);
	wt_out_skip_until(out, WT_LIT("\n"));
	*is_cut = true;
	return WT_OK;
}

/* For `resync`: offset of the next LF behind which a line may start, as far as can be
 * seen, or rest.len. The LF stays: where it was seen must not depend on how the stream is
 * cut. wt_line_take passes it over when *is_cut is true. */
static inline size_t wt_line_resync(struct wt_slice rest, bool (*may_start)(struct wt_slice))
{
	size_t at = 0;

	while (at < rest.len) {
		at += wt_slice_find(wt_slice_tail(rest, at), '\n');
		if (at < rest.len && may_start(wt_slice_tail(rest, at + 1)))
			return at;
		at++;
	}
	return rest.len;
}

/* Commands that wait for their replies, oldest first; the oldest is forgotten when there
 * are more. Verbs are the dissector's own numbers, 0 for none. */
#define WT_PENDING_MAX 16u
struct wt_pending {
	uint8_t verb[WT_PENDING_MAX];
	uint8_t n;
};

static inline void wt_pending_drop(struct wt_pending *p)
{
	unsigned i;

	for (i = 1; i < p->n; i++)
		p->verb[i - 1] = p->verb[i];
	if (p->n)
		p->n--;
}

static inline void wt_pending_push(struct wt_pending *p, unsigned verb)
{
	if (p->n == WT_PENDING_MAX)
		wt_pending_drop(p);
	p->verb[p->n++] = (uint8_t)verb;
}

/* The verb that a reply answers; a final reply is the last one to it. */
static inline unsigned wt_pending_pop(struct wt_pending *p, bool is_final)
{
	unsigned verb = p->n ? p->verb[0] : 0;

	if (is_final)
		wt_pending_drop(p);
	return verb;
}

/* File name and extension of a path, into file.name and file.extension. */
static inline void wt_put_line_path(struct wt_out *out, unsigned event, struct wt_slice path)
{
	uint8_t room[8];

	wt_put_FILE_NAME(out, event, path);
	wt_put_FILE_EXTENSION(out, event, wt_path_extension(path, room));
}

#endif
