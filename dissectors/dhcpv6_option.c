/* DHCPv6: what single options say.
 * Source: RFC 8415 11 and 21; RFC 3646, 4075, 4649, 4704, 5908, 5970, 6939, 8520, 8910.
 * Trust: every byte is hostile. Memory: none. */
#include "dhcpv6_fields.h"

#define LIST_MAX 64u /* addresses, names or options told of one option */

static const char *const statuses[] = {
	"success",     "unspec_fail",   "no_addrs_avail",  "no_binding",
	"not_on_link", "use_multicast", "no_prefix_avail",
};

/* RFC 8415 11: with time 2 hardware 2 time 4 address; enterprise 4, id; hardware 2,
 * address. */
static void duid(struct wt_slice value, bool is_client, struct wt_out *out, unsigned event)
{
	static const char *const types[] = { NULL, "llt", "en", "ll", "uuid" };
	struct wt_reader r = wt_reader_of(value, WT_MALFORMED);
	unsigned type = wt_rd_u16be(&r);
	struct wt_slice mac = wt_slice_of(NULL, 0);
	struct wt_text t;

	if (r.err != WT_OK) {
		wt_out_glitch(out, "odd_duid");
		return;
	}
	if (type == 1 || type == 3) {
		wt_rd_skip(&r, type == 1 ? 6 : 2);
		mac = wt_slice_head(wt_rd_rest(&r), 16);
	} else if (type == 2) {
		uint32_t enterprise = wt_rd_u32be(&r);

		if (r.err == WT_OK)
			put_ENTERPRISE(out, event, enterprise);
	}
	if (!is_client) {
		put_SERVER_DUID(out, event, wt_text_hex(&t, value, ':'));
		put_SERVER_MAC(out, event, wt_text_mac(&t, mac));
		return;
	}
	put_CLIENT_DUID(out, event, wt_text_hex(&t, value, ':'));
	put_CLIENT_DUID_TYPE(out, event,
			     wt_text_name(&t, types, sizeof(types) / sizeof(types[0]), type));
	put_CLIENT_MAC(out, event, wt_text_mac(&t, mac));
}

static void status(struct wt_slice value, struct wt_out *out, unsigned event)
{
	struct wt_reader r = wt_reader_of(value, WT_MALFORMED);
	unsigned code = wt_rd_u16be(&r);
	struct wt_text t;

	if (r.err != WT_OK)
		return;
	put_STATUS(out, event,
		   wt_text_name(&t, statuses, sizeof(statuses) / sizeof(statuses[0]), code));
	put_STATUS_MESSAGE(out, event, wt_rd_rest(&r));
}

/* Options that an address or prefix holds: a status at most. */
static void inner_status(struct wt_reader *r, struct wt_out *out, unsigned event)
{
	unsigned n;

	for (n = 0; n < LIST_MAX && wt_rd_left(r); n++) {
		unsigned code = wt_rd_u16be(r);
		struct wt_slice value = wt_rd_bytes(r, wt_rd_u16be(r));

		if (code == OPT_STATUS)
			status(value, out, event);
	}
	if (r->err != WT_OK)
		wt_out_glitch(out, "odd_inner_option");
}

static void address(struct wt_slice value, struct wt_out *out, unsigned event)
{
	struct wt_reader r = wt_reader_of(value, WT_MALFORMED);
	struct wt_slice octets = wt_rd_bytes(&r, 16);
	uint32_t preferred = wt_rd_u32be(&r), valid = wt_rd_u32be(&r);
	struct wt_text t;

	if (r.err != WT_OK) {
		wt_out_glitch(out, "odd_address");
		return;
	}
	put_ADDRESS(out, event, wt_text_ip(&t, octets));
	put_PREFERRED(out, event, preferred);
	put_VALID(out, event, valid);
	inner_status(&r, out, event);
}

static void prefix(struct wt_slice value, struct wt_out *out, unsigned event)
{
	struct wt_reader r = wt_reader_of(value, WT_MALFORMED);
	uint32_t preferred = wt_rd_u32be(&r), valid = wt_rd_u32be(&r);
	unsigned bits = wt_rd_u8(&r);
	struct wt_slice octets = wt_rd_bytes(&r, 16);
	struct wt_text t;

	if (r.err != WT_OK || bits > 128) {
		wt_out_glitch(out, "odd_prefix");
		return;
	}
	put_PREFIX(out, event, wt_text_prefix(&t, octets, bits));
	put_PREFERRED(out, event, preferred);
	put_VALID(out, event, valid);
	inner_status(&r, out, event);
}

