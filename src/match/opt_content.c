/* content, its modifiers, and pcre.
 * Source: Suricata 7 user guide, "Payload Keywords".
 * Trust: hostile text; patterns are bounded, regular expressions compiled under limits in
 * confirm.c. Memory: the set's arena. */
#include "match/confirm.h"
#include "match/parse.h"

#include <ctype.h>

static int hex_of(uint8_t c)
{
	c = (uint8_t)tolower(c);
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Bytes between two bars: pairs of hex digits, blanks between them. */
static bool take_hex(struct wt_slice s, uint8_t *into, size_t *len)
{
	size_t i = 0;
	int high, low;

	while (i < s.len) {
		if (isspace(s.ptr[i])) {
			i++;
			continue;
		}
		high = hex_of(s.ptr[i]);
		low = i + 1 < s.len ? hex_of(s.ptr[i + 1]) : -1;
		if (high < 0 || low < 0 || *len == WT_PATTERN_MAX)
			return false;
		into[(*len)++] = (uint8_t)(high << 4 | low);
		i += 2;
	}
	return true;
}

/* The bytes that a quoted pattern stands for. */
static bool take_pattern(struct wt_parse *p, struct wt_slice s, struct wt_slice *pattern)
{
	uint8_t room[WT_PATTERN_MAX];
	size_t len = 0, i;

	for (i = 0; i < s.len; i++) {
		struct wt_slice here = wt_slice_of(s.ptr + i, 1),
				rest = wt_slice_tail(s, i + 1);
		uint8_t c = s.ptr[i];

		if (c == '|') {
			size_t end = wt_slice_find(rest, '|');

			if (end == rest.len ||
			    !take_hex(wt_slice_head(rest, end), room, &len)) {
				wt_blame(p, here,
					 "found '%s' in a content; write hex bytes "
					 "between bars, e.g. |0d 0a|, and a bar "
					 "itself as |7c|",
					 wt_show(wt_slice_tail(s, i)));
				return false;
			}
			i += end + 1;
			continue;
		}
		if (c == '"') {
			wt_blame(p, here, "found a quote inside a content; write \\\" or |22|");
			return false;
		}
		if (c == '\\') {
			if (!rest.len || !strchr("\\\";:|", rest.ptr[0])) {
				wt_blame(p, here, "found a lone backslash; write \\\\ or |5c|");
				return false;
			}
			c = s.ptr[++i];
		}
		if (len == WT_PATTERN_MAX) {
			wt_blame(p, here, "found a content of more than %u bytes",
				 WT_PATTERN_MAX);
			return false;
		}
		room[len++] = c;
	}
	if (!len) {
		wt_blame(p, s, "found an empty content; write at least one byte");
		return false;
	}
	*pattern = wt_slice_of(wt_rules_text(p->set, wt_slice_of(room, len)), len);
	return true;
}

/* A content must begin and end with a quote. Where it ends before, a semicolon is missing
 * (or, inside, one too many). */
static void blame_quotes(struct wt_parse *p, struct wt_slice value)
{
	size_t end = value.len ? wt_slice_find(wt_slice_tail(value, 1), '"') : 0;

	if (value.len < 2 || value.ptr[0] != '"')
		wt_blame(p, value, "found '%s'; write the content between quotes",
			 wt_show(value));
	else if (end + 1 < value.len)
		wt_blame(p, value,
			 "found '%s' with text behind its quotes; write a ; between it and "
			 "what follows",
			 wt_show(value));
	else
		wt_blame(p, value,
			 "found '%s' without its closing quote; write one, and a ; inside as "
			 "|3b|",
			 wt_show(value));
}

void wt_parse_content(struct wt_parse *p)
{
	struct wt_slice value = p->value, pattern;
	struct wt_test *test;
	bool is_negated = false;

	if (value.len && value.ptr[0] == '!') {
		is_negated = true;
		value = wt_trim(wt_slice_tail(value, 1));
	}
	if (value.len < 2 || value.ptr[0] != '"' || value.ptr[value.len - 1] != '"') {
		blame_quotes(p, value);
		return;
	}
	if (!take_pattern(p, wt_unquoted(value), &pattern))
		return;
	test = wt_add_test(p, WT_TEST_CONTENT);
	test->as.content.pattern = pattern;
	if (is_negated)
		test->flags |= WT_TEST_NEGATED;
}

void wt_parse_nocase(struct wt_parse *p)
{
	struct wt_test *test = wt_last_content(p);
	struct wt_slice from;
	uint8_t *lower;
	size_t i;

	if (!test)
		return;
	from = test->as.content.pattern;
	lower = wt_rules_take(p->set, from.len + 1);
	for (i = 0; i < from.len; i++)
		lower[i] = (uint8_t)tolower(from.ptr[i]);
	test->as.content.pattern = wt_slice_of(lower, from.len);
	test->flags |= WT_TEST_NOCASE;
}

/* One of the four place modifiers. */
static void place(struct wt_parse *p, uint32_t flag, int64_t low, int64_t high)
{
	struct wt_test *test = wt_last_content(p);
	struct wt_rule_number number = { .value = 0 };
	struct wt_content *c;

	if (!test || !wt_take_number(p, p->value, &number))
		return;
	c = &test->as.content;
	if (!number.variable && (number.value < low || number.value > high)) {
		wt_blame(p, p->value, "found %s:%lld; write %lld to %lld", wt_show(p->key),
			 (long long)number.value, (long long)low, (long long)high);
		return;
	}
	if (test->flags & flag) {
		wt_blame(p, p->key, "found %s twice for one content", wt_show(p->key));
		return;
	}
	test->flags |= flag;
	if (flag & (WT_TEST_HAS_DISTANCE | WT_TEST_HAS_WITHIN))
		test->flags |= WT_TEST_RELATIVE;
	if (flag & (WT_TEST_HAS_DEPTH | WT_TEST_HAS_WITHIN) && !number.variable &&
	    number.value < (int64_t)c->pattern.len) {
		wt_blame(p, p->value,
			 "found %s:%lld for a content of %zu bytes, which cannot match; "
			 "write at least %zu",
			 wt_show(p->key), (long long)number.value, c->pattern.len,
			 c->pattern.len);
		return;
	}
	*(flag == WT_TEST_HAS_OFFSET     ? &c->offset
	  : flag == WT_TEST_HAS_DEPTH    ? &c->depth
	  : flag == WT_TEST_HAS_DISTANCE ? &c->distance
					 : &c->within) = number;
}

void wt_parse_depth(struct wt_parse *p)
{
	place(p, WT_TEST_HAS_DEPTH, 1, 65535);
}

void wt_parse_offset(struct wt_parse *p)
{
	place(p, WT_TEST_HAS_OFFSET, 0, 65535);
}

void wt_parse_distance(struct wt_parse *p)
{
	place(p, WT_TEST_HAS_DISTANCE, -1048576, 1048576);
}

void wt_parse_within(struct wt_parse *p)
{
	place(p, WT_TEST_HAS_WITHIN, 1, 1048576);
}

void wt_parse_fast_pattern(struct wt_parse *p)
{
	struct wt_test *test = wt_last_content(p);
	struct wt_slice rest = p->value, first;
	int64_t at, len;

	if (!test)
		return;
	test->flags |= WT_TEST_FAST;
	if (!p->value.len)
		return;
	first = wt_take_word(&rest, ',');
	if (wt_is_word(first, "only") && !rest.len) {
		test->flags |= WT_TEST_FAST_ONLY;
		return;
	}
	if (!wt_take_i64(first, &at) || !wt_take_i64(rest, &len) || at < 0 || len < 1 ||
	    (uint64_t)at + (uint64_t)len > test->as.content.pattern.len) {
		wt_blame(p, p->value,
			 "found fast_pattern:%s; write offset,length inside the content",
			 wt_show(p->value));
		return;
	}
	test->as.content.fast_at = (uint16_t)at;
	test->as.content.fast_len = (uint16_t)len;
}

static void set_flag(struct wt_parse *p, uint32_t flag)
{
	struct wt_test *test = wt_last_content(p);

	if (test)
		test->flags |= flag;
}

void wt_parse_startswith(struct wt_parse *p)
{
	set_flag(p, WT_TEST_STARTS);
}

void wt_parse_endswith(struct wt_parse *p)
{
	set_flag(p, WT_TEST_ENDS);
}

void wt_parse_rawbytes(struct wt_parse *p)
{
	set_flag(p, WT_TEST_RAW);
}

/* The old way: "content:...; http_uri;" moves the content before it. */
void wt_parse_legacy_buffer(struct wt_parse *p)
{
	const struct wt_buffer *buffer = wt_buffer_find(p, p->key);
	unsigned i = p->test.n;

	if (!wt_last_content(p))
		return;
	if (!buffer) {
		wt_blame(p, p->key, "found the buffer '%s', which no dissector fills",
			 wt_show(p->key));
		return;
	}
	while (p->test.at[i - 1].test.kind != WT_TEST_CONTENT)
		i--;
	p->test.at[i - 1].inspection = wt_inspection_of(p, buffer);
}

/* Letters behind pcre's closing slash that name a buffer. */
static const struct {
	char letter;
	const char *buffer;
} pcre_buffers[] = {
	{ 'U', "http.uri" },           { 'I', "http.uri.raw" },    { 'P', "http.request_body" },
	{ 'Q', "http.response_body" }, { 'H', "http.header" },     { 'D', "http.header.raw" },
	{ 'M', "http.method" },        { 'C', "http.cookie" },     { 'S', "http.stat_code" },
	{ 'Y', "http.stat_msg" },      { 'V', "http.user_agent" }, { 'W', "http.host" },
	{ 'Z', "http.host.raw" },
};

static void pcre_letter(struct wt_parse *p, struct wt_test *test, struct wt_slice at)
{
	char c = (char)at.ptr[0];
	unsigned i;

	for (i = 0; i < sizeof(pcre_buffers) / sizeof(pcre_buffers[0]); i++) {
		const char *name = pcre_buffers[i].buffer;
		const struct wt_buffer *buffer;

		if (pcre_buffers[i].letter != c)
			continue;
		buffer = wt_buffer_find(p, wt_slice_of(name, strlen(name)));
		if (!buffer)
			wt_blame(p, at, "found the flag %c for '%s', which no dissector fills",
				 c, name);
		else
			p->test.at[p->test.n - 1].inspection = wt_inspection_of(p, buffer);
		return;
	}
	if (c == 'R')
		test->flags |= WT_TEST_RELATIVE;
	else if (c == 'B')
		test->flags |= WT_TEST_RAW;
	else if (strchr("ismxAEGO", c))
		*(c >= 'a' ? &test->as.regex.options : &test->as.regex.options_upper) |=
			1u << (c >= 'a' ? c - 'a' : c - 'A');
	else
		wt_blame(p, at, "found the pcre flag '%c'; write some of i s m x A E G O R B",
			 c);
}

/* "/regex/flags", perhaps negated; the regex ends at the last slash. */
void wt_parse_pcre(struct wt_parse *p)
{
	struct wt_slice value = p->value, letters;
	struct wt_test *test;
	bool is_negated = false;
	char why[256];
	size_t end, i;

	if (value.len && value.ptr[0] == '!') {
		is_negated = true;
		value = wt_trim(wt_slice_tail(value, 1));
	}
	value = wt_unquoted(value);
	for (end = value.len; end > 1 && value.ptr[end - 1] != '/'; end--)
		continue;
	if (end < 2 || value.ptr[0] != '/') {
		wt_blame(p, p->value,
			 "found '%s'; write \"/expression/flags\", and a ; inside as \\x3b",
			 wt_show(p->value));
		return;
	}
	test = wt_add_test(p, WT_TEST_PCRE);
	test->as.regex.text = wt_rules_text(p->set, wt_slice_of(value.ptr + 1, end - 2));
	if (is_negated)
		test->flags |= WT_TEST_NEGATED;
	letters = wt_slice_tail(value, end);
	if (wt_slice_find(letters, ',') < letters.len) {
		wt_blame(p, letters,
			 "found captures into variables behind a pcre, which are not "
			 "supported");
		return;
	}
	for (i = 0; i < letters.len; i++)
		pcre_letter(p, &p->test.at[p->test.n - 1].test,
			    wt_slice_of(letters.ptr + i, 1));
	if (!wt_regex_check(&p->test.at[p->test.n - 1].test.as.regex, why, sizeof(why)))
		wt_blame(p, value, "%s", why);
}
