/* Alerts as JSON (alert_json.h). Source: Suricata's EVE field names.
 * Trust: texts are hostile and escaped by json.c. Memory: the caller's. */
#include "export/alert_json.h"
#include "export/eve.h"
#include "wardtap/registry.h"

static void put_text(struct wt_json *j, const char *key, struct wt_slice text)
{
	if (!text.len)
		return;
	wt_json_key(j, key);
	wt_json_string(j, text);
}

static void put_number(struct wt_json *j, const char *key, uint64_t number)
{
	wt_json_key(j, key);
	wt_json_u64(j, number);
}

static void put_time(struct wt_json *j, const char *key, uint64_t ns)
{
	wt_json_key(j, key);
	wt_json_time(j, ns);
}

static void put_end(struct wt_json *j, const struct wt_alert *a, unsigned end, const char *ip,
		    const char *port)
{
	char room[64];
	struct wt_builder b = wt_builder_of(room, sizeof(room));

	if (!a->key.ip_version)
		return;
	wt_bld_addr(&b, &a->key.end[end].addr, a->key.ip_version);
	put_text(j, ip, wt_bld_slice(&b));
	if (a->key.proto == 6 || a->key.proto == 17 || a->key.proto == 132)
		put_number(j, port, a->key.end[end].port);
}

static void put_flow(struct wt_json *j, const struct wt_alert *a)
{
	unsigned i;

	put_end(j, a, a->sender, "src_ip", "src_port");
	put_end(j, a, a->sender ^ 1u, "dest_ip", "dest_port");
	if (a->key.ip_version)
		put_number(j, "ip_proto", a->key.proto);
	put_text(j, "app_proto", a->text[WT_ALERT_APP]);
	if (a->n_vlans) {
		wt_json_key(j, "vlan");
		wt_json_open(j, '[');
		for (i = 0; i < a->n_vlans; i++)
			wt_json_u64(j, a->vlan[i]);
		wt_json_close(j, ']');
	}
	if (a->has_mac) {
		char room[64];

		wt_json_key(j, "ether");
		wt_json_open(j, '{');
		for (i = 0; i < 2; i++) {
			struct wt_builder b = wt_builder_of(room, sizeof(room));

			wt_bld_mac(&b, a->mac + (i ? 0 : 6));
			put_text(j, i ? "dest_mac" : "src_mac", wt_bld_slice(&b));
		}
		wt_json_close(j, '}');
	}
	if (a->flow_id)
		put_number(j, "flow_id", a->flow_id);
	if (a->number)
		put_number(j, "pcap_cnt", a->number);
}

static bool is_list(struct wt_slice name)
{
	unsigned i;

	for (i = 0; i < WT_N_SHARED_FIELDS; i++) {
		const char *at = wt_shared_fields[i].name;

		if (wt_slice_equal(name, wt_slice_of(at, strlen(at))))
			return wt_shared_fields[i].mult == WT_MULT_MANY;
	}
	return false;
}

static void put_value(struct wt_json *j, const struct wt_alert_field *field)
{
	if (field->form == WT_FORM_PSEUDONYM || field->type == WT_TYPE_STR)
		wt_json_string(j, field->bytes);
	else if (field->form == WT_FORM_PRESENT || field->type == WT_TYPE_BOOL)
		wt_json_bool(j, field->number != 0);
	else if (field->type == WT_TYPE_I64)
		wt_json_i64(j, (int64_t)field->number);
	else if (field->type == WT_TYPE_DEC)
		wt_json_decimal(j, (int64_t)field->number);
	else if (field->type == WT_TYPE_TIME)
		wt_json_time(j, field->number);
	else
		wt_json_u64(j, field->number);
}

/* A further value of the same name: a list that the dictionary does not know. */
static bool has_more(struct wt_slice rest, struct wt_slice name)
{
	struct wt_alert_field next;

	return wt_alert_take_field(&rest, &next) && wt_slice_equal(next.name, name);
}

