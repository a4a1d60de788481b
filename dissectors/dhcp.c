/* DHCP and BOOTP: which device asks for an address, and what it is given.
 *
 *   op 1 | htype 1 | hlen 1 | hops 1 | xid 4 | secs 2 | flags 2 | ciaddr 4 | yiaddr 4 |
 *   siaddr 4 | giaddr 4 | chaddr 16 | sname 64 | file 128 | 63 82 53 63 |
 *   (code 1, length 1, value)* FF
 *
 * Options may go on in file and sname (overload), and one that comes several times is
 * one long option (RFC 3396), so they are listed first and told afterwards.
 * Source: RFC 951, RFC 2131, RFC 2132, RFC 3396; see dhcp_fields.h for the options.
 * Trust: every byte is hostile. Memory: none but the stack, 12 KiB. */
#include "dhcp_fields.h"

static const struct wt_field fields[] = { DHCP_FIELDS(WT_FIELD_ROW) };

static const struct wt_event_type events[] = { { "dhcp", "A DHCP or BOOTP message." } };

enum {
	OPT_PAD = 0,
	OPT_OVERLOAD = 52,
	OPT_MESSAGE_TYPE = 53,
	OPT_END = 255,
};

#define OPTIONS_MAX 256u /* listed of one message */
#define JOINED_MAX 2048u /* bytes of an option that comes in parts */
#define HEAD_LEN 236u
#define BOOTP_LEN 300u /* RFC 951 3 */

struct option {
	uint8_t code;
	bool is_done;
	struct wt_slice value;
};

struct dhcp {
	unsigned op, hardware_type, hardware_len, hops, elapsed, flags;
	struct wt_slice xid, client_ip, assigned_ip, next_ip, relay_ip, hardware, sname, file;
	struct option option[OPTIONS_MAX];
	unsigned n;
	unsigned overload;
	bool is_type_there;
};

static struct wt_slice cookie(void)
{
	return WT_LIT("\x63\x82\x53\x63");
}

/* Without the cookie (BOOTP) more of the header has to be right. */
static enum wt_verdict probe(struct wt_slice head)
{
	const uint8_t *at = head.ptr;
	bool is_cookie;

	if (head.len < 12)
		return head.len && at[0] != 1 && at[0] != 2 ? WT_FOREIGN : WT_MORE;
	if ((at[0] != 1 && at[0] != 2) || at[2] > 16 || at[3] > 16 || at[1] == 0 || at[1] > 40)
		return WT_FOREIGN;
	if (head.len < HEAD_LEN + 4)
		return WT_MORE;
	is_cookie = wt_slice_equal(wt_slice_head(wt_slice_tail(head, HEAD_LEN), 4), cookie());
	if (is_cookie)
		return WT_OK;
	if (head.len < BOOTP_LEN || at[1] != 1 || at[2] != 6 || (at[10] & 0x7f) || at[11] ||
	    !wt_text_is_zero(wt_slice_of(at + 34, 10)))
		return WT_FOREIGN;
	return wt_text_is_zero(wt_slice_of(at + HEAD_LEN, 4)) ? WT_OK : WT_FOREIGN;
}

/* Lists the options of an area. False when a length leads out of it. */
static bool list(struct dhcp *d, struct wt_slice area, struct wt_out *out)
{
	struct wt_reader r = wt_reader_of(area, WT_MALFORMED);

	while (wt_rd_left(&r)) {
		struct option o = { .code = wt_rd_u8(&r) };

		if (o.code == OPT_PAD)
			continue;
		if (o.code == OPT_END)
			break;
		o.value = wt_rd_bytes(&r, wt_rd_u8(&r));
		if (r.err != WT_OK)
			return false;
		if (d->n == OPTIONS_MAX) {
			wt_out_glitch(out, "too_many_options");
			break;
		}
		if (o.code == OPT_OVERLOAD && o.value.len)
			d->overload = o.value.ptr[0] & 3;
		d->is_type_there |= o.code == OPT_MESSAGE_TYPE;
		d->option[d->n++] = o;
	}
	return true;
}

/* One option, with the later parts of the same code. */
static void tell_option(struct dhcp *d, unsigned at, struct wt_out *out, unsigned event)
{
	struct wt_slice value = d->option[at].value;
	uint8_t room[JOINED_MAX];
	struct wt_builder b;
	bool is_joined = false;
	unsigned i;

	for (i = at + 1; i < d->n; i++) {
		if (d->option[i].code != d->option[at].code)
			continue;
		if (!is_joined) {
			b = wt_builder_of(room, sizeof(room));
			wt_bld_bytes(&b, value);
			is_joined = true;
		}
		wt_bld_bytes(&b, d->option[i].value);
		d->option[i].is_done = true;
	}
	if (is_joined)
		value = wt_bld_slice(&b);
	wt_dhcp_option(d->option[at].code, value, out, event);
}

