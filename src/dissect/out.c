/* What dissectors call: events, fields, skips, glitches; and their way to the sink.
 * Trust: values are hostile bytes, copied and cut at their caps; handles and field
 * ids come from our own dissectors and are checked all the same.
 * Memory: one wt_out per worker; open events wait in chunks between calls. */
#include "base/hash.h"
#include "base/memory.h"
#include "base/values.h"
#include "dissect/dissect.h"
#include "wardtap/registry.h"

struct wt_dissect_scratch *wt_dissect_scratch_new(uint64_t seed)
{
	struct wt_dissect_scratch *scratch = wt_memory_reserve_dense(sizeof(*scratch));

	scratch->out.seed = seed;
	wt_shortlist_init(&scratch->shortlist);
	return scratch;
}

void wt_dissect_scratch_free(struct wt_dissect_scratch *scratch)
{
	wt_memory_release_dense(scratch, sizeof(*scratch));
}

/* Prepares the worker's wt_out for one call; events are those of wt_out_restore. */
void wt_out_begin(struct wt_out *out, struct wt_dissect *d, struct wt_dissection *x,
		  enum wt_direction dir, const struct wt_moment *m)
{
	out->d = d;
	out->x = x;
	out->dir = dir;
	out->moment = m;
	out->is_end = out->is_commit = out->is_yield = out->is_message_end = false;
	out->is_skip_on = false;
	out->skip = 0;
	out->n_stops = 0;
	out->scanned = x->dir[dir].scanned;
	out->need = 0;
	out->n_glitches = 0;
}

static void mark_seen(struct wt_out *out, unsigned event, unsigned field)
{
	unsigned index = field & 0x7fff;

	if (field < WT_FIELD_OWN)
		out->seen[event][index >> 6 & 1] |= UINT64_C(1) << (index & 63);
	else
		out->seen[event][2 + (index >> 6 & 3)] |= UINT64_C(1) << (index & 63);
}

static bool is_seen(const struct wt_out *out, unsigned event, unsigned field)
{
	unsigned index = field & 0x7fff;

	return field < WT_FIELD_OWN
		       ? out->seen[event][index >> 6 & 1] >> (index & 63) & 1
		       : out->seen[event][2 + (index >> 6 & 3)] >> (index & 63) & 1;
}

_Static_assert((unsigned)WT_N_SHARED_FIELDS <= 128, "wt_out.seen");

/* Takes up the events that an earlier call of this direction left open. */
void wt_out_restore(struct wt_out *out)
{
	struct wt_dissection_dir *q = &out->x->dir[out->dir];
	uint8_t *save = out->d->scratch->save;
	struct wt_slice rest, bytes;
	struct wt_value value;
	size_t len;
	unsigned i;

	out->values = wt_builder_of(out->room, sizeof(out->room));
	out->n_events = 0;
	if (WT_LIKELY(!q->pending_len))
		return;
	len = wt_chain_copy(&out->d->chunks, q->pending, save, sizeof(out->d->scratch->save));
	out->n_events = save[0];
	for (i = 0; i < out->n_events; i++) {
		out->type[i] = save[1 + 2 * i];
		out->is_truncated[i] = save[2 + 2 * i];
		memset(out->seen[i], 0, sizeof(out->seen[i]));
	}
	rest = wt_slice_tail(wt_slice_of(save, len), 1 + 2 * out->n_events);
	wt_bld_bytes(&out->values, rest);
	while (wt_value_next(&rest, &value, &bytes))
		mark_seen(out, value.event, value.field);
	wt_pending_drop(out->d, out->x, out->dir);
}

/* Keeps open events for the next call. False when there is no room. */
bool wt_out_save(struct wt_out *out)
{
	uint8_t *save = out->d->scratch->save;
	struct wt_builder b = wt_builder_of(save, sizeof(out->d->scratch->save));
	unsigned i;

	if (WT_LIKELY(!out->n_events))
		return true;
	wt_bld_u8(&b, (uint8_t)out->n_events);
	for (i = 0; i < out->n_events; i++) {
		wt_bld_u8(&b, out->type[i]);
		wt_bld_u8(&b, out->is_truncated[i]);
	}
	wt_bld_bytes(&b, wt_bld_slice(&out->values));
	return wt_pending_keep(out->d, out->x, out->dir, wt_bld_slice(&b));
}

