/* SNMP versions 1, 2c and 3.
 *
 *   SEQUENCE { version, community, PDU }                               1, 2c
 *   SEQUENCE { version, SEQUENCE { id, size, flags, model },
 *              OCTETS { SEQUENCE { engine, boots, time, user, .. } },
 *              SEQUENCE { engine, context, PDU } or OCTETS }           3
 *   PDU: [n] { request id, error, index, SEQUENCE OF { oid, value } }
 *
 * What a device answers about itself (system, ENTITY-MIB, printers, UPS) becomes
 * device facts; requests become their list of names.
 * Source: RFC 1157, 1901, 3412, 3414, 3416; over TCP RFC 3430. Trust: every byte is hostile; BER is read
 * without recursion. Memory: no state. */
#include "snmp_fields.h"

static const struct wt_field fields[] = { SNMP_FIELDS(WT_FIELD_ROW) };
SNMP_FIELDS(WT_FIELD_SETTER)

static const struct wt_event_type events[] = {
	{ "snmp", "An SNMP message: what was asked, set, answered or reported." },
};

enum {
	PDU_GET = 0xa0,
	PDU_RESPONSE = 0xa2,
	PDU_SET = 0xa3,
	PDU_TRAP_V1 = 0xa4,
	PDU_BULK = 0xa5,
	PDU_INFORM = 0xa6,
	PDU_TRAP = 0xa7,
	PDU_REPORT = 0xa8,
};

#define VARIABLES_TOLD 32u

struct snmp_call {
	struct wt_out *out;
	unsigned event;
};

/* --- probe --- */

#define MESSAGE_MAX 65507u /* what a datagram holds, RFC 3430 2.1 asks for no more */

/* Tag and length; the content's length in *len. */
static uint8_t head_of(struct wt_reader *r, uint32_t *len)
{
	uint8_t tag = wt_rd_u8(r);
	unsigned n;

	*len = wt_rd_u8(r);
	if (*len < 0x80)
		return tag;
	n = *len & 0x7f;
	if (r->err == WT_OK && (n == 0 || n > 4))
		wt_rd_fail(r, WT_FOREIGN);
	for (*len = 0; n && r->err == WT_OK; n--)
		*len = *len << 8 | wt_rd_u8(r);
	return tag;
}

/* What follows the version: community and PDU, or the header of version 3. */
static enum wt_verdict probe_rest(struct wt_reader *r, unsigned version)
{
	uint32_t len;
	uint8_t tag = wt_rd_u8(r);

	if (r->err != WT_OK)
		return r->err;
	if (tag != (version == 3 ? BER_SEQUENCE : BER_OCTETS))
		return WT_FOREIGN;
	*r = wt_reader_of(wt_slice_of(r->ptr - 1, wt_rd_left(r) + 1), WT_MORE);
	(void)head_of(r, &len);
	if (r->err != WT_OK)
		return r->err;
	if (len > 255)
		return WT_FOREIGN;
	if (version == 3) {
		tag = len ? wt_rd_u8(r) : 0;
		if (r->err == WT_OK && tag != BER_INTEGER)
			return WT_FOREIGN;
		len -= len ? 1 : 0;
	}
	wt_rd_skip(r, len);
	tag = wt_rd_u8(r);
	if (r->err != WT_OK)
		return r->err;
	if (version == 3)
		return tag == BER_OCTETS ? WT_OK : WT_FOREIGN;
	return tag >= PDU_GET && tag <= PDU_REPORT ? WT_OK : WT_FOREIGN;
}

/* Reads no further than it must: a capture that cut the datagram short begins the same,
 * and so does a message that comes in segments. */
static enum wt_verdict probe(struct wt_slice head)
{
	struct wt_reader r = wt_reader_of(head, WT_MORE);
	uint32_t len, version_len;
	unsigned version;
	uint8_t tag;

