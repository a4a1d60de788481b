/* Confirms candidates (confirm.h): contents, numbers in bytes, lengths, base64; regular
 * expressions by PCRE2, whose only user this is.
 * Source: Suricata 7 user guide, "Payload Keywords"; PCRE2 10.42 (pcre2api).
 * Trust: bytes are hostile; work is bounded by WT_CONFIRM_STEPS and PCRE2's limits.
 * Memory: a worker's own. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "match/confirm.h"
#include "match/transform.h"
#include "wardtap/crypto.h"

#include <ctype.h>
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>

#define MATCH_LIMIT 3500u /* as Suricata's defaults */
#define DEPTH_LIMIT 1500u

#define PLACE_FAR (INT64_C(1) << 40) /* bytes; behind the end of any buffer */

struct wt_confirm {
	pcre2_match_data *match;
	pcre2_match_context *limits;
	int64_t variable[WT_RULE_VARIABLES_MAX];
	unsigned steps, most; /* on the buffer at hand */
	unsigned left;        /* of all steps on the event, unit or packet */
	unsigned n_cut;
	size_t last;        /* end of the last match, for people */
	int64_t payload_at; /* bytes of the unit before the payload */
	uint8_t base64[WT_BASE64_MAX];
	size_t base64_len;
	struct wt_kept kept;
	uint8_t room[WT_TRANSFORM_MAX];
};

/* One buffer on its way through the tests. */
struct walk {
	struct wt_confirm *c;
	const struct wt_rules *rules;
	const struct wt_inspection *in;
	struct wt_slice bytes;
};

struct wt_confirm *wt_confirm_new(void)
{
	struct wt_confirm *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	c->match = pcre2_match_data_create(1, NULL);
	c->limits = pcre2_match_context_create(NULL);
	if (!c->match || !c->limits)
		abort();
	pcre2_set_match_limit(c->limits, MATCH_LIMIT);
	pcre2_set_depth_limit(c->limits, DEPTH_LIMIT);
	return c;
}

void wt_confirm_free(struct wt_confirm *c)
{
	if (!c)
		return;
	pcre2_match_data_free(c->match);
	pcre2_match_context_free(c->limits);
	free(c);
}

static pcre2_code *compile(const struct wt_regex *regex, char *why, size_t size)
{
	static const struct {
		char letter;
		uint32_t option;
	} rows[] = {
		{ 'i', PCRE2_CASELESS }, { 's', PCRE2_DOTALL },   { 'm', PCRE2_MULTILINE },
		{ 'x', PCRE2_EXTENDED }, { 'A', PCRE2_ANCHORED }, { 'E', PCRE2_DOLLAR_ENDONLY },
		{ 'G', PCRE2_UNGREEDY },
	};
	uint32_t options = PCRE2_NEVER_UTF | PCRE2_NEVER_BACKSLASH_C;
	PCRE2_SIZE offset;
	pcre2_code *code;
	int error;
	unsigned i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char c = rows[i].letter;
		uint32_t given = c >= 'a' ? regex->options >> (c - 'a')
					  : regex->options_upper >> (c - 'A');

		if (given & 1)
			options |= rows[i].option;
	}
	code = pcre2_compile((PCRE2_SPTR)regex->text, PCRE2_ZERO_TERMINATED, options, &error,
			     &offset, NULL);
	if (!code) {
		char text[128] = "";

		pcre2_get_error_message(error, (PCRE2_UCHAR *)text, sizeof(text));
		(void)snprintf(why, size,
			       "found a regular expression with an error at byte %zu: %s",
			       (size_t)offset, text);
		return NULL;
	}
	return code;
}

void *wt_regex_new(const struct wt_regex *regex, char *why, size_t size)
{
	pcre2_code *code = compile(regex, why, size);

	if (code)
		(void)pcre2_jit_compile(code,
					PCRE2_JIT_COMPLETE); /* without: slower, the same */
	return code;
}

bool wt_regex_check(const struct wt_regex *regex, char *why, size_t size)
{
	pcre2_code *code = compile(regex, why, size);

	pcre2_code_free(code);
	return code != NULL;
}

void wt_regex_free(void *code)
{
	pcre2_code_free(code);
}

void wt_confirm_start(struct wt_confirm *c)
{
	c->left = WT_CONFIRM_ALL;
}

