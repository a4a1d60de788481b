/* Sets of values on disk (setfile.h). Trust: the folder is the operator's; lines that are no
 * pseudonyms are refused. Memory: one file at a time. */
#define _POSIX_C_SOURCE 200809L
#include "app/setfile.h"
#include "app/output.h"
#include "base/digest.h"
#include "base/read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SAVED_NS (600 * WT_NS_PER_S) /* between two times; and at the end */
#define HEAD "#wardtap set "
#define FILE_MAX (32u << 20) /* a million lines and more */
#define LINE_LEN (WT_PSEUDONYM_LEN + 1u)

/* The first line: a pseudonym that only this key makes. */
static void head_of(struct wt_hmac *mac, char line[sizeof(HEAD) + WT_PSEUDONYM_LEN])
{
	(void)snprintf(line, sizeof(HEAD), "%s", HEAD);
	wt_pseudonym(mac, WT_LIT(HEAD), line + sizeof(HEAD) - 1);
	line[sizeof(HEAD) - 1 + WT_PSEUDONYM_LEN] = '\n';
}

static bool path_of(const struct wt_conf *conf, const struct wt_context_set *set,
		    const char *suffix, char *path, size_t size)
{
	const char *folder = wt_conf_text(conf, WT_CONF_STATE_DIR);

	if (!folder || !set->name || !set->file)
		return false;
	(void)snprintf(path, size, "%s/sets/%s%s", folder, set->file, suffix);
	return true;
}

static void load_rows(struct wt_context *context, unsigned number, struct wt_hmac *mac)
{
	const struct wt_context_set *set = &wt_context_part(context)->set[number];
	char text[WT_PSEUDONYM_LEN];
	size_t i, n_lost = 0;

	for (i = 0; i < set->n_rows; i++) {
		uint8_t digest[WT_SHA256_LEN];
		struct wt_slice row = set->row[i];

		if (!row.ptr)
			continue;
		if (row.len > WT_SET_VALUE_MAX) {
			wt_sha256(row, digest);
			row = wt_slice_of(digest, sizeof(digest));
		}
		wt_pseudonym(mac, row, text);
		n_lost += !wt_context_set_add(context, number, wt_slice_of(text, sizeof(text)));
	}
	if (n_lost)
		fprintf(stderr,
			"wardtap: set %s: no room for %zu values of its file; write a larger "
			"memcap, or choose a larger memory.profile\n",
			set->name, n_lost);
}

/* What cannot be used is not overwritten: a wrong key may have been given once. */
static void set_aside(const char *path, const char *why)
{
	char aside[4500];

	(void)snprintf(aside, sizeof(aside), "%s.aside", path);
	if (rename(path, aside) == 0)
		fprintf(stderr, "wardtap: %s: %s; kept as %s, begun anew\n", path, why, aside);
	else
		fprintf(stderr, "wardtap: %s: %s, and cannot be renamed: %s\n", path, why,
			strerror(errno));
}

static void take_file(struct wt_context *context, unsigned number, struct wt_hmac *mac,
		      const char *path, struct wt_slice text)
{
	char head[sizeof(HEAD) + WT_PSEUDONYM_LEN];
	size_t n_bad = 0;

	head_of(mac, head);
	if (!wt_slice_starts(text, wt_slice_of(head, sizeof(head)))) {
		set_aside(path, "made with another key (privacy.key_file)");
		return;
	}
	text = wt_slice_tail(text, sizeof(head));
	while (text.len) {
		size_t end = wt_slice_find(text, '\n');

		n_bad += !wt_context_set_add(context, number, wt_slice_head(text, end));
		text = wt_slice_tail(text, end + 1);
	}
	if (n_bad)
		fprintf(stderr, "wardtap: %s: %zu lines are damaged or had no room\n", path,
			n_bad);
}

static void load_file(struct wt_context *context, unsigned number, struct wt_hmac *mac,
		      const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	uint8_t *bytes = NULL;
	struct stat st = { .st_mode = 0 };
	ssize_t n = -1;

	if (fd < 0 && errno == ENOENT)
		return; /* nothing was learnt yet */
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= FILE_MAX) {
		bytes = malloc((size_t)st.st_size + 1);
		if (!bytes)
			abort();
		n = wt_read_all(fd, bytes, (size_t)st.st_size);
	}
	if (fd >= 0)
		(void)close(fd);
	if (n < 0 && fd >= 0 && S_ISREG(st.st_mode))
		set_aside(path, "cannot be read");
	else if (n < 0)
		fprintf(stderr, "wardtap: %s: is no file that can be read\n", path);
	else
		take_file(context, number, mac, path, wt_slice_of(bytes, (size_t)n));
	free(bytes);
}

