/* DCE/RPC: remote procedure calls of Windows, connection-oriented over TCP and
 * connectionless over UDP, and the endpoint mapper that tells who listens where.
 *
 *   TCP: 05 minor type flags drep[4] frag_len u16 auth_len u16 call_id u32, body
 *   UDP: 04 type flags1 flags2 drep[3] serial, object 16, interface 16, activity 16,
 *        boot u32, version u32, sequence u32, opnum u16, hints 2 * u16, len u16,
 *        fragment u16, auth u8, serial u8, body
 *
 * One unit is a fragment; the first one of a call makes the event. Of a fragment the
 * first DCERPC_VIEW bytes are read.
 * Source: C706 (1997) 12.5, 12.6, appendix O; MS-RPCE (rev. 35) 2.2.
 * Trust: every byte is hostile; lengths are checked against the fragment.
 * Memory: struct dcerpc_state per flow, 8 KiB of unconsumed bytes per direction. */
#include "wardtap/msrpc.h"
#include "wardtap/names.h"
#include "wardtap/ntlm.h"

/* clang-format off */
#define DCERPC_FIELDS(F) \
F(TYPE, STR, ONE, NONE, ASIS, 24, "", "dcerpc.type", "C706 12.6.4.1", "Kind of unit: bind, bind_ack, request, response, fault, ...") \
F(TYPE_CODE, U64, ONE, NONE, ASIS, 8, "", "dcerpc.type_code", "C706 12.6.4.1", "Number of that kind.") \
F(IS_CONNECTIONLESS, BOOL, ONE, NONE, ASIS, 1, "", "dcerpc.is_connectionless", "C706 12.5", "A call of version 4 in a datagram.") \
F(CALL_ID, U64, ONE, NONE, ASIS, 8, "", "dcerpc.call_id", "C706 12.6.3.1", "Number that call and answer share.") \
F(IS_FRAGMENTED, BOOL, ONE, NONE, ASIS, 1, "", "dcerpc.is_fragmented", "C706 12.6.3.1", "More fragments of the call follow.") \
F(CONTEXT_ID, U64, ONE, NONE, ASIS, 8, "", "dcerpc.context_id", "C706 12.6.3.1", "Presentation context of a call.") \
F(IFACE, STR, MANY, DEVICE, ASIS, 36, "", "dcerpc.iface", "C706 12.6.4.3", "Interfaces bound, or the one that is called where its binding was seen.") \
F(IFACE_NAME, STR, MANY, NONE, ASIS, 24, "", "dcerpc.iface_name", "wardtap", "The same in words, where known: svcctl, samr, drsuapi, epmapper, ...") \
F(IFACE_VERSION, STR, MANY, DEVICE, ASIS, 12, "", "dcerpc.iface_version", "C706 12.6.3.1", "Versions of the interfaces bound, major.minor.") \
F(BIND_RESULT, U64, MANY, NONE, ASIS, 8, "", "dcerpc.bind_result", "C706 12.6.3.1", "Answer per context: 0 accepted, 1 rejected by the user, 2 by the provider, 3 negotiated.") \
F(NAK_REASON, U64, ONE, NONE, ASIS, 8, "", "dcerpc.nak_reason", "C706 12.6.3.1", "Why a bind was refused.") \
F(OPNUM, U64, ONE, NONE, ASIS, 8, "", "dcerpc.opnum", "C706 12.6.4.9", "Procedure called, also on its answer where the call was seen.") \
F(STUB_BYTES, U64, ONE, NONE, ASIS, 8, "bytes", "dcerpc.stub_bytes", "C706 12.6.4.9", "Arguments or results in this fragment.") \
F(STUB_DATA, STR, ONE, DIRECT, ASIS, 4096, "", "dcerpc.stub_data", "C706 12.6.4.9", "The first of them, for rules.") \
F(FAULT_STATUS, U64, ONE, NONE, ASIS, 8, "", "dcerpc.fault_status", "C706 12.6.4.7", "Why a call failed.") \
F(AUTH_TYPE, STR, ONE, NONE, ASIS, 16, "", "dcerpc.auth_type", "MS-RPCE 2.2.1.1.7", "Sign-on: spnego, ntlm, kerberos, schannel, netlogon.") \
F(AUTH_LEVEL, STR, ONE, NONE, ASIS, 16, "", "dcerpc.auth_level", "MS-RPCE 2.2.1.1.8", "Protection: none, connect, call, packet, integrity, privacy.") \
F(AUTH_MECHS, STR, MANY, NONE, ASIS, 16, "", "dcerpc.auth_mechs", "RFC 4178 4.2", "Mechanisms named in a SPNEGO token.") \
F(NTLMSSP_TYPE, STR, ONE, NONE, ASIS, 16, "", "dcerpc.ntlmssp_type", "MS-NLMP 2.2.1", "NEGOTIATE, CHALLENGE or AUTHENTICATE.") \
F(IS_NTLMV1, BOOL, ONE, NONE, ASIS, 1, "", "dcerpc.is_ntlmv1", "MS-NLMP 3.3.1", "The answer to the challenge is of NTLM version 1, which is broken.") \
F(IS_ANONYMOUS, BOOL, ONE, NONE, ASIS, 1, "", "dcerpc.is_anonymous", "MS-NLMP 3.2.5.1.2", "Sign-on without an account.") \
F(MAP_IFACE, STR, MANY, DEVICE, ASIS, 36, "", "dcerpc.map_iface", "C706 appendix L", "Interface that the endpoint mapper is asked about or tells of.") \
F(MAP_IFACE_NAME, STR, MANY, NONE, ASIS, 24, "", "dcerpc.map_iface_name", "wardtap", "The same in words, where known.") \
F(MAP_PORT, U64, MANY, DEVICE, ASIS, 8, "", "dcerpc.map_port", "C706 appendix L", "TCP or UDP port where the mapper says that it is served.") \
F(MAP_PIPE, STR, MANY, NONE, ASIS, 24, "", "dcerpc.map_pipe", "C706 appendix L", "Named pipe, where it is one of the known ones.") \
F(MAP_ADDRESS, STR, MANY, DEVICE, ASIS, 15, "", "dcerpc.map_address", "C706 appendix L", "IPv4 address that the mapper tells.")
/* clang-format on */
WT_DECLARE_FIELDS(DCERPC_FIELDS)

