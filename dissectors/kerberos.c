/* Kerberos 5 between clients and key distribution centres, over UDP and TCP.
 *
 *   TCP: length u32be, message. UDP: message.
 *   message: [APPLICATION n] SEQUENCE { fields [0] .. [12] }
 *     10 AS-REQ   12 TGS-REQ   14 AP-REQ   30 KRB-ERROR
 *     11 AS-REP   13 TGS-REP   15 AP-REP
 *
 * One unit is a message. Tickets and encrypted parts are passed over: of them only the
 * kind of encryption is told.
 * Source: RFC 4120 5; RFC 3961; RFC 4757 (RC4); MS-KILE (rev. 44) 3.
 * Trust: every byte is hostile; lengths are checked against what holds them.
 * Memory: 64 KiB of unconsumed bytes per direction (tickets come before what is read). */
#include "wardtap/der.h"
#include "wardtap/dissector.h"
#include "wardtap/names.h"

/* clang-format off */
#define KERBEROS_FIELDS(F) \
F(MSG_TYPE, STR, ONE, NONE, ASIS, 16, "", "kerberos.msg_type", "RFC 4120 5.10", "AS-REQ, AS-REP, TGS-REQ, TGS-REP, AP-REQ, AP-REP, KRB-ERROR.") \
F(MSG_TYPE_CODE, U64, ONE, NONE, ASIS, 8, "", "kerberos.msg_type_code", "RFC 4120 5.10", "Number of the message type.") \
F(CNAME, STR, ONE, QUASI, ASIS, 255, "", "kerberos.cname", "RFC 4120 5.2.2", "Client's principal, parts joined by a slash.") \
F(CNAME_TYPE, U64, ONE, NONE, ASIS, 8, "", "kerberos.cname_type", "RFC 4120 6.2", "Kind of that name.") \
F(REALM, STR, ONE, DEVICE, ASIS, 255, "", "kerberos.realm", "RFC 4120 5.2.2", "Realm of the service; in an answer that of the client.") \
F(SNAME, STR, ONE, DEVICE, ASIS, 255, "", "kerberos.sname", "RFC 4120 5.2.2", "Service that a ticket is for, e.g. krbtgt/WARD.EXAMPLE; absent where the name is no service's.") \
F(SNAME_TYPE, U64, ONE, NONE, ASIS, 8, "", "kerberos.sname_type", "RFC 4120 6.2", "Kind of that name.") \
F(ETYPES, I64, MANY, NONE, ASIS, 8, "", "kerberos.etypes", "RFC 4120 5.4.1", "Encryption types that the client takes, in its order; the first 16.") \
F(TICKET_ETYPE, I64, ONE, NONE, ASIS, 8, "", "kerberos.ticket_etype", "RFC 4120 5.3", "Encryption of the ticket that is given.") \
F(REPLY_ETYPE, I64, ONE, NONE, ASIS, 8, "", "kerberos.reply_etype", "RFC 4120 5.4.2", "Encryption of the answer's secret part.") \
F(ENCRYPTION, STR, ONE, NONE, ASIS, 32, "", "kerberos.encryption", "RFC 3961 8", "Encryption of the ticket, or else of the answer, in words.") \
F(IS_WEAK, BOOL, ONE, NONE, ASIS, 1, "", "kerberos.is_weak", "RFC 8429, RFC 6649", "Ticket or answer are encrypted by DES or RC4.") \
F(OFFERS_WEAK_ONLY, BOOL, ONE, NONE, ASIS, 1, "", "kerberos.offers_weak_only", "RFC 8429, RFC 6649", "The client takes nothing but DES or RC4, as tools do that want tickets to crack.") \
F(HAS_PREAUTH, BOOL, ONE, NONE, ASIS, 1, "", "kerberos.has_preauth", "RFC 4120 5.2.7.2", "An AS-REQ proves that the client knows its key.") \
F(PADATA_TYPES, U64, MANY, NONE, ASIS, 8, "", "kerberos.padata_types", "RFC 4120 5.2.7", "Kinds of pre-authentication data; the first 16.") \
F(KDC_OPTIONS, U64, ONE, NONE, ASIS, 8, "", "kerberos.kdc_options", "RFC 4120 5.4.1", "Flags of the request, first bit highest.") \
F(ERROR_CODE, U64, ONE, NONE, ASIS, 8, "", "kerberos.error_code", "RFC 4120 7.5.9", "Why a request was refused.") \
F(ERROR, STR, ONE, NONE, ASIS, 40, "", "kerberos.error", "RFC 4120 7.5.9", "The same in words, where it is a frequent one.") \
F(ERROR_TEXT, STR, ONE, DIRECT, PRESENT, 255, "", "kerberos.error_text", "RFC 4120 5.9.1", "Free text of the server.")
/* clang-format on */
WT_DECLARE_FIELDS(KERBEROS_FIELDS)

