/* What the files of the store share: store.c (SQLite), store_thread.c (the writing
 * thread, opening and closing), store_batch.c (what changed, taken over from the
 * inventory), store_schema.c (tables and statements), store_load.c (putting back).
 * Nobody else includes this.
 *
 * A batch is a list of rows for prepared statements: numbers and byte strings, already
 * copied, so that the writing thread never looks at the inventory. */
#ifndef OBSERVE_STORE_INNER_H
#define OBSERVE_STORE_INNER_H

#include <pthread.h>
#include <stdatomic.h>

#include "observe/store.h"

/* Statements that write; numbers are bound from ?1 on, bytes from ?21 on. */
enum wt_store_write {
	WT_PUT_META,
	WT_PUT_NODE,
	WT_DROP_NODE,
	WT_CLEAR_IDENTITIES,
	WT_PUT_IDENTITY,
	WT_CLEAR_FACTS,
	WT_PUT_FACT,
	WT_CLEAR_PEERS,
	WT_PUT_PEER,
	WT_CLEAR_VIA,
	WT_PUT_VIA,
	WT_CLEAR_CONFLICTS,
	WT_PUT_CONFLICT,
	WT_CLEAR_LINKS,
	WT_PUT_LINK,
	WT_N_WRITES,
};

enum wt_store_read {
	WT_GET_META,
	WT_GET_NODES,
	WT_GET_IDENTITIES,
	WT_GET_FACTS,
	WT_GET_PEERS,
	WT_GET_VIA,
	WT_GET_CONFLICTS,
	WT_GET_LINKS,
	WT_N_READS,
};

#define WT_ROW_NUMBERS 14u
#define WT_ROW_BYTES 5u
#define WT_BYTES_FROM 21 /* first parameter of bytes */

struct wt_store_row {
	uint8_t write; /* enum wt_store_write */
	uint8_t n_numbers, n_bytes;
	int64_t number[WT_ROW_NUMBERS];
	uint32_t at[WT_ROW_BYTES], len[WT_ROW_BYTES]; /* in the batch's bytes */
};

#define WT_BATCH_ROWS 49152u
#define WT_BATCH_BYTES 2097152u
#define WT_BATCH_SOFT_ROWS 2048u /* no further node begins beyond */

struct wt_store_batch {
	struct wt_store_row *row; /* reserved */
	uint8_t *bytes;           /* reserved */
	size_t n_rows, n_bytes;
	bool is_short; /* something found no room: counted, the node is taken up again */
};

/* SQL text of a statement, and which of its byte strings are text (bit by bit). */
const char *wt_store_write_sql(enum wt_store_write write, unsigned *text_mask);
const char *wt_store_read_sql(enum wt_store_read read);
/* Script that makes schema `version` (1..WT_STORE_SCHEMA) out of the one before. */
const char *wt_store_migration(unsigned version);

/* What the keeper's side remembers of each node. */
struct wt_store_slot {
	uint32_t id;       /* of the node that was written last from this place */
	uint32_t saved_s;  /* monotonic seconds of the last full writing, 0: never */
	uint32_t peers_s;  /* packet time, in seconds, up to which its peers are written */
	uint8_t n_partial; /* writings since then */
	bool is_waiting;   /* changed in counts alone: due at the refresh */
};

/* A list that is written whole: how long it was, and the last time in it. */
struct wt_store_listed {
	uint64_t n, last_ns;
};

struct wt_store_keeper {
	struct wt_store_slot *slot; /* reserved */
	uint32_t nodes_max;
	uint32_t refresh_s;
	uint32_t sweep_left;   /* nodes of this sweep still to be asked for */
	uint32_t waiting_from; /* where the look for waiting nodes goes on */
	uint32_t lost_from; /* and that for nodes that went unnoticed; beyond the last: none */
	struct wt_store_listed conflicts, links; /* as written last */
	uint64_t n_peers_left_out;
	bool is_all;     /* everything is written, waiting or not */
	bool is_started; /* the first batch of this run was filled */
	char profile[16];
	char hint_library[64];
	/* room for views, which are large */
	struct wt_fact_view fact[WT_NODE_FACTS_MAX];
};

/* Fills the batch; false when there is nothing (more) to write now. `now_s` is
 * monotonic time. */
bool wt_store_fill(struct wt_store_keeper *keeper, struct wt_inventory *inv,
		   struct wt_store_batch *batch, uint32_t now_s);

/* One row of a table on its way back. */
struct wt_store_cells {
	unsigned n;
	int64_t number[20];        /* of INTEGER columns */
	struct wt_slice bytes[20]; /* of TEXT and BLOB columns */
};
struct wt_store_loader;
struct wt_store_loader *wt_store_loader_new(struct wt_inventory *inv, bool keeps_hints);
/* False when the row cannot be right or has no room. */
bool wt_store_loader_take(struct wt_store_loader *loader, enum wt_store_read table,
			  const struct wt_store_cells *cells);
/* Number of rows left out. */
uint64_t wt_store_loader_free(struct wt_store_loader *loader);

/* The database itself. Used by one thread at a time. */
struct wt_store_db;
enum wt_store_result { WT_STORE_GOOD, WT_STORE_DAMAGED, WT_STORE_FAILED };

/* Opens and brings up to date; in mode STATE a damaged file is set aside first. NULL
 * with a line to `errors`. */
struct wt_store_db *wt_store_db_open(const char *path, enum wt_store_mode mode, FILE *errors);
void wt_store_db_close(struct wt_store_db *db);
/* Looks at what is on disk, not in memory. */
bool wt_store_db_is_sound(struct wt_store_db *db);
/* Sets a damaged database aside and begins an empty one. */
bool wt_store_db_rebuild(struct wt_store_db *db);
enum wt_store_result wt_store_db_write(struct wt_store_db *db,
				       const struct wt_store_batch *batch);
enum wt_store_result wt_store_db_read(struct wt_store_db *db, enum wt_store_read table,
				      struct wt_store_loader *loader);
const char *wt_store_db_error(const struct wt_store_db *db);
unsigned wt_store_db_n_rebuilt(const struct wt_store_db *db);
#define WT_STORE_PROFILE_MAX 16u
/* A value of the table meta, cut; "" when it is not there. */
void wt_store_db_meta(struct wt_store_db *db, const char *key, char *value, size_t size);

#endif
