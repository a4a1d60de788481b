/* SMTP: who mails what to whom, logins, and what the mail carries.
 *
 *   220 host ESMTP product CRLF          EHLO name, MAIL FROM:<a>, RCPT TO:<b>
 *   DATA CRLF, 354, lines, "." CRLF      BDAT n [LAST] CRLF, n bytes
 *   AUTH mechanism [response] CRLF, 334, response CRLF ...
 *
 * One event per hello, login and message; replies only where they greet, answer a login
 * or refuse. The message's event is open from MAIL to its last line. Whether DATA was
 * granted is known from the server's side, where that was seen. After a granted STARTTLS
 * the rest is TLS.
 * Source: RFC 5321, 2920, 3030, 3207, 4954, 2033.
 * Trust: every byte is hostile. Memory: struct smtp_state per flow; SMTP_LINE bytes per
 * direction, longer lines are cut. */
#include "smtp_fields.h"

enum { SMTP_FIELDS(WT_FIELD_ENUM) F_COUNT_ };
static const struct wt_field fields[] = { SMTP_FIELDS(WT_FIELD_ROW) };
#define SMTP_SETTER(id, type, mult, phi, declass, cap, unit, name, clause, doc)                \
	__attribute__((unused)) static void put_##id(struct wt_out *out, unsigned event,       \
						     WT_CTYPE_##type value)                    \
	{                                                                                      \
		WT_PUT_##type(out, event, WT_FIELD_BASE + (unsigned)F_##id, value);            \
	}
SMTP_FIELDS(SMTP_SETTER)

enum { EVENT_SMTP };

static const struct wt_event_type events[] = {
	[EVENT_SMTP] = { "smtp", "A step of a mail session, a message, an attachment." },
};

static const char *const mechanisms[] = {
	"other",  "PLAIN",      "LOGIN",       "CRAM-MD5",      "NTLM",     "XOAUTH2",
	"GSSAPI", "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "EXTERNAL",
};
enum { OTHER_MECHANISM, PLAIN, LOGIN, CRAM_MD5 };

/* --- commands --- */

/* Events of the client's side go together: none while a message is open. */
static void commit(struct smtp_state *s, struct wt_out *out)
{
	if (!s->is_mail_open)
		wt_out_commit(out);
}

static void mail_done(struct smtp_state *s, struct wt_out *out)
{
	if (!s->is_mail_open)
		return;
	if (s->n_rcpts)
		put_N_RCPTS(out, s->mail_event, s->n_rcpts);
	s->is_mail_open = false;
	s->n_rcpts = 0;
	wt_out_commit(out);
}

static void mail_open(struct smtp_state *s, struct wt_out *out)
{
	if (s->is_mail_open)
		return;
	s->mail_event = (uint8_t)wt_event_begin(out, EVENT_SMTP);
	s->is_mail_open = true;
	s->n_rcpts = 0;
	s->n_files = 0;
	s->data_bytes = 0;
	put_STEP(out, s->mail_event, WT_LIT("mail"));
}

static void hello(struct wt_slice name, struct wt_out *out)
{
	unsigned event = wt_event_begin(out, EVENT_SMTP);

	put_STEP(out, event, WT_LIT("hello"));
	put_RAW_HELO(out, event, name);
	if (!wt_host_name_is_personal(name))
		put_HELO(out, event, name);
	if (name.len && name.ptr[0] != '[') /* an address literal is no name */
		wt_put_host_name(out, event, name);
}

/* "<a@b> SIZE=1", also without brackets */
static struct wt_slice address_of(struct wt_slice line)
{
	struct wt_slice s = wt_slice_tail(line, wt_slice_find(line, ':') + 1);

	s = wt_line_trim(s);
	if (s.len && s.ptr[0] == '<') {
		s = wt_slice_tail(s, 1);
		return wt_slice_head(s, wt_slice_find(s, '>'));
	}
	return wt_slice_head(s, wt_slice_find(s, ' '));
}

/* Decoded response: PLAIN "\0user\0password", LOGIN each by itself, CRAM-MD5 "user
 * digest". */
