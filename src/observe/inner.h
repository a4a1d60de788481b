/* What the files of this room share: how nodes, keys, facts, peers and relations are
 * kept. Indices count from 1; 0 is none. All arrays are reserved at start.
 *
 * Bounds: a node has WT_NODE_KEYS_MAX keys, WT_NODE_FACTS_MAX facts, NODE_PEERS_MAX
 * peers and NODE_PARTS_MAX parts, so joining two nodes and letting one go take a
 * bounded number of steps. */
#ifndef OBSERVE_INNER_H
#define OBSERVE_INNER_H

#include <stddef.h>

#include "base/hash.h"
#include "observe/inventory.h"

#define NODE_KEYS_MAX 48u
#define NODE_PARTS_MAX 12u
#define NODE_PEERS_MAX 65536u
#define NODE_VIA_MAX 8u        /* speakers remembered per stated device */
#define NODES_PER_DEVICE 2u    /* an address and what is presumed to hold it */
#define TEXT_SHORT 52u         /* text kept in the fact itself */
#define CONFLICTS_MAX 1024u
#define LINKS_MAX 1024u        /* links told; the oldest goes */
#define GONE_MAX 65536u
#define AHEAD_STEPS 3u         /* bucket, key, node */
#define CAPTURES_MAX 4096u     /* names of captures of earlier runs */

enum node_flags {
	NODE_ANSWERED = 1 << 0,  /* proven to converse */
	NODE_USED = 1 << 1,      /* seen since its queue last looked */
	NODE_CHANGED = 1 << 2,   /* in the queue of changes */
	NODE_RELAY = 1 << 3,     /* LINK: several foreign addresses came from it */
	NODE_SPEAKER = 1 << 4,   /* ADDR: speaks of more than one piece of equipment */
	NODE_PINNED = 1 << 5,    /* being worked on: not to be evicted now */
	NODE_DISPUTED = 1 << 6,  /* a conflict names it, or did */
};

enum judge_kind { JUDGE_CLASS, JUDGE_OS, N_JUDGES };

/* What was concluded of a device, until its facts change (conclude.c). */
struct verdict {
	uint32_t reason[WT_REASONS_MAX];
	uint16_t best, second; /* values + 1, 0: none */
	uint8_t confidence, second_confidence, n_reasons, is_valid;
};

/* What every record touches lies in the first cache line. */
struct node {
	_Alignas(64) uint64_t last_ns;
	uint64_t first_ns;
	uint32_t id;             /* 0: free */
	uint32_t part_of, first_part, next_part;
	uint32_t keys, facts;    /* heads of lists, as peers to spoken are */
	uint32_t change_prev, change_next;
	uint16_t n_keys, n_facts, n_parts, space;
	uint8_t kind;            /* enum wt_node_kind */
	uint8_t flags;
	uint8_t n_via;
	/* ---- */
	uint32_t queue_prev, queue_next;
	uint32_t peers, peers_last, via, spoken;
	uint32_t n_peers;
	uint32_t n_lost_facts, n_lost_peers;
	uint8_t n_of[WT_N_ATTRIBUTES]; /* facts of each attribute */
	struct verdict verdict[N_JUDGES];
};
_Static_assert(offsetof(struct node, n_via) < 64, "a record touches one line of a node");

struct key {
	uint64_t first_ns, last_ns;
	uint32_t hash_next, node, node_next;
	uint16_t space;
	uint8_t kind, strength, len;
	uint8_t bytes[16];
	uint8_t spare[8]; /* a key lies in one cache line */
};
_Static_assert(sizeof(struct key) == 64, "keys must not straddle cache lines");

struct source {
	uint16_t owner, field;
	uint8_t confidence, words; /* words: index of fixed words where there is no field */
};

/* Two cache lines, side by side: a look-up compares what the first of them holds. */
struct fact {
	uint64_t last_ns;
	uint32_t hash_next, node;
	uint32_t count;
	uint32_t long_text;      /* index of a text block; 0: in `text` */
	uint8_t attribute, form, confidence, is_new;
	uint8_t len, n_sources;
	uint16_t capture;        /* 0: of this run; else name of an earlier one */
	uint64_t first_ns, number;
	uint32_t node_next;
	struct source source[WT_FACT_SOURCES];
	uint8_t text[TEXT_SHORT];
};
_Static_assert(sizeof(struct fact) == 128, "facts must not straddle pairs of cache lines");

