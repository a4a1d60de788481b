/* The inventory as JSON (contrib/wardtap-inventory.schema.json). Written in pieces: a
 * device may have thousands of peers.
 * Trust: texts are hostile; json.c escapes them. Memory: one room of ROOM bytes and
 * the views of one device. */
#include "base/address.h"
#include "base/json.h"
#include "observe/inner.h"
#include "wardtap/registry.h"

#include <stdlib.h>

#define ROOM 65536u
#define ITEM_MAX 8192u /* longest item between two flushes */

struct show {
	struct wt_inventory *inv;
	struct wt_json j;
	void (*write)(void *self, struct wt_slice piece);
	void *self;
	const char *(*hint_name)(unsigned);
	struct wt_fact_view *fact;
	struct wt_via_view *via;
	struct wt_conflict_view *conflict;
	struct wt_link_view *link;
};

static void flush(struct show *s)
{
	if (s->j.out.len)
		s->write(s->self, wt_bld_slice(&s->j.out));
	s->j.out.len = 0;
}

/* Room for one more item. */
static void next_item(struct show *s)
{
	if (s->j.out.cap - s->j.out.len < ITEM_MAX)
		flush(s);
}

static void put_time(struct show *s, const char *key, uint64_t ns)
{
	wt_json_key(&s->j, key);
	wt_json_time(&s->j, ns);
}

static void put_evidence(struct show *s, const struct wt_evidence *e)
{
	put_time(s, "first_seen", e->first_ns);
	put_time(s, "last_seen", e->last_ns);
	wt_json_key(&s->j, "count");
	wt_json_u64(&s->j, e->count);
	if (e->number) {
		wt_json_key(&s->j, "pcap_cnt");
		wt_json_u64(&s->j, e->number);
	}
	if (*e->capture) {
		wt_json_key(&s->j, "capture");
		wt_json_text(&s->j, e->capture);
	}
}

static void put_fact(struct show *s, const struct wt_fact_view *f)
{
	unsigned i;

	next_item(s);
	wt_json_open(&s->j, '{');
	wt_json_key(&s->j, "value");
	wt_json_string(&s->j, f->value);
	wt_json_key(&s->j, "confidence");
	wt_json_u64(&s->j, f->confidence);
	if (f->is_pseudonym) {
		wt_json_key(&s->j, "pseudonym");
		wt_json_bool(&s->j, true);
	}
	if (f->is_presumed) {
		wt_json_key(&s->j, "presumed");
		wt_json_bool(&s->j, true);
	}
	wt_json_key(&s->j, "sources");
	wt_json_open(&s->j, '[');
	for (i = 0; i < f->n_sources; i++)
		wt_json_text(&s->j, f->source[i].name);
	wt_json_close(&s->j, ']');
	put_evidence(s, &f->evidence);
	wt_json_close(&s->j, '}');
}

static void put_attributes(struct show *s, uint32_t node)
{
	unsigned n = wt_inventory_facts(s->inv, node, s->fact, WT_DEVICE_FACTS_MAX), i;

	wt_json_key(&s->j, "attributes");
	wt_json_open(&s->j, '{');
	for (i = 0; i < n; i++) {
		bool is_first = i == 0 || s->fact[i - 1].attribute != s->fact[i].attribute;
		bool is_last = i + 1 == n || s->fact[i + 1].attribute != s->fact[i].attribute;

		next_item(s);
		if (is_first) {
			wt_json_key(&s->j, wt_attribute_rows[s->fact[i].attribute].name);
			wt_json_open(&s->j, '[');
		}
		put_fact(s, &s->fact[i]);
		if (is_last)
			wt_json_close(&s->j, ']');
	}
	wt_json_close(&s->j, '}');
}

static void put_conclusion(struct show *s, const struct wt_conclusion *c)
{
	unsigned i;

	wt_json_key(&s->j, "value");
	wt_json_text(&s->j, c->value);
	wt_json_key(&s->j, "confidence");
	wt_json_u64(&s->j, c->confidence);
	wt_json_key(&s->j, "reasons");
	wt_json_open(&s->j, '[');
	for (i = 0; i < c->n_reasons; i++)
		wt_json_text(&s->j, c->reason[i]);
	wt_json_close(&s->j, ']');
	if (*c->runner_up) {
		wt_json_key(&s->j, "otherwise");
		wt_json_text(&s->j, c->runner_up);
		wt_json_key(&s->j, "otherwise_confidence");
		wt_json_u64(&s->j, c->runner_up_confidence);
	}
}

static void put_conclusions(struct show *s, uint32_t node)
{
	struct wt_conclusion class = wt_inventory_class(s->inv, node);
	struct wt_os_view os = wt_inventory_os(s->inv, node);

	next_item(s);
	if (*class.value) {
		wt_json_key(&s->j, "class");
		wt_json_open(&s->j, '{');
		put_conclusion(s, &class);
		wt_json_close(&s->j, '}');
	}
	next_item(s);
	if (*os.name.value) {
		wt_json_key(&s->j, "os");
		wt_json_open(&s->j, '{');
		put_conclusion(s, &os.name);
		if (os.support_end_ns) {
			put_time(s, "supported_until", os.support_end_ns);
			wt_json_key(&s->j, "legacy");
			wt_json_bool(&s->j, os.is_legacy);
		}
		wt_json_close(&s->j, '}');
	}
}

