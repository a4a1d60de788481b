/* Modbus/TCP: coils and registers of controllers, gas alarms, chillers.
 *
 *   transaction16 protocol16 (0) len16 unit8 function8 parameters...
 *
 * Every frame is an event; several may lie in a segment. Which way a frame goes says
 * whether it is a request.
 * Source: MODBUS Application Protocol 1.1b3, MODBUS Messaging on TCP/IP 1.0b. Trust:
 * every byte is hostile. Memory: no state; two frames of 260 bytes are buffered. */
#include "wardtap/dissector.h"

#define MODBUS_FIELDS(F)                                                                       \
	F(TYPE, STR, ONE, NONE, ASIS, 8, "", "modbus.type", "TCP 1.0b 3.1.3",                  \
	  "request or response.")                                                              \
	F(TRANSACTION, U64, ONE, NONE, ASIS, 8, "", "modbus.transaction_id", "TCP 1.0b 3.1.3", \
	  "Number that pairs request and response.")                                           \
	F(UNIT, U64, ONE, DEVICE, ASIS, 8, "", "modbus.unit", "TCP 1.0b 3.1.3",                \
	  "Device behind a gateway; 0 or 255 for the server itself.")                          \
	F(FUNCTION, U64, ONE, NONE, ASIS, 8, "", "modbus.function", "1.1b3 5",                 \
	  "Function code without the bit of an exception.")                                    \
	F(FUNCTION_NAME, STR, ONE, NONE, ASIS, 32, "", "modbus.function_name", "1.1b3 6",      \
	  "The function in words; absent for a code of no standard.")                          \
	F(EXCEPTION, U64, ONE, NONE, ASIS, 8, "", "modbus.exception", "1.1b3 7",               \
	  "Why the server refused: 1 function, 2 address, 3 value, 4 failure, ...")            \
	F(ADDRESS, U64, ONE, NONE, ASIS, 8, "", "modbus.address", "1.1b3 4.4",                 \
	  "First coil or register, counted from 0.")                                           \
	F(QUANTITY, U64, ONE, NONE, ASIS, 8, "", "modbus.quantity", "1.1b3 6",                 \
	  "Number of coils or registers.")                                                     \
	F(WRITE_ADDRESS, U64, ONE, NONE, ASIS, 8, "", "modbus.write_address", "1.1b3 6.17",    \
	  "First register written by function 23, which also reads.")                          \
	F(WRITE_QUANTITY, U64, ONE, NONE, ASIS, 8, "", "modbus.write_quantity", "1.1b3 6.17",  \
	  "Number of registers written by function 23.")                                       \
	F(VALUE, U64, ONE, NONE, ASIS, 8, "", "modbus.value", "1.1b3 6.5",                     \
	  "Value written to a single coil (65280 for on) or register.")                        \
	F(SUBFUNCTION, U64, ONE, NONE, ASIS, 8, "", "modbus.subfunction", "1.1b3 6.8",         \
	  "Diagnostic that is asked for: 1 restarts, 4 silences the device.")                  \
	F(MEI, U64, ONE, NONE, ASIS, 8, "", "modbus.mei_type", "1.1b3 6.19",                   \
	  "What function 43 carries: 13 CANopen, 14 device identification.")                   \
	F(IS_WRITE, BOOL, ONE, NONE, ASIS, 1, "", "modbus.is_write", "1.1b3 6",                \
	  "Coils, registers or files are being changed; absent when not.")                     \
	F(IS_CONTROL, BOOL, ONE, NONE, ASIS, 1, "", "modbus.is_control", "1.1b3 6.8",          \
	  "The device is being restarted or silenced, or its counters cleared; absent when "   \
	  "not.")                                                                              \
	F(PRODUCT_CODE, STR, ONE, DEVICE, ASIS, 64, "", "modbus.product_code", "1.1b3 6.21",   \
	  "Product code of the device.")                                                       \
	F(PRODUCT_NAME, STR, ONE, DEVICE, ASIS, 64, "", "modbus.product_name", "1.1b3 6.21",   \
	  "Product name of the device.")                                                       \
	F(VENDOR_URL, STR, ONE, DEVICE, ASIS, 64, "", "modbus.vendor_url", "1.1b3 6.21",       \
	  "Web page of the maker.")                                                            \
	F(APPLICATION, STR, ONE, DEVICE, ASIS, 64, "", "modbus.user_application",              \
	  "1.1b3 6.21", "Name of the application in the device.")

