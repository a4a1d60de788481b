/* The values of a record that the formats have keys for (siem.h).
 * Source: Suricata's EVE names, CEF, ECS: see the tables.
 * Trust: texts are hostile and only passed on; what is made here is ASCII.
 * Memory: the caller's view; its room bounds the texts that are made. */
#include "export/siem.h"
#include "base/address.h"
#include "export/community_id.h"

#include <stddef.h>

const struct wt_siem_about wt_siem_about[WT_N_SIEM_VALUES] = {
#define V(id, type_, doc_) [WT_SIEM_##id] = { .type = WT_SIEM_TYPE_##type_, .doc = (doc_) },
#include "export/siem.def"
#undef V
};

/* Makes texts in the view's room: begin, write into view->texts, end. */
static struct wt_slice made_since(const struct wt_siem_view *v, size_t from)
{
	return wt_slice_tail(wt_bld_slice(&v->texts), from);
}

static struct wt_slice made_number(struct wt_siem_view *v, uint64_t number)
{
	size_t from = v->texts.len;

	wt_bld_u64(&v->texts, number);
	return made_since(v, from);
}

static struct wt_slice made_hex(struct wt_siem_view *v, const uint8_t *octet, char parting,
				const char *digits)
{
	size_t from = v->texts.len;
	unsigned i;

	for (i = 0; i < 6; i++) {
		if (i)
			wt_bld_char(&v->texts, parting);
		wt_bld_char(&v->texts, digits[octet[i] >> 4]);
		wt_bld_char(&v->texts, digits[octet[i] & 15]);
	}
	return made_since(v, from);
}

static struct wt_slice made_lower(struct wt_siem_view *v, struct wt_slice text)
{
	size_t from = v->texts.len, i;

	for (i = 0; i < text.len; i++)
		wt_bld_u8(&v->texts, (uint8_t)(text.ptr[i] >= 'A' && text.ptr[i] <= 'Z'
						       ? text.ptr[i] + 32
						       : text.ptr[i]));
	return made_since(v, from);
}

/* Which of the forms of an address the table at hand has. */
static void view_macs(struct wt_siem_view *v)
{
	static const char upper[] = "0123456789ABCDEF", lower[] = "0123456789abcdef";
	const uint8_t *mac = v->alert->mac;
	unsigned i;

	if (!v->alert->has_mac)
		return;
	for (i = 0; i < 2; i++) {
		const uint8_t *octet = mac + (i ? 0 : 6);

		v->mac[i][0] = made_hex(v, octet, ':', lower);
		v->mac[i][1] = made_hex(v, octet, ':', upper);
		v->mac[i][2] = made_hex(v, octet, '-', upper);
	}
}

static void view_flow(struct wt_siem_view *v)
{
	const struct wt_alert *a = v->alert;
	size_t from;
	unsigned i;

	for (i = 0; i < a->n_vlans && i < 2; i++)
		v->vlan[i] = made_number(v, a->vlan[i]);
	view_macs(v);
	if (!a->key.ip_version)
		return;
	for (i = 0; i < 2; i++) {
		from = v->texts.len;
		wt_bld_addr(&v->texts, &a->key.end[a->sender ^ i].addr, a->key.ip_version);
		v->ip[i] = made_since(v, from);
	}
	from = v->texts.len;
	wt_bld_proto(&v->texts, a->key.proto);
	v->proto = made_since(v, from);
	v->transport = a->key.proto == 58 ? WT_LIT("ipv6-icmp") : made_lower(v, v->proto);
	v->ip_proto = made_number(v, a->key.proto);
	from = v->texts.len;
	if (v->texts.cap - from >= WT_COMMUNITY_ID_LEN) {
		wt_community_id(&a->key, a->sender, 0, (char *)v->texts.ptr + from);
		v->texts.len += WT_COMMUNITY_ID_LEN;
	}
	v->community_id = made_since(v, from);
}

void wt_record_id_text(const struct wt_alert *alert, char text[WT_RECORD_ID_MAX])
{
	struct wt_builder b = wt_builder_of(text, WT_RECORD_ID_MAX - 1);

	wt_alert_id_text(alert->id, text);
	b.len = 2 * WT_ALERT_ID_LEN;
	wt_bld_char(&b, '-');
	wt_bld_u64(&b, alert->seq);
	text[b.len] = '\0';
}

static void view_ids(struct wt_siem_view *v)
{
	const struct wt_alert *a = v->alert;
	char text[WT_RECORD_ID_MAX];
	size_t from = v->texts.len;
	int shift;

	wt_record_id_text(a, text);
	wt_bld_text(&v->texts, text);
	v->record_id = v->external_id = made_since(v, from);
	if (v->record_id.len > 40) {
		from = v->texts.len;
		wt_bld_bytes(&v->texts, wt_slice_head(v->record_id, 32));
		for (shift = 28; shift >= 0; shift -= 4)
			wt_bld_char(&v->texts, "0123456789ABCDEF"[a->seq >> shift & 15]);
		v->external_id = made_since(v, from);
	}
	v->sid = made_number(v, a->sid);
	v->rev = made_number(v, a->rev);
	from = v->texts.len;
	if (a->kind == WT_ALERT_RULE) {
		wt_bld_u64(&v->texts, a->gid);
		wt_bld_char(&v->texts, ':');
		wt_bld_bytes(&v->texts, v->sid);
	} else {
		wt_bld_text(&v->texts, wt_alert_kind_name(a->kind));
	}
	v->class_id = made_since(v, from);
}

