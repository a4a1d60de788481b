/* Which of several rings a packet goes to: its shard (wt_shard_of), so that a worker's
 * ring brings the packets of its own shards. The same steps as there, as a program
 * that the kernel runs for PACKET_FANOUT_CBPF.
 * Source: linux/filter.h (classic BPF and its SKF_* offsets); packet(7). The final
 * mix is that of MurmurHash3 (public domain constants).
 * Trust: addresses are hostile; a flood can pile up on one ring, which is why the
 * engine's own tables do not rest on this hash.
 * Memory: none.
 *
 * The frame as the kernel shows it, relative to the network header (SKF_NET_OFF):
 *   IPv4: source at 12, destination at 16      (RFC 791 3.1)
 *   IPv6: source at 8, destination at 24       (RFC 8200 3)
 *   a second VLAN tag: TCI 2, EtherType 2, then one of the above
 * and relative to the link header (SKF_LL_OFF): MACs at 0 and 6. */
#include "capture/ring.h"

#include <linux/if_ether.h>

#define STEERS WT_SHARDS /* the steer number is the shard */
#define MIX_1 0x85ebca6bu
#define MIX_2 0xc2b2ae35u

uint32_t wt_ring_steer(const struct wt_addr *a, const struct wt_addr *b, uint8_t ip_version)
{
	struct wt_flow_key key = { .end = { { .addr = *a }, { .addr = *b } },
				   .ip_version = ip_version };

	return wt_shard_of(&key);
}

struct writer {
	struct sock_filter *at;
	unsigned room;
	unsigned n;
};

static void put(struct writer *w, unsigned code, uint32_t k)
{
	if (WT_BUG_ON(w->n >= w->room))
		return;
	w->at[w->n++] = (struct sock_filter){ .code = (uint16_t)code, .k = k };
}

/* Slots of the program's scratch memory. */
enum { SLOT_H, SLOT_X, SLOT_SUM };

/* One step of the hash over the words at two offsets. */
static void put_word(struct writer *w, uint32_t a_off, uint32_t b_off)
{
	put(w, BPF_LD | BPF_W | BPF_ABS, a_off);
	put(w, BPF_ST, SLOT_X);
	put(w, BPF_LD | BPF_W | BPF_ABS, b_off);
	put(w, BPF_MISC | BPF_TAX, 0);
	put(w, BPF_LD | BPF_MEM, SLOT_X);
	put(w, BPF_ALU | BPF_ADD | BPF_X, 0);
	put(w, BPF_ALU | BPF_MUL | BPF_K, 3);
	put(w, BPF_ST, SLOT_SUM);
	put(w, BPF_LD | BPF_MEM, SLOT_X);
	put(w, BPF_ALU | BPF_XOR | BPF_X, 0);
	put(w, BPF_LDX | BPF_MEM, SLOT_SUM);
	put(w, BPF_ALU | BPF_ADD | BPF_X, 0);
	put(w, BPF_LDX | BPF_MEM, SLOT_H);
	put(w, BPF_ALU | BPF_XOR | BPF_X, 0);
	put(w, BPF_ALU | BPF_MUL | BPF_K, MIX_1);
	put(w, BPF_ST, SLOT_H);
}

/* The final mix; A holds h. */
static void put_end(struct writer *w)
{
	put(w, BPF_MISC | BPF_TAX, 0);
	put(w, BPF_ALU | BPF_RSH | BPF_K, 13);
	put(w, BPF_ALU | BPF_XOR | BPF_X, 0);
	put(w, BPF_ALU | BPF_MUL | BPF_K, MIX_2);
	put(w, BPF_MISC | BPF_TAX, 0);
	put(w, BPF_ALU | BPF_RSH | BPF_K, 16);
	put(w, BPF_ALU | BPF_XOR | BPF_X, 0);
	put(w, BPF_ALU | BPF_AND | BPF_K, STEERS - 1);
	put(w, BPF_RET | BPF_A, 0);
}

static void put_ip(struct writer *w, uint32_t net, unsigned ip_version)
{
	uint32_t i;

	if (ip_version == 4) {
		put_word(w, net + 12, net + 16);
	} else {
		for (i = 0; i < 4; i++)
			put_word(w, net + 8 + 4 * i, net + 24 + 4 * i);
	}
	put_end(w);
}

/* "If A is `value`, pass over none of the next block": the block is written by the
 * caller, then closed by block_end, which fills in how far to jump otherwise. */
static unsigned block_begin(struct writer *w, uint32_t value)
{
	put(w, BPF_JMP | BPF_JEQ | BPF_K, value);
	return w->n - 1;
}

static void block_end(struct writer *w, unsigned begin)
{
	unsigned distance = w->n - begin - 1;

	if (!WT_BUG_ON(distance > UINT8_MAX || begin >= w->n))
		w->at[begin].jf = (uint8_t)distance;
}

void wt_ring_steer_program(struct sock_filter *program, unsigned *n)
{
	struct writer w = { .at = program, .room = *n };
	const uint32_t net = (uint32_t)SKF_NET_OFF, link = (uint32_t)SKF_LL_OFF;
	unsigned begin;

	put(&w, BPF_LD | BPF_IMM, 0);
	put(&w, BPF_ST, SLOT_H);
	put(&w, BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL));
	begin = block_begin(&w, ETH_P_IP);
	put_ip(&w, net, 4);
	block_end(&w, begin);
	begin = block_begin(&w, ETH_P_IPV6);
	put_ip(&w, net, 6);
	block_end(&w, begin);
	/* The outermost tag is off already; a second one is either of these. */
	put(&w, BPF_JMP | BPF_JEQ | BPF_K, ETH_P_8021Q);
	w.at[w.n - 1].jt = 1;
	begin = block_begin(&w, ETH_P_8021AD);
	put(&w, BPF_LD | BPF_H | BPF_ABS, net + 2);
	{
		unsigned inner = block_begin(&w, ETH_P_IP);

		put_ip(&w, net + 4, 4);
		block_end(&w, inner);
		inner = block_begin(&w, ETH_P_IPV6);
		put_ip(&w, net + 4, 6);
		block_end(&w, inner);
	}
	block_end(&w, begin);
	/* Anything else by its MACs, of which the vendor part is left out. */
	put_word(&w, link + 2, link + 8);
	put_end(&w);
	*n = w.n;
}
