/* A set of rules made ready to match: prefilters, compiled expressions, and which rules an
 * event or payload may concern. Immutable and shared by workers; each has a wt_matcher of
 * its own for what changes.
 *
 * How a match is found. Every rule has an anchor: the buffer that must be there for it.
 * Where the anchor holds a literal of WT_LITERAL_MIN bytes or more, the literal goes into
 * that buffer's prefilter, and only rules whose literal was seen are looked at again;
 * rules without one are confined to events that fill their anchor (for the payload: to
 * flows whose header fits). Candidates are confirmed test by test, in the rule's order. */
#ifndef MATCH_PROGRAM_H
#define MATCH_PROGRAM_H

#include "match/intel.h"
#include "match/rule.h"

#define WT_LITERAL_MIN 4u  /* shorter ones hit everywhere: performance.md of the design */
#define WT_LITERAL_MAX 64u /* more bytes do not tell more */

struct wt_prefilter; /* prefilter.c */

/* Literal of a rule's anchor. */
struct wt_literal {
	struct wt_slice bytes;
	bool is_nocase;
	unsigned rule;
};

/* `cached`: what wt_prefilter_pack made of the same literals, or empty. */
struct wt_prefilter *wt_prefilter_new(const struct wt_literal *literals, unsigned n,
				      struct wt_slice cached, char *why, size_t size);
/* The compiled database as bytes, which the caller frees. */
bool wt_prefilter_pack(const struct wt_prefilter *f, uint8_t **bytes, size_t *len);
/* Library and machine that such bytes are for. */
void wt_prefilter_platform(char *text, size_t size);
void wt_prefilter_free(struct wt_prefilter *f);
/* Memory of one worker for all prefilters; grown for each that it shall serve. */
struct wt_prefilter_scratch;
WT_MUST_USE bool wt_prefilter_prepare(struct wt_prefilter_scratch **scratch,
				      const struct wt_prefilter *f);
void wt_prefilter_scratch_free(struct wt_prefilter_scratch *scratch);
/* Calls `take` for every rule whose literal is in the bytes; perhaps more than once. */
void wt_prefilter_scan(const struct wt_prefilter *f, struct wt_prefilter_scratch *scratch,
		       struct wt_slice bytes, void (*take)(void *self, unsigned rule),
		       void *self);
const char *wt_prefilter_library(void);

/* Rules that a buffer concerns. */
struct wt_group {
	struct wt_prefilter *prefilter; /* NULL: no literals; groups may share one */
	const unsigned *always;         /* rules without a literal */
	unsigned n_always, n_literals;
};

enum wt_payload_group {
	WT_PAYLOAD_TO_SERVER,
	WT_PAYLOAD_TO_CLIENT,
	WT_PAYLOAD_DATAGRAM,
	WT_PAYLOAD_PACKET, /* TCP rules about single packets */
	WT_PAYLOAD_OTHER,  /* packets of neither TCP nor UDP */
	WT_N_PAYLOAD_GROUPS
};

/* What of a rule's header can be refused at a glance, before it becomes a candidate. */
struct wt_gate {
	uint16_t src_port[2], dst_port[2]; /* from, to */
	uint16_t app[4];                   /* any of these; all 0: any */
	uint8_t proto;                     /* 0: any */
	uint8_t flow;                      /* WT_FLOW_TO_SERVER, WT_FLOW_TO_CLIENT, or 0 */
	uint8_t flags, flags_mask;         /* of TCP, for packets; mask 0: any */
};

struct wt_program;

/* gate.c: one a rule; the caller frees them. */
struct wt_gate *wt_gates_new(const struct wt_rules *rules);

/* One a rule. */
const struct wt_gate *wt_program_gates(const struct wt_program *program);

/* NULL with the reason when something cannot be compiled that should be. `cache` names a
 * folder for compiled databases, or is NULL; what cannot be used there is made anew. */
struct wt_program *wt_program_new(struct wt_rules *rules, const char *cache, char *why,
				  size_t size);
void wt_program_free(struct wt_program *program);

const struct wt_rules *wt_program_rules(const struct wt_program *program);
/* Rules anchored in a field of an owner's event; NULL: none. */
const struct wt_group *wt_program_group(const struct wt_program *program, unsigned owner,
					unsigned field);
const struct wt_group *wt_program_payload(const struct wt_program *program,
					  enum wt_payload_group which);
/* Rules on source addresses alone, such as lists of bad hosts: found by the address, however
 * many there are (netindex.c). IPv4; others are asked one by one. */
struct wt_netindex;
struct wt_netindex *wt_netindex_new(void);
void wt_netindex_free(struct wt_netindex *x);
/* False: the addresses are not of that kind. */
bool wt_netindex_add(struct wt_netindex *x, const struct wt_nets *nets, unsigned rule);
void wt_netindex_finish(struct wt_netindex *x);
void wt_netindex_find(const struct wt_netindex *x, const struct wt_addr *addr,
		      void (*take)(void *self, unsigned rule), void *self);
const struct wt_netindex *wt_program_netindex(const struct wt_program *program);

/* Rules that look at packets alone (no content), when they are asked and of which packets. */
enum wt_asks {
	WT_ASKS_FLOW,   /* the first packet of a direction */
	WT_ASKS_APP,    /* the first one when the protocol is known */
	WT_ASKS_PACKET, /* each packet */
};
enum wt_asks wt_rule_asks_when(const struct wt_rules *rules, const struct wt_rule *r);
/* Does it look at headers of packets; at the payload? */
bool wt_rule_has_header(const struct wt_rules *rules, const struct wt_rule *r);
bool wt_rule_has_payload(const struct wt_rules *rules, const struct wt_rule *r);
/* Numbers of one packet beside content: the payload is that packet's. */
bool wt_rule_is_about_packets(const struct wt_rules *rules, const struct wt_rule *r);

struct wt_packet_rule {
	unsigned rule;
	enum wt_asks asks;
	unsigned needs; /* WT_TRAIT_* */
};
const struct wt_packet_rule *wt_program_packet_rules(const struct wt_program *program,
						     unsigned *n);
/* Goes over all groups, to prepare scratch. */
const struct wt_group *wt_program_group_at(const struct wt_program *program, unsigned i);

/* Indicators to look for beside the rules, borrowed; NULL: none. */
struct wt_intel_sources;
void wt_program_set_intel(struct wt_program *program, const struct wt_intel *intel);
const struct wt_intel_sources *wt_program_intel(const struct wt_program *program);

/* Rules whose literal was too short or missing, and that are confined therefore. */
unsigned wt_program_n_confined(const struct wt_program *program);

#endif
