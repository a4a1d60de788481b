/* Observations of devices: what a pump does, what an alarm is about (IHE PCD).
 *
 *   OBX|12|NM|157784^MDC_FLOW_FLUID_PUMP^MDC|1.1.1.1|125|265266^MDC_DIM_MILLI_L_PER_HR^MDC|
 *          2  3 what (code^reference id)     4 MDS.VMD.CHAN.METRIC[.FACET]  5 value  6 unit
 *
 * A pump event is made per place MDS.VMD.CHAN; the numbers of a place are not stable
 * between senders. An alarm event is made per facet 1 of PCD-04.
 * Source: IHE PCD TF-2 rev 8 (PCD-01, PCD-04, B.8), TF-3, IPEC 1.5.
 * Trust: hostile text. Memory: hl7_message.pump. */
#include "hl7_parts.h"

/* Code ranges of IEEE 11073-10101: devices in partition 1, events in partition 3. */
#define CODE_DEV_FIRST 69632u
#define CODE_DEV_LAST 73727u
#define CODE_EVT_FIRST 196608u
#define CODE_EVT_LAST 262143u

/* --- place --- */

/* OBX-4. Other uses of the field (a plain number, text) give an unknown place. */
static struct hl7_path read_path(struct wt_slice s)
{
	struct hl7_path path = { 0 };
	uint32_t number[6] = { 0 };

	while (s.len && path.depth < 6) {
		size_t at = wt_slice_find(s, '.');
		uint64_t value;

		if (!wt_slice_to_u64(wt_slice_head(s, at), &value) || value > UINT32_MAX)
			return (struct hl7_path){ 0 };
		number[path.depth++] = (uint32_t)value;
		s = wt_slice_tail(s, at + 1);
	}
	if (path.depth < 3 || !number[0])
		return (struct hl7_path){ .is_device = path.depth <= 1 };
	path.mds = number[0];
	path.vmd = number[1];
	path.chan = number[2];
	path.is_device = path.depth == 3 || number[3] == 0;
	return path;
}

void wt_hl7_put_containment(struct hl7_call *c, unsigned event, const struct hl7_path *path)
{
	uint8_t room[40];
	struct wt_builder b = wt_builder_of(room, sizeof(room));

	if (!path->mds)
		return;
	wt_bld_u64(&b, path->mds);
	wt_bld_char(&b, '.');
	wt_bld_u64(&b, path->vmd);
	wt_bld_char(&b, '.');
	wt_bld_u64(&b, path->chan);
	put_CONTAINMENT(c->out, event, wt_bld_slice(&b));
}

/* --- values --- */

struct wt_slice wt_hl7_unit(struct wt_slice cwe, const struct hl7_delims *delims)
{
	struct wt_slice first = wt_hl7_component(cwe, delims, 1);
	struct wt_slice second = wt_hl7_component(cwe, delims, 2);
	struct wt_slice other = wt_hl7_component(cwe, delims, 5);
	uint64_t code;

	if (wt_slice_starts(second, WT_LIT("MDC_")))
		return second;
	if (wt_slice_starts(first, WT_LIT("MDC_")) || !wt_slice_to_u64(first, &code))
		return first.len ? first : second;
	return other.len ? other : second.len ? second : first;
}

#define NUMBER(role, id)                                                                       \
	case HL7_ROLE_##role:                                                                  \
		put_##id(c->out, event, value);                                                \
		put_##id##_UNIT(c->out, event, unit);                                          \
		break

void wt_hl7_pump_number(struct hl7_call *c, unsigned event, unsigned role,
			struct wt_slice number, struct wt_slice unit)
{
	int64_t value;

	if (!wt_slice_to_decimal(wt_slice_trim(number, ' '), &value))
		return;
	switch (role) {
		NUMBER(RATE, RATE);
		NUMBER(DOSE_RATE, DOSE_RATE);
		NUMBER(DOSE, DOSE);
		NUMBER(VTBI, VTBI);
		NUMBER(VTBI_REMAIN, VTBI_REMAIN);
		NUMBER(DELIVERED, DELIVERED);
		NUMBER(TIME_REMAIN, TIME_REMAIN);
		NUMBER(LOCKOUT, LOCKOUT);
		NUMBER(STRENGTH, STRENGTH);
		NUMBER(WEIGHT, WEIGHT);
		NUMBER(HEIGHT, HEIGHT);
		NUMBER(DILUENT, DILUENT);
	default:
		break;
	}
}
#undef NUMBER

