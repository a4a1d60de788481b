/* Which bytes are SMTP: verbs, codes, and the greeting that FTP begins with too.
 * Source: RFC 5321, 2033. Trust: every byte is hostile. Memory: none. */
#include "smtp_fields.h"

static const char *const verbs[SMTP_N_VERBS] = {
	"",     "OTHER", "EHLO", "HELO", "MAIL", "RCPT", "DATA",     "BDAT", "RSET",
	"QUIT", "NOOP",  "VRFY", "EXPN", "HELP", "AUTH", "STARTTLS", "LHLO",
};

struct wt_slice smtp_verb_name(unsigned verb)
{
	return wt_slice_text(verb < SMTP_N_VERBS ? verbs[verb] : "");
}

bool smtp_is_word(struct wt_slice s, const char *word)
{
	struct wt_slice w = wt_slice_text(word);
	size_t i;

	for (i = 0; i < s.len && i < w.len; i++)
		if (wt_line_lower(s.ptr[i]) != wt_line_lower(w.ptr[i]))
			return false;
	return s.len == w.len;
}

enum smtp_verb smtp_verb_of(struct wt_slice line)
{
	struct wt_slice word = wt_slice_head(line, wt_slice_find(line, ' '));
	unsigned verb;

	for (verb = SMTP_EHLO; verb < SMTP_N_VERBS; verb++)
		if (smtp_is_word(word, verbs[verb]))
			return (enum smtp_verb)verb;
	return SMTP_OTHER;
}

bool smtp_is_code(struct wt_slice line)
{
	return line.len >= 3 && line.ptr[0] >= '2' && line.ptr[0] <= '5' &&
	       line.ptr[1] >= '0' && line.ptr[1] <= '5' && wt_line_is_digit(line.ptr[2]) &&
	       (line.len == 3 || line.ptr[3] == ' ' || line.ptr[3] == '-');
}

unsigned smtp_code_of(struct wt_slice line)
{
	return (unsigned)(line.ptr[0] - '0') * 100u + (unsigned)(line.ptr[1] - '0') * 10u +
	       (unsigned)(line.ptr[2] - '0');
}

/* --- probe --- */

/* The greeting, which FTP's looks like. */
static enum wt_verdict probe_replies(struct wt_slice head)
{
	unsigned n;

	for (n = 0; head.len && n < 32; n++) {
		size_t at = wt_slice_find(head, '\n');
		struct wt_slice line = wt_line_chomp(wt_slice_head(head, at));

		if (!wt_line_agrees(head, WT_LIT("220")) && n == 0)
			return WT_FOREIGN;
		if (at == head.len)
			return at < 512 ? WT_MORE : WT_FOREIGN;
		if (!smtp_is_code(line))
			return WT_FOREIGN;
		if (wt_line_has(wt_slice_head(line, 512), WT_LIT("smtp")))
			return WT_OK;
		if (wt_line_has(wt_slice_head(line, 256), WT_LIT("ftp")) ||
		    (n && smtp_code_of(line) != 220 && smtp_code_of(line) != 250))
			return WT_FOREIGN;
		if (smtp_code_of(line) == 250)
			return WT_OK; /* FTP has nothing to say so early */
		head = wt_slice_tail(head, at + 1);
	}
	return WT_MORE;
}

enum wt_verdict smtp_probe(struct wt_slice head)
{
	static const char *const words[] = { "ehlo ", "helo ", "lhlo ",
					     "mail from:", "rcpt to:" };
	enum wt_verdict best = WT_FOREIGN;
	size_t i, at;

	if (!head.len)
		return WT_MORE;
	if (head.ptr[0] == '2')
		return probe_replies(head);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (wt_line_agrees(head, wt_slice_text(words[i])))
			best = WT_MORE;
	if (best == WT_FOREIGN)
		return WT_FOREIGN;
	at = wt_slice_find(head, '\n');
	if (at == head.len)
		return at < 600 ? WT_MORE : WT_FOREIGN;
	for (i = 0; i < at; i++)
		if (head.ptr[i] < 0x20 && head.ptr[i] != '\r')
			return WT_FOREIGN;
	return at > 6 ? WT_OK : WT_FOREIGN;
}

/* Might the bytes begin a command or a reply, as far as they go? */
static bool may_start(struct wt_slice s)
{
	unsigned verb;

	if (s.len && wt_line_is_digit(s.ptr[0]))
		return (s.len < 2 || wt_line_is_digit(s.ptr[1])) &&
		       (s.len < 3 || wt_line_is_digit(s.ptr[2])) &&
		       (s.len < 4 || s.ptr[3] == ' ' || s.ptr[3] == '-');
	for (verb = SMTP_EHLO; verb < SMTP_N_VERBS; verb++)
		if (smtp_is_word(wt_slice_head(s, 4), verbs[verb]) || s.len < 4)
			return true;
	return false;
}

size_t smtp_resync(struct wt_slice rest)
{
	return wt_line_resync(rest, may_start);
}
