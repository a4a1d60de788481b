/* One reading of the capture files for several readers.
 *
 * The unpacked bytes of the files pass through a ring of blocks. Each block is read,
 * unpacked and hashed once, by whichever reader comes first to need it or finds that
 * few are ready ahead of it; all others use the same memory. A block is filled again
 * when every reader has moved past it, so a reader that is far ahead waits for the
 * slowest. There is one lock, taken a few times per block and never per packet.
 *
 * A record that lies across two blocks is made whole in the room in front of the
 * second one: the first reader to get there copies the rest of the block before.
 * This works because all readers take the same way: from the same bytes they leave
 * the same rest and give a file up at the same place. That is checked (WT_BUG_ON).
 *
 * A reader that is alone has a share of its own with a single block.
 *
 * Every one of the n readers counts from the start: one that is opened but never
 * read holds up the others until it is closed.
 *
 * Trust: every byte of the files. Memory: 768 KiB per block, 8 blocks (6 MiB) for
 * several readers, 2 MiB (one huge page) for one; and unpacking, once (inflate.h). */
#ifndef WT_CAPTURE_SHARE_H
#define WT_CAPTURE_SHARE_H

#include "base/fasthash.h"
#include "capture/list.h"

struct wt_capture_share;

/* A share for `n_readers` (1 or more) of this list; owned by the caller, who frees it
 * after all captures that use it are closed. is_hashed: every reader's results have
 * the XXH3-128 of each file as it lies on disk. NULL: out of memory. */
WT_MUST_USE struct wt_capture_share *wt_capture_share_new(const struct wt_capture_list *list,
							  unsigned n_readers, bool is_hashed);
void wt_capture_share_free(struct wt_capture_share *s);

/* What follows is for file.c. `reader` is below n_readers; each is one thread. */

/* A block as its reader holds it. */
struct wt_share_block {
	uint8_t *bytes;    /* of the file; room for a rest in front */
	size_t len;        /* 0 only at the end */
	size_t rest_len;   /* bytes in front that the block before left over */
	bool has_rest;     /* they are there */
	bool is_open;      /* false: the file could not be opened */
	bool is_end;       /* no block of this file follows */
	bool is_packed;    /* offsets of the bytes are not those of the file */
	uint64_t offset;   /* bytes of the file itself used up to the block's end */
	uint64_t file;     /* number in the order of opening */
	char why[WT_CAPTURE_WHY_MAX]; /* why it ends here; "" where that is clean */
};

/* The first block of the next file. Held, like any block, until the next call for
 * the same reader returns. */
WT_MUST_USE const struct wt_share_block *
wt_capture_share_begin(struct wt_capture_share *s, unsigned reader,
		       const struct wt_capture_file *file);

/* The block after the one held, which is not an end. `rest`: the bytes of the held
 * one that are still wanted (at most WT_CAPTURE_BLOCK_MAX); they lie in front of the
 * new block's bytes then. */
WT_MUST_USE const struct wt_share_block *
wt_capture_share_next(struct wt_capture_share *s, unsigned reader, struct wt_slice rest);

/* Leaves the file, read to its end or not. True: `hash` is set. */
bool wt_capture_share_leave(struct wt_capture_share *s, unsigned reader,
			    uint8_t hash[WT_FASTHASH_LEN]);

/* The reader wants nothing more and holds up nobody. */
void wt_capture_share_quit(struct wt_capture_share *s, unsigned reader);

#endif
