/* QUIC: which connection is opened to whom, read from its Initial packets, whose keys
 * everybody can derive from the client's connection id.
 *
 *   1 1 type(2) xx xx   version(4)  dcid(1+n)  scid(1+n)  token(varint+n)  length(varint)
 *   packet number(1..4, protected)  payload (AES-128-GCM): frames, CRYPTO among them
 *
 * A datagram may hold several packets. CRYPTO frames come in any order and over several
 * packets; the client's first QUIC_CLIENT_MAX and the server's first QUIC_SERVER_MAX bytes
 * are put together. Short headers and everything but Initial packets are opaque. Where
 * only the server's side is seen its packets cannot be opened.
 *
 * Source: RFC 9000 (12.4, 16, 17, 19), RFC 9001 (5.2, 5.4), RFC 9369 (version 2), drafts
 * 23 to 34 of both.
 * Trust: every byte is hostile; anybody can make a valid Initial packet.
 * Memory: struct quic_state per flow, scratch on the stack. */
#include "quic_fields.h"
#include "quic_packet.h"
#include "tls_hello.h"

static const struct wt_field fields[] = { QUIC_FIELDS(WT_FIELD_ROW) };

enum { QUIC_EVENT_CLIENT, QUIC_EVENT_SERVER, QUIC_EVENT_NEGOTIATION, QUIC_EVENT_RETRY };

static const struct wt_event_type events[] = {
	[QUIC_EVENT_CLIENT] = { "quic", "A ClientHello: what the client offers and asks for." },
	[QUIC_EVENT_SERVER] = { "quic_server", "A ServerHello." },
	[QUIC_EVENT_NEGOTIATION] = { "quic_negotiation",
				     "The server names the versions that it knows." },
	[QUIC_EVENT_RETRY] = { "quic_retry",
			       "The server asks the client to prove its address." },
};

#define QUIC_CLIENT_MAX 4096u
#define QUIC_SERVER_MAX 2048u
#define QUIC_VERSIONS_MAX 16u

/* A crypto stream that is put together: bytes, and a bit for each that is there. */
struct stream {
	uint16_t total; /* 0: not known yet */
	uint16_t n_here;
	bool is_done;
};

struct quic_state {
	struct quic_keys keys[2]; /* client's, server's */
	bool has_keys;
	struct stream stream[2];
	uint8_t client[QUIC_CLIENT_MAX], client_bits[QUIC_CLIENT_MAX / 8];
	uint8_t server[QUIC_SERVER_MAX], server_bits[QUIC_SERVER_MAX / 8];
};

struct call {
	struct quic_state *state;
	struct wt_out *out;
	unsigned side; /* whose packet: 0 client, 1 server */
	uint32_t version;
};

/* --- probe --- */

static enum wt_verdict probe(struct wt_slice head)
{
	struct wt_reader r = wt_reader_of(head, WT_MALFORMED);
	struct quic_packet p;

	if (!quic_read(&r, &p) || (p.kind != QUIC_NEGOTIATION && !p.is_fixed))
		return WT_FOREIGN;
	switch (p.kind) {
	case QUIC_NEGOTIATION:
		return quic_is_version_list(p.payload) ? WT_OK : WT_FOREIGN;
	case QUIC_INITIAL:
	case QUIC_ZERO_RTT:
	case QUIC_HANDSHAKE:
		/* 17.2: a packet number and a sample of the cipher text */
		return p.payload.len >= 20 ? WT_OK : WT_FOREIGN;
	case QUIC_RETRY:
		return p.payload.len > 16 ? WT_OK : WT_FOREIGN;
	default:
		return WT_FOREIGN;
	}
}

/* --- events --- */

static void put_version(struct call *c, unsigned event)
{
	uint8_t room[16];
	struct wt_builder b = wt_builder_of(room, sizeof(room));

	quic_version_text(c->version, &b);
	put_VERSION(c->out, event, wt_bld_slice(&b));
}

static void put_alpn(struct call *c, unsigned event, struct wt_slice list)
{
	struct wt_slice name;
	unsigned n = 0;

	while (n++ < 16 && tls_next_protocol(&list, &name))
		put_ALPN(c->out, event, name);
}

