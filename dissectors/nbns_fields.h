/* Fields of NetBIOS name and datagram service, and what its parts share.
 * Source: RFC 1001, RFC 1002; MS-BRWS 2.2. Trust: values are hostile bytes. PHI: names
 * of the messenger service may be a user's and are quasi, like personal host names;
 * comments are free text. Memory: none. */
#ifndef NBNS_FIELDS_H
#define NBNS_FIELDS_H

#include "wardtap/dissector.h"

#define NBNS_FIELDS(F)                                                                         \
	F(TYPE, STR, ONE, NONE, ASIS, 8, "", "nbns.type", "RFC 1002 4.2.1.1",                  \
	  "request or response.")                                                              \
	F(ID, U64, ONE, NONE, ASIS, 8, "", "nbns.id", "RFC 1002 4.2.1.1",                      \
	  "Number that pairs request and response.")                                           \
	F(OPCODE, STR, ONE, NONE, ASIS, 12, "", "nbns.opcode", "RFC 1002 4.2.1.1",             \
	  "query, registration, release, wack, refresh, or a number.")                         \
	F(RCODE, U64, ONE, NONE, ASIS, 8, "", "nbns.rcode", "RFC 1002 4.2.6",                  \
	  "Result of a response: 0 good, 3 no such name, 6 somebody else's name.")             \
	F(IS_BROADCAST, BOOL, ONE, NONE, ASIS, 1, "", "nbns.is_broadcast", "RFC 1002 4.2.1.1", \
	  "Sent to everybody; absent when not.")                                               \
	F(RRTYPE, STR, ONE, NONE, ASIS, 8, "", "nbns.rrtype", "RFC 1002 4.2.1.3",              \
	  "NB for a name, NBSTAT for all names of a host.")                                    \
	F(NAME, STR, MANY, DEVICE, ASIS, 15, "", "nbns.name", "RFC 1001 14",                   \
	  "Names that tell no person, without padding.")                                       \
	F(PERSONAL_NAME, STR, MANY, QUASI, ASIS, 15, "", "nbns.personal_name", "RFC 1001 14",  \
	  "Names that tell a person, and names of the messenger service.")                     \
	F(SUFFIX, U64, MANY, NONE, ASIS, 8, "", "nbns.suffix", "MS-NBTE 2.2.1",                \
	  "Sixteenth byte of each name, in order of the message.")                             \
	F(ROLE, STR, MANY, NONE, ASIS, 24, "", "nbns.role", "MS-NBTE 2.2.1",                   \
	  "What the suffix stands for: workstation, server, domain_controllers, ...")          \
	F(SCOPE, STR, ONE, DEVICE, ASIS, 128, "", "nbns.scope", "RFC 1001 9",                  \
	  "Scope of the names; absent when empty.")                                            \
	F(IS_GROUP, BOOL, ONE, NONE, ASIS, 1, "", "nbns.is_group", "RFC 1002 4.2.1.3",         \
	  "Several hosts share the (first) name; absent when not.")                            \
	F(NODE_TYPE, STR, ONE, NONE, ASIS, 2, "", "nbns.node_type", "RFC 1002 4.2.1.3",        \
	  "How the owner resolves names: B, P, M or H.")                                       \
	F(ADDRESS, STR, MANY, DEVICE, ASIS, 15, "", "nbns.address", "RFC 1002 4.2.13",         \
	  "Addresses of the name.")                                                            \
	F(TTL, U64, ONE, NONE, ASIS, 8, "s", "nbns.ttl_s", "RFC 1002 4.2.1.3",                 \
	  "Time to live of the record.")                                                       \
	F(MAC, STR, ONE, DEVICE, ASIS, 17, "", "nbns.mac", "RFC 1002 4.2.18",                  \
	  "MAC address in a node status response.")                                            \
	F(DATAGRAM, STR, ONE, NONE, ASIS, 16, "", "nbns.datagram_type", "RFC 1002 4.4.1",      \
	  "unique, group, broadcast, error, query, positive or negative.")                     \
	F(SOURCE_NAME, STR, ONE, DEVICE, ASIS, 15, "", "nbns.source_name", "RFC 1002 4.4.2",   \
	  "Name of the sender of a datagram, unless it tells a person.")                       \
	F(SOURCE_ADDRESS, STR, ONE, DEVICE, ASIS, 15, "", "nbns.source_address",               \
	  "RFC 1002 4.4.1", "Address of the sender of a datagram as stated.")                  \
	F(DESTINATION, STR, ONE, DEVICE, ASIS, 15, "", "nbns.destination_name",                \
	  "RFC 1002 4.4.2", "Name that a datagram is for, unless it tells a person.")          \
	F(MAILSLOT, STR, ONE, NONE, ASIS, 64, "", "nbns.mailslot", "MS-MAIL 2.2.1",            \
	  "Mailslot that a datagram is written to.")                                           \
	F(BROWSER, STR, ONE, NONE, ASIS, 24, "", "nbns.browser_command", "MS-BRWS 2.2",        \
	  "host_announcement, local_master, domain_announcement, election, ...")               \
	F(SERVER_TYPE, U64, ONE, DEVICE, ASIS, 8, "", "nbns.server_type", "MS-BRWS 2.2.1",     \
	  "What the host serves, as bits.")                                                    \
	F(SERVES, STR, MANY, DEVICE, ASIS, 24, "", "nbns.serves", "MS-BRWS 2.2.1",             \
	  "The same in words: workstation, server, print_queue, domain_controller, ...")       \
	F(COMMENT, STR, ONE, DIRECT, PRESENT, 48, "", "nbns.comment", "MS-BRWS 2.2.1",         \
	  "Comment of the host's administrator.")

