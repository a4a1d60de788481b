/* Which protocol is it? Probes see the first bytes of each direction; the first in order
 * that is sure wins, ports only order the questions. A flow that all refuse is given
 * up, its bytes counted as abandoned, and shown to the hint library; but wherever a
 * message may begin it is asked again: links stay open for weeks and must not stay
 * unknown because we came late, or because somebody led them with junk.
 * Trust: bytes are hostile. Memory: WT_PROBE_MAX bytes per direction while probing. */
#include "dissect/dissect.h"
#include "wardtap/registry.h"

#define PROTO_ICMPV6 58
#define PIECE_MAX 65536u /* bytes of a segment taken at once */
#define PAUSE_NS (100 * WT_NS_PER_MS)
#define DATAGRAMS_ASKED 64u /* per direction, all of them; then now and then */
#define DATAGRAMS_SURE 3u   /* refused ones before a flow is given up */

/* Bits (owner - 1) of the dissectors for a carriage. */
uint64_t wt_candidates(unsigned carriage)
{
	uint64_t mask = 0;
	unsigned owner;

	for (owner = 1; owner <= wt_registry_count(); owner++)
		if (wt_registry_dissector(owner)->carriage & carriage)
			mask |= UINT64_C(1) << (owner - 1);
	return mask;
}

/* One probe, of those that may take the head or, where the start was missed, something
 * in the rest of it (`inside`). There the next place where a message may begin is asked
 * about as well; where the start is known, that would make the answer depend on how
 * much of the stream is at hand. */
static enum wt_verdict ask_one(const struct wt_dissector *dissector, struct wt_slice head,
			       bool is_likely, bool is_inside)
{
	enum wt_verdict verdict = is_likely ? dissector->probe(head) : WT_FOREIGN;
	struct wt_slice rest = wt_slice_tail(head, 1);

	if (!is_inside || verdict != WT_FOREIGN || !dissector->resync)
		return verdict;
	rest = wt_slice_tail(rest, dissector->resync(rest));
	return rest.len && dissector->probe(rest) == WT_OK ? WT_OK : verdict;
}

/* Asks all candidates but those in *foreign, to which refusals are added. The owner
 * that is sure, or 0. One that needs more bytes is waited for, since with them it
 * would come first; not when no more will come (is_all). */
static unsigned ask(const struct wt_dissect *d, const struct wt_flow *f, uint64_t candidates,
		    uint64_t *foreign, struct wt_slice head, bool is_resumed, bool is_all)
{
	const struct wt_shortlist *list = &d->scratch->shortlist;
	uint64_t asked = candidates & ~*foreign, usual = wt_shortlist_ports(list, &f->key);
	uint64_t likely, inside = 0, round[2];
	unsigned i;

	head = wt_slice_head(head, WT_PROBE_MAX);
	is_all = is_all || head.len == WT_PROBE_MAX;
	likely = wt_shortlist_head(list, asked, head);
	if (is_resumed)
		inside = wt_shortlist_inside(list, asked, wt_slice_tail(head, 1));
	*foreign |= asked & ~(likely | inside);
	round[0] = (likely | inside) & usual;
	round[1] = (likely | inside) & ~usual;
	for (i = 0; i < 2; i++) {
		for (; round[i]; round[i] &= round[i] - 1) {
			unsigned at = (unsigned)__builtin_ctzll(round[i]);
			uint64_t bit = UINT64_C(1) << at;
			enum wt_verdict verdict = ask_one(wt_registry_dissector(at + 1), head,
							  likely & bit, inside & bit);

			if (verdict == WT_OK)
				return at + 1;
			if (verdict == WT_MORE && !is_all)
				return 0;
			*foreign |= bit;
		}
	}
	return 0;
}

/* Might the bytes begin a message of ours? */
static bool is_promising(const struct wt_dissect *d, uint64_t candidates, struct wt_slice head)
{
	const struct wt_shortlist *list = &d->scratch->shortlist;
	uint64_t likely, inside, left;

	head = wt_slice_head(head, WT_PROBE_MAX);
	likely = wt_shortlist_head(list, candidates, head);
	inside = wt_shortlist_inside(list, candidates, wt_slice_tail(head, 1));
	for (left = likely | inside; left; left &= left - 1) {
		unsigned at = (unsigned)__builtin_ctzll(left);

		if (ask_one(wt_registry_dissector(at + 1), head, likely >> at & 1,
			    inside >> at & 1) != WT_FOREIGN)
			return true;
	}
	return false;
}