/* Names stay dotted here; values of a list lie together. */
static void put_fields(struct wt_json *j, struct wt_slice fields)
{
	struct wt_alert_field field;
	struct wt_slice open = { NULL, 0 };

	wt_json_key(j, "fields");
	wt_json_open(j, '{');
	while (wt_alert_take_field(&fields, &field)) {
		char key[128];

		if (open.len && wt_slice_equal(open, field.name)) {
			put_value(j, &field);
			continue;
		}
		if (open.len)
			wt_json_close(j, ']');
		open.len = 0;
		if (field.name.len >= sizeof(key))
			continue;
		memcpy(key, field.name.ptr, field.name.len);
		key[field.name.len] = '\0';
		wt_json_key(j, key);
		if (is_list(field.name) || has_more(fields, field.name)) {
			open = field.name;
			wt_json_open(j, '[');
		}
		put_value(j, &field);
	}
	if (open.len)
		wt_json_close(j, ']');
	wt_json_close(j, '}');
}

static void put_device(struct wt_json *j, const char *key, const struct wt_slice *text)
{
	static const char *const names[] = { "id", "name", "class", "vendor", "model" };
	size_t len = 0;
	unsigned i;

	for (i = 0; i < 5; i++)
		len += text[i].len;
	if (!len)
		return;
	wt_json_key(j, key);
	wt_json_open(j, '{');
	for (i = 0; i < 5; i++)
		put_text(j, names[i], text[i]);
	wt_json_close(j, '}');
}

void wt_alert_json(struct wt_json *j, const struct wt_alert *a, uint64_t journal_seq)
{
	const char *kind = wt_alert_kind_name(a->kind);
	char id[33];

	wt_alert_id_text(a->id, id);
	wt_json_open(j, '{');
	put_time(j, "timestamp", a->first_ns);
	put_text(j, "in_iface", a->text[WT_ALERT_INTERFACE]);
	wt_json_key(j, "event_type");
	/* What EVE's readers count as an alert has to be one. */
	wt_json_text(j, wt_alert_is_alert(a) ? "alert" :
			a->kind == WT_ALERT_HEALTH ? "health" : "device");
	put_flow(j, a);
	wt_json_key(j, "alert");
	wt_json_open(j, '{');
	put_text(j, "kind", wt_slice_of(kind, strlen(kind)));
	put_number(j, "gid", a->gid);
	put_number(j, "signature_id", a->sid);
	put_number(j, "rev", a->rev);
	put_text(j, "signature", a->text[WT_ALERT_SIGNATURE]);
	put_text(j, "category", a->text[WT_ALERT_CATEGORY]);
	put_text(j, "sentence", a->text[WT_ALERT_SENTENCE]);
	put_text(j, "alert_id", wt_slice_of(id, 32));
	put_number(j, "seq", a->seq);
	put_number(j, "risk", a->severity);
	put_number(j, "confidence_percent", a->confidence);
	put_number(j, "count", a->n);
	put_time(j, "first_seen", a->first_ns);
	put_time(j, "last_seen", a->last_ns);
	put_time(j, "made", a->made_ns);
	wt_json_key(j, "closed");
	wt_json_bool(j, a->is_closed);
	put_text(j, "sensor", a->text[WT_ALERT_SENSOR]);
	put_device(j, "src_device", &a->text[WT_ALERT_SRC_DEVICE]);
	put_device(j, "dest_device", &a->text[WT_ALERT_DST_DEVICE]);
	if (a->fields.len)
		put_fields(j, a->fields);
	if (a->is_truncated) {
		wt_json_key(j, "truncated");
		wt_json_bool(j, true);
	}
	wt_json_close(j, '}');
	if (journal_seq)
		put_number(j, "journal_seq", journal_seq);
	wt_json_close(j, '}');
	wt_bld_char(&j->out, '\n');
}
