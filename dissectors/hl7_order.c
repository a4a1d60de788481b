/* Orders to a pump: RGV^O15 of IHE PCD-03. One pump event per ORC group.
 *
 *   ORC|RE|order||...|nurse         1 control, 2 order number, 19 who
 *   RXG|1|||drug|250||mL|...|100|mL/h|400|mg|||||250|mL
 *          4 drug  5 VTBI 7 unit  15 rate 16 unit  17 strength 18  23 diluent 24
 *   TQ1|1||||||||||||150^min        13 duration
 *   RXR|IV||IVP|IV                  3 pump type, 4 method
 *
 * Source: IHE PCD TF-2 rev 8 3.3; HL7 v2.6 4.5.1 (ORC), 4.14.6 (RXG), 4.5.4 (TQ1).
 * Trust: hostile text. Memory: none beyond hl7_message. */
#include "hl7_parts.h"

static void begin_order(struct hl7_call *c)
{
	unsigned event = WT_EVENT_NONE;

	if (c->m->n_orders < HL7_ORDERS_MAX) {
		c->m->n_orders++;
		event = wt_hl7_event(c, HL7_EVENT_PUMP);
		put_PUMP_REPORT(c->out, event, WT_LIT("programming"));
	} else {
		c->m->flags |= HL7_IS_OVER_CAP;
	}
	c->m->order = (uint8_t)(event + 1);
}

static void put_staff(struct hl7_call *c, const struct hl7_segment *seg, unsigned event)
{
	struct wt_slice id = wt_hl7_part(seg, 19, 1);

	wt_put_USER_NAME(c->out, event, id.len ? id : wt_hl7_part(seg, 19, 2));
}

/* RXG-15 is a rate, a dose rate or a dose: its unit says which. */
static unsigned role_of_unit(struct wt_slice unit)
{
	size_t volume = wt_slice_search(unit, WT_LIT("_L_PER_"));
	bool is_per_time = wt_slice_search(unit, WT_LIT("_PER_HR")) < unit.len ||
			   wt_slice_search(unit, WT_LIT("_PER_MIN")) < unit.len ||
			   wt_slice_search(unit, WT_LIT("_PER_DAY")) < unit.len ||
			   wt_slice_search(unit, WT_LIT("_PER_SEC")) < unit.len ||
			   wt_slice_search(unit, WT_LIT("/h")) < unit.len ||
			   wt_slice_search(unit, WT_LIT("/min")) < unit.len ||
			   wt_slice_search(unit, WT_LIT("/d")) < unit.len ||
			   wt_slice_search(unit, WT_LIT("/s")) < unit.len;

	if (!is_per_time)
		return HL7_ROLE_DOSE;
	if (volume < unit.len || wt_hl7_has_prefix(unit, "ml/") ||
	    wt_hl7_has_prefix(unit, "ul/") || wt_hl7_has_prefix(unit, "l/"))
		return HL7_ROLE_RATE;
	return HL7_ROLE_DOSE_RATE;
}

static void read_rxg(struct hl7_call *c, const struct hl7_segment *seg)
{
	const struct hl7_delims *d = seg->delims;
	struct wt_slice unit = wt_hl7_unit(wt_hl7_column(seg, 16), d);
	unsigned event = c->m->order - 1u;

	put_DRUG_NAME(c->out, event, wt_hl7_column(seg, 4));
	wt_hl7_pump_number(c, event, HL7_ROLE_VTBI, wt_hl7_part(seg, 5, 1),
			   wt_hl7_unit(wt_hl7_column(seg, 7), d));
	wt_hl7_pump_number(c, event, role_of_unit(unit), wt_hl7_part(seg, 15, 1), unit);
	wt_hl7_pump_number(c, event, HL7_ROLE_STRENGTH, wt_hl7_part(seg, 17, 1),
			   wt_hl7_unit(wt_hl7_column(seg, 18), d));
	wt_hl7_pump_number(c, event, HL7_ROLE_DILUENT, wt_hl7_part(seg, 23, 1),
			   wt_hl7_unit(wt_hl7_column(seg, 24), d));
}

/* Seconds of a time unit (UCUM, or code&reference id), 0 unknown. */
static int64_t seconds_of(struct wt_slice unit)
{
	if (wt_hl7_is_word(unit, "min") ||
	    wt_slice_search(unit, WT_LIT("MDC_DIM_MIN")) < unit.len)
		return 60;
	if (wt_hl7_is_word(unit, "h") || wt_hl7_is_word(unit, "hr") ||
	    wt_slice_search(unit, WT_LIT("MDC_DIM_HR")) < unit.len)
		return 3600;
	if (wt_hl7_is_word(unit, "s") || wt_hl7_is_word(unit, "sec") ||
	    wt_slice_search(unit, WT_LIT("MDC_DIM_SEC")) < unit.len)
		return 1;
	return 0;
}

/* TQ1-13: up to three repetitions for hours, minutes and seconds. */
static void read_duration(struct hl7_call *c, const struct hl7_segment *seg)
{
	struct wt_slice rest = wt_hl7_column(seg, 13), repeat;
	int64_t sum = 0, value;
	unsigned n;

	for (n = 0; n < 3 && wt_hl7_repeat(&rest, seg->delims, &repeat); n++) {
		int64_t unit = seconds_of(wt_hl7_component(repeat, seg->delims, 2));

		if (!unit ||
		    !wt_slice_to_decimal(wt_hl7_component(repeat, seg->delims, 1), &value) ||
		    value < 0 || value > INT64_MAX / 4 / unit)
			return;
		sum += value * unit;
	}
	if (sum)
		put_DURATION(c->out, c->m->order - 1u, sum);
}

void wt_hl7_order(struct hl7_call *c, const struct hl7_segment *seg)
{
	bool is_orc = seg->name[0] == 'O';
	unsigned event;

	if (seg->first != 1)
		return;
	if (c->m->kind != HL7_KIND_RGV) {
		if (!is_orc)
			return;
		put_ORDER_CONTROL(c->out, c->m->event, wt_hl7_part(seg, 1, 1));
		put_staff(c, seg, c->m->event);
		return;
	}
	if (is_orc || !c->m->order)
		begin_order(c);
	event = c->m->order - 1u;
	if (is_orc) {
		put_ORDER_CONTROL(c->out, event, wt_hl7_part(seg, 1, 1));
		put_staff(c, seg, event);
	} else if (seg->name[0] == 'T') {
		read_duration(c, seg);
	} else if (seg->name[2] == 'G') {
		read_rxg(c, seg);
	} else {
		put_PUMP_TYPE(c->out, event, wt_hl7_part(seg, 3, 1));
		put_ROUTE_TYPE(c->out, event, wt_hl7_part(seg, 4, 1));
	}
}