static void client_hello(struct call *c, struct wt_slice body)
{
	uint8_t room[TLS_JA3_MAX], hash[32], ja4[TLS_JA4_LEN + 4];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	struct wt_builder four = wt_builder_of(ja4, sizeof(ja4));
	struct tls_hello hello;
	unsigned event;

	if (!tls_client_hello(body, &hello)) {
		wt_out_glitch(c->out, "bad_hello");
		return;
	}
	event = wt_event_begin(c->out, QUIC_EVENT_CLIENT);
	put_version(c, event);
	put_TLS_VERSION(c->out, event,
			wt_slice_text(tls_version_name(tls_highest_version(&hello))));
	if (wt_host_name_is_personal(hello.sni))
		put_PERSONAL_SNI(c->out, event, hello.sni);
	else
		put_SNI(c->out, event, hello.sni);
	if (hello.has_ech)
		put_HAS_ECH(c->out, event, true);
	put_alpn(c, event, hello.alpn);
	tls_ja3(&hello, &b);
	if (!b.is_short) {
		tls_md5_hex(wt_bld_slice(&b), hash);
		put_JA3(c->out, event, wt_slice_of(hash, sizeof(hash)));
		put_JA3_STRING(c->out, event, wt_bld_slice(&b));
	}
	tls_ja4(&hello, 'q', &four);
	put_JA4(c->out, event, wt_bld_slice(&four));
}

static void server_hello(struct call *c, struct wt_slice body)
{
	uint8_t room[TLS_JA3_MAX], hash[32], octets[2];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	struct tls_hello hello;
	unsigned event;

	if (!tls_server_hello(body, &hello)) {
		wt_out_glitch(c->out, "bad_hello");
		return;
	}
	event = wt_event_begin(c->out, QUIC_EVENT_SERVER);
	put_version(c, event);
	put_TLS_VERSION(c->out, event, wt_slice_text(tls_version_name(hello.chosen)));
	octets[0] = (uint8_t)(hello.cipher >> 8);
	octets[1] = (uint8_t)hello.cipher;
	wt_bld_bytes(&b, WT_LIT("0x"));
	tls_hex(wt_slice_of(octets, 2), 0, &b);
	put_CIPHER(c->out, event, wt_bld_slice(&b));
	b.len = 0;
	tls_ja3s(&hello, &b);
	if (b.is_short)
		return;
	tls_md5_hex(wt_bld_slice(&b), hash);
	put_JA3S(c->out, event, wt_slice_of(hash, sizeof(hash)));
	put_JA3S_STRING(c->out, event, wt_bld_slice(&b));
}

/* --- crypto streams --- */

struct place {
	uint8_t *bytes, *bits;
	size_t cap;
};

static struct place place_of(struct quic_state *s, unsigned side)
{
	if (side == 0)
		return (struct place){ s->client, s->client_bits, QUIC_CLIENT_MAX };
	return (struct place){ s->server, s->server_bits, QUIC_SERVER_MAX };
}

static void forget(struct quic_state *s, unsigned side)
{
	struct place p = place_of(s, side);
	size_t i;

	s->stream[side] = (struct stream){ .total = 0 };
	for (i = 0; i < p.cap / 8; i++)
		p.bits[i] = 0;
}

static bool is_here(const struct place *p, size_t at)
{
	return p->bits[at / 8] >> (at % 8) & 1;
}

/* Bytes of a CRYPTO frame; what came first stays. */
static void add_crypto(struct call *c, uint64_t offset, struct wt_slice bytes)
{
	struct stream *s = &c->state->stream[c->side];
	struct place p = place_of(c->state, c->side);
	size_t i;

	if (s->is_done || offset >= p.cap)
		return;
	bytes = wt_slice_head(bytes, p.cap - (size_t)offset);
	for (i = 0; i < bytes.len; i++) {
		size_t at = (size_t)offset + i;

		if (is_here(&p, at))
			continue;
		p.bytes[at] = bytes.ptr[i];
		p.bits[at / 8] |= (uint8_t)(1u << (at % 8));
		s->n_here++;
	}
}

static bool is_complete(const struct place *p, size_t total)
{
	size_t i;

	for (i = 0; i < total; i++)
		if (!is_here(p, i))
			return false;
	return true;
}

/* Is the hello together? */
static void look(struct call *c)
{
	struct stream *s = &c->state->stream[c->side];
	struct place p = place_of(c->state, c->side);
	struct wt_slice message;
	size_t total;

	if (s->is_done || s->n_here < 4 || !is_complete(&p, 4))
		return;
	total = 4 + ((size_t)p.bytes[1] << 16 | (size_t)p.bytes[2] << 8 | p.bytes[3]);
	if (total > p.cap) {
		s->is_done = true;
		wt_out_glitch(c->out, "hello_too_long");
		return;
	}
	if (s->n_here < total || !is_complete(&p, total))
		return;
	s->is_done = true;
	message = wt_slice_head(wt_slice_of(p.bytes, p.cap), total);
	if (p.bytes[0] == TLS_CLIENT_HELLO)
		client_hello(c, wt_slice_tail(message, 4));
	else if (p.bytes[0] == TLS_SERVER_HELLO)
		server_hello(c, wt_slice_tail(message, 4));
	else
		wt_out_glitch(c->out, "crypto_without_hello");
}

