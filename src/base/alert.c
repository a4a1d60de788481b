/* Encoding of alerts (wardtap/alert.h): version 1.
 * Trust: the decoder takes any bytes. Memory: the caller's. */
#include "wardtap/alert.h"

#define VERSION 1u
#define FLAG_CLOSED 1u
#define FLAG_TRUNCATED 2u
#define NAME_MAX_LEN 96u

static void put_le(struct wt_builder *b, uint64_t value, unsigned len)
{
	uint8_t octet[8];
	unsigned i;

	for (i = 0; i < len; i++)
		octet[i] = (uint8_t)(value >> (8 * i));
	wt_bld_bytes(b, wt_slice_of(octet, len));
}

static uint64_t take_u64(struct wt_reader *r)
{
	uint64_t low = wt_rd_u32le(r);

	return low | (uint64_t)wt_rd_u32le(r) << 32;
}

static bool is_name(struct wt_slice name)
{
	size_t i;

	for (i = 0; i < name.len; i++) {
		uint8_t c = name.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.'))
			return false;
	}
	return name.len > 0 && name.len <= NAME_MAX_LEN;
}

bool wt_alert_put_field(struct wt_builder *b, const struct wt_alert_field *field)
{
	bool is_text = field->type == WT_TYPE_STR || field->form == WT_FORM_PSEUDONYM;
	size_t len = is_text ? field->bytes.len : 8;

	if (!is_name(field->name) || len > UINT16_MAX ||
	    b->cap - b->len < 5 + field->name.len + len)
		return false;
	put_le(b, field->name.len, 1);
	wt_bld_bytes(b, field->name);
	put_le(b, field->type, 1);
	put_le(b, field->form, 1);
	put_le(b, len, 2);
	if (is_text)
		wt_bld_bytes(b, field->bytes);
	else
		put_le(b, field->number, 8);
	return !b->is_short;
}

bool wt_alert_take_field(struct wt_slice *fields, struct wt_alert_field *field)
{
	struct wt_reader r = wt_reader_of(*fields, WT_MALFORMED);

	if (!fields->len)
		return false;
	field->name = wt_rd_bytes(&r, wt_rd_u8(&r));
	field->type = wt_rd_u8(&r);
	field->form = wt_rd_u8(&r);
	field->bytes = wt_rd_bytes(&r, wt_rd_u16le(&r));
	field->number = 0;
	if (r.err != WT_OK || !is_name(field->name) || field->type > WT_TYPE_TIME ||
	    field->form > WT_FORM_PRESENT)
		return false;
	*fields = wt_rd_peek(&r);
	if (field->type != WT_TYPE_STR && field->form != WT_FORM_PSEUDONYM) {
		struct wt_reader number = wt_reader_of(field->bytes, WT_MALFORMED);

		if (field->bytes.len != 8)
			return false;
		field->number = take_u64(&number);
	}
	return true;
}

static void put_key(struct wt_builder *b, const struct wt_alert *a)
{
	unsigned i;

	for (i = 0; i < 2; i++) {
		wt_bld_bytes(b, wt_slice_of(a->key.end[i].addr.octet, 16));
		put_le(b, a->key.end[i].port, 2);
	}
	put_le(b, a->key.proto, 1);
	put_le(b, a->key.ip_version, 1);
	put_le(b, a->key.space, 2);
	put_le(b, a->sender, 1);
	put_le(b, a->n_vlans, 1);
	for (i = 0; i < a->n_vlans && i < WT_VLANS_MAX; i++)
		put_le(b, a->vlan[i], 2);
	put_le(b, a->has_mac, 1);
	if (a->has_mac)
		wt_bld_bytes(b, wt_slice_of(a->mac, sizeof(a->mac)));
}

bool wt_alert_encode(const struct wt_alert *a, struct wt_builder *b)
{
	size_t from = b->len;
	bool is_cut = a->is_truncated;
	unsigned i;

	for (i = 0; i < WT_N_ALERT_TEXTS; i++)
		is_cut |= a->text[i].len > WT_ALERT_TEXT_MAX;
	put_le(b, VERSION, 1);
	put_le(b, a->kind, 1);
	put_le(b, a->severity, 1);
	put_le(b, a->confidence, 1);
	put_le(b, (a->is_closed ? FLAG_CLOSED : 0) | (is_cut ? FLAG_TRUNCATED : 0), 1);
	wt_bld_bytes(b, wt_slice_of(a->id, sizeof(a->id)));
	put_le(b, a->seq, 4);
	put_le(b, a->first_ns, 8);
	put_le(b, a->last_ns, 8);
	put_le(b, a->made_ns, 8);
	put_le(b, a->n, 8);
	put_le(b, a->number, 8);
	put_le(b, a->flow_id, 8);
	put_le(b, a->gid, 4);
	put_le(b, a->sid, 4);
	put_le(b, a->rev, 4);
	put_key(b, a);
	for (i = 0; i < WT_N_ALERT_TEXTS; i++) {
		struct wt_slice text = wt_slice_head(a->text[i], WT_ALERT_TEXT_MAX);

		put_le(b, text.len, 2);
		wt_bld_bytes(b, text);
	}
	wt_bld_bytes(b, a->fields);
	return !b->is_short && b->len - from <= WT_ALERT_BYTES_MAX;
}

