/* `wardtap run`: the live sensor in its first form. Opens the rings with whatever
 * privilege it was started with, gives all of it up, and feeds the same workers that
 * replay uses. Each worker has a ring of its own per interface; the kernel steers
 * both directions of an address pair to the worker that owns their shard.
 * SIGHUP loads the rules anew (reload.h). SIGINT and SIGTERM end it cleanly: the inflow is shut, everything the kernel still
 * holds is read, and the books are closed.
 * Trust: packets are hostile; the command line is the operator's. */
#define _POSIX_C_SOURCE 200809L
#include "app/alerting.h"
#include "app/app.h"
#include "app/assets.h"
#include "app/devices.h"
#include "app/keyfile.h"
#include "app/options.h"
#include "app/output.h"
#include "app/privileges.h"
#include "app/reload.h"
#include "app/ruleset.h"
#include "app/sample.h"
#include "app/selection.h"
#include "app/setfile.h"
#include "app/settings.h"
#include "app/state.h"
#include "app/stats.h"
#include "app/summary.h"
#include "app/worker.h"
#include "base/digest.h"
#include "capture/ring.h"
#include "detect/context.h"
#include "dissect/hint.h"
#include "export/eve.h"
#include "wardtap/registry.h"

#include <getopt.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define WORKERS_MAX 64
#define INTERFACES_MAX 8u
#define LATE_NS (20 * WT_NS_PER_MS) /* a packet may wait this long in its ring's block */
#define POLL_MS 10

struct listener {
	pthread_t thread;
	struct sensor *sensor;
	struct wt_worker *worker;
	struct wt_ring *ring[INTERFACES_MAX];
	struct wt_sample sample;
	bool is_failed;
};

struct sensor {
	struct wt_conf *conf;
	unsigned n_workers, n_interfaces;
	const char *interface[INTERFACES_MAX];
	uint8_t key[WT_KEY_MAX];
	size_t key_len;
	struct listener listener[WORKERS_MAX];
	struct wt_worker *worker[WORKERS_MAX];
	pthread_barrier_t drained;
	struct wt_output_file *events, *stats; /* NULL: events go to standard output */
	struct wt_eve *eve;
	uint8_t *line;
	struct wt_inventory *inventory;
	struct wt_store *store; /* of state.dir; NULL: in memory alone */
	struct wt_counters counters;
	struct wt_ruleset rules;
	struct wt_context *context;
	uint64_t sets_saved_ns; /* monotonic */
	struct wt_devices *devices;
	struct wt_alerting *alerting;
	bool is_journaled;
	struct wt_reload *reload;
	struct wt_output_file *alerts; /* NULL: no folder, or no rules */
};

static _Atomic bool is_stopping, is_reload_wanted;
static struct sensor *the_sensor; /* names of interfaces for eve.h */

static void on_signal(int number)
{
	atomic_store(number == SIGHUP ? &is_reload_wanted : &is_stopping, true);
}

static const char usage[] =
	"usage: wardtap run [-c FILE] [-i IFACE]... [-o DIR] [-j N] [-F FILTER]\n"
	"                   [--rules PATH]... [--journal DIR] [--set KEY=VALUE]...\n"
	"  Listens until SIGINT or SIGTERM; SIGHUP loads the rules anew. Events go to\n"
	"  DIR/events.jsonl, or to standard output without -o; the final accounting to\n"
	"  DIR/stats.json and to standard error.\n";

static bool take_key(struct sensor *s)
{
	char why[256];

	if (!wt_conf_has(s->conf, WT_CONF_PRIVACY_KEY_FILE)) {
		/* pseudonyms then hold for this run only */
		s->key_len = WT_SHA256_LEN;
		wt_random(s->key, s->key_len);
		return true;
	}
	if (wt_key_read(wt_conf_text(s->conf, WT_CONF_PRIVACY_KEY_FILE), s->key, &s->key_len, why,
			sizeof(why)))
		return true;
	wt_conf_blame(s->conf, WT_CONF_PRIVACY_KEY_FILE, 0, "%s", why);
	(void)wt_app_conf_errors(s->conf);
	return false;
}

static bool take_interfaces(struct sensor *s)
{
	unsigned i, n = wt_conf_count(s->conf, WT_CONF_CAPTURE_INTERFACE);

	if (n == 0 || n > INTERFACES_MAX) {
		fprintf(stderr, "wardtap: capture.interface: found %u interfaces; name 1 to %u "
				"(-i IFACE)\n", n, INTERFACES_MAX);
		return false;
	}
	s->n_interfaces = n;
	for (i = 0; i < n; i++)
		s->interface[i] = wt_conf_item_text(s->conf, WT_CONF_CAPTURE_INTERFACE, i);
	return true;
}

