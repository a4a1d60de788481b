/* `wardtap replay`: captures through the whole pipeline, deterministic.
 * Every worker goes over all packets, whose bytes are read once for all of them, and
 * keeps its shards; the main thread is the keeper and takes the records of all
 * workers in packet order.
 * Trust: captures are hostile; the command line is the operator's. */
#define _POSIX_C_SOURCE 200809L
#include "app/alerting.h"
#include "app/alertlist.h"
#include "app/app.h"
#include "app/assets.h"
#include "app/devices.h"
#include "app/keyfile.h"
#include "app/options.h"
#include "app/output.h"
#include "app/receipt.h"
#include "app/profile.h"
#include "app/ruleset.h"
#include "app/selection.h"
#include "app/setfile.h"
#include "app/state.h"
#include "app/stats.h"
#include "app/summary.h"
#include "app/worker.h"
#include "capture/file.h"
#include "capture/share.h"
#include "detect/context.h"
#include "dissect/hint.h"
#include "export/eve.h"
#include "wardtap/registry.h"

#include <getopt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WORKERS_MAX 64

struct reader {
	pthread_t thread;
	struct wt_worker *worker;
	struct wt_capture *capture;
	_Atomic uint64_t bytes_done;
};

struct replay {
	struct wt_conf *conf;
	struct wt_capture_list *list;
	struct wt_capture_share *share; /* the files' bytes, for all readers */
	const char *folder; /* NULL: for people */
	unsigned n_workers;
	uint8_t key[WT_KEY_MAX];
	size_t key_len;
	struct reader reader[WORKERS_MAX];
	struct wt_output_file *events;
	struct wt_eve *eve;
	struct wt_summary *summary;
	struct wt_inventory *inventory;
	struct wt_store *store; /* of state.dir; NULL: in memory alone */
	struct wt_archive archive;
	uint64_t *numbers; /* of the last packet of each file */
	uint8_t *line;
	struct wt_counters counters;
	bool shows_progress, is_journaled;
	struct wt_ruleset rules;
	struct wt_context *context;
	struct wt_devices *devices;
	struct wt_alerting *alerting;
	struct wt_output_file *alerts; /* NULL: for people, or no rules */
	struct wt_alertlist *alert_list;
};

const char *wt_app_hint_name(unsigned label)
{
	const char *name = wt_hint_name((uint16_t)label);

	return name ? name : "";
}

int wt_app_conf_errors(const struct wt_conf *conf)
{
	unsigned i;

	for (i = 0; i < wt_conf_n_errors(conf); i++)
		fprintf(stderr, "wardtap: %s\n", wt_conf_error(conf, i));
	return wt_conf_n_errors(conf) ? WT_EXIT_USAGE : WT_EXIT_GOOD;
}

static const char usage[] =
	"usage: wardtap replay [-c FILE] [-o DIR] [-j N] [-F FILTER] [--rules PATH]...\n"
	"                      [--journal DIR] [--set KEY=VALUE]... PATH...\n"
	"  Reads captures (files or folders; pcap, pcapng, .gz, .zst) and tells what\n"
	"  happened in them. -o writes events.jsonl, inventory.json, inventory.db,\n"
	"  stats.json and receipt.json.\n";

/* The key of the pseudonyms: configured, or derived from the captures. */
static bool take_key(struct replay *r)
{
	char why[256];

	if (!wt_conf_has(r->conf, WT_CONF_PRIVACY_KEY_FILE)) {
		r->key_len = WT_SHA256_LEN;
		return wt_receipt_key(r->list, r->key);
	}
	if (wt_key_read(wt_conf_text(r->conf, WT_CONF_PRIVACY_KEY_FILE), r->key, &r->key_len, why,
			sizeof(why)))
		return true;
	wt_conf_blame(r->conf, WT_CONF_PRIVACY_KEY_FILE, 0, "%s", why);
	return false;
}

static void *read_all(void *self)
{
	struct reader *reader = self;
	struct wt_batch batch;

	while (wt_capture_next(reader->capture, &batch)) {
		wt_worker_batch(reader->worker, &batch);
		atomic_store_explicit(&reader->bytes_done,
				      wt_capture_progress(reader->capture).bytes_done,
				      memory_order_relaxed);
	}
	wt_worker_finish(reader->worker);
	return NULL;
}