unsigned wt_confirm_take_cut(struct wt_confirm *c)
{
	unsigned n = c->n_cut;

	c->n_cut = 0;
	return n;
}

void wt_confirm_begin(struct wt_confirm *c, uint64_t payload_at)
{
	c->payload_at = payload_at > INT64_MAX ? INT64_MAX : (int64_t)payload_at;
	c->base64_len = 0;
	memset(c->variable, 0, sizeof(c->variable));
}

struct wt_slice wt_confirm_base64(const struct wt_confirm *c)
{
	return wt_slice_of(c->base64, c->base64_len);
}

const struct wt_kept *wt_confirm_kept(const struct wt_confirm *c)
{
	return &c->kept;
}

int64_t *wt_confirm_variables(struct wt_confirm *c)
{
	return c->variable;
}

bool wt_compare_number(uint8_t compare, int64_t value, int64_t low, int64_t high)
{
	switch ((enum wt_compare)compare) {
	case WT_IS_EQUAL:
		return value == low;
	case WT_IS_NOT_EQUAL:
		return value != low;
	case WT_IS_LESS:
		return value < low;
	case WT_IS_GREATER:
		return value > low;
	case WT_IS_AT_MOST:
		return value <= low;
	case WT_IS_AT_LEAST:
		return value >= low;
	case WT_IS_BETWEEN:
		return value > low && value < high;
	case WT_IS_MASKED:
		return ((uint64_t)value & (uint64_t)low) != 0;
	case WT_IS_MASKED_XOR:
		return ((uint64_t)value ^ (uint64_t)low) != 0;
	}
	return false;
}

static int64_t number_of(const struct wt_confirm *c, const struct wt_rule_number *n)
{
	return n->variable ? c->variable[n->variable - 1] : n->value;
}

/* The same as a place or a distance in a buffer. What lies beyond every buffer stays there,
 * so that sums of a few of them have no overflow: eight bytes of a packet may say anything. */
static int64_t place_of(const struct wt_confirm *c, const struct wt_rule_number *n)
{
	int64_t value = number_of(c, n);

	return value > PLACE_FAR ? PLACE_FAR : value < -PLACE_FAR ? -PLACE_FAR : value;
}

/* Offset of the pattern in s at or behind `from`, or -1. */
static int64_t find(struct wt_slice s, size_t from, struct wt_slice pattern, bool is_nocase)
{
	struct wt_slice rest = wt_slice_tail(s, from);
	size_t i, k;

	if (from > s.len || pattern.len > rest.len)
		return -1;
	if (!is_nocase) {
		size_t at = wt_slice_search(rest, pattern);

		return at == rest.len ? -1 : (int64_t)(from + at);
	}
	for (i = 0; i + pattern.len <= rest.len; i++) {
		for (k = 0; k < pattern.len && tolower(rest.ptr[i + k]) == pattern.ptr[k]; k++)
			continue;
		if (k == pattern.len)
			return (int64_t)(from + i);
	}
	return -1;
}

/* Where a content may lie: [*low, *high) of the buffer. False: nowhere. */
static bool range_of(const struct walk *w, const struct wt_test *t, int64_t cursor,
		     int64_t *low, int64_t *high)
{
	const struct wt_content *content = &t->as.content;
	int64_t len = (int64_t)w->bytes.len;
	int64_t before = w->in->buffer->is_payload ? w->c->payload_at : 0;

	*low = 0;
	*high = len;
	if (t->flags & WT_TEST_RELATIVE) {
		*low = cursor;
		if (t->flags & WT_TEST_HAS_DISTANCE)
			*low += place_of(w->c, &content->distance);
		if (t->flags & WT_TEST_HAS_WITHIN)
			*high = *low + place_of(w->c, &content->within);
	}
	if (t->flags & WT_TEST_HAS_OFFSET && *low < place_of(w->c, &content->offset) - before)
		*low = place_of(w->c, &content->offset) - before;
	if (t->flags & WT_TEST_HAS_DEPTH) {
		int64_t end = place_of(w->c, &content->depth) - before;

		if (t->flags & WT_TEST_HAS_OFFSET)
			end += place_of(w->c, &content->offset);
		*high = end < *high ? end : *high;
	}
	if (t->flags & WT_TEST_STARTS && *high > (int64_t)content->pattern.len - before)
		*high = (int64_t)content->pattern.len - before;
	if (t->flags & WT_TEST_ENDS && *low < len - (int64_t)content->pattern.len)
		*low = len - (int64_t)content->pattern.len;
	if (*low < 0)
		*low = 0;
	if (*high > len)
		*high = len;
	return *low <= *high && *high >= 0;
}

