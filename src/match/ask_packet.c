/* What rules ask of the packet and the flow: numbers, flags, sizes, reputations, zones.
 * Source: Suricata 7 user guide, "Header Keywords", "Flow Keywords", "IP Reputation".
 * Trust: hostile bytes. Memory: none. */
#include "match/inner.h"
#include "match/part.h"
#include "match/traits.h"

enum { PROTO_ICMP = 1, PROTO_TCP = 6, PROTO_ICMPV6 = 58 };

static bool flags_fit(const struct wt_packet_test *t, uint8_t flags)
{
	uint8_t seen = flags & t->mask, wanted = t->flags & t->mask;

	switch (t->mode) {
	case '+':
		return (seen & wanted) == wanted;
	case '*':
		return (seen & wanted) != 0;
	case '!':
		return (seen & wanted) != wanted;
	default:
		return seen == wanted;
	}
}

static bool stream_size_fits(const struct wt_packet_test *t, const struct wt_subject *s)
{
	uint64_t span[2];
	bool to_server, to_client;

	if (!s->stream)
		return false;
	wt_match_spans(s->flow, s->stream, span);
	if (s->window) /* as it was when the unit's last bytes came */
		memcpy(span, s->window->span, sizeof(span));
	/* bytes that the client (server) sent */
	to_server = wt_compare_number(t->compare, (int64_t)span[0], t->low, t->high);
	to_client = wt_compare_number(t->compare, (int64_t)span[1], t->low, t->high);
	switch (t->side) {
	case 0:
		return to_client;
	case 1:
		return to_server;
	case 2:
		return to_client && to_server;
	default:
		return to_client || to_server;
	}
}

/* A number of the flow so far; false when it is not known. */
static bool flow_number(uint8_t what, const struct wt_subject *s, int64_t *value)
{
	const struct wt_flow *f = s->flow;

	if (!f)
		return false;
	switch ((enum wt_packet_what)what) {
	case WT_PACKET_FLOW_AGE:
		*value = (int64_t)(wt_elapsed_ns(f->first_ns, s->head.ts_ns) / WT_NS_PER_S);
		return true;
	case WT_PACKET_FLOW_PKTS_TO_SERVER:
	case WT_PACKET_FLOW_PKTS_TO_CLIENT:
		*value = (int64_t)f->n_packets[what == WT_PACKET_FLOW_PKTS_TO_SERVER
						       ? WT_TO_SERVER
						       : WT_TO_CLIENT];
		return true;
	default:
		*value =
			(int64_t)
				f->bytes[what == WT_PACKET_FLOW_BYTES_TO_SERVER ? WT_TO_SERVER
										: WT_TO_CLIENT];
		return true;
	}
}

/* A number of the packet; false when this subject has none. */
static bool packet_number(const struct wt_packet_test *t, const struct wt_subject *s,
			  int64_t *value)
{
	const struct wt_packet *p = s->packet;
	struct wt_reader r;

	switch ((enum wt_packet_what)t->what) {
	case WT_PACKET_DSIZE:
		*value = p ? (int64_t)p->payload_wire_len : (int64_t)s->payload.len;
		return p || !s->event;
	case WT_PACKET_IP_PROTO:
		*value = s->head.key.proto;
		return true;
	case WT_PACKET_TTL:
		*value = p ? p->ttl : 0;
		return p;
	case WT_PACKET_ITYPE:
		*value = p ? p->icmp_type : 0;
		return p &&
		       (s->head.key.proto == PROTO_ICMP || s->head.key.proto == PROTO_ICMPV6);
	case WT_PACKET_ICODE:
		*value = p ? p->icmp_code : 0;
		return p &&
		       (s->head.key.proto == PROTO_ICMP || s->head.key.proto == PROTO_ICMPV6);
	case WT_PACKET_ICMP_ID:
	case WT_PACKET_ICMP_SEQ:
		if (!p || !p->l4_off || p->cap_len < p->l4_off)
			return false;
		r = wt_reader_of(wt_slice_of(p->bytes + p->l4_off, p->cap_len - p->l4_off),
				 WT_CLIPPED);
		wt_rd_skip(&r, t->what == WT_PACKET_ICMP_ID ? 4 : 6);
		*value = wt_rd_u16be(&r);
		return r.err == WT_OK;
	case WT_PACKET_ID:
		*value = p ? p->ip_id : 0;
		return p && p->key.ip_version == 4;
	case WT_PACKET_TOS:
		return wt_part_tos(p, value);
	case WT_PACKET_FRAGOFFSET: /* of a rebuilt one: some piece had another */
		*value = p && (p->flags & WT_PKT_REASSEMBLED);
		return p;
	case WT_PACKET_L3_PROTO:
		*value = s->head.key.ip_version;
		return s->head.key.ip_version;
	case WT_PACKET_ICMPV6_MTU:
		if (!p || p->key.proto != PROTO_ICMPV6 || p->icmp_type != 2 ||
		    p->cap_len < p->l4_off)
			return false;
		r = wt_reader_of(wt_slice_of(p->bytes + p->l4_off, p->cap_len - p->l4_off),
				 WT_CLIPPED);
		wt_rd_skip(&r, 4);
		*value = wt_rd_u32be(&r);
		return r.err == WT_OK;
	case WT_PACKET_SEQ:
		*value = p ? p->tcp_seq : 0;
		return p && s->head.key.proto == PROTO_TCP;
	case WT_PACKET_ACK:
		*value = p ? p->tcp_ack : 0;
		return p && s->head.key.proto == PROTO_TCP;
	case WT_PACKET_WINDOW:
		*value = p ? p->tcp_window : 0;
		return p && s->head.key.proto == PROTO_TCP;
	default:
		return false;
	}
}

