/* The flow and dissect stages of one shard under a script of packets, with tiny limits,
 * the listed dissectors and one of our own (guest.h). Checked: the stream identity (in
 * report.c), the flow identity, that every pool is whole again at the end, that values
 * can be walked, and that another hash seed gives the same events.
 *
 * Input: a byte of options, then operations, each led by a byte: bits 0-2 what (0-4
 * TCP, 5 UDP, 6 time, 7 end of a connection), bits 3-4 flow, bit 5 sender, bit 6 text
 * from the script (else a seed message), bit 7 clipped. See play_tcp. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/hash.h"
#include "dissect/dissect.h"
#include "flow/shard.h"
#include "fuzz/guest.h"
#include "wardtap/registry.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

struct play {
	struct wt_shard shard;
	struct wt_dissect dissect;
	struct wt_counters counters;
	uint32_t event_index;
	uint64_t digest, n_events, clock_ns, number, last_tick;
	uint32_t next[4][2]; /* sequence numbers, by flow and sender */
};

static struct wt_dissect_scratch *scratch;
static uint8_t long_text[70000];

#define REQUIRE(condition) do { if (!(condition)) __builtin_trap(); } while (0)

static void take_event(void *self, const struct wt_event *event)
{
	struct play *y = self;
	struct wt_slice rest = event->values, bytes;
	const struct wt_event_head *h = &event->head;
	struct wt_value value;
	uint64_t words[] = { h->order, h->index, h->is_tick, h->sender, h->owner, h->type,
			     h->app, h->hint, h->ts_ns, h->number, h->flow_id, h->has_mac,
			     h->is_truncated, event->handle };

	y->n_events++;
	REQUIRE(wt_registry_event(h->owner, h->type));
	y->digest = wt_hash(y->digest, wt_slice_of(words, sizeof(words)));
	while (wt_value_next(&rest, &value, &bytes)) {
		const struct wt_field *row = wt_registry_field(h->owner, value.field);

		REQUIRE(row && value.event < WT_EVENTS_OPEN_MAX);
		REQUIRE(row->type == WT_TYPE_STR ? bytes.len <= row->cap : bytes.len == 8);
		REQUIRE(bytes.len != 6 || memcmp(bytes.ptr, "undone", 6) != 0);
		if (value.event == event->handle)
			y->digest = wt_hash(y->digest ^ value.field, bytes);
	}
	REQUIRE(rest.len == 0);
}

static void begin(struct play *y, uint8_t options, uint64_t seed)
{
	const struct wt_limits limits = {
		.flows = options & 1 ? 2 : 8, .early_chunks = options & 2 ? 3 : 40,
		.message_chunks = options & 4 ? 2 : 24, .dissections = options & 8 ? 1 : 3,
		.state_bytes = options & 16 ? 5 * 8192 : 5 * 32768,
		.retained_bytes = options & 32 ? 1024 : 65536,
	};
	struct wt_event_sink events = { .self = y, .take = take_event };
	struct wt_flow_sink sink;

	memset(y, 0, sizeof(*y));
	y->clock_ns = 1700000000 * WT_NS_PER_S;
	wt_dissect_init(&y->dissect, 1, &limits, scratch, &y->counters, &events, NULL,
			&y->event_index);
	sink = wt_dissect_sink(&y->dissect);
	wt_shard_init(&y->shard, 1, &limits, seed, &y->counters, &sink, &events,
		      &y->event_index);
}

static void tick(struct play *y)
{
	struct wt_moment m = { .now_ns = y->clock_ns / WT_TICK_NS * WT_TICK_NS,
			       .order = y->number, .is_tick = true };

	m.ts_ns = m.now_ns;
	if (y->clock_ns / WT_TICK_NS == y->last_tick)
		return;
	y->last_tick = y->clock_ns / WT_TICK_NS;
	y->event_index = 0;
	wt_shard_tick(&y->shard, &m);
}

static void send(struct play *y, struct wt_packet *p, struct wt_slice payload)
{
	struct wt_moment m = { .packet = p };
	uint8_t *copy = malloc(payload.len + 1); /* exact, for the address sanitizer */

	if (!copy)
		abort();
	if (payload.len)
		memcpy(copy, payload.ptr, payload.len);
	p->bytes = copy;
	p->payload_len = (uint32_t)payload.len;
	p->payload_wire_len += p->payload_len;
	p->cap_len = p->payload_len;
	p->number = ++y->number;
	if (!p->ts_ns)
		p->ts_ns = y->clock_ns;
	if (p->ts_ns > y->clock_ns)
		y->clock_ns = p->ts_ns;
	tick(y);
	m.now_ns = y->clock_ns;
	m.ts_ns = p->ts_ns;
	m.order = m.number = p->number;
	y->event_index = 0;
	wt_shard_packet(&y->shard, p, wt_shard_hash(&y->shard, p), &m);
	free(copy);
}

