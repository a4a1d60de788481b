/* SMB 1: messages.
 *
 *   FF 'SMB', command u8, status u32, flags u8, flags2 u16, pid high u16, signature 8,
 *   0 u16, tid u16, pid u16, uid u16, mid u16, n u8, words 2 * n, length u16, bytes
 *   AndX: the first words are the next command u8, 0, its offset u16 from the head.
 * Source: MS-CIFS 2.2 (rev. 29), MS-SMB 2.2 (rev. 51).
 * Trust: every byte is hostile; chained commands must lie ever further on.
 * Memory: none of its own. */
#include "smb_v1.h"
#include "wardtap/names.h"
#include "wardtap/utf.h"

enum {
	DELETE = 0x06,
	RENAME = 0x07,
	CLOSE = 0x04,
	TRANSACTION = 0x25,
	ECHO = 0x2b,
	OPEN_ANDX = 0x2d,
	READ_ANDX = 0x2e,
	WRITE_ANDX = 0x2f,
	TRANS2 = 0x32,
	NEGOTIATE = 0x72,
	SESSION_SETUP = 0x73,
	LOGOFF = 0x74,
	TREE_CONNECT = 0x75,
	NT_TRANSACT = 0xa0,
	NT_CREATE = 0xa2
};

#define FLAG_REPLY 0x80u
#define FLAG2_SIGNED 0x0004u
#define FLAG2_EXTENDED 0x0800u
#define FLAG2_STATUS 0x4000u
#define FLAG2_UNICODE 0x8000u
#define CHAIN_MAX 6u
#define STATUS_MORE 0xc0000016u
#define STATUS_NO_MORE_FILES 0x80000006u
#define DATA_HEAD 68u /* head and words of the longest read or write */
#define NO_ANDX 0xffu
#define TRANSACT_PIPE 0x26u

struct name {
	uint8_t command;
	const char *text;
};

static const struct name names[] = {
	{ 0x00, "create_directory" },
	{ 0x01, "delete_directory" },
	{ 0x02, "open" },
	{ 0x03, "create" },
	{ 0x04, "close" },
	{ 0x05, "flush" },
	{ 0x06, "delete" },
	{ 0x07, "rename" },
	{ 0x08, "query_information" },
	{ 0x09, "set_information" },
	{ 0x0a, "read" },
	{ 0x0b, "write" },
	{ 0x10, "check_directory" },
	{ 0x24, "locking_andx" },
	{ 0x25, "transaction" },
	{ 0x2d, "open_andx" },
	{ 0x2e, "read_andx" },
	{ 0x2f, "write_andx" },
	{ 0x32, "transaction2" },
	{ 0x34, "find_close2" },
	{ 0x70, "tree_connect" },
	{ 0x71, "tree_disconnect" },
	{ 0x72, "negotiate" },
	{ 0x73, "session_setup_andx" },
	{ 0x74, "logoff_andx" },
	{ 0x75, "tree_connect_andx" },
	{ 0x80, "query_information_disk" },
	{ 0xa0, "nt_transact" },
	{ 0xa2, "nt_create_andx" },
	{ 0xa4, "nt_cancel" },
};

static const char *name_of(uint8_t command)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].command == command)
			return names[i].text;
	return "other";
}

size_t smb_v1_want(struct smb_state *s, struct wt_slice head, uint64_t len)
{
	uint8_t command = head.ptr[4];
	size_t max = SMB_VIEW;

	(void)s;
	if (command == WRITE_ANDX || command == READ_ANDX)
		max = DATA_HEAD + SMB_DATA;
	return len < max ? (size_t)len : max;
}

/* --- shares and files --- */

static void tree_request(struct smb_unit *u, struct smb_block *b)
{
	uint8_t room[SMB_V1_TEXT];
	uint16_t len;

	wt_rd_skip(&b->words, 4 + 2);
	len = wt_rd_u16le(&b->words);
	wt_rd_skip(&b->bytes, len < wt_rd_left(&b->bytes) ? len : wt_rd_left(&b->bytes));
	smb_tree_request(u, smb_v1_text(u, b, room, u->is_unicode));
}

