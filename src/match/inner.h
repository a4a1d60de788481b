/* Between the files of this room that match. */
#ifndef MATCH_INNER_H
#define MATCH_INNER_H

#include "base/values.h"
#include "match/confirm.h"
#include "match/matcher.h"
#include "match/unpack.h"

#define WT_CANDIDATES_MAX 4096u /* of one event or window; further ones are counted */
#define WT_JOINED_MAX 8192u     /* bytes of fields joined to one buffer */
#define WT_FIRED_MAX 16u        /* rules remembered per unit, so that each fires once */

struct wt_match_scratch {
	const struct wt_program *program;
	struct wt_prefilter_scratch *prefilter;
	struct wt_confirm *confirm;
	uint32_t *stamp; /* per rule: round it was last a candidate in */
	uint32_t round;
	unsigned candidate[WT_CANDIDATES_MAX];
	unsigned n_candidates;
	uint64_t seed;
	uint64_t n_overflow;
	struct wt_rule_cost *cost; /* NULL: no profile */
	uint8_t joined[WT_JOINED_MAX];
	struct wt_kept kept[WT_KEPTS_MAX]; /* of the rules that matched the subject */
	unsigned n_kept;
	struct wt_unpack *unpack;
	uint16_t unpacked_field; /* of the event at hand, with its owner; 0: nothing */
	struct wt_slice unpacked;
};

/* A rule of which an event passed some inspections; others may come in a later one. */
struct wt_partial {
	uint32_t rule; /* + 1; 0: free */
	uint32_t done; /* inspections passed, by bit */
	uint32_t wait; /* + 1: what these gave; 0: nothing */
};

/* What the inspections gave that passed, while the rule waits. */
#define WT_WAIT_KEPTS 2u
struct wt_wait {
	uint64_t flow_id;
	int64_t variable[WT_RULE_VARIABLES_MAX];
	uint32_t rule; /* + 1; 0: free */
	uint8_t n_kept;
	struct wt_kept kept[WT_WAIT_KEPTS];
};

/* A number of flowint. */
#define WT_FLOW_NUMBERS 4u
struct wt_flow_number {
	uint32_t name; /* + 1; 0: free */
	uint32_t value;
};

/* What is kept of a flow that some rule marked. */
struct wt_match_flow {
	uint64_t id;
	uint32_t hash_next, prev, next; /* list: longest unused first */
	uint64_t bits[WT_MATCH_BITS / 64];
	struct wt_partial partial[WT_PARTIALS];
	struct wt_flow_number number[WT_FLOW_NUMBERS];
	bool is_app_told[2]; /* by direction: rules on the protocol alone were asked */
};

/* One direction's unit, inspected when it ends or the window is full. */
struct wt_window {
	uint64_t flow_id;
	struct wt_flow *flow;
	struct wt_stream *stream;
	uint64_t start; /* stream offset of bytes[0] */
	uint64_t last_ns;
	uint64_t ts_ns, number; /* of the packet that brought its last bytes */
	uint64_t span[2];       /* what both sides had said then */
	uint64_t unit_start;    /* stream offset of the unit's first byte */
	uint32_t len, seen;     /* bytes there; of them inspected before */
	uint32_t prev, next;    /* list: longest resting first */
	uint32_t hash_next;
	uint8_t dir;
	uint8_t n_fired;
	bool is_open;
	uint32_t fired[WT_FIRED_MAX];
	uint8_t bytes[WT_WINDOW];
};

/* What the events that are told now come of; all NULL or empty between calls. */
struct wt_cause {
	const struct wt_flow *flow;
	const struct wt_stream *stream;
	const struct wt_packet *packet;
	struct wt_slice datagram; /* empty for streams, whose units come later */
};

/* The bytes of the data call that runs now; flow NULL between calls. */
struct wt_feed {
	struct wt_flow *flow;
	struct wt_stream *stream;
	const struct wt_moment *moment;
	struct wt_slice left; /* not yet in the window */
	uint64_t offset;      /* stream offset of it */
	uint8_t dir;
};

struct wt_matcher {
	const struct wt_program *program;
	const struct wt_rules *rules;
	struct wt_match_scratch *scratch;
	struct wt_counters *counters;
	struct wt_flow_sink dissect;
	struct wt_event_sink events;
	uint32_t *event_index;
	const struct wt_gate *gate;
	struct wt_gate now; /* of the subject at hand: its ports from, not to */
	bool now_has_ports;
	uint8_t shard;
	bool has_stream_rules, has_datagram_rules, has_app_rules;
	struct wt_cause cause;
	struct wt_feed feed;
	struct wt_match_flow *flow;
	uint32_t n_flows, flows_fresh, flows_free, flows_head, flows_tail, *flow_bucket;
	struct wt_wait *wait; /* a ring: the oldest makes room */
	uint32_t n_waits, next_wait;
	struct wt_window *window;
	uint32_t n_windows, windows_fresh, windows_free, windows_head, windows_tail,
		*window_bucket;
};