static const struct wt_event_type event_types[] = {
	{ "dcerpc", "A bind, call or answer of DCE/RPC." },
};

enum { EVENT_DCERPC };

#define DCERPC_VIEW 6144u
#define CONTEXTS_MAX 8u
#define CALLS_MAX 8u
#define TOWERS_MAX 16u
#define CL_HEAD_LEN 80u
#define EPM_MAP 3u

struct dcerpc_state {
	struct wt_msrpc_context context[CONTEXTS_MAX];
	struct {
		uint32_t id;
		uint16_t opnum;
		bool is_used, is_map;
	} call[CALLS_MAX];
	uint8_t n_contexts, next_context, next_call;
};

static const char *auth_type(uint8_t type)
{
	switch (type) {
	case 9:
		return "spnego";
	case 10:
		return "ntlm";
	case 14:
		return "schannel";
	case 16:
		return "kerberos";
	case 68:
		return "netlogon";
	default:
		return "other";
	}
}

static void put_auth(struct wt_out *out, unsigned event, struct wt_slice whole,
		     const struct wt_msrpc *pdu)
{
	static const char *const levels[] = {
		"default", "none", "connect", "call", "packet", "integrity", "privacy",
	};
	struct wt_msrpc_auth auth;
	struct wt_ntlm ntlm;
	unsigned found, bit;

	if (!wt_msrpc_auth(whole, pdu, &auth))
		return;
	put_AUTH_TYPE(out, event, wt_slice_text(auth_type(auth.type)));
	if (auth.level < sizeof(levels) / sizeof(levels[0]))
		put_AUTH_LEVEL(out, event, wt_slice_text(levels[auth.level]));
	if (pdu->type < WT_MSRPC_BIND || pdu->type > WT_MSRPC_AUTH3)
		return;
	found = wt_gss_mechanisms(auth.token);
	for (bit = 1; bit <= WT_GSS_OTHER; bit <<= 1)
		if (found & bit)
			put_AUTH_MECHS(out, event, wt_slice_text(wt_gss_name(bit)));
	if (!wt_ntlm_parse(wt_ntlm_find(auth.token), &ntlm))
		return;
	put_NTLMSSP_TYPE(out, event, wt_slice_text(wt_ntlm_type_name(&ntlm)));
	wt_put_ntlm(out, event, &ntlm);
	if (ntlm.is_v1)
		put_IS_NTLMV1(out, event, true);
	if (ntlm.type == WT_NTLM_AUTHENTICATE && ntlm.is_anonymous)
		put_IS_ANONYMOUS(out, event, true);
}

