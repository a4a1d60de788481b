/* Readers and cursors (reader.h). Each band is a row of segments of its own; the record
 * with the lowest sequence of all bands is next. The committed sequence is read before
 * the bands are looked at, so whatever it covers is there to be seen. */
#include "journal/reader.h"
#include "journal/mark.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define SEGMENTS_MAX 4096u
#define STATE_FILE "committed"

struct band {
	int file; /* below 0: none */
	uint64_t serial;
	bool has_record;
	struct wt_scan scan;
};

struct wt_journal_reader {
	const struct wt_io *io;
	bool only_committed;
	int error; /* below 0: why what is there could not be looked at, -errno */
	struct wt_mark mark;
	uint64_t seq, end, unreadable;
	struct band band[WT_BANDS];
	uint64_t serial[WT_BANDS][SEGMENTS_MAX];
	unsigned n[WT_BANDS];
};

struct wt_journal_reader *wt_journal_reader_new(const struct wt_io *io, bool only_committed)
{
	struct wt_journal_reader *r = calloc(1, sizeof(*r));
	unsigned i;

	if (!r)
		abort();
	r->io = io;
	r->only_committed = only_committed;
	r->mark.file = -1;
	for (i = 0; i < WT_BANDS; i++)
		r->band[i].file = -1;
	return r;
}

static void leave(struct wt_journal_reader *r, struct band *band)
{
	if (band->file < 0)
		return;
	r->unreadable += band->scan.skipped;
	r->io->close(r->io->self, band->file);
	band->file = -1;
	band->has_record = false;
}

void wt_journal_reader_free(struct wt_journal_reader *r)
{
	unsigned i;

	if (!r)
		return;
	for (i = 0; i < WT_BANDS; i++)
		leave(r, &r->band[i]);
	wt_mark_close(&r->mark);
	free(r);
}

