/* The values of a record that the formats have keys for (siem.h).
 * Source: Suricata's EVE names, CEF, ECS: see the tables.
 * Trust: texts are hostile and only passed on; what is made here is ASCII.
 * Memory: the caller's view; its room bounds the texts that are made. */
#include "export/siem.h"
#include "base/address.h"
#include "export/community_id.h"

#include <stddef.h>

#define INTEL_GID 4u /* group of the alerts of indicators (match/intel_match.c) */

const struct wt_siem_about wt_siem_about[WT_N_SIEM_VALUES] = {
#define V(id, type_, doc_) [WT_SIEM_##id] = { .type = WT_SIEM_TYPE_##type_, .doc = (doc_) },
#include "export/siem.def"
#undef V
};

static void put_text(struct wt_siem_view *v, unsigned value, struct wt_slice text)
{
	v->text[value] = text;
	v->is_there[value] = text.len > 0;
}

static void put_word(struct wt_siem_view *v, unsigned value, const char *word)
{
	put_text(v, value, wt_slice_of(word, strlen(word)));
}

static void put_number(struct wt_siem_view *v, unsigned value, uint64_t number)
{
	v->number[value] = number;
	v->is_there[value] = true;
}

static void put_if(struct wt_siem_view *v, unsigned value, uint64_t number)
{
	v->number[value] = number;
	v->is_there[value] = number > 0;
}

/* Texts that are made: write into v->texts, then take what was written since. */
static struct wt_slice made_since(const struct wt_siem_view *v, size_t from)
{
	return wt_slice_of(v->texts.ptr + from, v->texts.len - from);
}

static struct wt_slice made_number(struct wt_siem_view *v, uint64_t number)
{
	size_t from = v->texts.len;

	wt_bld_u64(&v->texts, number);
	return made_since(v, from);
}

static struct wt_slice made_mac(struct wt_siem_view *v, const uint8_t *octet, char parting,
				const char *digits)
{
	char text[17];
	size_t from = v->texts.len;
	unsigned i;

	for (i = 0; i < 6; i++) {
		text[3 * i] = digits[octet[i] >> 4];
		text[3 * i + 1] = digits[octet[i] & 15];
		if (i < 5)
			text[3 * i + 2] = parting;
	}
	wt_bld_bytes(&v->texts, wt_slice_of(text, sizeof(text)));
	return made_since(v, from);
}

static void view_macs(struct wt_siem_view *v)
{
	static const char upper[] = "0123456789ABCDEF", lower[] = "0123456789abcdef";
	const uint8_t *dst = v->alert->mac, *src = dst + 6;

	if (!v->alert->has_mac)
		return;
	put_text(v, WT_SIEM_SRC_MAC, made_mac(v, src, ':', lower));
	put_text(v, WT_SIEM_DST_MAC, made_mac(v, dst, ':', lower));
	put_text(v, WT_SIEM_SRC_MAC_UPPER, made_mac(v, src, ':', upper));
	put_text(v, WT_SIEM_DST_MAC_UPPER, made_mac(v, dst, ':', upper));
	put_text(v, WT_SIEM_SRC_MAC_DASH, made_mac(v, src, '-', upper));
	put_text(v, WT_SIEM_DST_MAC_DASH, made_mac(v, dst, '-', upper));
	put_text(v, WT_SIEM_SRC_ANY, v->text[WT_SIEM_SRC_MAC]);
	put_text(v, WT_SIEM_DST_ANY, v->text[WT_SIEM_DST_MAC]);
}

