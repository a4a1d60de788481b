/* Giving up every privilege once the rings are open.
 *
 * The order of a live start: open rings, wt_privileges_drop, then threads. What is
 * given up here cannot come back: no_new_privs is set and every capability set is
 * empty. */
#ifndef APP_PRIVILEGES_H
#define APP_PRIVILEGES_H

#include "wardtap/types.h"

/* Becomes `user` when started as root (else stays who it is), empties all
 * capability sets, sets no_new_privs, and forbids core dumps and being traced, as
 * memory holds patient data. May fall back to the user nobody where `user` does not
 * exist and may_be_nobody is set. Each step is read back. Call it while there is one
 * thread. False: `error` says which step failed; the caller must then end. */
WT_MUST_USE bool wt_privileges_drop(const char *user, bool may_be_nobody, char *error,
				    size_t error_size);

#endif
