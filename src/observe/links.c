/* Sessions that span flows. One record announces a flow that will come (a key and a
 * deadline), a later one fulfils it; the two are told as belonging together.
 *
 *   ftp data            the address and port that PORT, PASV, ... name (RFC 959 3.2)
 *   dicom move          C-MOVE and the C-STOREs on the association that it causes:
 *                       originator AE title and message id (PS3.4 C.4.2, PS3.7 E.1)
 *   storage commitment  N-ACTION and the N-EVENT-REPORT on an association that the
 *                       other side opens: transaction UID (PS3.4 J.3); where the data
 *                       set was not seen, the pair of addresses
 *   hl7 answer          an application acknowledgement on another connection, by
 *                       control id (HL7 2.9.2, IHE PCD-03)
 *
 * Trust: announcements may be forged: they cost a place each. Memory: limits.
 * expectations, the oldest goes; LINKS_MAX links. */
#include "base/address.h"
#include "base/memory.h"
#include "base/values.h"
#include "observe/inner.h"
#include "wardtap/registry.h"

enum kind { FTP_DATA, DICOM_MOVE, COMMITMENT, HL7_ANSWER, N_KINDS };

static const char *const kind_text[N_KINDS] = {
	[FTP_DATA] = "ftp data",
	[DICOM_MOVE] = "dicom move",
	[COMMITMENT] = "storage commitment",
	[HL7_ANSWER] = "hl7 answer",
};

static const uint64_t patience_ns[N_KINDS] = {
	[FTP_DATA] = 300 * WT_NS_PER_S,
	[DICOM_MOVE] = 3600 * WT_NS_PER_S,
	[COMMITMENT] = 86400 * WT_NS_PER_S,
	[HL7_ANSWER] = 3600 * WT_NS_PER_S,
};

#define KEY_MAX 40u

struct expectation {
	uint64_t until_ns, flow_id;
	uint32_t hash_next, asker, asker_id;
	uint8_t kind, len;
	uint8_t key[KEY_MAX];
};

struct link {
	uint64_t first_ns, last_ns, number, flow_id[2];
	uint32_t asker, doer, asker_id, doer_id, count;
	uint16_t capture; /* of an earlier run: number of its name, 0: this run */
	uint8_t kind;
};

enum field {
	FTP_IP,
	FTP_PORT,
	DCM_COMMAND,
	DCM_CALLING,
	DCM_ID,
	DCM_ORIGIN,
	DCM_ORIGIN_ID,
	DCM_SOP,
	DCM_TRANSACTION,
	HL7_ID,
	HL7_FOR,
	HL7_WANTS,
	N_FIELDS
};

static const struct {
	const char *owner, *name;
} field_names[N_FIELDS] = {
	[FTP_IP] = { "ftp", "ftp.data_ip" },
	[FTP_PORT] = { "ftp", "ftp.data_port" },
	[DCM_COMMAND] = { "dicom", "dicom.command" },
	[DCM_CALLING] = { "dicom", "dicom.calling_ae" },
	[DCM_ID] = { "dicom", "dicom.message_id" },
	[DCM_ORIGIN] = { "dicom", "dicom.move_originator_ae" },
	[DCM_ORIGIN_ID] = { "dicom", "dicom.move_originator_id" },
	[DCM_SOP] = { "dicom", "dicom.sop_class" },
	[DCM_TRANSACTION] = { "dicom", "dicom.transaction_uid" },
	[HL7_ID] = { "hl7", "hl7.control_id" },
	[HL7_FOR] = { "hl7", "hl7.ack_for" },
	[HL7_WANTS] = { "hl7", "hl7.application_ack" },
};

struct links {
	struct table table;
	struct expectation *ring; /* place + 1 in hash chains */
	uint32_t n, next, n_used;
	uint16_t owner[N_FIELDS], id[N_FIELDS];
	struct link link[LINKS_MAX];
	uint32_t n_links, link_next;
};

static void find_fields(struct links *l)
{
	unsigned f, owner, i;

	for (f = 0; f < N_FIELDS; f++)
		for (owner = 1; owner <= wt_registry_count(); owner++) {
			const struct wt_field *row;

			if (strcmp(wt_registry_name(owner), field_names[f].owner) != 0)
				continue;
			for (i = WT_FIELD_OWN; (row = wt_registry_field(owner, i)) != NULL; i++)
				if (!strcmp(row->name, field_names[f].name)) {
					l->owner[f] = (uint16_t)owner;
					l->id[f] = (uint16_t)i;
				}
		}
}

uint64_t wt_inv_links_bytes(uint32_t n)
{
	return sizeof(struct links) + (uint64_t)n * (sizeof(struct expectation) + 8);
}

