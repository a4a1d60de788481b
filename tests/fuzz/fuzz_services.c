/* Fuzzes the dissectors of DHCP, DHCPv6, NTP, syslog and RADIUS with datagrams, and
 * syslog with streams. The first byte says which. A stream, whole and cut, must give the
 * same events. */
#include <stdlib.h>
#include <string.h>

#define WT_NO_POISON
#include "harness/flow_case.h"
#include "wardtap/dissector.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
extern const struct wt_dissector wt_dhcp_dissector, wt_dhcpv6_dissector, wt_ntp_dissector,
	wt_syslog_dissector, wt_radius_dissector;

enum { N_KINDS = 5, STREAM_WHOLE = N_KINDS, STREAM_CUT, N_CASES };

static struct wt_case *flow(unsigned i)
{
	static const struct wt_dissector *const all[N_KINDS] = {
		&wt_dhcp_dissector,   &wt_dhcpv6_dissector, &wt_ntp_dissector,
		&wt_syslog_dissector, &wt_radius_dissector,
	};
	static struct wt_case *flows[N_CASES];

	if (!flows[i])
		flows[i] =
			wt_case_new(i < N_KINDS ? all[i]->name : "syslog", false, i < N_KINDS);
	wt_case_restart(flows[i], false, i < N_KINDS);
	return flows[i];
}

static void datagram(unsigned kind, struct wt_slice s, bool is_clipped)
{
	struct wt_case *f = flow(kind);
	size_t n;

	(void)wt_dhcp_dissector.probe(s);
	(void)wt_dhcpv6_dissector.probe(s);
	(void)wt_ntp_dissector.probe(s);
	(void)wt_syslog_dissector.probe(s);
	(void)wt_radius_dissector.probe(s);
	wt_case_datagram(f, WT_TO_SERVER, s, is_clipped);
	for (n = 1; n < s.len && n < 16; n++)
		wt_case_datagram(f, WT_TO_CLIENT, wt_slice_head(s, s.len - n), is_clipped);
	wt_case_close(f);
}

static void stream(struct wt_slice s, size_t step)
{
	struct wt_case *cut = flow(STREAM_CUT);

	(void)wt_syslog_dissector.probe(wt_slice_head(s, WT_PROBE_MAX));
	wt_case_compare(flow(STREAM_WHOLE), cut, s, step, WT_TO_SERVER);
	if (wt_case_rest_max(cut) > wt_syslog_dissector.buffer_max)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct wt_slice s = wt_slice_of(bytes, len);

	if (!len)
		return 0;
	if (bytes[0] % 6 == 5)
		stream(wt_slice_tail(s, 1), 1u + bytes[0] / 6);
	else
		datagram(bytes[0] % 6, wt_slice_tail(s, 1), bytes[0] & 0x80);
	return 0;
}
