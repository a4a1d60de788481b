/* What dissectors may ask of libcrypto: digests for fingerprints, and the ciphers that
 * open QUIC Initial packets, whose keys everybody can derive (RFC 9001 5.2).
 * Memory: contexts are made once per thread; no call allocates. */
#ifndef WARDTAP_CRYPTO_H
#define WARDTAP_CRYPTO_H

#include "wardtap/bytes.h"

#define WT_MD5_LEN 16
#define WT_SHA1_LEN 20
#define WT_SHA256_LEN 32
#define WT_AES128_LEN 16 /* key and block */
#define WT_GCM_NONCE_LEN 12
#define WT_GCM_TAG_LEN 16

/* MD5 is no protection of anything: JA3 and HASSH are defined by it. */
void wt_md5(struct wt_slice bytes, uint8_t digest[WT_MD5_LEN]);
void wt_sha1(struct wt_slice bytes, uint8_t digest[WT_SHA1_LEN]);
void wt_sha256(struct wt_slice bytes, uint8_t digest[WT_SHA256_LEN]);

/* HMAC-SHA-256 (RFC 2104) with a key of 64 bytes at most. */
void wt_hmac_sha256(struct wt_slice key, struct wt_slice bytes, uint8_t digest[WT_SHA256_LEN]);

/* One block, encrypted (ECB). */
void wt_aes128_block(const uint8_t key[WT_AES128_LEN], const uint8_t in[WT_AES128_LEN],
		     uint8_t out[WT_AES128_LEN]);

/* AES-128-GCM (NIST SP 800-38D): `sealed` is the ciphertext and its tag. Writes
 * sealed.len - WT_GCM_TAG_LEN bytes; false, and `plain` is not to be used, when the tag
 * is wrong or there is none. */
bool wt_aes128_gcm_open(const uint8_t key[WT_AES128_LEN], const uint8_t nonce[WT_GCM_NONCE_LEN],
			struct wt_slice extra, struct wt_slice sealed, uint8_t *plain);

#endif
