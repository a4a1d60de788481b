/* Drives one sink through its contract, as the courier does, for tests/siem_http.py.
 *
 *   live_sink CONF N BATCH TRIES [FIRST]
 *
 * Sends N alerts (journal_seq from FIRST on, default 1) through the first section of CONF,
 * at most BATCH at a time, and offers again what is not done with, TRIES times without
 * progress. One line per event on standard output:
 *   call VERDICT N_DONE N_AGAIN RETRY_MS WHY
 *   refused JOURNAL_SEQ WHY
 *   end N_DONE
 * SIGTERM sets *is_stopping, SIGHUP asks for reopen. Exit: 0 all done, 1 not, 2 the sink cannot
 * be opened. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "export/sink.h"

static _Atomic bool is_stopping, is_reopening;

static void on_signal(int number)
{
	atomic_store(number == SIGHUP ? &is_reopening : &is_stopping, true);
}

static void refuse(void *to, const struct wt_sink_item *item, const char *why)
{
	(void)to;
	printf("refused %" PRIu64 " %s\n", item->journal_seq, why);
}

/* The id says which alert it is: its last four bytes are the number. */
static struct wt_alert sample(uint64_t n)
{
	static const uint8_t sentence[] =
		"A pump was given an order by \"a host\" that never did so \\ before: \x1b[31m";
	struct wt_alert a = { .kind = WT_ALERT_RULE,
			      .severity = (uint8_t)(1 + n % 10),
			      .confidence = 80,
			      .n = n,
			      .gid = 1,
			      .sid = 9100001,
			      .first_ns = 1700000000 * WT_NS_PER_S + n,
			      .last_ns = 1700000000 * WT_NS_PER_S + n,
			      .made_ns = 1700000000 * WT_NS_PER_S + n,
			      .sender = 0,
			      .key.ip_version = 4,
			      .key.proto = 6 };
	unsigned i;

	for (i = 0; i < 4; i++)
		a.id[12 + i] = (uint8_t)(n >> (24 - 8 * i));
	for (i = 0; i < 2; i++) {
		a.key.end[i].addr.octet[0] = 10;
		a.key.end[i].addr.octet[3] = (uint8_t)(i + 1);
		a.key.end[i].port = (uint16_t)(2575 + i);
	}
	a.text[WT_ALERT_SENSOR] = WT_LIT("ward 7");
	a.text[WT_ALERT_SIGNATURE] = WT_LIT("Pump order from an unexpected host");
	a.text[WT_ALERT_SENTENCE] = wt_slice_of(sentence, sizeof(sentence) - 1);
	return a;
}

static void wait_ms(uint32_t ms)
{
	struct timespec time = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&time, NULL);
}

static unsigned deliver(const struct wt_sink_kind *kind, void *sink, uint64_t first, unsigned n,
			unsigned batch, unsigned tries)
{
	static const char *const verdicts[] = { "DONE", "RETRY", "STOP" };
	struct wt_sink_item *items = calloc(batch, sizeof(*items));
	struct wt_alert *alerts = calloc(batch, sizeof(*alerts));
	unsigned done = 0, tried = 0, i;

	while (items && alerts && done < n && tried < tries && !atomic_load(&is_stopping)) {
		struct wt_sink_result r = { .refuse = refuse };
		unsigned n_now = n - done < batch ? n - done : batch;

		for (i = 0; i < n_now; i++) {
			alerts[i] = sample(first + done + i);
			items[i] = (struct wt_sink_item){ &alerts[i], first + done + i };
		}
		if (atomic_exchange(&is_reopening, false))
			kind->reopen(sink);
		kind->send(sink, items, n_now, &r);
		printf("call %s %u %u %u %s\n", verdicts[r.verdict], r.n_done, r.n_again,
		       r.retry_ms, r.why);
		fflush(stdout);
		done += r.n_done;
		tried = r.n_done ? 0 : tried + 1;
		if (r.verdict != WT_SINK_DONE && tried < tries)
			wait_ms(r.retry_ms && r.retry_ms < 3000 ? r.retry_ms : 20);
	}
	free(items);
	free(alerts);
	return done;
}

int main(int argc, char **argv)
{
	struct wt_conf *conf = wt_conf_new(), *section;
	const struct wt_sink_kind *kind;
	struct wt_sink_options options = { .sensor = "ward 7",
					   .host = "sensor7",
					   .is_stopping = &is_stopping };
	unsigned n, done, i;
	char why[WT_SINK_WHY_MAX] = "";
	void *sink;

	if (argc < 5 || !conf || !wt_conf_load_file(conf, argv[1])) {
		for (i = 0; conf && i < wt_conf_n_errors(conf); i++)
			fprintf(stderr, "%s\n", wt_conf_error(conf, i));
		return 2;
	}
	signal(SIGTERM, on_signal);
	signal(SIGHUP, on_signal);
	signal(SIGPIPE, SIG_IGN);
	section = wt_conf_section(conf, 0);
	kind = section ? wt_sink_kind_of(wt_conf_text(section, WT_CONF_SINK_TYPE)) : NULL;
	options.conf = section;
	options.name = wt_conf_section_name(conf, 0);
	sink = kind ? kind->open(&options, why, sizeof(why)) : NULL;
	if (!sink) {
		fprintf(stderr, "%s\n", kind ? why : "no such kind of sink");
		wt_conf_free(conf);
		return 2;
	}
	n = (unsigned)strtoul(argv[2], NULL, 10);
	done = deliver(kind, sink, argc > 5 ? strtoull(argv[5], NULL, 10) : 1, n,
		       (unsigned)strtoul(argv[3], NULL, 10),
		       (unsigned)strtoul(argv[4], NULL, 10));
	printf("end %u\n", done);
	kind->close(sink);
	wt_conf_free(conf);
	return done == n ? 0 : 1;
}
