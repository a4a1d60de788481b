/* One value of a record, and its fields (siem.h).
 * Trust: texts are hostile and only passed on. Memory: slices of the view. */
#include "export/siem.h"

#define INTEL_GID 4u /* group of the alerts of indicators (match/intel_match.c) */

static struct wt_siem_datum text_of(struct wt_slice text)
{
	return (struct wt_siem_datum){
		.type = text.len ? WT_SIEM_TYPE_TEXT : WT_SIEM_TYPE_NONE, .text = text
	};
}

static struct wt_siem_datum word_of(const char *word)
{
	return text_of(word ? wt_slice_of(word, strlen(word)) : wt_slice_of(NULL, 0));
}

static struct wt_siem_datum number_of(uint64_t number)
{
	return (struct wt_siem_datum){ .type = WT_SIEM_TYPE_U64, .number = number };
}

static struct wt_siem_datum if_there(uint64_t number)
{
	return number ? number_of(number) : text_of(wt_slice_of(NULL, 0));
}

static struct wt_siem_datum time_of(uint64_t ns)
{
	return (struct wt_siem_datum){ .type = WT_SIEM_TYPE_TIME, .number = ns };
}

static struct wt_siem_datum list_of(const struct wt_slice *list, unsigned n)
{
	return (struct wt_siem_datum){
		.type = n ? WT_SIEM_TYPE_LIST : WT_SIEM_TYPE_NONE, .list = list, .n = n
	};
}

static struct wt_slice signature_of(const struct wt_alert *a)
{
	if (a->text[WT_ALERT_SIGNATURE].len)
		return a->text[WT_ALERT_SIGNATURE];
	switch (a->kind) {
	case WT_ALERT_HEALTH:
		return WT_LIT("Sensor is alive");
	case WT_ALERT_DEVICE:
		return WT_LIT("Device was found or changed");
	default:
		return WT_LIT("Rule without a message");
	}
}

static const char *severity_word(const struct wt_siem_view *v)
{
	unsigned severity = v->alert->severity;

	if (!(v->kind & WT_FOR_ALERT))
		return "informational";
	return severity >= 9 ? "critical" : severity >= 7 ? "high" : severity >= 4 ? "medium" : "low";
}

static unsigned priority_of(unsigned severity)
{
	return severity >= 8 ? 1 : severity >= 5 ? 2 : severity >= 3 ? 3 : 4;
}

static struct wt_siem_datum take_port(const struct wt_alert *a, unsigned end)
{
	bool has_ports = a->key.proto == 6 || a->key.proto == 17 || a->key.proto == 132;

	if (!a->key.ip_version || !has_ports)
		return text_of(wt_slice_of(NULL, 0));
	return number_of(a->key.end[a->sender ^ end].port);
}

static struct wt_siem_datum take_cef_ip(const struct wt_siem_view *v, unsigned end, bool is_c6a)
{
	bool is_v6 = v->alert->key.ip_version == 6;
	enum wt_cef_ipv6 way = v->options->cef_ipv6;

	if (is_c6a ? !is_v6 || way == WT_CEF_SRC : is_v6 && way == WT_CEF_C6A)
		return text_of(wt_slice_of(NULL, 0));
	return text_of(v->ip[end]);
}

/* Numbers and times. */
static struct wt_siem_datum take_number(const struct wt_siem_view *v, unsigned value)
{
	const struct wt_alert *a = v->alert;
	unsigned severity = v->kind & WT_FOR_ALERT ? a->severity : 0;

	switch (value) {
	case WT_SIEM_SEQ:
		return number_of(a->seq);
	case WT_SIEM_JOURNAL_SEQ:
		return if_there(v->journal_seq);
	case WT_SIEM_IS_UPDATE:
		return number_of(a->seq > 0);
	case WT_SIEM_MADE:
		return time_of(a->made_ns);
	case WT_SIEM_FIRST:
		return time_of(a->first_ns);
	case WT_SIEM_LAST:
		return time_of(a->last_ns);
	case WT_SIEM_COUNT:
		return number_of(a->n);
	case WT_SIEM_COUNT_31:
		return number_of(a->n < INT32_MAX ? a->n : INT32_MAX);
	case WT_SIEM_PACKET:
		return if_there(a->number);
	case WT_SIEM_SEVERITY:
		return number_of(severity);
	case WT_SIEM_LEEF_SEVERITY:
		return number_of(severity ? severity : 1);
	case WT_SIEM_RISK_SCORE:
		return number_of(10 * severity);
	case WT_SIEM_PRIORITY:
		return number_of(priority_of(severity));
	case WT_SIEM_CONFIDENCE:
		return number_of(a->confidence);
	case WT_SIEM_GID:
		return number_of(a->gid);
	case WT_SIEM_SID:
		return number_of(a->sid);
	case WT_SIEM_REV:
		return number_of(a->rev);
	case WT_SIEM_SRC_PORT:
		return take_port(a, 0);
	case WT_SIEM_DST_PORT:
		return take_port(a, 1);
	case WT_SIEM_IP_PROTO:
		return a->key.ip_version ? number_of(a->key.proto) : word_of(NULL);
	case WT_SIEM_VLAN:
		return a->n_vlans ? number_of(a->vlan[0]) : word_of(NULL);
	case WT_SIEM_FLOW_ID:
		return if_there(a->flow_id);
	default:
		return word_of(NULL);
	}
}

