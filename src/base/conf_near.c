/* "Did you mean": the nearest key or choice to a word that is none.
 * Source: restricted edit distance (Damerau 1964, neighbours swapped count one).
 * Trust: words come from the operator. Memory: a few hundred bytes of stack. */
#include "base/conf_inner.h"

#include <stdio.h>

#define WORD_MAX 64 /* longer words have no near one */
#define FAR 99u

bool wt_conf_next_part(struct wt_slice *rest, uint8_t mark, struct wt_slice *part)
{
	size_t at;

	if (rest->ptr == NULL || rest->len == 0)
		return false;
	at = wt_slice_find(*rest, mark);
	*part = wt_slice_head(*rest, at);
	/* A mark at the very end leaves an empty last part, which is wrong and must
	 * be seen as such; so only the missing mark ends the walk. */
	if (at == rest->len) {
		*rest = wt_slice_of(NULL, 0);
	} else if (at + 1 == rest->len && part->len != 0) {
		*rest = wt_slice_of(rest->ptr + at, 1);
	} else {
		*rest = wt_slice_tail(*rest, at + 1);
	}
	return true;
}

static unsigned least(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

static unsigned distance(struct wt_slice a, struct wt_slice b)
{
	unsigned row[3][WORD_MAX + 1];
	size_t i, j;

	if (a.len > WORD_MAX || b.len > WORD_MAX)
		return FAR;
	for (j = 0; j <= b.len; j++)
		row[0][j] = (unsigned)j;
	for (i = 1; i <= a.len; i++) {
		unsigned *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];

		now[0] = (unsigned)i;
		for (j = 1; j <= b.len; j++) {
			now[j] = least(last[j] + 1, now[j - 1] + 1,
				       last[j - 1] + (a.ptr[i - 1] != b.ptr[j - 1]));
			if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] &&
			    a.ptr[i - 2] == b.ptr[j - 1])
				now[j] = least(now[j], before[j - 2] + 1, FAR);
		}
	}
	return row[a.len % 3][b.len];
}

/* How far off a word of that length may be and still be meant. */
static unsigned tolerance(size_t len)
{
	return len < 4 ? 1 : len < 9 ? 2 : 3;
}

static const char *last_part(const char *key)
{
	const char *point = strrchr(key, '.');

	return point ? point + 1 : key;
}

/* "token" where a "token_file" is: secrets stand in files. */
static bool is_its_file(const char *name, const char *known)
{
	size_t len = strlen(name);

	return len > 0 && strncmp(name, known, len) == 0 && strcmp(known + len, "_file") == 0;
}

const char *wt_conf_near_key(const struct wt_conf *conf, const char *key, char *found,
			     size_t size)
{
	struct wt_slice word = wt_slice_of(key, strlen(key)), near = wt_slice_of(NULL, 0);
	unsigned best = tolerance(word.len) + 1, i, far;
	char named[WT_CONF_KEY_MAX], text[WT_CONF_KEY_MAX];

	for (i = 0; i < WT_N_CONF; i++) {
		const char *known = wt_conf_rows[i].key, *point = known;

		if (conf->parent && strstr(known, ".*.") == NULL)
			continue;
		/* The right name in the wrong group beats a typing error. */
		far = distance(word, wt_slice_of(known, strlen(known)));
		if (strcmp(last_part(key), last_part(known)) == 0 && far > 1)
			far = 1;
		if (is_its_file(last_part(key), last_part(known)))
			far = 1;
		if (far < best) {
			best = far;
			near = wt_slice_of(known, strlen(known));
		}
		while ((point = strchr(point, '.')) != NULL) {
			far = distance(word, wt_slice_of(known, (size_t)(point - known)));
			if (point[-1] == '*')
				far = FAR;
			if (far < best) {
				best = far;
				near = wt_slice_of(known, (size_t)(point - known));
			}
			point++;
		}
	}
	if (near.len == 0)
		return NULL;
	snprintf(named, sizeof(named), "%.*s", (int)near.len, (const char *)near.ptr);
	snprintf(found, size, "%s", wt_conf_named(conf, named, text));
	return found;
}

const char *wt_conf_near_choice(const char *choices, struct wt_slice word, char *found,
				size_t size)
{
	struct wt_slice rest = wt_slice_of(choices, strlen(choices)), part;
	unsigned best = tolerance(word.len) + 1;
	bool is_found = false;

	while (wt_conf_next_part(&rest, '|', &part)) {
		unsigned far = distance(word, part);

		if (far < best) {
			best = far;
			snprintf(found, size, "%.*s", (int)part.len, (const char *)part.ptr);
			is_found = true;
		}
	}
	return is_found ? found : NULL;
}
