/* Writing the value list of an event or record (struct wt_value in event.h). */
#ifndef BASE_VALUES_H
#define BASE_VALUES_H

#include "wardtap/event.h"

static inline bool wt_values_put(struct wt_builder *b, uint16_t field, uint8_t event,
				 uint8_t form, struct wt_slice bytes)
{
	struct wt_value head = {
		.field = field, .event = event, .form = form, .len = (uint32_t)bytes.len
	};

	if (b->cap - b->len < sizeof(head) + bytes.len)
		return false;
	wt_bld_bytes(b, wt_slice_of(&head, sizeof(head)));
	wt_bld_bytes(b, bytes);
	return true;
}

static inline bool wt_values_put_number(struct wt_builder *b, uint16_t field, uint8_t event,
					uint64_t number)
{
	return wt_values_put(b, field, event, WT_FORM_PLAIN,
			     wt_slice_of(&number, sizeof(number)));
}

/* Place of a field id in a table that holds the shared fields and then an owner's own;
 * beyond the last where there is no such field. */
static inline unsigned wt_field_index(unsigned field)
{
	if (field < WT_N_SHARED_FIELDS)
		return field;
	return field < WT_FIELD_OWN ? WT_FIELD_OWN : field - WT_FIELD_OWN + WT_N_SHARED_FIELDS;
}

/* wt_value_next without the call, for the walks over every value of every event. */
static inline bool wt_values_take(struct wt_slice *rest, struct wt_value *value,
				  struct wt_slice *bytes)
{
	if (rest->len < sizeof(*value))
		return false;
	memcpy(value, rest->ptr, sizeof(*value));
	if (WT_BUG_ON(value->len > rest->len - sizeof(*value)))
		return false;
	*bytes = wt_slice_of(rest->ptr + sizeof(*value), value->len);
	rest->ptr += sizeof(*value) + value->len;
	rest->len -= sizeof(*value) + value->len;
	return true;
}

#endif
