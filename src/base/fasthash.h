/* A fast fingerprint of bytes, XXH3-128: tells accidental differences between files
 * apart, is no protection against someone who builds two files on purpose.
 *
 * Source: XXH3 128 bits, seed 0, canonical (big-endian) form: what `xxh128sum` of
 * the xxHash project prints.
 * Trust: any bytes. Memory: one state of about 600 bytes per wt_fasthash. */
#ifndef WT_BASE_FASTHASH_H
#define WT_BASE_FASTHASH_H

#include "wardtap/bytes.h"

#define WT_FASTHASH_LEN 16

struct wt_fasthash;

/* An empty hash. Owned by the caller (wt_fasthash_free). NULL: out of memory. */
WT_MUST_USE struct wt_fasthash *wt_fasthash_new(void);
void wt_fasthash_free(struct wt_fasthash *hash);

/* Back to the empty hash. */
void wt_fasthash_init(struct wt_fasthash *hash);

void wt_fasthash_update(struct wt_fasthash *hash, struct wt_slice bytes);

/* The hash of everything since init; more may follow. */
void wt_fasthash_final(const struct wt_fasthash *hash, uint8_t out[WT_FASTHASH_LEN]);

/* The hash of one slice. */
void wt_fasthash_of(struct wt_slice bytes, uint8_t out[WT_FASTHASH_LEN]);

#endif
