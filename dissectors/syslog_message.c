/* Syslog: what a message says.
 *
 *   <PRI>1 TIME HOST APP PROCID MSGID [id name="value"]... text       RFC 5424
 *   <PRI>Mmm dd hh:mm:ss HOST TAG[PID]: text                          RFC 3164
 *   <PRI>45: *Mar  1 00:01:02.345: %SYS-5-CONFIG_I: text              Cisco IOS
 *
 * Source: RFC 5424 6, RFC 3164 4.1; variants observed in pcaps/syslog.
 * Trust: every byte is hostile. Memory: none. */
#include "syslog_fields.h"

#define SD_MAX 32u /* elements of structured data told */

static const char *const facilities[] = {
	"kern",   "user",   "mail",     "daemon", "auth",   "syslog", "lpr",    "news",
	"uucp",   "cron",   "authpriv", "ftp",    "ntp",    "audit",  "alert",  "clock",
	"local0", "local1", "local2",   "local3", "local4", "local5", "local6", "local7",
};

static const char *const severities[] = { "emerg",   "alert",  "crit", "err",
					  "warning", "notice", "info", "debug" };

static bool is_digit(uint8_t byte)
{
	return byte >= '0' && byte <= '9';
}

static struct wt_slice strip(struct wt_slice s)
{
	while (s.len && s.ptr[0] == ' ')
		s = wt_slice_tail(s, 1);
	return s;
}

/* The next word; *rest goes on behind the blank. "-" is nothing (RFC 5424 6). */
static struct wt_slice word(struct wt_slice *rest)
{
	size_t len = wt_slice_find(*rest, ' ');
	struct wt_slice found = wt_slice_head(*rest, len);

	*rest = wt_slice_tail(*rest, len + 1);
	return found.len == 1 && found.ptr[0] == '-' ? wt_slice_of(NULL, 0) : found;
}

/* A time as machines write it, and no word of a sentence that stands in its place? */
static void put_time(struct wt_slice s, struct wt_out *out, unsigned event)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (!is_digit(s.ptr[i]) &&
		    wt_slice_find(WT_LIT("-:.+TZ"), s.ptr[i]) == sizeof("-:.+TZ") - 1)
			return;
	put_TIME(out, event, s);
}

static void put_process(struct wt_slice s, struct wt_out *out, unsigned event)
{
	uint64_t number;

	if (wt_slice_to_u64(s, &number))
		put_PROC_ID(out, event, s);
}

/* --- RFC 5424 --- */

/* Length of an element "[id name="value" ...]", or 0 where it does not end. */
static size_t element_len(struct wt_slice s)
{
	bool is_quoted = false;
	size_t i;

	for (i = 1; i < s.len; i++) {
		if (is_quoted && s.ptr[i] == '\\')
			i++;
		else if (s.ptr[i] == '"')
			is_quoted = !is_quoted;
		else if (s.ptr[i] == ']' && !is_quoted)
			return i + 1;
	}
	return 0;
}

static struct wt_slice structured_data(struct wt_slice s, struct wt_out *out, unsigned event)
{
	struct wt_slice rest = s;
	unsigned n = 0;
	size_t len;

	if (s.len && s.ptr[0] == '-')
		return wt_slice_tail(s, 1);
	while (rest.len && rest.ptr[0] == '[' && (len = element_len(rest)) != 0) {
		struct wt_slice id = wt_slice_head(wt_slice_tail(rest, 1), len - 2);

		if (n++ < SD_MAX)
			put_SD_ID(out, event, wt_slice_head(id, wt_slice_find(id, ' ')));
		rest = wt_slice_tail(rest, len);
	}
	put_STRUCTURED_DATA(out, event, wt_slice_head(s, s.len - rest.len));
	return rest;
}

static void rfc5424(struct wt_slice s, struct wt_out *out, unsigned event)
{
	put_FORMAT(out, event, WT_LIT("rfc5424"));
	put_time(word(&s), out, event);
	wt_put_host_name(out, event, word(&s));
	put_APP_NAME(out, event, word(&s));
	put_process(word(&s), out, event);
	put_MSG_ID(out, event, word(&s));
	s = strip(structured_data(s, out, event));
	if (wt_slice_starts(s, WT_LIT("\xef\xbb\xbf"))) /* 6.4: says that it is UTF-8 */
		s = wt_slice_tail(s, 3);
	put_MESSAGE(out, event, wt_text_trim_end(s));
}

/* --- RFC 3164 and its like --- */

/* "Nov 26 04:16:10", perhaps with a fraction, or a time of ISO 8601. 0: neither. */
static size_t time_len(struct wt_slice s)
{
	static const char shape[] = "Aaa #d dd:dd:dd";
	size_t i;

	if (s.len >= 19 && is_digit(s.ptr[0]) && s.ptr[4] == '-' && s.ptr[10] == 'T')
		return wt_slice_find(s, ' ');
	if (s.len < sizeof(shape) - 1)
		return 0;
	for (i = 0; i < sizeof(shape) - 1; i++) {
		uint8_t c = s.ptr[i];
		bool is_good = shape[i] == 'A'   ? c >= 'A' && c <= 'Z'
			       : shape[i] == 'a' ? c >= 'a' && c <= 'z'
			       : shape[i] == 'd' ? is_digit(c)
			       : shape[i] == '#' ? is_digit(c) || c == ' '
						 : c == (uint8_t)shape[i];

		if (!is_good)
			return 0;
	}
	if (i < s.len && s.ptr[i] == '.')
		for (i++; i < s.len && is_digit(s.ptr[i]); i++)
			;
	return i;
}

