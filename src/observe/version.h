/* Comparing version texts with the ranges of advisories.
 *
 * A version is a row of parts, digits or letters, whatever stands between them:
 * "Rev. C.00.04" is C 0 4, "2.6A" is 2 6 A. Digits compare as numbers, single letters
 * in their order and without case, words are equal or not comparable, and a version that goes
 * on is greater ("2.6" < "2.6A"), but less where it goes on with alpha, beta, pre or rc. Words
 * such as "v", "Rev", "Version" at the beginning do not count. Digits against letters cannot be
 * compared.
 *
 * A range, as rules/inventory/advisories.tsv has it: alternatives parted by '|',
 * each of constraints parted by ',' that must all hold: =1.2 <=1.2 <1.2 >=1.2 >1.2;
 * a part "x" at the end of a bound is anything; "*" is every version, "?" none that
 * a program can compare.
 * Trust: the version comes from the wire. Memory: none. */
#ifndef OBSERVE_VERSION_H
#define OBSERVE_VERSION_H

#include "wardtap/bytes.h"

enum wt_version_fit {
	WT_VERSION_OUT,     /* outside of all alternatives */
	WT_VERSION_UNKNOWN, /* cannot be compared */
	WT_VERSION_NEAR,    /* more exact than the bound: 9.33.1 with <=9.33 */
	WT_VERSION_IN,
};

/* Where a version stands. A version without any part is UNKNOWN, with "*" IN. */
enum wt_version_fit wt_version_fit(struct wt_slice range, struct wt_slice version);

/* Whether the text is a range by the rules above. */
bool wt_version_is_range(struct wt_slice range);

/* Order of two versions: -1, 0, 1; 2 when they cannot be compared. */
int wt_version_compare(struct wt_slice a, struct wt_slice b);

#endif
