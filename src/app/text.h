/* Text for people: escaped, cut and padded to columns of a terminal. */
#ifndef APP_TEXT_H
#define APP_TEXT_H

#include <stdio.h>

#include "wardtap/bytes.h"

/* Prints the text with hostile bytes escaped (json.h), in exactly `width` columns:
 * cut with '~' where it is longer, padded where shorter. Characters that terminals
 * show twice as wide count twice. */
void wt_text_column(FILE *out, struct wt_slice text, unsigned width);

/* The same without padding, and cut only at `most` columns. */
void wt_text_put(FILE *out, struct wt_slice text, unsigned most);

/* Columns that the escaped text takes. */
unsigned wt_text_width(struct wt_slice text);

/* Prints a paragraph (no hostile bytes in it) in lines of up to `width` columns, each
 * after `indent` spaces; the first is begun already at column `at`. */
void wt_text_wrap(FILE *out, const char *text, unsigned indent, unsigned at, unsigned width);

/* "2026-11-21 09:26:46", UTC; WT_TEXT_TIME bytes with the NUL. */
#define WT_TEXT_TIME 20
const char *wt_text_time(uint64_t ns, char text[WT_TEXT_TIME]);

/* "1.2 MiB", 9 columns at most. */
#define WT_TEXT_BYTES 12
const char *wt_text_bytes(uint64_t bytes, char text[WT_TEXT_BYTES]);

/* A word of the tables as people read it: "infusion_pump" as "infusion pump". */
const char *wt_text_word(const char *word, char *text, size_t size);

#endif
