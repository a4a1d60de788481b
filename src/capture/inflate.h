/* The bytes of one capture file, unpacked: plain, gzip (several members) or
 * Zstandard (several frames), told apart by content and never by name.
 *
 * Source: RFC 1952 (gzip), RFC 8878 (Zstandard).
 * Trust: the whole file is hostile. A bomb only streams.
 * Memory: 128 KiB of input and zlib's 40 KiB; for Zstandard the window that the
 * file was packed with: 8 MiB at most at the usual levels, and never more than
 * 128 MiB, the limit of `zstd -d` itself. Freed when the file is closed. */
#ifndef WT_CAPTURE_INFLATE_H
#define WT_CAPTURE_INFLATE_H

#include "base/fasthash.h"
#include "capture/list.h"
#include "wardtap/types.h"

struct wt_source;

/* A source without a file; owned by the caller (wt_source_free). NULL: out of
 * memory. With `is_hashed` the packed bytes are hashed as they are read. */
WT_MUST_USE struct wt_source *wt_source_new(bool is_hashed);
void wt_source_free(struct wt_source *s);

/* Opens `file` for reading once from its start. Only the first file->size bytes
 * are ever read, so that a file which is still being written reads the same for
 * everybody. False: see wt_source_why; nothing is open then. */
WT_MUST_USE bool wt_source_open(struct wt_source *s, const struct wt_capture_file *file);

/* Up to `cap` unpacked bytes; fewer only at the end or where the file is damaged. */
WT_MUST_USE size_t wt_source_read(struct wt_source *s, uint8_t *to, size_t cap);

/* One sentence on what stopped the last open or read, or NULL where the end is a
 * clean one. Borrowed until the next open. */
const char *wt_source_why(const struct wt_source *s);

/* Bytes of the file itself (packed) that were read and used. */
uint64_t wt_source_offset(const struct wt_source *s);

/* Whether offsets of the unpacked bytes are not those of the file. */
bool wt_source_is_packed(const struct wt_source *s);

/* Reads and hashes what is left of the file, then gives the hash of all of it.
 * False: not hashed, or not readable to its end. */
bool wt_source_hash(struct wt_source *s, uint8_t out[WT_FASTHASH_LEN]);

void wt_source_close(struct wt_source *s);

#endif
