/* Keyed 64-bit hash for tables that an attacker may aim at. Folded multiplication
 * of 64-bit words (the construction of wyhash, public domain; own code). Not a
 * cryptographic hash: nothing outside the process may depend on its values. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <string.h>

#include "wardtap/bytes.h"

static inline uint64_t wt_hash_fold(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t wt_hash_word(const uint8_t *at, size_t len)
{
	uint64_t word = 0;

	memcpy(&word, at, len);
	return word;
}

static inline uint64_t wt_hash(uint64_t seed, struct wt_slice s)
{
	uint64_t h = seed ^ (s.len * UINT64_C(0x9e3779b97f4a7c15));
	const uint8_t *at = s.ptr;
	size_t left = s.len;

	while (left >= 16) {
		h = wt_hash_fold(h ^ wt_hash_word(at, 8) ^ UINT64_C(0x2d358dccaa6c78a5),
				 wt_hash_word(at + 8, 8) ^ seed ^ UINT64_C(0x8bb84b93962eacc9));
		at += 16;
		left -= 16;
	}
	if (left > 8) {
		h = wt_hash_fold(h ^ wt_hash_word(at, 8), UINT64_C(0x4b33a62ed433d4a3) ^ seed);
		at += 8;
		left -= 8;
	}
	if (left)
		h ^= wt_hash_word(at, left);
	return wt_hash_fold(h ^ UINT64_C(0x8ebc6af09c88c6e3), seed ^ UINT64_C(0x589965cc75374cc3));
}

/* wt_hash over four words that lie in registers: a view made of small stores and read
 * in large words stalls the processor. Little-endian machines: the same value. */
static inline uint64_t wt_hash_words(uint64_t seed, const uint64_t word[4])
{
	uint64_t h = seed ^ (32 * UINT64_C(0x9e3779b97f4a7c15));

	h = wt_hash_fold(h ^ word[0] ^ UINT64_C(0x2d358dccaa6c78a5),
			 word[1] ^ seed ^ UINT64_C(0x8bb84b93962eacc9));
	h = wt_hash_fold(h ^ word[2] ^ UINT64_C(0x2d358dccaa6c78a5),
			 word[3] ^ seed ^ UINT64_C(0x8bb84b93962eacc9));
	return wt_hash_fold(h ^ UINT64_C(0x8ebc6af09c88c6e3), seed ^ UINT64_C(0x589965cc75374cc3));
}

#endif
