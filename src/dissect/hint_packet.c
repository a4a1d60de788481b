/* Packets for the hint library (hint_packet.h).
 * Source: RFC 791 3.1, RFC 8200 3, RFC 768, RFC 9293 3.1. Checksums stay zero.
 * Trust: the payload is hostile and copied; headers are ours. Behind the packet lie
 * WT_HINT_PADDING zeroes, which stop a text scanner that runs past the end and make
 * what it overreads the same each time. Under the address sanitizer a page that must
 * not be touched lies there instead.
 * Memory: one page or two per instance. */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include "dissect/hint_packet.h"

#include <sys/mman.h>
#include <unistd.h>

#define PROTO_TCP 6
#define PROTO_UDP 17

bool wt_hint_room_init(struct wt_hint_room *room)
{
	long page = sysconf(_SC_PAGESIZE);
	size_t size = page > 0 ? (size_t)page : 4096;
	void *at;

	_Static_assert(WT_HINT_PACKET_MAX + WT_HINT_PADDING <= 4096, "fits a page");
	at = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED)
		return false;
	room->mapping = at;
	room->mapping_len = 2 * size;
	room->end = (uint8_t *)at + size;
	return !WT_HINT_EXACT || mprotect(room->end, size, PROT_NONE) == 0;
}

void wt_hint_room_free(struct wt_hint_room *room)
{
	if (room->mapping)
		munmap(room->mapping, room->mapping_len);
	room->mapping = NULL;
}

static void put_u16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put_u32(uint8_t *at, uint32_t value)
{
	put_u16(at, value >> 16);
	put_u16(at + 2, value & 0xffff);
}

static size_t put_ip(uint8_t *at, const struct wt_flow_key *key, uint8_t sender, size_t l4_len)
{
	const uint8_t *from = key->end[sender].addr.octet, *to = key->end[!sender].addr.octet;

	if (key->ip_version == 4) {
		memset(at, 0, 20);
		at[0] = 0x45; /* version 4, five words */
		put_u16(at + 2, 20 + l4_len);
		at[8] = 64;
		at[9] = key->proto;
		memcpy(at + 12, from, 4);
		memcpy(at + 16, to, 4);
		return 20;
	}
	memset(at, 0, 8);
	at[0] = 0x60;
	put_u16(at + 4, l4_len);
	at[6] = key->proto;
	at[7] = 64;
	memcpy(at + 8, from, 16);
	memcpy(at + 24, to, 16);
	return 40;
}

static size_t put_l4(uint8_t *at, const struct wt_flow_key *key, uint8_t sender,
		     const uint32_t seq[2], size_t payload_len)
{
	put_u16(at, key->end[sender].port);
	put_u16(at + 2, key->end[!sender].port);
	if (key->proto == PROTO_UDP) {
		put_u16(at + 4, 8 + payload_len);
		put_u16(at + 6, 0);
		return 8;
	}
	put_u32(at + 4, seq[sender]);
	put_u32(at + 8, seq[!sender]);
	at[12] = 0x50; /* five words */
	at[13] = 0x18; /* PSH, ACK */
	put_u16(at + 14, 0xffff);
	put_u32(at + 16, 0);
	return 20;
}

struct wt_slice wt_hint_packet_build(struct wt_hint_room *room, const struct wt_flow_key *key,
				     uint8_t sender, const uint32_t seq[2],
				     struct wt_slice payload)
{
	size_t l4_len = (key->proto == PROTO_UDP ? 8u : 20u) + payload.len;
	size_t len = (key->ip_version == 4 ? 20u : 40u) + l4_len;
	uint8_t *start = room->end - len, *at = start;

	if (WT_BUG_ON(len > WT_HINT_PACKET_MAX))
		return wt_slice_of(room->end, 0);
	at += put_ip(at, key, sender, l4_len);
	at += put_l4(at, key, sender, seq, payload.len);
	memcpy(at, payload.ptr, payload.len);
	return wt_slice_of(start, len); /* zeroes follow: nobody writes behind `end` */
}
