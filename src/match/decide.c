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
		    (!b->producer[i].owner || b->producer[i].owner == owner))
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

/* The value that passed goes to the keeper, if the rule matches. */
static void keep(struct wt_matcher *m, unsigned inspection)
{
	struct wt_match_scratch *s = m->scratch;

	if (s->n_kept == WT_KEPTS_MAX) {
		wt_count(m->counters, WT_C_MATCH_VALUES_LOST);
		return;
	}
	s->kept[s->n_kept] = *wt_confirm_kept(s->confirm);
	s->kept[s->n_kept++].inspection = (uint8_t)inspection;
}

/* One value of a buffer, which lies `base` bytes into what people count from. */
static bool passes(struct wt_matcher *m, const struct wt_rule *r, unsigned i,
		   struct wt_slice bytes, uint64_t base, struct wt_match *match)
{
	const struct wt_inspection *in = wt_rules_inspection(m->rules, r->first_inspection + i);
	size_t at = 0;

	if (!wt_confirm_inspect(m->scratch->confirm, m->rules, in, bytes, &at))
		return false;
	match->buffer = in->buffer->name;
	match->at = base + at;
	if (in->keeps)
		keep(m, i);
	return true;
}

/* A value of a field, or the lines of it. */
static bool value_passes(struct wt_matcher *m, const struct wt_rule *r, unsigned i,
			 struct wt_slice bytes, struct wt_match *match)
{
	const struct wt_inspection *in = wt_rules_inspection(m->rules, r->first_inspection + i);
	const uint8_t *start = bytes.ptr;
	bool is_passed = false;

	if (!in->buffer->is_lines)
		return passes(m, r, i, bytes, 0, match);
	while (bytes.len && (!is_passed || in->keeps)) {
		size_t end = wt_slice_find(bytes, '\n');
		struct wt_slice line = wt_slice_head(bytes, end);

		if (line.len && line.ptr[line.len - 1] == '\r')
			line.len--;
		if (line.len)
			is_passed |= passes(m, r, i, line, (uint64_t)(line.ptr - start), match);
		bytes = wt_slice_tail(bytes, end + 1);
	}
	return is_passed;
}

/* A buffer that is there at most once. Empty: it is not. */
static struct wt_slice single(struct wt_matcher *m, const struct wt_buffer *b,
			      const struct wt_subject *s)
{
	if (b->is_payload)
		return s->payload;
	if (b->is_base64)
		return wt_confirm_base64(m->scratch->confirm);
	if (b->part)
		return wt_part_of((enum wt_part)b->part, &s->head, s->packet);
	return join(m, s->event, b);
}

