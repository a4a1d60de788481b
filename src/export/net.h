/* Connections to receivers: names resolved at each attempt, every address tried, no wait
 * without an end.
 * Trust: what a receiver sends is hostile; it is counted and dropped here.
 * Memory: none kept. */
#ifndef EXPORT_NET_H
#define EXPORT_NET_H

#include <stdatomic.h>

#include "wardtap/bytes.h"

#define WT_NET_HOST_MAX 256u
#define WT_NET_PORT_MAX 6u

/* Monotonic clock, milliseconds. */
uint64_t wt_net_now_ms(void);

/* A wait that ends at `until_ms`, or when stopping. */
struct wt_deadline {
	uint64_t until_ms;
	const _Atomic bool *is_stopping; /* or NULL */
};

/* "HOST:PORT" or "[IPV6]:PORT". False: it is none. */
WT_MUST_USE bool wt_net_split(const char *text, char host[WT_NET_HOST_MAX],
			      char port[WT_NET_PORT_MAX]);

/* "sha256:HEX", colons between the pairs or none. False: it is none. */
WT_MUST_USE bool wt_net_fingerprint(const char *text, uint8_t digest[32]);

/* A connected socket that does not block (TCP, or UDP where is_stream is false). -1: all
 * addresses failed, `why` says how. */
WT_MUST_USE int wt_net_connect(const char *host, const char *port, bool is_stream,
			       const struct wt_deadline *deadline, char *why, size_t why_size);

/* Waits for poll(2) events. 1: they are there (or an error is), 0: the time is over. */
int wt_net_wait(int fd, short events, const struct wt_deadline *deadline);

/* Sends one datagram. 0, or an error number, perhaps about an earlier one. */
WT_MUST_USE int wt_net_datagram(int fd, struct wt_slice bytes, const struct wt_deadline *deadline);

/* Waits up to `wait_ms` for a word that nobody took what was sent: its number, or 0. */
WT_MUST_USE int wt_net_error(int fd, unsigned wait_ms);

/* Writes all. False: `why`. */
WT_MUST_USE bool wt_net_write(int fd, struct wt_slice bytes, const struct wt_deadline *deadline,
			      char *why, size_t why_size);

/* Drops what the receiver sent. False: it has closed, or the connection broke. */
WT_MUST_USE bool wt_net_is_open(int fd);

/* Ends our half and waits for the receiver to end its own, which it does once it has read
 * everything. */
void wt_net_finish(int fd, const struct wt_deadline *deadline);

#endif
