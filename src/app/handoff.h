/* Records on their way from a worker to the keeper: blocks in a bounded queue, one
 * queue per worker, and the merge of all queues into one order.
 *
 * A worker writes records into its current block and hands over full blocks with a
 * watermark: no record with a smaller or equal order will follow. The keeper takes
 * the smallest record by (order, tick first, shard, index) once no worker can bring
 * a smaller one. In replay a full queue makes the worker wait, so nothing is shed. */
#ifndef APP_HANDOFF_H
#define APP_HANDOFF_H

#include "wardtap/event.h"

struct wt_handoff;

/* `bytes` of blocks for one worker. Ends the program when there is no memory. */
struct wt_handoff *wt_handoff_new(size_t bytes);
void wt_handoff_free(struct wt_handoff *h);

/* Worker: room for one record (WT_RECORD_SIZE_MAX bytes, 8-aligned). When all blocks
 * are full it waits for the keeper, or gives NULL if !waits. `order_done`: all orders
 * below the one being written are complete. */
void *wt_handoff_room(struct wt_handoff *h, uint64_t order_done, bool waits);

/* Worker: the record in the room is complete. */
void wt_handoff_put(struct wt_handoff *h, const struct wt_record *record);

/* Worker: hands over what there is; all orders up to `order_done` are complete.
 * is_last: nothing follows. */
void wt_handoff_flush(struct wt_handoff *h, uint64_t order_done, bool is_last);

/* Keeper: gives each record of `n` workers to the sink, in order, until all workers
 * are at their end. on_idle is called about ten times a second, busy or not. */
void wt_handoff_merge(struct wt_handoff *const *handoff, unsigned n,
		      const struct wt_record_sink *sink, void (*on_idle)(void *self),
		      void *self);

#endif