static void view_proto(struct wt_siem_view *v)
{
	const struct wt_alert *a = v->alert;
	size_t from = v->texts.len, i;
	struct wt_slice proto;

	wt_bld_proto(&v->texts, a->key.proto);
	proto = made_since(v, from);
	put_text(v, WT_SIEM_PROTO, proto);
	from = v->texts.len;
	for (i = 0; i < proto.len; i++)
		wt_bld_u8(&v->texts, (uint8_t)(proto.ptr[i] >= 'A' && proto.ptr[i] <= 'Z'
						       ? proto.ptr[i] + 32
						       : proto.ptr[i]));
	put_text(v, WT_SIEM_TRANSPORT,
		 a->key.proto == 58 ? WT_LIT("ipv6-icmp") : made_since(v, from));
	put_number(v, WT_SIEM_IP_PROTO, a->key.proto);
	put_text(v, WT_SIEM_IP_PROTO_TEXT, made_number(v, a->key.proto));
	put_word(v, WT_SIEM_IP_TYPE, a->key.ip_version == 4 ? "ipv4" : "ipv6");
	if (a->key.proto == 6 || a->key.proto == 17 || a->key.proto == 132) {
		put_number(v, WT_SIEM_SRC_PORT, a->key.end[a->sender].port);
		put_number(v, WT_SIEM_DST_PORT, a->key.end[a->sender ^ 1u].port);
	}
}

/* `ip`, `any`, `src`, `src6`: values of one end. */
static void view_address(struct wt_siem_view *v, unsigned end, unsigned ip, unsigned any,
			 unsigned src, unsigned src6)
{
	const struct wt_flow_key *key = &v->alert->key;
	enum wt_cef_ipv6 way = v->options->cef_ipv6;
	size_t from = v->texts.len;
	struct wt_slice text;

	wt_bld_addr(&v->texts, &key->end[end].addr, key->ip_version);
	text = made_since(v, from);
	put_text(v, ip, text);
	put_text(v, any, text);
	if (key->ip_version == 4 || way != WT_CEF_C6A)
		put_text(v, src, text);
	if (key->ip_version == 6 && way != WT_CEF_SRC)
		put_text(v, src6, text);
	if (v->number[WT_SIEM_RELATED_IP] && wt_slice_equal(v->related[0], text))
		return;
	v->related[v->number[WT_SIEM_RELATED_IP]] = text;
	put_number(v, WT_SIEM_RELATED_IP, v->number[WT_SIEM_RELATED_IP] + 1);
}

static void view_flow(struct wt_siem_view *v)
{
	const struct wt_alert *a = v->alert;
	char id[WT_COMMUNITY_ID_LEN];
	size_t from;

	if (a->n_vlans) {
		put_number(v, WT_SIEM_VLAN, a->vlan[0]);
		put_text(v, WT_SIEM_VLAN_TEXT, made_number(v, a->vlan[0]));
		put_number(v, WT_SIEM_VLANS, a->n_vlans);
	}
	if (a->n_vlans > 1)
		put_text(v, WT_SIEM_INNER_VLAN_TEXT, made_number(v, a->vlan[1]));
	put_if(v, WT_SIEM_FLOW_ID, a->flow_id);
	view_macs(v);
	if (!a->key.ip_version)
		return;
	view_address(v, a->sender, WT_SIEM_SRC_IP, WT_SIEM_SRC_ANY, WT_SIEM_CEF_SRC,
		     WT_SIEM_CEF_SRC6);
	view_address(v, a->sender ^ 1u, WT_SIEM_DST_IP, WT_SIEM_DST_ANY, WT_SIEM_CEF_DST,
		     WT_SIEM_CEF_DST6);
	view_proto(v);
	wt_community_id(&a->key, a->sender, 0, id);
	from = v->texts.len;
	wt_bld_bytes(&v->texts, wt_slice_of(id, sizeof(id)));
	put_text(v, WT_SIEM_COMMUNITY_ID, made_since(v, from));
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
	struct wt_slice id;
	int shift;

	wt_record_id_text(a, text);
	wt_bld_text(&v->texts, text);
	id = made_since(v, from);
	put_text(v, WT_SIEM_ALERT_ID, wt_slice_head(id, 2 * WT_ALERT_ID_LEN));
	put_text(v, WT_SIEM_RECORD_ID, id);
	put_text(v, WT_SIEM_EXTERNAL_ID, id);
	if (id.len > 40) {
		from = v->texts.len;
		wt_bld_bytes(&v->texts, v->text[WT_SIEM_ALERT_ID]);
		for (shift = 28; shift >= 0; shift -= 4)
			wt_bld_char(&v->texts, "0123456789ABCDEF"[a->seq >> shift & 15]);
		put_text(v, WT_SIEM_EXTERNAL_ID, made_since(v, from));
	}
	put_text(v, WT_SIEM_SID_TEXT, made_number(v, a->sid));
	put_text(v, WT_SIEM_REV_TEXT, made_number(v, a->rev));
	put_word(v, WT_SIEM_CLASS_ID, wt_alert_kind_name(a->kind));
	if (a->kind != WT_ALERT_RULE)
		return;
	from = v->texts.len;
	wt_bld_u64(&v->texts, a->gid);
	wt_bld_char(&v->texts, ':');
	wt_bld_bytes(&v->texts, v->text[WT_SIEM_SID_TEXT]);
	put_text(v, WT_SIEM_CLASS_ID, made_since(v, from));
}