/* The next place of a content at or behind *from; its end becomes *end. */
static bool next_content(const struct walk *w, const struct wt_test *t, int64_t *from,
			 int64_t high, int64_t *end)
{
	struct wt_slice bytes = wt_slice_head(w->bytes, (size_t)high);
	struct wt_slice pattern = t->as.content.pattern;
	int64_t at = find(bytes, (size_t)*from, pattern, t->flags & WT_TEST_NOCASE);

	if (at < 0 || (t->flags & WT_TEST_STARTS && at != 0))
		return false;
	if (t->flags & WT_TEST_ENDS && at + (int64_t)pattern.len != (int64_t)w->bytes.len)
		return false;
	*from = at + 1;
	*end = at + (int64_t)pattern.len;
	return true;
}

static bool next_regex(const struct walk *w, const struct wt_test *t, int64_t base,
		       int64_t *from, int64_t *end)
{
	struct wt_slice subject = wt_slice_tail(w->bytes, (size_t)base);
	const PCRE2_SIZE *ends;
	int n;

	if (*from > (int64_t)w->bytes.len || !t->as.regex.code)
		return false;
	n = pcre2_match(t->as.regex.code, subject.len ? subject.ptr : (PCRE2_SPTR) "",
			subject.len, (size_t)(*from - base), 0, w->c->match, w->c->limits);
	if (n < 0)
		return false;
	ends = pcre2_get_ovector_pointer(w->c->match);
	*from = base + (int64_t)ends[0] + 1;
	*end = base + (int64_t)ends[1];
	return true;
}

/* Digits of a text in the test's base. False: no digit. */
static bool text_number(struct wt_slice s, unsigned base, uint64_t *value)
{
	bool has_digit = false;
	size_t i = 0;

	while (i < s.len && isspace(s.ptr[i]))
		i++;
	if (base == 16 && i + 1 < s.len && s.ptr[i] == '0' && tolower(s.ptr[i + 1]) == 'x')
		i += 2;
	for (*value = 0; i < s.len; i++) {
		int c = tolower(s.ptr[i]);
		unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
				 : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
							: 99;

		if (digit >= base)
			break;
		*value = *value * base + digit;
		has_digit = true;
	}
	return has_digit;
}

/* The number of a byte test and where it ends. False: outside the buffer. */
static bool read_number(const struct walk *w, const struct wt_test *t, int64_t cursor,
			uint64_t *value, int64_t *end)
{
	const struct wt_bytes_test *b = &t->as.bytes;
	int64_t at = place_of(w->c, &b->offset) + (t->flags & WT_TEST_RELATIVE ? cursor : 0);
	struct wt_slice bytes;
	size_t i;

	if (at < 0 || at > (int64_t)w->bytes.len)
		return false;
	bytes = wt_slice_head(wt_slice_tail(w->bytes, (size_t)at), b->n_bytes);
	*end = at + (int64_t)bytes.len;
	if (t->flags & WT_TEST_STRING) {
		if (!bytes.len || !text_number(bytes, b->base, value))
			return false;
	} else {
		if (bytes.len < b->n_bytes)
			return false;
		for (i = 0, *value = 0; i < bytes.len; i++)
			*value = *value << 8 |
				 bytes.ptr[t->flags & WT_TEST_LITTLE ? bytes.len - 1 - i : i];
	}
	if (b->mask)
		*value = (*value & b->mask) >> __builtin_ctzll(b->mask);
	return true;
}

static bool byte_jump(const struct walk *w, const struct wt_test *t, int64_t *cursor)
{
	const struct wt_bytes_test *b = &t->as.bytes;
	uint64_t value;
	int64_t end, to;

	if (!read_number(w, t, *cursor, &value, &end) || value > INT32_MAX)
		return false;
	value *= b->multiplier;
	if (t->flags & WT_TEST_ALIGN)
		value = (value + 3) & ~UINT64_C(3);
	if (value > INT32_MAX)
		return false;
	to = t->flags & WT_TEST_FROM_BEGIN ? 0
	     : t->flags & WT_TEST_FROM_END ? (int64_t)w->bytes.len
					   : end;
	to += (int64_t)value + place_of(w->c, &b->post_offset);
	if (to < 0 || to > (int64_t)w->bytes.len)
		return false;
	*cursor = to;
	return true;
}

