/* The sink "file": one line per record, JSON of EVE or ECS. A batch counts once it is
 * synced. When the file is full it becomes FILE.1, FILE.1 becomes FILE.2 and so on, up to
 * rotate.keep; SIGHUP opens it anew, for tools that move files themselves.
 *
 * A write that failed in the middle is taken back, so that no line stands cut in front of
 * others; what a crash left cut is ended by a newline at the next start.
 * Trust: the operator's folder. Memory: a buffer per sink. */
#define _GNU_SOURCE /* O_CLOEXEC */
#include "base/sinks.h"
#include "export/alert_json.h"
#include "export/format.h"
#include "export/kinds.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_MAX (4 * WT_ALERT_JSON_MAX)
#define PATH_ROOM 4110u /* path and a number */

struct lines {
	const struct wt_sink_options *options;
	const char *path;
	uint64_t size_max, size;
	unsigned n_keep;
	int fd; /* below 0: not open */
	bool is_new; /* its name is not durable yet */
	wt_encode_fn *encode;
	struct wt_encode_options encoding;
	uint8_t buffer[BUFFER_MAX];
};

static bool fail(struct wt_sink_result *result, const char *what)
{
	result->verdict = WT_SINK_RETRY;
	(void)snprintf(result->why, sizeof(result->why), "%s: %s", what, strerror(errno));
	return false;
}

static void shut(struct lines *f)
{
	if (f->fd >= 0)
		(void)close(f->fd);
	f->fd = -1;
}

/* The folder has the new names after a power cut too. */
static bool sync_folder(const struct lines *f)
{
	char folder[PATH_ROOM];
	char *slash;
	int fd, code;

	(void)snprintf(folder, sizeof(folder), "%s", f->path);
	slash = strrchr(folder, '/');
	if (slash)
		slash[slash == folder] = 0;
	else
		(void)snprintf(folder, sizeof(folder), ".");
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	code = fsync(fd);
	(void)close(fd);
	return code == 0;
}

/* Writes all at the end, or takes back what was written of it. */
static bool append(struct lines *f, struct wt_slice bytes)
{
	uint64_t before = f->size;

	while (bytes.len) {
		ssize_t n = write(f->fd, bytes.ptr, bytes.len);
		int error = errno;

		if (n < 0 && error == EINTR)
			continue;
		if (n <= 0) {
			if (ftruncate(f->fd, (off_t)before) != 0)
				shut(f); /* opening it anew ends the cut line */
			f->size = before;
			errno = n < 0 ? error : EIO;
			return false;
		}
		f->size += (uint64_t)n;
		bytes = wt_slice_tail(bytes, (size_t)n);
	}
	return true;
}

/* A line that a crash left cut becomes a line of its own. */
static bool end_cut_line(struct lines *f)
{
	char last = '\n';

	if (f->size == 0 || pread(f->fd, &last, 1, (off_t)f->size - 1) != 1 || last == '\n')
		return true;
	return append(f, WT_LIT("\n"));
}