static void put_ref(struct show *s, const char *key, uint32_t node)
{
	struct wt_device_view device;

	if (!node || !wt_inventory_device(s->inv, node, &device))
		return;
	wt_json_key(&s->j, key);
	wt_json_u64(&s->j, device.id);
}

static void put_peer(struct show *s, const struct wt_peer_view *p)
{
	uint8_t room[64];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	const char *app = p->app                    ? wt_registry_name(p->app)
			  : p->hint && s->hint_name ? s->hint_name(p->hint)
						    : "";

	next_item(s);
	wt_json_open(&s->j, '{');
	wt_bld_addr(&b, &p->addr, p->ip_version);
	wt_json_key(&s->j, "ip");
	wt_json_string(&s->j, wt_bld_slice(&b));
	put_ref(s, "device", p->peer);
	if (*p->zone) {
		wt_json_key(&s->j, "zone");
		wt_json_text(&s->j, p->zone);
	}
	wt_json_key(&s->j, "role");
	wt_json_text(&s->j, p->is_client ? "client" : "server");
	b.len = 0;
	wt_bld_proto(&b, p->proto);
	wt_json_key(&s->j, "proto");
	wt_json_string(&s->j, wt_bld_slice(&b));
	if (p->port) {
		wt_json_key(&s->j, "port");
		wt_json_u64(&s->j, p->port);
	}
	if (*app) {
		wt_json_key(&s->j, "app_proto");
		wt_json_text(&s->j, app);
	}
	wt_json_key(&s->j, "answered");
	wt_json_bool(&s->j, p->is_answered);
	if (p->is_external) {
		wt_json_key(&s->j, "external");
		wt_json_bool(&s->j, true);
	}
	wt_json_key(&s->j, "flows");
	wt_json_u64(&s->j, p->n_flows);
	wt_json_key(&s->j, "messages");
	wt_json_u64(&s->j, p->n_messages);
	wt_json_key(&s->j, "bytes_out");
	wt_json_u64(&s->j, p->bytes_out);
	wt_json_key(&s->j, "bytes_in");
	wt_json_u64(&s->j, p->bytes_in);
	put_time(s, "first_seen", p->first_ns);
	put_time(s, "last_seen", p->last_ns);
	wt_json_close(&s->j, '}');
}

static void put_peers(struct show *s, uint32_t node)
{
	struct wt_peer_view peer;
	uint64_t cursor = 0;
	bool is_open = false;

	while (wt_inventory_peer(s->inv, node, &cursor, &peer)) {
		if (!is_open) {
			wt_json_key(&s->j, "peers");
			wt_json_open(&s->j, '[');
			is_open = true;
		}
		put_peer(s, &peer);
	}
	if (is_open)
		wt_json_close(&s->j, ']');
}

static void put_vias(struct show *s, uint32_t node, bool is_speaker, const char *key)
{
	unsigned n = wt_inventory_via(s->inv, node, s->via, WT_DEVICE_FACTS_MAX), i;
	bool is_open = false;

	for (i = 0; i < n; i++) {
		if (s->via[i].is_speaker != is_speaker)
			continue;
		next_item(s);
		if (!is_open) {
			wt_json_key(&s->j, key);
			wt_json_open(&s->j, '[');
			is_open = true;
		}
		wt_json_open(&s->j, '{');
		put_ref(s, "device", s->via[i].node);
		put_evidence(s, &s->via[i].evidence);
		wt_json_close(&s->j, '}');
	}
	if (is_open)
		wt_json_close(&s->j, ']');
}

static void put_conflicts(struct show *s, uint32_t node)
{
	unsigned n = wt_inventory_conflicts(s->inv, node, s->conflict, WT_DEVICE_FACTS_MAX), i;

	if (!n)
		return;
	wt_json_key(&s->j, "conflicts");
	wt_json_open(&s->j, '[');
	for (i = 0; i < n; i++) {
		const struct wt_conflict_view *c = &s->conflict[i];

		next_item(s);
		wt_json_open(&s->j, '{');
		wt_json_key(&s->j, "kind");
		wt_json_text(&s->j, c->kind);
		wt_json_key(&s->j, "about");
		wt_json_string(&s->j, c->about);
		put_ref(s, "holder", c->holder);
		put_ref(s, "claimant", c->claimant);
		if (c->holder_key.len) {
			wt_json_key(&s->j, "holder_key");
			wt_json_string(&s->j, c->holder_key);
		}
		if (c->claimant_key.len) {
			wt_json_key(&s->j, "claimant_key");
			wt_json_string(&s->j, c->claimant_key);
		}
		put_evidence(s, &c->evidence);
		wt_json_close(&s->j, '}');
	}
	wt_json_close(&s->j, ']');
}

