/* The rows of limits.h as values. */
#include "wardtap/limits.h"

struct wt_limits wt_limits_of(enum wt_profile profile)
{
#define PICK(id, small, ward, campus, unit, reason) \
	.id = profile == WT_PROFILE_CAMPUS ? (campus) : \
	      profile == WT_PROFILE_WARD ? (ward) : (small),
	return (struct wt_limits){ WT_LIMITS(PICK) };
#undef PICK
}