/* Every probe refused: the flow's bytes are abandoned from here on. */
void wt_give_up(struct wt_dissect *d, struct wt_dissection *x)
{
	struct wt_flow *f = x->flow;
	uint32_t place = x->hint_place;
	unsigned n_shown = x->n_shown;

	x->hint_place = 0;
	wt_dissection_release(d, x);
	f->flags |= WT_FLOW_GIVEN_UP;
	wt_label_hand_over(f, place, n_shown);
}

/* The direction is none of ours. Is that the whole flow's answer? */
static void refuse_direction(struct wt_dissect *d, struct wt_dissection *x,
			     enum wt_direction dir)
{
	struct wt_dissection_dir *q = &x->dir[dir];
	struct wt_dissection_dir *other = &x->dir[wt_opposite(dir)];

	wt_rest_drop(d, x, dir);
	if ((q->mode & WT_DIR_RESUMED) && q->n_segments < WT_PROBE_SEGMENTS_MAX) {
		q->foreign = 0; /* the next segment may begin a message */
		return;
	}
	q->mode |= WT_DIR_FOREIGN;
	if ((other->mode & WT_DIR_FOREIGN) || (q->mode & WT_DIR_RESUMED))
		wt_give_up(d, x);
}

static struct wt_slice join(struct wt_dissect *d, const struct wt_dissection_dir *q,
			    struct wt_slice bytes)
{
	uint8_t *into = d->scratch->bytes;
	size_t len = wt_chain_copy(&d->chunks, q->rest, into, sizeof(d->scratch->bytes));

	if (len == 0)
		return bytes;
	bytes = wt_slice_head(bytes, sizeof(d->scratch->bytes) - len);
	if (bytes.len)
		memcpy(into + len, bytes.ptr, bytes.len);
	return wt_slice_of(into, len + bytes.len);
}

/* Identified: the direction's bytes first, then what the other one held back. */
static bool adopt(struct wt_dissect *d, struct wt_dissection *x, unsigned owner,
		  enum wt_direction dir, struct wt_slice bytes, const struct wt_moment *m)
{
	struct wt_flow *f = x->flow;
	struct wt_stream *s = x->stream;
	enum wt_direction other = wt_opposite(dir);
	unsigned i;

	if (!wt_dissection_identify(d, x, owner)) {
		s->dir[dir].abandoned += bytes.len;
		wt_give_up(d, x);
		return true;
	}
	/* where the start was missed, the message need not begin with the first byte */
	for (i = 0; i < 2; i++)
		if (x->dir[i].mode & WT_DIR_RESUMED)
			x->dir[i].mode |= WT_DIR_RESYNC;
	(void)wt_run_stream(d, x, dir, bytes, false, m);
	if (wt_dissection_of(d, f) == x && x->owner && x->dir[other].rest_len)
		(void)wt_run_stream(d, x, other, wt_slice_of(NULL, 0), false, m);
	return true;
}

/* Bytes of a flow whose protocol is not known yet. True when probes looked. */
bool wt_identify_stream(struct wt_dissect *d, struct wt_dissection *x, enum wt_direction dir,
			struct wt_slice bytes, const struct wt_moment *m)
{
	struct wt_dissection_dir *q = &x->dir[dir];
	struct wt_stream *s = x->stream;
	uint64_t candidates = d->over_tcp & ~x->refused;
	unsigned owner;

	if (q->n_segments < UINT8_MAX)
		q->n_segments++;
	if (q->mode & WT_DIR_FOREIGN) {
		/* bytes, not segments: how a stream is cut must not decide */
		s->dir[dir].abandoned += bytes.len;
		wt_label_probing(d, x, dir, bytes, m);
		if (s->dir[dir].abandoned >= WT_FOREIGN_BYTES_MAX)
			wt_give_up(d, x);
		return false;
	}
	owner = ask(d, x->flow, candidates, &q->foreign, join(d, q, bytes),
		    q->mode & WT_DIR_RESUMED, false);
	if (owner)
		return adopt(d, x, owner, dir, bytes, m);
	if ((candidates & ~q->foreign) && q->rest_len + bytes.len < WT_PROBE_MAX &&
	    wt_rest_keep(d, x, dir, bytes))
		return true;
	s->dir[dir].delivered += bytes.len;
	wt_label_probing(d, x, dir, join(d, q, bytes), m);
	refuse_direction(d, x, dir);
	return true;
}

