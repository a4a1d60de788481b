/* Segments on disk (spool.h): writing and making room. Recovery is in recover.c. */
#include "journal/spool_inner.h"

#include <errno.h>
#include <stdlib.h>

#define TRIES 3u /* new segments begun for one batch before it has to wait */

static void drop_row(struct wt_spool *s, unsigned at)
{
	s->bytes -= s->seg[at].bytes;
	s->n_segs--;
	memmove(&s->seg[at], &s->seg[at + 1], (s->n_segs - at) * sizeof(*s->seg));
}

static void end_segment(struct wt_spool *s, unsigned band)
{
	if (s->active[band] >= 0)
		s->io->close(s->io->self, s->active[band]);
	s->active[band] = -1;
}

static struct wt_seg *active_row(struct wt_spool *s, unsigned band)
{
	unsigned i;

	for (i = s->n_segs; i > 0; i--)
		if (s->seg[i - 1].serial == s->active_serial[band])
			return &s->seg[i - 1];
	return NULL;
}

/* The oldest segment of the lowest band up to `band_max` goes; not the one that records
 * of `band_max` are being written to. False: there is none. */
static bool evict(struct wt_spool *s, unsigned band_max)
{
	unsigned i, best = s->n_segs;
	struct wt_seg seg;
	char name[WT_IO_NAME_MAX];
	struct wt_eviction *told;

	for (i = 0; i < s->n_segs; i++) {
		const struct wt_seg *at = &s->seg[i];

		if (at->band > band_max || (at->band == band_max && s->active[band_max] >= 0 &&
					    at->serial == s->active_serial[band_max]))
			continue;
		if (best == s->n_segs || at->band < s->seg[best].band)
			best = i;
	}
	if (best == s->n_segs)
		return false;
	seg = s->seg[best];
	if (s->active[seg.band] >= 0 && s->active_serial[seg.band] == seg.serial)
		end_segment(s, seg.band);
	wt_segment_name(seg.serial, seg.band, name);
	(void)s->io->remove(s->io->self, name);
	drop_row(s, best);
	if (!seg.n)
		return true;
	s->stats.evicted += seg.n;
	told = &s->eviction[seg.band];
	if (!told->n || seg.first_seq < told->from_seq)
		told->from_seq = seg.first_seq;
	if (seg.last_seq > told->to_seq)
		told->to_seq = seg.last_seq;
	if (!told->n)
		told->since_ns = s->io->now_ns(s->io->self);
	told->n += seg.n;
	return true;
}

static bool make_room(struct wt_spool *s, unsigned band, size_t len)
{
	while (s->bytes + len + WT_SEGMENT_HEAD > s->options.size_max ||
	       s->n_segs >= WT_SEGMENTS_MAX)
		if (!evict(s, band))
			return false;
	return true;
}

/* A new segment for the band. 0, or -errno. */
static int begin_segment(struct wt_spool *s, unsigned band)
{
	static const uint8_t head[WT_SEGMENT_HEAD] = "wardtap journal 1\n";
	char name[WT_IO_NAME_MAX];
	uint64_t serial = s->next_serial++;
	int64_t n;
	int file;

	wt_segment_name(serial, band, name);
	file = s->io->open(s->io->self, name, true);
	if (file < 0)
		return file;
	n = s->io->write(s->io->self, file, 0, head, sizeof(head));
	if (n != (int64_t)sizeof(head)) {
		s->io->close(s->io->self, file);
		(void)s->io->remove(s->io->self, name);
		return n < 0 ? (int)n : -ENOSPC;
	}
	s->active[band] = file;
	s->active_serial[band] = serial;
	s->is_new[band] = true;
	s->seg[s->n_segs++] =
		(struct wt_seg){ .serial = serial, .band = band, .bytes = WT_SEGMENT_HEAD };
	s->bytes += WT_SEGMENT_HEAD;
	return 0;
}

/* Writes the encoded records behind what the band's segment holds, and syncs. */
static int write_once(struct wt_spool *s, unsigned band, struct wt_slice bytes)
{
	struct wt_seg *seg = active_row(s, band);
	int file = s->active[band], error;
	size_t done = 0;

	while (done < bytes.len) {
		int64_t n = s->io->write(s->io->self, file, seg->bytes + done, bytes.ptr + done,
					 bytes.len - done);

		if (n < 0)
			return (int)n;
		if (n == 0)
			return -ENOSPC;
		done += (size_t)n;
	}
	error = s->io->sync(s->io->self, file);
	if (!error && s->is_new[band])
		error = s->io->sync_folder(s->io->self);
	if (error)
		return error;
	s->is_new[band] = false;
	seg->bytes += bytes.len;
	s->bytes += bytes.len;
	return 0;
}

