/* TFTP: requests, options, errors, and how a transfer began and ended.
 *
 *   00 01 name 00 mode 00 [option 00 value 00]...   RRQ (00 02: WRQ)
 *   00 03 block data        00 04 block             DATA, ACK
 *   00 05 code text 00      00 06 option 00 value 00 ...   ERROR, OACK
 *
 * The answer comes from a port of its own, so it is a flow of its own, without the
 * request. It is claimed for what only a first answer looks like: an OACK with known
 * options, DATA of block 1 that is full or a known kind of file, an ACK of block 0.
 * Source: RFC 1350, 2347, 2348, 2349, 7440.
 * Trust: every byte is hostile. Memory: struct tftp_state per flow. */
#include "wardtap/line.h"

#define TFTP_FIELDS(F)                                                                         \
	F(PACKET, STR, ONE, NONE, ASIS, 8, "", "tftp.packet", "RFC 1350 5",                    \
	  "read, write, data (first block), end (last block), ack (block 0), error, oack.")    \
	F(FILE, STR, ONE, DIRECT, ASIS, 512, "", "tftp.file", "RFC 1350 5",                    \
	  "File name as requested.")                                                           \
	F(MODE, STR, ONE, NONE, ASIS, 12, "", "tftp.mode", "RFC 1350 5",                       \
	  "octet, netascii, mail, or other.")                                                  \
	F(BLOCK_SIZE, U64, ONE, NONE, ASIS, 8, "bytes", "tftp.block_bytes", "RFC 2348",        \
	  "Block size asked for or granted.")                                                  \
	F(WINDOW, U64, ONE, NONE, ASIS, 8, "blocks", "tftp.window_blocks", "RFC 7440",         \
	  "Window asked for or granted.")                                                      \
	F(TIMEOUT, U64, ONE, NONE, ASIS, 8, "s", "tftp.timeout_s", "RFC 2349",                 \
	  "Timeout asked for or granted.")                                                     \
	F(ERROR_CODE, U64, ONE, NONE, ASIS, 8, "", "tftp.error_code", "RFC 1350 5",            \
	  "Code of an ERROR packet.")                                                          \
	F(ERROR_TEXT, STR, ONE, DIRECT, ASIS, 256, "", "tftp.error_text", "RFC 1350 5",        \
	  "Text of an ERROR packet.")                                                          \
	F(IS_TRAVERSAL, BOOL, ONE, NONE, ASIS, 1, "", "tftp.has_path_traversal", "wardtap",    \
	  "The name climbs with '..'.")

WT_DECLARE_FIELDS(TFTP_FIELDS)

enum { EVENT_TFTP };

static const struct wt_event_type events[] = {
	[EVENT_TFTP] = { "tftp", "A TFTP request, its answer, the end of a transfer." },
};

enum { TFTP_RRQ = 1, TFTP_WRQ, TFTP_DATA, TFTP_ACK, TFTP_ERROR, TFTP_OACK };

#define TFTP_BLOCK 512u       /* RFC 1350 2 */
#define TFTP_BLOCK_MAX 65464u /* RFC 2348 */

struct tftp_state {
	uint16_t block_len;
	uint16_t last; /* block number */
	bool has_begun, has_ended, has_wrapped;
};

/* Text up to its NUL, all of it printable; `is_bad` otherwise. */
static struct wt_slice read_text(struct wt_reader *r, bool *is_bad)
{
	struct wt_slice s = wt_rd_until(r, 0);
	size_t i;

	for (i = 0; i < s.len; i++)
		if (s.ptr[i] < 0x20 || s.ptr[i] == 0x7f)
			*is_bad = true;
	return s;
}

static bool is_mode(struct wt_slice s)
{
	return wt_line_equal(s, WT_LIT("octet")) || wt_line_equal(s, WT_LIT("netascii")) ||
	       wt_line_equal(s, WT_LIT("mail"));
}

static bool is_option(struct wt_slice s)
{
	return wt_line_equal(s, WT_LIT("blksize")) || wt_line_equal(s, WT_LIT("tsize")) ||
	       wt_line_equal(s, WT_LIT("timeout")) || wt_line_equal(s, WT_LIT("windowsize")) ||
	       wt_line_equal(s, WT_LIT("blksize2")) || wt_line_equal(s, WT_LIT("multicast")) ||
	       wt_line_equal(s, WT_LIT("utimeout")) || wt_line_equal(s, WT_LIT("rollover"));
}

