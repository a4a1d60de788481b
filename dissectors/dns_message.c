/* Reads one DNS, mDNS or LLMNR message into the fields they share.
 * Source: RFC 1035 4, RFC 6891 6.1, RFC 9460 2.2. Trust: bytes are hostile; work is
 * bounded by the message, names are only followed for the first entries.
 * Memory: struct dns_call on the stack. */
#include "dns_fields.h"

enum { DNS_FIELDS(WT_FIELD_ENUM, "") };
DNS_FIELDS(WT_FIELD_SETTER, "")

/* Setter of a field that a name which tells no person goes to. */
typedef void (*put_text)(struct wt_out *out, unsigned event, struct wt_slice text);

static void put_name(struct dns_call *c, put_text put, const struct dns_name *name)
{
	if (name->is_personal || (c->is_personal && c->is_personal(name)))
		put_PERSONAL_NAME(c->out, c->event, dns_text(name));
	else
		put(c->out, c->event, dns_text(name));
}

/* A literal, or the number where there is none. */
static struct wt_slice or_number(struct wt_slice name, uint64_t number, uint8_t room[20])
{
	struct wt_builder b = wt_builder_of(room, 20);

	if (name.len)
		return name;
	wt_bld_u64(&b, number);
	return wt_bld_slice(&b);
}

static void put_header(struct dns_call *c)
{
	static const char *const opcodes[] = { "query",  "iquery", "status", NULL,
					       "notify", "update", "dso" };
	const struct dns_header *h = &c->header;
	unsigned opcode = dns_opcode(h);
	uint8_t room[20];

	put_TYPE(c->out, c->event, h->flags & DNS_QR ? WT_LIT("response") : WT_LIT("request"));
	put_ID(c->out, c->event, h->id);
	put_OPCODE(c->out, c->event,
		   or_number(wt_slice_text(opcode < 7 ? opcodes[opcode] : NULL), opcode, room));
	put_FLAGS(c->out, c->event, h->flags);
	if (h->flags & DNS_AA)
		put_IS_AUTHORITATIVE(c->out, c->event, true);
	if (h->flags & DNS_TC)
		put_IS_CUT(c->out, c->event, true);
	put_N_QUESTIONS(c->out, c->event, h->n[0]);
	put_N_ANSWERS(c->out, c->event, h->n[1]);
	put_N_AUTHORITIES(c->out, c->event, h->n[2]);
	put_N_ADDITIONALS(c->out, c->event, h->n[3]);
}

static void put_class(struct dns_call *c, unsigned class)
{
	struct wt_slice name = wt_slice_of(NULL, 0);
	uint8_t room[20];

	class &= ~(unsigned)DNS_CLASS_TOP;
	if (class == DNS_CLASS_IN)
		return;
	if (class == 3)
		name = WT_LIT("CH");
	else if (class == 4)
		name = WT_LIT("HS");
	else if (class == DNS_CLASS_NONE)
		name = WT_LIT("NONE");
	else if (class == DNS_CLASS_ANY)
		name = WT_LIT("ANY");
	put_RRCLASS(c->out, c->event, or_number(name, class, room));
}

/* False when a question cannot be read. */
static bool read_questions(struct dns_call *c, size_t *at)
{
	unsigned i, longest_label = 0, longest_name = 0;
	uint8_t room[20];

	for (i = 0; i < c->header.n[0]; i++) {
		struct dns_record *q = &c->record;
		struct wt_reader r;

		if (i < DNS_ENTRIES_MAX ? !wt_dns_name(c->message, at, &q->name)
					: !wt_dns_pass_name(c->message, at))
			return false;
		r = wt_reader_of(wt_slice_tail(c->message, *at), WT_MALFORMED);
		q->type = wt_rd_u16be(&r);
		q->class = wt_rd_u16be(&r);
		if (r.err != WT_OK)
			return false;
		*at += 4;
		if (i >= DNS_ENTRIES_MAX)
			continue;
		put_QUERY(c->out, c->event, dns_text(&q->name));
		put_name(c, put_RRNAME, &q->name);
		put_RRTYPE(c->out, c->event,
			   or_number(wt_dns_type_name(q->type), q->type, room));
		put_class(c, q->class);
		if (q->name.longest > longest_label)
			longest_label = q->name.longest;
		if (q->name.len > longest_name)
			longest_name = q->name.len;
		if (c->more)
			c->more(c, NULL);
	}
	if (c->header.n[0]) {
		put_LONGEST_LABEL(c->out, c->event, longest_label);
		put_LONGEST_NAME(c->out, c->event, longest_name);
	}
	return true;
}

static void put_ipv4(struct dns_call *c, struct wt_slice data)
{
	uint8_t room[16];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	size_t i;

	if (data.len != 4)
		return;
	for (i = 0; i < 4; i++) {
		if (i)
			wt_bld_char(&b, '.');
		wt_bld_u64(&b, data.ptr[i]);
	}
	put_A(c->out, c->event, wt_bld_slice(&b));
}

static void build_hex(struct wt_builder *b, unsigned group)
{
	unsigned shift = 12;

	while (shift && !(group >> shift))
		shift -= 4;
	for (;; shift -= 4) {
		wt_bld_char(b, "0123456789abcdef"[group >> shift & 15]);
		if (!shift)
			return;
	}
}

