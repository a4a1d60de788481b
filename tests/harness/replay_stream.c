/* Sending a conversation again (replay_stream.h). Memory: the heap. */
#include "harness/replay_stream.h"

#include <stdio.h>
#include <stdlib.h>

#define PIECES_MAX 262144u
#define REORDER_SPAN 8u

struct piece {
	size_t from, len;
};

static void *more(void *at, size_t size)
{
	at = realloc(at, size);
	if (!at)
		abort();
	return at;
}

static struct turn *last_turn(struct conversation *c, enum wt_direction dir, uint64_t lost)
{
	struct turn *t;

	if (c->n && c->turn[c->n - 1].dir == dir && !lost)
		return &c->turn[c->n - 1];
	if (c->n == c->room) {
		c->room = c->room * 2 + 8;
		c->turn = more(c->turn, c->room * sizeof(*c->turn));
	}
	t = &c->turn[c->n++];
	*t = (struct turn){ .dir = dir, .lost = lost };
	return t;
}

struct conversation *conversation_of(const struct bench_flow *f, const char *name)
{
	struct conversation *c = calloc(1, sizeof(*c));
	uint64_t lost[2] = { 0, 0 };
	unsigned n_ends = 0;
	size_t i;

	if (!c)
		abort();
	(void)snprintf(c->name, sizeof(c->name), "%s", name);
	c->client_port = f->key.end[f->client].port;
	c->server_port = f->key.end[f->client ^ 1].port;
	for (i = 0; i < f->n; i++) {
		const struct bench_chunk *from = &f->chunk[i];
		struct turn *t;

		n_ends += from->kind == BENCH_END;
		if (from->kind == BENCH_GAP)
			lost[from->dir] += from->lost;
		if (from->kind != BENCH_DATA || !from->len)
			continue;
		t = last_turn(c, from->dir, lost[from->dir]);
		lost[from->dir] = 0;
		t->bytes = more(t->bytes, t->len + from->len);
		memcpy(t->bytes + t->len, from->bytes, from->len);
		t->len += from->len;
		if (t->n_pieces == t->room) {
			t->room = t->room * 2 + 8;
			t->piece = more(t->piece, t->room * sizeof(*t->piece));
		}
		t->piece[t->n_pieces++] = from->len;
		c->n_bytes += from->len;
	}
	c->ends = n_ends >= 2;
	return c;
}

struct conversation *conversation_copy(const struct conversation *c)
{
	struct conversation *copy = more(NULL, sizeof(*copy));
	size_t i;

	*copy = *c;
	copy->turn = more(NULL, (c->n + 1) * sizeof(*c->turn));
	for (i = 0; i < c->n; i++) {
		struct turn *t = &copy->turn[i];

		*t = c->turn[i];
		t->bytes = more(NULL, t->len);
		memcpy(t->bytes, c->turn[i].bytes, t->len);
		t->piece = more(NULL, t->n_pieces * sizeof(*t->piece));
		memcpy(t->piece, c->turn[i].piece, t->n_pieces * sizeof(*t->piece));
	}
	return copy;
}

void conversation_free(struct conversation *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		free(c->turn[i].bytes);
		free(c->turn[i].piece);
	}
	free(c->turn);
	free(c);
}

static size_t piece_len(const struct turn *t, struct way *way, size_t done, size_t n,
			size_t before)
{
	switch (way->cut) {
	case CUT_RECORDED:
		return t->piece[n];
	case CUT_AT:
		if (before + done < way->at && way->at < before + t->len)
			return way->at - before - done < 32768 ? way->at - before - done : 32768;
		return 32768;
	case CUT_BYTES:
		return 1;
	case CUT_MSS:
		return 1460;
	case CUT_RANDOM:
		switch (bench_below(&way->random, 4)) {
		case 0: return 1 + bench_below(&way->random, 4);
		case 1: return 1 + bench_below(&way->random, 40);
		case 2: return 1 + bench_below(&way->random, 600);
		default: return 1 + bench_below(&way->random, 3000);
		}
	case CUT_TURNS:
		break;
	}
	return 32768;
}

/* Cuts a turn; number of pieces. */
static size_t cut_turn(const struct turn *t, struct way *way, size_t before, size_t len,
		       struct piece *piece)
{
	size_t done = 0, n = 0;

	while (done < len && n < PIECES_MAX) {
		size_t take = piece_len(t, way, done, n, before);

		if (take > len - done)
			take = len - done;
		piece[n++] = (struct piece){ done, take };
		done += take;
	}
	return n;
}

