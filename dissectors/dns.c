/* DNS over UDP and TCP.
 *
 *   [len16, TCP only] id16 flags16 n_questions16 n_answers16 n_authorities16
 *   n_additionals16  questions: name type16 class16
 *                    records: name type16 class16 ttl32 len16 data
 *
 * Source: RFC 1035, RFC 7766 8, RFC 2136 (update), RFC 5936 (transfer), RFC 6891
 * (EDNS). Trust: every byte is hostile. Memory: no state; a message of TCP buffered. */
#include "dns_fields.h"

#define DNS_OWN_FIELDS(F)                                                                      \
	F(IS_ZONE_TRANSFER, BOOL, ONE, NONE, ASIS, 1, "", "dns.is_zone_transfer", "RFC 5936",  \
	  "AXFR or IXFR: all names of a zone are asked for; absent when not.")                 \
	F(N_DELETIONS, U64, ONE, NONE, ASIS, 8, "records", "dns.deletions", "RFC 2136 2.5",    \
	  "Records that a dynamic update deletes; absent when 0.")                             \
	F(IS_SIGNED, BOOL, ONE, NONE, ASIS, 1, "", "dns.is_signed", "RFC 8945",                \
	  "The message carries TSIG or SIG(0); absent when not.")                              \
	F(EDNS_VERSION, U64, ONE, NONE, ASIS, 8, "", "dns.edns_version", "RFC 6891 6.1.3",     \
	  "Version of EDNS.")                                                                  \
	F(EDNS_SIZE, U64, ONE, NONE, ASIS, 8, "bytes", "dns.edns_size_bytes",                  \
	  "RFC 6891 6.1.2", "Longest datagram that the sender takes.")                         \
	F(EDNS_OPTION, U64, MANY, NONE, ASIS, 8, "", "dns.edns_option", "RFC 6891 6.1.2",      \
	  "Codes of EDNS options, e.g. 8 client subnet, 10 cookie.")                           \
	F(IS_DNSSEC_OK, BOOL, ONE, NONE, ASIS, 1, "", "dns.is_dnssec_ok", "RFC 3225",          \
	  "The sender takes signatures (DO); absent when not.")

enum { DNS_FIELDS(WT_FIELD_ENUM, "dns.") DNS_OWN_FIELDS(WT_FIELD_ENUM) F_COUNT_ };
static const struct wt_field fields[] = { DNS_FIELDS(WT_FIELD_ROW, "dns.")
						  DNS_OWN_FIELDS(WT_FIELD_ROW) };
DNS_OWN_FIELDS(WT_FIELD_SETTER)

static const struct wt_event_type events[] = {
	{ "dns", "A DNS message: what was asked and answered." },
};

#define EDNS_OPTIONS_MAX 16u

/* --- probe --- */

/* mDNS on another port: no id, and names of the link. */
static bool is_multicast(const struct dns_look *look)
{
	return look->header.id == 0 &&
	       ((look->class & DNS_CLASS_TOP) ||
		wt_dns_ends(wt_slice_of(look->name.text, look->name.len), ".local"));
}

static enum wt_verdict see_datagram(struct wt_slice head)
{
	struct dns_look look;
	enum wt_verdict verdict = wt_dns_look(head, 65535, &look);

	return verdict == WT_OK && is_multicast(&look) ? WT_FOREIGN : verdict;
}

/* Streams are entered anywhere, and binary data full of zeros looks like a question for
 * the root: the first name must be an ordinary one, or the counts be small. */
static bool is_ordinary(const struct dns_look *look)
{
	const struct dns_header *h = &look->header;
	size_t i;

	if (!wt_dns_type_name(look->type).len || look->class != DNS_CLASS_IN)
		return false;
	for (i = 0; i < look->name.len; i++)
		if (look->name.text[i] <= ' ' || look->name.text[i] >= 0x7f)
			return false;
	return look->name.n_labels ? h->n[1] <= 4096 && h->n[2] <= 256 && h->n[3] <= 256
				   : h->n[0] == 1 && h->n[1] <= 32 && h->n[2] <= 32 &&
					     h->n[3] <= 64 && h->id;
}

static enum wt_verdict see_stream(struct wt_slice head)
{
	struct wt_reader r = wt_reader_of(head, WT_MORE);
	size_t len = wt_rd_u16be(&r);
	enum wt_verdict verdict;
	struct dns_look look;

	if (r.err != WT_OK)
		return WT_MORE;
	verdict = wt_dns_look(wt_rd_peek(&r), len, &look);
	return verdict == WT_OK && !is_ordinary(&look) ? WT_FOREIGN : verdict;
}

/* The two forms exclude each other: flags of the one are a count or an id of the
 * other. */
static enum wt_verdict probe(struct wt_slice head)
{
	enum wt_verdict stream = see_stream(head), datagram = see_datagram(head);

