/* Makers: see vendor.h.
 * Source: IEEE 802-2014 8.2; the line "001122     (base 16)		Name" of the
 * IEEE's lists and "A00000-AFFFFF     (base 16)		Name" below "00-11-22   (hex)".
 * Trust: files of the operating system and the operator, read line by line.
 * Memory: 24 bytes a block and the names, BLOCKS_MAX and NAMES_MAX at most. */
#define _GNU_SOURCE /* getline, asprintf */
#include "observe/vendor.h"

#include <stdlib.h>

#define BLOCKS_MAX 200000u
#define NAMES_MAX 16777216u
#define NAME_MAX_LEN 80u

static const struct wt_table_spec spec = {
	.name = "vendors",
	.format = 1,
	.column = { "vendor", "pattern", NULL },
};

enum { VENDOR, PATTERN };

/* An address block: addresses whose first `bits` bits are those of `prefix`. */
struct block {
	uint64_t prefix;  /* 48 bits, the rest zero */
	const char *name; /* as vendors.tsv has it; NULL: not asked for yet */
	uint32_t written; /* as the IEEE has it: offset into names */
	uint8_t bits;
};

struct wt_vendors {
	struct wt_table *table;
	struct block *block;
	size_t n_blocks, room;
	char *names; /* NUL-terminated each */
	size_t names_len, names_room;
};

/* Value of a hexadecimal digit, 16: none. */
static unsigned hex_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

/* Up to `n` hexadecimal digits, '-' between them passed over; where they end. */
static const char *take_hex(const char *at, unsigned n, uint64_t *value)
{
	*value = 0;
	for (; n && (hex_of(*at) < 16 || *at == '-'); at++) {
		if (*at == '-')
			continue;
		*value = *value << 4 | hex_of(*at);
		n--;
	}
	return n ? NULL : at;
}

static bool keep_name(struct wt_vendors *v, const char *name, size_t len, uint32_t *at)
{
	size_t room = v->names_room ? v->names_room * 2 : 65536;
	char *names;

	if (v->names_len + len + 1 > NAMES_MAX)
		return false;
	while (room < v->names_len + len + 1)
		room *= 2;
	if (v->names_len + len + 1 > v->names_room) {
		names = realloc(v->names, room);
		if (!names)
			return false;
		v->names = names;
		v->names_room = room;
	}
	memcpy(v->names + v->names_len, name, len);
	v->names[v->names_len + len] = 0;
	*at = (uint32_t)v->names_len;
	v->names_len += len + 1;
	return true;
}

static void keep_block(struct wt_vendors *v, uint64_t prefix, uint8_t bits, const char *name)
{
	size_t room = v->room ? v->room * 2 : 4096, len;
	struct block *block;

	while (*name == ' ' || *name == '\t')
		name++;
	len = strcspn(name, "\r\n");
	while (len && (name[len - 1] == ' ' || name[len - 1] == '\t'))
		len--;
	if (len > NAME_MAX_LEN)
		len = NAME_MAX_LEN;
	if (!len || (len == 7 && !memcmp(name, "Private", 7)) || v->n_blocks == BLOCKS_MAX)
		return;
	if (v->n_blocks == v->room) {
		block = realloc(v->block, room * sizeof(*block));
		if (!block)
			return;
		v->block = block;
		v->room = room;
	}
	block = &v->block[v->n_blocks];
	*block = (struct block){ .prefix = prefix, .bits = bits };
	if (keep_name(v, name, len, &block->written))
		v->n_blocks++;
}

/* One line; `oui` is that of the latest line "00-11-22   (hex)". */
static void take_line(struct wt_vendors *v, const char *line, uint64_t *oui)
{
	const char *mark, *at;
	uint64_t first, last;

	if (hex_of(*line) == 16)
		return; /* where the maker lives */
	mark = strstr(line, "(base 16)");
	if (!mark) {
		if (strstr(line, "(hex)") && take_hex(line, 6, &first))
			*oui = first;
		return;
	}
	at = take_hex(line, 6, &first);
	if (!at)
		return;
	mark += strlen("(base 16)");
	if (*at == ' ' || *at == '\t') {
		keep_block(v, first << 24, 24, mark);
		return;
	}
	at = take_hex(at, 6, &last);
	if (at && last - first == 0xfffff && !(first & 0xfffff))
		keep_block(v, *oui << 24 | first, 28, mark);
	else if (at && last - first == 0xfff && !(first & 0xfff))
		keep_block(v, *oui << 24 | first, 36, mark);
}