static struct wt_packet packet_of(uint8_t op, uint8_t proto)
{
	static const uint16_t port[4] = { 7, 2575, 104, 4001 };
	struct wt_packet p = { .disposition = WT_DISP_FLOW, .sender = op >> 5 & 1 };

	p.key.proto = proto;
	p.key.ip_version = 4;
	p.key.end[0].addr.octet[0] = 10;
	p.key.end[1].addr.octet[0] = 11;
	p.key.end[0].port = 40000;
	p.key.end[1].port = port[op >> 3 & 3];
	return p;
}

/* Seed messages of the listed protocols and the guest's; or text of the script. */
static struct wt_slice text_of(uint8_t op, uint8_t len, struct wt_reader *r)
{
	static const char mllp[] = "\x0bMSH|^~\\&|A|B|C|D|20240101||ORU^R01|1|P|2.5\rPID|1\r"
				   "OBX|1|ED|X||^^^Base64^AAAAAAAAAAAAAAAA\r\x1c\r";
	static const char dicom[] = "\x04\0\0\0\0\x10\0\0\0\x0c\x01\x03\0\0\0\0\x04\0\0\0\0\0\0\0";
	static const char guest[] = "WTe\3abcbp\3abcp\1xcs\2";

	if (op & 64)
		return wt_rd_bytes(r, len < wt_rd_left(r) ? len : wt_rd_left(r));
	switch (len & 3) {
	case 0:
		return wt_slice_of(mllp, sizeof(mllp) - 1 - (len >> 2 & 31));
	case 1:
		return wt_slice_of(dicom, sizeof(dicom) - 1);
	case 2:
		return wt_slice_of(guest, sizeof(guest) - 1);
	default:
		return wt_slice_of(long_text, (size_t)len * (op & 128 ? 256 : 24));
	}
}

/* Bytes that follow: flags, where (bits 0-1 kind of sequence number, 2-3 kind of ACK,
 * 4 with IP id, 5 earlier time), length, then what these ask for. */
static void play_tcp(struct play *y, uint8_t op, struct wt_reader *r)
{
	struct wt_packet p = packet_of(op, 6);
	uint8_t flags = wt_rd_u8(r), where = wt_rd_u8(r), len = wt_rd_u8(r);
	uint32_t *next = y->next[op >> 3 & 3];
	struct wt_slice text = text_of(op, len, r);
	uint32_t at = next[p.sender];

	if (op & 128)
		p.payload_wire_len = len & 1 ? 3 : (uint32_t)len << 23;
	switch (where & 3) {
	case 0:
		break;
	case 1:
		at += (uint32_t)(int8_t)wt_rd_u8(r) * 16u;
		break;
	case 2:
		at = wt_rd_u32be(r);
		break;
	default:
		at -= (uint32_t)text.len + wt_rd_u8(r);
	}
	p.tcp_flags = flags & 0x3f;
	p.tcp_seq = at;
	p.tcp_ack = where & 4 ? wt_rd_u32be(r) : next[p.sender ^ 1];
	p.ip_id = where & 16 ? 77 : 0;
	if (where & 32)
		p.ts_ns = y->clock_ns - WT_NS_PER_S;
	if ((where & 3) != 3)
		next[p.sender] = at + (uint32_t)text.len + p.payload_wire_len +
				 (flags & (WT_TCP_SYN | WT_TCP_FIN) ? 1 : 0);
	send(y, &p, text);
}

static void play_time(struct play *y, uint8_t op, struct wt_reader *r)
{
	static const uint64_t unit[4] = { WT_NS_PER_MS, 50 * WT_NS_PER_MS, WT_NS_PER_S,
					  86400 * WT_NS_PER_S };
	uint64_t by = wt_rd_u8(r) * unit[op >> 3 & 3];

	if ((op & 64) && (op & 128))
		by = UINT64_MAX / 4 * 3;
	y->clock_ns += by < UINT64_MAX - y->clock_ns ? by : UINT64_MAX - y->clock_ns;
	tick(y);
}

