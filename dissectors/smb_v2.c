/* SMB 2 and 3: messages.
 *
 *   FE 'SMB', 64 u16, credit charge u16, status u32, command u16, credits u16,
 *   flags u32, next u32, message id u64, process u32, tree u32, session u64, signature 16
 * Source: MS-SMB2 2.2 (rev. 73); MS-FSCC 2.3, 2.4.
 * Trust: every byte is hostile; offsets count from the head and are checked.
 * Memory: none of its own. */
#include "smb_state.h"
#include "wardtap/names.h"
#include "wardtap/utf.h"

enum {
	NEGOTIATE,
	SESSION_SETUP,
	LOGOFF,
	TREE_CONNECT,
	TREE_DISCONNECT,
	CREATE,
	CLOSE,
	FLUSH,
	READ,
	WRITE,
	LOCK,
	IOCTL,
	CANCEL,
	ECHO,
	QUERY_DIRECTORY,
	CHANGE_NOTIFY,
	QUERY_INFO,
	SET_INFO,
	OPLOCK_BREAK,
	N_COMMANDS
};

#define FLAG_RESPONSE 0x1u
#define FLAG_ASYNC 0x2u
#define FLAG_RELATED 0x4u
#define FLAG_SIGNED 0x8u
#define STATUS_PENDING 0x103u
#define STATUS_MORE 0xc0000016u
#define STATUS_BUFFER_OVERFLOW 0x80000005u
#define STATUS_NO_MORE_FILES 0x80000006u
#define TEXT_MAX 1024u
#define SHORT_VIEW 80u
#define FIXED_MAX 112u /* head and fixed part of any request */

static const char *const names[N_COMMANDS] = {
	"negotiate",     "session_setup", "logoff",   "tree_connect", "tree_disconnect",
	"create",        "close",         "flush",    "read",         "write",
	"lock",          "ioctl",         "cancel",   "echo",         "query_directory",
	"change_notify", "query_info",    "set_info", "oplock_break",
};

/* --- how much of a message is looked at --- */

struct v2_head {
	uint32_t status, flags, next, tree;
	uint16_t command;
	uint64_t message;
};

static struct v2_head read_head(struct wt_slice head)
{
	struct wt_reader r = wt_reader_of(head, WT_MALFORMED);
	struct v2_head h;

	wt_rd_skip(&r, 8);
	h.status = wt_rd_u32le(&r);
	h.command = wt_rd_u16le(&r);
	wt_rd_skip(&r, 2);
	h.flags = wt_rd_u32le(&r);
	h.next = wt_rd_u32le(&r);
	h.message = smb_u64le(&r);
	wt_rd_skip(&r, 4);
	h.tree = wt_rd_u32le(&r);
	return h;
}

uint64_t smb_v2_len(struct wt_slice head, uint64_t left)
{
	struct wt_reader r = wt_reader_of(head, WT_MALFORMED);
	uint32_t next;

	wt_rd_skip(&r, 4);
	if (wt_rd_u16le(&r) != SMB_V2_HEAD)
		return 0;
	next = read_head(head).next;
	if (next == 0)
		return left;
	return next < SMB_V2_HEAD || next > left ? 0 : next;
}

static size_t at_most(uint64_t len, size_t max)
{
	return len < max ? (size_t)len : max;
}

/* The opened file of a request: by its id, or that of the compound. */
static struct smb_open *open_of(struct smb_state *s, const struct smb_dir *d,
				struct wt_reader *r)
{
	uint64_t first = smb_u64le(r), second = smb_u64le(r);
	struct smb_open *file;

	if (r->err != WT_OK)
		return NULL;
	if (first == UINT64_MAX && second == UINT64_MAX) {
		file = d->file ? &s->file[d->file - 1] : NULL;
		return file && file->is_used ? file : NULL;
	}
	return smb_open_find(s, first, second);
}

static size_t want_write(struct smb_state *s, const struct smb_dir *d, struct wt_slice head,
			 uint64_t len)
{
	struct wt_reader r = wt_reader_of(wt_slice_tail(head, SMB_V2_HEAD), WT_MALFORMED);
	struct smb_open *file;
	uint64_t offset;

	if (head.len < FIXED_MAX)
		return at_most(len, FIXED_MAX);
	wt_rd_skip(&r, 8);
	offset = smb_u64le(&r);
	file = open_of(s, d, &r);
	if (file && !file->is_pipe && !smb_is_first(file, true, offset))
		return at_most(len, FIXED_MAX);
	return at_most(len, FIXED_MAX + SMB_DATA);
}

