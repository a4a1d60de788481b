/* Syslog messages (syslog_frame.h).
 * Source: RFC 5424 6, RFC 3164 4.1, RFC 6587 3.4, RFC 5425 4.3.
 * Trust: the encoders' texts; a newline within one would end an LF frame, so it becomes a
 * blank. Memory: the caller's builder. */
#define _POSIX_C_SOURCE 200809L /* gmtime_r */
#include "export/syslog_frame.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define HOST_MAX 255u /* RFC 5424 6: HOSTNAME */

unsigned wt_syslog_severity(const struct wt_alert *alert)
{
	if (!wt_alert_is_alert(alert))
		return 6;
	return alert->severity >= 9 ? 1 : alert->severity >= 7 ? 2 : alert->severity >= 4 ? 4 : 5;
}

/* PRINTUSASCII of at most `max` bytes, or the nil value. */
static void put_name(struct wt_builder *b, const char *name, size_t max)
{
	size_t i, len = name ? strlen(name) : 0;

	if (len == 0)
		wt_bld_char(b, '-');
	for (i = 0; i < len && i < max; i++)
		wt_bld_char(b, name[i] > 0x20 && name[i] < 0x7f ? name[i] : '?');
}

static void put_5424(struct wt_builder *b, const struct wt_syslog_form *form,
		     const struct wt_alert *alert, uint64_t ns)
{
	time_t seconds = (time_t)(ns / WT_NS_PER_S);
	char text[48];
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) || strftime(text, sizeof(text), "1 %Y-%m-%dT%H:%M:%S", &tm) == 0)
		wt_bld_text(b, "1 -");
	else
		wt_bld_text(b, text);
	(void)snprintf(text, sizeof(text), ".%06uZ ", (unsigned)(ns % WT_NS_PER_S / 1000));
	wt_bld_text(b, text);
	put_name(b, form->options.host, HOST_MAX);
	(void)snprintf(text, sizeof(text), " wardtap %ld ", (long)getpid());
	wt_bld_text(b, text);
	put_name(b, wt_alert_kind_name(alert->kind), 32);
	wt_bld_text(b, " - ");
}

/* The time is local and without a zone: RFC 3164 4.1.2. */
static void put_3164(struct wt_builder *b, const struct wt_syslog_form *form, uint64_t ns)
{
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	const char *host = form->options.host;
	time_t seconds = (time_t)(ns / WT_NS_PER_S);
	char text[48];
	struct tm tm;

	if (localtime_r(&seconds, &tm)) {
		(void)snprintf(text, sizeof(text), "%s %2d %02d:%02d:%02d ",
			       months[tm.tm_mon % 12], tm.tm_mday, tm.tm_hour, tm.tm_min,
			       tm.tm_sec);
		wt_bld_text(b, text);
	}
	put_name(b, host, host && strchr(host, '.') ? strcspn(host, ".") : HOST_MAX);
	wt_bld_char(b, ' ');
	if (form->has_tag)
		wt_bld_text(b, "wardtap: ");
}

bool wt_syslog_frame(struct wt_builder *b, const struct wt_syslog_form *form,
		     const struct wt_encode_item *item)
{
	const struct wt_alert *alert = item->alert;
	struct wt_encode_options options = form->options;
	uint64_t ns = alert->made_ns ? alert->made_ns : alert->last_ns;
	struct wt_builder head, body;
	char room[512], count[16];
	size_t i;

	head = wt_builder_of(room, sizeof(room));
	wt_bld_char(&head, '<');
	wt_bld_u64(&head, form->facility * 8 + wt_syslog_severity(alert));
	wt_bld_char(&head, '>');
	if (form->syntax == WT_SYNTAX_RFC5424)
		put_5424(&head, form, alert, ns);
	else
		put_3164(&head, form, ns);
	if (head.is_short || head.len >= form->len_max || b->cap - b->len < WT_SYSLOG_MAX)
		return false;
	options.len_max = form->len_max - head.len;
	/* Behind the longest count and the header, to be moved to the shorter one; one byte
	 * more, as JSON is written with a newline that goes again. */
	body = wt_builder_of(b->ptr + b->len + sizeof(count) + head.len, options.len_max + 1);
	if (!form->encode(&body, item, &options) || body.is_short || body.len > options.len_max)
		return false;
	for (i = 0; i < body.len; i++)
		if (body.ptr[i] == '\n' || body.ptr[i] == '\r')
			body.ptr[i] = ' ';
	count[0] = 0;
	if (form->is_framed && form->framing == WT_FRAMING_OCTET)
		(void)snprintf(count, sizeof(count), "%zu ", head.len + body.len);
	wt_bld_text(b, count);
	wt_bld_bytes(b, wt_bld_slice(&head));
	memmove(b->ptr + b->len, body.ptr, body.len);
	b->len += body.len;
	if (form->is_framed && form->framing == WT_FRAMING_LF)
		wt_bld_char(b, '\n');
	return !b->is_short;
}
