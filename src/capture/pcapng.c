/* Blocks of pcapng files.
 *
 * Source: draft-ietf-opsawg-pcapng-04, sections 3 and 4; the obsolete packet block
 * from appendix A.
 *
 *   block:   type 4, length 4, body, the same length 4
 *   section: type 0a0d0d0a, length, 1a2b3c4d in the section's byte order, major 2,
 *            minor 2, section length 8, options
 *
 * Blocks without packets are passed over in constant memory, whatever they claim.
 * Where a block's two lengths agree, the framing is sound: nonsense inside it costs
 * that block. Where they do not, nothing behind can be trusted and the file ends.
 *
 * Trust: everything. Memory: 40 bytes per interface of the current section. */
#include "capture/reader.h"

#include <stdlib.h>

enum {
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET_OBSOLETE = 2,
	BLOCK_PACKET_SIMPLE = 3,
	BLOCK_NAMES = 4,
	BLOCK_STATISTICS = 5,
	BLOCK_PACKET = 6,
	BLOCK_JOURNAL = 9,
	BLOCK_SECRETS = 10,
	BLOCK_CUSTOM = 0xbad,
	BLOCK_CUSTOM_NO_COPY = 0x40000bad,
};
#define BLOCK_SECTION 0x0a0d0d0au
#define ORDER_MAGIC 0x1a2b3c4du

enum { OPTION_END = 0, OPTION_NAME = 2, OPTION_RESOLUTION = 9, OPTION_OFFSET = 14 };

#define BLOCK_MIN 12u
#define SECTION_MIN 28u
#define AGAIN (SIZE_MAX - 1) /* go on with the next block */

static inline uint16_t u16(struct wt_reader *r, bool is_be)
{
	return is_be ? wt_rd_u16be(r) : wt_rd_u16le(r);
}

static inline uint32_t u32(struct wt_reader *r, bool is_be)
{
	return is_be ? wt_rd_u32be(r) : wt_rd_u32le(r);
}

/* Resolutions: 10^-n, or 2^-n with the top bit (draft 4.2, if_tsresol). */
static void set_resolution(struct wt_ng_interface *i, uint8_t resolution, int64_t offset_s)
{
	unsigned n;

	i->resolution = resolution;
	i->offset_s = offset_s;
	i->ns_per_tick = 0;
	i->ticks_plain = 0;
	if (resolution > 9 || offset_s != 0)
		return;
	i->ns_per_tick = 1;
	for (n = resolution; n < 9; n++)
		i->ns_per_tick *= 10;
	i->ticks_plain = (uint64_t)INT64_MAX / i->ns_per_tick;
}

/* The long way: any resolution and offset, cut to 0..INT64_MAX. */
static uint64_t ns_slowly(const struct wt_ng_interface *i, uint64_t ticks)
{
	unsigned n = i->resolution & 0x7f;
	__int128 ns;

	if (i->resolution & 0x80) {
		ns = (__int128)((unsigned __int128)ticks * WT_NS_PER_S >> n);
	} else {
		ns = ticks;
		for (; n < 9; n++)
			ns *= 10;
		for (; n > 9 && ns != 0; n--)
			ns /= 10;
	}
	ns += (__int128)i->offset_s * (int64_t)WT_NS_PER_S;
	if (ns < 0)
		return 0;
	return ns > INT64_MAX ? (uint64_t)INT64_MAX : (uint64_t)ns;
}

static inline uint64_t ns_of(const struct wt_ng_interface *i, uint64_t ticks)
{
	return WT_LIKELY(ticks <= i->ticks_plain && i->ns_per_tick) ?
	       ticks * i->ns_per_tick : ns_slowly(i, ticks);
}

/* A block whose framing is sound but whose inside is not; it is passed over. */
static void block_damaged(struct wt_capture *c, const char *why)
{
	unsigned long long offset = wt_capture_offset(c);

	wt_capture_damaged(c, offset, "block at offset %llu %s", offset, why);
}

