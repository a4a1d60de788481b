/* Tables that people keep in text files: what makes a device an infusion pump, when
 * support of a system ends, which advisories exist. A table is compiled in and can
 * be replaced by a file of the same name in a folder, so that a biomedical engineer
 * extends it without a compiler.
 *
 * The file NAME.tsv, strictly:
 *
 *   # comment                          lines that begin with '#', empty lines: ignored
 *   wardtap-table<TAB>NAME<TAB>FORMAT<TAB>EDITION
 *   column<TAB>column<TAB>column       exactly the columns that the program knows
 *   cell<TAB>cell<TAB>cell             a row: as many cells; a cell may be empty
 *
 * FORMAT is a number: the meaning of the columns. A file of another format is
 * refused, never guessed at. EDITION is a date (2026-11-26) for people, outputs and
 * receipts. Text is UTF-8 without control characters; lines end in LF; no cell has
 * spaces at its ends; a cell has at most WT_TABLE_CELL_MAX bytes.
 *
 * All errors of a file are told, "classes.tsv:17: weight: found 'x'; expected ...".
 * Trust: the operator's file. Memory: the file twice, freed by the caller. */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include "wardtap/bytes.h"

#define WT_TABLE_FILE_MAX 16777216u /* bytes of a file */
#define WT_TABLE_ROWS_MAX 200000u
#define WT_TABLE_COLUMNS_MAX 16u
#define WT_TABLE_CELL_MAX 4096u
#define WT_TABLE_ERRORS_MAX 50u /* errors told; reading ends there */

/* What the program knows of a table. */
struct wt_table_spec {
	const char *name; /* "classes": file classes.tsv */
	unsigned format;
	const char *column[WT_TABLE_COLUMNS_MAX + 1]; /* up to a NULL */
};

struct wt_table;

/* DIR/NAME.tsv where `dir` is not NULL and holds such a file, else the table that is
 * compiled in. Never NULL unless memory is out: look at wt_table_n_errors. A table
 * with errors holds the rows that are right. Owned by the caller (wt_table_free). */
WT_MUST_USE struct wt_table *wt_table_open(const struct wt_table_spec *spec, const char *dir);

/* The same from memory; `file` is what errors call it. */
WT_MUST_USE struct wt_table *wt_table_parse(const struct wt_table_spec *spec, const char *file,
					    struct wt_slice text);
void wt_table_free(struct wt_table *table);

size_t wt_table_n_rows(const struct wt_table *table);
/* A cell, NUL-terminated, "" where empty. Borrowed until wt_table_free. */
const char *wt_table_cell(const struct wt_table *table, size_t row, unsigned column);
/* Line of the row in its file, from 1. */
size_t wt_table_line(const struct wt_table *table, size_t row);
/* "2026-11-26"; "" when the file had no good first line. */
const char *wt_table_edition(const struct wt_table *table);
/* Where it came from: the file's path, or "built in". */
const char *wt_table_origin(const struct wt_table *table);
/* The bytes it was read from, for receipts. */
struct wt_slice wt_table_bytes(const struct wt_table *table);

/* A cell as a whole number; false, with an error kept, when it is none or outside. */
bool wt_table_u64(struct wt_table *table, size_t row, unsigned column, uint64_t min,
		  uint64_t max, uint64_t *value);
/* A cell as a date, "2026-11-26", into ns since 1970 (start of that day in UTC);
 * false, with an error kept, when it is none. */
bool wt_table_date(struct wt_table *table, size_t row, unsigned column, uint64_t *ns);

/* Adds an error about a cell. `format` should read "found ...; expected ...". */
void wt_table_blame(struct wt_table *table, size_t row, unsigned column, const char *format,
		    ...) __attribute__((format(printf, 4, 5)));

/* Errors so far, in order: complete lines without a newline. Borrowed. */
unsigned wt_table_n_errors(const struct wt_table *table);
const char *wt_table_error(const struct wt_table *table, unsigned i);

/* Whether `text` matches `pattern`, ASCII letters compared without case: '*' stands
 * for any bytes, '?' for one, everything else for itself; the whole text must match.
 * Time is at most the product of both lengths. */
bool wt_table_match(const char *pattern, struct wt_slice text);

/* The tables that are compiled in: rules/inventory/ *.tsv at build time. */
struct wt_table_text {
	const char *name; /* NULL ends the list */
	const uint8_t *text;
	size_t len;
};
extern const struct wt_table_text wt_table_texts[];

#endif
