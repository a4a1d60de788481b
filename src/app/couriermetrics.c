/* Numbers of the courier (couriermetrics.h).
 * Source: Prometheus, text-based exposition format 0.0.4.
 * Trust: the file is our own, but read with bounds. Memory: on the stack. */
#define _GNU_SOURCE /* O_CLOEXEC */
#include "app/couriermetrics.h"
#include "base/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PATH_ROOM 4400u
#define AT(member) offsetof(struct wt_forward_stats, member)

static const struct {
	const char *name, *type, *help;
	size_t at; /* a uint64_t of struct wt_forward_stats */
} metrics[] = {
	{ "sent_total", "counter", "Records that the sink is done with.", AT(sent) },
	{ "acknowledged_total", "counter", "Records that the receiver confirmed.",
	  AT(acknowledged) },
	{ "again_total", "counter", "Records that the receiver had already.", AT(again) },
	{ "refused_total", "counter", "Records that the receiver will never take.", AT(refused) },
	{ "filtered_total", "counter", "Records that the configuration leaves out.",
	  AT(filtered) },
	{ "evicted_total", "counter", "Records that left the journal before they were sent.",
	  AT(evicted) },
	{ "failures_total", "counter", "Attempts to send that failed.", AT(failures) },
	{ "backlog", "gauge", "Records in the journal that are not done with.", AT(backlog) },
	{ "cursor", "gauge", "Sequence of the last record that is done with.", AT(cursor) },
	{ "last_success_timestamp_seconds", "gauge", "When records arrived last; 0: not yet.",
	  AT(last_good_s) },
};

static uint64_t value_of(const struct wt_forward_stats *stats, size_t at)
{
	uint64_t value;

	memcpy(&value, (const uint8_t *)stats + at, sizeof(value));
	return value;
}

static void write_rows(FILE *to, const struct wt_courier_row *rows, unsigned n)
{
	unsigned i, k;

	fprintf(to, "# TYPE wardtap_courier_written_timestamp_seconds gauge\n"
		"wardtap_courier_written_timestamp_seconds %llu\n", (unsigned long long)time(NULL));
	for (k = 0; k < sizeof(metrics) / sizeof(metrics[0]); k++) {
		fprintf(to, "# HELP wardtap_courier_%s %s\n# TYPE wardtap_courier_%s %s\n",
			metrics[k].name, metrics[k].help, metrics[k].name, metrics[k].type);
		for (i = 0; i < n; i++)
			fprintf(to, "wardtap_courier_%s{sink=\"%s\"} %llu\n", metrics[k].name,
				rows[i].name, (unsigned long long)
				value_of(&rows[i].stats, metrics[k].at));
	}
	fputs("# HELP wardtap_courier_state 0: works, 1: trying again, 2: somebody must mend it.\n"
	      "# TYPE wardtap_courier_state gauge\n", to);
	for (i = 0; i < n; i++)
		fprintf(to, "wardtap_courier_state{sink=\"%s\"} %d\n", rows[i].name,
			(int)rows[i].stats.state);
	for (i = 0; i < n; i++) {
		char room[1600];
		struct wt_builder b = wt_builder_of(room, sizeof(room));

		wt_bld_escaped(&b, wt_slice_of(rows[i].stats.why, strnlen(rows[i].stats.why, 255)));
		if (rows[i].stats.state != WT_FORWARD_GOOD)
			fprintf(to, "# WHY %s %.*s\n", rows[i].name, (int)b.len, room);
	}
}

bool wt_couriermetrics_write(const char *path, const struct wt_courier_row *rows, unsigned n)
{
	char fresh[PATH_ROOM];
	FILE *to;
	int fd;

	(void)snprintf(fresh, sizeof(fresh), "%s.new", path);
	(void)unlink(fresh);
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	to = fd < 0 ? NULL : fdopen(fd, "w");
	if (!to)
		return false;
	write_rows(to, rows, n);
	if (ferror(to)) {
		(void)fclose(to);
		errno = EIO;
		return false;
	}
	/* A reader that collects metrics is another user; what is in it is no secret. */
	if (fchmod(fd, 0644) != 0) {
		(void)fclose(to);
		return false;
	}
	return fclose(to) == 0 && rename(fresh, path) == 0;
}

