/* The little of ASN.1 BER that SNMP uses: definite lengths, tags of one byte.
 * Source: ITU-T X.690 8, RFC 3417 8. Trust: bytes are hostile; nothing recurses, each
 * value lies inside the one that holds it. Memory: none. */
#ifndef SNMP_BER_H
#define SNMP_BER_H

#include "wardtap/dissector.h"

enum {
	BER_INTEGER = 0x02,
	BER_OCTETS = 0x04,
	BER_OID = 0x06,
	BER_SEQUENCE = 0x30,
	BER_IP_ADDRESS = 0x40,
};

#define SNMP_OID_TEXT_MAX 160u

/* The next element: its tag, and its content as a slice; 0 and empty after failure.
 * A length that leaves the reader fails it by its on_short. */
uint8_t wt_snmp_next(struct wt_reader *r, struct wt_slice *content);

/* The same, but the tag must be this one, else the reader fails as malformed. */
struct wt_slice wt_snmp_take(struct wt_reader *r, uint8_t tag);

/* An INTEGER of at most eight bytes; 0 with *r failed otherwise. */
int64_t wt_snmp_integer(struct wt_reader *r);

/* An object identifier in dotted form into `b`; what does not fit is left out. */
void wt_snmp_oid_text(struct wt_slice oid, struct wt_builder *b);

#endif
