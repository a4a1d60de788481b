/* The inventory: which devices are there, what is known of each, and how it is known.
 *
 * Fed with every record, in order, by the keeper. A *node* is what one strong proof
 * identifies: a hardware address, an IP address, a device that another one speaks of.
 * A proof that two nodes are one device (an ARP answer, a DHCP acknowledgement) joins
 * them for good. A mere presumption (the only address ever seen behind a hardware
 * address) makes the one `part_of` the other and is taken back when it turns out
 * wrong, so a router never swallows what lies behind it. A *device* is a node that is
 * part of no other, together with its parts; readers see devices.
 *
 * Deterministic: the same records give the same inventory whatever the hash seed.
 * Trust: records hold hostile text. Memory: reserved at start from wt_limits; what has
 * no room is counted (inventory.* in counters.def), the oldest unproven goes first. */
#ifndef OBSERVE_INVENTORY_H
#define OBSERVE_INVENTORY_H

#include "base/zones.h"
#include "wardtap/counter.h"
#include "wardtap/event.h"
#include "wardtap/limits.h"

struct wt_inventory;
struct wt_table;

/* ---- attributes ---- */

enum wt_attribute {
#define A(id, name, mult, most, doc) WT_A_##id,
#include "observe/attributes.def"
#undef A
	WT_N_ATTRIBUTES
};

struct wt_attribute_row {
	const char *name;
	const char *doc;
	enum wt_mult mult;
	unsigned most; /* values kept per node */
};

extern const struct wt_attribute_row wt_attribute_rows[WT_N_ATTRIBUTES];

#define WT_FACT_TEXT_MAX 255u    /* longer values are cut */
#define WT_NODE_FACTS_MAX 96u    /* values per node */
#define WT_DEVICE_FACTS_MAX 384u /* values per device: parts included, later ones left out */
#define WT_FACT_SOURCES 3u       /* distinct sources kept per value */

/* ---- making and feeding ---- */

/* A network whose addresses are devices; others are peers unless ARP or ND prove them. */
struct wt_network {
	struct wt_addr addr;
	uint8_t ip_version; /* 4 or 6 */
	uint8_t prefix_len;
};

#define WT_INVENTORY_NETWORKS_MAX 64u

#define WT_INVENTORY_ZONES_MAX 256u

struct wt_inventory_options {
	struct wt_limits limits;
	uint64_t seed;                     /* of the hash tables, from wt_random */
	const struct wt_network *network;  /* NULL: RFC 1918, RFC 6598, ULA, link-local */
	unsigned n_networks;
	const struct wt_zone *zone; /* copied */
	unsigned n_zones;                     /* at most WT_INVENTORY_ZONES_MAX */
	struct wt_counters *counters;      /* borrowed */
	const char *tables;                /* folder of replacing tables, NULL: built in */
};

/* Bytes that an inventory of these limits reserves. */
uint64_t wt_inventory_bytes(const struct wt_limits *limits);

/* Highest node index of an inventory for so many devices. */
static inline uint32_t wt_inventory_nodes_max(uint32_t devices)
{
	return devices * 2;
}

/* Ends the program where the address space is refused. Errors of the tables are told by
 * wt_inventory_table_errors; rows that are right are in use. */
struct wt_inventory *wt_inventory_new(const struct wt_inventory_options *options);
void wt_inventory_free(struct wt_inventory *inv);

/* Lines about errors of the tables, as of wt_table_error. */
unsigned wt_inventory_n_table_errors(const struct wt_inventory *inv);
const char *wt_inventory_table_error(const struct wt_inventory *inv, unsigned i);

void wt_inventory_take(struct wt_inventory *inv, const struct wt_record *record);

/* The record will be taken in WT_INVENTORY_AHEAD records: what it needs is fetched
 * meanwhile. May be left out: it changes nothing but the time. */
#define WT_INVENTORY_AHEAD 3u
void wt_inventory_ahead(struct wt_inventory *inv, const struct wt_record *record);

/* Which capture a packet number of this run belongs to: "" or NULL when unknown. Asked
 * while reading, never while taking. */
void wt_inventory_set_captures(struct wt_inventory *inv,
			       const char *(*name)(void *self, uint64_t number), void *self);

/* Latest packet time seen. */
uint64_t wt_inventory_now(const struct wt_inventory *inv);

/* ---- reading ----
 * A device is named by its node's index (1..); it keeps it for life, but the index is
 * used again after it went. `id` is never used again. Views are copies; texts in
 * them are borrowed until the next take. */

