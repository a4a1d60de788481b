/* LDAP over TCP and CLDAP over UDP: messages and declaration.
 *
 *   30 len, message id INTEGER, operation [APPLICATION n], controls [0]
 *
 * One unit is a message, of which the first LDAP_VIEW bytes are read. Entries of a search
 * are counted and told at its end; those that tell of the server itself are told at once.
 * Behind a sign-on with a security layer (RFC 4422 3.7) all is wrapped and passed over.
 * Source: RFC 4511; RFC 4513 5; MS-ADTS 3.1.1.3.2, 6.3 (rev. 60); RFC 1798.
 * Trust: every byte is hostile; lengths are checked against what holds them.
 * Memory: struct ldap_state per flow, 8 KiB of unconsumed bytes per direction. */
#include "ldap_fields.h"
#include "wardtap/der.h"
#include "wardtap/names.h"
#include "wardtap/ntlm.h"

static const struct wt_field fields[] = { LDAP_FIELDS(WT_FIELD_ROW) };

static const struct wt_event_type event_types[] = {
	{ "ldap", "An operation of LDAP or its outcome." },
};

enum { EVENT_LDAP };

enum {
	BIND_REQUEST = 0,
	BIND_RESPONSE,
	UNBIND,
	SEARCH_REQUEST,
	SEARCH_ENTRY,
	SEARCH_DONE,
	MODIFY_REQUEST,
	MODIFY_RESPONSE,
	ADD_REQUEST,
	ADD_RESPONSE,
	DELETE_REQUEST,
	DELETE_RESPONSE,
	RENAME_REQUEST,
	RENAME_RESPONSE,
	COMPARE_REQUEST,
	COMPARE_RESPONSE,
	ABANDON,
	SEARCH_REFERENCE = 19,
	EXTENDED_REQUEST = 23,
	EXTENDED_RESPONSE,
	INTERMEDIATE,
	N_OPERATIONS
};

#define LDAP_VIEW 6144u
#define LDAP_SHORT 64u      /* enough to say what an entry is of */
#define LDAP_MAX (1u << 28) /* longest message that is believed */
#define WRAPPED_MAX (1u << 24)
#define STARTTLS WT_LIT("1.3.6.1.4.1.1466.20037")

struct ldap_state {
	uint64_t n_entries;
	uint32_t starttls_id;
	bool has_starttls, has_sasl;
	bool said_wrapped[2];
};

static const char *const operations[N_OPERATIONS] = {
	[BIND_REQUEST] = "bind_request",
	[BIND_RESPONSE] = "bind_response",
	[UNBIND] = "unbind_request",
	[SEARCH_REQUEST] = "search_request",
	[SEARCH_ENTRY] = "search_result_entry",
	[SEARCH_DONE] = "search_result_done",
	[MODIFY_REQUEST] = "modify_request",
	[MODIFY_RESPONSE] = "modify_response",
	[ADD_REQUEST] = "add_request",
	[ADD_RESPONSE] = "add_response",
	[DELETE_REQUEST] = "del_request",
	[DELETE_RESPONSE] = "del_response",
	[RENAME_REQUEST] = "mod_dn_request",
	[RENAME_RESPONSE] = "mod_dn_response",
	[COMPARE_REQUEST] = "compare_request",
	[COMPARE_RESPONSE] = "compare_response",
	[ABANDON] = "abandon_request",
	[SEARCH_REFERENCE] = "search_result_reference",
	[EXTENDED_REQUEST] = "extended_request",
	[EXTENDED_RESPONSE] = "extended_response",
	[INTERMEDIATE] = "intermediate_response",
};

/* Is the tag that of an operation, with the right form? UNBIND, DELETE and ABANDON are
 * primitive, all others constructed. */
static bool is_operation(uint8_t tag)
{
	unsigned n = tag & 0x1f;

	if ((tag & 0xc0) != 0x40 || n >= N_OPERATIONS || !operations[n])
		return false;
	return !(tag & 0x20) == (n == UNBIND || n == DELETE_REQUEST || n == ABANDON);
}

struct result {
	uint8_t code;
	const char *text;
};