struct links *wt_inv_links_new(uint32_t n)
{
	struct links *l = wt_memory_reserve(sizeof(*l));

	l->n = n;
	l->ring = wt_memory_reserve((size_t)n * sizeof(*l->ring));
	wt_inv_table_make(&l->table, n);
	find_fields(l);
	return l;
}

void wt_inv_links_free(struct links *l)
{
	wt_memory_release(l->ring, (size_t)l->n * sizeof(*l->ring));
	wt_inv_table_end(&l->table);
	wt_memory_release(l, sizeof(*l));
}

/* ---- expectations ---- */

/* A key: kind, then parts. */
struct key_text {
	uint8_t room[KEY_MAX];
	struct wt_builder b;
};

static void key_begin(struct key_text *k, enum kind kind)
{
	k->b = wt_builder_of(k->room, sizeof(k->room));
	wt_bld_u8(&k->b, (uint8_t)kind);
}

static uint64_t hash_of(const struct wt_inventory *inv, struct wt_slice key)
{
	return wt_hash(inv->seed ^ 7, key) & inv->links->table.mask;
}

static struct wt_slice key_of_place(const struct expectation *e)
{
	return wt_slice_of(e->key, e->len);
}

static void forget(struct wt_inventory *inv, uint32_t place)
{
	struct links *l = inv->links;
	struct expectation *e = &l->ring[place];
	uint32_t *link = &l->table.bucket[hash_of(inv, key_of_place(e))];

	while (*link && *link != place + 1)
		link = &l->ring[*link - 1].hash_next;
	if (!WT_BUG_ON(!*link))
		*link = e->hash_next;
	e->len = 0;
	l->n_used--;
}

static struct expectation *find(struct wt_inventory *inv, struct wt_slice key)
{
	struct links *l = inv->links;
	uint32_t at = l->table.bucket[hash_of(inv, key)];

	for (; at; at = l->ring[at - 1].hash_next)
		if (wt_slice_equal(key_of_place(&l->ring[at - 1]), key))
			return &l->ring[at - 1];
	return NULL;
}

static void expect(struct wt_inventory *inv, const struct key_text *k, enum kind kind,
		   uint32_t asker, const struct wt_event_head *head)
{
	struct wt_slice key = wt_slice_of(k->room, k->b.len);
	struct links *l = inv->links;
	struct expectation *e;
	uint64_t hash;

	if (k->b.is_short || !asker)
		return;
	e = find(inv, key);
	if (!e) {
		e = &l->ring[l->next];
		if (e->len) { /* the oldest, never fulfilled */
			wt_count(inv->counters, WT_C_INVENTORY_LINKS_EXPIRED);
			forget(inv, l->next);
		}
		hash = hash_of(inv, key);
		memcpy(e->key, key.ptr, key.len);
		e->len = (uint8_t)key.len;
		e->hash_next = l->table.bucket[hash];
		l->table.bucket[hash] = ++l->next;
		l->next %= l->n;
		l->n_used++;
	}
	e->kind = (uint8_t)kind;
	e->asker = asker;
	e->asker_id = node_at(inv, asker)->id;
	e->flow_id = head->flow_id;
	e->until_ns = head->ts_ns + patience_ns[kind];
}

static void tell(struct wt_inventory *inv, const struct expectation *e, uint32_t doer,
		 const struct wt_event_head *head)
{
	struct links *l = inv->links;
	struct link *link;
	uint32_t i;

	for (i = 0; i < l->n_links && i < 16; i++) { /* another message of the same flow */
		link = &l->link[(l->link_next + LINKS_MAX - 1 - i) % LINKS_MAX];
		if (link->flow_id[0] == e->flow_id && link->flow_id[1] == head->flow_id &&
		    link->kind == e->kind) {
			link->count++;
			link->last_ns = head->ts_ns;
			return;
		}
	}
	link = &l->link[l->link_next];
	l->link_next = (l->link_next + 1) % LINKS_MAX;
	if (l->n_links < LINKS_MAX)
		l->n_links++;
	*link = (struct link){
		.first_ns = head->ts_ns,
		.last_ns = head->ts_ns,
		.number = head->number,
		.flow_id = { e->flow_id, head->flow_id },
		.asker = e->asker,
		.asker_id = e->asker_id,
		.doer = doer,
		.count = 1,
		.kind = e->kind,
		.doer_id = doer ? node_at(inv, doer)->id : 0,
	};
	wt_count(inv->counters, WT_C_INVENTORY_LINKS);
}

