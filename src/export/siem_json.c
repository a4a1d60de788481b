/* A record as one JSON object, by its table (siem.h). Keys with dots are members of
 * objects: rows of one object follow each other, so every object is opened once.
 * Source: RFC 8259. Trust: texts are escaped by base/json.c, names of fields are checked by
 * the decoder. Memory: the caller's builder. */
#include "export/siem.h"
#include "base/json.h"

/* The object at hand: the path of the row that was last. */
struct nest {
	struct wt_json j;
	const struct wt_siem_view *view;
	const char *path;
	size_t path_len;
};

static void put_key(struct wt_json *j, const char *name, size_t len)
{
	if (j->needs_comma)
		wt_bld_char(&j->out, ',');
	wt_bld_char(&j->out, '"');
	wt_bld_bytes(&j->out, wt_slice_of(name, len));
	wt_bld_bytes(&j->out, WT_LIT("\":"));
	j->needs_comma = false;
}

/* Closes and opens objects until the members of `path` can follow. */
static void go_to(struct nest *n, const char *path, size_t len)
{
	size_t common = 0, i, from;

	if (len == n->path_len && memcmp(path, n->path, len) == 0)
		return;
	for (i = 0; i < len && i < n->path_len && path[i] == n->path[i]; i++)
		if (path[i] == '.')
			common = i + 1;
	for (i = common; i < n->path_len; i++)
		if (n->path[i] == '.')
			wt_json_close(&n->j, '}');
	for (i = from = common; i < len; i++)
		if (path[i] == '.') {
			put_key(&n->j, path + from, i - from);
			wt_json_open(&n->j, '{');
			from = i + 1;
		}
	n->path = path;
	n->path_len = len;
}

static void put_text(struct nest *n, struct wt_slice text)
{
	wt_json_string(&n->j, wt_siem_head(text, n->view->text_max));
}

static void put_u64(struct nest *n, uint64_t number)
{
	if (n->view->table->is_signed && number > INT64_MAX)
		number = INT64_MAX;
	wt_json_u64(&n->j, number);
}

static void put_time(struct nest *n, uint64_t ns)
{
	struct wt_builder b;
	char room[WT_TIME_LEN + 1];

	switch (n->view->table->time) {
	case WT_TIME_SECONDS:
		b = wt_builder_of(room, sizeof(room));
		wt_bld_u64(&b, UINT64_C(1000000) + ns / 1000 % 1000000);
		wt_json_u64(&n->j, ns / WT_NS_PER_S);
		room[0] = '.'; /* the million in front keeps the zeros */
		wt_bld_bytes(&n->j.out, wt_bld_slice(&b));
		break;
	case WT_TIME_ZULU:
		b = wt_builder_of(room, sizeof(room));
		wt_bld_time(&b, ns);
		b.len = WT_TIME_LEN - 5; /* of the zone */
		wt_bld_char(&b, 'Z');
		wt_json_string(&n->j, wt_bld_slice(&b));
		break;
	case WT_TIME_MS:
		wt_json_u64(&n->j, ns / 1000000);
		break;
	case WT_TIME_EVE:
		wt_json_time(&n->j, ns);
		break;
	}
}

static void put_field(struct nest *n, const struct wt_alert_field *field)
{
	if (field->form == WT_FORM_PSEUDONYM || field->type == WT_TYPE_STR)
		put_text(n, field->bytes);
	else if (field->form == WT_FORM_PRESENT || field->type == WT_TYPE_BOOL)
		wt_json_bool(&n->j, field->number != 0);
	else if (field->type == WT_TYPE_I64)
		wt_json_i64(&n->j, (int64_t)field->number);
	else if (field->type == WT_TYPE_DEC)
		wt_json_decimal(&n->j, (int64_t)field->number);
	else if (field->type == WT_TYPE_TIME)
		put_time(n, field->number);
	else
		put_u64(n, field->number);
}

/* The names stay dotted, as the dictionary has them. Among members of an object that has
 * others, one without a dot becomes fields.NAME, so that it can be none of them. */