/* A sink as the file tells it. */
struct told {
	char name[WT_CONF_NAME_MAX + 1];
	struct wt_forward_stats stats;
};

struct page {
	struct told sink[WT_CONF_SECTIONS_MAX];
	unsigned n;
	uint64_t written_s;
};

static struct told *told_of(struct page *page, const char *name)
{
	unsigned i;

	for (i = 0; i < page->n; i++)
		if (strcmp(page->sink[i].name, name) == 0)
			return &page->sink[i];
	if (page->n == WT_CONF_SECTIONS_MAX)
		return NULL;
	(void)snprintf(page->sink[page->n].name, sizeof(page->sink[0].name), "%s", name);
	return &page->sink[page->n++];
}

static void take_line(struct page *page, const char *line)
{
	char metric[64], name[WT_CONF_NAME_MAX + 1];
	unsigned long long value;
	struct told *told;
	int at = 0;
	size_t k;

	if (sscanf(line, "wardtap_courier_written_timestamp_seconds %llu", &value) == 1)
		page->written_s = value;
	if (sscanf(line, "# WHY %32s %n", name, &at) == 1 && at > 0) {
		told = told_of(page, name);
		if (told)
			(void)snprintf(told->stats.why, sizeof(told->stats.why), "%.*s",
				       (int)strcspn(line + at, "\n"), line + at);
		return;
	}
	if (sscanf(line, "wardtap_courier_%63[a-z_]{sink=\"%32[A-Za-z0-9_-]\"} %llu", metric, name,
		   &value) != 3)
		return;
	told = told_of(page, name);
	if (!told)
		return;
	if (strcmp(metric, "state") == 0 && value <= WT_FORWARD_STOPPED)
		told->stats.state = (enum wt_forward_state)value;
	for (k = 0; k < sizeof(metrics) / sizeof(metrics[0]); k++)
		if (strcmp(metrics[k].name, metric) == 0) {
			uint64_t number = value;

			memcpy((uint8_t *)&told->stats + metrics[k].at, &number, sizeof(number));
		}
}

static void ago(uint64_t then_s, char text[16])
{
	uint64_t now = (uint64_t)time(NULL), s = now > then_s ? now - then_s : 0;

	if (!then_s)
		(void)snprintf(text, 16, "never");
	else if (s < 600)
		(void)snprintf(text, 16, "%u s ago", (unsigned)s);
	else if (s < 36000)
		(void)snprintf(text, 16, "%u min ago", (unsigned)(s / 60));
	else
		(void)snprintf(text, 16, "%u h ago", (unsigned)(s / 3600 % 1000000));
}

static void print_sink(const struct told *told, FILE *to)
{
	static const char *const states[] = { "works", "retrying", "stopped" };
	const struct wt_forward_stats *s = &told->stats;
	char when[16];

	ago(s->last_good_s, when);
	fprintf(to, "%-16.32s %-8s %9llu %9llu %7llu %7llu  %s\n", told->name, states[s->state],
		(unsigned long long)s->sent, (unsigned long long)s->backlog,
		(unsigned long long)s->refused, (unsigned long long)s->evicted, when);
	if (s->state != WT_FORWARD_GOOD)
		fprintf(to, "  %.76s\n", s->why);
}

bool wt_couriermetrics_print(const char *path, FILE *to)
{
	struct page *page;
	char line[2048], when[16];
	unsigned i;
	FILE *from = fopen(path, "re");

	if (!from) {
		fprintf(stderr, "wardtap: %s: %s; a courier writes it\n", path, strerror(errno));
		return false;
	}
	page = calloc(1, sizeof(*page));
	if (!page)
		abort();
	while (fgets(line, sizeof(line), from))
		take_line(page, line);
	(void)fclose(from);
	ago(page->written_s, when);
	fprintf(to, "numbers of %s\n", when);
	fprintf(to, "%-16s %-8s %9s %9s %7s %7s  %s\n", "SINK", "STATE", "SENT", "BACKLOG",
		"REFUSED", "EVICTED", "LAST SUCCESS");
	for (i = 0; i < page->n; i++)
		print_sink(&page->sink[i], to);
	free(page);
	return true;
}