static void view_numbers(struct wt_siem_view *v)
{
	const struct wt_alert *a = v->alert;
	unsigned severity = v->kind & WT_FOR_ALERT ? a->severity : 0;

	put_number(v, WT_SIEM_SEQ, a->seq);
	put_if(v, WT_SIEM_JOURNAL_SEQ, v->journal_seq);
	put_number(v, WT_SIEM_IS_UPDATE, a->seq > 0);
	put_number(v, WT_SIEM_IS_CLOSED, a->is_closed);
	put_if(v, WT_SIEM_IS_TRUNCATED, a->is_truncated);
	put_number(v, WT_SIEM_MADE, a->made_ns);
	put_number(v, WT_SIEM_EVE_TIME,
		   v->kind & WT_FOR_ALERT && a->first_ns ? a->first_ns : a->made_ns);
	put_if(v, WT_SIEM_FIRST, a->first_ns);
	put_if(v, WT_SIEM_LAST, a->last_ns);
	put_number(v, WT_SIEM_COUNT, a->n);
	put_number(v, WT_SIEM_COUNT_31, a->n < INT32_MAX ? a->n : INT32_MAX);
	put_if(v, WT_SIEM_PACKET, a->number);
	put_number(v, WT_SIEM_SEVERITY, severity);
	put_number(v, WT_SIEM_LEEF_SEVERITY, severity ? severity : 1);
	put_number(v, WT_SIEM_RISK_SCORE, 10 * severity);
	put_number(v, WT_SIEM_PRIORITY,
		   severity >= 8   ? 1
		   : severity >= 5 ? 2
		   : severity >= 3 ? 3
				   : 4);
	put_number(v, WT_SIEM_CONFIDENCE, a->confidence);
	put_number(v, WT_SIEM_GID, a->gid);
	put_number(v, WT_SIEM_SID, a->sid);
	put_number(v, WT_SIEM_REV, a->rev);
}

static void view_words(struct wt_siem_view *v)
{
	const struct wt_encode_options *o = v->options;
	bool is_health = v->kind == WT_FOR_HEALTH, is_device = v->kind == WT_FOR_DEVICE;
	const struct wt_alert *a = v->alert;

	put_word(v, WT_SIEM_KIND, wt_alert_kind_name(a->kind));
	put_word(v, WT_SIEM_ACTION, "allowed");
	put_word(v, WT_SIEM_SEVERITY_WORD,
		 is_health || is_device ? "informational"
		 : a->severity >= 9     ? "critical"
		 : a->severity >= 7     ? "high"
		 : a->severity >= 4     ? "medium"
					: "low");
	put_word(v, WT_SIEM_RULE_GROUP,
		 v->kind == WT_FOR_OWN ? "sensor"
		 : a->gid == INTEL_GID ? "indicators"
				       : "rules");
	if (o->host && *o->host)
		put_word(v, WT_SIEM_HOST, o->host);
	else if (a->text[WT_ALERT_SENSOR].len)
		put_text(v, WT_SIEM_HOST, a->text[WT_ALERT_SENSOR]);
	else
		put_word(v, WT_SIEM_HOST, "wardtap");
	put_word(v, WT_SIEM_EVE_TYPE, is_health ? "health" : is_device ? "device" : "alert");
	put_word(v, WT_SIEM_ECS_KIND, is_health ? "metric" : is_device ? "asset" : "alert");
	put_word(v, WT_SIEM_DATASET,
		 is_health   ? "wardtap.health"
		 : is_device ? "wardtap.device"
			     : "wardtap.alert");
	put_word(v, WT_SIEM_HEC_SOURCE, o->source ? o->source : "wardtap");
	put_word(v, WT_SIEM_HEC_SOURCETYPE,
		 o->sourcetype ? o->sourcetype
		 : is_health   ? "wardtap:health"
		 : is_device   ? "wardtap:device"
			       : "wardtap:alert");
	put_word(v, WT_SIEM_HEC_INDEX, o->index ? o->index : "");
	put_number(v, WT_SIEM_ECS_CATEGORY, v->kind == WT_FOR_RULE ? 2 : 1);
	put_number(v, WT_SIEM_ECS_TYPE, 1);
	v->is_there[WT_SIEM_CONSTANT] = true;
}

