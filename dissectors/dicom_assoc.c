/* DICOM association PDUs: request, accept, reject, release, abort.
 *
 *   01/02 00 len u32 | version u16, 00 00, called AE[16], calling AE[16], 32 reserved
 *     10 00 len u16 application context name
 *     20 00 len u16 | id, 00, 00, 00     | one 30 (abstract syntax), 40 (transfer) ...
 *     21 00 len u16 | id, 00, result, 00 | one 40
 *     50 00 len u16 | 51 max length, 52 implementation UID, 53 async, 54 role,
 *                     55 version name, 56/57 extended, 58/59 user identity
 *   03/05/06/07 00 00000004 | 4 octets
 *
 * Items are consumed one by one and of a long one only the prefix that is kept, so a
 * request of any size needs a hundred buffered bytes.
 * Source: DICOM PS3.8 (2024) 9.3, Annex D; PS3.7 Annex D.3.3.
 * Trust: all of it is hostile. Memory: struct dicom_assoc_part per direction. */
#include "dicom_state.h"

#define ITEM_HEAD_LEN 4u
#define CONTEXT_HEAD_LEN 4u
#define SECRET_KEPT 64u /* bytes of a user identity field */

/* Item and sub-item types */
enum {
	ITEM_APP_CONTEXT = 0x10,
	ITEM_CONTEXT_RQ = 0x20,
	ITEM_CONTEXT_AC = 0x21,
	ITEM_ABSTRACT = 0x30,
	ITEM_TRANSFER = 0x40,
	ITEM_USER = 0x50,
	ITEM_MAX_LENGTH = 0x51,
	ITEM_IMPL_UID = 0x52,
	ITEM_ASYNC = 0x53,
	ITEM_ROLE = 0x54,
	ITEM_IMPL_VERSION = 0x55,
	ITEM_EXTENDED = 0x56,
	ITEM_COMMON_EXTENDED = 0x57,
	ITEM_IDENTITY_RQ = 0x58,
	ITEM_IDENTITY_AC = 0x59,
};

/* A new request begins a new association; an answer whose request was not seen, too. */
static void forget(struct dicom_state *s)
{
	unsigned i;

	for (i = 0; i < DICOM_CONTEXTS; i++)
		s->context[i] = (struct dicom_context){ 0 };
	for (i = 0; i < 2; i++) {
		s->has_max_pdu[i] = s->is_done[i] = false;
		s->dir[i].said = 0;
	}
	s->called = s->calling = (struct dicom_title){ 0 };
	s->has_request = s->has_accept = s->has_answers = s->has_reject = false;
	s->is_over = s->is_early = false;
}

static void keep_title(struct dicom_title *title, struct wt_slice raw)
{
	struct wt_builder b = wt_builder_of(title->text, sizeof(title->text));

	wt_bld_bytes(&b, dicom_trim_title(raw));
	title->len = (uint8_t)b.len;
}

/* Is this PDU where it may be? Also keeps the titles and the stage. */
static void enter_stage(struct dicom_state *s, enum dicom_pdu pdu, struct wt_slice called,
			struct wt_slice calling, struct wt_out *out)
{
	bool is_live = (s->has_request || s->has_accept) && !s->is_over && !s->has_reject;

	if (pdu == DICOM_ASSOCIATE_RQ) {
		if (is_live)
			wt_out_glitch(out, "second_associate_rq");
		forget(s);
		s->has_request = true;
	} else {
		if (s->has_accept && is_live)
			wt_out_glitch(out, "second_associate_ac");
		if (!s->has_request || s->has_accept || s->is_over)
			forget(s);
		if (s->is_early)
			wt_out_glitch(out, "p_data_before_accept");
		s->has_accept = true;
		if (s->has_request) /* the titles here are only echoes */
			return;
	}
	keep_title(&s->called, called);
	keep_title(&s->calling, calling);
}