static enum wt_verdict probe_request(struct wt_reader *r)
{
	bool is_bad = false;
	struct wt_slice name = read_text(r, &is_bad), mode = read_text(r, &is_bad);

	return r->err == WT_OK && !is_bad && name.len && is_mode(mode) ? WT_OK : WT_FOREIGN;
}

static bool is_full(size_t len)
{
	return len == 512 || len == 1024 || len == 1408 || len == 1428 || len == 1432 ||
	       len == 1448 || len == 1456 || len == 1468 || len == 4096 || len == 8192;
}

static enum wt_verdict probe(struct wt_slice head)
{
	struct wt_reader r = wt_reader_of(head, WT_MALFORMED);
	unsigned opcode = wt_rd_u16be(&r), number;
	bool is_bad = false;
	struct wt_slice text;

	if (r.err != WT_OK || opcode < TFTP_RRQ || opcode > TFTP_OACK)
		return WT_FOREIGN;
	if (opcode == TFTP_RRQ || opcode == TFTP_WRQ)
		return probe_request(&r);
	if (opcode == TFTP_OACK) {
		text = read_text(&r, &is_bad);
		(void)read_text(&r, &is_bad);
		return r.err == WT_OK && !is_bad && is_option(text) ? WT_OK : WT_FOREIGN;
	}
	number = wt_rd_u16be(&r);
	if (r.err != WT_OK)
		return WT_FOREIGN;
	if (opcode == TFTP_DATA)
		return number == 1 && (is_full(r.left) ||
				       (r.left <= TFTP_BLOCK && wt_file_kind(wt_rd_peek(&r))))
			       ? WT_OK
			       : WT_FOREIGN;
	if (opcode == TFTP_ACK)
		return number == 0 && !r.left ? WT_OK : WT_FOREIGN;
	text = read_text(&r, &is_bad);
	return r.err == WT_OK && number <= 8 && text.len >= 4 && !is_bad && !r.left
		       ? WT_OK
		       : WT_FOREIGN;
}

/* Options of a request or an OACK, into the event; the block size into the state. */
static void read_options(struct tftp_state *s, struct wt_reader *r, struct wt_out *out,
			 unsigned event, bool is_granted)
{
	bool is_bad = false;

	while (wt_rd_left(r)) {
		struct wt_slice name = read_text(r, &is_bad), value = read_text(r, &is_bad);
		uint64_t number;

		if (r->err != WT_OK || !wt_slice_to_u64(value, &number))
			continue;
		if (wt_line_equal(name, WT_LIT("blksize"))) {
			put_BLOCK_SIZE(out, event, number);
			if (is_granted && number >= 8 && number <= TFTP_BLOCK_MAX)
				s->block_len = (uint16_t)number;
		} else if (wt_line_equal(name, WT_LIT("tsize"))) {
			if (number) /* 0 in a read asks for it */
				wt_put_FILE_SIZE(out, event, number);
		} else if (wt_line_equal(name, WT_LIT("windowsize"))) {
			put_WINDOW(out, event, number);
		} else if (wt_line_equal(name, WT_LIT("timeout"))) {
			put_TIMEOUT(out, event, number);
		}
	}
	if (is_bad)
		wt_out_glitch(out, "control_characters");
}

static enum wt_verdict request(struct tftp_state *s, struct wt_reader *r, struct wt_out *out,
			       bool is_write)
{
	bool is_bad = false;
	struct wt_slice name = read_text(r, &is_bad), mode = read_text(r, &is_bad);
	unsigned event;

	if (r->err != WT_OK)
		return r->err;
	event = wt_event_begin(out, EVENT_TFTP);
	put_PACKET(out, event, is_write ? WT_LIT("write") : WT_LIT("read"));
	put_FILE(out, event, name);
	wt_put_line_path(out, event, name);
	if (wt_line_equal(mode, WT_LIT("netascii")))
		put_MODE(out, event, WT_LIT("netascii"));
	else if (wt_line_equal(mode, WT_LIT("octet")))
		put_MODE(out, event, WT_LIT("octet"));
	else
		put_MODE(out, event,
			 wt_line_equal(mode, WT_LIT("mail")) ? WT_LIT("mail")
							     : WT_LIT("other"));
	if (wt_slice_search(name, WT_LIT("../")) < name.len ||
	    wt_slice_search(name, WT_LIT("..\\")) < name.len)
		put_IS_TRAVERSAL(out, event, true);
	if (is_bad)
		wt_out_glitch(out, "control_characters");
	read_options(s, r, out, event, false);
	return WT_OK;
}

