/* DICOM PDUs for tests (dicom_make.h). Source: DICOM PS3.8 9.3, PS3.7 6.3, PS3.5 7. */
#include "harness/dicom_make.h"

#include <stdlib.h>
#include <string.h>

void dm_free(struct dm *m)
{
	free(m->at);
	*m = (struct dm){ 0 };
}

struct wt_slice dm_slice(const struct dm *m)
{
	return wt_slice_of(m->at, m->len);
}

void dm_bytes(struct dm *m, struct wt_slice bytes)
{
	if (!m->at)
		m->at = malloc(DM_MAX);
	if (!m->at || bytes.len > DM_MAX - m->len)
		abort();
	if (bytes.len)
		memcpy(m->at + m->len, bytes.ptr, bytes.len);
	m->len += bytes.len;
}

void dm_u8(struct dm *m, unsigned value)
{
	uint8_t byte = (uint8_t)value;

	dm_bytes(m, wt_slice_of(&byte, 1));
}

void dm_u16(struct dm *m, unsigned value)
{
	dm_u8(m, value >> 8);
	dm_u8(m, value);
}

void dm_u32(struct dm *m, uint32_t value)
{
	dm_u16(m, value >> 16);
	dm_u16(m, value & 0xffff);
}

void dm_u16le(struct dm *m, unsigned value)
{
	dm_u8(m, value);
	dm_u8(m, value >> 8);
}

void dm_u32le(struct dm *m, uint32_t value)
{
	dm_u16le(m, value & 0xffff);
	dm_u16le(m, value >> 16);
}

void dm_text(struct dm *m, const char *text)
{
	dm_bytes(m, wt_slice_of(text, strlen(text)));
}

void dm_fill(struct dm *m, uint8_t byte, size_t len)
{
	while (len--)
		dm_u8(m, byte);
}

size_t dm_pdu(struct dm *m, uint8_t type)
{
	dm_u8(m, type);
	dm_u8(m, 0);
	dm_u32(m, 0);
	return m->len;
}

void dm_pdu_end(struct dm *m, size_t at)
{
	size_t end = m->len, len = end - at;

	m->len = at - 4;
	dm_u32(m, (uint32_t)len);
	m->len = end;
}

size_t dm_item(struct dm *m, uint8_t type)
{
	dm_u8(m, type);
	dm_u8(m, 0);
	dm_u16(m, 0);
	return m->len;
}

void dm_item_end(struct dm *m, size_t at)
{
	size_t end = m->len, len = end - at;

	m->len = at - 2;
	dm_u16(m, (unsigned)len);
	m->len = end;
}

void dm_item_text(struct dm *m, uint8_t type, const char *text)
{
	size_t at = dm_item(m, type);

	dm_text(m, text);
	dm_item_end(m, at);
}

static void title(struct dm *m, const char *text)
{
	dm_text(m, text);
	dm_fill(m, ' ', 16 - strlen(text));
}

void dm_titles(struct dm *m, const char *called, const char *calling)
{
	dm_u16(m, 1);
	dm_u16(m, 0);
	title(m, called);
	title(m, calling);
	dm_fill(m, 0, 32);
}

static void user(struct dm *m, uint32_t max)
{
	size_t at = dm_item(m, 0x50), length = dm_item(m, 0x51);

	dm_u32(m, max);
	dm_item_end(m, length);
	dm_item_text(m, 0x52, "1.2.276.0.7230010.3.0.3.6.7");
	dm_item_text(m, 0x55, "OFFIS_DCMTK_367");
	dm_item_end(m, at);
}

void dm_request(struct dm *m, const char *sop, const char *transfer, unsigned n, uint32_t max)
{
	size_t pdu = dm_pdu(m, 1), at;
	unsigned i;

	dm_titles(m, "ARCHIVE", "MODALITY");
	dm_item_text(m, 0x10, "1.2.840.10008.3.1.1.1");
	for (i = 0; i < n; i++) {
		at = dm_item(m, 0x20);
		dm_u32(m, (2 * i + 1) << 24);
		dm_item_text(m, 0x30, sop);
		dm_item_text(m, 0x40, transfer);
		dm_item_end(m, at);
	}
	user(m, max);
	dm_pdu_end(m, pdu);
}

void dm_accept(struct dm *m, const char *transfer, unsigned n, uint32_t max)
{
	size_t pdu = dm_pdu(m, 2), at;
	unsigned i;

	dm_titles(m, "ARCHIVE", "MODALITY");
	dm_item_text(m, 0x10, "1.2.840.10008.3.1.1.1");
	for (i = 0; i < n; i++) {
		at = dm_item(m, 0x21);
		dm_u32(m, (2 * i + 1) << 24);
		dm_item_text(m, 0x40, transfer);
		dm_item_end(m, at);
	}
	user(m, max);
	dm_pdu_end(m, pdu);
}

void dm_short(struct dm *m, uint8_t type, unsigned a, unsigned b, unsigned c)
{
	size_t pdu = dm_pdu(m, type);

	dm_u8(m, 0);
	dm_u8(m, a);
	dm_u8(m, b);
	dm_u8(m, c);
	dm_pdu_end(m, pdu);
}