unsigned wt_event_begin(struct wt_out *out, unsigned type)
{
	unsigned handle = out->n_events;

	if (WT_BUG_ON(type >= wt_registry_n_events(out->x->owner)))
		return WT_EVENT_NONE;
	if (handle == WT_EVENTS_OPEN_MAX) {
		out->is_truncated[0] = 1;
		return WT_EVENT_NONE;
	}
	out->n_events++;
	out->type[handle] = (uint8_t)type;
	out->is_truncated[handle] = 0;
	memset(out->seen[handle], 0, sizeof(out->seen[handle]));
	return handle;
}

/* The field's row when the put is to be done, else NULL. */
static const struct wt_field *accept_put(struct wt_out *out, unsigned event, unsigned field)
{
	const struct wt_field *row = wt_registry_field(out->x->owner, field);

	if (event >= out->n_events || WT_BUG_ON(!row))
		return NULL;
	if (row->mult == WT_MULT_ONE && is_seen(out, event, field))
		return NULL;
	mark_seen(out, event, field);
	return row;
}

void wt_put_number(struct wt_out *out, unsigned event, unsigned field, uint64_t value)
{
	if (!accept_put(out, event, field))
		return;
	if (!wt_values_put_number(&out->values, (uint16_t)field, (uint8_t)event, value))
		out->is_truncated[event] = 1;
}

void wt_put_bytes(struct wt_out *out, unsigned event, unsigned field, struct wt_slice value)
{
	const struct wt_field *row = value.len ? accept_put(out, event, field) : NULL;

	if (!row)
		return;
	if (value.len > row->cap) {
		value = wt_slice_head(value, row->cap);
		out->is_truncated[event] = 1;
	}
	if (!wt_values_put(&out->values, (uint16_t)field, (uint8_t)event, WT_FORM_PLAIN, value))
		out->is_truncated[event] = 1;
}

uint64_t wt_out_time_ns(const struct wt_out *out)
{
	return out->moment->ts_ns;
}

bool wt_out_is_end(const struct wt_out *out)
{
	return out->is_end;
}

bool wt_out_is_resumed(const struct wt_out *out)
{
	return out->x->dir[out->dir].mode & WT_DIR_RESUMED;
}

uint64_t wt_out_offset(const struct wt_out *out)
{
	return out->offset;
}

uint16_t wt_out_port(const struct wt_out *out, enum wt_direction towards)
{
	const struct wt_flow *f = out->x->flow;

	return f->key.end[towards == WT_TO_CLIENT ? f->client : f->client ^ 1].port;
}

void wt_out_commit(struct wt_out *out)
{
	out->is_commit = true;
}

void wt_out_message_end(struct wt_out *out)
{
	out->is_message_end = true;
}

void wt_out_yield(struct wt_out *out)
{
	out->is_commit = out->is_yield = true;
}

/* What was put stays behind the new list, in case the call has to be undone. */
void wt_out_drop(struct wt_out *out)
{
	out->n_events = 0;
	out->values = wt_builder_of(out->values.ptr + out->values.len,
				    out->values.cap - out->values.len);
}

static void clear(struct wt_out *out)
{
	out->n_events = 0;
	out->values = wt_builder_of(out->room, sizeof(out->room));
}

void wt_out_skip(struct wt_out *out, uint64_t len)
{
	out->skip = len;
}

void wt_out_skip_goes_on(struct wt_out *out)
{
	out->is_skip_on = true;
}

void wt_out_skip_until(struct wt_out *out, struct wt_slice stops)
{
	stops = wt_slice_head(stops, sizeof(out->stops));
	if (stops.len)
		memcpy(out->stops, stops.ptr, stops.len);
	out->n_stops = (uint8_t)stops.len;
}

uint64_t wt_out_skipped(const struct wt_out *out)
{
	return out->x->dir[out->dir].skipped;
}

