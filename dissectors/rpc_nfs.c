/* ONC RPC: MOUNT and NFS 2, 3, 4: names, writes, first bytes of files.
 *
 * Handles are 32 octets (version 2) or of stated length (3, 4). A compound of version 4
 * is walked operation by operation, until one whose arguments are not read here.
 * Source: RFC 1094 2.2, appendix A; RFC 1813 3.3, appendix I; RFC 7530 16; RFC 8881 18.
 * Trust: every byte is hostile; counts and lengths are bounded.
 * Memory: the tables of struct rpc_state. */
#include "rpc_fields.h"
#include "wardtap/names.h"
#include "wardtap/utf.h"

#define EXPORTS_MAX 16u
#define EXPORTS_COUNTED 256u
#define OPS_MAX 16u
#define NFS2_HANDLE 32u

static const char *const names2[] = {
	"null", "getattr",    "setattr", "root",   "lookup",  "readlink",
	"read", "writecache", "write",   "create", "remove",  "rename",
	"link", "symlink",    "mkdir",   "rmdir",  "readdir", "statfs",
};
static const char *const names3[] = {
	"null",   "getattr", "setattr",  "lookup", "access",  "readlink",
	"read",   "write",   "create",   "mkdir",  "symlink", "mknod",
	"remove", "rmdir",   "rename",   "link",   "readdir", "readdirplus",
	"fsstat", "fsinfo",  "pathconf", "commit",
};
static const char *const names_mount[] = { "null", "mnt", "dump", "umnt", "umntall", "export" };

#define N_OF(table) (sizeof(table) / sizeof((table)[0]))

const char *rpc_nfs_procedure(uint32_t program, uint32_t version, uint32_t procedure)
{
	if (program == RPC_MOUNT)
		return procedure < N_OF(names_mount) ? names_mount[procedure] : NULL;
	if (version == 2)
		return procedure < N_OF(names2) ? names2[procedure] : NULL;
	if (version == 3)
		return procedure < N_OF(names3) ? names3[procedure] : NULL;
	return procedure == 0 ? "null" : procedure == 1 ? "compound" : NULL;
}

/* What a call does, whatever the version says of it. */
enum deed {
	QUIET,
	LOOKUP,
	READ_FILE,
	WRITE_FILE,
	SETATTR,
	MAKE,
	REMOVE,
	RENAME,
	LINK,
	LIST,
	OTHER
};

static enum deed deed_of(uint32_t version, uint32_t procedure)
{
	static const uint8_t deeds2[N_OF(names2)] = {
		OTHER, QUIET,  SETATTR, QUIET, LOOKUP, QUIET, READ_FILE, QUIET, WRITE_FILE,
		MAKE,  REMOVE, RENAME,  LINK,  MAKE,   MAKE,  REMOVE,    LIST,  QUIET,
	};
	static const uint8_t deeds3[N_OF(names3)] = {
		OTHER, QUIET, SETATTR, LOOKUP, QUIET,  QUIET,  READ_FILE, WRITE_FILE,
		MAKE,  MAKE,  MAKE,    MAKE,   REMOVE, REMOVE, RENAME,    LINK,
		LIST,  LIST,  QUIET,   QUIET,  QUIET,  QUIET,
	};

	if (version == 2)
		return procedure < N_OF(deeds2) ? (enum deed)deeds2[procedure] : OTHER;
	if (version == 3)
		return procedure < N_OF(deeds3) ? (enum deed)deeds3[procedure] : OTHER;
	return OTHER;
}

static void put_filename(struct rpc_unit *u, struct wt_slice name)
{
	uint8_t room[8];

	put_FILENAME(u->out, rpc_event(u), name);
	wt_put_FILE_NAME(u->out, u->event, name);
	wt_put_FILE_EXTENSION(u->out, u->event, wt_path_extension(name, room));
}

static void put_rename(struct rpc_unit *u, struct wt_slice name)
{
	put_FILENAME(u->out, u->event, name);
	put_RENAME_TO(u->out, u->event, name);
}

static struct wt_slice handle(struct rpc_unit *u)
{
	return u->call->version == 2 ? wt_rd_bytes(u->r, NFS2_HANDLE) : rpc_string(u->r);
}

/* Is it the first read or write of the file? Then it is known from now on. */
static bool is_first(struct rpc_unit *u, struct wt_slice id, bool is_write)
{
	struct rpc_state *s = u->s;
	uint64_t hash = wt_out_hash(u->out, id);
	unsigned i;

	for (i = 0; i < RPC_FILES; i++)
		if (s->file[is_write][i] == hash)
			return false;
	s->file[is_write][s->next_file[is_write]++ % RPC_FILES] = hash;
	return true;
}

static uint64_t read_offset(struct rpc_unit *u)
{
	return u->call->version == 2 ? wt_rd_u32be(u->r) : wt_rd_u64be(u->r);
}

