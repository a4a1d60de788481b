/* Tests of bytes as numbers, of lengths, and base64.
 * Source: Suricata 7 user guide, "Payload Keywords" (byte_test, byte_jump, byte_extract,
 * isdataat, bsize), "HTTP Keywords" (urilen), "Base64 keywords".
 * Trust: hostile text. Memory: the set's lists. */
#include "match/parse.h"

#define WT_DIGITS_MAX 23u

/* Words that byte_test, byte_jump and byte_extract share. False: not one of them. */
static bool common_word(struct wt_parse *p, struct wt_test *t, struct wt_slice word)
{
	static const struct {
		const char *word;
		uint32_t flag;
		uint8_t base;
	} rows[] = {
		{ "relative", WT_TEST_RELATIVE, 0 },
		{ "big", 0, 0 },
		{ "little", WT_TEST_LITTLE, 0 },
		{ "string", WT_TEST_STRING, 0 },
		{ "hex", 0, 16 },
		{ "dec", 0, 10 },
		{ "oct", 0, 8 },
	};
	struct wt_slice rest = word, first = wt_take_word(&rest, ' ');
	int64_t value;
	unsigned i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (wt_is_word(word, rows[i].word)) {
			t->flags |= rows[i].flag;
			if (rows[i].base)
				t->as.bytes.base = rows[i].base;
			return true;
		}
	if (wt_is_word(first, "bitmask") && wt_take_i64(rest, &value) && value > 0) {
		t->as.bytes.mask = (uint64_t)value;
		return true;
	}
	(void)p;
	return false;
}

/* Width in bytes: 1 to 8, as text up to 23 (known when all words are read). */
static bool take_width(struct wt_parse *p, struct wt_slice word, struct wt_test *t)
{
	int64_t n;

	if (!wt_take_i64(word, &n) || n < 0 || n > 23) {
		wt_blame(p, word, "found '%s'; write the number of bytes, 1 to 8 (text: to 23)",
			 wt_show(word));
		return false;
	}
	t->as.bytes.n_bytes = (uint8_t)n;
	t->as.bytes.base = 10;
	return true;
}

static void check_width(struct wt_parse *p, struct wt_test *t)
{
	unsigned n = t->as.bytes.n_bytes;

	if (n == 0 && (t->flags & WT_TEST_STRING)) /* as many digits as there are */
		t->as.bytes.n_bytes = WT_DIGITS_MAX;
	n = t->as.bytes.n_bytes;
	if (n == 0 && t->kind == WT_TEST_BYTE_JUMP) /* only the post_offset counts */
		return;
	if (n == 0 || (!(t->flags & WT_TEST_STRING) && n > 8))
		wt_blame(p, p->value,
			 "found %u bytes for a binary number; write 1 to 8, or add "
			 "'string'",
			 n);
}

static bool take_compare(struct wt_slice word, struct wt_test *t)
{
	static const struct {
		const char *sign;
		enum wt_compare compare;
	} rows[] = {
		{ "<", WT_IS_LESS },   { ">", WT_IS_GREATER },    { "=", WT_IS_EQUAL },
		{ "==", WT_IS_EQUAL }, { "<=", WT_IS_AT_MOST },   { ">=", WT_IS_AT_LEAST },
		{ "&", WT_IS_MASKED }, { "^", WT_IS_MASKED_XOR }, { "", WT_IS_EQUAL },
	};
	unsigned i;

	if (word.len && word.ptr[0] == '!') {
		t->flags |= WT_TEST_NEGATED;
		word = wt_trim(wt_slice_tail(word, 1));
	}
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (wt_is_word(word, rows[i].sign)) {
			t->as.bytes.compare = (uint8_t)rows[i].compare;
			return true;
		}
	return false;
}

void wt_parse_byte_test(struct wt_parse *p)
{
	struct wt_test *t = wt_add_test(p, WT_TEST_BYTE_TEST);
	struct wt_slice rest = p->value, word;

	if (!take_width(p, wt_take_word(&rest, ','), t))
		return;
	word = wt_take_word(&rest, ',');
	if (!take_compare(word, t)) {
		wt_blame(p, word,
			 "found the operator '%s'; write one of < > = <= >= & ^, perhaps "
			 "behind !",
			 wt_show(word));
		return;
	}
	if (!wt_take_number(p, wt_take_word(&rest, ','), &t->as.bytes.operand) ||
	    !wt_take_number(p, wt_take_word(&rest, ','), &t->as.bytes.offset))
		return;
	while (rest.len && !p->is_failed) {
		word = wt_take_word(&rest, ',');
		if (!common_word(p, t, word))
			wt_blame(p, word,
				 "found '%s' in byte_test; write relative, little, big, "
				 "string, hex, dec, oct or bitmask N",
				 wt_show(word));
	}
	check_width(p, t);
}