static void take_name(void *to, const char *name)
{
	struct wt_journal_reader *r = to;
	uint64_t serial;
	unsigned band;

	if (wt_segment_parse(name, &serial, &band) && r->n[band] < SEGMENTS_MAX)
		r->serial[band][r->n[band]++] = serial;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void list(struct wt_journal_reader *r)
{
	unsigned i;

	memset(r->n, 0, sizeof(r->n));
	r->error = r->io->list(r->io->self, take_name, r);
	for (i = 0; i < WT_BANDS; i++)
		qsort(r->serial[i], r->n[i], sizeof(r->serial[i][0]), by_number);
}

/* Opens the next segment of the band that is still there. */
static bool enter_next(struct wt_journal_reader *r, unsigned at)
{
	struct band *band = &r->band[at];
	char name[WT_IO_NAME_MAX];
	unsigned i;

	for (i = 0; i < r->n[at]; i++) {
		uint64_t serial = r->serial[at][i];
		int file;

		if (serial <= band->serial)
			continue;
		wt_segment_name(serial, at, name);
		file = r->io->open(r->io->self, name, false);
		if (file == -ENOENT)
			continue; /* evicted meanwhile */
		if (file < 0) {
			/* its records are there: nothing behind them may come first */
			r->error = file;
			return false;
		}
		leave(r, band);
		band->file = file;
		band->serial = serial;
		wt_scan_begin(&band->scan, r->io, file, serial);
		return true;
	}
	return false;
}

/* Finds the band's next record behind r->seq. */
static void look(struct wt_journal_reader *r, unsigned at)
{
	struct band *band = &r->band[at];

	for (;;) {
		while (band->file >= 0 && wt_scan_find(&band->scan, r->end)) {
			if (band->scan.seq > r->seq) {
				band->has_record = true;
				return;
			}
			band->scan.at = band->scan.next_at;
		}
		if ((band->file >= 0 && band->scan.is_beyond) || !enter_next(r, at))
			return;
	}
}

/* Takes over what was committed or written meanwhile. */
static void refresh(struct wt_journal_reader *r)
{
	unsigned i;

	r->end = r->only_committed ? wt_journal_end(r) : UINT64_MAX / 2;
	list(r);
	for (i = 0; i < WT_BANDS; i++)
		if (!r->band[i].has_record)
			look(r, i);
}

static struct band *lowest(struct wt_journal_reader *r)
{
	struct band *best = NULL;
	unsigned i;

	if (r->error < 0)
		return NULL;
	for (i = 0; i < WT_BANDS; i++)
		if (r->band[i].has_record && (!best || r->band[i].scan.seq < best->scan.seq))
			best = &r->band[i];
	return best;
}

bool wt_journal_read(struct wt_journal_reader *r, struct wt_reading *reading)
{
	struct band *band;
	unsigned i;

	for (i = 0; i < WT_BANDS; i++) /* the record given last is no longer in use */
		if (r->band[i].has_record && r->band[i].scan.seq <= r->seq) {
			r->band[i].has_record = false;
			r->band[i].scan.at = r->band[i].scan.next_at;
			look(r, i);
		}
	band = lowest(r);
	if (!band) {
		refresh(r);
		band = lowest(r);
	}
	if (!band)
		return false;
	r->seq = band->scan.seq;
	*reading = (struct wt_reading){ .seq = band->scan.seq,
					.time_ns = band->scan.time_ns,
					.bytes = band->scan.payload };
	return true;
}

void wt_journal_seek(struct wt_journal_reader *r, uint64_t seq)
{
	unsigned i;

	for (i = 0; i < WT_BANDS; i++) {
		leave(r, &r->band[i]);
		r->band[i].serial = 0;
	}
	r->seq = seq;
}

uint64_t wt_journal_end(struct wt_journal_reader *r)
{
	if (r->mark.file < 0) /* none yet: nothing is committed */
		if (!wt_mark_open(&r->mark, r->io, STATE_FILE, false))
			return 0;
	wt_mark_read(&r->mark);
	return r->mark.facts.seq;
}

int wt_journal_error(const struct wt_journal_reader *r)
{
	return r->error < 0 ? -r->error : 0;
}

uint64_t wt_journal_unreadable(const struct wt_journal_reader *r)
{
	uint64_t sum = r->unreadable;
	unsigned i;

	for (i = 0; i < WT_BANDS; i++)
		if (r->band[i].file >= 0)
			sum += r->band[i].scan.skipped;
	return sum;
}

struct wt_cursor {
	struct wt_mark mark;
};

static bool is_consumer(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= 32 &&
	       strspn(name,
		      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") ==
		       len;
}

struct wt_cursor *wt_cursor_open(const struct wt_io *io, const char *consumer)
{
	struct wt_cursor *c;
	char name[WT_IO_NAME_MAX];

	if (!is_consumer(consumer))
		return NULL;
	(void)snprintf(name, sizeof(name), "%s.cursor", consumer);
	c = calloc(1, sizeof(*c));
	if (!c)
		abort();
	if (wt_mark_open(&c->mark, io, name, true))
		return c;
	free(c);
	return NULL;
}

void wt_cursor_free(struct wt_cursor *c)
{
	if (!c)
		return;
	wt_mark_close(&c->mark);
	free(c);
}

uint64_t wt_cursor_seq(const struct wt_cursor *c)
{
	return c->mark.facts.seq;
}

uint64_t wt_cursor_count(const struct wt_cursor *c)
{
	return c->mark.facts.count;
}

bool wt_cursor_acknowledge(struct wt_cursor *c, uint64_t seq, uint64_t n)
{
	const struct wt_mark_facts before = c->mark.facts;

	if (seq <= before.seq)
		return true;
	c->mark.facts.seq = seq;
	c->mark.facts.count += n;
	c->mark.facts.time_ns = c->mark.io->now_ns(c->mark.io->self);
	if (wt_mark_write(&c->mark, true))
		return true;
	c->mark.facts = before;
	return false;
}
