/* Rules against bytes: a set of rules from text, and what they say to a stream, a datagram
 * or a packet between two fixed ends (10.0.0.2:40000 to 10.0.0.1:80). */
#ifndef TESTS_RULE_CASE_H
#define TESTS_RULE_CASE_H

#include "match/matcher.h"

struct rule_case;

/* Loads rules; *problem is the first problem's text, or NULL (borrowed). */
struct rule_case *rule_case_new(const char *rules, const char **problem);
void rule_case_free(struct rule_case *c);
unsigned rule_case_n_loaded(const struct rule_case *c);

/* Forgets flows and alerts. */
void rule_case_restart(struct rule_case *c);

/* From now on the streams hold messages "text;", of which digits and a colon announce bulk
 * ("5:.....") that ends the message too; the flow is of the named protocol, or of none. Until
 * the next restart the protocol counts. */
void rule_case_speak(struct rule_case *c, const char *protocol);

/* The next bytes of the TCP stream; the flow's end; a datagram of a flow of its own. */
void rule_case_say(struct rule_case *c, enum wt_direction dir, struct wt_slice bytes);
void rule_case_close(struct rule_case *c);
void rule_case_datagram(struct rule_case *c, enum wt_direction dir, struct wt_slice bytes);
/* An IP packet from its first octet, decoded and shown as the flow's next packet. */
void rule_case_packet(struct rule_case *c, struct wt_slice bytes);
/* An event of the named dissector with one text field ("hl7.message_type"), or a number. */
void rule_case_event(struct rule_case *c, const char *field, struct wt_slice text,
		     uint64_t number);

/* Other rules in the middle of it, as a reload brings them. */
void rule_case_reload(struct rule_case *c, const char *rules, const char **problem);

/* Tests given up because of their cost. */
uint64_t rule_case_n_cut(const struct rule_case *c);

/* Alerts so far as "sid sid ...", in order. Borrowed until the next call. */
const char *rule_case_alerts(const struct rule_case *c);

#endif
