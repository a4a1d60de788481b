/* Unique device identifiers: GS1 (with and without parentheses), HIBCC, ICCBBA.
 *
 *   (01)00614141999996(11)230901(17)280901(10)LOT7(21)SN1     GS1, as people read it
 *   01006141419999961123090117280901 10LOT7<GS>21SN1          GS1, as scanners send it
 *   +H123PRODUCT1/$$3280901LOT7/SSN1/16D20230901C             HIBCC
 *   =/A9999XYZ100T0944=,000025=>014032=}013032&,1LOT          ICCBBA (ISBT 128)
 *
 * Source: IHE PCD TF-2 rev 8 B.10.2; GS1 General Specifications 3 (application
 * identifiers); ANSI/HIBC 2.6; ISBT 128 ST-001; 21 CFR 830.
 * Trust: hostile text. Memory: none. */
#include "hl7_parts.h"

#define GS 0x1d /* FNC1 as transmitted */

static bool is_digits(struct wt_slice s)
{
	uint64_t value;

	return s.len && wt_slice_to_u64(s, &value);
}

/* One application identifier and its value. */
static void put_gs1(struct hl7_call *c, unsigned event, struct wt_slice ai,
		    struct wt_slice value)
{
	if (wt_hl7_is_word(ai, "01"))
		wt_put_DEVICE_UDI_DI(c->out, event, value);
	else if (wt_hl7_is_word(ai, "11"))
		wt_put_DEVICE_MADE(c->out, event, value);
	else if (wt_hl7_is_word(ai, "17"))
		wt_put_DEVICE_EXPIRY(c->out, event, value);
	else if (wt_hl7_is_word(ai, "10"))
		wt_put_DEVICE_LOT(c->out, event, value);
	else if (wt_hl7_is_word(ai, "21") && (c->m->flags & HL7_IS_PERSONAL))
		put_PERSONAL_SERIAL(c->out, event, value);
	else if (wt_hl7_is_word(ai, "21"))
		wt_put_DEVICE_SERIAL(c->out, event, value);
}

static void read_gs1_readable(struct hl7_call *c, unsigned event, struct wt_slice udi)
{
	while (udi.len && udi.ptr[0] == '(') {
		size_t close = wt_slice_find(udi, ')');
		struct wt_slice ai = wt_slice_head(wt_slice_tail(udi, 1), close - 1);
		struct wt_slice value = wt_slice_tail(udi, close + 1);
		size_t len;

		if (close == udi.len)
			return;
		len = wt_slice_find(value, '(');
		put_gs1(c, event, ai, wt_slice_head(value, len));
		udi = wt_slice_tail(value, len);
	}
}

/* Length of an application identifier's value: fixed, or up to GS. */
static size_t gs1_len(struct wt_slice ai, struct wt_slice rest)
{
	if (wt_hl7_is_word(ai, "01"))
		return 14;
	if (ai.ptr[0] == '1' && ai.ptr[1] != '0')
		return 6; /* 11 to 19 are dates */
	return wt_slice_find(rest, GS);
}

static void read_gs1_plain(struct hl7_call *c, unsigned event, struct wt_slice udi)
{
	while (udi.len > 2) {
		struct wt_slice ai = wt_slice_head(udi, 2), rest = wt_slice_tail(udi, 2);
		size_t len = gs1_len(ai, rest);

		if (!is_digits(ai) || len > rest.len)
			return;
		put_gs1(c, event, ai, wt_slice_head(rest, len));
		udi = wt_slice_tail(rest, len);
		if (udi.len && udi.ptr[0] == GS)
			udi = wt_slice_tail(udi, 1);
	}
}

/* What stands before the lot or serial in a secondary HIBCC element: the date. */
static size_t hibcc_date(struct wt_slice s, size_t *date_at)
{
	static const struct {
		char kind;
		uint8_t len;
	} dates[] = {
		{ '2', 6 }, { '3', 6 }, { '4', 8 }, { '5', 5 }, { '6', 7 },
	};
	unsigned i;

	*date_at = 1;
	if (!s.len)
		return 0;
	for (i = 0; i < sizeof(dates) / sizeof(dates[0]); i++)
		if (s.ptr[0] == (uint8_t)dates[i].kind)
			return dates[i].len;
	if (s.ptr[0] == '7')
		return 0;
	*date_at = 0;
	return 4; /* MMYY */
}

static void put_serial(struct hl7_call *c, unsigned event, struct wt_slice value)
{
	put_gs1(c, event, WT_LIT("21"), value);
}

