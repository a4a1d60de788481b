/* BACnet/IP: building automation, whose controllers keep operating theatres and
 * isolation rooms at their pressure.
 *
 *   81 function8 len16 [from: address32 port16]                      Annex J
 *   82 function8 len16 source24 [target24] [from: address128 port16] Annex U
 *   01 control8 [dnet16 len8 dadr] [snet16 len8 sadr] [hops8]        clause 6
 *   type4 flags4 ... service8 tagged parameters                      clause 20
 *
 * Source: ANSI/ASHRAE 135-2020. Trust: every byte is hostile. Memory: no state. */
#include "bacnet_fields.h"
#include "wardtap/text.h"

static const struct wt_field fields[] = { BACNET_FIELDS(WT_FIELD_ROW) };

static const struct wt_event_type events[] = {
	{ "bacnet", "A BACnet message: discovery, values read or written, control." },
};

enum {
	BVLC_IP = 0x81,
	BVLC_IPV6 = 0x82,
	BVLC_RESULT = 0x00,
	BVLC_FORWARDED = 0x04,
	BVLC_REGISTER = 0x05,
	BVLC_DISTRIBUTE = 0x09,
	BVLC_UNICAST = 0x0a,
	BVLC_BROADCAST = 0x0b,
	BVLC_SECURE = 0x0c,
	BVLC6_REGISTER = 0x09,
};

enum {
	PDU_CONFIRMED = 0,
	PDU_UNCONFIRMED = 1,
	PDU_SIMPLE_ACK = 2,
	PDU_COMPLEX_ACK = 3,
	PDU_SEGMENT_ACK = 4,
	PDU_ERROR = 5,
	PDU_REJECT = 6,
	PDU_ABORT = 7,
};

#define N_NAMES(names) (sizeof(names) / sizeof((names)[0]))

static bool has_npdu(unsigned function)
{
	return function == BVLC_FORWARDED || function == BVLC_DISTRIBUTE ||
	       function == BVLC_UNICAST || function == BVLC_BROADCAST;
}

/* Functions of Annex U: what stands between the length and the network layer, or the end.
 * All begin with the virtual address of the source. */
static const struct function6 {
	const char *name;
	uint8_t len; /* octets behind the common four; 0: no such function here */
	bool has_target, has_origin, has_npdu;
} functions6[] = {
	[0x00] = { .name = "result", .len = 5 },
	[0x01] = { "original_unicast", 6, true, false, true },
	[0x02] = { "original_broadcast", 3, false, false, true },
	[0x03] = { "address_resolution", 6, true, false, false },
	[0x04] = { "forwarded_address_resolution", 24, true, true, false },
	[0x05] = { "address_resolution_ack", 6, true, false, false },
	[0x06] = { .name = "virtual_address_resolution", .len = 3 },
	[0x07] = { "virtual_address_resolution_ack", 6, true, false, false },
	[0x08] = { "forwarded", 21, false, true, true },
	[0x09] = { .name = "register_foreign_device", .len = 5 },
	[0x0a] = { "delete_foreign_entry", 21, false, true, false },
	[0x0c] = { "distribute_broadcast", 3, false, false, true },
};

static const struct function6 *function6_of(unsigned function)
{
	return function < N_NAMES(functions6) && functions6[function].len ?
	       &functions6[function] : NULL;
}

static enum wt_verdict probe_ipv6(struct wt_slice head, struct wt_reader *r, unsigned function,
				  unsigned len)
{
	const struct function6 *f = function6_of(function);
	unsigned version, control;

	if (!f)
		return WT_FOREIGN;
	wt_rd_skip(r, f->len);
	if (r->err != WT_OK)
		return WT_FOREIGN;
	if (!f->has_npdu)
		return len == f->len + 4u && len == head.len ? WT_OK : WT_FOREIGN;
	version = wt_rd_u8(r);
	control = wt_rd_u8(r);
	return r->err == WT_OK && version == 1 && !(control & 0x50) && len >= head.len &&
			       len <= 2048
		       ? WT_OK
		       : WT_FOREIGN;
}