struct long_text {
	uint8_t text[256];       /* free: next in the first four octets */
};

enum peer_flags {
	PEER_IS_CLIENT = 1 << 0, /* the node is the client */
	PEER_ANSWERED = 1 << 1,
	PEER_USED = 1 << 2,
	PEER_EXTERNAL = 1 << 3,
	PEER_IPV6 = 1 << 4,
	PEER_IS_HINT = 1 << 5,   /* app is a label of the hint library */
};

struct peer {
	uint64_t bytes_out, bytes_in;
	struct wt_addr addr;
	uint32_t hash_next, node;
	uint32_t first_s, last_s, n_flows, n_messages;
	uint16_t space, port, app;
	uint8_t proto, flags;
};
_Static_assert(sizeof(struct peer) == 64, "rows must not straddle cache lines");

/* Its place among the rows of its node: read when rows come and go, not when they count. */
struct peer_order {
	uint32_t prev, next;
};

/* A speaks of B. */
struct via {
	uint64_t first_ns, last_ns, number;
	uint32_t speaker, stated, count;
	uint32_t next_of_stated, next_of_speaker, speaker_prev; /* prev: via, 0: first */
	uint16_t capture;
	uint8_t is_used;
};

struct conflict {
	uint64_t first_ns, last_ns, number;
	uint32_t holder_id, claimant_id, holder, claimant, count;
	uint16_t space;
	uint16_t capture; /* of an earlier run: number of its name, 0: this run */
	uint8_t kind, about_len, holder_len, claimant_len;
	uint8_t about[46], holder_mac[18], claimant_mac[18];
};

/* A pool of things of one size: fresh ones first, then those given back. */
struct pool {
	uint8_t *at;
	uint32_t each, n, n_fresh, free, n_used;
};

struct table {
	uint32_t *bucket;
	uint64_t mask;
};

struct queue {
	uint32_t head, tail;
};

enum { QUEUE_UNPROVEN, QUEUE_PROVEN, N_QUEUES };

struct facts_table;  /* facts.c */
struct conclusions;  /* conclude.c */
struct links;        /* links.c */
struct news;         /* news.c */

struct wt_inventory {
	uint64_t seed, now_ns;
	uint64_t no_spare_until_ns; /* all nodes are proven and were heard lately (node.c) */
	struct wt_counters *counters;
	struct wt_network network[WT_INVENTORY_NETWORKS_MAX];
	unsigned n_networks;
	struct wt_zone *zone; /* longest prefix first */
	unsigned n_zones;
	struct pool nodes, keys, facts, texts, peers, vias;
	struct peer_order *peer_order; /* by row - 1 */
	struct table key_table, fact_table, peer_table;
	struct queue queue[N_QUEUES];
	uint32_t changed_head, changed_tail;
	uint32_t ahead[AHEAD_STEPS][2]; /* buckets of the addresses that come next */
	uint32_t ahead_at;
	uint32_t last_id, n_devices, peer_hand;
	struct facts_table *facts_table;
	struct conclusions *conclusions;
	struct links *links;
	struct news *news; /* NULL: nobody asks */
	struct conflict *conflict;
	uint32_t n_conflicts, conflict_next;
	struct { uint32_t id, into; } *gone;
	uint32_t gone_first, n_gone;
	bool has_lost_track;
	char **capture;
	unsigned n_captures;
	const char *(*capture_name)(void *self, uint64_t number);
	void *capture_self;
	void (*extra)(void *self, uint32_t node, struct wt_json *j);
	void *extra_self;
	uint64_t reserved;
};

