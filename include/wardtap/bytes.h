/* Slices, the bounded reader and the bounded builder.
 *
 * Every byte from the wire is read through wt_rd_*; no parser of this project
 * indexes hostile memory itself. The rules (measured against CBS of BoringSSL and
 * the cursors of Knot DNS and s2n):
 *  - pointer and count, never pointer and end;
 *  - a read returns the value, or zero after failure; the error is sticky, so a
 *    parser reads straight down and looks at `err` once, before it uses or emits
 *    anything;
 *  - after an error nothing is left, so loops over wt_rd_left() end;
 *  - the reader knows what running out means (`on_short`): WT_MORE in a stream,
 *    WT_CLIPPED in a datagram cut by the snap length, WT_MALFORMED in a box. */
#ifndef WARDTAP_BYTES_H
#define WARDTAP_BYTES_H

#include <string.h>

#include "wardtap/types.h"

/* Borrowed bytes. Valid as long as their owner says; never NUL-terminated. */
struct wt_slice {
	const uint8_t *ptr;
	size_t len;
};

struct wt_reader {
	const uint8_t *ptr;
	size_t left;
	enum wt_verdict err;      /* WT_OK until a read failed */
	enum wt_verdict on_short; /* what running out means here */
};

static inline struct wt_slice wt_slice_of(const void *ptr, size_t len)
{
	return (struct wt_slice){ .ptr = (const uint8_t *)ptr, .len = len };
}

/* A slice of a string literal, without its NUL. */
#define WT_LIT(text) wt_slice_of((text), sizeof(text) - 1)

