/* VNC (RFB): versions, security, the desktop's name and size; then nothing more.
 *
 *   server  "RFB 003.008\n"                      client  the version it chose
 *   server  n type[n]      (3.3: type u32)       client  type
 *   server  challenge[16]                        client  response[16]    (type 2)
 *   server  result u32 [length u32 reason]       client  shared u8
 *   server  width u16 height u16 format[16] length u32 name
 *
 * Each direction is read on its own; what the other side chose decides how it goes on.
 * A security type that encrypts (TLS, VeNCrypt) hands the flow on to TLS; one that is not
 * understood ends the reading, as does the end of the beginning: pictures and keys are
 * passed over.
 * Source: RFC 6143; rfbproto (community edition) for TLS, VeNCrypt and vendors' types.
 * Trust: every byte is hostile. Memory: struct vnc_state per flow. */
#include "wardtap/line.h"

#define VNC_FIELDS(F)                                                                          \
	F(STEP, STR, ONE, NONE, ASIS, 12, "", "vnc.step", "wardtap",                           \
	  "security (what is offered), chosen, result, session (the desktop is shown).")       \
	F(SERVER_VERSION, STR, ONE, NONE, ASIS, 8, "", "vnc.server_version", "RFC 6143 7.1.1", \
	  "Highest version of the server, e.g. 003.008.")                                      \
	F(CLIENT_VERSION, STR, ONE, NONE, ASIS, 8, "", "vnc.client_version", "RFC 6143 7.1.1", \
	  "Version that the client chose.")                                                    \
	F(OFFERED, U64, MANY, NONE, ASIS, 8, "", "vnc.security_offered", "RFC 6143 7.1.2",     \
	  "Security types that the server offers.")                                            \
	F(SECURITY, U64, ONE, NONE, ASIS, 8, "", "vnc.security_type", "RFC 6143 7.1.2",        \
	  "Security type in use: 1 none, 2 VNC password, 18 TLS, 19 VeNCrypt, 16 Tight.")      \
	F(IS_OPEN, BOOL, ONE, NONE, ASIS, 1, "", "vnc.needs_no_password", "RFC 6143 7.2.1",    \
	  "Security type None is offered, or in use.")                                         \
	F(RESULT, U64, ONE, NONE, ASIS, 8, "", "vnc.security_result", "RFC 6143 7.1.3",        \
	  "0: accepted; 1: refused; 2: too many attempts.")                                    \
	F(REASON, STR, ONE, DIRECT, ASIS, 256, "", "vnc.failure_reason", "RFC 6143 7.1.3",     \
	  "Why the server refused.")                                                           \
	F(IS_SHARED, BOOL, ONE, NONE, ASIS, 1, "", "vnc.is_shared", "RFC 6143 7.3.1",          \
	  "The client leaves other viewers connected.")                                        \
	F(WIDTH, U64, ONE, NONE, ASIS, 8, "pixels", "vnc.width_px", "RFC 6143 7.3.2",          \
	  "Width of the desktop.")                                                             \
	F(HEIGHT, U64, ONE, NONE, ASIS, 8, "pixels", "vnc.height_px", "RFC 6143 7.3.2",        \
	  "Height of the desktop.")                                                            \
	F(NAME, STR, ONE, QUASI, ASIS, 128, "", "vnc.desktop_name", "RFC 6143 7.3.2",          \
	  "Name of the desktop, which often tells host and user.")

WT_DECLARE_FIELDS(VNC_FIELDS)

enum { EVENT_RFB };

static const struct wt_event_type events[] = {
	[EVENT_RFB] = { "rfb", "A step of a VNC session's beginning." },
};

enum { VNC_NONE = 1, VNC_PASSWORD = 2, VNC_TLS = 18, VNC_VENCRYPT = 19 };

enum vnc_phase {
	AT_VERSION,
	AT_SECURITY,  /* server: types; client: choice */
	AT_CHALLENGE, /* server: 16 bytes; client: 16 bytes */
	AT_RESULT,
	AT_INIT,
	AT_VENCRYPT_VERSION,
	AT_VENCRYPT_TYPES,
	AT_VENCRYPT_ACK,
	AT_END,
};

#define VERSION_LEN 12u
#define REASON_MAX 1024u
#define NAME_MAX 256u
#define ALL (UINT64_C(1) << 62)

