/* A walk over DICOM elements that may be cut anywhere: by segments, PDVs and PDUs.
 *
 * The caller feeds readers over consecutive bytes of one command set or data set and
 * takes steps until DICOM_STEP_MORE. At DICOM_STEP_ELEMENT it looks at tag, vr and
 * the place (depth, dicom_walk_parent) and may set is_kept (a prefix of the value is
 * wanted: DICOM_STEP_VALUE follows) or is_entered (a sequence of stated length is to
 * be walked; one of undefined length always is). Everything else is passed over.
 * Bounds: 16 sequences deep without recursion, 2,048 elements, 64 KiB of headers and
 * kept values, 128 bytes of one value. */
#ifndef WARDTAP_DICOM_WALK_H
#define WARDTAP_DICOM_WALK_H

#include "wardtap/bytes.h"

#include "dicom_uid.h"

#define DICOM_DEPTH_MAX 16u
#define DICOM_ELEMENTS_MAX 2048u
#define DICOM_READ_MAX 65536u
#define DICOM_VALUE_MAX 128u
#define DICOM_UNDEFINED UINT32_C(0xffffffff) /* PS3.5 7.1.1: undefined length */

#define DICOM_TAG(group, element) ((uint32_t)(group) << 16 | (element))
#define DICOM_VR(a, b) ((uint16_t)((a) << 8 | (b)))

enum dicom_step {
	DICOM_STEP_MORE,    /* the bytes at hand are used up */
	DICOM_STEP_ELEMENT, /* a header was read, see above */
	DICOM_STEP_VALUE,   /* value[0..value_len) holds the kept prefix */
	DICOM_STEP_STOPPED, /* nothing more will come: see `stop` */
};

enum dicom_stop {
	DICOM_STOP_NONE,
	DICOM_STOP_DONE,      /* bulk data, a group beyond interest, or a bound */
	DICOM_STOP_FOREIGN,   /* no elements in a guessed encoding: deflated, perhaps */
	DICOM_STOP_VR,        /* explicit VR that is none */
	DICOM_STOP_ORDER,     /* tags do not ascend */
	DICOM_STOP_OVERRUN,   /* an element or item is longer than what holds it */
	DICOM_STOP_STRUCTURE, /* item or delimiter where none may be */
	DICOM_STOP_DEPTH,     /* sequences too deep */
	DICOM_STOP_LENGTH,    /* undefined length in a command set */
	DICOM_STOP_SIZE,      /* command set too long */
	DICOM_STOP_GROUP,     /* command set with an element of another group */
};

/* One sequence that the walk is in, or (level 0) the set itself. Limits are offsets
 * in the set; what claims to reach beyond 4 GiB is an overrun. */
struct dicom_level {
	uint32_t limit;      /* the sequence, or what holds it, ends here */
	uint32_t item_limit; /* the same for the open item */
	uint32_t next_tag;   /* smallest tag that may follow in the open item */
	uint32_t tag;        /* of the sequence */
	uint8_t flags;       /* DICOM_LEVEL_* */
	uint8_t encoding;    /* enum dicom_encoding of its elements */
};

enum {
	DICOM_LEVEL_DEFINED = 1 << 0,      /* the sequence stated its length */
	DICOM_LEVEL_ITEM_DEFINED = 1 << 1, /* the open item did */
	DICOM_LEVEL_IN_ITEM = 1 << 2,      /* an item is open; level 0: always */
};

struct dicom_walk {
	struct dicom_level level[DICOM_DEPTH_MAX + 1];
	uint32_t offset; /* bytes of the set taken so far */
	uint32_t value_left;
	uint32_t n_read;
	uint32_t tag;        /* of the element at hand */
	uint32_t length;     /* its length as stated */
	uint16_t vr;         /* DICOM_VR, 0 in implicit encoding */
	uint16_t last_group; /* elements of the set beyond this group stop the walk */
	uint16_t n_elements;
	uint8_t phase;
	uint8_t stop; /* enum dicom_stop */
	uint8_t depth;
	uint8_t head_len;
	uint8_t value_len; /* kept bytes, <= DICOM_VALUE_MAX */
	bool is_kept;
	bool is_entered;
	bool is_guess; /* the encoding was not negotiated in sight */
	uint8_t head[12];
	uint8_t value[DICOM_VALUE_MAX];
};

/* Starts a walk over a set of this encoding. A deflated one is stopped at once. */
void dicom_walk_begin(struct dicom_walk *w, enum dicom_encoding encoding, uint16_t last_group);

/* Takes bytes from `r` up to the next step. */
enum dicom_step dicom_walk_next(struct dicom_walk *w, struct wt_reader *r);

/* Bytes ahead that need not be looked at; UINT64_MAX when the walk has stopped. */
uint64_t dicom_walk_idle(const struct dicom_walk *w);

/* `len` of them, at most, were passed over. */
void dicom_walk_passed(struct dicom_walk *w, uint64_t len);

/* Ends the walk for a reason of the caller's. */
void dicom_walk_stop(struct dicom_walk *w, enum dicom_stop why);

/* Would the set be whole if it ended here? */
bool dicom_walk_is_whole(struct dicom_walk *w);

/* Tag of the innermost sequence that holds the element at hand; 0 for none. */
uint32_t dicom_walk_parent(const struct dicom_walk *w);

/* Why a walk stopped, in fixed words; empty where nothing is wrong. */
struct wt_slice dicom_stop_text(enum dicom_stop stop);

#endif