/* ---- pool.c ---- */
void wt_inv_pool_make(struct pool *pool, uint32_t n, uint32_t each);
void wt_inv_pool_end(struct pool *pool);
uint32_t wt_inv_pool_take(struct pool *pool); /* zeroed; 0: none left */
void wt_inv_pool_give(struct pool *pool, uint32_t at);
static inline void *pool_at(const struct pool *pool, uint32_t at)
{
	return pool->at + (size_t)(at - 1) * pool->each;
}
void wt_inv_table_make(struct table *table, uint32_t n);
void wt_inv_table_end(struct table *table);

static inline struct node *node_at(const struct wt_inventory *inv, uint32_t at)
{
	return pool_at(&inv->nodes, at);
}
static inline struct key *key_at(const struct wt_inventory *inv, uint32_t at)
{
	return pool_at(&inv->keys, at);
}
static inline struct fact *fact_at(const struct wt_inventory *inv, uint32_t at)
{
	return pool_at(&inv->facts, at);
}
static inline struct peer *peer_at(const struct wt_inventory *inv, uint32_t at)
{
	return pool_at(&inv->peers, at);
}
static inline struct peer_order *order_at(const struct wt_inventory *inv, uint32_t peer)
{
	return &inv->peer_order[peer - 1];
}
static inline struct via *via_at(const struct wt_inventory *inv, uint32_t at)
{
	return pool_at(&inv->vias, at);
}

/* Packet time between two moments; 0 where the second is not later. */
static inline uint64_t wt_elapsed(uint64_t since_ns, uint64_t now_ns)
{
	return now_ns > since_ns ? now_ns - since_ns : 0;
}

/* The moment and the proof of what is taken. */
struct proof {
	uint64_t ts_ns, number;
};

/* ---- node.c ---- */
/* A new node, or 0 where there is no room (counted). */
uint32_t wt_inv_node_new(struct wt_inventory *inv, enum wt_node_kind kind, uint16_t space,
		  uint64_t ts_ns);
void wt_inv_node_drop(struct wt_inventory *inv, uint32_t node, uint32_t into);
void wt_inv_node_touch(struct wt_inventory *inv, uint32_t node, uint64_t ts_ns);
void wt_inv_node_answered(struct wt_inventory *inv, uint32_t node);
void wt_inv_node_change(struct wt_inventory *inv, uint32_t node);
/* As if it had not changed. */
void wt_inv_node_unchange(struct wt_inventory *inv, uint32_t node);
/* The device that a node belongs to: follows part_of. */
uint32_t wt_inv_node_device(const struct wt_inventory *inv, uint32_t node);
/* The node and its parts, theirs included, in a fixed order. Gives their number. */
#define DEVICE_NODES_MAX 40u
unsigned wt_inv_device_nodes(const struct wt_inventory *inv, uint32_t device, uint32_t *list);
/* Its facts changed: what was concluded of its device holds no more. */
void wt_inv_node_reconsider(struct wt_inventory *inv, uint32_t node);
/* Makes `part` part of `whole` if it is a device and there is room. */
bool wt_inv_node_presume(struct wt_inventory *inv, uint32_t part, uint32_t whole);
void wt_inv_node_doubt(struct wt_inventory *inv, uint32_t part);
/* Both are one for good: everything goes to the older. Gives the survivor. */
uint32_t wt_inv_node_join(struct wt_inventory *inv, uint32_t a, uint32_t b);

/* ---- key.c ---- */
uint32_t wt_inv_key_find(const struct wt_inventory *inv, enum wt_key_kind kind, uint16_t space,
		  struct wt_slice bytes);
uint32_t wt_inv_key_add(struct wt_inventory *inv, uint32_t node, enum wt_key_kind kind,
		 uint16_t space, struct wt_slice bytes, uint64_t ts_ns);
void wt_inv_key_move(struct wt_inventory *inv, uint32_t key, uint32_t node);
void wt_inv_keys_drop(struct wt_inventory *inv, uint32_t node);
/* The record comes AHEAD_STEPS records later: fetches what the look-ups of its addresses
 * will need, a step of this record and one of each that was told of before it. */
void wt_inv_keys_ahead(struct wt_inventory *inv, const struct wt_event_head *head);
/* First key of a kind, 0: none. */
uint32_t wt_inv_key_of(const struct wt_inventory *inv, uint32_t node, enum wt_key_kind kind);

