/* FTP control connections.
 *
 *   USER name CRLF            verb, argument
 *   331 text CRLF             code, text
 *   211-text CRLF ... CRLF 211 text CRLF
 *
 * One event per command and per reply; a reply names the command that it answers, where
 * that was seen. Greetings of FTP and SMTP begin alike: one that does not say FTP is held
 * back until a command or the next reply tells. After a granted AUTH the rest is TLS.
 * Source: RFC 959, 1635, 2228, 2389, 2428, 3659, 4217.
 * Trust: every byte is hostile. Memory: struct ftp_state per flow; FTP_LINE bytes per
 * direction, longer lines are cut. */
#include "ftp_fields.h"

WT_DECLARE_FIELDS(FTP_FIELDS)

enum { EVENT_FTP };

static const struct wt_event_type events[] = {
	[EVENT_FTP] = { "ftp", "A command or a reply of an FTP control connection." },
};

#define REPLY_LINES_MAX 4096u /* lines of one reply; more is no FTP */
#define GREETING_LINES 4u     /* of which the product is taken */

/* --- addresses of data connections --- */

/* "h1,h2,h3,h4,p1,p2" */
static bool read_numbers(struct wt_slice s, uint32_t number[6])
{
	unsigned i;

	for (i = 0; i < 6; i++) {
		struct wt_slice part = wt_line_part(&s, ',');

		if (!wt_line_number(part, &number[i]) || number[i] > 255)
			return false;
	}
	return true;
}

static void put_address(struct wt_out *out, unsigned event, struct wt_slice s)
{
	uint32_t number[6];
	uint8_t text[16];
	struct wt_builder ip = wt_builder_of(text, sizeof(text));
	unsigned i;

	if (!read_numbers(s, number)) {
		wt_out_glitch(out, "malformed_address");
		return;
	}
	for (i = 0; i < 4; i++) {
		if (i)
			wt_bld_char(&ip, '.');
		wt_bld_u64(&ip, number[i]);
	}
	put_DATA_IP(out, event, wt_bld_slice(&ip));
	put_DATA_PORT(out, event, number[4] * 256u + number[5]);
}

/* "|1|10.0.0.1|1234|" (EPRT), "|||1234|" (229); the delimiter is the first byte. */
static void put_extended(struct wt_out *out, unsigned event, struct wt_slice s)
{
	uint8_t bar = s.len ? s.ptr[0] : 0;
	struct wt_slice ip;
	uint32_t port;

	s = wt_slice_tail(s, 1);
	(void)wt_line_part(&s, bar);
	ip = wt_line_part(&s, bar);
	if (bar < 0x21 || bar > 0x7e || !wt_line_number(s, &port) || port > 65535 ||
	    ip.len > 45) {
		wt_out_glitch(out, "malformed_address");
		return;
	}
	put_DATA_IP(out, event, ip);
	put_DATA_PORT(out, event, port);
}

/* --- commands --- */

/* Telnet commands before a verb: RFC 959 4.1.3 sends IAC IP IAC DM before ABOR. */
static struct wt_slice without_telnet(struct wt_slice s)
{
	while (s.len >= 2 && s.ptr[0] == 0xff && s.ptr[1] >= 0xf0)
		s = wt_slice_tail(s, 2);
	return s.len && s.ptr[0] == 0xf2 ? wt_slice_tail(s, 1) : s;
}

static void take_user(struct ftp_state *s, struct wt_out *out, unsigned event,
		      struct wt_slice name)
{
	size_t i;

	s->is_anonymous =
		wt_line_equal(name, WT_LIT("anonymous")) || wt_line_equal(name, WT_LIT("ftp"));
	s->user_len = (uint8_t)(name.len < sizeof(s->user) ? name.len : sizeof(s->user));
	for (i = 0; i < s->user_len; i++)
		s->user[i] = name.ptr[i];
	wt_put_USER_NAME(out, event, name);
	if (s->is_anonymous)
		put_IS_ANONYMOUS(out, event, true);
}

static void take_auth(struct ftp_state *s, struct wt_out *out, unsigned event,
		      struct wt_slice mechanism)
{
	s->asks_tls = true;
	if (wt_line_starts(mechanism, WT_LIT("tls")))
		put_AUTH(out, event, WT_LIT("TLS"));
	else if (wt_line_equal(mechanism, WT_LIT("ssl")))
		put_AUTH(out, event, WT_LIT("SSL"));
	else
		put_AUTH(out, event,
			 wt_line_equal(mechanism, WT_LIT("gssapi")) ? WT_LIT("GSSAPI")
								    : WT_LIT("other"));
	if (!wt_line_starts(mechanism, WT_LIT("tls")) &&
	    !wt_line_equal(mechanism, WT_LIT("ssl")))
		s->asks_tls = false;
}

