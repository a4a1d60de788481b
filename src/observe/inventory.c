/* The inventory as a whole: made, fed, asked who is behind a record (inventory.h).
 * Trust: records hold hostile text. Memory: the pools, reserved when it is made. */
#include "base/memory.h"
#include "observe/inner.h"
#include "wardtap/registry.h"
#include "wardtap/text.h"

#include <stdlib.h>

#define KEYS_PER_NODE 3u

static const struct wt_network default_networks[] = {
	{ { { 10 } }, 4, 8 }, /* RFC 1918 */
	{ { { 172, 16 } }, 4, 12 },    { { { 192, 168 } }, 4, 16 },
	{ { { 100, 64 } }, 4, 10 },    /* RFC 6598 */
	{ { { 169, 254 } }, 4, 16 },   /* RFC 3927 */
	{ { { 127 } }, 4, 8 },         /* captures of a loopback interface */
	{ { { 0xfc } }, 6, 7 },        /* RFC 4193 */
	{ { { 0xfe, 0x80 } }, 6, 10 }, /* RFC 4291 2.5.6 */
	{ { { [15] = 1 } }, 6, 128 },
};

static uint32_t n_nodes(const struct wt_limits *limits)
{
	return limits->devices * NODES_PER_DEVICE;
}

uint64_t wt_inventory_bytes(const struct wt_limits *limits)
{
	uint64_t nodes = n_nodes(limits);

	return nodes * (sizeof(struct node) + sizeof(struct via)) +
	       nodes * KEYS_PER_NODE * (sizeof(struct key) + 2 * sizeof(uint32_t)) +
	       (uint64_t)limits->device_facts * (sizeof(struct fact) + 2 * sizeof(uint32_t)) +
	       (uint64_t)limits->device_texts * sizeof(struct long_text) +
	       (uint64_t)limits->device_peers *
		       (sizeof(struct peer) + sizeof(struct peer_order) + 2 * sizeof(uint32_t)) +
	       wt_inv_links_bytes(limits->expectations) + wt_inv_news_bytes(n_nodes(limits)) +
	       CONFLICTS_MAX * sizeof(struct conflict) +
	       GONE_MAX * sizeof(((struct wt_inventory *)0)->gone[0]);
}

static void take_networks(struct wt_inventory *inv, const struct wt_inventory_options *options)
{
	const struct wt_network *network = options->network;
	unsigned n = options->n_networks, i;

	if (!network) {
		network = default_networks;
		n = sizeof(default_networks) / sizeof(default_networks[0]);
	}
	for (i = 0; i < n && i < sizeof(inv->network) / sizeof(inv->network[0]); i++)
		inv->network[inv->n_networks++] = network[i];
}

struct wt_inventory *wt_inventory_new(const struct wt_inventory_options *options)
{
	struct wt_inventory *inv = wt_memory_reserve(sizeof(*inv));
	const struct wt_limits *limits = &options->limits;

	inv->seed = options->seed;
	inv->counters = options->counters;
	take_networks(inv, options);
	wt_inv_zones_take(inv, options->zone, options->n_zones);
	wt_inv_pool_make(&inv->nodes, n_nodes(limits), sizeof(struct node));
	wt_inv_pool_make(&inv->keys, n_nodes(limits) * KEYS_PER_NODE, sizeof(struct key));
	wt_inv_pool_make(&inv->facts, limits->device_facts, sizeof(struct fact));
	wt_inv_pool_make(&inv->texts, limits->device_texts, sizeof(struct long_text));
	wt_inv_pool_make(&inv->peers, limits->device_peers, sizeof(struct peer));
	inv->peer_order = wt_memory_reserve(inv->peers.n * sizeof(*inv->peer_order));
	wt_inv_pool_make(&inv->vias, n_nodes(limits), sizeof(struct via));
	wt_inv_table_make(&inv->key_table, inv->keys.n);
	wt_inv_table_make(&inv->fact_table, inv->facts.n);
	wt_inv_table_make(&inv->peer_table, inv->peers.n);
	inv->conflict = wt_memory_reserve(CONFLICTS_MAX * sizeof(*inv->conflict));
	inv->gone = wt_memory_reserve(GONE_MAX * sizeof(*inv->gone));
	inv->facts_table = wt_inv_facts_table_new();
	inv->conclusions = wt_inv_conclusions_new(options->tables);
	inv->links = wt_inv_links_new(limits->expectations);
	return inv;
}

void wt_inventory_free(struct wt_inventory *inv)
{
	unsigned i;

	if (!inv)
		return;
	wt_inv_pool_end(&inv->nodes);
	wt_inv_pool_end(&inv->keys);
	wt_inv_pool_end(&inv->facts);
	wt_inv_pool_end(&inv->texts);
	wt_memory_release(inv->peer_order, inv->peers.n * sizeof(*inv->peer_order));
	wt_inv_pool_end(&inv->peers);
	wt_inv_pool_end(&inv->vias);
	wt_inv_table_end(&inv->key_table);
	wt_inv_table_end(&inv->fact_table);
	wt_inv_table_end(&inv->peer_table);
	wt_memory_release(inv->conflict, CONFLICTS_MAX * sizeof(*inv->conflict));
	wt_memory_release(inv->gone, GONE_MAX * sizeof(*inv->gone));
	wt_inv_facts_table_free(inv->facts_table);
	wt_inv_conclusions_free(inv->conclusions);
	wt_inv_links_free(inv->links);
	wt_inv_news_free(inv);
	wt_inv_zones_free(inv);
	for (i = 0; i < inv->n_captures; i++)
		free(inv->capture[i]);
	free(inv->capture);
	wt_memory_release(inv, sizeof(*inv));
}

/* The end of a flow is told when nothing came for long: its devices were seen when its
 * last packet was. */