/* Classes of things that treat nobody; all others, also a hospital's own, may. */
static bool is_medical(struct wt_slice class)
{
	static const char *const others[] = {
		"building_sensor",
		"camera",
		"media_device",
		"network_gear",
		"phone_or_wearable_gateway",
		"printer",
		"rtls_rfid_reader",
		"server",
		"telephone",
		"workstation",
	};
	unsigned i;

	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (wt_slice_equal(class, wt_slice_of(others[i], strlen(others[i]))))
			return false;
	return class.len > 0;
}

/* The first text of the end that the record is about. */
static const struct wt_slice *device_of(const struct wt_alert *a)
{
	bool is_src = is_medical(a->text[WT_ALERT_SRC_CLASS]);
	bool is_dst = is_medical(a->text[WT_ALERT_DST_CLASS]);
	unsigned i;

	if (a->kind == WT_ALERT_DEVICE)
		return &a->text[WT_ALERT_SRC_DEVICE];
	if (is_src != is_dst)
		return &a->text[is_src ? WT_ALERT_SRC_DEVICE : WT_ALERT_DST_DEVICE];
	for (i = WT_ALERT_DST_CLASS; i <= WT_ALERT_DST_MODEL; i++)
		if (a->text[i].len)
			return &a->text[WT_ALERT_DST_DEVICE];
	return &a->text[WT_ALERT_SRC_DEVICE];
}

static void view_device(struct wt_siem_view *v)
{
	const struct wt_slice *device = device_of(v->alert);
	struct wt_slice vendor = device[3], model = device[4];
	size_t from = v->texts.len;

	put_text(v, WT_SIEM_DEVICE_ROLE, device[2]);
	if (vendor.len && model.len) {
		wt_bld_bytes(&v->texts, vendor);
		wt_bld_char(&v->texts, ' ');
		wt_bld_bytes(&v->texts, model);
		put_text(v, WT_SIEM_DEVICE_MAKE, made_since(v, from));
	} else {
		put_text(v, WT_SIEM_DEVICE_MAKE, vendor.len ? vendor : model);
	}
}

/* Value of each text of an alert. */
static const uint8_t value_of_text[WT_N_ALERT_TEXTS] = {
	[WT_ALERT_SENSOR] = WT_SIEM_SENSOR,
	[WT_ALERT_INTERFACE] = WT_SIEM_INTERFACE,
	[WT_ALERT_APP] = WT_SIEM_APP,
	[WT_ALERT_SIGNATURE] = WT_SIEM_SIGNATURE,
	[WT_ALERT_CATEGORY] = WT_SIEM_CATEGORY,
	[WT_ALERT_SENTENCE] = WT_SIEM_SENTENCE,
	[WT_ALERT_SRC_DEVICE] = WT_SIEM_SRC_DEVICE,
	[WT_ALERT_SRC_NAME] = WT_SIEM_SRC_NAME,
	[WT_ALERT_SRC_CLASS] = WT_SIEM_SRC_CLASS,
	[WT_ALERT_SRC_VENDOR] = WT_SIEM_SRC_VENDOR,
	[WT_ALERT_SRC_MODEL] = WT_SIEM_SRC_MODEL,
	[WT_ALERT_DST_DEVICE] = WT_SIEM_DST_DEVICE,
	[WT_ALERT_DST_NAME] = WT_SIEM_DST_NAME,
	[WT_ALERT_DST_CLASS] = WT_SIEM_DST_CLASS,
	[WT_ALERT_DST_VENDOR] = WT_SIEM_DST_VENDOR,
	[WT_ALERT_DST_MODEL] = WT_SIEM_DST_MODEL,
};

