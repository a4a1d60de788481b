/* Hints from nDPI (hint.h), and the only file that knows that library.
 *
 * Source: public headers of nDPI 4.2 (Debian 12), and of 4.6 to 5.x; how 4.2 keeps
 * memory of earlier flows was read from its lib/ndpi_main.c and lib/protocols.
 * Trust: payloads are hostile, and the library is believed neither to stay inside
 * its input (so hint_packet.h builds that) nor to forget (so forget() wipes it).
 * Memory: a fixed number of flows per shard; what the library allocates itself comes
 * from a fixed pool per instance (hint_pool.h). Where that is used up, malloc serves
 * and is counted, because a label must not depend on how many shards share a pool,
 * and 4.2 does not check every allocation. The excess is bounded too: 4.2 keeps no
 * more than 12 KiB per buffer of a flow, and flows are bounded here. */
#define _GNU_SOURCE /* u_char and friends, which the library's headers want */
#include "dissect/hint.h"

#ifdef WT_HAVE_NDPI

/* The module's inside is needed for 4.2 only, see forget(). */
#include <ndpi/ndpi_define.h>
#if NDPI_MAJOR == 4 && NDPI_MINOR == 2
#define NDPI_LIB_COMPILATION
#endif
#include <ndpi/ndpi_api.h>
#undef NDPI_LIB_COMPILATION

#define VERSION_AT_LEAST(major, minor) \
	(NDPI_MAJOR > (major) || (NDPI_MAJOR == (major) && NDPI_MINOR >= (minor)))
#if (NDPI_MAJOR == 4 && NDPI_MINOR == 2) || VERSION_AT_LEAST(4, 6)
#define USABLE 1
#else
#define USABLE 0 /* 4.3 to 4.5 remember flows and offer no way to stop it */
#endif

#else
#define USABLE 0
#endif

#if USABLE

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "dissect/hint_packet.h"
#include "dissect/hint_pool.h"

#define NAME_SIZE 32

struct slot {
	struct wt_flow_key key; /* whose place it is */
	uint32_t next;   /* of the spare slots, or the one opened after it; 0 none */
	uint32_t before; /* the one opened before it */
	uint32_t seq[2]; /* next TCP sequence number, by sender */
	bool is_open;
	struct ndpi_flow_struct flow;
};

struct shard {
	uint32_t spare; /* slots given back; 0 none */
	uint32_t n_fresh;
	uint32_t oldest, newest; /* open slots in the order of opening */
};

struct wt_hint {
	struct ndpi_detection_module_struct *module;
	struct slot *slots;
	struct shard *shards;
	unsigned n_shards, flows_per_shard;
	struct wt_hint_pool pool;
	struct wt_hint_stats stats;
	struct wt_hint_room room; /* packet under construction */
	struct wt_hint_tables tables;
};

/* The library's hooks are process-wide and carry no argument: the instance at work
 * is found through its thread. */
static _Thread_local struct wt_hint *at_work;
static _Thread_local struct wt_hint *starting;

static pthread_mutex_t library_lock = PTHREAD_MUTEX_INITIALIZER;
static char names[WT_HINT_LABELS][NAME_SIZE];
static bool has_names;

/* Memory beyond the pool carries in front how long it is, or that it is part of the
 * tables and cannot be given back alone. 16 bytes keep the alignment of malloc. */
#define PREFIX 16u
#define IN_TABLES UINT64_MAX

static void *library_malloc(size_t size)
{
	struct wt_hint *hint = at_work;
	bool is_table = !hint && starting && !WT_HINT_EXACT;
	void *at = hint ? wt_hint_pool_take(&hint->pool, size) : NULL;
	uint64_t len = is_table ? IN_TABLES : size;

	if (at)
		return at;
	if (size > SIZE_MAX - PREFIX)
		return NULL;
	at = is_table ? wt_hint_tables_take(&starting->tables, size + PREFIX) :
		malloc(size + PREFIX);
	if (!at)
		return NULL;
	memcpy(at, &len, sizeof(len));
	if (hint) {
		hint->stats.n_overflows++;
		hint->stats.overflow_bytes += len;
	}
	return (uint8_t *)at + PREFIX;
}

