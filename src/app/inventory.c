/* `wardtap inventory`: finds the database, puts it back into memory, and hands it to
 * the subcommand. Reads only: a running sensor is not disturbed.
 * Trust: the command line is the operator's; the database is checked as it is read.
 * Memory: an inventory of the profile that the database was written with. */
#define _GNU_SOURCE /* getopt_long */
#include "app/inventory.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

#include "app/app.h"
#include "app/assets.h"
#include "app/settings.h"
#include "dissect/hint.h"
#include "observe/store.h"

static const char usage[] =
	"usage: wardtap inventory list [OPTION]... [--json]\n"
	"       wardtap inventory show [OPTION]... DEVICE\n"
	"       wardtap inventory export [OPTION]... --format FORMAT\n"
	"       wardtap inventory compare [OPTION]... [--json] FILE.csv\n"
	"  -s DIR           folder of inventory.db: state.dir of a sensor, or what\n"
	"                   `replay -o DIR` wrote\n"
	"  -c FILE, --set KEY=VALUE  configuration (state.dir, inventory.*)\n"
	"  -o FILE          write there instead of to standard output\n"
	"  --class, --vendor, --zone, --search TEXT  only devices of which this is true\n"
	"  --format FORMAT  json, csv, splunk, netbox, netbox-types,\n"
	"                   netbox-manufacturers, netbox-roles or cyclonedx\n"
	"  --site NAME      site of an export for NetBox\n"
	"DEVICE is a number of the list, a MAC, an address, a name, a serial number or an\n"
	"AE title.\n";

enum { OPT_CLASS = 256, OPT_VENDOR, OPT_ZONE, OPT_SEARCH, OPT_FORMAT, OPT_SITE, OPT_JSON, OPT_SET };

struct command {
	struct wt_settings settings;
	struct wt_inventory_request request;
	const char *folder, *file;
	struct wt_counters counters;
	struct wt_conf *conf;
};

