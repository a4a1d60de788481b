/* Records in files (segment.h). */
#include "journal/segment.h"

#include <stdio.h>

#define MAGIC UINT32_C(0x72a15e57)

/* CRC-64/XZ, four bits at a time: check value of "123456789" is 995dc9bbdf1939fa. */
static uint64_t table[256];

__attribute__((constructor)) static void fill_table(void)
{
	unsigned i, k;

	for (i = 0; i < 256; i++) {
		uint64_t crc = i;

		for (k = 0; k < 8; k++)
			crc = crc & 1 ? crc >> 1 ^ UINT64_C(0xc96c5795d7870f42) : crc >> 1;
		table[i] = crc;
	}
}

uint64_t wt_crc64(uint64_t crc, struct wt_slice bytes)
{
	size_t i;

	crc = ~crc;
	for (i = 0; i < bytes.len; i++)
		crc = table[(crc ^ bytes.ptr[i]) & 0xff] ^ crc >> 8;
	return ~crc;
}

void wt_segment_name(uint64_t serial, unsigned band, char name[WT_IO_NAME_MAX])
{
	(void)snprintf(name, WT_IO_NAME_MAX, "%016llx-%u.seg", (unsigned long long)serial,
		       band);
}

bool wt_segment_parse(const char *name, uint64_t *serial, unsigned *band)
{
	unsigned i;

	*serial = 0;
	for (i = 0; i < 16; i++) {
		char c = name[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
		*serial = *serial << 4 | (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	if (name[16] != '-' || name[17] < '0' || name[17] >= '0' + (int)WT_BANDS ||
	    strcmp(name + 18, ".seg") != 0)
		return false;
	*band = (unsigned)(name[17] - '0');
	return true;
}

static void put_le(uint8_t *at, uint64_t value, unsigned len)
{
	unsigned i;

	for (i = 0; i < len; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_le(const uint8_t *at, unsigned len)
{
	uint64_t value = 0;

	while (len--)
		value = value << 8 | at[len];
	return value;
}

static uint64_t crc_of(uint64_t serial, const uint8_t *head, struct wt_slice payload)
{
	uint8_t salt[8];
	uint64_t crc;

	put_le(salt, serial, 8);
	crc = wt_crc64(0, wt_slice_of(salt, 8));
	crc = wt_crc64(crc, wt_slice_of(head, 24));
	return wt_crc64(crc, payload);
}

void wt_record_put(struct wt_builder *b, uint64_t serial, uint64_t seq, uint64_t time_ns,
		   struct wt_slice payload)
{
	static const uint8_t zeros[8];
	uint8_t head[WT_RECORD_HEAD];

	put_le(head, MAGIC, 4);
	put_le(head + 4, payload.len, 4);
	put_le(head + 8, seq, 8);
	put_le(head + 16, time_ns, 8);
	put_le(head + 24, crc_of(serial, head, payload), 8);
	wt_bld_bytes(b, wt_slice_of(head, sizeof(head)));
	wt_bld_bytes(b, payload);
	wt_bld_bytes(b, wt_slice_of(zeros, -payload.len & 7));
}

void wt_scan_begin(struct wt_scan *scan, const struct wt_io *io, int file, uint64_t serial)
{
	scan->io = io;
	scan->file = file;
	scan->serial = serial;
	scan->at = scan->next_at = WT_SEGMENT_HEAD;
	scan->skipped = 0;
	scan->window_at = 0;
	scan->window_len = 0;
}

/* `len` bytes of the file at `at`, or NULL where it ends before. */
static const uint8_t *fetch(struct wt_scan *scan, uint64_t at, size_t len, uint64_t size)
{
	if (at > size || len > size - at)
		return NULL;
	if (at < scan->window_at || at + len > scan->window_at + scan->window_len) {
		scan->window_at = at;
		scan->window_len = 0;
		while (scan->window_len < len) {
			int64_t n = scan->io->read(scan->io->self, scan->file,
						   at + scan->window_len,
						   scan->window + scan->window_len,
						   WT_SCAN_WINDOW - scan->window_len);

			if (n <= 0)
				return NULL;
			scan->window_len += (size_t)n;
		}
	}
	return scan->window + (at - scan->window_at);
}

/* Is there an intact record at `at`? */
static bool take_at(struct wt_scan *scan, uint64_t at, uint64_t size)
{
	const uint8_t *head = fetch(scan, at, WT_RECORD_HEAD, size);
	size_t len;

	if (!head || get_le(head, 4) != MAGIC)
		return false;
	len = get_le(head + 4, 4);
	if (len > WT_ALERT_BYTES_MAX)
		return false;
	head = fetch(scan, at, WT_RECORD_HEAD + len, size);
	if (!head)
		return false;
	scan->payload = wt_slice_of(head + WT_RECORD_HEAD, len);
	if (crc_of(scan->serial, head, scan->payload) != get_le(head + 24, 8))
		return false;
	scan->seq = get_le(head + 8, 8);
	scan->time_ns = get_le(head + 16, 8);
	scan->next_at = at + wt_record_room(len);
	return true;
}

bool wt_scan_find(struct wt_scan *scan, uint64_t seq_max)
{
	int64_t size = scan->io->size(scan->io->self, scan->file);
	uint64_t at;

	scan->is_beyond = false;
	if (size < 0)
		return false;
	if (!take_at(scan, scan->at, (uint64_t)size))
		scan->window_len = 0; /* the file may have grown or changed under it */
	for (at = scan->at; at + WT_RECORD_HEAD <= (uint64_t)size; at += 8)
		if (take_at(scan, at, (uint64_t)size)) {
			scan->is_beyond = scan->seq > seq_max;
			if (scan->is_beyond)
				return false;
			scan->skipped += at - scan->at;
			scan->at = at;
			return true;
		}
	return false;
}