static void put_bytes(struct rpc_unit *u, uint64_t offset, uint32_t len)
{
	struct wt_slice bytes = wt_slice_head(wt_rd_peek(u->r), len);
	unsigned event = rpc_event(u);

	put_IO_OFFSET(u->out, event, offset);
	put_IO_LENGTH(u->out, event, len);
	wt_put_FILE_DATA(u->out, event, wt_slice_head(bytes, RPC_DATA));
	if (offset != 0)
		return;
	wt_put_FILE_KIND(u->out, event, wt_slice_text(wt_file_kind(bytes)));
	wt_put_FILE_PREAMBLE(u->out, event, wt_slice_text(wt_file_preamble_kind(bytes)));
}

/* --- versions 2 and 3 --- */

static void write_call(struct rpc_unit *u)
{
	struct wt_slice id = handle(u);
	uint64_t offset;

	if (u->call->version == 2)
		wt_rd_skip(u->r, 4);
	offset = read_offset(u);
	wt_rd_skip(u->r, u->call->version == 2 ? 4 : 8); /* total; or count, how stable */
	if (u->r->err != WT_OK || !is_first(u, id, true))
		return;
	put_IS_CHANGE(u->out, rpc_event(u), true);
	put_bytes(u, offset, wt_rd_u32be(u->r));
}

static void read_call(struct rpc_unit *u)
{
	struct wt_slice id = handle(u);
	uint64_t offset = read_offset(u);

	if (u->r->err != WT_OK || !is_first(u, id, false))
		return;
	u->call->is_read = true;
	u->call->offset = offset;
}

static void nfs_call(struct rpc_unit *u)
{
	enum deed deed = deed_of(u->call->version, u->call->procedure);

	switch (deed) {
	case QUIET:
		return;
	case READ_FILE:
		read_call(u);
		return;
	case WRITE_FILE:
		write_call(u);
		return;
	case LINK:
		(void)handle(u); /* of the file; that of the folder follows */
				 /* fall through */
	case LOOKUP:
	case MAKE:
	case REMOVE:
	case RENAME:
		(void)handle(u);
		put_filename(u, rpc_string(u->r));
		if (deed != LOOKUP)
			put_IS_CHANGE(u->out, u->event, true);
		if (deed == RENAME) {
			(void)handle(u);
			put_rename(u, rpc_string(u->r));
		}
		return;
	case SETATTR:
		put_IS_CHANGE(u->out, rpc_event(u), true);
		return;
	case LIST:
	case OTHER:
		break;
	}
	(void)rpc_event(u);
}

static void compound_reply(struct rpc_unit *u);

/* Answers are told where they failed, or hold a file's first bytes. */
static void nfs_reply(struct rpc_unit *u)
{
	uint32_t status, len;

	if (u->call->procedure == 0)
		return;
	status = wt_rd_u32be(u->r);
	if (u->r->err != WT_OK)
		return;
	if (status != 0) {
		put_NFS_STATUS(u->out, rpc_event(u), status);
		return;
	}
	if (!u->call->is_read)
		return;
	if (u->call->version == 4) {
		compound_reply(u);
		return;
	}
	if (u->call->version == 2) {
		wt_rd_skip(u->r, 68); /* attributes (RFC 1094 2.3.5) */
	} else {
		if (wt_rd_u32be(u->r))
			wt_rd_skip(u->r, 84); /* attributes (RFC 1813 2.5) */
		wt_rd_skip(u->r, 4 + 4);
	}
	len = wt_rd_u32be(u->r);
	if (u->r->err == WT_OK)
		put_bytes(u, u->call->offset, len);
}

/* --- version 4 --- */

struct op {
	uint8_t code;
	const char *name;
};

static const struct op ops[] = {
	{ 3, "access" },
	{ 4, "close" },
	{ 5, "commit" },
	{ 6, "create" },
	{ 9, "getattr" },
	{ 10, "getfh" },
	{ 11, "link" },
	{ 12, "lock" },
	{ 15, "lookup" },
	{ 16, "lookupp" },
	{ 18, "open" },
	{ 20, "open_confirm" },
	{ 22, "putfh" },
	{ 23, "putpubfh" },
	{ 24, "putrootfh" },
	{ 25, "read" },
	{ 26, "readdir" },
	{ 27, "readlink" },
	{ 28, "remove" },
	{ 29, "rename" },
	{ 30, "renew" },
	{ 31, "restorefh" },
	{ 32, "savefh" },
	{ 33, "secinfo" },
	{ 34, "setattr" },
	{ 35, "setclientid" },
	{ 36, "setclientid_confirm" },
	{ 38, "write" },
	{ 42, "exchange_id" },
	{ 43, "create_session" },
	{ 44, "destroy_session" },
	{ 52, "secinfo_no_name" },
	{ 53, "sequence" },
	{ 57, "destroy_clientid" },
	{ 58, "reclaim_complete" },
};

