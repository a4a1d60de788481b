/* Flow key, shard and the view of a flow that later stages see. */
#ifndef WARDTAP_FLOW_H
#define WARDTAP_FLOW_H

#include "wardtap/bytes.h"
#include "wardtap/types.h"

/* State is split into this many shards, always. A worker owns whole shards, so
 * results depend on shards and never on the number of workers. */
#define WT_SHARDS 64

/* One end of a flow. ICMP has no ports: its type and code (or the identifier of an
 * echo) stand in as decode/transport.c says. */
struct wt_endpoint {
	struct wt_addr addr;
	uint16_t port;
};

/* 5-tuple, the same for both directions: end[0] <= end[1] by (address, port) as
 * bytes. `space` tells equal private addresses of different networks apart; it is
 * configured per interface or VLAN and 0 by default. A VLAN is no part of the key:
 * a SPAN may tag one direction only. */
struct wt_flow_key { /* 40 bytes without padding: keys are compared as memory */
	struct wt_endpoint end[2];
	uint8_t proto;      /* IANA protocol number; 0 when there is no IP */
	uint8_t ip_version; /* 4, 6, or 0 for link-layer packets */
	uint16_t space;
};

/* Orders the ends of `key` and says where `sender` (0 or 1) went. */
uint8_t wt_flow_key_order(struct wt_flow_key *key);

/* The shard of an address pair: symmetric, unseeded and equal on every machine,
 * because which packets compete for one shard's memory decides what is evicted. */
uint8_t wt_shard_of(const struct wt_flow_key *key);

/* The same for frames without IP. */
uint8_t wt_shard_of_macs(const uint8_t *mac_pair);

/* What is known of a flow when an event is made. Valid during the call. */
struct wt_flow_view {
	uint64_t id;       /* 53 bits, so that JSON readers keep it exactly */
	uint64_t first_ns;
	struct wt_flow_key key;
	uint8_t client;    /* index into key.end */
	uint16_t vlan;     /* 0 when untagged */
};

#endif
