/* CSV (csv.h). Source: RFC 4180. Trust: any bytes. Memory: see csv.h. */
#include "app/csv.h"

#include <errno.h>
#include <stdlib.h>

#include "base/json.h"

#define CELL_SHOWN_MAX 8192u

void wt_csv_cell(struct wt_csv *csv, struct wt_slice text)
{
	static uint8_t room[CELL_SHOWN_MAX * 6 + 1];
	struct wt_builder b = wt_builder_of(room + 1, sizeof(room) - 1);
	const uint8_t *at = room + 1;
	size_t len, i;
	bool is_quoted;

	wt_bld_escaped(&b, wt_slice_head(text, CELL_SHOWN_MAX));
	len = b.len;
	if (len && strchr("=+-@", room[1]) != NULL) {
		room[0] = '\'';
		at = room;
		len++;
	}
	if (csv->has_cell)
		fputc(',', csv->out);
	csv->has_cell = true;
	is_quoted = len && (memchr(at, ',', len) || memchr(at, '"', len) ||
			    memchr(at, '\n', len) || at[0] == ' ' || at[len - 1] == ' ');
	if (!is_quoted) {
		(void)fwrite(at, 1, len, csv->out);
		return;
	}
	fputc('"', csv->out);
	for (i = 0; i < len; i++) {
		if (at[i] == '"')
			fputc('"', csv->out);
		fputc(at[i], csv->out);
	}
	fputc('"', csv->out);
}

void wt_csv_text(struct wt_csv *csv, const char *text)
{
	wt_csv_cell(csv, wt_slice_of(text, strlen(text)));
}

void wt_csv_number(struct wt_csv *csv, uint64_t number)
{
	char text[24];
	struct wt_builder b = wt_builder_of(text, sizeof(text));

	wt_bld_u64(&b, number);
	wt_csv_cell(csv, wt_bld_slice(&b));
}

void wt_csv_end(struct wt_csv *csv)
{
	fputc('\n', csv->out);
	csv->has_cell = false;
}

/* ---- reading ---- */

struct row {
	size_t first; /* cell */
	size_t line;
	unsigned n;
};

struct wt_csv_file {
	uint8_t *text; /* owned: the file in UTF-8, cells unquoted in place */
	size_t len;
	struct wt_slice *cell; /* owned */
	struct row *row;       /* owned */
	size_t n_cells, cell_room, n_rows, row_room;
};

static bool is_utf8(struct wt_slice s)
{
	size_t i, n = 0;

	for (i = 0; i < s.len; i++) {
		uint8_t c = s.ptr[i];

		if (n) {
			if ((c & 0xc0) != 0x80)
				return false;
			n--;
		} else if (c >= 0x80) {
			n = c >= 0xc2 && c < 0xe0   ? 1
			    : c >= 0xe0 && c < 0xf0 ? 2
			    : c >= 0xf0 && c < 0xf5 ? 3
						    : 0;
			if (!n)
				return false;
		}
	}
	return n == 0;
}

/* A copy in UTF-8 without a byte order mark. */
static bool take_text(struct wt_csv_file *f, struct wt_slice text)
{
	size_t i;

	if (wt_slice_starts(text, WT_LIT("\xef\xbb\xbf")))
		text = wt_slice_tail(text, 3);
	f->text = malloc(text.len * 2 + 1);
	if (!f->text)
		return false;
	if (is_utf8(text)) {
		if (text.len)
			memcpy(f->text, text.ptr, text.len);
		f->len = text.len;
		return true;
	}
	for (i = 0; i < text.len; i++) { /* ISO 8859-1 */
		if (text.ptr[i] >= 0x80)
			f->text[f->len++] = (uint8_t)(0xc0 | text.ptr[i] >> 6);
		f->text[f->len++] = text.ptr[i] < 0x80 ? text.ptr[i]
						       : (uint8_t)(0x80 | (text.ptr[i] & 0x3f));
	}
	return true;
}

/* What parts the cells: the most frequent candidate of the first line. */
static uint8_t find_mark(const struct wt_csv_file *f)
{
	static const char marks[] = ",;\t";
	size_t i, k, n, best = 0;
	uint8_t mark = ',';

	for (k = 0; marks[k]; k++) {
		for (i = n = 0; i < f->len && f->text[i] != '\n'; i++)
			n += f->text[i] == (uint8_t)marks[k];
		if (n > best) {
			best = n;
			mark = (uint8_t)marks[k];
		}
	}
	return mark;
}

