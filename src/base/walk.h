/* A walk over a JSON text without a tree: for answers of servers, which may be any
 * bytes of any length. The caller asks for what it expects next; anything else is an
 * error that stays, after which every question is answered with false, so loops end.
 * Source: RFC 8259, strictly. Strings are given as they stand between the quotes,
 * escapes left in: keys and words that matter here hold none.
 * Trust: every byte is hostile. Memory: none; nesting is bounded by WT_WALK_DEPTH. */
#ifndef BASE_WALK_H
#define BASE_WALK_H

#include "wardtap/bytes.h"

#define WT_WALK_DEPTH 32u

struct wt_walk {
	struct wt_slice rest;
	unsigned depth; /* open objects and lists */
	bool is_fresh;  /* the one at hand has no member so far */
	bool is_bad;
};

static inline struct wt_walk wt_walk_of(struct wt_slice text)
{
	return (struct wt_walk){ .rest = text };
}

/* What the next value begins with: '{', '[', '"', '0' (a number), '-' (one below 0), 't',
 * 'f', 'n', or 0. */
char wt_walk_peek(struct wt_walk *w);

/* Goes into an object, and to its next member, whose value is to be taken or skipped
 * before the following call. False: its end, which is consumed, or an error. */
WT_MUST_USE bool wt_walk_object(struct wt_walk *w);
WT_MUST_USE bool wt_walk_member(struct wt_walk *w, struct wt_slice *key);

/* The same for a list. */
WT_MUST_USE bool wt_walk_list(struct wt_walk *w);
WT_MUST_USE bool wt_walk_element(struct wt_walk *w);

WT_MUST_USE bool wt_walk_string(struct wt_walk *w, struct wt_slice *raw);
/* A whole number from 0 to UINT64_MAX; another number is an error. */
WT_MUST_USE bool wt_walk_u64(struct wt_walk *w, uint64_t *value);
WT_MUST_USE bool wt_walk_bool(struct wt_walk *w, bool *value);

/* Passes over a value of any kind. */
void wt_walk_skip(struct wt_walk *w);

/* Whether the text is over and was good. */
WT_MUST_USE bool wt_walk_end(struct wt_walk *w);

#endif
