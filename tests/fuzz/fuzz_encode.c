/* Fuzzes the encoders of records: an alert of any bytes, in every format, at any bound, is
 * one line of valid UTF-8 within the bound, and of the format's grammar. The first four
 * bytes choose the options. */
#include <stdlib.h>

#include "base/json.h"
#include "export/encode.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void must(bool is_so)
{
	if (!is_so)
		abort();
}

static void check_text(struct wt_slice s, bool tabs)
{
	while (s.len) {
		uint32_t point = 0;
		size_t n = wt_utf8_sequence(s, &point);

		must(n > 0);
		must(!wt_point_is_unsafe(point) || (tabs && point == '\t'));
		s = wt_slice_tail(s, n);
	}
}

/* RFC 8259, without blanks, which the encoders do not write. */
static void json_value(struct wt_reader *r, unsigned depth);

static void json_string(struct wt_reader *r)
{
	must(wt_rd_u8(r) == '"');
	for (;;) {
		uint8_t c = wt_rd_u8(r);

		must(r->err == WT_OK && c >= 0x20);
		if (c == '"')
			return;
		if (c != '\\')
			continue;
		c = wt_rd_u8(r);
		if (c == 'u') {
			struct wt_slice digits = wt_rd_bytes(r, 4);
			size_t i;

			must(digits.len == 4);
			for (i = 0; i < 4; i++)
				must((digits.ptr[i] >= '0' && digits.ptr[i] <= '9') ||
				     (digits.ptr[i] >= 'a' && digits.ptr[i] <= 'f'));
		} else {
			must(c == '"' || c == '\\');
		}
	}
}

static void json_members(struct wt_reader *r, unsigned depth, bool is_object)
{
	uint8_t end = is_object ? '}' : ']', c;

	wt_rd_skip(r, 1);
	if (wt_rd_peek(r).len && r->ptr[0] == end) {
		wt_rd_skip(r, 1);
		return;
	}
	do {
		if (is_object) {
			json_string(r);
			must(wt_rd_u8(r) == ':');
		}
		json_value(r, depth + 1);
		c = wt_rd_u8(r);
		must(c == ',' || c == end);
	} while (c == ',');
}

static void json_value(struct wt_reader *r, unsigned depth)
{
	struct wt_slice rest = wt_rd_peek(r);

	must(rest.len && depth < 8);
	if (rest.ptr[0] == '"') {
		json_string(r);
	} else if (rest.ptr[0] == '{' || rest.ptr[0] == '[') {
		json_members(r, depth, rest.ptr[0] == '{');
	} else if (wt_slice_starts(rest, WT_LIT("true"))) {
		wt_rd_skip(r, 4);
	} else if (wt_slice_starts(rest, WT_LIT("false"))) {
		wt_rd_skip(r, 5);
	} else {
		size_t i = rest.ptr[0] == '-', from = i;

		while (i < rest.len && ((rest.ptr[i] >= '0' && rest.ptr[i] <= '9') ||
					(rest.ptr[i] == '.' && i > from)))
			i++;
		must(i > from);
		wt_rd_skip(r, i);
	}
}

static void check_json(struct wt_slice s)
{
	struct wt_reader r = wt_reader_of(s, WT_MALFORMED);

	json_value(&r, 0);
	must(r.err == WT_OK && wt_rd_left(&r) == 0);
}

/* Seven bars that are not escaped, then no '=' without a key of letters and digits. */
static void check_cef(struct wt_slice s)
{
	size_t i, n_bars = 0, key = 0, n_keys = 0;

	must(wt_slice_starts(s, WT_LIT("CEF:0|wardtap|")));
	for (i = 0; i < s.len; i++) {
		uint8_t c = s.ptr[i];

		if (c == '\\') {
			must(++i < s.len);
			c = s.ptr[i];
			must(c == '\\' || c == (n_bars < 7 ? '|' : '=') ||
			     (n_bars == 7 && (c == 'n' || c == 'r')));
			key = 0;
		} else if (n_bars < 7) {
			n_bars += c == '|';
		} else if (c == '=') {
			must(key > 0);
			n_keys++;
			key = 0;
		} else {
			key = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
					      (c >= '0' && c <= '9')
				      ? key + 1
				      : 0;
		}
	}
	must(n_bars == 7 && n_keys >= 3 && s.ptr[s.len - 1] != ' ');
}

static void check_leef(struct wt_slice s, uint8_t delimiter)
{
	struct wt_slice part[1024];
	size_t i, n, at = 0, bars = 0;

	must(wt_slice_starts(s, WT_LIT("LEEF:2.0|wardtap|")));
	while (bars < 6)
		bars += s.ptr[at++] == '|';
	n = wt_slice_split(wt_slice_tail(s, at), delimiter, part, 1024);
	must(n >= 3);
	for (i = 0; i < n && i < 1024; i++)
		must(wt_slice_find(part[i], '=') > 0 &&
		     wt_slice_find(part[i], '=') < part[i].len);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static wt_encode_fn *const encoders[] = { wt_encode_cef, wt_encode_leef, wt_encode_json,
						  wt_encode_ecs, wt_encode_hec };
	static uint8_t room[WT_ALERT_JSON_MAX];
	struct wt_encode_options options = { 0 };
	struct wt_alert alert;
	struct wt_encode_item item = { .alert = &alert };
	unsigned i;

	if (len < 4 || !wt_alert_decode(wt_slice_of(bytes + 4, len - 4), &alert))
		return 0;
	options.cef_ipv6 = (enum wt_cef_ipv6)(bytes[0] % 3);
	options.leef_delimiter = bytes[1] & 1 ? '^' : '\t';
	options.host = bytes[1] & 2 ? "sensor" : NULL;
	options.len_max = (size_t)bytes[2] << 8 | bytes[3];
	item.journal_seq = bytes[1] & 4;
	for (i = 0; i < sizeof(encoders) / sizeof(*encoders); i++) {
		struct wt_builder b = wt_builder_of(room, sizeof(room));
		struct wt_slice s;

		if (!encoders[i](&b, &item, &options)) {
			must(b.len == 0 && options.len_max && options.len_max < 1200);
			continue;
		}
		s = wt_bld_slice(&b);
		must(s.len && (!options.len_max || s.len <= options.len_max));
		check_text(s, i == 1);
		if (i == 0)
			check_cef(s);
		else if (i == 1)
			check_leef(s, (uint8_t)options.leef_delimiter);
		else
			check_json(s);
	}
	return 0;
}
