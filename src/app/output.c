/* Result files (output.h). Memory: one buffer of 1 MiB per open file. */
#define _POSIX_C_SOURCE 200809L
#include "app/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_BYTES 1048576u

struct wt_output_file {
	char *path;
	int fd;
	bool is_failed;
	struct wt_sha256 *sha;
	uint64_t len;
	size_t held;
	uint8_t buffer[BUFFER_BYTES];
};

bool wt_output_folder(const char *folder)
{
	struct stat st;

	if (mkdir(folder, 0755) == 0)
		return true;
	if (errno == EEXIST && stat(folder, &st) == 0 && S_ISDIR(st.st_mode))
		return true;
	fprintf(stderr, "wardtap: output folder %s: %s\n", folder,
		errno == EEXIST ? "exists and is no folder" : strerror(errno));
	return false;
}

void wt_output_remove(const char *folder, const char *name)
{
	char path[4400];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (unlink(path) != 0 && errno != ENOENT)
		fprintf(stderr, "wardtap: cannot remove the old %s: %s\n", path, strerror(errno));
}

struct wt_output_file *wt_output_open(const char *folder, const char *name)
{
	struct wt_output_file *f = malloc(sizeof(*f));
	size_t len = strlen(folder) + strlen(name) + 2;

	if (!f)
		abort();
	f->path = malloc(len);
	if (!f->path)
		abort();
	(void)snprintf(f->path, len, "%s/%s", folder, name);
	f->fd = open(f->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (f->fd < 0) {
		fprintf(stderr, "wardtap: cannot write %s: %s\n", f->path, strerror(errno));
		free(f->path);
		free(f);
		return NULL;
	}
	f->is_failed = false;
	f->sha = wt_sha256_new();
	f->len = f->held = 0;
	return f;
}

static void fail(struct wt_output_file *f)
{
	if (!f->is_failed)
		fprintf(stderr, "wardtap: writing %s: %s\n", f->path, strerror(errno));
	f->is_failed = true;
}

void wt_output_flush(struct wt_output_file *f)
{
	size_t done = 0;

	wt_sha256_add(f->sha, wt_slice_of(f->buffer, f->held));
	while (done < f->held && !f->is_failed) {
		ssize_t n = write(f->fd, f->buffer + done, f->held - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			fail(f);
		else
			done += (size_t)n;
	}
	f->held = 0;
}

void wt_output_write(struct wt_output_file *f, struct wt_slice bytes)
{
	while (bytes.len) {
		struct wt_slice part = wt_slice_head(bytes, BUFFER_BYTES - f->held);

		memcpy(f->buffer + f->held, part.ptr, part.len);
		f->held += part.len;
		f->len += part.len;
		bytes = wt_slice_tail(bytes, part.len);
		if (f->held == BUFFER_BYTES)
			wt_output_flush(f);
	}
}

bool wt_output_close(struct wt_output_file *f, uint8_t digest[WT_SHA256_LEN], uint64_t *len)
{
	bool is_good;

	wt_output_flush(f);
	if (close(f->fd) != 0)
		fail(f);
	is_good = !f->is_failed;
	wt_sha256_end(f->sha, digest);
	*len = f->len;
	free(f->path);
	free(f);
	return is_good;
}