static size_t want_read(struct smb_state *s, const struct v2_head *h, uint64_t len)
{
	struct smb_pending *p = smb_pending_of(s, h->message, READ);
	struct smb_open *file = smb_pending_open(s, p);

	if (!file || (!file->is_pipe && !smb_is_first(file, false, p->offset)))
		return at_most(len, SHORT_VIEW);
	return at_most(len, SHORT_VIEW + SMB_DATA);
}

size_t smb_v2_want(struct smb_state *s, enum wt_direction dir, struct wt_slice head,
		   uint64_t len)
{
	struct v2_head h = read_head(head);

	if (!(h.flags & FLAG_RESPONSE))
		return h.command == WRITE ? want_write(s, &s->dir[dir], head, len)
					  : at_most(len, SMB_VIEW);
	switch (h.command) {
	case NEGOTIATE:
	case SESSION_SETUP:
	case IOCTL:
		return at_most(len, SMB_VIEW);
	case CREATE:
		return at_most(len, SMB_V2_HEAD + 88);
	case READ:
		return want_read(s, &h, len);
	default:
		return at_most(len, SHORT_VIEW);
	}
}

/* --- files --- */

static void create_request(struct smb_unit *u, struct wt_reader *r)
{
	uint8_t room[TEXT_MAX];
	struct wt_slice path;
	struct smb_open *file;
	uint32_t options;
	uint16_t offset, len;

	wt_rd_skip(r, 1 + 1 + 4 + 8 + 8);
	smb_put_access(u, wt_rd_u32le(r));
	wt_rd_skip(r, 4 + 4);
	smb_put_disposition(u, wt_rd_u32le(r));
	options = wt_rd_u32le(r);
	offset = wt_rd_u16le(r);
	len = wt_rd_u16le(r);
	if (options & 0x1000)
		put_IS_DELETE(u->out, u->event, true);
	path = wt_utf16le(smb_at(u, offset, len), room, sizeof(room));
	file = smb_open_request(u, path);
	smb_put_path(u, path, file->is_pipe);
}

static void create_answer(struct smb_unit *u, struct wt_reader *r)
{
	struct smb_pending *p = smb_pending_of(u->s, u->message, CREATE);
	struct smb_open *file = smb_pending_open(u->s, p);
	uint64_t size, first, second;

	if (u->status == STATUS_PENDING)
		return;
	smb_put_name(u, file);
	smb_pending_done(p);
	if (u->status != 0) {
		if (file)
			file->is_used = false;
		return;
	}
	wt_rd_skip(r, 2);
	smb_put_action(u, wt_rd_u32le(r));
	wt_rd_skip(r, 32 + 8);
	size = smb_u64le(r);
	wt_rd_skip(r, 8);
	first = smb_u64le(r);
	second = smb_u64le(r);
	if (r->err != WT_OK)
		return;
	if (!(file && file->is_pipe))
		wt_put_FILE_SIZE(u->out, u->event, size);
	smb_open_bind(u, file, first, second);
}

/* The opened file, also where it was opened before we came; NULL where the request is
 * cut off. */
static struct smb_open *known_open(struct smb_unit *u, struct wt_reader *r)
{
	struct wt_reader id = *r;
	struct smb_open *file = open_of(u->s, u->d, r);
	uint64_t first, second;

	if (file || r->err != WT_OK)
		return file;
	first = smb_u64le(&id);
	second = smb_u64le(&id);
	if (first == UINT64_MAX && second == UINT64_MAX)
		return NULL;
	smb_open_bind(u, NULL, first, second);
	return smb_open_find(u->s, first, second);
}

static void write_request(struct smb_unit *u, struct wt_reader *r)
{
	uint16_t data = wt_rd_u16le(r);
	uint32_t len = wt_rd_u32le(r);
	uint64_t offset = smb_u64le(r);
	struct smb_open *file = known_open(u, r);

	if (!file)
		return;
	file->n_written += len;
	if (!file->is_pipe && !smb_is_first(file, true, offset))
		return;
	smb_begin(u, "SMB2", names[WRITE]);
	if (file->is_pipe) {
		smb_put_name(u, file);
		smb_pipe_data(u, file, smb_at(u, data, len));
	} else {
		smb_file_data(u, file, true, offset, len, smb_at(u, data, len));
	}
}

static void read_request(struct smb_unit *u, struct wt_reader *r)
{
	struct smb_open *file;
	uint64_t offset;

	wt_rd_skip(r, 2 + 4);
	offset = smb_u64le(r);
	file = known_open(u, r);
	smb_pending_add(u, file, offset);
	if (!file || !file->is_guessed || file->said_ask)
		return;
	file->said_ask = true;
	smb_begin(u, "SMB2", names[READ]);
	smb_put_name(u, file);
	put_IO_OFFSET(u->out, u->event, offset);
}