struct vnc_state {
	uint8_t phase[2];
	uint8_t minor[2];        /* as stated; 0: not seen */
	uint8_t version[2][7];   /* "003.008" */
	uint8_t security;        /* chosen, 0: not seen */
	uint8_t n_offered, only; /* the only one offered */
	bool is_shared, has_shared;
};

static enum wt_verdict probe(struct wt_slice head)
{
	static const char shape[] = "RFB ddd.ddd\n";
	size_t i;

	for (i = 0; i < head.len && i < VERSION_LEN; i++)
		if (shape[i] == 'd' ? !wt_line_is_digit(head.ptr[i])
				    : head.ptr[i] != (uint8_t)shape[i])
			return WT_FOREIGN;
	return head.len < VERSION_LEN ? WT_MORE : WT_OK;
}

static size_t resync(struct wt_slice rest)
{
	return probe(rest) == WT_OK ? 0 : rest.len;
}

/* Version in use: the client's, 7, 8, or 3 for whatever else (RFC 6143 7.1.1). */
static unsigned minor_of(const struct vnc_state *s)
{
	unsigned minor =
		s->minor[WT_TO_SERVER] ? s->minor[WT_TO_SERVER] : s->minor[WT_TO_CLIENT];

	return minor >= 8 ? 8 : minor == 7 ? 7 : 3;
}

static enum wt_verdict pass(struct vnc_state *s, enum wt_direction dir, struct wt_reader *r,
			    struct wt_out *out)
{
	s->phase[dir] = AT_END;
	(void)wt_rd_rest(r);
	wt_out_skip(out, ALL);
	return WT_OK;
}

static void put_versions(const struct vnc_state *s, struct wt_out *out, unsigned event)
{
	if (s->minor[WT_TO_CLIENT])
		put_SERVER_VERSION(out, event, wt_slice_of(s->version[WT_TO_CLIENT], 7));
	if (s->minor[WT_TO_SERVER])
		put_CLIENT_VERSION(out, event, wt_slice_of(s->version[WT_TO_SERVER], 7));
}

static void put_security(const struct vnc_state *s, struct wt_out *out, unsigned event)
{
	unsigned security = s->security ? s->security : s->only;

	if (security)
		put_SECURITY(out, event, security);
	if (security == VNC_NONE)
		put_IS_OPEN(out, event, true);
}

static enum wt_verdict version(struct vnc_state *s, enum wt_direction dir, struct wt_reader *r)
{
	struct wt_slice line = wt_rd_bytes(r, VERSION_LEN);
	size_t i;

	if (r->err != WT_OK)
		return r->err;
	if (probe(line) != WT_OK)
		return WT_FOREIGN;
	for (i = 0; i < 7; i++)
		s->version[dir][i] = line.ptr[4 + i];
	s->minor[dir] = (uint8_t)((line.ptr[9] - '0') * 10 + line.ptr[10] - '0');
	if (line.ptr[8] != '0') /* 003.889 is Apple's, which goes on as 3.8 */
		s->minor[dir] = 99;
	if (!s->minor[dir])
		s->minor[dir] = 3;
	s->phase[dir] = AT_SECURITY;
	return WT_OK;
}

/* u32 length and text, which explains a refusal. */
static enum wt_verdict reason(struct vnc_state *s, struct wt_reader *r, struct wt_out *out,
			      unsigned event)
{
	uint32_t len = wt_rd_u32be(r);
	struct wt_slice text = wt_rd_bytes(r, len < REASON_MAX ? len : REASON_MAX);

	if (r->err != WT_OK)
		return r->err;
	put_REASON(out, event, text);
	wt_out_commit(out);
	s->phase[WT_TO_CLIENT] = AT_END;
	return WT_OK;
}

/* What follows on the server's side, by the security type in use. */
static uint8_t after_security(const struct vnc_state *s)
{
	unsigned security = s->security ? s->security : s->only;

	switch (security) {
	case VNC_NONE:
		return minor_of(s) >= 8 ? AT_RESULT : AT_INIT;
	case VNC_PASSWORD:
		return AT_CHALLENGE;
	case VNC_VENCRYPT:
		return AT_VENCRYPT_VERSION;
	default:
		return AT_END;
	}
}

static enum wt_verdict offer(struct vnc_state *s, struct wt_reader *r, struct wt_out *out)
{
	unsigned event = wt_event_begin(out, EVENT_RFB), n, i;
	bool is_old = minor_of(s) < 7;
	struct wt_slice types;
	uint32_t type;

