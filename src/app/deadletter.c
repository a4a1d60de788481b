/* The file of refused records (deadletter.h).
 * Source: RFC 4648 4 (base64). Trust: texts of a receiver are escaped by json.c.
 * Memory: a line. */
#define _GNU_SOURCE /* O_CLOEXEC */
#include "app/deadletter.h"
#include "base/json.h"
#include "wardtap/alert.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES (2 * WT_ALERT_BYTES_MAX + 4096)
#define PATH_ROOM 4400u

struct wt_deadletter {
	char folder[PATH_ROOM - 64], path[PATH_ROOM];
	uint64_t size_max;
	char line[LINE_MAX_BYTES];
	char base64[2 * WT_ALERT_BYTES_MAX];
};

struct wt_deadletter *wt_deadletter_new(const char *folder, const char *name, uint64_t size_max)
{
	struct wt_deadletter *d = calloc(1, sizeof(*d));

	if (!d)
		abort();
	(void)snprintf(d->folder, sizeof(d->folder), "%s", folder);
	(void)snprintf(d->path, sizeof(d->path), "%s/%s.jsonl", d->folder, name);
	d->size_max = size_max;
	return d;
}

void wt_deadletter_free(struct wt_deadletter *d)
{
	free(d);
}

static size_t encode_base64(struct wt_slice bytes, char *text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	size_t i, len = 0;

	for (i = 0; i < bytes.len; i += 3) {
		size_t n = bytes.len - i;
		uint32_t group = (uint32_t)bytes.ptr[i] << 16;

		group |= n > 1 ? (uint32_t)bytes.ptr[i + 1] << 8 : 0;
		group |= n > 2 ? bytes.ptr[i + 2] : 0;
		text[len++] = digits[group >> 18];
		text[len++] = digits[group >> 12 & 63];
		text[len++] = n > 1 ? digits[group >> 6 & 63] : '=';
		text[len++] = n > 2 ? digits[group & 63] : '=';
	}
	return len;
}

static struct wt_slice make_line(struct wt_deadletter *d, const struct wt_dead_record *record)
{
	struct wt_json j = wt_json_of(d->line, sizeof(d->line));
	struct wt_slice bytes = wt_slice_head(record->bytes, WT_ALERT_BYTES_MAX);
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	wt_json_open(&j, '{');
	wt_json_key(&j, "refused");
	wt_json_time(&j, (uint64_t)now.tv_sec * WT_NS_PER_S + (uint64_t)now.tv_nsec);
	wt_json_key(&j, "why");
	wt_json_string(&j, wt_slice_of(record->why, strnlen(record->why, 256)));
	if (record->id) {
		wt_json_key(&j, "id");
		wt_json_text(&j, record->id);
	}
	wt_json_key(&j, "journal_seq");
	wt_json_u64(&j, record->journal_seq);
	wt_json_key(&j, "record");
	wt_json_string(&j, wt_slice_of(d->base64, encode_base64(bytes, d->base64)));
	wt_json_close(&j, '}');
	wt_bld_char(&j.out, '\n');
	(void)WT_BUG_ON(j.out.is_short);
	return wt_bld_slice(&j.out);
}

static bool write_all(int fd, struct wt_slice bytes)
{
	while (bytes.len) {
		ssize_t n = write(fd, bytes.ptr, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n < 0 ? errno : EIO;
			return false;
		}
		bytes = wt_slice_tail(bytes, (size_t)n);
	}
	return true;
}

static bool sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), code;

	if (fd < 0)
		return false;
	code = fsync(fd);
	(void)close(fd);
	return code == 0;
}

static bool make_room(struct wt_deadletter *d, size_t len)
{
	char older[PATH_ROOM + 4];
	struct stat st;

	if (stat(d->path, &st) != 0 || (uint64_t)st.st_size + len <= d->size_max)
		return true;
	(void)snprintf(older, sizeof(older), "%s.1", d->path);
	return rename(d->path, older) == 0;
}

/* A line that a crash left cut becomes a line of its own, so that it does not take the next
 * one with it. */
static bool end_cut_line(int fd, uint64_t size)
{
	char last = '\n';

	if (size > 0 && pread(fd, &last, 1, (off_t)(size - 1)) != 1)
		return false;
	return last == '\n' || write_all(fd, WT_LIT("\n"));
}

bool wt_deadletter_add(struct wt_deadletter *d, const struct wt_dead_record *record)
{
	struct wt_slice line = make_line(d, record);
	struct stat st;
	bool is_good;
	int fd;

	if (mkdir(d->folder, 0700) != 0 && errno != EEXIST)
		return false;
	if (!make_room(d, line.len))
		return false;
	/* not blocking: a named pipe must be refused, not waited for */
	fd = open(d->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
		  0600);
	if (fd < 0)
		return false;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		(void)close(fd);
		errno = EINVAL;
		return false;
	}
	is_good = end_cut_line(fd, (uint64_t)st.st_size) && write_all(fd, line) &&
		  fdatasync(fd) == 0 && (st.st_size > 0 || sync_folder(d->folder));
	if (!is_good) {
		int error = errno;

		if (ftruncate(fd, st.st_size) != 0) /* the next one ends the cut line */
			error = errno;
		(void)close(fd);
		errno = error;
		return false;
	}
	return close(fd) == 0;
}
