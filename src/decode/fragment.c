/* Table of incomplete datagrams and the pool of their bytes.
 *
 * Source: RFC 791 3.2, RFC 815, RFC 8200 4.5, RFC 5722, RFC 6946; attacks after Ptacek and
 * Newsham, "Insertion, Evasion, and Denial of Service" (1998), 5.
 * Trust: positions, lengths and bytes are hostile; wt_decode checked that they lie in the
 * packet.
 * Memory: per shard, wt_fragments_size(); nothing is allocated after wt_fragments_new.
 *
 * Indexes into arrays count from 1, so that zeroed memory says "none". */
#include "decode/fragment.h"

#include <stdlib.h>

#include "decode/decode.h"
#include "decode/rebuild.h"

enum {
	BLOCK_LEN = 1024,
	UNIT_LEN = 8, /* fragments lie on multiples of 8 octets */
	BLOCK_UNITS = BLOCK_LEN / UNIT_LEN,
	DATAGRAM_MAX = 65535,
	N_BLOCKS_MIN = DATAGRAM_MAX / BLOCK_LEN + 1,
	HEADER_MAX = 256,  /* IP header and unfragmentable part kept */
	PREFIX_MAX = 1024, /* what lies before the IP header */
	IPV6_LEN = 40, /* not counted in the payload length */
};

struct fragment_key {
	uint8_t source[16];
	uint8_t destination[16];
	uint32_t id;
	uint16_t space;
	uint8_t proto; /* 0 in IPv6 */
	uint8_t version;
};

struct block {
	uint64_t covered[BLOCK_UNITS / 64];
	uint8_t bytes[BLOCK_LEN];
	uint16_t next_free;
};

struct datagram {
	struct fragment_key key;
	uint64_t since_ns;    /* first fragment; for a complete one: completion */
	uint32_t total;       /* data bytes, 0: end not seen */
	uint32_t highest;     /* end of the furthest fragment */
	uint32_t clip_at;     /* data is captured up to here */
	uint32_t n_covered;   /* units */
	uint16_t bucket_next; /* also: next free */
	uint16_t older, newer;
	uint16_t header_len;
	bool is_complete;
	bool has_conflict;
	uint8_t header[HEADER_MAX];
	uint16_t block[N_BLOCKS_MIN];
};

/* By age: evicted and expired from the old end. */
struct age_list {
	uint16_t oldest, newest;
};

struct wt_fragments {
	uint64_t seed;
	uint32_t n_datagrams, n_blocks, bucket_mask;
	uint32_t datagrams_touched, blocks_touched;
	uint16_t free_datagram, free_block;
	struct age_list waiting;
	struct age_list complete; /* remembered for WT_DUPLICATE_NS */
	struct datagram *datagram;
	struct block *block;
	uint16_t *bucket;
	uint8_t *scratch;
};

enum { SCRATCH_LEN = PREFIX_MAX + HEADER_MAX + DATAGRAM_MAX };

static struct datagram *datagram_at(struct wt_fragments *f, uint16_t index)
{
	return &f->datagram[index - 1u];
}

static uint16_t index_of(const struct wt_fragments *f, const struct datagram *d)
{
	return (uint16_t)(d - f->datagram + 1);
}

/* --- sizes --- */

static uint32_t clamp(uint32_t value, uint32_t low, uint32_t high)
{
	return value < low ? low : value > high ? high : value;
}

static uint32_t n_datagrams_of(const struct wt_limits *limits)
{
	return clamp(limits->fragment_datagrams, 1, UINT16_MAX);
}

static uint32_t n_blocks_of(const struct wt_limits *limits)
{
	return clamp(limits->fragment_bytes / BLOCK_LEN, N_BLOCKS_MIN, UINT16_MAX);
}

static uint32_t n_buckets_of(uint32_t n_datagrams)
{
	uint32_t n = 1;

	while (n < n_datagrams)
		n *= 2;
	return n;
}

size_t wt_fragments_size(const struct wt_limits *limits)
{
	uint32_t n_datagrams = n_datagrams_of(limits);

	return sizeof(struct wt_fragments) + n_datagrams * sizeof(struct datagram) +
	       n_blocks_of(limits) * sizeof(struct block) +
	       n_buckets_of(n_datagrams) * sizeof(uint16_t) + SCRATCH_LEN;
}

