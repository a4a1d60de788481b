/* A record as key=value pairs, by its table (siem.h).
 * Source: CEF, revision 25, "Character encoding"; LEEF 2.0, "Event attributes".
 * Trust: texts are hostile: every byte is carried, escaped or replaced by a visible form.
 * Memory: the caller's builder. */
#include "export/siem.h"
#include "base/json.h"

static const char hex[] = "0123456789abcdef";

/* How a character is written. */
enum way { WAY_PLAIN, WAY_ESCAPED, WAY_LINE, WAY_VISIBLE };

struct sign {
	size_t len;
	enum way way;
};

static bool is_plain(uint8_t c, const struct wt_siem_style *style)
{
	return c > 0x20 && c <= 0x7e && c != '\\' && c != style->escaped &&
	       c != style->replaced[0] && c != style->replaced[1];
}

/* The first character of `s`, which is not empty. */
static struct sign sign_of(struct wt_slice s, bool is_first, const struct wt_siem_style *style)
{
	uint8_t c = s.ptr[0];
	uint32_t point = 0;
	size_t len = wt_utf8_sequence(s, &point);
	bool is_last = len == s.len;

	if (!len)
		return (struct sign){ 1, WAY_VISIBLE };
	if (style->is_cef && !style->is_header && (c == '\n' || c == '\r'))
		return (struct sign){ 1, WAY_LINE };
	if (wt_point_is_unsafe(point) || c == style->replaced[0] || c == style->replaced[1] ||
	    (c == ' ' && (is_first || is_last)) || (c == '\\' && (is_last || s.ptr[1] == 'x')))
		return (struct sign){ len, WAY_VISIBLE };
	if (style->is_cef && (c == '\\' || c == style->escaped))
		return (struct sign){ 1, WAY_ESCAPED };
	return (struct sign){ len, WAY_PLAIN };
}

static size_t visible_len(struct sign sign)
{
	return sign.way == WAY_VISIBLE ? 4 * sign.len : sign.len;
}

/* The longest beginning of `s` that takes at most `cap` bytes as visible text; its last
 * character may be written longer for being the last. */
static struct wt_slice head_of(struct wt_slice s, size_t cap, const struct wt_siem_style *style)
{
	size_t used = 0, at = 0, best = 0;

	if (!cap || 4 * s.len <= cap)
		return s;
	while (at < s.len) {
		struct wt_slice rest = wt_slice_tail(s, at);
		struct sign sign = sign_of(rest, at == 0, style);
		struct sign last = sign_of(wt_slice_head(rest, sign.len), at == 0, style);

		if (used + visible_len(last) <= cap)
			best = at + sign.len;
		used += visible_len(sign);
		if (used > cap)
			break;
		at += sign.len;
	}
	return wt_slice_head(s, best);
}

static void put_visible(struct wt_builder *b, struct wt_slice bytes,
			const struct wt_siem_style *style)
{
	size_t i;

	for (i = 0; i < bytes.len; i++) {
		wt_bld_text(b, style->is_cef ? "\\\\x" : "\\x");
		wt_bld_char(b, hex[bytes.ptr[i] >> 4]);
		wt_bld_char(b, hex[bytes.ptr[i] & 15]);
	}
}

void wt_siem_put_text(struct wt_builder *b, struct wt_slice text, size_t cap,
		      const struct wt_siem_style *style)
{
	struct wt_slice s = head_of(text, cap, style);
	bool is_first = true;

	while (s.len && !b->is_short) {
		size_t n = 0;
		struct sign sign;

		/* a blank between plain signs is plain */
		while (n < s.len && (is_plain(s.ptr[n], style) ||
				     (s.ptr[n] == ' ' && (n || !is_first) && n + 1 < s.len)))
			n++;
		if (n) {
			wt_bld_bytes(b, wt_slice_head(s, n));
			s = wt_slice_tail(s, n);
			is_first = false;
			continue;
		}
		sign = sign_of(s, is_first, style);
		is_first = false;
		if (sign.way == WAY_VISIBLE) {
			put_visible(b, wt_slice_head(s, sign.len), style);
		} else {
			if (sign.way != WAY_PLAIN)
				wt_bld_char(b, '\\');
			if (sign.way == WAY_LINE)
				wt_bld_char(b, s.ptr[0] == '\n' ? 'n' : 'r');
			else
				wt_bld_bytes(b, wt_slice_head(s, sign.len));
		}
		s = wt_slice_tail(s, sign.len);
	}
}

struct pairs {
	struct wt_builder *b;
	const struct wt_siem_view *view;
	const struct wt_siem_style *style;
	char between;
	bool is_begun;
};

static void put_key(struct pairs *p, const char *key)
{
	if (p->is_begun)
		wt_bld_char(p->b, p->between);
	p->is_begun = true;
	wt_bld_text(p->b, key);
	wt_bld_char(p->b, '=');
}

