/* Bodies of messages that came packed (RFC 1952 gzip, RFC 1950 zlib): their first bytes as
 * rules are written for them. */
#ifndef MATCH_UNPACK_H
#define MATCH_UNPACK_H

#include "wardtap/bytes.h"

#define WT_UNPACKED_MAX 16384u /* bytes of one body; the rest is not looked at */

struct wt_unpack; /* of a worker: one body at a time */
struct wt_unpack *wt_unpack_new(void);
void wt_unpack_free(struct wt_unpack *u);

/* Do the bytes begin like a packed body? */
bool wt_unpack_is_packed(struct wt_slice bytes);

/* What they hold, as far as they go; empty when they are not packed after all. Valid until
 * the next call. */
struct wt_slice wt_unpack(struct wt_unpack *u, struct wt_slice bytes);

#endif
