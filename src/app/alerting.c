/* Aggregates and journal together (alerting.h). Trust: records are redacted; the folder is
 * the operator's. Memory: limits.aggregates, limits.journal_queue. */
#define _GNU_SOURCE
#include "app/alerting.h"
#include "app/app.h"
#include "base/digest.h"
#include "detect/aggregate.h"
#include "journal/journal.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct wt_alerting {
	struct wt_alerting_options options;
	struct wt_aggregate *aggregate;
	struct wt_io *io;
	struct wt_journal *journal;
	struct wt_report *report; /* NULL: no journal */
};

bool wt_alerting_folder(const struct wt_conf *conf)
{
	const char *path = wt_conf_text(conf, WT_CONF_JOURNAL_DIR);
	const char *user = wt_conf_text(conf, WT_CONF_CAPTURE_USER);
	const struct passwd *who;

	if (!path)
		return true;
	who = geteuid() == 0 && user ? getpwnam(user) : NULL;
	if (!who && geteuid() == 0 && !wt_conf_is_given(conf, WT_CONF_CAPTURE_USER))
		who = getpwnam("nobody"); /* as wt_privileges_drop does */
	if (mkdir(path, 0700) != 0) {
		if (errno == EEXIST)
			return true;
		fprintf(stderr, "wardtap: journal %s: %s\n", path, strerror(errno));
		return false;
	}
	if (who && chown(path, who->pw_uid, who->pw_gid) != 0) {
		fprintf(stderr, "wardtap: journal %s: giving it to %s: %s\n", path, user,
			strerror(errno));
		return false;
	}
	return true;
}

static void take_alert(void *self, const struct wt_alert *alert)
{
	struct wt_alerting *a = self;

	(void)wt_journal_append(a->journal, alert); /* a refusal is counted and told */
}

static uint64_t journal_bytes(void *self)
{
	struct wt_alerting *a = self;

	return wt_journal_bytes(a->journal);
}

/* Whoever reads the journal also learns that the sensor lives, and what it knows. */
static void make_report(struct wt_alerting *a)
{
	a->report = wt_report_new(&(struct wt_report_options){
		.conf = a->options.conf,
		.inventory = a->options.inventory,
		.rules = a->options.rules,
		.counters = a->options.counters,
		.sink = { .take = take_alert, .self = a },
		.is_live = a->options.is_live,
		.sample = a->options.sample,
		.sample_self = a->options.sample_self,
		.journal_bytes = journal_bytes,
		.journal_self = a,
	});
}

static bool open_journal(struct wt_alerting *a)
{
	const struct wt_conf *conf = a->options.conf;
	struct wt_journal_options options = {
		.size_max = wt_conf_u64(conf, WT_CONF_JOURNAL_SIZE),
		.queue_bytes = wt_app_limits(conf).journal_queue,
		.sensor = wt_conf_text(conf, WT_CONF_SENSOR_NAME),
		.is_live = a->options.is_live,
	};
	const char *path = wt_conf_text(conf, WT_CONF_JOURNAL_DIR);
	char why[256] = "";

	if (!path)
		return true;
	a->io = wt_io_folder(path, true, why, sizeof(why));
	if (!a->io) {
		fprintf(stderr, "wardtap: %s\n", why);
		return false;
	}
	options.io = a->io;
	a->journal = wt_journal_open(&options);
	if (!a->journal)
		fprintf(stderr, "wardtap: journal %s: cannot be written to\n", path);
	return a->journal != NULL;
}

struct wt_alerting *wt_alerting_new(const struct wt_alerting_options *options)
{
	struct wt_alerting *a = calloc(1, sizeof(*a));
	struct wt_aggregate_options aggregate = {
		.sensor = wt_conf_text(options->conf, WT_CONF_SENSOR_NAME),
		.interface_name = options->interface_name,
		.n_entries = wt_app_limits(options->conf).aggregates,
		.counters = options->counters,
	};

	if (!a)
		abort();
	a->options = *options;
	if (!open_journal(a)) {
		wt_alerting_free(a);
		return NULL;
	}
	wt_random(&aggregate.seed, sizeof(aggregate.seed));
	if (a->journal) {
		make_report(a);
		aggregate.sink = (struct wt_alert_sink){ .take = take_alert, .self = a };
		aggregate.devices = wt_report_devices;
		aggregate.devices_self = a->report;
	}
	a->aggregate = wt_aggregate_new(&aggregate);
	return a;
}

void wt_alerting_take(struct wt_alerting *a, const struct wt_record *record, bool is_told)
{
	if (is_told)
		wt_aggregate_take(a->aggregate, record);
	else
		wt_aggregate_clock(a->aggregate, record->head.ts_ns);
	if (a->report && !a->options.is_live)
		wt_report_take(a->report, record);
}

void wt_alerting_clock(struct wt_alerting *a, uint64_t now_ns, uint64_t steady_ns)
{
	wt_aggregate_clock(a->aggregate, now_ns);
	if (a->report)
		wt_report_clock(a->report, now_ns, steady_ns);
}

bool wt_alerting_finish(struct wt_alerting *a)
{
	bool is_whole;

	wt_aggregate_finish(a->aggregate);
	if (a->report)
		wt_report_finish(a->report);
	is_whole = wt_journal_close(a->journal, a->options.counters);
	a->journal = NULL;
	if (!is_whole)
		fputs("wardtap: the journal could not be written to the end\n", stderr);
	return is_whole;
}

void wt_alerting_free(struct wt_alerting *a)
{
	if (!a)
		return;
	(void)wt_journal_close(a->journal, NULL);
	wt_io_folder_free(a->io);
	wt_aggregate_free(a->aggregate);
	wt_report_free(a->report);
	free(a);
}
