/* Fuzzes the dissectors of text and file transfer (ftp, telnet, smtp, sip, tftp, vnc,
 * mqtt, file) with two directions in segments, gaps and datagrams. The first byte
 * chooses the dissector, the second how the rest is cut, which is a list of (control,
 * length, bytes). One direction, whole and cut, must give the same events. */
#include <stdlib.h>
#include <string.h>

#define WT_NO_POISON
#include "harness/flow_case.h"
#include "wardtap/dissector.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const struct {
	const char *name;
	bool is_udp;
} targets[] = {
	{ "ftp", false }, { "telnet", false }, { "smtp", false }, { "sip", false },
	{ "sip", true },  { "tftp", true },    { "vnc", false },  { "mqtt", false },
	{ "file", false },
};
#define N_TARGETS (sizeof(targets) / sizeof(targets[0]))

/* Two flows of each, reserved once. */
static struct wt_case *flow(unsigned target, unsigned i)
{
	static struct wt_case *flows[N_TARGETS][2];

	if (!flows[target][i])
		flows[target][i] = wt_case_new(targets[target].name, false,
					       targets[target].is_udp);
	return flows[target][i];
}

/* Segments as the input says. */
static void mixed(unsigned target, struct wt_slice s, bool is_midstream)
{
	struct wt_case *f = flow(target, 0);
	bool is_udp = targets[target].is_udp;

	wt_case_restart(f, is_midstream && !is_udp, is_udp);
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
static void compare(unsigned target, struct wt_slice s, size_t step, enum wt_direction dir)
{
	wt_case_compare(flow(target, 0), flow(target, 1), s, step, dir);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct wt_slice s = wt_slice_of(bytes, len);
	unsigned target;

	if (len < 3)
		return 0;
	target = bytes[0] % N_TARGETS;
	s = wt_slice_tail(s, 2);
	if ((bytes[1] & 0x20) || targets[target].is_udp)
		mixed(target, s, bytes[1] & 0x10);
	else
		compare(target, s, 1u + (bytes[1] & 0x0f),
			bytes[1] & 0x40 ? WT_TO_CLIENT : WT_TO_SERVER);
	return 0;
}
