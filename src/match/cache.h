/* Compiled prefilters of a set of rules in a file, for the next start. The file is used
 * only when it belongs to this user, nobody else can write it or its folder, its digest
 * holds, and it was made of the same literals by the same library for the same machine.
 * Whatever is wrong with it, rules are compiled as without it. */
#ifndef MATCH_CACHE_H
#define MATCH_CACHE_H

#include "base/digest.h"
#include "match/program.h"

struct wt_cache;

/* `literals` has taken all literals; it is ended here. NULL folder: nothing is kept.
 * Owned by the caller until wt_cache_close; NULL where there is no cache. */
struct wt_cache *wt_cache_open(const char *folder, struct wt_sha256 *literals);

/* The next prefilter of the file, or an empty slice. */
struct wt_slice wt_cache_take(struct wt_cache *c);

/* The prefilters made, in the order in which they are taken. */
void wt_cache_keep(struct wt_cache *c, const struct wt_prefilter *f);

/* Writes the file, unless it was good or `is_good` is false. */
void wt_cache_close(struct wt_cache *c, bool is_good);

#endif
