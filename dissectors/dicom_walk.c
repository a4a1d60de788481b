/* Incremental walk over the elements of a DICOM command set or data set.
 *
 *   implicit VR:  group u16, element u16, length u32, value
 *   explicit VR:  group u16, element u16, VR, length u16, value
 *                 group u16, element u16, VR, 00 00, length u32, value  (long VRs)
 *   item:         FFFE, E000, length u32;  ends: FFFE,E00D and FFFE,E0DD, length 0
 *
 * Source: DICOM PS3.5 (2024) 7.1, 7.5, Annex A; PS3.7 6.3.1 (command sets).
 * Trust: every byte is hostile; limits are compared, never added to.
 * Memory: struct dicom_walk, one per direction of a flow. */
#include "wardtap/dissector.h"

#include "dicom_walk.h"

enum { PHASE_HEAD, PHASE_ELEMENT, PHASE_VALUE };

/* PS3.5 7.5.1 */
#define TAG_ITEM DICOM_TAG(0xfffe, 0xe000)
#define TAG_ITEM_END DICOM_TAG(0xfffe, 0xe00d)
#define TAG_SEQUENCE_END DICOM_TAG(0xfffe, 0xe0dd)

void dicom_walk_begin(struct dicom_walk *w, enum dicom_encoding encoding, uint16_t last_group)
{
	*w = (struct dicom_walk){ .last_group = last_group };
	w->level[0] = (struct dicom_level){
		.limit = UINT32_MAX,
		.item_limit = UINT32_MAX,
		.flags = DICOM_LEVEL_IN_ITEM,
		.encoding = (uint8_t)encoding,
	};
	w->is_guess = encoding == DICOM_ENC_UNKNOWN;
	if (encoding == DICOM_ENC_DEFLATED)
		w->stop = DICOM_STOP_DONE;
}

static struct dicom_level *level_of(struct dicom_walk *w)
{
	return &w->level[w->depth];
}

static bool has(const struct dicom_level *level, uint8_t flag)
{
	return level->flags & flag;
}

static uint32_t limit_of(const struct dicom_level *level)
{
	return has(level, DICOM_LEVEL_IN_ITEM) ? level->item_limit : level->limit;
}

/* A guessed encoding that turns out wrong is nobody's fault. */
static enum dicom_step stop(struct dicom_walk *w, enum dicom_stop why)
{
	if (why != DICOM_STOP_DONE && w->is_guess)
		why = DICOM_STOP_FOREIGN;
	w->stop = (uint8_t)why;
	return DICOM_STEP_STOPPED;
}

/* Items and sequences of stated length that end at this offset. */
static void leave(struct dicom_walk *w)
{
	while (w->depth) {
		struct dicom_level *level = level_of(w);

		if (has(level, DICOM_LEVEL_IN_ITEM) && has(level, DICOM_LEVEL_ITEM_DEFINED) &&
		    w->offset == level->item_limit)
			level->flags &= (uint8_t)~DICOM_LEVEL_IN_ITEM;
		if (has(level, DICOM_LEVEL_IN_ITEM) || !has(level, DICOM_LEVEL_DEFINED) ||
		    w->offset != level->limit)
			return;
		w->depth--;
	}
}

static enum dicom_step enter(struct dicom_walk *w)
{
	const struct dicom_level *outer = level_of(w);
	bool is_defined = w->length != DICOM_UNDEFINED;
	uint32_t limit = is_defined ? w->offset + w->length : limit_of(outer);
	uint8_t encoding = outer->encoding;

	if (w->depth == DICOM_DEPTH_MAX)
		return stop(w, DICOM_STOP_DEPTH);
	/* PS3.5 6.2.2 note 4: UN of undefined length holds implicit VR little endian */
	if (w->vr == DICOM_VR('U', 'N'))
		encoding = DICOM_ENC_IMPLICIT_LITTLE;
	w->level[++w->depth] = (struct dicom_level){
		.limit = limit,
		.tag = w->tag,
		.encoding = encoding,
		.flags = is_defined ? DICOM_LEVEL_DEFINED : 0,
	};
	w->phase = PHASE_HEAD;
	return DICOM_STEP_MORE;
}

