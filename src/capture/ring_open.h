/* The ring as ring.c (reading) and ring_open.c (opening, filters) share it. Nobody
 * else includes this. */
#ifndef CAPTURE_RING_OPEN_H
#define CAPTURE_RING_OPEN_H

#include <net/if.h>

#include "capture/ring.h"

#define WT_RING_HEADROOM 4u /* one VLAN tag */
#define WT_RING_DLT_ETHERNET 1
#define WT_RING_DLT_RAW 101

struct wt_ring {
	int fd;
	uint8_t *map;
	size_t map_len;
	uint32_t block_size;
	uint32_t n_blocks;
	uint32_t retire_ms;

	uint32_t block;     /* the one being read, or waited for */
	uint32_t frame_off; /* next frame in it */
	uint32_t n_left;    /* frames of it not handed out */
	bool is_block_open; /* the three above are valid */
	bool is_block_done; /* all handed out; goes back at the next call */
	bool is_failed;     /* the error is to be told when the ring is empty */

	uint16_t link_type;
	uint16_t index;
	int if_index;
	char interface[IFNAMSIZ];
	enum wt_ring_spread spread;
	struct sock_filter *filter; /* owned; NULL: none */
	unsigned n_filter;
	uint64_t stopped_ns; /* monotonic; 0: not stopped */
	uint64_t n_read;
	uint64_t n_received;
	uint64_t n_dropped;
	char error[160];
};

/* Puts the filter that rejects everything in place. */
WT_MUST_USE bool wt_ring_shut(struct wt_ring *ring);
bool wt_ring_interface_exists(const struct wt_ring *ring);

#endif