WT_DECLARE_FIELDS(MODBUS_FIELDS)

static const struct wt_event_type events[] = {
	{ "modbus", "A Modbus request or response." },
};

enum {
	HEAD_LEN = 6,
	FRAME_MAX = 254, /* unit and PDU */
	WRITE_COIL = 5,
	WRITE_REGISTER = 6,
	DIAGNOSTICS = 8,
	WRITE_COILS = 15,
	WRITE_REGISTERS = 16,
	REPORT_SERVER = 17,
	READ_FILE = 20,
	WRITE_FILE = 21,
	MASK_WRITE = 22,
	READ_WRITE = 23,
	READ_QUEUE = 24,
	ENCAPSULATED = 43,
	MEI_IDENTIFICATION = 14,
	EXCEPTION_BIT = 0x80,
};

/* --- probe --- */

/* Could a frame of this function be so long? `len` counts unit and PDU; body is what
 * follows the function, as far as it is there. */
static bool is_length_right(unsigned function, size_t len, struct wt_slice body)
{
	size_t first = body.len ? body.ptr[0] : 0;

	if (function & EXCEPTION_BIT)
		return len == 3 && first >= 1 && first <= 11 && (function & 0x7f) <= 43;
	switch (function) {
	case 1:
	case 2:
	case 3:
	case 4:
		return len == 6 || (first && len == 3 + first);
	case WRITE_COIL:
	case WRITE_REGISTER:
		return len == 6;
	case 7:
		return len == 2 || len == 3;
	case DIAGNOSTICS: /* but for echoes the data are one word (6.8) */
		return len >= 6 && len % 2 == 0 &&
		       (len == 6 || (body.len >= 2 && !body.ptr[0] && !body.ptr[1]));
	case 11:
	case 12:
		return len == 2 || len == 6 || (first && len == 3 + first);
	case WRITE_COILS:
	case WRITE_REGISTERS:
		return len == 6 || (body.len >= 5 && body.ptr[4] && len == 7u + body.ptr[4]);
	case REPORT_SERVER:
		return len == 2 || (first && len == 3 + first);
	case READ_FILE:
	case WRITE_FILE:
		return first && len == 3 + first;
	case MASK_WRITE:
		return len == 8;
	case READ_WRITE:
		return (body.len >= 9 && body.ptr[8] && len == 11u + body.ptr[8]) ||
		       (first && len == 3 + first);
	case READ_QUEUE: /* address, or bytes and registers that follow */
		return len == 4 ||
		       (body.len >= 4 && !body.ptr[0] && !body.ptr[2] &&
			len == 4u + body.ptr[1] && body.ptr[1] == 2u + 2u * body.ptr[3]);
	case ENCAPSULATED:
		return len >= 5 && (first == 13 || first == MEI_IDENTIFICATION);
	default:
		return false;
	}
}

static enum wt_verdict probe(struct wt_slice head)
{
	struct wt_reader r = wt_reader_of(head, WT_MORE);
	struct wt_slice frame;
	size_t len;

	if ((head.len > 2 && head.ptr[2]) || (head.len > 3 && head.ptr[3]) ||
	    (head.len > 4 && head.ptr[4]))
		return WT_FOREIGN;
	wt_rd_skip(&r, 4);
	len = wt_rd_u16be(&r);
	if (r.err == WT_OK && (len < 2 || len > FRAME_MAX))
		return WT_FOREIGN;
	frame = wt_slice_head(wt_rd_peek(&r), len);
	if (r.err != WT_OK || frame.len < len)
		return WT_MORE;
	/* DICOM's A-ASSOCIATE-RJ, A-RELEASE and A-ABORT (PS3.8 9.3) look alike */
	if (head.ptr[0] <= 7 && !head.ptr[1] && len == 4 && !frame.ptr[0])
		return WT_FOREIGN;
	return is_length_right(frame.ptr[1], len, wt_slice_tail(frame, 2)) ? WT_OK : WT_FOREIGN;
}

/* Where the start was missed, binary data full of zeros may look like a frame: what
 * follows it must be one too, or the end of the stream. */
static enum wt_verdict see_pair(struct wt_slice head, bool is_end)
{
	enum wt_verdict first = probe(head), second;
	struct wt_slice rest;

