/* The texts of the field dictionary as they stand in a line of events.jsonl, made once:
 * writing a value then needs no search in its name.
 *
 * Source: the registry. Trust: our own tables. Memory: a few hundred bytes per field,
 * reserved by wt_columns_new. */
#ifndef EXPORT_COLUMNS_H
#define EXPORT_COLUMNS_H

#include "wardtap/event.h"

/* A text with the comma before it. WT_TEXT_SPARE bytes behind any text may be read, so
 * that short ones are copied without a call. */
struct wt_text {
	const uint8_t *ptr;
	size_t len;
};
#define WT_TEXT_SPARE 32u

/* One field. */
struct wt_column {
	struct wt_text object;  /* ,"hl7":{  the same pointer for all of one object;
				 * NULL: the name has no dot, no object */
	struct wt_text key;     /* ,"version": */
	struct wt_text present; /* ,"version_present": */
	enum wt_field_type type;
	bool is_list;
};

struct wt_columns;

struct wt_columns *wt_columns_new(void);
void wt_columns_free(struct wt_columns *columns);

/* Most columns that any owner has; at least 1. */
unsigned wt_columns_most(const struct wt_columns *columns);

/* The longest text. */
size_t wt_columns_text_max(const struct wt_columns *columns);

/* Columns of an owner by wt_field_index (thus in the order of ids), and their number. */
const struct wt_column *wt_columns_of(const struct wt_columns *columns, unsigned owner,
				      unsigned *n);

/* ,"event_type":"hl7" */
struct wt_text wt_columns_event(const struct wt_columns *columns, unsigned owner,
				unsigned type);

/* Copies a text to where its length and WT_TEXT_SPARE bytes are free. */
static inline uint8_t *wt_text_put(uint8_t *at, struct wt_text text)
{
	memcpy(at, text.ptr, WT_TEXT_SPARE);
	if (text.len > WT_TEXT_SPARE)
		memcpy(at + WT_TEXT_SPARE, text.ptr + WT_TEXT_SPARE, text.len - WT_TEXT_SPARE);
	return at + text.len;
}

#endif
