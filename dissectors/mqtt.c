/* MQTT: who connects, what is published and subscribed.
 *
 *   type 4 bits, flags 4 bits, remaining length (1 to 4 bytes, 7 bits each), body
 *
 *   CONNECT    00 04 "MQTT" version flags keep-alive [properties] client-id
 *              [will properties, topic, message] [user] [password]
 *   PUBLISH    topic [packet id] [properties] message
 *   SUBSCRIBE  packet id [properties] (filter options)...
 *
 * One unit is a part of a packet: a header, a property, a string. Of strings and
 * messages MQTT_STRING bytes are looked at, the rest is passed over, so no packet is ever
 * buffered. An event is open from the header to the end of its packet.
 * Source: MQTT 3.1; MQTT 3.1.1, MQTT 5.0 (OASIS).
 * Trust: every byte is hostile; lengths are checked against what holds them.
 * Memory: struct mqtt_state per flow, MQTT_STRING and a few bytes per direction. */
#include "mqtt_fields.h"

WT_DECLARE_FIELDS(MQTT_FIELDS)

enum { EVENT_MQTT };

static const struct wt_event_type events[] = {
	[EVENT_MQTT] = { "mqtt", "An MQTT packet that matters; the totals of a connection." },
};

#define FILTERS_MAX 64u /* told of one packet */

enum { FLAG_CLEAN = 0x02, FLAG_WILL = 0x04, FLAG_PASSWORD = 0x40, FLAG_USER = 0x80 };

/* --- parts --- */

static void used(struct mqtt_dir *d, uint32_t len)
{
	d->left -= len;
}

static void used_prop(struct mqtt_dir *d, uint32_t len)
{
	d->left -= len;
	d->props_left -= len;
}

static void begin(struct mqtt_dir *d, struct wt_out *out, struct wt_slice name)
{
	d->event = (uint8_t)wt_event_begin(out, EVENT_MQTT);
	d->is_open = true;
	put_PACKET(out, d->event, name);
}

/* The packet is read to its end. */
static void end(struct mqtt_dir *d, struct wt_out *out)
{
	if (d->is_open) {
		if (d->n_topics)
			put_N_TOPICS(out, d->event, d->n_topics);
		if (d->n_user_properties)
			put_N_USER_PROPERTIES(out, d->event, d->n_user_properties);
		if (d->type == MQTT_SUBSCRIBE)
			put_QOS(out, d->event, d->qos);
		wt_out_commit(out);
	}
	d->is_open = false;
	d->at = MQTT_AT_HEAD;
}

/* Whatever is left of the packet is not looked at. */
static enum wt_verdict pass(struct mqtt_dir *d, struct wt_out *out)
{
	if (d->left)
		wt_out_skip(out, d->left);
	d->left = 0;
	end(d, out);
	return WT_OK;
}

/* --- fixed header --- */

static void begin_publish(struct mqtt_dir *d, struct wt_out *out)
{
	d->n_published++;
	put_QOS(out, d->event, d->flags >> 1 & 3);
	if (d->flags & 1)
		put_IS_RETAINED(out, d->event, true);
	if (d->flags & 8)
		put_IS_DUP(out, d->event, true);
}

static enum wt_verdict head(struct mqtt_dir *d, struct wt_reader *r, struct wt_out *out)
{
	uint8_t first = wt_rd_u8(r);
	uint32_t left, len;
	enum wt_verdict verdict = mqtt_read_varint(r, &left, &len);

	if (!mqtt_are_flags_right(first))
		return WT_MALFORMED;
	if (verdict != WT_OK)
		return verdict;
	d->n_packets++;
	d->left = left;
	d->type = first >> 4;
	d->flags = first & 15;
	d->n_user_properties = d->n_topics = 0;
	d->is_value_due = false;
	d->qos = 0;
	d->at = MQTT_AT_VARIABLE;
	if (!mqtt_name_of(d->type))
		return pass(d, out);
	begin(d, out, wt_slice_text(mqtt_name_of(d->type)));
	if (d->type == MQTT_PUBLISH)
		begin_publish(d, out);
	return d->left ? WT_OK : pass(d, out);
}

/* --- properties (MQTT 5.0 2.2.2.2) --- */