	if (first != WT_OK)
		return first;
	rest = wt_slice_tail(head, HEAD_LEN + (size_t)head.ptr[5]);
	second = rest.len ? probe(rest) : WT_MORE;
	return second == WT_MORE && is_end ? WT_OK : second;
}

/* --- parameters --- */

static struct wt_slice name_of(unsigned function)
{
	static const char *const names[] = {
		[1] = "read_coils",
		[2] = "read_discrete_inputs",
		[3] = "read_holding_registers",
		[4] = "read_input_registers",
		[WRITE_COIL] = "write_single_coil",
		[WRITE_REGISTER] = "write_single_register",
		[7] = "read_exception_status",
		[DIAGNOSTICS] = "diagnostics",
		[11] = "get_event_counter",
		[12] = "get_event_log",
		[WRITE_COILS] = "write_multiple_coils",
		[WRITE_REGISTERS] = "write_multiple_registers",
		[REPORT_SERVER] = "report_server_id",
		[READ_FILE] = "read_file_record",
		[WRITE_FILE] = "write_file_record",
		[MASK_WRITE] = "mask_write_register",
		[READ_WRITE] = "read_write_registers",
		[READ_QUEUE] = "read_fifo_queue",
		[ENCAPSULATED] = "encapsulated_transport",
	};

	return wt_slice_text(function < sizeof(names) / sizeof(names[0]) ? names[function]
									 : NULL);
}

static bool is_write(unsigned function)
{
	return function == WRITE_COIL || function == WRITE_REGISTER ||
	       function == WRITE_COILS || function == WRITE_REGISTERS ||
	       function == WRITE_FILE || function == MASK_WRITE || function == READ_WRITE;
}

static void take_diagnostics(struct wt_reader *r, struct wt_out *out, unsigned event)
{
	unsigned subfunction = wt_rd_u16be(r);

	if (r->err != WT_OK)
		return;
	put_SUBFUNCTION(out, event, subfunction);
	if (subfunction == 1 || subfunction == 4 || subfunction == 10 || subfunction == 20)
		put_IS_CONTROL(out, event, true);
}

static void take_request(struct wt_reader *r, struct wt_out *out, unsigned event,
			 unsigned function)
{
	switch (function) {
	case WRITE_COIL:
	case WRITE_REGISTER:
		put_ADDRESS(out, event, wt_rd_u16be(r));
		put_VALUE(out, event, wt_rd_u16be(r));
		break;
	case 1:
	case 2:
	case 3:
	case 4:
	case WRITE_COILS:
	case WRITE_REGISTERS:
		put_ADDRESS(out, event, wt_rd_u16be(r));
		put_QUANTITY(out, event, wt_rd_u16be(r));
		break;
	case READ_WRITE:
		put_ADDRESS(out, event, wt_rd_u16be(r));
		put_QUANTITY(out, event, wt_rd_u16be(r));
		put_WRITE_ADDRESS(out, event, wt_rd_u16be(r));
		put_WRITE_QUANTITY(out, event, wt_rd_u16be(r));
		break;
	case MASK_WRITE:
	case READ_QUEUE:
		put_ADDRESS(out, event, wt_rd_u16be(r));
		break;
	case DIAGNOSTICS:
		take_diagnostics(r, out, event);
		break;
	case ENCAPSULATED:
		put_MEI(out, event, wt_rd_u8(r));
		break;
	default:
		break;
	}
}

/* --- what a device says of itself --- */

/* code8 conformity8 more8 next8 count8, then id8 len8 text each (1.1b3 6.21) */
static void take_identification(struct wt_reader *r, struct wt_out *out, unsigned event)
{
	struct wt_slice text[7] = { { NULL, 0 } };
	unsigned i, n;

	wt_rd_skip(r, 4);
	n = wt_rd_u8(r);
	for (i = 0; i < n && wt_rd_left(r); i++) {
		unsigned id = wt_rd_u8(r);
		struct wt_slice value = wt_rd_bytes(r, wt_rd_u8(r));

		if (id < 7)
			text[id] = value;
	}
	wt_put_DEVICE_VENDOR(out, event, text[0]);
	put_PRODUCT_CODE(out, event, text[1]);
	wt_put_DEVICE_SOFTWARE(out, event, text[2]);
	put_VENDOR_URL(out, event, text[3]);
	put_PRODUCT_NAME(out, event, text[4]);
	/* the first that is there: model, product, code */
	wt_put_DEVICE_MODEL(out, event, text[5]);
	wt_put_DEVICE_MODEL(out, event, text[4]);
	wt_put_DEVICE_MODEL(out, event, text[1]);
	put_APPLICATION(out, event, text[6]);
}

