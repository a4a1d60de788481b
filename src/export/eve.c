/* EVE-style JSON lines (eve.h).
 * Source: Suricata's EVE field names; our dictionary for the objects.
 * Trust: strings are hostile and escaped by json.c; numbers and ids are ours.
 * Memory: the caller's line; the cache of community ids is fixed. */
#include "export/eve.h"
#include "base/json.h"
#include "export/community_id.h"
#include "wardtap/registry.h"

#include <stdlib.h>

#define VALUES_MAX 4096
#define CACHE_SLOTS 1024u

struct item {
	uint16_t field;
	uint8_t form;
	struct wt_slice bytes;
};

struct wt_eve {
	const char *(*interface_name)(unsigned);
	const char *(*hint_name)(unsigned);
	struct {
		uint64_t flow_id;
		uint8_t sender;
		char text[WT_COMMUNITY_ID_LEN];
	} cache[CACHE_SLOTS];
	struct item item[VALUES_MAX];
};

struct wt_eve *wt_eve_new(void)
{
	struct wt_eve *eve = calloc(1, sizeof(*eve));

	if (!eve)
		abort();
	return eve;
}

void wt_eve_free(struct wt_eve *eve)
{
	free(eve);
}

void wt_eve_set_names(struct wt_eve *eve, const char *(*interface_name)(unsigned),
		      const char *(*hint_name)(unsigned))
{
	eve->interface_name = interface_name;
	eve->hint_name = hint_name;
}

static void put_hex(struct wt_builder *b, uint8_t byte)
{
	static const char hex[] = "0123456789abcdef";

	wt_bld_char(b, hex[byte >> 4]);
	wt_bld_char(b, hex[byte & 15]);
}

static void put_ipv6(struct wt_builder *b, const uint8_t *octet)
{
	static const char hex[] = "0123456789abcdef";
	unsigned i, best = 8, best_len = 1, run;

	for (i = 0; i < 8; i += run ? run : 1) { /* RFC 5952 4.2: longest run of zeros */
		for (run = 0; i + run < 8 && !octet[2 * (i + run)] && !octet[2 * (i + run) + 1];)
			run++;
		if (run > best_len) {
			best = i;
			best_len = run;
		}
	}
	for (i = 0; i < 8; i++) {
		unsigned word = (unsigned)octet[2 * i] << 8 | octet[2 * i + 1];
		int shift = 12;

		if (i == best) {
			wt_bld_text(b, i == 0 ? "::" : ":");
			i += best_len - 1;
			continue;
		}
		while (shift && !(word >> shift))
			shift -= 4;
		for (; shift >= 0; shift -= 4)
			wt_bld_char(b, hex[word >> shift & 15]);
		if (i < 7)
			wt_bld_char(b, ':');
	}
}

void wt_bld_addr(struct wt_builder *b, const struct wt_addr *addr, uint8_t ip_version)
{
	unsigned i;

	if (ip_version != 4) {
		put_ipv6(b, addr->octet);
		return;
	}
	for (i = 0; i < 4; i++) {
		if (i)
			wt_bld_char(b, '.');
		wt_bld_u64(b, addr->octet[i]);
	}
}

void wt_bld_mac(struct wt_builder *b, const uint8_t mac[6])
{
	unsigned i;

	for (i = 0; i < 6; i++) {
		if (i)
			wt_bld_char(b, ':');
		put_hex(b, mac[i]);
	}
}

void wt_bld_proto(struct wt_builder *b, uint8_t proto)
{
	switch (proto) { /* IANA protocol numbers, as EVE writes them */
	case 1: wt_bld_text(b, "ICMP"); break;
	case 6: wt_bld_text(b, "TCP"); break;
	case 17: wt_bld_text(b, "UDP"); break;
	case 47: wt_bld_text(b, "GRE"); break;
	case 50: wt_bld_text(b, "ESP"); break;
	case 58: wt_bld_text(b, "IPv6-ICMP"); break;
	case 132: wt_bld_text(b, "SCTP"); break;
	default: wt_bld_u64(b, proto); break;
	}
}