static const struct wt_event_type event_types[] = {
	{ "kerberos", "A message of Kerberos." },
};

enum { EVENT_KERBEROS };

enum { AS_REQ = 10, AS_REP, TGS_REQ, TGS_REP, AP_REQ, AP_REP, KRB_ERROR = 30 };

#define KERBEROS_MAX 65536u
#define NAME_PARTS_MAX 6u
#define NAME_LEN_MAX 255u
#define LIST_MAX 16u
#define FIELDS_MAX 16u
#define PA_ENC_TIMESTAMP 2u
#define PA_PK_AS_REQ 16u
#define PA_ENCRYPTED_CHALLENGE 138u
#define ADDRESS_NETBIOS 20

struct kerberos_state {
	uint8_t nothing; /* messages stand for themselves */
};

static const char *type_name(unsigned type)
{
	switch (type) {
	case AS_REQ:
		return "AS-REQ";
	case AS_REP:
		return "AS-REP";
	case TGS_REQ:
		return "TGS-REQ";
	case TGS_REP:
		return "TGS-REP";
	case AP_REQ:
		return "AP-REQ";
	case AP_REP:
		return "AP-REP";
	case KRB_ERROR:
		return "KRB-ERROR";
	default:
		return "";
	}
}

static const char *etype_name(int64_t etype)
{
	switch (etype) {
	case 1:
		return "des-cbc-crc";
	case 3:
		return "des-cbc-md5";
	case 16:
		return "des3-cbc-sha1";
	case 17:
		return "aes128-cts-hmac-sha1-96";
	case 18:
		return "aes256-cts-hmac-sha1-96";
	case 19:
		return "aes128-cts-hmac-sha256-128";
	case 20:
		return "aes256-cts-hmac-sha384-192";
	case 23:
		return "rc4-hmac";
	case 24:
		return "rc4-hmac-exp";
	default:
		return NULL;
	}
}

static bool is_weak(int64_t etype)
{
	return etype == 1 || etype == 2 || etype == 3 || etype == 23 || etype == 24 ||
	       etype < 0;
}

struct error {
	uint8_t code;
	const char *text;
};

static const struct error errors[] = {
	{ 1, "client_entry_expired" },
	{ 3, "bad_version" },
	{ 6, "client_not_found" },
	{ 7, "server_not_found" },
	{ 8, "principal_not_unique" },
	{ 12, "policy" },
	{ 13, "bad_option" },
	{ 14, "etype_not_supported" },
	{ 16, "padata_type_not_supported" },
	{ 18, "client_revoked" },
	{ 23, "password_expired" },
	{ 24, "preauth_failed" },
	{ 25, "preauth_required" },
	{ 29, "service_unavailable" },
	{ 31, "bad_integrity" },
	{ 32, "ticket_expired" },
	{ 34, "repeat" },
	{ 37, "clock_skew" },
	{ 41, "message_modified" },
	{ 52, "response_too_big" },
	{ 60, "generic" },
	{ 68, "wrong_realm" },
};

/* --- parts --- */

/* The single element inside a field [n]. */
static struct wt_der inner(const struct wt_der *field)
{
	struct wt_reader r = wt_der_open(field);
	struct wt_der e = { .tag = 0 };