/* Ends the file at the block that the window begins with. */
static size_t bad_length(struct wt_capture *c, uint64_t at, uint32_t len, const char *why)
{
	wt_capture_damaged(c, at, "block at offset %llu claims %u bytes, %s; the rest of the "
			   "file is not read", (unsigned long long)at, len, why);
	return WT_READ_DONE;
}

static bool options(struct wt_reader *r, bool is_be, struct wt_ng_interface *i,
		    struct wt_slice *name)
{
	uint8_t resolution = 6;
	int64_t offset_s = 0;

	while (wt_rd_left(r)) {
		uint16_t code = u16(r, is_be), len = u16(r, is_be);
		struct wt_slice value = wt_rd_bytes(r, len);
		struct wt_reader v = wt_reader_of(value, WT_MALFORMED);

		wt_rd_skip(r, (4 - len % 4u) % 4u);
		if (r->err != WT_OK || code == OPTION_END)
			break;
		if (code == OPTION_NAME) {
			*name = value;
		} else if (code == OPTION_RESOLUTION && len == 1) {
			resolution = wt_rd_u8(&v);
		} else if (code == OPTION_OFFSET && len == 8) {
			uint64_t first = u32(&v, is_be), second = u32(&v, is_be);

			offset_s = (int64_t)(is_be ? first << 32 | second :
						     second << 32 | first);
		} else if (code == OPTION_RESOLUTION || code == OPTION_OFFSET) {
			wt_rd_fail(r, WT_MALFORMED);
		}
	}
	set_resolution(i, resolution, offset_s);
	return r->err == WT_OK;
}

static bool section_grow(struct wt_capture *c)
{
	uint32_t room = c->section_room ? c->section_room * 2 : 16;
	struct wt_ng_interface *more;

	if (c->n_section < c->section_room)
		return true;
	more = realloc(c->section, room * sizeof(*more));
	if (!more)
		return false;
	c->section = more;
	c->section_room = room;
	return true;
}

static void interface(struct wt_capture *c, struct wt_reader *r, bool is_be)
{
	struct wt_ng_interface i = { .link_type = u16(r, is_be) };
	struct wt_slice name = wt_slice_of(NULL, 0);

	wt_rd_skip(r, 2);
	i.snap_len = u32(r, is_be);
	i.is_broken = r->err != WT_OK; /* it still takes a number: later ones must fit */
	if (i.is_broken)
		block_damaged(c, "is too short to describe an interface");
	else if (!options(r, is_be, &i, &name))
		block_damaged(c, "describes an interface with broken options, of which what "
				 "is readable is used");
	if (c->n_section == WT_CAPTURE_SECTION_INTERFACES_MAX || !section_grow(c)) {
		block_damaged(c, "describes one interface more than there is room for and is "
				 "passed over");
		return;
	}
	if (!i.is_broken)
		i.interface = wt_capture_interface_of(c, name, i.link_type);
	c->section[c->n_section++] = i;
}

/* Enhanced packet block, or the obsolete one that differs in its first word. */
static inline __attribute__((always_inline)) void
packet(struct wt_capture *c, struct wt_batch *batch, struct wt_reader *r, bool is_be,
       bool is_obsolete)
{
	uint32_t index = is_obsolete ? u16(r, is_be) : u32(r, is_be);
	uint64_t high, low;
	uint32_t cap_len, wire_len;
	struct wt_slice bytes;
	const struct wt_ng_interface *i;

	if (is_obsolete)
		wt_rd_skip(r, 2); /* packets dropped */
	high = u32(r, is_be);
	low = u32(r, is_be);
	cap_len = u32(r, is_be);
	wire_len = u32(r, is_be);
	bytes = wt_rd_bytes(r, cap_len);
	if (WT_UNLIKELY(r->err != WT_OK)) {
		block_damaged(c, "is too short for the packet it should hold and is passed over");
	} else if (WT_UNLIKELY(cap_len > WT_CAPTURE_PACKET_MAX)) {
		block_damaged(c, "holds a packet longer than is allowed and is passed over");
	} else if (WT_UNLIKELY(index >= c->n_section || c->section[index].is_broken)) {
		block_damaged(c, "names an interface that is not described and is passed over");
	} else {
		i = &c->section[index];
		wt_capture_put(c, batch, bytes, wire_len, ns_of(i, high << 32 | low),
			       i->link_type, i->interface);
	}
}

