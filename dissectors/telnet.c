/* Telnet: negotiation, who logs in, and what answers; never what is typed.
 *
 *   FF FB..FE option            WILL, WONT, DO, DONT
 *   FF FA option ... FF F0      subnegotiation: 24 terminal type, 31 window size
 *   "host login: "  name CR NUL  "Password: "  secret CR NUL
 *
 * Both directions are read byte by byte. Of the server's lines only those before the
 * login are looked at: for the prompt, and for the name of an operating system or
 * product. Telnet has no magic: it is claimed for a negotiation, or for a prompt that is
 * the first thing said. After a login nothing is kept but the negotiation.
 * Source: RFC 854, 855, 1091, 1073, 1572; observed in pcaps/telnet.
 * Trust: every byte is hostile. Memory: struct telnet_state per flow. */
#include "wardtap/line.h"

#define TELNET_FIELDS(F)                                                                       \
	F(STEP, STR, ONE, NONE, ASIS, 12, "", "telnet.step", "wardtap",                        \
	  "banner, terminal, login (name and password were sent), accepted or refused.")       \
	F(BANNER, STR, ONE, DIRECT, ASIS, 128, "", "telnet.banner", "wardtap",                 \
	  "A line that the server shows before the login.")                                    \
	F(TERMINAL, STR, ONE, NONE, ASIS, 40, "", "telnet.terminal", "RFC 1091",               \
	  "Terminal type as stated.")                                                          \
	F(COLUMNS, U64, ONE, NONE, ASIS, 8, "", "telnet.columns", "RFC 1073",                  \
	  "Width of the client's window.")                                                     \
	F(ROWS, U64, ONE, NONE, ASIS, 8, "", "telnet.rows", "RFC 1073",                        \
	  "Height of the client's window.")

WT_DECLARE_FIELDS(TELNET_FIELDS)

enum { EVENT_TELNET };

static const struct wt_event_type events[] = {
	[EVENT_TELNET] = { "telnet", "A step of a Telnet session." },
};

enum {
	SE = 0xf0,
	SB = 0xfa,
	WILL = 0xfb,
	DONT = 0xfe,
	IAC = 0xff,
	OPTION_TERMINAL = 24,
	OPTION_NAWS = 31,
	OPTION_ENVIRON = 39,
	OPTION_MAX = 49, /* highest assigned, but for EXOPL (255) */
};

enum { AT_TEXT, AT_IAC, AT_OPTION, AT_SUB, AT_SUB_BODY, AT_SUB_IAC };
enum { WANT_NOTHING, WANT_USER, WANT_SECRET, WANT_VERDICT, WANT_DONE };

#define LINE_KEPT 128u
#define SUB_KEPT 48u
#define CALL_BYTES 256u /* no more events than a call may begin */
#define TERMINALS_MAX 16u
#define BANNERS_MAX 8u /* lines before the login that are looked at */

struct telnet_dir {
	uint8_t at;     /* inside a command? */
	uint8_t option; /* of the subnegotiation */
	uint8_t sub_len;
	uint8_t line_len;
	uint8_t sub[SUB_KEPT];
	uint8_t line[LINE_KEPT];
	bool is_long; /* more than is kept of the line */
};

struct telnet_state {
	struct telnet_dir dir[2];
	uint8_t want;
	uint8_t n_banners, n_terminals;
	uint8_t user_len;
	uint8_t user[64];
};

/* --- probe --- */

static bool is_option(uint8_t option)
{
	return option <= OPTION_MAX; /* 255 extends the list, and fills bit maps */
}

/* Offset behind a negotiation or the start of a subnegotiation; 0: none is there. */
static size_t see_negotiation(struct wt_slice s, bool *is_short)
{
	*is_short = s.len < 3;
	if ((s.len > 0 && s.ptr[0] != IAC) ||
	    (s.len > 1 && (s.ptr[1] < SB || s.ptr[1] > DONT)) ||
	    (s.len > 2 && !is_option(s.ptr[2])))
		*is_short = false;
	else if (s.len > 2)
		return 3;
	return 0;
}

static bool is_name_byte(uint8_t c)
{
	return wt_line_is_letter(c) || wt_line_is_digit(c) || c == '-' || c == '.' || c == '_';
}

/* Blank lines, a host's name perhaps, then "login:"; or "Username:", "Password:". */
static enum wt_verdict see_prompt(struct wt_slice s)
{
	static const char *const words[] = { "login:", "username:", "password:" };
	struct wt_slice rest;
	size_t n = 0, i;

