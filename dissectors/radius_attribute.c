/* RADIUS: what single attributes say.
 * Source: RFC 2865 5, RFC 2866 5, RFC 2868 3, RFC 2869 5, RFC 3162 2, RFC 3579 3, RFC
 * 5176 3; IANA's RADIUS types. Trust: every byte is hostile. Memory: none. */
#include "radius_fields.h"

enum radius_attribute {
	ATTR_USER_NAME = 1,
	ATTR_USER_PASSWORD = 2,
	ATTR_CHAP_PASSWORD = 3,
	ATTR_NAS_IP = 4,
	ATTR_NAS_PORT = 5,
	ATTR_SERVICE_TYPE = 6,
	ATTR_FRAMED_IP = 8,
	ATTR_FILTER_ID = 11,
	ATTR_FRAMED_MTU = 12,
	ATTR_REPLY_MESSAGE = 18,
	ATTR_STATE = 24,
	ATTR_CLASS = 25,
	ATTR_VENDOR = 26,
	ATTR_SESSION_TIMEOUT = 27,
	ATTR_CALLED_STATION = 30,
	ATTR_CALLING_STATION = 31,
	ATTR_NAS_IDENTIFIER = 32,
	ATTR_ACCT_STATUS = 40,
	ATTR_ACCT_INPUT = 42,
	ATTR_ACCT_OUTPUT = 43,
	ATTR_ACCT_SESSION_ID = 44,
	ATTR_ACCT_SESSION_TIME = 46,
	ATTR_TERMINATE_CAUSE = 49,
	ATTR_EVENT_TIME = 55,
	ATTR_CHAP_CHALLENGE = 60,
	ATTR_NAS_PORT_TYPE = 61,
	ATTR_EAP = 79,
	ATTR_MESSAGE_AUTHENTICATOR = 80,
	ATTR_VLAN = 81, /* Tunnel-Private-Group-ID */
	ATTR_NAS_PORT_ID = 87,
	ATTR_NAS_IPV6 = 95,
	ATTR_FRAMED_PREFIX = 97,
	ATTR_ERROR_CAUSE = 101,
	ATTR_FRAMED_IPV6 = 168,
};

#define VENDOR_MICROSOFT 311u
#define N_OF(list) (sizeof(list) / sizeof((list)[0]))

static const char *const services[] = {
	NULL,
	"login",
	"framed",
	"callback_login",
	"callback_framed",
	"outbound",
	"administrative",
	"nas_prompt",
	"authenticate_only",
	"callback_nas_prompt",
	"call_check",
	"callback_administrative",
	NULL,
	NULL,
	NULL,
	NULL,
	NULL,
	"authorize_only",
};

static const char *const port_types[] = {
	"async",     "sync",     "isdn_sync",      "isdn_v120",
	"isdn_v110", "virtual",  "piafs",          "hdlc",
	"x25",       "x75",      "g3_fax",         "sdsl",
	"adsl_cap",  "adsl_dmt", "idsl",           "ethernet",
	"xdsl",      "cable",    "wireless_other", "wireless_802_11",
};

static const char *const statuses[] = {
	NULL, "start", "stop",          "interim_update", NULL,
	NULL, NULL,    "accounting_on", "accounting_off",
};

static const char *const eap_codes[] = { NULL, "request", "response", "success", "failure" };

static const char *const eap_types[] = {
	[1] = "identity",  [2] = "notification", [3] = "nak",  [4] = "md5",
	[5] = "otp",       [6] = "gtc",          [13] = "tls", [17] = "leap",
	[18] = "sim",      [21] = "ttls",        [23] = "aka", [25] = "peap",
	[26] = "mschapv2", [43] = "fast",        [52] = "pwd", [55] = "teap",
};

static void address(unsigned type, struct wt_slice value, struct wt_out *out, unsigned event)
{
	struct wt_text t;
	struct wt_slice text = wt_text_ip(&t, value);

	if (value.len != (type == ATTR_NAS_IP || type == ATTR_FRAMED_IP ? 4u : 16u))
		wt_out_glitch(out, "odd_attribute_length");
	else if (type == ATTR_NAS_IP || type == ATTR_NAS_IPV6)
		put_NAS_IP(out, event, text);
	else
		put_FRAMED_IP(out, event, text);
}

static void named(unsigned type, uint32_t n, struct wt_out *out, unsigned event)
{
	struct wt_text t;

	if (type == ATTR_SERVICE_TYPE)
		put_SERVICE_TYPE(out, event, wt_text_name(&t, services, N_OF(services), n));
	else if (type == ATTR_NAS_PORT_TYPE)
		put_NAS_PORT_TYPE(out, event,
				  wt_text_name(&t, port_types, N_OF(port_types), n));
	else
		put_ACCT_STATUS(out, event, wt_text_name(&t, statuses, N_OF(statuses), n));
}