static void put_property(struct mqtt_dir *d, struct wt_out *out, uint8_t id,
			 struct wt_slice text)
{
	switch (id) {
	case 0x03:
		if (wt_line_is_media_type(text))
			put_CONTENT_TYPE(out, d->event, text);
		break;
	case 0x12: /* assigned by the server */
		put_CLIENT_ID(out, d->event, text);
		break;
	case 0x15:
		if (wt_line_is_word(text, WT_LIT("-_")))
			put_AUTH_METHOD(out, d->event, text);
		break;
	case 0x16:
		wt_put_USER_SECRET(out, d->event, text);
		break;
	case 0x1f:
		put_RAW_REASON(out, d->event, text);
		break;
	default:
		break;
	}
}

static enum wt_verdict string_property(struct mqtt_dir *d, struct wt_reader *r,
				       struct wt_out *out, uint8_t id, bool is_pair)
{
	struct mqtt_text t;
	enum wt_verdict verdict = mqtt_read_string(r, out, d->props_left - 1, &t);

	if (verdict != WT_OK)
		return verdict;
	used_prop(d, t.len + 1);
	put_property(d, out, id, t.text);
	if (!is_pair)
		return WT_OK;
	/* the value follows the name, and need not be looked at: as a string of its own */
	d->n_user_properties++;
	d->is_value_due = true;
	return WT_OK;
}

static enum wt_verdict property(struct mqtt_dir *d, struct wt_reader *r, struct wt_out *out)
{
	struct mqtt_text t;
	enum wt_verdict verdict;
	uint32_t value, len;
	uint8_t id;
	char kind;

	if (d->is_value_due) {
		verdict = mqtt_read_string(r, out, d->props_left, &t);
		if (verdict == WT_OK) {
			used_prop(d, t.len);
			d->is_value_due = false;
		}
		return verdict;
	}
	id = wt_rd_u8(r);
	if (r->err != WT_OK)
		return r->err;
	kind = mqtt_property_kind(id);
	if (kind == 's' || kind == 'p')
		return string_property(d, r, out, id, kind == 'p');
	if (kind == 'v') {
		verdict = mqtt_read_varint(r, &value, &len);
		if (verdict != WT_OK)
			return verdict;
	} else {
		len = (uint32_t)kind;
		value = kind == 2 ? wt_rd_u16be(r) : 0;
		wt_rd_skip(r, kind == 2 ? 0 : len);
	}
	if (!kind || len + 1 > d->props_left)
		return WT_MALFORMED;
	if (r->err != WT_OK)
		return r->err;
	used_prop(d, len + 1);
	if (id == 0x23)
		put_TOPIC_ALIAS(out, d->event, value);
	return WT_OK;
}

static enum wt_verdict properties(struct mqtt_state *s, struct mqtt_dir *d, struct wt_reader *r,
				  uint8_t then)
{
	uint32_t value, len;
	enum wt_verdict verdict;

	if (s->version != 5) {
		d->at = then;
		return WT_FOREIGN; /* none here: the caller goes on */
	}
	verdict = mqtt_read_varint(r, &value, &len);
	if (verdict != WT_OK)
		return verdict;
	if (len > d->left || value > d->left - len)
		return WT_MALFORMED;
	used(d, len);
	d->props_left = value;
	d->then = then;
	d->at = value ? MQTT_AT_PROPERTY : then;
	return WT_OK;
}

/* --- packets --- */

static enum wt_verdict connect(struct mqtt_state *s, struct mqtt_dir *d, struct wt_reader *r,
			       struct wt_out *out)
{
	uint32_t len = wt_rd_u16be(r);
	struct wt_slice name = wt_rd_bytes(r, len);
	uint8_t version = wt_rd_u8(r) & 0x7f; /* bridges set the highest bit */
	uint32_t keep_alive;

