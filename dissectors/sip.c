/* SIP: calls, registrations, the telephones behind them, and where the media go.
 *
 *   METHOD sip:uri SIP/2.0 CRLF  |  SIP/2.0 code reason CRLF
 *   Name: value CRLF [blank continuation CRLF]...   compact names: v f t i m c l s
 *   CRLF body of Content-Length bytes (UDP: to the end of the datagram)
 *
 * One event per message. The headers are taken together; of a body only SDP is looked
 * at, everything else is passed over. Blank lines between messages keep links alive.
 * Source: RFC 3261, 3581, 6665, 3262, 3311, 3428, 3515, 3903; SDP: RFC 8866.
 * Trust: every byte is hostile. Memory: struct sip_state per flow, SIP_BUFFER bytes per
 * direction of a stream. */
#include "sip_fields.h"

WT_DECLARE_FIELDS(SIP_FIELDS)

enum { EVENT_SIP };

static const struct wt_event_type events[] = {
	[EVENT_SIP] = { "sip", "A SIP request or response." },
};

#define SIP_BUFFER 32768u
#define SIP_SDP_MAX 8192u /* of a body that is looked at */
#define SIP_HEADERS_MAX 256u
#define SIP_MEDIA_MAX 8u

static const char *const methods[] = {
	"INVITE",    "ACK",    "BYE",     "CANCEL", "REGISTER", "OPTIONS", "PRACK",
	"SUBSCRIBE", "NOTIFY", "PUBLISH", "INFO",   "REFER",    "MESSAGE", "UPDATE",
};

struct sip_state {
	uint8_t unused;
};

/* --- probe --- */

/* A URI's scheme. */
static enum wt_verdict see_scheme(struct wt_slice s)
{
	static const char *const schemes[] = {
		"sip:", "sips:", "tel:", "im:", "pres:", "urn:"
	};
	enum wt_verdict best = WT_FOREIGN;
	size_t i;

	for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (wt_line_agrees(s, wt_slice_text(schemes[i]))) {
			if (s.len >= wt_slice_text(schemes[i]).len)
				return WT_OK;
			best = WT_MORE;
		}
	return best;
}

/* "METHOD sip:..." */
static enum wt_verdict see_request(struct wt_slice s)
{
	static const char initials[] = "IABCROPSNMU"; /* of the methods */
	enum wt_verdict best = WT_FOREIGN;
	size_t i;

	if (s.len && wt_slice_find(WT_LIT(initials), s.ptr[0]) == sizeof(initials) - 1)
		return WT_FOREIGN;
	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		struct wt_slice name = wt_slice_text(methods[i]);

		if (!wt_slice_equal(wt_slice_head(s, name.len), wt_slice_head(name, s.len)))
			continue;
		if (s.len <= name.len)
			best = WT_MORE;
		else if (s.ptr[name.len] == ' ')
			return s.len == name.len + 1
				       ? WT_MORE
				       : see_scheme(wt_slice_tail(s, name.len + 1));
	}
	return best;
}

/* "SIP/2.0 200" */
static enum wt_verdict see_response(struct wt_slice s)
{
	size_t i;

	if (!wt_slice_equal(wt_slice_head(s, 8), wt_slice_head(WT_LIT("SIP/2.0 "), s.len)))
		return WT_FOREIGN;
	for (i = 8; i < s.len && i < 11; i++)
		if (!wt_line_is_digit(s.ptr[i]))
			return WT_FOREIGN;
	return s.len >= 11 ? WT_OK : WT_MORE;
}

static enum wt_verdict see_start(struct wt_slice s)
{
	enum wt_verdict request = see_request(s);

	return request == WT_FOREIGN ? see_response(s) : request;
}

/* A start line behind blank lines; a request line ends in the version. */
static enum wt_verdict probe(struct wt_slice head)
{
	size_t n = 0, at;
	enum wt_verdict verdict;
	struct wt_slice line;

