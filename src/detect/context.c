/* Counts and marks of rules (context.h).
 * Memory: entries and buckets, reserved when made. */
#include "detect/context.h"
#include "detect/sets.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/values.h"

#include <ctype.h>
#include <stdlib.h>

#define NONE UINT32_MAX
#define DEAD UINT8_MAX /* kind of a key that nobody asks for */

/* What an entry is about; compared as memory, so without padding. */
struct key {
	uint64_t flow_id;
	struct wt_addr a, b;
	uint32_t rule;   /* index, or 0 for marks */
	uint16_t mark;   /* number of the mark + 1, or 0 for counts */
	uint8_t kind;    /* enum wt_threshold_kind */
	uint8_t version; /* IP */
};
_Static_assert(sizeof(struct key) == 48, "padding would be compared");

struct entry {
	struct key key;
	uint64_t until_ns; /* counts: end of the period; marks: when they fade */
	uint32_t n;
	uint32_t hash_next, prev, next; /* list: longest unused first */
};

struct wt_context {
	struct wt_context_part part;
	struct wt_sets sets;
	struct entry *entry;
	uint32_t *bucket;
	uint32_t n_entries, n_fresh, mask, head, tail;
	uint64_t seed, clock_ns;
	struct wt_counters *counters;
	const struct wt_device_source *devices; /* NULL: nothing is known */
};

static uint32_t power_above(uint32_t n)
{
	uint32_t size = 64;

	while (size < n)
		size *= 2;
	return size;
}

struct wt_context *wt_context_new(const struct wt_context_part *part, uint32_t n_entries,
				  uint32_t n_values, uint64_t seed,
				  struct wt_counters *counters)
{
	struct wt_context *c = wt_memory_reserve(sizeof(*c));

	*c = (struct wt_context){
		.part = *part,
		.sets = { .known = wt_known_new(n_values, part->n_sets, seed),
			  .part = *part,
			  .counters = counters },
		.n_entries = n_entries,
		.seed = seed,
		.counters = counters,
		.head = NONE,
		.tail = NONE,
		.mask = power_above(n_entries) - 1,
	};
	c->entry = wt_memory_reserve(n_entries * sizeof(*c->entry));
	c->bucket = wt_memory_reserve((c->mask + 1) * sizeof(*c->bucket));
	return c;
}

void wt_context_free(struct wt_context *c)
{
	if (!c)
		return;
	wt_known_free(c->sets.known);
	wt_memory_release(c->entry, c->n_entries * sizeof(*c->entry));
	wt_memory_release(c->bucket, (c->mask + 1) * sizeof(*c->bucket));
	wt_memory_release(c, sizeof(*c));
}

static void unlist(struct wt_context *c, struct entry *e)
{
	if (e->prev != NONE)
		c->entry[e->prev].next = e->next;
	else
		c->head = e->next;
	if (e->next != NONE)
		c->entry[e->next].prev = e->prev;
	else
		c->tail = e->prev;
}

static void append(struct wt_context *c, struct entry *e)
{
	uint32_t at = (uint32_t)(e - c->entry);

	e->prev = c->tail;
	e->next = NONE;
	if (c->tail != NONE)
		c->entry[c->tail].next = at;
	else
		c->head = at;
	c->tail = at;
}

static void prepend(struct wt_context *c, struct entry *e)
{
	uint32_t at = (uint32_t)(e - c->entry);

	e->next = c->head;
	e->prev = NONE;
	if (c->head != NONE)
		c->entry[c->head].prev = at;
	else
		c->tail = at;
	c->head = at;
}

static uint32_t *bucket_of(struct wt_context *c, const struct key *key)
{
	return &c->bucket[wt_hash(c->seed, wt_slice_of(key, sizeof(*key))) & c->mask];
}

/* Makes room: the entry unused for longest goes. */
static struct entry *take_entry(struct wt_context *c)
{
	struct entry *e;
	uint32_t *at;

	if (c->n_fresh < c->n_entries)
		return &c->entry[c->n_fresh++];
	e = &c->entry[c->head];
	if (e->until_ns > c->clock_ns)
		wt_count(c->counters, WT_C_CONTEXT_EVICTED);
	at = bucket_of(c, &e->key);
	while (*at != (uint32_t)(e - c->entry) + 1)
		at = &c->entry[*at - 1].hash_next;
	*at = e->hash_next;
	unlist(c, e);
	return e;
}

