/* The keys of the formats for a SIEM as a manual page (siempage.h), from the tables that
 * the encoders themselves use.
 * Trust: tables are ours. Memory: none. */
#include "app/siempage.h"
#include "export/siem.h"

#include <string.h>

static const char *const type_name[] = {
	[WT_SIEM_TYPE_TEXT] = "text",     [WT_SIEM_TYPE_WORD] = "text",
	[WT_SIEM_TYPE_U64] = "number",    [WT_SIEM_TYPE_BOOL] = "true or false",
	[WT_SIEM_TYPE_TIME] = "time",     [WT_SIEM_TYPE_LIST] = "list",
	[WT_SIEM_TYPE_NUMBERS] = "list",  [WT_SIEM_TYPE_META] = "object",
	[WT_SIEM_TYPE_FIELDS] = "fields",
};

static const char *kinds_of(unsigned kinds)
{
	switch (kinds) {
	case WT_FOR_ALL:
		return "";
	case WT_FOR_ALERT:
		return ", alerts only";
	case WT_FOR_RULE:
		return ", alerts of rules only";
	case WT_FOR_HEALTH:
		return ", heartbeats only";
	default:
		return ", devices only";
	}
}

/* One sentence per line, as mdoc wants it. */
static void print_sentences(const char *text, FILE *to)
{
	for (; *text; text++) {
		fputc(*text, to);
		if (*text == '.' && text[1] == ' ') {
			fputc('\n', to);
			text++;
		}
	}
	fputc('\n', to);
}

static void print_row(const struct wt_siem_table *t, const struct wt_siem_row *row, FILE *to)
{
	const struct wt_siem_about *about = &wt_siem_about[row->value];
	bool is_json = t != &wt_siem_cef && t != &wt_siem_leef;
	const char *type =
		about->type == WT_SIEM_TYPE_LIST && !is_json ? "text" : type_name[about->type];

	fprintf(to, ".It Sy %s%s Pq %s%s", row->path, row->name, type, kinds_of(row->kinds));
	if (row->cap && about->type != WT_SIEM_TYPE_FIELDS)
		fprintf(to, ", %u bytes", row->cap);
	fputc('\n', to);
	if (row->value == WT_SIEM_CONSTANT)
		fprintf(to, "Always\n.Ql %s .\n", row->word);
	else
		print_sentences(about->doc, to);
	if (row->word && row->value != WT_SIEM_CONSTANT)
		fprintf(to, "Label:\n.Ql %s .\n", row->word);
}

/* "1. closed, flowId; 2. ..." of the keys that are left out. */
static void print_drops(const struct wt_siem_table *t, FILE *to)
{
	unsigned drop, i, max = 0;

	for (i = 0; i < t->n_rows; i++)
		if (t->row[i].drop > max)
			max = t->row[i].drop;
	fprintf(to,
		".Pp\nKeys are left out in this order:\n.Bl -enum -compact -offset indent\n");
	fprintf(to, ".It\nfields beyond the first 32\n.It\nfields beyond the first 8\n"
		    ".It\nall fields\n");
	for (drop = 1; drop <= max; drop++) {
		bool is_first = true;

		fprintf(to, ".It\n");
		for (i = 0; i < t->n_rows; i++)
			if (t->row[i].drop == drop) {
				fprintf(to, "%s%s%s", is_first ? ".Sy " : " , ", t->row[i].path,
					t->row[i].name);
				is_first = false;
			}
		fputc('\n', to);
	}
	fprintf(to, ".It\nof every text what is beyond 128 bytes\n"
		    ".It\nof every text what is beyond 32 bytes\n.El\n");
}

void wt_siempage_print(FILE *to)
{
	static const struct {
		const struct wt_siem_table *table;
		const char *title;
	} formats[] = {
		{ &wt_siem_cef, "CEF: ArcSight Common Event Format, version 0" },
		{ &wt_siem_leef, "LEEF: Log Event Extended Format of QRadar, version 2.0" },
		{ &wt_siem_eve, "EVE: events as Suricata writes them" },
		{ &wt_siem_ecs, "ECS: Elastic Common Schema, version 8.11" },
		{ &wt_siem_hec, "HEC: events of Splunk's HTTP Event Collector" },
	};
	unsigned f, i;

	for (f = 0; f < sizeof(formats) / sizeof(*formats); f++) {
		const struct wt_siem_table *t = formats[f].table;

		fprintf(to, ".Ss %s\n.Bl -tag -width Ds\n", formats[f].title);
		for (i = 0; i < t->n_rows; i++)
			print_row(t, &t->row[i], to);
		fprintf(to, ".El\n");
		print_drops(t, to);
	}
}
