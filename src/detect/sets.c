/* Sets of values in the context part (sets.h).
 * Source: Suricata 7 user guide, "Datasets": set passes where the value is new.
 * Memory: known.h. */
#include "detect/sets.h"
#include "base/values.h"

#include <ctype.h>
#include <stdlib.h>

#define SET_VALUES_MAX 64u /* of one alert */

/* What an alert carries for the sets. */
struct carried {
	struct wt_slice buffer[SET_VALUES_MAX];
	uint8_t id[SET_VALUES_MAX][WT_KNOWN_LEN];
	unsigned n;
};

static bool take_id(struct wt_slice text, uint8_t id[WT_KNOWN_LEN])
{
	unsigned i;

	if (text.len != 2 + 2 * WT_KNOWN_LEN || text.ptr[0] != 'p' || text.ptr[1] != ':')
		return false;
	for (i = 0; i < 2 * WT_KNOWN_LEN; i++) {
		int c = text.ptr[2 + i], digit = isdigit(c) ? c - '0' : c - 'a' + 10;

		if (!isdigit(c) && (c < 'a' || c > 'f'))
			return false;
		id[i / 2] = (uint8_t)(i % 2 ? id[i / 2] | digit : digit << 4);
	}
	return true;
}

/* A buffer's name stands before each value. */
static void take_carried(struct carried *carried, const struct wt_record *record)
{
	struct wt_slice rest = wt_slice_of(record->values, record->values_len), bytes;
	struct wt_slice buffer = { .len = 0 };
	struct wt_value value;

	carried->n = 0;
	while (wt_values_take(&rest, &value, &bytes) && carried->n < SET_VALUES_MAX) {
		if (value.field == WT_F_ALERT_SET_BUFFER)
			buffer = bytes;
		if (value.field != WT_F_ALERT_SET_VALUE || value.form != WT_FORM_PSEUDONYM ||
		    !take_id(bytes, carried->id[carried->n]))
			continue;
		carried->buffer[carried->n++] = buffer;
	}
}

/* What is there needs no room. */
static bool has_room(struct wt_sets *s, unsigned set, const uint8_t *id)
{
	if (wt_known_has(s->known, set, id) ||
	    wt_known_has_room(s->known, set, s->part.set[set].n_max))
		return true;
	wt_count(s->counters, WT_C_CONTEXT_SETS_FULL);
	return false;
}

static bool set_passes(struct wt_sets *s, const struct wt_set_test *t, const uint8_t *id)
{
	bool has = wt_known_has(s->known, t->set, id);

	switch ((enum wt_bit_what)t->what) {
	case WT_BIT_SET:
		return !has && has_room(s, t->set, id);
	case WT_BIT_ISNOTSET:
		return !has;
	case WT_BIT_UNSET:
	case WT_BIT_ISSET:
		return has;
	case WT_BIT_TOGGLE:
		break;
	}
	return false;
}

/* The tests of one buffer, from `first`: how many, and whether value `v` passes them. */
static bool value_passes(struct wt_sets *s, const struct wt_context_rule *r, unsigned first,
			 unsigned n, const struct carried *carried, unsigned v)
{
	struct wt_slice buffer = carried->buffer[v];
	const char *name = r->set[first].buffer;
	unsigned i;

	if (!wt_slice_equal(buffer, wt_slice_of(name, strlen(name))))
		return false;
	for (i = first; i < first + n; i++)
		if (!set_passes(s, &r->set[i], carried->id[v]))
			return false;
	return true;
}

static unsigned n_of_buffer(const struct wt_context_rule *r, unsigned first)
{
	unsigned n = 1;

	while (first + n < r->n_sets &&
	       strcmp(r->set[first + n].buffer, r->set[first].buffer) == 0)
		n++;
	return n;
}

static void change_sets(struct wt_sets *s, const struct wt_context_rule *r, unsigned first,
			unsigned n, const uint8_t *id)
{
	unsigned i;

	for (i = first; i < first + n; i++) {
		if (r->set[i].what == WT_BIT_SET && has_room(s, r->set[i].set, id))
			wt_known_add(s->known, r->set[i].set, id);
		else if (r->set[i].what == WT_BIT_UNSET)
			wt_known_remove(s->known, r->set[i].set, id);
		s->has_changed |= r->set[i].what <= WT_BIT_UNSET;
	}
}

bool wt_sets_fit(struct wt_sets *s, const struct wt_context_rule *r,
		 const struct wt_record *record)
{
	uint64_t passed[WT_CONTEXT_SETS_MAX] = { 0 }; /* values, by bit, at the first test */
	struct carried carried;
	unsigned i, v;

	if (!r->n_sets)
		return true;
	take_carried(&carried, record);
	for (i = 0; i < r->n_sets; i += n_of_buffer(r, i)) {
		for (v = 0; v < carried.n; v++)
			if (value_passes(s, r, i, n_of_buffer(r, i), &carried, v))
				passed[i] |= UINT64_C(1) << v;
		if (!passed[i])
			return false;
	}
	for (i = 0; i < r->n_sets; i++)
		for (v = 0; v < carried.n; v++)
			if (passed[i] >> v & 1)
				change_sets(s, r, i, n_of_buffer(r, i), carried.id[v]);
	return true;
}

bool wt_sets_add(struct wt_sets *s, unsigned set, struct wt_slice pseudonym)
{
	uint8_t id[WT_KNOWN_LEN];

	if (set >= s->part.n_sets || !take_id(pseudonym, id) || !has_room(s, set, id))
		return false;
	wt_known_add(s->known, set, id);
	return true;
}

void wt_sets_reload(struct wt_sets *s, const struct wt_context_part *part)
{
	uint32_t *new_of = calloc(s->part.n_sets + 1u, sizeof(*new_of));
	unsigned i, k;

	if (!new_of)
		abort();
	for (i = 0; i < s->part.n_sets; i++) {
		const char *name = s->part.set[i].name;

		new_of[i] = UINT32_MAX;
		for (k = 0; name && k < part->n_sets; k++)
			if (part->set[k].name && strcmp(part->set[k].name, name) == 0)
				new_of[i] = k;
	}
	wt_known_renumber(s->known, new_of, part->n_sets);
	free(new_of);
	s->part = *part;
}
