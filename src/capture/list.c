/* The list of capture files of a run.
 *
 * In three steps: walk the paths to regular files; drop what is reached twice; look
 * into each for the time of its first packet. Folders are read whole, sorted and
 * closed before their entries are entered, so depth costs no descriptors.
 *
 * Source: none. Trust: names and contents are hostile. Memory: see list.h. */
#define _GNU_SOURCE /* GNU strerror_r, asprintf */
#include "capture/list.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "capture/file.h"

struct walk {
	struct wt_capture_list *list;
	size_t file_room;
	size_t note_room;
	bool is_oom;
};

static void add_path(struct walk *w, const char *path, unsigned depth);

/* Makes room for one more of `size` bytes; the same place or NULL otherwise. */
static void *grow(struct walk *w, void *rows, size_t n, size_t *room, size_t size)
{
	size_t more_room = *room ? *room * 2 : 16;
	void *more;

	if (n < *room)
		return rows;
	more = realloc(rows, more_room * size);
	if (!more)
		w->is_oom = true;
	else
		*room = more_room;
	return more;
}

__attribute__((format(printf, 4, 5)))
static void add_note(struct walk *w, const char *path, bool is_damage, const char *format, ...)
{
	struct wt_capture_note note = { .path = strdup(path), .is_damage = is_damage };
	struct wt_capture_note *rows;
	va_list args;

	va_start(args, format);
	if (vasprintf(&note.why, format, args) < 0)
		note.why = NULL;
	va_end(args);
	rows = grow(w, w->list->note, w->list->n_notes, &w->note_room, sizeof(*rows));
	if (rows)
		w->list->note = rows;
	if (!rows || !note.path || !note.why) {
		w->is_oom = true;
		free(note.path);
		free(note.why);
		return;
	}
	rows[w->list->n_notes++] = note;
}

static void add_system_note(struct walk *w, const char *path, const char *what)
{
	char text[128];

	add_note(w, path, true, "%s: %s", what, strerror_r(errno, text, sizeof(text)));
}

