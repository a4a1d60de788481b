/* DHCPv6: which device asks for addresses, and what it is given.
 *
 *   type 1 | transaction 3 | (code 2, length 2, value)*
 *   type 1 (12, 13) | hops 1 | link address 16 | peer address 16 | options, of which one
 *   holds the message that is relayed
 *
 * Source: RFC 8415; see dhcpv6_fields.h for the options.
 * Trust: every byte is hostile; messages in messages are entered one after the other,
 * RELAYS_MAX deep. Memory: none. */
#include "dhcpv6_fields.h"

static const struct wt_field fields[] = { DHCPV6_FIELDS(WT_FIELD_ROW) };

static const struct wt_event_type events[] = {
	{ "dhcpv6", "A DHCPv6 message, with the relays that passed it on." },
};

enum {
	TYPE_RELAY_FORWARD = 12,
	TYPE_RELAY_REPLY = 13,
	TYPE_MAX = 36,
};

#define RELAYS_MAX 8u    /* RFC 8415 7.6: HOP_COUNT_LIMIT */
#define OPTIONS_MAX 256u /* told of one message */
#define RELAY_HEAD_LEN 34u
#define CODE_MAX 200u /* IANA, 2024: 148 */

static const char *const types[TYPE_MAX + 1] = {
	NULL,
	"solicit",
	"advertise",
	"request",
	"confirm",
	"renew",
	"rebind",
	"reply",
	"release",
	"decline",
	"reconfigure",
	"information_request",
	"relay_forward",
	"relay_reply",
	"lease_query",
	"lease_query_reply",
	"lease_query_done",
	"lease_query_data",
	"reconfigure_request",
	"reconfigure_reply",
	"dhcpv4_query",
	"dhcpv4_response",
	"active_lease_query",
	"start_tls",
	"bind_update",
	"bind_reply",
	"pool_request",
	"pool_response",
	"update_request",
	"update_request_all",
	"update_done",
	"connect",
	"connect_reply",
	"disconnect",
	"state",
	"contact",
	"addr_reg_inform",
};

static bool is_relay(unsigned type)
{
	return type == TYPE_RELAY_FORWARD || type == TYPE_RELAY_REPLY;
}

/* A DUID with its type (RFC 8415 11). */
static bool is_duid(struct wt_slice value)
{
	unsigned type;

	if (value.len < 3 || value.len > 130)
		return false;
	type = (unsigned)value.ptr[0] << 8 | value.ptr[1];
	return type >= 1 && type <= 4;
}

/* Options up to the end, of known codes, and one that nearly every message has. An
 * option beyond the end is accepted behind two good ones: the capture may be cut. */
static enum wt_verdict probe_options(struct wt_slice options, bool is_relayed)
{
	struct wt_reader r = wt_reader_of(options, WT_MALFORMED);
	unsigned n = 0, n_known = 0;

	while (wt_rd_left(&r)) {
		unsigned code = wt_rd_u16be(&r), len = wt_rd_u16be(&r);
		struct wt_slice value;

		if (r.err != WT_OK || code == 0 || code > CODE_MAX)
			return WT_FOREIGN;
		value = wt_rd_bytes(&r, len);
		if (r.err != WT_OK)
			return n >= 2 && n_known ? WT_OK : WT_FOREIGN;
		n++;
		if (is_relayed ? code == OPT_RELAY_MESSAGE && len >= 4
			       : ((code == OPT_CLIENT_ID || code == OPT_SERVER_ID) &&
				  is_duid(value)) ||
					 (code == OPT_ELAPSED && len == 2))
			n_known++;
	}
	return n_known ? WT_OK : WT_FOREIGN;
}

static enum wt_verdict probe(struct wt_slice head)
{
	unsigned type;

