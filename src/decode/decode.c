/* The loop over the headers of a packet, and the order of its flow key.
 * Source: include/wardtap/flow.h for key and shard.
 * Trust: hostile bytes, through layer.h. Memory: none. */
#include "decode/decode.h"

#include "decode/layer.h"

/* Same result as wt_flow_key_order: IPv4 addresses fill four octets only. */
static inline uint8_t order_key(struct wt_flow_key *key)
{
	struct wt_endpoint swap;
	uint32_t a, b;

	if (WT_UNLIKELY(key->ip_version != 4))
		return wt_flow_key_order(key);
	a = wt_at_u32be(key->end[0].addr.octet);
	b = wt_at_u32be(key->end[1].addr.octet);
	if (a < b || (a == b && key->end[0].port <= key->end[1].port))
		return 0;
	swap = key->end[0];
	key->end[0] = key->end[1];
	key->end[1] = swap;
	return 1;
}

static void run(struct wt_layer *l, enum wt_step step)
{
	struct wt_packet *p = l->packet;

	while (step != WT_STEP_DONE) {
		switch (step) {
		case WT_STEP_ETHERNET:
			step = wt_link_ethernet(l);
			break;
		case WT_STEP_TYPE:
			step = wt_link_type(l);
			break;
		case WT_STEP_IPV4:
			step = wt_ip_v4(l);
			break;
		case WT_STEP_IPV6:
			step = wt_ip_v6(l);
			break;
		case WT_STEP_PROTO:
			step = wt_transport(l);
			break;
		case WT_STEP_DONE:
			break;
		}
	}
	p->sender = p->key.ip_version ? order_key(&p->key) : 0;
}

static void layer_begin(struct wt_layer *l, struct wt_packet *p, uint32_t off)
{
	l->packet = p;
	l->rd.ptr = p->bytes + off;
	l->rd.left = p->cap_len - off;
	l->rd.err = WT_OK;
	l->rd.on_short = p->cap_len < p->wire_len ? WT_CLIPPED : WT_MALFORMED;
	l->wire_end = p->wire_len;
	l->type = 0;
}

void wt_decode_steps(struct wt_packet *p)
{
	struct wt_layer l;

	wt_packet_clear(p);
	if (p->cap_len < p->wire_len)
		p->flags |= WT_PKT_CLIPPED;
	layer_begin(&l, p, 0);
	run(&l, wt_link_start(&l));
}

void wt_decode(struct wt_packet *p)
{
	if (WT_UNLIKELY(!wt_decode_plain(p)))
		wt_decode_steps(p);
}

void wt_decode_inner(struct wt_packet *p)
{
	struct wt_layer l;
	struct wt_slice rest;

	if (WT_BUG_ON(p->ip_off > p->cap_len)) {
		p->disposition = WT_DISP_MALFORMED;
		return;
	}
	p->key = (struct wt_flow_key){ .proto = 0 };
	layer_begin(&l, p, p->ip_off);
	rest = wt_rd_peek(&l.rd);
	run(&l, rest.len && rest.ptr[0] >> 4 == 6 ? WT_STEP_IPV6 : WT_STEP_IPV4);
}