static void tree_answer(struct smb_unit *u, struct smb_block *b)
{
	struct wt_slice service = wt_slice_head(wt_rd_peek(&b->bytes), 8);
	uint8_t type = 0;

	if (wt_slice_starts(service, WT_LIT("IPC"))) {
		type = 2;
		put_SHARE_TYPE(u->out, u->event, WT_LIT("pipe"));
	} else if (wt_slice_starts(service, WT_LIT("A:"))) {
		put_SHARE_TYPE(u->out, u->event, WT_LIT("disk"));
	} else if (wt_slice_starts(service, WT_LIT("LPT"))) {
		put_SHARE_TYPE(u->out, u->event, WT_LIT("printer"));
	}
	smb_tree_answer(u, type);
}

/* MS-CIFS 2.2.4.64 */
static void create_request(struct smb_unit *u, struct smb_block *b)
{
	uint8_t room[SMB_V1_TEXT];
	struct wt_slice path;
	struct smb_open *file;
	uint32_t options;

	wt_rd_skip(&b->words, 4 + 1 + 2 + 4 + 4);
	smb_put_access(u, wt_rd_u32le(&b->words));
	wt_rd_skip(&b->words, 8 + 4 + 4);
	smb_put_disposition(u, wt_rd_u32le(&b->words));
	options = wt_rd_u32le(&b->words);
	if (options & 0x1000)
		put_IS_DELETE(u->out, u->event, true);
	path = smb_v1_text(u, b, room, u->is_unicode);
	file = smb_open_request(u, path);
	smb_put_path(u, path, file->is_pipe);
}

static void create_answer(struct smb_unit *u, struct smb_block *b)
{
	struct smb_pending *p = smb_pending_of(u->s, u->message, NT_CREATE);
	struct smb_open *file = smb_pending_open(u->s, p);
	uint16_t fid;
	uint32_t action, low, high;

	smb_put_name(u, file);
	smb_pending_done(p);
	if (u->status != 0) {
		if (file)
			file->is_used = false;
		return;
	}
	wt_rd_skip(&b->words, 4 + 1);
	fid = wt_rd_u16le(&b->words);
	action = wt_rd_u32le(&b->words);
	wt_rd_skip(&b->words, 32 + 4 + 8);
	low = wt_rd_u32le(&b->words);
	high = wt_rd_u32le(&b->words);
	if (b->words.err != WT_OK)
		return;
	smb_put_action(u, action);
	if (!(file && file->is_pipe))
		wt_put_FILE_SIZE(u->out, u->event, (uint64_t)high << 32 | low);
	smb_open_bind(u, file, fid, 1);
}

/* DELETE and RENAME: words of attributes, then 04 and a name, once or twice. */
static void names_request(struct smb_unit *u, struct smb_block *b)
{
	uint8_t room[SMB_V1_TEXT];

	wt_rd_skip(&b->bytes, 1);
	smb_put_path(u, smb_v1_text(u, b, room, u->is_unicode), false);
	if (u->command == DELETE) {
		put_IS_DELETE(u->out, u->event, true);
		return;
	}
	wt_rd_skip(&b->bytes, 1);
	put_RENAME_TO(u->out, u->event, smb_v1_text(u, b, room, u->is_unicode));
}

static void open_request(struct smb_unit *u, struct smb_block *b)
{
	uint8_t room[SMB_V1_TEXT];

	smb_put_path(u, smb_v1_text(u, b, room, u->is_unicode), smb_tree_is_ipc(u->s, u->tree));
}

static struct smb_open *known_open(struct smb_unit *u, uint16_t fid)
{
	struct smb_open *file = smb_open_find(u->s, fid, 1);

	if (file)
		return file;
	smb_open_bind(u, NULL, fid, 1);
	file = smb_open_find(u->s, fid, 1);
	file->is_pipe = smb_tree_is_ipc(u->s, u->tree);
	return file;
}

