/* Fuzzer of decode/fragment.c. Input: records of (length 2, control 1, packet), each
 * an Ethernet frame; control: bytes cut by the snap length (low half octet), time
 * between packets (high). Two tables of different seed must agree. */
#include "decode/fragment.h"
#include "decode_packets.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static struct wt_fragments *table(uint64_t seed)
{
	struct wt_limits limits = wt_limits_of(WT_PROFILE_SMALL);

	limits.fragment_datagrams = 4;
	limits.fragment_bytes = 65536;
	return wt_fragments_new(&limits, seed);
}

/* Pushes `p` and whatever it completes; a digest of the last datagram. */
static uint64_t push_all(struct wt_fragments *f, struct wt_packet p, uint64_t now_ns,
			 struct wt_counters *counters)
{
	uint64_t digest = 0;
	unsigned depth, i;

	for (depth = 0; depth < 16 && p.disposition == WT_DISP_FRAGMENT; depth++) {
		if (!wt_fragments_push(f, &p, now_ns, counters, &p))
			break;
		if (!packet_is_consistent(&p))
			abort();
		wt_decode_verify(&p);
		wt_decode_count(&p, counters);
		digest = digest * 31 + p.flags + p.cap_len * 7u + p.wire_len * 11u;
		for (i = 0; i < p.cap_len; i++)
			digest = digest * 31 + p.bytes[i];
	}
	return digest;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct wt_reader rd = wt_reader_of(wt_slice_of(bytes, len), WT_MORE);
	struct wt_fragments *a = table(1), *b = table(0xfeedface);
	struct wt_counters at_a = { { 0 } }, at_b = { { 0 } };
	uint64_t now_ns = 0;

	if (!a || !b)
		abort();
	while (wt_rd_left(&rd) > 3) {
		uint16_t size = wt_rd_u16be(&rd) & 0x3fff;
		uint8_t control = wt_rd_u8(&rd);
		struct wt_slice frame = wt_rd_bytes(&rd, size < rd.left ? size : rd.left);
		struct wt_packet p = { .link_type = 1, .cap_len = (uint32_t)frame.len };

		p.wire_len = p.cap_len + (control & 15) * 8u;
		p.bytes = bytes_copy(frame.ptr, frame.len);
		wt_decode(&p);
		if (p.disposition == WT_DISP_FRAGMENT &&
		    push_all(a, p, now_ns, &at_a) != push_all(b, p, now_ns, &at_b))
			abort();
		packet_free(&p);
		now_ns += (control >> 4) * WT_NS_PER_S;
	}
	wt_fragments_tick(a, UINT64_MAX, &at_a);
	wt_fragments_tick(b, UINT64_MAX, &at_b);
	if (memcmp(&at_a, &at_b, sizeof(at_a)) != 0)
		abort();
	wt_fragments_free(a);
	wt_fragments_free(b);
	return 0;
}