void wt_out_set_scanned(struct wt_out *out, size_t len)
{
	out->scanned = len > UINT32_MAX ? UINT32_MAX : (uint32_t)len;
}

size_t wt_out_scanned(const struct wt_out *out)
{
	return out->scanned;
}

void wt_out_need(struct wt_out *out, size_t len)
{
	out->need = len > WT_BUFFER_MAX ? WT_BUFFER_MAX : (uint32_t)len;
}

void wt_out_glitch(struct wt_out *out, const char *reason)
{
	if (out->n_glitches < WT_GLITCHES_PER_CALL)
		out->glitch[out->n_glitches] = reason;
	out->n_glitches++;
}

uint64_t wt_out_hash(const struct wt_out *out, struct wt_slice bytes)
{
	return wt_hash(out->seed, bytes);
}

/* What every event of a flow says besides its fields. */
static struct wt_event_head head_of(struct wt_dissect *d, const struct wt_flow *f,
				    enum wt_direction dir, const struct wt_moment *m)
{
	/* room made for one flow may end another: its packet is no witness then */
	bool is_own = m->packet && memcmp(&m->packet->key, &f->key, sizeof(f->key)) == 0;
	const struct wt_packet *p = is_own ? m->packet : NULL;
	struct wt_event_head head = {
		.order = m->order,
		.index = (*d->event_index)++,
		.shard = d->number,
		.is_tick = m->is_tick,
		.app = f->app,
		.hint = f->hint,
		.ts_ns = m->ts_ns,
		.number = is_own ? m->number : 0,
		.flow_id = f->id,
		.key = f->key,
		.sender = dir == WT_TO_SERVER ? f->client : f->client ^ 1,
		.client = f->client,
	};

	/* MACs of a packet of the other direction (a gap seen by its ACK) would lie */
	if (p && p->sender == head.sender) {
		head.n_vlans = p->n_vlans;
		memcpy(head.vlan, p->vlan, sizeof(head.vlan));
		head.interface = p->interface;
		if (p->flags & WT_PKT_HAS_MAC) {
			head.has_mac = 1;
			memcpy(head.mac, p->bytes + p->mac_off, sizeof(head.mac));
		}
	} else if (f->vlan) {
		head.n_vlans = 1;
		head.vlan[0] = f->vlan;
	}
	return head;
}

/* Sends all events of the call and begins a new list. */
void wt_out_emit(struct wt_out *out)
{
	unsigned i;

	for (i = 0; i < out->n_events; i++) {
		struct wt_event event = {
			.head = head_of(out->d, out->x->flow, out->dir, out->moment),
			.handle = i,
			.values = wt_bld_slice(&out->values),
		};

		event.head.owner = out->x->owner;
		event.head.type = out->type[i];
		event.head.is_truncated = out->is_truncated[i];
		out->d->events.take(out->d->events.self, &event);
		out->x->has_committed = true;
	}
	clear(out);
}

void wt_out_emit_glitch(struct wt_dissect *d, struct wt_flow *f, struct wt_dissection *x,
			enum wt_direction dir, const char *reason, uint64_t offset,
			const struct wt_moment *m)
{
	uint8_t room[128];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	struct wt_event event = { .handle = 0 };

	(void)x;
	wt_saturate_u16(&f->n_glitches);
	wt_count(d->counters, WT_C_DISSECT_GLITCHES);
	if (f->n_glitches > WT_GLITCH_EVENTS_MAX) {
		wt_count(d->counters, WT_C_DISSECT_GLITCHES_MUTED);
		return;
	}
	event.head = head_of(d, f, dir, m);
	event.head.type = WT_EVENT_GLITCH;
	(void)wt_values_put(&b, WT_F_GLITCH_REASON, 0, WT_FORM_PLAIN,
			    wt_slice_head(wt_slice_of(reason, strlen(reason)), 64));
	(void)wt_values_put_number(&b, WT_F_GLITCH_OFFSET, 0, offset);
	event.values = wt_bld_slice(&b);
	d->events.take(d->events.self, &event);
}
