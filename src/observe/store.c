/* SQLite: opening, migrating, setting aside, writing batches, reading tables. The only
 * user of libsqlite3. See store.h.
 * Source: sqlite.org/c3ref, /wal.html, /pragma.html, /security.html.
 * Trust: the database may be damaged on purpose: opened with SQLITE_DBCONFIG_DEFENSIVE
 * and without trusting its schema, checked before it is used.
 * Memory: SQLite's own, bounded by its soft heap limit. */
#define _GNU_SOURCE /* asprintf */
#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include "observe/store_inner.h"

#define APPLICATION_ID 0x77746170 /* "wtap", what file(1) shows */
#define HEAP_BYTES (8 * 1048576)
#define CHECK_BYTES_MAX (INT64_C(1) << 30) /* larger files are not read through first */

struct wt_store_db {
	char *path; /* owned */
	enum wt_store_mode mode;
	FILE *errors;
	sqlite3 *db;
	sqlite3_stmt *write[WT_N_WRITES];
	unsigned n_rebuilt;
};

static bool is_damage(int code)
{
	return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

static int run(struct wt_store_db *s, const char *sql)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL);
}

static int64_t number_of(struct wt_store_db *s, const char *sql, int64_t otherwise)
{
	sqlite3_stmt *stmt = NULL;
	int64_t number = otherwise;

	if (sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		number = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return number;
}

static void close_db(struct wt_store_db *s)
{
	unsigned i;

	for (i = 0; i < WT_N_WRITES; i++) {
		(void)sqlite3_finalize(s->write[i]);
		s->write[i] = NULL;
	}
	(void)sqlite3_close(s->db);
	s->db = NULL;
}

static int open_db(struct wt_store_db *s)
{
	int flags = s->mode == WT_STORE_READ ? SQLITE_OPEN_READONLY
					     : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	int code = sqlite3_open_v2(s->path, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL);

	if (code != SQLITE_OK)
		return code;
	(void)sqlite3_extended_result_codes(s->db, 1);
	(void)sqlite3_busy_timeout(s->db, 5000);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	(void)sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, 4 * 1048576);
	return run(s, "PRAGMA cell_size_check = ON; PRAGMA cache_size = -4096;"
		      "PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0");
}

/* Reads the whole file through, where that does not take long. */
static int check_db(struct wt_store_db *s)
{
	int64_t bytes =
		number_of(s, "PRAGMA page_count", 0) * number_of(s, "PRAGMA page_size", 0);
	sqlite3_stmt *stmt = NULL;
	int code;

	if (bytes > CHECK_BYTES_MAX)
		return SQLITE_OK;
	code = sqlite3_prepare_v2(s->db, "PRAGMA quick_check(1)", -1, &stmt, NULL);
	if (code == SQLITE_OK) {
		code = sqlite3_step(stmt);
		if (code == SQLITE_ROW)
			code = strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") == 0
				       ? SQLITE_OK
				       : SQLITE_CORRUPT;
	}
	(void)sqlite3_finalize(stmt);
	return code;
}

static int migrate(struct wt_store_db *s, unsigned from)
{
	char pragmas[96];
	unsigned version;
	int code = SQLITE_OK;

	for (version = from + 1; version <= WT_STORE_SCHEMA && code == SQLITE_OK; version++) {
		snprintf(pragmas, sizeof(pragmas),
			 "PRAGMA application_id = %d; PRAGMA user_version = %u; COMMIT",
			 APPLICATION_ID, version);
		code = run(s, "BEGIN IMMEDIATE");
		if (code == SQLITE_OK)
			code = run(s, wt_store_migration(version));
		if (code == SQLITE_OK)
			code = run(s, pragmas);
		if (code != SQLITE_OK)
			(void)run(s, "ROLLBACK");
	}
	return code;
}

static int prepare_writes(struct wt_store_db *s)
{
	unsigned i, mask;
	int code = SQLITE_OK;

	for (i = 0; i < WT_N_WRITES && code == SQLITE_OK; i++)
		code = sqlite3_prepare_v3(s->db,
					  wt_store_write_sql((enum wt_store_write)i, &mask), -1,
					  SQLITE_PREPARE_PERSISTENT, &s->write[i], NULL);
	return code;
}

/* Version of the schema, 0 for an empty file, -1 for a database of something else. */
static int64_t version_of(struct wt_store_db *s)
{
	int64_t version = number_of(s, "PRAGMA user_version", -1);

	if (number_of(s, "PRAGMA application_id", -1) == APPLICATION_ID)
		return version > 0 ? version : -1;
	return version == 0 && number_of(s, "SELECT count(*) FROM sqlite_schema", -1) == 0 ? 0
											   : -1;
}

