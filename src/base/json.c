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

/* Length of the well-formed UTF-8 sequence at s (RFC 3629 4), 0 when there is none;
 * its code point in *point. */
static size_t utf8_sequence(struct wt_slice s, uint32_t *point)
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

/* Characters that could deceive a terminal or a reader. */
static bool is_unsafe(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x61c ||
	       (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
	       (point >= 0x2060 && point <= 0x206f) || point == 0xfeff ||
	       (point >= 0xfff9 && point <= 0xfffb);
}

static void put_unicode(struct wt_builder *b, uint32_t point)
{
	wt_bld_text(b, "\\u");
	wt_bld_char(b, hex[point >> 12 & 15]);
	wt_bld_char(b, hex[point >> 8 & 15]);
	wt_bld_char(b, hex[point >> 4 & 15]);
	wt_bld_char(b, hex[point & 15]);
}

static void put_byte(struct wt_builder *b, uint8_t byte)
{
	wt_bld_text(b, "\\\\x");
	wt_bld_char(b, hex[byte >> 4]);
	wt_bld_char(b, hex[byte & 15]);
}

/* Bytes that stand for themselves: printable ASCII but quote and backslash. */
static size_t plain_run(struct wt_slice s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (s.ptr[i] < 0x20 || s.ptr[i] > 0x7e || s.ptr[i] == '"' || s.ptr[i] == '\\')
			break;
	return i;
}

void wt_bld_escaped(struct wt_builder *b, struct wt_slice value)
{
	while (value.len) {
		size_t n = plain_run(value);
		uint32_t point = 0;

		if (n) {
			wt_bld_bytes(b, wt_slice_of(value.ptr, n));
			value = wt_slice_tail(value, n);
			continue;
		}
		n = utf8_sequence(value, &point);
		if (n == 0) {
			put_byte(b, value.ptr[0]);
			n = 1;
		} else if (point == '\\' && value.len > 1 && value.ptr[1] == 'x') {
			put_byte(b, '\\');
		} else if (point == '"' || point == '\\') {
			wt_bld_char(b, '\\');
			wt_bld_char(b, (char)point);
		} else if (is_unsafe(point)) {
			put_unicode(b, point);
		} else {
			wt_bld_bytes(b, wt_slice_of(value.ptr, n));
		}
		value = wt_slice_tail(value, n);
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

static void put_digits(struct wt_builder *b, uint64_t value, unsigned width)
{
	uint8_t text[20];
	unsigned i;

	for (i = width; i > 0; i--) {
		text[i - 1] = (uint8_t)('0' + value % 10);
		value /= 10;
	}
	wt_bld_bytes(b, wt_slice_of(text, width));
}

void wt_json_decimal(struct wt_json *j, int64_t millionths)
{
	uint64_t size = millionths < 0 ? -(uint64_t)millionths : (uint64_t)millionths;
	uint64_t part = size % 1000000;
	unsigned width = 6;

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
	put_digits(&j->out, part, width);
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

void wt_bld_time(struct wt_builder *b, uint64_t ns)
{
	uint64_t seconds = ns / 1000000000, year;
	unsigned month, day, rest = (unsigned)(seconds % 86400);

	civil_date(seconds / 86400, &year, &month, &day);
	put_digits(b, year, 4);
	wt_bld_char(b, '-');
	put_digits(b, month, 2);
	wt_bld_char(b, '-');
	put_digits(b, day, 2);
	wt_bld_char(b, 'T');
	put_digits(b, rest / 3600, 2);
	wt_bld_char(b, ':');
	put_digits(b, rest / 60 % 60, 2);
	wt_bld_char(b, ':');
	put_digits(b, rest % 60, 2);
	wt_bld_char(b, '.');
	put_digits(b, ns / 1000 % 1000000, 6);
	wt_bld_text(b, "+0000");
}

void wt_json_time(struct wt_json *j, uint64_t ns)
{
	comma(j);
	wt_bld_char(&j->out, '"');
	wt_bld_time(&j->out, ns);
	wt_bld_char(&j->out, '"');
}
