/* One capture file as a stream of unpacked bytes; only user of zlib and libzstd.
 *
 * Source: RFC 1952 2.2 (members follow each other), RFC 8878 3 (so do frames,
 * skippable ones among them).
 * Trust: every byte of the file. Memory: see inflate.h. */
#define _GNU_SOURCE /* GNU strerror_r, posix_fadvise */
#define ZLIB_CONST  /* input is only read */
#include "capture/inflate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "wardtap/bytes.h"

#define IN_SIZE 131072u
#define ZSTD_WINDOW_LOG_MAX 27 /* 128 MiB, the limit of `zstd -d` */
#define GZIP_WINDOW (15 + 16)  /* zlib: largest window, gzip wrapper */

static const char cut[] = "the packed data ends before its time: the file was cut";

enum packing { PACKING_NONE, PACKING_GZIP, PACKING_ZSTD };

struct wt_source {
	int fd; /* -1: closed */
	enum packing packing;
	uint64_t size;   /* bytes of the file to read */
	uint64_t n_read; /* of them read */
	struct wt_fasthash *hash;
	struct wt_slice in; /* packed bytes not used yet, inside room */
	z_stream gzip;
	ZSTD_DCtx *zstd;
	bool is_between; /* no member or frame is begun and not ended */
	bool is_flushing; /* zstd: unpacked bytes may be waiting inside */
	bool is_end;
	char why[WT_CAPTURE_WHY_MAX];
	uint8_t room[IN_SIZE];
};

struct wt_source *wt_source_new(bool is_hashed)
{
	struct wt_source *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->fd = -1;
	if (is_hashed) {
		s->hash = wt_fasthash_new();
		if (!s->hash) {
			free(s);
			return NULL;
		}
	}
	return s;
}

void wt_source_free(struct wt_source *s)
{
	if (!s)
		return;
	wt_source_close(s);
	wt_fasthash_free(s->hash);
	free(s);
}

__attribute__((format(printf, 2, 3)))
static bool fail(struct wt_source *s, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(s->why, sizeof(s->why), format, args);
	va_end(args);
	s->is_end = true;
	return false;
}

static bool fail_system(struct wt_source *s, const char *what)
{
	char text[128];

	return fail(s, "%s: %s", what, strerror_r(errno, text, sizeof(text)));
}

/* Up to `cap` bytes of the file itself; 0 at its end or after a failure. */
static size_t read_raw(struct wt_source *s, uint8_t *to, size_t cap)
{
	ssize_t got;

	if (cap > s->size - s->n_read)
		cap = (size_t)(s->size - s->n_read);
	if (cap == 0)
		return 0;
	do
		got = read(s->fd, to, cap);
	while (got < 0 && errno == EINTR);
	if (got < 0) {
		(void)fail_system(s, "the file cannot be read further");
		return 0;
	}
	if (got == 0) {
		(void)fail(s, "the file became shorter while it was read");
		return 0;
	}
	if (s->hash)
		wt_fasthash_update(s->hash, wt_slice_of(to, (size_t)got));
	s->n_read += (uint64_t)got;
	return (size_t)got;
}

static bool refill(struct wt_source *s)
{
	s->in = wt_slice_of(s->room, read_raw(s, s->room, sizeof(s->room)));
	return s->in.len > 0;
}

/* By content (RFC 1952 2.3.1; RFC 8878 3.1.1 and 3.1.2). */
static enum packing packing_of(int fd)
{
	uint8_t head[4];
	struct wt_reader r;
	uint32_t magic;

	if (pread(fd, head, sizeof(head), 0) != (ssize_t)sizeof(head))
		return PACKING_NONE;
	r = wt_reader_of(wt_slice_of(head, sizeof(head)), WT_MORE);
	magic = wt_rd_u32le(&r);
	if ((magic & 0xffffff) == 0x088b1f)
		return PACKING_GZIP;
	if (magic == 0xfd2fb528 || (magic & 0xfffffff0) == 0x184d2a50)
		return PACKING_ZSTD;
	return PACKING_NONE;
}

static bool begin_unpacking(struct wt_source *s)
{
	s->is_between = true;
	s->is_flushing = false;
	s->in = wt_slice_of(NULL, 0);
	if (s->packing == PACKING_GZIP) {
		memset(&s->gzip, 0, sizeof(s->gzip));
		if (inflateInit2(&s->gzip, GZIP_WINDOW) != Z_OK) {
			s->packing = PACKING_NONE; /* nothing to end */
			return fail(s, "no memory to unpack the file");
		}
	} else if (s->packing == PACKING_ZSTD) {
		s->zstd = ZSTD_createDCtx();
		if (!s->zstd || ZSTD_isError(ZSTD_DCtx_setParameter(s->zstd,
				ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG_MAX)))
			return fail(s, "no memory to unpack the file");
	}
	return true;
}

