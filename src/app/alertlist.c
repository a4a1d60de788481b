/* Alerts for people (alertlist.h). Trust: texts are of rules, addresses hostile numbers.
 * Memory: ALERTS_MAX rows; further rules are counted together. */
#include "app/alertlist.h"
#include "base/json.h"
#include "base/values.h"
#include "export/eve.h"

#include <stdlib.h>

#define ALERTS_MAX 1024u
#define WHO_MAX 160u

struct row {
	uint64_t sid, priority, n, first_number;
	char msg[512];
	char who[WHO_MAX];
};

struct wt_alertlist {
	struct row row[ALERTS_MAX];
	unsigned n;
	uint64_t n_all, n_others;
};

struct wt_alertlist *wt_alertlist_new(void)
{
	struct wt_alertlist *list = calloc(1, sizeof(*list));

	if (!list)
		abort();
	return list;
}

void wt_alertlist_free(struct wt_alertlist *list)
{
	free(list);
}

static void put_ends(struct row *row, const struct wt_event_head *head)
{
	struct wt_builder b = wt_builder_of(row->who, WHO_MAX - 1);
	unsigned i;

	for (i = 0; i < 2; i++) {
		const struct wt_endpoint *end =
			&head->key.end[i ? head->sender ^ 1 : head->sender];

		if (i)
			wt_bld_text(&b, " > ");
		if (!head->key.ip_version) {
			if (head->has_mac)
				wt_bld_mac(&b, head->mac + (i ? 0 : 6));
			continue;
		}
		wt_bld_addr(&b, &end->addr, head->key.ip_version);
		if (head->key.proto == 6 || head->key.proto == 17) {
			wt_bld_char(&b, head->key.ip_version == 6 ? ' ' : ':');
			wt_bld_u64(&b, end->port);
		}
	}
	row->who[b.len] = '\0';
}

void wt_alertlist_take(struct wt_alertlist *list, const struct wt_record *record)
{
	struct wt_slice rest = wt_slice_of(record->values, record->values_len), bytes;
	struct row found = { .n = 1, .first_number = record->head.number };
	struct wt_value value;
	unsigned i;

	while (wt_values_take(&rest, &value, &bytes)) {
		struct wt_builder b = wt_builder_of(found.msg, sizeof(found.msg) - 1);

		if (value.field == WT_F_ALERT_SIGNATURE_ID)
			found.sid = wt_value_number(bytes);
		else if (value.field == WT_F_ALERT_SEVERITY)
			found.priority = wt_value_number(bytes);
		else if (value.field == WT_F_ALERT_SIGNATURE)
			wt_bld_escaped(&b, wt_slice_head(bytes, 80));
	}
	list->n_all++;
	for (i = 0; i < list->n; i++)
		if (list->row[i].sid == found.sid) {
			list->row[i].n++;
			return;
		}
	if (list->n == ALERTS_MAX) {
		list->n_others++;
		return;
	}
	put_ends(&found, &record->head);
	list->row[list->n++] = found;
}

static int by_gravity(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return x->sid < y->sid ? -1 : x->sid > y->sid;
}

void wt_alertlist_print(const struct wt_alertlist *list, FILE *to)
{
	struct row *sorted;
	unsigned i;

	if (!list->n)
		return;
	sorted = malloc(list->n * sizeof(*sorted));
	if (!sorted)
		abort();
	memcpy(sorted, list->row, list->n * sizeof(*sorted));
	qsort(sorted, list->n, sizeof(*sorted), by_gravity);
	fprintf(to, "\nalerts (%llu)\n", (unsigned long long)list->n_all);
	for (i = 0; i < list->n; i++) {
		const struct row *row = &sorted[i];

		fprintf(to, "  %llu  %s  [%llu]\n     %s", (unsigned long long)row->priority,
			row->msg, (unsigned long long)row->sid, row->who);
		if (row->first_number)
			fprintf(to, ", packet %llu", (unsigned long long)row->first_number);
		if (row->n > 1)
			fprintf(to, ", and %llu more", (unsigned long long)row->n - 1);
		fprintf(to, "\n");
	}
	if (list->n_others)
		fprintf(to, "  %llu alerts of further rules; -o FOLDER writes all\n",
			(unsigned long long)list->n_others);
	free(sorted);
}
