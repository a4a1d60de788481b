/* Rules against bytes (rule_case.h). */
#include "harness/rule_case.h"
#include "base/values.h"
#include "decode/decode.h"
#include "match/parse.h"
#include "wardtap/registry.h"

#include <stdio.h>
#include <stdlib.h>

struct rule_case {
	struct wt_rules *rules;
	struct wt_program *program;
	struct wt_match_scratch *scratch;
	struct wt_matcher *matcher;
	struct wt_flow_sink sink;
	struct wt_shape_sink shape;
	size_t n_waiting[2], n_bulk[2], n_passed[2]; /* of the protocol that rule_case_speak names */
	bool is_framing;
	struct wt_counters counters;
	struct wt_flow flow;
	struct wt_stream stream;
	uint32_t event_index;
	uint64_t now_ns, number;
	char alerts[4096];
};

/* Messages "text;" and "textN:" with N bytes of bulk behind it (N < 65536), "textN&" where they
 * belong to the object before, as a dissector tells them: bytes of a message that is not complete
 * wait. */
static void tell_shape(struct rule_case *c, enum wt_direction dir, struct wt_slice bytes,
		       const struct wt_moment *m)
{
	size_t *waiting = &c->n_waiting[dir], *bulk = &c->n_bulk[dir];

	while (bytes.len) {
		size_t n = *bulk < bytes.len ? *bulk : bytes.len;
		size_t left = bytes.len;
		uint8_t byte;

		if (n) {
			c->shape.bulk(c->shape.self, &c->flow, dir, left, n,
				      (uint16_t)c->n_passed[dir], m);
			c->n_passed[dir] += n;
			*bulk -= n;
			bytes = wt_slice_tail(bytes, n);
			if (!*bulk)
				c->shape.message_end(c->shape.self, &c->flow, dir, bytes.len, m);
			continue;
		}
		byte = bytes.ptr[0];
		bytes = wt_slice_tail(bytes, 1);
		if (byte == ';')
			c->shape.message_end(c->shape.self, &c->flow, dir, bytes.len, m);
		else if (byte >= '0' && byte <= '9')
			*waiting = *waiting * 10 + (size_t)(byte - '0');
		else if ((byte == ':' || byte == '&') && *waiting)
			*bulk = *waiting & 65535;
		if (byte == ':')
			c->n_passed[dir] = 0;
		if (byte < '0' || byte > '9')
			*waiting = 0;
	}
}

static bool no_data(void *self, struct wt_flow *f, struct wt_stream *s, enum wt_direction dir,
		    struct wt_slice bytes, const struct wt_moment *m)
{
	struct rule_case *c = self;

	(void)f;
	if (c->is_framing)
		tell_shape(c, dir, bytes, m);
	(void)s; /* kept until there is more: nothing is accounted for yet */
	return true;
}

static void no_gap(void *self, struct wt_flow *f, struct wt_stream *s, enum wt_direction dir,
		   uint64_t lost, const struct wt_moment *m)
{
	(void)self;
	(void)f;
	(void)m;
	s->dir[dir].gap += lost;
}

static void no_end(void *self, struct wt_flow *f, struct wt_stream *s, enum wt_direction dir,
		   const struct wt_moment *m)
{
	(void)self;
	(void)f;
	(void)s;
	(void)dir;
	(void)m;
}

static void no_datagram(void *self, struct wt_flow *f, enum wt_direction dir,
			struct wt_slice bytes, bool is_clipped, const struct wt_moment *m)
{
	(void)self;
	(void)f;
	(void)dir;
	(void)bytes;
	(void)is_clipped;
	(void)m;
}

static void no_close(void *self, struct wt_flow *f, struct wt_stream *s,
		     const struct wt_moment *m)
{
	(void)self;
	(void)f;
	(void)s;
	(void)m;
}

static void take_alert(void *self, const struct wt_event *event)
{
	struct rule_case *c = self;
	struct wt_slice rest = event->values, bytes;
	struct wt_value value;
	size_t len = strlen(c->alerts);

	while (wt_values_take(&rest, &value, &bytes))
		if (value.field == WT_F_ALERT_SIGNATURE_ID)
			(void)snprintf(c->alerts + len, sizeof(c->alerts) - len, "%s%llu",
				       len ? " " : "",
				       (unsigned long long)wt_value_number(bytes));
}