static void put_iface(struct wt_out *out, unsigned event, const struct wt_msrpc_uuid *iface)
{
	uint8_t room[36];

	put_IFACE(out, event, wt_msrpc_uuid_text(iface, room));
	put_IFACE_NAME(out, event, wt_slice_text(wt_msrpc_iface_name(iface)));
}

/* --- contexts and calls --- */

static const struct wt_msrpc_uuid *iface_of(const struct dcerpc_state *s, uint16_t id)
{
	unsigned i;

	for (i = 0; i < s->n_contexts; i++)
		if (s->context[i].id == id)
			return &s->context[i].iface;
	return NULL;
}

static void remember_context(struct dcerpc_state *s, const struct wt_msrpc_context *context)
{
	unsigned i;

	for (i = 0; i < s->n_contexts; i++)
		if (s->context[i].id == context->id)
			break;
	if (i == s->n_contexts && i < CONTEXTS_MAX)
		s->n_contexts++;
	else if (i == s->n_contexts)
		i = s->next_context++ % CONTEXTS_MAX;
	s->context[i] = *context;
}

static void remember_call(struct dcerpc_state *s, uint32_t id, uint16_t opnum, bool is_map)
{
	unsigned i = s->next_call++ % CALLS_MAX;

	s->call[i].id = id;
	s->call[i].opnum = opnum;
	s->call[i].is_used = true;
	s->call[i].is_map = is_map;
}

static bool is_mapper(const struct wt_msrpc_uuid *iface)
{
	return wt_slice_equal(wt_slice_of(iface->octet, sizeof(iface->octet)),
			      WT_LIT("\xe1\xaf\x83\x08\x5d\x1f\x11\xc9\x91\xa4\x08\x00\x2b\x14"
				     "\xa0\xfa"));
}

/* --- the endpoint mapper (C706 appendix O) --- */

static void put_tower(struct wt_out *out, unsigned event, struct wt_slice bytes)
{
	struct wt_msrpc_tower tower;
	uint8_t room[36];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	unsigned i;

	if (!wt_msrpc_tower(bytes, &tower))
		return;
	put_MAP_IFACE(out, event, wt_msrpc_uuid_text(&tower.iface, room));
	put_MAP_IFACE_NAME(out, event, wt_slice_text(wt_msrpc_iface_name(&tower.iface)));
	if (tower.has_port && tower.port)
		put_MAP_PORT(out, event, tower.port);
	if (tower.pipe.len) {
		while (wt_slice_starts(tower.pipe, WT_LIT("\\")) ||
		       wt_slice_starts(tower.pipe, WT_LIT("PIPE\\")) ||
		       wt_slice_starts(tower.pipe, WT_LIT("pipe\\")))
			tower.pipe =
				wt_slice_tail(tower.pipe, tower.pipe.ptr[0] == '\\' ? 1 : 5);
		put_MAP_PIPE(out, event, wt_slice_text(wt_msrpc_pipe_name(tower.pipe)));
	}
	if (!tower.has_address || !(tower.address[0] | tower.address[3]))
		return;
	for (i = 0; i < 4; i++) {
		if (i)
			wt_bld_char(&b, '.');
		wt_bld_u64(&b, tower.address[i]);
	}
	put_MAP_ADDRESS(out, event, wt_bld_slice(&b));
}

