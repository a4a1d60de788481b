/* Zones: names that the operator gives to networks. Not stored: what the configuration
 * says now holds for all that is known.
 * Trust: the operator's. Memory: a copy of the table. */
#include "base/memory.h"
#include "observe/inner.h"

void wt_inv_zones_take(struct wt_inventory *inv, const struct wt_zone *zone, unsigned n)
{
	unsigned i;

	if (!n)
		return;
	inv->zone = wt_memory_reserve(n * sizeof(*zone));
	for (i = 0; i < n; i++)
		wt_zones_insert(inv->zone, i, &zone[i]);
	inv->n_zones = n;
}

void wt_inv_zones_free(struct wt_inventory *inv)
{
	if (inv->zone)
		wt_memory_release(inv->zone, inv->n_zones * sizeof(*inv->zone));
	inv->zone = NULL;
	inv->n_zones = 0;
}

const char *wt_inventory_zone_of(const struct wt_inventory *inv, uint8_t ip_version,
				 const struct wt_addr *addr)
{
	const struct wt_zone *zone = wt_zones_find(inv->zone, inv->n_zones, ip_version, addr);

	return zone ? zone->name : "";
}

/* The zone of a key that is an address, "" of others. */
static const char *zone_of_key(const struct wt_inventory *inv, const struct key *k)
{
	struct wt_addr addr = { { 0 } };

	if ((k->kind != WT_KEY_IPV4 && k->kind != WT_KEY_IPV6) || k->len > sizeof(addr.octet))
		return "";
	memcpy(addr.octet, k->bytes, k->len);
	return wt_inventory_zone_of(inv, k->kind == WT_KEY_IPV4 ? 4 : 6, &addr);
}

struct met {
	const char *zone;
	uint64_t last_ns;
};

/* Into its place by the latest address; the one that is oldest makes room. */
static unsigned meet(struct met *met, unsigned n, const char *zone, uint64_t last_ns)
{
	unsigned i, k;

	for (i = 0; i < n; i++)
		if (!strcmp(met[i].zone, zone))
			break;
	if (i == n && n < WT_DEVICE_ZONES_MAX)
		n++;
	else if (i == n && met[n - 1].last_ns < last_ns)
		i = n - 1;
	else if (i == n || met[i].last_ns >= last_ns)
		return n;
	for (k = i; k && met[k - 1].last_ns < last_ns; k--)
		met[k] = met[k - 1];
	met[k] = (struct met){ zone, last_ns };
	return n;
}

unsigned wt_inventory_zones(const struct wt_inventory *inv, uint32_t node,
			    const char *zone[WT_DEVICE_ZONES_MAX])
{
	struct met met[WT_DEVICE_ZONES_MAX + 1];
	uint32_t list[DEVICE_NODES_MAX], at;
	struct wt_device_view device;
	unsigned n_list, n = 0, i;

	if (!inv->n_zones || !wt_inventory_device(inv, node, &device))
		return 0;
	n_list = wt_inv_device_nodes(inv, device.node, list);
	for (i = 0; i < n_list; i++)
		for (at = node_at(inv, list[i])->keys; at; at = key_at(inv, at)->node_next) {
			const struct key *k = key_at(inv, at);
			const char *name = zone_of_key(inv, k);

			if (*name)
				n = meet(met, n, name, k->last_ns);
		}
	for (i = 0; i < n; i++)
		zone[i] = met[i].zone;
	return n;
}
