/* DHCP: what single options say.
 * Source: RFC 2132; RFC 3004, 3046, 3397, 3442, 3925, 4361, 4578, 4702, 5859, 8520, 8910.
 * Trust: every byte is hostile. Memory: none. */
#include "dhcp_fields.h"

enum dhcp_option {
	OPT_SUBNET_MASK = 1,
	OPT_ROUTER = 3,
	OPT_DNS = 6,
	OPT_LOG = 7,
	OPT_HOST_NAME = 12,
	OPT_DOMAIN = 15,
	OPT_NTP = 42,
	OPT_NBNS = 44,
	OPT_REQUESTED_IP = 50,
	OPT_LEASE = 51,
	OPT_OVERLOAD = 52,
	OPT_MESSAGE_TYPE = 53,
	OPT_SERVER_ID = 54,
	OPT_PARAMS = 55,
	OPT_MESSAGE = 56,
	OPT_MAX_SIZE = 57,
	OPT_RENEWAL = 58,
	OPT_REBINDING = 59,
	OPT_VENDOR_CLASS = 60,
	OPT_CLIENT_ID = 61,
	OPT_TFTP_NAME = 66,
	OPT_BOOT_FILE = 67,
	OPT_USER_CLASS = 77,
	OPT_RAPID_COMMIT = 80,
	OPT_FQDN = 81,
	OPT_RELAY = 82,
	OPT_AUTHENTICATION = 90,
	OPT_CLIENT_ARCH = 93,
	OPT_CLIENT_UUID = 97,
	OPT_CAPTIVE_PORTAL = 114,
	OPT_SEARCH = 119,
	OPT_ROUTES = 121,
	OPT_VENDOR_CLASSES = 124,
	OPT_VENDOR_OPTIONS = 125,
	OPT_TFTP_ADDRESS = 150,
	OPT_MUD = 161,
	OPT_ROUTES_MS = 249,
	OPT_WPAD = 252,
};

#define LIST_MAX 64u  /* addresses, routes or names told of one option */
#define JUMPS_MAX 16u /* compression pointers followed in one name */

static const char *const message_types[] = {
	NULL,
	"discover",
	"offer",
	"request",
	"decline",
	"ack",
	"nak",
	"release",
	"inform",
	"force_renew",
	"lease_query",
	"lease_unassigned",
	"lease_unknown",
	"lease_active",
	"bulk_lease_query",
	"lease_query_done",
	"active_lease_query",
	"lease_query_status",
	"tls",
};

/* RFC 2132: addresses one after the other. */
static void addresses(unsigned code, struct wt_slice value, struct wt_out *out, unsigned event)
{
	struct wt_reader r = wt_reader_of(value, WT_MALFORMED);
	unsigned n;

	if (!value.len || value.len % 4)
		wt_out_glitch(out, "odd_option_length");
	for (n = 0; n < LIST_MAX && wt_rd_left(&r) >= 4; n++) {
		struct wt_text t;
		struct wt_slice text = wt_text_ip(&t, wt_rd_bytes(&r, 4));

		switch (code) {
		case OPT_ROUTER:
			put_ROUTER(out, event, text);
			break;
		case OPT_DNS:
			put_DNS_SERVER(out, event, text);
			break;
		case OPT_LOG:
			put_LOG_SERVER(out, event, text);
			break;
		case OPT_NTP:
			put_NTP_SERVER(out, event, text);
			break;
		case OPT_NBNS:
			put_NBNS_SERVER(out, event, text);
			break;
		default:
			put_TFTP_SERVER(out, event, text);
			break;
		}
	}
}

static void address(unsigned code, struct wt_slice value, struct wt_out *out, unsigned event)
{
	struct wt_text t;
	struct wt_slice text = wt_text_ip(&t, value);

	if (value.len != 4)
		wt_out_glitch(out, "odd_option_length");
	else if (code == OPT_SUBNET_MASK)
		put_SUBNET_MASK(out, event, text);
	else if (code == OPT_REQUESTED_IP)
		put_REQUESTED_IP(out, event, text);
	else
		put_SERVER_ID(out, event, text);
}