static void put_end(struct wt_json *j, const struct wt_event_head *head, bool is_source)
{
	const struct wt_endpoint *end = &head->key.end[is_source ? head->sender : head->sender ^ 1];
	uint8_t room[64];
	struct wt_builder b = wt_builder_of(room, sizeof(room));

	wt_bld_addr(&b, &end->addr, head->key.ip_version);
	wt_json_key(j, is_source ? "src_ip" : "dest_ip");
	wt_json_string(j, wt_bld_slice(&b));
	if (head->key.proto != 6 && head->key.proto != 17 && head->key.proto != 132)
		return;
	wt_json_key(j, is_source ? "src_port" : "dest_port");
	wt_json_u64(j, end->port);
}

static void put_community_id(struct wt_eve *eve, struct wt_json *j,
			     const struct wt_event_head *head)
{
	unsigned slot = (unsigned)(head->flow_id % CACHE_SLOTS);

	if (eve->cache[slot].flow_id != head->flow_id || eve->cache[slot].sender != head->sender) {
		wt_community_id(&head->key, head->sender, 0, eve->cache[slot].text);
		eve->cache[slot].flow_id = head->flow_id;
		eve->cache[slot].sender = head->sender;
	}
	wt_json_key(j, "community_id");
	wt_json_string(j, wt_slice_of(eve->cache[slot].text, WT_COMMUNITY_ID_LEN));
}

static void put_ether(struct wt_json *j, const struct wt_event_head *head)
{
	uint8_t room[32];
	struct wt_builder b = wt_builder_of(room, sizeof(room));

	wt_json_key(j, "ether");
	wt_json_open(j, '{');
	wt_json_key(j, "src_mac");
	wt_bld_mac(&b, head->mac + 6);
	wt_json_string(j, wt_bld_slice(&b));
	b.len = 0;
	wt_bld_mac(&b, head->mac);
	wt_json_key(j, "dest_mac");
	wt_json_string(j, wt_bld_slice(&b));
	wt_json_close(j, '}');
}

static void put_app_proto(struct wt_eve *eve, struct wt_json *j,
			  const struct wt_event_head *head)
{
	const char *name = head->app ? wt_registry_name(head->app) :
			   head->hint && eve->hint_name ? eve->hint_name(head->hint) : "";

	if (!*name)
		return;
	wt_json_key(j, "app_proto");
	wt_json_text(j, name);
}

static void put_head(struct wt_eve *eve, struct wt_json *j, const struct wt_event_head *head)
{
	const struct wt_event_type *type = wt_registry_event(head->owner, head->type);
	unsigned i;

	wt_json_key(j, "timestamp");
	wt_json_time(j, head->ts_ns);
	wt_json_key(j, "flow_id");
	wt_json_u64(j, head->flow_id);
	if (eve->interface_name && eve->interface_name(head->interface)) {
		wt_json_key(j, "in_iface");
		wt_json_text(j, eve->interface_name(head->interface));
	}
	if (head->number) {
		wt_json_key(j, "pcap_cnt");
		wt_json_u64(j, head->number);
	}
	wt_json_key(j, "event_type");
	wt_json_text(j, type ? type->name : "unknown");
	if (head->n_vlans) {
		wt_json_key(j, "vlan");
		wt_json_open(j, '[');
		for (i = 0; i < head->n_vlans && i < WT_VLANS_MAX; i++)
			wt_json_u64(j, head->vlan[i]);
		wt_json_close(j, ']');
	}
	if (head->key.ip_version) {
		uint8_t room[16];
		struct wt_builder b = wt_builder_of(room, sizeof(room));

		put_end(j, head, true);
		put_end(j, head, false);
		wt_json_key(j, "proto");
		wt_bld_proto(&b, head->key.proto);
		wt_json_string(j, wt_bld_slice(&b));
	}
	put_app_proto(eve, j, head);
	if (head->has_mac)
		put_ether(j, head);
	if (head->key.ip_version)
		put_community_id(eve, j, head);
	if (head->is_truncated) {
		wt_json_key(j, "truncated");
		wt_json_bool(j, true);
	}
}

