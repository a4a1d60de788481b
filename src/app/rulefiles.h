/* Rule files and folders of them, as the command line and the configuration name them. */
#ifndef APP_RULEFILES_H
#define APP_RULEFILES_H

#include "match/rule.h"

/* A file, or a folder: its *.config files (classifications), then its *.rules files, each
 * in the order of their names, then threshold.config. What cannot be read becomes a problem of
 * the set. */
void wt_app_rules_load(struct wt_rules *set, const char *path);

/* Gives the bytes of a file (at most 64 MiB) to `take`. */
void wt_app_rules_read(struct wt_rules *set, const char *path,
		       void (*take)(struct wt_rules *, const char *, struct wt_slice));

#endif
