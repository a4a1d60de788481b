/* Matching devices with advisories: see advisory.h.
 * Trust: claims hold bytes of the wire; the table is the operator's.
 * Memory: the table, and 64 bytes a row. */
#include "observe/advisory.h"

#include <stdlib.h>

#include "base/json.h"
#include "observe/vendor.h"
#include "observe/version.h"

enum column {
	ADVISORY,
	UPDATED,
	VENDOR,
	PRODUCT,
	STRENGTH,
	SUBJECT,
	PATTERNS,
	VERSIONS,
	AFFECTED,
	CVSS,
	CVES,
	TITLE,
};

static const struct wt_table_spec spec = {
	.name = "advisories",
	.format = 1,
	.column = { "advisory", "updated", "vendor", "product", "strength", "subject",
		    "patterns", "versions", "affected", "cvss", "cves", "title", NULL },
};

enum strength { UNIQUE, PLAIN, FAMILY, N_STRENGTHS };
static const char *const strengths[] = { "unique", "plain", "family" };

enum subject { MODEL, SOFTWARE, OS, N_SUBJECTS };
static const char *const subjects[] = { "model", "software", "os" };

struct row {
	enum strength strength;
	enum subject subject;
	uint32_t score; /* tenths of CVSS, 0: unknown */
	bool is_any_maker;
};

struct wt_advisories {
	struct wt_table *table;
	struct wt_vendors *vendors;
	struct row *row;
	size_t n_rows;
};

static unsigned find_word(const char *text, const char *const *words, unsigned n)
{
	unsigned i = 0;

	while (i < n && strcmp(text, words[i]) != 0)
		i++;
	return i;
}

static bool take_score(struct wt_advisories *a, size_t at)
{
	const char *text = wt_table_cell(a->table, at, CVSS);
	int64_t millionths = 0;

	if (*text && (!wt_slice_to_decimal(wt_slice_of(text, strlen(text)), &millionths) ||
		      millionths < 0 || millionths > 10000000)) {
		wt_table_blame(a->table, at, CVSS, "found '%.20s'; expected 0.0 to 10.0", text);
		return false;
	}
	a->row[at].score = (uint32_t)(millionths / 100000);
	return true;
}

static void take_row(struct wt_advisories *a, size_t at)
{
	const char *vendor = wt_table_cell(a->table, at, VENDOR);
	const char *range = wt_table_cell(a->table, at, VERSIONS);
	unsigned strength =
		find_word(wt_table_cell(a->table, at, STRENGTH), strengths, N_STRENGTHS);
	unsigned subject =
		find_word(wt_table_cell(a->table, at, SUBJECT), subjects, N_SUBJECTS);
	uint64_t ns;

	if (strength == N_STRENGTHS)
		wt_table_blame(a->table, at, STRENGTH,
			       "found '%.20s'; expected unique, plain or family",
			       wt_table_cell(a->table, at, STRENGTH));
	if (subject == N_SUBJECTS)
		wt_table_blame(a->table, at, SUBJECT,
			       "found '%.20s'; expected model, software or os",
			       wt_table_cell(a->table, at, SUBJECT));
	if (!*wt_table_cell(a->table, at, PATTERNS))
		wt_table_blame(a->table, at, PATTERNS, "found nothing; expected a pattern");
	if (!wt_version_is_range(wt_slice_of(range, strlen(range))))
		wt_table_blame(a->table, at, VERSIONS,
			       "found '%.40s'; expected ranges such as >=1.2,<1.9|=2.x", range);
	if (strcmp(vendor, "*") != 0 && !wt_vendor_is_known(a->vendors, vendor))
		wt_table_blame(a->table, at, VENDOR,
			       "found '%.40s'; expected a vendor of vendors.tsv, or *", vendor);
	(void)wt_table_date(a->table, at, UPDATED, &ns);
	(void)take_score(a, at);
	a->row[at].strength = (enum strength)strength;
	a->row[at].subject = (enum subject)subject;
	a->row[at].is_any_maker = strcmp(vendor, "*") == 0;
}

