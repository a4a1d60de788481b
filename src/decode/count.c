/* The decode.* counters of a packet, from its decoded view.
 * Source: include/wardtap/counters.def. Trust: none of the bytes are read.
 * Memory: none. */
#include "decode/decode.h"

enum { TYPE_ARP = 0x0806 };

/* Each kind of encapsulation counts once per packet, however often it is nested. */
static void count_tunnels(const struct wt_packet *p, unsigned first, struct wt_counters *c)
{
	static const uint16_t counter[WT_N_TUNNELS] = {
		[WT_TUNNEL_MPLS] = WT_C_DECODE_MPLS,     [WT_TUNNEL_PPPOE] = WT_C_DECODE_PPPOE,
		[WT_TUNNEL_GRE] = WT_C_DECODE_GRE,       [WT_TUNNEL_ERSPAN] = WT_C_DECODE_ERSPAN,
		[WT_TUNNEL_VXLAN] = WT_C_DECODE_VXLAN,   [WT_TUNNEL_GENEVE] = WT_C_DECODE_GENEVE,
		[WT_TUNNEL_IPIP] = WT_C_DECODE_IPIP,     [WT_TUNNEL_6IN4] = WT_C_DECODE_6IN4,
		[WT_TUNNEL_PBB] = WT_C_DECODE_PBB,
	};
	unsigned seen = 0;
	unsigned i;

	for (i = first; i < p->n_tunnels && i < WT_TUNNELS_MAX; i++) {
		unsigned tunnel = p->tunnel[i];

		if (tunnel == WT_TUNNEL_NONE || tunnel >= WT_N_TUNNELS || (seen & 1u << tunnel))
			continue;
		seen |= 1u << tunnel;
		wt_count(c, (enum wt_counter)counter[tunnel]);
	}
}

static void count_transport(const struct wt_packet *p, struct wt_counters *c)
{
	switch (p->key.proto) {
	case 6:
		wt_count(c, WT_C_DECODE_TCP);
		break;
	case 17:
		wt_count(c, WT_C_DECODE_UDP);
		break;
	case 1:
	case 58:
		wt_count(c, WT_C_DECODE_ICMP);
		break;
	default:
		wt_count(c, WT_C_DECODE_OTHER_IP);
		break;
	}
}

void wt_decode_count(const struct wt_packet *p, struct wt_counters *c)
{
	bool is_rebuilt = p->flags & WT_PKT_REASSEMBLED;
	bool has_new_ip = !is_rebuilt || p->n_tunnels > p->n_tunnels_outer;

	if (!is_rebuilt) {
		if (p->n_vlans)
			wt_count(c, WT_C_DECODE_VLAN);
		if (p->flags & WT_PKT_MORE_VLANS)
			wt_count(c, WT_C_DECODE_VLAN_TOO_MANY);
		if (p->flags & WT_PKT_LLC)
			wt_count(c, WT_C_DECODE_LLC);
	}
	if (p->n_tunnels)
		count_tunnels(p, is_rebuilt ? p->n_tunnels_outer : 0, c);
	if (has_new_ip) {
		if (p->flags & WT_PKT_BAD_IP_SUM)
			wt_count(c, WT_C_DECODE_BAD_IP_SUM);
		if (p->key.ip_version == 4)
			wt_count(c, WT_C_DECODE_IPV4);
		else if (p->key.ip_version == 6)
			wt_count(c, WT_C_DECODE_IPV6);
	}
	if (p->disposition == WT_DISP_ETHER && p->ether_type == TYPE_ARP)
		wt_count(c, WT_C_DECODE_ARP);
	if (p->disposition == WT_DISP_FLOW)
		count_transport(p, c);
	if (p->flags & WT_PKT_BAD_L4_SUM)
		wt_count(c, WT_C_DECODE_BAD_L4_SUM);
}