/* Is this record what was announced? `is_once`: the expectation is then met for good. */
static void fulfil(struct wt_inventory *inv, const struct key_text *k, uint32_t doer,
		   const struct wt_event_head *head, bool is_once)
{
	struct expectation *e =
		k->b.is_short ? NULL : find(inv, wt_slice_of(k->room, k->b.len));

	if (!e || e->flow_id == head->flow_id)
		return;
	if (head->ts_ns <= e->until_ns)
		tell(inv, e, doer, head);
	else
		wt_count(inv->counters, WT_C_INVENTORY_LINKS_EXPIRED);
	if (is_once || head->ts_ns > e->until_ns)
		forget(inv, (uint32_t)(e - inv->links->ring));
}

/* ---- what announces and what fulfils ---- */

struct call {
	struct wt_inventory *inv;
	const struct wt_event_head *head;
	const struct ends *ends;
	struct wt_slice value[N_FIELDS];
};

static uint64_t number(struct wt_slice value)
{
	return value.len == sizeof(uint64_t) ? wt_value_number(value) : 0;
}

static void put_end(struct key_text *k, uint8_t ip_version, const struct wt_addr *addr,
		    uint64_t port)
{
	wt_bld_u8(&k->b, ip_version);
	wt_bld_bytes(&k->b, wt_inv_addr_slice(addr, ip_version));
	wt_bld_u64(&k->b, port);
}

static void take_ftp(struct call *c)
{
	struct wt_addr addr;
	struct key_text k;
	uint8_t version = wt_addr_parse(c->value[FTP_IP], &addr);
	uint64_t port = number(c->value[FTP_PORT]);

	if (!port)
		return;
	if (!version) { /* a port alone is one of the sender's */
		version = c->head->key.ip_version;
		addr = c->head->key.end[c->head->sender & 1].addr;
	}
	key_begin(&k, FTP_DATA);
	put_end(&k, version, &addr, port);
	expect(c->inv, &k, FTP_DATA, c->ends->sender, c->head);
}

static void put_pair(struct key_text *k, const struct wt_event_head *head, unsigned first)
{
	wt_bld_bytes(&k->b,
		     wt_inv_addr_slice(&head->key.end[first & 1].addr, head->key.ip_version));
	wt_bld_bytes(&k->b, wt_inv_addr_slice(&head->key.end[(first ^ 1) & 1].addr,
					      head->key.ip_version));
}

/* An answer may come from another address than was asked (a cluster), and two requests
 * may wait at once, so the UID decides; it is a pseudonym, the same for the same UID. The
 * pair of addresses is expected too, for an answer whose data set is not there. */
static void take_commitment(struct call *c)
{
	bool is_request = wt_slice_equal(c->value[DCM_COMMAND], WT_LIT("N-ACTION-RQ"));
	struct wt_slice uid = c->value[DCM_TRANSACTION];
	struct key_text by_uid, by_pair;

	if (!is_request && !wt_slice_equal(c->value[DCM_COMMAND], WT_LIT("N-EVENT-REPORT-RQ")))
		return;
	key_begin(&by_uid, COMMITMENT);
	wt_bld_text(&by_uid.b, "uid");
	wt_bld_bytes(&by_uid.b, uid);
	key_begin(&by_pair, COMMITMENT);
	put_pair(&by_pair, c->head, is_request ? c->head->sender : c->head->sender ^ 1u);
	if (is_request && uid.len)
		expect(c->inv, &by_uid, COMMITMENT, c->ends->sender, c->head);
	if (is_request)
		expect(c->inv, &by_pair, COMMITMENT, c->ends->sender, c->head);
	else
		fulfil(c->inv, uid.len ? &by_uid : &by_pair, c->ends->sender, c->head, false);
}

static void take_dicom(struct call *c)
{
	struct wt_slice command = c->value[DCM_COMMAND];
	struct key_text k;

	if (wt_slice_equal(command, WT_LIT("C-MOVE-RQ"))) {
		key_begin(&k, DICOM_MOVE);
		wt_bld_bytes(&k.b, c->value[DCM_CALLING]);
		wt_bld_u64(&k.b, number(c->value[DCM_ID]));
		expect(c->inv, &k, DICOM_MOVE, c->ends->sender, c->head);
	}
	if (c->value[DCM_ORIGIN].len) {
		key_begin(&k, DICOM_MOVE);
		wt_bld_bytes(&k.b, c->value[DCM_ORIGIN]);
		wt_bld_u64(&k.b, number(c->value[DCM_ORIGIN_ID]));
		fulfil(c->inv, &k, c->ends->sender, c->head, false);
	}
	if (!wt_slice_starts(c->value[DCM_SOP], WT_LIT("1.2.840.10008.1.20.")))
		return;
	take_commitment(c);
}

