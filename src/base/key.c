/* Flow key order and the choice of shard (flow.h).
 * Trust: addresses and ports are hostile. Memory: none. */
#include "wardtap/flow.h"
#include "wardtap/packet.h"

uint8_t wt_flow_key_order(struct wt_flow_key *key)
{
	uint8_t a[18], b[18];
	struct wt_endpoint swap;

	memcpy(a, key->end[0].addr.octet, 16);
	memcpy(b, key->end[1].addr.octet, 16);
	a[16] = (uint8_t)(key->end[0].port >> 8);
	a[17] = (uint8_t)key->end[0].port;
	b[16] = (uint8_t)(key->end[1].port >> 8);
	b[17] = (uint8_t)key->end[1].port;
	if (memcmp(a, b, sizeof(a)) <= 0)
		return 0;
	swap = key->end[0];
	key->end[0] = key->end[1];
	key->end[1] = swap;
	return 1;
}

/* Finaliser of MurmurHash3 (public domain constants). */
static uint64_t mix(uint64_t x)
{
	x ^= x >> 33;
	x *= UINT64_C(0xff51afd7ed558ccd);
	x ^= x >> 33;
	x *= UINT64_C(0xc4ceb9fe1a85ec53);
	x ^= x >> 33;
	return x;
}

uint8_t wt_shard_of(const struct wt_flow_key *key)
{
	uint64_t a[2], b[2];

	memcpy(a, key->end[0].addr.octet, sizeof(a));
	memcpy(b, key->end[1].addr.octet, sizeof(b));
	return (uint8_t)(mix(mix((a[0] ^ b[0]) + (a[0] + b[0]) * 3 + key->space) +
			     (a[1] ^ b[1]) + (a[1] + b[1]) * 3) % WT_SHARDS);
}

uint8_t wt_shard_of_macs(const uint8_t *mac_pair)
{
	uint64_t a = 0, b = 0;

	memcpy(&a, mac_pair, 6);
	memcpy(&b, mac_pair + 6, 6);
	return (uint8_t)(mix((a ^ b) + (a + b) * 3) % WT_SHARDS);
}