/* Opens, checks and brings up to date. SQLITE_SCHEMA: of a newer version, _MISMATCH: of
 * another program, _EMPTY: nothing was written yet. */
static int ready_db(struct wt_store_db *s)
{
	int code = open_db(s);
	int64_t version;

	if (code == SQLITE_OK)
		code = check_db(s);
	if (code != SQLITE_OK)
		return code;
	version = version_of(s);
	if (version < 0)
		return SQLITE_MISMATCH;
	if (version == 0 && s->mode == WT_STORE_READ)
		return SQLITE_EMPTY;
	if (version > (int64_t)WT_STORE_SCHEMA)
		return SQLITE_SCHEMA;
	if (s->mode == WT_STORE_READ)
		return version < (int64_t)WT_STORE_SCHEMA ? SQLITE_READONLY : SQLITE_OK;
	code = run(s, s->mode == WT_STORE_STATE
			      ? "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"
			      : "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
	if (code == SQLITE_OK)
		code = migrate(s, (unsigned)version);
	return code == SQLITE_OK ? prepare_writes(s) : code;
}

/* Moves the database and its log out of the way. */
static bool set_aside(struct wt_store_db *s)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char *from, *to;
	unsigned n, i;
	bool is_moved = false;

	close_db(s);
	for (n = 1; n < 1000 && !is_moved; n++) {
		if (asprintf(&to, "%s.damaged-%u", s->path, n) < 0)
			return false;
		is_moved = access(to, F_OK) != 0 && rename(s->path, to) == 0;
		if (is_moved)
			fprintf(s->errors,
				"wardtap: %s is damaged; it was set aside as %s and is "
				"built anew\n",
				s->path, to);
		free(to);
		if (!is_moved && access(s->path, F_OK) != 0)
			break;
	}
	for (i = 1; i < 3 && is_moved; i++) {
		if (asprintf(&from, "%s%s", s->path, ends[i]) < 0)
			return false;
		if (asprintf(&to, "%s.damaged-%u%s", s->path, n - 1, ends[i]) >= 0) {
			(void)rename(from, to);
			free(to);
		}
		free(from);
	}
	if (!is_moved)
		fprintf(s->errors, "wardtap: %s is damaged and cannot be set aside: %s\n",
			s->path, strerror(errno));
	s->n_rebuilt += is_moved;
	return is_moved;
}

static void tell(struct wt_store_db *s, int code)
{
	if (code == SQLITE_SCHEMA)
		fprintf(s->errors,
			"wardtap: %s: found schema version %lld; this program knows "
			"versions up to %u\n",
			s->path, (long long)number_of(s, "PRAGMA user_version", 0),
			WT_STORE_SCHEMA);
	else if (code == SQLITE_READONLY && s->mode == WT_STORE_READ)
		fprintf(s->errors,
			"wardtap: %s: of an older version; it is brought up to date "
			"when a sensor or replay next opens it\n",
			s->path);
	else if (code == SQLITE_MISMATCH)
		fprintf(s->errors, "wardtap: %s: a database of another program\n", s->path);
	else if (code == SQLITE_EMPTY)
		fprintf(s->errors, "wardtap: %s: no inventory was written yet\n", s->path);
	else if (is_damage(code))
		fprintf(s->errors, "wardtap: %s: damaged\n", s->path);
	else
		fprintf(s->errors, "wardtap: %s: %s\n", s->path,
			s->db ? sqlite3_errmsg(s->db) : sqlite3_errstr(code));
}

static bool ready(struct wt_store_db *s)
{
	int code = ready_db(s);

	if (is_damage(code) && s->mode == WT_STORE_STATE) {
		if (!set_aside(s))
			return false;
		code = ready_db(s);
	}
	if (code == SQLITE_OK)
		return true;
	tell(s, code);
	return false;
}

