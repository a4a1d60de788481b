/* RADIUS: who logs in where, and what network a device is let into.
 *
 *   code 1 | identifier 1 | length 2 | authenticator 16 | (type 1, length 1, value)*
 *
 * Source: RFC 2865, 2866, 2868, 2869, 3162, 3579 (EAP), 5176 (change of authorization);
 * numbers of IANA's RADIUS types. Trust: every byte is hostile. Memory: none. */
#include "radius_fields.h"

static const struct wt_field fields[] = { RADIUS_FIELDS(WT_FIELD_ROW) };

static const struct wt_event_type events[] = { { "radius", "A RADIUS packet." } };

#define HEAD_LEN 20u
#define PACKET_MAX 4096u
#define ATTRIBUTES_MAX 256u

static const char *const codes[] = {
	[1] = "access_request",
	[2] = "access_accept",
	[3] = "access_reject",
	[4] = "accounting_request",
	[5] = "accounting_response",
	[11] = "access_challenge",
	[12] = "status_server",
	[13] = "status_client",
	[40] = "disconnect_request",
	[41] = "disconnect_ack",
	[42] = "disconnect_nak",
	[43] = "coa_request",
	[44] = "coa_ack",
	[45] = "coa_nak",
};
#define CODE_MAX 45u

/* Requests that nobody makes without an attribute. */
static bool needs_attributes(unsigned code)
{
	return code == 1 || code == 4 || code == 40 || code == 43 || code == 12 || code == 11;
}

static enum wt_verdict probe(struct wt_slice head)
{
	struct wt_reader r = wt_reader_of(head, WT_MALFORMED);
	unsigned code = wt_rd_u8(&r), len, n = 0;

	if (!head.len)
		return WT_MORE;
	if (code > CODE_MAX || !codes[code])
		return WT_FOREIGN;
	wt_rd_skip(&r, 1);
	len = wt_rd_u16be(&r);
	if (head.len < 4)
		return WT_MORE;
	if (len < HEAD_LEN || len > PACKET_MAX || head.len > (size_t)len + 64)
		return WT_FOREIGN;
	if (head.len < HEAD_LEN)
		return WT_MORE;
	if (needs_attributes(code) && len == HEAD_LEN)
		return WT_FOREIGN;
	if (head.len == HEAD_LEN && len > HEAD_LEN)
		return WT_FOREIGN;
	r = wt_reader_of(wt_slice_tail(wt_slice_head(head, len), HEAD_LEN), WT_MALFORMED);
	while (wt_rd_left(&r)) {
		unsigned type = wt_rd_u8(&r), size = wt_rd_u8(&r);

		if (type == 0 || size < 2)
			return WT_FOREIGN;
		wt_rd_skip(&r, size - 2);
		if (r.err != WT_OK) /* cut behind some that were good */
			return n >= 2 && head.len < len ? WT_OK : WT_FOREIGN;
		n++;
	}
	return head.len >= len || n >= 2 ? WT_OK : WT_FOREIGN;
}

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	unsigned code = wt_rd_u8(r), id = wt_rd_u8(r), len = wt_rd_u16be(r), event, n = 0;
	struct wt_reader box;
	struct wt_text t;

	(void)state;
	(void)dir;
	if (r->err == WT_OK && (code > CODE_MAX || !codes[code]))
		return WT_FOREIGN;
	wt_rd_skip(r, 16);
	if (r->err == WT_OK && len < HEAD_LEN)
		return WT_MALFORMED;
	box = wt_rd_box(r, len - HEAD_LEN);
	if (r->err != WT_OK)
		return r->err;
	event = wt_event_begin(out, 0);
	put_CODE(out, event, wt_text_name(&t, codes, CODE_MAX + 1, code));
	put_ID(out, event, id);
	while (wt_rd_left(&box)) {
		unsigned type = wt_rd_u8(&box), size = wt_rd_u8(&box);
		struct wt_slice value;

		if (box.err == WT_OK && size < 2)
			return WT_MALFORMED;
		value = wt_rd_bytes(&box, size - 2);
		if (box.err != WT_OK)
			return WT_MALFORMED;
		if (++n == ATTRIBUTES_MAX)
			wt_out_glitch(out, "too_many_attributes");
		if (n < ATTRIBUTES_MAX)
			wt_radius_attribute(type, value, out, event);
	}
	if (wt_rd_left(r))
		wt_out_glitch(out, "octets_behind_packet");
	(void)wt_rd_rest(r);
	return WT_OK;
}

const struct wt_dissector wt_radius_dissector = {
	.name = "radius",
	.title = "RADIUS",
	.source = "RFC 2865, RFC 2866, RFC 2868, RFC 2869, RFC 3162, RFC 3579, RFC 5176",
	.carriage = WT_OVER_UDP,
	.ports = { 1812, 1813, 1645, 1646, 3799 },
	.probe = probe,
	.message = message,
	.buffer_max = PACKET_MAX,
	WT_DISSECTOR_TABLES(events),
};