static enum outcome inspect(struct wt_matcher *m, const struct wt_rule *r, unsigned i,
			    const struct wt_subject *s, struct wt_match *match)
{
	const struct wt_inspection *in = wt_rules_inspection(m->rules, r->first_inspection + i);
	const struct wt_buffer *b = in->buffer;
	bool is_there = false, is_passed = false;
	struct wt_slice rest, bytes;

	if (!b->is_payload && !b->is_base64 && !b->part &&
	    (!s->event || (b->side && b->side != side_of(s))))
		return ABSENT;
	if (b->is_payload || b->is_base64 || b->part || b->is_joined) {
		bytes = single(m, b, s);
		return !bytes.len ? ABSENT
		       : passes(m, r, i, bytes, b->is_payload ? s->payload_at : 0, match)
			       ? PASSED
			       : FAILED;
	}
	rest = s->event->values;
	while ((!is_passed || in->keeps) && next_value(m, s->event, b, &rest, &bytes)) {
		is_there = true;
		is_passed |= value_passes(m, r, i, bytes, match);
	}
	return is_passed ? PASSED : is_there ? FAILED : ABSENT;
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

static uint8_t variables_of(struct wt_matcher *m, const struct wt_rule *r, uint32_t done)
{
	uint8_t known = 0;
	unsigned i;

	for (i = 0; i < r->n_inspections; i++)
		if (done >> i & 1)
			known |= wt_rules_inspection(m->rules, r->first_inspection + i)->writes;
	return known;
}

/* Puts back what earlier events of the flow gave; which inspections those were. */
static uint32_t recall(struct wt_matcher *m, const struct wt_rule *r, unsigned rule,
		       const struct wt_subject *s)
{
	struct wt_partial *partial;
	const struct wt_wait *wait;
	unsigned i;

	if (!r->is_carried)
		return 0;
	partial = partial_of(wt_match_flow_find(m, s->head.flow_id, false), rule, false);
	if (!partial)
		return 0;
	wait = wt_wait_at(m, partial->wait, s->head.flow_id, rule);
	if (!wait) { /* forgotten to make room: what passed without it is worth nothing */
		*partial = (struct wt_partial){ 0, 0, 0 };
		return 0;
	}
	memcpy(wt_confirm_variables(m->scratch->confirm), wait->variable,
	       sizeof(wait->variable));
	for (i = 0; i < wait->n_kept && m->scratch->n_kept < WT_KEPTS_MAX; i++)
		m->scratch->kept[m->scratch->n_kept++] = wait->kept[i];
	return partial->done;
}

/* What this event gave is kept until a further one. */
static void carry(struct wt_matcher *m, unsigned rule, const struct wt_subject *s,
		  struct wt_partial *partial, unsigned first_kept)
{
	struct wt_match_scratch *scratch = m->scratch;
	struct wt_wait *wait = wt_wait_at(m, partial->wait, s->head.flow_id, rule);
	unsigned i;

	if (!wait) {
		partial->wait = wt_wait_take(m, s->head.flow_id, rule);
		wait = &m->wait[partial->wait - 1];
	}
	memcpy(wait->variable, wt_confirm_variables(scratch->confirm), sizeof(wait->variable));
	wait->n_kept = 0;
	for (i = first_kept; i < scratch->n_kept && wait->n_kept < WT_WAIT_KEPTS; i++)
		wait->kept[wait->n_kept++] = scratch->kept[i];
	wt_count_n(m->counters, WT_C_MATCH_VALUES_LOST, scratch->n_kept - i);
}

/* Notes what passed now; true when nothing is missing any more. */
static bool is_complete(struct wt_matcher *m, const struct wt_rule *r, unsigned rule,
			const struct wt_subject *s, uint32_t done, uint32_t all,
			unsigned first_kept)
{
	struct wt_partial *partial =
		partial_of(wt_match_flow_find(m, s->head.flow_id, true), rule, true);
	struct wt_wait *wait;

	if (partial->rule != rule + 1)
		*partial = (struct wt_partial){ rule + 1, 0, 0 };
	partial->done |= done;
	if (partial->done != all) {
		if (r->is_carried)
			carry(m, rule, s, partial, first_kept);
		return false;
	}
	wait = wt_wait_at(m, partial->wait, s->head.flow_id, rule);
	if (wait)
		wait->rule = 0;
	*partial = (struct wt_partial){ 0, 0, 0 };
	return true;
}

/* All inspections; those whose buffer is not here may have passed before, or wait. One that
 * reads a variable comes behind the one that sets it. */
static bool buffers_fit(struct wt_matcher *m, const struct wt_rule *r, unsigned rule,
			const struct wt_subject *s, struct wt_match *match)
{
	uint32_t done = 0, before,
		 all = r->n_inspections < 32 ? (1u << r->n_inspections) - 1 : UINT32_MAX;
	unsigned first = m->scratch->n_kept, own, i;
	uint8_t known;
	bool fits;

	wt_confirm_begin(m->scratch->confirm, s->unit_at);
	before = recall(m, r, rule, s);
	known = variables_of(m, r, before);
	own = m->scratch->n_kept;
	for (i = 0; i < r->n_inspections; i++) {
		const struct wt_inspection *in =
			wt_rules_inspection(m->rules, r->first_inspection + i);
		enum outcome outcome = in->reads & ~known ? ABSENT : inspect(m, r, i, s, match);

		if (outcome == FAILED) {
			m->scratch->n_kept = first;
			return false;
		}
		if (outcome == PASSED) {
			done |= 1u << i;
			known |= in->writes;
		}
	}
	fits = done == all || (done && is_complete(m, r, rule, s, done, all, first));
	if (!fits)
		m->scratch->n_kept = first;
	match->first_kept = (uint8_t)(done == all ? own : first);
	match->n_kept = (uint8_t)(m->scratch->n_kept - match->first_kept);
	return fits;
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