static void number(unsigned code, struct wt_slice value, struct wt_out *out, unsigned event)
{
	struct wt_reader r = wt_reader_of(value, WT_MALFORMED);
	uint32_t n = code == OPT_MESSAGE_TYPE || code == OPT_OVERLOAD ? wt_rd_u8(&r)
		     : code == OPT_MAX_SIZE                           ? wt_rd_u16be(&r)
								      : wt_rd_u32be(&r);
	struct wt_text t;

	if (r.err != WT_OK || wt_rd_left(&r))
		wt_out_glitch(out, "odd_option_length");
	if (r.err != WT_OK)
		return;
	switch (code) {
	case OPT_MESSAGE_TYPE:
		put_MESSAGE_TYPE(out, event,
				 wt_text_name(&t, message_types,
					      sizeof(message_types) / sizeof(message_types[0]),
					      n));
		break;
	case OPT_OVERLOAD:
		put_OVERLOAD(out, event, n);
		break;
	case OPT_MAX_SIZE:
		put_MAX_SIZE(out, event, n);
		break;
	case OPT_LEASE:
		put_LEASE(out, event, n);
		break;
	case OPT_RENEWAL:
		put_RENEWAL(out, event, n);
		break;
	default:
		put_REBINDING(out, event, n);
		break;
	}
}

/* "1,3,6,15" */
static void params(struct wt_slice value, struct wt_out *out, unsigned event)
{
	uint8_t room[1024];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	size_t i;

	for (i = 0; i < value.len && !b.is_short; i++) {
		if (i)
			wt_bld_char(&b, ',');
		wt_bld_u64(&b, value.ptr[i]);
	}
	put_PARAMS(out, event, wt_bld_slice(&b));
}

/* A name of RFC 1035 from r on, pointers into `whole` followed; they must lead back, or
 * it would not end. The reader stands behind the name in any case. */
static struct wt_slice name(struct wt_reader *r, struct wt_slice whole, struct wt_text *t)
{
	struct wt_builder b = wt_builder_of(t->room, sizeof(t->room));
	struct wt_reader *at = r, jumped;
	unsigned jumps = 0, len;
	size_t limit = whole.len;

	while ((len = wt_rd_u8(at)) != 0) {
		if (len >= 0xc0) {
			size_t to = (len & 0x3f) << 8 | wt_rd_u8(at);

			if (to >= limit || ++jumps > JUMPS_MAX)
				wt_rd_fail(at, WT_MALFORMED);
			if (at->err != WT_OK)
				break;
			limit = to;
			jumped = wt_reader_of(wt_slice_tail(whole, to), WT_MALFORMED);
			at = &jumped;
			continue;
		}
		if (len > 63)
			wt_rd_fail(at, WT_MALFORMED);
		if (b.len)
			wt_bld_char(&b, '.');
		wt_bld_bytes(&b, wt_rd_bytes(at, len));
	}
	if (at->err != WT_OK)
		wt_rd_fail(r, at->err);
	return wt_bld_slice(&b);
}

static void search(struct wt_slice value, struct wt_out *out, unsigned event)
{
	struct wt_reader r = wt_reader_of(value, WT_MALFORMED);
	struct wt_text t;
	unsigned n;

	for (n = 0; n < LIST_MAX && wt_rd_left(&r); n++) {
		struct wt_slice domain = name(&r, value, &t);

		if (r.err == WT_OK)
			put_DOMAIN_SEARCH(out, event, domain);
	}
	if (r.err != WT_OK)
		wt_out_glitch(out, "odd_name");
}

/* Flags, two result codes, the name: a text, or with flag E the form of RFC 1035. */
static void fqdn(struct wt_slice value, struct wt_out *out, unsigned event)
{
	struct wt_reader r = wt_reader_of(value, WT_MALFORMED);
	unsigned flags = wt_rd_u8(&r);
	struct wt_text t;
	struct wt_slice rest;

	wt_rd_skip(&r, 2);
	if (r.err != WT_OK)
		return;
	put_FQDN_FLAGS(out, event, flags);
	rest = wt_rd_peek(&r);
	if (!(flags & 4))
		wt_put_host_name(out, event, wt_text_trim_end(rest));
	else if (rest.len) /* a partial name has no end */
		wt_put_host_name(out, event, name(&r, rest, &t));
}

