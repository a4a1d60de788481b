/* Which bytes are FTP: verbs, codes, and what SMTP, POP3 and IRC say in the same words.
 * Source: RFC 959, 2228, 2389, 2428, 3659; RFC 5321 and 1939 for what is not FTP.
 * Trust: every byte is hostile. Memory: none. */
#include "ftp_fields.h"

/* Verbs in the order of enum ftp_verb, from FTP_USER on; FTP alone uses those in the
 * second string. */
static const char verbs[] = "USERPASSACCTCWD CDUPSMNTQUITREINPORTPASVTYPESTRUMODERETRSTORSTOU"
			    "APPEALLORESTRNFRRNTOABORDELERMD MKD PWD LISTNLSTSITESYSTSTATHELP"
			    "NOOPAUTHADATPROTPBSZCCC FEATOPTSEPRTEPSVMDTMSIZEMLSTMLSDMFMTCLNT"
			    "XCWDXMKDXRMDXPWDXCUPHOSTLANG";
static const char ftp_alone[] = "SYSTPASVEPSVFEATPBSZCDUPMLSDNLST";

_Static_assert(sizeof(verbs) - 1 == 4 * (FTP_N_VERBS - FTP_USER), "verbs");

struct wt_slice ftp_verb_name(enum ftp_verb verb)
{
	const char *at;

	if (verb < FTP_USER)
		return verb == FTP_OTHER ? WT_LIT("OTHER") : wt_slice_of(NULL, 0);
	at = verbs + 4 * (verb - FTP_USER);
	return wt_slice_of(at, at[3] == ' ' ? 3 : 4);
}

static bool is_verb(struct wt_slice word, struct wt_slice verb)
{
	size_t i;

	for (i = 0; i < word.len && i < verb.len; i++)
		if (wt_line_lower(word.ptr[i]) != wt_line_lower(verb.ptr[i]))
			return false;
	return word.len == verb.len;
}

enum ftp_verb ftp_verb_of(struct wt_slice word)
{
	unsigned verb;

	for (verb = FTP_USER; verb < FTP_N_VERBS; verb++)
		if (is_verb(word, ftp_verb_name((enum ftp_verb)verb)))
			return (enum ftp_verb)verb;
	return FTP_OTHER;
}

/* Letters, three or four, then the end or a blank. */
bool ftp_is_command(struct wt_slice line)
{
	size_t n = 0;

	while (n < line.len && n < 5 && wt_line_is_letter(line.ptr[n]))
		n++;
	return (n == 3 || n == 4) && (n == line.len || line.ptr[n] == ' ');
}

bool ftp_is_code(struct wt_slice line)
{
	return line.len >= 3 && line.ptr[0] >= '1' && line.ptr[0] <= '6' &&
	       line.ptr[1] >= '0' && line.ptr[1] <= '5' && wt_line_is_digit(line.ptr[2]) &&
	       (line.len == 3 || line.ptr[3] == ' ' || line.ptr[3] == '-');
}

unsigned ftp_code_of(struct wt_slice line)
{
	return (unsigned)(line.ptr[0] - '0') * 100u + (unsigned)(line.ptr[1] - '0') * 10u +
	       (unsigned)(line.ptr[2] - '0');
}

/* --- probe --- */

/* A reply that only an FTP server gives. */
static bool is_ftp_reply(struct wt_slice line)
{
	static const struct {
		const char code[4], *text;
	} replies[] = {
		{ "331 ", "password" },
		{ "331 ", "user" },
		{ "331 ", "username" },
		{ "227 ", "entering passive" },
		{ "229 ", "entering extended passive" },
		{ "230 ", "logged" },
		{ "230 ", "login" },
		{ "226 ", "transfer" },
		{ "226 ", "directory send" },
		{ "150 ", "opening" },
		{ "530 ", "log" },
		{ "257 ", "\"" },
		{ "215 ", "unix" },
		{ "215 ", "windows" },
		{ "250 ", "cwd" },
		{ "250 ", "directory" },
		{ "211-", "feat" },
		{ "211-", "extensions" },
		{ "234 ", "tls" },
	};
	size_t i;

	for (i = 0; i < sizeof(replies) / sizeof(replies[0]); i++)
		if (wt_slice_starts(line, wt_slice_of(replies[i].code, 4)) &&
		    wt_line_has(line, wt_slice_text(replies[i].text)))
			return true;
	return false;
}

/* Lines of a server: the greeting, of which SMTP's looks the same, or another reply. */
static enum wt_verdict probe_replies(struct wt_slice head)
{
	bool is_greeting = head.ptr[0] == '2' || head.ptr[0] == '1';
	unsigned n;

	for (n = 0; head.len && n < 32; n++) {
		size_t at = wt_slice_find(head, '\n');
		struct wt_slice line = wt_line_chomp(wt_slice_head(head, at));

		if (at == head.len)
			return at < 512 ? WT_MORE : WT_FOREIGN;
		if (n == 0 &&
		    (!ftp_is_code(line) ||
		     (line.ptr[0] == '1' && line.ptr[1] != '5' && line.ptr[1] != '2')))
			return WT_FOREIGN;
		if (wt_line_has(line, WT_LIT("smtp")))
			return WT_FOREIGN;
		if (is_ftp_reply(line))
			return WT_OK;
		is_greeting = is_greeting && (n || ftp_code_of(line) == 220);
		if (!is_greeting)
			return WT_FOREIGN;
		if (wt_line_has(wt_slice_head(line, 256), WT_LIT("ftp")))
			return WT_OK;
		if (ftp_is_code(line) && ftp_code_of(line) != 220)
			return WT_FOREIGN; /* SMTP's answer to EHLO */
		head = wt_slice_tail(head, at + 1);
	}
	return WT_MORE;
}

