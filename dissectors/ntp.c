/* NTP: whose clock follows whose, and how far they are apart.
 *
 *   leap 2 version 3 mode 3 bits | stratum 1 | poll 1 | precision 1 | root delay 4 |
 *   root dispersion 4 | reference id 4 | reference, originate, receive, transmit 8 each |
 *   extension fields (type 2, length 2, ...)* | key id 4, digest 16 or 20
 *
 * Modes 6 (control) and 7 (private, the one of monlist floods) are in ntp_control.c.
 * Source: RFC 1059, RFC 1119, RFC 1305, RFC 5905, RFC 8915 (NTS), RFC 9327 (control);
 * ntp_request.h of ntp 4.2.8 for mode 7. Trust: every byte is hostile. Memory: none. */
#include "ntp_fields.h"

static const struct wt_field fields[] = { NTP_FIELDS(WT_FIELD_ROW) };

static const struct wt_event_type events[] = { { "ntp",
						 "A time, control or private message." } };

#define PACKET_LEN 48u
#define ERA_S (UINT64_C(1) << 32)
#define UNIX_S UINT64_C(2208988800) /* from 1900 to 1970 */
#define DELAY_MAX 0x01000000u       /* 256 s: nobody serves such a clock */
#define STRATUM_MAX 16u
#define ANSWER_MAX 64u /* seconds from question to answer */

static const char *const modes[] = { "reserved", "symmetric_active", "symmetric_passive",
				     "client",   "server",           "broadcast",
				     "control",  "private" };

/* --- times --- */

/* The era (of 136 years) in which the time is nearest to the packet's. */
static uint64_t unix_ns(uint64_t stamp, uint64_t near_ns)
{
	uint64_t near_s = near_ns / WT_NS_PER_S + UNIX_S, s = stamp >> 32;
	uint64_t fraction = (stamp & 0xffffffff) * WT_NS_PER_S >> 32;

	s += near_s / ERA_S * ERA_S;
	if (s > near_s && s - near_s > ERA_S / 2 && s >= ERA_S)
		s -= ERA_S;
	else if (near_s > s && near_s - s > ERA_S / 2)
		s += ERA_S;
	if (s < UNIX_S || s - UNIX_S >= UINT64_MAX / WT_NS_PER_S)
		return 0;
	return (s - UNIX_S) * WT_NS_PER_S + fraction;
}

static int64_t seconds(uint32_t fixed)
{
	return (int64_t)((uint64_t)fixed * 1000000 >> 16);
}

/* --- probe --- */

static uint32_t u32_at(struct wt_slice s, size_t at)
{
	struct wt_reader r = wt_reader_of(wt_slice_tail(s, at), WT_MALFORMED);

	return wt_rd_u32be(&r);
}

/* Behind the header: extension fields of 16 octets or more, a key id and a digest. */
static bool is_tail_sane(size_t len)
{
	return len % 4 == 0 && len <= 2048;
}

/* A server's times are those of our days: 1993 and later, or era 1 until 2053. */
static bool is_our_time(uint32_t s)
{
	return s >= 0xaf000000u || s < 0x20000000u;
}

/* A simple client's request: all but the first octet is 0 (RFC 4330 5). */
static bool is_bare_request(struct wt_slice head, unsigned mode)
{
	return mode == 3 && head.len == PACKET_LEN &&
	       wt_text_is_zero(wt_slice_tail(head, 1));
}

static bool is_time_message(struct wt_slice head, unsigned mode)
{
	uint32_t sent = u32_at(head, 40);
	int8_t poll = (int8_t)head.ptr[2], precision = (int8_t)head.ptr[3];

	if (mode == 0 || head.ptr[1] > STRATUM_MAX || !sent)
		return false;
	if (poll < -8 || poll > 24 || !is_tail_sane(head.len - PACKET_LEN))
		return false;
	/* chrony's clients hide their own and state 32 */
	if (precision > 0 && !(mode == 3 && precision == 32))
		return false;
	if (u32_at(head, 4) >= DELAY_MAX || u32_at(head, 8) >= DELAY_MAX)
		return false;
	if (mode == 3)
		return true;
	if (head.ptr[1] == 0) /* a refusal may echo what the client sent */
		return mode == 4;
	if (!is_our_time(sent))
		return false;
	/* an answer leaves soon after the question came; others are sent by ntpd alone,
	 * which states how good its clock is */
	return mode == 4 ? sent - u32_at(head, 32) <= ANSWER_MAX : precision < 0 && poll > 0;
}

static enum wt_verdict probe(struct wt_slice head)
{
	unsigned version, mode;

	if (!head.len)
		return WT_MORE;
	version = head.ptr[0] >> 3 & 7;
	mode = head.ptr[0] & 7;
	if (mode == 7 || mode == 6)
		return wt_ntp_probe_control(head, mode);
	if (version < 1 || version > 4)
		return WT_FOREIGN;
	if (head.len < PACKET_LEN)
		return WT_FOREIGN;
	return is_bare_request(head, mode) || is_time_message(head, mode) ? WT_OK : WT_FOREIGN;
}

