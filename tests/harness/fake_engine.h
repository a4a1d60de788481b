/* A small double of the engine for tests of one dissector without flows: feeds a
 * stream or datagrams, honours skips, keeps what is not consumed, resynchronises, and
 * writes committed events as lines of text that can be compared.
 *
 * Its wt_event_begin, wt_put_* and wt_out_* are weak. Where the real engine
 * (src/dissect/) is linked too, these lose, so the double calls the dissector with
 * its functions only when wt_fake_is_alone() says so.
 *
 * Beyond the engine it checks the contract on every call and aborts the test: WT_MORE
 * leaves the state as it was, WT_OK makes progress, bounds hold. The reader shows a
 * heap copy of exact size, so that the address sanitizer sees any read beyond. */
#ifndef HARNESS_FAKE_ENGINE_H
#define HARNESS_FAKE_ENGINE_H

#define WT_NO_POISON
#include "wardtap/dissector.h"

struct wt_fake;

/* True when the weak functions of this double are the ones linked. */
bool wt_fake_is_alone(void);

/* Owned by the caller, freed by wt_fake_free. `dissector` is borrowed. */
struct wt_fake *wt_fake_new(const struct wt_dissector *dissector);
void wt_fake_free(struct wt_fake *f);

/* The next segment of a direction. */
void wt_fake_feed(struct wt_fake *f, enum wt_direction dir, struct wt_slice bytes);

/* The same in pieces: cuts[] are ascending offsets into `bytes`. */
void wt_fake_feed_cut(struct wt_fake *f, enum wt_direction dir, struct wt_slice bytes,
		      const size_t *cuts, size_t n_cuts);

void wt_fake_datagram(struct wt_fake *f, enum wt_direction dir, struct wt_slice bytes,
		      bool is_clipped);

/* Bytes were lost; the direction ended (FIN); the flow ended (ends both first). */
void wt_fake_gap(struct wt_fake *f, enum wt_direction dir, uint64_t lost);
void wt_fake_end(struct wt_fake *f, enum wt_direction dir);
void wt_fake_close(struct wt_fake *f);

/* Before the first feed: the flow was joined mid-stream. Time of what follows. */
void wt_fake_set_resumed(struct wt_fake *f);
void wt_fake_set_time(struct wt_fake *f, uint64_t ns);
void wt_fake_set_port(struct wt_fake *f, enum wt_direction towards, uint16_t port);

/* Committed events, one line each, oldest first; "" when none. Borrowed.
 *   hl7 message_type=ORU^R01 version=2.6 device.model=M8
 *   glitch junk offset=12
 * A field's name loses the dissector's own prefix; lists repeat the name; bytes
 * beyond 0x21..0x7e and the backslash are written \xhh; cut events end in
 * "truncated". */
const char *wt_fake_text(const struct wt_fake *f);
void wt_fake_clear_text(struct wt_fake *f);

/* Number of committed events of a type; largest rest ever kept; calls made. */
unsigned wt_fake_count(const struct wt_fake *f, const char *event_type);
size_t wt_fake_rest_max(const struct wt_fake *f);
uint64_t wt_fake_calls(const struct wt_fake *f);

#endif