static void number(unsigned type, struct wt_slice value, struct wt_out *out, unsigned event)
{
	struct wt_reader r = wt_reader_of(value, WT_MALFORMED);
	uint32_t n = wt_rd_u32be(&r);

	if (value.len != 4) {
		wt_out_glitch(out, "odd_attribute_length");
		return;
	}
	switch (type) {
	case ATTR_NAS_PORT:
		put_NAS_PORT(out, event, n);
		break;
	case ATTR_FRAMED_MTU:
		put_FRAMED_MTU(out, event, n);
		break;
	case ATTR_SESSION_TIMEOUT:
		put_SESSION_TIMEOUT(out, event, n);
		break;
	case ATTR_ACCT_INPUT:
		put_ACCT_INPUT(out, event, n);
		break;
	case ATTR_ACCT_OUTPUT:
		put_ACCT_OUTPUT(out, event, n);
		break;
	case ATTR_ACCT_SESSION_TIME:
		put_ACCT_SESSION_TIME(out, event, n);
		break;
	case ATTR_TERMINATE_CAUSE:
		put_TERMINATE_CAUSE(out, event, n);
		break;
	case ATTR_EVENT_TIME:
		put_EVENT_TIME(out, event, n * WT_NS_PER_S);
		break;
	case ATTR_ERROR_CAUSE:
		put_ERROR_CAUSE(out, event, n);
		break;
	default:
		named(type, n, out, event);
		break;
	}
}

/* Made of hex digits, dots, colons and dashes: an address of equipment? Telephone
 * numbers are digits alone. */
static bool is_address(struct wt_slice s)
{
	bool is_parted = false, has_letter = false;
	size_t i;

	for (i = 0; i < s.len; i++) {
		uint8_t c = s.ptr[i] | 0x20;

		if (s.ptr[i] == ':' || s.ptr[i] == '-' || s.ptr[i] == '.')
			is_parted = true;
		else if (c >= 'a' && c <= 'f')
			has_letter = true;
		else if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
	}
	return s.len >= 7 && (is_parted || (has_letter && s.len == 12));
}

/* Code 1, id 1, length 2, type 1; an identity's text names the user. */
static void eap(struct wt_slice value, struct wt_out *out, unsigned event)
{
	struct wt_reader r = wt_reader_of(value, WT_MALFORMED);
	unsigned code = wt_rd_u8(&r), type;
	struct wt_text t;

	wt_rd_skip(&r, 3);
	if (r.err != WT_OK)
		return;
	put_AUTHENTICATION(out, event, WT_LIT("eap"));
	put_EAP_CODE(out, event, wt_text_name(&t, eap_codes, N_OF(eap_codes), code));
	if (!wt_rd_left(&r))
		return;
	type = wt_rd_u8(&r);
	put_EAP_TYPE(out, event, wt_text_name(&t, eap_types, N_OF(eap_types), type));
	if (code == 2 && type == 1)
		wt_put_USER_NAME(out, event, wt_rd_rest(&r));
}

static void vendor_attribute(uint32_t id, unsigned type, struct wt_out *out, unsigned event)
{
	uint8_t room[24];
	struct wt_builder b = wt_builder_of(room, sizeof(room));

	wt_bld_u64(&b, id);
	if (type) {
		wt_bld_char(&b, '.');
		wt_bld_u64(&b, type);
	}
	put_VENDOR_ATTRIBUTE(out, event, wt_bld_slice(&b));
}

/* Vendor 4, then mostly type 1, length 1, value. */
static void vendor(struct wt_slice value, struct wt_out *out, unsigned event)
{
	struct wt_reader r = wt_reader_of(value, WT_MALFORMED);
	uint32_t id = wt_rd_u32be(&r);
	bool is_told = false;

	if (r.err != WT_OK) {
		wt_out_glitch(out, "odd_attribute_length");
		return;
	}
	while (wt_rd_left(&r) >= 2) {
		unsigned type = wt_rd_u8(&r), len = wt_rd_u8(&r);

		if (len < 2 || len - 2 > wt_rd_left(&r))
			break; /* a form of the vendor's own */
		wt_rd_skip(&r, len - 2);
		vendor_attribute(id, type, out, event);
		is_told = true;
		/* RFC 2548: CHAP-Response, CHAP2-Response */
		if (id == VENDOR_MICROSOFT && (type == 1 || type == 25))
			put_AUTHENTICATION(out, event, WT_LIT("ms_chap"));
	}
	if (!is_told)
		vendor_attribute(id, 0, out, event);
}

