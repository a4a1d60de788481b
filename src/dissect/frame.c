/* Messages without a flow of their own: link-layer frames, chosen by EtherType (or, in
 * 802.2 frames, by probe), and ICMPv6 messages, chosen by type. Each is dissected by
 * itself, so its dissector keeps no state.
 * Trust: bytes are hostile. Memory: a dissection on the stack for the call. */
#include "base/hash.h"
#include "dissect/dissect.h"
#include "wardtap/registry.h"

#define FRAME_GLITCHES_PER_S 16u /* told of all frames of a shard; all are counted */

static bool is_wanted(const struct wt_dissector *dissector, unsigned carriage, uint16_t type)
{
	unsigned i;

	if (!(dissector->carriage & carriage))
		return false;
	if (carriage == WT_OVER_LLC)
		return true;
	for (i = 0; i < WT_PORTS_MAX && dissector->ports[i]; i++)
		if (dissector->ports[i] == type)
			return true;
	return false;
}

/* A flood of broken frames must not become a flood of events. */
static bool may_tell(struct wt_dissect *d, const struct wt_moment *m)
{
	uint64_t second = m->now_ns / WT_NS_PER_S;

	if (second != d->frame_second) {
		d->frame_second = second;
		d->n_frame_glitches = 0;
	}
	if (d->n_frame_glitches < FRAME_GLITCHES_PER_S) {
		d->n_frame_glitches++;
		return true;
	}
	wt_count(d->counters, WT_C_DISSECT_GLITCHES);
	wt_count(d->counters, WT_C_DISSECT_GLITCHES_MUTED);
	return false;
}

static void tell_glitches(struct wt_out *out, const char *otherwise)
{
	unsigned i;

	for (i = 0; i < out->n_glitches && i < WT_GLITCHES_PER_CALL; i++)
		if (may_tell(out->d, out->moment))
			wt_out_emit_glitch(out->d, out->x->flow, out->x, out->dir,
					   out->glitch[i], 0, out->moment);
	if (otherwise && !out->n_glitches && may_tell(out->d, out->moment))
		wt_out_emit_glitch(out->d, out->x->flow, out->x, out->dir, otherwise, 0,
				   out->moment);
}

/* One dissector's turn. False when the message is none of its own. */
static bool dissect(struct wt_dissect *d, struct wt_flow *f, unsigned owner,
		    enum wt_direction dir, struct wt_slice bytes, bool is_clipped,
		    const struct wt_moment *m)
{
	const struct wt_dissector *dissector = wt_registry_dissector(owner);
	struct wt_reader r = wt_reader_of(bytes, is_clipped ? WT_CLIPPED : WT_MALFORMED);
	struct wt_dissection x = { .flow = f, .owner = (uint8_t)owner };
	struct wt_out *out = &d->scratch->out;
	enum wt_verdict verdict;
	uint16_t app = f->app;

	wt_out_begin(out, d, &x, dir, m);
	wt_out_restore(out);
	out->offset = 0;
	f->app = (uint16_t)owner;
	verdict = dissector->message(NULL, dir, &r, out);
	if (verdict == WT_OK) {
		wt_count(d->counters, WT_C_DISSECT_MESSAGES);
		tell_glitches(out, NULL);
		wt_out_emit(out);
	} else if (verdict == WT_CLIPPED) {
		wt_count(d->counters, WT_C_DISSECT_CLIPPED);
	} else if (verdict == WT_FOREIGN) {
		f->app = app;
		return false;
	} else {
		tell_glitches(out, "malformed");
	}
	wt_out_drop(out);
	return true;
}

static void ask_all(struct wt_dissect *d, struct wt_flow *f, unsigned carriage, uint16_t type,
		    enum wt_direction dir, struct wt_slice bytes, bool is_clipped,
		    const struct wt_moment *m)
{
	uint64_t left = d->over_frame;

	while (left) {
		unsigned owner = (unsigned)__builtin_ctzll(left) + 1;
		const struct wt_dissector *dissector = wt_registry_dissector(owner);

		left &= left - 1;
		if (!is_wanted(dissector, carriage, type) || dissector->probe(bytes) == WT_FOREIGN)
			continue;
		if (dissect(d, f, owner, dir, bytes, is_clipped, m))
			return;
	}
}

/* 53 bits, the same for both ways of a pair of stations. */
static uint64_t id_of(const struct wt_packet *p)
{
	struct wt_slice type = wt_slice_of(&p->ether_type, sizeof(p->ether_type));
	uint64_t to, from;

	if (!(p->flags & WT_PKT_HAS_MAC))
		return wt_hash(0, type) >> 11;
	to = wt_hash(1, wt_slice_of(p->bytes + p->mac_off, 6));
	from = wt_hash(1, wt_slice_of(p->bytes + p->mac_off + 6, 6));
	return wt_hash(to + from, type) >> 11;
}

void wt_dissect_frame(struct wt_dissect *d, const struct wt_packet *p,
		      const struct wt_moment *m)
{
	/* a frame is its own flow, opened by its sender */
	struct wt_flow f = {
		.key = p->key, .client = p->sender, .dissection = WT_NONE,
		.vlan = p->n_vlans ? p->vlan[0] : 0, .id = id_of(p),
	};
	bool is_llc = p->ether_type == 0;

	if (!d->over_frame || !p->payload_len || (is_llc && !(p->flags & WT_PKT_LLC)))
		return;
	ask_all(d, &f, is_llc ? WT_OVER_LLC : WT_OVER_ETHER, p->ether_type, WT_TO_SERVER,
		wt_packet_payload(p), p->payload_len < p->payload_wire_len, m);
}

void wt_frame_icmp6(struct wt_dissect *d, struct wt_flow *f, enum wt_direction dir,
		    struct wt_slice bytes, bool is_clipped, const struct wt_moment *m)
{
	if (d->over_frame && bytes.len)
		ask_all(d, f, WT_OVER_ICMP6, bytes.ptr[0], dir, bytes, is_clipped, m);
}
