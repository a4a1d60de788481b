/* The summary of a replay (summary.h). Conversations are rows of one table: protocol,
 * who asked whom, and what was said how often; rows beyond the bound are counted.
 * Trust: texts are escaped before they are shown. Memory: ROWS_MAX rows. */
#include "app/summary.h"
#include "app/assets.h"
#include "base/json.h"
#include "export/eve.h"
#include "wardtap/registry.h"
#define WT_NO_POISON
#include "wardtap/dissector.h"

#include <stdlib.h>

#define ROWS_MAX 4096u
#define WHO_MAX 200
#define WHAT_MAX 96

struct row {
	char who[WHO_MAX];   /* addresses and names */
	char what[WHAT_MAX]; /* message, command, ... */
	uint16_t owner;
	uint64_t n;
};

struct wt_summary {
	const char *(*hint_name)(unsigned);
	uint64_t n_dropped, n_flows, n_unlabelled, n_one_way;
	uint64_t app_flows[256], hint_flows[1024];
	unsigned n_rows;
	struct row row[ROWS_MAX];
	uint16_t slot[ROWS_MAX * 2]; /* row + 1 */
};

struct wt_summary *wt_summary_new(const char *(*hint_name)(unsigned))
{
	struct wt_summary *s = calloc(1, sizeof(*s));

	if (!s)
		abort();
	s->hint_name = hint_name;
	return s;
}

void wt_summary_free(struct wt_summary *s)
{
	free(s);
}

/* The first value of a field by its name, empty when the record has none. */
static struct wt_slice find_text(const struct wt_record *record, const char *name)
{
	struct wt_slice rest = wt_slice_of(record->values, record->values_len), bytes;
	struct wt_value value;

	while (wt_value_next(&rest, &value, &bytes)) {
		const struct wt_field *row = wt_registry_field(record->head.owner, value.field);

		if (row && row->type == WT_TYPE_STR && value.form == WT_FORM_PLAIN &&
		    strcmp(row->name, name) == 0)
			return bytes;
	}
	return wt_slice_of(NULL, 0);
}

static void put_endpoint(struct wt_builder *b, const struct wt_event_head *head, unsigned end,
			 bool with_port)
{
	wt_bld_addr(b, &head->key.end[end].addr, head->key.ip_version);
	if (!with_port)
		return;
	wt_bld_char(b, head->key.ip_version == 6 ? ' ' : ':');
	wt_bld_u64(b, head->key.end[end].port);
}

/* Adds text, cut, with hostile bytes escaped. */
static void put_name(struct wt_builder *b, struct wt_slice name, size_t cap)
{
	char room[6 * 40];
	struct wt_builder escaped = wt_builder_of(room, sizeof(room));

	wt_bld_escaped(&escaped, wt_slice_head(name, 40));
	wt_bld_bytes(b, wt_slice_head(wt_bld_slice(&escaped), cap));
}

static uint32_t hash_text(uint32_t h, const char *text)
{
	for (; *text; text++)
		h = (h ^ (uint8_t)*text) * 16777619u; /* FNV-1a */
	return h;
}

static void add_row(struct wt_summary *s, uint16_t owner, const char *who, const char *what)
{
	uint32_t h = hash_text(hash_text(2166136261u + owner, who), what) % (ROWS_MAX * 2);
	struct row *row;

	for (; s->slot[h]; h = (h + 1) % (ROWS_MAX * 2)) {
		row = &s->row[s->slot[h] - 1];
		if (row->owner == owner && !strcmp(row->who, who) && !strcmp(row->what, what)) {
			row->n++;
			return;
		}
	}
	if (s->n_rows == ROWS_MAX) {
		s->n_dropped++;
		return;
	}
	row = &s->row[s->n_rows];
	s->slot[h] = (uint16_t)++s->n_rows;
	row->owner = owner;
	row->n = 1;
	(void)snprintf(row->who, sizeof(row->who), "%s", who);
	(void)snprintf(row->what, sizeof(row->what), "%s", what);
}

/* Which names stand for the two sides of a protocol, and which field says what was
 * said. from_is_sender: the names are those of sender and receiver of a message, not of
 * client and server. Rows beyond these are told by their event type alone. */
static const struct {
	const char *owner, *from, *to, *what, *detail;
	bool from_is_sender;
} wording[] = {
	{ "hl7", "hl7.sending_app", "hl7.receiving_app", "hl7.message_type", "hl7.ack_code", true },
	{ "dicom", "dicom.calling_ae", "dicom.called_ae", "dicom.command", "dicom.status_text",
	  false },
};