/* FFFE,xxxx: they have no VR in any encoding. */
static enum dicom_step structure(struct dicom_walk *w)
{
	struct dicom_level *level = level_of(w);
	bool is_defined = w->length != DICOM_UNDEFINED;

	if (w->depth == 0)
		return stop(w, DICOM_STOP_STRUCTURE);
	if (w->tag == TAG_ITEM && !has(level, DICOM_LEVEL_IN_ITEM)) {
		if (is_defined && w->length > level->limit - w->offset)
			return stop(w, DICOM_STOP_OVERRUN);
		level->flags &= DICOM_LEVEL_DEFINED;
		level->flags |= (uint8_t)(DICOM_LEVEL_IN_ITEM |
					  (is_defined ? DICOM_LEVEL_ITEM_DEFINED : 0));
		level->item_limit = is_defined ? w->offset + w->length : level->limit;
		level->next_tag = 0;
	} else if (w->length != 0) {
		return stop(w, DICOM_STOP_STRUCTURE);
	} else if (w->tag == TAG_ITEM_END && has(level, DICOM_LEVEL_IN_ITEM) &&
		   !has(level, DICOM_LEVEL_ITEM_DEFINED)) {
		level->flags &= (uint8_t)~DICOM_LEVEL_IN_ITEM;
	} else if (w->tag == TAG_SEQUENCE_END && !has(level, DICOM_LEVEL_IN_ITEM) &&
		   !has(level, DICOM_LEVEL_DEFINED)) {
		w->depth--;
	} else {
		return stop(w, DICOM_STOP_STRUCTURE);
	}
	return DICOM_STEP_MORE;
}

static bool is_vr(uint16_t vr)
{
	uint8_t a = (uint8_t)(vr >> 8), b = (uint8_t)vr;

	return a >= 'A' && a <= 'Z' && b >= 'A' && b <= 'Z';
}

/* VRs whose length field has 16 bits, PS3.5 7.1.2. All others, unknown ones
 * included, have two reserved bytes and 32 bits. */
static bool is_short_vr(uint16_t vr)
{
	switch (vr) {
	case DICOM_VR('A', 'E'):
	case DICOM_VR('A', 'S'):
	case DICOM_VR('A', 'T'):
	case DICOM_VR('C', 'S'):
	case DICOM_VR('D', 'A'):
	case DICOM_VR('D', 'S'):
	case DICOM_VR('D', 'T'):
	case DICOM_VR('F', 'D'):
	case DICOM_VR('F', 'L'):
	case DICOM_VR('I', 'S'):
	case DICOM_VR('L', 'O'):
	case DICOM_VR('L', 'T'):
	case DICOM_VR('P', 'N'):
	case DICOM_VR('S', 'H'):
	case DICOM_VR('S', 'L'):
	case DICOM_VR('S', 'S'):
	case DICOM_VR('S', 'T'):
	case DICOM_VR('T', 'M'):
	case DICOM_VR('U', 'I'):
	case DICOM_VR('U', 'L'):
	case DICOM_VR('U', 'S'):
		return true;
	default:
		return false;
	}
}

/* The encoding behind the first 8 bytes of a set: two letters where an explicit VR
 * stands, and the group (0002..00FF in every first element) tells the byte order. */
static enum dicom_encoding guess(const uint8_t *head)
{
	bool is_explicit = is_vr(DICOM_VR(head[4], head[5]));

	if (head[0] == 0 && head[1] != 0)
		return is_explicit ? DICOM_ENC_EXPLICIT_BIG : DICOM_ENC_UNKNOWN;
	if (head[1] != 0)
		return DICOM_ENC_UNKNOWN;
	return is_explicit ? DICOM_ENC_EXPLICIT_LITTLE : DICOM_ENC_IMPLICIT_LITTLE;
}

/* Takes bytes until `need` of the header are there. */
static bool gather(struct dicom_walk *w, struct wt_reader *r, uint8_t need)
{
	struct wt_builder head = wt_builder_of(w->head, need);
	size_t take = (size_t)(need - w->head_len);

	if (take > wt_rd_left(r))
		take = wt_rd_left(r);
	head.len = w->head_len;
	wt_bld_bytes(&head, wt_rd_bytes(r, take));
	w->head_len = (uint8_t)head.len;
	w->offset += (uint32_t)take;
	w->n_read += (uint32_t)take;
	return w->head_len == need;
}

