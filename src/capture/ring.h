/* Live packets from one interface: a TPACKET_V3 ring of our own, walked in place.
 *
 * The life of a ring: wt_ring_open (paused), wt_ring_start, any number of
 * wt_ring_next, wt_ring_stop, wt_ring_next until wt_ring_is_drained, wt_ring_close.
 * Rings that share an interface (fanout) are all opened before the first is started
 * and all stopped before the first is closed, or packets would go to a ring that is
 * not read. After the drain, received = packets handed out + dropped, exactly.
 *
 * Opening needs CAP_NET_RAW, promiscuous mode included; nothing after it needs any
 * privilege. One thread at a time per ring. */
#ifndef CAPTURE_RING_H
#define CAPTURE_RING_H

#include <linux/filter.h>

#include "wardtap/packet.h"

/* Longest packet kept; also the capture's own bound elsewhere. */
#define WT_RING_SNAP_MAX 262144u

/* How rings of one interface share its packets. */
enum wt_ring_spread {
	WT_RING_ALONE, /* this ring takes all */
	WT_RING_PAIR,  /* by wt_ring_steer: both ways of an address pair meet in one ring */
	WT_RING_HASH,  /* by the kernel's symmetric flow hash (where PAIR cannot be had) */
};

struct wt_ring_options {
	const char *interface; /* name, 1..15 bytes */
	uint16_t index;        /* becomes wt_packet.interface */
	uint32_t block_size;   /* bytes, a power of two of 512 KiB or more; 0: 1 MiB */
	uint32_t n_blocks;     /* 4 or more; 0: 64 */
	uint32_t retire_ms;    /* longest stay in a block that is not full; 0: 10 */
	uint32_t snap_len;     /* bytes kept per packet, 1..WT_RING_SNAP_MAX; 0: all of it */
	bool is_promiscuous;
	enum wt_ring_spread spread; /* PAIR falls back to HASH */
	uint16_t fanout_group;          /* unless ALONE: the same for rings that share */
	/* Program that the kernel runs (struct bpf_insn of libpcap has this layout), or
	 * NULL. It sees frames whose outermost VLAN tag is already taken off, so a
	 * filter that looks at tags belongs behind the ring. Copied. */
	const struct sock_filter *filter;
	unsigned n_filter;
};

struct wt_ring;

/* Opens the ring, paused. NULL: `error` says what is wrong with which interface. */
WT_MUST_USE struct wt_ring *wt_ring_open(const struct wt_ring_options *options,
					 char *error, size_t error_size);

/* Lets packets in. False: see wt_ring_error. */
WT_MUST_USE bool wt_ring_start(struct wt_ring *ring);

/* Gives back what the last call handed out and fills the batch with what is there:
 * 1..WT_BATCH packets, whose bytes stay valid until the next call on this ring; 0
 * when nothing came within timeout_ms (or less, when a signal came); -1 when the
 * interface went down or away (wt_ring_error), after everything that it still
 * brought has been handed out. A ring that is down resumes with its interface. */
WT_MUST_USE int wt_ring_next(struct wt_ring *ring, struct wt_batch *batch, int timeout_ms);

/* Shuts the inflow; what the kernel already holds can still be read. False: see
 * wt_ring_error. */
WT_MUST_USE bool wt_ring_stop(struct wt_ring *ring);

/* Whether a stopped ring holds nothing more: every packet was handed out. */
bool wt_ring_is_drained(struct wt_ring *ring);

/* Packets since the start: received by the kernel after its filter, and of these
 * dropped because the ring was full. Sums over the kernel's resetting counters, so
 * call it now and then (32 bits in the kernel). False: see wt_ring_error. */
WT_MUST_USE bool wt_ring_stats(struct wt_ring *ring, uint64_t *received, uint64_t *dropped);

/* Closes the socket and unmaps; bytes of the last batch are gone. NULL is allowed. */
void wt_ring_close(struct wt_ring *ring);

/* The last failure in words. Borrowed. */
const char *wt_ring_error(const struct wt_ring *ring);
/* DLT_* value of the interface's frames: 1 Ethernet, 101 raw IP. */
uint16_t wt_ring_link_type(const struct wt_ring *ring);
/* What came of options.spread. */
enum wt_ring_spread wt_ring_spread(const struct wt_ring *ring);
/* For poll(2) beside other descriptors; owned by the ring. */
int wt_ring_fd(const struct wt_ring *ring);
/* Memory that a ring of these options maps, bytes. */
uint64_t wt_ring_bytes(const struct wt_ring_options *options);

/* The number that steers a packet of this address pair: ring = steer % rings, in
 * the order in which they were opened. Symmetric; 0..63. The program for the kernel
 * (below) computes the same from the frame's outermost IP header. */
uint32_t wt_ring_steer(const struct wt_addr *a, const struct wt_addr *b, uint8_t ip_version);

/* Writes that program; `n` is the room and becomes the length. Within
 * WT_RING_STEER_MAX instructions. */
#define WT_RING_STEER_MAX 240u
void wt_ring_steer_program(struct sock_filter *program, unsigned *n);

#endif
