/* Fuzzer of decode/. Input: link type (index), bytes cut by the snap length, packet. */
#include "decode_packets.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const uint16_t links[] = { 1, 0, 101, 108, 113, 228, 229, 276, 147, 12, 14 };
	struct wt_counters counters = { { 0 } };
	struct wt_packet p = { .number = 1 };

	if (len < 2)
		return 0;
	p.link_type = links[bytes[0] % (sizeof(links) / sizeof(links[0]))];
	p.cap_len = (uint32_t)(len - 2);
	p.wire_len = p.cap_len + bytes[1];
	p.bytes = bytes_copy(bytes + 2, len - 2);
	if (!ways_agree(&p))
		abort();
	wt_decode(&p);
	if (!packet_is_consistent(&p))
		abort();
	wt_decode_verify(&p);
	wt_decode_count(&p, &counters);
	packet_free(&p);
	return 0;
}
