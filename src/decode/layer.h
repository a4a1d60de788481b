/* Where decoding stands, and the steps from header to header.
 *
 * Source: see link.c, tunnel.c, ip.c, transport.c.
 * Trust: everything below rd is hostile. A header of fixed size is taken whole with
 * wt_rd_take and then read at constant offsets below the size taken, with wt_at_*.
 * Memory: none beyond the packet. */
#ifndef WARDTAP_DECODE_LAYER_H
#define WARDTAP_DECODE_LAYER_H

#include "wardtap/packet.h"

/* What comes next. Each step reads one header and says which is next, so that a packet
 * of any depth is decoded by one loop. */
enum wt_step {
	WT_STEP_DONE,     /* the disposition is set */
	WT_STEP_ETHERNET, /* destination, source, type */
	WT_STEP_TYPE,     /* what layer->type (an EtherType or a length) announced */
	WT_STEP_IPV4,
	WT_STEP_IPV6,
	WT_STEP_PROTO, /* what layer->type (an IP protocol number) announced */
};

struct wt_layer {
	struct wt_packet *packet;
	struct wt_reader rd; /* captured bytes of this layer that are not read yet */
	uint32_t wire_end;   /* where this layer ended on the wire, from packet->bytes */
	uint16_t type;       /* see enum wt_step */
};

/* Reads of a header taken before. */
static inline uint16_t wt_at_u16be(const uint8_t *at)
{
	return (uint16_t)((unsigned)at[0] << 8 | at[1]);
}

static inline uint32_t wt_at_u32be(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* UDP ports at which wt_tunnel_udp looks closer. */
static inline bool wt_port_is_tunnel(uint16_t port)
{
	return port == 4789 || port == 8472 || port == 4790 || port == 6081;
}

/* Zeroes what decode/ sets: five stretches that overlap in the end, because compilers
 * turn one of this size into a slow string instruction. */
static inline void wt_packet_clear(struct wt_packet *p)
{
	enum { OWN = offsetof(struct wt_packet, disposition), SIZE = sizeof(*p) - OWN };
	uint8_t *own = (uint8_t *)p + OWN;

	_Static_assert(SIZE > 128 && SIZE <= 160, "cleared in five stretches of 32");
	memset(own, 0, 32);
	memset(own + 32, 0, 32);
	memset(own + 64, 0, 32);
	memset(own + 96, 0, 32);
	memset(own + SIZE - 32, 0, 32);
}

/* Offset of the next unread byte from packet->bytes. */
static inline uint32_t wt_layer_off(const struct wt_layer *l)
{
	return (uint32_t)(l->rd.ptr - l->packet->bytes);
}

/* Bytes that this layer still had on the wire, >= wt_rd_left(&l->rd). */
static inline uint32_t wt_layer_wire_left(const struct wt_layer *l)
{
	return l->wire_end - wt_layer_off(l);
}

/* The rest of this layer is `len` bytes; what follows is padding. False when the wire
 * did not hold that many. */
static inline bool wt_layer_narrow(struct wt_layer *l, uint32_t len)
{
	if (WT_UNLIKELY(len > wt_layer_wire_left(l)))
		return false;
	l->wire_end = wt_layer_off(l) + len;
	if (len <= l->rd.left) {
		l->rd.left = len;
		l->rd.on_short = WT_MALFORMED;
	}
	return true;
}

/* What lies unread becomes the payload. */
static inline void wt_layer_payload(struct wt_layer *l)
{
	l->packet->payload_off = wt_layer_off(l);
	l->packet->payload_len = (uint32_t)l->rd.left;
	l->packet->payload_wire_len = wt_layer_wire_left(l);
}

static inline enum wt_step wt_layer_end(struct wt_layer *l, enum wt_disposition disposition)
{
	l->packet->disposition = (uint8_t)disposition;
	return WT_STEP_DONE;
}

/* Ends decoding after a read failed. */
static inline enum wt_step wt_layer_short(struct wt_layer *l)
{
	return wt_layer_end(l, l->rd.err == WT_CLIPPED ? WT_DISP_TRUNCATED :
							 WT_DISP_MALFORMED);
}

/* Notes that an encapsulation is entered and gives `next`, or ends in TOO_DEEP. */
static inline enum wt_step wt_layer_enter(struct wt_layer *l, enum wt_tunnel tunnel,
					  enum wt_step next)
{
	struct wt_packet *p = l->packet;

	if (WT_UNLIKELY(p->n_tunnels == WT_TUNNELS_MAX))
		return wt_layer_end(l, WT_DISP_TOO_DEEP);
	p->tunnel[p->n_tunnels++] = (uint8_t)tunnel;
	return next;
}

/* plain.c: decodes `p` when it is of the common kind. False when it is not; then `p` is
 * untouched. The result equals that of the steps. */
bool wt_decode_plain(struct wt_packet *p);

/* decode.c: the steps alone, for any packet. */
void wt_decode_steps(struct wt_packet *p);

/* link.c: the first step after the link header that packet->link_type names, and the
 * steps of the link layer. */
enum wt_step wt_link_start(struct wt_layer *l);
enum wt_step wt_link_ethernet(struct wt_layer *l);
enum wt_step wt_link_type(struct wt_layer *l);

/* Ends as a frame without IP; the payload is what lies unread. */
enum wt_step wt_link_leaf(struct wt_layer *l);

/* ip.c */
enum wt_step wt_ip_v4(struct wt_layer *l);
enum wt_step wt_ip_v6(struct wt_layer *l);

/* transport.c */
enum wt_step wt_transport(struct wt_layer *l);

/* tunnel.c: under the link layer. Always give a step. */
enum wt_step wt_tunnel_mpls(struct wt_layer *l);
enum wt_step wt_tunnel_pppoe(struct wt_layer *l);
enum wt_step wt_tunnel_pbb(struct wt_layer *l);

/* tunnel.c: above IP. True when the tunnel is entered (`next` is set); false when the
 * packet is not plausibly one, with `l` unchanged. */
bool wt_tunnel_ip(struct wt_layer *l, enum wt_step *next);
bool wt_tunnel_gre(struct wt_layer *l, enum wt_step *next);
bool wt_tunnel_udp(struct wt_layer *l, uint16_t port, enum wt_step *next);

#endif
