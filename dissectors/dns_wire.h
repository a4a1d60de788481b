/* The message format that DNS, mDNS and LLMNR share: header, names, records.
 * Source: RFC 1035 4.1, RFC 6762 18, RFC 4795 2.1.1. Trust: bytes are hostile; a
 * pointer must go back before the name that holds it, so names end. Memory: none. */
#ifndef DNS_WIRE_H
#define DNS_WIRE_H

#include "wardtap/dissector.h"

#define DNS_HEADER_LEN 12u
#define DNS_NAME_MAX 255u

enum {
	DNS_QR = 0x8000,
	DNS_AA = 0x0400,
	DNS_TC = 0x0200,
	DNS_RD = 0x0100,
	DNS_RA = 0x0080,
	DNS_Z = 0x0040,
};

enum {
	DNS_OP_QUERY = 0,
	DNS_OP_NOTIFY = 4,
	DNS_OP_UPDATE = 5,
};

enum {
	DNS_TYPE_A = 1,
	DNS_TYPE_NS = 2,
	DNS_TYPE_CNAME = 5,
	DNS_TYPE_SOA = 6,
	DNS_TYPE_PTR = 12,
	DNS_TYPE_HINFO = 13,
	DNS_TYPE_MX = 15,
	DNS_TYPE_TXT = 16,
	DNS_TYPE_SIG = 24,
	DNS_TYPE_AAAA = 28,
	DNS_TYPE_NB = 32,
	DNS_TYPE_SRV = 33,
	DNS_TYPE_OPT = 41,
	DNS_TYPE_SVCB = 64,
	DNS_TYPE_HTTPS = 65,
	DNS_TYPE_TSIG = 250,
	DNS_TYPE_IXFR = 251,
	DNS_TYPE_AXFR = 252,
	DNS_TYPE_ANY = 255,
};

enum {
	DNS_CLASS_IN = 1,
	DNS_CLASS_NONE = 254,
	DNS_CLASS_ANY = 255,
	DNS_CLASS_TOP = 0x8000, /* mDNS: answer by unicast, or flush the cache */
};

struct dns_header {
	uint16_t id;
	uint16_t flags;
	uint16_t n[4]; /* questions, answers, authorities, additionals */
};

/* A name as text, labels joined by dots, "." for the root. */
struct dns_name {
	uint8_t text[DNS_NAME_MAX];
	uint8_t len;
	uint8_t n_labels;
	uint8_t longest;  /* longest label, bytes */
	uint8_t first;    /* length of the first label */
	bool is_personal; /* some label tells whose machine it is */
};

struct dns_record {
	struct dns_name name;
	uint16_t type;
	uint16_t class;
	uint32_t ttl;
	size_t at; /* where the data is in the message */
	struct wt_slice data;
};

static inline struct wt_slice dns_text(const struct dns_name *name)
{
	return wt_slice_of(name->text, name->len);
}

static inline unsigned dns_opcode(const struct dns_header *h)
{
	return h->flags >> 11 & 15u;
}

struct dns_header wt_dns_header(struct wt_reader *r);

/* Reads the name at *at of the message, which moves behind it. False when it is cut,
 * longer than 255 bytes, or its pointers do not go back. */
bool wt_dns_name(struct wt_slice message, size_t *at, struct dns_name *name);

/* Moves *at behind the name without looking where its pointer goes. */
bool wt_dns_pass_name(struct wt_slice message, size_t *at);

/* Reads a record (its name too when `with_name`); *at moves behind it. */
bool wt_dns_record(struct wt_slice message, size_t *at, bool with_name,
		   struct dns_record *record);

/* Does the name end in `tail` (".local"), ignoring case? */
bool wt_dns_ends(struct wt_slice name, const char *tail);

/* Name of a type or response code, or "" for an unknown one. */
struct wt_slice wt_dns_type_name(unsigned type);
struct wt_slice wt_dns_rcode_name(unsigned rcode);

/* What a message begins with, for probes. */
struct dns_look {
	struct dns_header header;
	struct dns_name name; /* of the first question or record */
	uint16_t type;
	uint16_t class;
};

/* Do the bytes at hand begin a message of `len` bytes? WT_MORE when they agree as far
 * as they go. */
enum wt_verdict wt_dns_look(struct wt_slice head, size_t len, struct dns_look *look);

#endif