static struct entry *find(struct wt_context *c, const struct key *key, bool makes)
{
	uint32_t *bucket = bucket_of(c, key), at;
	struct entry *e;

	for (at = *bucket; at; at = c->entry[at - 1].hash_next) {
		e = &c->entry[at - 1];
		if (memcmp(&e->key, key, sizeof(*key)) != 0)
			continue;
		unlist(c, e);
		append(c, e);
		return e;
	}
	if (!makes)
		return NULL;
	e = take_entry(c);
	bucket = bucket_of(c, key);
	*e = (struct entry){ .key = *key, .hash_next = *bucket };
	*bucket = (uint32_t)(e - c->entry) + 1;
	append(c, e);
	return e;
}

static struct key key_of(const struct wt_event_head *head, enum wt_track track)
{
	const struct wt_addr *src = &head->key.end[head->sender].addr;
	const struct wt_addr *dst = &head->key.end[head->sender ^ 1].addr;
	struct key key;

	memset(&key, 0, sizeof(key));
	key.version = head->key.ip_version;
	switch (track) {
	case WT_TRACK_SRC:
		key.a = *src;
		break;
	case WT_TRACK_DST:
		key.a = *dst;
		break;
	case WT_TRACK_BOTH:
		key.a = *src;
		key.b = *dst;
		break;
	case WT_TRACK_PAIR: /* the same for both ways */
		key.a = head->key.end[0].addr;
		key.b = head->key.end[1].addr;
		break;
	case WT_TRACK_FLOW:
		key.flow_id = head->flow_id;
		break;
	case WT_TRACK_RULE:
		break;
	}
	return key;
}

/* Counts one match and says whether the rate lets it through. */
static bool passes_rate(struct wt_context *c, unsigned rule, const struct wt_threshold *t,
			const struct wt_event_head *head)
{
	struct key key = key_of(head, (enum wt_track)t->track);
	struct entry *e;

	if (t->kind == WT_NO_THRESHOLD)
		return true;
	key.rule = rule + 1;
	key.kind = t->kind;
	e = find(c, &key, true);
	if (c->clock_ns >= e->until_ns) {
		e->until_ns = c->clock_ns + t->seconds * WT_NS_PER_S;
		e->n = 0;
	}
	if (e->n != UINT32_MAX)
		e->n++;
	switch ((enum wt_threshold_kind)t->kind) {
	case WT_LIMIT:
		return e->n <= t->count;
	case WT_THRESHOLD:
		if (e->n < t->count)
			return false;
		e->n = 0;
		return true;
	case WT_BOTH:
		return e->n == t->count;
	case WT_DETECTION_FILTER:
		return e->n > t->count;
	case WT_NO_THRESHOLD:
		break;
	}
	return true;
}

static struct key mark_key(const struct wt_xbit *bit, const struct wt_event_head *head)
{
	struct key key = key_of(head, (enum wt_track)bit->track);

	key.mark = (uint16_t)(bit->name + 1);
	return key;
}

static bool marks_fit(struct wt_context *c, const struct wt_context_rule *r,
		      const struct wt_event_head *head)
{
	unsigned i;

	for (i = 0; i < r->n_xbits; i++) {
		struct key key = mark_key(&r->xbit[i], head);
		const struct entry *e = find(c, &key, false);
		bool is_set = e && e->until_ns > c->clock_ns;

		if ((r->xbit[i].what == WT_BIT_ISSET && !is_set) ||
		    (r->xbit[i].what == WT_BIT_ISNOTSET && is_set))
			return false;
	}
	return true;
}

static void set_marks(struct wt_context *c, const struct wt_context_rule *r,
		      const struct wt_event_head *head)
{
	unsigned i;

	for (i = 0; i < r->n_xbits; i++) {
		const struct wt_xbit *bit = &r->xbit[i];
		struct key key = mark_key(bit, head);
		struct entry *e;

		if (bit->what > WT_BIT_TOGGLE)
			continue;
		e = find(c, &key, bit->what != WT_BIT_UNSET);
		if (e && (bit->what == WT_BIT_SET || e->until_ns <= c->clock_ns))
			e->until_ns = c->clock_ns + bit->expire_s * WT_NS_PER_S;
		else if (e)
			e->until_ns = 0;
	}
}