static enum wt_verdict block(struct tftp_state *s, struct wt_reader *r, struct wt_out *out)
{
	unsigned number = wt_rd_u16be(r), event;
	size_t block_len = s->block_len ? s->block_len : TFTP_BLOCK;
	struct wt_slice bytes;
	bool is_last;

	if (r->err != WT_OK)
		return r->err;
	if (r->on_short == WT_CLIPPED)
		return WT_CLIPPED; /* its true length is not known */
	bytes = wt_rd_rest(r);
	if (!s->has_begun && number == 1 && bytes.len > block_len)
		block_len = s->block_len = (uint16_t)bytes.len; /* the OACK was missed */
	is_last = bytes.len < block_len && !s->has_ended;
	if (number == 1 && !s->has_begun) {
		s->has_begun = true;
		event = wt_event_begin(out, EVENT_TFTP);
		put_PACKET(out, event, WT_LIT("data"));
		wt_put_FILE_KIND(out, event, wt_slice_text(wt_file_kind(bytes)));
		wt_put_FILE_PREAMBLE(out, event, wt_slice_text(wt_file_preamble_kind(bytes)));
		wt_put_FILE_DATA(out, event, bytes);
	}
	s->has_wrapped |= number < s->last && s->last - number > 0x8000u;
	s->last = (uint16_t)number;
	if (is_last && s->has_begun) {
		s->has_ended = true;
		event = wt_event_begin(out, EVENT_TFTP);
		put_PACKET(out, event, WT_LIT("end"));
		/* block numbers go round after 65535: then the size is not known */
		if (number && !s->has_wrapped)
			wt_put_FILE_SIZE(out, event,
					 (uint64_t)(number - 1) * block_len + bytes.len);
	}
	return WT_OK;
}

static enum wt_verdict error(struct wt_reader *r, struct wt_out *out)
{
	bool is_bad = false;
	unsigned code = wt_rd_u16be(r), event;
	struct wt_slice text;

	if (r->err != WT_OK)
		return r->err;
	text = wt_slice_head(wt_rd_peek(r), wt_slice_find(wt_rd_peek(r), 0));
	(void)read_text(r, &is_bad); /* some senders leave out the NUL */
	event = wt_event_begin(out, EVENT_TFTP);
	put_PACKET(out, event, WT_LIT("error"));
	put_ERROR_CODE(out, event, code);
	put_ERROR_TEXT(out, event, text);
	return WT_OK;
}

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	struct tftp_state *s = state;
	unsigned opcode = wt_rd_u16be(r), event, number;

	(void)dir;
	if (r->err != WT_OK)
		return r->err;
	switch (opcode) {
	case TFTP_RRQ:
	case TFTP_WRQ:
		return request(s, r, out, opcode == TFTP_WRQ);
	case TFTP_DATA:
		return block(s, r, out);
	case TFTP_ACK:
		number = wt_rd_u16be(r);
		if (r->err == WT_OK && number == 0) {
			event = wt_event_begin(out, EVENT_TFTP);
			put_PACKET(out, event, WT_LIT("ack"));
		}
		return r->err;
	case TFTP_ERROR:
		return error(r, out);
	case TFTP_OACK:
		event = wt_event_begin(out, EVENT_TFTP);
		put_PACKET(out, event, WT_LIT("oack"));
		read_options(s, r, out, event, true);
		return WT_OK;
	default:
		return WT_MALFORMED;
	}
}

const struct wt_dissector wt_tftp_dissector = {
	.name = "tftp",
	.title = "TFTP",
	.source = "RFC 1350, 2347, 2348, 2349, 7440",
	.carriage = WT_OVER_UDP,
	.ports = { 69 },
	.probe = probe,
	.message = message,
	.state_size = sizeof(struct tftp_state),
	.buffer_max = 0,
	WT_DISSECTOR_TABLES(events),
};
