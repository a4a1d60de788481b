/* Taking records in (intake.h).
 * Trust: records have a CRC and are decoded with bounds.
 * Memory: one batch, a record and a window per band, allocated at the start. */
#include "app/intake.h"
#include "base/sinks.h"
#include "journal/own.h"

#include <stdio.h>
#include <stdlib.h>

#define HOLE_SEVERITY 8u /* of a record about a gap, as own.c has it */

static unsigned kinds_of(const struct wt_conf *sink)
{
	unsigned i, n = wt_conf_count(sink, WT_CONF_SINK_RECORDS), kinds = 0;

	for (i = 0; i < n; i++)
		kinds |= 1u << wt_conf_item_u64(sink, WT_CONF_SINK_RECORDS, i);
	return n ? kinds : ~0u;
}

void wt_intake_open(struct wt_intake *in, const struct wt_intake_options *options, uint64_t seq)
{
	size_t size = (size_t)wt_conf_u64(options->sink, WT_CONF_SINK_BATCH_BYTES);

	in->options = *options;
	in->n_max = (unsigned)wt_conf_u64(options->sink, WT_CONF_SINK_BATCH_RECORDS);
	in->severity_min = (unsigned)wt_conf_u64(options->sink, WT_CONF_SINK_SEVERITY_MIN);
	in->kinds = kinds_of(options->sink);
	in->item = calloc(in->n_max, sizeof(*in->item));
	in->alert = calloc(in->n_max, sizeof(*in->alert));
	in->record = calloc(in->n_max, sizeof(*in->record));
	in->bytes = wt_builder_of(malloc(size), size);
	if (!in->item || !in->alert || !in->record || !in->bytes.ptr)
		abort();
	in->reader = wt_journal_reader_new(options->io, true);
	in->scanned = seq;
	wt_journal_seek(in->reader, seq);
}

void wt_intake_close(struct wt_intake *in)
{
	wt_journal_reader_free(in->reader);
	free(in->item);
	free(in->alert);
	free(in->record);
	free(in->bytes.ptr);
}

void wt_intake_begin(struct wt_intake *in)
{
	in->n = 0;
	in->bytes.len = 0;
	in->has_hole = in->hole_is_closed = false;
	in->hole = (struct wt_hole){ .n = 0 };
}

static bool is_wanted(const struct wt_intake *in, const struct wt_alert *alert)
{
	unsigned kind = alert->kind == WT_ALERT_HEALTH   ? WT_RECORDS_HEALTH
			: alert->kind == WT_ALERT_DEVICE ? WT_RECORDS_DEVICES
							 : WT_RECORDS_ALERTS;

	return (in->kinds >> kind & 1u) &&
	       (kind != WT_RECORDS_ALERTS || alert->severity >= in->severity_min);
}

static void widen(struct wt_hole *hole, uint64_t from, uint64_t to)
{
	if (!hole->n)
		hole->from = from;
	hole->n += to - from + 1;
	hole->to = to;
}

/* Sequences up to `upto` have no record: evicted before this sink had them, or numbered
 * by a writer that died before they were durable. True: the batch got an item for them. */
static bool note_hole(struct wt_intake *in, uint64_t upto, uint64_t next_ns)
{
	const struct wt_alert like = { .kind = WT_ALERT_MISSING, .severity = HOLE_SEVERITY };
	bool is_first = !in->has_hole;

	in->missing += upto - in->scanned;
	widen(&in->untold, in->scanned + 1, upto);
	if (is_first)
		in->hole.from_ns = in->last_ns;
	in->hole.to_ns = next_ns ? next_ns : in->last_ns;
	widen(&in->hole, in->scanned + 1, upto);
	in->scanned = upto;
	if (!is_first || !is_wanted(in, &like))
		return false;
	in->has_hole = true;
	in->hole_at = in->n;
	in->item[in->n] = (struct wt_sink_item){ &in->alert[in->n], upto };
	in->n++;
	return true;
}

void wt_intake_end(struct wt_intake *in)
{
	struct wt_builder b = wt_builder_of(in->hole_bytes, sizeof(in->hole_bytes));
	const struct wt_hole *hole = &in->hole;
	uint64_t from_ns = hole->from_ns ? hole->from_ns : hole->to_ns;
	struct wt_own_alert own = {
		.kind = WT_ALERT_MISSING,
		.sensor = in->options.sensor,
		.sink = in->options.name,
		.seq = hole->from,
		.from_ns = from_ns < hole->to_ns ? from_ns : hole->to_ns,
		.to_ns = hole->to_ns,
		.n = hole->n,
		.from_seq = hole->from,
		.to_seq = hole->to,
	};

	if (!in->has_hole || in->hole_is_closed)
		return;
	wt_own_encode(&own, &b);
	in->record[in->hole_at] = wt_bld_slice(&b);
	(void)WT_BUG_ON(!wt_alert_decode(wt_bld_slice(&b), &in->alert[in->hole_at]));
	in->hole_is_closed = true;
}

