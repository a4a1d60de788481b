/* Versions and ranges: see version.h.
 * Source: the forms seen in CISA's medical advisories (rules/inventory/).
 * Trust: hostile versions, the operator's ranges. Memory: none. */
#include "observe/version.h"

/* Parts of a bound that are looked at; what lies beyond is left. */
#define PARTS_MAX 32u

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(uint8_t c)
{
	return lower(c) >= 'a' && lower(c) <= 'z';
}

/* The next part of a version, empty at its end. */
static struct wt_slice next_part(struct wt_slice *rest)
{
	struct wt_slice part;
	size_t len = 0;

	while (rest->len && !is_digit(rest->ptr[0]) && !is_letter(rest->ptr[0]))
		*rest = wt_slice_tail(*rest, 1);
	if (rest->len && is_digit(rest->ptr[0]))
		while (len < rest->len && is_digit(rest->ptr[len]))
			len++;
	else
		while (len < rest->len && is_letter(rest->ptr[len]))
			len++;
	part = wt_slice_head(*rest, len);
	*rest = wt_slice_tail(*rest, len);
	return part;
}

static bool is_word(struct wt_slice part, const char *word)
{
	size_t i;

	for (i = 0; i < part.len && word[i]; i++)
		if (lower(part.ptr[i]) != (uint8_t)word[i])
			return false;
	return i == part.len && !word[i];
}

static bool is_among(struct wt_slice part, const char *const *words)
{
	for (; *words; words++)
		if (is_word(part, *words))
			return true;
	return false;
}

/* Without the words that only say "here comes a version". */
static struct wt_slice without_lead(struct wt_slice version)
{
	static const char *const leads[] = { "v",   "ver",     "version",  "rev", "revision",
					     "rel", "release", "software", "sw",  "firmware",
					     "fw",  "r",       NULL };
	struct wt_slice rest = version, part = next_part(&rest);

	while (part.len && is_among(part, leads)) {
		struct wt_slice after = rest, following = next_part(&after);

		if (!following.len)
			break;
		version = rest;
		rest = after;
		part = following;
	}
	return version;
}

static int compare_digits(struct wt_slice a, struct wt_slice b)
{
	int order;

	while (a.len > 1 && a.ptr[0] == '0')
		a = wt_slice_tail(a, 1);
	while (b.len > 1 && b.ptr[0] == '0')
		b = wt_slice_tail(b, 1);
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	order = memcmp(a.ptr, b.ptr, a.len);
	return order < 0 ? -1 : order > 0;
}

/* Single letters are revisions in their order; words are equal or not comparable. */
static int compare_letters(struct wt_slice a, struct wt_slice b)
{
	size_t i;

	if (a.len == 1 && b.len == 1 && lower(a.ptr[0]) != lower(b.ptr[0]))
		return lower(a.ptr[0]) < lower(b.ptr[0]) ? -1 : 1;
	for (i = 0; i < a.len && i < b.len; i++)
		if (lower(a.ptr[i]) != lower(b.ptr[i]))
			return 2;
	return a.len == b.len ? 0 : 2;
}

/* How a version stands to its own beginning: 0 when only zeros follow. */
static int sign_of_rest(struct wt_slice rest)
{
	static const char *const before[] = { "alpha", "beta", "pre", "rc", "dev", NULL };
	struct wt_slice part;

	for (;;) {
		part = next_part(&rest);
		if (!part.len)
			return 0;
		if (is_among(part, before))
			return -1;
		if (!is_digit(part.ptr[0]) || compare_digits(part, WT_LIT("0")) != 0)
			return 1;
	}
}

struct order {
	int sign;         /* of the version against the bound; 2: cannot be compared */
	bool is_extended; /* the version begins with the whole bound and goes on */
	bool is_any;      /* the bound's "x" was reached: anything goes */
};

/* `has_any`: a part "x" of the bound is anything. */
static struct order order_of(struct wt_slice version, struct wt_slice bound, bool has_any)
{
	struct order o = { 0 };
	unsigned n;

