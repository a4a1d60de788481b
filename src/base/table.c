/* Reads table files: see table.h for the format.
 * Trust: the operator's file, checked byte by byte all the same.
 * Memory: the text as it was, a copy with NULs for tabs, 8 bytes a cell. */
#define _GNU_SOURCE /* asprintf, vasprintf */
#include "base/table.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define MAGIC "wardtap-table"

struct wt_table {
	const struct wt_table_spec *spec;
	unsigned n_columns;
	char *file;        /* owned: what errors call it */
	char *edition;     /* owned */
	uint8_t *original; /* owned when the text came from a file */
	struct wt_slice bytes;
	char *text;     /* owned: NUL after each cell */
	uint32_t *cell; /* owned: n_rows * n_columns offsets into text */
	uint32_t *line; /* owned: n_rows */
	size_t n_rows;
	size_t room;  /* rows */
	bool is_full; /* of errors */
	unsigned n_errors;
	char *error[WT_TABLE_ERRORS_MAX + 1]; /* owned */
};

static void complain(struct wt_table *t, size_t line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void keep(struct wt_table *t, char *text)
{
	if (t->n_errors == WT_TABLE_ERRORS_MAX) {
		free(text);
		t->is_full = true;
		return;
	}
	if (text)
		t->error[t->n_errors++] = text;
}

static void vcomplain(struct wt_table *t, size_t line, const char *column, const char *format,
		      va_list args) __attribute__((format(printf, 4, 0)));

static void vcomplain(struct wt_table *t, size_t line, const char *column, const char *format,
		      va_list args)
{
	char *what = NULL, *whole = NULL;

	if (vasprintf(&what, format, args) < 0)
		return;
	if (asprintf(&whole, "%s:%zu: %s%s%s", t->file, line, column, *column ? ": " : "",
		     what) >= 0)
		keep(t, whole);
	free(what);
}

static void complain(struct wt_table *t, size_t line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vcomplain(t, line, "", format, args);
	va_end(args);
}

void wt_table_blame(struct wt_table *t, size_t row, unsigned column, const char *format, ...)
{
	va_list args;

	if (WT_BUG_ON(row >= t->n_rows || column >= t->n_columns))
		return;
	va_start(args, format);
	vcomplain(t, t->line[row], t->spec->column[column], format, args);
	va_end(args);
}

/* Length of the UTF-8 sequence at the start of `s` (RFC 3629), 0 when it is none or
 * a control character. */
static size_t sequence_len(struct wt_slice s)
{
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint8_t first = s.ptr[0];
	size_t len = first < 0x80   ? 1
		     : first < 0xc0 ? 0
		     : first < 0xe0 ? 2
		     : first < 0xf0 ? 3
				    : 4;
	uint32_t code;
	size_t i;

	if (len <= 1)
		return first < 0x20 || first == 0x7f ? 0 : len;
	if (len > s.len || first > 0xf4)
		return 0;
	code = first & (0x7fu >> len);
	for (i = 1; i < len; i++) {
		if ((s.ptr[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s.ptr[i] & 0x3fu);
	}
	if (code < least[len] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ||
	    (code >= 0x80 && code < 0xa0))
		return 0;
	return len;
}

/* Whether the cell's text is fit to be shown anywhere; complains. */
static bool is_clean(struct wt_table *t, size_t line, struct wt_slice cell)
{
	struct wt_slice rest = cell;
	size_t len;

	if (cell.len > WT_TABLE_CELL_MAX) {
		complain(t, line, "found a cell of %zu bytes; expected at most %u", cell.len,
			 WT_TABLE_CELL_MAX);
		return false;
	}
	if (cell.len && (cell.ptr[0] == ' ' || cell.ptr[cell.len - 1] == ' ')) {
		complain(t, line,
			 "found a cell with a space at its end or beginning; "
			 "expected none");
		return false;
	}
	while (rest.len) {
		len = sequence_len(rest);
		if (len == 0) {
			complain(t, line,
				 "found byte 0x%02x; expected UTF-8 text without control "
				 "characters",
				 rest.ptr[0]);
			return false;
		}
		rest = wt_slice_tail(rest, len);
	}
	return true;
}

/* Splits a line into cells; false, with an error, when their number is wrong. */
static bool split(struct wt_table *t, size_t line, struct wt_slice text, unsigned n_wanted,
		  struct wt_slice cell[WT_TABLE_COLUMNS_MAX])
{
	unsigned n = 0;
	size_t at;

	for (;;) {
		at = wt_slice_find(text, '\t');
		if (n < n_wanted) {
			cell[n] = wt_slice_head(text, at);
			if (!is_clean(t, line, cell[n]))
				return false;
		}
		n++;
		if (at == text.len)
			break;
		text = wt_slice_of(text.ptr + at + 1, text.len - at - 1);
	}
	if (n == n_wanted)
		return true;
	complain(t, line, "found %u cells; expected %u, with one tab between two", n, n_wanted);
	return false;
}

static bool is_text(struct wt_slice s, const char *text)
{
	return wt_slice_equal(s, wt_slice_of(text, strlen(text)));
}

static bool read_first(struct wt_table *t, size_t line, struct wt_slice text)
{
	struct wt_slice cell[WT_TABLE_COLUMNS_MAX];
	uint64_t format;

	if (!split(t, line, text, 4, cell))
		return false;
	if (!is_text(cell[0], MAGIC) || !is_text(cell[1], t->spec->name)) {
		complain(t, line,
			 "found '%.*s'; expected a first line " MAGIC "<TAB>%s<TAB>%u<TAB>date",
			 (int)(text.len < 60 ? text.len : 60), (const char *)text.ptr,
			 t->spec->name, t->spec->format);
		return false;
	}
	if (!wt_slice_to_u64(cell[2], &format) || format != t->spec->format) {
		complain(t, line, "found format '%.*s'; this program reads format %u",
			 (int)(cell[2].len < 20 ? cell[2].len : 20), (const char *)cell[2].ptr,
			 t->spec->format);
		return false;
	}
	free(t->edition);
	t->edition = strndup((const char *)cell[3].ptr, cell[3].len);
	if (cell[3].len != 10 || cell[3].ptr[4] != '-' || cell[3].ptr[7] != '-') {
		complain(t, line, "found edition '%s'; expected a date such as 2026-11-26",
			 t->edition ? t->edition : "");
		return false;
	}
	return true;
}

static bool read_columns(struct wt_table *t, size_t line, struct wt_slice text)
{
	struct wt_slice cell[WT_TABLE_COLUMNS_MAX];
	unsigned i;

	if (!split(t, line, text, t->n_columns, cell))
		return false;
	for (i = 0; i < t->n_columns; i++) {
		if (is_text(cell[i], t->spec->column[i]))
			continue;
		complain(t, line, "found column '%.*s'; expected '%s'",
			 (int)(cell[i].len < 40 ? cell[i].len : 40), (const char *)cell[i].ptr,
			 t->spec->column[i]);
		return false;
	}
	return true;
}

static bool grow(struct wt_table *t)
{
	size_t room = t->room ? t->room * 2 : 64;
	uint32_t *cell, *line;

	if (t->n_rows < t->room)
		return true;
	cell = realloc(t->cell, room * t->n_columns * sizeof(*cell));
	if (!cell)
		return false;
	t->cell = cell;
	line = realloc(t->line, room * sizeof(*line));
	if (!line)
		return false;
	t->line = line;
	t->room = room;
	return true;
}

/* `text` lies in t->text, where its tabs and newline become NULs. */
static bool read_row(struct wt_table *t, size_t line, struct wt_slice text)
{
	struct wt_slice cell[WT_TABLE_COLUMNS_MAX];
	unsigned i;

	if (!split(t, line, text, t->n_columns, cell))
		return true;
	if (t->n_rows == WT_TABLE_ROWS_MAX || !grow(t)) {
		complain(t, line, "found more than %zu rows; the rest is not read", t->n_rows);
		return false;
	}
	for (i = 0; i < t->n_columns; i++) {
		size_t at = (size_t)((const char *)cell[i].ptr - t->text);

		t->cell[t->n_rows * t->n_columns + i] = (uint32_t)at;
		t->text[at + cell[i].len] = 0;
	}
	t->line[t->n_rows++] = (uint32_t)line;
	return true;
}

static void read_lines(struct wt_table *t)
{
	struct wt_slice rest = wt_slice_of(t->text, t->bytes.len);
	unsigned n_head = 0;
	size_t line = 0, at;

	while (rest.len && !t->is_full) {
		struct wt_slice text;

		at = wt_slice_find(rest, '\n');
		text = wt_slice_head(rest, at);
		rest = wt_slice_tail(rest, at + 1);
		line++;
		if (text.len == 0 || text.ptr[0] == '#')
			continue;
		if (n_head < 2) {
			if (!(n_head == 0 ? read_first : read_columns)(t, line, text))
				return;
			n_head++;
		} else if (!read_row(t, line, text)) {
			return;
		}
	}
	if (n_head < 2)
		complain(t, line ? line : 1, "found no %s; expected it before the rows",
			 n_head ? "line of column names" : "first line " MAGIC "...");
}

static struct wt_table *new_table(const struct wt_table_spec *spec, const char *file)
{
	struct wt_table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->spec = spec;
	while (t->n_columns < WT_TABLE_COLUMNS_MAX && spec->column[t->n_columns])
		t->n_columns++;
	t->file = strdup(file);
	if (!t->file) {
		free(t);
		return NULL;
	}
	return t;
}

static struct wt_table *parse(struct wt_table *t)
{
	t->text = malloc(t->bytes.len + 1);
	if (!t->text) {
		wt_table_free(t);
		return NULL;
	}
	if (t->bytes.len)
		memcpy(t->text, t->bytes.ptr, t->bytes.len);
	t->text[t->bytes.len] = 0;
	read_lines(t);
	return t;
}

struct wt_table *wt_table_parse(const struct wt_table_spec *spec, const char *file,
				struct wt_slice text)
{
	struct wt_table *t = new_table(spec, file);

	if (!t)
		return NULL;
	t->bytes = text;
	return parse(t);
}

static bool read_file(struct wt_table *t, FILE *in)
{
	size_t room = 65536, len = 0, got;
	uint8_t *bytes = malloc(room), *more;

	while (bytes) {
		got = fread(bytes + len, 1, room - len, in);
		len += got;
		if (got == 0 || len > WT_TABLE_FILE_MAX)
			break;
		if (len < room)
			continue;
		more = realloc(bytes, room *= 2);
		if (!more)
			free(bytes);
		bytes = more;
	}
	t->original = bytes;
	t->bytes = wt_slice_of(bytes, bytes ? len : 0);
	if (bytes && !ferror(in) && len <= WT_TABLE_FILE_MAX)
		return true;
	complain(t, 1, "%s",
		 len > WT_TABLE_FILE_MAX ? "found a file of more than 16 MiB"
					 : "the file cannot be read");
	return false;
}

static struct wt_table *open_file(const struct wt_table_spec *spec, const char *path, FILE *in)
{
	struct wt_table *t = new_table(spec, path);

	if (t && read_file(t, in))
		t = parse(t);
	fclose(in);
	return t;
}

struct wt_table *wt_table_open(const struct wt_table_spec *spec, const char *dir)
{
	const struct wt_table_text *built_in = wt_table_texts;
	struct wt_table *t;
	char *path = NULL;
	FILE *in;

	if (dir) {
		if (asprintf(&path, "%s/%s.tsv", dir, spec->name) < 0)
			return NULL;
		in = fopen(path, "re");
		t = in ? open_file(spec, path, in) : NULL;
		if (!in && errno != ENOENT) {
			t = new_table(spec, path);
			if (t)
				complain(t, 1, "the file cannot be opened: %s",
					 strerror(errno));
		}
		free(path);
		if (t || in)
			return t;
	}
	while (built_in->name && strcmp(built_in->name, spec->name) != 0)
		built_in++;
	if (WT_BUG_ON(!built_in->name))
		return NULL;
	return wt_table_parse(spec, "built in", wt_slice_of(built_in->text, built_in->len));
}

void wt_table_free(struct wt_table *t)
{
	unsigned i;

	if (!t)
		return;
	for (i = 0; i < t->n_errors; i++)
		free(t->error[i]);
	free(t->file);
	free(t->edition);
	free(t->original);
	free(t->text);
	free(t->cell);
	free(t->line);
	free(t);
}

size_t wt_table_n_rows(const struct wt_table *t)
{
	return t->n_rows;
}

const char *wt_table_cell(const struct wt_table *t, size_t row, unsigned column)
{
	if (WT_BUG_ON(row >= t->n_rows || column >= t->n_columns))
		return "";
	return t->text + t->cell[row * t->n_columns + column];
}

size_t wt_table_line(const struct wt_table *t, size_t row)
{
	return row < t->n_rows ? t->line[row] : 0;
}

const char *wt_table_edition(const struct wt_table *t)
{
	return t->edition ? t->edition : "";
}

const char *wt_table_origin(const struct wt_table *t)
{
	return t->file;
}

struct wt_slice wt_table_bytes(const struct wt_table *t)
{
	return t->bytes;
}

unsigned wt_table_n_errors(const struct wt_table *t)
{
	return t->n_errors;
}

const char *wt_table_error(const struct wt_table *t, unsigned i)
{
	return i < t->n_errors ? t->error[i] : "";
}

bool wt_table_u64(struct wt_table *t, size_t row, unsigned column, uint64_t min, uint64_t max,
		  uint64_t *value)
{
	const char *text = wt_table_cell(t, row, column);

	if (wt_slice_to_u64(wt_slice_of(text, strlen(text)), value) && *value >= min &&
	    *value <= max)
		return true;
	wt_table_blame(t, row, column, "found '%.40s'; expected a number from %llu to %llu",
		       text, (unsigned long long)min, (unsigned long long)max);
	return false;
}

static bool is_leap_year(uint64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days from 1970-01-01 of a date of the Gregorian calendar. */
static uint64_t days_from_epoch(uint64_t year, uint64_t month, uint64_t day)
{
	static const uint16_t before[12] = { 0,   31,  59,  90,  120, 151,
					     181, 212, 243, 273, 304, 334 };
	uint64_t last = year - 1;
	uint64_t days = last * 365 + last / 4 - last / 100 + last / 400;

	return days - 719162 + before[month - 1] + (month > 2 && is_leap_year(year)) + day - 1;
}

bool wt_table_date(struct wt_table *t, size_t row, unsigned column, uint64_t *ns)
{
	static const uint8_t n_days[12] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	const char *text = wt_table_cell(t, row, column);
	struct wt_slice s = wt_slice_of(text, strlen(text));
	uint64_t year, month, day;

	if (s.len == 10 && text[4] == '-' && text[7] == '-' &&
	    wt_slice_to_u64(wt_slice_of(text, 4), &year) &&
	    wt_slice_to_u64(wt_slice_of(text + 5, 2), &month) &&
	    wt_slice_to_u64(wt_slice_of(text + 8, 2), &day) && year >= 1970 && year <= 2500 &&
	    month >= 1 && month <= 12 && day >= 1 && day <= n_days[month - 1] &&
	    (month != 2 || day != 29 || is_leap_year(year))) {
		*ns = days_from_epoch(year, month, day) * 86400 * WT_NS_PER_S;
		return true;
	}
	wt_table_blame(t, row, column, "found '%.40s'; expected a date such as 2026-11-26",
		       text);
	return false;
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

bool wt_table_match(const char *pattern, struct wt_slice text)
{
	const char *p = pattern, *star = NULL;
	size_t at = 0, mark = 0;

	while (at < text.len) {
		if (*p == '*') {
			star = ++p;
			mark = at;
		} else if (*p && (*p == '?' || lower((uint8_t)*p) == lower(text.ptr[at]))) {
			p++;
			at++;
		} else if (star) {
			p = star;
			at = ++mark;
		} else {
			return false;
		}
	}
	while (*p == '*')
		p++;
	return *p == 0;
}