/* -1: go on; otherwise the exit status. */
static int parse(struct command *c, int argc, char **argv)
{
	static const struct option options[] = {
		{ "state", required_argument, NULL, 's' },
		{ "config", required_argument, NULL, 'c' },
		{ "output", required_argument, NULL, 'o' },
		{ "class", required_argument, NULL, OPT_CLASS },
		{ "vendor", required_argument, NULL, OPT_VENDOR },
		{ "zone", required_argument, NULL, OPT_ZONE },
		{ "search", required_argument, NULL, OPT_SEARCH },
		{ "format", required_argument, NULL, OPT_FORMAT },
		{ "site", required_argument, NULL, OPT_SITE },
		{ "json", no_argument, NULL, OPT_JSON },
		{ "set", required_argument, NULL, OPT_SET },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct wt_inventory_request *r = &c->request;
	const struct {
		int option;
		const char **text;
	} texts[] = {
		{ 's', &c->folder },        { 'c', &c->settings.path },
		{ 'o', &c->file },          { OPT_CLASS, &r->class },
		{ OPT_VENDOR, &r->vendor }, { OPT_SEARCH, &r->search },
		{ OPT_ZONE, &r->zone },
		{ OPT_FORMAT, &r->format }, { OPT_SITE, &r->site },
	};
	int option;
	size_t i;

	while ((option = getopt_long(argc, argv, "s:c:o:h", options, NULL)) != -1) {
		for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
			if (texts[i].option == option)
				*texts[i].text = optarg;
		if (option == OPT_JSON)
			r->is_json = true;
		if (option == 'h' || option == '?') {
			fputs(usage, option == 'h' ? stdout : stderr);
			return option == 'h' ? WT_EXIT_GOOD : WT_EXIT_USAGE;
		}
		if (option == OPT_SET && !wt_settings_add(&c->settings, optarg)) {
			fputs("wardtap: too many --set\n", stderr);
			return WT_EXIT_USAGE;
		}
	}
	return -1;
}

static bool open_store(struct command *c, struct wt_store **store)
{
	struct wt_store_options o = {
		.folder = c->folder,
		.mode = WT_STORE_READ,
		.hint_library = wt_hint_library(),
		.errors = stderr,
	};
	char set[64];

	if (!o.folder)
		o.folder = wt_conf_text(c->conf, WT_CONF_STATE_DIR);
	if (!o.folder) {
		fputs("wardtap: which inventory? name its folder by -s DIR, or by state.dir in "
		      "the "
		      "configuration\n",
		      stderr);
		return false;
	}
	*store = wt_store_open(&o);
	if (!*store)
		return false;
	/* As much room as the one had that wrote it. */
	snprintf(set, sizeof(set), "memory.profile=%s", wt_store_profile(*store));
	if (!*wt_store_profile(*store) || wt_conf_set(c->conf, set))
		return true;
	(void)wt_app_conf_errors(c->conf);
	(void)wt_store_close(*store, NULL);
	return false;
}

static bool load(struct command *c)
{
	struct wt_store *store;
	bool is_good;

	if (!open_store(c, &store))
		return false;
	c->request.archive.inv = wt_assets_new(c->conf, &c->counters);
	if (!c->request.archive.inv) {
		(void)wt_app_conf_errors(c->conf);
		(void)wt_store_close(store, NULL);
		return false;
	}
	wt_hint_free(wt_hint_new(1, 1)); /* makes names of labels known */
	is_good = wt_store_load(store, c->request.archive.inv);
	wt_assets_add_members(&c->request.archive);
	(void)wt_store_close(store, NULL);
	return is_good;
}

/* Whether the words after the options are what the subcommand takes. */
static bool is_complete(const struct command *c, const char *what, int n)
{
	if (!strcmp(what, "list"))
		return n == 0;
	if (!strcmp(what, "export"))
		return n == 0 && c->request.format;
	return (!strcmp(what, "show") || !strcmp(what, "compare")) && n == 1;
}

static int run(struct command *c, const char *what, char **argument)
{
	const struct wt_inventory_request *r = &c->request;

	if (!strcmp(what, "list"))
		return wt_inventory_list(r);
	if (!strcmp(what, "show"))
		return wt_inventory_show(r, argument[0]);
	if (!strcmp(what, "export"))
		return wt_inventory_export(r);
	return wt_inventory_compare(r, argument[0]);
}

static int run_into(struct command *c, const char *what, char **argument)
{
	struct wt_inventory_request *r = &c->request;
	bool is_written;
	int status;

	r->out = c->file ? fopen(c->file, "we") : stdout;
	if (!r->out) {
		fprintf(stderr, "wardtap: %s: %s\n", c->file, strerror(errno));
		return WT_EXIT_DAMAGED;
	}
	status = run(c, what, argument);
	is_written = fflush(r->out) == 0;
	if (c->file && fclose(r->out) != 0)
		is_written = false;
	if (!is_written) {
		fprintf(stderr, "wardtap: writing %s: %s\n", c->file ? c->file : "the output",
			strerror(errno));
		status = WT_EXIT_DAMAGED;
	}
	return status;
}

int wt_app_inventory(int argc, char **argv)
{
	struct command *c;
	const char *what = argc > 1 ? argv[1] : "";
	int status;

	if (!*what || *what == '-') {
		fputs(usage, *what ? stdout : stderr);
		return !strcmp(what, "--help") || !strcmp(what, "-h") ? WT_EXIT_GOOD
								      : WT_EXIT_USAGE;
	}
	c = calloc(1, sizeof(*c));
	if (!c)
		abort();
	status = parse(c, argc - 1, argv + 1);
	if (status < 0 && !is_complete(c, what, argc - 1 - optind)) {
		fputs(usage, stderr);
		status = WT_EXIT_USAGE;
	}
	if (status < 0) {
		c->conf = wt_settings_load(&c->settings, stderr);
		status = c->conf ? -1 : WT_EXIT_USAGE;
	}
	if (status < 0 && !wt_assets_archive(c->conf, &c->request.archive))
		status = WT_EXIT_USAGE;
	if (status < 0 && !load(c))
		status = WT_EXIT_DAMAGED;
	if (status < 0)
		status = run_into(c, what, argv + 1 + optind);
	wt_assets_archive_free(&c->request.archive);
	if (c->request.archive.inv)
		wt_inventory_free(c->request.archive.inv);
	wt_conf_free(c->conf);
	free(c);
	return status;
}
