/* Rule files to rules, rules to header and options; where things stand, for messages.
 * Source: Suricata 7 user guide, "Rules format". A rule is a line; a backslash at its end
 * joins the next. Options end at the first ';' that no backslash precedes, inside quotes
 * too, as Suricata has it.
 * Trust: the text is hostile. Memory: one joined rule at a time. */
#include "match/parse.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define LINES_MAX 256u /* of one rule */

/* One rule with its lines joined. */
struct joined {
	uint8_t bytes[WT_RULE_LEN_MAX];
	size_t len;
	unsigned line_of[LINES_MAX], start_of[LINES_MAX], n_lines;
};

struct wt_slice wt_trim(struct wt_slice s)
{
	while (s.len && isspace(s.ptr[0])) {
		s.ptr++;
		s.len--;
	}
	while (s.len && isspace(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

struct wt_slice wt_take_word(struct wt_slice *rest, char separator)
{
	size_t at = wt_slice_find(*rest, (uint8_t)separator);
	struct wt_slice word = wt_slice_head(*rest, at);

	*rest = wt_slice_tail(*rest, at + 1);
	return wt_trim(word);
}

bool wt_is_word(struct wt_slice s, const char *word)
{
	size_t i;

	if (s.len != strlen(word))
		return false;
	for (i = 0; i < s.len; i++)
		if (tolower(s.ptr[i]) != tolower((unsigned char)word[i]))
			return false;
	return true;
}

const char *wt_show(struct wt_slice s)
{
	static _Thread_local char place[4][64];
	static _Thread_local unsigned turn;
	char *text = place[turn++ % 4];
	size_t i, n = s.len < 56 ? s.len : 56;

	for (i = 0; i < n; i++)
		text[i] = s.ptr[i] >= 0x20 && s.ptr[i] < 0x7f ? (char)s.ptr[i] : '?';
	memcpy(text + n, s.len > n ? "..." : "", s.len > n ? 4 : 1);
	return text;
}

static unsigned digit_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (uint8_t)tolower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10u : 99;
}

bool wt_take_i64(struct wt_slice s, int64_t *value)
{
	bool is_negative = false;
	uint64_t sum = 0, base = 10;
	size_t i;

	s = wt_trim(s);
	if (s.len && (s.ptr[0] == '-' || s.ptr[0] == '+')) {
		is_negative = s.ptr[0] == '-';
		s = wt_slice_tail(s, 1);
	}
	if (s.len > 2 && s.ptr[0] == '0' && tolower(s.ptr[1]) == 'x') {
		base = 16;
		s = wt_slice_tail(s, 2);
	}
	if (!s.len)
		return false;
	for (i = 0; i < s.len; i++) {
		unsigned digit = digit_of(s.ptr[i]);

		if (digit >= base || sum > ((uint64_t)INT64_MAX - digit) / base)
			return false;
		sum = sum * base + digit;
	}
	*value = is_negative ? -(int64_t)sum : (int64_t)sum;
	return true;
}

struct wt_slice wt_unquoted(struct wt_slice s)
{
	s = wt_trim(s);
	if (s.len >= 2 && s.ptr[0] == '"' && s.ptr[s.len - 1] == '"')
		return wt_slice_of(s.ptr + 1, s.len - 2);
	return s;
}

/* Line and column of a place in the joined text. */
static void place_of(const struct wt_parse *p, struct wt_slice at, unsigned *line,
		     unsigned *column)
{
	size_t offset = 0;
	unsigned i = 0;

	if (at.ptr >= p->text.ptr && at.ptr <= p->text.ptr + p->text.len)
		offset = (size_t)(at.ptr - p->text.ptr);
	while (i + 1 < p->n_lines && p->start_of[i + 1] <= offset)
		i++;
	*line = p->line_of[i];
	*column = (unsigned)(offset - p->start_of[i]) + 1;
}

/* The sid, even where the rule fails before it: people know rules by it. */
static uint32_t sid_of(const struct wt_parse *p)
{
	struct wt_slice rest = p->text;
	uint32_t sid = p->rule.sid;

	while (!sid && rest.len) {
		int64_t value;

		rest = wt_slice_tail(rest, wt_slice_search(rest, WT_LIT("sid:")) + 4);
		if (wt_take_i64(wt_slice_head(rest, wt_slice_find(rest, ';')), &value) &&
		    value > 0 && value <= UINT32_MAX)
			sid = (uint32_t)value;
	}
	return sid;
}

static __attribute__((format(printf, 4, 0))) void
tell(struct wt_parse *p, struct wt_slice at, bool is_error, const char *format, va_list args)
{
	char text[512];
	unsigned line, column;

	(void)vsnprintf(text, sizeof(text), format, args);
	place_of(p, at, &line, &column);
	wt_rules_problem_add(p->set, p->file, line, column, sid_of(p), is_error, text);
}

void wt_blame(struct wt_parse *p, struct wt_slice at, const char *format, ...)
{
	va_list args;

	if (p->is_failed)
		return;
	p->is_failed = true;
	va_start(args, format);
	tell(p, at, true, format, args);
	va_end(args);
}

void wt_remark(struct wt_parse *p, struct wt_slice at, const char *format, ...)
{
	va_list args;

	if (p->is_failed)
		return;
	va_start(args, format);
	tell(p, at, false, format, args);
	va_end(args);
}

/* The next option off *rest: up to a ';' that no backslash precedes. */
static bool take_option(struct wt_parse *p, struct wt_slice *rest, struct wt_slice *option)
{
	size_t i;

	*rest = wt_trim(*rest);
	if (!rest->len)
		return false;
	for (i = 0; i < rest->len && rest->ptr[i] != ';'; i++)
		if (rest->ptr[i] == '\\')
			i++;
	if (i >= rest->len) {
		wt_blame(p, *rest,
			 "found an option that does not end: '%s'; write ';' behind it",
			 wt_show(*rest));
		return false;
	}
	*option = wt_trim(wt_slice_head(*rest, i));
	*rest = wt_slice_of(rest->ptr + i + 1, rest->len - i - 1);
	return true;
}

static void parse_options(struct wt_parse *p, struct wt_slice rest)
{
	struct wt_slice option;

	while (!p->is_failed && take_option(p, &rest, &option)) {
		size_t colon = wt_slice_find(option, ':');

		if (!option.len)
			continue;
		if (++p->n_options > WT_RULE_OPTIONS_MAX) {
			wt_blame(p, option, "found more than %u options", WT_RULE_OPTIONS_MAX);
			return;
		}
		p->key = wt_trim(wt_slice_head(option, colon));
		p->value = colon < option.len ? wt_trim(wt_slice_of(option.ptr + colon + 1,
								    option.len - colon - 1))
					      : wt_slice_of(option.ptr + option.len, 0);
		wt_parse_option(p);
	}
}

/* A rule that failed leaves nothing behind but its problem. */
static void take_back(struct wt_rules *set, const struct wt_rule *rule)
{
	set->inspection.n = rule->first_inspection;
	set->field_test.n = rule->first_field_test;
	set->flowbit.n = rule->first_flowbit;
	set->packet_test.n = rule->first_packet_test;
	set->xbit.n = rule->first_xbit;
	set->flowint.n = rule->first_flowint;
	set->device_test.n = rule->first_device_test;
}

static void parse_rule(struct wt_parse *p)
{
	struct wt_rules *set = p->set;
	struct wt_slice text = wt_trim(p->text);
	size_t open = wt_slice_find(text, '(');
	unsigned n_tests = set->test.n;

	set->n_read++;
	p->rule = (struct wt_rule){
		.gid = 1,
		.priority = 3,
		.is_enabled = true,
		.file = p->file,
		.line = p->line_of[0],
		.first_inspection = set->inspection.n,
		.first_field_test = set->field_test.n,
		.first_flowbit = set->flowbit.n,
		.first_packet_test = set->packet_test.n,
		.first_xbit = set->xbit.n,
		.first_flowint = set->flowint.n,
		.first_device_test = set->device_test.n,
	};
	if (open == text.len)
		wt_blame(p, text,
			 "found no '(' before the options; write: action protocol source "
			 "port -> destination port (options;)");
	else if (text.ptr[text.len - 1] != ')')
		wt_blame(p, wt_slice_of(text.ptr + text.len - 1, 1),
			 "found no ')' at the end of "
			 "the rule; write one behind the last ';'");
	else
		wt_parse_header(p, wt_trim(wt_slice_head(text, open)));
	if (!p->is_failed)
		parse_options(p, wt_slice_of(text.ptr + open + 1, text.len - open - 2));
	if (!p->is_failed)
		wt_parse_end(p);
	if (p->is_failed) {
		take_back(set, &p->rule);
		set->test.n = n_tests;
	}
	free(p->test.at);
	free(p->meta.at);
	free(p->reference.at);
}

/* The next line off *rest, without its end; false at the end. */
static bool take_line(struct wt_slice *rest, struct wt_slice *line)
{
	size_t at = wt_slice_find(*rest, '\n');

	if (!rest->len)
		return false;
	*line = wt_slice_head(*rest, at);
	*rest = wt_slice_tail(*rest, at + 1);
	if (line->len && line->ptr[line->len - 1] == '\r')
		line->len--;
	return true;
}

/* A rule and the lines that it goes on in. False when it is too long. */
static bool join(struct joined *j, struct wt_slice line, struct wt_slice *rest,
		 unsigned *number)
{
	bool is_good = true;

	j->len = j->n_lines = 0;
	for (;;) {
		bool goes_on = line.len && line.ptr[line.len - 1] == '\\';
		struct wt_slice part = wt_slice_head(line, line.len - goes_on);

		if (!is_good || j->len + part.len > sizeof(j->bytes) ||
		    j->n_lines == LINES_MAX) {
			is_good = false;
		} else {
			j->line_of[j->n_lines] = *number;
			j->start_of[j->n_lines++] = (unsigned)j->len;
			if (part.len)
				memcpy(j->bytes + j->len, part.ptr, part.len);
			j->len += part.len;
		}
		if (!goes_on || !take_line(rest, &line))
			return is_good;
		++*number;
	}
}

void wt_rules_load_text(struct wt_rules *set, const char *name, struct wt_slice text)
{
	struct joined *j = malloc(sizeof(*j));
	struct wt_slice rest = text, line;
	const char *file = wt_rules_text(set, wt_slice_of(name, strlen(name)));
	unsigned number = 0;

	if (!j)
		abort();
	if (wt_slice_starts(rest, WT_LIT("\xef\xbb\xbf"))) /* byte order mark */
		rest = wt_slice_tail(rest, 3);
	while (take_line(&rest, &line)) {
		struct wt_slice start = wt_trim(line);

		number++;
		if (!start.len || start.ptr[0] == '#')
			continue;
		if (!join(j, line, &rest, &number)) {
			set->n_read++;
			wt_rules_problem_add(
				set, file, number, 0, 0, true,
				"found a rule of more than 65536 bytes or 256 lines");
			continue;
		}
		parse_rule(&(struct wt_parse){
			.set = set,
			.file = file,
			.text = wt_slice_of(j->bytes, j->len),
			.line_of = j->line_of,
			.start_of = j->start_of,
			.n_lines = j->n_lines,
		});
	}
	free(j);
}
