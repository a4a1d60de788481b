/* The small-flow mix: many captures, each many times between other addresses, their
 * packets interleaved: hundreds of thousands of short flows of many protocols.
 * A copy changes the middle 16 bits of every unicast address and the low 16 of every
 * unicast MAC by exclusive or with its number, so copies never share a flow, and
 * corrects the checksums for it. Captures of large packets and of small ones are two
 * lists; the next copy comes from whichever brings the mean packet nearer to MEAN. */
#include "mkbench.h"

#include <stdlib.h>
#include <string.h>

#define AT_ONCE 2000u
#define PER_FLOW 24u /* packets kept of one flow of a capture: short flows */
#define PER_FILE_BYTES (400u * 1024u) /* no capture may outweigh the others */
#define MEAN 320u /* bytes per packet that is aimed at */

struct copy {
	const struct capture *capture;
	size_t next;
	uint16_t number;
};

static void shift_mac(uint8_t *mac, uint16_t number)
{
	if (mac[0] & 1)
		return;
	put16(mac + 4, (uint32_t)(get16(mac + 4) ^ number));
}

/* Where the transport checksum of an unfragmented IP packet lies, or NULL. */
static uint8_t *l4_sum(uint8_t *ip, size_t len)
{
	bool is_v4 = ip[0] >> 4 == 4;
	size_t off = is_v4 ? (size_t)(ip[0] & 15) * 4 : 40;
	uint8_t proto = is_v4 ? ip[9] : ip[6];

	if (is_v4 && get16(ip + 6) & 0x1fff)
		return NULL;
	if (proto == 6 && off + 18 <= len)
		return ip + off + 16;
	if (proto == 17 && off + 8 <= len && get16(ip + off + 6) != 0)
		return ip + off + 6;
	return NULL;
}

static void shift_addr(uint8_t *at, bool is_v4, uint16_t number, uint8_t *ip_sum, uint8_t *sum)
{
	uint16_t high, low;

	if (!is_v4) {
		if (at[0] != 0xff)
			change16(at + 6, (uint16_t)(get16(at + 6) ^ number), sum);
		return;
	}
	if (at[0] >= 224 || at[0] == 0)
		return;
	/* bits 8 to 23 lie across two words */
	high = (uint16_t)(get16(at) ^ number >> 8);
	low = (uint16_t)(get16(at + 2) ^ (number & 0xff) << 8);
	if (sum) {
		uint16_t was = get16(at), was_low = get16(at + 2);

		change16(at, high, sum);
		change16(at + 2, low, sum);
		put16(at, was);
		put16(at + 2, was_low);
	}
	change16(at, high, ip_sum);
	change16(at + 2, low, ip_sum);
}

static void emit(struct out *out, const struct frame *f, uint16_t number)
{
	static uint8_t frame[FRAME_MAX];
	uint8_t *ip = frame + f->ip_off, *sum;
	bool is_v4;

	memcpy(frame, f->bytes, f->len);
	shift_mac(frame, number);
	shift_mac(frame + 6, number);
	if (f->ip_off) {
		is_v4 = ip[0] >> 4 == 4;
		sum = l4_sum(ip, f->len - f->ip_off);
		shift_addr(ip + (is_v4 ? 12 : 8), is_v4, number, ip + 10, sum);
		shift_addr(ip + (is_v4 ? 16 : 24), is_v4, number, ip + 10, sum);
	}
	out_frame(out, frame, f->len);
}

static size_t gather(const char *const *folders, size_t n_folders, struct capture **all)
{
	size_t i, k, n = 0, n_skipped_all = 0;
	uint64_t n_frames = 0, n_bytes = 0;

	*all = NULL;
	for (i = 0; i < n_folders; i++) {
		struct capture *some;
		size_t n_skipped, n_some = read_captures(folders[i], PER_FLOW, &some, &n_skipped);

		*all = realloc(*all, (n + n_some + 1) * sizeof(**all));
		if (!*all)
			die("no memory");
		for (k = 0; k < n_some; k++) {
			while (some[k].n_bytes > PER_FILE_BYTES)
				some[k].n_bytes -= some[k].frames[--some[k].n_frames].len;
			n_frames += some[k].n_frames;
			n_bytes += some[k].n_bytes;
			(*all)[n++] = some[k];
		}
		n_skipped_all += n_skipped;
		free(some);
	}
	if (n_frames == 0)
		die("no captures to make a mix of");
	fprintf(stderr, "mkbench: %zu captures as templates (%zu not usable), %llu packets of %.0f "
		"bytes\n", n, n_skipped_all, (unsigned long long)n_frames,
		(double)n_bytes / (double)n_frames);
	return n;
}

/* Captures of one kind, taken in turn; each round is another copy. */
struct list {
	struct capture *items;
	size_t n, at;
	unsigned number;
};

static const struct capture *take(struct list *l)
{
	if (l->at == l->n) {
		l->at = 0;
		if (++l->number > UINT16_MAX)
			die("more than 65,536 copies");
	}
	return &l->items[l->at++];
}

static void shuffle(struct list *l, uint64_t *rng)
{
	size_t i;

	for (i = l->n; i > 1; i--) {
		size_t other = draw_below(rng, i);
		struct capture swap = l->items[i - 1];

		l->items[i - 1] = l->items[other];
		l->items[other] = swap;
	}
}

void make_mix(struct out *out, uint64_t size, uint64_t seed, const char *const *folders,
	      size_t n_folders)
{
	struct list list[2] = { { 0 } }; /* small packets, large packets */
	struct copy active[AT_ONCE];
	struct capture *all;
	size_t n = gather(folders, n_folders, &all), i;
	uint64_t rng = seed;
	unsigned k;

	for (k = 0; k < 2; k++)
		list[k].items = need(n * sizeof(*all));
	for (i = 0; i < n; i++) {
		k = all[i].n_bytes >= MEAN * all[i].n_frames;
		list[k].items[list[k].n++] = all[i];
	}
	for (k = 0; k < 2; k++)
		shuffle(&list[k], &rng);
	memset(active, 0, sizeof(active));
	while (out->n_bytes < size) {
		struct copy *c = &active[draw_below(&rng, AT_ONCE)];

		if (!c->capture || c->next == c->capture->n_frames) {
			k = out->n_bytes < MEAN * out->n_packets;
			k = list[k].n ? k : !k;
			c->capture = take(&list[k]);
			c->next = 0;
			c->number = (uint16_t)list[k].number;
		}
		for (k = 1 + (unsigned)draw_below(&rng, 3); k && c->next < c->capture->n_frames; k--)
			emit(out, &c->capture->frames[c->next++], c->number);
	}
	printf("mix: %zu captures of small packets %u times, %zu of large ones %u times\n",
	       list[0].n, list[0].number + 1, list[1].n, list[1].number + 1);
}
