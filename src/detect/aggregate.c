/* Alerts that are counted together (aggregate.h). Every entry waits in one of three queues
 * for its next time (60 s, 10 min, 1 h after its start), each in order by itself because
 * the wait is the same for all, and in a list by its latest match. What is due next is at
 * the head of one of the four. */
#include "detect/aggregate.h"
#include "base/digest.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/values.h"
#include "wardtap/registry.h"

#define NONE UINT32_MAX
#define STAGES 3u
#define QUIET STAGES /* the list by latest match */
#define LISTS (STAGES + 1)
#define SIGNATURE_MAX 255u
#define CATEGORY_MAX 64u

static const uint64_t wait_ns[LISTS] = { WT_AGGREGATE_SOON_NS, WT_AGGREGATE_LATER_NS,
					 WT_AGGREGATE_AGE_NS, WT_AGGREGATE_QUIET_NS };

/* Compared as memory, so without padding. */
struct key {
	struct wt_addr a, b; /* ordered; MAC addresses where there is no IP */
	uint64_t indicator;  /* which one, of indicators */
	uint32_t gid, sid;
	uint16_t space;
	uint8_t version, zero[5];
};
_Static_assert(sizeof(struct key) == 56, "padding would be compared");

struct links {
	uint32_t prev, next;
};

/* What updates repeat of the first match. */
struct entry {
	struct key key;
	struct links link[2]; /* stage, quiet */
	uint32_t hash_next, seq, gid, sid, rev, stage;
	uint8_t id[WT_ALERT_ID_LEN];
	uint64_t first_ns, last_ns, n, n_told, number, flow_id, serial;
	struct wt_flow_key flow;
	uint16_t vlan[WT_VLANS_MAX], app, interface;
	uint8_t mac[12];
	uint8_t sender, n_vlans, has_mac, severity, confidence, signature_len, category_len;
	uint8_t signature[SIGNATURE_MAX], category[CATEGORY_MAX];
};
_Static_assert(sizeof(struct entry) <= 672, "memory table");

struct wt_aggregate {
	struct wt_aggregate_options options;
	struct wt_hmac *mac;
	struct entry *entry;
	uint32_t *bucket;
	uint32_t n_fresh, free, mask;
	struct {
		uint32_t head, tail;
	} list[LISTS];
	uint64_t clock_ns, next_due_ns, serial;
};

struct wt_aggregate *wt_aggregate_new(const struct wt_aggregate_options *options)
{
	struct wt_aggregate *a = wt_memory_reserve(sizeof(*a));
	uint32_t size = 64;
	unsigned i;

	while (size < options->n_entries)
		size *= 2;
	*a = (struct wt_aggregate){
		.options = *options, .mask = size - 1, .free = NONE, .next_due_ns = UINT64_MAX
	};
	for (i = 0; i < LISTS; i++)
		a->list[i].head = a->list[i].tail = NONE;
	a->mac = wt_hmac_new(wt_slice_of(options->sensor, strlen(options->sensor)));
	a->entry = wt_memory_reserve(options->n_entries * sizeof(*a->entry));
	a->bucket = wt_memory_reserve(size * sizeof(*a->bucket));
	return a;
}

void wt_aggregate_free(struct wt_aggregate *a)
{
	if (!a)
		return;
	wt_hmac_free(a->mac);
	wt_memory_release(a->entry, a->options.n_entries * sizeof(*a->entry));
	wt_memory_release(a->bucket, (a->mask + 1) * sizeof(*a->bucket));
	wt_memory_release(a, sizeof(*a));
}

static void unlist(struct wt_aggregate *a, unsigned list, struct entry *e)
{
	unsigned k = list == QUIET;
	struct links *at = &e->link[k];

	if (at->prev != NONE)
		a->entry[at->prev].link[k].next = at->next;
	else
		a->list[list].head = at->next;
	if (at->next != NONE)
		a->entry[at->next].link[k].prev = at->prev;
	else
		a->list[list].tail = at->prev;
}

static void append(struct wt_aggregate *a, unsigned list, struct entry *e)
{
	uint32_t self = (uint32_t)(e - a->entry);
	unsigned k = list == QUIET;

	e->link[k] = (struct links){ .prev = a->list[list].tail, .next = NONE };
	if (a->list[list].tail != NONE)
		a->entry[a->list[list].tail].link[k].next = self;
	else
		a->list[list].head = self;
	a->list[list].tail = self;
}

