/* Reader of small captures for tests (pcap_tcp.h).
 * Trust: files of this project and of the shared set. Memory: the file on the heap. */
#include "harness/pcap_tcp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FLOWS_MAX 128

struct flow {
	uint8_t key[40]; /* client address, server address, ports */
	uint32_t next[2];
	bool is_known[2];
};

struct reading {
	struct wt_pcap *pcap;
	struct flow flow[FLOWS_MAX];
	bool is_le;
};

static uint32_t number(const struct reading *g, struct wt_reader *r)
{
	return g->is_le ? wt_rd_u16le(r) | (uint32_t)wt_rd_u16le(r) << 16 : wt_rd_u32be(r);
}

/* Index of the flow and the direction of this packet. */
static unsigned flow_of(struct reading *g, const uint8_t *forth, const uint8_t *back,
			enum wt_direction *dir)
{
	unsigned i;

	for (i = 0; i < g->pcap->n_flows; i++) {
		*dir = WT_TO_SERVER;
		if (memcmp(g->flow[i].key, forth, 40) == 0)
			return i;
		*dir = WT_TO_CLIENT;
		if (memcmp(g->flow[i].key, back, 40) == 0)
			return i;
	}
	*dir = WT_TO_SERVER;
	if (i == FLOWS_MAX)
		return i;
	memcpy(g->flow[i].key, forth, 40);
	g->pcap->n_flows++;
	return i;
}

static void take_tcp(struct reading *g, uint64_t ts_ns, struct wt_slice from,
		     struct wt_slice to, struct wt_reader *r)
{
	struct wt_slice ports = wt_rd_bytes(r, 4), payload;
	uint32_t seq = wt_rd_u32be(r), len;
	uint8_t forth[40] = { 0 }, back[40] = { 0 };
	struct wt_pcap_part *part;
	enum wt_direction dir;
	unsigned flow;
	uint8_t flags;

	wt_rd_skip(r, 4);
	len = (uint32_t)(wt_rd_u8(r) >> 4) * 4;
	flags = wt_rd_u8(r);
	wt_rd_skip(r, 6);
	if (len < 20)
		return;
	wt_rd_skip(r, len - 20);
	payload = wt_rd_rest(r);
	if (r->err != WT_OK)
		return;
	memcpy(forth, from.ptr, from.len);
	memcpy(forth + 16, to.ptr, to.len);
	memcpy(forth + 32, ports.ptr, 4);
	memcpy(back, to.ptr, to.len);
	memcpy(back + 16, from.ptr, from.len);
	memcpy(back + 32, ports.ptr + 2, 2);
	memcpy(back + 34, ports.ptr, 2);
	flow = flow_of(g, forth, back, &dir);
	if (flow == FLOWS_MAX || !payload.len)
		return;
	if (flags & 2)
		seq++;
	if (g->flow[flow].is_known[dir] && (int32_t)(seq - g->flow[flow].next[dir]) < 0)
		return; /* seen before */
	g->flow[flow].is_known[dir] = true;
	g->flow[flow].next[dir] = seq + (uint32_t)payload.len;
	part = realloc(g->pcap->part, (g->pcap->n_parts + 1) * sizeof(*part));
	if (!part)
		abort();
	g->pcap->part = part;
	part[g->pcap->n_parts++] = (struct wt_pcap_part){
		.flow = flow, .dir = dir, .ts_ns = ts_ns, .bytes = payload
	};
}

static void take_frame(struct reading *g, uint64_t ts_ns, struct wt_slice frame)
{
	struct wt_reader r = wt_reader_of(frame, WT_CLIPPED), box;
	struct wt_slice from, to;
	unsigned type, len, proto;

	wt_rd_skip(&r, 12);
	type = wt_rd_u16be(&r);
	if (type == 0x8100) {
		wt_rd_skip(&r, 2);
		type = wt_rd_u16be(&r);
	}
	if (type == 0x0800) {
		unsigned head = (wt_rd_u8(&r) & 15u) * 4;

		wt_rd_skip(&r, 1);
		len = wt_rd_u16be(&r);
		wt_rd_skip(&r, 5);
		proto = wt_rd_u8(&r);
		wt_rd_skip(&r, 2);
		from = wt_rd_bytes(&r, 4);
		to = wt_rd_bytes(&r, 4);
		wt_rd_skip(&r, head - 20);
		len -= head;
	} else if (type == 0x86dd) {
		wt_rd_skip(&r, 4);
		len = wt_rd_u16be(&r);
		proto = wt_rd_u8(&r);
		wt_rd_skip(&r, 1);
		from = wt_rd_bytes(&r, 16);
		to = wt_rd_bytes(&r, 16);
	} else {
		return;
	}
	if (r.err != WT_OK || proto != 6)
		return;
	box = wt_rd_box(&r, len);
	take_tcp(g, ts_ns, from, to, &box);
}

static struct wt_slice read_file(struct wt_pcap *pcap, const char *path)
{
	FILE *f = fopen(path, "rb");
	long size = 0;

	if (!f)
		return wt_slice_of(NULL, 0);
	if (fseek(f, 0, SEEK_END) == 0)
		size = ftell(f);
	rewind(f);
	pcap->file = malloc(size > 0 ? (size_t)size : 1);
	if (!pcap->file || fread(pcap->file, 1, (size_t)size, f) != (size_t)size)
		size = 0;
	fclose(f);
	return wt_slice_of(pcap->file, (size_t)size);
}

bool wt_pcap_read(struct wt_pcap *pcap, const char *path)
{
	struct reading g = { .pcap = pcap };
	struct wt_reader r;
	uint32_t magic;

	*pcap = (struct wt_pcap){ 0 };
	r = wt_reader_of(read_file(pcap, path), WT_CLIPPED);
	magic = wt_rd_u32be(&r);
	g.is_le = magic == 0xd4c3b2a1 || magic == 0x4d3cb2a1;
	if (!g.is_le && magic != 0xa1b2c3d4 && magic != 0xa1b23c4d) {
		wt_pcap_free(pcap);
		return false;
	}
	wt_rd_skip(&r, 20);
	while (wt_rd_left(&r)) {
		bool is_nano = magic == 0x4d3cb2a1 || magic == 0xa1b23c4d;
		uint64_t seconds = number(&g, &r), part = number(&g, &r);
		uint32_t len = number(&g, &r);

		wt_rd_skip(&r, 4);
		take_frame(&g, seconds * WT_NS_PER_S + part * (is_nano ? 1 : 1000),
			   wt_rd_bytes(&r, len));
	}
	return true;
}

void wt_pcap_free(struct wt_pcap *pcap)
{
	free(pcap->file);
	free(pcap->part);
	*pcap = (struct wt_pcap){ 0 };
}