/* RFC 3442: bits, as many octets of the network as they need, the router. */
static void routes(struct wt_slice value, struct wt_out *out, unsigned event)
{
	struct wt_reader r = wt_reader_of(value, WT_MALFORMED);
	unsigned n, bits;

	for (n = 0; n < LIST_MAX && wt_rd_left(&r); n++) {
		uint8_t network[4] = { 0 }, room[48];
		struct wt_slice octets, router;
		struct wt_builder b;
		struct wt_text t;
		size_t i;

		bits = wt_rd_u8(&r);
		octets = wt_rd_bytes(&r, bits > 32 ? 5 : (bits + 7) / 8);
		router = wt_rd_bytes(&r, 4);
		if (r.err != WT_OK || bits > 32) {
			wt_out_glitch(out, "odd_route");
			return;
		}
		for (i = 0; i < octets.len && i < sizeof(network); i++)
			network[i] = octets.ptr[i];
		b = wt_builder_of(room, sizeof(room));
		wt_bld_bytes(&b, wt_text_prefix(&t, wt_slice_of(network, 4), bits));
		wt_bld_text(&b, " ");
		wt_bld_bytes(&b, wt_text_ip(&t, router));
		put_STATIC_ROUTE(out, event, wt_bld_slice(&b));
	}
}

static void client_id(struct wt_slice value, struct wt_out *out, unsigned event)
{
	struct wt_text t;

	if (value.len && value.ptr[0] == 0)
		put_CLIENT_NAME(out, event, wt_slice_tail(value, 1));
	else if (wt_text_is_plain(value)) /* no type at all */
		put_CLIENT_NAME(out, event, value);
	else if (value.len > 1 && wt_text_is_plain(wt_slice_tail(value, 1)))
		put_CLIENT_NAME(out, event, wt_slice_tail(value, 1));
	else
		put_CLIENT_ID(out, event, wt_text_hex(&t, value, ':'));
}

/* RFC 3004 wants a length before each; most send one text without. */
static void user_class(struct wt_slice value, struct wt_out *out, unsigned event)
{
	struct wt_reader r = wt_reader_of(value, WT_MALFORMED);
	struct wt_text t;
	unsigned n;

	while (wt_rd_left(&r))
		wt_rd_skip(&r, wt_rd_u8(&r));
	if (r.err != WT_OK) {
		put_USER_CLASS(out, event, wt_text_id(&t, value));
		return;
	}
	r = wt_reader_of(value, WT_MALFORMED);
	for (n = 0; n < LIST_MAX && wt_rd_left(&r); n++)
		put_USER_CLASS(out, event, wt_text_id(&t, wt_rd_bytes(&r, wt_rd_u8(&r))));
}

static void relay(struct wt_slice value, struct wt_out *out, unsigned event)
{
	struct wt_reader r = wt_reader_of(value, WT_MALFORMED);
	struct wt_text t;

	while (wt_rd_left(&r)) {
		unsigned code = wt_rd_u8(&r);
		struct wt_slice part = wt_rd_bytes(&r, wt_rd_u8(&r));

		if (code == 1)
			put_CIRCUIT_ID(out, event, wt_text_id(&t, part));
		else if (code == 2)
			put_REMOTE_ID(out, event, wt_text_id(&t, part));
		else if (code == 6)
			put_SUBSCRIBER_ID(out, event, wt_text_id(&t, part));
	}
	if (r.err != WT_OK)
		wt_out_glitch(out, "odd_relay_information");
}

/* RFC 3925: per enterprise its number, a length, and for classes texts with theirs. */
static void vendor(struct wt_slice value, bool is_class, struct wt_out *out, unsigned event)
{
	struct wt_reader r = wt_reader_of(value, WT_MALFORMED);
	struct wt_text t;
	unsigned n;

	for (n = 0; n < LIST_MAX && wt_rd_left(&r); n++) {
		uint32_t enterprise = wt_rd_u32be(&r);
		struct wt_reader part = wt_rd_box(&r, wt_rd_u8(&r));

		if (r.err != WT_OK)
			break;
		put_ENTERPRISE(out, event, enterprise);
		while (is_class && n++ < LIST_MAX && wt_rd_left(&part))
			put_VENDOR_CLASS(out, event,
					 wt_text_id(&t, wt_rd_bytes(&part, wt_rd_u8(&part))));
	}
	if (r.err != WT_OK)
		wt_out_glitch(out, "odd_vendor_option");
}