	if (len > 8 || len + 6 > d->left)
		return WT_MALFORMED;
	d->connect_flags = wt_rd_u8(r);
	keep_alive = wt_rd_u16be(r);
	if (r->err != WT_OK)
		return r->err;
	if (!wt_slice_equal(name, WT_LIT("MQTT")) && !wt_slice_equal(name, WT_LIT("MQIsdp")))
		return WT_MALFORMED;
	s->version = version;
	used(d, len + 6);
	put_VERSION(out, d->event, version);
	put_KEEP_ALIVE(out, d->event, keep_alive);
	put_IS_CLEAN(out, d->event, d->connect_flags & FLAG_CLEAN);
	put_HAS_PASSWORD(out, d->event, d->connect_flags & FLAG_PASSWORD);
	if (!(d->connect_flags & (FLAG_USER | FLAG_PASSWORD)))
		put_IS_ANONYMOUS(out, d->event, true);
	if (d->connect_flags & FLAG_WILL)
		put_HAS_WILL(out, d->event, true);
	d->at = MQTT_AT_PROPERTIES;
	d->then = MQTT_AT_CLIENT_ID;
	return WT_OK;
}

static enum wt_verdict connack(struct mqtt_state *s, struct mqtt_dir *d, struct wt_reader *r,
			       struct wt_out *out)
{
	uint8_t present = wt_rd_u8(r), code = wt_rd_u8(r);

	if (d->left < 2)
		return WT_MALFORMED;
	if (r->err != WT_OK)
		return r->err;
	if (!s->version && d->left > 2)
		s->version = 5;
	used(d, 2);
	put_REASON_CODE(out, d->event, code);
	put_SESSION_PRESENT(out, d->event, present & 1);
	d->at = MQTT_AT_PROPERTIES;
	d->then = MQTT_AT_REST;
	return WT_OK;
}

static enum wt_verdict publish(struct mqtt_dir *d, struct wt_reader *r, struct wt_out *out)
{
	struct mqtt_text t;
	enum wt_verdict verdict = mqtt_read_string(r, out, d->left, &t);

	if (verdict != WT_OK)
		return verdict;
	used(d, t.len);
	put_TOPIC(out, d->event, t.text);
	put_RAW_TOPIC(out, d->event, t.text);
	d->at = d->flags & 6 ? MQTT_AT_ID : MQTT_AT_PROPERTIES;
	d->then = MQTT_AT_MESSAGE;
	return WT_OK;
}

static enum wt_verdict packet_id(struct mqtt_dir *d, struct wt_reader *r, uint8_t then)
{
	if (d->left < 2)
		return WT_MALFORMED;
	(void)wt_rd_u16be(r);
	if (r->err != WT_OK)
		return r->err;
	used(d, 2);
	d->at = MQTT_AT_PROPERTIES;
	d->then = then;
	return WT_OK;
}

/* DISCONNECT and AUTH: a reason code, perhaps properties. */
static enum wt_verdict code_only(struct mqtt_dir *d, struct wt_reader *r, struct wt_out *out)
{
	uint8_t code = wt_rd_u8(r);

	if (r->err != WT_OK)
		return r->err;
	used(d, 1);
	put_REASON_CODE(out, d->event, code);
	d->at = d->left ? MQTT_AT_PROPERTIES : MQTT_AT_REST;
	d->then = MQTT_AT_REST;
	return WT_OK;
}

static enum wt_verdict variable(struct mqtt_state *s, struct mqtt_dir *d, struct wt_reader *r,
				struct wt_out *out)
{
	switch (d->type) {
	case MQTT_CONNECT:
		return connect(s, d, r, out);
	case MQTT_CONNACK:
		return connack(s, d, r, out);
	case MQTT_PUBLISH:
		return publish(d, r, out);
	case MQTT_SUBSCRIBE:
	case MQTT_UNSUBSCRIBE:
		return packet_id(d, r, MQTT_AT_FILTER);
	case MQTT_SUBACK:
		return packet_id(d, r, MQTT_AT_CODES);
	default:
		return code_only(d, r, out);
	}
}

/* --- payloads --- */

/* Which string of CONNECT follows? They stand in this order. */
static uint8_t connect_next(const struct mqtt_state *s, const struct mqtt_dir *d, uint8_t at)
{
	if (at == MQTT_AT_CLIENT_ID && (d->connect_flags & FLAG_WILL))
		return s->version == 5 ? MQTT_AT_WILL_PROPERTIES : MQTT_AT_WILL_TOPIC;
	if (at == MQTT_AT_WILL_TOPIC)
		return MQTT_AT_WILL_MESSAGE;
	if (at < MQTT_AT_USER && (d->connect_flags & FLAG_USER))
		return MQTT_AT_USER;
	if (at < MQTT_AT_PASSWORD && (d->connect_flags & FLAG_PASSWORD))
		return MQTT_AT_PASSWORD;
	return MQTT_AT_REST;
}

