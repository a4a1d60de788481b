/* `wardtap alerts`: the journal for people without a SIEM. Reads only, also while a
 * sensor writes.
 * Trust: the operator; the journal's bytes are checked, its texts escaped for a terminal.
 * Memory: `list` keeps a row per alert, ROWS_MAX at most. */
#define _GNU_SOURCE /* getopt_long */
#include "app/alertpage.h"
#include "app/app.h"
#include "export/alert_json.h"
#include "journal/reader.h"

#include <getopt.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROWS_MAX 1000000u
#define DEFAULT_DIR "/var/lib/wardtap/journal"
#define POLL_MS 200

static const char usage[] =
	"usage: wardtap alerts list [-s DIR] [-n N] [--severity N] [--all] [--json]\n"
	"       wardtap alerts show [-s DIR] [--json] ID\n"
	"       wardtap alerts follow [-s DIR] [--severity N] [--all] [--json]\n"
	"  list    the newest alerts, each with its latest count (-n 0: all)\n"
	"  show    every record of the alert whose id begins with ID\n"
	"  follow  alerts as they come, until Ctrl-C\n"
	"  -s DIR  the journal (" DEFAULT_DIR ")\n"
	"  --severity N  of this severity and above\n"
	"  --all   heartbeats and devices too\n"
	"  --json  one JSON object per line\n";

struct request {
	const char *dir;
	unsigned long n_most, severity;
	bool is_json, has_all;
	char *json;
};

/* Heartbeats and devices are records for machines. */
static bool is_asked_for(const struct request *q, const struct wt_alert *alert)
{
	return (q->has_all || wt_alert_is_alert(alert)) && alert->severity >= q->severity;
}

/* The latest record of an alert. */
struct row {
	uint64_t journal_seq;
	uint8_t id[WT_ALERT_ID_LEN];
	uint32_t len;
	uint8_t *bytes; /* encoded */
};

struct rows {
	struct row *row;
	size_t n, cap;
	uint32_t *bucket; /* number of a row + 1 */
	size_t mask;
};

static void print(const struct request *q, const struct wt_alert *alert, uint64_t journal_seq)
{
	if (q->is_json) {
		struct wt_json j = wt_json_of(q->json, WT_ALERT_JSON_MAX);

		wt_alert_json(&j, alert, journal_seq);
		(void)fwrite(j.out.ptr, 1, j.out.len, stdout);
	} else {
		wt_alertpage_row(alert, stdout);
	}
}

static size_t slot_of(const struct rows *rows, const uint8_t *id)
{
	uint64_t h;
	size_t at;

	memcpy(&h, id, sizeof(h)); /* an id is a hash already */
	for (at = h & rows->mask; rows->bucket[at]; at = (at + 1) & rows->mask)
		if (!memcmp(rows->row[rows->bucket[at] - 1].id, id, WT_ALERT_ID_LEN))
			break;
	return at;
}

static void grow(struct rows *rows)
{
	size_t i, cap = rows->cap ? rows->cap * 2 : 1024;

	free(rows->bucket);
	rows->row = realloc(rows->row, cap * sizeof(*rows->row));
	rows->bucket = calloc(2 * cap, sizeof(*rows->bucket));
	if (!rows->row || !rows->bucket)
		abort();
	rows->cap = cap;
	rows->mask = 2 * cap - 1;
	for (i = 0; i < rows->n; i++)
		rows->bucket[slot_of(rows, rows->row[i].id)] = (uint32_t)i + 1;
}

static void take_row(struct rows *rows, const struct wt_alert *alert,
		     const struct wt_reading *reading)
{
	struct row *row;
	size_t at;

	if (rows->n == rows->cap)
		grow(rows);
	at = slot_of(rows, alert->id);
	if (rows->bucket[at]) {
		row = &rows->row[rows->bucket[at] - 1];
		free(row->bytes);
	} else {
		if (rows->n == ROWS_MAX)
			return;
		row = &rows->row[rows->n++];
		rows->bucket[at] = (uint32_t)rows->n;
	}
	memcpy(row->id, alert->id, sizeof(row->id));
	row->journal_seq = reading->seq;
	row->len = (uint32_t)reading->bytes.len;
	row->bytes = malloc(reading->bytes.len);
	if (!row->bytes)
		abort();
	memcpy(row->bytes, reading->bytes.ptr, reading->bytes.len);
}

/* Whether reading ended before the end of the journal, which is told. */
static bool is_cut_short(const struct wt_journal_reader *r)
{
	int error = wt_journal_error(r);

	if (error)
		fprintf(stderr, "wardtap: the journal cannot be read: %s\n", strerror(error));
	return error != 0;
}

