/* Records of pcap files.
 *
 * Source: draft-ietf-opsawg-pcap-03 (file header, record header, link type with FCS
 * bits); the magic a1b2cd34 and its 24-byte record header are those of Kuznetzov's
 * libpcap patch; files up to version 2.3 may hold the two lengths in the other order
 * (both observed by the authors of libpcap, and stated in its manual pages).
 *
 *   file:   magic 4, major 2, minor 2, zone 4, accuracy 4, snap length 4, link type 4
 *   record: seconds 4, fraction 4, captured 4, on the wire 4, bytes
 *
 * There is no way to find the next record after a bad one: lengths are the only
 * framing and any bytes may look like a header. So a bad length ends the file.
 *
 * Trust: everything. The header's snap length is a claim and not used.
 * Memory: none. */
#include "capture/reader.h"

#define MAGIC_US 0xa1b2c3d4u
#define MAGIC_NS 0xa1b23c4du
#define MAGIC_KUZNETZOV 0xa1b2cd34u
#define RECORD_HEADER 16u
#define RECORD_HEADER_KUZNETZOV 24u

static bool is_magic(uint32_t magic)
{
	return magic == MAGIC_US || magic == MAGIC_NS || magic == MAGIC_KUZNETZOV;
}

bool wt_pcap_is(struct wt_slice head)
{
	struct wt_reader be = wt_reader_of(head, WT_MORE), le = be;

	return is_magic(wt_rd_u32be(&be)) || is_magic(wt_rd_u32le(&le));
}

static inline uint32_t u32(struct wt_reader *r, bool is_big_endian)
{
	return is_big_endian ? wt_rd_u32be(r) : wt_rd_u32le(r);
}

/* Inlined once per byte order. */
static inline __attribute__((always_inline)) size_t
records(struct wt_capture *c, struct wt_batch *batch, const bool is_be)
{
	const uint32_t head_len = c->head_len;
	struct wt_reader r = wt_reader_of(c->window, WT_MORE);

	while (batch->n < WT_BATCH) {
		struct wt_reader head = wt_rd_box(&r, head_len);
		uint64_t seconds = u32(&head, is_be);
		uint64_t fraction = u32(&head, is_be);
		uint32_t cap_len = u32(&head, is_be);
		uint32_t wire_len = u32(&head, is_be);
		struct wt_slice bytes;

		if (WT_UNLIKELY(r.err != WT_OK))
			return head_len;
		if (WT_UNLIKELY(cap_len > wire_len && c->has_swapped_lengths)) {
			uint32_t swap = cap_len;

			cap_len = wire_len;
			wire_len = swap;
		}
		if (WT_UNLIKELY(cap_len > WT_CAPTURE_PACKET_MAX)) {
			wt_capture_damaged(c, wt_capture_offset(c),
				"packet record at offset %llu claims %u bytes, at most %u are "
				"allowed; the rest of the file is not read",
				(unsigned long long)wt_capture_offset(c), cap_len,
				WT_CAPTURE_PACKET_MAX);
			return WT_READ_DONE;
		}
		bytes = wt_rd_bytes(&r, cap_len);
		if (WT_UNLIKELY(r.err != WT_OK))
			return head_len + cap_len;
		c->window = wt_rd_peek(&r);
		wt_capture_put(c, batch, bytes, wire_len,
			       seconds * WT_NS_PER_S + fraction * c->ns_per_unit,
			       c->link_type, c->interface);
	}
	return WT_READ_FULL;
}

static size_t read_be(struct wt_capture *c, struct wt_batch *batch)
{
	return records(c, batch, true);
}

static size_t read_le(struct wt_capture *c, struct wt_batch *batch)
{
	return records(c, batch, false);
}

static void end(struct wt_capture *c)
{
	unsigned long long offset = wt_capture_offset(c);

	if (c->window.len == 0)
		return;
	if (c->window.len < c->head_len)
		wt_capture_damaged(c, offset,
			"the file was cut: of the packet header at offset %llu only %zu of "
			"%u bytes are there", offset, c->window.len, c->head_len);
	else
		wt_capture_damaged(c, offset,
			"the file was cut: of the packet record at offset %llu only %zu bytes "
			"are there", offset, c->window.len);
}

bool wt_pcap_begin(struct wt_capture *c)
{
	struct wt_reader r = wt_reader_of(c->window, WT_MORE), peek = r;
	bool is_be = is_magic(wt_rd_u32be(&peek));
	uint32_t magic = u32(&r, is_be);
	uint16_t major = is_be ? wt_rd_u16be(&r) : wt_rd_u16le(&r);
	uint16_t minor = is_be ? wt_rd_u16be(&r) : wt_rd_u16le(&r);

	wt_rd_skip(&r, 12);
	/* The upper half holds the length of frame check sequences and reserved bits. */
	c->link_type = (uint16_t)u32(&r, is_be);
	if (r.err != WT_OK) {
		wt_capture_damaged(c, 0, "the file was cut: only %zu of the %u bytes of the "
				   "pcap header are there", c->window.len, WT_PCAP_HEADER);
		return false;
	}
	if (major != 2) {
		wt_capture_damaged(c, 4, "version %u.%u of the pcap format is not known, "
				   "only 2.x is", major, minor);
		return false;
	}
	c->window = wt_rd_peek(&r);
	c->head_len = magic == MAGIC_KUZNETZOV ? RECORD_HEADER_KUZNETZOV : RECORD_HEADER;
	c->ns_per_unit = magic == MAGIC_NS ? 1 : 1000;
	c->has_swapped_lengths = minor <= 3;
	c->interface = wt_capture_interface_of(c, wt_slice_of(NULL, 0), c->link_type);
	c->read = is_be ? read_be : read_le;
	c->end = end;
	return true;
}
