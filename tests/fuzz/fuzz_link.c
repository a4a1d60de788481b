/* Fuzzes the dissectors of frames and ICMPv6 messages. The first byte says which carriage
 * and whether the capture was cut. Every prefix is tried too: each lies in an allocation
 * of its exact size. */
#define WT_NO_POISON
#include "harness/flow_case.h"
#include "wardtap/dissector.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void send(struct wt_case *f, uint8_t control, struct wt_slice s)
{
	static const uint16_t types[] = { 0x0806, 0x8035, 0x88cc, 0, 0x2000 };
	unsigned kind = control % 6;

	if (kind == 5)
		wt_case_icmp6(f, s, control & 0x80);
	else
		wt_case_frame(f, types[kind], s, control & 0x80);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct wt_case *f;
	struct wt_slice s = wt_slice_of(bytes, len);
	size_t n;

	if (!f)
		f = wt_case_new("arp", false, true);
	if (!len)
		return 0;
	wt_case_restart(f, false, true);
	s = wt_slice_tail(s, 1);
	send(f, bytes[0], s);
	for (n = 1; n < s.len && n < 64; n++)
		send(f, bytes[0], wt_slice_head(s, s.len - n));
	wt_case_close(f);
	return 0;
}