static void map_request(struct wt_out *out, unsigned event, struct wt_reader r,
			const struct wt_msrpc *pdu)
{
	uint32_t len;

	if (wt_msrpc_u32(&r, pdu))
		wt_rd_skip(&r, 16);
	if (!wt_msrpc_u32(&r, pdu))
		return;
	wt_rd_skip(&r, 4);
	len = wt_msrpc_u32(&r, pdu);
	put_tower(out, event, wt_slice_head(wt_rd_peek(&r), len));
}

static void map_answer(struct wt_out *out, unsigned event, struct wt_reader r,
		       const struct wt_msrpc *pdu)
{
	uint32_t n, len, i;

	wt_rd_skip(&r, 20 + 4 + 4 + 4);
	n = wt_msrpc_u32(&r, pdu);
	if (n > TOWERS_MAX)
		n = TOWERS_MAX;
	wt_rd_skip(&r, n * 4u);
	for (i = 0; i < n; i++) {
		wt_rd_skip(&r, 4);
		len = wt_msrpc_u32(&r, pdu);
		if (r.err != WT_OK || len > wt_rd_left(&r))
			return;
		put_tower(out, event, wt_rd_bytes(&r, len));
		len = (4 - len % 4) % 4;
		wt_rd_skip(&r, len < wt_rd_left(&r) ? len : wt_rd_left(&r));
	}
}

/* --- units --- */

static void read_bind(struct dcerpc_state *s, struct wt_out *out, unsigned event,
		      struct wt_reader *r, const struct wt_msrpc *pdu)
{
	unsigned n = wt_msrpc_n_contexts(r, pdu), i;
	struct wt_msrpc_context context;
	uint8_t room[12];

	for (i = 0; i < n && i < 2 * CONTEXTS_MAX; i++) {
		struct wt_builder b = wt_builder_of(room, sizeof(room));

		if (!wt_msrpc_next_context(r, pdu, &context))
			return;
		remember_context(s, &context);
		put_iface(out, event, &context.iface);
		wt_bld_u64(&b, context.major);
		wt_bld_char(&b, '.');
		wt_bld_u64(&b, context.minor);
		put_IFACE_VERSION(out, event, wt_bld_slice(&b));
	}
}

static void read_ack(struct wt_out *out, unsigned event, struct wt_reader *r,
		     const struct wt_msrpc *pdu)
{
	unsigned n, i;
	uint16_t len;

	wt_rd_skip(r, 2 + 2 + 4);
	len = wt_msrpc_u16(r, pdu);
	/* the secondary address, and padding up to 4 from the PDU's start */
	wt_rd_skip(r, len + (4u - (WT_MSRPC_HEAD_LEN + 10u + len) % 4u) % 4u);
	n = wt_rd_u8(r);
	wt_rd_skip(r, 3);
	for (i = 0; i < n && i < 2 * CONTEXTS_MAX && wt_rd_left(r) >= 24; i++) {
		put_BIND_RESULT(out, event, wt_msrpc_u16(r, pdu));
		wt_rd_skip(r, 22);
	}
}

static void put_stub(struct wt_out *out, unsigned event, struct wt_slice stub, uint64_t len)
{
	put_STUB_BYTES(out, event, len);
	put_STUB_DATA(out, event, wt_slice_head(stub, 4096));
}

static void read_request(struct dcerpc_state *s, struct wt_out *out, unsigned event,
			 struct wt_reader *r, const struct wt_msrpc *pdu, uint64_t len)
{
	const struct wt_msrpc_uuid *iface;
	uint16_t id, opnum;
	size_t before = wt_rd_left(r);