void dicom_assoc_totals(struct dicom_dir *d, struct wt_out *out)
{
	put_CONTEXT_COUNT(out, d->event, d->assoc.n_contexts);
	if (d->pdu == DICOM_ASSOCIATE_AC) {
		put_ACCEPTED_COUNT(out, d->event, d->assoc.n_accepted);
		put_REJECTED_COUNT(out, d->event, d->assoc.n_rejected);
	}
	if (d->assoc.n_roles)
		put_ROLE_COUNT(out, d->event, d->assoc.n_roles);
}

static enum wt_direction direction_of(const struct dicom_state *s, const struct dicom_dir *d)
{
	return d == &s->dir[WT_TO_SERVER] ? WT_TO_SERVER : WT_TO_CLIENT;
}

static enum wt_verdict end_if_read(struct dicom_state *s, struct dicom_dir *d,
				   struct wt_out *out)
{
	if (d->pdu_left)
		return WT_OK;
	dicom_assoc_totals(d, out);
	if (d->pdu == DICOM_ASSOCIATE_RQ && d->assoc.n_abstract && !d->assoc.is_other)
		put_IS_VERIFICATION_ONLY(out, d->event, true);
	/* PS3.8 D.1.1: without the item there is no limit */
	if (!d->assoc.has_max_pdu) {
		enum wt_direction dir = direction_of(s, d);

		s->max_pdu[dir] = 0;
		s->has_max_pdu[dir] = true;
	}
	if (d->pdu == DICOM_ASSOCIATE_AC)
		s->has_answers = true;
	dicom_event_end(d);
	d->phase = DICOM_AT_HEAD;
	return WT_OK;
}

enum wt_verdict dicom_assoc_begin(struct dicom_state *s, enum wt_direction dir,
				  struct wt_reader *r, struct wt_out *out)
{
	struct dicom_dir *d = &s->dir[dir];
	struct wt_slice called, calling;
	uint16_t version;

	version = wt_rd_u16be(r);
	wt_rd_skip(r, 2);
	called = wt_rd_bytes(r, 16);
	calling = wt_rd_bytes(r, 16);
	wt_rd_skip(r, 32);
	if (WT_BUG_ON(r->err != WT_OK))
		return WT_MALFORMED;
	enter_stage(s, (enum dicom_pdu)d->pdu, called, calling, out);
	dicom_event_begin(s, d, out, (enum dicom_pdu)d->pdu);
	put_PROTOCOL_VERSION(out, d->event, version);
	d->assoc = (struct dicom_assoc_part){ 0 };
	d->pdu_left -= DICOM_FIXED_LEN - DICOM_HEAD_LEN;
	d->phase = DICOM_AT_ITEM;
	return end_if_read(s, d, out);
}

/* The context behind an id, or NULL for an even one. */
static struct dicom_context *context_of(struct dicom_state *s, uint8_t id)
{
	return id % 2 ? &s->context[id / 2] : NULL;
}

/* Is another context with this flag about the same SOP class? Requests often offer a
 * class once per transfer syntax; a list names it once. */
static bool is_repeated(const struct dicom_state *s, const struct dicom_context *context,
			uint16_t sop, uint8_t flag)
{
	unsigned i;

	for (i = 0; sop && i < DICOM_CONTEXTS; i++)
		if (&s->context[i] != context && s->context[i].sop == sop &&
		    (s->context[i].flags & flag))
			return true;
	return false;
}

/* The first four bytes of a presentation context item. */
static void context_begin(struct dicom_state *s, struct dicom_dir *d, struct wt_slice head,
			  struct wt_out *out)
{
	struct wt_reader r = wt_reader_of(head, WT_MALFORMED);
	struct dicom_assoc_part *a = &d->assoc;
	struct dicom_context *context;