static enum wt_verdict connect_string(struct mqtt_state *s, struct mqtt_dir *d,
				      struct wt_reader *r, struct wt_out *out)
{
	struct mqtt_text t;
	enum wt_verdict verdict = mqtt_read_string(r, out, d->left, &t);

	if (verdict != WT_OK)
		return verdict;
	used(d, t.len);
	switch (d->at) {
	case MQTT_AT_CLIENT_ID:
		put_CLIENT_ID(out, d->event, t.text);
		put_RAW_CLIENT_ID(out, d->event, t.text);
		break;
	case MQTT_AT_WILL_TOPIC:
		put_WILL_TOPIC(out, d->event, t.text);
		put_RAW_WILL_TOPIC(out, d->event, t.text);
		break;
	case MQTT_AT_WILL_MESSAGE:
		put_RAW_WILL_MESSAGE(out, d->event, t.text);
		break;
	case MQTT_AT_USER:
		wt_put_USER_NAME(out, d->event, t.text);
		put_RAW_USER(out, d->event, t.text);
		break;
	default:
		wt_put_USER_SECRET(out, d->event, t.text);
		break;
	}
	d->at = connect_next(s, d, d->at);
	return WT_OK;
}

static enum wt_verdict payload(struct mqtt_dir *d, struct wt_reader *r, struct wt_out *out)
{
	uint32_t kept = d->left < MQTT_STRING ? d->left : MQTT_STRING;
	struct wt_slice text = wt_rd_bytes(r, kept);
	const char *kind;

	if (r->err != WT_OK)
		return r->err;
	put_MESSAGE_BYTES(out, d->event, d->left);
	put_RAW_MESSAGE(out, d->event, text);
	kind = wt_file_kind(text);
	if (!kind && text.len && (text.ptr[0] == '{' || text.ptr[0] == '['))
		kind = "json";
	put_MESSAGE_KIND(out, d->event, wt_slice_text(kind));
	used(d, kept);
	return pass(d, out);
}

static enum wt_verdict filter(struct mqtt_dir *d, struct wt_reader *r, struct wt_out *out)
{
	bool is_subscribe = d->type == MQTT_SUBSCRIBE;
	struct mqtt_text t;
	enum wt_verdict verdict;
	uint8_t options = 0;

	/* the options lie behind the string: one of them is looked at only if it is short */
	verdict = mqtt_read_string(r, out, d->left, &t);
	if (verdict != WT_OK)
		return verdict;
	if (is_subscribe && t.len + 1 > d->left)
		return WT_MALFORMED;
	if (t.text.len + 2 == t.len && is_subscribe) {
		options = wt_rd_u8(r);
		if (r->err != WT_OK)
			return r->err;
	} else if (is_subscribe) {
		wt_out_skip(out, (uint64_t)t.len - 2 - t.text.len + 1);
	}
	used(d, t.len + (is_subscribe ? 1 : 0));
	if ((options & 3) > d->qos)
		d->qos = options & 3;
	if (d->n_topics++ >= FILTERS_MAX)
		return WT_OK;
	put_TOPIC(out, d->event, t.text);
	if (!is_subscribe) {
		put_RAW_UNFILTER(out, d->event, t.text);
		return WT_OK;
	}
	put_RAW_FILTER(out, d->event, t.text);
	if (wt_slice_equal(t.text, WT_LIT("#")) || wt_slice_equal(t.text, WT_LIT("+/#")))
		put_IS_WILDCARD(out, d->event, true);
	if (wt_slice_starts(t.text, WT_LIT("$SYS/")))
		put_IS_SYS(out, d->event, true);
	return WT_OK;
}

/* SUBACK: the worst code counts. */
static enum wt_verdict codes(struct mqtt_dir *d, struct wt_reader *r, struct wt_out *out)
{
	uint32_t n = d->left < 64 ? d->left : 64, i;
	struct wt_slice all = wt_rd_bytes(r, n);
	uint8_t worst = 0;

