/* How soon an alert is durable while many come: gives the journal GIVEN alerts a second,
 * evenly, into the folder named on the command line (or one below $TMPDIR), on the disk that
 * it lies on, and measures from append to the count of durable ones. Gate: at 5,000 a
 * second, 99 % within 100 ms. Then as many as it takes, for the rate alone.
 * Usage: journal [FOLDER]. Exit 1: a gate fails. */
#define _GNU_SOURCE /* nftw */
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "journal/journal.h"

#define GIVEN 5000u /* a second */
#define SECONDS 10u
#define N (GIVEN * SECONDS)
#define TICK_NS 2000000 /* alerts come in groups of ten */
#define P99_MAX_MS 100.0
#define FLOOD 200000u

struct run {
	struct wt_journal *journal;
	double given[N], took[N];
};

static double now_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static struct wt_alert alert_of(uint32_t n)
{
	struct wt_alert a = { .kind = WT_ALERT_RULE,
			      .n = 1,
			      .confidence = 1,
			      .gid = 1,
			      .severity = (uint8_t)(1 + n % 10),
			      .sid = n + 1 };

	memcpy(a.id, &a.sid, sizeof(a.sid));
	a.text[WT_ALERT_SENSOR] = WT_LIT("ward 7, main building");
	a.text[WT_ALERT_SIGNATURE] = WT_LIT("Pump order from a host that never gave one");
	return a;
}

static void *watch(void *self)
{
	const struct timespec pause = { .tv_nsec = 200000 };
	struct run *r = self;
	uint64_t i = 0;

	while (i < N) {
		uint64_t durable = wt_journal_n_durable(r->journal);
		double now = now_s();

		for (; i < durable; i++)
			r->took[i] = now - r->given[i];
		(void)nanosleep(&pause, NULL);
	}
	return NULL;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Alerts given at their times; one that is late is given at once, and its time counts from
 * when it was due, so that a stall hides nothing. False: some were not taken. */
static bool pace(struct run *r)
{
	const double begin = now_s();
	uint32_t i;

	for (i = 0; i < N; i++) {
		struct wt_alert a = alert_of(i);
		double due = begin + (double)i / GIVEN;
		struct timespec pause = { .tv_nsec = TICK_NS };

		while (now_s() < due)
			(void)nanosleep(&pause, NULL);
		r->given[i] = due;
		if (!wt_journal_append(r->journal, &a))
			return false;
	}
	return true;
}

static bool latency(struct run *r)
{
	pthread_t thread;
	double p99;

	if (pthread_create(&thread, NULL, watch, r) != 0)
		return false;
	if (!pace(r)) {
		fputs("journal: an alert was refused at this rate\n", stderr);
		exit(1);
	}
	(void)pthread_join(thread, NULL);
	qsort(r->took, N, sizeof(double), by_size);
	p99 = r->took[N / 100 * 99] * 1e3;
	printf("journal %u alerts/s: durable after %.1f ms (median), %.1f ms (99 %%), %.1f ms "
	       "(all); "
	       "gate 100 ms at 99 %%: %s\n",
	       GIVEN, r->took[N / 2] * 1e3, p99, r->took[N - 1] * 1e3,
	       p99 <= P99_MAX_MS ? "holds" : "FAILS");
	return p99 <= P99_MAX_MS;
}

static bool flood(struct run *r)
{
	double begin = now_s(), rate;
	uint32_t i;

	for (i = 0; i < FLOOD; i++) {
		struct wt_alert a = alert_of(i);

		while (!wt_journal_append(r->journal, &a))
			if (!wt_journal_flush(r->journal, 60000))
				return false;
	}
	if (!wt_journal_flush(r->journal, 60000))
		return false;
	rate = FLOOD / (now_s() - begin);
	printf("journal as fast as it takes: %.0f durable alerts/s; gate %u: %s\n", rate, GIVEN,
	       rate >= GIVEN ? "holds" : "FAILS");
	return rate >= GIVEN;
}

static int drop(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

int main(int argc, char **argv)
{
	char folder[4200], why[256];
	const char *base = argc > 1 ? argv[1] : getenv("TMPDIR");
	struct run *r = calloc(1, sizeof(*r));
	struct wt_journal_options options = { .size_max = 1u << 30,
					      .queue_bytes = 4u << 20,
					      .sensor = "bench",
					      .is_live = true };
	struct wt_io *io;
	bool is_good;

	(void)snprintf(folder, sizeof(folder), "%s/wardtap-bench-XXXXXX", base ? base : "/tmp");
	if (!r || !mkdtemp(folder))
		return 1;
	io = wt_io_folder(folder, true, why, sizeof(why));
	options.io = io;
	r->journal = io ? wt_journal_open(&options) : NULL;
	is_good = r->journal && latency(r);
	is_good = r->journal && flood(r) && is_good;
	is_good = wt_journal_close(r->journal, NULL) && is_good;
	wt_io_folder_free(io);
	(void)nftw(folder, drop, 16, FTW_DEPTH | FTW_PHYS);
	free(r);
	return is_good ? 0 : 1;
}
