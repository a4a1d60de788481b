/* The inventory's database, as commands use it. */
#ifndef APP_STATE_H
#define APP_STATE_H

#include "base/conf.h"
#include "observe/store.h"

/* Opens the database in state.dir, if that is set, and puts its devices back into the
 * inventory. *store is NULL where it is not set. False, with a line on standard error,
 * when the folder cannot be used; a damaged database is set aside and is no reason. */
WT_MUST_USE bool wt_state_open(const struct wt_conf *conf, struct wt_inventory *inv,
			       struct wt_store **store);

/* Writes the whole inventory as folder/inventory.db. */
WT_MUST_USE bool wt_state_write(const struct wt_conf *conf, struct wt_inventory *inv,
				const char *folder);

#endif
