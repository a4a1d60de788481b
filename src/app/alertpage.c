/* Alerts for people (alertpage.h). Trust: texts may hold anything and are escaped; what is
 * longer than the line goes on in the next. Memory: on the stack. */
#define _POSIX_C_SOURCE 200809L
#include "app/alertpage.h"
#include "base/json.h"
#include "export/eve.h"

#define COLUMNS 80u

/* Text with an indent, in lines of 80 columns, cut between characters (the escaped text
 * is UTF-8; a continuation byte takes no column). */
static void print_wrapped(const char *label, struct wt_slice text, unsigned indent, FILE *to)
{
	char room[6 * WT_ALERT_TEXT_MAX + 64];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	unsigned column = indent;
	size_t i;

	wt_bld_escaped(&b, wt_slice_head(text, WT_ALERT_TEXT_MAX));
	fprintf(to, "%-*s", (int)indent, label);
	for (i = 0; i < b.len; i++) {
		bool is_start = ((uint8_t)room[i] & 0xc0) != 0x80;

		if (is_start && column == COLUMNS) {
			fprintf(to, "\n%-*s", (int)indent, "");
			column = indent;
		}
		column += is_start;
		fputc(room[i], to);
	}
	fputc('\n', to);
}

static void put_end(struct wt_builder *b, const struct wt_alert *a, unsigned end)
{
	const struct wt_endpoint *at = &a->key.end[end];

	if (!a->key.ip_version) {
		if (a->has_mac)
			wt_bld_mac(b, a->mac + (end == a->sender ? 6 : 0));
		return;
	}
	wt_bld_addr(b, &at->addr, a->key.ip_version);
	if (a->key.proto == 6 || a->key.proto == 17) {
		wt_bld_char(b, a->key.ip_version == 6 ? ' ' : ':');
		wt_bld_u64(b, at->port);
	}
}

/* On one line where it fits, else on two. */
static void print_ends(const struct wt_alert *a, unsigned indent, FILE *to)
{
	char room[2][80];
	struct wt_builder from = wt_builder_of(room[0], sizeof(room[0]));
	struct wt_builder dest = wt_builder_of(room[1], sizeof(room[1]));
	struct wt_slice app = wt_slice_head(a->text[WT_ALERT_APP], 16);

	put_end(&from, a, a->sender);
	put_end(&dest, a, a->sender ^ 1u);
	if (!from.len)
		return;
	fprintf(to, "%*s%.*s", (int)indent, "", (int)from.len, room[0]);
	if (indent + from.len + dest.len + app.len + 6 > COLUMNS)
		fprintf(to, "\n%*s", (int)indent, "");
	else
		fputc(' ', to);
	fprintf(to, "> %.*s", (int)dest.len, room[1]);
	if (app.len)
		fprintf(to, " (%.*s)", (int)app.len, (const char *)app.ptr);
	fputc('\n', to);
}

static void print_time(uint64_t ns, FILE *to)
{
	char text[WT_TIME_LEN + 1];
	struct wt_builder b = wt_builder_of(text, sizeof(text));

	wt_bld_time(&b, ns);
	text[10] = ' ';
	fprintf(to, "%.19s", text);
}

void wt_alertpage_head(FILE *to)
{
	fprintf(to, "%-19s  %3s  %10s  %-22s  %s\n", "FIRST SEEN (UTC)", "SEV", "COUNT", "RULE",
		"ID");
}

void wt_alertpage_row(const struct wt_alert *a, FILE *to)
{
	char id[33], rule[32];

	wt_alert_id_text(a->id, id);
	(void)snprintf(rule, sizeof(rule), "%u:%u:%u", a->gid, a->sid, a->rev);
	print_time(a->first_ns, to);
	fprintf(to, "  %3u  %10llu  %-22s  %.16s\n", a->severity, (unsigned long long)a->n,
		rule, id);
	print_wrapped("", a->text[WT_ALERT_SIGNATURE], 4, to);
	print_ends(a, 4, to);
}

static void print_line(const char *label, const char *text, FILE *to)
{
	print_wrapped(label, wt_slice_of(text, strlen(text)), 16, to);
}

static void print_fields(struct wt_slice fields, FILE *to)
{
	struct wt_alert_field field;

	while (wt_alert_take_field(&fields, &field)) {
		char room[700];
		struct wt_builder b = wt_builder_of(room, sizeof(room));

		wt_bld_bytes(&b, wt_slice_head(field.name, 96));
		wt_bld_text(&b, " ");
		if (field.type == WT_TYPE_STR || field.form == WT_FORM_PSEUDONYM)
			wt_bld_bytes(&b, wt_slice_head(field.bytes, 400));
		else if (field.type == WT_TYPE_BOOL)
			wt_bld_text(&b, field.number ? "true" : "false");
		else
			wt_bld_u64(&b, field.number);
		print_wrapped("", wt_bld_slice(&b), 4, to);
	}
}

void wt_alertpage_full(const struct wt_alert *a, uint64_t journal_seq, FILE *to)
{
	static const char *const labels[WT_N_ALERT_TEXTS] = {
		"sensor",     "interface",   "protocol",    "signature",
		"category",   "meaning",     "from device", "from name",
		"from class", "from vendor", "from model",  "to device",
		"to name",    "to class",    "to vendor",   "to model",
	};
	char id[33], line[96];
	unsigned i;

	wt_alert_id_text(a->id, id);
	(void)snprintf(line, sizeof(line), "%s, record %u%s", id, a->seq,
		       a->is_closed ? ", the last one" : "");
	print_line("alert", line, to);
	(void)snprintf(line, sizeof(line), "%u of 10, confidence %u %%", a->severity,
		       a->confidence);
	print_line("severity", line, to);
	(void)snprintf(line, sizeof(line), "%s %u:%u:%u", wt_alert_kind_name(a->kind), a->gid,
		       a->sid, a->rev);
	print_line("rule", line, to);
	fprintf(to, "%-16s", "seen");
	print_time(a->first_ns, to);
	fputs(" to ", to);
	print_time(a->last_ns, to);
	if (a->n == 1)
		fputs(", once\n", to);
	else
		fprintf(to, ", %llu times\n", (unsigned long long)a->n);
	print_ends(a, 16, to);
	for (i = 0; i < WT_N_ALERT_TEXTS; i++)
		if (a->text[i].len)
			print_wrapped(labels[i], a->text[i], 16, to);
	if (a->number) {
		(void)snprintf(line, sizeof(line), "packet %llu",
			       (unsigned long long)a->number);
		print_line("first", line, to);
	}
	print_fields(a->fields, to);
	(void)snprintf(line, sizeof(line), "%llu", (unsigned long long)journal_seq);
	print_line("journal", line, to);
	fputc('\n', to);
}
