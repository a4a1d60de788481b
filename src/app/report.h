/* What the sensor tells of itself and of its devices, as records of the journal: a
 * heartbeat (WT_ALERT_HEALTH, fields of wardtap/health.def) every journal.heartbeat, and
 * a record (WT_ALERT_DEVICE) for each device that is new or has changed.
 *
 * Live, time is the wall clock, so a silent wire does not silence the heartbeat; in
 * replay it is that of the packets, and every number is one that does not depend on how
 * far other threads are. */
#ifndef APP_REPORT_H
#define APP_REPORT_H

#include "app/ruleset.h"
#include "base/conf.h"
#include "detect/aggregate.h"
#include "observe/inventory.h"

struct wt_report;

struct wt_report_options {
	const struct wt_conf *conf;
	struct wt_inventory *inventory;
	const struct wt_ruleset *rules;
	const struct wt_counters *counters; /* the keeper's; all of them at the end */
	struct wt_alert_sink sink;
	bool is_live;
	/* Live: adds what the workers counted to `sum`; the number of workers that said
	 * nothing since the call before. */
	unsigned (*sample)(void *self, struct wt_counters *sum);
	void *sample_self;
	uint64_t (*journal_bytes)(void *self); /* live */
	void *journal_self;
};

struct wt_report *wt_report_new(const struct wt_report_options *options);
void wt_report_free(struct wt_report *r);

/* Replay: every record, behind the inventory. */
void wt_report_take(struct wt_report *r, const struct wt_record *record);

/* Live: it is now_ns, wall clock. A clock that is set back does not hold the heartbeat:
 * steady_ns (of a clock that is never set) decides when it is due. */
void wt_report_clock(struct wt_report *r, uint64_t now_ns, uint64_t steady_ns);

/* The last of both. */
void wt_report_finish(struct wt_report *r);

/* Fills the rows of both devices of an alert from what the inventory knows now; the texts
 * are borrowed until the next call, or the next record. `self` is the report. */
void wt_report_devices(void *self, struct wt_alert *alert);

#endif