static const char *op_name(uint32_t code)
{
	size_t i;

	for (i = 0; i < N_OF(ops); i++)
		if (ops[i].code == code)
			return ops[i].name;
	return NULL;
}

static void skip_bitmap(struct wt_reader *r)
{
	uint32_t n = wt_rd_u32be(r);

	if (n > 8)
		wt_rd_fail(r, WT_MALFORMED);
	wt_rd_skip(r, n * 4u);
}

/* fattr4: which, and their values */
static void skip_attributes(struct wt_reader *r)
{
	skip_bitmap(r);
	(void)rpc_string(r);
}

/* RFC 7530 16.16: sequence, access, deny, owner, how, claim */
static void open_op(struct rpc_unit *u)
{
	uint32_t access, how, mode;

	wt_rd_skip(u->r, 4);
	access = wt_rd_u32be(u->r);
	wt_rd_skip(u->r, 4 + 8);
	(void)rpc_string(u->r);
	how = wt_rd_u32be(u->r);
	if (how == 1) {
		mode = wt_rd_u32be(u->r);
		if (mode == 2 || mode == 3)
			wt_rd_skip(u->r, 8);
		if (mode != 2)
			skip_attributes(u->r);
	}
	if (access & 2 || how == 1)
		put_IS_CHANGE(u->out, rpc_event(u), true);
	mode = wt_rd_u32be(u->r);
	if (mode == 0)
		put_filename(u, rpc_string(u->r));
	else if (mode == 1)
		wt_rd_skip(u->r, 4);
}

/* RFC 8881 18.35: verifier, owner, flags, protection, who wrote the client */
static void exchange_id_op(struct rpc_unit *u)
{
	wt_rd_skip(u->r, 8);
	(void)rpc_string(u->r);
	wt_rd_skip(u->r, 4);
	if (wt_rd_u32be(u->r) != 0 || wt_rd_u32be(u->r) != 1) {
		wt_rd_fail(u->r, WT_MALFORMED); /* protection is not read here */
		return;
	}
	(void)rpc_string(u->r);
	wt_put_HOST_SOFTWARE(u->out, rpc_event(u), rpc_string(u->r));
	wt_rd_skip(u->r, 12);
}

/* RFC 7530 16.4: kind, for links and devices more, name, attributes */
static void create_op(struct rpc_unit *u)
{
	uint32_t kind = wt_rd_u32be(u->r);

	if (kind == 5)
		(void)rpc_string(u->r);
	else if (kind == 3 || kind == 4)
		wt_rd_skip(u->r, 8);
	put_filename(u, rpc_string(u->r));
	put_IS_CHANGE(u->out, u->event, true);
	skip_attributes(u->r);
}

/* A first write is told; the rest of its bytes and what follows are not read. */
static bool write_op(struct rpc_unit *u, struct wt_slice id)
{
	uint64_t offset;
	uint32_t len, padded;

	wt_rd_skip(u->r, 16);
	offset = wt_rd_u64be(u->r);
	wt_rd_skip(u->r, 4);
	len = wt_rd_u32be(u->r);
	if (u->r->err != WT_OK)
		return false;
	if (is_first(u, id, true)) {
		put_IS_CHANGE(u->out, rpc_event(u), true);
		put_bytes(u, offset, len);
	}
	padded = (len + 3u) & ~3u;
	if (padded < len || padded > wt_rd_left(u->r))
		return false;
	wt_rd_skip(u->r, padded);
	return true;
}

static void read_op(struct rpc_unit *u, struct wt_slice id)
{
	uint64_t offset;

	wt_rd_skip(u->r, 16);
	offset = wt_rd_u64be(u->r);
	wt_rd_skip(u->r, 4);
	if (u->r->err != WT_OK || !is_first(u, id, false))
		return;
	u->call->is_read = true;
	u->call->offset = offset;
}

/* Results up to those of the first read (RFC 7530 15.2.2). */
static void compound_reply(struct rpc_unit *u)
{
	unsigned n, i;

	(void)rpc_string(u->r);
	n = wt_rd_u32be(u->r);
	for (i = 0; i < n && i < OPS_MAX; i++) {
		uint32_t code = wt_rd_u32be(u->r), status = wt_rd_u32be(u->r), len;

		if (u->r->err != WT_OK || status != 0)
			return;
		if (code == 53) { /* sequence */
			wt_rd_skip(u->r, 16 + 5 * 4);
		} else if (code == 25) {
			wt_rd_skip(u->r, 4);
			len = wt_rd_u32be(u->r);
			if (u->r->err == WT_OK)
				put_bytes(u, u->call->offset, len);
			return;
		} else if (code != 22) { /* putfh holds nothing more */
			return;
		}
	}
}

