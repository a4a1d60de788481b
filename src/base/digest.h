/* Cryptographic digests; the only user of OpenSSL's libcrypto. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "wardtap/bytes.h"
#include "wardtap/crypto.h"

/* Streaming SHA-256. */
struct wt_sha256;
struct wt_sha256 *wt_sha256_new(void);
void wt_sha256_add(struct wt_sha256 *sha, struct wt_slice bytes);
/* Gives the digest and frees `sha`. */
void wt_sha256_end(struct wt_sha256 *sha, uint8_t digest[WT_SHA256_LEN]);

/* HMAC-SHA-256 (RFC 2104) with one key and many messages. */
struct wt_hmac;
struct wt_hmac *wt_hmac_new(struct wt_slice key);
void wt_hmac(struct wt_hmac *mac, struct wt_slice bytes, uint8_t digest[WT_SHA256_LEN]);
void wt_hmac_free(struct wt_hmac *mac);

/* Keyed pseudonym of a value: "p:" and 20 hex digits of its HMAC, without a NUL. */
#define WT_PSEUDONYM_LEN 22
void wt_pseudonym(struct wt_hmac *mac, struct wt_slice bytes, char text[WT_PSEUDONYM_LEN]);

/* Bytes from the operating system's generator. Ends the program when it fails. */
void wt_random(void *into, size_t len);

#endif
