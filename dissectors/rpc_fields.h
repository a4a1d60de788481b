/* Private fields and state of ONC RPC, for all rooms of the dissector. The table itself
 * lives in rpc.c. */
#ifndef WARDTAP_RPC_FIELDS_H
#define WARDTAP_RPC_FIELDS_H

#include "wardtap/dissector.h"

/* clang-format off */
#define RPC_FIELDS(F) \
F(XID, U64, ONE, NONE, ASIS, 8, "", "rpc.xid", "RFC 5531 9", "Number that call and answer share.") \
F(IS_REPLY, BOOL, ONE, NONE, ASIS, 1, "", "rpc.is_reply", "RFC 5531 9", "An answer.") \
F(PROGRAM, U64, ONE, NONE, ASIS, 8, "", "rpc.program", "RFC 5531 9", "Program number.") \
F(PROGRAM_NAME, STR, ONE, NONE, ASIS, 16, "", "rpc.program_name", "IANA RPC program numbers", "The program in words, where known: portmap, mount, nfs, ...") \
F(VERSION, U64, ONE, NONE, ASIS, 8, "", "rpc.version", "RFC 5531 9", "Version of the program.") \
F(PROCEDURE, U64, ONE, NONE, ASIS, 8, "", "rpc.procedure", "RFC 5531 9", "Procedure number.") \
F(PROCEDURE_NAME, STR, ONE, NONE, ASIS, 16, "", "rpc.procedure_name", "RFC 1833, RFC 1094, RFC 1813, RFC 7530", "The procedure in words, where known.") \
F(STATUS, STR, ONE, NONE, ASIS, 24, "", "rpc.status", "RFC 5531 9", "Outcome of a call as such: success, prog_unavail, ..., auth_error.") \
F(AUTH, STR, ONE, NONE, ASIS, 16, "", "rpc.auth", "RFC 5531 8.2", "Kind of credentials: none, sys, short, dh, gss, other.") \
F(UID, STR, ONE, QUASI, ASIS, 12, "", "rpc.uid", "RFC 5531 appendix A", "User number that the client claims.") \
F(GID, U64, ONE, DEVICE, ASIS, 8, "", "rpc.gid", "RFC 5531 appendix A", "Group number that the client claims.") \
F(IS_ROOT, BOOL, ONE, NONE, ASIS, 1, "", "rpc.is_root", "RFC 5531 appendix A", "The client claims to be user 0.") \
F(MAP_PROGRAM, U64, MANY, DEVICE, ASIS, 8, "", "rpc.map_program", "RFC 1833 2.1, 3.1", "Programs asked for or told by the port mapper; the first 32.") \
F(MAP_PROGRAM_NAME, STR, MANY, NONE, ASIS, 16, "", "rpc.map_program_name", "IANA RPC program numbers", "Those of them that are known, in words.") \
F(MAP_VERSION, U64, MANY, DEVICE, ASIS, 8, "", "rpc.map_version", "RFC 1833 3.1", "Their versions.") \
F(MAP_PROTOCOL, U64, MANY, DEVICE, ASIS, 8, "", "rpc.map_protocol", "RFC 1833 3.1", "Their transport: 6 TCP, 17 UDP.") \
F(MAP_PORT, U64, MANY, DEVICE, ASIS, 8, "", "rpc.map_port", "RFC 1833 3.1", "Their ports; 0: not there.") \
F(MAP_ADDRESS, STR, MANY, DEVICE, ASIS, 64, "", "rpc.map_address", "RFC 1833 2.1, RFC 5665 5.2.3.2", "Their universal addresses.") \
F(MOUNT_PATH, STR, ONE, DIRECT, ASIS, 1024, "", "rpc.mount_path", "RFC 1813 appendix I", "Folder that is mounted, for rules.") \
F(EXPORTS, STR, MANY, DIRECT, ASIS, 255, "", "rpc.exports", "RFC 1813 appendix I", "Folders that the server offers, for rules; the first 16.") \
F(EXPORT_COUNT, U64, ONE, NONE, ASIS, 8, "", "rpc.export_count", "RFC 1813 appendix I", "How many folders the server offers.") \
F(NFS_OPS, STR, MANY, NONE, ASIS, 20, "", "rpc.nfs_ops", "RFC 7530 15.2", "Operations of an NFS 4 compound, up to the first that is not read here.") \
F(NFS_MINOR, U64, ONE, NONE, ASIS, 8, "", "rpc.nfs_minor", "RFC 7530 15.2", "Minor version of NFS 4.") \
F(NFS_STATUS, U64, ONE, NONE, ASIS, 8, "", "rpc.nfs_status", "RFC 1813 2.6", "Outcome of an NFS or mount call; 0 success.") \
F(FILENAME, STR, MANY, DIRECT, ASIS, 255, "", "rpc.filename", "RFC 1813 3.3", "Names of files, for rules.") \
F(RENAME_TO, STR, ONE, DIRECT, ASIS, 255, "", "rpc.rename_to", "RFC 1813 3.3.14", "New name of a file, for rules.") \
F(IS_CHANGE, BOOL, ONE, NONE, ASIS, 1, "", "rpc.is_change", "RFC 1813 3.3", "The call writes, creates, renames, removes or changes attributes.") \
F(IO_OFFSET, U64, ONE, NONE, ASIS, 8, "bytes", "rpc.io_offset_bytes", "RFC 1813 3.3.6", "Where in the file a first read or write begins.") \
F(IO_LENGTH, U64, ONE, NONE, ASIS, 8, "bytes", "rpc.io_length_bytes", "RFC 1813 3.3.6", "Length of that read or write.")
/* clang-format on */