static void auth_response(struct smtp_state *s, struct wt_slice text, struct wt_out *out)
{
	uint8_t quad[4], quad_len = 0, room[512];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	struct wt_slice plain, part;

	smtp_base64(wt_slice_head(text, 640), quad, &quad_len, &b);
	plain = wt_bld_slice(&b);
	switch (s->mechanism) {
	case PLAIN:
		part = wt_line_part(&plain, 0);
		if (plain.len) {
			wt_put_USER_NAME(out, s->auth_event, wt_line_part(&plain, 0));
			wt_put_USER_SECRET(out, s->auth_event, plain);
		}
		(void)part; /* whom the user acts for */
		break;
	case LOGIN:
		if (s->auth_left == 2)
			wt_put_USER_NAME(out, s->auth_event, plain);
		else
			wt_put_USER_SECRET(out, s->auth_event, text);
		break;
	case CRAM_MD5:
		wt_put_USER_NAME(out, s->auth_event, wt_line_word(&plain));
		wt_put_USER_SECRET(out, s->auth_event, plain);
		break;
	default:
		wt_put_USER_SECRET(out, s->auth_event, text);
		break;
	}
	s->auth_left--;
	if (s->auth_left)
		return;
	s->phase = SMTP_AT_COMMAND;
	commit(s, out);
}

static void auth(struct smtp_state *s, struct wt_slice rest, struct wt_out *out)
{
	struct wt_slice word = wt_line_word(&rest);
	unsigned i;

	s->mechanism = OTHER_MECHANISM;
	for (i = PLAIN; i < sizeof(mechanisms) / sizeof(mechanisms[0]); i++)
		if (smtp_is_word(word, mechanisms[i]))
			s->mechanism = (uint8_t)i;
	s->auth_event = (uint8_t)wt_event_begin(out, EVENT_SMTP);
	put_STEP(out, s->auth_event, WT_LIT("auth"));
	put_MECHANISM(out, s->auth_event, wt_slice_text(mechanisms[s->mechanism]));
	s->auth_left = s->mechanism == LOGIN ? 2 : 1;
	s->phase = SMTP_AT_AUTH;
	if (rest.len)
		auth_response(s, rest, out);
}

static void simple(struct wt_slice step, struct wt_out *out)
{
	put_STEP(out, wt_event_begin(out, EVENT_SMTP), step);
}

static void bdat(struct smtp_state *s, struct wt_slice rest, struct wt_out *out)
{
	struct wt_slice size = wt_line_word(&rest);

	if (!wt_slice_to_u64(size, &s->chunk_left) || s->chunk_left > UINT32_MAX) {
		wt_out_glitch(out, "malformed_chunk_size");
		s->chunk_left = 0;
		return;
	}
	mail_open(s, out);
	if (!s->is_chunked)
		smtp_mail_begin(s);
	else if (s->phase == SMTP_AT_COMMAND)
		s->phase = SMTP_AT_BODY;
	s->is_chunked = true;
	s->is_last_chunk = wt_line_equal(rest, WT_LIT("last"));
	s->data_bytes += s->chunk_left;
}

/* The message, or its last chunk, is complete. */
static void message_end(struct smtp_state *s, struct wt_out *out)
{
	smtp_mail_end(s, out);
	wt_out_message_end(out);
	s->is_chunked = false;
	s->phase = SMTP_AT_COMMAND;
	mail_done(s, out);
}

static void recipient(struct smtp_state *s, struct wt_slice line, struct wt_out *out)
{
	mail_open(s, out);
	if (s->n_rcpts++ < SMTP_RCPTS_MAX)
		put_RCPT_TO(out, s->mail_event, address_of(line));
}

static enum wt_verdict command(struct smtp_state *s, struct wt_slice line, struct wt_out *out)
{
	enum smtp_verb verb = smtp_verb_of(line);
	struct wt_slice rest = wt_line_trim(wt_slice_tail(line, wt_slice_find(line, ' ')));