/* --- pump --- */

/* The pump event of the place at hand, begun when there is none. */
static unsigned get_pump(struct hl7_call *c)
{
	const struct hl7_path *path = &c->m->path;
	struct hl7_message *m = c->m;
	struct hl7_pump *pump;
	struct wt_slice report;
	unsigned i;

	for (i = 0; i < m->n_pumps; i++)
		if (m->pump[i].mds == path->mds && m->pump[i].vmd == path->vmd &&
		    m->pump[i].chan == path->chan)
			return m->pump[i].event;
	if (m->n_pumps == HL7_PUMPS_MAX) {
		m->flags |= HL7_IS_OVER_CAP;
		return WT_EVENT_NONE;
	}
	pump = &m->pump[m->n_pumps++];
	*pump = (struct hl7_pump){ .mds = path->mds, .vmd = path->vmd, .chan = path->chan };
	pump->event = (uint8_t)wt_hl7_event(c, HL7_EVENT_PUMP);
	report = m->kind == HL7_KIND_EVENT ? WT_LIT("event") : WT_LIT("status");
	put_PUMP_REPORT(c->out, pump->event, report);
	wt_hl7_put_containment(c, pump->event, path);
	wt_hl7_link_device(c, pump->event, path->mds, path->vmd);
	return pump->event;
}

static void put_pump_text(struct hl7_call *c, unsigned event, unsigned role,
			  struct wt_slice value)
{
	const struct hl7_delims *d = &c->q->delims;
	uint8_t room[HL7_TEXT_MAX];
	struct wt_slice text = wt_hl7_text(wt_hl7_mdc_text(value, d), d, true, room);

	switch (role) {
	case HL7_ROLE_PUMP_STATUS:
		put_PUMP_STATUS(c->out, event, wt_hl7_token(text));
		break;
	case HL7_ROLE_PUMP_DELIVERY:
		put_PUMP_DELIVERY(c->out, event, wt_hl7_token(text));
		break;
	case HL7_ROLE_PUMP_MODE:
		put_PUMP_MODE(c->out, event, wt_hl7_token(text));
		break;
	case HL7_ROLE_PUMP_SOURCE:
		put_PUMP_ACTIVE_SOURCE(c->out, event, wt_hl7_token(text));
		break;
	case HL7_ROLE_PUMP_REASON:
		put_PUMP_REASON(c->out, event, wt_hl7_token(text));
		break;
	case HL7_ROLE_PUMP_EVENT:
		put_PUMP_EVENT(c->out, event, wt_hl7_token(text));
		break;
	case HL7_ROLE_PUMP_LIBRARY:
		put_PUMP_LIBRARY(c->out, event, text);
		break;
	case HL7_ROLE_PUMP_CARE_AREA:
		put_PUMP_CARE_AREA(c->out, event, text);
		break;
	default:
		put_DRUG_NAME(c->out, event, text);
		break;
	}
}

/* Roles that other devices use as well. */
static bool is_ambiguous(unsigned role)
{
	return role == HL7_ROLE_WEIGHT || role == HL7_ROLE_HEIGHT ||
	       role == HL7_ROLE_PUMP_DRUG || role == HL7_ROLE_PUMP_EVENT;
}

static void read_pump(struct hl7_call *c, const struct hl7_segment *seg, unsigned role)
{
	struct wt_slice rest = wt_hl7_column(seg, 5), repeat;
	unsigned event, n;

	if (is_ambiguous(role) && !(c->m->flags & HL7_HAS_PUMP) &&
	    c->m->kind != HL7_KIND_EVENT && !c->m->order)
		return;
	c->m->flags |= HL7_HAS_PUMP;
	event = c->m->order ? c->m->order - 1u : get_pump(c);
	if (role >= HL7_ROLE_RATE) {
		wt_hl7_pump_number(c, event, role, wt_hl7_part(seg, 5, 1),
				   wt_hl7_unit(wt_hl7_column(seg, 6), seg->delims));
		return;
	}
	for (n = 0; n < HL7_LIST_MAX && wt_hl7_repeat(&rest, seg->delims, &repeat); n++)
		put_pump_text(c, event, role, repeat);
}