	put_STEP(out, event, WT_LIT("security"));
	put_versions(s, out, event);
	if (is_old) {
		type = wt_rd_u32be(r);
		if (r->err != WT_OK)
			return r->err;
		if (type == 0)
			return reason(s, r, out, event);
		put_OFFERED(out, event, type);
		if (type == VNC_NONE)
			put_IS_OPEN(out, event, true);
		s->security = type < 256 ? (uint8_t)type : 255;
		s->phase[WT_TO_CLIENT] = after_security(s);
		wt_out_commit(out);
		return WT_OK;
	}
	n = wt_rd_u8(r);
	types = wt_rd_bytes(r, n);
	if (r->err != WT_OK)
		return r->err;
	if (n == 0)
		return reason(s, r, out, event);
	for (i = 0; i < types.len && i < 32; i++)
		put_OFFERED(out, event, types.ptr[i]);
	if (wt_slice_find(types, VNC_NONE) < types.len)
		put_IS_OPEN(out, event, true);
	s->n_offered = (uint8_t)n;
	s->only = types.len == 1 ? types.ptr[0] : 0;
	s->phase[WT_TO_CLIENT] = AT_CHALLENGE; /* or what the choice says */
	wt_out_commit(out);
	return WT_OK;
}

static enum wt_verdict result(struct vnc_state *s, struct wt_reader *r, struct wt_out *out)
{
	unsigned event = wt_event_begin(out, EVENT_RFB);
	uint32_t code = wt_rd_u32be(r);
	struct wt_reader ahead = *r;

	if (r->err != WT_OK)
		return r->err;
	put_STEP(out, event, WT_LIT("result"));
	put_versions(s, out, event);
	put_security(s, out, event);
	put_RESULT(out, event, code);
	if (code && minor_of(s) >= 8 && !(wt_out_is_end(out) && ahead.left < 4))
		return reason(s, r, out, event);
	s->phase[WT_TO_CLIENT] = code ? AT_END : AT_INIT;
	wt_out_commit(out);
	return WT_OK;
}

/* "host:1 (user)", "user's X desktop (host:0)", "QEMU (name)": what is a host's name? */
static void put_host(struct wt_out *out, unsigned event, struct wt_slice name)
{
	struct wt_slice host = wt_slice_head(name, wt_slice_find(name, ':'));
	size_t i;

	for (i = 0; i < host.len; i++)
		if (!wt_line_is_letter(host.ptr[i]) && !wt_line_is_digit(host.ptr[i]) &&
		    host.ptr[i] != '-' && host.ptr[i] != '.' && host.ptr[i] != '_')
			return;
	if (host.len < name.len)
		wt_put_host_name(out, event, host);
}

static enum wt_verdict init(struct vnc_state *s, struct wt_reader *r, struct wt_out *out)
{
	unsigned event = wt_event_begin(out, EVENT_RFB);
	unsigned width = wt_rd_u16be(r), height = wt_rd_u16be(r);
	struct wt_slice name;
	uint32_t len;

	wt_rd_skip(r, 16);
	len = wt_rd_u32be(r);
	name = wt_rd_bytes(r, len < NAME_MAX ? len : NAME_MAX);
	if (r->err != WT_OK)
		return r->err;
	put_STEP(out, event, WT_LIT("session"));
	put_versions(s, out, event);
	put_security(s, out, event);
	if (s->has_shared)
		put_IS_SHARED(out, event, s->is_shared);
	put_WIDTH(out, event, width);
	put_HEIGHT(out, event, height);
	put_NAME(out, event, name);
	put_host(out, event, name);
	wt_out_commit(out);
	return pass(s, WT_TO_CLIENT, r, out);
}

/* VeNCrypt (type 19): versions, an acknowledgement, subtypes u32, an acknowledgement;
 * then TLS, for all subtypes but Plain. */
static enum wt_verdict vencrypt_server(struct vnc_state *s, struct wt_reader *r,
				       struct wt_out *out)
{
	unsigned n;