static void take_hl7(struct call *c)
{
	struct key_text k;

	if (c->value[HL7_FOR].len) {
		key_begin(&k, HL7_ANSWER);
		wt_bld_bytes(&k.b, wt_slice_head(c->value[HL7_FOR], KEY_MAX - 1));
		fulfil(c->inv, &k, c->ends->sender, c->head, true);
	} else if (c->value[HL7_ID].len && c->value[HL7_WANTS].len &&
		   !wt_slice_equal(c->value[HL7_WANTS], WT_LIT("NE"))) {
		key_begin(&k, HL7_ANSWER);
		wt_bld_bytes(&k.b, wt_slice_head(c->value[HL7_ID], KEY_MAX - 1));
		expect(c->inv, &k, HL7_ANSWER, c->ends->sender, c->head);
	}
}

static void take_flow(struct call *c)
{
	const struct wt_event_head *head = c->head;
	unsigned i;

	for (i = 0; i < 2 && c->inv->links->n_used; i++) {
		struct key_text k;

		key_begin(&k, FTP_DATA);
		put_end(&k, head->key.ip_version, &head->key.end[i].addr,
			head->key.end[i].port);
		fulfil(c->inv, &k, c->ends->receiver, head, true);
	}
}

void wt_inv_links_take(struct wt_inventory *inv, const struct wt_record *record,
		       const struct ends *ends)
{
	const struct links *l = inv->links;
	struct call c = { .inv = inv, .head = &record->head, .ends = ends };
	struct wt_slice rest = wt_slice_of(record->values, record->values_len), bytes;
	uint16_t owner = record->head.owner;
	struct wt_value value;
	unsigned f;

	if (owner == 0) {
		if (record->head.key.ip_version)
			take_flow(&c);
		return;
	}
	if (owner != l->owner[FTP_PORT] && owner != l->owner[DCM_COMMAND] &&
	    owner != l->owner[HL7_ID])
		return;
	while (wt_values_take(&rest, &value, &bytes))
		for (f = 0; f < N_FIELDS; f++)
			if (l->owner[f] == owner && l->id[f] == value.field &&
			    (value.form == WT_FORM_PLAIN || f == DCM_TRANSACTION))
				c.value[f] = bytes;
	if (owner == l->owner[FTP_PORT])
		take_ftp(&c);
	else if (owner == l->owner[DCM_COMMAND])
		take_dicom(&c);
	else
		take_hl7(&c);
}

/* The device if its node still is the one that was meant. */
static uint32_t still(const struct wt_inventory *inv, uint32_t node, uint32_t id)
{
	return node && node_at(inv, node)->id == id ? wt_inv_node_device(inv, node) : 0;
}

unsigned wt_inventory_links(const struct wt_inventory *inv, uint32_t node,
			    struct wt_link_view *view, unsigned max)
{
	const struct links *l = inv->links;
	uint32_t i, device = node ? wt_inv_node_device(inv, node) : 0;
	unsigned n = 0;

	for (i = 0; i < l->n_links && n < max; i++) {
		uint32_t first = l->n_links < LINKS_MAX ? 0 : l->link_next;
		const struct link *link = &l->link[(first + i) % LINKS_MAX];
		uint32_t asker = still(inv, link->asker, link->asker_id);
		uint32_t doer = still(inv, link->doer, link->doer_id);

		if (device && device != asker && device != doer)
			continue;
		view[n++] = (struct wt_link_view){
			.kind = kind_text[link->kind],
			.asker = asker,
			.doer = doer,
			.flow_id = { link->flow_id[0], link->flow_id[1] },
			.evidence = { .first_ns = link->first_ns,
				      .last_ns = link->last_ns,
				      .number = link->number,
				      .count = link->count,
				      .capture = wt_inv_capture_of(inv, link->capture, link->number) },
		};
	}
	return n;
}

bool wt_inv_link_put_back(struct wt_inventory *inv, const struct wt_link_view *view,
			  uint16_t capture)
{
	struct links *l = inv->links;
	unsigned kind = 0;

	while (kind < sizeof(kind_text) / sizeof(kind_text[0]) &&
	       strcmp(kind_text[kind], view->kind) != 0)
		kind++;
	if (kind == sizeof(kind_text) / sizeof(kind_text[0]))
		return false;
	l->link[l->link_next] = (struct link){
		.first_ns = view->evidence.first_ns,
		.last_ns = view->evidence.last_ns,
		.number = capture ? view->evidence.number : 0,
		.count = view->evidence.count,
		.capture = capture,
		.kind = (uint8_t)kind,
		.flow_id = { view->flow_id[0], view->flow_id[1] },
		.asker = view->asker,
		.doer = view->doer,
		.asker_id = view->asker ? node_at(inv, view->asker)->id : 0,
		.doer_id = view->doer ? node_at(inv, view->doer)->id : 0,
	};
	l->link_next = (l->link_next + 1) % LINKS_MAX;
	if (l->n_links < LINKS_MAX)
		l->n_links++;
	return true;
}