/* ---- fact.c ---- */
/* A value that waits to be added: values of a record are added together, so that the
 * memory they need is fetched side by side. */
struct fact_note {
	struct wt_slice text; /* at most WT_FACT_TEXT_MAX */
	uint64_t hash;        /* set by wt_inv_fact_notes */
	struct source source;
	uint32_t node;
	uint8_t attribute, form;
};
void wt_inv_fact_notes(struct wt_inventory *inv, struct fact_note *note, unsigned n,
		       const struct proof *proof);
void wt_inv_fact_add(struct wt_inventory *inv, uint32_t node, enum wt_attribute attribute,
		     struct wt_slice text, enum wt_form form, struct source source,
		     const struct proof *proof);
void wt_inv_facts_move(struct wt_inventory *inv, uint32_t from, uint32_t to);
void wt_inv_facts_drop(struct wt_inventory *inv, uint32_t node);
struct wt_slice wt_inv_fact_text(const struct wt_inventory *inv, const struct fact *f);
struct fact *wt_inv_fact_put_back(struct wt_inventory *inv, uint32_t node, uint8_t attribute,
			   uint8_t form, struct wt_slice text);
void wt_inv_fact_add_source(struct fact *f, struct source source);

/* ---- peers.c ---- */
void wt_inv_peers_flow(struct wt_inventory *inv, const struct wt_record *record, uint32_t client,
		uint32_t server);
/* Fetches what the two rows of the next call will need. */
void wt_inv_peers_prefetch(const struct wt_inventory *inv, const struct wt_event_head *head,
			   uint32_t client, uint32_t server);
void wt_inv_peers_message(struct wt_inventory *inv, const struct wt_event_head *head,
		   uint32_t client, uint32_t server);
bool wt_inv_peer_put_back(struct wt_inventory *inv, uint32_t node, const struct wt_peer_view *view);
void wt_inv_peers_move(struct wt_inventory *inv, uint32_t from, uint32_t to);
void wt_inv_peers_drop(struct wt_inventory *inv, uint32_t node);

/* ---- via.c ---- */
void wt_inv_via_add(struct wt_inventory *inv, uint32_t speaker, uint32_t stated,
	     const struct proof *proof);
void wt_inv_via_move(struct wt_inventory *inv, uint32_t from, uint32_t to);
void wt_inv_via_drop(struct wt_inventory *inv, uint32_t node);

/* ---- identity.c ---- */
enum addr_kind { ADDR_NONE, ADDR_GROUP, ADDR_OURS, ADDR_EXTERNAL };
enum addr_kind wt_inv_addr_kind(const struct wt_inventory *inv, const struct wt_addr *addr,
			 uint8_t ip_version);
bool wt_inv_network_has(const struct wt_network *network, uint8_t ip_version,
			const struct wt_addr *addr);
struct wt_slice wt_inv_addr_slice(const struct wt_addr *addr, uint8_t ip_version);
enum wt_key_kind wt_inv_addr_key(uint8_t ip_version);
uint32_t wt_inv_addr_node(const struct wt_inventory *inv, uint16_t space, uint8_t ip_version,
		   const struct wt_addr *addr);

/* Node of an address, made where it is ours (or `is_proven`). 0: none. */
uint32_t wt_inv_identity_addr(struct wt_inventory *inv, uint16_t space, uint8_t ip_version,
		       const struct wt_addr *addr, bool is_proven, const struct proof *proof);
uint32_t wt_inv_identity_mac(struct wt_inventory *inv, uint16_t space, const uint8_t *mac,
		      const struct proof *proof);
/* Sender and receiver of a record; notes which hardware address carried whom. */
struct ends {
	uint32_t sender, receiver; /* nodes, 0: none */
	uint32_t sender_mac;       /* node of the frame's source, 0: none */
};
struct ends wt_inv_identity_of(struct wt_inventory *inv, const struct wt_record *record);

/* MAC and address are one interface: by ARP, ND, or what no router passes on.
 * `is_lease`: by a DHCP server, which may give the address to another device. */
void wt_inv_identity_bind(struct wt_inventory *inv, uint16_t space, const uint8_t *mac,
		   uint8_t ip_version, const struct wt_addr *addr, bool is_lease,
		   uint8_t words, const struct proof *proof);
