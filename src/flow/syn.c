/* How a host opens a TCP connection, as one line of text. Systems differ in the order of
 * the options of their SYN, in its window and scale: a presumption, never proof.
 *
 *   128:mss,nop,ws,nop,nop,sok:64240:8:1460:df
 *   hop limit that it began with : options in their order : window : scale : largest
 *   segment : df where an IPv4 packet may not be cut; scale and segment '-' where absent
 *
 * Source: RFC 9293 3.1 and 3.2 (options), RFC 7323 (ws, ts), RFC 2018 (sok).
 * Trust: the header is hostile: bounded by its own length and by what was captured.
 * Memory: the caller's room. */
#include "flow/shard.h"

#define OPTIONS_MAX 24u /* more than any system sends: not told */

/* What hosts begin with: the next above, since each router took one. */
static unsigned initial_ttl(unsigned ttl)
{
	return ttl <= 32 ? 32 : ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255;
}

static const char *name_of(uint8_t kind)
{
	switch (kind) {
	case 0:
		return "eol";
	case 1:
		return "nop";
	case 2:
		return "mss";
	case 3:
		return "ws";
	case 4:
		return "sok";
	case 5:
		return "sack";
	case 8:
		return "ts";
	default:
		return NULL;
	}
}

struct options {
	uint32_t mss, scale; /* UINT32_MAX: absent */
};

static void put_kind(struct wt_builder *b, uint8_t kind)
{
	const char *name = name_of(kind);

	if (name) {
		wt_bld_text(b, name);
	} else {
		wt_bld_char(b, '?');
		wt_bld_u64(b, kind);
	}
}

/* False: broken, or too many. */
static bool put_options(struct wt_builder *b, struct wt_reader r, struct options *o)
{
	unsigned n;

	for (n = 0; r.left; n++) {
		uint8_t kind = wt_rd_u8(&r), len;
		struct wt_reader body;

		if (n == OPTIONS_MAX)
			return false;
		if (n)
			wt_bld_char(b, ',');
		put_kind(b, kind);
		if (kind == 0)
			return true; /* what follows is padding */
		if (kind == 1)
			continue;
		len = wt_rd_u8(&r);
		if (len < 2)
			return false;
		body = wt_reader_of(wt_rd_bytes(&r, len - 2u), WT_MALFORMED);
		if (r.err != WT_OK)
			return false;
		if (kind == 2)
			o->mss = wt_rd_u16be(&body);
		if (kind == 3)
			o->scale = wt_rd_u8(&body);
		if (body.err != WT_OK)
			return false;
	}
	return true;
}

static void put_number(struct wt_builder *b, uint32_t number)
{
	wt_bld_char(b, ':');
	if (number == UINT32_MAX)
		wt_bld_char(b, '-');
	else
		wt_bld_u64(b, number);
}

bool wt_syn_text(const struct wt_packet *p, struct wt_builder *b)
{
	struct options o = { .mss = UINT32_MAX, .scale = UINT32_MAX };
	uint32_t len;

	if (p->key.proto != 6 || (p->tcp_flags & (WT_TCP_SYN | WT_TCP_ACK)) != WT_TCP_SYN ||
	    p->cap_len < 20 || p->l4_off > p->cap_len - 20)
		return false;
	len = (p->bytes[p->l4_off + 12] >> 4) * 4u;
	if (len < 20 || len > p->cap_len - p->l4_off)
		return false;
	wt_bld_u64(b, initial_ttl(p->ttl));
	wt_bld_char(b, ':');
	if (!put_options(b,
			 wt_reader_of(wt_slice_of(p->bytes + p->l4_off + 20, len - 20),
				      WT_MALFORMED),
			 &o))
		return false;
	put_number(b, p->tcp_window);
	put_number(b, o.scale);
	put_number(b, o.mss);
	wt_bld_text(b, p->key.ip_version == 4 && p->bytes[p->ip_off + 6] & 0x40 ? ":df" : ":");
	return !b->is_short;
}
