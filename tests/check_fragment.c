/* Promises of decode/fragment.h: order, overlaps, bounds, and no influence of the seed. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "decode/fragment.h"
#include "decode_packets.h"

enum { ROOM = 70000 };

static struct wt_counters counters;

static void setup(void)
{
	memset(&counters, 0, sizeof(counters));
}

static struct wt_limits limits_of(uint32_t n_datagrams, uint32_t n_bytes)
{
	struct wt_limits limits = wt_limits_of(WT_PROFILE_SMALL);

	limits.fragment_datagrams = n_datagrams;
	limits.fragment_bytes = n_bytes;
	return limits;
}

static struct wt_fragments *table_of(uint32_t n_datagrams, uint64_t seed)
{
	struct wt_limits limits = limits_of(n_datagrams, 262144);
	struct wt_fragments *f = wt_fragments_new(&limits, seed);

	ck_assert_ptr_nonnull(f);
	return f;
}

/* Ethernet and IPv4 (10.0.0.1 to 10.0.0.2, protocol 253 or as given) around `data`,
 * with a right header checksum. */
static struct wt_packet fragment4(uint16_t id, uint8_t proto, uint32_t off, bool more,
				  struct wt_slice data)
{
	static uint8_t room[ROOM];
	struct wt_packet p = packet_of_hex(1, "020000000002020000000001 0800 45000000"
					   "00000000 40000000 0a000001 0a000002");
	uint32_t sum = 0;
	unsigned i;

	memcpy(room, p.bytes, 34);
	packet_free(&p);
	room[16] = (uint8_t)((data.len + 20) >> 8);
	room[17] = (uint8_t)(data.len + 20);
	room[18] = (uint8_t)(id >> 8);
	room[19] = (uint8_t)id;
	room[20] = (uint8_t)(off / 8 >> 8 | (more ? 0x20 : 0));
	room[21] = (uint8_t)(off / 8);
	room[23] = proto;
	for (i = 14; i < 34; i += 2)
		sum += (uint32_t)room[i] << 8 | room[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~((sum & 0xffff) + (sum >> 16));
	room[24] = (uint8_t)(sum >> 8);
	room[25] = (uint8_t)sum;
	if (data.len)
		memcpy(room + 34, data.ptr, data.len);
	p = (struct wt_packet){ .bytes = room, .link_type = 1 };
	return packet_copy(&p, 34 + (uint32_t)data.len);
}

/* The same for IPv6, behind a destination options header. */
static struct wt_packet fragment6(uint32_t id, uint32_t off, bool more, struct wt_slice data)
{
	static uint8_t room[ROOM];
	struct wt_packet p = packet_of_hex(1, "020000000002020000000001 86dd 60000000 0000 3c 40"
		"fd000000000000000000000000000001 fd000000000000000000000000000002"
		"2c00010400000000 fd000000 00000000");

	memcpy(room, p.bytes, 70);
	packet_free(&p);
	room[18] = (uint8_t)((data.len + 16) >> 8);
	room[19] = (uint8_t)(data.len + 16);
	room[64] = (uint8_t)(off >> 8);
	room[65] = (uint8_t)(off | more);
	room[68] = (uint8_t)(id >> 8);
	room[69] = (uint8_t)id;
	memcpy(room + 70, data.ptr, data.len);
	p = (struct wt_packet){ .bytes = room, .link_type = 1 };
	return packet_copy(&p, 70 + (uint32_t)data.len);
}

/* Decodes and pushes `p`, which is freed. */
static bool push(struct wt_fragments *f, struct wt_packet p, uint64_t now_ns,
		 struct wt_packet *whole)
{
	bool is_whole;

