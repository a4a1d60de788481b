/* EVE-style JSON lines (eve.h).
 * Source: Suricata's EVE field names; our dictionary for the objects.
 * Trust: strings are hostile and escaped by json.c; numbers and ids are ours.
 * Memory: the caller's line; caches and lists are of fixed size. */
#include "export/eve.h"
#include "base/json.h"
#include "base/values.h"
#include "export/columns.h"
#include "export/community_id.h"
#include "wardtap/registry.h"

#include <stdlib.h>

#define VALUES_MAX 4096u
#define NO_ITEM 0xffffu
#define COMMUNITY_SLOTS 4096u
#define FLOW_SLOTS 1024u
#define FLOW_TEXT_MAX 432u /* 330 bytes of IPv6, ports, MACs and four tags, and a name */
#define VALUE_MAX(len) (WT_RAW_ESCAPED_MAX(len) + 64u) /* any form of it, and brackets */
#define FLOW_ID_MAX 32u    /* of it, the flow_id in front */

/* One value of the record at hand, and the next of the same field. */
struct item {
	const uint8_t *ptr;
	uint32_t len;
	uint16_t next;
	uint8_t form;
};

/* First and last value of a field in the record at hand. */
struct chain {
	uint16_t first, last;
};

/* Everything that the text of a flow is made from, compared as memory (no padding). */
struct flow_head {
	uint64_t flow_id;
	struct wt_flow_key key;
	uint8_t mac[12];
	uint16_t vlan[WT_VLANS_MAX];
	uint16_t app, hint;
	uint8_t sender, n_vlans, has_mac, zero[5];
};
_Static_assert(sizeof(struct flow_head) == 80, "padding would be compared");

struct flow_text {
	struct flow_head head;
	uint16_t id_len, len; /* 0: nothing here */
	uint8_t text[FLOW_TEXT_MAX + WT_TEXT_SPARE];
};

struct community {
	struct wt_flow_key key;
	uint8_t is_used, sender;
	char text[WT_COMMUNITY_ID_LEN];
};

struct wt_eve {
	const char *(*interface_name)(unsigned);
	const char *(*hint_name)(unsigned);
	struct wt_columns *columns;
	size_t text_max;
	uint64_t *is_there; /* a bit per column: has a chain */
	struct chain *chain;
	struct wt_time_cache times;
	struct community community[COMMUNITY_SLOTS];
	struct flow_text flow[FLOW_SLOTS];
	struct item item[VALUES_MAX];
};

struct wt_eve *wt_eve_new(void)
{
	struct wt_eve *eve = calloc(1, sizeof(*eve));
	unsigned most;

	if (!eve)
		abort();
	eve->columns = wt_columns_new();
	eve->text_max = wt_columns_text_max(eve->columns);
	most = wt_columns_most(eve->columns);
	eve->is_there = calloc(most / 64 + 1, sizeof(*eve->is_there));
	eve->chain = calloc(most, sizeof(*eve->chain));
	if (!eve->is_there || !eve->chain)
		abort();
	return eve;
}

void wt_eve_free(struct wt_eve *eve)
{
	if (!eve)
		return;
	wt_columns_free(eve->columns);
	free(eve->is_there);
	free(eve->chain);
	free(eve);
}

void wt_eve_set_names(struct wt_eve *eve, const char *(*interface_name)(unsigned),
		      const char *(*hint_name)(unsigned))
{
	eve->interface_name = interface_name;
	eve->hint_name = hint_name;
	memset(eve->flow, 0, sizeof(eve->flow)); /* they hold names */
}

/* Text that needs no escaping is written where it belongs at once: most flows have a
 * single event, so their texts are not written for many. */
#define PUT_LITERAL(at, literal) put_bytes(at, literal, sizeof(literal) - 1)
#define END_MAX 96u /* key, address of 39 characters, key, port */

static inline uint8_t *put_bytes(uint8_t *at, const char *text, size_t len)
{
	memcpy(at, text, len);
	return at + len;
}

static uint8_t *put_ipv4(uint8_t *at, const uint8_t *octet)
{
	unsigned i;

	for (i = 0; i < 4; i++) {
		unsigned value = octet[i];

		if (value >= 100)
			*at++ = (uint8_t)('0' + value / 100);
		if (value >= 10)
			*at++ = (uint8_t)('0' + value / 10 % 10);
		*at++ = (uint8_t)('0' + value % 10);
		*at++ = i < 3 ? '.' : '"';
	}
	return at;
}