/* A word of byte_jump with a number behind it. */
static bool jump_word(struct wt_parse *p, struct wt_test *t, struct wt_slice word)
{
	struct wt_slice rest = word, first = wt_take_word(&rest, ' ');
	int64_t value;

	if (wt_is_word(word, "align"))
		t->flags |= WT_TEST_ALIGN;
	else if (wt_is_word(word, "from_beginning"))
		t->flags |= WT_TEST_FROM_BEGIN;
	else if (wt_is_word(word, "from_end"))
		t->flags |= WT_TEST_FROM_END;
	else if (wt_is_word(first, "multiplier") && wt_take_i64(rest, &value) && value > 0 &&
		 value < 65536)
		t->as.bytes.multiplier = (uint32_t)value;
	else if (wt_is_word(first, "post_offset"))
		return wt_take_number(p, rest, &t->as.bytes.post_offset);
	else
		return common_word(p, t, word);
	return true;
}

void wt_parse_byte_jump(struct wt_parse *p)
{
	struct wt_test *t = wt_add_test(p, WT_TEST_BYTE_JUMP);
	struct wt_slice rest = p->value, word;

	t->as.bytes.multiplier = 1;
	if (!take_width(p, wt_take_word(&rest, ','), t) ||
	    !wt_take_number(p, wt_take_word(&rest, ','), &t->as.bytes.offset))
		return;
	while (rest.len && !p->is_failed) {
		word = wt_take_word(&rest, ',');
		if (!jump_word(p, t, word))
			wt_blame(p, word,
				 "found '%s' in byte_jump; write relative, multiplier N, "
				 "little, big, string, hex, dec, oct, align, from_beginning, "
				 "from_end, "
				 "post_offset N or bitmask N",
				 wt_show(word));
	}
	check_width(p, t);
}

void wt_parse_byte_extract(struct wt_parse *p)
{
	struct wt_test *t = wt_add_test(p, WT_TEST_BYTE_EXTRACT);
	struct wt_slice rest = p->value, word, name, after;
	int64_t value;

	t->as.bytes.multiplier = 1;
	if (!take_width(p, wt_take_word(&rest, ','), t) ||
	    !wt_take_number(p, wt_take_word(&rest, ','), &t->as.bytes.offset))
		return;
	name = wt_take_word(&rest, ',');
	if (!name.len || p->n_variables == WT_RULE_VARIABLES_MAX) {
		wt_blame(p, name, "found %s; write a name, of at most %u in a rule",
			 name.len ? "one more byte_extract" : "no name", WT_RULE_VARIABLES_MAX);
		return;
	}
	while (rest.len && !p->is_failed) {
		word = after = wt_take_word(&rest, ',');
		if (wt_is_word(wt_take_word(&after, ' '), "align") &&
		    wt_take_i64(after, &value) && (value == 2 || value == 4))
			t->as.bytes.align = (uint8_t)value;
		else if (!jump_word(p, t, word) ||
			 (t->flags & (WT_TEST_FROM_BEGIN | WT_TEST_FROM_END)))
			wt_blame(p, word,
				 "found '%s' in byte_extract; write relative, multiplier N, "
				 "little, big, string, hex, dec, oct or align N",
				 wt_show(word));
	}
	check_width(p, t);
	p->variable[p->n_variables++] = wt_rules_text(p->set, name);
	t->as.bytes.variable = (uint8_t)p->n_variables;
}

/* Name and value of byte_math. */
static bool math_word(struct wt_parse *p, struct wt_test *t, struct wt_slice word,
		      struct wt_slice *result)
{
	static const struct {
		const char *sign;
		char math;
	} signs[] = { { "+", '+' }, { "-", '-' },  { "*", '*' },
		      { "/", '/' }, { "<<", '<' }, { ">>", '>' } };
	struct wt_slice rest = word, name = wt_take_word(&rest, ' ');
	unsigned i;

	rest = wt_trim(rest);
	if (wt_is_word(name, "bytes"))
		return take_width(p, rest, t);
	if (wt_is_word(name, "offset"))
		return wt_take_number(p, rest, &t->as.bytes.offset);
	if (wt_is_word(name, "rvalue"))
		return wt_take_number(p, rest, &t->as.bytes.operand);
	if (wt_is_word(name, "result"))
		*result = rest;
	else if (wt_is_word(name, "endian") || wt_is_word(name, "string"))
		t->flags |= wt_is_word(name, "string") ? WT_TEST_STRING : 0;
	else if (!wt_is_word(name, "oper"))
		return common_word(p, t, word);
	if (wt_is_word(name, "endian") || wt_is_word(name, "string"))
		return common_word(p, t, rest);
	for (i = 0; wt_is_word(name, "oper") && i < sizeof(signs) / sizeof(signs[0]); i++)
		if (wt_is_word(rest, signs[i].sign))
			t->as.bytes.math = signs[i].math;
	return wt_is_word(name, "result") ? rest.len > 0 : t->as.bytes.math != 0;
}

