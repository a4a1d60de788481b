/* Which node an address stands for, and when two nodes are one device.
 *
 * Proof (joins for good): ARP and ND statements whose frame comes from the stated
 * hardware address, DHCP acknowledgements, packets that no router passes on
 * (link-local sources, link-scope groups).
 * Presumption (taken back): an address is the only one that ever came from a hardware
 * address, and its hop limit is one that hosts start with.
 * A router shows itself by addresses of elsewhere behind its hardware address; none of
 * them becomes part of it.
 *
 * Source: RFC 826, RFC 4861, RFC 2131, RFC 5227; RFC 1918, 6598, 4193, 3927, 4291.
 * Trust: every statement may be forged. An address whose holder was heard within
 * QUIET_NS is not given to another hardware address but by a DHCP server; the claim
 * is kept as a conflict. Memory: the pools. */
#include "base/address.h"
#include "base/fasthash.h"
#include "observe/inner.h"
#include "wardtap/registry.h"

#define QUIET_NS (600 * WT_NS_PER_S)
#define BOUND_ADDRS_MAX 16u /* addresses that statements may give to one hardware address */

const char *const wt_inv_words_text[N_WORDS] = {
	[WORDS_NONE] = "",
	[WORDS_FRAME] = "source of frames",
	[WORDS_PACKET] = "source of packets",
	[WORDS_ARP] = "ARP",
	[WORDS_ND] = "neighbour discovery",
	[WORDS_DHCP] = "DHCP lease",
	[WORDS_LINK_LOCAL] = "packets that routers do not pass on",
	[WORDS_TAG] = "tag of frames",
	[WORDS_SERVICE] = "answered conversations",
	[WORDS_RELAY] = "addresses behind it",
	[WORDS_EARLIER] = "earlier version",
};

struct wt_slice wt_inv_addr_slice(const struct wt_addr *addr, uint8_t ip_version)
{
	return wt_slice_of(addr->octet, ip_version == 4 ? 4 : 16);
}

enum wt_key_kind wt_inv_addr_key(uint8_t ip_version)
{
	return ip_version == 4 ? WT_KEY_IPV4 : WT_KEY_IPV6;
}

bool wt_inv_network_has(const struct wt_network *network, uint8_t ip_version,
			const struct wt_addr *addr)
{
	return network->ip_version == ip_version &&
	       wt_prefix_equal(&network->addr, addr, network->prefix_len);
}

enum addr_kind wt_inv_addr_kind(const struct wt_inventory *inv, const struct wt_addr *addr,
				uint8_t ip_version)
{
	static const struct wt_addr zero;
	const uint8_t *o = addr->octet;
	unsigned i;

	if (ip_version != 4 && ip_version != 6)
		return ADDR_NONE;
	if (memcmp(addr, &zero, ip_version == 4 ? 4 : 16) == 0 ||
	    (ip_version == 4 && o[0] == 0))
		return ADDR_NONE;
	if (ip_version == 4 ? o[0] >= 224 : o[0] == 0xff)
		return ADDR_GROUP;
	for (i = 0; i < inv->n_networks; i++)
		if (wt_inv_network_has(&inv->network[i], ip_version, addr))
			return ADDR_OURS;
	return ADDR_EXTERNAL;
}

uint32_t wt_inv_addr_node(const struct wt_inventory *inv, uint16_t space, uint8_t ip_version,
			  const struct wt_addr *addr)
{
	uint32_t key = wt_inv_key_find(inv, wt_inv_addr_key(ip_version), space,
				       wt_inv_addr_slice(addr, ip_version));

	return key ? key_at(inv, key)->node : 0;
}

/* Text of an address or hardware address as a fact's value. */
struct text {
	uint8_t room[48];
	struct wt_slice slice;
};

static void text_addr(struct text *t, const struct wt_addr *addr, uint8_t ip_version)
{
	struct wt_builder b = wt_builder_of(t->room, sizeof(t->room));

	wt_bld_addr(&b, addr, ip_version);
	t->slice = wt_bld_slice(&b);
}

static void text_mac(struct text *t, const uint8_t *mac)
{
	struct wt_builder b = wt_builder_of(t->room, sizeof(t->room));

	wt_bld_mac(&b, mac);
	t->slice = wt_bld_slice(&b);
}