/* What rules are asked about. */
struct wt_subject {
	struct wt_event_head head;
	const struct wt_event *event; /* NULL: payload or packet */
	struct wt_slice payload;      /* of the window or datagram; may be empty */
	uint64_t payload_at;          /* stream offset of it */
	uint64_t unit_at;             /* bytes of the unit before it */
	const struct wt_flow *flow;   /* NULL: not known */
	const struct wt_stream *stream;
	const struct wt_packet *packet; /* NULL: none at hand */
	struct wt_window *window;       /* stream payload: what fired in this unit */
};

/* matcher.c */
/* A new subject. `packet`: TCP flags are those of this packet; NULL: no packet. */
void wt_match_begin(struct wt_matcher *m, const struct wt_event_head *head,
		    const struct wt_packet *packet);
void wt_match_group(struct wt_matcher *m, const struct wt_group *group, struct wt_slice bytes);
void wt_match_candidates(struct wt_matcher *m, const struct wt_subject *subject);
void wt_match_add(struct wt_matcher *m, unsigned rule);
struct wt_slice wt_match_plain(struct wt_matcher *m, const struct wt_value *value,
			       struct wt_slice bytes);

/* decide.c */
struct wt_match {
	const char *buffer; /* where the last inspection passed */
	uint64_t at;
	uint8_t first_kept, n_kept; /* values for the keeper, of the scratch */
	bool is_suppressed;         /* it changes marks and sets, and is no alert */
};
bool wt_match_rule(struct wt_matcher *m, const struct wt_rule *r, unsigned rule,
		   const struct wt_subject *subject, struct wt_match *match);

/* ask_packet.c */
bool wt_packet_fits(struct wt_matcher *m, const struct wt_rule *r,
		    const struct wt_subject *subject);

/* mark.c: conditions before a rule matches, changes after it did */
bool wt_marks_fit(struct wt_matcher *m, const struct wt_rule *r,
		  const struct wt_subject *subject);
void wt_marks_set(struct wt_matcher *m, const struct wt_rule *r,
		  const struct wt_subject *subject);

/* state.c */
/* A place for what the rule's inspections gave; its number + 1. */
uint32_t wt_wait_take(struct wt_matcher *m, uint64_t flow_id, unsigned rule);
/* What lies in that place, if it is still this rule's in this flow; else NULL. */
struct wt_wait *wt_wait_at(struct wt_matcher *m, uint32_t wait, uint64_t flow_id,
			   unsigned rule);
struct wt_match_flow *wt_match_flow_find(struct wt_matcher *m, uint64_t id, bool makes);
void wt_match_flow_drop(struct wt_matcher *m, uint64_t id);
struct wt_window *wt_window_find(struct wt_matcher *m, const struct wt_flow *f, uint8_t dir,
				 struct wt_stream *s, bool makes);
void wt_window_drop(struct wt_matcher *m, struct wt_window *w);
void wt_window_used(struct wt_matcher *m, struct wt_window *w, uint64_t now_ns);
void wt_match_state_init(struct wt_matcher *m, const struct wt_limits *limits);
void wt_match_state_fini(struct wt_matcher *m);

/* follow.c: other rules from now on, m->rules are still the old ones */
void wt_match_flows_follow(struct wt_matcher *m, const struct wt_rules *fresh);

/* emit.c */
void wt_match_emit(struct wt_matcher *m, const struct wt_rule *r,
		   const struct wt_subject *subject, const struct wt_match *match);

/* The same with the indicator that was found (perhaps empty). */
void wt_match_emit_hit(struct wt_matcher *m, const struct wt_rule *r,
		       const struct wt_subject *subject, const struct wt_match *match,
		       struct wt_slice indicator);

/* intel_match.c */
struct wt_intel_sources *wt_intel_sources_new(const struct wt_intel *intel);
void wt_intel_sources_free(struct wt_intel_sources *s);
void wt_intel_event(struct wt_matcher *m, const struct wt_intel_sources *s,
		    const struct wt_event *event);
void wt_intel_flow(struct wt_matcher *m, const struct wt_intel_sources *s,
		   const struct wt_event_head *head);

/* payload.c: how much each side has said; the unit ends, or is cut */
void wt_match_spans(const struct wt_flow *f, const struct wt_stream *s, uint64_t span[2]);
void wt_window_inspect(struct wt_matcher *m, struct wt_window *w,
		       const struct wt_moment *moment);

#endif