static inline bool wt_slice_equal(struct wt_slice a, struct wt_slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool wt_slice_starts(struct wt_slice s, struct wt_slice prefix)
{
	return s.len >= prefix.len &&
	       (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

/* The first `len` bytes, or fewer where the slice is shorter. */
static inline struct wt_slice wt_slice_head(struct wt_slice s, size_t len)
{
	return wt_slice_of(s.ptr, s.len < len ? s.len : len);
}

/* What follows the first `len` bytes; empty where there is nothing. */
static inline struct wt_slice wt_slice_tail(struct wt_slice s, size_t len)
{
	return len >= s.len ? wt_slice_of(NULL, 0) : wt_slice_of(s.ptr + len, s.len - len);
}

/* Offset of the first `byte`, or s.len where there is none. */
static inline size_t wt_slice_find(struct wt_slice s, uint8_t byte)
{
	const void *hit = s.len ? memchr(s.ptr, byte, s.len) : NULL;

	return hit ? (size_t)((const uint8_t *)hit - s.ptr) : s.len;
}

/* Offset of the first byte that is one of four, or s.len. Where there are fewer, one
 * is given twice. */
size_t wt_slice_find_any(struct wt_slice s, const uint8_t any[4]);

/* Offset of the first byte that is not above `max`, or s.len. */
size_t wt_slice_find_low(struct wt_slice s, uint8_t max);

/* The parts of `s` between the bytes `by`: their number, one more than there are such
 * bytes; max + 1 when there are more than `max`, the first of which are in `part`. The
 * part behind a last `by` is NULL. */
size_t wt_slice_split(struct wt_slice s, uint8_t by, struct wt_slice *part, size_t max);

/* Offset of the first occurrence of `needle` (1 byte or more), or s.len. */
size_t wt_slice_search(struct wt_slice s, struct wt_slice needle);

/* Without the given byte at both ends. */
struct wt_slice wt_slice_trim(struct wt_slice s, uint8_t byte);

/* Decimal digits only, the whole slice, at most UINT64_MAX; false otherwise. */
bool wt_slice_to_u64(struct wt_slice s, uint64_t *value);

/* Optional sign, digits, optional point and digits ("12.5", "-.3"), the whole
 * slice, into millionths; further decimals are cut off. False when the text is no
 * such number or leaves the range of int64_t. */
bool wt_slice_to_decimal(struct wt_slice s, int64_t *millionths);

static inline struct wt_reader wt_reader_of(struct wt_slice s, enum wt_verdict on_short)
{
	return (struct wt_reader){
		.ptr = s.ptr, .left = s.len, .err = WT_OK, .on_short = on_short
	};
}

static inline size_t wt_rd_left(const struct wt_reader *r)
{
	return r->left;
}

/* Marks the reader as failed; the first reason stays. */
static inline void wt_rd_fail(struct wt_reader *r, enum wt_verdict why)
{
	if (r->err == WT_OK)
		r->err = why;
	r->left = 0;
}

/* Takes `len` bytes, or fails and gives NULL. Base of all other reads. */
static inline const uint8_t *wt_rd_take(struct wt_reader *r, size_t len)
{
	const uint8_t *at = r->ptr;

	if (WT_UNLIKELY(len > r->left)) {
		wt_rd_fail(r, r->on_short);
		return NULL;
	}
	if (len == 0)
		return NULL;
	r->ptr += len;
	r->left -= len;
	return at;
}

/* The next `len` bytes as a slice; empty after failure (look at err). */
static inline struct wt_slice wt_rd_bytes(struct wt_reader *r, size_t len)
{
	const uint8_t *at = wt_rd_take(r, len);

	return wt_slice_of(at, at ? len : 0);
}

static inline void wt_rd_skip(struct wt_reader *r, size_t len)
{
	(void)wt_rd_take(r, len);
}

static inline uint8_t wt_rd_u8(struct wt_reader *r)
{
	const uint8_t *at = wt_rd_take(r, 1);

	return at ? at[0] : 0;
}

static inline uint16_t wt_rd_u16be(struct wt_reader *r)
{
	const uint8_t *at = wt_rd_take(r, 2);

	return at ? (uint16_t)((uint16_t)at[0] << 8 | at[1]) : 0;
}

static inline uint16_t wt_rd_u16le(struct wt_reader *r)
{
	const uint8_t *at = wt_rd_take(r, 2);

	return at ? (uint16_t)((uint16_t)at[1] << 8 | at[0]) : 0;
}

static inline uint32_t wt_rd_u32be(struct wt_reader *r)
{
	const uint8_t *at = wt_rd_take(r, 4);

	return at ? (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	            (uint32_t)at[2] << 8 | at[3] : 0;
}

static inline uint32_t wt_rd_u32le(struct wt_reader *r)
{
	const uint8_t *at = wt_rd_take(r, 4);

	return at ? (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 |
	            (uint32_t)at[1] << 8 | at[0] : 0;
}

static inline uint64_t wt_rd_u64be(struct wt_reader *r)
{
	uint64_t high = wt_rd_u32be(r);

	return high << 32 | wt_rd_u32be(r);
}

/* Everything that is left, consumed. */
static inline struct wt_slice wt_rd_rest(struct wt_reader *r)
{
	return wt_rd_bytes(r, r->left);
}

/* Everything that is left, not consumed. */
static inline struct wt_slice wt_rd_peek(const struct wt_reader *r)
{
	return wt_slice_of(r->ptr, r->left);
}

/* Bytes up to (without) the next `byte`, which is consumed too. Runs out when
 * there is none. */
static inline struct wt_slice wt_rd_until(struct wt_reader *r, uint8_t byte)
{
	size_t at = wt_slice_find(wt_rd_peek(r), byte);
	struct wt_slice found;

	if (at == r->left) {
		wt_rd_fail(r, r->on_short);
		return wt_slice_of(NULL, 0);
	}
	found = wt_slice_of(r->ptr, at);
	wt_rd_skip(r, at + 1);
	return found;
}

/* A child over the next `len` bytes, which leave the parent. Inside it, running
 * out is WT_MALFORMED: a length lied. */
static inline struct wt_reader wt_rd_box(struct wt_reader *r, size_t len)
{
	struct wt_slice body = wt_rd_bytes(r, len);
	struct wt_reader box = wt_reader_of(body, WT_MALFORMED);

	if (r->err != WT_OK)
		wt_rd_fail(&box, r->err);
	return box;
}

/* Ends a box: its error, or left-over bytes (WT_MALFORMED), fail the parent. */
static inline void wt_rd_close(struct wt_reader *r, struct wt_reader *box)
{
	if (box->err != WT_OK)
		wt_rd_fail(r, box->err);
	else if (box->left != 0)
		wt_rd_fail(r, WT_MALFORMED);
}

/* Ends a box whose tail is knowingly not read. */
static inline void wt_rd_skip_rest(struct wt_reader *r, struct wt_reader *box)
{
	if (box->err != WT_OK)
		wt_rd_fail(r, box->err);
	box->left = 0;
}

/* Bounded output over memory that the caller owns. Writes past the end set
 * `is_short` and write nothing; `len` is what was written. */
struct wt_builder {
	uint8_t *ptr;
	size_t cap;
	size_t len;
	bool is_short;
};

static inline struct wt_builder wt_builder_of(void *ptr, size_t cap)
{
	return (struct wt_builder){ .ptr = (uint8_t *)ptr, .cap = cap };
}

static inline void wt_bld_bytes(struct wt_builder *b, struct wt_slice s)
{
	if (b->is_short || s.len > b->cap - b->len) {
		b->is_short = true;
		return;
	}
	if (s.len)
		memcpy(b->ptr + b->len, s.ptr, s.len);
	b->len += s.len;
}

static inline void wt_bld_u8(struct wt_builder *b, uint8_t value)
{
	wt_bld_bytes(b, wt_slice_of(&value, 1));
}

static inline void wt_bld_char(struct wt_builder *b, char value)
{
	wt_bld_bytes(b, wt_slice_of(&value, 1));
}

static inline void wt_bld_text(struct wt_builder *b, const char *text)
{
	wt_bld_bytes(b, wt_slice_of(text, strlen(text)));
}

/* Decimal digits of `value`. */
void wt_bld_u64(struct wt_builder *b, uint64_t value);

/* Base64 with padding. Source: RFC 4648 4. */
void wt_bld_base64(struct wt_builder *b, struct wt_slice s);

static inline struct wt_slice wt_bld_slice(const struct wt_builder *b)
{
	return wt_slice_of(b->ptr, b->len);
}

#endif
