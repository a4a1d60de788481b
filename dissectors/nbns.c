/* NetBIOS over TCP/IP: name service (UDP 137) and datagram service (UDP 138).
 *
 *   id16 [R opcode4 flags7 rcode4] questions16 answers16 authorities16 additionals16
 *   20 <32 letters A..P: a byte as two> scope 00  type16 class16 [ttl32 len16 data]
 *
 * Hosts shout their own names (registration, refresh), ask for others', and tell all
 * of theirs with their MAC address when asked (node status).
 * Source: RFC 1001, RFC 1002 4.2; MS-NBTE 2.2.1 (suffixes). Trust: every byte is
 * hostile. Memory: no state. */
#include "nbns_fields.h"

static const struct wt_field fields[] = { NBNS_FIELDS(WT_FIELD_ROW) };

static const struct wt_event_type events[] = {
	[NBNS_EVENT_NAME] = { "nbns", "A NetBIOS name is asked for, claimed, or told." },
	[NBNS_EVENT_DATAGRAM] = { "nbns_datagram",
				  "A NetBIOS datagram: hosts announce what they serve." },
};

enum { TYPE_NB = 0x20, TYPE_NBSTAT = 0x21 };
enum { OP_QUERY = 0, OP_REGISTRATION = 5, OP_RELEASE = 6, OP_WACK = 7, OP_REFRESH = 8 };

#define NAMES_MAX 24u
#define ADDRESSES_MAX 25u

/* --- names --- */

struct wt_slice wt_nbns_trim(struct wt_slice s)
{
	s = wt_slice_head(s, wt_slice_find(s, 0));
	while (s.len && s.ptr[s.len - 1] == ' ')
		s.len--;
	return s;
}

bool wt_nbns_is_name(struct wt_slice head)
{
	size_t i;

	if (!head.len || head.ptr[0] != NBNS_ENCODED_LEN)
		return false;
	for (i = 1; i < head.len && i <= NBNS_ENCODED_LEN; i++)
		if (head.ptr[i] < 'A' || head.ptr[i] > 'P')
			return false;
	return true;
}

bool wt_nbns_name(struct wt_reader *r, bool may_point, struct nbns_name *name)
{
	struct wt_slice head = wt_rd_peek(r), letters;
	uint8_t label;
	size_t i;

	name->len = name->suffix = 0;
	name->scope = wt_slice_of(NULL, 0);
	if (may_point && head.len && head.ptr[0] >= 0xc0) {
		wt_rd_skip(r, 2);
		return r->err == WT_OK;
	}
	if (head.len < 1 + NBNS_ENCODED_LEN || !wt_nbns_is_name(head))
		return false;
	wt_rd_skip(r, 1);
	letters = wt_rd_bytes(r, NBNS_ENCODED_LEN);
	for (i = 0; i < 16; i++) {
		uint8_t byte = (uint8_t)((letters.ptr[2 * i] - 'A') << 4 |
					 (letters.ptr[2 * i + 1] - 'A'));

		if (i < NBNS_NAME_LEN)
			name->text[i] = byte;
		else
			name->suffix = byte;
	}
	name->len = (uint8_t)wt_nbns_trim(wt_slice_of(name->text, NBNS_NAME_LEN)).len;
	while ((label = wt_rd_u8(r)) && r->err == WT_OK) {
		struct wt_slice part;

		if (label > 63)
			return false;
		part = wt_rd_bytes(r, label);
		if (!name->scope.len)
			name->scope = part;
	}
	return r->err == WT_OK;
}

bool wt_nbns_is_personal(const struct nbns_name *name)
{
	return name->suffix == 0x03 || wt_host_name_is_personal(nbns_text(name));
}

struct wt_slice wt_nbns_address(struct wt_slice four, uint8_t room[16])
{
	struct wt_builder b = wt_builder_of(room, 16);
	size_t i;

	for (i = 0; i < four.len; i++) {
		if (i)
			wt_bld_char(&b, '.');
		wt_bld_u64(&b, four.ptr[i]);
	}
	return wt_bld_slice(&b);
}

static struct wt_slice role_of(unsigned suffix, bool is_group)
{
	static const struct {
		uint8_t suffix;
		const char *unique, *group;
	} rows[] = {
		{ 0x00, "workstation", "domain" },
		{ 0x01, NULL, "master_browser" },
		{ 0x03, "messenger", "messenger" },
		{ 0x06, "ras_server", NULL },
		{ 0x1b, "domain_master_browser", NULL },
		{ 0x1c, NULL, "domain_controllers" },
		{ 0x1d, "master_browser", NULL },
		{ 0x1e, NULL, "browser_elections" },
		{ 0x1f, "netdde", NULL },
		{ 0x20, "server", NULL },
		{ 0x21, "ras_client", NULL },
		{ 0xbe, "network_monitor", NULL },
		{ 0xbf, "network_monitor", NULL },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].suffix == suffix) {
			const char *name = is_group ? rows[i].group : rows[i].unique;

			/* who asks does not say which of both it means */
			return wt_slice_text(name       ? name
					     : is_group ? rows[i].unique
							: rows[i].group);
		}
	return wt_slice_of(NULL, 0);
}