/* No more bytes of this direction will come: whoever is sure of those held back. */
static void settle(struct wt_dissect *d, struct wt_dissection *x, enum wt_direction dir,
		   const struct wt_moment *m)
{
	struct wt_dissection_dir *q = &x->dir[dir];
	unsigned owner;

	if (x->owner || !q->rest_len)
		return;
	owner = ask(d, x->flow, d->over_tcp & ~x->refused, &q->foreign,
		    join(d, q, wt_slice_of(NULL, 0)), q->mode & WT_DIR_RESUMED, true);
	if (owner)
		(void)adopt(d, x, owner, dir, wt_slice_of(NULL, 0), m);
}

/* A flow without a dissection gets one when it is new, or when its bytes look like a
 * message where one may begin. */
static struct wt_dissection *begin(struct wt_dissect *d, struct wt_flow *f, struct wt_stream *s,
				   enum wt_direction dir, struct wt_slice bytes,
				   const struct wt_moment *m)
{
	bool is_again = f->flags & WT_FLOW_GIVEN_UP;
	struct wt_dissection *x, old = { .hint_place = 0 };

	if (is_again && (!wt_label_is_edge(f, dir, m) || !is_promising(d, d->over_tcp, bytes)))
		return NULL;
	if (is_again)
		wt_label_resume(f, &old);
	x = wt_dissection_begin(d, f, s, is_again || (f->flags & WT_FLOW_MIDSTREAM));
	if (!x) {
		if (!is_again)
			wt_label_hand_over(f, 0, 0);
		f->flags |= WT_FLOW_GIVEN_UP;
		return NULL;
	}
	f->flags &= (uint8_t)~WT_FLOW_GIVEN_UP;
	if (is_again) {
		x->hint_place = old.hint_place;
		x->n_shown = old.n_shown;
		x->dir[0].n_segments = x->dir[1].n_segments = WT_PROBE_SEGMENTS_MAX - 1;
	}
	return x;
}

static bool take_piece(struct wt_dissect *d, struct wt_flow *f, struct wt_stream *s,
		       enum wt_direction dir, struct wt_slice bytes, const struct wt_moment *m)
{
	struct wt_dissection *x = wt_dissection_of(d, f);

	if (!x)
		x = begin(d, f, s, dir, bytes, m);
	if (!x) {
		s->dir[dir].abandoned += bytes.len;
		wt_label_given_up(d, f, dir, bytes, m);
		return false;
	}
	x->dir[dir].mode &= (uint8_t)~WT_DIR_ENDED; /* a FIN before these was forged */
	if (x->owner)
		return wt_run_stream(d, x, dir, bytes, false, m);
	return wt_identify_stream(d, x, dir, bytes, m);
}

/* Jumbograms and segments that no card has cut yet are longer than the scratch. */
static bool take_data(void *self, struct wt_flow *f, struct wt_stream *s,
		      enum wt_direction dir, struct wt_slice bytes, const struct wt_moment *m)
{
	struct wt_dissect *d = self;
	bool is_seen = false;

	for (; bytes.len; bytes = wt_slice_tail(bytes, PIECE_MAX)) {
		struct wt_slice piece = wt_slice_head(bytes, PIECE_MAX);

		d->n_later = bytes.len - piece.len;
		if (take_piece(d, f, s, dir, piece, m))
			is_seen = true;
	}
	d->n_later = 0;
	return is_seen;
}

static void take_gap(void *self, struct wt_flow *f, struct wt_stream *s,
		     enum wt_direction dir, uint64_t lost, const struct wt_moment *m)
{
	struct wt_dissect *d = self;
	struct wt_dissection *x = wt_dissection_of(d, f);

	(void)s;
	if (!x)
		return;
	if (x->owner) {
		wt_run_gap(d, x, dir, lost, m);
		return;
	}
	wt_rest_drop(d, x, dir);
	x->dir[dir].foreign = 0;
	x->dir[dir].mode &= (uint8_t)~WT_DIR_FOREIGN;
	x->dir[dir].mode |= WT_DIR_RESUMED;
}

static void take_end(void *self, struct wt_flow *f, struct wt_stream *s,
		     enum wt_direction dir, const struct wt_moment *m)
{
	struct wt_dissect *d = self;
	struct wt_dissection *x = wt_dissection_of(d, f);

