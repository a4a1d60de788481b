/* Fuzzes the HL7 v2 dissector with two directions in segments, gaps and datagrams.
 * The first byte says how the rest is cut: input is a list of (control, length, bytes).
 * Both ways of the stream, whole and cut, must give the same events. */
#include <stdlib.h>
#include <string.h>

#define WT_NO_POISON
#include "harness/flow_case.h"
#include "wardtap/dissector.h"

extern const struct wt_dissector wt_hl7_dissector;
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Two flows, reserved once. */
static struct wt_case *flow(unsigned i)
{
	static struct wt_case *flows[2];

	if (!flows[i])
		flows[i] = wt_case_new("hl7", false, false);
	return flows[i];
}

/* Segments as the input says. */
static void mixed(struct wt_slice s, bool is_udp)
{
	struct wt_case *f = flow(0);

	wt_case_restart(f, s.len && s.ptr[0] & 0x80, is_udp);
	while (s.len > 2) {
		uint8_t control = s.ptr[0];
		size_t n = s.ptr[1] * (control & 0x40 ? 16u : 1u);
		enum wt_direction dir = control & 1 ? WT_TO_CLIENT : WT_TO_SERVER;
		struct wt_slice part = wt_slice_head(wt_slice_tail(s, 2), n);

		s = wt_slice_tail(s, 2 + n);
		if ((control & 0x0e) == 0x0e && !is_udp)
			wt_case_gap(f, dir, 1 + n);
		else if (is_udp)
			wt_case_datagram(f, dir, part, control & 0x10);
		else
			wt_case_feed(f, dir, part);
	}
	wt_case_close(f);
}

/* One direction, whole and in pieces of `step` bytes. */
static void compare(struct wt_slice s, size_t step)
{
	struct wt_case *cut = flow(1);

	(void)wt_hl7_dissector.probe(wt_slice_head(s, WT_PROBE_MAX));
	wt_case_compare(flow(0), cut, s, step, WT_TO_SERVER);
	if (wt_case_rest_max(cut) > wt_hl7_dissector.buffer_max)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct wt_slice s = wt_slice_of(bytes, len);

	if (!len)
		return 0;
	if (bytes[0] & 0x20)
		mixed(wt_slice_tail(s, 1), bytes[0] & 0x10);
	else
		compare(wt_slice_tail(s, 1), 1u + (bytes[0] & 0x1f));
	return 0;
}