static enum wt_verdict probe(struct wt_slice head)
{
	struct wt_reader r = wt_reader_of(head, WT_FOREIGN);
	unsigned type = wt_rd_u8(&r), function = wt_rd_u8(&r), len = wt_rd_u16be(&r);

	if (r.err == WT_OK && type == BVLC_IPV6)
		return probe_ipv6(head, &r, function, len);
	if (r.err != WT_OK || type != BVLC_IP || function >= BVLC_SECURE || len < 4)
		return WT_FOREIGN;
	if (function == BVLC_FORWARDED)
		wt_rd_skip(&r, 6);
	if (has_npdu(function)) {
		unsigned version = wt_rd_u8(&r), control = wt_rd_u8(&r);

		return r.err == WT_OK && version == 1 && !(control & 0x50) && len >= head.len &&
				       len <= 2048
			       ? WT_OK
			       : WT_FOREIGN;
	}
	return len == head.len && len <= 1024 ? WT_OK : WT_FOREIGN;
}

/* --- names --- */

static struct wt_slice name_of(const char *const *names, size_t n, unsigned number,
			       uint8_t room[8])
{
	struct wt_builder b = wt_builder_of(room, 8);

	if (number < n && names[number])
		return wt_slice_text(names[number]);
	wt_bld_u64(&b, number);
	return wt_bld_slice(&b);
}

static struct wt_slice confirmed_name(unsigned service, uint8_t room[8])
{
	static const char *const names[] = {
		"acknowledge_alarm",
		"confirmed_cov_notification",
		"confirmed_event_notification",
		"get_alarm_summary",
		"get_enrollment_summary",
		"subscribe_cov",
		"atomic_read_file",
		"atomic_write_file",
		"add_list_element",
		"remove_list_element",
		"create_object",
		"delete_object",
		"read_property",
		"read_property_conditional",
		"read_property_multiple",
		"write_property",
		"write_property_multiple",
		"device_communication_control",
		"confirmed_private_transfer",
		"confirmed_text_message",
		"reinitialize_device",
		"vt_open",
		"vt_close",
		"vt_data",
		"authenticate",
		"request_key",
		"read_range",
		"life_safety_operation",
		"subscribe_cov_property",
		"get_event_information",
	};

	return name_of(names, N_NAMES(names), service, room);
}

static struct wt_slice unconfirmed_name(unsigned service, uint8_t room[8])
{
	static const char *const names[] = {
		"i_am",
		"i_have",
		"unconfirmed_cov_notification",
		"unconfirmed_event_notification",
		"unconfirmed_private_transfer",
		"unconfirmed_text_message",
		"time_synchronization",
		"who_has",
		"who_is",
		"utc_time_synchronization",
		"write_group",
	};

	return name_of(names, N_NAMES(names), service, room);
}

/* --- application layer --- */

static void flag_service(struct wt_out *out, unsigned event, unsigned service)
{
	bool is_write = service == 7 || (service >= 8 && service <= 11) ||
			service == BACNET_WRITE || service == BACNET_WRITE_MULTIPLE;

	if (is_write)
		put_IS_WRITE(out, event, true);
	if (service == BACNET_COMMUNICATION || service == BACNET_REINITIALIZE || service == 27)
		put_IS_CONTROL(out, event, true);
}

/* A segment's number and window; true when the parameters begin here. */
static bool take_segment(struct wt_reader *r, struct wt_out *out, unsigned event,
			 unsigned flags)
{
	unsigned number;

	if (!(flags & 8))
		return true;
	put_IS_SEGMENT(out, event, true);
	number = wt_rd_u8(r);
	wt_rd_skip(r, 1);
	return number == 0;
}

static void take_confirmed(struct wt_reader *r, struct wt_out *out, unsigned event,
			   unsigned flags, bool is_ack)
{
	bool is_first;
	unsigned service;
	uint8_t room[8];

	if (!is_ack)
		wt_rd_skip(r, 1); /* segments and lengths that the client takes */
	put_INVOKE_ID(out, event, wt_rd_u8(r));
	is_first = take_segment(r, out, event, flags);
	service = wt_rd_u8(r);
	if (r->err != WT_OK)
		return;
	put_SERVICE(out, event, confirmed_name(service, room));
	if (!is_ack)
		flag_service(out, event, service);
	if (is_first)
		wt_bacnet_confirmed(r, service, is_ack, out, event);
}

