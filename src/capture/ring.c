/* A TPACKET_V3 ring, read in place.
 * Source: packet(7); Linux Documentation/networking/packet_mmap.rst (blocks, status
 * words, PACKET_RESERVE, PACKET_STATISTICS); linux/if_packet.h.
 * Trust: frame bytes are hostile and not looked at here, beyond moving the MACs; the
 * headers around them come from the kernel, are trusted, and still checked for
 * bounds, as a mistake here would read foreign memory.
 * Memory: block_size * n_blocks, pinned by the kernel, mapped at open.
 *
 * A frame in its block, with 4 bytes of headroom that PACKET_RESERVE adds:
 *   | tpacket3_hdr | sockaddr_ll | .. headroom | MACs 12 | type 2 | ... |
 * The kernel takes the outermost VLAN tag off and tells it beside the frame; moving
 * the MACs down by 4 opens the gap that it came from (IEEE 802.1Q 9.3). */
#define _GNU_SOURCE
#include "capture/ring.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "capture/ring_open.h"

#define TAG_LEN WT_RING_HEADROOM
#define MACS_LEN 12u
#define TPID_CUSTOMER 0x8100 /* 802.1Q; what is meant when the kernel names none */

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * WT_NS_PER_S + (uint64_t)t.tv_nsec;
}

static struct tpacket_hdr_v1 *block_at(const struct wt_ring *ring, uint32_t block)
{
	return &((struct tpacket_block_desc *)(void *)
		 (ring->map + (size_t)block * ring->block_size))->hdr.bh1;
}

static bool is_ready(const struct wt_ring *ring, uint32_t block)
{
	return __atomic_load_n(&block_at(ring, block)->block_status, __ATOMIC_ACQUIRE) &
	       TP_STATUS_USER;
}

static bool is_block_ready(const struct wt_ring *ring)
{
	return is_ready(ring, ring->block);
}

/* Hands the finished block to the kernel and turns to the next. */
static void give_back(struct wt_ring *ring)
{
	__atomic_store_n(&block_at(ring, ring->block)->block_status, TP_STATUS_KERNEL,
			 __ATOMIC_RELEASE);
	ring->block = (ring->block + 1) % ring->n_blocks;
	ring->is_block_done = false;
	ring->is_block_open = false;
}

static void open_block(struct wt_ring *ring)
{
	const struct tpacket_hdr_v1 *head = block_at(ring, ring->block);

	ring->n_left = head->num_pkts;
	ring->frame_off = head->offset_to_first_pkt;
	ring->is_block_open = true;
	ring->is_block_done = ring->n_left == 0;
}

/* Puts the tag back; false when there is no room, which the kernel never leaves. */
static bool restore_tag(const struct wt_ring *ring, const struct tpacket3_hdr *head,
			struct wt_packet *p, uint8_t *mac)
{
	const size_t before = sizeof(*head) + sizeof(struct sockaddr_ll);
	uint16_t tci = (uint16_t)head->hv1.tp_vlan_tci;
	uint16_t tpid = head->tp_status & TP_STATUS_VLAN_TPID_VALID ?
			head->hv1.tp_vlan_tpid : TPID_CUSTOMER;
	uint8_t *at = mac - TAG_LEN;

	if (ring->link_type != WT_RING_DLT_ETHERNET)
		return true;
	p->wire_len += TAG_LEN;
	if (p->cap_len < MACS_LEN)
		return true; /* cut before the tag's place */
	if (WT_BUG_ON(head->tp_mac < before + TAG_LEN))
		return false;
	memmove(at, mac, MACS_LEN);
	at[12] = (uint8_t)(tpid >> 8);
	at[13] = (uint8_t)tpid;
	at[14] = (uint8_t)(tci >> 8);
	at[15] = (uint8_t)tci;
	p->bytes = at;
	p->cap_len += TAG_LEN;
	return true;
}

/* One frame into one packet; false when the block contradicts itself. */
static bool take_frame(struct wt_ring *ring, struct wt_packet *p)
{
	uint8_t *block = ring->map + (size_t)ring->block * ring->block_size;
	struct tpacket3_hdr *head;
	size_t room;

	if (WT_BUG_ON(ring->frame_off > ring->block_size - sizeof(*head)))
		return false;
	head = (struct tpacket3_hdr *)(void *)(block + ring->frame_off);
	room = ring->block_size - ring->frame_off;
	if (WT_BUG_ON(head->tp_mac > room || head->tp_snaplen > room - head->tp_mac ||
		      head->tp_len < head->tp_snaplen))
		return false;
	p->bytes = (uint8_t *)head + head->tp_mac;
	p->ts_ns = head->tp_sec * WT_NS_PER_S + head->tp_nsec;
	p->number = ++ring->n_read;
	p->cap_len = head->tp_snaplen;
	p->wire_len = head->tp_len;
	p->link_type = ring->link_type;
	p->interface = ring->index;
	p->is_sum_offloaded = (head->tp_status & TP_STATUS_CSUMNOTREADY) != 0;
	if ((head->tp_status & TP_STATUS_VLAN_VALID) &&
	    !restore_tag(ring, head, p, (uint8_t *)head + head->tp_mac))
		return false;
	__builtin_prefetch((uint8_t *)head + head->tp_next_offset);
	ring->frame_off += head->tp_next_offset;
	ring->n_left--;
	return true;
}