static void read_tag(struct dicom_walk *w, bool is_big)
{
	struct wt_reader r = wt_reader_of(wt_slice_of(w->head, 8), WT_MALFORMED);
	uint16_t group = is_big ? wt_rd_u16be(&r) : wt_rd_u16le(&r);
	uint16_t element = is_big ? wt_rd_u16be(&r) : wt_rd_u16le(&r);

	w->tag = DICOM_TAG(group, element);
	w->length = is_big ? wt_rd_u32be(&r) : wt_rd_u32le(&r);
	w->vr = 0;
}

/* VR and length of an explicit header; false when it goes on beyond what is there. */
static bool read_explicit(struct dicom_walk *w, struct wt_reader *r, bool is_big)
{
	struct wt_reader head;

	w->vr = DICOM_VR(w->head[4], w->head[5]);
	if (is_short_vr(w->vr)) {
		head = wt_reader_of(wt_slice_of(w->head + 6, 2), WT_MALFORMED);
		w->length = is_big ? wt_rd_u16be(&head) : wt_rd_u16le(&head);
		return true;
	}
	if (!gather(w, r, 12))
		return false;
	head = wt_reader_of(wt_slice_of(w->head + 8, 4), WT_MALFORMED);
	w->length = is_big ? wt_rd_u32be(&head) : wt_rd_u32le(&head);
	return true;
}

/* A complete header of an ordinary element: is it where it may be? */
static enum dicom_step element(struct dicom_walk *w)
{
	struct dicom_level *level = level_of(w);
	uint32_t limit = limit_of(level);

	if (!has(level, DICOM_LEVEL_IN_ITEM))
		return stop(w, DICOM_STOP_STRUCTURE);
	if (w->tag < level->next_tag)
		return stop(w, DICOM_STOP_ORDER);
	level->next_tag = w->tag == UINT32_MAX ? UINT32_MAX : w->tag + 1;
	if (w->depth == 0 && w->tag >> 16 > w->last_group)
		return stop(w, w->is_guess && w->n_elements == 1 ? DICOM_STOP_FOREIGN
								 : DICOM_STOP_DONE);
	if (w->offset > limit)
		return stop(w, DICOM_STOP_OVERRUN);
	if (w->length == DICOM_UNDEFINED) {
		/* Encapsulated pixels are the only other thing without a length. */
		if (w->vr != 0 && w->vr != DICOM_VR('S', 'Q') && w->vr != DICOM_VR('U', 'N'))
			return stop(w, DICOM_STOP_DONE);
	} else if (w->length > limit - w->offset) {
		return stop(w, DICOM_STOP_OVERRUN);
	}
	w->is_kept = w->is_entered = false;
	w->phase = PHASE_ELEMENT;
	return DICOM_STEP_ELEMENT;
}

static enum dicom_step read_head(struct dicom_walk *w, struct wt_reader *r)
{
	struct dicom_level *level;
	bool is_big;

	if (w->head_len == 0) {
		leave(w);
		if (w->n_elements >= DICOM_ELEMENTS_MAX || w->n_read >= DICOM_READ_MAX)
			return wt_rd_left(r) ? stop(w, DICOM_STOP_DONE) : DICOM_STEP_MORE;
		if (limit_of(level_of(w)) - w->offset < 8 && wt_rd_left(r))
			return stop(w, DICOM_STOP_OVERRUN);
	}
	if (w->head_len < 8 && !gather(w, r, 8))
		return DICOM_STEP_MORE;
	level = level_of(w);
	if (level->encoding == DICOM_ENC_UNKNOWN) {
		level->encoding = (uint8_t)guess(w->head);
		if (level->encoding == DICOM_ENC_UNKNOWN)
			return stop(w, DICOM_STOP_FOREIGN);
	}
	is_big = level->encoding == DICOM_ENC_EXPLICIT_BIG;
	read_tag(w, is_big);
	if (w->tag >> 16 != 0xfffe && level->encoding != DICOM_ENC_IMPLICIT_LITTLE) {
		if (!is_vr(DICOM_VR(w->head[4], w->head[5])))
			return stop(w, DICOM_STOP_VR);
		if (!read_explicit(w, r, is_big))
			return DICOM_STEP_MORE;
	}
	w->head_len = 0;
	w->n_elements++;
	return w->tag >> 16 == 0xfffe ? structure(w) : element(w);
}