	while (n < head.len && n < 8 && (head.ptr[n] == '\r' || head.ptr[n] == '\n'))
		n++;
	head = wt_slice_tail(head, n);
	if (!head.len)
		return n < 8 ? WT_MORE : WT_FOREIGN;
	verdict = see_start(head);
	if (verdict != WT_OK || head.ptr[0] == 'S')
		return verdict == WT_OK && wt_line_starts(head, WT_LIT("subscribe")) ? WT_OK
										     : verdict;
	at = wt_slice_find(wt_slice_head(head, 2048), '\n');
	if (at == 2048 || at == head.len)
		return at == 2048 ? WT_FOREIGN : WT_MORE;
	line = wt_line_chomp(wt_slice_head(head, at));
	return line.len > 8 && wt_slice_equal(wt_slice_tail(line, line.len - 8),
					      WT_LIT(" SIP/2.0"))
		       ? WT_OK
		       : WT_FOREIGN;
}

static bool may_start(struct wt_slice s)
{
	return see_start(s) != WT_FOREIGN;
}

static size_t resync(struct wt_slice rest)
{
	return wt_line_resync(rest, may_start);
}

/* --- headers --- */

enum sip_header {
	H_NONE,
	H_FROM,
	H_TO,
	H_CALL_ID,
	H_CONTACT,
	H_VIA,
	H_CSEQ,
	H_EXPIRES,
	H_AGENT,
	H_SERVER,
	H_CHALLENGE,
	H_CREDENTIALS,
	H_TYPE,
	H_LENGTH,
};

struct sip_message {
	struct wt_out *out;
	unsigned event;
	uint32_t body_len, n_vias;
	bool has_length, is_sdp, has_contact, is_response;
	struct wt_slice agent;
};

static enum sip_header header_of(struct wt_slice name)
{
	static const struct {
		const char *name, *compact;
		enum sip_header header;
	} rows[] = {
		{ "from", "f", H_FROM },
		{ "to", "t", H_TO },
		{ "call-id", "i", H_CALL_ID },
		{ "contact", "m", H_CONTACT },
		{ "via", "v", H_VIA },
		{ "cseq", "cseq", H_CSEQ },
		{ "expires", "expires", H_EXPIRES },
		{ "user-agent", "user-agent", H_AGENT },
		{ "server", "server", H_SERVER },
		{ "www-authenticate", "proxy-authenticate", H_CHALLENGE },
		{ "authorization", "proxy-authorization", H_CREDENTIALS },
		{ "content-type", "c", H_TYPE },
		{ "content-length", "l", H_LENGTH },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (wt_line_equal(name, wt_slice_text(rows[i].name)) ||
		    wt_line_equal(name, wt_slice_text(rows[i].compact)))
			return rows[i].header;
	return H_NONE;
}

/* '"Name" <sip:a@b;x>;tag=1', 'sip:a@b;tag=1' */
static struct wt_slice address_of(struct wt_slice value)
{
	size_t at;

	if (value.len && value.ptr[0] == '"') {
		value = wt_slice_tail(value, 1);
		value = wt_slice_tail(value, wt_slice_find(value, '"') + 1);
	}
	at = wt_slice_find(value, '<');
	if (at < value.len) {
		value = wt_slice_tail(value, at + 1);
		return wt_slice_head(value, wt_slice_find(value, '>'));
	}
	return wt_line_trim(wt_slice_head(value, wt_slice_find(value, ';')));
}

/* Host and port of a URI: "sip:user@10.0.0.1:5060;transport=udp". Only addresses of the
 * network: a domain may be a person's. */
static struct wt_slice host_of(struct wt_slice uri)
{
	size_t at = wt_slice_find(uri, '@'), i;
	struct wt_slice host;

	if (at == uri.len)
		at = wt_slice_find(uri, ':');
	host = wt_slice_tail(uri, at + 1);
	host = wt_slice_head(host, wt_slice_find(host, ';'));
	host = wt_slice_head(host, wt_slice_find(host, '>'));
	for (i = 0; i < host.len; i++) {
		uint8_t c = wt_line_lower(host.ptr[i]);

		if (!wt_line_is_digit(c) && c != '.' && c != ':' && c != '[' && c != ']' &&
		    (host.ptr[0] != '[' || c < 'a' || c > 'f'))
			return wt_slice_of(NULL, 0);
	}
	return host;
}

/* Value of a parameter: name="x" or name=x. */
static struct wt_slice parameter(struct wt_slice s, struct wt_slice name)
{
	size_t at = wt_line_find(s, name);
	struct wt_slice rest = wt_slice_tail(s, at + name.len);

