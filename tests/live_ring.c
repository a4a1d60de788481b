/* Reads an interface through wt_ring until its standard input closes, writes what
 * came to FILE.<ring>.pcap, and checks the accounting. For tests/live.sh.
 *
 *   live_ring IFACE FILE RINGS SPREAD BLOCKS PAUSE_US SNAP USER
 *       FILE none: nothing is written
 *       SPREAD is pair, hash, alone, or resume: alone, and go on when it was down
 *   live_ring --same A.pcap B.pcap      the same frames in the same order?
 *   live_ring --begin A.pcap B.pcap     the same, where B's frames are cut?
 *   live_ring --pairs A.pcap B.pcap     each address pair in the ring it belongs to?
 *   live_ring --make A.pcap COUNT       frames of all kinds of tags and lengths
 *
 * Exit: 0 good; 1 the accounting or the comparison is wrong; 2 could not run; 3 the
 * interface went away. */
#define _GNU_SOURCE
#include <pcap/pcap.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/privileges.h"
#include "capture/ring.h"

#define RINGS_MAX 8

static bool does_resume;

struct reader {
	struct wt_ring *ring;
	pcap_t *pcap;
	pcap_dumper_t *dump;
	uint64_t n_read;
	uint64_t n_offloaded;
};

static void take(struct reader *r, const struct wt_batch *batch)
{
	unsigned i;

	for (i = 0; i < batch->n; i++) {
		const struct wt_packet *p = &batch->packet[i];
		struct pcap_pkthdr head = {
			.ts = { .tv_sec = (time_t)(p->ts_ns / WT_NS_PER_S),
				.tv_usec = (suseconds_t)(p->ts_ns % WT_NS_PER_S) },
			.caplen = p->cap_len, .len = p->wire_len,
		};

		if (p->number != ++r->n_read) {
			fprintf(stderr, "number %llu after %llu\n",
				(unsigned long long)p->number, (unsigned long long)r->n_read);
			exit(1);
		}
		r->n_offloaded += p->is_sum_offloaded;
		if (r->dump)
			pcap_dump((u_char *)r->dump, &head, p->bytes);
	}
}

static bool open_reader(struct reader *r, char **argv, unsigned i)
{
	struct wt_ring_options options = {
		.interface = argv[1], .n_blocks = (uint32_t)atoi(argv[5]), .block_size = 524288,
		.is_promiscuous = true, .snap_len = (uint32_t)atoi(argv[7]),
		.fanout_group = (uint16_t)getpid(),
		.spread = strcmp(argv[4], "pair") == 0 ? WT_RING_PAIR :
			    strcmp(argv[4], "hash") == 0 ? WT_RING_HASH : WT_RING_ALONE,
	};
	char error[256], name[512];

	r->ring = wt_ring_open(&options, error, sizeof(error));
	if (!r->ring) {
		fprintf(stderr, "%s\n", error);
		return false;
	}
	if (wt_ring_spread(r->ring) != options.spread) {
		fprintf(stderr, "the kernel gave another spread\n");
		return false;
	}
	if (strcmp(argv[2], "none") == 0)
		return true;
	snprintf(name, sizeof(name), "%s.%u.pcap", argv[2], i);
	/* The registry's 101 is DLT_RAW, another number, in libpcap's own terms. */
	r->pcap = pcap_open_dead_with_tstamp_precision(wt_ring_link_type(r->ring) == 101 ?
						       DLT_RAW : wt_ring_link_type(r->ring),
						       WT_RING_SNAP_MAX,
						       PCAP_TSTAMP_PRECISION_NANO);
	r->dump = r->pcap ? pcap_dump_open(r->pcap, name) : NULL;
	if (!r->dump)
		fprintf(stderr, "%s: %s\n", name, r->pcap ? pcap_geterr(r->pcap) : "no memory");
	return r->dump != NULL;
}

static bool is_input_closed(void)
{
	struct pollfd pfd = { .fd = 0, .events = POLLIN };

	return poll(&pfd, 1, 0) > 0;
}

/* One turn over all rings; false when one reports an error. */
static bool turn(struct reader *r, unsigned n, unsigned pause_us)
{
	static struct wt_batch batch;
	unsigned i;

	for (i = 0; i < n; i++) {
		int got = wt_ring_next(r[i].ring, &batch, n == 1 ? 20 : 1);

		if (got < 0) {
			fprintf(stderr, "%s\n", wt_ring_error(r[i].ring));
			if (does_resume)
				continue;
			return false;
		}
		take(&r[i], &batch);
		if (got && pause_us)
			usleep(pause_us);
	}
	return true;
}