	wt_decode(&p);
	ck_assert_int_eq(p.disposition, WT_DISP_FRAGMENT);
	is_whole = wt_fragments_push(f, &p, now_ns, &counters, whole);
	if (is_whole)
		ck_assert(packet_is_consistent(whole));
	packet_free(&p);
	return is_whole;
}

static bool push4(struct wt_fragments *f, uint32_t off, bool more, const char *text,
		  struct wt_packet *whole)
{
	return push(f, fragment4(7, 253, off, more, wt_slice_of(text, strlen(text))), 0, whole);
}

static bool carries(const struct wt_packet *p, const char *text)
{
	return wt_slice_equal(wt_packet_payload(p), wt_slice_of(text, strlen(text)));
}

/* 120 permutations of five fragments, numbered. */
START_TEST(five_fragments_complete_in_any_order)
{
	static const char *const text = "AAAAAAAABBBBBBBBCCCCCCCCDDDDDDDDEEE";
	struct wt_fragments *f = table_of(4, 1);
	unsigned left[5] = { 0, 1, 2, 3, 4 };
	unsigned n = (unsigned)_i;
	struct wt_packet whole;
	unsigned i;

	for (i = 5; i > 0; i--) {
		unsigned pick = n % i, at = left[pick];
		size_t len = at == 4 ? 3 : 8;

		n /= i;
		memmove(left + pick, left + pick + 1, (4 - pick) * sizeof(left[0]));
		ck_assert_int_eq(push(f, fragment4(7, 253, at * 8, at != 4,
						   wt_slice_of(text + at * 8, len)), 0, &whole),
				 i == 1);
	}
	ck_assert(carries(&whole, text));
	ck_assert_int_eq(whole.disposition, WT_DISP_FLOW);
	ck_assert_uint_eq(whole.flags & (WT_PKT_REASSEMBLED | WT_PKT_IS_FRAGMENT |
					 WT_PKT_FRAG_CONFLICT), WT_PKT_REASSEMBLED);
	wt_decode_verify(&whole);
	ck_assert_uint_eq(whole.flags & WT_PKT_BAD_IP_SUM, 0);
	ck_assert_uint_eq(counters.value[WT_C_FRAG_DATAGRAMS], 1);
	ck_assert_uint_eq(counters.value[WT_C_FRAG_OVERLAP], 0);
	wt_fragments_free(f);
}
END_TEST

/* A datagram of 65,515 octets, the most that IPv4 can carry, in fragments of 1480. */
START_TEST(largest_datagram_is_rebuilt)
{
	static uint8_t data[65515];
	struct wt_fragments *f = table_of(4, 1);
	struct wt_packet whole;
	uint32_t at, len;

	for (at = 0; at < sizeof(data); at++)
		data[at] = (uint8_t)(at * 7 >> 3);
	for (at = 0; at < sizeof(data); at += len) {
		len = sizeof(data) - at < 1480 ? (uint32_t)sizeof(data) - at : 1480;
		ck_assert_int_eq(push(f, fragment4(7, 253, at, at + len < sizeof(data),
						   wt_slice_of(data + at, len)), 0, &whole),
				 at + len == sizeof(data));
	}
	ck_assert(wt_slice_equal(wt_packet_payload(&whole), wt_slice_of(data, sizeof(data))));
	wt_fragments_free(f);
}
END_TEST

/* The positions of a new fragment against an old one at 8..32 that Ptacek and Newsham,
 * 5.3, and Novak tell apart. Old bytes are "o", new ones "n" where they differ. */
START_TEST(first_bytes_win_in_every_kind_of_overlap)
{
	static const struct { uint32_t off, len; } kinds[] = {
		{ 0, 16 },  /* before, into it */
		{ 0, 40 },  /* around it */
		{ 8, 24 },  /* same place */
		{ 8, 8 },   /* same begin, shorter */
		{ 8, 32 },  /* same begin, longer */
		{ 16, 8 },  /* inside */
		{ 16, 16 }, /* same end */
		{ 24, 16 }, /* out of it */
	};
	const char *news = "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn";
	const char *olds = "oooooooooooooooooooooooooooooooooooooooo";
	uint32_t off = kinds[_i % 8].off, len = kinds[_i % 8].len;
	bool is_same = _i >= 8;
	char expect[49];
	struct wt_fragments *f = table_of(4, 1);
	struct wt_packet whole;
	uint32_t i;

	for (i = 0; i < 48; i++)
		expect[i] = i >= 8 && i < 32 ? 'o' :
			    i >= off && i < off + len ? (is_same ? 'o' : 'n') : 't';
	expect[48] = '\0';
	ck_assert(!push4(f, 8, true, "oooooooooooooooooooooooo", &whole));
	ck_assert(!push(f, fragment4(7, 253, off, true, wt_slice_of(is_same ? olds : news, len)),
			0, &whole));
	ck_assert_uint_eq(counters.value[WT_C_FRAG_OVERLAP], 1);
	ck_assert_uint_eq(counters.value[WT_C_FRAG_CONFLICT], !is_same);
	/* fill the rest with "t" */
	if (off > 0)
		ck_assert(!push4(f, 0, true, "tttttttt", &whole));
	if (off + len < 40)
		ck_assert(!push4(f, 32, true, "tttttttt", &whole));
	ck_assert(push4(f, 40, false, "tttttttt", &whole));
	ck_assert_msg(carries(&whole, expect), "kind %d", _i);
	ck_assert_int_eq(!(whole.flags & WT_PKT_FRAG_CONFLICT), is_same);
	wt_fragments_free(f);
}
END_TEST

/* RFC 5722: in IPv6 also an overlap with the same bytes, unless it brings nothing new. */
START_TEST(ipv6_overlap_is_a_conflict_but_a_copy_is_not)
{
	struct wt_fragments *f = table_of(4, 1);
	struct wt_packet whole;

	ck_assert(!push(f, fragment6(1, 0, true, WT_LIT("aaaaaaaabbbbbbbb")), 0, &whole));
	ck_assert(!push(f, fragment6(1, 0, true, WT_LIT("aaaaaaaabbbbbbbb")), 0, &whole));
	ck_assert(push(f, fragment6(1, 16, false, WT_LIT("cc")), 0, &whole));
	ck_assert(carries(&whole, "aaaaaaaabbbbbbbbcc"));
	ck_assert_int_eq(whole.key.proto, 253);
	ck_assert_uint_eq(whole.flags & WT_PKT_FRAG_CONFLICT, 0);
	ck_assert_uint_eq(counters.value[WT_C_FRAG_OVERLAP], 1);

	ck_assert(!push(f, fragment6(2, 0, true, WT_LIT("aaaaaaaabbbbbbbb")), 0, &whole));
	ck_assert(push(f, fragment6(2, 8, false, WT_LIT("bbbbbbbbcc")), 0, &whole));
	ck_assert_uint_ne(whole.flags & WT_PKT_FRAG_CONFLICT, 0);
	ck_assert_uint_eq(counters.value[WT_C_FRAG_CONFLICT], 1);
	wt_fragments_free(f);
}
END_TEST

START_TEST(contradicting_ends_are_conflicts_and_not_taken)
{
	struct wt_fragments *f = table_of(4, 1);
	struct wt_packet whole;

	ck_assert(!push4(f, 8, false, "last1", &whole));
	ck_assert(!push4(f, 8, false, "last22", &whole));       /* another end */
	ck_assert(!push4(f, 8, true, "beyond..", &whole));      /* goes beyond it */
	ck_assert_uint_eq(counters.value[WT_C_FRAG_CONFLICT], 2);
	ck_assert(push4(f, 0, true, "AAAAAAAA", &whole));
	ck_assert(carries(&whole, "AAAAAAAAlast1"));
	ck_assert_uint_ne(whole.flags & WT_PKT_FRAG_CONFLICT, 0);
	wt_fragments_free(f);
}
END_TEST

/* Teardrop: the second lies inside the first and claims to be the last. */
START_TEST(impossible_fragments_are_counted_and_not_taken)
{
	static uint8_t data[1480];
	struct wt_fragments *f = table_of(4, 1);
	struct wt_packet whole;

	ck_assert(!push4(f, 0, true, "AAAAAAAABBBBBBBBCCCCCCCC", &whole));
	ck_assert(!push4(f, 8, false, "tear", &whole));
	ck_assert_uint_eq(counters.value[WT_C_FRAG_CONFLICT], 1);
	/* "ping of death": ends beyond 65,535 */
	ck_assert(!push(f, fragment4(8, 1, 65528, false, wt_slice_of(data, 1480)), 0, &whole));
	ck_assert(!push(f, fragment4(8, 1, 65512, false, wt_slice_of(data, 4)), 0, &whole));
	ck_assert(!push4(f, 8, true, "no mult", &whole));
	ck_assert(!push(f, fragment4(9, 1, 8, false, wt_slice_of(data, 0)), 0, &whole));
	ck_assert_uint_eq(counters.value[WT_C_FRAG_MALFORMED], 4);
	wt_fragments_free(f);
}
END_TEST

START_TEST(tiny_fragments_carry_a_tcp_segment)
{
	/* ports, sequence | acknowledgment, offset, flags, window | checksum, data */
	struct wt_fragments *f = table_of(4, 1);
	struct wt_packet whole;

	ck_assert(!push(f, fragment4(7, 6, 0, true, WT_LIT("\xc0\x00\x0a\x28\0\0\0\1")), 0, &whole));
	ck_assert(!push(f, fragment4(7, 6, 8, true, WT_LIT("\0\0\0\2\x50\x18\x10\0")), 0, &whole));
	ck_assert(push(f, fragment4(7, 6, 16, false, WT_LIT("\0\0\0\0abcd")), 0, &whole));
	ck_assert(carries(&whole, "abcd"));
	ck_assert_uint_eq(whole.key.end[!whole.sender].port, 2600);
	ck_assert_uint_eq(whole.tcp_ack, 2);
	wt_fragments_free(f);
}
END_TEST

/* A capture with a snap length: the datagram ends before the first byte not captured. */
START_TEST(clipped_fragments_clip_the_datagram)
{
	struct wt_fragments *f = table_of(4, 1);
	struct wt_packet p = fragment4(7, 253, 0, true, WT_LIT("AAAAAAAABBBBBBBB"));
	struct wt_packet cut = packet_copy(&p, p.cap_len - 5), whole;

	cut.wire_len = p.wire_len;
	packet_free(&p);
	ck_assert(!push(f, cut, 0, &whole));
	ck_assert(push4(f, 16, false, "CCC", &whole));
	ck_assert(carries(&whole, "AAAAAAAABBB"));
	ck_assert_uint_eq(whole.payload_wire_len, 19);
	ck_assert_uint_ne(whole.flags & WT_PKT_CLIPPED, 0);
	wt_fragments_free(f);
}
END_TEST

START_TEST(datagrams_of_other_id_protocol_or_direction_do_not_mix)
{
	struct wt_fragments *f = table_of(8, 1);
	struct wt_packet whole, p;

	ck_assert(!push(f, fragment4(7, 253, 0, true, WT_LIT("AAAAAAAA")), 0, &whole));
	ck_assert(!push(f, fragment4(8, 253, 8, false, WT_LIT("BB")), 0, &whole));
	ck_assert(!push(f, fragment4(7, 254, 8, false, WT_LIT("CC")), 0, &whole));
	p = fragment4(7, 253, 8, false, WT_LIT("DD"));
	packet_bytes(&p)[29] = 2; /* from 10.0.0.2 to 10.0.0.1 */
	packet_bytes(&p)[33] = 1;
	ck_assert(!push(f, p, 0, &whole));
	ck_assert(push(f, fragment4(7, 253, 8, false, WT_LIT("EE")), 0, &whole));
	ck_assert(carries(&whole, "AAAAAAAAEE"));
	wt_fragments_free(f);
}
END_TEST

START_TEST(waiting_ends_after_30_s)
{
	struct wt_fragments *f = table_of(4, 1);
	struct wt_packet whole;

	ck_assert(!push4(f, 0, true, "AAAAAAAA", &whole));
	wt_fragments_tick(f, WT_FRAGMENT_NS - 1, &counters);
	ck_assert_uint_eq(counters.value[WT_C_FRAG_EXPIRED], 0);
	wt_fragments_tick(f, WT_FRAGMENT_NS, &counters);
	ck_assert_uint_eq(counters.value[WT_C_FRAG_EXPIRED], 1);
	ck_assert(!push4(f, 8, false, "B", &whole));
	wt_fragments_tick(f, UINT64_MAX, &counters);
	ck_assert_uint_eq(counters.value[WT_C_FRAG_EXPIRED], 2);
	wt_fragments_free(f);
}
END_TEST

/* A mirror that sends every packet twice must not leave datagrams waiting. */
START_TEST(mirrored_copies_start_nothing)
{
	struct wt_fragments *f = table_of(4, 1);
	struct wt_packet whole;
	unsigned round;

	for (round = 0; round < 2; round++) {
		ck_assert(!push4(f, 0, true, "AAAAAAAA", &whole));
		ck_assert(!push4(f, 0, true, "AAAAAAAA", &whole));
		ck_assert(push4(f, 8, false, "BB", &whole));
		ck_assert(!push4(f, 8, false, "BB", &whole));
		wt_fragments_tick(f, WT_DUPLICATE_NS, &counters);
	}
	wt_fragments_tick(f, UINT64_MAX, &counters);
	ck_assert_uint_eq(counters.value[WT_C_FRAG_EXPIRED], 0);
	ck_assert_uint_eq(counters.value[WT_C_FRAG_OVERLAP], 4);
	ck_assert_uint_eq(counters.value[WT_C_FRAG_CONFLICT], 0);
	wt_fragments_free(f);
}
END_TEST

START_TEST(oldest_datagram_makes_room)
{
	struct wt_fragments *f = table_of(4, 1);
	struct wt_packet whole;
	uint16_t id;

	for (id = 0; id < 6; id++)
		ck_assert(!push(f, fragment4(id, 253, 0, true, WT_LIT("AAAAAAAA")), 0, &whole));
	ck_assert_uint_eq(counters.value[WT_C_FRAG_EVICTED], 2);
	for (id = 2; id < 6; id++)
		ck_assert(push(f, fragment4(id, 253, 8, false, WT_LIT("B")), 0, &whole));
	ck_assert(!push(f, fragment4(0, 253, 8, false, WT_LIT("B")), 0, &whole));
	wt_fragments_free(f);
}
END_TEST

/* 64 datagrams of 64 KiB do not fit in 256 KiB: the bound holds by eviction, and what
 * is counted in equals what is counted out. */
START_TEST(bytes_are_bounded)
{
	static uint8_t data[1480];
	struct wt_fragments *f = table_of(64, 1);
	struct wt_packet whole;
	uint16_t id;
	uint32_t at;

	for (id = 0; id < 64; id++)
		for (at = 0; at < 60000; at += 1480)
			ck_assert(!push(f, fragment4(id, 253, at, true,
						     wt_slice_of(data, 1480)), 0, &whole));
	ck_assert_uint_gt(counters.value[WT_C_FRAG_EVICTED], 58);
	wt_fragments_tick(f, UINT64_MAX, &counters);
	ck_assert_uint_eq(counters.value[WT_C_FRAG_EVICTED] +
			  counters.value[WT_C_FRAG_EXPIRED], 64);
	ck_assert_uint_eq(counters.value[WT_C_FRAG_SEEN], 64 * 41);
	wt_fragments_free(f);
}
END_TEST

/* Thousands of fragments of some hundred datagrams, under pressure: the same datagrams
 * come out, in the same order, whatever the seed. */
static uint64_t run_with_seed(uint64_t seed)
{
	static uint8_t data[4096];
	struct wt_fragments *f = table_of(16, seed);
	uint64_t digest = 14695981039346656037u, state = 42;
	unsigned i;

	memset(&counters, 0, sizeof(counters));
	for (i = 0; i < 20000; i++) {
		struct wt_packet whole;
		uint32_t at, len;

		state = state * 6364136223846793005u + 1442695040888963407u;
		at = (uint32_t)(state >> 33 & 3) * 512;
		len = at == 1536 ? 100 : (state >> 40 & 15) ? 512 : 520;
		memset(data, (int)(state >> 45 & 31 ? 1 : i), sizeof(data));
		if (push(f, fragment4((uint16_t)(state >> 50 & 31), 253, at, at != 1536,
				      wt_slice_of(data, len)), i * WT_NS_PER_MS, &whole))
			digest = (digest ^ (whole.ip_id + i * 65536u + whole.flags * 7u)) *
				 1099511628211u;
	}
	for (i = 0; i < WT_N_COUNTERS; i++)
		digest = (digest ^ counters.value[i]) * 1099511628211u;
	wt_fragments_free(f);
	return digest;
}

START_TEST(seed_changes_nothing)
{
	uint64_t digest = run_with_seed(0);

	ck_assert_uint_gt(counters.value[WT_C_FRAG_DATAGRAMS], 100);
	ck_assert_uint_gt(counters.value[WT_C_FRAG_EVICTED], 100);
	ck_assert_uint_gt(counters.value[WT_C_FRAG_CONFLICT], 100);
	ck_assert(run_with_seed(1) == digest);
	ck_assert(run_with_seed(UINT64_C(0x9e3779b97f4a7c15)) == digest);
}
END_TEST

/* IP in IP, fragmented outside and inside: the whole datagram is itself a fragment. */
START_TEST(fragments_within_fragments)
{
	struct wt_fragments *f = table_of(4, 1);
	struct wt_packet inner = fragment4(9, 253, 0, true, WT_LIT("AAAAAAAA")), whole;
	struct wt_packet last = fragment4(9, 253, 8, false, WT_LIT("BB"));
	struct wt_slice packet = wt_slice_of(inner.bytes + 14, inner.cap_len - 14);

	ck_assert(!push(f, fragment4(7, 4, 0, true, wt_slice_head(packet, 16)), 0, &whole));
	ck_assert(push(f, fragment4(7, 4, 16, false, wt_slice_tail(packet, 16)), 0, &whole));
	ck_assert_int_eq(whole.disposition, WT_DISP_FRAGMENT);
	ck_assert_uint_eq(whole.n_tunnels, 1);
	ck_assert_uint_eq(whole.n_tunnels_outer, 0);
	ck_assert(!wt_fragments_push(f, &whole, 0, &counters, &whole));
	packet = wt_slice_of(last.bytes + 14, last.cap_len - 14);
	ck_assert(!push(f, fragment4(8, 4, 0, true, wt_slice_head(packet, 16)), 0, &whole));
	ck_assert(push(f, fragment4(8, 4, 16, false, wt_slice_tail(packet, 16)), 0, &whole));
	ck_assert(wt_fragments_push(f, &whole, 0, &counters, &whole));
	ck_assert(carries(&whole, "AAAAAAAABB"));
	ck_assert(packet_is_consistent(&whole));
	packet_free(&inner);
	packet_free(&last);
	wt_fragments_free(f);
}
END_TEST

/* Of a rebuilt datagram only what its fragments did not show is counted. */
START_TEST(tunnel_in_fragments_is_counted_once)
{
	struct wt_fragments *f = table_of(4, 1);
	struct wt_packet inner = fragment4(9, 253, 0, false, WT_LIT("AAAAAAAA")), whole;
	struct wt_slice packet = wt_slice_of(inner.bytes + 14, inner.cap_len - 14);
	struct wt_packet last = fragment4(7, 4, 16, false, wt_slice_tail(packet, 16));

	ck_assert(!push(f, fragment4(7, 4, 0, true, wt_slice_head(packet, 16)), 0, &whole));
	wt_decode(&last);
	wt_decode_count(&last, &counters);
	ck_assert(push(f, last, 0, &whole));
	wt_decode_count(&whole, &counters);
	ck_assert_uint_eq(counters.value[WT_C_DECODE_IPIP], 1);
	ck_assert_uint_eq(counters.value[WT_C_DECODE_IPV4], 2); /* the fragment's, the inner */
	ck_assert_uint_eq(counters.value[WT_C_DECODE_OTHER_IP], 1);
	packet_free(&inner);
	wt_fragments_free(f);
}
END_TEST

static void add_tests(TCase *c)
{
	tcase_add_checked_fixture(c, setup, NULL);
	tcase_add_loop_test(c, five_fragments_complete_in_any_order, 0, 120);
	tcase_add_test(c, largest_datagram_is_rebuilt);
	tcase_add_loop_test(c, first_bytes_win_in_every_kind_of_overlap, 0, 16);
	tcase_add_test(c, ipv6_overlap_is_a_conflict_but_a_copy_is_not);
	tcase_add_test(c, contradicting_ends_are_conflicts_and_not_taken);
	tcase_add_test(c, impossible_fragments_are_counted_and_not_taken);
	tcase_add_test(c, tiny_fragments_carry_a_tcp_segment);
	tcase_add_test(c, clipped_fragments_clip_the_datagram);
	tcase_add_test(c, datagrams_of_other_id_protocol_or_direction_do_not_mix);
	tcase_add_test(c, waiting_ends_after_30_s);
	tcase_add_test(c, mirrored_copies_start_nothing);
	tcase_add_test(c, oldest_datagram_makes_room);
	tcase_add_test(c, bytes_are_bounded);
	tcase_add_test(c, seed_changes_nothing);
	tcase_add_test(c, fragments_within_fragments);
	tcase_add_test(c, tunnel_in_fragments_is_counted_once);
}

int main(void)
{
	Suite *suite = suite_create("fragments");
	TCase *c = tcase_create("datagrams");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout(c, 60);
	add_tests(c);
	suite_add_tcase(suite, c);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