	(void)wt_der_next(&r, &e);
	return e;
}

static int64_t number(const struct wt_der *field)
{
	return wt_der_int(inner(field).value);
}

/* PrincipalName (RFC 4120 5.2.2): its parts joined; how many they are. */
static unsigned principal(const struct wt_der *field, struct wt_builder *b, int64_t *type)
{
	struct wt_der name = inner(field), e;
	struct wt_reader r = wt_der_open(&name), parts;
	unsigned n = 0;

	*type = 0;
	if (wt_der_take(&r, 0xa0, &e))
		*type = number(&e);
	if (!wt_der_take(&r, 0xa1, &e))
		return 0;
	e = inner(&e);
	parts = wt_der_open(&e);
	while (n < NAME_PARTS_MAX && wt_der_next(&parts, &e)) {
		if (n++)
			wt_bld_char(b, '/');
		wt_bld_bytes(b, wt_slice_head(e.value, b->cap - b->len));
	}
	return n;
}

/* A machine's account ends in $ and tells its name. */
static void put_cname(struct wt_out *out, unsigned event, const struct wt_der *field)
{
	uint8_t room[NAME_LEN_MAX];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	struct wt_slice name;
	int64_t type;

	(void)principal(field, &b, &type);
	name = wt_bld_slice(&b);
	put_CNAME(out, event, name);
	put_CNAME_TYPE(out, event, (uint64_t)type);
	if (name.len > 1 && name.ptr[name.len - 1] == '$')
		wt_put_host_name(out, event, wt_slice_head(name, name.len - 1));
	else
		wt_put_USER_NAME(out, event, name);
}

/* A name of one part may be a person's (user to user). */
static void put_sname(struct wt_out *out, unsigned event, const struct wt_der *field)
{
	uint8_t room[NAME_LEN_MAX];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	int64_t type;
	unsigned n = principal(field, &b, &type);

	put_SNAME_TYPE(out, event, (uint64_t)type);
	if (n > 1)
		put_SNAME(out, event, wt_bld_slice(&b));
}

static void put_realm(struct wt_out *out, unsigned event, const struct wt_der *field)
{
	put_REALM(out, event, inner(field).value);
}

/* EncryptedData (5.2.9): its kind alone. */
static bool etype_of(const struct wt_der *data, int64_t *etype)
{
	struct wt_reader r = wt_der_open(data);
	struct wt_der e;

	if (!wt_der_take(&r, 0xa0, &e))
		return false;
	*etype = number(&e);
	return true;
}

static void put_padata(struct wt_out *out, unsigned event, struct wt_der list, bool is_as_req)
{
	struct wt_reader r = wt_der_open(&list);
	struct wt_der pa, e;
	unsigned i;

	for (i = 0; i < LIST_MAX && wt_der_next(&r, &pa); i++) {
		struct wt_reader one = wt_der_open(&pa);
		int64_t type;

		if (!wt_der_take(&one, 0xa1, &e))
			continue;
		type = number(&e);
		put_PADATA_TYPES(out, event, (uint64_t)type);
		if (is_as_req && (type == PA_ENC_TIMESTAMP || type == PA_PK_AS_REQ ||
				  type == PA_ENCRYPTED_CHALLENGE))
			put_HAS_PREAUTH(out, event, true);
	}
}

static void put_etypes(struct wt_out *out, unsigned event, const struct wt_der *field)
{
	struct wt_der list = inner(field), e;
	struct wt_reader r = wt_der_open(&list);
	bool is_all_weak = true;
	unsigned i;

	for (i = 0; i < LIST_MAX && wt_der_take(&r, WT_DER_INTEGER, &e); i++) {
		int64_t etype = wt_der_int(e.value);

		put_ETYPES(out, event, etype);
		is_all_weak = is_all_weak && is_weak(etype);
	}
	if (i && is_all_weak)
		put_OFFERS_WEAK_ONLY(out, event, true);
}