/* Client, server and the names they use, the same for both directions. */
static void put_who(struct wt_builder *b, const struct wt_record *record, struct wt_slice from,
		    struct wt_slice to)
{
	put_endpoint(b, &record->head, record->head.client, false);
	wt_bld_text(b, " > ");
	put_endpoint(b, &record->head, record->head.client ^ 1, true);
	if (!from.len && !to.len)
		return;
	wt_bld_text(b, "  ");
	put_name(b, from, 40);
	wt_bld_text(b, " > ");
	put_name(b, to, 40);
}

static void take_conversation(struct wt_summary *s, const struct wt_record *record)
{
	const char *owner = wt_registry_name(record->head.owner);
	struct wt_slice from = { 0 }, to = { 0 }, what = { 0 }, detail = { 0 };
	char who_text[WHO_MAX] = "", what_text[WHAT_MAX] = "";
	struct wt_builder b = wt_builder_of(who_text, WHO_MAX - 1);
	bool is_answer = record->head.sender != record->head.client;
	unsigned i;

	for (i = 0; i < sizeof(wording) / sizeof(wording[0]); i++) {
		bool is_swapped = wording[i].from_is_sender && is_answer;

		if (strcmp(owner, wording[i].owner) != 0)
			continue;
		from = find_text(record, is_swapped ? wording[i].to : wording[i].from);
		to = find_text(record, is_swapped ? wording[i].from : wording[i].to);
		what = find_text(record, wording[i].what);
		detail = find_text(record, wording[i].detail);
	}
	if (what.len == 0)
		what = find_text(record, "dicom.pdu");
	if (what.len == 0)
		return; /* parts of a message that is told already */
	put_who(&b, record, from, to);
	b = wt_builder_of(what_text, WHAT_MAX - 1);
	if (is_answer)
		wt_bld_text(&b, "< ");
	put_name(&b, what, 24);
	if (detail.len) {
		wt_bld_char(&b, ' ');
		put_name(&b, detail, 40);
	}
	add_row(s, record->head.owner, who_text, what_text);
}

void wt_summary_take(struct wt_summary *s, const struct wt_record *record)
{
	const struct wt_event_head *head = &record->head;

	if (head->owner) {
		take_conversation(s, record);
		return;
	}
	if (head->type != WT_EVENT_FLOW)
		return;
	s->n_flows++;
	if (head->app && head->app < 256)
		s->app_flows[head->app]++;
	else if (head->hint && head->hint < 1024)
		s->hint_flows[head->hint]++;
	else
		s->n_unlabelled++;
}

static void print_title(FILE *to, const char *title)
{
	fprintf(to, "\n%s\n", title);
}

/* The items of one pair, wrapped at 78 columns; answers on lines of their own. */
static void print_items(const struct wt_summary *s, unsigned first, bool answers, bool *is_done,
			FILE *to)
{
	const struct row *pair = &s->row[first];
	int column = 0;
	unsigned i;

	for (i = first; i < s->n_rows; i++) {
		const struct row *row = &s->row[i];
		bool is_answer = !strncmp(row->what, "< ", 2);
		char item[WHAT_MAX + 32];
		int len;

		if (row->owner != pair->owner || strcmp(row->who, pair->who) != 0 ||
		    is_answer != answers)
			continue;
		is_done[i] = true;
		len = snprintf(item, sizeof(item), "%s x%llu", row->what + (is_answer ? 2 : 0),
			       (unsigned long long)row->n);
		if (column == 0)
			column = fprintf(to, answers ? "    answers: " : "      ");
		else if (column + len + 2 > 78)
			column = fprintf(to, ",\n      ") - 2;
		else
			column += fprintf(to, ", ");
		column += fprintf(to, "%s", item);
	}
	if (column)
		fprintf(to, "\n");
}

/* Rows of one protocol; those of one pair stand together. */
static void print_protocol(const struct wt_summary *s, unsigned owner, const char *title,
			   FILE *to)
{
	bool *is_done = calloc(ROWS_MAX, sizeof(*is_done));
	unsigned i, n_pairs = 0;

	if (!is_done)
		abort();
	for (i = 0; i < s->n_rows; i++) {
		if (s->row[i].owner != owner || is_done[i])
			continue;
		if (n_pairs == 0)
			print_title(to, title);
		if (++n_pairs > 40) {
			fprintf(to, "  ... and more; -o FOLDER writes all events\n");
			break;
		}
		fprintf(to, "  %s\n", s->row[i].who);
		print_items(s, i, false, is_done, to);
		print_items(s, i, true, is_done, to);
	}
	free(is_done);
}