static bool read_table(struct wt_advisories *a, FILE *errors)
{
	size_t i;

	a->n_rows = wt_table_n_rows(a->table);
	a->row = calloc(a->n_rows + 1, sizeof(*a->row));
	if (!a->row)
		return false;
	for (i = 0; i < a->n_rows; i++)
		take_row(a, i);
	for (i = 0; i < wt_table_n_errors(a->table); i++)
		fprintf(errors, "%s\n", wt_table_error(a->table, (unsigned)i));
	return wt_table_n_errors(a->table) == 0;
}

struct wt_advisories *wt_advisories_open(const char *dir, FILE *errors)
{
	struct wt_advisories *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->vendors = wt_vendors_open(dir, NULL, errors);
	a->table = a->vendors ? wt_table_open(&spec, dir) : NULL;
	if (a->table && read_table(a, errors))
		return a;
	wt_advisories_free(a);
	return NULL;
}

void wt_advisories_free(struct wt_advisories *a)
{
	if (!a)
		return;
	wt_table_free(a->table);
	wt_vendors_free(a->vendors);
	free(a->row);
	free(a);
}

const char *wt_advisories_edition(const struct wt_advisories *a)
{
	return wt_table_edition(a->table);
}

const char *wt_grade_name(enum wt_grade grade)
{
	static const char *const names[] = { "possible", "likely", "confirmed" };

	return names[grade];
}

/* ---- one pattern and one text ---- */

#define PLAIN_MAX 512u /* bytes of a text that are looked at */

/* Letters and digits in small letters, everything between them as one space, a space
 * at both ends. Bytes above 0x7f stay. */
static struct wt_slice plain_of(struct wt_slice text, uint8_t plain[PLAIN_MAX])
{
	struct wt_builder b = wt_builder_of(plain, PLAIN_MAX - 1);
	size_t i;

	wt_bld_char(&b, ' ');
	for (i = 0; i < text.len && !b.is_short; i++) {
		uint8_t c = text.ptr[i];

		if (c >= 'A' && c <= 'Z')
			c = (uint8_t)(c + 32);
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80)
			wt_bld_u8(&b, c);
		else if (plain[b.len - 1] != ' ')
			wt_bld_char(&b, ' ');
	}
	if (plain[b.len - 1] != ' ')
		plain[b.len++] = ' ';
	return wt_bld_slice(&b);
}