	if (head.len && head.ptr[0] != BER_SEQUENCE)
		return WT_FOREIGN;
	(void)head_of(&r, &len);
	if (r.err != WT_OK)
		return r.err;
	if (len < 5 || len > MESSAGE_MAX)
		return WT_FOREIGN;
	tag = wt_rd_u8(&r);
	if (r.err == WT_OK && tag != BER_INTEGER)
		return WT_FOREIGN;
	version_len = wt_rd_u8(&r);
	if (r.err == WT_OK && version_len != 1)
		return WT_FOREIGN;
	version = wt_rd_u8(&r);
	if (r.err != WT_OK)
		return r.err;
	return version == 0 || version == 1 || version == 3 ? probe_rest(&r, version)
							     : WT_FOREIGN;
}

/* --- values --- */

static void put_oid(struct snmp_call *c, struct wt_slice oid,
		    void (*put)(struct wt_out *out, unsigned event, struct wt_slice text))
{
	uint8_t room[SNMP_OID_TEXT_MAX];
	struct wt_builder b = wt_builder_of(room, sizeof(room));

	wt_snmp_oid_text(oid, &b);
	put(c->out, c->event, wt_bld_slice(&b));
}

static void build_hex(struct wt_builder *b, struct wt_slice s, char between)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < s.len; i++) {
		if (i && between)
			wt_bld_char(b, between);
		wt_bld_char(b, digits[s.ptr[i] >> 4]);
		wt_bld_char(b, digits[s.ptr[i] & 15]);
	}
}

static void put_mac(struct snmp_call *c, struct wt_slice mac,
		    void (*put)(struct wt_out *out, unsigned event, struct wt_slice text))
{
	uint8_t room[17];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	size_t i, n_zero = 0;

	for (i = 0; i < mac.len; i++)
		n_zero += mac.ptr[i] == 0;
	if (mac.len != 6 || n_zero == 6)
		return;
	build_hex(&b, mac, ':');
	put(c->out, c->event, wt_bld_slice(&b));
}

/* A module's value beside the device's own. */
static void put_component(struct snmp_call *c, enum snmp_meaning meaning, struct wt_slice value)
{
	if (meaning == SNMP_ENTITY_MODEL)
		put_COMPONENT_MODEL(c->out, c->event, value);
	else if (meaning == SNMP_ENTITY_SERIAL)
		put_COMPONENT_SERIAL(c->out, c->event, value);
}

static void take_fact(struct snmp_call *c, enum snmp_meaning meaning, struct wt_slice value)
{
	struct wt_out *out = c->out;
	unsigned event = c->event;

	switch (meaning) {
	case SNMP_SYS_DESCR:
		put_SYS_DESCR(out, event, value);
		break;
	case SNMP_SYS_CONTACT:
		put_SYS_CONTACT(out, event, value);
		break;
	case SNMP_SYS_NAME:
		wt_put_host_name(out, event, value);
		break;
	case SNMP_SYS_LOCATION:
		put_SYS_LOCATION(out, event, value);
		break;
	case SNMP_IF_MAC:
		put_mac(c, value, put_IF_MAC);
		break;
	case SNMP_HR_DEVICE:
		put_HOST_DEVICE(out, event, value);
		break;
	case SNMP_VENDOR:
	case SNMP_ENTITY_VENDOR:
		wt_put_DEVICE_VENDOR(out, event, value);
		break;
	case SNMP_MODEL:
	case SNMP_ENTITY_MODEL:
		wt_put_DEVICE_MODEL(out, event, value);
		break;
	case SNMP_SOFTWARE:
	case SNMP_ENTITY_SOFTWARE:
		wt_put_DEVICE_SOFTWARE(out, event, value);
		break;
	case SNMP_HARDWARE:
	case SNMP_ENTITY_HARDWARE:
		wt_put_DEVICE_HARDWARE(out, event, value);
		break;
	case SNMP_SERIAL:
	case SNMP_ENTITY_SERIAL:
		wt_put_DEVICE_SERIAL(out, event, value);
		break;
	case SNMP_SYS_OBJECT_ID:
	case SNMP_TRAP_OID:
	case SNMP_NOTHING:
		break;
	}
}

