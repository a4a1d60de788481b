/* TCP connections that replay a conversation between other hosts (mkbench.h).
 * Source: RFC 9293 3.1 and 3.5 (handshake, close), RFC 7323 3.2 (timestamps), RFC 5681
 * 4.2 (an acknowledgment for every second segment). */
#include "mkbench.h"

#include <string.h>

#define SEGMENT 1448u /* 1514 bytes with all headers */
#define TCP_LEN 32u   /* with timestamps */

enum { FIN = 1, SYN = 2, PSH = 8, ACK = 16 };

static void send_tcp(struct wire *w, struct out *out, uint8_t dir, uint8_t flags,
		     const uint8_t *payload, size_t len)
{
	static const uint8_t options[12] = { 1, 1, 8, 10 };
	uint8_t frame[14 + 20 + TCP_LEN + SEGMENT];
	uint8_t *ip = frame + 14, *tcp = ip + 20;
	uint32_t clock = (uint32_t)(out->time_ns / 1000000);

	memcpy(frame, w->host[!dir]->mac, 6);
	memcpy(frame + 6, w->host[dir]->mac, 6);
	put16(frame + 12, 0x0800);
	memset(ip, 0, 20 + TCP_LEN);
	ip[0] = 0x45;
	put16(ip + 2, (uint32_t)(20 + TCP_LEN + len));
	put16(ip + 4, w->seq[dir] & 0xffff);
	ip[6] = 0x40;
	ip[8] = 64;
	ip[9] = 6;
	memcpy(ip + 12, w->host[dir]->ip, 4);
	memcpy(ip + 16, w->host[!dir]->ip, 4);
	put16(tcp, w->port[dir]);
	put16(tcp + 2, w->port[!dir]);
	put32(tcp + 4, w->seq[dir]);
	put32(tcp + 8, flags & ACK ? w->seq[!dir] : 0);
	tcp[12] = TCP_LEN / 4 << 4;
	tcp[13] = flags;
	put16(tcp + 14, 64240);
	memcpy(tcp + 20, options, sizeof(options));
	put32(tcp + 24, clock);
	put32(tcp + 28, flags == SYN ? 0 : clock - 1);
	if (len)
		memcpy(tcp + TCP_LEN, payload, len);
	fix_sums(ip, 20 + TCP_LEN + len);
	out_frame(out, frame, 14 + 20 + TCP_LEN + len);
	w->seq[dir] += (uint32_t)len + (flags & (SYN | FIN) ? 1 : 0);
}

void wire_start(struct wire *w, const struct talk *talk, const struct host *client,
		const struct host *server, uint16_t client_port, unsigned repeats, uint64_t *rng)
{
	memset(w, 0, sizeof(*w));
	w->talk = talk;
	w->host[0] = client;
	w->host[1] = server;
	w->port[0] = client_port;
	w->port[1] = talk->port;
	w->seq[0] = (uint32_t)draw(rng);
	w->seq[1] = (uint32_t)draw(rng);
	w->repeats = repeats;
}

/* One segment of the current turn, or the acknowledgment that is due. */
static void step_data(struct wire *w, struct out *out)
{
	const struct turn *t = &w->talk->turns[w->turn];
	size_t left = t->len - w->offset, len = left < SEGMENT ? left : SEGMENT;

	if (w->unacked == 2 || (left == 0 && w->unacked)) {
		send_tcp(w, out, !t->dir, ACK, NULL, 0);
		w->unacked = 0;
	} else if (left) {
		send_tcp(w, out, t->dir, len == left ? ACK | PSH : ACK, t->bytes + w->offset, len);
		w->offset += len;
		w->unacked++;
	}
	if (w->offset < t->len || w->unacked)
		return;
	w->offset = 0;
	if (w->turn == w->talk->last && w->repeats > 1) {
		w->repeats--;
		w->turn = w->talk->first;
	} else {
		w->turn++;
	}
}

bool wire_step(struct wire *w, struct out *out)
{
	static const uint8_t plan[6][2] = { /* who, flags */
		{ 0, SYN }, { 1, SYN | ACK }, { 0, ACK },
		{ 0, FIN | ACK }, { 1, FIN | ACK }, { 0, ACK },
	};

	if (w->step == 3 && w->turn < w->talk->n_turns) {
		step_data(w, out);
		return true;
	}
	send_tcp(w, out, plan[w->step][0], plan[w->step][1], NULL, 0);
	return ++w->step < 6;
}

void send_udp(struct out *out, const struct host *from, const struct host *to, uint16_t sport,
	      uint16_t dport, const void *payload, size_t len)
{
	uint8_t frame[14 + 20 + 8 + SEGMENT];
	uint8_t *ip = frame + 14, *udp = ip + 20;

	memset(frame, 0, 60); /* shorter frames are padded on Ethernet */
	if (len > SEGMENT)
		die("datagram of %zu bytes", len);
	memcpy(frame, to->mac, 6);
	memcpy(frame + 6, from->mac, 6);
	put16(frame + 12, 0x0800);
	memset(ip, 0, 28);
	ip[0] = 0x45;
	put16(ip + 2, (uint32_t)(28 + len));
	put16(ip + 4, (uint32_t)out->n_packets & 0xffff);
	ip[8] = 64;
	ip[9] = 17;
	memcpy(ip + 12, from->ip, 4);
	memcpy(ip + 16, to->ip, 4);
	put16(udp, sport);
	put16(udp + 2, dport);
	put16(udp + 4, (uint32_t)(8 + len));
	put16(udp + 6, 0xffff); /* any value but zero asks fix_sums for the right one */
	memcpy(udp + 8, payload, len);
	fix_sums(ip, 28 + len);
	out_frame(out, frame, 42 + len < 60 ? 60 : 42 + len);
}
