/* The decoded view of one captured packet.
 *
 * capture/ fills the first part, decode/ the second; both borrow `bytes` until the
 * batch is released, so nothing of a packet outlives its batch. Offsets count from
 * `bytes`; an offset of 0 for a layer above the link means "not there" (but ip_off is
 * 0 in captures without a link header: key.ip_version tells). After
 * reassembly of IP fragments `bytes` is the rebuilt datagram. */
#ifndef WARDTAP_PACKET_H
#define WARDTAP_PACKET_H

#include "wardtap/bytes.h"
#include "wardtap/flow.h"

#define WT_BATCH 32      /* packets parsed and prefetched together */
#define WT_VLANS_MAX 4   /* tags kept of one packet; deeper ones are counted */
#define WT_TUNNELS_MAX 8 /* encapsulations entered; deeper is a disposition */

/* Where each packet read ends up: exactly one of these, so that
 * packets.read = the sum of packets.dispositions.* holds to the packet. */
#define WT_DISPOSITIONS(D) \
	D(FLOW, flow, "handed to its flow") \
	D(ETHER, ether, "link-layer protocol, handed on (ARP, LLDP, ...)") \
	D(FRAGMENT, fragment, "IP fragment kept; the datagram is not complete yet") \
	D(DUPLICATE, duplicate, "second copy of a packet, made by the mirror port") \
	D(TRUNCATED, truncated, "cut by the snap length inside a needed header") \
	D(MALFORMED, malformed, "a header breaks the rules of its protocol") \
	D(UNKNOWN_LINK, unknown_link, "link type that wardtap does not decode") \
	D(TOO_DEEP, too_deep, "more encapsulations than WT_TUNNELS_MAX") \
	D(FILTERED, filtered, "rejected by the capture filter (-F)") \
	D(SHED, shed, "no room on the way to the shard that owns it (live only)")

enum wt_disposition {
#define WT_DISPOSITION_ENUM(id, name, doc) WT_DISP_##id,
	WT_DISPOSITIONS(WT_DISPOSITION_ENUM)
#undef WT_DISPOSITION_ENUM
	WT_N_DISPOSITIONS
};

/* Encapsulations, outermost first in wt_packet.tunnel. */
enum wt_tunnel {
	WT_TUNNEL_NONE,
	WT_TUNNEL_MPLS,
	WT_TUNNEL_PPPOE,
	WT_TUNNEL_GRE,
	WT_TUNNEL_ERSPAN,
	WT_TUNNEL_VXLAN,
	WT_TUNNEL_GENEVE,
	WT_TUNNEL_IPIP,  /* IPv4 in IPv4 or IPv6 */
	WT_TUNNEL_6IN4,  /* IPv6 in IPv4 or IPv6 */
	WT_TUNNEL_PBB,   /* IEEE 802.1ah */
	WT_N_TUNNELS
};

/* Flags of wt_packet.flags */
enum {
	WT_PKT_BAD_IP_SUM = 1 << 0,    /* IPv4 header checksum does not match */
	WT_PKT_BAD_L4_SUM = 1 << 1,    /* TCP, UDP or ICMP checksum does not match */
	WT_PKT_CLIPPED = 1 << 2,       /* captured less than was on the wire */
	WT_PKT_REASSEMBLED = 1 << 3,   /* rebuilt from IP fragments */
	WT_PKT_IS_FRAGMENT = 1 << 4,   /* offset or more-fragments set */
	WT_PKT_TUNNEL_FRAGMENT = 1 << 5, /* fragment of a packet that carries another */
	WT_PKT_HAS_MAC = 1 << 6,       /* mac_off is valid */
	WT_PKT_FRAG_CONFLICT = 1 << 7, /* rebuilt from fragments that contradict each other */
	WT_PKT_MORE_VLANS = 1 << 8,    /* had more tags than vlan[] holds */
	WT_PKT_LLC = 1 << 9,           /* innermost frame was an 802.3 length frame */
};

/* TCP flags, RFC 9293 3.1 */
enum {
	WT_TCP_FIN = 0x01,
	WT_TCP_SYN = 0x02,
	WT_TCP_RST = 0x04,
	WT_TCP_PSH = 0x08,
	WT_TCP_ACK = 0x10,
	WT_TCP_URG = 0x20,
};

struct wt_packet {
	/* set by capture/ */
	const uint8_t *bytes;
	uint64_t ts_ns;
	uint64_t number;    /* counts from 1 over all files of a run */
	uint32_t cap_len;   /* bytes at `bytes` */
	uint32_t wire_len;  /* bytes on the wire, >= cap_len */
	uint16_t link_type; /* DLT_* value of the pcap registry */
	uint16_t interface; /* index in the run's interface list */
	uint8_t is_sum_offloaded; /* live, own traffic of this host: the card had yet to
				   * fill in the L4 checksum, so it says nothing */

	/* set by decode/ */
	uint8_t disposition; /* enum wt_disposition */
	uint8_t shard;       /* 0..WT_SHARDS-1, see wt_shard_of */
	uint8_t sender;      /* index into key.end: who sent this packet */
	uint8_t n_vlans;
	uint8_t n_tunnels;
	uint8_t n_tunnels_outer; /* of these, entered before IP fragments were rebuilt */
	uint8_t tcp_flags;
	uint8_t ttl;         /* TTL or hop limit of the innermost IP header */
	uint8_t icmp_type;
	uint8_t icmp_code;
	uint16_t flags;      /* WT_PKT_* */
	uint16_t ether_type; /* of the innermost frame; 802.3 length frames: 0 */
	uint16_t vlan[WT_VLANS_MAX];     /* 12-bit ids, outermost first */
	uint8_t tunnel[WT_TUNNELS_MAX];  /* enum wt_tunnel, outermost first */
	uint32_t mac_off;     /* innermost destination MAC, source MAC behind it */
	uint32_t ip_off;      /* innermost IP header */
	uint32_t l4_off;      /* transport header */
	uint32_t payload_off; /* what the transport (or the link, for ETHER) carries */
	uint32_t payload_len;      /* bytes of it that were captured */
	uint32_t payload_wire_len; /* bytes of it that were on the wire */
	uint32_t tcp_seq;
	uint32_t tcp_ack;
	uint16_t tcp_window;
	uint16_t l4_sum;      /* checksum field as it stood */
	uint32_t ip_id;       /* IPv4 identification, or that of an IPv6 fragment header */
	uint32_t frag_off;    /* byte offset of this fragment in its datagram */
	uint8_t frag_more;    /* more fragments follow */
	uint32_t frag_start;  /* offset of the fragment's data from `bytes` */
	uint32_t frag_len;    /* its length */
	struct wt_flow_key key; /* valid when its ip_version is set (ETHER: zero) */
};

struct wt_batch {
	unsigned n;
	struct wt_packet packet[WT_BATCH];
};

/* The transport payload that was captured. Borrowed from the batch. */
static inline struct wt_slice wt_packet_payload(const struct wt_packet *p)
{
	return wt_slice_of(p->bytes + p->payload_off, p->payload_len);
}

#endif