struct wt_fragments *wt_fragments_new(const struct wt_limits *limits, uint64_t seed)
{
	struct wt_fragments *f = calloc(1, sizeof(*f));
	uint32_t n_buckets;

	if (!f)
		return NULL;
	f->seed = seed;
	f->n_datagrams = n_datagrams_of(limits);
	f->n_blocks = n_blocks_of(limits);
	n_buckets = n_buckets_of(f->n_datagrams);
	f->bucket_mask = n_buckets - 1;
	/* these are cleared when first used, so that what is not needed costs nothing */
	f->datagram = malloc(f->n_datagrams * sizeof(*f->datagram));
	f->block = malloc(f->n_blocks * sizeof(*f->block));
	f->bucket = calloc(n_buckets, sizeof(*f->bucket));
	f->scratch = malloc(SCRATCH_LEN);
	if (f->datagram && f->block && f->bucket && f->scratch)
		return f;
	wt_fragments_free(f);
	return NULL;
}

void wt_fragments_free(struct wt_fragments *f)
{
	if (!f)
		return;
	free(f->datagram);
	free(f->block);
	free(f->bucket);
	free(f->scratch);
	free(f);
}

/* --- age lists --- */

static void age_append(struct wt_fragments *f, struct age_list *list, struct datagram *d)
{
	uint16_t index = index_of(f, d);

	d->older = list->newest;
	d->newer = 0;
	if (list->newest)
		datagram_at(f, list->newest)->newer = index;
	else
		list->oldest = index;
	list->newest = index;
}

static void age_remove(struct wt_fragments *f, struct age_list *list, struct datagram *d)
{
	if (d->older)
		datagram_at(f, d->older)->newer = d->newer;
	else
		list->oldest = d->newer;
	if (d->newer)
		datagram_at(f, d->newer)->older = d->older;
	else
		list->newest = d->older;
}

/* --- table --- */

static uint64_t mix(uint64_t a, uint64_t b)
{
	a = (a ^ b) * UINT64_C(0x9e3779b97f4a7c15);
	return a ^ a >> 29;
}

static uint16_t *bucket_of(struct wt_fragments *f, const struct fragment_key *key)
{
	uint64_t words[sizeof(*key) / sizeof(uint64_t)];
	uint64_t hash = f->seed;
	size_t i;

	_Static_assert(sizeof(*key) == 40, "hashed and compared as memory, no padding");
	memcpy(words, key, sizeof(words));
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		hash = mix(hash, words[i] + f->seed);
	return &f->bucket[hash >> 20 & f->bucket_mask];
}

static struct datagram *find(struct wt_fragments *f, const struct fragment_key *key)
{
	uint16_t index = *bucket_of(f, key);

	while (index) {
		struct datagram *d = datagram_at(f, index);

		if (memcmp(&d->key, key, sizeof(*key)) == 0)
			return d;
		index = d->bucket_next;
	}
	return NULL;
}

static void free_blocks(struct wt_fragments *f, struct datagram *d)
{
	size_t i;

	for (i = 0; i < N_BLOCKS_MIN; i++) {
		if (!d->block[i])
			continue;
		f->block[d->block[i] - 1u].next_free = f->free_block;
		f->free_block = d->block[i];
		d->block[i] = 0;
	}
}

static void drop(struct wt_fragments *f, struct datagram *d)
{
	uint16_t *link = bucket_of(f, &d->key);
	uint16_t index = index_of(f, d);

	free_blocks(f, d);
	age_remove(f, d->is_complete ? &f->complete : &f->waiting, d);
	while (*link && *link != index)
		link = &datagram_at(f, *link)->bucket_next;
	if (WT_BUG_ON(*link == 0))
		return;
	*link = d->bucket_next;
	d->bucket_next = f->free_datagram;
	f->free_datagram = index;
}

/* Makes room: what is complete serves only to recognise copies and goes first. Gives
 * the index of what went, or 0 when there is nothing. */
