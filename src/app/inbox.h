/* Packets that the kernel gave to one worker and another owns (live only): after
 * decapsulation or reassembly the shard may belong to somebody else. They are copied,
 * decoded view included, into the owner's bounded inbox. */
#ifndef APP_INBOX_H
#define APP_INBOX_H

#include "wardtap/packet.h"

struct wt_inbox;

/* `bytes` of room. Ends the program when there is no memory. */
struct wt_inbox *wt_inbox_new(size_t bytes);
void wt_inbox_free(struct wt_inbox *inbox);

/* Any worker: copies the packet in. False when there is no room. */
WT_MUST_USE bool wt_inbox_put(struct wt_inbox *inbox, const struct wt_packet *p);

/* The owner: gives all packets that were there at the call to `take`, in order of
 * arrival. Their bytes are valid during the call. */
void wt_inbox_take(struct wt_inbox *inbox, void (*take)(void *self, struct wt_packet *p),
		   void *self);

#endif
