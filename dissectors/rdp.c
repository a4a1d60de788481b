/* RDP: connection request, security negotiation and, where nothing is encrypted, what the
 * client tells of itself.
 *
 *   TPKT: 03 00 length u16be, X.224 data unit
 *     E0 connection request: "Cookie: mstshash=NAME\r\n", 01 flags 8 u16le protocols u32le
 *     D0 connection confirm: 02 flags 8 u16le protocol u32le, or 03 flags 8 failure u32le
 *     F0 data: MCS (7F 65 connect initial, 7F 66 its answer, 64 send data)
 *   Fast path: first octet not 03, length of 7 or 15 bits
 *
 * With TLS agreed the flow is handed on behind the confirm. Else only the connection
 * sequence is read; pictures and input are passed over.
 * Source: MS-RDPBCGR 2.2.1 (rev. 56); RFC 1006 6; ITU-T X.224 13; ITU-T T.125, T.124.
 * Trust: every byte is hostile; lengths are checked against what holds them.
 * Memory: struct rdp_state per flow, 8 KiB of unconsumed bytes per direction. */
#include "wardtap/dissector.h"
#include "wardtap/utf.h"

/* clang-format off */
#define RDP_FIELDS(F) \
F(EVENT, STR, ONE, NONE, ASIS, 24, "", "rdp.event", "MS-RDPBCGR 1.3.1.1", "Step of the connection: initial_request, initial_response, connect_request, connect_response, client_info.") \
F(COOKIE, STR, ONE, QUASI, ASIS, 64, "", "rdp.cookie", "MS-RDPBCGR 2.2.1.1", "User name in the cookie mstshash, mostly cut at nine letters.") \
F(HAS_ROUTING_TOKEN, BOOL, ONE, NONE, ASIS, 1, "", "rdp.has_routing_token", "MS-RDPBCGR 2.2.1.1", "A load balancer's token instead of the cookie.") \
F(REQUESTED, STR, MANY, NONE, ASIS, 16, "", "rdp.requested", "MS-RDPBCGR 2.2.1.1.1", "Security that the client supports: rdp, tls, credssp, rdstls, credssp_ex, aad.") \
F(REQUESTED_CODE, U64, ONE, NONE, ASIS, 8, "", "rdp.requested_code", "MS-RDPBCGR 2.2.1.1.1", "The same as bits.") \
F(SELECTED, STR, ONE, NONE, ASIS, 16, "", "rdp.selected", "MS-RDPBCGR 2.2.1.2.1", "Security that the server chose.") \
F(SELECTED_CODE, U64, ONE, NONE, ASIS, 8, "", "rdp.selected_code", "MS-RDPBCGR 2.2.1.2.1", "The same as a number; absent where the server knows no negotiation.") \
F(FAILURE, STR, ONE, NONE, ASIS, 40, "", "rdp.failure", "MS-RDPBCGR 2.2.1.2.2", "Why the server refused.") \
F(IS_WITHOUT_NLA, BOOL, ONE, NONE, ASIS, 1, "", "rdp.is_without_nla", "MS-RDPBCGR 5.4.2.2", "The session begins without network level authentication: anybody reaches the sign-on screen.") \
F(CLIENT_NAME, STR, ONE, DIRECT, ASIS, 32, "", "rdp.client_name", "MS-RDPBCGR 2.2.1.3.2", "Name of the client, for rules; others find it in host.") \
F(CLIENT_BUILD, U64, ONE, DEVICE, ASIS, 8, "", "rdp.client_build", "MS-RDPBCGR 2.2.1.3.2", "Build number of the client.") \
F(CLIENT_VERSION, STR, ONE, DEVICE, ASIS, 8, "", "rdp.client_version", "MS-RDPBCGR 2.2.1.3.2", "Protocol version of the client, major.minor.") \
F(SERVER_VERSION, STR, ONE, DEVICE, ASIS, 8, "", "rdp.server_version", "MS-RDPBCGR 2.2.1.4.2", "Protocol version of the server, major.minor.") \
F(KEYBOARD_LAYOUT, U64, ONE, NONE, ASIS, 8, "", "rdp.keyboard_layout", "MS-RDPBCGR 2.2.1.3.2", "Keyboard layout, a locale number.") \
F(DESKTOP_WIDTH, U64, ONE, NONE, ASIS, 8, "pixels", "rdp.desktop_width_pixels", "MS-RDPBCGR 2.2.1.3.2", "Width of the desktop.") \
F(DESKTOP_HEIGHT, U64, ONE, NONE, ASIS, 8, "pixels", "rdp.desktop_height_pixels", "MS-RDPBCGR 2.2.1.3.2", "Height of the desktop.") \
F(PRODUCT_ID, STR, ONE, QUASI, ASIS, 64, "", "rdp.product_id", "MS-RDPBCGR 2.2.1.3.2", "Identifier of the client's installation.") \
F(CHANNELS, STR, MANY, DEVICE, ASIS, 8, "", "rdp.channels", "MS-RDPBCGR 2.2.1.3.4", "Virtual channels asked for: rdpdr (drives), cliprdr (clipboard), rdpsnd, ...") \
F(ENCRYPTION_METHODS, U64, ONE, NONE, ASIS, 8, "", "rdp.encryption_methods", "MS-RDPBCGR 2.2.1.3.3", "Ciphers offered or chosen, as bits: 1 40 bit, 8 56 bit, 2 128 bit RC4, 16 FIPS; 0 none.") \
F(ENCRYPTION_LEVEL, U64, ONE, NONE, ASIS, 8, "", "rdp.encryption_level", "MS-RDPBCGR 2.2.1.4.3", "Level that the server chose: 0 none, 1 low, 2 client compatible, 3 high, 4 FIPS.") \
F(USER_DOMAIN, STR, ONE, DEVICE, ASIS, 64, "", "rdp.user_domain", "MS-RDPBCGR 2.2.1.11.1.1", "Domain of the account that signs on in clear.")
/* clang-format on */
WT_DECLARE_FIELDS(RDP_FIELDS)

