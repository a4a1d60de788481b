/* Bytes of a packet that rules look at as they are: headers and addresses. */
#ifndef MATCH_PART_H
#define MATCH_PART_H

#include "match/rule.h"
#include "wardtap/packet.h"

/* Empty when this subject has no such part (packet NULL: none at hand). Borrowed. */
struct wt_slice wt_part_of(enum wt_part part, const struct wt_event_head *head,
			   const struct wt_packet *p);

/* Buffer of a name ("ip.src", "tcp.hdr", ...), or NULL. */
const struct wt_buffer *wt_part_buffer(struct wt_slice name);

/* Type of service, or traffic class. False: no such packet. */
bool wt_part_tos(const struct wt_packet *p, int64_t *value);
/* WT_FRAGBIT_* of an IPv4 header. */
bool wt_part_fragbits(const struct wt_packet *p, int64_t *value);

#endif