static const struct result results[] = {
	{ 0, "success" },
	{ 1, "operations_error" },
	{ 2, "protocol_error" },
	{ 3, "time_limit_exceeded" },
	{ 4, "size_limit_exceeded" },
	{ 5, "compare_false" },
	{ 6, "compare_true" },
	{ 7, "auth_method_not_supported" },
	{ 8, "stronger_auth_required" },
	{ 10, "referral" },
	{ 13, "confidentiality_required" },
	{ 14, "sasl_bind_in_progress" },
	{ 16, "no_such_attribute" },
	{ 32, "no_such_object" },
	{ 34, "invalid_dn_syntax" },
	{ 48, "inappropriate_authentication" },
	{ 49, "invalid_credentials" },
	{ 50, "insufficient_access_rights" },
	{ 51, "busy" },
	{ 52, "unavailable" },
	{ 53, "unwilling_to_perform" },
	{ 65, "object_class_violation" },
	{ 68, "entry_already_exists" },
	{ 80, "other" },
};

/* --- sign-on --- */

static void put_token(struct wt_out *out, unsigned event, struct wt_slice token)
{
	unsigned found = wt_gss_mechanisms(token), bit;
	struct wt_ntlm ntlm;

	for (bit = 1; bit <= WT_GSS_OTHER; bit <<= 1)
		if (found & bit)
			put_AUTH_MECHS(out, event, wt_slice_text(wt_gss_name(bit)));
	if (!wt_ntlm_parse(wt_ntlm_find(token), &ntlm))
		return;
	put_NTLMSSP_TYPE(out, event, wt_slice_text(wt_ntlm_type_name(&ntlm)));
	wt_put_ntlm(out, event, &ntlm);
	if (ntlm.is_v1)
		put_IS_NTLMV1(out, event, true);
}

/* Only a mechanism's own letters (RFC 4422 3.1), so that nothing else is let through. */
static bool is_mechanism(struct wt_slice name)
{
	size_t i;

	for (i = 0; i < name.len; i++)
		if (!((name.ptr[i] >= 'A' && name.ptr[i] <= 'Z') || name.ptr[i] == '-' ||
		      name.ptr[i] == '_' || (name.ptr[i] >= '0' && name.ptr[i] <= '9')))
			return false;
	return name.len > 0 && name.len <= 20;
}

/* SASL PLAIN: authorization, NUL, account, NUL, password (RFC 4616). */
static void put_plain(struct wt_out *out, unsigned event, struct wt_slice token)
{
	struct wt_reader r = wt_reader_of(token, WT_MALFORMED);
	struct wt_slice user;

	(void)wt_rd_until(&r, 0);
	user = wt_rd_until(&r, 0);
	if (r.err != WT_OK)
		return;
	wt_put_USER_NAME(out, event, user);
	wt_put_USER_SECRET(out, event, wt_rd_rest(&r));
}

static void bind_request(struct ldap_state *s, struct wt_out *out, unsigned event,
			 struct wt_reader *r)
{
	struct wt_der version, name, choice, e;
	struct wt_reader sasl;

	if (!wt_der_take(r, WT_DER_INTEGER, &version) ||
	    !wt_der_take(r, WT_DER_OCTETS, &name) || !wt_der_next(r, &choice))
		return;
	put_VERSION(out, event, (uint64_t)wt_der_int(version.value));
	put_BIND_DN(out, event, name.value);
	if (choice.tag == 0x80) {
		put_BIND_TYPE(out, event,
			      choice.len ? WT_LIT("simple")
			      : name.len ? WT_LIT("unauthenticated")
					 : WT_LIT("anonymous"));
		wt_put_USER_NAME(out, event, name.value);
		wt_put_USER_SECRET(out, event, choice.value);
		return;
	}
	/* 0xa3 SASL; 0x89 .. 0x8b Sicily, NTLM before SPNEGO (MS-ADTS 5.1.1.1.3) */
	put_BIND_TYPE(out, event, choice.tag == 0xa3 ? WT_LIT("sasl") : WT_LIT("sicily"));
	if (choice.tag != 0xa3) {
		put_token(out, event, choice.value);
		return;
	}
	sasl = wt_der_open(&choice);
	if (!wt_der_take(&sasl, WT_DER_OCTETS, &e))
		return;
	if (is_mechanism(e.value))
		put_SASL_MECHANISM(out, event, e.value);
	s->has_sasl = true;
	name = e;
	if (!wt_der_take(&sasl, WT_DER_OCTETS, &e))
		return;
	if (wt_slice_equal(name.value, WT_LIT("PLAIN")))
		put_plain(out, event, e.value);
	else
		put_token(out, event, e.value);
}