/* RFC 5952: lower case, the longest run of two or more zero groups as "::". */
static void put_ipv6(struct dns_call *c, struct wt_slice data)
{
	unsigned group[8], i, run = 0, best = 0, best_at = 8;
	uint8_t room[48];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	struct wt_reader r = wt_reader_of(data, WT_MALFORMED);

	if (data.len != 16)
		return;
	for (i = 0; i < 8; i++) {
		group[i] = wt_rd_u16be(&r);
		run = group[i] ? 0 : run + 1;
		if (run > best) {
			best = run;
			best_at = i + 1 - run;
		}
	}
	if (best < 2)
		best_at = 8;
	for (i = 0; i < 8; i++) {
		if (i == best_at) {
			wt_bld_text(&b, "::");
			i += best - 1;
			continue;
		}
		if (i && !(best_at < 8 && i == best_at + best))
			wt_bld_char(&b, ':');
		build_hex(&b, group[i]);
	}
	put_AAAA(c->out, c->event, wt_bld_slice(&b));
}

static void put_texts(struct dns_call *c, struct wt_slice data)
{
	struct wt_reader r = wt_reader_of(data, WT_MALFORMED);

	c->txt_bytes += data.len;
	while (wt_rd_left(&r)) {
		struct wt_slice text = wt_rd_bytes(&r, wt_rd_u8(&r));

		put_TXT(c->out, c->event, text);
	}
}

/* The name `skip` bytes into the record's data, which it may not leave. */
static bool inner_name(struct dns_call *c, const struct dns_record *rr, size_t skip)
{
	size_t at = rr->at + skip;

	if (skip >= rr->data.len)
		return false;
	return wt_dns_name(wt_slice_head(c->message, rr->at + rr->data.len), &at, &c->name);
}

static void put_data(struct dns_call *c, const struct dns_record *rr)
{
	static const struct {
		uint16_t type;
		uint8_t skip;
		put_text put;
	} names[] = {
		{ DNS_TYPE_CNAME, 0, put_CNAME }, { 39, 0, put_CNAME },
		{ DNS_TYPE_PTR, 0, put_PTR },     { DNS_TYPE_NS, 0, put_NS },
		{ DNS_TYPE_MX, 2, put_MX },       { DNS_TYPE_SOA, 0, put_SOA },
		{ DNS_TYPE_SRV, 6, put_SRV },     { DNS_TYPE_SVCB, 2, put_SVCB },
		{ DNS_TYPE_HTTPS, 2, put_SVCB },
	};
	struct wt_reader r = wt_reader_of(rr->data, WT_MALFORMED);
	size_t i;

	c->name.len = 0;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].type == rr->type && inner_name(c, rr, names[i].skip))
			put_name(c, names[i].put, &c->name);
	if (rr->type == DNS_TYPE_A)
		put_ipv4(c, rr->data);
	else if (rr->type == DNS_TYPE_AAAA)
		put_ipv6(c, rr->data);
	else if (rr->type == DNS_TYPE_TXT)
		put_texts(c, rr->data);
	if (rr->type != DNS_TYPE_SRV)
		return;
	wt_rd_skip(&r, 4);
	i = wt_rd_u16be(&r);
	if (r.err == WT_OK)
		put_SRV_PORT(c->out, c->event, i);
}

/* FNV-1a: only to tell a repeated owner from the one before. */
static size_t sum_of(struct wt_slice s)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);
	size_t i;

	for (i = 0; i < s.len; i++)
		sum = (sum ^ s.ptr[i]) * UINT64_C(0x100000001b3);
	return (size_t)sum;
}

static void take_record(struct dns_call *c, const struct dns_record *rr)
{
	struct wt_slice owner = dns_text(&rr->name);
	size_t sum = sum_of(owner);
	uint8_t room[20];

	if (rr->type == DNS_TYPE_OPT) {
		c->has_edns = true;
		c->edns = rr->ttl;
	} else {
		put_RECORD_TYPE(c->out, c->event,
				or_number(wt_dns_type_name(rr->type), rr->type, room));
		if (sum != c->last_owner)
			put_name(c, put_RECORD_NAME, &rr->name);
		c->last_owner = sum;
		if (c->section == 1 && rr->ttl < c->ttl_min)
			c->ttl_min = rr->ttl;
		put_data(c, rr);
	}
	if (c->more)
		c->more(c, rr);
}

/* False when a record cannot be read. */
static bool read_records(struct dns_call *c, size_t *at)
{
	unsigned i, n_told = 0;

	for (c->section = 1; c->section <= 3; c->section++) {
		for (i = 0; i < c->header.n[c->section]; i++) {
			bool is_told = n_told++ < DNS_ENTRIES_MAX;

			if (!wt_dns_record(c->message, at, is_told, &c->record))
				return false;
			if (is_told)
				take_record(c, &c->record);
		}
	}
	return n_told <= DNS_ENTRIES_MAX;
}

bool wt_dns_message(struct dns_call *c, bool is_clipped)
{
	struct wt_reader r = wt_reader_of(c->message, WT_MALFORMED);
	size_t at = DNS_HEADER_LEN;
	bool is_whole;
	unsigned rcode;
	uint8_t room[20];

	c->header = wt_dns_header(&r);
	if (r.err != WT_OK)
		return false;
	c->ttl_min = UINT64_MAX;
	put_header(c);
	if (!read_questions(c, &at))
		return false;
	is_whole = read_records(c, &at);
	c->is_malformed = !is_whole && c->section <= 3 && !is_clipped;
	if (c->is_malformed)
		wt_out_glitch(c->out, "broken_record");
	if (!is_whole)
		put_IS_INCOMPLETE(c->out, c->event, true);
	if (c->ttl_min != UINT64_MAX)
		put_TTL(c->out, c->event, c->ttl_min);
	if (c->txt_bytes)
		put_TXT_BYTES(c->out, c->event, c->txt_bytes);
	rcode = (c->header.flags & 15u) | (c->has_edns ? c->edns >> 24 << 4 : 0);
	if (c->header.flags & DNS_QR)
		put_RCODE(c->out, c->event, or_number(wt_dns_rcode_name(rcode), rcode, room));
	return true;
}