enum rpc_field { RPC_FIELDS(WT_FIELD_ENUM) RPC_N_FIELDS };

/* Several rooms share the setters, and none uses all. */
#define RPC_FIELD_SETTER(id, type, mult, phi, declass, cap, unit, name, clause, doc)           \
	static inline void put_##id(struct wt_out *out, unsigned event, WT_CTYPE_##type value) \
	{                                                                                      \
		WT_PUT_##type(out, event, WT_FIELD_BASE + (unsigned)F_##id, value);            \
	}
RPC_FIELDS(RPC_FIELD_SETTER)

#define RPC_PORTMAP 100000u
#define RPC_NFS 100003u
#define RPC_MOUNT 100005u
#define RPC_CALLS 24u
#define RPC_FILES 32u
#define RPC_DATA 4096u

/* A call that waits for its answer. */
struct rpc_call {
	uint32_t xid, program, version, procedure;
	uint64_t offset;
	bool is_used;
	bool is_told;   /* it made an event */
	bool is_read;   /* the answer's data are the first that are read of a file */
};

struct rpc_state {
	struct rpc_call call[RPC_CALLS];
	uint64_t file[2][RPC_FILES]; /* hashes of handles that were read, written */
	uint8_t next_call, next_file[2];
	bool is_inside[2]; /* a record of several fragments */
	bool is_known;     /* a record of ours was read */
};

/* A call or answer at hand: `r` stands behind the head. */
struct rpc_unit {
	struct rpc_state *s;
	struct wt_out *out;
	struct rpc_call *call;
	struct wt_reader *r;
	unsigned event;
	bool is_reply;
};

/* The unit's event, begun when first asked for. */
unsigned rpc_event(struct rpc_unit *u);

/* String of XDR (RFC 4506 4.11): what of it is there; padding is consumed. */
struct wt_slice rpc_string(struct wt_reader *r);

/* rpc_nfs.c */
const char *rpc_nfs_procedure(uint32_t program, uint32_t version, uint32_t procedure);
void rpc_mount(struct rpc_unit *u);
void rpc_nfs(struct rpc_unit *u);

#endif
