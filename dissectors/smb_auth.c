/* SMB: tokens of the sign-on, and the interfaces that are called through pipes.
 * Source: MS-NLMP 2.2.1; RFC 4178; C706 12.6; MS-RPCE 2.2.2.
 * Trust: every byte is hostile; the token is cut at SMB_VIEW.
 * Memory: none. */
#include "smb_state.h"
#include "wardtap/names.h"
#include "wardtap/ntlm.h"

#define TEXT_MAX 384u
#define CONTEXTS_MAX 8u

void smb_token(struct smb_unit *u, struct wt_slice token)
{
	unsigned found = wt_gss_mechanisms(token), bit;
	uint8_t room[TEXT_MAX];
	struct wt_ntlm ntlm;

	for (bit = 1; bit <= WT_GSS_OTHER; bit <<= 1)
		if (found & bit)
			put_AUTH_MECHS(u->out, u->event, wt_slice_text(wt_gss_name(bit)));
	if (!wt_ntlm_parse(wt_ntlm_find(token), &ntlm))
		return;
	put_NTLMSSP_TYPE(u->out, u->event, wt_slice_text(wt_ntlm_type_name(&ntlm)));
	wt_put_ntlm(u->out, u->event, &ntlm);
	put_NTLMSSP_USER(u->out, u->event, wt_ntlm_text(&ntlm, ntlm.user, room, sizeof(room)));
	if (ntlm.type == WT_NTLM_AUTHENTICATE) {
		put_NTLMSSP_DOMAIN(u->out, u->event,
				   wt_ntlm_text(&ntlm, ntlm.target, room, sizeof(room)));
		if (ntlm.is_v1)
			put_IS_NTLMV1(u->out, u->event, true);
		if (ntlm.is_anonymous)
			put_IS_ANONYMOUS(u->out, u->event, true);
	}
}

static void put_iface(struct smb_unit *u, const struct wt_msrpc_uuid *iface)
{
	uint8_t room[36];

	put_DCERPC_IFACE(u->out, u->event, wt_msrpc_uuid_text(iface, room));
	put_DCERPC_IFACE_NAME(u->out, u->event, wt_slice_text(wt_msrpc_iface_name(iface)));
}

static void read_bind(struct smb_unit *u, struct smb_open *file, struct wt_reader *r,
		      const struct wt_msrpc *pdu)
{
	unsigned n = wt_msrpc_n_contexts(r, pdu), i;
	struct wt_msrpc_context context;

	for (i = 0; i < n && i < CONTEXTS_MAX && wt_msrpc_next_context(r, pdu, &context); i++) {
		put_iface(u, &context.iface);
		if (file && i == 0) {
			file->iface = context.iface;
			file->has_iface = true;
		}
	}
}

void smb_pipe_data(struct smb_unit *u, struct smb_open *file, struct wt_slice bytes)
{
	struct wt_reader r = wt_reader_of(bytes, WT_MALFORMED), body;
	struct wt_msrpc_auth auth;
	struct wt_msrpc pdu;
	uint16_t opnum;

	if (wt_msrpc_head(&r, &pdu) != WT_OK)
		return;
	body = wt_reader_of(wt_slice_head(wt_rd_peek(&r), pdu.frag_len - WT_MSRPC_HEAD_LEN),
			    WT_MALFORMED);
	put_DCERPC_TYPE(u->out, u->event, wt_slice_text(wt_msrpc_type_name(pdu.type)));
	if (pdu.type >= WT_MSRPC_BIND && pdu.type <= WT_MSRPC_AUTH3 &&
	    wt_msrpc_auth(bytes, &pdu, &auth))
		smb_token(u, auth.token);
	if (pdu.type == WT_MSRPC_BIND || pdu.type == WT_MSRPC_ALTER) {
		read_bind(u, file, &body, &pdu);
	} else if (pdu.type == WT_MSRPC_REQUEST) {
		wt_rd_skip(&body, 4 + 2);
		opnum = wt_msrpc_u16(&body, &pdu);
		if (body.err != WT_OK)
			return;
		if (file && file->has_iface)
			put_iface(u, &file->iface);
		put_DCERPC_OPNUM(u->out, u->event, opnum);
		if (pdu.flags & WT_MSRPC_OBJECT)
			wt_rd_skip(&body, 16);
		put_DCERPC_STUB(u->out, u->event, wt_rd_rest(&body));
	}
}
