/* Tables of inventory.db, statement by statement, and how older versions become the
 * present one.
 *
 * Times are ns since 1970 of packet time. `id` is the number of a node: given once,
 * never again. Addresses and keys are bytes as on the wire. Text that came from the
 * wire is kept as bytes (BLOB), because it may be no UTF-8; the view `facts` shows it
 * as text to people who open the file with sqlite3.
 *
 * Append only: a migration that was ever released stays as it is.
 * Trust: none needed, constants. Memory: none. */
#include "observe/store_inner.h"

static const char *const migrations[WT_STORE_SCHEMA] = {
	/* 1: devices, what is known of them, whom they talk to */
	"CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;"
	"CREATE TABLE node(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL,"
	" space INTEGER NOT NULL, part_of INTEGER NOT NULL, first_ns INTEGER NOT NULL,"
	" last_ns INTEGER NOT NULL, is_answered INTEGER NOT NULL, is_stated INTEGER NOT NULL)"
	" STRICT;"
	"CREATE TABLE identity(node INTEGER NOT NULL, kind INTEGER NOT NULL,"
	" space INTEGER NOT NULL, key BLOB NOT NULL, strength INTEGER NOT NULL,"
	" first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL,"
	" PRIMARY KEY(node, kind, space, key)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE fact(node INTEGER NOT NULL, attribute TEXT NOT NULL, value BLOB NOT NULL,"
	" is_pseudonym INTEGER NOT NULL, confidence INTEGER NOT NULL,"
	" first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL, number INTEGER NOT NULL,"
	" count INTEGER NOT NULL, capture TEXT NOT NULL, sources TEXT NOT NULL,"
	" PRIMARY KEY(node, attribute, value, is_pseudonym)) STRICT, WITHOUT ROWID;"
	"CREATE TABLE peer(node INTEGER NOT NULL, addr BLOB NOT NULL, space INTEGER NOT NULL,"
	" proto INTEGER NOT NULL, is_client INTEGER NOT NULL, port INTEGER NOT NULL,"
	" app TEXT NOT NULL, hint INTEGER NOT NULL, is_answered INTEGER NOT NULL,"
	" is_external INTEGER NOT NULL, n_flows INTEGER NOT NULL, n_messages INTEGER NOT NULL,"
	" bytes_out INTEGER NOT NULL, bytes_in INTEGER NOT NULL, first_ns INTEGER NOT NULL,"
	" last_ns INTEGER NOT NULL,"
	" PRIMARY KEY(node, addr, space, proto, is_client, port, app, hint)) STRICT, WITHOUT "
	"ROWID;",
	/* 2: who speaks of whom, contradictions, flows that belong together, losses */
	"CREATE TABLE via(node INTEGER NOT NULL, speaker INTEGER NOT NULL,"
	" first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL, number INTEGER NOT NULL,"
	" count INTEGER NOT NULL, capture TEXT NOT NULL, PRIMARY KEY(node, speaker))"
	" STRICT, WITHOUT ROWID;"
	"CREATE TABLE conflict(kind TEXT NOT NULL, about BLOB NOT NULL,"
	" holder INTEGER NOT NULL, claimant INTEGER NOT NULL, holder_key BLOB NOT NULL,"
	" claimant_key BLOB NOT NULL, first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL,"
	" number INTEGER NOT NULL, count INTEGER NOT NULL, capture TEXT NOT NULL) STRICT;"
	"CREATE TABLE link(kind TEXT NOT NULL, asker INTEGER NOT NULL, doer INTEGER NOT NULL,"
	" flow_asking INTEGER NOT NULL, flow_doing INTEGER NOT NULL,"
	" first_ns INTEGER NOT NULL, last_ns INTEGER NOT NULL, number INTEGER NOT NULL,"
	" count INTEGER NOT NULL, capture TEXT NOT NULL) STRICT;"
	"ALTER TABLE node ADD COLUMN n_lost_facts INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE node ADD COLUMN n_lost_peers INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE node ADD COLUMN is_relay INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE node ADD COLUMN is_speaker INTEGER NOT NULL DEFAULT 0;",
	/* 3: a page for people */
	"CREATE VIEW facts AS SELECT CASE node.part_of WHEN 0 THEN node.id"
	" ELSE node.part_of END AS device, attribute, CAST(value AS TEXT) AS value,"
	" confidence, datetime(fact.first_ns / 1000000000, 'unixepoch') AS first_seen,"
	" datetime(fact.last_ns / 1000000000, 'unixepoch') AS last_seen, count, number AS "
	"packet,"
	" capture, sources FROM fact JOIN node ON node.id = fact.node;",
};

struct write {
	const char *sql;
	unsigned text_mask;
};