/* Opens one ring per worker and interface, in the order that wt_ring_steer counts. */
static bool open_rings(struct sensor *s)
{
	uint64_t group = wt_conf_u64(s->conf, WT_CONF_CAPTURE_RING_FANOUT_GROUP);
	unsigned i, k;

	if (group == 0)
		group = (uint64_t)getpid() & 0xffff;
	for (k = 0; k < s->n_interfaces; k++) {
		struct wt_ring_options options = {
			.interface = s->interface[k], .index = (uint16_t)k,
			.block_size = (uint32_t)wt_conf_u64(s->conf, WT_CONF_CAPTURE_RING_BLOCK_SIZE),
			.n_blocks = (uint32_t)wt_conf_u64(s->conf, WT_CONF_CAPTURE_RING_BLOCKS),
			.retire_ms = (uint32_t)(wt_conf_u64(s->conf, WT_CONF_CAPTURE_RING_RETIRE) /
						WT_NS_PER_MS),
			.snap_len = (uint32_t)wt_conf_u64(s->conf, WT_CONF_CAPTURE_SNAPLEN),
			.is_promiscuous = wt_conf_bool(s->conf, WT_CONF_CAPTURE_PROMISCUOUS),
			.spread = s->n_workers > 1 ? WT_RING_PAIR : WT_RING_ALONE,
			.fanout_group = (uint16_t)(group + k),
		};

		for (i = 0; i < s->n_workers; i++) {
			char why[256];

			s->listener[i].ring[k] = wt_ring_open(&options, why, sizeof(why));
			if (!s->listener[i].ring[k]) {
				fprintf(stderr, "wardtap: %s\n", why);
				return false;
			}
		}
	}
	return true;
}

static bool open_outputs(struct sensor *s)
{
	const char *folder = wt_conf_text(s->conf, WT_CONF_OUTPUT_DIR);

	if (!folder)
		return true;
	if (!wt_output_folder(folder))
		return false;
	s->events = wt_output_open(folder, "events.jsonl");
	s->stats = s->events ? wt_output_open(folder, "stats.json") : NULL;
	if (s->stats && s->rules.program) {
		s->alerts = wt_output_open(folder, "alerts.jsonl");
		if (!s->alerts)
			return false;
	}
	return s->stats != NULL;
}

static void make_workers(struct sensor *s)
{
	struct wt_worker_options options = {
		.n_workers = s->n_workers, .limits = wt_app_limits(s->conf), .is_live = true,
		.filter = wt_conf_text(s->conf, WT_CONF_CAPTURE_FILTER),
		.key = wt_slice_of(s->key, s->key_len),
		.has_hints = wt_conf_bool(s->conf, WT_CONF_HINT_ENABLED),
		.program = s->rules.program,
	};
	unsigned i;

	wt_random(&options.seed, sizeof(options.seed));
	for (i = 0; i < s->n_workers; i++) {
		options.index = i;
		s->worker[i] = s->listener[i].worker = wt_worker_new(&options);
		s->listener[i].sensor = s;
		s->listener[i].sample.has_come = true; /* not silent yet */
	}
	for (i = 0; i < s->n_workers; i++)
		s->worker[i]->peers = s->worker;
	s->context = wt_context_new(&s->rules.context, options.limits.contexts,
				    options.limits.set_values, options.seed, &s->counters);
	wt_setfiles_load(s->context, s->conf, options.key);
	s->devices = wt_devices_new(s->inventory);
	wt_context_set_devices(s->context, wt_devices_source(s->devices));
}

static uint64_t clock_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * WT_NS_PER_S + (uint64_t)now.tv_nsec;
}

static uint64_t wall_clock_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

static void take_batch(struct listener *l, struct wt_batch *batch)
{
	struct wt_counters *c = &l->worker->counters;
	unsigned i;

	for (i = 0; i < batch->n; i++) {
		wt_count(c, WT_C_PACKETS_READ);
		wt_count_n(c, WT_C_CAPTURE_BYTES, batch->packet[i].cap_len);
		wt_count_n(c, WT_C_CAPTURE_BYTES_WIRE, batch->packet[i].wire_len);
		if (batch->packet[i].cap_len < batch->packet[i].wire_len)
			wt_count(c, WT_C_CAPTURE_CLIPPED);
	}
	wt_worker_batch(l->worker, batch);
}

