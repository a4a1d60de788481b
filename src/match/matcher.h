/* Matching of one shard: events, streams, datagrams and packets against a program. Sits
 * between flow/ and dissect/ (it hands everything on) and beside the events on their way to
 * redaction. What it finds leaves as alert events, right behind what caused them.
 *
 * Streams that only payload rules look at are inspected in windows: a unit is what one side
 * says before the other side speaks, or rests for a second; long units are cut into
 * windows of WT_WINDOW bytes that overlap by WT_WINDOW_OVERLAP, at fixed offsets. So how a
 * stream is cut into segments changes nothing. Bytes that a dissector passes over are
 * inspected for their first WT_BULK_INSPECTED bytes of each object.
 *
 * Memory: limits.match_flows and limits.match_windows per shard, reserved when made;
 * scratch of a worker is shared by its shards. */
#ifndef MATCH_MATCHER_H
#define MATCH_MATCHER_H

#include "match/program.h"
#include "wardtap/counter.h"
#include "wardtap/limits.h"
#include "wardtap/track.h"

#define WT_WINDOW 4096u
#define WT_WINDOW_OVERLAP 1024u
#define WT_BULK_INSPECTED 4096u
#define WT_UNIT_REST_NS WT_NS_PER_S
#define WT_MATCH_BITS WT_RULE_BITS_MAX
#define WT_KEPTS_MAX 64u    /* values for sets that rules fill, of one event or unit */
#define WT_PARTIALS 6u      /* rules of a flow that wait for a further event */

/* Of a worker: scratch for one call at a time. */
struct wt_match_scratch;
struct wt_match_scratch *wt_match_scratch_new(const struct wt_program *program, uint64_t seed);
void wt_match_scratch_free(struct wt_match_scratch *scratch);

/* What rules cost this worker; by number of the rule. */
struct wt_rule_cost {
	uint64_t n_asked, n_matched, ns;
};
void wt_match_scratch_profile(struct wt_match_scratch *scratch); /* from now on */
/* NULL without a profile. */
const struct wt_rule_cost *wt_match_scratch_costs(const struct wt_match_scratch *scratch);

struct wt_matcher;

/* Borrowed: everything; `dissect` is what follows, `events` takes alerts. */
struct wt_matcher *wt_matcher_new(const struct wt_program *program, uint8_t shard,
				  const struct wt_limits *limits,
				  struct wt_match_scratch *scratch,
				  struct wt_counters *counters,
				  const struct wt_flow_sink *dissect,
				  const struct wt_event_sink *events, uint32_t *event_index);
void wt_matcher_free(struct wt_matcher *m);

/* Other rules from now on. Marks of flows stay where the rules follow those before
 * (wt_rules_follow), what waits for a further event is forgotten, open units stay open. */
void wt_matcher_change(struct wt_matcher *m, const struct wt_program *program,
		       struct wt_match_scratch *scratch);

/* The calls that flow/ makes: inspected here, then handed to dissect/. */
struct wt_flow_sink wt_matcher_sink(struct wt_matcher *m);

/* The shape of streams that dissect/ tells: where messages end, what is bulk. */
struct wt_shape_sink wt_matcher_shape_sink(struct wt_matcher *m);

/* An event of a dissector, before redaction. */
void wt_matcher_event(struct wt_matcher *m, const struct wt_event *event);

/* A packet that flow/ has taken, its flow, and the stream of that (NULL but of TCP). */
void wt_matcher_packet(struct wt_matcher *m, const struct wt_packet *p, const struct wt_flow *f,
		       const struct wt_stream *s, const struct wt_moment *moment);
/* Does any rule look at packets? */
bool wt_matcher_wants_packets(const struct wt_matcher *m);

/* Units that rest are inspected. Call at each tick. */
void wt_matcher_tick(struct wt_matcher *m, const struct wt_moment *moment);

#endif
