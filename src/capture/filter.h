/* Capture filters in the language of pcap-filter(7), on packets of any link type.
 *
 * A filter is compiled once per link type, when the first packet of it comes. Where
 * libpcap cannot express it for a link type (it knows no addresses on USB, say), no
 * packet of that type matches, and wt_filter_refused says so: a filter that the user
 * asked for must not silently let everything through.
 *
 * Names in an expression ("host gateway") are resolved by libpcap, which may ask the
 * system's resolver; numbers never are.
 *
 * Trust: the expression is the operator's; packets are hostile, and matched by
 * libpcap's bounded BPF interpreter.
 * Memory: one program (8 bytes per instruction) per link type seen. */
#ifndef WT_CAPTURE_FILTER_H
#define WT_CAPTURE_FILTER_H

#include "wardtap/packet.h"

struct wt_filter;

/* Owned by the caller (wt_filter_free); one per thread, since matching may compile.
 * NULL: `why` (of why_len bytes) says in libpcap's words what is wrong with it. */
WT_MUST_USE struct wt_filter *wt_filter_new(const char *expression, char *why,
					    size_t why_len);
void wt_filter_free(struct wt_filter *filter);

/* Whether the packet matches. Needs only the first part of a wt_packet. */
WT_MUST_USE bool wt_filter_match(struct wt_filter *filter, const struct wt_packet *packet);

/* The `index`-th link type that was seen and that the filter cannot be compiled for,
 * with libpcap's reason, borrowed; false when there are no more. */
WT_MUST_USE bool wt_filter_refused(const struct wt_filter *filter, size_t index,
				   uint16_t *link_type, const char **why);

#endif
