/* Fields and event types of the TLS dissector.
 * Source: RFC 8446, RFC 5246, RFC 6101 (SSL 3.0), RFC 5280; JA3, JA4.
 * Trust: values are hostile bytes. PHI: names of servers and what their certificates say
 * identify equipment; a client's certificate may name a person. Memory: none. */
#ifndef TLS_FIELDS_H
#define TLS_FIELDS_H

#include "wardtap/dissector.h"

enum tls_event_type {
	TLS_EVENT_CLIENT,
	TLS_EVENT_SERVER,
	TLS_EVENT_CERTIFICATE,
	TLS_EVENT_ALERT,
};

#define TLS_HELLO_FIELDS(F)                                                                    \
	F(VERSION, STR, ONE, NONE, ASIS, 16, "", "tls.version", "RFC 8446 4.2.1",              \
	  "Version chosen by the server; in a ClientHello the highest offered.")               \
	F(VERSIONS, STR, MANY, NONE, ASIS, 16, "", "tls.versions_offered", "RFC 8446 4.2.1",   \
	  "Versions that a client lists.")                                                     \
	F(HELLO_VERSION, STR, ONE, NONE, ASIS, 16, "", "tls.hello_version", "RFC 8446 4.1.2",  \
	  "Version that the hello itself states (1.3 states 1.2).")                            \
	F(SNI, STR, ONE, DEVICE, ASIS, 255, "", "tls.sni", "RFC 6066 3",                       \
	  "Name of the server as the client asks for it; repeated with the server's answer.")  \
	F(PERSONAL_NAME, STR, MANY, QUASI, ASIS, 255, "", "tls.personal_name", "wardtap",      \
	  "Names of servers, asked for or certified, that tell whose machine it is.")          \
	F(HAS_ECH, BOOL, ONE, NONE, ASIS, 1, "", "tls.has_encrypted_hello", "RFC 9849",        \
	  "The true name may be hidden in an encrypted hello.")                                \
	F(ALPN, STR, MANY, NONE, ASIS, 64, "", "tls.alpn", "RFC 7301",                         \
	  "Application protocols offered, or the one chosen.")                                 \
	F(CIPHER, STR, ONE, NONE, ASIS, 6, "", "tls.cipher", "RFC 8446 B.4",                   \
	  "Cipher suite chosen, as 0x and four hex digits.")                                   \
	F(N_CIPHERS, U64, ONE, NONE, ASIS, 8, "", "tls.cipher_count", "RFC 8446 4.1.2",        \
	  "Cipher suites offered.")                                                            \
	F(WEAK, STR, MANY, NONE, ASIS, 16, "", "tls.weak_ciphers", "RFC 9325 4.1",             \
	  "Kinds of broken suites offered or chosen: null, export, rc4, des, anonymous.")      \
	F(IS_RETRY, BOOL, ONE, NONE, ASIS, 1, "", "tls.is_retry", "RFC 8446 4.1.4",            \
	  "HelloRetryRequest: the client is asked for another hello.")                         \
	F(JA3, STR, ONE, NONE, ASIS, 32, "", "tls.ja3_hash", "JA3",                            \
	  "MD5 fingerprint of the client's hello.")                                            \
	F(JA3_STRING, STR, ONE, DIRECT, ASIS, 4096, "", "tls.ja3_string", "JA3",               \
	  "What the fingerprint is made of, for rules.")                                       \
	F(JA3S, STR, ONE, NONE, ASIS, 32, "", "tls.ja3s_hash", "JA3S",                         \
	  "MD5 fingerprint of the server's hello.")                                            \
	F(JA3S_STRING, STR, ONE, DIRECT, ASIS, 4096, "", "tls.ja3s_string", "JA3S",            \
	  "What the fingerprint is made of, for rules.")                                       \
	F(JA4, STR, ONE, NONE, ASIS, 40, "", "tls.ja4", "JA4",                                 \
	  "Fingerprint of the client's hello.")