static bool make_open(struct lines *f, struct wt_sink_result *result)
{
	struct stat st;

	if (f->fd >= 0)
		return true;
	f->fd = open(f->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
		     0640);
	if (f->fd < 0)
		return fail(result, "opening the file");
	if (fstat(f->fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		shut(f);
		result->verdict = WT_SINK_STOP;
		(void)snprintf(result->why, sizeof(result->why), "path is no regular file");
		return false;
	}
	/* A write that failed is taken back by its length: a second writer, perhaps under
	 * another name of the same file, would lose lines by that. Some file systems know no
	 * locks. */
	if (flock(f->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
		shut(f);
		result->verdict = WT_SINK_STOP;
		(void)snprintf(result->why, sizeof(result->why), "another sink or program writes "
			       "to the file of path");
		return false;
	}
	f->size = (uint64_t)st.st_size;
	f->is_new = f->size == 0;
	if (end_cut_line(f))
		return true;
	(void)fail(result, "writing the file");
	shut(f);
	return false;
}

static bool make_durable(struct lines *f, struct wt_sink_result *result)
{
	if (fdatasync(f->fd) != 0 || (f->is_new && !sync_folder(f))) {
		int error = errno;

		/* After such an error the kernel may believe that the pages are clean: the
		 * lines are written again. */
		shut(f);
		errno = error;
		return fail(result, "syncing the file");
	}
	f->is_new = false;
	return true;
}

static void name_of(const struct lines *f, unsigned i, char name[PATH_ROOM])
{
	if (i)
		(void)snprintf(name, PATH_ROOM, "%s.%u", f->path, i);
	else
		(void)snprintf(name, PATH_ROOM, "%s", f->path);
}

/* The file is left open when it cannot be moved: lines are worth more than a bound. */
static bool rotate(struct lines *f, struct wt_sink_result *result)
{
	char from[PATH_ROOM], to[PATH_ROOM];
	unsigned i;

	if (!make_durable(f, result))
		return false;
	for (i = f->n_keep; i > 0; i--) {
		name_of(f, i - 1, from);
		name_of(f, i, to);
		if (rename(from, to) != 0 && errno != ENOENT)
			return fail(result, "rotating the file");
	}
	shut(f);
	return make_open(f, result);
}

static bool write_out(struct lines *f, struct wt_builder *b, struct wt_sink_result *result)
{
	bool is_good;

	if (f->size >= f->size_max && !rotate(f, result)) /* the last line may go beyond */
		return false;
	is_good = append(f, wt_bld_slice(b));
	b->len = 0;
	return is_good || fail(result, "writing the file");
}

/* Whether somebody moved or removed the file. One that was cut to nothing in its place is
 * gone on with. */
static bool is_moved(struct lines *f)
{
	struct stat ours, there;

	if (fstat(f->fd, &ours) != 0 || stat(f->path, &there) != 0 ||
	    ours.st_ino != there.st_ino || ours.st_dev != there.st_dev)
		return true;
	f->size = (uint64_t)ours.st_size;
	return false;
}

static void file_send(void *self, const struct wt_sink_item *items, unsigned n,
		      struct wt_sink_result *result)
{
	struct lines *f = self;
	struct wt_builder b = wt_builder_of(f->buffer, sizeof(f->buffer));
	unsigned i;

	if (f->fd >= 0 && is_moved(f))
		shut(f);
	if (!make_open(f, result))
		return;
	for (i = 0; i < n; i++) {
		struct wt_encode_item item = { items[i].alert, items[i].journal_seq };
		size_t from;

		if ((b.cap - b.len < WT_ALERT_JSON_MAX + 2 || f->size + b.len >= f->size_max) &&
		    !write_out(f, &b, result))
			return;
		from = b.len;
		if (!f->encode(&b, &item, &f->encoding) || b.is_short) {
			b.len = from;
			b.is_short = false;
			result->refuse(result->refuse_to, &items[i], "it cannot be written as text");
			continue;
		}
		wt_bld_char(&b, '\n');
	}
	if (!write_out(f, &b, result) || !make_durable(f, result))
		return;
	result->verdict = WT_SINK_DONE;
	result->n_done = n;
}

static void *file_open(const struct wt_sink_options *options, char *why, size_t why_size)
{
	const struct wt_conf *conf = options->conf;
	enum wt_sink_format format = (enum wt_sink_format)wt_conf_u64(conf, WT_CONF_SINK_FORMAT);
	struct lines *f = calloc(1, sizeof(*f));

	if (!f)
		abort();
	f->options = options;
	f->fd = -1;
	f->path = wt_conf_text(conf, WT_CONF_SINK_PATH);
	f->size_max = wt_conf_u64(conf, WT_CONF_SINK_ROTATE_SIZE);
	f->n_keep = (unsigned)wt_conf_u64(conf, WT_CONF_SINK_ROTATE_KEEP);
	f->encode = wt_format_encoder(format == WT_FORMAT_AUTO ? WT_FORMAT_JSON : format);
	f->encoding.host = options->host;
	if (f->path && f->encode)
		return f;
	(void)snprintf(why, why_size, f->path ? "this build cannot write that format" :
		       "path is missing");
	free(f);
	return NULL;
}

static void file_reopen(void *self)
{
	shut(self);
}

static void file_close(void *self)
{
	shut(self);
	free(self);
}

const struct wt_sink_kind wt_sink_file = {
	.name = "file",
	.is_confirmed = true,
	.open = file_open,
	.send = file_send,
	.reopen = file_reopen,
	.close = file_close,
};
