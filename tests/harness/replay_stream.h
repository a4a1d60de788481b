/* A recorded TCP conversation, sent again in other segments.
 *
 * The bytes of each direction and the order in which the sides took turns stay; what
 * changes is where segments begin and end, their order inside one turn, and how often
 * they come. A turn is all that one side sent before the other side sent something. */
#ifndef TESTS_REPLAY_STREAM_H
#define TESTS_REPLAY_STREAM_H

#include "harness/stream_engine.h"

struct turn {
	enum wt_direction dir;
	uint64_t lost; /* bytes lost before it */
	uint8_t *bytes;
	size_t len;
	size_t *piece; /* lengths of the recorded segments */
	size_t n_pieces, room;
};

struct conversation {
	char name[256];
	uint16_t client_port, server_port;
	struct turn *turn;
	size_t n, room;
	size_t n_bytes;
	bool ends; /* both FINs were recorded */
};

enum cut {
	CUT_RECORDED, /* segments as they were */
	CUT_TURNS,    /* a turn in segments of 32 KiB */
	CUT_AT,       /* turns whole, but for one cut after `at` bytes of the conversation */
	CUT_BYTES,    /* 1 byte each */
	CUT_MSS,      /* 1460 bytes each */
	CUT_RANDOM,   /* random lengths, mostly short */
};

struct way {
	enum cut cut;
	size_t at;
	size_t stop;       /* send only so many bytes of the conversation; 0: all */
	bool is_reordered; /* inside a turn, over 8 segments at most */
	bool is_repeated;  /* 5 % of the segments come twice */
	bool stays_open;   /* no FIN, flows are not finished */
	struct bench_random random;
};

/* The conversation of a recorded TCP flow; freed with conversation_free. */
struct conversation *conversation_of(const struct bench_flow *f, const char *name);
struct conversation *conversation_copy(const struct conversation *c);
void conversation_free(struct conversation *c);

/* Sends it through a dissecting bench, which may be used again: the flow is new each
 * time. Clears b->events and b->flows first. NULL, or what was wrong (bench_bounds,
 * bench_finish). */
const char *conversation_send(struct bench *b, const struct conversation *c, struct way *way);

#endif