struct wt_evidence {
	uint64_t first_ns, last_ns; /* packet time */
	uint64_t number;            /* packet that showed it first; 0: a tick, or live */
	const char *capture;        /* file of that packet, "" when unknown */
	uint32_t count;             /* records that showed it, saturating */
};

struct wt_device_view {
	uint32_t node, id;
	uint64_t first_ns, last_ns;
	uint32_t n_parts;      /* further nodes that are presumed to be this device */
	bool is_answered;      /* somebody answered it, or it answered: not forged by one */
	bool is_stated;        /* no packet of its own was seen: another one speaks of it */
	uint32_t n_lost_facts; /* values that had no room */
	uint32_t n_lost_peers;
};

/* The first device with an index above `after` (0: from the start); 0 at the end. The
 * order is that of appearance, but for reused places. */
uint32_t wt_inventory_next(const struct wt_inventory *inv, uint32_t after);
uint32_t wt_inventory_count(const struct wt_inventory *inv);

/* False when there is no such device. A part answers for the device it is part of. */
WT_MUST_USE bool wt_inventory_device(const struct wt_inventory *inv, uint32_t node,
				     struct wt_device_view *view);

struct wt_fact_source {
	uint16_t owner, field; /* as in wt_registry_field; field WT_FIELD_NONE: head */
	uint8_t confidence;
	const char *name;      /* "dhcp.host_name", or fixed words such as "ethernet source" */
};
#define WT_FIELD_NONE 0xffffu

/* One value of an attribute. */
struct wt_fact_view {
	enum wt_attribute attribute;
	struct wt_slice value;   /* UTF-8 not guaranteed: escape it */
	bool is_pseudonym;
	bool is_best;            /* of a ONE attribute: the value to use */
	bool is_presumed;        /* of a part: holds while the presumption does */
	uint8_t confidence;      /* 1..99: all sources together */
	uint32_t node;           /* the device, or the part that holds it */
	struct wt_evidence evidence;
	unsigned n_sources;
	struct wt_fact_source source[WT_FACT_SOURCES]; /* strongest first */
};

/* The values of a device by attribute, best first: confidence, last seen, first seen,
 * bytes. Number of views written, at most `max`. */
unsigned wt_inventory_facts(const struct wt_inventory *inv, uint32_t node,
			    struct wt_fact_view *view, unsigned max);

/* The best value of one attribute; empty when there is none. */
struct wt_slice wt_inventory_best(const struct wt_inventory *inv, uint32_t node,
				  enum wt_attribute attribute);

/* What the tables conclude (classes.tsv, os.tsv), from the facts as they are now. */
#define WT_REASONS_MAX 4u
struct wt_conclusion {
	const char *value;    /* "infusion_pump"; "" when nothing is concluded */
	uint8_t confidence;   /* 0..99 */
	unsigned n_reasons;
	const char *reason[WT_REASONS_MAX]; /* texts of the table, strongest first */
	const char *runner_up; /* second best class, "" when none */
	uint8_t runner_up_confidence;
};
struct wt_conclusion wt_inventory_class(struct wt_inventory *inv, uint32_t node);

enum wt_support { WT_SUPPORT_UNKNOWN, WT_SUPPORT_YES, WT_SUPPORT_ENDED };
struct wt_os_view {
	struct wt_conclusion name; /* "Windows 7 or Server 2008 R2" */
	enum wt_support support;   /* at the device's last packet */
	uint64_t support_end_ns;   /* 0: unknown */
	bool is_legacy;            /* support ended */
};
struct wt_os_view wt_inventory_os(struct wt_inventory *inv, uint32_t node);

/* Two claims of which one must be wrong, e.g. two hardware addresses for one IP. */
struct wt_conflict_view {
	const char *kind;      /* fixed words: "ip claimed by two macs", ... */
	struct wt_slice about; /* what is claimed, as text */
	uint32_t holder, claimant; /* devices, 0 when one is gone */
	struct wt_slice holder_key, claimant_key; /* their hardware addresses or ids, as text */
	struct wt_evidence evidence;
};
/* Of one device, or of all (node 0), oldest first. */
unsigned wt_inventory_conflicts(const struct wt_inventory *inv, uint32_t node,
				struct wt_conflict_view *view, unsigned max);

/* Devices that speak of this one (gateways), or of which this one speaks. */
struct wt_via_view {
	uint32_t node;    /* the other device */
	bool is_speaker;  /* it speaks of this device; otherwise this device of it */
	struct wt_evidence evidence;
};
unsigned wt_inventory_via(const struct wt_inventory *inv, uint32_t node,
			  struct wt_via_view *view, unsigned max);

/* The zone that an address lies in: of the networks that hold it the one with the longest
 * prefix, of equal ones the first; "" when there is none. */
