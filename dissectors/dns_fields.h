/* Fields that DNS, mDNS and LLMNR share, each under its own object: P is "dns.",
 * "mdns." or "llmnr.". And the parser that fills them.
 * Names of hosts pass unless they tell whose machine it is; a name as it was asked for
 * stays inside for the rules, and so does text of records.
 * Source: RFC 1035, 2136, 2782, 4795, 5936, 6762, 6763, 6891, 8945, 9460.
 * Trust: values are hostile bytes. Memory: none. */
#ifndef DNS_FIELDS_H
#define DNS_FIELDS_H

#include "dns_wire.h"

#define DNS_HEAD_FIELDS(F, P)                                                                  \
	F(TYPE, STR, ONE, NONE, ASIS, 8, "", P "type", "RFC 1035 4.1.1",                       \
	  "request or response.")                                                              \
	F(ID, U64, ONE, NONE, ASIS, 8, "", P "id", "RFC 1035 4.1.1",                           \
	  "Number that pairs request and response.")                                           \
	F(OPCODE, STR, ONE, NONE, ASIS, 8, "", P "opcode", "RFC 6895 2.2",                     \
	  "query, iquery, status, notify, update, dso, or a number.")                          \
	F(FLAGS, U64, ONE, NONE, ASIS, 8, "", P "flags", "RFC 1035 4.1.1",                     \
	  "The second word of the header as a number.")                                        \
	F(IS_AUTHORITATIVE, BOOL, ONE, NONE, ASIS, 1, "", P "is_authoritative",                \
	  "RFC 1035 4.1.1", "The responder owns the name; absent when not.")                   \
	F(IS_CUT, BOOL, ONE, NONE, ASIS, 1, "", P "is_truncated", "RFC 1035 4.1.1",            \
	  "The sender left records out (TC); absent when not.")                                \
	F(RCODE, STR, ONE, NONE, ASIS, 12, "", P "rcode", "RFC 6895 2.3",                      \
	  "Result of a response, with the upper bits of EDNS: NOERROR, NXDOMAIN, ...")         \
	F(N_QUESTIONS, U64, ONE, NONE, ASIS, 8, "", P "questions", "RFC 1035 4.1.1",           \
	  "Questions as the header counts them.")                                              \
	F(N_ANSWERS, U64, ONE, NONE, ASIS, 8, "", P "answers", "RFC 1035 4.1.1",               \
	  "Answers (or prerequisites) as the header counts them.")                             \
	F(N_AUTHORITIES, U64, ONE, NONE, ASIS, 8, "", P "authorities", "RFC 1035 4.1.1",       \
	  "Authority records (or updates) as the header counts them.")                         \
	F(N_ADDITIONALS, U64, ONE, NONE, ASIS, 8, "", P "additionals", "RFC 1035 4.1.1",       \
	  "Additional records as the header counts them.")                                     \
	F(QUERY, STR, MANY, DIRECT, ASIS, 255, "", P "query", "RFC 1035 4.1.2",                \
	  "Names asked for, as they stand; for rules.")                                        \
	F(RRNAME, STR, MANY, DEVICE, ASIS, 255, "", P "rrname", "RFC 1035 4.1.2",              \
	  "Names asked for that tell no person.")                                              \
	F(RRTYPE, STR, MANY, NONE, ASIS, 10, "", P "rrtype", "RFC 1035 4.1.2",                 \
	  "Types asked for: A, AAAA, PTR, ..., or a number.")                                  \
	F(RRCLASS, STR, MANY, NONE, ASIS, 6, "", P "rrclass", "RFC 6895 3.2",                  \
	  "Classes asked for other than IN: CH, HS, NONE, ANY, or a number.")                  \
	F(PERSONAL_NAME, STR, MANY, QUASI, ASIS, 255, "", P "personal_name", "wardtap",        \
	  "Names anywhere in the message that tell whose machine it is.")                      \
	F(LONGEST_LABEL, U64, ONE, NONE, ASIS, 8, "bytes", P "longest_label_bytes",            \
	  "RFC 1035 2.3.4", "Longest label of the names asked for.")                           \
	F(LONGEST_NAME, U64, ONE, NONE, ASIS, 8, "bytes", P "longest_name_bytes",              \
	  "RFC 1035 2.3.4", "Longest name asked for.")                                         \
	F(IS_INCOMPLETE, BOOL, ONE, NONE, ASIS, 1, "", P "is_incomplete", "wardtap",           \
	  "Records are missing or broken, or not all of them were read; absent when not.")

