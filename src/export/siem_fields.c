/* The list of fields of a record (siem.h).
 * Trust: names are checked by the decoder, values are hostile. Memory: the view. */
#include "export/siem.h"

static bool is_named(const struct wt_alert_field *field, const char *name, size_t len)
{
	return field->name.len == len && memcmp(field->name.ptr, name, len) == 0;
}
#define IS_NAMED(field, name) is_named((field), (name), sizeof(name) - 1)

static void add(struct wt_siem_view *v, unsigned value, struct wt_slice *list, unsigned most,
		struct wt_slice text)
{
	uint64_t n = v->number[value];

	if (n == most)
		return;
	list[n] = text;
	v->number[value] = n + 1;
	v->is_there[value] = true;
}

static void take_meta(struct wt_siem_view *v, struct wt_slice meta)
{
	static const struct wt_slice keys[] = { { (const uint8_t *)"attack_id ", 10 },
						{ (const uint8_t *)"mitre_technique_id ",
						  19 } };
	unsigned i;

	add(v, WT_SIEM_METADATA, v->meta, WT_SIEM_LIST_MAX * 2, meta);
	for (i = 0; i < 2; i++)
		if (wt_slice_starts(meta, keys[i]))
			add(v, WT_SIEM_TECHNIQUES, v->technique, WT_SIEM_LIST_MAX,
			    wt_slice_tail(meta, keys[i].len));
}

/* "hl7.message_type=ORU^R01, ..." of the fields of the protocol, behind `from`. */
static void add_context(struct wt_siem_view *v, const struct wt_alert_field *field, size_t from)
{
	struct wt_slice app = v->alert->text[WT_ALERT_APP], text = field->bytes;

	if (!app.len || field->name.len <= app.len || field->name.ptr[app.len] != '.' ||
	    !wt_slice_starts(field->name, app) ||
	    v->texts.cap - v->texts.len < field->name.len + text.len + 24)
		return;
	if (v->texts.len > from)
		wt_bld_text(&v->texts, ", ");
	wt_bld_bytes(&v->texts, field->name);
	wt_bld_char(&v->texts, '=');
	if (field->type == WT_TYPE_STR || field->form == WT_FORM_PSEUDONYM)
		wt_bld_bytes(&v->texts, text);
	else
		wt_bld_u64(&v->texts, field->number);
}

static unsigned hash_of(struct wt_slice name)
{
	return (unsigned)(name.len * 251 + name.ptr[0] * 31u + name.ptr[name.len - 1] * 7u +
			  name.ptr[name.len / 2]);
}

/* The context is the last text that is made in the room: it grows there. */
void wt_siem_view_fields(struct wt_siem_view *v)
{
	struct wt_slice rest = v->alert->fields, context = { NULL, 0 };
	struct wt_alert_field field;
	size_t from = v->texts.len;
	unsigned n = 0;

	v->number[WT_SIEM_METADATA] = v->number[WT_SIEM_TECHNIQUES] = 0;
	v->number[WT_SIEM_REFERENCES] = 0;
	while (n < WT_SIEM_FIELDS_MAX) {
		size_t at = v->alert->fields.len - rest.len;

		if (!wt_alert_take_field(&rest, &field))
			break;
		v->fields.field[n].at = (uint16_t)at;
		v->fields.field[n++].hash = (uint16_t)hash_of(field.name);
		if (field.type != WT_TYPE_STR)
			add_context(v, &field, from);
		else if (IS_NAMED(&field, "alert.metadata"))
			take_meta(v, field.bytes);
		else if (IS_NAMED(&field, "alert.reference"))
			add(v, WT_SIEM_REFERENCES, v->reference, WT_SIEM_LIST_MAX, field.bytes);
		else if (IS_NAMED(&field, "alert.buffer"))
			context = field.bytes;
		else
			add_context(v, &field, from);
	}
	v->fields.n = n;
	v->is_there[WT_SIEM_FIELDS] = n > 0;
	if (v->texts.len > from)
		context = wt_slice_of(v->texts.ptr + from, v->texts.len - from);
	v->text[WT_SIEM_CONTEXT] = context;
	v->is_there[WT_SIEM_CONTEXT] = context.len > 0;
	v->text[WT_SIEM_FRAMEWORK] = WT_LIT("MITRE ATT&CK");
	v->is_there[WT_SIEM_FRAMEWORK] = v->is_there[WT_SIEM_TECHNIQUES];
}

static bool field_at(const struct wt_siem_view *v, unsigned i, struct wt_alert_field *field)
{
	struct wt_slice rest = wt_slice_tail(v->alert->fields, v->fields.field[i].at);

	return wt_alert_take_field(&rest, field);
}

/* The first of the same name at `from` or behind it; `to` when there is none. */
static unsigned find_name(const struct wt_siem_view *v, unsigned from, unsigned to,
			  unsigned hash, struct wt_slice name)
{
	struct wt_alert_field other;

	for (; from < to; from++)
		if (v->fields.field[from].hash == hash && field_at(v, from, &other) &&
		    wt_slice_equal(other.name, name))
			return from;
	return to;
}

static bool is_elsewhere(const struct wt_siem_view *v, struct wt_slice name)
{
	const char *const *at;

	for (at = v->table->elsewhere; *at; at++)
		if (wt_slice_equal(name, wt_slice_of(*at, strlen(*at))))
			return true;
	return false;
}

static unsigned fields_end(const struct wt_siem_view *v)
{
	return v->fields.n < v->fields_max ? v->fields.n : v->fields_max;
}

bool wt_siem_field(const struct wt_siem_view *v, unsigned *at, struct wt_alert_field *field)
{
	unsigned i, end = fields_end(v);

	for (i = *at; i < end; i++) {
		if (!field_at(v, i, field) || is_elsewhere(v, field->name) ||
		    find_name(v, 0, i, v->fields.field[i].hash, field->name) < i)
			continue;
		*at = i + 1;
		return true;
	}
	return false;
}

bool wt_siem_field_more(const struct wt_siem_view *v, unsigned *at,
			struct wt_alert_field *field)
{
	unsigned end = fields_end(v), hash = v->fields.field[*at - 1].hash;
	unsigned i = find_name(v, *at, end, hash, field->name);

	if (i == end)
		return false;
	*at = i + 1;
	return field_at(v, i, field);
}

bool wt_siem_is_list(struct wt_slice name)
{
	unsigned i;

	for (i = 0; i < WT_N_SHARED_FIELDS; i++) {
		const struct wt_field *row = &wt_shared_fields[i];

		if (row->mult == WT_MULT_MANY &&
		    wt_slice_equal(name, wt_slice_of(row->name, strlen(row->name))))
			return true;
	}
	return false;
}