void dm_p_data(struct dm *m, uint8_t id, uint8_t bits, struct wt_slice bytes)
{
	size_t pdu = dm_pdu(m, 4);

	dm_u32(m, (uint32_t)bytes.len + 2);
	dm_u8(m, id);
	dm_u8(m, bits);
	dm_bytes(m, bytes);
	dm_pdu_end(m, pdu);
}

void dm_implicit(struct dm *m, uint32_t tag, const char *text)
{
	size_t len = strlen(text);

	dm_u16le(m, tag >> 16);
	dm_u16le(m, tag & 0xffff);
	dm_u32le(m, (uint32_t)(len + len % 2));
	dm_text(m, text);
	dm_fill(m, 0, len % 2);
}

void dm_implicit_u16(struct dm *m, uint32_t tag, unsigned value)
{
	dm_u16le(m, tag >> 16);
	dm_u16le(m, tag & 0xffff);
	dm_u32le(m, 2);
	dm_u16le(m, value);
}

void dm_explicit(struct dm *m, bool is_big, uint32_t tag, const char *vr, const char *text)
{
	void (*put)(struct dm *, unsigned) = is_big ? dm_u16 : dm_u16le;
	size_t len = strlen(text);

	put(m, tag >> 16);
	put(m, tag & 0xffff);
	dm_text(m, vr);
	put(m, (unsigned)(len + len % 2));
	dm_text(m, text);
	dm_fill(m, ' ', len % 2);
}

void dm_command(struct dm *m, uint8_t id, const struct dm_command *c)
{
	struct dm set = { 0 };
	bool is_answer = c->code & 0x8000;

	dm_u32le(&set, 0);
	dm_u32le(&set, 4);
	dm_u32le(&set, 0); /* group length: nobody looks at it */
	if (c->sop_class)
		dm_implicit(&set, 0x0002, c->sop_class);
	dm_implicit_u16(&set, 0x0100, c->code);
	dm_implicit_u16(&set, is_answer || c->code == 0x0fff ? 0x0120 : 0x0110, c->message_id);
	if (c->move_destination)
		dm_implicit(&set, 0x0600, c->move_destination);
	dm_implicit_u16(&set, 0x0800, c->has_dataset ? 0x0001 : 0x0101);
	if (c->status >= 0)
		dm_implicit_u16(&set, 0x0900, (unsigned)c->status);
	if (c->sop_instance)
		dm_implicit(&set, 0x1000, c->sop_instance);
	dm_p_data(m, id, 3, dm_slice(&set));
	dm_free(&set);
}

static void image(struct dm *client)
{
	struct dm set = { 0 };

	dm_explicit(&set, false, 0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.2");
	dm_explicit(&set, false, 0x00080060, "CS", "CT");
	dm_explicit(&set, false, 0x00080070, "LO", "Fictive");
	dm_explicit(&set, false, 0x00081010, "SH", "CT1");
	dm_explicit(&set, false, 0x00081090, "LO", "Scan 64");
	dm_explicit(&set, false, 0x00100010, "PN", "DOE^JANE");
	dm_explicit(&set, false, 0x00100020, "LO", "4711");
	dm_explicit(&set, false, 0x00181000, "LO", "SN-1");
	dm_explicit(&set, false, 0x00181020, "LO", "4.2\\BIOS 7");
	dm_explicit(&set, false, 0x0020000d, "UI", "1.2.3.4");
	dm_text(&set, "\xe0\x7f\x10");
	dm_u8(&set, 0);
	dm_text(&set, "OW");
	dm_u16le(&set, 0);
	dm_u32le(&set, 600);
	dm_fill(&set, 0x04, 600);
	dm_p_data(client, 1, 0, wt_slice_head(dm_slice(&set), 150));
	dm_p_data(client, 1, 2, wt_slice_tail(dm_slice(&set), 150));
	dm_free(&set);
}

void dm_association(struct dm *client, struct dm *server)
{
	const char *ct = "1.2.840.10008.5.1.4.1.1.2";
	struct dm_command store = { .code = 0x0001,
				    .message_id = 7,
				    .sop_class = ct,
				    .sop_instance = "1.2.3.4.5",
				    .has_dataset = true,
				    .status = -1 };
	struct dm_command echo = {
		.code = 0x0030, .message_id = 8, .status = -1, .sop_class = "1.2.840.10008.1.1"
	};

	dm_request(client, ct, "1.2.840.10008.1.2.1", 2, 16384);
	dm_accept(server, "1.2.840.10008.1.2.1", 2, 16384);
	dm_command(client, 1, &store);
	image(client);
	store.code |= 0x8000;
	store.status = 0;
	store.has_dataset = false;
	dm_command(server, 1, &store);
	dm_command(client, 3, &echo);
	echo.code |= 0x8000;
	echo.status = 0x0122;
	dm_command(server, 3, &echo);
	dm_short(client, 5, 0, 0, 0);
	dm_short(server, 6, 0, 0, 0);
}
