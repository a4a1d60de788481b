/* HTTP: what single headers say.
 * Source: RFC 9110 (7, 8, 10, 11, 12), RFC 9112 6, RFC 7617, RFC 7616 3.4, RFC 6750 2.1,
 * RFC 6266 4.
 * Trust: hostile bytes; what decides where the body ends is judged in http_framing.
 * Memory: scratch on the stack. */
#include "http_parts.h"

enum header {
	H_ACCEPT,
	H_ACCEPT_ENC,
	H_ACCEPT_LANG,
	H_AUTHENTICATE,
	H_AUTHORIZATION,
	H_CONNECTION,
	H_COOKIE,
	H_DISPOSITION,
	H_ENCODING,
	H_FORWARDED,
	H_HOST,
	H_LENGTH,
	H_LOCATION,
	H_POWERED_BY,
	H_REFERER,
	H_SERVER,
	H_SOAP_ACTION,
	H_TRANSFER,
	H_TYPE,
	H_UPGRADE,
	H_USER_AGENT,
};

static const struct {
	const char *name;
	uint8_t header;
} headers[] = {
	{ "accept", H_ACCEPT },
	{ "accept-encoding", H_ACCEPT_ENC },
	{ "accept-language", H_ACCEPT_LANG },
	{ "authorization", H_AUTHORIZATION },
	{ "connection", H_CONNECTION },
	{ "content-disposition", H_DISPOSITION },
	{ "content-encoding", H_ENCODING },
	{ "content-length", H_LENGTH },
	{ "content-type", H_TYPE },
	{ "cookie", H_COOKIE },
	{ "host", H_HOST },
	{ "location", H_LOCATION },
	{ "proxy-authenticate", H_AUTHENTICATE },
	{ "proxy-authorization", H_AUTHORIZATION },
	{ "referer", H_REFERER },
	{ "server", H_SERVER },
	{ "set-cookie", H_COOKIE },
	{ "soapaction", H_SOAP_ACTION },
	{ "transfer-encoding", H_TRANSFER },
	{ "upgrade", H_UPGRADE },
	{ "user-agent", H_USER_AGENT },
	{ "www-authenticate", H_AUTHENTICATE },
	{ "x-forwarded-for", H_FORWARDED },
	{ "x-powered-by", H_POWERED_BY },
};

static struct wt_slice first_word(struct wt_slice s)
{
	return wt_slice_head(s, wt_slice_find(s, ' '));
}

