/* The file of compiled prefilters (cache.h): a mark, the digest of what follows, then for
 * each prefilter its length and bytes.
 * Trust: the file can load code-like tables into the matcher, so whoever may write it owns
 * the sensor: owner and modes are checked, and a digest against damage.
 * Memory: the file, while rules are compiled. */
#define _POSIX_C_SOURCE 200809L
#include "match/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define CACHE_MAX (1u << 30)
#define HEAD (8u + WT_SHA256_LEN)

static const char mark[8] = "WTRULES1";

struct wt_cache {
	int folder; /* open folder */
	char name[48];
	uint8_t *bytes; /* the file; NULL: none that is good */
	size_t len, at;
	bool is_stale; /* less was in it than was asked for */
	uint8_t *fresh;
	size_t fresh_len, fresh_room;
};

static void digest_of(struct wt_slice bytes, uint8_t digest[WT_SHA256_LEN])
{
	struct wt_sha256 *sha = wt_sha256_new();

	wt_sha256_add(sha, bytes);
	wt_sha256_end(sha, digest);
}

static bool is_private(const struct stat *st)
{
	return st->st_uid == geteuid() && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

static bool read_all(int fd, uint8_t *to, size_t len)
{
	while (len) {
		ssize_t n = read(fd, to, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		to += n;
		len -= (size_t)n;
	}
	return true;
}

static bool is_whole(const uint8_t *bytes, size_t len)
{
	uint8_t digest[WT_SHA256_LEN];

	if (len < HEAD || memcmp(bytes, mark, sizeof(mark)) != 0)
		return false;
	digest_of(wt_slice_of(bytes + HEAD, len - HEAD), digest);
	return memcmp(bytes + sizeof(mark), digest, sizeof(digest)) == 0;
}

static void load(struct wt_cache *c)
{
	int fd = openat(c->folder, c->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && is_private(&st) &&
	    (uint64_t)st.st_size <= CACHE_MAX) {
		c->len = (size_t)st.st_size;
		c->bytes = malloc(c->len + 1);
		if (!c->bytes)
			abort();
		if (!read_all(fd, c->bytes, c->len) || !is_whole(c->bytes, c->len)) {
			free(c->bytes);
			c->bytes = NULL;
		}
		c->at = HEAD;
	}
	(void)close(fd);
}

struct wt_cache *wt_cache_open(const char *folder, struct wt_sha256 *literals)
{
	struct wt_cache *c = NULL;
	uint8_t digest[WT_SHA256_LEN];
	char platform[160];
	struct stat st;
	unsigned i;

	wt_prefilter_platform(platform, sizeof(platform));
	wt_sha256_add(literals, wt_slice_of(platform, strlen(platform)));
	wt_sha256_end(literals, digest);
	if (!folder)
		return NULL;
	c = calloc(1, sizeof(*c));
	if (!c)
		abort();
	c->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c->folder < 0 || fstat(c->folder, &st) != 0 || !is_private(&st)) {
		fprintf(stderr,
			"wardtap: rules.cache_dir: %s cannot be used: found %s; rules are "
			"compiled anew\n",
			folder,
			c->folder < 0 ? "no folder that can be opened"
				      : "that others own it or may write there");
		if (c->folder >= 0)
			(void)close(c->folder);
		free(c);
		return NULL;
	}
	(void)snprintf(c->name, sizeof(c->name), "rules-");
	for (i = 0; i < 16; i++)
		(void)snprintf(c->name + 6 + 2 * (size_t)i, 3, "%02x", digest[i]);
	load(c);
	return c;
}

struct wt_slice wt_cache_take(struct wt_cache *c)
{
	struct wt_slice bytes = { .len = 0 };
	uint64_t len;

	if (!c || !c->bytes)
		return bytes;
	if (c->len - c->at < sizeof(len)) {
		c->is_stale = true;
		return bytes;
	}
	memcpy(&len, c->bytes + c->at, sizeof(len));
	if (len > c->len - c->at - sizeof(len)) {
		c->is_stale = true;
		return bytes;
	}
	bytes = wt_slice_of(c->bytes + c->at + sizeof(len), (size_t)len);
	c->at += sizeof(len) + (size_t)len;
	return bytes;
}

static void append(struct wt_cache *c, const void *bytes, size_t len)
{
	if (c->fresh_room - c->fresh_len < len) {
		c->fresh_room = (c->fresh_room + len) * 2;
		c->fresh = realloc(c->fresh, c->fresh_room);
		if (!c->fresh)
			abort();
	}
	memcpy(c->fresh + c->fresh_len, bytes, len);
	c->fresh_len += len;
}

void wt_cache_keep(struct wt_cache *c, const struct wt_prefilter *f)
{
	uint8_t *bytes;
	size_t len;
	uint64_t n;

	if (!c || (c->bytes && !c->is_stale) || !wt_prefilter_pack(f, &bytes, &len))
		return;
	n = len;
	append(c, &n, sizeof(n));
	append(c, bytes, len);
	free(bytes);
}

static bool write_all(int fd, const uint8_t *from, size_t len)
{
	while (len) {
		ssize_t n = write(fd, from, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		from += n;
		len -= (size_t)n;
	}
	return true;
}

/* A new name first, so that a half-written file is never read. */
static void store(struct wt_cache *c)
{
	uint8_t head[HEAD];
	char fresh[64];
	bool is_good;
	int fd;

	memcpy(head, mark, sizeof(mark));
	digest_of(wt_slice_of(c->fresh, c->fresh_len), head + sizeof(mark));
	(void)snprintf(fresh, sizeof(fresh), "%s.%ld", c->name, (long)getpid());
	fd = openat(c->folder, fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		    0600);
	if (fd < 0)
		return;
	is_good = write_all(fd, head, sizeof(head)) && write_all(fd, c->fresh, c->fresh_len);
	is_good &= close(fd) == 0;
	if (!is_good || renameat(c->folder, fresh, c->folder, c->name) != 0)
		(void)unlinkat(c->folder, fresh, 0);
}

void wt_cache_close(struct wt_cache *c, bool is_good)
{
	if (!c)
		return;
	if (is_good && !c->bytes && c->fresh_len && c->fresh_len <= CACHE_MAX - HEAD)
		store(c);
	if (c->is_stale)
		(void)unlinkat(c->folder, c->name, 0);
	(void)close(c->folder);
	free(c->bytes);
	free(c->fresh);
	free(c);
}
