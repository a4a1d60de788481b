/* DCE/RPC protocol data units, connection-oriented: over TCP and inside named pipes of
 * SMB. Heads, presentation contexts, interface names, towers of the endpoint mapper.
 * Source: C706 (1997) 12.6, appendix L; MS-RPCE (rev. 35) 2.2.2. */
#ifndef WARDTAP_MSRPC_H
#define WARDTAP_MSRPC_H

#include "wardtap/bytes.h"

enum wt_msrpc_type {
	WT_MSRPC_REQUEST = 0,
	WT_MSRPC_RESPONSE = 2,
	WT_MSRPC_FAULT = 3,
	WT_MSRPC_BIND = 11,
	WT_MSRPC_BIND_ACK = 12,
	WT_MSRPC_BIND_NAK = 13,
	WT_MSRPC_ALTER = 14,
	WT_MSRPC_ALTER_RESP = 15,
	WT_MSRPC_AUTH3 = 16,
	WT_MSRPC_SHUTDOWN = 17,
	WT_MSRPC_CANCEL = 18,
	WT_MSRPC_ORPHANED = 19,
};

#define WT_MSRPC_HEAD_LEN 16u
#define WT_MSRPC_FIRST 0x01u
#define WT_MSRPC_LAST 0x02u
#define WT_MSRPC_OBJECT 0x80u

struct wt_msrpc {
	uint8_t type, flags;
	bool is_le;
	uint16_t frag_len, auth_len;
	uint32_t call_id;
};

/* An interface, in the order of its text. */
struct wt_msrpc_uuid {
	uint8_t octet[16];
};

struct wt_msrpc_context {
	uint16_t id;
	uint16_t major, minor;
	struct wt_msrpc_uuid iface;
};

/* Sign-on behind the body: kind and protection; its token. */
struct wt_msrpc_auth {
	uint8_t type, level;
	struct wt_slice token;
};

/* The head, consumed. WT_OK, the reader's on_short, or WT_MALFORMED. */
enum wt_verdict wt_msrpc_head(struct wt_reader *r, struct wt_msrpc *pdu);

/* Numbers in the byte order of the sender. */
uint16_t wt_msrpc_u16(struct wt_reader *r, const struct wt_msrpc *pdu);
uint32_t wt_msrpc_u32(struct wt_reader *r, const struct wt_msrpc *pdu);
void wt_msrpc_uuid(struct wt_reader *r, const struct wt_msrpc *pdu, struct wt_msrpc_uuid *uuid);

/* Of a bind or alter context: how many contexts follow in `r`, then one after another. */
unsigned wt_msrpc_n_contexts(struct wt_reader *r, const struct wt_msrpc *pdu);
bool wt_msrpc_next_context(struct wt_reader *r, const struct wt_msrpc *pdu,
			   struct wt_msrpc_context *context);

/* The sign-on of a whole PDU (head included); false where there is none. */
bool wt_msrpc_auth(struct wt_slice whole, const struct wt_msrpc *pdu,
		   struct wt_msrpc_auth *auth);

/* A tower's content (appendix L): what it leads to. */
struct wt_msrpc_tower {
	struct wt_msrpc_uuid iface;
	uint16_t major;
	bool has_port, has_address;
	uint8_t protocol; /* 7 TCP, 8 UDP, 0x0f named pipe, 0x1f HTTP */
	uint16_t port;
	uint8_t address[4];
	struct wt_slice pipe; /* name, without its NUL */
};
bool wt_msrpc_tower(struct wt_slice bytes, struct wt_msrpc_tower *tower);

/* 36 characters, in `room`. */
struct wt_slice wt_msrpc_uuid_text(const struct wt_msrpc_uuid *uuid, uint8_t *room);

/* "svcctl", "samr", ...; NULL for an interface that is not in the table. */
const char *wt_msrpc_iface_name(const struct wt_msrpc_uuid *uuid);

/* Is this a pipe that Windows or Samba serves? Its name as a literal, or NULL: a name
 * that a person or a tool gave may say anything. */
const char *wt_msrpc_pipe_name(struct wt_slice name);

const char *wt_msrpc_type_name(uint8_t type);

#endif
