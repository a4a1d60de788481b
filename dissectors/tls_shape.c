/* Shapes of records and hellos: see tls_shape.h for source and trust. Memory: none. */
#include "tls_shape.h"

/* A record header, as far as it is there. */
enum wt_verdict tls_see_record(struct wt_slice s)
{
	size_t len;

	if (!s.len)
		return WT_MORE;
	if (s.ptr[0] < REC_CIPHER || s.ptr[0] > REC_HEARTBEAT || (s.len > 1 && s.ptr[1] != 3) ||
	    (s.len > 2 && s.ptr[2] > 4))
		return WT_FOREIGN;
	if (s.len < TLS_HEAD_LEN)
		return WT_MORE;
	len = (size_t)s.ptr[3] << 8 | s.ptr[4];
	if (len > TLS_RECORD_MAX || (len == 0 && s.ptr[0] != REC_DATA))
		return WT_FOREIGN;
	if (s.ptr[0] == REC_CIPHER && len != 1)
		return WT_FOREIGN;
	return WT_OK;
}

/* A hello at the start of a record's payload: what the cipher cannot look like. */
enum wt_verdict tls_see_hello(struct wt_slice s)
{
	static const uint8_t place[] = { 5, 6, 9, 10 };
	size_t i;

	for (i = 0; i < sizeof(place); i++) {
		uint8_t byte;

		if (place[i] >= s.len)
			return WT_MORE;
		byte = s.ptr[place[i]];
		if ((i == 0 && byte != HS_CLIENT_HELLO && byte != HS_SERVER_HELLO) ||
		    (i == 1 && byte != 0) || (i == 2 && byte != 3 && byte != 0x7f) ||
		    (i == 3 && byte > 4 && s.ptr[9] == 3))
			return WT_FOREIGN;
	}
	return WT_OK;
}

/* SSL 2.0 ClientHello: 80 len, 1, version, lengths of ciphers (3 each), session and
 * challenge that add up. */
enum wt_verdict tls_see_ssl2(struct wt_slice s)
{
	size_t len, ciphers, session, challenge;

	if (!s.len)
		return WT_MORE;
	if ((s.ptr[0] & 0xf0) != 0x80 || (s.len > 2 && s.ptr[2] != HS_CLIENT_HELLO) ||
	    (s.len > 3 && s.ptr[3] != 0 && s.ptr[3] != 3) ||
	    (s.len > 4 && (s.ptr[3] == 0 ? s.ptr[4] != 2 : s.ptr[4] > 4)))
		return WT_FOREIGN;
	if (s.len < 11)
		return WT_MORE;
	len = (size_t)(s.ptr[0] & 0x7f) << 8 | s.ptr[1];
	ciphers = (size_t)s.ptr[5] << 8 | s.ptr[6];
	session = (size_t)s.ptr[7] << 8 | s.ptr[8];
	challenge = (size_t)s.ptr[9] << 8 | s.ptr[10];
	return ciphers && ciphers % 3 == 0 && (session == 0 || session == 16) &&
			       challenge >= 16 && challenge <= 32 &&
			       len == 9 + ciphers + session + challenge
		       ? WT_OK
		       : WT_FOREIGN;
}

/* SSL 2.0 ServerHello: 80 len, 4, session hit, certificate type, version 0002. */
enum wt_verdict tls_see_ssl2_server(struct wt_slice s)
{
	if (!s.len)
		return WT_MORE;
	if ((s.ptr[0] & 0x80) == 0 || (s.len > 2 && s.ptr[2] != 4) ||
	    (s.len > 3 && s.ptr[3] > 1) || (s.len > 4 && s.ptr[4] > 1) ||
	    (s.len > 5 && s.ptr[5] != 0) || (s.len > 6 && s.ptr[6] != 2))
		return WT_FOREIGN;
	return s.len < 7 ? WT_MORE : WT_OK;
}
