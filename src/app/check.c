/* wardtap check [-c FILE] [--set KEY=VALUE]...: reads the configuration as a start
 * would, tells every error, and prints the memory table.
 * Trust: the operator. Memory: the configuration, freed at the end. */
#define _GNU_SOURCE /* getopt_long */
#include "app/app.h"
#include "app/assets.h"

#include <getopt.h>
#include <stdio.h>

#include "app/memory.h"
#include "app/settings.h"

static const char usage[] =
	"usage: wardtap check [-c FILE] [--set KEY=VALUE]...\n"
	"\n"
	"Checks the configuration and prints the memory it will take.\n"
	"\n"
	"  -c, --config FILE    configuration file; without it, the built-in defaults\n"
	"      --set KEY=VALUE  one value that wins over the file; may be repeated\n"
	"  -h, --help           this text\n"
	"\n"
	"Exit status: 0 good, 2 errors.  See wardtap.conf(5).\n";

/* WT_EXIT_GOOD: go on; anything else, and -1 for --help, ends the command. */
static int take_options(struct wt_settings *settings, int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "set", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	optind = 1;
	while ((option = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			if (settings->path) {
				fprintf(stderr, "wardtap check: found -c twice; write it once\n");
				return WT_EXIT_USAGE;
			}
			settings->path = optarg;
			break;
		case 's':
			if (!wt_settings_add(settings, optarg)) {
				fprintf(stderr, "wardtap check: found more than %d --set; use a "
					"file\n", WT_SETS_MAX);
				return WT_EXIT_USAGE;
			}
			break;
		case 'h':
			fputs(usage, stdout);
			return -1;
		default:
			fputs(usage, stderr);
			return WT_EXIT_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "wardtap check: found %s; expected options only (the file goes "
			"behind -c)\n", argv[optind]);
		return WT_EXIT_USAGE;
	}
	return WT_EXIT_GOOD;
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
	int code = take_options(&settings, argc, argv);

	if (code != WT_EXIT_GOOD)
		return code < 0 ? WT_EXIT_GOOD : code;
	conf = wt_settings_load(&settings, stderr);
	if (!conf)
		return WT_EXIT_USAGE;
	if (!check_tables(conf)) {
		wt_conf_free(conf);
		return WT_EXIT_USAGE;
	}
	printf("%s: OK\n", settings.path ? settings.path : "built-in defaults");
	wt_memory_print(conf, settings.is_live, stdout);
	wt_conf_free(conf);
	return WT_EXIT_GOOD;
}