/* "alaris*8015" as "* alaris*8015 *". */
static bool match_words(struct wt_slice pattern, struct wt_slice plain)
{
	char wide[WT_TABLE_CELL_MAX + 5];

	if (pattern.len > WT_TABLE_CELL_MAX)
		return false;
	wide[0] = '*';
	wide[1] = ' ';
	memcpy(wide + 2, pattern.ptr, pattern.len);
	memcpy(wide + 2 + pattern.len, " *", 3);
	return wt_table_match(wide, plain);
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static size_t search_text(struct wt_slice text, struct wt_slice needle)
{
	size_t at, i;

	for (at = 0; needle.len <= text.len && at <= text.len - needle.len; at++) {
		for (i = 0; i < needle.len; i++)
			if (lower(text.ptr[at + i]) != lower(needle.ptr[i]))
				break;
		if (i == needle.len)
			return at;
	}
	return text.len;
}

#define VERSION_MAX 64u
struct found {
	bool is_hit;
	size_t len; /* of the version taken from the text, 0: none */
	uint8_t version[VERSION_MAX];
};

static bool is_version_byte(uint8_t c, bool is_digits)
{
	if (c >= '0' && c <= '9')
		return true;
	return !is_digits && ((lower(c) >= 'a' && lower(c) <= 'z') || c == '.' || c == '-' ||
			      c == '_' || c == '+');
}

/* "rompager/{}": the text holds what stands before the braces. */
static void match_literal(struct wt_slice pattern, struct wt_slice text, struct found *found)
{
	size_t brace = wt_slice_find(pattern, '{'), at;
	bool is_digits = brace + 1 < pattern.len && pattern.ptr[brace + 1] == 'd';
	struct wt_slice rest;

	text = wt_slice_head(text, PLAIN_MAX);
	at = search_text(text, wt_slice_head(pattern, brace));
	if (at == text.len)
		return;
	if (brace == pattern.len) {
		found->is_hit = true;
		return;
	}
	rest = wt_slice_tail(text, at + brace);
	/* A version begins with a digit: "DCMTK storescp" states none. */
	if (!rest.len || !is_version_byte(rest.ptr[0], true))
		return;
	found->is_hit = true;
	while (rest.len && is_version_byte(rest.ptr[0], is_digits) &&
	       found->len + 2 < VERSION_MAX) {
		if (is_digits && found->len)
			found->version[found->len++] = '.';
		found->version[found->len++] = rest.ptr[0];
		rest = wt_slice_tail(rest, 1);
	}
}

static struct found match_text(const struct row *row, const char *patterns,
			       struct wt_slice text)
{
	struct wt_slice rest = wt_slice_of(patterns, strlen(patterns)), pattern;
	struct found found = { 0 };
	uint8_t plain[PLAIN_MAX];
	struct wt_slice words = plain_of(text, plain);
	size_t at;

	while (rest.len && !found.is_hit) {
		at = wt_slice_find(rest, '|');
		pattern = wt_slice_head(rest, at);
		rest = wt_slice_tail(rest, at + 1);
		if (row->subject == SOFTWARE)
			match_literal(pattern, text, &found);
		else
			found.is_hit = match_words(pattern, words);
	}
	return found;
}

/* ---- a device and a row ---- */

struct device {
	const struct wt_claim *claim;
	unsigned n;
	/* vendors.tsv's name of each claim of a maker; NULL for others */
	const char *maker[WT_CLAIMS_MAX];
};

enum maker { OTHER, UNKNOWN, GUESSED, STATED };

static enum maker maker_of(const struct wt_advisories *a, const struct device *d, size_t at)
{
	const char *wanted = wt_table_cell(a->table, at, VENDOR);
	enum maker best = UNKNOWN;
	unsigned i;

	if (a->row[at].is_any_maker)
		return STATED;
	for (i = 0; i < d->n; i++) {
		bool is_stated = d->claim[i].kind == WT_CLAIM_MAKER;
		bool is_hint = d->claim[i].kind == WT_CLAIM_MAKER_HINT;

		if (!is_stated && !is_hint)
			continue;
		if (d->maker[i] && !strcmp(d->maker[i], wanted)) {
			if (is_stated)
				return STATED;
			best = GUESSED;
		} else if (is_stated && best != GUESSED) {
			best = OTHER;
		}
	}
	return best;
}

static bool is_subject(enum subject subject, enum wt_claim_kind kind)
{
	switch (subject) {
	case MODEL:
		return kind == WT_CLAIM_MODEL;
	case SOFTWARE:
		return kind == WT_CLAIM_SOFTWARE || kind == WT_CLAIM_MODEL ||
		       kind == WT_CLAIM_OS;
	case OS:
		return kind == WT_CLAIM_OS;
	default:
		return false;
	}
}

/* The claim that names the product, or d->n; what was taken from it. */
static unsigned find_product(const struct wt_advisories *a, const struct device *d, size_t at,
			     struct found *found)
{
	const char *patterns = wt_table_cell(a->table, at, PATTERNS);
	unsigned i, best = d->n;
	struct found one;

	for (i = 0; i < d->n; i++) {
		if (!is_subject(a->row[at].subject, d->claim[i].kind))
			continue;
		one = match_text(&a->row[at], patterns, d->claim[i].text);
		if (!one.is_hit || (best != d->n && !one.len))
			continue;
		*found = one;
		best = i;
		if (one.len)
			break;
	}
	return best;
}

struct verdict {
	enum wt_version_fit fit;
	bool is_stated; /* some version was */
	struct wt_slice version;
};

static void judge_version(struct verdict *v, struct wt_slice range, struct wt_slice version)
{
	enum wt_version_fit fit = wt_version_fit(range, version);

	/* One version inside and another outside: which one is meant is unknown. */
	if (v->is_stated && fit != v->fit) {
		v->version = fit > v->fit ? version : v->version;
		v->fit = fit == WT_VERSION_OUT && v->fit == WT_VERSION_UNKNOWN ? WT_VERSION_OUT
			 : v->fit == WT_VERSION_OUT && fit == WT_VERSION_UNKNOWN
				 ? WT_VERSION_OUT
				 : WT_VERSION_NEAR;
		return;
	}
	v->is_stated = true;
	v->fit = fit;
	v->version = version;
}

static struct verdict judge(const struct wt_advisories *a, const struct device *d, size_t at,
			    const struct found *found)
{
	const char *text = wt_table_cell(a->table, at, VERSIONS);
	struct wt_slice range = wt_slice_of(text, strlen(text));
	struct verdict v = { .fit = WT_VERSION_UNKNOWN };
	unsigned i;

	if (!strcmp(text, "*"))
		return (struct verdict){ .fit = WT_VERSION_IN };
	if (found->len) {
		judge_version(&v, range, wt_slice_of(found->version, found->len));
		return v;
	}
	/* The version of a device says nothing of a program on it. */
	if (a->row[at].subject != MODEL)
		return v;
	for (i = 0; i < d->n; i++)
		if (d->claim[i].kind == WT_CLAIM_VERSION)
			judge_version(&v, range, d->claim[i].text);
	return v;
}

static enum wt_grade grade_of(const struct row *row, enum maker maker, const struct verdict *v)
{
	if (row->strength == FAMILY)
		return WT_GRADE_POSSIBLE;
	if (maker != STATED && row->strength != UNIQUE)
		return WT_GRADE_POSSIBLE;
	return v->fit == WT_VERSION_IN ? WT_GRADE_CONFIRMED : WT_GRADE_LIKELY;
}

static void put_quoted(struct wt_builder *b, struct wt_slice text)
{
	wt_bld_char(b, '\'');
	wt_bld_escaped(b, wt_slice_head(text, 60));
	wt_bld_char(b, '\'');
}

static void put_version_reason(struct wt_builder *b, const struct wt_advisories *a, size_t at,
			       const struct verdict *v)
{
	const char *affected = wt_table_cell(a->table, at, AFFECTED);

	if (!strcmp(wt_table_cell(a->table, at, VERSIONS), "*")) {
		wt_bld_text(b, "; all versions are affected");
		return;
	}
	if (v->is_stated) {
		wt_bld_text(b, "; version ");
		put_quoted(b, v->version);
		wt_bld_text(b, v->fit == WT_VERSION_IN     ? " is among the affected: "
			       : v->fit == WT_VERSION_NEAR ? " may be among the affected: "
							   : " cannot be compared with: ");
	} else {
		wt_bld_text(b, "; its version is not known, affected: ");
	}
	wt_bld_bytes(b, wt_slice_head(wt_slice_of(affected, strlen(affected)), 100));
}

static void explain(struct wt_advisory_match *m, const struct wt_advisories *a, size_t at,
		    const struct wt_claim *product, enum maker maker, const struct verdict *v)
{
	static const char *const words[] = { "model ", "program ", "system " };
	struct wt_builder b = wt_builder_of(m->reason, sizeof(m->reason) - 1);

	wt_bld_text(&b, words[a->row[at].subject]);
	put_quoted(&b, product->text);
	wt_bld_text(&b, maker == STATED && !a->row[at].is_any_maker ? " of the stated maker"
			: maker == GUESSED ? ", whose network card is of that maker"
			: a->row[at].strength == UNIQUE ? ", a name of that product alone"
							: ", of an unknown maker");
	if (a->row[at].strength == FAMILY)
		wt_bld_text(&b, "; the advisory names a whole family");
	put_version_reason(&b, a, at, v);
	m->reason[b.len] = 0;
}

static bool match_row(const struct wt_advisories *a, const struct device *d, size_t at,
		      struct wt_advisory_match *m)
{
	enum maker maker = maker_of(a, d, at);
	struct found found = { 0 };
	struct verdict v;
	unsigned product;

	/* That a machine runs some Windows says nothing of who sells it as a device. */
	if (maker == OTHER || (maker == UNKNOWN && a->row[at].subject == OS))
		return false;
	product = find_product(a, d, at, &found);
	if (product == d->n)
		return false;
	v = judge(a, d, at, &found);
	if (v.fit == WT_VERSION_OUT)
		return false;
	*m = (struct wt_advisory_match){
		.advisory = wt_table_cell(a->table, at, ADVISORY),
		.updated = wt_table_cell(a->table, at, UPDATED),
		.maker = wt_table_cell(a->table, at, VENDOR),
		.product = wt_table_cell(a->table, at, PRODUCT),
		.affected = wt_table_cell(a->table, at, AFFECTED),
		.cvss = wt_table_cell(a->table, at, CVSS),
		.cves = wt_table_cell(a->table, at, CVES),
		.title = wt_table_cell(a->table, at, TITLE),
		.grade = grade_of(&a->row[at], maker, &v),
	};
	explain(m, a, at, &d->claim[product], maker, &v);
	return true;
}

static int64_t score_of(const struct wt_advisory_match *m)
{
	int64_t score = 0;

	(void)wt_slice_to_decimal(wt_slice_of(m->cvss, strlen(m->cvss)), &score);
	return score;
}

/* Whether x stands before y. */
static bool is_before(const struct wt_advisory_match *x, const struct wt_advisory_match *y)
{
	if (x->grade != y->grade)
		return x->grade > y->grade;
	if (score_of(x) != score_of(y))
		return score_of(x) > score_of(y);
	return strcmp(x->advisory, y->advisory) < 0;
}

/* Puts a match in its place; of one advisory the best row is kept. */
static unsigned insert(struct wt_advisory_match *list, unsigned n,
		       const struct wt_advisory_match *m)
{
	unsigned i;

	for (i = 0; i < n && strcmp(list[i].advisory, m->advisory) != 0; i++)
		;
	if (i < n) {
		if (!is_before(m, &list[i]))
			return n;
		memmove(&list[i], &list[i + 1], (n - i - 1) * sizeof(*list));
		n--;
	}
	for (i = 0; i < n && !is_before(m, &list[i]); i++)
		;
	if (i == WT_ADVISORY_MATCHES_MAX)
		return n;
	if (n == WT_ADVISORY_MATCHES_MAX)
		n--;
	memmove(&list[i + 1], &list[i], (n - i) * sizeof(*list));
	list[i] = *m;
	return n + 1;
}

unsigned wt_advisories_match(const struct wt_advisories *a, const struct wt_claim *claim,
			     unsigned n_claims,
			     struct wt_advisory_match match[WT_ADVISORY_MATCHES_MAX])
{
	struct device d = { .claim = claim, .n = n_claims };
	struct wt_advisory_match one;
	unsigned i, n = 0, n_products = 0;
	size_t at;

	if (d.n > WT_CLAIMS_MAX)
		d.n = WT_CLAIMS_MAX;
	for (i = 0; i < d.n; i++)
		n_products +=
			claim[i].kind != WT_CLAIM_MAKER && claim[i].kind != WT_CLAIM_MAKER_HINT;
	if (!n_products)
		return 0; /* a maker alone is in no advisory, and most devices say no more */
	for (i = 0; i < d.n; i++)
		if (claim[i].kind == WT_CLAIM_MAKER || claim[i].kind == WT_CLAIM_MAKER_HINT)
			d.maker[i] = wt_vendor_name(a->vendors, claim[i].text);
	for (at = 0; at < a->n_rows; at++)
		if (match_row(a, &d, at, &one))
			n = insert(match, n, &one);
	return n;
}