	wt_rd_skip(r, 4);
	id = wt_msrpc_u16(r, pdu);
	opnum = wt_msrpc_u16(r, pdu);
	if (pdu->flags & WT_MSRPC_OBJECT)
		wt_rd_skip(r, 16);
	if (r->err != WT_OK)
		return;
	iface = iface_of(s, id);
	put_CONTEXT_ID(out, event, id);
	put_OPNUM(out, event, opnum);
	if (iface)
		put_iface(out, event, iface);
	put_stub(out, event, wt_rd_peek(r), len - (before - wt_rd_left(r)));
	remember_call(s, pdu->call_id, opnum, iface && is_mapper(iface) && opnum == EPM_MAP);
	if (iface && is_mapper(iface) && opnum == EPM_MAP)
		map_request(out, event, *r, pdu);
}

static void read_answer(struct dcerpc_state *s, struct wt_out *out, unsigned event,
			struct wt_reader *r, const struct wt_msrpc *pdu, uint64_t len)
{
	size_t before = wt_rd_left(r);
	unsigned i;

	wt_rd_skip(r, 4);
	put_CONTEXT_ID(out, event, wt_msrpc_u16(r, pdu));
	wt_rd_skip(r, 2);
	if (pdu->type == WT_MSRPC_FAULT) {
		uint32_t status = wt_msrpc_u32(r, pdu);

		if (r->err == WT_OK)
			put_FAULT_STATUS(out, event, status);
		wt_rd_skip(r, 4);
	}
	if (r->err != WT_OK)
		return;
	put_stub(out, event, wt_rd_peek(r), len - (before - wt_rd_left(r)));
	for (i = 0; i < CALLS_MAX; i++) {
		if (!s->call[i].is_used || s->call[i].id != pdu->call_id)
			continue;
		put_OPNUM(out, event, s->call[i].opnum);
		if (s->call[i].is_map && pdu->type == WT_MSRPC_RESPONSE)
			map_answer(out, event, *r, pdu);
		s->call[i].is_used = false;
	}
}

static void read_pdu(struct dcerpc_state *s, struct wt_out *out, struct wt_slice whole,
		     const struct wt_msrpc *pdu)
{
	/* the sign-on behind the body is none of its bytes */
	size_t tail = pdu->auth_len ? pdu->auth_len + 8u : 0;
	size_t body_len = pdu->frag_len - WT_MSRPC_HEAD_LEN - tail;
	struct wt_reader r = wt_reader_of(
		wt_slice_head(wt_slice_tail(whole, WT_MSRPC_HEAD_LEN), body_len), WT_MALFORMED);
	unsigned event = wt_event_begin(out, EVENT_DCERPC);

	put_TYPE(out, event, wt_slice_text(wt_msrpc_type_name(pdu->type)));
	put_TYPE_CODE(out, event, pdu->type);
	put_CALL_ID(out, event, pdu->call_id);
	if (!(pdu->flags & WT_MSRPC_LAST))
		put_IS_FRAGMENTED(out, event, true);
	if (pdu->type == WT_MSRPC_BIND || pdu->type == WT_MSRPC_ALTER)
		read_bind(s, out, event, &r, pdu);
	else if (pdu->type == WT_MSRPC_BIND_ACK || pdu->type == WT_MSRPC_ALTER_RESP)
		read_ack(out, event, &r, pdu);
	else if (pdu->type == WT_MSRPC_BIND_NAK)
		put_NAK_REASON(out, event, wt_msrpc_u16(&r, pdu));
	else if (pdu->type == WT_MSRPC_REQUEST)
		read_request(s, out, event, &r, pdu, body_len);
	else if (pdu->type == WT_MSRPC_RESPONSE || pdu->type == WT_MSRPC_FAULT)
		read_answer(s, out, event, &r, pdu, body_len);
	put_auth(out, event, whole, pdu);
	wt_out_commit(out);
}

/* Might a unit begin here? */
static enum wt_verdict shape(struct wt_slice s)
{
	struct wt_reader r = wt_reader_of(s, WT_MORE);
	uint8_t version = wt_rd_u8(&r), minor = wt_rd_u8(&r), type = wt_rd_u8(&r), drep[4];
	uint16_t len;
	size_t i;

