/* ONC RPC over TCP and UDP: calls and answers, the port mapper, declaration.
 *
 *   TCP: record mark u32be (last fragment 1 bit, length 31 bits), fragment
 *   call:   xid, 0, 2, program, version, procedure, credentials, verifier, arguments
 *   answer: xid, 1, 0 accepted, verifier, status, results; or xid, 1, 1 denied, why
 *   credentials, verifier: flavor u32be, length u32be, body. All numbers are u32be.
 *
 * One unit is a fragment; of the first one of a record RPC_VIEW bytes are read, all else
 * is passed over. Calls that only ask how a file is doing make no event.
 * Source: RFC 5531 8, 9, 11; RFC 1833; RFC 4506.
 * Trust: every byte is hostile; lengths are checked against the fragment.
 * Memory: struct rpc_state per flow, 8 KiB of unconsumed bytes per direction. */
#include "rpc_fields.h"
#include "wardtap/names.h"

static const struct wt_field fields[] = { RPC_FIELDS(WT_FIELD_ROW) };

static const struct wt_event_type event_types[] = {
	{ "rpc", "A call of ONC RPC or its answer." },
};

enum { EVENT_RPC };

#define RPC_VIEW 5120u
#define AUTH_MAX 400u /* RFC 5531 8.2 */
#define MAP_MAX 32u
#define LAST_FRAGMENT 0x80000000u
#define FRAGMENT_MAX (1u << 24)
#define FRAGMENT_MIN 20u

enum { AUTH_NONE, AUTH_SYS, AUTH_SHORT, AUTH_DH, RPCSEC_GSS = 6 };

static const char *program_name(uint32_t program)
{
	switch (program) {
	case RPC_PORTMAP:
		return "portmap";
	case 100001:
		return "rstat";
	case 100002:
		return "rusers";
	case RPC_NFS:
		return "nfs";
	case 100004:
		return "ypserv";
	case RPC_MOUNT:
		return "mount";
	case 100007:
		return "ypbind";
	case 100008:
		return "wall";
	case 100009:
		return "yppasswd";
	case 100011:
		return "rquota";
	case 100012:
		return "spray";
	case 100021:
		return "nlockmgr";
	case 100024:
		return "status";
	case 100083:
		return "ttdbserver";
	case 100227:
		return "nfs_acl";
	case 0x0607af:
		return "vxi11_core";
	default:
		return NULL;
	}
}

static const char *map_procedure(uint32_t version, uint32_t procedure)
{
	static const char *const names[] = {
		"null",     "set",         "unset",       "getport",     "dump",
		"callit",   "gettime",     "uaddr2taddr", "taddr2uaddr", "getversaddr",
		"indirect", "getaddrlist", "getstat",
	};

	if (procedure == 3 && version > 2)
		return "getaddr";
	return procedure < sizeof(names) / sizeof(names[0]) ? names[procedure] : NULL;
}

static const char *auth_name(uint32_t flavor)
{
	switch (flavor) {
	case AUTH_NONE:
		return "none";
	case AUTH_SYS:
		return "sys";
	case AUTH_SHORT:
		return "short";
	case AUTH_DH:
		return "dh";
	case RPCSEC_GSS:
		return "gss";
	default:
		return "other";
	}
}

struct wt_slice rpc_string(struct wt_reader *r)
{
	uint32_t len = wt_rd_u32be(r);
	struct wt_slice text = wt_slice_head(wt_rd_peek(r), len);
	uint64_t padded = ((uint64_t)len + 3) & ~UINT64_C(3);

	if (r->err != WT_OK)
		return wt_slice_of(NULL, 0);
	wt_rd_skip(r, padded < wt_rd_left(r) ? (size_t)padded : wt_rd_left(r));
	return text;
}

unsigned rpc_event(struct rpc_unit *u)
{
	const struct rpc_call *call = u->call;
	const char *procedure = NULL;

	if (u->event != WT_EVENT_NONE)
		return u->event;
	u->event = wt_event_begin(u->out, EVENT_RPC);
	put_XID(u->out, u->event, call->xid);
	if (u->is_reply)
		put_IS_REPLY(u->out, u->event, true);
	put_PROGRAM(u->out, u->event, call->program);
	put_PROGRAM_NAME(u->out, u->event, wt_slice_text(program_name(call->program)));
	put_VERSION(u->out, u->event, call->version);
	put_PROCEDURE(u->out, u->event, call->procedure);
	if (call->program == RPC_PORTMAP)
		procedure = map_procedure(call->version, call->procedure);
	else if (call->program == RPC_NFS || call->program == RPC_MOUNT)
		procedure = rpc_nfs_procedure(call->program, call->version, call->procedure);
	else if (call->procedure == 0)
		procedure = "null";
	put_PROCEDURE_NAME(u->out, u->event, wt_slice_text(procedure));
	return u->event;
}

