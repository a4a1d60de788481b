/* Options of a rule: which keyword, sticky buffers, comparisons of fields; and what must
 * hold when the rule ends.
 * Trust: hostile text. Memory: the set's lists. */
#include "match/parse.h"

static bool equal_transforms(const struct wt_inspection *a, const struct wt_parse *p)
{
	return a->n_transforms == p->n_transforms &&
	       memcmp(a->transform, p->transform, sizeof(a->transform)) == 0;
}

/* Tests on the same buffer form one list, also when the rule comes back to it. */
unsigned wt_inspection_of(struct wt_parse *p, const struct wt_buffer *buffer)
{
	struct wt_inspection *fresh;
	unsigned i;

	for (i = 0; i < p->n_inspections; i++)
		if (p->inspection[i].buffer == buffer && equal_transforms(&p->inspection[i], p))
			return i;
	if (i == WT_RULE_INSPECTIONS_MAX) {
		wt_blame(p, p->key, "found more than %u buffers", WT_RULE_INSPECTIONS_MAX);
		return 0;
	}
	fresh = &p->inspection[p->n_inspections++];
	fresh->buffer = buffer;
	fresh->n_transforms = p->n_transforms;
	memcpy(fresh->transform, p->transform, sizeof(fresh->transform));
	return i;
}

struct wt_test *wt_add_test(struct wt_parse *p, enum wt_test_kind kind)
{
	unsigned inspection = wt_inspection_of(p, p->buffer ? p->buffer : wt_buffer_payload());
	struct wt_loose_test *loose = WT_LIST_ADD(p->test);

	loose->inspection = inspection;
	loose->test.kind = (uint8_t)kind;
	loose->test.column = (uint32_t)(p->key.ptr - p->text.ptr) + 1;
	p->is_unused = false;
	return &loose->test;
}

struct wt_test *wt_last_content(struct wt_parse *p)
{
	unsigned i = p->test.n;

	while (i && p->test.at[i - 1].test.kind != WT_TEST_CONTENT)
		i--;
	if (!i) {
		wt_blame(p, p->key,
			 "found '%s' without a content before it; write it behind the "
			 "content that it changes",
			 wt_show(p->key));
		return NULL;
	}
	return &p->test.at[i - 1].test;
}

bool wt_take_number(struct wt_parse *p, struct wt_slice s, struct wt_rule_number *number)
{
	unsigned i;

	s = wt_trim(s);
	if (wt_take_i64(s, &number->value)) {
		number->variable = 0;
		return true;
	}
	for (i = 0; i < p->n_variables; i++)
		if (wt_is_word(s, p->variable[i])) {
			number->variable = (uint8_t)(i + 1);
			return true;
		}
	wt_blame(p, s, "found '%s'; write a number, or the name of a byte_extract before it",
		 wt_show(s));
	return false;
}

static bool split_range(struct wt_slice s, const char *by, int64_t *low, int64_t *high)
{
	struct wt_slice separator = wt_slice_of(by, strlen(by));
	size_t at = s.len ? wt_slice_search(wt_slice_tail(s, 1), separator) + 1 : 0;

	return at && at < s.len && wt_take_i64(wt_slice_head(s, at), low) &&
	       wt_take_i64(wt_slice_tail(s, at + separator.len), high);
}

bool wt_take_size(struct wt_slice s, uint8_t *compare, int64_t *low, int64_t *high)
{
	static const struct {
		const char *sign;
		enum wt_compare compare;
	} signs[] = {
		{ ">=", WT_IS_AT_LEAST }, { "<=", WT_IS_AT_MOST },   { ">", WT_IS_GREATER },
		{ "<", WT_IS_LESS },      { "!=", WT_IS_NOT_EQUAL }, { "!", WT_IS_NOT_EQUAL },
		{ "=", WT_IS_EQUAL },     { "", WT_IS_EQUAL },
	};
	unsigned i;

	s = wt_trim(s);
	*high = 0;
	if (split_range(s, "<>", low, high)) {
		*compare = WT_IS_BETWEEN;
		return *low <= *high;
	}
	if (split_range(s, "-", low, high)) {
		*compare = WT_IS_BETWEEN; /* both ends included here */
		--*low;
		++*high;
		return *low < *high;
	}
	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (wt_slice_starts(s, wt_slice_of(signs[i].sign, strlen(signs[i].sign)))) {
			*compare = (uint8_t)signs[i].compare;
			return wt_take_i64(wt_slice_tail(s, strlen(signs[i].sign)), low);
		}
	return false;
}

