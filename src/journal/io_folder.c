/* The journal's folder (io.h). Trust: names are our own. Memory: fixed. */
#define _GNU_SOURCE /* O_PATH, flock */
#include "journal/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct folder {
	struct wt_io io;
	int fd, lock;
};

static int folder_fd(void *self)
{
	return ((struct folder *)self)->fd;
}

static int do_open(void *self, const char *name, bool creates)
{
	int flags = creates ? O_RDWR | O_CREAT | O_EXCL : O_RDWR;
	int fd = openat(folder_fd(self), name, flags | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0 && !creates && (errno == EACCES || errno == EROFS)) /* a reader */
		fd = openat(folder_fd(self), name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 ? -errno : fd;
}

static void do_close(void *self, int file)
{
	(void)self;
	(void)close(file);
}

static int64_t do_size(void *self, int file)
{
	struct stat st;

	(void)self;
	return fstat(file, &st) ? -errno : (int64_t)st.st_size;
}

static int64_t do_read(void *self, int file, uint64_t at, void *into, size_t len)
{
	ssize_t n;

	(void)self;
	do
		n = pread(file, into, len, (off_t)at);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static int64_t do_write(void *self, int file, uint64_t at, const void *from, size_t len)
{
	ssize_t n;

	(void)self;
	do
		n = pwrite(file, from, len, (off_t)at);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static int do_sync(void *self, int file)
{
	(void)self;
	return fdatasync(file) ? -errno : 0;
}

static int do_remove(void *self, const char *name)
{
	return unlinkat(folder_fd(self), name, 0) ? -errno : 0;
}

static int do_sync_folder(void *self)
{
	return fsync(folder_fd(self)) ? -errno : 0;
}

static int do_list(void *self, void (*take)(void *to, const char *name), void *to)
{
	int fd = openat(folder_fd(self), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!dir) {
		int error = errno;

		if (fd >= 0)
			(void)close(fd);
		return -error;
	}
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			take(to, entry->d_name);
	(void)closedir(dir);
	return 0;
}

static uint64_t do_now(void *self)
{
	struct timespec now;

	(void)self;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * WT_NS_PER_S + (uint64_t)now.tv_nsec;
}

static int take_lock(const struct folder *f, char *why, size_t why_size, const char *path)
{
	int fd = openat(f->fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	if (fd >= 0 && errno == EWOULDBLOCK)
		(void)snprintf(why, why_size, "journal %s: another process writes to it", path);
	else
		(void)snprintf(why, why_size, "journal %s: cannot lock: %s", path,
			       strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

struct wt_io *wt_io_folder(const char *path, bool locks, char *why, size_t why_size)
{
	struct folder *f = calloc(1, sizeof(*f));

	if (!f)
		abort();
	f->lock = -1;
	if (locks && mkdir(path, 0700) != 0 && errno != EEXIST)
		f->fd = -1;
	else
		f->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->fd < 0) {
		(void)snprintf(why, why_size, "journal %s: %s", path, strerror(errno));
		free(f);
		return NULL;
	}
	f->io = (struct wt_io){
		.self = f,
		.open = do_open,
		.close = do_close,
		.size = do_size,
		.read = do_read,
		.write = do_write,
		.sync = do_sync,
		.remove = do_remove,
		.sync_folder = do_sync_folder,
		.list = do_list,
		.now_ns = do_now,
	};
	if (locks && (f->lock = take_lock(f, why, why_size, path)) < 0) {
		wt_io_folder_free(&f->io);
		return NULL;
	}
	return &f->io;
}

void wt_io_folder_free(struct wt_io *io)
{
	struct folder *f = io ? io->self : NULL;

	if (!f)
		return;
	if (f->lock >= 0)
		(void)close(f->lock);
	(void)close(f->fd);
	free(f);
}