static void take_unconfirmed(struct wt_reader *r, struct wt_out *out, unsigned event)
{
	unsigned service = wt_rd_u8(r);
	uint8_t room[8];

	put_SERVICE(out, event, unconfirmed_name(service, room));
	if (service == 6 || service == 9)
		put_IS_CONTROL(out, event, true);
	if (service == 10)
		put_IS_WRITE(out, event, true);
	wt_bacnet_unconfirmed(r, service, out, event);
}

/* Short answers: invoke id, then a service or a reason. */
static void take_answer(struct wt_reader *r, struct wt_out *out, unsigned event, unsigned type)
{
	unsigned id = wt_rd_u8(r), what = wt_rd_u8(r);
	uint8_t room[8];

	if (r->err != WT_OK)
		return;
	put_INVOKE_ID(out, event, id);
	if (type == PDU_REJECT || type == PDU_ABORT)
		put_REASON(out, event, what);
	else if (type != PDU_SEGMENT_ACK)
		put_SERVICE(out, event, confirmed_name(what, room));
	if (type == PDU_ERROR)
		wt_bacnet_error(r, out, event);
}

static bool take_apdu(struct wt_reader *r, struct wt_out *out, unsigned event)
{
	static const char *const names[] = {
		"confirmed_request",
		"unconfirmed_request",
		"simple_ack",
		"complex_ack",
		"segment_ack",
		"error",
		"reject",
		"abort",
	};
	unsigned first, type;

	if (!wt_rd_left(r))
		return true; /* seen in the wild: a network header and nothing behind it */
	first = wt_rd_u8(r);
	type = first >> 4;
	if (r->err != WT_OK || type > PDU_ABORT)
		return false;
	put_PDU(out, event, wt_slice_text(names[type]));
	if (type == PDU_CONFIRMED || type == PDU_COMPLEX_ACK)
		take_confirmed(r, out, event, first & 15, type == PDU_COMPLEX_ACK);
	else if (type == PDU_UNCONFIRMED)
		take_unconfirmed(r, out, event);
	else
		take_answer(r, out, event, type);
	return true;
}

/* --- network layer --- */

static void put_source(struct wt_out *out, unsigned event, struct wt_slice address)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t room[36];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	size_t i;

	for (i = 0; i < address.len && i < 18; i++) {
		wt_bld_char(&b, digits[address.ptr[i] >> 4]);
		wt_bld_char(&b, digits[address.ptr[i] & 15]);
	}
	put_SADR(out, event, wt_bld_slice(&b));
}

static bool take_npdu(struct wt_reader *r, struct wt_out *out, unsigned event)
{
	static const char *const messages[] = {
		"who_is_router",
		"i_am_router",
		"i_could_be_router",
		"reject_message",
		"router_busy",
		"router_available",
		"initialize_routing_table",
		"initialize_routing_table_ack",
		"establish_connection",
		"disconnect",
		"challenge_request",
		"security_payload",
		"security_response",
		"request_key_update",
		"update_key_set",
		"update_distribution_key",
		"request_master_key",
		"set_master_key",
		"what_is_network_number",
		"network_number_is",
	};
	unsigned version = wt_rd_u8(r), control = wt_rd_u8(r);
	uint8_t room[8];

	if (r->err != WT_OK || version != 1)
		return false;
	if (control & 0x20) {
		put_DNET(out, event, wt_rd_u16be(r));
		wt_rd_skip(r, wt_rd_u8(r));
	}
	if (control & 0x08) {
		put_SNET(out, event, wt_rd_u16be(r));
		put_source(out, event, wt_rd_bytes(r, wt_rd_u8(r)));
	}
	if (control & 0x20)
		wt_rd_skip(r, 1);
	if (r->err != WT_OK)
		return false;
	if (!(control & 0x80))
		return take_apdu(r, out, event);
	put_NETWORK_MESSAGE(out, event,
			    name_of(messages, N_NAMES(messages), wt_rd_u8(r), room));
	return r->err == WT_OK;
}

/* --- link layer --- */

