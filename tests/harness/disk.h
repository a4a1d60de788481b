/* A disk in memory behind journal/io.h, on which a test cuts the power or makes calls
 * fail. What was not synced may be lost sector by sector, in any order. */
#ifndef TESTS_DISK_H
#define TESTS_DISK_H

#include "journal/io.h"

#define DISK_FILES 64
#define DISK_WRITES 128
#define DISK_SECTOR 512u

struct disk_file {
	char name[WT_IO_NAME_MAX]; /* "": free */
	bool is_named;             /* its name is durable */
	bool is_removed;           /* as the writer sees it; perhaps not durably */
	uint8_t *now, *durable;    /* as the writer sees it, and as synced */
	size_t now_len, durable_len, cap;
};

struct disk {
	struct wt_io io;
	struct disk_file file[DISK_FILES];
	struct {
		unsigned file;
		size_t at, len;
	} write[DISK_WRITES]; /* since the file's last sync */
	unsigned n_writes;
	size_t capacity; /* bytes; more is ENOSPC */
	uint64_t clock_ns, random;
	void (*before)(void *self); /* called before every change */
	void *before_self;
	unsigned fails_in; /* the n-th change from now fails; 0: none */
	int fails_with;    /* errno */
	unsigned n_changes;
};

struct disk *disk_new(size_t capacity);
void disk_free(struct disk *d);
void disk_clear(struct disk *d);

/* Fills `into` with one of the states that a power cut may leave of `d`. */
void disk_cut(const struct disk *d, struct disk *into, uint64_t random);

uint64_t disk_random(uint64_t *state);

#endif
