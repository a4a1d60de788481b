/* Options that `replay`, `run` and `check` share; each is a short form of a row of the
 * configuration. */
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include "app/settings.h"

/* Reads the options of a command into `settings`; `letters` are those it takes, in
 * getopt's form. -1: go on at optind; otherwise the exit status. `usage` is printed
 * for --help and for mistakes. */
int wt_options_parse(struct wt_settings *settings, int argc, char **argv, const char *letters,
		     const char *usage);

#endif