	(void)s;
	if (x)
		settle(d, x, dir, m);
	x = wt_dissection_of(d, f);
	if (!x || !x->owner || (x->dir[dir].mode & WT_DIR_ENDED))
		return;
	x->dir[dir].mode |= WT_DIR_ENDED;
	(void)wt_run_stream(d, x, dir, wt_slice_of(NULL, 0), true, m);
}

/* Is a datagram of a flow that was given up worth another question? */
static bool is_asked_again(const struct wt_flow *f, enum wt_direction dir,
			   const struct wt_moment *m)
{
	uint64_t n = f->n_packets[dir];

	return n < DATAGRAMS_ASKED || (n & (n - 1)) == 0 ||
	       wt_elapsed_ns(f->last_ns, m->now_ns) >= PAUSE_NS;
}

static void name_datagram(struct wt_dissect *d, struct wt_flow *f, enum wt_direction dir,
			  struct wt_slice bytes, const struct wt_moment *m)
{
	if (!(f->flags & WT_FLOW_GIVEN_UP)) {
		f->flags |= WT_FLOW_GIVEN_UP;
		wt_label_begin(d, f);
	}
	wt_label_given_up(d, f, dir, bytes, m);
}

static void take_datagram(void *self, struct wt_flow *f, enum wt_direction dir,
			  struct wt_slice bytes, bool is_clipped, const struct wt_moment *m)
{
	struct wt_dissect *d = self;
	struct wt_dissection *x = wt_dissection_of(d, f), old = { .hint_place = 0 };
	bool is_again = f->flags & WT_FLOW_GIVEN_UP;
	uint64_t foreign = x ? x->refused : 0;
	unsigned owner = 0;

	if (f->key.proto == PROTO_ICMPV6) {
		wt_frame_icmp6(d, f, dir, bytes, is_clipped, m);
		return;
	}
	if (x && x->owner) {
		wt_run_datagram(d, x, dir, bytes, is_clipped, m);
		return;
	}
	if (d->over_udp && (!is_again || is_asked_again(f, dir, m)))
		owner = ask(d, f, d->over_udp, &foreign, bytes, false, true);
	if (!x && (owner || (d->over_udp && !is_again))) {
		if (is_again)
			wt_label_resume(f, &old);
		x = wt_dissection_begin(d, f, NULL, false);
		if (x) {
			f->flags &= (uint8_t)~WT_FLOW_GIVEN_UP;
			x->hint_place = old.hint_place;
			x->n_shown = old.n_shown;
		}
	}
	if (!x) {
		name_datagram(d, f, dir, bytes, m);
		return;
	}
	if (owner && wt_dissection_identify(d, x, owner)) {
		wt_run_datagram(d, x, dir, bytes, is_clipped, m);
		return;
	}
	wt_label_probing(d, x, dir, bytes, m);
	if (owner || ++x->dir[dir].n_segments >= DATAGRAMS_SURE)
		wt_give_up(d, x);
}

static void take_close(void *self, struct wt_flow *f, struct wt_stream *s,
		       const struct wt_moment *m)
{
	struct wt_dissect *d = self;
	struct wt_dissection *x = wt_dissection_of(d, f);
	unsigned dir;

	for (dir = 0; s && x && dir < 2; dir++) {
		settle(d, x, (enum wt_direction)dir, m);
		x = wt_dissection_of(d, f);
	}
	if (x && x->owner) {
		wt_run_close(d, x, m);
		x = wt_dissection_of(d, f);
	}
	if (!f->app && (x || (f->flags & WT_FLOW_GIVEN_UP)))
		wt_count(d->counters, WT_C_DISSECT_UNKNOWN);
	if (x)
		wt_dissection_release(d, x);
	else if (f->flags & WT_FLOW_GIVEN_UP)
		wt_label_close(d, f);
}

static void take_glitch(void *self, struct wt_flow *f, enum wt_direction dir,
			const char *reason, uint64_t offset, const struct wt_moment *m)
{
	wt_out_emit_glitch(self, f, NULL, dir, reason, offset, m);
}

struct wt_flow_sink wt_dissect_sink(struct wt_dissect *d)
{
	return (struct wt_flow_sink){
		.self = d, .data = take_data, .gap = take_gap, .end = take_end,
		.datagram = take_datagram, .close = take_close, .glitch = take_glitch,
	};
}