/* HostAddresses (5.2.5): Windows tells its NetBIOS name there. */
static void put_addresses(struct wt_out *out, unsigned event, const struct wt_der *field)
{
	struct wt_der list = inner(field), address, e;
	struct wt_reader r = wt_der_open(&list);
	unsigned i;

	for (i = 0; i < LIST_MAX && wt_der_next(&r, &address); i++) {
		struct wt_reader one = wt_der_open(&address);

		if (!wt_der_take(&one, 0xa0, &e) || number(&e) != ADDRESS_NETBIOS ||
		    !wt_der_take(&one, 0xa1, &e))
			continue;
		wt_put_host_name(out, event,
				 wt_slice_trim(wt_slice_head(inner(&e).value, 15), ' '));
	}
}

/* --- messages --- */

static void request_body(struct wt_out *out, unsigned event, struct wt_der body)
{
	struct wt_reader r = wt_der_open(&body);
	struct wt_der f;
	unsigned i;

	for (i = 0; i < FIELDS_MAX && wt_der_next(&r, &f); i++) {
		struct wt_slice flags;

		switch (f.tag) {
		case 0xa0:
			flags = wt_slice_tail(inner(&f).value, 1);
			if (flags.len == 4)
				put_KDC_OPTIONS(out, event,
						(uint64_t)wt_der_int(flags) & UINT32_MAX);
			break;
		case 0xa1:
			put_cname(out, event, &f);
			break;
		case 0xa2:
			put_realm(out, event, &f);
			break;
		case 0xa3:
			put_sname(out, event, &f);
			break;
		case 0xa8:
			put_etypes(out, event, &f);
			break;
		case 0xa9:
			put_addresses(out, event, &f);
			break;
		default:
			break;
		}
	}
}

static void read_request(struct wt_out *out, unsigned event, struct wt_reader *r, bool is_as)
{
	struct wt_der f;
	unsigned i;

	for (i = 0; i < FIELDS_MAX && wt_der_next(r, &f); i++) {
		if (f.tag == 0xa3)
			put_padata(out, event, inner(&f), is_as);
		else if (f.tag == 0xa4)
			request_body(out, event, inner(&f));
	}
}

/* A ticket (5.3): who it is for, and how it is encrypted. */
static bool put_ticket(struct wt_out *out, unsigned event, struct wt_der ticket, int64_t *etype)
{
	struct wt_der sequence = inner(&ticket), f;
	struct wt_reader r = wt_der_open(&sequence);
	bool is_known = false;
	unsigned i;

	for (i = 0; i < FIELDS_MAX && wt_der_next(&r, &f); i++) {
		struct wt_der data;

		if (f.tag == 0xa1 && ticket.tag == 0x61)
			put_REALM(out, event, inner(&f).value);
		if (f.tag == 0xa2)
			put_sname(out, event, &f);
		data = inner(&f);
		if (f.tag == 0xa3 && etype_of(&data, etype)) {
			put_TICKET_ETYPE(out, event, *etype);
			is_known = true;
		}
	}
	return is_known;
}

static void put_encryption(struct wt_out *out, unsigned event, int64_t etype)
{
	put_ENCRYPTION(out, event, wt_slice_text(etype_name(etype)));
	if (is_weak(etype))
		put_IS_WEAK(out, event, true);
}

static void read_reply(struct wt_out *out, unsigned event, struct wt_reader *r)
{
	struct wt_der f, e;
	int64_t etype;
	unsigned i;

	for (i = 0; i < FIELDS_MAX && wt_der_next(r, &f); i++) {
		e = inner(&f);
		if (f.tag == 0xa2)
			put_padata(out, event, e, false);
		else if (f.tag == 0xa3)
			put_realm(out, event, &f);
		else if (f.tag == 0xa4)
			put_cname(out, event, &f);
		else if (f.tag == 0xa5 && put_ticket(out, event, e, &etype))
			put_encryption(out, event, etype);
		else if (f.tag == 0xa6 && etype_of(&e, &etype)) {
			put_REPLY_ETYPE(out, event, etype);
			put_encryption(out, event, etype);
		}
	}
}

