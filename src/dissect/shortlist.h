/* Which probes are worth a call? A table, found by asking each probe about beginnings
 * of one and two octets when the worker starts: what a probe refuses there it refuses
 * in front of more octets too (dissector.h). So a flow costs what the few protocols do
 * that could begin like it, however many there are, and a dissector declares nothing.
 *
 * Memory: 14 KiB per worker. */
#ifndef DISSECT_SHORTLIST_H
#define DISSECT_SHORTLIST_H

#include "wardtap/bytes.h"
#include "wardtap/flow.h"

#define WT_SHORTLIST_PORTS 1024u

struct wt_shortlist {
	/* By octet, the dissectors (bit owner-1) that may begin with it, and those that
	 * may have it second. */
	uint64_t first[256], second[256];
	/* Dissectors by port: open addressing, port 0 means free. */
	uint16_t port[WT_SHORTLIST_PORTS];
	uint64_t of_port[WT_SHORTLIST_PORTS];
};

void wt_shortlist_init(struct wt_shortlist *list);

/* Those whose usual ports the flow has. */
uint64_t wt_shortlist_ports(const struct wt_shortlist *list, const struct wt_flow_key *key);

/* Those of `wanted` that may take what begins with `head`; all when it is empty. */
static inline uint64_t wt_shortlist_head(const struct wt_shortlist *list, uint64_t wanted,
					 struct wt_slice head)
{
	if (head.len == 0)
		return wanted;
	wanted &= list->first[head.ptr[0]];
	return head.len == 1 ? wanted : wanted & list->second[head.ptr[1]];
}

/* Those of `wanted` that may begin anywhere in `bytes`. */
uint64_t wt_shortlist_inside(const struct wt_shortlist *list, uint64_t wanted,
			     struct wt_slice bytes);

#endif
