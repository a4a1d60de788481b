/* Comma-separated values, written and read.
 *
 * Written: RFC 4180 with Unix line endings; texts escaped as in JSON strings (json.h),
 * so no control byte leaves; a cell that a spreadsheet would take for a formula
 * (begins with = + - @) gets an apostrophe in front (OWASP, "CSV Injection").
 * Read: RFC 4180 with the usual liberties: a byte order mark, LF or CRLF, ';' or tab
 * instead of the comma, UTF-8 or (where it is not valid) ISO 8859-1.
 * Trust: files of the operator, names of the wire. Memory: the file twice. */
#ifndef APP_CSV_H
#define APP_CSV_H

#include <stdio.h>

#include "wardtap/bytes.h"

/* ---- writing: cells of a line, then its end ---- */

struct wt_csv {
	FILE *out;
	bool has_cell; /* in this line */
};

void wt_csv_cell(struct wt_csv *csv, struct wt_slice text);
void wt_csv_text(struct wt_csv *csv, const char *text);
void wt_csv_number(struct wt_csv *csv, uint64_t number);
void wt_csv_end(struct wt_csv *csv);

/* ---- reading ---- */

#define WT_CSV_FILE_MAX 67108864u
#define WT_CSV_COLUMNS_MAX 256u

struct wt_csv_file;

/* NULL with the reason in `why`. Owned by the caller. */
WT_MUST_USE struct wt_csv_file *wt_csv_open(const char *path, char *why, size_t size);
WT_MUST_USE struct wt_csv_file *wt_csv_parse(struct wt_slice text, char *why, size_t size);
void wt_csv_close(struct wt_csv_file *file);

size_t wt_csv_n_rows(const struct wt_csv_file *file); /* the header is row 0 */
unsigned wt_csv_n_cells(const struct wt_csv_file *file, size_t row);
/* Without spaces around; empty where there is none. Borrowed. */
struct wt_slice wt_csv_at(const struct wt_csv_file *file, size_t row, unsigned column);
/* Line of the file on which the row begins, from 1. */
size_t wt_csv_line(const struct wt_csv_file *file, size_t row);

#endif
