/* What flow/ keeps of a flow and hands to dissect/: the flow record, the two
 * directions of its TCP stream, and the calls between the two stages.
 *
 * Sizes matter: an idle TCP flow costs sizeof(struct wt_flow) +
 * sizeof(struct wt_stream) + 4 bytes of hash bucket <= 256 bytes. */
#ifndef WARDTAP_TRACK_H
#define WARDTAP_TRACK_H

#include "wardtap/event.h"
#include "wardtap/flow.h"
#include "wardtap/packet.h"

#define WT_NONE UINT32_MAX /* no index */

enum wt_flow_state {
	WT_FLOW_NEW,         /* TCP: SYN only; others: one direction only */
	WT_FLOW_ESTABLISHED,
	WT_FLOW_CLOSING,     /* one side sent FIN */
	WT_FLOW_CLOSED,      /* both did */
	WT_FLOW_RESET,
};

/* Expiry classes, each a list in the order of arming. */
enum wt_flow_class {
	WT_CLASS_NEW,
	WT_CLASS_CLOSED,
	WT_CLASS_OTHER,
	WT_CLASS_UDP,
	WT_CLASS_TCP,
	WT_CLASS_CLINICAL,
	WT_N_CLASSES,
	WT_CLASS_FREE = WT_N_CLASSES,
};

/* Flags of wt_flow.flags */
enum {
	WT_FLOW_MIDSTREAM = 1 << 0, /* TCP: handshake was not seen */
	WT_FLOW_GIVEN_UP = 1 << 1,  /* every probe refused it */
	WT_FLOW_FIN_SERVER = 1 << 2, /* FIN towards the server was reached */
	WT_FLOW_FIN_CLIENT = 1 << 3,
	WT_FLOW_USED = 1 << 4, /* seen since its list last looked (second chance) */
	WT_FLOW_STARTED_SERVER = 1 << 5, /* first_seq of that direction is known */
	WT_FLOW_STARTED_CLIENT = 1 << 6,
	WT_FLOW_WAITING = 1 << 7, /* listed in the shard's waiters */
};

/* One direction of a TCP stream. The five byte counts and what dissect/ holds back
 * add up to the sequence space covered, which is known from the numbers alone. */
struct wt_stream_dir {
	uint64_t delivered, skipped, gap, clipped, abandoned; /* bytes */
	uint32_t first_seq; /* sequence number of stream offset 0 */
	uint32_t next_seq;  /* next byte expected */
	uint32_t early;     /* chunk list of segments beyond a hole, by sequence */
	uint32_t retained;  /* newest entry of this direction in the shard's ring */
};

struct wt_stream {
	struct wt_stream_dir dir[2];
};

struct wt_flow {
	struct wt_flow_key key;
	uint32_t hash_next;
	uint32_t prev, next;   /* in the list of its class */
	uint32_t dissection;   /* index in dissect/, or WT_NONE; with GIVEN_UP see label.c */
	uint64_t id;
	uint64_t first_ns, last_ns; /* packet clock: never goes back */
	uint64_t bytes[2];     /* IP bytes on the wire, by direction */
	uint64_t n_packets[2];
	uint32_t armed;        /* when its list last looked, see flow/shard.c */
	uint16_t vlan;
	uint16_t app;          /* registry index + 1 when identified */
	uint16_t hint;         /* label of the hint library */
	uint16_t n_glitches;   /* saturating */
	uint8_t n_bad_sums;    /* saturating */
	uint8_t n_conflicts;   /* saturating */
	uint16_t seq_wraps[2]; /* times next_seq passed zero, by direction */
	uint8_t client;        /* index into key.end */
	uint8_t state;         /* enum wt_flow_state */
	uint8_t class;         /* enum wt_flow_class */
	uint8_t flags;
	uint8_t tcp_flags[2];  /* union, by direction */
};

_Static_assert(sizeof(struct wt_flow) + sizeof(struct wt_stream) + 4 <= 256,
	       "an idle flow costs at most 256 bytes");

