/* Records that are done with or out (ledger.h): rows in the order of the journal.
 * Trust: our own numbers. Memory: see ledger.h. */
#include "export/ledger.h"

#include <stdlib.h>

struct row {
	uint64_t journal_seq;
	uint32_t slot;
	uint8_t state; /* never WT_LEDGER_NEW */
};

struct wt_ledger {
	unsigned n, n_max;
	struct row row[];
};

struct wt_ledger *wt_ledger_new(unsigned n_max)
{
	struct wt_ledger *l = malloc(sizeof(*l) + n_max * sizeof(struct row));

	if (l) {
		l->n = 0;
		l->n_max = n_max;
	}
	return l;
}

void wt_ledger_free(struct wt_ledger *l)
{
	free(l);
}

/* Number of rows before this record. */
static unsigned place_of(const struct wt_ledger *l, uint64_t journal_seq)
{
	unsigned low = 0, high = l->n;

	/* most records come in their order */
	if (!l->n || l->row[l->n - 1].journal_seq < journal_seq)
		return l->n;
	while (low < high) {
		unsigned mid = low + (high - low) / 2;

		if (l->row[mid].journal_seq < journal_seq)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool is_at(const struct wt_ledger *l, unsigned at, uint64_t journal_seq)
{
	return at < l->n && l->row[at].journal_seq == journal_seq;
}

void wt_ledger_forget(struct wt_ledger *l, uint64_t journal_seq)
{
	unsigned at = place_of(l, journal_seq);

	memmove(l->row, l->row + at, (l->n - at) * sizeof(struct row));
	l->n -= at;
}

void wt_ledger_set(struct wt_ledger *l, uint64_t journal_seq, enum wt_ledger_state state,
		   unsigned slot)
{
	unsigned at = place_of(l, journal_seq);

	if (!is_at(l, at, journal_seq)) {
		if (l->n == l->n_max)
			return;
		memmove(l->row + at + 1, l->row + at, (l->n - at) * sizeof(struct row));
		l->n++;
	}
	l->row[at] = (struct row){ journal_seq, slot, (uint8_t)state };
}

enum wt_ledger_state wt_ledger_of(const struct wt_ledger *l, uint64_t journal_seq)
{
	unsigned at = place_of(l, journal_seq);

	return is_at(l, at, journal_seq) ? (enum wt_ledger_state)l->row[at].state
					 : WT_LEDGER_NEW;
}

void wt_ledger_end_slot(struct wt_ledger *l, unsigned slot, enum wt_ledger_state state)
{
	unsigned i, n = 0;

	for (i = 0; i < l->n; i++) {
		struct row row = l->row[i];

		if (row.state == WT_LEDGER_OUT && row.slot == slot) {
			if (state == WT_LEDGER_NEW)
				continue;
			row.state = (uint8_t)state;
		}
		l->row[n++] = row;
	}
	l->n = n;
}

void wt_ledger_ask_again(struct wt_ledger *l)
{
	unsigned i, n = 0;

	for (i = 0; i < l->n; i++)
		if (l->row[i].state != WT_LEDGER_REFUSED)
			l->row[n++] = l->row[i];
	l->n = n;
}

void wt_ledger_count(const struct wt_ledger *l, const struct wt_sink_item *items, unsigned n,
		     struct wt_sink_result *result)
{
	unsigned i;

	result->n_done = result->n_again = 0;
	for (i = 0; i < n; i++) {
		enum wt_ledger_state state = wt_ledger_of(l, items[i].journal_seq);

		if (state == WT_LEDGER_NEW || state == WT_LEDGER_OUT)
			return;
		result->n_done++;
		result->n_again += state == WT_LEDGER_AGAIN;
	}
}