	a->context_id = wt_rd_u8(&r);
	wt_rd_skip(&r, 1);
	a->context_result = wt_rd_u8(&r);
	a->has_context = true;
	a->has_syntax = false;
	a->n_contexts++;
	context = context_of(s, a->context_id);
	if (!context)
		dicom_say_once(d, out, DICOM_SAID_EVEN_ID, "even_context_id");
	if (a->container == ITEM_CONTEXT_RQ) {
		if (context)
			*context = (struct dicom_context){ .flags = DICOM_CONTEXT_OFFERED };
		return;
	}
	if (a->n_contexts <= DICOM_CONTEXTS)
		put_CONTEXT_RESULT(out, d->event, a->context_result);
	if (a->context_result != 0) {
		a->n_rejected++;
		return;
	}
	a->n_accepted++;
	if (!context)
		return;
	context->flags |= DICOM_CONTEXT_ACCEPTED;
	context->flags &= (uint8_t)~DICOM_CONTEXT_SEVERAL;
	context->transfer = 0;
	if (context->sop && !is_repeated(s, context, context->sop, DICOM_CONTEXT_ACCEPTED) &&
	    a->n_abstract++ < DICOM_LIST_MAX) {
		uint8_t room[DICOM_UID_MAX];

		put_ABSTRACT_SYNTAX(out, d->event,
				    dicom_uid_full(&dicom_sop_rows[context->sop - 1], room));
	}
}

static void abstract_syntax(struct dicom_state *s, struct dicom_dir *d, struct wt_slice raw,
			    struct wt_out *out)
{
	struct wt_slice uid = dicom_uid_of(d, out, raw);
	struct dicom_context *context = context_of(s, d->assoc.context_id);
	uint16_t sop = dicom_sop_find(uid);

	if (!is_repeated(s, context, sop, DICOM_CONTEXT_OFFERED) &&
	    d->assoc.n_abstract++ < DICOM_LIST_MAX)
		put_ABSTRACT_SYNTAX(out, d->event, uid);
	if (!wt_slice_equal(uid, WT_LIT("1.2.840.10008.1.1")))
		d->assoc.is_other = true;
	if (context)
		context->sop = sop;
}

static void transfer_syntax(struct dicom_state *s, struct dicom_dir *d, struct wt_slice raw,
			    struct wt_out *out)
{
	struct dicom_assoc_part *a = &d->assoc;
	struct wt_slice uid;
	struct dicom_context *context = context_of(s, a->context_id);
	uint8_t row;

	/* PS3.8 9.3.3.2: in a refused context the name means nothing */
	if (a->container == ITEM_CONTEXT_AC && a->context_result != 0)
		return;
	uid = dicom_uid_of(d, out, raw);
	row = dicom_transfer_find(uid);
	if (row == DICOM_UID_NONE) {
		if (a->n_strange++ < 8)
			put_TRANSFER_SYNTAX(out, d->event, uid);
	} else if (!(a->seen_transfers >> row & 1)) {
		a->seen_transfers |= UINT64_C(1) << row;
		put_TRANSFER_SYNTAX(out, d->event, uid);
	}
	if (context) {
		context->transfer =
			row == DICOM_UID_NONE || a->has_syntax ? 0 : (uint8_t)(row + 1);
		if (a->has_syntax)
			context->flags |= DICOM_CONTEXT_SEVERAL;
	}
	a->has_syntax = true;
}

static void max_length(struct dicom_state *s, struct dicom_dir *d, struct wt_slice body,
		       struct wt_out *out)
{
	struct wt_reader r = wt_reader_of(body, WT_MALFORMED);
	enum wt_direction dir = direction_of(s, d);
	uint32_t length = wt_rd_u32be(&r);

	if (r.err != WT_OK) {
		dicom_say_once(d, out, DICOM_SAID_ITEM, "malformed_item");
		return;
	}
	put_MAX_PDU(out, d->event, length);
	d->assoc.has_max_pdu = true;
	s->max_pdu[dir] = length;
	s->has_max_pdu[dir] = true;
}

static void async_window(struct dicom_dir *d, struct wt_slice body, struct wt_out *out)
{
	struct wt_reader r = wt_reader_of(body, WT_MALFORMED);
	uint16_t invoked = wt_rd_u16be(&r), performed = wt_rd_u16be(&r);

	if (r.err != WT_OK) {
		dicom_say_once(d, out, DICOM_SAID_ITEM, "malformed_item");
		return;
	}
	put_ASYNC_INVOKED(out, d->event, invoked);
	put_ASYNC_PERFORMED(out, d->event, performed);
}