/* --- alarm --- */

static unsigned begin_alarm(struct hl7_call *c)
{
	unsigned event = WT_EVENT_NONE;

	if (c->m->n_alarms < HL7_ALARMS_MAX) {
		c->m->n_alarms++;
		event = wt_hl7_event(c, HL7_EVENT_ALARM);
		wt_hl7_put_containment(c, event, &c->m->path);
		wt_hl7_link_device(c, event, c->m->path.mds, c->m->path.vmd);
	} else {
		c->m->flags |= HL7_IS_OVER_CAP;
	}
	c->m->alarm = (uint8_t)(event + 1);
	return event;
}

/* OBX-8 of facet 1 repeats what facets 6 and 7 say. */
static void read_alarm_flags(struct hl7_call *c, const struct hl7_segment *seg, unsigned event)
{
	struct wt_slice rest = wt_hl7_column(seg, 8), repeat;
	unsigned n;

	for (n = 0; n < HL7_LIST_MAX && wt_hl7_repeat(&rest, seg->delims, &repeat); n++) {
		if (repeat.len != 2)
			continue;
		if (repeat.ptr[0] == 'P' && wt_slice_find(WT_LIT("NLMH"), repeat.ptr[1]) < 4)
			put_ALARM_PRIORITY(c->out, event, repeat);
		else if (repeat.ptr[0] == 'S' &&
			 wt_slice_find(WT_LIT("PTA"), repeat.ptr[1]) < 3)
			put_ALARM_TYPE(c->out, event, repeat);
	}
}

static void read_alarm_event(struct hl7_call *c, const struct hl7_segment *seg,
			     struct wt_slice what)
{
	struct wt_slice value = wt_hl7_first_repeat(wt_hl7_column(seg, 5), seg->delims);
	struct wt_slice text = wt_hl7_mdc_text(value, seg->delims);
	struct wt_slice code = wt_hl7_component(value, seg->delims, 1);
	unsigned event = begin_alarm(c);
	uint64_t number;

	if (wt_slice_starts(text, WT_LIT("MDC_")))
		put_ALARM_EVENT(c->out, event, wt_hl7_token(text));
	else if (!wt_hl7_is_word(what, "MDC_EVT_ALARM"))
		put_ALARM_EVENT(c->out, event, wt_hl7_token(what));
	else if (wt_slice_to_u64(code, &number))
		put_ALARM_EVENT(c->out, event, code);
	else
		put_ALARM_EVENT(c->out, event, what);
	read_alarm_flags(c, seg, event);
}

static void read_alarm_facet(struct hl7_call *c, const struct hl7_segment *seg, unsigned role)
{
	unsigned event = c->m->alarm ? c->m->alarm - 1u : begin_alarm(c), n;
	struct wt_slice rest = wt_hl7_column(seg, 5), repeat;

	for (n = 0; n < HL7_LIST_MAX && wt_hl7_repeat(&rest, seg->delims, &repeat); n++) {
		struct wt_slice text = wt_hl7_token(wt_hl7_mdc_text(repeat, seg->delims));

		if (role == HL7_ROLE_ALARM_SOURCE)
			put_ALARM_SOURCE(c->out, event, text);
		else if (role == HL7_ROLE_ALARM_PHASE)
			put_ALARM_PHASE(c->out, event, text);
		else if (role == HL7_ROLE_ALARM_STATE)
			put_ALARM_STATE(c->out, event, text);
		else if (role == HL7_ROLE_ALARM_INACTIVATION)
			put_ALARM_INACTIVATION(c->out, event, text);
		else if (role == HL7_ROLE_ALARM_PRIORITY)
			put_ALARM_PRIORITY(c->out, event, text);
		else
			put_ALARM_TYPE(c->out, event, text);
	}
}

/* --- OBX --- */