/* --- outcomes (RFC 4511 4.1.9) --- */

static int64_t put_result(struct wt_out *out, unsigned event, struct wt_reader *r)
{
	struct wt_der code, e;
	int64_t n;
	size_t i;

	if (!wt_der_take(r, WT_DER_ENUM, &code))
		return -1;
	n = wt_der_int(code.value);
	put_RESULT_CODE(out, event, (uint64_t)n);
	for (i = 0; i < sizeof(results) / sizeof(results[0]); i++)
		if (results[i].code == n)
			put_RESULT(out, event, wt_slice_text(results[i].text));
	if (wt_der_take(r, WT_DER_OCTETS, &e) && wt_der_take(r, WT_DER_OCTETS, &e))
		put_DIAGNOSTIC(out, event, e.value);
	return n;
}

static void bind_response(struct wt_out *out, unsigned event, struct wt_reader *r)
{
	struct wt_der e;

	(void)put_result(out, event, r);
	while (wt_der_next(r, &e))
		if (e.tag == 0x87)
			put_token(out, event, e.value);
}

static void put_oid(struct wt_out *out, unsigned event, struct wt_slice oid)
{
	size_t i;

	for (i = 0; i < oid.len; i++)
		if (!(oid.ptr[i] == '.' || (oid.ptr[i] >= '0' && oid.ptr[i] <= '9')))
			return;
	put_EXTENDED_OID(out, event, oid);
}

/* True where TLS begins. */
static bool extended_response(struct ldap_state *s, struct wt_out *out, unsigned event,
			      struct wt_reader *r, uint32_t id)
{
	bool is_starttls = s->has_starttls && s->starttls_id == id;
	int64_t result = put_result(out, event, r);
	struct wt_der e;

	while (wt_der_next(r, &e))
		if (e.tag == 0x8a) {
			put_oid(out, event, e.value);
			is_starttls = is_starttls || wt_slice_equal(e.value, STARTTLS);
		}
	if (is_starttls)
		put_IS_STARTTLS(out, event, true);
	return is_starttls && result == 0;
}

static void extended_request(struct ldap_state *s, struct wt_out *out, unsigned event,
			     struct wt_reader *r, uint32_t id)
{
	struct wt_der e;

	if (!wt_der_take(r, 0x80, &e))
		return;
	put_oid(out, event, e.value);
	if (!wt_slice_equal(e.value, STARTTLS))
		return;
	put_IS_STARTTLS(out, event, true);
	s->has_starttls = true;
	s->starttls_id = id;
}

/* --- messages --- */

static void put_dn(struct wt_out *out, unsigned event, struct wt_reader *r)
{
	struct wt_der e;

	if (wt_der_take(r, WT_DER_OCTETS, &e))
		put_DN(out, event, e.value);
}

/* An entry makes an event only where it tells of the server. */
static void search_entry(struct ldap_state *s, struct wt_out *out, const struct wt_der *op,
			 uint32_t id)
{
	struct wt_reader r = wt_der_open(op);
	struct wt_der name, list;
	unsigned event;

	s->n_entries++;
	if (!wt_der_take(&r, WT_DER_OCTETS, &name) || name.len || !wt_der_next(&r, &list))
		return;
	event = wt_event_begin(out, EVENT_LDAP);
	put_OPERATION(out, event, wt_slice_text(operations[SEARCH_ENTRY]));
	put_OPERATION_CODE(out, event, SEARCH_ENTRY);
	put_MESSAGE_ID(out, event, id);
	put_IS_ROOT_DSE(out, event, true);
	ldap_server_entry(out, event, list.value);
}