static void view_texts(struct wt_siem_view *v)
{
	const struct wt_alert *a = v->alert;
	unsigned i, n = 0;

	for (i = 0; i < WT_N_ALERT_TEXTS; i++)
		put_text(v, value_of_text[i], a->text[i]);
	if (!v->is_there[WT_SIEM_SIGNATURE])
		put_word(v, WT_SIEM_SIGNATURE,
			 a->kind == WT_ALERT_HEALTH   ? "Sensor is alive"
			 : a->kind == WT_ALERT_DEVICE ? "Device was found or changed"
						      : "Rule without a message");
	put_text(v, WT_SIEM_MESSAGE,
		 v->text[v->is_there[WT_SIEM_SENTENCE] ? WT_SIEM_SENTENCE : WT_SIEM_SIGNATURE]);
	for (i = WT_ALERT_SRC_NAME; i <= WT_ALERT_DST_NAME;
	     i += WT_ALERT_DST_NAME - WT_ALERT_SRC_NAME)
		if (a->text[i].len && !(n && wt_slice_equal(v->hosts[0], a->text[i])))
			v->hosts[n++] = a->text[i];
	put_if(v, WT_SIEM_RELATED_HOSTS, n);
}

void wt_siem_view_of(struct wt_siem_view *v, const struct wt_encode_item *item,
		     const struct wt_encode_options *options, const struct wt_siem_table *table)
{
	static const uint8_t kinds[WT_N_ALERT_KINDS] = {
		[WT_ALERT_RULE] = WT_FOR_RULE,     [WT_ALERT_GAP] = WT_FOR_OWN,
		[WT_ALERT_EVICTED] = WT_FOR_OWN,   [WT_ALERT_DAMAGE] = WT_FOR_OWN,
		[WT_ALERT_HEALTH] = WT_FOR_HEALTH, [WT_ALERT_DEVICE] = WT_FOR_DEVICE,
		[WT_ALERT_MISSING] = WT_FOR_OWN,
	};

	memset(v, 0, offsetof(struct wt_siem_view, text));
	v->number[WT_SIEM_RELATED_IP] = 0;
	v->alert = item->alert;
	v->options = options;
	v->table = table;
	v->journal_seq = item->journal_seq;
	v->kind = kinds[item->alert->kind < WT_N_ALERT_KINDS ? item->alert->kind : 0];
	v->texts = wt_builder_of(v->room, sizeof(v->room));
	view_ids(v);
	view_numbers(v);
	view_texts(v);
	view_words(v);
	view_flow(v);
	view_device(v);
	wt_siem_view_fields(v);
}

const struct wt_slice *wt_siem_list(const struct wt_siem_view *v, unsigned value)
{
	static const struct wt_slice category[] = { { (const uint8_t *)"intrusion_detection",
						      19 },
						    { (const uint8_t *)"network", 7 } };
	static const struct wt_slice host = { (const uint8_t *)"host", 4 };
	static const struct wt_slice info = { (const uint8_t *)"info", 4 };

	switch (value) {
	case WT_SIEM_ECS_CATEGORY:
		return v->kind == WT_FOR_RULE ? category : &host;
	case WT_SIEM_ECS_TYPE:
		return &info;
	case WT_SIEM_TECHNIQUES:
		return v->technique;
	case WT_SIEM_REFERENCES:
		return v->reference;
	case WT_SIEM_METADATA:
		return v->meta;
	case WT_SIEM_RELATED_IP:
		return v->related;
	default:
		return v->hosts;
	}
}