static void start(struct replay *r)
{
	struct wt_worker_options options = {
		.n_workers = r->n_workers, .limits = wt_app_limits(r->conf),
		.filter = wt_conf_text(r->conf, WT_CONF_CAPTURE_FILTER),
		.key = wt_slice_of(r->key, r->key_len),
		.has_hints = wt_conf_bool(r->conf, WT_CONF_HINT_ENABLED),
		.program = r->rules.program,
		.has_profile = wt_conf_bool(r->conf, WT_CONF_RULES_PROFILE),
	};
	unsigned i;

	wt_random(&options.seed, sizeof(options.seed));
	r->share = wt_capture_share_new(r->list, r->n_workers, r->folder != NULL);
	if (!r->share)
		abort();
	for (i = 0; i < r->n_workers; i++) {
		options.index = i;
		r->reader[i].worker = wt_worker_new(&options);
		r->reader[i].capture = wt_capture_open_shared(r->list, i ? NULL : &r->counters,
							      r->share, i);
		if (!r->reader[i].capture)
			abort();
	}
	for (i = 0; i < r->n_workers; i++)
		if (pthread_create(&r->reader[i].thread, NULL, read_all, &r->reader[i]) != 0) {
			fputs("wardtap: cannot start a thread\n", stderr);
			exit(WT_EXIT_USAGE);
		}
}

static void fetch_ahead(void *self, const struct wt_record *record)
{
	struct replay *r = self;

	wt_inventory_ahead(r->inventory, record);
}

static void take_record(void *self, const struct wt_record *record)
{
	struct replay *r = self;
	bool is_alert = record->head.owner == 0 && record->head.type == WT_EVENT_ALERT;

	wt_count(&r->counters, WT_C_EVENTS_OBSERVED);
	wt_inventory_take(r->inventory, record);
	if (is_alert && !wt_context_take(r->context, record))
		return;
	wt_alerting_take(r->alerting, record, is_alert);
	if (is_alert) {
		if (r->alerts)
			wt_output_write(r->alerts, wt_eve_line(r->eve, record, r->line));
		else
			wt_alertlist_take(r->alert_list, record);
	}
	if (r->events && !wt_selection_has(r->conf, &record->head)) {
		wt_count(&r->counters, WT_C_EVENTS_UNSELECTED);
		return;
	}
	if (r->events)
		wt_output_write(r->events, wt_eve_line(r->eve, record, r->line));
	else
		wt_summary_take(r->summary, record);
}

static void show_progress(void *self)
{
	struct replay *r = self;
	uint64_t done = atomic_load_explicit(&r->reader[0].bytes_done, memory_order_relaxed);

	if (r->store)
		wt_store_tick(r->store, r->inventory);
	if (r->shows_progress && r->list->total_bytes)
		fprintf(stderr, "\rwardtap: %3llu %%",
			(unsigned long long)(done * 100 / r->list->total_bytes));
}

static void keep(struct replay *r)
{
	struct wt_record_sink sink = { .take = take_record,
				       .ahead = fetch_ahead,
				       .self = r };
	struct wt_handoff *handoff[WORKERS_MAX];
	unsigned i;

	for (i = 0; i < r->n_workers; i++)
		handoff[i] = r->reader[i].worker->handoff;
	wt_handoff_merge(handoff, r->n_workers, &sink, show_progress, r);
	for (i = 0; i < r->n_workers; i++) {
		pthread_join(r->reader[i].thread, NULL);
		wt_counters_add(&r->counters, &r->reader[i].worker->counters);
	}
	r->counters.value[WT_C_BUGS] = wt_bug_count();
	r->is_journaled = wt_alerting_finish(r->alerting);
	if (r->shows_progress)
		fputs("\r               \r", stderr);
}

/* Names every damage. True when there was none. */
static bool tell_damages(const struct replay *r)
{
	const struct wt_capture_damage *damage;
	bool is_whole = true;
	size_t n, i;

	for (i = 0; i < r->list->n_notes; i++) {
		const struct wt_capture_note *note = &r->list->note[i];

		if (!note->is_damage)
			continue;
		fprintf(stderr, "wardtap: %s: %s\n", note->path, note->why);
		is_whole = false;
	}
	damage = wt_capture_damages(r->reader[0].capture, &n);
	for (i = 0; i < n; i++) {
		fprintf(stderr, "wardtap: %s: byte %llu: %s\n",
			r->list->file[damage[i].file].path, (unsigned long long)damage[i].offset,
			damage[i].why);
		is_whole = false;
	}
	return is_whole;
}

static bool check_books(const struct replay *r)
{
	struct wt_identity rows[WT_N_IDENTITIES];
	unsigned i;

	if (wt_identities(&r->counters, rows))
		return true;
	for (i = 0; i < WT_N_IDENTITIES; i++)
		if (rows[i].left != rows[i].right)
			fprintf(stderr, "wardtap: the books do not balance: %s: %llu and %llu; "
					"please report this\n", rows[i].name,
				(unsigned long long)rows[i].left,
				(unsigned long long)rows[i].right);
	return false;
}