static void library_free(void *at)
{
	struct wt_hint *hint = at_work;
	uint64_t len;

	if (!at || (hint && wt_hint_pool_give(&hint->pool, at)))
		return;
	at = (uint8_t *)at - PREFIX;
	memcpy(&len, at, sizeof(len));
	if (len == IN_TABLES)
		return;
	if (hint && hint->stats.overflow_bytes >= len)
		hint->stats.overflow_bytes -= len;
	free(at);
}

#if NDPI_MAJOR == 4 && NDPI_MINOR == 2
/* 4.2 creates its memory of flows (who spoke BitTorrent, which hosts share a TLS
 * certificate, ...) when it first wants it, in fields of the module, and has no
 * setting for it. Here each memory exists from the start, with room for one entry,
 * and forget() empties that entry after every call; the packet view goes back to
 * zero as well. The fields are the library's own, so open_module() makes sure that
 * the module has the size that was compiled against. Tinc keeps a memory of another
 * kind; it is not looked for at all. */
#define CACHES(X) \
	X(ookla_cache) X(bittorrent_cache) X(zoom_cache) X(stun_cache) X(tls_cert_cache) \
	X(mining_cache) X(msteams_cache)

static bool make_forgetful(struct ndpi_detection_module_struct *module)
{
#define CACHE(name) \
	if (module->name || !(module->name = ndpi_lru_cache_init(1))) \
		return false;
	CACHES(CACHE)
#undef CACHE
	return true;
}

static void forget(struct ndpi_detection_module_struct *module)
{
#define CACHE(name) memset(module->name->entries, 0, sizeof(module->name->entries[0]));
	CACHES(CACHE)
#undef CACHE
	memset(&module->packet, 0, sizeof(module->packet));
}
#elif !VERSION_AT_LEAST(4, 10)
static bool make_forgetful(struct ndpi_detection_module_struct *module)
{
	int i;

	for (i = 0; i < NDPI_LRUCACHE_MAX; i++)
		if (ndpi_set_lru_cache_size(module, (lru_cache_type)i, 0) != 0)
			return false;
	return true;
}
#else
static bool make_forgetful(struct ndpi_detection_module_struct *module)
{
	/* Every version has the first four; the rest came and went, and a version
	 * that does not know a name has no such memory. */
	static const char *const settings[] = {
		"lru.ookla.size", "lru.bittorrent.size", "lru.stun.size",
		"lru.tls_cert.size", "lru.mining.size", "lru.msteams.size",
		"lru.zoom.size", "lru.stun_zoom.size", "lru.fpc_dns.size", "lru.signal.size",
	};
	size_t i;

	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (ndpi_set_config(module, NULL, settings[i], "0") != NDPI_CFG_OK && i < 4)
			return false;
#if VERSION_AT_LEAST(5, 0)
	return ndpi_set_config(module, "TINC", "enable", "0") == NDPI_CFG_OK &&
	       ndpi_set_config(module, "Cassandra", "enable", "0") == NDPI_CFG_OK;
#else
	return true;
#endif
}
#endif

#if !(NDPI_MAJOR == 4 && NDPI_MINOR == 2)
static void forget(struct ndpi_detection_module_struct *module)
{
	(void)module; /* the settings have seen to it */
}
#endif

static struct ndpi_detection_module_struct *open_module(void)
{
	struct ndpi_detection_module_struct *module;
#if !VERSION_AT_LEAST(5, 0)
	NDPI_PROTOCOL_BITMASK wanted;
#endif