/* Simple packet block: first interface, no time, no captured length. */
static void simple_packet(struct wt_capture *c, struct wt_batch *batch,
			  struct wt_reader *r, bool is_be)
{
	uint64_t ts_ns = batch->n ? batch->packet[batch->n - 1].ts_ns : c->last_ns;
	uint32_t wire_len = u32(r, is_be);
	uint32_t cap_len = wire_len;
	struct wt_slice bytes;

	if (c->n_section == 0 || c->section[0].is_broken) {
		block_damaged(c, "names an interface that is not described and is passed over");
		return;
	}
	if (c->section[0].snap_len && cap_len > c->section[0].snap_len)
		cap_len = c->section[0].snap_len;
	bytes = wt_rd_bytes(r, cap_len);
	if (r->err != WT_OK)
		block_damaged(c, "is too short for the packet it should hold and is passed over");
	else if (cap_len > WT_CAPTURE_PACKET_MAX)
		block_damaged(c, "holds a packet longer than is allowed and is passed over");
	else
		wt_capture_put(c, batch, bytes, wire_len, ts_ns, c->section[0].link_type,
			       c->section[0].interface);
}

/* A section begins: everything known of interfaces and byte order ends. */
static size_t section(struct wt_capture *c)
{
	uint64_t at = wt_capture_offset(c);
	struct wt_reader r = wt_reader_of(c->window, WT_MORE), be, le;
	uint32_t len, order_be, order_le;
	bool is_be;

	wt_rd_skip(&r, 8);
	be = r;
	le = r;
	order_be = wt_rd_u32be(&be);
	order_le = wt_rd_u32le(&le);
	if (be.err != WT_OK)
		return BLOCK_MIN;
	is_be = order_be == ORDER_MAGIC;
	if (!is_be && order_le != ORDER_MAGIC) {
		wt_capture_damaged(c, at, "section at offset %llu has no valid byte order; the "
				   "rest of the file is not read", (unsigned long long)at);
		return WT_READ_DONE;
	}
	r = wt_reader_of(c->window, WT_MORE);
	wt_rd_skip(&r, 4);
	len = u32(&r, is_be);
	if (len < SECTION_MIN || len % 4)
		return bad_length(c, at, len, "which no section can have");
	if (len > WT_CAPTURE_BLOCK_MAX)
		return bad_length(c, at, len, "more than is allowed for a section");
	if (c->window.len < len)
		return len;
	wt_rd_skip(&r, 4);
	if (u16(&r, is_be) != 1) {
		wt_capture_damaged(c, at, "section at offset %llu is of an unknown version of "
				   "pcapng; the rest of the file is not read",
				   (unsigned long long)at);
		return WT_READ_DONE;
	}
	wt_rd_skip(&r, len - 18);
	if (u32(&r, is_be) != len)
		return bad_length(c, at, len, "which its end contradicts");
	c->window = wt_rd_peek(&r);
	c->is_big_endian = is_be;
	c->n_section = 0;
	return AGAIN;
}

/* Goes on passing over a block; its first eight bytes are consumed. */
static size_t pass(struct wt_capture *c)
{
	size_t len = c->block_left < c->window.len ? c->block_left : c->window.len;
	struct wt_reader r;
	uint32_t trailer;

	c->window = wt_slice_tail(c->window, len);
	c->block_left -= (uint32_t)len;
	if (c->block_left)
		return 1;
	r = wt_reader_of(c->window, WT_MORE);
	trailer = u32(&r, c->is_big_endian);
	if (r.err != WT_OK)
		return 4;
	if (trailer != c->block_len)
		return bad_length(c, c->block_offset, c->block_len, "which its end contradicts");
	c->window = wt_rd_peek(&r);
	c->block_len = 0;
	c->result[c->file].blocks_passed++;
	return AGAIN;
}