static inline void wt_saturate_u16(uint16_t *count)
{
	if (*count != UINT16_MAX)
		(*count)++;
}

static inline void wt_saturate_u8(uint8_t *count)
{
	if (*count != UINT8_MAX)
		(*count)++;
}

/* Packet time between two moments; 0 where the second is not later. */
static inline uint64_t wt_elapsed_ns(uint64_t since_ns, uint64_t now_ns)
{
	return now_ns > since_ns ? now_ns - since_ns : 0;
}

static inline bool wt_flow_is_started(const struct wt_flow *f, enum wt_direction dir)
{
	return f->flags & (dir == WT_TO_SERVER ? WT_FLOW_STARTED_SERVER :
						 WT_FLOW_STARTED_CLIENT);
}

static inline enum wt_direction wt_flow_direction(const struct wt_flow *f, uint8_t sender)
{
	return sender == f->client ? WT_TO_SERVER : WT_TO_CLIENT;
}

/* Where the bytes of a call come from: the moment, and the packet at hand (NULL
 * when a tick or the end makes the call). */
struct wt_moment {
	uint64_t now_ns;  /* packet clock */
	uint64_t ts_ns;   /* time of the packet as captured; of the tick otherwise */
	uint64_t order;   /* replay: packet number, for ticks that of the packet that
			   * follows; live: packet clock */
	uint64_t number;  /* of the packet, 0: none (ticks, live) */
	const struct wt_packet *packet;
	bool is_tick;
};

/* What dissect/ offers to flow/; one per shard, installed by app/. */
struct wt_flow_sink {
	void *self;

	/* The next bytes of a stream, in order, as they lie in the capture. True when
	 * a dissector or probe looked at any of them. */
	bool (*data)(void *self, struct wt_flow *f, struct wt_stream *s,
		     enum wt_direction dir, struct wt_slice bytes, const struct wt_moment *m);

	/* `lost` bytes that will not come. The caller has counted them. */
	void (*gap)(void *self, struct wt_flow *f, struct wt_stream *s,
		    enum wt_direction dir, uint64_t lost, const struct wt_moment *m);

	/* FIN reached: the direction is complete. */
	void (*end)(void *self, struct wt_flow *f, struct wt_stream *s,
		    enum wt_direction dir, const struct wt_moment *m);

	/* Payload of a UDP datagram; an ICMPv6 message from its type on. */
	void (*datagram)(void *self, struct wt_flow *f, enum wt_direction dir,
			 struct wt_slice bytes, bool is_clipped, const struct wt_moment *m);

	/* The flow goes away: everything it holds must be let go. `s` may be NULL. */
	void (*close)(void *self, struct wt_flow *f, struct wt_stream *s,
		      const struct wt_moment *m);

	/* An oddity found by flow/ itself. `reason` is a literal of fixed words. */
	void (*glitch)(void *self, struct wt_flow *f, enum wt_direction dir,
		       const char *reason, uint64_t offset, const struct wt_moment *m);
};

/* What a dissector learns of a stream's shape while the data call of a flow sink runs, in
 * the order of the bytes. `n_after`: how many of the bytes at hand (those of the call, and
 * before them what waited) lie behind the place. */
struct wt_shape_sink {
	void *self;
	/* A message of the protocol ended there. */
	void (*message_end)(void *self, struct wt_flow *f, enum wt_direction dir,
			    size_t n_after, const struct wt_moment *m);
	/* From there on `n` bytes are bulk that nobody looks at, of an object of which `n_before`
	 * (saturating) were passed over before. */
	void (*bulk)(void *self, struct wt_flow *f, enum wt_direction dir, size_t n_after,
		     size_t n, uint16_t n_before, const struct wt_moment *m);
};

/* Receiver of events inside the engine; app/ installs the redactor here. */
struct wt_event_sink {
	void *self;
	void (*take)(void *self, const struct wt_event *event);
};

#endif