static void put_end(struct wt_json *j, const struct wt_event_head *head, bool is_source)
{
	const struct wt_endpoint *end = &head->key.end[is_source ? head->sender : head->sender ^ 1];
	uint8_t *at = wt_bld_reserve(&j->out, END_MAX);

	if (!at)
		return;
	at = is_source ? PUT_LITERAL(at, ",\"src_ip\":\"") : PUT_LITERAL(at, ",\"dest_ip\":\"");
	if (head->key.ip_version == 4) {
		at = put_ipv4(at, end->addr.octet);
	} else {
		struct wt_builder b = wt_builder_of(at, 40);

		wt_bld_addr(&b, &end->addr, 6);
		at += b.len;
		*at++ = '"';
	}
	if (head->key.proto == 6 || head->key.proto == 17 || head->key.proto == 132) {
		at = is_source ? PUT_LITERAL(at, ",\"src_port\":") :
				 PUT_LITERAL(at, ",\"dest_port\":");
		at = wt_raw_u64(at, end->port);
	}
	wt_bld_commit(&j->out, at);
}

/* The same for both senders but for one-way ICMP, so that alone is told apart. */
static void put_community_id(struct wt_eve *eve, struct wt_json *j,
			     const struct wt_event_head *head)
{
	bool is_icmp = head->key.proto == 1 || head->key.proto == 58;
	uint8_t sender = is_icmp ? head->sender : 0;
	struct community *known = &eve->community[(head->flow_id + sender) % COMMUNITY_SLOTS];
	uint8_t *at;

	if (!known->is_used || known->sender != sender ||
	    memcmp(&known->key, &head->key, sizeof(head->key)) != 0) {
		wt_community_id(&head->key, sender, 0, known->text);
		known->key = head->key;
		known->sender = sender;
		known->is_used = 1;
	}
	at = wt_bld_reserve(&j->out, 32 + WT_COMMUNITY_ID_LEN);
	if (!at)
		return;
	at = PUT_LITERAL(at, ",\"community_id\":\"");
	at = put_bytes(at, known->text, WT_COMMUNITY_ID_LEN);
	*at++ = '"';
	wt_bld_commit(&j->out, at);
}

static uint8_t *put_mac(uint8_t *at, const uint8_t mac[6])
{
	static const char hex[] = "0123456789abcdef";
	unsigned i;

	for (i = 0; i < 6; i++) {
		*at++ = (uint8_t)hex[mac[i] >> 4];
		*at++ = (uint8_t)hex[mac[i] & 15];
		*at++ = i < 5 ? ':' : '"';
	}
	return at;
}