	if (!line.len)
		return WT_OK;
	if (s->is_mail_due)
		verb = SMTP_MAIL;
	s->is_mail_due = false;
	if (verb == SMTP_OTHER && !wt_line_is_letter(line.ptr[0]))
		return WT_MALFORMED;
	wt_pending_push(&s->pending, verb);
	if (verb != SMTP_BDAT) /* its bytes follow */
		wt_out_message_end(out);
	switch (verb) {
	case SMTP_EHLO:
	case SMTP_HELO:
	case SMTP_LHLO:
		mail_done(s, out);
		hello(rest, out);
		break;
	case SMTP_MAIL:
		mail_open(s, out); /* an older one is ended: see end_older_mail */
		put_MAIL_FROM(out, s->mail_event, address_of(line));
		break;
	case SMTP_RCPT:
		recipient(s, line, out);
		break;
	case SMTP_DATA:
		s->phase = SMTP_AT_DATA_WAIT;
		s->is_data_refused = s->is_data_granted = false;
		break;
	case SMTP_BDAT:
		bdat(s, rest, out);
		if (!s->chunk_left && s->is_last_chunk && s->is_chunked)
			message_end(s, out);
		break;
	case SMTP_RSET:
	case SMTP_QUIT:
		s->is_chunked = false;
		mail_done(s, out);
		break;
	case SMTP_VRFY:
	case SMTP_EXPN:
		simple(WT_LIT("probe"), out);
		break;
	case SMTP_AUTH:
		auth(s, rest, out);
		return WT_OK;
	case SMTP_STARTTLS:
		simple(WT_LIT("starttls"), out);
		break;
	default:
		break;
	}
	commit(s, out);
	return WT_OK;
}

static enum wt_verdict auth_line(struct smtp_state *s, struct wt_slice line, struct wt_out *out)
{
	enum smtp_verb verb = smtp_verb_of(line);

	/* refused at once, or called off: the next command */
	if (verb == SMTP_QUIT || verb == SMTP_MAIL || verb == SMTP_AUTH || verb == SMTP_RSET ||
	    smtp_is_word(line, "*")) {
		s->phase = SMTP_AT_COMMAND;
		commit(s, out);
		return line.ptr[0] == '*' ? WT_OK : command(s, line, out);
	}
	auth_response(s, line, out);
	return WT_OK;
}

static enum wt_verdict client_line(struct smtp_state *s, struct wt_slice line,
				   struct wt_out *out)
{
	if (s->phase == SMTP_AT_DATA_WAIT) {
		if (s->is_data_refused) {
			s->phase = SMTP_AT_COMMAND;
		} else {
			mail_open(s, out);
			smtp_mail_begin(s);
		}
	}
	if (s->phase == SMTP_AT_COMMAND)
		return command(s, line, out);
	if (s->phase == SMTP_AT_AUTH)
		return auth_line(s, line, out);
	if (wt_slice_equal(line, WT_LIT("."))) {
		message_end(s, out);
		return WT_OK;
	}
	if (line.len && line.ptr[0] == '.')
		line = wt_slice_tail(line, 1); /* RFC 5321 4.5.2 */
	s->data_bytes += line.len + 2;
	smtp_mail_line(s, line, out);
	return WT_OK;
}

/* --- replies --- */

static void reply_begin(struct smtp_state *s, struct wt_slice line, struct wt_out *out)
{
	s->reply_code = (uint16_t)smtp_code_of(line);
	s->is_reply_open = true;
	s->reply_verb = SMTP_NONE;
	if (s->reply_code != 220 || s->has_greeting)
		s->reply_verb = (uint8_t)wt_pending_pop(
			&s->pending, s->reply_code != 334 && s->reply_code != 354);
	s->reply_event = (uint8_t)wt_event_begin(out, EVENT_SMTP);
	if (s->reply_code == 220 && !s->has_greeting)
		put_STEP(out, s->reply_event, WT_LIT("greeting"));
	else
		put_STEP(out, s->reply_event, WT_LIT("reply"));
	put_CODE(out, s->reply_event, s->reply_code);
	put_COMMAND(out, s->reply_event, smtp_verb_name(s->reply_verb));
	put_RAW_REPLY(out, s->reply_event, wt_slice_tail(line, 4));
}