/* Reads what one ring holds now. False when the interface is gone. */
static bool read_ring(struct listener *l, struct wt_ring *ring)
{
	unsigned n_batches;

	for (n_batches = 0; n_batches < 64; n_batches++) {
		struct wt_batch batch;
		int n = wt_ring_next(ring, &batch, 0);

		if (n < 0) {
			if (!l->is_failed)
				fprintf(stderr, "wardtap: %s\n", wt_ring_error(ring));
			l->is_failed = true;
			return false;
		}
		if (n == 0)
			return true;
		l->is_failed = false;
		take_batch(l, &batch);
	}
	return true;
}

static void drain(struct listener *l)
{
	struct sensor *s = l->sensor;
	unsigned k, round;

	for (k = 0; k < s->n_interfaces; k++)
		if (!wt_ring_stop(l->ring[k]))
			fprintf(stderr, "wardtap: %s\n", wt_ring_error(l->ring[k]));
	for (k = 0; k < s->n_interfaces; k++) {
		struct wt_batch batch;
		unsigned n_empty = 0; /* a lost interface never says that it is drained */

		while (!wt_ring_is_drained(l->ring[k]) && n_empty < 100) {
			int n = wt_ring_next(l->ring[k], &batch, POLL_MS);

			if (n > 0)
				take_batch(l, &batch);
			else
				n_empty++;
		}
	}
	/* What others still hand over: whole packets, then what they rebuild. */
	for (round = 0; round < 3; round++) {
		pthread_barrier_wait(&s->drained);
		wt_worker_clock(l->worker, l->worker->clock_ns);
	}
}

/* What this worker counted, for the keeper. */
static void give_sample(struct listener *l)
{
	struct wt_counters *c = &l->sample.counters;
	unsigned k;

	*c = l->worker->counters;
	for (k = 0; k < l->sensor->n_interfaces; k++) {
		uint64_t received = 0, dropped = 0;

		if (!wt_ring_stats(l->ring[k], &received, &dropped))
			continue; /* told when it ends */
		wt_count_n(c, WT_C_CAPTURE_KERNEL_RECEIVED, received);
		wt_count_n(c, WT_C_CAPTURE_KERNEL_DROPPED, dropped);
	}
	wt_sample_give(&l->sample);
}

static void *listen(void *self)
{
	struct listener *l = self;
	struct sensor *s = l->sensor;
	struct pollfd wait[INTERFACES_MAX];
	unsigned k;

	for (k = 0; k < s->n_interfaces; k++)
		wait[k] = (struct pollfd){ .fd = wt_ring_fd(l->ring[k]), .events = POLLIN };
	while (!atomic_load_explicit(&is_stopping, memory_order_relaxed)) {
		if (poll(wait, s->n_interfaces, POLL_MS) > 0 && l->is_failed)
			poll(NULL, 0, 10 * POLL_MS); /* a lost interface stays readable */
		for (k = 0; k < s->n_interfaces; k++)
			(void)read_ring(l, l->ring[k]);
		wt_worker_clock(l->worker, wall_clock_ns() - LATE_NS);
		if (wt_sample_wanted(&l->sample))
			give_sample(l);
	}
	drain(l);
	wt_worker_finish(l->worker);
	return NULL;
}

static void fetch_ahead(void *self, const struct wt_record *record)
{
	struct sensor *s = self;

	wt_inventory_ahead(s->inventory, record);
}

static void take_record(void *self, const struct wt_record *record)
{
	struct sensor *s = self;
	bool is_alert = record->head.owner == 0 && record->head.type == WT_EVENT_ALERT;
	struct wt_slice line;

	wt_count(&s->counters, WT_C_EVENTS_OBSERVED);
	wt_inventory_take(s->inventory, record);
	if (is_alert && !wt_context_take(s->context, record))
		return;
	wt_alerting_take(s->alerting, record, is_alert);
	if (is_alert && s->alerts)
		wt_output_write(s->alerts, wt_eve_line(s->eve, record, s->line));
	if (!wt_selection_has(s->conf, &record->head)) {
		wt_count(&s->counters, WT_C_EVENTS_UNSELECTED);
		return;
	}
	line = wt_eve_line(s->eve, record, s->line);
	if (s->events)
		wt_output_write(s->events, line);
	else if (fwrite(line.ptr, 1, line.len, stdout) != line.len)
		atomic_store(&is_stopping, true); /* nobody reads any more */
}