/* Why poll(2) reported an error: sets ring->error. */
static void explain_error(struct wt_ring *ring)
{
	socklen_t len = sizeof(int);
	int error = 0;

	if (getsockopt(ring->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if (!wt_ring_interface_exists(ring))
		snprintf(ring->error, sizeof(ring->error), "interface %s was removed",
			 ring->interface);
	else if (error == ENETDOWN)
		snprintf(ring->error, sizeof(ring->error), "interface %s went down",
			 ring->interface);
	else
		snprintf(ring->error, sizeof(ring->error), "interface %s: %s", ring->interface,
			 error ? strerror(error) : "the socket reports an error");
}

/* Until the kernel has surely closed a block that is not full: it looks twice. */
static uint64_t settle_ns(const struct wt_ring *ring)
{
	return (3 * ring->retire_ms + 20) * WT_NS_PER_MS;
}

/* Waits for the current block: 1 ready, 0 not within the time, -1 ring->error. */
static int await_block(struct wt_ring *ring, int timeout_ms)
{
	struct pollfd pfd = { .fd = ring->fd, .events = POLLIN };
	uint64_t pause = settle_ns(ring);
	struct timespec t = { .tv_sec = (time_t)(pause / WT_NS_PER_S),
			      .tv_nsec = (long)(pause % WT_NS_PER_S) };
	int n;

	if (ring->is_failed) {
		ring->is_failed = false; /* told once; the interface may come back */
		return -1;
	}
	n = poll(&pfd, 1, timeout_ms);
	if (n < 0 && errno != EINTR) {
		snprintf(ring->error, sizeof(ring->error), "interface %s: poll: %s",
			 ring->interface, strerror(errno));
		return -1;
	}
	if (n > 0 && pfd.revents & (POLLERR | POLLNVAL)) {
		/* What came before the failure is still in an open block, and an interface
		 * that is removed goes down first. */
		nanosleep(&t, NULL);
		explain_error(ring);
		if (!is_block_ready(ring))
			return -1;
		ring->is_failed = true;
	}
	return is_block_ready(ring);
}

int wt_ring_next(struct wt_ring *ring, struct wt_batch *batch, int timeout_ms)
{
	batch->n = 0;
	if (ring->is_block_done)
		give_back(ring);
	if (!ring->is_block_open) {
		if (!is_block_ready(ring)) {
			int state = await_block(ring, timeout_ms);

			if (state <= 0)
				return state;
		}
		open_block(ring);
	}
	while (batch->n < WT_BATCH && ring->n_left) {
		if (!take_frame(ring, &batch->packet[batch->n])) {
			ring->n_left = 0; /* counted as a defect of ours */
			break;
		}
		batch->n++;
	}
	ring->is_block_done = ring->n_left == 0;
	return (int)batch->n;
}

bool wt_ring_stop(struct wt_ring *ring)
{
	if (!wt_ring_shut(ring))
		return false;
	ring->stopped_ns = now_ns();
	return true;
}

bool wt_ring_is_drained(struct wt_ring *ring)
{
	/* In this order: a block that gets ready after the look came before the time
	 * was up. */
	bool is_settled = ring->stopped_ns && now_ns() - ring->stopped_ns > settle_ns(ring);

	if (!is_settled || (ring->is_block_open && !ring->is_block_done))
		return false;
	return !is_ready(ring, (ring->block + ring->is_block_done) % ring->n_blocks);
}

bool wt_ring_stats(struct wt_ring *ring, uint64_t *received, uint64_t *dropped)
{
	struct tpacket_stats_v3 stats = { .tp_packets = 0 };
	socklen_t len = sizeof(stats);

	if (getsockopt(ring->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) < 0) {
		snprintf(ring->error, sizeof(ring->error), "interface %s: counters: %s",
			 ring->interface, strerror(errno));
		return false;
	}
	/* tp_packets counts the dropped ones too; reading sets both to zero. */
	ring->n_received += stats.tp_packets;
	ring->n_dropped += stats.tp_drops;
	*received = ring->n_received;
	*dropped = ring->n_dropped;
	return true;
}

void wt_ring_close(struct wt_ring *ring)
{
	if (!ring)
		return;
	if (ring->map)
		(void)munmap(ring->map, ring->map_len);
	if (ring->fd >= 0)
		(void)close(ring->fd);
	free(ring->filter);
	free(ring);
}

const char *wt_ring_error(const struct wt_ring *ring)
{
	return ring->error;
}

uint16_t wt_ring_link_type(const struct wt_ring *ring)
{
	return ring->link_type;
}

enum wt_ring_spread wt_ring_spread(const struct wt_ring *ring)
{
	return ring->spread;
}

int wt_ring_fd(const struct wt_ring *ring)
{
	return ring->fd;
}