static void put_error(struct wt_out *out, unsigned event, int64_t code)
{
	size_t i;

	put_ERROR_CODE(out, event, (uint64_t)code);
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].code == code)
			put_ERROR(out, event, wt_slice_text(errors[i].text));
}

static void read_error(struct wt_out *out, unsigned event, struct wt_reader *r)
{
	struct wt_reader data;
	struct wt_der f, e;
	unsigned i;

	for (i = 0; i < FIELDS_MAX && wt_der_next(r, &f); i++) {
		e = inner(&f);
		if (f.tag == 0xa6) {
			put_error(out, event, wt_der_int(e.value));
		} else if (f.tag == 0xa8) {
			put_cname(out, event, &f);
		} else if (f.tag == 0xa9) {
			put_realm(out, event, &f);
		} else if (f.tag == 0xaa) {
			put_sname(out, event, &f);
		} else if (f.tag == 0xab) {
			put_ERROR_TEXT(out, event, e.value);
		} else if (f.tag == 0xac) {
			data = wt_der_open(&e);
			if (wt_der_take(&data, WT_DER_SEQUENCE, &e))
				put_padata(out, event, e, false);
		}
	}
}

static void read_ap(struct wt_out *out, unsigned event, struct wt_reader *r)
{
	struct wt_der f;
	int64_t etype;
	unsigned i;

	for (i = 0; i < FIELDS_MAX && wt_der_next(r, &f); i++)
		if (f.tag == 0xa3 && put_ticket(out, event, inner(&f), &etype))
			put_encryption(out, event, etype);
}

static enum wt_verdict read_message(struct wt_out *out, struct wt_slice bytes)
{
	struct wt_reader r = wt_reader_of(bytes, WT_MALFORMED);
	struct wt_der top, sequence;
	unsigned event, type;

	if (!wt_der_next(&r, &top))
		return WT_MALFORMED;
	type = top.tag & 0x1f;
	r = wt_der_open(&top);
	if ((top.tag & 0xe0) != 0x60 || !*type_name(type) ||
	    !wt_der_take(&r, WT_DER_SEQUENCE, &sequence))
		return WT_MALFORMED;
	r = wt_der_open(&sequence);
	event = wt_event_begin(out, EVENT_KERBEROS);
	put_MSG_TYPE(out, event, wt_slice_text(type_name(type)));
	put_MSG_TYPE_CODE(out, event, type);
	if (type == AS_REQ || type == TGS_REQ)
		read_request(out, event, &r, type == AS_REQ);
	else if (type == AS_REP || type == TGS_REP)
		read_reply(out, event, &r);
	else if (type == KRB_ERROR)
		read_error(out, event, &r);
	else if (type == AP_REQ)
		read_ap(out, event, &r);
	return WT_OK;
}

/* --- beginnings --- */

/* A tagged INTEGER, whole; lengths may be written longer than they need. */
static enum wt_verdict see_number(struct wt_reader *r, struct wt_der *f)
{
	if (!wt_rd_left(r))
		return WT_MORE;
	if (!wt_der_next(r, f))
		return r->err == WT_MORE ? WT_MORE : WT_FOREIGN;
	if (f->len > 16)
		return WT_FOREIGN;
	return f->is_cut ? WT_MORE : WT_OK;
}

/* [APPLICATION n] SEQUENCE { [0 or 1] 5, [1 or 2] n: the version and the same type. The
 * length of it all, in `total`. */
static enum wt_verdict message_shape(struct wt_slice s, uint64_t *total)
{
	struct wt_reader r = wt_reader_of(s, WT_MORE);
	struct wt_der top, sequence, f;
	enum wt_verdict verdict;
	uint8_t first;

