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

static bool has_suffix(const char *name, const char *suffix)
{
	size_t len = strlen(name), n = strlen(suffix);

	return len > n && strcmp(name + len - n, suffix) == 0 && name[0] != '.';
}

static void load_config(struct wt_rules *set, const char *path)
{
	static char room[262144];
	FILE *f = fopen(path, "r");
	size_t len = f ? fread(room, 1, sizeof(room), f) : 0;

	if (!f || ferror(f))
		wt_rules_problem_add(set, path, 0, 0, 0, true, "cannot be read");
	else if (has_suffix(path, "threshold.config") || strcmp(path, "threshold.config") == 0)
		wt_rules_load_thresholds(set, path, wt_slice_of(room, len));
	else
		wt_rules_load_classes(set, path, wt_slice_of(room, len));
	if (f)
		fclose(f);
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