/* "host ESMTP Postfix (Debian/GNU)": the name, and the product behind "SMTP". */
static void greeting(struct smtp_state *s, struct wt_slice text, struct wt_out *out)
{
	struct wt_slice rest = text, name = wt_line_word(&rest);

	if (wt_slice_find(name, '.') < name.len)
		wt_put_host_name(out, s->reply_event, name);
	if (wt_line_starts(rest, WT_LIT("esmtp")) || wt_line_starts(rest, WT_LIT("smtp")) ||
	    wt_line_starts(rest, WT_LIT("lmtp")))
		(void)wt_line_word(&rest);
	wt_put_HOST_SOFTWARE(out, s->reply_event, rest);
}

/* Is the reply worth an event? Greetings, answers to logins and STARTTLS, refusals, and
 * what a server offers. */
static bool is_news(const struct smtp_state *s, bool was_greeting)
{
	return was_greeting || s->reply_code >= 400 || s->reply_code == 235 ||
	       s->reply_verb == SMTP_EHLO || s->reply_verb == SMTP_STARTTLS ||
	       s->reply_verb == SMTP_VRFY || s->reply_verb == SMTP_EXPN;
}

static void reply_end(struct smtp_state *s, struct wt_out *out)
{
	bool was_greeting = s->reply_code == 220 && !s->has_greeting;

	if (s->reply_verb == SMTP_DATA || s->reply_code == 354) {
		s->is_data_granted |= s->reply_code == 354;
		s->is_data_refused |= s->reply_code >= 400 && !s->is_data_granted;
	}
	/* the answer to the message itself follows the one to DATA */
	if (s->reply_verb == SMTP_AUTH && s->reply_code >= 400)
		s->auth_left = s->phase == SMTP_AT_AUTH ? s->auth_left : 0;
	s->has_greeting = true;
	s->is_reply_open = false;
	wt_out_message_end(out);
	if (is_news(s, was_greeting))
		wt_out_commit(out);
	else
		wt_out_drop(out);
	if (s->reply_verb == SMTP_STARTTLS && s->reply_code == 220)
		wt_out_yield(out);
}

static enum wt_verdict server_line(struct smtp_state *s, struct wt_slice line,
				   struct wt_out *out)
{
	struct wt_slice text;

	if (!line.len)
		return WT_OK;
	if (!smtp_is_code(line))
		return WT_MALFORMED;
	text = wt_slice_tail(line, 4);
	if (!s->is_reply_open) {
		reply_begin(s, line, out);
		if (s->reply_code == 220 && !s->has_greeting)
			greeting(s, text, out);
	}
	if (s->reply_verb == SMTP_EHLO && wt_line_equal(text, WT_LIT("starttls")))
		put_OFFERS_TLS(out, s->reply_event, true);
	if (line.len == 3 || line.ptr[3] == ' ')
		reply_end(s, out);
	return WT_OK;
}

/* --- calls of the engine --- */

/* A line inside a chunk of BDAT, which may end within the line. */
static enum wt_verdict chunk_line(struct smtp_state *s, struct wt_reader *r, struct wt_out *out)
{
	struct wt_slice rest = wt_slice_head(wt_rd_peek(r), SMTP_LINE);
	size_t at, n;

	if (rest.len > s->chunk_left)
		rest = wt_slice_head(rest, (size_t)s->chunk_left);
	at = wt_slice_find(rest, '\n');
	if (at == rest.len && rest.len < SMTP_LINE && rest.len < s->chunk_left)
		return WT_MORE;
	n = at < rest.len ? at + 1 : rest.len;
	smtp_mail_line(s, wt_line_chomp(wt_slice_head(rest, n)), out);
	wt_rd_skip(r, n);
	s->chunk_left -= n;
	if (!s->chunk_left) {
		if (s->is_last_chunk)
			message_end(s, out);
		else
			s->phase = SMTP_AT_COMMAND;
	}
	return WT_OK;
}

/* Where bytes were lost, only what is surely a command or a reply goes on: a line of a
 * message may begin with a verb. */
static bool is_sure(struct wt_slice line, enum wt_direction dir)
{
	if (dir == WT_TO_CLIENT)
		return smtp_is_code(line);
	switch (smtp_verb_of(line)) {
	case SMTP_EHLO:
	case SMTP_HELO:
	case SMTP_LHLO:
		return line.len > 5;
	case SMTP_MAIL:
		return wt_line_starts(line, WT_LIT("mail from:"));
	case SMTP_RCPT:
		return wt_line_starts(line, WT_LIT("rcpt to:"));
	case SMTP_RSET:
	case SMTP_QUIT:
	case SMTP_DATA:
		return line.len == 4;
	case SMTP_STARTTLS:
		return line.len == 8;
	default:
		return false;
	}
}

