/* A record as one JSON object, by its table (siem.h). Keys with dots are members of
 * objects: rows of one object follow each other, so every object is opened once.
 * Source: RFC 8259. Trust: texts are escaped by base/json.c, names of fields are checked by
 * the decoder. Memory: the caller's builder. */
#include "export/siem.h"
#include "base/json.h"

/* The object at hand: `path` of its row's key, with the last dot. */
struct nest {
	struct wt_json j;
	const struct wt_siem_view *view;
	const char *path;
	size_t path_len;
};

static size_t common_path(const struct nest *n, const char *key)
{
	size_t i, common = 0;

	for (i = 0; i < n->path_len && key[i] == n->path[i]; i++)
		if (key[i] == '.')
			common = i + 1;
	return common;
}

/* Closes and opens objects until the last part of `key` is a member; gives that part. */
static const char *go_to(struct nest *n, const char *key)
{
	size_t common = common_path(n, key), i, from = common;

	for (i = common; i < n->path_len; i++)
		if (n->path[i] == '.')
			wt_json_close(&n->j, '}');
	for (i = common; key[i]; i++)
		if (key[i] == '.') {
			char name[32];

			if (WT_BUG_ON(i - from >= sizeof(name)))
				break;
			memcpy(name, key + from, i - from);
			name[i - from] = '\0';
			wt_json_key(&n->j, name);
			wt_json_open(&n->j, '{');
			from = i + 1;
		}
	n->path = key;
	n->path_len = from;
	return key + from;
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
		struct wt_builder b = wt_builder_of(key, sizeof(key) - 1);
		bool is_again, is_list;

		if (is_flat && wt_slice_find(field.name, '.') == field.name.len)
			wt_bld_text(&b, "fields.");
		wt_bld_bytes(&b, field.name);
		key[b.len] = '\0';
		wt_json_key(&n->j, key);
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

static void put_list(struct nest *n, const struct wt_siem_datum *datum)
{
	unsigned i;

	wt_json_open(&n->j, '[');
	for (i = 0; i < datum->n; i++) {
		if (datum->type == WT_SIEM_TYPE_NUMBERS)
			wt_json_u64(&n->j, datum->numbers[i]);
		else
			put_text(n, datum->list[i]);
	}
	wt_json_close(&n->j, ']');
}

static void put_row(struct nest *n, const struct wt_siem_row *row)
{
	struct wt_siem_datum datum = wt_siem_take(n->view, row);
	const char *name;

	if (datum.type == WT_SIEM_TYPE_NONE)
		return;
	name = go_to(n, row->key);
	if (datum.type == WT_SIEM_TYPE_FIELDS && *name == '*') {
		put_fields(n, true);
		return;
	}
	wt_json_key(&n->j, name);
	switch (datum.type) {
	case WT_SIEM_TYPE_TEXT:
		put_text(n, datum.text);
		break;
	case WT_SIEM_TYPE_U64:
		put_u64(n, datum.number);
		break;
	case WT_SIEM_TYPE_BOOL:
		wt_json_bool(&n->j, datum.number != 0);
		break;
	case WT_SIEM_TYPE_TIME:
		put_time(n, datum.number);
		break;
	case WT_SIEM_TYPE_LIST:
	case WT_SIEM_TYPE_NUMBERS:
		put_list(n, &datum);
		break;
	case WT_SIEM_TYPE_META:
		put_meta(n, datum.list, datum.n);
		break;
	case WT_SIEM_TYPE_FIELDS:
		wt_json_open(&n->j, '{');
		put_fields(n, false);
		wt_json_close(&n->j, '}');
		break;
	case WT_SIEM_TYPE_NONE:
		break;
	}
}

void wt_siem_write_json(struct wt_builder *b, const struct wt_siem_view *view)
{
	struct nest n = { .j = { .out = *b }, .view = view, .path = "" };
	unsigned i;

	wt_json_open(&n.j, '{');
	for (i = 0; i < view->table->n_rows; i++)
		if (wt_siem_is_kept(view, &view->table->row[i]))
			put_row(&n, &view->table->row[i]);
	(void)go_to(&n, "");
	wt_json_close(&n.j, '}');
	*b = n.j.out;
}