static void play(struct play *y, struct wt_slice script)
{
	struct wt_reader r = wt_reader_of(script, WT_MALFORMED);

	while (wt_rd_left(&r) && y->number < 3000) {
		uint8_t op = wt_rd_u8(&r);
		struct wt_packet p = packet_of(op, 17);

		switch (op & 7) {
		case 5:
			p.payload_wire_len = op >> 7;
			send(y, &p, text_of(op, wt_rd_u8(&r), &r));
			break;
		case 6:
			play_time(y, op, &r);
			break;
		case 7:
			p.key.proto = 6;
			p.tcp_flags = op & 64 ? WT_TCP_FIN | WT_TCP_ACK : WT_TCP_SYN;
			p.tcp_seq = y->next[op >> 3 & 3][p.sender]++;
			p.tcp_ack = y->next[op >> 3 & 3][p.sender ^ 1];
			send(y, &p, wt_slice_of(NULL, 0));
			break;
		default:
			play_tcp(y, op, &r);
		}
	}
}

static void end(struct play *y)
{
	struct wt_moment m = { .now_ns = y->clock_ns, .ts_ns = y->clock_ns,
			       .order = UINT64_MAX, .is_tick = true };
	const uint64_t *c = y->counters.value;
	struct wt_shard *sh = &y->shard;
	struct wt_dissect *d = &y->dissect;
	uint32_t at, n = 0;
	unsigned i;

	y->event_index = 0;
	wt_shard_finish(sh, &m);
	REQUIRE(sh->n_used == 0 && sh->early.n_used == 0 && d->chunks.n_used == 0);
	REQUIRE(d->probing.n == 0 && d->probing.head == WT_NONE && d->probing.tail == WT_NONE);
	REQUIRE(d->known.n == 0 && d->known.head == WT_NONE && d->known.tail == WT_NONE);
	REQUIRE(d->hold_head == WT_NONE && d->hold_tail == WT_NONE);
	for (i = 0; i < WT_N_CLASSES; i++)
		REQUIRE(sh->list[i].head == WT_NONE && sh->list[i].tail == WT_NONE);
	for (i = 0; i < sh->n_flows; i++)
		REQUIRE(sh->bucket[i] == 0);
	for (at = sh->free; at != WT_NONE; at = sh->flow[at].next)
		n++;
	REQUIRE(n == sh->n_fresh);
	for (n = 0, at = d->free; at != WT_NONE; at = d->dissection[at].next_free)
		n++;
	REQUIRE(n == d->n_fresh);
	for (i = 0; i < WT_STATE_CLASSES; i++) {
		void *state = d->state[i].free;

		for (n = 0; state; n++)
			memcpy(&state, state, sizeof(state));
		REQUIRE(n == d->state[i].n_fresh);
	}
	REQUIRE(c[WT_C_FLOWS_NEW] == c[WT_C_FLOWS_CLOSED] + c[WT_C_FLOWS_TIMEOUT] +
				     c[WT_C_FLOWS_EVICTED] + c[WT_C_FLOWS_END]);
	REQUIRE(c[WT_C_STREAM_SPAN] == c[WT_C_STREAM_DELIVERED] + c[WT_C_STREAM_SKIPPED] +
				       c[WT_C_STREAM_GAP] + c[WT_C_STREAM_CLIPPED] +
				       c[WT_C_STREAM_ABANDONED]);
	wt_shard_fini(sh);
	wt_dissect_fini(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	static struct play first, second;
	struct wt_slice all = wt_slice_of(input, size);
	unsigned i;

	if (size == 0)
		return 0;
	if (!scratch) {
		wt_registry_guest = &guest_dissector;
		scratch = wt_dissect_scratch_new(1);
		for (i = 0; i < sizeof(long_text); i++)
			long_text[i] = (uint8_t)"WTn\x0bMSH|^~\\&|;"[i % 15];
	}
	begin(&first, input[0], 11);
	play(&first, wt_slice_tail(all, 1));
	end(&first);
	begin(&second, input[0], 987654321);
	play(&second, wt_slice_tail(all, 1));
	end(&second);
	REQUIRE(first.digest == second.digest && first.n_events == second.n_events);
	REQUIRE(memcmp(&first.counters, &second.counters, sizeof(first.counters)) == 0);
	return 0;
}