void wt_parse_byte_math(struct wt_parse *p)
{
	struct wt_test *t = wt_add_test(p, WT_TEST_BYTE_MATH);
	struct wt_slice rest = p->value, result = { .len = 0 };
	unsigned i;

	while (rest.len && !p->is_failed) {
		struct wt_slice word = wt_take_word(&rest, ',');

		if (!math_word(p, t, word, &result))
			wt_blame(p, word,
				 "found '%s' in byte_math; write bytes N, offset N, oper, "
				 "rvalue, "
				 "result NAME, relative, endian, string, bitmask N",
				 wt_show(word));
	}
	check_width(p, t);
	for (i = 0; i < p->n_variables && !wt_is_word(result, p->variable[i]); i++)
		continue;
	if (!t->as.bytes.math || !result.len || i == WT_RULE_VARIABLES_MAX) {
		wt_blame(p, p->value,
			 "found byte_math:%s; write oper and result in it, for at "
			 "most %u names in a rule",
			 wt_show(p->value), WT_RULE_VARIABLES_MAX);
		return;
	}
	if (i == p->n_variables)
		p->variable[p->n_variables++] = wt_rules_text(p->set, result);
	t->as.bytes.variable = (uint8_t)(i + 1);
}

void wt_parse_isdataat(struct wt_parse *p)
{
	struct wt_test *t = wt_add_test(p, WT_TEST_ISDATAAT);
	struct wt_slice rest = p->value, first, word;

	if (rest.len && rest.ptr[0] == '!') {
		t->flags |= WT_TEST_NEGATED;
		rest = wt_slice_tail(rest, 1);
	}
	first = wt_take_word(&rest, ',');
	while (rest.len) {
		word = wt_take_word(&rest, ',');
		if (wt_is_word(word, "relative"))
			t->flags |= WT_TEST_RELATIVE;
		else if (!wt_is_word(word, "rawbytes"))
			wt_blame(p, word, "found '%s' in isdataat; write relative",
				 wt_show(word));
	}
	(void)wt_take_number(p, first, &t->as.isdataat);
}

static void take_size_test(struct wt_parse *p, struct wt_slice value)
{
	struct wt_test *t = wt_add_test(p, WT_TEST_SIZE);

	if (!wt_take_size(value, &t->as.size.compare, &t->as.size.low, &t->as.size.high))
		wt_blame(p, value, "found %s:%s; write N, >N, <N, >=N, <=N, !N or A<>B",
			 wt_show(p->key), wt_show(value));
}

void wt_parse_bsize(struct wt_parse *p)
{
	if (!p->buffer)
		wt_blame(p, p->key,
			 "found bsize without a buffer before it; write one, such as "
			 "http.uri (dsize is the length of the payload)");
	else
		take_size_test(p, p->value);
}

/* urilen:N[,norm|raw]: of http.uri whatever buffer is at hand. */
void wt_parse_urilen(struct wt_parse *p)
{
	struct wt_slice rest = p->value, size = wt_take_word(&rest, ',');
	const char *name = wt_is_word(wt_trim(rest), "raw") ? "http.uri.raw" : "http.uri";
	const struct wt_buffer *buffer = wt_buffer_find(p, wt_slice_of(name, strlen(name)));
	const struct wt_buffer *was = p->buffer;

	if (!buffer) {
		wt_blame(p, p->key, "found urilen, and no dissector fills '%s'", name);
		return;
	}
	p->buffer = buffer;
	take_size_test(p, size);
	p->buffer = was;
}

void wt_parse_base64_decode(struct wt_parse *p)
{
	struct wt_test *t = wt_add_test(p, WT_TEST_BASE64);
	struct wt_slice rest = p->value;

	p->has_base64 = true;
	while (rest.len && !p->is_failed) {
		struct wt_slice word = wt_take_word(&rest, ','), after = word;
		struct wt_slice name = wt_take_word(&after, ' ');
		int64_t value = 0;

		if (wt_is_word(word, "relative"))
			t->flags |= WT_TEST_RELATIVE;
		else if (wt_is_word(name, "bytes") && wt_take_i64(after, &value) && value > 0 &&
			 value <= UINT16_MAX)
			t->as.base64.n_bytes = (uint32_t)value;
		else if (wt_is_word(name, "offset") && wt_take_i64(after, &value) &&
			 value >= 0 && value <= UINT16_MAX)
			t->as.base64.offset = (uint32_t)value;
		else
			wt_blame(p, word,
				 "found '%s' in base64_decode; write bytes N, offset N or "
				 "relative",
				 wt_show(word));
	}
}

void wt_parse_base64_data(struct wt_parse *p)
{
	if (!p->has_base64)
		wt_blame(p, p->key, "found base64_data without base64_decode before it");
	else
		wt_use_buffer(p, wt_buffer_base64());
}