static void client_arch(struct wt_slice value, struct wt_out *out, unsigned event)
{
	struct wt_reader r = wt_reader_of(value, WT_MALFORMED);
	uint8_t room[64];
	struct wt_builder b = wt_builder_of(room, sizeof(room));

	while (wt_rd_left(&r) >= 2 && !b.is_short) {
		if (b.len)
			wt_bld_char(&b, ',');
		wt_bld_u64(&b, wt_rd_u16be(&r));
	}
	put_CLIENT_ARCH(out, event, wt_bld_slice(&b));
}

static void text(unsigned code, struct wt_slice value, struct wt_out *out, unsigned event)
{
	struct wt_text t;

	value = wt_text_trim_end(value);
	switch (code) {
	case OPT_HOST_NAME:
		wt_put_host_name(out, event, value);
		break;
	case OPT_DOMAIN:
		wt_put_HOST_DOMAIN(out, event, value);
		break;
	case OPT_MESSAGE:
		put_MESSAGE(out, event, value);
		break;
	case OPT_VENDOR_CLASS:
		put_VENDOR_CLASS(out, event, wt_text_id(&t, value));
		break;
	case OPT_TFTP_NAME:
		put_TFTP_SERVER(out, event, value);
		break;
	case OPT_BOOT_FILE:
		put_BOOT_FILE(out, event, value);
		break;
	case OPT_CAPTIVE_PORTAL:
		put_CAPTIVE_PORTAL(out, event, value);
		break;
	case OPT_MUD:
		put_MUD_URL(out, event, value);
		break;
	default:
		put_WPAD_URL(out, event, value);
		break;
	}
}

/* Options with a form of their own. */
static void shaped(unsigned code, struct wt_slice value, struct wt_out *out, unsigned event)
{
	struct wt_text t;

	switch (code) {
	case OPT_PARAMS:
		params(value, out, event);
		break;
	case OPT_CLIENT_ID:
		client_id(value, out, event);
		break;
	case OPT_USER_CLASS:
		user_class(value, out, event);
		break;
	case OPT_FQDN:
		fqdn(value, out, event);
		break;
	case OPT_RELAY:
		relay(value, out, event);
		break;
	case OPT_RAPID_COMMIT:
		put_HAS_RAPID_COMMIT(out, event, true);
		break;
	case OPT_AUTHENTICATION:
		put_HAS_AUTHENTICATION(out, event, true);
		break;
	case OPT_CLIENT_ARCH:
		client_arch(value, out, event);
		break;
	case OPT_CLIENT_UUID:
		put_CLIENT_UUID(out, event, wt_text_hex(&t, wt_slice_tail(value, 1), 0));
		break;
	case OPT_SEARCH:
		search(value, out, event);
		break;
	case OPT_ROUTES:
	case OPT_ROUTES_MS:
		routes(value, out, event);
		break;
	case OPT_VENDOR_CLASSES:
	case OPT_VENDOR_OPTIONS:
		vendor(value, code == OPT_VENDOR_CLASSES, out, event);
		break;
	default:
		break;
	}
}

void wt_dhcp_option(unsigned code, struct wt_slice value, struct wt_out *out, unsigned event)
{
	switch (code) {
	case OPT_SUBNET_MASK:
	case OPT_REQUESTED_IP:
	case OPT_SERVER_ID:
		address(code, value, out, event);
		break;
	case OPT_ROUTER:
	case OPT_DNS:
	case OPT_LOG:
	case OPT_NTP:
	case OPT_NBNS:
	case OPT_TFTP_ADDRESS:
		addresses(code, value, out, event);
		break;
	case OPT_LEASE:
	case OPT_OVERLOAD:
	case OPT_MESSAGE_TYPE:
	case OPT_MAX_SIZE:
	case OPT_RENEWAL:
	case OPT_REBINDING:
		number(code, value, out, event);
		break;
	case OPT_HOST_NAME:
	case OPT_DOMAIN:
	case OPT_MESSAGE:
	case OPT_VENDOR_CLASS:
	case OPT_TFTP_NAME:
	case OPT_BOOT_FILE:
	case OPT_CAPTIVE_PORTAL:
	case OPT_MUD:
	case OPT_WPAD:
		text(code, value, out, event);
		break;
	default:
		shaped(code, value, out, event);
		break;
	}
}