/* Whether records may be there that could not be looked at: those are not missing. */
static bool cannot_read(struct wt_intake *in)
{
	int error = wt_journal_error(in->reader);

	if (!error)
		return false;
	(void)snprintf(in->why, sizeof(in->why), "the journal cannot be read: %s",
		       strerror(error));
	return true;
}

/* A record that cannot be decoded is for nobody: it is kept aside. */
static enum wt_intake_result bury(struct wt_intake *in, const struct wt_reading *reading)
{
	struct wt_dead_record dead = { reading->seq, reading->bytes, NULL,
				       "it cannot be decoded" };

	if (!wt_deadletter_add(in->options.dead, &dead)) {
		(void)snprintf(in->why, sizeof(in->why),
			       "a record that cannot be decoded "
			       "cannot be kept aside either");
		wt_journal_seek(in->reader, in->scanned);
		return WT_INTAKE_STUCK;
	}
	in->undecodable++;
	in->scanned = reading->seq;
	return WT_INTAKE_TAKEN;
}

/* Keeps a record that was read for the next call. */
static void hold(struct wt_intake *in, const struct wt_reading *reading)
{
	struct wt_slice bytes = wt_slice_head(reading->bytes, sizeof(in->held_bytes));

	if (in->is_held) /* it lies there */
		return;
	memcpy(in->held_bytes, bytes.ptr, bytes.len);
	in->held = *reading;
	in->held.bytes = wt_slice_of(in->held_bytes, bytes.len);
	in->is_held = true;
}

static enum wt_intake_result add(struct wt_intake *in, const struct wt_reading *reading)
{
	struct wt_alert *alert = &in->alert[in->n];
	struct wt_slice copy = wt_slice_of(in->bytes.ptr + in->bytes.len, reading->bytes.len);

	in->is_held = false;
	in->last_ns = reading->time_ns;
	wt_bld_bytes(&in->bytes, reading->bytes);
	if (in->bytes.is_short || !wt_alert_decode(copy, alert)) {
		if (!in->bytes.is_short)
			in->bytes.len -= copy.len;
		in->bytes.is_short = false;
		return bury(in, reading);
	}
	in->scanned = reading->seq;
	if (!is_wanted(in, alert)) {
		in->bytes.len -= copy.len;
		in->filtered++;
		return WT_INTAKE_TAKEN;
	}
	in->item[in->n] = (struct wt_sink_item){ alert, reading->seq };
	in->record[in->n++] = copy;
	return WT_INTAKE_TAKEN;
}

bool wt_intake_is_full(const struct wt_intake *in)
{
	return in->n == in->n_max || in->bytes.cap - in->bytes.len < WT_ALERT_BYTES_MAX ||
	       (in->is_held && in->hole_is_closed);
}

enum wt_intake_result wt_intake_take(struct wt_intake *in)
{
	struct wt_reading reading = in->held;

	if (wt_intake_is_full(in))
		return WT_INTAKE_NONE;
	if (in->end <= in->scanned)
		in->end = wt_journal_end(in->reader);
	if (in->end <= in->scanned)
		return WT_INTAKE_NONE;
	if (!in->is_held && !wt_journal_read(in->reader, &reading)) {
		if (cannot_read(in))
			return WT_INTAKE_STUCK;
		if (in->hole_is_closed)
			return WT_INTAKE_NONE;
		(void)note_hole(in, in->end, 0);
		return WT_INTAKE_TAKEN;
	}
	if (reading.seq > in->scanned + 1) {
		/* a record about gaps that went out already cannot grow */
		if (in->hole_is_closed) {
			hold(in, &reading);
			return WT_INTAKE_NONE;
		}
		if (note_hole(in, reading.seq - 1, reading.time_ns)) {
			hold(in, &reading);
			return WT_INTAKE_TAKEN;
		}
	}
	return add(in, &reading);
}

uint64_t wt_intake_journal_end(struct wt_intake *in)
{
	return wt_journal_end(in->reader);
}

struct wt_hole wt_intake_untold(struct wt_intake *in)
{
	struct wt_hole hole = in->untold;

	in->untold = (struct wt_hole){ .n = 0 };
	return hole;
}
