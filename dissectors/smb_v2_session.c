/* SMB 2 and 3: negotiation, sign-on, connection to a share.
 * Source: MS-SMB2 2.2.3 - 2.2.10 (rev. 73); MS-DTYP 2.3.3.
 * Trust: every byte is hostile; offsets count from the head and are checked.
 * Memory: none of its own. */
#include "smb_state.h"
#include "wardtap/names.h"
#include "wardtap/utf.h"

#define TEXT_MAX 1024u
#define DIALECTS_MAX 16u
#define CONTEXTS_MAX 16u
#define FILETIME_1970 UINT64_C(116444736000000000) /* MS-DTYP 2.3.3: 100 ns since 1601 */

/* --- negotiation --- */

static void put_signing(struct smb_unit *u, uint16_t mode)
{
	put_SIGNING(u->out, u->event,
		    mode & 2   ? WT_LIT("required")
		    : mode & 1 ? WT_LIT("enabled")
			       : WT_LIT("none"));
}

static struct wt_slice dialect_text(uint16_t dialect, uint8_t *room, size_t cap)
{
	static const char digits[] = "0123456789abcdef";
	struct wt_builder b = wt_builder_of(room, cap);

	if (dialect == 0x02ff)
		return WT_LIT("2.???"); /* any, to be told in a second round */
	wt_bld_u64(&b, dialect >> 8);
	wt_bld_char(&b, '.');
	if (dialect == 0x0202 || dialect == 0x0302 || dialect == 0x0311) {
		wt_bld_char(&b, digits[dialect >> 4 & 15]);
		wt_bld_char(&b, '.');
		wt_bld_char(&b, digits[dialect & 15]);
	} else if (dialect == 0x0210 || dialect == 0x0300) {
		wt_bld_char(&b, digits[dialect >> 4 & 15]);
	} else {
		wt_bld_char(&b, digits[dialect >> 4 & 15]);
		wt_bld_char(&b, digits[dialect & 15]);
	}
	return wt_bld_slice(&b);
}

static void put_guid(struct smb_unit *u, struct wt_reader *r, bool is_server)
{
	static const struct wt_msrpc little = { .is_le = true };
	struct wt_msrpc_uuid guid;
	uint8_t room[36];

	wt_msrpc_uuid(r, &little, &guid);
	if (r->err != WT_OK)
		return;
	if (is_server)
		put_SERVER_GUID(u->out, u->event, wt_msrpc_uuid_text(&guid, room));
	else
		put_CLIENT_GUID(u->out, u->event, wt_msrpc_uuid_text(&guid, room));
}

static void put_ciphers(struct smb_unit *u, struct wt_reader *r)
{
	static const char *const ciphers[] = {
		"none", "aes-128-ccm", "aes-128-gcm", "aes-256-ccm", "aes-256-gcm",
	};
	unsigned n = wt_rd_u16le(r), i;

	for (i = 0; i < n && i < 8 && wt_rd_left(r) >= 2; i++) {
		uint16_t cipher = wt_rd_u16le(r);

		if (cipher < sizeof(ciphers) / sizeof(ciphers[0]))
			put_CIPHERS(u->out, u->event, wt_slice_text(ciphers[cipher]));
	}
}

/* 2.2.3.1: one after another, each at a multiple of 8 */
static void read_contexts(struct smb_unit *u, uint64_t offset, unsigned n)
{
	uint8_t room[TEXT_MAX];
	unsigned i;

	for (i = 0; i < n && i < CONTEXTS_MAX; i++) {
		struct wt_reader r = wt_reader_of(smb_at(u, offset, UINT32_MAX), WT_MALFORMED);
		uint16_t type = wt_rd_u16le(&r), len = wt_rd_u16le(&r);
		struct wt_reader body;

		wt_rd_skip(&r, 4);
		body = wt_rd_box(&r, len);
		if (body.err != WT_OK)
			return;
		if (type == 2)
			put_ciphers(u, &body);
		else if (type == 5)
			put_NETNAME(u->out, u->event,
				    wt_utf16le(wt_rd_rest(&body), room, sizeof(room)));
		offset += (8u + len + 7u) & ~UINT64_C(7);
	}
}

