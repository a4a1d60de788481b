/* Meaning of coded values of IEEE 11073-10101. Senders leave codes out, write 0 for
 * those not assigned, swap code and reference id or add a digit, so the reference id
 * is asked first and the code second.
 * Source: IHE PCD TF-2 rev 8 B.8, TF-3 rev 8. Trust: hostile text. Memory: none. */
#include "hl7_parts.h"

const struct hl7_mdc_row wt_hl7_mdc[] = {
#define R(refid_, code_, role_) { .refid = refid_, .code = code_, .role = HL7_ROLE_##role_ },
#include "hl7_mdc.tab.h"
#undef R
};
const unsigned wt_hl7_n_mdc = sizeof(wt_hl7_mdc) / sizeof(wt_hl7_mdc[0]);

/* Like memcmp of `s` and the text of a row. */
static int compare(struct wt_slice s, const char *text)
{
	size_t i;

	for (i = 0; i < s.len && text[i]; i++)
		if (s.ptr[i] != (uint8_t)text[i])
			return s.ptr[i] < (uint8_t)text[i] ? -1 : 1;
	if (i < s.len)
		return 1;
	return text[i] ? -1 : 0;
}

static unsigned role_of_refid(struct wt_slice refid)
{
	unsigned low = 0, high = wt_hl7_n_mdc;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;
		int order = compare(refid, wt_hl7_mdc[middle].refid);

		if (order == 0)
			return wt_hl7_mdc[middle].role;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return HL7_ROLE_NONE;
}

static unsigned role_of_code(uint64_t code)
{
	unsigned i;

	for (i = 0; code && i < wt_hl7_n_mdc; i++)
		if (wt_hl7_mdc[i].code == code)
			return wt_hl7_mdc[i].role;
	return HL7_ROLE_NONE;
}

unsigned wt_hl7_mdc_role(struct wt_slice coded, const struct hl7_delims *delims,
			 struct wt_slice *refid)
{
	struct wt_slice first = wt_slice_trim(wt_hl7_component(coded, delims, 1), ' ');
	struct wt_slice second = wt_slice_trim(wt_hl7_component(coded, delims, 2), ' ');
	struct wt_slice system = wt_slice_trim(wt_hl7_component(coded, delims, 3), ' ');
	struct wt_slice number = first;
	unsigned role;
	uint64_t code;

	*refid = wt_slice_of(NULL, 0);
	if (wt_slice_starts(second, WT_LIT("MDC_")))
		*refid = second;
	else if (wt_slice_starts(first, WT_LIT("MDC_")))
		*refid = first;
	if (refid->len && refid->ptr == first.ptr)
		number = second;
	role = role_of_refid(*refid);
	if (role != HL7_ROLE_NONE || !wt_slice_to_u64(number, &code))
		return role;
	/* a number of another coding system means something else */
	if (!refid->len && system.len && !wt_hl7_is_word(system, "MDC"))
		return HL7_ROLE_NONE;
	return role_of_code(code);
}

struct wt_slice wt_hl7_mdc_text(struct wt_slice coded, const struct hl7_delims *delims)
{
	struct wt_slice second = wt_hl7_component(coded, delims, 2);
	struct wt_slice first = wt_hl7_component(coded, delims, 1);

	if (wt_slice_starts(first, WT_LIT("MDC_")) || !second.len)
		return first;
	return second;
}