const char *wt_inventory_zone_of(const struct wt_inventory *inv, uint8_t ip_version,
				 const struct wt_addr *addr);
/* The zones of a device's addresses, each once, the latest address's first. */
#define WT_DEVICE_ZONES_MAX 8u
unsigned wt_inventory_zones(const struct wt_inventory *inv, uint32_t node,
			    const char *zone[WT_DEVICE_ZONES_MAX]);

/* With whom a device talks. One view per peer address, role, transport, port, app. */
struct wt_peer_view {
	struct wt_addr addr;
	uint16_t space;
	uint8_t ip_version, proto;
	bool is_client;      /* the device is the client of this conversation */
	bool is_answered;    /* bytes went both ways at least once */
	bool is_external;    /* the peer is in none of the networks, and not proven here */
	uint16_t port;       /* of the server; 0: several, or unanswered attempts */
	uint16_t app;        /* registry owner, 0: not identified */
	uint16_t hint;       /* label of the hint library, 0: none */
	uint32_t peer;       /* the peer's device now, 0: none */
	const char *zone;    /* of the peer's address, "" when it lies in none */
	uint32_t n_flows;    /* ended flows, saturating */
	uint32_t n_messages; /* records of protocols, saturating */
	uint64_t bytes_out, bytes_in; /* seen from the device, of ended flows */
	uint64_t first_ns, last_ns;   /* whole seconds */
};
/* `cursor` starts at 0 and is moved on; false at the end. Newest conversation first,
 * then parts. Valid while nothing is taken. */
bool wt_inventory_peer(const struct wt_inventory *inv, uint32_t node, uint64_t *cursor,
		       struct wt_peer_view *view);

/* Flows that belong together: FTP data and its control connection, a C-MOVE and the
 * association it caused, storage commitment and its answer, PCD-03 answers. */
struct wt_link_view {
	const char *kind;      /* fixed words: "ftp data", "dicom move", ... */
	uint32_t asker, doer;  /* devices of the announcing and the fulfilling flow */
	uint64_t flow_id[2];   /* announcing, fulfilling */
	struct wt_evidence evidence;
};
unsigned wt_inventory_links(const struct wt_inventory *inv, uint32_t node,
			    struct wt_link_view *view, unsigned max);

/* ---- questions of later stages ---- */

/* Device behind the sender (or receiver) of a record, 0 when there is none. */
uint32_t wt_inventory_sender(const struct wt_inventory *inv, const struct wt_event_head *head);
uint32_t wt_inventory_receiver(const struct wt_inventory *inv,
			       const struct wt_event_head *head);
/* Device that has the address, or the hardware address (6 octets), now. */
uint32_t wt_inventory_by_addr(const struct wt_inventory *inv, uint16_t space,
			      uint8_t ip_version, const struct wt_addr *addr);
uint32_t wt_inventory_by_mac(const struct wt_inventory *inv, uint16_t space,
			     const uint8_t mac[6]);

/* ---- what changed, for those who are told ----
 * A device is told when it is new and has settled for 10 s, and again when its identity
 * (class, operating system, attributes of wt_attribute_is_identity) is another, at most
 * once in 10 minutes; 64 devices a second. */

WT_MUST_USE bool wt_attribute_is_identity(enum wt_attribute attribute);

/* From now on changes are noted; devices that are there (restored ones) count as told. */
void wt_inventory_watch(struct wt_inventory *inv);

struct wt_news {
	uint32_t node;
	bool is_new; /* never told before */
};
/* The next device that is due at `now_ns`, which never goes back; false: none. Those with
 * the most evidence come first: proven and medical, proven, medical, the others. is_end:
 * what was not told, however recent, up to a bound beyond which it is counted. */
WT_MUST_USE bool wt_inventory_news(struct wt_inventory *inv, uint64_t now_ns, bool is_end,
				   struct wt_news *news);

/* ---- what changed, for the store ----
 * The store works on nodes, parts included, so that presumptions survive a restart. It
 * asks for changed nodes one by one and writes what the node then holds. */

struct wt_node_view {
	struct wt_device_view device; /* of this node alone */
	uint32_t part_of;             /* node it is presumed to be part of, 0: a device */
	uint32_t part_of_id;
	uint8_t kind;                 /* enum wt_node_kind */
	uint16_t space;
	bool is_relay, is_speaker;    /* passes on packets, speaks of several devices */
};

enum wt_node_kind { WT_NODE_LINK, WT_NODE_ADDR, WT_NODE_STATED };

