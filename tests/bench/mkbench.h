/* Shared by the parts of mkbench, which writes the captures that `make bench` runs.
 *   mkbench.c    command line, the loop that mixes classes of traffic
 *   mk_out.c     pcap file, random numbers, checksums
 *   mk_read.c    captures as templates: frames, and TCP conversations
 *   mk_talk.c    TCP connections that replay a conversation with other endpoints
 *   mk_hosp.c    the hospital mix
 *   mk_mix.c     the small-flow mix
 * Trust: templates are captures of this project or beside it; they are parsed with
 * care all the same, because some of them were made to hurt parsers.
 * Memory: all templates at once (tens of MiB); output is streamed. */
#ifndef MKBENCH_H
#define MKBENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define FRAME_MAX 65536u

/* mk_out.c */
struct out {
	FILE *file;
	uint64_t n_packets, n_bytes; /* frames only, without pcap headers */
	uint64_t time_ns;
	uint64_t ns_per_byte_x16;    /* pace, sixteenths of ns */
};

void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void *need(size_t size); /* zeroed; dies when there is none */
uint64_t draw(uint64_t *state);                    /* splitmix64 */
uint64_t draw_below(uint64_t *state, uint64_t n);  /* 0..n-1 */
void out_open(struct out *out, const char *path);
void out_frame(struct out *out, const uint8_t *frame, size_t len);
void out_close(struct out *out);

uint16_t get16(const uint8_t *at);
uint32_t get32(const uint8_t *at);
void put16(uint8_t *at, uint32_t value);
void put32(uint8_t *at, uint32_t value);
uint32_t sum_add(uint32_t sum, const uint8_t *at, size_t len); /* RFC 1071 */
uint16_t sum_end(uint32_t sum);
/* Checksums of an IP packet (and its TCP or UDP) in place, where they are possible. */
void fix_sums(uint8_t *ip, size_t len);
/* Changes 2 bytes and the checksum at `sum` with them (RFC 1624). */
void change16(uint8_t *at, uint16_t value, uint8_t *sum);

/* mk_read.c */
struct frame {
	uint8_t *bytes;
	uint32_t len;
	uint32_t ip_off; /* 0: no IP */
};

struct capture {
	struct frame *frames;
	size_t n_frames;
	uint64_t n_bytes;
};

/* All captures below a folder, in the order of their names, Ethernet made of what is
 * raw IP, loopback or cooked; frames beyond `per_flow` of one flow are left out (0: no
 * limit). Returns how many files gave frames; *captures is the list. */
size_t read_captures(const char *folder, unsigned per_flow, struct capture **captures,
		     size_t *n_skipped);

/* One TCP conversation: who said what, in order. */
struct turn {
	uint8_t dir; /* 0: client */
	uint8_t *bytes;
	size_t len;
};

struct talk {
	struct turn *turns;
	size_t n_turns;
	size_t first, last; /* turns [first, last] may be said again and again */
	uint16_t port;      /* of the server */
};

/* Complete conversations (handshake seen, no hole) of a capture. */
size_t read_talks(const struct capture *c, struct talk **talks, size_t n_talks);

/* mk_talk.c */
struct host {
	uint8_t mac[6];
	uint8_t ip[4];
};

struct wire { /* one connection at work */
	const struct talk *talk;
	const struct host *host[2];
	uint16_t port[2];
	uint32_t seq[2];
	size_t turn, offset;
	unsigned repeats, unacked, step;
};

void wire_start(struct wire *w, const struct talk *talk, const struct host *client,
		const struct host *server, uint16_t client_port, unsigned repeats,
		uint64_t *rng);
/* Sends the connection's next packet; false after its last. */
bool wire_step(struct wire *w, struct out *out);
void send_udp(struct out *out, const struct host *from, const struct host *to, uint16_t sport,
	      uint16_t dport, const void *payload, size_t len);

/* mk_hosp.c, mk_mix.c */
void make_hosp(struct out *out, uint64_t size, uint64_t seed, const char *pcaps);
void make_mix(struct out *out, uint64_t size, uint64_t seed, const char *const *folders,
	      size_t n_folders);

#endif