static void put_name(struct wt_out *out, unsigned event, const struct nbns_name *name,
		     bool is_group)
{
	if (wt_nbns_is_personal(name))
		put_PERSONAL_NAME(out, event, nbns_text(name));
	else
		put_NAME(out, event, nbns_text(name));
	put_SUFFIX(out, event, name->suffix);
	put_ROLE(out, event, role_of(name->suffix, is_group));
	put_SCOPE(out, event, name->scope);
}

/* The sender owns the name: what does it say of the host? */
static void put_own(struct wt_out *out, unsigned event, const struct nbns_name *name,
		    bool is_group, bool *has_host)
{
	if (is_group) {
		if (name->suffix == 0x00 || name->suffix == 0x1c || name->suffix == 0x1e)
			wt_put_HOST_DOMAIN(out, event, nbns_text(name));
	} else if ((name->suffix == 0x00 || name->suffix == 0x20) && !*has_host) {
		wt_put_host_name(out, event, nbns_text(name));
		*has_host = true;
	}
}

/* --- probe --- */

static bool is_name_service(struct wt_slice head)
{
	struct wt_reader r = wt_reader_of(head, WT_MALFORMED);
	unsigned flags, n_questions, n_answers, type, opcode;
	struct nbns_name name;

	wt_rd_skip(&r, 2);
	flags = wt_rd_u16be(&r);
	n_questions = wt_rd_u16be(&r);
	n_answers = wt_rd_u16be(&r);
	wt_rd_skip(&r, 4);
	if (r.err != WT_OK || n_questions + n_answers != 1 || !wt_nbns_name(&r, false, &name))
		return false;
	type = wt_rd_u16be(&r);
	opcode = flags >> 11 & 15;
	return r.err == WT_OK && (type == TYPE_NB || type == TYPE_NBSTAT || type == 0x0a) &&
	       (opcode <= 9 || opcode == 15) && wt_rd_u16be(&r) == 1;
}

static enum wt_verdict probe(struct wt_slice head)
{
	return is_name_service(head) || wt_nbns_is_datagram(head) ? WT_OK : WT_FOREIGN;
}

/* --- records --- */

/* flags16 address32, repeated (RFC 1002 4.2.13) */
static void take_addresses(struct wt_reader *r, struct wt_out *out, unsigned event,
			   bool *is_group)
{
	static const char *const nodes[] = { "B", "P", "M", "H" };
	unsigned i;

	for (i = 0; i < ADDRESSES_MAX && wt_rd_left(r); i++) {
		unsigned flags = wt_rd_u16be(r);
		struct wt_slice four = wt_rd_bytes(r, 4);
		uint8_t room[16];

		if (r->err != WT_OK)
			return;
		if (i == 0) {
			*is_group = flags >> 15;
			put_NODE_TYPE(out, event, wt_slice_text(nodes[flags >> 13 & 3]));
		}
		put_ADDRESS(out, event, wt_nbns_address(four, room));
	}
}

static void put_mac(struct wt_out *out, unsigned event, struct wt_slice mac)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t room[17];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	size_t i, n_zero = 0;

	for (i = 0; i < mac.len; i++) {
		if (i)
			wt_bld_char(&b, ':');
		wt_bld_char(&b, digits[mac.ptr[i] >> 4]);
		wt_bld_char(&b, digits[mac.ptr[i] & 15]);
		n_zero += mac.ptr[i] == 0;
	}
	if (mac.len == 6 && n_zero < 6)
		put_MAC(out, event, wt_bld_slice(&b));
}

/* count8, then name15 suffix8 flags16 each, then the MAC address (RFC 1002 4.2.18) */
static bool take_status(struct wt_reader *r, struct wt_out *out, unsigned event)
{
	unsigned n = wt_rd_u8(r), i;
	bool has_host = false;

	for (i = 0; i < n; i++) {
		struct wt_slice text = wt_rd_bytes(r, NBNS_NAME_LEN);
		struct nbns_name name = { .suffix = wt_rd_u8(r) };
		bool is_group = wt_rd_u16be(r) >> 15;

		if (r->err != WT_OK)
			return false;
		text = wt_nbns_trim(text);
		for (; name.len < text.len; name.len++)
			name.text[name.len] = text.ptr[name.len];
		if (i >= NAMES_MAX)
			continue;
		put_name(out, event, &name, is_group);
		put_own(out, event, &name, is_group, &has_host);
	}
	put_mac(out, event, wt_rd_bytes(r, 6));
	return true;
}

