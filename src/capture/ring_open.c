/* Opening a ring: socket, interface, memory, fanout, filters. Every failure says
 * which interface, what was found and what to do.
 * Source: packet(7), netdevice(7), socket(7); linux/if_arp.h for hardware types.
 * Trust: names and numbers come from the operator.
 * Memory: the mapping, see ring.c. */
#define _GNU_SOURCE
#include "capture/ring_open.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEFAULT_BLOCK_SIZE 1048576u
#define DEFAULT_BLOCKS 64u
#define DEFAULT_RETIRE_MS 10u
#define BLOCK_SIZE_MIN 524288u /* holds a packet of WT_RING_SNAP_MAX */
#define FRAME_SIZE 2048u       /* only has to divide the block in TPACKET_V3 */

static bool fail(struct wt_ring *ring, const char *what, int error)
{
	snprintf(ring->error, sizeof(ring->error), "interface %s: %s%s%s", ring->interface, what,
		 error ? ": " : "", error ? strerror(error) : "");
	return false;
}

static bool set_option(struct wt_ring *ring, int option, const void *value, size_t len,
		       const char *what)
{
	if (setsockopt(ring->fd, SOL_PACKET, option, value, (socklen_t)len) < 0)
		return fail(ring, what, errno);
	return true;
}

static bool attach(struct wt_ring *ring, struct sock_filter *program, unsigned n)
{
	struct sock_fprog fprog = { .len = (unsigned short)n, .filter = program };

	if (setsockopt(ring->fd, SOL_SOCKET, SO_ATTACH_FILTER, &fprog, sizeof(fprog)) < 0)
		return fail(ring, "the kernel refused the filter", errno);
	return true;
}

bool wt_ring_shut(struct wt_ring *ring)
{
	struct sock_filter none = BPF_STMT(BPF_RET | BPF_K, 0);

	return attach(ring, &none, 1);
}

bool wt_ring_start(struct wt_ring *ring)
{
	int unused = 0;

	if (ring->filter)
		return attach(ring, ring->filter, ring->n_filter);
	if (setsockopt(ring->fd, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof(unused)) < 0)
		return fail(ring, "cannot be started", errno);
	return true;
}

bool wt_ring_interface_exists(const struct wt_ring *ring)
{
	struct ifreq request = { .ifr_ifindex = ring->if_index };

	return ioctl(ring->fd, SIOCGIFNAME, &request) == 0;
}

static bool open_socket(struct wt_ring *ring)
{
	/* Protocol 0: nothing is received before bind(2) names one. */
	ring->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (ring->fd >= 0)
		return true;
	if (errno == EPERM)
		return fail(ring, "listening needs CAP_NET_RAW; start as root or grant it", 0);
	return fail(ring, "socket", errno);
}

static bool find_interface(struct wt_ring *ring)
{
	struct ifreq request = { .ifr_ifindex = 0 };

	memcpy(request.ifr_name, ring->interface, sizeof(ring->interface));
	if (ioctl(ring->fd, SIOCGIFINDEX, &request) < 0)
		return fail(ring, errno == ENODEV ? "found no such interface; `ip link` lists them" :
			    "looking it up", errno == ENODEV ? 0 : errno);
	ring->if_index = request.ifr_ifindex;
	if (ioctl(ring->fd, SIOCGIFFLAGS, &request) < 0)
		return fail(ring, "its state", errno);
	if (!(request.ifr_flags & IFF_UP)) {
		snprintf(ring->error, sizeof(ring->error), "interface %s is down; "
			 "bring it up with: ip link set %s up", ring->interface, ring->interface);
		return false;
	}
	return true;
}

