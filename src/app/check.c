/* wardtap check [-c FILE] [--rules PATH]... [--set KEY=VALUE]...: reads the configuration
 * and the rules as a start would, tells every error, and prints the memory table.
 * Trust: the operator. Memory: the configuration, freed at the end. */
#define _GNU_SOURCE /* optind */
#include "app/app.h"
#include "app/assets.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>

#include "app/memory.h"
#include "app/options.h"
#include "app/ruleset.h"
#include "app/settings.h"

static const char usage[] =
	"usage: wardtap check [-c FILE] [--rules PATH]... [--set KEY=VALUE]...\n"
	"\n"
	"Checks the configuration, its rules and tables, and prints the memory they take.\n"
	"\n"
	"  -c, --config FILE    configuration file; without it, the built-in defaults\n"
	"      --rules PATH     rules instead of those of the configuration; may be repeated\n"
	"      --set KEY=VALUE  one value that wins over the file; may be repeated\n"
	"  -h, --help           this text\n"
	"\n"
	"Exit status: 0 good, 1 some rules do not load, 2 errors.  See wardtap.conf(5).\n";

/* The rules that a start would load; every problem is told. */
static int check_rules(struct wt_conf *conf)
{
	struct wt_ruleset set;
	bool is_good = wt_ruleset_load(&set, conf, UINT_MAX);
	unsigned n_read = set.rules ? wt_rules_n_read(set.rules) : 0;
	unsigned n_loaded = set.rules ? wt_rules_count(set.rules) : 0;

	if (n_read)
		printf("rules: %u of %u loaded\n", n_loaded, n_read);
	wt_ruleset_free(&set);
	return !is_good ? WT_EXIT_USAGE : n_loaded < n_read ? WT_EXIT_DAMAGED : WT_EXIT_GOOD;
}

/* The tables, and the databases of places, as a sensor would read them. */
static bool check_tables(struct wt_conf *conf)
{
	static struct wt_counters counters;
	struct wt_archive archive = { .inv = NULL };
	bool is_good = wt_assets_archive(conf, &archive);
	struct wt_inventory *inv = wt_assets_new(conf, &counters);
	unsigned i;

	for (i = 0; i < wt_conf_n_errors(conf); i++)
		fprintf(stderr, "%s\n", wt_conf_error(conf, i));
	is_good = is_good && inv;
	if (archive.vendors)
		printf("makers of network cards: %zu address blocks\n",
		       wt_vendors_n_blocks(archive.vendors));
	if (archive.advisories)
		printf("advisories: as of %s\n", wt_advisories_edition(archive.advisories));
	for (i = 0; archive.geo && i < wt_geo_n_files(archive.geo); i++)
		printf("places: %s\n", wt_geo_file_title(archive.geo, i));
	wt_assets_archive_free(&archive);
	if (inv)
		wt_inventory_free(inv);
	return is_good;
}

int wt_app_check(int argc, char **argv)
{
	struct wt_settings settings = { .is_live = true, .reads_secrets = true };
	struct wt_conf *conf;
	int code;

	optind = 1;
	code = wt_options_parse(&settings, argc, argv, "c:h", usage);
	if (code >= 0)
		return code;
	if (optind < argc) {
		fprintf(stderr, "wardtap check: found %s; expected options only (the file goes "
			"behind -c)\n", argv[optind]);
		return WT_EXIT_USAGE;
	}
	conf = wt_settings_load(&settings, stderr);
	if (!conf)
		return WT_EXIT_USAGE;
	code = check_tables(conf) ? check_rules(conf) : WT_EXIT_USAGE;
	if (code != WT_EXIT_USAGE) {
		printf("%s: %s\n", settings.path ? settings.path : "built-in defaults",
		       code == WT_EXIT_GOOD ? "OK" : "OK but for the rules told above");
		wt_memory_print(conf, settings.is_live, stdout);
	}
	wt_conf_free(conf);
	return code;
}
