/* Segments of the journal: how records lie in a file, and how they are found again.
 *
 *   name    SSSSSSSSSSSSSSSS-B.seg: serial number in hex, band (0..3, by severity)
 *   file    64 bytes for people and tools ("wardtap journal 1\n", zeros), then records,
 *           each at a multiple of 8
 *   record  u32 magic, u32 length, u64 sequence, u64 time, u64 CRC-64 of the serial
 *           number, of the 24 bytes before and of the payload; payload; zeros
 *
 * A record counts when its CRC does, wherever it lies: a torn or lost write hides no
 * other record. The serial number in the CRC keeps old bytes of a reused block out.
 * Source: CRC-64/XZ (ECMA-182, reflected). Trust: files are hostile (anything may have
 * happened to the disk). Memory: one window per scan. */
#ifndef JOURNAL_SEGMENT_H
#define JOURNAL_SEGMENT_H

#include "journal/io.h"
#include "wardtap/alert.h"

#define WT_BANDS 4u
#define WT_SEGMENT_HEAD 64u
#define WT_RECORD_HEAD 32u
#define WT_SCAN_WINDOW 65536u

uint64_t wt_crc64(uint64_t crc, struct wt_slice bytes);

/* 1..10 -> 0..3; the highest is for the safety of patients. */
static inline unsigned wt_band_of(unsigned severity)
{
	return severity >= 9 ? 3 : severity >= 7 ? 2 : severity >= 4 ? 1 : 0;
}

static inline size_t wt_record_room(size_t payload_len)
{
	return WT_RECORD_HEAD + ((payload_len + 7) & ~(size_t)7);
}

void wt_segment_name(uint64_t serial, unsigned band, char name[WT_IO_NAME_MAX]);
WT_MUST_USE bool wt_segment_parse(const char *name, uint64_t *serial, unsigned *band);

/* Writes one record (wt_record_room bytes). */
void wt_record_put(struct wt_builder *b, uint64_t serial, uint64_t seq, uint64_t time_ns,
		   struct wt_slice payload);

/* The intact records of one file, from `at` on. */
struct wt_scan {
	const struct wt_io *io;
	int file;
	uint64_t serial, at;
	uint64_t skipped; /* bytes passed over to reach intact records */
	bool is_beyond;   /* the next one is above seq_max */
	/* the record at hand */
	uint64_t seq, time_ns, next_at;
	struct wt_slice payload; /* in the window */
	uint64_t window_at;
	size_t window_len;
	uint8_t window[WT_SCAN_WINDOW];
};

void wt_scan_begin(struct wt_scan *scan, const struct wt_io *io, int file, uint64_t serial);

/* The first intact record at or behind scan->at whose sequence is not above `seq_max`.
 * Does not move: set at = next_at to go on. False: none now. */
WT_MUST_USE bool wt_scan_find(struct wt_scan *scan, uint64_t seq_max);

#endif
