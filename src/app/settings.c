/* The file, --set, and the checks that look at more than one value or at the system.
 * Trust: the operator. Memory: the configuration, freed by the caller. */
#define _GNU_SOURCE /* explicit_bzero */
#include "app/settings.h"

#include <string.h>

#include "app/keyfile.h"
#include "app/memory.h"
#include "app/selection.h"
#include "app/sinkcheck.h"
#include "capture/filter.h"

bool wt_settings_add(struct wt_settings *settings, const char *assignment)
{
	if (settings->n_sets == WT_SETS_MAX)
		return false;
	settings->set[settings->n_sets++] = assignment;
	return true;
}

static void check_block_size(struct wt_conf *conf)
{
	uint64_t size = wt_conf_u64(conf, WT_CONF_CAPTURE_RING_BLOCK_SIZE);

	if (size & (size - 1))
		wt_conf_blame(conf, WT_CONF_CAPTURE_RING_BLOCK_SIZE, 0,
			      "found %llu bytes; expected a power of two such as 1M",
			      (unsigned long long)size);
}

static void check_key(struct wt_conf *conf)
{
	const char *path = wt_conf_text(conf, WT_CONF_PRIVACY_KEY_FILE);
	uint8_t key[WT_KEY_MAX];
	char error[160];
	size_t len;

	if (!path)
		return;
	if (!wt_key_read(path, key, &len, error, sizeof(error)))
		wt_conf_blame(conf, WT_CONF_PRIVACY_KEY_FILE, 0, "%s: %s", path, error);
	explicit_bzero(key, sizeof(key));
}

static void check_filter(struct wt_conf *conf)
{
	const char *expression = wt_conf_text(conf, WT_CONF_CAPTURE_FILTER);
	struct wt_filter *filter;
	char why[256];

	if (!expression)
		return;
	filter = wt_filter_new(expression, why, sizeof(why));
	if (!filter)
		wt_conf_blame(conf, WT_CONF_CAPTURE_FILTER, 0,
			      "found '%.80s'; libpcap says: %s; write it as in pcap-filter(7)",
			      expression, why);
	wt_filter_free(filter);
}

static void check_memory(struct wt_conf *conf, bool is_live)
{
	uint64_t sum = wt_memory_sum(conf, is_live);
	uint64_t bound = wt_memory_bound((enum wt_profile)
					 wt_conf_u64(conf, WT_CONF_MEMORY_PROFILE));

	if (sum > bound)
		wt_conf_blame(conf, WT_CONF_MEMORY_PROFILE, 0,
			      "found that workers and rings need %llu MiB of the profile's %llu; "
			      "write a larger profile, fewer workers or smaller rings",
			      (unsigned long long)((sum + 1048575) >> 20),
			      (unsigned long long)(bound >> 20));
}

static void print_errors(const struct wt_conf *conf, FILE *errors)
{
	unsigned i, n = wt_conf_n_errors(conf);

	for (i = 0; i < n; i++)
		fprintf(errors, "%s\n", wt_conf_error(conf, i));
	fprintf(errors, "wardtap: %u error%s in the configuration; nothing was started\n", n,
		n == 1 ? "" : "s");
}

struct wt_conf *wt_settings_load(const struct wt_settings *settings, FILE *errors)
{
	struct wt_conf *conf = wt_conf_new();
	bool is_good = true;
	unsigned i;

	if (!conf) {
		fprintf(errors, "wardtap: out of memory\n");
		return NULL;
	}
	if (settings->path)
		is_good = wt_conf_load_file(conf, settings->path);
	for (i = 0; i < settings->n_sets; i++)
		is_good = wt_conf_set(conf, settings->set[i]) && is_good;
	check_block_size(conf);
	check_key(conf);
	check_filter(conf);
	wt_selection_check(conf);
	wt_sinks_check(conf, settings->reads_secrets);
	/* A value that was refused reads as nothing: the sum would mean nothing. */
	if (is_good)
		check_memory(conf, settings->is_live);
	if (wt_conf_n_errors(conf) == 0)
		return conf;
	print_errors(conf, errors);
	wt_conf_free(conf);
	return NULL;
}
