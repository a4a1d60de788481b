/* The configuration as every subcommand takes it: the file, then --set, then what
 * the table of options cannot check by itself. */
#ifndef APP_SETTINGS_H
#define APP_SETTINGS_H

#include <stdio.h>

#include "base/conf.h"

#define WT_SETS_MAX 64 /* --set options of one command line */

/* What the command line said about the configuration. */
struct wt_settings {
	const char *path; /* of -c; NULL: built-in defaults */
	const char *set[WT_SETS_MAX];
	unsigned n_sets;
	bool reads_secrets; /* files of the sinks' secrets are looked at */
	bool is_live; /* rings will be opened, and count as memory */
};

/* Notes one --set; false when there are too many. */
WT_MUST_USE bool wt_settings_add(struct wt_settings *settings, const char *assignment);

/* Reads and checks it all. Errors, one per line, go to `errors`, and NULL comes back;
 * the program then ends with 2. The caller frees the configuration. */
WT_MUST_USE struct wt_conf *wt_settings_load(const struct wt_settings *settings,
					     FILE *errors);

#endif
