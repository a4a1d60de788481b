/* JSON as it is walked over (walk.h). Source: RFC 8259.
 * Trust: any bytes. Memory: a bit per open level, on the stack. */
#include "base/walk.h"

static bool fail(struct wt_walk *w)
{
	w->is_bad = true;
	w->rest = wt_slice_of(NULL, 0);
	return false;
}

static void drop(struct wt_walk *w, size_t len)
{
	w->rest = wt_slice_tail(w->rest, len);
}

/* RFC 8259 2: insignificant white space. */
static uint8_t next_byte(struct wt_walk *w)
{
	size_t i = 0;

	while (i < w->rest.len && (w->rest.ptr[i] == ' ' || w->rest.ptr[i] == '\t' ||
				   w->rest.ptr[i] == '\n' || w->rest.ptr[i] == '\r'))
		i++;
	drop(w, i);
	return w->rest.len ? w->rest.ptr[0] : 0;
}

char wt_walk_peek(struct wt_walk *w)
{
	uint8_t c = next_byte(w);

	if (c >= '0' && c <= '9')
		return '0';
	return c && strchr("{[\"-tfn", c) ? (char)c : 0;
}

static bool open_with(struct wt_walk *w, uint8_t bracket)
{
	if (next_byte(w) != bracket || w->depth >= WT_WALK_DEPTH)
		return fail(w);
	drop(w, 1);
	w->depth++;
	w->is_fresh = true;
	return true;
}

/* At a member: true. At the closing bracket, which is passed: false. */
static bool next_of(struct wt_walk *w, uint8_t bracket)
{
	uint8_t c = next_byte(w);

	if (w->is_bad || !w->depth)
		return fail(w);
	if (c == bracket) {
		drop(w, 1);
		w->depth--;
		w->is_fresh = false;
		return false;
	}
	if (w->is_fresh) {
		w->is_fresh = false;
		return true;
	}
	if (c != ',')
		return fail(w);
	drop(w, 1);
	return true;
}

bool wt_walk_object(struct wt_walk *w)
{
	return open_with(w, '{');
}

bool wt_walk_member(struct wt_walk *w, struct wt_slice *key)
{
	if (!next_of(w, '}') || !wt_walk_string(w, key))
		return false;
	if (next_byte(w) != ':')
		return fail(w);
	drop(w, 1);
	return true;
}

bool wt_walk_list(struct wt_walk *w)
{
	return open_with(w, '[');
}

bool wt_walk_element(struct wt_walk *w)
{
	return next_of(w, ']');
}

static bool is_hex(uint8_t c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* RFC 8259 7: bytes of the escape at `s`, 0 when it is none. */
static size_t escape_len(struct wt_slice s)
{
	size_t i;

	if (s.len < 2 || !s.ptr[1] || !strchr("\"\\/bfnrtu", s.ptr[1]))
		return 0;
	if (s.ptr[1] != 'u')
		return 2;
	if (s.len < 6)
		return 0;
	for (i = 2; i < 6; i++)
		if (!is_hex(s.ptr[i]))
			return 0;
	return 6;
}

static bool take_string(struct wt_walk *w, struct wt_slice *raw)
{
	size_t i = 1;

	if (next_byte(w) != '"')
		return fail(w);
	while (i < w->rest.len && w->rest.ptr[i] != '"') {
		size_t step = 1;

		if (w->rest.ptr[i] == '\\')
			step = escape_len(wt_slice_tail(w->rest, i));
		if (!step || w->rest.ptr[i] < 0x20)
			return fail(w);
		i += step;
	}
	if (i >= w->rest.len)
		return fail(w);
	*raw = wt_slice_of(w->rest.ptr + 1, i - 1);
	drop(w, i + 1);
	return true;
}

bool wt_walk_string(struct wt_walk *w, struct wt_slice *raw)
{
	return take_string(w, raw);
}

static size_t digits(struct wt_slice s, size_t at)
{
	size_t i = at;

	while (i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9')
		i++;
	return i - at;
}

/* RFC 8259 6: bytes of the number at hand, 0 when it is none. */
static size_t number_len(struct wt_slice s)
{
	size_t i = s.len && s.ptr[0] == '-', n = digits(s, i);

	if (!n || (n > 1 && s.ptr[i] == '0'))
		return 0;
	i += n;
	if (i < s.len && s.ptr[i] == '.') {
		n = digits(s, i + 1);
		if (!n)
			return 0;
		i += 1 + n;
	}
	if (i < s.len && (s.ptr[i] | 0x20) == 'e') {
		i++;
		if (i < s.len && (s.ptr[i] == '+' || s.ptr[i] == '-'))
			i++;
		n = digits(s, i);
		if (!n)
			return 0;
		i += n;
	}
	return i;
}

bool wt_walk_u64(struct wt_walk *w, uint64_t *value)
{
	size_t len;

	(void)next_byte(w);
	len = number_len(w->rest);
	if (!len || !wt_slice_to_u64(wt_slice_head(w->rest, len), value))
		return fail(w);
	drop(w, len);
	return true;
}

static bool take_word(struct wt_walk *w, struct wt_slice word)
{
	(void)next_byte(w);
	if (!wt_slice_starts(w->rest, word))
		return false;
	drop(w, word.len);
	return true;
}

bool wt_walk_bool(struct wt_walk *w, bool *value)
{
	*value = take_word(w, WT_LIT("true"));
	return *value || take_word(w, WT_LIT("false")) || fail(w);
}

static void skip_plain(struct wt_walk *w)
{
	struct wt_slice raw;
	size_t len;

	if (next_byte(w) == '"') {
		(void)take_string(w, &raw); /* its error stays in the walk */
		return;
	}
	if (take_word(w, WT_LIT("true")) || take_word(w, WT_LIT("false")) ||
	    take_word(w, WT_LIT("null")))
		return;
	len = number_len(w->rest);
	if (!len)
		(void)fail(w);
	drop(w, len);
}

void wt_walk_skip(struct wt_walk *w)
{
	unsigned base = w->depth;
	uint64_t is_object = 0; /* a bit per level, the innermost lowest */
	struct wt_slice key;

	_Static_assert(WT_WALK_DEPTH <= 64, "a bit per level");
	do {
		if (w->depth > base &&
		    !(is_object & 1 ? wt_walk_member(w, &key) : wt_walk_element(w))) {
			is_object >>= 1;
			continue;
		}
		switch (next_byte(w)) {
		case '{':
			is_object = is_object << 1 | 1;
			(void)open_with(w, '{'); /* its error stays in the walk */
			break;
		case '[':
			is_object <<= 1;
			(void)open_with(w, '[');
			break;
		default:
			skip_plain(w);
		}
	} while (!w->is_bad && w->depth > base);
}

bool wt_walk_end(struct wt_walk *w)
{
	return !next_byte(w) && !w->rest.len && !w->depth && !w->is_bad;
}
