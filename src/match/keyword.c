/* Every keyword that is no field of the dictionary: who reads it, and what it is for.
 * `wardtap rules keywords` prints this table.
 * The rows are in keyword.def. Source: Suricata 7 user guide. Memory: none. */
#include "match/parse.h"

#define ROW(name, kind, parser, doc)                                                           \
	{                                                                                      \
		name, WT_KEYWORD_##kind, wt_parse_##parser, doc                                \
	}
#define REFUSED(name, why)                                                                     \
	{                                                                                      \
		name, WT_KEYWORD_REFUSED, NULL, why                                            \
	}
#define OLD(name)                                                                              \
	ROW(name, MODIFIER, legacy_buffer,                                                     \
	    "Moves the content before it to that buffer (old style).")

static const struct wt_keyword keywords[] = {
#include "match/keyword.def"
};

#define N_KEYWORDS (sizeof(keywords) / sizeof(keywords[0]))

const struct wt_keyword *wt_keyword_at(unsigned i)
{
	return i < N_KEYWORDS ? &keywords[i] : NULL;
}

const struct wt_keyword *wt_keyword_find(struct wt_slice name)
{
	unsigned i;

	for (i = 0; i < N_KEYWORDS; i++)
		if (wt_is_word(name, keywords[i].name))
			return &keywords[i];
	return NULL;
}