static const struct wt_event_type event_types[] = {
	{ "rdp", "A step of an RDP connection." },
};

enum { EVENT_RDP };

enum { X224_REQUEST = 0xe0, X224_CONFIRM = 0xd0, X224_DATA = 0xf0 };

#define TPKT_LEN 4u
#define RDP_VIEW 4096u
#define TEXT_MAX 256u
#define CHANNELS_MAX 31u
#define BLOCKS_MAX 24u
#define PROTOCOL_NONE UINT32_MAX

struct rdp_state {
	bool is_known; /* a request or confirm was seen: data units are ours */
	bool said_connect[2];
	bool said_info;
};

static const char *protocol_name(uint32_t bit)
{
	switch (bit) {
	case 0:
		return "rdp";
	case 1:
		return "tls";
	case 2:
		return "credssp";
	case 4:
		return "rdstls";
	case 8:
		return "credssp_ex";
	case 16:
		return "aad";
	default:
		return NULL;
	}
}

static const char *failure_name(uint32_t code)
{
	static const char *const names[] = {
		"",
		"ssl_required_by_server",
		"ssl_not_allowed_by_server",
		"ssl_cert_not_on_server",
		"inconsistent_flags",
		"hybrid_required_by_server",
		"ssl_with_user_auth_required",
	};

	return code < sizeof(names) / sizeof(names[0]) ? names[code] : NULL;
}

static unsigned begin(struct wt_out *out, const char *step)
{
	unsigned event = wt_event_begin(out, EVENT_RDP);

	put_EVENT(out, event, wt_slice_text(step));
	return event;
}

/* --- negotiation --- */

/* The variable part of a request: cookie or token, then the negotiation. */
static void read_request(struct wt_out *out, struct wt_slice rest)
{
	unsigned event = begin(out, "initial_request"), bit;
	struct wt_reader r;
	uint32_t protocols;

	if (wt_slice_starts(rest, WT_LIT("Cookie: "))) {
		struct wt_slice line =
			wt_slice_head(rest, wt_slice_search(rest, WT_LIT("\r\n")));

		rest = wt_slice_tail(rest, line.len + 2);
		line = wt_slice_tail(line, 8);
		if (wt_slice_starts(line, WT_LIT("mstshash="))) {
			put_COOKIE(out, event, wt_slice_tail(line, 9));
			wt_put_USER_NAME(out, event, wt_slice_tail(line, 9));
		} else {
			put_HAS_ROUTING_TOKEN(out, event, true);
		}
	}
	r = wt_reader_of(rest, WT_MALFORMED);
	if (wt_rd_u8(&r) != 1)
		return; /* a client from before the negotiation */
	wt_rd_skip(&r, 3);
	protocols = wt_rd_u32le(&r);
	if (r.err != WT_OK)
		return;
	put_REQUESTED_CODE(out, event, protocols);
	if (!protocols)
		put_REQUESTED(out, event, WT_LIT("rdp"));
	for (bit = 1; bit <= 16; bit <<= 1)
		if (protocols & bit)
			put_REQUESTED(out, event, wt_slice_text(protocol_name(bit)));
}