	if (ndpi_detection_get_sizeof_ndpi_flow_struct() != sizeof(struct ndpi_flow_struct))
		return NULL;
#if NDPI_MAJOR == 4 && NDPI_MINOR == 2
	if (ndpi_get_ndpi_detection_module_size() != sizeof(*module))
		return NULL;
#endif
#if VERSION_AT_LEAST(6, 0)
	module = ndpi_init_detection_module(NULL, NDPI_LICENSE_FOR_PROFIT_LGPL);
#elif VERSION_AT_LEAST(4, 10)
	module = ndpi_init_detection_module(NULL);
#else
	module = ndpi_init_detection_module(ndpi_dont_load_tor_hosts);
#endif
	if (!module)
		return NULL;
#if !VERSION_AT_LEAST(5, 0)
	NDPI_BITMASK_SET_ALL(wanted);
	NDPI_BITMASK_DEL(wanted, NDPI_PROTOCOL_TINC);
	NDPI_BITMASK_DEL(wanted, NDPI_PROTOCOL_CASSANDRA);
	ndpi_set_protocol_detection_bitmask2(module, &wanted);
#endif
	if (!make_forgetful(module)) {
		ndpi_exit_detection_module(module);
		return NULL;
	}
#if VERSION_AT_LEAST(4, 10)
	if (ndpi_finalize_initialization(module) != 0) {
		ndpi_exit_detection_module(module);
		return NULL;
	}
#else
	ndpi_finalize_initialization(module);
#endif
	return module;
}

/* Lower case, and nothing that needs escaping anywhere. */
static void keep_name(uint16_t label, const char *name)
{
	size_t i;

	for (i = 0; i < NAME_SIZE - 1 && name[i]; i++) {
		unsigned char c = (unsigned char)name[i];

		if (c >= 'A' && c <= 'Z')
			c = (unsigned char)(c - 'A' + 'a');
		else if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-'))
			c = '_';
		names[label][i] = (char)c;
	}
	names[label][i] = 0;
}

/* The library answers "Unknown" for ids it does not have. A DICOM association
 * request looks like Cassandra to some versions: never say that. */
static void keep_names(struct ndpi_detection_module_struct *module)
{
	char unknown[NAME_SIZE] = "";
	uint16_t i;

	if (has_names)
		return;
	for (i = 0; i < WT_HINT_LABELS; i++) {
		const char *name = ndpi_get_proto_name(module, i);

		if (i == 0)
			snprintf(unknown, sizeof(unknown), "%s", name ? name : "");
		else if (name && strcmp(name, unknown) != 0 && i != NDPI_PROTOCOL_CASSANDRA)
			keep_name(i, name);
	}
	has_names = true;
}

/* What is spoken, not whose it is: under these carriers the library's second answer
 * comes from host names and address lists ("tls.google"), and addresses already say
 * that better. */
static bool is_carrier(uint16_t id)
{
	switch (id) {
	case NDPI_PROTOCOL_TLS:
	case NDPI_PROTOCOL_HTTP:
	case NDPI_PROTOCOL_QUIC:
	case NDPI_PROTOCOL_DNS:
	case NDPI_PROTOCOL_DTLS:
	case NDPI_PROTOCOL_STUN:
	case NDPI_PROTOCOL_MDNS:
		return true;
	default:
		return false;
	}
}

static uint16_t label_of(const struct ndpi_flow_struct *flow)
{
	uint16_t app = flow->detected_protocol_stack[0];
	uint16_t carrier = flow->detected_protocol_stack[1];
	uint16_t id = is_carrier(carrier) ? carrier : app;

	if (flow->confidence != NDPI_CONFIDENCE_DPI) /* by port or address: we know those */
		return WT_HINT_NONE;
	return id < WT_HINT_LABELS && names[id][0] ? id : WT_HINT_NONE;
}

static void show(struct wt_hint *hint, struct slot *s, struct wt_slice packet, uint64_t ts_ms)
{
	unsigned short len = (unsigned short)packet.len;

#if VERSION_AT_LEAST(4, 6)
	(void)ndpi_detection_process_packet(hint->module, &s->flow, packet.ptr, len, ts_ms, NULL);
#else
	(void)ndpi_detection_process_packet(hint->module, &s->flow, packet.ptr, len, ts_ms);
#endif
	forget(hint->module);
}

/* NULL when the place was given to another flow in the meantime. */
static struct slot *slot_at(const struct wt_hint *hint, uint32_t slot,
			    const struct wt_flow_key *key)
{
	struct slot *s;

	if (!hint || slot == 0 || WT_BUG_ON(slot > hint->n_shards * hint->flows_per_shard))
		return NULL;
	s = &hint->slots[slot - 1];
	return s->is_open && memcmp(&s->key, key, sizeof(s->key)) == 0 ? s : NULL;
}

