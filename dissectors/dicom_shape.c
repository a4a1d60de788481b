/* What a DICOM PDU looks like from outside: for the probe, and to find the next PDU
 * after a loss. Strict, because binary protocols begin with small numbers too
 * (Cassandra 1 to 4, TPKT 3, SOCKS 5): each kind is held to its lengths and to fields
 * whose values the standard fixes.
 *
 *   01/02  00 len=68.. | version 00 01, 00 00 | called AE 16 | calling AE 16 | 32 | item
 *   03     00 00000004 | 00 result source reason
 *   04     00 len      | pdv len, context (odd), bits 0..3 | command: group length element
 *   05/06  00 00000004 | 00 00 00 00
 *   07     00 00000004 | 00 00 source reason
 *
 * Source: DICOM PS3.8 (2024) 9.3; PS3.7 6.3.1 and E.1 (group length comes first).
 * Trust: all bytes are hostile. Memory: none. */
#include "dicom_state.h"

/* PS3.8 9.3.4 and 9.3.8: no reason has a greater number */
#define REASON_MAX 7u

static enum wt_verdict shape_of_title(struct wt_reader *r)
{
	struct wt_slice title = wt_rd_bytes(r, 16);
	size_t i;

	for (i = 0; i < title.len; i++)
		if ((title.ptr[i] < ' ' || title.ptr[i] > '~') && title.ptr[i] != 0)
			return WT_FOREIGN;
	return r->err;
}

/* The fixed part and the type of the first item. */
static enum wt_verdict shape_of_associate(struct wt_reader *r, uint32_t len)
{
	static const uint8_t start[] = { 0, 1, 0, 0 }; /* version 1, reserved */
	uint8_t item;
	unsigned i;

	if (len < DICOM_FIXED_LEN - DICOM_HEAD_LEN || len > DICOM_ASSOC_MAX)
		return WT_FOREIGN;
	for (i = 0; i < sizeof(start); i++) {
		uint8_t octet = wt_rd_u8(r);

		if (r->err != WT_OK)
			return r->err;
		if (octet != start[i])
			return WT_FOREIGN;
	}
	if (shape_of_title(r) == WT_FOREIGN || shape_of_title(r) == WT_FOREIGN)
		return WT_FOREIGN;
	if (len == DICOM_FIXED_LEN - DICOM_HEAD_LEN)
		return r->err;
	wt_rd_skip(r, 32);
	item = wt_rd_u8(r);
	if (r->err != WT_OK)
		return r->err;
	return item == 0x10 || item == 0x20 || item == 0x21 || item == 0x50 ? WT_OK
									    : WT_FOREIGN;
}

static enum wt_verdict shape_of_p_data(struct wt_reader *r, uint32_t len)
{
	uint32_t pdv_len = wt_rd_u32be(r);
	uint8_t id, bits;
	uint32_t tag, length;

	if (len < 6 || len > DICOM_P_DATA_MAX)
		return WT_FOREIGN;
	if (r->err != WT_OK)
		return r->err;
	if (pdv_len < 2 || pdv_len > len - 4)
		return WT_FOREIGN;
	id = wt_rd_u8(r);
	bits = wt_rd_u8(r);
	if (r->err != WT_OK)
		return r->err;
	if (id % 2 == 0 || bits > 3)
		return WT_FOREIGN;
	if (!(bits & 1)) /* data: the only fragment, of even length as data sets are */
		return pdv_len == len - 4 && pdv_len % 2 == 0 && pdv_len > 2 ? WT_OK
									     : WT_FOREIGN;
	if (pdv_len < 10 || (pdv_len != len - 4 && len - 4 - pdv_len < 6))
		return WT_FOREIGN;
	tag = wt_rd_u32le(r);
	length = wt_rd_u32le(r);
	if (r->err != WT_OK)
		return r->err;
	return tag == 0 && length == 4 ? WT_OK : WT_FOREIGN;
}

static enum wt_verdict shape_of_short(struct wt_reader *r, uint8_t pdu, uint32_t len)
{
	uint8_t body[4];
	unsigned i;

	if (len != 4)
		return WT_FOREIGN;
	for (i = 0; i < 4; i++)
		body[i] = wt_rd_u8(r);
	if (r->err != WT_OK)
		return r->err;
	if (body[0] != 0)
		return WT_FOREIGN;
	if (pdu == DICOM_ASSOCIATE_RJ)
		return body[1] >= 1 && body[1] <= 2 && body[2] >= 1 && body[2] <= 3 &&
				       body[3] >= 1 && body[3] <= REASON_MAX
			       ? WT_OK
			       : WT_FOREIGN;
	if (pdu == DICOM_ABORT)
		return body[1] == 0 && body[2] <= 2 && body[3] < REASON_MAX ? WT_OK
									    : WT_FOREIGN;
	return body[1] == 0 && body[2] == 0 && body[3] == 0 ? WT_OK : WT_FOREIGN;
}

enum wt_verdict dicom_shape(struct wt_slice head)
{
	struct wt_reader r = wt_reader_of(head, WT_MORE);
	uint8_t pdu = wt_rd_u8(&r), reserved;
	uint32_t len;

	if (r.err != WT_OK)
		return WT_MORE;
	if (pdu < DICOM_ASSOCIATE_RQ || pdu > DICOM_ABORT)
		return WT_FOREIGN;
	reserved = wt_rd_u8(&r);
	if (reserved != 0)
		return WT_FOREIGN;
	len = wt_rd_u32be(&r);
	if (r.err != WT_OK)
		return WT_MORE;
	switch (pdu) {
	case DICOM_ASSOCIATE_RQ:
	case DICOM_ASSOCIATE_AC:
		return shape_of_associate(&r, len);
	case DICOM_P_DATA:
		return shape_of_p_data(&r, len);
	default:
		return shape_of_short(&r, pdu, len);
	}
}

size_t dicom_shape_search(struct wt_slice rest)
{
	size_t at;

	for (at = 0; at < rest.len; at++)
		if (rest.ptr[at] >= DICOM_ASSOCIATE_RQ && rest.ptr[at] <= DICOM_ABORT &&
		    (at + 1 == rest.len || rest.ptr[at + 1] == 0) && /* the octet behind it */
		    dicom_shape(wt_slice_tail(rest, at)) != WT_FOREIGN)
			break;
	return at;
}