	if (stream == WT_OK || datagram == WT_OK)
		return WT_OK;
	return stream == WT_MORE || datagram == WT_MORE ? WT_MORE : WT_FOREIGN;
}

/* --- message --- */

static void take_edns(struct dns_call *c, const struct dns_record *rr)
{
	struct wt_reader r = wt_reader_of(rr->data, WT_MALFORMED);
	unsigned i;

	put_EDNS_SIZE(c->out, c->event, rr->class);
	put_EDNS_VERSION(c->out, c->event, rr->ttl >> 16 & 255);
	if (rr->ttl & 0x8000)
		put_IS_DNSSEC_OK(c->out, c->event, true);
	for (i = 0; i < EDNS_OPTIONS_MAX && wt_rd_left(&r); i++) {
		uint16_t code = wt_rd_u16be(&r);

		wt_rd_skip(&r, wt_rd_u16be(&r));
		if (r.err == WT_OK)
			put_EDNS_OPTION(c->out, c->event, code);
	}
}

static void more(struct dns_call *c, const struct dns_record *rr)
{
	if (!rr) {
		if (c->record.type == DNS_TYPE_AXFR || c->record.type == DNS_TYPE_IXFR)
			put_IS_ZONE_TRANSFER(c->out, c->event, true);
		return;
	}
	if (rr->type == DNS_TYPE_OPT)
		take_edns(c, rr);
	else if (rr->type == DNS_TYPE_TSIG || (rr->type == DNS_TYPE_SIG && c->section == 3))
		put_IS_SIGNED(c->out, c->event, true);
}

/* Updates whose class says delete (RFC 2136 2.5.2 to 2.5.4). */
static uint64_t count_deletions(const struct dns_call *c)
{
	size_t at = DNS_HEADER_LEN;
	struct dns_record rr;
	uint64_t n = 0;
	unsigned i, n_all = c->header.n[1] + c->header.n[2];

	if (dns_opcode(&c->header) != DNS_OP_UPDATE || (c->header.flags & DNS_QR))
		return 0;
	for (i = 0; i < c->header.n[0]; i++) {
		if (!wt_dns_pass_name(c->message, &at))
			return 0;
		at += 4;
	}
	for (i = 0; i < n_all && wt_dns_record(c->message, &at, false, &rr); i++)
		if (i >= c->header.n[1] &&
		    (rr.class == DNS_CLASS_NONE || rr.class == DNS_CLASS_ANY))
			n++;
	return n;
}

static enum wt_verdict take(struct wt_slice bytes, bool is_clipped, struct wt_out *out)
{
	struct dns_call c = { .out = out, .message = bytes, .more = more };
	uint64_t n_deletions;

	c.event = wt_event_begin(out, 0);
	if (!wt_dns_message(&c, is_clipped))
		return is_clipped ? WT_CLIPPED : WT_MALFORMED;
	n_deletions = count_deletions(&c);
	if (n_deletions)
		put_N_DELETIONS(out, c.event, n_deletions);
	wt_out_commit(out);
	return WT_OK;
}

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	enum wt_verdict verdict;
	struct wt_slice bytes;
	size_t len;

	(void)state;
	(void)dir;
	if (r->on_short != WT_MORE) {
		bool is_clipped = r->on_short == WT_CLIPPED;

		return take(wt_rd_rest(r), is_clipped, out);
	}
	verdict = see_stream(wt_rd_peek(r));
	if (verdict == WT_FOREIGN)
		return wt_out_is_resumed(out) ? WT_MALFORMED : WT_FOREIGN;
	if (verdict != WT_OK)
		return verdict;
	len = wt_rd_u16be(r);
	bytes = wt_rd_bytes(r, len);
	if (r->err != WT_OK) {
		wt_out_need(out, 2 + len);
		return r->err;
	}
	wt_out_message_end(out);
	return take(bytes, false, out);
}

#define N_QUESTIONS_AT 6u /* behind length, id and flags; 64 at most, so it begins with 0 */

static size_t resync(struct wt_slice rest)
{
	size_t i;

	for (i = 0; i < rest.len; i++) {
		if (rest.len - i > N_QUESTIONS_AT)
			i += wt_slice_find(wt_slice_tail(rest, i + N_QUESTIONS_AT), 0);
		if (see_stream(wt_slice_tail(rest, i)) != WT_FOREIGN)
			return i;
	}
	return rest.len;
}

const struct wt_dissector wt_dns_dissector = {
	.name = "dns",
	.title = "DNS",
	.source = "RFC 1035, 2136, 2782, 3596, 5936, 6891, 7766, 8945, 9460",
	.carriage = WT_OVER_TCP | WT_OVER_UDP,
	.ports = { 53 },
	.probe = probe,
	.message = message,
	.resync = resync,
	.is_framed = true,
	.buffer_max = 65537,
	WT_DISSECTOR_TABLES(events),
};
