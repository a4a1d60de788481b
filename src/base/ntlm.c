/* NTLMSSP messages and the mechanisms of SPNEGO tokens (ntlm.h).
 *
 *   "NTLMSSP\0", type u32le, then
 *   1 NEGOTIATE:    flags, domain, workstation, version
 *   2 CHALLENGE:    target, flags, challenge 8, reserved 8, AV pairs, version
 *   3 AUTHENTICATE: LM, NT, domain, user, workstation, key, flags, version
 *   A text is length u16le, room u16le, offset u32le from the message's first octet.
 * Source: MS-NLMP 2.2.1.1 - 2.2.1.3, 2.2.2.1, 2.2.2.10; RFC 4178 4.2.
 * Trust: every byte is hostile; offsets are checked against the message.
 * Memory: none. */
#include "wardtap/der.h"
#include "wardtap/ntlm.h"

#define SIGNATURE WT_LIT("NTLMSSP\0")
#define AV_PAIRS_MAX 32u
#define MECHANISMS_MAX 16u
#define NTLMV1_LEN 24u

/* A text field; its bytes, or nothing where they would lie outside. */
static struct wt_slice read_text(struct wt_reader *r, struct wt_slice token)
{
	uint16_t len = wt_rd_u16le(r);
	uint32_t offset;

	wt_rd_skip(r, 2);
	offset = wt_rd_u32le(r);
	if (r->err != WT_OK || offset > token.len || len > token.len - offset)
		return wt_slice_of(NULL, 0);
	return wt_slice_head(wt_slice_tail(token, offset), len);
}

/* 2.2.2.10; there only when the flag says so. */
static void read_version(struct wt_reader *r, struct wt_ntlm *n)
{
	if (!(n->flags & WT_NTLM_FLAG_VERSION) || wt_rd_left(r) < 8)
		return;
	n->major = wt_rd_u8(r);
	n->minor = wt_rd_u8(r);
	n->build = wt_rd_u16le(r);
	n->has_version = true;
}

static void read_av_pairs(struct wt_slice pairs, struct wt_ntlm *n)
{
	struct wt_reader r = wt_reader_of(pairs, WT_MALFORMED);
	unsigned i;

	for (i = 0; i < AV_PAIRS_MAX && wt_rd_left(&r) >= 4; i++) {
		uint16_t id = wt_rd_u16le(&r), len = wt_rd_u16le(&r);
		struct wt_slice value = wt_rd_bytes(&r, len);

		if (id == 0 || r.err != WT_OK)
			return;
		if (id == 1)
			n->nb_computer = value;
		else if (id == 2)
			n->nb_domain = value;
		else if (id == 3)
			n->dns_computer = value;
		else if (id == 4)
			n->dns_domain = value;
		else if (id == 5)
			n->dns_forest = value;
	}
}

static void read_authenticate(struct wt_reader *r, struct wt_slice token, struct wt_ntlm *n)
{
	struct wt_slice lm = read_text(r, token), nt = read_text(r, token);
	struct wt_reader tail;

	n->target = read_text(r, token);
	n->user = read_text(r, token);
	n->workstation = read_text(r, token);
	tail = *r; /* the session key and all behind may be missing (2.2.1.3) */
	wt_rd_skip(&tail, 8);
	n->flags = wt_rd_u32le(&tail);
	read_version(&tail, n);
	n->is_v1 = nt.len == NTLMV1_LEN;
	n->is_anonymous = n->user.len == 0 && nt.len == 0 && lm.len <= 1;
}

bool wt_ntlm_parse(struct wt_slice token, struct wt_ntlm *n)
{
	struct wt_reader r = wt_reader_of(token, WT_MALFORMED);
	uint32_t type;

	*n = (struct wt_ntlm){ .type = 0 };
	if (!wt_slice_equal(wt_rd_bytes(&r, 8), SIGNATURE))
		return false;
	type = wt_rd_u32le(&r);
	if (type == WT_NTLM_NEGOTIATE) {
		n->flags = wt_rd_u32le(&r);
		if (r.err != WT_OK)
			return false;
		n->target = read_text(&r, token);
		n->workstation = read_text(&r, token);
		read_version(&r, n);
		r.err = WT_OK; /* the texts may be left out */
	} else if (type == WT_NTLM_CHALLENGE) {
		n->target = read_text(&r, token);
		n->flags = wt_rd_u32le(&r);
		wt_rd_skip(&r, 8 + 8);
		if (wt_rd_left(&r) >= 8)
			read_av_pairs(read_text(&r, token), n);
		read_version(&r, n);
	} else if (type == WT_NTLM_AUTHENTICATE) {
		read_authenticate(&r, token, n);
	} else {
		return false;
	}
	n->type = (enum wt_ntlm_type)type;
	n->is_unicode = type != WT_NTLM_NEGOTIATE && n->flags & WT_NTLM_FLAG_UNICODE;
	return r.err == WT_OK;
}