	if (!head.len)
		return WT_MORE;
	type = head.ptr[0];
	if (type == 0 || type > TYPE_MAX)
		return WT_FOREIGN;
	if (is_relay(type)) {
		if (head.len >= 2 && head.ptr[1] > 32)
			return WT_FOREIGN;
		if (head.len < RELAY_HEAD_LEN + 4)
			return WT_MORE;
		return probe_options(wt_slice_tail(head, RELAY_HEAD_LEN), true);
	}
	if (head.len < 8)
		return WT_MORE;
	return probe_options(wt_slice_tail(head, 4), false);
}

/* The order of the options tells the sender's system. */
struct order {
	struct wt_builder text;
	uint8_t room[1024];
};

static void note(struct order *o, unsigned code)
{
	if (o->text.len)
		wt_bld_char(&o->text, ',');
	wt_bld_u64(&o->text, code);
}

/* All options of one message. An identity association's own options follow it as if
 * they stood behind it: no depth is needed for them. What a relay passes on is given
 * back in *relayed. */
static void options(struct wt_reader *r, struct wt_slice *relayed, struct order *o,
		    struct wt_out *out, unsigned event)
{
	unsigned n = 0;

	*relayed = wt_slice_of(NULL, 0);
	while (wt_rd_left(r)) {
		unsigned code = wt_rd_u16be(r);
		struct wt_slice value = wt_rd_bytes(r, wt_rd_u16be(r));

		if (r->err != WT_OK)
			return;
		if (++n == OPTIONS_MAX)
			wt_out_glitch(out, "too_many_options");
		if (n >= OPTIONS_MAX)
			continue;
		note(o, code);
		if (code == OPT_RELAY_MESSAGE)
			*relayed = value;
		else
			wt_dhcpv6_option(code, value, out, event);
	}
}

static void relay_head(unsigned type, struct wt_reader *r, struct wt_out *out, unsigned event)
{
	unsigned hops = wt_rd_u8(r);
	struct wt_text t;

	if (r->err != WT_OK)
		return;
	put_RELAY_TYPE(out, event, wt_slice_text(types[type]));
	put_HOPS(out, event, hops);
	put_LINK_IP(out, event, wt_text_ip(&t, wt_rd_bytes(r, 16)));
	put_PEER_IP(out, event, wt_text_ip(&t, wt_rd_bytes(r, 16)));
}

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	struct wt_reader inner = wt_reader_of(wt_rd_peek(r), r->on_short);
	unsigned event = wt_event_begin(out, 0), depth;
	struct wt_slice relayed;
	struct order o;
	struct wt_text t;

	(void)state;
	(void)dir;
	for (depth = 0;; depth++) {
		unsigned type = wt_rd_u8(&inner);

		o.text = wt_builder_of(o.room, sizeof(o.room));
		if (is_relay(type)) {
			relay_head(type, &inner, out, event);
		} else {
			put_MESSAGE_TYPE(out, event,
					 wt_text_name(&t, types, TYPE_MAX + 1, type));
			put_TRANSACTION_ID(out, event,
					   wt_text_hex(&t, wt_rd_bytes(&inner, 3), 0));
		}
		options(&inner, &relayed, &o, out, event);
		if (inner.err != WT_OK)
			return inner.err;
		if (!relayed.len || !is_relay(type))
			break;
		if (depth == RELAYS_MAX) {
			wt_out_glitch(out, "too_many_relays");
			break;
		}
		inner = wt_reader_of(relayed, WT_MALFORMED);
	}
	put_OPTIONS(out, event, wt_bld_slice(&o.text));
	(void)wt_rd_rest(r);
	return WT_OK;
}

const struct wt_dissector wt_dhcpv6_dissector = {
	.name = "dhcpv6",
	.title = "DHCPv6",
	.source = "RFC 8415, RFC 3646, RFC 4649, RFC 4704, RFC 5908, RFC 6939, RFC 8520",
	.carriage = WT_OVER_UDP,
	.ports = { 546, 547 },
	.probe = probe,
	.message = message,
	.buffer_max = 4096,
	WT_DISSECTOR_TABLES(events),
};
