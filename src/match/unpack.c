/* Unpacks the beginning of a body (unpack.h) with zlib.
 * Source: RFC 1952, RFC 1950; zlib manual. Trust: the bytes are hostile; what comes out is
 * bounded, so a bomb gives its first bytes. Memory: zlib's 40 KiB and the room, at start. */
#include "match/unpack.h"

#include <stdlib.h>
#include <zlib.h>

#define EITHER (15 + 32) /* largest window; gzip or zlib by the header */
#define BARE (-15)

struct wt_unpack {
	z_stream stream;
	uint8_t room[WT_UNPACKED_MAX];
};

struct wt_unpack *wt_unpack_new(void)
{
	struct wt_unpack *u = calloc(1, sizeof(*u));

	if (!u || inflateInit2(&u->stream, EITHER) != Z_OK)
		abort();
	return u;
}

void wt_unpack_free(struct wt_unpack *u)
{
	if (!u)
		return;
	(void)inflateEnd(&u->stream);
	free(u);
}

bool wt_unpack_is_packed(struct wt_slice bytes)
{
	if (bytes.len < 12)
		return false;
	if (bytes.ptr[0] == 0x1f)
		return bytes.ptr[1] == 0x8b && bytes.ptr[2] == 8;
	return (bytes.ptr[0] & 0x0f) == 8 && bytes.ptr[0] >> 4 == 7 &&
	       (bytes.ptr[0] << 8 | bytes.ptr[1]) % 31 == 0;
}

/* A gzip header with reserved flags, which zlib refuses and browsers do not. */
static bool is_odd(struct wt_slice bytes)
{
	return bytes.ptr[0] == 0x1f && (bytes.ptr[3] & 0xe0) && !(bytes.ptr[3] & 0x1f);
}

struct wt_slice wt_unpack(struct wt_unpack *u, struct wt_slice bytes)
{
	z_stream *s = &u->stream;
	bool odd = is_odd(bytes);

	if (inflateReset2(s, odd ? BARE : EITHER) != Z_OK)
		return wt_slice_of(NULL, 0);
	if (odd)
		bytes = wt_slice_tail(bytes, 10);
	s->next_in = (Bytef *)(uintptr_t)bytes.ptr; /* zlib reads only */
	s->avail_in = (uInt)bytes.len;
	s->next_out = u->room;
	s->avail_out = sizeof(u->room);
	(void)inflate(s, Z_SYNC_FLUSH); /* damage ends it: what came before counts */
	return wt_slice_of(u->room, sizeof(u->room) - s->avail_out);
}
