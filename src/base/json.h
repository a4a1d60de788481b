/* Append-only JSON encoder into a bounded builder. Output is always valid JSON and
 * valid UTF-8, whatever the bytes:
 *  - bytes that are not valid UTF-8 become the text \xHH (one backslash, as the
 *    reader sees it), and a backslash that stands before an x becomes \x5c, so the
 *    exact bytes can be told from the text;
 *  - control characters (C0, DEL, C1), line and paragraph separators and bidirectional
 *    controls are written as JSON \u escapes, so a file can be shown on a terminal. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "wardtap/bytes.h"

struct wt_json {
	struct wt_builder out;
	bool needs_comma;
};

static inline struct wt_json wt_json_of(void *ptr, size_t cap)
{
	return (struct wt_json){ .out = wt_builder_of(ptr, cap) };
}

void wt_json_open(struct wt_json *j, char bracket);  /* '{' or '[' */
void wt_json_close(struct wt_json *j, char bracket); /* '}' or ']' */
void wt_json_key(struct wt_json *j, const char *name);
void wt_json_string(struct wt_json *j, struct wt_slice value);
void wt_json_text(struct wt_json *j, const char *value);
void wt_json_u64(struct wt_json *j, uint64_t value);
void wt_json_i64(struct wt_json *j, int64_t value);
void wt_json_bool(struct wt_json *j, bool value);

/* Millionths as a decimal number without trailing zeros. */
void wt_json_decimal(struct wt_json *j, int64_t millionths);

/* Nanoseconds since 1970 as "2026-11-21T09:15:00.123456+0000" (microseconds, as
 * EVE has it). Years beyond 9999 cannot occur in 64 bits of nanoseconds. */
void wt_json_time(struct wt_json *j, uint64_t ns);

/* The same time without quotes, into a builder. */
void wt_bld_time(struct wt_builder *b, uint64_t ns);
#define WT_TIME_LEN 31 /* bytes of it, always */

/* The escaped text without quotes, into a builder (for messages to people). */
void wt_bld_escaped(struct wt_builder *b, struct wt_slice value);

/* Bytes of the well-formed UTF-8 sequence that `s` (not empty) begins with (RFC 3629 4),
 * 0 when there is none; its code point in *point. */
WT_MUST_USE size_t wt_utf8_sequence(struct wt_slice s, uint32_t *point);

/* Characters that could deceive a terminal or a reader: those that are escaped. */
WT_MUST_USE bool wt_point_is_unsafe(uint32_t point);

/* Reserve, then write: for writers of many small values, which look at the bound
 * once per value. wt_bld_reserve gives the place of the next `most` bytes, or sets
 * is_short and gives NULL; the wt_raw_* below write there and give the new end, which
 * wt_bld_commit takes over. Each says how many bytes it may touch at most. */
static inline uint8_t *wt_bld_reserve(struct wt_builder *b, size_t most)
{
	if (WT_UNLIKELY(b->is_short || most > b->cap - b->len)) {
		b->is_short = true;
		return NULL;
	}
	return b->ptr + b->len;
}

static inline void wt_bld_commit(struct wt_builder *b, const uint8_t *end)
{
	if (!WT_BUG_ON(end < b->ptr + b->len || end > b->ptr + b->cap))
		b->len = (size_t)(end - b->ptr);
}

/* Decimal digits: touches at most WT_RAW_U64_MAX bytes. */
uint8_t *wt_raw_u64(uint8_t *at, uint64_t value);
#define WT_RAW_U64_MAX 20u

/* The escaped text without quotes: touches at most WT_RAW_ESCAPED_MAX(len) bytes. */
uint8_t *wt_raw_escaped(uint8_t *at, struct wt_slice value);
#define WT_RAW_ESCAPED_MAX(len) (6u * (size_t)(len))

/* Seconds rendered lately, so that a time costs only its microseconds. Zeroed: empty. */
#define WT_TIME_SLOTS 64u
struct wt_time_cache {
	struct {
		uint64_t after; /* the second that ends this one; 0: slot is empty */
		uint8_t text[20]; /* up to the point */
	} slot[WT_TIME_SLOTS];
};

/* As wt_bld_time: touches WT_TIME_LEN bytes. */
uint8_t *wt_raw_time(struct wt_time_cache *cache, uint8_t *at, uint64_t ns);

#endif
