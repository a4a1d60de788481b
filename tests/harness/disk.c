/* The simulated disk (disk.h). */
#include "harness/disk.h"

#include <errno.h>
#include <stdlib.h>

uint64_t disk_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static int fault(struct disk *d)
{
	d->n_changes++;
	if (d->before)
		d->before(d->before_self);
	if (d->fails_in && --d->fails_in == 0)
		return d->fails_with;
	return 0;
}

static int find(const struct disk *d, const char *name)
{
	int i;

	for (i = 0; i < DISK_FILES; i++)
		if (!d->file[i].is_removed && strcmp(d->file[i].name, name) == 0)
			return i;
	return -ENOENT;
}

static void reserve(struct disk_file *f, size_t len)
{
	size_t cap = f->cap ? f->cap : 1024;

	while (cap < len)
		cap *= 2;
	if (cap == f->cap)
		return;
	f->now = realloc(f->now, cap);
	f->durable = realloc(f->durable, cap);
	if (!f->now || !f->durable)
		abort();
	memset(f->now + f->cap, 0, cap - f->cap);
	memset(f->durable + f->cap, 0, cap - f->cap);
	f->cap = cap;
}

static void forget(struct disk_file *f)
{
	free(f->now);
	free(f->durable);
	memset(f, 0, sizeof(*f));
}

static int do_open(void *self, const char *name, bool creates)
{
	struct disk *d = self;
	int at = find(d, name), i, error;

	if (!creates)
		return at;
	if (at >= 0)
		return -EEXIST;
	error = fault(d);
	if (error)
		return -error;
	for (i = 0; i < DISK_FILES; i++)
		if (!d->file[i].name[0]) {
			strncpy(d->file[i].name, name, WT_IO_NAME_MAX - 1);
			return i;
		}
	return -ENOSPC;
}

static void do_close(void *self, int file)
{
	(void)self;
	(void)file;
}

static int64_t do_size(void *self, int file)
{
	return (int64_t)((struct disk *)self)->file[file].now_len;
}

static int64_t do_read(void *self, int file, uint64_t at, void *into, size_t len)
{
	const struct disk_file *f = &((struct disk *)self)->file[file];

	if (at >= f->now_len)
		return 0;
	if (len > f->now_len - at)
		len = f->now_len - at;
	memcpy(into, f->now + at, len);
	return (int64_t)len;
}

static size_t used(const struct disk *d)
{
	size_t sum = 0;
	int i;

	for (i = 0; i < DISK_FILES; i++)
		if (!d->file[i].is_removed)
			sum += d->file[i].now_len;
	return sum;
}

static int64_t do_write(void *self, int file, uint64_t at, const void *from, size_t len)
{
	struct disk *d = self;
	struct disk_file *f = &d->file[file];
	int error = fault(d);
	size_t room = d->capacity - used(d);
	unsigned i;

	if (error == ENOSPC || error == EIO)
		return -error;
	if (error) /* a short write */
		len = len / 2;
	if (at + len > f->now_len && at + len - f->now_len > room) {
		size_t fits = f->now_len + room > at ? f->now_len + room - at : 0;

		if (!fits)
			return -ENOSPC;
		len = fits;
	}
	for (i = 0; i < d->n_writes; i++) /* written over: the sectors are the same */
		if (d->write[i].file == (unsigned)file && d->write[i].at == at &&
		    d->write[i].len == len)
			break;
	if (i == DISK_WRITES)
		return -EIO;
	reserve(f, at + len);
	memcpy(f->now + at, from, len);
	if (at + len > f->now_len)
		f->now_len = at + len;
	d->write[i].file = (unsigned)file;
	d->write[i].at = at;
	d->write[i].len = len;
	d->n_writes += i == d->n_writes;
	return (int64_t)len;
}

static void forget_writes(struct disk *d, unsigned file)
{
	unsigned i, n = 0;

	for (i = 0; i < d->n_writes; i++)
		if (d->write[i].file != file)
			d->write[n++] = d->write[i];
	d->n_writes = n;
}

static int do_sync(void *self, int file)
{
	struct disk *d = self;
	struct disk_file *f = &d->file[file];
	int error = fault(d);

	if (error) { /* as Linux does: the pages count as clean, and are not on the disk */
		forget_writes(d, (unsigned)file);
		return -error;
	}
	if (f->now_len)
		memcpy(f->durable, f->now, f->now_len);
	f->durable_len = f->now_len;
	forget_writes(d, (unsigned)file);
	return 0;
}