	if (s.len && ((s.ptr[0] & 0xe0) != 0x60 || !*type_name(s.ptr[0] & 0x1f)))
		return WT_FOREIGN;
	if (!wt_der_head(&r, &top))
		return r.err == WT_MORE ? WT_MORE : WT_FOREIGN;
	*total = (uint64_t)top.len + (s.len - wt_rd_left(&r));
	if (wt_rd_left(&r) && wt_rd_peek(&r).ptr[0] != WT_DER_SEQUENCE)
		return WT_FOREIGN;
	if (!wt_der_head(&r, &sequence))
		return r.err == WT_MORE ? WT_MORE : WT_FOREIGN;
	if (sequence.len > top.len)
		return WT_FOREIGN;
	first = (top.tag & 0x1f) == AS_REQ || (top.tag & 0x1f) == TGS_REQ ? 0xa1 : 0xa0;
	verdict = see_number(&r, &f);
	if (verdict != WT_OK)
		return verdict;
	if (f.tag != first || number(&f) != 5)
		return WT_FOREIGN;
	verdict = see_number(&r, &f);
	if (verdict != WT_OK)
		return verdict;
	return f.tag == first + 1 && number(&f) == (top.tag & 0x1f) ? WT_OK : WT_FOREIGN;
}

static enum wt_verdict record_shape(struct wt_slice s, uint32_t *len)
{
	struct wt_reader r = wt_reader_of(s, WT_MORE);
	uint64_t total = 0;
	enum wt_verdict verdict;

	if ((s.len && s.ptr[0] != 0) || (s.len > 4 && (s.ptr[4] & 0xe0) != 0x60))
		return WT_FOREIGN;
	*len = wt_rd_u32be(&r);
	if (r.err != WT_OK)
		return r.err;
	if (*len < 14 || *len > KERBEROS_MAX - 4)
		return WT_FOREIGN;
	verdict = message_shape(wt_rd_peek(&r), &total);
	return verdict == WT_OK && total != *len ? WT_FOREIGN : verdict;
}

static enum wt_verdict kerberos_message(void *state, enum wt_direction dir, struct wt_reader *r,
					struct wt_out *out)
{
	enum wt_verdict verdict;
	uint32_t len;

	(void)state;
	(void)dir;
	if (r->on_short != WT_MORE) {
		uint64_t total = 0;

		verdict = message_shape(wt_rd_peek(r), &total);
		if (verdict == WT_OK && total > wt_rd_left(r))
			verdict = r->on_short; /* tickets come first: what follows is missing */
		return verdict != WT_OK ? r->on_short : read_message(out, wt_rd_rest(r));
	}
	verdict = record_shape(wt_rd_peek(r), &len);
	if (verdict != WT_OK)
		return verdict == WT_MORE ? WT_MORE : WT_MALFORMED;
	if (wt_rd_left(r) < len + 4u) {
		wt_out_need(out, len + 4u);
		return WT_MORE;
	}
	wt_rd_skip(r, 4);
	verdict = read_message(out, wt_rd_bytes(r, len));
	wt_out_message_end(out);
	wt_out_commit(out);
	return verdict;
}

static enum wt_verdict kerberos_probe(struct wt_slice head)
{
	uint64_t total;
	uint32_t len;

	if (head.len && head.ptr[0] == 0)
		return record_shape(head, &len);
	return message_shape(head, &total);
}

static size_t kerberos_resync(struct wt_slice rest)
{
	uint32_t len;
	size_t at = 0;

	while (at < rest.len) {
		at += wt_slice_find(wt_slice_tail(rest, at), 0);
		if (at < rest.len && record_shape(wt_slice_tail(rest, at), &len) != WT_FOREIGN)
			return at;
		at++;
	}
	return rest.len;
}

const struct wt_dissector wt_kerberos_dissector = {
	.name = "kerberos",
	.title = "Kerberos",
	.source = "RFC 4120, MS-KILE rev. 44",
	.carriage = WT_OVER_TCP | WT_OVER_UDP,
	.ports = { 88 },
	.probe = kerberos_probe,
	.message = kerberos_message,
	.resync = kerberos_resync,
	.state_size = sizeof(struct kerberos_state),
	.is_framed = true,
	.buffer_max = KERBEROS_MAX,
	WT_DISSECTOR_TABLES(event_types),
};
