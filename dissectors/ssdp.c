/* SSDP: UPnP devices announce themselves and are searched for, in HTTP over UDP.
 *
 *   M-SEARCH * HTTP/1.1    NOTIFY * HTTP/1.1    HTTP/1.1 200 OK
 *   name: value CR LF ... CR LF
 *
 * Source: UPnP Device Architecture 2.0 clause 1. Trust: every byte is hostile.
 * PHI: the location is a URI and stays inside. Memory: no state. */
#include "wardtap/dissector.h"

#define SSDP_FIELDS(F)                                                                         \
	F(METHOD, STR, ONE, NONE, ASIS, 8, "", "ssdp.method", "UDA 1.2, 1.3",                  \
	  "M-SEARCH, NOTIFY, or response.")                                                    \
	F(TARGET, STR, ONE, NONE, ASIS, 128, "", "ssdp.target", "UDA 1.2.2 NT, 1.3.2 ST",      \
	  "What is announced or searched for, e.g. ssdp:all or a device type.")                \
	F(EVENT, STR, ONE, NONE, ASIS, 16, "", "ssdp.event", "UDA 1.2.2 NTS",                  \
	  "alive, byebye, update, or discover of a search.")                                   \
	F(USN, STR, ONE, DEVICE, ASIS, 200, "", "ssdp.usn", "UDA 1.2.2",                       \
	  "Unique name of the service: the device's UUID, and what it is.")                    \
	F(LOCATION, STR, ONE, DIRECT, ASIS, 255, "", "ssdp.location", "UDA 1.2.2",             \
	  "Where the device's description is.")                                                \
	F(LOCATION_HOST, STR, ONE, DEVICE, ASIS, 64, "", "ssdp.location_host", "UDA 1.2.2",    \
	  "Host and port of the location.")                                                    \
	F(SERVER, STR, ONE, DEVICE, ASIS, 200, "", "ssdp.server", "UDA 1.2.2",                 \
	  "Operating system, UPnP version and product of the device.")                         \
	F(USER_AGENT, STR, ONE, DEVICE, ASIS, 200, "", "ssdp.user_agent", "UDA 1.3.2",         \
	  "The same of who searches.")                                                         \
	F(WAIT, U64, ONE, NONE, ASIS, 8, "s", "ssdp.max_wait_s", "UDA 1.3.2 MX",               \
	  "How long answers may take.")                                                        \
	F(MAX_AGE, U64, ONE, NONE, ASIS, 8, "s", "ssdp.max_age_s", "UDA 1.2.2",                \
	  "How long the announcement holds.")                                                  \
	F(STATUS, U64, ONE, NONE, ASIS, 8, "", "ssdp.status", "UDA 1.3.3",                     \
	  "Status of a response, 200 for good.")

WT_DECLARE_FIELDS(SSDP_FIELDS)

static const struct wt_event_type events[] = {
	{ "ssdp", "A UPnP device announces itself, or is searched for." },
};

#define HEADERS_MAX 64u

enum method { METHOD_NONE, METHOD_SEARCH, METHOD_NOTIFY, METHOD_RESPONSE };

/* --- lines --- */