/* --- devices --- */

#define VALUES_MAX 32u /* of one attribute */

void wt_context_set_devices(struct wt_context *c, const struct wt_device_source *devices)
{
	c->devices = devices;
}

static bool equal_nocase(struct wt_slice a, struct wt_slice b)
{
	size_t i;

	for (i = 0; i < a.len && i < b.len; i++)
		if (tolower(a.ptr[i]) != tolower(b.ptr[i]))
			return false;
	return a.len == b.len;
}

/* Is the value the word, in any case? An asterisk at an end of the word is anything. */
static bool is_word(struct wt_slice value, const char *word)
{
	struct wt_slice w = wt_slice_of(word, strlen(word));
	bool is_open_start = w.len > 1 && w.ptr[0] == '*',
	     is_open_end = w.len && w.ptr[w.len - 1] == '*';
	size_t at, last;

	w = wt_slice_tail(w, is_open_start);
	w.len -= is_open_end;
	if (value.len < w.len)
		return false;
	last = value.len - w.len;
	at = is_open_start && !is_open_end ? last : 0;
	if (!is_open_start && !is_open_end && last)
		return false;
	for (; at <= last; at++) {
		if (equal_nocase(wt_slice_head(wt_slice_tail(value, at), w.len), w))
			return true;
		if (!is_open_start || !is_open_end)
			return false;
	}
	return false;
}

static bool end_has(const struct wt_context *c, const struct wt_device_test *t,
		    const struct wt_event_head *head, bool is_sender)
{
	struct wt_slice value[VALUES_MAX];
	unsigned n = 0, i, k;

	if (c->devices)
		n = c->devices->values(c->devices->self, head, is_sender,
				       (enum wt_device_what)t->what, value, VALUES_MAX);
	for (i = 0; i < n; i++)
		for (k = 0; k < t->n; k++)
			if (is_word(value[i], t->word[k]))
				return true;
	return false;
}

static bool device_fits(const struct wt_context *c, const struct wt_device_test *t,
			const struct wt_event_head *head)
{
	bool at_src = t->side != WT_SIDE_DST && end_has(c, t, head, true);
	bool at_dst = t->side != WT_SIDE_SRC && end_has(c, t, head, false);

	if (t->is_negated)
		return !at_src && !at_dst;
	return t->side == WT_SIDE_BOTH ? at_src && at_dst : at_src || at_dst;
}

static bool devices_fit(const struct wt_context *c, const struct wt_context_rule *r,
			const struct wt_event_head *head)
{
	unsigned i;

	for (i = 0; i < r->n_devices; i++)
		if (!device_fits(c, &r->device[i], head))
			return false;
	return true;
}

const struct wt_context_part *wt_context_part(const struct wt_context *c)
{
	return &c->part;
}

struct wt_known *wt_context_known(struct wt_context *c)
{
	return c->sets.known;
}

bool wt_context_set_add(struct wt_context *c, unsigned set, struct wt_slice pseudonym)
{
	return wt_sets_add(&c->sets, set, pseudonym);
}

bool wt_context_sets_changed(const struct wt_context *c)
{
	return c->sets.has_changed;
}

void wt_context_sets_saved(struct wt_context *c)
{
	c->sets.has_changed = false;
}

static uint64_t number_of(const struct wt_record *record, unsigned field)
{
	struct wt_slice rest = wt_slice_of(record->values, record->values_len), bytes;
	struct wt_value value;

	while (wt_values_take(&rest, &value, &bytes))
		if (value.field == field)
			return wt_value_number(bytes);
	return 0;
}

static bool is_suppressed(const struct wt_record *record)
{
	struct wt_slice rest = wt_slice_of(record->values, record->values_len), bytes;
	struct wt_value value;

	while (wt_values_take(&rest, &value, &bytes))
		if (value.field == WT_F_ALERT_ACTION)
			return wt_slice_equal(bytes, WT_LIT(WT_ALERT_ACTION_SUPPRESSED));
	return false;
}

