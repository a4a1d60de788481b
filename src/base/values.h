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

#endif