static struct wt_slice strip(struct wt_slice s)
{
	while (s.len && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
		s = wt_slice_tail(s, 1);
	while (s.len && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\r'))
		s.len--;
	return s;
}

/* Takes a line off *rest, without its end. */
static struct wt_slice next_line(struct wt_slice *rest)
{
	size_t at = wt_slice_find(*rest, '\n');
	struct wt_slice line = wt_slice_head(*rest, at);

	*rest = wt_slice_tail(*rest, at + 1);
	return strip(line);
}

static bool is_name(struct wt_slice name, const char *want)
{
	struct wt_slice w = wt_slice_text(want);
	size_t i;

	if (name.len != w.len)
		return false;
	for (i = 0; i < w.len; i++)
		if ((name.ptr[i] >= 'a' && name.ptr[i] <= 'z' ? name.ptr[i] - 32
							      : name.ptr[i]) != w.ptr[i])
			return false;
	return true;
}

static enum method method_of(struct wt_slice s)
{
	if (wt_slice_starts(s, WT_LIT("M-SEARCH * HTTP/1.")))
		return METHOD_SEARCH;
	if (wt_slice_starts(s, WT_LIT("NOTIFY * HTTP/1.")))
		return METHOD_NOTIFY;
	if (wt_slice_starts(s, WT_LIT("HTTP/1.")))
		return METHOD_RESPONSE;
	return METHOD_NONE;
}

/* --- probe --- */

/* Other programs speak HTTP over UDP too: an answer must say what it is the answer to. */
static enum wt_verdict probe(struct wt_slice head)
{
	enum method method = method_of(head);
	unsigned i;

	if (method != METHOD_RESPONSE)
		return method != METHOD_NONE ? WT_OK : WT_FOREIGN;
	(void)next_line(&head);
	for (i = 0; i < HEADERS_MAX && head.len; i++) {
		struct wt_slice line = next_line(&head);
		struct wt_slice name = strip(wt_slice_head(line, wt_slice_find(line, ':')));

		if (name.len < line.len && (is_name(name, "ST") || is_name(name, "USN")))
			return WT_OK;
	}
	return WT_FOREIGN;
}

/* --- headers --- */

struct ssdp_call {
	struct wt_out *out;
	unsigned event;
	enum method method;
};

static void take_location(struct ssdp_call *c, struct wt_slice value)
{
	size_t at = wt_slice_search(value, WT_LIT("://"));
	struct wt_slice host = wt_slice_tail(value, at + 3);

	put_LOCATION(c->out, c->event, value);
	put_LOCATION_HOST(c->out, c->event, wt_slice_head(host, wt_slice_find(host, '/')));
}

static void take_target(struct ssdp_call *c, struct wt_slice value)
{
	put_TARGET(c->out, c->event, value);
	if (c->method != METHOD_SEARCH && wt_slice_starts(value, WT_LIT("urn:")) &&
	    wt_slice_search(value, WT_LIT(":device:")) < value.len)
		wt_put_DEVICE_TYPE(c->out, c->event, value);
}

static void take_age(struct ssdp_call *c, struct wt_slice value)
{
	struct wt_slice age = wt_slice_tail(value, wt_slice_find(value, '=') + 1);
	uint64_t seconds;

	age = strip(wt_slice_head(age, wt_slice_find(age, ',')));
	if (wt_slice_to_u64(age, &seconds))
		put_MAX_AGE(c->out, c->event, seconds);
}

static void take_header(struct ssdp_call *c, struct wt_slice name, struct wt_slice value)
{
	uint64_t number;

	if (is_name(name, "ST") || is_name(name, "NT")) {
		take_target(c, value);
	} else if (is_name(name, "NTS") || is_name(name, "MAN")) {
		value = wt_slice_trim(value, '"');
		put_EVENT(c->out, c->event,
			  wt_slice_starts(value, WT_LIT("ssdp:")) ? wt_slice_tail(value, 5)
								  : value);
	} else if (is_name(name, "USN")) {
		put_USN(c->out, c->event, value);
	} else if (is_name(name, "LOCATION")) {
		take_location(c, value);
	} else if (is_name(name, "SERVER")) {
		put_SERVER(c->out, c->event, value);
		wt_put_HOST_SOFTWARE(c->out, c->event, value);
	} else if (is_name(name, "USER-AGENT")) {
		put_USER_AGENT(c->out, c->event, value);
		wt_put_HOST_SOFTWARE(c->out, c->event, value);
	} else if (is_name(name, "CACHE-CONTROL")) {
		take_age(c, value);
	} else if (is_name(name, "MX") && wt_slice_to_u64(value, &number)) {
		put_WAIT(c->out, c->event, number);
	}
}

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	static const char *const names[] = { NULL, "M-SEARCH", "NOTIFY", "response" };
	struct wt_slice rest = wt_rd_rest(r), line;
	struct ssdp_call c = { .out = out, .method = method_of(rest) };
	uint64_t status;
	unsigned i;

	(void)state;
	(void)dir;
	if (c.method == METHOD_NONE)
		return WT_MALFORMED;
	c.event = wt_event_begin(out, 0);
	put_METHOD(out, c.event, wt_slice_text(names[c.method]));
	line = next_line(&rest);
	if (c.method == METHOD_RESPONSE &&
	    wt_slice_to_u64(wt_slice_head(wt_slice_tail(line, 9), 3), &status))
		put_STATUS(out, c.event, status);
	for (i = 0; i < HEADERS_MAX && rest.len; i++) {
		size_t at;

		line = next_line(&rest);
		at = wt_slice_find(line, ':');
		if (!line.len)
			break;
		if (at < line.len)
			take_header(&c, strip(wt_slice_head(line, at)),
				    strip(wt_slice_tail(line, at + 1)));
	}
	return WT_OK;
}

const struct wt_dissector wt_ssdp_dissector = {
	.name = "ssdp",
	.title = "SSDP",
	.source = "UPnP Device Architecture 2.0",
	.carriage = WT_OVER_UDP,
	.ports = { 1900 },
	.probe = probe,
	.message = message,
	WT_DISSECTOR_TABLES(events),
};