/* "alert.buffer" as wardtapAlertBuffer: keys are letters and digits, and those of one's own
 * begin with the name of the product. */
static void put_field_key(struct pairs *p, struct wt_slice name)
{
	char key[8 + 256];
	struct wt_builder b = wt_builder_of(key, sizeof(key) - 1);
	bool is_upper = true;
	size_t i;

	wt_bld_text(&b, "wardtap");
	for (i = 0; i < name.len; i++) {
		uint8_t c = name.ptr[i];

		if (c == '.' || c == '_') {
			is_upper = true;
			continue;
		}
		wt_bld_u8(&b, (uint8_t)(is_upper && c >= 'a' && c <= 'z' ? c - 32 : c));
		is_upper = false;
	}
	key[b.len] = '\0';
	put_key(p, key);
}

/* A member of a list: the comma between members is ", ", so one of its own is \x2c. */
static void put_member(struct pairs *p, struct wt_slice text, bool is_list, size_t cap)
{
	struct wt_siem_style style = *p->style;

	style.replaced[1] = ',';
	wt_siem_put_text(p->b, wt_siem_head(text, p->view->text_max), cap,
			 is_list ? &style : p->style);
}

static void put_field(struct pairs *p, const struct wt_alert_field *field, bool is_list)
{
	struct wt_json j = { .out = *p->b };

	if (field->form == WT_FORM_PSEUDONYM || field->type == WT_TYPE_STR) {
		put_member(p, field->bytes, is_list, 1023);
		return;
	}
	if (field->form == WT_FORM_PRESENT || field->type == WT_TYPE_BOOL)
		wt_json_bool(&j, field->number != 0);
	else if (field->type == WT_TYPE_I64)
		wt_json_i64(&j, (int64_t)field->number);
	else if (field->type == WT_TYPE_DEC)
		wt_json_decimal(&j, (int64_t)field->number);
	else if (field->type == WT_TYPE_TIME)
		wt_json_u64(&j, field->number / 1000000);
	else
		wt_json_u64(&j, field->number);
	*p->b = j.out;
}

static void put_fields(struct pairs *p)
{
	struct wt_alert_field field;
	unsigned at = 0;

	while (wt_siem_field(p->view, &at, &field)) {
		unsigned next = at;
		struct wt_alert_field more = field;
		bool is_again = wt_siem_field_more(p->view, &next, &more);
		bool is_list = is_again || wt_siem_is_list(field.name);

		put_field_key(p, field.name);
		put_field(p, &field, is_list);
		while (is_again) {
			wt_bld_text(p->b, ", ");
			put_field(p, &more, is_list);
			is_again = wt_siem_field_more(p->view, &next, &more);
		}
	}
}

static void put_list(struct pairs *p, const struct wt_siem_datum *datum, size_t cap)
{
	unsigned i;

	for (i = 0; i < datum->n; i++) {
		if (i)
			wt_bld_text(p->b, ", ");
		if (datum->type == WT_SIEM_TYPE_NUMBERS)
			wt_bld_u64(p->b, datum->numbers[i]);
		else
			put_member(p, datum->list[i], true, cap / WT_SIEM_LIST_MAX);
	}
}

static void put_row(struct pairs *p, const struct wt_siem_row *row)
{
	struct wt_siem_datum datum = wt_siem_take(p->view, row);

	if (datum.type == WT_SIEM_TYPE_NONE)
		return;
	if (datum.type == WT_SIEM_TYPE_FIELDS) {
		put_fields(p);
		return;
	}
	put_key(p, row->key);
	if (datum.type == WT_SIEM_TYPE_TEXT)
		wt_siem_put_text(p->b, wt_siem_head(datum.text, p->view->text_max), row->cap,
				 p->style);
	else if (datum.type == WT_SIEM_TYPE_U64)
		wt_bld_u64(p->b, datum.number);
	else if (datum.type == WT_SIEM_TYPE_TIME)
		wt_bld_u64(p->b, datum.number / 1000000);
	else if (datum.type == WT_SIEM_TYPE_BOOL)
		wt_bld_text(p->b, datum.number ? "true" : "false");
	else
		put_list(p, &datum, row->cap);
	if (row->word && row->value != WT_SIEM_CONSTANT) {
		char key[32];
		struct wt_builder b = wt_builder_of(key, sizeof(key) - 1);

		wt_bld_text(&b, row->key);
		wt_bld_text(&b, "Label");
		key[b.len] = '\0';
		put_key(p, key);
		wt_bld_text(p->b, row->word);
	}
}

void wt_siem_write_pairs(struct wt_builder *b, const struct wt_siem_view *view, char between,
			 const struct wt_siem_style *style)
{
	struct pairs p = { .b = b, .view = view, .style = style, .between = between };
	unsigned i;

	for (i = 0; i < view->table->n_rows; i++)
		if (wt_siem_is_kept(view, &view->table->row[i]))
			put_row(&p, &view->table->row[i]);
}