static int write_row(struct wt_store_db *s, const struct wt_store_batch *b,
		     const struct wt_store_row *row)
{
	sqlite3_stmt *stmt = s->write[row->write];
	unsigned i, mask;
	int code = SQLITE_OK;

	(void)wt_store_write_sql((enum wt_store_write)row->write, &mask);
	for (i = 0; i < row->n_numbers; i++)
		code |= sqlite3_bind_int64(stmt, (int)i + 1, row->number[i]);
	for (i = 0; i < row->n_bytes; i++) {
		const void *at = b->bytes + row->at[i];
		int len = (int)row->len[i], where = WT_BYTES_FROM + (int)i;

		code |= mask & 1u << i ? sqlite3_bind_text(stmt, where, at, len, SQLITE_STATIC)
				       : sqlite3_bind_blob(stmt, where, at, len, SQLITE_STATIC);
	}
	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	(void)sqlite3_reset(stmt);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int write_rows(struct wt_store_db *s, const struct wt_store_batch *b)
{
	int code = run(s, "BEGIN IMMEDIATE");
	size_t i;

	for (i = 0; i < b->n_rows && code == SQLITE_OK; i++)
		code = write_row(s, b, &b->row[i]);
	if (code == SQLITE_OK)
		code = run(s, "COMMIT");
	if (code != SQLITE_OK)
		(void)run(s, "ROLLBACK");
	return code;
}
static int read_rows(struct wt_store_db *s, struct wt_store_loader *loader,
		     enum wt_store_read table)
{
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v2(s->db, wt_store_read_sql(table), -1, &stmt, NULL);
	struct wt_store_cells cells;
	unsigned i;

	while (code == SQLITE_OK && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		memset(&cells, 0, sizeof(cells));
		cells.n = (unsigned)sqlite3_column_count(stmt);
		for (i = 0; i < cells.n && i < 20; i++) {
			if (sqlite3_column_type(stmt, (int)i) == SQLITE_INTEGER) {
				cells.number[i] = sqlite3_column_int64(stmt, (int)i);
				continue;
			}
			cells.bytes[i].ptr = sqlite3_column_blob(stmt, (int)i);
			cells.bytes[i].len = (size_t)sqlite3_column_bytes(stmt, (int)i);
		}
		(void)wt_store_loader_take(loader, table, &cells);
		code = SQLITE_OK;
	}
	(void)sqlite3_finalize(stmt);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

void wt_store_db_meta(struct wt_store_db *s, const char *key, char *value, size_t size)
{
	sqlite3_stmt *stmt = NULL;

	value[0] = 0;
	if (sqlite3_prepare_v2(s->db, "SELECT value FROM meta WHERE key = ?1", -1, &stmt,
			       NULL) == SQLITE_OK &&
	    sqlite3_bind_text(stmt, 1, key, -1, SQLITE_STATIC) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_text(stmt, 0))
		snprintf(value, size, "%s", (const char *)sqlite3_column_text(stmt, 0));
	(void)sqlite3_finalize(stmt);
}

static enum wt_store_result result_of(int code)
{
	return code == SQLITE_OK ? WT_STORE_GOOD
	       : is_damage(code) ? WT_STORE_DAMAGED
				 : WT_STORE_FAILED;
}

struct wt_store_db *wt_store_db_open(const char *path, enum wt_store_mode mode, FILE *errors)
{
	struct wt_store_db *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	(void)sqlite3_soft_heap_limit64(HEAP_BYTES);
	s->mode = mode;
	s->errors = errors;
	s->path = strdup(path);
	if (s->path && ready(s))
		return s;
	wt_store_db_close(s);
	return NULL;
}

bool wt_store_db_rebuild(struct wt_store_db *s)
{
	return s->mode == WT_STORE_STATE && set_aside(s) && ready_db(s) == SQLITE_OK;
}

bool wt_store_db_is_sound(struct wt_store_db *s)
{
	(void)run(s, "PRAGMA wal_checkpoint(TRUNCATE)");
	close_db(s);
	return !is_damage(ready_db(s));
}

enum wt_store_result wt_store_db_write(struct wt_store_db *s,
				       const struct wt_store_batch *batch)
{
	return result_of(write_rows(s, batch));
}

enum wt_store_result wt_store_db_read(struct wt_store_db *s, enum wt_store_read table,
				      struct wt_store_loader *loader)
{
	return result_of(read_rows(s, loader, table));
}

const char *wt_store_db_error(const struct wt_store_db *s)
{
	return s->db ? sqlite3_errmsg(s->db) : "not open";
}

unsigned wt_store_db_n_rebuilt(const struct wt_store_db *s)
{
	return s->n_rebuilt;
}

void wt_store_db_close(struct wt_store_db *s)
{
	/* One plain file stays, which can be read from where nothing can be written. */
	if (s->db && s->mode == WT_STORE_STATE)
		(void)run(s, "PRAGMA journal_mode = DELETE");
	close_db(s);
	free(s->path);
	free(s);
}