/* What was sized for a segment that failed stays on disk: it counts as full. */
static void abandon(struct wt_spool *s, unsigned band, size_t len)
{
	struct wt_seg *seg = active_row(s, band);

	s->stats.errors++;
	if (!seg)
		return;
	end_segment(s, band);
	seg->bytes += len;
	s->bytes += len;
}

static void encode(struct wt_spool *s, const struct wt_run *run, unsigned band)
{
	const uint8_t *at = run->bytes;
	uint64_t seq = run->first_seq;
	uint32_t i;

	s->out.len = 0;
	s->out.is_short = false;
	for (i = 0; i < run->n; i++, seq++) {
		struct wt_batch_item item;

		memcpy(&item, at, sizeof(item));
		if (item.band == band)
			wt_record_put(&s->out, s->active_serial[band], seq, item.time_ns,
				      wt_slice_of(at + sizeof(item), item.len));
		at += wt_batch_bytes(item.len);
	}
	(void)WT_BUG_ON(s->out.is_short);
}

/* Number, first and last of the run's records in a band. */
static struct wt_seg measure(const struct wt_run *run, unsigned band)
{
	struct wt_seg sum = { .band = band };
	const uint8_t *at = run->bytes;
	uint32_t i;

	for (i = 0; i < run->n; i++) {
		struct wt_batch_item item;

		memcpy(&item, at, sizeof(item));
		at += wt_batch_bytes(item.len);
		if (item.band != band)
			continue;
		if (!sum.n++)
			sum.first_seq = run->first_seq + i;
		sum.last_seq = run->first_seq + i;
		sum.bytes += wt_record_room(item.len);
	}
	return sum;
}

static void note_written(struct wt_spool *s, unsigned band, const struct wt_seg *sum)
{
	struct wt_seg *seg = active_row(s, band);

	if (!seg->n)
		seg->first_seq = sum->first_seq;
	seg->last_seq = sum->last_seq;
	seg->n += sum->n;
}

enum wt_outcome wt_spool_write_band(struct wt_spool *s, const struct wt_run *run, unsigned band)
{
	struct wt_seg sum = measure(run, band);
	unsigned n_tries = 0;
	int error;

	if (!sum.n)
		return WT_WRITTEN;
	if (!make_room(s, band, sum.bytes))
		return WT_REFUSED;
	while (n_tries < TRIES) {
		const struct wt_seg *seg = s->active[band] >= 0 ? active_row(s, band) : NULL;

		if (seg && seg->bytes + sum.bytes > s->segment_max && seg->n)
			end_segment(s, band);
		error = 0;
		if (s->active[band] < 0) {
			if (!make_room(s, band, sum.bytes))
				return WT_REFUSED;
			error = begin_segment(s, band);
		}
		if (!error) {
			encode(s, run, band);
			error = write_once(s, band, wt_bld_slice(&s->out));
			if (!error) {
				note_written(s, band, &sum);
				return WT_WRITTEN;
			}
		}
		/* A full disk: the write is tried again in its place, once there is room. */
		if ((error == -ENOSPC || error == -EDQUOT) && evict(s, band)) {
			s->stats.errors++;
			continue;
		}
		if (error == -ENOSPC || error == -EDQUOT) {
			s->stats.errors++;
			return band == WT_BANDS - 1 ? WT_LATER : WT_REFUSED;
		}
		abandon(s, band, sum.bytes);
		n_tries++;
	}
	return WT_LATER;
}

/* One record of the store's own, in the highest band. */
static bool tell(struct wt_spool *s, struct wt_own_alert *own)
{
	uint8_t room[sizeof(struct wt_batch_item) + 2048];
	struct wt_builder b = wt_builder_of(room + sizeof(struct wt_batch_item), 2048);
	struct wt_run run = { .bytes = room, .n = 1, .first_seq = s->stats.last_seq + 1 };
	struct wt_batch_item item = { .band = WT_BANDS - 1, .time_ns = own->to_ns };

	own->sensor = s->options.sensor;
	own->seq = run.first_seq;
	wt_own_encode(own, &b);
	item.len = (uint32_t)b.len;
	memcpy(room, &item, sizeof(item));
	if (wt_spool_write_band(s, &run, WT_BANDS - 1) != WT_WRITTEN)
		return false;
	s->stats.last_seq++;
	s->stats.own++;
	return true;
}

