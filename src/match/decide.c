/* Whether a candidate rule matches a subject: header, flow, packet, marks, fields,
 * buffers, in this order, cheapest first.
 * Source: Suricata 7 user guide. Trust: values are hostile bytes.
 * Memory: none beyond the matcher's. */
#include "match/inner.h"
#include "match/part.h"
#include "base/values.h"
#include "wardtap/registry.h"

enum { PROTO_ICMP = 1, PROTO_TCP = 6, PROTO_UDP = 17, PROTO_ICMPV6 = 58, PROTO_SCTP = 132 };

static bool has_app(const struct wt_rule *r, const struct wt_event_head *head)
{
	unsigned i;

	for (i = 0; i < r->n_apps; i++)
		if (r->apps[i] == head->app || (head->owner && r->apps[i] == head->owner))
			return true;
	return false;
}

static bool proto_fits(const struct wt_rule *r, const struct wt_event_head *head)
{
	uint8_t proto = head->key.proto;

	switch ((enum wt_rule_proto)r->proto) {
	case WT_RULE_IP:
	case WT_RULE_DEVICE:
		return true;
	case WT_RULE_TCP:
	case WT_RULE_TCP_PACKET:
	case WT_RULE_TCP_STREAM:
		return proto == PROTO_TCP;
	case WT_RULE_UDP:
		return proto == PROTO_UDP;
	case WT_RULE_ICMP:
		return proto == PROTO_ICMP || proto == PROTO_ICMPV6;
	case WT_RULE_SCTP:
		return proto == PROTO_SCTP;
	case WT_RULE_APP:
		return has_app(r, head);
	}
	return false;
}

static bool ends_fit(const struct wt_rule *r, const struct wt_event_head *head, uint8_t source)
{
	const struct wt_endpoint *src = &head->key.end[source],
				 *dst = &head->key.end[source ^ 1];
	bool has_ports = head->key.proto == PROTO_TCP || head->key.proto == PROTO_UDP ||
			 head->key.proto == PROTO_SCTP;

	if (has_ports && (!wt_ports_have(&r->src_port, src->port) ||
			  !wt_ports_have(&r->dst_port, dst->port)))
		return false;
	if (!head->key.ip_version) /* frames: only rules for any address */
		return r->src.is_any && r->dst.is_any;
	return wt_nets_have(&r->src, &src->addr, head->key.ip_version) &&
	       wt_nets_have(&r->dst, &dst->addr, head->key.ip_version);
}

static bool header_fits(const struct wt_rule *r, const struct wt_event_head *head)
{
	if (r->ip_version && r->ip_version != head->key.ip_version)
		return false;
	return proto_fits(r, head) &&
	       (ends_fit(r, head, head->sender) ||
		(r->is_both_ways && ends_fit(r, head, head->sender ^ 1)));
}

static bool flow_fits(const struct wt_rule *r, const struct wt_subject *s)
{
	bool to_server = s->head.sender == s->head.client, is_established;

	if ((r->flow & WT_FLOW_TO_SERVER) && !to_server)
		return false;
	if ((r->flow & WT_FLOW_TO_CLIENT) && to_server)
		return false;
	if (r->flow & WT_FLOW_STATELESS)
		return true;
	/* what a dissector understood was said on an established flow */
	is_established = s->event || !s->flow || s->head.key.proto != PROTO_TCP ||
			 s->flow->state != WT_FLOW_NEW || (s->flow->flags & WT_FLOW_MIDSTREAM);
	if (s->flow && s->head.key.proto == PROTO_UDP)
		is_established = s->flow->state != WT_FLOW_NEW || s->event;
	if ((r->flow & WT_FLOW_NEEDS_ESTABLISHED) && !is_established)
		return false;
	return !(r->flow & WT_FLOW_NOT_ESTABLISHED) || !is_established;
}

static bool is_producer(const struct wt_buffer *b, unsigned owner, unsigned field)
{
	unsigned i;

	for (i = 0; i < b->n_producers; i++)
		if (b->producer[i].field == field &&
		    (field < WT_FIELD_OWN || b->producer[i].owner == owner))
			return true;
	return false;
}

/* The next value of the event that fills the buffer, as rules see it. */
static bool next_value(struct wt_matcher *m, const struct wt_event *event,
		       const struct wt_buffer *b, struct wt_slice *rest, struct wt_slice *bytes)
{
	struct wt_value value;

	while (wt_values_take(rest, &value, bytes))
		if (value.event == event->handle &&
		    is_producer(b, event->head.owner, value.field)) {
			*bytes = wt_match_plain(m, &value, *bytes);
			return true;
		}
	return false;
}

static bool fields_fit(struct wt_matcher *m, const struct wt_rule *r,
		       const struct wt_subject *s)
{
	unsigned i;

	for (i = 0; i < r->n_field_tests; i++) {
		const struct wt_field_test *t =
			wt_rules_field_test(m->rules, r->first_field_test + i);
		struct wt_slice rest, bytes;
		bool is_there = false, fits = false;

		if (!s->event)
			return false;
		rest = s->event->values;
		while (!fits && next_value(m, s->event, t->buffer, &rest, &bytes)) {
			is_there = true;
			fits = wt_compare_number(t->compare, (int64_t)wt_value_number(bytes),
						 t->low, t->high);
		}
		/* a flag that is not put is false */
		if (!is_there && t->type == WT_TYPE_BOOL && t->low == 0)
			fits = true;
		if (!fits)
			return false;
	}
	return true;
}