	if (r->err != WT_OK)
		return r->err;
	for (i = 0; i < all.len; i++)
		if (all.ptr[i] > worst)
			worst = all.ptr[i];
	put_REASON_CODE(out, d->event, worst);
	used(d, n);
	return pass(d, out);
}

static enum wt_verdict part(struct mqtt_state *s, struct mqtt_dir *d, struct wt_reader *r,
			    struct wt_out *out)
{
	enum wt_verdict verdict;

	if (d->at == MQTT_AT_PROPERTIES) {
		verdict = properties(s, d, r, d->then);
		if (verdict != WT_FOREIGN)
			return verdict;
	}
	switch (d->at) {
	case MQTT_AT_HEAD:
		return head(d, r, out);
	case MQTT_AT_VARIABLE:
		return variable(s, d, r, out);
	case MQTT_AT_ID:
		return packet_id(d, r, d->then);
	case MQTT_AT_PROPERTY:
		verdict = property(d, r, out);
		if (verdict == WT_OK && !d->props_left)
			d->at = d->then;
		return verdict;
	case MQTT_AT_WILL_PROPERTIES:
		return properties(s, d, r, MQTT_AT_WILL_TOPIC);
	case MQTT_AT_MESSAGE:
		return payload(d, r, out);
	case MQTT_AT_FILTER:
		return filter(d, r, out);
	case MQTT_AT_CODES:
		return codes(d, r, out);
	case MQTT_AT_REST:
		wt_rd_skip(r, 1);
		used(d, 1);
		return pass(d, out);
	default:
		return connect_string(s, d, r, out);
	}
}

/* --- calls of the engine --- */

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	struct mqtt_state *s = state;
	struct mqtt_dir *d = &s->dir[dir];
	enum wt_verdict verdict;

	if (!wt_rd_left(r))
		return WT_MORE;
	if (wt_out_is_resumed(out)) {
		verdict = mqtt_probe(wt_rd_peek(r));
		if (verdict != WT_OK)
			return verdict == WT_MORE ? WT_MORE : WT_MALFORMED;
		d->at = MQTT_AT_HEAD;
		d->is_open = false;
	}
	verdict = part(s, d, r, out);
	if (verdict == WT_MORE)
		return WT_MORE;
	if (verdict != WT_OK) {
		d->at = MQTT_AT_HEAD;
		d->is_open = false;
		return WT_MALFORMED;
	}
	/* the last part was the packet's last */
	if (d->at != MQTT_AT_HEAD && !d->left)
		end(d, out);
	if (d->at == MQTT_AT_HEAD)
		wt_out_message_end(out);
	return WT_OK;
}

static void gap(void *state, enum wt_direction dir, uint64_t lost, struct wt_out *out)
{
	struct mqtt_state *s = state;
	struct mqtt_dir *d = &s->dir[dir];

	(void)lost;
	if (d->is_open)
		end(d, out); /* what is known of it */
	d->at = MQTT_AT_HEAD;
}

static void close_flow(void *state, struct wt_out *out)
{
	struct mqtt_state *s = state;
	struct mqtt_dir *up = &s->dir[WT_TO_SERVER], *down = &s->dir[WT_TO_CLIENT];
	unsigned event;

	if (!up->n_packets && !down->n_packets)
		return;
	event = wt_event_begin(out, EVENT_MQTT);
	put_PACKET(out, event, WT_LIT("totals"));
	put_PACKETS_TOSERVER(out, event, up->n_packets);
	put_PACKETS_TOCLIENT(out, event, down->n_packets);
	put_PUBLISHED_TOSERVER(out, event, up->n_published);
	put_PUBLISHED_TOCLIENT(out, event, down->n_published);
}

const struct wt_dissector wt_mqtt_dissector = {
	.name = "mqtt",
	.title = "MQTT",
	.source = "MQTT 3.1, 3.1.1, 5.0",
	.carriage = WT_OVER_TCP,
	.ports = { 1883, 1884 },
	.probe = mqtt_probe,
	.message = message,
	.gap = gap,
	.close = close_flow,
	.resync = mqtt_resync,
	.state_size = sizeof(struct mqtt_state),
	/* the probe that finds the next packet after a loss looks far */
	.is_framed = true,
	.buffer_max = WT_PROBE_MAX + 64u,
	WT_DISSECTOR_TABLES(events),
};