void wt_spool_tell(struct wt_spool *s)
{
	uint64_t now = s->io->now_ns(s->io->self);
	unsigned band;

	if (s->gap_from && !s->gap_is_told) {
		struct wt_own_alert own = { .kind = WT_ALERT_GAP,
					    .from_ns = s->gap_from,
					    .to_ns = now > s->gap_from ? now : s->gap_from,
					    .n = 1,
					    .is_clean = s->was_clean };

		s->gap_is_told = tell(s, &own);
	}
	if (s->stats.damaged && !s->damage_is_told) {
		struct wt_own_alert own = { .kind = WT_ALERT_DAMAGE,
					    .from_ns = now,
					    .to_ns = now,
					    .n = s->stats.damaged };

		s->damage_is_told = tell(s, &own);
	}
	for (band = 0; band < WT_BANDS; band++) {
		const struct wt_eviction told = s->eviction[band];
		struct wt_own_alert own = { .kind = WT_ALERT_EVICTED,
					    .from_ns = told.since_ns,
					    .to_ns = now > told.since_ns ? now : told.since_ns,
					    .n = told.n,
					    .band = band,
					    .from_seq = told.from_seq,
					    .to_seq = told.to_seq,
					    .total = s->stats.evicted + s->stats.refused };

		if (!told.n)
			continue;
		/* Telling may evict more, which the next one tells. */
		memset(&s->eviction[band], 0, sizeof(told));
		if (!tell(s, &own)) {
			struct wt_eviction *back = &s->eviction[band];

			back->n += told.n;
			back->since_ns = told.since_ns;
			back->from_seq = told.from_seq;
			back->to_seq = told.to_seq > back->to_seq ? told.to_seq : back->to_seq;
		}
	}
}

void wt_spool_refuse(struct wt_spool *s, unsigned band, uint64_t n)
{
	if (!s->eviction[band].n)
		s->eviction[band].since_ns = s->io->now_ns(s->io->self);
	s->eviction[band].n += n;
	s->stats.refused += n;
}

static void write_mark(struct wt_spool *s, uint64_t flags, bool syncs)
{
	s->mark.facts = (struct wt_mark_facts){
		.seq = s->stats.last_seq,
		.time_ns = s->io->now_ns(s->io->self),
		.flags = flags,
	};
	if (!wt_mark_write(&s->mark,
			   syncs)) /* recovery does not need it; the next beat writes */
		s->stats.errors++;
}

bool wt_spool_commit(struct wt_spool *s, struct wt_spool_batch *batch)
{
	struct wt_run run = { .bytes = batch->bytes, .n = batch->n };
	unsigned band;

	if (!batch->first_seq) {
		batch->first_seq = s->stats.last_seq + 1;
		s->stats.last_seq += batch->n;
	}
	run.first_seq = batch->first_seq;
	for (band = WT_BANDS; band-- > 0;) {
		struct wt_seg sum = measure(&run, band);

		if (batch->bands_done & 1u << band)
			continue;
		switch (wt_spool_write_band(s, &run, band)) {
		case WT_WRITTEN:
			s->stats.committed += sum.n;
			break;
		case WT_REFUSED:
			wt_spool_refuse(s, band, sum.n);
			break;
		case WT_LATER:
			return false;
		}
		batch->bands_done |= 1u << band;
	}
	wt_spool_tell(s);
	write_mark(s, 0, false);
	return true;
}

void wt_spool_beat(struct wt_spool *s)
{
	write_mark(s, 0, false);
}

void wt_spool_close(struct wt_spool *s, bool is_clean)
{
	unsigned band;

	if (!s)
		return;
	if (is_clean)
		write_mark(s, WT_MARK_CLEAN, true);
	for (band = 0; band < WT_BANDS; band++)
		end_segment(s, band);
	wt_mark_close(&s->mark);
	free(s->out.ptr);
	free(s);
}

struct wt_spool_stats wt_spool_stats(const struct wt_spool *s)
{
	struct wt_spool_stats stats = s->stats;
	unsigned i;

	stats.stored = 0;
	for (i = 0; i < s->n_segs; i++)
		stats.stored += s->seg[i].n;
	stats.bytes = s->bytes;
	return stats;
}