static void take_value(struct snmp_call *c, struct wt_slice oid, uint8_t tag,
		       struct wt_slice value)
{
	bool is_chassis;
	enum snmp_meaning meaning = wt_snmp_meaning(oid, &is_chassis);

	if (tag == BER_OID && meaning == SNMP_SYS_OBJECT_ID)
		put_oid(c, value, put_SYS_OBJECT_ID);
	else if (tag == BER_OID && meaning == SNMP_TRAP_OID)
		put_oid(c, value, put_TRAP_OID);
	else if (tag == BER_OCTETS && meaning >= SNMP_ENTITY_MODEL && !is_chassis)
		put_component(c, meaning, value);
	else if (tag == BER_OCTETS)
		take_fact(c, meaning, value);
}

/* --- PDU --- */

static bool is_trap_oid(struct wt_slice oid)
{
	bool is_chassis;

	return wt_snmp_meaning(oid, &is_chassis) == SNMP_TRAP_OID;
}

static void take_variables(struct snmp_call *c, struct wt_slice list, uint8_t pdu)
{
	struct wt_reader r = wt_reader_of(list, WT_MALFORMED);
	bool has_values = pdu == PDU_RESPONSE || pdu == PDU_TRAP || pdu == PDU_INFORM ||
			  pdu == PDU_TRAP_V1;
	uint64_t n = 0;

	while (wt_rd_left(&r)) {
		struct wt_slice pair = wt_snmp_take(&r, BER_SEQUENCE), value;
		struct wt_reader inside = wt_reader_of(pair, WT_MALFORMED);
		struct wt_slice oid = wt_snmp_take(&inside, BER_OID);
		uint8_t tag = wt_snmp_next(&inside, &value);

		if (r.err != WT_OK || inside.err != WT_OK) {
			wt_out_glitch(c->out, "broken_variable");
			break;
		}
		if (n++ < VARIABLES_TOLD)
			put_oid(c, oid, put_OID);
		/* an answer that begins like a notification only echoes one (RFC 3416 4.2.7) */
		if (n == 2 && pdu == PDU_RESPONSE && is_trap_oid(oid))
			has_values = false;
		if (has_values)
			take_value(c, oid, tag, value);
	}
	put_N_VARIABLES(c->out, c->event, n);
}

static bool take_trap_v1(struct snmp_call *c, struct wt_reader *r)
{
	struct wt_slice enterprise = wt_snmp_take(r, BER_OID);
	struct wt_slice agent = wt_snmp_take(r, BER_IP_ADDRESS), ticks;
	int64_t generic = wt_snmp_integer(r), specific = wt_snmp_integer(r);
	uint8_t room[16];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	size_t i;

	(void)wt_snmp_next(r, &ticks);
	if (r->err != WT_OK)
		return false;
	put_oid(c, enterprise, put_ENTERPRISE_OID);
	for (i = 0; agent.len == 4 && i < 4; i++) {
		if (i)
			wt_bld_char(&b, '.');
		wt_bld_u64(&b, agent.ptr[i]);
	}
	put_AGENT(c->out, c->event, wt_bld_slice(&b));
	put_GENERIC_TRAP(c->out, c->event, (uint64_t)generic);
	if (generic == 6)
		put_SPECIFIC_TRAP(c->out, c->event, (uint64_t)specific);
	return true;
}

