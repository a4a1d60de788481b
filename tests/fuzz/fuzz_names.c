/* Fuzzes the dissectors of names and device inventories: the first byte says which, the
 * second how a stream is cut. Of streams, the whole and the cut one must give the same
 * events; datagrams go in alone, and once more as cut by the snap length. */
#include <stdlib.h>
#include <string.h>

#define WT_NO_POISON
#include "harness/flow_case.h"
#include "wardtap/dissector.h"

extern const struct wt_dissector wt_dns_dissector, wt_mdns_dissector, wt_llmnr_dissector,
	wt_nbns_dissector, wt_ssdp_dissector, wt_wsd_dissector, wt_snmp_dissector,
	wt_bacnet_dissector, wt_modbus_dissector;
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const struct wt_dissector *const all[] = {
	&wt_dns_dissector,  &wt_mdns_dissector,   &wt_llmnr_dissector,
	&wt_nbns_dissector, &wt_ssdp_dissector,   &wt_wsd_dissector,
	&wt_snmp_dissector, &wt_bacnet_dissector, &wt_modbus_dissector,
};
#define N_ALL (sizeof(all) / sizeof(all[0]))

/* Two flows of each, reserved once. */
static struct wt_case *flow(size_t which, unsigned i)
{
	static struct wt_case *flows[N_ALL][2];

	if (!flows[which][i])
		flows[which][i] = wt_case_new(all[which]->name, false, false);
	return flows[which][i];
}

static void datagrams(size_t which, struct wt_slice s)
{
	struct wt_case *f = flow(which, 0);

	wt_case_restart(f, false, true);
	wt_case_datagram(f, WT_TO_SERVER, s, false);
	wt_case_datagram(f, WT_TO_CLIENT, s, true);
	wt_case_close(f);
}

static void compare(size_t which, struct wt_slice s, uint8_t control)
{
	struct wt_case *cut = flow(which, 1);

	wt_case_compare(flow(which, 0), cut, s, 1u + (control & 0x1f),
			control & 0x80 ? WT_TO_CLIENT : WT_TO_SERVER);
	if (wt_case_rest_max(cut) > all[which]->buffer_max)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct wt_slice s = wt_slice_tail(wt_slice_of(bytes, len), 2);
	size_t which;

	if (len < 2)
		return 0;
	which = bytes[0] % N_ALL;
	(void)all[which]->probe(wt_slice_head(s, WT_PROBE_MAX));
	if ((all[which]->carriage & WT_OVER_UDP) && !(bytes[1] & 0x40))
		datagrams(which, s);
	else if (all[which]->carriage & WT_OVER_TCP)
		compare(which, s, bytes[1]);
	return 0;
}
