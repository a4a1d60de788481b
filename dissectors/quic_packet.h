/* Packets of QUIC with a long header, and how Initial ones are opened.
 * Source: RFC 9000 17.2, RFC 9001 5, RFC 9369 3. Trust: hostile bytes. Memory: the
 * caller's. */
#ifndef QUIC_PACKET_H
#define QUIC_PACKET_H

#include "wardtap/crypto.h"
#include "wardtap/dissector.h"

#define QUIC_ID_MAX 20u
#define QUIC_HEAD_MAX 1024u  /* header with its token, of a packet that is opened */
#define QUIC_PLAIN_MAX 4096u /* payload of one */

enum quic_kind { QUIC_INITIAL, QUIC_ZERO_RTT, QUIC_HANDSHAKE, QUIC_RETRY, QUIC_NEGOTIATION };

struct quic_packet {
	enum quic_kind kind;
	bool is_fixed; /* the bit that RFC 9287 lets peers vary, later */
	uint32_t version;
	struct wt_slice dcid, scid;
	struct wt_slice head;    /* up to the packet number */
	struct wt_slice payload; /* packet number and cipher text; what follows the ids */
};

struct quic_keys {
	uint32_t version;
	uint8_t key[WT_AES128_LEN], iv[WT_GCM_NONCE_LEN], hp[WT_AES128_LEN];
};

/* RFC 9000 16. */
uint64_t quic_varint(struct wt_reader *r);

/* Reads a packet with a long header. False when it is none; r->err tells whether bytes
 * were short. */
bool quic_read(struct wt_reader *r, struct quic_packet *p);

/* At least one version, all of them known or reserved (RFC 9000 15). */
bool quic_is_version_list(struct wt_slice list);

/* Keys of the client's and the server's Initial packets. False: unknown version. */
bool quic_derive(uint32_t version, struct wt_slice dcid, struct quic_keys keys[2]);

/* Takes off the protection of an Initial packet. False: these are not its keys. */
bool quic_open(const struct quic_packet *p, const struct quic_keys *keys,
	       struct wt_builder *plain);

void quic_version_text(uint32_t version, struct wt_builder *text);

#endif