bool wt_source_open(struct wt_source *s, const struct wt_capture_file *file)
{
	struct stat st;

	wt_source_close(s);
	s->why[0] = '\0';
	s->is_end = false;
	s->size = file->size;
	s->n_read = 0;
	s->packing = PACKING_NONE;
	if (s->hash)
		wt_fasthash_init(s->hash);
	/* Should the path have become a FIFO since it was listed, do not wait. */
	s->fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (s->fd < 0)
		return fail_system(s, "the file cannot be opened");
	if (fstat(s->fd, &st) != 0)
		(void)fail_system(s, "the file cannot be opened");
	else if (!S_ISREG(st.st_mode) || (uint64_t)st.st_dev != file->device ||
		 (uint64_t)st.st_ino != file->inode)
		(void)fail(s, "the file was replaced by another after it was listed");
	if (!s->is_end) {
		/* Only advice; the answer does not matter. */
		(void)posix_fadvise(s->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
		s->packing = packing_of(s->fd);
		if (begin_unpacking(s))
			return true;
	}
	wt_source_close(s);
	return false;
}

static size_t read_plain(struct wt_source *s, uint8_t *to, size_t cap)
{
	size_t made = 0;

	while (made < cap && !s->is_end) {
		size_t got = read_raw(s, to + made, cap - made);

		if (got == 0)
			s->is_end = true;
		made += got;
	}
	return made;
}

/* Between members: zero bytes are padding (of tapes and block devices), anything
 * else begins the next member. False: the file ended here, which is fine. */
static bool begin_member(struct wt_source *s)
{
	while (s->in.len || refill(s)) {
		if (s->in.ptr[0] != 0) {
			(void)inflateReset(&s->gzip);
			s->is_between = false;
			return true;
		}
		s->in = wt_slice_tail(s->in, 1);
	}
	s->is_end = true;
	return false;
}

static size_t read_gzip(struct wt_source *s, uint8_t *to, size_t cap)
{
	z_stream *z = &s->gzip;
	size_t made = 0;

	while (made < cap && !s->is_end) {
		int ret;

		if (s->is_between && !begin_member(s))
			break;
		if (s->in.len == 0 && !refill(s)) {
			if (!s->is_end)
				(void)fail(s, "%s", cut);
			break;
		}
		z->next_in = s->in.ptr;
		z->avail_in = (uInt)s->in.len;
		z->next_out = to + made;
		z->avail_out = (uInt)(cap - made);
		ret = inflate(z, Z_NO_FLUSH);
		made = cap - z->avail_out;
		s->in = wt_slice_tail(s->in, s->in.len - z->avail_in);
		if (ret == Z_STREAM_END)
			s->is_between = true;
		else if (ret != Z_OK && ret != Z_BUF_ERROR)
			(void)fail(s, "the gzip data is damaged at byte %llu of the file (%s); "
				   "the rest is not read",
				   (unsigned long long)wt_source_offset(s),
				   z->msg ? z->msg : "no reason given");
	}
	return made;
}

static size_t read_zstd(struct wt_source *s, uint8_t *to, size_t cap)
{
	size_t made = 0;

	while (made < cap && !s->is_end) {
		ZSTD_inBuffer in;
		ZSTD_outBuffer out = { .dst = to + made, .size = cap - made };
		size_t ret;

		if (s->in.len == 0 && !s->is_flushing && !refill(s)) {
			if (!s->is_end && !s->is_between)
				(void)fail(s, "%s", cut);
			s->is_end = true;
			break;
		}
		in = (ZSTD_inBuffer){ .src = s->in.ptr, .size = s->in.len };
		ret = ZSTD_decompressStream(s->zstd, &out, &in);
		s->in = wt_slice_tail(s->in, in.pos);
		made += out.pos;
		if (ZSTD_isError(ret)) {
			(void)fail(s, "the zstd data is damaged near byte %llu of the file (%s); "
				   "the rest is not read",
				   (unsigned long long)wt_source_offset(s), ZSTD_getErrorName(ret));
			break;
		}
		s->is_between = ret == 0;
		s->is_flushing = ret != 0 && out.pos == out.size;
	}
	return made;
}

size_t wt_source_read(struct wt_source *s, uint8_t *to, size_t cap)
{
	if (s->fd < 0 || s->is_end)
		return 0;
	switch (s->packing) {
	case PACKING_GZIP:
		return read_gzip(s, to, cap);
	case PACKING_ZSTD:
		return read_zstd(s, to, cap);
	case PACKING_NONE:
		break;
	}
	return read_plain(s, to, cap);
}

const char *wt_source_why(const struct wt_source *s)
{
	return s->why[0] ? s->why : NULL;
}

uint64_t wt_source_offset(const struct wt_source *s)
{
	return s->n_read - s->in.len;
}

bool wt_source_is_packed(const struct wt_source *s)
{
	return s->packing != PACKING_NONE;
}

bool wt_source_hash(struct wt_source *s, uint8_t out[WT_FASTHASH_LEN])
{
	if (!s->hash || s->fd < 0)
		return false;
	while (refill(s))
		;
	if (s->n_read != s->size)
		return false;
	wt_fasthash_final(s->hash, out);
	return true;
}

void wt_source_close(struct wt_source *s)
{
	if (s->packing == PACKING_GZIP)
		(void)inflateEnd(&s->gzip);
	if (s->zstd)
		(void)ZSTD_freeDCtx(s->zstd);
	s->zstd = NULL;
	s->packing = PACKING_NONE;
	s->in = wt_slice_of(NULL, 0);
	if (s->fd >= 0)
		(void)close(s->fd);
	s->fd = -1;
}