enum { NBNS_FIELDS(WT_FIELD_ENUM) NBNS_N_FIELDS };

#define NBNS_SETTER(id, type, mult, phi, declass, cap, unit, name, clause, doc)                \
	static inline void put_##id(struct wt_out *out, unsigned event, WT_CTYPE_##type value) \
	{                                                                                      \
		WT_PUT_##type(out, event, WT_FIELD_BASE + (unsigned)F_##id, value);            \
	}
NBNS_FIELDS(NBNS_SETTER)
#undef NBNS_SETTER

enum nbns_event_type {
	NBNS_EVENT_NAME,
	NBNS_EVENT_DATAGRAM,
};

#define NBNS_ENCODED_LEN 32u
#define NBNS_NAME_LEN 15u

/* A name of 16 bytes: 15 of text, padded, and a suffix. */
struct nbns_name {
	uint8_t text[NBNS_NAME_LEN];
	uint8_t len; /* without padding */
	uint8_t suffix;
	struct wt_slice scope; /* first label of the scope */
};

static inline struct wt_slice nbns_text(const struct nbns_name *name)
{
	return wt_slice_of(name->text, name->len);
}

/* Text of a fixed field, without the padding of blanks and zeros. */
struct wt_slice wt_nbns_trim(struct wt_slice s);

/* Reads an encoded name with its scope; false when the bytes are none. Pointers are
 * passed over when `may_point`: the name is then empty. */
bool wt_nbns_name(struct wt_reader *r, bool may_point, struct nbns_name *name);

/* Could the bytes be an encoded name, as far as they go? */
bool wt_nbns_is_name(struct wt_slice head);

bool wt_nbns_is_personal(const struct nbns_name *name);

/* "10.77.0.10" into room of 16 bytes. */
struct wt_slice wt_nbns_address(struct wt_slice four, uint8_t room[16]);

/* The datagram service, port 138: is it one (for probes), and read it. */
bool wt_nbns_is_datagram(struct wt_slice head);
bool wt_nbns_datagram(struct wt_reader *r, struct wt_out *out);

#endif