/* The most frequent labels, highest first. */
static void print_hints(const struct wt_summary *s, FILE *to)
{
	uint64_t below = UINT64_MAX; /* rank of the one printed last */
	unsigned i, k;

	for (k = 0; k < 12 && s->hint_name; k++) {
		uint64_t best = 0;

		for (i = 1; i < 1024; i++) {
			uint64_t rank = s->hint_flows[i] * 1024 + i;

			if (s->hint_flows[i] && rank < below && rank > best)
				best = rank;
		}
		if (!best)
			break;
		below = best;
		fprintf(to, "%s%s %llu", k ? ", " : "  others by hint: ",
			s->hint_name((unsigned)(best % 1024)), (unsigned long long)(best / 1024));
	}
	if (k)
		fprintf(to, "\n");
}

static void print_flows(const struct wt_summary *s, FILE *to)
{
	unsigned i;

	print_title(to, "flows");
	fprintf(to, "  %llu in all", (unsigned long long)s->n_flows);
	for (i = 1; i < 256; i++)
		if (s->app_flows[i])
			fprintf(to, ", %llu %s", (unsigned long long)s->app_flows[i],
				wt_registry_name(i));
	if (s->n_unlabelled)
		fprintf(to, ", %llu unknown", (unsigned long long)s->n_unlabelled);
	fprintf(to, "\n");
	print_hints(s, to);
}

static void print_share(FILE *to, const char *what, uint64_t part, uint64_t whole)
{
	if (part)
		fprintf(to, "  %-34s %12llu  (%.2f %%)\n", what, (unsigned long long)part,
			whole ? 100.0 * (double)part / (double)whole : 0.0);
}

static void print_quality(const struct wt_counters *c, FILE *to)
{
	const uint64_t *v = c->value;
	uint64_t read = v[WT_C_PACKETS_READ], span = v[WT_C_STREAM_SPAN];

	print_title(to, "capture quality");
	fprintf(to, "  %-34s %12llu\n", "packets read", (unsigned long long)read);
	print_share(to, "second copies of the mirror", v[WT_C_DISP_DUPLICATE], read);
	print_share(to, "cut by the snap length", v[WT_C_CAPTURE_CLIPPED], read);
	print_share(to, "malformed", v[WT_C_DISP_MALFORMED], read);
	print_share(to, "truncated headers", v[WT_C_DISP_TRUNCATED], read);
	print_share(to, "unknown link type", v[WT_C_DISP_UNKNOWN_LINK], read);
	print_share(to, "wrong checksums (often offload)",
		    v[WT_C_DECODE_BAD_L4_SUM] + v[WT_C_DECODE_BAD_IP_SUM], read);
	print_share(to, "dropped by the kernel", v[WT_C_CAPTURE_KERNEL_DROPPED],
		    v[WT_C_CAPTURE_KERNEL_RECEIVED]);
	print_share(to, "TCP bytes never captured", v[WT_C_STREAM_GAP], span);
	print_share(to, "TCP bytes cut off", v[WT_C_STREAM_CLIPPED], span);
	print_share(to, "TCP bytes of unknown protocols", v[WT_C_STREAM_ABANDONED], span);
	print_share(to, "one-way flows", v[WT_C_FLOWS_ONE_WAY], v[WT_C_FLOWS_NEW]);
	print_share(to, "flows joined mid-stream", v[WT_C_FLOWS_MIDSTREAM], v[WT_C_FLOWS_TCP]);
	print_share(to, "contradicting retransmissions", v[WT_C_STREAM_CONFLICT],
		    v[WT_C_DECODE_TCP]);
	print_share(to, "glitches of protocols", v[WT_C_DISSECT_GLITCHES],
		    v[WT_C_DISSECT_MESSAGES]);
}

void wt_summary_print(const struct wt_summary *s, const struct wt_archive *archive,
		      const struct wt_counters *c,
		      uint64_t first_ns, uint64_t last_ns, FILE *to)
{
	char text[64] = "";
	struct wt_builder b = wt_builder_of(text, sizeof(text) - 1);
	unsigned owner;

	if (last_ns) {
		wt_bld_time(&b, first_ns);
		b.len -= 5;
		wt_bld_text(&b, " to ");
		wt_bld_time(&b, last_ns);
		b.len -= 5;
		text[b.len] = '\0';
	}
	fprintf(to, "%llu packets in %llu files%s%s%s\n",
		(unsigned long long)c->value[WT_C_PACKETS_READ],
		(unsigned long long)c->value[WT_C_CAPTURE_FILES], last_ns ? ", " : "", text,
		last_ns ? " UTC" : "");
	for (owner = 1; owner <= wt_registry_count(); owner++)
		print_protocol(s, owner, wt_registry_dissector(owner)->title, to);
	wt_assets_print(archive, to);
	if (s->n_dropped)
		fprintf(to, "  (%llu events of further pairs not shown)\n",
			(unsigned long long)s->n_dropped);
	print_flows(s, to);
	print_quality(c, to);
}