static void reorder(struct piece *piece, size_t n, struct bench_random *random)
{
	size_t from, i;

	for (from = 0; from + 1 < n; from += REORDER_SPAN) {
		size_t span = n - from < REORDER_SPAN ? n - from : REORDER_SPAN;

		for (i = span; i > 1; i--) {
			size_t k = bench_below(random, (uint32_t)i);
			struct piece swap = piece[from + i - 1];

			piece[from + i - 1] = piece[from + k];
			piece[from + k] = swap;
		}
	}
}

struct sending {
	struct bench *b;
	const struct conversation *c;
	uint32_t seq[2];
	const char *wrong;
};

static void send_one(struct sending *s, enum wt_direction dir, uint32_t seq, uint8_t flags,
		     struct wt_slice bytes, uint16_t ip_id)
{
	struct bench_segment segment = {
		.dir = dir, .seq = seq, .ack = s->seq[wt_opposite(dir)], .flags = flags,
		.bytes = bytes, .ip_id = ip_id, .client_port = s->c->client_port,
		.server_port = s->c->server_port,
	};

	(void)bench_segment(s->b, &segment);
	if (!s->wrong)
		s->wrong = bench_bounds(s->b);
}

static void shake_hands(struct sending *s)
{
	s->seq[WT_TO_SERVER] = UINT32_MAX - 500; /* soon wraps */
	s->seq[WT_TO_CLIENT] = 7000;
	send_one(s, WT_TO_SERVER, s->seq[WT_TO_SERVER]++, WT_TCP_SYN, wt_slice_of(NULL, 0), 1);
	send_one(s, WT_TO_CLIENT, s->seq[WT_TO_CLIENT]++, WT_TCP_SYN | WT_TCP_ACK,
		 wt_slice_of(NULL, 0), 1);
	send_one(s, WT_TO_SERVER, s->seq[WT_TO_SERVER], WT_TCP_ACK, wt_slice_of(NULL, 0), 2);
}

static void send_turn(struct sending *s, const struct turn *t, struct way *way, size_t before,
		      size_t len, struct piece *piece)
{
	size_t n = cut_turn(t, way, before, len, piece), i;
	uint32_t base;

	if (t->lost)
		s->seq[t->dir] += (uint32_t)t->lost;
	base = s->seq[t->dir];
	if (way->is_reordered && !t->lost)
		reorder(piece, n, &way->random);
	for (i = 0; i < n; i++) {
		struct wt_slice bytes = wt_slice_of(t->bytes + piece[i].from, piece[i].len);
		uint16_t ip_id = (uint16_t)(10 + i);

		send_one(s, t->dir, base + (uint32_t)piece[i].from, WT_TCP_ACK, bytes, ip_id);
		if (t->lost && i == 0) /* nobody fills the hole */
			bench_time(s->b, s->b->clock_ns + WT_GAP_PATIENCE_NS + 2 * WT_TICK_NS);
		if (way->is_repeated && bench_below(&way->random, 20) == 0)
			send_one(s, t->dir, base + (uint32_t)piece[i].from, WT_TCP_ACK, bytes,
				 bench_below(&way->random, 2) ? ip_id : (uint16_t)(ip_id + 7));
	}
	s->seq[t->dir] = base + (uint32_t)len;
}

const char *conversation_send(struct bench *b, const struct conversation *c, struct way *way)
{
	struct sending s = { .b = b, .c = c };
	static struct piece piece[PIECES_MAX];
	size_t before = 0, i;

	b->events.len = b->flows.len = 0;
	if (b->events.ptr)
		b->events.ptr[0] = '\0';
	bench_rewind(b);
	shake_hands(&s);
	for (i = 0; i < c->n; i++) {
		size_t len = c->turn[i].len;

		if (way->stop && before + len > way->stop)
			len = way->stop - before;
		if (len)
			send_turn(&s, &c->turn[i], way, before, len, piece);
		before += len;
		if (way->stop && before >= way->stop)
			break;
	}
	if (way->stays_open)
		return s.wrong;
	if (!way->stop) {
		send_one(&s, WT_TO_SERVER, s.seq[0]++, WT_TCP_FIN | WT_TCP_ACK,
			 wt_slice_of(NULL, 0), 3);
		send_one(&s, WT_TO_CLIENT, s.seq[1]++, WT_TCP_FIN | WT_TCP_ACK,
			 wt_slice_of(NULL, 0), 3);
	}
	return s.wrong ? s.wrong : bench_finish(b);
}