static void add_file(struct walk *w, const char *path, const struct stat *st, bool is_named)
{
	struct wt_capture_file file = {
		.path = strdup(path), .size = (uint64_t)st->st_size,
		.device = (uint64_t)st->st_dev, .inode = (uint64_t)st->st_ino,
		.first_ns = UINT64_MAX, .is_named = is_named,
	};
	struct wt_capture_file *rows;

	rows = grow(w, w->list->file, w->list->n_files, &w->file_room, sizeof(*rows));
	if (rows)
		w->list->file = rows;
	if (!rows || !file.path) {
		w->is_oom = true;
		free(file.path);
		return;
	}
	rows[w->list->n_files++] = file;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a folder, sorted. False: the folder could not be read to its end. */
static bool read_names(struct walk *w, DIR *folder, char ***names, size_t *n)
{
	size_t room = 0;
	struct dirent *entry;
	int error;

	for (;;) {
		char **rows;

		errno = 0;
		entry = readdir(folder);
		error = errno;
		if (!entry)
			break;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		rows = grow(w, *names, *n, &room, sizeof(*rows));
		if (!rows)
			return true; /* is_oom ends the walk */
		*names = rows;
		rows[*n] = strdup(entry->d_name);
		if (!rows[*n]) {
			w->is_oom = true;
			return true;
		}
		(*n)++;
	}
	if (*n)
		qsort(*names, *n, sizeof(**names), by_text);
	return error == 0;
}

static void add_folder(struct walk *w, const char *path, unsigned depth)
{
	size_t len = strlen(path), n = 0, i;
	const char *slash = len && path[len - 1] == '/' ? "" : "/";
	char **names = NULL;
	DIR *folder;

	if (depth == WT_CAPTURE_FOLDERS_MAX) {
		add_note(w, path, true, "more than %d folders inside each other; this one is "
			 "not entered", WT_CAPTURE_FOLDERS_MAX);
		return;
	}
	folder = opendir(path);
	if (!folder) {
		add_system_note(w, path, "the folder cannot be opened");
		return;
	}
	if (!read_names(w, folder, &names, &n))
		add_system_note(w, path, "the folder cannot be read to its end");
	(void)closedir(folder);
	for (i = 0; i < n; i++) {
		char *inner;

		if (!w->is_oom && asprintf(&inner, "%s%s%s", path, slash, names[i]) >= 0) {
			add_path(w, inner, depth + 1);
			free(inner);
		} else {
			w->is_oom = true;
		}
		free(names[i]);
	}
	free(names);
}

/* depth 0: named on the command line */
static void add_path(struct walk *w, const char *path, unsigned depth)
{
	struct stat st, target;
	bool is_named = depth == 0;

	if (lstat(path, &st) != 0 || stat(path, &target) != 0)
		add_system_note(w, path, "cannot be read");
	else if (S_ISREG(target.st_mode))
		add_file(w, path, &target, is_named);
	else if (!S_ISDIR(target.st_mode))
		add_note(w, path, is_named, "neither a file nor a folder; it is not opened");
	else if (S_ISLNK(st.st_mode) && !is_named)
		add_note(w, path, false, "a link to a folder; name it to have it read");
	else
		add_folder(w, path, depth);
}

static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* The same file side by side, the one to keep first. */
static int by_identity(const void *a, const void *b)
{
	const struct wt_capture_file *f = a, *g = b;
	int order = compare(f->device, g->device);

	if (order == 0)
		order = compare(f->inode, g->inode);
	if (order == 0)
		order = compare(g->is_named, f->is_named);
	return order ? order : strcmp(f->path, g->path);
}

static int by_time(const void *a, const void *b)
{
	const struct wt_capture_file *f = a, *g = b;
	int order = compare(f->first_ns, g->first_ns);

	return order ? order : strcmp(f->path, g->path);
}

static int by_path(const void *a, const void *b)
{
	const struct wt_capture_note *f = a, *g = b;
	int order = strcmp(f->path, g->path);

	return order ? order : strcmp(f->why, g->why);
}

static void drop_doubles(struct walk *w)
{
	struct wt_capture_list *list = w->list;
	size_t i, n = 0;

	if (list->n_files == 0)
		return;
	qsort(list->file, list->n_files, sizeof(*list->file), by_identity);
	for (i = 1; i < list->n_files; i++) {
		struct wt_capture_file *kept = &list->file[n], *f = &list->file[i];

		if (kept->device != f->device || kept->inode != f->inode) {
			list->file[++n] = *f;
			continue;
		}
		if (strcmp(kept->path, f->path) != 0)
			add_note(w, f->path, false, "the same file as %s, which is read once",
				 kept->path);
		free(f->path);
	}
	list->n_files = n + 1;
}

/* Finds the time of each file's first packet and drops what is no capture. */
static void probe_files(struct walk *w)
{
	static const struct wt_capture_list none;
	struct wt_capture_list *list = w->list;
	struct wt_capture *c = wt_capture_open(&none, NULL);
	char why[WT_CAPTURE_WHY_MAX];
	size_t i, n = 0;

	if (!c) {
		w->is_oom = true;
		return;
	}
	for (i = 0; i < list->n_files; i++) {
		struct wt_capture_file *f = &list->file[i];
		enum wt_capture_kind kind = wt_capture_probe(c, f, &f->first_ns, why);

		if (kind == WT_CAPTURE_IS) {
			list->total_bytes += f->size;
			list->file[n++] = *f;
			continue;
		}
		add_note(w, f->path, f->is_named || kind == WT_CAPTURE_UNKNOWN, "%s", why);
		free(f->path);
	}
	list->n_files = n;
	wt_capture_close(c);
	if (n)
		qsort(list->file, n, sizeof(*list->file), by_time);
}

struct wt_capture_list *wt_capture_list_new(char *const paths[], size_t n_paths)
{
	struct walk w = { .list = calloc(1, sizeof(*w.list)) };
	size_t i;

	if (!w.list)
		return NULL;
	for (i = 0; i < n_paths && !w.is_oom; i++)
		add_path(&w, paths[i], 0);
	if (!w.is_oom) {
		drop_doubles(&w);
		probe_files(&w);
	}
	if (w.is_oom) {
		wt_capture_list_free(w.list);
		return NULL;
	}
	if (w.list->n_notes)
		qsort(w.list->note, w.list->n_notes, sizeof(*w.list->note), by_path);
	return w.list;
}

void wt_capture_list_free(struct wt_capture_list *list)
{
	size_t i;

	if (!list)
		return;
	for (i = 0; i < list->n_files; i++)
		free(list->file[i].path);
	for (i = 0; i < list->n_notes; i++) {
		free(list->note[i].path);
		free(list->note[i].why);
	}
	free(list->file);
	free(list->note);
	free(list);
}
