/* LDAP: what is searched for, and what servers tell of themselves.
 *
 * A filter is a tree; it is written as text (RFC 4515) with a stack of fixed depth.
 * A domain controller answers a "ping" by a structure in the attribute Netlogon:
 *   opcode u16le, 0 u16, flags u32, domain guid 16, then names as in DNS messages:
 *   forest, domain, host, NetBIOS domain, NetBIOS host, user, site, client's site
 * Source: RFC 4511 4.5.1; RFC 4515; RFC 4512 5.1; MS-ADTS 6.3.1.9, 6.3.3; RFC 1035 4.1.4.
 * Trust: every byte is hostile; depth, elements and compression jumps are bounded.
 * Memory: none. */
#include "ldap_fields.h"
#include "wardtap/der.h"
#include "wardtap/names.h"

#define DEPTH_MAX 10u
#define FILTER_MAX 1024u
#define ATTRIBUTES_MAX 16u
#define VALUES_MAX 64u
#define JUMPS_MAX 8u
#define NAME_MAX_LEN 255u
#define NETLOGON_EX 23u
#define NETLOGON_EX_PAUSED 24u

static bool is_word(struct wt_slice text, const char *lower)
{
	struct wt_slice w = wt_slice_text(lower);
	size_t i;

	if (text.len != w.len)
		return false;
	for (i = 0; i < w.len; i++)
		if ((text.ptr[i] >= 'A' && text.ptr[i] <= 'Z' ? text.ptr[i] + 32
							      : text.ptr[i]) != w.ptr[i])
			return false;
	return true;
}

/* Attribute descriptions are of these characters alone (RFC 4512 2.5): anything else may
 * be free text and is not let through. */
static bool is_description(struct wt_slice s)
{
	size_t i;

	for (i = 0; i < s.len; i++) {
		uint8_t c = s.ptr[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		      (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == ';' || c == '*' ||
		      c == '+'))
			return false;
	}
	return s.len > 0 && s.len <= 40;
}

/* Names of mechanisms are capitals, digits, hyphens (RFC 4422 3.1). */
static bool is_mechanism(struct wt_slice s)
{
	size_t i;

	for (i = 0; i < s.len; i++) {
		uint8_t c = s.ptr[i];

		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_'))
			return false;
	}
	return s.len > 0 && s.len <= 20;
}

/* --- filters --- */

/* What a client's ping tells of itself (MS-ADTS 6.3.3). */
static void put_asked(struct wt_out *out, unsigned event, struct wt_slice attribute,
		      struct wt_slice value)
{
	if (is_word(attribute, "host"))
		wt_put_host_name(out, event, value);
	else if (is_word(attribute, "dnsdomain"))
		wt_put_HOST_DOMAIN(out, event, value);
	else if (is_word(attribute, "user"))
		wt_put_USER_NAME(out, event, value);
}

static void put_substrings(struct wt_builder *b, struct wt_der *list)
{
	struct wt_reader r = wt_der_open(list);
	bool is_open = true; /* a star is due */
	struct wt_der e;

	while (wt_der_next(&r, &e)) {
		if (e.tag != 0x80 && is_open)
			wt_bld_char(b, '*');
		wt_bld_bytes(b, e.value);
		is_open = e.tag != 0x82;
	}
	if (is_open)
		wt_bld_char(b, '*');
}

/* A filter without filters inside. */
static void put_leaf(struct wt_out *out, unsigned event, struct wt_builder *b, struct wt_der *e)
{
	struct wt_reader r = wt_der_open(e);
	struct wt_der attribute, value;

	wt_bld_char(b, '(');
	if (e->tag == 0x87) {
		wt_bld_bytes(b, e->value);
		wt_bld_text(b, "=*");
	} else if (e->tag == 0xa9) {
		while (wt_der_next(&r, &value)) {
			if (value.tag == 0x81)
				wt_bld_char(b, ':');
			if (value.tag == 0x83)
				wt_bld_text(b, ":=");
			if (value.tag != 0x84)
				wt_bld_bytes(b, value.value);
		}
	} else if (wt_der_next(&r, &attribute) && wt_der_next(&r, &value)) {
		wt_bld_bytes(b, attribute.value);
		wt_bld_text(b, e->tag == 0xa5   ? ">="
			       : e->tag == 0xa6 ? "<="
			       : e->tag == 0xa8 ? "~="
						: "=");
		if (e->tag == 0xa4)
			put_substrings(b, &value);
		else
			wt_bld_bytes(b, value.value);
		if (e->tag == 0xa3)
			put_asked(out, event, attribute.value, value.value);
	}
	wt_bld_char(b, ')');
}

static void put_filter(struct wt_out *out, unsigned event, struct wt_reader top)
{
	struct wt_reader stack[DEPTH_MAX];
	uint8_t room[FILTER_MAX];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	unsigned depth = 1;
	bool is_one = true; /* the top holds one filter, and attributes behind it */
	struct wt_der e;

	stack[0] = top;
	while (depth && !b.is_short) {
		if ((depth == 1 && !is_one) || !wt_der_next(&stack[depth - 1], &e)) {
			if (depth > 1)
				wt_bld_char(&b, ')');
			depth--;
			continue;
		}
		if (depth == 1)
			is_one = false;
		if (e.tag < 0xa0 || e.tag > 0xa2) {
			put_leaf(out, event, &b, &e);
			continue;
		}
		if (depth == DEPTH_MAX) {
			wt_out_glitch(out, "filter_too_deep");
			break;
		}
		wt_bld_char(&b, '(');
		wt_bld_char(&b, e.tag == 0xa0 ? '&' : e.tag == 0xa1 ? '|' : '!');
		stack[depth++] = wt_der_open(&e);
	}
	put_FILTER(out, event, wt_bld_slice(&b));
}

