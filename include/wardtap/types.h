/* Ids, time, addresses and verdicts shared by every stage.
 *
 * Time: nanoseconds since 1970-01-01 UTC as uint64_t, named *_ns. Packet time
 * comes from the capture and is never compared with the clock of this machine.
 * Lengths are bytes and end in _len; counts begin with n_; booleans with is_. */
#ifndef WARDTAP_TYPES_H
#define WARDTAP_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WT_MUST_USE __attribute__((warn_unused_result))
#define WT_LIKELY(x) __builtin_expect(!!(x), 1)
#define WT_UNLIKELY(x) __builtin_expect(!!(x), 0)

#define WT_NS_PER_MS UINT64_C(1000000)
#define WT_NS_PER_S UINT64_C(1000000000)

/* What a parser found in the bytes it was given. */
enum wt_verdict {
	WT_OK,        /* understood; what was read counts as consumed */
	WT_MORE,      /* the unit goes on beyond the bytes at hand */
	WT_CLIPPED,   /* the capture cut the packet (snap length) inside the unit */
	WT_MALFORMED, /* the bytes break the protocol's own rules */
	WT_FOREIGN,   /* not this protocol */
};

/* Which way bytes travel in a flow. The client is who sent the first SYN or,
 * where none was seen, the better guess (see flow.h). */
enum wt_direction {
	WT_TO_SERVER = 0,
	WT_TO_CLIENT = 1,
};

static inline enum wt_direction wt_opposite(enum wt_direction dir)
{
	return dir == WT_TO_SERVER ? WT_TO_CLIENT : WT_TO_SERVER;
}

/* IEEE 802 MAC address, as on the wire. */
struct wt_mac {
	uint8_t octet[6];
};

/* IPv4 in the first four octets with the rest zero, or IPv6. Which of the two
 * is said by the ip_version beside it (0, 4 or 6). */
struct wt_addr {
	uint8_t octet[16];
};

/* A defect of ours that must never be reached: stops tests, sanitizer builds and
 * fuzzers at once; a release build counts it (bugs.*) and the caller drops the
 * flow at hand. Evaluates to true when the defect is there. */
#ifdef WT_STRICT
#define WT_BUG_ON(condition) ((condition) ? (__builtin_trap(), true) : false)
#else
#define WT_BUG_ON(condition) (WT_UNLIKELY(condition) ? (wt_bug(), true) : false)
#endif
void wt_bug(void);
uint64_t wt_bug_count(void);

#endif
