/* NTP: control messages (mode 6) and private ones (mode 7).
 *
 *   x version mode | R E M opcode | sequence 2 | status 2 | association 2 | offset 2 |
 *   count 2 | text: name="value", ...
 *   R M version mode | A sequence | implementation | request | error 4 bits, items 12 |
 *   0 4 bits, item size 12 | items
 *
 * Source: RFC 9327; ntp_request.h of ntp 4.2.8 (mode 7 has no standard).
 * Trust: every byte is hostile. Memory: none. */
#include "ntp_fields.h"

#define CONTROL_LEN 12u
#define PRIVATE_LEN 8u
#define VARIABLES_MAX 256u

enum {
	OP_WRITE_VARIABLES = 3,
	OP_WRITE_CLOCK = 5,
	OP_SET_TRAP = 6,
	OP_CONFIGURE = 8,
	OP_SAVE_CONFIG = 9,
	OP_UNSET_TRAP = 31,
};

enum {
	REQ_MONLIST = 20,
	REQ_MONLIST_1 = 42,
	REQ_MAX = 45,
};

static const char *const operations[] = {
	NULL,          "read_status",       "read_variables", "write_variables", "read_clock",
	"write_clock", "set_trap",          "async_message",  "configure",       "save_config",
	"read_mru",    "read_ordered_list", "request_nonce",
};

static const char *const requests[REQ_MAX + 1] = {
	[0] = "peer_list",     [1] = "peer_list_sum",     [2] = "peer_info",
	[3] = "peer_stats",    [4] = "sys_info",          [5] = "sys_stats",
	[6] = "io_stats",      [7] = "mem_stats",         [8] = "loop_info",
	[9] = "timer_stats",   [10] = "config",           [11] = "unconfig",
	[16] = "get_restrict", [REQ_MONLIST] = "monlist", [REQ_MONLIST_1] = "monlist_1",
	[44] = "if_stats",
};

/* Behind the text: padding up to 4 octets, or to 8 with a key id and a digest. */
static bool is_padded(size_t len, size_t rest)
{
	size_t padding = (len + 3) / 4 * 4 - len, digest = rest - padding;

	if (rest <= 3)
		return true;
	return rest >= padding &&
	       (digest == 20 || digest == 24 || digest == 4 + 20 || digest == 8 + 20);
}

/* What the two bits before the version hold differs: ntpq of ntpsec sets them. Requests
 * have no status and no offset. */
static bool is_control(struct wt_slice head)
{
	struct wt_reader r = wt_reader_of(head, WT_MALFORMED);
	unsigned first = wt_rd_u8(&r), bits = wt_rd_u8(&r), op = bits & 31, sequence, status;
	unsigned offset, count;

	sequence = wt_rd_u16be(&r);
	status = wt_rd_u16be(&r);
	wt_rd_skip(&r, 2);
	offset = wt_rd_u16be(&r);
	count = wt_rd_u16be(&r);
	if (r.err != WT_OK || !(first >> 3 & 7) || (first >> 3 & 7) > 4 || !sequence)
		return false;
	if (op == 0 || (op > 12 && op != OP_UNSET_TRAP) || count > wt_rd_left(&r))
		return false;
	if (!(bits & 0x80) && ((bits & 0x60) || status || offset))
		return false;
	return is_padded(count, wt_rd_left(&r) - count);
}

static bool is_private(struct wt_slice head)
{
	struct wt_reader r = wt_reader_of(head, WT_MALFORMED);
	unsigned first = wt_rd_u8(&r), sequence = wt_rd_u8(&r), implementation, request;
	unsigned items, size;

	implementation = wt_rd_u8(&r);
	request = wt_rd_u8(&r);
	items = wt_rd_u16be(&r);
	size = wt_rd_u16be(&r);
	if (r.err != WT_OK ||
	    (implementation != 0 && implementation != 2 && implementation != 3))
		return false;
	if (request > REQ_MAX || !requests[request] || size >> 12 || !(first >> 3 & 7) ||
	    (first >> 3 & 7) > 4)
		return false;
	if (!(first & 0x80) && ((first & 0x40) || (sequence & 0x7f) || items >> 12))
		return false;
	items &= 0xfff;
	if (!items != !size || items * size > 500 || items * size > wt_rd_left(&r))
		return false;
	/* requests are filled up with zeros (to 48 or 192 octets), or signed */
	wt_rd_skip(&r, items * size);
	return head.len <= 8 + 500 + 24 &&
	       (items || (sequence & 0x80) || wt_text_is_zero(wt_rd_peek(&r)));
}

