/* Words of TLS: alerts, and suites that are broken.
 * Source: RFC 8446 6 and B.2, RFC 5246 A.3 and A.5, RFC 2246 A.5, RFC 9325 4.1; IANA TLS
 * parameters. Trust: numbers are hostile, anything unknown is NULL. Memory: none. */
#include "tls_fields.h"

static const struct {
	uint8_t code;
	const char *name;
} alerts[] = {
	{ 0, "close_notify" },
	{ 10, "unexpected_message" },
	{ 20, "bad_record_mac" },
	{ 21, "decryption_failed" },
	{ 22, "record_overflow" },
	{ 30, "decompression_failure" },
	{ 40, "handshake_failure" },
	{ 41, "no_certificate" },
	{ 42, "bad_certificate" },
	{ 43, "unsupported_certificate" },
	{ 44, "certificate_revoked" },
	{ 45, "certificate_expired" },
	{ 46, "certificate_unknown" },
	{ 47, "illegal_parameter" },
	{ 48, "unknown_ca" },
	{ 49, "access_denied" },
	{ 50, "decode_error" },
	{ 51, "decrypt_error" },
	{ 60, "export_restriction" },
	{ 70, "protocol_version" },
	{ 71, "insufficient_security" },
	{ 80, "internal_error" },
	{ 86, "inappropriate_fallback" },
	{ 90, "user_canceled" },
	{ 100, "no_renegotiation" },
	{ 109, "missing_extension" },
	{ 110, "unsupported_extension" },
	{ 112, "unrecognized_name" },
	{ 113, "bad_certificate_status_response" },
	{ 115, "unknown_psk_identity" },
	{ 116, "certificate_required" },
	{ 120, "no_application_protocol" },
};

const char *tls_alert_name(uint8_t code)
{
	size_t i;

	for (i = 0; i < sizeof(alerts) / sizeof(alerts[0]); i++)
		if (alerts[i].code == code)
			return alerts[i].name;
	return NULL;
}

/* First and last suite of a range that shares a weakness. */
static const struct {
	uint16_t first, last;
	const char *kind;
} weak[] = {
	{ 0x0000, 0x0002, "null" },      { 0x0003, 0x0003, "export" },
	{ 0x0004, 0x0005, "rc4" },       { 0x0006, 0x0006, "export" },
	{ 0x0008, 0x0008, "export" },    { 0x0009, 0x0009, "des" },
	{ 0x000b, 0x000b, "export" },    { 0x000c, 0x000c, "des" },
	{ 0x000e, 0x000e, "export" },    { 0x000f, 0x000f, "des" },
	{ 0x0011, 0x0011, "export" },    { 0x0012, 0x0012, "des" },
	{ 0x0014, 0x0014, "export" },    { 0x0015, 0x0015, "des" },
	{ 0x0017, 0x001b, "anonymous" }, { 0x0026, 0x002b, "export" },
	{ 0x002c, 0x002e, "null" },      { 0x0034, 0x0034, "anonymous" },
	{ 0x003a, 0x003a, "anonymous" }, { 0x003b, 0x003b, "null" },
	{ 0x0060, 0x0065, "export" },    { 0x0066, 0x0066, "rc4" },
	{ 0x006c, 0x006d, "anonymous" }, { 0x008a, 0x008a, "rc4" },
	{ 0x008e, 0x008e, "rc4" },       { 0x0092, 0x0092, "rc4" },
	{ 0x00b0, 0x00b1, "null" },      { 0xc001, 0xc001, "null" },
	{ 0xc002, 0xc002, "rc4" },       { 0xc006, 0xc006, "null" },
	{ 0xc007, 0xc007, "rc4" },       { 0xc00b, 0xc00b, "null" },
	{ 0xc00c, 0xc00c, "rc4" },       { 0xc010, 0xc010, "null" },
	{ 0xc011, 0xc011, "rc4" },       { 0xc015, 0xc019, "anonymous" },
};

const char *tls_weakness(uint16_t cipher)
{
	size_t i;

	for (i = 0; i < sizeof(weak) / sizeof(weak[0]); i++)
		if (cipher >= weak[i].first && cipher <= weak[i].last)
			return weak[i].kind;
	return NULL;
}