static void read_answer(struct smb_unit *u, struct wt_reader *r)
{
	struct smb_pending *p = smb_pending_of(u->s, u->message, READ);
	struct smb_open *file = smb_pending_open(u->s, p);
	uint8_t data = wt_rd_u8(r);
	uint64_t offset = p ? p->offset : 0;
	uint32_t len;

	if (u->status == STATUS_PENDING)
		return;
	smb_pending_done(p);
	if (u->status != 0 && u->status != STATUS_BUFFER_OVERFLOW) {
		smb_begin(u, "SMB2", names[READ]);
		smb_put_name(u, file);
		return;
	}
	wt_rd_skip(r, 1);
	len = wt_rd_u32le(r);
	if (r->err != WT_OK)
		return;
	if (!file) {
		if (u->is_compressed)
			smb_begin(u, "SMB2", names[READ]);
		return;
	}
	file->n_read += len;
	if (!file->is_pipe && !smb_is_first(file, false, offset))
		return;
	smb_begin(u, "SMB2", names[READ]);
	if (file->is_pipe) {
		smb_put_name(u, file);
		smb_pipe_data(u, file, smb_at(u, data, len));
	} else {
		smb_file_data(u, file, false, offset, len, smb_at(u, data, len));
	}
}

struct fsctl {
	uint32_t code;
	const char *text;
};

/* MS-FSCC 2.3, MS-SMB2 2.2.31 */
static const struct fsctl fsctls[] = {
	{ 0x00060194, "dfs_get_referrals" },
	{ 0x000601b0, "dfs_get_referrals_ex" },
	{ 0x0009009c, "get_object_id" },
	{ 0x000900a4, "set_reparse_point" },
	{ 0x000900a8, "get_reparse_point" },
	{ 0x000900c0, "create_or_get_object_id" },
	{ 0x000900c4, "set_sparse" },
	{ 0x0009c040, "set_compression" },
	{ 0x000980c8, "set_zero_data" },
	{ 0x00098344, "duplicate_extents_to_file" },
	{ 0x0011400c, "pipe_peek" },
	{ 0x00110018, "pipe_wait" },
	{ 0x0011c017, "pipe_transceive" },
	{ 0x001401d4, "lmr_request_resiliency" },
	{ 0x001401fc, "query_network_interface_info" },
	{ 0x00140078, "srv_request_resume_key" },
	{ 0x00140204, "validate_negotiate_info" },
	{ 0x00144064, "srv_enumerate_snapshots" },
	{ 0x001440f2, "srv_copychunk" },
	{ 0x001441bb, "srv_read_hash" },
	{ 0x001480f2, "srv_copychunk_write" },
};

static void ioctl(struct smb_unit *u, struct wt_reader *r)
{
	struct smb_open *file;
	uint32_t code, offset, len;
	size_t i;

	wt_rd_skip(r, 2);
	code = wt_rd_u32le(r);
	file = open_of(u->s, u->d, r);
	if (r->err != WT_OK)
		return;
	put_FSCTL_CODE(u->out, u->event, code);
	for (i = 0; i < sizeof(fsctls) / sizeof(fsctls[0]); i++)
		if (fsctls[i].code == code)
			put_FSCTL(u->out, u->event, wt_slice_text(fsctls[i].text));
	smb_put_name(u, file);
	offset = wt_rd_u32le(r);
	len = wt_rd_u32le(r);
	if (u->is_response) {
		offset = wt_rd_u32le(r);
		len = wt_rd_u32le(r);
	}
	if (r->err == WT_OK && code == 0x0011c017)
		smb_pipe_data(u, file, smb_at(u, offset, len));
}

static void query_directory(struct smb_unit *u, struct wt_reader *r)
{
	uint8_t room[TEXT_MAX], class = wt_rd_u8(r);
	uint16_t offset, len;
	struct smb_open *file;

	wt_rd_skip(r, 1 + 4);
	file = open_of(u->s, u->d, r);
	offset = wt_rd_u16le(r);
	len = wt_rd_u16le(r);
	put_INFO_CLASS(u->out, u->event, class);
	smb_put_name(u, file);
	put_SEARCH_PATTERN(u->out, u->event,
			   wt_utf16le(smb_at(u, offset, len), room, sizeof(room)));
}

static void query_info(struct smb_unit *u, struct wt_reader *r)
{
	put_INFO_TYPE(u->out, u->event, wt_rd_u8(r));
	put_INFO_CLASS(u->out, u->event, wt_rd_u8(r));
	wt_rd_skip(r, 4 + 2 + 2 + 4 + 4 + 4);
	smb_put_name(u, open_of(u->s, u->d, r));
}