static void put_origin(struct wt_out *out, unsigned event, struct wt_reader *r, size_t len)
{
	uint8_t room[48];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	struct wt_slice address = wt_rd_bytes(r, len);
	unsigned port = wt_rd_u16be(r);
	struct wt_text t;

	if (r->err != WT_OK)
		return;
	if (len == 16)
		wt_bld_char(&b, '[');
	wt_bld_bytes(&b, wt_text_ip(&t, address));
	wt_bld_text(&b, len == 16 ? "]:" : ":");
	wt_bld_u64(&b, port);
	put_FORWARDED_FROM(out, event, wt_bld_slice(&b));
}

static uint32_t take_virtual(struct wt_reader *r)
{
	uint32_t high = wt_rd_u8(r);

	return high << 16 | wt_rd_u16be(r);
}

static bool take_ipv6(struct wt_reader *r, unsigned function, struct wt_out *out, unsigned event)
{
	const struct function6 *f = function6_of(function);
	uint32_t source = take_virtual(r), target = f && f->has_target ? take_virtual(r) : 0;

	if (!f || r->err != WT_OK)
		return false;
	put_BVLC(out, event, wt_slice_text(f->name));
	put_VMAC(out, event, source);
	if (f->has_target)
		put_TARGET_VMAC(out, event, target);
	if (f->has_origin)
		put_origin(out, event, r, 16);
	if (function == BVLC_RESULT)
		put_RESULT(out, event, wt_rd_u16be(r));
	else if (function == BVLC6_REGISTER)
		put_FOREIGN_TTL(out, event, wt_rd_u16be(r));
	else if (f->has_npdu)
		return take_npdu(r, out, event);
	return r->err == WT_OK;
}

static bool take_ipv4(struct wt_reader *r, unsigned function, struct wt_out *out, unsigned event)
{
	static const char *const names[] = {
		"result",
		"write_broadcast_table",
		"read_broadcast_table",
		"read_broadcast_table_ack",
		"forwarded",
		"register_foreign_device",
		"read_foreign_table",
		"read_foreign_table_ack",
		"delete_foreign_entry",
		"distribute_broadcast",
		"original_unicast",
		"original_broadcast",
		"secure",
	};
	uint8_t room[8];

	put_BVLC(out, event, name_of(names, N_NAMES(names), function, room));
	if (function == BVLC_FORWARDED)
		put_origin(out, event, r, 4);
	if (function == BVLC_RESULT)
		put_RESULT(out, event, wt_rd_u16be(r));
	else if (function == BVLC_REGISTER)
		put_FOREIGN_TTL(out, event, wt_rd_u16be(r));
	else if (has_npdu(function))
		return take_npdu(r, out, event);
	return true;
}

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	enum wt_verdict on_short = r->on_short;
	unsigned event = wt_event_begin(out, 0);
	unsigned type = wt_rd_u8(r), function = wt_rd_u8(r), len = wt_rd_u16be(r);
	struct wt_reader inside;
	bool is_good;

	(void)state;
	(void)dir;
	if (r->err != WT_OK)
		return r->err;
	if ((type != BVLC_IP && type != BVLC_IPV6) || len < 4)
		return WT_MALFORMED;
	/* a clipped datagram is read as far as it goes */
	if (on_short == WT_CLIPPED && len - 4 > wt_rd_left(r))
		inside = wt_reader_of(wt_rd_rest(r), WT_CLIPPED);
	else
		inside = wt_rd_box(r, len - 4);
	if (r->err != WT_OK)
		return r->err;
	is_good = type == BVLC_IP ? take_ipv4(&inside, function, out, event)
				  : take_ipv6(&inside, function, out, event);
	wt_rd_skip(r, wt_rd_left(r));
	return is_good || inside.err == WT_CLIPPED ? WT_OK : WT_MALFORMED;
}

const struct wt_dissector wt_bacnet_dissector = {
	.name = "bacnet",
	.title = "BACnet/IP and BACnet/IPv6",
	.source = "ANSI/ASHRAE 135-2020",
	.carriage = WT_OVER_UDP,
	.ports = { 47808 },
	.probe = probe,
	.message = message,
	WT_DISSECTOR_TABLES(events),
};
