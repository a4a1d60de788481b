/* The part of a rule that the keeper decides, in the order of the packets and on all
 * flows: rates, marks of addresses and sets of values. The match stage makes it, the detect
 * stage uses it; app/ carries it over. Source: Suricata 7 user guide, "Thresholding Keywords",
 * "Xbits". */
#ifndef WARDTAP_CONTEXT_H
#define WARDTAP_CONTEXT_H

#include "wardtap/types.h"

/* What counts or marks belong to. */
enum wt_track {
	WT_TRACK_SRC,
	WT_TRACK_DST,
	WT_TRACK_RULE,
	WT_TRACK_BOTH,
	WT_TRACK_FLOW,
	WT_TRACK_PAIR
};

/* LIMIT: the first `count` of each period. THRESHOLD: every count-th within a period.
 * BOTH: once a period, when count is reached. DETECTION_FILTER: those beyond `count`
 * within a period. */
enum wt_threshold_kind {
	WT_NO_THRESHOLD,
	WT_LIMIT,
	WT_THRESHOLD,
	WT_BOTH,
	WT_DETECTION_FILTER
};

struct wt_threshold {
	uint8_t kind;  /* enum wt_threshold_kind */
	uint8_t track; /* enum wt_track */
	uint32_t count, seconds;
};

enum wt_bit_what { WT_BIT_SET, WT_BIT_UNSET, WT_BIT_TOGGLE, WT_BIT_ISSET, WT_BIT_ISNOTSET };

struct wt_xbit {
	uint8_t what;  /* enum wt_bit_what */
	uint8_t track; /* SRC, DST or PAIR */
	uint16_t name; /* number of the name in its set of rules */
	uint32_t expire_s;
};

/* What is asked of the device at an end. */
enum wt_device_what {
#define D(id, name, doc) WT_DEVICE_##id,
#include "wardtap/device.def"
#undef D
	WT_N_DEVICE_WHATS
};

enum wt_side { WT_SIDE_ANY, WT_SIDE_SRC, WT_SIDE_DST, WT_SIDE_BOTH };

/* Passes where a value of the device is one of the words: whole, in any case, an asterisk
 * at an end of the word for anything there. Negated: where none is, also because nothing
 * is known. */
struct wt_device_test {
	uint8_t what; /* enum wt_device_what */
	uint8_t side; /* enum wt_side; ANY negated: at neither end */
	bool is_negated;
	uint8_t n;               /* words, 1 to WT_DEVICE_WORDS_MAX */
	const char *const *word; /* of the rule, as long as it lives */
};

/* One test of the values that an alert carries (alert.set_value of that alert.set_buffer)
 * against a set that rules fill. SET passes where the value is new. */
struct wt_set_test {
	uint8_t what;       /* enum wt_bit_what but TOGGLE */
	uint16_t set;       /* number in the part below */
	const char *buffer; /* tests of one buffer follow each other and hold for one value */
};

/* Longest value that goes to the keeper as it is; of longer ones the SHA-256. */
#define WT_SET_VALUE_MAX 64u

/* A set of values that rules fill. */
struct wt_context_set {
	const char *name;
	const char *file;           /* kept under this name; NULL: forgotten at the end */
	uint32_t n_max;             /* values; 0: as many as there is room */
	const struct wt_slice *row; /* what it begins with, as buffers have it */
	size_t n_rows;              /* those with ptr NULL are none */
};

#define WT_CONTEXT_XBITS_MAX 4u
#define WT_CONTEXT_DEVICES_MAX 4u
#define WT_CONTEXT_SETS_MAX 8u
#define WT_DEVICE_WORDS_MAX 32u

/* alert.action of a match that threshold.config suppresses: it changes marks and sets, as in
 * Suricata, and goes no further than the keeper. */
#define WT_ALERT_ACTION_SUPPRESSED "suppressed"

/* One rule that has such a part. */
struct wt_context_rule {
	uint32_t gid, sid;
	struct wt_threshold filter; /* detection_filter: asked first */
	struct wt_threshold threshold;
	struct wt_xbit xbit[WT_CONTEXT_XBITS_MAX];
	uint8_t n_xbits;
	struct wt_device_test device[WT_CONTEXT_DEVICES_MAX];
	uint8_t n_devices;
	struct wt_set_test set[WT_CONTEXT_SETS_MAX];
	uint8_t n_sets;
	bool is_silent; /* noalert: marks only */
};

/* All of a set of rules; as long as it lives. */
struct wt_context_part {
	const struct wt_context_rule *rule; /* sorted by (gid, sid) */
	unsigned n_rules;
	const char *const *mark; /* names of xbits, by number */
	unsigned n_marks;
	const struct wt_context_set *set;
	unsigned n_sets;
};

#endif