/* About ten times a second: what is written becomes visible. */
static void on_idle(void *self)
{
	struct sensor *s = self;
	unsigned i;

	for (i = 0; i < s->n_workers; i++)
		wt_sample_turn(&s->listener[i].sample);
	wt_alerting_clock(s->alerting, wall_clock_ns() - WT_NS_PER_S,
			  clock_ns(CLOCK_MONOTONIC));
	if (s->store)
		wt_store_tick(s->store, s->inventory);
	wt_setfiles_tick(s->context, s->conf, wt_slice_of(s->key, s->key_len),
			 clock_ns(CLOCK_MONOTONIC), &s->sets_saved_ns);
	wt_reload_step(s->reload, atomic_exchange(&is_reload_wanted, false));
	if (s->alerts)
		wt_output_flush(s->alerts);
	if (s->events)
		wt_output_flush(s->events);
	else
		(void)fflush(stdout);
}

static unsigned sum_samples(void *self, struct wt_counters *sum)
{
	struct sensor *s = self;
	unsigned i, n_missed = 0;

	for (i = 0; i < s->n_workers; i++) {
		wt_counters_add(sum, &s->listener[i].sample.known);
		n_missed += wt_sample_missed(&s->listener[i].sample);
	}
	return n_missed;
}

static const char *interface_name(unsigned index)
{
	return index < the_sensor->n_interfaces ? the_sensor->interface[index] : NULL;
}

static void keep(struct sensor *s)
{
	struct wt_record_sink sink = { .take = take_record,
				       .ahead = fetch_ahead,
				       .self = s };
	struct wt_handoff *handoff[WORKERS_MAX];
	unsigned i, k;

	for (i = 0; i < s->n_workers; i++)
		handoff[i] = s->worker[i]->handoff;
	wt_handoff_merge(handoff, s->n_workers, &sink, on_idle, s);
	for (i = 0; i < s->n_workers; i++) {
		pthread_join(s->listener[i].thread, NULL);
		wt_counters_add(&s->counters, &s->worker[i]->counters);
		for (k = 0; k < s->n_interfaces; k++) {
			uint64_t received = 0, dropped = 0;

			if (!wt_ring_stats(s->listener[i].ring[k], &received, &dropped))
				fprintf(stderr, "wardtap: %s\n",
					wt_ring_error(s->listener[i].ring[k]));
			wt_count_n(&s->counters, WT_C_CAPTURE_KERNEL_RECEIVED, received);
			wt_count_n(&s->counters, WT_C_CAPTURE_KERNEL_DROPPED, dropped);
		}
	}
	s->is_journaled = wt_alerting_finish(s->alerting);
	s->counters.value[WT_C_BUGS] = wt_bug_count();
}

static bool write_stats(struct sensor *s)
{
	struct wt_json j = wt_json_of(s->line, WT_EVE_LINE_MAX);
	struct wt_unknown_link none;
	uint8_t digest[WT_SHA256_LEN];
	bool is_good = true;
	uint64_t len;

	if (!s->stats)
		return fflush(stdout) == 0;
	wt_stats_json(&j, &s->counters, &none, 0);
	wt_output_write(s->stats, wt_bld_slice(&j.out));
	is_good &= wt_output_close(s->stats, digest, &len);
	is_good &= wt_output_close(s->events, digest, &len);
	if (s->alerts)
		is_good &= wt_output_close(s->alerts, digest, &len);
	return is_good;
}

static int finish(struct sensor *s)
{
	const uint64_t *v = s->counters.value;
	struct wt_identity rows[WT_N_IDENTITIES];
	bool is_good = write_stats(s) && s->is_journaled;
	unsigned i, k;

	if (s->store)
		is_good &= wt_store_close(s->store, s->inventory);
	s->store = NULL;
	is_good &= wt_setfiles_save(s->context, s->conf, wt_slice_of(s->key, s->key_len));

	fprintf(stderr, "wardtap: received %llu = read %llu + dropped by the kernel %llu; "
			"events %llu, shed %llu\n",
		(unsigned long long)v[WT_C_CAPTURE_KERNEL_RECEIVED],
		(unsigned long long)v[WT_C_PACKETS_READ],
		(unsigned long long)v[WT_C_CAPTURE_KERNEL_DROPPED],
		(unsigned long long)v[WT_C_EVENTS_OBSERVED],
		(unsigned long long)v[WT_C_EVENTS_SHED]);
	if (!wt_identities(&s->counters, rows)) {
		for (i = 0; i < WT_N_IDENTITIES; i++)
			if (rows[i].left != rows[i].right)
				fprintf(stderr, "wardtap: the books do not balance: %s: %llu and "
						"%llu; please report this\n", rows[i].name,
					(unsigned long long)rows[i].left,
					(unsigned long long)rows[i].right);
		is_good = false;
	}
	for (i = 0; i < s->n_workers; i++) {
		for (k = 0; k < s->n_interfaces; k++)
			wt_ring_close(s->listener[i].ring[k]);
		wt_worker_free(s->worker[i]);
	}
	return is_good ? WT_EXIT_GOOD : WT_EXIT_DAMAGED;
}