static enum dicom_step read_value(struct dicom_walk *w, struct wt_reader *r)
{
	size_t take = wt_rd_left(r) < w->value_left ? wt_rd_left(r) : w->value_left;
	struct wt_slice part = wt_rd_bytes(r, take);
	struct wt_builder kept = wt_builder_of(w->value, sizeof(w->value));

	w->offset += (uint32_t)take;
	w->value_left -= (uint32_t)take;
	if (w->is_kept) {
		kept.len = w->value_len;
		part = wt_slice_head(part, sizeof(w->value) - kept.len);
		wt_bld_bytes(&kept, part);
		w->value_len = (uint8_t)kept.len;
		w->n_read += (uint32_t)part.len;
	}
	if (w->value_left)
		return DICOM_STEP_MORE;
	w->phase = PHASE_HEAD;
	return w->is_kept ? DICOM_STEP_VALUE : DICOM_STEP_MORE;
}

enum dicom_step dicom_walk_next(struct dicom_walk *w, struct wt_reader *r)
{
	enum dicom_step step = DICOM_STEP_MORE;

	do {
		if (w->stop)
			return DICOM_STEP_STOPPED;
		switch (w->phase) {
		case PHASE_HEAD:
			step = read_head(w, r);
			break;
		case PHASE_ELEMENT:
			if (w->length == DICOM_UNDEFINED || w->is_entered) {
				step = enter(w);
				break;
			}
			w->value_left = w->length;
			w->value_len = 0;
			w->phase = PHASE_VALUE;
			step = read_value(w, r);
			break;
		default:
			step = read_value(w, r);
			break;
		}
	} while (step == DICOM_STEP_MORE && wt_rd_left(r));
	return step;
}

uint64_t dicom_walk_idle(const struct dicom_walk *w)
{
	if (w->stop)
		return UINT64_MAX;
	if (w->phase != PHASE_VALUE || (w->is_kept && w->value_len < sizeof(w->value)))
		return 0;
	return w->value_left;
}

void dicom_walk_passed(struct dicom_walk *w, uint64_t len)
{
	if (w->stop)
		return;
	if (WT_BUG_ON(w->phase != PHASE_VALUE || len > w->value_left))
		return;
	w->value_left -= (uint32_t)len;
	w->offset += (uint32_t)len;
}

void dicom_walk_stop(struct dicom_walk *w, enum dicom_stop why)
{
	w->stop = (uint8_t)why;
}

bool dicom_walk_is_whole(struct dicom_walk *w)
{
	if (w->stop)
		return w->stop == DICOM_STOP_DONE;
	if (w->phase == PHASE_HEAD && w->head_len == 0)
		leave(w);
	return w->phase == PHASE_HEAD && w->head_len == 0 && w->depth == 0;
}

uint32_t dicom_walk_parent(const struct dicom_walk *w)
{
	return w->level[w->depth].tag;
}

struct wt_slice dicom_stop_text(enum dicom_stop why)
{
	switch (why) {
	case DICOM_STOP_VR:
		return WT_LIT("bad_vr");
	case DICOM_STOP_ORDER:
		return WT_LIT("tags_not_ascending");
	case DICOM_STOP_OVERRUN:
		return WT_LIT("element_overrun");
	case DICOM_STOP_STRUCTURE:
		return WT_LIT("bad_sequence");
	case DICOM_STOP_DEPTH:
		return WT_LIT("sequence_too_deep");
	case DICOM_STOP_LENGTH:
		return WT_LIT("undefined_length");
	case DICOM_STOP_SIZE:
		return WT_LIT("command_too_long");
	case DICOM_STOP_GROUP:
		return WT_LIT("foreign_group");
	default:
		return wt_slice_of(NULL, 0);
	}
}