	if (at == s.len || !rest.len)
		return wt_slice_of(NULL, 0);
	if (rest.ptr[0] == '"') {
		rest = wt_slice_tail(rest, 1);
		return wt_slice_head(rest, wt_slice_find(rest, '"'));
	}
	rest = wt_slice_head(rest, wt_slice_find(rest, ';'));
	return wt_slice_head(rest, wt_slice_find(rest, ','));
}

static void take_contact(struct sip_message *m, struct wt_slice value)
{
	struct wt_slice uri = address_of(value), expires;
	uint32_t number;

	if (m->has_contact)
		return;
	m->has_contact = true;
	put_CONTACT(m->out, m->event, uri);
	put_CONTACT_HOST(m->out, m->event, host_of(uri));
	expires = parameter(value, WT_LIT(";expires="));
	if (wt_line_number(expires, &number))
		put_CONTACT_EXPIRES(m->out, m->event, number);
}

/* "SIP/2.0/UDP 10.0.0.1:5060;branch=...", a list perhaps */
static void take_via(struct sip_message *m, struct wt_slice value)
{
	struct wt_slice rest = value;

	if (m->n_vias == 0) {
		(void)wt_line_word(&rest);
		rest = wt_slice_head(rest, wt_slice_find(rest, ','));
		/* as a URI without scheme and user */
		rest = wt_line_trim(wt_slice_head(rest, wt_slice_find(rest, ';')));
		if (rest.len && (wt_line_is_digit(rest.ptr[0]) || rest.ptr[0] == '['))
			put_VIA_HOST(m->out, m->event, rest);
	}
	while (value.len) {
		(void)wt_line_part(&value, ',');
		m->n_vias++;
	}
}

static const char *method_of(struct wt_slice word)
{
	size_t i;

	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (wt_slice_equal(word, wt_slice_text(methods[i])))
			return methods[i];
	return "other";
}

static void take_cseq(struct sip_message *m, struct wt_slice value)
{
	struct wt_slice rest = value, word = wt_line_word(&rest);
	uint64_t number;

	if (wt_slice_to_u64(word, &number))
		put_CSEQ(m->out, m->event, number);
	if (m->is_response)
		put_METHOD(m->out, m->event, wt_slice_text(method_of(wt_line_word(&rest))));
}

static void take_header(struct sip_message *m, enum sip_header header, struct wt_slice value)
{
	uint32_t number;

	switch (header) {
	case H_FROM:
		put_FROM(m->out, m->event, address_of(value));
		break;
	case H_TO:
		put_TO(m->out, m->event, address_of(value));
		break;
	case H_CALL_ID:
		put_CALL_ID(m->out, m->event, value);
		break;
	case H_CONTACT:
		take_contact(m, value);
		break;
	case H_VIA:
		take_via(m, value);
		break;
	case H_CSEQ:
		take_cseq(m, value);
		break;
	case H_EXPIRES:
		if (wt_line_number(value, &number))
			put_EXPIRES(m->out, m->event, number);
		break;
	case H_AGENT:
		m->agent = value;
		put_RAW_UA(m->out, m->event, value);
		break;
	case H_SERVER:
		m->agent = value;
		put_RAW_SERVER(m->out, m->event, value);
		break;
	case H_CHALLENGE:
		put_REALM(m->out, m->event, parameter(value, WT_LIT("realm=")));
		break;
	case H_CREDENTIALS:
		put_REALM(m->out, m->event, parameter(value, WT_LIT("realm=")));
		wt_put_USER_NAME(m->out, m->event, parameter(value, WT_LIT("username=")));
		wt_put_USER_SECRET(m->out, m->event, parameter(value, WT_LIT("response=")));
		break;
	case H_TYPE:
		value = wt_line_trim(wt_slice_head(value, wt_slice_find(value, ';')));
		if (wt_line_is_media_type(value))
			put_CONTENT_TYPE(m->out, m->event, value);
		m->is_sdp = wt_line_equal(value, WT_LIT("application/sdp"));
		break;
	case H_LENGTH:
		if (!wt_line_number(value, &number)) {
			wt_out_glitch(m->out, "malformed_length");
			break;
		}
		if (m->has_length && m->body_len != number)
			wt_out_glitch(m->out, "contradicting_lengths");
		m->has_length = true;
		m->body_len = number;
		break;
	case H_NONE:
		break;
	}
}

static void take_line(struct sip_message *m, struct wt_slice line)
{
	size_t at = wt_slice_find(line, ':');
	struct wt_slice name = wt_line_trim(wt_slice_head(line, at));

	if (at < line.len && name.len)
		take_header(m, header_of(name), wt_line_trim(wt_slice_tail(line, at + 1)));
}

/* Headers; a folded one is read up to its first line's end, the rest being parameters
 * that are not looked at, but for one that begins with nothing. */
static void take_headers(struct sip_message *m, struct wt_slice s)
{
	struct wt_slice folded = { .ptr = NULL };
	unsigned n = 0;

	while (s.len && n++ < SIP_HEADERS_MAX) {
		size_t at = wt_slice_find(s, '\n');
		struct wt_slice line = wt_line_chomp(wt_slice_head(s, at));
		struct wt_slice rest = wt_slice_tail(s, at + 1);

		/* "Name:" CRLF " value": as one, the line end among blanks */
		while (rest.len && wt_line_is_blank(rest.ptr[0])) {
			size_t more = wt_slice_find(rest, '\n');
			struct wt_slice next = wt_line_chomp(wt_slice_head(rest, more));

			folded =
				wt_slice_of(line.ptr, (size_t)(next.ptr + next.len - line.ptr));
			line = folded;
			rest = wt_slice_tail(rest, more + 1);
		}
		take_line(m, line);
		s = rest;
	}
	if (s.len)
		wt_out_glitch(m->out, "too_many_headers");
}

/* --- body --- */

/* "m=audio 4000 RTP/AVP 0", "c=IN IP4 10.0.0.1" */
static void take_sdp(struct sip_message *m, struct wt_slice s)
{
	unsigned n_media = 0, n_ips = 0;

	while (s.len) {
		size_t at = wt_slice_find(s, '\n');
		struct wt_slice line = wt_line_chomp(wt_slice_head(s, at)), word;
		uint32_t port;

		s = wt_slice_tail(s, at + 1);
		if (line.len < 3 || line.ptr[1] != '=')
			continue;
		if (line.ptr[0] == 'm' && n_media++ < SIP_MEDIA_MAX) {
			line = wt_slice_tail(line, 2);
			word = wt_line_word(&line);
			put_MEDIA(m->out, m->event,
				  wt_line_is_word(word, WT_LIT("-")) ? word : WT_LIT("other"));
			word = wt_line_word(&line);
			if (wt_line_number(word, &port))
				put_MEDIA_PORT(m->out, m->event, port);
		} else if (line.ptr[0] == 'c' && n_ips++ < SIP_MEDIA_MAX) {
			line = wt_slice_tail(line, 2);
			(void)wt_line_word(&line);
			(void)wt_line_word(&line);
			word = wt_line_word(&line);
			put_MEDIA_IP(m->out, m->event,
				     wt_slice_head(word, wt_slice_find(word, '/')));
		}
	}
}

/* --- messages --- */

static void take_start(struct sip_message *m, struct wt_slice line)
{
	struct wt_slice rest = line, word = wt_line_word(&rest);
	uint64_t code;

	put_RAW_LINE(m->out, m->event, line);
	if (m->is_response) {
		word = wt_line_word(&rest);
		if (wt_slice_to_u64(word, &code))
			put_CODE(m->out, m->event, code);
		put_REASON(m->out, m->event, rest);
		return;
	}
	put_METHOD(m->out, m->event, wt_slice_text(method_of(word)));
	put_RAW_URI(m->out, m->event, wt_line_word(&rest));
}

/* Offset behind the empty line that ends the headers, or 0. */
static size_t headers_len(struct wt_slice s, size_t from)
{
	size_t at = from;

	while (at < s.len) {
		at += wt_slice_find(wt_slice_tail(s, at), '\n') + 1;
		if (at < s.len && s.ptr[at] == '\n')
			return at + 1;
		if (at + 1 < s.len && s.ptr[at] == '\r' && s.ptr[at + 1] == '\n')
			return at + 2;
	}
	return 0;
}

static void one_message(struct sip_message *m, struct wt_slice headers)
{
	size_t at = wt_slice_find(headers, '\n');

	m->event = wt_event_begin(m->out, EVENT_SIP);
	m->is_response = headers.ptr[0] == 'S' && headers.len > 3 && headers.ptr[3] == '/';
	take_start(m, wt_line_chomp(wt_slice_head(headers, at)));
	take_headers(m, wt_line_chomp(wt_slice_tail(headers, at + 1)));
	/* a request that went through others first carries the words of its author */
	if (m->is_response || m->n_vias <= 1)
		wt_put_HOST_SOFTWARE(m->out, m->event, m->agent);
	if (m->n_vias)
		put_N_VIAS(m->out, m->event, m->n_vias);
	if (m->body_len)
		put_BODY_BYTES(m->out, m->event, m->body_len);
}

static size_t blanks_len(struct wt_slice s)
{
	size_t n = 0;

	while (n < s.len && (s.ptr[n] == '\r' || s.ptr[n] == '\n'))
		n++;
	return n;
}

/* What telephones send to keep an address translation: "jaK\0", blanks, zeros. */
static bool is_keepalive(struct wt_slice s)
{
	size_t n = 0;

	while (n < s.len && (s.ptr[n] == ' ' || s.ptr[n] == 0))
		n++;
	return s.len <= 4 || n == s.len;
}

/* A datagram holds one message, or blank lines that keep an address translation. */
static enum wt_verdict datagram(struct wt_reader *r, struct wt_out *out)
{
	struct sip_message m = { .out = out };
	struct wt_slice s, body;
	size_t len;

