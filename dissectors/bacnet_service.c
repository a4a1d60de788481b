/* Parameters of BACnet services: a row of tagged values, some between an opening and a
 * closing tag. Walked without recursion; only the depth is kept.
 * Source: ANSI/ASHRAE 135-2020 20.2 (encoding), 15 and 16 (services), 21. Trust: every
 * byte is hostile. Memory: struct walk on the stack. */
#include "bacnet_fields.h"

enum kind { KIND_APPLICATION, KIND_CONTEXT, KIND_OPENING, KIND_CLOSING };

enum {
	APP_UNSIGNED = 2,
	APP_STRING = 7,
	APP_ENUMERATED = 9,
	APP_OBJECT = 12,
	OBJECT_DEVICE = 8,
	DEPTH_MAX = 8,
	TOLD_MAX = 32, /* objects and properties of one message */
};

struct tag {
	enum kind kind;
	unsigned number;
	struct wt_slice value;
};

/* The next tag; false at the end and where it is broken. */
static bool next_tag(struct wt_reader *r, struct tag *tag)
{
	uint8_t first = wt_rd_u8(r);
	size_t len = first & 7;

	tag->kind = first & 8 ? KIND_CONTEXT : KIND_APPLICATION;
	tag->number = first >> 4;
	tag->value = wt_slice_of(NULL, 0);
	if (tag->number == 15)
		tag->number = wt_rd_u8(r);
	if (tag->kind == KIND_CONTEXT && len >= 6) {
		tag->kind = len == 6 ? KIND_OPENING : KIND_CLOSING;
		return r->err == WT_OK;
	}
	if (tag->kind == KIND_APPLICATION && tag->number == 1)
		return r->err == WT_OK; /* BOOLEAN: the length is the value */
	if (len == 5) {
		len = wt_rd_u8(r);
		if (len == 254)
			len = wt_rd_u16be(r);
		else if (len == 255)
			len = wt_rd_u32be(r);
	}
	tag->value = wt_rd_bytes(r, len);
	return r->err == WT_OK;
}

static uint64_t number_of(struct wt_slice s)
{
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < s.len && i < 8; i++)
		value = value << 8 | s.ptr[i];
	return value;
}

/* type10 instance22 */
static void put_object(struct wt_out *out, unsigned event, uint32_t id)
{
	static const char *const types[] = {
		"analog_input",
		"analog_output",
		"analog_value",
		"binary_input",
		"binary_output",
		"binary_value",
		"calendar",
		"command",
		"device",
		"event_enrollment",
		"file",
		"group",
		"loop",
		"multi_state_input",
		"multi_state_output",
		"notification_class",
		"program",
		"schedule",
		"averaging",
		"multi_state_value",
		"trend_log",
	};
	uint8_t room[32];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	unsigned type = id >> 22;

	if (type < sizeof(types) / sizeof(types[0]))
		wt_bld_text(&b, types[type]);
	else
		wt_bld_u64(&b, type);
	wt_bld_char(&b, ':');
	wt_bld_u64(&b, id & 0x3fffff);
	put_OBJECT(out, event, wt_bld_slice(&b));
}

/* Character set octet, then text (20.2.9). UCS-2 becomes what it has of Latin-1. */
static struct wt_slice text_of(struct wt_slice value, uint8_t room[64])
{
	struct wt_builder b = wt_builder_of(room, 64);
	uint8_t set = value.len ? value.ptr[0] : 0;
	size_t i;

	value = wt_slice_tail(value, 1);
	if (set != 4)
		return value;
	for (i = 0; i + 1 < value.len && b.len < b.cap; i += 2)
		wt_bld_u8(&b, value.ptr[i] ? '?' : value.ptr[i + 1]);
	return wt_bld_slice(&b);
}

/* --- values of the device object --- */

static void take_fact(struct wt_out *out, unsigned event, unsigned property,
		      const struct tag *tag)
{
	uint8_t room[64];
	struct wt_slice text =
		tag->number == APP_STRING ? text_of(tag->value, room) : wt_slice_of(NULL, 0);

	switch (property) {
	case 12:
	case 44:
		wt_put_DEVICE_SOFTWARE(out, event, text);
		break;
	case 28:
		put_DESCRIPTION(out, event, text);
		break;
	case 58:
		put_LOCATION(out, event, text);
		break;
	case 70:
		wt_put_DEVICE_MODEL(out, event, text);
		break;
	case 77:
		wt_put_DEVICE_STATION(out, event, text);
		break;
	case 120:
		if (tag->number == APP_UNSIGNED)
			put_VENDOR_ID(out, event, number_of(tag->value));
		break;
	case 121:
		wt_put_DEVICE_VENDOR(out, event, text);
		break;
	case 372:
		wt_put_DEVICE_SERIAL(out, event, text);
		break;
	default:
		break;
	}
}