	version = without_lead(version);
	bound = without_lead(bound);
	for (n = 0; n < PARTS_MAX; n++) {
		struct wt_slice rest = version, v = next_part(&version);
		struct wt_slice left = bound, b = next_part(&bound);

		if (has_any && n && b.len && is_word(b, "x")) {
			o.is_any = true;
			return o;
		}
		if (!v.len || !b.len) {
			o.sign = v.len ? sign_of_rest(rest) : -sign_of_rest(left);
			o.is_extended = v.len && o.sign > 0;
			if (n == 0)
				o.sign = 2;
			return o;
		}
		if (is_digit(v.ptr[0]) != is_digit(b.ptr[0])) {
			o.sign = 2;
			return o;
		}
		o.sign = is_digit(v.ptr[0]) ? compare_digits(v, b) : compare_letters(v, b);
		if (o.sign)
			return o;
	}
	o.sign = 2;
	return o;
}

int wt_version_compare(struct wt_slice a, struct wt_slice b)
{
	return order_of(a, b, false).sign;
}

enum relation { EQUAL, AT_MOST, BELOW, AT_LEAST, ABOVE, N_RELATIONS };

/* Takes the sign from the front of a constraint; N_RELATIONS when it has none. */
static enum relation take_relation(struct wt_slice *constraint)
{
	static const struct {
		const char *sign;
		enum relation relation;
	} signs[] = { { "<=", AT_MOST },
		      { ">=", AT_LEAST },
		      { "<", BELOW },
		      { ">", ABOVE },
		      { "=", EQUAL } };
	size_t i, len;

	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		len = strlen(signs[i].sign);
		if (!wt_slice_starts(*constraint, wt_slice_of(signs[i].sign, len)))
			continue;
		*constraint = wt_slice_tail(*constraint, len);
		return signs[i].relation;
	}
	return N_RELATIONS;
}

static enum wt_version_fit fit_one(struct wt_slice constraint, struct wt_slice version)
{
	enum relation relation;
	struct order o;
	bool holds;

	if (is_word(constraint, "*"))
		return WT_VERSION_IN;
	relation = take_relation(&constraint);
	if (relation == N_RELATIONS)
		return WT_VERSION_UNKNOWN;
	o = order_of(version, constraint, true);
	if (o.sign == 2)
		return WT_VERSION_UNKNOWN;
	if (o.is_any)
		return relation == BELOW || relation == ABOVE ? WT_VERSION_OUT : WT_VERSION_IN;
	if (o.is_extended && (relation == EQUAL || relation == AT_MOST))
		return WT_VERSION_NEAR;
	holds = relation == EQUAL      ? o.sign == 0
		: relation == AT_MOST  ? o.sign <= 0
		: relation == BELOW    ? o.sign < 0
		: relation == AT_LEAST ? o.sign >= 0
				       : o.sign > 0;
	return holds ? WT_VERSION_IN : WT_VERSION_OUT;
}

/* The next piece up to `mark`, without spaces around it; false at the end. */
static bool next_piece(struct wt_slice *rest, uint8_t mark, struct wt_slice *piece)
{
	size_t at;

	if (!rest->ptr)
		return false;
	at = wt_slice_find(*rest, mark);
	*piece = wt_slice_trim(wt_slice_head(*rest, at), ' ');
	*rest = at == rest->len ? wt_slice_of(NULL, 0)
				: wt_slice_of(rest->ptr + at + 1, rest->len - at - 1);
	return true;
}

enum wt_version_fit wt_version_fit(struct wt_slice range, struct wt_slice version)
{
	enum wt_version_fit best = WT_VERSION_OUT, all, one;
	struct wt_slice alternative, constraint;

	while (next_piece(&range, '|', &alternative)) {
		all = WT_VERSION_IN;
		while (next_piece(&alternative, ',', &constraint)) {
			one = fit_one(constraint, version);
			all = one < all ? one : all;
		}
		best = all > best ? all : best;
	}
	return best;
}

bool wt_version_is_range(struct wt_slice range)
{
	struct wt_slice alternative, constraint, whole = range;

	if (is_word(range, "?") || is_word(range, "*"))
		return true;
	while (next_piece(&whole, '|', &alternative)) {
		while (next_piece(&alternative, ',', &constraint)) {
			struct wt_slice part;

			if (take_relation(&constraint) == N_RELATIONS)
				return false;
			part = next_part(&constraint);
			if (!part.len)
				return false;
		}
	}
	return range.len != 0;
}
