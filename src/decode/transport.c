/* Transport headers, and what stands in for ports.
 *
 * Source: RFC 9293 3.1 (TCP), RFC 768 (UDP), RFC 792 (ICMP), RFC 4443 2.1 (ICMPv6),
 * RFC 9260 3.1 (SCTP), RFC 4302 2 (AH). ICMP ports follow the Community ID
 * specification, version 1: a request and its reply share a flow.
 * Trust: everything is hostile. Memory: none. */
#include "decode/layer.h"

enum {
	PROTO_ICMP = 1,
	PROTO_IPIP = 4,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_6IN4 = 41,
	PROTO_GRE = 47,
	PROTO_AH = 51,
	PROTO_ICMPV6 = 58,
	PROTO_SCTP = 132,
};

/* Ends as a packet of a flow. `source`, `destination`: ports, host order. */
static inline enum wt_step flow_of(struct wt_layer *l, uint16_t source, uint16_t destination)
{
	struct wt_flow_key *key = &l->packet->key;

	key->end[0].port = source;
	key->end[1].port = destination;
	wt_layer_payload(l);
	return wt_layer_end(l, WT_DISP_FLOW);
}

static enum wt_step transport_tcp(struct wt_layer *l)
{
	struct wt_packet *p = l->packet;
	const uint8_t *at = wt_rd_take(&l->rd, 20);
	uint32_t options_len, wire_left;

	if (WT_UNLIKELY(!at))
		return wt_layer_short(l);
	options_len = (at[12] >> 4) * 4u;
	wire_left = wt_layer_wire_left(l);
	if (WT_UNLIKELY(options_len < 20 || options_len - 20 > wire_left))
		return wt_layer_end(l, WT_DISP_MALFORMED);
	options_len -= 20;
	p->tcp_seq = wt_at_u32be(at + 4);
	p->tcp_ack = wt_at_u32be(at + 8);
	p->tcp_flags = at[13];
	p->tcp_window = wt_at_u16be(at + 14);
	p->l4_sum = wt_at_u16be(at + 16);
	if (WT_UNLIKELY(options_len > l->rd.left)) {
		/* The snap length cut the options: all that matters is known. */
		wt_rd_skip(&l->rd, l->rd.left);
		(void)flow_of(l, wt_at_u16be(at), wt_at_u16be(at + 2));
		p->payload_wire_len = wire_left - options_len;
		return WT_STEP_DONE;
	}
	wt_rd_skip(&l->rd, options_len);
	return flow_of(l, wt_at_u16be(at), wt_at_u16be(at + 2));
}

static enum wt_step transport_udp(struct wt_layer *l)
{
	struct wt_packet *p = l->packet;
	const uint8_t *at = wt_rd_take(&l->rd, 8);
	enum wt_step next;
	uint32_t len;

	if (WT_UNLIKELY(!at))
		return wt_layer_short(l);
	len = wt_at_u16be(at + 4);
	if (WT_UNLIKELY(len == 0 && p->key.ip_version == 6))
		len = 8 + wt_layer_wire_left(l);
	if (WT_UNLIKELY(len < 8 || !wt_layer_narrow(l, len - 8)))
		return wt_layer_end(l, WT_DISP_MALFORMED);
	if (wt_tunnel_udp(l, wt_at_u16be(at + 2), &next))
		return next;
	p->l4_sum = wt_at_u16be(at + 6);
	return flow_of(l, wt_at_u16be(at), wt_at_u16be(at + 2));
}

/* The type of the answer to `type`, or -1 where there is no such pair. */
static int icmp_counterpart(uint8_t type)
{
	switch (type) {
	case 0: /* echo reply */
		return 8;
	case 8: /* echo */
		return 0;
	case 9: /* router advertisement, RFC 1256 */
		return 10;
	case 10: /* router solicitation */
		return 9;
	case 13: /* timestamp */
	case 15: /* information */
	case 17: /* address mask, RFC 950 */
		return type + 1;
	case 14:
	case 16:
	case 18:
		return type - 1;
	default:
		return -1;
	}
}

static int icmpv6_counterpart(uint8_t type)
{
	switch (type) {
	case 128: /* echo */
	case 130: /* multicast listener query, RFC 2710 */
	case 133: /* router solicitation, RFC 4861 */
	case 135: /* neighbor solicitation */
	case 139: /* node information query, RFC 4620 */
	case 144: /* home agent address discovery, RFC 6275 */
		return type + 1;
	case 129:
	case 131:
	case 134:
	case 136:
	case 140:
	case 145:
		return type - 1;
	default:
		return -1;
	}
}

/* type, code, checksum 2, then 4 octets whose meaning depends on the type (RFC 792);
 * the payload begins after them. ICMPv6 messages may end before (RFC 4443 2.1). */
static enum wt_step transport_icmp(struct wt_layer *l, bool is_v6)
{
	struct wt_packet *p = l->packet;
	const uint8_t *at = wt_rd_take(&l->rd, 4);
	int peer;

	if (WT_UNLIKELY(!at))
		return wt_layer_short(l);
	if (!is_v6 && wt_layer_wire_left(l) < 4)
		return wt_layer_end(l, WT_DISP_MALFORMED);
	p->icmp_type = at[0];
	p->icmp_code = at[1];
	p->l4_sum = wt_at_u16be(at + 2);
	peer = is_v6 ? icmpv6_counterpart(at[0]) : icmp_counterpart(at[0]);
	wt_rd_skip(&l->rd, l->rd.left < 4 ? l->rd.left : 4);
	return flow_of(l, at[0], peer >= 0 ? (uint16_t)peer : at[1]);
}

/* source port 2, destination port 2, verification tag 4, CRC32c 4, chunks. */
static enum wt_step transport_sctp(struct wt_layer *l)
{
	const uint8_t *at = wt_rd_take(&l->rd, 12);

	if (WT_UNLIKELY(!at))
		return wt_layer_short(l);
	return flow_of(l, wt_at_u16be(at), wt_at_u16be(at + 2));
}

/* An authentication header in IPv4: next, length in 4-octet units less two, ... */
static bool transport_ah(struct wt_layer *l)
{
	const uint8_t *at = wt_rd_take(&l->rd, 2);

	if (!at)
		return false;
	l->type = at[0];
	wt_rd_skip(&l->rd, at[1] * 4u + 6u);
	return l->rd.err == WT_OK;
}

enum wt_step wt_transport(struct wt_layer *l)
{
	struct wt_packet *p = l->packet;
	enum wt_step next;

	while (WT_UNLIKELY(l->type == PROTO_AH))
		if (!transport_ah(l))
			return wt_layer_short(l);
	p->l4_off = wt_layer_off(l);
	p->key.proto = (uint8_t)l->type;
	switch (l->type) {
	case PROTO_TCP:
		return transport_tcp(l);
	case PROTO_UDP:
		return transport_udp(l);
	case PROTO_ICMP:
		if (p->key.ip_version == 4)
			return transport_icmp(l, false);
		break;
	case PROTO_ICMPV6:
		if (p->key.ip_version == 6)
			return transport_icmp(l, true);
		break;
	case PROTO_SCTP:
		return transport_sctp(l);
	case PROTO_IPIP:
	case PROTO_6IN4:
		if (wt_tunnel_ip(l, &next))
			return next;
		break;
	case PROTO_GRE:
		if (wt_tunnel_gre(l, &next))
			return next;
		break;
	default:
		break;
	}
	return flow_of(l, 0, 0);
}