static uint16_t evict(struct wt_fragments *f, struct wt_counters *counters)
{
	uint16_t index = f->complete.oldest;

	if (!index) {
		index = f->waiting.oldest;
		if (!index)
			return 0;
		wt_count(counters, WT_C_FRAG_EVICTED);
	}
	drop(f, datagram_at(f, index));
	return index;
}

static struct datagram *create(struct wt_fragments *f, const struct fragment_key *key,
			       uint64_t now_ns, struct wt_counters *counters)
{
	struct datagram *d;
	uint16_t *bucket;

	if (!f->free_datagram && f->datagrams_touched == f->n_datagrams)
		(void)evict(f, counters);
	if (f->free_datagram) {
		d = datagram_at(f, f->free_datagram);
		f->free_datagram = d->bucket_next;
	} else {
		d = &f->datagram[f->datagrams_touched++];
	}
	memset(d, 0, sizeof(*d));
	d->key = *key;
	d->since_ns = now_ns;
	d->clip_at = UINT32_MAX;
	bucket = bucket_of(f, key);
	d->bucket_next = *bucket;
	*bucket = index_of(f, d);
	age_append(f, &f->waiting, d);
	return d;
}

static bool is_due(const struct datagram *d, uint64_t now_ns, uint64_t patience_ns)
{
	return now_ns >= d->since_ns && now_ns - d->since_ns >= patience_ns;
}

void wt_fragments_tick(struct wt_fragments *f, uint64_t now_ns, struct wt_counters *counters)
{
	while (f->complete.oldest &&
	       is_due(datagram_at(f, f->complete.oldest), now_ns, WT_DUPLICATE_NS))
		drop(f, datagram_at(f, f->complete.oldest));
	while (f->waiting.oldest &&
	       is_due(datagram_at(f, f->waiting.oldest), now_ns, WT_FRAGMENT_NS)) {
		drop(f, datagram_at(f, f->waiting.oldest));
		wt_count(counters, WT_C_FRAG_EXPIRED);
	}
}

/* --- bytes --- */

/* The block for position `at` of `d`, taken from the pool if need be, at the cost of
 * older datagrams. NULL when `d` itself was the oldest and is gone. */
static struct block *block_for(struct wt_fragments *f, struct datagram *d, uint32_t at,
			       struct wt_counters *counters)
{
	uint16_t *slot = &d->block[at / BLOCK_LEN];
	struct block *block;

	if (*slot)
		return &f->block[*slot - 1u];
	while (!f->free_block && f->blocks_touched == f->n_blocks) {
		uint16_t gone = evict(f, counters);

		if (gone == 0 || gone == index_of(f, d))
			return NULL;
	}
	if (f->free_block) {
		*slot = f->free_block;
		f->free_block = f->block[*slot - 1u].next_free;
	} else {
		*slot = (uint16_t)++f->blocks_touched;
	}
	block = &f->block[*slot - 1u];
	memset(block->covered, 0, sizeof(block->covered));
	return block;
}

/* What one fragment did to its datagram. */
struct overlap {
	bool is_any;  /* repeated a byte */
	bool is_new;  /* brought a byte */
	bool differs; /* repeated one with another value */
};

/* Units at [at, end) of `block`, which begins at `base`; `from` holds the captured
 * bytes of the fragment from `at` on. */
static void put_units(struct datagram *d, struct block *block, uint32_t base, uint32_t at,
		      uint32_t end, struct wt_slice from, struct overlap *o)
{
	for (; at < end; at += UNIT_LEN) {
		uint32_t unit = (at - base) / UNIT_LEN;
		uint32_t len = end - at < UNIT_LEN ? end - at : UNIT_LEN;
		uint8_t *to = block->bytes + (at - base);
		struct wt_slice here = wt_slice_head(from, len);

		from = wt_slice_tail(from, len);
		if (block->covered[unit / 64] >> unit % 64 & 1) {
			struct wt_slice old = wt_slice_of(to, here.len);

			o->is_any = true;
			if (at + here.len <= d->clip_at && !wt_slice_equal(old, here))
				o->differs = true;
			continue;
		}
		o->is_new = true;
		block->covered[unit / 64] |= UINT64_C(1) << unit % 64;
		d->n_covered++;
		if (here.len)
			memcpy(to, here.ptr, here.len);
		if (here.len < len && at + here.len < d->clip_at)
			d->clip_at = at + (uint32_t)here.len;
	}
}

