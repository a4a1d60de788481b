/* Fuzzes SMB, DCE/RPC, LDAP, Kerberos, RDP and ONC RPC. The first byte picks the protocol
 * and how the rest is cut: both directions in segments, gaps and datagrams as the input
 * says; or one direction whole and in pieces, which must give the same events. */
#include <stdlib.h>
#include <string.h>

#define WT_NO_POISON
#include "harness/flow_case.h"
#include "wardtap/dissector.h"

extern const struct wt_dissector wt_smb_dissector, wt_dcerpc_dissector, wt_ldap_dissector,
	wt_kerberos_dissector, wt_rdp_dissector, wt_rpc_dissector;
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const struct wt_dissector *const dissectors[] = {
	&wt_smb_dissector,      &wt_dcerpc_dissector, &wt_ldap_dissector,
	&wt_kerberos_dissector, &wt_rdp_dissector,    &wt_rpc_dissector,
};

#define N_DISSECTORS (sizeof(dissectors) / sizeof(dissectors[0]))

/* Two flows of each, reserved once. */
static struct wt_case *flow(unsigned which, unsigned i)
{
	static struct wt_case *flows[N_DISSECTORS][2];

	if (!flows[which][i])
		flows[which][i] = wt_case_new(dissectors[which]->name, false, false);
	return flows[which][i];
}

/* Segments as the input says. */
static void mixed(unsigned which, struct wt_slice s, bool is_udp)
{
	struct wt_case *f = flow(which, 0);

	is_udp = is_udp && dissectors[which]->carriage & WT_OVER_UDP;
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
static void compare(unsigned which, struct wt_slice s, size_t step)
{
	struct wt_case *cut = flow(which, 1);

	(void)dissectors[which]->probe(wt_slice_head(s, WT_PROBE_MAX));
	wt_case_compare(flow(which, 0), cut, s, step, WT_TO_SERVER);
	if (wt_case_rest_max(cut) > dissectors[which]->buffer_max)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct wt_slice s = wt_slice_of(bytes, len);

	if (len < 2)
		return 0;
	if (bytes[1] & 0x20)
		mixed(bytes[0] % N_DISSECTORS, wt_slice_tail(s, 2), bytes[1] & 0x10);
	else
		compare(bytes[0] % N_DISSECTORS, wt_slice_tail(s, 2), 1u + (bytes[1] & 0x1f));
	return 0;
}