	if ((s.len && version != 5) || (s.len > 1 && minor > 1) ||
	    (s.len > 2 && !*wt_msrpc_type_name(type)))
		return WT_FOREIGN;
	wt_rd_skip(&r, 1);
	for (i = 0; i < 4; i++)
		drep[i] = wt_rd_u8(&r);
	if (r.err != WT_OK)
		return r.err;
	if ((drep[0] != 0x10 && drep[0] != 0) || drep[1] > 3 || drep[2] || drep[3])
		return WT_FOREIGN;
	len = drep[0] ? wt_rd_u16le(&r) : wt_rd_u16be(&r);
	if (r.err == WT_OK && len < WT_MSRPC_HEAD_LEN)
		return WT_FOREIGN;
	wt_rd_skip(&r, 6);
	return r.err;
}

/* No flag is set and the representation reads big endian ASCII: that may be the middle of
 * a call of such a machine, but it is what small numbers in other binary protocols look
 * like, which would be claimed wherever a message may begin. */
static bool is_faint(struct wt_slice s)
{
	size_t i;

	for (i = 3; i < 8; i++)
		if (i < s.len && s.ptr[i])
			return false;
	return s.len >= 8;
}

static enum wt_verdict read_stream(struct dcerpc_state *s, struct wt_reader *r,
				   struct wt_out *out)
{
	struct wt_slice at = wt_rd_peek(r);
	enum wt_verdict verdict = shape(at);
	struct wt_reader head = *r;
	struct wt_msrpc pdu;
	size_t want;

	if (verdict == WT_OK && is_faint(at) && wt_out_is_resumed(out))
		return WT_MALFORMED;
	if (verdict != WT_OK)
		return verdict == WT_MORE ? WT_MORE : WT_MALFORMED;
	verdict = wt_msrpc_head(&head, &pdu);
	if (verdict != WT_OK)
		return verdict;
	want = pdu.frag_len < DCERPC_VIEW ? pdu.frag_len : DCERPC_VIEW;
	if (!(pdu.flags & WT_MSRPC_FIRST) && pdu.type <= WT_MSRPC_FAULT)
		want = WT_MSRPC_HEAD_LEN; /* a later fragment */
	else if (wt_rd_left(r) < want) {
		wt_out_need(out, want);
		return WT_MORE;
	} else {
		read_pdu(s, out, wt_slice_head(at, want), &pdu);
	}
	wt_rd_skip(r, want);
	wt_out_skip(out, pdu.frag_len - want);
	wt_out_message_end(out);
	return WT_OK;
}

/* --- datagrams (C706 12.5) --- */

static const char *cl_name(uint8_t type)
{
	static const char *const names[] = {
		"request", "ping", "response",  "fault", "working",    "nocall",
		"reject",  "ack",  "cl_cancel", "fack",  "cancel_ack",
	};

	return type < sizeof(names) / sizeof(names[0]) ? names[type] : "";
}

static bool is_cl_octet(struct wt_slice s, size_t at)
{
	switch (at) {
	case 0:
		return s.ptr[0] == 4;
	case 1:
		return *cl_name(s.ptr[1]);
	case 3:
		return !(s.ptr[3] & 0x80);
	case 4:
		return s.ptr[4] == 0x10 || s.ptr[4] == 0;
	case 5:
		return s.ptr[5] <= 3;
	case 6:
		return s.ptr[6] == 0;
	default:
		return true;
	}
}

/* A datagram is whole: one that is too short is refused by whoever asks. */
static enum wt_verdict cl_shape(struct wt_slice s)
{
	struct wt_reader r = wt_reader_of(s, WT_MORE);
	struct wt_msrpc order = { .type = 0 };
	size_t i;
	uint16_t len;