/* At an end, or both. */
static bool side_fits(uint8_t side, bool at_src, bool at_dst)
{
	switch ((enum wt_side)side) {
	case WT_SIDE_SRC:
		return at_src;
	case WT_SIDE_DST:
		return at_dst;
	case WT_SIDE_BOTH:
		return at_src && at_dst;
	case WT_SIDE_ANY:
		break;
	}
	return at_src || at_dst;
}

static bool reputation_fits(const struct wt_rules *rules, const struct wt_packet_test *t,
			    const struct wt_subject *s)
{
	bool fits[2];
	unsigned i;

	for (i = 0; i < 2; i++) {
		unsigned score =
			wt_reputation_of(rules, &s->head.key.end[s->head.sender ^ i].addr,
					 s->head.key.ip_version, t->category);

		fits[i] = score && wt_compare_number(t->compare, score, t->low, t->high);
	}
	return side_fits(t->side, fits[0], fits[1]);
}

static bool zone_fits(const struct wt_rules *rules, const struct wt_packet_test *t,
		      const struct wt_event_head *head)
{
	bool in[2];
	unsigned i;

	for (i = 0; i < 2; i++)
		in[i] = wt_zone_has(rules, t->category, &head->key.end[head->sender ^ i].addr,
				    head->key.ip_version);
	if (t->is_negated && t->side == WT_SIDE_BOTH)
		return !in[0] && !in[1];
	return side_fits(t->side, in[0], in[1]) != t->is_negated;
}

static bool packet_test_fits(const struct wt_rules *rules, const struct wt_packet_test *t,
			     const struct wt_subject *s)
{
	int64_t value;

	switch ((enum wt_packet_what)t->what) {
	case WT_PACKET_TCP_FLAGS:
		return s->packet && s->head.key.proto == PROTO_TCP &&
		       flags_fit(t, s->packet->tcp_flags);
	case WT_PACKET_SAMEIP:
		return s->head.key.ip_version &&
		       memcmp(&s->head.key.end[0].addr, &s->head.key.end[1].addr,
			      sizeof(struct wt_addr)) == 0;
	case WT_PACKET_STREAM_SIZE:
		return stream_size_fits(t, s);
	case WT_PACKET_IPREP:
		return reputation_fits(rules, t, s);
	case WT_PACKET_ZONE:
		return zone_fits(rules, t, &s->head);
	case WT_PACKET_FRAGBITS:
		return wt_part_fragbits(s->packet, &value) && flags_fit(t, (uint8_t)value);
	case WT_PACKET_FLOW_AGE:
	case WT_PACKET_FLOW_PKTS_TO_SERVER:
	case WT_PACKET_FLOW_PKTS_TO_CLIENT:
	case WT_PACKET_FLOW_BYTES_TO_SERVER:
	case WT_PACKET_FLOW_BYTES_TO_CLIENT:
		return flow_number(t->what, s, &value) &&
		       wt_compare_number(t->compare, value, t->low, t->high);
	case WT_PACKET_APP:
		return (s->head.app == (uint16_t)t->low) != t->is_negated;
	default:
		if (t->what >= WT_PACKET_TCP_MSS && t->what <= WT_PACKET_FRAGMENT)
			return s->packet && wt_traits_fit(t, s->packet);
		return packet_number(t, s, &value) &&
		       wt_compare_number(t->compare, value, t->low, t->high);
	}
}

bool wt_packet_fits(struct wt_matcher *m, const struct wt_rule *r, const struct wt_subject *s)
{
	unsigned i;

	for (i = 0; i < r->n_packet_tests; i++)
		if (!packet_test_fits(m->rules,
				      wt_rules_packet_test(m->rules, r->first_packet_test + i),
				      s))
			return false;
	return true;
}
