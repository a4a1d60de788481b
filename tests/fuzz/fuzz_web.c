/* Fuzzes HTTP, TLS, SSH and QUIC: two directions in segments, gaps and datagrams. The
 * first byte says which dissector and how the rest is cut; then a list of (control,
 * length, bytes), or one direction whole, which must give the same events in pieces. */
#include <stdlib.h>
#include <string.h>

#define WT_NO_POISON
#include "harness/flow_case.h"
#include "wardtap/dissector.h"

extern const struct wt_dissector wt_http_dissector, wt_tls_dissector, wt_ssh_dissector,
	wt_quic_dissector;
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const struct wt_dissector *const list[4] = {
	&wt_http_dissector,
	&wt_tls_dissector,
	&wt_ssh_dissector,
	&wt_quic_dissector,
};

/* Two flows each, reserved once. */
static struct wt_case *flow(unsigned which, unsigned i)
{
	static struct wt_case *flows[4][2];

	if (!flows[which][i])
		flows[which][i] = wt_case_new(list[which]->name, false, which == 3);
	return flows[which][i];
}

static void mixed(unsigned which, struct wt_slice s)
{
	struct wt_case *f = flow(which, 0);
	bool is_udp = which == 3;

	wt_case_restart(f, s.len && s.ptr[0] & 0x80, is_udp);
	while (s.len > 2) {
		uint8_t control = s.ptr[0];
		size_t n = s.ptr[1] * (control & 0x40 ? 16u : 1u);
		enum wt_direction dir = control & 1 ? WT_TO_CLIENT : WT_TO_SERVER;
		struct wt_slice part = wt_slice_head(wt_slice_tail(s, 2), n);

		s = wt_slice_tail(s, 2 + n);
		if (is_udp)
			wt_case_datagram(f, dir, part, control & 0x10);
		else if ((control & 0x0e) == 0x0e)
			wt_case_gap(f, dir, 1 + n);
		else
			wt_case_feed(f, dir, part);
	}
	wt_case_close(f);
}

/* One direction, whole and in pieces of `step` bytes. */
static void compare(unsigned which, struct wt_slice s, size_t step, enum wt_direction dir)
{
	struct wt_case *cut = flow(which, 1);

	(void)list[which]->probe(wt_slice_head(s, WT_PROBE_MAX));
	wt_case_compare(flow(which, 0), cut, s, step, dir);
	if (wt_case_rest_max(cut) > list[which]->buffer_max)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct wt_slice s = wt_slice_of(bytes, len);
	unsigned which;

	if (!len)
		return 0;
	which = bytes[0] & 3;
	s = wt_slice_tail(s, 1);
	if (which == 3 || bytes[0] & 0x80)
		mixed(which, s);
	else
		compare(which, s, 1u + (bytes[0] >> 2 & 15),
			bytes[0] & 0x40 ? WT_TO_CLIENT : WT_TO_SERVER);
	return 0;
}