static struct source words(enum words w, uint8_t confidence)
{
	return (struct source){ .field = WT_FIELD_NONE,
				.confidence = confidence,
				.words = (uint8_t)w };
}

uint32_t wt_inv_identity_addr(struct wt_inventory *inv, uint16_t space, uint8_t ip_version,
			      const struct wt_addr *addr, bool is_proven,
			      const struct proof *proof)
{
	uint32_t node = wt_inv_addr_node(inv, space, ip_version, addr);
	enum addr_kind kind;
	struct text t;

	if (node)
		return node;
	kind = wt_inv_addr_kind(inv, addr, ip_version);
	if (kind != ADDR_OURS && !(is_proven && kind == ADDR_EXTERNAL))
		return 0;
	node = wt_inv_node_new(inv, WT_NODE_ADDR, space, proof->ts_ns);
	if (!node)
		return 0;
	if (!wt_inv_key_add(inv, node, wt_inv_addr_key(ip_version), space,
			    wt_inv_addr_slice(addr, ip_version), proof->ts_ns)) {
		wt_inv_node_drop(inv, node, 0);
		return 0;
	}
	text_addr(&t, addr, ip_version);
	wt_inv_fact_add(inv, node, WT_A_IP, t.slice, WT_FORM_PLAIN, words(WORDS_PACKET, 80),
			proof);
	return node;
}

static bool is_station(const uint8_t *mac)
{
	static const uint8_t zero[6];

	return !(mac[0] & 1) && memcmp(mac, zero, 6) != 0;
}

uint32_t wt_inv_identity_mac(struct wt_inventory *inv, uint16_t space, const uint8_t *mac,
			     const struct proof *proof)
{
	uint32_t key, node;
	struct text t;

	if (!is_station(mac))
		return 0;
	key = wt_inv_key_find(inv, WT_KEY_MAC, space, wt_slice_of(mac, 6));
	if (key)
		return key_at(inv, key)->node;
	node = wt_inv_node_new(inv, WT_NODE_LINK, space, proof->ts_ns);
	if (!node)
		return 0;
	if (!wt_inv_key_add(inv, node, WT_KEY_MAC, space, wt_slice_of(mac, 6), proof->ts_ns)) {
		wt_inv_node_drop(inv, node, 0);
		return 0;
	}
	text_mac(&t, mac);
	wt_inv_fact_add(inv, node, WT_A_MAC, t.slice, WT_FORM_PLAIN, words(WORDS_FRAME, 90),
			proof);
	return node;
}

/* The node got another address, which it has from now on. */
static void give_addr(struct wt_inventory *inv, uint32_t node, uint8_t ip_version,
		      const struct wt_addr *addr, enum words why, const struct proof *proof)
{
	uint32_t key =
		wt_inv_key_find(inv, wt_inv_addr_key(ip_version), node_at(inv, node)->space,
				wt_inv_addr_slice(addr, ip_version));
	struct text t;

	if (key && key_at(inv, key)->node != node)
		wt_inv_key_move(inv, key, node);
	if (!key)
		key = wt_inv_key_add(inv, node, wt_inv_addr_key(ip_version),
				     node_at(inv, node)->space,
				     wt_inv_addr_slice(addr, ip_version), proof->ts_ns);
	if (key) {
		if (key_at(inv, key)->strength < 2)
			wt_inv_node_change(inv, node);
		key_at(inv, key)->strength = 2;
		key_at(inv, key)->last_ns = proof->ts_ns;
	}
	text_addr(&t, addr, ip_version);
	wt_inv_fact_add(inv, node, WT_A_IP, t.slice, WT_FORM_PLAIN, words(why, 95), proof);
}

static unsigned count_keys(const struct wt_inventory *inv, uint32_t node, enum wt_key_kind kind)
{
	uint32_t at;
	unsigned n = 0;

	for (at = node_at(inv, node)->keys; at; at = key_at(inv, at)->node_next)
		n += key_at(inv, at)->kind == (uint8_t)kind;
	return n;
}

/* The node that was heard from the hardware address holds it without proof. */
static bool is_elsewhere(const struct wt_inventory *inv, uint32_t node, uint32_t link)
{
	uint32_t whole = node_at(inv, node)->part_of;

	return whole && whole != link && wt_inv_key_of(inv, whole, WT_KEY_MAC);
}

