/* ClientHello and ServerHello, and the fingerprints that are made of them. Shared by the
 * dissectors of TLS and of QUIC, which carries the same messages (RFC 9001 4).
 * Source: RFC 8446 4.1, RFC 5246 7.4.1, RFC 6066 3, RFC 7301, RFC 8701 (GREASE); JA3
 * (Salesforce, BSD-3), JA4 (FoxIO, BSD-3).
 * Trust: hostile bytes; lists may contradict their lengths. Memory: the caller's. */
#ifndef TLS_HELLO_H
#define TLS_HELLO_H

#include "wardtap/dissector.h"

#define TLS_CLIENT_HELLO 1u
#define TLS_SERVER_HELLO 2u

#define TLS_JA3_MAX 4096u /* longest string of it */
#define TLS_JA4_LEN 36u
#define TLS_LIST_MAX 256u /* ciphers or extensions in a JA4 */

/* All slices lie in the message. Lists of 16-bit numbers are as on the wire. */
struct tls_hello {
	uint16_t version; /* legacy_version */
	uint16_t cipher;  /* ServerHello: chosen */
	uint16_t chosen;  /* ServerHello: supported_versions, or legacy_version */
	struct wt_slice random;
	struct wt_slice ciphers;
	struct wt_slice extensions;
	struct wt_slice sni;
	struct wt_slice alpn; /* list of ProtocolName */
	struct wt_slice groups;
	struct wt_slice formats; /* 8-bit numbers */
	struct wt_slice algorithms;
	struct wt_slice versions;
	bool has_sni;
	bool has_ech;  /* encrypted_client_hello: SNI is the outer one */
	bool is_retry; /* HelloRetryRequest */
};

/* Read the body of the message (behind its four octets). False when it is none. */
bool tls_client_hello(struct wt_slice body, struct tls_hello *hello);
bool tls_server_hello(struct wt_slice body, struct tls_hello *hello);

bool tls_is_grease(uint16_t value);

/* "TLS 1.3", ... ; NULL for numbers that mean nothing. */
const char *tls_version_name(uint16_t version);

/* Highest version offered. */
uint16_t tls_highest_version(const struct tls_hello *hello);

/* Next of a list of 16-bit numbers. */
bool tls_next(struct wt_slice *list, uint16_t *value);

/* Next protocol of an ALPN list. */
bool tls_next_protocol(struct wt_slice *list, struct wt_slice *name);

void tls_ja3(const struct tls_hello *hello, struct wt_builder *text);
void tls_ja3s(const struct tls_hello *hello, struct wt_builder *text);

/* `carriage`: 't' or 'q'. Nothing is written when lists are longer than TLS_LIST_MAX. */
void tls_ja4(const struct tls_hello *hello, char carriage, struct wt_builder *text);

/* The bytes as lower-case hex digits; `between` (0: nothing) parts them. */
void tls_hex(struct wt_slice bytes, char between, struct wt_builder *text);

/* MD5 in hex, 32 digits. */
void tls_md5_hex(struct wt_slice bytes, uint8_t text[32]);

#endif
