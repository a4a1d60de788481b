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

static uint32_t word_at(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* In 32-bit steps that classic BPF can take as well, so that the kernel can give a
 * worker the packets of its shards (capture/steer.c). The final mix has the constants
 * of MurmurHash3 (public domain). */
uint8_t wt_shard_of(const struct wt_flow_key *key)
{
	unsigned i, n = key->ip_version == 6 ? 4 : 1;
	uint32_t h = 0;

	for (i = 0; i < n; i++) {
		uint32_t x = word_at(key->end[0].addr.octet + 4 * i);
		uint32_t y = word_at(key->end[1].addr.octet + 4 * i);

		h = (h ^ ((x ^ y) + (x + y) * 3)) * 0x85ebca6bu;
	}
	h ^= h >> 13;
	h *= 0xc2b2ae35u;
	h ^= h >> 16;
	return (uint8_t)((h + key->space) % WT_SHARDS);
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

uint8_t wt_shard_of_macs(const uint8_t *mac_pair)
{
	uint64_t a = 0, b = 0;

	memcpy(&a, mac_pair, 6);
	memcpy(&b, mac_pair + 6, 6);
	return (uint8_t)(mix((a ^ b) + (a + b) * 3) % WT_SHARDS);
}
