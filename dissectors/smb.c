/* SMB 1, 2 and 3 over NetBIOS sessions and directly over TCP: frames and declaration.
 *
 *   NetBIOS session: type u8, length u24be, body
 *     00 message   81 request   82 positive   83 negative   84 retarget   85 keep alive
 *   message: FE 'SMB' SMB2   FF 'SMB' SMB1   FD 'SMB' encrypted   FC 'SMB' compressed
 *
 * One unit is one message; those of a compound are units of their own. Of a message the
 * head is read and at most SMB_VIEW bytes; file contents are passed over.
 * Source: RFC 1002 4.3; MS-SMB2 2.1, 2.2 (rev. 73); MS-CIFS 2.2 (rev. 29).
 * Trust: every byte is hostile; lengths and offsets are checked against the message.
 * Memory: struct smb_state per flow, 16 KiB of unconsumed bytes per direction. */
#include "smb_state.h"
#include "wardtap/names.h"
#include "wardtap/utf.h"

static const struct wt_field fields[] = { SMB_FIELDS(WT_FIELD_ROW) };

static const struct wt_event_type event_types[] = {
	{ "smb", "A request or answer of SMB, or a step of a NetBIOS session." },
};

enum { EVENT_SMB };

enum {
	NBSS_MESSAGE,
	NBSS_REQUEST = 0x81,
	NBSS_POSITIVE,
	NBSS_NEGATIVE,
	NBSS_RETARGET,
	NBSS_ALIVE
};

#define NBSS_HEAD_LEN 4u
#define NBSS_NAMES_LEN 68u
#define TRANSFORM_LEN 52u
#define COMPRESSED_HEAD 16u
#define COMPRESSED_VIEW 512u

void smb_begin(struct smb_unit *u, const char *version, const char *command)
{
	u->event = wt_event_begin(u->out, EVENT_SMB);
	put_VERSION(u->out, u->event, wt_slice_text(version));
	put_COMMAND(u->out, u->event, wt_slice_text(command));
	if (u->is_response)
		put_IS_RESPONSE(u->out, u->event, true);
	if (u->is_compound)
		put_IS_COMPOUND(u->out, u->event, true);
	if (u->is_signed)
		put_IS_SIGNED(u->out, u->event, true);
	if (u->is_compressed)
		put_IS_COMPRESSED(u->out, u->event, true);
}

struct status {
	uint32_t code;
	const char *text;
};

/* MS-ERREF 2.3.1 */
static const struct status statuses[] = {
	{ 0x00000000, "success" },
	{ 0x00000103, "pending" },
	{ 0x0000010c, "notify_enum_dir" },
	{ 0x80000005, "buffer_overflow" },
	{ 0x80000006, "no_more_files" },
	{ 0xc0000002, "not_implemented" },
	{ 0xc0000008, "invalid_handle" },
	{ 0xc000000d, "invalid_parameter" },
	{ 0xc000000f, "no_such_file" },
	{ 0xc0000010, "invalid_device_request" },
	{ 0xc0000011, "end_of_file" },
	{ 0xc0000016, "more_processing_required" },
	{ 0xc0000022, "access_denied" },
	{ 0xc0000033, "object_name_invalid" },
	{ 0xc0000034, "object_name_not_found" },
	{ 0xc0000035, "object_name_collision" },
	{ 0xc000003a, "object_path_not_found" },
	{ 0xc0000043, "sharing_violation" },
	{ 0xc0000056, "delete_pending" },
	{ 0xc0000064, "no_such_user" },
	{ 0xc000006a, "wrong_password" },
	{ 0xc000006d, "logon_failure" },
	{ 0xc000006e, "account_restriction" },
	{ 0xc0000071, "password_expired" },
	{ 0xc0000072, "account_disabled" },
	{ 0xc00000ac, "pipe_not_available" },
	{ 0xc00000b0, "pipe_disconnected" },
	{ 0xc00000ba, "file_is_a_directory" },
	{ 0xc00000bb, "not_supported" },
	{ 0xc00000c9, "network_name_deleted" },
	{ 0xc00000ca, "network_access_denied" },
	{ 0xc00000cc, "bad_network_name" },
	{ 0xc0000103, "not_a_directory" },
	{ 0xc0000120, "cancelled" },
	{ 0xc0000128, "file_closed" },
	{ 0xc000015b, "logon_type_not_granted" },
	{ 0xc0000203, "user_session_deleted" },
	{ 0xc0000225, "not_found" },
	{ 0xc0000234, "account_locked_out" },
	{ 0xc0000257, "path_not_covered" },
	{ 0xc0000275, "not_a_reparse_point" },
	{ 0xc000035c, "network_session_expired" },
};