static void read_list(struct wt_vendors *v, const char *dir, const char *name)
{
	char *path = NULL, *line = NULL;
	uint64_t oui = 0;
	size_t room = 0;
	FILE *in;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		return;
	in = fopen(path, "re");
	free(path);
	if (!in)
		return;
	while (getline(&line, &room, in) > 0)
		take_line(v, line, &oui);
	free(line);
	fclose(in);
}

static int by_prefix(const void *a, const void *b)
{
	const struct block *x = a, *y = b;

	if (x->bits != y->bits)
		return x->bits > y->bits ? -1 : 1;
	return x->prefix < y->prefix ? -1 : x->prefix > y->prefix;
}

struct wt_vendors *wt_vendors_open(const char *dir, const char *oui_dir, FILE *errors)
{
	static const char *const lists[] = { "oui.txt", "mam.txt", "oui36.txt", "iab.txt" };
	struct wt_vendors *v = calloc(1, sizeof(*v));
	unsigned i;

	if (!v)
		return NULL;
	v->table = wt_table_open(&spec, dir);
	for (i = 0; v->table && i < wt_table_n_errors(v->table); i++)
		fprintf(errors, "%s\n", wt_table_error(v->table, i));
	if (!v->table || i) {
		wt_vendors_free(v);
		return NULL;
	}
	for (i = 0; oui_dir && i < sizeof(lists) / sizeof(lists[0]); i++)
		read_list(v, oui_dir, lists[i]);
	if (v->n_blocks)
		qsort(v->block, v->n_blocks, sizeof(*v->block), by_prefix);
	return v;
}

void wt_vendors_free(struct wt_vendors *v)
{
	if (!v)
		return;
	wt_table_free(v->table);
	free(v->block);
	free(v->names);
	free(v);
}

const char *wt_vendor_name(const struct wt_vendors *v, struct wt_slice written)
{
	size_t i, n = wt_table_n_rows(v->table);

	written = wt_slice_trim(wt_slice_head(written, 255), ' ');
	for (i = 0; i < n; i++)
		if (wt_table_match(wt_table_cell(v->table, i, PATTERN), written))
			return wt_table_cell(v->table, i, VENDOR);
	return NULL;
}

bool wt_vendor_is_known(const struct wt_vendors *v, const char *name)
{
	size_t i, n = wt_table_n_rows(v->table);

	for (i = 0; i < n; i++)
		if (!strcmp(wt_table_cell(v->table, i, VENDOR), name))
			return true;
	return false;
}

/* Few of the many blocks are ever asked for, and the rows are many: by need. */
static const char *name_of(const struct wt_vendors *v, struct block *block)
{
	const char *written = v->names + block->written;

	if (!block->name)
		block->name = wt_vendor_name(v, wt_slice_of(written, strlen(written)));
	if (!block->name)
		block->name = written;
	return block->name;
}

const char *wt_vendor_of_mac(const struct wt_vendors *v, const struct wt_mac *mac)
{
	static const uint8_t lengths[] = { 36, 28, 24 };
	uint64_t addr = 0;
	unsigned i;

	for (i = 0; i < 6; i++)
		addr = addr << 8 | mac->octet[i];
	if ((mac->octet[0] & 3) || !v->n_blocks)
		return NULL;
	for (i = 0; i < 3; i++) {
		struct block wanted = {
			.bits = lengths[i],
			.prefix = addr & ~((UINT64_C(1) << (48 - lengths[i])) - 1),
		};
		struct block *hit =
			bsearch(&wanted, v->block, v->n_blocks, sizeof(wanted), by_prefix);

		if (hit)
			return name_of(v, hit);
	}
	return NULL;
}

size_t wt_vendors_n_blocks(const struct wt_vendors *v)
{
	return v->n_blocks;
}