static bool byte_extract(const struct walk *w, const struct wt_test *t, int64_t *cursor)
{
	const struct wt_bytes_test *b = &t->as.bytes;
	uint64_t value;
	int64_t end;

	if (!read_number(w, t, *cursor, &value, &end))
		return false;
	value *= b->multiplier;
	if (b->align)
		value = (value + b->align - 1) & ~(uint64_t)(b->align - 1u);
	w->c->variable[b->variable - 1] = value > INT64_MAX ? INT64_MAX : (int64_t)value;
	*cursor = end;
	return true;
}

/* A division by nothing, or a shift of more than 64 bits, has no result. */
static bool calculate(char math, uint64_t a, uint64_t b, uint64_t *result)
{
	switch (math) {
	case '+':
		*result = a + b;
		return true;
	case '-':
		*result = a - b;
		return true;
	case '*':
		*result = a * b;
		return true;
	case '/':
		*result = b ? a / b : 0;
		return b != 0;
	case '<':
		*result = b < 64 ? a << b : 0;
		return true;
	default:
		*result = b < 64 ? a >> b : 0;
		return true;
	}
}

static bool byte_math(const struct walk *w, const struct wt_test *t, int64_t *cursor)
{
	const struct wt_bytes_test *b = &t->as.bytes;
	uint64_t value, result;
	int64_t end;

	if (!read_number(w, t, *cursor, &value, &end) ||
	    !calculate(b->math, value, (uint64_t)number_of(w->c, &b->operand), &result))
		return false;
	w->c->variable[b->variable - 1] = result > INT64_MAX ? INT64_MAX : (int64_t)result;
	*cursor = end;
	return true;
}

static bool byte_test(const struct walk *w, const struct wt_test *t, int64_t cursor)
{
	uint64_t value;
	int64_t end;

	if (!read_number(w, t, cursor, &value, &end))
		return false;
	return wt_compare_number(t->as.bytes.compare,
				 value > INT64_MAX ? INT64_MAX : (int64_t)value,
				 number_of(w->c, &t->as.bytes.operand),
				 0) != ((t->flags & WT_TEST_NEGATED) != 0);
}

/* Suricata counts from 0 in a buffer, but from 1 behind a match: relative, N bytes must
 * follow; else byte N must be there. */
static bool is_data_at(const struct walk *w, const struct wt_test *t, int64_t cursor)
{
	int64_t at = place_of(w->c, &t->as.isdataat), len = (int64_t)w->bytes.len;
	bool is_there = t->flags & WT_TEST_RELATIVE ? cursor + at <= len : at < len;

	return is_there != ((t->flags & WT_TEST_NEGATED) != 0);
}

static bool decode_base64(const struct walk *w, const struct wt_test *t, int64_t cursor)
{
	int64_t at = t->as.base64.offset + (t->flags & WT_TEST_RELATIVE ? cursor : 0);
	struct wt_slice s;

	if (at < 0 || at >= (int64_t)w->bytes.len)
		return false;
	s = wt_slice_tail(w->bytes, (size_t)at);
	if (t->as.base64.n_bytes)
		s = wt_slice_head(s, t->as.base64.n_bytes);
	w->c->base64_len = wt_base64_decode(s, w->c->base64, sizeof(w->c->base64));
	return w->c->base64_len > 0;
}

/* What a set that rules fill says of it is decided by the keeper. */
static bool dataset(const struct walk *w, const struct wt_dataset_test *t)
{
	struct wt_kept *kept = &w->c->kept;

	if (!wt_dataset_is_filled(w->rules, t->set))
		return wt_dataset_passes(w->rules, t, w->bytes);
	if (!wt_dataset_takes(w->rules, t->set, w->bytes) && t->what != WT_BIT_ISNOTSET)
		return false;
	if (w->bytes.len <= WT_SET_VALUE_MAX) {
		kept->len = (uint8_t)w->bytes.len;
		memcpy(kept->bytes, w->bytes.ptr, w->bytes.len);
	} else {
		kept->len = WT_SHA256_LEN;
		wt_sha256(w->bytes, kept->bytes);
	}
	return true;
}