static void release(struct wt_hint *hint, uint32_t slot)
{
	struct shard *sh = &hint->shards[(slot - 1) / hint->flows_per_shard];
	struct slot *s = &hint->slots[slot - 1];

	at_work = hint;
	ndpi_free_flow_data(&s->flow);
	at_work = NULL;
	if (s->before)
		hint->slots[s->before - 1].next = s->next;
	else
		sh->oldest = s->next;
	if (s->next)
		hint->slots[s->next - 1].before = s->before;
	else
		sh->newest = s->before;
	s->is_open = false;
	s->next = sh->spare;
	sh->spare = slot;
	hint->stats.open--;
}

static bool is_shown(const struct wt_flow_key *key)
{
	return (key->proto == 6 || key->proto == 17) &&
	       (key->ip_version == 4 || key->ip_version == 6);
}

/* Some tables of the library are static and filled at first use: one request through
 * all of it, under the lock, so that no two workers do so at once. */
static void warm_up(struct wt_hint *hint)
{
	static const char text[] = "GET /a.php?id=1&b=%20x HTTP/1.1\r\nHost: warm.example.org\r\n"
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit\r\n\r\n";
	struct wt_flow_key key = { .proto = 6, .ip_version = 4 };
	uint32_t slot;
	bool is_evicting;

	key.end[0].port = 40000;
	key.end[1].port = 80;
	slot = wt_hint_open(hint, 0, &key, &is_evicting);
	(void)wt_hint_payload(hint, slot, &key, 0, wt_slice_of(text, sizeof(text) - 1),
			      WT_NS_PER_S);
	wt_hint_close(hint, slot, &key);
	hint->stats = (struct wt_hint_stats){ 0 };
}

struct wt_hint *wt_hint_new(unsigned n_shards, unsigned flows_per_shard)
{
	struct wt_hint *hint;

	if (n_shards == 0 || flows_per_shard == 0 || n_shards > UINT16_MAX ||
	    flows_per_shard > UINT16_MAX)
		return NULL;
	hint = calloc(1, sizeof(*hint));
	if (!hint)
		return NULL;
	hint->n_shards = n_shards;
	hint->flows_per_shard = flows_per_shard;
	hint->slots = calloc((size_t)n_shards * flows_per_shard, sizeof(*hint->slots));
	hint->shards = calloc(n_shards, sizeof(*hint->shards));
	if (!hint->slots || !hint->shards || !wt_hint_pool_init(&hint->pool) ||
	    !wt_hint_room_init(&hint->room)) {
		wt_hint_free(hint);
		return NULL;
	}
	pthread_mutex_lock(&library_lock);
	set_ndpi_malloc(library_malloc);
	set_ndpi_free(library_free);
	starting = hint;
	hint->module = open_module();
	starting = NULL;
	if (hint->module) {
		keep_names(hint->module);
		warm_up(hint);
	}
	pthread_mutex_unlock(&library_lock);
	if (!hint->module) {
		wt_hint_free(hint);
		return NULL;
	}
	return hint;
}

void wt_hint_free(struct wt_hint *hint)
{
	unsigned i;

	if (!hint)
		return;
	for (i = 0; hint->shards && i < hint->n_shards; i++)
		while (hint->shards[i].oldest)
			release(hint, hint->shards[i].oldest);
	at_work = hint;
	if (hint->module && WT_HINT_EXACT) { /* else all of it is in the tables */
		pthread_mutex_lock(&library_lock);
		ndpi_exit_detection_module(hint->module);
		pthread_mutex_unlock(&library_lock);
	}
	at_work = NULL;
	wt_hint_tables_free(&hint->tables);
	wt_hint_pool_free(&hint->pool);
	wt_hint_room_free(&hint->room);
	free(hint->slots);
	free(hint->shards);
	free(hint);
}

