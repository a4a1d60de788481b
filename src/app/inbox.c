/* The inbox (inbox.h): two buffers, one being filled while the other is worked off.
 * Memory: twice the room given to wt_inbox_new. */
#include "app/inbox.h"

#include <pthread.h>
#include <stdlib.h>

struct wt_inbox {
	pthread_mutex_t lock;
	size_t cap, len, n_working;
	uint8_t *filling, *working;
};

static size_t padded(size_t len)
{
	return (len + 15) & ~(size_t)15;
}

struct wt_inbox *wt_inbox_new(size_t bytes)
{
	struct wt_inbox *inbox = calloc(1, sizeof(*inbox));

	if (!inbox)
		abort();
	inbox->cap = bytes;
	inbox->filling = malloc(bytes);
	inbox->working = malloc(bytes);
	if (!inbox->filling || !inbox->working)
		abort();
	pthread_mutex_init(&inbox->lock, NULL);
	return inbox;
}

void wt_inbox_free(struct wt_inbox *inbox)
{
	if (!inbox)
		return;
	pthread_mutex_destroy(&inbox->lock);
	free(inbox->filling);
	free(inbox->working);
	free(inbox);
}

bool wt_inbox_put(struct wt_inbox *inbox, const struct wt_packet *p)
{
	size_t size = padded(sizeof(*p)) + padded(p->cap_len);
	bool has_room;

	pthread_mutex_lock(&inbox->lock);
	has_room = size <= inbox->cap - inbox->len;
	if (has_room) {
		memcpy(inbox->filling + inbox->len, p, sizeof(*p));
		memcpy(inbox->filling + inbox->len + padded(sizeof(*p)), p->bytes, p->cap_len);
		inbox->len += size;
	}
	pthread_mutex_unlock(&inbox->lock);
	return has_room;
}

void wt_inbox_take(struct wt_inbox *inbox, void (*take)(void *self, struct wt_packet *p),
		   void *self)
{
	uint8_t *swap;
	size_t at = 0;

	pthread_mutex_lock(&inbox->lock);
	swap = inbox->working;
	inbox->working = inbox->filling;
	inbox->filling = swap;
	inbox->n_working = inbox->len;
	inbox->len = 0;
	pthread_mutex_unlock(&inbox->lock);
	while (at < inbox->n_working) {
		struct wt_packet p;

		memcpy(&p, inbox->working + at, sizeof(p));
		p.bytes = inbox->working + at + padded(sizeof(p));
		at += padded(sizeof(p)) + padded(p.cap_len);
		take(self, &p);
	}
}