/* The first value of each of the buffer's fields, lines of one block that an empty one ends. */
static struct wt_slice join(struct wt_matcher *m, const struct wt_event *event,
			    const struct wt_buffer *b)
{
	uint8_t *room = m->scratch->joined;
	size_t len = 0, i;

	for (i = 0; i < b->n_producers; i++) {
		struct wt_buffer one = { .n_producers = 1, .producer = { b->producer[i] } };
		struct wt_slice rest = event->values, bytes;

		if (!next_value(m, event, &one, &rest, &bytes))
			continue;
		while (bytes.len && strchr("\r\n", bytes.ptr[bytes.len - 1]))
			bytes.len--;
		bytes = wt_slice_head(bytes, WT_JOINED_MAX - 4 - len);
		if (bytes.len)
			memcpy(room + len, bytes.ptr, bytes.len);
		len += bytes.len;
		room[len++] = '\r';
		room[len++] = '\n';
		if (len > WT_JOINED_MAX - 8)
			break;
	}
	if (len) {
		room[len++] = '\r';
		room[len++] = '\n';
	}
	return wt_slice_of(room, len);
}

static uint8_t side_of(const struct wt_subject *s)
{
	return s->head.sender == s->head.client ? WT_FLOW_TO_SERVER : WT_FLOW_TO_CLIENT;
}

enum outcome { PASSED, FAILED, ABSENT };

static enum outcome inspect(struct wt_matcher *m, const struct wt_inspection *in,
			    const struct wt_subject *s, struct wt_match *match)
{
	struct wt_confirm *c = m->scratch->confirm;
	struct wt_slice rest, bytes;
	bool is_there = false;
	size_t at = 0;

	if (in->buffer->is_payload || in->buffer->is_base64) {
		bytes = in->buffer->is_payload ? s->payload : wt_confirm_base64(c);
		if (!bytes.len)
			return ABSENT;
		if (!wt_confirm_inspect(c, m->rules, in, bytes, &at))
			return FAILED;
		*match = (struct wt_match){ in->buffer->name,
					    in->buffer->is_payload ? s->payload_at + at : at };
		return PASSED;
	}
	if (in->buffer->part) {
		bytes = wt_part_of((enum wt_part)in->buffer->part, &s->head, s->packet);
		*match = (struct wt_match){ in->buffer->name, 0 };
		return !bytes.len                                               ? ABSENT
		       : wt_confirm_inspect(c, m->rules, in, bytes, &match->at) ? PASSED
										: FAILED;
	}
	if (!s->event || (in->buffer->side && in->buffer->side != side_of(s)))
		return ABSENT;
	if (in->buffer->is_joined) {
		bytes = join(m, s->event, in->buffer);
		if (!bytes.len)
			return ABSENT;
		*match = (struct wt_match){ in->buffer->name, 0 };
		return wt_confirm_inspect(c, m->rules, in, bytes, &match->at) ? PASSED : FAILED;
	}
	rest = s->event->values;
	while (next_value(m, s->event, in->buffer, &rest, &bytes)) {
		is_there = true;
		if (!wt_confirm_inspect(c, m->rules, in, bytes, &at))
			continue;
		*match = (struct wt_match){ in->buffer->name, at };
		return PASSED;
	}
	return is_there ? FAILED : ABSENT;
}

/* Inspections that passed in earlier events of the flow; NULL where none may wait. */
static struct wt_partial *partial_of(struct wt_match_flow *f, unsigned rule, bool makes)
{
	unsigned i;

	for (i = 0; f && i < WT_PARTIALS; i++)
		if (f->partial[i].rule == rule + 1)
			return &f->partial[i];
	for (i = 0; f && makes && i < WT_PARTIALS; i++)
		if (!f->partial[i].rule)
			return &f->partial[i];
	return f && makes ? &f->partial[rule % WT_PARTIALS] : NULL;
}

/* All inspections; those whose buffer is not here may have passed before, or wait. */
static bool buffers_fit(struct wt_matcher *m, const struct wt_rule *r, unsigned rule,
			const struct wt_subject *s, struct wt_match *match)
{
	uint32_t done = 0,
		 all = r->n_inspections < 32 ? (1u << r->n_inspections) - 1 : UINT32_MAX;
	struct wt_partial *partial;
	unsigned i;

	wt_confirm_begin(m->scratch->confirm, s->unit_at);
	for (i = 0; i < r->n_inspections; i++) {
		const struct wt_inspection *in =
			wt_rules_inspection(m->rules, r->first_inspection + i);
		enum outcome outcome = inspect(m, in, s, match);

		if (outcome == FAILED)
			return false;
		if (outcome == PASSED)
			done |= 1u << (i & 31);
	}
	if (done == all)
		return true;
	if (!done)
		return false;
	partial = partial_of(wt_match_flow_find(m, s->head.flow_id, true), rule, true);
	if (partial->rule != rule + 1)
		*partial = (struct wt_partial){ rule + 1, 0 };
	partial->done |= done;
	if (partial->done != all)
		return false;
	*partial = (struct wt_partial){ 0, 0 };
	return true;
}

bool wt_match_rule(struct wt_matcher *m, const struct wt_rule *r, unsigned rule,
		   const struct wt_subject *s, struct wt_match *match)
{
	*match = (struct wt_match){ .buffer = NULL };
	if (!header_fits(r, &s->head) || !flow_fits(r, s) || !wt_packet_fits(m, r, s) ||
	    !wt_marks_fit(m, r, s) || !fields_fit(m, r, s) ||
	    !buffers_fit(m, r, rule, s, match))
		return false;
	wt_marks_set(m, r, s);
	return true;
}