static bool is_relative(const struct walk *w, unsigned i)
{
	return i < w->in->n &&
	       (wt_rules_test(w->rules, w->in->first + i)->flags & WT_TEST_RELATIVE);
}

/* Tests that have one outcome. The cursor may move. */
static bool plain_test(const struct walk *w, const struct wt_test *t, int64_t *cursor)
{
	switch ((enum wt_test_kind)t->kind) {
	case WT_TEST_BYTE_TEST:
		return byte_test(w, t, *cursor);
	case WT_TEST_BYTE_JUMP:
		return byte_jump(w, t, cursor);
	case WT_TEST_BYTE_EXTRACT:
		return byte_extract(w, t, cursor);
	case WT_TEST_BYTE_MATH:
		return byte_math(w, t, cursor);
	case WT_TEST_ISDATAAT:
		return is_data_at(w, t, *cursor);
	case WT_TEST_SIZE:
		return wt_compare_number(t->as.size.compare, (int64_t)w->bytes.len,
					 t->as.size.low, t->as.size.high);
	case WT_TEST_BASE64:
		return decode_base64(w, t, *cursor);
	case WT_TEST_DATASET:
		return dataset(w, &t->as.dataset);
	default:
		return false;
	}
}

/* May another test be tried? A regular expression costs more than the others. */
static bool may_step(const struct walk *w, const struct wt_test *t)
{
	w->c->steps += t->kind == WT_TEST_PCRE ? WT_CONFIRM_REGEX : 1;
	return w->c->steps <= w->c->most;
}

/* Test i and all behind it. Depth is the number of tests of the rule, which is bounded;
 * work is bounded by the steps. */
static bool walk_from(const struct walk *w, unsigned i, int64_t cursor)
{
	const struct wt_test *t;
	int64_t from, high, end, base = 0;
	bool found;

	if (i == w->in->n)
		return true;
	t = wt_rules_test(w->rules, w->in->first + i);
	if (!may_step(w, t))
		return false;
	if (t->kind != WT_TEST_CONTENT && t->kind != WT_TEST_PCRE)
		return plain_test(w, t, &cursor) && walk_from(w, i + 1, cursor);
	if (t->kind == WT_TEST_CONTENT) {
		if (!range_of(w, t, cursor, &from, &high))
			return (t->flags & WT_TEST_NEGATED) && walk_from(w, i + 1, cursor);
	} else {
		base = from = t->flags & WT_TEST_RELATIVE ? cursor : 0;
		high = (int64_t)w->bytes.len;
	}
	for (;;) {
		found = t->kind == WT_TEST_CONTENT ? next_content(w, t, &from, high, &end)
						   : next_regex(w, t, base, &from, &end);
		if (t->flags & WT_TEST_NEGATED)
			return !found && walk_from(w, i + 1, cursor);
		if (!found)
			return false;
		if ((size_t)end > w->c->last)
			w->c->last = (size_t)end;
		if (walk_from(w, i + 1, end))
			return true;
		if (!is_relative(w, i + 1) || !may_step(w, t))
			return false;
	}
}

bool wt_confirm_inspect(struct wt_confirm *c, const struct wt_rules *rules,
			const struct wt_inspection *inspection, struct wt_slice bytes,
			size_t *at)
{
	struct walk w = { .c = c, .rules = rules, .in = inspection, .bytes = bytes };
	unsigned i;
	bool fits;

	if (inspection->buffer->form)
		w.bytes = wt_transform((enum wt_transform)inspection->buffer->form, w.bytes,
				       c->room);
	for (i = 0; i < inspection->n_transforms; i++)
		w.bytes = wt_transform((enum wt_transform)inspection->transform[i], w.bytes,
				       c->room);
	c->steps = 0;
	c->most = c->left + WT_CONFIRM_REST < WT_CONFIRM_STEPS ? c->left + WT_CONFIRM_REST
							       : WT_CONFIRM_STEPS;
	c->last = 0;
	fits = walk_from(&w, 0, 0);
	c->left -= c->steps < c->left ? c->steps : c->left;
	c->n_cut += !fits && c->steps > c->most;
	*at = c->last;
	return fits;
}
