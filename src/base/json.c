/* The JSON encoder (json.h). Source: RFC 8259, RFC 3629, EVE's time format.
 * Trust: strings are hostile bytes. Memory: the caller's builder. */
#include "base/json.h"

static const char hex[] = "0123456789abcdef";

static void comma(struct wt_json *j)
{
	if (j->needs_comma)
		wt_bld_char(&j->out, ',');
	j->needs_comma = true;
}

void wt_json_open(struct wt_json *j, char bracket)
{
	comma(j);
	wt_bld_char(&j->out, bracket);
	j->needs_comma = false;
}

void wt_json_close(struct wt_json *j, char bracket)
{
	wt_bld_char(&j->out, bracket);
	j->needs_comma = true;
}

void wt_json_key(struct wt_json *j, const char *name)
{
	comma(j);
	wt_bld_char(&j->out, '"');
	wt_bld_text(&j->out, name);
	wt_bld_text(&j->out, "\":");
	j->needs_comma = false;
}

size_t wt_utf8_sequence(struct wt_slice s, uint32_t *point)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint8_t first = s.ptr[0];
	size_t len, i;

	if (first < 0x80) {
		*point = first;
		return 1;
	}
	len = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
	if (first < 0xc2 || first > 0xf4 || s.len < len)
		return 0;
	*point = first & (0x7fu >> len);
	for (i = 1; i < len; i++) {
		if ((s.ptr[i] & 0xc0) != 0x80)
			return 0;
		*point = *point << 6 | (s.ptr[i] & 0x3fu);
	}
	if (*point < least[len] || *point > 0x10ffff || (*point >= 0xd800 && *point <= 0xdfff))
		return 0;
	return len;
}