/* Words that depend on the kind of the record. */
static struct wt_siem_datum take_word(const struct wt_siem_view *v, unsigned value)
{
	const struct wt_encode_options *o = v->options;
	bool is_health = v->kind == WT_FOR_HEALTH, is_device = v->kind == WT_FOR_DEVICE;
	const struct wt_alert *a = v->alert;

	switch (value) {
	case WT_SIEM_KIND:
		return word_of(wt_alert_kind_name(a->kind));
	case WT_SIEM_SEVERITY_WORD:
		return word_of(severity_word(v));
	case WT_SIEM_ACTION:
		return word_of("allowed");
	case WT_SIEM_FRAMEWORK:
		return word_of(v->n_techniques ? "MITRE ATT&CK" : NULL);
	case WT_SIEM_RULE_GROUP:
		return word_of(v->kind == WT_FOR_OWN ? "sensor" :
			       a->gid == INTEL_GID   ? "indicators" :
						       "rules");
	case WT_SIEM_HOST:
		if (o->host && *o->host)
			return word_of(o->host);
		return a->text[WT_ALERT_SENSOR].len ? text_of(a->text[WT_ALERT_SENSOR]) :
						      word_of("wardtap");
	case WT_SIEM_EVE_TYPE:
		return word_of(is_health ? "health" : is_device ? "device" : "alert");
	case WT_SIEM_ECS_KIND:
		return word_of(is_health ? "metric" : is_device ? "asset" : "alert");
	case WT_SIEM_DATASET:
		return word_of(is_health ? "wardtap.health" :
			       is_device ? "wardtap.device" :
					   "wardtap.alert");
	case WT_SIEM_HEC_SOURCE:
		return word_of(o->source ? o->source : "wardtap");
	case WT_SIEM_HEC_SOURCETYPE:
		return word_of(o->sourcetype ? o->sourcetype :
			       is_health     ? "wardtap:health" :
			       is_device     ? "wardtap:device" :
					       "wardtap:alert");
	case WT_SIEM_HEC_INDEX:
		return word_of(o->index);
	case WT_SIEM_IP_TYPE:
		return word_of(a->key.ip_version == 4 ? "ipv4" :
			       a->key.ip_version == 6 ? "ipv6" :
							NULL);
	default:
		return take_number(v, value);
	}
}

/* What the view made of addresses and numbers. */
static struct wt_siem_datum take_made(const struct wt_siem_view *v, unsigned value)
{
	switch (value) {
	case WT_SIEM_CLASS_ID:
		return text_of(v->class_id);
	case WT_SIEM_ALERT_ID:
		return text_of(wt_slice_head(v->record_id, 2 * WT_ALERT_ID_LEN));
	case WT_SIEM_RECORD_ID:
		return text_of(v->record_id);
	case WT_SIEM_EXTERNAL_ID:
		return text_of(v->external_id);
	case WT_SIEM_SID_TEXT:
		return text_of(v->sid);
	case WT_SIEM_REV_TEXT:
		return text_of(v->rev);
	case WT_SIEM_SRC_IP:
	case WT_SIEM_DST_IP:
		return text_of(v->ip[value == WT_SIEM_DST_IP]);
	case WT_SIEM_SRC_ANY:
		return text_of(v->ip[0].len ? v->ip[0] : v->mac[0][0]);
	case WT_SIEM_DST_ANY:
		return text_of(v->ip[1].len ? v->ip[1] : v->mac[1][0]);
	case WT_SIEM_CEF_SRC:
	case WT_SIEM_CEF_DST:
		return take_cef_ip(v, value == WT_SIEM_CEF_DST, false);
	case WT_SIEM_CEF_SRC6:
	case WT_SIEM_CEF_DST6:
		return take_cef_ip(v, value == WT_SIEM_CEF_DST6, true);
	case WT_SIEM_SRC_MAC:
	case WT_SIEM_DST_MAC:
		return text_of(v->mac[value == WT_SIEM_DST_MAC][0]);
	case WT_SIEM_SRC_MAC_UPPER:
	case WT_SIEM_DST_MAC_UPPER:
		return text_of(v->mac[value == WT_SIEM_DST_MAC_UPPER][1]);
	case WT_SIEM_SRC_MAC_DASH:
	case WT_SIEM_DST_MAC_DASH:
		return text_of(v->mac[value == WT_SIEM_DST_MAC_DASH][2]);
	case WT_SIEM_PROTO:
		return text_of(v->proto);
	case WT_SIEM_TRANSPORT:
		return text_of(v->transport);
	case WT_SIEM_IP_PROTO_TEXT:
		return text_of(v->ip_proto);
	case WT_SIEM_VLAN_TEXT:
	case WT_SIEM_INNER_VLAN_TEXT:
		return text_of(v->vlan[value == WT_SIEM_INNER_VLAN_TEXT]);
	case WT_SIEM_COMMUNITY_ID:
		return text_of(v->community_id);
	case WT_SIEM_CONTEXT:
		return text_of(v->context);
	case WT_SIEM_DEVICE_MAKE:
		return text_of(v->make);
	case WT_SIEM_DEVICE_ROLE:
		return text_of(v->role);
	default:
		return take_word(v, value);
	}
}