static bool find_link_type(struct wt_ring *ring, bool *is_loopback)
{
	struct ifreq request = { .ifr_ifindex = 0 };

	memcpy(request.ifr_name, ring->interface, sizeof(ring->interface));
	if (ioctl(ring->fd, SIOCGIFHWADDR, &request) < 0)
		return fail(ring, "its hardware type", errno);
	*is_loopback = request.ifr_hwaddr.sa_family == ARPHRD_LOOPBACK;
	switch (request.ifr_hwaddr.sa_family) {
	case ARPHRD_ETHER:
	case ARPHRD_LOOPBACK: /* dressed as Ethernet by Linux */
		ring->link_type = WT_RING_DLT_ETHERNET;
		return true;
	case ARPHRD_NONE: /* tun and its kin: IP without a link header */
	case ARPHRD_RAWIP:
		ring->link_type = WT_RING_DLT_RAW;
		return true;
	default:
		snprintf(ring->error, sizeof(ring->error), "interface %s: found hardware type %u; "
			 "expected Ethernet, loopback or raw IP", ring->interface,
			 request.ifr_hwaddr.sa_family);
		return false;
	}
}

static bool map_ring(struct wt_ring *ring)
{
	const int version = TPACKET_V3;
	const unsigned headroom = WT_RING_HEADROOM;
	struct tpacket_req3 request = {
		.tp_block_size = ring->block_size,
		.tp_block_nr = ring->n_blocks,
		.tp_frame_size = FRAME_SIZE,
		.tp_frame_nr = ring->block_size / FRAME_SIZE * ring->n_blocks,
		.tp_retire_blk_tov = ring->retire_ms,
	};
	void *map;

	if (!set_option(ring, PACKET_VERSION, &version, sizeof(version), "TPACKET_V3") ||
	    !set_option(ring, PACKET_RESERVE, &headroom, sizeof(headroom), "headroom") ||
	    !set_option(ring, PACKET_RX_RING, &request, sizeof(request),
			"no memory for the ring; take fewer or smaller blocks"))
		return false;
	ring->map_len = (size_t)ring->block_size * ring->n_blocks;
	map = mmap(NULL, ring->map_len, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, 0);
	if (map == MAP_FAILED)
		return fail(ring, "mapping the ring", errno);
	ring->map = map;
	return true;
}

static bool bind_ring(struct wt_ring *ring)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
				       .sll_protocol = htons(ETH_P_ALL),
				       .sll_ifindex = ring->if_index };

	if (bind(ring->fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return fail(ring, "bind", errno);
	return true;
}

static bool be_promiscuous(struct wt_ring *ring)
{
	struct packet_mreq request = { .mr_ifindex = ring->if_index,
				       .mr_type = PACKET_MR_PROMISC };

	return set_option(ring, PACKET_ADD_MEMBERSHIP, &request, sizeof(request),
			  "promiscuous mode");
}

/* On loopback each packet would be seen going out and coming in. */
static bool ignore_outgoing(struct wt_ring *ring)
{
	const int on = 1;

	return set_option(ring, PACKET_IGNORE_OUTGOING, &on, sizeof(on),
			  "leaving out the second copy on loopback");
}

static bool join_fanout(struct wt_ring *ring, uint16_t group)
{
	struct sock_filter program[WT_RING_STEER_MAX];
	unsigned n = WT_RING_STEER_MAX;
	unsigned mode = ring->spread == WT_RING_PAIR ? PACKET_FANOUT_CBPF : PACKET_FANOUT_HASH;
	unsigned request = group | mode << 16;
	struct sock_fprog fprog = { .filter = program };

	if (setsockopt(ring->fd, SOL_PACKET, PACKET_FANOUT, &request, sizeof(request)) < 0) {
		if (ring->spread == WT_RING_PAIR && errno == EINVAL) {
			/* A kernel without CBPF fanout, or a group begun with HASH. */
			ring->spread = WT_RING_HASH;
			return join_fanout(ring, group);
		}
		return fail(ring, "joining the fanout group (is its number in use?)", errno);
	}
	if (ring->spread != WT_RING_PAIR)
		return true;
	wt_ring_steer_program(program, &n);
	fprog.len = (unsigned short)n;
	return set_option(ring, PACKET_FANOUT_DATA, &fprog, sizeof(fprog),
			  "the kernel refused the program that spreads packets");
}

/* The operator's filter with the snap length worked in; none when both are trivial. */
static bool prepare_filter(struct wt_ring *ring, const struct wt_ring_options *options)
{
	const struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, WT_RING_SNAP_MAX);
	uint32_t snap_len = options->snap_len ? options->snap_len : WT_RING_SNAP_MAX;
	const struct sock_filter *from = options->filter ? options->filter : &all;
	unsigned i, n = options->filter ? options->n_filter : 1;

	if (!options->filter && snap_len >= WT_RING_SNAP_MAX)
		return true;
	if (n == 0 || n > BPF_MAXINSNS)
		return fail(ring, "found a filter that is empty or too long", 0);
	ring->filter = calloc(n, sizeof(*from));
	if (!ring->filter)
		return fail(ring, "out of memory", 0);
	memcpy(ring->filter, from, n * sizeof(*from));
	ring->n_filter = n;
	for (i = 0; i < n; i++)
		if (ring->filter[i].code == (BPF_RET | BPF_K) && ring->filter[i].k > snap_len)
			ring->filter[i].k = snap_len;
	return true;
}

