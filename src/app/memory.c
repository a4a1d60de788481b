/* The memory table: every cap of limits.h times what one item of it takes, and the
 * capture rings. A cap without a line in EACH or SCOPE does not compile.
 * Source: wardtap/limits.h. Trust: numbers of the operator, checked by the table.
 * Memory: none. */
#include "app/memory.h"

#include "observe/store.h"
#include "wardtap/flow.h"

/* Bytes of one item; what a row of limits.h counts in bytes is 1. */
enum {
	EACH_flows = 256,
	EACH_early_chunks = 2048,
	EACH_message_chunks = 2048,
	EACH_dissections = 256,
	EACH_state_bytes = 1,
	EACH_fragment_bytes = 1,
	EACH_fragment_datagrams = 256,
	EACH_retained_bytes = 1,
	EACH_hint_flows = 2048, /* nDPI 4.2: flow structure and allocator overhead */
	EACH_match_flows = 264,
	EACH_match_windows = 4352,
	EACH_match_waits = 256,
	EACH_contexts = 96,
	EACH_set_values = 28,
	EACH_aggregates = 680,
	EACH_journal_queue = 2,
	EACH_record_ring = 1,
	EACH_devices = 1344, /* two nodes with their keys and relations, hash included */
	EACH_device_facts = 136,
	EACH_device_texts = 256,
	EACH_device_peers = 80,
	EACH_expectations = 128,
};

enum scope { PER_SHARD, PER_WORKER, PER_SENSOR };

static const char *const scope_name[] = {
	[PER_SHARD] = "shards", [PER_WORKER] = "workers", [PER_SENSOR] = "keeper",
};

enum {
	SCOPE_flows = PER_SHARD,
	SCOPE_early_chunks = PER_SHARD,
	SCOPE_message_chunks = PER_SHARD,
	SCOPE_dissections = PER_SHARD,
	SCOPE_state_bytes = PER_SHARD,
	SCOPE_fragment_bytes = PER_SHARD,
	SCOPE_fragment_datagrams = PER_SHARD,
	SCOPE_retained_bytes = PER_SHARD,
	SCOPE_hint_flows = PER_SHARD,
	SCOPE_match_flows = PER_SHARD,
	SCOPE_match_windows = PER_SHARD,
	SCOPE_match_waits = PER_SHARD,
	SCOPE_contexts = PER_SENSOR,
	SCOPE_set_values = PER_SENSOR,
	SCOPE_aggregates = PER_SENSOR,
	SCOPE_journal_queue = PER_SENSOR,
	SCOPE_record_ring = PER_WORKER,
	SCOPE_devices = PER_SENSOR,
	SCOPE_device_facts = PER_SENSOR,
	SCOPE_device_texts = PER_SENSOR,
	SCOPE_device_peers = PER_SENSOR,
	SCOPE_expectations = PER_SENSOR,
};

struct row {
	const char *name;
	uint64_t n_items; /* per shard or worker */
	uint64_t each;    /* bytes */
	enum scope scope;
};