static void take_path(struct wt_out *out, unsigned event, struct wt_slice path, bool is_file)
{
	if (is_file)
		wt_put_line_path(out, event, path);
	if (wt_slice_equal(path, WT_LIT("..")))
		return; /* CWD .. is ordinary */
	if (wt_slice_search(path, WT_LIT("../")) < path.len ||
	    wt_slice_search(path, WT_LIT("..\\")) < path.len)
		put_IS_TRAVERSAL(out, event, true);
}

static void take_argument(struct ftp_state *s, struct wt_out *out, unsigned event,
			  enum ftp_verb verb, struct wt_slice argument)
{
	switch (verb) {
	case FTP_USER:
		take_user(s, out, event, argument);
		break;
	case FTP_PASS:
	case FTP_ACCT:
		wt_put_USER_NAME(out, event, wt_slice_of(s->user, s->user_len));
		if (s->is_anonymous)
			put_IS_ANONYMOUS(out, event, true);
		wt_put_USER_SECRET(out, event, argument);
		return; /* not into command_data */
	case FTP_AUTH:
		take_auth(s, out, event, argument);
		break;
	case FTP_PORT:
		put_MODE(out, event, WT_LIT("active"));
		put_address(out, event, argument);
		break;
	case FTP_EPRT:
		put_MODE(out, event, WT_LIT("active"));
		put_extended(out, event, argument);
		break;
	case FTP_RETR:
	case FTP_STOR:
	case FTP_STOU:
	case FTP_APPE:
	case FTP_DELE:
	case FTP_RNFR:
	case FTP_RNTO:
		take_path(out, event, argument, true);
		break;
	case FTP_CWD:
	case FTP_LIST:
	case FTP_NLST:
	case FTP_MKD:
	case FTP_RMD:
		take_path(out, event, argument, false);
		break;
	default:
		break;
	}
	put_COMMAND_DATA(out, event, argument);
}

static enum wt_verdict command(struct ftp_state *s, struct wt_slice line, struct wt_out *out)
{
	struct wt_slice rest, word;
	enum ftp_verb verb;
	unsigned event;

	line = without_telnet(line);
	if (!line.len)
		return WT_OK;
	if (!ftp_is_command(line))
		return WT_MALFORMED;
	rest = line;
	word = wt_line_part(&rest, ' ');
	verb = ftp_verb_of(word);
	event = wt_event_begin(out, EVENT_FTP);
	put_COMMAND(out, event, ftp_verb_name(verb));
	take_argument(s, out, event, verb, rest);
	wt_pending_push(&s->pending, verb);
	wt_out_message_end(out);
	wt_out_commit(out);
	return WT_OK;
}

/* --- replies --- */

static void put_size(struct wt_out *out, unsigned event, struct wt_slice text)
{
	size_t at = wt_slice_find(text, '(');
	uint32_t size;

	/* "150 Opening BINARY mode data connection for x (1234 bytes)." The name may hold
	 * a parenthesis too: the last one counts. */
	while (at < text.len) {
		struct wt_slice rest = wt_slice_tail(text, at + 1);
		size_t next = wt_slice_find(rest, '(');

		if (next == rest.len) {
			if (wt_line_number(rest, &size) && wt_line_has(rest, WT_LIT(" bytes")))
				wt_put_FILE_SIZE(out, event, size);
			return;
		}
		at += 1 + next;
	}
}

static void put_login(struct ftp_state *s, struct wt_out *out, unsigned event, unsigned code)
{
	put_LOGIN(out, event, code == 530 ? WT_LIT("refused") : WT_LIT("accepted"));
	wt_put_USER_NAME(out, event, wt_slice_of(s->user, s->user_len));
	if (s->is_anonymous)
		put_IS_ANONYMOUS(out, event, true);
}

static void take_text(struct ftp_state *s, struct wt_out *out, enum ftp_verb verb,
		      struct wt_slice text)
{
	uint64_t size;

	switch (s->code) {
	case 215: /* "UNIX Type: L8", "Windows_NT" */
		wt_put_HOST_OS(out, s->event, text);
		break;
	case 227: /* some leave out the parentheses: the numbers count */
		put_MODE(out, s->event, WT_LIT("passive"));
		while (text.len && !wt_line_is_digit(text.ptr[0]))
			text = wt_slice_tail(text, 1);
		put_address(out, s->event, text);
		break;
	case 229:
		put_MODE(out, s->event, WT_LIT("passive"));
		(void)wt_line_part(&text, '(');
		put_extended(out, s->event, text);
		break;
	case 150:
		put_size(out, s->event, text);
		break;
	case 213:
		if (verb == FTP_SIZE && wt_slice_to_u64(text, &size))
			wt_put_FILE_SIZE(out, s->event, size);
		break;
	case 230:
		put_login(s, out, s->event, s->code);
		break;
	case 530:
		if (verb == FTP_USER || verb == FTP_PASS || verb == FTP_NONE)
			put_login(s, out, s->event, s->code);
		break;
	default:
		break;
	}
}