/* --- port mapper (RFC 1833) --- */

static void put_map_program(struct rpc_unit *u, uint32_t program, uint32_t version)
{
	unsigned event = rpc_event(u);

	put_MAP_PROGRAM(u->out, event, program);
	put_MAP_PROGRAM_NAME(u->out, event, wt_slice_text(program_name(program)));
	put_MAP_VERSION(u->out, event, version);
}

static void map_call(struct rpc_unit *u)
{
	uint32_t procedure = u->call->procedure, program, version;

	(void)rpc_event(u);
	if ((procedure < 1 || procedure > 3) && procedure != 5 && procedure != 9)
		return;
	program = wt_rd_u32be(u->r);
	version = wt_rd_u32be(u->r);
	if (u->r->err != WT_OK)
		return;
	put_map_program(u, program, version);
	if (u->call->version == 2 && procedure != 5) {
		put_MAP_PROTOCOL(u->out, u->event, wt_rd_u32be(u->r));
		if (procedure == 1)
			put_MAP_PORT(u->out, u->event, wt_rd_u32be(u->r));
	} else if (u->call->version > 2 && procedure == 1) {
		(void)rpc_string(u->r);
		put_MAP_ADDRESS(u->out, u->event, rpc_string(u->r));
	}
}

static void map_reply(struct rpc_unit *u)
{
	bool is_old = u->call->version == 2;
	unsigned event = rpc_event(u), i;

	if (u->call->procedure == 3 && is_old) {
		uint32_t port = wt_rd_u32be(u->r);

		if (u->r->err == WT_OK)
			put_MAP_PORT(u->out, event, port);
	} else if (u->call->procedure == 3 || u->call->procedure == 9) {
		put_MAP_ADDRESS(u->out, event, rpc_string(u->r));
	} else if (u->call->procedure == 4) {
		for (i = 0; i < MAP_MAX && wt_rd_u32be(u->r) == 1; i++) {
			uint32_t program = wt_rd_u32be(u->r), version = wt_rd_u32be(u->r);
			uint32_t protocol, port;

			if (u->r->err != WT_OK)
				return;
			put_map_program(u, program, version);
			if (!is_old) {
				(void)rpc_string(u->r);
				put_MAP_ADDRESS(u->out, event, rpc_string(u->r));
				(void)rpc_string(u->r);
				continue;
			}
			protocol = wt_rd_u32be(u->r);
			port = wt_rd_u32be(u->r);
			if (u->r->err != WT_OK)
				return;
			put_MAP_PROTOCOL(u->out, event, protocol);
			put_MAP_PORT(u->out, event, port);
		}
	}
}

/* --- calls and answers --- */

static struct rpc_call *remember(struct rpc_state *s, const struct rpc_call *call)
{
	struct rpc_call *at = &s->call[s->next_call++ % RPC_CALLS];

	*at = *call;
	at->is_used = true;
	return at;
}

static struct rpc_call *call_of(struct rpc_state *s, uint32_t xid)
{
	unsigned i;

	for (i = 0; i < RPC_CALLS; i++)
		if (s->call[i].is_used && s->call[i].xid == xid)
			return &s->call[i];
	return NULL;
}

/* RFC 5531 appendix A: stamp, machine name, uid, gid, groups */
static void put_sys(struct rpc_unit *u, struct wt_slice body)
{
	struct wt_reader r = wt_reader_of(body, WT_MALFORMED);
	uint8_t room[12];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	struct wt_slice machine;
	uint32_t uid, gid;

	wt_rd_skip(&r, 4);
	machine = rpc_string(&r);
	uid = wt_rd_u32be(&r);
	gid = wt_rd_u32be(&r);
	if (r.err != WT_OK)
		return;
	wt_put_host_name(u->out, u->event, machine);
	wt_bld_u64(&b, uid);
	put_UID(u->out, u->event, wt_bld_slice(&b));
	put_GID(u->out, u->event, gid);
	if (uid == 0)
		put_IS_ROOT(u->out, u->event, true);
}

static enum wt_verdict read_call(struct rpc_unit *u, uint32_t xid)
{
	struct rpc_call call = { .xid = xid };
	uint32_t version = wt_rd_u32be(u->r), flavor;
	struct wt_slice credentials;

