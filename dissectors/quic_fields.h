/* Fields of the QUIC dissector.
 * Source: RFC 9000, RFC 9001, RFC 8446; JA3, JA4. Trust: values are hostile bytes. PHI: as
 * for TLS. Memory: none. */
#ifndef QUIC_FIELDS_H
#define QUIC_FIELDS_H

#include "wardtap/dissector.h"

#define QUIC_FIELDS(F)                                                                         \
	F(VERSION, STR, ONE, NONE, ASIS, 16, "", "quic.version", "RFC 9000 15",                \
	  "Version of QUIC: 1, 2, draft-29, or 0x and eight hex digits.")                      \
	F(VERSIONS, STR, MANY, NONE, ASIS, 16, "", "quic.versions", "RFC 9000 17.2.1",         \
	  "Versions that a server names when it does not know the client's.")                  \
	F(TLS_VERSION, STR, ONE, NONE, ASIS, 16, "", "quic.tls_version", "RFC 8446 4.2.1",     \
	  "Version of TLS inside.")                                                            \
	F(SNI, STR, ONE, DEVICE, ASIS, 255, "", "quic.sni", "RFC 6066 3",                      \
	  "Name of the server as the client asks for it.")                                     \
	F(PERSONAL_SNI, STR, ONE, QUASI, ASIS, 255, "", "quic.personal_sni", "RFC 6066 3",     \
	  "The same where the name tells whose machine it is.")                                \
	F(HAS_ECH, BOOL, ONE, NONE, ASIS, 1, "", "quic.has_encrypted_hello", "RFC 9849",       \
	  "The true name may be hidden in an encrypted hello.")                                \
	F(ALPN, STR, MANY, NONE, ASIS, 64, "", "quic.alpn", "RFC 7301",                        \
	  "Application protocols offered.")                                                    \
	F(CIPHER, STR, ONE, NONE, ASIS, 6, "", "quic.cipher", "RFC 8446 B.4",                  \
	  "Cipher suite chosen, as 0x and four hex digits.")                                   \
	F(JA3, STR, ONE, NONE, ASIS, 32, "", "quic.ja3_hash", "JA3",                           \
	  "MD5 fingerprint of the client's hello.")                                            \
	F(JA3_STRING, STR, ONE, DIRECT, ASIS, 4096, "", "quic.ja3_string", "JA3",              \
	  "What the fingerprint is made of, for rules.")                                       \
	F(JA3S, STR, ONE, NONE, ASIS, 32, "", "quic.ja3s_hash", "JA3S",                        \
	  "MD5 fingerprint of the server's hello.")                                            \
	F(JA3S_STRING, STR, ONE, DIRECT, ASIS, 4096, "", "quic.ja3s_string", "JA3S",           \
	  "What the fingerprint is made of, for rules.")                                       \
	F(JA4, STR, ONE, NONE, ASIS, 40, "", "quic.ja4", "JA4",                                \
	  "Fingerprint of the client's hello.")

enum { QUIC_FIELDS(WT_FIELD_ENUM) QUIC_N_FIELDS };

#define QUIC_SETTER(id, type, mult, phi, declass, cap, unit, name, clause, doc)                \
	static inline void put_##id(struct wt_out *out, unsigned event, WT_CTYPE_##type value) \
	{                                                                                      \
		WT_PUT_##type(out, event, WT_FIELD_BASE + (unsigned)F_##id, value);            \
	}
QUIC_FIELDS(QUIC_SETTER)
#undef QUIC_SETTER

#endif
