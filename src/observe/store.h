/* The inventory on disk: one SQLite database, written behind the keeper's back.
 *
 * The keeper hands over what changed in bounded batches (wt_store_tick, which never
 * waits for the disk); a thread writes each in one transaction. A sensor that is
 * killed loses at most what changed since its last batch, and never the database:
 * write-ahead log, synchronous=FULL. A database that turns out damaged is set aside
 * (inventory.db.damaged-1, ...), told, and built anew from memory. One process writes
 * at a time (inventory.db.lock); any number may read.
 *
 * What is stored is what records hold: no direct or secret values, pseudonyms as such.
 * The schema has a version (PRAGMA user_version); older ones are brought up to date on
 * opening, newer ones are refused. store_schema.c says what is in which table.
 * Source: sqlite.org/wal.html, sqlite.org/stricttables.html.
 * Trust: the file may have been changed by anybody who may write it; every value is
 * checked as it is put back. Memory: WT_STORE_BYTES. */
#ifndef OBSERVE_STORE_H
#define OBSERVE_STORE_H

#include <stdio.h>

#include "observe/inventory.h"

#define WT_STORE_NAME "inventory.db"
#define WT_STORE_SCHEMA 3u        /* version that this program writes */
#define WT_STORE_PEERS_MAX 32768u /* conversations stored of one node, newest first */
#define WT_STORE_BYTES (UINT64_C(28) * 1048576) /* two batches, and SQLite's heap */

enum wt_store_mode {
	WT_STORE_STATE,  /* of a sensor: read it, then keep it up to date */
	WT_STORE_RESULT, /* of one replay: made anew, in place when closed */
	WT_STORE_READ,   /* for a command: nothing is written */
};

struct wt_store_options {
	const char *folder;
	enum wt_store_mode mode;
	const char *profile;  /* name of the memory profile, kept for readers */
	const char *hint_library; /* whose labels peers hold; others' are left out. NULL: none */
	uint32_t nodes_max;   /* highest node index that the inventory uses */
	FILE *errors;         /* lines for the operator; must outlive the store */
	uint32_t interval_ms; /* least time between two sweeps over what changed; 0: 5 s */
	uint32_t refresh_s; /* counts and last times alone are written this often; 0: 30 min */
};

struct wt_store;

/* NULL, with a line to `errors`, when the folder or database cannot be used. */
WT_MUST_USE struct wt_store *wt_store_open(const struct wt_store_options *options);

/* Name of the memory profile that the database was written with; "" when unknown.
 * Borrowed. */
const char *wt_store_profile(const struct wt_store *store);

/* Puts everything back into an empty inventory. False when the database is damaged:
 * in mode STATE it was set aside and an empty one is in place, and what had been read
 * until then stays. Values that no longer fit are left out and told as one line. */
bool wt_store_load(struct wt_store *store, struct wt_inventory *inv);

/* Hands over what changed, if it is time and there is room. Called often. */
void wt_store_tick(struct wt_store *store, struct wt_inventory *inv);

/* Writes all that is left (unless `inv` is NULL) and closes. False, with a line to
 * errors, when something could not be written. */
bool wt_store_close(struct wt_store *store, struct wt_inventory *inv);

/* Transactions written, and failed (tried again since). */
struct wt_store_counts {
	uint64_t n_batches, n_rows, n_failures, n_rebuilt, n_peers_left_out;
};
struct wt_store_counts wt_store_counts(const struct wt_store *store);

#endif