static void put_links(struct show *s, uint32_t node)
{
	unsigned n = wt_inventory_links(s->inv, node, s->link, WT_DEVICE_FACTS_MAX), i;

	if (!n)
		return;
	wt_json_key(&s->j, "links");
	wt_json_open(&s->j, '[');
	for (i = 0; i < n; i++) {
		const struct wt_link_view *l = &s->link[i];

		next_item(s);
		wt_json_open(&s->j, '{');
		wt_json_key(&s->j, "kind");
		wt_json_text(&s->j, l->kind);
		put_ref(s, "announced_by", l->asker);
		put_ref(s, "done_by", l->doer);
		wt_json_key(&s->j, "flow_ids");
		wt_json_open(&s->j, '[');
		wt_json_u64(&s->j, l->flow_id[0]);
		wt_json_u64(&s->j, l->flow_id[1]);
		wt_json_close(&s->j, ']');
		put_evidence(s, &l->evidence);
		wt_json_close(&s->j, '}');
	}
	wt_json_close(&s->j, ']');
}

static void put_zones(struct show *s, uint32_t node)
{
	const char *zone[WT_DEVICE_ZONES_MAX];
	unsigned n = wt_inventory_zones(s->inv, node, zone), i;

	if (!n)
		return;
	wt_json_key(&s->j, "zones");
	wt_json_open(&s->j, '[');
	for (i = 0; i < n; i++)
		wt_json_text(&s->j, zone[i]);
	wt_json_close(&s->j, ']');
}

static void put_device(struct show *s, uint32_t node)
{
	struct wt_device_view device;

	if (!wt_inventory_device(s->inv, node, &device))
		return;
	next_item(s);
	wt_json_open(&s->j, '{');
	wt_json_key(&s->j, "id");
	wt_json_u64(&s->j, device.id);
	put_time(s, "first_seen", device.first_ns);
	put_time(s, "last_seen", device.last_ns);
	wt_json_key(&s->j, "answered");
	wt_json_bool(&s->j, device.is_answered);
	if (device.is_stated) {
		wt_json_key(&s->j, "stated");
		wt_json_bool(&s->j, true);
	}
	if (device.n_lost_facts + device.n_lost_peers) {
		wt_json_key(&s->j, "lost_values");
		wt_json_u64(&s->j, device.n_lost_facts);
		wt_json_key(&s->j, "lost_peers");
		wt_json_u64(&s->j, device.n_lost_peers);
	}
	put_zones(s, node);
	put_conclusions(s, node);
	put_attributes(s, node);
	put_vias(s, node, true, "via");
	put_vias(s, node, false, "speaks_of");
	put_conflicts(s, node);
	put_links(s, node);
	put_peers(s, node);
	if (s->inv->extra) {
		flush(s);
		s->inv->extra(s->inv->extra_self, node, &s->j);
	}
	wt_json_close(&s->j, '}');
}

void wt_inventory_set_extra(struct wt_inventory *inv,
			    void (*extra)(void *self, uint32_t node, struct wt_json *j),
			    void *self)
{
	inv->extra = extra;
	inv->extra_self = self;
}

static void *reserve(size_t n, size_t size)
{
	void *room = calloc(n, size);

	if (!room)
		abort();
	return room;
}

static struct show begin(struct wt_inventory *inv, const char *(*hint_name)(unsigned),
			 void (*write)(void *self, struct wt_slice piece), void *self)
{
	return (struct show){
		.inv = inv,
		.j = wt_json_of(reserve(1, ROOM), ROOM),
		.write = write,
		.self = self,
		.hint_name = hint_name,
		.fact = reserve(WT_DEVICE_FACTS_MAX, sizeof(struct wt_fact_view)),
		.via = reserve(WT_DEVICE_FACTS_MAX, sizeof(struct wt_via_view)),
		.conflict = reserve(WT_DEVICE_FACTS_MAX, sizeof(struct wt_conflict_view)),
		.link = reserve(WT_DEVICE_FACTS_MAX, sizeof(struct wt_link_view)),
	};
}

static void end(struct show *s)
{
	(void)WT_BUG_ON(s->j.out.is_short);
	flush(s);
	free(s->j.out.ptr);
	free(s->fact);
	free(s->via);
	free(s->conflict);
	free(s->link);
}

void wt_inventory_device_json(struct wt_inventory *inv, uint32_t node,
			      const char *(*hint_name)(unsigned),
			      void (*write)(void *self, struct wt_slice piece), void *self)
{
	struct show s = begin(inv, hint_name, write, self);

	put_device(&s, node);
	end(&s);
}

void wt_inventory_json(struct wt_inventory *inv, const char *(*hint_name)(unsigned),
		       void (*write)(void *self, struct wt_slice piece), void *self)
{
	struct show s = begin(inv, hint_name, write, self);
	uint32_t node = 0;

	wt_json_open(&s.j, '{');
	wt_json_key(&s.j, "devices");
	wt_json_open(&s.j, '[');
	while ((node = wt_inventory_next(inv, node)) != 0) {
		next_item(&s);
		wt_bld_char(&s.j.out, '\n');
		put_device(&s, node);
	}
	wt_json_close(&s.j, ']');
	wt_json_close(&s.j, '}');
	wt_bld_char(&s.j.out, '\n');
	end(&s);
}
