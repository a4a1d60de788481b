/* The table of beginnings (shortlist.h).
 * Trust: octets are hostile. Memory: the caller's. */
#include "dissect/shortlist.h"
#include "wardtap/registry.h"
#define WT_NO_POISON
#include "wardtap/dissector.h"

/* A protocol that begins with more octets than this is not asked about second ones:
 * there is little to win, and start-up would pay for it. */
#define FIRSTS_MAX 96u

_Static_assert(WT_SHORTLIST_PORTS > 64 * WT_PORTS_MAX,
	       "ports of 64 dissectors, and a free place");

static bool is_refused(const struct wt_dissector *dissector, uint8_t first, uint8_t second,
		       size_t len)
{
	const uint8_t head[2] = { first, second };

	return dissector->probe(wt_slice_of(head, len)) == WT_FOREIGN;
}

static void allow_all(uint64_t table[256], uint64_t bit)
{
	unsigned i;

	for (i = 0; i < 256; i++)
		table[i] |= bit;
}

/* Second octets after any of the first ones. False when they cannot be told: then no
 * octet followed one of the first, which means that the probe judges by length. */
static bool find_seconds(struct wt_shortlist *list, const struct wt_dissector *dissector,
			 uint64_t bit)
{
	unsigned first, second, n;

	for (first = 0; first < 256; first++) {
		if (!(list->first[first] & bit))
			continue;
		for (second = n = 0; second < 256; second++) {
			if (is_refused(dissector, (uint8_t)first, (uint8_t)second, 2))
				continue;
			list->second[second] |= bit;
			n++;
		}
		if (n == 0)
			return false;
	}
	return true;
}

static void find_beginnings(struct wt_shortlist *list, unsigned owner)
{
	const struct wt_dissector *dissector = wt_registry_dissector(owner);
	uint64_t bit = UINT64_C(1) << (owner - 1);
	unsigned i, n = 0;

	for (i = 0; i < 256; i++) {
		if (is_refused(dissector, (uint8_t)i, 0, 1))
			continue;
		list->first[i] |= bit;
		n++;
	}
	if (n == 0) /* a probe of datagrams that judges by length: of use for none */
		allow_all(list->first, bit);
	if (n == 0 || n > FIRSTS_MAX || !find_seconds(list, dissector, bit))
		allow_all(list->second, bit);
}

/* The place of a port, or the free one where it would be. */
static unsigned place_of(const struct wt_shortlist *list, uint16_t port)
{
	unsigned at = port * 40503u % WT_SHORTLIST_PORTS;

	while (list->port[at] && list->port[at] != port)
		at = (at + 1) % WT_SHORTLIST_PORTS;
	return at;
}

static void add_ports(struct wt_shortlist *list, unsigned owner)
{
	const struct wt_dissector *dissector = wt_registry_dissector(owner);
	unsigned i, at;

	for (i = 0; i < WT_PORTS_MAX && dissector->ports[i]; i++) {
		at = place_of(list, dissector->ports[i]);
		list->port[at] = dissector->ports[i];
		list->of_port[at] |= UINT64_C(1) << (owner - 1);
	}
}

static void make(struct wt_shortlist *list)
{
	unsigned owner;

	*list = (struct wt_shortlist){ .port = { 0 } };
	for (owner = 1; owner <= wt_registry_count(); owner++) {
		if (!(wt_registry_dissector(owner)->carriage & (WT_OVER_TCP | WT_OVER_UDP)))
			continue;
		find_beginnings(list, owner);
		add_ports(list, owner);
	}
}

/* The registry never changes, so the probes are asked once: workers are made by one
 * thread, before they run. A test's own dissector comes before the first of them. */
void wt_shortlist_init(struct wt_shortlist *list)
{
	static struct wt_shortlist first;
	static unsigned n_known;

	if (n_known != wt_registry_count())
		make(&first);
	n_known = wt_registry_count();
	*list = first;
}

uint64_t wt_shortlist_ports(const struct wt_shortlist *list, const struct wt_flow_key *key)
{
	unsigned a = place_of(list, key->end[0].port), b = place_of(list, key->end[1].port);

	return list->of_port[a] | list->of_port[b]; /* a free place holds none */
}

uint64_t wt_shortlist_inside(const struct wt_shortlist *list, uint64_t wanted,
			     struct wt_slice bytes)
{
	uint64_t found = 0;
	size_t i = 0, n;

	if (!bytes.len || !wanted)
		return 0;
	for (; i + 1 < bytes.len && (found & wanted) != wanted; i = n) {
		n = bytes.len - 1 - i < 64 ? bytes.len - 1 : i + 64;
		for (; i < n; i++)
			found |= list->first[bytes.ptr[i]] & list->second[bytes.ptr[i + 1]];
	}
	return wanted & (found | list->first[bytes.ptr[bytes.len - 1]]);
}
