/* What only the headers of a packet tell: options, tunnels, fragments. */
#ifndef MATCH_TRAITS_H
#define MATCH_TRAITS_H

#include "match/rule.h"
#include "wardtap/packet.h"

/* Cheap facts of a packet. A rule about packets is asked only of those that have all it
 * needs, so that rules about rare things cost nothing elsewhere. */
enum {
	WT_TRAIT_SYN = 1 << 0,
	WT_TRAIT_URGENT = 1 << 1,
	WT_TRAIT_ICMP = 1 << 2,
	WT_TRAIT_IP_OPTIONS = 1 << 3, /* IPv4 options or IPv6 extension headers */
	WT_TRAIT_TUNNEL = 1 << 4,
	WT_TRAIT_FRAGMENTED = 1 << 5, /* rebuilt from fragments */
	WT_TRAIT_TCP_OPTIONS = 1 << 6,
};

unsigned wt_traits_of(const struct wt_packet *p);

/* What a rule's tests on the packet need. */
unsigned wt_traits_needed(const struct wt_rules *rules, const struct wt_rule *r);

/* Does a test on the headers' options hold for the packet? Only for WT_PACKET_TCP_MSS and
 * those behind it. */
bool wt_traits_fit(const struct wt_packet_test *t, const struct wt_packet *p);

/* "lsrr" to the IPv4 option, -1 when unknown; any is 256. */
int wt_ip_option_of(struct wt_slice name);

#endif