#define TLS_CERT_FIELDS(F)                                                                     \
	F(SUBJECT, STR, ONE, DEVICE, ASIS, 512, "", "tls.cert_subject", "RFC 5280 4.1.2.6",    \
	  "Subject of the server's certificate.")                                              \
	F(CLIENT_SUBJECT, STR, ONE, QUASI, ASIS, 512, "", "tls.client_cert_subject",           \
	  "RFC 5280 4.1.2.6",                                                                  \
	  "Subject of a certificate that a client shows, or whose side is not known.")         \
	F(CN, STR, ONE, DEVICE, ASIS, 128, "", "tls.cert_cn", "RFC 5280 4.1.2.6",              \
	  "Common name in the server's certificate.")                                          \
	F(ISSUER, STR, ONE, DEVICE, ASIS, 512, "", "tls.cert_issuer", "RFC 5280 4.1.2.4",      \
	  "Issuer of the certificate.")                                                        \
	F(SERIAL, STR, ONE, DEVICE, ASIS, 80, "", "tls.cert_serial", "RFC 5280 4.1.2.2",       \
	  "Serial number, hex digits with colons.")                                            \
	F(NOT_BEFORE, TIME, ONE, NONE, ASIS, 8, "", "tls.cert_not_before", "RFC 5280 4.1.2.5", \
	  "Valid from.")                                                                       \
	F(NOT_AFTER, TIME, ONE, NONE, ASIS, 8, "", "tls.cert_not_after", "RFC 5280 4.1.2.5",   \
	  "Valid until.")                                                                      \
	F(IS_EXPIRED, BOOL, ONE, NONE, ASIS, 1, "", "tls.cert_is_expired", "RFC 5280 4.1.2.5", \
	  "The packet is later than that.")                                                    \
	F(IS_EARLY, BOOL, ONE, NONE, ASIS, 1, "", "tls.cert_is_not_yet_valid",                 \
	  "RFC 5280 4.1.2.5", "The packet is earlier than the certificate's first day.")       \
	F(IS_SELF_SIGNED, BOOL, ONE, NONE, ASIS, 1, "", "tls.cert_is_self_signed",             \
	  "RFC 5280 3.2", "Subject and issuer are the same.")                                  \
	F(SAN, STR, MANY, DEVICE, ASIS, 255, "", "tls.cert_san", "RFC 5280 4.2.1.6",           \
	  "Host names and addresses that the server's certificate is for.")                    \
	F(SHA1, STR, ONE, DEVICE, ASIS, 59, "", "tls.cert_fingerprint", "wardtap",             \
	  "SHA-1 of the certificate, hex digits with colons.")                                 \
	F(SHA256, STR, ONE, DEVICE, ASIS, 64, "", "tls.cert_sha256", "wardtap",                \
	  "SHA-256 of the certificate.")                                                       \
	F(CLIENT_SHA256, STR, ONE, QUASI, ASIS, 64, "", "tls.client_cert_sha256", "wardtap",   \
	  "SHA-256 of the certificate that a client shows.")                                   \
	F(KEY_TYPE, STR, ONE, NONE, ASIS, 16, "", "tls.cert_key_type", "RFC 5280 4.1.2.7",     \
	  "rsa, ec, dsa, ed25519, ed448 or other.")                                            \
	F(KEY_BITS, U64, ONE, NONE, ASIS, 8, "bits", "tls.cert_key_bits", "RFC 5280 4.1.2.7",  \
	  "Size of the public key.")                                                           \
	F(N_CERTS, U64, ONE, NONE, ASIS, 8, "", "tls.cert_count", "RFC 5246 7.4.2",            \
	  "Certificates in the chain.")                                                        \
	F(IS_CLIENT_CERT, BOOL, ONE, NONE, ASIS, 1, "", "tls.is_client_cert",                  \
	  "RFC 5246 7.4.6", "It is the client that shows a certificate.")                      \
	F(CERTS, STR, MANY, DIRECT, ASIS, 4096, "", "tls.certs", "RFC 5246 7.4.2",             \
	  "First bytes of each certificate of the chain, for rules.")                          \
	F(ALERT, STR, ONE, NONE, ASIS, 32, "", "tls.alert", "RFC 8446 6",                      \
	  "Fatal alert in clear, in the standard's words.")                                    \
	F(ALERT_CODE, U64, ONE, NONE, ASIS, 8, "", "tls.alert_code", "RFC 8446 6",             \
	  "Its number.")

#define TLS_FIELDS(F) TLS_HELLO_FIELDS(F) TLS_CERT_FIELDS(F)

enum { TLS_FIELDS(WT_FIELD_ENUM) TLS_N_FIELDS };

/* Inline, since the files of this dissector share them. */
#define TLS_SETTER(id, type, mult, phi, declass, cap, unit, name, clause, doc)                 \
	static inline void put_##id(struct wt_out *out, unsigned event, WT_CTYPE_##type value) \
	{                                                                                      \
		WT_PUT_##type(out, event, WT_FIELD_BASE + (unsigned)F_##id, value);            \
	}
TLS_FIELDS(TLS_SETTER)
#undef TLS_SETTER

/* tls_cert.c: body of a Certificate message, its first bytes at least. */
void tls_certificates(struct wt_slice body, bool is_client, unsigned event, struct wt_out *out);

/* tls_words.c */
const char *tls_alert_name(uint8_t code);
/* Kind of a suite that nobody should use any more, or NULL. */
const char *tls_weakness(uint16_t cipher);

#endif