	for (i = 0; i < 7 && i < s.len; i++)
		if (!is_cl_octet(s, i))
			return WT_FOREIGN;
	wt_rd_skip(&r, 4);
	order.is_le = wt_rd_u8(&r);
	wt_rd_skip(&r, 2 + 1 + 48 + 12 + 2 + 4);
	len = wt_msrpc_u16(&r, &order);
	wt_rd_skip(&r, 2 + 1 + 1);
	if (r.err != WT_OK)
		return r.err;
	return len <= wt_rd_left(&r) ? WT_OK : WT_MORE;
}

static enum wt_verdict read_datagram(struct wt_reader *r, struct wt_out *out)
{
	struct wt_msrpc order = { .type = 0 };
	uint8_t type, flags;
	struct wt_msrpc_uuid iface;
	uint16_t opnum, len, fragment;
	uint32_t sequence;
	unsigned event;

	if (wt_rd_u8(r) != 4)
		return r->err != WT_OK ? r->err : WT_MALFORMED;
	type = wt_rd_u8(r);
	flags = wt_rd_u8(r);
	wt_rd_skip(r, 1);
	order.is_le = wt_rd_u8(r) & 0x10;
	wt_rd_skip(r, 2 + 1 + 16);
	wt_msrpc_uuid(r, &order, &iface);
	wt_rd_skip(r, 16 + 4 + 4);
	sequence = wt_msrpc_u32(r, &order);
	opnum = wt_msrpc_u16(r, &order);
	wt_rd_skip(r, 4);
	len = wt_msrpc_u16(r, &order);
	fragment = wt_msrpc_u16(r, &order);
	wt_rd_skip(r, 2);
	if (r->err != WT_OK)
		return r->err;
	if (!*cl_name(type))
		return WT_MALFORMED;
	if (fragment)
		return WT_OK; /* the first one told it */
	event = wt_event_begin(out, EVENT_DCERPC);
	put_TYPE(out, event, wt_slice_text(cl_name(type)));
	put_TYPE_CODE(out, event, type);
	put_IS_CONNECTIONLESS(out, event, true);
	put_CALL_ID(out, event, sequence);
	if (flags & 4)
		put_IS_FRAGMENTED(out, event, true);
	put_iface(out, event, &iface);
	put_OPNUM(out, event, opnum);
	if (type == 0 || type == 2)
		put_stub(out, event, wt_slice_head(wt_rd_peek(r), len), len);
	return WT_OK;
}

static enum wt_verdict dcerpc_message(void *state, enum wt_direction dir, struct wt_reader *r,
				      struct wt_out *out)
{
	(void)dir;
	if (r->on_short != WT_MORE)
		return read_datagram(r, out);
	if (wt_rd_left(r) == 0)
		return WT_MORE;
	if (wt_rd_peek(r).ptr[0] == 4 && !wt_out_is_resumed(out))
		return WT_FOREIGN; /* shaped like a datagram */
	return read_stream(state, r, out);
}

static enum wt_verdict dcerpc_probe(struct wt_slice head)
{
	if (head.len && head.ptr[0] == 4)
		return cl_shape(head);
	return is_faint(head) ? WT_FOREIGN : shape(head);
}

static size_t dcerpc_resync(struct wt_slice rest)
{
	size_t at = 0;

	while (at < rest.len) {
		at += wt_slice_find(wt_slice_tail(rest, at), 5);
		if (at < rest.len && !is_faint(wt_slice_tail(rest, at)) &&
		    shape(wt_slice_tail(rest, at)) != WT_FOREIGN)
			return at;
		at++;
	}
	return rest.len;
}

const struct wt_dissector wt_dcerpc_dissector = {
	.name = "dcerpc",
	.title = "DCE/RPC",
	.source = "C706 (1997), MS-RPCE rev. 35",
	.carriage = WT_OVER_TCP | WT_OVER_UDP,
	.ports = { 135, 593 },
	.probe = dcerpc_probe,
	.message = dcerpc_message,
	.resync = dcerpc_resync,
	.state_size = sizeof(struct dcerpc_state),
	.is_framed = true,
	.buffer_max = 8192,
	WT_DISSECTOR_TABLES(event_types),
};