/* Fields of one object lie together in their table (a test holds tables to it), so
 * sorting by id, stable, groups objects and lists. */
static size_t sort_items(struct item *item, const struct wt_record *record)
{
	struct wt_slice rest = wt_slice_of(record->values, record->values_len), bytes;
	struct wt_value value;
	size_t n = 0, at;

	while (n < VALUES_MAX && wt_value_next(&rest, &value, &bytes)) {
		for (at = n; at > 0 && item[at - 1].field > value.field; at--)
			item[at] = item[at - 1];
		item[at] = (struct item){ value.field, value.form, bytes };
		n++;
	}
	return n;
}

static void put_value(struct wt_json *j, const struct wt_field *row, const struct item *item)
{
	if (item->form == WT_FORM_PSEUDONYM) {
		wt_json_string(j, item->bytes);
		return;
	}
	if (item->form == WT_FORM_PRESENT) {
		wt_json_bool(j, true);
		return;
	}
	switch (row->type) {
	case WT_TYPE_BOOL:
		wt_json_bool(j, wt_value_number(item->bytes) != 0);
		break;
	case WT_TYPE_U64:
		wt_json_u64(j, wt_value_number(item->bytes));
		break;
	case WT_TYPE_I64:
		wt_json_i64(j, (int64_t)wt_value_number(item->bytes));
		break;
	case WT_TYPE_DEC:
		wt_json_decimal(j, (int64_t)wt_value_number(item->bytes));
		break;
	case WT_TYPE_TIME:
		wt_json_time(j, wt_value_number(item->bytes));
		break;
	case WT_TYPE_STR:
		wt_json_string(j, item->bytes);
		break;
	}
}

/* Length of the object name, the part before the first dot. */
static size_t object_len(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot ? (size_t)(dot - name) : 0;
}

static void put_object_key(struct wt_json *j, const char *name, size_t len, const char *suffix)
{
	char key[96];
	struct wt_builder b = wt_builder_of(key, sizeof(key) - 1);

	wt_bld_bytes(&b, wt_slice_of(name, len));
	wt_bld_text(&b, suffix);
	key[b.len] = '\0';
	wt_json_key(j, key);
}

static void put_objects(struct wt_eve *eve, struct wt_json *j, const struct wt_record *record)
{
	size_t n = sort_items(eve->item, record), i = 0;
	const char *object = "";
	size_t open_len = 0;

	while (i < n) {
		const struct wt_field *row = wt_registry_field(record->head.owner,
							       eve->item[i].field);
		bool is_list, is_presence = eve->item[i].form == WT_FORM_PRESENT;
		size_t len, first = i;

		if (WT_BUG_ON(!row))
			return;
		len = object_len(row->name);
		if (len != open_len || strncmp(object, row->name, len) != 0) {
			if (open_len)
				wt_json_close(j, '}');
			put_object_key(j, row->name, len, "");
			wt_json_open(j, '{');
			object = row->name;
			open_len = len;
		}
		put_object_key(j, row->name + len + 1, strlen(row->name + len + 1),
			       is_presence ? "_present" : "");
		is_list = row->mult == WT_MULT_MANY && !is_presence;
		if (is_list)
			wt_json_open(j, '[');
		for (; i < n && eve->item[i].field == eve->item[first].field; i++)
			if (is_list || i == first)
				put_value(j, row, &eve->item[i]);
		if (is_list)
			wt_json_close(j, ']');
	}
	if (open_len)
		wt_json_close(j, '}');
}

struct wt_slice wt_eve_line(struct wt_eve *eve, const struct wt_record *record, void *room)
{
	struct wt_json j = wt_json_of(room, WT_EVE_LINE_MAX);

	wt_json_open(&j, '{');
	put_head(eve, &j, &record->head);
	put_objects(eve, &j, record);
	wt_json_close(&j, '}');
	wt_bld_char(&j.out, '\n');
	(void)WT_BUG_ON(j.out.is_short);
	return wt_bld_slice(&j.out);
}
