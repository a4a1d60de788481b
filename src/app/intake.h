/* What a sink is to be sent: batches of records of the journal, behind a position. Where
 * the journal lacks records that this sink never had, the batch holds a record that says
 * so (WT_ALERT_MISSING), in their place: the receiver learns of the gap in the same order
 * and under the same promise as of everything else. One such record sums up the gaps of
 * its batch. */
#ifndef APP_INTAKE_H
#define APP_INTAKE_H

#include "app/deadletter.h"
#include "base/conf.h"
#include "export/sink.h"
#include "journal/reader.h"

#define WT_INTAKE_HOLE_MAX 2048u /* bytes of a record about a gap */

struct wt_intake_options {
	const struct wt_io *io;     /* of the journal */
	const struct wt_conf *sink; /* the section: batches, filters */
	const char *name;           /* of the section */
	const char *sensor;
	struct wt_deadletter *dead; /* records that cannot be decoded */
};

/* Sequences without a record, from first to last. */
struct wt_hole {
	uint64_t n, from, to;
	uint64_t from_ns, to_ns; /* of the records around it; 0: not known */
};

struct wt_intake {
	struct wt_intake_options options;
	/* the batch: borrowed by who sends it, until wt_intake_begin */
	unsigned n;
	struct wt_sink_item *item;
	struct wt_slice *record;
	uint64_t scanned; /* the last sequence that was looked at */
	/* since the start */
	uint64_t filtered, missing, undecodable;
	char why[WT_SINK_WHY_MAX]; /* WT_INTAKE_STUCK */

	/* inside */
	struct wt_journal_reader *reader;
	uint64_t end;                        /* of the journal, when asked last */
	unsigned n_max, severity_min, kinds; /* kinds: bits of enum wt_sink_records */
	struct wt_alert *alert;
	struct wt_builder bytes; /* of the records */
	bool has_hole, hole_is_closed;
	unsigned hole_at; /* number of its item */
	struct wt_hole hole, untold;
	uint64_t last_ns; /* of the record looked at last; 0: none */
	bool is_held;     /* a record was read and waits for room */
	struct wt_reading held;
	uint8_t held_bytes[WT_ALERT_BYTES_MAX], hole_bytes[WT_INTAKE_HOLE_MAX];
};

enum wt_intake_result {
	WT_INTAKE_TAKEN, /* the batch, or the position, has grown */
	WT_INTAKE_NONE,  /* nothing for now, or no room */
	WT_INTAKE_STUCK  /* records are there, and something is in the way: `why` */
};

/* Behind `seq`. */
void wt_intake_open(struct wt_intake *in, const struct wt_intake_options *options,
		    uint64_t seq);
void wt_intake_close(struct wt_intake *in);

/* Forgets the batch. */
void wt_intake_begin(struct wt_intake *in);

/* Takes the next record in. */
WT_MUST_USE enum wt_intake_result wt_intake_take(struct wt_intake *in);

/* The batch can be sent. More can be taken in behind what there is. */
void wt_intake_end(struct wt_intake *in);

/* No more fits into this batch. */
bool wt_intake_is_full(const struct wt_intake *in);

/* The last committed sequence of the journal. */
uint64_t wt_intake_journal_end(struct wt_intake *in);

/* What is missing and was not told so far, or n 0; told with this. */
struct wt_hole wt_intake_untold(struct wt_intake *in);

#endif