static void tell_options(struct dhcp *d, struct wt_out *out, unsigned event)
{
	uint8_t room[4 * OPTIONS_MAX];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	unsigned i;

	for (i = 0; i < d->n; i++) {
		if (i)
			wt_bld_char(&b, ',');
		wt_bld_u64(&b, d->option[i].code);
		if (!d->option[i].is_done)
			tell_option(d, i, out, event);
	}
	put_OPTIONS(out, event, wt_bld_slice(&b));
}

static void read_head(struct dhcp *d, struct wt_reader *r)
{
	d->op = wt_rd_u8(r);
	d->hardware_type = wt_rd_u8(r);
	d->hardware_len = wt_rd_u8(r);
	d->hops = wt_rd_u8(r);
	d->xid = wt_rd_bytes(r, 4);
	d->elapsed = wt_rd_u16be(r);
	d->flags = wt_rd_u16be(r);
	d->client_ip = wt_rd_bytes(r, 4);
	d->assigned_ip = wt_rd_bytes(r, 4);
	d->next_ip = wt_rd_bytes(r, 4);
	d->relay_ip = wt_rd_bytes(r, 4);
	d->hardware = wt_rd_bytes(r, 16);
	d->sname = wt_rd_bytes(r, 64);
	d->file = wt_rd_bytes(r, 128);
}

static struct wt_slice address(struct wt_text *t, struct wt_slice octets)
{
	return wt_text_is_zero(octets) ? wt_slice_of(NULL, 0) : wt_text_ip(t, octets);
}

static void tell_head(const struct dhcp *d, struct wt_out *out, unsigned event)
{
	struct wt_slice hardware = wt_slice_head(d->hardware, d->hardware_len);
	struct wt_text t;

	put_OP(out, event, d->op == 1 ? WT_LIT("request") : WT_LIT("reply"));
	if (!d->is_type_there)
		put_MESSAGE_TYPE(out, event, WT_LIT("bootp"));
	put_TRANSACTION_ID(out, event, wt_text_hex(&t, d->xid, 0));
	if (d->hops)
		put_HOPS(out, event, d->hops);
	if (d->elapsed)
		put_ELAPSED(out, event, d->elapsed);
	if (d->flags & 0x8000)
		put_IS_BROADCAST(out, event, true);
	if (d->hardware_type != 1)
		put_HARDWARE_TYPE(out, event, d->hardware_type);
	if (d->hardware_len > 16 || (d->hardware_type == 1 && d->hardware_len != 6))
		wt_out_glitch(out, "odd_hardware_length");
	if (d->flags & 0x7fff)
		wt_out_glitch(out, "odd_flags");
	put_CLIENT_MAC(out, event, wt_text_mac(&t, hardware));
	put_CLIENT_IP(out, event, address(&t, d->client_ip));
	put_ASSIGNED_IP(out, event, address(&t, d->assigned_ip));
	put_NEXT_SERVER_IP(out, event, address(&t, d->next_ip));
	put_RELAY_IP(out, event, address(&t, d->relay_ip));
	if (!(d->overload & 2))
		put_SERVER_NAME(out, event, wt_text_line(d->sname));
	if (!(d->overload & 1))
		put_BOOT_FILE(out, event, wt_text_line(d->file));
}

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	struct dhcp d;
	unsigned event;
	bool is_whole;

	(void)state;
	(void)dir;
	d.n = d.overload = 0;
	d.is_type_there = false;
	read_head(&d, r);
	if (r->err != WT_OK)
		return r->err;
	if (d.op != 1 && d.op != 2)
		return WT_FOREIGN;
	if (wt_slice_starts(wt_rd_peek(r), cookie())) {
		wt_rd_skip(r, 4);
		is_whole = list(&d, wt_rd_peek(r), out);
		if (!is_whole && r->on_short == WT_CLIPPED)
			return WT_CLIPPED;
		if (!is_whole)
			wt_out_glitch(out, "option_too_long");
		if ((d.overload & 1) && !list(&d, d.file, out))
			wt_out_glitch(out, "option_too_long");
		if ((d.overload & 2) && !list(&d, d.sname, out))
			wt_out_glitch(out, "option_too_long");
	}
	event = wt_event_begin(out, 0);
	tell_head(&d, out, event);
	tell_options(&d, out, event);
	(void)wt_rd_rest(r);
	return WT_OK;
}

const struct wt_dissector wt_dhcp_dissector = {
	.name = "dhcp",
	.title = "DHCP",
	.source = "RFC 951, RFC 2131, RFC 2132, RFC 3396, RFC 3046, RFC 4702, RFC 8520",
	.carriage = WT_OVER_UDP,
	.ports = { 67, 68, 4011 },
	.probe = probe,
	.message = message,
	.buffer_max = 4096,
	WT_DISSECTOR_TABLES(events),
};
