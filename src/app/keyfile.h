/* The key of the pseudonyms, read from privacy.key_file. */
#ifndef APP_KEYFILE_H
#define APP_KEYFILE_H

#include "wardtap/types.h"

#define WT_KEY_MIN 16u   /* bytes: 128 bits */
#define WT_KEY_MAX 4096u /* bytes */

/* Reads the whole file, as bytes, into `key` (WT_KEY_MAX bytes) and its length into
 * `len`; a newline that an editor left at the end is part of the key. Refused: what
 * is no regular file, has another length, or lets group or others read or write.
 * False: `error` reads "found ...; expected ...". The caller wipes `key`. */
WT_MUST_USE bool wt_key_read(const char *path, uint8_t key[WT_KEY_MAX], size_t *len,
			     char *error, size_t error_size);

#endif