static bool is_drained(struct reader *r, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		if (!wt_ring_is_drained(r[i].ring))
			return false;
	return true;
}

static int account(struct reader *r, unsigned n)
{
	uint64_t received, dropped, all = 0, lost = 0, n_read = 0;
	int code = 0;
	unsigned i;

	for (i = 0; i < n; i++) {
		if (!wt_ring_stats(r[i].ring, &received, &dropped)) {
			fprintf(stderr, "%s\n", wt_ring_error(r[i].ring));
			return 1;
		}
		printf("ring %u: received %llu = read %llu + dropped %llu, %llu offloaded\n", i,
		       (unsigned long long)received, (unsigned long long)r[i].n_read,
		       (unsigned long long)dropped, (unsigned long long)r[i].n_offloaded);
		if (received != r[i].n_read + dropped)
			code = 1;
		all += received;
		lost += dropped;
		n_read += r[i].n_read;
	}
	printf("total received %llu read %llu dropped %llu %s\n", (unsigned long long)all,
	       (unsigned long long)n_read, (unsigned long long)lost, code ? "WRONG" : "exact");
	return code;
}

static int run(char **argv)
{
	static struct reader r[RINGS_MAX];
	unsigned n = (unsigned)atoi(argv[3]), pause_us = (unsigned)atoi(argv[6]), i;
	char error[256];
	int code = 0;

	does_resume = strcmp(argv[4], "resume") == 0;
	for (i = 0; i < n && i < RINGS_MAX; i++)
		if (!open_reader(&r[i], argv, i))
			return 2;
	for (i = 0; i < n; i++)
		if (!wt_ring_start(r[i].ring))
			return 2;
	if (!wt_privileges_drop(argv[8], false, error, sizeof(error))) {
		fprintf(stderr, "%s\n", error);
		return 2;
	}
	printf("ready\n");
	fflush(stdout);
	while (code == 0 && !is_input_closed())
		code = turn(r, n, pause_us) ? 0 : 3;
	for (i = 0; i < n; i++)
		if (!wt_ring_stop(r[i].ring))
			return 2;
	while (code == 0 && !is_drained(r, n))
		code = turn(r, n, 0) ? 0 : 3;
	if (account(r, n) != 0 && code == 0)
		code = 1;
	for (i = 0; i < n; i++) {
		if (r[i].dump) {
			pcap_dump_close(r[i].dump);
			pcap_close(r[i].pcap);
		}
		wt_ring_close(r[i].ring);
	}
	return code;
}

static int same(pcap_t *a, pcap_t *b, bool may_be_cut)
{
	struct pcap_pkthdr *head[2];
	const u_char *bytes[2];
	unsigned long n = 0, n_cut = 0;
	int got_a, got_b;

	for (;;) {
		got_a = pcap_next_ex(a, &head[0], &bytes[0]);
		got_b = pcap_next_ex(b, &head[1], &bytes[1]);
		if (got_a != 1 || got_b != 1)
			break;
		n++;
		n_cut += head[1]->caplen < head[0]->caplen;
		if ((head[0]->caplen != head[1]->caplen && !may_be_cut) ||
		    head[0]->caplen < head[1]->caplen || head[0]->len != head[1]->len ||
		    memcmp(bytes[0], bytes[1], head[1]->caplen) != 0) {
			printf("frame %lu differs: %u and %u bytes\n", n, head[0]->caplen,
			       head[1]->caplen);
			return 1;
		}
	}
	printf("%lu frames are the same, %lu cut%s\n", n, n_cut,
	       got_a == got_b ? "" : ", but one file goes on");
	return got_a == got_b && n > 0 && may_be_cut == (n_cut > 0) ? 0 : 1;
}

/* The address pair of an IP frame with any number of tags; 0: no whole IP header.
 * Gives the IP version. */
static uint8_t pair_of(const u_char *bytes, unsigned len, struct wt_addr pair[2])
{
	unsigned at = 12;

	memset(pair, 0, 2 * sizeof(*pair));
	while (len >= at + 4 && (bytes[at] == 0x81 || (bytes[at] == 0x88 && bytes[at + 1] == 0xa8)))
		at += 4;
	if (len >= at + 22 && bytes[at] == 8 && bytes[at + 1] == 0) {
		memcpy(pair[0].octet, bytes + at + 14, 4);
		memcpy(pair[1].octet, bytes + at + 18, 4);
		return 4;
	}
	if (len >= at + 42 && bytes[at] == 0x86 && bytes[at + 1] == 0xdd) {
		memcpy(pair[0].octet, bytes + at + 10, 16);
		memcpy(pair[1].octet, bytes + at + 26, 16);
		return 6;
	}
	return 0;
}