struct wt_slice wt_ntlm_find(struct wt_slice token)
{
	return wt_slice_tail(token, wt_slice_search(token, SIGNATURE));
}

struct wt_slice wt_ntlm_text(const struct wt_ntlm *n, struct wt_slice raw, uint8_t *room,
			     size_t cap)
{
	struct wt_builder b = wt_builder_of(room, cap);

	if (n->is_unicode)
		wt_bld_utf16le(&b, raw);
	else
		wt_bld_bytes(&b, wt_slice_head(wt_slice_head(raw, wt_slice_find(raw, 0)), cap));
	return wt_bld_slice(&b);
}

const char *wt_ntlm_type_name(const struct wt_ntlm *n)
{
	switch (n->type) {
	case WT_NTLM_NEGOTIATE:
		return "NEGOTIATE";
	case WT_NTLM_CHALLENGE:
		return "CHALLENGE";
	case WT_NTLM_AUTHENTICATE:
		return "AUTHENTICATE";
	}
	return "";
}

static unsigned mechanism_of(struct wt_slice oid)
{
	/* 1.3.6.1.4.1.311.2.2.10 and .30; 1.2.840.113554.1.2.2 and its slip 48018 */
	if (wt_slice_equal(oid, WT_LIT("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a")))
		return WT_GSS_NTLM;
	if (wt_slice_equal(oid, WT_LIT("\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x1e")))
		return WT_GSS_NEGOEX;
	if (wt_slice_equal(oid, WT_LIT("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02")) ||
	    wt_slice_equal(oid, WT_LIT("\x2a\x86\x48\x82\xf7\x12\x01\x02\x02")))
		return WT_GSS_KERBEROS;
	return WT_GSS_OTHER;
}

/* NegTokenInit.mechTypes [0] or NegTokenResp.supportedMech [1]. */
static unsigned negotiation(struct wt_der *choice)
{
	struct wt_reader r = wt_der_open(choice), list;
	unsigned found = 0, i, k;
	struct wt_der e, oid;

	if (!wt_der_take(&r, WT_DER_SEQUENCE, &e))
		return 0;
	r = wt_der_open(&e);
	for (i = 0; i < 4 && wt_der_next(&r, &e); i++) {
		if (e.tag != 0xa0 && e.tag != 0xa1)
			continue;
		list = wt_der_open(&e);
		if (wt_der_take(&list, WT_DER_SEQUENCE, &e))
			list = wt_der_open(&e);
		for (k = 0; k < MECHANISMS_MAX && wt_der_take(&list, WT_DER_OID, &oid); i++)
			found |= mechanism_of(oid.value);
		if (found)
			return found;
	}
	return found;
}

unsigned wt_gss_mechanisms(struct wt_slice token)
{
	struct wt_reader r = wt_reader_of(token, WT_MALFORMED);
	struct wt_der e;

	if (wt_slice_starts(token, SIGNATURE))
		return WT_GSS_NTLM;
	if (wt_der_take(&r, 0x60, &e)) {
		r = wt_der_open(&e);
		if (!wt_der_take(&r, WT_DER_OID, &e))
			return 0;
		/* 1.3.6.1.5.5.2 is SPNEGO itself */
		if (!wt_slice_equal(e.value, WT_LIT("\x2b\x06\x01\x05\x05\x02")))
			return mechanism_of(e.value);
	}
	if (wt_der_next(&r, &e) && (e.tag == 0xa0 || e.tag == 0xa1))
		return negotiation(&e);
	return 0;
}

const char *wt_gss_name(unsigned mechanism)
{
	switch (mechanism) {
	case WT_GSS_NTLM:
		return "ntlm";
	case WT_GSS_KERBEROS:
		return "kerberos";
	case WT_GSS_NEGOEX:
		return "negoex";
	default:
		return "other";
	}
}
