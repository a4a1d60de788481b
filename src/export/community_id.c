/* Community ID v1 (community_id.h): base64(SHA-1(seed, addresses, protocol, 0, ports)).
 * Trust: key fields are hostile numbers, no lengths. Memory: the stack. */
#include "export/community_id.h"
#include "base/digest.h"

/* ICMP kinds whose answer has a type of its own; the key then holds both types, and
 * the flow is ordered like one with ports. Source: the specification's table. */
static bool is_two_way(uint8_t proto, uint16_t type)
{
	static const uint8_t v4[] = { 0, 8, 9, 10, 13, 14, 15, 16, 17, 18 };
	static const uint8_t v6[] = { 128, 129, 130, 131, 133, 134, 135, 136, 139, 140,
				      144, 145 };
	const uint8_t *list = proto == 1 ? v4 : v6;
	size_t i, n = proto == 1 ? sizeof(v4) : sizeof(v6);

	for (i = 0; i < n; i++)
		if (list[i] == type)
			return true;
	return false;
}

void wt_community_id(const struct wt_flow_key *key, uint8_t sender, uint16_t seed,
		     char text[WT_COMMUNITY_ID_LEN])
{
	bool is_icmp = key->proto == 1 || key->proto == 58;
	bool has_ports = is_icmp || key->proto == 6 || key->proto == 17 || key->proto == 132;
	bool is_one_way = is_icmp && !is_two_way(key->proto, key->end[sender].port);
	unsigned first = is_one_way ? sender : 0, i;
	uint8_t room[64], digest[WT_SHA1_LEN];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	size_t len = key->ip_version == 4 ? 4 : 16;

	wt_bld_u8(&b, (uint8_t)(seed >> 8));
	wt_bld_u8(&b, (uint8_t)seed);
	for (i = 0; i < 2; i++)
		wt_bld_bytes(&b, wt_slice_of(key->end[first ^ i].addr.octet, len));
	wt_bld_u8(&b, key->proto);
	wt_bld_u8(&b, 0);
	for (i = 0; has_ports && i < 2; i++) {
		wt_bld_u8(&b, (uint8_t)(key->end[first ^ i].port >> 8));
		wt_bld_u8(&b, (uint8_t)key->end[first ^ i].port);
	}
	wt_sha1(wt_bld_slice(&b), digest);
	b = wt_builder_of(text, WT_COMMUNITY_ID_LEN);
	wt_bld_text(&b, "1:");
	wt_bld_base64(&b, wt_slice_of(digest, sizeof(digest)));
}
