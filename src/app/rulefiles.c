/* Finds rule files (rulefiles.h). Trust: the operator names them. Memory: the names of
 * one folder. */
#define _POSIX_C_SOURCE 200809L
#include "app/rulefiles.h"
#include "match/parse.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define CONFIG_MAX (64u << 20)

static bool has_suffix(const char *name, const char *suffix)
{
	size_t len = strlen(name), n = strlen(suffix);

	return len > n && strcmp(name + len - n, suffix) == 0 && name[0] != '.';
}

void wt_app_rules_read(struct wt_rules *set, const char *path,
		       void (*take)(struct wt_rules *, const char *, struct wt_slice))
{
	FILE *f = fopen(path, "r");
	char *room = malloc(CONFIG_MAX);
	size_t len = f && room ? fread(room, 1, CONFIG_MAX, f) : 0;

	if (!room)
		abort();
	if (!f || ferror(f) || len == CONFIG_MAX)
		wt_rules_problem_add(set, path, 0, 0, 0, true,
				     len == CONFIG_MAX ? "found more than 64 MiB"
						       : "cannot be read");
	else
		take(set, path, wt_slice_of(room, len));
	if (f)
		fclose(f);
	free(room);
}

static void load_config(struct wt_rules *set, const char *path)
{
	bool is_threshold =
		has_suffix(path, "threshold.config") || strcmp(path, "threshold.config") == 0;

	wt_app_rules_read(set, path,
			  is_threshold ? wt_rules_load_thresholds : wt_rules_load_classes);
}

/* threshold.config comes last: it speaks of rules. */
static void load_all(struct wt_rules *set, const char *folder, struct dirent **entry, int n,
		     bool is_threshold, const char *suffix)
{
	char path[4400];
	int i;

	for (i = 0; i < n; i++) {
		if (!has_suffix(entry[i]->d_name, suffix) ||
		    (strcmp(entry[i]->d_name, "threshold.config") == 0) != is_threshold)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", folder, entry[i]->d_name);
		if (strcmp(suffix, ".config") == 0)
			load_config(set, path);
		else
			(void)wt_rules_load_file(set, path);
	}
}

void wt_app_rules_load(struct wt_rules *set, const char *path)
{
	struct dirent **entry;
	struct stat st;
	int n, i;

	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
		if (has_suffix(path, ".config"))
			load_config(set, path);
		else
			(void)wt_rules_load_file(set, path);
		return;
	}
	n = scandir(path, &entry, NULL, alphasort);
	if (n < 0) {
		wt_rules_problem_add(set, path, 0, 0, 0, true, strerror(errno));
		return;
	}
	load_all(set, path, entry, n, false, ".config");
	load_all(set, path, entry, n, false, ".rules");
	load_all(set, path, entry, n, true, ".config");
	for (i = 0; i < n; i++)
		free(entry[i]);
	free(entry);
}