	while (n < s.len && n < 8 && (s.ptr[n] == '\r' || s.ptr[n] == '\n'))
		n++;
	rest = wt_slice_tail(s, n);
	if (!rest.len)
		return n < 8 ? WT_MORE : WT_FOREIGN;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (wt_line_agrees(rest, wt_slice_text(words[i])) &&
		    (i || rest.ptr[0] == 'l')) /* finger(1) says "Login: name" */
			return rest.len >= wt_slice_text(words[i]).len ? WT_OK : WT_MORE;
	for (n = 0; n < rest.len && is_name_byte(rest.ptr[n]); n++)
		if (n == 63)
			return WT_FOREIGN;
	if (n == rest.len)
		return WT_MORE;
	if (n == 0 || rest.ptr[n] != ' ')
		return WT_FOREIGN;
	rest = wt_slice_tail(rest, n + 1);
	if (!wt_line_agrees(rest, WT_LIT("login:")))
		return WT_FOREIGN;
	return rest.len >= 6 ? WT_OK : WT_MORE;
}

/* One negotiation and what may follow it. MPEG audio begins with FF FB too, but not with
 * a third byte that is an option and a fourth that is text or another command. */
static enum wt_verdict probe(struct wt_slice head)
{
	bool is_short;
	size_t n, end;

	if (!head.len)
		return WT_MORE;
	if (head.ptr[0] != IAC)
		return wt_line_is_print(head.ptr[0]) || head.ptr[0] == '\r' ||
				       head.ptr[0] == '\n'
			       ? see_prompt(head)
			       : WT_FOREIGN;
	n = see_negotiation(head, &is_short);
	if (!n)
		return is_short ? WT_MORE : WT_FOREIGN;
	if (head.len == n)
		return WT_MORE;
	if (head.ptr[1] == SB || see_negotiation(wt_slice_tail(head, n), &is_short))
		return WT_OK;
	if (head.ptr[n] == IAC)
		return is_short ? WT_MORE : WT_FOREIGN;
	for (end = n + 3; n < head.len && n < end; n++)
		if (head.ptr[n] != '\r' && head.ptr[n] != '\n' && head.ptr[n] != 0x1b &&
		    head.ptr[n] != IAC && !wt_line_is_print(head.ptr[n]))
			return WT_FOREIGN;
	return n == end ? WT_OK : WT_MORE;
}

/* Where the start was missed: two negotiations in a row, or a prompt at the start of a
 * line, with the LF before it. */
static enum wt_verdict see_restart(struct wt_slice s)
{
	bool is_short;
	size_t n;

	if (!s.len)
		return WT_MORE;
	if (s.ptr[0] == '\n')
		return see_prompt(s);
	n = see_negotiation(s, &is_short);
	if (n && see_negotiation(wt_slice_tail(s, n), &is_short))
		return WT_OK;
	return is_short ? WT_MORE : WT_FOREIGN;
}

static size_t resync(struct wt_slice rest)
{
	size_t at;

	for (at = 0; at < rest.len; at++)
		if ((rest.ptr[at] == IAC || rest.ptr[at] == '\n') &&
		    see_restart(wt_slice_tail(rest, at)) != WT_FOREIGN)
			return at;
	return rest.len;
}

/* --- what the client says of itself --- */

static void end_sub(struct telnet_state *s, struct telnet_dir *d, struct wt_out *out)
{
	struct wt_slice type;
	unsigned event;

	if (s->n_terminals == TERMINALS_MAX)
		return;
	if (d->option == OPTION_TERMINAL && d->sub_len > 1 && d->sub[0] == 0) { /* IS */
		s->n_terminals++;
		event = wt_event_begin(out, EVENT_TELNET);
		put_STEP(out, event, WT_LIT("terminal"));
		type = wt_slice_of(d->sub + 1, d->sub_len - 1u);
		if (wt_line_is_word(type, WT_LIT("-+._/")))
			put_TERMINAL(out, event, type);
		wt_out_commit(out);
	} else if (d->option == OPTION_NAWS && d->sub_len == 4) {
		s->n_terminals++;
		event = wt_event_begin(out, EVENT_TELNET);
		put_STEP(out, event, WT_LIT("terminal"));
		put_COLUMNS(out, event, d->sub[0] * 256u + d->sub[1]);
		put_ROWS(out, event, d->sub[2] * 256u + d->sub[3]);
		wt_out_commit(out);
	}
}

/* --- what the server shows --- */