void ldap_search_request(struct wt_out *out, unsigned event, struct wt_slice body)
{
	static const char *const scopes[] = { "base", "one", "sub", "children" };
	struct wt_reader r = wt_reader_of(body, WT_MALFORMED), list;
	struct wt_der base, scope, e;
	unsigned i;

	if (!wt_der_take(&r, WT_DER_OCTETS, &base) || !wt_der_take(&r, WT_DER_ENUM, &scope))
		return;
	put_DN(out, event, base.value);
	if (scope.value.len == 1 && scope.value.ptr[0] < sizeof(scopes) / sizeof(scopes[0]))
		put_SCOPE(out, event, wt_slice_text(scopes[scope.value.ptr[0]]));
	if (base.len == 0 && scope.value.len == 1 && scope.value.ptr[0] == 0)
		put_IS_ROOT_DSE(out, event, true);
	for (i = 0; i < 4; i++) /* aliases, size, time, types only */
		if (!wt_der_next(&r, &e))
			return;
	put_filter(out, event, r);
	if (!wt_der_next(&r, &e) || !wt_der_next(&r, &e))
		return;
	list = wt_der_open(&e);
	for (i = 0; i < ATTRIBUTES_MAX && wt_der_next(&list, &e); i++)
		if (is_description(e.value))
			put_ATTRIBUTES(out, event, e.value);
}

/* --- what servers tell --- */

/* A name of labels at the reader, compressed against the start of `whole`. */
static struct wt_slice dns_name(struct wt_reader *r, struct wt_slice whole, uint8_t *room)
{
	struct wt_builder b = wt_builder_of(room, NAME_MAX_LEN);
	struct wt_reader at = *r;
	unsigned jumps = 0;
	bool is_away = false;

	for (;;) {
		uint8_t len = wt_rd_u8(&at);

		if (at.err != WT_OK || len == 0)
			break;
		if (len >= 0xc0) {
			size_t to = (size_t)(len & 0x3f) << 8 | wt_rd_u8(&at);

			if (!is_away)
				*r = at;
			is_away = true;
			if (at.err != WT_OK || ++jumps > JUMPS_MAX)
				break;
			at = wt_reader_of(wt_slice_tail(whole, to), WT_MALFORMED);
			continue;
		}
		if (b.len)
			wt_bld_char(&b, '.');
		wt_bld_bytes(&b, wt_rd_bytes(&at, len));
		if (b.is_short)
			break;
	}
	if (!is_away)
		*r = at;
	return wt_bld_slice(&b);
}

static void put_netlogon(struct wt_out *out, unsigned event, struct wt_slice value)
{
	struct wt_reader r = wt_reader_of(value, WT_MALFORMED);
	uint8_t room[NAME_MAX_LEN];
	uint16_t opcode = wt_rd_u16le(&r);

	if (opcode != NETLOGON_EX && opcode != NETLOGON_EX_PAUSED)
		return;
	wt_rd_skip(&r, 2 + 4 + 16);
	put_FOREST(out, event, dns_name(&r, value, room));
	wt_put_HOST_DOMAIN(out, event, dns_name(&r, value, room));
	wt_put_host_name(out, event, dns_name(&r, value, room));
	wt_put_HOST_DOMAIN(out, event, dns_name(&r, value, room));
	wt_put_host_name(out, event, dns_name(&r, value, room));
	(void)dns_name(&r, value, room); /* the account that was asked for */
	put_SITE(out, event, dns_name(&r, value, room));
}

static void put_software(struct wt_out *out, unsigned event, struct wt_slice vendor,
			 struct wt_slice version)
{
	uint8_t room[192];
	struct wt_builder b = wt_builder_of(room, sizeof(room));

	wt_bld_bytes(&b, wt_slice_head(vendor, 96));
	if (vendor.len && version.len)
		wt_bld_char(&b, ' ');
	wt_bld_bytes(&b, wt_slice_head(version, 90));
	wt_put_HOST_SOFTWARE(out, event, wt_bld_slice(&b));
}

static void put_value(struct wt_out *out, unsigned event, struct wt_slice type,
		      struct wt_slice value)
{
	if (is_word(type, "netlogon"))
		put_netlogon(out, event, value);
	else if (is_word(type, "dnshostname"))
		wt_put_host_name(out, event, value);
	else if (is_word(type, "namingcontexts"))
		put_NAMING_CONTEXT(out, event, value);
	else if (is_word(type, "supportedsaslmechanisms") && is_mechanism(value))
		put_SASL_OFFERED(out, event, value);
}

void ldap_server_entry(struct wt_out *out, unsigned event, struct wt_slice attributes)
{
	struct wt_reader list = wt_reader_of(attributes, WT_MALFORMED);
	struct wt_slice vendor = wt_slice_of(NULL, 0), version = vendor;
	struct wt_der attribute, type, values, value;
	unsigned n = 0;

	while (wt_der_next(&list, &attribute) && n < VALUES_MAX) {
		struct wt_reader r = wt_der_open(&attribute);

		if (!wt_der_next(&r, &type) || !wt_der_next(&r, &values))
			return;
		r = wt_der_open(&values);
		for (; n < VALUES_MAX && wt_der_next(&r, &value); n++) {
			put_value(out, event, type.value, value.value);
			if (is_word(type.value, "vendorname"))
				vendor = value.value;
			else if (is_word(type.value, "vendorversion"))
				version = value.value;
		}
	}
	if (vendor.len || version.len)
		put_software(out, event, vendor, version);
}
