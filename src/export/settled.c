/* Records that are done with (settled.h): rows in the order of the journal.
 * Trust: our own numbers. Memory: see settled.h. */
#include "export/settled.h"

#include <stdlib.h>

struct row {
	uint64_t journal_seq;
	bool is_again;
};

struct wt_settled {
	unsigned n, n_max;
	struct row row[];
};

struct wt_settled *wt_settled_new(unsigned n_max)
{
	struct wt_settled *s = malloc(sizeof(*s) + n_max * sizeof(struct row));

	if (s) {
		s->n = 0;
		s->n_max = n_max;
	}
	return s;
}

void wt_settled_free(struct wt_settled *s)
{
	free(s);
}

/* Number of rows before this record. */
static unsigned place_of(const struct wt_settled *s, uint64_t journal_seq)
{
	unsigned low = 0, high = s->n;

	/* most records come in their order */
	if (!s->n || s->row[s->n - 1].journal_seq < journal_seq)
		return s->n;
	while (low < high) {
		unsigned mid = low + (high - low) / 2;

		if (s->row[mid].journal_seq < journal_seq)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static const struct row *find(const struct wt_settled *s, uint64_t journal_seq)
{
	unsigned at = place_of(s, journal_seq);

	return at < s->n && s->row[at].journal_seq == journal_seq ? &s->row[at] : NULL;
}

void wt_settled_forget(struct wt_settled *s, uint64_t journal_seq)
{
	unsigned at = place_of(s, journal_seq);

	memmove(s->row, s->row + at, (s->n - at) * sizeof(struct row));
	s->n -= at;
}

void wt_settled_add(struct wt_settled *s, uint64_t journal_seq, bool is_again)
{
	unsigned at = place_of(s, journal_seq);

	if (s->n == s->n_max || find(s, journal_seq))
		return;
	memmove(s->row + at + 1, s->row + at, (s->n - at) * sizeof(struct row));
	s->row[at] = (struct row){ journal_seq, is_again };
	s->n++;
}

bool wt_settled_has(const struct wt_settled *s, uint64_t journal_seq)
{
	return find(s, journal_seq) != NULL;
}

void wt_settled_count(const struct wt_settled *s, const struct wt_sink_item *items, unsigned n,
		      struct wt_sink_result *result)
{
	unsigned i;

	result->n_done = result->n_again = 0;
	for (i = 0; i < n; i++) {
		const struct row *row = find(s, items[i].journal_seq);

		if (!row)
			return;
		result->n_done++;
		result->n_again += row->is_again;
	}
}