void smb_put_status(struct smb_unit *u)
{
	size_t i;

	put_STATUS_CODE(u->out, u->event, u->status);
	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (statuses[i].code == u->status)
			put_STATUS(u->out, u->event, wt_slice_text(statuses[i].text));
}

struct wt_slice smb_at(const struct smb_unit *u, uint64_t offset, uint64_t len)
{
	if (offset >= u->head.len)
		return wt_slice_of(NULL, 0);
	return wt_slice_head(wt_slice_tail(u->head, (size_t)offset),
			     len < u->head.len ? (size_t)len : u->head.len);
}

/* --- NetBIOS session service (RFC 1002 4.3) --- */

static const char *nbss_name(uint8_t type)
{
	switch (type) {
	case NBSS_REQUEST:
		return "session_request";
	case NBSS_POSITIVE:
		return "positive_response";
	case NBSS_NEGATIVE:
		return "negative_response";
	case NBSS_RETARGET:
		return "retarget";
	default:
		return "keep_alive";
	}
}

static bool is_nbss_len(uint8_t type, uint32_t len)
{
	switch (type) {
	case NBSS_REQUEST:
		return len == NBSS_NAMES_LEN;
	case NBSS_NEGATIVE:
		return len == 1;
	case NBSS_RETARGET:
		return len == 6;
	default:
		return len == 0;
	}
}

static enum wt_verdict read_nbss(struct wt_reader *r, struct wt_out *out, uint8_t type,
				 uint32_t len)
{
	struct wt_slice body;
	uint8_t room[16], kind;
	unsigned event;

	if (type < NBSS_REQUEST || type > NBSS_ALIVE || !is_nbss_len(type, len))
		return WT_MALFORMED;
	body = wt_rd_bytes(r, len);
	if (r->err != WT_OK)
		return r->err;
	wt_out_message_end(out);
	if (type == NBSS_ALIVE)
		return WT_OK;
	event = wt_event_begin(out, EVENT_SMB);
	put_VERSION(out, event, WT_LIT("NBSS"));
	put_NBSS_TYPE(out, event, wt_slice_text(nbss_name(type)));
	if (type == NBSS_REQUEST) {
		put_CALLED_NAME(out, event, wt_netbios_name(body, room, &kind));
		wt_put_host_name(out, event,
				 wt_netbios_name(wt_slice_tail(body, 34), room, &kind));
	} else if (type == NBSS_NEGATIVE && body.len) {
		put_NBSS_ERROR(out, event, body.ptr[0]);
	}
	wt_out_commit(out);
	return WT_OK;
}

/* --- messages --- */

/* Is there enough of the message to be read? */
static bool is_there(struct wt_reader *r, struct wt_out *out, size_t base, size_t want)
{
	if (wt_rd_left(r) >= want)
		return true;
	wt_out_need(out, base + want);
	return false;
}

/* MS-SMB2 2.2.41: said once per direction, for what follows is mostly the same. */
static enum wt_verdict read_encrypted(struct smb_unit *u, struct wt_reader *r, size_t base)
{
	if (u->len < TRANSFORM_LEN)
		return WT_MALFORMED;
	if (!is_there(r, u->out, base, TRANSFORM_LEN))
		return WT_MORE;
	if (!u->d->said_encrypted) {
		u->d->said_encrypted = true;
		smb_begin(u, "SMB2", "encrypted");
		put_IS_ENCRYPTED(u->out, u->event, true);
	}
	wt_rd_skip(r, TRANSFORM_LEN);
	wt_out_skip(u->out, u->len - TRANSFORM_LEN);
	return WT_OK;
}

/* MS-SMB2 2.2.42: the head of the message inside is often left as it is. */
static enum wt_verdict read_compressed(struct smb_unit *u, struct wt_reader *r, size_t base)
{
	size_t want = u->len < COMPRESSED_VIEW ? (size_t)u->len : COMPRESSED_VIEW;
	struct wt_reader head;
	struct wt_slice plain;
	uint16_t algorithm, flags;
	uint32_t len, size;