void wt_use_buffer(struct wt_parse *p, const struct wt_buffer *buffer)
{
	if (p->buffer && p->is_unused)
		wt_remark(p, p->buffer_at,
			  "found the buffer '%s' and no test of it; write a content "
			  "or pcre behind it",
			  p->buffer->name);
	p->buffer = buffer;
	p->buffer_at = p->key;
	p->is_unused = buffer != NULL;
	p->n_transforms = 0;
	memset(p->transform, 0, sizeof(p->transform));
}

/* "field:true" and the bare name of a flag; numbers as wt_take_size has them. */
static void compare_field(struct wt_parse *p, const struct wt_buffer *buffer,
			  enum wt_field_type type)
{
	struct wt_field_test *test = WT_LIST_ADD(p->set->field_test);
	bool is_good;

	test->buffer = buffer;
	test->type = type;
	if (type == WT_TYPE_BOOL) {
		test->compare = WT_IS_EQUAL;
		test->low = !(wt_is_word(p->value, "false") || wt_is_word(p->value, "no"));
		is_good = !p->value.len || !test->low || wt_is_word(p->value, "true") ||
			  wt_is_word(p->value, "yes");
	} else {
		is_good = wt_take_size(p->value, &test->compare, &test->low, &test->high);
	}
	if (!is_good)
		wt_blame(p, p->value, "found '%s:%s'; write %s", wt_show(p->key),
			 wt_show(p->value),
			 type == WT_TYPE_BOOL ? "true or false"
					      : "N, >N, <N, >=N, <=N, !N or A-B");
	if (type == WT_TYPE_DEC) { /* whole numbers of the unit */
		test->low *= 1000000;
		test->high *= 1000000;
	}
}

/* "depth 2", "hl7.pump_rate > 999": a name that is known, and no colon behind it. */
static bool lacks_colon(struct wt_parse *p)
{
	size_t end = 0;
	const char *name;

	while (end < p->key.len && !strchr(" \t<>=!", p->key.ptr[end]))
		end++;
	if (!end || end == p->key.len)
		return false;
	name = wt_name_near(wt_slice_head(p->key, end));
	if (!name || !wt_is_word(wt_slice_head(p->key, end), name))
		return false;
	wt_blame(p, p->key, "found '%s' without a colon; write %s:%s;", wt_show(p->key), name,
		 wt_show(wt_trim(wt_slice_tail(p->key, end))));
	return true;
}

static void unknown_keyword(struct wt_parse *p)
{
	const char *near = wt_name_near(p->key);

	if (lacks_colon(p))
		return;
	if (wt_is_word(p->key, "wardtap_severity") || wt_is_word(p->key, "attack_id"))
		wt_blame(p, p->key, "found '%s' as a keyword; write metadata:%s %s;",
			 wt_show(p->key), wt_show(p->key), wt_show(p->value));
	else if (wt_buffer_is_foreseen(p->key))
		wt_blame(p, p->key, "found the buffer '%s', which no dissector fills",
			 wt_show(p->key));
	else if (near)
		wt_blame(p, p->key,
			 "found the keyword '%s', which is not known; did you mean "
			 "'%s'? ('wardtap rules keywords' lists all)",
			 wt_show(p->key), near);
	else
		wt_blame(p, p->key,
			 "found the keyword '%s', which is not known ('wardtap rules "
			 "keywords' lists all)",
			 wt_show(p->key));
}

void wt_parse_option(struct wt_parse *p)
{
	const struct wt_keyword *keyword = wt_keyword_find(p->key);
	const struct wt_buffer *buffer;
	enum wt_field_type type;

	if (keyword && !keyword->parse) {
		wt_blame(p, p->key, "found '%s', which is not supported: %s", wt_show(p->key),
			 keyword->doc);
		return;
	}
	if (keyword) {
		keyword->parse(p);
		return;
	}
	buffer = wt_buffer_find(p, p->key);
	if (buffer && p->value.len) { /* "field:text" is short for the buffer and a content */
		wt_blame(p, p->value,
			 "found a value for the buffer '%s'; write: %s; content:\"...\";",
			 wt_show(p->key), wt_show(p->key));
	} else if (buffer) {
		wt_use_buffer(p, buffer);
	} else if (wt_field_find(p, p->key, &buffer, &type)) {
		compare_field(p, buffer, type);
	} else {
		unknown_keyword(p);
	}
}