static void note_two_macs(struct wt_inventory *inv, uint16_t space, const struct text *about,
			  uint32_t holder, uint32_t claimant, const uint8_t *mac,
			  const struct proof *proof)
{
	uint32_t key = wt_inv_key_of(inv, holder, WT_KEY_MAC);
	struct text old = { .slice = { 0 } }, new;

	if (!key && node_at(inv, holder)->part_of)
		key = wt_inv_key_of(inv, node_at(inv, holder)->part_of, WT_KEY_MAC);
	if (key)
		text_mac(&old, key_at(inv, key)->bytes);
	text_mac(&new, mac);
	wt_inv_conflict_note(inv, CONFLICT_IP_TWO_MACS, space, about->slice, holder, claimant,
			     old.slice, new.slice, proof);
}

void wt_inv_identity_bind(struct wt_inventory *inv, uint16_t space, const uint8_t *mac,
			  uint8_t ip_version, const struct wt_addr *addr, bool is_lease,
			  uint8_t why, const struct proof *proof)
{
	enum addr_kind kind = wt_inv_addr_kind(inv, addr, ip_version);
	uint32_t link, key, holder;
	struct text t;

	if (kind == ADDR_NONE || kind == ADDR_GROUP)
		return;
	link = wt_inv_identity_mac(inv, space, mac, proof);
	if (!link)
		return;
	key = wt_inv_key_find(inv, wt_inv_addr_key(ip_version), space,
			      wt_inv_addr_slice(addr, ip_version));
	holder = key ? key_at(inv, key)->node : 0;
	if (!holder || holder == link) {
		if (!holder && !is_lease &&
		    count_keys(inv, link, wt_inv_addr_key(ip_version)) >= BOUND_ADDRS_MAX)
			node_at(inv, link)->flags |= NODE_RELAY; /* answers for a network */
		else
			give_addr(inv, link, ip_version, addr, (enum words)why, proof);
		return;
	}
	text_addr(&t, addr, ip_version);
	if (!wt_inv_key_of(inv, holder, WT_KEY_MAC) && !is_elsewhere(inv, holder, link)) {
		if (count_keys(inv, link, wt_inv_addr_key(ip_version)) >= BOUND_ADDRS_MAX) {
			note_two_macs(inv, space, &t, holder, link, mac, proof);
			return;
		}
		link = wt_inv_node_join(inv, link, holder);
		give_addr(inv, link, ip_version, addr, (enum words)why, proof);
	} else if (is_lease || wt_elapsed(key_at(inv, key)->last_ns, proof->ts_ns) > QUIET_NS) {
		wt_inv_node_doubt(inv, holder);
		give_addr(inv, link, ip_version, addr, (enum words)why, proof);
	} else {
		note_two_macs(inv, space, &t, holder, link, mac, proof);
	}
}

/* ---- what frames show by themselves ---- */

static bool is_link_local(const struct wt_addr *addr, uint8_t ip_version)
{
	const uint8_t *o = addr->octet;

	return ip_version == 4 ? o[0] == 169 && o[1] == 254
			       : o[0] == 0xfe && (o[1] & 0xc0) == 0x80;
}

/* Groups and broadcasts that stay on the link: 224.0.0.0/24, 255.255.255.255, ff02::. */
static bool is_link_scope(const struct wt_addr *addr, uint8_t ip_version)
{
	const uint8_t *o = addr->octet;

	if (ip_version == 6)
		return o[0] == 0xff && (o[1] & 15) <= 2;
	return (o[0] == 224 && o[1] == 0 && o[2] == 0) ||
	       (o[0] == 255 && o[1] == 255 && o[2] == 255 && o[3] == 255);
}

/* Hop limits that hosts start with. 0: not known. */
static bool is_initial_ttl(uint64_t ttl)
{
	return ttl == 0 || ttl == 30 || ttl == 32 || ttl == 60 || ttl == 64 || ttl == 128 ||
	       ttl == 255;
}

/* Hop limits that a router or more has lowered; small ones say nothing (traceroute). */
static bool is_lowered_ttl(uint64_t ttl)
{
	return (ttl > 34 && ttl < 60) || (ttl > 60 && ttl < 64) || (ttl > 97 && ttl < 128) ||
	       (ttl > 224 && ttl < 255);
}