static uint32_t *bucket_of(struct wt_aggregate *a, const struct key *key)
{
	return &a->bucket[wt_hash(a->options.seed, wt_slice_of(key, sizeof(*key))) & a->mask];
}

static void fill_head(const struct wt_aggregate *a, const struct entry *e,
		      struct wt_alert *alert)
{
	const char *interface =
		a->options.interface_name ? a->options.interface_name(e->interface) : NULL;
	const char *app = wt_registry_name(e->app), *sensor = a->options.sensor;

	*alert = (struct wt_alert){
		.seq = e->seq,
		.kind = WT_ALERT_RULE,
		.severity = e->severity,
		.confidence = e->confidence,
		.first_ns = e->first_ns,
		.last_ns = e->last_ns,
		.made_ns = a->clock_ns,
		.n = e->n,
		.number = e->number,
		.flow_id = e->flow_id,
		.gid = e->gid,
		.sid = e->sid,
		.rev = e->rev,
		.key = e->flow,
		.sender = e->sender,
		.n_vlans = e->n_vlans,
		.has_mac = e->has_mac,
	};
	memcpy(alert->id, e->id, sizeof(alert->id));
	memcpy(alert->mac, e->mac, sizeof(alert->mac));
	memcpy(alert->vlan, e->vlan, sizeof(alert->vlan));
	alert->text[WT_ALERT_SENSOR] = wt_slice_of(sensor, strlen(sensor));
	alert->text[WT_ALERT_APP] = wt_slice_of(app, strlen(app));
	if (interface)
		alert->text[WT_ALERT_INTERFACE] = wt_slice_of(interface, strlen(interface));
	alert->text[WT_ALERT_SIGNATURE] = wt_slice_of(e->signature, e->signature_len);
	alert->text[WT_ALERT_CATEGORY] = wt_slice_of(e->category, e->category_len);
}

static void tell(struct wt_aggregate *a, struct entry *e, struct wt_slice fields,
		 bool is_closed)
{
	struct wt_alert alert;

	if (e->seq)
		wt_count(a->options.counters, WT_C_ALERTS_UPDATES);
	if (a->options.sink.take) {
		fill_head(a, e, &alert);
		if (a->options.devices)
			a->options.devices(a->options.devices_self, &alert);
		alert.fields = fields;
		alert.is_closed = is_closed;
		a->options.sink.take(a->options.sink.self, &alert);
	}
	e->n_told = e->n;
	e->seq++;
}

static void tell_if_new(struct wt_aggregate *a, struct entry *e, bool is_closed)
{
	if (e->n != e->n_told)
		tell(a, e, wt_slice_of(NULL, 0), is_closed);
}

static void close_entry(struct wt_aggregate *a, struct entry *e)
{
	uint32_t *at = bucket_of(a, &e->key), self = (uint32_t)(e - a->entry);

	tell_if_new(a, e, true);
	while (*at != self + 1)
		at = &a->entry[*at - 1].hash_next;
	*at = e->hash_next;
	unlist(a, e->stage, e);
	unlist(a, QUIET, e);
	e->hash_next = a->free;
	a->free = self;
}

static uint64_t due_of(const struct wt_aggregate *a, unsigned list)
{
	const struct entry *e;

	if (a->list[list].head == NONE)
		return UINT64_MAX;
	e = &a->entry[a->list[list].head];
	return (list == QUIET ? e->last_ns : e->first_ns) + wait_ns[list];
}

/* The list whose head is due first; among equals the oldest entry. */
static unsigned due_first(const struct wt_aggregate *a)
{
	unsigned best = 0, i;

	for (i = 1; i < LISTS; i++) {
		uint64_t due = due_of(a, i), least = due_of(a, best);

		if (due < least ||
		    (due == least && due != UINT64_MAX &&
		     a->entry[a->list[i].head].serial < a->entry[a->list[best].head].serial))
			best = i;
	}
	return best;
}

void wt_aggregate_clock(struct wt_aggregate *a, uint64_t now_ns)
{
	while (a->next_due_ns <= now_ns) {
		unsigned list = due_first(a);
		struct entry *e = &a->entry[a->list[list].head];

		if (a->next_due_ns > a->clock_ns)
			a->clock_ns = a->next_due_ns;
		if (list == QUIET || list == STAGES - 1) {
			close_entry(a, e);
		} else {
			tell_if_new(a, e, false);
			unlist(a, e->stage, e);
			append(a, ++e->stage, e);
		}
		a->next_due_ns = due_of(a, due_first(a));
	}
	if (now_ns > a->clock_ns)
		a->clock_ns = now_ns;
}

