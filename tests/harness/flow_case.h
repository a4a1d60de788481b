/* One flow through the real dissection stage with a clock that the test sets, its
 * events as lines that can be compared:
 *
 *   hl7 message_type=ORU^R01 version=2.6 device.model=M8
 *   glitch odd_delimiters offset=12
 *
 * A field's name loses the dissector's own prefix; lists repeat the name; bytes beyond
 * 21..7e and the backslash are written \xhh; decimals as numbers; cut events end in
 * "truncated". Bytes are shown from memory of their exact size. */
#ifndef TESTS_FLOW_CASE_H
#define TESTS_FLOW_CASE_H

#include "wardtap/bytes.h"
#include "wardtap/types.h"

struct wt_case;

/* For the dissector of this name, from the flow's first byte on. Ends the program when
 * there is none. Freed by wt_case_free. */
struct wt_case *wt_case_new(const char *name, bool is_midstream, bool is_udp);
void wt_case_free(struct wt_case *f);

/* Ends the flow, forgets its events and begins another; the clock is set back. */
void wt_case_restart(struct wt_case *f, bool is_midstream, bool is_udp);

/* Time of what follows; the clock stands still otherwise. */
void wt_case_set_time(struct wt_case *f, uint64_t ns);

/* The next segment of a direction, or all of it in pieces (ascending offsets). */
void wt_case_feed(struct wt_case *f, enum wt_direction dir, struct wt_slice bytes);
void wt_case_feed_cut(struct wt_case *f, enum wt_direction dir, struct wt_slice bytes,
		      const size_t *cuts, size_t n_cuts);
void wt_case_datagram(struct wt_case *f, enum wt_direction dir, struct wt_slice bytes,
		      bool is_clipped);

/* A link-layer frame: what follows the EtherType, or (type 0) what follows an 802.3
 * length, which begins with the LLC header. An ICMPv6 message from its type on. All
 * dissectors that want such are asked. */
void wt_case_frame(struct wt_case *f, uint16_t type, struct wt_slice bytes, bool is_clipped);
void wt_case_icmp6(struct wt_case *f, struct wt_slice bytes, bool is_clipped);

/* Bytes that were lost; the end of the flow. */
void wt_case_gap(struct wt_case *f, enum wt_direction dir, uint64_t lost);
void wt_case_close(struct wt_case *f);

/* All events so far. Borrowed until the next call. */
const char *wt_case_text(const struct wt_case *f);
void wt_case_clear_text(struct wt_case *f);

/* One direction, whole and in pieces of `step` bytes: the same events, or both are told on
 * standard error from where they part, and the program aborts. */
void wt_case_compare(struct wt_case *whole, struct wt_case *cut, struct wt_slice s, size_t step,
		     enum wt_direction dir);

/* Events of a type; most bytes kept back in one direction; units dissected. */
unsigned wt_case_count(const struct wt_case *f, const char *event_type);
size_t wt_case_rest_max(const struct wt_case *f);
uint64_t wt_case_units(const struct wt_case *f);

#endif
