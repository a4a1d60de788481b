/* SMB 1: negotiation and sign-on.
 * Source: MS-CIFS 2.2.4.52, 2.2.4.53; MS-SMB 2.2.4.5, 2.2.4.6.
 * Trust: every byte is hostile. Memory: none of its own. */
#include "smb_v1.h"
#include "wardtap/utf.h"

#define DIALECTS_MAX 20u
#define CAP_EXTENDED 0x80000000u

/* --- texts --- */

struct wt_slice smb_v1_text(const struct smb_unit *u, struct smb_block *b, uint8_t *room,
			    bool is_unicode)
{
	struct wt_builder text = wt_builder_of(room, SMB_V1_TEXT);
	size_t at, n = 0;
	struct wt_slice raw, rest;

	if (!is_unicode) {
		raw = wt_rd_peek(&b->bytes);
		n = wt_slice_find(raw, 0);
		wt_rd_skip(&b->bytes, n < raw.len ? n + 1 : n);
		raw = wt_slice_head(wt_slice_head(raw, n), SMB_V1_TEXT);
		wt_bld_bytes(&text, raw);
		return wt_bld_slice(&text);
	}
	at = (size_t)(wt_rd_peek(&b->bytes).ptr - u->head.ptr);
	if (at & 1 && wt_rd_left(&b->bytes))
		wt_rd_skip(&b->bytes, 1);
	rest = wt_rd_peek(&b->bytes);
	while (n + 1 < rest.len && (rest.ptr[n] || rest.ptr[n + 1]))
		n += 2;
	raw = wt_slice_head(rest, n);
	wt_rd_skip(&b->bytes, n + 2 <= rest.len ? n + 2 : rest.len);
	wt_bld_utf16le(&text, raw);
	return wt_bld_slice(&text);
}

/* --- sign-on --- */

static void put_signing(struct smb_unit *u, uint8_t mode)
{
	put_SIGNING(u->out, u->event,
		    mode & 8   ? WT_LIT("required")
		    : mode & 4 ? WT_LIT("enabled")
			       : WT_LIT("none"));
}

/* MS-CIFS 2.2.4.52.1: 02, text, 00, ... */
void smb_v1_negotiate_request(struct smb_unit *u, struct smb_block *b)
{
	bool has_smb1 = false;
	unsigned i;

	for (i = 0; i < DIALECTS_MAX && wt_rd_left(&b->bytes) > 1; i++) {
		struct wt_slice text;

		if (wt_rd_u8(&b->bytes) != 2)
			break;
		text = wt_rd_until(&b->bytes, 0);
		if (b->bytes.err != WT_OK)
			break;
		put_DIALECTS(u->out, u->event, text);
		has_smb1 = has_smb1 || !wt_slice_starts(text, WT_LIT("SMB 2"));
	}
	if (has_smb1)
		put_OFFERS_SMB1(u->out, u->event, true);
}

/* MS-CIFS 2.2.4.52.2, MS-SMB 2.2.4.5.2 */
void smb_v1_negotiate_answer(struct smb_unit *u, struct smb_block *b, bool is_extended)
{
	static const struct wt_msrpc little = { .is_le = true };
	uint16_t index = wt_rd_u16le(&b->words);
	uint8_t room[SMB_V1_TEXT];
	struct wt_msrpc_uuid guid;
	uint32_t caps;

	if (b->words.err != WT_OK)
		return;
	put_DIALECT_INDEX(u->out, u->event, index);
	if (b->n_words < 17)
		return;
	put_signing(u, wt_rd_u8(&b->words));
	wt_rd_skip(&b->words, 2 + 2 + 4 + 4 + 4);
	caps = wt_rd_u32le(&b->words);
	put_CAPABILITIES(u->out, u->event, caps);
	put_DIALECT(u->out, u->event, WT_LIT("NT LM 0.12"));
	if (is_extended && caps & CAP_EXTENDED) {
		wt_msrpc_uuid(&b->bytes, &little, &guid);
		if (b->bytes.err == WT_OK)
			put_SERVER_GUID(u->out, u->event, wt_msrpc_uuid_text(&guid, room));
		smb_token(u, wt_rd_peek(&b->bytes));
		return;
	}
	wt_rd_skip(&b->bytes, 8);
	/* these two are not aligned (MS-CIFS 2.2.4.52.2, DomainName) */
	if (b->bytes.err == WT_OK && u->is_unicode) {
		struct wt_slice rest = wt_rd_peek(&b->bytes);
		struct wt_slice domain = wt_utf16le(rest, room, sizeof(room));
		size_t n = 0;

		wt_put_HOST_DOMAIN(u->out, u->event, domain);
		while (n + 1 < rest.len && (rest.ptr[n] || rest.ptr[n + 1]))
			n += 2;
		wt_put_host_name(u->out, u->event,
				 wt_utf16le(wt_slice_tail(rest, n + 2), room, sizeof(room)));
	}
}

