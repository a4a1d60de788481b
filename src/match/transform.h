/* Transforms of buffers, and base64. */
#ifndef MATCH_TRANSFORM_H
#define MATCH_TRANSFORM_H

#include "match/rule.h"

#define WT_TRANSFORM_MAX 8192u /* longest result; longer buffers are cut */

/* The transformed bytes, in `room` of WT_TRANSFORM_MAX bytes; `s` may lie there too. */
struct wt_slice wt_transform(enum wt_transform transform, struct wt_slice s, uint8_t *room);

/* RFC 4648 base64 (and its URL alphabet); blanks and line ends are passed over, other
 * bytes end it. Gives the number of bytes written. */
size_t wt_base64_decode(struct wt_slice s, uint8_t *into, size_t size);

#endif