/* "1.2": a version? */
static bool has_version(struct wt_slice s)
{
	size_t i;

	for (i = 1; i + 1 < s.len; i++)
		if (s.ptr[i] == '.' && wt_line_is_digit(s.ptr[i - 1]) &&
		    wt_line_is_digit(s.ptr[i + 1]))
			return true;
	return false;
}

/* The product in a greeting: its lines that say FTP or a version. Others are words of
 * welcome, which may say anything. */
static void take_greeting(struct ftp_state *s, struct wt_out *out, struct wt_slice text)
{
	struct wt_slice head = wt_slice_head(text, 255);

	text = wt_line_trim(text);
	if (text.len > 2 && text.ptr[0] == '(' && text.ptr[text.len - 1] == ')')
		text = wt_slice_of(text.ptr + 1, text.len - 2);
	if (s->n_lines <= GREETING_LINES &&
	    (wt_line_has(head, WT_LIT("ftp")) || has_version(head)))
		wt_put_HOST_SOFTWARE(out, s->event, text);
}

static void begin_reply(struct ftp_state *s, struct wt_slice line, struct wt_out *out)
{
	enum ftp_verb verb;

	s->code = (uint16_t)ftp_code_of(line);
	s->n_lines = 0;
	s->is_open = true;
	s->event = (uint8_t)wt_event_begin(out, EVENT_FTP);
	if (s->code == 220 && !s->has_greeting)
		verb = FTP_NONE; /* also where it is read after the first command */
	else
		verb = (enum ftp_verb)wt_pending_pop(&s->pending, s->code >= 200);
	put_COMMAND(out, s->event, ftp_verb_name(verb));
	put_CODE(out, s->event, s->code);
	put_REPLY(out, s->event, wt_slice_tail(line, 4));
	take_text(s, out, verb, wt_slice_tail(line, 4));
	if (s->code == 234 && s->asks_tls && (verb == FTP_AUTH || verb == FTP_NONE))
		wt_out_yield(out);
}

static void end_reply(struct ftp_state *s, struct wt_out *out)
{
	if (s->n_lines > 1)
		put_REPLY_LINES(out, s->event, s->n_lines);
	s->has_greeting = true;
	s->is_open = false;
	wt_out_message_end(out);
	wt_out_commit(out);
}

static enum wt_verdict reply(struct ftp_state *s, struct wt_slice line, struct wt_out *out)
{
	bool is_coded = ftp_is_code(line), is_last;

	if (!s->is_open) {
		if (!line.len)
			return WT_OK;
		if (!is_coded)
			return WT_MALFORMED;
		begin_reply(s, line, out);
		is_last = line.len == 3 || line.ptr[3] == ' ';
	} else {
		is_last = is_coded && ftp_code_of(line) == s->code &&
			  (line.len == 3 || line.ptr[3] == ' ');
		if (s->n_lines == REPLY_LINES_MAX)
			return WT_MALFORMED;
	}
	s->n_lines++;
	if (s->code == 220 && !s->has_greeting)
		take_greeting(s, out, is_coded ? wt_slice_tail(line, 4) : line);
	if (is_last)
		end_reply(s, out);
	return WT_OK;
}

/* --- calls of the engine --- */

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	struct ftp_state *s = state;
	struct wt_slice line;
	enum wt_verdict verdict;

	if (!wt_rd_left(r))
		return WT_MORE;
	if (wt_out_is_resumed(out)) {
		bool is_cut = true; /* of the LF that resync stopped at */

		verdict = wt_line_take(r, out, FTP_LINE, &is_cut, &line);
		if (verdict != WT_OK)
			return verdict;
		s->is_cut[dir] = is_cut;
		s->pending.n = 0;
		if (dir == WT_TO_CLIENT) {
			s->is_open = false; /* its event is gone */
			s->has_greeting |= !ftp_is_code(line) || ftp_code_of(line) != 220;
		}
	} else {
		verdict = wt_line_take(r, out, FTP_LINE, &s->is_cut[dir], &line);
		if (verdict != WT_OK)
			return verdict;
	}
	return dir == WT_TO_SERVER ? command(s, line, out) : reply(s, line, out);
}

static void gap(void *state, enum wt_direction dir, uint64_t lost, struct wt_out *out)
{
	struct ftp_state *s = state;

	(void)lost;
	if (dir == WT_TO_CLIENT && s->is_open)
		end_reply(s, out);
	s->pending.n = 0;
	s->is_cut[dir] = false;
}

const struct wt_dissector wt_ftp_dissector = {
	.name = "ftp",
	.title = "FTP",
	.source = "RFC 959, 1635, 2228, 2389, 2428, 3659, 4217",
	.carriage = WT_OVER_TCP,
	.ports = { 21, 2121 },
	.probe = ftp_probe,
	.message = message,
	.gap = gap,
	.resync = ftp_resync,
	.state_size = sizeof(struct ftp_state),
	.buffer_max = 2 * FTP_LINE,
	WT_DISSECTOR_TABLES(events),
};