static void is_relay(struct wt_inventory *inv, uint32_t link, const struct proof *proof)
{
	uint32_t part, next;

	wt_inv_fact_add(inv, link, WT_A_SIGN, WT_LIT("passes on packets of others"),
			WT_FORM_PLAIN, words(WORDS_RELAY, 70), proof);
	if (node_at(inv, link)->flags & NODE_RELAY)
		return;
	node_at(inv, link)->flags |= NODE_RELAY;
	wt_inv_node_change(inv, link);
	for (part = node_at(inv, link)->first_part; part; part = next) {
		next = node_at(inv, part)->next_part;
		if (node_at(inv, part)->kind == WT_NODE_ADDR)
			wt_inv_node_doubt(inv, part);
	}
}

/* Of one /24 or /64: routers pass packets on between networks, not within one. */
static bool is_same_subnet(const struct key *k, const struct wt_addr *addr)
{
	return memcmp(k->bytes, addr->octet, k->len == 4 ? 3 : 8) == 0;
}

/* Has the hardware address an address of this version that is not `addr`, so that
 * both cannot be its own without proof? Several addresses of one network are normal, and
 * so is a link-local one beside them. */
static bool has_other(const struct wt_inventory *inv, uint32_t node, uint8_t ip_version,
		      const struct wt_addr *addr)
{
	uint32_t at;

	for (at = node_at(inv, node)->keys; at; at = key_at(inv, at)->node_next) {
		const struct key *k = key_at(inv, at);
		struct wt_addr other = { { 0 } };

		if (k->kind != (uint8_t)wt_inv_addr_key(ip_version))
			continue;
		memcpy(other.octet, k->bytes, k->len);
		if (is_link_local(&other, ip_version))
			continue;
		if (is_same_subnet(k, addr))
			continue;
		if (memcmp(&other, addr, sizeof(other)) != 0)
			return true;
	}
	return false;
}

/* Packets of `addr` came from `link`, which is no proof that it is the sender. */
static void presume(struct wt_inventory *inv, uint32_t link, uint32_t node, uint8_t ip_version,
		    const struct wt_addr *addr, uint64_t ttl, const struct proof *proof)
{
	uint32_t part, whole = node_at(inv, node)->part_of;

	if (node == link || whole == link || node_at(inv, link)->flags & NODE_RELAY)
		return;
	if (is_lowered_ttl(ttl)) {
		wt_inv_fact_add(inv, link, WT_A_SIGN, WT_LIT("passes on packets of others"),
				WT_FORM_PLAIN, words(WORDS_RELAY, 70), proof);
		return;
	}
	if (!is_initial_ttl(ttl) || wt_inv_key_of(inv, node, WT_KEY_MAC))
		return;
	if (whole && wt_inv_key_of(inv, whole, WT_KEY_MAC)) {
		wt_inv_node_doubt(inv, node); /* two hardware addresses: which is its own? */
		return;
	}
	if (has_other(inv, link, ip_version, addr))
		return; /* it has proven addresses of its own */
	for (part = node_at(inv, link)->first_part; part; part = node_at(inv, part)->next_part)
		if (has_other(inv, part, ip_version, addr)) {
			is_relay(inv, link, proof);
			return;
		}
	(void)wt_inv_node_presume(inv, node, link);
}

/* 0: not known, or of a discovery protocol that starts with less (UPnP: 2 or 4). */
static uint64_t ttl_of(const struct wt_record *record, bool is_to_group)
{
	struct wt_slice rest = wt_slice_of(record->values, record->values_len), bytes;
	struct wt_value value;
	uint64_t ttl = 0;

	while (wt_value_next(&rest, &value, &bytes))
		if (value.field == WT_F_HOST_TTL && bytes.len == 8)
			ttl = wt_value_number(bytes);
	return is_to_group && ttl <= 8 ? 0 : ttl;
}

static void note_vlan(struct wt_inventory *inv, uint32_t node, const struct wt_event_head *head,
		      const struct proof *proof)
{
	uint8_t room[8];
	struct wt_builder b = wt_builder_of(room, sizeof(room));

	if (!head->n_vlans)
		return;
	wt_bld_u64(&b, head->vlan[head->n_vlans - 1 < WT_VLANS_MAX ? head->n_vlans - 1 : 0]);
	wt_inv_fact_add(inv, node, WT_A_VLAN, wt_bld_slice(&b), WT_FORM_PLAIN,
			words(WORDS_TAG, 80), proof);
}

