/* XXH3-128 through xxHash, of which this is the only user. The library is inlined:
 * a call per read of 256 KiB costs nothing, but its loops then follow our flags.
 * Trust: any bytes. Memory: see fasthash.h. */
#include "base/fasthash.h"

#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

struct wt_fasthash {
	XXH3_state_t state; /* wants 64-byte alignment, which malloc does not give */
};

struct wt_fasthash *wt_fasthash_new(void)
{
	struct wt_fasthash *hash = aligned_alloc(_Alignof(struct wt_fasthash), sizeof(*hash));

	if (hash) {
		XXH3_INITSTATE(&hash->state);
		wt_fasthash_init(hash);
	}
	return hash;
}

void wt_fasthash_free(struct wt_fasthash *hash)
{
	free(hash);
}

void wt_fasthash_init(struct wt_fasthash *hash)
{
	(void)XXH3_128bits_reset(&hash->state);
}

void wt_fasthash_update(struct wt_fasthash *hash, struct wt_slice bytes)
{
	if (bytes.len)
		(void)XXH3_128bits_update(&hash->state, bytes.ptr, bytes.len);
}

static void store(XXH128_hash_t value, uint8_t out[WT_FASTHASH_LEN])
{
	XXH128_canonical_t canonical;

	XXH128_canonicalFromHash(&canonical, value);
	memcpy(out, canonical.digest, WT_FASTHASH_LEN);
}

void wt_fasthash_final(const struct wt_fasthash *hash, uint8_t out[WT_FASTHASH_LEN])
{
	store(XXH3_128bits_digest(&hash->state), out);
}

void wt_fasthash_of(struct wt_slice bytes, uint8_t out[WT_FASTHASH_LEN])
{
	store(XXH3_128bits(bytes.len ? (const void *)bytes.ptr : "", bytes.len), out);
}