static struct entry *make_entry(struct wt_aggregate *a, const struct key *key)
{
	struct entry *e;
	uint32_t *bucket;

	if (a->free == NONE && a->n_fresh == a->options.n_entries) {
		close_entry(a, &a->entry[a->list[QUIET].head]);
		wt_count(a->options.counters, WT_C_AGGREGATES_EVICTED);
	}
	if (a->free != NONE) {
		e = &a->entry[a->free];
		a->free = e->hash_next;
	} else {
		e = &a->entry[a->n_fresh++];
	}
	bucket = bucket_of(a, key);
	*e = (struct entry){ .key = *key,
			     .hash_next = *bucket,
			     .serial = a->serial++,
			     .first_ns = a->clock_ns,
			     .last_ns = a->clock_ns };
	*bucket = (uint32_t)(e - a->entry) + 1;
	append(a, 0, e);
	append(a, QUIET, e);
	return e;
}

static void make_id(const struct wt_aggregate *a, const struct wt_event_head *head,
		    struct entry *e)
{
	uint8_t room[96], digest[WT_SHA256_LEN];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	uint32_t words[4] = { e->gid, e->sid, head->index, head->shard };

	wt_bld_text(&b, "alert1");
	wt_bld_bytes(&b, wt_slice_of(words, sizeof(words)));
	wt_bld_bytes(&b, wt_slice_of(&head->key, sizeof(head->key)));
	wt_bld_bytes(&b, wt_slice_of(&head->ts_ns, sizeof(head->ts_ns)));
	wt_hmac(a->mac, wt_bld_slice(&b), digest);
	memcpy(e->id, digest, sizeof(e->id));
}

/* 9 and 10 are for rules that say so: they are about the safety of patients. */
static uint8_t severity_of(uint64_t risk, uint64_t priority)
{
	if (risk)
		return (uint8_t)(risk > WT_ALERT_SEVERITY_MAX ? WT_ALERT_SEVERITY_MAX : risk);
	return priority <= 1 ? 8 : priority == 2 ? 6 : priority == 3 ? 4 : 2;
}

static uint8_t copy_text(uint8_t *into, size_t cap, struct wt_slice text)
{
	text = wt_slice_head(text, cap);
	if (text.len)
		memcpy(into, text.ptr, text.len);
	return (uint8_t)text.len;
}

/* What the record's values say of the alert, beside the fields. */
struct said {
	struct wt_slice signature, category;
	uint64_t gid, sid, rev, priority, risk, indicator;
	uint8_t confidence;
};

static struct said read_values(const struct wt_record *record)
{
	struct wt_slice rest = wt_slice_of(record->values, record->values_len), bytes;
	struct said said = { .confidence = 60 };
	struct wt_value value;

	while (wt_values_take(&rest, &value, &bytes)) {
		switch (value.field) {
		case WT_F_ALERT_GID:
			said.gid = wt_value_number(bytes);
			break;
		case WT_F_ALERT_SIGNATURE_ID:
			said.sid = wt_value_number(bytes);
			break;
		case WT_F_ALERT_REV:
			said.rev = wt_value_number(bytes);
			break;
		case WT_F_ALERT_SEVERITY:
			said.priority = wt_value_number(bytes);
			break;
		case WT_F_ALERT_RISK:
			said.risk = wt_value_number(bytes);
			break;
		case WT_F_ALERT_SIGNATURE:
			said.signature = bytes;
			break;
		case WT_F_ALERT_CATEGORY:
			said.category = bytes;
			break;
		case WT_F_ALERT_INDICATOR:
			said.indicator = wt_hash(1, bytes);
			break;
		case WT_F_ALERT_METADATA:
			if (wt_slice_equal(bytes, WT_LIT("confidence High")))
				said.confidence = 90;
			else if (wt_slice_equal(bytes, WT_LIT("confidence Low")))
				said.confidence = 30;
			break;
		default:
			break;
		}
	}
	return said;
}

/* The record's fields by name, but for those that the alert holds by itself. */
static struct wt_slice name_fields(const struct wt_record *record, struct wt_builder *b)
{
	struct wt_slice rest = wt_slice_of(record->values, record->values_len), bytes;
	struct wt_value value;