/* Words that only an operating system or a product says of itself. */
static bool is_product(struct wt_slice line)
{
	static const char *const words[] = {
		"busybox",  "gnu/linux", "linux ",   "ubuntu",    "microsoft telnet",
		"windows",  "vxworks",   "cisco",    "sunos",     "solaris",
		"freebsd",  "netbsd",    "openbsd",  "qnx",       "routeros",
		"mikrotik", "dropbear",  "moxa",     "lantronix", "digi ",
		"nucleus",  "ecos",      "rtos",     "firmware",  "hp-ux",
		"aix ",     "openwrt",   "version ",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (wt_line_has(line, wt_slice_text(words[i])))
			return true;
	return false;
}

static bool is_refusal(struct wt_slice line)
{
	static const char *const words[] = { "incorrect", "fail",     "denied",      "invalid",
					     "refused",   "bad pass", "not allowed", "wrong" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (wt_line_has(line, wt_slice_text(words[i])))
			return true;
	return false;
}

static struct wt_slice line_of(const struct telnet_dir *d)
{
	return wt_line_trim(wt_slice_of(d->line, d->line_len));
}

static void put_user(struct telnet_state *s, struct wt_out *out, unsigned event)
{
	wt_put_USER_NAME(out, event, wt_slice_of(s->user, s->user_len));
}

static void verdict_line(struct telnet_state *s, struct wt_slice line, struct wt_out *out)
{
	bool is_refused = is_refusal(line);
	unsigned event = wt_event_begin(out, EVENT_TELNET);

	put_STEP(out, event, is_refused ? WT_LIT("refused") : WT_LIT("accepted"));
	put_user(s, out, event);
	s->want = is_refused ? WANT_NOTHING : WANT_DONE;
	wt_out_commit(out);
}

static void server_line(struct telnet_state *s, struct telnet_dir *d, struct wt_out *out)
{
	struct wt_slice line = line_of(d);
	unsigned event;

	if (!line.len)
		return;
	if (s->want == WANT_VERDICT) {
		verdict_line(s, line, out);
		return;
	}
	if (s->want != WANT_NOTHING || s->n_banners >= BANNERS_MAX)
		return;
	s->n_banners++;
	event = wt_event_begin(out, EVENT_TELNET);
	put_STEP(out, event, WT_LIT("banner"));
	put_BANNER(out, event, line);
	if (!d->is_long && is_product(line))
		wt_put_HOST_SOFTWARE(out, event, line);
	wt_out_commit(out);
}

/* After each ':' of the server: is it a prompt? "host login:" tells the host's name. */
static void server_prompt(struct telnet_state *s, struct telnet_dir *d, struct wt_out *out)
{
	struct wt_slice line = line_of(d), name;
	unsigned event;
	size_t at;

	if (wt_line_has(line, WT_LIT("assword:")) || wt_line_has(line, WT_LIT("asscode:"))) {
		s->want = WANT_SECRET;
		return;
	}
	at = wt_line_find(line, WT_LIT("login:"));
	if (at == line.len && wt_line_has(line, WT_LIT("username:")))
		at = 0;
	if (at == line.len || wt_line_has(line, WT_LIT("last login:")))
		return;
	if (s->want == WANT_VERDICT) { /* asked again without a word */
		verdict_line(s, WT_LIT("refused"), out);
	} else if (at > 1 && line.ptr[at - 1] == ' ') {
		name = wt_line_trim(wt_slice_head(line, at));
		for (at = 0; at < name.len && is_name_byte(name.ptr[at]); at++)
			continue;
		if (at == name.len && s->n_banners < BANNERS_MAX) {
			s->n_banners++;
			event = wt_event_begin(out, EVENT_TELNET);
			put_STEP(out, event, WT_LIT("banner"));
			wt_put_host_name(out, event, name);
			wt_out_commit(out);
		}
	}
	s->want = WANT_USER;
}

/* The client ended a line. */
static void client_line(struct telnet_state *s, struct telnet_dir *d, struct wt_out *out)
{
	struct wt_slice line = wt_slice_of(d->line, d->line_len);
	unsigned event;
	size_t i;

	if (s->want == WANT_USER || s->want == WANT_SECRET)
		s->dir[WT_TO_CLIENT].line_len = 0; /* prompt and echo are no answer */
	if (s->want == WANT_USER) {
		s->user_len =
			(uint8_t)(line.len < sizeof(s->user) ? line.len : sizeof(s->user));
		for (i = 0; i < s->user_len; i++)
			s->user[i] = line.ptr[i];
		s->want = WANT_NOTHING;
		return;
	}
	if (s->want != WANT_SECRET)
		return;
	s->want = WANT_VERDICT;
	event = wt_event_begin(out, EVENT_TELNET);
	put_STEP(out, event, WT_LIT("login"));
	put_user(s, out, event);
	wt_put_USER_SECRET(out, event, line);
	wt_out_commit(out);
}

/* --- bytes --- */

static void end_line(struct telnet_state *s, struct telnet_dir *d, bool is_server,
		     struct wt_out *out)
{
	if (is_server)
		server_line(s, d, out);
	else
		client_line(s, d, out);
	d->line_len = 0;
	d->is_long = false;
}

static void text_byte(struct telnet_state *s, struct telnet_dir *d, bool is_server, uint8_t c,
		      struct wt_out *out)
{
	if (c == '\r' || (c == '\n' && is_server)) {
		end_line(s, d, is_server, out);
		return;
	}
	if (c == 8 || c == 127) { /* as typed: taken back */
		d->line_len = d->line_len ? d->line_len - 1 : 0;
		return;
	}
	if (c < 0x20)
		return;
	if (d->line_len == LINE_KEPT) {
		d->is_long = true;
		return;
	}
	d->line[d->line_len++] = c;
	if (is_server && c == ':' && s->want != WANT_DONE)
		server_prompt(s, d, out);
}

/* A byte after IAC. */
static void command_byte(struct telnet_state *s, struct telnet_dir *d, bool is_server,
			 uint8_t c, struct wt_out *out)
{
	d->at = AT_TEXT;
	if (c == IAC)
		text_byte(s, d, is_server, c, out);
	else if (c == SB)
		d->at = AT_SUB;
	else if (c >= WILL)
		d->at = AT_OPTION;
}

static void sub_byte(struct telnet_dir *d, uint8_t c)
{
	d->at = AT_SUB_BODY;
	if (d->sub_len < SUB_KEPT)
		d->sub[d->sub_len++] = c;
}

static void one_byte(struct telnet_state *s, struct telnet_dir *d, bool is_server, uint8_t c,
		     struct wt_out *out)
{
	switch (d->at) {
	case AT_TEXT:
		if (c == IAC)
			d->at = AT_IAC;
		else
			text_byte(s, d, is_server, c, out);
		break;
	case AT_IAC:
		command_byte(s, d, is_server, c, out);
		break;
	case AT_OPTION:
		d->at = AT_TEXT;
		break;
	case AT_SUB:
		d->option = c;
		d->sub_len = 0;
		d->at = AT_SUB_BODY;
		break;
	case AT_SUB_BODY:
		if (c == IAC)
			d->at = AT_SUB_IAC;
		else
			sub_byte(d, c);
		break;
	default: /* AT_SUB_IAC */
		if (c == IAC) {
			sub_byte(d, c);
			break;
		}
		d->at = AT_TEXT;
		if (c == SE)
			end_sub(s, d, out);
		else /* never closed: the command counts */
			command_byte(s, d, is_server, c, out);
	}
}

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	struct telnet_state *s = state;
	struct telnet_dir *d = &s->dir[dir];
	unsigned n = 0;

	if (!wt_rd_left(r))
		return WT_MORE;
	if (wt_out_is_resumed(out)) {
		enum wt_verdict verdict = see_restart(wt_rd_peek(r));

		if (verdict != WT_OK)
			return verdict == WT_MORE ? WT_MORE : WT_MALFORMED;
		d->at = AT_TEXT;
		d->line_len = 0;
		d->is_long = false;
	}
	while (wt_rd_left(r) && n++ < CALL_BYTES) {
		if (s->want == WANT_DONE && d->at == AT_TEXT) {
			size_t at = wt_slice_find(wt_rd_peek(r), IAC);

			wt_rd_skip(r, at);
			d->line_len = 0;
			if (!wt_rd_left(r))
				break;
		}
		one_byte(s, d, dir == WT_TO_CLIENT, wt_rd_u8(r), out);
	}
	return WT_OK;
}

const struct wt_dissector wt_telnet_dissector = {
	.name = "telnet",
	.title = "Telnet",
	.source = "RFC 854, 855, 1073, 1091",
	.carriage = WT_OVER_TCP,
	.ports = { 23, 2323 },
	.probe = probe,
	.message = message,
	.resync = resync,
	.state_size = sizeof(struct telnet_state),
	.buffer_max = 4096,
	WT_DISSECTOR_TABLES(events),
};