/* One of those in use? Any other word might be the secret itself. */
static bool is_scheme(struct wt_slice word)
{
	static const char *const names[] = {
		"basic",       "digest",        "bearer",
		"negotiate",   "ntlm",          "kerberos",
		"hoba",        "mutual",        "oauth",
		"scram-sha-1", "scram-sha-256", "vapid",
		"dpop",        "gnap",          "token",
		"apikey",      "hawk",          "wsse",
		"signature",   "privatetoken",  "aws4-hmac-sha256",
		"sharedkey",   "sharedkeylite",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (http_same(word, names[i]))
			return true;
	return false;
}

/* May a parameter of a media type be told? Names and titles may be a patient's. */
static bool is_plain_parameter(struct wt_slice s)
{
	static const char *const keys[] = { "charset=", "type=",        "transfer-syntax=",
					    "version=", "fhirversion=", "boundary=" };
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (http_starts(s, keys[i]))
			return i + 1 < sizeof(keys) / sizeof(keys[0]);
	return false;
}

/* The media type with those of its first parameters that say nothing of anybody. */
static struct wt_slice plain_type(struct wt_slice value)
{
	size_t at = wt_slice_find(value, ';'), next;

	while (at < value.len) {
		struct wt_slice rest = http_trim(wt_slice_tail(value, at + 1));

		next = at + 1 + wt_slice_find(wt_slice_tail(value, at + 1), ';');
		if (!is_plain_parameter(rest))
			break;
		at = next;
	}
	return wt_slice_head(value, at);
}

static void take_basic(struct http_call *c, struct wt_slice token)
{
	uint8_t room[256];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	struct wt_slice both;
	size_t colon;

	http_base64(wt_slice_head(token, 340), &b);
	both = wt_bld_slice(&b);
	colon = wt_slice_find(both, ':');
	put_IS_BASIC_AUTH(c->out, c->event, true);
	wt_put_USER_NAME(c->out, c->event, wt_slice_head(both, colon));
	wt_put_USER_SECRET(c->out, c->event, wt_slice_tail(both, colon + 1));
}

static void take_credentials(struct http_call *c, struct wt_slice value)
{
	struct wt_slice scheme = first_word(value);
	struct wt_slice rest = http_trim(wt_slice_tail(value, scheme.len));

	if (!rest.len || !is_scheme(scheme)) {
		wt_put_USER_SECRET(c->out, c->event, value);
		return;
	}
	put_AUTH_SCHEME(c->out, c->event, scheme);
	if (http_same(scheme, "basic")) {
		take_basic(c, rest);
	} else if (http_same(scheme, "digest")) {
		wt_put_USER_NAME(c->out, c->event, http_parameter(rest, "username"));
		put_REALM(c->out, c->event, http_parameter(rest, "realm"));
		wt_put_USER_SECRET(c->out, c->event, http_parameter(rest, "response"));
	} else {
		wt_put_USER_SECRET(c->out, c->event, rest);
	}
}

static void take_challenge(struct http_call *c, struct wt_slice value)
{
	struct wt_slice scheme = first_word(value);

	if (is_scheme(scheme))
		put_AUTH_SCHEME(c->out, c->event, scheme);
	put_REALM(c->out, c->event, http_parameter(value, "realm"));
}

/* RFC 9110 8.6: the same number twice is one number. */
static void take_length(struct http_call *c, struct wt_slice value)
{
	struct wt_slice rest = value;

	put_CONTENT_LEN(c->out, c->event, value);
	while (rest.len) {
		size_t comma = wt_slice_find(rest, ',');
		struct wt_slice one = http_trim(wt_slice_head(rest, comma));
		uint64_t length;

		rest = wt_slice_tail(rest, comma + 1);
		if (!wt_slice_to_u64(one, &length) || length > UINT64_MAX >> 2 ||
		    (c->q->has_length && c->q->length != length)) {
			c->q->is_bad_length = true;
			continue;
		}
		c->q->has_length = true;
		c->q->length = length;
	}
	if (c->q->has_length)
		put_CONTENT_LENGTH(c->out, c->event, c->q->length);
	if (!value.len)
		c->q->is_bad_length = true;
}

/* RFC 9112 6.1: chunked, when it is the last coding. */
static void take_transfer(struct http_call *c, struct wt_slice value)
{
	struct wt_slice last = value;
	size_t comma;

	while ((comma = wt_slice_find(last, ',')) < last.len)
		last = wt_slice_tail(last, comma + 1);
	if (http_same(http_trim(last), "chunked"))
		c->q->is_chunked = true;
	else if (http_has(value, "chunked"))
		wt_out_glitch(c->out, "chunked_not_last");
}

static void take_type(struct http_call *c, struct wt_slice value)
{
	put_CONTENT_TYPE_RAW(c->out, c->event, value);
	put_CONTENT_TYPE(c->out, c->event, plain_type(value));
	http_put_file_name(c, http_parameter(value, "name"));
	http_see_type(c, value);
	if (http_has(value, "action="))
		http_see_action(c, http_parameter(value, "action"));
}

void http_put_host(struct http_call *c, struct wt_slice name)
{
	if (wt_host_name_is_personal(name))
		put_PERSONAL_HOST(c->out, c->event, name);
	else
		put_HOST(c->out, c->event, name);
}

static void take_program(struct http_call *c, struct wt_slice value)
{
	wt_put_HOST_SOFTWARE(c->out, c->event, value);
}

static void take_routing(struct http_call *c, enum header header, struct wt_slice value)
{
	switch (header) {
	case H_CONNECTION:
		put_CONNECTION(c->out, c->event, value);
		if (http_has(value, "close"))
			c->q->is_close = true;
		if (http_has(value, "upgrade"))
			c->q->is_upgrade = true;
		return;
	case H_UPGRADE:
		put_UPGRADE(c->out, c->event, value);
		if (http_same(value, "websocket"))
			c->q->service = HTTP_WEBSOCKET;
		return;
	case H_COOKIE:
		put_COOKIE(c->out, c->event, value);
		return;
	case H_REFERER:
		put_REFERER(c->out, c->event, value);
		return;
	case H_LOCATION:
		put_LOCATION(c->out, c->event, value);
		return;
	case H_FORWARDED:
		put_FORWARDED(c->out, c->event, value);
		return;
	case H_ACCEPT:
		put_ACCEPT(c->out, c->event, value);
		if (http_has(value, "fhir") && c->q->service == HTTP_PLAIN)
			c->q->service = HTTP_FHIR;
		return;
	case H_ACCEPT_ENC:
		put_ACCEPT_ENC(c->out, c->event, value);
		return;
	case H_ACCEPT_LANG:
		put_ACCEPT_LANG(c->out, c->event, value);
		return;
	default:
		return;
	}
}

static void take_known(struct http_call *c, enum header header, struct wt_slice value)
{
	switch (header) {
	case H_HOST:
		http_put_host(c, value);
		return;
	case H_USER_AGENT:
		put_USER_AGENT(c->out, c->event, value);
		take_program(c, value);
		return;
	case H_SERVER:
		put_SERVER(c->out, c->event, value);
		take_program(c, value);
		return;
	case H_POWERED_BY:
		put_POWERED_BY(c->out, c->event, value);
		take_program(c, value);
		return;
	case H_TYPE:
		take_type(c, value);
		return;
	case H_LENGTH:
		take_length(c, value);
		return;
	case H_TRANSFER:
		take_transfer(c, value);
		return;
	case H_ENCODING:
		put_ENCODING(c->out, c->event, value);
		return;
	case H_DISPOSITION:
		http_put_file_name(c, http_parameter(value, "filename"));
		return;
	case H_AUTHORIZATION:
		take_credentials(c, value);
		return;
	case H_AUTHENTICATE:
		take_challenge(c, value);
		return;
	case H_SOAP_ACTION:
		http_see_action(c, wt_slice_trim(value, '"'));
		return;
	default:
		take_routing(c, header, value);
		return;
	}
}

void http_take_field(struct http_call *c, struct wt_slice name, struct wt_slice value)
{
	size_t i;

	for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		if ((name.ptr[0] | 0x20) == headers[i].name[0] &&
		    http_same(name, headers[i].name)) {
			take_known(c, (enum header)headers[i].header, value);
			return;
		}
}
