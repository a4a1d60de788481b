/* Link-Local Multicast Name Resolution: a host asks its neighbours for a name, and one
 * that owns it, or pretends to, answers. The message is that of DNS (dns_wire.h), with
 * other flags: C conflict 0x0400, TC, T tentative 0x0100.
 * Source: RFC 4795 2.1.1. Trust: every byte is hostile. Memory: no state. */
#include "dns_fields.h"

#define LLMNR_OWN_FIELDS(F)                                                                    \
	F(IS_CONFLICT, BOOL, ONE, NONE, ASIS, 1, "", "llmnr.is_conflict", "RFC 4795 2.1.1",    \
	  "Several hosts answered for the name; absent when not.")                             \
	F(IS_TENTATIVE, BOOL, ONE, NONE, ASIS, 1, "", "llmnr.is_tentative", "RFC 4795 2.1.1",  \
	  "The responder has not yet made sure that the name is its own; absent when not.")

enum { DNS_FIELDS(WT_FIELD_ENUM, "llmnr.") LLMNR_OWN_FIELDS(WT_FIELD_ENUM) F_COUNT_ };
static const struct wt_field fields[] = { DNS_FIELDS(WT_FIELD_ROW, "llmnr.")
						  LLMNR_OWN_FIELDS(WT_FIELD_ROW) };
LLMNR_OWN_FIELDS(WT_FIELD_SETTER)

static const struct wt_event_type events[] = {
	{ "llmnr", "An LLMNR message: a name asked of the neighbours, or an answer." },
};

/* One question for a name of one label, or for an address, without recursion. */
static enum wt_verdict probe(struct wt_slice head)
{
	struct dns_look look;
	enum wt_verdict verdict = wt_dns_look(head, 65535, &look);
	struct wt_slice name = dns_text(&look.name);

	if (verdict != WT_OK)
		return verdict;
	if (dns_opcode(&look.header) != DNS_OP_QUERY || look.header.n[0] != 1 ||
	    look.class != DNS_CLASS_IN || (look.header.flags & 0x01f0) || look.header.n[2] ||
	    look.header.n[3] > 1)
		return WT_FOREIGN;
	if (!(look.header.flags & DNS_QR) && look.header.n[1])
		return WT_FOREIGN;
	if (look.name.n_labels == 1 && look.type != DNS_TYPE_NS && look.type != DNS_TYPE_SOA)
		return WT_OK;
	return look.type == DNS_TYPE_PTR && wt_dns_ends(name, ".arpa") ? WT_OK : WT_FOREIGN;
}

static void more(struct dns_call *c, const struct dns_record *rr)
{
	if (!rr || !(c->header.flags & DNS_QR) || c->section != 1 || c->has_host)
		return;
	c->has_host = true;
	if (rr->type == DNS_TYPE_A || rr->type == DNS_TYPE_AAAA)
		wt_put_host_name(c->out, c->event, dns_text(&rr->name));
	else if (rr->type == DNS_TYPE_PTR && c->name.len)
		wt_put_host_name(c->out, c->event, dns_text(&c->name));
}

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	bool is_clipped = r->on_short == WT_CLIPPED;
	struct dns_call c = { .out = out, .more = more };

	(void)state;
	(void)dir;
	c.message = wt_rd_rest(r);
	c.event = wt_event_begin(out, 0);
	if (!wt_dns_message(&c, is_clipped))
		return is_clipped ? WT_CLIPPED : WT_MALFORMED;
	if (c.header.flags & DNS_AA)
		put_IS_CONFLICT(out, c.event, true);
	if (c.header.flags & DNS_RD)
		put_IS_TENTATIVE(out, c.event, true);
	return WT_OK;
}

const struct wt_dissector wt_llmnr_dissector = {
	.name = "llmnr",
	.title = "LLMNR",
	.source = "RFC 4795",
	.carriage = WT_OVER_UDP,
	.ports = { 5355 },
	.probe = probe,
	.message = message,
	WT_DISSECTOR_TABLES(events),
};