static void role_selection(struct dicom_dir *d, struct wt_slice body, struct wt_out *out)
{
	struct wt_reader r = wt_reader_of(body, WT_MALFORMED);
	struct wt_slice uid = wt_rd_bytes(&r, wt_rd_u16be(&r));
	uint8_t scu = wt_rd_u8(&r), scp = wt_rd_u8(&r);
	uint8_t room[DICOM_UID_MAX + 16];
	struct wt_builder b = wt_builder_of(room, sizeof(room));

	if (r.err != WT_OK) {
		dicom_say_once(d, out, DICOM_SAID_ITEM, "malformed_item");
		return;
	}
	if (d->assoc.n_roles++ >= DICOM_LIST_MAX)
		return;
	uid = dicom_uid_of(d, out, uid);
	wt_bld_bytes(&b, wt_slice_head(uid, DICOM_UID_MAX));
	wt_bld_text(&b, scu ? scp ? " scu+scp" : " scu" : scp ? " scp" : " none");
	put_ROLE(out, d->event, wt_bld_slice(&b));
}

/* 56 and 57 begin alike: length and name of the SOP class. */
static void extended(struct dicom_dir *d, struct wt_slice body, struct wt_out *out)
{
	struct wt_reader r = wt_reader_of(body, WT_MALFORMED);
	struct wt_slice uid = wt_rd_bytes(&r, wt_rd_u16be(&r));

	if (r.err != WT_OK)
		dicom_say_once(d, out, DICOM_SAID_ITEM, "malformed_item");
	else if (d->assoc.n_extended++ < DICOM_LIST_MAX)
		put_EXT_NEGOTIATION(out, d->event, dicom_uid_of(d, out, uid));
}

static void implementation(struct dicom_dir *d, struct wt_slice body, struct wt_out *out)
{
	struct wt_slice uid = dicom_uid_of(d, out, body);

	put_IMPL_CLASS_UID(out, d->event, uid);
	put_IMPL_NAME(out, d->event, dicom_impl_name(uid));
}

/* An item without inner items. `body` is its prefix of LEAF_KEPT bytes at most. */
static void leaf(struct dicom_state *s, struct dicom_dir *d, uint8_t type, struct wt_slice body,
		 struct wt_out *out)
{
	uint8_t container = d->assoc.container;
	bool is_context = container == ITEM_CONTEXT_RQ || container == ITEM_CONTEXT_AC;

	if (type == ITEM_APP_CONTEXT && !container)
		put_APP_CONTEXT(out, d->event, dicom_uid_of(d, out, body));
	else if (type == ITEM_ABSTRACT && container == ITEM_CONTEXT_RQ)
		abstract_syntax(s, d, body, out);
	else if (type == ITEM_TRANSFER && is_context)
		transfer_syntax(s, d, body, out);
	else if (container != ITEM_USER)
		dicom_say_once(d, out, DICOM_SAID_ITEM, "unknown_item");
	else if (type == ITEM_MAX_LENGTH)
		max_length(s, d, body, out);
	else if (type == ITEM_IMPL_UID)
		implementation(d, body, out);
	else if (type == ITEM_ASYNC)
		async_window(d, body, out);
	else if (type == ITEM_ROLE)
		role_selection(d, body, out);
	else if (type == ITEM_IMPL_VERSION)
		put_IMPL_VERSION(out, d->event, dicom_trim_end(body));
	else if (type == ITEM_EXTENDED || type == ITEM_COMMON_EXTENDED)
		extended(d, body, out);
	else if (type == ITEM_IDENTITY_AC)
		put_USER_IDENTITY_RESPONSE(out, d->event, true);
}

/* Longest prefix of a leaf that is looked at: a UID one too long, with its frame. */
#define LEAF_KEPT (DICOM_UID_MAX + 8u)

/* Takes `taken` bytes off what is left of the PDU and of the open container, which
 * ends with its last byte. */
static void took(struct dicom_dir *d, uint32_t taken)
{
	d->pdu_left -= taken;
	if (d->assoc.container) {
		d->assoc.item_left -= taken;
		if (d->assoc.item_left == 0)
			d->assoc.container = 0;
	}
}

static void skip(struct wt_out *out, size_t len)
{
	if (len)
		wt_out_skip(out, len);
}