static bool take_key(struct wt_reader *r, struct wt_alert *a)
{
	unsigned i;

	for (i = 0; i < 2; i++) {
		struct wt_slice addr = wt_rd_bytes(r, 16);

		if (addr.len == 16)
			memcpy(a->key.end[i].addr.octet, addr.ptr, 16);
		a->key.end[i].port = wt_rd_u16le(r);
	}
	a->key.proto = wt_rd_u8(r);
	a->key.ip_version = wt_rd_u8(r);
	a->key.space = wt_rd_u16le(r);
	a->sender = wt_rd_u8(r);
	a->n_vlans = wt_rd_u8(r);
	if (a->n_vlans > WT_VLANS_MAX || a->sender > 1 ||
	    (a->key.ip_version != 0 && a->key.ip_version != 4 && a->key.ip_version != 6))
		return false;
	for (i = 0; i < a->n_vlans; i++)
		a->vlan[i] = wt_rd_u16le(r);
	a->has_mac = wt_rd_u8(r);
	if (a->has_mac == 1) {
		struct wt_slice mac = wt_rd_bytes(r, sizeof(a->mac));

		if (mac.len == sizeof(a->mac))
			memcpy(a->mac, mac.ptr, mac.len);
	}
	return a->has_mac <= 1 && r->err == WT_OK;
}

bool wt_alert_decode(struct wt_slice bytes, struct wt_alert *a)
{
	struct wt_reader r = wt_reader_of(bytes, WT_MALFORMED);
	struct wt_alert_field field;
	struct wt_slice rest, id;
	unsigned i, flags, version;

	memset(a, 0, sizeof(*a));
	if (bytes.len > WT_ALERT_BYTES_MAX)
		return false;
	version = wt_rd_u8(&r);
	a->kind = wt_rd_u8(&r);
	a->severity = wt_rd_u8(&r);
	a->confidence = wt_rd_u8(&r);
	flags = wt_rd_u8(&r);
	a->is_closed = flags & FLAG_CLOSED;
	a->is_truncated = flags & FLAG_TRUNCATED;
	id = wt_rd_bytes(&r, sizeof(a->id));
	if (id.len == sizeof(a->id))
		memcpy(a->id, id.ptr, id.len);
	a->seq = wt_rd_u32le(&r);
	a->first_ns = take_u64(&r);
	a->last_ns = take_u64(&r);
	a->made_ns = take_u64(&r);
	a->n = take_u64(&r);
	a->number = take_u64(&r);
	a->flow_id = take_u64(&r);
	a->gid = wt_rd_u32le(&r);
	a->sid = wt_rd_u32le(&r);
	a->rev = wt_rd_u32le(&r);
	if (version != VERSION || a->kind >= WT_N_ALERT_KINDS || a->severity < 1 ||
	    a->severity > WT_ALERT_SEVERITY_MAX || a->confidence > 100 ||
	    flags > (FLAG_CLOSED | FLAG_TRUNCATED) || !take_key(&r, a))
		return false;
	for (i = 0; i < WT_N_ALERT_TEXTS; i++) {
		a->text[i] = wt_rd_bytes(&r, wt_rd_u16le(&r));
		if (a->text[i].len > WT_ALERT_TEXT_MAX)
			return false;
	}
	a->fields = rest = wt_rd_rest(&r);
	while (wt_alert_take_field(&rest, &field))
		;
	return r.err == WT_OK && rest.len == 0;
}

void wt_alert_id_text(const uint8_t id[WT_ALERT_ID_LEN], char text[33])
{
	static const char hex[] = "0123456789abcdef";
	unsigned i;

	for (i = 0; i < WT_ALERT_ID_LEN; i++) {
		text[2 * i] = hex[id[i] >> 4];
		text[2 * i + 1] = hex[id[i] & 15];
	}
	text[32] = '\0';
}

const char *wt_alert_kind_name(unsigned kind)
{
	static const char *const names[] = { "rule", "sensor_gap", "journal_evicted",
					     "journal_damage", "sensor_health", "device",
					     "journal_missing" };

	return kind < WT_N_ALERT_KINDS ? names[kind] : "";
}
