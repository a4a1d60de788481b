/* Which capture files a run reads, and in which order.
 *
 * Paths are files or folders; folders are walked to the bottom. Links to files are
 * followed, links to folders only where they were named on the command line.
 * FIFOs, sockets and devices are never opened. A file that is reached twice (links,
 * or named twice) is read once. The order is the time of the first packet, then the
 * path: it does not depend on the order of the arguments or of the folder's entries.
 * Files without a packet come last.
 *
 * Trust: names and contents of files are hostile.
 * Memory: about 100 bytes and the path per file. */
#ifndef WT_CAPTURE_LIST_H
#define WT_CAPTURE_LIST_H

#include "wardtap/types.h"

#define WT_CAPTURE_WHY_MAX 224   /* a sentence on a damage, with its NUL */
#define WT_CAPTURE_FOLDERS_MAX 64 /* folders inside each other; deeper is an error */

struct wt_capture_file {
	char *path;
	uint64_t size;     /* bytes, when listed; what is added later is not read */
	uint64_t device;   /* these two: which file it was, so that */
	uint64_t inode;    /* a replaced one is noticed */
	uint64_t first_ns; /* time of the first packet; UINT64_MAX without one */
	bool is_named;     /* on the command line, not found in a folder */
};

/* Something that is not in the list of files, and why. */
struct wt_capture_note {
	char *path;
	char *why;      /* continues "PATH: " */
	bool is_damage; /* makes the run incomplete; otherwise merely passed over */
};

/* Read-only once made: any number of threads may read from the same list. */
struct wt_capture_list {
	struct wt_capture_file *file;
	size_t n_files;
	struct wt_capture_note *note;
	size_t n_notes;
	uint64_t total_bytes; /* sum of sizes */
};

/* Lists all captures under `paths`. A regular file that is no capture is passed
 * over in a folder and an error where it was named. Owned by the caller
 * (wt_capture_list_free). NULL: out of memory; everything else is in the notes. */
WT_MUST_USE struct wt_capture_list *wt_capture_list_new(char *const paths[], size_t n_paths);
void wt_capture_list_free(struct wt_capture_list *list);

#endif
