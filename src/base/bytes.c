/* The parts of bytes.h that are too long to inline.
 * Trust: slices hold hostile bytes. Memory: none. */
#define _GNU_SOURCE /* memmem */
#include "wardtap/bytes.h"

/* Searches for short distances, where a call of memchr costs more than what it finds:
 * 16 bytes at a time, as bits of a mask. */
#if defined(__SSE2__)
#include <emmintrin.h>

enum { STEP = 16 };

static inline __m128i load(const uint8_t *at)
{
	return _mm_loadu_si128((const __m128i *)(const void *)at);
}

static inline unsigned is_one_of(const uint8_t *at, const uint8_t any[4])
{
	__m128i x = load(at);
	__m128i a = _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8((char)any[0])),
				 _mm_cmpeq_epi8(x, _mm_set1_epi8((char)any[1])));
	__m128i b = _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8((char)any[2])),
				 _mm_cmpeq_epi8(x, _mm_set1_epi8((char)any[3])));

	return (unsigned)_mm_movemask_epi8(_mm_or_si128(a, b));
}

static inline unsigned is_low(const uint8_t *at, uint8_t max)
{
	__m128i x = load(at);

	return (unsigned)_mm_movemask_epi8(
		_mm_cmpeq_epi8(_mm_min_epu8(x, _mm_set1_epi8((char)max)), x));
}

static inline unsigned is_equal(const uint8_t *at, uint8_t byte)
{
	return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(load(at), _mm_set1_epi8((char)byte)));
}
#else
enum { STEP = 8 };

static inline unsigned is_one_of(const uint8_t *at, const uint8_t any[4])
{
	unsigned mask = 0, i;

	for (i = 0; i < STEP; i++)
		mask |= (unsigned)(at[i] == any[0] || at[i] == any[1] || at[i] == any[2] ||
				   at[i] == any[3]) << i;
	return mask;
}

static inline unsigned is_low(const uint8_t *at, uint8_t max)
{
	unsigned mask = 0, i;

	for (i = 0; i < STEP; i++)
		mask |= (unsigned)(at[i] <= max) << i;
	return mask;
}

static inline unsigned is_equal(const uint8_t *at, uint8_t byte)
{
	unsigned mask = 0, i;

	for (i = 0; i < STEP; i++)
		mask |= (unsigned)(at[i] == byte) << i;
	return mask;
}
#endif

size_t wt_slice_find_any(struct wt_slice s, const uint8_t any[4])
{
	size_t i;

	for (i = 0; i + STEP <= s.len; i += STEP) {
		unsigned mask = is_one_of(s.ptr + i, any);

		if (mask)
			return i + (unsigned)__builtin_ctz(mask);
	}
	for (; i < s.len; i++)
		if (s.ptr[i] == any[0] || s.ptr[i] == any[1] || s.ptr[i] == any[2] ||
		    s.ptr[i] == any[3])
			break;
	return i;
}

size_t wt_slice_find_low(struct wt_slice s, uint8_t max)
{
	size_t i;

	for (i = 0; i + STEP <= s.len; i += STEP) {
		unsigned mask = is_low(s.ptr + i, max);

		if (mask)
			return i + (unsigned)__builtin_ctz(mask);
	}
	while (i < s.len && s.ptr[i] > max)
		i++;
	return i;
}

/* Bits of the bytes `by` in the next STEP bytes from `at` on, or in what there is. */
static inline unsigned mask_at(struct wt_slice s, size_t at, uint8_t by)
{
	unsigned mask = 0, i;

	if (WT_LIKELY(at + STEP <= s.len))
		return is_equal(s.ptr + at, by);
	if (s.len >= STEP) /* a look back over what was seen already */
		return is_equal(s.ptr + s.len - STEP, by) >> (STEP - (s.len - at));
	for (i = 0; i < s.len - at; i++)
		mask |= (unsigned)(s.ptr[at + i] == by) << i;
	return mask;
}

size_t wt_slice_split(struct wt_slice s, uint8_t by, struct wt_slice *part, size_t max)
{
	size_t n = 0, start = 0, i;

	for (i = 0; i < s.len; i += STEP) {
		unsigned mask = mask_at(s, i, by);

		for (; mask; mask &= mask - 1) {
			size_t at = i + (unsigned)__builtin_ctz(mask);

			if (n == max)
				return max + 1;
			part[n++] = wt_slice_of(s.ptr + start, at - start);
			start = at + 1;
		}
	}
	if (n == max)
		return max + 1;
	part[n] = n ? wt_slice_tail(s, start) : s;
	n++;
	return n;
}

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

void wt_bld_base64(struct wt_builder *b, struct wt_slice s)
{
	static const char digit[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i;

	for (i = 0; i < s.len; i += 3) {
		size_t left = s.len - i;
		uint32_t group = (uint32_t)s.ptr[i] << 16 |
				 (left > 1 ? (uint32_t)s.ptr[i + 1] << 8 : 0) |
				 (left > 2 ? s.ptr[i + 2] : 0u);

		wt_bld_char(b, digit[group >> 18]);
		wt_bld_char(b, digit[group >> 12 & 63]);
		wt_bld_char(b, left > 1 ? digit[group >> 6 & 63] : '=');
		wt_bld_char(b, left > 2 ? digit[group & 63] : '=');
	}
}
