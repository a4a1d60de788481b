/* DICOM against any bytes, by the engine's own rules. The first byte chooses: bit 0
 * the flow was joined mid-stream, bit 1 it must be found by its probe. What follows
 * are segments: two octets (bit 15 direction, bit 14 bytes lost instead of seen, the
 * others the length), then the bytes.
 * Besides crashes: the same bytes, cut again at other places, must make the same
 * events, and what the engine keeps back stays small. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/bench.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define HELD_MAX (2u * (1024u + 32768u + 129u))

struct segment {
	enum wt_direction dir;
	bool is_lost;
	struct wt_slice bytes;
};

static bool next_segment(struct wt_reader *r, struct segment *segment)
{
	uint16_t head = wt_rd_u16be(r);
	size_t len = head & 0x3fff;

	if (r->err != WT_OK)
		return false;
	if (len > wt_rd_left(r))
		len = wt_rd_left(r);
	segment->dir = head & 0x8000 ? WT_TO_CLIENT : WT_TO_SERVER;
	segment->is_lost = head & 0x4000;
	segment->bytes = wt_rd_bytes(r, len);
	return true;
}

/* `step`: cut each segment into pieces of so many bytes; 0: leave it whole. */
static char *run(struct wt_bench *b, struct wt_slice input, bool is_midstream, size_t step)
{
	struct wt_reader r = wt_reader_of(input, WT_MORE);
	struct segment segment;
	size_t len;
	char *text;

	wt_bench_restart(b, is_midstream);
	while (next_segment(&r, &segment)) {
		if (segment.is_lost && segment.bytes.len) {
			wt_bench_lose(b, segment.dir, segment.bytes.len);
			continue;
		}
		while (segment.bytes.len) {
			size_t piece =
				step && step < segment.bytes.len ? step : segment.bytes.len;

			wt_bench_feed(b, segment.dir, wt_slice_head(segment.bytes, piece));
			segment.bytes = wt_slice_tail(segment.bytes, piece);
		}
	}
	wt_bench_close(b);
	if (wt_bench_peak(b) > HELD_MAX)
		abort();
	len = strlen(wt_bench_text(b)) + 1;
	text = malloc(len);
	if (!text)
		abort();
	memcpy(text, wt_bench_text(b), len);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct wt_bench *owned, *probed;
	struct wt_slice input = wt_slice_of(bytes, len);
	char *whole, *pieces;
	uint8_t mode;

	if (!owned) {
		owned = wt_bench_new("dicom", false);
		probed = wt_bench_new("dicom", true);
	}
	if (len < 1 || len > 1u << 16)
		return 0;
	mode = bytes[0];
	input = wt_slice_tail(input, 1);
	if (mode & 2) {
		free(run(probed, input, mode & 1, 0));
		return 0;
	}
	whole = run(owned, input, mode & 1, 0);
	pieces = run(owned, input, mode & 1, 1 + (mode >> 2) % 13);
	if (strcmp(whole, pieces) != 0) {
		fprintf(stderr, "whole:\n%s\npieces:\n%s\n", whole, pieces);
		abort();
	}
	free(whole);
	free(pieces);
	return 0;
}