static void file_data(struct smb_unit *u, struct smb_open *file, bool is_write, uint64_t offset,
		      uint32_t len, struct wt_slice data)
{
	if (is_write)
		file->n_written += len;
	else
		file->n_read += len;
	if (!file->is_pipe && !smb_is_first(file, is_write, offset))
		return;
	smb_begin(u, "SMB1", name_of((uint8_t)u->command));
	if (file->is_pipe) {
		smb_put_name(u, file);
		smb_pipe_data(u, file, data);
	} else {
		smb_file_data(u, file, is_write, offset, len, data);
	}
}

/* MS-CIFS 2.2.4.43.1 */
static void write_request(struct smb_unit *u, struct smb_block *b)
{
	uint64_t offset;
	uint32_t len;
	uint16_t fid, at;

	wt_rd_skip(&b->words, 4);
	fid = wt_rd_u16le(&b->words);
	offset = wt_rd_u32le(&b->words);
	wt_rd_skip(&b->words, 4 + 2 + 2);
	len = (uint32_t)wt_rd_u16le(&b->words) << 16;
	len |= wt_rd_u16le(&b->words);
	at = wt_rd_u16le(&b->words);
	if (b->words.err != WT_OK)
		return;
	if (b->n_words == 14)
		offset |= (uint64_t)wt_rd_u32le(&b->words) << 32;
	file_data(u, known_open(u, fid), true, offset, len, smb_at(u, at, len));
}

/* MS-CIFS 2.2.4.42 */
static void read_request(struct smb_unit *u, struct smb_block *b)
{
	uint64_t offset;
	uint16_t fid;

	wt_rd_skip(&b->words, 4);
	fid = wt_rd_u16le(&b->words);
	offset = wt_rd_u32le(&b->words);
	if (b->n_words == 12) {
		wt_rd_skip(&b->words, 2 + 2 + 4 + 2);
		offset |= (uint64_t)wt_rd_u32le(&b->words) << 32;
	}
	if (b->words.err == WT_OK)
		smb_pending_add(u, known_open(u, fid), offset);
}

static void read_answer(struct smb_unit *u, struct smb_block *b)
{
	struct smb_pending *p = smb_pending_of(u->s, u->message, READ_ANDX);
	struct smb_open *file = smb_pending_open(u->s, p);
	uint64_t offset = p ? p->offset : 0;
	uint32_t len;
	uint16_t at;

	smb_pending_done(p);
	wt_rd_skip(&b->words, 4 + 2 + 2 + 2);
	len = wt_rd_u16le(&b->words);
	at = wt_rd_u16le(&b->words);
	len |= (uint32_t)wt_rd_u16le(&b->words) << 16;
	if (file && b->words.err == WT_OK)
		file_data(u, file, false, offset, len, smb_at(u, at, len));
}

static void close_request(struct smb_unit *u, struct smb_block *b)
{
	uint16_t fid = wt_rd_u16le(&b->words);

	if (b->words.err == WT_OK)
		smb_open_close(u, smb_open_find(u->s, fid, 1));
}

/* --- transactions (MS-CIFS 2.2.4.33, 2.2.4.46) --- */