	wt_rd_skip(r, blanks_len(wt_rd_peek(r)));
	s = wt_rd_peek(r);
	if (!s.len)
		return WT_OK;
	if (see_start(s) != WT_OK)
		return is_keepalive(s) ? WT_OK : WT_MALFORMED;
	len = headers_len(s, 0);
	if (!len && r->on_short == WT_MALFORMED)
		wt_out_glitch(out, "headers_do_not_end");
	len = len ? len : s.len;
	one_message(&m, wt_slice_head(s, len));
	body = wt_slice_tail(s, len);
	if (m.has_length && m.body_len > body.len && r->on_short == WT_MALFORMED)
		wt_out_glitch(out, "body_is_short");
	if (m.is_sdp)
		take_sdp(&m, wt_slice_head(body, SIP_SDP_MAX));
	(void)wt_rd_rest(r);
	return WT_OK;
}

static enum wt_verdict stream(struct wt_reader *r, struct wt_out *out)
{
	struct sip_message m = { .out = out };
	struct wt_slice s = wt_rd_peek(r), body;
	size_t from = wt_out_scanned(out), len, n = blanks_len(s);
	enum wt_verdict verdict;

	if (n && !wt_out_is_resumed(out)) {
		wt_rd_skip(r, n);
		return WT_OK;
	}
	s = wt_slice_tail(s, n);
	verdict = see_start(s);
	if (!s.len || verdict == WT_MORE)
		return WT_MORE;
	if (verdict != WT_OK)
		return WT_MALFORMED;
	/* the end of the headers may lie over the border of what was searched */
	len = headers_len(s, n || from < 3 ? 0 : from - 3);
	if (!len) {
		wt_out_set_scanned(out, s.len);
		return WT_MORE;
	}
	one_message(&m, wt_slice_head(s, len));
	body = wt_slice_tail(s, len);
	if (m.is_sdp && m.body_len && m.body_len <= SIP_SDP_MAX) {
		if (body.len < m.body_len && !wt_out_is_end(out)) {
			wt_out_need(out, n + len + m.body_len);
			return WT_MORE;
		}
		body = wt_slice_head(body, m.body_len);
		take_sdp(&m, body);
	} else {
		body = wt_slice_of(NULL, 0);
	}
	wt_rd_skip(r, n + len + body.len);
	if (m.body_len > body.len)
		wt_out_skip(out, m.body_len - body.len);
	wt_out_message_end(out);
	wt_out_commit(out);
	return WT_OK;
}

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	(void)state;
	(void)dir;
	if (!wt_rd_left(r))
		return WT_MORE;
	return r->on_short == WT_MORE ? stream(r, out) : datagram(r, out);
}

const struct wt_dissector wt_sip_dissector = {
	.name = "sip",
	.title = "SIP",
	.source = "RFC 3261, 8866",
	.carriage = WT_OVER_TCP | WT_OVER_UDP,
	.ports = { 5060, 5080 },
	.probe = probe,
	.message = message,
	.resync = resync,
	.state_size = sizeof(struct sip_state),
	.buffer_max = SIP_BUFFER,
	WT_DISSECTOR_TABLES(events),
};