static void put_fields(struct nest *n, bool is_flat)
{
	struct wt_alert_field field;
	unsigned at = 0;

	while (wt_siem_field(n->view, &at, &field)) {
		unsigned next = at;
		struct wt_alert_field more = field;
		char key[8 + 256];
		struct wt_builder b = wt_builder_of(key, sizeof(key));
		bool is_again, is_list;

		if (is_flat && wt_slice_find(field.name, '.') == field.name.len)
			wt_bld_text(&b, "fields.");
		wt_bld_bytes(&b, field.name);
		put_key(&n->j, key, b.len);
		is_again = wt_siem_field_more(n->view, &next, &more);
		is_list = is_again || wt_siem_is_list(field.name);
		if (is_list)
			wt_json_open(&n->j, '[');
		put_field(n, &field);
		while (is_again) {
			put_field(n, &more);
			is_again = wt_siem_field_more(n->view, &next, &more);
		}
		if (is_list)
			wt_json_close(&n->j, ']');
	}
}

static struct wt_slice meta_key(struct wt_slice meta)
{
	return wt_slice_head(meta, wt_slice_find(meta, ' '));
}

/* "confidence High" as "confidence":["High"], a key once with all its values. */
static void put_meta(struct nest *n, const struct wt_slice *meta, unsigned n_metas)
{
	unsigned i, k;

	wt_json_open(&n->j, '{');
	for (i = 0; i < n_metas; i++) {
		struct wt_slice key = meta_key(meta[i]);

		for (k = 0; k < i && !wt_slice_equal(meta_key(meta[k]), key); k++)
			;
		if (k < i)
			continue;
		put_text(n, key);
		wt_bld_char(&n->j.out, ':');
		n->j.needs_comma = false;
		wt_json_open(&n->j, '[');
		for (; k < n_metas; k++)
			if (wt_slice_equal(meta_key(meta[k]), key))
				put_text(n, wt_slice_tail(meta[k], key.len + 1));
		wt_json_close(&n->j, ']');
	}
	wt_json_close(&n->j, '}');
}

static void put_list(struct nest *n, const struct wt_slice *list, uint64_t n_texts)
{
	unsigned i;

	wt_json_open(&n->j, '[');
	for (i = 0; i < n_texts; i++)
		put_text(n, list[i]);
	wt_json_close(&n->j, ']');
}

static void put_vlans(struct nest *n)
{
	unsigned i;

	wt_json_open(&n->j, '[');
	for (i = 0; i < n->view->alert->n_vlans; i++)
		wt_json_u64(&n->j, n->view->alert->vlan[i]);
	wt_json_close(&n->j, ']');
}

static void put_value(struct nest *n, const struct wt_siem_row *row)
{
	const struct wt_siem_view *v = n->view;
	uint64_t number = v->number[row->value];

	switch (wt_siem_about[row->value].type) {
	case WT_SIEM_TYPE_TEXT:
		put_text(n, v->text[row->value]);
		break;
	case WT_SIEM_TYPE_WORD:
		wt_json_text(&n->j, row->word);
		break;
	case WT_SIEM_TYPE_U64:
		put_u64(n, number);
		break;
	case WT_SIEM_TYPE_BOOL:
		wt_json_bool(&n->j, number != 0);
		break;
	case WT_SIEM_TYPE_TIME:
		put_time(n, number);
		break;
	case WT_SIEM_TYPE_LIST:
		put_list(n, wt_siem_list(v, row->value), number);
		break;
	case WT_SIEM_TYPE_NUMBERS:
		put_vlans(n);
		break;
	case WT_SIEM_TYPE_META:
		put_meta(n, wt_siem_list(v, row->value), (unsigned)number);
		break;
	case WT_SIEM_TYPE_FIELDS:
		wt_json_open(&n->j, '{');
		put_fields(n, false);
		wt_json_close(&n->j, '}');
		break;
	}
}

static void put_row(struct nest *n, const struct wt_siem_row *row)
{
	struct wt_alert_field field;
	unsigned at = 0;

	if (row->value == WT_SIEM_FIELDS && !wt_siem_field(n->view, &at, &field))
		return;
	go_to(n, row->path, row->path_len);
	if (row->value == WT_SIEM_FIELDS && *row->name == '*') {
		put_fields(n, true);
		return;
	}
	put_key(&n->j, row->name, row->name_len);
	put_value(n, row);
}

void wt_siem_write_json(struct wt_builder *b, const struct wt_siem_view *view)
{
	struct nest n = { .j = { .out = *b }, .view = view, .path = "" };
	const struct wt_siem_row *row = view->table->row, *end = row + view->table->n_rows;

	wt_json_open(&n.j, '{');
	for (; row < end; row++)
		if (wt_siem_is_kept(view, row))
			put_row(&n, row);
	go_to(&n, "", 0);
	wt_json_close(&n.j, '}');
	*b = n.j.out;
}
