/* The parts of bytes.h that are too long to inline.
 * Trust: slices hold hostile bytes. Memory: none. */
#define _GNU_SOURCE /* memmem */
#include "wardtap/bytes.h"

size_t wt_slice_search(struct wt_slice s, struct wt_slice needle)
{
	const void *hit;

	if (needle.len == 0 || s.len < needle.len)
		return s.len;
	hit = memmem(s.ptr, s.len, needle.ptr, needle.len);
	return hit ? (size_t)((const uint8_t *)hit - s.ptr) : s.len;
}

struct wt_slice wt_slice_trim(struct wt_slice s, uint8_t byte)
{
	while (s.len && s.ptr[0] == byte) {
		s.ptr++;
		s.len--;
	}
	while (s.len && s.ptr[s.len - 1] == byte)
		s.len--;
	return s;
}

bool wt_slice_to_u64(struct wt_slice s, uint64_t *value)
{
	uint64_t sum = 0;
	size_t i;

	if (s.len == 0)
		return false;
	for (i = 0; i < s.len; i++) {
		unsigned digit = (unsigned)s.ptr[i] - '0';

		if (digit > 9 || sum > (UINT64_MAX - digit) / 10)
			return false;
		sum = sum * 10 + digit;
	}
	*value = sum;
	return true;
}

bool wt_slice_to_decimal(struct wt_slice s, int64_t *millionths)
{
	const uint64_t limit = (uint64_t)INT64_MAX;
	uint64_t sum = 0;
	unsigned n_digits = 0, n_decimals = 0;
	bool is_negative = false, has_point = false;
	size_t i = 0;

	if (s.len && (s.ptr[0] == '-' || s.ptr[0] == '+')) {
		is_negative = s.ptr[0] == '-';
		i = 1;
	}
	for (; i < s.len; i++) {
		unsigned digit = (unsigned)s.ptr[i] - '0';

		if (s.ptr[i] == '.' && !has_point) {
			has_point = true;
			continue;
		}
		if (digit > 9)
			return false;
		n_digits++;
		if (has_point && ++n_decimals > 6)
			continue;
		if (sum > (limit - digit) / 10)
			return false;
		sum = sum * 10 + digit;
	}
	if (n_digits == 0)
		return false;
	for (; n_decimals < 6; n_decimals++) {
		if (sum > limit / 10)
			return false;
		sum *= 10;
	}
	*millionths = is_negative ? -(int64_t)sum : (int64_t)sum;
	return true;
}

void wt_bld_u64(struct wt_builder *b, uint64_t value)
{
	uint8_t text[20];
	size_t at = sizeof(text);

	do {
		text[--at] = (uint8_t)('0' + value % 10);
		value /= 10;
	} while (value);
	wt_bld_bytes(b, wt_slice_of(text + at, sizeof(text) - at));
}