static int do_remove(void *self, const char *name)
{
	struct disk *d = self;
	int at = find(d, name), error = fault(d);

	if (at < 0 || error)
		return at < 0 ? at : -error;
	forget_writes(d, (unsigned)at);
	d->file[at].is_removed = true;
	if (!d->file[at].is_named)
		forget(&d->file[at]);
	return 0;
}

static int do_sync_folder(void *self)
{
	struct disk *d = self;
	int error = fault(d), i;

	if (error)
		return -error;
	for (i = 0; i < DISK_FILES; i++) {
		if (d->file[i].is_removed)
			forget(&d->file[i]);
		else if (d->file[i].name[0])
			d->file[i].is_named = true;
	}
	return 0;
}

static int do_list(void *self, void (*take)(void *to, const char *name), void *to)
{
	struct disk *d = self;
	int i;

	for (i = 0; i < DISK_FILES; i++)
		if (d->file[i].name[0] && !d->file[i].is_removed)
			take(to, d->file[i].name);
	return 0;
}

static uint64_t do_now(void *self)
{
	return ((struct disk *)self)->clock_ns += 1000000;
}

struct disk *disk_new(size_t capacity)
{
	struct disk *d = calloc(1, sizeof(*d));

	if (!d)
		abort();
	d->capacity = capacity;
	d->clock_ns = UINT64_C(1700000000000000000);
	d->io = (struct wt_io){ .self = d,
				.open = do_open,
				.close = do_close,
				.size = do_size,
				.read = do_read,
				.write = do_write,
				.sync = do_sync,
				.remove = do_remove,
				.sync_folder = do_sync_folder,
				.list = do_list,
				.now_ns = do_now };
	return d;
}

void disk_clear(struct disk *d)
{
	int i;

	for (i = 0; i < DISK_FILES; i++)
		forget(&d->file[i]);
	d->n_writes = 0;
}

void disk_free(struct disk *d)
{
	disk_clear(d);
	free(d);
}

/* Sectors of one write that reached the disk. */
static void keep_some(struct disk_file *to, const struct disk_file *from, size_t at, size_t len,
		      uint64_t *random)
{
	size_t end = at + len;

	while (at < end) {
		size_t next = (at / DISK_SECTOR + 1) * DISK_SECTOR;

		if (next > end)
			next = end;
		if (disk_random(random) & 1) {
			memcpy(to->now + at, from->now + at, next - at);
			if (next > to->now_len)
				to->now_len = next;
		}
		at = next;
	}
}

void disk_cut(const struct disk *d, struct disk *into, uint64_t random)
{
	unsigned mood = (unsigned)(disk_random(&random) % 4); /* all, nothing, or a mixture */
	unsigned i;

	disk_clear(into);
	into->clock_ns = d->clock_ns + UINT64_C(60000000000);
	for (i = 0; i < DISK_FILES; i++) {
		const struct disk_file *f = &d->file[i];
		struct disk_file *to = &into->file[i];

		if (!f->name[0] ||
		    ((!f->is_named || f->is_removed) && disk_random(&random) & 1))
			continue;
		memcpy(to->name, f->name, sizeof(to->name));
		to->is_named = true;
		reserve(to, f->cap ? f->cap : 1);
		if (f->durable_len)
			memcpy(to->now, f->durable, f->durable_len);
		to->now_len = f->durable_len;
		if (disk_random(&random) % 8 == 0) /* the length came, the bytes did not */
			to->now_len = f->now_len > f->durable_len ? f->now_len : f->durable_len;
	}
	for (i = 0; i < d->n_writes; i++) {
		struct disk_file *to = &into->file[d->write[i].file];
		uint64_t all = ~UINT64_C(0);

		if (to->name[0] && mood != 1)
			keep_some(to, &d->file[d->write[i].file], d->write[i].at,
				  d->write[i].len, mood ? &random : &all);
	}
	for (i = 0; i < DISK_FILES; i++) {
		struct disk_file *to = &into->file[i];

		if (to->now_len)
			memcpy(to->durable, to->now, to->now_len);
		to->durable_len = to->now_len;
	}
}
