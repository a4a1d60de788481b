/* Rebuilding of IP datagrams from fragments, one table per shard.
 *
 * A datagram is known by source, destination, identification, address space and, in
 * IPv4, protocol (RFC 791 3.2, RFC 8200 4.5). Its bytes lie in blocks of 1 KiB taken
 * from a fixed pool. When the pool or the table is full the oldest datagram goes;
 * neither the seed nor the place in memory decides anything.
 *
 * Policy, where hosts differ:
 *  - The first copy of a byte wins. A fragment that repeats bytes counts as overlap;
 *    when they differ, as conflict too, and the datagram is flagged
 *    (WT_PKT_FRAG_CONFLICT). In IPv6 every overlap that is not a mere repetition is a
 *    conflict (RFC 5722).
 *  - A fragment that contradicts the known end of its datagram is a conflict and is not
 *    taken. One whose length is zero, no multiple of 8 though more follow, or which ends
 *    beyond 65,535 octets counts as malformed and is not taken.
 *  - Fragments cut by the snap length are taken; the datagram then ends, as captured,
 *    before the first byte that is missing (cap_len < wire_len, WT_PKT_CLIPPED).
 *  - A second copy of a fragment within WT_DUPLICATE_NS of the datagram's completion
 *    (made by a mirror port) is an overlap and starts nothing.
 *  - Atomic fragments (IPv6, offset 0, no more) are whole packets; they do not come here.
 *
 * A datagram that carries another packet may belong to the shard of that inner packet.
 * wt_decode marks fragments of which this is possible with WT_PKT_TUNNEL_FRAGMENT: GRE,
 * IP in IP, IPv6 extension headers, and all of UDP, because only a first fragment shows
 * whether the port is that of a tunnel. */
#ifndef WARDTAP_DECODE_FRAGMENT_H
#define WARDTAP_DECODE_FRAGMENT_H

#include "wardtap/counter.h"
#include "wardtap/limits.h"
#include "wardtap/packet.h"

struct wt_fragments;

/* A table for limits->fragment_datagrams datagrams (1..65535) and
 * limits->fragment_bytes bytes of fragments (raised to 64 KiB if below). Memory is
 * taken now and touched as it is used. NULL when there is none. `seed` makes the hash
 * unpredictable. Freed with wt_fragments_free. */
struct wt_fragments *wt_fragments_new(const struct wt_limits *limits, uint64_t seed);
void wt_fragments_free(struct wt_fragments *f);

/* Bytes that such a table takes when full. */
size_t wt_fragments_size(const struct wt_limits *limits);

/* Takes the fragment `p` (disposition FRAGMENT). True when it completes a datagram:
 * `*whole` is then decoded from its IP header on (wt_decode_inner), with the number and
 * time of `p`, and may itself be a fragment, which the caller pushes on. Its bytes are
 *   [of `p` before its innermost IP header][IP header of the first fragment, without
 *   fragment fields, with the whole length][data]
 * and belong to `f` until the next push. `p` may be an earlier `whole`, also the same
 * struct. now_ns: packet time, not before that of an earlier call. */
WT_MUST_USE bool wt_fragments_push(struct wt_fragments *f, const struct wt_packet *p,
				   uint64_t now_ns, struct wt_counters *counters,
				   struct wt_packet *whole);

/* Drops what has waited for WT_FRAGMENT_NS; UINT64_MAX drops everything. */
void wt_fragments_tick(struct wt_fragments *f, uint64_t now_ns, struct wt_counters *counters);

#endif
