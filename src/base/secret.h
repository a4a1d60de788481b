/* Files that hold a secret: keys, tokens, passwords. What others could have read or
 * written is refused, so that a mistake in the rights of a file is found at once and not
 * after it was used.
 *
 * A path "credential:NAME" is the file NAME in $CREDENTIALS_DIRECTORY, where systemd puts
 * what LoadCredential names. */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <sys/types.h>

#include "wardtap/types.h"

#define WT_SECRET_MAX 4096u      /* bytes of a secret text */
#define WT_SECRET_PATH_MAX 4352u /* bytes of a path, with the folder of credentials */

/* Owners that are accepted are root, the user who runs this, and this one (the user that
 * the program will become). Once, before threads. */
void wt_secret_trust(uid_t owner);

/* The path as open(2) takes it. False: a credential without its folder, or of no proper
 * name; `error` reads "found ...; expected ...". */
WT_MUST_USE bool wt_secret_path(const char *path, char full[WT_SECRET_PATH_MAX], char *error,
				size_t error_size);

/* Opens the file for reading and looks at its owner and mode. Below 0: `error` reads
 * "found ...; expected ...". `kind`: what is in it, for the error ("key bytes"). */
WT_MUST_USE int wt_secret_open(const char *path, const char *kind, char *error,
			       size_t error_size);

/* The one line of text in the file, without its newline, and a NUL. The caller wipes
 * `text`. False as above; also for an empty file, a second line and control bytes. */
WT_MUST_USE bool wt_secret_read(const char *path, char text[WT_SECRET_MAX], char *error,
				size_t error_size);

#endif