/* Unknown link types of all workers, most frequent numbers first come first. */
static unsigned gather_links(const struct replay *r, struct wt_unknown_link *links, unsigned max)
{
	unsigned n = 0, type, i, k;

	for (type = 0; type <= UINT16_MAX && n < max; type++) {
		uint64_t sum = 0;

		for (i = 0; i < r->n_workers; i++)
			for (k = 0; k < r->reader[i].worker->n_unknown_links; k++)
				if (r->reader[i].worker->unknown_link[k].type == type)
					sum += r->reader[i].worker->unknown_link[k].n;
		if (sum)
			links[n++] = (struct wt_unknown_link){ (uint16_t)type, sum };
	}
	return n;
}

static bool write_stats(const struct replay *r, struct wt_receipt_output *output)
{
	struct wt_unknown_link links[WT_LINK_TYPES_TOLD];
	unsigned n_links = gather_links(r, links, WT_LINK_TYPES_TOLD);
	struct wt_output_file *f = wt_output_open(r->folder, "stats.json");
	struct wt_json j = wt_json_of(r->line, WT_EVE_LINE_MAX);

	if (!f)
		return false;
	wt_stats_json(&j, &r->counters, links, n_links);
	wt_output_write(f, wt_bld_slice(&j.out));
	output->name = "stats.json";
	return wt_output_close(f, output->digest, &output->len);
}

static bool write_results(struct replay *r)
{
	struct wt_receipt_output output[4] = { { .name = "events.jsonl" } };
	struct wt_receipt receipt = {
		.list = r->list, .capture = r->reader[0].capture,
		.profile = wt_conf_text(r->conf, WT_CONF_MEMORY_PROFILE),
		.filter = wt_conf_text(r->conf, WT_CONF_CAPTURE_FILTER),
		.key_source = wt_conf_has(r->conf, WT_CONF_PRIVACY_KEY_FILE) ?
			      "configured" : "derived from the captures",
		.hint_library = wt_conf_bool(r->conf, WT_CONF_HINT_ENABLED) ?
				wt_hint_library() : NULL,
		.output = output, .n_outputs = r->alerts ? 4 : 3,
		.advisories = wt_advisories_edition(r->archive.advisories),
		.n_card_makers = wt_vendors_n_blocks(r->archive.vendors),
		.has_sha256 = wt_conf_bool(r->conf, WT_CONF_OUTPUT_RECEIPT_SHA256),
	};
	bool is_good = wt_output_close(r->events, output[0].digest, &output[0].len);

	is_good &= wt_assets_write(r->inventory, r->folder, &output[1]);
	is_good &= wt_state_write(r->conf, r->inventory, r->folder);
	is_good &= write_stats(r, &output[2]);
	if (r->alerts) {
		output[3].name = "alerts.jsonl";
		is_good &= wt_output_close(r->alerts, output[3].digest, &output[3].len);
	}
	return wt_receipt_write(&receipt, r->folder) && is_good;
}

static void print_profile(const struct replay *r)
{
	struct wt_worker *worker[WORKERS_MAX];
	unsigned i;

	for (i = 0; i < r->n_workers; i++)
		worker[i] = r->reader[i].worker;
	wt_profile_print(r->rules.rules, worker, r->n_workers);
}