#define ROW(id, small, ward, campus, unit, reason) \
	{ .name = #id, .n_items = limits.id, .each = EACH_##id, .scope = (enum scope)SCOPE_##id },
#define ROW_ONE(id, small, ward, campus, unit, reason) +1
#define N_ROWS (0 WT_LIMITS(ROW_ONE))

static const uint64_t bounds[] = {
	[WT_PROFILE_SMALL] = UINT64_C(512) << 20,
	[WT_PROFILE_WARD] = UINT64_C(2) << 30,
	[WT_PROFILE_CAMPUS] = UINT64_C(8) << 30,
};

static uint64_t n_workers(const struct wt_conf *conf)
{
	return wt_conf_u64(conf, WT_CONF_ENGINE_WORKERS);
}

static enum wt_profile profile_of(const struct wt_conf *conf)
{
	return (enum wt_profile)wt_conf_u64(conf, WT_CONF_MEMORY_PROFILE);
}

/* A sensor without a configured interface is given one by run -i. */
static uint64_t n_rings(const struct wt_conf *conf)
{
	unsigned n = wt_conf_count(conf, WT_CONF_CAPTURE_INTERFACE);

	return (n ? n : 1) * n_workers(conf);
}

static uint64_t ring_bytes(const struct wt_conf *conf)
{
	return wt_conf_u64(conf, WT_CONF_CAPTURE_RING_BLOCK_SIZE) *
	       wt_conf_u64(conf, WT_CONF_CAPTURE_RING_BLOCKS);
}

/* The inventory's database. */
static uint64_t store_bytes(const struct wt_conf *conf)
{
	return wt_conf_has(conf, WT_CONF_STATE_DIR) ? WT_STORE_BYTES : 0;
}

static uint64_t row_times(const struct wt_conf *conf, const struct row *row)
{
	if (row->scope == PER_SENSOR)
		return 1;
	return row->scope == PER_SHARD ? WT_SHARDS : n_workers(conf);
}

uint64_t wt_memory_bound(enum wt_profile profile)
{
	return bounds[profile];
}

uint64_t wt_memory_sum(const struct wt_conf *conf, bool is_live)
{
	const struct wt_limits limits = wt_limits_of(profile_of(conf));
	const struct row rows[N_ROWS] = { WT_LIMITS(ROW) };
	uint64_t sum = store_bytes(conf) + (is_live ? n_rings(conf) * ring_bytes(conf) : 0);
	unsigned i;

	for (i = 0; i < N_ROWS; i++)
		sum += row_times(conf, &rows[i]) * rows[i].n_items * rows[i].each;
	return sum;
}

/* Mebibytes with one decimal, rounded up: a bound must not look smaller. */
static void print_mib(uint64_t bytes, FILE *out)
{
	uint64_t tenths = (bytes * 10 + (1 << 20) - 1) >> 20;

	fprintf(out, "%8llu.%llu MiB", (unsigned long long)(tenths / 10),
		(unsigned long long)(tenths % 10));
}

static void print_row(const char *name, uint64_t bytes, FILE *out)
{
	fprintf(out, "  %-20s", name);
	print_mib(bytes, out);
}

void wt_memory_print(const struct wt_conf *conf, bool is_live, FILE *out)
{
	const struct wt_limits limits = wt_limits_of(profile_of(conf));
	const struct row rows[N_ROWS] = { WT_LIMITS(ROW) };
	unsigned i;

	fprintf(out, "memory, profile %s:\n", wt_conf_text(conf, WT_CONF_MEMORY_PROFILE));
	for (i = 0; i < N_ROWS; i++) {
		print_row(rows[i].name,
			  row_times(conf, &rows[i]) * rows[i].n_items * rows[i].each, out);
		fprintf(out, "  %llu %s x %llu", (unsigned long long)row_times(conf, &rows[i]),
			scope_name[rows[i].scope],
			(unsigned long long)rows[i].n_items);
		if (rows[i].each != 1)
			fprintf(out, " x %llu bytes", (unsigned long long)rows[i].each);
		fputc('\n', out);
	}
	if (is_live) {
		print_row("capture_rings", n_rings(conf) * ring_bytes(conf), out);
		fprintf(out, "  %llu rings x %llu blocks x %llu bytes\n",
			(unsigned long long)n_rings(conf),
			(unsigned long long)wt_conf_u64(conf, WT_CONF_CAPTURE_RING_BLOCKS),
			(unsigned long long)wt_conf_u64(conf, WT_CONF_CAPTURE_RING_BLOCK_SIZE));
	}
	if (store_bytes(conf)) {
		print_row("store", store_bytes(conf), out);
		fputs("  state.dir is set\n", out);
	}
	print_row("sum", wt_memory_sum(conf, is_live), out);
	fputs("  of", out);
	print_mib(wt_memory_bound(profile_of(conf)), out);
	fputc('\n', out);
}