	switch (s->phase[WT_TO_CLIENT]) {
	case AT_VENCRYPT_VERSION:
		(void)wt_rd_u16be(r);
		s->phase[WT_TO_CLIENT] =
			r->err == WT_OK ? AT_VENCRYPT_TYPES : AT_VENCRYPT_VERSION;
		return r->err;
	case AT_VENCRYPT_TYPES:
		(void)wt_rd_u8(r);
		n = wt_rd_u8(r);
		wt_rd_skip(r, n * 4u);
		s->phase[WT_TO_CLIENT] = r->err == WT_OK ? AT_VENCRYPT_ACK : AT_VENCRYPT_TYPES;
		return r->err;
	default:
		n = wt_rd_u8(r);
		if (r->err != WT_OK)
			return r->err;
		if (n == 1)
			wt_out_yield(out);
		else
			return pass(s, WT_TO_CLIENT, r, out);
		return WT_OK;
	}
}

static enum wt_verdict server(struct vnc_state *s, struct wt_reader *r, struct wt_out *out)
{
	/* after the types, the client's choice decides, if it was seen */
	if (s->phase[WT_TO_CLIENT] == AT_CHALLENGE && minor_of(s) >= 7)
		s->phase[WT_TO_CLIENT] = after_security(s);
	switch (s->phase[WT_TO_CLIENT]) {
	case AT_VERSION:
		return version(s, WT_TO_CLIENT, r);
	case AT_SECURITY:
		return offer(s, r, out);
	case AT_CHALLENGE:
		wt_rd_skip(r, 16);
		if (r->err == WT_OK)
			s->phase[WT_TO_CLIENT] = AT_RESULT;
		return r->err;
	case AT_RESULT:
		return result(s, r, out);
	case AT_INIT:
		return init(s, r, out);
	case AT_VENCRYPT_VERSION:
	case AT_VENCRYPT_TYPES:
	case AT_VENCRYPT_ACK:
		return vencrypt_server(s, r, out);
	default:
		return pass(s, WT_TO_CLIENT, r, out);
	}
}

static enum wt_verdict choice(struct vnc_state *s, struct wt_reader *r, struct wt_out *out)
{
	unsigned event = wt_event_begin(out, EVENT_RFB);

	s->security = wt_rd_u8(r);
	put_STEP(out, event, WT_LIT("chosen"));
	put_versions(s, out, event);
	put_security(s, out, event);
	wt_out_commit(out);
	if (s->security == VNC_PASSWORD)
		s->phase[WT_TO_SERVER] = AT_CHALLENGE;
	else
		s->phase[WT_TO_SERVER] = s->security == VNC_NONE ? AT_INIT : AT_END;
	if (s->security == VNC_TLS)
		wt_out_yield(out);
	return WT_OK;
}

static enum wt_verdict client(struct vnc_state *s, struct wt_reader *r, struct wt_out *out)
{
	/* 3.3: the server decided, and was heard or not */
	if (s->phase[WT_TO_SERVER] == AT_SECURITY && minor_of(s) < 7)
		s->phase[WT_TO_SERVER] = s->security == VNC_NONE       ? AT_INIT
					 : s->security == VNC_PASSWORD ? AT_CHALLENGE
								       : AT_END;
	switch (s->phase[WT_TO_SERVER]) {
	case AT_VERSION:
		return version(s, WT_TO_SERVER, r);
	case AT_SECURITY:
		return choice(s, r, out);
	case AT_CHALLENGE:
		wt_rd_skip(r, 16);
		if (r->err == WT_OK)
			s->phase[WT_TO_SERVER] = AT_INIT;
		return r->err;
	case AT_INIT:
		s->is_shared = wt_rd_u8(r) != 0;
		s->has_shared = true;
		return pass(s, WT_TO_SERVER, r, out);
	default:
		return pass(s, WT_TO_SERVER, r, out);
	}
}

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	struct vnc_state *s = state;

	if (!wt_rd_left(r))
		return WT_MORE;
	if (wt_out_is_resumed(out) && s->phase[dir] != AT_VERSION)
		return pass(s, dir, r, out);
	return dir == WT_TO_SERVER ? client(s, r, out) : server(s, r, out);
}

const struct wt_dissector wt_vnc_dissector = {
	.name = "vnc",
	.title = "VNC (RFB)",
	.source = "RFC 6143, rfbproto",
	.carriage = WT_OVER_TCP,
	.ports = { 5900, 5901, 5902, 5800 },
	.probe = probe,
	.message = message,
	.resync = resync,
	.state_size = sizeof(struct vnc_state),
	.buffer_max = 2048,
	WT_DISSECTOR_TABLES(events),
};