static bool take_pdu(struct snmp_call *c, struct wt_reader *outer)
{
	static const char *const names[] = { "get",    "get_next", "response",
					     "set",    "trap_v1",  "get_bulk",
					     "inform", "trap",     "report" };
	struct wt_slice content;
	uint8_t tag = wt_snmp_next(outer, &content);
	struct wt_reader r = wt_reader_of(content, WT_MALFORMED);
	int64_t error, index;

	if (outer->err != WT_OK || tag < PDU_GET || tag > PDU_REPORT)
		return false;
	put_PDU(c->out, c->event, wt_slice_text(names[tag - PDU_GET]));
	if (tag == PDU_TRAP_V1) {
		if (!take_trap_v1(c, &r))
			return false;
	} else {
		put_REQUEST_ID(c->out, c->event, wt_snmp_integer(&r));
		error = wt_snmp_integer(&r);
		index = wt_snmp_integer(&r);
		if (r.err != WT_OK)
			return false;
		if (tag == PDU_BULK)
			put_MAX_REPETITIONS(c->out, c->event, (uint64_t)index);
		else if (error || tag == PDU_RESPONSE)
			put_ERROR(c->out, c->event, (uint64_t)error);
		if (tag != PDU_BULK && error)
			put_ERROR_INDEX(c->out, c->event, (uint64_t)index);
	}
	if (tag == PDU_SET)
		put_IS_WRITE(c->out, c->event, true);
	content = wt_snmp_take(&r, BER_SEQUENCE);
	if (r.err != WT_OK)
		return false;
	take_variables(c, content, tag);
	return true;
}

/* --- version 3 --- */

/* First bit set: enterprise number, format, then by format (RFC 3411 5). */
static void take_engine(struct snmp_call *c, struct wt_slice engine)
{
	struct wt_reader r = wt_reader_of(engine, WT_MALFORMED);
	uint8_t room[64], format;
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	uint32_t enterprise;

	build_hex(&b, wt_slice_head(engine, 32), 0);
	put_ENGINE_ID(c->out, c->event, wt_bld_slice(&b));
	enterprise = wt_rd_u32be(&r);
	format = wt_rd_u8(&r);
	if (r.err != WT_OK)
		return;
	put_ENGINE_ENTERPRISE(c->out, c->event, enterprise & 0x7fffffff);
	if (enterprise >> 31 && format == 3)
		put_mac(c, wt_rd_rest(&r), put_ENGINE_MAC);
}

static bool take_header(struct snmp_call *c, struct wt_reader *r, bool *is_private)
{
	static const char *const levels[] = { "noAuthNoPriv", "authNoPriv", "authPriv" };
	struct wt_reader head = wt_reader_of(wt_snmp_take(r, BER_SEQUENCE), WT_MALFORMED);
	int64_t id = wt_snmp_integer(&head);
	struct wt_slice flags;
	unsigned level;

	(void)wt_snmp_integer(&head); /* longest message */
	flags = wt_snmp_take(&head, BER_OCTETS);
	if (r->err != WT_OK || head.err != WT_OK || flags.len != 1)
		return false;
	level = flags.ptr[0] & 3u;
	*is_private = level & 2;
	put_MESSAGE_ID(c->out, c->event, (uint64_t)id);
	put_SECURITY_LEVEL(c->out, c->event, wt_slice_text(levels[level > 2 ? 2 : level]));
	return true;
}

static bool take_v3(struct snmp_call *c, struct wt_reader *r)
{
	bool is_private;
	struct wt_reader usm, scoped;
	struct wt_slice engine, user;
	int64_t boots;

	if (!take_header(c, r, &is_private))
		return false;
	usm = wt_reader_of(wt_snmp_take(r, BER_OCTETS), WT_MALFORMED);
	usm = wt_reader_of(wt_snmp_take(&usm, BER_SEQUENCE), WT_MALFORMED);
	engine = wt_snmp_take(&usm, BER_OCTETS);
	boots = wt_snmp_integer(&usm);
	(void)wt_snmp_integer(&usm);
	user = wt_snmp_take(&usm, BER_OCTETS);
	if (usm.err == WT_OK) {
		if (engine.len)
			take_engine(c, engine);
		put_ENGINE_BOOTS(c->out, c->event, (uint64_t)boots);
		wt_put_USER_NAME(c->out, c->event, user);
	}
	if (is_private)
		return r->err == WT_OK;
	scoped = wt_reader_of(wt_snmp_take(r, BER_SEQUENCE), WT_MALFORMED);
	(void)wt_snmp_take(&scoped, BER_OCTETS);
	(void)wt_snmp_take(&scoped, BER_OCTETS);
	return take_pdu(c, &scoped);
}

