/* The set of indicators (intel.h): one open table of texts and addresses, sorted ranges
 * of networks. Trust: indicators are hostile text; the table is keyed with a seed.
 * Memory: grows while loading, never afterwards. */
#define _POSIX_C_SOURCE 200809L
#include "match/intel_inner.h"
#include "base/hash.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#define START_SLOTS 1024u

static void *must(void *at)
{
	if (!at)
		abort();
	return at;
}

struct wt_intel *wt_intel_new(uint64_t seed)
{
	struct wt_intel *in = must(calloc(1, sizeof(*in)));

	in->seed = seed;
	in->n_slots = START_SLOTS;
	in->slot = must(calloc(in->n_slots, sizeof(*in->slot)));
	return in;
}

void wt_intel_free(struct wt_intel *in)
{
	unsigned i;

	if (!in)
		return;
	for (i = 0; i < in->n_feeds; i++)
		free(in->feed[i]);
	for (i = 0; i < in->n_problems; i++)
		free(in->problem[i]);
	free(in->slot);
	free(in->text);
	free(in->range);
	free(in);
}

static uint64_t hash_of(const struct wt_intel *in, enum wt_intel_kind kind,
			struct wt_slice text)
{
	uint64_t h = wt_hash(in->seed + kind * UINT64_C(0x9e3779b97f4a7c15), text);

	return h ? h : 1; /* 0 marks a free slot */
}

/* An entry of the text area: feed 2, kind 1, length 2, bytes. */
#define ENTRY_HEAD 5u

static struct wt_slice entry_text(const struct wt_intel *in, uint32_t at)
{
	const uint8_t *e = in->text + (uint64_t)at * INTEL_ALIGN;

	return wt_slice_of(e + ENTRY_HEAD, (size_t)(e[3] | e[4] << 8));
}

static struct intel_slot *slot_of(const struct wt_intel *in, enum wt_intel_kind kind,
				  struct wt_slice text, uint64_t h)
{
	uint64_t at = h & (in->n_slots - 1);

	for (; in->slot[at].hash; at = (at + 1) & (in->n_slots - 1)) {
		const struct intel_slot *s = &in->slot[at];

		if (s->hash == h && in->text[(uint64_t)s->at * INTEL_ALIGN + 2] == kind &&
		    wt_slice_equal(entry_text(in, s->at), text))
			break;
	}
	return &in->slot[at];
}

static void grow(struct wt_intel *in)
{
	struct intel_slot *old = in->slot;
	uint64_t n = in->n_slots, i, at;

	in->n_slots = n * 2;
	in->slot = must(calloc(in->n_slots, sizeof(*in->slot)));
	for (i = 0; i < n; i++) {
		if (!old[i].hash)
			continue;
		for (at = old[i].hash & (in->n_slots - 1); in->slot[at].hash;)
			at = (at + 1) & (in->n_slots - 1);
		in->slot[at] = old[i];
	}
	free(old);
}

static uint32_t add_entry(struct wt_intel *in, enum wt_intel_kind kind, struct wt_slice text)
{
	uint64_t len = (ENTRY_HEAD + text.len + INTEL_ALIGN - 1) / INTEL_ALIGN * INTEL_ALIGN;
	uint64_t at = in->text_len;
	uint8_t *e;

	if (at + len > in->text_room) {
		in->text_room = in->text_room + in->text_room / 2 + 65536 + len;
		in->text = must(realloc(in->text, in->text_room));
	}
	in->text_len += len;
	e = in->text + at;
	memset(e, 0, len);
	e[0] = (uint8_t)(in->n_feeds - 1);
	e[1] = (uint8_t)((in->n_feeds - 1) >> 8);
	e[2] = (uint8_t)kind;
	e[3] = (uint8_t)text.len;
	e[4] = (uint8_t)(text.len >> 8);
	memcpy(e + ENTRY_HEAD, text.ptr, text.len);
	return (uint32_t)(at / INTEL_ALIGN);
}

/* Lower case without what surrounds the indicator; false when it is too long. */
static bool fold(struct wt_slice text, uint8_t into[WT_INTEL_TEXT_MAX], struct wt_slice *folded)
{
	size_t i;

	if (!text.len || text.len > WT_INTEL_TEXT_MAX)
		return false;
	for (i = 0; i < text.len; i++)
		into[i] = (uint8_t)tolower(text.ptr[i]);
	*folded = wt_slice_of(into, text.len);
	return true;
}

bool wt_intel_add(struct wt_intel *in, enum wt_intel_kind kind, struct wt_slice text)
{
	uint8_t room[WT_INTEL_TEXT_MAX];
	struct intel_slot *slot;
	uint64_t h;

	/* addresses are bytes, not text */
	if ((kind != WT_INTEL_ADDRESS && !fold(text, room, &text)) ||
	    in->text_len / INTEL_ALIGN >= UINT32_MAX - 4096)
		return false;
	while (kind == WT_INTEL_DOMAIN && text.len && text.ptr[text.len - 1] == '.')
		text.len--;
	if (!text.len)
		return false;
	if ((in->n + 1) * 4 > in->n_slots * 3)
		grow(in);
	h = hash_of(in, kind, text);
	slot = slot_of(in, kind, text, h);
	if (slot->hash)
		return true; /* the first feed that has it is named */
	*slot = (struct intel_slot){ .hash = h, .at = add_entry(in, kind, text) };
	in->n++;
	in->has_kind |= 1u << kind;
	return true;
}