/* The file that a packet of this number stands in, once all were read. */
static const char *capture_of(void *self, uint64_t number)
{
	const struct replay *r = self;
	size_t low = 0, high = r->list->n_files;

	while (low < high) { /* the first file that ends at or behind it */
		size_t middle = low + (high - low) / 2;

		if (r->numbers[middle] < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < r->list->n_files ? r->list->file[low].path : NULL;
}

static void count_numbers(struct replay *r)
{
	uint64_t sum = 0;
	size_t i;

	r->numbers = calloc(r->list->n_files + 1, sizeof(*r->numbers));
	if (!r->numbers)
		abort();
	for (i = 0; i < r->list->n_files; i++) {
		sum += wt_capture_result(r->reader[0].capture, i)->packets;
		r->numbers[i] = sum;
	}
	wt_inventory_set_captures(r->inventory, capture_of, r);
}

static int finish(struct replay *r)
{
	bool is_good = r->is_journaled;
	unsigned i;

	count_numbers(r);
	if (r->store)
		is_good &= wt_store_close(r->store, r->inventory);
	r->store = NULL;
	is_good &= wt_setfiles_save(r->context, r->conf, wt_slice_of(r->key, r->key_len));
	if (r->folder)
		is_good &= write_results(r);
	else
		wt_summary_print(r->summary, &r->archive, &r->counters,
				 r->list->n_files ? r->list->file[0].first_ns : 0,
				 r->reader[0].worker->clock_ns, stdout);
	if (!r->folder)
		wt_alertlist_print(r->alert_list, stdout);
	if (r->rules.program && wt_conf_bool(r->conf, WT_CONF_RULES_PROFILE))
		print_profile(r);
	is_good &= fflush(stdout) == 0;
	is_good &= tell_damages(r);
	is_good &= check_books(r);
	for (i = 0; i < r->n_workers; i++) {
		wt_capture_close(r->reader[i].capture);
		wt_worker_free(r->reader[i].worker);
	}
	wt_capture_share_free(r->share);
	return is_good ? WT_EXIT_GOOD : WT_EXIT_DAMAGED;
}

static void make_context(struct replay *r)
{
	struct wt_limits limits = wt_app_limits(r->conf);
	uint64_t seed;

	wt_random(&seed, sizeof(seed));
	r->context = wt_context_new(&r->rules.context, limits.contexts, limits.set_values, seed,
				    &r->counters);
	wt_setfiles_load(r->context, r->conf, wt_slice_of(r->key, r->key_len));
	r->devices = wt_devices_new(r->inventory);
	wt_context_set_devices(r->context, wt_devices_source(r->devices));
}

static int replay(struct replay *r, char **paths, size_t n_paths)
{
	r->list = wt_capture_list_new(paths, n_paths);
	if (!r->list)
		abort();
	if (!take_key(r))
		return wt_app_conf_errors(r->conf);
	if (!wt_ruleset_load(&r->rules, r->conf, WT_PROBLEMS_TOLD))
		return wt_app_conf_errors(r->conf), WT_EXIT_USAGE;
	r->folder = wt_conf_text(r->conf, WT_CONF_OUTPUT_DIR);
	r->n_workers = (unsigned)wt_conf_u64(r->conf, WT_CONF_ENGINE_WORKERS);
	r->shows_progress = isatty(STDERR_FILENO);
	r->line = malloc(WT_EVE_LINE_MAX);
	if (!r->line)
		abort();
	r->eve = wt_eve_new();
	wt_eve_set_names(r->eve, NULL, wt_app_hint_name);
	r->summary = wt_summary_new(wt_app_hint_name);
	r->inventory = wt_assets_new(r->conf, &r->counters);
	if (!r->inventory)
		return wt_app_conf_errors(r->conf);
	if (!wt_state_open(r->conf, r->inventory, &r->store))
		return WT_EXIT_USAGE;
	r->alert_list = wt_alertlist_new();
	if (!wt_assets_archive(r->conf, &r->archive))
		return WT_EXIT_USAGE;
	r->archive.inv = r->inventory;
	if (r->folder) {
		if (!wt_output_folder(r->folder))
			return WT_EXIT_USAGE;
		wt_assets_add_members(&r->archive);
		wt_output_remove(r->folder, "receipt.json"); /* of an earlier run: */
		wt_output_remove(r->folder, "inventory.json");
		wt_output_remove(r->folder, WT_STORE_NAME);
		wt_output_remove(r->folder, "stats.json");   /* would vouch for this one */
		r->events = wt_output_open(r->folder, "events.jsonl");
		if (!r->events)
			return WT_EXIT_USAGE;
		wt_output_remove(r->folder, "alerts.jsonl");
		if (r->rules.program) {
			r->alerts = wt_output_open(r->folder, "alerts.jsonl");
			if (!r->alerts)
				return WT_EXIT_USAGE;
		}
	}
	make_context(r);
	r->alerting = wt_alerting_new(&(struct wt_alerting_options){ .conf = r->conf,
								     .counters = &r->counters,
								     .inventory = r->inventory,
								     .rules = &r->rules });
	if (!r->alerting)
		return WT_EXIT_USAGE;
	start(r);
	keep(r);
	return finish(r);
}

int wt_app_replay(int argc, char **argv)
{
	struct wt_settings settings = { .is_live = false };
	struct replay *r = calloc(1, sizeof(*r));
	int status;

	if (!r)
		abort();
	status = wt_options_parse(&settings, argc, argv, "c:o:j:F:h", usage);
	if (status < 0 && optind == argc) {
		fprintf(stderr, "wardtap replay: no capture named\n%s", usage);
		status = WT_EXIT_USAGE;
	}
	if (status < 0) {
		r->conf = wt_settings_load(&settings, stderr);
		status = r->conf ? -1 : WT_EXIT_USAGE;
	}
	if (status < 0)
		status = replay(r, argv + optind, (size_t)(argc - optind));
	wt_eve_free(r->eve);
	wt_summary_free(r->summary);
	if (r->store)
		(void)wt_store_close(r->store, NULL);
	wt_assets_archive_free(&r->archive);
	wt_inventory_free(r->inventory);
	free(r->numbers);
	wt_alertlist_free(r->alert_list);
	free(r->line);
	wt_capture_list_free(r->list);
	wt_context_free(r->context);
	wt_devices_free(r->devices);
	wt_alerting_free(r->alerting);
	wt_ruleset_free(&r->rules);
	wt_conf_free(r->conf);
	free(r);
	return status;
}