/* The security that was chosen; PROTOCOL_NONE where the server refused. */
static uint32_t read_confirm(struct wt_out *out, struct wt_slice rest)
{
	unsigned event = begin(out, "initial_response");
	struct wt_reader r = wt_reader_of(rest, WT_MALFORMED);
	uint8_t type = wt_rd_u8(&r);
	uint32_t value;
	bool is_old; /* a server from before the negotiation */

	wt_rd_skip(&r, 3);
	value = wt_rd_u32le(&r);
	is_old = r.err != WT_OK || (type != 2 && type != 3);
	if (is_old) {
		type = 2;
		value = 0;
	}
	if (type == 3) {
		put_FAILURE(out, event, wt_slice_text(failure_name(value)));
		return PROTOCOL_NONE;
	}
	put_SELECTED(out, event, wt_slice_text(protocol_name(value)));
	if (!is_old)
		put_SELECTED_CODE(out, event, value);
	if (value <= 1)
		put_IS_WITHOUT_NLA(out, event, true);
	return value;
}

/* --- connection in clear --- */

static void put_version(struct wt_out *out, unsigned event, uint32_t version, bool is_server)
{
	uint8_t room[16];
	struct wt_builder b = wt_builder_of(room, sizeof(room));

	wt_bld_u64(&b, version >> 16);
	wt_bld_char(&b, '.');
	wt_bld_u64(&b, version & 0xffff);
	if (is_server)
		put_SERVER_VERSION(out, event, wt_bld_slice(&b));
	else
		put_CLIENT_VERSION(out, event, wt_bld_slice(&b));
}

/* 2.2.1.3.2 */
static void client_core(struct wt_out *out, unsigned event, struct wt_reader *r)
{
	uint8_t room[TEXT_MAX];
	struct wt_slice name, product;

	put_version(out, event, wt_rd_u32le(r), false);
	put_DESKTOP_WIDTH(out, event, wt_rd_u16le(r));
	put_DESKTOP_HEIGHT(out, event, wt_rd_u16le(r));
	wt_rd_skip(r, 2 + 2);
	put_KEYBOARD_LAYOUT(out, event, wt_rd_u32le(r));
	put_CLIENT_BUILD(out, event, wt_rd_u32le(r));
	name = wt_utf16le(wt_rd_bytes(r, 32), room, sizeof(room));
	put_CLIENT_NAME(out, event, name);
	wt_put_host_name(out, event, name);
	wt_rd_skip(r, 4 + 4 + 4 + 64 + 2 + 2 + 4 + 2 + 2 + 2);
	product = wt_rd_bytes(r, 64);
	if (r->err == WT_OK)
		put_PRODUCT_ID(out, event, wt_utf16le(product, room, sizeof(room)));
}

/* 2.2.1.3.4 */
static void client_net(struct wt_out *out, unsigned event, struct wt_reader *r)
{
	uint32_t n = wt_rd_u32le(r), i;

	for (i = 0; i < n && i < CHANNELS_MAX && wt_rd_left(r) >= 12; i++) {
		struct wt_slice name = wt_rd_bytes(r, 8);

		put_CHANNELS(out, event, wt_slice_head(name, wt_slice_find(name, 0)));
		wt_rd_skip(r, 4);
	}
}

/* User data blocks behind the GCC key (T.124): type u16le, length u16le, body. */
static void read_blocks(struct wt_out *out, unsigned event, struct wt_slice mcs, bool is_server)
{
	struct wt_slice key = is_server ? WT_LIT("McDn") : WT_LIT("Duca");
	struct wt_reader r = wt_reader_of(
		wt_slice_tail(mcs, wt_slice_search(mcs, key) + key.len), WT_MALFORMED);
	unsigned i;

	if (wt_rd_u8(&r) & 0x80) /* PER length of one or two octets */
		wt_rd_skip(&r, 1);
	for (i = 0; i < BLOCKS_MAX && wt_rd_left(&r) >= 4; i++) {
		uint16_t type = wt_rd_u16le(&r), len = wt_rd_u16le(&r);
		struct wt_reader body;

		if (len < 4)
			return;
		body = wt_rd_box(&r, len - 4u < wt_rd_left(&r) ? len - 4u : wt_rd_left(&r));
		if (type == 0xc001)
			client_core(out, event, &body);
		else if (type == 0xc003)
			client_net(out, event, &body);
		else if (type == 0x0c01)
			put_version(out, event, wt_rd_u32le(&body), true);
		else if (type == 0xc002 || type == 0x0c02)
			put_ENCRYPTION_METHODS(out, event, wt_rd_u32le(&body));
		if (type == 0x0c02)
			put_ENCRYPTION_LEVEL(out, event, wt_rd_u32le(&body));
	}
}

