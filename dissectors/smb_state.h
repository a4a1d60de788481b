/* What the SMB dissector remembers of a flow, and what its rooms do for each other. */
#ifndef WARDTAP_SMB_STATE_H
#define WARDTAP_SMB_STATE_H

#include "smb_fields.h"
#include "wardtap/msrpc.h"

#define SMB_VIEW 8192u /* of a message, that is read; what follows is passed over */
#define SMB_DATA 4096u /* of a file's or pipe's bytes, that is read */
#define SMB_OPENS 12u  /* files that are followed at once; the oldest gives way */
#define SMB_TREES 8u
#define SMB_PENDING 24u
#define SMB_NAME_MAX 112u
#define SMB_V2_HEAD 64u
#define SMB_V1_HEAD 32u

/* A file or pipe that was opened, from its request on. */
struct smb_open {
	uint64_t id[2]; /* SMB2 FileId; SMB1: FID, 1 */
	uint64_t n_written, n_read;
	uint32_t age;
	bool is_used, is_pipe;
	bool has_id; /* the answer told it */
	bool said_write, said_write_start, said_read, said_read_start;
	bool is_guessed; /* its id was first seen in a later request: half of a mirror */
	bool said_ask;
	bool has_iface;
	uint8_t name_len;
	uint8_t name[SMB_NAME_MAX];
	struct wt_msrpc_uuid iface;
};

/* Connection to a share: what kind of names are opened there. */
struct smb_tree {
	uint64_t message;
	uint32_t id;
	uint32_t age;
	bool is_used, has_id, is_ipc;
};

/* A request that its answer needs. */
struct smb_pending {
	uint64_t message;
	uint64_t offset;
	uint32_t age;
	uint8_t command;
	uint8_t file; /* index + 1 */
	bool is_used;
};

struct smb_dir {
	uint64_t left; /* of the frame, before the next message of a compound */
	bool is_compound;
	bool said_encrypted;
	uint8_t file; /* last one of the compound: index + 1 */
};

struct smb_state {
	struct smb_dir dir[2];
	uint32_t clock;
	struct smb_tree tree[SMB_TREES];
	struct smb_pending pending[SMB_PENDING];
	struct smb_open file[SMB_OPENS];
};

/* One message at hand. */
struct smb_unit {
	struct smb_state *s;
	struct smb_dir *d;
	struct wt_out *out;
	struct wt_slice head; /* the message, cut at its view */
	uint64_t len;         /* as stated */
	uint64_t message;
	uint32_t tree;
	uint32_t status;
	uint16_t command;
	bool is_response, is_compound, is_related, is_signed, is_compressed;
	bool is_unicode; /* SMB1 */
	unsigned event;
};

/* smb_v2.c, smb_v1.c: how many bytes of a message must be at hand before it is read, or
 * 0: more than `head` holds to say so; then the message itself. */
size_t smb_v2_want(struct smb_state *s, enum wt_direction dir, struct wt_slice head,
		   uint64_t len);
void smb_v2_read(struct smb_unit *u);
size_t smb_v1_want(struct smb_state *s, struct wt_slice head, uint64_t len);
void smb_v1_read(struct smb_unit *u);

/* Length of an SMB2 message within its frame: up to the next of a compound. */
uint64_t smb_v2_len(struct wt_slice head, uint64_t left);

void smb_begin(struct smb_unit *u, const char *version, const char *command);
void smb_put_status(struct smb_unit *u);
struct wt_slice smb_at(const struct smb_unit *u, uint64_t offset, uint64_t len);

static inline uint64_t smb_u64le(struct wt_reader *r)
{
	uint64_t low = wt_rd_u32le(r);

	return low | (uint64_t)wt_rd_u32le(r) << 32;
}

/* smb_v2_session.c: the body of a message, behind its structure size. */
void smb_v2_negotiate(struct smb_unit *u, struct wt_reader *r);
void smb_v2_session_setup(struct smb_unit *u, struct wt_reader *r);
void smb_v2_tree_connect(struct smb_unit *u, struct wt_reader *r);

/* smb_auth.c: a sign-on token. */
void smb_token(struct smb_unit *u, struct wt_slice token);

/* smb_file.c */
struct smb_pending *smb_pending_of(struct smb_state *s, uint64_t message, uint16_t command);
void smb_pending_add(struct smb_unit *u, struct smb_open *file, uint64_t offset);
struct smb_open *smb_pending_open(struct smb_state *s, const struct smb_pending *p);
void smb_pending_done(struct smb_pending *p);
bool smb_tree_is_ipc(struct smb_state *s, uint32_t id);
void smb_tree_request(struct smb_unit *u, struct wt_slice path);
void smb_tree_answer(struct smb_unit *u, uint8_t type);
void smb_put_share(struct smb_unit *u, struct wt_slice path);
struct smb_open *smb_open_request(struct smb_unit *u, struct wt_slice path);
struct smb_open *smb_open_find(struct smb_state *s, uint64_t first, uint64_t second);
void smb_open_bind(struct smb_unit *u, struct smb_open *file, uint64_t first, uint64_t second);
void smb_open_close(struct smb_unit *u, struct smb_open *file);
void smb_put_name(struct smb_unit *u, const struct smb_open *file);
void smb_put_path(struct smb_unit *u, struct wt_slice path, bool is_pipe);
/* Would this read or write of a file be told? */
bool smb_is_first(const struct smb_open *file, bool is_write, uint64_t offset);
void smb_file_data(struct smb_unit *u, struct smb_open *file, bool is_write, uint64_t offset,
		   uint64_t len, struct wt_slice bytes);
void smb_put_disposition(struct smb_unit *u, uint32_t disposition);
void smb_put_action(struct smb_unit *u, uint32_t action);
void smb_put_access(struct smb_unit *u, uint32_t mask);

/* smb_auth.c: bytes written to or read from a pipe. */
void smb_pipe_data(struct smb_unit *u, struct smb_open *file, struct wt_slice bytes);

#endif
