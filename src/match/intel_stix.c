/* STIX 2.1 bundles without a tree: a walk over the JSON text that keeps, per object of
 * "objects", its type, pattern and whether it is revoked.
 * Source: OASIS STIX 2.1, 4.7 (indicator), 9 (patterning); RFC 8259.
 * Trust: text of strangers; nesting is bounded, no value is longer than the file.
 * Memory: one string at a time. */
#include "match/intel_stix.h"

#include <ctype.h>

#define DEPTH_MAX 64u
#define PATTERN_MAX 8192u

struct walk {
	struct wt_slice rest;
	unsigned depth;
	bool is_bad;
	/* of the object at hand */
	bool is_indicator, is_revoked, has_pattern;
	uint8_t pattern[PATTERN_MAX];
	size_t pattern_len;
};

static void blanks(struct walk *w)
{
	while (w->rest.len && isspace(w->rest.ptr[0]))
		w->rest = wt_slice_of(w->rest.ptr + 1, w->rest.len - 1);
}

static bool next_is(struct walk *w, char c)
{
	blanks(w);
	if (!w->rest.len || w->rest.ptr[0] != (uint8_t)c)
		return false;
	w->rest = wt_slice_of(w->rest.ptr + 1, w->rest.len - 1);
	return true;
}

/* A string's raw text between the quotes, escapes left in. */
static bool raw_string(struct walk *w, struct wt_slice *text)
{
	size_t i;

	if (!next_is(w, '"'))
		return false;
	for (i = 0; i < w->rest.len && w->rest.ptr[i] != '"'; i++)
		if (w->rest.ptr[i] == '\\')
			i++;
	if (i >= w->rest.len) {
		w->is_bad = true;
		return false;
	}
	*text = wt_slice_head(w->rest, i);
	w->rest = wt_slice_of(w->rest.ptr + i + 1, w->rest.len - i - 1);
	return true;
}

/* Escapes of ASCII undone; others become '?', which no indicator holds. */
static size_t unescape(struct wt_slice text, uint8_t *into, size_t size)
{
	size_t i, n = 0;

	for (i = 0; i < text.len && n < size; i++) {
		uint8_t c = text.ptr[i];

		if (c == '\\' && i + 1 < text.len) {
			c = text.ptr[++i];
			if (c == 'u') {
				c = '?';
				i += 4;
			} else if (!strchr("\"\\/", c)) {
				c = ' ';
			}
		}
		into[n++] = c;
	}
	return n;
}

static void value(struct walk *w);

static void members(struct walk *w, char close, bool is_object)
{
	struct wt_slice key;

	if (next_is(w, close))
		return;
	do {
		if (is_object && (!raw_string(w, &key) || !next_is(w, ':'))) {
			w->is_bad = true;
			return;
		}
		value(w);
	} while (!w->is_bad && next_is(w, ','));
	if (!next_is(w, close))
		w->is_bad = true;
}

/* Any value, passed over. Depth is bounded. */
static void value(struct walk *w)
{
	struct wt_slice text;

	if (w->is_bad || ++w->depth > DEPTH_MAX) {
		w->is_bad = true;
		return;
	}
	if (next_is(w, '{')) {
		members(w, '}', true);
	} else if (next_is(w, '[')) {
		members(w, ']', false);
	} else if (w->rest.len && w->rest.ptr[0] == '"') {
		(void)raw_string(w, &text);
	} else {
		size_t i = 0;

		while (i < w->rest.len && !strchr(",]} \t\r\n", w->rest.ptr[i]))
			i++;
		if (!i)
			w->is_bad = true;
		w->rest = wt_slice_of(w->rest.ptr + i, w->rest.len - i);
	}
	w->depth--;
}

/* A member of a STIX object that matters. */
static void member(struct walk *w, struct wt_slice key)
{
	struct wt_slice text;

	blanks(w);
	if (wt_slice_equal(key, WT_LIT("revoked"))) {
		w->is_revoked = wt_slice_starts(w->rest, WT_LIT("true"));
		value(w);
	} else if (wt_slice_equal(key, WT_LIT("type")) && raw_string(w, &text)) {
		w->is_indicator = wt_slice_equal(text, WT_LIT("indicator"));
	} else if (wt_slice_equal(key, WT_LIT("pattern")) && raw_string(w, &text)) {
		w->pattern_len = unescape(text, w->pattern, sizeof(w->pattern));
		w->has_pattern = text.len < PATTERN_MAX;
	} else {
		value(w);
	}
}