/* --- objects and properties --- */

struct walk {
	struct wt_out *out;
	unsigned event;
	bool is_multiple, is_ack;
	unsigned depth, value_depth; /* where a property's value lies */
	uint32_t object;
	unsigned property, n_told, n_errors;
	bool has_value; /* its first one is taken, others are lists */
	bool is_error;  /* [5] in a list of answers: class and code instead */
};

static void take_object(struct walk *w, struct wt_slice value)
{
	if (value.len != 4)
		return;
	w->object = (uint32_t)number_of(value);
	if (w->n_told++ < TOLD_MAX)
		put_object(w->out, w->event, w->object);
	if (w->is_ack && w->object >> 22 == OBJECT_DEVICE)
		put_DEVICE_INSTANCE(w->out, w->event, w->object & 0x3fffff);
}

static void take_property(struct walk *w, struct wt_slice value)
{
	w->property = value.len <= 4 ? (unsigned)number_of(value) : 0;
	w->has_value = false;
	if (w->n_told++ < TOLD_MAX)
		put_PROPERTY(w->out, w->event, w->property);
}

static void take_context(struct walk *w, const struct tag *tag)
{
	/* a property is [1] of a single request, [0] in a list of them, [2] in its answer */
	unsigned property = !w->is_multiple ? 1 : w->is_ack ? 2 : 0;

	if (w->depth == 0 && tag->number == 0)
		take_object(w, tag->value);
	else if (w->depth == (w->is_multiple ? 1u : 0u) && tag->number == property)
		take_property(w, tag->value);
	else if (!w->is_multiple && !w->is_ack && w->depth == 0 && tag->number == 4)
		put_PRIORITY(w->out, w->event, number_of(tag->value));
}

/* Class, then code. */
static void take_error(struct walk *w, const struct tag *tag)
{
	if (tag->number != APP_ENUMERATED)
		return;
	if (w->n_errors++ == 0)
		put_ERROR_CLASS(w->out, w->event, number_of(tag->value));
	else
		put_ERROR_CODE(w->out, w->event, number_of(tag->value));
}

static void take_objects(struct walk *w, struct wt_reader *r)
{
	uint8_t room[64];
	struct tag tag;

	w->value_depth = w->is_multiple ? 2 : 1;
	while (wt_rd_left(r) && next_tag(r, &tag)) {
		if (tag.kind == KIND_OPENING && w->depth + 1 == w->value_depth)
			w->is_error = w->is_multiple && w->is_ack && tag.number == 5;
		if (tag.kind == KIND_OPENING && ++w->depth > DEPTH_MAX)
			break;
		if (tag.kind == KIND_CLOSING && w->depth-- == 0)
			break;
		if (tag.kind == KIND_CONTEXT)
			take_context(w, &tag);
		if (tag.kind != KIND_APPLICATION || w->depth != w->value_depth || w->has_value)
			continue;
		if (w->is_error) {
			take_error(w, &tag);
			continue;
		}
		w->has_value = true;
		if (w->is_ack && w->property == 77 && tag.number == APP_STRING)
			put_OBJECT_NAME(w->out, w->event, text_of(tag.value, room));
		if (w->is_ack && w->object >> 22 == OBJECT_DEVICE)
			take_fact(w->out, w->event, w->property, &tag);
	}
	if (w->depth > DEPTH_MAX || (wt_rd_left(r) && r->err == WT_OK))
		wt_out_glitch(w->out, "unbalanced_tags");
	else if (r->err == WT_MALFORMED)
		wt_out_glitch(w->out, "broken_tag");
}

/* --- control --- */

