/* The hint library behind hostile payloads. Input: one byte of options (bit 0 UDP,
 * bit 1 IPv6), two ports, then payloads, each led by sender (1 byte, bit 0) and length
 * (2 bytes, big-endian). Under the address sanitizer every packet ends at a forbidden
 * page, so an overread of the library stops the run. A second instance is shown the
 * same payloads after a flow of sixteen inputs ago: labels must agree. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "dissect/hint.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

static struct wt_hint *plain, *mixed;

static uint16_t label_of(struct wt_hint *hint, struct wt_slice input)
{
	struct wt_reader r = wt_reader_of(input, WT_MALFORMED);
	uint8_t options = wt_rd_u8(&r);
	struct wt_flow_key key = { .proto = options & 1 ? 17 : 6,
				   .ip_version = options & 2 ? 6 : 4 };
	uint32_t slot;
	uint16_t label = WT_HINT_NONE;
	unsigned n = 0;
	bool is_evicting;

	key.end[0].addr.octet[0] = 10;
	key.end[1].addr.octet[0] = 11;
	key.end[0].port = wt_rd_u16be(&r);
	key.end[1].port = wt_rd_u16be(&r);
	slot = wt_hint_open(hint, 0, &key, &is_evicting);
	while (r.err == WT_OK && wt_rd_left(&r) && n++ < 2 * WT_HINT_PACKETS_MAX && !label) {
		uint8_t sender = wt_rd_u8(&r) & 1;
		size_t len = wt_rd_u16be(&r);
		struct wt_slice payload =
			wt_rd_bytes(&r, len < wt_rd_left(&r) ? len : wt_rd_left(&r));

		label = wt_hint_payload(hint, slot, &key, sender, payload, n * WT_NS_PER_MS);
	}
	wt_hint_close(hint, slot, &key);
	return label;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	static uint8_t older[16][2048];
	static size_t older_len[16];
	static unsigned turn;
	uint16_t label;

	if (!plain)
		plain = wt_hint_new(1, 2);
	if (!mixed)
		mixed = wt_hint_new(1, 2);
	if (!plain || !mixed)
		return 0;
	label = label_of(plain, wt_slice_of(input, size));
	turn = (turn + 1) % 16;
	(void)label_of(mixed, wt_slice_of(older[turn], older_len[turn]));
	if (label_of(mixed, wt_slice_of(input, size)) != label)
		__builtin_trap();
	older_len[turn] = size < sizeof(older[0]) ? size : sizeof(older[0]);
	if (older_len[turn])
		memcpy(older[turn], input, older_len[turn]);
	return 0;
}