/* Object paths whose equality is an indicator here. */
static const struct {
	const char *path;
	enum wt_intel_kind kind;
} paths[] = {
	{ "ipv4-addr:value", WT_INTEL_ADDRESS },
	{ "ipv6-addr:value", WT_INTEL_ADDRESS },
	{ "domain-name:value", WT_INTEL_DOMAIN },
	{ "url:value", WT_INTEL_URL },
	{ "file:hashes.MD5", WT_INTEL_MD5 },
	{ "file:hashes.'MD5'", WT_INTEL_MD5 },
	{ "file:hashes.'SHA-1'", WT_INTEL_SHA1 },
	{ "file:hashes.'SHA-256'", WT_INTEL_SHA256 },
	{ "x509-certificate:hashes.'SHA-1'", WT_INTEL_CERT_SHA1 },
	{ "email-addr:value", WT_INTEL_EMAIL },
};

/* One comparison: path = 'value' */
static bool comparison(struct wt_intel *in, struct wt_slice text)
{
	size_t equals = wt_slice_search(text, WT_LIT("=")), i;
	struct wt_slice path = wt_slice_head(text, equals);
	struct wt_slice right = wt_slice_tail(text, equals + 1);

	while (path.len && isspace(path.ptr[path.len - 1]))
		path.len--;
	while (path.len && (isspace(path.ptr[0]) || path.ptr[0] == '('))
		path = wt_slice_tail(path, 1);
	while (right.len && isspace(right.ptr[0]))
		right = wt_slice_tail(right, 1);
	while (right.len &&
	       (isspace(right.ptr[right.len - 1]) || right.ptr[right.len - 1] == ')'))
		right.len--;
	if (right.len < 3 || right.ptr[0] != '\'' || right.ptr[right.len - 1] != '\'')
		return false;
	right = wt_slice_of(right.ptr + 1, right.len - 2);
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (wt_slice_equal(path, wt_slice_of(paths[i].path, strlen(paths[i].path))))
			return wt_intel_add_as(in, paths[i].kind, right);
	return false;
}

/* "[a = 'x' OR b = 'y']": all parts or none, so that no half of a condition matches. */
static bool pattern(struct wt_intel *in, struct wt_slice text)
{
	while (text.len && isspace(text.ptr[text.len - 1]))
		text.len--;
	while (text.len && isspace(text.ptr[0]))
		text = wt_slice_tail(text, 1);
	if (text.len < 2 || text.ptr[0] != '[' || text.ptr[text.len - 1] != ']')
		return false;
	text = wt_slice_of(text.ptr + 1, text.len - 2);
	if (wt_slice_search(text, WT_LIT(" AND ")) < text.len ||
	    wt_slice_find(text, '[') < text.len ||
	    wt_slice_search(text, WT_LIT("!=")) < text.len ||
	    wt_slice_search(text, WT_LIT("FOLLOWEDBY")) < text.len)
		return false;
	while (text.len) {
		size_t at = wt_slice_search(text, WT_LIT(" OR "));

		if (!comparison(in, wt_slice_head(text, at)))
			return false;
		text = wt_slice_tail(text, at + 4);
	}
	return true;
}

static void object(struct walk *w, struct wt_intel *in)
{
	struct wt_slice key;

	w->is_indicator = w->is_revoked = w->has_pattern = false;
	if (!next_is(w, '{')) {
		value(w);
		return;
	}
	if (!next_is(w, '}')) {
		do {
			if (!raw_string(w, &key) || !next_is(w, ':')) {
				w->is_bad = true;
				return;
			}
			member(w, key);
		} while (!w->is_bad && next_is(w, ','));
		if (!next_is(w, '}'))
			w->is_bad = true;
	}
	if (!w->is_bad && w->is_indicator && !w->is_revoked &&
	    (!w->has_pattern || !pattern(in, wt_slice_of(w->pattern, w->pattern_len))))
		in->n_unused++;
}

void wt_intel_read_stix(struct wt_intel *in, const char *name, struct wt_slice text)
{
	struct walk w = { .rest = text };
	bool has_objects = false;
	struct wt_slice key;

	if (!next_is(&w, '{'))
		w.is_bad = true;
	while (!w.is_bad && raw_string(&w, &key) && next_is(&w, ':')) {
		if (wt_slice_equal(key, WT_LIT("objects")) && next_is(&w, '[')) {
			has_objects = true;
			if (!next_is(&w, ']')) {
				do
					object(&w, in);
				while (!w.is_bad && next_is(&w, ','));
				w.is_bad |= !next_is(&w, ']');
			}
		} else {
			value(&w);
		}
		if (!next_is(&w, ','))
			break;
	}
	if (!w.is_bad && !next_is(&w, '}'))
		w.is_bad = true;
	if (w.is_bad)
		wt_intel_complain(in, name, 0,
				  "found JSON that breaks off or is wrong at byte %zu; "
				  "what stood before was taken",
				  text.len - w.rest.len);
	else if (!has_objects)
		wt_intel_complain(in, name, 0,
				  "found no STIX bundle: write {\"type\":\"bundle\","
				  "\"objects\":[...]}");
}