static void put_native(struct smb_unit *u, struct smb_block *b)
{
	uint8_t room[SMB_V1_TEXT];
	struct wt_slice os = smb_v1_text(u, b, room, u->is_unicode);

	put_NATIVE_OS(u->out, u->event, os);
	wt_put_HOST_OS(u->out, u->event, os);
	put_NATIVE_LM(u->out, u->event, smb_v1_text(u, b, room, u->is_unicode));
}

/* Account and domain in clear (before NTLMSSP); what they answer is passed over. */
static void put_account(struct smb_unit *u, struct smb_block *b, uint64_t n_secret,
			bool is_ntlmv1)
{
	uint8_t room[SMB_V1_TEXT];
	struct wt_slice user;

	wt_rd_skip(&b->bytes,
		   n_secret < wt_rd_left(&b->bytes) ? (size_t)n_secret : wt_rd_left(&b->bytes));
	user = smb_v1_text(u, b, room, u->is_unicode);
	put_NTLMSSP_USER(u->out, u->event, user);
	wt_put_USER_NAME(u->out, u->event, user);
	if (!user.len && n_secret <= 2)
		put_IS_ANONYMOUS(u->out, u->event, true);
	else if (is_ntlmv1)
		put_IS_NTLMV1(u->out, u->event, true);
	put_NTLMSSP_DOMAIN(u->out, u->event, smb_v1_text(u, b, room, u->is_unicode));
	put_native(u, b);
}

/* MS-CIFS 2.2.4.53.1, MS-SMB 2.2.4.6.1 */
void smb_v1_session_request(struct smb_unit *u, struct smb_block *b)
{
	uint16_t first, second;

	wt_rd_skip(&b->words, 4 + 2 + 2 + 2 + 4);
	first = wt_rd_u16le(&b->words);
	if (b->n_words == 12) {
		struct wt_slice token = wt_slice_head(wt_rd_peek(&b->bytes), first);

		smb_token(u, token);
		wt_rd_skip(&b->bytes, token.len);
		put_native(u, b);
	} else if (b->n_words == 13) {
		second = wt_rd_u16le(&b->words);
		put_account(u, b, (uint64_t)first + second, first == 24 || second == 24);
	} else if (b->n_words == 10) {
		put_account(u, b, first, first == 24);
	}
}

void smb_v1_session_answer(struct smb_unit *u, struct smb_block *b)
{
	uint8_t room[SMB_V1_TEXT];
	uint16_t len;

	wt_rd_skip(&b->words, 4);
	if (wt_rd_u16le(&b->words) & 1)
		put_IS_GUEST(u->out, u->event, true);
	if (b->n_words == 4) {
		struct wt_slice token;

		len = wt_rd_u16le(&b->words);
		token = wt_slice_head(wt_rd_peek(&b->bytes), len);
		smb_token(u, token);
		wt_rd_skip(&b->bytes, token.len);
	}
	put_native(u, b);
	if (b->n_words == 3)
		wt_put_HOST_DOMAIN(u->out, u->event, smb_v1_text(u, b, room, u->is_unicode));
}
