/* The command line: finds the subcommand. */
#include "app/app.h"
#include "dissect/hint.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *doc;
} commands[] = {
	{ "replay", wt_app_replay, "read captures and tell what happened in them" },
	{ "run", wt_app_run, "listen on an interface" },
	{ "inventory", wt_app_inventory, "list, show, export and compare the devices found" },
	{ "check", wt_app_check, "check a configuration" },
	{ "rules", wt_app_rules, "check, list and explain rules" },
	{ "alerts", wt_app_alerts, "list, show and follow the alerts of a journal" },
	{ "courier", wt_app_courier, "send the alerts of a journal to collectors" },
	{ "export", wt_app_export, "prepare the receivers of alerts" },
	{ "fields", wt_app_fields, "print the field dictionary" },
	{ "protocols", wt_app_protocols, "print the protocols that are taken apart" },
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void usage(FILE *to)
{
	size_t i;

	fputs("wardtap: passive security sensor for medical-device networks\n\n"
	      "usage: wardtap COMMAND [OPTION]... (wardtap COMMAND --help tells its options)\n",
	      to);
	for (i = 0; i < N_COMMANDS; i++)
		fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].doc);
	fputs("\nManual: wardtap(8), wardtap.conf(5), wardtap-events(7)\n", to);
}

static int version(void)
{
	const char *library = wt_hint_library();

	printf("wardtap %s\n", WT_VERSION);
	printf("hint library: %s\n", library ? library : "none");
	return WT_EXIT_GOOD;
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc < 2) {
		usage(stderr);
		return WT_EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		usage(stdout);
		return WT_EXIT_GOOD;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))
		return version();
	for (i = 0; i < N_COMMANDS; i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	fprintf(stderr, "wardtap: no command '%s'\n\n", argv[1]);
	usage(stderr);
	return WT_EXIT_USAGE;
}