static int list(const struct request *q, struct wt_journal_reader *r)
{
	struct rows rows = { 0 };
	struct wt_reading reading;
	struct wt_alert alert;
	size_t i, from;

	while (wt_journal_read(r, &reading))
		if (wt_alert_decode(reading.bytes, &alert) && is_asked_for(q, &alert))
			take_row(&rows, &alert, &reading);
	from = q->n_most && rows.n > q->n_most ? rows.n - q->n_most : 0;
	if (!q->is_json && from < rows.n)
		wt_alertpage_head(stdout);
	for (i = 0; i < rows.n; i++) {
		if (i >= from &&
		    wt_alert_decode(wt_slice_of(rows.row[i].bytes, rows.row[i].len), &alert))
			print(q, &alert, rows.row[i].journal_seq);
		free(rows.row[i].bytes);
	}
	if (!q->is_json && from)
		printf("%zu older alerts are not shown (-n 0 shows all)\n", from);
	if (!q->is_json && !rows.n)
		printf("no alerts\n");
	free(rows.row);
	free(rows.bucket);
	if (wt_journal_unreadable(r))
		fprintf(stderr, "wardtap: %llu bytes of the journal cannot be read\n",
			(unsigned long long)wt_journal_unreadable(r));
	return is_cut_short(r) ? WT_EXIT_DAMAGED : WT_EXIT_GOOD;
}

static int show(const struct request *q, struct wt_journal_reader *r, const char *wanted)
{
	struct wt_reading reading;
	struct wt_alert alert;
	unsigned n = 0;
	char id[33];

	while (wt_journal_read(r, &reading)) {
		if (!wt_alert_decode(reading.bytes, &alert))
			continue;
		wt_alert_id_text(alert.id, id);
		if (strncmp(id, wanted, strlen(wanted)) != 0)
			continue;
		n++;
		if (q->is_json)
			print(q, &alert, reading.seq);
		else
			wt_alertpage_full(&alert, reading.seq, stdout);
	}
	if (is_cut_short(r))
		return WT_EXIT_DAMAGED;
	if (n)
		return WT_EXIT_GOOD;
	fprintf(stderr,
		"wardtap alerts show: no alert whose id begins with '%.40s'; "
		"wardtap alerts list shows ids\n",
		wanted);
	return WT_EXIT_DAMAGED;
}

static _Atomic bool is_stopping;

static void on_signal(int number)
{
	(void)number;
	atomic_store(&is_stopping, true);
}

static int follow(const struct request *q, struct wt_journal_reader *r)
{
	struct sigaction action = { .sa_handler = on_signal };
	const struct timespec pause = { .tv_nsec = POLL_MS * 1000000L };
	struct wt_reading reading;
	struct wt_alert alert;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	wt_journal_seek(r, wt_journal_end(r));
	while (!atomic_load(&is_stopping)) {
		while (!atomic_load(&is_stopping) && wt_journal_read(r, &reading))
			if (wt_alert_decode(reading.bytes, &alert) && is_asked_for(q, &alert))
				print(q, &alert, reading.seq);
		if (fflush(stdout) != 0)
			return WT_EXIT_DAMAGED;
		(void)nanosleep(&pause, NULL);
	}
	return WT_EXIT_GOOD;
}

/* False: wrong. */
static bool take_number(const char *text, unsigned long most, unsigned long *number)
{
	uint64_t value;

	if (!wt_slice_to_u64(wt_slice_of(text, strlen(text)), &value) || value > most)
		return false;
	*number = (unsigned long)value;
	return true;
}

static int parse(struct request *q, int argc, char **argv)
{
	static const struct option options[] = { { "state", required_argument, NULL, 's' },
						 { "severity", required_argument, NULL, 'S' },
						 { "json", no_argument, NULL, 'j' },
						 { "all", no_argument, NULL, 'a' },
						 { "help", no_argument, NULL, 'h' },
						 { NULL, 0, NULL, 0 } };
	int option;

	while ((option = getopt_long(argc, argv, "s:n:h", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			return WT_EXIT_GOOD;
		}
		if (option == 's')
			q->dir = optarg;
		else if (option == 'j')
			q->is_json = true;
		else if (option == 'a')
			q->has_all = true;
		else if (option == '?' ||
			 (option == 'n' && !take_number(optarg, ROWS_MAX, &q->n_most)) ||
			 (option == 'S' && !take_number(optarg, 10, &q->severity))) {
			fputs(usage, stderr);
			return WT_EXIT_USAGE;
		}
	}
	return -1;
}

int wt_app_alerts(int argc, char **argv)
{
	struct request q = { .dir = DEFAULT_DIR, .n_most = 100 };
	struct wt_journal_reader *r;
	int status = parse(&q, argc, argv), n_words = argc - optind;
	const char *what = n_words > 0 ? argv[optind] : "";
	bool is_show = !strcmp(what, "show"), is_follow = !strcmp(what, "follow");
	struct wt_io *io;
	char why[256];

	if (status >= 0)
		return status;
	if ((!is_show && !is_follow && strcmp(what, "list") != 0) ||
	    n_words != (is_show ? 2 : 1)) {
		fputs(usage, stderr);
		return WT_EXIT_USAGE;
	}
	io = wt_io_folder(q.dir, false, why, sizeof(why));
	if (!io) {
		fprintf(stderr, "wardtap: %s\n", why);
		return WT_EXIT_USAGE;
	}
	q.json = malloc(WT_ALERT_JSON_MAX);
	if (!q.json)
		abort();
	r = wt_journal_reader_new(io, is_follow);
	status = is_show     ? show(&q, r, argv[optind + 1])
		 : is_follow ? follow(&q, r)
			     : list(&q, r);
	wt_journal_reader_free(r);
	wt_io_folder_free(io);
	free(q.json);
	return fflush(stdout) == 0 ? status : WT_EXIT_DAMAGED;
}