uint32_t wt_hint_open(struct wt_hint *hint, unsigned shard, const struct wt_flow_key *key,
		      bool *is_evicting)
{
	struct shard *sh;
	struct slot *s;
	uint32_t slot;

	*is_evicting = false;
	if (!hint || WT_BUG_ON(shard >= hint->n_shards) || !is_shown(key))
		return 0;
	sh = &hint->shards[shard];
	if (!sh->spare && sh->n_fresh == hint->flows_per_shard) {
		release(hint, sh->oldest);
		hint->stats.n_evicted++;
		*is_evicting = true;
	}
	slot = sh->spare;
	if (slot)
		sh->spare = hint->slots[slot - 1].next;
	else
		slot = shard * hint->flows_per_shard + ++sh->n_fresh;
	s = &hint->slots[slot - 1];
	memset(s, 0, sizeof(*s));
	s->key = *key;
	s->before = sh->newest;
	s->seq[0] = s->seq[1] = 1;
	s->is_open = true;
	if (sh->newest)
		hint->slots[sh->newest - 1].next = slot;
	else
		sh->oldest = slot;
	sh->newest = slot;
	hint->stats.n_flows++;
	hint->stats.open++;
	return slot;
}

uint16_t wt_hint_payload(struct wt_hint *hint, uint32_t slot, const struct wt_flow_key *key,
			 uint8_t sender, struct wt_slice payload, uint64_t ts_ns)
{
	struct slot *s = slot_at(hint, slot, key);
	struct wt_slice packet;

	if (!s || payload.len == 0 || WT_BUG_ON(sender > 1))
		return WT_HINT_NONE;
	payload = wt_slice_head(payload, WT_HINT_PAYLOAD_MAX);
	packet = wt_hint_packet_build(&hint->room, key, sender, s->seq, payload);
	s->seq[sender] += (uint32_t)payload.len;
	at_work = hint;
	show(hint, s, packet, ts_ns / WT_NS_PER_MS);
	at_work = NULL;
	hint->stats.n_payloads++;
	return label_of(&s->flow);
}

void wt_hint_close(struct wt_hint *hint, uint32_t slot, const struct wt_flow_key *key)
{
	if (slot_at(hint, slot, key))
		release(hint, slot);
}

const char *wt_hint_name(uint16_t label)
{
	return label < WT_HINT_LABELS && names[label][0] ? names[label] : NULL;
}

const char *wt_hint_library(void)
{
	return ndpi_revision();
}

struct wt_hint_stats wt_hint_stats(const struct wt_hint *hint)
{
	struct wt_hint_stats stats = { 0 };

	if (!hint)
		return stats;
	stats = hint->stats;
	stats.fixed_bytes = sizeof(*hint) + hint->pool.size + hint->tables.total +
		WT_HINT_PACKET_MAX +
		(uint64_t)hint->n_shards * (sizeof(*hint->shards) +
					    hint->flows_per_shard * sizeof(*hint->slots));
	return stats;
}

#else /* no usable library: no hints */

struct wt_hint *wt_hint_new(unsigned n_shards, unsigned flows_per_shard)
{
	(void)n_shards;
	(void)flows_per_shard;
	return NULL;
}

void wt_hint_free(struct wt_hint *hint)
{
	(void)hint;
}

uint32_t wt_hint_open(struct wt_hint *hint, unsigned shard, const struct wt_flow_key *key,
		      bool *is_evicting)
{
	(void)hint;
	(void)shard;
	(void)key;
	*is_evicting = false;
	return 0;
}

uint16_t wt_hint_payload(struct wt_hint *hint, uint32_t slot, const struct wt_flow_key *key,
			 uint8_t sender, struct wt_slice payload, uint64_t ts_ns)
{
	(void)hint;
	(void)slot;
	(void)key;
	(void)sender;
	(void)payload;
	(void)ts_ns;
	return WT_HINT_NONE;
}

void wt_hint_close(struct wt_hint *hint, uint32_t slot, const struct wt_flow_key *key)
{
	(void)hint;
	(void)slot;
	(void)key;
}

const char *wt_hint_name(uint16_t label)
{
	(void)label;
	return NULL;
}

const char *wt_hint_library(void)
{
	return NULL;
}

struct wt_hint_stats wt_hint_stats(const struct wt_hint *hint)
{
	(void)hint;
	return (struct wt_hint_stats){ 0 };
}

#endif