/* IAID, times (not in IA_TA), then addresses, prefixes or a status. */
static void association(unsigned code, struct wt_slice value, struct wt_out *out,
			unsigned event)
{
	struct wt_reader r = wt_reader_of(value, WT_MALFORMED);
	struct wt_slice iaid = wt_rd_bytes(&r, 4);
	struct wt_text t;
	unsigned n;

	if (code != OPT_IA_TA)
		wt_rd_skip(&r, 8);
	if (r.err == WT_OK)
		put_IAID(out, event, wt_text_hex(&t, iaid, 0));
	for (n = 0; n < LIST_MAX && wt_rd_left(&r); n++) {
		unsigned inner = wt_rd_u16be(&r);
		struct wt_slice part = wt_rd_bytes(&r, wt_rd_u16be(&r));

		if (r.err != WT_OK)
			break;
		if (inner == OPT_IA_ADDRESS)
			address(part, out, event);
		else if (inner == OPT_IA_PREFIX)
			prefix(part, out, event);
		else if (inner == OPT_STATUS)
			status(part, out, event);
	}
	if (r.err != WT_OK)
		wt_out_glitch(out, "odd_association");
}

/* "23,24" */
static struct wt_slice numbers(struct wt_slice value, struct wt_builder *b)
{
	struct wt_reader r = wt_reader_of(value, WT_MALFORMED);

	while (wt_rd_left(&r) >= 2 && !b->is_short) {
		if (b->len)
			wt_bld_char(b, ',');
		wt_bld_u64(b, wt_rd_u16be(&r));
	}
	return wt_bld_slice(b);
}

/* A name of RFC 1035 without compression; a partial one has no end. */
static struct wt_slice name(struct wt_reader *r, struct wt_text *t)
{
	struct wt_builder b = wt_builder_of(t->room, sizeof(t->room));

	while (wt_rd_left(r)) {
		unsigned len = wt_rd_u8(r);

		if (len == 0)
			break;
		if (len > 63)
			wt_rd_fail(r, WT_MALFORMED);
		if (b.len)
			wt_bld_char(&b, '.');
		wt_bld_bytes(&b, wt_rd_bytes(r, len));
	}
	return wt_bld_slice(&b);
}

static void search(struct wt_slice value, struct wt_out *out, unsigned event)
{
	struct wt_reader r = wt_reader_of(value, WT_MALFORMED);
	struct wt_text t;
	unsigned n;

	for (n = 0; n < LIST_MAX && wt_rd_left(&r); n++) {
		struct wt_slice domain = name(&r, &t);

		if (r.err == WT_OK)
			put_DOMAIN_SEARCH(out, event, domain);
	}
	if (r.err != WT_OK)
		wt_out_glitch(out, "odd_name");
}

static void fqdn(struct wt_slice value, struct wt_out *out, unsigned event)
{
	struct wt_reader r = wt_reader_of(value, WT_MALFORMED);
	unsigned flags = wt_rd_u8(&r);
	struct wt_slice host;
	struct wt_text t;

	if (r.err != WT_OK)
		return;
	put_FQDN_FLAGS(out, event, flags);
	host = name(&r, &t);
	if (r.err == WT_OK)
		wt_put_host_name(out, event, host);
	else
		wt_out_glitch(out, "odd_name");
}

static void addresses(unsigned code, struct wt_slice value, struct wt_out *out, unsigned event)
{
	struct wt_reader r = wt_reader_of(value, WT_MALFORMED);
	struct wt_text t;
	unsigned n;

	if (value.len % 16)
		wt_out_glitch(out, "odd_option_length");
	for (n = 0; n < LIST_MAX && wt_rd_left(&r) >= 16; n++) {
		struct wt_slice text = wt_text_ip(&t, wt_rd_bytes(&r, 16));

		if (code == OPT_DNS)
			put_DNS_SERVER(out, event, text);
		else
			put_NTP_SERVER(out, event, text);
	}
}

/* RFC 5908: 1 address, 2 group address, 3 name. */
static void ntp(struct wt_slice value, struct wt_out *out, unsigned event)
{
	struct wt_reader r = wt_reader_of(value, WT_MALFORMED);
	struct wt_text t;
	unsigned n;

	for (n = 0; n < LIST_MAX && wt_rd_left(&r); n++) {
		unsigned code = wt_rd_u16be(&r);
		struct wt_reader part = wt_rd_box(&r, wt_rd_u16be(&r));

		if (code == 3)
			put_NTP_SERVER(out, event, name(&part, &t));
		else
			put_NTP_SERVER(out, event, wt_text_ip(&t, wt_rd_rest(&part)));
	}
}