static void put_ether(struct wt_json *j, const struct wt_event_head *head)
{
	uint8_t *at = wt_bld_reserve(&j->out, 80);

	if (!at)
		return;
	at = PUT_LITERAL(at, ",\"ether\":{\"src_mac\":\"");
	at = put_mac(at, head->mac + 6);
	at = PUT_LITERAL(at, ",\"dest_mac\":\"");
	at = put_mac(at, head->mac);
	*at++ = '}';
	wt_bld_commit(&j->out, at);
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

/* What the packets of a flow have in common, from the VLAN tags to the community id.
 * Something always stands before it. */
static void put_flow(struct wt_eve *eve, struct wt_json *j, const struct wt_event_head *head)
{
	unsigned i;

	if (head->n_vlans) {
		wt_json_key(j, "vlan");
		wt_json_open(j, '[');
		for (i = 0; i < head->n_vlans && i < WT_VLANS_MAX; i++)
			wt_json_u64(j, head->vlan[i]);
		wt_json_close(j, ']');
	}
	if (head->key.ip_version) {
		put_end(j, head, true);
		put_end(j, head, false);
		wt_bld_text(&j->out, ",\"proto\":\"");
		wt_bld_proto(&j->out, head->key.proto);
		wt_bld_char(&j->out, '"');
	}
	put_app_proto(eve, j, head);
	if (head->has_mac)
		put_ether(j, head);
	if (head->key.ip_version)
		put_community_id(eve, j, head);
}

static void put_flow_id(struct wt_json *j, const struct wt_event_head *head)
{
	wt_json_key(j, "flow_id");
	wt_json_u64(j, head->flow_id);
}

static struct flow_head flow_head_of(const struct wt_event_head *head)
{
	struct flow_head known = {
		.flow_id = head->flow_id, .key = head->key, .app = head->app,
		.hint = head->hint, .sender = head->sender, .n_vlans = head->n_vlans,
		.has_mac = head->has_mac
	};

	memcpy(known.mac, head->mac, sizeof(known.mac));
	memcpy(known.vlan, head->vlan, sizeof(known.vlan));
	return known;
}

/* The texts of a flow and direction, made or remembered. NULL when they are too long
 * to be kept. */
static const struct flow_text *flow_text(struct wt_eve *eve, const struct wt_event_head *head)
{
	struct flow_head wanted = flow_head_of(head);
	struct flow_text *flow =
		&eve->flow[(head->flow_id + head->sender * (FLOW_SLOTS / 2)) % FLOW_SLOTS];
	struct wt_json j = wt_json_of(flow->text, FLOW_TEXT_MAX);

	if (flow->len && memcmp(&flow->head, &wanted, sizeof(wanted)) == 0)
		return flow;
	j.needs_comma = true;
	put_flow_id(&j, head);
	flow->id_len = (uint16_t)j.out.len;
	put_flow(eve, &j, head);
	flow->len = j.out.is_short ? 0 : (uint16_t)j.out.len;
	flow->head = wanted;
	return flow->len ? flow : NULL;
}

static struct wt_text flow_part(const struct flow_text *flow, size_t from, size_t to)
{
	return (struct wt_text){ .ptr = flow->text + from, .len = to - from };
}

static void put_interface(struct wt_eve *eve, struct wt_json *j,
			  const struct wt_event_head *head)
{
	const char *name = eve->interface_name ? eve->interface_name(head->interface) : NULL;

	if (!name)
		return;
	wt_json_key(j, "in_iface");
	wt_json_text(j, name);
}

static void put_head(struct wt_eve *eve, struct wt_json *j, const struct wt_event_head *head)
{
	static const uint8_t first[] = "{\"timestamp\":\"", number[] = ",\"pcap_cnt\":";
	const struct flow_text *flow = flow_text(eve, head);
	uint8_t *at = wt_bld_reserve(&j->out, 128 + FLOW_ID_MAX + WT_TEXT_SPARE);

	if (!at)
		return;
	memcpy(at, first, sizeof(first) - 1);
	at = wt_raw_time(&eve->times, at + sizeof(first) - 1, head->ts_ns);
	*at++ = '"';
	if (flow)
		at = wt_text_put(at, flow_part(flow, 0, flow->id_len));
	wt_bld_commit(&j->out, at);
	j->needs_comma = true;
	if (!flow)
		put_flow_id(j, head);
	put_interface(eve, j, head);
	at = wt_bld_reserve(&j->out, 64 + eve->text_max + FLOW_TEXT_MAX + WT_TEXT_SPARE);
	if (!at)
		return;
	if (head->number) {
		memcpy(at, number, sizeof(number) - 1);
		at = wt_raw_u64(at + sizeof(number) - 1, head->number);
	}
	at = wt_text_put(at, wt_columns_event(eve->columns, head->owner, head->type));
	if (flow)
		at = wt_text_put(at, flow_part(flow, flow->id_len, flow->len));
	wt_bld_commit(&j->out, at);
	if (!flow)
		put_flow(eve, j, head);
	if (head->is_truncated) {
		wt_json_key(j, "truncated");
		wt_json_bool(j, true);
	}
}

/* Chains the record's values by column, in order, whatever order they came in; a sort
 * would let a sender of mixed fields take quadratic time. */
static void chain_items(struct wt_eve *eve, const struct wt_record *record, unsigned n_columns)
{
	struct wt_slice rest = wt_slice_of(record->values, record->values_len), bytes;
	struct wt_value value;
	uint16_t n = 0;

	while (n < VALUES_MAX && wt_values_take(&rest, &value, &bytes)) {
		unsigned at = wt_field_index(value.field);
		uint64_t bit = UINT64_C(1) << at % 64;

		if (WT_BUG_ON(at >= n_columns))
			continue;
		if (eve->is_there[at / 64] & bit)
			eve->item[eve->chain[at].last].next = n;
		else
			eve->chain[at].first = n;
		eve->is_there[at / 64] |= bit;
		eve->chain[at].last = n;
		eve->item[n++] = (struct item){ .ptr = bytes.ptr, .len = value.len,
						.next = NO_ITEM, .form = value.form };
	}
}

static uint8_t *put_string(uint8_t *at, struct wt_slice value)
{
	*at++ = '"';
	at = wt_raw_escaped(at, value);
	*at++ = '"';
	return at;
}

static uint8_t *put_bool(uint8_t *at, bool value)
{
	memcpy(at, value ? "true" : "false", 5);
	return at + (value ? 4 : 5);
}

static uint8_t *put_i64(uint8_t *at, int64_t value)
{
	if (value < 0)
		*at++ = '-';
	return wt_raw_u64(at, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

static uint8_t *put_decimal(uint8_t *at, int64_t millionths)
{
	struct wt_json j = wt_json_of(at, VALUE_MAX(0));

	wt_json_decimal(&j, millionths);
	return at + j.out.len;
}

static uint8_t *put_value(struct wt_eve *eve, uint8_t *at, enum wt_field_type type,
			  const struct item *item)
{
	struct wt_slice bytes = wt_slice_of(item->ptr, item->len);

	if (item->form == WT_FORM_PSEUDONYM)
		return put_string(at, bytes);
	if (item->form == WT_FORM_PRESENT)
		return put_bool(at, true);
	switch (type) {
	case WT_TYPE_BOOL:
		return put_bool(at, wt_value_number(bytes) != 0);
	case WT_TYPE_U64:
		return wt_raw_u64(at, wt_value_number(bytes));
	case WT_TYPE_I64:
		return put_i64(at, (int64_t)wt_value_number(bytes));
	case WT_TYPE_DEC:
		return put_decimal(at, (int64_t)wt_value_number(bytes));
	case WT_TYPE_TIME:
		*at++ = '"';
		at = wt_raw_time(&eve->times, at, wt_value_number(bytes));
		*at++ = '"';
		return at;
	case WT_TYPE_STR:
		break;
	}
	return put_string(at, bytes);
}

/* The values of a list behind the first. */
static void put_more(struct wt_eve *eve, struct wt_builder *b, const struct wt_column *column,
		     unsigned next)
{
	while (next != NO_ITEM) {
		const struct item *item = &eve->item[next];
		uint8_t *at = wt_bld_reserve(b, VALUE_MAX(item->len));

		if (!at)
			return;
		*at++ = ',';
		wt_bld_commit(b, put_value(eve, at, column->type, item));
		next = item->next;
	}
	wt_bld_char(b, ']');
}

/* One field, in the object `*open`, which it ends and begins as needed. */
static void put_column(struct wt_eve *eve, struct wt_builder *b, const struct wt_column *column,
		       unsigned first, const uint8_t **open)
{
	const struct item *item = &eve->item[first];
	bool is_presence = item->form == WT_FORM_PRESENT, is_list;
	struct wt_text key = is_presence ? column->present : column->key;
	uint8_t *at = wt_bld_reserve(b, VALUE_MAX(item->len) +
					2 * (eve->text_max + WT_TEXT_SPARE));

	if (!at)
		return;
	if (column->object.ptr != *open) {
		if (*open)
			*at++ = '}';
		*open = column->object.ptr;
		if (*open) {
			at = wt_text_put(at, column->object);
			key.ptr++; /* no comma before the first key of an object */
			key.len--;
		}
	}
	at = wt_text_put(at, key);
	is_list = column->is_list && !is_presence;
	if (is_list)
		*at++ = '[';
	wt_bld_commit(b, put_value(eve, at, column->type, item));
	if (is_list)
		put_more(eve, b, column, item->next);
}

/* Fields of one object lie together in their table (a test holds tables to it), so
 * the order of ids groups objects. */
static void put_objects(struct wt_eve *eve, struct wt_builder *b, const struct wt_record *record)
{
	unsigned n, word;
	const struct wt_column *columns = wt_columns_of(eve->columns, record->head.owner, &n);
	const uint8_t *open = NULL;

	chain_items(eve, record, n);
	for (word = 0; word <= n / 64; word++) {
		uint64_t bits = eve->is_there[word];

		eve->is_there[word] = 0;
		for (; bits; bits &= bits - 1) {
			unsigned at = word * 64 + (unsigned)__builtin_ctzll(bits);

			put_column(eve, b, &columns[at], eve->chain[at].first, &open);
		}
	}
	if (open)
		wt_bld_char(b, '}');
}

struct wt_slice wt_eve_line(struct wt_eve *eve, const struct wt_record *record, void *room)
{
	struct wt_json j = wt_json_of(room, WT_EVE_LINE_MAX);

	put_head(eve, &j, &record->head);
	put_objects(eve, &j.out, record);
	wt_bld_bytes(&j.out, WT_LIT("}\n"));
	(void)WT_BUG_ON(j.out.is_short);
	return wt_bld_slice(&j.out);
}