	if (u->len < COMPRESSED_HEAD)
		return WT_MALFORMED;
	if (!is_there(r, u->out, base, want))
		return WT_MORE;
	head = wt_reader_of(wt_slice_head(wt_rd_peek(r), want), WT_MALFORMED);
	wt_rd_skip(&head, 4);
	size = wt_rd_u32le(&head);
	algorithm = wt_rd_u16le(&head);
	flags = wt_rd_u16le(&head);
	len = wt_rd_u32le(&head);
	plain = wt_slice_head(wt_rd_peek(&head), len);
	u->is_compressed = true;
	if (plain.len >= SMB_V2_HEAD && wt_slice_starts(plain, WT_LIT("\xfeSMB")) &&
	    (!(flags & 1) || algorithm == 0)) {
		u->head = plain;
		u->len = size;
		smb_v2_read(u);
	} else {
		smb_begin(u, "SMB2", "compressed");
	}
	wt_rd_skip(r, want);
	return WT_OK;
}

static enum wt_verdict read_v2(struct smb_unit *u, struct wt_reader *r, enum wt_direction dir,
			       size_t base, uint64_t left)
{
	struct wt_slice head;
	size_t want = SMB_V2_HEAD;

	if (left < SMB_V2_HEAD)
		return WT_MALFORMED;
	if (!is_there(r, u->out, base, want))
		return WT_MORE;
	head = wt_slice_head(wt_rd_peek(r), left < SMB_VIEW ? (size_t)left : SMB_VIEW);
	u->len = smb_v2_len(head, left);
	if (!u->len)
		return WT_MALFORMED;
	want = smb_v2_want(u->s, dir, head, u->len);
	if (!is_there(r, u->out, base, want))
		return WT_MORE;
	u->head = wt_slice_head(head, want);
	u->is_compound = u->d->is_compound || u->len < left;
	smb_v2_read(u);
	wt_rd_skip(r, want);
	wt_out_skip(u->out, u->len - want);
	return WT_OK;
}

static enum wt_verdict read_v1(struct smb_unit *u, struct wt_reader *r, size_t base)
{
	struct wt_slice head;
	size_t want = SMB_V1_HEAD + 1;

	if (u->len < want)
		return WT_MALFORMED;
	if (!is_there(r, u->out, base, want))
		return WT_MORE;
	head = wt_slice_head(wt_rd_peek(r), u->len < SMB_VIEW ? (size_t)u->len : SMB_VIEW);
	want = smb_v1_want(u->s, head, u->len);
	if (!is_there(r, u->out, base, want))
		return WT_MORE;
	u->head = wt_slice_head(head, want);
	smb_v1_read(u);
	wt_rd_skip(r, want);
	wt_out_skip(u->out, u->len - want);
	return WT_OK;
}

/* A message, of which `left` bytes are in the frame. `base`: bytes of the unit that
 * were read already. */
static enum wt_verdict read_message(struct smb_state *s, enum wt_direction dir,
				    struct wt_reader *r, struct wt_out *out, size_t base,
				    uint64_t left)
{
	struct smb_dir *d = &s->dir[dir];
	struct smb_unit u = { .s = s, .d = d, .out = out, .len = left, .event = WT_EVENT_NONE };
	struct wt_slice head = wt_rd_peek(r);
	enum wt_verdict verdict;

	if (left < 4)
		return WT_MALFORMED;
	if (!is_there(r, out, base, 4))
		return WT_MORE;
	if (!wt_slice_equal(wt_slice_head(wt_slice_tail(head, 1), 3), WT_LIT("SMB")))
		return WT_MALFORMED;
	if (head.ptr[0] == 0xfe)
		verdict = read_v2(&u, r, dir, base, left);
	else if (head.ptr[0] == 0xff)
		verdict = read_v1(&u, r, base);
	else if (head.ptr[0] == 0xfd)
		verdict = read_encrypted(&u, r, base);
	else if (head.ptr[0] == 0xfc)
		verdict = read_compressed(&u, r, base);
	else
		return WT_MALFORMED;
	if (verdict != WT_OK)
		return verdict;
	if (u.is_compressed) {
		size_t seen = left < COMPRESSED_VIEW ? (size_t)left : COMPRESSED_VIEW;

		wt_out_skip(out, left - seen);
		u.len = left;
	}
	d->left = left - u.len;
	d->is_compound = d->left != 0;
	if (!d->left) {
		d->file = 0;
		wt_out_message_end(out);
	}
	wt_out_commit(out);
	return WT_OK;
}

/* --- beginnings --- */