/* The first packet of a sender, and from time to time another. */
static void take_sighting(struct wt_inventory *inv, const struct wt_record *record,
			  struct ends *ends, const struct proof *proof)
{
	const struct wt_event_head *head = &record->head;
	const struct wt_addr *from = &head->key.end[head->sender & 1].addr;
	const struct wt_addr *to = &head->key.end[(head->sender ^ 1) & 1].addr;
	uint8_t version = head->key.ip_version;
	uint16_t space = head->key.space;
	enum addr_kind kind = wt_inv_addr_kind(inv, from, version);
	bool is_on_link = head->has_mac && (is_link_local(from, version) ||
					    ((head->mac[0] & 1) && is_link_scope(to, version)));
	uint32_t link =
		head->has_mac ? wt_inv_identity_mac(inv, space, head->mac + 6, proof) : 0;
	uint32_t node;

	if (link) {
		node_at(inv, link)->flags |= NODE_PINNED;
		note_vlan(inv, link, head, proof);
	}
	if (version && kind == ADDR_EXTERNAL && link && !is_on_link &&
	    !wt_inv_addr_node(inv, space, version, from))
		is_relay(inv, link, proof);
	node = version ? wt_inv_identity_addr(inv, space, version, from, is_on_link, proof) : 0;
	if (link)
		node_at(inv, link)->flags &= (uint8_t)~NODE_PINNED;
	if (link && is_on_link && node) {
		wt_inv_identity_bind(inv, space, head->mac + 6, version, from, false,
				     WORDS_LINK_LOCAL, proof);
		/* which may have made one node of two */
		link = wt_inv_identity_mac(inv, space, head->mac + 6, proof);
		node = wt_inv_addr_node(inv, space, version, from);
	} else if (link && node) {
		uint32_t key = wt_inv_key_find(inv, wt_inv_addr_key(version), space,
					       wt_inv_addr_slice(from, version));

		if (node == link || node_at(inv, node)->part_of == link)
			key_at(inv, key)->last_ns = proof->ts_ns;
		presume(inv, link, node, version, from, ttl_of(record, head->mac[0] & 1),
			proof);
	}
	if (node && !link)
		note_vlan(inv, node, head, proof);
	ends->sender = node;
	ends->sender_mac = link;
}

struct ends wt_inv_identity_of(struct wt_inventory *inv, const struct wt_record *record)
{
	const struct wt_event_head *head = &record->head;
	const struct proof proof = { head->ts_ns, head->number };
	const struct wt_endpoint *from = &head->key.end[head->sender & 1];
	const struct wt_endpoint *to = &head->key.end[(head->sender ^ 1) & 1];
	uint8_t version = head->key.ip_version;
	struct ends ends = { 0 };

	if (head->owner == 0 && head->type == WT_EVENT_SIGHTING) {
		take_sighting(inv, record, &ends, &proof);
		return ends;
	}
	if (version == 0) {
		if (head->has_mac)
			ends.sender = ends.sender_mac = wt_inv_identity_mac(
				inv, head->key.space, head->mac + 6, &proof);
		return ends;
	}
	if (head->owner == 0) { /* what it tells of was sighted before */
		ends.sender = wt_inv_addr_node(inv, head->key.space, version, &from->addr);
		ends.receiver = wt_inv_addr_node(inv, head->key.space, version, &to->addr);
		return ends;
	}
	ends.sender =
		wt_inv_identity_addr(inv, head->key.space, version, &from->addr, false, &proof);
	if (ends.sender)
		node_at(inv, ends.sender)->flags |= NODE_PINNED;
	/* half a mirror: who is spoken to over TCP was there, though it was not heard */
	if (head->key.proto == 6)
		ends.receiver = wt_inv_identity_addr(inv, head->key.space, version, &to->addr,
						     false, &proof);
	else
		ends.receiver = wt_inv_addr_node(inv, head->key.space, version, &to->addr);
	if (ends.sender)
		node_at(inv, ends.sender)->flags &= (uint8_t)~NODE_PINNED;
	if (!ends.sender && head->has_mac &&
	    wt_inv_addr_kind(inv, &from->addr, version) == ADDR_NONE)
		ends.sender = ends.sender_mac =
			wt_inv_identity_mac(inv, head->key.space, head->mac + 6, &proof);
	return ends;
}