/* 2.2.1.11: account and password, where the security header says that nothing hides
 * them. */
static bool read_info(struct wt_out *out, struct wt_slice mcs)
{
	struct wt_reader r = wt_reader_of(mcs, WT_MALFORMED);
	uint8_t a[TEXT_MAX], b[TEXT_MAX], c[TEXT_MAX];
	uint16_t flags, n_domain, n_user, n_secret;
	uint32_t info;
	struct wt_slice domain, user, secret;
	unsigned event;

	wt_rd_skip(&r, 1 + 2 + 2 + 1);
	if (wt_rd_u8(&r) & 0x80)
		wt_rd_skip(&r, 1);
	flags = wt_rd_u16le(&r);
	wt_rd_skip(&r, 2 + 4);
	info = wt_rd_u32le(&r);
	n_domain = wt_rd_u16le(&r);
	n_user = wt_rd_u16le(&r);
	n_secret = wt_rd_u16le(&r);
	wt_rd_skip(&r, 2 + 2);
	if (r.err != WT_OK || !(flags & 0x0040) || flags & 0x0008 || !(info & 0x10))
		return false;
	domain = wt_utf16le(wt_rd_bytes(&r, n_domain), a, sizeof(a));
	wt_rd_skip(&r, 2); /* NUL, which is not counted */
	user = wt_utf16le(wt_rd_bytes(&r, n_user), b, sizeof(b));
	wt_rd_skip(&r, 2); /* NUL, which is not counted */
	secret = wt_utf16le(wt_rd_bytes(&r, n_secret), c, sizeof(c));
	if (r.err != WT_OK)
		return false;
	event = begin(out, "client_info");
	put_USER_DOMAIN(out, event, domain);
	wt_put_USER_NAME(out, event, user);
	wt_put_USER_SECRET(out, event, secret);
	return true;
}

static void read_data(struct rdp_state *s, enum wt_direction dir, struct wt_out *out,
		      struct wt_slice mcs)
{
	bool is_initial = wt_slice_starts(mcs, WT_LIT("\x7f\x65"));
	unsigned event;

	if (is_initial || wt_slice_starts(mcs, WT_LIT("\x7f\x66"))) {
		if (s->said_connect[dir])
			return;
		s->said_connect[dir] = true;
		event = begin(out, is_initial ? "connect_request" : "connect_response");
		read_blocks(out, event, mcs, !is_initial);
	} else if (mcs.len && mcs.ptr[0] == 0x64 && dir == WT_TO_SERVER && !s->said_info) {
		s->said_info = read_info(out, mcs);
	}
}

/* --- units --- */

/* Is it a request or confirm of ours? S7, MMS and H.323 have TPKT and X.224 too: there
 * the variable part holds addresses (C0 ..), here a cookie, a negotiation or nothing. */
static enum wt_verdict shape(struct wt_slice s)
{
	struct wt_reader r = wt_reader_of(s, WT_MORE);
	uint8_t version = wt_rd_u8(&r), zero = wt_rd_u8(&r), indicator, code, next, class;
	uint16_t len = wt_rd_u16be(&r);

	if ((s.len && version != 3) || (s.len > 1 && zero))
		return WT_FOREIGN;
	indicator = wt_rd_u8(&r);
	code = wt_rd_u8(&r);
	if (r.err != WT_OK)
		return r.err;
	if (code == X224_DATA && indicator == 2) {
		wt_rd_skip(&r, 1);
		version = wt_rd_u8(&r);
		next = wt_rd_u8(&r);
		if (r.err != WT_OK)
			return version == 0x7f || !version ? WT_MORE : WT_FOREIGN;
		return version == 0x7f && (next == 0x65 || next == 0x66) ? WT_OK : WT_FOREIGN;
	}
	if ((code != X224_REQUEST && code != X224_CONFIRM) || indicator < 6 ||
	    len != indicator + 5u)
		return WT_FOREIGN;
	wt_rd_skip(&r, 4);
	class = wt_rd_u8(&r);
	if (r.err == WT_OK && class != 0)
		return WT_FOREIGN;
	if (indicator == 6)
		return r.err;
	next = wt_rd_u8(&r);
	if (r.err != WT_OK)
		return r.err;
	if (code == X224_REQUEST)
		return next == 'C' || (next == 1 && indicator == 14) ? WT_OK : WT_FOREIGN;
	return (next == 2 || next == 3) && indicator == 14 ? WT_OK : WT_FOREIGN;
}