	call.program = wt_rd_u32be(u->r);
	call.version = wt_rd_u32be(u->r);
	call.procedure = wt_rd_u32be(u->r);
	flavor = wt_rd_u32be(u->r);
	credentials = rpc_string(u->r);
	wt_rd_skip(u->r, 4);
	(void)rpc_string(u->r);
	if (u->r->err != WT_OK)
		return u->r->err;
	if (version != 2)
		return WT_MALFORMED;
	u->call = remember(u->s, &call);
	if (call.program == RPC_PORTMAP)
		map_call(u);
	else if (call.program == RPC_MOUNT)
		rpc_mount(u);
	else if (call.program == RPC_NFS)
		rpc_nfs(u);
	else
		(void)rpc_event(u);
	if (u->event == WT_EVENT_NONE)
		return WT_OK;
	u->call->is_told = true;
	put_AUTH(u->out, u->event, wt_slice_text(auth_name(flavor)));
	if (flavor == AUTH_SYS)
		put_sys(u, credentials);
	return WT_OK;
}

static const char *status_name(uint32_t status)
{
	static const char *const names[] = {
		"success",      "prog_unavail", "prog_mismatch",
		"proc_unavail", "garbage_args", "system_err",
	};

	return status < sizeof(names) / sizeof(names[0]) ? names[status] : "other";
}

static enum wt_verdict read_reply(struct rpc_unit *u, uint32_t xid)
{
	uint32_t denied = wt_rd_u32be(u->r), status;

	u->is_reply = true;
	u->call = call_of(u->s, xid);
	if (denied) {
		status = wt_rd_u32be(u->r);
		if (u->r->err != WT_OK || !u->call)
			return u->r->err;
		put_STATUS(u->out, rpc_event(u),
			   status ? WT_LIT("auth_error") : WT_LIT("rpc_mismatch"));
		return WT_OK;
	}
	wt_rd_skip(u->r, 4);
	(void)rpc_string(u->r);
	status = wt_rd_u32be(u->r);
	if (u->r->err != WT_OK || !u->call)
		return u->r->err;
	if (status == 0 && u->call->program == RPC_PORTMAP)
		map_reply(u);
	else if (status == 0 && u->call->program == RPC_MOUNT)
		rpc_mount(u);
	else if (status == 0 && u->call->program == RPC_NFS)
		rpc_nfs(u);
	if (status != 0 || (u->event == WT_EVENT_NONE && u->call->procedure == 0))
		(void)rpc_event(u);
	if (u->event != WT_EVENT_NONE)
		put_STATUS(u->out, u->event, wt_slice_text(status_name(status)));
	u->call->is_used = false;
	return WT_OK;
}

/* A whole message, or the head of a long one. */
static enum wt_verdict read_body(struct rpc_state *s, struct wt_out *out, struct wt_slice bytes,
				 enum wt_verdict on_short)
{
	struct wt_reader r = wt_reader_of(bytes, on_short);
	struct rpc_unit u = { .s = s, .out = out, .r = &r, .event = WT_EVENT_NONE };
	uint32_t xid = wt_rd_u32be(&r), type = wt_rd_u32be(&r);

	if (r.err != WT_OK)
		return r.err;
	if (type > 1)
		return WT_MALFORMED;
	return type == 0 ? read_call(&u, xid) : read_reply(&u, xid);
}

/* --- beginnings --- */

/* Might a message begin here? A call needs six numbers that fit; an answer five. */
static enum wt_verdict body_shape(struct wt_slice s)
{
	struct wt_reader r = wt_reader_of(s, WT_MORE);
	uint32_t type, value, program, len;

	wt_rd_skip(&r, 4);
	type = wt_rd_u32be(&r);
	if (r.err == WT_OK && type > 1)
		return WT_FOREIGN;
	value = wt_rd_u32be(&r);
	if (r.err == WT_OK && (type == 0 ? value != 2 : value > 1))
		return WT_FOREIGN;
	if (r.err == WT_OK && type == 0) {
		program = wt_rd_u32be(&r);
		if (r.err == WT_OK && (program < 100000 || program >= 0x60000000))
			return WT_FOREIGN;
		if (wt_rd_u32be(&r) > 64 || wt_rd_u32be(&r) > 1024)
			return WT_FOREIGN;
	} else if (r.err == WT_OK && value == 1) {
		return wt_rd_u32be(&r) > 1 ? WT_FOREIGN : r.err;
	}
	value = wt_rd_u32be(&r);
	len = wt_rd_u32be(&r);
	if (r.err != WT_OK)
		return r.err;
	if ((value > RPCSEC_GSS && (value < 300000 || value > 400000)) || len > AUTH_MAX)
		return WT_FOREIGN;
	if (type == 0)
		return WT_OK;
	wt_rd_skip(&r, (len + 3u) & ~3u);
	return wt_rd_u32be(&r) > 5 ? WT_FOREIGN : r.err;
}

static enum wt_verdict record_shape(struct wt_slice s)
{
	struct wt_reader r = wt_reader_of(s, WT_MORE);
	uint32_t mark = wt_rd_u32be(&r), len = mark & ~LAST_FRAGMENT;