static void put_identity(struct dicom_dir *d, struct wt_slice field, bool is_secret,
			 struct wt_out *out)
{
	if (is_secret)
		wt_put_USER_SECRET(out, d->event, field);
	else
		wt_put_USER_NAME(out, d->event, field);
}

/* 58: type, response wanted, first field (a name, or a ticket, assertion or token). */
static enum wt_verdict identity(struct dicom_dir *d, uint16_t item_len, struct wt_reader *r,
				struct wt_reader start, struct wt_out *out)
{
	uint8_t type = wt_rd_u8(r), wants = wt_rd_u8(r);
	uint16_t len = wt_rd_u16be(r);
	size_t kept = len < SECRET_KEPT ? len : SECRET_KEPT;
	struct wt_slice field = wt_rd_bytes(r, kept);

	if (item_len < 6 || (r->err == WT_OK && len > item_len - 6u))
		return dicom_broken(d, r, start, out, "malformed_length");
	if (r->err != WT_OK)
		return r->err;
	put_USER_IDENTITY_TYPE(out, d->event, type);
	put_USER_IDENTITY_RESPONSE(out, d->event, wants != 0);
	put_identity(d, field, type > 2, out);
	skip(out, len - kept);
	took(d, ITEM_HEAD_LEN + 4u + len);
	d->assoc.identity_left = (uint16_t)(item_len - 4u - len);
	d->phase = DICOM_AT_SECOND;
	return WT_OK;
}

/* The rest of 58: the passcode. The item was checked to have room for its length. */
enum wt_verdict dicom_assoc_second(struct dicom_state *s, enum wt_direction dir,
				   struct wt_reader *r, struct wt_out *out)
{
	struct dicom_dir *d = &s->dir[dir];
	struct wt_reader start = *r;
	uint16_t len = wt_rd_u16be(r);
	size_t kept = len < SECRET_KEPT ? len : SECRET_KEPT;
	struct wt_slice field = wt_rd_bytes(r, kept);

	if (start.left >= 2 && len + 2u > d->assoc.identity_left)
		return dicom_broken(d, r, start, out, "malformed_length");
	if (r->err != WT_OK)
		return r->err;
	put_identity(d, field, true, out);
	skip(out, d->assoc.identity_left - 2u - kept);
	d->phase = DICOM_AT_ITEM;
	took(d, d->assoc.identity_left);
	return end_if_read(s, d, out);
}

/* 20, 21 and 50 hold items; 20 and 21 after four octets of their own. */
static enum wt_verdict container(struct dicom_state *s, struct dicom_dir *d, uint8_t type,
				 uint16_t len, struct wt_reader *r, struct wt_out *out)
{
	uint32_t own = type == ITEM_USER ? 0 : CONTEXT_HEAD_LEN;
	struct wt_slice head = wt_rd_bytes(r, own);

	if (r->err != WT_OK)
		return r->err;
	took(d, ITEM_HEAD_LEN + own);
	d->assoc.container = type;
	d->assoc.item_left = len - own;
	if (type != ITEM_USER)
		context_begin(s, d, head, out);
	if (d->assoc.item_left == 0)
		d->assoc.container = 0;
	return end_if_read(s, d, out);
}

enum wt_verdict dicom_assoc_item(struct dicom_state *s, enum wt_direction dir,
				 struct wt_reader *r, struct wt_out *out)
{
	struct dicom_dir *d = &s->dir[dir];
	struct dicom_assoc_part *a = &d->assoc;
	uint32_t room = a->container ? a->item_left : d->pdu_left;
	struct wt_reader start = *r;
	struct wt_slice body;
	uint16_t len;
	uint8_t type;
	size_t kept;