/* The node states an identity that it alone should have. */
void wt_inv_identity_named(struct wt_inventory *inv, uint32_t *node, struct wt_slice name,
		    const struct proof *proof);
/* A device that `speaker` speaks of. Gives its node, 0 when it is not identified. */
struct stated {
	struct wt_slice eui64, serial, vendor, model, id, station;
	bool is_self; /* the protocol's devices speak for themselves */
};
uint32_t wt_inv_identity_stated(struct wt_inventory *inv, uint32_t speaker,
			 const struct stated *stated, const struct proof *proof);

/* The name (an EUI-64) is the node's own. */
void wt_inv_identity_own(struct wt_inventory *inv, uint32_t node, struct wt_slice eui64,
		  const struct proof *proof);

/* Fixed words of sources that are no field. */
enum words {
	WORDS_NONE, WORDS_FRAME, WORDS_PACKET, WORDS_ARP, WORDS_ND, WORDS_DHCP,
	WORDS_LINK_LOCAL, WORDS_TAG, WORDS_SERVICE, WORDS_RELAY, WORDS_EARLIER, N_WORDS
};
extern const char *const wt_inv_words_text[N_WORDS];

/* ---- conflict.c ---- */
enum conflict_kind { CONFLICT_IP_TWO_MACS, CONFLICT_NAME_TWO_DEVICES, N_CONFLICT_KINDS };
void wt_inv_conflict_note(struct wt_inventory *inv, enum conflict_kind kind, uint16_t space,
		   struct wt_slice about, uint32_t holder, uint32_t claimant,
		   struct wt_slice holder_mac, struct wt_slice claimant_mac,
		   const struct proof *proof);

/* ---- view.c ---- */
/* Name of the capture that a proof stands in, "" when unknown. */
/* A conflict of this kind's text, or a link, as it was in an earlier run. */
bool wt_inv_conflict_put_back(struct wt_inventory *inv, const struct wt_conflict_view *view,
			      uint16_t capture);
bool wt_inv_link_put_back(struct wt_inventory *inv, const struct wt_link_view *view,
			  uint16_t capture);

const char *wt_inv_capture_of(const struct wt_inventory *inv, uint16_t capture, uint64_t number);

/* ---- facts.c ---- */
struct facts_table *wt_inv_facts_table_new(void);
void wt_inv_facts_table_free(struct facts_table *table);
void wt_inv_facts_take(struct wt_inventory *inv, const struct wt_record *record, struct ends *ends);

/* Fields of facts.def that no dissector has, for a test. */
unsigned wt_inv_facts_missing(const char *name[], unsigned max);

/* ---- conclude.c ---- */
struct conclusions *wt_inv_conclusions_new(const char *folder);
void wt_inv_conclusions_free(struct conclusions *c);
unsigned wt_inv_conclusions_n_errors(const struct conclusions *c);
const char *wt_inv_conclusions_error(const struct conclusions *c, unsigned i);
/* Is the device's class one that priorities.tsv calls medical? */
bool wt_inv_class_is_medical(struct wt_inventory *inv, uint32_t device);

/* ---- zones.c ---- */
void wt_inv_zones_take(struct wt_inventory *inv, const struct wt_zone *zone,
		       unsigned n);
void wt_inv_zones_free(struct wt_inventory *inv);

/* ---- news.c ---- */
/* The device's facts, or its parts, changed. */
void wt_inv_news_note(struct wt_inventory *inv, uint32_t device);
/* It was proven to converse. */
void wt_inv_news_proven(struct wt_inventory *inv, uint32_t device);
uint64_t wt_inv_news_bytes(uint32_t n_nodes);
void wt_inv_news_free(struct wt_inventory *inv);

/* ---- links.c ---- */
struct links *wt_inv_links_new(uint32_t n);
void wt_inv_links_free(struct links *links);
uint64_t wt_inv_links_bytes(uint32_t n);
void wt_inv_links_take(struct wt_inventory *inv, const struct wt_record *record,
		const struct ends *ends);

#endif