/* Might a frame with a message begin here? */
static enum wt_verdict frame_shape(struct wt_slice s)
{
	struct wt_reader r = wt_reader_of(s, WT_MORE);
	uint8_t type = wt_rd_u8(&r), magic;
	struct wt_slice name;

	if (s.len && type != NBSS_MESSAGE)
		return WT_FOREIGN;
	wt_rd_skip(&r, 3);
	magic = wt_rd_u8(&r);
	if (r.err == WT_OK && magic < 0xfc)
		return WT_FOREIGN;
	name = wt_slice_head(wt_rd_peek(&r), 3);
	if (!wt_slice_starts(WT_LIT("SMB"), name))
		return WT_FOREIGN;
	wt_rd_skip(&r, 3);
	if (magic == 0xfe) {
		uint16_t size = wt_rd_u16le(&r);

		if (r.err == WT_OK && size != SMB_V2_HEAD)
			return WT_FOREIGN;
	}
	return r.err;
}

static enum wt_verdict smb_message(void *state, enum wt_direction dir, struct wt_reader *r,
				   struct wt_out *out)
{
	struct smb_state *s = state;
	struct smb_dir *d = &s->dir[dir];
	uint8_t type;
	uint32_t len;

	if (wt_rd_left(r) == 0)
		return WT_MORE;
	if (wt_out_is_resumed(out)) {
		enum wt_verdict verdict = frame_shape(wt_rd_peek(r));

		if (verdict != WT_OK)
			return verdict == WT_MORE ? WT_MORE : WT_MALFORMED;
	} else if (d->left) {
		return read_message(s, dir, r, out, 0, d->left);
	}
	type = wt_rd_u8(r);
	len = (uint32_t)wt_rd_u8(r) << 16;
	len |= wt_rd_u16be(r);
	if (r->err != WT_OK)
		return r->err;
	if (type != NBSS_MESSAGE)
		return read_nbss(r, out, type, len);
	d->is_compound = false;
	d->file = 0;
	return len ? read_message(s, dir, r, out, NBSS_HEAD_LEN, len) : WT_OK;
}

static void smb_gap(void *state, enum wt_direction dir, uint64_t lost, struct wt_out *out)
{
	struct smb_dir *d = &((struct smb_state *)state)->dir[dir];

	(void)lost;
	(void)out;
	d->left = 0;
	d->is_compound = false;
	d->file = 0;
}

static enum wt_verdict smb_probe(struct wt_slice head)
{
	uint8_t room[16], kind;

	if (head.len && head.ptr[0] == NBSS_REQUEST) {
		if (!wt_slice_starts(WT_LIT("\x81\0\0\x44\x20"), wt_slice_head(head, 5)))
			return WT_FOREIGN;
		if (head.len < NBSS_HEAD_LEN + 34)
			return WT_MORE;
		return wt_netbios_name(wt_slice_tail(head, NBSS_HEAD_LEN), room, &kind).len
			       ? WT_OK
			       : WT_FOREIGN;
	}
	if (head.len && head.ptr[0] == NBSS_POSITIVE) {
		if (!wt_slice_starts(WT_LIT("\x82\0\0\0"), wt_slice_head(head, 4)))
			return WT_FOREIGN;
		return frame_shape(wt_slice_tail(head, NBSS_HEAD_LEN));
	}
	return frame_shape(head);
}

#define MAGIC_AT 4u /* behind type and length: 0xfc to 0xff */

static size_t smb_resync(struct wt_slice rest)
{
	size_t at = 0;

	while (at < rest.len) {
		at += wt_slice_find(wt_slice_tail(rest, at), NBSS_MESSAGE);
		if (at < rest.len &&
		    (rest.len - at <= MAGIC_AT || rest.ptr[at + MAGIC_AT] >= 0xfc) &&
		    frame_shape(wt_slice_tail(rest, at)) != WT_FOREIGN)
			return at;
		at++;
	}
	return rest.len;
}

const struct wt_dissector wt_smb_dissector = {
	.name = "smb",
	.title = "SMB",
	.source = "MS-SMB2 rev. 73, MS-CIFS rev. 29, MS-SMB rev. 51, RFC 1002 4.3",
	.carriage = WT_OVER_TCP,
	.ports = { 445, 139 },
	.probe = smb_probe,
	.message = smb_message,
	.gap = smb_gap,
	.resync = smb_resync,
	.state_size = sizeof(struct smb_state),
	.is_framed = true,
	.buffer_max = 16384,
	WT_DISSECTOR_TABLES(event_types),
};
