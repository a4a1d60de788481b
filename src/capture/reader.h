/* The inside of a wt_capture, for file.c and the formats only.
 *
 * A format reads records out of `window`, the part of a block that is
 * not consumed (with what the block before left over), and advances it. It is called with a batch to fill and says why it
 * stopped:
 *   WT_READ_FULL  the batch is full
 *   WT_READ_DONE  nothing more of this file can be read (the damage is recorded)
 *   n             so many bytes must be in the window to go on
 * The next block is taken only while the batch is empty: this is what keeps the bytes
 * of a batch in place. */
#ifndef WT_CAPTURE_READER_H
#define WT_CAPTURE_READER_H

#include "capture/file.h"
#include "capture/share.h"

#define WT_READ_FULL ((size_t)0)
#define WT_READ_DONE SIZE_MAX

/* A pcapng interface of the current section. */
struct wt_ng_interface {
	uint64_t ticks_plain; /* up to here ns = ticks * ns_per_tick */
	uint64_t ns_per_tick; /* 0: always the long way */
	int64_t offset_s;     /* if_tsoffset */
	uint32_t snap_len;    /* 0: no limit */
	uint16_t link_type;
	uint16_t interface;   /* index in the run */
	uint8_t resolution;   /* if_tsresol */
	bool is_broken;       /* counts as described, but packets of it cannot be used */
};

struct wt_capture {
	const struct wt_capture_list *list;
	struct wt_counters *counters; /* or NULL */
	struct wt_capture_result *result;

	struct wt_capture_share *share;
	unsigned reader; /* of the share */
	bool is_alone;   /* the share is ours */
	const struct wt_share_block *block; /* held, or the last one that was */
	struct wt_slice window; /* of it, not consumed */
	uint64_t n_plain;       /* unpacked bytes of this file in blocks so far */

	size_t file;      /* index of the open or next file */
	bool is_open;
	uint64_t bytes_before; /* sizes of the files that were left */
	uint64_t number;  /* of the last packet handed out */
	uint64_t last_ns; /* its time */

	/* format of the open file */
	size_t (*read)(struct wt_capture *c, struct wt_batch *batch);
	void (*end)(struct wt_capture *c); /* the file ends with the window */
	bool is_big_endian; /* pcapng: of the section */
	bool is_done;       /* nothing more of this file */

	/* pcap */
	uint32_t head_len;    /* of a record's header */
	uint32_t ns_per_unit; /* of the fraction of a second */
	uint16_t link_type;
	uint16_t interface;
	bool has_swapped_lengths; /* old writers put the wire length first */

	/* pcapng */
	struct wt_ng_interface *section; /* its interfaces */
	uint32_t n_section;
	uint32_t section_room;
	uint64_t block_offset; /* of the block being passed over */
	uint32_t block_len;    /* its length; 0: none is */
	uint32_t block_left;   /* bytes of it still to come before its last four */

	/* the run */
	struct wt_capture_interface *interfaces;
	uint32_t *interface_sums; /* to compare quickly */
	unsigned n_interfaces;
	struct wt_capture_damage *damage;
	size_t n_damages;
	size_t damage_room;
};

/* Offset of the window in the unpacked bytes of the file. */
static inline uint64_t wt_capture_offset(const struct wt_capture *c)
{
	return c->n_plain - c->window.len;
}

/* Adds a packet to a batch that is not full. `bytes` lie in the block. What is
 * common to all formats (number, counters) is done when the batch is handed out. */
static inline void wt_capture_put(struct wt_capture *c, struct wt_batch *batch,
				  struct wt_slice bytes, uint32_t wire_len, uint64_t ts_ns,
				  uint16_t link_type, uint16_t interface)
{
	struct wt_packet *p = &batch->packet[batch->n++];
	const size_t first_part = offsetof(struct wt_packet, disposition);

	p->bytes = bytes.len ? bytes.ptr : c->block->bytes;
	p->ts_ns = ts_ns;
	p->cap_len = (uint32_t)bytes.len;
	p->wire_len = wire_len < p->cap_len ? p->cap_len : wire_len;
	p->link_type = link_type;
	p->interface = interface;
	p->is_sum_offloaded = false;
	memset((uint8_t *)p + first_part, 0, sizeof(*p) - first_part);
}

/* Records a damage of the open file at `offset` of its unpacked bytes. */
__attribute__((format(printf, 3, 4)))
void wt_capture_damaged(struct wt_capture *c, uint64_t offset, const char *format, ...);

/* Index of the interface with this name (hostile bytes) and link type. */
uint16_t wt_capture_interface_of(struct wt_capture *c, struct wt_slice name,
				 uint16_t link_type);

/* pcap.c: takes the file header, which is in the window (WT_PCAP_HEADER bytes).
 * False: the damage is recorded. */
#define WT_PCAP_HEADER 24u
bool wt_pcap_is(struct wt_slice head);
WT_MUST_USE bool wt_pcap_begin(struct wt_capture *c);

/* pcapng.c */
bool wt_pcapng_is(struct wt_slice head);
void wt_pcapng_begin(struct wt_capture *c);

#endif