struct rule_case *rule_case_new(const char *rules, const char **problem)
{
	struct rule_case *c = calloc(1, sizeof(*c));
	const struct wt_limits limits = { .match_flows = 4,
					  .match_windows = 4,
					 .match_waits = 4 };
	struct wt_flow_sink below = {
		.self = c,
		.data = no_data,
		.gap = no_gap,
		.end = no_end,
		.datagram = no_datagram,
		.close = no_close,
	};
	struct wt_event_sink events = { .self = c, .take = take_alert };
	char why[256];

	if (!c)
		abort();
	c->rules = wt_rules_new();
	wt_rules_load_text(c->rules, "test.rules", wt_slice_of(rules, strlen(rules)));
	wt_rules_finish(c->rules);
	c->program = wt_program_new(c->rules, NULL, why, sizeof(why));
	if (!c->program)
		abort();
	*problem = wt_rules_n_problems(c->rules) ? wt_rules_problem(c->rules, 0)->text : NULL;
	c->scratch = wt_match_scratch_new(c->program, 1);
	c->matcher = wt_matcher_new(c->program, 0, &limits, c->scratch, &c->counters, &below,
				    &events, &c->event_index);
	c->sink = wt_matcher_sink(c->matcher);
	c->shape = wt_matcher_shape_sink(c->matcher);
	rule_case_restart(c);
	return c;
}

void rule_case_reload(struct rule_case *c, const char *rules, const char **problem)
{
	struct wt_rules *old = c->rules;
	struct wt_program *old_program = c->program;
	struct wt_match_scratch *old_scratch = c->scratch;
	char why[256];

	c->rules = wt_rules_new();
	wt_rules_load_text(c->rules, "fresh.rules", wt_slice_of(rules, strlen(rules)));
	wt_rules_finish(c->rules);
	c->program = wt_program_new(c->rules, NULL, why, sizeof(why));
	if (!c->program)
		abort();
	*problem = wt_rules_n_problems(c->rules) ? wt_rules_problem(c->rules, 0)->text : NULL;
	wt_rules_follow(c->rules, old);
	c->scratch = wt_match_scratch_new(c->program, 1);
	wt_matcher_change(c->matcher, c->program, c->scratch);
	wt_match_scratch_free(old_scratch);
	wt_program_free(old_program);
	wt_rules_free(old);
}

void rule_case_free(struct rule_case *c)
{
	rule_case_close(c);
	wt_matcher_free(c->matcher);
	wt_match_scratch_free(c->scratch);
	wt_program_free(c->program);
	wt_rules_free(c->rules);
	free(c);
}

uint64_t rule_case_n_cut(const struct rule_case *c)
{
	return c->counters.value[WT_C_MATCH_CUT];
}

unsigned rule_case_n_loaded(const struct rule_case *c)
{
	return wt_rules_count(c->rules);
}

static struct wt_moment moment_of(struct rule_case *c)
{
	c->now_ns += WT_NS_PER_MS;
	return (struct wt_moment){ .now_ns = c->now_ns,
				   .ts_ns = c->now_ns,
				   .order = ++c->number,
				   .number = c->number };
}

void rule_case_restart(struct rule_case *c)
{
	if (c->flow.id)
		rule_case_close(c);
	memset(&c->stream, 0, sizeof(c->stream));
	c->flow = (struct wt_flow){ .id = 7 + c->number,
				    .client = 1,
				    .state = WT_FLOW_ESTABLISHED,
				    .dissection = WT_NONE };
	c->flow.key.ip_version = 4;
	c->flow.key.proto = 6;
	c->flow.key.end[0].addr.octet[0] = c->flow.key.end[1].addr.octet[0] = 10;
	c->flow.key.end[0].addr.octet[3] = 1;
	c->flow.key.end[1].addr.octet[3] = 2;
	c->flow.key.end[0].port = 80;
	c->flow.key.end[1].port = 40000;
	c->alerts[0] = '\0';
	memset(c->n_waiting, 0, sizeof(c->n_waiting));
	memset(c->n_bulk, 0, sizeof(c->n_bulk));
	memset(c->n_passed, 0, sizeof(c->n_passed));
}