/* A relative test needs something before it in its buffer. */
static void check_relative(struct wt_parse *p, unsigned inspection)
{
	unsigned i, n = 0;

	for (i = 0; i < p->test.n; i++) {
		const struct wt_test *t = &p->test.at[i].test;

		if (p->test.at[i].inspection != inspection)
			continue;
		if (!n && (t->flags & WT_TEST_RELATIVE) && t->kind != WT_TEST_ISDATAAT)
			wt_remark(p, wt_slice_of(p->text.ptr + t->column - 1, 0),
				  "found a relative test with nothing before it in its buffer; "
				  "it "
				  "counts from the buffer's start");
		n++;
	}
}

static void lay_out(struct wt_parse *p)
{
	uint8_t order[WT_RULE_INSPECTIONS_MAX];
	struct wt_rules *set = p->set;
	unsigned i, k;

	if (!wt_order_inspections(p, order))
		return;
	p->rule.n_inspections = p->n_inspections;
	for (i = 0; i < p->n_inspections; i++) {
		struct wt_inspection *to = WT_LIST_ADD(set->inspection);

		*to = p->inspection[order[i]];
		p->rule.is_carried |= to->reads != 0;
		to->first = set->test.n;
		for (k = 0; k < p->test.n; k++)
			if (p->test.at[k].inspection == order[i])
				*WT_LIST_ADD(set->test) = p->test.at[k].test;
		to->n = set->test.n - to->first;
	}
}

static void *copy_list(struct wt_rules *set, const void *at, unsigned n, size_t size)
{
	void *copy = wt_rules_take(set, n * size);

	if (n)
		memcpy(copy, at, n * size);
	return copy;
}

/* Marks on flows are set by workers, before the keeper asks who the devices are. */
static void check_devices(struct wt_parse *p)
{
	unsigned i;

	if (p->set->device_test.n == p->rule.first_device_test)
		return;
	for (i = p->rule.first_flowbit; i < p->set->flowbit.n; i++)
		if (p->set->flowbit.at[i].what <= WT_BIT_TOGGLE)
			wt_blame(p, wt_slice_head(p->text, 0),
				 "found flowbits:set beside device.*, which is decided later; "
				 "write xbits:set");
}

void wt_parse_end(struct wt_parse *p)
{
	struct wt_rules *set = p->set;
	unsigned i;

	wt_use_buffer(p, NULL);
	if (!p->rule.sid)
		wt_blame(p, wt_slice_head(p->text, 0), "found no sid; write sid:NUMBER;");
	check_devices(p);
	if (p->is_failed)
		return;
	for (i = 0; i < p->n_inspections; i++)
		check_relative(p, i);
	lay_out(p);
	if (p->is_failed)
		return;
	p->rule.n_field_tests = set->field_test.n - p->rule.first_field_test;
	p->rule.n_flowbits = set->flowbit.n - p->rule.first_flowbit;
	p->rule.n_packet_tests = set->packet_test.n - p->rule.first_packet_test;
	p->rule.n_xbits = set->xbit.n - p->rule.first_xbit;
	p->rule.n_flowints = set->flowint.n - p->rule.first_flowint;
	p->rule.n_device_tests = set->device_test.n - p->rule.first_device_test;
	p->rule.n_metas = p->meta.n;
	p->rule.meta = copy_list(set, p->meta.at, p->meta.n, sizeof(*p->meta.at));
	p->rule.n_references = p->reference.n;
	p->rule.reference =
		copy_list(set, p->reference.at, p->reference.n, sizeof(*p->reference.at));
	p->rule.text = wt_rules_text(set, wt_trim(p->text));
	if (!p->rule.msg)
		p->rule.msg = "";
	*WT_LIST_ADD(set->rule) = p->rule;
}