static void lose_place(struct smtp_state *s, enum wt_direction dir)
{
	s->is_cut[dir] = true; /* of the LF that resync stopped at */
	s->pending.n = 0;
	if (dir == WT_TO_CLIENT) {
		s->is_reply_open = false;
		s->has_greeting = true;
		return;
	}
	s->phase = SMTP_AT_COMMAND;
	s->is_mail_open = s->is_chunked = s->is_mail_due = false;
	s->chunk_left = 0;
}

/* MAIL where a message is still open, refused perhaps: a commit takes all events of a
 * call, so this one takes the verb, ends the older message, and leaves the rest of the
 * line to the next. */
static bool end_older_mail(struct smtp_state *s, struct wt_slice line, struct wt_reader start,
			   struct wt_reader *r, struct wt_out *out)
{
	bool at_command = s->phase == SMTP_AT_COMMAND ||
			  (s->phase == SMTP_AT_DATA_WAIT && s->is_data_refused);

	if (!s->is_mail_open || !at_command || smtp_verb_of(line) != SMTP_MAIL)
		return false;
	s->phase = SMTP_AT_COMMAND;
	*r = start;
	wt_rd_skip(r, (size_t)(line.ptr - start.ptr) + 4);
	s->is_mail_due = true;
	s->is_cut[WT_TO_SERVER] = false;
	mail_done(s, out);
	return true;
}

static enum wt_verdict one_line(struct smtp_state *s, enum wt_direction dir,
				struct wt_reader *r, struct wt_out *out)
{
	bool is_resumed = wt_out_is_resumed(out);
	bool is_cut = is_resumed || s->is_cut[dir];
	struct wt_reader start = *r;
	struct wt_slice line;
	enum wt_verdict verdict;

	if (dir == WT_TO_SERVER && s->chunk_left && !is_resumed)
		return chunk_line(s, r, out);
	verdict = wt_line_take(r, out, SMTP_LINE, &is_cut, &line);
	if (verdict != WT_OK)
		return verdict;
	if (is_resumed) {
		if (!is_sure(line, dir))
			return WT_MALFORMED;
		lose_place(s, dir);
	} else if (s->is_cut[dir] && s->phase >= SMTP_AT_HEADERS && dir == WT_TO_SERVER) {
		s->data_bytes += wt_out_skipped(out);
	}
	if (dir == WT_TO_SERVER && !is_cut && end_older_mail(s, line, start, r, out))
		return WT_OK;
	s->is_cut[dir] = is_cut;
	return dir == WT_TO_SERVER ? client_line(s, line, out) : server_line(s, line, out);
}

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	struct smtp_state *s = state;

	if (!wt_rd_left(r)) {
		if (dir != WT_TO_SERVER || !s->is_mail_open || !wt_out_is_end(out))
			return WT_MORE;
		smtp_mail_end(s, out); /* never finished, but told of */
		mail_done(s, out);
		return WT_OK;
	}
	return one_line(s, dir, r, out);
}

static void gap(void *state, enum wt_direction dir, uint64_t lost, struct wt_out *out)
{
	struct smtp_state *s = state;

	(void)lost;
	if (dir == WT_TO_SERVER && s->is_mail_open) {
		smtp_mail_end(s, out);
		mail_done(s, out);
	}
	lose_place(s, dir);
}

const struct wt_dissector wt_smtp_dissector = {
	.name = "smtp",
	.title = "SMTP",
	.source = "RFC 5321, 2920, 3030, 3207, 4954, 2033, 5322, 2045, 2183",
	.carriage = WT_OVER_TCP,
	.ports = { 25, 587, 465, 1025, 2525 },
	.probe = smtp_probe,
	.message = message,
	.gap = gap,
	.resync = smtp_resync,
	.state_size = sizeof(struct smtp_state),
	.buffer_max = 2 * SMTP_LINE,
	WT_DISSECTOR_TABLES(events),
};