bool wt_intel_add_range(struct wt_intel *in, const struct intel_range *range,
			struct wt_slice text)
{
	struct intel_range *to;

	if (!text.len || text.len > WT_INTEL_TEXT_MAX)
		return false;
	if (in->n_ranges == in->range_room) {
		in->range_room = in->range_room * 2 + 256;
		in->range = must(realloc(in->range, in->range_room * sizeof(*in->range)));
	}
	to = &in->range[in->n_ranges++];
	*to = *range;
	to->at = add_entry(in, WT_INTEL_ADDRESS, text);
	in->has_kind |= 1u << WT_INTEL_ADDRESS;
	return true;
}

static int by_low(const void *a, const void *b)
{
	const struct intel_range *x = a, *y = b;
	int order = (int)x->ip_version - (int)y->ip_version;

	if (!order)
		order = memcmp(x->low, y->low, 16);
	return order ? order : memcmp(y->high, x->high, 16); /* the wider one first */
}

/* Ranges inside another one are dropped, so that the last one whose start is not above
 * an address is the only one that may hold it. */
void wt_intel_finish(struct wt_intel *in)
{
	size_t i, n = 0;

	if (in->n_ranges)
		qsort(in->range, in->n_ranges, sizeof(*in->range), by_low);
	for (i = 0; i < in->n_ranges; i++) {
		const struct intel_range *kept = n ? &in->range[n - 1] : NULL;

		if (kept && kept->ip_version == in->range[i].ip_version &&
		    memcmp(in->range[i].high, kept->high, 16) <= 0)
			continue;
		in->range[n++] = in->range[i];
	}
	in->n_ranges = n;
}

static void tell_hit(const struct wt_intel *in, uint32_t at, struct wt_intel_hit *hit)
{
	const uint8_t *e = in->text + (uint64_t)at * INTEL_ALIGN;

	hit->kind = (enum wt_intel_kind)e[2];
	hit->indicator = entry_text(in, at);
	hit->feed = in->feed[e[0] | e[1] << 8];
}

static bool find(const struct wt_intel *in, enum wt_intel_kind kind, struct wt_slice folded,
		 struct wt_intel_hit *hit)
{
	const struct intel_slot *slot = slot_of(in, kind, folded, hash_of(in, kind, folded));

	if (slot->hash)
		tell_hit(in, slot->at, hit);
	return slot->hash != 0;
}

bool wt_intel_text(const struct wt_intel *in, enum wt_intel_kind kind, struct wt_slice text,
		   struct wt_intel_hit *hit)
{
	uint8_t room[WT_INTEL_TEXT_MAX];

	return (in->has_kind >> kind & 1) && fold(text, room, &text) &&
	       find(in, kind, text, hit);
}

bool wt_intel_domain(const struct wt_intel *in, struct wt_slice name, struct wt_intel_hit *hit)
{
	uint8_t room[WT_INTEL_TEXT_MAX];
	unsigned labels;

	if (!(in->has_kind >> WT_INTEL_DOMAIN & 1) || name.len > 255 ||
	    !fold(name, room, &name))
		return false;
	if (name.ptr[name.len - 1] == '.')
		name.len--;
	for (labels = 0; name.len && labels < 128; labels++) { /* 127 labels: RFC 1035 2.3.4 */
		if (find(in, WT_INTEL_DOMAIN, name, hit))
			return true;
		name = wt_slice_tail(name, wt_slice_find(name, '.') + 1);
	}
	return false;
}

bool wt_intel_address(const struct wt_intel *in, const struct wt_addr *addr, uint8_t ip_version,
		      struct wt_intel_hit *hit)
{
	struct wt_slice bytes = wt_slice_of(addr->octet, ip_version == 4 ? 4 : 16);
	size_t low = 0, high = in->n_ranges;

	if (!(in->has_kind >> WT_INTEL_ADDRESS & 1) || !ip_version)
		return false;
	if (find(in, WT_INTEL_ADDRESS, bytes, hit)) {
		hit->indicator =
			wt_slice_of(NULL, 0); /* the address itself: the event has it */
		return true;
	}
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct intel_range *r = &in->range[mid];

		if (r->ip_version < ip_version || (r->ip_version == ip_version &&
						   memcmp(r->low, addr->octet, bytes.len) <= 0))
			low = mid + 1;
		else
			high = mid;
	}
	if (!low || in->range[low - 1].ip_version != ip_version ||
	    memcmp(addr->octet, in->range[low - 1].high, bytes.len) > 0)
		return false;
	tell_hit(in, in->range[low - 1].at, hit);
	return true;
}

unsigned wt_intel_n_problems(const struct wt_intel *in)
{
	return in->n_problems;
}

const char *wt_intel_problem(const struct wt_intel *in, unsigned i)
{
	return i < in->n_problems ? in->problem[i] : NULL;
}

uint64_t wt_intel_count(const struct wt_intel *in)
{
	return in->n + in->n_ranges;
}

uint64_t wt_intel_bytes(const struct wt_intel *in)
{
	return in->n_slots * sizeof(*in->slot) + in->text_room +
	       in->range_room * sizeof(*in->range);
}

const char *wt_intel_kind_name(enum wt_intel_kind kind)
{
	static const char *const names[WT_INTEL_N_KINDS] = {
		"address", "domain",      "url", "md5", "sha1",
		"sha256",  "certificate", "ja3", "ja4", "email",
	};

	return kind < WT_INTEL_N_KINDS ? names[kind] : "";
}