	if (s.len && s.ptr[0] != 0x80)
		return WT_FOREIGN;
	if (r.err != WT_OK)
		return r.err;
	if (len < FRAGMENT_MIN || len >= FRAGMENT_MAX || len % 4)
		return WT_FOREIGN;
	return body_shape(wt_rd_peek(&r));
}

static enum wt_verdict read_fragment(struct rpc_state *s, enum wt_direction dir,
				     struct wt_reader *r, struct wt_out *out)
{
	bool is_inside = s->is_inside[dir] && !wt_out_is_resumed(out);
	uint32_t mark = wt_rd_u32be(r), len = mark & ~LAST_FRAGMENT;
	size_t want = len < RPC_VIEW ? len : RPC_VIEW;
	enum wt_verdict verdict = WT_OK;

	if (r->err != WT_OK)
		return r->err;
	if (len >= FRAGMENT_MAX || (!is_inside && len < FRAGMENT_MIN && !(len == 0)))
		return WT_MALFORMED;
	if (is_inside || len == 0) {
		want = 0;
	} else if (wt_rd_left(r) < want) {
		wt_out_need(out, 4 + want);
		return WT_MORE;
	} else {
		verdict = body_shape(wt_rd_peek(r));
		if (verdict == WT_FOREIGN)
			return WT_MALFORMED;
		verdict = read_body(s, out, wt_slice_head(wt_rd_peek(r), want), WT_MALFORMED);
	}
	if (verdict != WT_OK)
		return WT_MALFORMED;
	s->is_known = true;
	s->is_inside[dir] = !(mark & LAST_FRAGMENT);
	wt_rd_skip(r, want);
	wt_out_skip(out, len - want);
	if (!s->is_inside[dir])
		wt_out_message_end(out);
	wt_out_commit(out);
	return WT_OK;
}

static enum wt_verdict rpc_message(void *state, enum wt_direction dir, struct wt_reader *r,
				   struct wt_out *out)
{
	struct rpc_state *s = state;

	if (r->on_short != WT_MORE)
		return body_shape(wt_rd_peek(r)) == WT_FOREIGN
			       ? WT_MALFORMED
			       : read_body(s, out, wt_rd_peek(r), r->on_short);
	if (wt_rd_left(r) == 0)
		return WT_MORE;
	if (wt_out_is_resumed(out) || !s->is_known) {
		enum wt_verdict verdict = record_shape(wt_rd_peek(r));

		if (verdict == WT_FOREIGN)
			return s->is_known || wt_out_is_resumed(out) ? WT_MALFORMED
								     : WT_FOREIGN;
		if (verdict != WT_OK)
			return verdict;
	}
	return read_fragment(s, dir, r, out);
}

static void rpc_gap(void *state, enum wt_direction dir, uint64_t lost, struct wt_out *out)
{
	(void)lost;
	(void)out;
	((struct rpc_state *)state)->is_inside[dir] = false;
}

/* A datagram has no mark and begins with any transaction id. */
static enum wt_verdict datagram_shape(struct wt_slice head)
{
	size_t i;

	for (i = 4; i < 8 && i < head.len; i++)
		if (head.ptr[i] > (i == 7))
			return WT_FOREIGN;
	return head.len < 24 ? WT_MORE : body_shape(head);
}

/* The verdict on either form; streams of the other one are taken back by rpc_message. */
static enum wt_verdict rpc_probe(struct wt_slice head)
{
	enum wt_verdict stream = record_shape(head), datagram = datagram_shape(head);

	if (stream == WT_OK || datagram == WT_OK)
		return WT_OK;
	return stream == WT_MORE || datagram == WT_MORE ? WT_MORE : WT_FOREIGN;
}

static size_t rpc_resync(struct wt_slice rest)
{
	size_t at = 0;

	while (at < rest.len) {
		at += wt_slice_find(wt_slice_tail(rest, at), 0x80);
		if (at < rest.len && record_shape(wt_slice_tail(rest, at)) != WT_FOREIGN)
			return at;
		at++;
	}
	return rest.len;
}

const struct wt_dissector wt_rpc_dissector = {
	.name = "rpc",
	.title = "ONC RPC, NFS",
	.source = "RFC 5531, RFC 1833, RFC 1094, RFC 1813, RFC 7530, RFC 8881",
	.carriage = WT_OVER_TCP | WT_OVER_UDP,
	.ports = { 111, 2049, 20048 },
	.probe = rpc_probe,
	.message = rpc_message,
	.gap = rpc_gap,
	.resync = rpc_resync,
	.state_size = sizeof(struct rpc_state),
	.is_framed = true,
	.buffer_max = 8192,
	WT_DISSECTOR_TABLES(event_types),
};