/* The record of an answer, or of a claim (in the additional section). */
static bool take_record(struct wt_reader *r, struct wt_out *out, unsigned event,
			const struct nbns_name *asked, bool is_own)
{
	bool is_group = false, has_host = false;
	struct nbns_name name;
	unsigned type;
	struct wt_reader data;
	uint32_t ttl;

	if (!wt_nbns_name(r, true, &name))
		return false;
	if (!name.len)
		name = *asked;
	type = wt_rd_u16be(r);
	wt_rd_skip(r, 2);
	ttl = wt_rd_u32be(r);
	data = wt_rd_box(r, wt_rd_u16be(r));
	if (r->err != WT_OK)
		return false;
	put_RRTYPE(out, event, type == TYPE_NBSTAT ? WT_LIT("NBSTAT") : WT_LIT("NB"));
	put_TTL(out, event, ttl);
	if (type == TYPE_NBSTAT)
		return take_status(&data, out, event);
	if (type == TYPE_NB)
		take_addresses(&data, out, event, &is_group);
	put_name(out, event, &name, is_group);
	if (is_group)
		put_IS_GROUP(out, event, true);
	if (is_own && type == TYPE_NB)
		put_own(out, event, &name, is_group, &has_host);
	return true;
}

/* --- message --- */

static void put_opcode(struct wt_out *out, unsigned event, unsigned opcode)
{
	static const char *const names[] = {
		[OP_QUERY] = "query",     [OP_REGISTRATION] = "registration",
		[OP_RELEASE] = "release", [OP_WACK] = "wack",
		[OP_REFRESH] = "refresh", [9] = "refresh",
		[15] = "multihomed",
	};
	uint8_t room[8];
	struct wt_builder b = wt_builder_of(room, sizeof(room));

	wt_bld_u64(&b, opcode);
	put_OPCODE(out, event, names[opcode] ? wt_slice_text(names[opcode]) : wt_bld_slice(&b));
}

static bool take_question(struct wt_reader *r, struct wt_out *out, unsigned event,
			  struct nbns_name *name)
{
	unsigned type;

	if (!wt_nbns_name(r, false, name))
		return false;
	type = wt_rd_u16be(r);
	wt_rd_skip(r, 2);
	if (r->err != WT_OK)
		return false;
	put_RRTYPE(out, event, type == TYPE_NBSTAT ? WT_LIT("NBSTAT") : WT_LIT("NB"));
	return true;
}

static bool name_service(struct wt_reader *r, struct wt_out *out)
{
	unsigned event = wt_event_begin(out, NBNS_EVENT_NAME), id, flags, n[4], i, opcode;
	struct nbns_name name = { .len = 0 };
	bool is_response, is_claim;

	id = wt_rd_u16be(r);
	flags = wt_rd_u16be(r);
	for (i = 0; i < 4; i++)
		n[i] = wt_rd_u16be(r);
	if (r->err != WT_OK || n[0] > 1)
		return false;
	is_response = flags >> 15;
	opcode = flags >> 11 & 15;
	is_claim = !is_response && (opcode == OP_REGISTRATION || opcode == OP_REFRESH ||
				    opcode == 9 || opcode == 15);
	put_TYPE(out, event, is_response ? WT_LIT("response") : WT_LIT("request"));
	put_ID(out, event, id);
	put_opcode(out, event, opcode);
	if (is_response)
		put_RCODE(out, event, flags & 15);
	if (flags & 0x10)
		put_IS_BROADCAST(out, event, true);
	if (n[0] && !take_question(r, out, event, &name))
		return false;
	/* a positive answer to a query comes from the owner, of a claim from a server */
	if (!n[1] && !n[3])
		put_name(out, event, &name, false);
	else if (!take_record(r, out, event, &name,
			      is_claim || (is_response && opcode == OP_QUERY && !(flags & 15))))
		return false;
	return true;
}

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	bool is_datagram = wt_nbns_is_datagram(wt_rd_peek(r)), is_good;

	(void)state;
	(void)dir;
	is_good = is_datagram ? wt_nbns_datagram(r, out) : name_service(r, out);
	if (is_good) {
		wt_rd_skip(r, wt_rd_left(r));
		return WT_OK;
	}
	return r->err == WT_CLIPPED ? WT_CLIPPED : WT_MALFORMED;
}

const struct wt_dissector wt_nbns_dissector = {
	.name = "nbns",
	.title = "NetBIOS names and datagrams",
	.source = "RFC 1001, RFC 1002; MS-NBTE, MS-BRWS",
	.carriage = WT_OVER_UDP,
	.ports = { 137, 138 },
	.probe = probe,
	.message = message,
	WT_DISSECTOR_TABLES(events),
};
