/* The dissection of one shard: finds the protocol of each flow, feeds its dissector
 * and makes events of what it says.
 *
 * Memory: limits.dissections, limits.state_bytes and limits.message_chunks, reserved
 * when the shard is made; the scratch is shared by the shards of a worker. */
#ifndef DISSECT_DISSECT_H
#define DISSECT_DISSECT_H

#include "base/chunk.h"
#include "base/memory.h"
#include "dissect/shortlist.h"
#include "wardtap/counter.h"
#include "wardtap/event.h"
#include "wardtap/limits.h"
#include "wardtap/track.h"
#define WT_NO_POISON
#include "wardtap/dissector.h"

struct wt_hint;

/* Flags of wt_dissection_dir.mode */
enum {
	WT_DIR_RESUMED = 1 << 0, /* bytes before these are not known */
	WT_DIR_RESYNC = 1 << 1,  /* looking for the next message */
	WT_DIR_FOREIGN = 1 << 2, /* probes refused this direction */
	WT_DIR_ENDED = 1 << 3,
	WT_DIR_ENDS = 1 << 4, /* what is passed over ends a message */
};

struct wt_dissection_dir {
	_Alignas(64) uint64_t skip; /* bytes still to pass over */
	uint64_t skipped;   /* passed over since the last call */
	uint64_t foreign;   /* probing: candidates that refused, by bit owner-1 */
	uint32_t rest;      /* chain: bytes not consumed */
	uint32_t rest_len;
	uint32_t pending;   /* chain: events begun and not committed */
	uint32_t pending_len;
	uint32_t need;      /* do not call below so many bytes */
	uint32_t scanned;
	uint8_t stops[4];   /* passing over until one of these */
	uint8_t n_stops;
	uint8_t mode;
	uint8_t n_segments; /* shown to probes, saturating */
	uint16_t object;    /* bytes passed over of the object at hand, saturating */
};
_Static_assert(sizeof(struct wt_dissection_dir) == 64, "one cache line");

struct wt_dissection {
	struct wt_flow *flow;     /* owner; stable in its shard */
	struct wt_stream *stream; /* NULL for datagrams */
	void *state;              /* the dissector's, or NULL while probing */
	uint32_t next_free;
	uint32_t prev, next;      /* list of those probing or known, oldest first */
	uint32_t hold_prev, hold_next; /* list of those holding chunks, oldest first */
	uint8_t owner;            /* 0 while probing */
	uint8_t state_class;
	uint8_t is_holding;
	uint8_t n_shown;          /* payloads shown to the hint library; 255: no more */
	bool has_committed;
	bool is_used;             /* since its list last looked (second chance) */
	uint32_t hint_place;      /* in the hint library's pool, 0: none */
	uint64_t refused;         /* dissectors that took themselves back, by bit owner-1 */
	struct wt_dissection_dir dir[2];
};

_Static_assert(sizeof(struct wt_dissection) <= 256, "limits.dissections");
_Static_assert(offsetof(struct wt_dissection, dir) == 64 &&
	       sizeof(struct wt_dissection_dir) == 64, "a packet touches two lines");

#define WT_STATE_CLASSES 5 /* 512, 1024, 2048, 4096, 8192 bytes */

struct wt_state_pool {
	struct wt_front front;
	uint8_t *at;
	uint32_t n, n_fresh, size;
	void *free; /* first word of a free state points to the next */
};

/* Of a worker: what one call at a time needs. */
struct wt_dissect_scratch;
struct wt_dissect_scratch *wt_dissect_scratch_new(uint64_t seed);
void wt_dissect_scratch_free(struct wt_dissect_scratch *scratch);

struct wt_dissection_list {
	uint32_t head, tail, n;
};

struct wt_dissect {
	struct wt_dissection *dissection;
	struct wt_front dissection_front;
	uint32_t n_dissections, n_fresh, free;
	struct wt_dissection_list probing, known;
	uint32_t hold_head, hold_tail;
	struct wt_state_pool state[WT_STATE_CLASSES];
	struct wt_chunks chunks;
	struct wt_dissect_scratch *scratch;
	struct wt_counters *counters;
	struct wt_event_sink events;
	struct wt_shape_sink shape; /* functions NULL: nobody asks */
	size_t n_later; /* bytes of the call behind those at hand */
	struct wt_hint *hint; /* NULL: no hints */
	uint32_t *event_index;
	uint64_t over_tcp, over_udp; /* candidates, by bit owner-1 */
	uint64_t over_frame;         /* those of frames and ICMPv6 */
	uint64_t frame_second;       /* of the frame glitches that are counted here */
	uint16_t n_frame_glitches;
	uint8_t number;
};

void wt_dissect_init(struct wt_dissect *d, uint8_t number, const struct wt_limits *limits,
		     struct wt_dissect_scratch *scratch, struct wt_counters *counters,
		     const struct wt_event_sink *events, struct wt_hint *hint,
		     uint32_t *event_index);
void wt_dissect_fini(struct wt_dissect *d);

/* Who is told of messages and bulk. */
void wt_dissect_tell_shape(struct wt_dissect *d, const struct wt_shape_sink *shape);

/* The calls that flow/ makes. */
struct wt_flow_sink wt_dissect_sink(struct wt_dissect *d);

static inline struct wt_dissection *wt_dissection_of(struct wt_dissect *d,
						     const struct wt_flow *f)
{
	return f->dissection == WT_NONE || (f->flags & WT_FLOW_GIVEN_UP) ?
	       NULL : &d->dissection[f->dissection];
}

/* A packet of the flow will come: its dissection, and when that is here, the front of
 * the dissector's state. */