static const struct write writes[WT_N_WRITES] = {
	[WT_PUT_META] = { "INSERT INTO meta(key, value) VALUES(?21, ?22)"
			  " ON CONFLICT(key) DO UPDATE SET value = excluded.value",
			  3 },
	[WT_PUT_NODE] = { "INSERT OR REPLACE INTO node(id, kind, space, part_of, first_ns, "
			  "last_ns,"
			  " is_answered, is_stated, n_lost_facts, n_lost_peers, is_relay, "
			  "is_speaker)"
			  " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
			  0 },
	[WT_DROP_NODE] = { "DELETE FROM node WHERE id = ?1", 0 },
	[WT_CLEAR_IDENTITIES] = { "DELETE FROM identity WHERE node = ?1", 0 },
	[WT_PUT_IDENTITY] = { "INSERT OR REPLACE INTO identity(node, kind, space, strength,"
			      " first_ns, last_ns, key) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?21)",
			      0 },
	[WT_CLEAR_FACTS] = { "DELETE FROM fact WHERE node = ?1", 0 },
	[WT_PUT_FACT] = { "INSERT OR REPLACE INTO fact(node, is_pseudonym, confidence, "
			  "first_ns,"
			  " last_ns, number, count, attribute, value, capture, sources)"
			  " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?21, ?22, ?23, ?24)",
			  1 | 4 | 8 },
	[WT_CLEAR_PEERS] = { "DELETE FROM peer WHERE node = ?1", 0 },
	[WT_PUT_PEER] = { "INSERT OR REPLACE INTO peer(node, space, proto, is_client, port, "
			  "hint,"
			  " is_answered, is_external, n_flows, n_messages, bytes_out, bytes_in,"
			  " first_ns, last_ns, addr, app) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, "
			  "?8,"
			  " ?9, ?10, ?11, ?12, ?13, ?14, ?21, ?22)",
			  2 },
	[WT_CLEAR_VIA] = { "DELETE FROM via WHERE node = ?1", 0 },
	[WT_PUT_VIA] = { "INSERT OR REPLACE INTO via(node, speaker, first_ns, last_ns, number,"
			 " count, capture) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?21)",
			 1 },
	[WT_CLEAR_CONFLICTS] = { "DELETE FROM conflict", 0 },
	[WT_PUT_CONFLICT] = { "INSERT INTO conflict(holder, claimant, first_ns, last_ns, "
			      "number,"
			      " count, kind, about, holder_key, claimant_key, capture)"
			      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?21, ?22, ?23, ?24, ?25)",
			      1 | 16 },
	[WT_CLEAR_LINKS] = { "DELETE FROM link", 0 },
	[WT_PUT_LINK] = { "INSERT INTO link(asker, doer, flow_asking, flow_doing, first_ns,"
			  " last_ns, number, count, kind, capture)"
			  " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?21, ?22)",
			  3 },
};

/* Facts in the order of attributes and strength, so that the best are put back where
 * not all have room. */
static const char *const reads[WT_N_READS] = {
	[WT_GET_META] = "SELECT key, value FROM meta",
	[WT_GET_NODES] = "SELECT id, kind, space, part_of, first_ns, last_ns, is_answered,"
			 " is_stated, n_lost_facts, n_lost_peers, is_relay, is_speaker FROM "
			 "node ORDER BY id",
	[WT_GET_IDENTITIES] = "SELECT node, kind, space, key, strength, first_ns, last_ns"
			      " FROM identity",
	[WT_GET_FACTS] = "SELECT node, attribute, value, is_pseudonym, confidence, first_ns,"
			 " last_ns, number, count, capture, sources FROM fact"
			 " ORDER BY node, attribute, confidence DESC, last_ns DESC",
	[WT_GET_PEERS] = "SELECT node, addr, space, proto, is_client, port, app, hint,"
			 " is_answered, is_external, n_flows, n_messages, bytes_out, bytes_in,"
			 " first_ns, last_ns FROM peer ORDER BY node, first_ns, last_ns",
	[WT_GET_VIA] =
		"SELECT node, speaker, first_ns, last_ns, number, count, capture FROM via",
	[WT_GET_CONFLICTS] = "SELECT holder, claimant, first_ns, last_ns, number, count, kind,"
			     " about, holder_key, claimant_key, capture FROM conflict"
			     " ORDER BY rowid",
	[WT_GET_LINKS] =
		"SELECT asker, doer, flow_asking, flow_doing, first_ns, last_ns, number,"
		" count, kind, capture FROM link ORDER BY rowid",
};

const char *wt_store_write_sql(enum wt_store_write write, unsigned *text_mask)
{
	*text_mask = writes[write].text_mask;
	return writes[write].sql;
}

const char *wt_store_read_sql(enum wt_store_read read)
{
	return reads[read];
}

const char *wt_store_migration(unsigned version)
{
	return migrations[version - 1];
}