	if (room < ITEM_HEAD_LEN)
		return dicom_broken(d, r, start, out, "malformed_length");
	type = wt_rd_u8(r);
	wt_rd_skip(r, 1);
	len = wt_rd_u16be(r);
	if (r->err != WT_OK)
		return r->err;
	if (len > room - ITEM_HEAD_LEN)
		return dicom_broken(d, r, start, out, "malformed_length");
	if (!a->container &&
	    (type == ITEM_CONTEXT_RQ || type == ITEM_CONTEXT_AC || type == ITEM_USER)) {
		if (type != ITEM_USER && len < CONTEXT_HEAD_LEN)
			return dicom_broken(d, r, start, out, "malformed_length");
		return container(s, d, type, len, r, out);
	}
	if (type == ITEM_IDENTITY_RQ && a->container == ITEM_USER)
		return identity(d, len, r, start, out);
	kept = len < LEAF_KEPT ? len : LEAF_KEPT;
	body = wt_rd_bytes(r, kept);
	if (r->err != WT_OK)
		return r->err;
	leaf(s, d, type, body, out);
	skip(out, len - kept);
	took(d, ITEM_HEAD_LEN + len);
	return end_if_read(s, d, out);
}

struct reason {
	uint8_t source;
	uint8_t code;
	const char *text;
};

/* PS3.8 9.3.4 */
static const struct reason reject_reasons[] = {
	{ 1, 1, "no reason given" },
	{ 1, 2, "application context not supported" },
	{ 1, 3, "calling AE title not recognized" },
	{ 1, 7, "called AE title not recognized" },
	{ 2, 1, "no reason given (ACSE)" },
	{ 2, 2, "protocol version not supported" },
	{ 3, 1, "temporary congestion" },
	{ 3, 2, "local limit exceeded" },
};

/* PS3.8 9.3.8; a user gives no reason */
static const struct reason abort_reasons[] = {
	{ 0, 0, "aborted by the user" },
	{ 2, 0, "reason not specified" },
	{ 2, 1, "unrecognized PDU" },
	{ 2, 2, "unexpected PDU" },
	{ 2, 4, "unrecognized PDU parameter" },
	{ 2, 5, "unexpected PDU parameter" },
	{ 2, 6, "invalid PDU parameter value" },
};

static struct wt_slice text_of(const struct reason *rows, size_t n, uint8_t source,
			       uint8_t code)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (rows[i].source == source && rows[i].code == code)
			return dicom_text(rows[i].text);
	return WT_LIT("unknown");
}

#define N_ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))

/* The body of reject, release and abort; whatever follows the four octets is passed
 * over. */
enum wt_verdict dicom_assoc_end(struct dicom_state *s, enum wt_direction dir,
				struct wt_reader *r, struct wt_out *out)
{
	struct dicom_dir *d = &s->dir[dir];
	uint8_t octet[4];
	unsigned i;

	for (i = 0; i < 4; i++)
		octet[i] = wt_rd_u8(r);
	if (WT_BUG_ON(r->err != WT_OK))
		return WT_MALFORMED;
	if (d->pdu == DICOM_ASSOCIATE_RJ && (!s->has_request || s->has_accept))
		dicom_say_once(d, out, DICOM_SAID_LATE, "unexpected_reject");
	dicom_event_begin(s, d, out, (enum dicom_pdu)d->pdu);
	if (d->pdu == DICOM_ASSOCIATE_RJ) {
		put_REJECT_RESULT(out, d->event, octet[1]);
		put_REJECT_SOURCE(out, d->event, octet[2]);
		put_REJECT_REASON(out, d->event, octet[3]);
		put_REJECT_TEXT(
			out, d->event,
			text_of(reject_reasons, N_ROWS(reject_reasons), octet[2], octet[3]));
		s->has_reject = true;
	} else if (d->pdu == DICOM_ABORT) {
		put_ABORT_SOURCE(out, d->event, octet[2]);
		put_ABORT_REASON(out, d->event, octet[3]);
		put_ABORT_TEXT(out, d->event,
			       text_of(abort_reasons, N_ROWS(abort_reasons), octet[2],
				       octet[2] ? octet[3] : 0));
		s->is_over = true;
	} else if (d->pdu == DICOM_RELEASE_RP) {
		s->is_over = true;
	}
	/* Of this direction only: what the other side sent before it heard of this is no
	 * breach, and its segments may come to us late. */
	s->is_done[dir] = true;
	dicom_event_end(d);
	skip(out, d->pdu_left - 4u);
	d->pdu_left = 0;
	return WT_OK;
}