static inline struct wt_dissection *wt_dissect_prefetch(struct wt_dissect *d,
							const struct wt_flow *f,
							uint8_t sender)
{
	struct wt_dissection *x = wt_dissection_of(d, f);

	if (x) {
		__builtin_prefetch(x);
		__builtin_prefetch(&x->dir[wt_flow_direction(f, sender)]);
	}
	return x;
}

static inline void wt_dissect_prefetch_state(const struct wt_dissection *x)
{
	const uint8_t *at = x->state;

	if (!at)
		return;
	__builtin_prefetch(at);
	__builtin_prefetch(at + 64);
	__builtin_prefetch(at + 128);
}

/* A link-layer frame (disposition ETHER), which has no flow. */
void wt_dissect_frame(struct wt_dissect *d, const struct wt_packet *p,
		      const struct wt_moment *m);

/* --- between the files of this room --- */

/* pool.c */
struct wt_dissection *wt_dissection_begin(struct wt_dissect *d, struct wt_flow *f,
					  struct wt_stream *s, bool is_resumed);
void wt_dissection_release(struct wt_dissect *d, struct wt_dissection *x);
bool wt_dissection_identify(struct wt_dissect *d, struct wt_dissection *x, unsigned owner);
void wt_dissection_take_back(struct wt_dissect *d, struct wt_dissection *x);
void wt_dissection_yield(struct wt_dissect *d, struct wt_dissection *x);
bool wt_rest_keep(struct wt_dissect *d, struct wt_dissection *x, enum wt_direction dir,
		  struct wt_slice bytes);
void wt_rest_drop(struct wt_dissect *d, struct wt_dissection *x, enum wt_direction dir);
void wt_rest_clear(struct wt_dissect *d, struct wt_dissection *x, enum wt_direction dir);
bool wt_pending_keep(struct wt_dissect *d, struct wt_dissection *x, enum wt_direction dir,
		     struct wt_slice bytes);
void wt_pending_drop(struct wt_dissect *d, struct wt_dissection *x, enum wt_direction dir);

/* out.c */
#define WT_GLITCHES_PER_CALL 8
struct wt_out {
	struct wt_dissect *d;
	struct wt_dissection *x;
	const struct wt_moment *moment;
	enum wt_direction dir;
	uint64_t seed;
	uint64_t offset;
	bool is_end, is_commit, is_yield, is_message_end, is_skip_on;
	uint64_t skip;
	uint8_t stops[4];
	uint8_t n_stops;
	uint32_t scanned, need;
	uint32_t work; /* bytes read by calls that were refused, see run.c */
	const char *glitch[WT_GLITCHES_PER_CALL];
	unsigned n_glitches;
	unsigned n_events;
	uint8_t type[WT_EVENTS_OPEN_MAX];
	uint8_t is_truncated[WT_EVENTS_OPEN_MAX];
	uint64_t seen[WT_EVENTS_OPEN_MAX][6]; /* fields put: shared 0..127, own 0..255 */
	struct wt_builder values;
	uint8_t room[WT_EVENT_BYTES_MAX];
};

struct wt_dissect_scratch {
	struct wt_shortlist shortlist;
	struct wt_out out;
	uint8_t save[WT_EVENT_BYTES_MAX + 2 * WT_EVENTS_OPEN_MAX + 1];
	uint8_t bytes[WT_BUFFER_MAX + 131072];
};

void wt_out_begin(struct wt_out *out, struct wt_dissect *d, struct wt_dissection *x,
		  enum wt_direction dir, const struct wt_moment *m);
void wt_out_restore(struct wt_out *out);
bool wt_out_save(struct wt_out *out);
void wt_out_emit(struct wt_out *out);
void wt_out_emit_glitch(struct wt_dissect *d, struct wt_flow *f, struct wt_dissection *x,
			enum wt_direction dir, const char *reason, uint64_t offset,
			const struct wt_moment *m);

/* run.c */
bool wt_run_stream(struct wt_dissect *d, struct wt_dissection *x, enum wt_direction dir,
		   struct wt_slice bytes, bool is_end, const struct wt_moment *m);
void wt_run_gap(struct wt_dissect *d, struct wt_dissection *x, enum wt_direction dir,
		uint64_t lost, const struct wt_moment *m);
void wt_run_datagram(struct wt_dissect *d, struct wt_dissection *x, enum wt_direction dir,
		     struct wt_slice bytes, bool is_clipped, const struct wt_moment *m);
void wt_run_close(struct wt_dissect *d, struct wt_dissection *x, const struct wt_moment *m);

/* frame.c */
void wt_frame_icmp6(struct wt_dissect *d, struct wt_flow *f, enum wt_direction dir,
		    struct wt_slice bytes, bool is_clipped, const struct wt_moment *m);

/* identify.c */
bool wt_identify_stream(struct wt_dissect *d, struct wt_dissection *x, enum wt_direction dir,
			struct wt_slice bytes, const struct wt_moment *m);
void wt_give_up(struct wt_dissect *d, struct wt_dissection *x);
uint64_t wt_candidates(unsigned carriage);

/* label.c */
void wt_label_probing(struct wt_dissect *d, struct wt_dissection *x, enum wt_direction dir,
		      struct wt_slice payload, const struct wt_moment *m);
void wt_label_hand_over(struct wt_flow *f, uint32_t place, unsigned n_shown);
void wt_label_resume(struct wt_flow *f, struct wt_dissection *x);
bool wt_label_is_edge(struct wt_flow *f, enum wt_direction dir, const struct wt_moment *m);
void wt_label_given_up(struct wt_dissect *d, struct wt_flow *f, enum wt_direction dir,
		       struct wt_slice payload, const struct wt_moment *m);
void wt_label_begin(struct wt_dissect *d, struct wt_flow *f);
void wt_label_close(struct wt_dissect *d, struct wt_flow *f);

#endif