/* Texts with two octets of length each. */
static void classes(struct wt_reader *r, bool is_vendor, struct wt_out *out, unsigned event)
{
	struct wt_text t;
	unsigned n;

	for (n = 0; n < LIST_MAX && wt_rd_left(r); n++) {
		struct wt_slice text = wt_text_id(&t, wt_rd_bytes(r, wt_rd_u16be(r)));

		if (is_vendor)
			put_VENDOR_CLASS(out, event, text);
		else
			put_USER_CLASS(out, event, text);
	}
	if (r->err != WT_OK)
		wt_out_glitch(out, "odd_class");
}

/* Options that begin with a number. */
static void numbered(unsigned code, struct wt_slice value, struct wt_out *out, unsigned event)
{
	struct wt_reader r = wt_reader_of(value, WT_MALFORMED);
	uint32_t n = code == OPT_PREFERENCE                            ? wt_rd_u8(&r)
		     : code == OPT_ELAPSED || code == OPT_LINK_ADDRESS ? wt_rd_u16be(&r)
								       : wt_rd_u32be(&r);
	struct wt_text t;

	if (r.err != WT_OK) {
		wt_out_glitch(out, "odd_option_length");
		return;
	}
	switch (code) {
	case OPT_PREFERENCE:
		put_PREFERENCE(out, event, n);
		break;
	case OPT_ELAPSED:
		put_ELAPSED(out, event, n * UINT64_C(10));
		break;
	case OPT_LINK_ADDRESS:
		put_CLIENT_MAC(out, event, wt_text_mac(&t, wt_slice_head(wt_rd_rest(&r), 16)));
		break;
	case OPT_REMOTE_ID:
		put_ENTERPRISE(out, event, n);
		put_REMOTE_ID(out, event, wt_text_id(&t, wt_rd_rest(&r)));
		break;
	default:
		put_ENTERPRISE(out, event, n);
		if (code == OPT_VENDOR_CLASS)
			classes(&r, true, out, event);
		break;
	}
}

/* Options that are a text or a flag. */
static void plain(unsigned code, struct wt_slice value, struct wt_out *out, unsigned event)
{
	uint8_t room[1024];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	struct wt_text t;

	switch (code) {
	case OPT_REQUEST:
		put_PARAMS(out, event, numbers(value, &b));
		break;
	case OPT_CLIENT_ARCH:
		put_CLIENT_ARCH(out, event, numbers(value, &b));
		break;
	case OPT_INTERFACE_ID:
		put_INTERFACE_ID(out, event, wt_text_id(&t, value));
		break;
	case OPT_BOOT_FILE_URL:
		put_BOOT_FILE_URL(out, event, value);
		break;
	case OPT_CAPTIVE_PORTAL:
		put_CAPTIVE_PORTAL(out, event, value);
		break;
	case OPT_MUD:
		put_MUD_URL(out, event, value);
		break;
	case OPT_AUTHENTICATION:
		put_HAS_AUTHENTICATION(out, event, true);
		break;
	case OPT_RAPID_COMMIT:
		put_HAS_RAPID_COMMIT(out, event, true);
		break;
	default:
		break;
	}
}

void wt_dhcpv6_option(unsigned code, struct wt_slice value, struct wt_out *out, unsigned event)
{
	struct wt_reader r = wt_reader_of(value, WT_MALFORMED);

	switch (code) {
	case OPT_CLIENT_ID:
	case OPT_SERVER_ID:
		duid(value, code == OPT_CLIENT_ID, out, event);
		break;
	case OPT_IA_NA:
	case OPT_IA_TA:
	case OPT_IA_PD:
		association(code, value, out, event);
		break;
	case OPT_STATUS:
		status(value, out, event);
		break;
	case OPT_USER_CLASS:
		classes(&r, false, out, event);
		break;
	case OPT_DNS:
	case OPT_SNTP:
		addresses(code, value, out, event);
		break;
	case OPT_SEARCH:
		search(value, out, event);
		break;
	case OPT_FQDN:
		fqdn(value, out, event);
		break;
	case OPT_NTP:
		ntp(value, out, event);
		break;
	case OPT_PREFERENCE:
	case OPT_ELAPSED:
	case OPT_LINK_ADDRESS:
	case OPT_REMOTE_ID:
	case OPT_VENDOR_CLASS:
	case OPT_VENDOR_OPTIONS:
		numbered(code, value, out, event);
		break;
	default:
		plain(code, value, out, event);
		break;
	}
}