/* True where the flow goes on as TLS. */
static bool read_operation(struct ldap_state *s, struct wt_out *out, const struct wt_der *op,
			   uint32_t id)
{
	struct wt_reader r = wt_der_open(op);
	unsigned code = op->tag & 0x1f, event;

	if (code == SEARCH_ENTRY || code == SEARCH_REFERENCE) {
		if (code == SEARCH_ENTRY)
			search_entry(s, out, op, id);
		return false;
	}
	event = wt_event_begin(out, EVENT_LDAP);
	put_OPERATION(out, event, wt_slice_text(operations[code]));
	put_OPERATION_CODE(out, event, code);
	put_MESSAGE_ID(out, event, id);
	switch (code) {
	case BIND_REQUEST:
		bind_request(s, out, event, &r);
		break;
	case BIND_RESPONSE:
		bind_response(out, event, &r);
		break;
	case SEARCH_REQUEST:
		ldap_search_request(out, event, op->value);
		break;
	case MODIFY_REQUEST:
	case ADD_REQUEST:
	case RENAME_REQUEST:
	case COMPARE_REQUEST:
		put_dn(out, event, &r);
		break;
	case DELETE_REQUEST:
		put_DN(out, event, op->value);
		break;
	case SEARCH_DONE:
		(void)put_result(out, event, &r);
		put_ENTRIES(out, event, s->n_entries);
		s->n_entries = 0;
		break;
	case EXTENDED_REQUEST:
		extended_request(s, out, event, &r, id);
		break;
	case EXTENDED_RESPONSE:
		return extended_response(s, out, event, &r, id);
	case MODIFY_RESPONSE:
	case ADD_RESPONSE:
	case DELETE_RESPONSE:
	case RENAME_RESPONSE:
	case COMPARE_RESPONSE:
		(void)put_result(out, event, &r);
		break;
	default:
		break;
	}
	return false;
}

/* Head of a message: 30 len, id, tag and length of the operation. */
struct envelope {
	uint64_t len;    /* of the whole message */
	size_t head_len; /* before the operation */
	uint32_t id;
	uint8_t tag;
};

static enum wt_verdict read_envelope(struct wt_slice s, struct envelope *v)
{
	struct wt_reader r = wt_reader_of(s, WT_MORE);
	struct wt_der e, id;
	size_t left;

	if (!s.len)
		return WT_MORE;
	if (s.ptr[0] != WT_DER_SEQUENCE)
		return WT_FOREIGN;
	if (!wt_der_head(&r, &e))
		return r.err == WT_MORE ? WT_MORE : WT_FOREIGN;
	left = wt_rd_left(&r);
	v->len = (uint64_t)e.len + (s.len - left);
	if (e.len < 5 || e.len > LDAP_MAX || (left && r.ptr && r.ptr[0] != WT_DER_INTEGER))
		return WT_FOREIGN;
	if (!wt_der_head(&r, &id))
		return r.err == WT_MORE ? WT_MORE : WT_FOREIGN;
	if (id.len < 1 || id.len > 4)
		return WT_FOREIGN;
	id.value = wt_rd_bytes(&r, id.len);
	if (r.err != WT_OK)
		return r.err;
	v->id = (uint32_t)wt_der_int(id.value);
	v->head_len = s.len - wt_rd_left(&r);
	v->tag = wt_rd_u8(&r);
	if (r.err == WT_OK && (!is_operation(v->tag) || wt_der_int(id.value) < 0))
		return WT_FOREIGN;
	r = wt_reader_of(wt_slice_tail(s, v->head_len), WT_MORE);
	if (!wt_der_head(&r, &e))
		return r.err == WT_MORE ? WT_MORE : WT_FOREIGN;
	return (uint64_t)e.len + (s.len - wt_rd_left(&r)) <= v->len ? WT_OK : WT_FOREIGN;
}

/* A block of a security layer: length u32be and what it hides (RFC 4422 3.7). */
static enum wt_verdict read_wrapped(struct ldap_state *s, enum wt_direction dir,
				    struct wt_reader *r, struct wt_out *out)
{
	uint32_t len = wt_rd_u32be(r);
	unsigned event;