	while (wt_values_take(&rest, &value, &bytes)) {
		const struct wt_field *row = wt_registry_field(record->head.owner, value.field);
		struct wt_alert_field field = { .form = value.form, .bytes = bytes };

		if (!row || value.field == WT_F_ALERT_GID || value.field == WT_F_ALERT_REV ||
		    value.field == WT_F_ALERT_SIGNATURE_ID || value.field == WT_F_ALERT_RISK ||
		    value.field == WT_F_ALERT_SIGNATURE || value.field == WT_F_ALERT_CATEGORY)
			continue;
		field.name = wt_slice_of(row->name, strlen(row->name));
		field.type = (uint8_t)row->type;
		if (bytes.len == 8)
			field.number = wt_value_number(bytes);
		if (!wt_alert_put_field(b, &field))
			break; /* bounded: the rule holds the rest */
	}
	return wt_bld_slice(b);
}

static struct key key_of(const struct wt_event_head *head, const struct said *said)
{
	struct key key;

	memset(&key, 0, sizeof(key));
	key.gid = (uint32_t)said->gid;
	key.sid = (uint32_t)said->sid;
	key.indicator = said->indicator;
	key.space = head->key.space;
	key.version = head->key.ip_version;
	if (head->key.ip_version) {
		key.a = head->key.end[0].addr;
		key.b = head->key.end[1].addr;
	} else if (head->has_mac) {
		unsigned first = memcmp(head->mac, head->mac + 6, 6) > 0 ? 6 : 0;

		memcpy(key.a.octet, head->mac + first, 6);
		memcpy(key.b.octet, head->mac + (6 - first), 6);
	}
	return key;
}

static void open_entry(struct wt_aggregate *a, const struct wt_record *record,
		       const struct key *key, const struct said *said)
{
	const struct wt_event_head *head = &record->head;
	struct entry *e = make_entry(a, key);
	uint8_t room[WT_ALERT_BYTES_MAX - 4096];
	struct wt_builder b = wt_builder_of(room, sizeof(room));

	e->gid = (uint32_t)said->gid;
	e->sid = (uint32_t)said->sid;
	e->rev = (uint32_t)said->rev;
	e->n = 1;
	e->number = head->number;
	e->flow_id = head->flow_id;
	e->flow = head->key;
	e->app = head->app;
	e->interface = head->interface;
	e->sender = head->sender;
	e->n_vlans = head->n_vlans;
	e->has_mac = head->has_mac;
	memcpy(e->vlan, head->vlan, sizeof(e->vlan));
	memcpy(e->mac, head->mac, sizeof(e->mac));
	e->severity = severity_of(said->risk, said->priority);
	e->confidence = said->confidence;
	e->signature_len = copy_text(e->signature, SIGNATURE_MAX, said->signature);
	e->category_len = copy_text(e->category, CATEGORY_MAX, said->category);
	make_id(a, head, e);
	wt_count(a->options.counters, WT_C_ALERTS_LEADING);
	tell(a, e, name_fields(record, &b), false);
}

void wt_aggregate_take(struct wt_aggregate *a, const struct wt_record *record)
{
	struct said said = read_values(record);
	struct key key = key_of(&record->head, &said);
	struct entry *e = NULL;
	uint32_t at;

	wt_aggregate_clock(a, record->head.ts_ns);
	for (at = *bucket_of(a, &key); at; at = a->entry[at - 1].hash_next)
		if (memcmp(&a->entry[at - 1].key, &key, sizeof(key)) == 0) {
			e = &a->entry[at - 1];
			break;
		}
	if (e) {
		wt_count(a->options.counters, WT_C_ALERTS_MERGED);
		e->n++;
		e->last_ns = a->clock_ns;
		unlist(a, QUIET, e);
		append(a, QUIET, e);
	} else {
		open_entry(a, record, &key, &said);
	}
	a->next_due_ns = due_of(a, due_first(a));
}

void wt_aggregate_finish(struct wt_aggregate *a)
{
	while (a->list[0].head != NONE || a->list[1].head != NONE || a->list[2].head != NONE) {
		unsigned i, best = NONE;

		for (i = 0; i < STAGES; i++) /* oldest first */
			if (a->list[i].head != NONE &&
			    (best == NONE || a->entry[a->list[i].head].serial <
						     a->entry[a->list[best].head].serial))
				best = i;
		if (WT_BUG_ON(best == NONE))
			break;
		close_entry(a, &a->entry[a->list[best].head]);
	}
	a->next_due_ns = UINT64_MAX;
}