/* The kernel's program and wt_ring_steer agree about every packet of ring `ring`. */
static bool belongs(pcap_t *pcap, unsigned ring, unsigned long n[2])
{
	struct pcap_pkthdr *head;
	const u_char *bytes;
	struct wt_addr pair[2];

	while (pcap_next_ex(pcap, &head, &bytes) == 1) {
		uint8_t version = pair_of(bytes, head->caplen, pair);

		if (version == 0)
			continue;
		n[version == 6]++;
		if (wt_ring_steer(&pair[0], &pair[1], version) % 2 != ring ||
		    wt_ring_steer(&pair[1], &pair[0], version) % 2 != ring) {
			printf("an IPv%u packet of ring %u belongs to the other\n", version, ring);
			return false;
		}
	}
	return true;
}

static int apart(pcap_t *a, pcap_t *b)
{
	unsigned long n[2][2] = { { 0, 0 }, { 0, 0 } };

	if (!belongs(a, 0, n[0]) || !belongs(b, 1, n[1]))
		return 1;
	printf("%lu and %lu IPv4, %lu and %lu IPv6 packets, each where it belongs\n", n[0][0],
	       n[1][0], n[0][1], n[1][1]);
	return n[0][0] && n[1][0] && n[0][1] && n[1][1] ? 0 : 1;
}

/* Bytes of frame `i`: no tag, one or two of either kind, IPv4, IPv6 or ARP, and of
 * lengths from the header alone to jumbo. Both ways of some thousand address pairs. */
static unsigned make_frame(u_char *frame, unsigned i)
{
	static const u_char tags[5][8] = {
		{ 0 }, { 0x81, 0, 0xf0, 0x64 }, { 0x88, 0xa8, 0, 1 },
		{ 0x88, 0xa8, 0x30, 0x0a, 0x81, 0, 0x0f, 0xfe },
		{ 0x81, 0, 0, 0, 0x81, 0, 0x10, 2 },
	};
	static const unsigned tag_len[5] = { 0, 4, 4, 8, 8 };
	const unsigned kind = i % 5, pair = i / 2 % 3000, l3 = i / 5 % 4, at = 12 + tag_len[kind];
	/* The kernel drops tagged frames without two bytes behind the tag's type. */
	unsigned len = at + 4 + (i % 97 == 0 ? 8900 : i % 7 == 0 ? 0 : i % 1400), k;
	u_char *ip = frame + at + 2;

	memcpy(frame, i & 1 ? "\2\0\0\0\0\1\2\0\0\0\0\2" :
	       "\2\0\0\0\0\2\2\0\0\0\0\1", 12);
	memcpy(frame + 12, tags[kind], tag_len[kind]);
	memcpy(frame + at, l3 == 3 ? "\x86\xdd" : l3 == 2 ? "\x08\x06" : "\x08\0", 2);
	for (k = 0; at + 2 + k < len; k++)
		ip[k] = (u_char)(i * 31 + k * 7);
	if (l3 < 2 && len >= at + 22) {
		u_char *one = ip + (i & 1 ? 12 : 16), *other = ip + (i & 1 ? 16 : 12);

		memcpy(one, "\x0a\1", 2);
		one[2] = (u_char)(pair >> 8);
		one[3] = (u_char)pair;
		memcpy(other, "\x0a\2\0\7", 4);
		ip[0] = 0x45;
	}
	return len;
}

static int make(const char *name, unsigned n)
{
	static u_char frame[16384];
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, WT_RING_SNAP_MAX);
	pcap_dumper_t *dump = pcap ? pcap_dump_open(pcap, name) : NULL;
	unsigned i;

	if (!dump)
		return 2;
	for (i = 0; i < n; i++) {
		unsigned len = make_frame(frame, i);
		struct pcap_pkthdr head = { .ts = { .tv_sec = 1, .tv_usec = i % 1000000 },
					    .caplen = len, .len = len };

		pcap_dump((u_char *)dump, &head, frame);
	}
	pcap_dump_close(dump);
	pcap_close(pcap);
	return 0;
}

int main(int argc, char **argv)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *a, *b;

	if (argc == 9)
		return run(argv);
	if (argc != 4)
		return 2;
	if (strcmp(argv[1], "--make") == 0)
		return make(argv[2], (unsigned)atoi(argv[3]));
	a = pcap_open_offline(argv[2], error);
	b = pcap_open_offline(argv[3], error);
	if (!a || !b) {
		fprintf(stderr, "%s\n", error);
		return 2;
	}
	if (strcmp(argv[1], "--pairs") == 0)
		return apart(a, b);
	return same(a, b, strcmp(argv[1], "--begin") == 0);
}