static void negotiate_request(struct smb_unit *u, struct wt_reader *r)
{
	unsigned n = wt_rd_u16le(r), i;
	uint8_t room[8];
	uint32_t offset;
	uint16_t n_contexts;
	bool has_311 = false;

	put_signing(u, wt_rd_u16le(r));
	wt_rd_skip(r, 2);
	put_CAPABILITIES(u->out, u->event, wt_rd_u32le(r));
	put_guid(u, r, false);
	offset = wt_rd_u32le(r);
	n_contexts = wt_rd_u16le(r);
	wt_rd_skip(r, 2);
	for (i = 0; i < n && i < DIALECTS_MAX && wt_rd_left(r) >= 2; i++) {
		uint16_t dialect = wt_rd_u16le(r);

		has_311 = has_311 || dialect == 0x0311;
		put_DIALECTS(u->out, u->event, dialect_text(dialect, room, sizeof(room)));
	}
	if (has_311)
		read_contexts(u, offset, n_contexts);
}

static bool to_ns(uint64_t filetime, uint64_t *ns)
{
	if (filetime <= FILETIME_1970 || filetime - FILETIME_1970 > UINT64_MAX / 100)
		return false;
	*ns = (filetime - FILETIME_1970) * 100;
	return true;
}

static void negotiate_answer(struct smb_unit *u, struct wt_reader *r)
{
	uint16_t mode = wt_rd_u16le(r), dialect = wt_rd_u16le(r), n_contexts = wt_rd_u16le(r);
	uint16_t offset, len;
	uint8_t room[8];
	uint64_t ns;

	put_signing(u, mode);
	put_DIALECT(u->out, u->event, dialect_text(dialect, room, sizeof(room)));
	put_DIALECT_CODE(u->out, u->event, dialect);
	put_guid(u, r, true);
	put_CAPABILITIES(u->out, u->event, wt_rd_u32le(r));
	wt_rd_skip(r, 12);
	if (to_ns(smb_u64le(r), &ns))
		put_SERVER_TIME(u->out, u->event, ns);
	if (to_ns(smb_u64le(r), &ns))
		put_BOOT_TIME(u->out, u->event, ns);
	offset = wt_rd_u16le(r);
	len = wt_rd_u16le(r);
	smb_token(u, smb_at(u, offset, len));
	if (dialect == 0x0311)
		read_contexts(u, wt_rd_u32le(r), n_contexts);
}

void smb_v2_negotiate(struct smb_unit *u, struct wt_reader *r)
{
	if (u->is_response)
		negotiate_answer(u, r);
	else
		negotiate_request(u, r);
}

void smb_v2_session_setup(struct smb_unit *u, struct wt_reader *r)
{
	uint16_t offset, len, flags;

	if (u->is_response) {
		flags = wt_rd_u16le(r);
		if (u->status == 0 && flags & 1)
			put_IS_GUEST(u->out, u->event, true);
		if (u->status == 0 && flags & 2)
			put_IS_ANONYMOUS(u->out, u->event, true);
	} else {
		wt_rd_skip(r, 1);
		put_signing(u, wt_rd_u8(r));
		put_CAPABILITIES(u->out, u->event, wt_rd_u32le(r));
		wt_rd_skip(r, 4);
	}
	offset = wt_rd_u16le(r);
	len = wt_rd_u16le(r);
	smb_token(u, smb_at(u, offset, len));
}

void smb_v2_tree_connect(struct smb_unit *u, struct wt_reader *r)
{
	static const char *const types[] = { "", "disk", "pipe", "printer" };
	uint8_t room[TEXT_MAX], type;
	uint16_t offset, len;

	if (u->is_response) {
		type = wt_rd_u8(r);
		if (u->status == 0 && type < sizeof(types) / sizeof(types[0]))
			put_SHARE_TYPE(u->out, u->event, wt_slice_text(types[type]));
		smb_tree_answer(u, type);
		return;
	}
	wt_rd_skip(r, 2);
	offset = wt_rd_u16le(r);
	len = wt_rd_u16le(r);
	smb_tree_request(u, wt_utf16le(smb_at(u, offset, len), room, sizeof(room)));
}