static void transaction_request(struct smb_unit *u, struct smb_block *b)
{
	uint8_t room[SMB_V1_TEXT], n_setup;
	uint16_t n_params, params_at, n_data, data_at, function = 0, fid = 0;

	wt_rd_skip(&b->words, 2 + 2 + 2 + 2 + 1 + 1 + 2 + 4 + 2);
	n_params = wt_rd_u16le(&b->words);
	params_at = wt_rd_u16le(&b->words);
	n_data = wt_rd_u16le(&b->words);
	data_at = wt_rd_u16le(&b->words);
	n_setup = wt_rd_u8(&b->words);
	wt_rd_skip(&b->words, 1);
	if (b->words.err != WT_OK)
		return;
	if (n_setup >= 1)
		function = wt_rd_u16le(&b->words);
	if (n_setup >= 2)
		fid = wt_rd_u16le(&b->words);
	if (n_setup >= 1 && b->words.err == WT_OK)
		put_SUBCOMMAND(u->out, u->event, function);
	if (u->command == TRANSACTION && function == TRANSACT_PIPE && n_setup >= 2) {
		struct smb_open *file = known_open(u, fid);

		file->is_pipe = true;
		smb_put_name(u, file);
		smb_pipe_data(u, file, smb_at(u, data_at, n_data));
		smb_pending_add(u, file, 0);
	} else if (u->command == TRANSACTION) {
		/* \PIPE\LANMAN and mailslots are named here */
		smb_put_path(u, smb_v1_text(u, b, room, u->is_unicode), true);
	} else if (u->command == TRANS2 && function == 1) {
		struct wt_slice name = wt_slice_tail(smb_at(u, params_at, n_params), 12);

		put_SEARCH_PATTERN(u->out, u->event,
				   u->is_unicode ? wt_utf16le(name, room, sizeof(room))
						 : wt_slice_head(name, wt_slice_find(name, 0)));
	}
}

static void transaction_answer(struct smb_unit *u, struct smb_block *b)
{
	struct smb_pending *p = smb_pending_of(u->s, u->message, u->command);
	struct smb_open *file = smb_pending_open(u->s, p);
	uint16_t n_data, data_at;

	if (!p)
		return;
	smb_pending_done(p);
	wt_rd_skip(&b->words, 2 + 2 + 2 + 2 + 2 + 2);
	n_data = wt_rd_u16le(&b->words);
	data_at = wt_rd_u16le(&b->words);
	if (b->words.err != WT_OK || !file)
		return;
	smb_put_name(u, file);
	smb_pipe_data(u, file, smb_at(u, data_at, n_data));
}

/* --- one message --- */

static void read_request_block(struct smb_unit *u, struct smb_block *b)
{
	switch (b->command) {
	case NEGOTIATE:
		smb_v1_negotiate_request(u, b);
		break;
	case SESSION_SETUP:
		smb_v1_session_request(u, b);
		break;
	case TREE_CONNECT:
		tree_request(u, b);
		break;
	case NT_CREATE:
		create_request(u, b);
		break;
	case OPEN_ANDX:
		open_request(u, b);
		break;
	case DELETE:
	case RENAME:
		names_request(u, b);
		break;
	case CLOSE:
		close_request(u, b);
		break;
	case TRANSACTION:
	case TRANS2:
		transaction_request(u, b);
		break;
	default:
		break;
	}
}

static void read_answer_block(struct smb_unit *u, struct smb_block *b, bool is_extended)
{
	switch (b->command) {
	case NEGOTIATE:
		smb_v1_negotiate_answer(u, b, is_extended);
		break;
	case SESSION_SETUP:
		smb_v1_session_answer(u, b);
		break;
	case TREE_CONNECT:
		if (u->status == 0)
			tree_answer(u, b);
		break;
	case NT_CREATE:
		create_answer(u, b);
		break;
	case TRANSACTION:
		transaction_answer(u, b);
		break;
	default:
		break;
	}
}

static bool is_andx(uint8_t command)
{
	return command == SESSION_SETUP || command == LOGOFF || command == TREE_CONNECT ||
	       command == OPEN_ANDX || command == READ_ANDX || command == WRITE_ANDX ||
	       command == NT_CREATE || command == 0x24;
}

/* The block of words and bytes at `at`; false where it does not fit. What the view cut
 * off the bytes is not missed. */
static bool block_at(const struct smb_unit *u, size_t at, uint8_t command, struct smb_block *b)
{
	struct wt_reader r = wt_reader_of(wt_slice_tail(u->head, at), WT_MALFORMED);
	uint16_t len;

	b->command = command;
	b->n_words = wt_rd_u8(&r);
	b->words = wt_rd_box(&r, b->n_words * 2u);
	len = wt_rd_u16le(&r);
	b->bytes = wt_reader_of(wt_slice_head(wt_rd_peek(&r), len), WT_MALFORMED);
	return r.err == WT_OK;
}

