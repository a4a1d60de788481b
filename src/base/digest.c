/* Digests through libcrypto (digest.h). A failure of libcrypto here means that the
 * library is broken or out of memory at start: the program says so and ends. */
#define _DEFAULT_SOURCE /* explicit_bzero, getrandom */
#include "base/digest.h"

#include <openssl/evp.h>
#include <pthread.h>
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
	fputs("wardtap: libcrypto failed (digests, AES); is OpenSSL installed whole?\n",
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

/* Contexts of a thread, made at their first use and freed when it ends. */
enum kept_digest { KEPT_MD5, KEPT_SHA1, KEPT_SHA256, KEPT_HMAC, N_KEPT };

struct kept {
	EVP_MD_CTX *digest[N_KEPT];
	EVP_CIPHER_CTX *block, *gcm;
	bool is_registered;
};

static _Thread_local struct kept kept;
static pthread_once_t kept_once = PTHREAD_ONCE_INIT;
static pthread_key_t kept_key;

static void free_kept(void *value)
{
	struct kept *k = value;
	unsigned i;

	for (i = 0; i < N_KEPT; i++)
		EVP_MD_CTX_free(k->digest[i]);
	EVP_CIPHER_CTX_free(k->block);
	EVP_CIPHER_CTX_free(k->gcm);
	*k = (struct kept){ .is_registered = false };
}

static void make_key(void)
{
	must(pthread_key_create(&kept_key, free_kept) == 0);
}

static void register_thread(void)
{
	if (kept.is_registered)
		return;
	must(pthread_once(&kept_once, make_key) == 0 &&
	     pthread_setspecific(kept_key, &kept) == 0);
	kept.is_registered = true;
}

/* Begins a digest. Later ones take the type of last time: no search under libcrypto's
 * lock. */
static EVP_MD_CTX *begin(enum kept_digest which, const EVP_MD *(*type_of)(void))
{
	EVP_MD_CTX **ctx = &kept.digest[which];
	const EVP_MD *type = NULL;

	if (!*ctx) {
		register_thread();
		must((*ctx = EVP_MD_CTX_new()) != NULL);
		type = type_of();
	}
	must(EVP_DigestInit_ex(*ctx, type, NULL));
	return *ctx;
}

static void digest_once(enum kept_digest which, const EVP_MD *(*type_of)(void),
			struct wt_slice bytes, uint8_t *digest)
{
	EVP_MD_CTX *ctx = begin(which, type_of);

	must(EVP_DigestUpdate(ctx, bytes.ptr, bytes.len) &&
	     EVP_DigestFinal_ex(ctx, digest, NULL));
}

void wt_sha1(struct wt_slice bytes, uint8_t digest[WT_SHA1_LEN])
{
	digest_once(KEPT_SHA1, EVP_sha1, bytes, digest);
}

void wt_md5(struct wt_slice bytes, uint8_t digest[WT_MD5_LEN])
{
	digest_once(KEPT_MD5, EVP_md5, bytes, digest);
}

void wt_sha256(struct wt_slice bytes, uint8_t digest[WT_SHA256_LEN])
{
	digest_once(KEPT_SHA256, EVP_sha256, bytes, digest);
}

void wt_hmac_sha256(struct wt_slice key, struct wt_slice bytes, uint8_t digest[WT_SHA256_LEN])
{
	EVP_MD_CTX *ctx = begin(KEPT_HMAC, EVP_sha256);
	uint8_t inner[64] = { 0 }, outer[64];
	size_t i;

	key = wt_slice_head(key, sizeof(inner));
	if (key.len)
		memcpy(inner, key.ptr, key.len);
	for (i = 0; i < sizeof(inner); i++) {
		outer[i] = inner[i] ^ 0x5c;
		inner[i] ^= 0x36;
	}
	must(EVP_DigestUpdate(ctx, inner, sizeof(inner)) &&
	     EVP_DigestUpdate(ctx, bytes.ptr, bytes.len) &&
	     EVP_DigestFinal_ex(ctx, digest, NULL) && EVP_DigestInit_ex(ctx, NULL, NULL) &&
	     EVP_DigestUpdate(ctx, outer, sizeof(outer)) &&
	     EVP_DigestUpdate(ctx, digest, WT_SHA256_LEN) &&
	     EVP_DigestFinal_ex(ctx, digest, NULL));
}

static const EVP_CIPHER *new_cipher(EVP_CIPHER_CTX **ctx, const EVP_CIPHER *(*type_of)(void))
{
	if (*ctx)
		return NULL; /* of last time */
	register_thread();
	must((*ctx = EVP_CIPHER_CTX_new()) != NULL);
	return type_of();
}

void wt_aes128_block(const uint8_t key[WT_AES128_LEN], const uint8_t in[WT_AES128_LEN],
		     uint8_t out[WT_AES128_LEN])
{
	const EVP_CIPHER *type = new_cipher(&kept.block, EVP_aes_128_ecb);
	int len;

	must(EVP_EncryptInit_ex(kept.block, type, NULL, key, NULL) &&
	     EVP_CIPHER_CTX_set_padding(kept.block, 0) &&
	     EVP_EncryptUpdate(kept.block, out, &len, in, WT_AES128_LEN));
}

bool wt_aes128_gcm_open(const uint8_t key[WT_AES128_LEN],
			const uint8_t nonce[WT_GCM_NONCE_LEN], struct wt_slice extra,
			struct wt_slice sealed, uint8_t *plain)
{
	const EVP_CIPHER *type;
	uint8_t tag[WT_GCM_TAG_LEN];
	size_t text_len;
	int len;

	if (sealed.len < sizeof(tag) || sealed.len > INT32_MAX || extra.len > INT32_MAX)
		return false;
	text_len = sealed.len - sizeof(tag);
	memcpy(tag, sealed.ptr + text_len, sizeof(tag));
	type = new_cipher(&kept.gcm, EVP_aes_128_gcm);
	must(EVP_DecryptInit_ex(kept.gcm, type, NULL, key, nonce) &&
	     EVP_DecryptUpdate(kept.gcm, NULL, &len, extra.ptr, (int)extra.len) &&
	     EVP_DecryptUpdate(kept.gcm, plain, &len, sealed.ptr, (int)text_len) &&
	     EVP_CIPHER_CTX_ctrl(kept.gcm, EVP_CTRL_AEAD_SET_TAG, sizeof(tag), tag));
	return EVP_DecryptFinal_ex(kept.gcm, plain + text_len, &len) == 1;
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

void wt_pseudonym(struct wt_hmac *mac, struct wt_slice bytes, char text[WT_PSEUDONYM_LEN])
{
	static const char hex[] = "0123456789abcdef";
	uint8_t digest[WT_SHA256_LEN];
	unsigned i;

	wt_hmac(mac, bytes, digest);
	text[0] = 'p';
	text[1] = ':';
	for (i = 0; i < WT_PSEUDONYM_LEN / 2 - 1; i++) {
		text[2 + 2 * i] = hex[digest[i] >> 4];
		text[3 + 2 * i] = hex[digest[i] & 15];
	}
}
