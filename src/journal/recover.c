/* What a start finds in the folder. Every segment is read; what is intact counts, the
 * rest is noise: of writes that no batch had committed, or damage. Nothing is repaired,
 * and no old segment is written to again.
 * Trust: files are hostile. Memory: one scan window while it runs. */
#include "journal/spool_inner.h"

#include <stdlib.h>

/* Names of segments, unsorted. */
static void take_name(void *to, const char *name)
{
	struct wt_spool *s = to;
	uint64_t serial;
	unsigned band;

	if (!wt_segment_parse(name, &serial, &band) || serial >= UINT64_MAX / 2)
		return;
	if (serial >= s->next_serial)
		s->next_serial = serial + 1;
	if (s->n_segs < WT_SEGMENTS_MAX)
		s->seg[s->n_segs++] = (struct wt_seg){ .serial = serial, .band = band };
}

static int by_serial(const void *a, const void *b)
{
	const struct wt_seg *x = a, *y = b;

	return x->serial < y->serial ? -1 : x->serial > y->serial;
}

/* Reads one segment. False when it holds nothing. Sequences of a band only grow; what
 * does not was written twice, after an error of a sync. */
static bool read_segment(struct wt_spool *s, struct wt_seg *seg, struct wt_scan *scan,
			 uint64_t *last_of_band, bool is_newest)
{
	uint64_t skipped = 0;
	char name[WT_IO_NAME_MAX];
	int64_t size;
	int file;

	wt_segment_name(seg->serial, seg->band, name);
	file = s->io->open(s->io->self, name, false);
	if (file < 0)
		return false;
	size = s->io->size(s->io->self, file);
	seg->bytes = size > 0 ? (uint64_t)size : 0;
	wt_scan_begin(scan, s->io, file, seg->serial);
	while (wt_scan_find(scan, UINT64_MAX / 2)) {
		if (scan->skipped > skipped && scan->seq <= s->mark.facts.seq)
			s->stats.damaged += scan->skipped - skipped;
		skipped = scan->skipped;
		if (scan->seq > *last_of_band) {
			if (!seg->n++)
				seg->first_seq = scan->seq;
			seg->last_seq = *last_of_band = scan->seq;
		}
		if (scan->time_ns > s->gap_from)
			s->gap_from = scan->time_ns;
		scan->at = scan->next_at;
	}
	/* Bytes that were never committed are no damage: a torn end, and the newest segment
	 * of a band, which may have lost its only batch. */
	if (!seg->n && !is_newest && seg->bytes > WT_SEGMENT_HEAD)
		s->stats.damaged += seg->bytes - WT_SEGMENT_HEAD;
	/* A process that was killed left pages that are not on the disk yet. */
	if (seg->n && s->io->sync(s->io->self, file) != 0)
		s->stats.errors++;
	s->io->close(s->io->self, file);
	return seg->n > 0;
}

static bool is_newest(const struct wt_spool *s, unsigned at)
{
	unsigned i;

	for (i = at + 1; i < s->n_segs; i++)
		if (s->seg[i].band == s->seg[at].band)
			return false;
	return true;
}

static void read_segments(struct wt_spool *s)
{
	struct wt_scan *scan = malloc(sizeof(*scan));
	uint64_t last[WT_BANDS] = { 0 };
	char name[WT_IO_NAME_MAX];
	unsigned i, n = 0;

	if (!scan)
		abort();
	qsort(s->seg, s->n_segs, sizeof(*s->seg), by_serial);
	for (i = 0; i < s->n_segs; i++) {
		struct wt_seg seg = s->seg[i];

		if (!read_segment(s, &seg, scan, &last[seg.band], is_newest(s, i))) {
			wt_segment_name(seg.serial, seg.band, name);
			(void)s->io->remove(s->io->self, name);
			continue;
		}
		if (seg.last_seq > s->stats.last_seq)
			s->stats.last_seq = seg.last_seq;
		s->stats.found += seg.n;
		s->bytes += seg.bytes;
		s->seg[n++] = seg;
	}
	s->n_segs = n;
	if (n)
		(void)s->io->sync_folder(s->io->self);
	free(scan);
}

/* Readers remember sequences; none may be given to another record. */
static void take_cursor(void *to, const char *name)
{
	struct wt_spool *s = to;
	size_t len = strlen(name);
	struct wt_mark mark;

	if (len < 8 || strcmp(name + len - 7, ".cursor") != 0)
		return;
	if (!wt_mark_open(&mark, s->io, name, false))
		return;
	if (mark.facts.seq < UINT64_MAX / 2 && mark.facts.seq > s->stats.last_seq)
		s->stats.last_seq = mark.facts.seq;
	wt_mark_close(&mark);
}

struct wt_spool *wt_spool_open(const struct wt_io *io, const struct wt_spool_options *options)
{
	struct wt_spool *s = calloc(1, sizeof(*s));
	size_t room = 2 * options->batch_max + WT_SEGMENT_HEAD + WT_ALERT_BYTES_MAX;
	unsigned band;

	if (!s)
		abort();
	s->io = io;
	s->options = *options;
	s->next_serial = 1;
	s->segment_max = options->size_max / 64;
	for (band = 0; band < WT_BANDS; band++)
		s->active[band] = -1;
	s->out = wt_builder_of(malloc(room), room);
	if (!s->out.ptr)
		abort();
	if (io->list(io->self, take_name, s) != 0 ||
	    !wt_mark_open(&s->mark, io, WT_STATE_FILE, true)) {
		wt_spool_close(s, false);
		return NULL;
	}
	read_segments(s);
	if (s->mark.facts.seq < UINT64_MAX / 2 && s->mark.facts.seq > s->stats.last_seq)
		s->stats.last_seq = s->mark.facts.seq;
	(void)io->list(io->self, take_cursor, s);
	s->was_clean = s->mark.facts.flags & WT_MARK_CLEAN;
	if (s->mark.facts.time_ns > s->gap_from || s->was_clean)
		s->gap_from = s->mark.facts.time_ns;
	s->gap_is_told = !options->tells_gap;
	wt_spool_tell(s);
	wt_spool_beat(s);
	return s;
}