static bool add_cell(struct wt_csv_file *f, const uint8_t *ptr, size_t len)
{
	size_t room = f->cell_room ? f->cell_room * 2 : 1024;
	struct wt_slice *cell;

	if (f->row[f->n_rows - 1].n == WT_CSV_COLUMNS_MAX)
		return true; /* further ones are not looked at */
	if (f->n_cells == f->cell_room) {
		cell = realloc(f->cell, room * sizeof(*cell));
		if (!cell)
			return false;
		f->cell = cell;
		f->cell_room = room;
	}
	f->cell[f->n_cells] = wt_slice_trim(wt_slice_of(ptr, len), ' ');
	f->n_cells++;
	f->row[f->n_rows - 1].n++;
	return true;
}

static bool add_row(struct wt_csv_file *f, size_t line)
{
	size_t room = f->row_room ? f->row_room * 2 : 256;
	struct row *row;

	if (f->n_rows == f->row_room) {
		row = realloc(f->row, room * sizeof(*row));
		if (!row)
			return false;
		f->row = row;
		f->row_room = room;
	}
	f->row[f->n_rows++] = (struct row){ .first = f->n_cells, .line = line };
	return true;
}

/* One cell from `at` on; unquotes in place. Gives the place behind it. */
static size_t take_cell(struct wt_csv_file *f, size_t at, uint8_t mark, size_t *line,
			bool *is_good)
{
	size_t from = at, to, len;

	if (at < f->len && f->text[at] == '"') {
		from = to = ++at;
		while (at < f->len) {
			if (f->text[at] == '"' && (at + 1 == f->len || f->text[at + 1] != '"'))
				break;
			at += f->text[at] == '"';
			*line += f->text[at] == '\n';
			f->text[to++] = f->text[at++];
		}
		len = to - from;
		while (at < f->len && f->text[at] != mark && f->text[at] != '\n')
			at++;
	} else {
		while (at < f->len && f->text[at] != mark && f->text[at] != '\n')
			at++;
		len = at - from;
		if (len && f->text[at - 1] == '\r')
			len--;
	}
	*is_good = add_cell(f, f->text + from, len);
	return at;
}

static bool take_rows(struct wt_csv_file *f)
{
	uint8_t mark = find_mark(f);
	size_t at = 0, line = 1;
	bool is_good = true;

	while (at < f->len && is_good) {
		if (f->text[at] == '\n' ||
		    (f->text[at] == '\r' && at + 1 < f->len && f->text[at + 1] == '\n')) {
			line += f->text[at] == '\n';
			at++;
			continue;
		}
		is_good = add_row(f, line);
		while (is_good) {
			at = take_cell(f, at, mark, &line, &is_good);
			if (at >= f->len || f->text[at] == '\n')
				break;
			at++;
		}
		line++;
		at++;
	}
	return is_good;
}

struct wt_csv_file *wt_csv_parse(struct wt_slice text, char *why, size_t size)
{
	struct wt_csv_file *f = calloc(1, sizeof(*f));

	if (!f || !take_text(f, text) || !take_rows(f)) {
		snprintf(why, size, "out of memory");
		wt_csv_close(f);
		return NULL;
	}
	if (f->n_rows)
		return f;
	snprintf(why, size, "holds no line");
	wt_csv_close(f);
	return NULL;
}

struct wt_csv_file *wt_csv_open(const char *path, char *why, size_t size)
{
	struct wt_csv_file *f = NULL;
	FILE *in = fopen(path, "rb");
	uint8_t *bytes;
	size_t len;

	if (!in) {
		snprintf(why, size, "%s", strerror(errno));
		return NULL;
	}
	bytes = malloc(WT_CSV_FILE_MAX + 1);
	len = bytes ? fread(bytes, 1, WT_CSV_FILE_MAX + 1, in) : 0;
	if (!bytes || ferror(in))
		snprintf(why, size, "%s", bytes ? strerror(errno) : "out of memory");
	else if (len > WT_CSV_FILE_MAX)
		snprintf(why, size, "larger than 64 MiB");
	else
		f = wt_csv_parse(wt_slice_of(bytes, len), why, size);
	free(bytes);
	fclose(in);
	return f;
}

void wt_csv_close(struct wt_csv_file *f)
{
	if (!f)
		return;
	free(f->text);
	free(f->cell);
	free(f->row);
	free(f);
}

size_t wt_csv_n_rows(const struct wt_csv_file *f)
{
	return f->n_rows;
}

unsigned wt_csv_n_cells(const struct wt_csv_file *f, size_t row)
{
	return row < f->n_rows ? f->row[row].n : 0;
}

struct wt_slice wt_csv_at(const struct wt_csv_file *f, size_t row, unsigned column)
{
	if (row >= f->n_rows || column >= f->row[row].n)
		return wt_slice_of(NULL, 0);
	return f->cell[f->row[row].first + column];
}

size_t wt_csv_line(const struct wt_csv_file *f, size_t row)
{
	return row < f->n_rows ? f->row[row].line : 0;
}