/* The node that changed longest ago, and forgets that it did; 0: none. */
uint32_t wt_inventory_changed(struct wt_inventory *inv);
/* An id that went (evicted, or joined to another: `into`, else 0); false: none left. */
bool wt_inventory_gone(struct wt_inventory *inv, uint32_t *id, uint32_t *into);
/* True once after more went than could be remembered: what is stored and not in memory
 * must be looked for by itself. */
bool wt_inventory_lost_track(struct wt_inventory *inv);
/* Every node counts as changed: what was stored is lost. */
void wt_inventory_mark_changed(struct wt_inventory *inv);

WT_MUST_USE bool wt_inventory_node(const struct wt_inventory *inv, uint32_t node,
				   struct wt_node_view *view);
/* Values of this node alone; `new_only`: those added or changed in more than count and
 * last time since their node was last given by wt_inventory_changed. */
unsigned wt_inventory_node_facts(const struct wt_inventory *inv, uint32_t node, bool new_only,
				 struct wt_fact_view *view, unsigned max);
/* Peers of this node alone. */
bool wt_inventory_node_peer(const struct wt_inventory *inv, uint32_t node, uint64_t *cursor,
			    struct wt_peer_view *view);

/* Relations of this node alone; `node` of the views is a node, not its device. */
unsigned wt_inventory_node_via(const struct wt_inventory *inv, uint32_t node,
			       struct wt_via_view *view, unsigned max);

/* What makes the node findable. */
enum wt_key_kind {
	WT_KEY_MAC,    /* 6 octets */
	WT_KEY_IPV4,   /* 4 octets */
	WT_KEY_IPV6,   /* 16 octets */
	WT_KEY_EUI64,  /* these: digest of their text, 16 octets */
	WT_KEY_STATED, /* vendor, model, serial, id */
	WT_KEY_NAMED,  /* UUID, DUID, engine id */
};
struct wt_identity_view {
	uint8_t kind;       /* enum wt_key_kind */
	uint16_t space;
	uint8_t strength;   /* 0 seen, 1 stated, 2 proven (ARP, ND, DHCP, link-local) */
	struct wt_slice key;
	uint64_t first_ns, last_ns;
};
unsigned wt_inventory_identities(const struct wt_inventory *inv, uint32_t node,
				 struct wt_identity_view *view, unsigned max);

/* ---- putting back, after a restart, before the first take ----
 * Nodes first, then the rest of each; `node` is what restore_node returned. False when
 * there is no room or the value is out of range (a damaged database). */
uint32_t wt_inventory_restore_node(struct wt_inventory *inv, const struct wt_node_view *view);
WT_MUST_USE bool wt_inventory_restore_part(struct wt_inventory *inv, uint32_t node,
					   uint32_t part_of);
WT_MUST_USE bool wt_inventory_restore_identity(struct wt_inventory *inv, uint32_t node,
					       const struct wt_identity_view *view);
/* Sources are given by `name` (owner and field are looked up; unknown names are kept as
 * "earlier version"). evidence.capture is copied. */
WT_MUST_USE bool wt_inventory_restore_fact(struct wt_inventory *inv, uint32_t node,
					   const struct wt_fact_view *view);
WT_MUST_USE bool wt_inventory_restore_peer(struct wt_inventory *inv, uint32_t node,
					   const struct wt_peer_view *view);
WT_MUST_USE bool wt_inventory_restore_via(struct wt_inventory *inv, uint32_t node,
					  const struct wt_via_view *view);

/* Conflicts and links, oldest first; devices are nodes as restore_node returned them. A
 * kind that this version does not have is out of range. */
WT_MUST_USE bool wt_inventory_restore_conflict(struct wt_inventory *inv,
					       const struct wt_conflict_view *view);
WT_MUST_USE bool wt_inventory_restore_link(struct wt_inventory *inv,
					   const struct wt_link_view *view);

/* ---- showing ---- */

/* Asked for each device that is written as JSON, to add members of its own behind the
 * others; at most WT_INVENTORY_EXTRA_MAX bytes. */
struct wt_json;
#define WT_INVENTORY_EXTRA_MAX 40000u
void wt_inventory_set_extra(struct wt_inventory *inv,
			    void (*extra)(void *self, uint32_t node, struct wt_json *j),
			    void *self);

/* {"devices":[...]} as in contrib/wardtap-inventory.schema.json; `write` gets pieces. */
void wt_inventory_json(struct wt_inventory *inv, const char *(*hint_name)(unsigned),
		       void (*write)(void *self, struct wt_slice piece), void *self);
/* One device as a JSON object. */
void wt_inventory_device_json(struct wt_inventory *inv, uint32_t node,
			      const char *(*hint_name)(unsigned),
			      void (*write)(void *self, struct wt_slice piece), void *self);

#endif