/* Programs that log without a time: of devices' small systems. */
static bool is_system_program(struct wt_slice name)
{
	static const char *const names[] = { "kernel", "syslogd", "klogd",   "sshd",
					     "login",  "su",      "sudo",    "cron",
					     "init",   "dnsmasq", "hostapd", "udhcpc" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (wt_slice_equal(name, wt_slice_text(names[i])))
			return true;
	return false;
}

/* "TAG[PID]: text", "TAG: text"; all of it is text where there is no tag. Where no time
 * stands before it, "NAME: text" may begin a sentence: a process or a known name makes it
 * a tag. */
static struct wt_slice tag(struct wt_slice s, bool has_time, struct wt_out *out, unsigned event)
{
	struct wt_slice pid = wt_slice_of(NULL, 0);
	bool is_name = false; /* not only the digits of a sequence number */
	size_t len = 0, end;

	while (len < s.len && len < 48 && s.ptr[len] > ' ' && s.ptr[len] <= '~' &&
	       s.ptr[len] != ':' && s.ptr[len] != '[')
		is_name |= !is_digit(s.ptr[len++]);
	end = len;
	if (len && len < s.len && s.ptr[len] == '[') {
		pid = wt_slice_tail(s, len + 1);
		pid = wt_slice_head(pid, wt_slice_find(wt_slice_head(pid, 130), ']'));
		end = len + pid.len + 2;
	}
	if (!is_name || end >= s.len || s.ptr[end] != ':')
		return s;
	if (!has_time && !pid.len && !is_system_program(wt_slice_head(s, len)))
		return s;
	put_APP_NAME(out, event, wt_slice_head(s, len));
	put_process(pid, out, event);
	return strip(wt_slice_tail(s, end + 1));
}

/* "%SYS-5-CONFIG_I: ..." anywhere near the beginning. */
static void mnemonic(struct wt_slice s, struct wt_out *out, unsigned event)
{
	size_t at = wt_slice_find(wt_slice_head(s, 96), '%'), len, i;
	bool is_graded = false;

	s = wt_slice_tail(s, at + 1);
	len = wt_slice_find(wt_slice_head(s, 64), ':');
	s = wt_slice_head(s, len);
	for (i = 0; i < s.len; i++) {
		if (s.ptr[i] != '-' && s.ptr[i] != '_' && !is_digit(s.ptr[i]) &&
		    !(s.ptr[i] >= 'A' && s.ptr[i] <= 'Z'))
			return;
		/* "-5-": the severity stands between facility and mnemonic */
		if (i >= 2 && s.ptr[i] == '-' && is_digit(s.ptr[i - 1]) && s.ptr[i - 2] == '-')
			is_graded = true;
	}
	if (len < 64 && is_graded)
		put_MSG_ID(out, event, s);
}

static void rfc3164(struct wt_slice s, struct wt_out *out, unsigned event)
{
	size_t len = time_len(s);
	struct wt_slice rest, host;

	put_FORMAT(out, event, len ? WT_LIT("rfc3164") : WT_LIT("other"));
	if (len) {
		if (is_digit(s.ptr[0]))
			put_time(wt_slice_head(s, len), out, event);
		else
			put_TIME(out, event, wt_slice_head(s, len));
		s = strip(wt_slice_tail(s, len));
		rest = s;
		host = word(&rest);
		/* some senders leave the host out: then a tag comes at once */
		if (rest.len && host.len && wt_slice_find(host, ':') != host.len - 1 &&
		    wt_slice_find(host, '[') == host.len) {
			wt_put_host_name(out, event, host);
			s = strip(rest);
		}
	}
	mnemonic(s, out, event);
	s = tag(s, len != 0, out, event);
	put_MESSAGE(out, event, wt_text_trim_end(s));
}

void wt_syslog_message(struct wt_slice text, struct wt_out *out, unsigned event)
{
	size_t end = wt_slice_find(text, '>');
	uint64_t priority = 0;
	struct wt_text t;

	if (!wt_slice_to_u64(wt_slice_tail(wt_slice_head(text, end), 1), &priority))
		return;
	put_FACILITY(out, event,
		     wt_text_name(&t, facilities, sizeof(facilities) / sizeof(facilities[0]),
				  priority >> 3));
	put_SEVERITY(out, event, wt_text_name(&t, severities, 8, priority & 7));
	text = wt_slice_tail(text, end + 1);
	if (wt_slice_starts(text, WT_LIT("1 ")))
		rfc5424(wt_slice_tail(text, 2), out, event);
	else
		rfc3164(strip(text), out, event);
}
