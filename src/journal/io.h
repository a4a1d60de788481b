/* All input and output of the journal, behind a table of functions: the real folder, or
 * a simulated one in which a test cuts the power.
 *
 * Names are plain file names of one folder. Results below zero are -errno. What a write
 * promises is what POSIX promises: nothing before `sync` of the file, and nothing about
 * its name before `sync_folder`. */
#ifndef JOURNAL_IO_H
#define JOURNAL_IO_H

#include "wardtap/bytes.h"

#define WT_IO_NAME_MAX 64u

struct wt_io {
	void *self;
	/* A handle >= 0. creates: the file must not exist yet. */
	int (*open)(void *self, const char *name, bool creates);
	void (*close)(void *self, int file);
	int64_t (*size)(void *self, int file);
	/* Bytes read or written, perhaps fewer than asked for. */
	int64_t (*read)(void *self, int file, uint64_t at, void *into, size_t len);
	int64_t (*write)(void *self, int file, uint64_t at, const void *from, size_t len);
	int (*sync)(void *self, int file);
	int (*remove)(void *self, const char *name);
	int (*sync_folder)(void *self);
	/* Calls `take` for every file name, in any order. */
	int (*list)(void *self, void (*take)(void *to, const char *name), void *to);
	uint64_t (*now_ns)(void *self); /* wall clock */
};

/* The real one: folder `path` (made with mode 0700 when it is missing). `locks`: as the
 * only writer. NULL with the reason in `why`. */
struct wt_io *wt_io_folder(const char *path, bool locks, char *why, size_t why_size);
void wt_io_folder_free(struct wt_io *io);

#endif
