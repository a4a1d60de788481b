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

/* The escaped text without quotes, into a builder (for messages to people). */
void wt_bld_escaped(struct wt_builder *b, struct wt_slice value);

#endif
