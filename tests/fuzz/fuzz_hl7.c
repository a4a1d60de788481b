/* Fuzzes the HL7 v2 dissector with two directions in segments, gaps and datagrams.
 * The first byte says how the rest is cut: input is a list of (control, length, bytes).
 * Both ways of the stream, whole and cut, must give the same events. */
#include <stdlib.h>
#include <string.h>

#include "harness/fake_engine.h"

extern const struct wt_dissector wt_hl7_dissector;
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Segments as the input says. */
static void mixed(struct wt_slice s)
{
	struct wt_fake *f = wt_fake_new(&wt_hl7_dissector);

	if (s.len && s.ptr[0] & 0x80)
		wt_fake_set_resumed(f);
	while (s.len > 2) {
		uint8_t control = s.ptr[0];
		size_t n = s.ptr[1] * (control & 0x40 ? 16u : 1u);
		enum wt_direction dir = control & 1 ? WT_TO_CLIENT : WT_TO_SERVER;
		struct wt_slice part = wt_slice_head(wt_slice_tail(s, 2), n);

		s = wt_slice_tail(s, 2 + n);
		if ((control & 0x0e) == 0x0e)
			wt_fake_gap(f, dir, 1 + n);
		else if ((control & 0x0e) == 0x0c)
			wt_fake_datagram(f, dir, part, control & 0x10);
		else
			wt_fake_feed(f, dir, part);
	}
	wt_fake_close(f);
	wt_fake_free(f);
}

/* One direction, whole and in pieces of `step` bytes. */
static void compare(struct wt_slice s, size_t step)
{
	struct wt_fake *whole = wt_fake_new(&wt_hl7_dissector);
	struct wt_fake *cut = wt_fake_new(&wt_hl7_dissector);
	size_t at;

	(void)wt_hl7_dissector.probe(wt_slice_head(s, WT_PROBE_MAX));
	wt_fake_feed(whole, WT_TO_SERVER, s);
	wt_fake_close(whole);
	for (at = 0; at < s.len; at += step)
		wt_fake_feed(cut, WT_TO_SERVER, wt_slice_head(wt_slice_tail(s, at), step));
	wt_fake_close(cut);
	if (strcmp(wt_fake_text(whole), wt_fake_text(cut)) != 0)
		abort();
	if (wt_fake_rest_max(cut) > wt_hl7_dissector.buffer_max)
		abort();
	wt_fake_free(whole);
	wt_fake_free(cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct wt_slice s = wt_slice_of(bytes, len);

	if (!len)
		return 0;
	if (bytes[0] & 0x20)
		mixed(wt_slice_tail(s, 1));
	else
		compare(wt_slice_tail(s, 1), 1u + (bytes[0] & 0x1f));
	return 0;
}
