#define _GNU_SOURCE /* open_memstream */
/* Tables, CSV files, versions, claims and texts for people against any bytes: no crash,
 * bounded errors, and nothing unsafe in what is shown. The first byte says which. */
#include <stdlib.h>

#include "app/csv.h"
#include "app/text.h"
#include "base/table.h"
#include "observe/advisory.h"
#include "observe/version.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void table(struct wt_slice text)
{
	static const struct wt_table_spec spec = { .name = "t",
						   .format = 1,
						   .column = { "a", "b", "c", NULL } };
	struct wt_table *t = wt_table_parse(&spec, "t.tsv", text);
	uint64_t number;
	size_t i;

	if (!t || wt_table_n_errors(t) > WT_TABLE_ERRORS_MAX)
		abort();
	for (i = 0; i < wt_table_n_rows(t); i++) {
		if (strlen(wt_table_cell(t, i, 0)) > WT_TABLE_CELL_MAX)
			abort();
		(void)wt_table_u64(t, i, 1, 0, 99, &number);
		(void)wt_table_date(t, i, 2, &number);
		(void)wt_table_match(wt_table_cell(t, i, 0), text);
	}
	wt_table_free(t);
}

/* No byte that steers a terminal, no cell that a spreadsheet computes. */
static void judge_shown(const char *shown, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if ((uint8_t)shown[i] < 0x20 && shown[i] != '\n')
			abort();
	if (len && strchr("=+-@", shown[0]))
		abort();
}

static void csv(struct wt_slice text)
{
	char why[64], *shown;
	struct wt_csv_file *f = wt_csv_parse(text, why, sizeof(why));
	size_t i, shown_len;
	unsigned k;

	for (i = 0; f && i < wt_csv_n_rows(f); i++) {
		for (k = 0; k < wt_csv_n_cells(f, i); k++) {
			FILE *out = open_memstream(&shown, &shown_len);
			struct wt_csv writer = { .out = out };

			wt_csv_cell(&writer, wt_csv_at(f, i, k));
			fclose(out);
			judge_shown(shown, shown_len);
			free(shown);
		}
	}
	wt_csv_close(f);
}

static void text(struct wt_slice s)
{
	size_t shown_len;
	char *shown;
	FILE *out = open_memstream(&shown, &shown_len);
	size_t i;

	wt_text_column(out, s, 20);
	fclose(out);
	for (i = 0; i < shown_len; i++)
		if ((uint8_t)shown[i] < 0x20 || shown[i] == 0x7f)
			abort();
	if (wt_text_width(wt_slice_of(shown, shown_len)) < 20)
		abort();
	free(shown);
}

static void version(struct wt_slice s)
{
	size_t half = wt_slice_find(s, '\n');
	struct wt_slice range = wt_slice_head(s, half), version = wt_slice_tail(s, half + 1);
	int there = wt_version_compare(range, version),
	    back = wt_version_compare(version, range);

	(void)wt_version_is_range(range);
	(void)wt_version_fit(range, version);
	if (there != 2 && back != 2 && there != -back)
		abort();
}

static void claims(struct wt_slice s)
{
	static struct wt_advisories *advisories;
	static struct wt_advisory_match match[WT_ADVISORY_MATCHES_MAX];
	struct wt_claim claim[8];
	unsigned n = 0, i, found;

	if (!advisories)
		advisories = wt_advisories_open(NULL, stderr);
	while (s.len && n < 8) {
		size_t end = wt_slice_find(s, '\n');

		claim[n].kind = (enum wt_claim_kind)(s.ptr[0] % (WT_CLAIM_OS + 1));
		claim[n++].text = wt_slice_tail(wt_slice_head(s, end), 1);
		s = wt_slice_tail(s, end + 1);
	}
	found = wt_advisories_match(advisories, claim, n, match);
	if (found > WT_ADVISORY_MATCHES_MAX)
		abort();
	for (i = 0; i < found; i++)
		judge_shown(match[i].reason, strlen(match[i].reason));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static void (*const targets[])(struct wt_slice s) = { table, csv, text, version,
							      claims };

	if (len)
		targets[bytes[0] % 5](wt_slice_of(bytes + 1, len - 1));
	return 0;
}
