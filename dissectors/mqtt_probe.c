/* Which bytes are MQTT: where packets begin, what their parts look like.
 * Source: MQTT 3.1.1 and 5.0, 2.1 and 3. Trust: every byte is hostile. Memory: none. */
#include "mqtt_fields.h"

/* Remaining length: 1 to 4 bytes. WT_MORE or WT_MALFORMED otherwise. */
enum wt_verdict mqtt_read_varint(struct wt_reader *r, uint32_t *value, uint32_t *len)
{
	unsigned shift = 0;
	uint8_t byte;

	*value = *len = 0;
	do {
		byte = wt_rd_u8(r);
		if (r->err != WT_OK)
			return r->err;
		*value |= (uint32_t)(byte & 0x7f) << shift;
		shift += 7;
		++*len;
	} while ((byte & 0x80) && shift < 28);
	return byte & 0x80 ? WT_MALFORMED : WT_OK;
}

/* Flags that the type demands (MQTT 5.0 2.1.3). */
bool mqtt_are_flags_right(uint8_t first)
{
	unsigned type = first >> 4, flags = first & 15;

	if (type == 0)
		return false;
	if (type == MQTT_PUBLISH)
		return (flags & 6) != 6;
	return flags ==
	       (type == MQTT_PUBREL || type == MQTT_SUBSCRIBE || type == MQTT_UNSUBSCRIBE ? 2
											  : 0);
}

/* "MQTT" 3.1.1 and 5, "MQIsdp" 3.1, with their version. */
static enum wt_verdict see_connect(struct wt_slice body, uint32_t left)
{
	static const char *const names[] = { "\0\4MQTT\4", "\0\4MQTT\5", "\0\6MQIsdp\3" };
	static const size_t lens[] = { 7, 7, 9 };
	enum wt_verdict best = WT_FOREIGN;
	size_t i;

	if (left < 12)
		return WT_FOREIGN;
	for (i = 0; i < 3; i++) {
		struct wt_slice name = wt_slice_of(names[i], lens[i]);

		if (!wt_slice_equal(wt_slice_head(body, name.len),
				    wt_slice_head(name, body.len)))
			continue;
		if (body.len >= name.len)
			return WT_OK;
		best = WT_MORE;
	}
	return best;
}

/* A whole CONNACK: of 3.1.1 two bytes, of 5 with properties that fill it. */
static enum wt_verdict see_connack(struct wt_slice body, uint32_t left)
{
	if (left < 2 || left > 127 || (body.len > 0 && body.ptr[0] > 1))
		return WT_FOREIGN;
	if (body.len > 1 && (left == 2 ? body.ptr[1] > 5 : body.ptr[1] && body.ptr[1] < 0x80))
		return WT_FOREIGN;
	if (body.len < (left == 2 ? 2 : 3))
		return WT_MORE;
	return left == 2 || body.ptr[2] == left - 3 ? WT_OK : WT_FOREIGN;
}

/* Topics of machines: printable, with a level, without wildcards. */
static enum wt_verdict see_topic(struct wt_slice body, uint32_t left, bool is_filter)
{
	struct wt_reader r = wt_reader_of(body, WT_MORE);
	uint32_t len = wt_rd_u16be(&r), i;
	struct wt_slice topic;

	if (r.err != WT_OK)
		return body.len && body.ptr[0] > 1 ? WT_FOREIGN : WT_MORE;
	if (len < 3 || len > 512 || len + 2 > left)
		return WT_FOREIGN;
	topic = wt_slice_head(wt_rd_peek(&r), len);
	for (i = 0; i < topic.len; i++)
		if (!wt_line_is_print(topic.ptr[i]) || topic.ptr[i] == ' ' ||
		    (!is_filter && (topic.ptr[i] == '#' || topic.ptr[i] == '+')))
			return WT_FOREIGN;
	if (topic.len < len)
		return WT_MORE;
	return wt_slice_find(topic, '/') < len ? WT_OK : WT_FOREIGN;
}

/* The packet behind this one: flags and length are those of its type. */
static enum wt_verdict see_next(struct wt_slice body, uint32_t left)
{
	struct wt_reader r = wt_reader_of(wt_slice_tail(body, left), WT_MORE);
	uint8_t first = wt_rd_u8(&r);
	uint32_t next, len;
	enum wt_verdict verdict;

	if (left >= WT_PROBE_MAX - 16)
		return WT_FOREIGN;
	if (r.err != WT_OK)
		return WT_MORE;
	if (!mqtt_are_flags_right(first))
		return WT_FOREIGN;
	verdict = mqtt_read_varint(&r, &next, &len);
	if (verdict != WT_OK)
		return verdict == WT_MORE ? WT_MORE : WT_FOREIGN;
	switch (first >> 4) {
	case MQTT_PUBLISH:
		return see_topic(wt_rd_peek(&r), next, false);
	case MQTT_PUBACK:
	case MQTT_PUBREC:
	case MQTT_PUBREL:
	case MQTT_PUBCOMP:
		return next == 2 || next == 3 || next == 4 ? WT_OK : WT_FOREIGN;
	case MQTT_PINGREQ:
	case MQTT_PINGRESP:
		return next == 0 ? WT_OK : WT_FOREIGN;
	case MQTT_DISCONNECT:
		return next <= 2 ? WT_OK : WT_FOREIGN;
	case MQTT_SUBSCRIBE:
	case MQTT_SUBACK:
		return next >= 3 && next < 1024 ? WT_OK : WT_FOREIGN;
	default:
		return WT_FOREIGN;
	}
}