/* MS-FSCC 2.4.42 FileRenameInformation, 2.4.11 FileDispositionInformation */
static void set_info(struct smb_unit *u, struct wt_reader *r)
{
	uint8_t room[TEXT_MAX], type = wt_rd_u8(r), class = wt_rd_u8(r);
	uint32_t len = wt_rd_u32le(r);
	uint16_t offset = wt_rd_u16le(r);
	struct wt_reader body = wt_reader_of(smb_at(u, offset, len), WT_MALFORMED);

	wt_rd_skip(r, 2 + 4);
	smb_put_name(u, open_of(u->s, u->d, r));
	put_INFO_TYPE(u->out, u->event, type);
	put_INFO_CLASS(u->out, u->event, class);
	if (type != 1)
		return;
	if (class == 10) {
		wt_rd_skip(&body, 1 + 7 + 8);
		len = wt_rd_u32le(&body);
		put_RENAME_TO(
			u->out, u->event,
			wt_utf16le(wt_slice_head(wt_rd_peek(&body), len), room, sizeof(room)));
	} else if ((class == 13 || class == 64) && wt_rd_u8(&body) & 1) {
		put_IS_DELETE(u->out, u->event, true);
	}
}

static void close_request(struct smb_unit *u, struct wt_reader *r)
{
	wt_rd_skip(r, 2 + 4);
	smb_open_close(u, open_of(u->s, u->d, r));
}

/* --- one message --- */

static void read_request_body(struct smb_unit *u, struct wt_reader *r)
{
	switch (u->command) {
	case NEGOTIATE:
		smb_v2_negotiate(u, r);
		break;
	case SESSION_SETUP:
		smb_v2_session_setup(u, r);
		break;
	case TREE_CONNECT:
		smb_v2_tree_connect(u, r);
		break;
	case CREATE:
		create_request(u, r);
		break;
	case CLOSE:
		close_request(u, r);
		break;
	case IOCTL:
		ioctl(u, r);
		break;
	case QUERY_DIRECTORY:
		query_directory(u, r);
		break;
	case QUERY_INFO:
		query_info(u, r);
		break;
	case SET_INFO:
		set_info(u, r);
		break;
	default:
		break;
	}
}

static void read_answer_body(struct smb_unit *u, struct wt_reader *r)
{
	switch (u->command) {
	case NEGOTIATE:
		smb_v2_negotiate(u, r);
		break;
	case SESSION_SETUP:
		smb_v2_session_setup(u, r);
		break;
	case TREE_CONNECT:
		smb_v2_tree_connect(u, r);
		break;
	case CREATE:
		create_answer(u, r);
		break;
	case IOCTL:
		ioctl(u, r);
		break;
	default:
		break;
	}
}

/* Answers that say nothing but that all went well are left out, and what keeps a
 * connection alive. */
static bool is_told(const struct smb_unit *u)
{
	if (u->command == ECHO || u->command == CANCEL ||
	    (u->is_response && u->status == STATUS_PENDING))
		return false;
	if (!u->is_response || u->command == NEGOTIATE || u->command == SESSION_SETUP ||
	    u->command == TREE_CONNECT || u->command == CREATE || u->command == IOCTL)
		return true;
	return u->status != 0 && u->status != STATUS_NO_MORE_FILES &&
	       u->status != STATUS_MORE && u->status != STATUS_BUFFER_OVERFLOW;
}

static void put_head(struct smb_unit *u)
{
	if (u->event == WT_EVENT_NONE)
		return;
	put_COMMAND_CODE(u->out, u->event, u->command);
	put_MESSAGE_ID(u->out, u->event, u->message);
	if (u->tree)
		put_TREE_ID(u->out, u->event, u->tree);
	if (u->is_response)
		smb_put_status(u);
}

void smb_v2_read(struct smb_unit *u)
{
	struct wt_reader r =
		wt_reader_of(wt_slice_tail(u->head, SMB_V2_HEAD + 2), WT_MALFORMED);
	struct v2_head h = read_head(u->head);

	u->command = h.command;
	u->status = h.status;
	u->message = h.message;
	u->is_response = h.flags & FLAG_RESPONSE;
	u->is_signed = h.flags & FLAG_SIGNED;
	u->tree = h.flags & FLAG_ASYNC ? 0 : h.tree;
	if (h.command >= N_COMMANDS) {
		wt_out_glitch(u->out, "unknown_command");
		return;
	}
	if (h.command == READ || h.command == WRITE) {
		if (!u->is_response && h.command == WRITE)
			write_request(u, &r);
		else if (!u->is_response)
			read_request(u, &r);
		else if (h.command == READ)
			read_answer(u, &r);
		else if (u->status != 0 && u->status != STATUS_PENDING)
			smb_begin(u, "SMB2", names[WRITE]);
		put_head(u);
		return;
	}
	if (!is_told(u))
		return;
	smb_begin(u, "SMB2", names[h.command]);
	if (u->is_response)
		read_answer_body(u, &r);
	else
		read_request_body(u, &r);
	put_head(u);
}