static const struct wt_context_rule *rule_of(const struct wt_context_part *part, uint64_t gid,
					     uint64_t sid)
{
	unsigned low = 0, high = part->n_rules;

	while (low < high) {
		unsigned mid = low + (high - low) / 2;
		const struct wt_context_rule *r = &part->rule[mid];

		if (r->gid == gid && r->sid == sid)
			return r;
		if (r->gid < gid || (r->gid == gid && r->sid < sid))
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* --- reload --- */

static uint32_t number_of_name(const char *const *names, unsigned n, const char *name)
{
	unsigned i;

	for (i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return NONE;
}

static bool is_same_rate(const struct wt_threshold *a, const struct wt_threshold *b)
{
	return a->kind == b->kind && a->track == b->track && a->count == b->count &&
	       a->seconds == b->seconds;
}

/* The number under which the key goes on; NONE: nobody asks for it any more. */
static uint32_t key_after(struct wt_context *c, const struct key *key,
			  const struct wt_context_part *part, const uint32_t *mark)
{
	const struct wt_context_rule *old, *fresh;

	if (key->mark)
		return mark[key->mark - 1];
	if (!key->rule || key->rule > c->part.n_rules)
		return NONE;
	old = &c->part.rule[key->rule - 1];
	fresh = rule_of(part, old->gid, old->sid);
	if (!fresh ||
	    !is_same_rate(key->kind == WT_DETECTION_FILTER ? &old->filter : &old->threshold,
			  key->kind == WT_DETECTION_FILTER ? &fresh->filter
							   : &fresh->threshold))
		return NONE;
	return (uint32_t)(fresh - part->rule);
}

/* Entries keep their order of use; those that nobody asks for make room first. */
static void renumber_entries(struct wt_context *c, const struct wt_context_part *part,
			     const uint32_t *mark)
{
	uint32_t at = c->head, next;

	memset(c->bucket, 0, (c->mask + 1) * sizeof(*c->bucket));
	for (; at != NONE; at = next) {
		struct entry *e = &c->entry[at];
		uint32_t after = key_after(c, &e->key, part, mark), *bucket;

		next = e->next;
		if (after == NONE) {
			e->key = (struct key){ .rule = at + 1, .kind = DEAD };
			e->until_ns = 0;
		} else if (e->key.mark) {
			e->key.mark = (uint16_t)(after + 1);
		} else {
			e->key.rule = after + 1;
		}
		bucket = bucket_of(c, &e->key);
		e->hash_next = *bucket;
		*bucket = at + 1;
		if (after == NONE) { /* to the head, which goes first */
			unlist(c, e);
			prepend(c, e);
		}
	}
}

void wt_context_reload(struct wt_context *c, const struct wt_context_part *part)
{
	const struct wt_context_part *old = &c->part;
	uint32_t *mark = calloc(old->n_marks + 1u, sizeof(*mark));
	unsigned i;

	if (!mark)
		abort();
	for (i = 0; i < old->n_marks; i++)
		mark[i] = number_of_name(part->mark, part->n_marks, old->mark[i]);
	renumber_entries(c, part, mark);
	free(mark);
	wt_sets_reload(&c->sets, part);
	c->part = *part;
}

bool wt_context_take(struct wt_context *c, const struct wt_record *alert)
{
	const struct wt_event_head *head = &alert->head;
	const struct wt_context_rule *r = rule_of(&c->part, number_of(alert, WT_F_ALERT_GID),
						  number_of(alert, WT_F_ALERT_SIGNATURE_ID));
	unsigned index;

	if (head->ts_ns > c->clock_ns)
		c->clock_ns = head->ts_ns;
	wt_count(c->counters, WT_C_ALERTS_RAISED);
	if (!r && is_suppressed(alert)) { /* of rules before a reload */
		wt_count(c->counters, WT_C_ALERTS_SUPPRESSED);
		return false;
	}
	if (!r) {
		wt_count(c->counters, WT_C_ALERTS_TOLD);
		return true;
	}
	index = (unsigned)(r - c->part.rule);
	if (devices_fit(c, r, head) && marks_fit(c, r, head) &&
	    wt_sets_fit(&c->sets, r, alert) && passes_rate(c, index, &r->filter, head)) {
		set_marks(c, r, head);
		if (!r->is_silent && !is_suppressed(alert) &&
		    passes_rate(c, index, &r->threshold, head)) {
			wt_count(c->counters, WT_C_ALERTS_TOLD);
			return true;
		}
	}
	wt_count(c->counters, WT_C_ALERTS_SUPPRESSED);
	return false;
}