enum wt_verdict mqtt_probe(struct wt_slice head)
{
	struct wt_reader r = wt_reader_of(head, WT_MORE);
	uint8_t first = wt_rd_u8(&r);
	uint32_t left, len;
	enum wt_verdict verdict;
	struct wt_slice body;

	if (!head.len)
		return WT_MORE;
	if (!mqtt_are_flags_right(first))
		return WT_FOREIGN;
	if (first >> 4 != MQTT_CONNECT && first >> 4 != MQTT_CONNACK &&
	    first >> 4 != MQTT_PUBLISH && first >> 4 != MQTT_SUBSCRIBE)
		return WT_FOREIGN;
	verdict = mqtt_read_varint(&r, &left, &len);
	if (verdict != WT_OK)
		return verdict == WT_MORE ? WT_MORE : WT_FOREIGN;
	body = wt_rd_peek(&r);
	switch (first >> 4) {
	case MQTT_CONNECT:
		return see_connect(body, left);
	case MQTT_CONNACK:
		verdict = see_connack(body, left);
		break;
	case MQTT_PUBLISH:
		verdict = see_topic(body, left, false);
		break;
	default: /* SUBSCRIBE of 3.1.1, where its first filter stands behind the id */
		if (left < 6 || left > 2048)
			return WT_FOREIGN;
		verdict = body.len < 3 ? WT_MORE
				       : see_topic(wt_slice_tail(body, 2), left - 2, true);
		break;
	}
	/* of the server, and in the middle of a stream, one packet proves little */
	return verdict == WT_OK ? see_next(body, left) : verdict;
}

/* As far as three bytes tell: of the types that the probe takes, only SUBSCRIBE has
 * anything but 0 to 2 behind a length of one byte. Text is full of the first bytes. */
static bool may_begin(struct wt_slice s)
{
	unsigned type = s.ptr[0] >> 4;

	if (type != MQTT_CONNECT && type != MQTT_CONNACK && type != MQTT_PUBLISH)
		return type == MQTT_SUBSCRIBE;
	return s.len < 3 || (s.ptr[1] & 0x80) || s.ptr[2] <= 2;
}

size_t mqtt_resync(struct wt_slice rest)
{
	size_t i;

	for (i = 0; i < rest.len; i++)
		if (may_begin(wt_slice_tail(rest, i)) && mqtt_are_flags_right(rest.ptr[i]) &&
		    mqtt_probe(wt_slice_tail(rest, i)) != WT_FOREIGN)
			return i;
	return rest.len;
}

/* u16 length and as much of the string as is looked at; the rest will be passed over.
 * `room` is what the packet has left for it. Nothing is consumed on WT_MORE. */
enum wt_verdict mqtt_read_string(struct wt_reader *r, struct wt_out *out, uint32_t room,
				 struct mqtt_text *t)
{
	struct wt_reader start = *r;
	uint32_t len = wt_rd_u16be(r), kept;

	if (room < 2)
		return WT_MALFORMED;
	if (r->err != WT_OK)
		return r->err;
	if (len + 2 > room)
		return WT_MALFORMED;
	kept = len < MQTT_STRING ? len : MQTT_STRING;
	t->text = wt_rd_bytes(r, kept);
	if (r->err != WT_OK) {
		*r = start;
		return WT_MORE;
	}
	t->len = len + 2;
	if (len > kept)
		wt_out_skip(out, len - kept);
	return WT_OK;
}

const char *mqtt_name_of(uint8_t type)
{
	switch (type) {
	case MQTT_CONNECT:
		return "connect";
	case MQTT_CONNACK:
		return "connack";
	case MQTT_PUBLISH:
		return "publish";
	case MQTT_SUBSCRIBE:
		return "subscribe";
	case MQTT_SUBACK:
		return "suback";
	case MQTT_UNSUBSCRIBE:
		return "unsubscribe";
	case MQTT_DISCONNECT:
		return "disconnect";
	case MQTT_AUTH:
		return "auth";
	default: /* only counted */
		return NULL;
	}
}

/* Kind of the value by identifier: bytes of a number, or 's' string, 'p' pair, 'v'
 * variable; 0: there is no such property. */
char mqtt_property_kind(uint8_t id)
{
	static const char kinds[0x2b] = {
		[0x01] = 1,   [0x02] = 4,   [0x03] = 's', [0x08] = 's', [0x09] = 's',
		[0x0b] = 'v', [0x11] = 4,   [0x12] = 's', [0x13] = 2,   [0x15] = 's',
		[0x16] = 's', [0x17] = 1,   [0x18] = 4,   [0x19] = 1,   [0x1a] = 's',
		[0x1c] = 's', [0x1f] = 's', [0x21] = 2,   [0x22] = 2,   [0x23] = 2,
		[0x24] = 1,   [0x25] = 1,   [0x26] = 'p', [0x27] = 4,   [0x28] = 1,
		[0x29] = 1,   [0x2a] = 1,
	};

	return id < sizeof(kinds) ? kinds[id] : 0;
}