static bool take_options(struct wt_ring *ring, const struct wt_ring_options *options)
{
	size_t len = strlen(options->interface);

	ring->block_size = options->block_size ? options->block_size : DEFAULT_BLOCK_SIZE;
	ring->n_blocks = options->n_blocks ? options->n_blocks : DEFAULT_BLOCKS;
	ring->retire_ms = options->retire_ms ? options->retire_ms : DEFAULT_RETIRE_MS;
	ring->index = options->index;
	ring->spread = options->spread;
	snprintf(ring->interface, sizeof(ring->interface), "%.*s", IFNAMSIZ - 1,
		 options->interface);
	if (len == 0 || len >= IFNAMSIZ)
		return fail(ring, "found a name of impossible length; expected 1 to 15 bytes", 0);
	if ((ring->block_size & (ring->block_size - 1)) || ring->block_size < BLOCK_SIZE_MIN)
		return fail(ring, "found a block size that is no power of two of 512 KiB or more",
			    0);
	if (ring->n_blocks < 4 || ring->n_blocks > UINT32_MAX / (ring->block_size / FRAME_SIZE))
		return fail(ring, "found an impossible number of blocks; expected 4 or more", 0);
	return prepare_filter(ring, options);
}

static bool open_ring(struct wt_ring *ring, const struct wt_ring_options *options)
{
	bool is_loopback = false;

	return take_options(ring, options) && open_socket(ring) && find_interface(ring) &&
	       find_link_type(ring, &is_loopback) &&
	       (!is_loopback || ignore_outgoing(ring)) && map_ring(ring) &&
	       (!options->is_promiscuous || is_loopback || be_promiscuous(ring)) &&
	       /* Shut before bound: whatever came before the fanout group is joined
		* would land in every ring. */
	       wt_ring_shut(ring) && bind_ring(ring) &&
	       (ring->spread == WT_RING_ALONE || join_fanout(ring, options->fanout_group));
}

struct wt_ring *wt_ring_open(const struct wt_ring_options *options, char *error,
			     size_t error_size)
{
	struct wt_ring *ring = calloc(1, sizeof(*ring));

	if (!ring) {
		snprintf(error, error_size, "out of memory");
		return NULL;
	}
	ring->fd = -1;
	if (!open_ring(ring, options)) {
		snprintf(error, error_size, "%s", ring->error);
		wt_ring_close(ring);
		return NULL;
	}
	return ring;
}

uint64_t wt_ring_bytes(const struct wt_ring_options *options)
{
	uint64_t block_size = options->block_size ? options->block_size : DEFAULT_BLOCK_SIZE;

	return block_size * (options->n_blocks ? options->n_blocks : DEFAULT_BLOCKS);
}