/* Bytes of the device's own, often text, then 00 or ff for running (1.1b3 6.13). */
static void take_server_id(struct wt_reader *r, struct wt_out *out, unsigned event)
{
	struct wt_slice id = wt_rd_bytes(r, wt_rd_u8(r));
	size_t n = 0;

	while (n < id.len && id.ptr[n] >= 0x20 && id.ptr[n] < 0x7f)
		n++;
	if (n >= 3)
		wt_put_DEVICE_ID(out, event, wt_slice_head(id, n));
}

static void take_response(struct wt_reader *r, struct wt_out *out, unsigned event,
			  unsigned function)
{
	if (function == REPORT_SERVER) {
		take_server_id(r, out, event);
	} else if (function == ENCAPSULATED) {
		unsigned mei = wt_rd_u8(r);

		put_MEI(out, event, mei);
		if (mei == MEI_IDENTIFICATION)
			take_identification(r, out, event);
	} else if (is_write(function) && function != READ_WRITE && function != WRITE_FILE) {
		take_request(r, out, event, function); /* the answer repeats it */
	} else if (function == DIAGNOSTICS) {
		take_diagnostics(r, out, event);
	}
}

/* --- frame --- */

static void take_frame(struct wt_reader *r, enum wt_direction dir, struct wt_out *out,
		       unsigned transaction)
{
	unsigned event = wt_event_begin(out, 0);
	unsigned unit = wt_rd_u8(r), code = wt_rd_u8(r), function = code & 0x7f;

	put_TYPE(out, event, dir == WT_TO_SERVER ? WT_LIT("request") : WT_LIT("response"));
	put_TRANSACTION(out, event, transaction);
	put_UNIT(out, event, unit);
	put_FUNCTION(out, event, function);
	put_FUNCTION_NAME(out, event, name_of(function));
	if (is_write(function))
		put_IS_WRITE(out, event, true);
	if (code & EXCEPTION_BIT)
		put_EXCEPTION(out, event, wt_rd_u8(r));
	else if (dir == WT_TO_SERVER)
		take_request(r, out, event, function);
	else
		take_response(r, out, event, function);
	if (r->err != WT_OK)
		wt_out_glitch(out, "short_frame");
	wt_out_commit(out);
}

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	struct wt_reader frame;
	unsigned transaction, protocol;
	size_t len;

	(void)state;
	if (wt_out_is_resumed(out)) {
		enum wt_verdict verdict = see_pair(wt_rd_peek(r), wt_out_is_end(out));

		if (verdict != WT_OK)
			return verdict == WT_MORE ? WT_MORE : WT_MALFORMED;
	}
	transaction = wt_rd_u16be(r);
	protocol = wt_rd_u16be(r);
	len = wt_rd_u16be(r);
	if (r->err != WT_OK)
		return r->err;
	if (protocol || len < 2 || len > FRAME_MAX)
		return WT_MALFORMED;
	frame = wt_rd_box(r, len);
	if (r->err != WT_OK) {
		wt_out_need(out, HEAD_LEN + len);
		return r->err;
	}
	take_frame(&frame, dir, out, transaction);
	wt_out_message_end(out);
	return WT_OK;
}

#define PROTOCOL_AT 2u /* behind the transaction */

static size_t resync(struct wt_slice rest)
{
	size_t i;

	for (i = 0; i < rest.len; i++) {
		if (rest.len - i > PROTOCOL_AT) /* 0 */
			i += wt_slice_find(wt_slice_tail(rest, i + PROTOCOL_AT), 0);
		if (see_pair(wt_slice_tail(rest, i), false) != WT_FOREIGN)
			return i;
	}
	return rest.len;
}

const struct wt_dissector wt_modbus_dissector = {
	.name = "modbus",
	.title = "Modbus/TCP",
	.source = "MODBUS Application Protocol 1.1b3; MODBUS Messaging on TCP/IP 1.0b",
	.carriage = WT_OVER_TCP,
	.ports = { 502 },
	.probe = probe,
	.message = message,
	.resync = resync,
	.is_framed = true,
	.buffer_max = 1024, /* two frames, see see_pair */
	WT_DISSECTOR_TABLES(events),
};
