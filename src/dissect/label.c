/* Shows unknown flows to the hint library: from the first direction that every probe
 * refused on, WT_HINT_PACKETS_MAX payloads at most. A dissector of ours that claims
 * the flow later wins all the same.
 * Trust: payloads are hostile; hint.h says what the library is shown.
 * Memory: a place in the library's pool per undecided flow; of a flow that was given
 * up, wt_flow.dissection holds place, count and where messages may begin. */
#include "dissect/dissect.h"
#include "dissect/hint.h"

/* wt_flow.dissection of a flow that was given up */
#define PLACE_MASK 0xffffffu /* in the library's pool, 0: none (no longer) */
#define COUNT_SHIFT 24       /* 3 bits: payloads shown */
#define COUNT_MASK 7u
#define LAST_DIR (1u << 27)  /* of the last payload */
#define LAST_PUSH (1u << 28) /* it ended what its sender had to say */

#define PAUSE_NS (50 * WT_NS_PER_MS)

static void done(struct wt_dissect *d, struct wt_flow *f, uint32_t place, uint16_t label)
{
	wt_hint_close(d->hint, place, &f->key);
	f->hint = label;
	if (label != WT_HINT_NONE)
		wt_count(d->counters, WT_C_DISSECT_HINTED);
}

/* Shows one payload. True while the library wants more. */
static bool show(struct wt_dissect *d, struct wt_flow *f, uint32_t place, unsigned n_shown,
		 enum wt_direction dir, struct wt_slice payload, const struct wt_moment *m)
{
	uint8_t sender = dir == WT_TO_SERVER ? f->client : f->client ^ 1;
	uint16_t label = wt_hint_payload(d->hint, place, &f->key, sender, payload, m->ts_ns);

	if (label == WT_HINT_NONE && n_shown < WT_HINT_PACKETS_MAX)
		return true;
	done(d, f, place, label);
	return false;
}

static uint32_t open_place(struct wt_dissect *d, const struct wt_flow *f)
{
	bool is_evicting;
	uint32_t place = wt_hint_open(d->hint, d->number, &f->key, &is_evicting);

	if (is_evicting)
		wt_count(d->counters, WT_C_DISSECT_HINT_FULL);
	return place;
}

/* A refused direction of a flow that is still being identified. */
void wt_label_probing(struct wt_dissect *d, struct wt_dissection *x, enum wt_direction dir,
		      struct wt_slice payload, const struct wt_moment *m)
{
	if (!d->hint || x->flow->hint || x->n_shown == UINT8_MAX)
		return;
	if (!x->hint_place)
		x->hint_place = open_place(d, x->flow);
	if (!x->hint_place || !show(d, x->flow, x->hint_place, ++x->n_shown, dir, payload, m)) {
		x->hint_place = 0;
		x->n_shown = UINT8_MAX;
	}
}

/* The flow is given up: its place goes on with it. Call after the release. */
void wt_label_hand_over(struct wt_flow *f, uint32_t place, unsigned n_shown)
{
	f->dissection = place | (n_shown & COUNT_MASK) << COUNT_SHIFT | LAST_PUSH;
}

/* The flow is asked again: what it noted goes on with the dissection. */
void wt_label_resume(struct wt_flow *f, struct wt_dissection *x)
{
	x->hint_place = f->dissection & PLACE_MASK;
	x->n_shown = x->hint_place ? f->dissection >> COUNT_SHIFT & COUNT_MASK : UINT8_MAX;
}

/* May a message begin with this payload? After the other side spoke, after a push and
 * after a pause; where the library has a name for the flow, after a pause alone. */
bool wt_label_is_edge(struct wt_flow *f, enum wt_direction dir, const struct wt_moment *m)
{
	uint32_t was = f->dissection;
	bool has_pushed = !m->packet || (m->packet->tcp_flags & WT_TCP_PSH);
	bool is_pause = wt_elapsed_ns(f->last_ns, m->now_ns) >= PAUSE_NS;

	f->dissection = (was & ~(LAST_DIR | LAST_PUSH)) |
			(dir == WT_TO_CLIENT ? LAST_DIR : 0) | (has_pushed ? LAST_PUSH : 0);
	if (f->hint)
		return is_pause;
	return is_pause || (was & LAST_PUSH) || ((was ^ f->dissection) & LAST_DIR);
}

/* Payload of a flow that was given up. */
void wt_label_given_up(struct wt_dissect *d, struct wt_flow *f, enum wt_direction dir,
		       struct wt_slice payload, const struct wt_moment *m)
{
	uint32_t place = f->dissection & PLACE_MASK;
	unsigned n_shown = f->dissection >> COUNT_SHIFT & COUNT_MASK;

	if (!place)
		return;
	f->dissection &= ~(PLACE_MASK | COUNT_MASK << COUNT_SHIFT);
	n_shown++;
	if (show(d, f, place, n_shown, dir, payload, m))
		f->dissection |= place | n_shown << COUNT_SHIFT;
}

/* A flow that no probe is for: shown from its first payload on. */
void wt_label_begin(struct wt_dissect *d, struct wt_flow *f)
{
	wt_label_hand_over(f, d->hint ? open_place(d, f) : 0, 0);
}

void wt_label_close(struct wt_dissect *d, struct wt_flow *f)
{
	if (d->hint)
		wt_hint_close(d->hint, f->dissection & PLACE_MASK, &f->key);
	f->dissection = WT_NONE;
}