/* --- message --- */

/* Stratum 0: a code of four letters, from a server a refusal (kiss of death); 1: the
 * kind of clock; else the server's IPv4 address, or a hash of its IPv6 address. */
static void reference(unsigned mode, unsigned stratum, struct wt_slice id, struct wt_out *out,
		      unsigned event)
{
	struct wt_slice name = wt_text_trim_end(id);
	struct wt_text t;

	if (wt_text_is_zero(id))
		return;
	if (stratum == 0 && mode == 4 && wt_text_is_plain(name))
		put_KISS_CODE(out, event, name);
	else if (stratum <= 1)
		put_REFERENCE_ID(out, event, wt_text_id(&t, id));
	else
		put_REFERENCE_ID(out, event, wt_text_ip(&t, id));
}

/* Extension fields, as long as they are plausible, then what is left must be a MAC. */
static void tail(struct wt_reader *r, struct wt_out *out, unsigned event)
{
	/* a MAC is 20 or 24 octets (RFC 5905 7.3), 4 alone is a crypto-NAK */
	while (wt_rd_left(r) > 24) {
		unsigned type = wt_rd_u16be(r), len = wt_rd_u16be(r);

		if (r->err != WT_OK || len < 16 || len % 4 || len - 4 > wt_rd_left(r))
			return;
		wt_rd_skip(r, len - 4);
		put_EXTENSION(out, event, type);
		if (type == 0x0104 || type == 0x0204 || type == 0x0304 || type == 0x0404)
			put_HAS_NTS(out, event, true);
	}
	if (wt_rd_left(r) == 20 || wt_rd_left(r) == 24 || wt_rd_left(r) == 4)
		put_KEY_ID(out, event, wt_rd_u32be(r));
}

struct stamps {
	uint64_t reference, originate, receive, transmit;
};

static void tell_times(unsigned mode, const struct stamps *s, struct wt_out *out,
		       unsigned event)
{
	uint64_t now = wt_out_time_ns(out), sent = unix_ns(s->transmit, now);

	if (s->reference && unix_ns(s->reference, now))
		put_REFERENCE_TIME(out, event, unix_ns(s->reference, now));
	if (!s->transmit || !sent)
		return;
	put_TRANSMIT_TIME(out, event, sent);
	if (mode == 3) /* what clients send is often random (RFC 9769) */
		return;
	put_OFFSET(out, event,
		   sent >= now ? (int64_t)((sent - now) / WT_NS_PER_MS)
			       : -(int64_t)((now - sent) / WT_NS_PER_MS));
}

static enum wt_verdict time_message(struct wt_reader *r, struct wt_out *out)
{
	static const char *const leaps[] = { "none", "add_second", "delete_second",
					     "unsynchronized" };
	unsigned head = wt_rd_u8(r), mode = head & 7, stratum = wt_rd_u8(r), event;
	int8_t poll = (int8_t)wt_rd_u8(r), precision = (int8_t)wt_rd_u8(r);
	uint32_t delay = wt_rd_u32be(r), dispersion = wt_rd_u32be(r);
	struct wt_slice id = wt_rd_bytes(r, 4);
	struct stamps s;

	s.reference = wt_rd_u64be(r);
	s.originate = wt_rd_u64be(r);
	s.receive = wt_rd_u64be(r);
	s.transmit = wt_rd_u64be(r);
	if (r->err != WT_OK)
		return r->err;
	event = wt_event_begin(out, 0);
	put_VERSION(out, event, head >> 3 & 7);
	put_MODE(out, event, wt_slice_text(modes[mode]));
	put_LEAP(out, event, wt_slice_text(leaps[head >> 6]));
	put_STRATUM(out, event, stratum);
	put_POLL(out, event, poll);
	put_PRECISION(out, event, precision);
	put_ROOT_DELAY(out, event, seconds(delay));
	put_ROOT_DISPERSION(out, event, seconds(dispersion));
	reference(mode, stratum, id, out, event);
	tell_times(mode, &s, out, event);
	tail(r, out, event);
	(void)wt_rd_rest(r);
	return WT_OK;
}

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	struct wt_slice all = wt_rd_peek(r);
	unsigned mode = all.len ? all.ptr[0] & 7 : 0, event;

	(void)state;
	(void)dir;
	if (mode != 6 && mode != 7)
		return time_message(r, out);
	event = wt_event_begin(out, 0);
	put_VERSION(out, event, all.ptr[0] >> 3 & 7);
	put_MODE(out, event, wt_slice_text(modes[mode]));
	return mode == 6 ? wt_ntp_control(r, out, event) : wt_ntp_private(r, out, event);
}

const struct wt_dissector wt_ntp_dissector = {
	.name = "ntp",
	.title = "NTP",
	.source = "RFC 1059, RFC 1119, RFC 1305, RFC 5905, RFC 8915, RFC 9327",
	.carriage = WT_OVER_UDP,
	.ports = { 123 },
	.probe = probe,
	.message = message,
	.buffer_max = 2048,
	WT_DISSECTOR_TABLES(events),
};
