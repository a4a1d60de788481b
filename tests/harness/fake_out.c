/* What a dissector calls, in the double of the engine: weak, so that the real
 * functions win where both are linked.
 * Trust: values are hostile bytes. Memory: that of struct wt_fake. */
#include <string.h>

#include "harness/fake_parts.h"

#define WEAK __attribute__((weak))

/* Defined by the real engine alone. */
WEAK void wt_dissect_init(void);

bool wt_fake_is_alone(void)
{
	return !wt_dissect_init;
}

WEAK unsigned wt_event_begin(struct wt_out *out, unsigned type)
{
	struct fake_dir *q = out->q;

	wt_fake_must(type < out->f->d->n_event_types, "event type out of the table");
	if (q->n_events == WT_EVENTS_OPEN_MAX) {
		q->is_truncated[0] = true;
		return WT_EVENT_NONE;
	}
	q->type[q->n_events] = type;
	q->is_truncated[q->n_events] = false;
	return q->n_events++;
}

static void put(struct wt_out *out, unsigned event, unsigned field, struct wt_slice value)
{
	struct wt_value head = { .field = (uint16_t)field, .event = (uint8_t)event };
	struct fake_dir *q = out->q;
	const struct wt_field *row = wt_fake_field(out->f, field);
	struct wt_slice rest = wt_slice_of(q->values, q->values_len), bytes;
	struct wt_value value_there;

	wt_fake_must(row, "field out of the table");
	wt_fake_must(event < q->n_events || event == WT_EVENT_NONE, "put to an event that is not open");
	if (event >= q->n_events)
		return;
	while (row->mult == WT_MULT_ONE && wt_value_next(&rest, &value_there, &bytes))
		if (value_there.event == event && value_there.field == field)
			return;
	if (row->type == WT_TYPE_STR && value.len > row->cap) {
		value = wt_slice_head(value, row->cap);
		q->is_truncated[event] = true;
	}
	if (sizeof(head) + value.len > sizeof(q->values) - q->values_len) {
		q->is_truncated[event] = true;
		return;
	}
	head.len = (uint32_t)value.len;
	memcpy(q->values + q->values_len, &head, sizeof(head));
	memcpy(q->values + q->values_len + sizeof(head), value.ptr, value.len);
	q->values_len += sizeof(head) + value.len;
}

WEAK void wt_put_number(struct wt_out *out, unsigned event, unsigned field, uint64_t value)
{
	put(out, event, field, wt_slice_of(&value, sizeof(value)));
}

WEAK void wt_put_bytes(struct wt_out *out, unsigned event, unsigned field,
		       struct wt_slice value)
{
	if (value.len)
		put(out, event, field, value);
}

WEAK uint64_t wt_out_time_ns(const struct wt_out *out)
{
	return out->f->now_ns;
}

WEAK bool wt_out_is_end(const struct wt_out *out)
{
	return out->is_end;
}

WEAK bool wt_out_is_resumed(const struct wt_out *out)
{
	return out->q->is_resumed;
}

WEAK uint64_t wt_out_offset(const struct wt_out *out)
{
	return out->q->passed;
}

WEAK uint16_t wt_out_port(const struct wt_out *out, enum wt_direction towards)
{
	return out->f->port[towards];
}

WEAK void wt_out_commit(struct wt_out *out)
{
	out->is_commit = true;
}

WEAK void wt_out_drop(struct wt_out *out)
{
	out->q->n_events = 0;
	out->q->values_len = 0;
}

WEAK void wt_out_skip(struct wt_out *out, uint64_t len)
{
	out->skip = len;
}

WEAK void wt_out_skip_until(struct wt_out *out, struct wt_slice stops)
{
	wt_fake_must(stops.len >= 1 && stops.len <= sizeof(out->stops), "1 to 4 stops");
	memcpy(out->stops, stops.ptr, stops.len);
	out->n_stops = (unsigned)stops.len;
}

WEAK uint64_t wt_out_skipped(const struct wt_out *out)
{
	return out->q->skipped;
}

WEAK void wt_out_set_scanned(struct wt_out *out, size_t len)
{
	out->scanned = len;
}

WEAK size_t wt_out_scanned(const struct wt_out *out)
{
	return out->scanned;
}

WEAK void wt_out_need(struct wt_out *out, size_t len)
{
	out->need = len;
}

WEAK void wt_out_glitch(struct wt_out *out, const char *reason)
{
	wt_fake_must(strlen(reason) <= 64, "glitch reason too long");
	if (out->n_glitches < N_GLITCHES)
		out->glitch[out->n_glitches] = reason;
	out->n_glitches++;
}

/* FNV-1a: the double needs no key. */
WEAK uint64_t wt_out_hash(const struct wt_out *out, struct wt_slice bytes)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	size_t i;

	(void)out;
	for (i = 0; i < bytes.len; i++)
		hash = (hash ^ bytes.ptr[i]) * UINT64_C(0x100000001b3);
	return hash;
}
