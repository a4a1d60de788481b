/* Bytes that dissectors or probes have looked at, kept for a while in one ring per
 * shard, so that a retransmission with another content is noticed. Bulk data that
 * was skipped unread is not kept: nobody drew a conclusion from it.
 * Trust: contents are hostile, positions are ours. Memory: the ring. */
#include "flow/shard.h"

/* Entry header in the ring; its bytes follow, padded to 16. Positions are counted in
 * 16-byte units so that 32 bits reach over 64 GiB; a position that is older than
 * that is told by id and direction. */
struct entry {
	uint64_t offset;  /* in the stream: numbers alone come round after 4 GiB */
	uint32_t flow_id; /* low bits */
	uint32_t len;
	uint32_t prev;    /* older entry of the same direction, 0: none */
	uint32_t dir;
	uint32_t reserved[2];
};

#define UNIT 16u
#define ENTRY_MAX 16384u /* longer segments are kept in part */

static void ring_write(struct wt_retained *r, uint64_t at, const void *from, size_t len)
{
	size_t pos = (size_t)(at & (r->size - 1));
	size_t first = r->size - pos < len ? r->size - pos : len;

	memcpy(r->ring + pos, from, first);
	memcpy(r->ring, (const uint8_t *)from + first, len - first);
}

static void ring_read(const struct wt_retained *r, uint64_t at, void *into, size_t len)
{
	size_t pos = (size_t)(at & (r->size - 1));
	size_t first = r->size - pos < len ? r->size - pos : len;

	memcpy(into, r->ring + pos, first);
	memcpy((uint8_t *)into + first, r->ring, len - first);
}

static bool ring_equal(const struct wt_retained *r, uint64_t at, const uint8_t *bytes,
		       size_t len)
{
	size_t pos = (size_t)(at & (r->size - 1));
	size_t first = r->size - pos < len ? r->size - pos : len;

	return memcmp(r->ring + pos, bytes, first) == 0 &&
	       memcmp(r->ring, bytes + first, len - first) == 0;
}

/* Of a number that lies at or before the next one expected. Wraps below the start of
 * the stream, which meets no entry. */
static uint64_t offset_of(const struct wt_shard *sh, const struct wt_flow *f,
			  enum wt_direction dir, uint32_t seq)
{
	const struct wt_stream *s = &sh->stream[f - sh->flow];

	return wt_stream_span(f, s, dir) - (s->dir[dir].next_seq - seq);
}

void wt_retain(struct wt_shard *sh, const struct wt_flow *f, struct wt_stream_dir *d,
	       enum wt_direction dir, uint32_t seq, struct wt_slice bytes)
{
	struct wt_retained *r = &sh->retained;	struct entry e = { .flow_id = (uint32_t)f->id, .prev = d->retained,
			   .offset = offset_of(sh, f, dir, seq), .dir = (uint32_t)dir };

	bytes = wt_slice_head(bytes, r->size / 4 < ENTRY_MAX ? r->size / 4 : ENTRY_MAX);
e.len = (uint32_t)bytes.len;
	if (r->at == 0)
		r->at = UNIT; /* position 0 means none */
	ring_write(r, r->at, &e, sizeof(e));
	ring_write(r, r->at + sizeof(e), bytes.ptr, bytes.len);
	d->retained = (uint32_t)(r->at / UNIT);
	r->at += (sizeof(e) + bytes.len + UNIT - 1) / UNIT * UNIT;
}

/* Full position of a 32-bit one, or false when its entry has been overwritten. */
static bool position(const struct wt_retained *r, uint32_t stored, uint64_t *at)
{
	uint64_t newest = r->at / UNIT;
	uint64_t unit = (newest & ~(uint64_t)UINT32_MAX) | stored;

	if (stored == 0)
		return false;
	if (unit >= newest) {
		if (unit < (uint64_t)1 << 32)
			return false;
		unit -= (uint64_t)1 << 32;
	}
	*at = unit * UNIT;
	return r->at - *at <= r->size;
}

/* Compares one entry with the segment; bytes compared, or 0 when they do not meet. */
static uint32_t compare_entry(const struct wt_retained *r, uint64_t at, const struct entry *e,
			      uint64_t offset, struct wt_slice bytes, bool *differs)
{
	int64_t lead = (int64_t)(offset - e->offset);
	uint64_t from_entry = lead > 0 ? (uint64_t)lead : 0;
	uint64_t from_bytes = lead < 0 ? 0 - (uint64_t)lead : 0;
	uint32_t n;
if (from_entry >= e->len || from_bytes >= bytes.len)
		return 0;
	n = e->len - (uint32_t)from_entry;
	if (n > bytes.len - from_bytes)
		n = (uint32_t)(bytes.len - from_bytes);
	if (!ring_equal(r, at + sizeof(*e) + from_entry, bytes.ptr + from_bytes, n))
		*differs = true;
	return n;
}

enum wt_retained_verdict wt_retained_compare(const struct wt_shard *sh,
					     const struct wt_flow *f,
					     const struct wt_stream_dir *d,
					     enum wt_direction dir, uint32_t seq,
					     struct wt_slice bytes, uint32_t *n_unknown)
{
	const struct wt_retained *r = &sh->retained;
	uint32_t stored = d->retained, n_compared = 0;
	uint64_t offset = offset_of(sh, f, dir, seq);
bool differs = false;
	unsigned steps;
	uint64_t at;

	/* Retransmissions repeat recent bytes; a bound keeps forged ones cheap. */
	for (steps = 0; steps < 64 && position(r, stored, &at); steps++) {
		struct entry e;

		ring_read(r, at, &e, sizeof(e));
		if (e.flow_id != (uint32_t)f->id || e.dir != (uint32_t)dir)
			break;
		n_compared += compare_entry(r, at, &e, offset, bytes, &differs);
		if (n_compared >= bytes.len)
			break;
		stored = e.prev;
	}
	*n_unknown = n_compared < bytes.len ? (uint32_t)bytes.len - n_compared : 0;
	if (differs)
		return WT_RETAINED_DIFFERS;
	return *n_unknown ? WT_RETAINED_UNKNOWN : WT_RETAINED_SAME;
}