/* Before anything else: a signal that comes while rules are compiled must not kill us with
 * half of everything opened. */
static void take_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static bool start(struct sensor *s)
{
	unsigned i, k;

	pthread_barrier_init(&s->drained, NULL, s->n_workers);
	for (k = 0; k < s->n_interfaces; k++)
		for (i = 0; i < s->n_workers; i++)
			if (!wt_ring_start(s->listener[i].ring[k])) {
				fprintf(stderr, "wardtap: %s\n",
					wt_ring_error(s->listener[i].ring[k]));
				return false;
			}
	for (i = 0; i < s->n_workers; i++)
		if (pthread_create(&s->listener[i].thread, NULL, listen, &s->listener[i]) != 0) {
			fputs("wardtap: cannot start a thread\n", stderr);
			return false;
		}
	fprintf(stderr, "wardtap: listening on %s%s with %u worker%s\n", s->interface[0],
		s->n_interfaces > 1 ? " and others" : "", s->n_workers,
		s->n_workers > 1 ? "s" : "");
	return true;
}

static int run(struct sensor *s)
{
	char why[256];

	s->n_workers = (unsigned)wt_conf_u64(s->conf, WT_CONF_ENGINE_WORKERS);
	s->inventory = wt_assets_new(s->conf, &s->counters);
	if (!s->inventory)
		return wt_app_conf_errors(s->conf);
	if (!wt_ruleset_load(&s->rules, s->conf, WT_PROBLEMS_TOLD))
		return wt_app_conf_errors(s->conf), WT_EXIT_USAGE;
	if (atomic_load(&is_stopping)) /* before anything was opened */
		return WT_EXIT_GOOD;
	if (!take_interfaces(s) || !take_key(s) || !open_outputs(s) || !open_rings(s) ||
	    !wt_alerting_folder(s->conf))
		return WT_EXIT_USAGE;
	if (!wt_privileges_drop(wt_conf_text(s->conf, WT_CONF_CAPTURE_USER),
				!wt_conf_is_given(s->conf, WT_CONF_CAPTURE_USER), why,
				sizeof(why))) {
		fprintf(stderr, "wardtap: %s\n", why);
		return WT_EXIT_USAGE;
	}
	/* As the user that it became, who must be able to write there. */
	if (!wt_state_open(s->conf, s->inventory, &s->store))
		return WT_EXIT_USAGE;
	make_workers(s);
	s->line = malloc(WT_EVE_LINE_MAX);
	if (!s->line)
		abort();
	s->eve = wt_eve_new();
	the_sensor = s;
	wt_eve_set_names(s->eve, interface_name, wt_app_hint_name);
	s->alerting = wt_alerting_new(&(struct wt_alerting_options){
		.conf = s->conf, .counters = &s->counters, .is_live = true,
		.interface_name = interface_name, .inventory = s->inventory,
		.rules = &s->rules, .sample = sum_samples, .sample_self = s });
	if (!s->alerting)
		return WT_EXIT_USAGE;
	if (!start(s))
		return WT_EXIT_USAGE;
	s->reload = wt_reload_new(s->conf, &s->rules, s->context,
				  wt_slice_of(s->key, s->key_len), s->worker,
				  s->n_workers);
	keep(s);
	wt_reload_free(s->reload);
	return finish(s);
}

int wt_app_run(int argc, char **argv)
{
	struct wt_settings settings = { .is_live = true };
	struct sensor *s = calloc(1, sizeof(*s));
	int status;

	if (!s)
		abort();
	take_signals();
	status = wt_options_parse(&settings, argc, argv, "c:o:j:F:i:h", usage);
	if (status < 0 && optind < argc) {
		fprintf(stderr, "wardtap run: '%s' is no option; interfaces are named by -i\n",
			argv[optind]);
		status = WT_EXIT_USAGE;
	}
	if (status < 0) {
		s->conf = wt_settings_load(&settings, stderr);
		status = s->conf ? run(s) : WT_EXIT_USAGE;
	}
	if (s->store)
		(void)wt_store_close(s->store, NULL);
	wt_eve_free(s->eve);
	wt_inventory_free(s->inventory);
	free(s->line);
	wt_context_free(s->context);
	wt_devices_free(s->devices);
	wt_alerting_free(s->alerting);
	wt_ruleset_free(&s->rules);
	wt_conf_free(s->conf);
	free(s);
	return status;
}
