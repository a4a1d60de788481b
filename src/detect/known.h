/* Values in the sets that rules fill, as pseudonyms: which set, and ten bytes.
 * Trust: who sends decides how many there are: the table is bounded and, when it is full,
 * takes no more (counted by the caller): what is known is not pushed out by what is new.
 * Memory: limits.set_values entries, reserved when made. */
#ifndef DETECT_KNOWN_H
#define DETECT_KNOWN_H

#include "wardtap/types.h"

#include <stdbool.h>

#define WT_KNOWN_LEN 10u /* bytes of a pseudonym */

struct wt_known;

struct wt_known *wt_known_new(uint32_t n_entries, unsigned n_sets, uint64_t seed);
void wt_known_free(struct wt_known *k);

bool wt_known_has(const struct wt_known *k, unsigned set, const uint8_t id[WT_KNOWN_LEN]);
/* Is there room in all, and in a set of at most n_max values (0: no bound of its own)? */
bool wt_known_has_room(const struct wt_known *k, unsigned set, uint32_t n_max);
/* What is there already, or has no room, changes nothing. */
void wt_known_add(struct wt_known *k, unsigned set, const uint8_t id[WT_KNOWN_LEN]);
void wt_known_remove(struct wt_known *k, unsigned set, const uint8_t id[WT_KNOWN_LEN]);

uint32_t wt_known_count(const struct wt_known *k, unsigned set);
/* Calls `take` for each value of a set, in no order. */
void wt_known_each(const struct wt_known *k, unsigned set,
		   void (*take)(void *self, const uint8_t id[WT_KNOWN_LEN]), void *self);

/* Sets have other numbers from now on: new_of[old], UINT32_MAX where one is gone. */
void wt_known_renumber(struct wt_known *k, const uint32_t *new_of, unsigned n_sets);

#endif