/* Input and pictures: first octet, length of 7 or 15 bits that counts itself. */
static enum wt_verdict pass_fast_path(struct wt_reader *r, struct wt_out *out)
{
	uint8_t first = wt_rd_u8(r), high = wt_rd_u8(r);
	uint32_t len = high & 0x80 ? (uint32_t)(high & 0x7f) << 8 | wt_rd_u8(r) : high;
	uint32_t head = high & 0x80 ? 3 : 2;

	if (r->err != WT_OK)
		return r->err;
	if (first & 3 || len < head)
		return WT_MALFORMED;
	wt_out_skip(out, len - head);
	return WT_OK;
}

static enum wt_verdict rdp_message(void *state, enum wt_direction dir, struct wt_reader *r,
				   struct wt_out *out)
{
	struct wt_slice at = wt_rd_peek(r), body;
	struct rdp_state *s = state;
	struct wt_reader head = *r;
	uint8_t indicator, code;
	uint16_t len;
	size_t want;

	if (at.len == 0)
		return WT_MORE;
	if (!s->is_known || wt_out_is_resumed(out)) {
		enum wt_verdict verdict = shape(at);

		if (verdict != WT_OK)
			return verdict == WT_MORE ? WT_MORE : WT_MALFORMED;
	}
	if (at.ptr[0] != 3)
		return pass_fast_path(r, out);
	wt_rd_skip(&head, 2);
	len = wt_rd_u16be(&head);
	indicator = wt_rd_u8(&head);
	code = wt_rd_u8(&head);
	if (head.err != WT_OK)
		return head.err;
	if (at.ptr[1] != 0 || len < TPKT_LEN + 2 || indicator + 5u > len || indicator < 2)
		return WT_MALFORMED;
	want = len < RDP_VIEW ? len : RDP_VIEW;
	if (at.len < want) {
		wt_out_need(out, want);
		return WT_MORE;
	}
	body = wt_slice_tail(wt_slice_head(at, want), TPKT_LEN + 1u + indicator);
	if (code == X224_REQUEST || code == X224_CONFIRM) {
		struct wt_slice variable = wt_slice_head(wt_slice_tail(at, 11), indicator - 6u);

		if (indicator < 6 || shape(at) == WT_FOREIGN)
			return WT_MALFORMED;
		s->is_known = true;
		wt_rd_skip(r, want);
		if (code == X224_REQUEST) {
			read_request(out, variable);
		} else {
			uint32_t selected = read_confirm(out, variable);

			if (selected != 0 && selected != PROTOCOL_NONE && len == want)
				wt_out_yield(out);
		}
	} else {
		s->is_known = true;
		wt_rd_skip(r, want);
		if (code == X224_DATA)
			read_data(s, dir, out, body);
	}
	wt_out_skip(out, len - want);
	wt_out_message_end(out);
	wt_out_commit(out);
	return WT_OK;
}

static enum wt_verdict rdp_probe(struct wt_slice head)
{
	return shape(head);
}

static size_t rdp_resync(struct wt_slice rest)
{
	size_t at = 0;

	while (at < rest.len) {
		at += wt_slice_find(wt_slice_tail(rest, at), 3);
		if (at < rest.len && shape(wt_slice_tail(rest, at)) != WT_FOREIGN)
			return at;
		at++;
	}
	return rest.len;
}

const struct wt_dissector wt_rdp_dissector = {
	.name = "rdp",
	.title = "RDP",
	.source = "MS-RDPBCGR rev. 56, RFC 1006, ITU-T X.224, T.124, T.125",
	.carriage = WT_OVER_TCP,
	.ports = { 3389 },
	.probe = rdp_probe,
	.message = rdp_message,
	.resync = rdp_resync,
	.state_size = sizeof(struct rdp_state),
	.buffer_max = RDP_VIEW * 2,
	WT_DISSECTOR_TABLES(event_types),
};