/* RFC 9000 17.2.2: the frames an Initial packet may hold. */
static void take_frames(struct call *c, struct wt_slice plain)
{
	struct wt_reader r = wt_reader_of(plain, WT_MALFORMED);
	uint64_t type, offset, n;

	while (wt_rd_left(&r)) {
		type = quic_varint(&r);
		switch (type) {
		case 0x00: /* PADDING */
		case 0x01: /* PING */
			continue;
		case 0x02:
		case 0x03: /* ACK */
			(void)quic_varint(&r);
			(void)quic_varint(&r);
			n = quic_varint(&r);
			(void)quic_varint(&r);
			while (n-- && wt_rd_left(&r)) {
				(void)quic_varint(&r);
				(void)quic_varint(&r);
			}
			for (n = type == 3 ? 3 : 0; n; n--)
				(void)quic_varint(&r);
			continue;
		case 0x06: /* CRYPTO */
			offset = quic_varint(&r);
			n = quic_varint(&r);
			if (n > wt_rd_left(&r))
				break;
			add_crypto(c, offset, wt_rd_bytes(&r, (size_t)n));
			continue;
		case 0x1c: /* CONNECTION_CLOSE */
			return;
		default:
			break;
		}
		wt_out_glitch(c->out, "bad_frame");
		return;
	}
}

/* --- packets --- */

/* The keys at hand first; where they do not fit, those of the packet's own id, which a
 * client's first packet and the first after a Retry are protected by. */
static bool open_initial(struct call *c, enum wt_direction dir, const struct quic_packet *p,
			 struct wt_builder *plain)
{
	struct quic_state *s = c->state;
	struct quic_keys keys[2];
	unsigned sender = dir == WT_TO_SERVER ? 0 : 1, i;

	for (i = 0; s->has_keys && i < 2; i++) {
		c->side = i ? 1 - sender : sender;
		if (s->keys[c->side].version == p->version &&
		    quic_open(p, &s->keys[c->side], plain))
			return true;
	}
	if (!quic_derive(p->version, p->dcid, keys) || !quic_open(p, &keys[0], plain))
		return false;
	c->side = 0;
	s->keys[0] = keys[0];
	s->keys[1] = keys[1];
	s->has_keys = true;
	forget(s, 0);
	forget(s, 1);
	return true;
}

static void take_initial(struct call *c, enum wt_direction dir, const struct quic_packet *p)
{
	uint8_t room[QUIC_PLAIN_MAX];
	struct wt_builder plain = wt_builder_of(room, sizeof(room));

	if (!open_initial(c, dir, p, &plain))
		return;
	take_frames(c, wt_bld_slice(&plain));
	look(c);
}

static void take_negotiation(struct call *c, const struct quic_packet *p)
{
	struct wt_reader r = wt_reader_of(p->payload, WT_MALFORMED);
	unsigned event = wt_event_begin(c->out, QUIC_EVENT_NEGOTIATION), n = 0;

	while (wt_rd_left(&r) >= 4 && n++ < QUIC_VERSIONS_MAX) {
		uint8_t room[16];
		struct wt_builder b = wt_builder_of(room, sizeof(room));

		quic_version_text(wt_rd_u32be(&r), &b);
		put_VERSIONS(c->out, event, wt_bld_slice(&b));
	}
}

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	struct call c = { .state = state, .out = out };
	enum wt_verdict on_short = r->on_short;
	struct quic_packet p;
	bool has_packet = false;

	/* padding of the datagram and short headers end it */
	while (wt_rd_left(r) && wt_rd_peek(r).ptr[0] & 0x80) {
		if (!quic_read(r, &p)) {
			if (has_packet)
				break;
			return r->err == WT_OK ? WT_MALFORMED : on_short;
		}
		has_packet = true;
		c.version = p.version;
		if (p.kind == QUIC_INITIAL)
			take_initial(&c, dir, &p);
		else if (p.kind == QUIC_NEGOTIATION)
			take_negotiation(&c, &p);
		else if (p.kind == QUIC_RETRY)
			put_version(&c, wt_event_begin(out, QUIC_EVENT_RETRY));
	}
	wt_rd_skip(r, wt_rd_left(r));
	return WT_OK;
}

const struct wt_dissector wt_quic_dissector = {
	.name = "quic",
	.title = "QUIC",
	.source = "RFC 9000, RFC 9001, RFC 9369; JA3, JA4",
	.carriage = WT_OVER_UDP,
	.ports = { 443, 853, 8443, 4433 },
	.probe = probe,
	.message = message,
	.state_size = sizeof(struct quic_state),
	.buffer_max = 0,
	WT_DISSECTOR_TABLES(events),
};

_Static_assert(sizeof(struct quic_state) <= WT_STATE_MAX, "state of a flow");
_Static_assert(QUIC_N_FIELDS <= 256, "own fields");