enum wt_verdict wt_ntp_probe_control(struct wt_slice head, unsigned mode)
{
	if (head.len < (mode == 6 ? CONTROL_LEN : PRIVATE_LEN))
		return WT_FOREIGN;
	return (mode == 6 ? is_control(head) : is_private(head)) ? WT_OK : WT_FOREIGN;
}

static struct wt_slice unquote(struct wt_slice value)
{
	value = wt_slice_trim(value, ' ');
	return wt_slice_trim(value, '"');
}

/* name="value", ... : what the server says of itself. */
static void variables(struct wt_slice text, struct wt_out *out, unsigned event)
{
	unsigned n;

	for (n = 0; n < VARIABLES_MAX && text.len; n++) {
		size_t len = 0, equals;
		bool is_quoted = false;
		struct wt_slice item, key, value;

		for (; len < text.len && (is_quoted || text.ptr[len] != ','); len++)
			if (text.ptr[len] == '"')
				is_quoted = !is_quoted;
		item = wt_slice_head(text, len);
		text = wt_slice_tail(text, len + 1);
		while (item.len &&
		       (item.ptr[0] == ' ' || item.ptr[0] == '\r' || item.ptr[0] == '\n'))
			item = wt_slice_tail(item, 1);
		equals = wt_slice_find(item, '=');
		key = wt_slice_head(item, equals);
		value = unquote(wt_text_trim_end(wt_slice_tail(item, equals + 1)));
		if (wt_slice_equal(key, WT_LIT("version")))
			wt_put_HOST_SOFTWARE(out, event, value);
		else if (wt_slice_equal(key, WT_LIT("system")))
			wt_put_HOST_OS(out, event, value);
		else if (wt_slice_equal(key, WT_LIT("processor")))
			put_PROCESSOR(out, event, value);
	}
}

enum wt_verdict wt_ntp_control(struct wt_reader *r, struct wt_out *out, unsigned event)
{
	unsigned bits, op, association, offset;
	struct wt_slice text;
	struct wt_text t;

	wt_rd_skip(r, 1);
	bits = wt_rd_u8(r);
	op = bits & 31;
	wt_rd_skip(r, 4);
	association = wt_rd_u16be(r);
	offset = wt_rd_u16be(r);
	text = wt_rd_bytes(r, wt_rd_u16be(r));
	if (r->err != WT_OK)
		return r->err;
	put_IS_RESPONSE(out, event, bits & 0x80);
	if (bits & 0x40)
		put_IS_ERROR(out, event, true);
	put_OPERATION(out, event,
		      op == OP_UNSET_TRAP
			      ? WT_LIT("unset_trap")
			      : wt_text_name(&t, operations,
					     sizeof(operations) / sizeof(operations[0]), op));
	put_ASSOCIATION(out, event, association);
	if (!(bits & 0x80) &&
	    (op == OP_WRITE_VARIABLES || op == OP_WRITE_CLOCK || op == OP_SET_TRAP ||
	     op == OP_CONFIGURE || op == OP_SAVE_CONFIG || op == OP_UNSET_TRAP))
		put_IS_CHANGE(out, event, true);
	if ((bits & 0x80) && !offset && !association)
		variables(text, out, event);
	(void)wt_rd_rest(r);
	return WT_OK;
}

enum wt_verdict wt_ntp_private(struct wt_reader *r, struct wt_out *out, unsigned event)
{
	unsigned first = wt_rd_u8(r), implementation, request, items;
	struct wt_text t;

	wt_rd_skip(r, 1);
	implementation = wt_rd_u8(r);
	request = wt_rd_u8(r);
	items = wt_rd_u16be(r);
	wt_rd_skip(r, 2);
	if (r->err != WT_OK)
		return r->err;
	put_IS_RESPONSE(out, event, first & 0x80);
	if (items >> 12)
		put_IS_ERROR(out, event, true);
	put_OPERATION(out, event, wt_text_name(&t, requests, REQ_MAX + 1, request));
	if (request == REQ_MONLIST || request == REQ_MONLIST_1)
		put_IS_MONLIST(out, event, true);
	put_IMPLEMENTATION(out, event, implementation);
	put_ITEM_COUNT(out, event, items & 0xfff);
	(void)wt_rd_rest(r);
	return WT_OK;
}