/* Copies `from` to offset `at` of `block` and marks it, if nothing of it is there. The
 * last unit may be shorter: then the datagram ends with it. */
static bool put_range(struct datagram *d, struct block *block, uint32_t at,
		      struct wt_slice from)
{
	uint32_t first = at / UNIT_LEN;
	uint32_t n = ((uint32_t)from.len + UNIT_LEN - 1) / UNIT_LEN;
	uint64_t low = UINT64_MAX, high = UINT64_MAX; /* units first..first + n - 1 */

	low = first >= 64 ? 0 : low << first;
	high = first <= 64 ? high : high << (first - 64);
	if (first + n < 64)
		low &= (UINT64_C(1) << (first + n)) - 1;
	if (first + n <= 64)
		high = 0;
	else if (first + n < 128)
		high &= (UINT64_C(1) << (first + n - 64)) - 1;
	if ((block->covered[0] & low) || (block->covered[1] & high))
		return false;
	block->covered[0] |= low;
	block->covered[1] |= high;
	d->n_covered += n;
	memcpy(block->bytes + at, from.ptr, from.len);
	return true;
}

/* Stores the data of `p` at its place. False when `d` was evicted. */
static bool put(struct wt_fragments *f, struct datagram *d, const struct wt_packet *p,
		struct wt_counters *counters, struct overlap *o)
{
	struct wt_slice from = wt_slice_of(p->bytes + p->frag_start, p->frag_len);
	uint32_t at = p->frag_off;
	uint32_t end = at + p->payload_wire_len;

	while (at < end) {
		uint32_t base = at - at % BLOCK_LEN;
		uint32_t stop = end - base > BLOCK_LEN ? base + BLOCK_LEN : end;
		struct wt_slice part = wt_slice_head(from, stop - at);
		struct block *block = block_for(f, d, at, counters);

		if (!block)
			return false;
		if (part.len == stop - at && put_range(d, block, at - base, part))
			o->is_new = true;
		else
			put_units(d, block, base, at, stop, part, o);
		from = wt_slice_tail(from, stop - at);
		at = stop;
	}
	return true;
}

/* --- the rebuilt datagram --- */

static void rebuild(struct wt_fragments *f, struct datagram *d, const struct wt_packet *p,
		    struct wt_packet *whole)
{
	struct wt_builder b = wt_builder_of(f->scratch, SCRATCH_LEN);
	uint32_t captured = d->total < d->clip_at ? d->total : d->clip_at;
	uint32_t at, wire_len = p->ip_off + d->header_len + d->total;

	if (p->bytes == f->scratch) /* what was rebuilt here is itself a fragment */
		b.len = p->ip_off;
	else
		wt_bld_bytes(&b, wt_slice_of(p->bytes, p->ip_off));
	wt_rebuild_length(d->header, d->key.version, d->header_len, d->total);
	wt_bld_bytes(&b, wt_slice_of(d->header, d->header_len));
	for (at = 0; at < captured; at += BLOCK_LEN) {
		const struct block *block = &f->block[d->block[at / BLOCK_LEN] - 1u];

		wt_bld_bytes(&b, wt_slice_head(wt_slice_of(block->bytes, BLOCK_LEN),
					       captured - at));
	}
	if (whole != p)
		*whole = *p;
	whole->bytes = f->scratch;
	whole->cap_len = (uint32_t)b.len;
	whole->wire_len = wire_len;
	whole->flags = (uint16_t)(whole->flags & ~(WT_PKT_IS_FRAGMENT | WT_PKT_CLIPPED |
						   WT_PKT_TUNNEL_FRAGMENT));
	whole->flags |= WT_PKT_REASSEMBLED;
	if (d->has_conflict)
		whole->flags |= WT_PKT_FRAG_CONFLICT;
	if (captured < d->total)
		whole->flags |= WT_PKT_CLIPPED;
	whole->n_tunnels_outer = whole->n_tunnels;
	whole->frag_off = whole->frag_start = whole->frag_len = 0;
	whole->frag_more = 0;
	whole->payload_off = whole->payload_len = whole->payload_wire_len = 0;
	wt_decode_inner(whole);
}