#define DNS_RECORD_FIELDS(F, P)                                                                \
	F(RECORD_NAME, STR, MANY, DEVICE, ASIS, 255, "", P "record_name", "RFC 1035 4.1.3",    \
	  "Owners of the records, repeated ones told once, that tell no person.")              \
	F(RECORD_TYPE, STR, MANY, NONE, ASIS, 10, "", P "record_type", "RFC 1035 4.1.3",       \
	  "Types of the records of all sections, in order.")                                   \
	F(TTL, U64, ONE, NONE, ASIS, 8, "s", P "ttl_s", "RFC 1035 4.1.3",                      \
	  "Shortest time to live of the answers.")                                             \
	F(A, STR, MANY, DEVICE, ASIS, 15, "", P "a", "RFC 1035 3.4.1", "IPv4 addresses.")      \
	F(AAAA, STR, MANY, DEVICE, ASIS, 45, "", P "aaaa", "RFC 3596 2.2", "IPv6 addresses.")  \
	F(CNAME, STR, MANY, DEVICE, ASIS, 255, "", P "cname", "RFC 1035 3.3.1",                \
	  "Canonical names.")                                                                  \
	F(PTR, STR, MANY, DEVICE, ASIS, 255, "", P "ptr", "RFC 1035 3.3.12",                   \
	  "Names that pointers lead to.")                                                      \
	F(NS, STR, MANY, DEVICE, ASIS, 255, "", P "ns", "RFC 1035 3.3.11", "Name servers.")    \
	F(MX, STR, MANY, DEVICE, ASIS, 255, "", P "mx", "RFC 1035 3.3.9", "Mail servers.")     \
	F(SOA, STR, MANY, DEVICE, ASIS, 255, "", P "soa", "RFC 1035 3.3.13",                   \
	  "Primary servers of zones.")                                                         \
	F(SRV, STR, MANY, DEVICE, ASIS, 255, "", P "srv", "RFC 2782", "Hosts of services.")    \
	F(SRV_PORT, U64, MANY, NONE, ASIS, 8, "", P "srv_port", "RFC 2782",                    \
	  "Ports of services.")                                                                \
	F(SVCB, STR, MANY, DEVICE, ASIS, 255, "", P "svcb", "RFC 9460 2.2",                    \
	  "Targets of SVCB and HTTPS records, \".\" for the owner itself.")                    \
	F(TXT, STR, MANY, DIRECT, ASIS, 255, "", P "txt", "RFC 1035 3.3.14",                   \
	  "Strings of text records.")                                                          \
	F(TXT_BYTES, U64, ONE, NONE, ASIS, 8, "bytes", P "txt_bytes", "RFC 1035 3.3.14",       \
	  "Length of all text records; data can be carried out in them.")

#define DNS_FIELDS(F, P) DNS_HEAD_FIELDS(F, P) DNS_RECORD_FIELDS(F, P)

/* A message being read. */
struct dns_call {
	struct wt_out *out;
	unsigned event;
	struct wt_slice message;
	struct dns_header header;
	struct dns_name name; /* room for names inside of records */
	struct dns_record record;
	unsigned section; /* 1 answers, 2 authorities, 3 additionals */
	uint64_t ttl_min, txt_bytes;
	uint32_t edns; /* extended code of an OPT record, else 0 */
	bool has_edns, is_malformed, has_host;
	size_t last_owner; /* hash of the owner told last */
	/* Optional: does the name tell a person, beyond what its labels say? */
	bool (*is_personal)(const struct dns_name *name);
	/* Called for each question (record is NULL) and record, after the shared
	 * fields were put. */
	void (*more)(struct dns_call *c, const struct dns_record *record);
};

enum { DNS_ENTRIES_MAX = 64 }; /* questions and records told of one message, each */

/* Reads the message and puts all shared fields. False when not even the questions can
 * be read. */
bool wt_dns_message(struct dns_call *c, bool is_clipped);

#endif
