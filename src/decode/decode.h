/* From the link header of a captured packet to its transport payload.
 *
 * The way of a packet: wt_decode sets everything below "set by decode/" in struct
 * wt_packet, one provisional disposition and the shard. It reads headers only: no
 * checksum, no counter, no payload byte, because in replay every worker decodes every
 * packet and keeps those of its shards. The owner of the shard then calls
 * wt_decode_verify (checksums) and wt_decode_count.
 *
 * Provisional dispositions:
 *   FLOW          IP packet that is whole; key, sender, l4_off and payload_* are set
 *   FRAGMENT      IP fragment; key has no ports, frag_* are set (see fragment.h)
 *   ETHER         frame without IP; ether_type (0: LLC), payload_* and mac_off are set
 *   TRUNCATED     the snap length cut a header that is needed
 *   MALFORMED     a header contradicts itself or the frame it lies in
 *   UNKNOWN_LINK  link_type is none of those listed in link.c
 *   TOO_DEEP      more than WT_TUNNELS_MAX encapsulations
 *
 * Rules where standards leave room:
 *  - A length that claims more than the frame had on the wire is MALFORMED, not "cut":
 *    every receiver drops it, and believing it would let a liar skip stream bytes.
 *    Bytes between the claimed end and the end of the frame are padding.
 *  - IPv4 total length 0 (and IPv6 payload length 0 before TCP or UDP) in the outermost
 *    header means a segment that the network card was to cut: what is there counts.
 *  - UDP: a length below 8 or beyond the IP payload is MALFORMED; 0 under IPv6 means
 *    "the rest" (RFC 2675 4).
 *  - Options of IPv4 with a bad length are MALFORMED (RFC 1122 3.2.1.8 has receivers
 *    drop them); options of TCP are not looked at. A TCP header whose options were cut
 *    by the snap length is still a FLOW packet, without captured payload.
 *  - A tunnel is entered only where its header and the one inside are plausible;
 *    otherwise the packet stays what its outer headers say.
 *  - Priority tags (VLAN id 0) are passed over and not kept.
 *
 * Bounds: one pass, no recursion, no loop that does not consume bytes. */
#ifndef WARDTAP_DECODE_DECODE_H
#define WARDTAP_DECODE_DECODE_H

#include "wardtap/counter.h"
#include "wardtap/packet.h"

/* Decodes `p`, whose capture part is set. p->key.space is always 0. Never fails: what
 * cannot be decoded is a disposition. */
void wt_decode(struct wt_packet *p);

/* Goes on from the IP header at p->ip_off, as wt_decode does from the link header, in
 * a datagram rebuilt from fragments. What lies outside that header (vlan, tunnel, mac_off,
 * ether_type, flags) stays as it is. */
void wt_decode_inner(struct wt_packet *p);

/* Computes the checksums of the innermost IPv4 header and of TCP, UDP, ICMP or ICMPv6
 * and sets WT_PKT_BAD_*. Not judged: what is not wholly there (the snap length cut it,
 * fragments), UDP over IPv4 without a checksum, and transport checksums of packets under
 * way by source routing or with a home address, whose final addresses the sum covers
 * (RFC 8200 8.1, RFC 6275 6.3). */
void wt_decode_verify(struct wt_packet *p);

/* Adds the decode.* counters of one packet. Called for every packet read and, a second
 * time, for a datagram rebuilt from fragments: of that, only what the fragments did not
 * show is added (tunnels inside it, transport, checksums). */
void wt_decode_count(const struct wt_packet *p, struct wt_counters *c);

#endif