void wt_setfiles_load(struct wt_context *context, const struct wt_conf *conf,
		      struct wt_slice key)
{
	const struct wt_context_part *part = wt_context_part(context);
	struct wt_hmac *mac = wt_hmac_new(key);
	char path[4400];
	unsigned i;

	for (i = 0; i < part->n_sets; i++) {
		if (!part->set[i].name)
			continue;
		load_rows(context, i, mac);
		if (path_of(conf, &part->set[i], "", path, sizeof(path)))
			load_file(context, i, mac, path);
	}
	wt_hmac_free(mac);
}

/* --- writing --- */

struct lines {
	char *at;
	size_t len;
};

static void add_line(void *self, const uint8_t id[WT_KNOWN_LEN])
{
	static const char hex[] = "0123456789abcdef";
	struct lines *lines = self;
	char *to = lines->at + lines->len;
	unsigned i;

	to[0] = 'p';
	to[1] = ':';
	for (i = 0; i < WT_KNOWN_LEN; i++) {
		to[2 + 2 * i] = hex[id[i] >> 4];
		to[3 + 2 * i] = hex[id[i] & 15];
	}
	to[LINE_LEN - 1] = '\n';
	lines->len += LINE_LEN;
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, LINE_LEN);
}

/* All of it, through to the disk. */
static bool write_through(int fd, const char *at, size_t len)
{
	while (len) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return fsync(fd) == 0;
}

static bool save_file(const char *path, const char *fresh, const struct lines *lines)
{
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool is_good = fd >= 0 && write_through(fd, lines->at, lines->len);

	if (fd >= 0)
		is_good &= close(fd) == 0;
	is_good = is_good && rename(fresh, path) == 0;
	if (!is_good)
		fprintf(stderr, "wardtap: %s: cannot be written: %s\n", path, strerror(errno));
	return is_good;
}

static bool save_set(struct wt_context *context, unsigned number, struct wt_hmac *mac,
		     const char *path, const char *fresh)
{
	uint32_t n = wt_known_count(wt_context_known(context), number);
	const size_t head_len = sizeof(HEAD) + WT_PSEUDONYM_LEN;
	struct lines lines = { .at = malloc(head_len + (size_t)n * LINE_LEN) };
	bool is_good;

	if (!lines.at)
		abort();
	head_of(mac, lines.at);
	lines.len = head_len;
	wt_known_each(wt_context_known(context), number, add_line, &lines);
	qsort(lines.at + head_len, n, LINE_LEN, by_bytes);
	is_good = save_file(path, fresh, &lines);
	free(lines.at);
	return is_good;
}

bool wt_setfiles_save(struct wt_context *context, const struct wt_conf *conf,
		      struct wt_slice key)
{
	const struct wt_context_part *part = wt_context_part(context);
	struct wt_hmac *mac = NULL;
	char path[4400], fresh[4400], folder[4200];
	bool is_good = true;
	unsigned i;

	for (i = 0; i < part->n_sets; i++) {
		if (!path_of(conf, &part->set[i], "", path, sizeof(path)))
			continue;
		(void)path_of(conf, &part->set[i], ".new", fresh, sizeof(fresh));
		if (!mac) {
			mac = wt_hmac_new(key);
			(void)snprintf(folder, sizeof(folder), "%s/sets",
				       wt_conf_text(conf, WT_CONF_STATE_DIR));
			is_good = wt_output_folder(folder);
			if (!is_good)
				break;
		}
		is_good &= save_set(context, i, mac, path, fresh);
	}
	if (mac)
		wt_hmac_free(mac);
	if (is_good)
		wt_context_sets_saved(context);
	return is_good;
}

void wt_setfiles_tick(struct wt_context *context, const struct wt_conf *conf,
		      struct wt_slice key, uint64_t now_ns, uint64_t *saved_ns)
{
	if (now_ns - *saved_ns < SAVED_NS)
		return;
	*saved_ns = now_ns;
	if (wt_context_sets_changed(context))
		(void)wt_setfiles_save(context, conf, key);
}