static void read_hibcc_element(struct hl7_call *c, unsigned event, struct wt_slice e)
{
	bool is_serial, has_date = wt_hl7_has_prefix(e, "$$");
	size_t date_at, date_len;

	if (wt_hl7_has_prefix(e, "16D")) {
		wt_put_DEVICE_MADE(c->out, event, wt_slice_head(wt_slice_tail(e, 3), 8));
	} else if (wt_hl7_has_prefix(e, "14D")) {
		wt_put_DEVICE_EXPIRY(c->out, event, wt_slice_head(wt_slice_tail(e, 3), 8));
	} else if (wt_hl7_has_prefix(e, "S")) {
		put_serial(c, event, wt_slice_tail(e, 1));
	} else if (wt_hl7_has_prefix(e, "$")) {
		e = wt_slice_tail(e, has_date ? 2 : 1);
		is_serial = wt_hl7_has_prefix(e, "+");
		e = wt_slice_tail(e, is_serial ? 1 : 0);
		if (wt_hl7_has_prefix(e, "8")) /* quantity of two digits */
			e = wt_slice_tail(e, 3);
		else if (wt_hl7_has_prefix(e, "9")) /* of five */
			e = wt_slice_tail(e, 6);
		if (has_date) {
			date_len = hibcc_date(e, &date_at);
			wt_put_DEVICE_EXPIRY(
				c->out, event,
				wt_slice_head(wt_slice_tail(e, date_at), date_len));
			e = wt_slice_tail(e, date_at + date_len);
		}
		if (is_serial)
			put_serial(c, event, e);
		else
			wt_put_DEVICE_LOT(c->out, event, e);
	}
}

static void read_hibcc(struct hl7_call *c, unsigned event, struct wt_slice udi)
{
	unsigned n = 0;

	udi = wt_slice_tail(udi, 1);
	while (udi.len) {
		size_t len = wt_slice_find(udi, '/');
		struct wt_slice e = wt_slice_head(udi, len);

		udi = wt_slice_tail(udi, len + 1);
		if (!udi.len && e.len) /* the last character of all is a check character */
			e = wt_slice_head(e, e.len - 1);
		if (n++ == 0)
			wt_put_DEVICE_UDI_DI(c->out, event, e);
		else
			read_hibcc_element(c, event, e);
	}
}

static void read_iccbba(struct hl7_call *c, unsigned event, struct wt_slice udi)
{
	while (udi.len) {
		bool is_ampersand = udi.ptr[0] == '&';
		struct wt_slice rest = wt_slice_tail(udi, 1), e;
		size_t len = 0;

		while (len < rest.len && rest.ptr[len] != '=' && rest.ptr[len] != '&')
			len++;
		e = wt_slice_head(rest, len);
		udi = wt_slice_tail(rest, len);
		if (is_ampersand && wt_hl7_has_prefix(e, ",1"))
			wt_put_DEVICE_LOT(c->out, event, wt_slice_tail(e, 2));
		else if (wt_hl7_has_prefix(e, "/"))
			wt_put_DEVICE_UDI_DI(c->out, event, wt_slice_tail(e, 1));
		else if (!is_ampersand && wt_hl7_has_prefix(e, ","))
			put_serial(c, event, wt_slice_tail(e, 1));
		else if (wt_hl7_has_prefix(e, ">"))
			wt_put_DEVICE_EXPIRY(c->out, event, wt_slice_tail(e, 1));
		else if (wt_hl7_has_prefix(e, "}"))
			wt_put_DEVICE_MADE(c->out, event, wt_slice_tail(e, 1));
	}
}

void wt_hl7_udi(struct hl7_call *c, unsigned event, struct wt_slice udi)
{
	if (wt_hl7_has_prefix(udi, "]")) /* symbology identifier of the scanner */
		udi = wt_slice_tail(udi, 3);
	if (!udi.len)
		return;
	put_UDI(c->out, event, udi);
	switch (udi.ptr[0]) {
	case '+':
		wt_put_DEVICE_UDI_ISSUER(c->out, event, WT_LIT("HIBCC"));
		read_hibcc(c, event, udi);
		return;
	case '=':
	case '&':
		wt_put_DEVICE_UDI_ISSUER(c->out, event, WT_LIT("ICCBBA"));
		read_iccbba(c, event, udi);
		return;
	case '(':
		wt_put_DEVICE_UDI_ISSUER(c->out, event, WT_LIT("GS1"));
		read_gs1_readable(c, event, udi);
		return;
	default:
		break;
	}
	if (!is_digits(wt_slice_head(udi, 14)))
		return;
	if (udi.len == 14)
		wt_put_DEVICE_UDI_DI(c->out, event, udi);
	else if (wt_hl7_has_prefix(udi, "01"))
		read_gs1_plain(c, event, udi);
	else
		return;
	wt_put_DEVICE_UDI_ISSUER(c->out, event, WT_LIT("GS1"));
}