	if (r->err != WT_OK)
		return r->err;
	if (len < 8 || len > WRAPPED_MAX)
		return WT_MALFORMED;
	if (!s->said_wrapped[dir]) {
		s->said_wrapped[dir] = true;
		event = wt_event_begin(out, EVENT_LDAP);
		put_IS_WRAPPED(out, event, true);
		wt_out_commit(out);
	}
	wt_out_skip(out, len);
	return WT_OK;
}

/* How much of it is looked at. */
static size_t want_of(const struct envelope *v, struct wt_slice at)
{
	size_t all = v->len < LDAP_VIEW ? (size_t)v->len : LDAP_VIEW;
	struct wt_reader r = wt_reader_of(wt_slice_tail(at, v->head_len), WT_MORE);
	struct wt_der op, name;

	if ((v->tag & 0x1f) != SEARCH_ENTRY || !wt_der_head(&r, &op) ||
	    !wt_der_head(&r, &name) || name.len == 0)
		return all;
	return all < LDAP_SHORT ? all : LDAP_SHORT;
}

static enum wt_verdict read_one(struct ldap_state *s, enum wt_direction dir,
				struct wt_reader *r, struct wt_out *out)
{
	struct wt_slice at = wt_rd_peek(r);
	struct envelope v = { .len = 0 };
	enum wt_verdict verdict;
	struct wt_reader op;
	struct wt_der e;
	size_t want;

	if (at.len == 0)
		return r->on_short;
	if (at.ptr[0] == 0 && s->has_sasl && r->on_short == WT_MORE)
		return read_wrapped(s, dir, r, out);
	verdict = read_envelope(at, &v);
	if (verdict == WT_MORE)
		return r->on_short;
	if (verdict != WT_OK)
		return WT_MALFORMED;
	want = v.len < LDAP_SHORT ? (size_t)v.len : LDAP_SHORT;
	if (at.len >= want)
		want = want_of(&v, at);
	if (at.len < want) {
		wt_out_need(out, want);
		return r->on_short;
	}
	op = wt_reader_of(wt_slice_tail(wt_slice_head(at, want), v.head_len), WT_MALFORMED);
	if (!wt_der_next(&op, &e))
		return WT_MALFORMED;
	wt_rd_skip(r, want);
	if (read_operation(s, out, &e, v.id)) {
		if (want == v.len)
			wt_out_yield(out);
	}
	if (r->on_short == WT_MORE)
		wt_out_skip(out, v.len - want);
	wt_out_message_end(out);
	wt_out_commit(out);
	return WT_OK;
}

static enum wt_verdict ldap_message(void *state, enum wt_direction dir, struct wt_reader *r,
				    struct wt_out *out)
{
	enum wt_verdict verdict = read_one(state, dir, r, out);

	/* an entry and the end of the search share a datagram */
	while (r->on_short != WT_MORE && verdict == WT_OK && wt_rd_left(r))
		verdict = read_one(state, dir, r, out);
	return verdict;
}

static enum wt_verdict ldap_probe(struct wt_slice head)
{
	struct envelope v = { .len = 0 };

	return read_envelope(head, &v);
}

static size_t ldap_resync(struct wt_slice rest)
{
	struct envelope v;
	size_t at = 0;

	while (at < rest.len) {
		at += wt_slice_find(wt_slice_tail(rest, at), WT_DER_SEQUENCE);
		if (at < rest.len && read_envelope(wt_slice_tail(rest, at), &v) != WT_FOREIGN)
			return at;
		at++;
	}
	return rest.len;
}

const struct wt_dissector wt_ldap_dissector = {
	.name = "ldap",
	.title = "LDAP",
	.source = "RFC 4511, RFC 4513, MS-ADTS rev. 60",
	.carriage = WT_OVER_TCP | WT_OVER_UDP,
	.ports = { 389, 3268 },
	.probe = ldap_probe,
	.message = ldap_message,
	.resync = ldap_resync,
	.state_size = sizeof(struct ldap_state),
	.is_framed = true,
	.buffer_max = 8192,
	WT_DISSECTOR_TABLES(event_types),
};