static size_t begin_pass(struct wt_capture *c, uint32_t type, uint32_t len)
{
	switch (type) {
	case BLOCK_NAMES:
	case BLOCK_STATISTICS:
	case BLOCK_JOURNAL:
	case BLOCK_SECRETS:
	case BLOCK_CUSTOM:
	case BLOCK_CUSTOM_NO_COPY:
		break;
	default:
		if (c->counters)
			wt_count(c->counters, WT_C_CAPTURE_BLOCKS_UNKNOWN);
	}
	c->block_offset = wt_capture_offset(c);
	c->block_len = len;
	c->block_left = len - BLOCK_MIN;
	c->window = wt_slice_tail(c->window, 8);
	return AGAIN;
}

/* One block of a section, inlined once per byte order. */
static inline __attribute__((always_inline)) size_t
block(struct wt_capture *c, struct wt_batch *batch, const bool is_be)
{
	struct wt_reader r = wt_reader_of(c->window, WT_MORE), body;
	uint32_t type = u32(&r, is_be), len = u32(&r, is_be), trailer;

	if (WT_UNLIKELY(c->block_len))
		return pass(c);
	if (WT_UNLIKELY(r.err != WT_OK))
		return 8;
	if (WT_UNLIKELY(type == BLOCK_SECTION))
		return section(c);
	if (WT_UNLIKELY(len < BLOCK_MIN || len % 4))
		return bad_length(c, wt_capture_offset(c), len, "which no block can have");
	if (WT_UNLIKELY(type != BLOCK_PACKET && type != BLOCK_PACKET_OBSOLETE &&
			type != BLOCK_PACKET_SIMPLE && type != BLOCK_INTERFACE))
		return begin_pass(c, type, len);
	if (WT_UNLIKELY(len > WT_CAPTURE_BLOCK_MAX))
		return bad_length(c, wt_capture_offset(c), len, "more than is allowed");
	body = wt_rd_box(&r, len - BLOCK_MIN);
	trailer = u32(&r, is_be);
	if (WT_UNLIKELY(r.err != WT_OK))
		return len;
	if (WT_UNLIKELY(trailer != len))
		return bad_length(c, wt_capture_offset(c), len, "which its end contradicts");
	if (WT_LIKELY(type == BLOCK_PACKET))
		packet(c, batch, &body, is_be, false);
	else if (type == BLOCK_PACKET_OBSOLETE)
		packet(c, batch, &body, is_be, true);
	else if (type == BLOCK_PACKET_SIMPLE)
		simple_packet(c, batch, &body, is_be);
	else
		interface(c, &body, is_be);
	c->window = wt_rd_peek(&r);
	return AGAIN;
}

static size_t read_blocks(struct wt_capture *c, struct wt_batch *batch)
{
	size_t how = AGAIN;

	while (how == AGAIN) {
		if (batch->n == WT_BATCH)
			return WT_READ_FULL;
		how = c->is_big_endian ? block(c, batch, true) : block(c, batch, false);
	}
	return how;
}

static void end(struct wt_capture *c)
{
	unsigned long long offset = wt_capture_offset(c);

	if (c->block_len)
		wt_capture_damaged(c, c->block_offset,
			"the file was cut: the block at offset %llu claims %u bytes, which are "
			"not all there", (unsigned long long)c->block_offset, c->block_len);
	else if (c->window.len)
		wt_capture_damaged(c, offset,
			"the file was cut: of the block at offset %llu only %zu bytes are there",
			offset, c->window.len);
}

bool wt_pcapng_is(struct wt_slice head)
{
	struct wt_reader r = wt_reader_of(head, WT_MORE);

	return wt_rd_u32be(&r) == BLOCK_SECTION;
}

void wt_pcapng_begin(struct wt_capture *c)
{
	c->n_section = 0;
	c->block_len = 0;
	c->is_big_endian = false; /* the type of a section reads the same in both */
	c->read = read_blocks;
	c->end = end;
}