bool wt_point_is_unsafe(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x61c ||
	       (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
	       (point >= 0x2060 && point <= 0x206f) || point == 0xfeff ||
	       (point >= 0xfff9 && point <= 0xfffb);
}

/* Bytes that stand for themselves: printable ASCII but quote and backslash. */
static bool is_plain(uint8_t byte)
{
	return byte >= 0x20 && byte <= 0x7e && byte != '"' && byte != '\\';
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Whether all eight bytes are plain. Only bit 7 of each byte counts: set by itself
 * beyond ASCII, by a borrow below a space, by +1 for DEL; quote and backslash become
 * zero bytes, from which 1 borrows. Borrows run into higher bytes only from a byte
 * that is itself not plain, so the answer for the eight together is exact. */
static bool are_plain(uint64_t eight)
{
	uint64_t quote = eight ^ EACH('"'), backslash = eight ^ EACH('\\');
	uint64_t odd = eight | (eight - EACH(0x20)) | (eight + EACH(1)) |
		       ((quote - EACH(1)) & ~quote) | ((backslash - EACH(1)) & ~backslash);

	return !(odd & EACH(0x80));
}

/* Four to seven plain bytes at once, as two halves that overlap. */
static bool copy_short(uint8_t *at, struct wt_slice value)
{
	uint32_t head, tail;

	memcpy(&head, value.ptr, sizeof(head));
	memcpy(&tail, value.ptr + value.len - sizeof(tail), sizeof(tail));
	if (!are_plain((uint64_t)head << 32 | tail))
		return false;
	memcpy(at, &head, sizeof(head));
	memcpy(at + value.len - sizeof(tail), &tail, sizeof(tail));
	return true;
}

/* Copies the plain bytes that `value` begins with and gives their number. */
static size_t copy_plain(uint8_t *at, struct wt_slice value)
{
	uint64_t eight;
	size_t i = 0;

	for (; value.len - i >= sizeof(eight); i += sizeof(eight)) {
		memcpy(&eight, value.ptr + i, sizeof(eight));
		if (!are_plain(eight))
			break;
		memcpy(at + i, &eight, sizeof(eight));
	}
	if (i && value.len - i < sizeof(eight)) { /* the last eight overlap copied ones */
		memcpy(&eight, value.ptr + value.len - sizeof(eight), sizeof(eight));
		if (are_plain(eight)) {
			memcpy(at + value.len - sizeof(eight), &eight, sizeof(eight));
			return value.len;
		}
	} else if (value.len >= 4 && value.len < sizeof(eight) && copy_short(at, value)) {
		return value.len;
	}
	for (; i < value.len && is_plain(value.ptr[i]); i++)
		at[i] = value.ptr[i];
	return i;
}

static uint8_t *put_unicode(uint8_t *at, uint32_t point)
{
	at[0] = '\\';
	at[1] = 'u';
	at[2] = (uint8_t)hex[point >> 12 & 15];
	at[3] = (uint8_t)hex[point >> 8 & 15];
	at[4] = (uint8_t)hex[point >> 4 & 15];
	at[5] = (uint8_t)hex[point & 15];
	return at + 6;
}

static uint8_t *put_byte(uint8_t *at, uint8_t byte)
{
	at[0] = at[1] = '\\';
	at[2] = 'x';
	at[3] = (uint8_t)hex[byte >> 4];
	at[4] = (uint8_t)hex[byte & 15];
	return at + 5;
}

/* The first character of `value`, which shrinks by it: at most 6 bytes for each byte
 * of it. */
static uint8_t *put_character(uint8_t *at, struct wt_slice *value)
{
	uint32_t point = 0;
	size_t n = wt_utf8_sequence(*value, &point);

	if (n == 0) {
		at = put_byte(at, value->ptr[0]);
		n = 1;
	} else if (point == '\\' && value->len > 1 && value->ptr[1] == 'x') {
		at = put_byte(at, '\\');
	} else if (point == '"' || point == '\\') {
		*at++ = '\\';
		*at++ = (uint8_t)point;
	} else if (wt_point_is_unsafe(point)) {
		at = put_unicode(at, point);
	} else {
		memcpy(at, value->ptr, n);
		at += n;
	}
	*value = wt_slice_tail(*value, n);
	return at;
}

uint8_t *wt_raw_escaped(uint8_t *at, struct wt_slice value)
{
	for (;;) {
		size_t n = copy_plain(at, value);

		at += n;
		if (n == value.len)
			return at;
		value = wt_slice_tail(value, n);
		at = put_character(at, &value);
	}
}

static size_t plain_run(struct wt_slice s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (!is_plain(s.ptr[i]))
			break;
	return i;
}

void wt_bld_escaped(struct wt_builder *b, struct wt_slice value)
{
	while (value.len && !b->is_short) {
		uint8_t room[6];
		size_t n;

		if (value.len <= b->cap - b->len) { /* so that no run of it can be too long */
			n = copy_plain(b->ptr + b->len, value);
			b->len += n;
		} else {
			n = plain_run(value);
			wt_bld_bytes(b, wt_slice_head(value, n));
		}
		value = wt_slice_tail(value, n);
		if (value.len)
			wt_bld_bytes(b, wt_slice_of(room, (size_t)(put_character(room, &value) -
								   room)));
	}
}

void wt_json_string(struct wt_json *j, struct wt_slice value)
{
	comma(j);
	wt_bld_char(&j->out, '"');
	wt_bld_escaped(&j->out, value);
	wt_bld_char(&j->out, '"');
}

void wt_json_text(struct wt_json *j, const char *value)
{
	wt_json_string(j, wt_slice_of(value, strlen(value)));
}

void wt_json_u64(struct wt_json *j, uint64_t value)
{
	comma(j);
	wt_bld_u64(&j->out, value);
}

void wt_json_i64(struct wt_json *j, int64_t value)
{
	comma(j);
	if (value < 0)
		wt_bld_char(&j->out, '-');
	wt_bld_u64(&j->out, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void wt_json_bool(struct wt_json *j, bool value)
{
	comma(j);
	wt_bld_text(&j->out, value ? "true" : "false");
}

/* 00 to 99 */
static const char pairs[] =
	"00010203040506070809101112131415161718192021222324"
	"25262728293031323334353637383940414243444546474849"
	"50515253545556575859606162636465666768697071727374"
	"75767778798081828384858687888990919293949596979899";

/* The lowest `width` digits of `value`, with leading zeros. */
static uint8_t *put_digits(uint8_t *at, uint64_t value, unsigned width)
{
	unsigned i = width;

	for (; i >= 2; i -= 2) {
		memcpy(at + i - 2, pairs + 2 * (value % 100), 2);
		value /= 100;
	}
	if (i)
		at[0] = (uint8_t)('0' + value % 10);
	return at + width;
}

uint8_t *wt_raw_u64(uint8_t *at, uint64_t value)
{
	uint64_t rest = value;
	unsigned width = 1;

	for (; rest >= 10000; rest /= 10000)
		width += 4;
	width += rest >= 1000 ? 3 : rest >= 100 ? 2 : rest >= 10 ? 1 : 0;
	return put_digits(at, value, width);
}

void wt_json_decimal(struct wt_json *j, int64_t millionths)
{
	uint64_t size = millionths < 0 ? -(uint64_t)millionths : (uint64_t)millionths;
	uint64_t part = size % 1000000;
	unsigned width = 6;
	uint8_t room[6];

	comma(j);
	if (millionths < 0)
		wt_bld_char(&j->out, '-');
	wt_bld_u64(&j->out, size / 1000000);
	if (!part)
		return;
	while (part % 10 == 0) {
		part /= 10;
		width--;
	}
	wt_bld_char(&j->out, '.');
	wt_bld_bytes(&j->out, wt_slice_of(room, (size_t)(put_digits(room, part, width) - room)));
}

/* Civil date of days since 1970-01-01, by counting 400-year eras that begin on
 * 1 March (the proleptic Gregorian calendar of ISO 8601). */
static void civil_date(uint64_t days, uint64_t *year, unsigned *month, unsigned *day)
{
	uint64_t z = days + 719468, era = z / 146097, doe = z % 146097;
	uint64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	uint64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	uint64_t mp = (5 * doy + 2) / 153;

	*day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
	*month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
	*year = yoe + era * 400 + (*month <= 2);
}

/* "2026-11-21T09:15:00." */
static void put_second(uint8_t *at, uint64_t seconds)
{
	unsigned month, day, rest = (unsigned)(seconds % 86400);
	uint64_t year;

	civil_date(seconds / 86400, &year, &month, &day);
	at = put_digits(at, year, 4);
	*at++ = '-';
	at = put_digits(at, month, 2);
	*at++ = '-';
	at = put_digits(at, day, 2);
	*at++ = 'T';
	at = put_digits(at, rest / 3600, 2);
	*at++ = ':';
	at = put_digits(at, rest / 60 % 60, 2);
	*at++ = ':';
	at = put_digits(at, rest % 60, 2);
	*at = '.';
}

static uint8_t *put_micros(uint8_t *at, uint64_t ns)
{
	at = put_digits(at, ns / 1000, 6);
	*at++ = '+';
	memset(at, '0', 4);
	return at + 4;
}

void wt_bld_time(struct wt_builder *b, uint64_t ns)
{
	uint8_t room[WT_TIME_LEN];

	put_second(room, ns / WT_NS_PER_S);
	(void)put_micros(room + 20, ns % WT_NS_PER_S);
	wt_bld_bytes(b, wt_slice_of(room, sizeof(room)));
}

uint8_t *wt_raw_time(struct wt_time_cache *cache, uint8_t *at, uint64_t ns)
{
	uint64_t seconds = ns / WT_NS_PER_S;
	unsigned slot = (unsigned)(seconds % WT_TIME_SLOTS);

	if (cache->slot[slot].after != seconds + 1) {
		put_second(cache->slot[slot].text, seconds);
		cache->slot[slot].after = seconds + 1;
	}
	memcpy(at, cache->slot[slot].text, sizeof(cache->slot[slot].text));
	return put_micros(at + sizeof(cache->slot[slot].text), ns % WT_NS_PER_S);
}

void wt_json_time(struct wt_json *j, uint64_t ns)
{
	comma(j);
	wt_bld_char(&j->out, '"');
	wt_bld_time(&j->out, ns);
	wt_bld_char(&j->out, '"');
}