/* Text of a device type, where the row stands for a device or part; else empty. */
static struct wt_slice device_type(struct hl7_call *c, struct wt_slice coded,
				   struct wt_slice refid, unsigned role)
{
	struct wt_slice first = wt_hl7_component(coded, &c->q->delims, 1);
	uint64_t code;

	if (role != HL7_ROLE_NONE || !c->m->path.is_device)
		return wt_slice_of(NULL, 0);
	if (wt_slice_starts(refid, WT_LIT("MDC_DEV_")))
		return refid;
	if (!refid.len && wt_slice_to_u64(first, &code) && code >= CODE_DEV_FIRST &&
	    code <= CODE_DEV_LAST &&
	    wt_hl7_is_word(wt_hl7_component(coded, &c->q->delims, 3), "MDC"))
		return first;
	return wt_slice_of(NULL, 0);
}

/* Facet 1 of an alarm by reference id or by code; what it is, else empty. */
static struct wt_slice alarm_event(struct hl7_call *c, struct wt_slice coded,
				   struct wt_slice refid, unsigned role)
{
	struct wt_slice first = wt_hl7_component(coded, &c->q->delims, 1);
	uint64_t code;

	if (role == HL7_ROLE_ALARM_EVENT)
		return WT_LIT("MDC_EVT_ALARM");
	if (c->m->kind != HL7_KIND_ALARM || role != HL7_ROLE_NONE)
		return wt_slice_of(NULL, 0);
	if (wt_slice_starts(refid, WT_LIT("MDC_EVT_")))
		return refid;
	if (!refid.len && wt_slice_to_u64(first, &code) && code >= CODE_EVT_FIRST &&
	    code <= CODE_EVT_LAST)
		return first;
	return wt_slice_of(NULL, 0);
}

static void read_device_row(struct hl7_call *c, const struct hl7_segment *seg,
			    struct wt_slice type)
{
	bool is_pump = wt_hl7_has_prefix(type, "MDC_DEV_PUMP_");

	if (type.len)
		c->m->flags |= HL7_HAS_MDC_DEVICE;
	if (is_pump)
		c->m->flags |= HL7_HAS_PUMP;
	if (type.len || wt_hl7_column(seg, 18).len)
		wt_hl7_obx_device(c, seg, type);
	if (c->m->order && c->m->last_device)
		wt_hl7_link_device(c, c->m->order - 1u, 0, 0);
	if (is_pump && c->m->path.vmd)
		put_PUMP_PART(c->out, get_pump(c), type);
}

/* Text and documents: that they are there, and what they begin with. */
static void read_text(struct hl7_call *c, const struct hl7_segment *seg)
{
	struct wt_slice type = wt_hl7_part(seg, 2, 1);

	if (wt_hl7_is_word(type, "ST") || wt_hl7_is_word(type, "TX") ||
	    wt_hl7_is_word(type, "FT"))
		put_RESULT_TEXT(c->out, c->m->event, wt_hl7_column(seg, 5));
	wt_hl7_abuse_document(c, seg);
}

void wt_hl7_observation(struct hl7_call *c, const struct hl7_segment *seg)
{
	struct wt_slice coded, refid, event;
	unsigned role;

	if (seg->first != 1) { /* what follows a long value */
		if (wt_hl7_column(seg, 18).len)
			wt_hl7_obx_device(c, seg, wt_slice_of(NULL, 0));
		return;
	}
	coded = wt_hl7_first_repeat(wt_hl7_column(seg, 3), seg->delims);
	role = wt_hl7_mdc_role(coded, seg->delims, &refid);
	c->m->path = read_path(wt_hl7_column(seg, 4));
	read_device_row(c, seg, device_type(c, coded, refid, role));
	read_text(c, seg);
	event = alarm_event(c, coded, refid, role);
	if (event.len)
		read_alarm_event(c, seg, event);
	else if (role >= HL7_ROLE_ALARM_SOURCE)
		read_alarm_facet(c, seg, role);
	else if (role >= HL7_ROLE_PUMP_STATUS)
		read_pump(c, seg, role);
	else if (role != HL7_ROLE_NONE)
		wt_hl7_attribute(c, seg, role);
}
