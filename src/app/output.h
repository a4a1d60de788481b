/* Files of results in the output folder: written in large pieces, hashed as they are
 * written, complete or reported. */
#ifndef APP_OUTPUT_H
#define APP_OUTPUT_H

#include "base/digest.h"
#include "wardtap/bytes.h"

struct wt_output_file;

/* Makes the folder when it does not exist. False with a message on standard error. */
WT_MUST_USE bool wt_output_folder(const char *folder);

/* Removes folder/name where it exists. */
void wt_output_remove(const char *folder, const char *name);

/* Creates folder/name anew. NULL with a message on standard error. */
WT_MUST_USE struct wt_output_file *wt_output_open(const char *folder, const char *name);

/* Writes. A failure is remembered, told once, and makes close say false. */
void wt_output_write(struct wt_output_file *f, struct wt_slice bytes);

/* Makes everything written so far visible to readers of the file. */
void wt_output_flush(struct wt_output_file *f);

/* Flushes and closes; gives the SHA-256 of all bytes and their number. False when
 * anything could not be written. Frees f. */
WT_MUST_USE bool wt_output_close(struct wt_output_file *f, uint8_t digest[WT_SHA256_LEN],
				 uint64_t *len);

#endif