/* --- message --- */

static bool take_community(struct snmp_call *c, struct wt_reader *r)
{
	struct wt_slice community = wt_snmp_take(r, BER_OCTETS);

	put_COMMUNITY(c->out, c->event, community);
	wt_put_USER_SECRET(c->out, c->event, community);
	if (wt_slice_equal(community, WT_LIT("public")) ||
	    wt_slice_equal(community, WT_LIT("private")))
		put_IS_DEFAULT_COMMUNITY(c->out, c->event, true);
	return take_pdu(c, r);
}

static enum wt_verdict read_content(struct wt_slice content, struct wt_out *out)
{
	struct wt_reader inside = wt_reader_of(content, WT_MALFORMED);
	struct snmp_call c = { .out = out, .event = wt_event_begin(out, 0) };
	int64_t version = wt_snmp_integer(&inside);
	bool is_good;

	if (inside.err != WT_OK || (version != 0 && version != 1 && version != 3))
		return WT_MALFORMED;
	put_VERSION(out, c.event,
		    version == 3 ? WT_LIT("3")
		    : version    ? WT_LIT("2c")
				 : WT_LIT("1"));
	is_good = version == 3 ? take_v3(&c, &inside) : take_community(&c, &inside);
	return is_good ? WT_OK : WT_MALFORMED;
}

/* Over TCP the messages follow each other without anything between them (RFC 3430 2.1). */
static enum wt_verdict read_from_stream(struct wt_reader *r, struct wt_out *out)
{
	struct wt_slice rest = wt_rd_peek(r), content;
	struct wt_reader head = wt_reader_of(rest, WT_MORE);
	enum wt_verdict verdict;
	uint32_t len;
	size_t whole;

	verdict = probe(rest);
	if (verdict != WT_OK)
		return verdict == WT_FOREIGN ? WT_MALFORMED : verdict;
	(void)head_of(&head, &len);
	whole = rest.len - wt_rd_left(&head) + len;
	if (rest.len < whole) {
		wt_out_need(out, whole);
		return WT_MORE;
	}
	content = wt_snmp_take(r, BER_SEQUENCE);
	verdict = r->err == WT_OK ? read_content(content, out) : WT_MALFORMED;
	if (verdict == WT_OK) {
		wt_out_message_end(out);
		wt_out_commit(out);
	}
	return verdict;
}

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	enum wt_verdict verdict;
	struct wt_slice content;

	(void)state;
	(void)dir;
	if (r->on_short == WT_MORE)
		return wt_rd_left(r) ? read_from_stream(r, out) : WT_MORE;
	content = wt_snmp_take(r, BER_SEQUENCE);
	if (r->err != WT_OK)
		return r->err == WT_CLIPPED ? WT_CLIPPED : WT_MALFORMED;
	verdict = read_content(content, out);
	if (wt_rd_left(r))
		wt_out_glitch(out, "bytes_after_message");
	wt_rd_skip(r, wt_rd_left(r));
	return verdict;
}

static size_t resync(struct wt_slice rest)
{
	size_t at = 0;

	while (at < rest.len) {
		at += wt_slice_find(wt_slice_tail(rest, at), BER_SEQUENCE);
		if (at < rest.len && probe(wt_slice_tail(rest, at)) != WT_FOREIGN)
			return at;
		at++;
	}
	return rest.len;
}

const struct wt_dissector wt_snmp_dissector = {
	.name = "snmp",
	.title = "SNMP",
	.source = "RFC 1157, 1901, 3411, 3412, 3414, 3416, 3418, 3430, 6933",
	.carriage = WT_OVER_UDP | WT_OVER_TCP,
	.ports = { 161, 162 },
	.probe = probe,
	.message = message,
	.resync = resync,
	.is_framed = true,
	.buffer_max = 16384,
	WT_DISSECTOR_TABLES(events),
};