static bool is_named(const struct wt_alert_field *field, const char *name)
{
	return wt_slice_equal(field->name, wt_slice_of(name, strlen(name)));
}

static void take_meta(struct wt_siem_view *v, struct wt_slice meta)
{
	static const char *const keys[] = { "attack_id ", "mitre_technique_id " };
	unsigned i;

	if (v->n_metas < WT_SIEM_LIST_MAX * 2)
		v->meta[v->n_metas++] = meta;
	for (i = 0; i < 2; i++) {
		struct wt_slice key = wt_slice_of(keys[i], strlen(keys[i]));

		if (wt_slice_starts(meta, key) && v->n_techniques < WT_SIEM_LIST_MAX)
			v->technique[v->n_techniques++] = wt_slice_tail(meta, key.len);
	}
}

/* "hl7.message_type=ORU^R01, ..." of the fields of a protocol. */
static void add_context(struct wt_siem_view *v, const struct wt_alert_field *field)
{
	size_t dot = wt_slice_find(field->name, '.');
	struct wt_slice app = v->alert->text[WT_ALERT_APP], text = field->bytes;

	if (!app.len || !wt_slice_equal(wt_slice_head(field->name, dot), app) ||
	    v->texts.cap - v->texts.len < field->name.len + text.len + 24)
		return;
	if (v->context.len)
		wt_bld_text(&v->texts, ", ");
	wt_bld_bytes(&v->texts, field->name);
	wt_bld_char(&v->texts, '=');
	if (field->type == WT_TYPE_STR || field->form == WT_FORM_PSEUDONYM)
		wt_bld_bytes(&v->texts, text);
	else
		wt_bld_u64(&v->texts, field->number);
	v->context.len = v->texts.len; /* becomes a slice when all are there */
}

/* Context is the last text that is made in the room: it grows there. */
static void view_fields(struct wt_siem_view *v)
{
	struct wt_slice rest = v->alert->fields, buffer = { NULL, 0 };
	struct wt_alert_field field;
	size_t from = v->texts.len;
	unsigned n = 0;

	while (n < WT_SIEM_FIELDS_MAX) {
		size_t at = v->alert->fields.len - rest.len;
		unsigned hash;

		if (!wt_alert_take_field(&rest, &field))
			break;
		hash = (unsigned)(field.name.len * 251 + field.name.ptr[0] * 31u +
				  field.name.ptr[field.name.len - 1] * 7u +
				  field.name.ptr[field.name.len / 2]);
		v->fields.field[n].at = (uint16_t)at;
		v->fields.field[n++].hash = (uint16_t)hash;
		if (field.type == WT_TYPE_STR && is_named(&field, "alert.metadata"))
			take_meta(v, field.bytes);
		else if (field.type == WT_TYPE_STR && is_named(&field, "alert.reference") &&
			 v->n_references < WT_SIEM_LIST_MAX)
			v->reference[v->n_references++] = field.bytes;
		else if (field.type == WT_TYPE_STR && is_named(&field, "alert.buffer"))
			buffer = field.bytes;
		else
			add_context(v, &field);
	}
	v->fields.n = n;
	v->context = v->context.len ? made_since(v, from) : buffer;
}

/* Classes of things that treat nobody; all others, also a hospital's own, may. */
static bool is_medical(struct wt_slice class)
{
	static const char others[] =
		" building_sensor camera media_device network_gear phone_or_wearable_gateway "
		"printer rtls_rfid_reader server telephone workstation ";
	uint8_t room[WT_ALERT_TEXT_MAX + 2];
	struct wt_builder b = wt_builder_of(room, sizeof(room));

	if (!class.len)
		return false;
	wt_bld_char(&b, ' ');
	wt_bld_bytes(&b, class);
	wt_bld_char(&b, ' ');
	return b.is_short || wt_slice_search(WT_LIT(others), wt_bld_slice(&b)) ==
				     sizeof(others) - 1;
}

/* The first text of the end that the record is about. */
static unsigned device_of(const struct wt_alert *a)
{
	bool is_src = is_medical(a->text[WT_ALERT_SRC_CLASS]);
	bool is_dst = is_medical(a->text[WT_ALERT_DST_CLASS]);
	unsigned i;

	if (a->kind == WT_ALERT_DEVICE)
		return WT_ALERT_SRC_DEVICE;
	if (is_src != is_dst)
		return is_src ? WT_ALERT_SRC_DEVICE : WT_ALERT_DST_DEVICE;
	for (i = WT_ALERT_DST_CLASS; i <= WT_ALERT_DST_MODEL; i++)
		if (a->text[i].len)
			return WT_ALERT_DST_DEVICE;
	return WT_ALERT_SRC_DEVICE;
}

