/* The window of what was sent lately (window.h). A ring of bytes: a head of 16 bytes
 * (length, time) before each frame, both wrapped where the ring ends.
 * Trust: frames are ours. Memory: the ring, allocated when a sink is opened. */
#include "export/window.h"

#include <stdlib.h>

struct head {
	uint64_t len;
	uint64_t sent_ms;
};

struct wt_window {
	uint64_t keep_ms;
	uint64_t from, end; /* positions since the beginning; modulo WT_WINDOW_MAX */
	uint8_t *ring;
};

struct wt_window *wt_window_new(uint64_t keep_ms)
{
	struct wt_window *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	w->keep_ms = keep_ms;
	w->ring = malloc(WT_WINDOW_MAX);
	if (!w->ring)
		abort();
	return w;
}

void wt_window_free(struct wt_window *w)
{
	if (!w)
		return;
	free(w->ring);
	free(w);
}

static void put_at(struct wt_window *w, uint64_t to, const void *bytes, size_t len)
{
	size_t at = (size_t)(to % WT_WINDOW_MAX), first = WT_WINDOW_MAX - at;

	if (first > len)
		first = len;
	memcpy(w->ring + at, bytes, first);
	if (first < len)
		memcpy(w->ring, (const uint8_t *)bytes + first, len - first);
}

static void get(const struct wt_window *w, uint64_t from, void *into, size_t len)
{
	size_t at = (size_t)(from % WT_WINDOW_MAX), first = WT_WINDOW_MAX - at;

	if (first > len)
		first = len;
	memcpy(into, w->ring + at, first);
	if (first < len)
		memcpy((uint8_t *)into + first, w->ring, len - first);
}

static void drop_oldest(struct wt_window *w)
{
	struct head head;

	get(w, w->from, &head, sizeof(head));
	w->from += sizeof(head) + head.len;
}

void wt_window_add(struct wt_window *w, struct wt_slice frame, uint64_t now_ms)
{
	struct head head = { .len = frame.len, .sent_ms = now_ms };
	uint64_t room = sizeof(head) + frame.len;

	if (w->keep_ms == 0 || WT_BUG_ON(room > WT_WINDOW_MAX))
		return;
	while (w->end + room - w->from > WT_WINDOW_MAX)
		drop_oldest(w);
	put_at(w, w->end, &head, sizeof(head));
	put_at(w, w->end + sizeof(head), frame.ptr, frame.len);
	w->end += room;
}

bool wt_window_next(struct wt_window *w, uint64_t *at, uint64_t now_ms, void *frame, size_t size,
		    size_t *len)
{
	struct head head;

	if (*at < w->from)
		*at = w->from;
	while (*at < w->end) {
		uint64_t here = *at;

		get(w, here, &head, sizeof(head));
		*at += sizeof(head) + head.len;
		if (head.sent_ms + w->keep_ms < now_ms || head.len > size)
			continue;
		*len = (size_t)head.len;
		get(w, here + sizeof(head), frame, *len);
		head.sent_ms = now_ms;
		put_at(w, here, &head, sizeof(head));
		return true;
	}
	return false;
}

uint64_t wt_window_end(const struct wt_window *w)
{
	return w->end;
}

void wt_window_cut(struct wt_window *w, uint64_t end)
{
	if (end < w->end)
		w->end = end > w->from ? end : w->from;
}