/* --- a fragment comes in --- */

static struct fragment_key key_of(const struct wt_packet *p)
{
	struct fragment_key key = {
		.id = p->ip_id,
		.space = p->key.space,
		.proto = p->key.ip_version == 4 ? p->key.proto : 0,
		.version = p->key.ip_version,
	};

	memcpy(key.source, p->key.end[p->sender & 1].addr.octet, 16);
	memcpy(key.destination, p->key.end[!(p->sender & 1)].addr.octet, 16);
	return key;
}

/* What the length field of the whole datagram has to say. */
static uint32_t length_of(const struct datagram *d)
{
	uint32_t header_len = d->header_len;

	return d->total + (d->key.version == 4 ? header_len : header_len - IPV6_LEN);
}

/* Length and position that no sender makes, or headers too long to keep. */
static bool is_malformed(const struct wt_packet *p)
{
	uint32_t len = p->payload_wire_len;
	uint32_t header_len = wt_rebuild_header_len(p);
	uint32_t counted = p->key.ip_version == 4 ? header_len : header_len - IPV6_LEN;

	return len == 0 || len > DATAGRAM_MAX || (p->frag_more && len % UNIT_LEN) ||
	       counted + p->frag_off + len > DATAGRAM_MAX || header_len > HEADER_MAX ||
	       p->ip_off > PREFIX_MAX;
}

/* Does the fragment agree with what is known of the datagram's end? If so, notes what
 * it says of it. */
static bool agrees_with_end(struct datagram *d, const struct wt_packet *p)
{
	uint32_t end = p->frag_off + p->payload_wire_len;

	if (p->frag_more) {
		if (d->total && end > d->total)
			return false;
	} else {
		if ((d->total && end != d->total) || end < d->highest)
			return false;
		d->total = end;
	}
	if (end > d->highest)
		d->highest = end;
	return true;
}

static void count_overlap(struct datagram *d, const struct overlap *o,
			  struct wt_counters *counters)
{
	if (!o->is_any)
		return;
	wt_count(counters, WT_C_FRAG_OVERLAP);
	if (!o->differs && !(d->key.version == 6 && o->is_new))
		return;
	wt_count(counters, WT_C_FRAG_CONFLICT);
	d->has_conflict = true;
}

bool wt_fragments_push(struct wt_fragments *f, const struct wt_packet *p, uint64_t now_ns,
		       struct wt_counters *counters, struct wt_packet *whole)
{
	struct overlap o = { .is_any = false };
	struct fragment_key key;
	struct datagram *d;

	if (WT_BUG_ON(p->disposition != WT_DISP_FRAGMENT))
		return false;
	wt_count(counters, WT_C_FRAG_SEEN);
	wt_fragments_tick(f, now_ns, counters);
	if (is_malformed(p)) {
		wt_count(counters, WT_C_FRAG_MALFORMED);
		return false;
	}
	key = key_of(p);
	d = find(f, &key);
	if (d && d->is_complete) {
		wt_count(counters, WT_C_FRAG_OVERLAP);
		return false;
	}
	if (!d)
		d = create(f, &key, now_ns, counters);
	if (!agrees_with_end(d, p)) {
		wt_count(counters, WT_C_FRAG_CONFLICT);
		d->has_conflict = true;
		return false;
	}
	if (!put(f, d, p, counters, &o))
		return false;
	count_overlap(d, &o, counters);
	if (p->frag_off == 0 && d->header_len == 0) {
		d->header_len = (uint16_t)wt_rebuild_header_len(p);
		wt_rebuild_header(d->header, p);
	}
	if (d->total == 0 || d->n_covered != (d->total + UNIT_LEN - 1) / UNIT_LEN)
		return false;
	if (length_of(d) > DATAGRAM_MAX) { /* the first fragment has a longer header */
		wt_count(counters, WT_C_FRAG_MALFORMED);
		drop(f, d);
		return false;
	}
	rebuild(f, d, p, whole);
	wt_count(counters, WT_C_FRAG_DATAGRAMS);
	free_blocks(f, d);
	age_remove(f, &f->waiting, d);
	d->is_complete = true;
	d->since_ns = now_ns;
	age_append(f, &f->complete, d);
	return true;
}