/* Where the chain goes on; 0 at its end. */
static size_t next_block(const struct smb_block *b, size_t at, uint8_t *command)
{
	struct wt_reader words = b->words;
	size_t next;

	if (!is_andx(b->command) || b->n_words < 2)
		return 0;
	*command = wt_rd_u8(&words);
	wt_rd_skip(&words, 1);
	next = wt_rd_u16le(&words);
	return *command != NO_ANDX && words.err == WT_OK && next > at ? next : 0;
}

static bool is_told(const struct smb_unit *u)
{
	if (u->command == ECHO)
		return false;
	if (!u->is_response || u->command == NEGOTIATE || u->command == SESSION_SETUP ||
	    u->command == TREE_CONNECT || u->command == NT_CREATE || u->command == TRANSACTION)
		return true;
	return u->status != 0 && u->status != STATUS_NO_MORE_FILES;
}

static void read_blocks(struct smb_unit *u, bool is_extended)
{
	uint8_t command = (uint8_t)u->command;
	size_t at = SMB_V1_HEAD;
	struct smb_block b;
	unsigned i;

	for (i = 0; i < CHAIN_MAX && at; i++) {
		size_t next;

		if (!block_at(u, at, command, &b))
			return;
		if (i)
			put_ANDX_CODE(u->out, u->event, command);
		next = next_block(&b, at, &command);
		if (u->is_response)
			read_answer_block(u, &b, is_extended);
		else
			read_request_block(u, &b);
		at = next;
	}
}

/* Reads and writes: only the first ones begin an event. */
static bool read_data_block(struct smb_unit *u)
{
	struct smb_block b;

	if (u->command != READ_ANDX && u->command != WRITE_ANDX)
		return false;
	if (u->is_response && u->status != 0)
		return false;
	if (!block_at(u, SMB_V1_HEAD, (uint8_t)u->command, &b))
		return true;
	if (u->command == WRITE_ANDX && !u->is_response)
		write_request(u, &b);
	else if (u->command == READ_ANDX && u->is_response)
		read_answer(u, &b);
	else if (u->command == READ_ANDX)
		read_request(u, &b);
	return true;
}

static void put_head(struct smb_unit *u)
{
	if (u->event == WT_EVENT_NONE)
		return;
	put_IS_SMB1(u->out, u->event, true);
	put_COMMAND_CODE(u->out, u->event, u->command);
	put_MESSAGE_ID(u->out, u->event, u->message & 0xffff);
	put_TREE_ID(u->out, u->event, u->tree);
	if (u->is_response)
		smb_put_status(u);
}

void smb_v1_read(struct smb_unit *u)
{
	struct wt_reader r = wt_reader_of(u->head, WT_MALFORMED);
	uint16_t flags2, pid;

	wt_rd_skip(&r, 4);
	u->command = wt_rd_u8(&r);
	u->status = wt_rd_u32le(&r);
	u->is_response = wt_rd_u8(&r) & FLAG_REPLY;
	flags2 = wt_rd_u16le(&r);
	wt_rd_skip(&r, 2 + 8 + 2);
	u->tree = wt_rd_u16le(&r);
	pid = wt_rd_u16le(&r);
	wt_rd_skip(&r, 2);
	u->message = wt_rd_u16le(&r) | (uint64_t)pid << 16;
	u->is_unicode = flags2 & FLAG2_UNICODE;
	u->is_signed = flags2 & FLAG2_SIGNED && u->command != NEGOTIATE;
	if (!(flags2 & FLAG2_STATUS)) /* class u8, 0, code u16: as one number all the same */
		u->status = u->status & 0xff ? u->status : 0;
	if (!read_data_block(u) && is_told(u)) {
		smb_begin(u, "SMB1", name_of((uint8_t)u->command));
		read_blocks(u, flags2 & FLAG2_EXTENDED);
	}
	put_head(u);
}