static void view_ends(struct wt_siem_view *v)
{
	const struct wt_alert *a = v->alert;
	const struct wt_slice *device = &a->text[device_of(a)];
	struct wt_slice vendor = device[3], model = device[4];
	size_t from = v->texts.len;
	unsigned i;

	v->role = device[2];
	if (vendor.len && model.len) {
		wt_bld_bytes(&v->texts, vendor);
		wt_bld_char(&v->texts, ' ');
		wt_bld_bytes(&v->texts, model);
		v->make = made_since(v, from);
	} else {
		v->make = vendor.len ? vendor : model;
	}
	for (i = 0; i < 2; i++)
		if (v->ip[i].len && !(i && wt_slice_equal(v->ip[0], v->ip[1])))
			v->related[v->n_related++] = v->ip[i];
	for (i = 0; i < 2; i++) {
		struct wt_slice name = a->text[i ? WT_ALERT_DST_NAME : WT_ALERT_SRC_NAME];

		if (name.len && !(v->n_hosts && wt_slice_equal(v->hosts[0], name)))
			v->hosts[v->n_hosts++] = name;
	}
}

/* All but the fields, which are not to be zeroed first. */
static void view_of(struct wt_siem_view *v, const struct wt_encode_item *item,
		    const struct wt_encode_options *options, const struct wt_siem_table *table)
{
	static const uint8_t kinds[WT_N_ALERT_KINDS] = {
		[WT_ALERT_RULE] = WT_FOR_RULE,	   [WT_ALERT_GAP] = WT_FOR_OWN,
		[WT_ALERT_EVICTED] = WT_FOR_OWN,   [WT_ALERT_DAMAGE] = WT_FOR_OWN,
		[WT_ALERT_HEALTH] = WT_FOR_HEALTH, [WT_ALERT_DEVICE] = WT_FOR_DEVICE,
	};

	memset(v, 0, offsetof(struct wt_siem_view, room));
	v->alert = item->alert;
	v->options = options;
	v->table = table;
	v->journal_seq = item->journal_seq;
	v->kind = kinds[item->alert->kind < WT_N_ALERT_KINDS ? item->alert->kind : 0];
	v->texts = wt_builder_of(v->room, sizeof(v->room));
	view_ids(v);
	view_flow(v);
	view_ends(v);
	view_fields(v);
}

struct wt_slice wt_siem_head(struct wt_slice text, size_t max)
{
	unsigned back = 0;

	if (text.len <= max)
		return text;
	while (back < 3 && back < max && (text.ptr[max - back] & 0xc0) == 0x80)
		back++;
	return wt_slice_head(text, (text.ptr[max - back] & 0xc0) == 0x80 ? max : max - back);
}

static void set_level(struct wt_siem_view *v, unsigned level, unsigned n_drops)
{
	static const unsigned fields[] = { WT_SIEM_FIELDS_MAX, 32, 8, 0 };
	unsigned cuts = level > WT_SIEM_SHRINKS + n_drops ? level - WT_SIEM_SHRINKS - n_drops : 0;

	v->level = level;
	v->fields_max = fields[level < WT_SIEM_SHRINKS ? level : WT_SIEM_SHRINKS];
	v->text_max = cuts == 0 ? SIZE_MAX : cuts == 1 ? 128 : 32;
}

/* The length at a level; 0: it does not fit. Leaves the builder's own length alone. */
static size_t try_level(const struct wt_builder *b, struct wt_siem_view *v, unsigned level,
			unsigned n_drops, wt_siem_write_fn *write)
{
	size_t len_max = v->options->len_max ? v->options->len_max : WT_ALERT_JSON_MAX;
	struct wt_builder part = wt_builder_of(b->ptr + b->len, b->cap - b->len);

	if (part.cap > len_max)
		part.cap = len_max;
	set_level(v, level, n_drops);
	write(&part, v);
	return part.is_short ? 0 : part.len;
}

bool wt_siem_encode(struct wt_builder *b, const struct wt_encode_item *item,
		    const struct wt_encode_options *options, const struct wt_siem_table *table,
		    wt_siem_write_fn *write)
{
	struct wt_siem_view view;
	unsigned n_drops = 0, low = 1, high, i;
	size_t len;

	view_of(&view, item, options, table);
	for (i = 0; i < table->n_rows; i++)
		if (table->row[i].drop > n_drops)
			n_drops = table->row[i].drop;
	len = try_level(b, &view, 0, n_drops, write);
	high = WT_SIEM_SHRINKS + n_drops + WT_SIEM_CUTS;
	if (!len && !try_level(b, &view, high, n_drops, write)) {
		b->is_short = true;
		return false;
	}
	while (!len && low < high) { /* the mildest level: a milder one is never shorter */
		unsigned middle = (low + high) / 2;

		if (try_level(b, &view, middle, n_drops, write))
			high = middle;
		else
			low = middle + 1;
	}
	b->len += len ? len : try_level(b, &view, high, n_drops, write);
	return true;
}
