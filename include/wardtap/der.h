/* One element of BER or DER at a time, for protocols of ASN.1: tag, length, value.
 * Tags of one octet and definite lengths of up to four octets: what LDAP, Kerberos,
 * SPNEGO and SNMP use. Nesting is the caller's: he opens what he expects.
 * Source: ITU-T X.690 (2021) 8.1. */
#ifndef WARDTAP_DER_H
#define WARDTAP_DER_H

#include "wardtap/bytes.h"

struct wt_der {
	uint8_t tag;
	bool is_cut;  /* the length says more than there is: `value` is the rest */
	uint32_t len; /* as stated */
	struct wt_slice value;
};

enum {
	WT_DER_INTEGER = 0x02,
	WT_DER_BIT_STRING = 0x03,
	WT_DER_OCTETS = 0x04,
	WT_DER_OID = 0x06,
	WT_DER_ENUM = 0x0a,
	WT_DER_GENERAL = 0x1b, /* GeneralString */
	WT_DER_SEQUENCE = 0x30,
	WT_DER_SET = 0x31,
};

/* Tag and length; `value` stays empty and what follows is not consumed. False (and the
 * reader has failed) where they are cut off or of a form that is not read here. */
static inline bool wt_der_head(struct wt_reader *r, struct wt_der *e)
{
	uint8_t first;
	unsigned n;

	*e = (struct wt_der){ .tag = wt_rd_u8(r) };
	first = wt_rd_u8(r);
	if (r->err != WT_OK)
		return false;
	e->len = first;
	if (first & 0x80) {
		n = first & 0x7fu;
		if (n == 0 || n > 4)
			wt_rd_fail(r, WT_MALFORMED);
		for (e->len = 0; n && r->err == WT_OK; n--)
			e->len = e->len << 8 | wt_rd_u8(r);
	}
	if ((e->tag & 0x1f) == 0x1f)
		wt_rd_fail(r, WT_MALFORMED);
	return r->err == WT_OK;
}

/* The next element, consumed. Where its length says more than is left, `value` is what
 * is left and `is_cut` is set: the bytes at hand may be the head of a long message. */
static inline bool wt_der_next(struct wt_reader *r, struct wt_der *e)
{
	if (wt_rd_left(r) == 0 || !wt_der_head(r, e))
		return false;
	e->is_cut = e->len > wt_rd_left(r);
	e->value = e->is_cut ? wt_rd_rest(r) : wt_rd_bytes(r, e->len);
	return true;
}

/* The next element if it has this tag; nothing is consumed otherwise. */
static inline bool wt_der_take(struct wt_reader *r, uint8_t tag, struct wt_der *e)
{
	struct wt_slice rest = wt_rd_peek(r);

	return rest.len && rest.ptr[0] == tag && wt_der_next(r, e);
}

/* A reader over an element's value. */
static inline struct wt_reader wt_der_open(const struct wt_der *e)
{
	return wt_reader_of(e->value, WT_MALFORMED);
}

/* Value of an INTEGER or ENUMERATED of at most 8 octets, sign included; 0 else. */
static inline int64_t wt_der_int(struct wt_slice value)
{
	uint64_t n = value.len && value.ptr[0] & 0x80 ? UINT64_MAX : 0;
	size_t i;

	if (value.len > 8)
		return 0;
	for (i = 0; i < value.len; i++)
		n = n << 8 | value.ptr[i];
	return (int64_t)n;
}

#endif