static void prefix(struct wt_slice value, struct wt_out *out, unsigned event)
{
	uint8_t room[16] = { 0 };
	struct wt_text t;
	size_t i;

	if (value.len < 2 || value.len > 18 || value.ptr[1] > 128) {
		wt_out_glitch(out, "odd_attribute_length");
		return;
	}
	for (i = 2; i < value.len; i++)
		room[i - 2] = value.ptr[i];
	put_FRAMED_PREFIX(out, event,
			  wt_text_prefix(&t, wt_slice_of(room, sizeof(room)), value.ptr[1]));
}

static void text(unsigned type, struct wt_slice value, struct wt_out *out, unsigned event)
{
	switch (type) {
	case ATTR_USER_NAME:
		wt_put_USER_NAME(out, event, value);
		break;
	case ATTR_FILTER_ID:
		put_FILTER_ID(out, event, value);
		break;
	case ATTR_REPLY_MESSAGE:
		put_REPLY_MESSAGE(out, event, value);
		break;
	case ATTR_CLASS:
		put_CLASS(out, event, value);
		break;
	case ATTR_CALLED_STATION:
		put_CALLED_STATION(out, event, value);
		break;
	case ATTR_CALLING_STATION:
		if (is_address(value))
			put_CALLING_STATION(out, event, value);
		else
			put_CALLING_NUMBER(out, event, value);
		break;
	case ATTR_NAS_IDENTIFIER:
		put_NAS_IDENTIFIER(out, event, value);
		break;
	case ATTR_ACCT_SESSION_ID:
		put_ACCT_SESSION_ID(out, event, value);
		break;
	case ATTR_NAS_PORT_ID:
		put_NAS_PORT_ID(out, event, value);
		break;
	default: /* RFC 2868 3.6: a tag up to 1f may stand before the text */
		if (value.len && value.ptr[0] <= 0x1f)
			value = wt_slice_tail(value, 1);
		put_VLAN(out, event, value);
		break;
	}
}

/* Proofs of who the user is, and the rest. */
static void proof(unsigned type, struct wt_slice value, struct wt_out *out, unsigned event)
{
	switch (type) {
	case ATTR_USER_PASSWORD:
	case ATTR_CHAP_PASSWORD:
		wt_put_USER_SECRET(out, event, value);
		put_AUTHENTICATION(out, event,
				   type == ATTR_USER_PASSWORD ? WT_LIT("pap") : WT_LIT("chap"));
		break;
	case ATTR_EAP:
		eap(value, out, event);
		break;
	case ATTR_MESSAGE_AUTHENTICATOR:
		put_HAS_MESSAGE_AUTHENTICATOR(out, event, true);
		break;
	case ATTR_VENDOR:
		vendor(value, out, event);
		break;
	case ATTR_FRAMED_PREFIX:
		prefix(value, out, event);
		break;
	case ATTR_STATE:
	case ATTR_CHAP_CHALLENGE:
		break;
	default:
		put_OTHER_ATTRIBUTE(out, event, type);
		break;
	}
}

void wt_radius_attribute(unsigned type, struct wt_slice value, struct wt_out *out,
			 unsigned event)
{
	switch (type) {
	case ATTR_NAS_IP:
	case ATTR_NAS_IPV6:
	case ATTR_FRAMED_IP:
	case ATTR_FRAMED_IPV6:
		address(type, value, out, event);
		break;
	case ATTR_NAS_PORT:
	case ATTR_SERVICE_TYPE:
	case ATTR_FRAMED_MTU:
	case ATTR_SESSION_TIMEOUT:
	case ATTR_ACCT_STATUS:
	case ATTR_ACCT_INPUT:
	case ATTR_ACCT_OUTPUT:
	case ATTR_ACCT_SESSION_TIME:
	case ATTR_TERMINATE_CAUSE:
	case ATTR_EVENT_TIME:
	case ATTR_NAS_PORT_TYPE:
	case ATTR_ERROR_CAUSE:
		number(type, value, out, event);
		break;
	case ATTR_USER_NAME:
	case ATTR_FILTER_ID:
	case ATTR_REPLY_MESSAGE:
	case ATTR_CLASS:
	case ATTR_CALLED_STATION:
	case ATTR_CALLING_STATION:
	case ATTR_NAS_IDENTIFIER:
	case ATTR_ACCT_SESSION_ID:
	case ATTR_NAS_PORT_ID:
	case ATTR_VLAN:
		text(type, value, out, event);
		break;
	default:
		proof(type, value, out, event);
		break;
	}
}