/* [0] duration or state, [1] state or password, [2] password */
static void take_control(struct wt_reader *r, unsigned service, struct wt_out *out,
			 unsigned event)
{
	unsigned state = service == BACNET_COMMUNICATION ? 1 : 0;
	struct tag tag;

	while (wt_rd_left(r) && next_tag(r, &tag)) {
		if (tag.kind != KIND_CONTEXT)
			continue;
		if (tag.number == state)
			put_CONTROL_STATE(out, event, number_of(tag.value));
		else if (tag.number == state + 1)
			wt_put_USER_SECRET(out, event, wt_slice_tail(tag.value, 1));
	}
}

void wt_bacnet_confirmed(struct wt_reader *r, unsigned service, bool is_ack, struct wt_out *out,
			 unsigned event)
{
	struct walk w = { .out = out, .event = event, .is_ack = is_ack };

	switch (service) {
	case BACNET_READ:
	case BACNET_WRITE:
		take_objects(&w, r);
		break;
	case BACNET_READ_MULTIPLE:
	case BACNET_WRITE_MULTIPLE:
		w.is_multiple = true;
		take_objects(&w, r);
		break;
	case BACNET_COMMUNICATION:
	case BACNET_REINITIALIZE:
		take_control(r, service, out, event);
		break;
	default:
		break;
	}
}

/* --- unconfirmed --- */

static void take_i_am(struct wt_reader *r, struct wt_out *out, unsigned event)
{
	struct tag tag[4];
	unsigned i;

	for (i = 0; i < 4; i++)
		if (!next_tag(r, &tag[i]) || tag[i].kind != KIND_APPLICATION)
			return;
	if (tag[0].number != APP_OBJECT || tag[1].number != APP_UNSIGNED ||
	    tag[2].number != APP_ENUMERATED || tag[3].number != APP_UNSIGNED)
		return;
	put_object(out, event, (uint32_t)number_of(tag[0].value));
	put_DEVICE_INSTANCE(out, event, number_of(tag[0].value) & 0x3fffff);
	put_MAX_APDU(out, event, number_of(tag[1].value));
	put_SEGMENTATION(out, event, number_of(tag[2].value));
	put_VENDOR_ID(out, event, number_of(tag[3].value));
}

static void take_i_have(struct wt_reader *r, struct wt_out *out, unsigned event)
{
	uint8_t room[64];
	struct tag tag;
	bool is_first = true;

	while (wt_rd_left(r) && next_tag(r, &tag)) {
		if (tag.number == APP_OBJECT && tag.value.len == 4) {
			if (is_first)
				put_DEVICE_INSTANCE(out, event,
						    number_of(tag.value) & 0x3fffff);
			is_first = false;
			put_object(out, event, (uint32_t)number_of(tag.value));
		} else if (tag.number == APP_STRING) {
			put_OBJECT_NAME(out, event, text_of(tag.value, room));
			return;
		}
	}
}

/* [0] low, [1] high, [2] object, [3] name */
static void take_who(struct wt_reader *r, struct wt_out *out, unsigned event)
{
	uint8_t room[64];
	struct tag tag;

	while (wt_rd_left(r) && next_tag(r, &tag)) {
		if (tag.kind != KIND_CONTEXT)
			return;
		if (tag.number == 0)
			put_RANGE_LOW(out, event, number_of(tag.value));
		else if (tag.number == 1)
			put_RANGE_HIGH(out, event, number_of(tag.value));
		else if (tag.number == 2 && tag.value.len == 4)
			put_object(out, event, (uint32_t)number_of(tag.value));
		else if (tag.number == 3)
			put_OBJECT_NAME(out, event, text_of(tag.value, room));
		else
			return;
	}
}

void wt_bacnet_unconfirmed(struct wt_reader *r, unsigned service, struct wt_out *out,
			   unsigned event)
{
	if (service == BACNET_I_AM)
		take_i_am(r, out, event);
	else if (service == BACNET_I_HAVE)
		take_i_have(r, out, event);
	else if (service == BACNET_WHO_HAS || service == BACNET_WHO_IS)
		take_who(r, out, event);
}

void wt_bacnet_error(struct wt_reader *r, struct wt_out *out, unsigned event)
{
	struct tag class, code;

	if (!next_tag(r, &class) || !next_tag(r, &code) || class.number != APP_ENUMERATED ||
	    code.number != APP_ENUMERATED)
		return;
	put_ERROR_CLASS(out, event, number_of(class.value));
	put_ERROR_CODE(out, event, number_of(code.value));
}