/* Texts of the alert, by value. */
static const uint8_t text_of_value[WT_N_SIEM_VALUES] = {
	[WT_SIEM_SENSOR] = WT_ALERT_SENSOR + 1,
	[WT_SIEM_INTERFACE] = WT_ALERT_INTERFACE + 1,
	[WT_SIEM_APP] = WT_ALERT_APP + 1,
	[WT_SIEM_CATEGORY] = WT_ALERT_CATEGORY + 1,
	[WT_SIEM_SENTENCE] = WT_ALERT_SENTENCE + 1,
	[WT_SIEM_SRC_DEVICE] = WT_ALERT_SRC_DEVICE + 1,
	[WT_SIEM_SRC_NAME] = WT_ALERT_SRC_NAME + 1,
	[WT_SIEM_SRC_CLASS] = WT_ALERT_SRC_CLASS + 1,
	[WT_SIEM_SRC_VENDOR] = WT_ALERT_SRC_VENDOR + 1,
	[WT_SIEM_SRC_MODEL] = WT_ALERT_SRC_MODEL + 1,
	[WT_SIEM_DST_DEVICE] = WT_ALERT_DST_DEVICE + 1,
	[WT_SIEM_DST_NAME] = WT_ALERT_DST_NAME + 1,
	[WT_SIEM_DST_CLASS] = WT_ALERT_DST_CLASS + 1,
	[WT_SIEM_DST_VENDOR] = WT_ALERT_DST_VENDOR + 1,
	[WT_SIEM_DST_MODEL] = WT_ALERT_DST_MODEL + 1,
};

/* Lists, truths, and texts that fall back on another. */
static struct wt_siem_datum take_other(const struct wt_siem_view *v, const struct wt_siem_row *row)
{
	static const struct wt_slice ids[] = { { (const uint8_t *)"intrusion_detection", 19 },
					       { (const uint8_t *)"network", 7 } };
	static const struct wt_slice host = { (const uint8_t *)"host", 4 };
	static const struct wt_slice info = { (const uint8_t *)"info", 4 };
	const struct wt_alert *a = v->alert;
	struct wt_siem_datum datum = { .type = WT_SIEM_TYPE_NONE };

	switch (row->value) {
	case WT_SIEM_CONSTANT:
		return word_of(row->word);
	case WT_SIEM_SIGNATURE:
		return text_of(signature_of(a));
	case WT_SIEM_MESSAGE:
		return text_of(a->text[WT_ALERT_SENTENCE].len ? a->text[WT_ALERT_SENTENCE] :
								signature_of(a));
	case WT_SIEM_IS_CLOSED:
		datum = (struct wt_siem_datum){ .type = WT_SIEM_TYPE_BOOL,
						.number = a->is_closed };
		break;
	case WT_SIEM_IS_TRUNCATED:
		if (a->is_truncated)
			datum = (struct wt_siem_datum){ .type = WT_SIEM_TYPE_BOOL, .number = 1 };
		break;
	case WT_SIEM_ECS_CATEGORY:
		return v->kind == WT_FOR_RULE ? list_of(ids, 2) : list_of(&host, 1);
	case WT_SIEM_ECS_TYPE:
		return list_of(&info, 1);
	case WT_SIEM_TECHNIQUES:
		return list_of(v->technique, v->n_techniques);
	case WT_SIEM_REFERENCES:
		return list_of(v->reference, v->n_references);
	case WT_SIEM_RELATED_IP:
		return list_of(v->related, v->n_related);
	case WT_SIEM_RELATED_HOSTS:
		return list_of(v->hosts, v->n_hosts);
	case WT_SIEM_VLANS:
		if (a->n_vlans)
			datum = (struct wt_siem_datum){ .type = WT_SIEM_TYPE_NUMBERS,
							.numbers = a->vlan,
							.n = a->n_vlans };
		break;
	case WT_SIEM_METADATA:
		datum = list_of(v->meta, v->n_metas);
		datum.type = v->n_metas ? WT_SIEM_TYPE_META : WT_SIEM_TYPE_NONE;
		break;
	case WT_SIEM_FIELDS:
		if (v->fields.n && v->fields_max)
			datum.type = WT_SIEM_TYPE_FIELDS;
		break;
	default:
		return take_made(v, row->value);
	}
	return datum;
}

struct wt_siem_datum wt_siem_take(const struct wt_siem_view *v, const struct wt_siem_row *row)
{
	unsigned text = text_of_value[row->value];

	if (text)
		return text_of(v->alert->text[text - 1]);
	return take_other(v, row);
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

bool wt_siem_field_more(const struct wt_siem_view *v, unsigned *at, struct wt_alert_field *field)
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