static enum wt_verdict probe_command(struct wt_slice line)
{
	struct wt_slice rest = line, word = wt_line_word(&rest);
	enum ftp_verb verb = ftp_verb_of(word);
	uint32_t number;
	size_t i;

	for (i = 0; i < line.len; i++)
		if (line.ptr[i] < 0x20)
			return WT_FOREIGN;
	for (i = 0; i + 4 < sizeof(ftp_alone); i += 4)
		if (is_verb(word, wt_slice_of(ftp_alone + i, 4)))
			return WT_OK;
	switch (verb) {
	case FTP_USER: /* POP3 has it too, IRC with three blanks more */
		return rest.len && wt_slice_find(rest, ':') == rest.len ? WT_MORE : WT_FOREIGN;
	case FTP_PASS:
		return WT_MORE;
	case FTP_PORT:
		return wt_line_number(rest, &number) && wt_slice_find(rest, ',') < 4
			       ? WT_OK
			       : WT_FOREIGN;
	case FTP_EPRT:
		return rest.len > 8 && (rest.ptr[1] == '1' || rest.ptr[1] == '2') &&
				       rest.ptr[0] == rest.ptr[2]
			       ? WT_OK
			       : WT_FOREIGN;
	case FTP_TYPE:
		return rest.len == 1 || (rest.len == 3 && rest.ptr[1] == ' ') ? WT_OK
									      : WT_FOREIGN;
	case FTP_AUTH: /* SMTP and POP3 know other mechanisms */
		return wt_line_equal(rest, WT_LIT("tls")) ||
				       wt_line_equal(rest, WT_LIT("ssl")) ||
				       wt_line_equal(rest, WT_LIT("tls-c")) ||
				       wt_line_equal(rest, WT_LIT("tls-p"))
			       ? WT_OK
			       : WT_FOREIGN;
	case FTP_OPTS:
		return wt_line_starts(rest, WT_LIT("utf8")) ? WT_OK : WT_FOREIGN;
	case FTP_PBSZ:
	case FTP_PROT:
		return rest.len == 1 ? WT_OK : WT_FOREIGN;
	case FTP_CWD:
	case FTP_STOR:
		return rest.len && is_verb(word, ftp_verb_name(verb)) && word.ptr[0] < 'a'
			       ? WT_OK
			       : WT_FOREIGN;
	case FTP_PWD:
		return rest.len ? WT_FOREIGN : WT_OK;
	default:
		return WT_FOREIGN;
	}
}

/* Lines of a client: USER and PASS are POP3's as well, the next one tells. */
static enum wt_verdict probe_commands(struct wt_slice head)
{
	struct wt_slice word;
	unsigned n;

	/* other text must not wait here for the end of its line */
	word = wt_slice_head(head, 5);
	for (n = 0; n < word.len && word.ptr[n] > ' '; n++)
		continue;
	if (n == 5 || (n < word.len && ftp_verb_of(wt_slice_head(word, n)) == FTP_OTHER))
		return WT_FOREIGN;
	for (n = 0; n < 4; n++) {
		size_t at = wt_slice_find(head, '\n'), i;
		enum wt_verdict verdict;

		for (i = 0; i < at && i < 4; i++)
			if (!wt_line_is_letter(head.ptr[i]) && (i < 3 || head.ptr[i] > ' '))
				return WT_FOREIGN;
		if (at == head.len)
			return at < 512 ? WT_MORE : WT_FOREIGN;
		verdict = probe_command(wt_line_chomp(wt_slice_head(head, at)));
		if (verdict != WT_MORE)
			return verdict;
		head = wt_slice_tail(head, at + 1);
	}
	return WT_FOREIGN;
}

enum wt_verdict ftp_probe(struct wt_slice head)
{
	if (!head.len)
		return WT_MORE;
	if (wt_line_is_digit(head.ptr[0])) {
		if ((head.len > 1 && !wt_line_is_digit(head.ptr[1])) ||
		    (head.len > 2 && !wt_line_is_digit(head.ptr[2])) ||
		    (head.len > 3 && head.ptr[3] != ' ' && head.ptr[3] != '-'))
			return WT_FOREIGN;
		return probe_replies(head);
	}
	return wt_line_is_letter(head.ptr[0]) ? probe_commands(head) : WT_FOREIGN;
}

/* Might the bytes begin a command or a reply, as far as they go? */
static bool may_start(struct wt_slice s)
{
	bool is_word = true, is_number = true;
	size_t i;

	for (i = 0; i < 3 && i < s.len; i++) {
		is_word = is_word && wt_line_is_letter(s.ptr[i]);
		is_number = is_number && wt_line_is_digit(s.ptr[i]);
	}
	return is_word || is_number;
}

size_t ftp_resync(struct wt_slice rest)
{
	return wt_line_resync(rest, may_start);
}
