/* Texts of the field dictionary (columns.h). All lie in one arena that is measured
 * first; objects are found again by their text, which happens at start only.
 * Trust: our own tables. Memory: columns.h. */
#include "export/columns.h"
#include "base/json.h"
#include "wardtap/registry.h"

#include <stdlib.h>

#define DRESS 32u /* more than what a text adds to its name: commas, quotes, _present */

struct owner {
	struct wt_column *column;
	struct wt_text *event;
	unsigned n, n_events;
};

struct wt_columns {
	struct owner *owner;
	unsigned n_owners, most;
	struct wt_text unknown; /* event type */
	size_t text_max;
	struct wt_text *object;
	size_t n_objects;
	struct wt_builder arena;
};

static void *reserve(size_t n, size_t size)
{
	void *room = calloc(n ? n : 1, size);

	if (!room)
		abort();
	return room;
}

static struct wt_text text_of(struct wt_columns *c, const char *before, struct wt_slice name,
			      const char *behind)
{
	struct wt_text text = { .ptr = c->arena.ptr + c->arena.len };

	wt_bld_text(&c->arena, before);
	wt_bld_bytes(&c->arena, name);
	wt_bld_text(&c->arena, behind);
	text.len = (size_t)(c->arena.ptr + c->arena.len - text.ptr);
	if (text.len > c->text_max)
		c->text_max = text.len;
	return text;
}

static struct wt_text object_of(struct wt_columns *c, struct wt_slice name)
{
	size_t before = c->arena.len, i;
	struct wt_text made = text_of(c, ",\"", name, "\":{");

	for (i = 0; i < c->n_objects; i++) {
		if (wt_slice_equal(wt_slice_of(made.ptr, made.len),
				   wt_slice_of(c->object[i].ptr, c->object[i].len))) {
			c->arena.len = before;
			return c->object[i];
		}
	}
	c->object[c->n_objects++] = made;
	return made;
}

static struct wt_column column_of(struct wt_columns *c, const struct wt_field *row)
{
	struct wt_slice name = wt_slice_of(row->name, strlen(row->name));
	size_t dot = wt_slice_find(name, '.');
	struct wt_column column = { .type = row->type, .is_list = row->mult == WT_MULT_MANY };

	if (dot < name.len) {
		column.object = object_of(c, wt_slice_head(name, dot));
		name = wt_slice_tail(name, dot + 1);
	}
	column.key = text_of(c, ",\"", name, "\":");
	column.present = text_of(c, ",\"", name, "_present\":");
	return column;
}

static unsigned n_columns(unsigned owner)
{
	unsigned n = 0;

	while (wt_registry_field(owner, WT_FIELD_OWN + n))
		n++;
	return WT_N_SHARED_FIELDS + n;
}

static const struct wt_field *row_of(unsigned owner, unsigned index)
{
	return wt_registry_field(owner, index < WT_N_SHARED_FIELDS ?
					index : index - WT_N_SHARED_FIELDS + WT_FIELD_OWN);
}

/* Room for the texts of an owner: three for each field (shared ones once). */
static void measure(struct wt_columns *c, unsigned owner, size_t *bytes, size_t *fields)
{
	struct owner *o = &c->owner[owner];
	unsigned i;

	o->n = n_columns(owner);
	o->n_events = wt_registry_n_events(owner);
	if (o->n > c->most)
		c->most = o->n;
	for (i = owner ? WT_N_SHARED_FIELDS : 0; i < o->n; i++)
		*bytes += 3 * (strlen(row_of(owner, i)->name) + DRESS);
	*fields += o->n;
	for (i = 0; i < o->n_events; i++)
		*bytes += 6 * strlen(wt_registry_event(owner, i)->name) + DRESS;
}

static struct wt_text event_of(struct wt_columns *c, const char *name)
{
	uint8_t room[WT_RAW_ESCAPED_MAX(64)];
	struct wt_builder b = wt_builder_of(room, sizeof(room));

	wt_bld_escaped(&b, wt_slice_of(name, strlen(name)));
	(void)WT_BUG_ON(b.is_short);
	return text_of(c, ",\"event_type\":\"", wt_bld_slice(&b), "\"");
}

static void fill(struct wt_columns *c, unsigned owner)
{
	struct owner *o = &c->owner[owner];
	unsigned i = 0;

	o->column = reserve(o->n, sizeof(*o->column));
	o->event = reserve(o->n_events, sizeof(*o->event));
	if (owner) {
		memcpy(o->column, c->owner[0].column, WT_N_SHARED_FIELDS * sizeof(*o->column));
		i = WT_N_SHARED_FIELDS;
	}
	for (; i < o->n; i++)
		o->column[i] = column_of(c, row_of(owner, i));
	for (i = 0; i < o->n_events; i++)
		o->event[i] = event_of(c, wt_registry_event(owner, i)->name);
}

struct wt_columns *wt_columns_new(void)
{
	struct wt_columns *c = reserve(1, sizeof(*c));
	size_t bytes = 64 + WT_TEXT_SPARE, fields = 0;
	unsigned owner;

	c->n_owners = wt_registry_count() + 1;
	c->owner = reserve(c->n_owners, sizeof(*c->owner));
	for (owner = 0; owner < c->n_owners; owner++)
		measure(c, owner, &bytes, &fields);
	c->object = reserve(fields, sizeof(*c->object));
	c->arena = wt_builder_of(reserve(bytes, 1), bytes - WT_TEXT_SPARE);
	c->unknown = event_of(c, "unknown");
	for (owner = 0; owner < c->n_owners; owner++)
		fill(c, owner);
	(void)WT_BUG_ON(c->arena.is_short);
	return c;
}

void wt_columns_free(struct wt_columns *c)
{
	unsigned owner;

	if (!c)
		return;
	for (owner = 0; owner < c->n_owners; owner++) {
		free(c->owner[owner].column);
		free(c->owner[owner].event);
	}
	free(c->owner);
	free(c->object);
	free(c->arena.ptr);
	free(c);
}

unsigned wt_columns_most(const struct wt_columns *c)
{
	return c->most;
}

size_t wt_columns_text_max(const struct wt_columns *c)
{
	return c->text_max;
}

const struct wt_column *wt_columns_of(const struct wt_columns *c, unsigned owner, unsigned *n)
{
	const struct owner *o = &c->owner[owner < c->n_owners ? owner : 0];

	*n = o->n;
	return o->column;
}

struct wt_text wt_columns_event(const struct wt_columns *c, unsigned owner, unsigned type)
{
	if (owner >= c->n_owners || type >= c->owner[owner].n_events)
		return c->unknown;
	return c->owner[owner].event[type];
}
