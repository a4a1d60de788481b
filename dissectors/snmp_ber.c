/* BER for SNMP (snmp_ber.h).
 * Source: ITU-T X.690 8.1, 8.3, 8.19. Trust: bytes are hostile. Memory: none. */
#include "snmp_ber.h"

uint8_t wt_snmp_next(struct wt_reader *r, struct wt_slice *content)
{
	uint8_t tag = wt_rd_u8(r);
	size_t len = wt_rd_u8(r), n;

	if ((tag & 0x1f) == 0x1f || len == 0x80) {
		wt_rd_fail(r, WT_MALFORMED);
	} else if (len > 0x80) {
		n = len & 0x7f;
		if (n > 4)
			wt_rd_fail(r, WT_MALFORMED);
		for (len = 0; n && r->err == WT_OK; n--)
			len = len << 8 | wt_rd_u8(r);
	}
	*content = wt_rd_bytes(r, len);
	return r->err == WT_OK ? tag : 0;
}

struct wt_slice wt_snmp_take(struct wt_reader *r, uint8_t tag)
{
	struct wt_slice content;
	uint8_t found = wt_snmp_next(r, &content);

	if (r->err == WT_OK && found != tag)
		wt_rd_fail(r, WT_MALFORMED);
	return r->err == WT_OK ? content : wt_slice_of(NULL, 0);
}

int64_t wt_snmp_integer(struct wt_reader *r)
{
	struct wt_slice s = wt_snmp_take(r, BER_INTEGER);
	uint64_t value = s.len && s.ptr[0] & 0x80 ? UINT64_MAX : 0;
	size_t i;

	if (r->err == WT_OK && (s.len == 0 || s.len > 8))
		wt_rd_fail(r, WT_MALFORMED);
	for (i = 0; r->err == WT_OK && i < s.len; i++)
		value = value << 8 | s.ptr[i];
	return r->err == WT_OK ? (int64_t)value : 0;
}

void wt_snmp_oid_text(struct wt_slice oid, struct wt_builder *b)
{
	uint64_t arc = 0;
	bool is_first = true;
	size_t i;

	for (i = 0; i < oid.len && !b->is_short; i++) {
		arc = arc << 7 | (oid.ptr[i] & 0x7f);
		if (arc > UINT32_MAX)
			return; /* no identifier of SNMP (RFC 2578 7.1.3) */
		if (oid.ptr[i] & 0x80)
			continue;
		if (is_first) {
			wt_bld_u64(b, arc < 80 ? arc / 40 : 2);
			wt_bld_char(b, '.');
			wt_bld_u64(b, arc < 80 ? arc % 40 : arc - 80);
		} else if (b->cap - b->len >= 11) {
			wt_bld_char(b, '.');
			wt_bld_u64(b, arc);
		} else {
			return;
		}
		is_first = false;
		arc = 0;
	}
}