static void take_flow(struct wt_inventory *inv, const struct wt_record *record,
		      const struct ends *ends)
{
	struct wt_slice rest = wt_slice_of(record->values, record->values_len), bytes;
	uint64_t last_ns = record->head.ts_ns;
	bool is_answered = true;
	struct wt_value value;

	while (wt_value_next(&rest, &value, &bytes)) {
		if (value.field == WT_F_FLOW_ONE_WAY)
			is_answered = false;
		else if (value.field == WT_F_FLOW_END && bytes.len == 8 &&
			 wt_value_number(bytes) < last_ns)
			last_ns = wt_value_number(bytes);
	}
	if (ends->sender)
		wt_inv_node_touch(inv, ends->sender, last_ns);
	/* a flow's sender is its client */
	wt_inv_peers_flow(inv, record, ends->sender, ends->receiver);
	if (is_answered && ends->sender)
		wt_inv_node_answered(inv, ends->sender);
	if (is_answered && ends->receiver)
		wt_inv_node_answered(inv, ends->receiver);
}

static void take_message(struct wt_inventory *inv, const struct wt_record *record)
{
	const struct wt_event_head *head = &record->head;
	bool is_answer = head->sender != head->client;
	struct ends ends;

	wt_inv_facts_take(inv, record, &ends);
	if (head->key.ip_version)
		wt_inv_peers_message(inv, head, is_answer ? ends.receiver : ends.sender,
				     is_answer ? ends.sender : ends.receiver);
	if (ends.sender)
		wt_inv_node_touch(inv, ends.sender, head->ts_ns);
	if (is_answer && ends.sender)
		wt_inv_node_answered(inv, ends.sender);
	if (is_answer && ends.receiver)
		wt_inv_node_answered(inv, ends.receiver);
	wt_inv_links_take(inv, record, &ends);
}

/* How the sender of a sighting opened a connection. */
static void take_syn(struct wt_inventory *inv, const struct wt_record *record, uint32_t sender)
{
	const struct wt_event_head *head = &record->head;
	const struct proof proof = { head->ts_ns, head->number };
	const struct source source = { .field = WT_F_HOST_TCP_SYN, .confidence = 60 };
	struct wt_slice rest = wt_slice_of(record->values, record->values_len), bytes;
	struct wt_value value;

	while (wt_value_next(&rest, &value, &bytes))
		if (value.field == WT_F_HOST_TCP_SYN)
			wt_inv_fact_add(inv, sender, WT_A_TCP_SYN, bytes, WT_FORM_PLAIN, source,
					&proof);
}

void wt_inventory_take(struct wt_inventory *inv, const struct wt_record *record)
{
	const struct wt_event_head *head = &record->head;
	struct ends ends;

	if (head->ts_ns > inv->now_ns)
		inv->now_ns = head->ts_ns;
	if (head->owner) {
		take_message(inv, record);
		return;
	}
	ends = wt_inv_identity_of(inv, record);
	if (head->type == WT_EVENT_FLOW) {
		take_flow(inv, record, &ends);
		wt_inv_links_take(inv, record, &ends);
		return;
	}
	if (ends.sender)
		wt_inv_node_touch(inv, ends.sender, head->ts_ns);
	if (ends.sender_mac && ends.sender_mac != ends.sender)
		wt_inv_node_touch(inv, ends.sender_mac, head->ts_ns);
	if (head->type == WT_EVENT_SIGHTING && ends.sender)
		take_syn(inv, record, ends.sender);
}

void wt_inventory_ahead(struct wt_inventory *inv, const struct wt_record *record)
{
	wt_inv_keys_ahead(inv, &record->head);
}

uint64_t wt_inventory_now(const struct wt_inventory *inv)
{
	return inv->now_ns;
}

static uint32_t end_of(const struct wt_inventory *inv, const struct wt_event_head *head,
		       bool is_sender)
{
	unsigned end = is_sender ? head->sender & 1u : (head->sender ^ 1u) & 1u;
	const struct wt_addr *addr = &head->key.end[end].addr;

	/* 0.0.0.0 and :: are nobody's: who has no address yet is told by the hardware's */
	if (head->key.ip_version && !wt_text_is_zero(wt_slice_of(addr, sizeof(*addr))))
		return wt_inventory_by_addr(inv, head->key.space, head->key.ip_version, addr);
	return head->has_mac ? wt_inventory_by_mac(inv, head->key.space,
						   head->mac + (is_sender ? 6 : 0))
			     : 0;
}

uint32_t wt_inventory_sender(const struct wt_inventory *inv, const struct wt_event_head *head)
{
	return end_of(inv, head, true);
}

uint32_t wt_inventory_receiver(const struct wt_inventory *inv, const struct wt_event_head *head)
{
	return end_of(inv, head, false);
}

uint32_t wt_inventory_by_addr(const struct wt_inventory *inv, uint16_t space,
			      uint8_t ip_version, const struct wt_addr *addr)
{
	return wt_inv_node_device(inv, wt_inv_addr_node(inv, space, ip_version, addr));
}

uint32_t wt_inventory_by_mac(const struct wt_inventory *inv, uint16_t space,
			     const uint8_t mac[6])
{
	uint32_t key = wt_inv_key_find(inv, WT_KEY_MAC, space, wt_slice_of(mac, 6));

	return key ? wt_inv_node_device(inv, key_at(inv, key)->node) : 0;
}

unsigned wt_inventory_n_table_errors(const struct wt_inventory *inv)
{
	return wt_inv_conclusions_n_errors(inv->conclusions);
}

const char *wt_inventory_table_error(const struct wt_inventory *inv, unsigned i)
{
	return wt_inv_conclusions_error(inv->conclusions, i);
}
