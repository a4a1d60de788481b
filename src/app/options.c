/* The shared options (options.h). Trust: the operator. Memory: fixed. */
#define _GNU_SOURCE /* getopt_long */
#include "app/options.h"
#include "app/app.h"

#include <getopt.h>
#include <stdio.h>

static const struct {
	int letter;
	const char *key;
} short_forms[] = {
	{ 'o', "output.dir" },
	{ 'j', "engine.workers" },
	{ 'F', "capture.filter" },
	{ 'i', "capture.interface" },
	{ 'J', "journal.dir" },
};

static const char *key_of(int letter)
{
	size_t i;

	for (i = 0; i < sizeof(short_forms) / sizeof(short_forms[0]); i++)
		if (short_forms[i].letter == letter)
			return short_forms[i].key;
	return NULL;
}

#define ASSIGNMENT_MAX 4200

static void add_item(char *list, size_t size, const char *item)
{
	size_t len = strlen(list);

	(void)snprintf(list + len, size - len, "%s%s", len ? "," : "", item);
}

static bool add_list(struct wt_settings *settings, char *room, const char *key, const char *list,
		     unsigned *n)
{
	if (!*list)
		return true;
	if (++*n > WT_SETS_MAX)
		return false;
	(void)snprintf(room, ASSIGNMENT_MAX, "%s=%s", key, list);
	return wt_settings_add(settings, room);
}

int wt_options_parse(struct wt_settings *settings, int argc, char **argv, const char *letters,
		     const char *usage)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' }, { "output", required_argument, NULL, 'o' },
		{ "workers", required_argument, NULL, 'j' }, { "filter", required_argument, NULL, 'F' },
		{ "interface", required_argument, NULL, 'i' },
		{ "rules", required_argument, NULL, 'r' },
		{ "journal", required_argument, NULL, 'J' },
		{ "set", required_argument, NULL, 's' }, { "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	static char room[WT_SETS_MAX][ASSIGNMENT_MAX]; /* settings point into it */
	static char interfaces[1024], rules[4096];
	unsigned n = 0;
	int option;

	while ((option = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		const char *key = key_of(option);

		if (option == 'h') {
			fputs(usage, stdout);
			return WT_EXIT_GOOD;
		}
		if (option == '?' || (option == 'i' && !strchr(letters, 'i'))) {
			fputs(usage, stderr);
			return WT_EXIT_USAGE;
		}
		if (option == 'c') {
			if (settings->path) {
				fprintf(stderr, "wardtap: found -c twice; write it once\n");
				return WT_EXIT_USAGE;
			}
			settings->path = optarg;
			continue;
		}
		if (option == 'i' || option == 'r') { /* several make a list */
			add_item(option == 'i' ? interfaces : rules,
				 option == 'i' ? sizeof(interfaces) : sizeof(rules), optarg);
			continue;
		}
		if (n < WT_SETS_MAX)
			(void)snprintf(room[n], sizeof(room[n]), "%s%s%s", key ? key : "",
				       key ? "=" : "", optarg);
		if (n >= WT_SETS_MAX || !wt_settings_add(settings, room[n++])) {
			fprintf(stderr, "wardtap: more than %d options; use a file\n", WT_SETS_MAX);
			return WT_EXIT_USAGE;
		}
	}
	if (!add_list(settings, room[n < WT_SETS_MAX ? n : 0], "capture.interface", interfaces, &n) ||
	    !add_list(settings, room[n < WT_SETS_MAX ? n : 0], "rules.paths", rules, &n))
		return WT_EXIT_USAGE;
	return -1;
}
