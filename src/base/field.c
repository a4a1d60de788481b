/* The shared field table and the walk over stored values. */
#include "wardtap/event.h"

const struct wt_field wt_shared_fields[WT_N_SHARED_FIELDS] = {
#define F(id, type_, mult_, phi_, declass_, cap_, unit_, name_, clause_, doc_) \
	[WT_F_##id] = { .name = name_, .unit = unit_, .clause = clause_, .doc = doc_, \
			.type = WT_TYPE_##type_, .mult = WT_MULT_##mult_, \
			.phi = WT_PHI_##phi_, .declass = WT_DECLASS_##declass_, .cap = cap_ },
#include "wardtap/fields.def"
#undef F
};

bool wt_value_next(struct wt_slice *rest, struct wt_value *value, struct wt_slice *bytes)
{
	if (rest->len < sizeof(*value))
		return false;
	memcpy(value, rest->ptr, sizeof(*value));
	*rest = wt_slice_tail(*rest, sizeof(*value));
	if (WT_BUG_ON(value->len > rest->len))
		return false;
	*bytes = wt_slice_of(rest->ptr, value->len);
	*rest = wt_slice_tail(*rest, value->len);
	return true;
}

uint64_t wt_value_number(struct wt_slice bytes)
{
	uint64_t number = 0;

	if (WT_BUG_ON(bytes.len != sizeof(number)))
		return 0;
	memcpy(&number, bytes.ptr, sizeof(number));
	return number;
}
