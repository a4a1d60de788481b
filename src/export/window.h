/* What was sent lately over a connection that confirms nothing. When the connection turns
 * out to be broken, nobody knows what of it arrived, so it goes again.
 * Memory: a ring of WT_WINDOW_MAX bytes; older messages leave when it is full. */
#ifndef EXPORT_WINDOW_H
#define EXPORT_WINDOW_H

#include "wardtap/bytes.h"

#define WT_WINDOW_MAX (16u << 20) /* more than the buffers of both ends hold */

struct wt_window;

/* Keeps messages for `keep_ms`. */
struct wt_window *wt_window_new(uint64_t keep_ms);
void wt_window_free(struct wt_window *w);

/* Notes one frame as sent now. */
void wt_window_add(struct wt_window *w, struct wt_slice frame, uint64_t now_ms);

/* The next frame that is young enough, from the oldest on (*at 0), copied into `frame`
 * (`size` bytes); it then counts as sent now. False: there are no more. */
WT_MUST_USE bool wt_window_next(struct wt_window *w, uint64_t *at, uint64_t now_ms, void *frame,
				size_t size, size_t *len);

/* Forgets what was added since wt_window_end gave `end`. */
uint64_t wt_window_end(const struct wt_window *w);
void wt_window_cut(struct wt_window *w, uint64_t end);

#endif