/* Arguments of fixed length that say nothing here; -1: of another operation. */
static int quiet_len(uint32_t code)
{
	switch (code) {
	case 10: /* getfh, lookupp, putpubfh, putrootfh, readlink, restorefh, savefh */
	case 16:
	case 23:
	case 24:
	case 27:
	case 31:
	case 32:
		return 0;
	case 3: /* access, secinfo_no_name, reclaim_complete */
	case 52:
	case 58:
		return 4;
	case 4: /* close, open_confirm */
	case 20:
		return 4 + 16;
	case 5: /* commit */
		return 8 + 4;
	case 53: /* sequence */
		return 16 + 4 + 4 + 4 + 4;
	default:
		return -1;
	}
}

/* Reads one operation's arguments; false where the walk ends. */
static bool walk_op(struct rpc_unit *u, uint32_t code, struct wt_slice *id)
{
	struct wt_reader *r = u->r;
	int len = quiet_len(code);

	if (len >= 0) {
		wt_rd_skip(r, (size_t)len);
		return r->err == WT_OK;
	}
	switch (code) {
	case 6:
		create_op(u);
		break;
	case 9: /* getattr */
		skip_bitmap(r);
		break;
	case 15: /* lookup */
		put_filename(u, rpc_string(r));
		break;
	case 18:
		open_op(u);
		break;
	case 22:
		*id = rpc_string(r);
		break;
	case 25:
		read_op(u, *id);
		break;
	case 26: /* readdir */
		wt_rd_skip(r, 8 + 8 + 4 + 4);
		skip_bitmap(r);
		(void)rpc_event(u);
		break;
	case 28: /* remove, rename */
	case 29:
		put_filename(u, rpc_string(r));
		if (code == 29)
			put_rename(u, rpc_string(r));
		put_IS_CHANGE(u->out, u->event, true);
		break;
	case 34: /* setattr */
		wt_rd_skip(r, 16);
		skip_attributes(r);
		put_IS_CHANGE(u->out, rpc_event(u), true);
		break;
	case 38:
		return write_op(u, *id);
	case 42:
		exchange_id_op(u);
		break;
	default:
		(void)rpc_event(u);
		return false;
	}
	return r->err == WT_OK;
}

/* RFC 7530 15.2: tag, minor version, operations */
static void compound_call(struct rpc_unit *u)
{
	struct wt_slice id = wt_slice_of(NULL, 0);
	const char *seen[OPS_MAX];
	unsigned n, i, k;
	uint32_t minor;

	(void)rpc_string(u->r);
	minor = wt_rd_u32be(u->r);
	n = wt_rd_u32be(u->r);
	for (i = 0; i < n && i < OPS_MAX; i++) {
		uint32_t code = wt_rd_u32be(u->r);

		if (u->r->err != WT_OK)
			break;
		seen[i] = op_name(code);
		if (!walk_op(u, code, &id)) {
			i++;
			break;
		}
	}
	if (u->event == WT_EVENT_NONE)
		return;
	put_NFS_MINOR(u->out, u->event, minor);
	for (k = 0; k < i; k++)
		put_NFS_OPS(u->out, u->event, wt_slice_text(seen[k]));
}

void rpc_nfs(struct rpc_unit *u)
{
	if (u->is_reply)
		nfs_reply(u);
	else if (u->call->version == 4 && u->call->procedure == 1)
		compound_call(u);
	else
		nfs_call(u);
	if (!u->is_reply)
		u->r->err = WT_OK; /* arguments cut by the view are no fault */
}

/* --- MOUNT (RFC 1813 appendix I) --- */

static void export_reply(struct rpc_unit *u)
{
	unsigned event = rpc_event(u), n = 0, k;

	while (n < EXPORTS_COUNTED && wt_rd_u32be(u->r) == 1) {
		struct wt_slice path = rpc_string(u->r);

		if (n++ < EXPORTS_MAX)
			put_EXPORTS(u->out, event, path);
		for (k = 0; k < EXPORTS_COUNTED && wt_rd_u32be(u->r) == 1; k++)
			(void)rpc_string(u->r);
	}
	put_EXPORT_COUNT(u->out, event, n);
}

void rpc_mount(struct rpc_unit *u)
{
	uint32_t procedure = u->call->procedure, status;
	unsigned event;

	if (u->is_reply && procedure == 5) {
		export_reply(u);
	} else if (u->is_reply && procedure == 1) {
		event = rpc_event(u);
		status = wt_rd_u32be(u->r);
		if (u->r->err == WT_OK)
			put_NFS_STATUS(u->out, event, status);
	} else if (!u->is_reply) {
		event = rpc_event(u);
		if (procedure == 1 || procedure == 3)
			put_MOUNT_PATH(u->out, event, rpc_string(u->r));
	}
	u->r->err = WT_OK;
}