void rule_case_speak(struct rule_case *c, const char *protocol)
{
	unsigned owner;

	c->is_framing = true;
	c->flow.app = 0;
	for (owner = 1; protocol && owner <= wt_registry_count(); owner++)
		if (strcmp(wt_registry_name(owner), protocol) == 0)
			c->flow.app = (uint16_t)owner;
}

void rule_case_say(struct rule_case *c, enum wt_direction dir, struct wt_slice bytes)
{
	struct wt_moment m = moment_of(c);
	uint8_t *copy = malloc(bytes.len + 1); /* exact, for the address sanitizer */

	if (!copy)
		abort();
	if (bytes.len)
		memcpy(copy, bytes.ptr, bytes.len);
	c->stream.dir[dir].next_seq += (uint32_t)bytes.len;
	(void)c->sink.data(c->sink.self, &c->flow, &c->stream, dir,
			   wt_slice_of(copy, bytes.len), &m);
	free(copy);
}

void rule_case_close(struct rule_case *c)
{
	struct wt_moment m = moment_of(c);

	c->sink.close(c->sink.self, &c->flow, &c->stream, &m);
}

void rule_case_datagram(struct rule_case *c, enum wt_direction dir, struct wt_slice bytes)
{
	struct wt_moment m = moment_of(c);

	c->flow.key.proto = 17;
	c->sink.datagram(c->sink.self, &c->flow, dir, bytes, false, &m);
	c->flow.key.proto = 6;
}

void rule_case_packet(struct rule_case *c, struct wt_slice bytes)
{
	struct wt_moment m = moment_of(c);
	uint8_t *copy = malloc(bytes.len + 1); /* exact, for the address sanitizer */
	struct wt_packet p = { .number = c->number,
			       .ts_ns = c->now_ns,
			       .cap_len = (uint32_t)bytes.len,
			       .wire_len = (uint32_t)bytes.len,
			       .link_type = 101 /* LINKTYPE_RAW */ };

	if (!copy)
		abort();
	memcpy(copy, bytes.ptr, bytes.len);
	p.bytes = copy;
	wt_decode(&p);
	if (p.disposition != WT_DISP_FLOW)
		abort();
	c->flow.key = p.key;
	c->flow.client = p.sender;
	c->flow.n_packets[WT_TO_SERVER]++;
	m.packet = &p;
	wt_matcher_packet(c->matcher, &p, &c->flow, p.key.proto == 6 ? &c->stream : NULL, &m);
	free(copy);
}

void rule_case_event(struct rule_case *c, const char *field, struct wt_slice text,
		     uint64_t number)
{
	struct wt_buffer buffer = { .n_producers = 0 };
	struct wt_event event = { .handle = 0 };
	uint8_t room[8192];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	unsigned owner, i;

	for (owner = 1; owner <= wt_registry_count() && !buffer.n_producers; owner++)
		for (i = 0;; i++) {
			const struct wt_field *row = wt_registry_field(owner, WT_FIELD_OWN + i);

			if (!row)
				break;
			if (strcmp(row->name, field) != 0)
				continue;
			buffer.producer[buffer.n_producers++] =
				(struct wt_producer){ (uint16_t)owner,
						      (uint16_t)(WT_FIELD_OWN + i) };
		}
	if (!buffer.n_producers)
		abort();
	if (text.ptr)
		(void)wt_values_put(&b, buffer.producer[0].field, 0, WT_FORM_PLAIN, text);
	else
		(void)wt_values_put_number(&b, buffer.producer[0].field, 0, number);
	event.values = wt_bld_slice(&b);
	event.head.owner = event.head.app = buffer.producer[0].owner;
	event.head.key = c->flow.key;
	event.head.sender = event.head.client = 1;
	event.head.flow_id = c->flow.id;
	wt_matcher_event(c->matcher, &event);
}

const char *rule_case_alerts(const struct rule_case *c)
{
	return c->alerts;
}
