/* Digests through libcrypto (digest.h). A failure of libcrypto here means that the
 * library is broken or out of memory at start: the program says so and ends. */
#define _DEFAULT_SOURCE /* explicit_bzero, getrandom */
#include "base/digest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

struct wt_sha256 {
	EVP_MD_CTX *ctx;
};

struct wt_hmac {
	EVP_MD_CTX *inner, *outer, *work;
};

static void must(int ok)
{
	if (ok)
		return;
	fputs("wardtap: libcrypto failed (SHA-1, SHA-256); is OpenSSL installed whole?\n",
	      stderr);
	abort();
}

void wt_random(void *into, size_t len)
{
	if (getrandom(into, len, 0) == (ssize_t)len)
		return;
	fputs("wardtap: the operating system gives no random bytes\n", stderr);
	abort();
}

void wt_sha1(struct wt_slice bytes, uint8_t digest[WT_SHA1_LEN])
{
	static _Thread_local EVP_MD_CTX *ctx; /* kept for the thread's life */

	/* Without a type it takes that of last time: no search under libcrypto's lock. */
	const EVP_MD *type = NULL;

	if (!ctx) {
		must((ctx = EVP_MD_CTX_new()) != NULL);
		type = EVP_sha1();
	}
	must(EVP_DigestInit_ex(ctx, type, NULL) &&
	     EVP_DigestUpdate(ctx, bytes.ptr, bytes.len) &&
	     EVP_DigestFinal_ex(ctx, digest, NULL));
}

struct wt_sha256 *wt_sha256_new(void)
{
	struct wt_sha256 *sha = malloc(sizeof(*sha));

	must(sha != NULL);
	must((sha->ctx = EVP_MD_CTX_new()) != NULL &&
	     EVP_DigestInit_ex(sha->ctx, EVP_sha256(), NULL));
	return sha;
}

void wt_sha256_add(struct wt_sha256 *sha, struct wt_slice bytes)
{
	if (bytes.len)
		must(EVP_DigestUpdate(sha->ctx, bytes.ptr, bytes.len));
}

void wt_sha256_end(struct wt_sha256 *sha, uint8_t digest[WT_SHA256_LEN])
{
	must(EVP_DigestFinal_ex(sha->ctx, digest, NULL));
	EVP_MD_CTX_free(sha->ctx);
	free(sha);
}

struct wt_hmac *wt_hmac_new(struct wt_slice key)
{
	struct wt_hmac *mac = malloc(sizeof(*mac));
	uint8_t pad[64] = { 0 };
	size_t i;

	must(mac != NULL);
	mac->inner = EVP_MD_CTX_new();
	mac->outer = EVP_MD_CTX_new();
	mac->work = EVP_MD_CTX_new();
	must(mac->inner && mac->outer && mac->work);
	if (key.len > sizeof(pad))
		must(EVP_Digest(key.ptr, key.len, pad, NULL, EVP_sha256(), NULL));
	else if (key.len)
		memcpy(pad, key.ptr, key.len);
	for (i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36;
	must(EVP_DigestInit_ex(mac->inner, EVP_sha256(), NULL) &&
	     EVP_DigestUpdate(mac->inner, pad, sizeof(pad)));
	for (i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36 ^ 0x5c;
	must(EVP_DigestInit_ex(mac->outer, EVP_sha256(), NULL) &&
	     EVP_DigestUpdate(mac->outer, pad, sizeof(pad)));
	explicit_bzero(pad, sizeof(pad));
	return mac;
}

void wt_hmac(struct wt_hmac *mac, struct wt_slice bytes, uint8_t digest[WT_SHA256_LEN])
{
	must(EVP_MD_CTX_copy_ex(mac->work, mac->inner) &&
	     EVP_DigestUpdate(mac->work, bytes.ptr, bytes.len) &&
	     EVP_DigestFinal_ex(mac->work, digest, NULL) &&
	     EVP_MD_CTX_copy_ex(mac->work, mac->outer) &&
	     EVP_DigestUpdate(mac->work, digest, WT_SHA256_LEN) &&
	     EVP_DigestFinal_ex(mac->work, digest, NULL));
}

void wt_hmac_free(struct wt_hmac *mac)
{
	if (!mac)
		return;
	EVP_MD_CTX_free(mac->inner);
	EVP_MD_CTX_free(mac->outer);
	EVP_MD_CTX_free(mac->work);
	free(mac);
}
